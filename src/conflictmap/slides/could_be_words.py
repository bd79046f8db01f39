"""What "could be here" says on a slide: what areas could hold, in words no surer than the map's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from conflictmap.views.could_be import COULD_HOLD_ANYWHERE, COULD_HOLD_SOME, NOT_ROBUST
from conflictmap.views.map_view import MapView

if TYPE_CHECKING:
    from conflictmap.slides.slide import AreaFill

_NO_LIMIT = ", no upper limit known"

MOST_TOLD = 60
"""Areas whose least and most stand in words; a slide's table and the page have the others."""


def could_note(view: MapView, marks: Iterable[str]) -> str:
    """Return what the marks mean, or why there are none; empty: it was not asked for.

    Parameters
    ----------
    marks
        Those of the areas shown.
    """
    if view.could is None:
        return view.could_refusal
    return f"{_meaning(view)}: {_counts(view, marks)}."


def could_notes(views: tuple[MapView, MapView], marks: tuple[Iterable[str], Iterable[str]]) -> str:
    """Return the same of two maps side by side, with the numbers of each."""
    first, second = views
    if first.could is None or second.could is None:
        return " ".join(dict.fromkeys((first.could_refusal, second.could_refusal))).strip()
    return (
        f"{_meaning(first)}: on the left {_counts(first, marks[0])}; on the right"
        f" {_counts(second, marks[1])}."
    )


def _meaning(view: MapView) -> str:
    return (
        "Could be here: the least is what is placed in an area, by the lower figures; the most adds"
        f" what could lie there and is not placed at {view.query.level} level, by the higher"
    )


def _counts(view: MapView, marks: Iterable[str]) -> str:
    """Return how much could lie elsewhere, and how many areas are not marked though it could."""
    could = view.could
    if could is None:
        return ""
    silent = sum(mark == COULD_HOLD_ANYWHERE for mark in marks)
    incidents = "incident" if could.in_some == 1 else "incidents"
    areas = f"{silent:,} {'area is' if silent == 1 else 'areas are'}"
    return (
        f"{could.in_some:,} {incidents} of the country in some areas, {could.anywhere:,} in any"
        + (f" ({areas} not marked, for only the latter)" if silent else "")
    )


def short_range(words: str | None) -> str:
    """Return the least and most of an area as a table has it: "3 to 5", "2 or more"."""
    return (words or "").removesuffix(_NO_LIMIT)


def could_in_words(fills: Sequence[AreaFill]) -> str:
    """Return which areas are marked, with their least and most; empty: nothing is shown of it."""
    if not any(fill.mark for fill in fills):
        return ""
    parts = []
    for mark, words in (
        (NOT_ROBUST, "class not robust"),
        (COULD_HOLD_SOME, "none shown, could hold some"),
    ):
        marked = [fill for fill in fills if fill.mark == mark]
        listed = ", ".join(f"{fill.name} ({fill.could})" for fill in marked[:MOST_TOLD])
        more = f" and {len(marked) - MOST_TOLD:,} more" if len(marked) > MOST_TOLD else ""
        parts.append(f"{words}: {listed or 'none'}{more}")
    return f"Could be here, least to most: {'; '.join(parts)}."
