"""A slide says what its view says, and its record is enough to make it again."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice

import pandas as pd
import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import QueryError
from conflictmap.slides.evidence import checksum, content
from conflictmap.slides.order import SnapshotOrder, order_of, query_of_link
from conflictmap.slides.slide import Slide, SlideWishes
from conflictmap.slides.snapshot import Snapshot, Surroundings, take_batch, take_snapshot
from conflictmap.store import open_store
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.map_view import area_table, map_series, map_view
from conflictmap.views.query import read_query
from conflictmap.views.totals import totals
from tests.synthetic import facts_of, shipped_edition

AROUND = Surroundings(as_of="2026-11-20", boundary_note="A note of the organisation.")
ARTICLE = "source=8am-2022-12&measure=killed"
LINKS = (
    "",
    "measure=killed&level=district",
    "from=2022-10-01&to=2022-12-05&step=month",
    f"{ARTICLE}&step=sh_month&shown=SH1401-09",
    "measure=per_1000_km2&classes=quantiles",
    "measure=wounded&group=civilians&community=hazara&known=claimed",
)


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def taken(facts: Facts, link: str = "", **more: object) -> Snapshot:
    around = more.pop("around", AROUND)
    return take_snapshot(facts, SnapshotOrder(query=query_of_link(link), **more), around)


def slide_of(facts: Facts, link: str = "", **more: object) -> Slide:
    return taken(facts, link, **more).slide


@pytest.mark.parametrize("link", LINKS)
def test_fills_and_rows_of_a_slide_are_those_of_the_table_on_the_screen(facts, link):
    slide = slide_of(facts, link)
    query = query_of_link(link)
    view = map_view(facts, map_series(facts, query), query.shown)
    table = area_table(view)
    areas = table[table["Code"] != ""].set_index("Code")
    named = areas.iloc[:, 1]  # the measure
    for fill in slide.areas:
        shown = named[fill.code]
        assert fill.value == (None if pd.isna(shown) else float(shown))
    assert "".join(fill.letter for fill in slide.areas) == view.class_string
    shown_rows = [name for name, _ in slide.rows]
    assert shown_rows == areas["Area"].tolist()[: len(shown_rows)]
    assert len(shown_rows) + slide.more_rows == (named.fillna(0) != 0).sum()


def test_article_has_its_96_dead_in_the_words_of_the_slide(facts):
    slide = slide_of(facts, f"{ARTICLE}&group=civilians&group=taliban")
    assert "96 people killed" in slide.title
    assert slide.title.endswith("(1 report)")
    assert slide.subtitle[1:] == ("People harmed: Civilians, Taliban", "Reports: 8am-2022-12")


def test_bins_beside_the_map_stand_on_the_slide(facts):
    slide = slide_of(facts, "from=2022-10-01&to=2022-12-05")
    assert slide.counted == (
        "5 coded incidents in the period",
        "13 more not dated to this period",
    )
    assert "1 October to 5 December 2022 (9 Mizan to 14 Qaws 1401)" in slide.subtitle[0]


@pytest.mark.parametrize("link", LINKS)
def test_record_makes_the_same_slide_again(facts, link):
    wishes = SlideWishes("A title of mine", "INTERNAL USE ONLY", has_marks=False)
    first = taken(facts, link, wishes=wishes, paper="a4", format="svg")
    record = json.loads(json.dumps(first.record))
    order = order_of(record)
    assert order.query.revision == facts.revision
    again = take_snapshot(facts, order, AROUND)
    assert content(again.slide) == content(first.slide)
    assert again.record == first.record


def test_proposed_title_is_no_title_of_the_briefer(facts):
    assert taken(facts).record["title"] == ""
    assert not slide_of(facts).title_is_own
    own = slide_of(facts, wishes=SlideWishes(title="Ours"))
    assert (own.title, own.title_is_own) == ("Ours", True)


def test_any_change_of_what_is_said_changes_the_checksum(facts):
    slide = slide_of(facts)
    others = [
        replace(slide, title="Another"),
        replace(slide, rows=(("Kabul", "8"), *slide.rows[1:])),
        replace(slide, bars=(replace(slide.bars[0], value=99.0), *slide.bars[1:])),
        replace(slide, areas=(replace(slide.areas[0], colour="#000000"), *slide.areas[1:])),
    ]
    assert len({checksum(one) for one in (slide, *others)}) == 5
    assert checksum(slide_of(facts)) == checksum(slide)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"made_with": "Another program"}, "no record of this program"),
        ({"paper": "letter"}, "does not exist"),
        ({"format": "exe"}, "does not exist"),
        ({"view": "?measure=secret"}, "'measure' is not one of"),
    ],
)
def test_record_that_was_changed_into_no_order_is_refused(facts, change, said):
    with pytest.raises(QueryError, match=said):
        order_of(taken(facts).record | change)


def test_title_that_has_no_room_is_refused_with_its_length():
    order = SnapshotOrder(wishes=SlideWishes(title="x" * 181))
    with pytest.raises(QueryError, match="181 characters; a slide has room for 180"):
        take_snapshot(facts_of(), order, AROUND)


def test_free_text_is_one_line_without_characters_that_reorder_numbers(facts):
    given = "In \u202e21\u202c places\x00\x1b\n{{7*7}} ]]> <b> & \ud800 \u200fکابل"
    slide = slide_of(facts, wishes=SlideWishes(title=given))
    assert slide.title == "In 21 places {{7*7}} ]]> <b> & \u200fکابل"


def test_measure_that_is_refused_has_no_slide_but_the_reason(facts):
    with pytest.raises(QueryError, match="There is no slide of this view"):
        slide_of(facts, "measure=change")


# --- one slide a province, or a step


@pytest.mark.parametrize("most", [9, pytest.param(None, marks=pytest.mark.slow)])
def test_each_province_has_a_slide_with_the_provinces_own_total(facts, most):
    link = "measure=killed"
    batch = take_batch(facts, SnapshotOrder(query=query_of_link(link)), AROUND, "province")
    slides = [snapshot.slide for snapshot in islice(batch, most)]
    names = facts.names_of("province")
    assert [names[slide.province] for slide in slides] == sorted(names.values())[:most]
    ours = {row.key: row for row in totals(facts, query_of_link(link), "province").rows}
    assert 0 < sum(slide.province in ours for slide in slides) < len(slides)
    for slide in slides:
        assert {fill.code[:6] for fill in slide.areas} == {slide.province}
        row = ours.get(slide.province)
        if row is None:
            assert "no report in the sources read" in slide.title
        elif row.value is not None:
            assert f"{row.value:,.0f} " in slide.title


def test_reports_on_a_provinces_slide_are_those_of_the_province(facts):
    order = SnapshotOrder(query=query_of_link(""), province="AF-HER")
    slide = take_snapshot(facts, order, AROUND).slide
    told = facts.tables["incident_sources"]
    in_herat = facts.bins["province"].index[facts.bins["province"] == "AF-HER"]
    ids = set(told.loc[told["incident_id"].isin(in_herat), "source_id"])
    assert len(slide.titles) == len(ids)
    assert f"({len(ids)} report" in slide.title


def test_province_slides_are_refused_where_they_would_give_hidden_numbers_away(facts):
    around = replace(AROUND, suppress_below=3)
    with pytest.raises(QueryError, match="would give the hidden ones away"):
        take_snapshot(facts, SnapshotOrder(province="AF-KAB"), around)


def test_each_step_of_the_slider_has_a_slide_and_says_its_period(facts):
    order = SnapshotOrder(query=query_of_link("step=year"))
    slides = [snapshot.slide for snapshot in take_batch(facts, order, AROUND, "step")]
    steps = map_series(facts, order.query).steps
    assert len(slides) == len(steps)
    for slide, step in zip(slides, steps, strict=True):
        assert step.label in slide.subtitle[0]
        assert [bar.key for bar in slide.bars if bar.is_shown] == [step.key]


def test_deck_of_too_many_steps_is_refused_before_any_is_drawn(facts):
    order = SnapshotOrder(query=read_query({"step": ["day"]}))
    with pytest.raises(QueryError, match="it may have 1 to 120"):
        next(take_batch(facts, order, AROUND, "step"))
