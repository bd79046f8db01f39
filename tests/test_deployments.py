"""What is known of deployments as of a day, and the page that shows it."""

import base64
import csv
import datetime as dt
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from conflictmap.boundaries import BoundaryEdition, read_edition
from conflictmap.frames import typed_table
from conflictmap.reports import place_tables, read_coded_tables
from conflictmap.schema import AFFILIATIONS, DEPLOYMENT_KINDS, ECHELONS, TABLES
from conflictmap.symbols import SCHEMES
from conflictmap.ui import deployment_drawing, deployment_legend, deployment_panel
from conflictmap.ui.map_message import unpack
from conflictmap.views import deployment_look
from conflictmap.views.deployment_query import DeploymentsQuery
from conflictmap.views.deployment_statements import Statement, Strength
from conflictmap.views.deployments import (
    DeploymentsView,
    deployments_as_of,
    freshness,
    history_table,
    statement_table,
)
from conflictmap.views.facts import Facts
from conflictmap.views.group_areas import group_areas

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def edition() -> BoundaryEdition:
    return read_edition(ROOT / "geo" / "afg-2014")


@pytest.fixture(scope="module")
def coded(edition) -> Facts:
    """The shipped data, joined."""
    return Facts(5, place_tables(read_coded_tables(ROOT / "data"), edition), edition, {})


@pytest.fixture
def told(edition):
    """Facts of a few statements; what a row leaves out has a plain value."""
    plain = {
        "actor_id": "force",
        "kind": "deployment",
        "title": "sent",
        "date_precision": "day",
        "date_basis": "stated",
        "confidence": "reported",
        "source_id": "report",
    }

    def facts(
        statements: list[dict], places: list[dict] = (), *, published: str | None = None
    ) -> Facts:
        numbered = [{"deployment_id": f"d{n}"} | plain | row for n, row in enumerate(statements)]
        rows = {
            "sources": [
                {
                    "source_id": "report",
                    "title": "T",
                    "publisher": "P",
                    "reading_order": 1,
                    "published_date": published,
                }
            ],
            "actors": [
                {"actor_id": "force", "name": "Force", "affiliation": "de_facto_authorities"}
            ],
            "units": [
                {"unit_id": unit, "name": unit, "echelon": "brigade", "actor_id": "force"}
                for unit in ("first", "second")
            ]
            + [
                {
                    "unit_id": "part of first",
                    "name": "part of first",
                    "echelon": "battalion",
                    "parent_unit_id": "first",
                    "actor_id": "force",
                }
            ],
            "deployments": numbered,
            "deployment_places": places,
        }
        tables = {name: typed_table(table, rows.get(name, [])) for name, table in TABLES.items()}
        return Facts(1, tables, edition, {})

    return facts


def on(date: str, **more) -> dict:
    return {"date_from": date, "date_to": date} | more


def ids(statements: tuple[Statement, ...]) -> list[str]:
    return [statement.deployment_id for statement in statements]


def statement_of(view: DeploymentsView, deployment_id: str) -> Statement:
    return next(row for row in view.everything if row.deployment_id == deployment_id)


# --- as of a day


def test_latest_statement_on_each_unit_stands(told):
    facts = told(
        [
            on("2022-01-01", unit_id="first"),
            on("2022-01-09", unit_id="first"),
            on("2022-01-05", unit_id="second"),
        ]
    )
    view = deployments_as_of(facts)
    assert ids(view.statements) == ["d2", "d1"]
    assert view.replaced == 1


def test_an_earlier_day_brings_back_what_stood_then(told):
    facts = told([on("2022-01-01", unit_id="first"), on("2022-01-09", unit_id="first")])
    view = deployments_as_of(facts, dt.date(2022, 1, 8))
    assert ids(view.statements) == ["d0"]
    assert view.statements[0].age_days == 7
    assert view.left_out_words == "1 statement is later than this day."


def test_two_statements_of_the_same_day_on_a_unit_both_stand(told):
    facts = told([on("2022-01-09", unit_id="first"), on("2022-01-09", unit_id="first")])
    assert ids(deployments_as_of(facts).statements) == ["d0", "d1"]


def test_statements_without_a_unit_do_not_replace_each_other(told):
    facts = told([on("2022-01-01", kind="visit"), on("2022-01-09", kind="visit")])
    assert ids(deployments_as_of(facts).statements) == ["d0", "d1"]


