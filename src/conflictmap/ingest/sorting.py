"""Sorting the records of a file: into the cells, the skipped or the rejected, each into one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from conflictmap.errors import Problem
from conflictmap.ingest.csv_records import (
    WHOLE_ROW,
    Record,
    cut_text,
    has_broken_bytes,
    readable,
)
from conflictmap.ingest.layout import Layout, unique_names
from conflictmap.ingest.model import Limits, RawTable, Skipped
from conflictmap.ingest.sniffing import refusal

BLOCK_ROWS = 1_000
MOST_FOOTER_ROWS = 1_000
EXCEL_CELL_CHARACTERS = 32_767
CUT_NOTE = (
    "Some cells have exactly 32,767 characters, where spreadsheets cut text: what followed is lost."
)

# A row that begins so is looked at closely; any other with two cells or more is a record.
_CLOSER = frozenset(("", " ", "\t", "\r", "\n", "\u00a0", "#", "\ufeff"))
_FOOTER = re.compile(
    r"\s*(#|\*|©|\(c\)|https?://|(sources?|notes?|licen[cs]e|copyright|disclaimer|citation|cite|"
    r"data from|downloaded|exported|generated|last updated?|terms of use|منبع|یادداشت|سرچینه)\b)",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\s*(sources?|notes?|licen[cs]e|copyright|citation|منبع)\s*[:：]", re.IGNORECASE
)


@dataclass(frozen=True)
class Opened:
    """What is known before the first record: an empty table, the layout, how rows may vary."""

    table: RawTable
    layout: Layout
    has_surplus: bool = False  # each row ends with one empty cell more than the header

    @property
    def width(self) -> int:
        """Return how many cells a row of the file has."""
        return len(self.layout.header) + self.has_surplus


def sort_records(
    records: Iterator[Record], opened: Opened, limits: Limits, chunk_rows: int
) -> Iterator[RawTable]:
    """Sort the records into the bins, piece by piece."""
    width, header, first_row = opened.width, list(opened.layout.header), opened.layout.first_row
    names, block_rows = unique_names(header), min(BLOCK_ROWS, chunk_rows)
    bins, pieces = _Bins(), 0
    footer: list[tuple[int, list[str]]] = []  # until a record follows
    for number, row in records:
        if isinstance(row, Problem):
            if number < first_row:
                raise refusal(row.file, f"has a header that cannot be read: it {row.what}")
            bins.rejected.append(row)
        elif number < first_row:
            continue
        elif (
            len(row) == width
            and (row[1] or any(row[1:]))
            and row[0][:1] not in _CLOSER
            and row != header
            and not footer
        ):
            bins.numbers.append(number)
            bins.rows.append(row)
            if len(bins.rows) < block_rows:
                continue
        else:
            _look_closer(number, row, bins, footer, opened)
        if len(bins.rows) >= block_rows:
            _pack(bins, names, opened.table.label)
        if bins.size >= chunk_rows:
            yield _table(bins, names, opened, limits)
            bins, pieces = _Bins(), pieces + 1
    bins.skipped += [Skipped(number, "footer") for number, _ in footer]
    if bins.size or not pieces:
        yield _table(bins, names, opened, limits)


def all_have_surplus(records: Iterable[Record], opened: Opened) -> bool:
    """Return whether each record has one cell more than the header, and that one is empty."""
    width, seen = opened.width, False
    for number, row in records:
        if number < opened.layout.first_row or number == opened.layout.hxl_row:
            continue
        if isinstance(row, Problem) or not any(row[1:]) or len(row) < 2:
            continue  # broken, blank or a footer
        if len(row) == width + 1 and not row[-1]:
            seen = True
        elif tuple(row) != opened.layout.header:
            return False
    return seen


@dataclass
class _Bins:
    """Rows on their way into one piece; the cells are packed block by block."""

    numbers: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    packed_numbers: list[int] = field(default_factory=list)
    packed: list[pa.RecordBatch] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    rejected: list[Problem] = field(default_factory=list)
    ragged: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Return how many rows are in the piece."""
        cells = len(self.packed_numbers) + len(self.rows)
        return cells + len(self.skipped) + len(self.rejected)


def _look_closer(
    number: int,
    row: list[str],
    bins: _Bins,
    footer: list[tuple[int, list[str]]],
    opened: Opened,
) -> None:
    """Sort one row that may be no record."""
    layout = opened.layout
    cells = (row[0].lstrip("\ufeff"), *row[1 : len(layout.header)]) if row else ()
    if not any(cell.strip() for cell in row):
        bins.skipped.append(Skipped(number, "blank"))
    elif number == layout.hxl_row or (layout.hxl and cells == layout.hxl):
        bins.skipped.append(Skipped(number, "HXL tags"))
    elif layout.header_row and cells == layout.header:
        bins.skipped.append(Skipped(number, "repeated header"))
    elif len(footer) < MOST_FOOTER_ROWS and _is_footer(row, opened.width):
        footer.append((number, row))
    else:
        for before in (*footer, (number, row)):  # what a record follows was no footer
            _put(*before, bins, opened)
        footer.clear()


