"""Pieces made of outlines as native shapes: a group each, a freeform a part."""

from __future__ import annotations

from typing import Final

from conflictmap.slides.deck_look import Look
from conflictmap.slides.deck_shapes import (
    NO_FILL,
    NO_LINE,
    Ids,
    freeform,
    group,
    line,
    solid,
    text_box,
)
from conflictmap.slides.pieces import Dash, Part, Piece

_DASHES: Final[dict[Dash, str]] = {"": "", "dash": "sysDash", "dot": "sysDot"}


def piece_shape(ids: Ids, piece: Piece, look: Look) -> str:
    """Return a piece as one group."""
    shapes = [part_shape(ids, part) for part in piece.parts]
    shapes += [
        text_box(
            ids,
            text.name,
            text.box,
            text.lines,
            look.words(text.size_pt, text.tone, is_bold=text.is_bold, align=text.align),
        )
        for text in piece.texts
    ]
    return group(ids, piece.name, piece.words, piece.box, shapes)


def part_shape(ids: Ids, part: Part) -> str:
    """Return outlines of one look as one freeform."""
    fill = solid(part.fill, opacity=part.opacity) if part.fill else NO_FILL
    edge = NO_LINE
    if part.line:
        dash = _DASHES[part.dash]
        edge = line(part.line, part.line_pt, dash=dash, opacity=part.opacity)
    return freeform(ids, part.name, part.rings, fill, edge, is_closed=part.is_closed)
