"""Where the made-up incidents happened: clustered in districts, known as finely as drawn.

What the joins would find is filled in with the rows: the district of a point is known before the
point is drawn inside it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from conflictmap.boundaries import BoundaryEdition
from conflictmap.synthetic.eras import (
    ERAS,
    GEO_PRECISIONS,
    NEIGHBOURS,
    draw,
    era_of,
    only_where,
)
from conflictmap.synthetic.times import Days

SPOTS_A_DISTRICT = 6  # towns and villages around which the points of a district lie
SPREAD_DEGREES = 0.05
AT_A_SPOT = 0.3  # share of the points that lie on one, as a town's own point does
DECIMALS = 4
HOME_OF_A_BURST = 0.75  # share of a burst's incidents in one district; the rest in its province
TWO_PLACES = 0.02  # share of the incidents that a source gives two places for
_TRIES = 8


def draw_districts(rng: np.random.Generator, days: Days, edition: BoundaryEdition) -> np.ndarray:
    """Return the position in ``edition.districts`` where each incident happened."""
    provinces = edition.districts["adm1_code"]
    share = pd.Series(rng.lognormal(0.0, 1.1, len(provinces)), index=provinces.index)
    share = (share / share.groupby(provinces).transform("sum")).to_numpy()
    eras = era_of(days.day)
    drawn = np.empty(len(days.day), dtype=int)
    homes = np.empty((len(ERAS), max(days.burst.max(initial=-1) + 1, 1)), dtype=int)
    for number, era in enumerate(ERAS):
        weights = provinces.map(era.provinces).fillna(1.0).to_numpy() * share
        weights /= weights.sum()
        homes[number] = rng.choice(len(weights), homes.shape[1], p=weights)
        held = eras == number
        drawn[held] = rng.choice(len(weights), int(held.sum()), p=weights)
    home = homes[eras, days.burst]
    in_burst = days.burst >= 0
    is_home = in_burst & (rng.random(len(drawn)) < HOME_OF_A_BURST)
    neighbour = _same_province(rng, home, provinces.to_numpy())
    return np.select([is_home, in_burst], [home, neighbour], drawn)


def place_rows_of(
    rng: np.random.Generator, ids: pd.Series, district: np.ndarray, edition: BoundaryEdition
) -> pd.DataFrame:
    """Return the rows of ``incident_places``, without their source."""
    again = np.flatnonzero(rng.random(len(ids)) < TWO_PLACES)
    other = _same_province(rng, district[again], edition.districts["adm1_code"].to_numpy())
    incident = np.concatenate([np.arange(len(ids)), again])
    held = np.concatenate([district, other])
    number = np.concatenate([np.ones(len(ids), dtype=int), np.full(len(again), 2)])
    precision = draw(rng, GEO_PRECISIONS, len(incident))
    rows = _told(rng, held, precision, edition)
    rows.insert(0, "incident_id", ids.to_numpy()[incident])
    rows.insert(1, "place_no", number)
    return rows.iloc[np.lexsort([number, incident])].reset_index(drop=True)


class _Spots(NamedTuple):
    """Points around which incidents lie, district by district; the first one weighs most."""

    lon: np.ndarray
    lat: np.ndarray
    start: np.ndarray  # of a district's own
    number: np.ndarray  # of its points


def _told(
    rng: np.random.Generator, district: np.ndarray, precision: np.ndarray, edition: BoundaryEdition
) -> pd.DataFrame:
    """Return what is stated of a place, and what the joins find, as the precision allows."""
    size = len(district)
    layer = edition.districts
    province = layer["adm1_code"].to_numpy()[district]
    names = edition.provinces.set_index("adm1_code")["name"]
    lon, lat = _points(rng, district, precision, edition)
    is_point = np.isin(precision, ["exact", "near"])
    is_placed = is_point | np.isin(precision, ["adm2", "adm1"])
    in_district = np.isin(precision, ["exact", "adm2"])
    is_abroad = precision == "abroad"
    crossed = is_abroad & (rng.random(size) < 0.5)
    method = {"exact": "within", "near": "within", "adm2": "district_name"}
    method |= {"adm1": "province_name", "country": "country", "abroad": "abroad"}
    country = only_where(precision != "unknown", "Afghanistan")
    country[is_abroad] = draw(rng, NEIGHBOURS, int(is_abroad.sum()))
    province_names = names.loc[province].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "place_relation": only_where(precision == "near", "near"),
            "latitude": lat,
            "longitude": lon,
            "coordinate_precision": only_where(is_point, precision),
            "district_name": only_where(in_district, layer["name"].to_numpy()[district]),
            "province_name": only_where(is_placed, province_names),
            "country": country,
            "adm1_code": only_where(is_placed, province),
            "adm2_code": only_where(in_district, layer["adm2_code"].to_numpy()[district]),
            "geo_precision": precision,
            "join_method": pd.Series(precision).map(method).fillna("none"),
            "boundary_edition": edition.edition_id,
            "point_latitude": lat,
            "point_longitude": lon,
            "cross_border_direction": only_where(crossed, "from Afghanistan"),
            "border_province_name": only_where(crossed, province_names),
        }
    )


def _points(
    rng: np.random.Generator, district: np.ndarray, precision: np.ndarray, edition: BoundaryEdition
) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude inside the district; missing where no point is known."""
    spots = _spots(edition)
    # The first spots of a district are drawn more often than the last.
    rank = (rng.random(len(district)) ** 2 * spots.number[district]).astype(int)
    spot = spots.start[district] + rank
    lon, lat = spots.lon[spot].copy(), spots.lat[spot].copy()
    shapes = edition.districts.geometry.to_numpy()
    shapely.prepare(shapes)
    open_ = np.flatnonzero((precision == "exact") & (rng.random(len(district)) >= AT_A_SPOT))
    spread = SPREAD_DEGREES
    for _ in range(_TRIES):
        east = np.round(lon[open_] + rng.normal(0, spread, len(open_)), DECIMALS)
        north = np.round(lat[open_] + rng.normal(0, spread, len(open_)), DECIMALS)
        inside = shapely.contains_xy(shapes[district[open_]], east, north)
        lon[open_[inside]], lat[open_[inside]] = east[inside], north[inside]
        open_, spread = open_[~inside], spread / 1.5
    is_point = np.isin(precision, ["exact", "near"])
    return np.where(is_point, lon, np.nan), np.where(is_point, lat, np.nan)


