"""Class breaks of a choropleth: few, round, and the same for every period of the time slider."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

Scheme = Literal["counts", "rates", "percent", "change"]

MOST_CLASSES = 5
SEQUENTIAL = ("#fee08b", "#fdae61", "#f0743e", "#c2313c", "#7a1042")
DIVERGING = ("#542788", "#998ec3", "#f7f7f7", "#f1a340", "#b35806")


@dataclass(frozen=True)
class Classes:
    """The classes of a measure, lowest first: lower bounds, labels and colours."""

    scheme: str  # how the breaks were chosen, as the legend names it
    lower: tuple[float, ...]
    labels: tuple[str, ...]
    colours: tuple[str, ...]

    def classify(self, values: pd.Series) -> pd.Series:
        """Return the number of the class of each value; missing stays missing."""
        found = np.searchsorted(
            np.array(self.lower), values.to_numpy("float64", na_value=np.nan), "right"
        )
        classes = pd.Series(found - 1, index=values.index, dtype="Int64")
        return classes.where(values.notna() & (classes >= 0))


def choose_classes(values: pd.Series, scheme: Scheme) -> Classes:
    """Choose the classes for all values that a map may show, over the whole time slider.

    Counts and rates get steps of 1-2-5 that end at the class of the largest value, so a legend
    reads "1 to 4, 5 to 9, ..." and a newly published row seldom moves a break.

    Parameters
    ----------
    values
        Every value the map may show; missing ones are ignored. Counts are whole numbers from 1.
    """
    known = values.dropna().astype("float64")
    largest = float(known.abs().max()) if len(known) else 1.0
    lower: tuple[float, ...]
    labels: tuple[str, ...]
    if scheme == "percent":
        lower = (0.0, 20.0, 40.0, 60.0, 80.0)
        labels = (
            "under 20%",
            "20 to under 40%",
            "40 to under 60%",
            "60 to under 80%",
            "80 to 100%",
        )
        return Classes("equal interval", lower, labels, SEQUENTIAL)
    if scheme == "change":
        step = max(2.0, max(_ladder(largest)))
        below = "1" if step == 2 else f"1 to {step - 1:g}"
        labels = (
            f"fell by {step:g} or more",
            f"fell by {below}",
            "no change",
            f"rose by {below}",
            f"rose by {step:g} or more",
        )
        lower = (-np.inf, -step + 1, 0.0, 1.0, step)
        return Classes("fixed steps around 0", lower, labels, DIVERGING)
    if scheme == "counts":
        steps = (1.0, *(step for step in _ladder(largest) if step > 1))
        lower = steps if len(steps) <= MOST_CLASSES else (1.0, *steps[1 - MOST_CLASSES :])
        return Classes("fixed steps", lower, _count_labels(lower), _spread(len(lower)))
    lower = (0.0, *_ladder(largest)[1 - MOST_CLASSES :])
    labels = (
        f"under {lower[1]:g}",
        *(f"{a:g} to under {b:g}" for a, b in pairwise(lower[1:])),
        f"{lower[-1]:g} or more",
    )
    return Classes("fixed steps", lower, labels, _spread(len(lower)))


def _ladder(largest: float) -> list[float]:
    """Return the steps 1, 2, 5, 10, ... (and below 1 for rates) up to the largest value."""
    top = int(np.floor(np.log10(largest))) if largest > 0 else 0
    steps = [float(f"{m}e{e}") for e in range(min(top - 2, 0), top + 1) for m in (1, 2, 5)]
    return [step for step in steps if step <= largest] or steps[:1]


def _count_labels(lower: tuple[float, ...]) -> tuple[str, ...]:
    spans = [f"{a:g}" if b == a + 1 else f"{a:g} to {b - 1:g}" for a, b in pairwise(lower)]
    return (*spans, f"{lower[-1]:g} or more")


def _spread(n: int) -> tuple[str, ...]:
    """Return n of the sequential colours, spread over the whole range."""
    if n == 1:
        return (SEQUENTIAL[1],)
    return tuple(SEQUENTIAL[round(i * (MOST_CLASSES - 1) / (n - 1))] for i in range(n))
