"""The arrows and marks of a statement: from where it tells of, to where, bent apart."""

from __future__ import annotations

import math
from dataclasses import dataclass

from conflictmap.views.deployment_statements import Spot, Statement


@dataclass(frozen=True)
class Move:
    """One line or mark of the map: numbers and codes, no word of a source.

    From ``origin`` to ``spot``; a mark at ``spot`` alone where the origin is not known. With
    ``is_origin`` the ``spot`` is where it left from, because no destination is known.
    """

    number: int
    origin: Spot | None
    spot: Spot
    is_origin: bool = False
    bend: float = 0.0  # how far the arrow leaves the straight line, as a part of its length


def moves_of(statement: Statement) -> list[Move]:
    """Fan a numbered statement out: an arrow from each origin to each destination."""
    if statement.number is None:
        return []
    number = statement.number
    spots: dict[str, list[Spot]] = {"origin": [], "destination": []}
    for place in statement.places:
        if place.spot and place.spot not in spots[place.role]:
            spots[place.role].append(place.spot)
    if not spots["destination"]:
        return [Move(number, None, spot, is_origin=True) for spot in spots["origin"]]
    if not spots["origin"]:
        return [Move(number, None, spot) for spot in spots["destination"]]
    return [move for origin in spots["origin"] for move in _fan(number, origin, spots)]


def _fan(number: int, origin: Spot, spots: dict[str, list[Spot]]) -> list[Move]:
    """Return an arrow to each destination, bent so that none crosses or covers another."""
    ends = [spot for spot in spots["destination"] if spot != origin]
    first = ends[0] if ends else origin
    ends.sort(key=lambda spot: _turn(origin, first, spot))
    bends = _bends(len(ends))
    arrows = [Move(number, origin, spot, bend=bend) for spot, bend in zip(ends, bends, strict=True)]
    stays = [Move(number, None, spot) for spot in spots["destination"] if spot == origin]
    return arrows + stays


def _turn(origin: Spot, first: Spot, spot: Spot) -> float:
    """Return the angle at the origin from one destination to another, in (-pi, pi], left is more.

    Counted from a destination, not from the east, so that no fan is cut in two.
    """
    angles = [
        math.atan2(at.latitude - origin.latitude, at.longitude - origin.longitude)
        for at in (first, spot)
    ]
    turn = angles[1] - angles[0]
    return math.atan2(math.sin(turn), math.cos(turn))


def _bends(n: int) -> list[float]:
    """Return n bends from right to left, evenly spaced, none of them straight."""
    if n == 1:
        return [0.14]
    spread = 0.44
    bends = [spread * (place / (n - 1) - 0.5) for place in range(n)]
    return [bend if abs(bend) > 0.03 else 0.06 for bend in bends]
