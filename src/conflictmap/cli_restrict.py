"""The command ``restrict``: what of an incident or a source is for analysts only."""

from __future__ import annotations

import argparse
from typing import Any

from conflictmap.access import Viewer
from conflictmap.acting import acting_viewer
from conflictmap.errors import QueryError
from conflictmap.settings import Settings
from conflictmap.store import Store, lift, load_restrictions, open_store, restrict
from conflictmap.store.restrictions import FIELDS, SUBJECTS


def add_commands(commands: Any) -> None:
    """Add ``restrict`` to the command's sub-commands."""
    command = commands.add_parser(
        "restrict",
        help="keep an incident, a source or a part of it to analysts",
        description="Viewers and briefers are then given the rest, at every revision. A restriction"
        " of place, figures or attributions takes the words along, since a title tells them.",
    )
    command.add_argument("table", nargs="?", choices=SUBJECTS)
    command.add_argument("id", nargs="?", help="id of the incident or source")
    command.add_argument("--field", choices=FIELDS, default="everything")
    command.add_argument("--reason", default="", help="why, a line; needed to restrict")
    command.add_argument("--list", action="store_true", help="list the restrictions in force")
    command.add_argument("--lift", type=int, metavar="N", help="lift restriction N")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    asked = [options.list, options.lift is not None, options.table is not None]
    if sum(asked) != 1:
        raise QueryError("Give a table and an id to restrict, or --list, or --lift N.")
    store = open_store(settings.store_url)
    viewer = acting_viewer(settings, store)
    viewer = acting_viewer(settings, store)
    if options.list:
        _print_in_force(store, viewer)
    elif options.lift is not None:
        lift(store, options.lift, viewer=viewer)
        print(f"Restriction {options.lift} is lifted.")
    else:
        number = restrict(
            store,
            options.table,
            options.id or "",
            options.field,
            reason=options.reason,
            viewer=viewer,
        )
        print(f"Restriction {number}: {options.table} {options.id}, {options.field}.")
    return 0


def _print_in_force(store: Store, viewer: Viewer) -> None:
    rows = load_restrictions(store, viewer=viewer)
    for row in rows.itertuples():
        print(
            f"{row.restriction_id}: {row.subject_table} {row.subject_id}, {row.field}; since"
            f" {row.added_at:%Y-%m-%d}, by {row.added_by}: {row.reason}"
        )
    if rows.empty:
        print("Nothing is restricted.")
