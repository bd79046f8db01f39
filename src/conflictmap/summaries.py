"""Counts and sums: each incident in exactly one bin, missing never taken for zero.

The bins under any filter are: an area, not placed at this level, abroad; not dated to the period;
outside the period. `place_bins` and `periods.standing_in` decide them, once, for every screen and
export.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from conflictmap.filters import IncidentFilter, counted_casualties

Level = Literal["province", "district"]
LEVELS: tuple[Level, ...] = ("province", "district")
LEVEL_CODES = {"province": "adm1_code", "district": "adm2_code"}

NOT_PLACED = "not_placed"
ABROAD = "abroad"


def place_bins(tables: Mapping[str, pd.DataFrame], level: Level) -> pd.Series:
    """Give each incident its bin at a level.

    An incident with several places is placed only where they all lie in the same unit: it is one
    incident and colours one area or none.

    Returns
    -------
    Series
        Indexed by ``incident_id``, every incident once: a unit code, `NOT_PLACED` or `ABROAD`.
    """
    places = tables["incident_places"]
    code = LEVEL_CODES[level]
    by_incident = places.assign(is_abroad=places["geo_precision"] == "abroad").groupby(
        "incident_id"
    )
    units = by_incident[code].agg(_only)
    bins = pd.Series(NOT_PLACED, index=tables["incidents"]["incident_id"], dtype="object")
    placed = units[units.notna() & ~by_incident["is_abroad"].any()]
    bins.loc[placed.index] = placed
    abroad = by_incident["is_abroad"].all()
    bins.loc[abroad.index[abroad]] = ABROAD
    return bins


def measure_incidents(
    tables: Mapping[str, pd.DataFrame],
    incidents: pd.DataFrame,
    chosen: IncidentFilter,
    measure: str,
) -> pd.DataFrame:
    """Return what each incident adds to a measure.

    Parameters
    ----------
    incidents
        Rows of ``incidents``.
    measure
        "incidents", or a harm of `schema.HARMS`.

    Returns
    -------
    DataFrame
        Indexed by ``incident_id``, every incident once: ``low``, ``best``, ``high`` (``Int64``;
        missing: not stated) and ``is_stated``, whether it gave a figure at all.
    """
    ids = pd.Index(incidents["incident_id"], name="incident_id")
    if measure == "incidents":
        ones = pd.Series(1, index=ids, dtype="Int64")
        stated = pd.Series(True, index=ids)
        return pd.DataFrame({"low": ones, "best": ones, "high": ones, "is_stated": stated})
    rows = counted_casualties(tables, chosen)
    rows = rows[rows["harm"] == measure]
    rows = rows.assign(is_stated=rows["best"].notna())
    sums = sum_figures(rows, rows["incident_id"])
    # "53 students and some attackers" has no upper end either.
    sums["high"] = sums["high"].where(sums["not_stated"] == 0)
    sums = sums[["low", "best", "high", "is_stated"]].reindex(ids)
    sums["is_stated"] = sums["is_stated"].fillna(False).astype(bool)
    return sums


def sum_figures(figures: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Sum low, best and high over groups of rows.

    The sum is over the rows that give a figure. It has a lower (an upper) end only where each of
    them gives one: "at least 53" has no upper end, so no sum that holds it has one.

    Parameters
    ----------
    figures
        ``low``, ``best``, ``high`` and ``is_stated``, a row a figure.
    groups
        The group of each row, same index. Rows whose group is missing are left out.

    Returns
    -------
    DataFrame
        Indexed by group: ``low``, ``best``, ``high``, ``n`` rows, ``not_stated`` rows without a
        figure and ``is_stated``, whether any row gave one.
    """
    ends = ["low", "best", "high"]
    given = figures.loc[figures["is_stated"], ends].astype("Float64")
    by_group = given.groupby(groups)
    # A sum with a missing part is missing: the part may be anything.
    totals = by_group.sum().mask(given.isna().groupby(groups).any())
    counted = figures["is_stated"].groupby(groups).agg(["size", "sum"])
    result = totals.reindex(counted.index).astype("Int64")
    result["n"] = counted["size"].astype("int64")
    result["not_stated"] = (counted["size"] - counted["sum"]).astype("int64")
    result["is_stated"] = counted["sum"] > 0
    return result


def figure_words(low: Any, best: Any, high: Any) -> str:
    """Return a figure in words that are no more certain than it is; empty where none was given.

    "at least 53" has no upper end, "about 140" no end at all; "3 to 5 (best 4)" has both.
    """
    if pd.isna(best):
        return ""
    if pd.isna(low):
        return f"about {best:,}"
    if pd.isna(high):
        return f"at least {low:,}{_best(low, best)}"
    return f"{best:,}" if low == best == high else f"{low:,} to {high:,}{_best(low, best)}"


def _best(low: Any, best: Any) -> str:
    return "" if low == best else f" (best {best:,})"


def _only(values: pd.Series) -> object:
    """Return the one value that all rows share; missing where they differ or one has none."""
    return values.iloc[0] if values.notna().all() and values.nunique() == 1 else None
