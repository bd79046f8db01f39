"""A store says what it may hold, and keeps mappings of columns."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

from conflictmap.store.migrations.columns import TEXT

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Say that the store is real: before this version there were no synthetic ones."""
    kinds = op.create_table(
        "store_kind",
        sa.Column("kind", TEXT, primary_key=True),
        sa.Column("decided_at", sa.DateTime, nullable=False),
    )
    op.bulk_insert(
        kinds, [{"kind": "real", "decided_at": dt.datetime.now(dt.UTC).replace(tzinfo=None)}]
    )
    # The later stores of version 2 have it: it was added without a number of its own.
    op.create_table(
        "mappings",
        sa.Column("name", TEXT, primary_key=True),
        sa.Column("saved_at", sa.DateTime, nullable=False),
        sa.Column("saved_by", TEXT, nullable=False),
        sa.Column("mapping", TEXT, nullable=False),
        if_not_exists=True,
    )
