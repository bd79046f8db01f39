"""Opening a store: SQLite in a file, or PostgreSQL on a server.

Both are used alike. A reader sees what is published and nothing half done; writers come one after
the other, so that what a change was decided on still holds when it is written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from conflictmap.errors import StoreError
from conflictmap.store.faults import open_fault
from conflictmap.store.migrations import migrate, needs_migration, schema_version
from conflictmap.store.tables import SCHEMA_VERSION, metadata, schema_versions, store_kind

Kind = Literal["real", "synthetic"]
KINDS: tuple[Kind, ...] = ("real", "synthetic")

BUSY_SECONDS = 30  # how long a writer waits for another one
READ_SECONDS = 30  # how long PostgreSQL works on one question of a reader
CONNECT_SECONDS = 10
IDLE_SECONDS = 900  # how long a writer may say nothing in the middle of a change
OLDEST_POSTGRESQL = 15

_WRITERS_LOCK = 0x0AF6_2014  # of PostgreSQL's advisory locks, in the database of the store
_POOL = {"pool_size": 5, "max_overflow": 10, "pool_timeout": BUSY_SECONDS}

_WRONG_KIND = {
    "real": "This store is synthetic: it holds made-up incidents and takes nothing else. Give the"
    " address of a store of real data.",
    "synthetic": "This store is for real data: it takes no made-up incidents. Give the address of a"
    " new store, or of a synthetic one.",
}


@dataclass(frozen=True)
class Store:
    """An open store: one engine to read with, one to write with, and what it may hold."""

    url: str = field(repr=False)  # with its password
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
        SQLAlchemy address. For SQLite the folder of the file is created. For PostgreSQL the
        database has to be there: ``postgresql://user:password@host/database``.
    kind
        What the store has to be: "real" or "synthetic". A store keeps the kind that it was made
        with. By default any store is opened as what it is, and a new one is real.

    Raises
    ------
    StoreError
        If it cannot be opened, was written by another version of the schema, or is of another kind.
    """
    try:
        reader, writer = engines_of(url)
        held = _prepare(reader, writer, kind or "real")
    except (sa.exc.SQLAlchemyError, OSError) as error:
        raise open_fault(error) from None
    if kind and held != kind:
        raise StoreError(_WRONG_KIND[kind])
    return Store(url, reader, writer, held)


def engines_of(url: str) -> tuple[sa.Engine, sa.Engine]:
    """Return the engine to read with and the one to write with; nothing is opened yet."""
    address = sa.make_url(url)
    name = address.get_backend_name()
    if name == "sqlite":
        if not address.database or address.database == ":memory:":
            raise StoreError("A store in memory cannot be shared. Give a file's address.")
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        return _sqlite(address, begin="BEGIN"), _sqlite(address, begin="BEGIN IMMEDIATE")
    if name in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
        return _postgresql_reader(address), _postgresql_writer(address)
    raise StoreError(
        "The store cannot be opened: CONFLICTMAP_STORE has to begin with sqlite:/// or"
        " postgresql://."
    )


def _sqlite(address: sa.URL, *, begin: str) -> sa.Engine:
    engine = sa.create_engine(address, hide_parameters=True, **_POOL)

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        # The driver would open a transaction only at the first change, after the reads that the
        # change rests on: concurrent updates are then lost without an error. We open it ourselves.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={int(BUSY_SECONDS * 1000)}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql_reader(address: sa.URL) -> sa.Engine:
    """Return an engine whose transactions change nothing and see one state of the store."""
    return _postgresql(
        address,
        {"statement_timeout": READ_SECONDS * 1000},
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )


def _postgresql_writer(address: sa.URL) -> sa.Engine:
    """Return an engine whose transactions wait for each other, as BEGIN IMMEDIATE does.

    Each statement sees what was committed before it: the first one waits for the lock, so all that
    follow see what the writer before has done.
    """
    engine = _postgresql(
        address,
        {
            "lock_timeout": BUSY_SECONDS * 1000,
            # A writer that is gone without a word must not keep all others out.
            "idle_in_transaction_session_timeout": IDLE_SECONDS * 1000,
            "tcp_keepalives_idle": 60,
            "tcp_keepalives_interval": 15,
            "tcp_keepalives_count": 4,
        },
        isolation_level="READ COMMITTED",
    )

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")

    return engine


def _postgresql(address: sa.URL, parameters: Mapping[str, float], **more: Any) -> sa.Engine:
    """Return an engine on a server, each of whose sessions has these of the server's parameters."""
    given = address.query.get("options", "")
    options = " ".join(f"-c {name}={int(value)}" for name, value in parameters.items())
    return sa.create_engine(
        address.difference_update_query(["options"]),
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "conflictmap",
            "client_encoding": "utf8",
            "options": f"{given} {options}".strip(),
        },
        pool_pre_ping=True,  # a server that was started again is found again
        hide_parameters=True,
        **_POOL,
        **more,
    )


def _prepare(reader: sa.Engine, writer: sa.Engine, wanted: Kind) -> Kind:
    """Make the tables where there are none; return the kind of the store, decided then."""
    with reader.connect() as connection:
        _check_server(connection)
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


def _check_server(connection: sa.Connection) -> None:
    """Refuse a PostgreSQL that is too old, or a database that holds no Unicode."""
    if connection.dialect.name != "postgresql":
        return
    version = int((connection.dialect.server_version_info or (0,))[0])
    if version < OLDEST_POSTGRESQL:
        raise StoreError(
            f"The store is on PostgreSQL {version}, and needs {OLDEST_POSTGRESQL} or newer."
        )
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreError(
            f"The database of the store is in {encoding}, and has to be in UTF8. Make it with"
            " CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0."
        )


def _held_kind(connection: sa.Connection) -> Kind:
    found = connection.scalars(sa.select(store_kind.c.kind)).all()
    for kind in KINDS:
        if found == [kind]:
            return kind
    raise StoreError(
        "The store does not say whether it is real or synthetic. Begin with a new one."
    )
