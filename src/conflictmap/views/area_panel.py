"""What is known of one province or district in a period: its figures, incidents and reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.incident_index import IncidentIndex
from conflictmap.schema import HARMS, VICTIM_GROUPS, label
from conflictmap.views.facts import Facts
from conflictmap.views.incidents import Array, in_order, level_of, reports_on, selected

_COLUMNS = ("Group", "Harm", "Low", "Best", "High", "Incidents", "No figure")


@dataclass(frozen=True)
class AreaPanel:
    """What is known of one unit in a period.

    ``totals`` has a row a victim group and harm, see `harm_totals`. ``rows`` are those of the
    unit's incidents in the index, oldest first. ``doubt`` says where the unit's polygon is doubted.
    """

    code: str
    name: str
    name_fa: str
    name_ps: str
    province: str  # name of the district's province; empty for a province
    doubt: str
    totals: pd.DataFrame
    rows: Array
    reports: tuple[str, ...]


def area_panel(facts: Facts, chosen: IncidentFilter, code: str) -> AreaPanel:
    """Return the panel of a province or district.

    Raises
    ------
    QueryError
        If the edition has no such unit.
    """
    level = level_of(code)
    layer = facts.edition.provinces if level == "province" else facts.edition.districts
    found = layer[layer["adm1_code" if level == "province" else "adm2_code"] == code]
    if found.empty:
        raise QueryError(f"This boundary edition has no unit {code}. Choose one on the map.")
    unit = found.iloc[0]
    rows = selected(facts, chosen, code)["inside"]
    return AreaPanel(
        code=code,
        name=unit["name"],
        name_fa=_text(unit["name_fa"]),
        name_ps=_text(unit["name_ps"]),
        province=facts.names_of("province")[code[:6]] if level == "district" else "",
        doubt=facts.edition.doubts.get(code, ""),
        totals=harm_totals(facts, chosen, rows),
        rows=in_order(facts, rows),
        reports=reports_on(facts, rows),
    )


def harm_totals(facts: Facts, chosen: IncidentFilter, rows: Array) -> pd.DataFrame:
    """Return casualties by victim group and harm over some incidents, by their rows in the index.

    The rules are those of `summaries.sum_incidents`: a sum is of the figures that were given, and
    has an end only where each of them has it.

    Returns
    -------
    DataFrame
        Columns Group, Harm, Low, Best, High (``Int64``; missing: not stated), Incidents (that name
        the group as harmed so) and No figure (how many of them gave none).
    """
    index = facts.index
    is_meant = _marked(index, rows)
    groups = index.counted["victim_group"]
    places = {harm: _counted(index, chosen, harm, is_meant) for harm in HARMS}
    found: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for group in VICTIM_GROUPS:
        if group not in groups.values:
            continue
        for harm in HARMS:
            at = places[harm][groups.codes[places[harm]] == groups.values[group]]
            if len(at):
                row = (label(group), label(harm), *_sums(index, at))
                for name, value in zip(_COLUMNS, row, strict=True):
                    found[name].append(value)
    ends = {name: pd.array(found[name], dtype="Int64") for name in ("Low", "Best", "High")}
    counts = {name: np.array(found[name], dtype="int64") for name in ("Incidents", "No figure")}
    return pd.DataFrame({**found, **ends, **counts})


def _counted(index: IncidentIndex, chosen: IncidentFilter, harm: str, is_meant: Array) -> Array:
    """Return the places of the rows of a harm that a sum over some incidents uses."""
    at = index.rows_of_harm.get(harm, np.empty(0, dtype="int64"))
    at = at[is_meant[index.counted.incident[at]]]
    for column, values in (
        ("victim_group", chosen.victim_groups),
        ("source_id", chosen.sources),
    ):
        if values:
            at = at[index.counted[column].is_one_of(values)[at]]
    return at


def _sums(index: IncidentIndex, at: Array) -> Iterable[int | None]:
    """Return low, best, high, incidents and those without a figure, of rows of one group."""
    incident, is_given = index.counted.incident[at], ~np.isnan(index.ends["best"][at])
    gave_none = _marked(index, incident[~is_given])
    n = int(_marked(index, incident).sum())
    n_stated = int(_marked(index, incident[is_given]).sum())
    # "53 students and some attackers": a row without a figure leaves its incident's sum open.
    is_open = gave_none[incident[is_given]].any()
    low, best, high = (
        _sum(index.ends[end][at][is_given]) if n_stated else None for end in ("low", "best", "high")
    )
    return low, best, None if is_open else high, n, n - n_stated


def _sum(figures: Array) -> int | None:
    """Return a sum of figures; None where one is missing, which may be anything."""
    return None if np.isnan(figures).any() else int(figures.sum(dtype="float64"))


def _marked(index: IncidentIndex, rows: Array) -> Array:
    """Return whether each incident of the index is one of these."""
    marked = np.zeros(len(index.ids), dtype=bool)
    marked[rows] = True
    return marked


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
