"""Counting: every incident in one bin, missing never zero, silence never peace."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.filters import KNOWN, IncidentFilter
from conflictmap.periods import STEPS, Period
from conflictmap.reports import publish_reports
from conflictmap.schema import COMMUNITIES, EVENT_TYPES, VICTIM_GROUPS
from conflictmap.store import open_store
from conflictmap.summaries import LEVELS
from conflictmap.views.counting import count_areas
from conflictmap.views.facts import load_facts
from conflictmap.views.figures import Figure
from conflictmap.views.map_view import map_series, map_view
from conflictmap.views.query import MapQuery
from tests.browser import ROOT
from tests.examples import few_and_many
from tests.synthetic import (
    attribution,
    casualty,
    covered,
    facts_of,
    incident,
    place,
    shipped_edition,
    told,
)

DECEMBER = Period(dt.date(2022, 12, 1), dt.date(2022, 12, 31))
COUNTED = ("incidents", "killed", "wounded")


def value_of(counts, code):
    return next(area for area in counts.areas if area.code == code)


# --- conservation, as a property


def sums_of(counts) -> dict[str, int]:
    """Return the sum of the figures and of the incidents over areas and bins."""
    figures = [area.figure for area in counts.areas]
    figures += [counts.not_placed, counts.abroad, counts.suppressed]
    return {
        "known": sum(figure.known for figure in figures),
        "incidents": sum(figure.incidents for figure in figures),
        "not_stated": sum(figure.not_stated for figure in figures),
    }


def assert_conserved(counts, everything) -> None:
    total = counts.total
    assert sums_of(counts) == {
        "known": total.known,
        "incidents": total.incidents,
        "not_stated": total.not_stated,
    }
    for name in ("known", "incidents", "not_stated"):
        parts = (counts.total, counts.not_dated, counts.outside)
        assert sum(getattr(part, name) for part in parts) == getattr(everything.total, name)


CODES = ["AF-KAB", "AF-KAB-01", "AF-HER-02", "AF-KAP", "AF-BDS-04", "abroad", None]
DAYS = ["2022-11-30", "2022-12-01", "2022-12-31", None]
GROUPS = ["civilians", "taliban", "attackers"]


@st.composite
def synthetic_facts(draw):
    """Draw up to nine incidents with dates, places, figures and statements of every kind."""
    rows: dict[str, list] = {name: [] for name in ("incidents", "incident_places", "casualties")}
    rows |= {name: [] for name in ("attributions", "incident_sources", "incident_targets")}
    for n in range(draw(st.integers(0, 9))):
        name = f"i{n}"
        ends = [draw(st.sampled_from(DAYS)), draw(st.sampled_from(DAYS))]
        first, last = sorted(ends) if None not in ends else ends
        rows["incidents"].append(
            incident(name, event_type=draw(st.sampled_from(EVENT_TYPES[:3])))
            | {"date_from": first, "date_to": last}
        )
        for no, code in enumerate(draw(st.lists(st.sampled_from(CODES), max_size=2)), start=1):
            rows["incident_places"].append(place(name, code, place_no=no))
        for group in draw(st.lists(st.sampled_from(GROUPS), unique=True)):
            best = draw(st.none() | st.integers(0, 60))
            rows["casualties"].append(casualty(name, group, "killed", best))
        for no, kind in enumerate(draw(st.lists(st.sampled_from(["claimed", "disputed"])))):
            rows["attributions"].append(attribution(name, "iskp", kind, no))
        rows["incident_sources"].append(told(name, draw(st.sampled_from(["a", "b"]))))
    rows["sources"] = [{"source_id": name, "reading_order": 1} for name in ("a", "b")]
    return facts_of(**rows)


def filters(sources=("a", "b"), groups=GROUPS, actors=("iskp",)):
    """Draw any filter, its period included."""
    days = st.none() | st.dates(dt.date(2021, 9, 1), dt.date(2025, 3, 31))
    periods = st.tuples(days, days).map(
        lambda ends: Period(*(sorted(ends) if None not in ends else ends))
    )

    def some(values):
        return st.lists(st.sampled_from(list(values)), max_size=2, unique=True).map(tuple)

    return st.builds(
        IncidentFilter,
        period=periods | st.just(DECEMBER),
        actors=some(actors),
        event_types=some(EVENT_TYPES[:6]),
        victim_groups=some(groups),
        communities=some(COMMUNITIES[:3]),
        known=st.sampled_from(KNOWN),
        sources=some(sources),
    )


@few_and_many(
    15, 60, given(synthetic_facts(), filters(), st.sampled_from(COUNTED), st.sampled_from(LEVELS))
)
def test_areas_and_bins_add_up_to_the_total_under_any_filter(facts, chosen, measure, level):
    counts = count_areas(facts, chosen, measure, level)
    everything = count_areas(facts, replace(chosen, period=Period()), measure, level)
    assert_conserved(counts, everything)


CHECKED = [
    IncidentFilter(),
    IncidentFilter(period=DECEMBER),
    IncidentFilter(actors=("iskp",)),
    IncidentFilter(event_types=EVENT_TYPES[:1], period=DECEMBER),
    IncidentFilter(victim_groups=("civilians",)),
    IncidentFilter(known="claimed"),
    IncidentFilter(sources=("a",)),
]


@few_and_many(
    15,
    60,
    given(synthetic_facts(), st.sampled_from(CHECKED), st.sampled_from(LEVELS), st.integers(2, 4)),
)
def test_suppressed_areas_are_summed_never_alone_and_nothing_is_lost(facts, chosen, level, below):
    counts = count_areas(facts, chosen, "killed", level, suppress_below=below)
    everything = count_areas(facts, replace(chosen, period=Period()), "killed", level)
    assert_conserved(counts, everything)
    hidden = [area for area in counts.areas if area.status == "suppressed"]
    assert len(hidden) == counts.suppressed_areas != 1
    assert all(area.figure == Figure() and area.value is None for area in hidden)
    assert all(
        area.figure.incidents == 0 or area.figure.incidents >= below
        for area in counts.areas
        if area.status != "suppressed"
    )


@pytest.fixture(scope="module")
def revisions(tmp_path_factory):
    """The shipped reports as they were known at each revision."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite'}")
    for _ in publish_reports(store, ROOT / "data", shipped_edition(), viewer=LOCAL_ADMINISTRATOR):
        pass
    return [
        load_facts(store, shipped_edition(), viewer=LOCAL_ADMINISTRATOR, revision=revision)
        for revision in range(6)
    ]


