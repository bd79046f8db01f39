"""Columns of dates: read one way throughout, or asked about."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictmap.ingest.dates import read_dates, read_gtd_dates
from conflictmap.solar_hijri import solar_hijri_parts

MEND = "Write it as YYYY-MM-DD, for example 2026-02-28."


def read(*cells, **answers):
    """Read a column named "date" whose first row is row 2; answers by the first word of a key."""
    keys = {"order": "date order of date", "century": "century of date"}
    keys |= {"calendar": "calendar of date", "numbers": "numbers in date"}
    values = pd.Series(cells, index=range(2, len(cells) + 2), dtype="str")
    given_answers = {keys[name]: value for name, value in answers.items()}
    return read_dates(values, column="date", answers=given_answers)


def days(found):
    """Return the days read, as text; None where there is none."""
    return [None if pd.isna(day) else str(day.date()) for day in found.date_from]


def spans(found):
    return [
        (str(first.date()), str(last.date()), precision)
        for first, last, precision in zip(
            found.date_from, found.date_to, found.precision, strict=True
        )
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "2025-05-16",
        "2025/05/16",
        "2025/5/16 00:00:00",
        "2025-05-16 00:00:00.000",
        "2025-05-16T00:00:00Z",
        "20250516",
        "16 May 2025",
        "16-May-2025",
        "May 16th, 2025",
        "2025 May 16",
        "16/05/2025",
        "16.05.2025",
        "5/16/2025 12:00:00 AM",
        "۲۰۲۵-۰۵-۱۶",
        "٢٠٢٥/٠٥/١٦",
        "۱۶ می ۲۰۲۵",
        "\ufeff16\u00a0May\u00a02025 ",
    ],
)
def test_one_day_in_many_forms(cell):
    found = read(cell)
    assert spans(found) == [("2025-05-16", "2025-05-16", "day")]
    assert found.words.tolist() == [cell]
    assert not found.problems
    assert found.question is None


def test_a_time_is_cut_and_never_shifts_the_day():
    assert days(read("2025-05-16T23:30:00Z", "2025-05-16T00:10:00+04:30")) == ["2025-05-16"] * 2


def test_a_date_without_a_day_is_a_month_or_a_year():
    found = read("May 2025", "2025-05", "05/2025", "2025")
    assert spans(found) == [
        *[("2025-05-01", "2025-05-31", "month")] * 3,
        ("2025-01-01", "2025-12-31", "year"),
    ]


def test_dates_are_seconds_as_the_contract_wants_them():
    found = read("2025-05-16", "")
    assert str(found.date_from.dtype) == str(found.date_to.dtype) == "datetime64[s]"
    assert found.date_from.index.tolist() == [2, 3]


def test_a_part_above_12_anywhere_settles_the_order_of_the_column():
    assert days(read("09/04/2015", "18/04/2001")) == ["2015-04-09", "2001-04-18"]
    assert days(read("09/04/2015 00:00:00", "04/18/2001 00:00:00")) == ["2015-09-04", "2001-04-18"]


def test_an_order_that_nothing_settles_is_asked_and_nothing_is_read():
    found = read("09/04/2015", "10/04/2015", "2025-05-16")
    assert days(found) == [None, None, "2025-05-16"]
    assert found.open_rows.tolist() == [2, 3]
    question = found.question
    assert question.key == "date order of date"
    assert question.text == (
        "Which comes first in the dates in 'date', the day or the month? No date in the file"
        " settles it."
    )
    assert [value for value, _ in question.options] == ["day_first", "month_first", "only_certain"]
    assert question.proposed == ""
    assert question.examples == ("09/04/2015", "10/04/2015")


@pytest.mark.parametrize(
    ("answer", "first"), [("day_first", "2015-04-09"), ("month_first", "2015-09-04")]
)
def test_an_answer_settles_the_order(answer, first):
    found = read("09/04/2015", "", order=answer)
    assert days(found) == [first, None]
    assert found.question is None
    assert found.open_rows.empty


def test_a_day_whose_parts_are_equal_needs_no_question():
    assert days(read("05/05/2025")) == ["2025-05-05"]


def test_a_column_in_two_orders_is_never_read_row_by_row():
    cells = ("09/04/2015", "14/09/2015", "09/14/2015")
    found = read(*cells)
    assert days(found) == [None, None, None]
    assert found.open_rows.tolist() == [2, 3, 4]
    assert "written in two orders" in found.question.text

    answered = read(*cells, order="day_first")
    assert days(answered) == ["2015-04-09", "2015-09-14", None]
    assert answered.problems[4] == (
        "'09/14/2015' is not a calendar date when it is read day first.",
        MEND,
    )

    certain = read(*cells, order="only_certain")
    assert days(certain) == [None, "2015-09-14", "2015-09-14"]
    assert certain.problems[2].what == "'09/04/2015' may have the day or the month first."


def test_a_profile_may_answer_before_it_is_asked():
    """UCDP's website export is month first, whatever its rows show."""
    found = read("09/04/2015 00:00:00", order="month_first")
    assert days(found) == ["2015-09-04"]


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("31/02/2026", "'31/02/2026' is not a calendar date."),
        ("2026-02-30", "'2026-02-30' is not a calendar date."),
        ("2026-05-00", "'2026-05-00' is not a calendar date."),
        ("13/13/2026", "'13/13/2026' is not a calendar date."),
        ("last week", "'last week' is not a calendar date."),
        ("16 May", "'16 May' is not a calendar date."),
        ("May 2025 16", "'May 2025 16' is not a calendar date."),
        ("1735689600", "'1735689600' looks like a time stamp, not like the day of an incident."),
        ("70000", "'70000' is a number, not a date."),
        ("3025-01-01", "'3025-01-01' has the year 3025, which is not within 1900 to 2100."),
        ("30 Hut 1400", "'30 Hut 1400' is not a Solar Hijri calendar date."),
        (
            "24 Asad 2021",
            "'24 Asad 2021' has a Solar Hijri month, but its year is of another calendar.",
        ),
        ("x" * 200, "'" + "x" * 79 + "…' is not a calendar date."),
    ],
)
def test_what_is_no_date_is_a_problem_in_words(cell, what):
    found = read("2025-05-16", cell)
    assert found.problems == {3: (what, MEND)}
    assert days(found) == ["2025-05-16", None]
    assert found.precision.tolist() == ["day", "unknown"]


