"""Misspelt names get a proposal from their own province, and nothing is placed by one."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictmap import name_matching
from conflictmap.boundaries import BoundaryEdition, read_edition
from conflictmap.gazetteer import build_gazetteer, name_key
from conflictmap.name_matching import PROPOSAL_COLUMNS, consonant_skeleton, propose_names
from conflictmap.placing import place_rows
from tests.browser import ROOT

EDITION = read_edition(ROOT / "geo" / "afg-2014")
PROVINCE_OF = dict(zip(EDITION.units["code"], EDITION.units["name_common"], strict=True))


def proposed(*, edition=EDITION, **names) -> tuple | None:
    """Return name, unit and method of the proposal for one row, or None."""
    table = propose_names(pd.DataFrame([names]), edition)
    assert list(table.columns) == list(PROPOSAL_COLUMNS)
    return None if table.empty else tuple(table.iloc[0][["name", "unit_code", "method"]])


# --- editions with names withheld


def aliases_of(text) -> list[str]:
    return text.split(";") if isinstance(text, str) else []


def spellings() -> dict[str, list[str]]:
    """Return each district's aliases that are another key than its usual names."""
    districts = EDITION.units[EDITION.units["level"] == 2]
    return {
        unit["code"]: [
            alias
            for alias in dict.fromkeys(aliases_of(unit["aliases"]))
            if name_key(alias) not in (name_key(unit["name_common"]), name_key(unit["name_en"]))
        ]
        for unit in districts.to_dict("records")
    }


def edition_without(names: list[tuple[str, str]]) -> BoundaryEdition:
    """Return the edition with names (of a district code) withheld from its whole province."""
    gone = {(code[:6], name_key(name)) for code, name in names}

    def kept(province, text):
        left = [name for name in aliases_of(text) if (province, name_key(name)) not in gone]
        return ";".join(left) or None

    units, places = EDITION.units.copy(), EDITION.places.copy()
    units["aliases"] = [
        kept(code[:6], text) for code, text in zip(units["code"], units["aliases"], strict=True)
    ]
    places["aliases"] = [
        kept(code, text) for code, text in zip(places["adm1_code"], places["aliases"], strict=True)
    ]
    is_gone = [
        {(code, name_key(name)), (code, name_key(re.sub(r"\(.*?\)", "", name)))} & gone
        for code, name in zip(places["adm1_code"], places["name"], strict=True)
    ]
    return dataclasses.replace(EDITION, units=units, places=places[[not hit for hit in is_gone]])


def edition_without_districts(codes: set[str]) -> BoundaryEdition:
    return dataclasses.replace(
        EDITION,
        units=EDITION.units[~EDITION.units["code"].isin(codes)],
        places=EDITION.places[~EDITION.places["adm2_code"].isin(codes)],
    )


def asked_in(edition: BoundaryEdition, names: list[tuple[str, str]], column="district_name"):
    """Ask names with the province of their code; return unread ones, proposals, right ones."""
    rows = pd.DataFrame(
        {
            "province_name": [PROVINCE_OF[code[:6]] for code, _ in names],
            column: [name for _, name in names],
        }
    )
    gazetteer = build_gazetteer(edition)
    number, stated = name_matching._stated(rows)
    unread = sum(name_matching._unread(stated[n], gazetteer) is not None for n in number)
    table = propose_names(rows, edition)
    right = sum(
        names[row][0] == unit for row, unit in zip(table["row"], table["unit_code"], strict=True)
    )
    return unread, len(table), right


# --- how good it is


def test_most_spellings_withheld_are_found_and_hardly_one_wrongly():
    chance = np.random.default_rng(5)
    withheld = [(code, str(chance.choice(names))) for code, names in spellings().items() if names]
    unread, proposals, right = asked_in(edition_without(withheld), withheld)
    print(f"one spelling withheld: {unread} asked, {proposals} proposed, {right} right")
    assert unread > 300
    assert right / proposals >= 0.98
    assert right / unread >= 0.88


def test_usual_names_alone_find_most_spellings():
    withheld = [(code, name) for code, names in spellings().items() for name in names]
    unread, proposals, right = asked_in(edition_without(withheld), withheld)
    print(f"all aliases withheld: {unread} asked, {proposals} proposed, {right} right")
    assert right / proposals >= 0.98
    assert right / unread >= 0.70


@pytest.mark.parametrize(("column", "most"), [("district_name", 0.01), ("place_name", 0.04)])
def test_names_of_absent_districts_are_hardly_ever_proposed(column, most):
    chance = np.random.default_rng(0)
    by_district = spellings()
    absent = set(chance.choice(list(by_district), 80, replace=False))
    names = [(code, name) for code in sorted(absent) for name in by_district[code]]
    unread, proposals, _ = asked_in(edition_without_districts(absent), names, column)
    print(f"absent, asked as {column}: {unread} asked, {proposals} proposed")
    assert unread > 300
    assert proposals / unread <= most


def test_names_are_hardly_ever_proposed_in_another_province():
    chance = np.random.default_rng(9)
    provinces = EDITION.provinces["adm1_code"].to_numpy()
    withheld = [(code, name) for code, names in spellings().items() for name in names]
    elsewhere = [
        (str(chance.choice(provinces[provinces != code[:6]])), name) for code, name in withheld
    ]
    unread, proposals, _ = asked_in(edition_without(withheld), elsewhere)
    print(f"asked in another province: {unread} asked, {proposals} proposed")
    assert proposals / unread <= 0.01