SHIPPED_SOURCES = ("blog-2022-05", "8am-2022-12", "sangar-isisk", "afintl-2025-02", "abna-2026-01")


@few_and_many(
    20,
    80,
    given(
        revision=st.integers(0, 5),
        chosen=filters(SHIPPED_SOURCES, VICTIM_GROUPS, ("iskp", "taliban")),
        measure=st.sampled_from(COUNTED),
        level=st.sampled_from(LEVELS),
    ),
)
def test_the_shipped_reports_are_conserved_at_every_revision(
    revisions, revision, chosen, measure, level
):
    facts = revisions[revision]
    counts = count_areas(facts, chosen, measure, level)
    everything = count_areas(facts, replace(chosen, period=Period()), measure, level)
    assert_conserved(counts, everything)


@few_and_many(
    6,
    25,
    given(
        st.integers(0, 5), st.sampled_from(COUNTED), st.sampled_from(LEVELS), st.sampled_from(STEPS)
    ),
)
def test_every_position_of_the_time_slider_is_conserved(revisions, revision, measure, level, step):
    facts = revisions[revision]
    series = map_series(facts, MapQuery(measure=measure, level=level, step=step))
    for position in range(len(series.keys)):
        assert_conserved(series.counts.at(position), series.counts.at(0))


def test_revisions_hold_more_with_each_report(revisions):
    totals = [
        count_areas(facts, IncidentFilter(), "incidents", "province").total.incidents
        for facts in revisions
    ]
    per_report = [
        count_areas(
            revisions[-1], IncidentFilter(sources=(source,)), "incidents", "province"
        ).total.incidents
        for source in SHIPPED_SOURCES
    ]
    assert totals[0] == 0
    assert [b - a for a, b in pairwise(totals)] == per_report


# --- what a figure means


def test_incident_known_only_to_its_province_colours_no_district():
    facts = facts_of(incidents=[incident("a")], incident_places=[place("a", "AF-KAB")])
    by_district = count_areas(facts, IncidentFilter(), "incidents", "district")
    assert all(area.status == "no_report" for area in by_district.areas)
    assert by_district.not_placed.incidents == 1
    by_province = count_areas(facts, IncidentFilter(), "incidents", "province")
    assert value_of(by_province, "AF-KAB").value == 1


