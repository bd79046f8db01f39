"""A composed slide of two periods on one figure of matplotlib."""

from __future__ import annotations

from conflictmap.slides.canvas import Canvas
from conflictmap.slides.comparison_compose import ComparisonComposition
from conflictmap.slides.drawing import draw_legend, draw_map, draw_table
from conflictmap.slides.piece_drawing import draw_block


def draw_comparison(canvas: Canvas, composed: ComparisonComposition) -> None:
    """Draw all of a composed slide; names of what the second map has end with its number."""
    for side, of in zip(composed.sides, ("", " on map 2"), strict=True):
        canvas.of = of
        draw_map(canvas, side)
    canvas.of = ""
    draw_legend(canvas, composed.swatches, composed.signs)
    draw_table(canvas, composed.table, composed.table_rows, composed.widths)
    for block in composed.texts:
        draw_block(canvas, block)
