"""Joining incidents to districts.

An incident is a point with a stated precision; a district is an ADM2 polygon with a code.
Everything here is pure: tables in, tables out. (The grid for very many points is kept in a folder;
that changes how fast an answer comes, never the answer.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from conflictmap.boundaries import METRIC_CRS, WGS84
from conflictmap.distinct import map_texts
from conflictmap.errors import LayerError
from conflictmap.locator import CACHE_FOLDER, GridLocator, load_locator

BULK_POINTS = 300_000
"""From so many points on the grid of `locator` answers instead of a tree of the points: the answer
is the same. Below, the tree takes less than half a second and no file."""

# What a point of a precision can tell: the containing district and province, or the province alone.
TELLS_DISTRICT = ("exact", "adm2")
TELLS_PROVINCE = (*TELLS_DISTRICT, "near", "adm1")

_OWN_COUNTRY = (
    "afghanistan",
    "islamic republic of afghanistan",
    "islamic emirate of afghanistan",
    "af",
    "afg",
    "افغانستان",
)
_METHODS = ("abroad", "nearest", "within", "none")
_NO_DISTRICT = -1
_KM_PER_DEGREE = 85.0  # of longitude at 39 N: the shortest degree in the country, rounded down


@dataclass(frozen=True, eq=False)
class PreparedDistricts:
    """A layer made ready for many calls by `prepare_districts`: checked and sorted once.

    ``locator`` answers for any number of points; ``tree`` holds the polygons in metres. The answers
    are those of the layer itself.
    """

    by_code: gpd.GeoDataFrame
    locator: GridLocator
    tree: shapely.STRtree


def assign_districts(
    incidents: pd.DataFrame,
    districts: gpd.GeoDataFrame | PreparedDistricts,
    *,
    snap_km: float = 2.0,
    cache_folder: Path | None = CACHE_FOLDER,
) -> pd.DataFrame:
    """Give each incident the codes of the district that holds its point.

    A point on a shared border takes the lower code, so no count doubles. No incident gets a finer
    code than its precision supports: "exact" and "adm2" give district and province, "near" and
    "adm1" the province alone ("near X" is somewhere around X, and a province's centre is no
    location), and the others nothing.

    Parameters
    ----------
    incidents
        One row per incident. ``latitude`` and ``longitude`` in decimal degrees (WGS 84),
        ``geo_precision`` one of `schema.GEO_PRECISIONS`, and optionally ``country`` as stated.
    districts
        One row per ADM2 unit: ``adm1_code``, ``adm2_code``, polygons in EPSG:4326; or such a layer
        prepared, for many calls.
    snap_km
        How far outside every district a point may lie and still take the nearest one, in km. Only
        where the stated country is Afghanistan or none is stated.
    cache_folder
        Where the grid that answers for `BULK_POINTS` points and more is kept; none: in memory.

    Returns
    -------
    DataFrame
        The same rows in the same order, plus ``adm1_code``, ``adm2_code`` (missing where none
        applies) and ``join_method``: "within", "nearest", "abroad" (another country is stated:
        never a code, wherever the point lies) or "none" (no usable point inside, or a precision
        that tells no unit).

    Raises
    ------
    LayerError
        If `districts` has another CRS, or a code twice.
    """
    prepared = districts if isinstance(districts, PreparedDistricts) else None
    by_code = districts.by_code if isinstance(districts, PreparedDistricts) else _checked(districts)
    abroad = _abroad(incidents)
    precision = incidents["geo_precision"]
    usable = (
        usable_points(incidents) & precision.isin(TELLS_PROVINCE).to_numpy(dtype=bool) & ~abroad
    )
    lonlat = incidents[["longitude", "latitude"]].to_numpy(dtype=float, na_value=np.nan)

    found = np.full(len(incidents), _NO_DISTRICT)
    found[usable] = _holding_district(lonlat[usable], by_code.geometry, cache_folder, prepared)
    outside = usable & (found == _NO_DISTRICT)
    found[outside] = _nearest_district(lonlat[outside], by_code.geometry, snap_km, prepared)

    method = np.select(
        [abroad, outside & (found >= 0), found >= 0], np.arange(3), default=3
    )  # positions in _METHODS
    known = found >= 0
    fine = known & precision.isin(TELLS_DISTRICT).to_numpy(dtype=bool)
    return incidents.assign(
        adm1_code=_codes(by_code["adm1_code"], found, known, incidents.index),
        adm2_code=_codes(by_code["adm2_code"], found, fine, incidents.index),
        join_method=pd.Series(pd.array(_METHODS, dtype="str").take(method), incidents.index),
    )


def prepare_districts(districts: gpd.GeoDataFrame, locator: GridLocator) -> PreparedDistricts:
    """Make a layer ready for many calls of `assign_districts`.

    Parameters
    ----------
    districts
        As `assign_districts` takes it.
    locator
        The grid of its polygons, sorted by ``adm2_code``.

    Raises
    ------
    LayerError
        If `districts` has another CRS, or a code twice.
    """
    by_code = _checked(districts)
    tree = shapely.STRtree(in_metres(by_code.geometry.to_numpy()))
    return PreparedDistricts(by_code, locator, tree)


def is_stated_abroad(country: pd.Series) -> pd.Series:
    """Tell which rows name another country than Afghanistan; a missing country is not abroad."""

    def is_other(name: str) -> bool:
        return (name.strip().casefold() or _OWN_COUNTRY[0]) not in _OWN_COUNTRY

    return map_texts(country, is_other, "boolean").fillna(False).astype("bool")


def usable_points(rows: pd.DataFrame) -> np.ndarray:
    """Tell which rows carry a point on Earth: both numbers in range, and not the point 0, 0."""
    latitude = rows["latitude"].to_numpy(dtype=float, na_value=np.nan)
    longitude = rows["longitude"].to_numpy(dtype=float, na_value=np.nan)
    on_earth = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    return on_earth & ~((latitude == 0) & (longitude == 0))


def in_metres(geometry: np.ndarray) -> np.ndarray:
    """Project geometries from degrees (EPSG:4326) to metres (`boundaries.METRIC_CRS`)."""
    to_metres = _to_metres()
    return shapely.transform(
        geometry, lambda lonlat: np.column_stack(to_metres.transform(lonlat[:, 0], lonlat[:, 1]))
    )


@lru_cache(maxsize=1)
def _to_metres() -> Transformer:
    return Transformer.from_crs(WGS84, METRIC_CRS, always_xy=True)


def _checked(districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the layer sorted by code."""
    if districts.crs is None or districts.crs != WGS84:
        named = districts.crs.to_string() if districts.crs is not None else "no CRS"
        raise LayerError(
            f"districts: layer is in {named}, expected {WGS84}. "
            f'Reproject it with to_crs("{WGS84}").'
        )
    if districts["adm2_code"].duplicated().any():
        twice = districts["adm2_code"][districts["adm2_code"].duplicated()].iloc[0]
        raise LayerError(
            f"districts: '{twice}' stands twice in adm2_code. Dissolve its parts, or mend the code."
        )
    return districts.sort_values("adm2_code", ignore_index=True)