def _spots(edition: BoundaryEdition) -> _Spots:
    """Return a point inside each district and its first places of the gazetteer."""
    layer = edition.districts
    shapes = layer.geometry.to_numpy()
    inner = shapely.point_on_surface(shapes)
    own = pd.DataFrame(
        {
            "district": np.arange(len(layer)),
            "lon": shapely.get_x(inner),
            "lat": shapely.get_y(inner),
        }
    )
    numbers = pd.Series(np.arange(len(layer)), index=layer["adm2_code"])
    places = edition.places
    places = places[places["adm2_code"].isin(numbers.index)]
    named = pd.DataFrame(
        {
            "district": numbers.loc[places["adm2_code"]].to_numpy(),
            "lon": places["lon"].to_numpy(),
            "lat": places["lat"].to_numpy(),
        }
    ).round(DECIMALS)
    inside = shapely.contains_xy(shapes[named["district"]], named["lon"], named["lat"])
    spots = pd.concat([named[inside], own]).sort_values("district", kind="stable")
    spots = spots[spots.groupby("district").cumcount() < SPOTS_A_DISTRICT]
    number = np.bincount(spots["district"], minlength=len(layer))
    start = np.concatenate([[0], np.cumsum(number)[:-1]])
    return _Spots(spots["lon"].to_numpy(), spots["lat"].to_numpy(), start, number)


def _same_province(
    rng: np.random.Generator, district: np.ndarray, provinces: np.ndarray
) -> np.ndarray:
    """Return for each district one of its province, perhaps itself."""
    order = np.argsort(provinces, kind="stable")
    codes, start, count = np.unique(provinces[order], return_index=True, return_counts=True)
    of = np.searchsorted(codes, provinces[district])
    return order[start[of] + (rng.random(len(district)) * count[of]).astype(int)]
