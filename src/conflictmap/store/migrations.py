"""Steps from an earlier version of the schema to the next, each applied once and recorded.

A new store is made at the newest version and runs none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa

from conflictmap.errors import StoreError
from conflictmap.store.tables import (
    SCHEMA_VERSION,
    audit,
    briefs,
    people,
    restrictions,
    role_rules,
    schema_versions,
    store_kind,
)


def _tell_the_kind(connection: sa.Connection) -> None:
    """Say that the store is real: before version 3 there were no synthetic ones."""
    store_kind.create(connection)
    connection.execute(store_kind.insert().values(kind="real", decided_at=_now()))


def _make_room_for_briefs(connection: sa.Connection) -> None:
    """Add the table of kept briefs."""
    briefs.create(connection)


def _make_room_for_people(connection: sa.Connection) -> None:
    """Add people, roles and restrictions; whoever kept a brief until now saw everything."""
    for table in (people, role_rules, restrictions):
        table.create(connection)
    for table, column in ((audit, "subject"), (briefs, "sight")):
        if column not in {held["name"] for held in sa.inspect(connection).get_columns(table.name)}:
            words = sa.schema.CreateColumn(table.c[column]).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {words}")


MIGRATIONS: dict[int, Callable[[sa.Connection], None]] = {
    3: _tell_the_kind,
    4: _make_room_for_briefs,
    5: _make_room_for_people,
}
"""The step to each version from the one before it."""


def schema_version(connection: sa.Connection) -> int:
    """Return the version of the schema that a store has."""
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
    missing = set(range(version + 1, SCHEMA_VERSION + 1)) - set(MIGRATIONS)
    if version > SCHEMA_VERSION or missing:
        raise StoreError(
            f"The store has schema version {version}, this program needs {SCHEMA_VERSION}."
            " Start the program that wrote it, or begin with a new store."
        )
    return True


def migrate(connection: sa.Connection) -> None:
    """Bring a store to the version of this program; the caller's transaction keeps it whole."""
    for version in range(schema_version(connection) + 1, SCHEMA_VERSION + 1):
        MIGRATIONS[version](connection)
        connection.execute(schema_versions.insert().values(version=version, applied_at=_now()))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
