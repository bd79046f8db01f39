"""Could be here: the least and the most that each area could hold, and whether its class is sure.

The least is what is placed in an area, by the lower figures. The most adds, by the higher figures,
every incident of the same filters and period that is not placed at the level and could lie there;
see `possible_areas`. Incidents abroad, and those that are not dated to the period, are in neither:
the question is where the incidents counted may have been, not when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from conflictmap.classes import Classes
from conflictmap.filters import IncidentFilter
from conflictmap.incident_index import Figures
from conflictmap.summaries import Level
from conflictmap.views.counting import COUNTED
from conflictmap.views.facts import Facts
from conflictmap.views.figures import STATUSES, AreaCounts
from conflictmap.views.possible_areas import ANYWHERE
from conflictmap.views.query import Measure

Array = np.ndarray[Any, Any]

ROBUST, NOT_ROBUST, COULD_HOLD_SOME, COULD_HOLD_ANYWHERE = "0", "1", "2", "3"


@dataclass(frozen=True)
class CouldHold:
    """What each area could hold, areas by code, in the unit of the measure.

    ``is_robust`` says whether the area would be drawn the same wherever the incidents that could
    lie there were, and whichever of the figures given held. ``marks`` says how to draw that, a
    letter an area:

    - "0", robust;
    - "1", its class would change (or it has no figure so far, and would have one);
    - "2", none is shown, and it could hold an incident known to be in some of the areas, it among
      them: one of its province, of a few candidates or of several places;
    - "3", none is shown, and it could hold only what could lie anywhere. A single incident known
      only to the country does that to each silent area, so a map does not mark them.
    """

    least: tuple[float, ...]
    most: tuple[float | None, ...]  # None: no upper limit known
    is_robust: tuple[bool, ...]
    marks: str
    in_some: int  # incidents not placed at the level that could lie in some of the areas
    anywhere: int  # and those that could lie in every one

    @property
    def words(self) -> tuple[str | None, ...]:
        """Return for each area "3 to 5"; None where nothing is in doubt."""
        return tuple(
            None if least == most else _range_words(least, most)
            for least, most in zip(self.least, self.most, strict=True)
        )


def why_not_could_be(counts: AreaCounts, measure: Measure) -> str:
    """Return why it is not shown what the areas could hold; empty: it may be."""
    if counts.suppressed_areas:
        return (
            "What areas could hold is not shown while small counts are suppressed: a suppressed"
            " count could be found by subtraction."
        )
    if measure in ("share", "change"):
        return (
            "What areas could hold is worked out for counts and rates. Choose incidents, people"
            " killed or wounded, or incidents per 1,000 km²."
        )
    return counts.refusal


def could_hold(
    facts: Facts,
    chosen: IncidentFilter,
    measure: Measure,
    level: Level,
    counts: AreaCounts,
    classes: Classes,
) -> CouldHold:
    """Return what each area could hold in a period.

    An incident without a figure, or whose figure has no upper end, leaves no upper limit wherever
    it is or could be; one whose figure has no lower end adds nothing to the least. An area whose
    upper limit is not known is robust only in the highest class.

    Parameters
    ----------
    chosen
        The filter; its period is that of `counts`.
    counts
        What is shown; nothing of it suppressed or refused, see `why_not_could_be`.
    """
    index, possible = facts.index, facts.possible_areas[level]
    bins, n_areas = index.bins[level], len(counts.areas)
    counted = index.passing(chosen) & index.standing(chosen.period)[0]
    figures = index.figures(chosen, COUNTED[measure])
    lowest, highest, has_limit = _ends(figures)
    placed, unplaced = counted & (bins < n_areas), counted & (possible.row >= 0)
    row = possible.row[unplaced]
    areas_of_row = possible.areas.astype("float64")
    areas_of_row[ANYWHERE] = 0  # told apart: it is the same for each area

    def by_area(weights: Array) -> _Sums:
        unsure = np.bincount(row, weights=weights[unplaced], minlength=len(areas_of_row))
        here = np.bincount(bins[placed], weights=weights[placed], minlength=n_areas)
        return _Sums(here, unsure @ areas_of_row, unsure[ANYWHERE])

    incidents, stated = by_area(np.ones(len(counted))), by_area(figures.is_stated)
    most_known, unlimited = by_area(highest), by_area(~has_limit)
    least = _in_unit(by_area(lowest).here, facts, measure, level)
    most = _in_unit(most_known.total, facts, measure, level)
    most[unlimited.total > 0] = np.inf

    status, value = _shown(counts)
    is_value = status == STATUSES.index("value")
    # A count of nobody is drawn as zero, like a zero by what a source says.
    is_zero = (status == STATUSES.index("zero")) | (is_value & (value == 0))
    is_silent = status == STATUSES.index("no_report")
    has_no_figure = status == STATUSES.index("no_figure")
    more_near = most_known.near + unlimited.near > 0
    more_anywhere = most_known.anywhere + unlimited.anywhere > 0
    marks = np.select(
        [
            is_value & ~is_zero & _changes_class(classes, value, least, most),
            has_no_figure & (stated.total - stated.here > 0),
            (is_zero & more_near) | (is_silent & (incidents.near > 0)),
            (is_zero & more_anywhere) | (is_silent & (incidents.anywhere > 0)),
        ],
        [NOT_ROBUST, NOT_ROBUST, COULD_HOLD_SOME, COULD_HOLD_ANYWHERE],
        ROBUST,
    )
    return CouldHold(
        least=tuple(least.tolist()),
        most=tuple(None if np.isinf(one) else one for one in most.tolist()),
        is_robust=tuple((marks == ROBUST).tolist()),
        marks="".join(marks),
        in_some=int((row != ANYWHERE).sum()),
        anywhere=int(incidents.anywhere),
    )


class _Sums(NamedTuple):
    """A sum over what is placed in each area, what could be in some, and what could be in all."""

    here: Array
    in_some: Array
    anywhere: Any

    @property
    def near(self) -> Array:
        return self.here + self.in_some

    @property
    def total(self) -> Array:
        return self.here + self.in_some + self.anywhere


def _shown(counts: AreaCounts) -> tuple[Array, Array]:
    """Return what each area shows: the place of its status in `STATUSES`, its value or NaN."""
    return (
        np.array([STATUSES.index(area.status) for area in counts.areas]),
        np.array([np.nan if area.value is None else area.value for area in counts.areas]),
    )


def _changes_class(classes: Classes, value: Array, least: Array, most: Array) -> Array:
    """Return whether a value's class is not that of its least and most; nothing has no class."""
    shown = classes.numbers(value)
    found: Array = (
        (least == 0) | (classes.numbers(least) != shown) | (classes.numbers(most) != shown)
    )
    return found


def _ends(figures: Figures) -> tuple[Array, Array, Array]:
    """Return what each incident adds at least and at most, and whether its upper end is known.

    A published triple may be out of order; the lowest and the highest of it are its ends.
    """
    has_limit = figures.is_stated & ~np.isnan(figures.high)
    lowest = np.fmin(np.fmin(figures.low, figures.best), figures.high)
    highest = np.fmax(np.fmax(figures.low, figures.best), figures.high)
    lowest = np.where(figures.is_stated & ~np.isnan(figures.low), lowest, 0.0)
    return lowest, np.where(has_limit, highest, 0.0), has_limit


def _in_unit(sums: Array, facts: Facts, measure: Measure, level: Level) -> Array:
    if measure != "per_1000_km2":
        return sums
    layer = facts.edition.provinces if level == "province" else facts.edition.districts
    rates: Array = sums * 1000 / layer["area_km2"].to_numpy("float64")
    return rates


def _range_words(least: float, most: float | None) -> str:
    if most is None:
        return f"{_number(least)} or more, no upper limit known"
    return f"{_number(least)} to {_number(most)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