def _abroad(incidents: pd.DataFrame) -> np.ndarray:
    if "country" not in incidents.columns:
        return np.zeros(len(incidents), dtype=bool)
    return is_stated_abroad(incidents["country"]).to_numpy(dtype=bool)


def _holding_district(
    lonlat: np.ndarray,
    polygons: gpd.GeoSeries,
    cache_folder: Path | None,
    prepared: PreparedDistricts | None,
) -> np.ndarray:
    """Return the position of the first polygon that holds each point, borders included, or -1."""
    if prepared is not None:
        return prepared.locator.locate(lonlat[:, 0], lonlat[:, 1]).astype("int64")
    if len(lonlat) >= BULK_POINTS:
        locator = load_locator(polygons.to_numpy(), cache_folder=cache_folder)
        return locator.locate(lonlat[:, 0], lonlat[:, 1]).astype("int64")
    # A tree of the points, asked by the polygons: that way the polygons get prepared, which is
    # four times faster.
    tree = shapely.STRtree(shapely.points(lonlat))
    polygon, point = tree.query(polygons.to_numpy(), predicate="intersects")
    return _lowest(point, polygon, len(lonlat))


def _nearest_district(
    lonlat: np.ndarray,
    polygons: gpd.GeoSeries,
    snap_km: float,
    prepared: PreparedDistricts | None,
) -> np.ndarray:
    """Return the position of the nearest polygon no further than `snap_km`, or -1."""
    margin = snap_km / _KM_PER_DEGREE
    west, south, east, north = polygons.total_bounds
    x, y = lonlat.T
    close = (
        (x >= west - margin) & (x <= east + margin) & (y >= south - margin) & (y <= north + margin)
    )
    if prepared is not None:  # most points of the world are far off, and the grid knows it
        close[close] = prepared.locator.may_be_near(x[close], y[close], margin)
    nearest = np.full(len(lonlat), _NO_DISTRICT)
    if snap_km > 0 and close.any():
        tree = (
            prepared.tree
            if prepared is not None
            else shapely.STRtree(in_metres(polygons.to_numpy()))
        )
        points = in_metres(shapely.points(lonlat[close]))
        point, polygon = tree.query_nearest(points, max_distance=snap_km * 1000)
        nearest[close] = _lowest(point, polygon, int(close.sum()))
    return nearest


def _lowest(point: np.ndarray, polygon: np.ndarray, points: int) -> np.ndarray:
    """Keep the lowest polygon position of each point: polygons are sorted by code."""
    lowest = np.full(points, np.iinfo(np.int64).max)
    np.minimum.at(lowest, point, polygon)
    return np.where(lowest == np.iinfo(np.int64).max, _NO_DISTRICT, lowest)


def _codes(codes: pd.Series, position: np.ndarray, known: np.ndarray, index: pd.Index) -> pd.Series:
    held = codes.astype("str").array.take(np.where(known, position, -1), allow_fill=True)
    return pd.Series(held, index=index, dtype="str")
