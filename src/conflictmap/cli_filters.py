"""The options that choose incidents, shared by the commands that count or export them."""

from __future__ import annotations

import argparse

from conflictmap.filters import KNOWN
from conflictmap.schema import COMMUNITIES, EVENT_TYPES, VICTIM_GROUPS
from conflictmap.views.query import MapQuery, read_query

_LISTS = ("actor", "type", "group", "community", "source")


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