def test_statement_known_to_the_month_counts_from_its_last_day(told):
    month = {"date_from": "2022-01-01", "date_to": "2022-01-31", "date_precision": "month"}
    facts = told([month])
    assert deployments_as_of(facts, dt.date(2022, 1, 30)).later == 1
    assert deployments_as_of(facts, dt.date(2022, 2, 2)).statements[0].age_days == 2


def test_statement_that_began_on_a_known_day_counts_from_it(told):
    facts = told([{"date_from": "2022-01-05"}])
    view = deployments_as_of(facts, dt.date(2022, 1, 6))
    assert view.statements[0].when == "from 2022-01-05"
    assert view.statements[0].age_days == 1


def test_statement_that_nothing_bounds_is_undated(told):
    facts = told([{"date_from": "2022-01-01", "date_precision": "unknown"}, {}])
    view = deployments_as_of(facts)
    assert ids(view.undated) == ["d0", "d1"]
    assert view.day is None
    assert view.undated[0].age_days is None


@pytest.mark.parametrize("day", ["2021-01-01", "2022-02-01", "2022-02-13", "2030-01-01", None])
def test_every_statement_is_shown_replaced_later_or_undated(coded, day):
    view = deployments_as_of(coded, day and dt.date.fromisoformat(day))
    counted = len(view.statements) + view.replaced + view.later + len(view.undated)
    assert counted == view.total == len(coded.tables["deployments"])


def test_no_statement_at_all_makes_an_empty_view(told):
    view = deployments_as_of(told([]))
    assert view.is_empty
    assert view.moves == ()
    assert statement_table(view.statements).empty
    assert view.caption == (
        "0 of 0 statements. Reports behind it (0): none."
        f" Boundaries: {told([]).edition.title}. Revision 1."
    )


def test_a_day_before_everything_shows_nothing_dated(coded):
    view = deployments_as_of(coded, dt.date(2021, 1, 1))
    assert view.statements == ()
    assert not view.is_empty
    assert view.undated


def test_the_facts_are_left_as_they_were(coded):
    before = {name: table.copy() for name, table in coded.tables.items()}
    deployments_as_of(coded)
    assert all(coded.tables[name].equals(table) for name, table in before.items())


# --- what was known by a day


def test_only_what_was_published_by_the_day_is_shown_on_demand(told):
    facts = told([on("2022-01-05")], published="2022-01-10")
    later = deployments_as_of(facts, dt.date(2022, 1, 9), only_published=True)
    assert (ids(later.statements), later.not_yet_published) == ([], 1)
    assert later.left_out_words == (
        "1 statement stands in reports that are not known to be published by this day."
    )
    then = deployments_as_of(facts, dt.date(2022, 1, 10), only_published=True)
    assert ids(then.statements) == ["d0"]


def test_report_without_a_day_of_publication_is_not_known_to_be_published(told):
    view = deployments_as_of(told([on("2022-01-05"), {}]), only_published=True)
    assert (view.statements, view.undated, view.not_yet_published) == ((), (), 2)


def test_what_was_published_before_its_day_is_planned_and_counts_from_the_publication(told):
    facts = told([on("2022-03-01", unit_id="first")], published="2022-01-10")
    statement = deployments_as_of(facts, dt.date(2022, 1, 12)).statements[0]
    assert (statement.is_planned, statement.is_unsure, statement.age_days) == (True, True, 2)
    assert dict(statement.details)["Planned"] == "published before its first day"


def test_plan_does_not_replace_where_a_unit_is_and_ends_when_it_is_reported_again(told):
    facts = told(
        [
            on("2022-01-05", unit_id="first"),
            on("2022-03-01", unit_id="first"),  # the plan
            on("2022-03-02", unit_id="first", source_id="later report"),
        ],
        published="2022-01-10",
    )
    assert ids(deployments_as_of(facts, dt.date(2022, 2, 1)).statements) == ["d0", "d1"]
    assert ids(deployments_as_of(facts, dt.date(2022, 3, 5)).statements) == ["d2"]