def test_an_empty_cell_is_missing_and_no_problem():
    found = read("", "  ", "unknown", "n/a", "-")
    assert days(found) == [None] * 5
    assert not found.problems
    assert found.words.tolist()[2:4] == ["unknown", "n/a"]
    assert found.words.isna().tolist() == [True, True, False, False, True]


def test_numbers_alone_in_a_column_are_days_of_a_spreadsheet():
    found = read("45291", "45291.75", "")
    assert days(found) == ["2023-12-31", "2023-12-31", None]
    assert found.notes == (
        "Bare numbers were read as days since 1899-12-30. From a workbook that counts from 1904"
        " they would be dates 1,462 days later.",
    )
    assert days(read("43829", numbers="1904")) == ["2023-12-31"]


def test_numbers_beside_written_dates_are_asked_about():
    """Typed day first and opened month first, only the ambiguous dates become numbers."""
    found = read("45291", "31/12/2023")
    assert days(found) == [None, "2023-12-31"]
    assert found.open_rows.tolist() == [2]
    assert found.question.key == "numbers in date"
    assert days(read("45291", "31/12/2023", numbers="1900")) == ["2023-12-31"] * 2
    assert read("45291", "31/12/2023", numbers="set_aside").problems == {
        2: ("'45291' is a number, not a date.", MEND)
    }


def test_years_of_two_digits_are_asked_about():
    found = read("16-May-21", "31/12/21")
    assert found.open_rows.tolist() == [2, 3]
    assert found.question.key == "century of date"
    assert days(read("16-May-21", "31/12/21", century="2000")) == ["2021-05-16", "2021-12-31"]
    assert len(read("16-May-21", century="set_aside").problems) == 1


SOLAR_CELLS = (
    "1402/05/24",
    "۱۴۰۲/۰۵/۲۴",
    "24 Asad 1402",
    "۲۴ اسد ۱۴۰۲",
    "24/05/1402",
    "زمری ۲۴, ۱۴۰۲",
)


def test_solar_hijri_dates_are_shown_in_both_calendars_to_be_confirmed():
    found = read(*SOLAR_CELLS)
    assert days(found) == [None] * 6
    assert found.open_rows.tolist() == [2, 3, 4, 5, 6, 7]
    assert found.calendar == "solar_hijri"
    assert found.question.key == "calendar of date"
    assert found.question.proposed == "solar_hijri"
    assert found.question.examples[0] == "1402/05/24 = 24 Asad 1402 = 2023-08-15"
    assert days(read(*SOLAR_CELLS, calendar="solar_hijri")) == ["2023-08-15"] * 6


