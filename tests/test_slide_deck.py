"""What a PPTX shows, read back from its shapes, is what the slide says, and nothing else."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import lru_cache

import pytest
from lxml import etree
from pptx import Presentation
from pptx.util import Emu

from conflictmap.errors import QueryError
from conflictmap.slides.deck import read_deck, write_deck
from conflictmap.slides.deck_chart import CHART, step_texts
from conflictmap.slides.deck_look import area_fill
from conflictmap.slides.deck_map import AREAS, BORDERS, LEGEND, PLACES
from conflictmap.slides.deck_table import TABLE
from conflictmap.slides.evidence import checksum
from conflictmap.slides.fills import fill_of
from conflictmap.slides.paper import LEAST_PT, PAPERS
from conflictmap.slides.slide import Slide, SlideWishes
from tests.browser import ROOT
from tests.slide_deck import composed_of, shipped_facts, slide_of, synthetic_facts
from tests.synthetic import shipped_edition

VIEWS = {
    "incidents": {},
    "killed by district": {"measure": "killed", "level": "district"},
    "wounded, no figure": {"measure": "wounded"},
    "killed, with zero": {"measure": "killed"},
    "suppressed": {"measure": "killed", "suppress_below": 2},
    "share": {"measure": "share", "actor": "iskp"},
    "change": {"measure": "change", "shown": "2021"},
    "rate": {"measure": "per_1000_km2"},
    "filtered": {"type": "bombing", "from": "2021-01-01", "to": "2022-12-31"},
    "by month": {"step": "month", "shown": "2021-02"},
    "no incident": {"from": "1999-01-01", "to": "1999-12-31"},
}
HOSTILE = "]]> & <b> =cmd() {{7*7}} \u200f\u202e12 \" ' \x0b\x00 _x0041_ https://example.org"


@lru_cache
def slide_of_view(name: str) -> Slide:
    """Return the slide of a view of the synthetic rows."""
    return slide_of(synthetic_facts(), **VIEWS[name])


def deck_of(*slides: Slide, template: bytes | None = None) -> bytes:
    composed = [composed_of(slide) for slide in slides]
    records = [{"made_with": "a test", "number": str(n)} for n, _ in enumerate(slides)]
    return write_deck(composed, shipped_edition(), records=records, template=template)


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def drawn_as(letter: str, colour: str) -> str:
    """Return how a fill is read back."""
    told = fill_of(letter, colour)
    if told.drawing == "plain":
        return told.ground
    preset = re.search('prst="(.*?)"', area_fill(letter, colour))
    return f"pattern {preset[1]} {told.line} {told.ground}"


@pytest.mark.parametrize("name", VIEWS)
def test_fills_table_and_chart_are_those_of_the_slide(name):
    slide = slide_of_view(name)
    composed = composed_of(slide)
    (read,) = read_deck(deck_of(slide))
    assert read.areas == {fill.code: drawn_as(fill.letter, fill.colour) for fill in slide.areas}
    assert read.rows == composed.table_rows
    bars = slide.bars if composed.chart else ()
    assert read.bars == tuple((bar.label, bar.value) for bar in bars)
    assert [label for label, _ in read.workbook_bars or ()] == [bar.label for bar in bars]
    assert [value for _, value in read.workbook_bars or ()] == pytest.approx(
        [bar.value for bar in bars]
    )
    assert read.title == slide.title
    assert read.places == len(composed.marks)
    assert read.swatches == {
        swatch.letter: drawn_as(swatch.letter, swatch.colour) for swatch in composed.swatches
    }
    texts = (*composed.texts, *step_texts(composed))
    wanted = {block.name: " ".join(block.lines) for block in texts}
    wanted |= {label.name: label.text for label in composed.labels}
    wanted["scale"] = composed.scale.label
    del wanted["title"]
    assert read.texts == wanted
    assert read.problems == ()


def test_the_views_hold_every_status():
    letters = {fill.letter for name in VIEWS for fill in slide_of_view(name).areas}
    assert {"0", "z", "n", "f", "s"} <= letters


def test_shipped_data_are_read_back_as_the_slide_says_them(store_url):
    slide = slide_of(shipped_facts(store_url), measure="killed", step="month", shown="2022-09")
    (read,) = read_deck(deck_of(slide))
    assert read.areas == {fill.code: drawn_as(fill.letter, fill.colour) for fill in slide.areas}
    assert ("September 2022", next(bar.value for bar in slide.bars if bar.is_shown)) in read.bars
    assert None in dict(read.bars).values()  # months without a figure stay without one
    assert read.problems == ()


@pytest.mark.parametrize("paper", PAPERS)
def test_every_shape_lies_inside_the_slide(paper):
    composed = composed_of(slide_of_view("killed by district"), paper)
    content = write_deck([composed], shipped_edition(), records=[{}])
    presentation = Presentation(io.BytesIO(content))
    (sheet,) = presentation.slides
    for shape in sheet.shapes:
        assert shape.left >= 0, shape.name
        assert shape.top >= 0, shape.name
        assert shape.left + shape.width <= presentation.slide_width, shape.name
        assert shape.top + shape.height <= presentation.slide_height, shape.name
    wide, tall = Emu(presentation.slide_width).inches, Emu(presentation.slide_height).inches
    assert (wide, tall) == (
        pytest.approx(PAPERS[paper].width, abs=1e-4),
        pytest.approx(PAPERS[paper].height, abs=1e-4),
    )


def test_shapes_have_names_words_for_those_who_do_not_see_them_and_readable_letters():
    slide = slide_of_view("killed by district")
    (sheet,) = Presentation(io.BytesIO(deck_of(slide))).slides
    told = {
        shape.name: shape.element.find(".//{*}cNvPr").get("descr", "") for shape in sheet.shapes
    }
    assert told[AREAS] == slide.in_words
    assert all(told[name] for name in (BORDERS, LEGEND, TABLE, CHART))
    assert sheet.shapes.title.text_frame.text.split() == slide.title.split()
    areas = next(shape for shape in sheet.shapes if shape.name == AREAS)
    assert [shape.name for shape in areas.shapes] == [
        f"{fill.code} {fill.name}" for fill in slide.areas
    ]
    ids = [about.get("id") for about in sheet.element.iter("{*}cNvPr")]
    assert len(set(ids)) == len(ids)
    sizes = [int(run.get("sz")) for run in sheet.element.iter("{*}rPr", "{*}defRPr")]
    assert min(sizes) >= LEAST_PT * 100


def test_marks_can_be_left_out(store_url):
    facts = shipped_facts(store_url)
    (with_marks,) = read_deck(deck_of(slide_of(facts)))
    slide = slide_of(facts, wishes=SlideWishes(has_marks=False, has_chart=False))
    content = deck_of(slide)
    (without,) = read_deck(content)
    assert with_marks.places == 8
    assert without.places == 0
    assert without.bars == ()
    assert PLACES.encode() not in parts_of(content)["ppt/slides/slide1.xml"]


def test_notes_hold_the_evidence_and_the_record():
    wishes = SlideWishes(title="A title of my own")
    slide = slide_of(synthetic_facts(), wishes=wishes, measure="killed")
    content = deck_of(slide)
    (sheet,) = Presentation(io.BytesIO(content)).slides
    notes = sheet.notes_slide.notes_text_frame.text
    for text in (
        *slide.subtitle,
        slide.link,
        "Revision 1, published 2026-01-31 (UTC).",
        f"Title: edited by hand. Proposed by rule: {slide.proposed_title}",
        *slide.titles,
        "; ".join(slide.counted),
        slide.boundaries,
        slide.disclaimer,
        checksum(slide),
    ):
        assert text in notes
    (read,) = read_deck(content)
    assert read.record == {"made_with": "a test", "number": "0"}


def test_a_deck_of_34_slides_has_each_in_its_place():
    slide = slide_of_view("incidents")
    slides = [replace(slide, title=f"Slide {n}") for n in range(34)]
    seen = []
    content = write_deck(
        [composed_of(one) for one in slides],
        shipped_edition(),
        records=[{"n": str(n)} for n in range(34)],
        on_progress=lambda done, whole: seen.append((done, whole)),
    )
    read = read_deck(content)
    assert [one.title for one in read] == [f"Slide {n}" for n in range(34)]
    assert [one.record["n"] for one in read] == [str(n) for n in range(34)]
    assert all(one.problems == () and one.areas == read[0].areas for one in read)
    assert seen == [(n, 34) for n in range(1, 35)]
    names = list(parts_of(content))
    assert len(names) == len(set(names))


def test_a_deck_without_slides_or_of_two_sizes_is_refused():
    slide = slide_of_view("incidents")
    sentence = "A deck needs at least one slide, and slides of one size."
    with pytest.raises(QueryError, match=sentence):
        write_deck([], shipped_edition(), records=[])
    composed = [composed_of(slide), composed_of(slide, "4:3")]
    with pytest.raises(QueryError, match=sentence):
        write_deck(composed, shipped_edition(), records=[{}, {}])


def test_of_many_steps_the_first_the_shown_and_the_last_are_named():
    (many,) = read_deck(deck_of(slide_of_view("by month")))
    named = [text for name, text in many.texts.items() if name.startswith("step ")]
    assert len(many.bars) > 30
    assert {many.bars[0][0], "February 2021"} & set(named)
    (few,) = read_deck(deck_of(slide_of_view("incidents")))
    assert not [name for name in few.texts if name.startswith("step ")]


def test_a_time_line_without_any_figure_is_a_chart_without_columns():
    slide = slide_of_view("incidents")
    composed = composed_of(slide, bars=tuple(replace(bar, value=None) for bar in slide.bars))
    composed = replace(composed, chart=composed_of(slide).chart)
    (read,) = read_deck(write_deck([composed], shipped_edition(), records=[{}]))
    assert [value for _, value in read.bars] == [None] * len(slide.bars)
    assert read.workbook_bars == read.bars


# --- text is data


def hostile_slide() -> Slide:
    wishes = SlideWishes(title=f"Title {HOSTILE}", marking=f"{HOSTILE[:40]}")
    slide = slide_of(synthetic_facts(), wishes=wishes)
    text = re.sub("[\x00-\x1f\u202e]", "", HOSTILE)
    bars = tuple(replace(bar, label=f"=cmd() {n} {text}") for n, bar in enumerate(slide.bars))
    return replace(
        slide,
        sources=(text,),
        titles=(text,),
        bars=bars,
        rows=((text, "=1+1"), *slide.rows),
        subtitle=(text,),
    )


def test_hostile_text_comes_back_as_the_same_plain_text():
    slide = hostile_slide()
    composed = composed_of(slide)
    record = {"title": HOSTILE}
    content = write_deck([composed], shipped_edition(), records=[record])
    (read,) = read_deck(content)
    assert read.title == slide.title
    assert "]]> & <b> =cmd() {{7*7}} \u200f" in read.title
    assert read.rows == composed.table_rows
    assert read.rows[1][1] == "=1+1"
    assert read.texts["sources"] == " ".join(
        line for block in composed.texts if block.name == "sources" for line in block.lines
    )
    assert read.bars == tuple((bar.label, bar.value) for bar in slide.bars)
    assert read.workbook_bars == read.bars
    assert read.record == record
    assert read.problems == ()


def test_hostile_text_is_no_markup_field_link_or_formula():
    for name, part in parts_of(deck_of(hostile_slide())).items():
        if name.endswith((".xml", ".rels")):
            root = etree.fromstring(part)
            tags = {etree.QName(element).localname for element in root.iter()}
            assert not tags & {"hlinkClick", "hlinkHover", "b"} or "slides" not in name
            if name.startswith("ppt/slides/"):
                assert "fld" not in tags
        if name.endswith(".xlsx"):
            sheet = etree.fromstring(parts_of(part)["xl/worksheets/sheet1.xml"])
            assert not list(sheet.iter("{*}f", "{*}hyperlink"))


def test_nothing_in_the_file_leads_out_of_it():
    for template in (None, saved(Presentation())):
        content = deck_of(hostile_slide(), template=sized(template))
        for holder in (content, *charts_of(content)):
            for name, part in parts_of(holder).items():
                if name.endswith(".rels"):
                    assert b"External" not in part, name


def saved(presentation) -> bytes:
    written = io.BytesIO()
    presentation.save(written)
    return written.getvalue()


def sized(template: bytes | None) -> bytes | None:
    if template is None:
        return None
    presentation = Presentation(io.BytesIO(template))
    presentation.slide_width, presentation.slide_height = Emu(12_192_000), Emu(6_858_000)
    return saved(presentation)


def charts_of(content: bytes) -> list[bytes]:
    return [part for name, part in parts_of(content).items() if name.endswith(".xlsx")]


# --- the same bytes

AGAIN = """
import sys
from tests.slide_deck import composed_of, slide_of, synthetic_facts
from tests.synthetic import shipped_edition
from conflictmap.slides.deck import write_deck
slide = slide_of(synthetic_facts(), measure="killed")
composed = [composed_of(slide), composed_of(slide, title="Another")]
written = write_deck(composed, shipped_edition(), records=[{"b": "1", "a": "2"}, {}])
sys.stdout.buffer.write(written)
"""


def test_the_same_slides_give_the_same_bytes_in_a_fresh_process():
    runs = [
        subprocess.run(
            [sys.executable, "-c", AGAIN], cwd=ROOT, capture_output=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert len(read_deck(runs[0])) == 2


def test_the_file_tells_no_moment_author_or_machine():
    slide = slide_of_view("killed, with zero")
    content = deck_of(slide)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.create_system for entry in archive.infolist()} == {0}
    names = set(parts_of(content))
    assert not {name for name in names if "thumbnail" in name or "printer" in name}
    assert "docProps/app.xml" not in names
    about = Presentation(io.BytesIO(content)).core_properties
    assert about.title == slide.title
    assert (about.author, about.last_modified_by) == ("", "")
    assert str(about.created) == str(about.modified) == "2026-01-31 00:00:00"
    (workbook,) = charts_of(content)
    core = parts_of(workbook)["docProps/core.xml"].decode()
    assert set(re.findall(r"20\d\d-[^<]*", core)) == {"2026-01-31T00:00:00Z"}