@pytest.mark.parametrize(
    ("age_days", "strength"), [(0, 1), (30, 0.5), (60, 0.25), (None, 1), (-1, 1)]
)
def test_evidence_is_half_as_strong_at_its_half_life(age_days, strength):
    assert freshness(age_days, 30) == strength


@pytest.mark.parametrize(
    ("confidence", "is_unsure"),
    [
        ("reported", False),
        ("several reports", False),
        ("single claim", True),
        ("unconfirmed", True),
    ],
)
def test_what_is_told_by_a_single_claim_or_not_confirmed_is_unsure(told, confidence, is_unsure):
    view = deployments_as_of(told([on("2022-01-05", confidence=confidence)]))
    assert view.statements[0].is_unsure is is_unsure


# --- the same people twice


def twice(told, first: dict, second: dict, *, unit_id: str = "first") -> DeploymentsView:
    """Two statements on a unit, each with one destination."""
    rows = [on("2022-01-01", unit_id=unit_id), on("2022-01-01", unit_id=unit_id)]
    rows[0]["date_to"] = "2022-01-20"
    rows[1] |= {"date_from": "2022-01-10", "date_to": "2022-01-10"}
    places = [place("destination", 1) | first, place("destination", 1, deployment_id="d1") | second]
    return deployments_as_of(told(rows, places))


def test_unit_in_two_places_at_one_time_is_flagged_and_neither_is_dropped(told):
    view = twice(told, {"adm1_code": "AF-KAB"}, {"adm1_code": "AF-HER"})
    assert [row.doubled_with for row in view.statements] == [(2,), (1,)]
    assert view.statements[0].warning == (
        "Same unit as 2, elsewhere at the same time: count it once."
    )
    table = statement_table(view.statements)
    assert table["May be counted twice"].notna().all()
    message = deployment_drawing.deployments_message(view)
    assert [row["isDoubled"] for row in message["statements"]] == [True, True]


@pytest.mark.parametrize(
    "second",
    [
        {"adm1_code": "AF-KAB"},
        {"adm1_code": "AF-KAB", "adm2_code": "AF-KAB-01", "geo_precision": "adm2"},
        {"adm1_code": None, "geo_precision": "country"},
    ],
)
def test_unit_in_what_may_be_one_place_is_not_flagged(told, second):
    view = twice(told, {"adm1_code": "AF-KAB"}, second)
    assert [row.warning for row in view.statements] == ["", ""]


def test_unit_that_moved_on_is_not_in_two_places(told):
    rows = [on("2022-01-01", unit_id="first"), on("2022-01-09", unit_id="first")]
    places = [place("destination", 1), place("destination", 1, deployment_id="d1")]
    places[1]["adm1_code"] = "AF-HER"
    view = deployments_as_of(told(rows, places))
    assert [(row.deployment_id, row.warning) for row in view.statements] == [("d1", "")]


def test_part_of_a_unit_that_stands_too_is_flagged(told):
    view = deployments_as_of(
        told([on("2022-01-01", unit_id="first"), on("2022-01-02", unit_id="part of first")])
    )
    assert [row.warning for row in view.statements] == [
        "",
        "Part of the unit of 1: its strength may be within that one's.",
    ]
    message = deployment_drawing.deployments_message(view)
    assert not any(row["isDoubled"] for row in message["statements"])


def test_shipped_data_puts_no_unit_in_two_places(coded):
    assert [row.warning for row in deployments_as_of(coded).statements if row.warning] == []


# --- the history of a unit


def test_history_holds_all_that_is_stated_of_a_unit_by_day(told):
    facts = told(
        [
            on("2022-01-09", unit_id="first", strength_best=300, strength_unit="persons"),
            on("2022-01-01", unit_id="first", strength_low=100, strength_high=200),
            on("2022-01-05", unit_id="second"),
            on("2022-02-01", unit_id="first"),
            {"unit_id": "first"},
        ]
    )
    view = deployments_as_of(facts, dt.date(2022, 1, 10))
    history = view.history(statement_of(view, "d0"))
    assert ids(history) == ["d1", "d0", "d3", "d4"]
    table = history_table(history)
    assert table["Here"].tolist() == ["replaced", "2", "later", "without a day"]
    figures = table[["Low", "Best", "High"]].astype("object").fillna("").to_numpy().tolist()
    assert figures == [[100, "", 200], ["", 300, ""], ["", "", ""], ["", "", ""]]