def _is_footer(row: list[str], width: int) -> bool:
    """Return whether a row could be a line of words behind the records, such as the licence."""
    first = row[0]
    if any(row[1:]):  # a line of words with commas in it
        return len(row) < width and (first[:1] in {"#", "©"} or bool(_SOURCE.match(first)))
    return bool(_FOOTER.match(first)) or (len(row) == 1 and len(first.split(None, 4)) > 3)


def _put(number: int, row: list[str], bins: _Bins, opened: Opened) -> None:
    if len(row) == opened.width:
        bins.numbers.append(number)
        bins.rows.append(row)
        return
    wanted, given = opened.width, len(row)
    if given < wanted:
        mend = "Add the missing cells; a cell that holds a line break needs quotes."
    else:
        mend = "Put a cell that holds the delimiter in quotes, or delete the surplus cells."
    value = cut_text(" | ".join(cell[:80] for cell in row[:20]))
    what = f"has {given:,} cells; the header has {wanted:,}."
    bins.rejected.append(Problem(opened.table.label, number, WHOLE_ROW, value, what, mend))
    bins.ragged[number] = tuple(readable(cell) for cell in row)


def _table(bins: _Bins, names: list[str], opened: Opened, limits: Limits) -> RawTable:
    """Return a piece; rows with a cell too long leave the cells."""
    _pack(bins, names, opened.table.label)
    numbers, notes = bins.packed_numbers, list(opened.table.notes)
    table = pa.Table.from_batches(bins.packed, _schema(names))
    too_long: dict[int, Problem] = {}
    for name, column in zip(names, table.columns, strict=True):
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest <= limits.cell_characters and longest < EXCEL_CELL_CHARACTERS:
            continue
        for place, length in enumerate(pc.utf8_length(column).to_pylist()):
            if length > limits.cell_characters and place not in too_long:
                too_long[place] = Problem(
                    opened.table.label,
                    numbers[place],
                    name,
                    cut_text(column[place].as_py()),
                    f"a cell has {length:,} characters; {limits.cell_characters:,} are allowed.",
                    "Shorten it.",
                )
            if length == EXCEL_CELL_CHARACTERS and CUT_NOTE not in notes:
                notes.append(CUT_NOTE)
    cells = table.to_pandas()
    cells.index = pd.Index(numbers, dtype="int64", name="row")
    if too_long:
        cells = cells.drop(index=[numbers[place] for place in too_long])
    rejected = [*bins.rejected, *too_long.values()]
    return replace(
        opened.table,
        cells=cells,
        skipped=tuple(sorted(bins.skipped, key=lambda row: row.row)),
        rejected=tuple(sorted(rejected, key=lambda problem: problem.row)),
        ragged=bins.ragged,
        notes=tuple(notes),
    )


def _schema(names: list[str]) -> pa.Schema:
    return pa.schema([(name, pa.large_string()) for name in names])


def _pack(bins: _Bins, names: list[str], label: str) -> None:
    """Pack the rows, in blocks small enough to stay in the processor's cache."""
    try:
        _pack_rows(bins, names)
    except UnicodeEncodeError:
        _take_damaged(bins, names, label)
        _pack_rows(bins, names)


def _pack_rows(bins: _Bins, names: list[str]) -> None:
    if bins.rows:
        columns = itertools.islice(zip(*bins.rows, strict=True), len(names))
        arrays = [pa.array(column, pa.large_string()) for column in columns]
        bins.packed.append(pa.RecordBatch.from_arrays(arrays, schema=_schema(names)))
        bins.packed_numbers += bins.numbers
        bins.numbers, bins.rows = [], []


def _take_damaged(bins: _Bins, names: list[str], label: str) -> None:
    """Reject the rows with bytes that are no UTF-8."""
    numbers, rows = [], []
    for number, row in zip(bins.numbers, bins.rows, strict=True):
        broken = [place for place, cell in enumerate(row) if has_broken_bytes(cell)]
        if not broken:
            numbers.append(number)
            rows.append(row)
            continue
        bins.rejected.append(
            Problem(
                label,
                number,
                names[min(broken[0], len(names) - 1)],
                cut_text(row[broken[0]]),
                "a cell holds bytes that are no UTF-8.",
                "Save the whole file as UTF-8.",
            )
        )
    bins.numbers, bins.rows = numbers, rows
