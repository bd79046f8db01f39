"""Which cells to withhold, so that no small number is found by adding and subtracting the others.

A cell is a count of one area in one view. Cells stand in sums: the months of a year and what is
dated to none of them, the types of incident, the districts of a province, all provinces together.
Everything here is pure: numbers and sums in, yes or no a cell out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

NORMAL, ALWAYS_SHOWN, NEVER_SHOWN = range(3)

MOST_PASSES = 12
"""Of working out what cells can be; a bound that moves later is not followed."""

_NO_LIMIT = 10.0**9


@dataclass(frozen=True)
class Sums:
    """Cells and the sums among them: parts = whole + overlap.

    ``count`` and ``kind`` (may it be shown) have an element a cell; ``whole``, ``overlap`` (what is
    in several parts) and ``protects`` an element a sum, ``part`` and ``sum_of`` one a part: its
    cell, and the sum that it is in. ``above`` has a row a cell: the cells that it is a part of in
    time and by a filter, -1 for none.
    """

    count: Array
    kind: Array
    whole: Array
    overlap: Array
    protects: Array  # whether what is left of the whole, its shown parts taken off, must be large
    part: Array
    sum_of: Array
    above: Array

    def left(self, hidden: Array) -> Array:
        """Return for each sum what is left of it when its shown parts are taken off."""
        weights = self.count[self.part] * hidden[self.part]
        return np.bincount(self.sum_of, weights, len(self.whole))

    def small_left(self, hidden: Array, below: int) -> Array:
        """Return the sums of which a subtraction leaves 1 to n - 1."""
        left = self.left(hidden)
        small: Array = self.protects & ~hidden[self.whole] & (left > 0) & (left < below)
        return small


def first_hidden(sums: Sums, below: int) -> Array:
    """Return the cells that hold 1 to n - 1 themselves, and those that are never shown."""
    is_small = (sums.count > 0) & (sums.count < below)
    return (sums.kind == NEVER_SHOWN) | ((sums.kind == NORMAL) & is_small)


def settle(sums: Sums, hidden: Array, below: int) -> Array:
    """Return more cells to hide, until no single subtraction leaves 1 to n - 1.

    What is a part of a hidden cell is hidden too. Where a subtraction would leave a small number,
    the smallest part that is shown joins it.
    """
    hidden = hidden.copy()
    while True:
        while True:
            below_hidden = (sums.above >= 0) & hidden[sums.above]
            more = below_hidden.any(axis=1) & (sums.kind == NORMAL) & ~hidden
            if not more.any():
                break
            hidden |= more
        if not len(_hide_smallest(sums, hidden, sums.small_left(hidden, below))):
            return hidden


def found_small(sums: Sums, hidden: Array, below: int) -> Array:
    """Return the hidden cells that can only be 1 to n - 1, by all sums together.

    Each bound is carried from sum to sum until none moves. A hidden cell may be anything from 0 up
    at first: that it is hidden tells nothing.
    """
    takes_part = np.bincount(sums.sum_of, hidden[sums.part], len(sums.whole)) > 0
    number = np.cumsum(takes_part) - 1
    rows = takes_part[sums.sum_of] & hidden[sums.part]
    part, sum_of = sums.part[rows], number[sums.sum_of[rows]]
    whole = sums.whole[takes_part]
    # What the shown parts hold is known, and taken off at once.
    known = sums.left(~hidden)[takes_part] - sums.overlap[takes_part]
    low = np.where(hidden, 0.0, sums.count)
    high = np.where(hidden, _NO_LIMIT, sums.count)
    n = len(whole)
    for _ in range(MOST_PASSES):
        was_low, was_high = low.copy(), high.copy()
        lows = np.bincount(sum_of, low[part], n)
        highs = np.bincount(sum_of, high[part], n)
        np.maximum.at(low, whole, lows + known)
        np.minimum.at(high, whole, highs + known)
        rest_low, rest_high = low[whole] - known, high[whole] - known
        np.minimum.at(high, part, (rest_high - lows)[sum_of] + was_low[part])
        np.maximum.at(low, part, (rest_low - highs)[sum_of] + was_high[part])
        if (low == was_low).all() and (high == was_high).all():
            break
    found: Array = hidden & (sums.kind == NORMAL) & (low >= 1) & (low == high) & (high < below)
    return found


def hide_more(sums: Sums, hidden: Array, found: Array) -> Array:
    """Return more cells to hide, so that the found ones can be something else.

    Beside each found cell the smallest part that is shown joins it; where none is shown, beside
    what it is a part of, and so on upwards.
    """
    hidden, was_hidden, asked = hidden.copy(), hidden, found
    seen = np.zeros(len(hidden), dtype=bool)
    while asked.any():
        seen |= asked
        of_asked = sums.protects & (np.bincount(sums.sum_of, asked[sums.part], len(sums.whole)) > 0)
        helped = np.zeros(len(sums.whole), dtype=bool)
        helped[_hide_smallest(sums, hidden, of_asked & ~was_hidden[sums.whole])] = True
        has_help = np.zeros(len(hidden), dtype=bool)
        has_help[sums.part[helped[sums.sum_of]]] = True
        upwards = np.zeros(len(hidden), dtype=bool)
        upwards[sums.whole[sums.sum_of[(asked & ~has_help)[sums.part]]]] = True
        asked = upwards & (sums.kind == NORMAL) & was_hidden & ~seen
    return hidden


def hide_wholes(sums: Sums, hidden: Array, found: Array) -> Array:
    """Return more cells to hide: whatever the found ones are a part of."""
    hidden = hidden.copy()
    wholes = sums.whole[sums.sum_of[found[sums.part]]]
    while True:
        wholes = np.unique(wholes[sums.kind[wholes] == NORMAL])
        fresh = wholes[~hidden[wholes]]
        if len(fresh) or not len(wholes):
            hidden[fresh] = True
            return hidden
        is_whole = np.zeros(len(hidden), dtype=bool)
        is_whole[wholes] = True
        wholes = sums.whole[sums.sum_of[is_whole[sums.part]]]


def _hide_smallest(sums: Sums, hidden: Array, is_asked: Array) -> Array:
    """Hide of each of some sums the smallest part that is shown; return the sums that had one."""
    may = (sums.kind[sums.part] == NORMAL) & ~hidden[sums.part] & (sums.count[sums.part] > 0)
    rows = np.flatnonzero(is_asked[sums.sum_of] & may)
    order = rows[np.lexsort((sums.part[rows], sums.count[sums.part[rows]], sums.sum_of[rows]))]
    sum_of = sums.sum_of[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = sum_of[1:] != sum_of[:-1]
    hidden[sums.part[order[is_first]]] = True
    had_one: Array = sum_of[is_first]
    return had_one
