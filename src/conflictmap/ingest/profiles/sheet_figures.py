"""The killed and wounded of a table of incidents, by victim group.

A table has one figure for all, perhaps its lower and upper ends, and perhaps the civilians among
them. The groups of one incident exclude each other: civilians stand apart and the rest is
"unknown", as the table leaves open who they were. Where the two figures cannot be taken from each
other, the total stands alone and the words name the civilians.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from conflictmap.ingest.model import Review
from conflictmap.ingest.numbers import FiguresRead
from conflictmap.ingest.profiles.columns import behind, joined
from conflictmap.ingest.profiles.drafting import figures, rows_of

HARMS = ("killed", "wounded")
MORE_CIVILIANS = "There are more civilians than people in all."

ENDS = ("low", "best", "high")


class Total(NamedTuple):
    """The figure for all people of each row: low, best, high, how it is qualified, its words."""

    figures: pd.DataFrame
    qualifier: pd.Series
    words: pd.Series


def figure_fields(harm: str) -> tuple[str, str, str, str]:
    """Return the fields of a harm: all, the lower and upper figure, civilians."""
    return (harm, f"{harm}_low", f"{harm}_high", f"civilians_{harm}")


def harmed(read: Mapping[str, FiguresRead], harm: str) -> list[pd.DataFrame]:
    """Return the figures of one harm.

    Parameters
    ----------
    read
        What stands in the fields of `figure_fields`, empty cells where the table lacks a column.
    """
    total = _total(read, harm)
    civilian = read[figure_fields(harm)[3]]
    best = total.figures["best"]
    is_total = total.qualifier.notna() | total.figures.notna().any(axis=1)
    is_civilian = civilian.qualifier.notna()
    fits = is_civilian & (civilian.best <= best).fillna(False)
    rest = best - civilian.best
    is_exact = (total.qualifier == "exactly") & (civilian.qualifier == "exactly")
    ends = rest.where(is_exact)
    said = _ends_words(total.figures).mask(is_exact, "")
    return [
        figures(
            is_civilian & (fits | ~is_total),
            victim_group="civilians",
            harm=harm,
            low=civilian.low,
            best=civilian.best,
            high=civilian.high,
            qualifier=civilian.qualifier,
            words=joined([civilian.words, said.where(is_total, "")]),
        ),
        figures(
            fits & (rest > 0).fillna(False),
            victim_group="unknown",
            harm=harm,
            low=ends,
            best=rest,
            high=ends,
            qualifier=pd.Series("", index=rest.index).mask(is_exact, "exactly"),
            words=joined([total.words, f"{harm} in all less the civilians" + behind(": ", said)]),
        ),
        figures(
            is_total & ~fits,
            victim_group="all",
            harm=harm,
            **{end: total.figures[end] for end in ENDS},
            qualifier=total.qualifier,
            words=joined([total.words, _civilian_words(civilian)]),
        ),
    ]


def doubts(read: Mapping[str, FiguresRead], harm: str, column: str) -> list[Review]:
    """Return the rows with more civilians than people in all: somebody must look."""
    most = read[harm].high.fillna(read[harm].best)
    civilian = read[figure_fields(harm)[3]].best
    chosen = (civilian > most).fillna(False)
    return [Review(row, column, MORE_CIVILIANS) for row in rows_of(chosen)]


def _total(read: Mapping[str, FiguresRead], harm: str) -> Total:
    every, low, high = (read[name] for name in figure_fields(harm)[:3])
    has_ends = low.best.notna() | high.best.notna()
    table = pd.DataFrame(
        {
            "low": low.best.where(has_ends, every.low),
            "best": every.best,
            "high": high.best.where(has_ends, every.high),
        }
    )
    turned = (table["low"] > table["best"]).fillna(False)
    turned |= (table["best"] > table["high"]).fillna(False)
    turned |= (table["low"] > table["high"]).fillna(False)
    is_one = (table["low"] == table["best"]) & (table["best"] == table["high"])
    both = table["low"].notna() & table["high"].notna()
    own = np.select([turned, is_one.fillna(False), both], ["", "exactly", "range"], "")
    given = pd.Series(own, index=table.index, dtype="str")
    disorder = ("published out of order: " + _ends_words(table)).where(turned, "")
    return Total(
        table,
        every.qualifier.where(~has_ends, given.mask(given == "")),
        joined([every.words, disorder]).fillna(""),
    )


def _ends_words(table: pd.DataFrame) -> pd.Series:
    parts = [f"{end} " + table[end].astype("str").fillna("not given") for end in ENDS]
    return "in all " + joined(parts, ", ").fillna("")


def _civilian_words(civilian: FiguresRead) -> pd.Series:
    text = civilian.words.fillna(civilian.best.astype("str"))
    return behind("of whom civilians: ", text)
