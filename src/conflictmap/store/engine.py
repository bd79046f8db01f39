"""Opening a store."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from conflictmap.errors import StoreError
from conflictmap.store.migrations import migrate, needs_migration, schema_version
from conflictmap.store.tables import SCHEMA_VERSION, metadata, schema_versions, store_kind

Kind = Literal["real", "synthetic"]
KINDS: tuple[Kind, ...] = ("real", "synthetic")

_WRONG_KIND = {
    "real": "This store is synthetic: it holds made-up incidents and takes nothing else. Give the"
    " address of a store of real data.",
    "synthetic": "This store is for real data: it takes no made-up incidents. Give the address of a"
    " new store, or of a synthetic one.",
}


@dataclass(frozen=True)
class Store:
    """An open store: one engine to read with, one to write with, and what it may hold."""

    url: str
    reader: sa.Engine
    writer: sa.Engine
    kind: Kind

    @property
    def is_synthetic(self) -> bool:
        """Return whether the store is for made-up rows, and for nothing else."""
        return self.kind == "synthetic"


def open_store(url: str, *, kind: Kind | None = None) -> Store:
    """Open a store, creating its tables where there are none.

    Parameters
    ----------
    url
        SQLAlchemy address. For SQLite the folder of the file is created.
    kind
        What the store has to be: "real" or "synthetic". A store keeps the kind that it was made
        with. By default any store is opened as what it is, and a new one is real.

    Raises
    ------
    StoreError
        If it cannot be opened, was written by another version of the schema, or is of another kind.
    """
    try:
        address = sa.make_url(url)
        if address.get_backend_name() == "sqlite":
            if not address.database or address.database == ":memory:":
                raise StoreError("A store in memory cannot be shared. Give a file's address.")
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            reader, writer = _sqlite(url, begin="BEGIN"), _sqlite(url, begin="BEGIN IMMEDIATE")
        else:
            reader = writer = sa.create_engine(url, pool_pre_ping=True)
        held = _prepare(reader, writer, kind or "real")
    except (sa.exc.SQLAlchemyError, OSError) as error:
        raise StoreError(
            "The store cannot be opened. Check CONFLICTMAP_STORE, that its folder can be written"
            f" and that the disk is not full ({type(error).__name__})."
        ) from error
    if kind and held != kind:
        raise StoreError(_WRONG_KIND[kind])
    return Store(url, reader, writer, held)


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


def _prepare(reader: sa.Engine, writer: sa.Engine, wanted: Kind) -> Kind:
    """Make the tables where there are none; return the kind of the store, decided then."""
    with reader.connect() as connection:
        is_made = sa.inspect(connection).has_table("schema_versions")
        if is_made and not needs_migration(schema_version(connection)):
            return _held_kind(connection)
    with writer.begin() as connection:
        if sa.inspect(connection).has_table("schema_versions"):
            migrate(connection)
        else:
            metadata.create_all(connection)
            now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
            connection.execute(
                schema_versions.insert().values(version=SCHEMA_VERSION, applied_at=now)
            )
            connection.execute(store_kind.insert().values(kind=wanted, decided_at=now))
        return _held_kind(connection)


def _held_kind(connection: sa.Connection) -> Kind:
    found = connection.scalars(sa.select(store_kind.c.kind)).all()
    for kind in KINDS:
        if found == [kind]:
            return kind
    raise StoreError(
        "The store does not say whether it is real or synthetic. Begin with a new one."
    )
