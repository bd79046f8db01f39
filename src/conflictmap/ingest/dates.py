"""Columns of dates: one way of reading for a whole column, never one for each row.

What a column does not settle is asked: which part is the month, the century of a year of two
digits, whether a year such as 1402 is Solar Hijri, whether bare numbers are days of a spreadsheet.
Until it is answered, the rows that it concerns have no date and stay open.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from conflictmap.ingest.calendars import GREGORIAN, SOLAR_HIJRI, YEARS, span
from conflictmap.ingest.cells import Distinct, Fault, Faults, distinct_texts, shown
from conflictmap.ingest.date_cells import EMPTY, DateCell, no_date, read_date_cell
from conflictmap.ingest.date_rules import (
    Rule,
    calendar_rule,
    century_rule,
    is_solar,
    numbers_rule,
    order_rule,
)
from conflictmap.ingest.model import Answers, Question

_EPOCH = dt.date(1970, 1, 1).toordinal()
_FORM_WORDS = {"day": "day, month and year", "month": "month and year", "year": "year alone"}
_GTD_PART = re.compile(r"([0-9]{1,4})(?:\.0{1,6})?")


@dataclass(frozen=True)
class DatesRead:
    """The dates of a column, a row each, in the order of the column.

    ``date_from`` and ``date_to`` are datetime64[s], both inclusive; ``precision`` is "day", "month"
    or "year", and "unknown" where no date was read. ``words`` are the cells as written (missing:
    blank). Each row is dated, without a date in the file, in ``problems`` or in ``open_rows``.
    """

    date_from: pd.Series
    date_to: pd.Series
    precision: pd.Series
    words: pd.Series
    problems: Faults
    questions: tuple[Question, ...]
    open_rows: pd.Index  # rows that a question concerns: in review until it is answered
    calendar: Literal["gregorian", "solar_hijri", "mixed"]
    format: str  # how the column was read, in fixed words
    notes: tuple[str, ...]

    @property
    def question(self) -> Question | None:
        """Return the first open question."""
        return self.questions[0] if self.questions else None


def read_dates(values: pd.Series, *, column: str, answers: Answers) -> DatesRead:
    """Read a column of dates from text.

    Certain by themselves are a year of four digits that stands first (2025-05-16, 2025/5/16,
    20250516), a month by its name (16 May 2025) and dates without a day (2025-05, May 2025, 2025).
    Which of two parts is the month is settled by any part above 12 in the column; where none
    settles it or both orders occur, it is asked. An answer holds for the whole column: a cell that
    does not fit it is a problem. Years 1250 to 1500 are Solar Hijri once a person confirms the days
    they come to. Numbers 20000 to 60000 are a spreadsheet's days where the column holds nothing
    else, and asked about beside written dates: typed in one country and opened in another, it is
    just the ambiguous dates that become numbers, with day and month turned round.

    A time of day is cut and never shifts a date. Cells such as "unknown" or "n/a" have no date.

    Parameters
    ----------
    values
        The cells, indexed by row.
    column
        Name of the column, as in the keys of its questions.
    answers
        What was settled: "date order of ", "century of ", "calendar of ", "numbers in ", each with
        the column behind it. A profile that knows its codebook may answer beforehand.

    Returns
    -------
    DatesRead
        Indexed like `values`.
    """
    distinct = distinct_texts(values)
    cells = distinct.read(read_date_cell)
    rules = []
    # Years and calendars can be judged only where the parts of a date are known.
    for settled_by in (order_rule, century_rule, numbers_rule, calendar_rule):
        rule = settled_by(cells, distinct.texts, column, answers)
        cells = [rule.settle(cell, text) for cell, text in zip(cells, distinct.texts, strict=True)]
        rules.append(rule)
    is_calendar_open = rules[-1].question is not None
    return _dates_read(distinct, cells, rules, is_calendar_open=is_calendar_open)


def read_gtd_dates(year: pd.Series, month: pd.Series, day: pd.Series) -> DatesRead:
    """Read dates in three columns, as the Global Terrorism Database has them.

    A month or day of 0 is not known (GTD codebook, imonth and iday): the date is then a year or a
    month. The words are the three cells with dashes between them.
    """
    parts = [part.fillna("").astype("object").map(str).str.strip() for part in (year, month, day)]
    distinct = distinct_texts(parts[0] + "-" + parts[1] + "-" + parts[2])
    return _dates_read(distinct, distinct.read(_gtd_cell), [])


def _gtd_cell(text: str) -> DateCell:
    parts = text.split("-")
    if not any(parts):
        return EMPTY
    found = [_GTD_PART.fullmatch(part) for part in parts]
    numbers = [int(match.group(1)) for match in found if match]
    fault = Fault(
        f"{shown(text)} is not a calendar date.",
        "Give the year in four digits, the month and the day; write 0 for one that is not known.",
    )
    if len(found) != 3 or len(numbers) != 3:
        return DateCell("bad", fault=fault)
    year, month, day = numbers
    if not YEARS[GREGORIAN][0] <= year <= YEARS[GREGORIAN][1] or (day and not month):
        return DateCell("bad", fault=fault)
    try:
        span(GREGORIAN, year, month, day)
    except ValueError:
        return DateCell("bad", fault=fault)
    return DateCell("day" if day else "month" if month else "year", year, month, day)


def _dates_read(
    distinct: Distinct,
    cells: Sequence[DateCell],
    rules: Sequence[Rule],
    *,
    is_calendar_open: bool = False,
) -> DatesRead:
    """Turn what the distinct cells say into days, and map them back to the rows."""
    n = len(cells)
    starts = np.full(n, np.datetime64("NaT", "s"))
    ends = starts.copy()
    precision = np.full(n, "unknown", dtype=object)
    words = np.array(distinct.texts, dtype=object)
    faults: dict[int, Fault] = {}
    waiting: list[int] = []
    calendars: set[str] = set()
    for position, (cell, text) in enumerate(zip(cells, distinct.texts, strict=True)):
        if cell.form == "empty":
            words[position] = text if text.strip(" -") else None
            continue
        if cell.form != "bad":
            calendars.add(cell.calendar)
        if cell.form in ("parts", "serial") or cell.is_short:
            waiting.append(position)
            continue
        if cell.form != "bad":
            try:
                first, last = span(cell.calendar, cell.year, cell.first, cell.second)
            except ValueError:
                cell = no_date(text, cell.calendar)
        if cell.fault is not None:
            faults[position] = cell.fault
        elif is_calendar_open and is_solar(cell):
            waiting.append(position)
        else:
            starts[position] = np.datetime64(first.toordinal() - _EPOCH, "D")
            ends[position] = np.datetime64(last.toordinal() - _EPOCH, "D")
            precision[position] = cell.form
    return DatesRead(
        date_from=pd.Series(starts.take(distinct.codes), index=distinct.index),
        date_to=pd.Series(ends.take(distinct.codes), index=distinct.index),
        precision=distinct.series(precision, "str"),
        words=distinct.series(words, "str"),
        problems=distinct.faults(faults),
        questions=tuple(rule.question for rule in rules if rule.question is not None),
        open_rows=distinct.rows(waiting),
        calendar=_calendar_words(calendars),
        format=_format_words(cells, rules),
        notes=tuple(rule.note for rule in rules if rule.note),
    )


def _calendar_words(calendars: set[str]) -> Literal["gregorian", "solar_hijri", "mixed"]:
    if len(calendars) == 2:
        return "mixed"
    return "solar_hijri" if calendars == {SOLAR_HIJRI} else "gregorian"


def _format_words(cells: Sequence[DateCell], rules: Sequence[Rule]) -> str:
    """Return how a column was read: "day, month and year; year alone; day first"."""
    forms = {cell.form for cell in cells}
    words = [words for form, words in _FORM_WORDS.items() if form in forms]
    return "; ".join([*words, *(rule.words for rule in rules if rule.words)])
