"""What the names of a place say: from place, district, province and country to units.

A name gives a unit only where it can mean no other. An ambiguous one gives none, but its candidates
are kept, and an unknown one leaves what the coarser names say. Where a row has a point of its own,
`placing` weighs it against these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from conflictmap.gazetteer import Gazetteer, Place, names_a_ward, says_district


@dataclass(frozen=True)
class Placement:
    """Where a row belongs, and how that is known; `candidates` only where a name is ambiguous."""

    adm1_code: str | None = None
    adm2_code: str | None = None
    geo_precision: str = "unknown"
    join_method: str = "none"
    point_latitude: float | None = None
    point_longitude: float | None = None
    precision_km: float | None = None
    candidates: tuple[str, ...] = ()


class StatedNames(NamedTuple):
    """The names of a row as stated; None where nothing is."""

    place_name: str | None = None
    place_relation: str | None = None
    district_name: str | None = None
    province_name: str | None = None
    country: str | None = None
    is_abroad: bool = False  # the country is another than Afghanistan


UNKNOWN = Placement()
ABROAD = Placement(geo_precision="abroad", join_method="abroad")
IN_COUNTRY = Placement(geo_precision="country", join_method="country")


@lru_cache(maxsize=50_000)
def place_names(names: StatedNames, gazetteer: Gazetteer) -> Placement:
    """Return the finest placement that the names of a row support; country and abroad included."""
    if names.is_abroad:
        return ABROAD
    province = _stated_province(names, gazetteer)
    if names.province_name and province is None:
        return UNKNOWN  # a province we cannot read: any unit would be a guess
    is_near = names.place_relation == "near"
    place_name, district_name = names.place_name, names.district_name
    if place_name and names_a_ward(place_name):
        place_name = None
    if district_name and names_a_ward(district_name):
        district_name = None
    if is_near and district_name and not names.place_name:
        place_name, district_name = district_name, None  # near the district, so not surely in it
    elif place_name and not is_near and not district_name and says_district(place_name):
        place_name, district_name = None, place_name

    if district_name:
        found = _place_district(district_name, province, gazetteer)
        if found is not None:
            if found.adm2_code and place_name:
                return _place_within(found, place_name, is_near, gazetteer)
            return found
    if place_name:
        # A village of a district we cannot read may be any village of that name.
        has_scope = province is not None and not district_name
        found = _place_named(place_name, province, is_near, gazetteer, villages=has_scope)
        if found is not None:
            return found
    if province:
        return _in_province(province)
    return IN_COUNTRY if names.country else UNKNOWN


def stated_units(names: StatedNames, gazetteer: Gazetteer) -> Placement:
    """Return what the stated district and province say by themselves, without the place's name."""
    relation = names.place_relation if names.place_name is None else None
    placement = place_names(names._replace(place_name=None, place_relation=relation), gazetteer)
    if placement.join_method in ("district_name", "district_alias"):
        return placement
    province = _stated_province(names, gazetteer)
    return _in_province(province) if province else UNKNOWN


def _stated_province(names: StatedNames, gazetteer: Gazetteer) -> str | None:
    if not names.province_name:
        return None
    codes = gazetteer.provinces(names.province_name, may_be_city=True)
    return codes[0] if len(codes) == 1 else None


def _place_district(name: str, province: str | None, gazetteer: Gazetteer) -> Placement | None:
    """Place a stated district: inside its province, or unique in the whole country."""
    codes, method = gazetteer.districts(name, province)
    if len(codes) == 1:
        return Placement(codes[0][:-3], codes[0], "adm2", method)
    if codes:
        return ambiguous(codes, province)
    places = _in(gazetteer.places(name), province)
    if len(places) == 1:  # a younger district known to the gazetteer by its place
        found = _by_circle(places[0], province, is_certain=False)
        return replace(found, geo_precision="adm2") if found.adm2_code else found
    if province:
        parts = gazetteer.districts_with_word(name, province)
        if len(parts) > 1:  # an old district, split since
            return ambiguous(parts, province)
        elsewhere = _units_elsewhere(name, gazetteer)
        if elsewhere:
            return ambiguous((province, *elsewhere))
    return None


