"""What the made-up incidents are drawn from: weights by era, so that they look like no year's own.

The shares are invented. They keep the rules of the real data: who could take part when, whom a
group of victims may hold (the Republic's forces until 15 August 2021), and how precisely places and
days are usually known (the mix of precisions is like that of UCDP GED's events of Afghanistan).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

Weights = Mapping[str, float]

GEO_PRECISIONS: Weights = {
    "exact": 0.26,
    "near": 0.22,
    "adm2": 0.28,
    "adm1": 0.18,
    "country": 0.035,
    "abroad": 0.01,
    "unknown": 0.015,
}
DATE_PRECISIONS: Weights = {
    "day": 0.62,
    "days": 0.2,
    "week": 0.06,
    "month": 0.08,
    "year": 0.015,
    "unknown": 0.025,
}
NEIGHBOURS: Weights = {"Pakistan": 0.7, "Tajikistan": 0.15, "Iran": 0.1, "Uzbekistan": 0.05}

INTENSITY = {
    1989: 45,
    1992: 60,
    1996: 40,
    2000: 30,
    2001: 55,
    2003: 15,
    2006: 45,
    2009: 75,
    2012: 85,
    2015: 120,
    2018: 190,
    2020: 200,
    2021: 230,
    2022: 55,
    2023: 25,
    2025: 20,
}
"""Incidents of a year, up to a factor; the years between lie on a line."""


@dataclass(frozen=True)
class Era:
    """A time in which the same sides were there; weights need not add up to one."""

    first_date: str
    actors: Weights  # who is named as having done it
    victims: Weights
    types: Weights
    provinces: Weights  # one that is not named weighs 1


_WAR_TYPES = {
    "clash": 0.3,
    "armed_attack": 0.22,
    "bombing": 0.17,
    "security_operation": 0.08,
    "air_strike": 0.07,
    "assassination": 0.05,
    "suicide_attack": 0.04,
    "shelling": 0.03,
    "abduction": 0.02,
    "execution": 0.01,
    "ordnance_found": 0.005,
    "other": 0.005,
}
_SOUTH_AND_EAST = {
    "AF-HEL": 6.0,
    "AF-KAN": 6.0,
    "AF-NAN": 5.0,
    "AF-GHA": 3.5,
    "AF-KAB": 3.5,
    "AF-KDZ": 3.0,
    "AF-URU": 3.0,
    "AF-ZAB": 2.5,
    "AF-FRA": 2.5,
    "AF-FYB": 2.5,
    "AF-KNR": 2.5,
    "AF-PKA": 2.0,
    "AF-KHO": 2.0,
    "AF-WAR": 2.0,
    "AF-HER": 2.0,
    "AF-BGL": 1.8,
    "AF-BDG": 1.6,
    "AF-BAM": 0.2,
    "AF-PAN": 0.15,
}
_CIVIL_WAR = {"AF-KAB": 7.0, "AF-PAR": 3.0, "AF-NAN": 3.0, "AF-KAN": 3.0, "AF-BAL": 3.0}

ERAS = (
    Era(
        "1989-01-01",
        actors={"hizb-e-islami": 1},
        victims={"civilians": 0.45, "republic_forces": 0.3, "unknown": 0.25},
        types={"clash": 0.45, "shelling": 0.25, "armed_attack": 0.2, "bombing": 0.1},
        provinces=_CIVIL_WAR,
    ),
    Era(
        "1994-11-01",
        actors={"taliban": 0.8, "hizb-e-islami": 0.2},
        victims={"civilians": 0.4, "taliban": 0.25, "unknown": 0.35},
        types={"clash": 0.5, "shelling": 0.2, "armed_attack": 0.2, "execution": 0.1},
        provinces=_CIVIL_WAR,
    ),
    Era(
        "2001-12-22",
        actors={"taliban": 0.85, "haqqani-network": 0.06, "al-qaeda": 0.04, "hizb-e-islami": 0.05},
        victims={
            "civilians": 0.36,
            "taliban": 0.28,
            "republic_forces": 0.22,
            "other_state": 0.08,
            "private_security": 0.02,
            "unknown": 0.04,
        },
        types=_WAR_TYPES,
        provinces=_SOUTH_AND_EAST,
    ),
    Era(
        "2015-01-01",
        actors={"taliban": 0.85, "iskp": 0.11, "haqqani-network": 0.03, "al-qaeda": 0.01},
        victims={
            "civilians": 0.33,
            "taliban": 0.32,
            "republic_forces": 0.25,
            "iskp": 0.05,
            "other_state": 0.02,
            "unknown": 0.03,
        },
        types=_WAR_TYPES,
        provinces=_SOUTH_AND_EAST,
    ),
    Era(
        "2021-08-15",  # the Taliban as the de facto authorities
        actors={
            "iskp": 0.36,
            "taliban": 0.26,
            "nrf": 0.2,
            "aff": 0.1,
            "anti-taliban-groups": 0.06,
            "ttp": 0.02,
        },
        victims={
            "civilians": 0.42,
            "taliban": 0.33,
            "anti_taliban": 0.12,
            "iskp": 0.06,
            "other_state": 0.01,
            "unknown": 0.06,
        },
        types={
            "armed_attack": 0.3,
            "bombing": 0.2,
            "clash": 0.16,
            "assassination": 0.1,
            "security_operation": 0.1,
            "suicide_attack": 0.04,
            "execution": 0.04,
            "abduction": 0.03,
            "defection_or_revolt": 0.01,
            "ordnance_found": 0.01,
            "other": 0.01,
        },
        provinces={
            "AF-KAB": 6.0,
            "AF-PAN": 4.0,
            "AF-BGL": 3.5,
            "AF-NAN": 3.5,
            "AF-TAK": 3.0,
            "AF-BDS": 3.0,
            "AF-KDZ": 2.0,
            "AF-KNR": 2.0,
            "AF-PAR": 2.0,
            "AF-HER": 2.0,
            "AF-BAL": 2.0,
            "AF-BAM": 0.4,
            "AF-NIM": 0.4,
            "AF-DAY": 0.4,
        },
    ),
)

OWN_VICTIMS = {
    "taliban": "taliban",
    "haqqani-network": "taliban",
    "iskp": "iskp",
    "nrf": "anti_taliban",
    "aff": "anti_taliban",
    "anti-taliban-groups": "anti_taliban",
}
"""The group of victims that an actor's own dead belong to."""

