"""Armed groups and claims: what is said of whom, by whom, and that claims count nowhere."""

from __future__ import annotations

import pandas as pd
import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.frames import typed_table
from conflictmap.reports import place_tables, read_coded_tables
from conflictmap.schema import TABLES
from conflictmap.store import open_store, publish
from conflictmap.views.counting import count_areas
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.groups import (
    ClaimFilter,
    claim_choices,
    claim_figure,
    claim_table,
    group,
    register,
)
from tests.browser import ROOT
from tests.opening import open_page, sent_as_markup, shown_texts
from tests.synthetic import attribution, facts_of, incident, place, shipped_edition, told

PAGE = "pages/groups_and_claims.py"

# Markdown would fetch a picture from the address, and so tell it who reads the page.
HOSTILE = "![x](http://192.0.2.1/x.png) <img src=x onerror=alert(1)> **bold** $x$ {{7*7000003}}"


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


@pytest.fixture(scope="module")
def hostile_store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store that holds the shipped rows with every text of theirs turned hostile."""
    url = f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'store.sqlite'}"
    tables = place_tables(read_coded_tables(ROOT / "data"), shipped_edition())
    for name, rows in tables.items():
        for column in TABLES[name].columns:
            is_id = column.name.endswith("_id") or column.refers_to or column.is_computed
            if column.kind == "text" and not is_id and name != "place_candidates":
                turned = [f"{HOSTILE} {number}" for number in range(len(rows))]
                tables[name] = tables[name].assign(**{column.name: turned})
    publish(open_store(url), tables, viewer=LOCAL_ADMINISTRATOR, note=HOSTILE)
    return url


def actor(actor_id: str, **more: object) -> dict[str, object]:
    row = {"actor_id": actor_id, "name": f"Synthetic {actor_id}", "affiliation": "other"}
    return row | {"status": "announced", "source_id": "synthetic"} | more


def claim(claim_id: str, **more: object) -> dict[str, object]:
    row = {"claim_id": claim_id, "topic": "presence", "text": "synthetic", "said_by": "a speaker"}
    return row | {"date_precision": "unknown", "source_id": "synthetic", "paragraph": 1} | more


SOURCES = [
    {"source_id": "synthetic", "publisher": "Synthetic Press", "reading_order": 1},
    {"source_id": "second", "publisher": "Second Press", "reading_order": 2},
]


def test_each_name_stands_with_the_reports_that_use_it():
    names = [
        {"actor_id": "a", "alias": "Alpha", "source_id": "synthetic"},
        {"actor_id": "a", "alias": "Alpha", "source_id": "second"},
        {"actor_id": "a", "alias": "Beta", "source_id": "second"},
    ]
    found = group(facts_of(sources=SOURCES, actors=[actor("a")], actor_names=names), "a")
    assert found.names.values.tolist() == [["Alpha", "synthetic, second"], ["Beta", "second"]]
    assert found.reports == ("synthetic", "second")


def test_leader_whom_the_source_hedges_is_called_not_confirmed():
    leaders = [
        {"actor_id": "a", "leader_name": "First", "is_confirmed": True, "source_id": "synthetic"},
        {"actor_id": "a", "leader_name": "Second", "is_confirmed": False, "source_id": "synthetic"},
    ]
    known = facts_of(sources=SOURCES, actors=[actor("a")], actor_leaders=leaders)
    assert group(known, "a").leaders["Leader"].tolist() == ["First", "Second (not confirmed)"]


def test_announcement_known_to_a_month_is_not_told_as_a_day():
    month = {"first_announced_date_from": "2022-02-01", "first_announced_date_to": "2022-02-28"}
    known = facts_of(sources=SOURCES, actors=[actor("a", **month), actor("b")])
    assert register(known)["First announced"].to_dict() == {"a": "2022-02", "b": "not stated"}


def test_incident_that_names_a_group_twice_is_counted_once_and_a_denial_not_at_all():
    known = facts_of(
        sources=SOURCES,
        actors=[actor("a")],
        incidents=[incident("x"), incident("y")],
        attributions=[
            attribution("x", "a", "claimed"),
            attribution("x", "a", "attributed", no=2),
            attribution("y", "a", "disputed"),
        ],
    )
    row = register(known).loc["a"]
    kinds = ("Incidents", "Incidents claimed", "Incidents attributed", "Incidents disputed")
    assert [int(row[kind]) for kind in kinds] == [1, 1, 1, 1]


def test_area_outside_the_edition_keeps_its_own_name():
    areas = [
        {"actor_id": "a", "area_no": 1, "area_words": "the north", "adm1_code": "AF-KDZ"},
        {"actor_id": "a", "area_no": 2, "area_words": "parts", "country": "Iran"},
        {"actor_id": "a", "area_no": 3, "area_words": "the region"},
    ]
    known = facts_of(sources=SOURCES, actors=[actor("a")], actor_areas=areas)
    assert register(known).loc["a", "Areas"] == "Kunduz; Iran; the region"


def test_group_that_does_not_exist_is_told_with_its_revision():
    with pytest.raises(QueryError) as caught:
        group(facts_of(sources=SOURCES), "nobody")
    assert str(caught.value) == (
        "Revision 1 has no armed group of the id in the link. Choose one from the list."
    )


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ((20, 20, None, "at_least", "over 20"), "at least 20 groups"),
        ((None, 300, None, "around", "some 300"), "around 300 groups"),
        ((26, 26, 26, "exactly", "26"), "26 groups"),
        ((10, None, 20, "range", "10 to 20"), "10 to 20 groups"),
        ((None, None, None, "words_only", "a large number"), "a large number (groups)"),
        ((None, None, None, None, None), ""),
    ],
)
def test_figure_of_a_claim_keeps_its_qualifier(figures, words):
    names = ("value_low", "value_best", "value_high", "value_qualifier", "value_words")
    values = dict(zip(names, figures, strict=True)) | {"value_unit": "groups"}
    rows = typed_table(TABLES["claims"], [claim("c", **values)])
    assert claim_figure(next(rows.itertuples())) == words


def test_claims_are_chosen_by_topic_actor_and_speaker():
    known = facts_of(
        sources=SOURCES,
        actors=[actor("a"), actor("b")],
        claims=[claim("c1"), claim("c2", topic="intent"), claim("c3", said_by="another")],
        claim_actors=[{"claim_id": id, "actor_id": "a"} for id in ("c1", "c2")],
    )

    def ids(**chosen: str) -> list[str]:
        return claim_table(known, ClaimFilter(**chosen)).index.tolist()

    assert ids() == ["c1", "c2", "c3"]
    assert (ids(topic="intent"), ids(actor_id="a"), ids(speaker="another")) == (
        ["c2"],
        ["c1", "c2"],
        ["c3"],
    )
    assert ids(topic="intent", speaker="another") == []
    assert list(claim_choices(known)["actor_id"]) == ["a"]


def test_claims_never_change_a_count():
    rows = {
        "sources": SOURCES,
        "actors": [actor("a")],
        "incidents": [incident("x", "2022-12-02")],
        "incident_places": [place("x", "AF-KAB")],
        "incident_sources": [told("x")],
    }
    claims = {
        "claims": [claim("c", value_low=500, value_best=500, value_high=500)],
        "claim_actors": [{"claim_id": "c", "actor_id": "a"}],
        "claim_areas": [{"claim_id": "c", "area_no": 1, "adm1_code": "AF-KAB"}],
    }
    for measure in ("incidents", "killed"):
        without, with_claims = (
            count_areas(known, IncidentFilter(), measure, "province")
            for known in (facts_of(**rows), facts_of(**rows, **claims))
        )
        assert without == with_claims


def test_coded_groups_carry_aliases_leaders_areas_and_claims(facts):
    found = group(facts, "iskp")
    assert {"ISIS-K", "ISIS-Khorasan", "IS-KP"} <= set(found.names["Name"])
    assert found.side == "Islamic State"
    assert len(found.incidents) == facts.tables["attributions"].pipe(
        lambda rows: rows.loc[rows["actor_id"] == "iskp", "incident_id"].nunique()
    )
    assert len(register(facts)) == len(facts.tables["actors"])
    assert register(facts).loc["wolf-unit", "Status"] == "Unconfirmed"
    assert "(not confirmed)" in register(facts).loc["wolf-unit", "Leaders"]


def test_every_coded_claim_stands_in_the_table_once(facts):
    table = claim_table(facts, ClaimFilter())
    assert sorted(table.index) == sorted(facts.tables["claims"]["claim_id"])
    assert table["Said by"].notna().all()


def test_no_rows_make_empty_tables_not_errors():
    empty = facts_of()
    assert register(empty).empty
    assert claim_table(empty, ClaimFilter()).empty


# --- the page


def test_page_lists_groups_and_says_that_claims_are_in_no_count(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE)
    assert not app.exception
    assert any("No claim is in any count" in text.value for text in app.markdown)
    assert "Taliban" in app.dataframe[0].value["Name"].tolist()


def test_link_to_a_group_opens_it(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, actor_id="nrf")
    assert not app.exception
    assert "National Resistance Front (NRF)" in shown_texts(app)
    assert app.selectbox(key="address: actor_id").value == "nrf"


def test_choice_of_a_group_stands_in_the_address(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE)
    app.selectbox(key="address: actor_id").select("aff").run()
    assert not app.exception
    assert app.query_params["actor_id"] in ("aff", ["aff"])
    assert "February 4" in shown_texts(app)


def test_link_to_a_group_that_does_not_exist_says_so(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, actor_id="nobody")
    assert not app.exception
    assert [error.value for error in app.error] == [
        "The link names something that is not here. Choose from the list instead."
    ]
    assert "actor_id: nobody" in shown_texts(app)


def test_filters_of_claims_that_leave_none_say_what_to_do(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, claim_topic="fighters", claim_actor="anlf")
    assert not app.exception
    assert "No claim matches. Set one of the three filters back to All." in [
        info.value for info in app.info
    ]


def test_claim_in_the_address_is_shown_in_full(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, claim="abna-20-groups")
    assert not app.exception
    assert "at least 20 groups" in shown_texts(app)


def test_revision_in_the_address_shows_what_was_known_then(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, revision="1", actor_id="ttp")
    assert not app.exception
    assert [error.value for error in app.error] == [
        "The link names something that is not here. Choose from the list instead."
    ]
    assert any("revision 1" in info.value for info in app.info)


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        (PAGE, {"actor_id": "iskp", "claim": "abna-20-groups"}),
        (PAGE, {"actor_id": HOSTILE, "claim_topic": HOSTILE, "revision": "1"}),
        ("pages/published_figures.py", {"figure": "8am-killed-total"}),
        ("pages/published_figures.py", {"figure": "our-2025-01-change-total"}),
        ("pages/published_figures.py", {"publisher": HOSTILE}),
        ("pages/sources_and_method.py", {}),
    ],
)
def test_no_word_of_a_report_or_link_is_sent_as_markup(
    monkeypatch, hostile_store_url, page, parameters
):
    app = open_page(monkeypatch, hostile_store_url, page, **parameters)
    assert not app.exception
    sent = [(kind, text) for kind, text in sent_as_markup(app) if "192.0.2.1" in text]
    assert sent == []


def test_the_search_for_markup_finds_a_text_sent_so():
    """The control: the same search finds the hostile text where a page does it wrong."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_string(f"import streamlit as st\nst.caption({HOSTILE!r})").run()
    assert any("192.0.2.1" in text for _, text in sent_as_markup(app))


def test_hostile_words_are_shown_as_they_are(monkeypatch, hostile_store_url):
    app = open_page(monkeypatch, hostile_store_url, PAGE, actor_id="iskp")
    assert HOSTILE in shown_texts(app)
    assert isinstance(app.dataframe[0].value, pd.DataFrame)
