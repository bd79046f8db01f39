"""A lot of incidents as Arrow tables: all that choosing, counting and placing asks of them.

The incidents of a lot stand by the first day of their interval, so that those of a month are
neighbours; behind them stand the ones whose interval is long or has an end that nobody stated. In
all other tables an incident is named by its row in the lot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from conflictmap.boundaries import BoundaryEdition
from conflictmap.incident_index import (
    NO_END,
    NO_START,
    Coded,
    IncidentIndex,
    Statements,
    index_incidents,
)
from conflictmap.index_parts import rows_about, smallest_codes, sorted_index
from conflictmap.summaries import ABROAD, LEVELS, NOT_PLACED, Level, place_bins

Array = np.ndarray[Any, Any]

FORMAT: Final = 1
"""Of the tables below. What another format is kept in is not read, but made again."""

LONG_DAYS: Final = 31
"""Days between the first and last one of the longest interval that stands by its first day."""

COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "incidents": ("date_from", "date_to", "counting_date", "event_type"),
    "incident_places": (
        "place_no",
        "adm1_code",
        "adm2_code",
        "geo_precision",
        "point_latitude",
        "point_longitude",
        "precision_km",
    ),
    "place_candidates": ("subject_table", "subject_id", "place_no", "unit_code"),
    "incident_sources": ("source_id",),
    "incident_targets": ("target_community",),
    "attributions": ("actor_id", "kind", "source_id"),
    "casualties": (
        "victim_group",
        "harm",
        "low",
        "best",
        "high",
        "is_counted",
        "community",
        "source_id",
    ),
}
"""What is read of the rows of incidents."""

_CODED: Final = {
    "attributions": ("actor_id", "kind", "source_id"),
    "reports": ("source_id",),
    "targets": ("target_community",),
    "harmed": ("community",),
    "counted": ("victim_group", "source_id"),
}
TABLES: Final = ("incidents", *_CODED, "places", "candidates")


@dataclass(frozen=True)
class Lot:
    """Tables by the names of `TABLES`; those of an incident's row stand by ``incident``."""

    tables: Mapping[str, pa.Table]

    def __len__(self) -> int:
        return int(self.tables["incidents"].num_rows)


def lot_of(tables: Mapping[str, pd.DataFrame]) -> Lot:
    """Return the lot of some incidents, from their rows in the `COLUMNS` of the store's tables."""
    index = _index_by_day(tables)
    harm = np.full(len(index.counted.incident), -1, dtype="int8")
    for number, rows in enumerate(index.rows_of_harm.values()):
        harm[rows] = number
    own = {name: _statement_columns(getattr(index, name)) for name in _CODED}
    own["counted"] |= {
        "harm": _dictionary(Coded(harm, {name: n for n, name in enumerate(index.rows_of_harm)})),
        **{end: pa.array(values, from_pandas=True) for end, values in index.ends.items()},
    }
    names = {level: list(index.bin_names[level]) for level in LEVELS}
    incidents: dict[str, pa.Array] = {
        "incident_id": pa.array(index.ids.to_numpy(dtype=object), pa.large_string()),
        **{name: pa.array(getattr(index, name)) for name in _arrays(index)},
        "event_type": _dictionary(index.event_type),
        **{
            level: pa.DictionaryArray.from_arrays(pa.array(index.bins[level]), names[level])
            for level in LEVELS
        },
    }
    return Lot(
        {
            "incidents": pa.table(incidents),
            **{name: pa.table(columns) for name, columns in own.items()},
            "places": _rows_about(tables["incident_places"], "incident_id", index.ids),
            "candidates": _rows_about(_candidates(tables), "subject_id", index.ids),
        }
    )


