"""What a map shows behind its areas: outline, Durand Line, names of neighbours, cities.

Everything comes from the boundary edition; only where the tripoints lie and where a neighbour's
name may stand is written here. How boundaries are to be read is a setting: `boundary_note`.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import shapely

from conflictmap.boundaries import WEB_DECIMALS, BoundaryEdition, geometry_for_web
from conflictmap.errors import LayerError
from conflictmap.settings import Settings

IRAN_TRIPOINT = (60.87, 29.86)
"""Longitude and latitude where Afghanistan, Iran and Pakistan meet; the Durand Line begins here."""

CHINA_TRIPOINT = (74.56, 37.0)
"""Where Afghanistan, Pakistan and China meet, in the Wakhan; the Durand Line ends here."""

MOST_TRIPOINT_GAP_DEG = 0.25
"""How far an outline may pass by a tripoint, in degrees; farther off it is no Afghanistan."""

# Where a name may stand, longitude and latitude: the first place that a screen has room for.
NEIGHBOURS = {
    "Iran": ((60.0, 32.4), (59.6, 33.4), (60.15, 30.9), (60.5, 30.4)),
    "Turkmenistan": ((62.3, 37.1), (62.6, 36.4), (61.6, 37.6), (61.2, 36.9)),
    "Uzbekistan": ((66.6, 38.1), (66.4, 38.5), (66.8, 37.75)),
    "Tajikistan": ((69.4, 38.05), (69.3, 37.75), (68.9, 38.5), (73.3, 38.0), (73.6, 38.4)),
    "China": ((75.7, 37.35), (75.4, 37.0), (76.0, 37.6)),
    "Pakistan": ((69.0, 30.5), (68.2, 30.1), (71.9, 33.1)),
}
DURAND_LINE = "Durand Line"
_DURAND_LINE_NAME = ((70.5, 31.9), (70.9, 32.4), (68.3, 31.2), (72.3, 33.9), (65.2, 29.0))

REGIONAL_CENTRES = ("AF-HER", "AF-KAN", "AF-BAL", "AF-NAN", "AF-KDZ")
"""Provinces whose capitals are named before the others: the centres of the country's regions."""

DURAND_LINE_NOTE = (
    "Durand Line (dashed on the map): the line between Afghanistan and Pakistan. Afghan governments"
    " have not recognised it as an international border; Pakistan regards it as one. Drawing it"
    " takes no side."
)

UN_STYLE_NOTE = (
    "The boundaries and names shown and the designations used on this map do not imply official"
    " endorsement or acceptance by its publisher. (Wording of the kind that United Nations maps"
    " carry; this map was neither made nor approved by the United Nations.)"
)


def boundary_note(settings: Settings, edition: BoundaryEdition) -> str:
    """Return how the boundaries are to be read, beside the disclaimer of the edition.

    It may hold text of the organisation: shown with ``st.text`` and in files, never on a map.
    """
    own = {"un": UN_STYLE_NOTE, "own": settings.boundary_note}.get(settings.boundaries, "")
    return " ".join(part for part in (own, DURAND_LINE_NOTE) if part)


def durand_line(outline: shapely.Polygon) -> shapely.LineString:
    """Return the part of the country's outline that it shares with Pakistan, from west to east.

    Parameters
    ----------
    outline
        The country, in degrees. Its outer ring is followed from tripoint to tripoint along the
        south and the east; of the two ways round that is the one farther south.

    Raises
    ------
    LayerError
        If the outline passes nowhere near one of the tripoints.
    """
    ring = shapely.get_coordinates(outline.exterior)[:-1]  # its last point is the first again
    start, end = (_nearest_point(ring, tripoint) for tripoint in (IRAN_TRIPOINT, CHINA_TRIPOINT))
    ring = np.roll(ring, -start, axis=0)
    end = (end - start) % len(ring)
    one_way = ring[: end + 1]
    other_way = np.vstack([ring[:1], ring[end:][::-1]])
    southern = min(one_way, other_way, key=lambda way: float(way[:, 1].mean()))
    return shapely.LineString(southern)


@lru_cache(maxsize=4)
def background_for_web(edition: BoundaryEdition) -> bytes:
    """Return the background as JSON for the browser: the same bytes each time, and no data.

    Members: ``outline``, the closed rings of the country without the Durand Line's part;
    ``durand``, that line; ``neighbours`` and ``line``, names with the places where they may stand;
    ``cities``, each with its rank (1: the capital, 2: regional centres, 3: the other capitals).
    Positions are longitude and latitude, on the simplified lines that the areas are drawn with.
    """
    country = json.loads(geometry_for_web(edition, "country"))["features"][0]["geometry"]
    shape = shapely.from_geojson(json.dumps(country))
    parts = sorted(shapely.get_parts(shape), key=lambda part: part.area, reverse=True)
    durand = durand_line(parts[0])
    others = [shapely.line_merge(parts[0].exterior.difference(durand))]
    others += [part.exterior for part in parts[1:]]
    background = {
        "outline": [_lonlat(line) for other in others for line in shapely.get_parts(other)],
        "durand": _lonlat(durand),
        "neighbours": [{"n": name, "at": places} for name, places in NEIGHBOURS.items()],
        "line": {"n": DURAND_LINE, "at": _DURAND_LINE_NAME},
        "cities": _cities(edition),
    }
    return json.dumps(background, ensure_ascii=False, separators=(",", ":")).encode()


def _cities(edition: BoundaryEdition) -> list[dict[str, Any]]:
    """Return the capitals with their ranks, in the order in which they are named."""
    places = edition.places
    capitals = places[(places["kind"] == "capital") & places["name"].isin(_capital_names(edition))]
    cities = [
        {
            "n": name,
            "r": 1 if code == "AF-KAB" else 2 if code in REGIONAL_CENTRES else 3,
            "at": [round(float(lon), WEB_DECIMALS), round(float(lat), WEB_DECIMALS)],
        }
        for name, code, lon, lat in zip(
            capitals["name"], capitals["adm1_code"], capitals["lon"], capitals["lat"], strict=True
        )
    ]
    return sorted(cities, key=lambda city: (city["r"], city["n"]))


def _capital_names(edition: BoundaryEdition) -> set[str]:
    return set(edition.provinces["capital"].dropna())


def _nearest_point(ring: np.ndarray[Any, Any], place: tuple[float, float]) -> int:
    """Return the number of the ring's point that is nearest to a place."""
    away = np.hypot(*(ring - place).T)
    if away.min() > MOST_TRIPOINT_GAP_DEG:
        raise LayerError(
            f"The outline of the country passes {away.min():.1f} degrees from longitude {place[0]},"
            f" latitude {place[1]}, where three countries meet. Give an edition of Afghanistan in"
            " degrees."
        )
    return int(away.argmin())


def _lonlat(line: shapely.LineString) -> list[list[float]]:
    return np.round(shapely.get_coordinates(line), WEB_DECIMALS).tolist()
