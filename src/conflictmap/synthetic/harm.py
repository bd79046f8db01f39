"""Who was harmed in the made-up incidents, how many, and how well each figure is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from conflictmap.synthetic.eras import (
    COMMUNITIES,
    OWN_VICTIMS,
    Weights,
    draw,
    draw_by_era,
    era_of,
    only_where,
)

SPLITS: Weights = {"none": 0.14, "one": 0.47, "two": 0.21, "all": 0.18}
"""What a source gives: no figure at all, one group, two groups, a total that is not split."""

QUALIFIERS: Weights = {
    "exactly": 0.58,
    "at_least": 0.14,
    "range": 0.12,
    "around": 0.08,
    "words_only": 0.08,
}
NO_NUMBER = "several"  # the words of a figure without a number
HARMLESS = ("ordnance_found", "defection_or_revolt")
WOUNDED_TOLD = 0.5  # share of the incidents with dead that tell of wounded too
SUBSETS = 0.03
CONTRADICTIONS = 0.02


class Happened(NamedTuple):
    """What decides who was harmed, an entry an incident."""

    day: np.ndarray
    event_type: np.ndarray
    actor: np.ndarray  # named as having done it; None: nobody is


def casualty_rows_of(
    rng: np.random.Generator, ids: pd.Series, happened: Happened, told_by: np.ndarray
) -> pd.DataFrame:
    """Return the rows of ``casualties``: at most one counted row an incident, group and harm.

    Parameters
    ----------
    told_by
        Two sources of each incident, a column each; the second is the same where there is one only.
    """
    size = len(ids)
    split = draw(rng, SPLITS, size)
    split[np.isin(happened.event_type, HARMLESS)] = "none"
    first, second = _groups(rng, happened)
    is_suicide = (happened.event_type == "suicide_attack") & (split != "all")
    tells_wounded = (split != "none") & (rng.random(size) < WOUNDED_TOLD)
    is_abduction = happened.event_type == "abduction"
    parts = [
        _part(np.isin(split, ["one", "two"]), "killed", first, _heavy(rng, size, 1.1)),
        _part(split == "two", "killed", second, _heavy(rng, size, 0.9)),
        _part(split == "all", "killed", "all", _heavy(rng, size, 1.3)),
        _part(is_suicide, "killed", "attackers", rng.integers(1, 4, size)),
        _part(tells_wounded & (split != "all"), "wounded", first, _heavy(rng, size, 1.5)),
        _part(tells_wounded & (split == "all"), "wounded", "all", _heavy(rng, size, 1.6)),
        _part(is_abduction, "abducted", "civilians", 1 + _heavy(rng, size, 0.6)),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows["source_id"] = told_by[rows["incident"], 0]
    rows["is_subset"], rows["is_counted"] = False, True
    rows = _with_ends(rng, rows)
    rows = pd.concat(
        [rows, _subsets(rng, rows), _contradictions(rng, rows, told_by)], ignore_index=True
    )
    rows = rows.sort_values("incident", kind="stable", ignore_index=True)
    number = rows.groupby("incident").cumcount() + 1
    incident_id = pd.Series(ids.to_numpy()[rows["incident"]], dtype="str")
    rows["incident_id"] = incident_id
    rows["casualty_id"] = incident_id + "-" + number.astype("str")
    return rows.drop(columns="incident")


def _groups(rng: np.random.Generator, happened: Happened) -> tuple[np.ndarray, np.ndarray]:
    """Draw two different groups an incident, of those that its day allows.

    Outside a clash nobody is said to have struck his own side.
    """
    eras = era_of(happened.day)
    first, second = (draw_by_era(rng, eras, "victims") for _ in range(2))
    own = pd.Series(happened.actor).map(OWN_VICTIMS).to_numpy(dtype=object)
    own[happened.event_type == "clash"] = None
    first = np.where(first == own, "civilians", first)
    second = np.where((second == own) | (second == first), "unknown", second)
    second = np.where(second == first, "civilians", second)
    return first, second


def _heavy(rng: np.random.Generator, size: int, mean: float) -> np.ndarray:
    """Draw figures of which most are small and a few very large; `mean` of the logarithm."""
    return np.floor(rng.lognormal(mean, 1.1, size)).astype(int)


def _part(held: np.ndarray, harm: str, group: np.ndarray | str, figure: np.ndarray) -> pd.DataFrame:
    incident = np.flatnonzero(held)
    groups = group if isinstance(group, str) else group[incident]
    return pd.DataFrame(
        {"incident": incident, "victim_group": groups, "harm": harm, "best": figure[incident]}
    )


def _with_ends(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Give each figure its qualifier, and the ends that belong to it; missing is not zero."""
    size, best = len(rows), rows["best"].to_numpy(dtype=float)
    qualifier = draw(rng, QUALIFIERS, size)
    qualifier[best == 0] = "exactly"
    less = np.floor(best * (1 - 0.4 * rng.random(size)))
    more = np.ceil(best * (1 + 0.6 * rng.random(size)))
    has_low = np.isin(qualifier, ["exactly", "at_least"])
    low = np.select([has_low, qualifier == "range"], [best, less], np.nan)
    high = np.select([qualifier == "exactly", qualifier == "range"], [best, more], np.nan)
    has_no_number = qualifier == "words_only"
    return rows.assign(
        low=pd.array(low, dtype="Float64"),
        best=pd.array(np.where(has_no_number, np.nan, best), dtype="Float64"),
        high=pd.array(high, dtype="Float64"),
        qualifier=qualifier,
        words=only_where(has_no_number, NO_NUMBER),
        community=only_where(
            (rows["victim_group"] == "civilians").to_numpy() & (rng.random(size) < 0.03),
            draw(rng, COMMUNITIES, size),
        ),
    )


def _subsets(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Return some rows "of whom children", which no sum may hold."""
    may = (rows["best"] >= 3).fillna(False) & rows["victim_group"].isin(["civilians", "all"])
    chosen = rows[may.to_numpy() & (rng.random(len(rows)) < SUBSETS)]
    part = np.floor(chosen["best"].astype(float) * rng.random(len(chosen)))
    return chosen.assign(
        low=part, best=part, high=part, qualifier="exactly", age="children", community=None
    ).assign(is_subset=True, is_counted=False)


def _contradictions(
    rng: np.random.Generator, rows: pd.DataFrame, told_by: np.ndarray
) -> pd.DataFrame:
    """Return some figures that another source gives for the same harm; they are not summed."""
    other = told_by[rows["incident"], 1]
    may = rows["best"].notna() & (other != rows["source_id"].to_numpy())
    is_chosen = may.to_numpy() & (rng.random(len(rows)) < CONTRADICTIONS)
    chosen = rows[is_chosen]
    figure = chosen["best"].astype(float) + rng.integers(1, 6, len(chosen))
    return chosen.assign(
        low=figure, best=figure, high=figure, qualifier="exactly", source_id=other[is_chosen]
    ).assign(is_counted=False)
