"""The commands on uploads: ingest a file, publish or report on a kept one, roll a revision back."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conflictmap.access import Viewer
from conflictmap.acting import acting_viewer
from conflictmap.boundaries import read_edition
from conflictmap.cli_cluster import add_options, is_archive, join_archive
from conflictmap.cli_release import release_text
from conflictmap.cli_report import (
    ALL_SETTLED,
    ASIDE,
    REFUSED,
    SOME_ROWS_ASIDE,
    FileInHand,
    examined_file,
    kept_file,
    print_refusal,
    print_report,
    published_file,
    report,
)
from conflictmap.errors import IncidentFileError, NothingToPublishError, QueryError
from conflictmap.schema import SOURCE_KINDS, label
from conflictmap.settings import Settings
from conflictmap.store import Store, load_mappings, open_store, roll_back
from conflictmap.views.facts import load_facts
from conflictmap.views.release_check import ReleaseReport, release_of
from conflictmap.views.upload_preview import facts_after

if TYPE_CHECKING:
    from conflictmap.ingest.large import ExaminedInParts
    from conflictmap.ingest.upload import Examined

_EXIT_CODES = (
    "Exit codes: 0 every row settled, 2 some rows rejected or in review, 3 the file was refused,"
    " 5 the release check waits for --accept-release, 1 anything else."
)
NOT_ACCEPTED = 5
NOT_ACCEPTED_WORDS = (
    "Nothing was published. Read what the release check found and what would be withheld; then give"
    " --accept-release, or leave the file out."
)
NOT_CHECKED = (
    "A file of this size is not checked for small numbers before it is published. What is shown is"
    " worked out when it is read; `conflictmap release-check` tells it afterwards."
)
MOST_BYTES_KEPT = 64 * 2**20
"""A larger file is worked on in parts and not kept in the store, which has its hash."""

_SOURCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


def add_commands(commands: Any) -> None:
    """Add ``ingest``, ``publish``, ``report`` and ``rollback`` to the command's sub-commands."""
    ingest = commands.add_parser(
        "ingest",
        help="publish the incidents of a CSV or XLSX file as one revision, or join an archive",
        description=_EXIT_CODES,
    )
    ingest.add_argument("file", nargs="+", help="one file, or the parts of an archive")
    ingest.add_argument("--source-id", help="label of the source; by default made of the file name")
    ingest.add_argument("--title", help="title of the source; by default the file name")
    ingest.add_argument("--publisher", default="not stated")
    ingest.add_argument("--source-kind", choices=SOURCE_KINDS, default="dataset")
    columns = ingest.add_mutually_exclusive_group()
    columns.add_argument("--mapping", type=Path, metavar="FILE.json", help="a column a field")
    columns.add_argument(
        "--profile", metavar="NAME", help="a saved mapping, or the layout that the file must have"
    )
    ingest.add_argument("--answers", type=Path, metavar="FILE.json", help="what the page would ask")
    _add_report_options(ingest)
    add_options(ingest)
    ingest.set_defaults(run=_ingest)

    publish = commands.add_parser(
        "publish",
        help="publish an upload that is still open, with the answers given so far",
        description=_EXIT_CODES,
    )
    publish.add_argument("upload", type=int, help="its number; `conflictmap report` lists them")
    _add_report_options(publish)
    publish.set_defaults(run=_publish)

    told = commands.add_parser("report", help="tell what became of an upload, or list the uploads")
    told.add_argument("upload", type=int, nargs="?", help="its number; without one, all are listed")
    told.add_argument("--json", action="store_true")
    told.set_defaults(run=report)

    back = commands.add_parser("rollback", help="make an earlier revision the latest again")
    back.add_argument("revision", type=int)
    back.set_defaults(run=_roll_back)


def _add_report_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--dry-run", action="store_true", help="report only, publish nothing")
    command.add_argument(
        "--accept-release",
        action="store_true",
        help="publish although small numbers could be found, were nothing withheld beside them",
    )
    command.add_argument(
        "--rejected", type=Path, metavar="FILE.csv", help="write rows to mend here"
    )
    command.add_argument("--json", action="store_true")


def _ingest(options: argparse.Namespace, settings: Settings) -> int:
    if is_archive(options):
        return join_archive(options, settings)
    if len(options.file) > 1 or options.output:
        raise QueryError(
            "One file is published at a time, in the store. An archive of parts, which is joined to"
            " a folder, needs --local-workers or --cluster."
        )
    options.file = Path(options.file[0])
    store = open_store(settings.store_url)
    profile, mapping = _profile(options.profile, store, acting_viewer(settings, store))
    file = FileInHand(
        content=_content(options.file),
        label=options.file.name,
        source=_source(options),
        answers=_json(options.answers, dict),
        mapping=mapping or _json(options.mapping, dict),
    )
    return _examine_and_publish(file, store, settings, options, profile=profile)


