"""Where a native shape lies and what it looks like, in words that two equal shapes share."""

from __future__ import annotations

import re
from typing import Any, Final

from conflictmap.slides.deck_deployments import KEYS, MOVES, TOLD, UNITS
from conflictmap.slides.deck_map import DOUBTS, SECOND

DRAWN: Final = {KEYS, MOVES, TOLD, UNITS, DOUBTS, f"{DOUBTS}{SECOND}"}
"""The groups of which each shape is read with its place."""

_DML = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PML = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_AT = re.compile(r"at (-?\d+), (-?\d+) of (\d+) x (\d+)")
_STEP = 9_144  # EMU: a hundredth of an inch; programs round what they save again


def drawn_words(element: Any, fill: str) -> str:
    """Return a shape's place, size, fill and line; of a group how it moves what it holds."""
    group = element.find(f"{_PML}grpSpPr")
    look = element.find(f"{_PML}spPr") if group is None else group
    placed = look.find(f"{_DML}xfrm") if look is not None else None
    if placed is None:
        return "no place"
    turned = [f"{name} {value}" for name, value in sorted(placed.attrib.items())]
    sides = {child.tag.removeprefix(_DML): list(child.attrib.values()) for child in placed}
    if group is not None:  # programs draw its frame closer: only what moves its shapes counts
        moved = [_apart(sides, "off", "chOff"), _apart(sides, "ext", "chExt")]
        return ", ".join([*(f"moved {one}" for one in moved if any(one)), *turned]) or "as drawn"
    at = [round(int(value) / _STEP) for name in ("off", "ext") for value in sides.get(name, [])]
    edge = look.find(f"{_DML}ln")
    told = edge.find(f".//{_DML}srgbClr") if edge is not None else None
    line = "" if told is None else f"line #{(told.get('val') or '').lower()}"
    place = "at {}, {} of {} x {}".format(*at) if len(at) == 4 else "no place"
    return ", ".join(part for part in (place, *turned, fill, line) if part)


def unlike_drawn(found: dict[str, str], wanted: dict[str, str]) -> dict[str, str]:
    """Return what is drawn otherwise, by name; a hundredth of an inch aside, for rounding."""
    return {
        name: found.get(name, "nothing")
        for name in {**wanted, **found}
        if not _is_alike(found.get(name, ""), wanted.get(name, ""))
    }


def _is_alike(one: str, other: str) -> bool:
    first, second = _AT.match(one), _AT.match(other)
    if not (first and second):
        return one == other
    pairs = zip(first.groups(), second.groups(), strict=True)
    is_near = all(abs(int(side) - int(meant)) <= 1 for side, meant in pairs)
    return is_near and one[first.end() :] == other[second.end() :]


def _apart(sides: dict[str, list[str]], outer: str, inner: str) -> list[int]:
    """Return how far a group's own frame differs from that of its shapes, x and y."""
    pairs = zip(sides.get(outer, []), sides.get(inner, []), strict=False)
    return [round((int(one) - int(other)) / _STEP) for one, other in pairs]
