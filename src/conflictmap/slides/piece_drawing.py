"""Lines of text, and pieces made of outlines, on one figure of matplotlib."""

from __future__ import annotations

from typing import Any, Final

from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.canvas import Canvas
from conflictmap.slides.fills import TONES
from conflictmap.slides.fitting import LINE, line_height
from conflictmap.slides.paper import Box
from conflictmap.slides.pieces import Dash, Part, Piece

BASELINE: Final = (LINE - 1.164) / 2 + 0.928  # of the letters' size; DejaVu Sans's own measures

_DASHES: Final[dict[Dash, Any]] = {"": "solid", "dash": (0, (3.2, 2.2)), "dot": (0, (0.1, 2.2))}


def draw_piece(canvas: Canvas, piece: Piece, within: Box | None) -> None:
    """Draw a piece: its words stand at its first part, once for a reader or a screen reader."""
    for number, part in enumerate(piece.parts, start=1):
        words = "" if number > 1 else piece.words
        draw_part(canvas, part, f"{piece.key} part {number}", words, within)
    for text in piece.texts:
        draw_block(canvas, text, name=f"{piece.key} {text.name} text")


def draw_part(canvas: Canvas, part: Part, name: str, words: str, within: Box | None) -> None:
    """Draw outlines of one look under a name of their own."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    paths = [Path(ring, closed=part.is_closed) for ring in part.rings]
    patch = PathPatch(
        Path.make_compound_path(*paths),
        facecolor=part.fill or "none",
        edgecolor=part.line or "none",
        linewidth=part.line_pt if part.line else 0.0,
        linestyle=_DASHES[part.dash],
        alpha=part.opacity if part.opacity < 1 else None,
        capstyle="round" if part.dash == "dot" else "butt",
        joinstyle="round",
    )
    canvas.add(patch, name, words, within)


def draw_block(canvas: Canvas, block: TextBlock, *, name: str = "", has_halo: bool = False) -> None:
    """Draw lines of text in their box, under the block's name or another."""
    name = name or block.name
    at = {
        "left": block.box.left,
        "center": block.box.left + block.box.width / 2,
        "right": block.box.right,
    }
    for number, line in enumerate(block.lines):
        top = block.box.top + number * line_height(block.size_pt)
        canvas.text(
            at[block.align],
            top + BASELINE * block.size_pt / 72,
            line,
            block.size_pt,
            f"{name} line {number + 1}" if len(block.lines) > 1 else name,
            is_bold=block.is_bold,
            align=block.align,
            colour=TONES[block.tone],
            has_halo=has_halo,
        )
