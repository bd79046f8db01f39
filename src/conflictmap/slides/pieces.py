"""What a map of deployments is drawn with: outlines in inches, the same in every format.

A piece is one thing that means something, such as a unit's symbol with its number: PPTX keeps it as
one group, an SVG as parts of one name. Nothing in it is a picture made of pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.paper import Box

Array = np.ndarray[Any, Any]
Dash = Literal["", "dash", "dot"]
Place = tuple[float, float]

_AROUND = 40  # points of a circle


@dataclass(frozen=True)
class Part:
    """Outlines or lines of one look; an empty colour is not drawn."""

    name: str
    rings: tuple[Array, ...]
    fill: str = ""
    line: str = ""
    line_pt: float = 1.0
    dash: Dash = ""
    opacity: float = 1.0
    is_closed: bool = True


@dataclass(frozen=True)
class Piece:
    """Parts that belong together, from the lowest, with texts above them.

    ``key`` is made of fixed words and numbers; ``name`` may hold a source's words.
    """

    key: str
    name: str
    words: str
    box: Box
    parts: tuple[Part, ...]
    texts: tuple[TextBlock, ...] = ()


def circle(x: float, y: float, radius: float) -> Array:
    """Return a circle as a ring."""
    turn = np.linspace(0, 2 * math.pi, _AROUND, endpoint=False)
    return closed(np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)]))


def rectangle(box: Box) -> Array:
    """Return a box as a ring."""
    corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom)]
    return closed(np.array([*corners, (box.left, box.bottom)]))


def rounded(box: Box, corners: tuple[float, float, float, float]) -> Array:
    """Return a box with corners cut round, by parts of its shorter side: from the top left on."""
    side = min(box.width, box.height)
    radii = [part * side for part in corners]
    middles = (
        (box.left + radii[0], box.top + radii[0], math.pi),
        (box.right - radii[1], box.top + radii[1], 1.5 * math.pi),
        (box.right - radii[2], box.bottom - radii[2], 0.0),
        (box.left + radii[3], box.bottom - radii[3], 0.5 * math.pi),
    )
    points = []
    for (x, y, start), radius in zip(middles, radii, strict=True):
        steps = np.linspace(start, start + math.pi / 2, 9) if radius else np.array([start])
        points += [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in steps]
    return closed(np.array(points))


def closed(points: Array) -> Array:
    """Return points as a ring that ends where it begins."""
    return np.vstack([points, points[:1]])


def around(rings: Sequence[Array]) -> Box:
    """Return the box that holds all points."""
    points = np.vstack(rings)
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Box(left, top, right - left, bottom - top)


def around_boxes(boxes: Sequence[Box]) -> Box:
    """Return the box that holds all of them."""
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)
