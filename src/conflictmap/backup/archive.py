"""The file of a backup: a zip with a text a table, and a manifest that says what must be in it.

``tables/NAME.jsonl`` has the names of the columns in its first line and a row in each other one,
see `lines`. ``manifest.json`` has the schema's version, the revision, and the rows and SHA-256 of
each table; ``manifest.sha256`` its own. Nothing of it is a program's memory: any language reads it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import fcntl
import hashlib
import io
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from conflictmap.backup.lines import KINDS, StoredTable, header_line
from conflictmap.backup.snapshot import Progress, TableDigest, quiet, whole_hash
from conflictmap.errors import StoreError

FORMAT = "conflictmap backup 1"
LINES_AT_ONCE = 2_000
MOST_BYTES_OF_A_MANIFEST = 2**20

_MANIFEST, _MANIFEST_HASH = "manifest.json", "manifest.sha256"
_PART_START, _PART_END = ".conflictmap-", ".part"


@dataclass(frozen=True)
class KeptTable:
    """What a manifest says of a table."""

    table: StoredTable
    rows: int
    sha256: str  # of its member of the file
    content: str  # of what counts for the store's hash


@dataclass(frozen=True)
class Manifest:
    """What a backup holds."""

    made_at: dt.datetime  # UTC
    schema_version: int
    revision: int
    kind: str  # real or synthetic
    store_made_at: dt.datetime  # UTC; tells the backups of one store from those of another
    store_hash: str
    tables: tuple[KeptTable, ...]

    @property
    def rows(self) -> int:
        """Return how many rows it holds, of all tables together."""
        return sum(kept.rows for kept in self.tables)


class BackupWriter:
    """Writes the tables of a backup into a file, one after the other, then its manifest."""

    def __init__(self, file: IO[bytes], made_at: dt.datetime) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        self._made_at = made_at
        self._kept: list[KeptTable] = []

    def add_table(
        self, table: StoredTable, parts: Iterable[list[bytes]], told: Callable[[int], None]
    ) -> None:
        """Write a table from its lines, some at a time; `told` is given how many were written."""
        digest, rows = TableDigest(table), 0
        with self._zip.open(_member(table.name), "w", force_zip64=True) as member:
            member.write(header_line(table))
            for lines in parts:
                member.write(b"".join(lines))
                digest.add(lines)
                rows += len(lines)
                told(len(lines))
        self._kept.append(KeptTable(table, rows, digest.sha256, digest.content))

    def __enter__(self) -> BackupWriter:
        return self

    def __exit__(self, *_: object) -> None:
        # The zip writes its list of contents when it is closed, for which a full disk has no room.
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()

    def finish(
        self, *, schema_version: int, revision: int, kind: str, store_made_at: dt.datetime
    ) -> Manifest:
        """Write the manifest and close the file's contents."""
        manifest = Manifest(
            self._made_at,
            schema_version,
            revision,
            kind,
            store_made_at,
            whole_hash({kept.table.name: kept.content for kept in self._kept}),
            tuple(self._kept),
        )
        text = _as_json(manifest)
        self._zip.writestr(_MANIFEST, text)
        self._zip.writestr(_MANIFEST_HASH, hashlib.sha256(text).hexdigest())
        self._zip.close()
        return manifest


