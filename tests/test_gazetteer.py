"""Names: the many spellings of one name meet, and namesakes stay apart."""

import pytest

from conflictmap.boundaries import read_edition
from conflictmap.errors import LayerError
from conflictmap.gazetteer import (
    build_gazetteer,
    name_key,
    names_a_ward,
    says_district,
    unit_names,
)
from tests.browser import ROOT


@pytest.fixture(scope="module")
def edition():
    return read_edition(ROOT / "geo" / "afg-2014")


@pytest.fixture(scope="module")
def gazetteer(edition):
    return build_gazetteer(edition)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dasht-e Barchi", "DASHT–E–BARCHI"),
        ("Kābul", "kabul"),
        ("Ma'ruf", "Ma’ruf"),
        ("Kabul Province", "Province of Kabul"),
        ("Injil", "Injil District"),
        ("انجیل", "ولسوالی انجيل"),  # Persian and Arabic yeh
        ("کابل", "كابل"),  # Persian and Arabic kaf
        ("ده‌سبز", "ده سبز"),  # zero-width joiner and space
        ("Karte 4", "Karte ۴"),
        ("Cafe\u0301", "Caf\u00e9"),
    ],
)
def test_spellings_of_a_name_meet(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Samangan", "Samangan City"), ("Karte 3", "Karte 4"), ("Kunar", "Kunduz")]
)
def test_different_names_stay_apart(one, other):
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize("text", ["District", "province", "", "  ", "-"])
def test_name_of_nothing_but_unit_words_breaks_nothing(text):
    assert isinstance(name_key(text), str)


@pytest.mark.parametrize(
    "text",
    [
        "8th security district of Kabul city",
        "first district of Jalalabad city",
        "Police District 13",
        "PD 6",
        "PD13",
        "District 8",
        "Kabul 13th district",
        "ناحیه ۸",
    ],
)
def test_ward_of_a_city_is_told_from_a_district(text):
    assert names_a_ward(text)
    assert not says_district(text)


def test_no_unit_or_place_of_the_edition_looks_like_a_ward(edition):
    units, places = edition.units, edition.places
    names = [*units["name_common"], *units["name_en"], *units["name_fa"], *places["name"]]
    for aliases in [*units["aliases"].dropna(), *places["aliases"].dropna()]:
        names += aliases.split(";")
    assert [name for name in names if names_a_ward(name)] == []


def test_names_come_in_english_dari_and_pashto(edition):
    names = unit_names(edition, "AF-HER")
    assert (names.en, names.fa, names.ps) == ("Herat", "هرات", "هرات")
    assert "Hirat" in names.aliases


def test_unknown_code_is_refused_in_words(edition):
    with pytest.raises(LayerError) as refused:
        unit_names(edition, "AF15")
    assert str(refused.value) == (
        "afg-2014: 'AF15' is no unit of this boundary edition. "
        "Use a code such as AF-KAB or AF-KAB-01."
    )


def test_every_unit_is_found_by_each_of_its_three_names(edition, gazetteer):
    for unit in edition.units.to_dict("records"):
        for column in ("name_common", "name_en", "name_fa", "name_ps"):
            if unit["level"] == 1:
                assert gazetteer.provinces(unit[column]) == (unit["code"],)
            else:
                found, method = gazetteer.districts(unit[column], unit["parent_code"])
                assert (found, method) == ((unit["code"],), "district_name")


def test_every_alias_of_a_district_finds_it_inside_its_province(edition, gazetteer):
    districts = edition.units[edition.units["level"] == 2].dropna(subset="aliases")
    for unit in districts.to_dict("records"):
        for alias in unit["aliases"].split(";"):
            found, _ = gazetteer.districts(alias, unit["parent_code"])
            assert unit["code"] in found, alias


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Baharak", ("AF-BDS-12", "AF-TAK-03")),
        ("Arghandab", ("AF-KAN-02", "AF-ZAB-02")),
        ("Qarabagh", ("AF-GHA-10", "AF-KAB-08")),
        ("Kohistan", ("AF-BDS-05", "AF-FYB-07", "AF-KAP-04", "AF-KAP-07")),
        ("کوهستان", ("AF-BDS-05", "AF-FYB-07")),
    ],
)
def test_namesakes_are_all_found_in_the_whole_country(gazetteer, name, codes):
    assert gazetteer.districts(name)[0] == codes


def test_exact_name_beats_an_alias_inside_a_province(gazetteer):
    assert gazetteer.districts("Barchman", "AF-FRA") == (("AF-FRA-10",), "district_alias")
    assert gazetteer.districts("Purchaman", "AF-FRA") == (("AF-FRA-10",), "district_name")


def test_split_district_is_found_by_the_word_its_parts_share(gazetteer):
    assert gazetteer.districts_with_word("Kohestan", "AF-KAP") == ("AF-KAP-04", "AF-KAP-07")
    assert gazetteer.districts_with_word("Kohe", "AF-KAP") == ()


def test_village_is_no_hand_placed_place(gazetteer):
    assert gazetteer.places("Injil")[0].kind == "area"
    village = gazetteer.places("Qala-e-Surkh", villages=True)
    assert all(place.kind == "village" for place in village)


def test_circle_decides_what_a_place_can_tell(gazetteer):
    (barchi,) = gazetteer.places("Dasht-e Barchi")
    assert barchi.adm2_code == "AF-KAB-01"
    assert barchi.is_inside_district
    (jalalabad,) = gazetteer.places("Jalalabad")  # its 4 km reach beyond the small city district
    assert not jalalabad.is_inside_district
    assert jalalabad.is_inside_province
    (salang,) = gazetteer.places("Salang Pass")
    assert salang.touched == ("AF-BGL", "AF-PAR")


def test_old_districts_know_their_candidates(gazetteer):
    assert gazetteer.places("Dara-e-Suf")[0].candidates == ("AF-SAM-04", "AF-SAM-05")
