"""The areas of an edition as they lie in a box on paper: projected, simplified, in inches.

All lines of a level are simplified together, so neighbours keep their common border. x goes right
and y goes down from the paper's top left corner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from conflictmap.background import durand_line
from conflictmap.boundaries import METRIC_CRS, WGS84, BoundaryEdition
from conflictmap.slides.paper import Box
from conflictmap.summaries import Level

Array = np.ndarray[Any, Any]

SMALLEST_IN = 0.012
"""Details below this many inches are left out: less than two pixels of an ordinary picture."""


_BESIDE_M = 10.0  # how far lines of one layer may lie from those of another


@dataclass(frozen=True)
class Shape:
    """One area: its code, and its rings, outer ones and holes alike, as rows of x and y."""

    code: str
    rings: tuple[Array, ...]
    label: tuple[float, float]  # a point inside it


@dataclass(frozen=True)
class Outlines:
    """What a map draws without any data, and how to put places into it."""

    areas: tuple[Shape, ...]  # in the order of codes
    provinces: tuple[Array, ...]  # borders of provinces, over districts
    country: tuple[Array, ...]  # the outline without the Durand Line
    durand: tuple[Array, ...]
    inches_per_km: float
    _origin: tuple[float, float]  # metres that lie at the paper's corner

    def place(self, longitude: Array, latitude: Array) -> Array:
        """Return places in degrees as rows of x and y on the paper."""
        points = gpd.GeoSeries(gpd.points_from_xy(longitude, latitude), crs=WGS84)
        return self._on_paper(shapely.get_coordinates(points.to_crs(METRIC_CRS)))

    def _on_paper(self, metres: Array) -> Array:
        scale = self.inches_per_km / 1000
        return np.column_stack(
            [(metres[:, 0] - self._origin[0]) * scale, (self._origin[1] - metres[:, 1]) * scale]
        )


@lru_cache(maxsize=64)
def outlines(edition: BoundaryEdition, level: Level, box: Box, focus: str = "") -> Outlines:
    """Return the areas of a level, fitted into a box.

    Parameters
    ----------
    focus
        Code of the one province that is shown; empty: the whole country.
    """
    west, south, east, north = _bounds(edition, focus)
    scale = min(box.width / (east - west), box.height / (north - south))  # inches a metre
    left = box.left + (box.width - (east - west) * scale) / 2
    top = box.top + (box.height - (north - south) * scale) / 2
    origin = (west - left / scale, north + top / scale)
    coarse = _simplified(edition, level, round(SMALLEST_IN / scale, -1))
    on = Outlines((), (), (), (), scale * 1000, origin)
    codes, shapes, labels = coarse.areas
    kept = [number for number, code in enumerate(codes) if code.startswith(focus)]
    country, durand = coarse.country, coarse.durand
    if focus:
        # Only what the province itself has of the lines: they run along its own border.
        border = shapely.union_all(shapes[kept]).buffer(_BESIDE_M)
        country, durand = (shapely.intersection(lines, border) for lines in (country, durand))
    return Outlines(
        areas=tuple(
            Shape(
                codes[number],
                tuple(on._on_paper(ring) for ring in _rings(shapes[number])),
                tuple(on._on_paper(labels[number : number + 1])[0].tolist()),
            )
            for number in kept
        ),
        provinces=() if focus else _lines(on, coarse.provinces),
        country=_lines(on, country),
        durand=_lines(on, durand),
        inches_per_km=scale * 1000,
        _origin=origin,
    )


@dataclass(frozen=True)
class _Coarse:
    areas: tuple[list[str], Array, Array]  # codes, polygons, label points
    provinces: Array
    country: Array
    durand: Array


@lru_cache(maxsize=8)
def _simplified(edition: BoundaryEdition, level: Level, tolerance: float) -> _Coarse:
    """Return the layers in metres, their lines simplified by a tolerance in metres."""
    layer = edition.provinces if level == "province" else edition.districts
    code = "adm1_code" if level == "province" else "adm2_code"
    shapes = shapely.coverage_simplify(layer.to_crs(METRIC_CRS).geometry.to_numpy(), tolerance)
    groups = layer["adm1_code"].to_numpy()
    merged = [shapely.union_all(shapes[groups == one]) for one in sorted(set(groups))]
    country = shapely.union_all(shapes)
    whole = max(shapely.get_parts(edition.country.geometry.iloc[0]), key=lambda part: part.area)
    durand = gpd.GeoSeries([durand_line(whole)], crs=WGS84).to_crs(METRIC_CRS).iloc[0]
    # The line is cut from the simplified outline, which runs within the tolerance of the true one.
    border = shapely.line_merge(shapely.union_all(shapely.boundary(shapely.get_parts(country))))
    beside = durand.simplify(tolerance / 4).buffer(2 * tolerance)
    labels = gpd.GeoSeries(
        gpd.points_from_xy(layer["label_lon"], layer["label_lat"]), crs=WGS84
    ).to_crs(METRIC_CRS)
    return _Coarse(
        (layer[code].tolist(), shapes, shapely.get_coordinates(labels)),
        shapely.boundary(np.array(merged)),
        shapely.get_parts(border.difference(beside)),
        shapely.get_parts(shapely.line_merge(border.intersection(beside))),
    )


def _bounds(edition: BoundaryEdition, focus: str) -> tuple[float, float, float, float]:
    layer = edition.provinces
    chosen = layer[layer["adm1_code"].str.startswith(focus)] if focus else layer
    west, south, east, north = chosen.to_crs(METRIC_CRS).total_bounds.tolist()
    return west, south, east, north


def _rings(shape: shapely.Geometry) -> list[Array]:
    """Return outer rings and holes that turn in opposite ways, so that a hole stays one."""
    return [
        shapely.get_coordinates(ring)
        for part in shapely.get_parts(shapely.orient_polygons(shape))
        for ring in (part.exterior, *part.interiors)
    ]


def _lines(on: Outlines, shapes: Iterable[shapely.Geometry]) -> tuple[Array, ...]:
    parts = shapely.get_parts(shapely.get_parts(np.array(list(shapes), dtype=object)))
    lines = (part for part in parts if part.geom_type in ("LineString", "LinearRing"))
    return tuple(on._on_paper(shapely.get_coordinates(line)) for line in lines if not line.is_empty)
