"""Two maps side by side on paper, as large as legend, counts and table leave room.

The legend stands beside the maps or below them, whichever leaves them larger; the table stands
where it has more rows, and gives way first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from conflictmap.boundaries import BoundaryEdition
from conflictmap.slides.area_table import AreaTable, lay_out_area_table
from conflictmap.slides.blocks import Sign, Swatch, TextBlock
from conflictmap.slides.comparison_slide import ComparisonSlide
from conflictmap.slides.compose import GAP, DrawnMap, drawn_doubts, level_of, map_insets
from conflictmap.slides.fitting import fit_lines, line_height
from conflictmap.slides.fonts import check_fonts
from conflictmap.slides.labels import lay_out_labels
from conflictmap.slides.legend import (
    Legend,
    LegendWords,
    doubt_signs,
    durand_sign,
    lay_out_legend,
    legend_wish,
)
from conflictmap.slides.outlines import outlines
from conflictmap.slides.page import MARGIN, framed_page
from conflictmap.slides.paper import LEAST_PT, Box, Paper
from conflictmap.slides.pieces import around_boxes
from conflictmap.slides.scale import scale_bar
from conflictmap.slides.slide import Slide

_COUNTRY: Final = 1.34  # how much wider than high the country is
_LINE: Final = line_height(LEAST_PT)
_APART: Final = 0.06  # between a map and its words
_MOST_AWAY: Final = 6  # names beside each map
_MOST_HIDDEN: Final = 0.25  # of an area, by a name
_LEAST_BODY: Final = 3.4
_LEAST_MAP: Final = 1.6  # inches of its width
_STEP: Final = 0.1  # in which widths are tried
_A_ROW: Final = 0.1  # inches of a map's width that a row of the table is worth
_MOST_WORTH: Final = 6  # rows; more are worth no smaller map
_LEGENDS_BESIDE: Final = (0.24, 0.28, 0.33, 0.38)  # of the body's width
_LEGENDS_BELOW: Final = (0.34, 0.4, 0.46, 0.52, 0.6)


@dataclass(frozen=True, kw_only=True)
class ComparisonComposition:
    """A slide of two periods on its paper."""

    slide: ComparisonSlide
    paper: Paper
    texts: tuple[TextBlock, ...]
    sides: tuple[DrawnMap, DrawnMap]
    told_legend: LegendWords
    swatches: tuple[Swatch, ...]
    signs: tuple[Sign, ...]
    table: Box | None
    table_rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]

    @property
    def map_box(self) -> Box:
        """Return the box that holds both maps."""
        return around_boxes([side.map_box for side in self.sides])


@dataclass(frozen=True)
class _Plan:
    """One way to use the room: how wide each map is, and what lies around them."""

    width: float
    legend: Legend
    table: AreaTable
    is_whole: bool  # whether nothing of the legend is left out

    @property
    def worth(self) -> tuple[bool, float]:
        rows = min(max(0, len(self.table.rows) - 1), _MOST_WORTH)
        return self.is_whole, self.width + _A_ROW * rows


def compose_comparison(
    slide: ComparisonSlide, edition: BoundaryEdition, paper: Paper
) -> ComparisonComposition:
    """Lay a slide of two periods out on a paper.

    Raises
    ------
    SettingsError
        If a text is in Dari or Pashto and its font is missing.
    """
    check_fonts([slide.title, slide.marking, *slide.subtitle, *slide.sources, slide.disclaimer])
    page = framed_page(slide, paper, least=_LEAST_BODY + 0.14)
    body = Box(MARGIN, page.top + 0.06, page.width, page.bottom - page.top - 0.14)
    told = _legend_words(slide)
    plan = max(_plans(slide, told, body), key=lambda one: one.worth)
    sides = []
    for number, side in enumerate((slide.first, slide.second)):
        at = Box(body.left + number * (plan.width + GAP), body.top, plan.width, 0)
        words, box = _words_around(slide, number, at)
        page.texts += words
        sides.append(_side(side, edition, box, plan.legend, is_first=not number))
    return ComparisonComposition(
        slide=slide,
        paper=paper,
        texts=(*page.texts, *plan.legend.texts, *plan.table.texts),
        sides=(sides[0], sides[1]),
        told_legend=told,
        swatches=tuple(plan.legend.swatches),
        signs=tuple(plan.legend.signs),
        table=plan.table.box,
        table_rows=plan.table.rows,
        widths=plan.table.widths,
    )


def _words_around(
    slide: ComparisonSlide, number: int, at: Box
) -> tuple[tuple[TextBlock, ...], Box]:
    """Return what stands above and below one of the maps, and the box of the map between."""
    heads, tails = _lines_of(slide, at.width)
    labels, calendar = heads[number]
    name = ("first", "second")[number]

    def block(part: str, lines: tuple[str, ...], top: float, *, is_bold: bool) -> TextBlock:
        box = Box(at.left, top, at.width, len(lines) * _LINE)
        return TextBlock(f"{name} {part}", box, lines, LEAST_PT, is_bold=is_bold)

    top = at.top + max(len(one) + len(two) for one, two in heads) * _LINE + _APART
    box = Box(at.left, top, at.width, at.width / _COUNTRY)
    below = at.top + len(labels) * _LINE
    words = [block("period", labels, at.top, is_bold=True)]
    words += [block("calendar", calendar, below, is_bold=False)] if calendar else []
    words.append(block("counted", tails[number], box.bottom + _APART, is_bold=False))
    return tuple(words), box


def _legend_words(slide: ComparisonSlide) -> LegendWords:
    signs = [
        *doubt_signs([slide.first.areas, slide.second.areas]),
        *durand_sign(has_durand=True),
    ]
    return LegendWords(
        slide.legend_title, slide.fields, slide.classing, tuple(signs), has_counts=False
    )


def _plans(slide: ComparisonSlide, told: LegendWords, body: Box) -> Iterator[_Plan]:
    """Give the ways to use the room; the first is there whatever the room."""
    wish = legend_wish(told)
    for share in _LEGENDS_BESIDE:
        beside = min(max(share * body.width, min(wish, 0.3 * body.width)), 0.4 * body.width)
        most = min((body.width - beside - 2 * GAP) / 2, _widest(slide, body.height))
        for width in _widths(most):
            yield _beside(slide, told, body, width)
    for width in _widths(min((body.width - GAP) / 2, _widest(slide, body.height - 5 * _LINE))):
        for share in _LEGENDS_BELOW:
            yield _below(slide, told, body, width, share)


def _widths(most: float) -> Iterator[float]:
    """Give widths of a map from the widest, at least one."""
    yield max(most, _LEAST_MAP)
    yield from (float(width) for width in np.arange(most - _STEP, _LEAST_MAP, -_STEP))


def _widest(slide: ComparisonSlide, height: float) -> float:
    """Return how wide a map may be so that it fits a height with its words."""
    for width in np.arange(8.0, _LEAST_MAP, -0.05):
        if _height(slide, float(width)) <= height:
            return float(width)
    return _LEAST_MAP


Head = tuple[tuple[str, ...], tuple[str, ...]]


def _lines_of(slide: ComparisonSlide, width: float) -> tuple[list[Head], list[tuple[str, ...]]]:
    """Return the lines above and below each map."""
    tails = [
        fit_lines(f"{'; '.join(side.counted)}.", width, LEAST_PT)
        for side in (slide.first, slide.second)
    ]
    return [_head(period, width) for period in slide.periods], tails


def _head(period: str, width: float) -> Head:
    """Return a period in one line, or its other calendar in lines of its own."""
    lines = fit_lines(period, width, LEAST_PT, is_bold=True)
    if len(lines) < 2:
        return lines, ()
    label, _, other = period.rpartition(" (")
    if not label:
        return lines, ()
    return fit_lines(label, width, LEAST_PT, is_bold=True), fit_lines(other[:-1], width, LEAST_PT)


def _height(slide: ComparisonSlide, width: float) -> float:
    """Return how high a map is with its words."""
    heads, tails = _lines_of(slide, width)
    lines = max(len(one) + len(two) for one, two in heads) + max(map(len, tails))
    return width / _COUNTRY + lines * _LINE + 2 * _APART


def _beside(slide: ComparisonSlide, told: LegendWords, body: Box, width: float) -> _Plan:
    """Return the legend beside the maps, the table below it or below the maps."""
    left = body.left + 2 * width + 2 * GAP
    box = Box(left, body.top, body.right - left, body.height)
    legend = lay_out_legend(told, box)
    low = body.top + _height(slide, width) + 0.12
    rooms = (
        Box(left, legend.bottom + GAP, box.width, body.bottom - legend.bottom - GAP),
        Box(body.left, low, 2 * width + GAP, body.bottom - low),
    )
    table = max((_table(slide, room) for room in rooms), key=lambda one: len(one.rows))
    return _Plan(width, legend, table, _is_whole(legend, told, box))


def _below(
    slide: ComparisonSlide, told: LegendWords, body: Box, width: float, share: float
) -> _Plan:
    """Return the legend below the maps, the table beside it."""
    top = body.top + _height(slide, width) + 0.12
    box = Box(body.left, top, share * body.width, body.bottom - top)
    legend = lay_out_legend(told, box)
    room = Box(box.right + GAP, top, body.right - box.right - GAP, body.bottom - top)
    return _Plan(width, legend, _table(slide, room), _is_whole(legend, told, box))


def _table(slide: ComparisonSlide, room: Box) -> AreaTable:
    return lay_out_area_table(slide.rows_title, slide.rows, slide.more_rows, room, may_drop=False)


def _is_whole(legend: Legend, told: LegendWords, box: Box) -> bool:
    return (
        legend.bottom <= box.bottom
        and len(legend.swatches) == len(told.fields)
        and len(legend.signs) == len(told.signs)
    )


def _side(
    slide: Slide, edition: BoundaryEdition, box: Box, legend: Legend, *, is_first: bool
) -> DrawnMap:
    """Return one map; locator and scale stand on the first, both have the same scale."""
    shapes = outlines(edition, level_of(slide), box.inset(0.03))
    insets = map_insets(edition, box) if is_first else []
    bar = scale_bar(shapes.inches_per_km, box, insets[0].box) if is_first else None
    taken = [inset.box for inset in insets] + ([bar.box] if bar else [])
    return DrawnMap(
        slide=slide,
        map_box=box,
        map=shapes,
        marks=(),
        labels=lay_out_labels(
            slide, shapes, (), box, taken, most_away=_MOST_AWAY, most_hidden=_MOST_HIDDEN
        ),
        doubts=drawn_doubts(slide, shapes, legend),
        scale=bar,
        insets=tuple(inset for inset in insets if inset.here),
    )
