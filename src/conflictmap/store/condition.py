"""How a store is: what an administrator asks first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.store.engine import Store
from conflictmap.store.reading import read_rows
from conflictmap.store.tables import SCHEMA_VERSION, audit, revisions

_ENGINE_WORDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class StoreCondition:
    """The condition of a store; never its address, which may hold a password."""

    engine: str
    schema_version: int
    revision: int
    published_at: dt.datetime | None  # UTC, of the latest revision
    size_bytes: int | None  # None: not known
    last_backup_at: dt.datetime | None  # UTC; None: none recorded


def store_condition(store: Store, *, viewer: Viewer) -> StoreCondition:
    """Return how the store is, to those who may administer it."""
    require(viewer, "administer")
    latest = sa.select(revisions.c.revision, revisions.c.published_at)
    newest = read_rows(store, latest.order_by(revisions.c.revision.desc()).limit(1))
    backup = read_rows(store, sa.select(sa.func.max(audit.c.at)).where(audit.c.action == "backup"))
    kind = store.reader.dialect.name
    return StoreCondition(
        engine=_ENGINE_WORDS.get(kind, kind),
        schema_version=SCHEMA_VERSION,  # a store of another version is not opened
        revision=newest[0][0] if newest else 0,
        published_at=newest[0][1] if newest else None,
        size_bytes=_size(store),
        last_backup_at=backup[0][0],
    )


def _size(store: Store) -> int | None:
    """Return the bytes that the store takes on its disk."""
    if store.reader.dialect.name == "postgresql":
        query = sa.select(sa.func.pg_database_size(sa.func.current_database()))
        return int(read_rows(store, query)[0][0])
    path = store.reader.url.database
    if not path:
        return None
    files = [Path(path), Path(f"{path}-wal")]
    return sum(file.stat().st_size for file in files if file.is_file())
