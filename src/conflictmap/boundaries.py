"""Boundary editions: the provinces and districts of one year, with their names and places.

An edition is a folder of ``geo/``: a TopoJSON layer, a table of units, a gazetteer and the source
card ``edition.yaml`` that says where they come from. Incidents keep the edition they joined.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml

from conflictmap.errors import LayerError

Level = Literal["district", "province", "country"]

WGS84 = "EPSG:4326"
METRIC_CRS = "+proj=aea +lat_1=30 +lat_2=37.5 +lat_0=34 +lon_0=66 +datum=WGS84 +units=m +no_defs"
"""Albers equal area over Afghanistan, in metres: lengths are true to some 0.3 % everywhere."""

# Visvalingam-Whyatt tolerance in degrees, and decimals, of what the browser draws: no line moves by
# 2 km, most by a few hundred metres, and the 398 districts weigh about 90 kB gzipped.
WEB_TOLERANCE = 0.0102
WEB_DECIMALS = 3

_CARD = "edition.yaml"
_TEXTS = ("edition_id", "title", "producer", "licence", "url", "citation", "disclaimer")
_NEEDED = (*_TEXTS, "year", "counts", "layers", "units", "places", "sha256", "doubts")
_NUMBERS = (
    "level",
    "label_lon",
    "label_lat",
    "area_km2",
    "lat",
    "lon",
    "precision_km",
    "same_name",
)


@dataclass(frozen=True, eq=False)
class BoundaryEdition:
    """One edition of boundaries, units and places. Its tables are shared: copy before changing.

    ``districts``, ``provinces`` and ``country`` are in EPSG:4326, valid and sorted by code, with
    ``name`` (the usual English spelling); units also with ``name_fa``, ``name_ps``, ``area_km2``,
    ``label_lon`` and ``label_lat`` (a point inside the unit for its label). Districts carry
    ``adm1_code`` and ``adm2_code``, provinces ``adm1_code`` and ``capital``. ``units`` and
    ``places`` are the tables ``admin_units.csv`` and ``places.csv``, see ``geo/README.md``.
    ``doubts`` gives a sentence for the panel of each unit whose polygon or name is in doubt.
    """

    edition_id: str
    title: str
    year: int
    producer: str
    licence: str
    url: str
    citation: str
    disclaimer: str
    districts: gpd.GeoDataFrame
    provinces: gpd.GeoDataFrame
    country: gpd.GeoDataFrame
    units: pd.DataFrame
    places: pd.DataFrame
    doubts: Mapping[str, str]


def read_edition(folder: Path) -> BoundaryEdition:
    """Read the boundary edition of a folder; the second read of a folder costs nothing.

    Parameters
    ----------
    folder
        A folder with ``edition.yaml`` and the files it names.

    Raises
    ------
    LayerError
        If a file is missing or cannot be read, the layer is in another CRS than EPSG:4326, or its
        codes are not those of the table of units.
    """
    return _read_edition(Path(folder).resolve())


def read_card(folder: Path) -> dict[str, Any]:
    """Read the source card of an edition: every field of its ``edition.yaml``."""
    path = Path(folder) / _CARD
    try:
        card = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise LayerError(
            f"{_where(path)}: the source card cannot be read ({type(error).__name__}). "
            "Give each edition a folder with an edition.yaml such as that of geo/afg-2014."
        ) from error
    missing = [key for key in _NEEDED if not isinstance(card, dict) or key not in card]
    if missing:
        raise LayerError(
            f"{_where(path)}: the source card lacks {', '.join(missing)}. "
            "Add what is missing as in geo/afg-2014/edition.yaml."
        )
    return card


@lru_cache(maxsize=16)
def geometry_for_web(edition: BoundaryEdition, level: Level) -> bytes:
    """Return a level as GeoJSON for the browser: light, seamless and the same bytes each time.

    All levels are drawn from the same simplified lines, so province lines lie on district lines. A
    feature has the properties ``c`` (unit code) and ``n`` (English name) only.

    Parameters
    ----------
    edition
        The edition to draw.
    level
        "district", "province" or "country".
    """
    districts = edition.districts
    shapes = shapely.coverage_simplify(districts.geometry.to_numpy(), WEB_TOLERANCE)
    if level == "district":
        units = zip(districts["adm2_code"], districts["name"], shapes, strict=True)
    elif level == "province":
        provinces = edition.provinces
        inside = [(districts["adm1_code"] == code).to_numpy() for code in provinces["adm1_code"]]
        dissolved = [shapely.coverage_union_all(shapes[held]) for held in inside]
        units = zip(provinces["adm1_code"], provinces["name"], dissolved, strict=True)
    else:
        country = edition.country
        units = zip(
            country["code"], country["name"], [shapely.coverage_union_all(shapes)], strict=True
        )
    features = [
        {"type": "Feature", "properties": {"c": code, "n": name}, "geometry": _rounded(shape)}
        for code, name, shape in units
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=8)
def _read_edition(folder: Path) -> BoundaryEdition:
    card = read_card(folder)
    units = _read_table(folder / card["units"])
    places = _read_table(folder / card["places"])
    layer = folder / card["layers"]["file"]
    shapes = {
        name: _read_layer(layer, card["layers"][name])
        for name in ("districts", "provinces", "country")
    }
    districts = _with_units(shapes["districts"], units[units["level"] == 2], layer)
    provinces = _with_units(shapes["provinces"], units[units["level"] == 1], layer)
    counts = {"districts": len(districts), "provinces": len(provinces)}
    if counts != card["counts"]:
        raise LayerError(
            f"{_where(layer)}: layer holds {counts['districts']} districts and "
            f"{counts['provinces']} provinces, expected {card['counts']['districts']} and "
            f"{card['counts']['provinces']}. "
            f"Put the right counts into {_CARD}, or the right layer beside it."
        )
    districts = districts.rename(columns={"code": "adm2_code", "parent_code": "adm1_code"})
    provinces = provinces.rename(columns={"code": "adm1_code"})
    shared = ["name", "name_fa", "name_ps", "area_km2", "label_lon", "label_lat", "geometry"]
    return BoundaryEdition(
        **{key: str(card[key]) for key in _TEXTS},
        year=int(card["year"]),
        districts=districts[["adm1_code", "adm2_code", *shared]],
        provinces=provinces[["adm1_code", "capital", *shared]],
        country=shapes["country"][["code", "name", "geometry"]],
        units=units,
        places=places,
        doubts=MappingProxyType(dict(card["doubts"])),
    )


def _read_table(path: Path) -> pd.DataFrame:
    """Read a CSV of an edition: an empty cell is missing, any text (even "NA") is text."""
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        raise LayerError(
            f"{_where(path)}: the table cannot be read ({type(error).__name__}). "
            f"Put the file that {_CARD} names beside it."
        ) from error
    numbers = [column for column in table.columns if column in _NUMBERS]
    return table.assign(**{column: pd.to_numeric(table[column]) for column in numbers})


def _read_layer(path: Path, layer: str) -> gpd.GeoDataFrame:
    """Read one layer of a file as valid geometry in EPSG:4326, sorted by code."""
    try:
        shapes = gpd.read_file(path, layer=layer)
    except Exception as error:  # GDAL's own errors have no common base class
        raise LayerError(
            f"{_where(path)}: layer '{layer}' cannot be read ({type(error).__name__}). "
            f"Put the file that {_CARD} names beside it."
        ) from error
    if shapes.crs is None:  # TopoJSON knows no CRS; its coordinates are WGS 84 by definition
        shapes = shapes.set_crs(WGS84)
    if shapes.crs != WGS84:
        raise LayerError(
            f"{_where(path)}: layer is in {shapes.crs.to_string()}, expected {WGS84}. "
            f'Reproject it with to_crs("{WGS84}").'
        )
    if (
        "code" not in shapes.columns
        or shapes["code"].isna().any()
        or shapes["code"].duplicated().any()
    ):
        raise LayerError(
            f"{_where(path)}: layer '{layer}' has no code for each unit, or a code twice. "
            "Give each unit its own code in the property 'code'."
        )
    shapes["geometry"] = shapes.geometry.make_valid()
    return shapes.sort_values("code", ignore_index=True)


def _with_units(shapes: gpd.GeoDataFrame, units: pd.DataFrame, path: Path) -> gpd.GeoDataFrame:
    """Give each shape the names, area and label point of its row in the table of units."""
    unlike = sorted(set(shapes["code"]) ^ set(units["code"]))
    if unlike or units["code"].duplicated().any():
        raise LayerError(
            f"{_where(path)}: layer and table of units do not hold the same codes "
            f"({', '.join(unlike[:5]) or 'a code stands twice'}). "
            "Give each unit one row and one shape."
        )
    named = units.drop(columns="level").rename(columns={"name_common": "name"})
    return shapes[["code", "geometry"]].merge(named, how="left", on="code", validate="1:1")


def _rounded(shape: shapely.Geometry) -> dict[str, Any]:
    """Return a shape as GeoJSON geometry with few decimals, outer rings counter-clockwise."""
    rounded = shapely.transform(shape, lambda lonlat: np.round(lonlat, WEB_DECIMALS))
    # Rounding can make neighbouring points one; a point twice in a row is only weight.
    light = shapely.remove_repeated_points(shapely.orient_polygons(rounded))
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(light))
    return geometry


def _where(path: Path) -> str:
    """Name a file by its folder and name: enough to find it, without the machine's own paths."""
    return f"{path.parent.name}/{path.name}"
