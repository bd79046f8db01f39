"""The command ``brief``: a brief as a file, kept briefs, and what changed since one was kept."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from conflictmap.access import Sight, Viewer, require
from conflictmap.acting import acting_at, acting_viewer
from conflictmap.boundaries import read_edition
from conflictmap.cli_files import write_whole
from conflictmap.cli_filters import add_filters, chosen_query
from conflictmap.errors import QueryError
from conflictmap.mark import SENTENCE
from conflictmap.settings import Settings
from conflictmap.store import (
    KeptBrief,
    Store,
    keep_brief,
    latest_revision,
    load_brief,
    load_briefs,
    open_store,
)
from conflictmap.views.archive_facts import open_facts
from conflictmap.views.facts import Facts
from conflictmap.views.limits import limit_at, require_latest, require_lists

FORMATS = ("docx", "pptx", "pdf", "md")

_MONTH = re.compile(r"(\d{4})-(\d{2})")


def add_commands(commands: Any) -> None:
    """Add ``brief`` to the command's sub-commands."""
    brief = commands.add_parser(
        "brief",
        help="write the brief of a month, or of any period",
        description="The period is --month, --solar-hijri-month, or --from and --to; without any it"
        " is all dates. A kept brief is made again from its revision, with the same numbers.",
    )
    add_filters(brief)
    brief.add_argument("--month", metavar="YYYY-MM", help="a Gregorian month: 2025-01")
    brief.add_argument("--solar-hijri-month", metavar="YYYY-MM", help="such as 1403-10")
    brief.add_argument("--format", choices=FORMATS, default="md")
    brief.add_argument(
        "--output", type=Path, metavar="FILE", help="without it, Markdown is printed"
    )
    brief.add_argument("--marking", default="", help="handling marking")
    brief.add_argument("--keep", default="", metavar="NAME", help="keep it under a name")
    brief.add_argument("--kept", type=int, metavar="N", help="a kept brief, made again")
    brief.add_argument("--changes", action="store_true", help="what changed since its revision")
    brief.add_argument("--list", action="store_true", help="list the kept briefs")
    brief.set_defaults(run=_brief)


def _brief(options: argparse.Namespace, settings: Settings) -> int:
    # Imported here, so that the dashboard does not wait for it when it starts.
    from conflictmap.brief.make import make_brief
    from conflictmap.brief.model import with_wording
    from conflictmap.brief.scope import read_scope, scope_lists
    from conflictmap.brief_files.export import export_brief
    from conflictmap.slides.snapshot import surroundings

    store = open_store(settings.store_url)
    viewer = acting_viewer(settings, store)
    if options.list:
        _list(store, viewer)
        return 0
    require(viewer, "make exports")
    kept = _kept(store, options.kept, viewer) if options.kept else None
    if kept:
        scope, marking = read_scope(kept.scope), kept.marking
        revision: int | None = kept.revision
    else:
        query = chosen_query(options, **_month(options))
        scope, marking, revision = query.chosen, options.marking, query.revision
    sight: Sight = kept.sight if kept else viewer.sight
    facts = _facts(store, settings, revision, acting_at(viewer, sight))
    if options.changes:
        _print_changes(store, settings, facts, scope, acting_at(viewer, facts.sight))
        return 0
    if not kept:
        latest = latest_revision(store, viewer=viewer)
        require_latest(settings, facts.sight, revision, latest)
    brief = make_brief(facts, scope, suppress_below=limit_at(settings, facts.sight))
    if kept:
        brief = with_wording(brief, kept.wording)
    around = surroundings(store, settings, facts, viewer=viewer)
    if options.output is None and options.format != "md":
        raise QueryError(f"A {options.format.upper()} needs --output FILE to be written to.")
    content = export_brief(brief, facts, options.format, around=around, marking=marking)
    if options.output is None:
        print(content.decode(), end="")
    else:
        write_whole(options.output, content)
        if facts.is_synthetic:
            print(SENTENCE)
        print(f"{options.output.name}: {brief.title}, revision {brief.revision}")
    if options.keep:
        number = keep_brief(
            store,
            name=options.keep,
            revision=brief.revision,
            scope=scope_lists(scope),
            wording={},
            marking=marking,
            viewer=viewer,
        )
        print(f"Kept as brief {number}.")
    return 0


def _facts(store: Store, settings: Settings, revision: int | None, viewer: Viewer) -> Facts:
    return open_facts(
        store,
        read_edition(settings.edition_folder),
        viewer=viewer,
        revision=revision,
        is_limited=bool(limit_at(settings, viewer.sight)),
    )


def _kept(store: Store, number: int, viewer: Viewer) -> KeptBrief:
    return load_brief(store, number, viewer=viewer)


def _list(store: Store, viewer: Viewer) -> None:
    rows = load_briefs(store, viewer=viewer)
    for row in rows.itertuples():
        print(f"{row.brief_id:>4}  revision {row.revision:<4} {row.kept_at:%Y-%m-%d}  {row.name}")
    if rows.empty:
        print("No brief is kept.")


def _print_changes(
    store: Store, settings: Settings, facts: Facts, scope: Any, viewer: Viewer
) -> None:
    from conflictmap.views.changes_since import changes_since
    from conflictmap.views.changes_words import changes_lines

    require_lists(settings, facts.sight)
    for line in changes_lines(changes_since(facts, _facts(store, settings, None, viewer), scope)):
        print(line)


def _month(options: argparse.Namespace) -> dict[str, str]:
    """Return the first and last day of a month as the query parameters of its period.

    Raises
    ------
    QueryError
        If it is no month, or stands beside another period.
    """
    from conflictmap.brief.scope import month_scope

    given = options.month or options.solar_hijri_month
    if not given:
        return {}
    if options.from_ or options.to or (options.month and options.solar_hijri_month):
        raise QueryError("Give one period: --month, --solar-hijri-month, or --from and --to.")
    found = _MONTH.fullmatch(given)
    try:
        if not found:
            raise ValueError
        period = month_scope(
            int(found[1]), int(found[2]), is_solar_hijri=bool(options.solar_hijri_month)
        ).period
    except ValueError:
        raise QueryError(f"'{given}' is no month. Write it as YYYY-MM, such as 2025-01.") from None
    return {"from": str(period.start), "to": str(period.end)}
