"""The baseline of a count: what the same count was in the periods before, and how high it may be.

The limit is an upper prediction limit for the next count. The past counts give a mean m and a
dispersion phi (variance over mean, at least 1, since counts never vary less than a Poisson count);
the next count is taken as negative binomial of the mean m and the variance phi * m * (1 + 1/k) over
k past periods, the 1/k for the error of m itself. That is the prediction variance of Farrington et
al. (1996), with the negative binomial quantile of Noufaily et al. (2013) in place of a normal one.

A count is above its baseline only if it is also above every past count. If nothing changes, the
last of k + 1 counts is the single highest with a chance of at most 1 in k + 1, whatever their
distribution (Hahn and Meeker 1991). Numbers of dead, in which one attack can outweigh a year, fit
no negative binomial; for them this bound is what holds.

Sources: C. P. Farrington, N. J. Andrews, A. D. Beale, M. A. Catchpole, J. R. Stat. Soc. A 159
(1996) 547-563. A. Noufaily et al., Statistics in Medicine 32 (2013) 1206-1222. G. J. Hahn, W. Q.
Meeker, Statistical Intervals (1991), on prediction intervals free of a distribution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

PAST_PERIODS = 24
"""How many periods before are looked at: two years of months, with each season twice."""

LEAST_PERIODS = 20
"""How many of them must be covered and have a figure."""

LEAST_INCIDENTS = 10
"""How many incidents with a figure they must hold together."""

LEVEL = 0.005
"""The chance that the limit is set for: of a count above it, if nothing changed and the negative
binomial with these parameters held. They are estimated, so that the true rate is higher."""

_BOUND = 1 / (LEAST_PERIODS + 1)

FALSE_ALARMS = {"incidents": 0.015, "killed": _BOUND, "wounded": _BOUND}
"""The share of comparisons above their limit though nothing changed, at most: for incidents
as `benchmarks.alerts` measures it on synthetic counts; for people, whose numbers may have any tail,
the bound that holds whatever it is. See docs/decisions/0011-alerts.md."""


@dataclass(frozen=True)
class Baseline:
    """The past counts in short, and the limit: a count is above its baseline above ``limit``."""

    periods: int
    incidents: int  # with a figure, in those periods
    mean: float
    highest: int
    dispersion: float
    limit: int


@dataclass(frozen=True)
class Limits:
    """`Baseline` for many counts at once, an array each."""

    periods: Array
    mean: Array
    highest: Array
    dispersion: Array
    limit: Array  # NaN where there are too few periods


def upper_limits(past: Array, *, level: float = LEVEL, least: int = LEAST_PERIODS) -> Limits:
    """Return the upper prediction limits of counts from the counts before them.

    Parameters
    ----------
    past
        A row a count to be judged and a column a period before it; NaN: not known.
    level
        See `LEVEL`.
    least
        Rows with fewer known periods have no limit.
    """
    from scipy.stats import nbinom  # here, so that nothing else waits for it

    known = ~np.isnan(past)
    periods = known.sum(axis=1)
    enough = periods >= max(least, 2)
    k = np.where(enough, periods, 1)
    mean = np.where(known, past, 0).sum(axis=1) / k
    spread = np.where(known, past - mean[:, None], 0)
    variance = (spread**2).sum(axis=1) / np.maximum(k - 1, 1)
    has_any = mean > 0
    safe = np.where(has_any, mean, 1.0)
    dispersion = np.where(has_any, np.maximum(variance / safe, 1.0), 1.0)
    predicted = dispersion * safe * (1 + 1 / k)  # its variance; above its mean for every k
    quantile = nbinom.ppf(1 - level, safe**2 / (predicted - safe), safe / predicted)
    highest = np.where(known, past, 0).max(axis=1, initial=0)
    limit = np.maximum(np.where(has_any, quantile, 0), highest)
    return Limits(periods, mean, highest, dispersion, np.where(enough, limit, np.nan))
