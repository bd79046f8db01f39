"""Published figures beside our own counts: same scope, difference, and what it is made of."""

from __future__ import annotations

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.filters import IncidentFilter
from conflictmap.schema import label
from conflictmap.store import open_store
from conflictmap.views.counting import count_areas
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.published import NO_END, NO_VALUE, Comparison, comparisons
from conflictmap.views.published_tables import (
    comparison_table,
    difference_words,
    explanation,
    left_out_words,
    listed_difference_words,
    listed_table,
    ours_words,
    own_counts_table,
    published_words,
)
from conflictmap.views.scopes import IS_ARITHMETIC, NO_AREA, NO_START, NOT_CODED
from tests.opening import open_page, shown_texts
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

PAGE = "pages/published_figures.py"
OF_8AM = {
    "8am-killed-total": 96,
    "8am-killed-civilians": 73,
    "8am-killed-taliban": 23,
    "8am-wounded-civilians": 141,
    "8am-wounded-taliban": 21,
}
SOURCES = [{"source_id": "synthetic", "publisher": "Synthetic Press", "reading_order": 1}]
ACTORS = [
    {"actor_id": "anti-taliban-groups", "name": "Collective", "affiliation": "anti_taliban"},
    {"actor_id": "nrf", "name": "One front", "affiliation": "anti_taliban"},
    {"actor_id": "iskp", "name": "ISKP", "affiliation": "islamic_state"},
]


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


@pytest.fixture(scope="module")
def coded(facts: Facts) -> dict[str, Comparison]:
    """The comparisons of the shipped data, by id."""
    return {row.tally_id: row for row in comparisons(facts)}


def tally(tally_id: str = "t", value: int | None = 2, **more: object) -> dict[str, object]:
    """Return a synthetic figure of December 2022, published in another's report."""
    row = {"tally_id": tally_id, "publisher": "Another", "label": "synthetic", "value": value}
    row |= {"measure": "incidents", "statistic": "count", "basis": "published"}
    row |= {"is_unattributed": False, "qualifier": "exactly", "scope": "synthetic"}
    row |= {"date_from": "2022-12-01", "date_to": "2022-12-31", "source_id": "synthetic"}
    return row | more


def area(code: str | None, no: int = 1, tally_id: str = "t") -> dict[str, object]:
    """Return an area of a figure: a unit's code, or None for the country."""
    row: dict[str, object] = {"tally_id": tally_id, "area_no": no, "country": "Afghanistan"}
    if code is None:
        return row | {"geo_precision": "country"}
    if len(code) == 6:
        return row | {"geo_precision": "adm1", "adm1_code": code}
    return row | {"geo_precision": "adm2", "adm1_code": code[:6], "adm2_code": code}


def compared(tallies: object = None, areas: object = None, **tables: object) -> Comparison:
    """Return the comparison of the one figure, by default a count of the whole country."""
    known = facts_of(
        sources=SOURCES,
        actors=ACTORS,
        tallies=tallies or [tally()],
        tally_areas=areas or [area(None)],
        **tables,
    )
    return {row.tally_id: row for row in comparisons(known)}["t"]


# --- the coded reports


@pytest.mark.parametrize(("tally_id", "value"), OF_8AM.items())
def test_total_of_the_casualty_article_is_the_sum_of_its_own_incidents(coded, tally_id, value):
    row = coded[tally_id]
    assert row.value == value
    assert row.listed.figure.best == value
    assert row.listed_difference == 0


@pytest.mark.parametrize("tally_id", OF_8AM)
def test_parts_of_what_the_article_lists_add_up_to_it(coded, tally_id):
    listed = coded[tally_id].listed
    assert sum(part.figure.known for part in listed.parts) == listed.figure.best
    assert sum(part.figure.incidents for part in listed.parts) == listed.figure.incidents


def test_largest_attack_of_the_article_lies_outside_its_own_period(coded):
    parts = coded["8am-killed-total"].listed.parts
    killed = {(part.standing, part.is_named): part.figure.known for part in parts}
    assert killed == {
        ("inside", False): 20,
        ("not dated", True): 5,
        ("not dated", False): 18,
        ("outside", True): 53,
    }


