"""Areas whose class is not sure, marked inside their borders: dashes and dots, not colours.

A dashed line lies a little inside its area, so that neighbours' marks stay apart and none is taken
for the Durand Line; a white line below keeps it seen on any fill, and in greyscale.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Final

import shapely

from conflictmap.slides.fills import COUNTRY_LINE, DIM, PAPER
from conflictmap.slides.legend import DOUBT_SIGNS
from conflictmap.slides.outlines import Array, Outlines, Shape
from conflictmap.slides.paper import Box
from conflictmap.slides.pieces import Part, rectangle
from conflictmap.slides.slide import AreaFill
from conflictmap.views.could_be import NOT_ROBUST

_INSIDE: Final = (0.035, 0.02, 0.01)  # inches from the border: as far as leaves something
_LEAST: Final = 0.25  # of the area that must be left
_DASHED_PT: Final = 1.4
_DOTTED_PT: Final = 1.1


@dataclass(frozen=True)
class DoubtOutline:
    """The mark of one area: what it is, and its lines from the lowest."""

    code: str
    words: str
    parts: tuple[Part, ...]


def doubt_outlines(fills: Iterable[AreaFill], shapes: Outlines) -> tuple[DoubtOutline, ...]:
    """Return the marks of areas that are not as sure as they look, areas by code."""
    places = {shape.code: shape for shape in shapes.areas}
    found = []
    for fill in fills:
        if fill.mark not in DOUBT_SIGNS or fill.code not in places:
            continue
        _, words = DOUBT_SIGNS[fill.mark]
        could = f"; could be {fill.could}" if fill.could else ""
        rings = _inside(places[fill.code])
        name = f"{fill.code} {words}"
        found.append(
            DoubtOutline(fill.code, f"{fill.name}: {words}{could}", _parts(name, fill.mark, rings))
        )
    return tuple(found)


def sign_parts(kind: str, box: Box) -> tuple[Part, ...]:
    """Return the lines of a sign of the legend, around its box."""
    (mark,) = [mark for mark, (sign, _) in DOUBT_SIGNS.items() if sign == kind]
    frame = Box(box.left, box.top + 0.045, box.width, box.height - 0.09)
    return _parts(f"sign {kind}", mark, (rectangle(frame),))


def _parts(name: str, mark: str, rings: tuple[Array, ...]) -> tuple[Part, ...]:
    if mark == NOT_ROBUST:
        ground = Part(f"{name}, ground", rings, line=PAPER, line_pt=2 * _DASHED_PT)
        return ground, Part(name, rings, line=COUNTRY_LINE, line_pt=_DASHED_PT, dash="dash")
    return (Part(name, rings, line=DIM, line_pt=_DOTTED_PT, dash="dot"),)


def _inside(shape: Shape) -> tuple[Array, ...]:
    """Return the outlines of an area drawn in from its border; a narrow one less far."""
    polygons = [shapely.Polygon(ring).buffer(0) for ring in shape.rings if len(ring) > 3]
    whole = reduce(shapely.symmetric_difference, polygons)  # rings inside one another are holes
    for inches in _INSIDE:
        inner = whole.buffer(-inches, join_style="mitre")
        if inner.area >= _LEAST * whole.area:
            return tuple(
                shapely.get_coordinates(ring)
                for part in shapely.get_parts(inner)
                for ring in (part.exterior, *part.interiors)
            )
    return shape.rings