@contextmanager
def written_beside(folder: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """Give a file to write in a folder, readable to nobody else; it is removed unless it is moved.

    What a killed process left behind in the same folder is removed first.
    """
    for left in folder.glob(f"{_PART_START}*{_PART_END}"):
        _remove_if_left(left)
    path = folder / f"{_PART_START}{secrets.token_hex(8)}{_PART_END}"
    try:
        with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # says that somebody is writing it
            yield file, path
    finally:
        path.unlink(missing_ok=True)


def put_in_place(file: IO[bytes], path: Path, target: Path) -> None:
    """Give a written file its name, once it is on the disk."""
    file.flush()
    os.fsync(file.fileno())
    os.rename(path, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_manifest(path: Path) -> Manifest:
    """Return what a backup says that it holds.

    Raises
    ------
    StoreError
        If it is no backup of ours, or its manifest was changed.
    """
    with _opened(path) as archive:
        return _manifest(archive, path.name)


def check_backup(path: Path, *, progress: Progress = quiet) -> Manifest:
    """Check that a backup is as it was made: every byte of its tables; return its manifest.

    Raises
    ------
    StoreError
        If anything of it is missing, more or other than the manifest says.
    """
    with _opened(path) as archive:
        manifest, done = _manifest(archive, path.name), 0
        expected = {_member(kept.table.name) for kept in manifest.tables}
        if sorted(archive.namelist()) != sorted(expected | {_MANIFEST, _MANIFEST_HASH}):
            raise _damaged(path.name, "it holds other files than its manifest names")
        for kept in manifest.tables:
            digest, rows = TableDigest(kept.table), 0
            for lines in _lines(archive, kept.table, path.name):
                digest.add(lines)
                rows += len(lines)
                done += len(lines)
                progress(f"checking {kept.table.name}", done, manifest.rows)
            if (digest.sha256, digest.content, rows) != (kept.sha256, kept.content, kept.rows):
                raise _damaged(path.name, f"table {kept.table.name} is not as it was written")
        if manifest.store_hash != whole_hash({k.table.name: k.content for k in manifest.tables}):
            raise _damaged(path.name, "its tables do not add up to its hash")
    return manifest


def backup_lines(path: Path, table: StoredTable) -> Iterator[list[bytes]]:
    """Yield the lines of a table of a backup, without the first, some at a time."""
    with _opened(path) as archive:
        yield from _lines(archive, table, path.name)


def _remove_if_left(path: Path) -> None:
    """Remove a part that nobody is writing any more."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup; whatever is wrong with the file is a `StoreError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(path.name, f"it cannot be unpacked ({type(error).__name__})") from error
    except OSError as error:
        raise StoreError(
            f"{path.name} cannot be read ({type(error).__name__}). Check its name and its rights."
        ) from error


def _manifest(archive: zipfile.ZipFile, label: str) -> Manifest:
    names = archive.namelist()
    if _MANIFEST not in names or _MANIFEST_HASH not in names:
        raise StoreError(f"{label} is no backup of this program. Give one that it made.")
    if archive.getinfo(_MANIFEST).file_size > MOST_BYTES_OF_A_MANIFEST:
        raise _damaged(label, "its manifest is too long")
    text = archive.read(_MANIFEST)
    if archive.read(_MANIFEST_HASH).decode("ascii", "replace") != hashlib.sha256(text).hexdigest():
        raise _damaged(label, "its manifest was changed")
    try:
        return _from_json(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(label, "its manifest cannot be understood") from error


def _lines(archive: zipfile.ZipFile, table: StoredTable, label: str) -> Iterator[list[bytes]]:
    with archive.open(_member(table.name)) as member:
        text = io.BufferedReader(member, 2**20)  # type: ignore[type-var]  # it is an io.BufferedIOBase
        if text.readline() != header_line(table):
            raise _damaged(label, f"table {table.name} has other columns than the manifest names")
        while lines := list(islice(text, _at_once(table))):
            yield lines


def _at_once(table: StoredTable) -> int:
    """Return how many lines are in memory together: few of those that hold whole files."""
    return 1 if any(kind == "bytes" for _, kind in table.columns) else LINES_AT_ONCE


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _damaged(label: str, what: str) -> StoreError:
    return StoreError(f"{label} is damaged: {what}. Nothing was restored. Take another backup.")


def _as_json(manifest: Manifest) -> bytes:
    said: dict[str, Any] = {"format": FORMAT}
    for field in dataclasses.fields(manifest):
        value = getattr(manifest, field.name)
        said[field.name] = value.isoformat() if isinstance(value, dt.datetime) else value
    said["tables"] = [
        {
            "name": kept.table.name,
            "columns": [list(column) for column in kept.table.columns],
            "key": list(kept.table.key),
            "rows": kept.rows,
            "sha256": kept.sha256,
            "content": kept.content,
        }
        for kept in manifest.tables
    ]
    return json.dumps(said, indent=1).encode()


def _from_json(said: dict[str, Any]) -> Manifest:
    if said["format"] != FORMAT:
        raise ValueError("another format")
    tables = []
    for each in said["tables"]:
        columns = tuple((str(name), str(kind)) for name, kind in each["columns"])
        if not {kind for _, kind in columns} <= set(KINDS):
            raise ValueError("an unknown kind of column")
        table = StoredTable(str(each["name"]), columns, tuple(map(str, each["key"])))
        tables.append(KeptTable(table, int(each["rows"]), each["sha256"], each["content"]))
    return Manifest(
        dt.datetime.fromisoformat(said["made_at"]),
        int(said["schema_version"]),
        int(said["revision"]),
        str(said["kind"]),
        dt.datetime.fromisoformat(said["store_made_at"]),
        str(said["store_hash"]),
        tuple(tables),
    )
