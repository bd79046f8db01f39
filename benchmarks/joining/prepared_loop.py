"""A loop over the districts, as it is written by hand: prepared polygons, points sorted once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import shapely

from benchmarks.joining.given import NO_POSITION, Given
from benchmarks.joining.turn import Join


@contextmanager
def prepared(given: Given) -> Iterator[Join]:
    """Prepare the polygons; the sorting of the points is part of the join."""
    shapely.prepare(given.polygons)
    yield Join(run=lambda _: _join(given), positions=lambda found: found)


def _join(given: Given) -> np.ndarray:
    order = np.argsort(given.longitude)
    x, y = given.longitude[order], given.latitude[order]
    west, south, east, north = shapely.bounds(given.polygons).T
    first, last = np.searchsorted(x, west, "left"), np.searchsorted(x, east, "right")
    held = np.full(len(x), NO_POSITION, dtype="int16")
    for position in reversed(range(len(given.polygons))):  # the lowest comes last and wins
        strip = slice(first[position], last[position])
        close = np.flatnonzero((y[strip] >= south[position]) & (y[strip] <= north[position]))
        close += first[position]
        held[close[shapely.intersects_xy(given.polygons[position], x[close], y[close])]] = position
    found = np.empty_like(held)
    found[order] = held
    return found
