"""Making a backup of a store in use, keeping a record of it, and letting go of old ones."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.backup.archive import (
    BackupWriter,
    Manifest,
    put_in_place,
    read_manifest,
    written_beside,
)
from conflictmap.backup.lines import stored_tables
from conflictmap.backup.snapshot import (
    BACKUP_ACTION,
    Progress,
    count_rows,
    quiet,
    read_lines,
    snapshot,
)
from conflictmap.errors import StoreError
from conflictmap.store import Store
from conflictmap.store.reading import read_rows
from conflictmap.store.tables import SCHEMA_VERSION, audit, revisions, store_kind
from conflictmap.store.writing import in_one_transaction

NAME = re.compile(r"conflictmap-\d{8}-\d{6}-\d{6}-revision-\d+\.zip")
"""Names of the files that are made in a folder."""

MOST_LETTERS_OF_A_LABEL = 120


@dataclass(frozen=True)
class BackupMade:
    """A backup that was made."""

    path: Path
    manifest: Manifest
    removed: tuple[str, ...]  # names of older ones that were let go
    is_recorded: bool  # in the audit log of the store


@dataclass(frozen=True)
class LastBackup:
    """What the audit log says of the last backup."""

    at: dt.datetime  # UTC
    who: str
    revision: int
    label: str  # the file's name


def make_backup(
    store: Store,
    target: Path,
    *,
    viewer: Viewer,
    keep: int | None = None,
    progress: Progress = quiet,
) -> BackupMade:
    """Write all that a store holds, at one moment, into a new file; others may write meanwhile.

    Parameters
    ----------
    target
        A file that is not there yet, or a folder, in which the file is given a name.
    keep
        How many backups of this store to leave in the folder, this one among them. Only files that
        were made here, by their names and by their manifests, are removed; without it, none.

    Raises
    ------
    StoreError
        If the store cannot be read or the file not be written. No file is then there.
    """
    require(viewer, "administer")
    folder = _folder(target, keep)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    try:
        with written_beside(folder) as (file, part):
            with BackupWriter(file, now) as writer:
                manifest = _write(store, writer, progress)
            path = folder / _name(manifest) if target == folder else target
            put_in_place(file, part, path)
    except OSError as error:
        raise StoreError(
            f"The backup cannot be written ({error.strerror or type(error).__name__}). No file was"
            " left. Check that the folder is there, that it can be written and that its disk is not"
            " full, then try again."
        ) from error
    is_recorded = _record(store, path.name, manifest.revision, viewer)
    removed = _let_go(folder, manifest, keep) if keep is not None else ()
    return BackupMade(path, manifest, removed, is_recorded)


def last_backup(store: Store, *, viewer: Viewer) -> LastBackup | None:
    """Return what is recorded of the last backup; None: there was none."""
    require(viewer, "administer")
    columns = (audit.c.at, audit.c.who, audit.c.revision, audit.c.subject)
    query = sa.select(*columns).where(audit.c.action == BACKUP_ACTION)
    rows = read_rows(store, query.order_by(audit.c.audit_id.desc()).limit(1))
    if not rows:
        return None
    at, who, revision, label = rows[0]
    return LastBackup(at, who, int(revision), label or "")


def _folder(target: Path, keep: int | None) -> Path:
    """Return the folder that the file of a backup is written in."""
    if target.is_dir():
        return target
    if target.exists():
        raise StoreError(f"{target.name} is there already. Give another name, or a folder.")
    if keep is not None:
        raise StoreError(
            f"{target.name} is no folder, and older backups are let go in a folder only."
        )
    return target.parent


def _write(store: Store, writer: BackupWriter, progress: Progress) -> Manifest:
    tables = stored_tables()
    with snapshot(store) as connection:
        revision = connection.scalar(sa.select(sa.func.max(revisions.c.revision)))
        kind, decided_at = connection.execute(sa.select(store_kind)).one()
        rows = sum(count_rows(connection, tables).values())
        done = 0
        for table in tables:

            def told(lines: int, work: str = f"writing {table.name}") -> None:
                nonlocal done
                done += lines
                progress(work, done, rows)

            writer.add_table(table, read_lines(connection, table), told)
    return writer.finish(
        schema_version=SCHEMA_VERSION,
        revision=int(revision or 0),
        kind=kind,
        store_made_at=decided_at,
    )


def _name(manifest: Manifest) -> str:
    return f"conflictmap-{manifest.made_at:%Y%m%d-%H%M%S-%f}-revision-{manifest.revision}.zip"


def _record(store: Store, label: str, revision: int, viewer: Viewer) -> bool:
    """Tell the audit log of a backup; a store that takes no entry now has a backup all the same."""
    entry = audit.insert().values(
        at=dt.datetime.now(dt.UTC).replace(tzinfo=None),
        who=viewer.name,
        action=BACKUP_ACTION,
        revision=revision,
        subject=label[:MOST_LETTERS_OF_A_LABEL],
    )
    try:
        in_one_transaction(store, lambda connection: connection.execute(entry).rowcount)
    except StoreError:
        return False
    return True


def _let_go(folder: Path, newest: Manifest, keep: int) -> tuple[str, ...]:
    """Remove all but the newest backups of a store from a folder; return their names."""
    found = []
    for path in folder.iterdir():
        if not NAME.fullmatch(path.name) or not path.is_file() or path.is_symlink():
            continue
        try:
            manifest = read_manifest(path)
        except StoreError:
            continue  # not ours, or damaged: somebody should look at it
        if (manifest.store_made_at, manifest.kind) == (newest.store_made_at, newest.kind):
            found.append((manifest.made_at, path))
    removed = []
    for _, path in sorted(found, reverse=True)[max(keep, 1) :]:
        with contextlib.suppress(OSError):  # the new backup is good, whatever becomes of this one
            path.unlink()
            removed.append(path.name)
    return tuple(removed)
