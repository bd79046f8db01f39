"""What a column of dates settles for its cells, and what only a person can.

Each rule looks at all cells of a column and returns how those of one kind are read, or the question
that is open. A cell that a rule leaves as it is stays open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

from conflictmap.ingest.calendars import SOLAR_HIJRI, span
from conflictmap.ingest.cells import Fault, shown
from conflictmap.ingest.date_cells import MEND, DateCell
from conflictmap.ingest.model import Answers, Question
from conflictmap.solar_hijri import solar_hijri_words

DAY_FIRST, MONTH_FIRST, ONLY_CERTAIN = "day_first", "month_first", "only_certain"
SET_ASIDE = "set_aside"

_SERIAL_DAY_0 = {"1900": dt.date(1899, 12, 30), "1904": dt.date(1904, 1, 1)}
_LAST_LIKELY_SOLAR_YEAR = 1420  # later ones are likelier lunar: 1446 began in July 2024
_EXAMPLES = 5
_DATED = ("day", "month", "year")


class Rule(NamedTuple):
    """How a column's cells of one kind are read, or the question where that is open."""

    settle: Callable[[DateCell, str], DateCell]
    question: Question | None = None
    words: str = ""
    note: str = ""


def order_rule(
    cells: Sequence[DateCell], texts: Sequence[str], column: str, answers: Answers
) -> Rule:
    """Settle which of two parts is the month: by any part above 12, by the answer, or not yet."""
    parts = [position for position, cell in enumerate(cells) if cell.form == "parts"]
    if not parts:
        return _NOTHING
    key = f"date order of {column}"
    has_day_first = any(cells[position].first > 12 for position in parts)
    has_month_first = any(cells[position].second > 12 for position in parts)
    order = answers.get(key)
    if order not in (DAY_FIRST, MONTH_FIRST, ONLY_CERTAIN):
        is_same = all(cells[position].first == cells[position].second for position in parts)
        if is_same or (has_day_first and not has_month_first):
            order = DAY_FIRST
        else:
            order = MONTH_FIRST if has_month_first and not has_day_first else None
    if order is None:
        text = (
            f"The dates in {shown(column)} are written in two orders: some can only have the day"
            " first, some only the month. How are they read?"
            if has_day_first
            else f"Which comes first in the dates in {shown(column)}, the day or the month? No date"
            " in the file settles it."
        )
        options = (
            (DAY_FIRST, "The day comes first: 09/04/2015 is 9 April 2015"),
            (MONTH_FIRST, "The month comes first: 09/04/2015 is 4 September 2015"),
            (ONLY_CERTAIN, "It differs by row: read only what has one meaning, reject the rest"),
        )
        return _asked(Question(key, text, options, examples=_examples(texts, parts)))
    orders = (DAY_FIRST, MONTH_FIRST) if order == ONLY_CERTAIN else (order,)
    words = {DAY_FIRST: "day first", MONTH_FIRST: "month first"}.get(order, "order by row")

    def settle(cell: DateCell, text: str) -> DateCell:
        if cell.form != "parts":
            return cell
        readings = {
            (cell.second, cell.first) if one == DAY_FIRST else (cell.first, cell.second)
            for one in orders
        }
        possible = [(month, day) for month, day in readings if month <= 12]
        if not possible:
            return _bad(f"{shown(text)} is not a calendar date when it is read {words}.")
        if len(possible) > 1:
            return _bad(f"{shown(text)} may have the day or the month first.")
        return cell._replace(form="day", first=possible[0][0], second=possible[0][1])

    return Rule(settle, words=words)


def century_rule(
    cells: Sequence[DateCell], texts: Sequence[str], column: str, answers: Answers
) -> Rule:
    """Settle the century of years of two digits: only a person can."""
    short = [position for position, cell in enumerate(cells) if cell.is_short]
    if not short:
        return _NOTHING
    key = f"century of {column}"
    answer = answers.get(key)
    if answer not in ("2000", "1900", SET_ASIDE):
        text = f"Years in {shown(column)} have two digits. Which years are they?"
        options = (
            ("2000", "2000 to 2099: 16-May-21 is in 2021"),
            ("1900", "1900 to 1999: 16-May-21 is in 1921"),
            (SET_ASIDE, "Neither, or the year does not come last: reject these rows"),
        )
        return _asked(Question(key, text, options, "2000", _examples(texts, short)))

    def settle(cell: DateCell, text: str) -> DateCell:
        if not cell.is_short:
            return cell
        if answer == SET_ASIDE:
            return _bad(f"{shown(text)} does not say its century.")
        return cell._replace(year=int(answer) + cell.year, is_short=False)

    return Rule(settle, words="" if answer == SET_ASIDE else f"years from {answer}")


