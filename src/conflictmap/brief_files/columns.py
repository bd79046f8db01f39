"""How wide the columns of a table are, so that its rows take few lines."""

from __future__ import annotations

import math

from conflictmap.brief_files.content import Grid
from conflictmap.brief_files.measure import width_of, words_width


def column_widths(grid: Grid, width: float, size_pt: float, *, side: float) -> tuple[float, ...]:
    """Return the widths of the columns in inches; together they are the width of the table.

    Each column has room for its longest word where there is room at all; what is left goes to the
    columns with long texts.

    Parameters
    ----------
    side
        Inches left and right of the words of a cell.
    """
    least, whole = _needs(grid, size_pt, side)
    if sum(least) >= width:
        return tuple(one * width / sum(least) for one in least)
    if sum(whole) <= width:
        return _spread(grid, whole, width - sum(whole))
    found: dict[int, float] = {}
    while len(found) < len(whole):
        rest = [n for n in range(len(whole)) if n not in found]
        # By the root: a column of long sentences gets more, and does not starve the others.
        unit = (width - sum(found.values())) / sum(math.sqrt(whole[n]) for n in rest)
        shares = {n: unit * math.sqrt(whole[n]) for n in rest}
        found |= (
            {n: least[n] for n in rest if least[n] > shares[n]}
            or {n: whole[n] for n in rest if whole[n] <= shares[n]}
            or shares
        )
    return tuple(found[n] for n in range(len(whole)))


def does_fit(grid: Grid, width: float, size_pt: float, *, side: float) -> bool:
    """Say whether each column has room for its longest word."""
    return sum(_needs(grid, size_pt, side)[0]) <= width


def _needs(grid: Grid, size_pt: float, side: float) -> tuple[list[float], list[float]]:
    """Return the width of each column's longest word, and of its longest cell as one line."""
    least, whole = [], []
    for number, heading in enumerate(grid.columns):
        cells = [row[number] for row in grid.rows]
        words = [words_width(cell, size_pt) for cell in cells]
        lines = [width_of(cell, size_pt) for cell in cells]
        least.append(max([words_width(heading, size_pt, is_bold=True), *words]) + 2 * side)
        whole.append(max([width_of(heading, size_pt, is_bold=True), *lines]) + 2 * side)
    return least, whole


def _spread(grid: Grid, widths: list[float], left: float) -> tuple[float, ...]:
    """Share out what is left: all of it to columns of words, by their width."""
    words = [0.0 if n in grid.numbers else wide for n, wide in enumerate(widths)]
    return tuple(wide + left * word / sum(words) for wide, word in zip(widths, words, strict=True))
