"""A P-code is believed where edition and name agree with it, and never alone."""

import dataclasses

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictmap.boundaries import read_edition
from conflictmap.pcodes import STATUSES, PcodeReading, read_pcodes
from tests.browser import ROOT

EDITION = read_edition(ROOT / "geo" / "afg-2014")
UNITS = EDITION.units
PROVINCES = UNITS[UNITS["level"] == 1]
DISTRICTS = UNITS[UNITS["level"] == 2].merge(
    PROVINCES[["code", "name_common", "ocha_pcode_current"]].rename(
        columns={"code": "parent_code", "name_common": "province", "ocha_pcode_current": "now"}
    ),
    on="parent_code",
    validate="m:1",
)

OLDER = ("AF15", None, "Badakhshan", None)  # AF15 is Kunar in the current edition
CURRENT = ("AF17", None, "Badakhshan", None)  # AF17 is Kunduz in the older edition


def reading_of(*rows: tuple) -> PcodeReading:
    """Read a file of rows (province code, district code, province name, district name)."""
    table = pd.DataFrame(rows, columns=["adm1", "adm2", "province", "district"], dtype="str")
    table.index = [f"row {number}" for number in range(len(table))]
    return read_pcodes(table["adm1"], table["adm2"], table["province"], table["district"], EDITION)


def last(reading: PcodeReading) -> tuple:
    """Return status, unit and candidates of the last row."""
    row = reading.rows.iloc[-1]
    options = reading.candidates[reading.candidates["row"] == reading.rows.index[-1]]
    unit = row["unit_code"] if pd.notna(row["unit_code"]) else None
    return row["status"], unit, options["unit_code"].tolist()


# --- the edition of a file


def test_every_older_code_agrees_with_its_own_names():
    rows = zip(
        DISTRICTS["ocha_pcode_old"].str[:4],
        DISTRICTS["ocha_pcode_old"],
        DISTRICTS["province"],
        DISTRICTS["name_en"],
        strict=True,
    )
    reading = reading_of(*rows)
    assert reading.edition == "older"
    assert set(reading.rows["status"]) == {"agrees"}
    assert reading.rows["unit_code"].tolist() == DISTRICTS["code"].tolist()
    assert reading.candidates.empty


def test_every_current_province_code_agrees_with_its_own_name():
    rows = [
        (code, None, name, None)
        for code, name in zip(
            PROVINCES["ocha_pcode_current"], PROVINCES["name_common"], strict=True
        )
    ]
    reading = reading_of(*rows)
    assert reading.edition == "current"
    assert reading.rows["unit_code"].tolist() == PROVINCES["code"].tolist()


def test_current_district_code_tells_its_province_only():
    reading = reading_of(CURRENT, ("AF17", "AF1702", "Badakhshan", "Argo"))
    assert reading.edition == "current"
    assert last(reading) == ("agrees", "AF-BDS", [])


def test_district_names_alone_can_tell_the_edition():
    reading = reading_of((None, "AF3315", None, "Ghorak"), (None, "AF1502", None, "Argo"))
    assert reading.edition == "older"


def test_codes_alone_join_nothing():
    reading = reading_of(("AF15", None, None, None), (None, "AF1504", None, None))
    assert reading.edition == "undecided"
    assert reading.rows["status"].tolist() == ["no name", "no name"]
    assert reading.rows["unit_code"].isna().all()
    assert last(reading)[2] == ["AF-BDS-04", "AF-KNR"]


def test_file_that_mixes_editions_is_undecided():
    reading = reading_of(OLDER, CURRENT)
    assert reading.edition == "undecided"
    assert reading.rows["status"].tolist() == ["undecided", "undecided"]
    assert reading.rows["unit_code"].isna().all()
    assert last(reading)[2] == ["AF-BDS", "AF-KDZ"]


def test_one_row_of_the_other_edition_makes_a_long_file_undecided():
    reading = reading_of(*[OLDER] * 500, ("AF15", None, "Kunar", None))
    assert reading.edition == "undecided"
    assert set(reading.rows["status"]) == {"undecided"}


def test_most_rows_at_odds_with_both_editions_leave_it_undecided():
    reading = reading_of(OLDER, *[("AF15", None, "Herat", None)] * 2)
    assert reading.edition == "undecided"
    assert reading.rows["status"].tolist() == ["undecided", "disagrees", "disagrees"]


def test_codes_before_af12_are_the_same_in_both_editions():
    reading = reading_of(
        ("AF01", "AF0101", "Kabul", "Kabul"), ("AF34", None, "Nimruz", None), CURRENT, OLDER
    )
    assert reading.edition == "undecided"
    assert reading.rows["status"].tolist() == ["agrees", "agrees", "undecided", "undecided"]
    assert reading.rows["unit_code"].tolist()[:2] == ["AF-KAB-01", "AF-NIM"]


# --- a row of a decided file


def test_code_and_name_of_different_provinces_disagree():
    reading = reading_of(OLDER, OLDER, ("AF15", None, "Herat", None))
    assert reading.edition == "older"
    assert last(reading) == ("disagrees", None, ["AF-BDS", "AF-HER", "AF-KNR"])


