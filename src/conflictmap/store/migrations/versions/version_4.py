"""Room for kept briefs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from conflictmap.store.migrations.columns import TEXT

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "briefs",
        sa.Column("brief_id", sa.Integer, primary_key=True),
        sa.Column("kept_at", sa.DateTime, nullable=False),
        sa.Column("kept_by", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("revision", sa.Integer, sa.ForeignKey("revisions.revision"), nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("wording", TEXT, nullable=False),
        sa.Column("marking", TEXT, nullable=False),
    )
