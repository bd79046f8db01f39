"""Groups, sources, totals, slides and corrections of very many incidents: as where all are read."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from itertools import islice

import pandas as pd
import pytest

from conflictmap import cli
from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.coded_tables import read_table, rows_as_text
from conflictmap.errors import AccessError, QueryError
from conflictmap.filters import counted_casualties, statements_on_actors
from conflictmap.periods import standing_in
from conflictmap.reports import split_by_report
from conflictmap.schema import ATTRIBUTION_KINDS, TABLES, VICTIM_GROUPS, label
from conflictmap.slides.order import SnapshotOrder, query_of_link, view_of_link
from conflictmap.slides.snapshot import Surroundings, take_batch, take_snapshot
from conflictmap.store import (
    count_rows_by_source,
    first_rows,
    latest_revision,
    load_disputed,
    load_table,
    load_tables,
    open_store,
    publish,
    restrict,
)
from conflictmap.summaries import sum_figures, sum_incidents
from conflictmap.synthetic import synthetic_tables
from conflictmap.ui import correction_form
from conflictmap.views import archive_facts, groups, said_of_groups, upload_preview
from conflictmap.views.counting import COUNTED, figures_of
from conflictmap.views.deployments import deployments_as_of
from conflictmap.views.facts import Facts
from conflictmap.views.group_areas import group_areas
from conflictmap.views.incident_table import incident_table
from conflictmap.views.method import coverage_table, reports_read, rows_by_report
from conflictmap.views.totals import BYS, NOBODY_NAMED, months_of, totals
from tests.browser import ROOT
from tests.far_facts import FarFacts, far
from tests.opening import open_page, shown_texts
from tests.postgres import ENGINES
from tests.synthetic import shipped_edition
from tests.test_archive import archive_of, plain_of, some_queries

ADMIN, VIEWER = LOCAL_ADMINISTRATOR, Viewer("synthetic viewer", "viewer")
AROUND = Surroundings(as_of="2024-01-01")
INCIDENT_TABLES = ("incident_places", "incident_targets", "attributions", "casualties")
INCIDENT_TABLES += ("incident_sources",)


@dataclass(frozen=True)
class FarCountedFacts(FarFacts):
    """Far facts that also answer what a store is asked for."""

    def disputed(self):
        return self.whole.disputed()

    def rows_by_source(self, name):
        return self.whole.rows_by_source(name)


def far_facts_of(plain):
    given = far(plain)
    found = FarCountedFacts(**{name: getattr(given, name) for name in given.__dataclass_fields__})
    found.__dict__["index"] = plain.index
    return found


@pytest.fixture(scope="module")
def tables():
    """Synthetic incidents and reports, with groups and statements on them."""
    known = {
        name: read_table(ROOT / "data" / f"{name}.csv", TABLES[name])[0]
        for name in ("actors", "actor_names")
    }
    return synthetic_tables(shipped_edition(), known, incidents=1500, seed=8)


def filled(url, tables):
    opened = open_store(url, kind="synthetic")
    publish(opened, tables, viewer=ADMIN, note="synthetic")
    return opened


@pytest.fixture(scope="module")
def store(tmp_path_factory, tables):
    return filled(f"sqlite:///{tmp_path_factory.mktemp('archive') / 'store.sqlite'}", tables)


@pytest.fixture(params=ENGINES)
def any_store(request, tmp_path, tables):
    """The same on each of the two engines."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    return filled(url, tables)


@pytest.fixture(scope="module")
def plain(store):
    return plain_of(store)


@pytest.fixture(params=["archive", "far"])
def ours(request, store, plain):
    """The same facts, as those of a store of very many incidents."""
    return archive_of(store) if request.param == "archive" else far_facts_of(plain)


# --- groups and claims


def named_incidents(facts: Facts, actor_id: str) -> pd.DataFrame:
    """Return the incidents that anything is said of an actor in, from all rows."""
    named = facts.tables["attributions"]
    named = named[named["actor_id"] == actor_id]
    said = named["kind"].map(label) + " by " + named["by_whom"]
    said = said.groupby(named["incident_id"]).agg("; ".join)
    rows = incident_table(facts, pd.Index(said.index))
    rows.insert(2, "Said of it", said.reindex(rows.index))
    return rows[["When", "What", "Said of it", "Province", "Killed", "Wounded", "Reports"]]


