"""The units on a slide's map: symbol, number of the row, what may be counted twice, and name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.deployment_moves import WHITE, place_of
from conflictmap.slides.deployment_slide import DeploymentSlide, ShownStatement
from conflictmap.slides.fills import INK, WARNING
from conflictmap.slides.fitting import fit_lines, line_height, text_width
from conflictmap.slides.outlines import Outlines
from conflictmap.slides.paper import LEAST_PT, Box
from conflictmap.slides.pieces import Part, Piece, Place, around_boxes, circle, rounded
from conflictmap.slides.symbol_places import Board, Placed
from conflictmap.slides.symbol_shapes import RATIO, symbol_parts
from conflictmap.views.deployment_look import KINDS

SIZES: Final = (0.46, 0.38, 0.31)
"""Heights of a symbol in inches; smaller ones where the larger have no room."""

LINE: Final = line_height(LEAST_PT)

# Corners of a number, as on the screen: from the top left on, by parts of its height.
_CORNERS: Final[dict[str, tuple[float, float, float, float]]] = {
    "deployment": (0.5, 0.5, 0.5, 0.5),
    "exercise": (0.0, 0.0, 0.0, 0.0),
    "formation": (0.5, 0.5, 0.0, 0.0),
    "search_operation": (0.0, 0.5, 0.0, 0.5),
    "visit": (0.2, 0.2, 0.2, 0.2),
}
_BADGE = 0.2  # height of a number's field
_UNDER = 0.13  # how far it lies over its symbol
_ARROW = 0.16  # length of the sign that a unit has left
_NAME = 1.5  # most inches of a name's line
_LARGEST = 0.085  # height of a symbol to the map's width: on a small map it would hide much
_MOST_NAMED = 40  # with more symbols no names are tried: there would be room for few


@dataclass(frozen=True)
class UnitsOnMap:
    """Symbols and names that have room, and how many have none."""

    pieces: tuple[Piece, ...]
    names: tuple[TextBlock, ...]
    left_out: tuple[int, ...]  # numbers of statements with a symbol that has no room
    names_left_out: int


@dataclass(frozen=True)
class _Item:
    statement: ShownStatement
    key: str
    at: Place
    has_left: bool
    name: tuple[str, ...]  # lines; empty: it stands at another symbol of the statement


def lay_out_units(
    slide: DeploymentSlide, shapes: Outlines, within: Box, taken: Sequence[Box], soft: Sequence[Box]
) -> UnitsOnMap:
    """Place every symbol of the view, in the largest size in which all have room.

    Parameters
    ----------
    taken
        What no symbol may cover.
    soft
        What symbols rather do not cover: arrows and the marks of places.
    """
    items = _items(slide, shapes)
    fitting = [size for size in SIZES if size <= _LARGEST * within.width]
    for height in fitting or SIZES[-1:]:
        board = Board(within, list(taken), list(soft))
        placed = [board.place(item.at, *_size(item, height)) for item in items]
        if all(placed):
            break
    found = list(zip(items, placed, strict=True)) if items else []
    named = [(item, spot) for item, spot in found if spot and item.name]
    texts = []
    for item, spot in named:
        wide = max(text_width(line, LEAST_PT) for line in item.name)
        box = board.name(spot.box, wide, len(item.name) * LINE)
        if box:
            texts.append(_name_text(item, box))
    return UnitsOnMap(
        tuple(_piece(item, spot, height) for item, spot in found if spot),
        tuple(texts),
        tuple(sorted({item.statement.number for item, spot in found if not spot})),
        sum(bool(item.name) for item in items) - len(texts),
    )


def short_name(name: str) -> str:
    """Return a unit's name without what stands in brackets after it."""
    return re.sub(r"\s*\([^()]*\)\s*$", "", name) or name


def number_parts(kind: str, box: Box) -> Part:
    """Return the field of a number, in the colour and with the corners of its kind."""
    look = rounded(box, _CORNERS[kind])
    return Part("number", (look,), fill=KINDS[kind]["colour"], line=WHITE, line_pt=0.6)


