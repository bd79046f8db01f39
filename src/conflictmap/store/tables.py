"""The store's tables, built from the schema.

A table of the schema gets two columns more: ``added_in``, the revision that added the row, and
``withdrawn_in``, the revision that withdrew it (missing: it still holds). Rows are never changed
otherwise and never deleted.

The two engines hold the same: text is ordered by its characters' numbers, whatever the language of
a server, and a whole number may be as large as SQLite's.
"""

from __future__ import annotations

import sqlalchemy as sa

from conflictmap.schema import TABLES, Table

SCHEMA_VERSION = 6

# An index that follows a language's order is wrong once the server's system knows another one.
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_TYPES: dict[str, type[sa.types.TypeEngine] | sa.types.TypeEngine] = {
    "text": _TEXT,
    "code": _TEXT,
    "integer": sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
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
    sa.Column("published_by", _TEXT, nullable=False),
    sa.Column("kind", _TEXT, nullable=False),  # publish, roll_back
    sa.Column("note", _TEXT, nullable=False),
    sa.Column("content_sha256", _TEXT, index=True),  # of what was published; missing: none
    sa.Column("rolled_back_to", sa.Integer),  # only of a roll-back: the state it restored
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("audit_id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime, nullable=False),  # UTC
    sa.Column("who", _TEXT, nullable=False),
    sa.Column("action", _TEXT, nullable=False),
    sa.Column("revision", sa.Integer),
    sa.Column("subject", _TEXT),  # what it was done to, such as "upload 3"; missing: nothing more
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("upload_id", sa.Integer, primary_key=True),
    sa.Column("uploaded_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("uploaded_by", _TEXT, nullable=False),
    sa.Column("label", _TEXT, nullable=False),  # the file's name, a label and never a path
    sa.Column("sha256", _TEXT, nullable=False),
    sa.Column("content", sa.LargeBinary),  # missing: the file was streamed and is not kept
    sa.Column("source", _TEXT, nullable=False),  # the row of sources, as JSON
    sa.Column("answers", _TEXT, nullable=False),  # what the analyst settled, as JSON
    sa.Column("mapping", _TEXT, nullable=False),  # a column for each field, as JSON; "": none
    sa.Column("status", _TEXT, nullable=False),  # open, published, dropped
    sa.Column("revision", sa.ForeignKey("revisions.revision")),  # missing: not published
)

mappings = sa.Table(
    "mappings",
    metadata,
    sa.Column("name", _TEXT, primary_key=True),
    sa.Column("saved_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("saved_by", _TEXT, nullable=False),
    sa.Column("mapping", _TEXT, nullable=False),  # a column for each field, as JSON
)

upload_rows = sa.Table(
    "upload_rows",
    metadata,
    sa.Column("upload_id", sa.ForeignKey("uploads.upload_id"), primary_key=True),
    sa.Column("row", sa.Integer, primary_key=True),  # as a spreadsheet shows it
    sa.Column("bin", _TEXT, nullable=False),
    sa.Column("incident_id", _TEXT, nullable=False),  # "": none
    sa.Column("reason", _TEXT, nullable=False),
)

briefs = sa.Table(
    "briefs",
    metadata,
    sa.Column("brief_id", sa.Integer, primary_key=True),
    sa.Column("kept_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("kept_by", _TEXT, nullable=False),
    sa.Column("name", _TEXT, nullable=False),
    sa.Column("revision", sa.ForeignKey("revisions.revision"), nullable=False),
    sa.Column("scope", _TEXT, nullable=False),  # query parameters of period and filters, as JSON
    sa.Column("wording", _TEXT, nullable=False),  # paragraph -> text of the editor, as JSON
    sa.Column("marking", _TEXT, nullable=False),  # "": none
    sa.Column("sight", _TEXT, nullable=False, server_default="full"),  # of whoever kept it
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("person", _TEXT, primary_key=True),  # e-mail address, lower case
    sa.Column("first_seen", sa.DateTime, nullable=False),  # UTC
    sa.Column("last_seen", sa.DateTime, nullable=False),  # UTC, to within an hour
    sa.Column("signed_out_at", sa.DateTime),  # UTC: sign-ins up to then are over; missing: none is
)

role_rules = sa.Table(
    "role_rules",
    metadata,
    sa.Column("rule_id", sa.Integer, primary_key=True),
    sa.Column("kind", _TEXT, nullable=False),  # email, domain, group
    sa.Column("value", _TEXT, nullable=False),  # lower case
    sa.Column("role", _TEXT, nullable=False),  # one of `access.Role`, or "none"
    sa.Column("added_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("added_by", _TEXT, nullable=False),
    sa.Column("ended_at", sa.DateTime),  # UTC; missing: it holds
    sa.Column("ended_by", _TEXT),
)

restrictions = sa.Table(
    "restrictions",
    metadata,
    sa.Column("restriction_id", sa.Integer, primary_key=True),
    sa.Column("subject_table", _TEXT, nullable=False),  # incidents, sources
    sa.Column("subject_id", _TEXT, nullable=False),
    sa.Column("field", _TEXT, nullable=False),  # see access.RestrictedField
    sa.Column("reason", _TEXT, nullable=False),
    sa.Column("added_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("added_by", _TEXT, nullable=False),
    sa.Column("lifted_at", sa.DateTime),  # UTC; missing: it holds
    sa.Column("lifted_by", _TEXT),
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
    sa.Column("kind", _TEXT, primary_key=True),  # real or synthetic: one row, never changed
    sa.Column("decided_at", sa.DateTime, nullable=False),  # UTC, when the store was made
)

# What is worked out from the rows that changed after one revision up to another. It is made again
# at any time from the rows, so it is in no backup and in no hash.
aggregates = sa.Table(
    "aggregates",
    metadata,
    sa.Column("aggregate_id", sa.Integer, primary_key=True),
    sa.Column("after_revision", sa.Integer, nullable=False),  # 0: from the beginning
    sa.Column("revision", sa.ForeignKey("revisions.revision"), nullable=False),
    sa.Column("name", _TEXT, nullable=False),  # what it is
    sa.Column("format", sa.Integer, nullable=False),  # how its content is written
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Index("one_aggregate_a_name", "after_revision", "revision", "name", "format", unique=True),
)

WORKED_OUT = (aggregates.name,)
"""Tables that hold nothing of their own."""

PLACES_OF_INCIDENTS = "incident_places"
"""What place_candidates names as the table of a place, if it is an incident's."""

_SUBJECT = ["subject_table", "subject_id"]

INCIDENT_COLUMNS = {
    name: "incident_id" if "incident_id" in table.column_names else _SUBJECT[-1]
    for name, table in TABLES.items()
    if "incident_id" in table.column_names or name == "place_candidates"
}
"""Tables with rows of incidents, and the column that names the incident."""

LAST_TEXT = "\U0010ffff"  # behind every id


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
    # That index serves no earlier revision: this one finds the rows of an incident at any of them.
    if table.name in INCIDENT_COLUMNS:
        names = ["incident_id"] if "incident_id" in table.column_names else _SUBJECT
        sa.Index(f"ix_{table.name}_{names[-1]}", *(result.c[name] for name in names))
    return result


STORED = {name: _revisioned(table) for name, table in TABLES.items()}
