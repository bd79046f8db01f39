"""The evidence of one incident: what each source said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from conflictmap.errors import QueryError
from conflictmap.views.facts import Facts


@dataclass(frozen=True)
class Evidence:
    """One incident with what each source said, each statement on its own."""

    incident: Mapping[str, object]
    places: pd.DataFrame
    candidates: pd.DataFrame
    attributions: pd.DataFrame
    casualties: pd.DataFrame
    statements: pd.DataFrame


def evidence(facts: Facts, incident_id: str) -> Evidence:
    """Return one incident and all that the sources said of it.

    Raises
    ------
    QueryError
        If this revision has no such incident.
    """
    tables = facts.of(pd.Index([incident_id], name="incident_id")).tables
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
