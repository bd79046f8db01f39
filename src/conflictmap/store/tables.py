"""The store's tables, built from the schema.

A table of the schema gets two columns more: ``added_in``, the revision that added the row, and
``withdrawn_in``, the revision that withdrew it (missing: it still holds). Rows are never changed
otherwise and never deleted.
"""

from __future__ import annotations

import sqlalchemy as sa

from conflictmap.schema import TABLES, Table

SCHEMA_VERSION = 5

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
    sa.Column("subject", sa.Text),  # what it was done to, such as "upload 3"; missing: nothing more
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("upload_id", sa.Integer, primary_key=True),
    sa.Column("uploaded_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("uploaded_by", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),  # the file's name, a label and never a path
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary),  # missing: the file was streamed and is not kept
    sa.Column("source", sa.Text, nullable=False),  # the row of sources, as JSON
    sa.Column("answers", sa.Text, nullable=False),  # what the analyst settled, as JSON
    sa.Column("mapping", sa.Text, nullable=False),  # a column for each field, as JSON; "": none
    sa.Column("status", sa.Text, nullable=False),  # open, published, dropped
    sa.Column("revision", sa.ForeignKey("revisions.revision")),  # missing: not published
)

mappings = sa.Table(
    "mappings",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("saved_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("saved_by", sa.Text, nullable=False),
    sa.Column("mapping", sa.Text, nullable=False),  # a column for each field, as JSON
)

upload_rows = sa.Table(
    "upload_rows",
    metadata,
    sa.Column("upload_id", sa.ForeignKey("uploads.upload_id"), primary_key=True),
    sa.Column("row", sa.Integer, primary_key=True),  # as a spreadsheet shows it
    sa.Column("bin", sa.Text, nullable=False),
    sa.Column("incident_id", sa.Text, nullable=False),  # "": none
    sa.Column("reason", sa.Text, nullable=False),
)

briefs = sa.Table(
    "briefs",
    metadata,
    sa.Column("brief_id", sa.Integer, primary_key=True),
    sa.Column("kept_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("kept_by", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("revision", sa.ForeignKey("revisions.revision"), nullable=False),
    sa.Column("scope", sa.Text, nullable=False),  # query parameters of period and filters, as JSON
    sa.Column("wording", sa.Text, nullable=False),  # paragraph -> text of the editor, as JSON
    sa.Column("marking", sa.Text, nullable=False),  # "": none
    sa.Column("sight", sa.Text, nullable=False, server_default="full"),  # of whoever kept it
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),  # e-mail address, lower case
    sa.Column("first_seen", sa.DateTime, nullable=False),  # UTC
    sa.Column("last_seen", sa.DateTime, nullable=False),  # UTC, to the hour
    sa.Column("signed_out_at", sa.DateTime),  # UTC: sign-ins up to then are over; missing: none is
)

role_rules = sa.Table(
    "role_rules",
    metadata,
    sa.Column("rule_id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),  # email, domain, group
    sa.Column("value", sa.Text, nullable=False),  # lower case
    sa.Column("role", sa.Text, nullable=False),  # one of `access.Role`, or "none"
    sa.Column("added_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("added_by", sa.Text, nullable=False),
    sa.Column("ended_at", sa.DateTime),  # UTC; missing: it holds
    sa.Column("ended_by", sa.Text),
)

restrictions = sa.Table(
    "restrictions",
    metadata,
    sa.Column("restriction_id", sa.Integer, primary_key=True),
    sa.Column("subject_table", sa.Text, nullable=False),  # incidents, sources
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),  # see access.RestrictedField
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("added_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("added_by", sa.Text, nullable=False),
    sa.Column("lifted_at", sa.DateTime),  # UTC; missing: it holds
    sa.Column("lifted_by", sa.Text),
)

schema_versions = sa.Table(
    "schema_versions",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("applied_at", sa.DateTime, nullable=False),  # UTC
)

store_kind = sa.Table(
    "store_kind",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),  # real or synthetic: one row, never changed
    sa.Column("decided_at", sa.DateTime, nullable=False),  # UTC, when the store was made
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
