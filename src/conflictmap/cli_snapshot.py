"""The commands ``snapshot`` and ``verify``: a view as a slide; whether an export still holds."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conflictmap.access import Sight, require
from conflictmap.acting import acting_at, acting_viewer
from conflictmap.boundaries import read_edition
from conflictmap.cli_files import read_file, write_whole
from conflictmap.errors import QueryError
from conflictmap.mark import SENTENCE
from conflictmap.settings import Settings
from conflictmap.store import latest_revision, open_store
from conflictmap.views.archive_facts import open_facts
from conflictmap.views.facts import Facts
from conflictmap.views.limits import limit_at, require_latest
from conflictmap.views.query import check_query

# What a script learns from the exit code of ``verify``.
HOLDS, CHANGED, TAMPERED = 0, 2, 3

MOST_MB = 100
"""The largest file that ``verify`` reads: a deck of 34 slides has 0.6 to 4.4 MB."""


def add_commands(commands: Any) -> None:
    """Add ``snapshot`` and ``verify`` to the command's sub-commands."""
    snapshot = commands.add_parser(
        "snapshot",
        help="write a view of the map as a slide or picture",
        description="The same view, revision and versions give the same bytes. With --each, a PPTX"
        " has one slide a province, or one a step of the time slider.",
    )
    snapshot.add_argument(
        "--view",
        default="",
        metavar="LINK",
        help="address of the page of the map or of deployments; empty: the default map",
    )
    snapshot.add_argument(
        "--page", choices=("map", "deployments"), help="which page LINK is of; default: as it says"
    )
    snapshot.add_argument("--format", choices=("png", "svg", "pdf", "pptx"), default="png")
    snapshot.add_argument("--output", type=Path, required=True, metavar="FILE")
    snapshot.add_argument("--paper", choices=("16:9", "4:3", "a4", "square"), default="16:9")
    snapshot.add_argument("--title", default="", help="in place of the proposed one")
    snapshot.add_argument("--marking", default="", help="handling marking, top and bottom")
    snapshot.add_argument("--large", action="store_true", help="PNG of twice the pixels each way")
    snapshot.add_argument("--transparent", action="store_true", help="a picture without a ground")
    snapshot.add_argument(
        "--no-places", action="store_true", help="without the places of incidents"
    )
    snapshot.add_argument("--no-chart", action="store_true", help="without the time line")
    snapshot.add_argument("--each", choices=("province", "step"), help="a deck: one slide each")
    snapshot.add_argument("--template", type=Path, metavar="FILE", help="a .pptx or .potx of yours")
    snapshot.set_defaults(run=_snapshot)

    verify = commands.add_parser(
        "verify",
        help="say whether an exported slide or brief still holds",
        description="Reads what the file visibly says, not only its record. Exit code 0: it says"
        f" what the store says; {CHANGED}: it is as it was made, and the latest revision says"
        f" something else; {TAMPERED}: it was changed after it was made; 1: it cannot be read.",
    )
    verify.add_argument("file", type=Path, metavar="FILE")
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(run=_verify)


def _snapshot(options: argparse.Namespace, settings: Settings) -> int:
    # Imported here, so that the dashboard does not wait for it when it starts.
    from conflictmap.slides.order import SnapshotOrder, view_of_link
    from conflictmap.slides.slide import SlideWishes
    from conflictmap.slides.snapshot import (
        export_snapshots,
        surroundings,
        take_batch,
        take_snapshot,
    )

    if options.each and options.format != "pptx":
        raise QueryError("--each makes several slides, which only --format pptx holds.")
    if options.template and options.format != "pptx":
        raise QueryError("--template is for --format pptx.")
    query, deployments = view_of_link(options.view, page=options.page)
    if deployments is not None and options.each:
        raise QueryError("--each is for the map; deployments have one slide.")
    order = SnapshotOrder(
        query=query,
        deployments=deployments,
        paper=options.paper,
        format=options.format,
        is_large=options.large,
        is_transparent=options.transparent,
        wishes=SlideWishes(
            options.title,
            options.marking,
            has_marks=not options.no_places,
            has_chart=not options.no_chart,
        ),
    )
    template = read_file(options.template, most_mb=MOST_MB) if options.template else None
    paper = None
    if template is not None:
        from conflictmap.slides.deck import paper_of_template

        paper = paper_of_template(template)
    store = open_store(settings.store_url)
    viewer = acting_viewer(settings, store)
    require(viewer, "make exports")
    if order.kind == "map":
        latest = latest_revision(store, viewer=viewer)
        require_latest(settings, viewer.sight, order.query.revision, latest)
    facts = open_facts(
        store,
        read_edition(settings.edition_folder),
        viewer=viewer,
        revision=order.query.revision,
        is_limited=bool(limit_at(settings, viewer.sight)),
    )
    check_query(order.query, facts)
    around = surroundings(store, settings, facts, viewer=viewer)
    snapshots = (
        list(take_batch(facts, order, around, options.each, paper=paper))
        if options.each
        else [take_snapshot(facts, order, around, paper=paper)]
    )
    show = _show_progress if options.each and sys.stderr.isatty() else None
    content = export_snapshots(snapshots, order, facts, template=template, on_progress=show)
    write_whole(options.output, content)
    if facts.is_synthetic:
        print(SENTENCE)
    slides = "1 slide" if len(snapshots) == 1 else f"{len(snapshots)} slides"
    print(f"{options.output.name}: {slides}, revision {facts.revision}")
    print(snapshots[0].slide.title)
    return 0


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    from conflictmap.brief_files.record import find_record
    from conflictmap.brief_files.verify import verify_brief
    from conflictmap.slides.snapshot import Surroundings, surroundings
    from conflictmap.slides.verify import verify_file

    store, edition = open_store(settings.store_url), read_edition(settings.edition_folder)
    content = read_file(options.file, most_mb=MOST_MB)
    viewer = acting_viewer(settings, store)
    latest = latest_revision(store, viewer=viewer)

    def of(sight: Sight) -> Callable[[int], Facts]:
        return lambda revision: open_facts(
            store,
            edition,
            viewer=acting_at(viewer, sight),
            revision=revision,
            is_limited=bool(limit_at(settings, sight)),
        )

    how: dict[str, Any] = {"latest": latest, "coarse_facts_at": of("coarse")}

    def around(facts: Facts) -> Surroundings:
        return surroundings(store, settings, facts, viewer=viewer)

    record = find_record(content)
    verdict = (
        verify_brief(content, record, of("full"), around, **how)
        if record
        else verify_file(content, of("full"), around, **how)
    )
    if options.json:
        print(json.dumps(verdict.as_dictionary(), ensure_ascii=False, indent=2))
    else:
        print(verdict.as_text(options.file.name))
    if not verdict.is_intact:
        return TAMPERED
    return CHANGED if verdict.changes else HOLDS


def _show_progress(done: int, of: int) -> None:
    print(f"\r{done} of {of} slides", end="\n" if done == of else "", file=sys.stderr, flush=True)
