"""Lots and cells in the store: written once by whoever made them, read by every process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from conflictmap.access import Viewer
from conflictmap.archive.lots import FORMAT, TABLES, Lot
from conflictmap.errors import QueryError
from conflictmap.incident_cells import MEASURES, Cells, Months
from conflictmap.store import Store, keep_aggregates, kept_aggregates, load_aggregate
from conflictmap.summaries import LEVELS, Level

Array = np.ndarray[Any, Any]

_WHOLE: Final = "whole"
"""Name of the piece that is written last: without it, what stands there was not finished."""


@dataclass(frozen=True)
class Segment:
    """What changed after one revision up to another: lots, and what they replace of those before.

    ``replaced`` has the rows of incidents that changed since, in each lot of the segments before,
    all lots of a chain numbered through. ``names`` are those of the cells that are kept.
    """

    after: int
    to: int
    lots: int
    replaced: Mapping[int, Array]
    names: frozenset[str]


def kept_segments(store: Store, *, viewer: Viewer, to: int) -> list[Segment]:
    """Return the segments that lead from the empty store to a revision, as far as any do."""
    pieces: dict[tuple[int, int], set[str]] = {}
    for after, upto, name in kept_aggregates(store, viewer=viewer, to=to, format=FORMAT):
        pieces.setdefault((after, upto), set()).add(name)
    chain: list[Segment] = []
    at = 0
    while found := max((ends for ends in pieces if ends[0] == at < ends[1]), default=None):
        names = pieces.pop(found)
        if _WHOLE not in names:
            continue
        content = load_aggregate(
            store, _WHOLE, viewer=viewer, after=found[0], to=found[1], format=FORMAT
        )
        if content is None:
            continue
        told = json.loads(content)
        replaced = {int(lot): np.array(rows) for lot, rows in told["replaced"].items()}
        chain.append(Segment(*found, told["lots"], replaced, frozenset(names)))
        at = found[1]
    return chain


class Keeper:
    """Writes a segment, a lot at a time; it counts once `finish` has been called."""

    def __init__(self, store: Store, *, viewer: Viewer, after: int, to: int) -> None:
        self._store, self._viewer, self._after, self._to = store, viewer, after, to
        self._lots = 0

    def add_lot(self, lot: Lot) -> None:
        """Keep the next lot."""
        start = f"lot {self._lots}"
        self._keep({f"{start} {name}": _bytes_of(lot.tables[name]) for name in TABLES})
        self._lots += 1

    def finish(
        self,
        cells: Mapping[str, Cells],
        bin_names: Mapping[Level, tuple[str, ...]],
        replaced: Mapping[int, Array],
    ) -> Segment:
        """Keep cells by `cells_name`, and say that all is there."""
        told = {
            "lots": self._lots,
            "replaced": {str(lot): rows.tolist() for lot, rows in replaced.items()},
        }
        pieces = {name: _bytes_of(_table_of(one, bin_names)) for name, one in cells.items()}
        self._keep(pieces | {_WHOLE: json.dumps(told).encode()})
        return Segment(self._after, self._to, self._lots, replaced, frozenset(cells))

    def _keep(self, pieces: Mapping[str, bytes]) -> None:
        keep_aggregates(
            self._store,
            pieces,
            viewer=self._viewer,
            after=self._after,
            to=self._to,
            format=FORMAT,
        )


def load_lot(store: Store, segment: Segment, number: int, *, viewer: Viewer) -> Lot:
    """Return a lot of a segment.

    Raises
    ------
    QueryError
        If it is not there any more.
    """
    return Lot(
        {name: _read(store, segment, f"lot {number} {name}", viewer=viewer) for name in TABLES}
    )


def load_cells(
    store: Store,
    segment: Segment,
    name: str,
    bin_names: Mapping[Level, tuple[str, ...]],
    *,
    viewer: Viewer,
) -> Cells:
    """Return cells of a segment by the name they were kept under.

    Raises
    ------
    QueryError
        If they are not there any more.
    """
    table = _read(store, segment, name, viewer=viewer)
    bins: dict[Level, Array] = {}
    for level in LEVELS:
        column = table[level].combine_chunks()
        places = pd.Index(bin_names[level]).get_indexer(column.dictionary.to_pylist())
        bins[level] = places[column.indices.to_numpy()].astype("int16")
    sums = {
        measure: np.array(
            [
                table[field.name].to_numpy()
                for field in table.schema
                if field.name.startswith(f"{measure} ")
            ]
        )
        for measure in MEASURES
    }
    return Cells(table["first_day"].to_numpy(), table["last_day"].to_numpy(), bins, sums)


def cells_name(field: str, value: str, months: Months) -> str:
    """Return the name that cells are kept under: of a filter's one field and value, and months."""
    return f"cells {months} {field} {value}".rstrip()


def _table_of(cells: Cells, bin_names: Mapping[Level, tuple[str, ...]]) -> pa.Table:
    columns: dict[str, pa.Array] = {
        "first_day": pa.array(cells.first_day),
        "last_day": pa.array(cells.last_day),
        **{
            level: pa.DictionaryArray.from_arrays(
                pa.array(cells.bins[level].astype("int16")), list(bin_names[level])
            )
            for level in LEVELS
        },
    }
    for measure in MEASURES:
        for number, values in enumerate(cells.sums[measure]):
            columns[f"{measure} {number}"] = pa.array(values)
    return pa.table(columns)


def _bytes_of(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _read(store: Store, segment: Segment, name: str, *, viewer: Viewer) -> pa.Table:
    content = load_aggregate(
        store, name, viewer=viewer, after=segment.after, to=segment.to, format=FORMAT
    )
    if content is None:
        raise QueryError("What was worked out for the maps is gone from the store. Try again.")
    return pa.ipc.open_file(pa.BufferReader(content)).read_all()
