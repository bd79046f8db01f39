"""Class breaks of a choropleth: few, named by method, the same at every step of the time slider."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

Scheme = Literal["counts", "rates", "percent", "change"]
Method = Literal["steps", "fisher_jenks", "quantiles", "equal_interval", "user"]
METHODS: tuple[Method, ...] = get_args(Method)

METHOD_NAMES: dict[Method, str] = {
    "steps": "fixed steps",
    "fisher_jenks": "Fisher-Jenks",
    "quantiles": "quantiles",
    "equal_interval": "equal intervals",
    "user": "own breaks",
}

MOST_CLASSES = 5
MOST_BREAKS = MOST_CLASSES - 1
"""Breaks that a reader may give: the lowest class begins where the values may begin."""

MOST_IN_FISHER_JENKS = 300
"""Values that Fisher-Jenks is given: its time grows with their square, 0.3 s for 300."""

SEQUENTIAL = ("#fee08b", "#fdae61", "#f0743e", "#c2313c", "#7a1042")
DIVERGING = ("#542788", "#998ec3", "#f7f7f7", "#f1a340", "#b35806")
_DIVERGING = {  # number of classes on each side of "no change" -> colours
    1: ("#998ec3", "#f7f7f7", "#f1a340"),
    2: DIVERGING,
    3: ("#542788", "#998ec3", "#d8daeb", "#f7f7f7", "#fee0b6", "#f1a340", "#b35806"),
    4: (
        *("#542788", "#8073ac", "#b2abd2", "#d8daeb"),
        *("#f7f7f7", "#fee0b6", "#fdb863", "#e08214", "#b35806"),
    ),
}


@dataclass(frozen=True)
class Classes:
    """The classes of a measure, lowest first: lower bounds, labels and colours."""

    scheme: str  # how the breaks were chosen, as the legend names it
    lower: tuple[float, ...]
    labels: tuple[str, ...]
    colours: tuple[str, ...]

    def numbers(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the number of the class of each value; one below the lowest break is in it."""
        found = np.searchsorted(np.array(self.lower), values, side="right") - 1
        return np.maximum(found, 0)

    @property
    def breaks(self) -> tuple[float, ...]:
        """Return where classes begin as a reader may give it, with the decimals a link has."""
        starts = self.lower[1:]
        if self.lower[0] == -np.inf:  # the same on both sides of "no change"
            starts = tuple(start for start in starts if start > 1)
        return tuple(sorted({round(start, 6) for start in starts} - {0.0}))


def choose_classes(
    values: pd.Series,
    scheme: Scheme,
    *,
    method: Method = "steps",
    breaks: tuple[float, ...] = (),
) -> Classes:
    """Choose the classes for all values that a map may show, over the whole time slider.

    Fixed steps are 1-2-5, so a legend reads "1 to 4, 5 to 9, ..." and a newly published row seldom
    moves a break; a share has steps of 20%. Fisher-Jenks, quantiles and equal intervals are those
    of mapclassify: the classes hold the same values, in whole numbers for counts. A count of zero
    is in no class, it is drawn as zero.

    Classes of a change stay centred on 0: a method then parts the sizes of the changes, and both
    sides have the same classes.

    Parameters
    ----------
    values
        Every value the map may show; missing ones are ignored. Counts are whole numbers from 1.
    breaks
        For the method "user": where classes begin, from low to high.
    """
    known = values.dropna().to_numpy("float64")
    if scheme == "change":
        return _around_zero(np.abs(known[known != 0]), method, breaks)
    if scheme == "counts":
        known = known[known > 0]
    name = METHOD_NAMES[method]
    lowest = 1.0 if scheme == "counts" else 0.0
    if method == "steps":
        lower = _steps(known, scheme)
    elif method == "user":
        lower = _from_breaks(breaks, scheme, lowest)
    else:
        bins, n_sampled = _mapclassify_bins(known, method, MOST_CLASSES)
        lower = _starts(bins, known, scheme, lowest)
        name += f" on a sample of {n_sampled} values" if n_sampled else ""
    return Classes(name, lower, _labels(lower, scheme), _spread(len(lower)))


def _steps(known: np.ndarray[Any, Any], scheme: Scheme) -> tuple[float, ...]:
    if scheme == "percent":
        return (0.0, 20.0, 40.0, 60.0, 80.0)
    ladder = _ladder(float(known.max()) if len(known) else 1.0)
    if scheme == "rates":
        return (0.0, *_thinned(ladder, MOST_CLASSES - 1))
    return (1.0, *_thinned([step for step in ladder if step > 1], MOST_CLASSES - 1))


def _thinned(ladder: list[float], most: int) -> list[float]:
    """Return steps of the whole ladder, evenly chosen up to its top.

    A time slider shows months beside all years: with the highest steps alone every month would lie
    in the lowest class.
    """
    if len(ladder) <= most:
        return ladder
    places = np.linspace(0, len(ladder) - 1, most + 1)[1:].round().astype(int)
    return [ladder[place] for place in places]


def _ladder(largest: float) -> list[float]:
    """Return the steps 1, 2, 5, 10, ... (and below 1 for rates) up to the largest value."""
    top = int(np.floor(np.log10(largest))) if largest > 0 else 0
    steps = [float(f"{m}e{e}") for e in range(min(top - 2, 0), top + 1) for m in (1, 2, 5)]
    return [step for step in steps if step <= largest] or steps[:1]