def test_attackers_are_told_apart_from_the_total_of_the_article(coded):
    row = coded["8am-killed-total"]
    assert row.victim_groups == ("civilians", "taliban")
    assert dict(row.listed.left_out)[label("attackers")].best == 2
    assert f"{label('attackers')}: 2" in left_out_words(row)


def test_guard_of_the_embassy_is_told_apart_from_the_wounded_of_the_article(coded):
    row = coded["8am-wounded-civilians"]
    assert dict(row.listed.left_out)[label("other_state")].best == 1


def test_count_without_single_events_has_none_of_ours_beside_it(coded):
    row = coded["asw-2025-01-total"]
    assert (row.value, row.ours, row.difference) == (22, 0, -22)
    assert ours_words(row) == "0 of 22 coded"
    assert "A count that is published without single events makes no incidents" in explanation(row)
    assert "unexplained" in explanation(row)
    assert row.listed is None  # the figure is not the report's own


def test_fall_of_the_total_and_the_article_s_wording_are_two_statements(coded):
    said, ours = coded["asw-2025-01-change-fronts"], coded["our-2025-01-change-total"]
    assert said.value == ours.value == -17
    assert (said.basis, ours.basis) == ("published", "our arithmetic")
    assert (bool(said.actor), bool(ours.actor)) == (True, False)
    assert ours.value == coded["asw-2025-01-total"].value - coded["asw-2024-12-total"].value
    assert ours.reason == IS_ARITHMETIC
    assert "none of the sources read lists every incident" in said.reason


def test_what_is_left_of_the_22_is_arithmetic_with_a_limit(coded):
    row = coded["our-2025-01-not-broken-down"]
    parts = ("asw-2025-01-fronts", "asw-2025-01-isis", "asw-2025-01-unknown")
    assert 22 - sum(coded[id].value for id in parts) == row.value == 7
    assert published_words(row) == "up to 7"


def test_figures_that_cannot_be_compared_say_why(coded):
    reasons = {id: coded[id].reason for id in coded}
    assert reasons["asw-2025-01-internal"] == NOT_CODED
    assert reasons["asw-2025-01-concentrated"] == NO_VALUE
    assert reasons["8am-armed-attacks-days"] == NO_START
    assert all(coded[id].difference is None for id, reason in reasons.items() if reason)
    assert all(coded[id].difference is not None for id, reason in reasons.items() if not reason)


def test_every_published_figure_is_compared_once(facts, coded):
    assert sorted(coded) == sorted(facts.tables["tallies"]["tally_id"])
    assert len(comparison_table(coded.values())) == len(coded)


# --- the scope of a figure


def test_figure_of_several_areas_counts_their_union_once():
    row = compared(
        areas=[area("AF-KAB"), area("AF-TAK", 2)],
        incidents=[incident(id, "2022-12-02") for id in ("both", "kabul", "elsewhere", "unplaced")],
        incident_places=[
            place("both", "AF-KAB"),
            place("both", "AF-TAK", place_no=2),
            place("kabul", "AF-KAB-01"),
            place("elsewhere", "AF-HER"),
            place("unplaced", None),
        ],
    )
    assert row.ours == 2
    assert row.difference == 0
    assert row.all_reports.not_placed.incidents == 1
    assert row.areas == "Kabul, Takhar"


def test_figure_of_one_province_counts_what_the_map_counts():
    rows = {
        "incidents": [incident(id, "2022-12-02") for id in "abc"],
        "incident_places": [
            place("a", "AF-KAB"),
            place("b", "AF-KAB"),
            place("b", "AF-HER", place_no=2),
            place("c", "abroad"),
        ],
    }
    on_map = count_areas(facts_of(**rows), IncidentFilter(), "incidents", "province")
    kabul = next(area for area in on_map.areas if area.code == "AF-KAB")
    assert compared(areas=[area("AF-KAB")], **rows).ours == kabul.figure.incidents == 1


def test_figure_of_a_district_does_not_count_what_is_known_to_the_province_only():
    row = compared(
        areas=[area("AF-KAB-01")],
        incidents=[incident(id, "2022-12-02") for id in "abc"],
        incident_places=[place("a", "AF-KAB-01"), place("b", "AF-KAB"), place("c", "AF-KAB-02")],
    )
    assert (row.ours, row.all_reports.not_placed.incidents) == (1, 1)


