"""The table of a slide's areas: as many rows as have room, numbers never cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from conflictmap.slides.blocks import TextBlock, text_block
from conflictmap.slides.fitting import cut_line, line_height, text_width
from conflictmap.slides.paper import LEAST_PT, Box

Rows = Sequence[tuple[str, ...]]

LINE: Final = line_height(LEAST_PT)
ROW: Final = LINE + 0.05
SIDE: Final = 0.06
"""Inches left and right of a cell's words."""

_APART: Final = 0.2  # how much wider a column is than its words
_LEAST_NAME: Final = 0.9  # inches of the first column, of a table with several numbers


@dataclass(frozen=True)
class AreaTable:
    """The table in its box, its header first; no box: there is none."""

    box: Box | None
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    texts: tuple[TextBlock, ...]  # what it leaves out


def lay_out_area_table(
    header: tuple[str, ...], rows: Rows, more_rows: int, box: Box, *, may_drop: bool = True
) -> AreaTable:
    """Lay a table out in a box.

    Parameters
    ----------
    more_rows
        Rows that are not given, and count as left out.
    may_drop
        Whether the last column may give way where not all numbers have room.
    """
    most = int((box.height - LINE) / ROW) - 1
    if len(rows) + bool(more_rows) <= most + 1:
        most += 1  # no line is needed below that tells of more
    shown = rows[: max(0, most)]
    columns = len(header)
    if may_drop and columns > 2 and not _has_room(header, shown, columns, box.width):
        columns -= 1
    if not shown or (columns > 2 and not _has_room(header, shown, columns, box.width)):
        return AreaTable(None, (), (), _left_out(len(rows) + more_rows, box))
    cells = [row[:columns] for row in (header, *shown)]
    widths = _widths(cells, box.width)
    cut = tuple(
        tuple(
            cut_line(cell, width - 2 * SIDE, LEAST_PT, is_bold=not number)
            for cell, width in zip(row, widths, strict=True)
        )
        for number, row in enumerate(cells)
    )
    table = Box(box.left, box.top, box.width, len(cut) * ROW)
    more = len(rows) - len(shown) + more_rows
    texts: tuple[TextBlock, ...] = ()
    if more:
        line = f"and {more:,} more area{'s' if more > 1 else ''}"
        below = Box(box.left + SIDE, table.bottom + 0.03, box.width - SIDE, LINE)
        texts = (TextBlock("more areas", below, (line,), LEAST_PT, tone="dim"),)
    return AreaTable(table, cut, widths, texts)


def _widest(rows: Rows, column: int) -> float:
    """Return the width of a column whose words are not cut."""
    return max(text_width(row[column], LEAST_PT, is_bold=True) for row in rows) + _APART


def _has_room(header: tuple[str, ...], rows: Rows, columns: int, width: float) -> bool:
    numbers = sum(_widest((header, *rows), column) for column in range(1, columns))
    return numbers + _LEAST_NAME <= width


def _widths(rows: Rows, width: float) -> tuple[float, ...]:
    """Return how wide each column is: a table of one number has room for both or halves."""
    widest = [_widest(rows, column) for column in range(len(rows[0]))]
    if len(widest) == 2:
        value = min(widest[1], max(0.5 * width, width - widest[0]))
        return width - value, value
    return width - sum(widest[1:]), *widest[1:]


def _left_out(n: int, box: Box) -> tuple[TextBlock, ...]:
    line = f"{n:,} area{'' if n == 1 else 's'} with a figure; no room for a table"
    if not n or box.height < LINE:
        return ()
    most = 2 if box.height >= 2 * LINE else 1
    return (text_block("more areas", line, box, tone="dim", most=most),)
