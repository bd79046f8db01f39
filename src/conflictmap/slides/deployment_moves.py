"""Moves and places of a slide of deployments: arrows, the marks at their ends, areas of groups."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from typing import Final

import numpy as np
import shapely

from conflictmap.slides.deployment_slide import ShownStatement, ToldArea
from conflictmap.slides.outlines import Outlines
from conflictmap.slides.paper import Box
from conflictmap.slides.pieces import (
    Array,
    Part,
    Piece,
    Place,
    around,
    circle,
    closed,
    rectangle,
)
from conflictmap.views.deployment_look import AREA_COLOUR, CLAIM_COLOUR, KINDS, WIDTHS
from conflictmap.views.deployment_moves import Move
from conflictmap.views.deployment_statements import Spot

PX_PT: Final = 0.75
"""Points of a pixel on the screen, so that lines are as wide as there."""

WHITE: Final = "#ffffff"
SHORT_OF: Final = 0.08
"""Inches between the tip of an arrow and the place it points to."""

_STEPS = 24
_STRIPES, _DOTS, _DOT = 0.085, 0.1, 0.02  # inches


def place_of(spot: Spot, shapes: Outlines) -> Place:
    """Return where a spot lies on the paper."""
    x, y = shapes.place(np.array([spot.longitude]), np.array([spot.latitude]))[0].tolist()
    return x, y


def move_pieces(statements: Iterable[ShownStatement], shapes: Outlines) -> tuple[Piece, ...]:
    """Return the arrows and place marks of each statement as one piece."""
    pieces = []
    for one in statements:
        parts = [part for move in one.moves for part in _move_parts(one, move, shapes)]
        if parts:
            unique = {(part.name, part.rings[0].tobytes()): part for part in parts}
            rings = [ring for part in unique.values() for ring in part.rings]
            pieces.append(
                Piece(
                    f"move {one.number}",
                    f"Move {one.number}: {one.name}",
                    "; ".join(one.where),
                    around(rings),
                    tuple(unique.values()),
                )
            )
    return tuple(pieces)


def arrow_parts(
    points: Array, colour: str, width_pt: float, *, is_dashed: bool, is_open: bool, opacity: float
) -> tuple[Part, Part]:
    """Return the line of an arrow, and its head; an open head points to no known place."""
    size = (8 + 1.2 * width_pt / PX_PT) * PX_PT / 72
    end, before = points[-1], points[-5]
    along = (end - before) / (np.linalg.norm(end - before) or 1.0)
    across = np.array([-along[1], along[0]])
    tip = end - along * SHORT_OF
    foot = tip - along * size
    head = np.array([foot + across * size / 2, tip, foot - across * size / 2])
    reach = SHORT_OF + (0.02 if is_open else 0.7 * size)
    kept = points[np.linalg.norm(points - end, axis=1) > reach]
    line = Part(
        "line",
        (np.vstack([kept, [end - along * reach]]),),
        line=colour,
        line_pt=width_pt,
        dash="dash" if is_dashed else "",
        opacity=opacity,
        is_closed=False,
    )
    if is_open:
        look = Part("head", (head,), line=colour, line_pt=1.9, opacity=opacity, is_closed=False)
    else:
        look = Part("head", (closed(head),), fill=colour, opacity=opacity)
    return line, look


def foot_parts(kind: str, x: float, y: float, colour: str, radius: float = 0.0) -> list[Part]:
    """Return the mark of a place: by how well it is known, never by colour alone."""
    if kind == "district":
        box = Box(x - 0.045, y - 0.045, 0.09, 0.09)
        return [Part("district", (rectangle(box),), fill=WHITE, line=colour, line_pt=1.3)]
    if kind == "province":
        ring = (circle(x, y, 0.065),)
        return [Part("province", ring, fill=WHITE, line=colour, line_pt=1.2, dash="dash")]
    if kind == "exact":
        return [Part("place", (circle(x, y, 0.045),), fill=colour, line=colour)]
    parts = [Part("near", (circle(x, y, 0.04),), fill=WHITE, line=colour, line_pt=1.2)]
    if radius:
        wide = (circle(x, y, radius),)
        parts.insert(0, Part("within", wide, fill=colour, opacity=0.14))
        parts.insert(1, Part("within, edge", wide, line=colour, line_pt=0.8))
    return parts


def told_pieces(
    told: Iterable[ToldArea], provinces: Outlines, districts: Outlines
) -> tuple[Piece, ...]:
    """Return what is said of armed groups as patterns: stripes for an area, dots for a claim."""
    shapes = {shape.code: shape for shape in (*provinces.areas, *districts.areas)}
    pieces = []
    for one in told:
        shape = shapes[one.code]
        for kind, holds, words in (
            ("area", one.is_area, "area that a report gives for a group"),
            ("claim", one.is_claim, "claimed: somebody says that a group is there"),
        ):
            if holds:
                key = f"told {kind} {one.code}"
                name = f"{one.code} {one.name}, {kind}"
                parts = pattern_parts(shape.rings, kind)
                pieces.append(Piece(key, name, f"{one.name}: {words}", around(shape.rings), parts))
    return tuple(pieces)


def pattern_parts(rings: Iterable[Array], kind: str) -> tuple[Part, ...]:
    """Return the pattern of an "area" or a "claim" inside rings, and its dotted edge."""
    rings = tuple(rings)
    polygons = [shapely.make_valid(shapely.Polygon(ring)) for ring in rings if len(ring) > 3]
    ground = reduce(lambda one, other: one.symmetric_difference(other), polygons)
    colour = AREA_COLOUR if kind == "area" else CLAIM_COLOUR
    drawn = _stripes(ground) if kind == "area" else _dots(ground)
    parts = [Part("edge", rings, line=colour, line_pt=1.4, dash="dot")]
    if drawn and kind == "area":
        parts.insert(0, Part("stripes", drawn, line=colour, line_pt=0.9, is_closed=False))
    elif drawn:
        parts.insert(0, Part("dots", drawn, fill=colour))
    return tuple(parts)


def _stripes(ground: shapely.Geometry) -> tuple[Array, ...]:
    left, top, right, bottom = ground.bounds
    deep = bottom - top
    # Counted from the paper's corner, so that the stripes of neighbours meet.
    first = math.floor((left - bottom) / _STRIPES) * _STRIPES
    starts = np.arange(first, right - top + _STRIPES, _STRIPES)
    lines = shapely.MultiLineString(
        [[(start + top, top), (start + top + deep, bottom)] for start in starts]
    )
    cut = shapely.get_parts(shapely.intersection(lines, ground))
    return tuple(shapely.get_coordinates(line) for line in cut if line.length > 0.01)


def _dots(ground: shapely.Geometry) -> tuple[Array, ...]:
    inside = ground.buffer(-1.2 * _DOT)
    left, top, right, bottom = ground.bounds
    across = np.arange(math.floor(left / _DOTS), right / _DOTS + 1) * _DOTS
    down = np.arange(math.floor(top / _DOTS), bottom / _DOTS + 1) * _DOTS
    x, y = (side.ravel() for side in np.meshgrid(across, down))
    held = shapely.contains_xy(inside, x, y)
    turn = np.linspace(0, 2 * math.pi, 8, endpoint=False)
    dot = _DOT * np.column_stack([np.cos(turn), np.sin(turn)])
    return tuple(closed(dot + at) for at in np.column_stack([x[held], y[held]]))


def _move_parts(one: ShownStatement, move: Move, shapes: Outlines) -> list[Part]:
    colour, opacity = KINDS[one.kind]["colour"], one.strength_of_evidence
    x, y = place_of(move.spot, shapes)
    radius = (move.spot.radius_km or 0.0) * shapes.inches_per_km
    parts = foot_parts(move.spot.kind, x, y, colour, radius)
    if move.origin is None:
        return parts
    start = place_of(move.origin, shapes)
    begins = foot_parts(move.origin.kind, *start, colour)
    arrow = arrow_parts(
        curve(start, (x, y), move.bend),
        colour,
        WIDTHS[one.size_class] * PX_PT,
        is_dashed=one.is_dashed,
        is_open=move.spot.kind == "province",
        opacity=opacity,
    )
    return [*arrow, *begins, *parts]


def curve(start: Place, end: Place, bend: float) -> Array:
    """Return a curve from place to place that leaves the straight line by a part of its length."""
    a, c = np.array(start), np.array(end)
    via = (a + c) / 2 + np.array([c[1] - a[1], a[0] - c[0]]) * bend
    t = np.linspace(0, 1, _STEPS + 1)[:, None]
    return (1 - t) ** 2 * a + 2 * (1 - t) * t * via + t**2 * c
