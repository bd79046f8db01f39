"""Steps from an earlier version of the schema to the next, each applied once and recorded.

Alembic runs them, on both engines. The table ``schema_versions`` says which version a store has: to
this program, to an older one, which refuses what is newer, and to Alembic, whose own table is set
by it before each run. A new store is made at the newest version and runs no step; a test holds that
the steps make the same.
"""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa

from conflictmap.errors import StoreError
from conflictmap.store.tables import SCHEMA_VERSION, schema_versions

_FIRST = 1  # every version since has its step
_ONE_RUN = threading.Lock()  # Alembic keeps the run that it is in as a global


def schema_version(connection: sa.Connection) -> int:
    """Return the version of the schema that a store has; 0: none."""
    version = connection.scalar(sa.select(sa.func.max(schema_versions.c.version)))
    return int(version or 0)


def needs_migration(version: int) -> bool:
    """Say whether a store has to be brought to the version of this program.

    Raises
    ------
    StoreError
        If there is no way from its version to ours.
    """
    if version == SCHEMA_VERSION:
        return False
    if not _FIRST <= version < SCHEMA_VERSION:
        raise StoreError(
            f"The store has schema version {version}, this program needs {SCHEMA_VERSION}."
            " Start the program that wrote it, or begin with a new store."
        )
    return True


def migrate(connection: sa.Connection, to: int = SCHEMA_VERSION) -> None:
    """Bring a store to a version, by default that of this program.

    The transaction is the caller's: it keeps other writers out, and the store whole. Where nothing
    is left to do, because another process was first, nothing is done. A database without a table
    gets all of them.
    """
    # Not loaded where a store is as it has to be: that is nearly always, and it takes a while.
    from alembic import command
    from alembic.config import Config

    is_empty = not sa.inspect(connection).has_table("schema_versions")
    held = 0 if is_empty else schema_version(connection)
    if not is_empty and not needs_migration(held):
        return
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    with _ONE_RUN:
        command.stamp(config, step_name(held) if held else "base", purge=True)
        command.upgrade(config, step_name(to))


def step_name(version: int) -> str:
    """Return the name of the step that makes a version, as its file gives it."""
    return f"{version:04d}"