# --- single names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nad Ali", "Nad-e-Ali"),
        ("Musa Qala", "Mosa Qal'ah"),
        ("Shindand", "Sheendand"),
        ("Dawlatabad", "Daulat Abad"),
        ("Qarabagh", "Karabagh"),
        ("Imam Sahib", "Emam Saheb"),
        ("Faizabad", "Feyzabad"),
        ("شیندند", "شيندَند"),
    ],
)
def test_transliterations_share_their_consonants(one, other):
    assert consonant_skeleton(one) == consonant_skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Kunar", "Kunduz"), ("Karte 3", "Karte 4"), ("Ghor", "Kohr"), ("Injil", "Najil"), ("", "a")],
)
def test_other_names_have_other_consonants(one, other):
    assert consonant_skeleton(one) != consonant_skeleton(other)


@pytest.mark.parametrize(
    ("province", "district", "name", "code"),
    [
        ("Helmand", "Naad-e-Aali", "Nad Ali", "AF-HEL-03"),
        ("Helmand", "Mosaa Qalaah", "Musa Qala", "AF-HEL-06"),
        ("Herat", "Shiindandd", "Shindand", "AF-HER-15"),
        ("هرات", "Sheendaned", "Shindand", "AF-HER-15"),
        ("Herat", "Shimdand", "Shindand", "AF-HER-15"),
        ("Badakhshan", "Arghanj Khawa'h", "Arghanj Khwa", "AF-BDS-04"),
    ],
)
def test_misspelt_district_is_proposed_inside_its_province(province, district, name, code):
    found = proposed(province_name=province, district_name=district)
    assert found is not None
    assert found[:2] == (name, code)


def test_letters_are_compared_where_consonants_differ():
    assert proposed(province_name="Herat", district_name="Shimdand")[2] == "fuzzy"
    assert proposed(province_name="Herat", district_name="Shiindandd")[2] == "skeleton"


@pytest.mark.parametrize(
    "names",
    [
        {"province_name": "Kabul", "district_name": "Shiindandd"},  # of another province
        {"province_name": "Kabul", "district_name": "Atlantis"},
        {"province_name": None, "district_name": "Shiindandd"},  # no province to look in
        {"province_name": "Atlantis", "district_name": "Shiindandd"},
        {"province_name": "Herat", "district_name": "Shindand"},  # is read as it stands
        {"province_name": "Kabul", "district_name": "Injil"},  # known, in another province
        {"province_name": "Kabul", "district_name": "PD 13"},  # a ward is no district
        {"province_name": "Wardak", "district_name": "Behsud II"},  # another part, not a spelling
        {"province_name": "Herat", "district_name": "Shiindandd", "country": "Iran"},
        {"province_name": "Herat", "district_name": "Shindand", "place_name": "Shiindandd"},
        {"province_name": "Herat"},
        {"country": "Afghanistan"},
    ],
)
def test_nothing_is_proposed(names):
    assert proposed(**names) is None


def test_number_of_a_quarter_is_never_mended():
    found = proposed(province_name="Kabul", place_name="Kartee 8")
    assert found is None


def test_misspelt_province_is_sought_among_the_provinces():
    assert proposed(province_name="Badakkshaan", district_name="Argo")[:2] == (
        "Badakhshan",
        "AF-BDS",
    )


def test_village_is_sought_as_a_place_only():
    edition = EDITION
    village = edition.places[
        (edition.places["kind"] == "village")
        & (edition.places["same_name"] == 1)
        & (edition.places["name"].str.len() > 12)
    ].iloc[0]
    misspelt = village["name"].replace("a", "aa", 1)
    province = PROVINCE_OF[village["adm1_code"]]
    assert proposed(province_name=province, place_name=misspelt)[0] == village["name"]
    assert proposed(province_name=province, district_name=misspelt) is None


def test_proposal_places_nothing_and_its_name_is_one_that_placing_reads():
    rows = pd.DataFrame({"province_name": ["Herat"], "district_name": ["Shiindandd"]}, index=["x"])
    before = rows.copy()
    table = propose_names(rows, EDITION)
    pd.testing.assert_frame_equal(rows, before)
    assert table["row"].tolist() == ["x"]
    assert place_rows(rows, EDITION)[0]["adm2_code"].isna().all()
    confirmed = rows.assign(district_name=table["name"].tolist())
    assert place_rows(confirmed, EDITION)[0]["adm2_code"].tolist() == table["unit_code"].tolist()


def test_no_rows_give_no_proposals():
    table = propose_names(pd.DataFrame({"district_name": pd.Series(dtype="str")}), EDITION)
    assert list(table.columns) == list(PROPOSAL_COLUMNS)
    assert table.empty


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["Kabul", "Herat"])),
            st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["Shimdand", "Injill"])),
            st.one_of(st.none(), st.text(max_size=12)),
        ),
        max_size=6,
    )
)
def test_any_text_gets_at_most_one_proposal_inside_its_province(names):
    columns = ["province_name", "district_name", "place_name"]
    rows = pd.DataFrame(names, columns=columns, dtype="object")
    table = propose_names(rows, EDITION)
    assert not table.duplicated("row").any()
    for row, column, unit in zip(table["row"], table["column"], table["unit_code"], strict=True):
        if column != "province_name":
            stated = build_gazetteer(EDITION).provinces(names[row][0].strip(), may_be_city=True)
            assert (unit[:6],) == stated
