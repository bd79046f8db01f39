"""One cell of a column of dates: what is written, before the column settles what it means.

"09/04/2015" is two parts and a year: which part is the month only the whole column, or a person,
can say. Nothing here depends on the locale of the machine or on other cells.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

from conflictmap.ingest.calendars import (
    GREGORIAN,
    SOLAR_HIJRI,
    YEARS,
    Calendar,
    calendar_of_year,
    month_of,
    span,
)
from conflictmap.ingest.cells import NOT_STATED, Fault, shown
from conflictmap.ingest.digits import plain

Form = Literal["day", "parts", "month", "year", "serial", "empty", "bad"]

MEND = "Write it as YYYY-MM-DD, for example 2026-02-28."
SERIALS = (20_000, 60_000)
"""Numbers that a spreadsheet may mean as days: 3 October 1954 to 8 April 2064."""

_LONGEST = 60  # characters of the longest date with a time and a zone
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"(?<=[0-9])(?:T|,? )[0-2]?[0-9]:[0-5][0-9](?::[0-6][0-9](?:[.,][0-9]{1,9})?)?"
    r"(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?"
)
_NUMBERS = re.compile(r"([0-9]{1,20})(?: ?([-/. ]) ?([0-9]{1,20})(?: ?\2 ?([0-9]{1,20}))?)?")
_TOKENS = re.compile(r"[0-9]+|[^\W\d_]+")
_BETWEEN = re.compile(r"[ ,./-]*")  # all that may stand around numbers and the name of a month
_AFTER_DAY = {"st", "nd", "rd", "th"}


class DateCell(NamedTuple):
    """What one cell says.

    "day" has year, month (``first``) and day (``second``); "parts" has two parts in the order in
    which they stand, day and month in an order that the cell does not tell, and the year; "month"
    and "year" name no day; "serial" is a number of days (``first``).
    """

    form: Form
    year: int = 0
    first: int = 0
    second: int = 0
    calendar: Calendar = GREGORIAN
    is_short: bool = False  # the year has two digits, so its century is not written
    fault: Fault | None = None

    def day_first(self) -> DateCell:
        """Return the two parts read as day and month."""
        return self._replace(form="day", first=self.second, second=self.first)

    def month_first(self) -> DateCell:
        """Return the two parts read as month and day."""
        return self._replace(form="day")


EMPTY = DateCell("empty")


def read_date_cell(text: str) -> DateCell:
    """Return what a cell of a column of dates says.

    A time of day behind the date is cut and never shifts it to another day.
    """
    cut = plain(text)
    if cut.casefold() in NOT_STATED or not cut:
        return EMPTY
    if len(cut) > _LONGEST:
        return no_date(text)
    if time := _TIME.search(cut):
        if time.end() != len(cut):
            return no_date(text)
        cut = cut[: time.start()]
    if iso := _ISO.fullmatch(cut):
        return _from_day(text, *(int(part) for part in iso.groups()))
    if numbers := _NUMBERS.fullmatch(cut):
        return _from_numbers(text, numbers)
    return _from_words(text, cut)


def no_date(text: str, calendar: Calendar = GREGORIAN) -> DateCell:
    """Return the fault of a cell that names no day of its calendar."""
    name = "Solar Hijri calendar" if calendar == SOLAR_HIJRI else "calendar"
    return _bad(f"{shown(text)} is not a {name} date.")


def _bad(what: str, mend: str = MEND) -> DateCell:
    return DateCell("bad", fault=Fault(what, mend))


def _from_numbers(text: str, numbers: re.Match[str]) -> DateCell:
    """Read a cell that is one, two or three numbers with one sort of sign between them."""
    parts = [part for part in numbers.group(1, 3, 4) if part]
    lengths = [len(part) for part in parts]
    if lengths == [5] or (lengths[0] == 5 and len(parts) == 2 and numbers.group(2) == "."):
        return _from_serial(text, int(parts[0]))  # behind the point: a time of day
    if lengths == [8]:
        day = parts[0]
        return _from_day(text, int(day[:4]), int(day[4:6]), int(day[6:]))
    if len(parts) == 1 and lengths[0] in (10, 13):
        return _bad(f"{shown(text)} looks like a time stamp, not like the day of an incident.")
    if len(parts) == 1:
        return _from_year(text, int(parts[0])) if lengths == [4] else no_date(text)
    if lengths[0] == 4 and max(lengths[1:]) <= 2:
        return _from_day(text, *(int(part) for part in parts))
    if lengths[-1] == 4 and max(lengths[:-1]) <= 2:
        return _from_parts(text, *(int(part) for part in parts[::-1]))
    if len(parts) == 3 and max(lengths) <= 2:
        year, second, first = (int(part) for part in parts[::-1])
        return _from_parts(text, year, second, first, is_short=True)
    return no_date(text)


def _from_words(text: str, cut: str) -> DateCell:
    """Read a cell with the name of a month: "16 May 2025", "May 16th, 2025", "24 Asad 1400"."""
    cut = unicodedata.normalize("NFC", cut)  # a letter and its mark are one sign of the name
    tokens = _TOKENS.findall(cut)
    if _BETWEEN.fullmatch(_TOKENS.sub("", cut)) is None:
        return no_date(text)
    kept: list[str] = []
    for token in tokens:
        is_ending = bool(kept) and kept[-1].isdigit() and token.casefold() in _AFTER_DAY
        if not is_ending and token.casefold() != "of":
            kept.append(token)
    months = [found for token in kept if not token.isdigit() and (found := month_of(token))]
    numbers = [token for token in kept if token.isascii() and token.isdigit()]
    if len(months) != 1 or len(kept) != len(numbers) + 1 or len(numbers) not in (1, 2):
        return no_date(text)
    calendar, month = months[0]
    longs = [int(number) for number in numbers if len(number) == 4]
    shorts = [int(number) for number in numbers if len(number) <= 2]
    if len(longs) == 1 and len(shorts) == len(numbers) - 1:
        if len(kept) == 3 and len(kept[1]) == 4 and kept[1].isdigit():
            return no_date(text)  # a year in the middle
        return _from_day(text, longs[0], month, *shorts, named=calendar)
    if len(shorts) == 2 and not kept[-1].isdigit():
        return no_date(text)
    if len(shorts) == 2 and calendar == GREGORIAN:
        return DateCell("day", shorts[1], month, shorts[0], is_short=True)
    return no_date(text)


def _from_day(
    text: str, year: int, month: int, day: int | None = None, *, named: Calendar | None = None
) -> DateCell:
    """Return a day, or a month without a day, whose parts are certain."""
    calendar = calendar_of_year(year)
    if calendar is None:
        return _bad_year(text, year)
    if named is not None and named != calendar:
        names = "Solar Hijri" if named == SOLAR_HIJRI else "Gregorian"
        return _bad(f"{shown(text)} has a {names} month, but its year is of another calendar.")
    if day == 0:
        return no_date(text, calendar)  # as a day, 0 would mean the whole month
    try:
        span(calendar, year, month, day or 0)
    except ValueError:
        return no_date(text, calendar)
    return DateCell("month" if day is None else "day", year, month, day or 0, calendar)


def _from_parts(
    text: str, year: int, second: int, first: int | None = None, *, is_short: bool = False
) -> DateCell:
    """Return two parts whose order is open, or a month before its year."""
    if first is None:
        return _from_day(text, year, second)
    calendar = GREGORIAN if is_short else calendar_of_year(year)
    if calendar is None:
        return _bad_year(text, year)
    smaller, larger = sorted((first, second))
    if not (1 <= smaller <= 12 and larger <= 31):
        return no_date(text, calendar)
    return DateCell("parts", year, first, second, calendar, is_short)


def _from_year(text: str, year: int) -> DateCell:
    calendar = calendar_of_year(year)
    return DateCell("year", year, calendar=calendar) if calendar else _bad_year(text, year)


def _bad_year(text: str, year: int) -> DateCell:
    first, last = YEARS[GREGORIAN]
    return _bad(f"{shown(text)} has the year {year}, which is not within {first} to {last}.")


def _from_serial(text: str, days: int) -> DateCell:
    if SERIALS[0] <= days <= SERIALS[1]:
        return DateCell("serial", first=days)
    return _bad(f"{shown(text)} is a number, not a date.")
