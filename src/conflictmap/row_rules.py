"""What must hold of rows beyond their cells: dates, figures, and which casualties are counted.

The rules are those of the data model in ``docs/data.md``. They are asked of rows that a person
writes or changes; what was published before is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from conflictmap.schema import TABLES

_LABEL = re.compile(r"[A-Za-z0-9-]+")
# Prefix of the columns low, best, high, qualifier and words, by table.
_ESTIMATES = {"casualties": "", "deployments": "strength_", "claims": "value_"}
_DATES = {"actors": "first_announced_"}


class Breach(NamedTuple):
    """A row that breaks a rule: its label in the index, the column, and what to mend."""

    index: Any
    column: str
    value: str
    what: str
    mend: str


def breaches(name: str, rows: pd.DataFrame) -> Iterator[Breach]:
    """Find what contradicts itself within single rows of a table."""
    columns = TABLES[name].column_names
    dates = _DATES.get(name, "")
    for index, row in rows.iterrows():
        if f"{dates}date_from" in columns:
            yield from _of_dates(index, row, dates)
        if name in _ESTIMATES:
            yield from _of_estimate(index, row, _ESTIMATES[name])
        if name == "casualties" and row["is_subset"] and row["is_counted"]:
            what, mend = "a subset is never counted.", "Write no, or make it no subset."
            yield Breach(index, "is_counted", "yes", what, mend)
        if "latitude" in columns and pd.isna(row["latitude"]) != pd.isna(row["longitude"]):
            what, mend = "half a point is given.", "Give latitude and longitude, or neither."
            yield Breach(index, "latitude", "", what, mend)


def label_breaches(name: str, new: pd.DataFrame) -> Iterator[Breach]:
    """Find new rows whose own label holds more than letters, digits and hyphens."""
    column = TABLES[name].columns[0]
    if column.refers_to:
        return
    for index, value in new[column.name].dropna().items():
        if not _LABEL.fullmatch(str(value)):
            what = "the label holds more than letters, digits and hyphens."
            yield Breach(index, column.name, str(value), what, "Write one such as kbl-2022-09-30.")


def casualty_breaches(casualties: pd.DataFrame, changed: pd.Index) -> Iterator[Breach]:
    """Find changed rows that would count a person twice.

    Parameters
    ----------
    casualties
        All rows as they would be.
    changed
        Which of them are new or changed; only these are named.
    """
    sums = ["incident_id", "victim_group", "harm"]
    counted = casualties[casualties["is_counted"].fillna(False).astype(bool)]
    twice = counted.index[counted.duplicated(sums, keep=False)]
    for index in changed.intersection(twice):
        what = "another row of this incident, victim group and harm is counted already."
        yield Breach(index, "is_counted", "yes", what, "Write no here, or first there.")
    of = [casualties["incident_id"], casualties["harm"]]
    is_all = casualties["victim_group"] == "all"
    mixed = is_all.groupby(of).transform("any") & (~is_all).groupby(of).transform("any")
    for index in changed.intersection(casualties.index[mixed]):
        value = str(casualties.at[index, "victim_group"])
        what = "'all' stands beside parts of the same incident and harm."
        yield Breach(index, "victim_group", value, what, "Keep 'all', or the parts, not both.")


def _of_dates(index: Any, row: pd.Series, prefix: str) -> Iterator[Breach]:
    start, end, precision = (
        row[f"{prefix}{part}"] for part in ("date_from", "date_to", "date_precision")
    )
    if pd.isna(precision):
        return  # asked of the cells, where the table requires it
    is_undated = pd.isna(start) and pd.isna(end)
    is_closed = pd.notna(start) and pd.notna(end)
    if is_closed and end < start:
        what = f"the last day is before the first, {start.date()}."
        yield Breach(index, f"{prefix}date_to", str(end.date()), what, "Mend one of them.")
    if is_undated != (precision == "unknown"):
        what = "'unknown' and dates contradict each other."
        mend = "Write unknown where there is no date, and only there."
        yield Breach(index, f"{prefix}date_precision", str(precision), what, mend)
    if precision == "day" and is_closed and start < end:
        what, mend = "'day' needs the same first and last day.", "Mend the dates, or write days."
        yield Breach(index, f"{prefix}date_precision", "day", what, mend)


def _of_estimate(index: Any, row: pd.Series, prefix: str) -> Iterator[Breach]:
    figures = [row[f"{prefix}{part}"] for part in ("low", "best", "high")]
    for part, figure in zip(("low", "best", "high"), figures, strict=True):
        if pd.notna(figure) and figure < 0:
            what, mend = f"'{figure}' is below zero.", "Write a figure, or leave it empty."
            yield Breach(index, f"{prefix}{part}", str(figure), what, mend)
    low, best, high = (None if pd.isna(figure) else int(figure) for figure in figures)
    qualifier = row[f"{prefix}qualifier"]
    agrees, mend = {
        "exactly": (low == best == high is not None, "Write low, best and high the same."),
        "at_least": (low == best is not None and high is None, "Write low and best, and no high."),
        "around": (best is not None and low is high is None, "Write best, no low and no high."),
        "words_only": (low is best is high is None, "Leave low, best and high empty."),
    }.get(qualifier, (True, ""))
    if not agrees:
        what = f"the figures do not agree with '{qualifier}'."
        yield Breach(index, f"{prefix}qualifier", str(qualifier), what, mend)
