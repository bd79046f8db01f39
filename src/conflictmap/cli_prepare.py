"""The command ``prepare``: work out what maps count of very many incidents before anybody waits."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from conflictmap.access import Sight
from conflictmap.acting import acting_at, acting_viewer
from conflictmap.archive.archive import load_archive
from conflictmap.boundaries import read_edition
from conflictmap.settings import Settings
from conflictmap.store import count_incidents, latest_revision, open_store, policy
from conflictmap.views.archive_facts import ARCHIVE_FROM
from conflictmap.views.limits import limit_at


def add_commands(commands: Any) -> None:
    """Add ``prepare`` to the command's sub-commands."""
    prepare = commands.add_parser(
        "prepare",
        help="work out what maps count of a store of very many incidents",
        description="Whoever opens a new revision first does it too, and waits. Run it after a"
        " large import. What is worked out is kept by the store, and made again where it is gone.",
    )
    prepare.set_defaults(run=_prepare)


def _prepare(_options: argparse.Namespace, settings: Settings) -> int:
    store = open_store(settings.store_url)
    viewer = acting_viewer(settings, store)
    revision = latest_revision(store, viewer=viewer)
    incidents = count_incidents(store, viewer=viewer, revision=revision)
    if incidents < ARCHIVE_FROM:
        print(f"Nothing to do: {incidents:,} incidents are read as they are.")
        return 0
    edition = read_edition(settings.edition_folder)
    sights: tuple[Sight, ...] = ("full", "coarse") if settings.is_hosted else (viewer.sight,)
    for sight in sights:
        if limit_at(settings, sight) or (sight == "coarse" and policy(store)):
            print(f"For {sight} sight all rows are read: something is kept from it.")
            continue

        def tell(done: int, sight: Sight = sight) -> None:
            print(f"{sight} sight: {done:,} incidents read", file=sys.stderr, flush=True)

        print(f"{sight} sight: revision {revision} is looked at", file=sys.stderr)
        load_archive(store, edition, viewer=acting_at(viewer, sight), revision=revision, tell=tell)
        print(f"Revision {revision}, {sight} sight: {incidents:,} incidents are ready.")
    return 0