def joined_lots(lots: Sequence[Lot]) -> tuple[Lot, Array]:
    """Return lots as one, the incidents of each behind those before; and where each one starts.

    The incidents of the whole do not stand by their day; those of each part do.
    """
    starts = np.cumsum([0, *(len(lot) for lot in lots)])
    tables = {"incidents": _joined([lot.tables["incidents"] for lot in lots])}
    for name in TABLES[1:]:
        parts = []
        for lot, start in zip(lots, starts, strict=False):
            part = lot.tables[name]
            moved = part["incident"].to_numpy() + np.int32(start)
            column = part.schema.get_field_index("incident")
            parts.append(part.set_column(column, "incident", pa.array(moved, pa.int32())))
        tables[name] = _joined(parts)
    return Lot(tables), starts


def without_rows(lot: Lot, rows: Array) -> Lot:
    """Return a lot without some of its incidents, by their rows."""
    if not len(rows):
        return lot
    keep = np.ones(len(lot), dtype=bool)
    keep[rows] = False
    return _kept(lot, keep)


def only_rows(lot: Lot, rows: Array) -> Lot:
    """Return a lot of some of its incidents only, by their rows."""
    keep = np.zeros(len(lot), dtype=bool)
    keep[rows] = True
    return _kept(lot, keep)


def number_of_short(lot: Lot) -> int:
    """Return how many incidents stand by their first day; the others stand behind them."""
    incidents = lot.tables["incidents"]
    first, last = (incidents[name].to_numpy() for name in ("first_day", "last_day"))
    return int(_is_short(first, last).sum())


def index_of(lot: Lot, edition: BoundaryEdition) -> IncidentIndex:
    """Return the index of a lot, its bins those of a boundary edition."""
    names: dict[Level, tuple[str, ...]] = {
        "province": (*edition.provinces["adm1_code"], NOT_PLACED, ABROAD),
        "district": (*edition.districts["adm2_code"], NOT_PLACED, ABROAD),
    }
    incidents, counted = lot.tables["incidents"], lot.tables["counted"]
    harm = _coded(counted["harm"])
    bins: dict[Level, Array] = {}
    for level in LEVELS:
        units = _coded(incidents[level])
        places = pd.Index(names[level]).get_indexer(list(units.values))
        bins[level] = np.array([*places, -1], dtype="int16")[units.codes]
    arrays: dict[str, Any] = {
        field.name: incidents[field.name].to_numpy()
        for field in incidents.schema
        if field.name not in ("incident_id", "event_type", *LEVELS)
    }
    arrays |= {name: _statements(lot.tables[name], columns) for name, columns in _CODED.items()}
    return IncidentIndex(
        ids=pd.Index(incidents["incident_id"].to_pandas()),
        event_type=_coded(incidents["event_type"]),
        ends={end: _floats(counted[end]) for end in ("low", "best", "high")},
        rows_of_harm={
            name: np.flatnonzero(harm.codes == code) for name, code in harm.values.items()
        },
        bins=bins,
        bin_names=names,
        **arrays,
    )


def places_of(lot: Lot, rows: Array | None = None) -> pd.DataFrame:
    """Return the places of a lot's incidents, with ``incident``, the row of each.

    Otherwise as the rows of ``incident_places`` are, in the columns of `COLUMNS`. Of some rows,
    ascending, the places of these incidents, numbered in this order.
    """
    return _frame(lot.tables["places"], len(lot), rows)


def candidates_of(lot: Lot, rows: Array | None = None) -> pd.DataFrame:
    """Return the candidates of a lot's places, as `places_of` does."""
    return _frame(lot.tables["candidates"], len(lot), rows)


# --- from tables to lots ----------------------------------------------------------------------


def _index_by_day(tables: Mapping[str, pd.DataFrame]) -> IncidentIndex:
    bins = {level: place_bins(tables, level) for level in LEVELS}
    names: dict[Level, tuple[str, ...]] = {
        level: tuple(sorted(bins[level].unique())) for level in LEVELS
    }
    index = index_incidents(tables, bins, names)
    is_short = _is_short(index.first_day, index.last_day)
    order = np.lexsort((np.arange(len(is_short)), index.first_day, ~is_short))
    return sorted_index(index, order)


def _is_short(first: Array, last: Array) -> Array:
    stated = (first != NO_START) & (last != NO_END)
    found: Array = stated & (last.astype("int64") - first <= LONG_DAYS)
    return found


