"""A slide as PNG, SVG and PDF: all of it is drawn, as it stands, and always the same."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from defusedxml import ElementTree
from PIL import Image
from pypdf import PdfReader

from conflictmap.slides import fonts, locator
from conflictmap.slides.canvas import Canvas
from conflictmap.slides.compose import Composition
from conflictmap.slides.drawing import draw_slide
from conflictmap.slides.fills import PATTERNS, fill_of
from conflictmap.slides.fitting import text_width
from conflictmap.slides.land import LAND_FILE
from conflictmap.slides.paper import LEAST_PT, PAPERS, Box
from conflictmap.slides.picture import Format, draw_picture
from conflictmap.slides.reading_back import read_picture
from conflictmap.slides.slide import SlideWishes
from tests.browser import ROOT
from tests.slide_examples import composed_of, made_up_facts, slide_of
from tests.synthetic import shipped_edition

FACTS = made_up_facts()
KILLED = slide_of(FACTS, measure="killed", level="district")
FORMATS: tuple[Format, ...] = ("png", "svg", "pdf")
HOSTILE = (
    "$x^2$ $\\frac{1}{2}$",
    "a_b^c \\n \\alpha",
    "{{7*7}} {% if x %}",
    "]]> <!-- --> <script>alert(1)</script>",
    "A & B < C > D \" '",
    "=cmd() @SUM +1",
    "\x00\x07a\x1bb\u202ec\u2028d",
    "%PDF-1.7 /Type (x) \\",
)


def drawn(composed: Composition, kind: Format, **how: Any) -> bytes:
    record: Mapping[str, str] = how.pop("record", {"view": "?revision=1"})
    return draw_picture(composed, shipped_edition(), format=kind, record=record, **how)


def words_of(svg: bytes) -> dict[str, str]:
    """Return what each named group of an SVG says."""
    root = ElementTree.fromstring(svg)
    return {
        group.get("id"): group.get("aria-label")
        for group in root.iter("{http://www.w3.org/2000/svg}g")
        if group.get("aria-label")
    }


def texts_on(canvas: Canvas) -> list[Any]:
    """Return the lines of text on a canvas."""
    from matplotlib.text import Text

    return [artist for artist in canvas.figure.artists if isinstance(artist, Text)]


def pdf_text(content: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())


@pytest.mark.parametrize("paper", sorted(PAPERS))
def test_every_number_and_text_of_a_slide_is_drawn(paper):
    composed = composed_of(KILLED, paper)
    words = words_of(drawn(composed, "svg"))
    said = list(words.values())
    for block in composed.texts:
        for line in block.lines:
            assert line in said
    for number, (name, value) in enumerate(composed.table_rows):
        assert words[f"row-{number}-area"] == name
        assert words[f"row-{number}-value"] == value
    for fill in KILLED.areas:
        assert words[f"area-{fill.code}"] == f"{fill.name}: {fill.words}"
    assert composed.bars is not None
    for number, bar in enumerate(composed.bars.bars, start=1):
        assert words[f"bar-{number}"] == f"{bar.label}: {bar.value:,.12g}"
    for label in composed.labels:
        assert words[f"label-{label.code}"] == label.text


def test_all_rows_of_the_slide_are_in_the_table():
    composed = composed_of(KILLED)
    assert composed.table_rows == (KILLED.rows_title, *KILLED.rows)
    text = pdf_text(drawn(composed, "pdf"))
    for name, value in KILLED.rows:
        assert name in text
        assert value in text


def test_areas_have_the_colour_of_their_class():
    svg = drawn(composed_of(KILLED), "svg")
    root = ElementTree.fromstring(svg)
    groups = {group.get("id"): group for group in root.iter("{http://www.w3.org/2000/svg}g")}
    patterns: dict[str, set[str]] = {}
    for fill in KILLED.areas:
        (look,) = [path.get("style") for path in groups[f"area-{fill.code}"] if path.get("d")]
        filled = dict(part.split(": ") for part in look.split("; "))["fill"]
        patterns.setdefault(fill.letter, set()).add(filled)
    colours = {entry.letter: entry.colour for entry in KILLED.legend}
    for letter, fills in patterns.items():
        (fill,) = fills  # one look a class or status
        plain = fill_of(letter, colours[letter])
        assert fill.startswith("url(#") if plain.drawing != "plain" else fill == plain.ground
    assert len(patterns) == len({next(iter(fills)) for fills in patterns.values()}) >= 3


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_carries_its_record(kind):
    record = {"view": "?a=1&b=]]>", "title": "<&>\"' \u06a9\u0627\u0628\u0644 {x}", "none": ""}
    read = read_picture(drawn(composed_of(KILLED), kind, record=record), kind)
    assert read.record == record


@pytest.mark.parametrize(
    ("paper", "size"),
    [("16:9", (1920, 1080)), ("4:3", (1440, 1080)), ("square", (1440, 1440))],
)
def test_pictures_have_the_pixels_of_their_paper(paper, size):
    composed = composed_of(KILLED, paper)
    with Image.open(io.BytesIO(drawn(composed, "png"))) as picture:
        assert picture.size == size
    with Image.open(io.BytesIO(drawn(composed, "png", is_large=True))) as picture:
        assert picture.size == (2 * size[0], 2 * size[1])


def test_a_picture_without_paper_is_transparent_beside_what_is_drawn():
    composed = composed_of(KILLED)
    for is_transparent, alpha in ((False, 255), (True, 0)):
        content = drawn(composed, "png", is_transparent=is_transparent)
        with Image.open(io.BytesIO(content)) as picture:
            assert picture.convert("RGBA").getpixel((3, 3))[3] == alpha


def test_an_svg_names_each_part_once_and_nothing_elsewhere():
    svg = drawn(composed_of(KILLED), "svg")
    root = ElementTree.fromstring(svg, forbid_dtd=True)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    links = [
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if name.endswith("href")
    ]
    assert all(link.startswith("#") for link in links)
    assert b"<script" not in svg
    assert b"<image" not in svg


def test_text_alternative_stands_in_every_format():
    composed = composed_of(KILLED)
    assert KILLED.in_words
    root = ElementTree.fromstring(drawn(composed, "svg"))
    assert root.find("{http://www.w3.org/2000/svg}title").text == KILLED.title
    assert root.find("{http://www.w3.org/2000/svg}desc").text == KILLED.in_words
    about = PdfReader(io.BytesIO(drawn(composed, "pdf"))).metadata
    assert (about["/Title"], about["/Subject"]) == (KILLED.title, KILLED.in_words)
    with Image.open(io.BytesIO(drawn(composed, "png"))) as picture:
        assert picture.text["Description"] == KILLED.in_words


# --- text is data


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_drawn_as_it_stands(title):
    slide = slide_of(FACTS, wishes=SlideWishes(title=title))
    composed = composed_of(slide)
    shown = " ".join(slide.title.split())
    assert words_of(drawn(composed, "svg"))["title"] == shown
    assert shown.replace(" ", "") in pdf_text(drawn(composed, "pdf")).replace(" ", "")
    canvas = Canvas(composed.paper, is_transparent=False)
    draw_slide(canvas, composed)
    (text,) = [one for one in texts_on(canvas) if one.get_gid() == "title"]
    assert text.get_text() == shown
    assert text.get_parse_math() is False


def test_hostile_words_in_other_places_leave_the_svg_whole():
    words = " ".join(HOSTILE[:6])
    composed = composed_of(
        KILLED, subtitle=(words,), sources=(words,), marking=HOSTILE[3][:40], in_words="\x00\x0b]]>"
    )
    assert "]]>" in " ".join(words_of(drawn(composed, "svg", record={"x\x00": words})).values())


def test_letters_are_as_wide_as_they_were_measured():
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    composed = composed_of(KILLED)
    canvas = Canvas(composed.paper, is_transparent=False)
    draw_slide(canvas, composed)
    canvas.figure.set_dpi(144)
    renderer = FigureCanvasAgg(canvas.figure).get_renderer()
    width, height = composed.paper.width * 144, composed.paper.height * 144
    by_name = {text.get_gid(): text for text in texts_on(canvas)}
    for text in texts_on(canvas):
        extent = text.get_window_extent(renderer)
        assert extent.x0 >= 0
        assert extent.x1 <= width
        assert extent.y0 >= 0
        assert extent.y1 <= height
    for block in composed.texts:
        if len(block.lines) == 1:
            extent = by_name[block.name.replace(" ", "-")].get_window_extent(renderer)
            measured = text_width(block.lines[0], block.size_pt, is_bold=block.is_bold)
            assert extent.width / 144 == pytest.approx(measured, rel=0.03, abs=0.03)


# --- Dari and Pashto


def has_font() -> None:
    if not fonts.has_arabic_font():
        pytest.skip("the font Noto Naskh Arabic is not installed (fonts-noto-core)")


@pytest.mark.parametrize("word", ["کابل", "ولسوالۍ", "هرات"])
def test_letters_of_dari_and_pashto_are_joined(word):
    has_font()
    alone = sum(text_width(letter, LEAST_PT) for letter in word)
    assert text_width(word, LEAST_PT) != pytest.approx(alone, rel=0.03)


def test_dari_is_drawn_from_the_right():
    """The first letter, a tall lam, stands at the right end: in its ink, and not in the words."""
    has_font()
    ink = {}
    for word in ("لسس", "سسل"):
        canvas = Canvas(PAPERS["16:9"], is_transparent=False)
        canvas.text(1.0, 3.0, word, 72.0)
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        picture = FigureCanvasAgg(canvas.figure)
        picture.draw()
        dark = np.asarray(picture.buffer_rgba())[:, :, 0] < 128
        columns = np.flatnonzero(dark.any(axis=0))
        highest = np.argmax(dark.any(axis=1))
        tall = np.flatnonzero(dark[highest])[0]
        ink[word] = (tall - columns[0]) / (columns[-1] - columns[0])
    assert ink["لسس"] > 0.5 > ink["سسل"]


def test_a_title_in_dari_is_in_every_format():
    has_font()
    slide = replace(KILLED, title="کابل: ۱۱۳ تن زخمی (UN)")
    composed = composed_of(slide)
    assert words_of(drawn(composed, "svg"))["title"] == slide.title
    assert all(drawn(composed, kind) for kind in FORMATS)


# --- patterns


def test_patterns_and_classes_differ_in_greyscale():
    """Each pair differs in its mean grey, how much it varies, or in which direction."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from conflictmap.slides.drawing import _look

    canvas = Canvas(PAPERS["16:9"], is_transparent=False)
    for number, letter in enumerate(PATTERNS):
        canvas.box(Box(1 + 2 * number, 1, 1, 1), **_look(letter, ""), edgecolor="none")
    canvas.figure.set_dpi(144)
    picture = FigureCanvasAgg(canvas.figure)
    picture.draw()
    grey = np.asarray(Image.fromarray(np.asarray(picture.buffer_rgba())).convert("L"), dtype=float)
    looks = {}
    for number, letter in enumerate(PATTERNS):
        left = round((1 + 2 * number) * 144)
        field = grey[150:280, left + 6 : left + 136]
        diagonal = np.roll(field, 1, axis=1)[1:, 1:] - field[:-1, 1:]
        looks[letter] = np.array(
            [
                field.mean(),
                field.std(),
                field.mean(axis=1).std(),
                field.mean(axis=0).std(),
                np.abs(diagonal).mean(),
            ]
        )
    letters = list(looks)
    for number, one in enumerate(letters):
        for other in letters[number + 1 :]:
            assert np.abs(looks[one] - looks[other]).max() > 4, (one, other)


