"""The command ``synth``: a store of made-up incidents, for training and for measuring."""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

from conflictmap.access import Viewer
from conflictmap.acting import acting_viewer
from conflictmap.boundaries import read_edition
from conflictmap.coded_tables import read_table
from conflictmap.errors import QueryError
from conflictmap.mark import MARK, SENTENCE
from conflictmap.placing import PLACING_RULES
from conflictmap.schema import TABLES
from conflictmap.settings import TRAINING_STORE, Settings
from conflictmap.store import Store, latest_revision, open_store, publish, standing_revision

KNOWN = ("actors", "actor_names")


def add_commands(commands: Any) -> None:
    """Add ``synth`` to the command's sub-commands."""
    synth = commands.add_parser(
        "synth",
        help="make a store of made-up incidents, for training and for measuring",
        description=f"{SENTENCE} A synthetic store takes no real data, and a real one none of this."
        " The same number, seed and days give the same incidents.",
    )
    synth.add_argument("--incidents", type=int, required=True, metavar="N")
    synth.add_argument("--seed", type=int, default=1, metavar="S")
    synth.add_argument("--from", dest="first", metavar="YYYY-MM-DD", help="first day of them")
    synth.add_argument("--to", dest="last", metavar="YYYY-MM-DD", help="last day of them")
    where = synth.add_mutually_exclusive_group()
    where.add_argument("--output", type=Path, metavar="FILE", help="the store: a new SQLite file")
    where.add_argument(
        "--store", metavar="URL", help=f"the store; by default {TRAINING_STORE.name} in var/"
    )
    synth.add_argument(
        "--if-empty", action="store_true", help="leave a synthetic store that holds rows as it is"
    )
    synth.set_defaults(run=_synth)


def _synth(options: argparse.Namespace, settings: Settings) -> int:
    # Imported here, so that the dashboard does not wait for it when it starts.
    from conflictmap.synthetic import FIRST_DATE, LAST_DATE, synthetic_tables

    first = FIRST_DATE if options.first is None else _day(options.first)
    last = LAST_DATE if options.last is None else _day(options.last)
    url = options.store or f"sqlite:///{(options.output or TRAINING_STORE).resolve()}"
    edition = read_edition(settings.edition_folder)
    known = {
        name: read_table(settings.data_folder / f"{name}.csv", TABLES[name])[0] for name in KNOWN
    }
    made = f"{options.incidents:,} incidents, seed {options.seed}, {first} to {last}"
    digest = hashlib.sha256(f"{made} {edition.edition_id} {PLACING_RULES}".encode()).hexdigest()
    store = open_store(url, kind="synthetic")
    viewer = acting_viewer(settings, store)
    if _is_done(store, digest, options, viewer):
        return 0
    tables = synthetic_tables(
        edition, known, incidents=options.incidents, seed=options.seed, first=first, last=last
    )
    revision = publish(store, tables, viewer=viewer, note=f"{MARK}: {made}", content_sha256=digest)
    print(f"{MARK}: {made}, published as revision {revision}.")
    return 0


def _is_done(store: Store, digest: str, options: argparse.Namespace, viewer: Viewer) -> bool:
    """Say whether nothing is left to make, and that it is so.

    Raises
    ------
    QueryError
        If the store holds other rows.
    """
    held = latest_revision(store, viewer=viewer)
    standing = standing_revision(store, digest, viewer=viewer)
    if standing or (held and options.if_empty):
        print(f"{MARK}: the store is there, at revision {held}.")
        return True
    if held:
        raise QueryError(
            "The store holds other synthetic incidents. Give another --output, or delete it first."
        )
    return False


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise QueryError(f"'{text}' is no calendar date. Write it as YYYY-MM-DD.") from error
