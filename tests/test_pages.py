"""The pages on incidents without a browser: what they say, and the links that lead to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from hypothesis import given, settings
from hypothesis import strategies as some
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.classes import METHODS, MOST_BREAKS
from conflictmap.filters import KNOWN, IncidentFilter
from conflictmap.periods import STEPS, Period
from conflictmap.schema import COMMUNITIES, EVENT_TYPES, VICTIM_GROUPS
from conflictmap.store import open_store
from conflictmap.summaries import LEVELS
from conflictmap.ui import panel, server, session
from conflictmap.views import incidents
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.map_view import TITLES
from conflictmap.views.published import WITHHELD
from conflictmap.views.query import EARLIEST, LATEST, MEASURE_NAMES, MEASURES, MapQuery, read_query
from conflictmap.views.totals import totals
from tests.browser import ROOT
from tests.far_facts import far
from tests.synthetic import shipped_edition

MAP, INCIDENTS = "pages/map.py", "pages/incidents.py"
BOTH = pytest.mark.parametrize("page", [MAP, INCIDENTS])

SILENT = ("zero, by what a source says", "no report in the sources read")
NO_MATCH = "No incident matches. Widen the dates, or clear a filter in the sidebar."
BAD_LINK = "The link cannot be shown as it is. The defaults are shown instead."

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


@pytest.fixture
def opened(store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of the dashboard, with the query parameters of a link."""
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    start = PagesManager.__init__

    def start_as_the_server_does(*args: object, **options: object) -> None:
        start(*args, **options)
        server.pages_are_listed()  # AppTest would guess from the folder, and leave out app.py

    monkeypatch.setattr(PagesManager, "__init__", start_as_the_server_does)
    st.cache_resource.clear()

    def open_page(page: str = MAP, **parameters: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        if page != MAP:
            app.switch_page(page)
        for name, value in parameters.items():
            app.query_params[name.rstrip("_")] = value
        return app.run()

    yield open_page
    st.cache_resource.clear()


def texts(app: AppTest) -> list[str]:
    return [element.value for element in app.text]


def address(app: AppTest) -> dict[str, list[str]]:
    return {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in app.query_params.items()
    }


def control(app: AppTest, label: str):
    """Return the control of that label."""
    kinds = ("selectbox", "multiselect", "date_input", "button_group", "toggle")
    return next(widget for kind in kinds for widget in app.get(kind) if widget.label == label)


# --- what stands on a page


@BOTH
def test_page_opens_with_the_defaults(opened, page):
    app = opened(page)
    assert not app.exception
    assert not app.error
    assert address(app) == {}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_is_shown_at_every_level(opened, measure, level):
    app = opened(measure=measure, level=level)
    assert not app.exception
    denominator = " (surfaces of edition afg-2014)" if measure == "per_1000_km2" else ""
    title = f"{TITLES[measure]}{denominator} by {level}, Afghanistan, all dates"
    assert app.subheader[0].value == title


@pytest.mark.parametrize("measure", ["incidents", "killed", "wounded"])
def test_page_shows_the_total_that_the_command_gives(opened, facts, measure):
    shown = opened(measure=measure).dataframe[0].value
    total = shown[shown["Area"] == "Total"].iloc[0]
    assert (
        total[MEASURE_NAMES[measure]] == totals(facts, MapQuery(measure=measure), "province").total
    )


def test_period_without_a_dated_incident_counts_none_and_says_what_may_belong_to_it(opened, facts):
    app = opened(from_="2030-01-01")
    may = totals(facts, MapQuery().with_period(Period(dt.date(2030, 1, 1))), "province").not_dated
    assert texts(app)[0].startswith(
        f"0 incidents, from 1 January 2030. {may} more not dated to this period."
    )


@BOTH
def test_empty_result_says_what_to_do(opened, page):
    app = opened(page, type="air_strike", community="sikh")
    assert [element.value for element in app.info] == [NO_MATCH]


@BOTH
def test_page_of_a_store_before_its_first_report_is_empty_not_broken(opened, page):
    app = opened(page, revision="0")
    assert not app.exception


def test_share_without_an_actor_is_refused_with_the_reason(opened):
    app = opened(measure="share")
    assert [element.value for element in app.warning] == ["A share needs one actor. Choose one."]


def test_share_of_one_actor_is_shown(opened, facts):
    actor = facts.tables["attributions"]["actor_id"].iloc[0]
    app = opened(measure="share", actor=actor, source="8am-2022-12")
    assert not app.exception
    assert not app.warning


def test_change_without_two_ends_is_refused_with_the_reason(opened):
    app = opened(measure="change")
    assert [element.value for element in app.warning] == [
        "A change needs a period with two ends. Choose the dates, or a step of time."
    ]


def test_change_that_no_source_covers_is_refused_with_the_reason(opened):
    app = opened(measure="change", from_="2022-12-01", to="2022-12-31")
    assert [element.value for element in app.warning] == [
        "No change is shown: none of the sources read lists every incident of this period or of"
        " the one before (November 2022), so a difference would show what was read, not what"
        " happened."
    ]


def test_area_without_an_incident_is_told_apart_from_peace(opened):
    app = opened(area="AF-NUR")
    assert [element.value for element in app.info] == [
        "No report in the sources read places an incident here under these filters. That says"
        " what was read, not that nothing happened."
    ]


def test_panel_of_a_doubted_polygon_says_so(opened):
    assert len(opened(area="AF-HER-02", level="district").warning) == 1


def test_earlier_revision_shows_what_was_known_then(opened, facts, store_url):
    known_then = load_facts(
        open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR, revision=2
    )
    count = len(known_then.tables["incidents"])
    assert count < len(facts.tables["incidents"])
    app = opened(revision="2")
    assert texts(app)[0].startswith(f"{count} incidents, all dates.")
    assert len(opened(INCIDENTS, revision="2").dataframe[0].value) == count


def test_evidence_shows_what_each_report_said(opened, facts):
    statement = facts.tables["incident_sources"].iloc[0]
    app = opened(INCIDENTS, incident=statement["incident_id"])
    shown = [frame.value for frame in app.dataframe]
    said = next(table for table in shown if "What it said, in our words" in table.columns)
    assert statement["statement"] in said["What it said, in our words"].tolist()


# --- links


@BOTH
@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (
            {"measure": "fear"},
            "'measure' is not one of: incidents, killed, wounded, share, per_1000_km2, change."
            " Correct the link.",
        ),
        (
            {"from": "2023-01-01", "to": "2022-01-01"},
            "The link's period ends before it starts. Exchange 'from' and 'to'.",
        ),
        (
            {"from": "2022-02-30"},
            "'from' is not a calendar date. Write it as YYYY-MM-DD, for example 2022-12-02.",
        ),
        ({"actor": "nobody"}, "Revision 5 has no actor of the id 'nobody'."),
        ({"source": "no-report"}, "Revision 5 has no report of the id 'no-report'."),
        ({"area": "AF-XXX"}, "Revision 5 has no area of the id 'AF-XXX'."),
        ({"incident": "none-such"}, "Revision 5 has no incident of the id 'none-such'."),
        ({"revision": "99"}, "There is no revision 99. The latest is 5."),
        ({"actor": "<b>"}, "A value of 'actor' is not an id. Correct the link."),
        (
            {"classes": "user"},
            "The link asks for own breaks and has none. Add 'breaks', such as 1,5,20.",
        ),
        (
            {"classes": "user", "breaks": "5,1"},
            "'breaks' are at most 4 numbers from low to high, with commas between and a point"
            " before decimals, for example 1,5,20.",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_link_is_told_and_the_defaults_are_shown(opened, page, parameters, words):
    app = opened(page, **parameters)
    assert not app.exception
    assert [element.value for element in app.error] == [BAD_LINK]
    assert texts(app)[0] == words
    assert address(app) == {}


def test_step_that_the_slider_has_not_leads_to_the_whole_period(opened):
    app = opened(shown="1999")
    assert not app.exception
    assert app.subheader[0].value.endswith("all dates")
    assert address(app) == {}


@pytest.mark.parametrize(
    ("level", "area"), [("province", "AF-KAB-01"), ("district", "AF-KAB"), ("district", "AF-HER")]
)
def test_panel_may_be_of_the_other_level_than_the_map(opened, level, area):
    app = opened(level=level, area=area)
    assert not app.exception
    assert control(app, "Area").value == area


@pytest.mark.parametrize(
    "parameters",
    [
        {"measure": ["killed"], "area": ["AF-KAB"]},
        {"level": ["district"], "step": ["month"], "shown": ["2022-12"]},
        {"from": ["2022-12-01"], "to": ["2022-12-31"], "group": ["civilians", "taliban"]},
        {"type": ["bombing"], "known": ["claimed"], "source": ["8am-2022-12"]},
        {"revision": ["2"], "community": ["hazara", "shia"]},
        {"classes": ["user"], "breaks": ["1,5,20.5"]},
        {"classes": ["quantiles"], "could": ["shown"]},
    ],
    ids=lambda parameters: "+".join(parameters),
)
@BOTH
def test_link_stays_as_it_is(opened, page, parameters):
    assert address(opened(page, **parameters)) == parameters


# --- controls


def test_filter_survives_a_change_of_page(opened, facts):
    app = opened()
    control(app, "Victim group").set_value(["civilians"]).run()
    on_map = texts(app)[0].split(" incidents")[0]
    app.switch_page(INCIDENTS).run()
    assert address(app) == {"group": ["civilians"]}
    assert texts(app)[0].startswith(f"{on_map} incidents in the period.")
    app.switch_page(MAP).run()
    assert control(app, "Victim group").value == ["civilians"]
    assert texts(app)[0].startswith(f"{on_map} incidents, all dates.")


def test_province_chosen_on_the_incidents_page_is_open_over_a_map_of_districts(opened):
    app = opened(level="district")
    app.switch_page(INCIDENTS).run()
    control(app, "Placed in").set_value("AF-KAB").run()
    app.switch_page(MAP).run()
    assert not app.exception
    assert address(app) == {"level": ["district"], "area": ["AF-KAB"]}


def test_clearing_the_filters_leaves_the_measure(opened):
    app = opened(measure="killed", source="8am-2022-12", from_="2022-12-01")
    next(button for button in app.button if button.label == "Clear all filters").click().run()
    assert address(app) == {"measure": ["killed"]}
    assert control(app, "Report").value == []
    assert control(app, "From").value is None


def test_dates_in_the_wrong_order_are_exchanged(opened):
    app = opened(to="2022-01-31")
    control(app, "From").set_value(dt.date(2022, 12, 1)).run()
    assert address(app) == {"from": ["2022-01-31"], "to": ["2022-12-01"]}


@pytest.mark.parametrize(
    "held", [{"incident": "wazir-akbar-khan-mosque"}, {"source": "8am-2022-12"}]
)
@BOTH
def test_going_back_to_a_revision_drops_what_it_does_not_know(opened, page, held):
    app = opened(page, **held)
    control(app, "As known at revision").set_value("1").run()
    assert not app.exception
    assert not app.error
    assert address(app) == {"revision": ["1"]}  # so that this link, too, shows the same


# --- classes, and what could be here


def test_own_breaks_begin_as_those_in_use_and_can_be_changed(opened):
    app = opened()
    control(app, "Breaks chosen by").set_value("user").run()
    assert address(app)["classes"] == ["user"]
    field = next(element for element in app.text_input if element.label == "Classes begin at")
    assert address(app)["breaks"] == [field.value]
    field.set_value("5; 20").run()
    assert address(app)["breaks"] == ["5,20"]
    shown = app.dataframe[0].value["Shown as"]
    assert set(shown) <= {"1 to 4", "5 to 19", "20 or more", "", *SILENT}


@pytest.mark.parametrize("typed", ["20,5", "five", "1,2,3,4,5", "5,5", "-1", "1e3"])
def test_breaks_that_cannot_be_read_change_nothing(opened, typed):
    app = opened(classes="user", breaks="5,20")
    app.text_input[0].set_value(typed).run()
    assert address(app)["breaks"] == ["5,20"]
    assert app.text_input[0].value == "5,20"
    assert app.error[0].value.startswith("'breaks' are at most 4 numbers")


def test_what_areas_could_hold_stands_in_the_table_when_asked_for(opened):
    app = opened(level="district")
    assert "Could hold most" not in app.dataframe[0].value.columns
    control(app, "Could be here").set_value(True).run()
    assert address(app) == {"level": ["district"], "could": ["shown"]}
    table = app.dataframe[0].value
    areas = table[table["Code"] != ""]
    assert (areas["Could hold least"] == areas["Incidents"]).all()
    assert (areas["Could hold most"] > areas["Could hold least"]).any()
    assert set(areas["Class robust"]) == {"yes", "no"}


def test_what_areas_could_hold_is_refused_where_counts_are_suppressed(opened, monkeypatch):
    monkeypatch.setenv("CONFLICTMAP_SUPPRESS_BELOW", "3")
    app = opened(could="shown")
    assert "Could hold most" not in app.dataframe[0].value.columns
    assert any("found by subtraction" in element.value for element in app.caption)


def test_view_that_nobody_checked_is_refused_and_the_last_one_stays(opened, monkeypatch):
    monkeypatch.setenv("CONFLICTMAP_SUPPRESS_BELOW", "3")
    app = opened(actor="iskp", type="bombing")
    assert not app.exception
    assert any("Several filters" in text for text in texts(app))
    assert address(app) == {}
    control(app, "Victim group").set_value(["civilians"]).run()
    assert address(app) == {"group": ["civilians"]}
    control(app, "Type of incident").set_value(["bombing"]).run()
    assert address(app) == {"group": ["civilians"]}
    assert any("ask for one filter" in text for text in texts(app))


def test_earlier_revision_is_not_shown_beside_the_latest_under_a_limit(opened, monkeypatch):
    monkeypatch.setenv("CONFLICTMAP_SUPPRESS_BELOW", "3")
    app = opened(revision="3")
    assert any("subtracting two revisions" in text for text in texts(app))


@pytest.mark.parametrize("page", [MAP, INCIDENTS])
def test_no_single_incident_is_listed_under_a_limit(opened, monkeypatch, page):
    monkeypatch.setenv("CONFLICTMAP_SUPPRESS_BELOW", "3")
    app = opened(page, area="AF-KAB")
    assert not app.exception
    assert not any("What" in table.value.columns for table in app.dataframe)
    assert page == MAP or any("each is a count of one" in text for text in texts(app))


def test_many_incidents_are_shown_in_parts_and_downloaded_whole(opened, monkeypatch):
    whole = opened(INCIDENTS).dataframe[0].value
    monkeypatch.setattr(panel, "MOST_ROWS", 10)
    app = opened(INCIDENTS)
    parts = control(app, "Rows of 27, oldest first")
    assert parts.options == ["1 to 10", "11 to 20", "21 to 27"]
    shown = []
    for start in (0, 10, 20):
        control(app, "Rows of 27, oldest first").set_value(start).run()
        shown += app.dataframe[0].value.to_numpy().tolist()
    assert shown == whole.to_numpy().tolist()
    (download,) = app.get("download_button")
    assert download.proto.label == "Download all 27 incidents as CSV"


def test_part_of_very_many_incidents_is_asked_for_by_its_number(opened, monkeypatch):
    whole = opened(INCIDENTS).dataframe[0].value
    monkeypatch.setattr(panel, "MOST_ROWS", 10)
    monkeypatch.setattr(panel, "MOST_PARTS", 2)
    app = opened(INCIDENTS)
    (number,) = app.number_input
    assert (number.label, number.value) == ("Part of 27 rows, oldest first: 1 to 3", 1)
    number.set_value(3).run()
    assert app.dataframe[0].value.to_numpy().tolist() == whole.to_numpy().tolist()[20:]
    assert "Rows 21 to 27. A shorter period has fewer." in [note.value for note in app.caption]


def test_more_incidents_than_a_file_holds_are_not_downloaded(opened, monkeypatch):
    monkeypatch.setattr(incidents, "MOST_IN_FILE", 26)
    app = opened(INCIDENTS)
    assert not app.get("download_button")
    assert (
        "27 incidents are too many to download: a file holds at most 26. Choose a shorter period."
    ) in texts(app)


@pytest.mark.parametrize("asked", [{}, {"area": "AF-KAB"}, {"from_": "2022-12-01"}])
def test_incidents_page_needs_no_whole_table_of_incidents(opened, monkeypatch, facts, asked):
    asked |= {"incident": facts.index.ids[0]}
    near = opened(INCIDENTS, **asked)
    monkeypatch.setattr(session, "_facts", lambda *_: far(facts))
    distant = opened(INCIDENTS, **asked)
    assert not distant.exception
    assert texts(distant) == texts(near)
    tables = [[table.value.to_csv() for table in app.dataframe] for app in (near, distant)]
    assert tables[0] == tables[1]


def set_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Suppress small numbers from here on: settings are read once."""
    monkeypatch.setenv("CONFLICTMAP_SUPPRESS_BELOW", "3")
    st.cache_resource.clear()


def test_group_is_shown_without_the_incidents_that_name_it_under_a_limit(opened, monkeypatch):
    page = "pages/groups_and_claims.py"
    listed = opened(page, actor_id="iskp")
    assert any("What" in table.value.columns for table in listed.dataframe)
    set_limit(monkeypatch)
    app = opened(page, actor_id="iskp")
    assert not app.exception
    assert not any("What" in table.value.columns for table in app.dataframe)
    assert any("each is a count of one" in info.value for info in app.info)


def test_published_figures_of_single_areas_have_no_count_beside_them_under_a_limit(
    opened, monkeypatch
):
    why, page = "Why there is no difference", "pages/published_figures.py"
    assert not opened(page).dataframe[0].value[why].eq(WITHHELD).any()
    set_limit(monkeypatch)
    app = opened(page)
    assert not app.exception
    withheld = app.dataframe[0].value.query("`Why there is no difference` == @WITHHELD")
    assert len(withheld)
    assert set(withheld["Ours"]) == {"not compared"}
    assert set(withheld["Difference"]) == {"none"}


def test_brief_lists_no_single_incident_under_a_limit(opened, monkeypatch):
    page, of_one = "pages/monthly_brief.py", {"Incident", "Date in the source's words"}
    listed = opened(page)
    assert any(of_one & set(table.value.columns) for table in listed.dataframe)
    set_limit(monkeypatch)
    app = opened(page)
    assert not app.exception
    assert any("Single incidents are not listed" in text for text in texts(app))
    assert not any("Incident" in table.value.columns for table in app.dataframe)
    assert not any({"What", "Killed"} <= set(table.value.columns) for table in app.dataframe)


# --- every view has a link

IDS = some.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True)
DAYS = some.none() | some.dates(EARLIEST, LATEST)
BREAKS = some.integers(0, 10**15 - 1).map(lambda n: n / 10**6)  # six decimals, as in a link


def several(values: some.SearchStrategy[str]) -> some.SearchStrategy[tuple[str, ...]]:
    return some.lists(values, unique=True, max_size=4).map(tuple)


@some.composite
def queries(draw: some.DrawFn) -> MapQuery:
    days = draw(DAYS), draw(DAYS)
    if None not in days:
        days = tuple(sorted(days))
    chosen = IncidentFilter(
        period=Period(*days),
        actors=draw(several(IDS)),
        event_types=draw(several(some.sampled_from(EVENT_TYPES))),
        victim_groups=draw(several(some.sampled_from(VICTIM_GROUPS))),
        communities=draw(several(some.sampled_from(COMMUNITIES))),
        known=draw(some.sampled_from(KNOWN)),
        sources=draw(several(IDS)),
    )
    classes = draw(some.sampled_from(METHODS))
    breaks = draw(some.sets(BREAKS, min_size=classes == "user", max_size=MOST_BREAKS))
    return MapQuery(
        chosen,
        measure=draw(some.sampled_from(MEASURES)),
        level=draw(some.sampled_from(LEVELS)),
        step=draw(some.sampled_from(STEPS)),
        is_cumulative=draw(some.booleans()),
        classes=classes,
        breaks=tuple(sorted(breaks)),
        has_could_be=draw(some.booleans()),
        shown=draw(some.sampled_from(["", "2022", "2022-Q4", "2022-12"])),
        area=draw(some.sampled_from(["", "AF-KAB", "AF-KAB-01"])),
        incident=draw(some.just("") | IDS),
        revision=draw(some.none() | some.integers(0, 10**9 - 1)),
    )


@settings(max_examples=200, deadline=None)
@given(queries())
def test_link_leads_back_to_the_view_it_was_made_from(query):
    parameters = {
        name: [value] if isinstance(value, str) else value
        for name, value in query.parameters().items()
    }
    assert read_query(parameters) == query