def _place_within(
    district: Placement, place_name: str, is_near: bool, gazetteer: Gazetteer
) -> Placement:
    """Add the point of a place to its stated district, if that has one place of the name."""
    if gazetteer.provinces(place_name):
        return district
    for villages in (False, True):
        rows = gazetteer.places(place_name, villages=villages)
        rows = tuple(row for row in rows if row.adm2_code == district.adm2_code)
        if len(rows) == 1:
            return _with_point(
                replace(district, geo_precision="adm2" if is_near else "near"), rows[0]
            )
    return district


def _place_named(
    name: str, province: str | None, is_near: bool, gazetteer: Gazetteer, *, villages: bool
) -> Placement | None:
    """Place a named place: hand-placed first, then a district of that name, then a village."""
    bare = gazetteer.provinces(name)
    if bare and province in (None, *bare):
        return _in_province(bare[0])  # a name shared by province and city is the province
    places = _in(gazetteer.places(name), province)
    codes, method = gazetteer.districts(name, province)
    units = {unit for place in places for unit in (place.candidates or (place.adm2_code,))} | {
        *codes
    }
    if len(units) > 1:
        return ambiguous(units, province)
    if places:
        place = max(places, key=lambda row: row.precision_km)
        if codes and not is_near and place.kind != "capital":
            # Town and district of one name: whichever is meant, it is in the district. A capital is
            # a city in its own right and may outgrow its district.
            return Placement(place.adm1_code, codes[0], "adm2", method)
        found = _by_circle(place, province, is_certain=bool(codes) or place.kind == "capital")
        return _without_district(found) if is_near else found
    if codes:
        found = Placement(codes[0][:-3], codes[0], "adm2", method)
        return _without_district(found) if is_near else found
    if villages and province:
        rows = _in(gazetteer.places(name, villages=True), province)
        if len(rows) == 1:
            found = _by_circle(rows[0], province, is_certain=True)
            return _without_district(found) if is_near else found
        if rows:
            return ambiguous({row.adm2_code for row in rows if row.adm2_code}, province)
    if province:
        elsewhere = bare or _units_elsewhere(name, gazetteer)
        if elsewhere:
            return ambiguous((province, *elsewhere))
    return None


def _by_circle(place: Place, province: str | None, *, is_certain: bool) -> Placement:
    """Place a point of the gazetteer as finely as its circle of uncertainty lies inside one unit.

    `is_certain`: the place is known to be in its province, wherever the circle reaches.
    """
    if place.adm2_code is None and place.candidates:
        return ambiguous(place.candidates, province)
    if place.is_inside_district:
        found = Placement(place.adm1_code, place.adm2_code, "near", "gazetteer")
    elif place.is_inside_province or is_certain or place.touched == (place.adm1_code,):
        found = Placement(place.adm1_code, None, "near", "gazetteer")
    elif province:
        found = _in_province(province)
    else:
        return ambiguous(place.touched)
    return _with_point(found, place)


def _units_elsewhere(name: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """Return what a name means where it means nothing in the stated province."""
    codes, _ = gazetteer.districts(name)
    if codes:
        return codes
    return tuple(unit for place in gazetteer.places(name) for unit in _finest_units(place))


def _finest_units(place: Place) -> tuple[str, ...]:
    """Return the unit in which a place surely lies, or all in which it may."""
    if place.is_inside_district and place.adm2_code:
        return (place.adm2_code,)
    return place.candidates or place.touched


def _in(places: Iterable[Place], province: str | None) -> tuple[Place, ...]:
    return tuple(place for place in places if province in (None, place.adm1_code))


def _in_province(province: str) -> Placement:
    return Placement(province, None, "adm1", "province_name")


def _with_point(placement: Placement, place: Place) -> Placement:
    return replace(
        placement,
        point_latitude=place.latitude,
        point_longitude=place.longitude,
        precision_km=place.precision_km,
    )


def _without_district(placement: Placement) -> Placement:
    """Return what "near" a place leaves: its province, and a point that is not the incident's."""
    if placement.geo_precision not in ("near", "adm2"):
        return placement
    return replace(placement, adm2_code=None, geo_precision="adm1")


def ambiguous(units: Iterable[str | None], province: str | None = None) -> Placement:
    """Keep all units that may be meant; a province is given only where all of them lie in it."""
    candidates = tuple(sorted({unit for unit in units if unit}))
    provinces = {"-".join(unit.split("-")[:2]) for unit in candidates}
    shared = provinces.pop() if len(provinces) == 1 else None
    known = province or shared
    return Placement(
        adm1_code=known,
        geo_precision="adm1" if known else "country",
        join_method="ambiguous",
        candidates=candidates,
    )
