"""Sums of figures: a range without a best estimate is at least its low end, and nothing more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from conflictmap.filters import IncidentFilter
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.summaries import (
    figure_words,
    measure_incidents,
    sum_figures,
    sum_of_all,
    summed_figures,
)
from conflictmap.views.area_panel import harm_totals
from conflictmap.views.counting import count_areas
from conflictmap.views.incident_table import incident_table
from conflictmap.views.query import MapQuery
from conflictmap.views.totals import totals
from tests.synthetic import casualty, facts_of, incident, place

RANGE = {"low": 5, "high": 7, "qualifier": "range"}
NONE = (None, None, None)


def ranged(incident_id: str, group: str = "civilians", **more: Any) -> dict[str, Any]:
    """Return a casualty row "5-7", as an import gives it."""
    return casualty(incident_id, group, "killed", None) | RANGE | more


def plain(values: Any) -> list[int | None]:
    return [None if pd.isna(value) else int(value) for value in values]


@pytest.mark.parametrize(
    ("given", "summed", "is_stated"),
    [
        ((5, None, 7), (5, 5, None), True),
        ((5, None, None), (5, 5, None), True),
        ((0, None, 3), (0, 0, None), True),
        ((3, 5, 7), (3, 5, 7), True),
        ((9, 3, 2), (9, 3, 2), True),  # published out of order: kept
        ((None, 5, None), (None, 5, None), True),
        ((None, None, 7), (None, None, 7), False),  # "up to 7" may be none at all
        (NONE, NONE, False),
    ],
)
def test_figure_in_a_sum_is_no_more_certain_than_its_row(given, summed, is_stated):
    row = casualty("x", "civilians", "killed", None)
    row |= dict(zip(("low", "best", "high"), given, strict=True))
    rows = typed_table(TABLES["casualties"], [row])
    found = summed_figures(rows)
    assert plain(found[["low", "best", "high"]].iloc[0]) == list(summed)
    assert found["is_stated"].tolist() == [is_stated]
    assert plain(rows[["low", "best", "high"]].iloc[0]) == list(given)


def test_sum_with_a_range_has_no_upper_end():
    rows = typed_table(TABLES["casualties"], [ranged("x"), casualty("y", "civilians", "killed", 3)])
    row = sum_figures(summed_figures(rows), pd.Series("all", index=rows.index)).iloc[0]
    assert plain([row["low"], row["best"], row["high"], row["not_stated"]]) == [8, 8, None, 0]
    assert figure_words(row["low"], row["best"], row["high"]) == "at least 8"


ENDS = st.none() | st.integers(0, 2_000_000)


@examples(st.lists(st.tuples(ENDS, ENDS, ENDS), max_size=6))
def test_sum_of_all_rows_is_that_of_one_group(ends):
    rows = [
        casualty(f"x{number}", "civilians", "killed", None)
        | dict(zip(("low", "best", "high"), row, strict=True))
        for number, row in enumerate(ends)
    ]
    figures = summed_figures(typed_table(TABLES["casualties"], rows))
    one_group = sum_figures(figures, pd.Series("all", index=figures.index))
    expected = plain(one_group[["low", "best", "high"]].iloc[0]) if ends else [None] * 3
    assert list(sum_of_all(figures)) == expected


def test_part_without_a_figure_takes_the_upper_end_of_its_group_and_counts_no_incident_twice():
    students = casualty("x", "civilians", "killed", 53)
    teachers = casualty("x", "civilians", "killed", None) | {"casualty_id": "x-teachers"}
    facts = facts_of(
        incidents=[incident("x", "2022-12-02"), incident("y", "2022-12-03")],
        incident_places=[place("x", "AF-KAB"), place("y", "AF-KAB")],
        casualties=[students, teachers, casualty("y", "civilians", "killed", None)],
    )
    panel = harm_totals(facts, IncidentFilter(), np.array([0, 1])).iloc[0]
    assert plain(panel[["Low", "Best", "High"]]) == [53, 53, None]
    assert plain(panel[["Incidents", "No figure"]]) == [2, 1]
    [row] = totals(facts, MapQuery(measure="killed"), "victim_group").rows
    assert (row.low, row.value, row.high) == (53, 53, None)


def test_range_is_at_least_its_low_end_in_every_number_and_itself_in_its_row():
    facts = facts_of(
        incidents=[incident("x", "2022-12-02"), incident("y", "2022-12-03")],
        incident_places=[place("x", "AF-KAB"), place("y", "AF-KAB")],
        casualties=[ranged("x"), casualty("y", "civilians", "killed", 3)],
    )
    ids = pd.Index(["x", "y"])
    of_incidents = measure_incidents(
        facts.tables, facts.tables["incidents"], IncidentFilter(), "killed"
    )
    assert plain(of_incidents.loc["x", ["low", "best", "high"]]) == [5, 5, None]
    assert incident_table(facts, ids).loc["x", "Killed"] == "at least 5"

    counts = count_areas(facts, IncidentFilter(), "killed", "province")
    assert (counts.total.low, counts.total.best, counts.total.high) == (8, 8, None)
    assert (counts.total.words, counts.total.not_stated) == ("at least 8", 0)
    panel = harm_totals(facts, IncidentFilter(), np.array([0, 1])).iloc[0]
    assert plain(panel[["Low", "Best", "High", "No figure"]]) == [8, 8, None, 0]
    for by in ("province", "victim_group", "month"):
        [row] = totals(facts, MapQuery(measure="killed"), by).rows
        assert (row.low, row.value, row.high) == (8, 8, None)

    kept = facts.tables["casualties"].iloc[0]
    assert plain(kept[["low", "best", "high"]]) == [5, None, 7]
