"""Finding the district of very many points: a grid answers at once where no border is near.

The country is cut into cells of `CELL_DEGREES`. A cell that no border touches lies wholly inside
one district, or outside all, and its points need no further test; only points in the cells along
the borders are tested exactly. The answer is that of the exact test for every point. Positions are
those of the polygons as given: sort them by code, and the lowest code wins on a shared border.
"""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely
from numpy.lib.stride_tricks import sliding_window_view

from conflictmap.errors import LayerError
from conflictmap.settings import ROOT

CELL_DEGREES = 0.02
"""Smaller cells answer more points at once but take longer to build: 0.01 some four times."""

CACHE_FOLDER = ROOT / "var" / "cache"

NO_POSITION = -1
"""Answer for a point outside every polygon, and for one that is no point (NaN, infinite)."""

_BORDER = -2  # a cell that a border touches
_CHUNK = 2**20  # points located in one go: bounds the memory, not the answer
_RULES = 1  # part of the key of cached grids; raise it when the building of a grid changes

# A border is taken for this much wider (0.1 mm), so that no rounding of its own course, once it is
# cut into short steps, can leave a sliver of a neighbour in a cell that it does not mark.
_WIDER_DEGREES = 1e-9
_MOST_POLYGONS = np.iinfo(np.int16).max


