"""The index of incidents: the same answers as the tables give one by one, for any filter."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from conflictmap.filters import counted_casualties, statements_on_actors
from conflictmap.periods import STEPS, Period, standing_in
from conflictmap.summaries import LEVELS, measure_incidents
from conflictmap.views.counting import count_areas, count_steps, figures_of
from conflictmap.views.map_view import steps_of
from tests.examples import few_and_many
from tests.test_counting import COUNTED, filters, synthetic_facts


def passing_one_by_one(tables, chosen):
    """Return the incidents that pass every filter but the period: the rule once more, slowly."""
    rows = tables["incidents"]
    keep = pd.Series(True, index=rows.index)
    ids = rows["incident_id"]
    if chosen.event_types:
        keep &= rows["event_type"].isin(chosen.event_types)
    if chosen.sources:
        told = tables["incident_sources"]
        keep &= ids.isin(told.loc[told["source_id"].isin(chosen.sources), "incident_id"])
    if chosen.victim_groups:
        keep &= ids.isin(counted_casualties(tables, chosen)["incident_id"])
    if chosen.communities:
        targets, harmed = tables["incident_targets"], tables["casualties"]
        keep &= ids.isin(
            targets.loc[targets["target_community"].isin(chosen.communities), "incident_id"]
        ) | ids.isin(harmed.loc[harmed["community"].isin(chosen.communities), "incident_id"])
    if chosen.actors or chosen.known != "any":
        named = statements_on_actors(tables, chosen)
        if chosen.actors:
            named = named[named["actor_id"].isin(chosen.actors)]
        keep &= ids.isin(named["incident_id"])
    return rows[keep]


@few_and_many(30, 150, given(synthetic_facts(), filters(), st.sampled_from(COUNTED), st.data()))
def test_index_gives_what_the_tables_give_one_by_one(facts, chosen, measure, data):
    # Some incidents count by their first day, as a codebook may say.
    n = len(facts.tables["incidents"])
    basis = data.draw(st.lists(st.sampled_from([None, "date_from"]), min_size=n, max_size=n))
    incidents = facts.tables["incidents"]
    stated = pd.Series(basis, dtype=incidents["counting_date"].dtype)
    incidents = incidents.assign(counting_date=stated)
    facts = replace(facts, tables={**facts.tables, "incidents": incidents})
    found = figures_of(facts, chosen, measure)
    rows = passing_one_by_one(facts.tables, chosen)
    figures = measure_incidents(facts.tables, rows, chosen, measure)
    assert found.index.tolist() == rows["incident_id"].tolist()
    pd.testing.assert_frame_equal(
        found[["low", "best", "high", "is_stated"]], figures, check_names=False
    )
    assert found["standing"].tolist() == standing_in(rows, chosen.period).tolist()


@few_and_many(
    15,
    60,
    given(
        synthetic_facts(),
        filters(),
        st.sampled_from(COUNTED),
        st.sampled_from(LEVELS),
        st.sampled_from([step for step in STEPS if step != "day"]),
        st.booleans(),
    ),
)
def test_all_steps_counted_in_one_pass_are_those_counted_one_by_one(
    facts, chosen, measure, level, step, is_cumulative
):
    steps = [each.period for each in steps_of(facts, chosen.period, step)]
    series = count_steps(facts, chosen, measure, level, steps, is_cumulative=is_cumulative)
    if is_cumulative:
        steps = [Period(chosen.period.start, each.end) for each in steps]
    assert series.periods == (chosen.period, *steps)
    for position, period in enumerate(series.periods):
        alone = count_areas(facts, replace(chosen, period=period), measure, level)
        assert series.at(position) == alone
