"""Incidents by their rows in the index: what the whole tables say of them, without reading them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter, counted_casualties
from conflictmap.frames import typed_table
from conflictmap.incident_index import day_number
from conflictmap.periods import Period, periods_between
from conflictmap.schema import HARMS, TABLES, VICTIM_GROUPS, label
from conflictmap.store import open_store
from conflictmap.summaries import LEVELS, place_bins, sum_incidents
from conflictmap.views.area_panel import area_panel, harm_totals
from conflictmap.views.counting import figures_of
from conflictmap.views.evidence import evidence
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.incident_table import incident_table
from conflictmap.views.incidents import (
    UNDATED,
    districts_with_incidents,
    ids_of,
    in_order,
    incident_caption,
    reports_on,
    selected,
    shown_rows,
    time_line,
)
from tests.examples import few_and_many
from tests.far_facts import far
from tests.synthetic import casualty, facts_of, incident, place, shipped_edition
from tests.test_counting import CODES, DECEMBER, GROUPS, filters, synthetic_facts
from tests.test_synthetic import made

STANDINGS = ("inside", "not dated", "outside")
AREAS = ["", *(code for code in CODES if code not in ("abroad", None)), "AF-XXX"]

FILTERS = {
    "none": IncidentFilter(),
    "a month": IncidentFilter(period=DECEMBER),
    "a year": IncidentFilter(period=Period(dt.date(2022, 1, 1), dt.date(2022, 12, 31))),
    "civilians": IncidentFilter(victim_groups=("civilians",)),
    "two groups, claimed": IncidentFilter(victim_groups=("civilians", "taliban"), known="claimed"),
    "bombings until 2022": IncidentFilter(
        period=Period(None, dt.date(2022, 12, 31)), event_types=("bombing",)
    ),
}


# --- the same, from the whole tables


def selected_by_tables(facts: Facts, chosen: IncidentFilter, area: str) -> dict[str, list[str]]:
    figures = figures_of(facts, chosen, "incidents")
    if area:
        bins = facts.bins["province" if len(area) == 6 else "district"]
        figures = figures[(bins.reindex(figures.index) == area).to_numpy()]
    return {
        standing: figures.index[figures["standing"] == standing].tolist() for standing in STANDINGS
    }


def order_by_tables(facts: Facts, ids: list[str]) -> list[str]:
    rows = facts.tables["incidents"]
    rows = rows[rows["incident_id"].isin(ids)]
    ordered = rows.sort_values(["date_from", "date_to"], na_position="last", kind="stable")
    return ordered["incident_id"].tolist()


def reports_by_tables(facts: Facts, ids: list[str]) -> tuple[str, ...]:
    told = facts.tables["incident_sources"]
    return tuple(sorted(told.loc[told["incident_id"].isin(ids), "source_id"].unique()))


def totals_by_tables(facts: Facts, chosen: IncidentFilter, ids: list[str]) -> pd.DataFrame:
    rows = counted_casualties(facts.tables, chosen)
    rows = rows[rows["incident_id"].isin(ids)]
    sums = sum_incidents(rows, rows["victim_group"] + "|" + rows["harm"])
    order = [f"{group}|{harm}" for group in VICTIM_GROUPS for harm in HARMS]
    sums = sums.loc[[key for key in order if key in sums.index]]
    return pd.DataFrame(
        {
            "Group": [label(key.split("|")[0]) for key in sums.index],
            "Harm": [label(key.split("|")[1]) for key in sums.index],
            "Low": sums["low"].array,
            "Best": sums["best"].array,
            "High": sums["high"].array,
            "Incidents": sums["n"].to_numpy(),
            "No figure": sums["not_stated"].to_numpy(),
        }
    )


def time_line_by_tables(facts: Facts, ids: list[str]) -> list[tuple[str, int]]:
    rows = facts.tables["incidents"].set_index("incident_id").loc[ids]
    days = pd.concat([rows["date_from"], rows["date_to"]]).dropna()
    months = ()
    if len(days):
        months = periods_between(days.min().date(), days.max().date(), "month")
    held = dict.fromkeys([*(month.key for month in months), UNDATED], 0)
    for row in rows.itertuples():
        last = row.date_from if row.counting_date == "date_from" else row.date_to
        is_dated = pd.notna(row.date_from) and pd.notna(last)
        month = f"{row.date_from:%Y-%m}" if is_dated and same_month(row.date_from, last) else ""
        held[month or UNDATED] += 1
    return list(held.items())


def same_month(first: pd.Timestamp, last: pd.Timestamp) -> bool:
    return (first.year, first.month) == (last.year, last.month)


ENDS = st.none() | st.integers(0, 60)


@st.composite
def facts_with_figures(draw) -> Facts:
    """Draw synthetic facts whose incidents have several rows of a group, whole or not.

    Some incidents count by their first day, as a codebook may say.
    """
    facts = draw(synthetic_facts())
    incidents, rows = facts.tables["incidents"], []
    for name in incidents["incident_id"]:
        for no in range(draw(st.integers(0, 4))):
            group, harm = draw(st.sampled_from(GROUPS)), draw(st.sampled_from(HARMS))
            ends = {end: draw(ENDS) for end in ("low", "best", "high")}
            more = {"casualty_id": f"{name}-{no}", "source_id": draw(st.sampled_from(["a", "b"]))}
            more |= {"is_counted": draw(st.booleans())} | ends
            rows.append(casualty(name, group, harm, None) | more)
    basis = draw(
        st.lists(
            st.sampled_from([None, "date_from"]), min_size=len(incidents), max_size=len(incidents)
        )
    )
    stated = pd.Series(basis, dtype=incidents["counting_date"].dtype)
    tables = {
        **facts.tables,
        "casualties": typed_table(TABLES["casualties"], rows),
        "incidents": incidents.assign(counting_date=stated),
    }
    return replace(facts, tables=tables)


def check_rows(facts: Facts, chosen: IncidentFilter, area: str) -> None:
    """Hold all that is told of some incidents by their rows against the whole tables."""
    distant = far(facts)
    found = selected(distant, chosen, area)
    ids = {standing: ids_of(facts, found[standing]).tolist() for standing in STANDINGS}
    assert ids == selected_by_tables(facts, chosen, area)
    for with_undated in (False, True):
        rows = shown_rows(found, with_undated=with_undated)
        shown = ids["inside"] + (ids["not dated"] if with_undated else [])
        ordered = in_order(distant, rows)
        assert ids_of(distant, ordered).tolist() == order_by_tables(facts, shown)
        reports = reports_by_tables(facts, shown)
        assert reports_on(distant, rows) == reports
        caption = incident_caption(distant, found, with_undated=with_undated)
        assert f"Reports: {', '.join(reports) or 'none'}." in caption
        assert caption.startswith(f"{len(ids['inside'])} incidents in the period.")
        counted = time_line(distant, ordered)
        assert list(counted.itertuples(index=False, name=None)) == time_line_by_tables(facts, shown)
        assert_frame_equal(
            harm_totals(distant, chosen, rows), totals_by_tables(facts, chosen, shown)
        )


@few_and_many(25, 150, given(facts_with_figures(), filters(), st.sampled_from(AREAS)))
def test_rows_of_the_index_tell_what_the_whole_tables_tell(facts, chosen, area):
    check_rows(facts, chosen, area)


@few_and_many(25, 150, given(facts_with_figures(), filters()))
def test_totals_of_any_incidents_are_those_of_the_rule(facts, chosen):
    ids = facts.index.ids[::2].tolist()
    found = harm_totals(far(facts), chosen, np.arange(0, len(facts.index.ids), 2))
    assert_frame_equal(found, totals_by_tables(facts, chosen, ids))


@pytest.fixture(scope="module")
def shipped(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


@pytest.fixture(scope="module")
def many() -> Facts:
    """Three thousand synthetic incidents."""
    tables = {name: table.assign(added_in=1) for name, table in made(3_000).items()}
    bins = {level: place_bins(tables, level) for level in LEVELS}
    return Facts(revision=1, tables=tables, edition=shipped_edition(), bins=bins)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("area", ["", "AF-KAB", "AF-NAN"])
@pytest.mark.parametrize("given_facts", ["shipped", "many"])
def test_rows_tell_the_same_of_reports_and_of_many_incidents(name, area, given_facts, request):
    check_rows(request.getfixturevalue(given_facts), FILTERS[name], area)


# --- what is shown, without the whole tables


@pytest.mark.parametrize("given_facts", ["shipped", "many"])
def test_page_shows_the_same_where_the_tables_of_incidents_are_not_at_hand(given_facts, request):
    facts = request.getfixturevalue(given_facts)
    distant = far(facts)
    chosen = FILTERS["a year"]
    rows = in_order(distant, shown_rows(selected(distant, chosen), with_undated=True))
    ids = ids_of(distant, rows[:500])
    table = incident_table(distant, ids)
    assert table.index.tolist() == ids.tolist()
    assert_frame_equal(table, incident_table(facts, ids))
    for incident_id in ids[:5]:
        found, whole = evidence(distant, incident_id), evidence(facts, incident_id)
        for part, expected in vars(whole).items():
            if isinstance(expected, pd.DataFrame):
                assert_frame_equal(getattr(found, part), expected)
            else:
                assert str(getattr(found, part)) == str(expected)
    bins = facts.bins["district"]
    placed = sorted(set(bins[bins.isin(list(facts.names_of("district")))]))
    assert districts_with_incidents(distant) == placed


@pytest.mark.parametrize("code", ["AF-KAB", "AF-KAB-01"])
def test_panel_of_an_area_is_the_same_without_the_tables(shipped, code):
    panel = area_panel(far(shipped), IncidentFilter(), code)
    whole = area_panel(shipped, IncidentFilter(), code)
    assert panel.rows.tolist() == whole.rows.tolist()
    assert panel.reports == whole.reports
    assert_frame_equal(panel.totals, whole.totals)
    inside = selected_by_tables(shipped, IncidentFilter(), code)["inside"]
    assert ids_of(shipped, panel.rows).tolist() == order_by_tables(shipped, inside)


def test_evidence_of_an_unknown_incident_is_refused(shipped):
    for facts in (shipped, far(shipped)):
        with pytest.raises(QueryError) as caught:
            evidence(facts, "no-such-incident")
        assert str(caught.value) == f"Revision {facts.revision} has no incident of that id."


# --- the order, one by one


def test_oldest_is_first_and_what_has_no_date_is_last():
    dated = [
        ("from a day", "2022-12-01", None),
        ("never", None, None),
        ("by a day", None, "2022-11-30"),
        ("a month", "2022-12-01", "2022-12-31"),
        ("a day", "2022-12-01", "2022-12-01"),
        ("the same day", "2022-12-01", "2022-12-01"),
        ("a day before", "2022-11-30", "2022-11-30"),
    ]
    facts = facts_of(
        incidents=[incident(name, date_from=a, date_to=b) for name, a, b in dated],
        incident_places=[place(name, "AF-KAB") for name, *_ in dated],
    )
    rows = np.arange(len(dated))[::-1]
    assert ids_of(facts, in_order(facts, rows)).tolist() == [
        "a day before",
        "a day",
        "the same day",
        "a month",
        "from a day",
        "by a day",
        "never",
    ]


def test_incident_that_counts_by_its_first_day_is_sorted_by_its_last_one_too():
    facts = facts_of(
        incidents=[
            incident("a week", "2022-12-01", date_to="2022-12-07", counting_date="date_from"),
            incident("two days", "2022-12-01", date_to="2022-12-02"),
        ],
    )
    assert ids_of(facts, in_order(facts, np.array([0, 1]))).tolist() == ["two days", "a week"]
    assert facts.index.sorts_last[0] == day_number(dt.date(2022, 12, 7), 0)


def test_rows_stay_in_the_order_of_their_dates_among_many(many):
    rows = in_order(many, np.arange(len(many.index.ids)))
    days = many.index.first_day[rows]
    assert all(first <= second for first, second in pairwise(days[: np.argmax(days < -(2**30))]))
