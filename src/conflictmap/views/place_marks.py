"""Where the places of incidents have their marks on a map: at the precision that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.boundaries import BoundaryEdition

Array = np.ndarray[Any, Any]

_KINDS = ("district", "exact", "near", "province")
_DISTRICT, _EXACT, _NEAR, _PROVINCE = range(len(_KINDS))

CELLS_DEG = (0.05, 0.1, 0.2, 0.25, 0.5)
"""Sizes of the grid in which places are added up where they are too many to be drawn singly."""


@dataclass(frozen=True)
class Cells:
    """The cells of one grid: the cell of each mark (-1: it is on a label point), their middles."""

    of_mark: Array
    latitude: Array
    longitude: Array


@dataclass(frozen=True)
class PlaceMarks:
    """Every place of an incident with its mark.

    ``incident`` and ``mark`` have an element a place: the row of its incident in the index, the
    number of its mark. The others have an element a mark: "exact" and "near" are named places,
    "district" and "province" label points; ``radius_km`` is NaN where there is none.
    """

    incident: Array
    mark: Array
    kind: Array
    is_named: Array
    latitude: Array
    longitude: Array
    radius_km: Array
    cells: Mapping[float, Cells]


def mark_places(places: pd.DataFrame, incident: Array, edition: BoundaryEdition) -> PlaceMarks:
    """Give each place its mark: the place itself, or the label point of its unit.

    Parameters
    ----------
    places
        Rows of ``incident_places``. One abroad, or not known even to a province, has no mark.
    incident
        The row of each place's incident in the index; -1 where it is not there.
    """
    is_marked = places["adm1_code"].notna().to_numpy() & (incident >= 0)
    places, incident = places[is_marked], incident[is_marked]
    has_point = places["point_latitude"].notna() & places["geo_precision"].isin(("exact", "near"))
    is_near = has_point & (places["geo_precision"] == "near")
    is_district = places["adm2_code"].notna()
    labels = pd.concat(
        [
            layer.set_index(code)[["label_lat", "label_lon"]]
            for layer, code in ((edition.provinces, "adm1_code"), (edition.districts, "adm2_code"))
        ]
    )
    label = labels.reindex(places["adm2_code"].fillna(places["adm1_code"]))
    latitude = places["point_latitude"].to_numpy("float64", na_value=np.nan)
    longitude = places["point_longitude"].to_numpy("float64", na_value=np.nan)
    radius = places["precision_km"].to_numpy("float64", na_value=np.nan)
    kind = np.select([is_near, has_point, is_district], [_NEAR, _EXACT, _DISTRICT], _PROVINCE)
    mark, first = _distinct(
        kind,
        np.where(has_point, latitude, label["label_lat"]),
        np.where(has_point, longitude, label["label_lon"]),
        np.where(is_near, radius, np.nan),
    )
    latitude = np.where(has_point, latitude, label["label_lat"])[first]
    longitude = np.where(has_point, longitude, label["label_lon"])[first]
    is_named = np.isin(kind[first], (_EXACT, _NEAR))
    return PlaceMarks(
        incident=incident,
        mark=mark,
        kind=np.array(_KINDS, dtype="object")[kind[first]],
        is_named=is_named,
        latitude=latitude,
        longitude=longitude,
        radius_km=np.where(is_near, radius, np.nan)[first],
        cells={size: _cells(latitude, longitude, is_named, size) for size in CELLS_DEG},
    )


def _distinct(*columns: Array) -> tuple[Array, Array]:
    """Return the number of each row among the distinct ones, by order, and where each first is.

    A number that is missing comes last. Columns have so few distinct values that their numbers,
    multiplied, are a number.
    """
    key = np.zeros(len(columns[0]), dtype="int64")
    for column in columns:
        codes, values = pd.factorize(column, sort=True)
        key = key * (len(values) + 1) + np.where(codes < 0, len(values), codes)
    number, keys = pd.factorize(key, sort=True)
    first = np.empty(len(keys), dtype="int64")
    first[number[::-1]] = np.arange(len(number))[::-1]
    return number, first


def _cells(latitude: Array, longitude: Array, is_named: Array, size: float) -> Cells:
    corners = [np.floor(degrees[is_named] / size) for degrees in (latitude, longitude)]
    cell, first = _distinct(*corners)
    of_mark = np.full(len(latitude), -1, dtype="int32")
    of_mark[is_named] = cell
    middle = [(corner[first] + 0.5) * size for corner in corners]
    return Cells(of_mark, *middle)
