"""SedonaDB: spatial SQL on columns in memory, with as many threads as it chooses."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import sedonadb

from benchmarks.joining.given import Given, lowest_positions
from benchmarks.joining.turn import Join

_JOIN = """
    SELECT points.number, districts.position
    FROM points JOIN districts ON ST_Within(points.geometry, districts.geometry)
"""


@contextmanager
def prepared(given: Given) -> Iterator[Join]:
    """Bring both tables into its memory."""
    database = sedonadb.connect()
    tables = {
        "points": given.point_table().rename_axis("number").reset_index(),
        "districts": given.district_table().rename_axis("position").reset_index(),
    }
    for name, table in tables.items():
        database.create_data_frame(table).to_memtable().to_view(name)
    points = len(given.longitude)

    def positions(pairs: Any) -> np.ndarray:
        return lowest_positions(pairs["number"].to_numpy(), pairs["position"].to_numpy(), points)

    yield Join(
        run=lambda _: database.sql(_JOIN).to_arrow_table(),
        positions=positions,
        notes={"sedonadb": importlib.metadata.version("sedonadb")},
    )
