"""From what a source says of a place to the units of a boundary edition.

Points and names are read together: nothing gets a finer unit than what is stated supports, an
ambiguous name gets no unit but keeps its candidates, and what lies abroad never gets one. Each row
goes in once and comes out once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from conflictmap.boundaries import BoundaryEdition
from conflictmap.districts import assign_districts, in_metres, is_stated_abroad, usable_points
from conflictmap.gazetteer import Gazetteer, build_gazetteer
from conflictmap.placements import (
    IN_COUNTRY,
    Placement,
    StatedNames,
    ambiguous,
    place_names,
    stated_units,
)

TEXT_COLUMNS = (
    "place_name",
    "place_relation",
    "district_name",
    "province_name",
    "country",
    "coordinate_precision",
)
POINT_COLUMNS = ("latitude", "longitude")


PLACING_RULES = 1
"""Version of the rules here, in `placements` and `districts`; raise it when a rule changes, so that
what older rules placed is placed again."""

COMPUTED_COLUMNS = tuple(name for name in Placement.__dataclass_fields__ if name != "candidates")


def place_rows(
    rows: pd.DataFrame,
    edition: BoundaryEdition,
    *,
    snap_km: float = 2.0,
    unstated_precision: str = "exact",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give each row the codes of the units that its stated place supports.

    A usable point decides before names do, as finely as its precision says; a point known to its
    district or province only stands back behind the names of those units. Names are read from the
    finest on: a place of the gazetteer, the district inside its stated province, the province, the
    country. A point or a name outside the stated province makes the row ambiguous.

    Parameters
    ----------
    rows
        One row per stated place. Text: ``place_name``, ``place_relation`` ("near" never gives a
        district; missing is "at"), ``district_name``, ``province_name``, ``country``. Point:
        ``latitude``, ``longitude`` (decimal degrees, WGS 84) and ``coordinate_precision`` ("exact",
        "near", "adm2", "adm1", "country"). An absent column is missing throughout.
    edition
        The boundaries, units and places to join to.
    snap_km
        How far outside the border a point may lie and take the nearest district, and outside its
        stated province and still agree with it, in km.
    unstated_precision
        What a point without ``coordinate_precision`` is taken for ("near" where the relation says
        so).

    Returns
    -------
    tuple of DataFrame
        The same rows in the same order with ``adm1_code``, ``adm2_code``, ``geo_precision``,
        ``join_method``, ``point_latitude``, ``point_longitude``, ``precision_km`` (radius around a
        point of the gazetteer, in km) and ``boundary_edition``; and the candidates of ambiguous
        rows: ``row`` (label in the index of `rows`), ``unit_code``.

        ``geo_precision`` is "near" for a place of the gazetteer whose circle lies inside one
        district. A place whose circle does not, and whatever is only "near" a named place, is
        "adm1" and keeps the point. Points that stand for a whole unit are not kept.
    """
    gazetteer = build_gazetteer(edition)
    stated = _stated_columns(rows)
    points = _read_points(stated, edition, snap_km, unstated_precision)
    provinces = dict(
        zip(
            edition.provinces["adm1_code"],
            in_metres(edition.provinces.geometry.to_numpy()),
            strict=True,
        )
    )
    placements = []
    for names, point in zip(_read_names(stated), points, strict=True):
        if point.adm1_code is None:
            placement = _no_finer(place_names(names, gazetteer), point.stated_precision)
        else:
            placement = _place_point(point, names, gazetteer, provinces, snap_km)
        if point.is_usable and placement.geo_precision in ("exact", "near", "abroad"):
            placement = _at_own_point(placement, point)
        placements.append(placement)
    placed = rows.assign(
        **{name: _column(placements, name, rows.index) for name in COMPUTED_COLUMNS},
        boundary_edition=pd.Series(edition.edition_id, index=rows.index, dtype="str"),
    )
    candidates = [
        (label, code)
        for label, placement in zip(rows.index, placements, strict=True)
        for code in placement.candidates
    ]
    return placed, pd.DataFrame(
        {
            "row": pd.Series([label for label, _ in candidates], dtype=rows.index.dtype),
            "unit_code": pd.Series([code for _, code in candidates], dtype="str"),
        }
    )


