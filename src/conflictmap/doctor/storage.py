"""Looking at the store as a database: is it there, can it be written, is it sound, is it copied."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from conflictmap.access import Viewer
from conflictmap.backup import is_made, last_backup, made_version
from conflictmap.doctor.finding import Finding, ok, warning, wrong
from conflictmap.errors import StoreError
from conflictmap.store import Store, open_store
from conflictmap.store.faults import read_fault, write_fault
from conflictmap.store.reading import read_rows
from conflictmap.store.tables import SCHEMA_VERSION, audit, revisions, store_kind

LITTLE_ROOM = 2 * 2**30  # bytes: less is a warning
NO_ROOM = 100 * 2**20
OLD_BACKUP = dt.timedelta(days=7)
WRONG_CLOCK = dt.timedelta(minutes=5)

_TO_RESTORE = "Restore the last backup into a new store: `conflictmap restore FILE --into ADDRESS`."


@dataclass(frozen=True)
class Found:
    """What is at the address of the store; no store: the rest cannot be looked at."""

    finding: Finding
    store: Store | None = None


def look_at_address(url: str) -> Found:
    """Open the store as it is: one that is not there is not made, an older one not changed."""
    name = "store"
    try:
        if not is_made(url):
            return Found(
                wrong(
                    name,
                    "There is none at the address.",
                    "Check CONFLICTMAP_STORE, or make it with `conflictmap init`.",
                )
            )
        version = made_version(url)
        if version < SCHEMA_VERSION:
            return Found(
                warning(
                    name,
                    f"It has schema version {version}, this program {SCHEMA_VERSION}.",
                    "Back up with the program that wrote it; the next start of the dashboard brings"
                    " it to the new version.",
                )
            )
        store = open_store(url)
    except StoreError as error:
        return Found(wrong(name, str(error), "Mend what it says, then run the doctor again."))
    engine = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[store.reader.dialect.name]
    return Found(ok(name, f"{engine}, {store.kind} data, schema version {SCHEMA_VERSION}."), store)


def look_at_disk(url: str) -> Iterator[Finding]:
    """Say how much room the disk of a store in a file has left."""
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return  # the server's disk is the server's business
    folder = Path(address.database).resolve().parent
    while not folder.exists():
        folder = folder.parent
    name, free = "disk", shutil.disk_usage(folder).free
    what = f"{free / 2**30:,.1f} GB are free where the store is."
    mend = "Make room: a full disk takes no upload."
    if free < NO_ROOM:
        yield wrong(name, what, mend)
    elif free < LITTLE_ROOM:
        yield warning(name, what, mend)
    else:
        yield ok(name, what)


def look_at_writing(store: Store) -> Iterator[Finding]:
    """Say whether the store can be written, by a change that is taken back."""
    try:
        with store.writer.connect() as connection:
            connection.execute(sa.update(store_kind).values(kind=store_kind.c.kind))
            connection.rollback()
    except sa.exc.SQLAlchemyError as error:
        yield wrong("writing", str(write_fault(error)), "Mend what it says, then try again.")
        return
    yield ok("writing", "The store can be written.")


def look_at_integrity(store: Store) -> Iterator[Finding]:
    """Let the database look over its own pages, indexes and references."""
    try:
        with store.reader.connect() as connection:
            if connection.dialect.name == "sqlite":
                yield from _sqlite_integrity(connection)
            else:
                yield from _postgresql_integrity(connection)
    except sa.exc.SQLAlchemyError as error:
        yield wrong("integrity", str(read_fault(error)), _TO_RESTORE)


def look_at_clock(store: Store, now: dt.datetime) -> Iterator[Finding]:
    """Compare the clock with the newest times in the store, which cannot lie ahead."""
    newest = [
        read_rows(store, sa.select(sa.func.max(column)))[0][0]
        for column in (revisions.c.published_at, audit.c.at, store_kind.c.decided_at)
    ]
    ahead = max(at for at in newest if at is not None) - now
    if ahead > WRONG_CLOCK:
        yield warning(
            "clock",
            f"It shows {now:%Y-%m-%d %H:%M} UTC, and the store holds something later.",
            "Set the clock of this machine, best by a time service.",
        )
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC, behind nothing in the store.")


def look_at_backup(store: Store, now: dt.datetime, *, viewer: Viewer) -> Iterator[Finding]:
    """Say how old the last backup is, and how much came since."""
    name, mend = "backup", "Run `conflictmap backup FOLDER`, best every day by a timer."
    last = last_backup(store, viewer=viewer)
    if last is None:
        yield warning(name, "None is recorded.", mend)
        return
    latest = read_rows(store, sa.select(sa.func.max(revisions.c.revision)))[0][0] or 0
    what = (
        f"The last is of {last.at:%Y-%m-%d %H:%M} UTC at revision {last.revision};"
        f" {latest - last.revision} revisions came since."
    )
    yield warning(name, what, mend) if now - last.at > OLD_BACKUP else ok(name, what)


def unreadable(error: StoreError) -> Finding:
    """Return that the store could not be looked at to the end."""
    return wrong("store", str(error), _TO_RESTORE)


def _sqlite_integrity(connection: sa.Connection) -> Iterator[Finding]:
    name = "integrity"
    # What it says is counted and not shown: it may hold text of a row.
    said = connection.exec_driver_sql("PRAGMA integrity_check(100)").scalars().all()
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if said != ["ok"]:
        yield wrong(name, f"SQLite finds {len(said)} faults in the file.", _TO_RESTORE)
    if broken:
        yield wrong(name, f"{len(broken)} rows name a row that is not there.", _TO_RESTORE)
    if said == ["ok"] and not broken:
        yield ok(name, "SQLite finds no fault in its pages, indexes and references.")


def _postgresql_integrity(connection: sa.Connection) -> Iterator[Finding]:
    name = "integrity"
    asked = (
        ("indexes are not valid", "pg_index WHERE NOT indisvalid"),
        ("constraints were never checked", "pg_constraint WHERE NOT convalidated"),
    )
    faults = 0
    for words, table in asked:
        count = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0
        faults += count
        if count:
            yield wrong(name, f"{count} {words}.", "Ask whoever looks after PostgreSQL.")
    if not faults:
        yield ok(name, "All indexes and constraints of PostgreSQL hold.")
