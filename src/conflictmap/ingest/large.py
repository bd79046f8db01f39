"""Very large files: an upload examined and published in parts, as `upload` does it whole.

Report, rows in the store and what is withdrawn are the same. What decides on the whole file is read
from the whole file: the columns of which each cell is read by all of them, ids that occur twice,
what the file no longer holds. All parts are one revision, whole or absent. The rows of a part wait
on disk for publishing, in a folder that goes with the examination.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from conflictmap.access import Viewer
from conflictmap.boundaries import BoundaryEdition
from conflictmap.errors import NothingToPublishError
from conflictmap.ingest.account import (
    AccountedRows,
    accounted_rows,
    duplicate_key,
    report_of,
    rows_to_mend,
    rows_to_publish,
)
from conflictmap.ingest.assemble import Assembled, assemble
from conflictmap.ingest.compare import PARTS, compare, held_statements
from conflictmap.ingest.convert import convert_in_parts
from conflictmap.ingest.model import Answers, Limits
from conflictmap.ingest.upload import (
    NOTHING_CHANGES,
    WITHDRAW_KEY,
    Examined,
    Findings,
    Progress,
    additions_of,
    keep_unread,
    linked_incidents,
    open_upload,
    settle_places,
    tell,
    withdrawals_of,
    write_upload,
)
from conflictmap.store import Store

PART_ROWS = 100_000


@dataclass(frozen=True, kw_only=True)
class ExaminedInParts(Findings):
    """A very large file as it would be published, and the report on each of its rows.

    ``raw`` has the cells of the rows to mend only. The tables of a part are read from disk whenever
    they are asked for.
    """

    parts: tuple[Examined, ...]
    folder: _Folder  # of the tables

    def changed_only(self) -> Examined:
        """Return the file as if it held nothing but the incidents that it changes."""
        changed = frozenset[str]().union(*(part.comparison.changed for part in self.parts))
        first = self.parts[0]
        tables = dict(self.held)
        for name in PARTS if changed else ():
            rows = [part.assembled.tables[name] for part in self.parts if part.comparison.changed]
            tables[name] = pd.concat([table[table["incident_id"].isin(changed)] for table in rows])
        return replace(
            first,
            report=self.report,
            assembled=replace(first.assembled, tables=tables),
            comparison=replace(first.comparison, changed=changed),
        )


def examine_in_parts(
    file: Path,
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
) -> ExaminedInParts:
    """Read a very large file and say what publishing it would do; see `upload.examine`.

    Raises
    ------
    IncidentFileError
        As `upload.examine`.
    QueryError
        If an answer is none of its options.
    """
    settled = dict(answers or {})
    tell(progress, "reading")
    opened = open_upload(file, label, store, source, settled, limits or Limits(), viewer=viewer)
    raw, held, source_id = opened.raw, opened.held, str(opened.source["source_id"])
    folder = _Folder()
    free, ids = held_statements(held, source_id), list[pd.Index]()
    parts: list[Examined] = []
    accounted: list[AccountedRows] = []
    tell(progress, "converting")
    for cells, draft in convert_in_parts(raw, settled, mapping, rows=PART_ROWS):
        own = replace(raw, cells=cells)
        if parts:  # what was no record is of the first part
            own = replace(own, skipped=(), rejected=(), ragged={})
        tell(progress, "placing")
        placed = assemble(draft, opened.source, edition, earlier=ids)
        assembled = settle_places(placed, settled)
        ids.append(assembled.rows.index)
        tell(progress, "comparing")
        comparison = compare(assembled.tables, held, source_id, free=free)
        tell(progress, "accounting")
        accounted.append(accounted_rows(own, draft, assembled, comparison, settled))
        part = Examined(
            raw=replace(own, cells=_none_of(cells)),
            report=report_of(own, accounted[-1:]),
            answers=settled,
            source=opened.source,
            revision=opened.revision,
            held=held,
            mapping=dict(mapping or {}),
            draft=replace(
                draft,
                records=_none_of(draft.records),
                casualties=_none_of(draft.casualties),
                attributions=_none_of(draft.attributions),
            ),
            assembled=_on_disk(assembled, folder.path / str(len(parts))),
            comparison=replace(comparison, new=frozenset(), unchanged=frozenset()),
        )
        linked_incidents(part, rows_to_publish(part.report))  # an answer that is no option
        parts.append(part)
        del own, cells, draft, placed, assembled, comparison, part
        tell(progress, "converting")
    tell(progress, "accounting")
    # What is in no part is no longer in the file.
    missing = set(parts[0].comparison.withdrawn)
    missing.intersection_update(*(part.comparison.withdrawn for part in parts))
    rejected = [problem for part in parts for problem in part.draft.rejected]
    parts = [replace(one, comparison=replace(one.comparison, withdrawn=())) for one in parts]
    last = replace(parts[-1].comparison, withdrawn=tuple(sorted(missing)))
    last = keep_unread(last, raw, rejected, source_id)
    parts[-1] = replace(parts[-1], comparison=last)
    accounted[-1] = replace(accounted[-1], withdrawn=last.withdrawn)
    report = report_of(raw, accounted)
    return ExaminedInParts(
        raw=replace(raw, cells=rows_to_mend(raw, report)),
        report=report,
        answers=settled,
        source=opened.source,
        revision=opened.revision,
        held=held,
        mapping=dict(mapping or {}),
        parts=tuple(parts),
        folder=folder,
    )


def publish_in_parts(
    store: Store, examined: ExaminedInParts, *, viewer: Viewer, progress: Progress | None = None
) -> int:
    """Publish what a report calls new or changed as one revision; see `upload.publish_upload`.

    The store keeps the hash of the file, and not the file.

    Raises
    ------
    QueryError
        If nothing would change, or the store has changed since the file was examined.
    """
    if progress is not None:
        progress("preparing", 0.0)
    bins, found = examined.report.bins, examined.report.withdrawn
    withdraws = examined.answers.get(WITHDRAW_KEY) == "yes" and bool(found)
    if not (bins["new"] or bins["changed"] or withdraws):
        raise NothingToPublishError(NOTHING_CHANGES)
    *others, last = examined.parts  # the last knows what the file no longer holds
    moving = [*(part for part in others if part.comparison.changed), last]
    withdrawals = [withdrawals_of(part) for part in moving]
    gone = {name: pd.concat([rows[name] for rows in withdrawals]) for name in withdrawals[0]}
    gone["sources"] = withdrawals[0]["sources"]
    return write_upload(
        store,
        examined,
        content=None,
        withdrawals=gone,
        parts=_additions(examined),
        viewer=viewer,
        progress=progress,
    )


def _additions(examined: ExaminedInParts) -> Iterator[dict[str, pd.DataFrame]]:
    """Yield the rows that the parts add; source and actors once, statements numbered on."""
    held = dict(examined.held)
    has_links = any(key.startswith(duplicate_key("")) for key in examined.answers)
    for part in examined.parts:
        additions = additions_of(replace(part, held=held))
        if part is not examined.parts[0]:
            del additions["sources"]
        added = {"actors": additions["actors"]}
        if has_links:
            told = additions["incident_sources"]
            added["incident_sources"] = told[~told["incident_id"].isin(part.assembled.rows.index)]
        for name, rows in added.items():
            if len(rows):
                held[name] = pd.concat([held[name], rows.assign(added_in=0)])
        yield additions


class _Folder:
    """A temporary folder that is deleted when nothing holds this object any more."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="conflictmap-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class _Spooled(Mapping[str, pd.DataFrame]):
    """Tables on disk, each read whenever it is asked for."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
        self._files = {name: stem.with_name(f"{stem.name}-{name}.arrow") for name in tables}
        for name, rows in tables.items():
            table = pa.Table.from_pandas(rows)
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            with pa.ipc.new_file(self._files[name], table.schema, options=options) as file:
                file.write_table(table)

    def __getitem__(self, name: str) -> pd.DataFrame:
        with pa.ipc.open_file(self._files[name]) as file:
            return file.read_pandas()

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _none_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a table without its rows; a slice would keep their texts in memory."""
    return rows.iloc[[]]


def _on_disk(assembled: Assembled, stem: Path) -> Assembled:
    return replace(assembled, tables=_Spooled(assembled.tables, stem), options={}, reviews=())
