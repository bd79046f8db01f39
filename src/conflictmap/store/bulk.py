"""Rows on their way into the store, as many as there are.

SQLite's driver is given rows as they are; PostgreSQL is sent them by COPY. To make a record of each
row, and a row of each record again, would take longer than the insert itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from pandas.api.types import is_datetime64_any_dtype

from conflictmap.errors import StoreError

ROWS_AT_ONCE = 20_000  # in memory on their way into the store


def insert_rows(
    connection: sa.Connection, stored: sa.Table, rows: pd.DataFrame, **shared: object
) -> None:
    """Insert rows, with cells that all of them share. A column without a cell is left out.

    Raises
    ------
    StoreError
        If a text holds a NUL character: no file that was read does, and PostgreSQL takes none.
    """
    names = [name for name in rows if rows[name].notna().any()]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows.iloc[start : start + ROWS_AT_ONCE]
        columns = {name: _cells(part[name]) for name in names}
        for name, cells in columns.items():
            if _holds_nul(cells, stored.c[name].type):
                raise StoreError(
                    f"Nothing was written: {stored.name}, {name}: a text holds a NUL character."
                    " Delete it, then try again."
                )
        columns |= {name: [value] * len(part) for name, value in shared.items()}
        insert_columns(connection, stored, columns)


def insert_columns(
    connection: sa.Connection, stored: sa.TableClause, columns: Mapping[str, list[Any]]
) -> None:
    """Insert rows that are given as columns of plain cells, one as long as the other."""
    if connection.dialect.name == "postgresql":
        _copy(connection, stored, columns)
    else:
        _execute_many(connection, stored, columns)


def plain(value: Any) -> Any:
    """Return a cell as the driver takes it: missing as None, a date as a date."""
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return value.item() if hasattr(value, "item") else value


def _cells(column: pd.Series) -> list[Any]:
    """Return a column's cells: missing as None, a date as a date; equal dates are one object."""
    if not is_datetime64_any_dtype(column):
        return column.to_numpy(dtype=object, na_value=None).tolist()
    codes, values = pd.factorize(column)
    return np.array([*(plain(value) for value in values), None], dtype=object)[codes].tolist()


def _holds_nul(cells: list[Any], kind: sa.types.TypeEngine[Any]) -> bool:
    # One long text is searched faster than each cell.
    return isinstance(kind, sa.Text) and "\x00" in "".join(filter(None, cells))


def _execute_many(
    connection: sa.Connection, stored: sa.TableClause, columns: Mapping[str, list[Any]]
) -> None:
    dialect = connection.dialect
    statement = stored.insert().compile(dialect=dialect, column_keys=list(columns))
    cells = [
        _bound(columns[name], stored.c[name].type, dialect) for name in statement.positiontup or ()
    ]
    connection.exec_driver_sql(str(statement), list(zip(*cells, strict=True)))


def _bound(cells: list[Any], kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> list[Any]:
    """Return cells as the driver takes them."""
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return cells
    known = {cell: process(cell) for cell in set(cells)}
    return [known[cell] for cell in cells]


def _copy(
    connection: sa.Connection, stored: sa.TableClause, columns: Mapping[str, list[Any]]
) -> None:
    """Send rows by COPY; the numbers of the rows come from the table's sequence."""
    import psycopg  # not needed, and not loaded, where the store is a file

    driver = connection.connection.driver_connection
    assert driver is not None
    names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, columns))
    statement = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(
        psycopg.sql.Identifier(stored.name), names
    )
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in zip(*columns.values(), strict=True):
                copy.write_row(row)
    except psycopg.Error as error:  # as SQLAlchemy tells errors of its own statements
        raise sa.exc.DBAPIError.instance(
            None, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from None