def test_years_that_may_be_lunar_are_not_proposed_as_solar():
    assert read("1446-01-01").question.proposed == ""


def test_dates_of_another_calendar_can_be_set_aside():
    found = read("1402/05/24", "2023-08-15", calendar="set_aside")
    assert days(found) == [None, "2023-08-15"]
    assert found.problems[2].what == "'1402/05/24' is of a calendar that is not read."


def test_a_stray_solar_hijri_date_leaves_the_others_read():
    found = read("1402/05/24", "2023-08-15")
    assert days(found) == [None, "2023-08-15"]
    assert found.calendar == "mixed"


def test_solar_hijri_parts_wait_for_the_order_and_then_for_the_calendar():
    assert read("04/05/1402").question.key == "date order of date"
    assert read("04/05/1402", order="day_first").question.key == "calendar of date"
    found = read("04/05/1402", order="day_first", calendar="solar_hijri")
    assert days(found) == ["2023-07-26"]


def test_a_solar_hijri_month_or_year_reaches_from_its_first_to_its_last_day():
    found = read("Asad 1402", "1400", calendar="solar_hijri")
    assert spans(found) == [
        ("2023-07-23", "2023-08-22", "month"),
        ("2021-03-21", "2022-03-20", "year"),
    ]


def test_an_answer_that_is_no_option_is_no_answer():
    assert read("09/04/2015", order="<b>").question.key == "date order of date"


def test_zero_is_unknown_in_the_three_columns_of_the_terrorism_database():
    found = read_gtd_dates(
        pd.Series(["2015", "2015", "2015", "2015.0", "", "2015", "2015"]),
        pd.Series(["4", "4", "0", "4", "", "2", "0"]),
        pd.Series(["9", "0", "0", "9", "", "30", "9"]),
    )
    assert days(found) == ["2015-04-09", "2015-04-01", "2015-01-01", "2015-04-09", *[None] * 3]
    assert found.precision.tolist()[:4] == ["day", "month", "year", "day"]
    assert found.problems[5] == (
        "'2015-2-30' is not a calendar date.",
        "Give the year in four digits, the month and the day; write 0 for one that is not known.",
    )
    assert list(found.problems) == [5, 6]


# --- whatever a cell holds ------------------------------------------------------------------------

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
ODD_CELLS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789٠۰-/. :TZ+", max_size=25),
    st.text(alphabet="09 ,.-MayMordAsadاسدمی", max_size=20),
    DAYS.map(lambda day: day.strftime("%d/%m/%Y")),
    DAYS.map(lambda day: "{}/{}/{}".format(*solar_hijri_parts(day))),
    st.integers(0, 99_999).map(str),
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "order": st.sampled_from(["day_first", "month_first", "only_certain", "?"]),
        "century": st.sampled_from(["2000", "1900", "set_aside", ""]),
        "calendar": st.sampled_from(["solar_hijri", "set_aside"]),
        "numbers": st.sampled_from(["1900", "1904", "set_aside"]),
    },
)


@given(cells=st.lists(ODD_CELLS, max_size=8), answers=ANSWERS)
def test_every_row_is_dated_or_empty_or_a_problem_or_open(cells, answers):
    found = read(*cells, **answers)
    for row, cell in zip(found.date_from.index, cells, strict=True):
        is_dated = found.date_from.notna()[row]
        is_problem, is_open = row in found.problems, row in found.open_rows
        assert is_dated + is_problem + is_open <= 1
        if not (is_dated or is_problem or is_open):
            assert not any(sign.isdigit() for sign in cell)
        assert is_dated == found.date_to.notna()[row] == (found.precision[row] != "unknown")
    assert found.open_rows.empty == (found.question is None)


@given(day=DAYS)
def test_every_day_reads_the_same_in_every_form(day):
    solar = "{}-{:02}-{:02}".format(*solar_hijri_parts(day))
    forms = [day.isoformat(), f"{day:%Y/%m/%d} 00:00:00", solar, f"{day:%Y%m%d}"]
    found = read(*forms, calendar="solar_hijri")
    assert days(found) == [day.isoformat()] * 4


@given(part=st.text(max_size=6))
def test_three_columns_hold_anything(part):
    cells = pd.Series([part])
    found = read_gtd_dates(cells, cells, cells)
    assert found.date_from.isna().all()
