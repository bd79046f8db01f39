"""A composed slide of deployments on one figure of matplotlib: every symbol as paths."""

from __future__ import annotations

from typing import Any

import numpy as np

from conflictmap.slides.canvas import Array, Canvas
from conflictmap.slides.deployment_compose import DeploymentComposition
from conflictmap.slides.deployment_table import SIDE, TableOnSlide
from conflictmap.slides.drawing import draw_borders, draw_insets, draw_scale
from conflictmap.slides.fills import AREA_LINE, INK, PAPER, RULE, TONES
from conflictmap.slides.fitting import line_height
from conflictmap.slides.paper import LEAST_PT
from conflictmap.slides.piece_drawing import BASELINE, draw_block, draw_piece


def draw_deployments(canvas: Canvas, composed: DeploymentComposition) -> None:
    """Draw all of a composed slide of deployments."""
    names = dict(composed.slide.provinces)
    for shape in composed.map.areas:
        look: dict[str, Any] = {"facecolor": PAPER, "edgecolor": AREA_LINE, "linewidth": 0.7}
        canvas.shape(shape.rings, f"area {shape.code}", names[shape.code], **look)
    draw_borders(canvas, composed.map)
    for _, pieces in composed.layers:
        for piece in pieces:
            draw_piece(canvas, piece, composed.map_box)
    draw_insets(canvas, composed.insets)
    draw_scale(canvas, composed.scale)
    for block in composed.labels:
        if block.tone == "ink":  # names of units may stand on a pattern
            canvas.box(block.box, facecolor=PAPER, alpha=0.7, edgecolor="none")
        draw_block(canvas, block, has_halo=True)
    for piece in composed.keys:
        draw_piece(canvas, piece, None)
    if composed.table:
        _draw_table(canvas, composed.table)
    for block in composed.texts:
        draw_block(canvas, block)


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