# --- always the same

_ANEW = """
import hashlib, sys
from tests.test_slide_picture import FORMATS, KILLED, composed_of, drawn
for kind in FORMATS:
    print(hashlib.sha256(drawn(composed_of(KILLED), kind)).hexdigest())
print("matplotlib.pyplot" in sys.modules)
"""
_OWN_SETTINGS = """
font.style: italic
font.size: 30
figure.facecolor: red
savefig.dpi: 40
svg.fonttype: none
hatch.linewidth: 6
path.simplify: True
pdf.compression: 0
"""


def test_pictures_are_the_same_in_a_fresh_process_with_settings_of_its_own(tmp_path: Path):
    (tmp_path / "matplotlibrc").write_text(_OWN_SETTINGS)
    told = subprocess.run(
        [sys.executable, "-c", _ANEW],
        cwd=ROOT,
        env=os.environ | {"MATPLOTLIBRC": str(tmp_path), "PYTHONHASHSEED": "7", "TZ": "Asia/Kabul"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    here = [hashlib.sha256(drawn(composed_of(KILLED), kind)).hexdigest() for kind in FORMATS]
    assert told == [*here, "False"]


def test_sessions_that_draw_at_once_get_the_same_pictures():
    composed = composed_of(KILLED)
    wanted = {kind: drawn(composed, kind) for kind in FORMATS}
    with ThreadPoolExecutor(4) as threads:
        again = list(threads.map(lambda kind: (kind, drawn(composed, kind)), FORMATS * 2))
    assert all(wanted[kind] == content for kind, content in again)


def test_the_dashboard_does_not_wait_for_matplotlib():
    code = "import sys, conflictmap.slides.picture as _; print('matplotlib' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"


# --- the locator


def test_locator_shows_the_country_between_the_seas():
    if not LAND_FILE.is_file():
        pytest.skip("land is not installed (make setup)")
    box = Box(1.0, 1.0, 2.0, 2.0)
    inset = locator.world_inset(shipped_edition(), box)
    assert inset is not None
    for ring in (*inset.land, *inset.here):
        assert ring[:, 0].min() >= box.left - 1e-9
        assert ring[:, 0].max() <= box.right + 1e-9
        assert ring[:, 1].min() >= box.top - 1e-9
        assert ring[:, 1].max() <= box.bottom + 1e-9
    middle = np.vstack(inset.here).mean(axis=0)
    assert middle == pytest.approx([2.0, 2.0], abs=0.15)


def test_without_land_the_slide_is_drawn_without_locator(tmp_path, monkeypatch):
    missing = tmp_path / "land.json"
    assert locator.world_inset(shipped_edition(), Box(0, 0, 1, 1), land_file=missing) is None
    monkeypatch.setattr("conflictmap.slides.compose.world_inset", lambda *_: None)
    composed = composed_of(KILLED)
    assert composed.insets == ()
    assert "locator-world" not in words_of(drawn(composed, "svg"))


def test_country_inset_shows_one_province_in_it():
    inset = locator.country_inset(shipped_edition(), Box(0, 0, 1, 1), "AF-BDS")
    here, land = np.vstack(inset.here), np.vstack(inset.land)
    assert here[:, 0].mean() > land[:, 0].mean()
    assert inset.text == "Where Badakhshan lies in Afghanistan"
