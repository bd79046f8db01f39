"""Room for uploads, and for what an uploaded file says in its own words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from conflictmap.store.migrations.columns import TEXT, columns_of

revision = "0002"
down_revision = "0001"

# Missing in every row that is there: no row of version 1 came from an upload.
_ADDED = {
    "incidents": "counting_date original_type",
    "incident_places": "original_precision",
    "incident_sources": "original_sources",
    "deployment_places": "original_precision",
}


def upgrade() -> None:
    """Add columns and tables."""
    for name, words in _ADDED.items():
        for column in columns_of(words):
            op.add_column(name, column)
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.Integer, primary_key=True),
        sa.Column("uploaded_at", sa.DateTime, nullable=False),
        sa.Column("uploaded_by", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("answers", TEXT, nullable=False),
        sa.Column("mapping", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("revision", sa.Integer, sa.ForeignKey("revisions.revision")),
    )
    op.create_table(
        "upload_rows",
        sa.Column("upload_id", sa.Integer, sa.ForeignKey("uploads.upload_id"), primary_key=True),
        sa.Column("row", sa.Integer, primary_key=True),
        sa.Column("bin", TEXT, nullable=False),
        sa.Column("incident_id", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
    )
