"""Classes: the same values together as in mapclassify, in words that leave no gap."""

from __future__ import annotations

import subprocess
import sys
import warnings

import mapclassify
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictmap.classes import (
    METHODS,
    MOST_BREAKS,
    MOST_CLASSES,
    MOST_IN_FISHER_JENKS,
    choose_classes,
)

CLASSIFIERS = {
    "fisher_jenks": mapclassify.FisherJenks,
    "quantiles": mapclassify.Quantiles,
    "equal_interval": mapclassify.EqualInterval,
}
FROM_DATA = pytest.mark.parametrize("method", CLASSIFIERS)
SCHEMES = ("counts", "rates", "percent", "change")

COUNTS = st.lists(st.integers(1, 60), min_size=2, max_size=40)
RATES = st.lists(st.floats(0.001, 5000), min_size=2, max_size=40)


def series(values) -> pd.Series:
    return pd.Series(list(values), dtype="float64")


def by_mapclassify(values, method, most=MOST_CLASSES):
    """Return the class of each value as mapclassify gives it, those without a value left out."""
    given = np.array(values, dtype="float64")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of ties, and where there is no numba
        classed = CLASSIFIERS[method](given, k=min(most, len(np.unique(given))))
    return np.unique(np.searchsorted(np.unique(classed.bins), given), return_inverse=True)[1]


def numbers_of(classes, values):
    """Return the class of each value, those without a value left out."""
    found = classes.numbers(np.array(values, dtype="float64"))
    return np.unique(found, return_inverse=True)[1]


# --- what mapclassify says


@FROM_DATA
@settings(deadline=None, max_examples=80)
@given(values=COUNTS.filter(lambda values: len(set(values)) > 1))
def test_counts_lie_together_as_in_mapclassify(method, values):
    classes = choose_classes(series(values), "counts", method=method)
    assert numbers_of(classes, values).tolist() == by_mapclassify(values, method).tolist()


@FROM_DATA
@settings(deadline=None, max_examples=80)
@given(values=RATES.filter(lambda values: len(set(values)) > 1))
def test_rates_lie_together_as_in_mapclassify(method, values):
    classes = choose_classes(series(values), "rates", method=method)
    assert numbers_of(classes, values).tolist() == by_mapclassify(values, method).tolist()


def test_quantiles_of_counts_are_told_in_whole_numbers():
    classes = choose_classes(
        series([1, 2, 3, 4, 5, 6, 7, 12, 30, 200]), "counts", method="quantiles"
    )
    assert classes.labels == ("1 to 2", "3 to 4", "5 to 6", "7 to 15", "16 or more")
    assert classes.scheme == "quantiles"


def test_fisher_jenks_of_counts_are_told_in_whole_numbers():
    classes = choose_classes(
        series([1, 2, 2, 3, 20, 21, 50, 52, 90, 300]), "counts", method="fisher_jenks"
    )
    assert classes.labels == ("1 to 3", "4 to 21", "22 to 52", "53 to 90", "91 or more")


def test_equal_intervals_stay_equal_where_no_value_lies_in_one():
    classes = choose_classes(series([1, 2, 101]), "counts", method="equal_interval")
    assert classes.labels == ("1 to 34", "35 to 67", "68 or more")


def test_breaks_of_rates_have_few_digits():
    classes = choose_classes(series([0.1234, 0.5, 0.5, 1.2345]), "rates", method="quantiles")
    assert classes.labels == ("under 0.501", "0.501 or more")


# --- how many values there are


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("values", [[], [0], [3], [3, 3, 3], [np.nan, 3], [0, 0, 3]])
def test_few_values_have_classes_too(method, scheme, values):
    classes = choose_classes(series(values), scheme, method=method, breaks=(2.0,))
    assert len(classes.labels) == len(classes.lower) == len(classes.colours) > 0
    assert len(set(classes.colours)) == len(classes.colours)


@FROM_DATA
def test_fewer_different_values_give_fewer_classes(method):
    classes = choose_classes(series([4, 4, 4, 9]), "counts", method=method)
    assert len(classes.labels) == 2


@FROM_DATA
def test_count_of_zero_moves_no_break(method):
    values = [1, 2, 5, 9, 9, 30]
    assert choose_classes(series([*values, 0, 0, 0]), "counts", method=method) == choose_classes(
        series(values), "counts", method=method
    )