# --- points ---------------------------------------------------------------------------------------


class _Point(NamedTuple):
    """A row's own point, and the units that hold it as far as its precision tells."""

    latitude: float
    longitude: float
    stated_precision: str | None
    precision: str
    is_usable: bool
    adm1_code: str | None
    adm2_code: str | None
    join_method: str


def _stated_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what is stated, with every column: text stripped and None where missing or empty."""
    stated = {}
    for name in TEXT_COLUMNS:
        texts = rows[name] if name in rows.columns else pd.Series(None, index=rows.index)
        stated[name] = pd.Series(
            [(str(text).strip() or None) if pd.notna(text) else None for text in texts],
            index=rows.index,
            dtype="object",
        )
    for name in POINT_COLUMNS:
        numbers = rows[name] if name in rows.columns else pd.Series(np.nan, index=rows.index)
        stated[name] = numbers.astype("float64")
    return pd.DataFrame(stated, index=rows.index)


def _read_points(
    stated: pd.DataFrame, edition: BoundaryEdition, snap_km: float, unstated_precision: str
) -> Iterable[_Point]:
    said = stated["coordinate_precision"]
    unsaid = np.where(stated["place_relation"] == "near", "near", unstated_precision)
    precision = said.where(said.notna(), unsaid)
    joined = assign_districts(
        stated.assign(geo_precision=precision), edition.districts, snap_km=snap_km
    )
    columns = (
        stated["latitude"],
        stated["longitude"],
        said,
        precision,
        usable_points(stated),
        _or_none(joined["adm1_code"]),
        _or_none(joined["adm2_code"]),
        joined["join_method"],
    )
    return (_Point(*values) for values in zip(*columns, strict=True))


def _place_point(
    point: _Point,
    names: StatedNames,
    gazetteer: Gazetteer,
    provinces: dict[str, shapely.Geometry],
    snap_km: float,
) -> Placement:
    """Place a row by its own point, which lies in Afghanistan and tells at least the province."""
    named = stated_units(names, gazetteer)
    agrees = named.adm1_code in (None, point.adm1_code)
    if named.adm1_code is not None and not agrees:
        here = in_metres(np.array([shapely.Point(point.longitude, point.latitude)]))[0]
        if provinces[named.adm1_code].distance(here) > snap_km * 1000:
            return ambiguous(
                (named.adm2_code or named.adm1_code, point.adm2_code or point.adm1_code)
            )
    by_point = Placement(point.adm1_code, point.adm2_code, point.precision, point.join_method)
    # A point that stands for a whole unit may lie in a neighbour by other lines: its name knows
    # better.
    if point.precision == "adm2" and named.adm2_code:
        return named
    if point.precision in ("adm1", "near") and not agrees:
        return replace(by_point, adm1_code=named.adm1_code, join_method="province_name")
    return by_point


def _at_own_point(placement: Placement, point: _Point) -> Placement:
    if placement.join_method not in ("within", "nearest", "abroad", "province_name"):
        return placement
    return replace(
        placement, point_latitude=point.latitude, point_longitude=point.longitude, precision_km=None
    )


def _no_finer(placement: Placement, precision: str | None) -> Placement:
    """Hold a placement by names back to the precision that the source states for its point."""
    if precision == "country" and placement.geo_precision not in ("abroad", "unknown"):
        return IN_COUNTRY
    if precision in ("near", "adm1") and placement.adm2_code:
        return replace(placement, adm2_code=None, geo_precision="adm1")
    return placement


# --- columns --------------------------------------------------------------------------------------


def _read_names(stated: pd.DataFrame) -> Iterable[StatedNames]:
    texts = (stated[name] for name in TEXT_COLUMNS[:5])
    abroad = is_stated_abroad(stated["country"])
    return (StatedNames(*values) for values in zip(*texts, abroad, strict=True))


def _or_none(codes: pd.Series) -> list[str | None]:
    return [code if pd.notna(code) else None for code in codes]


def _column(placements: list[Placement], name: str, index: pd.Index) -> pd.Series:
    kind = "float64" if name.startswith(("point_", "precision_")) else "str"
    return pd.Series(
        [getattr(placement, name) for placement in placements], index=index, dtype=kind
    )
