"""Figures of people as sources write them: numbers, ranges, "at least 7", "dozens".

A figure that was not given is missing, never zero, and no number is made of words. Thousands are
read in groups of three only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from conflictmap.ingest.cells import Distinct, Fault, Faults, distinct_texts, shown
from conflictmap.ingest.digits import DECIMAL_SIGN, THOUSANDS_SIGN, plain

LARGEST = 100_000_000
"""More people than any figure on Afghanistan can mean; an id in the wrong column is larger."""

MISSING_CODES = (1, 9, 99)
"""What stands behind the minus of a code for "not known" (UCDP -1, GTD -9 and -99)."""

MEND = "Write a whole number such as 7, a range such as 5-7, 'at least 7', or leave it empty."

_LONGEST = 60  # characters of the longest figure with its words
_DIGITS = re.compile(r"[0-9]+(?:\.0{1,6})?")  # 5.0 is what a table of fractions makes of 5
_GROUPS = re.compile(rf"[1-9][0-9]{{0,2}}(?:([,. {THOUSANDS_SIGN}])[0-9]{{3}})(?:\1[0-9]{{3}})*")
_FRACTION = re.compile(rf"-? ?[0-9]*[.,{DECIMAL_SIGN}][0-9]+")

_AT_LEAST = (
    *("at least", "more than", "no less than", "no fewer than", "not less than", "upwards of"),
    *("over", "minimum", "min.", "min", ">=", "≥", ">"),
    *("دست کم", "دستکم", "حداقل", "بیش از", "بیشتر از", "لږ تر لږه"),
)
_AT_MOST = ("at most", "up to", "fewer than", "less than", "no more than", "<=", "≤", "<", "حداکثر")
_AROUND = (
    *("around", "about", "approximately", "approx.", "approx", "circa", "ca.", "ca", "c.", "some"),
    *("roughly", "nearly", "almost", "~", "≈", "حدود", "تقریبا", "نزدیک به", "شاوخوا"),
)
_OR_MORE = ("or more", "and more", "plus", "+")
_TO = (" to ", " تا ", "-")

_LETTERS = str.maketrans("يىك", "ییک", "\u064b")  # one spelling of a Dari word, without tanwin


@dataclass(frozen=True)
class FiguresRead:
    """The figures of a column, a row each, in the order of the column.

    ``low``, ``best`` and ``high`` are Int64, ``qualifier`` one of `schema.QUALIFIERS`, ``words``
    the cell as written where it is more than a number. A row has a qualifier, is in ``problems``,
    or gives no figure at all.
    """

    low: pd.Series
    best: pd.Series
    high: pd.Series
    qualifier: pd.Series
    words: pd.Series
    problems: Faults
    notes: tuple[str, ...]


def read_figures(values: pd.Series) -> FiguresRead:
    """Read a column of figures from text.

    ==================================  =====  ======  ======  ============
    cell                                low    best    high    qualifier
    ==================================  =====  ======  ======  ============
    7, 1,234, 1 234, ۷, 7.0             7      7       7       exactly
    5-7, 5 to 7, between 5 and 7        5              7       range
    up to 7, <7                                        7       range
    at least 7, over 7, >7, 7+          7      7               at_least
    around 7, about 7, ~7                      7               around
    dozens, several, unknown, n/a, -                           words_only
    (empty), -1, -9, -99                                       (missing)
    ==================================  =====  ======  ======  ============

    A range has no best figure, as its source gives none, so that sums by best count it among the
    rows without a figure. Fractions, other negative numbers and text with digits that is none of
    the above are problems. Where a point must be a decimal one in some cell ("2.5", "0.000"), or
    both signs stand for thousands, "1.234" has two meanings and is a problem.

    Parameters
    ----------
    values
        The cells, indexed by row.

    Returns
    -------
    FiguresRead
        Indexed like `values`.
    """
    distinct = distinct_texts(values)
    figures = distinct.read(_read_figure)
    doubtful = _doubtful_signs(frozenset().union(*(figure.signs for figure in figures)))
    figures = [
        _bad(f"{shown(text)} has two meanings beside the other numbers of its column.")
        if figure.signs & doubtful
        else figure
        for figure, text in zip(figures, distinct.texts, strict=True)
    ]
    coded = sum(len(distinct.rows([n])) for n, figure in enumerate(figures) if figure.is_code)
    faults = {n: figure.fault for n, figure in enumerate(figures) if figure.fault is not None}
    return FiguresRead(
        low=_whole_numbers(distinct, [figure.low for figure in figures]),
        best=_whole_numbers(distinct, [figure.best for figure in figures]),
        high=_whole_numbers(distinct, [figure.high for figure in figures]),
        qualifier=distinct.series([figure.qualifier for figure in figures], "str"),
        words=distinct.series(
            [
                text if figure.qualifier and figure.has_words else None
                for figure, text in zip(figures, distinct.texts, strict=True)
            ],
            "str",
        ),
        problems=distinct.faults(faults),
        notes=(f"{coded:,} cells hold -1, -9 or -99: not known.",) if coded else (),
    )


class _Figure(NamedTuple):
    low: int | None = None
    best: int | None = None
    high: int | None = None
    qualifier: str | None = None
    has_words: bool = True
    is_code: bool = False
    fault: Fault | None = None
    signs: frozenset[str] = frozenset()  # "," or "." between thousands; "decimal": a point is one


_EMPTY = _Figure()


def _read_figure(text: str) -> _Figure:
    cell = plain(text).casefold().translate(_LETTERS)
    if not cell:
        return _EMPTY
    if not any(sign.isnumeric() for sign in cell):
        return _Figure(qualifier="words_only")
    if len(cell) > _LONGEST:
        return _bad(f"{shown(text)} is not a number.")
    figure = _from_number(cell) or _from_words(cell) or _from_range(cell)
    if figure is None:
        return _no_figure(text, cell)
    ends = [end for end in (figure.low, figure.best, figure.high) if end is not None]
    if max(ends) > LARGEST:
        return _bad(f"{shown(text)} is too large for a number of people.")
    if figure.low is not None and figure.high is not None and figure.low > figure.high:
        return _bad(f"{shown(text)} is a range from the larger to the smaller number.")
    return figure


def _doubtful_signs(signs: frozenset[str]) -> frozenset[str]:
    """Return which signs in a number have two meanings, by all signs of the column."""
    if "decimal" in signs:
        return frozenset(".")
    return frozenset(",.") if signs >= {",", "."} else frozenset()


def _number(cell: str) -> tuple[int, frozenset[str]] | None:
    """Return a whole number and the sign between its thousands; None if it is none."""
    if groups := _GROUPS.fullmatch(cell):
        sign = groups.group(1)
        return int(cell.replace(sign, "")), frozenset({sign} & {",", "."})
    if _DIGITS.fullmatch(cell):
        whole, point, _ = cell.partition(".")
        return int(whole), frozenset({"decimal"} if point else ())
    return None


def _from_number(cell: str) -> _Figure | None:
    if found := _number(cell):
        number, signs = found
        return _Figure(number, number, number, "exactly", has_words=False, signs=signs)
    return None


def _from_words(cell: str) -> _Figure | None:
    """Read "at least 7", "around 7", "7+" and their like."""
    for words, qualifier in ((_AT_LEAST, "at_least"), (_AT_MOST, "range"), (_AROUND, "around")):
        for word in words:
            if cell.startswith(word) and (found := _number(cell[len(word) :].lstrip())):
                number, signs = found
                return _Figure(
                    low=number if qualifier == "at_least" else None,
                    best=None if qualifier == "range" else number,
                    high=number if qualifier == "range" else None,
                    qualifier=qualifier,
                    signs=signs,
                )
    for word in _OR_MORE:
        if cell.endswith(word) and (found := _number(cell[: -len(word)].rstrip())):
            return _Figure(found[0], found[0], None, "at_least", signs=found[1])
    return None


def _from_range(cell: str) -> _Figure | None:
    for opening, between in (("between ", " and "), ("from ", " to "), *(("", to) for to in _TO)):
        if not cell.startswith(opening):
            continue
        first, found, last = cell[len(opening) :].partition(between)
        low, high = _number(first.rstrip()), _number(last.lstrip())
        if found and low and high:
            if low[0] == high[0]:
                return _Figure(low[0], low[0], low[0], "exactly", signs=low[1] | high[1])
            return _Figure(low[0], None, high[0], "range", signs=low[1] | high[1])
    return None


def _no_figure(text: str, cell: str) -> _Figure:
    """Return a code for "not known", or why a cell with digits is no figure."""
    negative = _number(cell[1:].lstrip()) if cell.startswith("-") else None
    if negative and negative[0] in MISSING_CODES and not negative[1] & {",", "."}:
        return _Figure(is_code=True)
    if negative:
        return _bad(f"{shown(text)} is negative.")
    if _FRACTION.fullmatch(cell):
        is_point = cell.count(".") == 1
        return _bad(f"{shown(text)} is not a whole number.", {"decimal"} if is_point else set())
    return _bad(f"{shown(text)} is not a number.")


def _bad(what: str, signs: set[str] | None = None) -> _Figure:
    return _Figure(fault=Fault(what, MEND), signs=frozenset(signs or ()))


def _whole_numbers(distinct: Distinct, numbers: Sequence[int | None]) -> pd.Series:
    is_missing = np.array([number is None for number in numbers], dtype=bool)
    held = np.array([number or 0 for number in numbers], dtype=np.int64)
    whole = pd.arrays.IntegerArray(held, is_missing).take(distinct.codes)
    return pd.Series(whole, index=distinct.index)
