"""Briefs, published figures and alerts of very many incidents: the same as where all rows are read.

Every figure and incident made up here is synthetic.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.brief import selection
from conflictmap.brief.make import make_brief
from conflictmap.brief.scope import BriefScope, month_scope
from conflictmap.brief.selection import select
from conflictmap.brief_files.export import export_brief
from conflictmap.errors import QueryError
from conflictmap.frames import typed_table
from conflictmap.periods import Period
from conflictmap.schema import TABLES
from conflictmap.slides.snapshot import Surroundings
from conflictmap.store import open_store, publish
from conflictmap.ui import session
from conflictmap.views.alert_rules import AlertRule, default_rules
from conflictmap.views.alerts import met_alerts
from conflictmap.views.archive_facts import ArchiveFacts
from conflictmap.views.facts import Facts
from conflictmap.views.published import comparisons
from tests.far_facts import far
from tests.opening import open_page, shown_texts
from tests.synthetic import covered
from tests.test_archive import archive_of, plain_of
from tests.test_published import area, tally
from tests.test_synthetic import made

ARTICLE = "8am-2022-12"
AROUND = Surroundings(as_of="2026-11-20")
OF_SHIPPED = (
    month_scope(2025, 1),
    month_scope(2022, 12),
    BriefScope(sources=(ARTICLE,)),
    BriefScope(sources=(ARTICLE,), period=Period(dt.date(2022, 10, 5), dt.date(2022, 12, 5))),
)
YEAR = Period(dt.date(2015, 1, 1), dt.date(2015, 12, 31))
OF_SYNTHETIC = (
    month_scope(2015, 3),
    month_scope(1394, 5, is_solar_hijri=True),
    BriefScope(period=YEAR),
    BriefScope(period=YEAR, victim_groups=("civilians", "attackers"), known="claimed"),
    BriefScope(period=YEAR, actors=("iskp",), event_types=("bombing",)),
    BriefScope(period=Period(None, dt.date(2004, 5, 9))),
    BriefScope(),
)
RULES = (
    AlertRule("incidents", at_least=2),
    AlertRule("killed", step="week", at_least=1),
    AlertRule("incidents", area="AF-KAB", at_least=1),
)


@pytest.fixture(scope="module")
def shipped(store_url: str) -> tuple[Facts, ArchiveFacts]:
    """The shipped data, with all rows at hand and as an archive."""
    opened = open_store(store_url)
    return plain_of(opened), archive_of(opened)


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, ArchiveFacts]:
    """Three thousand synthetic incidents, with figures that somebody published and claims."""
    tables = {name: table for name, table in made(3_000).items() if len(table)}
    source = str(tables["sources"]["source_id"].iloc[0])
    more = {"source_id": source, "date_from": "2015-01-01", "date_to": "2015-12-31"}
    publisher = tables["sources"]["publisher"].iloc[0]
    figures = [
        tally("a", 90, measure="killed", publisher=publisher, **more),
        tally("b", 40, measure="killed", publisher=publisher, victim_group="civilians", **more),
        tally("c", 60, actor_id="iskp", **more),
        tally("d", 9, is_unattributed=True, **more),
        tally("e", 3, statistic="change", **more | {"date_from": "2015-12-01"}),
        tally("f", 400, **more | {"date_from": None, "date_to": None}),
        tally("g", 70, measure="wounded", **more | {"date_to": None}),
    ]
    areas = [area(None, tally_id=one) for one in "acefg"]
    areas += [area("AF-KAB", tally_id="b"), area("AF-KAB-01", tally_id="d")]
    areas += [area("AF-HER", no=2, tally_id="d")]
    claims = [covered(source, "2001-01-01", "2025-12-31")]
    rows = {"tallies": figures, "tally_areas": areas, "coverage": claims}
    for row in (*figures, *areas):
        row["tally_id"] = f"SYNTHETIC-{row['tally_id']}"
    tables |= {name: typed_table(TABLES[name], some) for name, some in rows.items()}
    folder = tmp_path_factory.mktemp("synthetic")
    store = open_store(f"sqlite:///{folder / 'store.sqlite'}", kind="synthetic")
    publish(store, tables, viewer=LOCAL_ADMINISTRATOR, note="synthetic")
    return plain_of(store), archive_of(store)


@pytest.fixture(params=["shipped", "synthetic"])
def both(request: pytest.FixtureRequest) -> tuple[Facts, ArchiveFacts]:
    """Each of the two, with all rows at hand and as an archive."""
    found: tuple[Facts, ArchiveFacts] = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("scope", OF_SHIPPED)
def test_brief_of_the_shipped_data_is_the_same(shipped, scope):
    plain, archive = shipped
    brief = make_brief(plain, scope)
    assert make_brief(far(plain), scope) == brief
    assert make_brief(archive, scope) == brief


@pytest.mark.parametrize("scope", OF_SYNTHETIC)
def test_brief_of_synthetic_incidents_is_the_same(synthetic, scope, monkeypatch):
    monkeypatch.setattr(selection, "READ_AT_ONCE", 70)  # so that there are several parts
    plain, archive = synthetic
    brief = make_brief(plain, scope)
    assert make_brief(far(plain), scope) == brief
    assert make_brief(archive, scope) == brief


def test_brief_of_one_report_lists_what_lies_outside_its_period(synthetic):
    plain, archive = synthetic
    scope = BriefScope(period=YEAR, sources=(plain.tables["sources"]["source_id"].iloc[0],))
    brief = make_brief(plain, scope)
    assert len(brief.tables["outside"].rows) == 20
    assert make_brief(archive, scope) == brief


@pytest.mark.parametrize("format_name", ["md", "docx"])
def test_files_of_a_brief_need_no_whole_table(shipped, format_name):
    plain, archive = shipped
    scope = month_scope(2022, 12)
    files = [
        export_brief(make_brief(facts, scope), facts, format_name, around=AROUND)
        for facts in (plain, far(plain), archive)
    ]
    assert files[1] == files[0]
    assert files[2] == files[0]


def test_brief_of_too_many_incidents_is_refused_with_their_number(synthetic, monkeypatch):
    monkeypatch.setattr(selection, "MOST_IN_FILE", 1_000)
    plain, archive = synthetic
    n = int(select(plain, BriefScope()).inside.sum())
    for facts in (archive, far(plain)):
        with pytest.raises(QueryError, match=rf"{n:,} incidents.*1,000 at most.*shorter period"):
            make_brief(facts, BriefScope())
        assert make_brief(facts, month_scope(2015, 3)) == make_brief(plain, month_scope(2015, 3))
    assert make_brief(plain, BriefScope()).headline[0].figure.incidents == n  # rows are at hand


def test_brief_reads_no_rows_but_those_it_speaks_of(synthetic):
    plain, archive = synthetic
    scope = month_scope(2015, 3)
    asked: set[str] = set()

    def read(ids):
        asked.update(ids)
        return archive.read(ids)

    make_brief(replace(archive, read=read, memory={}), scope)
    now = select(plain, scope)
    spoken_of = set(plain.index.ids[now.inside | now.not_dated])
    assert set(plain.index.ids[now.inside]) <= asked <= spoken_of
    assert len(asked) < int(now.inside.sum()) + 25


def test_published_figures_stand_beside_the_same_counts(both):
    plain, archive = both
    compared = comparisons(plain)
    assert compared
    assert comparisons(far(plain)) == compared
    assert comparisons(archive) == compared


def test_synthetic_figures_are_of_every_kind(synthetic):
    compared = {row.tally_id[-1]: row for row in comparisons(synthetic[1])}
    assert all(compared[one].all_reports for one in "abcdg")
    assert compared["e"].our_change is not None
    assert compared["f"].reason
    assert compared["b"].listed.left_out


@pytest.mark.parametrize("since", [None, dt.date(2014, 12, 31)])
def test_alerts_are_the_same(both, since):
    plain, archive = both
    until = dt.date(2015, 6, 30) if since else None
    rules = (*default_rules(plain), *RULES)
    alerts = met_alerts(plain, rules, since=since, until=until)
    assert alerts.asked
    for facts in (far(plain), archive):
        assert met_alerts(facts, rules, since=since, until=until) == alerts


def test_alerts_name_the_incidents_in_the_same_order(synthetic):
    plain, archive = synthetic
    met = met_alerts(archive, RULES, since=YEAR.start, until=YEAR.end).met
    assert met_alerts(plain, RULES, since=YEAR.start, until=YEAR.end).met == met
    assert any(len(alert.incidents) > 2 for alert in met)


@pytest.mark.parametrize("page", ["monthly_brief", "published_figures"])
def test_page_shows_the_same(shipped, store_url, monkeypatch, page):
    plain, archive = shipped
    asked = {"from": "2022-12-01", "to": "2022-12-31"} if page == "monthly_brief" else {}
    pages = []
    for facts in (plain, far(plain), archive):
        monkeypatch.setattr(session, "_facts", lambda *_, found=facts: found)
        app = open_page(monkeypatch, store_url, f"pages/{page}.py", **asked)
        assert not app.exception
        pages.append((shown_texts(app), [table.value.to_csv() for table in app.dataframe]))
    assert any(pages[0])
    assert pages[1] == pages[0]
    assert pages[2] == pages[0]


def test_page_of_too_many_incidents_leaves_the_choice_of_a_month(shipped, store_url, monkeypatch):
    monkeypatch.setattr(selection, "MOST_IN_FILE", 3)
    monkeypatch.setattr(session, "_facts", lambda *_: shipped[1])
    app = open_page(monkeypatch, store_url, "pages/monthly_brief.py")
    assert app.exception  # which `app.py` tells
    assert any(button.label == "Show this month" for button in app.button)
