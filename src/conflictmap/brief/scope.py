"""What a brief is about: a period and filters, as a link writes them.

The scope is the filter that maps and tables share, so a brief and a map of the same filter count
the same incidents.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period, in_solar_hijri, periods_between
from conflictmap.solar_hijri import AFGHAN_MONTHS, solar_hijri_parts, solar_hijri_span
from conflictmap.views.query import MapQuery, read_query

BriefScope = IncidentFilter

PARAMETERS = ("from", "to", "known", "actor", "type", "group", "community", "source")
"""The query parameters that a scope is written in."""


def scope_parameters(scope: BriefScope) -> dict[str, str | list[str]]:
    """Return the query parameters of the link to a brief of this scope, defaults left out."""
    return MapQuery(chosen=scope).parameters()


def scope_lists(scope: BriefScope) -> dict[str, list[str]]:
    """Return the same parameters with all values in lists, as `read_scope` reads them."""
    return {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in scope_parameters(scope).items()
    }


def read_scope(parameters: Mapping[str, Sequence[str]]) -> BriefScope:
    """Read a scope from query parameters; others than `PARAMETERS` are not looked at.

    Raises
    ------
    QueryError
        If a value does not exist; the message names the parameter.
    """
    own = {name: parameters[name] for name in PARAMETERS if name in parameters}
    return read_query(own).chosen


def month_scope(year: int, month: int, *, is_solar_hijri: bool = False) -> BriefScope:
    """Return the scope of one month, of the Gregorian or of the Solar Hijri calendar.

    Raises
    ------
    ValueError
        If the calendar has no such month.
    """
    if is_solar_hijri:
        if not 1 <= month <= 12:
            raise ValueError(f"a year has no month {month}")
        return BriefScope(period=Period(*solar_hijri_span(year, month)))
    first = dt.date(year, month, 1)
    return BriefScope(period=periods_between(first, first, "month")[0])


def period_before(period: Period) -> Period | None:
    """Return the period of equal length before it; None where an end is open."""
    return None if period.days is None else period.before()


def period_name(period: Period) -> str:
    """Return a period as a sentence names it: "January 2025", "Qaws 1401", "all dates"."""
    return _solar_hijri_name(period) or period.label


def period_words(period: Period) -> str:
    """Return a period in both calendars: "January 2025 (12 Jadi to 12 Dalw 1403)"."""
    if name := _solar_hijri_name(period):
        return f"{name} ({period.label})"
    other = in_solar_hijri(period)
    return f"{period.label} ({other})" if other else period.label


def _solar_hijri_name(period: Period) -> str:
    """Return the name of a whole Solar Hijri month or year; empty for any other period."""
    if period.start is None or period.end is None:
        return ""
    year, month, day = solar_hijri_parts(period.start)
    if day != 1:
        return ""
    days = (period.start, period.end)
    if solar_hijri_span(year, month) == days:
        return f"{AFGHAN_MONTHS[month - 1]} {year}"
    return f"{year} (Solar Hijri)" if solar_hijri_span(year) == days else ""
