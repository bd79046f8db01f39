"""Names of units and places: one key for the many spellings of a name, and what bears it.

English, Dari and Pashto names and the aliases of an edition all match. Which unit a row of a table
gets from them is decided in `placing`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from conflictmap.boundaries import BoundaryEdition
from conflictmap.districts import in_metres
from conflictmap.errors import LayerError

_SAME_LETTER = str.maketrans(
    {
        **dict.fromkeys("يىۍېے", "ی"),
        **dict.fromkeys("كڪګ", "ک"),
        **dict.fromkeys("ەةھہ", "ه"),
        "گ": "ک",  # Pashto and Dari write the same g differently, and often as k
        "ـ": None,  # the stroke that stretches a word
    }
)
_UNIT_WORDS = {
    "district": ("district", "woluswali", "wuleswali", "uluswali", "ولسوالی"),
    "province": ("province", "wilayat", "velayat", "ولایت"),
    "city": ("city", "شهر", "ښار"),
}
_WARD = re.compile(
    r"\b(\d+(st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh"
    r"|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|police|security"
    r"|municipal|urban|city)\s+(security\s+|police\s+|municipal\s+)?(district|precinct|ward|zone|nahia)\b"
    r"|\b(district|precinct|ward|zone|pd|nahia)\s*(no\.?\s*|number\s*|#\s*)?\d+\b|\bnahia\b|ناحیه",
    re.IGNORECASE,
)
_UNIT_CODE = re.compile(r"\b[A-Z]{2}-[A-Z]{3}-\d{2}\b")


@dataclass(frozen=True)
class Place:
    """A named point of the gazetteer and what its circle of `precision_km` says of its unit."""

    name: str
    kind: str  # capital, town, area (hand-placed) or village
    latitude: float
    longitude: float
    precision_km: float
    adm1_code: str
    adm2_code: str | None  # missing: an old district, see `candidates`
    candidates: tuple[str, ...]  # districts that the name of an old district may mean today
    is_inside_district: bool  # the circle lies wholly inside the polygon of adm2_code
    is_inside_province: bool
    touched: tuple[str, ...]  # provinces that the circle reaches, lowest code first


@dataclass(frozen=True)
class UnitNames:
    """The names of one province or district."""

    en: str
    fa: str
    ps: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Every name of an edition by its key: provinces, districts, hand-placed places, villages."""

    province_names: dict[str, tuple[str, ...]]
    province_aliases: dict[str, tuple[str, ...]]
    district_names: dict[str, tuple[str, ...]]
    district_aliases: dict[str, tuple[str, ...]]
    district_words: dict[str, tuple[str, ...]]  # code -> its names and aliases as " spaced words "
    hand_placed: dict[str, tuple[Place, ...]]
    villages: dict[str, tuple[Place, ...]]

    def provinces(self, name: str, *, may_be_city: bool = False) -> tuple[str, ...]:
        """Return the codes of the provinces of this name: exact names first, then aliases.

        `may_be_city`: "Kabul City", given as a province, is the province of Kabul.
        """
        for key in _keys(name) if may_be_city else (name_key(name),):
            codes = self.province_names.get(key) or self.province_aliases.get(key)
            if codes:
                return codes
        return ()

    def districts(self, name: str, adm1_code: str | None = None) -> tuple[tuple[str, ...], str]:
        """Return the codes of the districts of this name, and whether a name or an alias matched.

        Inside a province an exact name beats an alias. In the whole country names and aliases count
        alike, so that a name is unique only where no other district bears it in any spelling.
        """
        for key in _keys(name):
            exact = _inside(self.district_names.get(key, ()), adm1_code)
            alias = _inside(self.district_aliases.get(key, ()), adm1_code)
            both = tuple(sorted({*exact, *alias}))
            if both:
                method = "district_name" if exact else "district_alias"
                return (exact if exact and adm1_code else both), method
        return (), "none"

    def districts_with_word(self, name: str, adm1_code: str) -> tuple[str, ...]:
        """Return the districts of a province with a name that holds these words as whole words.

        "Kohestan" stands in "Hisa-e-Awal-e-Kohestan" and "Hisa-e-Duwum-e-Kohestan".
        """
        sought = f" {' '.join(_without_unit_words(_words(name), ('district',)))} "
        return tuple(
            code
            for code in _inside(tuple(self.district_words), adm1_code)
            if any(sought in words for words in self.district_words[code])
        )

    def places(self, name: str, *, villages: bool = False) -> tuple[Place, ...]:
        """Return the hand-placed places of this name or alias, or its villages."""
        rows = self.villages if villages else self.hand_placed
        return next((rows[key] for key in _keys(name) if key in rows), ())


