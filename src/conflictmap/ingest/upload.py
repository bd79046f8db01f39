"""An upload from its bytes to its revision.

`examine` reads, recognises, converts, places, compares and accounts, and changes nothing: the same
file with the same answers over the same store gives the same report. Page and command call it as
often as answers change; `publish_upload` then writes one revision, or nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from conflictmap.access import Viewer, require
from conflictmap.boundaries import BoundaryEdition
from conflictmap.distinct import is_among
from conflictmap.errors import NothingToPublishError, Problem, QueryError
from conflictmap.formula_guard import unguarded
from conflictmap.ingest.account import (
    KEEP,
    MENDING_COLUMNS,
    UploadReport,
    account,
    duplicate_key,
    place_key,
    rows_to_publish,
)
from conflictmap.ingest.assemble import Assembled, assemble, ids_of_cells
from conflictmap.ingest.compare import PARTS, Comparison, compare
from conflictmap.ingest.convert import convert_file
from conflictmap.ingest.kinds import refuse_other_kind
from conflictmap.ingest.model import Answers, Draft, Limits, RawTable
from conflictmap.ingest.reading import read_raw
from conflictmap.ingest.reference_actors import rows_of_actors
from conflictmap.mark import MARK
from conflictmap.schema import TABLES
from conflictmap.store import (
    PublishedUpload,
    Store,
    keep_upload,
    latest_revision,
    load_tables,
    publish,
    standing_revision,
)

WITHDRAW_KEY = "withdraw what the file no longer holds"
"""The answer "yes" withdraws incidents of the source that the file lacks; else they stay."""

STAGES = ("reading", "converting", "placing", "comparing", "accounting")
"""What `examine` does, in order; `convert_file` recognises the layout first."""

Progress = Callable[[str, float], None]
"""Called at the beginning of each stage with its name and the share of the stages that are done.
What it raises ends the work, and nothing is changed."""


NOTHING_CHANGES = "Nothing would change: no row of the file is new, changed or withdrawn."


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was found on a whole file, and what it was compared with."""

    raw: RawTable
    report: UploadReport
    answers: Answers
    source: Mapping[str, object]
    revision: int  # of the store that it was compared with
    held: Mapping[str, pd.DataFrame]
    mapping: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Examined(Findings):
    """A file as it would be published: its parts, and the report on each of its rows."""

    draft: Draft
    assembled: Assembled
    comparison: Comparison


