"""Periods: the buckets of a time line, and whether an incident counts in one.

An incident counts in a period when its interval lies wholly inside. One that only overlaps the
period, or has an end that nobody stated, is "not dated to this period": it may or may not have
happened then.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Step = Literal["month", "quarter", "year"]
STEPS: tuple[Step, ...] = ("month", "quarter", "year")

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
        return _day(start) if start == end else f"{_day(start)} to {_day(end)}"

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

        Whole calendar months go back by as many months, so that March is compared with February.
        """
        if self.start is None or self.end is None:
            raise ValueError("an open period has none before it")
        end = self.start - dt.timedelta(days=1)
        if self.start.day == 1 and self.end == _last_day(self.end.year, self.end.month):
            months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
            first = self.start.year * 12 + self.start.month - 1 - months
            return Period(dt.date(first // 12, first % 12 + 1, 1), end)
        return Period(self.start - (self.end - self.start) - dt.timedelta(days=1), end)


def periods_between(first: dt.date, last: dt.date, step: Step) -> tuple[Period, ...]:
    """Return the calendar months, quarters or years that cover the days from first to last."""
    months = _MONTHS[step]
    month = (first.year * 12 + first.month - 1) // months * months
    periods = []
    while dt.date(month // 12, month % 12 + 1, 1) <= last:
        end = month + months - 1
        periods.append(
            Period(dt.date(month // 12, month % 12 + 1, 1), _last_day(end // 12, end % 12 + 1))
        )
        month += months
    return tuple(periods)


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


def _last_day(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _day(day: dt.date | None) -> str:
    return "" if day is None else f"{day.day} {calendar.month_name[day.month]} {day.year}"
