"""The map in words says what the map shows, no more certainly than it is known."""

from __future__ import annotations

import re

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.store import open_store
from conflictmap.views.alternative import text_alternative, value_words
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.map_view import (
    NO_REPORT,
    SUPPRESSED,
    MapView,
    area_table,
    map_series,
    map_view,
)
from conflictmap.views.query import MEASURE_NAMES, read_query
from tests.synthetic import shipped_edition


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def view_of(facts: Facts, *, suppress_below: int = 0, **parameters: str) -> MapView:
    query = read_query({name: [value] for name, value in parameters.items()})
    return map_view(facts, map_series(facts, query, suppress_below=suppress_below), query.shown)


def test_incidents_are_told_from_the_most_to_the_fewest(facts):
    text = text_alternative(view_of(facts))
    assert text.startswith(
        "Incidents by province, Afghanistan, all dates: Kabul 7, Herat 3, Badghis 2, Helmand 2,"
    )
    assert text.endswith(
        "; 5 not placed at province level; 1 abroad; no report in the sources read: 25 areas."
    )


@pytest.mark.parametrize("level", ["province", "district"])
@pytest.mark.parametrize("measure", ["incidents", "killed", "wounded", "per_1000_km2"])
def test_areas_stand_in_the_order_of_the_table(facts, measure, level):
    view = view_of(facts, measure=measure, level=level)
    table = area_table(view)
    shown = table[(table["Code"] != "") & (table[MEASURE_NAMES[measure]] > 0)]
    listed = text_alternative(view).split(": ", 1)[1].split(";")[0]
    places = [listed.index(f"{name} ") for name in shown["Area"]]
    assert places == sorted(places)
    assert listed.count(", ") == len(shown) - 1


@pytest.mark.parametrize(("measure", "below"), [("incidents", 0), ("killed", 0), ("incidents", 3)])
def test_table_has_no_number_of_incidents_where_the_map_shows_none(facts, measure, below):
    view = view_of(facts, measure=measure, suppress_below=below)
    rows = area_table(view).set_index("Code")
    letters = {
        area.code: letter for area, letter in zip(view.counts.areas, view.class_string, strict=True)
    }
    silent = [code for code, letter in letters.items() if letter in (NO_REPORT, SUPPRESSED)]
    assert rows.loc[silent, "Incidents"].isna().all()
    assert rows.loc[rows.index.isin(set(letters) - set(silent)), "Incidents"].notna().all()


def test_a_small_rate_never_reads_as_zero(facts):
    view = view_of(facts, measure="per_1000_km2")
    helmand = next(area for area in view.counts.areas if area.code == "AF-HEL")
    assert value_words(view, helmand) == "0.034 per 1,000 km\u00b2"


def test_a_lower_bound_is_told_as_one(facts):
    view = view_of(facts, measure="killed")
    text = text_alternative(view)
    told = {area.name: area.figure.words for area in view.counts.areas if area.value}
    assert "Kabul at least" in text
    assert all(f"{name} {words}" in text for name, words in told.items())


def test_incidents_without_a_figure_are_named_and_not_told_as_zero(facts):
    view = view_of(facts, measure="wounded")
    nameless = [area.name for area in view.counts.areas if area.status == "no_figure"]
    assert nameless
    assert f"incidents reported, no figure given: {', '.join(sorted(nameless))}" in (
        text_alternative(view)
    )


def test_suppressed_areas_are_told_together(facts):
    view = view_of(facts, suppress_below=3)
    assert f"{view.counts.suppressed.words} in {view.counts.suppressed_areas} suppressed" in (
        text_alternative(view)
    )
    hidden = [area.name for area in view.counts.areas if area.status == "suppressed"]
    assert not any(f"{name} " in text_alternative(view) for name in hidden)


def test_a_refused_measure_is_told_as_such(facts):
    view = view_of(facts, measure="share")
    assert view.counts.refusal
    assert text_alternative(view).endswith(": not shown; the reason stands beside the map.")


@pytest.mark.parametrize("measure", ["incidents", "killed", "change"])
def test_nothing_but_names_of_areas_numbers_and_fixed_words_is_told(facts, measure):
    text = text_alternative(view_of(facts, measure=measure, level="district"))
    for name in facts.edition.units["name_common"]:
        text = text.replace(name, "")
    assert re.fullmatch(r"[A-Za-z0-9 ,.;:()+²'-]*", text)
    assert "{" not in text
