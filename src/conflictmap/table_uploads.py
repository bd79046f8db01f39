"""A whole table by its own CSV: every row accounted for, then published as one revision.

Rows are matched by key. A row that the file leaves out stays as it is: withdrawing is done by form.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Mapping
from dataclasses import dataclass

import pandas as pd

from conflictmap.access import Viewer, require
from conflictmap.boundaries import BoundaryEdition
from conflictmap.coded_tables import rows_as_text
from conflictmap.corrections import EDITED_TABLES, checked_reason
from conflictmap.errors import IncidentFileError, QueryError
from conflictmap.formula_guard import guarded, unguarded
from conflictmap.ingest.kinds import refuse_other_kind
from conflictmap.ingest.reading import read_raw
from conflictmap.row_changes import RowChanges, compare_rows
from conflictmap.schema import TABLES
from conflictmap.store import (
    PublishedUpload,
    Store,
    drop_upload,
    keep_upload,
    latest_revision,
    load_tables,
    publish,
)

REASON = "#reason"  # column of the rows to mend


@dataclass(frozen=True)
class TableUpload:
    """A table's file as it would be published.

    ``outcomes`` has one row per row of the file: ``row`` (the header is row 1), ``bin`` of
    `row_changes.BINS`, ``incident_id`` (empty: the table has none) and ``reason``.
    """

    label: str
    sha256: str
    content: bytes
    revision: int  # of the store that it was compared with
    changes: RowChanges
    outcomes: pd.DataFrame
    absent: int  # rows that are held and not in the file; they stay
    to_mend: pd.DataFrame  # the rejected rows as they were, their reason in front

    @property
    def bins(self) -> dict[str, int]:
        """Return how many rows of the file are in each bin; empty bins are left out."""
        return self.outcomes["bin"].value_counts(sort=False).to_dict()


def table_template(table: str) -> bytes:
    """Return the header of a table's CSV, to be filled in."""
    return table_csv(table, pd.DataFrame(columns=TABLES[table].column_names))


def table_csv(table: str, rows: pd.DataFrame) -> bytes:
    """Return rows as the CSV that `read_table_upload` takes back.

    Text that a spreadsheet would run as a formula gets an apostrophe in front, which reading takes
    away again.
    """
    numbers = {c.name for c in TABLES[table].columns if c.kind in ("integer", "number")}
    return _csv(rows_as_text(TABLES[table], rows), as_they_are=numbers)


def rejected_rows_csv(upload: TableUpload) -> bytes:
    """Return the rejected rows as they were, with the reason in front.

    A second upload leaves the reason out. A row with too many or too few cells is not in it.
    """
    return _csv(upload.to_mend)


def read_table_upload(
    store: Store,
    edition: BoundaryEdition,
    table: str,
    content: bytes,
    *,
    label: str,
    viewer: Viewer,
) -> TableUpload:
    """Read a table's file and say what publishing it would do; nothing is changed.

    Raises
    ------
    IncidentFileError
        If the file cannot be read, or its columns are not those of the table's template.
    QueryError
        If there is no such table.
    """
    require(viewer, "publish")
    if table not in EDITED_TABLES:
        raise QueryError(f"'{table}' is no table that can be changed.")
    raw = read_raw(content, label)
    refuse_other_kind(raw, content, store.kind, source_id=None)
    if raw.questions:
        raise IncidentFileError(f"{raw.label}: {raw.questions[0].text} Save it as CSV in UTF-8.")
    header = [name for name in raw.header if name != REASON]
    if sorted(header) != sorted(TABLES[table].stated_columns):
        raise IncidentFileError(
            f"{raw.label}: the columns are not those of {table}. Use its template:"
            f" {','.join(TABLES[table].stated_columns)}."
        )
    revision = latest_revision(store, viewer=viewer)
    held = load_tables(store, viewer=viewer, revision=revision)
    cells = unguarded(raw.cells[header])
    changes = compare_rows(table, cells, held, edition, label=raw.label)
    problems = (*raw.rejected, *changes.problems)
    reasons: dict[int, str] = {}
    for problem in problems:
        said = f"{problem.column}: {problem.what} {problem.mend}".removeprefix(": ")
        reasons[problem.row] = f"{reasons.get(problem.row, '')} {said}".strip()
    bins = {int(row): str(name) for row, name in changes.bins.items()}
    bins |= {problem.row: "rejected" for problem in raw.rejected}
    bins |= {skipped.row: "skipped" for skipped in raw.skipped}
    reasons |= {skipped.row: skipped.why for skipped in raw.skipped}
    incidents = cells["incident_id"].to_dict() if "incident_id" in cells else {}
    outcomes = pd.DataFrame(
        [(row, bins[row], incidents.get(row, ""), reasons.get(row, "")) for row in sorted(bins)],
        columns=["row", "bin", "incident_id", "reason"],
    )
    to_mend = cells.loc[changes.bins.index[changes.bins == "rejected"]].copy()
    to_mend.insert(0, REASON, [reasons[row] for row in to_mend.index])
    matched = changes.bins.isin(["unchanged", "changed"]).sum()
    return TableUpload(
        raw.label,
        raw.sha256,
        content,
        revision,
        changes,
        outcomes,
        len(held[table]) - int(matched),
        to_mend,
    )


def publish_table_upload(store: Store, upload: TableUpload, *, reason: str, viewer: Viewer) -> int:
    """Publish the new and changed rows of a table's file as one revision; return its number.

    Raises
    ------
    QueryError
        If nothing would change, the reason is missing, or the store changed since it was read.
    """
    note = checked_reason(reason, viewer)
    if not _moving(upload.bins):
        raise QueryError("Nothing would change: no row of the file is new or changed.")
    if latest_revision(store, viewer=viewer) != upload.revision:
        raise QueryError(
            f"The store changed after the file was compared with revision {upload.revision}."
            " Nothing was written: look at what the file changes now, then publish."
        )
    kept = keep_upload(
        store,
        label=upload.label,
        sha256=upload.sha256,
        content=upload.content,
        source={"table": upload.changes.table},
        answers={},
        viewer=viewer,
    )
    try:
        return publish(
            store,
            upload.changes.additions,
            withdrawals=upload.changes.withdrawals,
            viewer=viewer,
            note=note,
            upload=PublishedUpload(kept, upload.outcomes),
            as_of=upload.revision,
        )
    except Exception:
        drop_upload(store, kept, viewer=viewer)  # only this page could go on with it
        raise


def _csv(texts: pd.DataFrame, *, as_they_are: Container[str] = ()) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(texts.columns)
    for cells in texts.itertuples(index=False, name=None):
        writer.writerow(
            [
                cell if name in as_they_are else guarded(cell)
                for name, cell in zip(texts.columns, cells, strict=True)
            ]
        )
    return file.getvalue().encode("utf-8-sig")


def _moving(bins: Mapping[str, int]) -> int:
    return bins.get("new", 0) + bins.get("changed", 0)
