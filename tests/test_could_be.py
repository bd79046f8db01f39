"""Could be here: the least and the most against every way in which it may have been."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictmap.classes import choose_classes
from conflictmap.filters import IncidentFilter
from conflictmap.frames import typed_table
from conflictmap.periods import Period, standing_in
from conflictmap.schema import TABLES
from conflictmap.summaries import LEVELS, measure_incidents
from conflictmap.views.could_be import could_hold, why_not_could_be
from conflictmap.views.counting import COUNTED as COUNTED_FROM
from conflictmap.views.counting import count_areas
from conflictmap.views.map_view import area_table, map_series, map_view
from conflictmap.views.query import MapQuery
from tests.examples import few_and_many
from tests.synthetic import casualty, covered, facts_of, incident, place, shipped_edition
from tests.test_counting import DECEMBER, filters, synthetic_facts
from tests.test_incident_index import passing_one_by_one

MEASURES = ("incidents", "killed", "wounded", "per_1000_km2")
ANYTHING = 10**9  # what a figure without an upper end may be, besides what is stated
CANDIDATES = ["AF-KAB-01", "AF-KAB-02", "AF-KAP", "AF-HER-02"]
WATCHED = ["AF-KAB", "AF-HER", "AF-KAP", "AF-BDS", "AF-NUR"]


def could(facts, measure="incidents", level="district", chosen=None):
    """Return the counts of one map and what its areas could hold, by code."""
    chosen = chosen or IncidentFilter()
    counts = count_areas(facts, chosen, measure, level)
    scheme = "rates" if measure == "per_1000_km2" else "counts"
    classes = choose_classes(pd.Series([1.0, 30.0]), scheme)
    return counts, classes, could_hold(facts, chosen, measure, level, counts, classes)


def of_area(facts, code, measure="incidents", chosen=None):
    """Return least, most, is_robust and mark of one area."""
    level = "province" if len(code) == 6 else "district"
    counts, _, found = could(facts, measure, level, chosen)
    number = [area.code for area in counts.areas].index(code)
    return found.least[number], found.most[number], found.is_robust[number], found.marks[number]


def candidate(incident_id, code, place_no=1):
    row = {"subject_table": "incident_places", "subject_id": incident_id}
    return row | {"place_no": place_no, "unit_code": code}


# --- against every way in which it may have been


@st.composite
def imprecise_facts(draw):
    """Draw synthetic facts with candidates, and figures with ends of every kind."""
    facts = draw(synthetic_facts())
    tables = dict(facts.tables)
    places = tables["incident_places"]
    tables["place_candidates"] = typed_table(
        TABLES["place_candidates"],
        [
            candidate(row.incident_id, code, row.place_no)
            for row in places.itertuples()
            if row.geo_precision == "unknown"
            for code in draw(st.lists(st.sampled_from(CANDIDATES), max_size=2, unique=True))
        ],
    )
    figures = tables["casualties"].copy()
    for name in ("low", "high"):
        ends = [draw(st.none() | st.integers(0, 60)) for _ in range(len(figures))]
        figures[name] = pd.array(ends, dtype=figures[name].dtype)
    tables["casualties"] = figures
    return replace(facts, tables=tables)


def areas_it_may_lie_in(facts, incident_id, level):
    """Return the codes of the areas that an incident may lie in: the rule once more, slowly."""
    every = list(facts.names_of(level))
    districts = list(facts.names_of("district"))
    places = facts.tables["incident_places"]
    places = places[places["incident_id"] == incident_id]
    found = facts.tables["place_candidates"]
    if places.empty:
        return set(every)
    areas = set()
    for row in places.itertuples():
        if row.geo_precision == "abroad":
            continue
        units = [row.adm1_code if pd.isna(row.adm2_code) else row.adm2_code]
        if pd.isna(units[0]):
            is_own = (found["subject_id"] == incident_id) & (found["place_no"] == row.place_no)
            units = found.loc[is_own, "unit_code"].tolist()
        if not units:
            areas |= set(every)
        for unit in units:
            if level == "province":
                areas.add(unit[:6])
            else:
                areas |= {code for code in districts if code.startswith(unit)}
    return areas


def letters_that_may_be(figures, here, maybe, classes):
    """Return every letter an area may be drawn as, trying all that may be in it."""
    states = {(0, 0, 0, False)}  # incidents, with a figure, their sum, one without a figure
    for incident_id in [*here, *maybe]:
        row = figures.loc[incident_id]
        if row["is_stated"]:
            known = [value for value in (row["low"], row["best"], row["high"]) if pd.notna(value)]
            low = 0 if pd.isna(row["low"]) else min(known)
            high = ANYTHING if pd.isna(row["high"]) else max(known)
            # What is shown goes by the best figure, and may lie in a class between the two ends.
            steps = [(1, 1, value, False) for value in {low, high, *known}]
        else:
            steps = [(1, 0, 0, True)]
        if incident_id in maybe:
            steps.append((0, 0, 0, False))
        states = {
            (n + a, stated + b, total + c, is_open or d)
            for n, stated, total, is_open in states
            for a, b, c, d in steps
        }
    letters = set()
    for n, stated, total, is_open in states:
        if not n:
            letters.add("silent")
        elif not stated:
            letters.add("no figure")
        else:
            for sum_ in {total, total + ANYTHING * is_open}:
                letters.add("zero" if not sum_ else int(classes.numbers([sum_])[0]))
    return letters


@few_and_many(
    25,
    120,
    given(
        imprecise_facts(),
        filters() | st.just(IncidentFilter()),
        st.sampled_from(["incidents", "killed"]),
        st.sampled_from(LEVELS),
    ),
)
def test_area_could_hold_what_some_way_of_it_puts_there(facts, chosen, measure, level):
    counts, classes, found = could(facts, measure, level, chosen)
    rows = passing_one_by_one(facts.tables, chosen)
    rows = rows[standing_in(rows, chosen.period) == "inside"]
    figures = measure_incidents(facts.tables, rows, chosen, COUNTED_FROM[measure])
    bins = facts.bins[level]
    unplaced = [name for name in figures.index if bins[name] == "not_placed"]
    may_lie = {name: areas_it_may_lie_in(facts, name, level) for name in unplaced}
    everywhere = [name for name in unplaced if len(may_lie[name]) == len(counts.areas)]
    assert (found.in_some, found.anywhere) == (len(unplaced) - len(everywhere), len(everywhere))
    for number, area in enumerate(counts.areas):
        if area.code[:6] not in WATCHED:
            continue
        here = [name for name in figures.index if bins[name] == area.code]
        maybe = [name for name in unplaced if area.code in may_lie[name]]
        possible = letters_that_may_be(figures, here, maybe, classes)
        shown = {"no_report": "silent", "no_figure": "no figure"}.get(area.status)
        if shown is None:
            shown = int(classes.numbers([area.value])[0]) if area.value else "zero"
        assert shown in possible
        assert found.is_robust[number] == (possible == {shown})
        mark = found.marks[number]
        assert (mark == "0") == found.is_robust[number]
        if mark in "23":
            assert shown in ("silent", "zero")
            near = letters_that_may_be(
                figures, here, [name for name in maybe if name not in everywhere], classes
            )
            assert (mark == "2") == (near != {shown})
        elif mark == "1":
            assert shown not in ("silent", "zero")
        if area.value is not None:
            assert found.least[number] <= area.value
            assert found.most[number] is None or area.value <= found.most[number]


@few_and_many(15, 60, given(imprecise_facts(), st.sampled_from(MEASURES), st.sampled_from(LEVELS)))
def test_most_holds_every_incident_that_is_not_abroad(facts, measure, level):
    counts, _, found = could(facts, measure, level)
    assert len(found.least) == len(found.most) == len(found.marks) == len(counts.areas)
    assert found.in_some + found.anywhere == counts.not_placed.incidents
    assert set(found.marks) <= set("0123")


# --- what could be where


def test_incident_known_only_to_its_province_could_be_in_each_of_its_districts():
    facts = facts_of(
        incidents=[incident("a"), incident("b")],
        incident_places=[place("a", "AF-KAB"), place("b", "AF-KAB-01")],
    )
    assert of_area(facts, "AF-KAB-01") == (1, 2, False, "1")
    assert of_area(facts, "AF-KAB-02") == (0, 1, False, "2")
    assert of_area(facts, "AF-HER-02") == (0, 0, True, "0")
    assert of_area(facts, "AF-KAB") == (2, 2, True, "0")


def test_ambiguous_place_could_be_in_its_candidates_only():
    facts = facts_of(
        incidents=[incident("a")],
        incident_places=[place("a", None)],
        place_candidates=[candidate("a", "AF-KAB-01"), candidate("a", "AF-KAP")],
    )
    assert of_area(facts, "AF-KAB-01") == (0, 1, False, "2")
    assert of_area(facts, "AF-KAB-02") == (0, 0, True, "0")
    assert of_area(facts, "AF-KAP-01") == (0, 1, False, "2")  # a province: any of its districts
    assert of_area(facts, "AF-KAB") == (0, 1, False, "2")


def test_district_that_is_ambiguous_inside_a_known_province_is_one_of_its_candidates():
    facts = facts_of(
        incidents=[incident("a")],
        incident_places=[place("a", "AF-KAB")],
        place_candidates=[candidate("a", "AF-KAB-01"), candidate("a", "AF-KAB-02")],
    )
    assert of_area(facts, "AF-KAB-02") == (0, 1, False, "2")
    assert of_area(facts, "AF-KAB-03") == (0, 0, True, "0")


def test_incident_with_several_places_could_be_in_any_of_them():
    facts = facts_of(
        incidents=[incident("a")],
        incident_places=[place("a", "AF-KAB-01"), place("a", "AF-HER", place_no=2)],
    )
    for code in ("AF-KAB-01", "AF-HER-02", "AF-KAB", "AF-HER"):
        assert of_area(facts, code) == (0, 1, False, "2")
    assert of_area(facts, "AF-KAB-02") == (0, 0, True, "0")


@pytest.mark.parametrize("places", [[], [place("a", None)]])
def test_incident_of_unknown_place_could_be_anywhere_and_marks_no_silent_area(places):
    facts = facts_of(
        incidents=[incident("a"), incident("b")],
        incident_places=[*places, place("b", "AF-KAB-01")],
    )
    assert of_area(facts, "AF-HER-02") == (0, 1, False, "3")
    assert of_area(facts, "AF-KAB-01") == (1, 2, False, "1")  # one that is coloured is marked


def test_incident_abroad_could_be_in_no_area():
    facts = facts_of(incidents=[incident("a")], incident_places=[place("a", "abroad")])
    _, _, found = could(facts)
    assert (set(found.most), set(found.marks)) == ({0}, {"0"})


def test_incident_that_is_not_dated_to_the_period_stays_out():
    facts = facts_of(incidents=[incident("a", None)], incident_places=[place("a", "AF-KAB")])
    chosen = IncidentFilter(period=DECEMBER)
    assert of_area(facts, "AF-KAB-01", chosen=chosen) == (0, 0, True, "0")
    assert of_area(facts, "AF-KAB-01", chosen=IncidentFilter(period=Period()))[1] == 1


# --- figures


def test_class_that_low_and_high_figures_leave_is_not_robust():
    facts = facts_of(
        incidents=[incident("a")],
        incident_places=[place("a", "AF-KAB-01")],
        casualties=[casualty("a", "civilians", "killed", 6, low=4, high=9)],
    )
    assert of_area(facts, "AF-KAB-01", "killed") == (4, 9, False, "1")


def test_class_that_low_and_high_figures_share_is_robust():
    facts = facts_of(
        incidents=[incident("a")],
        incident_places=[place("a", "AF-KAB-01")],
        casualties=[casualty("a", "civilians", "killed", 7, low=5, high=9)],
    )
    assert of_area(facts, "AF-KAB-01", "killed") == (5, 9, True, "0")


@pytest.mark.parametrize(("n", "is_robust"), [(7, False), (53, True)])
def test_figure_without_an_upper_end_is_robust_in_the_highest_class_only(n, is_robust):
    facts = facts_of(
        incidents=[incident("a")],
        incident_places=[place("a", "AF-KAB-01")],
        casualties=[casualty("a", "civilians", "killed", n, high=None)],
    )
    assert of_area(facts, "AF-KAB-01", "killed")[:3] == (n, None, is_robust)


def test_incident_without_a_figure_leaves_no_upper_limit_where_it_could_be():
    facts = facts_of(
        incidents=[incident("a"), incident("b")],
        incident_places=[place("a", "AF-KAB"), place("b", "AF-KAB-01")],
        casualties=[casualty("b", "civilians", "killed", 3)],
    )
    assert of_area(facts, "AF-KAB-01", "killed") == (3, None, False, "1")
    assert of_area(facts, "AF-KAB-02", "killed") == (0, None, False, "2")


def test_area_without_a_figure_changes_only_if_one_could_come_to_it():
    kabul = [place("a", "AF-KAB-01"), place("b", "AF-KAB")]
    facts = facts_of(incidents=[incident("a"), incident("b")], incident_places=kabul)
    assert of_area(facts, "AF-KAB-01", "killed") == (0, None, True, "0")
    told = facts_of(
        incidents=[incident("a"), incident("b")],
        incident_places=kabul,
        casualties=[casualty("b", "civilians", "killed", 2)],
    )
    assert of_area(told, "AF-KAB-01", "killed") == (0, None, False, "1")


def test_triple_out_of_order_never_puts_the_value_outside_its_range():
    facts = facts_of(
        incidents=[incident("a")],
        incident_places=[place("a", "AF-KAB-01")],
        casualties=[casualty("a", "civilians", "killed", 3, low=8, high=5)],
    )
    assert of_area(facts, "AF-KAB-01", "killed")[:2] == (3, 8)


def test_zero_by_what_a_source_says_could_hold_more():
    facts = facts_of(
        incidents=[incident("a", "2022-12-02")],
        incident_places=[place("a", "AF-KAB")],
        coverage=[covered("a", "2022-12-01", "2022-12-31")],
    )
    chosen = IncidentFilter(period=DECEMBER)
    assert of_area(facts, "AF-KAB-01", chosen=chosen) == (0, 1, False, "2")
    assert of_area(facts, "AF-HER-02", chosen=chosen) == (0, 0, True, "0")


def test_rate_is_bounded_by_the_incidents_that_could_be_there():
    facts = facts_of(
        incidents=[incident("a"), incident("b")],
        incident_places=[place("a", "AF-KAB"), place("b", "AF-KAB-01")],
    )
    km2 = shipped_edition().districts.set_index("adm2_code")["area_km2"]["AF-KAB-01"]
    least, most, _, _ = of_area(facts, "AF-KAB-01", "per_1000_km2")
    assert (least, most) == pytest.approx((1000 / km2, 2000 / km2))


# --- on the map


def test_table_of_a_map_says_what_each_area_could_hold():
    facts = facts_of(
        incidents=[incident("a"), incident("b"), incident("c")],
        incident_places=[place("a", "AF-KAB"), place("b", "AF-KAB-01"), place("c", "AF-HER-02")],
        casualties=[
            casualty("a", "civilians", "killed", 2),
            casualty("b", "civilians", "killed", 3),
            casualty("c", "civilians", "killed", 7, high=None),
        ],
    )
    query = MapQuery(measure="killed", level="district", classes="user", breaks=(5.0, 8.0))
    series = map_series(facts, query)
    assert map_view(facts, series).could is None
    view = map_view(facts, series, has_could_be=True)
    table = area_table(view).set_index("Code")
    columns = ["Could hold least", "Could hold most", "Class robust"]
    assert table.loc["AF-KAB-01", columns].tolist() == [3, 5, "no"]
    assert table.loc["AF-KAB-02", columns].tolist() == [0, 2, "no"]
    assert table.loc["AF-HER-02", columns].tolist() == [7, pd.NA, "no, no upper limit known"]
    assert table.loc["AF-HER-03", columns].tolist() == [0, 0, "yes"]
    assert table.loc["", "Class robust"].tolist() == ["", ""]  # not placed, total


@pytest.mark.parametrize(
    ("method", "named"),
    [
        ("steps", "Classes: fixed steps"),
        ("fisher_jenks", "Classes: Fisher-Jenks"),
        ("quantiles", "Classes: quantiles"),
        ("equal_interval", "Classes: equal intervals"),
        ("user", "Classes: own breaks"),
    ],
)
def test_legend_names_the_method_and_is_the_same_at_every_step(method, named):
    days = [f"2022-{month:02}-02" for month in range(1, 13)]
    facts = facts_of(
        incidents=[incident(f"{day}{n}", day) for n, day in enumerate(days * 3)],
        incident_places=[
            place(f"{day}{n}", f"AF-KAB-0{1 + n % 4}") for n, day in enumerate(days * 3)
        ],
    )
    query = MapQuery(level="district", step="month", classes=method, breaks=(2.0, 5.0))
    series = map_series(facts, query)
    views = [map_view(facts, series, key) for key in series.keys]
    assert {view.classing for view in views} == {named}
    legends = {
        tuple(entry.text for entry in view.legend if entry.letter.isdigit()) for view in views
    }
    assert legends == {series.classes.labels}


def test_rate_names_whose_surfaces_it_is_per():
    query = MapQuery(measure="per_1000_km2")
    facts = facts_of(incidents=[incident("a")], incident_places=[place("a", "AF-KAB")])
    view = map_view(facts, map_series(facts, query))
    assert view.title == (
        "Incidents per 1,000 km² (surfaces of edition afg-2014) by province, Afghanistan, all dates"
    )
    assert view.legend_title == (
        "Incidents per 1,000 km² (rate); surfaces of the areas: Afghanistan, provinces and"
        " districts as of 2014"
    )


# --- in words, and where it is refused


def test_ranges_are_told_in_words():
    facts = facts_of(
        incidents=[incident("a"), incident("b")],
        incident_places=[place("a", "AF-KAB-01"), place("b", "AF-HER-02")],
        casualties=[
            casualty("a", "civilians", "killed", 1500, low=1400, high=1600),
            casualty("b", "civilians", "killed", 53, high=None),
        ],
    )
    counts, _, found = could(facts, "killed")
    words = dict(zip([area.code for area in counts.areas], found.words, strict=True))
    assert words["AF-KAB-01"] == "1,400 to 1,600"
    assert words["AF-HER-02"] == "53 or more, no upper limit known"
    assert words["AF-KAB-02"] is None


def test_nothing_is_said_while_small_counts_are_suppressed():
    facts = facts_of(incidents=[incident("a")], incident_places=[place("a", "AF-KAB-01")])
    counts = count_areas(facts, IncidentFilter(), "incidents", "district", suppress_below=3)
    assert why_not_could_be(counts, "incidents") == (
        "What areas could hold is not shown while small counts are suppressed: a suppressed count"
        " could be found by subtraction."
    )


@pytest.mark.parametrize(
    ("measure", "is_offered"), [("incidents", True), ("per_1000_km2", True), ("change", False)]
)
def test_only_counts_and_rates_have_a_least_and_a_most(measure, is_offered):
    counts = count_areas(facts_of(), IncidentFilter(), measure, "district")
    assert (why_not_could_be(counts, measure) == "") == is_offered
