"""The slope of a measured series, with an interval that does not take likeness for news."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

LEAST = 30  # measurements, or an interval says nothing
MOST_REMEMBERED = 0.99
"""Of a measurement in the next one. A series that remembers all has no slope to be known."""


@dataclass(frozen=True)
class Slope:
    """A slope and its 95 % interval, per unit of the times given."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.1f} ({self.low:+.1f} to {self.high:+.1f})"


def slope_of(times: NDArray[np.float64], values: NDArray[np.float64]) -> Slope:
    """Fit a line by least squares, with an interval for residuals that are like their neighbours.

    What a process holds is much like what it held ten seconds before. The usual interval of least
    squares takes each measurement for news, and is far too narrow. Here what a residual remembers
    of the one before is taken out first (an autoregression, its bias mended: Kendall 1954), and
    the variance of what is left, neighbours included (Newey and West 1987), is carried back to the
    series (Andrews and Monahan 1992). The quantile is Student's, for as many measurements as the
    series is worth.

    Parameters
    ----------
    times
        Equally spaced.

    Raises
    ------
    ValueError
        If there are fewer than 30 measurements.
    """
    n = len(times)
    if n < LEAST:
        raise ValueError(f"{n} measurements are fewer than {LEAST}.")
    centred = times - times.mean()
    squares = float((centred**2).sum())
    value = float(centred @ values) / squares
    residuals = values - values.mean() - value * centred
    if not np.any(np.abs(residuals) > 1e-9 * max(1.0, float(np.abs(values).max()))):
        return Slope(value, value, value)
    remembered = float(residuals[1:] @ residuals[:-1]) / float(residuals[:-1] @ residuals[:-1])
    remembered += (2 + 4 * remembered) / n  # a line was fitted, which hides some of it
    remembered = min(max(remembered, 0.0), MOST_REMEMBERED)
    news = residuals[1:] - remembered * residuals[:-1]
    variance = _long_run_variance(news) / (1 - remembered) ** 2
    worth = n * (1 - remembered) / (1 + remembered)
    half = float(student.ppf(0.975, max(1.0, worth - 2))) * float(np.sqrt(variance / squares))
    return Slope(value, value - half, value + half)


def _long_run_variance(news: NDArray[np.float64]) -> float:
    """Return the variance of a sum of neighbours, for each of them (Bartlett's weights)."""
    n = len(news)
    reach = int(4 * (n / 100) ** (2 / 9))
    total = float(news @ news) / n
    for lag in range(1, reach + 1):
        total += 2 * (1 - lag / (reach + 1)) * float(news[lag:] @ news[:-lag]) / n
    return max(total, float(news @ news) / n / 10)
