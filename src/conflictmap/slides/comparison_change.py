"""Whether two periods may be subtracted, and what comes out: the rules of a change on the map.

A difference between periods that were not looked at alike would show what was read, not what
happened. It is shown only of counts, of periods of like length that do not overlap, where the same
sources list every incident of both; and in an area only where both figures are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conflictmap.periods import Period, Step, periods_between
from conflictmap.summaries import Level
from conflictmap.views.counting import COUNTED
from conflictmap.views.coverage import covered_areas
from conflictmap.views.facts import Facts
from conflictmap.views.figures import AreaValue, Figure
from conflictmap.views.map_view import MapView

_COUNTS = ("incidents", "killed", "wounded")
_NOT_COVERED = (
    "No change is shown: none of the sources read lists every incident of these periods, so a"
    " difference would show what was read, not what happened."
)


@dataclass(frozen=True)
class Change:
    """Whether a change from the earlier to the later of two periods is shown.

    ``words`` have an element an area, areas by code; empty where none is shown.
    """

    refusal: str  # why there is none at all; empty: there is
    words: tuple[str, ...]
    is_everywhere: bool  # whether every area is covered, so that the totals may be subtracted


def change_between(facts: Facts, first: MapView, second: MapView) -> Change:
    """Return the change from the earlier of two views of one question to the later."""
    earlier, later = in_order(first, second)
    refusal = _refusal(facts, earlier, later)
    none = ("",) * len(earlier.counts.areas)
    one, two = _covered(facts, earlier, later, earlier.query.level)
    covered = one & two
    if not (refusal or covered.any()):
        refusal = _NOT_COVERED
    if refusal:
        return Change(refusal, none, is_everywhere=False)
    words = tuple(
        _words(before, after) if is_covered else ""
        for before, after, is_covered in zip(
            earlier.counts.areas, later.counts.areas, covered, strict=True
        )
    )
    return Change("", words, is_everywhere=bool(covered.all()))


def in_order(first: MapView, second: MapView) -> tuple[MapView, MapView]:
    """Return the view of the earlier period, then the other; as they are where one has no start."""
    starts = (first.counts.period.start, second.counts.period.start)
    if starts[0] and starts[1] and starts[1] < starts[0]:
        return second, first
    return first, second


def exact_number(figure: Figure) -> int | None:
    """Return a figure that is exact; none where it is a range, or an incident gave none."""
    if figure.not_stated or figure.best is None:
        return None if figure.incidents else 0
    return figure.best if figure.low == figure.best == figure.high else None


def _words(before: AreaValue, after: AreaValue) -> str:
    numbers = [
        exact_number(area.figure) for area in (before, after) if area.status in ("value", "zero")
    ]
    if len(numbers) < 2 or numbers[0] is None or numbers[1] is None:
        return ""
    change = numbers[1] - numbers[0]
    return f"{change:+,}" if change else "0"


def _refusal(facts: Facts, earlier: MapView, later: MapView) -> str:
    one, two = earlier.counts.period, later.counts.period
    if earlier.query.measure not in _COUNTS:
        return "No change is shown: it is worked out for counts of incidents and of people."
    if one.days is None or two.days is None:
        return "No change is shown: it needs two periods with two ends each."
    if one.end and two.start and two.start <= one.end:
        return "No change is shown: the two periods overlap."
    if not _are_alike(one, two, earlier.query.step):
        return "No change is shown: the two periods are not equally long."
    return _coverage_refusal(facts, earlier, later)


def _are_alike(one: Period, two: Period, step: Step) -> bool:
    """Say whether two periods are equally long, as whole months or years are."""
    if one.days == two.days:
        return True
    return all(
        period.start is not None
        and period.end is not None
        and periods_between(period.start, period.end, step) == (period,)
        for period in (one, two)
    )


def _coverage_refusal(facts: Facts, earlier: MapView, later: MapView) -> str:
    """Return why coverage forbids a change: none of a source, or another one in each period."""
    rows = facts.tables["coverage"]
    chosen = earlier.query.chosen
    told = rows[["source_id", "actor_id"]].drop_duplicates()
    if chosen.sources:
        told = told[told["source_id"].isin(chosen.sources)]
    is_any = False
    for source, actor in told.fillna("").itertuples(index=False):
        actors = (actor,) if actor else ()
        # By district: coverage of one district counts for its province's number as well.
        one, two = _covered(
            facts, earlier, later, "district", sources=(str(source),), actors=actors
        )
        if (one != two).any():
            return "No change is shown: the sources that cover the two periods differ."
        is_any = is_any or bool(one.any())
    return "" if is_any else _NOT_COVERED


def _covered(
    facts: Facts, earlier: MapView, later: MapView, level: Level, **changes: Any
) -> np.ndarray[Any, Any]:
    """Return where some source lists every incident: a row a period, a column an area."""
    chosen = replace(earlier.query.chosen, **changes)
    counted = COUNTED[earlier.query.measure]
    periods = (earlier.counts.period, later.counts.period)
    return covered_areas(facts, chosen, counted, level, periods)