def assert_groups_alike(mine, other):
    for name in groups.Group.__dataclass_fields__:
        ours, theirs = getattr(mine, name), getattr(other, name)
        if isinstance(theirs, pd.DataFrame):
            pd.testing.assert_frame_equal(ours, theirs)
        else:
            assert ours == theirs, name


def test_register_and_each_group_are_those_of_all_rows(ours, plain):
    register = groups.register(plain)
    pd.testing.assert_frame_equal(groups.register(ours), register)
    assert register["Incidents disputed"].sum() > 0
    for actor_id in register.index:
        assert_groups_alike(groups.group(ours, actor_id), groups.group(plain, actor_id))


def test_groups_of_shipped_reports_are_those_of_all_rows(store_url):
    shipped = open_store(store_url)
    ours, plain = archive_of(shipped), plain_of(shipped)
    register = groups.register(plain)
    pd.testing.assert_frame_equal(groups.register(ours), register)
    for actor_id in register.index:
        mine, other = (groups.group(facts, actor_id) for facts in (ours, plain))
        assert_groups_alike(mine, other)
        pd.testing.assert_frame_equal(mine.incidents, named_incidents(plain, actor_id))


def test_register_counts_what_the_statements_say(plain):
    register, named = groups.register(plain), plain.tables["attributions"]
    for actor_id in register.index:
        of = named[named["actor_id"] == actor_id]
        assert register.at[actor_id, "Incidents"] == (
            of.loc[of["kind"] != "disputed", "incident_id"].nunique()
        )
        for kind in ATTRIBUTION_KINDS:
            expected = of.loc[of["kind"] == kind, "incident_id"].nunique()
            assert register.at[actor_id, f"Incidents {kind}"] == expected
        reports = groups.group(plain, actor_id).reports
        assert set(of["source_id"]) <= set(reports)


@pytest.mark.parametrize("most", [1, 7, 100, 10_000])
def test_oldest_incidents_of_a_group_are_listed(ours, plain, monkeypatch, most):
    monkeypatch.setattr(said_of_groups, "MOST_INCIDENTS", most)
    register = groups.register(plain)
    actor_id = register["Incidents"].idxmax()
    found, expected = groups.group(ours, actor_id), named_incidents(plain, actor_id)
    pd.testing.assert_frame_equal(found.incidents, expected.head(most))
    assert found.incidents_in_all == len(expected) > 100


def test_areas_and_deployments_need_no_rows_of_incidents(ours, plain):
    assert group_areas(ours, None) == group_areas(plain, None)
    assert deployments_as_of(ours).statements == deployments_as_of(plain).statements


# --- sources and method


def split_rows(facts: Facts) -> pd.DataFrame:
    """Return how many rows each report gave to each table, from all rows."""
    names = [name for name in TABLES if name != "place_candidates"]
    parts = split_by_report(facts.tables)
    counts = {source: [len(part[name]) for name in names] for source, part in parts.items()}
    return pd.DataFrame(counts, index=pd.Index(names, name="Table"))


def test_rows_by_report_are_those_of_all_rows(ours, plain):
    pd.testing.assert_frame_equal(rows_by_report(ours), split_rows(plain))
    pd.testing.assert_frame_equal(rows_by_report(plain), split_rows(plain))
    pd.testing.assert_frame_equal(reports_read(ours), reports_read(plain))
    pd.testing.assert_frame_equal(coverage_table(ours), coverage_table(plain))


def test_rows_by_report_of_shipped_reports_are_those_of_all_rows(store_url):
    shipped = open_store(store_url)
    for revision in range(1, latest_revision(shipped, viewer=ADMIN) + 1):
        ours, plain = archive_of(shipped, revision), plain_of(shipped, revision)
        pd.testing.assert_frame_equal(rows_by_report(ours), split_rows(plain))


# --- totals


