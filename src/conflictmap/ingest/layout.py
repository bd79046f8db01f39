"""How a table is laid out: its delimiter, its header, its HXL tags, a surplus last cell.

Decided from the rows themselves, never from the file's name. What the rows do not settle is a
question; the likeliest answer is used for the preview.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from conflictmap.ingest.model import Answers, Question
from conflictmap.ingest.sniffing import refusal

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
HEAD_ROWS = 200  # among these the header is looked for, in the first 20 of them

_UCDP_GED = (
    "id relid year active_year code_status type_of_violence conflict_dset_id conflict_new_id "
    "conflict_name dyad_dset_id dyad_new_id dyad_name side_a_dset_id side_a_new_id side_a "
    "side_b_dset_id side_b_new_id side_b number_of_sources source_article source_office "
    "source_date source_headline source_original where_prec where_coordinates "
    "where_description adm_1 adm_2 latitude longitude geom_wkt priogrid_gid country country_id "
    "region event_clarity date_prec date_start date_end deaths_a deaths_b deaths_civilians "
    "deaths_unknown best high low gwnoa gwnob"
)
UCDP_GED_COLUMNS = tuple(_UCDP_GED.split())
"""The 49 columns of UCDP GED since 23.1; some candidate releases come without a header row."""

NO_HEADER = {
    "ucdp_ged": "there is none; the columns are those of UCDP GED 23.1",
    "none": "there is no header row",
}
"""Answers to the question on the header that name no row, in words."""

_HXL_TAG = re.compile(r"#[A-Za-z][A-Za-z0-9_]*(\s*\+\s*[A-Za-z][A-Za-z0-9_]*)*")
_NUMERIC = re.compile(r"[\s\d.,:;/+\-–%°'\"()TZ]+")  # \d: of any script
_DATE_OR_POINT = re.compile(r"\d{1,2}[ -][^\W\d]{3,12}[ -]\d{2,4}|POINT ?\(.*|https?://.*")
_SEP_LINE = re.compile(r"\ufeff?\"?sep=([,;\t|])\"?[\r\n]", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """How a table is laid out. ``header_row`` and ``hxl_row`` are 0 where there is none."""

    header: tuple[str, ...]
    header_row: int
    hxl: tuple[str, ...] = ()
    hxl_row: int = 0
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def first_row(self) -> int:
        """Return the number of the first row behind the header."""
        return self.header_row + 1


class _Fit(NamedTuple):
    """How well a delimiter fits."""

    score: float
    columns: int
    delimiter: str


def stated_delimiter(text: str) -> str:
    """Return the delimiter of a first line such as ``sep=;``, which spreadsheets do not show."""
    found = _SEP_LINE.match(text)
    return found[1] if found else ""


def decide_delimiter(text: str, label: str, answers: Answers) -> tuple[str, Question | None]:
    """Choose the delimiter under which most rows have one width, the first row's.

    Delimiters inside quoted cells do not count. Two that fit equally well are asked about.

    Raises
    ------
    IncidentFileError
        If none divides the rows into columns, or the answer is none of the four.
    """
    if answer := answers.get("delimiter"):
        if answer not in DELIMITERS:
            raise refusal(label, "has no such delimiter. Choose comma, semicolon, tab or bar.")
        return answer, None
    fits = [_fit(text, delimiter) for delimiter in DELIMITERS if delimiter in text]
    fits = sorted((fit for fit in fits if fit.columns > 1), key=lambda fit: fit[:2], reverse=True)
    if not fits:
        raise refusal(
            label,
            "has one column only: no comma, semicolon, tab or bar divides its rows. "
            "Upload a table with a header and several columns.",
        )
    best, *others = fits
    rivals = [fit for fit in others if fit.score > best.score - 0.02 and 2 * fit[1] > best[1]]
    if not rivals:
        return best.delimiter, None
    question = Question(
        key="delimiter",
        text="Which character divides the columns?",
        options=tuple(
            (fit.delimiter, f"{DELIMITERS[fit.delimiter]}: {fit.columns} columns")
            for fit in (best, *rivals)
        ),
        proposed=best.delimiter,
        examples=(text[:200].lstrip("\ufeff").strip().split("\n")[0][:80],),
    )
    return best.delimiter, question


def head_rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the first rows of a CSV with their numbers, read without complaint."""
    return list(itertools.islice(enumerate(_loose_rows(text, delimiter), 1), HEAD_ROWS))


def decide_header(
    head: Sequence[tuple[int, list[str]]], label: str, columns: int, answers: Answers
) -> Layout:
    """Find the header row and the HXL row among the first rows.

    The header is the first row that looks like names: several cells, no numbers, dates or
    coordinates among them, hardly any twice, none repeated as a value below. Title rows (one cell)
    above it are passed over with a note. Anything else is asked.

    Raises
    ------
    IncidentFileError
        If there is no row at all, the header has more than `columns` cells, or the answer is none
        of the options.
    """
    filled = [(number, row) for number, row in head if any(cell.strip() for cell in row)]
    broad = [(number, row) for number, row in filled if sum(map(bool, row)) > 1]
    if not broad:
        raise refusal(label, "has no header: no row has two cells. Put column names in row 1.")
    _check_width(len(broad[0][1]), columns, label)
    broad = [(number, row) for number, row in broad if len(row) <= columns]
    named = [
        number for number, row in broad[:20] if _looks_like_names(row) and not _recurs(row, broad)
    ]
    first = broad[0][0]
    options = [(str(number), f"row {number} holds the column names") for number, _ in broad[:3]]
    options.append(("none", NO_HEADER["none"]))
    if _is_headerless_ucdp([row for _, row in broad[:10]]):
        # No row of events can hold the names.
        named, options, proposed = [], [*NO_HEADER.items()], "ucdp_ged"
    elif named:
        proposed = str(named[0])
    else:
        proposed = "none" if any(map(_is_value, broad[0][1])) else str(first)
    question = None
    answer = answers.get("header", "")
    if answer and answer not in dict(options) and answer != proposed:
        choices = ", ".join(value for value, _ in options)
        raise refusal(label, f"has no header of that kind. Choose one of: {choices}.")
    if not answer and (not named or named[0] != first):
        if proposed not in dict(options):
            options.insert(0, (proposed, f"row {proposed} holds the column names"))
        question = Question(
            key="header",
            text="Which row holds the column names?",
            options=tuple(options),
            proposed=proposed,
            examples=tuple(" | ".join(row)[:80] for _, row in broad[:3]),
        )
    return _layout(answer or proposed, filled, question, label, columns)