def examine(
    content: bytes | Path,
    label: str,
    store: Store,
    edition: BoundaryEdition,
    *,
    source: Mapping[str, object],
    viewer: Viewer,
    answers: Answers | None = None,
    mapping: Mapping[str, object] | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Examined:
    """Read a file and say what publishing it would do.

    Parameters
    ----------
    content
        The file's bytes, or where a very large one is.
    source
        ``source_id``, ``title``, ``publisher`` and ``source_kind`` of the row of ``sources`` that
        stands for the file. Files of the same source replace each other's records.
    answers
        What was settled so far; see `Question`, `place_key`, `duplicate_key`, `WITHDRAW_KEY`.
    mapping
        A column for each field, for a file of unknown layout.
    progress
        Told the stages of `STAGES`.

    Raises
    ------
    IncidentFileError
        If the file cannot be read, holds counts and no incidents, or is synthetic and the store
        real, or the other way round.
    """
    settled = dict(answers or {})
    tell(progress, "reading")
    opened = open_upload(content, label, store, source, settled, limits or Limits(), viewer=viewer)
    raw, held, whole_source = opened.raw, opened.held, opened.source
    tell(progress, "converting")
    draft = convert_file(raw, settled, mapping)
    tell(progress, "placing")
    assembled = settle_places(assemble(draft, whole_source, edition), settled)
    tell(progress, "comparing")
    comparison = compare(assembled.tables, held, str(whole_source["source_id"]))
    comparison = keep_unread(comparison, raw, draft.rejected, str(whole_source["source_id"]))
    tell(progress, "accounting")
    report = account(raw, draft, assembled, comparison, settled)
    return Examined(
        raw=raw,
        draft=draft,
        assembled=assembled,
        comparison=comparison,
        report=report,
        answers=settled,
        source=whole_source,
        revision=opened.revision,
        held=held,
        mapping=dict(mapping or {}),
    )


@dataclass(frozen=True)
class Opened:
    """A file that was read, and the store as it was then."""

    raw: RawTable
    source: Mapping[str, object]
    revision: int
    held: Mapping[str, pd.DataFrame]


def open_upload(
    content: bytes | Path,
    label: str,
    store: Store,
    source: Mapping[str, object],
    answers: Answers,
    limits: Limits,
    *,
    viewer: Viewer,
) -> Opened:
    """Read a file of incidents and the store that it is to be compared with; see `examine`."""
    require(viewer, "publish")  # what it is compared with is not for everybody
    revision = latest_revision(store, viewer=viewer)
    held = load_tables(store, viewer=viewer, revision=revision)
    raw = _without_reasons(read_raw(content, label, answers=answers, limits=limits))
    told = _lines_with_mark(content) if isinstance(content, Path) else content
    refuse_other_kind(raw, told, store.kind, source_id=str(source["source_id"]))
    return Opened(raw, _source_row(source, raw, held), revision, held)


def changes(examined: Examined) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return the rows that publishing adds, and those it withdraws."""
    return additions_of(examined), withdrawals_of(examined)


def additions_of(examined: Examined) -> dict[str, pd.DataFrame]:
    """Return the rows that publishing adds.

    A row that was linked to an incident we have adds what its source said of that incident, and no
    incident: one incident, several reports, counted once.
    """
    tables, held = examined.assembled.tables, examined.held
    chosen = rows_to_publish(examined.report)
    linked = linked_incidents(examined, chosen)
    fresh = chosen - set(linked)
    additions = {name: tables[name] for name in PARTS}
    if len(fresh) < len(additions["incidents"]):
        additions = {name: _of(rows, fresh) for name, rows in additions.items()}
    if linked:
        additions["incident_sources"] = pd.concat(
            [additions["incident_sources"], _told_of_linked(tables, held, linked)]
        )
    additions["place_candidates"] = _candidates(tables, fresh)
    additions["sources"] = tables["sources"]
    named, source_id = additions["attributions"]["actor_id"], str(examined.source["source_id"])
    additions["actors"] = rows_of_actors(named, held["actors"], source_id)
    return additions


def withdrawals_of(examined: Examined) -> dict[str, pd.DataFrame]:
    """Return the rows that publishing withdraws: of changed incidents, and of those to withdraw."""
    held, source_id = examined.held, examined.source["source_id"]
    chosen = rows_to_publish(examined.report)
    fresh = chosen - set(linked_incidents(examined, chosen))
    gone = examined.comparison.changed & chosen
    if examined.answers.get(WITHDRAW_KEY) == "yes":
        gone |= set(examined.comparison.withdrawn)
    withdrawals = {name: _of(held[name], gone) for name in PARTS}
    told = withdrawals["incident_sources"]
    by_others = is_among(told["incident_id"], fresh) & (told["source_id"] != source_id)
    withdrawals["incident_sources"] = told[~by_others]
    withdrawals["place_candidates"] = _candidates(held, gone)
    withdrawals["sources"] = held["sources"][held["sources"]["source_id"] == source_id]
    withdrawals["actors"] = held["actors"].iloc[:0]
    return withdrawals


def preview(examined: Examined) -> dict[str, pd.DataFrame]:
    """Return the store's tables as they would be after publishing."""
    additions, withdrawals = changes(examined)
    after = dict(examined.held)
    for name in additions:
        key = list(TABLES[name].key)
        rows = after[name]
        gone = withdrawals[name].set_index(key).index if len(withdrawals[name]) else None
        if gone is not None:
            rows = rows[~rows.set_index(key).index.isin(gone)]
        added = additions[name].assign(added_in=0)
        after[name] = pd.concat([rows, added], ignore_index=True) if len(added) else rows
    return after


def publish_upload(
    store: Store,
    examined: Examined,
    content: bytes | Path,
    *,
    viewer: Viewer,
    progress: Progress | None = None,
) -> int:
    """Publish what a report calls new or changed as one revision; return its number.

    Publishing the same report again adds nothing and returns the revision that holds it. `progress`
    is told "preparing" and "publishing": what it raises then is the last that can stop it. Of a
    file that was not given as bytes the store keeps the hash, and not the file.

    Raises
    ------
    QueryError
        If nothing would change, or the store has changed since the file was examined.
    """
    if progress is not None:
        progress("preparing", 0.0)
    additions, withdrawals = changes(examined)
    if not any(len(additions[name]) or len(withdrawals[name]) for name in PARTS):
        raise NothingToPublishError(NOTHING_CHANGES)
    return write_upload(
        store,
        examined,
        content=None if isinstance(content, Path) else content,
        withdrawals=withdrawals,
        parts=[additions],
        viewer=viewer,
        progress=progress,
    )


def write_upload(
    store: Store,
    examined: Findings,
    *,
    content: bytes | None,
    withdrawals: Mapping[str, pd.DataFrame],
    parts: Iterable[Mapping[str, pd.DataFrame]],
    viewer: Viewer,
    progress: Progress | None,
) -> int:
    """Write an upload as one revision, its rows part by part; see `publish_upload`."""
    report = examined.report
    digest = _content_sha256(examined)
    standing = standing_revision(store, digest, viewer=viewer)
    if standing is not None:
        return standing
    if latest_revision(store, viewer=viewer) != examined.revision:
        raise QueryError(
            "Nothing was published: the store has changed since the file was read. Look at the"
            " report again, then publish."
        )
    if progress is not None:
        progress("publishing", 0.5)
    upload_id = keep_upload(
        store,
        label=report.label,
        sha256=report.sha256,
        content=content,
        source=examined.source,
        answers=examined.answers,
        mapping=examined.mapping,
        viewer=viewer,
    )
    return publish(
        store,
        parts,
        withdrawals=withdrawals,
        viewer=viewer,
        note=f"Upload of {examined.source['source_id']}",
        content_sha256=digest,
        as_of=examined.revision,
        upload=PublishedUpload(upload_id, report.outcomes),
    )


def tell(progress: Progress | None, stage: str) -> None:
    if progress is not None:
        progress(stage, STAGES.index(stage) / len(STAGES))


def _lines_with_mark(path: Path) -> bytes:
    """Return the lines of a file that may say that it is made up."""
    mark, last = MARK.encode(), MARK[-1].encode()
    with path.open("rb") as file:
        # In UTF-16 a zero byte stands beside each letter: a line with one is looked at without.
        return b"".join(
            line
            for line in file
            if mark in line or (b"\0" in line and last in line and mark in line.replace(b"\0", b""))
        )


def _without_reasons(raw: RawTable) -> RawTable:
    """Return a file of mended rows without the columns that told why they were set aside."""
    if raw.header[: len(MENDING_COLUMNS)] != MENDING_COLUMNS:
        return raw
    cells = raw.cells.drop(columns=list(MENDING_COLUMNS))
    return replace(raw, cells=unguarded(cells), header=raw.header[len(MENDING_COLUMNS) :])


def keep_unread(
    comparison: Comparison, raw: RawTable, rejected: Iterable[Problem], source_id: str
) -> Comparison:
    """Take from the withdrawn what a rejected row may be about: it says nothing against it."""
    rows = {problem.row for problem in (*raw.rejected, *rejected)}
    cells = [cell for row in rows for cell in raw.ragged.get(row, ())]
    cells += raw.cells.loc[raw.cells.index.isin(rows)].to_numpy().ravel().tolist()
    if not comparison.withdrawn or not cells:
        return comparison
    unread = ids_of_cells(cells, source_id)
    kept = tuple(incident for incident in comparison.withdrawn if incident not in unread)
    return replace(comparison, withdrawn=kept)


def _content_sha256(examined: Findings) -> str:
    """Return the hash of all that decides what is published.

    The revision that the file was compared with is part of it: an older file may be published
    again after a newer one.
    """
    parts = [examined.revision, examined.report.sha256, dict(examined.source)]
    parts += [dict(examined.answers), dict(examined.mapping)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _source_row(
    source: Mapping[str, object], raw: RawTable, held: Mapping[str, pd.DataFrame]
) -> dict[str, object]:
    """Return the whole row of ``sources``; the order of reading goes on from what is held."""
    known = held["sources"]
    before = known[known["source_id"] == source["source_id"]]
    following = int(known["reading_order"].max()) + 1 if len(known) else 1
    order = int(before["reading_order"].iloc[0]) if len(before) else following
    defaults = {"source_kind": "spreadsheet", "title": raw.label, "publisher": "not stated"}
    return {**defaults, **source, "reading_order": order, "text_sha256": raw.sha256}


def settle_places(assembled: Assembled, answers: Answers) -> Assembled:
    """Give the units that the analyst chose for ambiguous places."""
    places = assembled.tables["incident_places"].copy()
    candidates = assembled.tables["place_candidates"]
    for incident, units in assembled.options.items():
        unit = answers.get(place_key(incident), KEEP)
        if unit == KEEP:
            continue
        if unit not in units:
            raise QueryError(f"The answer to '{place_key(incident)}' is none of its options.")
        row = places["incident_id"] == incident
        places.loc[row, "adm1_code"] = unit[:6]
        places.loc[row, "adm2_code"] = unit if len(unit) > 6 else None
        places.loc[row, "geo_precision"] = "adm2" if len(unit) > 6 else "adm1"
        places.loc[row, "join_method"] = "confirmed"
        candidates = candidates[candidates["subject_id"] != incident]
    tables = {**assembled.tables, "incident_places": places, "place_candidates": candidates}
    return replace(assembled, tables=tables)


def linked_incidents(examined: Examined, chosen: set[str]) -> dict[str, str]:
    """Return the incidents that the analyst says are ones we have: theirs to ours."""
    pairs = examined.comparison.duplicates
    linked = {}
    for key, answer in examined.answers.items():
        incident = key.removeprefix(duplicate_key(""))
        if answer == KEEP or incident == key or incident not in chosen:
            continue
        others = set(pairs.loc[pairs["incident_id"] == incident, "other_id"])
        if answer not in others:
            raise QueryError(f"The answer to '{duplicate_key(incident)}' is no option.")
        linked[incident] = answer
    return linked


def _told_of_linked(
    tables: Mapping[str, pd.DataFrame],
    held: Mapping[str, pd.DataFrame],
    linked: Mapping[str, str],
) -> pd.DataFrame:
    """Return what a file says of incidents we have, numbered behind what its source said before."""
    statements, key = tables["incident_sources"], ["incident_id", "source_id"]
    rows = statements[is_among(statements["incident_id"], linked)].copy()
    rows["incident_id"] = rows["incident_id"].map(dict(linked))
    before = held["incident_sources"].groupby(key)["statement_no"].max()
    last = [int(before.get(pair, 0)) for pair in rows[key].itertuples(index=False, name=None)]
    rows["statement_no"] = rows.groupby("incident_id").cumcount() + 1 + last
    return rows.astype({"statement_no": "Int64"})


def _candidates(tables: Mapping[str, pd.DataFrame], incidents: Set[str]) -> pd.DataFrame:
    rows = tables["place_candidates"]
    is_place = rows["subject_table"] == "incident_places"
    return rows[is_place & is_among(rows["subject_id"], incidents)]


def _of(rows: pd.DataFrame, incidents: Set[str]) -> pd.DataFrame:
    """Return the rows of some incidents."""
    is_theirs = is_among(rows["incident_id"], incidents)
    return rows if is_theirs.all() else rows[is_theirs]