@dataclass(frozen=True, eq=False)
class GridLocator:
    """A grid over polygons. ``grid[row, column]`` holds a position, `NO_POSITION` or a border.

    ``polygons`` are the locator's own, prepared before it is shared: threads only read them.
    """

    polygons: np.ndarray
    west: float
    south: float
    cell: float
    grid: np.ndarray

    def locate(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """Return the position of the first polygon that holds each point, borders included.

        Parameters
        ----------
        longitude, latitude
            Decimal degrees (WGS 84), of one length. Anything is allowed, infinite and NaN too.

        Returns
        -------
        ndarray of int16
            One position a point; `NO_POSITION` where no polygon holds it.
        """
        x = np.asarray(longitude, dtype="float64")
        y = np.asarray(latitude, dtype="float64")
        found = np.full(len(x), NO_POSITION, dtype="int16")
        for start in range(0, len(x), _CHUNK):
            part = slice(start, start + _CHUNK)
            found[part] = self._locate_chunk(x[part], y[part])
        return found

    def may_be_near(
        self, longitude: np.ndarray, latitude: np.ndarray, degrees: float
    ) -> np.ndarray:
        """Tell which points may lie within so many degrees, each way, of a polygon.

        What is told to be far is far. What may be near has to be measured, as all off the grid.
        """
        rows, columns = self.grid.shape
        if not self.grid.size:
            return np.ones(len(longitude), dtype=bool)
        reach = math.ceil(degrees / self.cell)
        held = self.grid != NO_POSITION
        for axis, wider in ((0, ((reach, reach), (0, 0))), (1, ((0, 0), (reach, reach)))):
            window = sliding_window_view(np.pad(held, wider), 2 * reach + 1, axis=axis)
            held = window.any(axis=-1)
        with np.errstate(invalid="ignore", over="ignore"):
            column = (np.asarray(longitude, dtype="float64") - self.west) / self.cell
            row = (np.asarray(latitude, dtype="float64") - self.south) / self.cell
            on_grid = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        near = ~on_grid
        near[on_grid] = held[row[on_grid].astype("int32"), column[on_grid].astype("int32")]
        return near

    def _locate_chunk(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        rows, columns = self.grid.shape
        with np.errstate(invalid="ignore", over="ignore"):
            column = (x - self.west) / self.cell
            row = (y - self.south) / self.cell
            on_grid = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        point = np.flatnonzero(on_grid)
        cells = row[point].astype("int32") * columns + column[point].astype("int32")
        found = np.full(len(x), NO_POSITION, dtype="int16")
        found[point] = self.grid.ravel()[cells]
        border = np.flatnonzero(found == _BORDER)
        found[border] = _holding_positions(x[border], y[border], self.polygons)
        return found


def load_locator(
    polygons: np.ndarray,
    *,
    cell: float = CELL_DEGREES,
    cache_folder: Path | None = CACHE_FOLDER,
) -> GridLocator:
    """Return the locator of a layer: from memory, from the cache folder, or built and kept there.

    The grid is kept under the hash of the layer's geometry, so a changed layer gets a new one. A
    cached file that cannot be read, or is not of this layer, is built again; where the folder
    cannot be written, the grid is kept in memory only.

    Parameters
    ----------
    polygons
        Valid polygons in EPSG:4326, sorted by code.
    cell
        Side of a cell, in degrees.
    cache_folder
        Folder of cached grids; none: memory only.

    Raises
    ------
    LayerError
        If the layer has more polygons than a grid can number.
    """
    return _load(_Layer(_hash(polygons, cell), polygons), cell, cache_folder)


def build_locator(polygons: np.ndarray, *, cell: float = CELL_DEGREES) -> GridLocator:
    """Build the grid of a layer, see `load_locator`."""
    if len(polygons) > _MOST_POLYGONS:
        raise LayerError(
            f"districts: layer has {len(polygons):,} polygons, at most {_MOST_POLYGONS:,} can be "
            "numbered. Dissolve them into districts."
        )
    if shapely.is_empty(polygons).all():
        return GridLocator(polygons, 0.0, 0.0, cell, np.empty((0, 0), dtype="int16"))
    polygons = _prepared(polygons)
    west, south, east, north = shapely.total_bounds(polygons)
    west, south = float(west - cell), float(south - cell)
    columns, rows = (int((end - begin) / cell) + 3 for begin, end in ((west, east), (south, north)))
    border = _border_cells(polygons, west, south, cell, (rows, columns))
    grid = np.full((rows, columns), _BORDER, dtype="int16")
    row, column = np.nonzero(~border)
    grid[row, column] = _holding_positions(
        west + (column + 0.5) * cell, south + (row + 0.5) * cell, polygons
    )
    return GridLocator(polygons, west, south, cell, grid)


def restored_locator(
    polygons: np.ndarray, grid: np.ndarray, *, corner: tuple[float, float], cell: float
) -> GridLocator:
    """Return the locator of a grid that was built of the same polygons, as it was.

    Parameters
    ----------
    corner
        ``west`` and ``south`` of the locator that was built.
    """
    return GridLocator(_prepared(polygons), *corner, cell, grid)


def _border_cells(
    polygons: np.ndarray, west: float, south: float, cell: float, shape: tuple[int, int]
) -> np.ndarray:
    """Tell which cells a border touches.

    Borders are cut into steps shorter than a cell. A step lies between its ends in both directions,
    so it touches no other cells than those of the corners of its own bounding box.
    """
    parts = shapely.get_parts(shapely.get_parts(polygons))
    edges = np.where(shapely.get_dimensions(parts) == 2, shapely.boundary(parts), parts)
    steps = shapely.segmentize(shapely.get_parts(edges), cell * 0.9)
    lonlat, line = shapely.get_coordinates(steps, return_index=True)
    # The last point of a line makes a step of its own: so a line of one point is one, too.
    follows = np.append(line[1:] == line[:-1], False)
    ends = np.where(follows[:, None], np.roll(lonlat, -1, axis=0), lonlat)
    origin = np.array([west, south])
    low, high = (
        ((corner - origin) / cell).astype("int32")
        for corner in (
            np.minimum(lonlat, ends) - _WIDER_DEGREES,
            np.maximum(lonlat, ends) + _WIDER_DEGREES,
        )
    )
    border = np.zeros(shape, dtype=bool)
    for column in (low[:, 0], high[:, 0]):
        for row in (low[:, 1], high[:, 1]):
            border[row, column] = True
    return border


def _holding_positions(x: np.ndarray, y: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Return the position of the first prepared polygon that holds each point, tested exactly."""
    order = np.argsort(x)
    x, y = x[order], y[order]
    west, south, east, north = shapely.bounds(polygons).T
    first, last = np.searchsorted(x, west, "left"), np.searchsorted(x, east, "right")
    held = np.full(len(x), NO_POSITION, dtype="int16")
    for position in reversed(range(len(polygons))):  # the lowest comes last and wins
        strip = slice(first[position], last[position])
        is_close = (y[strip] >= south[position]) & (y[strip] <= north[position])
        point = np.flatnonzero(is_close) + first[position]
        inside = shapely.intersects_xy(polygons[position], x[point], y[point])
        held[point[inside]] = position
    found = np.empty_like(held)
    found[order] = held
    return found


def _prepared(polygons: np.ndarray) -> np.ndarray:
    """Return copies of polygons, prepared for many points.

    A prepared polygon builds its index when it is first asked, so each is asked once here, before
    several threads may ask it at the same time.
    """
    copies = shapely.from_wkb(shapely.to_wkb(polygons))
    shapely.prepare(copies)
    inner = shapely.get_coordinates(shapely.point_on_surface(copies))
    with_inner = copies[~shapely.is_empty(copies)]
    shapely.intersects_xy(with_inner, *inner.T)
    return copies


# --- the cache ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layer:
    """Polygons known by their hash, so that they can be the key of what is kept in memory."""

    sha256: str
    polygons: np.ndarray = field(compare=False)


@lru_cache(maxsize=4)
def _load(layer: _Layer, cell: float, cache_folder: Path | None) -> GridLocator:
    if cache_folder is None:
        return build_locator(layer.polygons, cell=cell)
    path = Path(cache_folder) / f"grid-{layer.sha256[:32]}.npz"
    kept = _read_grid(path, layer, cell)
    if kept is None:
        kept = build_locator(layer.polygons, cell=cell)
        _write_grid(path, layer, kept)
    return kept


def _hash(polygons: np.ndarray, cell: float) -> str:
    digest = hashlib.sha256(f"{_RULES} {cell!r} {len(polygons)}".encode())
    for wkb in shapely.to_wkb(polygons):
        digest.update(wkb)
    return digest.hexdigest()


def _read_grid(path: Path, layer: _Layer, cell: float) -> GridLocator | None:
    """Read a cached grid; None where there is none, or none of this layer that can be read."""
    try:
        # Arrays of numbers only: a cached file must never be able to run anything.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            sha256, corner, grid = kept["sha256"], kept["corner"], kept["grid"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    is_ours = (
        sha256.tobytes() == bytes.fromhex(layer.sha256)
        and corner.shape == (2,)
        and corner.dtype == "float64"
        and grid.ndim == 2
        and grid.dtype == "int16"
        and bool(((grid >= _BORDER) & (grid < len(layer.polygons))).all())
    )
    if not is_ours:
        return None
    west, south = corner.tolist()
    return restored_locator(layer.polygons, grid, corner=(west, south), cell=cell)


def _write_grid(path: Path, layer: _Layer, locator: GridLocator) -> None:
    """Write a grid whole or not at all; a folder that cannot be written costs only time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            whole = Path(folder) / path.name
            np.savez_compressed(
                whole,
                sha256=np.frombuffer(bytes.fromhex(layer.sha256), dtype="uint8"),
                corner=np.array([locator.west, locator.south]),
                grid=locator.grid,
            )
            os.replace(whole, path)
    except OSError:
        return
