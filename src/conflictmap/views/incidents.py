"""Incidents as a table, a time line, an area's panel, and the evidence of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.distinct import combinations, joined_texts, map_texts
from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter, counted_casualties
from conflictmap.incident_index import NO_END, NO_START, day_number
from conflictmap.periods import Period, periods_between
from conflictmap.schema import HARMS, VICTIM_GROUPS, label
from conflictmap.summaries import (
    Level,
    figure_words,
    measure_incidents,
    sum_incidents,
)
from conflictmap.views.counting import figures_of
from conflictmap.views.facts import Facts

UNDATED = "undated"

SHOWN_COLUMNS = ["When", "What", "Type", "Province", "District", "Place known to", "Killed"]
SHOWN_COLUMNS += ["Wounded", "Named as perpetrator", "Reports"]
"""What a screen shows of `incident_table`; a file has all of it."""

_ENDS = ["low", "best", "high"]


@dataclass(frozen=True)
class AreaPanel:
    """What is known of one unit in a period.

    ``totals`` has a row a victim group and harm: low, best, high, incidents, not stated.
    ``incidents`` is the table of `incident_table`; ``doubt`` says where the unit's polygon is
    doubted.
    """

    code: str
    name: str
    name_fa: str
    name_ps: str
    province: str  # name of the district's province; empty for a province
    doubt: str
    totals: pd.DataFrame
    incidents: pd.DataFrame
    reports: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """One incident with what each source said, each statement on its own."""

    incident: Mapping[str, object]
    places: pd.DataFrame
    candidates: pd.DataFrame
    attributions: pd.DataFrame
    casualties: pd.DataFrame
    statements: pd.DataFrame


def incident_table(facts: Facts, ids: pd.Index) -> pd.DataFrame:
    """Return incidents as a person reads them, oldest first, those without dates last.

    Returns
    -------
    DataFrame
        Indexed by ``incident_id``: When, What, Type, Province, District, Place known to, Killed,
        Wounded, Named as perpetrator, Reports. Text of sources; show it as text only.
    """
    tables = facts.tables
    rows = _oldest_first(facts, ids)
    everything = IncidentFilter()
    figures = {
        harm: measure_incidents(tables, rows.reset_index(), everything, harm)
        for harm in ("killed", "wounded")
    }
    names = facts.names_of("province") | facts.names_of("district")
    places, told, named = (
        _of(tables[name], rows.index)
        for name in ("incident_places", "incident_sources", "attributions")
    )
    actor = named["actor_id"].map(tables["actors"].set_index("actor_id")["name"])
    kind = map_texts(named["kind"], lambda kind: kind.replace("_", " "))

    def listed(column: str, names: Mapping[str, str]) -> pd.Series:
        texts = map_texts(places[column], lambda code: names.get(code, code))
        return joined_texts(places["incident_id"], texts, rows.index)

    return pd.DataFrame(
        {
            "When": _days(rows),
            "What": rows["title"],
            "Type": rows["event_type"].map(label),
            "Province": listed("adm1_code", names),
            "District": listed("adm2_code", names),
            "Place known to": listed("geo_precision", PRECISION_NAMES),
            **{
                harm.capitalize(): [
                    figure_words(*row)
                    for row in figures[harm][_ENDS].itertuples(index=False, name=None)
                ]
                for harm in figures
            },
            "Named as perpetrator": joined_texts(
                named["incident_id"], actor + " (" + kind + ")", rows.index
            ),
            "Reports": joined_texts(told["incident_id"], told["source_id"], rows.index),
            **{
                f"{harm.capitalize()} {end}": figures[harm][end]
                for harm in figures
                for end in _ENDS
            },
        },
        index=rows.index,
    )


PRECISION_NAMES = {
    "exact": "the place itself",
    "near": "a named place",
    "adm2": "the district",
    "adm1": "the province",
    "country": "the country only",
    "abroad": "abroad",
    "unknown": "not stated",
}


def in_order(facts: Facts, ids: pd.Index) -> pd.Index:
    """Return incidents as `incident_table` has them: oldest first, those without dates last."""
    return _oldest_first(facts, ids).index


def area_panel(facts: Facts, chosen: IncidentFilter, code: str) -> AreaPanel:
    """Return the panel of a province or district.

    Raises
    ------
    QueryError
        If the edition has no such unit.
    """
    level: Level = "province" if len(code) == 6 else "district"
    layer = facts.edition.provinces if level == "province" else facts.edition.districts
    found = layer[layer["adm1_code" if level == "province" else "adm2_code"] == code]
    if found.empty:
        raise QueryError(f"This boundary edition has no unit {code}. Choose one on the map.")
    unit = found.iloc[0]
    figures = figures_of(facts, chosen, "incidents")
    inside = figures.index[figures["standing"] == "inside"]
    ids = inside[(facts.bins[level].reindex(inside) == code).to_numpy()]
    told = facts.tables["incident_sources"]
    reports = tuple(sorted(told.loc[told["incident_id"].isin(ids), "source_id"].unique()))
    return AreaPanel(
        code=code,
        name=unit["name"],
        name_fa=_text(unit["name_fa"]),
        name_ps=_text(unit["name_ps"]),
        province=facts.names_of("province")[code[:6]] if level == "district" else "",
        doubt=facts.edition.doubts.get(code, ""),
        totals=harm_totals(facts, chosen, ids),
        incidents=incident_table(facts, ids),
        reports=reports,
    )


def harm_totals(facts: Facts, chosen: IncidentFilter, ids: pd.Index) -> pd.DataFrame:
    """Return casualties by victim group and harm over some incidents.

    Returns
    -------
    DataFrame
        Columns Group, Harm, Low, Best, High (``Int64``; missing: not stated), Incidents (that name
        the group as harmed so) and No figure (how many of them gave none).
    """
    rows = counted_casualties(facts.tables, chosen)
    rows = rows[rows["incident_id"].isin(ids)]
    keys = rows["victim_group"] + "|" + rows["harm"]
    sums = sum_incidents(rows, keys)
    order = [f"{group}|{harm}" for group in VICTIM_GROUPS for harm in HARMS]
    sums = sums.loc[[key for key in order if key in sums.index]]
    return pd.DataFrame(
        {
            "Group": [label(key.split("|")[0]) for key in sums.index],
            "Harm": [label(key.split("|")[1]) for key in sums.index],
            "Low": sums["low"].array,
            "Best": sums["best"].array,
            "High": sums["high"].array,
            "Incidents": sums["n"].to_numpy(),
            "No figure": sums["not_stated"].to_numpy(),
        }
    )


def selected(facts: Facts, chosen: IncidentFilter, area: str = "") -> dict[str, pd.Index]:
    """Return the incidents that pass the filters, by how they stand to the period.

    Parameters
    ----------
    area
        Code of a unit; only incidents placed in it. Empty for all.

    Returns
    -------
    dict
        "inside", "not dated" and "outside", each an index of ``incident_id``.
    """
    figures = figures_of(facts, chosen, "incidents")
    if area:
        level: Level = "province" if len(area) == 6 else "district"
        figures = figures[(facts.bins[level].reindex(figures.index) == area).to_numpy()]
    return {
        standing: figures.index[figures["standing"] == standing]
        for standing in ("inside", "not dated", "outside")
    }


def incident_caption(facts: Facts, found: Mapping[str, pd.Index], *, with_undated: bool) -> str:
    """Return how many incidents a table holds, of which reports and revision."""
    ids = found["inside"]
    parts = [f"{len(ids)} incidents in the period."]
    if len(found["not dated"]):
        there = "also shown" if with_undated else "not shown"
        parts.append(f"{len(found['not dated'])} not dated to it, {there}.")
    if len(found["outside"]):
        parts.append(f"{len(found['outside'])} outside it.")
    told = facts.tables["incident_sources"]
    if with_undated:
        ids = ids.union(found["not dated"])
    reports = sorted(told.loc[told["incident_id"].isin(ids), "source_id"].unique())
    parts.append(f"Reports: {', '.join(reports) or 'none'}.")
    parts += [facts.sight_note] if facts.sight_note else []
    parts.append(f"Boundaries: {facts.edition.title}. Revision {facts.revision}.")
    return " ".join(parts)


def time_line(facts: Facts, ids: pd.Index) -> pd.DataFrame:
    """Return incidents by month, with those known to no month under "undated".

    Returns
    -------
    DataFrame
        Columns ``month`` (2022-12, last row "undated") and ``incidents``; every month from the
        first to the last that has one.
    """
    rows = facts.tables["incidents"].set_index("incident_id").loc[ids]
    days = pd.concat([rows["date_from"], rows["date_to"]]).dropna()
    months: tuple[Period, ...] = ()
    if len(days):
        months = periods_between(days.min().date(), days.max().date(), "month")
    in_month = _month_of(facts, ids, months)
    counts = np.bincount(in_month[in_month >= 0], minlength=len(months))
    keys = [*(month.key for month in months), UNDATED]
    undated = len(ids) - int(counts.sum())
    return pd.DataFrame({"month": keys, "incidents": [*counts.tolist(), undated]})


def _month_of(facts: Facts, ids: pd.Index, months: Sequence[Period]) -> np.ndarray[Any, Any]:
    """Return the position of the month that holds each incident wholly; -1 where none does."""
    index = facts.index
    place = index.ids.get_indexer(ids)
    starts = [day_number(month.start, 0) for month in months]
    first, last = (
        np.searchsorted(starts, days[place], side="right") - 1
        for days in (index.first_day, index.last_day)
    )
    is_dated = (index.first_day[place] != NO_START) & (index.last_day[place] != NO_END)
    return np.where(is_dated & (first == last), first, -1)


def evidence(facts: Facts, incident_id: str) -> Evidence:
    """Return one incident and all that the sources said of it.

    Raises
    ------
    QueryError
        If this revision has no such incident.
    """
    tables = facts.tables
    rows = tables["incidents"]
    found = rows[rows["incident_id"] == incident_id]
    if found.empty:
        raise QueryError(f"Revision {facts.revision} has no incident of that id.")

    def of(name: str) -> pd.DataFrame:
        table = tables[name]
        return table[table["incident_id"] == incident_id].drop(columns=["added_in"])

    candidates = tables["place_candidates"]
    candidates = candidates[
        (candidates["subject_table"] == "incident_places")
        & (candidates["subject_id"] == incident_id)
    ]
    names = facts.names_of("province") | facts.names_of("district")
    return Evidence(
        incident=found.iloc[0].to_dict(),
        places=of("incident_places"),
        candidates=candidates.assign(name=candidates["unit_code"].map(names)),
        attributions=of("attributions"),
        casualties=of("casualties"),
        statements=of("incident_sources"),
    )


def when(row: Any) -> str:
    """Return the dates of a row in words that are no more certain than they are."""
    if pd.isna(row.date_from) and pd.isna(row.date_to):
        return "no date"
    if pd.isna(row.date_from):
        return f"by {row.date_to:%Y-%m-%d}"
    if pd.isna(row.date_to):
        return f"from {row.date_from:%Y-%m-%d}"
    period = Period(row.date_from.date(), row.date_to.date())
    if row.date_from == row.date_to:
        return f"{row.date_from:%Y-%m-%d}"
    key = period.key
    return key if ".." not in key else f"{row.date_from:%Y-%m-%d} to {row.date_to:%Y-%m-%d}"


def _oldest_first(facts: Facts, ids: pd.Index) -> pd.DataFrame:
    rows = facts.tables["incidents"].set_index("incident_id").loc[ids]
    return rows.sort_values(["date_from", "date_to"], na_position="last", kind="stable")


def _days(rows: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return what `when` says of each row, worked out once for each pair of days."""
    number, first = combinations([rows["date_from"], rows["date_to"]])
    words = [when(row) for row in rows.iloc[first].itertuples()]
    return np.array(words, dtype=object)[number]


def _of(rows: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """Return the rows of some incidents, in their order."""
    return rows[ids.get_indexer(pd.Index(rows["incident_id"])) >= 0]


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
