"""The scope of a published figure as a filter of ours: which incidents it would have counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period
from conflictmap.schema import HARMS, VICTIM_GROUPS
from conflictmap.views.facts import Facts

Array = np.ndarray[Any, Any]

OUR_ARITHMETIC = "our arithmetic"

IN, ELSEWHERE, NOT_PLACED = range(3)
"""Where an incident lies to some areas."""

# An actor that stands for every group of a side: "anti-Taliban fronts" are each of them.
COLLECTIVES = {"anti-taliban-groups": "anti_taliban"}

# Why no count of ours stands beside a figure.
IS_ARITHMETIC = "Our arithmetic on published figures. It has no incidents of its own."
NOT_CODED = "Not coded: incidents inside the authorities' own institutions are not among our rows."
NO_AREA = "Its area is not stated, or is not one of this boundary edition."
NO_START = "Its first day is not stated, so there is no period to count in."


@dataclass(frozen=True)
class Scope:
    """What a figure counts."""

    chosen: IncidentFilter
    measure: str
    is_unattributed: bool
    places: Array  # of each incident of the index: IN, ELSEWHERE or NOT_PLACED
    area_names: str


def why_not_counted(facts: Facts, tally: Any) -> str:
    """Return why no count of ours can have a figure's scope; empty where one can."""
    if tally.basis == OUR_ARITHMETIC:
        return IS_ARITHMETIC
    if tally.measure == "internal_incidents":
        return NOT_CODED
    areas = _areas(facts, tally)
    placed = areas["adm1_code"].notna() | (areas["geo_precision"] == "country")
    if areas.empty or not placed.all():
        return NO_AREA
    return NO_START if pd.isna(tally.date_from) else ""


def is_of_country(facts: Facts, tally: Any) -> bool:
    """Say whether a figure is about the whole country."""
    return bool((_areas(facts, tally)["geo_precision"] == "country").any())


def scope_of(facts: Facts, tally: Any, held: dict[Any, Array]) -> Scope:
    """Return the scope of a row of ``tallies``: its period, actor, victim groups and areas.

    Parameters
    ----------
    held
        What `places_in` gave for other figures: many are of the same areas.
    """
    start, end = (None if pd.isna(day) else day.date() for day in (tally.date_from, tally.date_to))
    areas = _areas(facts, tally)
    key = frozenset(_codes(areas))
    if key not in held:
        held[key] = places_in(facts, areas)
    chosen = IncidentFilter(
        period=Period(start, end),
        actors=_actors(facts, tally.actor_id),
        victim_groups=_groups(facts, tally),
    )
    return Scope(
        chosen,
        tally.measure,
        bool(tally.is_unattributed),
        held[key],
        _names(facts, areas),
    )


def places_in(facts: Facts, areas: pd.DataFrame) -> Array:
    """Say of each incident whether it lies in some areas, taken together.

    As everywhere, an incident with several places lies where all of them do.

    Parameters
    ----------
    areas
        Rows of ``tally_areas``.

    Returns
    -------
    ndarray
        `IN`, `ELSEWHERE` or `NOT_PLACED` for each incident of the index.
    """
    places = facts.places.rows
    province, district = places["adm1_code"], places["adm2_code"]
    abroad = places["geo_precision"] == "abroad"
    if (areas["geo_precision"] == "country").any():
        is_in = ~abroad & places["geo_precision"].ne("unknown") & places["geo_precision"].notna()
        is_out = abroad
    else:
        districts = set(areas["adm2_code"].dropna())
        provinces = set(areas.loc[areas["adm2_code"].isna(), "adm1_code"].dropna())
        is_in = province.isin(provinces) | district.isin(districts)
        may_hold = province.isin({code[:6] for code in districts}) & district.isna()
        is_out = abroad | (province.notna() & ~is_in & ~may_hold)
    n, incident = len(facts.index.ids), facts.places.incident
    result = np.full(n, NOT_PLACED, dtype="uint8")
    for where, holds in ((IN, is_in), (ELSEWHERE, is_out)):
        all_so = np.zeros(n + 1, dtype=bool)  # the last stands for places of no incident
        all_so[incident] = True
        all_so[incident[~holds.to_numpy(dtype=bool)]] = False
        result[all_so[:-1]] = where
    return result


def _areas(facts: Facts, tally: Any) -> pd.DataFrame:
    areas = facts.tables["tally_areas"]
    return areas[areas["tally_id"] == tally.tally_id]


def _actors(facts: Facts, actor_id: object) -> tuple[str, ...]:
    if pd.isna(actor_id):
        return ()
    if actor_id not in COLLECTIVES:
        return (str(actor_id),)
    actors = facts.tables["actors"]
    of_the_side = actors["affiliation"] == COLLECTIVES[str(actor_id)]
    return tuple(actors.loc[of_the_side, "actor_id"])


def _groups(facts: Facts, tally: Any) -> tuple[str, ...]:
    """Return the victim groups that a figure counts; empty for all.

    Where a publisher splits a total into groups and the parts add up to it, the total counts these
    groups only: 96 killed that are 73 civilians and 23 Taliban hold no attacker.
    """
    if pd.notna(tally.victim_group):
        return (tally.victim_group,)
    if tally.measure not in HARMS or pd.isna(tally.value):
        return ()
    parts = facts.tables["tallies"]
    parts = parts[parts["victim_group"].notna()]
    for name in (
        *("source_id", "publisher", "measure", "statistic", "basis", "actor_id"),
        *("is_unattributed", "date_from", "date_to"),
    ):
        value = getattr(tally, name)
        parts = parts[parts[name].isna() if pd.isna(value) else parts[name] == value]
    codes = _codes(_areas(facts, tally))
    same = [_codes(_areas(facts, part)) == codes for part in parts.itertuples()]
    parts = parts[pd.Series(same, index=parts.index, dtype="bool")]
    if parts["value"].isna().any() or parts["value"].sum() != tally.value:
        return ()
    return tuple(group for group in VICTIM_GROUPS if group in set(parts["victim_group"]))


def _codes(areas: pd.DataFrame) -> set[tuple]:
    codes = areas[["adm1_code", "adm2_code", "geo_precision"]].fillna("")
    return set(codes.itertuples(index=False, name=None))


def _names(facts: Facts, areas: pd.DataFrame) -> str:
    """Return the areas by name, as the edition spells them or, outside it, as stated."""
    names = facts.names_of("province") | facts.names_of("district")
    stated = areas["district_name"].fillna(areas["province_name"]).fillna(areas["country"])
    known = areas["adm2_code"].fillna(areas["adm1_code"]).map(names)
    return ", ".join(dict.fromkeys(known.fillna(stated).dropna()))