ACTORS = tuple(sorted({actor for era in ERAS for actor in era.actors}))

TARGETS: Weights = {
    "residents": 0.25,
    "outpost": 0.2,
    "vehicle": 0.2,
    "armed_group": 0.1,
    "official": 0.06,
    "market": 0.05,
    "mosque": 0.04,
    "school": 0.03,
    "office": 0.03,
    "commander": 0.02,
    "hospital": 0.01,
    "embassy": 0.01,
}
COMMUNITIES: Weights = {"hazara": 0.6, "shia": 0.25, "sikh": 0.05, "uzbek": 0.05, "tajik": 0.05}


def era_of(days: np.ndarray) -> np.ndarray:
    """Return the position in `ERAS` of each day (``datetime64[D]``)."""
    starts = np.array([era.first_date for era in ERAS], dtype="datetime64[D]")
    return np.clip(np.searchsorted(starts, days, side="right") - 1, 0, None)


def draw(rng: np.random.Generator, weights: Weights, size: int) -> np.ndarray:
    """Draw words by their weights."""
    shares = np.array(list(weights.values()), dtype=float)
    return np.array(list(weights), dtype=object)[
        rng.choice(len(shares), size, p=shares / shares.sum())
    ]


def draw_by_era(rng: np.random.Generator, eras: np.ndarray, field: str) -> np.ndarray:
    """Draw a word for each incident by the weights that its era has under the name `field`."""
    drawn = np.empty(len(eras), dtype=object)
    for number, era in enumerate(ERAS):
        held = eras == number
        drawn[held] = draw(rng, getattr(era, field), int(held.sum()))
    return drawn


def only_where(held: np.ndarray, words: np.ndarray | str) -> np.ndarray:
    """Return words where something holds, and nothing stated elsewhere."""
    result = np.full(len(held), None, dtype=object)
    result[held] = words if isinstance(words, str) else words[held]
    return result
