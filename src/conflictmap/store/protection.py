"""Exact places that those of coarse sight are not given: homes, schools, clinics, persons, victims.

A point that a source gave stays only where the incident is surely none of these: armed men harmed
at an armed men's post. All else is known to them as far as its district. The points of towns come
from the gazetteer, are public and stay, with how far off they may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

ARMED_GROUPS: Final = ("taliban", "republic_forces", "anti_taliban", "iskp", "attackers")
"""Victim groups that are a party; any other may be, or hold, civilians."""

ARMED_TARGETS: Final = ("outpost", "border_post", "armed_group")
"""Targets that are a party's own. All others are places of other people, or persons."""

PERSONAL_EVENTS: Final = ("assassination", "execution", "abduction")
"""Types of incident that are about a person, who may be named."""

POINT_COLUMNS: Final = ["latitude", "longitude", "point_latitude", "point_longitude"]
FINER_WORDS: Final = ["place_words", "coordinate_precision", "original_precision"]
"""What says more of a place than its name: ward, building, direction; what its point stands for."""

OF_PLACES: Final = {
    "incidents": ["event_type"],
    "incident_places": [
        *POINT_COLUMNS,
        *FINER_WORDS,
        *("precision_km", "geo_precision", "adm1_code", "adm2_code"),
    ],
    "incident_targets": ["target_type", "target_community"],
    "casualties": ["victim_group", "harm", "community", "age"],
}
"""Columns that decide which places of incidents are withheld, or are withheld with them."""


def unprotected_incidents(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Return the incidents that surely concern armed parties only, by what the tables hold.

    An incident of which no report says whom it harmed is not among them.
    """
    incidents, harmed = tables["incidents"], tables["casualties"]
    targets = tables["incident_targets"]
    is_other = ~harmed["victim_group"].isin(ARMED_GROUPS) | harmed["harm"].eq("abducted")
    is_other |= harmed["community"].notna() | harmed["age"].isin(("children", "teenagers"))
    is_place = ~targets["target_type"].isin(ARMED_TARGETS) | targets["target_community"].notna()
    is_personal = incidents["event_type"].isin(PERSONAL_EVENTS)
    return (
        (set(harmed["incident_id"]) & set(incidents["incident_id"]))
        - set(harmed.loc[is_other, "incident_id"])
        - set(targets.loc[is_place, "incident_id"])
        - set(incidents.loc[is_personal, "incident_id"])
    )


def without_exact_places(
    tables: Mapping[str, pd.DataFrame], unprotected: set[str]
) -> dict[str, pd.DataFrame]:
    """Return the tables of places without the points and finer words that are withheld.

    Of deployments every point that a source gave is withheld: who is told where a unit lies to the
    metre is told where the houses around it are.
    """
    deployed = tables["deployment_places"]
    return {
        "incident_places": coarser_places(tables["incident_places"], unprotected),
        "deployment_places": _coarser(deployed, _is_given(deployed), _is_given(deployed)),
    }


def coarser_places(places: pd.DataFrame, unprotected: set[str]) -> pd.DataFrame:
    """Return places of incidents without what is withheld, from the columns of `OF_PLACES`."""
    is_protected = ~places["incident_id"].isin(unprotected)
    return _coarser(places, is_protected, is_protected & _is_given(places))


def _is_given(places: pd.DataFrame) -> pd.Series:
    """Say which places have a point of the source's own."""
    stated = places[["coordinate_precision", "latitude", "longitude"]].notna().any(axis=1)
    return stated | places["geo_precision"].eq("exact")


def _coarser(places: pd.DataFrame, of_words: pd.Series, of_point: pd.Series) -> pd.DataFrame:
    """Return places without finer words, and without points, where each is withheld.

    The name of a place stays: it is a town's, a village's or a quarter's, it is what the report
    itself prints, and without it nobody could find the incident in the report again. A report that
    names a house is restricted.
    """
    changed = {name: places[name].mask(of_words) for name in FINER_WORDS}
    points = [*POINT_COLUMNS, "precision_km"]
    changed |= {name: places[name].mask(of_point) for name in points}
    level = np.select(
        [places["adm2_code"].notna(), places["adm1_code"].notna()], ["adm2", "adm1"], "unknown"
    )
    is_finer = of_point & places["geo_precision"].isin(("exact", "near"))
    known_to = pd.Series(level, index=places.index, dtype="str")
    changed["geo_precision"] = places["geo_precision"].mask(is_finer, known_to)
    return places.assign(**changed)