def twice_parts(x: float, y: float) -> tuple[Part, TextBlock]:
    """Return the sign of a unit that two statements place at one time."""
    part = Part("twice", (circle(x, y, 0.1),), fill=WARNING, line=WHITE, line_pt=0.6)
    box = Box(x - 0.1, y - LINE / 2, 0.2, LINE)
    text = TextBlock("twice", box, ("!",), LEAST_PT, is_bold=True, align="center", tone="paper")
    return part, text


def left_part(x: float, y: float) -> Part:
    """Return the sign that a unit has left from here."""
    end, size = x + _ARROW, 0.045
    line = np.array([[x, y], [end, y]])
    head = np.array([[end - size, y - size], [end, y], [end - size, y + size]])
    return Part("has left", (line, head), line=INK, line_pt=1.4, is_closed=False)


def _items(slide: DeploymentSlide, shapes: Outlines) -> list[_Item]:
    items = []
    for one in slide.statements:
        spots = list(dict.fromkeys(move.spot for move in one.moves))
        leaving = {move.spot for move in one.moves if move.is_origin}
        name: tuple[str, ...] = ()
        if one.unit_id and len(slide.statements) <= _MOST_NAMED:
            name = fit_lines(short_name(one.unit_name), _NAME, LEAST_PT, most=3)
        for n, spot in enumerate(spots, start=1):
            key = f"unit {one.number}" if n == 1 else f"unit {one.number} place {n}"
            at = place_of(spot, shapes)
            items.append(_Item(one, key, at, spot in leaving, name if n == 1 else ()))
    return items


def _badge_width(item: _Item) -> float:
    least = _BADGE if item.statement.sidc else 0.26
    words = text_width(str(item.statement.number), LEAST_PT, is_bold=True)
    return max(least, words + 0.09)


def _size(item: _Item, height: float) -> tuple[float, float]:
    """Return how wide and high a symbol is with its number."""
    badge = _badge_width(item)
    wide, tall = badge, _BADGE + 0.04
    if item.statement.sidc:
        wide, tall = height * RATIO + badge - _UNDER, height + 0.04
    wide += _ARROW + 0.02 if item.has_left else 0.0
    return wide, tall


def _name_text(item: _Item, box: Box) -> TextBlock:
    return TextBlock(f"name {item.statement.number}", box, item.name, LEAST_PT, align="center")


def _piece(item: _Item, spot: Placed, height: float) -> Piece:
    one, box = item.statement, spot.box
    badge, parts = _badge_width(item), []
    if spot.line:
        ends = np.array(spot.line)
        parts.append(Part("line to its place", (ends,), line=INK, line_pt=0.7, is_closed=False))
    if one.sidc:
        symbol = Box(box.left, box.top, height * RATIO, height)
        parts += symbol_parts(one.sidc, symbol, opacity=one.strength_of_evidence)
        field = Box(symbol.right - _UNDER, box.bottom - _BADGE, badge, _BADGE)
    else:
        field = Box(box.left, box.top, badge, box.height)
    parts.append(number_parts(one.kind, field))
    middle = field.top + field.height / 2
    texts = [
        TextBlock(
            f"number {one.number}" if item.key.endswith(f"unit {one.number}") else item.key,
            Box(field.left, middle - LINE / 2, badge, LINE),
            (str(one.number),),
            LEAST_PT,
            is_bold=True,
            align="center",
            tone="paper",
        )
    ]
    if one.is_doubled:
        part, text = twice_parts(box.left + 0.1, box.bottom - 0.1)
        parts.append(part)
        texts.append(text)
    if item.has_left:
        parts.append(left_part(field.right + 0.02, box.top + 0.1))
    where = "; ".join(one.where)
    name = f"{one.name}, symbol {one.sidc}" if one.sidc else one.name
    lines = [Box(*_corner(spot.line))] if spot.line else []
    return Piece(
        item.key, name, f"{name}; {where}", around_boxes([box, *lines]), tuple(parts), tuple(texts)
    )


def _corner(line: tuple[Place, Place]) -> tuple[float, float, float, float]:
    (x, y), (to_x, to_y) = line
    return min(x, to_x), min(y, to_y), abs(x - to_x), abs(y - to_y)