def numbers_rule(
    cells: Sequence[DateCell], texts: Sequence[str], column: str, answers: Answers
) -> Rule:
    """Settle whether bare numbers are a spreadsheet's days: they are where nothing else stands."""
    serials = [position for position, cell in enumerate(cells) if cell.form == "serial"]
    if not serials:
        return _NOTHING
    key = f"numbers in {column}"
    answer = answers.get(key)
    if answer not in (*_SERIAL_DAY_0, SET_ASIDE):
        is_alone = all(cell.form in ("serial", "empty", "bad") for cell in cells)
        answer = "1900" if is_alone else None
    if answer is None:
        text = (
            f"{shown(column)} holds written dates and bare numbers. Spreadsheets keep dates as"
            " numbers of days, and may have turned day and month round in them. What are they?"
        )
        options = (
            ("1900", "Days of a spreadsheet: 45291 is 2023-12-31"),
            ("1904", "Days of a spreadsheet that counts from 1904: 43829 is 2023-12-31"),
            (SET_ASIDE, "Not to be trusted: reject these rows"),
        )
        return _asked(Question(key, text, options, examples=_examples(texts, serials)))
    day_0 = _SERIAL_DAY_0.get(answer)

    def settle(cell: DateCell, text: str) -> DateCell:
        if cell.form != "serial":
            return cell
        if day_0 is None:
            return _bad(f"{shown(text)} is a number, not a date.")
        day = day_0 + dt.timedelta(days=cell.first)
        return DateCell("day", day.year, day.month, day.day)

    note = (
        "Bare numbers were read as days since 1899-12-30. From a workbook that counts from 1904"
        " they would be dates 1,462 days later."
    )
    return Rule(
        settle,
        words=f"days since {day_0}" if day_0 else "",
        note=note if answer == "1900" else "",
    )


def calendar_rule(
    cells: Sequence[DateCell], texts: Sequence[str], column: str, answers: Answers
) -> Rule:
    """Have a person confirm that years such as 1402 are Solar Hijri, both dates shown."""
    solar = [position for position, cell in enumerate(cells) if is_solar(cell)]
    if not solar:
        return _NOTHING
    key = f"calendar of {column}"
    answer = answers.get(key)
    if answer not in (SOLAR_HIJRI, SET_ASIDE):
        text = (
            f"Are the dates in {shown(column)} with years such as {cells[solar[0]].year} of the"
            " Solar Hijri calendar? Compare the days that they come to."
        )
        options = (
            (SOLAR_HIJRI, "Solar Hijri: 24 Asad 1400 is 2021-08-15"),
            (SET_ASIDE, "Of another calendar, such as the lunar one: reject these rows"),
        )
        is_likely = all(cells[position].year <= _LAST_LIKELY_SOLAR_YEAR for position in solar)
        examples = tuple(
            f"{text} = {_both_dates(cells[position])}"
            for text, position in zip(_examples(texts, solar), solar, strict=False)
        )
        return _asked(Question(key, text, options, SOLAR_HIJRI if is_likely else "", examples))

    def settle(cell: DateCell, text: str) -> DateCell:
        if answer == SET_ASIDE and is_solar(cell):
            return _bad(f"{shown(text)} is of a calendar that is not read.")
        return cell

    return Rule(settle, words="Solar Hijri" if answer == SOLAR_HIJRI else "")


def is_solar(cell: DateCell) -> bool:
    """Say whether a cell is a settled date by a year of the Solar Hijri calendar."""
    return cell.calendar == SOLAR_HIJRI and cell.form in _DATED


def _as_it_is(cell: DateCell, text: str) -> DateCell:
    return cell


_NOTHING = Rule(_as_it_is)


def _asked(question: Question) -> Rule:
    return Rule(_as_it_is, question)


def _bad(what: str) -> DateCell:
    return DateCell("bad", fault=Fault(what, MEND))


def _examples(texts: Sequence[str], positions: Sequence[int]) -> tuple[str, ...]:
    """Return a few cells as a question shows them."""
    return tuple(shown(texts[position])[1:-1] for position in positions[:_EXAMPLES])


def _both_dates(cell: DateCell) -> str:
    """Return a Solar Hijri date in words and the Gregorian one that it comes to."""
    try:
        first, last = span(cell.calendar, cell.year, cell.first, cell.second)
    except ValueError:
        return "no day of that calendar"
    if first == last:
        return f"{solar_hijri_words(first)} = {first}"
    return f"{solar_hijri_words(first)} to {solar_hijri_words(last)} = {first} to {last}"
