"""The command ``export``: the chosen incidents as CSV, GeoJSON or GeoPackage."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from conflictmap.acting import acting_viewer
from conflictmap.background import boundary_note
from conflictmap.boundaries import read_edition
from conflictmap.cli_files import write_whole
from conflictmap.cli_filters import add_filters, chosen_query
from conflictmap.mark import SENTENCE
from conflictmap.settings import Settings
from conflictmap.store import open_store
from conflictmap.views.facts import load_facts
from conflictmap.views.incidents import selected
from conflictmap.views.limits import require_lists
from conflictmap.views.query import check_query

FORMATS = ("csv", "geojson", "gpkg")


def add_commands(commands: Any) -> None:
    """Add ``export`` to the command's sub-commands."""
    export = commands.add_parser(
        "export",
        help="write the chosen incidents to a file",
        description="The CSV is our own template with HXL tags: uploading it again gives the"
        " incidents back. With --source of one upload, its ids are the upload's own.",
    )
    export.add_argument("--format", choices=FORMATS, default="csv")
    export.add_argument("--output", type=Path, required=True, metavar="FILE")
    add_filters(export)
    export.set_defaults(run=_export)


def _export(options: argparse.Namespace, settings: Settings) -> int:
    # Imported here, so that the dashboard does not wait for it when it starts.
    from conflictmap.export_incidents import (
        export_geojson,
        export_geopackage,
        export_incidents_csv,
    )

    query = chosen_query(options)
    store = open_store(settings.store_url)
    facts = load_facts(
        store,
        read_edition(settings.edition_folder),
        viewer=acting_viewer(settings, store),
        revision=query.revision,
    )
    check_query(query, facts)
    require_lists(settings, facts.sight)
    note = boundary_note(settings, facts.edition)
    if options.format == "gpkg":
        export_geopackage(facts, query.chosen, options.output, boundary_note=note)
    else:
        export = export_incidents_csv if options.format == "csv" else export_geojson
        write_whole(options.output, export(facts, query.chosen, boundary_note=note))
    found = selected(facts, query.chosen)
    if facts.is_synthetic:
        print(SENTENCE)
    print(f"{options.output.name}: {len(found['inside'])} incidents, revision {facts.revision}")
    if len(found["not dated"]):
        print(f"{len(found['not dated'])} more are not dated to the period and left out.")
    return 0
