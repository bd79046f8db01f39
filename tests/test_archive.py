"""Stores of very many incidents: every view says what it says where all rows are read."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from conflictmap import cli, cli_prepare
from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.archive import making
from conflictmap.archive.archive import load_archive
from conflictmap.archive.keeping import kept_segments
from conflictmap.coded_tables import read_table
from conflictmap.errors import AccessError, QueryError
from conflictmap.filters import KNOWN, IncidentFilter
from conflictmap.periods import STEPS, Period
from conflictmap.schema import COMMUNITIES, EVENT_TYPES, TABLES, VICTIM_GROUPS
from conflictmap.store import (
    latest_revision,
    load_tables,
    open_store,
    publish,
    restrict,
    roll_back,
)
from conflictmap.summaries import LEVELS
from conflictmap.synthetic import synthetic_tables
from conflictmap.views import archive_facts
from conflictmap.views.archive_facts import ArchiveFacts, load_archive_facts, open_facts
from conflictmap.views.facts import load_facts
from conflictmap.views.map_view import map_series, map_view
from conflictmap.views.query import MEASURES, MapQuery
from tests.browser import ROOT
from tests.postgres import ENGINES
from tests.synthetic import shipped_edition

VIEWER = Viewer("synthetic viewer", "viewer")
SERIES = ("values", "statuses", "total_values", "_sums", "_not_dated", "_outside")
POINTS = ("kind", "latitude", "longitude", "radius_km", "incidents", "harmed")


def archive_of(store, revision=None, viewer=LOCAL_ADMINISTRATOR):
    at = latest_revision(store, viewer=viewer) if revision is None else revision
    return load_archive_facts(store, shipped_edition(), 1, viewer=viewer, revision=at)


def plain_of(store, revision=None, viewer=LOCAL_ADMINISTRATOR):
    return load_facts(store, shipped_edition(), viewer=viewer, revision=revision)


def some_queries(facts, number, seed):
    """Return map queries of many kinds, drawn by chance."""
    draw = random.Random(seed)
    values = {
        "actors": list(facts.index.attributions["actor_id"].values),
        "sources": list(facts.index.reports["source_id"].values),
        "event_types": EVENT_TYPES,
        "victim_groups": VICTIM_GROUPS,
        "communities": COMMUNITIES,
    }
    day = dt.date(2001, 1, 1)
    for _ in range(number):
        fields = draw.sample(list(values), draw.choice([0, 1, 1, 1, 2]))
        chosen = {name: tuple(draw.sample(list(values[name]), 1)) for name in fields}
        if fields and draw.random() < 0.3:
            chosen[fields[0]] = tuple(draw.sample(list(values[fields[0]]), 2))
        start = day + dt.timedelta(draw.randrange(8000))
        end = start + dt.timedelta(draw.randrange(900))
        if draw.random() < 0.5:  # whole months
            start, end = start.replace(day=1), end.replace(day=1) - dt.timedelta(days=1)
        if end < start:
            end = start
        period = draw.choice([Period(), Period(start, end), Period(None, end), Period(start)])
        known = draw.choice([*KNOWN, "any", "any"])
        yield MapQuery(
            IncidentFilter(period=period, known=known, **chosen),
            measure=draw.choice(MEASURES),
            level=draw.choice(LEVELS),
            step=draw.choice(STEPS if period.days else STEPS[2:]),
            is_cumulative=draw.random() < 0.4,
            has_could_be=draw.random() < 0.3,
        )


def assert_points_alike(ours, plain):
    assert (ours.places, ours.cell_deg) == (plain.places, plain.cell_deg)
    ours, plain = (
        pd.DataFrame({name: getattr(one, name) for name in POINTS}).astype({"kind": "str"})
        for one in (ours, plain)
    )
    by = ["kind", "latitude", "longitude", "radius_km"]
    pd.testing.assert_frame_equal(
        ours.sort_values(by, ignore_index=True),
        plain.sort_values(by, ignore_index=True),
        check_dtype=False,
    )


def assert_views_alike(ours, plain, *, number=12, seed=1):
    """Compare two facts of the same revision in maps of many kinds."""
    assert (ours.first_date, ours.last_date) == (plain.first_date, plain.last_date)
    for query in some_queries(plain, number, seed):
        mine, other = map_series(ours, query), map_series(plain, query)
        assert mine.keys == other.keys
        for name in SERIES:
            np.testing.assert_array_equal(
                getattr(mine.counts, name), getattr(other.counts, name), err_msg=f"{name} {query}"
            )
        for key in {other.keys[0], other.keys[len(other.keys) // 2]}:
            mine_at, other_at = (
                map_view(facts, series, key, has_could_be=query.has_could_be)
                for facts, series in ((ours, mine), (plain, other))
            )
            assert mine_at.caption == other_at.caption
            assert mine_at.could == other_at.could
            assert_points_alike(mine_at.points, other_at.points)


@pytest.fixture(scope="module")
def tables():
    """Synthetic incidents, some of them without dates, abroad, of long intervals."""
    known = {
        name: read_table(ROOT / "data" / f"{name}.csv", TABLES[name])[0]
        for name in ("actors", "actor_names")
    }
    return synthetic_tables(shipped_edition(), known, incidents=2500, seed=5)


@pytest.fixture(params=ENGINES)
def store(request, tmp_path, tables):
    """A store of synthetic incidents, on each of the two engines."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    opened = open_store(url, kind="synthetic")
    publish(opened, tables, viewer=LOCAL_ADMINISTRATOR, note="synthetic")
    return opened


