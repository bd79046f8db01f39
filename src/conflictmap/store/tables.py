"""The store's tables, built from the schema.

A table of the schema gets two columns more: ``added_in``, the revision that added the row, and
``withdrawn_in``, the revision that withdrew it (missing: it still holds). Rows are never changed
otherwise and never deleted.
"""

from __future__ import annotations

import sqlalchemy as sa

from conflictmap.schema import TABLES, Table

SCHEMA_VERSION = 1

_TYPES = {
    "text": sa.Text,
    "code": sa.Text,
    "integer": sa.Integer,
    "number": sa.Float,
    "boolean": sa.Boolean,
    "date": sa.Date,
}

metadata = sa.MetaData()

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("published_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("published_by", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # publish, roll_back
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("content_sha256", sa.Text, index=True),  # of what was published; missing: none
    sa.Column("rolled_back_to", sa.Integer),  # only of a roll-back: the state it restored
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("audit_id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime, nullable=False),  # UTC
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer),
)

schema_versions = sa.Table(
    "schema_versions",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("applied_at", sa.DateTime, nullable=False),  # UTC
)


def _revisioned(table: Table) -> sa.Table:
    result = sa.Table(
        table.name,
        metadata,
        sa.Column("row_no", sa.Integer, primary_key=True),
        *(sa.Column(column.name, _TYPES[column.kind]) for column in table.columns),
        sa.Column("added_in", sa.ForeignKey("revisions.revision"), nullable=False, index=True),
        sa.Column("withdrawn_in", sa.ForeignKey("revisions.revision"), index=True),
    )
    # At any revision a key names one row: two publications cannot both hold it.
    held = result.c.withdrawn_in.is_(None)
    sa.Index(
        f"one_{table.name}_row_a_key",
        *(result.c[name] for name in table.key),
        unique=True,
        sqlite_where=held,
        postgresql_where=held,
    )
    return result


STORED = {name: _revisioned(table) for name, table in TABLES.items()}
