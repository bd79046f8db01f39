"""Names with values on a slide's map: the highest first, where nothing else stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely

from conflictmap.slides.blocks import Label
from conflictmap.slides.fitting import line_height, text_width
from conflictmap.slides.marks import DrawnMark
from conflictmap.slides.outlines import Outlines, Shape
from conflictmap.slides.paper import LEAST_PT, Box
from conflictmap.slides.slide import Slide

Array = np.ndarray[Any, Any]
Place = tuple[float, float]

_HALO: Final = 0.03

# How far from an area's label point its name may stand, in inches: as near as can be.
_NEARBY: Final = (
    *((0.0, 0.0), (0.0, -0.14), (0.0, 0.14), (-0.2, 0.0), (0.2, 0.0)),
    *((0.0, -0.24), (0.0, 0.24), (-0.3, -0.14), (0.3, -0.14), (-0.3, 0.14), (0.3, 0.14)),
)

_MOST: Final = 12
"""So many of the highest are named: a map of more names is hard to read."""

_MOST_AWAY: Final = 3
"""How many of the highest may stand beside the country, with a line, where theirs has no room."""

_AWAY: Final = tuple(
    (distance * math.cos(math.radians(angle)), distance * math.sin(math.radians(angle)))
    for distance in (0.45, 0.6, 0.75, 0.9, 1.05, 1.2, 1.35)
    for angle in range(0, 360, 15)
)


def lay_out_labels(
    slide: Slide,
    shapes: Outlines,
    marks: Sequence[DrawnMark],
    within: Box,
    taken: Sequence[Box],
    *,
    most_away: int = _MOST_AWAY,
    most_hidden: float = 1.0,
) -> tuple[Label, ...]:
    """Return the names that have room; all values stand in the table and the fills.

    A name never covers another, the mark of a place or what is `taken`, stays on the map, and has
    its middle in its own area or a line to it.

    Parameters
    ----------
    most_away
        How many of the highest may stand beside the country.
    most_hidden
        What part of any area that wants a name a name may cover: on a small map names would hide
        the fills. Below 1 no line crosses such an area either.
    """
    places = {shape.code: shape for shape in shapes.areas}
    valued = [fill for fill in slide.areas if fill.value and fill.letter.isdigit()]
    highest = sorted(valued, key=lambda fill: (-(fill.value or 0), fill.name))[:_MOST]
    board = _Board(
        within=within,
        blocked=[*taken, *(_around(mark) for mark in marks if mark.kind != "cell")],
        ground=_ground(shapes.areas),
        named={fill.code: _ground([places[fill.code]]) for fill in highest},
        most_hidden=most_hidden,
    )
    for number, fill in enumerate(highest):
        text, shape = f"{fill.name} {fill.words}", places[fill.code]
        if not board.put_in(shape, text) and number < most_away:
            board.put_beside(shape, text)
    return tuple(board.labels)


@dataclass
class _Board:
    """The map with the labels that are on it so far."""

    within: Box
    blocked: list[Box]
    ground: Array  # all areas as polygons
    named: dict[str, Array]  # those of the areas that want a label
    most_hidden: float
    labels: list[Label] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    lines: list[tuple[Place, Place]] = field(default_factory=list)

    def put_in(self, shape: Shape, text: str) -> bool:
        """Put a label into its area, and say whether there was room."""
        for right, down in _NEARBY:
            x, y = shape.label[0] + right, shape.label[1] + down
            box = _box(text, x, y)
            if self._is_free(box) and _holds(shape, x, y) and not self._hides(box):
                self._add(Label(x, y, text, LEAST_PT, shape.code), box)
                return True
        return False

    def put_beside(self, shape: Shape, text: str) -> None:
        """Put a label where no area is, with a line that rather crosses no area with a label."""
        fallback: tuple[Label, Box] | None = None
        for right, down in _AWAY:
            x, y = shape.label[0] + right, shape.label[1] + down
            box = _box(text, x, y)
            if not self._is_free(box) or not _is_off(self.ground, box):
                continue
            line = _line(box, shape.label)
            if any(_crosses(line, other) for other in self.boxes):
                continue
            found = Label(x, y, text, LEAST_PT, shape.code, *line), box
            fallback = fallback or found
            if not self._meets_named(line, shape.code):
                self._add(*found)
                return
        if fallback and self.most_hidden >= 1:
            self._add(*fallback)

    def _is_free(self, box: Box) -> bool:
        return (
            _is_inside(box, self.within)
            and not any(box.overlaps(other) for other in (*self.blocked, *self.boxes))
            and not any(_crosses(line, box) for line in self.lines)
        )

    def _hides(self, box: Box) -> bool:
        """Say whether a label would cover too much of an area that wants one."""
        if self.most_hidden >= 1:
            return False
        edges = shapely.box(box.left, box.top, box.right, box.bottom)
        return any(
            shapely.area(shapely.intersection(polygons, edges)).sum()
            > self.most_hidden * shapely.area(polygons).sum()
            for polygons in self.named.values()
        )

    def _meets_named(self, line: tuple[Place, Place], but: str) -> bool:
        path = shapely.LineString(line)
        return any(
            shapely.intersects(polygons, path).any()
            for code, polygons in self.named.items()
            if code != but
        )

    def _add(self, label: Label, box: Box) -> None:
        self.labels.append(label)
        self.boxes.append(box)
        if label.line_from and label.line_to:
            self.lines.append((label.line_from, label.line_to))


def _box(text: str, x: float, y: float) -> Box:
    """Return what a label takes around a point."""
    width, height = text_width(text, LEAST_PT) + 2 * _HALO, line_height(LEAST_PT)
    return Box(x - width / 2, y - height / 2, width, height)


def _ground(areas: Sequence[Shape]) -> Array:
    """Return areas as polygons without holes."""
    rings = (ring for shape in areas for ring in shape.rings if len(ring) > 3)
    ground = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    shapely.prepare(ground)
    return ground


def _is_off(ground: Array, box: Box) -> bool:
    """Say whether a label lies where no area is."""
    edges = shapely.box(box.left, box.top, box.right, box.bottom)
    return not shapely.intersects(ground, edges).any()


def _line(box: Box, to: Place) -> tuple[Place, Place]:
    """Return a line from the edge of a label to a point."""
    x = min(max(to[0], box.left), box.right)
    y = min(max(to[1], box.top), box.bottom)
    return (x, y), to


def _around(mark: DrawnMark) -> Box:
    return Box(mark.x - mark.radius, mark.y - mark.radius, 2 * mark.radius, 2 * mark.radius)


def _crosses(line: tuple[Place, Place], box: Box) -> bool:
    edges = shapely.box(box.left, box.top, box.right, box.bottom)
    return bool(shapely.LineString(line).intersects(edges))


def _holds(shape: Shape, x: float, y: float) -> bool:
    """Say whether a point lies in an area."""
    if (x, y) == shape.label:
        return True
    return any(
        shapely.Polygon(ring).contains(shapely.Point(x, y)) for ring in shape.rings if len(ring) > 3
    )


def _is_inside(box: Box, within: Box) -> bool:
    return (
        box.left >= within.left
        and box.right <= within.right
        and box.top >= within.top
        and box.bottom <= within.bottom
    )
