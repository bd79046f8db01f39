"""The Solar Hijri calendar and the names that its months have in Afghanistan."""

import datetime as dt

import pytest

from conflictmap.ingest.calendars import (
    GREGORIAN,
    SOLAR_HIJRI,
    calendar_of_year,
    month_of,
    span,
)
from conflictmap.ingest.digits import plain
from conflictmap.solar_hijri import (
    AFGHAN_MONTHS,
    solar_hijri_date,
    solar_hijri_parts,
    solar_hijri_words,
)

KNOWN_DAYS = [  # days that history books give in both calendars
    ((1352, 4, 26), dt.date(1973, 7, 17)),
    ((1357, 2, 7), dt.date(1978, 4, 27)),
    ((1358, 10, 6), dt.date(1979, 12, 27)),
    ((1371, 2, 8), dt.date(1992, 4, 28)),
    ((1400, 5, 24), dt.date(2021, 8, 15)),
    ((1403, 1, 1), dt.date(2024, 3, 20)),
]

MONTHS = [
    ("Hamal", "Wray", "حمل", "وری"),
    ("Sawr", "Ghwayay", "ثور", "غويی"),
    ("Jawza", "Ghbargolay", "جوزا", "غبرګولی"),
    ("Saratan", "Changakh", "سرطان", "چنګاښ"),
    ("Asad", "Zmaray", "اسد", "زمری"),
    ("Sunbula", "Wazhay", "سنبله", "وږی"),
    ("Mizan", "Tala", "میزان", "تله"),
    ("Aqrab", "Larem", "عقرب", "لړم"),
    ("Qaws", "Lindey", "قوس", "ليندۍ"),
    ("Jadi", "Marghumay", "جدی", "مرغومی"),
    ("Dalw", "Salwagha", "دلو", "سلواغه"),
    ("Hut", "Kab", "حوت", "كب"),
]


@pytest.mark.parametrize(("parts", "day"), KNOWN_DAYS)
def test_known_days_agree_in_both_calendars(parts, day):
    assert solar_hijri_date(*parts) == day
    assert solar_hijri_parts(day) == parts


def test_every_day_of_two_centuries_comes_back():
    day, last = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
    before = solar_hijri_parts(day - dt.timedelta(days=1))
    while day <= last:
        parts = solar_hijri_parts(day)
        assert solar_hijri_date(*parts) == day
        assert parts > before
        day, before = day + dt.timedelta(days=1), parts


def test_the_leap_day_of_a_common_year_is_refused():
    with pytest.raises(ValueError, match=r"day must be in 1\.\.29"):
        solar_hijri_date(1400, 12, 30)
    assert solar_hijri_date(1399, 12, 30) == dt.date(2021, 3, 20)


def test_a_day_is_told_with_the_month_of_afghanistan():
    assert solar_hijri_words(dt.date(2021, 8, 15)) == "24 Asad 1400"


@pytest.mark.parametrize("number", range(1, 13))
def test_months_are_known_in_dari_pashto_and_latin(number):
    assert AFGHAN_MONTHS[number - 1] == MONTHS[number - 1][0]
    for name in MONTHS[number - 1]:
        assert month_of(name) == (SOLAR_HIJRI, number), name


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("MAY", (GREGORIAN, 5)),
        ("Sept", (GREGORIAN, 9)),
        ("اگست", (GREGORIAN, 8)),
        ("Saur", (SOLAR_HIJRI, 2)),
        ("Mordad", (SOLAR_HIJRI, 5)),  # Iranian names are of the same calendar
        ("ميزان", (SOLAR_HIJRI, 7)),  # an Arabic keyboard
        ("Ramadan", None),  # the lunar calendar is not read
        ("", None),
        ("Mai", None),
    ],
)
def test_months_by_other_names(name, month):
    assert month_of(name) == month


@pytest.mark.parametrize(
    ("year", "calendar"),
    [(1402, SOLAR_HIJRI), (2023, GREGORIAN), (1249, None), (1700, None), (2101, None), (0, None)],
)
def test_a_year_tells_its_calendar(year, calendar):
    assert calendar_of_year(year) == calendar


def test_months_and_years_reach_from_their_first_to_their_last_day():
    assert span(SOLAR_HIJRI, 1400) == (dt.date(2021, 3, 21), dt.date(2022, 3, 20))
    assert span(SOLAR_HIJRI, 1402, 5) == (dt.date(2023, 7, 23), dt.date(2023, 8, 22))
    assert span(GREGORIAN, 2024, 2) == (dt.date(2024, 2, 1), dt.date(2024, 2, 29))


@pytest.mark.parametrize("month", [13, 99])
@pytest.mark.parametrize("calendar", [GREGORIAN, SOLAR_HIJRI])
def test_a_month_that_does_not_exist_is_refused(calendar, month):
    with pytest.raises(ValueError, match="month"):
        span(calendar, 2024 if calendar == GREGORIAN else 1400, month)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("۱۴۰۲/۰۵/۲۴", "1402/05/24"),
        ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
        ("１２", "12"),
        (" 1\u00a0234\u202f567 ", "1 234 567"),
        ("5–7 −3", "5-7 -3"),
        ("\u200e34\u200f", "34"),
        ("34٫5 1٬234", "34٫5 1٬234"),
    ],
)
def test_digits_spaces_and_dashes_of_other_scripts(written, read):
    assert plain(written) == read
