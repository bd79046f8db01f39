"""Periods: the buckets of a time line, and whether an incident counts in one.

An incident counts in a period when its interval lies wholly inside. One that only overlaps the
period, or has an end that nobody stated, is "not dated to this period": it may or may not have
happened then.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal, get_args

import numpy as np
import pandas as pd

from conflictmap.solar_hijri import (
    AFGHAN_MONTHS,
    solar_hijri_date,
    solar_hijri_parts,
    solar_hijri_span,
    solar_hijri_words,
)

Step = Literal["day", "week", "month", "quarter", "year", "sh_month", "sh_year"]
STEPS: tuple[Step, ...] = get_args(Step)

STEP_KEY = r"\d{4}(-\d{2}(-\d{2})?|-Q[1-4]|-W\d{2})?|SH\d{4}(-\d{2})?"
"""The keys of steps: 2022, 2022-12, 2022-12-05, 2022-Q4, 2022-W49, SH1401, SH1401-09."""

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Period:
    """A span of days, both ends included; an end that is None is open."""

    start: dt.date | None = None
    end: dt.date | None = None

    @property
    def is_all_dates(self) -> bool:
        """Say whether it holds every date, and so also what has none."""
        return self.start is None and self.end is None

    @property
    def label(self) -> str:
        """Return the period in words: "December 2022", "Q4 2022", "2022", "1-31 ..."."""
        start, end = self.start, self.end
        if start is None and end is None:
            return "all dates"
        if start is None:
            return f"up to {_day(end)}"
        if end is None:
            return f"from {_day(start)}"
        if start.day == 1 and end == _last_day(end.year, end.month):
            months = (end.year - start.year) * 12 + end.month - start.month + 1
            if months == 1:
                return f"{calendar.month_name[start.month]} {start.year}"
            if months == 3 and start.month in (1, 4, 7, 10):
                return f"Q{(start.month + 2) // 3} {start.year}"
            if months == 12 and start.month == 1:
                return str(start.year)
        return _day(start) if start == end else _days(start, end)

    @property
    def key(self) -> str:
        """Return the period as links and files write it: 2022-12, 2022-Q4, 2022 or two dates."""
        label = self.label
        if label.startswith("Q"):
            return f"{self.start.year}-{label[:2]}" if self.start else ""
        if label.isdigit():
            return label
        if (
            self.start
            and self.end
            and label == f"{calendar.month_name[self.end.month]} {self.end.year}"
        ):
            return f"{self.start:%Y-%m}"
        return f"{self.start or ''}..{self.end or ''}"

    @property
    def days(self) -> int | None:
        """Return its length in days; None where an end is open."""
        if self.start is None or self.end is None:
            return None
        return (self.end - self.start).days + 1

    def before(self) -> Period:
        """Return the period of equal length that ends the day before.

        Whole calendar months go back by as many months, so that March is compared with February,
        and Hamal with Hut.
        """
        if self.start is None or self.end is None:
            raise ValueError("an open period has none before it")
        end = self.start - dt.timedelta(days=1)
        if self.start.day == 1 and self.end == _last_day(self.end.year, self.end.month):
            months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
            first = self.start.year * 12 + self.start.month - 1 - months
            return Period(dt.date(first // 12, first % 12 + 1, 1), end)
        if months := _solar_hijri_months(self.start, self.end):
            year, month, _ = solar_hijri_parts(self.start)
            first = year * 12 + month - 1 - months
            return Period(solar_hijri_date(first // 12, first % 12 + 1, 1), end)
        return Period(self.start - (self.end - self.start) - dt.timedelta(days=1), end)


@dataclass(frozen=True)
class TimeStep:
    """One position of a time slider: a bucket of the calendar, cut at the ends of what is shown."""

    key: str  # of the whole bucket, as links write it; see `STEP_KEY`
    label: str
    period: Period

    @cached_property
    def in_other_calendar(self) -> str:
        """Return its days in the calendar that it is not a bucket of."""
        if self.period.start is None or self.period.end is None:
            return ""
        if self.key.startswith("SH"):
            return _days(self.period.start, self.period.end)
        return in_solar_hijri(self.period)


def periods_between(first: dt.date, last: dt.date, step: Step) -> tuple[Period, ...]:
    """Return the whole calendar buckets that cover the days from first to last."""
    return tuple(bucket.period for bucket in _buckets(first, last, step))


@lru_cache(maxsize=256)
def time_steps(
    first: dt.date, last: dt.date, step: Step, within: Period | None = None
) -> tuple[TimeStep, ...]:
    """Return the buckets that cover the days from first to last, cut at the ends of a period.

    Weeks are those of ISO 8601, from Monday; a Solar Hijri year begins with Hamal, in March.
    """
    ends = within or Period()
    steps = []
    for bucket in _buckets(first, last, step):
        start, end = bucket.period.start, bucket.period.end
        cut = Period(
            max(filter(None, (start, ends.start))),
            min(filter(None, (end, ends.end))),
        )
        if cut != bucket.period:
            bucket = replace(bucket, label=cut.label, period=cut)
        steps.append(bucket)
    return tuple(steps)


def count_steps(first: dt.date, last: dt.date, step: Step) -> int:
    """Return about how many steps cover the days from first to last, without making them."""
    days = {"day": 1, "week": 7, "month": 30.4, "quarter": 91.3, "sh_month": 30.4}.get(step, 365.2)
    return int((last - first).days / days) + 1


def in_solar_hijri(period: Period) -> str:
    """Return a period's days in the Solar Hijri calendar: "10 Qaws to 10 Jadi 1401"."""
    if period.start is None or period.end is None:
        return ""
    if period.start == period.end:
        return solar_hijri_words(period.start)
    first, last = solar_hijri_words(period.start).split(), solar_hijri_words(period.end).split()
    while first and first[-1] == last[len(first) - 1]:  # what they share is said once
        first.pop()
    return f"{' '.join(first)} to {' '.join(last)}"


