"""The views that may be asked for while small numbers are suppressed, and words for all others.

All dates, calendar years, quarters and months, with at most one value of one filter: these views
are checked against one another, so that none can be subtracted from another. What nobody checked is
refused: two filters at once, days and weeks, a second calendar, periods added up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal, get_args

import numpy as np

from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.incident_index import NO_END, NO_START, IncidentIndex
from conflictmap.periods import Period
from conflictmap.views.query import Measure

Array = np.ndarray[Any, Any]

Dimension = Literal["", "type", "actor", "known", "claimed", "group", "community", "source"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
"""What a view can be filtered by; "" is no filter. "claimed" is a part of "known"."""

ALL_DATES = 0
_YEAR, _QUARTER, _MONTH = 1_000_000, 2_000_000, 3_000_000  # what a period's number begins at

ASK_INSTEAD = (
    "While small numbers are suppressed, ask for one filter with one value at a time, and for all"
    " dates or a whole calendar year, quarter or month."
)


def value_asked(chosen: IncidentFilter) -> tuple[Dimension, str]:
    """Return the one filter of a view with its value, both empty where there is none.

    Raises
    ------
    QueryError
        If there are several filters, or several values.
    """
    given: list[tuple[Dimension, str]] = [("actor", actor) for actor in chosen.actors]
    given += [("type", event_type) for event_type in chosen.event_types]
    given += [("group", group) for group in chosen.victim_groups]
    given += [("community", community) for community in chosen.communities]
    given += [("source", source) for source in chosen.sources]
    if chosen.known == "claimed":
        given.append(("claimed", "claimed"))
    elif chosen.known != "any":
        given.append(("known", chosen.known))
    if len(given) > 1:
        raise QueryError(
            "Several filters, or several values of one, are not combined: a small number could be"
            f" found by subtracting such views from one another. {ASK_INSTEAD}"
        )
    return given[0] if given else ("", "")


def why_not_released(chosen: IncidentFilter, measure: Measure, periods: Iterable[Period]) -> str:
    """Return why a view cannot be shown while small numbers are suppressed; empty: it can."""
    if measure == "change":
        return (
            "A change from the period before is not shown while small numbers are suppressed: it"
            " is a subtraction. Choose incidents, and look at both periods."
        )
    try:
        value_asked(chosen)
    except QueryError as error:
        return str(error)
    if any(period_number(period) is None for period in periods):
        return (
            "Only whole calendar periods are shown, one by one: a small number could be found by"
            f" subtracting other dates, weeks or added-up periods from one another. {ASK_INSTEAD}"
        )
    return ""


def period_number(period: Period) -> int | None:
    """Return the number of a period that is checked; None for all others."""
    if period.is_all_dates:
        return ALL_DATES
    if period.start is None or period.end is None or period.start.day != 1:
        return None
    after = period.end + dt.timedelta(days=1)
    if after.day != 1:
        return None
    first = period.start.year * 12 + period.start.month - 1
    months = after.year * 12 + after.month - 1 - first
    if months == 1:
        return _MONTH + first
    if months == 3 and first % 3 == 0:
        return _QUARTER + first // 3
    return _YEAR + first // 12 if months == 12 and first % 12 == 0 else None


def parents_of(numbers: Array) -> Array:
    """Return the period that each period is a part of; that of all dates is itself."""
    month, quarter = numbers >= _MONTH, (numbers >= _QUARTER) & (numbers < _MONTH)
    return np.select(
        [month, quarter],
        [_QUARTER + (numbers - _MONTH) // 3, _YEAR + (numbers - _QUARTER) // 4],
        ALL_DATES,
    )


def period_words(number: int) -> str:
    """Return a period in words: "all dates", "2022", "Q4 2022", "December 2022"."""
    if number >= _MONTH:
        year, month = divmod(number - _MONTH, 12)
        return f"{dt.date(year, month + 1, 1):%B %Y}"
    if number >= _QUARTER:
        year, quarter = divmod(number - _QUARTER, 4)
        return f"Q{quarter + 1} {year}"
    return str(number - _YEAR) if number else "all dates"


def periods_of_incidents(index: IncidentIndex) -> tuple[Array, Array]:
    """Return each incident with each period that it lies wholly inside, as two arrays."""
    n = len(index.ids)
    dated = (index.first_day > NO_START) & (index.last_day < NO_END)
    first, last = (
        days.astype("datetime64[D]").astype("datetime64[M]").astype("int64") + 1970 * 12
        for days in (np.where(dated, index.first_day, 0), np.where(dated, index.last_day, 0))
    )
    rows = [np.arange(n)]
    numbers = [np.full(n, ALL_DATES, dtype="int64")]
    for start, months in ((_YEAR, 12), (_QUARTER, 3), (_MONTH, 1)):
        inside = np.flatnonzero(dated & (first // months == last // months))
        rows.append(inside)
        numbers.append(start + first[inside] // months)
    return np.concatenate(rows), np.concatenate(numbers)
