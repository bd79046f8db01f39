"""Synthetic facts for tests: made-up incidents on the shipped boundaries, labelled as such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from conflictmap.boundaries import BoundaryEdition, read_edition
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.summaries import LEVELS, place_bins
from conflictmap.views.facts import Facts
from tests.browser import ROOT


@lru_cache
def shipped_edition() -> BoundaryEdition:
    """Return the edition of geo/."""
    return read_edition(ROOT / "geo" / "afg-2014")


def facts_of(**tables: Iterable[Mapping[str, Any]]) -> Facts:
    """Return facts made of the given rows; tables that are not named are empty."""
    typed = {name: typed_table(table, tables.get(name, [])) for name, table in TABLES.items()}
    return Facts(
        revision=1,
        tables=typed,
        edition=shipped_edition(),
        bins={level: place_bins(typed, level) for level in LEVELS},
    )


def incident(incident_id: str, day: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a synthetic incident, on a day or undated."""
    row = {"incident_id": incident_id, "title": "synthetic", "event_type": "bombing"}
    return row | {"date_from": day, "date_to": day, "date_precision": "day"} | more


def place(incident_id: str, code: str | None, **more: Any) -> dict[str, Any]:
    """Return a place row: a district's code, a province's, "abroad", or None for not known."""
    row: dict[str, Any] = {"incident_id": incident_id, "place_no": 1, "join_method": "none"}
    if code == "abroad":
        row |= {"geo_precision": "abroad", "country": "Tajikistan"}
    elif code is None:
        row |= {"geo_precision": "unknown"}
    elif len(code) == 6:
        row |= {"geo_precision": "adm1", "adm1_code": code}
    else:
        row |= {"geo_precision": "adm2", "adm1_code": code[:6], "adm2_code": code}
    return row | more


def casualty(
    incident_id: str, group: str, harm: str, best: int | None, **more: Any
) -> dict[str, Any]:
    """Return a counted casualty row with an exact figure, or with none."""
    row = {"casualty_id": f"{incident_id}-{group}-{harm}", "incident_id": incident_id}
    row |= {"victim_group": group, "harm": harm, "source_id": "synthetic"}
    return (
        row
        | {"low": best, "best": best, "high": best, "is_subset": False, "is_counted": True}
        | more
    )


def attribution(incident_id: str, actor_id: str, kind: str, no: int = 1) -> dict[str, Any]:
    """Return a statement on who did it."""
    row = {"attribution_id": f"{incident_id}-{no}", "incident_id": incident_id}
    return row | {"actor_id": actor_id, "kind": kind, "source_id": "synthetic"}


def told(incident_id: str, source_id: str = "synthetic") -> dict[str, Any]:
    """Return what one report said of an incident."""
    return {"incident_id": incident_id, "source_id": source_id, "statement_no": 1}


def covered(source_id: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    """Return a claim to list every incident of the country between two days."""
    row = {"coverage_id": f"{source_id} {start}", "area_no": 1, "source_id": source_id}
    row |= {"measure": "incidents", "date_from": start, "date_to": end, "is_event_level": True}
    return row | {"country": "Afghanistan", "geo_precision": "country"} | more