def test_incident_with_places_in_two_provinces_colours_neither():
    places = [place("a", "AF-KAB-01"), place("a", "AF-HER-02", place_no=2)]
    facts = facts_of(incidents=[incident("a")], incident_places=places)
    counts = count_areas(facts, IncidentFilter(), "incidents", "province")
    assert (counts.not_placed.incidents, counts.total.incidents) == (1, 1)


def test_deaths_not_reported_stay_missing_in_an_area():
    facts = facts_of(
        incidents=[incident("a")],
        incident_places=[place("a", "AF-KAB")],
        casualties=[casualty("a", "civilians", "killed", None)],
    )
    area = value_of(count_areas(facts, IncidentFilter(), "killed", "province"), "AF-KAB")
    assert (area.status, area.value, area.figure.not_stated) == ("no_figure", None, 1)


def test_reported_zero_is_a_value_and_not_silence():
    facts = facts_of(
        incidents=[incident("a")],
        incident_places=[place("a", "AF-KAB")],
        casualties=[casualty("a", "civilians", "killed", 0)],
    )
    counts = count_areas(facts, IncidentFilter(), "killed", "province")
    assert (value_of(counts, "AF-KAB").status, value_of(counts, "AF-KAB").value) == ("value", 0)
    assert value_of(counts, "AF-HER").status == "no_report"


def test_sum_with_at_least_has_no_upper_end():
    at_least = casualty("a", "civilians", "killed", 53, high=None)
    facts = facts_of(
        incidents=[incident("a"), incident("b")],
        incident_places=[place("a", "AF-KAB"), place("b", "AF-KAB")],
        casualties=[at_least, casualty("b", "civilians", "killed", 1)],
    )
    counts = count_areas(facts, IncidentFilter(), "killed", "province")
    assert value_of(counts, "AF-KAB").figure == Figure(54, 54, None, 2, 0)


def test_group_named_without_a_figure_leaves_the_incident_without_an_upper_end():
    facts = facts_of(
        incidents=[incident("a")],
        casualties=[
            casualty("a", "civilians", "killed", 53),
            casualty("a", "attackers", "killed", None),
        ],
    )
    total = count_areas(facts, IncidentFilter(), "killed", "province").total
    assert (total.best, total.high, total.not_stated) == (53, None, 0)


def test_subsets_and_contradicting_statements_are_never_summed():
    children = casualty("a", "civilians", "killed", 20, is_subset=True, is_counted=False)
    facts = facts_of(
        incidents=[incident("a")],
        casualties=[
            casualty("a", "civilians", "killed", 19),
            children | {"casualty_id": "children"},
        ],
    )
    assert count_areas(facts, IncidentFilter(), "killed", "province").total.best == 19


@pytest.mark.parametrize(
    ("known", "kinds", "n"),
    [
        ("any", ["suspected"], 1),
        ("claimed", ["attributed"], 0),
        ("claimed", ["claimed", "disputed"], 1),
        ("claimed_or_attributed", ["attributed"], 1),
        ("claimed_or_attributed", ["suspected"], 0),
        ("any", ["disputed"], 0),
    ],
)
def test_actor_filter_goes_by_how_the_perpetrator_is_known(known, kinds, n):
    facts = facts_of(
        incidents=[incident("a")],
        attributions=[attribution("a", "iskp", kind, no) for no, kind in enumerate(kinds)],
    )
    chosen = IncidentFilter(actors=("iskp",), known=known)
    assert count_areas(facts, chosen, "incidents", "province").total.incidents == n


# --- silence, shares and changes


def test_zero_is_drawn_only_where_a_source_claims_to_list_every_incident():
    facts = facts_of(
        incidents=[incident("a", "2022-12-02")],
        coverage=[
            covered("a", "2022-12-01", "2022-12-31", geo_precision="adm1", adm1_code="AF-HER")
        ],
    )
    counts = count_areas(facts, IncidentFilter(period=DECEMBER), "incidents", "district")
    status = {area.code: area.status for area in counts.areas}
    assert {code for code in status if status[code] == "zero"} == {
        code for code in status if code.startswith("AF-HER")
    }


