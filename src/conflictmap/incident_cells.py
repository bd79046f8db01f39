"""Incidents added up: what a map of many years needs of them, however many they are.

A cell holds the incidents that have the same place in the boundary edition, and whose first and
last days lie in the same months. Whatever a period of whole months says of one of them (inside,
outside, not dated to it), it says of all, so a map by month, quarter or year counts cells as it
would count incidents. Cells of different incidents add up, and can be subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from conflictmap.filters import IncidentFilter
from conflictmap.incident_index import NO_END, NO_START, Figures, IncidentIndex
from conflictmap.index_parts import taken
from conflictmap.solar_hijri import solar_hijri_date
from conflictmap.summaries import LEVELS, Level

Array = np.ndarray[Any, Any]

Months = Literal["gregorian", "solar_hijri"]
MONTHS: tuple[Months, ...] = get_args(Months)

MEASURES = ("incidents", "killed", "wounded")
SUMS = 7
"""What is summed of each incident: 1, whether a figure was given, low, best, high, and whether the
figure given has no lower or no upper end. See `summed`."""

FIRST_YEAR, LAST_YEAR = 1800, 2199
"""Of the Gregorian calendar: what happened before is in one month, what happened after in another.
The boundaries of a period that is counted by cells have to lie between."""


@dataclass(frozen=True)
class Cells:
    """Incidents added up; arrays with an element a cell.

    ``first_day`` is the first day of the month of the first day, ``last_day`` the last one of that
    of the last day; `NO_START` and `NO_END` where nobody stated one. ``sums`` has for each measure
    `SUMS` rows; of "incidents" one, their number.
    """

    first_day: Array
    last_day: Array
    bins: Mapping[Level, Array]
    sums: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.first_day)


def summed(figures: Figures) -> Array:
    """Return what is summed of each incident, a row each; see `SUMS`."""
    stated = figures.is_stated
    rows = [np.ones(len(stated)), stated, figures.low, figures.best, figures.high]
    rows += [stated & np.isnan(figures.low), stated & np.isnan(figures.high)]
    return np.nan_to_num(np.array(rows, dtype="float64"))


def is_whole_months(first: Array, last: Array, months: Months) -> bool:
    """Say whether periods, by their first and last days, all begin and end with a month.

    An end that is open, `NO_START` or `NO_END` and one day inside of it, may be anywhere.
    """
    calendar = _calendar(months)
    is_open = (first <= NO_START + 1, last >= NO_END - 1)
    return bool(
        (is_open[0] | np.isin(first, calendar.first[2:])).all()
        and (is_open[1] | np.isin(last, calendar.last[1:-1])).all()
    )


def cells_of(index: IncidentIndex, chosen: IncidentFilter, months: Months) -> Cells:
    """Add up the incidents that pass a filter, its period aside."""
    keep = index.passing(chosen)
    if keep.sum() < len(keep) // 2:  # the rest costs as much as has to be looked at
        index = taken(index, np.flatnonzero(keep))
        keep = np.ones(len(index.ids), dtype=bool)
    calendar = _calendar(months)
    first, last = (calendar.month_of(days[keep]) for days in (index.first_day, index.last_day))
    province, district = (index.bins[level][keep].astype("int64") for level in LEVELS)
    n_months, n_places = len(calendar.first), len(index.bin_names["district"])
    key = ((first * n_months + last) * len(index.bin_names["province"]) + province) * n_places
    number, cells = pd.factorize(key + district)
    place, district = np.divmod(cells, n_places)
    month, province = np.divmod(place, len(index.bin_names["province"]))
    first, last = np.divmod(month, n_months)

    def add_up(values: Array) -> Array:
        return np.rint(
            [np.bincount(number, weights=each, minlength=len(cells)) for each in values]
        ).astype("int64")

    sums = {"incidents": np.bincount(number, minlength=len(cells))[None]}
    for measure in MEASURES[1:]:
        sums[measure] = add_up(summed(index.figures(chosen, measure))[:, keep])
    bins: dict[Level, Array] = {
        "province": province.astype("int16"),
        "district": district.astype("int16"),
    }
    return Cells(calendar.first[first], calendar.last[last], bins, sums)


@dataclass(frozen=True)
class Items:
    """What is counted at a level: incidents, or cells of them.

    ``summed`` has a row a sum, see `SUMS`; of "incidents" one, their number.
    """

    summed: Array
    bins: Array
    first_day: Array
    last_day: Array


def incidents_as_items(
    index: IncidentIndex, chosen: IncidentFilter, measure: str, level: Level
) -> Items:
    """Return the incidents that pass a filter, its period aside, to be counted one by one."""
    keep = index.passing(chosen)
    if measure == "incidents":
        sums = np.ones((1, int(keep.sum())))
    else:
        sums = summed(index.figures(chosen, measure))[:, keep]
    return Items(sums, index.bins[level][keep], index.first_day[keep], index.last_day[keep])


def cells_as_items(cells: Cells, measure: str, level: Level) -> Items:
    """Return cells to be counted."""
    sums = cells.sums[measure].astype("float64")
    return Items(sums, cells.bins[level].astype("int64"), cells.first_day, cells.last_day)


def added(parts: Sequence[tuple[Cells, int]]) -> Cells:
    """Return the sum of cells, each times 1 or -1: those of -1 are taken away."""
    first = parts[0][0]
    first_day, last_day, province, district = (
        np.concatenate(arrays)
        for arrays in zip(
            *(
                (one.first_day, one.last_day, one.bins["province"], one.bins["district"])
                for one, _ in parts
            ),
            strict=True,
        )
    )
    order = np.lexsort((district, province, last_day, first_day))
    is_new = np.zeros(len(order), dtype=bool)
    for column in (first_day, last_day, province, district):
        column[:] = column[order]
        is_new[1:] |= column[1:] != column[:-1]
    is_new[:1] = True
    starts = np.flatnonzero(is_new)
    sums = {
        measure: np.add.reduceat(
            np.concatenate([one.sums[measure] * sign for one, sign in parts], axis=1)[:, order],
            starts,
            axis=1,
        )
        if len(starts)
        else first.sums[measure]
        for measure in MEASURES
    }
    held = np.flatnonzero(sums["incidents"][0] != 0)
    starts = starts[held]
    return Cells(
        first_day[starts],
        last_day[starts],
        {"province": province[starts], "district": district[starts]},
        {measure: values[:, held] for measure, values in sums.items()},
    )


@dataclass(frozen=True)
class _Calendar:
    """First and last day of each month; 0 is a day that nobody stated, 1 what lies before all."""

    first: Array
    last: Array

    def month_of(self, days: Array) -> Array:
        """Return the month of each day, `NO_START` and `NO_END` among them."""
        is_stated = (days != NO_START) & (days != NO_END)
        stated = days[is_stated]
        months = np.zeros(len(days), dtype="int64")
        if len(stated):
            low, high = int(stated.min()), int(stated.max())
            if high - low < _MOST_DAYS:
                of_day = np.searchsorted(self.first[1:], np.arange(low, high + 1), side="right")
                months[is_stated] = of_day[stated - low]
            else:
                months[is_stated] = np.searchsorted(self.first[1:], stated, side="right")
        return months


_MOST_DAYS: Final = 1_000_000


@cache
def _calendar(months: Months) -> _Calendar:
    if months == "gregorian":
        each = np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-02", dtype="datetime64[M]")
        starts = each.astype("datetime64[D]").astype("int64")
    else:
        years = range(FIRST_YEAR - 621, LAST_YEAR - 621)
        days = [solar_hijri_date(year, month, 1) for year in years for month in range(1, 13)]
        starts = np.array(days, dtype="datetime64[D]").astype("int64")
    first = np.array([NO_START, NO_START + 1, *starts], dtype="int32")
    last = np.array([NO_END, *(starts - 1), NO_END - 1], dtype="int32")
    return _Calendar(first, last)