@pytest.mark.parametrize("number", [6, pytest.param(200, marks=pytest.mark.slow)])
def test_views_of_an_archive_are_those_of_all_rows(store, number):
    assert_views_alike(archive_of(store), plain_of(store), number=number)


def test_shipped_incidents_give_the_same_views(store_url):
    shipped = open_store(store_url)
    assert_views_alike(archive_of(shipped), plain_of(shipped), number=12, seed=2)


def test_viewer_of_coarse_sight_sees_the_same_views(store):
    ours, plain = (facts_of(store, viewer=VIEWER) for facts_of in (archive_of, plain_of))
    assert_views_alike(ours, plain, number=8, seed=3)


def test_what_is_kept_gives_the_same_views_at_every_revision(store, tables, monkeypatch):
    monkeypatch.setattr(archive_facts, "load_archive", keeping_from(1))
    archive_of(store)
    rows = load_tables(store, viewer=LOCAL_ADMINISTRATOR)
    changed = rows["casualties"].iloc[::97].drop(columns="added_in").assign(best=7, low=7, high=9)
    publish(
        store,
        {"casualties": changed},
        withdrawals={"casualties": changed},
        viewer=LOCAL_ADMINISTRATOR,
        note="synthetic corrections",
    )
    archive_of(store)
    gone = rows["incidents"].iloc[::401]["incident_id"]
    publish(
        store,
        {},
        withdrawals={
            name: table[table["incident_id"].isin(gone)]
            for name, table in rows.items()
            if "incident_id" in table and name != "casualties"
        }
        | {
            "casualties": load_tables(store, ["casualties"], viewer=LOCAL_ADMINISTRATOR)[
                "casualties"
            ].loc[lambda table: table["incident_id"].isin(gone)]
        },
        viewer=LOCAL_ADMINISTRATOR,
        note="synthetic withdrawals",
    )
    archive_of(store)
    roll_back(store, 1, viewer=LOCAL_ADMINISTRATOR)
    monkeypatch.setattr(archive_facts, "load_archive", keeping_from(10**9))
    assert len(kept_segments(store, viewer=LOCAL_ADMINISTRATOR, to=4)) == 3
    for revision in (1, 2, 3, 4):
        ours, plain = archive_of(store, revision), plain_of(store, revision)
        assert len(ours.index.ids) == len(plain.index.ids)
        assert_views_alike(ours, plain, number=5, seed=revision)
    assert len(archive_of(store, 3).index.ids) == 2500 - len(gone)


def keeping_from(number):
    def load(*values, **named):
        return load_archive(*values, kept_from=number, **named)

    return load