def totals_of_rows(facts: Facts, query, by):
    """Return rows and sums of totals by actor, group or month, from all rows."""
    chosen, tables = query.chosen, facts.tables
    figures = figures_of(facts, chosen, query.measure)
    inside = figures[figures["standing"] == "inside"]
    if by == "actor":
        pairs = statements_on_actors(tables, chosen)[["incident_id", "actor_id"]].drop_duplicates()
        pairs = pairs[pairs["actor_id"].isin(chosen.actors)] if chosen.actors else pairs
        pairs = pairs[pairs["incident_id"].isin(inside.index)]
        unnamed = inside.index.difference(pairs["incident_id"])
        nobody = pd.DataFrame({"incident_id": unnamed, "actor_id": NOBODY_NAMED})
        pairs = pd.concat([pairs, nobody], ignore_index=True)
        sums = sum_figures(
            inside.loc[pairs["incident_id"]].reset_index(drop=True), pairs["actor_id"]
        )
    elif by == "victim_group":
        rows = counted_casualties(tables, chosen)
        rows = rows[rows["incident_id"].isin(inside.index)]
        if query.measure == "incidents":
            pairs = rows[["incident_id", "victim_group"]].drop_duplicates()
            of = pairs["victim_group"].reset_index(drop=True)
            sums = sum_figures(inside.loc[pairs["incident_id"]].reset_index(drop=True), of)
        else:
            rows = rows[rows["harm"] == COUNTED[query.measure]]
            sums = sum_incidents(rows, rows["victim_group"])
        sums = sums.loc[[group for group in VICTIM_GROUPS if group in sums.index]]
    else:
        dated = tables["incidents"].set_index("incident_id").loc[inside.index]
        parts = []
        figures["standing"] = figures["standing"].replace("inside", "not dated")
        for month in months_of(facts, chosen.period):
            ids = dated.index[standing_in(dated, month) == "inside"]
            figures.loc[ids, "standing"] = "inside"
            parts.append(sum_figures(figures.loc[ids], pd.Series(month.key, index=ids)))
        sums = pd.concat(parts) if parts else pd.DataFrame(columns=["low", "best", "high"])
    known = {
        standing: int(figures.loc[figures["standing"] == standing, "best"].sum())
        for standing in ("inside", "not dated", "outside")
    }
    stated = figures.loc[figures["standing"] == "inside", "is_stated"]
    rows = [
        (key, *(None if pd.isna(end) else int(end) for end in (row.best, row.low, row.high)))
        for key, row in zip(sums.index, sums.itertuples(), strict=True)
    ]
    return rows, known, int((~stated).sum())


def assert_totals_of_rows(found, facts, query, by):
    rows, known, not_stated = totals_of_rows(facts, query, by)
    assert [(row.key, row.value, row.low, row.high) for row in found.rows] == rows, query
    assert found.total == known["inside"]
    assert (found.not_dated, found.outside_period) == (known["not dated"], known["outside"])
    assert found.not_stated == not_stated


@pytest.mark.parametrize("by", BYS)
@pytest.mark.parametrize("number", [4, pytest.param(150, marks=pytest.mark.slow)])
def test_totals_are_those_of_all_rows(ours, plain, by, number):
    for seed, query in enumerate(some_queries(plain, number, seed=31)):
        if by not in ("province", "district"):
            measure = random.Random(seed).choice(["incidents", "killed", "wounded"])
            query = replace(query, measure=measure)
        found = totals(ours, query, by)
        assert found == totals(plain, query, by), query
        if by not in ("province", "district"):
            assert_totals_of_rows(found, plain, query, by)


@pytest.mark.parametrize("by", ["actor", "victim_group", "month"])
@pytest.mark.parametrize("number", [8, pytest.param(25, marks=pytest.mark.slow)])
def test_totals_of_shipped_reports_are_those_of_all_rows(store_url, by, number):
    shipped = open_store(store_url)
    ours, plain = archive_of(shipped), plain_of(shipped)
    for query in some_queries(plain, number, seed=32):
        for measure in ("incidents", "killed", "wounded"):
            query = replace(query, measure=measure)
            found = totals(ours, query, by)
            assert found == totals(plain, query, by)
            assert_totals_of_rows(found, plain, query, by)