def test_statement_without_a_unit_is_its_own_history(told):
    view = deployments_as_of(told([on("2022-01-01"), on("2022-01-02")]))
    assert view.history(view.statements[0]) == (view.statements[0],)


# --- the coded reports


def test_move_to_badghis_stands_on_13_february_with_its_age(coded):
    view = deployments_as_of(coded, dt.date(2022, 2, 13))
    assert statement_of(view, "badghis-al-farooq").age_days == 3


def test_move_to_badghis_is_not_known_on_9_february(coded):
    view = deployments_as_of(coded, dt.date(2022, 2, 9))
    assert "badghis-al-farooq" not in ids(view.statements)
    assert view.later > 0


def test_panipat_unit_is_in_the_list_without_days(coded):
    view = deployments_as_of(coded)
    panipat = statement_of(view, "nangarhar-panipat-formed")
    assert panipat in view.undated
    assert panipat.unit.name == "Panipat Operational and Security Unit"
    assert panipat.number is None


def test_troops_to_bamyan_are_1500_persons_from_paktia(coded):
    row = statement_of(deployments_as_of(coded), "bamyan-mansoori")
    assert row.strength.text == "1,500 persons"
    assert row.unit.echelon == "corps"
    assert row.places_of("origin") == "Paktia (known to: the province)"
    assert row.places_of("destination") == "Bamyan (known to: the province)"


def test_three_battalions_keep_their_parent_corps(coded):
    row = statement_of(deployments_as_of(coded), "badghis-al-farooq")
    assert row.strength.text == "3 battalions"
    assert row.unit.parent_name == "Al-Farooq Corps"
    assert row.actor_name == "Taliban"


def test_move_to_badghis_fans_out_to_three_places(coded):
    view = deployments_as_of(coded)
    number = statement_of(view, "badghis-al-farooq").number
    moves = [move for move in view.moves if move.number == number]
    assert sorted(move.spot.kind for move in moves) == ["district", "district", "province"]
    assert len({move.origin for move in moves}) == 1
    assert moves[0].origin.kind == "province"


def test_tagab_alam_is_known_only_to_the_province(coded):
    places = statement_of(deployments_as_of(coded), "badghis-al-farooq").places
    place = next(place for place in places if place.stated.startswith("Tagab Alam"))
    assert place.known_to == "the province"
    assert place.adm2_code == ""
    assert place.spot.kind == "province"


def test_barchman_is_shown_as_stated_beside_the_name_of_the_edition(coded):
    row = statement_of(deployments_as_of(coded), "farah-al-farooq")
    stated = "Barchman, Farah; in this boundary edition Purchaman (known to: the district)"
    assert row.places_of("destination") == stated


def test_kohistan_of_kapisa_has_two_candidates(coded):
    place = statement_of(deployments_as_of(coded), "kapisa-battalion-formed").places[0]
    assert len(place.candidates) == 2
    assert all("Kohistan (AF-KAP-" in name for name in place.candidates)
    assert "one of: " in place.text
    assert place.spot.kind == "province"


def test_near_farkhar_has_no_district(coded):
    place = statement_of(deployments_as_of(coded), "takhar-exercise").places[0]
    assert place.text == "near Farkhar, Takhar (known to: the province)"
    assert (place.adm1_code, place.adm2_code) == ("AF-TAK", "")
    assert place.spot.kind == "province"


def test_nearby_provinces_are_told_but_not_drawn(coded):
    view = deployments_as_of(coded)
    searches = statement_of(view, "kabul-house-searches")
    assert "nearby provinces (known to: the country only)" in searches.places_of("destination")
    assert sum(move.number == searches.number for move in view.moves) == 1


def test_slips_of_the_source_stand_as_stated_with_our_reading_beside(coded):
    details = dict(statement_of(deployments_as_of(coded), "takhar-exercise").details)
    assert "207 Omari Corps" in details["Unit"]
    assert "217" in details["Our reading"]


def test_strengths_are_never_summed(coded):
    view = deployments_as_of(coded)
    figures = [row.strength.text for row in view.statements if row.strength.text]
    assert figures == ["3 battalions", "1 battalion", "1 battalion", "1,500 persons"]
    assert len(statement_table(view.statements)) == len(view.statements)
    assert "battalion" not in view.caption


