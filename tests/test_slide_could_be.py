"""What areas could hold on a slide: the marks, ranges and refusals of the screen."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import shapely

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.slides.compose import Composition
from conflictmap.slides.deck import read_deck
from conflictmap.slides.deck_map import DOUBTS
from conflictmap.slides.fills import PAPER
from conflictmap.slides.legend import DOUBT_SIGNS
from conflictmap.slides.order import SnapshotOrder, query_of_link
from conflictmap.slides.paper import PAPERS
from conflictmap.slides.reading_back import read_picture
from conflictmap.slides.slide import Slide
from conflictmap.slides.snapshot import (
    Snapshot,
    Surroundings,
    export_snapshots,
    take_snapshot,
)
from conflictmap.slides.verify import verify_file
from conflictmap.store import open_store
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.map_view import area_table, map_series, map_view
from tests.synthetic import shipped_edition
from tests.test_slide_layout import check

AROUND = Surroundings(as_of="2026-11-20")
FORMATS = ("png", "svg", "pdf", "pptx")
LINKS = (
    "could=shown",
    "could=shown&level=district",
    "could=shown&level=district&measure=killed",
    "could=shown&measure=per_1000_km2",
    "could=shown&step=year&shown=2022",
)


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def taken(facts: Facts, link: str, *, around: Surroundings = AROUND, **how: Any) -> Snapshot:
    return take_snapshot(facts, SnapshotOrder(query=query_of_link(link), **how), around)


def slide_of(facts: Facts, link: str, **how: Any) -> Slide:
    slide = taken(facts, link, **how).slide
    assert isinstance(slide, Slide)
    return slide


def composed_of(facts: Facts, link: str, **how: Any) -> Composition:
    composed = taken(facts, link, **how).composed
    assert isinstance(composed, Composition)
    return composed


def made(facts: Facts, kind: str, link: str) -> bytes:
    order = SnapshotOrder(query=query_of_link(link), format=kind)  # type: ignore[arg-type]
    return export_snapshots([take_snapshot(facts, order, AROUND)], order, facts)


@pytest.mark.parametrize("link", LINKS)
def test_marks_and_ranges_are_those_of_the_screen(facts, link):
    slide, query = slide_of(facts, link), query_of_link(link)
    view = map_view(facts, map_series(facts, query), query.shown, has_could_be=True)
    assert view.could is not None
    assert "".join(fill.mark for fill in slide.areas) == view.could.marks
    table = area_table(view).set_index("Code")
    for fill in slide.areas:
        least, most = table.loc[fill.code, ["Could hold least", "Could hold most"]]
        if fill.could:
            assert fill.could.startswith(
                f"{least:,.0f}" if least == int(least) else f"{least:,.2f}"
            )
            assert fill.could.endswith("or more") is bool(pd.isna(most))
    assert slide.rows_title[-1] == "Could be"
    assert all(len(row) == 3 for row in slide.rows)


def test_legend_tells_both_marks_with_their_number_of_areas(facts):
    link = "could=shown&level=district"
    slide, composed = slide_of(facts, link), composed_of(facts, link)
    marks = [fill.mark for fill in slide.areas]
    words = {block.name: " ".join(block.lines) for block in composed.texts}
    assert words["sign unsure"] == f"class not robust ({marks.count('1')})"
    assert words["sign could"] == f"none shown, could hold some ({marks.count('2')})"
    assert words["could"] == slide.could_note
    assert f"({marks.count('3')} areas are not marked, for only the latter)" in slide.could_note


def test_a_slide_that_was_not_asked_for_it_says_nothing_new(facts):
    slide, composed = slide_of(facts, ""), composed_of(facts, "")
    assert composed.doubts == ()
    assert slide.could_note == ""
    said = slide.values()
    assert "could_note" not in said
    assert all(set(area) == {"code", "name", "letter", "colour", "value", "words"}
               for area in said["areas"])  # fmt: skip


def test_suppressed_numbers_are_not_given_away_and_the_reason_is_told(facts):
    composed = composed_of(facts, "could=shown", around=replace(AROUND, suppress_below=3))
    assert composed.doubts == ()
    assert all(not fill.mark and not fill.could for fill in composed.slide.areas)
    words = {block.name: " ".join(block.lines) for block in composed.texts}
    assert "could be found by subtraction" in words["could"]
    assert "Could be" not in composed.slide.rows_title


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("link", LINKS[:3])
def test_nothing_overlaps_and_no_mark_is_drawn_without_its_sign(facts, paper, link):
    composed = composed_of(facts, link, paper=paper)
    check(composed)
    signs = {sign.kind for sign in composed.signs}
    marks = {fill.code: fill.mark for fill in composed.slide.areas}
    drawn = {doubt.code for doubt in composed.doubts}
    assert {DOUBT_SIGNS[marks[code]][0] for code in drawn} <= signs
    assert drawn == {code for code, mark in marks.items() if mark in DOUBT_SIGNS}


@pytest.mark.parametrize("level", ["province", "district"])
def test_mark_lies_inside_its_area_and_is_seen_on_any_fill(facts, level):
    composed = composed_of(facts, f"could=shown&level={level}")
    places = {shape.code: shape for shape in composed.map.areas}
    assert composed.doubts
    marks = {fill.code: fill.mark for fill in composed.slide.areas}
    for doubt in composed.doubts:
        ground = shapely.union_all(
            [shapely.Polygon(ring).buffer(0) for ring in places[doubt.code].rings]
        ).buffer(1e-6)
        for ring in doubt.parts[-1].rings:
            assert ground.covers(shapely.LineString(ring))
        assert doubt.parts[-1].dash == {"1": "dash", "2": "dot"}[marks[doubt.code]]
        if marks[doubt.code] == "1":  # dark dashes on white: no fill hides both
            assert doubt.parts[0].line == PAPER
            assert doubt.parts[0].line_pt > doubt.parts[-1].line_pt


def test_alternative_text_and_notes_name_the_areas_with_their_ranges(facts):
    slide = slide_of(facts, "could=shown")
    unsure = [fill for fill in slide.areas if fill.mark == "1"]
    assert unsure
    for fill in unsure:
        assert f"{fill.name} ({fill.could})" in slide.in_words
        assert f"{fill.name} ({fill.could})" in slide.all_rows()[0]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("link", LINKS[:2])
def test_same_view_gives_the_same_bytes_and_is_intact(facts, kind, link):
    file = made(facts, kind, link)
    assert file == made(facts, kind, link)
    found = verify_file(file, lambda _: facts, lambda _: AROUND, latest=facts.revision)
    assert (found.tampering, found.changes) == ((), ())


def test_each_mark_of_a_pptx_and_an_svg_has_its_area_and_words(facts):
    composed = composed_of(facts, "could=shown")
    (read,) = read_deck(made(facts, "pptx", "could=shown"))
    assert read.problems == ()
    drawn = " ".join(read.drawn)
    svg = read_picture(made(facts, "svg", "could=shown"), "svg")
    for doubt in composed.doubts:
        assert doubt.code in drawn
        assert svg.texts[f"doubt-{doubt.code}"] == doubt.words


def test_mark_taken_off_a_slide_is_told_by_its_area(facts):
    file = made(facts, "pptx", "could=shown")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == "ppt/slides/slide1.xml":
                text = data.decode()
                shapes = re.findall(r"<p:sp>.*?</p:sp>", text)
                (first, *_) = [
                    shape for shape in shapes if re.search(r'name="AF-... class not robust"', shape)
                ]
                data = text.replace(first, "").encode()
            new.writestr(item, data)
    found = verify_file(out.getvalue(), lambda _: facts, lambda _: AROUND, latest=facts.revision)
    assert [line for line in found.tampering if f"drawing of {DOUBTS}" in line]


def test_slide_of_a_province_has_the_marks_of_its_districts(facts):
    herat = slide_of(facts, "could=shown", province="AF-HER")
    assert any(fill.mark == "2" for fill in herat.areas)
    assert herat.could_note.startswith("Could be here: ")
    drawn = {
        doubt.code[:6] for doubt in composed_of(facts, "could=shown", province="AF-HER").doubts
    }
    assert drawn == {"AF-HER"}
