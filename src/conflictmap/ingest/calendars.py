"""The calendars that dates of incidents are written in, and the names of their months.

The names stand here in Dari, Pashto and Latin letters; `conflictmap.solar_hijri` converts.
"""

from __future__ import annotations

import calendar
import datetime as dt
import unicodedata
from functools import lru_cache
from typing import Literal

from persiantools.jdatetime import MONTH_NAMES_EN, MONTH_NAMES_FA

from conflictmap.ingest.digits import plain
from conflictmap.solar_hijri import AFGHAN_MONTHS, solar_hijri_date, solar_hijri_span

Calendar = Literal["gregorian", "solar_hijri"]

GREGORIAN: Calendar = "gregorian"
SOLAR_HIJRI: Calendar = "solar_hijri"

YEARS: dict[Calendar, tuple[int, int]] = {GREGORIAN: (1900, 2100), SOLAR_HIJRI: (1250, 1500)}
"""First and last year that is read as a year of each calendar. They do not overlap."""

# One line a month of `AFGHAN_MONTHS`: other spellings in Latin letters, Dari and Pashto.
_SPELLINGS = (
    ("Hammal Hamel Wray Wrai Wrey", "حمل", "وری"),
    ("Saur Sowr Sour Thawr Thaur Saor Ghwayay Ghwaye Ghwayai", "ثور", "غویی غوایی"),
    ("Jauza Jowza Joza Jaoza Ghbargolay Ghbargolai Ghbargulay", "جوزا", "غبرګولی"),
    ("Sartan Changakh Changash Chungakh Chungash", "سرطان", "چنګاښ چنگاش"),
    ("Assad Zmaray Zmarai Zmarey", "اسد", "زمری"),
    (
        "Sunbola Sonbola Sonbula Sumbula Sunbulah Sonbolah Sumbulah Wazhay Wazhai Wagay Wagai",
        "سنبله سنبلة",
        "وږی",
    ),
    ("Meezan Mezan Tala", "میزان", "تله"),
    ("Akrab Aghrab Larem Laram Lerem Larram", "عقرب", "لړم"),
    ("Qaus Qows Qous Kaws Qaos Lindey Linday Lindai Lindi", "قوس", "لیندۍ لیندی"),
    ("Jady Jaddi Jadee Marghumay Marghumai Marghomay Marghomai", "جدی", "مرغومی"),
    ("Dalwa Dalv Dalwe Dalo Dalow Dalu Salwagha Salwaghah Salwaghe", "دلو", "سلواغه"),
    ("Hoot Hout Hood Kab Kub", "حوت", "کب"),
)

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
        return solar_hijri_span(year, month)
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
        afghan = [AFGHAN_MONTHS[number - 1], *" ".join(_SPELLINGS[number - 1]).split()]
        for name in (*afghan, str(MONTH_NAMES_EN[number]), str(MONTH_NAMES_FA[number])):
            months[_month_key(name)] = (SOLAR_HIJRI, number)
    return months


def _month_key(name: str) -> str:
    """Return a name without case, marks of vowels and the choice between like letters."""
    letters = plain(name).casefold().translate(_LETTERS)
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(sign)
    ).translate(_LETTERS)
