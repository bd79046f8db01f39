"""One state of a store, read while others write, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.backup.lines import StoredTable, header_line, lines_of, stored_tables
from conflictmap.errors import StoreError
from conflictmap.store import Store, open_store
from conflictmap.store.faults import open_fault, read_fault
from conflictmap.store.migrations import schema_version

BACKUP_ACTION = "backup"  # of an entry in the audit log
ROWS_AT_ONCE = 2_000  # in memory on their way out of the store

Progress = Callable[[str, int, int], None]
"""Told the table at work, the rows done so far and how many there are in all."""


def quiet(table: str, done: int, rows: int) -> None:
    """Tell nobody how far the work is."""


def open_made_store(url: str) -> Store:
    """Open a store that is there; never make one.

    Raises
    ------
    StoreError
        If there is none at the address, or it cannot be opened.
    """
    if not is_made(url):
        raise StoreError(
            "There is no store at this address. Check CONFLICTMAP_STORE, or make the store with"
            " `conflictmap init`."
        )
    return open_store(url)


def is_made(url: str) -> bool:
    """Say whether there is a store at an address, without making one.

    Raises
    ------
    StoreError
        If the address cannot be reached.
    """
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        return False
    with _looked_at(address) as connection:
        return sa.inspect(connection).has_table("schema_versions")


def made_version(url: str) -> int:
    """Return the schema version of the store at an address, as it is.

    Raises
    ------
    StoreError
        If there is none, or it cannot be read.
    """
    with _looked_at(sa.make_url(url)) as connection:
        return schema_version(connection)


@contextmanager
def _looked_at(address: sa.URL) -> Iterator[sa.Connection]:
    """Give a connection to an address that need not hold a store."""
    try:
        engine = sa.create_engine(_with_driver(address), hide_parameters=True)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()
    except (sa.exc.SQLAlchemyError, OSError) as error:
        raise open_fault(error) from None


@contextmanager
def snapshot(store: Store) -> Iterator[sa.Connection]:
    """Give a connection that sees one state of the store, however long it reads.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    try:
        with store.reader.connect() as connection:
            if connection.dialect.name == "postgresql":
                # All of a large store takes longer than a page may wait.
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            yield connection
    except sa.exc.SQLAlchemyError as error:
        raise read_fault(error) from None


def read_lines(connection: sa.Connection, table: StoredTable) -> Iterator[list[bytes]]:
    """Yield the rows of a table as lines, some at a time, ordered by key."""
    is_large = any(kind == "bytes" for _, kind in table.columns)
    stored = table.as_sql()
    query = sa.select(*stored.c).order_by(*(stored.c[name] for name in table.key))
    at_once = 1 if is_large else ROWS_AT_ONCE
    options = {"stream_results": True, "yield_per": at_once}
    found = connection.execute(query, execution_options=options)
    for rows in found.partitions(at_once):
        yield lines_of(table, rows)


def count_rows(connection: sa.Connection, tables: Iterable[StoredTable]) -> dict[str, int]:
    """Return how many rows each table has."""
    count = sa.select(sa.func.count())
    return {
        table.name: int(connection.scalar(count.select_from(table.as_sql())) or 0)
        for table in tables
    }


def store_hash(store: Store, *, viewer: Viewer) -> str:
    """Return the fingerprint of all that a store holds: two stores of one hash hold the same.

    It is the same on every engine. Entries of the audit log that tell of a backup are left out: a
    backup changes nothing that is in it.
    """
    require(viewer, "administer")
    with snapshot(store) as connection:
        return hash_at(connection, stored_tables())


def hash_at(connection: sa.Connection, tables: Iterable[StoredTable]) -> str:
    """Return the fingerprint of the state that a connection sees."""
    fingerprints = {}
    for table in tables:
        digest = TableDigest(table)
        for lines in read_lines(connection, table):
            digest.add(lines)
        fingerprints[table.name] = digest.content
    return whole_hash(fingerprints)


def whole_hash(fingerprints: Mapping[str, str]) -> str:
    """Return the fingerprint of a store from those of its tables."""
    named = "".join(f"{name} {fingerprints[name]}\n" for name in sorted(fingerprints))
    return hashlib.sha256(named.encode()).hexdigest()


class TableDigest:
    """Two SHA-256 of a table: of all its lines, and of those that count as content."""

    def __init__(self, table: StoredTable) -> None:
        first = header_line(table)
        self._all, self._content = hashlib.sha256(first), hashlib.sha256(first)
        # The record of a backup is about the store, not in it.
        self._action = table.names.index("action") if table.name == "audit" else None

    def add(self, lines: Iterable[bytes]) -> None:
        """Take in lines, in their order."""
        lines = list(lines)
        self._all.update(b"".join(lines))
        if self._action is not None:
            lines = [line for line in lines if json.loads(line)[self._action] != BACKUP_ACTION]
        self._content.update(b"".join(lines))

    @property
    def sha256(self) -> str:
        """Return the hash of all lines."""
        return self._all.hexdigest()

    @property
    def content(self) -> str:
        """Return the hash of what counts for `store_hash`."""
        return self._content.hexdigest()


def _with_driver(address: sa.URL) -> sa.URL:
    """Return the address with the driver that we have."""
    is_bare = address.drivername in ("postgresql", "postgres")
    return address.set(drivername="postgresql+psycopg") if is_bare else address
