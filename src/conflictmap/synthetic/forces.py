"""Made-up units of the de facto authorities and where they were sent."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from conflictmap.boundaries import BoundaryEdition
from conflictmap.mark import ID_START
from conflictmap.synthetic.eras import ERAS, Weights, draw, only_where
from conflictmap.synthetic.telling import DATASET

UNITS = 24
ECHELONS = ("corps", "brigade", "battalion")
KINDS: Weights = {"deployment": 0.6, "exercise": 0.2, "formation": 0.1, "search_operation": 0.1}
INCIDENTS_A_DEPLOYMENT = 100
MOST_DEPLOYMENTS = 400


def unit_rows() -> pd.DataFrame:
    """Return the rows of ``units``: corps, brigade, battalion, each in the one before it."""
    ids = [f"{ID_START}unit-{number:02}" for number in range(1, UNITS + 1)]
    rows = []
    for number, unit_id in enumerate(ids):
        level = number % len(ECHELONS)
        rows.append(
            {"unit_id": unit_id, "name": f"Synthetic {ECHELONS[level]} {number + 1}"}
            | {"echelon": ECHELONS[level], "parent_unit_id": ids[number - 1] if level else None}
            | {"actor_id": "taliban", "source_id": DATASET}
        )
    return pd.DataFrame(rows)


def deployment_rows_of(
    rng: np.random.Generator, incidents: int, last: dt.date, edition: BoundaryEdition
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of ``deployments`` and of ``deployment_places``; none before they ruled."""
    start = np.datetime64(ERAS[-1].first_date)
    days = int((np.datetime64(last) - start).astype(int)) + 1
    size = min(MOST_DEPLOYMENTS, 10 + incidents // INCIDENTS_A_DEPLOYMENT) if days > 0 else 0
    day = start + rng.integers(0, max(days, 1), size)
    persons = 50 * rng.integers(1, 41, size)
    persons = np.where(rng.random(size) < 0.6, persons.astype(float), np.nan)
    unit = rng.integers(1, UNITS + 1, size)
    ids = np.array([f"{ID_START}deployment-{number:03}" for number in range(1, size + 1)])
    deployments = pd.DataFrame(
        {
            "deployment_id": ids,
            "unit_id": [f"{ID_START}unit-{number:02}" for number in unit],
            "actor_id": "taliban",
            "kind": draw(rng, KINDS, size),
            "title": [f"Synthetic deployment {number:03}" for number in range(1, size + 1)],
            "date_from": day,
            "date_to": np.where(rng.random(size) < 0.3, day, np.datetime64("NaT")),
            "date_precision": "day",
            "date_basis": "stated",
            **{f"strength_{end}": persons for end in ("low", "best", "high")},
            "strength_qualifier": only_where(~np.isnan(persons), "exactly"),
            "strength_unit": only_where(~np.isnan(persons), "persons"),
            "confidence": draw(rng, {"reported": 0.7, "single claim": 0.3}, size),
            "source_id": DATASET,
        }
    )
    places = pd.concat([_places(rng, ids, number, edition) for number in (1, 2)])
    return deployments, places.sort_values(["deployment_id", "place_no"], ignore_index=True)


def _places(
    rng: np.random.Generator, ids: np.ndarray, number: int, edition: BoundaryEdition
) -> pd.DataFrame:
    """Return where the units went (a district), or where they came from (a province)."""
    to_district = number == 1
    names = edition.provinces.set_index("adm1_code")["name"]
    chosen = edition.districts.iloc[rng.integers(0, len(edition.districts), len(ids))]
    return pd.DataFrame(
        {
            "deployment_id": ids,
            "place_no": number,
            "role": "destination" if to_district else "origin",
            "district_name": chosen["name"].to_numpy() if to_district else None,
            "province_name": names.loc[chosen["adm1_code"]].to_numpy(),
            "country": "Afghanistan",
            "adm1_code": chosen["adm1_code"].to_numpy(),
            "adm2_code": chosen["adm2_code"].to_numpy() if to_district else None,
            "geo_precision": "adm2" if to_district else "adm1",
            "join_method": "district_name" if to_district else "province_name",
            "boundary_edition": edition.edition_id,
            "source_id": DATASET,
        }
    )
