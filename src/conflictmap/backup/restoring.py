"""Filling an empty store from a backup: all of it or nothing, and the same as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.backup.archive import Manifest, backup_lines, check_backup
from conflictmap.backup.lines import StoredTable, rows_of
from conflictmap.backup.snapshot import Progress, hash_at, quiet, snapshot
from conflictmap.errors import StoreError
from conflictmap.store import Store, open_store
from conflictmap.store.bulk import insert_columns
from conflictmap.store.faults import write_fault
from conflictmap.store.migrations import migrate
from conflictmap.store.tables import SCHEMA_VERSION, WORKED_OUT, metadata

MADE_WITH_THE_STORE = ("schema_versions", "store_kind")
"""Tables that a new store has rows in."""


def restore_backup(path: Path, url: str, *, viewer: Viewer, progress: Progress = quiet) -> Manifest:
    """Fill the store of an address, which is empty or not there yet, from a backup.

    The backup is checked first, and the store compared with it last; the rows come in one
    transaction. One of an earlier version of the schema is brought to that of this program.

    Raises
    ------
    StoreError
        If the backup is damaged or of a newer program, the store holds anything, or it cannot be
        written. Nothing is then changed; one that was not there may be left, empty.
    """
    require(viewer, "administer")
    manifest = check_backup(path, progress=progress)
    if manifest.schema_version > SCHEMA_VERSION:
        raise StoreError(
            f"{path.name} has schema version {manifest.schema_version}, this program knows"
            f" {SCHEMA_VERSION}. Restore it with the program that made it, or a newer one."
        )
    store = open_store(url)
    try:
        if not is_empty(store):
            raise _not_empty()
        with _written(store) as connection:
            _fill(connection, path, manifest, progress)
    finally:
        store.reader.dispose()
        store.writer.dispose()
    return manifest


def is_empty(store: Store) -> bool:
    """Say whether a store holds nothing: no revision, no upload, nobody, no entry of the log."""
    with snapshot(store) as connection:
        return _is_empty(connection)


def _is_empty(connection: sa.Connection) -> bool:
    aside = {*MADE_WITH_THE_STORE, *WORKED_OUT}
    names = [name for name in metadata.tables if name not in aside]
    return not any(
        connection.scalar(sa.select(sa.exists().select_from(sa.table(name)))) for name in names
    )


def _not_empty() -> StoreError:
    return StoreError(
        "Nothing was restored: the store is not empty, and a backup only goes into an empty one."
        " Name a new store with --into, or take this one away first."
    )


@contextmanager
def _written(store: Store) -> Iterator[sa.Connection]:
    """Give a connection to write with, in one transaction; what fails is a `StoreError`."""
    try:
        with store.writer.begin() as connection:
            yield connection
    except (sa.exc.SQLAlchemyError, UnicodeError) as error:
        raise write_fault(error) from None


def _fill(connection: sa.Connection, path: Path, manifest: Manifest, progress: Progress) -> None:
    if not _is_empty(connection):  # others may have written before this transaction began
        raise _not_empty()
    tables = [kept.table for kept in manifest.tables]
    is_older = manifest.schema_version != SCHEMA_VERSION
    if is_older:
        _make_tables_of(connection, manifest.schema_version)
    _check_tables(connection, tables, path.name)
    for table in tables:
        if table.name in MADE_WITH_THE_STORE:
            connection.execute(sa.delete(table.as_sql()))
    # To sort all rows once, behind the last, takes less time than to find the place of each.
    indexes = [] if is_older else _drop_indexes(connection)
    done = 0
    for table in tables:
        for lines in backup_lines(path, table):
            try:
                rows = rows_of(table, lines)
            except ValueError as error:
                raise _unreadable(path.name, table.name) from error
            cells = zip(*rows, strict=True)
            columns = {name: list(column) for name, column in zip(table.names, cells, strict=True)}
            insert_columns(connection, table.as_sql(), columns)
            done += len(rows)
            progress(f"restoring {table.name}", done, manifest.rows)
    for index in indexes:
        index.create(connection)
    _set_sequences(connection, tables)
    progress("comparing", done, manifest.rows)
    if hash_at(connection, tables) != manifest.store_hash:
        raise StoreError(
            "Nothing was restored: the store did not keep the rows as they are in the backup."
        )
    if is_older:
        migrate(connection)


def _make_tables_of(connection: sa.Connection, version: int) -> None:
    """Make the empty tables anew, as an earlier version of the schema had them."""
    metadata.drop_all(connection)
    connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
    migrate(connection, to=version)


def _check_tables(connection: sa.Connection, tables: Sequence[StoredTable], label: str) -> None:
    """Refuse a backup whose tables or columns are not those of the store."""
    inspector = sa.inspect(connection)
    for table in tables:
        there = inspector.has_table(table.name) and {
            column["name"] for column in inspector.get_columns(table.name)
        }
        if there != set(table.names) or not set(table.key) <= set(table.names):
            raise _unreadable(label, table.name)


def _drop_indexes(connection: sa.Connection) -> list[sa.Index]:
    """Drop the indexes of all tables; return them."""
    dropped = [
        index
        for table in metadata.sorted_tables
        for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    for index in dropped:
        index.drop(connection)
    return dropped


def _set_sequences(connection: sa.Connection, tables: Sequence[StoredTable]) -> None:
    """Let the next row of each table have a number above those that are there."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        key = table.key[0]
        find = sa.func.pg_get_serial_sequence(table.name, key)
        sequence = connection.scalar(sa.select(find))
        highest = connection.scalar(sa.select(sa.func.max(table.as_sql().c[key])))
        if sequence and highest is not None:
            connection.execute(sa.select(sa.func.setval(sequence, highest)))


def _unreadable(label: str, table: str) -> StoreError:
    return StoreError(
        f"Nothing was restored: {label} holds a table '{table}' that this program cannot read."
    )
