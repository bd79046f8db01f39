"""Room for people, roles and restrictions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from conflictmap.store.migrations.columns import TEXT

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add their tables; whoever kept a brief until now saw everything."""
    op.create_table(
        "people",
        sa.Column("person", TEXT, primary_key=True),
        sa.Column("first_seen", sa.DateTime, nullable=False),
        sa.Column("last_seen", sa.DateTime, nullable=False),
        sa.Column("signed_out_at", sa.DateTime),
    )
    op.create_table(
        "role_rules",
        sa.Column("rule_id", sa.Integer, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("added_at", sa.DateTime, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("ended_by", TEXT),
    )
    op.create_table(
        "restrictions",
        sa.Column("restriction_id", sa.Integer, primary_key=True),
        sa.Column("subject_table", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("added_at", sa.DateTime, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.Column("lifted_at", sa.DateTime),
        sa.Column("lifted_by", TEXT),
    )
    op.add_column("audit", sa.Column("subject", TEXT))
    op.add_column("briefs", sa.Column("sight", TEXT, nullable=False, server_default="full"))