def _buckets(first: dt.date, last: dt.date, step: Step) -> Iterator[TimeStep]:
    if step in _MONTHS:
        yield from _gregorian(first, last, _MONTHS[step])
    elif step in ("day", "week"):
        days = 1 if step == "day" else 7
        start = first if step == "day" else first - dt.timedelta(days=first.weekday())
        while start <= last:
            period = Period(start, start + dt.timedelta(days=days - 1))
            year, week, _ = start.isocalendar()
            if step == "day":
                yield TimeStep(start.isoformat(), period.label, period)
            else:
                label = f"{period.label} (week {week})"
                yield TimeStep(f"{year}-W{week:02}", label, period)
            start += dt.timedelta(days=days)
    else:
        year, month, _ = solar_hijri_parts(first)
        month = month if step == "sh_month" else 0
        while (span := solar_hijri_span(year, month))[0] <= last:
            name = f"{AFGHAN_MONTHS[month - 1]} {year}" if month else f"{year} (Solar Hijri)"
            key = f"SH{year}-{month:02}" if month else f"SH{year}"
            yield TimeStep(key, name, Period(*span))
            year, month = (year, month + 1) if 0 < month < 12 else (year + 1, 1 if month else 0)


def _gregorian(first: dt.date, last: dt.date, months: int) -> Iterator[TimeStep]:
    month = (first.year * 12 + first.month - 1) // months * months
    while dt.date(month // 12, month % 12 + 1, 1) <= last:
        end = month + months - 1
        start = dt.date(month // 12, month % 12 + 1, 1)
        period = Period(start, _last_day(end // 12, end % 12 + 1))
        yield TimeStep(period.key, period.label, period)
        month += months


def standing_in(incidents: pd.DataFrame, period: Period) -> pd.Series:
    """Say how each incident stands to a period.

    Parameters
    ----------
    incidents
        ``date_from`` and ``date_to``; either may be missing. Where ``counting_date`` is there and
        says "date_from", the first day alone decides: the source's codebook counts so.

    Returns
    -------
    Series
        "inside" (wholly), "outside" (wholly, as far as its stated ends show) or "not dated".
    """
    if period.is_all_dates:
        return pd.Series("inside", index=incidents.index, dtype="object")
    start = pd.Timestamp(period.start or dt.date(1, 1, 1))
    end = pd.Timestamp(period.end or dt.date(9999, 12, 31))
    date_from, date_to = incidents["date_from"], incidents["date_to"]
    inside = (date_from >= start) & (date_to <= end)
    outside = (date_from > end) | (date_to < start)
    if "counting_date" in incidents:
        by_first_day = incidents["counting_date"].eq("date_from") & date_from.notna()
        inside = inside.where(~by_first_day, (date_from >= start) & (date_from <= end))
        outside = outside.where(~by_first_day, ~inside)
    standing = np.select([inside, outside], ["inside", "outside"], "not dated")
    return pd.Series(standing, index=incidents.index, dtype="object")


def _solar_hijri_months(start: dt.date, end: dt.date) -> int:
    """Return how many whole Solar Hijri months a period is; 0 where it is none."""
    year, month, day = solar_hijri_parts(start)
    next_year, next_month, next_day = solar_hijri_parts(end + dt.timedelta(days=1))
    if day != 1 or next_day != 1:
        return 0
    return (next_year - year) * 12 + next_month - month


def _last_day(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _day(day: dt.date | None) -> str:
    return "" if day is None else f"{day.day} {calendar.month_name[day.month]} {day.year}"


def _days(first: dt.date, last: dt.date) -> str:
    """Return two days in words, what they share said once."""
    if first.year != last.year:
        return f"{_day(first)} to {_day(last)}"
    if first.month != last.month:
        return f"{first.day} {calendar.month_name[first.month]} to {_day(last)}"
    return f"{first.day} to {_day(last)}"
