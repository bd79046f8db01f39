"""Where symbols and their names stand on a slide's map: near their place, none upon another.

Each stands as near its place as it can, with a thin line to it where that is not near. A name
stands beside its symbol, or is left out; a symbol is left out only where even small ones have no
room, and the slide says how many.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from conflictmap.slides.paper import Box
from conflictmap.slides.pieces import Place

GAP: Final = 0.03
_RADII = np.arange(0.2, 1.25, 0.07)  # inches: farther off, it would seem to stand elsewhere
_ANGLES = 24
_DOWN = 0.09  # inches between a symbol and the place that it stands above


@dataclass(frozen=True)
class Placed:
    """Where a symbol stands, and the line to its place if it needs one."""

    box: Box
    line: tuple[Place, Place] | None


@dataclass
class Board:
    """The map with what is on it so far: ``soft`` gives way where there is no other room."""

    within: Box
    taken: list[Box]
    soft: list[Box]
    lines: list[tuple[Place, Place]] = field(default_factory=list)

    def place(self, at: Place, width: float, height: float) -> Placed | None:
        """Place a symbol as near its place as can be; none where it has no room near there."""
        for is_over_soft, is_line_over in ((False, False), (True, False), (True, True)):
            boxes = _sides(self.taken if is_over_soft else [*self.taken, *self.soft])
            for x, y in _offers(at, height):
                box = Box(x - width / 2, y - height / 2, width, height)
                if not self._is_free(box, boxes, is_over_lines=is_line_over):
                    continue
                line = _leader(box, at)
                if line and not is_line_over and any(_crosses(line, one) for one in self.taken):
                    continue
                self.taken.append(box)
                if line:
                    self.lines.append(line)
                return Placed(box, line)
        return None

    def name(self, beside: Box, width: float, height: float) -> Box | None:
        """Place a name beside its symbol; none where it has no room."""
        boxes = _sides([*self.taken, *self.soft])
        for box in _beside(beside, width, height):
            if self._is_free(box, boxes):
                self.taken.append(box)
                return box
        return None

    def has_room(self, box: Box) -> bool:
        """Say whether a box lies on the map and covers nothing."""
        return self._is_free(box, _sides([*self.taken, *self.soft]))

    def _is_free(
        self, box: Box, boxes: np.ndarray[Any, Any], *, is_over_lines: bool = False
    ) -> bool:
        within = self.within
        if (
            box.left < within.left
            or box.right > within.right
            or box.top < within.top
            or box.bottom > within.bottom
        ):
            return False
        covers = (
            (boxes[:, 0] < box.right + GAP)
            & (boxes[:, 2] > box.left - GAP)
            & (boxes[:, 1] < box.bottom + GAP)
            & (boxes[:, 3] > box.top - GAP)
        )
        if covers.any():
            return False
        return is_over_lines or not any(_crosses(line, box) for line in self.lines)


def _sides(boxes: Sequence[Box]) -> np.ndarray[Any, Any]:
    rows = [(box.left, box.top, box.right, box.bottom) for box in boxes]
    return np.array(rows or [(-1.0, -1.0, -1.0, -1.0)])


def _offers(at: Place, height: float) -> Iterator[Place]:
    """Give middles for a symbol from the nearest on: first above its place."""
    x, y = at
    yield x, y - height / 2 - _DOWN
    for radius in _RADII:
        for step in range(_ANGLES):
            # From the top to both sides, so that symbols rather stand above than below.
            turn = (step + 1) // 2 * (-1 if step % 2 else 1) * 2 * math.pi / _ANGLES
            yield x + radius * math.sin(turn) * 1.15, y - radius * math.cos(turn)


def _beside(box: Box, wide: float, tall: float) -> Iterator[Box]:
    """Give boxes for a name beside a symbol: at its sides, above and below."""
    left, right = box.left - GAP - 0.01 - wide, box.right + GAP + 0.01
    above, below = box.top - GAP - 0.01 - tall, box.bottom + GAP + 0.01
    middle, centre = box.top + (box.height - tall) / 2, box.left + (box.width - wide) / 2
    yield Box(right, middle, wide, tall)
    yield Box(left, middle, wide, tall)
    for top in (box.top, box.bottom - tall):
        yield Box(right, top, wide, tall)
        yield Box(left, top, wide, tall)
    for x in (centre, box.left, box.right - wide):
        yield Box(x, above, wide, tall)
        yield Box(x, below, wide, tall)


def _leader(box: Box, at: Place) -> tuple[Place, Place] | None:
    """Return the line from a symbol to its place; none where it stands right above it."""
    x, y = at
    if box.left < x < box.right and 0 < y - box.bottom < _DOWN + 0.05:
        return None
    edge = (min(max(x, box.left), box.right), min(max(y, box.top), box.bottom))
    return (edge, at) if math.dist(edge, at) > 0.02 else None


def _crosses(line: tuple[Place, Place], box: Box) -> bool:
    """Say whether a line reaches into a box, as Liang and Barsky clip it."""
    (x, y), (to_x, to_y) = line
    low, high = 0.0, 1.0
    for start, way, least, most in (
        (x, to_x - x, box.left, box.right),
        (y, to_y - y, box.top, box.bottom),
    ):
        if abs(way) < 1e-12:
            if start <= least or start >= most:
                return False
            continue
        one, other = sorted(((least - start) / way, (most - start) / way))
        low, high = max(low, one), min(high, other)
    return low < high - 1e-9