def test_words_without_a_number_give_no_number(coded):
    row = statement_of(deployments_as_of(coded), "panjshir-moi-fighters")
    assert (row.strength.low, row.strength.best, row.strength.high) == (None, None, None)
    assert row.strength.text == ""
    assert row.strength.words == "several thousand"


def test_caption_names_n_reports_edition_and_revision(coded):
    view = deployments_as_of(coded, dt.date(2022, 2, 13))
    assert view.caption == (
        "5 of 15 statements, as of 2022-02-13. 6 later than this day."
        " 4 without a day, in a list of their own. Report behind it (1): blog-2022-05."
        f" Boundaries: {coded.edition.title}. Revision 5."
    )


# --- strengths, places and moves


@pytest.mark.parametrize(
    ("strength", "text"),
    [
        (Strength(None, None, None, "words_only", "persons", "many"), ""),
        (Strength(300, 300, None, "at_least", "persons", ""), "at least 300 persons"),
        (Strength(None, 300, None, "around", "persons", ""), "around 300 persons"),
        (Strength(200, None, 400, "range", "persons", ""), "200 to 400 persons"),
        (Strength(200, 300, 400, "range", "persons", ""), "300 (200 to 400) persons"),
        (Strength(1, 1, 1, "exactly", "battalions", ""), "1 battalion"),
    ],
)
def test_strength_reads_as_it_was_qualified(strength, text):
    assert strength.text == text


@pytest.mark.parametrize(
    ("figures", "unit", "size_class"),
    [
        ((None, None, None), "persons", 0),
        ((None, 499, None), "persons", 1),
        ((None, 500, None), "persons", 2),
        ((1000, None, None), "persons", 3),
        ((None, None, 1500), "persons", 3),
        ((1, 1, 1), "battalions", 1),
        ((3, 3, 3), "battalions", 3),
        ((3, 3, 3), "", 0),
    ],
)
def test_width_of_a_move_follows_the_strength_in_its_own_unit(figures, unit, size_class):
    assert Strength(*figures, "", unit, "").size_class == size_class


def place(role: str, number: int, **more) -> dict:
    base = {"deployment_id": "d0", "place_no": number, "role": role, "source_id": "report"}
    return base | {"adm1_code": "AF-KAB", "geo_precision": "adm1"} | more


def test_move_without_an_origin_is_a_mark_at_its_destination(told):
    view = deployments_as_of(told([on("2022-01-01")], [place("destination", 1)]))
    assert [(move.origin, move.spot.kind) for move in view.moves] == [(None, "province")]


def test_unit_that_left_for_an_unknown_place_is_a_mark_at_its_origin(told):
    view = deployments_as_of(told([on("2022-01-01")], [place("origin", 1)]))
    assert [(move.origin, move.is_origin) for move in view.moves] == [(None, True)]


def test_every_origin_leads_to_every_destination(told):
    places = [
        place("origin", 1, adm1_code="AF-HER"),
        place("origin", 2, adm1_code="AF-KAN"),
        place("destination", 3),
        place("destination", 4, adm1_code="AF-BAM"),
    ]
    assert len(deployments_as_of(told([on("2022-01-01")], places)).moves) == 4


def fan(told, *provinces: str) -> list[float]:
    """Return the bends of the moves from Kabul to some provinces."""
    ends = [place("destination", n, adm1_code=code) for n, code in enumerate(provinces, 2)]
    view = deployments_as_of(told([on("2022-01-01")], [place("origin", 1), *ends]))
    return [move.bend for move in view.moves]


def test_one_move_is_bent(told):
    assert fan(told, "AF-HER") == [0.14]


def test_moves_to_several_places_fan_out_each_with_a_bend_of_its_own(told):
    bends = fan(told, "AF-HER", "AF-KAN", "AF-BAL", "AF-BAM")
    assert bends == sorted(set(bends))
    assert 0 not in bends


def test_move_that_lies_further_left_bends_further_left(told):
    origin, *_ = deployments_as_of(told([on("2022-01-01")], [place("origin", 1)])).moves
    for codes in (("AF-BAL", "AF-KAN"), ("AF-KAN", "AF-BAL")):
        ends = [place("destination", n, adm1_code=code) for n, code in enumerate(codes, 2)]
        view = deployments_as_of(told([on("2022-01-01")], [place("origin", 1), *ends]))
        left = max(view.moves, key=lambda move: move.bend)
        # Seen from Kabul towards the west, south is left.
        assert left.spot.latitude < origin.spot.latitude


