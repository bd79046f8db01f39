"""Made-up incidents: the same for a seed, and like real ones wherever a reader relies on it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shapely

from conflictmap.coded_tables import broken_references, read_table
from conflictmap.errors import QueryError
from conflictmap.mark import ID_START, MARK
from conflictmap.placing import place_rows
from conflictmap.schema import TABLES
from conflictmap.summaries import LEVELS, place_bins
from conflictmap.synthetic import synthetic_tables
from conflictmap.synthetic.eras import DATE_PRECISIONS, GEO_PRECISIONS
from conflictmap.views.facts import Facts
from conflictmap.views.query import MapQuery, read_query
from conflictmap.views.totals import totals
from tests.browser import ROOT
from tests.synthetic import shipped_edition

SIZE = 4000
DE_FACTO_FROM = "2021-08-15"

Tables = dict[str, pd.DataFrame]


def made(incidents: int = SIZE, seed: int = 1, **days: dt.date) -> Tables:
    known = {
        name: read_table(ROOT / "data" / f"{name}.csv", TABLES[name])[0]
        for name in ("actors", "actor_names")
    }
    return synthetic_tables(shipped_edition(), known, incidents=incidents, seed=seed, **days)


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Four thousand made-up incidents and all that hangs on them."""
    return made()


@pytest.fixture(scope="module")
def facts(tables: Tables) -> Facts:
    """The same as facts."""
    bins = {level: place_bins(tables, level) for level in LEVELS}
    return Facts(1, tables, shipped_edition(), bins)


# --- the same, and sound