def test_incidents_abroad_are_outside_a_figure_of_the_country():
    row = compared(
        incidents=[incident("a", "2022-12-02"), incident("b", "2022-12-02")],
        incident_places=[place("a", "AF-KAB"), place("b", "abroad")],
    )
    assert row.ours == 1


def test_undated_and_other_dates_stand_beside_the_count():
    row = compared(
        incidents=[
            incident("in", "2022-12-02"),
            incident("undated"),
            incident("out", "2021-01-01"),
        ],
        incident_places=[place(id, "AF-KAB") for id in ("in", "undated", "out")],
    )
    own = row.all_reports
    assert [own.counted.incidents, own.not_dated.incidents, own.outside.incidents] == [1, 1, 1]
    assert "1 incident that is not dated may or may not belong to the period." in explanation(row)


def test_figure_of_unknown_perpetrators_leaves_out_what_names_one():
    row = compared(
        [tally(is_unattributed=True)],
        incidents=[incident(id, "2022-12-02") for id in ("named", "open", "disputed")],
        incident_places=[place(id, "AF-KAB") for id in ("named", "open", "disputed")],
        attributions=[
            attribution("named", "iskp", "claimed"),
            attribution("disputed", "iskp", "disputed"),
        ],
    )
    assert row.ours == 2


def test_figure_of_the_fronts_together_counts_each_of_them():
    row = compared(
        [tally(actor_id="anti-taliban-groups")],
        incidents=[incident("a", "2022-12-02"), incident("b", "2022-12-02")],
        incident_places=[place("a", "AF-KAB"), place("b", "AF-KAB")],
        attributions=[attribution("a", "nrf", "claimed"), attribution("b", "iskp", "claimed")],
    )
    assert row.ours == 1


def test_same_report_counts_only_what_it_told():
    row = compared(
        incidents=[incident("a", "2022-12-02"), incident("b", "2022-12-02")],
        incident_places=[place("a", "AF-KAB"), place("b", "AF-KAB")],
        incident_sources=[told("a"), told("b", "another")],
    )
    assert (row.all_reports.counted.incidents, row.same_report.counted.incidents) == (2, 1)


def test_total_whose_parts_add_up_counts_the_groups_of_its_parts():
    killed = {"measure": "killed", "date_from": "2022-12-01"}
    tables = {
        "incidents": [incident("a", "2022-12-02")],
        "incident_places": [place("a", "AF-KAB")],
        "incident_sources": [told("a")],
        "casualties": [
            casualty("a", "civilians", "killed", 5),
            casualty("a", "attackers", "killed", 1),
        ],
        "areas": [area(None), area(None, tally_id="part")],
    }
    split = [tally(value=5, **killed), tally("part", 5, victim_group="civilians", **killed)]
    assert (compared(split, **tables).ours, compared(split, **tables).difference) == (5, 0)
    other = [tally(value=6, **killed), tally("part", 5, victim_group="civilians", **killed)]
    assert (compared(other, **tables).ours, compared(other, **tables).victim_groups) == (6, ())


def test_figure_whose_area_is_not_in_the_edition_is_not_compared():
    lost = {"tally_id": "t", "area_no": 1, "province_name": "Nowhere", "geo_precision": "unknown"}
    row = compared(areas=[lost])
    assert (row.ours, row.reason, row.areas) == (None, NO_AREA, "Nowhere")


def test_figure_without_a_last_day_has_a_count_but_no_difference():
    row = compared([tally(date_to=None)])
    assert (row.ours, row.difference, row.reason) == (0, None, NO_END)


# --- what a difference may say


@pytest.mark.parametrize(
    ("qualifier", "high", "words"),
    [
        ("exactly", 5, "-3"),
        ("at_least", 5, "-3 or lower"),
        ("exactly", None, "-3 or higher"),
        ("at_least", None, "-3 (both at least)"),
        ("around", 5, "around -3"),
    ],
)
def test_difference_is_no_more_certain_than_the_two_figures(qualifier, high, words):
    row = compared(
        [tally(value=8, measure="killed", qualifier=qualifier)],
        incidents=[incident("a", "2022-12-02")],
        incident_places=[place("a", "AF-KAB")],
        casualties=[casualty("a", "civilians", "killed", 5, high=high)],
    )
    assert difference_words(row) == words