# --- the commands and slides


def printed(capsys, *options):
    assert cli.main(list(options)) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("by", BYS)
def test_command_prints_the_same_totals_of_an_archive(monkeypatch, capsys, store, by):
    monkeypatch.setenv("CONFLICTMAP_STORE", store.url)
    asked = ("totals", "--json", "--by", by, "--measure", "killed", "--from", "2012-01-01")
    expected = printed(capsys, *asked)
    monkeypatch.setattr(archive_facts, "ARCHIVE_FROM", 10)
    assert json.loads(printed(capsys, *asked)) == json.loads(expected)


def test_command_writes_the_same_slide_of_an_archive(monkeypatch, capsys, store, tmp_path):
    monkeypatch.setenv("CONFLICTMAP_STORE", store.url)
    files = [tmp_path / "plain.svg", tmp_path / "archive.svg"]
    for file, most in zip(files, (archive_facts.ARCHIVE_FROM, 10), strict=True):
        monkeypatch.setattr(archive_facts, "ARCHIVE_FROM", most)
        printed(capsys, "snapshot", "--format", "svg", "--output", str(file))
        printed(capsys, "verify", str(file))
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize(
    "link", ["", "?measure=killed&from=2015-01-01&to=2015-12-31&step=month&shown=2015-03"]
)
def test_slides_of_the_map_are_those_of_all_rows(store, plain, link):
    ours = archive_of(store)
    order = SnapshotOrder(query=query_of_link(link), paper="16:9", format="svg")
    mine, other = (take_snapshot(facts, order, AROUND) for facts in (ours, plain))
    assert mine.record == other.record
    provinces = [
        [one.record for one in islice(take_batch(facts, order, AROUND, "province"), 3)]
        for facts in (ours, plain)
    ]
    assert provinces[0] == provinces[1]


def test_slide_of_deployments_is_that_of_all_rows(store_url):
    shipped = open_store(store_url)
    query, deployments = view_of_link("", page="deployments")
    order = SnapshotOrder(query=query, deployments=deployments, format="svg")
    mine, other = (
        take_snapshot(facts_of(shipped), order, AROUND) for facts_of in (archive_of, plain_of)
    )
    assert mine.record == other.record


# --- what the store is asked for


def test_store_counts_rows_and_gives_disputed_statements_as_they_stand(any_store):
    rows = load_tables(any_store, viewer=ADMIN)
    gone = rows["attributions"].query("kind == 'disputed'").head(3)
    publish(any_store, {}, withdrawals={"attributions": gone}, viewer=ADMIN, note="synthetic")
    for revision in (1, 2):
        for viewer in (ADMIN, VIEWER):
            held = load_tables(any_store, viewer=viewer, revision=revision)
            for name in INCIDENT_TABLES:
                found = count_rows_by_source(any_store, name, viewer=viewer, revision=revision)
                assert found == held[name]["source_id"].value_counts().to_dict()
            named = held["attributions"]
            expected = named[named["kind"] == "disputed"]
            found = load_disputed(any_store, viewer=viewer, revision=revision)
            columns = list(found.columns)
            assert sorted(found.itertuples(index=False, name=None)) == sorted(
                expected[columns].itertuples(index=False, name=None)
            )


def test_coarse_sight_is_told_nothing_of_what_is_restricted(any_store):
    disputed = load_disputed(any_store, viewer=ADMIN, revision=1)
    hidden = str(disputed["incident_id"].iloc[0])
    restrict(any_store, "incidents", hidden, "everything", viewer=ADMIN, reason="synthetic")
    found = load_disputed(any_store, viewer=VIEWER, revision=1)
    assert hidden not in set(found["incident_id"])
    assert 0 < len(found) < len(disputed)
    held = load_tables(any_store, viewer=VIEWER, revision=1)["casualties"]
    counts = count_rows_by_source(any_store, "casualties", viewer=VIEWER, revision=1)
    assert counts == held["source_id"].value_counts().to_dict()


