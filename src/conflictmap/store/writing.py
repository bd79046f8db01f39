"""Publishing: one transaction, one revision, whole or absent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.errors import QueryError, StoreError
from conflictmap.schema import TABLES
from conflictmap.store.engine import Store
from conflictmap.store.reading import held_at
from conflictmap.store.tables import STORED, audit, revisions, upload_rows, uploads


@dataclass(frozen=True)
class PublishedUpload:
    """An upload on its way into a revision: ``outcomes`` has row, bin, incident_id and reason."""

    upload_id: int
    outcomes: pd.DataFrame


def publish(
    store: Store,
    additions: Mapping[str, pd.DataFrame],
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
        Rows to add, a frame a table of `schema.TABLES`.
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
        The upload that is published, with what became of each row of its file.

    as_of
        The revision that the rows were compared with. Once another follows it, nothing is written.

    Returns
    -------
    int
        The new revision, or the one that already holds this content.

    Raises
    ------
    StoreError
        If a key is already held, or the store cannot be written. Nothing is then changed.
    QueryError
        If `as_of` is no longer the latest revision.
    """
    require(viewer, "publish")

    def write(connection: sa.Connection) -> int:
        if content_sha256 is not None:
            held = _standing_revision(connection, content_sha256)
            if held is not None:
                return held
        latest = connection.scalar(sa.select(sa.func.max(revisions.c.revision))) or 0
        if as_of is not None and latest != as_of:
            raise QueryError(
                f"Nothing was written: revision {latest} was published meanwhile. Try again."
            )
        revision = _new_revision(connection, viewer, "publish", note, content_sha256)
        for name, rows in (withdrawals or {}).items():
            _withdraw(connection, name, rows, revision)
        for name, rows in additions.items():
            _add(connection, name, rows, revision)
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
    except sa.exc.IntegrityError as error:
        raise StoreError(
            "Nothing was published: a row has the key of one that is already there. Withdraw that"
            " one in the same publication, or give the new one another id."
        ) from error
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(
            "Nothing was published: the store cannot be written. Check that its disk is not full"
            f" and that it is running, then publish again ({type(error).__name__})."
        ) from error


def _account(connection: sa.Connection, upload: PublishedUpload, revision: int) -> None:
    """Record what became of each row of an upload, with the revision that holds it."""
    change = sa.update(uploads).where(
        uploads.c.upload_id == upload.upload_id, uploads.c.status == "open"
    )
    done = connection.execute(change.values(status="published", revision=revision))
    if done.rowcount != 1:
        raise StoreError("Nothing was published: the upload was published or dropped meanwhile.")
    records = [
        {"upload_id": upload.upload_id, "row": int(row), "bin": bin_, "incident_id": incident}
        | {"reason": reason}
        for row, bin_, incident, reason in upload.outcomes[
            ["row", "bin", "incident_id", "reason"]
        ].itertuples(index=False, name=None)
    ]
    if records:
        connection.execute(upload_rows.insert(), records)


def _standing_revision(connection: sa.Connection, content_sha256: str) -> int | None:
    """Return the revision that published a content and was not rolled back since."""
    later = revisions.alias()
    undone = sa.exists().where(
        later.c.revision > revisions.c.revision, later.c.rolled_back_to < revisions.c.revision
    )
    return connection.scalar(
        sa.select(revisions.c.revision).where(revisions.c.content_sha256 == content_sha256, ~undone)
    )


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
    columns = TABLES[name].column_names
    records = [
        {column: _plain(value) for column, value in zip(columns, row, strict=True)}
        | {"added_in": revision}
        for row in rows[columns].itertuples(index=False, name=None)
    ]
    if records:
        connection.execute(STORED[name].insert(), records)


def _withdraw(connection: sa.Connection, name: str, rows: pd.DataFrame, revision: int) -> None:
    stored, key = STORED[name], list(TABLES[name].key)
    change = (
        sa.update(stored)
        .where(stored.c.withdrawn_in.is_(None))
        .where(*(stored.c[column] == sa.bindparam(f"key_{column}") for column in key))
        .values(withdrawn_in=revision)
    )
    records = [
        {f"key_{column}": _plain(value) for column, value in zip(key, row, strict=True)}
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
    withdrawn_since = held_at(stored, to) & stored.c.withdrawn_in.is_not(None)
    again = connection.execute(
        sa.select(*(stored.c[name] for name in copied)).where(withdrawn_since)
    ).all()
    connection.execute(
        sa.update(stored)
        .where(stored.c.withdrawn_in.is_(None), stored.c.added_in > to)
        .values(withdrawn_in=revision)
    )
    if again:
        connection.execute(
            stored.insert(), [dict(row._mapping) | {"added_in": revision} for row in again]
        )


def _plain(value: Any) -> Any:
    """Return a cell as the driver takes it: missing as None, a date as a date."""
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return value.item() if hasattr(value, "item") else value
