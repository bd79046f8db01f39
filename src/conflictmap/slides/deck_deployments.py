"""A map of deployments as native shapes: a group for each unit, named by unit name and id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.deck_look import Look
from conflictmap.slides.deck_map import AREAS, LABELS, border_shapes, locator_shapes, scale_shapes
from conflictmap.slides.deck_pieces import piece_shape
from conflictmap.slides.deck_shapes import NO_FILL, Ids, freeform, group, line, solid, text_box
from conflictmap.slides.deck_table import native_row, native_table
from conflictmap.slides.deployment_compose import DeploymentComposition
from conflictmap.slides.deployment_table import SIDE
from conflictmap.slides.fills import AREA_LINE, PAPER
from conflictmap.slides.pieces import around_boxes

TOLD: Final = "Areas of armed groups, as told"
MOVES: Final = "Moves and places"
UNITS: Final = "Units"
KEYS: Final = "Signs of deployments"
TABLE: Final = "Table of deployments"

_LAYERS: Final = {"told": TOLD, "moves": MOVES, "units": UNITS}


def deployment_shapes(ids: Ids, composed: DeploymentComposition, look: Look) -> Iterator[str]:
    """Give the groups of the map, from the lowest, and the signs of the legend."""
    slide, at = composed.slide, composed.map_box
    names, outline = dict(slide.provinces), line(AREA_LINE, 0.5)
    areas = (
        freeform(ids, f"{shape.code} {names[shape.code]}", shape.rings, solid(PAPER), outline)
        for shape in composed.map.areas
    )
    yield group(ids, AREAS, slide.in_words, at, areas)
    yield border_shapes(ids, composed.map, at)
    for layer, pieces in composed.layers:
        name = _LAYERS[layer]
        yield group(ids, name, name, at, (piece_shape(ids, piece, look) for piece in pieces))
    labels = (_label(ids, block, look) for block in composed.labels)
    yield group(ids, LABELS, "Names of units and provinces", at, labels)
    yield scale_shapes(ids, composed.scale, at, look)
    yield from locator_shapes(ids, composed.insets)
    if composed.keys:
        around = around_boxes([piece.box for piece in composed.keys])
        signs = (piece_shape(ids, piece, look) for piece in composed.keys)
        yield group(ids, KEYS, "Signs of the map, with their words beside them", around, signs)


def deployment_table_shape(ids: Ids, composed: DeploymentComposition, look: Look) -> str:
    """Return the table; nothing where the slide has none."""
    table = composed.table
    if table is None:
        return ""
    words = "; ".join(", ".join(" ".join(lines) for lines in row.cells) for row in table.rows[1:])
    rows = (
        native_row(
            row.cells, row.height, look, ["left"] * len(row.cells), is_header=not n, side=SIDE
        )
        for n, row in enumerate(table.rows)
    )
    return native_table(ids, TABLE, words, table.box, table.widths, rows)


def _label(ids: Ids, block: TextBlock, look: Look) -> str:
    # On a light ground in the map's own ink: names run over patterns.
    tone = Look(font=look.font).words(block.size_pt, block.tone, align=block.align)
    ground = solid(PAPER, opacity=0.7) if block.tone == "ink" else NO_FILL
    return text_box(ids, block.name, block.box, block.lines, tone, fill=ground)
