"""Incidents chosen by the filters: which they are, their order, caption and time line.

All of it is told from the index, so that it holds for however many incidents there are; an incident
is its row there. What a person reads of them, `incident_table`, is made of those that are shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.filters import IncidentFilter
from conflictmap.incident_index import NO_END, NO_START
from conflictmap.periods import Period, periods_between
from conflictmap.summaries import Level
from conflictmap.views.facts import Facts

Array = np.ndarray[Any, Any]

UNDATED = "undated"

MOST_IN_FILE = 200_000
"""Incidents in a file that a page offers: it is made in memory while its reader waits."""


def selected(facts: Facts, chosen: IncidentFilter, area: str = "") -> dict[str, Array]:
    """Return the incidents that pass the filters, by how they stand to the period.

    Parameters
    ----------
    area
        Code of a unit; only incidents placed in it. Empty for all.

    Returns
    -------
    dict
        "inside", "not dated" and "outside", each the rows of incidents in the index, ascending.
    """
    index = facts.index
    keep = index.passing(chosen)
    if area:
        names = index.bin_names[level_of(area)]
        # An area that the edition does not have holds none.
        keep &= index.bins[level_of(area)] == names.index(area) if area in names else False
    inside, outside = index.standing(chosen.period)
    return {
        "inside": np.flatnonzero(keep & inside),
        "not dated": np.flatnonzero(keep & ~inside & ~outside),
        "outside": np.flatnonzero(keep & outside & ~inside),
    }


def shown_rows(found: Mapping[str, Array], *, with_undated: bool) -> Array:
    """Return the rows that a table shows of what was `selected`."""
    if not with_undated:
        return found["inside"]
    return np.concatenate([found["inside"], found["not dated"]])


def in_order(facts: Facts, rows: Array) -> Array:
    """Return rows as `incident_table` has them: oldest first, those without dates last."""
    index = facts.index
    is_shown = np.zeros(len(index.ids), dtype=bool)
    is_shown[rows] = True
    return index.oldest_first[is_shown[index.oldest_first]]


def ids_of(facts: Facts, rows: Array) -> pd.Index:
    """Return the ids of incidents by their rows in the index, in their order."""
    return facts.index.ids[rows]


def incident_caption(facts: Facts, found: Mapping[str, Array], *, with_undated: bool) -> str:
    """Return how many incidents a table holds, of which reports and revision."""
    parts = [f"{len(found['inside'])} incidents in the period."]
    if len(found["not dated"]):
        there = "also shown" if with_undated else "not shown"
        parts.append(f"{len(found['not dated'])} not dated to it, {there}.")
    if len(found["outside"]):
        parts.append(f"{len(found['outside'])} outside it.")
    reports = reports_on(facts, shown_rows(found, with_undated=with_undated))
    parts.append(f"Reports: {', '.join(reports) or 'none'}.")
    parts += [facts.sight_note] if facts.sight_note else []
    parts.append(f"Boundaries: {facts.edition.title}. Revision {facts.revision}.")
    return " ".join(parts)


def reports_on(facts: Facts, rows: Array) -> tuple[str, ...]:
    """Return the ids of the reports that tell of incidents, sorted."""
    told, source = facts.index.reports, facts.index.reports["source_id"]
    is_meant = np.zeros(len(facts.index.ids), dtype=bool)
    is_meant[rows] = True
    is_named = np.zeros(len(source.values) + 1, dtype=bool)
    is_named[source.codes[is_meant[told.incident]]] = True  # missing marks the last, which is none
    return tuple(sorted(name for name, code in source.values.items() if is_named[code]))


def districts_with_incidents(facts: Facts) -> list[str]:
    """Return the codes of the districts that an incident is placed in, sorted."""
    index, districts = facts.index, facts.names_of("district")
    names = index.bin_names["district"]
    has_one = np.zeros(len(names) + 1, dtype=bool)
    has_one[index.bins["district"]] = True
    return sorted(names[bin_] for bin_ in np.flatnonzero(has_one[:-1]) if names[bin_] in districts)


def time_line(facts: Facts, rows: Array) -> pd.DataFrame:
    """Return incidents by month, with those known to no month under "undated".

    Returns
    -------
    DataFrame
        Columns ``month`` (2022-12, last row "undated") and ``incidents``; every month from the
        first to the last that has one.
    """
    index = facts.index
    first, last = index.first_day[rows], index.sorts_last[rows]
    days = np.concatenate([first[first != NO_START], last[last != NO_END]])
    months: tuple[Period, ...] = ()
    if len(days):
        months = periods_between(_date(days.min()), _date(days.max()), "month")
    in_month = _months_of(first, index.last_day[rows], months)
    counts = np.bincount(in_month, minlength=len(months))
    keys = [*(month.key for month in months), UNDATED]
    return pd.DataFrame({"month": keys, "incidents": [*counts.tolist(), len(rows) - len(in_month)]})


def level_of(code: str) -> Level:
    """Return the level of a unit by its code."""
    return "province" if len(code) == 6 else "district"


def _months_of(first: Array, last: Array, months: Sequence[Period]) -> Array:
    """Return the position of the month that holds an incident wholly, of each that has one."""
    if not months:
        return np.empty(0, dtype="int64")
    starts = np.array([month.start for month in months], dtype="datetime64[D]").astype("int64")
    end = np.datetime64(months[-1].end, "D").astype("int64")
    # A place a day: to look each day up is ten times as fast as to search the months for it.
    month_of_day = np.repeat(np.arange(len(months), dtype="int32"), np.diff([*starts, end + 1]))
    is_dated = (first != NO_START) & (last != NO_END)
    begins, ends = (month_of_day[days[is_dated] - starts[0]] for days in (first, last))
    return begins[begins == ends]


def _date(day: int) -> dt.date:
    found: dt.date = np.datetime64(int(day), "D").astype(object)
    return found
