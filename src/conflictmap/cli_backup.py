"""The commands ``backup`` and ``restore``: all of a store in one file, and back."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.acting import acting_viewer
from conflictmap.backup import (
    Manifest,
    check_backup,
    make_backup,
    open_made_store,
    restore_backup,
    store_hash,
)
from conflictmap.errors import AccessError, QueryError
from conflictmap.settings import Settings

CANCELLED = 130  # as a shell tells of a command that was ended by Ctrl-C
SECONDS_BETWEEN_WORDS = 0.2


def add_commands(commands: Any) -> None:
    """Add ``backup`` and ``restore`` to the command's sub-commands."""
    backup = commands.add_parser(
        "backup",
        help="write all that the store holds into one file, while others use it",
        description="The file holds everything, restricted rows, people and uploads among it, and"
        " can be read by its owner only. It is restored into SQLite and PostgreSQL alike.",
    )
    backup.add_argument(
        "target",
        type=Path,
        nargs="?",
        metavar="FILE-or-FOLDER",
        help="a new file, or a folder in which it is named by time and revision",
    )
    backup.add_argument(
        "--keep",
        type=_from_one_up,
        metavar="N",
        help="leave the newest N backups of this store in the folder and remove older ones",
    )
    backup.add_argument(
        "--check", type=Path, metavar="FILE", help="only check a backup, byte by byte"
    )
    backup.add_argument(
        "--hash", action="store_true", help="only print the hash over all tables of the store"
    )
    backup.set_defaults(run=_backup)

    restore = commands.add_parser(
        "restore",
        help="fill an empty store from a backup",
        description="The backup is checked first. The store then holds all of it or nothing."
        " Start the dashboard again afterwards.",
    )
    restore.add_argument("file", type=Path)
    restore.add_argument(
        "--into", metavar="ADDRESS", help="the store; by default that of CONFLICTMAP_STORE"
    )
    restore.set_defaults(run=_restore)


def _from_one_up(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("give a number from 1 up")
    return int(text)


def _backup(options: argparse.Namespace, settings: Settings) -> int:
    if sum((options.target is not None, options.check is not None, options.hash)) != 1:
        raise QueryError("Give a file or folder to write, or --check FILE, or --hash.")
    if options.check is not None:
        return _unless_cancelled(lambda: _check(options.check))
    store = open_made_store(settings.store_url)
    viewer = acting_viewer(settings, store)
    if options.hash:
        print(store_hash(store, viewer=viewer))
        return 0

    def write() -> None:
        with _Progress() as progress:
            made = make_backup(
                store, options.target, viewer=viewer, keep=options.keep, progress=progress
            )
        print(f"{made.path.name}: {_said(made.manifest)}")
        print(f"{made.path.stat().st_size:,} bytes. Hash: {made.manifest.store_hash}")
        if made.removed:
            print(f"Removed: {', '.join(made.removed)}")
        if not made.is_recorded:
            print("The audit log could not be told of it.", file=sys.stderr)

    return _unless_cancelled(write)


def _check(path: Path) -> None:
    with _Progress() as progress:
        manifest = check_backup(path, progress=progress)
    print(f"{path.name} is whole: {_said(manifest)}")
    print(f"Hash: {manifest.store_hash}")


def _restore(options: argparse.Namespace, settings: Settings) -> int:
    def fill() -> None:
        with _Progress() as progress:
            manifest = restore_backup(
                options.file,
                options.into or settings.store_url,
                viewer=_restorer(settings),
                progress=progress,
            )
        print(f"{options.file.name} is restored: {_said(manifest)}")
        print(f"Hash: {manifest.store_hash}")

    return _unless_cancelled(fill)


def _restorer(settings: Settings) -> Viewer:
    """Return who restores: an empty store knows nobody but whom the settings name.

    Raises
    ------
    AccessError
        If that is not who gives the command.
    """
    if not settings.is_hosted:
        return LOCAL_ADMINISTRATOR
    if not settings.acts_as or settings.acts_as != settings.first_administrator:
        raise AccessError(
            "This dashboard is hosted, and an empty store knows nobody yet: only the first"
            " administrator restores. Set CONFLICTMAP_AS to the address in"
            " CONFLICTMAP_FIRST_ADMINISTRATOR."
        )
    return Viewer(settings.acts_as, "administrator")


def _unless_cancelled(work: Callable[[], None]) -> int:
    try:
        work()
    except KeyboardInterrupt:
        print("Cancelled. Nothing was left half done.", file=sys.stderr)
        return CANCELLED
    return 0


def _said(manifest: Manifest) -> str:
    return (
        f"revision {manifest.revision} of a {manifest.kind} store, {manifest.rows:,} rows of"
        f" {len(manifest.tables)} tables, made {manifest.made_at:%Y-%m-%d %H:%M} UTC."
    )


class _Progress:
    """A line on standard error that says how far the work is, where somebody is looking."""

    def __init__(self) -> None:
        self._is_seen, self._said_at = sys.stderr.isatty(), 0.0

    def __call__(self, work: str, done: int, rows: int) -> None:
        now = time.monotonic()
        if self._is_seen and now - self._said_at > SECONDS_BETWEEN_WORDS:
            self._said_at = now
            words = f"{work}: {done:,} of {rows:,} rows"
            print(f"\r{words:<78}", end="", file=sys.stderr, flush=True)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_seen and self._said_at:
            print(f"\r{'':<78}\r", end="", file=sys.stderr, flush=True)
