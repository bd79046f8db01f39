"""Publishing: one transaction, one revision, whole or absent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.errors import QueryError, StoreError
from conflictmap.schema import TABLES
from conflictmap.store.bulk import insert_rows, plain
from conflictmap.store.engine import Store
from conflictmap.store.faults import write_fault
from conflictmap.store.kinds import checked_additions
from conflictmap.store.reading import held_at, standing
from conflictmap.store.tables import STORED, audit, revisions, upload_rows, uploads

MANY_ROWS = 200_000  # of a file: from so many on, indexes are made behind its rows


@dataclass(frozen=True)
class PublishedUpload:
    """An upload on its way into a revision: ``outcomes`` has row, bin, incident_id and reason."""

    upload_id: int
    outcomes: pd.DataFrame


def publish(
    store: Store,
    additions: Mapping[str, pd.DataFrame] | Iterable[Mapping[str, pd.DataFrame]],
    *,
    viewer: Viewer,
    note: str,
    withdrawals: Mapping[str, pd.DataFrame] | None = None,
    content_sha256: str | None = None,
    upload: PublishedUpload | None = None,
    as_of: int | None = None,
) -> int:
    """Publish rows as one new revision.

    Parameters
    ----------
    additions
        Rows to add, a frame a table of `schema.TABLES`; or several of them, one after the other.
    viewer
        Who publishes; recorded with the revision and in the audit log.
    note
        What it is, a line.
    withdrawals
        Rows to withdraw, by the key columns of their table. A changed row is withdrawn and added.
    content_sha256
        Of what is published. A content that already stands adds nothing, whatever crashed before;
        one that was rolled back may be published again.
    upload
        The upload that is published, with what became of each row of its file. Where its content
        already stands it is dropped, so that nothing stays open.
    as_of
        The revision that the rows were compared with. Once another follows it, nothing is written.

    Returns
    -------
    int
        The new revision, or the one that already holds this content.

    Raises
    ------
    StoreError
        If a key is already held, a row is synthetic and the store real or the other way round, or
        the store cannot be written. Nothing is then changed.
    QueryError
        If `as_of` is no longer the latest revision.
    """
    require(viewer, "publish")
    parts = [additions] if isinstance(additions, Mapping) else additions

    def write(connection: sa.Connection) -> int:
        if content_sha256 is not None:
            held = standing(connection, content_sha256)
            if held is not None:
                if upload is not None:
                    _drop(connection, upload)
                return held
        latest = connection.scalar(sa.select(sa.func.max(revisions.c.revision))) or 0
        if as_of is not None and latest != as_of:
            raise QueryError(
                f"Nothing was written: revision {latest} was published meanwhile. Try again."
            )
        revision = _new_revision(connection, viewer, "publish", note, content_sha256)
        for name, rows in (withdrawals or {}).items():
            _withdraw(connection, name, rows, revision)
        left_out = []
        if upload is not None and len(upload.outcomes) >= MANY_ROWS:
            left_out = _without_indexes(connection, len(upload.outcomes))
        for part in parts:
            for name, rows in checked_additions(part, store.kind).items():
                _add(connection, name, rows, revision)
        for index in left_out:  # that of the keys fails where one is held twice
            index.create(connection)
        if upload is not None:
            _account(connection, upload, revision)
        return revision

    return in_one_transaction(store, write)


def roll_back(store: Store, to: int, *, viewer: Viewer) -> int:
    """Make the state of an earlier revision the latest again, as one more revision.

    Raises
    ------
    QueryError
        If `to` is no earlier revision.
    """
    require(viewer, "publish")

    def write(connection: sa.Connection) -> int:
        latest = connection.scalar(sa.select(sa.func.max(revisions.c.revision))) or 0
        if not 0 <= to < latest:
            raise QueryError(f"There is no revision {to} before the latest, {latest}.")
        revision = _new_revision(
            connection, viewer, "roll_back", f"Back to revision {to}", rolled_back_to=to
        )
        for stored in STORED.values():
            _roll_back_table(connection, stored, to, revision)
        return revision

    return in_one_transaction(store, write)


def in_one_transaction(store: Store, write: Callable[[sa.Connection], int]) -> int:
    """Do all of a change or none of it; what fails is a `StoreError` fit for the screen."""
    try:
        with store.writer.begin() as connection:
            return write(connection)
    except (sa.exc.SQLAlchemyError, UnicodeError) as error:
        raise write_fault(error) from None


def _without_indexes(connection: sa.Connection, rows: int) -> list[sa.Index]:
    """Drop the indexes of tables that hold little beside so many rows to come; return them.

    To sort all rows once, behind the last, takes a fraction of the time that it takes to find the
    place of each. A reader sees the indexes all the time: in SQLite they are part of the
    transaction. Elsewhere a table would be locked against readers, and nothing is dropped.
    """
    if connection.dialect.name != "sqlite":
        return []
    left_out = []
    for stored in STORED.values():
        held = connection.scalar(sa.select(sa.func.max(stored.c.row_no))) or 0
        if held * 4 < rows:
            left_out += sorted(stored.indexes, key=lambda index: str(index.name))
    for index in left_out:
        index.drop(connection)
    return left_out


def _account(connection: sa.Connection, upload: PublishedUpload, revision: int) -> None:
    """Record what became of each row of an upload, with the revision that holds it."""
    change = sa.update(uploads).where(
        uploads.c.upload_id == upload.upload_id, uploads.c.status == "open"
    )
    done = connection.execute(change.values(status="published", revision=revision))
    if done.rowcount != 1:
        raise StoreError("Nothing was published: the upload was published or dropped meanwhile.")
    outcomes = upload.outcomes[["row", "bin", "incident_id", "reason"]]
    insert_rows(connection, upload_rows, outcomes, upload_id=upload.upload_id)


def _drop(connection: sa.Connection, upload: PublishedUpload) -> None:
    """Close an upload of which nothing is left to publish."""
    change = sa.update(uploads).where(
        uploads.c.upload_id == upload.upload_id, uploads.c.status == "open"
    )
    connection.execute(change.values(status="dropped", content=None))


def _new_revision(
    connection: sa.Connection,
    viewer: Viewer,
    kind: str,
    note: str,
    content_sha256: str | None = None,
    rolled_back_to: int | None = None,
) -> int:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    latest = connection.scalar(sa.select(sa.func.max(revisions.c.revision))) or 0
    connection.execute(
        revisions.insert().values(
            revision=latest + 1,
            published_at=now,
            published_by=viewer.name,
            kind=kind,
            note=note,
            content_sha256=content_sha256,
            rolled_back_to=rolled_back_to,
        )
    )
    connection.execute(
        audit.insert().values(at=now, who=viewer.name, action=kind, revision=latest + 1)
    )
    return latest + 1


def _add(connection: sa.Connection, name: str, rows: pd.DataFrame, revision: int) -> None:
    insert_rows(connection, STORED[name], rows[TABLES[name].column_names], added_in=revision)


def _withdraw(connection: sa.Connection, name: str, rows: pd.DataFrame, revision: int) -> None:
    stored, key = STORED[name], list(TABLES[name].key)
    change = (
        sa.update(stored)
        .where(stored.c.withdrawn_in.is_(None))
        .where(*(stored.c[column] == sa.bindparam(f"key_{column}") for column in key))
        .values(withdrawn_in=revision)
    )
    records = [
        {f"key_{column}": plain(value) for column, value in zip(key, row, strict=True)}
        for row in rows[key].itertuples(index=False, name=None)
    ]
    if records:
        connection.execute(change, records)


def _roll_back_table(connection: sa.Connection, stored: sa.Table, to: int, revision: int) -> None:
    copied = [
        column.name
        for column in stored.c
        if column.name not in ("row_no", "added_in", "withdrawn_in")
    ]
    connection.execute(
        sa.update(stored)
        .where(stored.c.withdrawn_in.is_(None), stored.c.added_in > to)
        .values(withdrawn_in=revision)
    )
    again = sa.select(*(stored.c[name] for name in copied), sa.literal(revision)).where(
        held_at(stored, to), stored.c.withdrawn_in.is_not(None)
    )
    connection.execute(
        stored.insert().from_select([*copied, "added_in"], again.order_by(stored.c.row_no))
    )
