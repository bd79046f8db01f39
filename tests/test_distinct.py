"""Rows that say the same, numbered and worked out once."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictmap.distinct import combinations, is_among, map_texts, stripped

CELLS = st.sampled_from(["a", "b", "", None])


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, st.sampled_from([1.0, 2.0, None]))))
def test_rows_have_one_number_exactly_where_all_their_cells_are_the_same(rows):
    table = pd.DataFrame(rows, columns=["x", "y", "z"]).astype({"x": "str", "y": "str", "z": float})
    number, first = combinations([table[name] for name in table])
    seen = list(dict.fromkeys(rows))
    assert number.tolist() == [seen.index(row) for row in rows]
    assert [rows[position] for position in first] == seen


def test_each_text_is_worked_out_once_and_missing_stays_missing():
    asked = []

    def shout(text: str) -> str | None:
        asked.append(text)
        return text.upper() or None

    texts = pd.Series(["a", None, "b", "a", ""], index=[5, 6, 7, 8, 9], dtype="str")
    found = map_texts(texts, shout)
    assert asked == ["a", "b", ""]
    assert found.index.tolist() == [5, 6, 7, 8, 9]
    assert found.fillna("-").tolist() == ["A", "-", "B", "A", "-"]


def test_stripped_text_is_missing_where_nothing_is_left():
    assert stripped(pd.Series([" a ", "  ", np.nan, 3], dtype=object)).fillna("-").tolist() == [
        *("a", "-", "-", "3")
    ]


def test_texts_are_among_the_chosen_as_isin_has_it():
    texts = pd.Series(["a", None, "b"], dtype="str")
    assert is_among(texts, {"b", "c"}).tolist() == [False, False, True]
    assert is_among(texts, []).tolist() == [False, False, False]
