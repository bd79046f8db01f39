"""Reading the store: always at a revision, always for a viewer.

Who is of coarse sight is given redacted tables, whatever is asked for: `redaction` needs them all.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.errors import QueryError
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.store.engine import Store
from conflictmap.store.faults import read_fault
from conflictmap.store.redaction import Restriction, redact
from conflictmap.store.restricted_parts import WITHHELD
from conflictmap.store.tables import STORED, audit, restrictions, revisions

_REVISION_COLUMNS = ["revision", "published_at", "published_by", "kind", "note"]


def latest_revision(store: Store, *, viewer: Viewer) -> int:
    """Return the number of the newest revision; 0 while nothing is published."""
    require(viewer, "read")
    return read_rows(store, sa.select(sa.func.coalesce(sa.func.max(revisions.c.revision), 0)))[0][0]


def load_revisions(store: Store, *, viewer: Viewer) -> pd.DataFrame:
    """Return one row per revision, newest first: number, time (UTC), by whom, kind, note.

    For coarse sight every note is the same sentence with the day. The notes are analysts' words for
    analysts, and those of some revisions only would tell which ones hold what is restricted.
    """
    require(viewer, "read")
    columns = [revisions.c[name] for name in _REVISION_COLUMNS]
    rows = read_rows(store, sa.select(*columns).order_by(revisions.c.revision.desc()))
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    if viewer.sight == "full":
        return frame
    notes = [f"published on {at:%Y-%m-%d}" for at in frame["published_at"]]
    return frame.assign(published_by=WITHHELD, note=pd.Series(notes, dtype="object"))


def policy(store: Store) -> str:
    """Return a short text that changes with every restriction that is made or lifted.

    What is made from redacted tables is kept under it; read it before the tables, so that nothing
    made under an older one is taken for the newer. It tells nothing of the restrictions themselves.
    """
    columns = [restrictions.c[name] for name in ("restriction_id", "added_at", "reason")]
    query = sa.select(*columns).where(restrictions.c.lifted_at.is_(None))
    rows = read_rows(store, query.order_by(restrictions.c.restriction_id))
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16] if rows else ""


def is_published(store: Store, content_sha256: str, *, viewer: Viewer) -> bool:
    """Say whether a content was ever published, even if it was rolled back since."""
    require(viewer, "publish")
    query = sa.select(revisions.c.revision).where(revisions.c.content_sha256 == content_sha256)
    return bool(read_rows(store, query))


def standing_revision(store: Store, content_sha256: str, *, viewer: Viewer) -> int | None:
    """Return the revision that published a content and was not rolled back since; None: none."""
    require(viewer, "publish")
    with reading(store) as connection:
        return standing(connection, content_sha256)


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
        For whom. Whoever is of coarse sight is given what `redaction.redact` leaves.
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
    check_revision(at, latest)
    if viewer.sight == "full":
        return {name: held_rows(store, name, at) for name in names}
    in_force = restrictions_in_force(store)
    everything = redact({name: held_rows(store, name, at) for name in TABLES}, in_force)
    return {name: everything[name] for name in names}


def check_revision(revision: int, latest: int) -> None:
    """Refuse a revision that there is none of."""
    if not 0 <= revision <= latest:
        raise QueryError(f"There is no revision {revision}. The latest is {latest}.")


def restrictions_in_force(store: Store) -> list[Restriction]:
    """Return the restrictions that hold now, for every revision."""
    columns = [restrictions.c[name] for name in ("subject_table", "subject_id", "field")]
    query = sa.select(*columns).where(restrictions.c.lifted_at.is_(None))
    return [Restriction(*row) for row in read_rows(store, query)]


def held_rows(
    store: Store, name: str, revision: int, among: Iterable[sa.ColumnElement[bool] | None] = (None,)
) -> pd.DataFrame:
    """Return the rows of a table that held at a revision, unredacted; see `load_table`.

    `among` has conditions of which a row meets one: rows of many ids are asked for in lots.
    """
    stored, table = STORED[name], TABLES[name]
    columns = [stored.c[column] for column in [*table.column_names, "added_in"]]
    query = (
        sa.select(*columns)
        .where(held_at(stored, revision))
        .order_by(*(stored.c[key] for key in table.key))
    )
    found: list[tuple] = []
    for condition in among:
        found += read_rows(store, query if condition is None else query.where(condition))
    rows = pd.DataFrame(found, columns=[column.name for column in columns])
    rows["added_in"] = rows["added_in"].astype("int64")
    return typed_table(table, rows, keep=["added_in"])


def standing(connection: sa.Connection, content_sha256: str) -> int | None:
    """Return the revision that published a content and was not rolled back since; None: none.

    A roll-back takes the store to where an earlier revision left it, be that one a roll-back too.
    """
    same = sa.select(revisions.c.revision).where(revisions.c.content_sha256 == content_sha256)
    published = sorted(connection.scalars(same))
    if not published:
        return None
    steps = sa.select(revisions.c.revision, revisions.c.rolled_back_to).where(
        revisions.c.rolled_back_to.is_not(None)
    )
    end: float = math.inf  # revisions up to this one are behind what is seen today
    for at, to in connection.execute(steps.order_by(revisions.c.revision.desc())).all():
        if at > end:
            continue
        if seen := [number for number in published if at < number <= end]:
            return int(seen[-1])
        end = to
    seen = [number for number in published if number <= end]
    return int(seen[-1]) if seen else None


def held_at(stored: sa.Table, revision: int) -> sa.ColumnElement[bool]:
    """Return the condition that a row held at a revision."""
    withdrawn = stored.c.withdrawn_in
    return (stored.c.added_in <= revision) & (withdrawn.is_(None) | (withdrawn > revision))


def read_rows(store: Store, query: sa.Select, *, is_long: bool = False) -> list[tuple]:
    """Run a query and return its rows; a store that cannot be read is a `StoreError`.

    One that looks at a whole table, and is asked seldom, may take as long as it does.
    """
    with reading(store, is_long=is_long) as connection:
        return [tuple(row) for row in connection.execute(query).fetchall()]


@contextmanager
def reading(store: Store, *, is_long: bool = False) -> Iterator[sa.Connection]:
    """Give a connection to read with; what fails is a `StoreError`."""
    try:
        with store.reader.connect() as connection:
            if is_long and connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            yield connection
    except sa.exc.SQLAlchemyError as error:
        raise read_fault(error) from None
