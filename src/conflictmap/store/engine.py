"""Opening a store."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conflictmap.errors import StoreError
from conflictmap.store.tables import SCHEMA_VERSION, metadata, schema_versions


@dataclass(frozen=True)
class Store:
    """An open store: one engine to read with, one to write with."""

    url: str
    reader: sa.Engine
    writer: sa.Engine


def open_store(url: str) -> Store:
    """Open a store, creating its tables where there are none.

    Parameters
    ----------
    url
        SQLAlchemy address. For SQLite the folder of the file is created.

    Raises
    ------
    StoreError
        If it cannot be opened, or was written by another version of the schema.
    """
    try:
        address = sa.make_url(url)
        if address.get_backend_name() == "sqlite":
            if not address.database or address.database == ":memory:":
                raise StoreError("A store in memory cannot be shared. Give a file's address.")
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            store = Store(url, _sqlite(url, begin="BEGIN"), _sqlite(url, begin="BEGIN IMMEDIATE"))
        else:
            engine = sa.create_engine(url, pool_pre_ping=True)
            store = Store(url, engine, engine)
        _prepare(store)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        raise StoreError(
            "The store cannot be opened. Check CONFLICTMAP_STORE, that its folder can be written"
            f" and that the disk is not full ({type(error).__name__})."
        ) from error
    return store


def _sqlite(url: str, *, begin: str) -> sa.Engine:
    engine = sa.create_engine(url)

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        # The driver would open a transaction only at the first change, after the reads that the
        # change rests on: concurrent updates are then lost without an error. We open it ourselves.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "busy_timeout=30000",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _prepare(store: Store) -> None:
    with store.reader.connect() as connection:
        if sa.inspect(connection).has_table("schema_versions"):
            _check_version(connection)
            return
    with store.writer.begin() as connection:
        if not sa.inspect(connection).has_table("schema_versions"):
            metadata.create_all(connection)
            now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
            connection.execute(
                schema_versions.insert().values(version=SCHEMA_VERSION, applied_at=now)
            )


def _check_version(connection: sa.Connection) -> None:
    version = connection.scalar(sa.select(sa.func.max(schema_versions.c.version)))
    if version != SCHEMA_VERSION:
        raise StoreError(
            f"The store has schema version {version}, this program needs {SCHEMA_VERSION}."
            " Start the program that wrote it, or begin with a new store."
        )
