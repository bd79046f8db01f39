"""Raw tables for tests of the profiles, made without the reader of files."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from conflictmap.ingest.model import Draft, RawTable


def raw_table(
    header: Sequence[str],
    rows: Iterable[Sequence[str]] = (),
    *,
    hxl: Sequence[str] = (),
    delimiter: str = ",",
    label: str = "synthetic.csv",
) -> RawTable:
    """Return a table as the reader hands it on: text, the header in row 1."""
    kept = [tuple(row) for row in rows]
    first = 3 if hxl else 2
    index = pd.RangeIndex(first, first + len(kept), name="row")
    cells = pd.DataFrame(kept, columns=list(header), index=index, dtype="str")
    digest = hashlib.sha256(repr((tuple(header), kept)).encode()).hexdigest()
    return RawTable(label, digest, "utf-8", delimiter, tuple(header), 1, tuple(hxl), cells)


def raw_rows(*rows: Mapping[str, str], **more: object) -> RawTable:
    """Return a table of rows by column name; a column that a row lacks is empty."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    table = [[row.get(name, "") for name in header] for row in rows]
    return raw_table(header, table, **more)  # type: ignore[arg-type]


def raw_file(path: Path) -> RawTable:
    """Return a plain CSV in UTF-8 with commas, read by the csv module alone."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    return raw_table(header, rows, label=path.name)


def assert_conserved(raw: RawTable, draft: Draft) -> None:
    """Fail unless each row of the cells is in exactly one part of the draft."""
    parts = [
        set(draft.records.index),
        {problem.row for problem in draft.rejected},
        {skipped.row for skipped in draft.out_of_scope},
    ]
    assert sum(len(part) for part in parts) == len(set().union(*parts)) == len(raw.cells)
    assert set().union(*parts) == set(raw.cells.index)
    assert draft.records.index.is_unique
    assert len({skipped.row for skipped in draft.out_of_scope}) == len(draft.out_of_scope)
    known = set(draft.records.index)
    assert set(draft.casualties["row"]) <= known
    assert set(draft.attributions["row"]) <= known
    assert {review.row for review in draft.reviews} <= known
    assert not draft.casualties.duplicated(["row", "victim_group", "harm", "sex", "age"]).any()
