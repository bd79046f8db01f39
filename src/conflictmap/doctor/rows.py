"""Looking at the rules that the rows of a store keep among each other.

They are asked of the database, a query a rule: each counts the rows that break it.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from conflictmap.doctor.finding import Finding, ok, wrong
from conflictmap.ingest.model import BINS
from conflictmap.schema import TABLES
from conflictmap.store import Store
from conflictmap.store.faults import read_fault
from conflictmap.store.tables import STORED, revisions, upload_rows, uploads

_MEND = "Do not publish. Restore the last backup, and tell those who look after the program."


def look_at_rows(store: Store) -> Iterator[Finding]:
    """Tell of rows that break a rule of revisions or of uploads."""
    try:
        with store.reader.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            latest = connection.scalar(sa.select(sa.func.max(revisions.c.revision))) or 0
            yield from _told(connection, "revisions", _of_revisions(latest), "Revisions")
            yield from _told(connection, "uploads", _of_uploads(), "Uploads")
    except sa.exc.SQLAlchemyError as error:
        yield wrong("rows", str(read_fault(error)), _MEND)


def _told(
    connection: sa.Connection,
    name: str,
    rules: Iterator[tuple[str, sa.Select]],
    subject: str,
) -> Iterator[Finding]:
    kept = 0
    for words, query in rules:
        if broken := connection.scalar(query) or 0:
            yield wrong(name, f"{words}: {broken:,}.", _MEND)
        else:
            kept += 1
    yield ok(name, f"{subject} keep {kept} rules.")


def _of_revisions(latest: int) -> Iterator[tuple[str, sa.Select]]:
    numbers = sa.select(latest - sa.func.count()).select_from(revisions)
    yield "Numbers of revisions that are missing", numbers
    for name, table in STORED.items():
        added, withdrawn = table.c.added_in, table.c.withdrawn_in
        yield (
            f"Rows of {name} that are withdrawn before they are added, or in no revision",
            _count(table, (added > latest) | (withdrawn > latest) | (withdrawn <= added)),
        )
        yield f"Rows of {name} that share a key at a revision", _overlapping(name, table)


def _overlapping(name: str, table: sa.Table) -> sa.Select:
    """Count the rows that were added while another one of their key still held."""
    key = [table.c[column] for column in TABLES[name].key]
    before = sa.func.lag(sa.func.coalesce(table.c.withdrawn_in, 2**31 - 1)).over(
        partition_by=key, order_by=[table.c.added_in, table.c.row_no]
    )
    pairs = sa.select(table.c.added_in, before.label("until")).subquery()
    return sa.select(sa.func.count()).where(pairs.c.until > pairs.c.added_in)


def _of_uploads() -> Iterator[tuple[str, sa.Select]]:
    is_published = uploads.c.status == "published"
    rows = sa.exists().where(upload_rows.c.upload_id == uploads.c.upload_id)
    yield (
        "Published uploads without their rows or their revision",
        _count(uploads, is_published & (~rows | uploads.c.revision.is_(None))),
    )
    yield (
        "Uploads that are not published and have rows or a revision",
        _count(uploads, ~is_published & (rows | uploads.c.revision.is_not(None))),
    )
    yield "Rows of uploads in no known bin", _count(upload_rows, upload_rows.c.bin.not_in(BINS))
    yield "Rows of uploads that stored nothing and should have", _stored_nothing()


def _stored_nothing() -> sa.Select:
    """Count the new and changed incidents of uploads of which no revision holds a row."""
    incidents = STORED["incidents"]
    is_there = sa.exists().where(incidents.c.incident_id == upload_rows.c.incident_id)
    is_stored = upload_rows.c.bin.in_(["new", "changed"]) & (upload_rows.c.incident_id != "")
    return _count(upload_rows, is_stored & ~is_there)


def _count(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.Select:
    return sa.select(sa.func.count()).select_from(table).where(condition)