def test_coverage_of_part_of_the_period_draws_no_zero():
    facts = facts_of(coverage=[covered("a", "2022-12-01", "2022-12-30")])
    counts = count_areas(facts, IncidentFilter(period=DECEMBER), "incidents", "province")
    assert {area.status for area in counts.areas} == {"no_report"}


def test_published_totals_alone_draw_no_zero():
    totals_only = covered("a", "2022-12-01", "2022-12-31", is_event_level=False)
    counts = count_areas(
        facts_of(coverage=[totals_only]), IncidentFilter(period=DECEMBER), "incidents", "province"
    )
    assert {area.status for area in counts.areas} == {"no_report"}


def test_share_counts_one_actors_incidents_of_those_of_anyone():
    facts = facts_of(
        incidents=[incident("a"), incident("b"), incident("c")],
        incident_places=[place("a", "AF-KAB"), place("b", "AF-KAB"), place("c", "AF-HER")],
        attributions=[attribution("a", "iskp", "claimed")],
    )
    counts = count_areas(facts, IncidentFilter(actors=("iskp",)), "share", "province")
    assert value_of(counts, "AF-KAB").value == 50
    assert value_of(counts, "AF-HER").value == 0
    assert value_of(counts, "AF-BDS").status == "no_report"
    assert counts.total_value == pytest.approx(100 / 3)


def test_share_without_an_actor_is_refused_with_the_reason():
    counts = count_areas(facts_of(), IncidentFilter(), "share", "province")
    assert counts.refusal == "A share needs one actor. Choose one."
    assert {area.status for area in counts.areas} == {"refused"}


def test_share_is_refused_where_a_source_covers_one_side_only():
    facts = facts_of(coverage=[covered("a", "2022-12-01", "2022-12-31", actor_id="iskp")])
    counts = count_areas(facts, IncidentFilter(actors=("iskp",)), "share", "province")
    assert counts.refusal.startswith("No share is shown: a source covers one actor's incidents")


def test_change_compares_with_the_period_before_where_both_are_covered():
    days = ["2022-11-02", "2022-12-02", "2022-12-03"]
    facts = facts_of(
        incidents=[incident(day, day) for day in days],
        incident_places=[place(day, "AF-KAB") for day in days],
        coverage=[covered("a", "2022-01-01", "2022-12-31")],
    )
    counts = count_areas(facts, IncidentFilter(period=DECEMBER), "change", "province")
    assert (value_of(counts, "AF-KAB").value, counts.total_value) == (1, 1)


@pytest.mark.parametrize(
    ("coverage", "reason"),
    [
        ([], "none of the sources read lists every incident"),
        ([covered("a", "2022-12-01", "2022-12-31")], "differ"),
    ],
)
def test_change_is_refused_where_coverage_differs_or_nobody_claims_any(coverage, reason):
    facts = facts_of(incidents=[incident("a", "2022-12-02")], coverage=coverage)
    counts = count_areas(facts, IncidentFilter(period=DECEMBER), "change", "province")
    assert reason in counts.refusal


def test_change_over_all_dates_asks_for_a_period():
    counts = count_areas(facts_of(), IncidentFilter(), "change", "province")
    assert counts.refusal.startswith("A change needs a period with two ends.")


def test_rate_divides_by_the_area_of_the_unit():
    facts = facts_of(incidents=[incident("a")], incident_places=[place("a", "AF-KAB")])
    counts = count_areas(facts, IncidentFilter(), "per_1000_km2", "province")
    km2 = shipped_edition().provinces.set_index("adm1_code")["area_km2"]["AF-KAB"]
    assert value_of(counts, "AF-KAB").value == pytest.approx(1000 / km2)


# --- the slider


def test_class_breaks_stay_the_same_at_every_step_of_the_slider(revisions):
    series = map_series(revisions[-1], MapQuery(measure="killed", step="month"))
    legends = {
        tuple(
            (entry.colour, entry.text)
            for entry in map_view(revisions[-1], series, shown).legend
            if entry.letter.isdigit()
        )
        for shown in series.keys
    }
    assert len(legends) == 1


def test_class_string_has_a_letter_an_area_in_the_order_of_codes(revisions):
    facts = revisions[-1]
    series = map_series(facts, MapQuery(level="district"))
    view = map_view(facts, series)
    assert len(view.class_string) == 398
    letters = dict(zip(facts.names_of("district"), view.class_string, strict=True))
    assert letters["AF-KAB-01"].isdigit()
    assert letters["AF-BDS-04"] == "n"
