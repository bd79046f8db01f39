"""What the commands print of an upload, kept in the store or in hand: its bins and its problems."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from conflictmap.access import Viewer
from conflictmap.acting import acting_viewer
from conflictmap.boundaries import read_edition
from conflictmap.errors import IncidentFileError, QueryError
from conflictmap.ingest.model import BINS, Limits
from conflictmap.settings import Settings
from conflictmap.store import (
    Store,
    load_upload,
    load_upload_rows,
    load_uploads,
    open_store,
    rows_changed,
)

if TYPE_CHECKING:
    from conflictmap.ingest.large import ExaminedInParts
    from conflictmap.ingest.upload import Examined, Progress

COMMAND_LINE_LIMITS = Limits(unpacked_bytes=2 * 2**30)
"""The command line takes larger files than the page."""

# What a script learns from the exit code.
ALL_SETTLED, SOME_ROWS_ASIDE, REFUSED = 0, 2, 3

ASIDE = ("rejected", "needs_review", "duplicate_candidate")
MOST_PRINTED = 20


@dataclass(frozen=True)
class FileInHand:
    """A file with its source, and what was settled of it.

    Of a very large one ``content`` is its path: it is worked on in parts, and not kept.
    """

    content: bytes | Path
    label: str
    source: Mapping[str, object]
    answers: Mapping[str, str]
    mapping: Mapping[str, object]


def kept_file(store: Store, upload_id: int, *, viewer: Viewer) -> FileInHand:
    """Return the file of an open upload of incidents.

    Raises
    ------
    QueryError
        If there is no such upload, it is no longer open, or it holds a table.
    """
    row = _upload(store, upload_id, viewer)
    if row["status"] == "published":
        raise QueryError(f"Upload {upload_id} was published as revision {row['revision']}.")
    if row["status"] != "open":
        raise QueryError(f"Upload {upload_id} was dropped. Upload its file again.")
    if row["table_name"]:
        raise QueryError(
            f"Upload {upload_id} is the table {row['table_name']}: publish it on the page"
            " Corrections, which asks for the reason."
        )
    kept = load_upload(store, upload_id, viewer=viewer)
    if not kept.content:
        raise QueryError(
            f"Upload {upload_id} was a very large file, which is not kept. Ingest the file again."
        )
    return FileInHand(kept.content, kept.label, kept.source, kept.answers, kept.mapping)


def examined_file(
    file: FileInHand,
    store: Store,
    settings: Settings,
    *,
    viewer: Viewer,
    progress: Progress | None = None,
) -> Examined | ExaminedInParts:
    """Return what publishing a file would do; nothing is changed."""
    # Imported here, so that the dashboard does not wait for the readers when it starts.
    from conflictmap.ingest.large import examine_in_parts
    from conflictmap.ingest.upload import examine

    how: dict[str, Any] = {
        "source": file.source,
        "viewer": viewer,
        "answers": file.answers,
        "mapping": file.mapping,
        "limits": COMMAND_LINE_LIMITS,
        "progress": progress,
    }
    edition = read_edition(settings.edition_folder)
    if isinstance(file.content, Path):
        return examine_in_parts(file.content, file.label, store, edition, **how)
    return examine(file.content, file.label, store, edition, **how)


def published_file(
    file: FileInHand,
    examined: Examined | ExaminedInParts,
    store: Store,
    *,
    viewer: Viewer,
    progress: Progress | None = None,
) -> int:
    """Publish a file that was examined; return the revision."""
    from conflictmap.ingest.large import ExaminedInParts, publish_in_parts
    from conflictmap.ingest.upload import publish_upload

    if isinstance(examined, ExaminedInParts):
        return publish_in_parts(store, examined, viewer=viewer, progress=progress)
    return publish_upload(store, examined, file.content, viewer=viewer, progress=progress)


def report(options: argparse.Namespace, settings: Settings) -> int:
    """Print the report of a kept upload, or the list of uploads; return the exit code."""
    store = open_store(settings.store_url)
    viewer = acting_viewer(settings, store)
    if options.upload is None:
        _print_uploads(store, viewer, as_json=options.json)
        return ALL_SETTLED
    row = _upload(store, options.upload, viewer)
    if row["status"] != "open" or row["table_name"]:
        _print_kept(store, row, viewer, as_json=options.json)
        return ALL_SETTLED
    from conflictmap.ingest.upload import Examined, changes

    try:
        file = kept_file(store, options.upload, viewer=viewer)
        examined = examined_file(file, store, settings, viewer=viewer)
        assert isinstance(examined, Examined)  # what is kept is not worked on in parts
    except IncidentFileError as error:
        print_refusal(str(error), as_json=options.json)
        return REFUSED
    additions, withdrawals = changes(examined)
    counts = {name: (len(rows), len(withdrawals[name])) for name, rows in additions.items()}
    changed = {name: pair for name, pair in counts.items() if any(pair)}
    if options.json:
        print_report(examined, None, as_json=True, more=row | {"changed": _changed(changed)})
        return ALL_SETTLED
    print(_heading(row))
    print_report(examined, None, as_json=False)
    _print_changed("It would change", changed)
    return ALL_SETTLED


def print_refusal(reason: str, *, as_json: bool) -> None:
    """Print why a file was refused."""
    if as_json:
        nothing = dict.fromkeys(BINS, 0)
        print(json.dumps({"rows": 0, "bins": nothing, "refused": reason, "problems": []}))
    else:
        print(reason)


def print_report(
    examined: Examined | ExaminedInParts,
    revision: int | None,
    *,
    as_json: bool,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Print what became of the rows of a file that was examined.

    Parameters
    ----------
    revision
        The revision that published it; None: nothing was.
    more
        Further values of the JSON.
    """
    from conflictmap.ingest.account import as_dictionary
    from conflictmap.ingest.large import ExaminedInParts
    from conflictmap.ingest.losses import warnings_of

    changed = examined.changed_only() if isinstance(examined, ExaminedInParts) else examined
    found, warnings = examined.report, warnings_of(changed)
    if as_json:
        shown = {**as_dictionary(found), "revision": revision, **(more or {})}
        shown["warnings"] = list(warnings)
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    print(f"{found.label}: {found.rows:,} rows, read as {found.profile}")
    _print_bins(found.bins)
    if found.withdrawn:
        print(f"{len(found.withdrawn):>10,}  in the store, but no longer in the file (kept)")
    for words in warnings:
        print(f"Mind: {words}")
    for note in found.notes:
        print(f"Note: {note}")
    for question in found.questions:
        print(f"To settle: {question.text} [{question.key}]")
    rows = found.outcomes[found.outcomes["bin"].isin(["rejected", "needs_review"])]
    for row in rows.head(MOST_PRINTED).itertuples():
        print(f"row {row.row}, {row.column}: {row.reason} {row.mend}")
    if len(rows) > MOST_PRINTED:
        print(f"... and {len(rows) - MOST_PRINTED:,} more; --rejected FILE.csv writes them all")
    print("Nothing was published." if revision is None else f"Published as revision {revision}.")