def _from_breaks(breaks: Iterable[float], scheme: Scheme, lowest: float) -> tuple[float, ...]:
    """Return where classes begin by a reader's breaks; a count is whole, so its breaks are too."""
    is_whole = scheme in ("counts", "change")
    starts = {float(math.ceil(start)) if is_whole else start for start in breaks}
    end = 100 if scheme == "percent" else math.inf
    return (lowest, *sorted(start for start in starts if lowest < start < end))


def _mapclassify_bins(
    known: np.ndarray[Any, Any], method: Method, most: int
) -> tuple[list[float], int]:
    """Return the upper bounds that mapclassify gives, and the size of the sample it was given.

    The size is 0 where it was given all values. Fewer different values than classes give fewer
    classes.
    """
    distinct = np.unique(known)
    if len(distinct) < 2:
        return distinct.tolist(), 0
    import mapclassify  # not at the top: with what it brings along it takes seconds to import

    for message in ("Numba not installed", "Not enough unique values"):
        warnings.filterwarnings("ignore", message, UserWarning)
    given, n_sampled = known, 0
    if method == "fisher_jenks" and len(known) > MOST_IN_FISHER_JENKS:
        n_sampled = MOST_IN_FISHER_JENKS
        regular = np.linspace(0, len(known) - 1, n_sampled).round().astype("int64")
        given = np.sort(known)[regular]
        distinct = np.unique(given)
    classifier = {
        "fisher_jenks": mapclassify.FisherJenks,
        "quantiles": mapclassify.Quantiles,
        "equal_interval": mapclassify.EqualInterval,
    }[method]
    if len(distinct) < 2:
        return distinct.tolist(), n_sampled
    bins = classifier(given, k=min(most, len(distinct))).bins
    return np.unique(bins).tolist(), n_sampled


def _starts(
    bins: list[float], known: np.ndarray[Any, Any], scheme: Scheme, lowest: float
) -> tuple[float, ...]:
    """Return where classes begin, from their upper bounds; each value stays in its class."""
    starts = []
    for upper in bins[:-1]:
        if scheme in ("counts", "change"):
            starts.append(math.floor(upper) + 1.0)
        elif (known > upper).any():
            starts.append(_rounded_up(upper, float(known[known > upper].min())))
    return (lowest, *sorted({start for start in starts if start > lowest}))


def _rounded_up(above: float, at_most: float) -> float:
    """Return the number of the fewest digits, at least three, in (above, at_most]."""
    size = math.floor(math.log10(above or at_most))
    for decimals in range(2 - size, 17 - size):
        step = 10.0**-decimals
        found = round(math.floor(above / step) * step + step, max(decimals, 0))
        if above < found <= at_most:
            return found
    return at_most


def _labels(lower: tuple[float, ...], scheme: Scheme) -> tuple[str, ...]:
    if scheme == "counts":
        return _count_labels(lower)
    texts = [_number(start) for start in lower]
    sign = "%" if scheme == "percent" else ""
    last = f"{texts[-1]} to 100%" if scheme == "percent" else f"{texts[-1]} or more"
    if len(lower) == 1:
        return (last,)
    middle = [f"{a} to under {b}{sign}" for a, b in pairwise(texts[1:])]
    return (f"under {texts[1]}{sign}", *middle, last)


def _count_labels(lower: tuple[float, ...]) -> tuple[str, ...]:
    spans = [f"{a:,.0f}" if b == a + 1 else f"{a:,.0f} to {b - 1:,.0f}" for a, b in pairwise(lower)]
    return (*spans, f"{lower[-1]:,.0f} or more")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else np.format_float_positional(value)


def _around_zero(sizes: np.ndarray[Any, Any], method: Method, breaks: tuple[float, ...]) -> Classes:
    """Return classes that are the same on both sides of "no change"."""
    name = METHOD_NAMES[method]
    starts: tuple[float, ...]
    if method == "steps":
        starts = (1.0, max(2.0, max(_ladder(float(sizes.max()) if len(sizes) else 1.0))))
    elif method == "user":
        starts = _from_breaks(breaks, "change", 1.0)[: max(_DIVERGING)]
    else:
        bins, n_sampled = _mapclassify_bins(sizes, method, 2)
        starts = _starts(bins, sizes, "change", 1.0)
        name += f" on a sample of {n_sampled} values" if n_sampled else ""
    labels = _count_labels(starts)
    return Classes(
        f"{name} around 0",
        (-np.inf, *(1 - start for start in starts[:0:-1]), 0.0, *starts),
        (
            *(f"fell by {label}" for label in labels[::-1]),
            "no change",
            *(f"rose by {label}" for label in labels),
        ),
        _DIVERGING[len(starts)],
    )


def _spread(n: int) -> tuple[str, ...]:
    """Return n of the sequential colours, spread over the whole range."""
    if n == 1:
        return (SEQUENTIAL[1],)
    return tuple(SEQUENTIAL[round(i * (MOST_CLASSES - 1) / (n - 1))] for i in range(n))
