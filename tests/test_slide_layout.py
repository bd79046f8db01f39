"""A slide on paper: nothing overlaps, nothing leaves the paper, and what is left out is told."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictmap.errors import SettingsError
from conflictmap.slides import fonts
from conflictmap.slides.bar_chart import lay_out_bars
from conflictmap.slides.compose import Composition, compose
from conflictmap.slides.fitting import fit_items, fit_lines, fit_size, line_height, text_width
from conflictmap.slides.legend import MARK_SIGNS
from conflictmap.slides.paper import LEAST_PT, PAPERS, Box
from conflictmap.slides.slide import Bar
from conflictmap.views.map_view import LegendEntry
from conflictmap.views.points import Points
from tests.slide_boxes import assert_none_leaves, assert_none_overlaps, boxes_of_texts
from tests.slide_examples import composed_of, made_up_facts, slide_of
from tests.synthetic import shipped_edition

FACTS = made_up_facts()
BASE = slide_of(FACTS, measure="killed")
PAPER_NAMES = st.sampled_from(sorted(PAPERS))
WORDS = st.text(st.sampled_from("abcdefgh ijklmnop WMil 0123456789"), min_size=1)
STATUSES = (
    LegendEntry("z", "", "zero, by what a source says", 12),
    LegendEntry("n", "", "no report in the sources read", 34),
    LegendEntry("f", "", "incidents reported, no figure given", 3),
    LegendEntry("s", "", "suppressed", 5),
)


def some_points(*kinds: str) -> Points:
    """Return synthetic marks, one of each kind, around Kabul."""
    n = len(kinds)
    return Points(
        np.array(kinds, dtype=object),
        np.linspace(34.5, 34.9, n),
        np.linspace(69.1, 69.9, n),
        np.full(n, 25.0),
        np.ones(n),
        np.arange(n) * 10.0,
        n,
        0.2 if "cell" in kinds else None,
    )


def bars_of(n: int, *, low: float = 0.0, missing: int = 0) -> tuple[Bar, ...]:
    """Return a synthetic time line; every `missing`-th step has no value."""
    return tuple(
        Bar(
            str(step),
            f"Month {step:04}",
            None if missing and step % missing == 0 else low + step % 37,
            step == n // 2,
        )
        for step in range(n)
    )


def placed_boxes(composed: Composition) -> dict[str, Box]:
    """Return what must not overlap, by name: text as wide as it is drawn, and what is no text."""
    blocks = [*composed.texts, *(composed.bars.texts if composed.bars else ())]
    boxes = boxes_of_texts(blocks)
    boxes |= {f"swatch {swatch.letter}": swatch.box for swatch in composed.swatches}
    boxes |= {f"sign {sign.kind} drawn": sign.box for sign in composed.signs}
    for inset in composed.insets:
        boxes[f"inset {inset.name}"] = inset.box
    boxes["scale"] = composed.scale.box
    for label in composed.labels:
        width, height = text_width(label.text, label.size_pt), line_height(label.size_pt)
        boxes[label.name] = Box(label.x - width / 2, label.y - height / 2, width, height)
    if composed.table:
        boxes["table"] = composed.table
    if composed.bars:
        for bar in composed.bars.bars:
            boxes[f"bar {bar.key}"] = bar.box
    return boxes


def check(composed: Composition) -> None:
    boxes = placed_boxes(composed)
    assert_none_leaves(boxes, composed.paper)
    assert_none_overlaps({name: box for name, box in boxes.items() if not name.startswith("bar ")})
    for label in composed.labels:
        if label.line_from and label.line_to:
            line = shapely.LineString([label.line_from, label.line_to])
            for other in composed.labels:
                box = boxes[other.name]
                edges = shapely.box(box.left, box.top, box.right, box.bottom)
                assert other is label or not line.intersects(edges)
    if composed.bars and composed.chart:
        for bar in composed.bars.bars:
            assert composed.chart.left <= bar.box.left
            assert bar.box.right <= composed.chart.right + 1e-9
            assert composed.chart.top <= bar.box.top
            assert bar.box.bottom <= composed.chart.bottom
    sizes = {block.size_pt for block in composed.texts} | {one.size_pt for one in composed.labels}
    assert min(sizes) >= LEAST_PT


@settings(max_examples=60, deadline=None)
@given(
    paper=PAPER_NAMES,
    title=st.one_of(WORDS.map(lambda text: text[:180]), st.integers(1, 180).map("W".__mul__)),
    filters=st.lists(WORDS.map(lambda text: text[:70]), max_size=9),
    reports=st.lists(WORDS.map(lambda text: text[:60]), max_size=25),
    classes=st.integers(0, 9),
    statuses=st.integers(0, 4),
    areas=st.integers(0, 400),
    rows=st.integers(0, 10),
    steps=st.sampled_from([0, 1, 25, 300]),
    kinds=st.lists(st.sampled_from(["exact", "near", "cell", "district", "province"]), max_size=5),
    has_marking=st.booleans(),
    has_mark=st.booleans(),
    counted=st.integers(1, 6),
)
def test_nothing_overlaps_or_leaves_the_paper(
    paper, title, filters, reports, classes, statuses, areas, rows, steps, kinds, has_marking,
    has_mark, counted,
):  # fmt: skip
    entries = tuple(
        LegendEntry(str(number), "#fdae61", f"{number}00 to {number}99", areas)
        for number in range(classes)
    )
    check(
        composed_of(
            BASE,
            paper,
            title=title.strip() or "synthetic",
            subtitle=("People killed by province, Afghanistan, all dates", *filters),
            sources=tuple(reports),
            legend=(*entries, *STATUSES[:statuses]),
            rows=tuple((f"Province {row}", f"at least {row}") for row in range(rows)),
            more_rows=7,
            bars=bars_of(steps),
            points=some_points(*kinds),
            marking="INTERNAL USE ONLY" if has_marking else "",
            synthetic_mark="SYNTHETIC: made up, not real incidents" if has_mark else "",
            counted=tuple("12 (at least 47 killed) not placed at all" for _ in range(counted)),
        )
    )


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"measure": "killed", "level": "district"},
        {"measure": "share", "actor": "synthetic-group"},
    ],
    ids=["incidents", "killed by district", "share"],
)
def test_views_are_laid_out_without_overlap(paper, parameters):
    check(composed_of(slide_of(FACTS, **parameters), paper))


def test_a_long_title_shrinks_before_it_is_cut():
    title = "Kabul and Kunduz hold at least 137 of the people " * 3 + "in synthetic rows"
    for paper in PAPERS:
        (block,) = [
            one for one in composed_of(BASE, paper, title=title).texts if one.name == "title"
        ]
        assert " ".join(block.lines) == " ".join(title.split())


def test_what_has_no_room_is_counted():
    slide = replace(
        BASE,
        rows=tuple((f"Province {n}", str(n)) for n in range(10)),
        more_rows=20,
        sources=tuple(f"Synthetic report of a long name, number {n}" for n in range(30)),
    )
    composed = composed_of(slide, "16:9")
    shown = len(composed.table_rows) - 1
    words = {block.name: " ".join(block.lines) for block in composed.texts}
    assert words["more areas"] == f"and {30 - shown} more areas"
    named = words["sources"].count("Synthetic report")
    assert words["sources"].endswith(f"and {30 - named} more reports.")


def test_a_mark_is_drawn_only_with_its_sign():
    for paper in PAPERS:
        composed = composed_of(BASE, paper, points=some_points("exact", "near", "cell"))
        signs = {sign.kind for sign in composed.signs}
        assert {MARK_SIGNS[mark.kind] for mark in composed.marks} <= signs


def test_areas_and_marks_of_one_province_fill_the_map():
    code = "AF-BDS"
    whole = slide_of(FACTS, level="district")
    slide = replace(
        whole,
        province=code,
        areas=tuple(fill for fill in whole.areas if fill.code.startswith(code)),
        points=some_points(),
    )
    composed = composed_of(slide, "16:9")
    check(composed)
    assert {shape.code[:6] for shape in composed.map.areas} == {code}
    assert [inset.name for inset in composed.insets] == ["world", "country"]
    right = max(float(ring[:, 0].max()) for shape in composed.map.areas for ring in shape.rings)
    assert right <= composed.insets[0].box.left


@pytest.mark.parametrize(("province", "expected"), [("AF-HEL", True), ("AF-HER", False)])
def test_durand_line_is_drawn_and_named_where_the_province_lies_at_it(province, expected):
    whole = slide_of(FACTS, level="district")
    fills = tuple(fill for fill in whole.areas if fill.code.startswith(province))
    composed = composed_of(replace(whole, province=province, areas=fills))
    assert bool(composed.map.durand) is expected
    assert ("durand" in {sign.kind for sign in composed.signs}) is expected


def test_the_highest_area_is_named_even_where_a_mark_stands_on_it():
    kabul = Points(
        np.array(["exact"], dtype=object),
        *(np.array([value]) for value in (34.53, 69.17, np.nan, 1, 900)),
        places=1,
    )
    composed = composed_of(slide_of(FACTS), points=kabul)
    (label,) = [one for one in composed.labels if one.code == "AF-KAB"]
    assert label.text == "Kabul 2"


# --- lines


@given(st.lists(WORDS.filter(str.strip), min_size=1, max_size=30), st.integers(1, 4))
def test_items_are_shown_whole_and_the_rest_is_counted(items, most):
    items = [" ".join(item.split()) for item in items]
    lines = fit_items(items, "; ", "and {n} more", 8.0, LEAST_PT, most=most)
    assert len(lines) <= most
    text = " ".join(lines)
    if text != "; ".join(items) and "\u2026" not in text:
        left_out = int(text.rsplit("and ", 1)[1].split()[0])
        kept = "; ".join(items[: len(items) - left_out])
        assert text == f"{kept}; and {left_out} more"


def test_a_last_line_of_one_word_is_avoided():
    title = "27 coded incidents; the most in one province: 7 (5 reports)"
    size, lines = fit_size(title, 12.43, (28.0, 26.0, 24.0), most=2, is_bold=True)
    assert (size, lines) == (28.0, (title,)) or len(lines) == 1
    _, lines = fit_size(title, 7.0, (28.0, 26.0, 24.0), most=2, is_bold=True)
    widths = [text_width(line, 28.0, is_bold=True) for line in lines]
    assert min(widths) > 0.6 * max(widths)


def test_a_word_wider_than_a_line_is_broken():
    lines = fit_lines("W" * 200, 3.0, LEAST_PT)
    assert "".join(lines) == "W" * 200
    assert max(text_width(line, LEAST_PT) for line in lines) <= 3.0


# --- the time line


@pytest.mark.parametrize("n", [1, 25, 300, 1200])
@pytest.mark.parametrize("low", [0.0, -20.0, -50.0])
def test_bars_of_any_number_stay_in_their_box(n, low):
    box = Box(1.0, 2.0, 3.0, 1.0)
    chart = lay_out_bars(bars_of(n, low=low), box)
    assert len(chart.bars) == n
    for bar in chart.bars:
        assert box.left <= bar.box.left
        assert bar.box.right <= box.right + 1e-9
        assert box.top <= bar.box.top + 1e-9
        assert bar.box.bottom <= box.bottom
    assert [bar.is_shown for bar in chart.bars].count(True) == 1
    for one, other in combinations(chart.texts, 2):
        assert not one.box.overlaps(other.box)


def test_a_step_without_a_value_has_no_bar_and_no_ground():
    chart = lay_out_bars(bars_of(10, missing=5), Box(0, 0, 3.0, 1.0))
    assert [bar.key for bar in chart.bars] == ["1", "2", "3", "4", "6", "7", "8", "9"]
    assert len(chart.ground) == 2


def test_scale_names_round_numbers_and_no_figure_of_the_data():
    bars = (Bar("a", "A", 137.0, True), Bar("b", "B", 12.0, True))
    words = [text.lines[0] for text in lay_out_bars(bars, Box(0, 0, 3.0, 1.2)).texts]
    assert words[:2] == ["0", "100"]


def test_a_time_line_without_any_value_is_left_out():
    composed = composed_of(BASE, bars=(Bar("a", "A", None, True),))
    assert composed.chart is None
    assert composed.bars is None


# --- fonts


def test_a_text_that_needs_a_missing_font_is_refused(monkeypatch):
    monkeypatch.setattr(fonts, "has_arabic_font", lambda: False)
    with pytest.raises(SettingsError, match="Noto Naskh Arabic is not installed"):
        compose(replace(BASE, title="کابل"), shipped_edition(), PAPERS["16:9"])


def test_a_font_that_was_just_installed_is_found(monkeypatch):
    from matplotlib import font_manager

    kept = list(font_manager.fontManager.ttflist)
    if not fonts.has_arabic_font():
        pytest.skip("the font Noto Naskh Arabic is not installed (fonts-noto-core)")
    others = [entry for entry in kept if entry.name != fonts.ARABIC]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", others)
    assert fonts.has_arabic_font()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Kabul", False), ("کابل ۱۱۳", True), ("113 کابل", True), ("123", False), ("", False)],
)
def test_direction_is_that_of_the_first_letter(text, expected):
    assert fonts.is_right_to_left(text) is expected


def test_title_from_the_right_stands_on_the_right():
    if not fonts.has_arabic_font():
        pytest.skip("the font Noto Naskh Arabic is not installed (fonts-noto-core)")
    composed = composed_of(BASE, title="کابل: ۱۱۳ تن زخمی")
    (title,) = [block for block in composed.texts if block.name == "title"]
    assert title.align == "right"
