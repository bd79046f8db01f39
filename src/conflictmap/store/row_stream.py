"""Reading some columns of all incidents, lot after lot: for figures on stores of millions of them.

A lot is a range of incident ids, in which each table is asked for its rows. Nothing but the lot is
in memory, no transaction stays open between two lots, and a revision is the same in all of them,
whatever is published meanwhile. The cells go from the driver into Arrow's columns: to make a row
of each, as SQLAlchemy does, would take several times as long.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.errors import AccessError
from conflictmap.schema import TABLES, Table
from conflictmap.store.engine import Store
from conflictmap.store.protection import OF_PLACES, coarser_places, unprotected_incidents
from conflictmap.store.reading import (
    check_revision,
    held_at,
    latest_revision,
    reading,
    restrictions_in_force,
)
from conflictmap.store.redaction import without_private_words
from conflictmap.store.tables import INCIDENT_COLUMNS, LAST_TEXT, PLACES_OF_INCIDENTS, STORED

# So few that the collector of garbage is not called on them: it would take as long as the reading.
ROWS_AT_ONCE: Final = 400

_KINDS: Final[dict[str, pa.DataType]] = {
    "text": pa.large_string(),
    "code": pa.large_string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.timestamp("s"),
}
_PANDAS: Final[dict[pa.DataType, Any]] = {
    pa.large_string(): pd.StringDtype(na_value=np.nan),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}

Columns = Mapping[str, Sequence[str]]


def stream_rows(
    store: Store,
    columns: Columns,
    *,
    viewer: Viewer,
    revision: int,
    incidents_at_once: int = 100_000,
) -> Iterator[dict[str, pd.DataFrame]]:
    """Yield some columns of all incidents held at a revision, a lot of incidents after the other.

    Parameters
    ----------
    columns
        Of each table that is wanted, the columns. Only tables with rows of incidents: those with a
        column ``incident_id``, and place_candidates, of which the places of incidents are read.
    incidents_at_once
        How many incidents a lot has; the last one may have fewer.

    Returns
    -------
    Iterator of dict of DataFrame
        The incidents in the order of their ids (by the characters' numbers), and in each lot the
        rows of its incidents, ordered by incident, then by key. The columns have the types of
        `frames.typed_table` and the order of the schema, and with them is always the one that
        names the incident (of place_candidates ``subject_id``). A row of a table whose incident is
        not held is left out. Nothing is yielded where there is no incident.

    Raises
    ------
    AccessError
        If the viewer is of coarse sight and something is restricted, be it meanwhile: what is left
        then is told from all rows together, see `load_tables`.
    QueryError
        If there is no such revision.
    ValueError
        If a table or column is none of those.
    """
    require(viewer, "read")
    check_revision(revision, latest_revision(store, viewer=viewer))
    asked = {name: _in_order(name, chosen) for name, chosen in columns.items()}
    _check_sight(store, viewer)
    return _lots(store, asked, viewer, revision, incidents_at_once)


def _in_order(name: str, chosen: Sequence[str]) -> list[str]:
    """Return the columns to read of a table, in the schema's order."""
    if name not in INCIDENT_COLUMNS or not set(chosen) <= set(TABLES[name].column_names):
        raise ValueError(f"{name} has no rows of incidents, or not all of: {', '.join(chosen)}")
    wanted = {*chosen, INCIDENT_COLUMNS[name]}
    return [column for column in TABLES[name].column_names if column in wanted]


def _check_sight(store: Store, viewer: Viewer) -> None:
    if viewer.sight != "full" and restrictions_in_force(store):
        raise AccessError(
            "Something is restricted, so rows are not given in lots to those who may not see all."
        )


def _lots(
    store: Store,
    asked: Mapping[str, list[str]],
    viewer: Viewer,
    revision: int,
    incidents_at_once: int,
) -> Iterator[dict[str, pd.DataFrame]]:
    is_coarse = viewer.sight != "full"
    read = {name: list(chosen) for name, chosen in asked.items()}
    has_places = is_coarse and not set(OF_PLACES["incident_places"]).isdisjoint(
        read.get("incident_places", ())
    )
    if has_places:
        for name, needed in OF_PLACES.items():
            read[name] = _in_order(name, [*read.get(name, []), *needed])
    after = None
    while True:
        _check_sight(store, viewer)
        with reading(store, is_long=True) as connection:
            named = read.get("incidents", ["incident_id"])
            of_lot = _Range("incidents", revision, after, LAST_TEXT)
            incidents = _read(connection, of_lot, named, limit=incidents_at_once)
            ids = incidents.column("incident_id")
            if not len(ids):
                return
            last = ids[-1].as_py()
            tables = {"incidents": incidents}
            for name, chosen in read.items():
                if name != "incidents":
                    found = _read(connection, _Range(name, revision, after, last), chosen)
                    tables[name] = _of_incidents(found, INCIDENT_COLUMNS[name], ids)
        lot = {
            name: table.to_pandas(types_mapper=_PANDAS.get, split_blocks=True)
            for name, table in tables.items()
        }
        if has_places:
            places = coarser_places(lot["incident_places"], unprotected_incidents(lot))
            lot["incident_places"] = places
        lot = {name: lot[name][chosen] for name, chosen in asked.items()}
        if is_coarse:
            lot = {name: _worded(TABLES[name], rows) for name, rows in lot.items()}
        yield lot
        if len(ids) < incidents_at_once:
            return
        after = last


def _worded(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    held = tuple(column for column in table.columns if column.name in rows)
    return without_private_words(dataclasses.replace(table, columns=held), rows)


def _of_incidents(rows: pa.Table, name: str, ids: pa.ChunkedArray) -> pa.Table:
    """Return the rows of these incidents: the others are of incidents that are not held."""
    is_one = pc.is_in(rows.column(name), value_set=ids)
    return rows if pc.all(is_one).as_py() is not False else rows.filter(is_one)


# --- one question


@dataclasses.dataclass(frozen=True)
class _Range:
    """Rows of a table at a revision whose incident is behind one id, up to another."""

    table: str
    revision: int
    after: str | None  # None: from the first
    last: str

    def query(self, chosen: Sequence[str]) -> sa.Select:
        stored, key = STORED[self.table], TABLES[self.table].key
        named = stored.c[INCIDENT_COLUMNS[self.table]]
        # Bounded on both sides: an index is then sure to be used.
        begin = named >= "" if self.after is None else named > self.after
        query = sa.select(*(stored.c[name] for name in chosen)).where(
            held_at(stored, self.revision), begin, named <= self.last
        )
        if self.table == "place_candidates":
            query = query.where(stored.c.subject_table == PLACES_OF_INCIDENTS)
        return query.order_by(named, *(stored.c[name] for name in key))


def _read(
    connection: sa.Connection, rows: _Range, chosen: Sequence[str], limit: int | None = None
) -> pa.Table:
    """Return the chosen columns of rows, in Arrow's types."""
    compiled = rows.query(chosen).limit(limit).compile(dialect=connection.dialect)
    kinds = {column.name: column.kind for column in TABLES[rows.table].columns}
    schema = pa.schema([(name, _KINDS[kinds[name]]) for name in chosen])
    read = _copied if connection.dialect.name == "postgresql" else _fetched
    return read(connection, compiled, schema)


def _fetched(connection: sa.Connection, compiled: sa.Compiled, schema: pa.Schema) -> pa.Table:
    """Read rows from SQLite, where a day is a text and a yes a number."""
    driver = connection.connection.driver_connection
    assert driver is not None
    values = compiled.params
    names = getattr(compiled, "positiontup", None) or ()
    stored = pa.schema([(field.name, _as_stored(field.type)) for field in schema])
    batches = []
    try:
        cursor = driver.execute(str(compiled), [values[name] for name in names])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            cells = zip(*rows, strict=True)
            arrays = [pa.array(of, kind) for of, kind in zip(cells, stored.types, strict=True)]
            batches.append(pa.record_batch(arrays, schema=stored))
    except _driver_errors(connection) as error:
        raise _told(connection, error) from None
    return pa.Table.from_batches(batches, stored).combine_chunks().cast(schema)


def _as_stored(kind: pa.DataType) -> pa.DataType:
    if kind == _KINDS["date"]:
        return pa.string()
    return pa.int64() if kind == _KINDS["boolean"] else kind


def _copied(connection: sa.Connection, compiled: sa.Compiled, schema: pa.Schema) -> pa.Table:
    """Read rows from PostgreSQL by COPY: it sends text, which Arrow takes apart."""
    driver = connection.connection.driver_connection
    assert driver is not None
    received = io.BytesIO()
    try:
        with driver.cursor() as cursor:
            cursor.execute("SET LOCAL extra_float_digits = 1")
            cursor.execute("SET LOCAL datestyle = ISO")
            statement = f"COPY ({compiled}) TO STDOUT (FORMAT csv)"
            with cursor.copy(statement, compiled.params) as copy:
                for part in copy:
                    received.write(part)
    except _driver_errors(connection) as error:
        raise _told(connection, error) from None
    size = received.tell()
    if not size:
        return schema.empty_table()
    received.seek(0)
    return pa.csv.read_csv(
        received,
        pa.csv.ReadOptions(use_threads=False, block_size=size, column_names=schema.names),
        pa.csv.ParseOptions(newlines_in_values=True),
        pa.csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    ).combine_chunks()


def _driver_errors(connection: sa.Connection) -> type[Exception]:
    """Return the class of all errors of the driver."""
    found: type[Exception] = connection.dialect.loaded_dbapi.Error
    return found


def _told(connection: sa.Connection, error: Exception) -> Exception:
    """Return an error of the driver as SQLAlchemy tells those of its own statements."""
    return sa.exc.DBAPIError.instance(
        None,
        None,
        error,
        _driver_errors(connection),
        hide_parameters=True,
        dialect=connection.dialect,
    )
