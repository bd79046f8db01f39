"""The shapes and letters of a composed slide, on one figure of matplotlib.

Everything lies in inches from the top left, as it was composed; nothing is measured or counted
here. What is drawn first lies below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from conflictmap.slides.area_table import SIDE
from conflictmap.slides.blocks import Label, Sign, Swatch
from conflictmap.slides.canvas import Array, Canvas
from conflictmap.slides.compose import Composition, DrawnMap
from conflictmap.slides.doubt import DoubtOutline, sign_parts
from conflictmap.slides.fills import (
    AREA_LINE,
    COUNTRY_LINE,
    DIM,
    HERE,
    INK,
    LAND,
    MARK,
    OTHER_BAR,
    PAPER,
    PROVINCE_LINE,
    RULE,
    SHOWN_BAR,
    WATER,
    fill_of,
)
from conflictmap.slides.fitting import line_height
from conflictmap.slides.locator import Inset
from conflictmap.slides.marks import DrawnMark
from conflictmap.slides.outlines import Outlines
from conflictmap.slides.paper import LEAST_PT, Box
from conflictmap.slides.piece_drawing import BASELINE, draw_block, draw_part
from conflictmap.slides.scale import ScaleBar

Line = tuple[float, float, float]

_HATCHES: Final = {
    "plain": None,
    "diagonal": "////",
    "horizontal": "-----",
    "dots": "....",
    "crossed": "xxxx",
}
_COLUMNS: Final = ("area", "value", "second", "third")  # how parts of a table are named
_MANY_AREAS: Final = 100
_DURAND_DASHES: Final = (0, (4.5, 2.2))


def draw_slide(canvas: Canvas, composed: Composition) -> None:
    """Draw all of a composed slide."""
    draw_map(canvas, composed)
    draw_legend(canvas, composed.swatches, composed.signs)
    draw_table(canvas, composed.table, composed.table_rows, composed.widths)
    _draw_bars(canvas, composed)
    for block in composed.texts:
        draw_block(canvas, block)


def draw_map(canvas: Canvas, drawn: DrawnMap) -> None:
    """Draw a map in its box: areas, borders, marks, locators, scale and names."""
    _draw_areas(canvas, drawn)
    _draw_doubts(canvas, drawn.doubts)
    for mark_number, mark in enumerate(drawn.marks, start=1):
        _draw_mark(canvas, mark, f"mark {mark_number}", drawn.map_box)
    draw_insets(canvas, drawn.insets)
    if drawn.scale:
        draw_scale(canvas, drawn.scale)
    for label in drawn.labels:
        _draw_label(canvas, label)


def draw_legend(canvas: Canvas, swatches: Iterable[Swatch], signs: Iterable[Sign]) -> None:
    """Draw the fields and signs of a legend; their words are texts of the slide."""
    for swatch in swatches:
        look = _look(swatch.letter, swatch.colour)
        name = f"swatch {swatch.letter}"
        canvas.box(swatch.box, name, **look, edgecolor=AREA_LINE, linewidth=0.7)
    for sign in signs:
        _draw_sign(canvas, sign)


def _look(letter: str, colour: str) -> dict[str, Any]:
    """Return how matplotlib fills areas of a class or status."""
    fill = fill_of(letter, colour)
    return {
        "facecolor": fill.ground,
        "hatch": _HATCHES[fill.drawing],
        "hatchcolor": fill.line,
    }


def _draw_areas(canvas: Canvas, composed: DrawnMap) -> None:
    fills = {fill.code: fill for fill in composed.slide.areas}
    thin = 0.6 if len(fills) < _MANY_AREAS else 0.35
    line: dict[str, Any] = {"edgecolor": AREA_LINE, "linewidth": thin, "joinstyle": "round"}
    if canvas.has_names:
        for shape in composed.map.areas:
            fill = fills[shape.code]
            look = _look(fill.letter, fill.colour) | line
            name, words = f"area {shape.code}", f"{fill.name}: {fill.words}"
            canvas.shape(shape.rings, name, words, **look)
    else:
        alike: dict[tuple[str, str], list[Array]] = {}
        for shape in composed.map.areas:
            fill = fills[shape.code]
            alike.setdefault((fill.letter, fill.colour), []).extend(shape.rings)
        for (letter, colour), rings in sorted(alike.items()):
            canvas.shape(rings, **_look(letter, colour), **line)
    if composed.slide.province:
        rings = [ring for shape in composed.map.areas for ring in shape.rings]
        canvas.lines(rings, "areas outlined", edgecolor=PROVINCE_LINE, linewidth=0.8)
    draw_borders(canvas, composed.map)


def draw_borders(canvas: Canvas, outlines: Outlines) -> None:
    """Draw the borders of provinces, the outline of the country and the Durand Line."""
    canvas.lines(outlines.provinces, "provinces", edgecolor=PROVINCE_LINE, linewidth=0.8)
    canvas.lines(outlines.country, "country", edgecolor=COUNTRY_LINE, linewidth=1.4)
    # The borders of areas lie under the line and would show between its dashes.
    canvas.lines(outlines.durand, edgecolor=PAPER, linewidth=2.2)
    canvas.lines(
        outlines.durand,
        "durand line",
        "Durand Line",
        edgecolor=COUNTRY_LINE,
        linewidth=1.6,
        linestyle=_DURAND_DASHES,
    )


def _draw_doubts(canvas: Canvas, doubts: Iterable[DoubtOutline]) -> None:
    """Draw the marks of areas inside their borders, above the lines of the map."""
    alike: dict[Any, list[Any]] = {}
    for doubt in doubts:
        for number, part in enumerate(doubt.parts):
            if canvas.has_names:
                is_last = number == len(doubt.parts) - 1
                name = f"doubt {doubt.code}{'' if is_last else ' ground'}"
                draw_part(canvas, part, name, doubt.words if is_last else "", None)
            else:
                look = (number, part.line, part.line_pt, part.dash)
                alike.setdefault(look, []).append(part)
    for _, parts in sorted(alike.items()):
        rings = tuple(ring for part in parts for ring in part.rings)
        draw_part(canvas, replace(parts[0], rings=rings), "", "", None)


def _draw_mark(canvas: Canvas, mark: DrawnMark, name: str, within: Box | None) -> None:
    if mark.around > mark.radius:
        canvas.circle(
            mark.x,
            mark.y,
            mark.around,
            within=within,
            fill=False,
            edgecolor=MARK,
            linewidth=0.9,
            linestyle=(0, (3, 2)),
        )
    look: dict[str, Any] = {"facecolor": MARK, "edgecolor": PAPER, "linewidth": 0.8}
    if mark.kind == "near":
        look = {"facecolor": (1.0, 1.0, 1.0, 0.55), "edgecolor": MARK, "linewidth": 1.4}
    if mark.kind == "cell":
        look["linewidth"] = 0.3
        side = Box(mark.x - mark.radius, mark.y - mark.radius, 2 * mark.radius, 2 * mark.radius)
        canvas.box(side, name, **look)
    else:
        canvas.circle(mark.x, mark.y, mark.radius, name, within=within, **look)


def _draw_sign(canvas: Canvas, sign: Sign) -> None:
    box = sign.box
    middle, y = box.left + box.width / 2, box.top + box.height / 2
    if sign.kind == "durand":
        line = np.array([[box.left, y], [box.right, y]])
        canvas.lines(
            [line],
            "sign durand drawn",
            edgecolor=COUNTRY_LINE,
            linewidth=1.6,
            linestyle=_DURAND_DASHES,
        )
        return
    if sign.kind in ("unsure", "could"):
        for number, part in enumerate(sign_parts(sign.kind, box), start=1):
            draw_part(canvas, part, f"sign {sign.kind} drawn {number}", "", None)
        return
    kind = {"place": "exact"}.get(sign.kind, sign.kind)
    around = 0.1 if kind == "near" else 0.0
    radius = 0.045 if kind == "near" else 0.06
    mark = DrawnMark(kind, middle, y, radius, around, 1, 1)
    _draw_mark(canvas, mark, f"sign {sign.kind} drawn", None)


def draw_insets(canvas: Canvas, insets: Iterable[Inset]) -> None:
    """Draw the small maps that say where the areas lie."""
    for inset in insets:
        canvas.box(inset.box, facecolor=WATER if inset.name == "world" else PAPER, edgecolor="none")
        canvas.shape(inset.land, within=inset.box, facecolor=LAND, edgecolor="none")
        name = f"locator {inset.name}"
        canvas.shape(inset.here, name, inset.text, facecolor=HERE, edgecolor=PAPER, linewidth=0.4)
        canvas.box(inset.box, fill=False, edgecolor=AREA_LINE, linewidth=0.8)


def draw_scale(canvas: Canvas, bar: ScaleBar) -> None:
    """Draw the scale bar with its label."""
    line = np.array(
        [
            [bar.left, bar.y - 0.05],
            [bar.left, bar.y],
            [bar.right, bar.y],
            [bar.right, bar.y - 0.05],
        ]
    )
    canvas.lines([line], "scale bar", edgecolor=INK, linewidth=1.2)
    middle = (bar.left + bar.right) / 2
    canvas.text(middle, bar.y - 0.07, bar.label, LEAST_PT, "scale", align="center")


def _draw_label(canvas: Canvas, label: Label) -> None:
    if label.line_from and label.line_to:
        line = np.array([label.line_from, label.line_to])
        canvas.lines([line], edgecolor=PAPER, linewidth=2.4)
        canvas.lines([line], edgecolor=INK, linewidth=0.9)
    baseline = label.y + 0.36 * label.size_pt / 72
    canvas.text(
        label.x, baseline, label.text, label.size_pt, label.name, align="center", has_halo=True
    )


def draw_table(
    canvas: Canvas,
    box: Box | None,
    rows: Sequence[tuple[str, ...]],
    widths: Sequence[float],
) -> None:
    """Draw a table of areas, its header first; nothing where there is none."""
    if box is None:
        return
    height = box.height / len(rows)
    for number, cells in enumerate(rows):
        top = box.top + number * height
        below = np.array([[box.left, top + height], [box.right, top + height]])
        is_head = not number
        colour, thickness = (INK, 1.0) if is_head else (RULE, 0.6)
        canvas.lines([below], edgecolor=colour, linewidth=thickness)
        baseline = top + (height - line_height(LEAST_PT)) / 2 + BASELINE * LEAST_PT / 72
        right = box.left
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            right += width
            name = f"row {number} {_COLUMNS[column]}"
            at, align = (right - SIDE, "right") if column else (box.left + SIDE, "left")
            canvas.text(at, baseline, cell, LEAST_PT, name, is_bold=is_head, align=align)


def _draw_bars(canvas: Canvas, composed: Composition) -> None:
    chart = composed.bars
    if chart is None:
        return
    canvas.lines(_level(chart.rules), "scale lines", edgecolor=RULE, linewidth=0.7)
    for number, bar in enumerate(chart.bars, start=1):
        colour = SHOWN_BAR if bar.is_shown else OTHER_BAR
        words = f"{bar.label}: {bar.value:,.12g}"
        canvas.box(bar.box, f"bar {number}", words, facecolor=colour, edgecolor="none")
    canvas.lines(_level(chart.ground), "ground line", edgecolor=DIM, linewidth=0.9)
    for block in chart.texts:
        draw_block(canvas, block)


def _level(lines: Iterable[Line]) -> list[Array]:
    return [np.array([[left, y], [right, y]]) for left, right, y in lines]