def name_key(text: str) -> str:
    """Return the key under which the spellings of a name meet.

    Case, accents, apostrophes, hyphens, spaces and joiners are dropped, Arabic letters become the
    Persian ones, digits Latin ones; "district" and "province" at either end go ("Kabul Province",
    "District of Injil"). "City" stays: Samangan City is not the province of Samangan.
    """
    return _squeezed(_without_unit_words(_words(text), ("district", "province")))


def says_district(text: str) -> bool:
    """Tell whether a name calls itself a district: "Injil district", but not a ward of a city."""
    words = _words(text)
    return words != _without_unit_words(words, ("district",)) and not names_a_ward(text)


def names_a_ward(text: str) -> bool:
    """Tell whether a name is that of a city ward: "8th security district of Kabul", "PD 13"."""
    return bool(_WARD.search(" ".join(_words(text))))


def unit_names(edition: BoundaryEdition, code: str) -> UnitNames:
    """Return the names of a province or district in English, Dari and Pashto, and its aliases.

    Raises
    ------
    LayerError
        If no unit of the edition has this code.
    """
    row = edition.units[edition.units["code"] == code]
    if row.empty:
        raise LayerError(
            f"{edition.edition_id}: '{code}' is no unit of this boundary edition. "
            "Use a code such as AF-KAB or AF-KAB-01."
        )
    unit = row.iloc[0]
    aliases = (unit["name_en"], *_split(unit["aliases"]))
    others = tuple(dict.fromkeys(alias for alias in aliases if alias != unit["name_common"]))
    return UnitNames(unit["name_common"], unit["name_fa"], unit["name_ps"], others)


@lru_cache(maxsize=8)
def build_gazetteer(edition: BoundaryEdition) -> Gazetteer:
    """Return the names of an edition, ready for look-ups; built once per edition."""
    tables = {}
    for level, kind in ((1, "province"), (2, "district")):
        units = edition.units[edition.units["level"] == level]
        names, aliases = defaultdict(set), defaultdict(set)
        for unit in units.to_dict("records"):
            for column in ("name_common", "name_en", "name_fa", "name_ps"):
                names[name_key(unit[column])].add(unit["code"])
            for alias in _split(unit["aliases"]):
                aliases[name_key(alias)].add(unit["code"])
        tables[f"{kind}_names"] = {key: tuple(sorted(codes)) for key, codes in names.items()}
        tables[f"{kind}_aliases"] = {key: tuple(sorted(codes)) for key, codes in aliases.items()}
    tables["district_words"] = {
        unit["code"]: tuple(
            f" {' '.join(_words(name))} "
            for name in (unit["name_common"], unit["name_en"], *_split(unit["aliases"]))
        )
        for unit in edition.units[edition.units["level"] == 2].to_dict("records")
    }
    hand_placed: dict[str, list[Place]] = defaultdict(list)
    villages: dict[str, list[Place]] = defaultdict(list)
    for place, place_names in _places(edition):
        for key in {name_key(name) for name in place_names}:
            (villages if place.kind == "village" else hand_placed)[key].append(place)
    return Gazetteer(
        **tables,
        hand_placed={key: tuple(rows) for key, rows in hand_placed.items()},
        villages={key: tuple(rows) for key, rows in villages.items()},
    )


