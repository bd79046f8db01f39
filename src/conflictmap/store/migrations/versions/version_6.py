"""Room for what is worked out from the rows, and indexes to find the rows of an incident by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from conflictmap.store.migrations.columns import TEXT

revision = "0006"
down_revision = "0005"

_WITH_INCIDENTS = (
    "incidents",
    "incident_places",
    "incident_targets",
    "attributions",
    "casualties",
    "incident_sources",
)


def upgrade() -> None:
    """Add the table and the indexes."""
    op.create_table(
        "aggregates",
        sa.Column("aggregate_id", sa.Integer, primary_key=True),
        sa.Column("after_revision", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, sa.ForeignKey("revisions.revision"), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("format", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    key = ["after_revision", "revision", "name", "format"]
    op.create_index("one_aggregate_a_name", "aggregates", key, unique=True)
    for table in _WITH_INCIDENTS:
        op.create_index(f"ix_{table}_incident_id", table, ["incident_id"])
    subject = ["subject_table", "subject_id"]
    op.create_index("ix_place_candidates_subject_id", "place_candidates", subject)