def _publish(options: argparse.Namespace, settings: Settings) -> int:
    store = open_store(settings.store_url)
    file = kept_file(store, options.upload, viewer=acting_viewer(settings, store))
    return _examine_and_publish(file, store, settings, options)


def _examine_and_publish(
    file: FileInHand,
    store: Store,
    settings: Settings,
    options: argparse.Namespace,
    *,
    profile: str = "",
) -> int:
    """Publish what is settled of a file, print its report and return the exit code.

    Parameters
    ----------
    profile
        What the file must be, one of `recognise.PROFILES`; empty: whatever it is.
    """
    # Imported here, so that the dashboard does not wait for the readers when it starts.
    from conflictmap.ingest.account import rejected_csv
    from conflictmap.ingest.upload import Examined, changes

    viewer = acting_viewer(settings, store)
    try:
        examined = examined_file(file, store, settings, viewer=viewer)
        found = examined.report.profile
        if profile and found != profile:
            raise IncidentFileError(
                f"{examined.report.label}: it is read as {label(found)}, not as {label(profile)}."
                " Name what it is, or leave --profile out."
            )
    except IncidentFileError as error:
        print_refusal(str(error), as_json=options.json)
        return REFUSED
    if isinstance(examined, Examined):
        changes(examined)  # an answer that is no option is an error, in a dry run too
    release = _release_report(examined, store, settings, viewer)
    if release is not None and not options.json:
        print(release_text(release))
    if release is not None and release.found and not (options.accept_release or options.dry_run):
        print_refusal(NOT_ACCEPTED_WORDS, as_json=options.json)
        return NOT_ACCEPTED
    revision = None
    if not options.dry_run:
        try:
            revision = published_file(file, examined, store, viewer=viewer)
        except NothingToPublishError as error:
            if not options.json:
                print(error)
    if options.rejected:
        options.rejected.write_bytes(rejected_csv(examined.raw, examined.report))
    print_report(examined, revision, as_json=options.json)
    has_rows_aside = any(examined.report.bins[name] for name in ASIDE)
    return SOME_ROWS_ASIDE if has_rows_aside else ALL_SETTLED


def _release_report(
    examined: Examined | ExaminedInParts, store: Store, settings: Settings, viewer: Viewer
) -> ReleaseReport | None:
    """Return what the counts would tell once the file is published; None: all may be shown."""
    from conflictmap.ingest.upload import Examined, preview

    if settings.suppress_below < 2:
        return None
    if not isinstance(examined, Examined):  # too large to be held twice
        print(NOT_CHECKED, file=sys.stderr)
        return None
    before = load_facts(store, read_edition(settings.edition_folder), viewer=viewer)
    after = facts_after(before, preview(examined))
    return release_of(after, settings.suppress_below).report


def _roll_back(options: argparse.Namespace, settings: Settings) -> int:
    store = open_store(settings.store_url)
    revision = roll_back(store, options.revision, viewer=acting_viewer(settings, store))
    print(f"Revision {revision} restores the state of revision {options.revision}.")
    return 0


def _profile(name: str | None, store: Store, viewer: Viewer) -> tuple[str, dict[str, object]]:
    """Return the layout that a name stands for, or else the saved mapping of that name."""
    from conflictmap.ingest.recognise import PROFILES

    if not name:
        return "", {}
    if name in PROFILES:
        return name, {}
    saved = load_mappings(store, viewer=viewer)
    if name not in saved:
        kept = f" Saved mappings: {', '.join(saved)}." if saved else " No mapping is saved."
        raise QueryError(
            f"There is no profile '{name}'. Known layouts: {', '.join(PROFILES)}.{kept}"
        )
    return "", saved[name]


def _content(path: Path) -> bytes | Path:
    """Return the bytes of a file, or its path where it is too large to be held and kept."""
    try:
        if path.stat().st_size > MOST_BYTES_KEPT:
            path.open("rb").close()
            return path
        return path.read_bytes()
    except OSError as error:
        raise IncidentFileError(
            f"{path.name} cannot be read ({type(error).__name__}). Check its name and its rights."
        ) from error


def _source(options: argparse.Namespace) -> dict[str, object]:
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
