"""The command ``export``: the chosen incidents as CSV, GeoJSON or GeoPackage."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.boundaries import read_edition
from conflictmap.errors import QueryError
from conflictmap.export_incidents import (
    export_geojson,
    export_geopackage,
    export_incidents_csv,
)
from conflictmap.filters import KNOWN
from conflictmap.schema import COMMUNITIES, EVENT_TYPES, VICTIM_GROUPS
from conflictmap.settings import Settings
from conflictmap.store import open_store
from conflictmap.views.facts import load_facts
from conflictmap.views.incidents import selected
from conflictmap.views.query import MapQuery, check_query, read_query

FORMATS = ("csv", "geojson", "gpkg")

_LISTS = ("actor", "type", "group", "community", "source")


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


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose incidents, and the revision."""
    parser.add_argument(
        "--from", dest="from_", metavar="YYYY-MM-DD", help="first day of the period"
    )
    parser.add_argument("--to", metavar="YYYY-MM-DD", help="last day of the period")
    parser.add_argument("--actor", action="append", default=[], metavar="ID")
    parser.add_argument("--type", action="append", default=[], choices=EVENT_TYPES)
    parser.add_argument("--group", action="append", default=[], choices=VICTIM_GROUPS)
    parser.add_argument("--community", action="append", default=[], choices=COMMUNITIES)
    parser.add_argument("--source", action="append", default=[], metavar="ID")
    parser.add_argument("--known", choices=KNOWN, default="any")
    parser.add_argument("--revision", type=int, help="as it was known then; the latest by default")


def chosen_query(options: argparse.Namespace, **more: str) -> MapQuery:
    """Return the query that the options of `add_filters` ask for, with other parameters of it."""
    singles = {
        "known": options.known,
        "from": options.from_,
        "to": options.to,
        "revision": None if options.revision is None else str(options.revision),
        **more,
    }
    lists = {name: getattr(options, name) for name in _LISTS}
    return read_query(lists | {name: [value] for name, value in singles.items() if value})


def _export(options: argparse.Namespace, settings: Settings) -> int:
    query = chosen_query(options)
    facts = load_facts(
        open_store(settings.store_url),
        read_edition(settings.edition_folder),
        viewer=LOCAL_ADMINISTRATOR,
        revision=query.revision,
    )
    check_query(query, facts)
    if options.format == "gpkg":
        export_geopackage(facts, query.chosen, options.output)
    else:
        export = export_incidents_csv if options.format == "csv" else export_geojson
        _write_whole(options.output, export(facts, query.chosen))
    found = selected(facts, query.chosen)
    print(f"{options.output.name}: {len(found['inside'])} incidents, revision {facts.revision}")
    if len(found["not dated"]):
        print(f"{len(found['not dated'])} more are not dated to the period and left out.")
    return 0


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            made = Path(folder) / "export"
            made.write_bytes(content)
            os.replace(made, path)
    except OSError as error:
        raise QueryError(
            f"{path.name} cannot be written ({type(error).__name__}). Check the folder and its"
            " rights."
        ) from error