def test_code_and_name_of_different_districts_disagree():
    reading = reading_of(OLDER, ("AF15", "AF1504", "Badakhshan", "Argo"))
    argo = DISTRICTS.loc[DISTRICTS["name_common"] == "Argo", "code"].item()
    assert last(reading)[:2] == ("disagrees", None)
    assert {"AF-BDS-04", argo} <= set(last(reading)[2])


def test_province_and_district_code_of_different_provinces_disagree():
    reading = reading_of(OLDER, ("AF15", "AF1601", "Badakhshan", None))
    assert last(reading)[:2] == ("disagrees", None)


def test_province_with_the_code_of_another_disagrees():
    """A row as seen in a real file: Daykundi under the current code of Uruzgan."""
    reading = reading_of(CURRENT, CURRENT, ("AF25", None, "Daykundi", None))
    assert last(reading)[:2] == ("disagrees", None)
    assert {"AF-DAY", "AF-URU"} <= set(last(reading)[2])


@pytest.mark.parametrize("district", [None, "no such district", "PD 5"])
def test_district_code_without_its_name_stays_at_the_province(district):
    reading = reading_of(OLDER, ("AF15", "AF1504", "Badakhshan", district))
    assert last(reading) == ("no name", "AF-BDS", ["AF-BDS-04"])


def test_province_that_cannot_be_read_leaves_the_code_alone():
    reading = reading_of(OLDER, ("AF15", "AF1504", "Atlantis", "Arghanj Khwa"))
    assert last(reading)[:2] == ("no name", None)


def test_code_settles_a_name_that_two_districts_bear():
    reading = reading_of(("AF02", "AF0204", "Kapisa", "Kohistan"))
    assert last(reading) == ("agrees", "AF-KAP-04", [])


def test_row_without_code_has_nothing_to_check():
    reading = reading_of(OLDER, (None, " ", "Badakhshan", None))
    assert last(reading) == ("no code", None, [])


# --- what is no code


@pytest.mark.parametrize(
    ("column", "code", "example"),
    [
        ("adm2_pcode", "1504", "AF1504 for a district"),
        ("adm2_pcode", "AF 1504", "AF1504 for a district"),
        ("adm2_pcode", "af1504", "AF1504 for a district"),
        ("adm2_pcode", "AF-BDS-04", "AF1504 for a district"),
        ("adm2_pcode", "AF15", "AF1504 for a district"),
        ("adm2_pcode", "AF۱۵۰۴", "AF1504 for a district"),
        ("adm1_pcode", "15", "AF15 for a province"),
        ("adm1_pcode", "AF1504", "AF15 for a province"),
        ("adm1_pcode", "AF15\n", None),  # white space around a code is not part of it
        ("adm1_pcode", "=AF15", "AF15 for a province"),
    ],
)
def test_only_codes_as_ocha_writes_them_are_read(column, code, example):
    row = (code, None) if column == "adm1_pcode" else (None, code)
    reading = reading_of(OLDER, (*row, "Badakhshan", None))
    answer = reading.rows.iloc[-1]
    if example is None:
        assert answer["status"] == "agrees"
        return
    assert answer["status"] == "unknown code"
    assert answer["problem_column"] == column
    assert answer["problem"] == f"{code!r} is no P-code. Write it as {example}."


@pytest.mark.parametrize("code", ["AF1599", "AF1811", "AF9901"])
def test_code_of_no_district_is_unknown_in_the_older_edition(code):
    reading = reading_of(OLDER, (None, code, "Badakhshan", None))
    assert last(reading)[:2] == ("unknown code", None)
    assert reading.rows["problem"].iloc[-1] == (
        f"{code!r} is in no edition of P-codes known here. "
        "Correct it, or give the names and leave it empty."
    )


def test_long_text_in_place_of_a_code_is_cut_in_the_message():
    reading = reading_of(("x" * 10_000, None, "Kabul", None))
    assert len(reading.rows["problem"].item()) < 150


def test_edition_without_codes_knows_none():
    without = EDITION.units.drop(columns=["ocha_pcode_old", "ocha_pcode_current"])
    column = pd.Series(["AF15"])
    names = pd.Series(["Badakhshan"])
    empty = pd.Series([None], dtype="str")
    edition = dataclasses.replace(EDITION, units=without)
    reading = read_pcodes(column, empty, names, empty, edition)
    assert reading.rows["status"].tolist() == ["unknown code"]


def test_no_rows_give_no_answers():
    reading = reading_of()
    assert reading.edition == "undecided"
    assert reading.rows.empty
    assert reading.candidates.empty


CODES = st.sampled_from(
    [None, "AF01", "AF15", "AF17", "AF34", "AF1504", "AF0101", "AF99", "15", "x"]
)
NAMES = st.sampled_from([None, "Kabul", "Badakhshan", "Kunduz", "Kunar", "Baharak", "Argo", "?"])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(CODES, CODES, NAMES, NAMES), max_size=12))
def test_each_row_has_one_status_and_no_unit_without_a_name(rows):
    reading = reading_of(*rows)
    assert len(reading.rows) == len(rows)
    assert set(reading.rows["status"]) <= set(STATUSES)
    for row, answer in zip(rows, reading.rows.to_dict("records"), strict=True):
        placed = isinstance(answer["unit_code"], str)
        assert not placed or row[2] is not None or row[3] is not None
        assert placed == (answer["status"] == "agrees") or answer["status"] == "no name"
        assert (answer["status"] == "no code") == (row[0] is None and row[1] is None)
