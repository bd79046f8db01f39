"""The locator of a slide: where Afghanistan lies, and where a province lies in it.

Land comes from Natural Earth's 1:110m layer (public domain), packaged for npm as world-atlas and
copied by the set-up; no border of another country is drawn. Where the file is missing, the slide
does without this inset.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import shapely

from conflictmap.boundaries import METRIC_CRS, WGS84, BoundaryEdition
from conflictmap.slides.land import LAND_FILE
from conflictmap.slides.paper import Box

Array = np.ndarray[Any, Any]

REACH_KM: Final = 2900
"""How far from the country's middle the inset shows the world, to each side."""

_AROUND = "+proj=aeqd +lat_0=34 +lon_0=67 +datum=WGS84 +units=m +no_defs"
_NEARBY = (15.0, -15.0, 130.0, 80.0)  # degrees; more than the inset shows, and no edge of the world


@dataclass(frozen=True)
class Inset:
    """A small map in a frame: rings in inches, as rows of x and y."""

    name: Literal["world", "country"]
    box: Box
    land: tuple[Array, ...]
    here: tuple[Array, ...]  # what the slide is about, within it
    text: str


def world_inset(edition: BoundaryEdition, box: Box, *, land_file: Path = LAND_FILE) -> Inset | None:
    """Return where the country lies between the seas; none where land is not installed."""
    land = _land(land_file)
    if land is None:
        return None
    outline = _outlines(edition)[0]
    half = REACH_KM * 1000
    bounds = (-half, -half, half, half)
    return Inset(
        "world",
        box,
        _rings(shapely.clip_by_rect(land, *bounds), bounds, box),
        _rings(outline, bounds, box),
        "Where Afghanistan lies in Asia",
    )


def country_inset(edition: BoundaryEdition, box: Box, province: str) -> Inset:
    """Return where a province lies in the country."""
    one = edition.provinces[edition.provinces["adm1_code"] == province]
    outline = _outlines(edition)[1]
    west, south, east, north = outline.bounds
    half = max(east - west, north - south) * 0.54
    x, y = (west + east) / 2, (south + north) / 2
    bounds = (x - half, y - half, x + half, y + half)
    return Inset(
        "country",
        box,
        _rings(outline, bounds, box),
        _rings(one.to_crs(METRIC_CRS).geometry.iloc[0].simplify(4000), bounds, box),
        f"Where {one.iloc[0]['name']} lies in Afghanistan",
    )


@lru_cache(maxsize=2)
def _land(file: Path) -> shapely.Geometry | None:
    """Return land in metres around the country's middle."""
    if not file.is_file():
        return None
    parts = shapely.get_parts(gpd.read_file(file).geometry.to_numpy())
    # Some parts cross themselves near the poles, so each is mended and cut before they are joined.
    nearby = shapely.union_all(shapely.clip_by_rect(shapely.make_valid(parts), *_NEARBY))
    dense = gpd.GeoSeries([shapely.segmentize(nearby, 1.0)], crs=WGS84)
    return shapely.make_valid(dense.to_crs(_AROUND).iloc[0])


@lru_cache(maxsize=4)
def _outlines(edition: BoundaryEdition) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Return the country's outline in metres, as the world's inset and the country's draw it."""
    country = edition.country.geometry
    return (
        country.to_crs(_AROUND).iloc[0].simplify(15_000),
        country.to_crs(METRIC_CRS).iloc[0].simplify(6000),
    )


def _rings(
    shape: shapely.Geometry, bounds: tuple[float, float, float, float], box: Box
) -> tuple[Array, ...]:
    west, _, east, north = bounds
    scale = box.width / (east - west)
    rings = [
        shapely.get_coordinates(ring)
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon" and part.area * scale**2 > 0.0004
        for ring in (part.exterior, *part.interiors)
    ]
    return tuple(
        np.column_stack([box.left + (x - west) * scale, box.top + (north - y) * scale])
        for x, y in (ring.T for ring in rings)
    )
