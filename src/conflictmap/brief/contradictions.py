"""Contradictions that rules find in the rows of single incidents.

A rule compares numbers and kinds of statement. What contradicts in words only, no rule finds: for
that, all statements on an incident are listed where there are several.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from conflictmap.brief.selection import Selection
from conflictmap.schema import label
from conflictmap.summaries import figure_words
from conflictmap.views.facts import Facts

_KEYS = ["incident_id", "victim_group", "harm"]
_ENDS = ["low", "best", "high"]


@dataclass(frozen=True)
class Contradiction:
    """Two statements on one incident that cannot both hold, or that somebody disputes."""

    incident_id: str
    what: str
    reports: str


def contradictions_of(now: Selection, facts: Facts) -> list[Contradiction]:
    """Return what contradicts inside the period in one of its parts, in the order of incidents."""
    rows = casualties_inside(now, facts)
    found = [*_parts_above_totals(rows), *_other_figures(rows), *_disordered(rows)]
    found += _disputed(now, facts)
    places = facts.index.ids.get_indexer(pd.Index([one.incident_id for one in found]))
    order = sorted(range(len(found)), key=lambda number: (places[number], number))
    return [found[number] for number in order]


def casualties_inside(now: Selection, facts: Facts) -> pd.DataFrame:
    """Return the casualty rows of the scope on incidents inside the period, of every kind.

    Parameters
    ----------
    facts
        One of the parts of the selection.
    """
    rows = facts.tables["casualties"]
    rows = rows[now.holds(rows["incident_id"])]
    if now.scope.sources:
        rows = rows[rows["source_id"].isin(now.scope.sources)]
    if now.scope.victim_groups:
        rows = rows[rows["victim_group"].isin(now.scope.victim_groups)]
    return rows


def _parts_above_totals(rows: pd.DataFrame) -> list[Contradiction]:
    """Find a part ("20 children") above the total that it is said to be of (19 killed)."""
    is_part = rows["is_subset"].fillna(False).astype(bool)
    parts = rows[is_part & rows["best"].notna()]
    totals = rows[rows["is_counted"].fillna(False).astype(bool) & rows["high"].notna()]
    totals = totals[totals["incident_id"].isin(parts["incident_id"])]
    pairs = parts.merge(totals, on=_KEYS, suffixes=("", "_of"), how="inner", validate="m:m")
    pairs = pairs[pairs["low"].fillna(pairs["best"]) > pairs["high_of"]]
    return [
        Contradiction(
            row.incident_id,
            f"{_stated(row.words, row.best)} {row.harm}"
            f" ({_words(row.low, row.best, row.high)}, a part) are more than the total that they"
            f" are part of: {_words(row.low_of, row.best_of, row.high_of)}"
            f" {row.harm} ({label(row.victim_group)}).",
            ", ".join(dict.fromkeys((row.source_id, row.source_id_of))),
        )
        for row in pairs.itertuples()
    ]


def _other_figures(rows: pd.DataFrame) -> list[Contradiction]:
    """Find figures of other statements that the counted one does not agree with."""
    rows = rows[~rows["is_subset"].fillna(False).astype(bool)]
    is_counted = rows["is_counted"].fillna(False).astype(bool)
    others = rows[~is_counted & (rows["best"].notna() | rows["low"].notna())]
    counted = rows[is_counted & rows["incident_id"].isin(others["incident_id"])]
    pairs = others.merge(counted, on=_KEYS, suffixes=("", "_of"), how="inner", validate="m:m")
    differs = pd.Series(False, index=pairs.index)
    for end in _ENDS:
        differs |= pairs[end].fillna(-1) != pairs[f"{end}_of"].fillna(-1)
    return [
        Contradiction(
            row.incident_id,
            f"{label(row.harm)}, {label(row.victim_group)}: counted"
            f" {_words(row.low_of, row.best_of, row.high_of)} ({row.source_id_of}); also stated"
            f" {_words(row.low, row.best, row.high)} ({row.source_id}).",
            ", ".join(dict.fromkeys((row.source_id_of, row.source_id))),
        )
        for row in pairs[differs].itertuples()
    ]


def _disordered(rows: pd.DataFrame) -> list[Contradiction]:
    """Find triples that are out of order; they are kept as published."""
    wrong = (rows["low"] > rows["best"]) | (rows["best"] > rows["high"])
    wrong = wrong.fillna(False) | (rows["low"] > rows["high"]).fillna(False)
    return [
        Contradiction(
            row.incident_id,
            f"{label(row.harm)}, {label(row.victim_group)}: low, best and high are out of order as"
            f" published ({_end(row.low)}, {_end(row.best)}, {_end(row.high)}).",
            row.source_id,
        )
        for row in rows[wrong].itertuples()
    ]


def _disputed(now: Selection, facts: Facts) -> list[Contradiction]:
    """Find attributions that somebody disputes."""
    rows = facts.tables["attributions"]
    rows = rows[rows["kind"] == "disputed"]
    rows = rows[now.holds(rows["incident_id"])]
    if now.scope.sources:
        rows = rows[rows["source_id"].isin(now.scope.sources)]
    actors = facts.tables["actors"]
    names = dict(zip(actors["actor_id"], actors["name"], strict=True))
    others = facts.tables["attributions"]
    others = others[
        (others["kind"] != "disputed") & others["incident_id"].isin(rows["incident_id"])
    ]
    said: dict[tuple[str, str], list[str]] = {}
    for row in others.itertuples():
        by = "" if pd.isna(row.by_whom) else f" by {row.by_whom}"
        said.setdefault((row.incident_id, row.actor_id), []).append(f"{row.kind}{by}")
    result = []
    for row in rows.itertuples():
        name = names.get(row.actor_id, row.actor_id)
        by = "" if pd.isna(row.by_whom) else f" by {row.by_whom}"
        for_it = "; ".join(dict.fromkeys(said.get((row.incident_id, row.actor_id), [])))
        other = f"{for_it}; " if for_it else ""
        result.append(
            Contradiction(row.incident_id, f"{name}: {other}disputed{by}.", row.source_id)
        )
    return result


def _words(low: object, best: object, high: object) -> str:
    if pd.isna(best) and not pd.isna(low):  # a range without a best figure
        return f"{low} to {_end(high)}"
    return figure_words(low, best, high)


def _stated(words: object, best: object) -> str:
    return f"{best}" if pd.isna(words) else f'"{words}"'


def _end(value: object) -> str:
    return "not stated" if pd.isna(value) else f"{value:,}"
