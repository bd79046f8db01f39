"""Tables of the schema as DataFrames of the right types."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from conflictmap.schema import TABLES, Column, Table

_DTYPES = {
    "text": "str",
    "code": "str",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[s]",
}


def typed_table(
    table: Table, rows: pd.DataFrame | Iterable[Mapping[str, Any]], *, keep: Iterable[str] = ()
) -> pd.DataFrame:
    """Give a table its schema's columns, in order and with their types.

    Parameters
    ----------
    table
        The table's description.
    rows
        A frame or records. A column that is absent is missing throughout.
    keep
        Columns outside the schema that are carried along, behind the others.

    Returns
    -------
    DataFrame
        Text as ``str`` (missing: NaN), integers as ``Int64``, dates as ``datetime64[s]`` (missing:
        NaT), booleans as ``boolean``.
    """
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    if frame.empty:  # most tables of a small upload have no row
        kept = {name: frame[name] for name in keep if name in frame.columns}
        return _without_rows(table).assign(**kept)
    columns: dict[str, pd.Series] = {
        column.name: _typed_column(frame, column) for column in table.columns
    }
    columns |= {name: frame[name] for name in keep if name in frame.columns}
    return pd.DataFrame(columns, index=frame.index if len(frame.columns) else None)


def empty_table(name: str) -> pd.DataFrame:
    """Return a table of the schema without rows."""
    return typed_table(TABLES[name], [])


def row_fingerprints(rows: pd.DataFrame) -> pd.Series:
    """Return each row's content as one text: the same for the same values, missing ones too."""
    held = rows.select_dtypes(include="str")
    broken = [name for name in held if held[name].str.contains("\x1e", regex=False, na=False).any()]
    if broken:  # the separator of lines, written by hand
        rows = rows.assign(
            **{n: rows[n].str.replace("\x1e", "\x1d1e", regex=False) for n in broken}
        )
    lines = rows.to_csv(index=False, header=False, lineterminator="\x1e", quoting=csv.QUOTE_ALL)
    return pd.Series(lines.split("\x1e")[:-1], index=rows.index, dtype="object")


@lru_cache(maxsize=64)
def _without_rows(table: Table) -> pd.DataFrame:
    none = pd.DataFrame()
    return pd.DataFrame({column.name: _typed_column(none, column) for column in table.columns})


def _typed_column(frame: pd.DataFrame, column: Column) -> pd.Series:
    if column.name not in frame.columns:
        return pd.Series([None] * len(frame), index=frame.index).astype(_DTYPES[column.kind])
    values = frame[column.name]
    if column.kind == "date":
        return pd.to_datetime(values).astype(_DTYPES["date"])
    if column.kind == "number":
        return pd.to_numeric(values).astype("float64")
    if column.kind in ("text", "code"):
        if values.dtype == "str":
            return values  # not copied
        return values.astype("str").where(values.notna())
    return values.astype(_DTYPES[column.kind])