def test_fisher_jenks_of_many_values_is_of_a_named_sample_with_both_ends():
    values = np.arange(1, 120_001) ** 2
    classes = choose_classes(series(values), "counts", method="fisher_jenks")
    assert classes.scheme == f"Fisher-Jenks on a sample of {MOST_IN_FISHER_JENKS} values"
    shuffled = series(np.random.default_rng(1).permutation(values))
    assert choose_classes(shuffled, "counts", method="fisher_jenks") == classes
    regular = values[np.linspace(0, len(values) - 1, MOST_IN_FISHER_JENKS).round().astype(int)]
    assert (regular[0], regular[-1]) == (values[0], values[-1])
    expected = by_mapclassify(regular, "fisher_jenks")
    assert numbers_of(classes, regular).tolist() == expected.tolist()


# --- words without gaps


@settings(deadline=None, max_examples=150)
@given(
    values=st.lists(st.integers(0, 3000), max_size=30),
    method=st.sampled_from(METHODS),
    breaks=st.lists(st.integers(0, 99), max_size=MOST_BREAKS, unique=True).map(sorted).map(tuple),
)
def test_classes_of_counts_hold_every_whole_number_once(values, method, breaks):
    classes = choose_classes(series(values), "counts", method=method, breaks=breaks)
    assert 1 <= len(classes.labels) <= MOST_CLASSES
    next_number = 1
    for label in classes.labels[:-1]:
        first, _, last = label.replace(",", "").partition(" to ")
        assert int(first) == next_number
        next_number = int(last or first) + 1
        assert next_number > int(first)
    assert classes.labels[-1] == f"{next_number:,} or more"


@settings(deadline=None, max_examples=100)
@given(
    values=st.lists(st.just(0.0) | st.floats(0.001, 100), max_size=30),
    scheme=st.sampled_from(["rates", "percent"]),
    method=st.sampled_from(METHODS),
)
def test_classes_of_rates_rise_and_hold_every_value(values, scheme, method):
    classes = choose_classes(series(values), scheme, method=method, breaks=(0.5, 20.0, 150.0))
    assert list(classes.lower) == sorted(set(classes.lower))
    assert classes.lower[0] == 0
    assert len(set(classes.labels)) == len(classes.labels) <= MOST_CLASSES
    assert (classes.labels[-1].endswith(" to 100%")) == (scheme == "percent")


# --- own breaks


@pytest.mark.parametrize(
    ("breaks", "labels"),
    [
        ((1.0, 5.0, 20.0), ("1 to 4", "5 to 19", "20 or more")),
        ((5.0, 20.0), ("1 to 4", "5 to 19", "20 or more")),  # nothing is left without a class
        ((0.0, 1.5, 2.0), ("1", "2 or more")),  # counts are whole
        ((1000.0,), ("1 to 999", "1,000 or more")),
        ((), ("1 or more",)),
    ],
)
def test_own_breaks_say_where_classes_begin(breaks, labels):
    classes = choose_classes(series([3, 4]), "counts", method="user", breaks=breaks)
    assert classes.labels == labels
    assert classes.scheme == "own breaks"


def test_own_breaks_hold_the_values_that_mapclassify_gives_them():
    values = [1, 2, 4, 5, 6, 19, 20, 21, 300]
    classes = choose_classes(series(values), "counts", method="user", breaks=(5.0, 20.0))
    expected = mapclassify.UserDefined(np.array(values), bins=[4, 19, 300])
    assert classes.numbers(np.array(values)).tolist() == expected.yb.tolist()


def test_own_breaks_of_a_share_end_at_100_percent():
    classes = choose_classes(series([3, 4]), "percent", method="user", breaks=(50.0, 120.0))
    assert classes.labels == ("under 50%", "50 to 100%")


# --- changes


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=50)
@given(values=st.lists(st.integers(-60, 60), max_size=30))
def test_change_is_classed_alike_on_both_sides_of_no_change(method, values):
    classes = choose_classes(series(values), "change", method=method, breaks=(2.0, 5.0, 9.0, 20.0))
    middle = len(classes.labels) // 2
    assert classes.labels[middle] == "no change"
    assert len(classes.labels) <= 9  # a class is one digit in the browser
    numbers = np.arange(-70, 71)
    found = classes.numbers(numbers)
    assert (found[numbers == 0] == middle).all()
    assert (found == 2 * middle - found[::-1]).all()
    fell = [label.removeprefix("fell by ") for label in classes.labels[:middle]]
    rose = [label.removeprefix("rose by ") for label in classes.labels[middle + 1 :]]
    assert fell[::-1] == rose


def test_quantiles_part_the_sizes_of_changes():
    classes = choose_classes(series([-4, 1, 0, 3, 9, -1]), "change", method="quantiles")
    assert classes.labels[3:] == ("rose by 1 to 3", "rose by 4 or more")
    assert classes.scheme == "quantiles around 0"


def test_dashboard_starts_without_mapclassify():
    code = (
        "import sys, conflictmap.ui.server, conflictmap.views.map_view\n"
        "print(sorted({'mapclassify', 'sklearn', 'scipy', 'networkx'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
