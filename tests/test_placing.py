"""Names and points give units as finely as they can mean no other, and never finer."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictmap.boundaries import read_edition
from conflictmap.placing import COMPUTED_COLUMNS, place_rows
from tests.browser import ROOT
from tests.examples import few_and_many

EDITION = read_edition(ROOT / "geo" / "afg-2014")


def placed(place=None, district=None, province=None, *, relation="at", **more) -> dict:
    """Place one row of the stated names; country Afghanistan unless told otherwise."""
    row = {"place_name": place, "district_name": district, "province_name": province}
    row |= {"place_relation": relation, "country": "Afghanistan"} | more
    rows, candidates = place_rows(pd.DataFrame([row]), EDITION)
    answer = {key: value if pd.notna(value) else None for key, value in rows.iloc[0].items()}
    return answer | {"candidates": candidates["unit_code"].tolist()}


def units(answer: dict) -> tuple:
    return answer["adm1_code"], answer["adm2_code"], answer["geo_precision"], answer["join_method"]


def ambiguous(answer: dict) -> tuple:
    assert answer["join_method"] == "ambiguous"
    assert answer["adm2_code"] is None
    return answer["adm1_code"], answer["geo_precision"], answer["candidates"]


# --- known places


@pytest.mark.parametrize(
    "place",
    ["Dasht-e Barchi", "Karta-e Parwan", "Dar-ul-Aman", "Wazir Akbar Khan", "Shahr-e-Naw"],
)
@pytest.mark.parametrize("province", ["Kabul", None])
def test_quarter_of_kabul_lies_in_kabul_district(place, province):
    answer = placed(place, province=province)
    assert units(answer) == ("AF-KAB", "AF-KAB-01", "near", "gazetteer")
    assert answer["precision_km"] <= 2.5
    assert answer["boundary_edition"] == "afg-2014"


@pytest.mark.parametrize("place", ["Aybak city", "Aybak"])
def test_aybak_lies_in_its_district_of_samangan(place):
    answer = placed(place, province="Samangan")
    assert units(answer) == ("AF-SAM", "AF-SAM-01", "near", "gazetteer")


@pytest.mark.parametrize(
    ("district", "province", "code", "method"),
    [
        ("Ab Kamari", "Badghis", "AF-BDG-03", "district_name"),
        ("Jawand", "Badghis", "AF-BDG-05", "district_name"),
        ("Qadis", "Badghis", "AF-BDG-04", "district_name"),
        ("Barchman", "Farah", "AF-FRA-10", "district_alias"),
        ("Injil", "Herat", "AF-HER-02", "district_name"),
        ("Injil district", "Hirat province", "AF-HER-02", "district_name"),
        ("انجیل", "هرات", "AF-HER-02", "district_name"),
        ("Arghandab", "Kandahar", "AF-KAN-02", "district_name"),
        ("Kabul", "Kabul", "AF-KAB-01", "district_name"),
        ("Marja", "Helmand", "AF-HEL-03", "district_alias"),
        ("Jawand", None, "AF-BDG-05", "district_name"),
    ],
)
def test_stated_district_is_found_inside_its_province(district, province, code, method):
    assert units(placed(None, district, province)) == (code[:6], code, "adm2", method)


@pytest.mark.parametrize("place", ["Ab Kamari", "Jawand", "Injil", "Injil district"])
def test_bare_name_of_a_town_and_its_district_is_the_district(place):
    answer = placed(place, province={"I": "Herat"}.get(place[0], "Badghis"))
    assert answer["geo_precision"] == "adm2"
    assert answer["adm2_code"] in ("AF-BDG-03", "AF-BDG-05", "AF-HER-02")


def test_district_in_no_list_leaves_the_province():
    for names in ({"district": "Tagab Alam"}, {"place": "Tagab Alam"}):
        answer = placed(**names, province="Badghis")
        assert units(answer) == ("AF-BDG", None, "adm1", "province_name")
        assert answer["candidates"] == []


@pytest.mark.parametrize(
    ("place", "province", "code"),
    [
        ("Farkhar", "Takhar", "AF-TAK"),
        ("Sheberghan", "Jawzjan", "AF-JOW"),
        ("Injil district", "Herat", "AF-HER"),
        ("Dasht-e Barchi", "Kabul", "AF-KAB"),
        ("Farkhar", None, "AF-TAK"),
    ],
)
def test_near_a_place_never_gives_a_district(place, province, code):
    answer = placed(place, province=province, relation="near")
    assert (answer["adm1_code"], answer["adm2_code"]) == (code, None)
    assert answer["geo_precision"] == "adm1"


@pytest.mark.parametrize("column", ["place", "district"])
def test_near_a_place_keeps_its_point_whichever_column_names_it(column):
    answer = placed(**{column: "Farkhar"}, province="Takhar", relation="near")
    assert units(answer) == ("AF-TAK", None, "adm1", "gazetteer")
    assert (answer["point_latitude"], answer["point_longitude"]) == (36.574, 69.86)
    assert answer["precision_km"] == 6


def test_point_near_a_district_is_not_in_it():
    point = {"latitude": 36.57, "longitude": 69.86, "coordinate_precision": "near"}
    answer = placed(None, "Farkhar", "Takhar", relation="near", **point)
    assert units(answer) == ("AF-TAK", None, "near", "within")


def test_near_a_place_of_a_stated_district_is_in_that_district():
    answer = placed("Farkhar", "Farkhar", "Takhar", relation="near")
    assert units(answer) == ("AF-TAK", "AF-TAK-07", "adm2", "district_name")


@pytest.mark.parametrize("name", ["Kohistan", "Kohistan district", "Kohestan"])
def test_kohistan_of_kapisa_may_be_either_part(name):
    expected = ("AF-KAP", "adm1", ["AF-KAP-04", "AF-KAP-07"])
    assert ambiguous(placed(None, name, "Kapisa")) == expected


def test_dara_e_suf_may_be_either_part():
    expected = ("AF-SAM", "adm1", ["AF-SAM-04", "AF-SAM-05"])
    assert ambiguous(placed(None, "Dara-e-Suf", "Samangan")) == expected
    assert ambiguous(placed("Dara-e-Suf")) == expected


@pytest.mark.parametrize("place", ["Jalalabad", "Jalalabad city"])
def test_jalalabad_outgrows_its_district_so_only_the_province_is_sure(place):
    answer = placed(place, province="Nangarhar")
    assert units(answer) == ("AF-NAN", None, "near", "gazetteer")
    assert answer["point_latitude"] == 34.4265


def test_qala_e_naw_outgrows_its_district_so_only_the_province_is_sure():
    answer = placed("Qala-e-Naw", province="Badghis")
    assert units(answer) == ("AF-BDG", None, "near", "gazetteer")


@pytest.mark.parametrize("ward", ["8th security district of Kabul city", "PD 8", "District 8"])
def test_city_ward_is_no_district(ward):
    assert units(placed(ward, province="Kabul")) == ("AF-KAB", None, "adm1", "province_name")
    assert units(placed(None, ward, "Kabul")) == ("AF-KAB", None, "adm1", "province_name")


def test_ward_in_the_district_column_leaves_the_city():
    answer = placed("Jalalabad", "first district of Jalalabad city", "Nangarhar")
    assert units(answer) == ("AF-NAN", None, "near", "gazetteer")


@pytest.mark.parametrize(
    ("name", "code"),
    [("Herat", "AF-HER"), ("Kabul", "AF-KAB"), ("Kunduz", "AF-KDZ"), ("Balkh", "AF-BAL")],
)
def test_bare_name_shared_by_province_and_city_is_the_province(name, code):
    for names in ({"place": name}, {"province": name}, {"place": name, "province": name}):
        answer = placed(**names)
        assert units(answer) == (code, None, "adm1", "province_name")
        assert answer["point_latitude"] is None


def test_city_named_as_such_is_the_city():
    answer = placed("Kabul city", province="Kabul")
    assert units(answer) == ("AF-KAB", None, "near", "gazetteer")  # its 5 km leave the district
    assert answer["point_latitude"] == 34.5281


# --- ambiguous, unknown, abroad


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("Baharak", ["AF-BDS-12", "AF-TAK-03"]),
        ("Arghandab", ["AF-KAN-02", "AF-ZAB-02"]),
        ("Qarabagh", ["AF-GHA-10", "AF-KAB-08"]),
        ("Kohistan", ["AF-BDS-05", "AF-FYB-07", "AF-KAP-04", "AF-KAP-07"]),
    ],
)
def test_name_of_several_districts_is_never_guessed(name, candidates):
    for names in ({"place": name}, {"district": name}):
        assert ambiguous(placed(**names)) == (None, "country", candidates)


@pytest.mark.parametrize(
    ("names", "candidates"),
    [
        ({"place": "Dasht-e Barchi", "province": "Herat"}, ["AF-HER", "AF-KAB-01"]),
        ({"place": "Kunduz", "province": "Takhar"}, ["AF-KDZ", "AF-TAK"]),
        ({"place": "Salang Pass", "province": "Herat"}, ["AF-BGL", "AF-HER", "AF-PAR"]),
        ({"district": "Ghormach", "province": "Faryab"}, ["AF-BDG-07", "AF-FYB"]),
        ({"district": "Gizab", "province": "Uruzgan"}, ["AF-DAY-05", "AF-URU"]),
    ],
)
def test_place_outside_the_stated_province_is_ambiguous(names, candidates):
    assert ambiguous(placed(**names)) == (None, "country", candidates)


def test_pass_between_two_provinces_takes_the_stated_one():
    assert ambiguous(placed("Salang Pass"))[2] == ["AF-BGL", "AF-PAR"]
    answer = placed("Salang Pass", province="Baghlan")
    assert (answer["adm1_code"], answer["adm2_code"]) == ("AF-BGL", None)


def test_village_needs_its_province_and_a_name_of_its_own():
    villages = EDITION.places.query("kind == 'village' and precision_km == 2")
    hand = EDITION.places.query("kind != 'village'")
    counted = villages.groupby(["name", "adm1_code"])["adm2_code"].agg(["size", "first"])
    name, province = counted[counted["size"] > 3].index[0]
    assert name not in set(hand["name"])
    spelled = EDITION.provinces.set_index("adm1_code")["name"]
    assert units(placed(name))[:2] == (None, None)
    adm1_code, precision, candidates = ambiguous(placed(name, province=spelled[province]))
    assert (adm1_code, precision) == (province, "adm1")
    assert len(candidates) > 3


def test_village_alone_of_its_name_in_the_province_is_placed():
    villages = EDITION.places.query("kind == 'village' and adm1_code == 'AF-GHO'")
    village = villages[villages["same_name"] == 1].iloc[0]
    answer = placed(village["name"], province="Ghor")
    assert (answer["adm1_code"], answer["join_method"]) == ("AF-GHO", "gazetteer")
    assert answer["adm2_code"] in (village["adm2_code"], None)
    assert answer["point_latitude"] == village["lat"]
    assert units(placed(village["name"])) == (None, None, "country", "country")


def test_unknown_place_leaves_what_else_is_stated():
    assert units(placed("Nowhere", "Jawand", "Badghis"))[1:3] == ("AF-BDG-05", "adm2")
    assert units(placed("Nowhere", province="Badghis"))[0] == "AF-BDG"
    assert units(placed("Nowhere")) == (None, None, "country", "country")
    assert units(placed("Nowhere", country=None)) == (None, None, "unknown", "none")


def test_unknown_province_is_never_guessed():
    for names in ({}, {"place": "Dasht-e Barchi"}, {"district": "Jawand"}):
        assert units(placed(**names, province="Atlantis")) == (None, None, "unknown", "none")


def test_nothing_stated_is_unknown_and_afghanistan_alone_is_the_country():
    assert units(placed(country=None)) == (None, None, "unknown", "none")
    assert units(placed()) == (None, None, "country", "country")


@pytest.mark.parametrize("more", [{}, {"latitude": 37.0, "longitude": 69.5}])
@pytest.mark.parametrize("names", [{}, {"province": "Takhar"}, {"place": "Farkhar"}])
def test_what_is_stated_abroad_never_gets_a_code(names, more):
    answer = placed(**names, **more, country="Tajikistan")
    assert units(answer) == (None, None, "abroad", "abroad")
    assert answer["point_latitude"] == more.get("latitude")


# --- points and names together

KABUL, HERAT = {"latitude": 34.52, "longitude": 69.17}, {"latitude": 34.35, "longitude": 62.2}


def test_exact_point_gives_its_district_and_is_kept():
    answer = placed(province="Kabul", **KABUL, coordinate_precision="exact")
    assert units(answer) == ("AF-KAB", "AF-KAB-01", "exact", "within")
    assert (answer["point_latitude"], answer["precision_km"]) == (34.52, None)


def test_point_near_a_place_gives_the_province_alone():
    answer = placed(province="Kabul", **KABUL, coordinate_precision="near")
    assert units(answer) == ("AF-KAB", None, "near", "within")
    assert answer["point_latitude"] == 34.52


def test_point_of_a_whole_district_is_not_drawn_and_gives_way_to_its_name():
    answer = placed(None, "Paghman", "Kabul", **KABUL, coordinate_precision="adm2")
    assert units(answer) == ("AF-KAB", "AF-KAB-04", "adm2", "district_name")
    unnamed = placed(province="Kabul", **KABUL, coordinate_precision="adm2")
    assert units(unnamed) == ("AF-KAB", "AF-KAB-01", "adm2", "within")
    assert unnamed["point_latitude"] is None


def test_point_of_a_whole_province_never_gives_a_district():
    answer = placed(None, "Paghman", "Kabul", **KABUL, coordinate_precision="adm1")
    assert units(answer) == ("AF-KAB", None, "adm1", "within")


def test_point_of_the_whole_country_gives_nothing():
    answer = placed(province="Kabul", **KABUL, coordinate_precision="country")
    assert units(answer) == (None, None, "country", "country")


@pytest.mark.parametrize(
    ("precision", "candidates"),
    [
        ("exact", ["AF-HER-01", "AF-KAB"]),
        ("near", ["AF-HER", "AF-KAB"]),
        ("adm1", ["AF-HER", "AF-KAB"]),
    ],
)
def test_point_outside_the_stated_province_is_ambiguous(precision, candidates):
    answer = placed(province="Kabul", **HERAT, coordinate_precision=precision)
    assert ambiguous(answer) == (None, "country", candidates)
    assert answer["point_latitude"] is None


def test_unusable_point_leaves_the_names():
    swapped = {"latitude": 69.17, "longitude": 34.52, "coordinate_precision": "exact"}
    assert units(placed(province="Kabul", **swapped))[2:] == ("adm1", "province_name")
    assert units(placed(**swapped)) == (None, None, "country", "country")


def test_point_without_a_precision_is_what_the_caller_says():
    rows = pd.DataFrame([KABUL])
    assert place_rows(rows, EDITION)[0]["adm2_code"].tolist() == ["AF-KAB-01"]
    careful, _ = place_rows(rows, EDITION, unstated_precision="near")
    assert careful["geo_precision"].tolist() == ["near"]
    assert careful["adm2_code"].isna().all()


# --- tables


def test_table_of_provinces_alone_is_placed():
    tallies = pd.DataFrame({"province_name": ["Baghlan", None]}, index=["t-1", "t-2"])
    rows, candidates = place_rows(tallies, EDITION)
    assert rows["adm1_code"].tolist()[0] == "AF-BGL"
    assert rows["geo_precision"].tolist() == ["adm1", "unknown"]
    assert candidates.empty


def test_candidates_name_the_row_by_its_label():
    areas = pd.DataFrame({"district_name": ["Jawand", "Baharak"]}, index=["a-1", "a-2"])
    _, candidates = place_rows(areas, EDITION)
    assert candidates.values.tolist() == [["a-2", "AF-BDS-12"], ["a-2", "AF-TAK-03"]]


def test_empty_table_stays_empty_with_all_columns():
    rows, candidates = place_rows(pd.DataFrame({"province_name": []}), EDITION)
    assert set(COMPUTED_COLUMNS) <= set(rows.columns)
    assert len(rows) == len(candidates) == 0


NAMES = st.sampled_from(
    [
        None,
        "",
        "Kabul",
        "Herat",
        "Jawand",
        "Badghis",
        "Kohistan",
        "Kapisa",
        "Salang",
        "Torkham",
        "Baharak",
        "Nowhere",
        "Dasht-e Barchi",
        "PD 8",
        "هرات",
        "{{7*7}}",
        "Dara-e-Suf",
        "Balkh",
    ]
)
ROW = st.fixed_dictionaries(
    {
        "place_name": NAMES,
        "place_relation": st.sampled_from(["at", "near", None]),
        "district_name": NAMES,
        "province_name": NAMES,
        "country": st.sampled_from(["Afghanistan", "Iran", None]),
        "latitude": st.one_of(st.none(), st.floats(29, 39)),
        "longitude": st.one_of(st.none(), st.floats(60, 75)),
        "coordinate_precision": st.sampled_from(["exact", "near", "adm2", "adm1", "country", None]),
    }
)


@few_and_many(30, 150, given(st.lists(ROW, min_size=1, max_size=12)))
def test_one_in_one_out_and_codes_never_finer_than_the_precision(records):
    rows = pd.DataFrame(records, index=[f"row-{number}" for number in range(len(records))])
    before = rows.copy(deep=True)
    answer, candidates = place_rows(rows, EDITION)
    pd.testing.assert_frame_equal(rows, before)
    pd.testing.assert_frame_equal(answer[list(rows.columns)], before)
    has_province, has_district = answer["adm1_code"].notna(), answer["adm2_code"].notna()
    with_district = answer[has_district]
    assert (with_district["adm2_code"].str[:6] == with_district["adm1_code"]).all()
    assert answer["geo_precision"][has_district].isin(["exact", "near", "adm2"]).all()
    finer = answer["geo_precision"].isin(["exact", "near", "adm2", "adm1"])
    assert (has_province == finer).all()
    assert has_district[answer["geo_precision"].isin(["exact", "adm2"])].all()
    is_ambiguous = answer["join_method"] == "ambiguous"
    assert set(candidates["row"]) == set(answer.index[is_ambiguous])
    assert (candidates.groupby("row").size() > 1).all()
    assert set(candidates["unit_code"]) <= set(EDITION.units["code"])
    abroad = answer["country"] == "Iran"
    assert (answer["geo_precision"][abroad] == "abroad").all()
    assert not has_province[abroad].any()
