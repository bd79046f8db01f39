"""The title that a slide proposes says what its numbers say, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conflictmap.slides.assertion import assertion_title
from conflictmap.views.facts import Facts
from conflictmap.views.map_view import map_series, map_view
from conflictmap.views.query import read_query
from tests.synthetic import casualty, covered, facts_of, incident, place, told

HERAT, KABUL, KUNAR, GHOR = "AF-HER", "AF-KAB", "AF-KNR", "AF-GHO"


def facts(*codes: str | None, killed: tuple[int | None, ...] = ()) -> Facts:
    """Return synthetic incidents, one in each of the places given, each told by one report."""
    ids = [f"s{number}" for number in range(len(codes))]
    return facts_of(
        incidents=[incident(one, "2022-05-05") for one in ids],
        incident_places=[place(one, code) for one, code in zip(ids, codes, strict=True)],
        casualties=[
            casualty(one, "civilians", "killed", best)
            for one, best in zip(ids, killed, strict=False)
        ],
        incident_sources=[told(one) for one in ids],
        sources=[{"source_id": "synthetic", "title": "s", "publisher": "s", "reading_order": 1}],
    )


def title(known: Facts, *, suppress_below: int = 0, **parameters: str) -> str:
    query = read_query({name: [value] for name, value in parameters.items()})
    series = map_series(known, query, suppress_below=suppress_below)
    return assertion_title(map_view(known, series, query.shown))


def test_areas_that_hold_half_of_all_are_named_with_their_share():
    known = facts(HERAT, HERAT, HERAT, KABUL, KABUL, KUNAR, GHOR, None)
    assert title(known) == "Herat and Kabul hold 5 of the 8 coded incidents (1 report)"


def test_what_is_not_placed_counts_in_the_whole_so_that_no_share_is_too_large():
    known = facts(KABUL, KABUL, None, None, None, None)
    assert title(known) == "6 coded incidents; the most in one province: 2 (1 report)"


def test_a_choice_between_equals_names_none_of_them():
    known = facts(KABUL, HERAT, KUNAR, GHOR)
    assert title(known) == "4 coded incidents; the most in one province: 1 (1 report)"


def test_one_area_with_all_of_it_is_named_alone():
    assert title(facts(KABUL)) == "The one coded incident is placed in Kabul (1 report)"


def test_nothing_placed_is_said():
    assert title(facts(None, None)) == (
        "2 coded incidents, none of them placed in a province (1 report)"
    )


def test_people_are_counted_with_the_hedge_of_their_figures():
    known = facts(KABUL, HERAT, killed=(53, 4))
    rows = known.tables["casualties"].assign(high=None)  # "at least"
    known = replace(known, tables={**known.tables, "casualties": rows.astype({"high": "Int64"})})
    assert title(known, measure="killed") == (
        "Kabul holds at least 53 of the at least 57 people killed in 2 coded incidents (1 report)"
    )


def test_figures_that_nobody_gave_are_not_zero():
    assert title(facts(KABUL, KABUL, killed=(None,)), measure="killed") == (
        "2 coded incidents without any figure of people killed"
    )


def test_empty_period_claims_no_peace():
    known = facts(KABUL)
    assert title(known, **{"from": "2001-01-01", "to": "2001-01-31"}) == (
        "No incident in the sources read dates to the period: January 2001"
    )


def test_suppressed_numbers_are_not_told_by_the_title():
    known = facts(HERAT, HERAT, HERAT, KABUL, KUNAR)
    assert title(known, suppress_below=2) == "Incidents by province, Afghanistan, all dates"


@pytest.mark.parametrize("measure", ["share", "per_1000_km2"])
def test_rates_and_shares_have_a_title_that_describes(measure):
    known = facts(HERAT, KABUL)
    text = title(known, measure=measure)
    assert "Afghanistan, all dates" in text


def test_claim_of_coverage_changes_no_title():
    known = facts(KABUL)
    with_claim = facts_of(
        **{name: rows.to_dict("records") for name, rows in known.tables.items() if len(rows)},
        coverage=[covered("synthetic", "2022-01-01", "2022-12-31")],
    )
    assert title(with_claim) == title(known)