def unique_names(header: Iterable[str]) -> list[str]:
    """Return column names without duplicates: the second ``note`` is ``note (2)``."""
    taken: set[str] = set()
    names = []
    for written in header:
        name = written or "(no name)"
        unique, number = name, 1
        while unique in taken:
            number += 1
            unique = f"{name} ({number})"
        taken.add(unique)
        names.append(unique)
    return names


def is_hxl_row(row: Sequence[str]) -> bool:
    """Return whether a row holds HXL tags: at least one tag, every other cell empty or with #."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return all(cell.startswith("#") for cell in cells) and any(map(_HXL_TAG.fullmatch, cells))


def _layout(
    chosen: str,
    filled: list[tuple[int, list[str]]],
    question: Question | None,
    label: str,
    columns: int,
) -> Layout:
    rows = dict(filled)
    if chosen in NO_HEADER:
        widths = Counter(len(row) for row in rows.values() if sum(map(bool, row)) > 1)
        width = widths.most_common(1)[0][0]
        header = UCDP_GED_COLUMNS if chosen == "ucdp_ged" else _numbered(width)
        number = 0
    else:
        number = int(chosen)
        header = tuple(re.sub("[\ud800-\udfff]", "\ufffd", cell) for cell in rows[number])
        header = (header[0].lstrip("\ufeff"), *header[1:])
    _check_width(len(header), columns, label)
    hxl_row = 0
    hxl: tuple[str, ...] = ()
    if number and is_hxl_row(header):
        hxl = header
    for below in sorted(rows):
        if below > number:
            row = rows[below]
            if not hxl and len(row) <= len(header) and is_hxl_row(row):
                hxl_row, hxl = below, (*row, *[""] * (len(header) - len(row)))
            break
    above = sum(1 for row in rows if row < number)
    notes = (f"Rows above the header (row {number}) that are not read: {above}.",) if above else ()
    questions = (question,) if question else ()
    return Layout(header, number, hxl, hxl_row, questions, notes)


def _check_width(width: int, columns: int, label: str) -> None:
    if width > columns:
        raise refusal(
            label, f"has {width:,} columns; {columns:,} are allowed. Delete what is no data."
        )


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(f"column {number}" for number in range(1, width + 1))


def _fit(text: str, delimiter: str) -> _Fit:
    """Measure a delimiter: the share of rows that have the usual width of several columns."""
    rows = (len(row) for row in _loose_rows(text, delimiter) if any(row))
    first = next(rows, 0)
    widths = Counter(rows)
    widths[first] += 1
    divided = {width: count for width, count in widths.items() if width > 1}
    if not divided:
        return _Fit(0, 1, delimiter)
    columns = max(divided, key=lambda width: (divided[width], width))
    # The comma of decimals is in every row but the header.
    suits_header = first in {columns, columns - 1} and first > 1
    return _Fit(divided[columns] / widths.total() + suits_header / 4, columns, delimiter)


def _loose_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Read rows without complaint, to count; the reading proper is strict."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            yield from reader
            return
        except csv.Error:
            yield [""]


def _looks_like_names(row: Sequence[str]) -> bool:
    names = [cell.strip() for cell in row if cell.strip()]
    if len(names) < 2 or 2 * len(names) < len(row):
        return False
    if sum(map(len, names)) > 80 * len(names) or any(map(_is_value, names)):
        return False
    twice = len(names) - len({name.casefold() for name in names})
    return twice <= max(1, len(names) // 5)


def _is_value(cell: str) -> bool:
    """Return whether a cell is a number, a date, a point or an address: no column's name."""
    start = cell[:100]
    is_numeric = bool(_NUMERIC.fullmatch(start)) and any(map(str.isdigit, start))
    return is_numeric or bool(_DATE_OR_POINT.fullmatch(start))


def _recurs(row: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> bool:
    """Return whether a cell of the row is a value of the same column in another row."""
    for _, other in rows:
        if len(other) == len(row):
            same = sum(1 for name, cell in zip(row, other, strict=True) if name and name == cell)
            if 0 < same <= len(row) // 2:
                return True
    return False


def _is_headerless_ucdp(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row is an event in the layout of UCDP GED 23.1, and most others."""
    are_events = [_is_ucdp_event(row) for row in rows]
    return are_events[0] and 2 * sum(are_events) > len(are_events)


def _is_ucdp_event(row: Sequence[str]) -> bool:
    """Return whether a row has the shape of UCDP GED 23.1: id, year, point as text."""
    if len(row) != len(UCDP_GED_COLUMNS):
        return False
    cells = dict(zip(UCDP_GED_COLUMNS, row, strict=True))
    return (
        cells["id"].isdecimal()
        and re.fullmatch(r"(19|20)\d\d", cells["year"]) is not None
        and cells["type_of_violence"] in {"1", "2", "3"}
        and cells["geom_wkt"].startswith("POINT")
    )
