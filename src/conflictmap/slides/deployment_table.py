"""The table of a slide of deployments: as many rows as have room, the latest first."""

from __future__ import annotations

from dataclasses import dataclass

from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.deployment_slide import COLUMNS, DeploymentSlide, ShownStatement
from conflictmap.slides.fitting import fit_items, fit_lines, line_height, text_width
from conflictmap.slides.paper import LEAST_PT, Box

LINE = line_height(LEAST_PT)
SIDE = 0.05
"""Inches left and right of a cell's words."""

_PADDING = 0.05  # of a row, above and below together
_FEW = 3  # rows
_MOST = 2  # lines of a cell
_WIDEST = {"When": 1.55, "Strength": 1.35, "Report": 1.3}


@dataclass(frozen=True)
class TableRow:
    """One row: how high it is, and the lines of each cell."""

    height: float
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class TableOnSlide:
    """The table in its box; the first row is its header."""

    box: Box
    widths: tuple[float, ...]
    rows: tuple[TableRow, ...]


def lay_out_table(
    slide: DeploymentSlide, box: Box
) -> tuple[TableOnSlide | None, tuple[TextBlock, ...]]:
    """Return the table, and the lines below it: what it leaves out, and its one report."""
    statements = tuple(reversed(slide.statements))
    if not statements:
        return None, ()
    reports = {one.report for one in statements}
    columns = [n for n, name in enumerate(COLUMNS) if name != "Report" or len(reports) > 1]
    widths = _widths(statements, columns, box.width)
    header = _row(tuple((COLUMNS[n],) for n in columns), widths, is_header=True)
    told = f"All of one report: {next(iter(reports))}." if len(reports) == 1 else ""
    for most in (_MOST, 1):  # rather short rows than hardly any
        rows = [_row(_cells(one, columns), widths, most=most) for one in statements]
        shown = len(rows)
        while shown and _height(header, rows, shown, told, box) > box.height:
            shown -= 1
        if shown >= min(_FEW, len(rows)):
            break
    below = _below(len(rows), shown, told, box)
    rows = rows[:shown]
    table = None
    top = box.top
    if rows:
        height = header.height + sum(row.height for row in rows)
        place = Box(box.left, box.top, box.width, height)
        table = TableOnSlide(place, widths, (header, *rows))
        top = place.bottom + 0.03
    if not below or top + len(below) * LINE > box.bottom + 1e-6:
        return table, ()
    place = Box(box.left + SIDE, top, box.width - SIDE, len(below) * LINE)
    return table, (TextBlock("more statements", place, below, LEAST_PT, tone="dim"),)


def _height(header: TableRow, rows: list[TableRow], shown: int, told: str, box: Box) -> float:
    below = _below(len(rows), shown, told, box)
    high = header.height + sum(row.height for row in rows[:shown])
    return high + (0.03 + len(below) * LINE if below else 0.0)


def _below(n: int, shown: int, told: str, box: Box) -> tuple[str, ...]:
    more = n - shown
    noun = "statement" if more == 1 else "statements"
    words = f"and {more:,} more {noun}." if shown else f"{more:,} {noun}; no room for a table."
    return _lines(" ".join(part for part in (words if more else "", told) if part), box.width)


def _lines(text: str, width: float) -> tuple[str, ...]:
    return fit_lines(text, width - SIDE, LEAST_PT, most=2)


def _widths(
    statements: tuple[ShownStatement, ...], columns: list[int], width: float
) -> tuple[float, ...]:
    found: dict[str, float] = {}
    for n in columns:
        name = COLUMNS[n]
        if name == "#" or name in _WIDEST:
            cells = [_text(one, n) for one in statements]
            widest = max(
                text_width(COLUMNS[n], LEAST_PT, is_bold=True),
                *(text_width(cell, LEAST_PT) for cell in cells),
            )
            found[name] = min(widest + 2 * SIDE + 0.02, _WIDEST.get(name, 1.0), 0.22 * width)
    rest = width - sum(found.values())
    found |= {COLUMNS[1]: 0.5 * rest, COLUMNS[2]: 0.5 * rest}
    return tuple(found[COLUMNS[n]] for n in columns)


def _text(one: ShownStatement, column: int) -> str:
    return one.row[column] or "not stated"


def _cells(one: ShownStatement, columns: list[int]) -> tuple[tuple[str, ...], ...]:
    return tuple(one.where if COLUMNS[n] == COLUMNS[2] else (_text(one, n),) for n in columns)


def _row(
    cells: tuple[tuple[str, ...], ...],
    widths: tuple[float, ...],
    *,
    is_header: bool = False,
    most: int = _MOST,
) -> TableRow:
    """Return a row with each cell's words in lines; of several places as many as have room."""
    lines = tuple(
        fit_items(cell, "; ", "and {n} more", width - 2 * SIDE, LEAST_PT, most=most)
        if len(cell) > 1
        else fit_lines(cell[0], width - 2 * SIDE, LEAST_PT, is_bold=is_header, most=most)
        for cell, width in zip(cells, widths, strict=True)
    )
    return TableRow(max(map(len, lines)) * LINE + _PADDING, lines)
