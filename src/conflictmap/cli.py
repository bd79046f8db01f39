"""The command ``conflictmap``: make the store, open the dashboard, print any number of the map."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import sys
import threading
from collections.abc import Sequence

from conflictmap import (
    cli_alerts,
    cli_backup,
    cli_brief,
    cli_doctor,
    cli_export,
    cli_people,
    cli_prepare,
    cli_release,
    cli_restrict,
    cli_snapshot,
    cli_synth,
    cli_uploads,
)
from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.acting import acting_viewer
from conflictmap.boundaries import read_edition
from conflictmap.cli_filters import add_filters, chosen_query
from conflictmap.errors import ConflictMapError
from conflictmap.mark import MARK, SENTENCE
from conflictmap.reports import publish_reports
from conflictmap.settings import ROOT, Settings, read_settings
from conflictmap.store import latest_revision, open_store
from conflictmap.views.archive_facts import open_facts
from conflictmap.views.limits import limit_at, require_latest
from conflictmap.views.query import MEASURES, check_query
from conflictmap.views.totals import BYS, Totals, totals


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 1 with the reason on standard error."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options, read_settings())
    except ConflictMapError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="conflictmap", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = commands.add_parser("init", help="make the store and publish the coded reports")
    init.set_defaults(run=_init)

    serve = commands.add_parser(
        "serve", help="make the store where needed and open the dashboard on 127.0.0.1"
    )
    serve.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8501))
    serve.add_argument(
        "--address", help="where to listen, in hosted mode only: see docs/hosting.md"
    )
    serve.set_defaults(run=_serve)

    count = commands.add_parser("totals", help="print a measure of the map page")
    count.add_argument("--measure", choices=MEASURES, default="incidents")
    count.add_argument("--by", choices=BYS, default="province")
    add_filters(count)
    count.add_argument("--json", action="store_true")
    count.set_defaults(run=_totals)

    cli_uploads.add_commands(commands)
    cli_alerts.add_commands(commands)
    cli_export.add_commands(commands)
    cli_snapshot.add_commands(commands)
    cli_brief.add_commands(commands)
    cli_synth.add_commands(commands)
    cli_release.add_commands(commands)
    cli_people.add_commands(commands)
    cli_restrict.add_commands(commands)
    cli_backup.add_commands(commands)
    cli_doctor.add_commands(commands)
    cli_prepare.add_commands(commands)
    return parser


def _init(options: argparse.Namespace, settings: Settings) -> int:
    _publish(settings)
    return 0


def _publish(settings: Settings) -> None:
    """Publish what is new or changed in the data folder, and say so."""
    store = open_store(settings.store_url, kind="real")
    edition = read_edition(settings.edition_folder)
    for source_id, revision in publish_reports(
        store, settings.data_folder, edition, viewer=LOCAL_ADMINISTRATOR
    ):
        done = f"published as revision {revision}" if revision else "already published"
        print(f"{source_id}: {done}")
    revision = latest_revision(store, viewer=LOCAL_ADMINISTRATOR)
    print(f"The store is at revision {revision}.", flush=True)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from streamlit.web import cli as streamlit  # in this process: what is imported stays so

    if settings.is_hosted or options.address:
        _refuse_unsafe(options, settings)  # before the store is touched
    store = open_store(settings.store_url)
    if store.is_synthetic:
        print(SENTENCE, flush=True)
    elif latest_revision(store, viewer=LOCAL_ADMINISTRATOR):
        # A store that is filled can be read while its reports are looked through for changes.
        threading.Thread(target=_publish, args=(settings,), daemon=True).start()
    else:
        _publish(settings)
    os.chdir(ROOT)  # Streamlit reads .streamlit/config.toml of the working folder
    address = ["--server.address", options.address] if options.address else []
    streamlit.main(["run", str(ROOT / "app.py"), "--server.port", str(options.port), *address])
    return 0


def _refuse_unsafe(options: argparse.Namespace, settings: Settings) -> None:
    from conflictmap.ui.server_guard import refuse_unsafe

    if settings.trusted_proxy:  # uvicorn takes a reader's address from the same proxies
        os.environ.setdefault("FORWARDED_ALLOW_IPS", ",".join(settings.trusted_proxy))
    with contextlib.chdir(ROOT):  # Streamlit reads .streamlit/config.toml of the working folder
        refuse_unsafe(settings, address=options.address)


def _totals(options: argparse.Namespace, settings: Settings) -> int:
    query = chosen_query(options, measure=options.measure)
    store = open_store(settings.store_url)
    viewer = acting_viewer(settings, store)
    latest = latest_revision(store, viewer=viewer)
    require_latest(settings, viewer.sight, query.revision, latest)
    edition = read_edition(settings.edition_folder)
    below = limit_at(settings, viewer.sight)
    facts = open_facts(
        store, edition, viewer=viewer, revision=query.revision, is_limited=bool(below)
    )
    check_query(query, facts)
    result = totals(facts, query, options.by, suppress_below=below)
    if options.json:
        print(_as_json(result, is_synthetic=store.is_synthetic))
    else:
        print(*([SENTENCE] if store.is_synthetic else []), _as_text(result), sep="\n")
    return 0


def _as_json(result: Totals, *, is_synthetic: bool) -> str:
    mark = {MARK: SENTENCE} if is_synthetic else {}
    return json.dumps(mark | dataclasses.asdict(result), ensure_ascii=False, indent=2)


def _as_text(result: Totals) -> str:
    if result.refusal:
        return result.refusal
    lines = [f"{result.measure}, revision {result.revision}"]
    for row in result.rows:
        ends = (
            ""
            if row.low == row.value == row.high
            else f"  (low {_n(row.low)}, high {_n(row.high)})"
        )
        lines.append(f"{_n(row.value):>12}  {row.name} [{row.key}]{ends}")
    for name, words in (
        ("not_placed", "not placed at this level"),
        ("abroad", "abroad"),
        ("suppressed", "suppressed"),
    ):
        if value := getattr(result, name):
            lines.append(f"{_n(value):>12}  {words}")
    once = " (rows may share incidents; each counted once)" if result.overlaps else ""
    lines.append(f"{_n(result.total):>12}  total{once}")
    lines.append(f"{_n(result.not_dated):>12}  more, not dated to the period")
    if result.outside_period:
        lines.append(f"{_n(result.outside_period):>12}  more, outside the period")
    lines.append(f"{_n(result.not_stated):>12}  incidents gave no figure")
    return "\n".join(lines)


def _n(value: float | None) -> str:
    if value is None:
        return "not stated"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"


if __name__ == "__main__":
    sys.exit(main())