def test_what_is_kept_is_read_and_not_made_again(store, monkeypatch):
    monkeypatch.setattr(archive_facts, "load_archive", keeping_from(1))
    first = archive_of(store)

    def must_not(*_values, **_named):
        raise AssertionError("rows were read again")

    monkeypatch.setattr(making, "stream_rows", must_not)
    monkeypatch.setattr(making, "load_rows_of", must_not)
    second = archive_of(store)
    assert_views_alike(second, first, number=6)


def test_piece_that_was_not_finished_is_not_used(store, monkeypatch):
    finish = making.Keeper.finish
    monkeypatch.setattr(archive_facts, "load_archive", keeping_from(1))

    def is_killed(*_values):
        raise KeyboardInterrupt

    monkeypatch.setattr(making.Keeper, "finish", is_killed)
    with pytest.raises(KeyboardInterrupt):
        archive_of(store)
    assert not kept_segments(store, viewer=LOCAL_ADMINISTRATOR, to=1)
    monkeypatch.setattr(making.Keeper, "finish", finish)
    assert_views_alike(archive_of(store), plain_of(store), number=3)
    assert len(kept_segments(store, viewer=LOCAL_ADMINISTRATOR, to=1)) == 1


def test_where_something_is_restricted_coarse_sight_reads_all_rows(store, tables, monkeypatch):
    monkeypatch.setattr(archive_facts, "ARCHIVE_FROM", 10)
    monkeypatch.setattr(archive_facts, "load_archive", keeping_from(1))
    archive_of(store, viewer=VIEWER)
    assert isinstance(open_facts(store, shipped_edition(), viewer=VIEWER), ArchiveFacts)
    hidden = str(tables["incidents"]["incident_id"].iloc[0])
    restrict(
        store,
        "incidents",
        hidden,
        "everything",
        viewer=LOCAL_ADMINISTRATOR,
        reason="synthetic",
    )
    seen = open_facts(store, shipped_edition(), viewer=VIEWER)
    assert hidden not in set(seen.tables["incidents"]["incident_id"])
    with pytest.raises(AccessError, match="restricted"):
        archive_of(store, viewer=VIEWER)
    full = open_facts(store, shipped_edition(), viewer=LOCAL_ADMINISTRATOR)
    assert full.holds(hidden)


def test_rows_of_all_incidents_are_refused_and_those_of_some_given(store, tables):
    facts = archive_of(store)
    with pytest.raises(QueryError, match="shorter period"):
        facts.tables["casualties"]
    ids = pd.Index(tables["incidents"]["incident_id"].iloc[[3, 1700]])
    assert set(facts.of(ids).tables["incidents"]["incident_id"]) == set(ids)
    assert facts.holds(ids[0])
    assert not facts.holds("synthetic-none")


def test_period_is_counted_from_the_incidents_near_it(store):
    facts = archive_of(store)
    period = Period(dt.date(2015, 3, 3), dt.date(2015, 3, 9))
    near = facts.near(period)
    inside, outside = facts.index.standing(period)
    kept_inside, kept_outside = near.index.standing(period)
    assert kept_inside.sum() == inside.sum()
    assert (~kept_outside).sum() == (~outside).sum()
    assert len(near.index.ids) < len(facts.index.ids) / 2
    assert set(near.index.ids[kept_inside]) == set(facts.index.ids[inside])
    assert replace(facts, memory={}).near(Period()).index is facts.index


def test_command_prepares_a_store_for_its_first_reader(store, monkeypatch, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", store.url)
    assert cli.main(["prepare"]) == 0
    assert "Nothing to do: 2,500 incidents" in capsys.readouterr().out
    monkeypatch.setattr(cli_prepare, "ARCHIVE_FROM", 10)
    monkeypatch.setattr(cli_prepare, "load_archive", keeping_from(1))
    assert cli.main(["prepare"]) == 0
    told = capsys.readouterr()
    assert "Revision 1, full sight: 2,500 incidents are ready." in told.out
    assert "2,500 incidents read" in told.err
    assert len(kept_segments(store, viewer=LOCAL_ADMINISTRATOR, to=1)) == 1