def _print_uploads(store: Store, viewer: Viewer, *, as_json: bool) -> None:
    listed = load_uploads(store, viewer=viewer)
    rows = [_plain(row) for row in listed.to_dict("records")]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        print(_heading(row))
    if not rows:
        print("No file was uploaded so far.")


def _print_kept(store: Store, row: dict[str, Any], viewer: Viewer, *, as_json: bool) -> None:
    """Print what the store recorded of an upload that is no longer open."""
    rows = load_upload_rows(store, row["upload_id"], viewer=viewer)
    counts = rows["bin"].value_counts()
    bins = {name: int(counts.get(name, 0)) for name in BINS}
    changed = {}
    if row["revision"] is not None:
        changed = rows_changed(store, row["revision"], viewer=viewer)
    aside = rows[rows["bin"].isin(ASIDE)]
    if as_json:
        found = {"rows": len(rows), "bins": bins, "changed": _changed(changed)}
        problems = aside.rename(columns={"row": "line"}).to_dict("records")
        shown = {**row, **found, "problems": problems}
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    print(_heading(row))
    if len(rows):
        _print_bins(bins)
    for problem in aside.head(MOST_PRINTED).itertuples():
        print(f"row {problem.row}, {problem.bin.replace('_', ' ')}: {problem.reason}")
    if len(aside) > MOST_PRINTED:
        print(f"... and {len(aside) - MOST_PRINTED:,} more; --json tells them all")
    _print_changed("It changed", changed)


def _print_bins(bins: Mapping[str, int]) -> None:
    for name, count in bins.items():
        print(f"{count:>10,}  {name.replace('_', ' ')}")


def _print_changed(words: str, changed: Mapping[str, tuple[int, int]]) -> None:
    for name, (added, withdrawn) in changed.items():
        print(f"{words} {name}: {added:,} rows added, {withdrawn:,} withdrawn.")
    if not changed:
        print(f"{words} nothing.")


def _changed(changed: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, int]]:
    return {
        name: {"added": added, "withdrawn": withdrawn}
        for name, (added, withdrawn) in changed.items()
    }


def _heading(row: Mapping[str, Any]) -> str:
    of = f"table {row['table_name']}" if row["table_name"] else f"source {row['source_id']}"
    status = row["status"]
    if row["revision"] is not None:
        status += f" as revision {row['revision']}"
    return (
        f"{row['upload_id']}: {row['label']}, {of}, {status}; uploaded {row['uploaded_at']} UTC"
        f" by {row['uploaded_by']}"
    )


def _upload(store: Store, upload_id: int, viewer: Viewer) -> dict[str, Any]:
    listed = load_uploads(store, viewer=viewer)
    found = listed[listed["upload_id"] == upload_id]
    if found.empty:
        raise QueryError(f"There is no upload {upload_id}. `conflictmap report` lists them.")
    return _plain(found.iloc[0].to_dict())


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row of uploads as plain values for JSON."""
    plain: dict[str, Any] = {}
    for name, value in row.items():
        plain[str(name)] = None if pd.isna(value) else value
        if name in ("upload_id", "revision") and pd.notna(value):
            plain[str(name)] = int(value)
    return plain | {"uploaded_at": str(plain["uploaded_at"])[:19]}