def _places(edition: BoundaryEdition) -> Iterable[tuple[Place, list[str]]]:
    """Yield each place with all its names: as written, without a bracketed unit, and aliases."""
    rows = edition.places.reset_index(drop=True)
    points = in_metres(shapely.points(rows["lon"], rows["lat"]))
    radius = rows["precision_km"].to_numpy() * 1000
    in_district = _circle_inside(points, radius, rows["adm2_code"], edition.districts, "adm2_code")
    in_province = _circle_inside(points, radius, rows["adm1_code"], edition.provinces, "adm1_code")
    provinces = shapely.STRtree(in_metres(edition.provinces.geometry.to_numpy()))
    touched = defaultdict(list)
    reach = ~in_province & (rows["kind"] != "village").to_numpy()
    numbers = rows.index.to_numpy()[reach]
    row, province = provinces.query(points[reach], predicate="dwithin", distance=radius[reach])
    for number, code in zip(
        numbers[row], edition.provinces["adm1_code"].to_numpy()[province], strict=True
    ):
        touched[number].append(code)
    for number, place in enumerate(rows.to_dict("records")):
        adm2_code = place["adm2_code"] if pd.notna(place["adm2_code"]) else None
        note = place["note"] if pd.notna(place["note"]) else ""
        yield (
            Place(
                name=place["name"],
                kind=place["kind"],
                latitude=place["lat"],
                longitude=place["lon"],
                precision_km=place["precision_km"],
                adm1_code=place["adm1_code"],
                adm2_code=adm2_code,
                candidates=() if adm2_code else tuple(sorted(set(_UNIT_CODE.findall(note)))),
                is_inside_district=bool(in_district[number]),
                is_inside_province=bool(in_province[number]),
                touched=tuple(sorted(touched[number])) or (place["adm1_code"],),
            ),
            [place["name"], re.sub(r"\(.*?\)", "", place["name"]), *_split(place["aliases"])],
        )


def _circle_inside(
    points: np.ndarray, radius: np.ndarray, codes: pd.Series, units: gpd.GeoDataFrame, column: str
) -> np.ndarray:
    """Tell for each point whether its circle lies wholly inside the unit of its code."""
    shapes = dict(zip(units[column], in_metres(units.geometry.to_numpy()), strict=True))
    own = np.array([shapes.get(code) for code in codes], dtype=object)  # no code: never inside
    shapely.prepare(own)
    room = shapely.distance(shapely.boundary(own), points)
    return shapely.contains(own, points) & (room >= radius)


def _words(text: str) -> list[str]:
    """Split a name into words of small letters without accents; digits and letters unified."""
    plain = unicodedata.normalize("NFKD", str(text))
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark)).casefold()
    plain = re.sub(r"['’‘ʼʻ`´ʿʾ\u200c\u200d]", "", plain.translate(_SAME_LETTER))
    plain = "".join(str(unicodedata.digit(sign, sign)) for sign in plain)
    return re.findall(r"[^\W_]+", plain)


def _without_unit_words(words: list[str], kinds: Iterable[str]) -> list[str]:
    """Drop unit words at both ends, and the "of" after a leading one, but never the whole name."""
    drop = {word for kind in kinds for word in _UNIT_WORDS[kind]}
    while len(words) > 1 and words[-1] in drop:
        words = words[:-1]
    while len(words) > 1 and words[0] in drop:
        words = words[2:] if len(words) > 2 and words[1] in ("of", "e", "i") else words[1:]
    return words


def _keys(name: str) -> tuple[str, ...]:
    """Return the keys to look up, best first: as written, then without "city"."""
    key = name_key(name)
    bare = _squeezed(_without_unit_words(_words(name), ("district", "province", "city")))
    return (key,) if bare == key else (key, bare)


def _squeezed(words: Iterable[str]) -> str:
    return "".join(words)


def _inside(codes: tuple[str, ...], adm1_code: str | None) -> tuple[str, ...]:
    return tuple(code for code in codes if adm1_code is None or code.startswith(f"{adm1_code}-"))


def _split(aliases: object) -> list[str]:
    return str(aliases).split(";") if pd.notna(aliases) else []