def test_known_point_is_drawn_with_its_radius(told):
    point = {"point_latitude": 34.5, "point_longitude": 69.1, "precision_km": 3}
    view = deployments_as_of(
        told([on("2022-01-01")], [place("destination", 1, geo_precision="near", **point)])
    )
    spot = view.moves[0].spot
    assert (spot.kind, spot.latitude, spot.longitude, spot.radius_km) == ("near", 34.5, 69.1, 3)


def test_statement_whose_place_is_not_known_is_counted_as_not_drawn(told):
    nowhere = place("destination", 1, adm1_code=None, geo_precision="unknown")
    view = deployments_as_of(told([on("2022-01-01")], [nowhere]))
    assert view.moves == ()
    assert view.not_drawn == (1,)
    assert "1 shown in the table only: the place is not known." in view.caption


# --- the map


def test_badges_of_the_map_are_the_numbers_of_the_table(coded):
    view = deployments_as_of(coded)
    message = deployment_drawing.deployments_message(view)
    numbers = set(statement_table(view.statements)["#"])
    assert {row["number"] for row in message["statements"]} == numbers
    assert {move["number"] for move in message["moves"]} == numbers - set(view.not_drawn)
    for row in message["statements"]:
        kind = view.statements[row["number"] - 1].kind
        assert row["colour"] == deployment_look.KINDS[kind]["colour"]


def test_each_symbol_is_sent_once_and_a_visit_has_none(coded):
    view = deployments_as_of(coded)
    message = deployment_drawing.deployments_message(view)
    assert len(set(message["symbols"])) == len(message["symbols"]) == 4
    drawn = {row["number"]: row["symbol"] for row in message["statements"]}
    visits = {row.number for row in view.statements if row.kind == "visit"}
    assert {number for number, symbol in drawn.items() if symbol is None} == visits


def test_symbols_are_pictures_made_of_digits(coded):
    for scheme in SCHEMES:
        query = DeploymentsQuery(scheme=scheme)
        message = deployment_drawing.deployments_message(deployments_as_of(coded), query=query)
        for symbol in message["symbols"]:
            assert base64.b64decode(symbol).startswith(b"<svg ")


def test_symbols_fade_with_age_but_never_out_of_sight(coded):
    for day, wanted in (("2022-03-24", 0.5), ("2030-01-01", deployment_look.FAINTEST)):
        view = deployments_as_of(coded, dt.date.fromisoformat(day))
        message = deployment_drawing.deployments_message(view, half_life_days=30)
        mansoori = next(row for row in message["statements"] if row["number"] == 10)
        assert mansoori["strength"] == wanted


def test_layer_that_is_off_sends_nothing(coded):
    view, groups = deployments_as_of(coded), group_areas(coded, None)
    message = deployment_drawing.deployments_message(
        view, query=DeploymentsQuery(layers=()), groups=groups
    )
    assert (message["layers"], message["moves"], message["areas"]) == ([], [], [])
    assert (message["shading"], message["marks"]) == (None, [])


def test_every_kind_of_statement_has_its_look():
    assert tuple(deployment_look.KINDS) == DEPLOYMENT_KINDS
    looks = deployment_look.KINDS.values()
    assert len({look["colour"] for look in looks}) == len({look["corner"] for look in looks}) == 5


def test_every_side_has_its_words_in_the_legend():
    assert tuple(deployment_look.SIDES) == AFFILIATIONS
    assert set(deployment_legend.ECHELON_MARKS) <= set(ECHELONS)


@pytest.mark.parametrize(
    "value", [None, {}, {"statement": "1"}, {"statement": 99}, {"statement": [1]}, "x"]
)
def test_a_click_that_is_none_opens_nothing(coded, value):
    assert deployment_drawing.clicked(value, deployments_as_of(coded)) == ""


@pytest.mark.parametrize("code", ["AF-KAB", "AF", "<b>", 7, None, ["AF-KAP"]])
def test_a_click_on_an_area_of_which_nothing_is_said_opens_nothing(coded, code):
    groups = group_areas(coded, dt.date(2022, 2, 25))
    assert deployment_drawing.clicked({"area": code}, deployments_as_of(coded), groups) == ""


