"""The dead of UCDP's events, by victim group.

UCDP gives the best estimate of the dead of side A, of side B, of civilians and of those not known,
and low, best and high for the event as a whole. Low and high are therefore the event's alone:

- all dead belong to one of our groups, or there are none: one row with low, best and high as
  published, also where they are out of order, which the words then say;
- they belong to several groups: a row a group with ``best`` alone, and the published three figures
  in its words. No low or high is worked out, so none of one group meets the best of another;
- the parts do not add up to ``best``: one row for `all`, the parts in its words.

So the best figures of an event always add up to its ``best``, and 0 is a reported none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from conflictmap.errors import Problem
from conflictmap.ingest.numbers import FiguresRead, read_figures
from conflictmap.ingest.profiles.columns import Cells, joined
from conflictmap.ingest.profiles.drafting import figures

PARTS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
TOTALS = ("low", "best", "high")


@dataclass(frozen=True)
class DeathsRead:
    """Figures of the rows (`model.CASUALTY_COLUMNS`), what could not be read, and counts."""

    casualties: list[pd.DataFrame]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def read_deaths(cells: Cells, side_a: pd.DataFrame, side_b: pd.DataFrame) -> DeathsRead:
    """Return the dead of each event.

    Parameters
    ----------
    cells
        Rows of a UCDP GED file. The website's export has ``best_est``, ``high_est``, ``low_est``.
    side_a, side_b
        `actors.sides` of the same rows.
    """
    names = {name: f"{name}_est" if f"{name}_est" in cells else name for name in TOTALS}
    read = {name: read_figures(cells.text(name)) for name in (*PARTS, *names.values())}
    problems = [
        problem
        for name, figure in read.items()
        for problem in cells.problems(name, figure.problems)
    ]
    totals = pd.DataFrame({name: read[column].best for name, column in names.items()})
    parts = pd.DataFrame({name: read[name].best for name in PARTS})
    groups = _by_group(cells, parts, side_a, side_b)

    adds_up = parts.notna().all(axis=1) & (parts.sum(axis=1) == totals["best"]).fillna(False)
    number = groups.groupby("row").size().reindex(cells.index, fill_value=0)
    is_single = pd.Series(adds_up & (number == 1), index=cells.index)
    is_split = pd.Series(adds_up & (number > 1), index=cells.index)
    has_total = totals.notna().any(axis=1)
    words = _words(totals)

    single = groups[groups["row"].isin(cells.index[is_single])].set_index("row", drop=False)
    single = single.assign(
        **{name: totals[name].reindex(single.index) for name in TOTALS},
        qualifier=_qualifiers(totals).reindex(single.index),
        words=joined([single["words"], words["disorder"].reindex(single.index)]),
    )
    split = groups[groups["row"].isin(cells.index[is_split])].set_index("row", drop=False)
    split = split.assign(words=joined([split["words"], words["triple"].reindex(split.index)]))
    unsplit = figures(
        has_total & ~is_single & ~is_split,
        victim_group="all",
        **{name: totals[name] for name in TOTALS},
        qualifier=_qualifiers(totals),
        words=joined([_parts_words(parts).mask(adds_up, ""), words["disorder"]]),
    )
    return DeathsRead(
        [part.assign(harm="killed") for part in (single, split, unsplit)],
        tuple(problems),
        (*_notes(totals, has_total & ~adds_up), *_coded(read)),
    )


def _by_group(
    cells: Cells, parts: pd.DataFrame, side_a: pd.DataFrame, side_b: pd.DataFrame
) -> pd.DataFrame:
    """Return the best figure of each row and victim group that has any dead, with who they were."""
    whose = {
        "deaths_a": (side_a["victim_group"], cells.text("side_a")),
        "deaths_b": (side_b["victim_group"], cells.text("side_b")),
        "deaths_civilians": ("civilians", "civilians"),
        "deaths_unknown": ("unknown", "not told"),
    }
    tables = []
    for name, (group, of_whom) in whose.items():
        has_any = (parts[name] > 0).fillna(False)
        part = figures(has_any, victim_group=group, best=parts[name])
        said = pd.Series(of_whom, index=cells.index).reindex(part.index)
        tables.append(part.assign(words=said + ": " + part["best"].astype("str")))
    every = pd.concat(tables, ignore_index=True)
    # A side we have no group for and the dead that nobody told apart are "unknown" alike.
    return every.groupby(["row", "victim_group"], as_index=False, sort=True).agg(
        best=("best", "sum"), words=("words", ", ".join)
    )


def _words(totals: pd.DataFrame) -> pd.DataFrame:
    """Return the published figures in words, and those that are out of order."""
    text = {name: totals[name].astype("str").fillna("not given") for name in TOTALS}
    triple = "low " + text["low"] + ", best " + text["best"] + ", high " + text["high"]
    return pd.DataFrame(
        {
            "triple": "the event as a whole: " + triple,
            "disorder": ("published out of order: " + triple).where(_is_disordered(totals), ""),
        }
    )


def _parts_words(parts: pd.DataFrame) -> pd.Series:
    text = [f"{name} " + parts[name].astype("str").fillna("not given") for name in PARTS]
    return "the parts do not add up to it: " + joined(text, ", ")


def _is_disordered(totals: pd.DataFrame) -> pd.Series:
    turned = (totals["low"] > totals["best"]).fillna(False)
    turned |= (totals["best"] > totals["high"]).fillna(False)
    return turned | (totals["low"] > totals["high"]).fillna(False)


def _qualifiers(totals: pd.DataFrame) -> pd.Series:
    is_exact = (totals["low"] == totals["best"]) & (totals["best"] == totals["high"])
    is_range = totals.notna().all(axis=1) & ~_is_disordered(totals)
    values = np.select([is_exact.fillna(False), is_range], ["exactly", "range"], "")
    return pd.Series(values, index=totals.index, dtype="str")


def _notes(totals: pd.DataFrame, is_odd: pd.Series) -> list[str]:
    low, best, high = (totals[name] for name in TOTALS)
    counts = [
        (int((low > best).sum()), "events have low above best; kept as published"),
        (int((best > high).sum()), "events have best above high; kept as published"),
        (int(is_odd.sum()), "events have parts that do not add up to best; taken as one total"),
    ]
    return [f"{number:,} {words}." for number, words in counts if number]


def _coded(read: dict[str, FiguresRead]) -> list[str]:
    return [f"{name}: {note}" for name, figure in read.items() for note in figure.notes]