def _candidates(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    rows = tables["place_candidates"]
    return rows[rows["subject_table"] == "incident_places"].drop(columns="subject_table")


def _arrays(index: IncidentIndex) -> list[str]:
    """Return the names of the plain arrays with an element an incident."""
    return [name for name, value in vars(index).items() if isinstance(value, np.ndarray)]


def _statement_columns(statements: Statements) -> dict[str, pa.Array]:
    return {
        "incident": pa.array(statements.incident, pa.int32()),
        **{name: _dictionary(column) for name, column in statements.columns.items()},
    }


def _dictionary(column: Coded) -> pa.Array:
    codes = smallest_codes(column.codes, len(column.values))
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=codes < 0), pa.array(list(column.values), pa.string())
    )


def _rows_about(rows: pd.DataFrame, key: str, ids: pd.Index) -> pa.Table:
    """Return rows by the incident they are about, in the order of the incidents."""
    incident = ids.get_indexer(pd.Index(rows[key]))
    order = np.argsort(incident, kind="stable")
    order = order[incident[order] >= 0]
    columns = {"incident": pa.array(incident[order], pa.int32())}
    for name in rows.columns.drop([key]):
        values = rows[name].iloc[order]
        if pd.api.types.is_string_dtype(values.dtype):
            codes, known = pd.factorize(values)
            columns[name] = _dictionary(Coded(codes, {value: n for n, value in enumerate(known)}))
        else:
            columns[name] = pa.array(values, from_pandas=True)
    return pa.table(columns)


# --- from lots to arrays ----------------------------------------------------------------------


def _joined(parts: Sequence[pa.Table]) -> pa.Table:
    whole = pa.concat_tables(parts, promote_options="permissive")
    return whole.unify_dictionaries().combine_chunks()


def _kept(lot: Lot, keep: Array) -> Lot:
    new_row = np.cumsum(keep) - 1
    tables = {"incidents": lot.tables["incidents"].filter(pa.array(keep))}
    for name in TABLES[1:]:
        part = lot.tables[name]
        incident = part["incident"].to_numpy()
        left = part.filter(pa.array(keep[incident]))
        column = left.schema.get_field_index("incident")
        rows = pa.array(new_row[incident[keep[incident]]], pa.int32())
        tables[name] = left.set_column(column, "incident", rows)
    return replace(lot, tables=tables)


def _statements(table: pa.Table, columns: Sequence[str]) -> Statements:
    return Statements(table["incident"].to_numpy(), {name: _coded(table[name]) for name in columns})


def _coded(column: pa.ChunkedArray) -> Coded:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # a table without a row has no chunk
        array = pa.concat_arrays(array.chunks) if array.num_chunks else _NONE
    values = array.dictionary.to_pylist()
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Coded(
        smallest_codes(codes, len(values)), {value: number for number, value in enumerate(values)}
    )


_NONE: Final = pa.array([], pa.string()).dictionary_encode()


def _floats(column: pa.ChunkedArray) -> Array:
    values: Array = column.to_numpy().astype("float64")
    # Numbers of people that half the memory holds exactly.
    is_small = not (np.abs(values) >= 2**24).any()
    return values.astype("float32") if is_small else values


def _frame(table: pa.Table, incidents: int, rows: Array | None) -> pd.DataFrame:
    if rows is not None:
        places, numbers = rows_about(table["incident"].to_numpy(), rows, incidents)
        column = table.schema.get_field_index("incident")
        table = table.take(pa.array(places)).set_column(
            column, "incident", pa.array(numbers, pa.int32())
        )
    words = [pa.types.is_dictionary(column.type) for column in table.schema]
    columns = [
        column.cast(pa.large_string()) if is_word else column
        for column, is_word in zip(table.columns, words, strict=True)
    ]
    return pa.table(columns, table.column_names).to_pandas(types_mapper=_PANDAS.get)


_PANDAS: Final[dict[pa.DataType, Any]] = {
    pa.int64(): pd.Int64Dtype(),
    pa.large_string(): pd.StringDtype(na_value=np.nan),
}