def test_same_number_and_seed_give_the_same_tables():
    for one, other in zip(made(300).values(), made(300).values(), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_another_seed_gives_other_incidents():
    one, other = made(300, seed=1), made(300, seed=2)
    assert not one["incident_places"].equals(other["incident_places"])
    assert not one["incidents"].equals(other["incidents"])


@pytest.mark.parametrize("size", [1, 2, 7])
def test_very_few_incidents_can_be_made(size):
    assert len(made(size)["incidents"]) == size


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_one_that_the_schema_allows(tables, name):
    table, rows = TABLES[name], tables[name]
    assert not rows.duplicated(list(table.key)).any()
    for column in table.columns:
        values = rows[column.name]
        assert not column.required or values.notna().all(), column.name
        if column.allowed:
            assert set(values.dropna()) <= set(column.allowed), column.name
    assert list(broken_references(name, rows, tables)) == []


@pytest.mark.parametrize("name", [name for name in TABLES if name != "place_candidates"])
def test_every_row_carries_the_mark_in_its_source_or_its_own_id(tables, name):
    rows = tables[name]
    column = "source_id" if "source_id" in rows else TABLES[name].key[0]
    assert rows[column].str.startswith(ID_START).all()


def test_every_source_is_titled_as_made_up(tables):
    assert tables["sources"]["title"].str.startswith(f"{MARK} ").all()


def test_no_text_reads_as_a_report(tables):
    assert tables["incidents"]["title"].str.fullmatch(r"Synthetic incident \d{6}").all()
    assert set(tables["incident_sources"]["statement"]) == {"synthetic statement"}
    assert set(tables["attributions"]["by_whom"]) == {"synthetic speaker"}
    for name, column in (
        ("incidents", "description"),
        ("actors", "description"),
        ("attributions", "words"),
        ("casualties", "said_by"),
    ):
        assert tables[name][column].isna().all()


# --- where


def test_points_lie_inside_the_district_that_is_named(tables):
    edition = shipped_edition()
    places = tables["incident_places"]
    exact = places[places["geo_precision"] == "exact"]
    shapes = edition.districts.set_index("adm2_code").geometry
    inside = shapely.contains_xy(
        shapes.loc[exact["adm2_code"]].to_numpy(), exact["longitude"], exact["latitude"]
    )
    assert len(exact) > 0.2 * SIZE
    assert inside.all()


def test_the_joins_find_what_is_filled_in(tables):
    found = ["adm1_code", "adm2_code", "geo_precision", "join_method", "boundary_edition"]
    found += ["point_latitude", "point_longitude", "precision_km"]
    for name in ("incident_places", "deployment_places", "coverage"):
        filled = tables[name]
        joined, candidates = place_rows(
            filled.drop(columns=found, errors="ignore"), shipped_edition()
        )
        held = [column for column in found if column in filled]
        pd.testing.assert_frame_equal(
            joined[held], filled[held], check_dtype=False, obj=name, check_names=False
        )
        assert candidates.empty


@pytest.mark.parametrize(
    ("table", "column", "shares"),
    [
        ("incident_places", "geo_precision", GEO_PRECISIONS),
        ("incidents", "date_precision", DATE_PRECISIONS),
    ],
)
def test_precisions_are_mixed_as_stated(tables, table, column, shares):
    found = tables[table][column].value_counts(normalize=True)
    for value, share in shares.items():
        assert found[value] == pytest.approx(share, abs=0.03), value


def test_incidents_gather_in_few_districts(tables):
    counts = tables["incident_places"]["adm2_code"].value_counts()
    assert counts.head(40).sum() > 0.4 * counts.sum()
    assert len(counts) > 200


# --- when


def test_days_lie_between_the_two_that_are_given():
    first, last = dt.date(2022, 3, 10), dt.date(2023, 4, 20)
    rows = made(500, first=first, last=last)["incidents"]
    days = rows[rows["date_precision"] == "day"]["date_from"]
    assert days.min() >= pd.Timestamp(first)
    assert days.max() <= pd.Timestamp(last)


def test_summers_have_more_incidents_than_winters(tables):
    month = tables["incidents"]["date_from"].dt.month
    assert month.isin([6, 7, 8]).sum() > 1.3 * month.isin([12, 1, 2]).sum()


def test_years_follow_a_trend(tables):
    years = tables["incidents"]["date_from"].dt.year.value_counts()
    assert years[range(2016, 2021)].mean() > 3 * years[range(2002, 2006)].mean()
    assert years[range(2016, 2021)].mean() > 3 * years[range(2022, 2026)].mean()


def test_intervals_are_as_long_as_their_precision_says(tables):
    rows = tables["incidents"].set_index("date_precision")
    length = (rows["date_to"] - rows["date_from"]).dt.days + 1
    assert set(length["day"]) == {1}
    assert set(length["days"]) <= set(range(2, 7))
    assert set(length["week"]) == {7}
    assert set(length["month"]) <= {28, 29, 30, 31}
    assert set(length["year"]) <= {365, 366}
    assert length["unknown"].isna().all()


# --- who


def test_forces_of_the_republic_end_on_15_august_2021(tables):
    rows = tables["casualties"].merge(tables["incidents"], on="incident_id", validate="m:1")
    of_republic = rows[rows["victim_group"] == "republic_forces"]
    assert len(of_republic) > 100
    assert not (of_republic["date_from"] >= DE_FACTO_FROM).any()
    anti_taliban = rows[rows["victim_group"] == "anti_taliban"]
    assert len(anti_taliban)
    assert not (anti_taliban["date_to"] < DE_FACTO_FROM).any()


def test_nobody_acts_before_there_was_such_a_group(tables):
    rows = tables["attributions"].merge(tables["incidents"], on="incident_id", validate="m:1")
    for actor, start in (
        ("nrf", DE_FACTO_FROM),
        ("aff", DE_FACTO_FROM),
        ("iskp", "2015-01-01"),
        ("taliban", "1994-11-01"),
    ):
        acts = rows[rows["actor_id"] == actor]
        assert len(acts)
        assert not (acts["date_to"] < start).any(), actor


def test_groups_of_victims_exclude_one_another(tables):
    rows = tables["casualties"]
    counted = rows[rows["is_counted"]]
    assert not counted.duplicated(["incident_id", "victim_group", "harm"]).any()
    unsplit = counted[counted["victim_group"] == "all"]
    alone = counted.groupby(["incident_id", "harm"]).size()
    assert (alone.loc[list(zip(unsplit["incident_id"], unsplit["harm"], strict=True))] == 1).all()


def test_figures_are_heavy_tailed_and_some_are_missing(tables):
    rows = tables["casualties"]
    killed = rows[rows["is_counted"] & (rows["harm"] == "killed")]["best"]
    assert 0 < killed.isna().mean() < 0.2
    assert killed.median() <= 5
    assert killed.max() > 20 * killed.median()


def test_ends_of_a_figure_are_in_order_and_say_how_it_is_qualified(tables):
    rows = tables["casualties"]
    assert not (rows["low"] > rows["best"]).any()
    assert not (rows["best"] > rows["high"]).any()
    given = rows[["low", "best", "high"]].notna().groupby(rows["qualifier"]).agg(["min", "max"])
    for qualifier, ends in {
        "exactly": (True, True, True),
        "at_least": (True, True, False),
        "range": (True, True, True),
        "around": (False, True, False),
        "words_only": (False, False, False),
    }.items():
        expected = [end for end in ends for _ in range(2)]
        assert given.loc[qualifier].tolist() == expected, qualifier


def test_parts_of_a_figure_and_contradictions_are_not_counted(tables):
    rows = tables["casualties"]
    assert rows["is_subset"].any()
    assert not (rows["is_subset"] & rows["is_counted"]).any()
    beside = rows[~rows["is_subset"] & ~rows["is_counted"]]
    assert len(beside)
    keys = ["incident_id", "victim_group", "harm"]
    counted = rows[rows["is_counted"]].set_index(keys)["source_id"]
    told = counted.loc[list(beside[keys].itertuples(index=False, name=None))]
    assert (told.to_numpy() != beside["source_id"].to_numpy()).all()


def test_who_tells_a_figure_is_a_source_of_the_incident(tables):
    keys = ["incident_id", "source_id"]
    told = set(tables["incident_sources"][keys].itertuples(index=False, name=None))
    for name in ("incident_places", "casualties", "attributions", "incident_targets"):
        assert set(tables[name][keys].itertuples(index=False, name=None)) <= told


# --- counting


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("measure", ["incidents", "killed", "wounded"])
@pytest.mark.parametrize("days", [{}, {"from": "2021-08-15", "to": "2022-08-14"}])
def test_no_incident_is_lost_or_counted_twice(facts, by, measure, days):
    query = read_query({name: [day] for name, day in days.items()} | {"measure": [measure]})
    result = totals(facts, query, by)
    rows = sum(row.value or 0 for row in result.rows)
    assert rows + result.not_placed + result.abroad == result.total
    everything = totals(facts, MapQuery(measure=measure), by).total
    assert result.total + result.not_dated + result.outside_period == everything
    if measure == "incidents":
        assert everything == SIZE


# --- refusals


@pytest.mark.parametrize("asked", [{"incidents": 0}, {"incidents": 10**9}, {"seed": -1}])
def test_what_cannot_be_made_is_refused(asked):
    with pytest.raises(QueryError):
        made(**{"incidents": 10, "seed": 1} | asked)


def test_days_in_the_wrong_order_are_refused():
    with pytest.raises(QueryError, match="is before the first"):
        made(10, first=dt.date(2020, 1, 2), last=dt.date(2020, 1, 1))


def test_days_before_the_taliban_ruled_have_no_deployments():
    tables = made(50, last=dt.date(2001, 1, 1))
    assert tables["deployments"].empty
    assert not np.isin(["nrf"], tables["attributions"]["actor_id"]).any()
