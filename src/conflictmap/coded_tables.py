"""Rows of the schema's tables as text: read strictly, cell by cell, and written back the same.

The text of a cell is that of the CSVs in ``data/``: a date is YYYY-MM-DD, a yes or no is "yes" or
"no", and an empty cell was not stated.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from conflictmap.errors import IncidentFileError, Problem
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES, Column, Table

MOST_CHARACTERS = 10_000  # of a cell
_DEGREES = {"latitude": 90.0, "longitude": 180.0}
_SHOWN_CHARACTERS = 80


def read_table(path: Path, table: Table) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a table's CSV; return its rows, typed, and every problem of them.

    Raises
    ------
    IncidentFileError
        If the file is missing, or its header is not the schema's.
    """
    if not path.is_file():
        raise IncidentFileError(f"{path.name} is missing. Put it back into the data folder.")
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    if not lines or lines[0] != table.stated_columns:
        raise IncidentFileError(
            f"{path.name}: the header is not the schema's. Write {','.join(table.stated_columns)}."
        )
    problems: list[Problem] = []
    records: list[dict[str, object]] = []
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) != len(lines[0]):
            what = f"{len(cells)} cells, expected {len(lines[0])}."
            problems.append(Problem(path.name, number, "", "", what, "Quote cells with commas."))
            continue
        named = dict(zip(lines[0], cells, strict=True))
        record, found = parse_record(table, named, file=path.name, row=number)
        records.append(record)
        problems += found
    frame = typed_table(table, records)
    for index in frame.index[frame.duplicated(list(table.key))]:
        value = " / ".join(str(frame.at[index, key]) for key in table.key)
        what, mend = f"'{value}' is already used above.", "Give one a new id, or delete it."
        problems.append(Problem(path.name, index + 2, table.key[0], value, what, mend))
    return frame, problems


def parse_record(
    table: Table, cells: Mapping[str, str], *, file: str, row: int
) -> tuple[dict[str, object], list[Problem]]:
    """Return the values of one row and the problems of all its cells.

    Parameters
    ----------
    cells
        The text of each column of ``table.stated_columns``; an absent one is empty.
    """
    record: dict[str, object] = {}
    problems = []
    for column in table.columns:
        if column.is_computed:
            continue
        cell = cells.get(column.name, "")
        try:
            record[column.name] = parse_cell(column, cell)
        except ValueError as error:
            what, mend = error.args
            problems.append(Problem(file, row, column.name, cell, what, mend))
    return record, problems


def parse_cell(column: Column, cell: str) -> object:
    """Return a cell's value; raises ValueError(what, mend)."""
    if cell == "":
        if column.required:
            raise ValueError("is empty.", "Every row needs it.")
        return None
    match column.kind:
        case "code":
            if cell not in column.allowed:
                raise ValueError(
                    f"{_quoted(cell)} is not one of the allowed values.",
                    f"Write one of: {', '.join(column.allowed)}.",
                )
            return cell
        case "date":
            return _date(cell)
        case "integer" | "number":
            return _number(column, cell)
        case "boolean":
            if cell not in ("yes", "no"):
                raise ValueError(f"{_quoted(cell)} is neither yes nor no.", "Write yes or no.")
            return cell == "yes"
        case _:
            if "\x00" in cell:
                raise ValueError("holds a NUL character.", "Delete it.")
            if len(cell) > MOST_CHARACTERS:
                what = f"has {len(cell):,} characters; {MOST_CHARACTERS:,} are allowed."
                raise ValueError(what, "Shorten it.")
            return cell


def rows_as_text(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the stated columns of rows as their CSV has them; missing is the empty text."""
    kinds = {column.name: column.kind for column in table.columns}
    return pd.DataFrame(
        {
            name: [_cell_text(kinds[name], value) for value in rows[name]]
            for name in table.stated_columns
        },
        index=rows.index,
        columns=table.stated_columns,
        dtype="object",
    )


def broken_references(
    name: str, rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[Any, Column, str]]:
    """Find values of a table's rows that name no row of the table they refer to.

    Yields
    ------
    tuple
        The row's label in the index, the column, the value.
    """
    for column in TABLES[name].columns:
        if not column.refers_to:
            continue
        target, target_column = column.refers_to.split(".")
        values = rows[column.name].dropna()
        for index, value in values[~values.isin(tables[target][target_column])].items():
            yield index, column, value


def _date(cell: str) -> dt.date:
    try:
        # Python also takes "20260228" and weeks, which a person may have meant otherwise.
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
            return dt.date.fromisoformat(cell)
    except ValueError:
        pass
    raise ValueError(
        f"{_quoted(cell)} is not a calendar date.",
        "Write it as YYYY-MM-DD, for example 2026-02-28.",
    )


def _number(column: Column, cell: str) -> int | float:
    """Return a number; Python's own reading would take "1_000", " 5" and "nan" too."""
    shape = r"-?[0-9]{1,9}" if column.kind == "integer" else r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]{1,3})?"
    if not re.fullmatch(shape, cell) or not math.isfinite(float(cell)):
        raise ValueError(f"{_quoted(cell)} is no {column.kind}.", "Write digits only.")
    if column.kind == "integer":
        return int(cell)
    limit = _DEGREES.get(column.name, math.inf)
    if abs(float(cell)) > limit:
        raise ValueError(f"{_quoted(cell)} is no {column.name}.", f"It is at most {limit:.0f}.")
    return float(cell)


def _quoted(cell: str) -> str:
    """Return a cell as a message quotes it: on one line, cut to 80 characters."""
    kept = "".join(sign if sign.isprintable() else " " for sign in cell[: _SHOWN_CHARACTERS + 1])
    return f"'{kept}'" if len(cell) <= _SHOWN_CHARACTERS else f"'{kept[: _SHOWN_CHARACTERS - 1]}…'"


def _cell_text(kind: str, value: Any) -> str:
    if pd.isna(value):
        return ""
    match kind:
        case "boolean":
            return "yes" if value else "no"
        case "date":
            return value.date().isoformat()
        case "number":
            return repr(float(value))
        case _:
            return str(value)
