"""A slide laid out on paper: every text in lines at its place, every shape in inches.

All formats draw this and nothing else, so they cannot differ in what they say or where. Texts are
measured with the letters they are drawn with, and never overlap: what has no room is left out
by rule, and the slide says how much that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from conflictmap.boundaries import BoundaryEdition
from conflictmap.slides.area_table import LINE, ROW, lay_out_area_table
from conflictmap.slides.bar_chart import BarChart, lay_out_bars
from conflictmap.slides.blocks import Label, Sign, Swatch, TextBlock, text_block
from conflictmap.slides.doubt import DoubtOutline, doubt_outlines
from conflictmap.slides.fonts import check_fonts
from conflictmap.slides.labels import lay_out_labels
from conflictmap.slides.legend import (
    DOUBT_SIGNS,
    Legend,
    LegendWords,
    lay_out_legend,
    legend_wish,
    legend_words,
)
from conflictmap.slides.locator import Inset, country_inset, world_inset
from conflictmap.slides.marks import DrawnMark, draw_marks
from conflictmap.slides.outlines import Outlines, outlines
from conflictmap.slides.page import MARGIN, Page, framed_page
from conflictmap.slides.paper import Box, Paper
from conflictmap.slides.scale import ScaleBar, scale_bar
from conflictmap.slides.slide import Slide

GAP: Final = 0.22

_COUNTRY: Final = 1.34  # how much wider than high the country is
_CHART: Final = 1.35  # height, with its title
_LEAST_CHART: Final = 0.98
_LEAST_BODY: Final = 2.9  # what head and foot leave at least, if they can be shortened
_LEAST_ROWS: Final = 3  # of the table, below its header


@dataclass(frozen=True, kw_only=True)
class DrawnMap:
    """The map of a slide in its box: one of two where periods are compared."""

    slide: Slide
    map_box: Box
    map: Outlines
    marks: tuple[DrawnMark, ...]
    labels: tuple[Label, ...]
    doubts: tuple[DoubtOutline, ...]  # marks of "could be here"
    scale: ScaleBar | None
    insets: tuple[Inset, ...]


@dataclass(frozen=True, kw_only=True)
class Composition(DrawnMap):
    """A slide on its paper."""

    paper: Paper
    texts: tuple[TextBlock, ...]
    swatches: tuple[Swatch, ...]
    inset: Box  # of the locator
    chart: Box | None
    table: Box | None
    table_rows: tuple[tuple[str, ...], ...]  # the header first; cut to their columns
    widths: tuple[float, ...]  # of the table's columns
    told_legend: LegendWords
    signs: tuple[Sign, ...]  # of the legend; their words are among the texts
    bars: BarChart | None  # the chart as drawn, inside its box


def compose(slide: Slide, edition: BoundaryEdition, paper: Paper) -> Composition:
    """Lay a slide out on a paper.

    The title shrinks before it is cut; of the other texts the reports are shortened first. The
    table shows as many areas as have room.

    Raises
    ------
    SettingsError
        If a text is in Dari or Pashto and its font is missing.
    """
    check_fonts([slide.title, slide.marking, *slide.subtitle, *slide.sources, slide.disclaimer])
    page = framed_page(slide, paper, least=_LEAST_BODY + 0.22)
    body = Box(MARGIN, page.top + 0.1, page.width, page.bottom - page.top - 0.22)
    map_box, legend_box, chart = _columns(body, slide, paper)
    shapes = outlines(edition, level_of(slide), _map_room(slide, map_box), slide.province)
    told = legend_words(slide, has_durand=bool(shapes.durand))
    legend = lay_out_legend(told, legend_box, leaving=_table_wishes(slide, paper))
    page.texts += legend.texts
    table_box = _table_room(body, slide, paper, legend_box, legend.bottom)
    insets = map_insets(edition, map_box, slide.province)
    bar = scale_bar(shapes.inches_per_km, map_box, insets[0].box)
    marks = tuple(
        mark
        for mark in draw_marks(slide.points, shapes)
        if legend.explains(mark.kind) and map_box.overlaps(Box(mark.x, mark.y, 0.001, 0.001))
    )
    table = lay_out_area_table(slide.rows_title, slide.rows, slide.more_rows, table_box)
    page.texts += table.texts
    bars = None
    if chart:
        chart = _put_chart_title(page, slide, chart)
        bars = lay_out_bars(slide.bars, chart)
    return Composition(
        slide=slide,
        paper=paper,
        texts=tuple(page.texts),
        swatches=tuple(legend.swatches),
        map_box=map_box,
        map=shapes,
        marks=marks,
        labels=lay_out_labels(
            slide, shapes, marks, map_box, [bar.box, *(inset.box for inset in insets)]
        ),
        doubts=drawn_doubts(slide, shapes, legend),
        scale=bar,
        inset=insets[0].box,
        chart=chart,
        table=table.box,
        table_rows=table.rows,
        widths=table.widths,
        told_legend=told,
        signs=tuple(legend.signs),
        insets=tuple(inset for inset in insets if inset.here),
        bars=bars,
    )


def _columns(body: Box, slide: Slide, paper: Paper) -> tuple[Box, Box, Box | None]:
    """Return the boxes of map, legend and chart; no chart where there are no steps."""
    has_chart = _has_chart(slide)
    if paper.is_wide:
        map_width = min(_COUNTRY * body.height + 0.1, 0.48 * body.width)
        rest = body.width - map_width - 2 * GAP
        legend_width = min(max(legend_wish(legend_words(slide)), 0.4 * rest), 0.56 * rest)
        legend = Box(body.left + map_width + GAP, body.top, legend_width, body.height)
        left, height = legend.right + GAP, _chart_height(body)
        chart = Box(left, body.bottom - height, rest - legend_width, height)
        map_box = Box(body.left, body.top, map_width, body.height)
        return map_box, legend, chart if has_chart else None
    height = _chart_height(body) if has_chart else 0.0
    map_height = body.height - (height + 0.1 if has_chart else 0.0)
    map_width = min(_COUNTRY * map_height + 0.1, 0.62 * body.width)
    map_box = Box(body.left, body.top, map_width, map_height)
    legend = Box(map_box.right + GAP, body.top, body.width - map_width - GAP, body.height)
    chart = Box(body.left, body.bottom - height, map_width, height)
    return map_box, legend, chart if has_chart else None


def _has_chart(slide: Slide) -> bool:
    return any(bar.value is not None for bar in slide.bars)


def _chart_height(body: Box) -> float:
    return min(_CHART, max(_LEAST_CHART, 0.3 * body.height))


def _table_wishes(slide: Slide, paper: Paper) -> tuple[float, ...]:
    """Return what height the table wants below the legend, the most first."""
    if paper.is_wide or not slide.rows:
        return ()
    most = min(len(slide.rows), _LEAST_ROWS)
    rows = ((n + 2) * ROW + GAP for n in range(most, 0, -1))
    return (*rows, GAP + LINE + 0.01)


def _table_room(body: Box, slide: Slide, paper: Paper, legend: Box, bottom: float) -> Box:
    """Return where the table may lie: in a column of its own, else below the legend."""
    if paper.is_wide:
        chart = _chart_height(body) + GAP if _has_chart(slide) else 0.0
        left = legend.right + GAP
        return Box(left, body.top, body.right - left, body.height - chart)
    return Box(legend.left, bottom + GAP, legend.width, body.bottom - bottom - GAP)


def _put_chart_title(page: Page, slide: Slide, box: Box) -> Box:
    """Put the chart's title and return the room below it."""
    gaps = " (gap: no figure)" if any(bar.value is None for bar in slide.bars) else ""
    title = text_block("chart title", slide.bars_title + gaps, box, is_bold=True, most=2)
    page.texts.append(title)
    top = title.box.bottom + 0.03
    return Box(box.left, top, box.width, box.bottom - top)


