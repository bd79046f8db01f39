"""Counts and sums: each incident in exactly one bin, missing never taken for zero.

The bins under any filter are: an area, not placed at this level, abroad; not dated to the period;
outside the period. `place_bins` and `periods.standing_in` decide them, once, for every screen and
export.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
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
    places, code = tables["incident_places"], LEVEL_CODES[level]
    ids = pd.Index(tables["incidents"]["incident_id"])
    row = ids.get_indexer(pd.Index(places["incident_id"]))
    units, codes = pd.factorize(places[code])
    is_abroad = places["geo_precision"].eq("abroad").fillna(False).to_numpy(dtype=bool)
    row, units, is_abroad = (values[row >= 0] for values in (row, units, is_abroad))

    def has(which: np.ndarray) -> np.ndarray:
        """Return whether each incident has one of these places."""
        found = np.zeros(len(ids), dtype=bool)
        found[row[which]] = True
        return found

    lowest, highest = np.full(len(ids), len(codes)), np.full(len(ids), -1)
    np.minimum.at(lowest, row, units)
    np.maximum.at(highest, row, units)
    placed = has(units >= 0) & ~has((units < 0) | is_abroad) & (lowest == highest)
    bins = np.full(len(ids), NOT_PLACED, dtype="object")
    bins[placed] = np.asarray(codes, dtype="object")[highest[placed]]
    bins[has(is_abroad) & ~has(~is_abroad)] = ABROAD
    return pd.Series(bins, index=ids, dtype="object")


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
    sums = _figures_of_one(rows, rows["incident_id"]).reindex(ids)
    sums["is_stated"] = sums["is_stated"].fillna(False).astype(bool)
    return sums


def sum_incidents(rows: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Sum casualty rows over groups, where an incident may have several rows in a group.

    Parameters
    ----------
    rows
        Rows of ``casualties``, such as those of one harm.
    groups
        The group of each row, same index.

    Returns
    -------
    DataFrame
        As of `sum_figures`; ``n`` and ``not_stated`` count incidents.
    """
    pairs = groups + "\x1f" + rows["incident_id"]
    figures = _figures_of_one(rows, pairs)
    group_of = groups.groupby(pairs).first()
    return sum_figures(figures, group_of.reindex(figures.index))


def _figures_of_one(rows: pd.DataFrame, incidents: pd.Series) -> pd.DataFrame:
    """Return low, best, high and is_stated of each incident, or part of one, from its rows."""
    sums = sum_figures(summed_figures(rows), incidents)
    # "53 students and some attackers" has no upper end either.
    sums["high"] = sums["high"].where(sums["not_stated"] == 0)
    return sums[["low", "best", "high", "is_stated"]]


def summed_figures(rows: pd.DataFrame) -> pd.DataFrame:
    """Return casualty rows with the figures that a sum uses of them.

    A lower figure without a best one, as of a range "5 to 7", is in a sum "at least 5": low and
    best are 5 and there is no upper end, as for a source that says "at least". Who reads the row
    itself reads 5 to 7.

    Parameters
    ----------
    rows
        ``low``, ``best``, ``high``, a row a figure.

    Returns
    -------
    DataFrame
        The same rows and columns, with ``is_stated``: whether there is a figure to sum.
    """
    is_least = rows["best"].isna() & rows["low"].notna()
    best = rows["best"].mask(is_least, rows["low"])
    high = rows["high"].mask(is_least)
    return rows.assign(best=best, high=high, is_stated=best.notna())


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


def sum_of_all(figures: pd.DataFrame) -> tuple[int | None, int | None, int | None]:
    """Return low, best and high of all rows: what `sum_figures` says of one group, faster.

    An end is None where some row that gives a figure has none, or where no row gives a figure.
    """
    is_stated = figures["is_stated"].to_numpy(dtype=bool)

    def end(name: str) -> int | None:
        given = figures[name].to_numpy(dtype="float64", na_value=np.nan)[is_stated]
        return int(given.sum()) if len(given) and not np.isnan(given).any() else None

    return end("low"), end("best"), end("high")


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
