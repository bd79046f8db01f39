"""Figures: no number is made of words, and what was not given is not zero."""

import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictmap.ingest.numbers import LARGEST, read_figures
from conflictmap.schema import QUALIFIERS

MEND = "Write a whole number such as 7, a range such as 5-7, 'at least 7', or leave it empty."


def read(*cells):
    return read_figures(pd.Series(cells, index=range(2, len(cells) + 2), dtype="str"))


def figure(cell):
    """Return low, best, high (None: missing) and qualifier of one cell alone in its column."""
    found = read(cell)
    assert not found.problems
    ends = [
        None if pd.isna(end.iloc[0]) else int(end.iloc[0])
        for end in (found.low, found.best, found.high)
    ]
    qualifier = found.qualifier.iloc[0]
    return (*ends, None if pd.isna(qualifier) else qualifier)


@pytest.mark.parametrize("cell", ["1234", "1,234", "1.234", "1 234", "1\u00a0234", "۱۲۳۴", "1٬234"])
def test_thousands_in_groups_of_three(cell):
    assert figure(cell) == (1234, 1234, 1234, "exactly")
    assert read(cell).words.isna().all()


@pytest.mark.parametrize("cell", ["7", " 7 ", "07", "7.0", "٧", "۷", "７"])
def test_a_plain_number_is_exact(cell):
    assert figure(cell) == (7, 7, 7, "exactly")


@pytest.mark.parametrize(
    "cell", ["5-7", "5–7", "5 - 7", "5 to 7", "between 5 and 7", "From 5 to 7", "۵ تا ۷"]
)
def test_a_range_has_no_best_figure(cell):
    assert figure(cell) == (5, None, 7, "range")
    assert read(cell).words.tolist() == [cell]


@pytest.mark.parametrize(
    "cell", ["5+", "At least 5", "over 5", "more than 5", ">5", "5 or more", "دست‌کم ۵", "حداقل 5"]
)
def test_at_least_has_no_upper_end(cell):
    assert figure(cell) == (5, 5, None, "at_least")


@pytest.mark.parametrize("cell", ["around 7", "about 7", "~7", "approx. 7", "حدود ۷", "تقریباً ۷"])
def test_around_has_no_ends(cell):
    assert figure(cell) == (None, 7, None, "around")


def test_up_to_has_an_upper_end_only():
    assert figure("up to 7") == (None, None, 7, "range")


@pytest.mark.parametrize("cell", ["dozens", "several", "unknown", "n/a", "-", "none", "ده‌ها نفر"])
def test_words_give_no_number_and_are_kept(cell):
    assert figure(cell) == (None, None, None, "words_only")
    assert read(cell).words.tolist() == [cell]


def test_empty_is_missing_and_zero_is_zero():
    found = read("", "0", "  ")
    assert found.best.isna().tolist() == [True, False, True]
    assert found.best[3] == 0
    assert found.qualifier.isna().tolist() == [True, False, True]
    assert str(found.best.dtype) == "Int64"


def test_codes_for_not_known_are_missing_and_counted():
    found = read("-1", "-9", "-99", "−9", "3")
    assert found.best.isna().tolist() == [True, True, True, True, False]
    assert not found.problems
    assert found.notes == ("4 cells hold -1, -9 or -99: not known.",)


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("-5", "'-5' is negative."),
        ("2.5", "'2.5' is not a whole number."),
        ("2,5", "'2,5' is not a whole number."),
        ("1٫234", "'1٫234' is not a whole number."),
        ("0,123", "'0,123' is not a whole number."),
        ("1,23,456", "'1,23,456' is not a number."),
        ("1,234.567", "'1,234.567' is not a number."),
        ("7 killed", "'7 killed' is not a number."),
        ("5-Jul", "'5-Jul' is not a number."),  # a range, after a spreadsheet
        ("7-5", "'7-5' is a range from the larger to the smaller number."),
        ("=1+1", "'=1+1' is not a number."),
        ("1e3", "'1e3' is not a number."),
        ("½", "'½' is not a number."),
        ("201504090001", "'201504090001' is too large for a number of people."),
    ],
)
def test_what_is_no_figure_is_a_problem_in_words(cell, what):
    found = read("3", cell)
    assert found.problems == {3: (what, MEND)}
    assert found.best.isna().tolist() == [False, True]
    assert found.qualifier.isna().tolist() == [False, True]


@pytest.mark.parametrize("other", ["0.000", "2.0", "2.5"])
def test_a_point_that_is_a_decimal_one_elsewhere_makes_no_thousands(other):
    found = read("1.234", other)
    assert found.problems[2].what == (
        "'1.234' has two meanings beside the other numbers of its column."
    )


def test_thousands_by_comma_and_by_point_in_one_column_are_problems():
    assert list(read("1,234", "1.234", "5").problems) == [2, 3]


def test_commas_beside_a_decimal_point_are_thousands():
    assert read("1,234", "5.0").best.tolist() == [1234, 5]


@pytest.mark.parametrize(
    "cell", ["9" * 50_000, "1," * 25_000, "1 " * 25_000, "-" * 50_000 + "1", "a" * 50_000 + "1"]
)
def test_a_huge_cell_is_refused_fast(cell):
    started = time.process_time()
    found = read(cell)
    assert time.process_time() - started < 1
    assert list(found.problems) == [2]
    assert len(found.problems[2].what) < 160


ODD_CELLS = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="0123456789,.- +~>٬٫۵", max_size=15),
    st.integers(-100, 10**10).map(str),
    st.builds("{} {}".format, st.sampled_from(["at least", "~", "over", "5 to"]), st.integers()),
)


@given(cells=st.lists(ODD_CELLS, max_size=8))
def test_every_row_is_a_figure_or_a_problem_or_none_at_all(cells):
    found = read(*cells)
    for row, cell in zip(found.best.index, cells, strict=True):
        ends = [end[row] for end in (found.low, found.best, found.high) if pd.notna(end[row])]
        assert all(0 <= end <= LARGEST for end in ends)
        has_qualifier = pd.notna(found.qualifier[row])
        assert not (has_qualifier and row in found.problems)
        assert not (ends and not has_qualifier)
        if has_qualifier:
            assert found.qualifier[row] in QUALIFIERS
            assert (found.qualifier[row] == "words_only") == (not ends)
        if pd.notna(found.words[row]):
            assert found.words[row] == cell


@given(number=st.integers(0, LARGEST))
def test_every_number_comes_back(number):
    assert figure(str(number))[:3] == (number, number, number)
    assert figure(f"{number:,}")[:3] == (number, number, number)
