"""Which incidents are meant: the filters that every page, command and link shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from conflictmap.periods import Period

Known = Literal["any", "claimed", "claimed_or_attributed"]
KNOWN: tuple[Known, ...] = ("any", "claimed", "claimed_or_attributed")

KNOWN_NAMES = {
    "any": "Any, or not at all",
    "claimed": "Claimed only",
    "claimed_or_attributed": "Claimed or attributed",
}

_KINDS = {
    "claimed": ("claimed",),
    "claimed_or_attributed": ("claimed", "attributed"),
}


@dataclass(frozen=True)
class IncidentFilter:
    """The chosen incidents. An empty tuple chooses all; several values of one field mean "or"."""

    period: Period = field(default_factory=Period)
    actors: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    victim_groups: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    known: Known = "any"
    sources: tuple[str, ...] = ()


def statements_on_actors(
    tables: Mapping[str, pd.DataFrame], chosen: IncidentFilter
) -> pd.DataFrame:
    """Return the attributions that count under a filter, its choice of actors aside.

    A statement that only disputes who did it names nobody.
    """
    rows = tables["attributions"]
    rows = rows[rows["kind"] != "disputed"]
    if chosen.known != "any":
        rows = rows[rows["kind"].isin(_KINDS[chosen.known])]
    if chosen.sources:
        rows = rows[rows["source_id"].isin(chosen.sources)]
    return rows


def counted_casualties(tables: Mapping[str, pd.DataFrame], chosen: IncidentFilter) -> pd.DataFrame:
    """Return the casualty rows that a sum under a filter uses, every harm."""
    rows = tables["casualties"]
    rows = rows[rows["is_counted"].fillna(False).astype(bool)]
    if chosen.victim_groups:
        rows = rows[rows["victim_group"].isin(chosen.victim_groups)]
    if chosen.sources:
        rows = rows[rows["source_id"].isin(chosen.sources)]
    return rows


def passing(tables: Mapping[str, pd.DataFrame], chosen: IncidentFilter) -> pd.DataFrame:
    """Return the incidents that pass every filter but the period, in the order of the table."""
    rows = tables["incidents"]
    keep = pd.Series(True, index=rows.index)
    ids = rows["incident_id"]
    if chosen.event_types:
        keep &= rows["event_type"].isin(chosen.event_types)
    if chosen.sources:
        told = tables["incident_sources"]
        keep &= ids.isin(told.loc[told["source_id"].isin(chosen.sources), "incident_id"])
    if chosen.victim_groups:
        keep &= ids.isin(counted_casualties(tables, chosen)["incident_id"])
    if chosen.communities:
        targets, harmed = tables["incident_targets"], tables["casualties"]
        keep &= ids.isin(
            targets.loc[targets["target_community"].isin(chosen.communities), "incident_id"]
        ) | ids.isin(harmed.loc[harmed["community"].isin(chosen.communities), "incident_id"])
    if chosen.actors or chosen.known != "any":
        named = statements_on_actors(tables, chosen)
        if chosen.actors:
            named = named[named["actor_id"].isin(chosen.actors)]
        keep &= ids.isin(named["incident_id"])
    return rows[keep]
