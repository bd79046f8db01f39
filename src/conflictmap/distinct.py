"""Rows that say the same: worked out once, and mapped back to where they stand.

A million rows of an ordinary file name some thousands of places, and a few hundred combinations of
codes. What is worked out for each distinct one, and taken by its position, costs next to nothing
for a row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd


def combinations(columns: Sequence[pd.Series | np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Number the distinct combinations of values over some columns of one length.

    Returns
    -------
    tuple of ndarray of int64
        For each row the number of its combination, and for each combination its first row's
        position; they are numbered in the order of their first rows. Missing is a value.
    """
    number = np.zeros(len(columns[0]), dtype="int64")
    for column in columns:
        codes, values = pd.factorize(column, use_na_sentinel=True)
        number = pd.factorize(number * (len(values) + 1) + codes + 1)[0].astype("int64")
    return number, first_positions(number)


def first_positions(numbers: np.ndarray) -> np.ndarray:
    """Return the position of the first row of each number, from numbers that begin at 0."""
    count = int(numbers.max(initial=-1)) + 1
    first = np.empty(count, dtype="int64")
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return first


def map_texts(values: pd.Series, function: Callable[[str], Any], dtype: str = "str") -> pd.Series:
    """Return what a function makes of each text, called once for each; missing stays missing."""
    codes, texts = pd.factorize(values)
    found = pd.array([function(str(text)) for text in texts], dtype=dtype)
    return pd.Series(found.take(codes, allow_fill=True), index=values.index)


def stripped(values: pd.Series) -> pd.Series:
    """Return texts without spaces around them; missing where there is none or it is empty."""
    return map_texts(values, lambda text: text.strip() or None)


def joined_texts(
    keys: pd.Series, texts: pd.Series, wanted: pd.Index, separator: str = ", "
) -> pd.Series:
    """Return the distinct texts of each wanted key in one line, in the order of their rows.

    Parameters
    ----------
    keys, texts
        Of one length; a missing text is none.
    wanted
        Keys, each once.

    Returns
    -------
    Series
        Indexed by `wanted`; empty where a key has no text.
    """
    place = wanted.get_indexer(pd.Index(keys))
    is_told = (place >= 0) & texts.notna().to_numpy()
    pairs = pd.DataFrame({"place": place[is_told], "text": texts.to_numpy()[is_told]})
    pairs = pairs.drop_duplicates()
    is_more = pairs.duplicated("place").to_numpy()  # few: most keys have one text
    lines = np.full(len(wanted), "", dtype=object)
    first = pairs[~is_more]
    lines[first["place"]] = first["text"]
    for at, text in pairs[is_more].itertuples(index=False, name=None):
        lines[at] += separator + text
    return pd.Series(lines, index=wanted, dtype="str")


def is_among(values: pd.Series | pd.Index, chosen: Collection[str]) -> np.ndarray:
    """Tell which texts are among the chosen: as `Series.isin`, but for very many of both."""
    held = chosen if isinstance(chosen, set | frozenset) else frozenset(chosen)
    if not held:
        return np.zeros(len(values), dtype=bool)
    texts = values.to_numpy(dtype=object)
    return np.fromiter((text in held for text in texts), dtype=bool, count=len(texts))
