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

KINDS_KNOWN = {
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
        rows = rows[rows["kind"].isin(KINDS_KNOWN[chosen.known])]
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
