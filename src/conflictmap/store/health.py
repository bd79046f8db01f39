"""Whether a store answers, for those who watch over the service: numbers only."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.store.engine import Store
from conflictmap.store.reading import read_rows
from conflictmap.store.tables import SCHEMA_VERSION, revisions, schema_versions, uploads


@dataclass(frozen=True)
class StoreHealth:
    """What a store says of itself."""

    revision: int
    uploads_published: int
    is_of_this_schema: bool
    """False where another version of the program has changed the tables meanwhile."""


def store_health(store: Store, *, viewer: Viewer) -> StoreHealth:
    """Ask the store, with one query, how it stands.

    Raises
    ------
    StoreError
        If it does not answer.
    """
    require(viewer, "read")
    latest = sa.select(sa.func.coalesce(sa.func.max(revisions.c.revision), 0))
    published = (
        sa.select(sa.func.count()).select_from(uploads).where(uploads.c.revision.is_not(None))
    )
    version = sa.select(sa.func.coalesce(sa.func.max(schema_versions.c.version), 0))
    query = sa.select(
        latest.scalar_subquery(), published.scalar_subquery(), version.scalar_subquery()
    )
    revision, number, schema = read_rows(store, query)[0]
    return StoreHealth(revision, number, schema == SCHEMA_VERSION)
