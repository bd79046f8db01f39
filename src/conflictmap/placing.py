"""From what a source says of a place to the units of a boundary edition.

Points and names are read together: nothing gets a finer unit than what is stated supports, an
ambiguous name gets no unit but keeps its candidates, and what lies abroad never gets one. Each row
goes in once and comes out once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
import shapely

from conflictmap.boundaries import BoundaryEdition
from conflictmap.distinct import combinations, stripped
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

Record = TypeVar("Record")


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
    names = stated[list(TEXT_COLUMNS[:5])].assign(is_abroad=is_stated_abroad(stated["country"]))
    number, first = _alike(names, points, gazetteer)
    provinces = dict(
        zip(
            edition.provinces["adm1_code"],
            in_metres(edition.provinces.geometry.to_numpy()),
            strict=True,
        )
    )
    placements = [
        _no_finer(place_names(named, gazetteer), point.stated_precision)
        if point.adm1_code is None
        else _place_point(point, named, gazetteer, provinces, snap_km)
        for named, point in zip(
            _records(names.iloc[first], StatedNames),
            _records(points.iloc[first], _Point),
            strict=True,
        )
    ]
    placed = pd.DataFrame(
        {name: _column(placements, name, number, rows.index) for name in COMPUTED_COLUMNS},
        index=rows.index,
    )
    placed = _at_own_points(placed, points)
    has_candidates = np.array([bool(one.candidates) for one in placements], dtype=bool)
    candidates = [
        (rows.index[position], code)
        for position in np.flatnonzero(has_candidates[number]).tolist()
        for code in placements[number[position]].candidates
    ]
    return rows.assign(
        **{name: placed[name] for name in COMPUTED_COLUMNS},
        boundary_edition=pd.Series(edition.edition_id, index=rows.index, dtype="str"),
    ), pd.DataFrame(
        {
            "row": pd.Series([label for label, _ in candidates], dtype=rows.index.dtype),
            "unit_code": pd.Series([code for _, code in candidates], dtype="str"),
        }
    )


def _alike(
    names: pd.DataFrame, points: pd.DataFrame, gazetteer: Gazetteer
) -> tuple[np.ndarray, np.ndarray]:
    """Number the rows that get the same placement; see `distinct.combinations`.

    They state the same names, and their points lie in the same units. Only where a point lies
    outside the stated province does its own position count: it may be just beyond the border.
    """
    position = ["latitude", "longitude"]
    told = [*(names[name] for name in names), *(points[name] for name in points.columns[2:])]
    number, first = combinations(told)
    is_outside = np.array(
        [
            point.adm1_code is not None
            and stated_units(named, gazetteer).adm1_code not in (None, point.adm1_code)
            for named, point in zip(
                _records(names.iloc[first], StatedNames),
                _records(points.iloc[first], _Point),
                strict=True,
            )
        ],
        dtype=bool,
    )
    if not is_outside.any():
        return number, first
    counts = is_outside[number]
    return combinations([number, *(points[name].where(counts) for name in position)])


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
    """Return what is stated, with every column: text stripped, and missing where it is empty."""
    stated = {}
    for name in TEXT_COLUMNS:
        texts = rows[name] if name in rows.columns else pd.Series(None, index=rows.index)
        stated[name] = stripped(texts)
    for name in POINT_COLUMNS:
        numbers = rows[name] if name in rows.columns else pd.Series(np.nan, index=rows.index)
        stated[name] = numbers.astype("float64")
    return pd.DataFrame(stated, index=rows.index)


def _read_points(
    stated: pd.DataFrame, edition: BoundaryEdition, snap_km: float, unstated_precision: str
) -> pd.DataFrame:
    """Return the points of the rows, with the fields of `_Point` as columns."""
    said = stated["coordinate_precision"]
    unsaid = pd.Series(unstated_precision, index=stated.index, dtype="str")
    precision = said.fillna(unsaid.mask(stated["place_relation"] == "near", "near"))
    joined = assign_districts(
        stated.assign(geo_precision=precision), edition.districts, snap_km=snap_km
    )
    columns = {
        "latitude": stated["latitude"],
        "longitude": stated["longitude"],
        "stated_precision": said,
        "precision": precision,
        "is_usable": usable_points(stated),
        "adm1_code": joined["adm1_code"],
        "adm2_code": joined["adm2_code"],
        "join_method": joined["join_method"],
    }
    return pd.DataFrame(columns, index=stated.index)


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


def _at_own_points(placed: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Put what its own point decides at that point."""
    is_own = points["is_usable"] & placed["geo_precision"].isin(["exact", "near", "abroad"])
    is_own &= placed["join_method"].isin(["within", "nearest", "abroad", "province_name"])
    return placed.assign(
        point_latitude=placed["point_latitude"].mask(is_own, points["latitude"]),
        point_longitude=placed["point_longitude"].mask(is_own, points["longitude"]),
        precision_km=placed["precision_km"].mask(is_own),
    )


def _no_finer(placement: Placement, precision: str | None) -> Placement:
    """Hold a placement by names back to the precision that the source states for its point."""
    if precision == "country" and placement.geo_precision not in ("abroad", "unknown"):
        return IN_COUNTRY
    if precision in ("near", "adm1") and placement.adm2_code:
        return replace(placement, adm2_code=None, geo_precision="adm1")
    return placement


# --- columns --------------------------------------------------------------------------------------


def _records(rows: pd.DataFrame, kind: Callable[..., Record]) -> Iterable[Record]:
    """Yield the rows as records; None where a cell is missing."""
    columns = [rows[name].astype("object").where(rows[name].notna(), None) for name in rows]
    return (kind(*values) for values in zip(*columns, strict=True))


def _column(
    placements: list[Placement], name: str, number: np.ndarray, index: pd.Index
) -> pd.Series:
    kind = "float64" if name.startswith(("point_", "precision_")) else "str"
    values = pd.Series([getattr(placement, name) for placement in placements], dtype=kind)
    return pd.Series(values.array.take(number), index=index)
