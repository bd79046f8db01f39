"""The command ``release-check``: would counts, subtracted from one another, tell small numbers?"""

from __future__ import annotations

import argparse
import dataclasses
import json
from typing import Any

from conflictmap.acting import acting_at, acting_viewer
from conflictmap.boundaries import read_edition
from conflictmap.errors import QueryError
from conflictmap.settings import Settings
from conflictmap.store import open_store
from conflictmap.views.facts import load_facts
from conflictmap.views.release_check import ReleaseReport, release_of

MOST_PRINTED = 20

NOT_SET = (
    "No number is small here: CONFLICTMAP_SUPPRESS_BELOW is 0. Set it to the smallest number of"
    " incidents that may be shown for an area, or give --below."
)


def add_commands(commands: Any) -> None:
    """Add ``release-check`` to the command's sub-commands."""
    check = commands.add_parser(
        "release-check",
        help="tell which small numbers could be found by subtraction, and what is withheld",
        description="Under CONFLICTMAP_SUPPRESS_BELOW. It reads what viewers and briefers would be"
        " given where the dashboard is hosted, and everything on a laptop.",
    )
    check.add_argument("--revision", type=int, help="the latest by default")
    check.add_argument("--below", type=int, metavar="N", help="another limit than the setting's")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace, settings: Settings) -> int:
    below = settings.suppress_below if options.below is None else options.below
    if below < 2:
        raise QueryError(NOT_SET)
    store = open_store(settings.store_url)
    viewer = acting_viewer(settings, store)
    if settings.is_hosted:
        viewer = acting_at(viewer, "coarse")
    facts = load_facts(
        store, read_edition(settings.edition_folder), viewer=viewer, revision=options.revision
    )
    report = release_of(facts, below).report
    if options.json:
        print(json.dumps(dataclasses.asdict(report), ensure_ascii=False, indent=2))
    else:
        print(f"Revision {report.revision}, {report.sight} sight.", release_text(report), sep="\n")
    return 0


def release_text(report: ReleaseReport) -> str:
    """Return a report as lines for a terminal, the first give-aways listed."""
    lines = [*report.lines]
    lines += [f"  {one.words}" for one in report.give_aways[:MOST_PRINTED]]
    if report.found > MOST_PRINTED:
        lines.append(f"  and {report.found - MOST_PRINTED:,} more")
    return "\n".join(lines)
