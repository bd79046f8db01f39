"""One measure over the areas of a level, in each of many periods, every incident in one bin.

For counts, areas + not placed + abroad + suppressed = total, and total + not dated to the period +
outside the period = all that pass the other filters. Shares, rates and changes are worked out from
those counts.

All periods of a time slider are counted in one pass over the incidents, as arrays with a row a
period and a column a bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.incident_cells import Items
from conflictmap.incident_index import NO_START, day_number, standing_of_days
from conflictmap.periods import Period
from conflictmap.summaries import Level
from conflictmap.views.coverage import covered_areas, refusals
from conflictmap.views.facts import Facts
from conflictmap.views.figures import STATUSES, AreaCounts, AreaValue, Figure
from conflictmap.views.query import Measure
from conflictmap.views.release_check import release_of
from conflictmap.views.release_lattice import why_not_released

Array = np.ndarray[Any, Any]

COUNTED: dict[Measure, str] = {  # what each measure is counted from
    "incidents": "incidents",
    "killed": "killed",
    "wounded": "wounded",
    "share": "incidents",
    "per_1000_km2": "incidents",
    "change": "incidents",
}

# What is summed of each incident; the last two say how many of the figures given lack an end.
_N, _STATED, _LOW, _BEST, _HIGH, _NO_LOW, _NO_HIGH = range(7)


@dataclass(frozen=True)
class CountSeries:
    """One measure over the areas of a level, in each of some periods.

    ``values`` (NaN: none shown) and ``statuses`` (places in `figures.STATUSES`) have a row a period
    and a column an area, areas by code. `at` gives one period with all its figures.
    """

    measure: Measure
    names: dict[str, str]  # of the areas, by code
    periods: tuple[Period, ...]
    values: Array
    statuses: Array
    refusals: tuple[str, ...]
    total_values: Array  # the measure over all places, NaN: none
    _sums: Array  # what is summed x periods x (areas, not placed, abroad)
    _not_dated: Array  # what is summed x periods
    _outside: Array

    def at(self, position: int) -> AreaCounts:
        """Return the counts of one period."""
        statuses, sums = self.statuses[position], self._sums[:, position]
        hidden = statuses == STATUSES.index("suppressed")
        n_areas = len(self.names)
        areas = []
        for number, (code, name) in enumerate(self.names.items()):
            status = STATUSES[statuses[number]]
            shown = status in ("value", "zero")
            areas.append(
                AreaValue(
                    code,
                    name,
                    status,
                    float(self.values[position, number]) if shown else None,
                    Figure() if status == "suppressed" else _figure(sums[:, number]),
                )
            )
        total = self.total_values[position]
        return AreaCounts(
            period=self.periods[position],
            areas=tuple(areas),
            not_placed=_figure(sums[:, n_areas]),
            abroad=_figure(sums[:, n_areas + 1]),
            suppressed=_figure(sums[:, :n_areas][:, hidden].sum(axis=1)),
            suppressed_areas=int(hidden.sum()),
            total=_figure(sums.sum(axis=1)),
            not_dated=_figure(self._not_dated[:, position]),
            outside=_figure(self._outside[:, position]),
            total_value=None if self.refusals[position] or np.isnan(total) else float(total),
            refusal=self.refusals[position],
        )

    def incidents(self) -> dict[str, Array]:
        """Return for each period how many incidents are counted, placed in no area, not dated."""
        n = self._sums[_N]
        return {
            "total": n.sum(axis=1),
            "not_placed": n[:, len(self.names)],
            "abroad": n[:, len(self.names) + 1],
            "not_dated": self._not_dated[_N],
        }


def figures_of(facts: Facts, chosen: IncidentFilter, measure: Measure) -> pd.DataFrame:
    """Return what each incident that passes the filters adds, and how it stands to the period.

    Returns
    -------
    DataFrame
        Indexed by ``incident_id``: low, best, high (``Int64``), is_stated and ``standing`` (inside,
        outside, not dated).
    """
    index = facts.index
    keep = index.passing(chosen)
    figures = index.figures(chosen, COUNTED[measure])
    inside, outside = index.standing(chosen.period)
    ends = {
        name: pd.array(getattr(figures, name)[keep]).astype("Int64")
        for name in ("low", "best", "high")
    }
    standing = np.where(inside, "inside", np.where(outside, "outside", "not dated"))
    return pd.DataFrame(
        {**ends, "is_stated": figures.is_stated[keep], "standing": standing[keep].astype("object")},
        index=pd.Index(index.ids[keep], name="incident_id"),
    )


def count_areas(
    facts: Facts, chosen: IncidentFilter, measure: Measure, level: Level, *, suppress_below: int = 0
) -> AreaCounts:
    """Count a measure over the areas of a level in the chosen period; see `count_steps`."""
    return count_steps(facts, chosen, measure, level, suppress_below=suppress_below).at(0)


def count_steps(
    facts: Facts,
    chosen: IncidentFilter,
    measure: Measure,
    level: Level,
    steps: Sequence[Period] = (),
    *,
    is_cumulative: bool = False,
    suppress_below: int = 0,
) -> CountSeries:
    """Count a measure over the areas of a level: in the chosen period, then in each of its steps.

    Parameters
    ----------
    steps
        Periods inside the chosen one, each beginning the day after the one before ends.
    is_cumulative
        Whether a step holds all from the start of the chosen period to the step's end.
    suppress_below
        Areas with 1 to n - 1 incidents are not shown singly, only together, nor areas by which
        such a number could be found; see `release_check`.

    Raises
    ------
    QueryError
        If small numbers are suppressed and the view is none of those that are checked.
    """
    periods = (chosen.period, *steps)
    if is_cumulative:
        periods = (chosen.period, *(Period(chosen.period.start, step.end) for step in steps))
    if suppress_below and (reason := why_not_released(chosen, measure, periods)):
        raise QueryError(reason)
    sums, not_dated, outside = _counted(facts, chosen, measure, level, steps, is_cumulative)
    compared = np.zeros_like(sums[_N])
    # A share is of the incidents of anyone; everything else is of the chosen ones.
    if measure == "share":
        anyone = replace(chosen, actors=())
        compared = _counted(facts, anyone, "incidents", level, steps, is_cumulative)[0][_N]
    elif measure == "change":
        compared = np.stack(
            [_before(facts, chosen, level, period, sums.shape[2]) for period in periods]
        )
    names = facts.names_of(level)
    values, total_values = _values(facts, measure, level, sums, compared)
    reasons = refusals(facts, chosen, measure, periods)
    refused = np.array([bool(reason) for reason in reasons])
    n = sums[_N, :, : len(names)]
    hidden = np.zeros(n.shape, dtype=bool)
    if suppress_below:
        hidden = release_of(facts, suppress_below).hidden(measure, level, chosen, periods)
    statuses = _statuses(
        values,
        n,
        refused,
        hidden=hidden,
        covered=covered_areas(facts, chosen, COUNTED[measure], level, periods),
    )
    values = np.where(statuses == STATUSES.index("zero"), 0.0, values)
    is_shown = np.isin(statuses, [STATUSES.index("value"), STATUSES.index("zero")])
    return CountSeries(
        measure=measure,
        names=names,
        periods=periods,
        values=np.where(is_shown, values, np.nan),
        statuses=statuses,
        refusals=reasons,
        total_values=total_values,
        _sums=_in_fewer_bytes(sums),
        _not_dated=not_dated,
        _outside=outside,
    )


def _counted(
    facts: Facts,
    chosen: IncidentFilter,
    measure: Measure,
    level: Level,
    steps: Sequence[Period],
    is_cumulative: bool,
) -> tuple[Array, Array, Array]:
    """Return the sums inside each period by bin, not dated to it, and outside it."""
    items, beyond = facts.items(chosen, COUNTED[measure], level, steps)
    bins, n_bins = items.bins, len(facts.index.bin_names[level])
    inside, outside = standing_of_days(items.first_day, items.last_day, chosen.period)
    whole = _add_up(items.summed, bins, n_bins, inside)
    beside = [
        _add_up(items.summed, np.zeros_like(bins), 1, rows)
        for rows in (~inside & ~outside, outside)
    ]
    beside[1] += beyond
    if not steps:
        return _all_sums(whole[:, None]), _all_sums(beside[0]), _all_sums(beside[1])
    first, last = _step_of_ends(items, steps, chosen.period)
    by_step, overlapping = _by_step(
        items.summed, bins, n_bins, first, last, len(steps), is_cumulative
    )
    everything = items.summed.sum(axis=1, keepdims=True).astype("int64") + beyond
    elsewhere = everything - by_step.sum(axis=2) - overlapping
    return (
        _all_sums(np.concatenate([whole[:, None], by_step], axis=1)),
        _all_sums(np.concatenate([beside[0], overlapping], axis=1)),
        _all_sums(np.concatenate([beside[1], elsewhere], axis=1)),
    )


def _in_fewer_bytes(sums: Array) -> Array:
    """Return whole numbers in half the memory where it holds them; many series are kept."""
    return sums.astype("int32") if np.abs(sums).max(initial=0) < 2**31 else sums


def _all_sums(sums: Array) -> Array:
    """Return every sum from `_N` to `_NO_HIGH`; of incidents alone they are all their number."""
    if len(sums) > 1:
        return sums
    counted = np.array([1, 1, 1, 1, 1, 0, 0]).reshape(-1, *[1] * (sums.ndim - 1))
    return sums * counted.astype(sums.dtype)


def _add_up(summed: Array, bins: Array, n_bins: int, rows: Array) -> Array:
    """Return the sums of the chosen rows by bin; whole numbers, so a float holds them exactly."""
    chosen, parts = bins[rows], summed[:, rows]
    sums = np.zeros((len(summed), n_bins), dtype="int64")
    ones = [number for number, part in enumerate(parts) if (part == 1).all()]
    sums[ones] = np.bincount(chosen, minlength=n_bins)
    for number in {*range(len(parts))}.difference(ones):
        if parts[number].any():
            sums[number] = np.bincount(chosen, weights=parts[number], minlength=n_bins)
    return sums


def _step_of_ends(items: Items, steps: Sequence[Period], whole: Period) -> tuple[Array, Array]:
    """Return the step of each item's first and of its last day.

    -1 is before the first step, the number of steps after the last one. An end that nobody stated
    lies outside, on its own side.
    """
    starts = np.array([day_number(step.start, 0) for step in steps])
    starts[0] = day_number(whole.start, NO_START + 1)  # nothing that is dated lies before all dates
    end = day_number(steps[-1].end, 0)
    days = (items.first_day, items.last_day)
    first, last = (
        np.where(day > end, len(steps), np.searchsorted(starts, day, side="right") - 1)
        for day in days
    )
    return first, last


def _by_step(
    summed: Array,
    bins: Array,
    n_bins: int,
    first: Array,
    last: Array,
    n_steps: int,
    is_cumulative: bool,
) -> tuple[Array, Array]:
    """Return the sums inside each step by bin, and of what overlaps it without lying inside."""
    is_dated = (first >= 0) & (last < n_steps)
    inside = is_dated & (is_cumulative | (first == last))
    cells = np.where(inside, last * n_bins + bins, 0)
    by_step = _add_up(summed, cells, n_steps * n_bins, inside)
    by_step = by_step.reshape(len(summed), n_steps, n_bins)
    begins = np.maximum(first, 0)
    if is_cumulative:
        by_step = by_step.cumsum(axis=1)
        # Until the step of its last day, what has begun may or may not have happened.
        ends = np.where(inside, last - 1, n_steps - 1)
        overlaps = (last >= 0) & (first < n_steps) & (begins <= ends)
    else:
        ends = np.minimum(last, n_steps - 1)
        overlaps = ~inside & (begins <= ends)
    opened = _add_up(summed, begins, n_steps + 1, overlaps)
    closed = _add_up(summed, np.where(overlaps, ends + 1, 0), n_steps + 1, overlaps)
    return by_step, (opened - closed).cumsum(axis=1)[:, :n_steps]


def _before(
    facts: Facts, chosen: IncidentFilter, level: Level, period: Period, n_bins: int
) -> Array:
    """Return the incidents by bin in the period before; none where an end is open."""
    if period.days is None:
        return np.zeros(n_bins, dtype="int64")
    earlier = replace(chosen, period=period.before())
    return _counted(facts, earlier, "incidents", level, (), False)[0][_N, 0]


def _values(
    facts: Facts, measure: Measure, level: Level, sums: Array, compared: Array
) -> tuple[Array, Array]:
    """Return the measure by period and area, where it has a value, and over all places."""
    n_areas = len(facts.names_of(level))
    n = sums[_N]
    areas, total = n[:, :n_areas], n.sum(axis=1)
    if measure == "share":  # in percent, of the incidents of anyone
        of_total = compared.sum(axis=1)
        return _ratio(100 * areas, compared[:, :n_areas]), _ratio(100 * total, of_total)
    if measure == "change":  # from the period before
        before = compared[:, :n_areas]
        change = np.where((areas > 0) | (before > 0), areas - before, np.nan)
        return change, total - compared.sum(axis=1).astype("float64")
    if measure == "per_1000_km2":
        layer = facts.edition.provinces if level == "province" else facts.edition.districts
        km2 = layer["area_km2"].to_numpy("float64")
        in_country = total - n[:, n_areas + 1]
        return np.where(areas > 0, areas * 1000 / km2, np.nan), in_country * 1000 / km2.sum()
    stated, best = sums[_STATED], sums[_BEST]
    return (
        np.where(stated > 0, best, np.nan)[:, :n_areas],
        np.where(stated.sum(axis=1) > 0, best.sum(axis=1), np.nan),
    )


def _ratio(parts: Array, wholes: Array) -> Array:
    return np.divide(
        parts, wholes, out=np.full(parts.shape, np.nan), where=wholes > 0, dtype="float64"
    )


def _statuses(values: Array, n: Array, refused: Array, *, hidden: Array, covered: Array) -> Array:
    return np.select(
        [
            hidden,
            np.broadcast_to(refused[:, None], n.shape),
            ~np.isnan(values),
            n > 0,
            covered,
        ],
        [
            STATUSES.index(status)
            for status in ("suppressed", "refused", "value", "no_figure", "zero")
        ],
        STATUSES.index("no_report"),
    ).astype("uint8")


def _figure(sums: Array) -> Figure:
    n, stated, low, best, high, no_low, no_high = (int(part) for part in sums)
    if not stated:
        return Figure(incidents=n, not_stated=n)
    return Figure(None if no_low else low, best, None if no_high else high, n, n - stated)
