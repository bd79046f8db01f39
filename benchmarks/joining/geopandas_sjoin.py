"""`geopandas.sjoin`, of a table of points with a table of districts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import geopandas as gpd

from benchmarks.joining.given import Given, lowest_positions
from benchmarks.joining.turn import Join


@contextmanager
def prepared(given: Given, *, predicate: str, is_indexed: bool = False) -> Iterator[Join]:
    """Make both tables ready.

    A table of points keeps the index that its first join has made. Points are joined once in life,
    so that each turn has a table without one; `is_indexed` lets it keep its index instead.
    """
    districts = given.district_table()
    points = given.point_table()
    if is_indexed:
        gpd.sjoin(points, districts, predicate=predicate)

    def table() -> gpd.GeoDataFrame:
        # The geometries are the same ones, made before the clock: only the index is not there.
        geometry = points.geometry.to_numpy()
        return points if is_indexed else gpd.GeoDataFrame(geometry=geometry, crs=points.crs)

    def positions(joined: gpd.GeoDataFrame) -> object:
        pairs = joined["index_right"]
        return lowest_positions(pairs.index.to_numpy(), pairs.to_numpy(), len(points))

    yield Join(
        run=lambda table: gpd.sjoin(table, districts, predicate=predicate),
        positions=positions,
        ready=table,
    )
