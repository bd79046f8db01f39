"""The slope of a soak: its interval holds the truth although neighbours in time are alike."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.hosted.slope import slope_of

MINUTES = np.arange(0, 60, 1 / 6)  # an hour, every 10 s


def memory(seed: int, slope: float, *, remembered: float = 0.9) -> np.ndarray:
    """Return a synthetic series around a line, each measurement much like the one before."""
    chance = np.random.default_rng(seed)
    noise = np.zeros(len(MINUTES))
    for place in range(1, len(noise)):
        noise[place] = remembered * noise[place - 1] + chance.normal()
    return 300 + slope * MINUTES + noise


def test_slope_of_a_line_without_noise_is_that_of_the_line():
    found = slope_of(MINUTES, 250 + 0.5 * MINUTES)
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))


@pytest.mark.parametrize("remembered", [0.0, 0.5, 0.9, 0.97])
def test_interval_holds_the_slope_nearly_as_often_as_it_says(remembered):
    found = [slope_of(MINUTES, memory(seed, 0.1, remembered=remembered)) for seed in range(200)]
    held = sum(one.low <= 0.1 <= one.high for one in found)
    assert held >= 180


def test_interval_of_least_squares_alone_would_be_far_too_narrow():
    values = memory(1, 0.1)
    found = slope_of(MINUTES, values)
    residuals = values - np.polyval(np.polyfit(MINUTES, values, 1), MINUTES)
    naive = 3.92 * residuals.std(ddof=2) / (MINUTES.std() * np.sqrt(len(MINUTES)))
    assert found.high - found.low > 2 * naive


def test_a_series_that_is_too_short_has_no_interval():
    with pytest.raises(ValueError, match="12 measurements are fewer than 30"):
        slope_of(MINUTES[:12], MINUTES[:12])