def test_a_click_on_a_badge_or_an_area_opens_it(coded):
    view, groups = deployments_as_of(coded), group_areas(coded, None)
    opened = deployment_drawing.clicked({"statement": 2}, view, groups)
    assert opened == view.statements[1].deployment_id
    assert deployment_drawing.clicked({"area": "AF-KAP"}, view, groups) == "AF-KAP"


# --- the page

HOSTILE = "{{7*7000003}} {% x <img src=x onerror=alert(1)> ${alert(1)} ` C:\\2024"
TRACES = ("7*7000003", "49000021", "onerror", "${alert", "C:\\", "{% x")


@pytest.fixture
def fresh_caches() -> Iterator[None]:
    """Settings and store read anew, before and after."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def page(store_url: str, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> AppTest:
    """The page on the shipped data, ready to run."""
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    return deployments_page()


def deployments_page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    return app.switch_page("pages/deployments.py")


def map_args(app: AppTest) -> dict:
    found = app.get("component_instance")
    assert len(found) == 1
    return json.loads(found[0].proto.json_args)


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in app.text)


def test_page_shows_the_latest_day(page):
    page.run()
    assert not page.exception
    assert "as of 2022-02-25" in texts(page)
    assert len(page.dataframe[0].value) == 11
    assert len(page.dataframe[1].value) == 4
    assert "asof" not in page.query_params


def test_slider_writes_the_day_into_the_address(page):
    page.run()
    page.select_slider[0].set_value(dt.date(2022, 2, 12)).run()
    assert not page.exception
    assert page.query_params["asof"] == "2022-02-12"
    assert "as of 2022-02-12" in texts(page)
    page.select_slider[0].set_value(dt.date(2022, 2, 25)).run()
    assert "asof" not in page.query_params


def test_page_shows_the_day_of_the_link(page):
    page.query_params["asof"] = "2022-02-13"
    page.run()
    assert not page.exception
    assert "5 of 15 statements, as of 2022-02-13." in texts(page)
    assert "6 statements are later than this day." in texts(page)
    assert page.query_params["asof"] == "2022-02-13"


def test_link_with_an_impossible_day_is_told_and_the_latest_shown(page):
    page.query_params["asof"] = "2022-02-31"
    page.query_params["revision"] = "99"
    page.run()
    assert not page.exception
    assert "'asof' is not a calendar date." in texts(page)
    assert "There is no revision 99. The latest is 5." in texts(page)
    assert "as of 2022-02-25" in texts(page)
    assert "asof" not in page.query_params


@pytest.mark.parametrize(
    ("name", "value"),
    [("frame", "mine"), ("layers", "tanks"), ("layers", "groups,groups"), ("told", "yes")],
)
def test_link_with_an_unknown_choice_is_told_and_the_default_shown(page, name, value):
    page.query_params[name] = value
    page.run()
    assert not page.exception
    assert f"'{name}' is not " in texts(page)
    assert name not in page.query_params


def test_choices_stand_in_the_address(page):
    page.run()
    page.selectbox(key="choice of frames").select("authorities-hostile").run()
    page.multiselect(key="choice of layers").set_value(["deployments", "groups"]).run()
    page.checkbox[0].check().run()
    assert not page.exception
    assert dict(page.query_params) == {
        "frame": "authorities-hostile",
        "layers": "deployments,groups",
        "told": "published",
    }


def test_any_day_can_be_chosen(page):
    page.run()
    page.date_input[0].set_value(dt.date(2023, 1, 1)).run()
    assert not page.exception
    assert page.query_params["asof"] == "2023-01-01"
    assert "as of 2023-01-01" in texts(page)


def test_chosen_area_shows_who_says_what_and_that_it_is_not_assessed(page):
    page.run()
    page.selectbox(key=deployment_panel.CHOICE).select("AF-KAP").run()
    assert not page.exception
    assert (
        "Claim: Afghan National Liberation Front (ANLF). Presence: In a video the group says that"
        " it is in the mountains of Kapisa for an armed fight against the Taliban. Said by the"
        " Afghan National Liberation Front; no date; report blog-2022-05."
    ) in texts(page)
    assert "As told by those named; not assessed here." in [box.value for box in page.caption]


def test_half_life_of_the_settings_stands_in_the_legend(page, monkeypatch):
    monkeypatch.setenv("CONFLICTMAP_EVIDENCE_HALF_LIFE_DAYS", "45")
    st.cache_resource.clear()
    page.run()
    html = " ".join(element.proto.body for element in page.get("html"))
    assert "half as strong after 45 days, then 90" in html


def test_layers_of_incidents_are_drawn_up_to_the_day(page):
    page.query_params["layers"] = "shading,incidents"
    page.run()
    assert not page.exception
    packed = re.search(r"show\('([\w+/=]+)'\)", map_args(page)["feature_group"])
    sent = unpack(packed[1])
    assert len(sent["shading"]["letters"]) == 34
    assert sent["moves"] == []
    assert any("Incidents dated up to 2022-02-25" in box.value for box in page.caption)


def test_day_before_every_statement_has_words_of_its_own(page):
    page.query_params["asof"] = "2021-01-01"
    page.run()
    assert not page.exception
    assert [box.value for box in page.info] == [
        "No statement is dated up to this day. Choose a later one."
    ]


def test_revision_without_deployments_says_so(page):
    page.query_params["revision"] = "0"
    page.run()
    assert not page.exception
    assert [box.value for box in page.info] == [
        "No report in the sources read speaks of deployments at this revision."
    ]


def test_base_map_is_the_same_to_the_byte_on_every_day(page):
    page.run()
    latest = map_args(page)
    page.query_params["asof"] = "2022-02-13"
    page.run()
    earlier = map_args(page)
    assert same_names(latest["script"]) == same_names(earlier["script"])
    assert latest["feature_group"] != earlier["feature_group"]


def same_names(script: str) -> str:
    """Return a script without the random part of Folium's names, which st_folium ignores too."""
    return re.sub(r"_[0-9a-f]{32}", "", script)


