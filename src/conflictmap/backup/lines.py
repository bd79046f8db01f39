"""Rows of the store as lines of text, the same from every engine, and back.

A line is a JSON list of a row's cells in the order of its table's columns: a missing cell is null
and so never an empty text, a number is written so that the same one is read, a day and an instant
(UTC, to the microsecond) in ISO 8601, bytes in base64.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from conflictmap.store.tables import WORKED_OUT, metadata

KINDS: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "boolean": sa.Boolean,
    "date": sa.Date,
    "instant": sa.DateTime,
    "number": sa.Float,
    "integer": sa.Integer,
    "bytes": sa.LargeBinary,
    "text": sa.Text,
}

_WRITTEN: dict[str, Callable[[Any], Any]] = {
    "number": lambda number: number + 0.0,  # SQLite knows no negative zero
    "date": dt.date.isoformat,
    "instant": lambda at: at.isoformat(timespec="microseconds"),
    "bytes": lambda content: base64.b64encode(content).decode("ascii"),
}
_READ: dict[str, Callable[[Any], Any]] = {
    "date": dt.date.fromisoformat,
    "instant": dt.datetime.fromisoformat,
    "bytes": lambda text: base64.b64decode(text, validate=True),
}
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class StoredTable:
    """A table as a backup knows it: its columns with their kinds, and the key that orders it."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Return the names of the columns."""
        return [name for name, _ in self.columns]

    def as_sql(self) -> sa.TableClause:
        """Return what a statement on the table is built of."""
        return sa.table(self.name, *(sa.column(name, KINDS[kind]()) for name, kind in self.columns))


def stored_tables() -> list[StoredTable]:
    """Return the tables of this program's schema; one that refers to another comes behind it.

    What is worked out from the others is not among them.
    """
    return [
        StoredTable(
            table.name,
            tuple((column.name, _kind(column)) for column in table.columns),
            tuple(table.primary_key.columns.keys()),
        )
        for table in metadata.sorted_tables
        if table.name not in WORKED_OUT
    ]


def header_line(table: StoredTable) -> bytes:
    """Return the first line of a table, which names its columns."""
    return _ENCODE(table.names).encode() + b"\n"


def lines_of(table: StoredTable, rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """Return rows as lines."""
    changed = _by_column(table, rows, _WRITTEN)
    return [_ENCODE(row).encode() + b"\n" for row in changed]


def rows_of(table: StoredTable, lines: Iterable[bytes]) -> list[tuple[Any, ...]]:
    """Return lines as rows.

    Raises
    ------
    ValueError
        If a line is no row of the table.
    """
    rows = json.loads(b"[%b]" % b",".join(lines))
    if any(not isinstance(row, list) or len(row) != len(table.columns) for row in rows):
        raise ValueError("a line has other cells than its table has columns")
    try:
        return list(_by_column(table, rows, _READ))
    except TypeError as error:
        raise ValueError("a cell is of another kind than its column") from error


def _by_column(
    table: StoredTable, rows: Sequence[Sequence[Any]], change: dict[str, Callable[[Any], Any]]
) -> Iterable[tuple[Any, ...]]:
    """Change the cells of the columns whose kind asks for it."""
    if not rows:
        return []
    columns: list[Any] = list(zip(*rows, strict=True))
    for number, (_, kind) in enumerate(table.columns):
        if kind in change:
            convert = change[kind]
            columns[number] = [None if cell is None else convert(cell) for cell in columns[number]]
    return zip(*columns, strict=True)


def _kind(column: sa.Column[Any]) -> str:
    return next(kind for kind, made in KINDS.items() if isinstance(column.type, made))
