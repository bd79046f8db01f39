"""Pairs of coordinates: nothing is exchanged silently, and 0, 0 is no place."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictmap.ingest.coordinates import read_coordinates

MEND = "Write it in decimal degrees, for example 34.5281 and 69.1723."
KABUL = (34.528056, 69.172222)


def read(*pairs, comma_decimals=False, swapped=None):
    rows = range(2, len(pairs) + 2)
    return read_coordinates(
        pd.Series([pair[0] for pair in pairs], index=rows, dtype="str"),
        pd.Series([pair[1] for pair in pairs], index=rows, dtype="str"),
        comma_decimals=comma_decimals,
        answers={"swapped coordinates": swapped} if swapped else {},
    )


def points(found):
    return [
        None if pd.isna(lat) else (lat, lon)
        for lat, lon in zip(found.latitude, found.longitude, strict=True)
    ]


@pytest.mark.parametrize(
    "pair",
    [
        ("34.528056", "69.172222"),
        ("+34.528056°", "69.172222° E"),
        ("N 34.528056", "E69.172222"),
        ("34°31'41\"N", "69°10'20\"E"),
        ("34° 31′ 41.0″ N", "69º10’20”E"),
        ("34°31'41''N", "69°10'20''e"),
        ("34 31 41 N", "E 69 10 20"),
        ("34:31:41", "69:10:20"),
        ("34°31.68336'N", "69°10.33332'E"),
        ("۳۴٫۵۲۸۰۵۶", "٦٩٫١٧٢٢٢٢"),
        ("34\u00a031\u00a041N", "69\u00a010\u00a020E"),
    ],
)
def test_one_point_in_many_forms(pair):
    found = read(pair)
    assert points(found) == [pytest.approx(KABUL, abs=1e-6)]
    assert not found.is_outside.any()
    assert not found.latitude_problems | found.longitude_problems


def test_a_decimal_comma_is_read_where_the_file_has_them():
    assert points(read(("34,5553", "69,1"), comma_decimals=True)) == [(34.5553, 69.1)]
    assert points(read(("34.5553", "69.1"), comma_decimals=True)) == [(34.5553, 69.1)]
    found = read(("34,5553", "69,1"))
    assert found.latitude_problems == {2: ("'34,5553' has a decimal comma.", MEND)}
    assert found.longitude_problems == {2: ("'69,1' has a decimal comma.", MEND)}


@pytest.mark.parametrize(
    "pair", [("", ""), ("0", "0.0"), ("-99", "-99"), ("-9.0", "-9"), ("n/a", "unknown")]
)
def test_no_point_is_no_problem(pair):
    found = read(pair)
    assert points(found) == [None]
    assert not found.latitude_problems | found.longitude_problems
    assert found.question is None


def test_codes_instead_of_points_are_counted():
    assert read(("0", "0"), ("-99", "-99"), ("", "")).notes == (
        "2 rows have 0, 0 or a code instead of a point.",
    )


def test_one_coordinate_alone_is_a_problem_of_the_missing_one():
    found = read(("34.5", ""), ("", "69.2"))
    assert points(found) == [None, None]
    assert found.longitude_problems == {
        2: ("The latitude is given without a longitude.", "Give both, or neither.")
    }
    assert found.latitude_problems == {
        3: ("The longitude is given without a latitude.", "Give both, or neither.")
    }


def test_both_cells_of_a_row_may_have_a_problem():
    found = read(("x", "y"))
    assert found.latitude_problems[2].what == "'x' is not a latitude."
    assert found.longitude_problems[2].what == "'y' is not a longitude."


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("91", "'91' is outside -90 to 90."),
        ("-90.5", "'-90.5' is outside -90 to 90."),
        ("95 N", "'95 N' is outside -90 to 90."),
        ("34°61'N", "'34°61'N' is not a latitude."),
        ("34 31 41", "'34 31 41' is not a latitude."),  # nothing says that these are minutes
        ("-34 N", "'-34 N' is not a latitude."),
        ("34.5 E", "'34.5 E' is a longitude by its letter."),
        ("1e400", "'1e400' is not a latitude."),
        ("inf", "'inf' is not a latitude."),
        ("34.5, 69.2", "'34.5, 69.2' is not a latitude."),
        ("9" * 50_000, "'" + "9" * 79 + "…' is not a latitude."),
    ],
)
def test_what_is_no_latitude_is_a_problem_in_words(cell, what):
    found = read((cell, "69.2"))
    assert found.latitude_problems == {2: (what, MEND)}
    assert not found.longitude_problems
    assert points(found) == [None]


def test_a_point_elsewhere_is_flagged_and_kept():
    found = read(("33.7", "73.1"), ("51.5", "-0.1"), ("33.7 S", "73.1 W"))
    assert points(found) == [(33.7, 73.1), (51.5, -0.1), (-33.7, -73.1)]
    assert found.is_outside.tolist() == [False, True, True]
    assert found.question is None


def test_a_pair_that_fits_only_exchanged_is_asked_about_and_held_back():
    found = read(("69.17", "34.52"), ("34.52", "69.17"))
    assert points(found) == [None, (34.52, 69.17)]
    assert found.open_rows.tolist() == [2]
    question = found.question
    assert question.key == "swapped coordinates"
    assert question.text == (
        "Some points lie in Afghanistan only with latitude and longitude exchanged (rows: 1)."
        " Are they?"
    )
    assert question.examples == ("69.17, 34.52",)
    assert not found.is_outside.any()


@pytest.mark.parametrize(
    ("answer", "point"), [("swap", (34.52, 69.17)), ("keep", (69.17, 34.52)), ("set_aside", None)]
)
def test_the_answer_decides_about_exchanged_pairs(answer, point):
    found = read(("69.17", "34.52"), swapped=answer)
    assert points(found) == [point]
    assert found.question is None
    assert found.is_outside.tolist() == [answer == "keep"]
    assert bool(found.latitude_problems) == (answer == "set_aside")


def test_letters_in_the_wrong_columns_are_a_question_too():
    pair = ("69°10'E", "34°31'N")
    assert read(pair).open_rows.tolist() == [2]
    assert points(read(pair, swapped="swap")) == [pytest.approx((34.516667, 69.166667))]
    assert read(pair, swapped="keep").latitude_problems[2] == (
        "'69°10'E' stands where the latitude should.",
        "Put the latitude (29 to 39) and the longitude (60 to 75) into their own columns.",
    )


ODD_CELLS = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="0123456789.,°'\"NSEW +-:", max_size=15),
    st.floats(-200, 200).map(str),
    st.sampled_from(["34.5", "69.2", "69.2E", "34.5N", "", "0", "-99"]),
)


@given(
    pairs=st.lists(st.tuples(ODD_CELLS, ODD_CELLS), max_size=8),
    comma_decimals=st.booleans(),
    swapped=st.sampled_from([None, "swap", "keep", "set_aside", "?"]),
)
def test_every_row_is_a_point_or_none_or_a_problem_or_open(pairs, comma_decimals, swapped):
    found = read(*pairs, comma_decimals=comma_decimals, swapped=swapped)
    for row in found.latitude.index:
        is_point = pd.notna(found.latitude[row])
        is_problem = row in found.latitude_problems or row in found.longitude_problems
        is_open = row in found.open_rows
        assert is_point == pd.notna(found.longitude[row])
        assert is_point + is_problem + is_open <= 1
        if is_point:
            assert abs(found.latitude[row]) <= 90
            assert abs(found.longitude[row]) <= 180
            assert (found.latitude[row], found.longitude[row]) != (0, 0)
    assert found.open_rows.empty == (found.question is None)


@given(lat=st.floats(-90, 90), lon=st.floats(-180, 180))
def test_every_decimal_point_comes_back(lat, lon):
    pair = (f"{lat:.6f}", f"{lon:.6f}")
    found = read(pair, swapped="keep")
    expected = (float(pair[0]), float(pair[1]))
    is_none = expected == (0, 0) or (expected[0] == expected[1] and expected[0] in (-1, -9))
    assert points(found) == [None if is_none else expected]