def test_chosen_statement_is_shown_with_all_that_is_known(page):
    page.run()
    page.selectbox(key=deployment_panel.CHOICE).select("bamyan-mansoori").run()
    assert not page.exception
    assert "Strength: 1,500 persons\nLow, best, high: 1,500, 1,500, 1,500\n" in texts(page)
    assert "Source's words for the strength: 1500 troops" in texts(page)
    assert "Report: blog-2022-05" in texts(page)


def test_hostile_text_does_not_reach_the_map(tmp_path, monkeypatch, fresh_caches):
    shutil.copytree(ROOT / "data", tmp_path / "data")
    words = ("title", "date_words", "strength_words", "said_by", "coder_note")
    spoil(tmp_path / "data" / "deployments.csv", words)
    spoil(tmp_path / "data" / "deployment_places.csv", ("place_words", "coder_note"))
    spoil(tmp_path / "data" / "units.csv", ("name", "coder_note"))
    spoil(tmp_path / "data" / "actors.csv", ("name",))
    spoil(tmp_path / "data" / "sources.csv", ("title", "publisher"))
    spoil(tmp_path / "data" / "actor_areas.csv", ("area_words",))
    spoil(tmp_path / "data" / "claims.csv", ("text", "said_by", "value_unit"))
    monkeypatch.setenv("CONFLICTMAP_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CONFLICTMAP_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    app = deployments_page().run()
    app.query_params["layers"] = "shading,incidents,groups,deployments"
    app.run()
    app.selectbox(key=deployment_panel.CHOICE).select("AF-KAP").run()
    assert not app.exception
    assert HOSTILE in texts(app)
    app.selectbox(key=deployment_panel.CHOICE).select("bamyan-mansoori").run()
    assert not app.exception
    assert f"What: {HOSTILE}" in texts(app)
    sent = json.dumps(map_args(app))
    assert not [trace for trace in TRACES if trace in sent]
    told_as_markdown = [*app.markdown, *app.caption, *app.info, *app.error, *app.subheader]
    assert not any("7000003" in element.value for element in told_as_markdown)


def spoil(file: Path, columns: tuple[str, ...]) -> None:
    """Write hostile text into columns of a CSV, whatever they held."""
    with file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | dict.fromkeys(columns, HOSTILE) for row in rows)
