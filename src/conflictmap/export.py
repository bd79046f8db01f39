"""Tables as CSV that a spreadsheet opens without harm and that keeps its evidence."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import pandas as pd

from conflictmap.mark import COLUMN, MARK, SENTENCE

# A spreadsheet runs a cell that begins with one of these, in plain or full width, as a formula.
_FORMULA_STARTS = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n\x00")


def export_csv(
    table: pd.DataFrame, *, notes: Iterable[str] = (), is_synthetic: bool = False
) -> bytes:
    """Return a table as UTF-8 CSV with a byte order mark, its notes behind it.

    Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay
    numbers; a missing value is an empty cell.

    Parameters
    ----------
    table
        Column names become the header; the index is left out.
    notes
        Lines such as caption, edition and disclaimer, each in the first cell of a row behind the
        rows.
    is_synthetic
        The rows are made up: each one and the first note say so.
    """
    if is_synthetic:
        table, notes = table.assign(**{COLUMN: MARK}), [SENTENCE, *notes]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_guarded(str(column)) for column in table.columns])
    for row in table.itertuples(index=False, name=None):
        writer.writerow(["" if pd.isna(cell) else _guarded(cell) for cell in row])
    for note in notes:
        writer.writerow([f"# {note}"])
    return text.getvalue().encode("utf-8-sig")


def _guarded(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
