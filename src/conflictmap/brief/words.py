"""Numbers and lists in words, the same in every section of a brief."""

from __future__ import annotations

from collections.abc import Sequence

from conflictmap.brief.model import Cell
from conflictmap.views.figures import Figure

NO_REPORT = "no report in the sources read"
NO_FIGURE = "no figure"


def incidents(n: int) -> str:
    """Return a number of incidents in words."""
    return "1 incident" if n == 1 else f"{n:,} incidents"


def verb(n: int, one: str, many: str) -> str:
    """Return the form of a verb that a number asks for."""
    return one if n == 1 else many


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def gave_none(figure: Figure) -> str:
    """Return how many of the incidents gave no figure; empty where each gave one."""
    if not figure.not_stated:
        return ""
    return f"{figure.not_stated:,} of {incidents(figure.incidents)} gave no figure"


def figure_cell(figure: Figure) -> Cell:
    """Return a sum as a cell: a number where it is exact and whole, else words that say it is not.

    "at least 73 (2 of 9 incidents gave no figure)".
    """
    if not figure.incidents:
        return NO_REPORT
    if figure.best is None:
        return NO_FIGURE
    is_exact = figure.low == figure.best == figure.high
    if is_exact and not figure.not_stated:
        return figure.best
    rest = gave_none(figure)
    return f"{figure.words} ({rest})" if rest else figure.words


def signed(n: int) -> str:
    """Return a difference with its sign; none for zero."""
    return f"{n:+,}" if n else "0"


def first_of(shown: int, total: int, order: str) -> str:
    """Return the note of a table that shows the first rows only; empty where it shows all."""
    return f"The first {shown:,} of {total:,}, {order}." if shown < total else ""
