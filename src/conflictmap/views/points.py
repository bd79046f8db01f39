"""Incidents as marks on the map, at the precision that is known and no finer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from conflictmap.filters import IncidentFilter
from conflictmap.views.counting import figures_of
from conflictmap.views.facts import Facts

MarkKind = Literal["exact", "near", "district", "province"]


@dataclass(frozen=True)
class PointMark:
    """Incidents that share a mark: numbers and a kind, no word of a source.

    "exact" is the place itself; "near" a place known to within ``radius_km``; "district" and
    "province" stand on the unit's label point, which is no location.
    """

    kind: MarkKind
    latitude: float
    longitude: float
    radius_km: float | None
    incidents: int


def incident_points(
    facts: Facts, chosen: IncidentFilter
) -> tuple[tuple[PointMark, ...], tuple[str, ...]]:
    """Return the marks of the incidents inside a period, and the reports they come from.

    An incident with several places has a mark at each. Those abroad, and those not known even to a
    province, have none; they stand in the counts beside the map.
    """
    figures = figures_of(facts, chosen, "incidents")
    ids = figures.index[figures["standing"] == "inside"]
    told = facts.tables["incident_sources"]
    told = told[told["incident_id"].isin(ids)]
    if chosen.sources:
        told = told[told["source_id"].isin(chosen.sources)]
    order = facts.tables["sources"].sort_values("reading_order")["source_id"]
    reports = tuple(order[order.isin(told["source_id"])])
    places = facts.tables["incident_places"]
    places = places[places["incident_id"].isin(ids) & places["adm1_code"].notna()]
    marks = pd.DataFrame([_mark(facts, row) for row in places.itertuples()])
    if marks.empty:
        return (), reports
    keys = ["kind", "latitude", "longitude", "radius_km"]
    counted = marks.groupby(keys, dropna=False, sort=True).size()
    return (
        tuple(
            PointMark(kind, lat, lon, None if pd.isna(radius) else radius, int(n))
            for (kind, lat, lon, radius), n in counted.items()
        ),
        reports,
    )


def _mark(facts: Facts, place: Any) -> dict[str, object]:
    if pd.notna(place.point_latitude) and place.geo_precision in ("exact", "near"):
        kind = "exact" if place.geo_precision == "exact" else "near"
        latitude, longitude = place.point_latitude, place.point_longitude
        radius = place.precision_km if kind == "near" else None
        return {"kind": kind, "latitude": latitude, "longitude": longitude, "radius_km": radius}
    is_district = pd.notna(place.adm2_code)
    layer = facts.edition.districts if is_district else facts.edition.provinces
    code = place.adm2_code if is_district else place.adm1_code
    unit = layer[layer["adm2_code" if is_district else "adm1_code"] == code].iloc[0]
    return {
        "kind": "district" if is_district else "province",
        "latitude": float(unit["label_lat"]),
        "longitude": float(unit["label_lon"]),
        "radius_km": None,
    }
