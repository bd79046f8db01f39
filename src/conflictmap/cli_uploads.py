"""The commands on uploads: ingest a file, report on it, roll a revision back."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.boundaries import read_edition
from conflictmap.errors import IncidentFileError, NothingToPublishError, QueryError
from conflictmap.ingest.model import BINS, Limits
from conflictmap.schema import SOURCE_KINDS
from conflictmap.settings import Settings
from conflictmap.store import open_store, roll_back

if TYPE_CHECKING:
    from conflictmap.ingest.upload import Examined

COMMAND_LINE_LIMITS = Limits(unpacked_bytes=2 * 2**30)
"""The command line takes larger files than the page."""

# What a script learns from the exit code.
ALL_SETTLED, SOME_ROWS_ASIDE, REFUSED = 0, 2, 3

_SOURCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


def add_commands(commands: Any) -> None:
    """Add ``ingest`` and ``rollback`` to the command's sub-commands."""
    ingest = commands.add_parser(
        "ingest",
        help="publish the incidents of a CSV or XLSX file as one revision",
        description="Exit codes: 0 every row settled, 2 some rows rejected or in review,"
        " 3 the file was refused, 1 anything else.",
    )
    ingest.add_argument("file", type=Path)
    ingest.add_argument("--source-id", help="label of the source; by default made of the file name")
    ingest.add_argument("--title", help="title of the source; by default the file name")
    ingest.add_argument("--publisher", default="not stated")
    ingest.add_argument("--source-kind", choices=SOURCE_KINDS, default="dataset")
    ingest.add_argument("--mapping", type=Path, metavar="FILE.json", help="a column for each field")
    ingest.add_argument("--answers", type=Path, metavar="FILE.json", help="what the page would ask")
    ingest.add_argument("--dry-run", action="store_true", help="report only, publish nothing")
    ingest.add_argument("--rejected", type=Path, metavar="FILE.csv", help="write rows to mend here")
    ingest.add_argument("--json", action="store_true")
    ingest.set_defaults(run=_ingest)

    back = commands.add_parser("rollback", help="make an earlier revision the latest again")
    back.add_argument("revision", type=int)
    back.set_defaults(run=_roll_back)


def _ingest(options: argparse.Namespace, settings: Settings) -> int:
    # Imported here, so that the dashboard does not wait for the readers when it starts.
    from conflictmap.ingest.account import rejected_csv
    from conflictmap.ingest.upload import changes, examine, publish_upload

    store = open_store(settings.store_url)
    content = _content(options.file)
    try:
        examined = examine(
            content,
            options.file.name,
            store,
            read_edition(settings.edition_folder),
            source=_source(options),
            viewer=LOCAL_ADMINISTRATOR,
            answers=_json(options.answers, dict),
            mapping=_json(options.mapping, dict),
            limits=COMMAND_LINE_LIMITS,
        )
    except IncidentFileError as error:
        _print_refusal(str(error), as_json=options.json)
        return REFUSED
    changes(examined)  # an answer that is no option is an error, in a dry run too
    revision = None
    if not options.dry_run:
        try:
            revision = publish_upload(store, examined, content, viewer=LOCAL_ADMINISTRATOR)
        except NothingToPublishError as error:
            if not options.json:
                print(error)
    if options.rejected:
        options.rejected.write_bytes(rejected_csv(examined.raw, examined.report))
    _print_report(examined, revision, as_json=options.json)
    bins = examined.report.bins
    aside = bins["rejected"] + bins["needs_review"] + bins["duplicate_candidate"]
    return SOME_ROWS_ASIDE if aside else ALL_SETTLED


def _roll_back(options: argparse.Namespace, settings: Settings) -> int:
    revision = roll_back(
        open_store(settings.store_url), options.revision, viewer=LOCAL_ADMINISTRATOR
    )
    print(f"Revision {revision} restores the state of revision {options.revision}.")
    return 0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise IncidentFileError(
            f"{path.name} cannot be read ({type(error).__name__}). Check its name and its rights."
        ) from error


def _source(options: argparse.Namespace) -> dict[str, str]:
    made = re.sub(r"[^A-Za-z0-9]+", "-", options.file.stem).strip("-")[:40]
    source_id = options.source_id or made
    if not _SOURCE_ID.fullmatch(source_id):
        raise QueryError("A source id has up to 40 letters, digits and hyphens. Give --source-id.")
    return {
        "source_id": source_id,
        "title": options.title or options.file.name,
        "publisher": options.publisher,
        "source_kind": options.source_kind,
    }


def _json(path: Path | None, kind: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return kind(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise QueryError(f"{path.name} is no JSON object that can be read. Correct it.") from error


def _print_refusal(reason: str, *, as_json: bool) -> None:
    if as_json:
        nothing = dict.fromkeys(BINS, 0)
        print(json.dumps({"rows": 0, "bins": nothing, "refused": reason, "problems": []}))
    else:
        print(reason)


def _print_report(examined: Examined, revision: int | None, *, as_json: bool) -> None:
    from conflictmap.ingest.account import as_dictionary

    report = examined.report
    if as_json:
        shown = as_dictionary(report) | {"revision": revision}
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    print(f"{report.label}: {report.rows:,} rows, read as {report.profile}")
    for name, count in report.bins.items():
        print(f"{count:>10,}  {name.replace('_', ' ')}")
    if report.withdrawn:
        print(f"{len(report.withdrawn):>10,}  in the store, but no longer in the file (kept)")
    for question in report.questions:
        print(f"To settle: {question.text} [{question.key}]")
    rows = report.outcomes[report.outcomes["bin"].isin(["rejected", "needs_review"])]
    for row in rows.head(20).itertuples():
        print(f"row {row.row}, {row.column}: {row.reason} {row.mend}")
    if len(rows) > 20:
        print(f"... and {len(rows) - 20:,} more; --rejected FILE.csv writes them all")
    print("Nothing was published." if revision is None else f"Published as revision {revision}.")
