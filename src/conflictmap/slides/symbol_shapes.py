"""The APP-6 symbol of a unit as outlines: what `symbols.symbol_svg` draws, without a picture."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import lru_cache
from typing import Any, Final

import numpy as np

from conflictmap.slides.paper import Box
from conflictmap.slides.pieces import Array, Part, closed
from conflictmap.symbols import symbol_svg

RATIO: Final = 60 / 66
"""Width of a symbol to its height."""

_CURVED = 8  # straight steps of a curve


def symbol_parts(code: str, box: Box, *, opacity: float = 1.0) -> tuple[Part, ...]:
    """Return the outlines of a code in a box of the `RATIO`.

    Below a faint one lies white paper in the shape of its frame, so that it does not take the
    colour of what is under it.
    """
    scale = box.height / _frame(code)[3]
    parts = []
    for number, (rings, fill, line, width, is_dashed) in enumerate(_paths(code)):
        placed = tuple(_placed(ring, code, box, scale) for ring in rings)
        if not number and fill and opacity < 1:
            parts.append(Part("ground", placed, fill="#ffffff"))
        parts.append(
            Part(
                f"part {number + 1}",
                placed,
                fill=fill,
                line=line,
                line_pt=width * scale * 72,
                dash="dash" if is_dashed else "",
                opacity=opacity,
                is_closed=True,
            )
        )
    return tuple(parts)


def _placed(ring: Array, code: str, box: Box, scale: float) -> Array:
    left, top, _, _ = _frame(code)
    return np.column_stack(
        [box.left + (ring[:, 0] - left) * scale, box.top + (ring[:, 1] - top) * scale]
    )


@lru_cache(maxsize=64)
def _frame(code: str) -> tuple[float, float, float, float]:
    """Return the view box of a symbol."""
    left, top, width, height = map(float, ET.fromstring(symbol_svg(code)).attrib["viewBox"].split())
    return left, top, width, height


@lru_cache(maxsize=64)
def _paths(code: str) -> tuple[tuple[tuple[Array, ...], str, str, float, bool], ...]:
    """Return rings, fill, line, its width and whether it is dashed, of each path of a symbol."""
    found = []
    for element in ET.fromstring(symbol_svg(code)).iter():
        kind = element.tag.rpartition("}")[2]
        if kind in ("svg", "g"):
            continue
        if kind != "path":
            raise ValueError(f"The symbol {code} has a {kind}, which is no path.")
        fill, line = _colour(element.get("fill", "")), _colour(element.get("stroke", ""))
        # The white line under a dashed frame parts it from the ground.
        width = float(element.get("stroke-width", "1"))
        is_dashed = bool(element.get("stroke-dasharray"))
        if fill or line:
            found.append((_rings(element.attrib["d"]), fill, line, width, is_dashed))
    return tuple(found)


def _colour(told: str) -> str:
    if told in ("", "none"):
        return ""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", told):
        raise ValueError(f"'{told}' is no colour of a symbol.")
    return told.lower()


def _rings(path: str) -> tuple[Array, ...]:
    from svgpathtools import Line, parse_path  # a second to import, so only when a unit is drawn

    rings = []
    for outline in parse_path(path).continuous_subpaths():
        points: list[Any] = []
        for segment in outline:
            steps = 1 if isinstance(segment, Line) else _CURVED
            points += [segment.point(step / steps) for step in range(steps)]
        rings.append(closed(np.array([(point.real, point.imag) for point in points])))
    return tuple(rings)
