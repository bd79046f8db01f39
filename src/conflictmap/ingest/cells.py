"""Cells of one column: read once for each distinct text, and mapped back to their rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

Read = TypeVar("Read")

SHOWN_CHARACTERS = 80

NOT_STATED = frozenset(
    (
        *("-", "--", "---", ".", "...", "?", "??", "/", "n/a", "n.a.", "na", "#n/a", "nan", "nil"),
        *("none", "null", "unknown", "unk", "unspecified", "tbc", "tbd", "undated", "no date"),
        *("not known", "not stated", "not available", "not specified", "نامعلوم", "نا معلوم"),
    )
)
"""Cells, in lower case, that say that a date or a point is not given. A figure has its own rule."""


class Fault(NamedTuple):
    """Why a cell cannot be read, and how to mend it: two sentences of a `Problem`."""

    what: str
    mend: str


Faults = dict[Hashable, Fault]
"""The faults of a column: index of the row to its fault."""


class Distinct(NamedTuple):
    """What the distinct texts of a column were read as, and which row has which."""

    texts: list[str]
    codes: np.ndarray  # for each row the position of its text
    index: pd.Index

    def read(self, parse: Callable[[str], Read]) -> list[Read]:
        """Read each distinct text once."""
        return [parse(text) for text in self.texts]

    def rows(self, positions: Sequence[int]) -> pd.Index:
        """Return the rows whose text stands at one of the positions."""
        chosen = np.zeros(len(self.texts), dtype=bool)
        chosen[list(positions)] = True
        return self.index[chosen[self.codes]]

    def faults(self, found: dict[int, Fault]) -> Faults:
        """Return the fault of each row, from the faults of the distinct texts by position."""
        chosen = np.zeros(len(self.texts), dtype=bool)
        chosen[list(found)] = True
        rows = np.flatnonzero(chosen[self.codes])
        codes = self.codes[rows].tolist()
        return {
            row: found[code] for row, code in zip(self.index[rows].tolist(), codes, strict=True)
        }

    def series(self, values: Sequence[Any] | np.ndarray, dtype: Any) -> pd.Series:
        """Return a column of the rows from one value a distinct text."""
        held = pd.array(values, dtype=dtype)
        return pd.Series(held.take(self.codes), index=self.index)


def distinct_texts(values: pd.Series) -> Distinct:
    """Return the distinct texts of a column; a missing cell is the empty text.

    A million cells of an ordinary column hold some thousands of texts: what is read once for each
    text and taken by its position costs next to nothing for a row.
    """
    filled = values if values.dtype == "str" else values.astype("object")
    codes, texts = pd.factorize(filled.fillna("") if filled.hasnans else filled)
    return Distinct([str(text) for text in texts], codes, values.index)


def shown(text: str) -> str:
    """Return a cell as a message quotes it: on one line, in quotes, cut to 80 characters."""
    kept = text[: SHOWN_CHARACTERS + 1]
    # A line break or a mark that turns the writing round would change the message about it.
    kept = "".join(sign if sign.isprintable() or sign == "\u200c" else " " for sign in kept)
    return f"'{kept}'" if len(text) <= SHOWN_CHARACTERS else f"'{kept[: SHOWN_CHARACTERS - 1]}…'"