@pytest.mark.parametrize("words", ["", "00012", "SYNTHETIC-000", "KABUL", "%", "yes", "2015-"])
@pytest.mark.parametrize("name", ["incidents", "casualties", "incident_places", "actors"])
def test_first_rows_with_words_are_those_found_among_all(any_store, name, words):
    rows = load_table(any_store, name, viewer=ADMIN)
    publish(
        any_store,
        {name: rows.head(2).drop(columns="added_in")},
        withdrawals={name: rows.head(2)},
        viewer=ADMIN,
        note="synthetic",
    )
    for revision in (1, 2):
        rows = load_table(any_store, name, viewer=ADMIN, revision=revision)
        texts = rows_as_text(TABLES[name], rows).agg("\n".join, axis=1)
        expected = rows[texts.str.contains(words, case=False, regex=False)]
        found, number = first_rows(
            any_store, name, viewer=ADMIN, revision=revision, most=40, words=words
        )
        assert number == len(expected)
        pd.testing.assert_frame_equal(found, expected.head(40).reset_index(drop=True))


def test_only_those_who_publish_may_look_for_words(store):
    with pytest.raises(AccessError):
        first_rows(store, "incidents", viewer=VIEWER, revision=1, most=5, words="synthetic")


def test_revision_that_there_is_none_of_is_refused(store):
    for ask in (
        lambda: count_rows_by_source(store, "casualties", viewer=ADMIN, revision=9),
        lambda: load_disputed(store, viewer=ADMIN, revision=9),
        lambda: first_rows(store, "casualties", viewer=ADMIN, revision=9, most=1),
    ):
        with pytest.raises(QueryError, match="There is no revision 9"):
            ask()


# --- pages


@pytest.mark.parametrize(
    "page", ["groups_and_claims", "sources_and_method", "deployments", "slides", "corrections"]
)
def test_pages_of_an_archive_open_and_say_the_same(monkeypatch, store, page):
    def texts():
        opened = open_page(monkeypatch, store.url, f"pages/{page}.py")
        assert not opened.exception
        return shown_texts(opened)

    expected = texts()
    monkeypatch.setattr(archive_facts, "ARCHIVE_FROM", 10)
    assert texts() == expected


def test_group_of_an_archive_opens_with_its_oldest_incidents(monkeypatch, store, plain):
    register = groups.register(plain)
    actor_id = register["Incidents"].idxmax()
    monkeypatch.setattr(said_of_groups, "MOST_INCIDENTS", 5)
    monkeypatch.setattr(archive_facts, "ARCHIVE_FROM", 10)
    page = open_page(monkeypatch, store.url, "pages/groups_and_claims.py", actor_id=actor_id)
    assert not page.exception
    in_all = len(named_incidents(plain, actor_id))
    captions = " ".join(caption.value for caption in page.caption)
    assert f"The first 5 of {in_all:,}, oldest first." in captions


def test_corrections_of_a_large_table_read_the_rows_that_are_shown(monkeypatch, store):
    monkeypatch.setattr(correction_form, "MOST_READ", 100)
    page = open_page(monkeypatch, store.url, "pages/corrections.py")
    assert not page.exception
    assert "The first 500 of 1,500 rows." in shown_texts(page)
    wanted = "SYNTHETIC-000777"
    page.text_input(key="search of incidents").set_value(wanted).run()
    assert not page.exception
    assert [option.split(":")[0] for option in page.selectbox(key="row of incidents").options] == [
        wanted
    ]


def test_tables_without_incidents_can_be_changed_on_an_archive(store, plain):
    facts = archive_of(store)
    few = set(TABLES).difference(INCIDENT_TABLES, ["incidents"])
    assert set(facts.tables) == few
    assert len(facts.tables) == len(few)
    gone = plain.tables["deployments"].head(2)
    mine, other = (
        upload_preview.facts_after(
            one, upload_preview.tables_after(one.tables, {}, {"deployments": gone})
        )
        for one in (facts, plain)
    )
    assert deployments_as_of(mine).statements == deployments_as_of(other).statements
    assert len(mine.tables["deployments"]) == len(plain.tables["deployments"]) - 2
