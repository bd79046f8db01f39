"""What every way of joining is given: the same points and the same districts, in files.

A way may run in an environment without this project's library, so that the files are plain: numbers
of numpy and well-known binary. A district is known by its position in the layer, which is sorted by
code: where several hold a point, the lowest position is the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd

ROOT = Path(__file__).parents[2]
EDITION = ROOT / "geo" / "afg-2014"
CRS = "EPSG:4326"
NO_POSITION = -1
"""Answer for a point in no district."""

SEED = 2026
_POINTS, _BYTES, _ENDS = "points.npy", "layer.npy", "layer-ends.npy"


@dataclass(frozen=True, eq=False)
class Given:
    """Points in decimal degrees (WGS 84), and districts sorted by code."""

    longitude: np.ndarray
    latitude: np.ndarray
    polygons: np.ndarray

    def point_table(self) -> gpd.GeoDataFrame:
        """Return a table of new points, a row each, numbered from 0."""
        import geopandas as gpd

        return gpd.GeoDataFrame(geometry=gpd.points_from_xy(self.longitude, self.latitude), crs=CRS)

    def district_table(self) -> gpd.GeoDataFrame:
        """Return a table of districts, a row each, numbered by position."""
        import geopandas as gpd

        return gpd.GeoDataFrame(geometry=list(self.polygons), crs=CRS)


def write_uniform(folder: Path, points: int) -> None:
    """Write points drawn evenly from the box around the country; some half lie in a district."""
    polygons = read_polygons()
    west, south, east, north = shapely.total_bounds(polygons)
    chance = np.random.default_rng(SEED)
    lonlat = np.stack([chance.uniform(west, east, points), chance.uniform(south, north, points)])
    _write(folder, lonlat, polygons)


def write_on_borders(folder: Path, points: int) -> None:
    """Write points on the borders: the corners of districts, and every other one along an edge.

    A point along an edge is rounded to the nearest number, so that most lie a hair beside it.
    """
    polygons = read_polygons()
    corners, ring = shapely.get_coordinates(_rings(polygons), return_index=True)
    chance = np.random.default_rng(SEED)
    first = chance.choice(np.flatnonzero(ring[1:] == ring[:-1]), points)
    share = np.where(np.arange(points) % 2 == 0, 0.0, chance.uniform(0, 1, points))
    lonlat = corners[first] + share[:, None] * (corners[first + 1] - corners[first])
    _write(folder, lonlat.T, polygons)


def read_polygons() -> np.ndarray:
    """Return the districts of the shipped edition, sorted by code."""
    from conflictmap.boundaries import read_edition

    return read_edition(EDITION).districts.geometry.to_numpy()


def read_given(folder: Path) -> Given:
    """Read what was written to a folder."""
    longitude, latitude = np.load(folder / _POINTS)
    whole, ends = np.load(folder / _BYTES).tobytes(), np.load(folder / _ENDS)
    starts = [0, *ends[:-1]]
    wkb = [whole[start:end] for start, end in zip(starts, ends, strict=True)]
    return Given(longitude, latitude, shapely.from_wkb(wkb))


def lowest_positions(point: np.ndarray, position: np.ndarray, points: int) -> np.ndarray:
    """Return one position a point of pairs of the two, in any order: the lowest, or none."""
    most = np.iinfo("int64").max
    lowest = np.full(points, most)
    np.minimum.at(lowest, np.asarray(point, "int64"), np.asarray(position, "int64"))
    return np.where(lowest == most, NO_POSITION, lowest)


def _write(folder: Path, lonlat: np.ndarray, polygons: np.ndarray) -> None:
    wkb = shapely.to_wkb(polygons)
    np.save(folder / _POINTS, lonlat)
    np.save(folder / _BYTES, np.frombuffer(b"".join(wkb), dtype="uint8"))
    np.save(folder / _ENDS, np.cumsum([len(one) for one in wkb]))


def _rings(polygons: np.ndarray) -> np.ndarray:
    return shapely.get_rings(shapely.get_parts(polygons))
