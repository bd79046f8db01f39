"""What Alembic runs the steps in: the connection and the transaction of `migrate`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import context

from conflictmap.store.tables import metadata, schema_versions


def _record(ctx: Any, step: Any, heads: object, run_args: object) -> None:
    """Write down the version that a step has made."""
    if not step.is_stamp:
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        version = int(step.up_revision_id)
        ctx.connection.execute(schema_versions.insert().values(version=version, applied_at=now))


_connection: sa.Connection = context.config.attributes["connection"]
context.configure(connection=_connection, target_metadata=metadata, on_version_apply=_record)
with context.begin_transaction():
    context.run_migrations()
