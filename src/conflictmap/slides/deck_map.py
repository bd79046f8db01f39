"""The map of a slide as native shapes: areas, borders, marks, labels, scale and legend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from conflictmap.slides.blocks import Sign, Swatch
from conflictmap.slides.compose import DrawnMap
from conflictmap.slides.deck_look import Look, area_fill
from conflictmap.slides.deck_pieces import part_shape
from conflictmap.slides.deck_shapes import (
    NO_FILL,
    NO_LINE,
    Ids,
    freeform,
    group,
    line,
    simple_shape,
    solid,
    text_box,
)
from conflictmap.slides.doubt import sign_parts
from conflictmap.slides.fills import (
    AREA_LINE,
    COUNTRY_LINE,
    HERE,
    INK,
    LAND,
    MARK,
    PAPER,
    PROVINCE_LINE,
    WATER,
)
from conflictmap.slides.fitting import line_height, text_width
from conflictmap.slides.locator import Inset
from conflictmap.slides.marks import DrawnMark
from conflictmap.slides.outlines import Outlines
from conflictmap.slides.paper import LEAST_PT, Box
from conflictmap.slides.scale import ScaleBar

AREAS = "Areas"
BORDERS = "Borders"
PLACES = "Places of incidents"
LABELS = "Labels"
SCALE = "Scale bar"
LOCATOR = "Locator"
LEGEND = "Legend"
SIGNS = "Signs of the legend"
DOUBTS = "Could be here"
SECOND = ", second map"
"""How the names of groups of the second map end, where two periods are compared."""

OF_MAP = (AREAS, BORDERS, PLACES, LABELS, SCALE, DOUBTS)
"""The groups that each map has."""

RING = ", around it"
"""How the name of a circle around a mark ends: as far off as the place may be."""

_BORDERS_IN_WORDS = "Borders of provinces, outline of the country, Durand Line (dashed)"
_SIGN = 0.05  # radius of a mark in the legend, inches


def map_shapes(ids: Ids, drawn: DrawnMap, look: Look, *, of: str = "") -> Iterator[str]:
    """Give the groups of a map, from the lowest; `of` ends their names."""
    at = drawn.map_box
    yield group(ids, f"{AREAS}{of}", drawn.slide.in_words, at, _areas(ids, drawn))
    yield border_shapes(ids, drawn.map, at, of=of)
    doubts = "; ".join(doubt.words for doubt in drawn.doubts)
    parts = (part_shape(ids, part) for doubt in drawn.doubts for part in doubt.parts)
    yield group(ids, f"{DOUBTS}{of}", doubts, at, parts)
    places = f"{len(drawn.marks)} marks; the size shows the people killed and wounded"
    yield group(ids, f"{PLACES}{of}", places, at, _marks(ids, drawn))
    labels = "Names of areas with their values"
    yield group(ids, f"{LABELS}{of}", labels, at, _labels(ids, drawn, look))
    if drawn.scale:
        yield scale_shapes(ids, drawn.scale, at, look)


def legend_shapes(
    ids: Ids, in_words: str, drawn_swatches: Sequence[Swatch], signs: Sequence[Sign]
) -> Iterator[str]:
    """Give the swatches of the legend as one group; its words are text boxes beside it."""
    swatches = [
        simple_shape(
            ids,
            f"swatch {swatch.letter}",
            "rect",
            swatch.box,
            area_fill(swatch.letter, swatch.colour),
            line(AREA_LINE, 0.75),
        )
        for swatch in drawn_swatches
    ]
    boxes = [swatch.box for swatch in drawn_swatches]
    if boxes:
        yield group(ids, LEGEND, in_words, _around(boxes), swatches)
    if signs:
        at = _around([sign.box for sign in signs])
        shapes = [shape for sign in signs for shape in _sign(ids, sign)]
        yield group(ids, SIGNS, "Signs of the map, with their words beside them", at, shapes)


def _sign(ids: Ids, sign: Sign) -> Iterator[str]:
    """Give the shapes of a mark or of the dashed line in the legend."""
    box = sign.box
    x, y = box.left + box.width / 2, box.top + box.height / 2
    if sign.kind == "durand":
        ends = np.array([[box.left, y], [box.right, y]])
        look = line(COUNTRY_LINE, 1.5, dash="dash")
        yield freeform(ids, "sign durand", [ends], NO_FILL, look, is_closed=False)
        return
    if sign.kind in ("unsure", "could"):
        yield from (part_shape(ids, part) for part in sign_parts(sign.kind, box))
        return
    kind = {"place": "exact"}.get(sign.kind, sign.kind)
    around = 0.45 * box.height if sign.kind == "near" else 0.0
    yield from _mark(ids, f"sign {sign.kind}", DrawnMark(kind, x, y, _SIGN, around, 1, 0))


def _around(boxes: Sequence[Box]) -> Box:
    """Return the box that holds all of them."""
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _areas(ids: Ids, composed: DrawnMap) -> Iterator[str]:
    shapes = {shape.code: shape for shape in composed.map.areas}
    outline = line(AREA_LINE, 0.5)
    for fill in composed.slide.areas:
        yield freeform(
            ids,
            f"{fill.code} {fill.name}",
            shapes[fill.code].rings,
            area_fill(fill.letter, fill.colour),
            outline,
        )


def _borders(ids: Ids, shapes: Outlines) -> Iterator[str]:
    for name, lines, look in (
        ("Borders of provinces", shapes.provinces, line(PROVINCE_LINE, 0.75)),
        ("Outline of the country", shapes.country, line(COUNTRY_LINE, 1.5)),
        ("Durand Line", shapes.durand, line(COUNTRY_LINE, 1.5, dash="dash")),
    ):
        if lines:
            yield freeform(ids, name, lines, NO_FILL, look, is_closed=False)


def _marks(ids: Ids, composed: DrawnMap) -> Iterator[str]:
    for mark in composed.marks:
        yield from _mark(ids, _name(mark), mark)


def _mark(ids: Ids, name: str, mark: DrawnMark) -> Iterator[str]:
    if mark.around > mark.radius:
        ring = line(MARK, 0.75, dash="sysDot")
        wide = _square(mark.x, mark.y, mark.around)
        yield simple_shape(ids, f"{name}{RING}", "ellipse", wide, NO_FILL, ring)
    geometry = "rect" if mark.kind == "cell" else "ellipse"
    at = _square(mark.x, mark.y, mark.radius)
    yield simple_shape(ids, name, geometry, at, solid(MARK, opacity=0.85), line(PAPER, 0.75))


def _square(x: float, y: float, half: float) -> Box:
    return Box(x - half, y - half, 2 * half, 2 * half)


def _name(mark: DrawnMark) -> str:
    known = {"exact": "place", "near": "near a place", "cell": "several places"}
    incidents = f"{mark.incidents:,} incident{'' if mark.incidents == 1 else 's'}"
    return f"{known.get(mark.kind, mark.kind)}: {incidents}"


def _labels(ids: Ids, composed: DrawnMap, look: Look) -> Iterator[str]:
    # On a light ground in the map's own ink: names run over areas of any colour.
    words = Look(font=look.font).words(LEAST_PT, align="center")
    for label in composed.labels:
        if label.line_from and label.line_to:
            ends = np.array([label.line_from, label.line_to])
            thin = line(INK, 0.75)
            yield freeform(ids, "line to an area", [ends], NO_FILL, thin, is_closed=False)
        width, height = text_width(label.text, label.size_pt), line_height(label.size_pt)
        box = Box(label.x - width / 2, label.y - height / 2, width, height)
        ground = solid(PAPER, opacity=0.7)
        yield text_box(ids, label.name, box, [label.text], words, fill=ground)


def locator_shapes(ids: Ids, insets: Iterable[Inset]) -> Iterator[str]:
    """Give the small maps that say where the slide's areas lie, each as one group."""
    for inset in insets:
        frame = line(AREA_LINE, 0.75)
        shapes = [simple_shape(ids, "water", "rect", inset.box, solid(WATER), frame)]
        for name, rings, fill in (
            ("land", inset.land, solid(LAND)),
            ("here", inset.here, solid(HERE)),
        ):
            if rings:
                shapes.append(freeform(ids, name, rings, fill, NO_LINE))
        yield group(ids, LOCATOR, inset.text, inset.box, shapes)


def scale_shapes(ids: Ids, bar: ScaleBar, at: Box, look: Look) -> str:
    """Return the scale bar with its label as one group."""
    return group(ids, SCALE, f"Scale: {bar.label}", at, _scale(ids, bar, look))


def border_shapes(ids: Ids, shapes: Outlines, at: Box, *, of: str = "") -> str:
    """Return the borders of a map as one group."""
    return group(ids, f"{BORDERS}{of}", _BORDERS_IN_WORDS, at, _borders(ids, shapes))


def _scale(ids: Ids, bar: ScaleBar, look: Look) -> Iterator[str]:
    thick = 0.03
    box = Box(bar.left, bar.y - thick / 2, bar.right - bar.left, thick)
    yield simple_shape(ids, "bar", "rect", box, solid(INK), NO_LINE)
    words = look.words(LEAST_PT, align="center")
    yield text_box(ids, "scale", bar.box, [bar.label], words)