def test_incidents_without_a_figure_make_no_zero():
    row = compared(
        [tally(value=8, measure="killed")],
        incidents=[incident("a", "2022-12-02")],
        incident_places=[place("a", "AF-KAB")],
        casualties=[casualty("a", "civilians", "killed", None)],
    )
    assert (row.ours, row.difference, ours_words(row)) == (None, None, "not stated")


def test_change_is_compared_where_the_same_source_covers_both_periods():
    tables = {
        "incidents": [
            incident("a", "2022-11-02"),
            incident("b", "2022-12-02"),
            incident("c", "2022-12-03"),
        ],
        "incident_places": [place(id, "AF-KAB") for id in "abc"],
    }
    change = [tally(value=3, statistic="change")]
    both = compared(change, coverage=[covered("synthetic", "2022-11-01", "2022-12-31")], **tables)
    assert (both.ours, both.difference, both.reason) == (1, -2, "")
    one = compared(change, coverage=[covered("synthetic", "2022-12-01", "2022-12-31")], **tables)
    assert one.difference is None
    assert "differ" in one.reason


def test_published_figures_never_change_a_count():
    rows = {"incidents": [incident("a")], "incident_places": [place("a", "AF-KAB")]}
    figures = {"tallies": [tally(value=500)], "tally_areas": [area("AF-KAB")]}
    without, with_figures = (
        count_areas(known, IncidentFilter(), "incidents", "province")
        for known in (facts_of(**rows), facts_of(**rows, **figures))
    )
    assert without == with_figures


def test_tables_of_one_figure_add_up_on_the_screen(coded):
    row = coded["8am-killed-total"]
    table = listed_table(row)
    assert table["Incidents"].iloc[:-1].sum() == table["Incidents"].iloc[-1]
    assert table["Killed"].tolist() == ["20", "5", "18", "at least 53", "at least 96"]
    assert own_counts_table(row)["Counted over"].tolist() == ["All reports", "This report only"]
    assert listed_difference_words(row) == "0 (both at least)"


def test_no_figures_make_an_empty_comparison():
    assert comparisons(facts_of()) == ()
    assert comparison_table(()).empty


# --- the page


def test_page_shows_published_ours_and_difference(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE)
    assert not app.exception
    table = app.dataframe[0].value.set_index("Figure")
    row = table.loc["22 security incidents in January"]
    assert row[["Published", "Ours", "Difference"]].tolist() == ["22", "0 of 22 coded", "-22"]
    assert "Afghanistan Conflict Map" not in table["Publisher"].tolist()


def test_arithmetic_of_ours_stands_in_a_table_of_its_own(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE)
    assert app.dataframe[-1].value["Our result"].tolist() == ["-17", "up to 7"]
    assert any("Nobody published these" in caption.value for caption in app.caption)


def test_page_keeps_to_one_publisher(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, publisher="Hasht-e Subh (8am)")
    assert not app.exception
    assert set(app.dataframe[0].value["Publisher"]) == {"Hasht-e Subh (8am)"}


def test_link_to_a_figure_shows_what_its_difference_is_made_of(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, figure="8am-killed-total")
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["at least 96", "0", "-96 or lower"]
    assert "The report itself lists at least 96 at any date" in shown_texts(app)


def test_every_figure_opens(monkeypatch, store_url, facts):
    app = open_page(monkeypatch, store_url, PAGE)
    for row in facts.tables["tallies"].itertuples():
        app.selectbox(key="address: figure").select(row.tally_id).run()
        assert not app.exception
        assert not app.error
        assert row.scope in shown_texts(app)


def test_link_to_a_figure_that_does_not_exist_says_so(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, figure="nothing")
    assert not app.exception
    assert len(app.error) == 1
    assert "figure: nothing" in shown_texts(app)


def test_revision_without_figures_says_so(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, revision="1")
    assert not app.exception
    assert any("gives a published figure" in info.value for info in app.info)
