"""Where the incidents that are in no area of a level may lie, as far as the sources say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.boundaries import BoundaryEdition
from conflictmap.summaries import LEVEL_CODES, Level

Array = np.ndarray[Any, Any]


ANYWHERE = 0
"""The row of `PossibleAreas.areas` that holds every area."""


@dataclass(frozen=True)
class PossibleAreas:
    """The areas of a level that each incident not placed at it may lie in.

    ``row`` has for each incident of the index its row of ``areas``, -1 for one that is placed at
    the level or lies abroad. ``areas`` says yes or no, a column an area by code: the areas that
    some of the incidents may lie in, those of `ANYWHERE` first.
    """

    row: Array
    areas: Array


@dataclass(frozen=True)
class Places:
    """Rows of ``incident_places``, and of ``place_candidates`` about them, as they are.

    ``incident`` and ``incident_of_candidate`` say for each the row of its incident in the index; -1
    where it is not there.
    """

    rows: pd.DataFrame
    incident: Array
    candidates: pd.DataFrame
    incident_of_candidate: Array


def find_possible_areas(
    places: Places, edition: BoundaryEdition, level: Level, is_unplaced: Array
) -> PossibleAreas:
    """Return where the incidents that are not placed at a level may lie.

    A place known only to its province may be in any of its districts, an ambiguous one in its
    candidates only, one known to no more than the country in every area. An incident with several
    places may be in any of their areas. What is abroad adds none.

    Parameters
    ----------
    is_unplaced
        Whether each incident of the index is not placed at the level.
    """
    rows, incident = places.rows, places.incident
    is_asked = (incident >= 0) & is_unplaced[incident]
    is_asked &= rows["geo_precision"].ne("abroad").to_numpy(dtype=bool)
    rows, incident = rows[is_asked], incident[is_asked]
    units, areas_of_units = _areas_of_units(edition, level)
    stated = pd.DataFrame(
        {
            "incident": incident,
            "place_no": rows["place_no"].to_numpy("int64"),
            "at_level": units.get_indexer(rows[LEVEL_CODES[level]]),
            "in_province": units.get_indexer(rows["adm1_code"]),
        }
    )
    candidates = pd.DataFrame(
        {
            "incident": places.incident_of_candidate,
            "place_no": places.candidates["place_no"].to_numpy("int64"),
            "candidate": units.get_indexer(places.candidates["unit_code"]),
        }
    )
    stated = stated.merge(
        candidates, how="left", on=["incident", "place_no"], validate="one_to_many"
    )
    coarser = stated["candidate"].fillna(stated["in_province"]).astype("int64")
    stated["unit"] = stated["at_level"].where(stated["at_level"] >= 0, coarser)
    stated = stated[["incident", "unit"]].drop_duplicates()

    # A unit that is not known is -1, so its row is that of anywhere.
    areas = [np.ones(areas_of_units.shape[1], dtype=bool), *areas_of_units]
    row = np.where(is_unplaced, ANYWHERE, -1)
    has_several = stated["incident"].duplicated(keep=False)
    row[stated.loc[~has_several, "incident"]] = stated.loc[~has_several, "unit"] + 1
    known: dict[bytes, int] = {areas[ANYWHERE].tobytes(): ANYWHERE}
    for number, own in stated[has_several].groupby("incident")["unit"]:
        together = np.any([areas[unit + 1] for unit in own], axis=0)
        key = together.tobytes()
        if key not in known:
            known[key] = len(areas)
            areas.append(together)
        row[number] = known[key]
    return PossibleAreas(row, np.array(areas))


def _areas_of_units(edition: BoundaryEdition, level: Level) -> tuple[pd.Index, Array]:
    """Return the codes of all units, and for each the areas of a level in it or that it is in."""
    provinces = edition.provinces["adm1_code"].to_numpy(dtype="object")
    of_district = edition.districts["adm1_code"].to_numpy(dtype="object")
    is_in = provinces[:, None] == of_district  # a row a province, a column a district
    if level == "district":
        areas = np.concatenate([is_in, np.eye(len(of_district), dtype=bool)])
    else:
        areas = np.concatenate([np.eye(len(provinces), dtype=bool), is_in.T])
    return pd.Index([*provinces, *edition.districts["adm2_code"]]), areas
