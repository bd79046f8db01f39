"""A composed slide of deployments on one figure of matplotlib: every symbol as paths."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from conflictmap.slides.canvas import Array, Canvas
from conflictmap.slides.deployment_compose import DeploymentComposition
from conflictmap.slides.deployment_table import SIDE, TableOnSlide
from conflictmap.slides.drawing import BASELINE, draw_block, draw_borders, draw_insets, draw_scale
from conflictmap.slides.fills import AREA_LINE, INK, PAPER, RULE, TONES
from conflictmap.slides.fitting import line_height
from conflictmap.slides.paper import LEAST_PT, Box
from conflictmap.slides.pieces import Dash, Part, Piece

_DASHES: Final[dict[Dash, Any]] = {"": "solid", "dash": (0, (3.2, 2.2)), "dot": (0, (0.1, 2.2))}


def draw_deployments(canvas: Canvas, composed: DeploymentComposition) -> None:
    """Draw all of a composed slide of deployments."""
    names = dict(composed.slide.provinces)
    for shape in composed.map.areas:
        look: dict[str, Any] = {"facecolor": PAPER, "edgecolor": AREA_LINE, "linewidth": 0.7}
        canvas.shape(shape.rings, f"area {shape.code}", names[shape.code], **look)
    draw_borders(canvas, composed.map)
    for _, pieces in composed.layers:
        for piece in pieces:
            _draw_piece(canvas, piece, composed.map_box)
    draw_insets(canvas, composed.insets)
    draw_scale(canvas, composed.scale)
    for block in composed.labels:
        if block.tone == "ink":  # names of units may stand on a pattern
            canvas.box(block.box, facecolor=PAPER, alpha=0.7, edgecolor="none")
        draw_block(canvas, block, has_halo=True)
    for piece in composed.keys:
        _draw_piece(canvas, piece, None)
    if composed.table:
        _draw_table(canvas, composed.table)
    for block in composed.texts:
        draw_block(canvas, block)


def _draw_piece(canvas: Canvas, piece: Piece, within: Box | None) -> None:
    for number, part in enumerate(piece.parts, start=1):
        # Its words stand at its first part: once for a reader, or a screen reader.
        words = "" if number > 1 else piece.words
        _draw_part(canvas, part, f"{piece.key} part {number}", words, within)
    for text in piece.texts:
        draw_block(canvas, text, name=f"{piece.key} {text.name} text")


def _draw_part(canvas: Canvas, part: Part, name: str, words: str, within: Box | None) -> None:
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


def _draw_table(canvas: Canvas, table: TableOnSlide) -> None:
    box, top = table.box, table.box.top
    for number, row in enumerate(table.rows):
        is_head = not number
        left = box.left
        for column, (lines, width) in enumerate(zip(row.cells, table.widths, strict=True), start=1):
            high = len(lines) * line_height(LEAST_PT)
            at = top + (row.height - high) / 2
            for n, line in enumerate(lines, start=1):
                canvas.text(
                    left + SIDE,
                    at + (n - 1) * line_height(LEAST_PT) + BASELINE * LEAST_PT / 72,
                    line,
                    LEAST_PT,
                    f"row {number} column {column} line {n}",
                    is_bold=is_head,
                    colour=TONES["ink"],
                )
            left += width
        top += row.height
        below: Array = np.array([[box.left, top], [box.right, top]])
        colour, thickness = (INK, 1.0) if is_head else (RULE, 0.6)
        canvas.lines([below], edgecolor=colour, linewidth=thickness)
