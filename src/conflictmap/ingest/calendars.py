"""The calendars that dates of incidents are written in, and the names of their months.

The Solar Hijri calendar is converted by persiantools. Its names of months are the Iranian ones, so
those of Afghanistan stand here, in Dari, Pashto and Latin letters. The lengths of the months are
those in force since 1336 (1957).
"""

from __future__ import annotations

import calendar
import datetime as dt
import unicodedata
from functools import lru_cache
from typing import Literal

from persiantools.jdatetime import MONTH_NAMES_EN, MONTH_NAMES_FA, JalaliDate

from conflictmap.ingest.digits import plain

Calendar = Literal["gregorian", "solar_hijri"]

GREGORIAN: Calendar = "gregorian"
SOLAR_HIJRI: Calendar = "solar_hijri"

YEARS: dict[Calendar, tuple[int, int]] = {GREGORIAN: (1900, 2100), SOLAR_HIJRI: (1250, 1500)}
"""First and last year that is read as a year of each calendar. They do not overlap."""

# One line a month: how we write it, then other spellings in Latin letters, Dari and Pashto.
_AFGHAN_MONTHS = (
    ("Hamal", "Hammal Hamel Wray Wrai Wrey", "حمل", "وری"),
    ("Sawr", "Saur Sowr Sour Thawr Thaur Saor Ghwayay Ghwaye Ghwayai", "ثور", "غویی غوایی"),
    ("Jawza", "Jauza Jowza Joza Jaoza Ghbargolay Ghbargolai Ghbargulay", "جوزا", "غبرګولی"),
    ("Saratan", "Sartan Changakh Changash Chungakh Chungash", "سرطان", "چنګاښ چنگاش"),
    ("Asad", "Assad Zmaray Zmarai Zmarey", "اسد", "زمری"),
    (
        "Sunbula",
        "Sunbola Sonbola Sonbula Sumbula Sunbulah Sonbolah Sumbulah Wazhay Wazhai Wagay Wagai",
        "سنبله سنبلة",
        "وږی",
    ),
    ("Mizan", "Meezan Mezan Tala", "میزان", "تله"),
    ("Aqrab", "Akrab Aghrab Larem Laram Lerem Larram", "عقرب", "لړم"),
    ("Qaws", "Qaus Qows Qous Kaws Qaos Lindey Linday Lindai Lindi", "قوس", "لیندۍ لیندی"),
    ("Jadi", "Jady Jaddi Jadee Marghumay Marghumai Marghomay Marghomai", "جدی", "مرغومی"),
    ("Dalw", "Dalwa Dalv Dalwe Dalo Dalow Dalu Salwagha Salwaghah Salwaghe", "دلو", "سلواغه"),
    ("Hut", "Hoot Hout Hood Kab Kub", "حوت", "کب"),
)

AFGHAN_MONTHS = tuple(names[0] for names in _AFGHAN_MONTHS)
"""The months of the Solar Hijri calendar as we write them, Hamal first."""

# English names do not depend on the machine's locale; Dari has its own for the same months.
_GREGORIAN_MONTHS = (
    "January Jan جنوری ژانویه",
    "February Feb فبروری فوریه",
    "March Mar مارچ مارس",
    "April Apr اپریل آوریل",
    "May می",
    "June Jun جون ژوئن",
    "July Jul جولای ژوئیه",
    "August Aug اگست آگست اوت",
    "September Sep Sept سپتمبر سپتامبر",
    "October Oct اکتوبر اکتبر",
    "November Nov نومبر نوامبر",
    "December Dec دسمبر دسامبر",
)

# One letter, several keys on the keyboard.
_LETTERS = str.maketrans("يىئېۍكګأإآةۀ", "یییییکگاااهه")


def month_of(name: str) -> tuple[Calendar, int] | None:
    """Return the calendar and number of a month by its name in English, Dari, Pashto or Latin.

    Examples
    --------
    >>> month_of("Sept"), month_of("اسد"), month_of("Zmaray")
    (('gregorian', 9), ('solar_hijri', 5), ('solar_hijri', 5))
    """
    return _months().get(_month_key(name))


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


def calendar_of_year(year: int) -> Calendar | None:
    """Return the calendar that a year of four digits can only be of; none: it is of neither."""
    for name, (first, last) in YEARS.items():
        if first <= year <= last:
            return name
    return None


def span(written_in: Calendar, year: int, month: int = 0, day: int = 0) -> tuple[dt.date, dt.date]:
    """Return the first and last Gregorian day of a day, a month (no day) or a year (no month).

    Raises
    ------
    ValueError
        If the calendar has no such day or month.
    """
    if written_in == SOLAR_HIJRI:
        if day:
            found = solar_hijri_date(year, month, day)
            return found, found
        last_month = month or 12
        days = JalaliDate.days_in_month(last_month, year)
        return solar_hijri_date(year, month or 1, 1), solar_hijri_date(year, last_month, days)
    if day:
        return dt.date(year, month, day), dt.date(year, month, day)
    first = dt.date(year, month or 1, 1)
    last_month = month or 12
    return first, dt.date(year, last_month, calendar.monthrange(year, last_month)[1])


@lru_cache(maxsize=1)
def _months() -> dict[str, tuple[Calendar, int]]:
    months: dict[str, tuple[Calendar, int]] = {}
    for number in range(1, 13):
        for name in _GREGORIAN_MONTHS[number - 1].split():
            months[_month_key(name)] = (GREGORIAN, number)
        afghan = " ".join(_AFGHAN_MONTHS[number - 1]).split()
        for name in (*afghan, str(MONTH_NAMES_EN[number]), str(MONTH_NAMES_FA[number])):
            months[_month_key(name)] = (SOLAR_HIJRI, number)
    return months


def _month_key(name: str) -> str:
    """Return a name without case, marks of vowels and the choice between like letters."""
    letters = plain(name).casefold().translate(_LETTERS)
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(sign)
    ).translate(_LETTERS)
