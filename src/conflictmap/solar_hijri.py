"""The Solar Hijri calendar of Afghanistan: its months, and its days beside the Gregorian ones.

persiantools converts; its names of months are the Iranian ones, so those of Afghanistan stand here.
The lengths of the months are those in force since 1336 (1957).
"""

from __future__ import annotations

import datetime as dt

from persiantools.jdatetime import JalaliDate

AFGHAN_MONTHS = (
    "Hamal",
    "Sawr",
    "Jawza",
    "Saratan",
    "Asad",
    "Sunbula",
    "Mizan",
    "Aqrab",
    "Qaws",
    "Jadi",
    "Dalw",
    "Hut",
)
"""The months of the Solar Hijri calendar as we write them, Hamal first."""


def solar_hijri_date(year: int, month: int, day: int) -> dt.date:
    """Return the Gregorian day of a Solar Hijri one: 24 Asad 1400 is 15 August 2021.

    Raises
    ------
    ValueError
        If the year has no such day: 30 Hut 1400, as 1400 is no leap year.
    """
    return JalaliDate(year, month, day).to_gregorian()


def solar_hijri_parts(day: dt.date) -> tuple[int, int, int]:
    """Return year, month and day in the Solar Hijri calendar of a Gregorian day."""
    date = JalaliDate.to_jalali(day.year, day.month, day.day)
    return date.year, date.month, date.day


def solar_hijri_words(day: dt.date) -> str:
    """Return a Gregorian day in the Solar Hijri calendar: "24 Asad 1400"."""
    year, month, number = solar_hijri_parts(day)
    return f"{number} {AFGHAN_MONTHS[month - 1]} {year}"


def solar_hijri_span(year: int, month: int = 0) -> tuple[dt.date, dt.date]:
    """Return the first and last Gregorian day of a month, or of a year (no month).

    Raises
    ------
    ValueError
        If the calendar has no such month.
    """
    last_month = month or 12
    days = JalaliDate.days_in_month(last_month, year)
    return solar_hijri_date(year, month or 1, 1), solar_hijri_date(year, last_month, days)
