"""Reading the store: always at a revision, always for a viewer."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.errors import QueryError, StoreError
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.store.engine import Store
from conflictmap.store.tables import STORED, audit, revisions

_REVISION_COLUMNS = ["revision", "published_at", "published_by", "kind", "note"]
_POINT_COLUMNS = ["latitude", "longitude", "point_latitude", "point_longitude"]


def latest_revision(store: Store, *, viewer: Viewer) -> int:
    """Return the number of the newest revision; 0 while nothing is published."""
    require(viewer, "read")
    return read_rows(store, sa.select(sa.func.coalesce(sa.func.max(revisions.c.revision), 0)))[0][0]


def load_revisions(store: Store, *, viewer: Viewer) -> pd.DataFrame:
    """Return one row per revision, newest first: number, time (UTC), by whom, kind, note."""
    require(viewer, "read")
    columns = [revisions.c[name] for name in _REVISION_COLUMNS]
    rows = read_rows(store, sa.select(*columns).order_by(revisions.c.revision.desc()))
    return pd.DataFrame(rows, columns=[column.name for column in columns])


def is_published(store: Store, content_sha256: str, *, viewer: Viewer) -> bool:
    """Say whether a content was ever published, even if it was rolled back since."""
    require(viewer, "read")
    query = sa.select(revisions.c.revision).where(revisions.c.content_sha256 == content_sha256)
    return bool(read_rows(store, query))


def standing_revision(store: Store, content_sha256: str, *, viewer: Viewer) -> int | None:
    """Return the revision that published a content and was not rolled back since; None: none."""
    require(viewer, "read")
    rows = read_rows(store, standing(content_sha256))
    return int(rows[0][0]) if rows else None


def load_audit(store: Store, *, viewer: Viewer) -> pd.DataFrame:
    """Return the audit log, newest first, to those who may read it."""
    require(viewer, "administer")
    rows = read_rows(store, sa.select(audit).order_by(audit.c.audit_id.desc()))
    return pd.DataFrame(rows, columns=list(audit.c.keys()))


def load_table(
    store: Store, name: str, *, viewer: Viewer, revision: int | None = None
) -> pd.DataFrame:
    """Return a table as it was known at a revision.

    Parameters
    ----------
    name
        A table of `schema.TABLES`.
    viewer
        For whom. A role that may not see exact coordinates gets none of a source's own points.
    revision
        Revision to read; the latest by default.

    Returns
    -------
    DataFrame
        The schema's columns with their types, ordered by key, then ``added_in``.

    Raises
    ------
    QueryError
        If there is no such revision.
    """
    return load_tables(store, [name], viewer=viewer, revision=revision)[name]


def load_tables(
    store: Store,
    names: Iterable[str] = tuple(TABLES),
    *,
    viewer: Viewer,
    revision: int | None = None,
) -> dict[str, pd.DataFrame]:
    """Return several tables of the same revision; see `load_table`."""
    require(viewer, "read")
    latest = latest_revision(store, viewer=viewer)
    at = latest if revision is None else revision
    if not 0 <= at <= latest:
        raise QueryError(f"There is no revision {at}. The latest is {latest}.")
    return {name: _load(store, name, at, viewer) for name in names}


def _load(store: Store, name: str, revision: int, viewer: Viewer) -> pd.DataFrame:
    stored, table = STORED[name], TABLES[name]
    columns = [stored.c[column] for column in [*table.column_names, "added_in"]]
    query = (
        sa.select(*columns)
        .where(held_at(stored, revision))
        .order_by(*(stored.c[key] for key in table.key))
    )
    rows = pd.DataFrame(read_rows(store, query), columns=[column.name for column in columns])
    frame = typed_table(table, rows, keep=["added_in"])
    if "coordinate_precision" in frame and not viewer.may("see exact places"):
        # A gazetteer's point of a town is public; a point that a source gave may be a home.
        is_given = frame["coordinate_precision"].notna() | frame["latitude"].notna()
        frame.loc[is_given, _POINT_COLUMNS] = float("nan")
    return frame


def standing(content_sha256: str) -> sa.Select:
    """Return the query of the revision that published a content and was not rolled back since."""
    later = revisions.alias()
    undone = sa.exists().where(
        later.c.revision > revisions.c.revision, later.c.rolled_back_to < revisions.c.revision
    )
    return sa.select(revisions.c.revision).where(
        revisions.c.content_sha256 == content_sha256, ~undone
    )


def held_at(stored: sa.Table, revision: int) -> sa.ColumnElement[bool]:
    """Return the condition that a row held at a revision."""
    withdrawn = stored.c.withdrawn_in
    return (stored.c.added_in <= revision) & (withdrawn.is_(None) | (withdrawn > revision))


def read_rows(store: Store, query: sa.Select) -> list[tuple]:
    """Run a query and return its rows; a store that cannot be read is a `StoreError`."""
    try:
        with store.reader.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(
            "The store cannot be read. Check that it is there and running, then reload"
            f" ({type(error).__name__})."
        ) from error
