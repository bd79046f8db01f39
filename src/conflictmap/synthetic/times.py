"""When the made-up incidents happened: a trend, seasons, bursts, and how well the day is known."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd

from conflictmap.synthetic.eras import DATE_PRECISIONS, INTENSITY, draw

IN_BURSTS = 0.15  # share of the incidents
BURSTS_A_YEAR = 4
SEASON = 0.4  # how far the summer stands above the mean, and the winter below
MIDSUMMER = 205  # day of the year


class Days(NamedTuple):
    """The true day of each incident, in order, and the burst it belongs to (-1: none)."""

    day: np.ndarray  # datetime64[D]
    burst: np.ndarray


def draw_days(rng: np.random.Generator, size: int, first: dt.date, last: dt.date) -> Days:
    """Draw the days of incidents between two days, both included."""
    calendar = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    weights = _intensity(calendar) * rng.gamma(3.0, size=len(calendar))
    weights /= weights.sum()
    numbers = rng.choice(len(calendar), size, p=weights)
    bursts = max(3, round(BURSTS_A_YEAR * len(calendar) / 365))
    centres = rng.choice(len(calendar), bursts, p=weights)
    sizes = rng.pareto(1.5, bursts) + 1
    burst = rng.choice(bursts, size, p=sizes / sizes.sum())
    burst[rng.random(size) >= IN_BURSTS] = -1
    spread = np.round(rng.laplace(0.0, 4.0, size)).astype(int)
    numbers = np.where(burst >= 0, centres[burst] + spread, numbers)
    numbers = np.clip(numbers, 0, len(calendar) - 1)
    order = np.argsort(numbers, kind="stable")
    return Days(calendar[numbers[order]], burst[order])


def date_columns(rng: np.random.Generator, day: np.ndarray) -> dict[str, np.ndarray]:
    """Return how the days are told: an interval that holds the true day, and how it is known."""
    size = len(day)
    precision = draw(rng, DATE_PRECISIONS, size)
    length = rng.integers(2, 7, size)
    before = (rng.random(size) * length).astype(int)
    monday = (day.view("int64") + 3) % 7  # 1 January 1970 was a Thursday
    month, year = day.astype("datetime64[M]"), day.astype("datetime64[Y]")
    first_days = {
        "day": day,
        "days": day - before,
        "week": day - monday,
        "month": month.astype("datetime64[D]"),
        "year": year.astype("datetime64[D]"),
    }
    last_days = {
        "day": day,
        "days": day - before + length - 1,
        "week": day - monday + 6,
        "month": (month + 1).astype("datetime64[D]") - 1,
        "year": (year + 1).astype("datetime64[D]") - 1,
    }
    nothing = np.full(size, np.datetime64("NaT"), dtype="datetime64[D]")
    is_precision = [precision == name for name in first_days]
    basis = {"days": "bounded by the report", "week": "relative to the report", "unknown": "none"}
    told = pd.Series(precision).map(basis).fillna("stated").to_numpy(dtype=object)
    is_day = precision == "day"
    how = {"stated": 0.85, "weekday resolved": 0.08, "relative to the report": 0.07}
    told[is_day] = draw(rng, how, int(is_day.sum()))
    return {
        "date_from": np.select(is_precision, list(first_days.values()), nothing),
        "date_to": np.select(is_precision, list(last_days.values()), nothing),
        "date_precision": precision,
        "date_basis": told,
    }


def _intensity(calendar: np.ndarray) -> np.ndarray:
    """Return how many incidents a day has, up to a factor: the trend of the years times season."""
    year = calendar.astype("datetime64[Y]")
    of_year = (calendar - year.astype("datetime64[D]")).astype(int)
    at = year.astype(int) + 1970 + of_year / 365.25
    trend = np.interp(at, list(INTENSITY), list(INTENSITY.values()))
    return trend * (1 + SEASON * np.cos(2 * np.pi * (of_year - MIDSUMMER) / 365.25))
