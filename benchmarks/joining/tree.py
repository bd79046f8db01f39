"""`shapely.STRtree`: an index of the points, asked by each district."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import shapely

from benchmarks.joining.given import Given, lowest_positions
from benchmarks.joining.turn import Join


@contextmanager
def prepared(given: Given) -> Iterator[Join]:
    """Make the points; their index is part of the join."""
    points = shapely.points(given.longitude, given.latitude)

    def positions(pairs: np.ndarray) -> np.ndarray:
        return lowest_positions(pairs[1], pairs[0], len(points))

    yield Join(
        run=lambda _: shapely.STRtree(points).query(given.polygons, predicate="intersects"),
        positions=positions,
    )