def drawn_doubts(slide: Slide, shapes: Outlines, legend: Legend) -> tuple[DoubtOutline, ...]:
    """Return the marks of "could be here" whose sign has room in the legend."""
    told = {sign.kind for sign in legend.signs}
    fills = [
        fill
        for fill in slide.areas
        if fill.mark in DOUBT_SIGNS and DOUBT_SIGNS[fill.mark][0] in told
    ]
    return doubt_outlines(fills, shapes)


def map_insets(edition: BoundaryEdition, map_box: Box, province: str = "") -> list[Inset]:
    """Return the locators, below on the right, where the country has no area.

    A province may reach into every corner, so they have a strip beside it.
    """
    size = _inset_size(map_box)
    box = Box(map_box.right - size, map_box.bottom - size, size, size)
    insets = [world_inset(edition, box) or Inset("world", box, (), (), "")]
    if province:
        above = Box(box.left, box.top - size - 0.1, size, size)
        insets.append(country_inset(edition, above, province))
    return insets


def _inset_size(map_box: Box) -> float:
    return min(1.2, 0.24 * map_box.width, 0.34 * map_box.height)


def _map_room(slide: Slide, map_box: Box) -> Box:
    """Return where the areas lie in the map's box: above the scale bar, beside the locators."""
    room = map_box.inset(0.05)
    if not slide.province:
        return room
    strip = _inset_size(map_box) + 0.1
    below = LINE + 0.16  # the scale bar
    return Box(room.left, room.top, room.width - strip, room.height - below)


def level_of(slide: Slide) -> Literal["province", "district"]:
    """Return the level of the areas of a slide, by their codes."""
    return "province" if len(slide.areas[0].code) == len("AF-KAB") else "district"
