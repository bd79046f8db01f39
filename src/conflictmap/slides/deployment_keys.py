"""The legend of a slide of deployments: what is on this map, in rows like words in a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conflictmap.schema import label
from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.deployment_moves import (
    PX_PT,
    arrow_parts,
    foot_parts,
    pattern_parts,
)
from conflictmap.slides.deployment_slide import DeploymentSlide
from conflictmap.slides.deployment_symbols import LINE, left_part, number_parts, twice_parts
from conflictmap.slides.fills import COUNTRY_LINE, INK
from conflictmap.slides.fitting import fit_lines, text_width
from conflictmap.slides.paper import LEAST_PT, Box
from conflictmap.slides.pieces import Part, Piece, rectangle
from conflictmap.slides.symbol_shapes import RATIO, symbol_parts
from conflictmap.symbols import IDENTITY_NAMES, Scheme, identity, symbol_code
from conflictmap.views.deployment_look import FAINTEST, KINDS, SIDES, WIDTHS
from conflictmap.views.deployment_statements import SIZE_BREAKS

_PERSONS, _BATTALIONS = SIZE_BREAKS["persons"], SIZE_BREAKS["battalions"]
_BESIDE, _APART, _BETWEEN = 0.08, 0.2, 0.035
_TALL = 0.31  # of a symbol in the legend
_ECHELONS: Final = ("company", "battalion", "brigade", "division", "corps")
_WIDTHS: Final = (
    "move (way not known), no strength",
    f"move (way not known): under {_PERSONS[0]:,} persons or 1 battalion",
    f"move (way not known): {_PERSONS[0]:,}+ persons or {_BATTALIONS[0]} battalions",
    f"move (way not known): {_PERSONS[1]:,}+ persons or {_BATTALIONS[1]}+ battalions",
)
_SIDE: Final = "de_facto_authorities"

Draw = Callable[[Box], tuple[list[Part], list[TextBlock]]]


@dataclass(frozen=True)
class Key:
    """One sign with its words; without a sign it is a remark."""

    name: str
    words: str
    width: float = 0.0
    height: float = LINE
    draw: Draw | None = None
    is_bold: bool = False


@dataclass(frozen=True)
class Keys:
    """What is laid out of a legend, and where it ends."""

    texts: tuple[TextBlock, ...]
    pieces: tuple[Piece, ...]
    bottom: float


def keys_of(slide: DeploymentSlide, *, has_durand: bool) -> tuple[Key, ...]:
    """Return the legend of what a slide shows, the most needed first."""
    drawn = slide.statements if "deployments" in slide.layers else ()
    keys: list[Key] = []
    with_symbol = [one for one in drawn if one.sidc and one.moves]
    if with_symbol:
        keys += _units(slide.scheme, {one.echelon for one in with_symbol})
        keys += _frames(slide.scheme, {one.affiliation for one in with_symbol})
    kinds = {one.kind for one in drawn if one.moves}
    if kinds:
        keys.append(Key("numbers", "Number of the row:", is_bold=True))
        keys += [_kind(kind) for kind in KINDS if kind in kinds]
    spots = {
        spot.kind
        for one in drawn
        for move in one.moves
        for spot in (move.spot, move.origin)
        if spot
    }
    if spots:
        keys.append(Key("known", "Place known:", is_bold=True))
    keys += [_place(kind) for kind in ("exact", "near", "district", "province") if kind in spots]
    sizes = {one.size_class for one in drawn if any(move.origin for move in one.moves)}
    keys += [_arrow(size) for size in range(len(WIDTHS)) if size in sizes]
    if any(one.is_dashed for one in with_symbol):
        keys.append(_dashed())
    if any(one.strength_of_evidence < 1 for one in with_symbol):
        keys.append(_faded(slide.half_life_days))
    if any(one.is_doubled for one in drawn):
        keys.append(_twice())
    if any(move.is_origin for one in drawn for move in one.moves):
        keys.append(_left())
    keys += [_told(kind) for kind in ("area", "claim") if any(_is_told(slide, kind))]
    if has_durand:
        keys.append(_durand())
    return tuple(keys)


def lay_out_keys(keys: Sequence[Key], box: Box) -> Keys:
    """Lay the legend out from the box's top, as wide as the box, however high that gets."""
    texts: list[TextBlock] = []
    pieces: list[Piece] = []
    left, top, tall = box.left, box.top, 0.0
    row: list[tuple[Key, float, tuple[str, ...], float]] = []

    def put_row() -> None:
        for key, at, lines, wide in row:
            start = at
            if key.draw:
                field = Box(at, top + (tall - key.height) / 2, key.width, key.height)
                parts, inside = key.draw(field)
                name = f"sign {key.name}"
                pieces.append(Piece(name, name, key.words, field, tuple(parts), tuple(inside)))
                start = field.right + _BESIDE
            high = len(lines) * LINE
            place = Box(start, top + (tall - high) / 2, wide, high)
            texts.append(
                TextBlock(
                    f"legend {key.name}",
                    place,
                    lines,
                    LEAST_PT,
                    is_bold=key.is_bold,
                    tone="ink" if key.is_bold or key.draw else "dim",
                )
            )

    for key in keys:
        sign = key.width + _BESIDE if key.draw else 0.0
        lines = fit_lines(key.words, box.width - sign, LEAST_PT, is_bold=key.is_bold)
        wide = max(text_width(line, LEAST_PT, is_bold=key.is_bold) for line in lines) + 0.01
        if row and (key.is_bold or left + sign + wide > box.right):
            put_row()
            left, top, tall, row = box.left, top + tall + _BETWEEN, 0.0, []
        row.append((key, left, lines, wide))
        tall = max(tall, key.height if key.draw else 0.0, len(lines) * LINE)
        left += sign + wide + _APART
    if row:
        put_row()
        top += tall
    return Keys(tuple(texts), tuple(pieces), top)


def cut_keys(keys: Sequence[Key], notes: Sequence[Key], box: Box) -> Keys:
    """Lay as many keys out as have room, say how many have none, and all notes."""
    for kept in range(len(keys), -1, -1):
        left_out = len(keys) - kept
        more = Key("more", f"and {left_out} more signs: see the page") if left_out else None
        laid = lay_out_keys([*keys[:kept], *([more] if more else []), *notes], box)
        if laid.bottom <= box.bottom:
            break
    return laid


def _units(scheme: Scheme, echelons: set[str]) -> list[Key]:
    keys = [Key("units", "Units (APP-6):", is_bold=True)]
    for echelon in _ECHELONS:
        if echelon in echelons:
            keys.append(
                _symbol(
                    f"echelon {echelon}",
                    symbol_code(scheme, _SIDE, echelon),
                    label(echelon).lower(),
                )
            )
    if echelons - set(_ECHELONS):
        keys.append(_symbol("echelon none", symbol_code(scheme, _SIDE, ""), "size not stated"))
    return keys


def _frames(scheme: Scheme, sides: set[str]) -> list[Key]:
    if scheme == "neutral":
        return []
    by_frame: dict[str, list[str]] = {}
    for side in SIDES:
        if side in sides:
            by_frame.setdefault(identity(scheme, side), []).append(side)
    return [
        _symbol(
            f"frame {IDENTITY_NAMES[code].lower()}",
            symbol_code(scheme, found[0], ""),
            f"{IDENTITY_NAMES[code].lower()} by choice: {', '.join(SIDES[one] for one in found)}",
        )
        for code, found in by_frame.items()
    ]


def _symbol(name: str, code: str, words: str, *, opacities: tuple[float, ...] = (1.0,)) -> Key:
    wide = _TALL * RATIO

    def draw(box: Box) -> tuple[list[Part], list[TextBlock]]:
        parts: list[Part] = []
        for n, opacity in enumerate(opacities):
            at = Box(box.left + n * wide, box.top, wide, box.height)
            parts += symbol_parts(code, at, opacity=opacity)
        return parts, []

    return Key(name, words, wide * len(opacities), _TALL, draw)


def _kind(kind: str) -> Key:
    def draw(box: Box) -> tuple[list[Part], list[TextBlock]]:
        return [number_parts(kind, box)], []

    return Key(f"kind {kind}", label(kind).lower(), 0.22, 0.19, draw)


def _place(kind: str) -> Key:
    words = {
        "exact": "named place",
        "near": "within the circle",
        "district": "to the district",
        "province": "to the province only",
    }

    def draw(box: Box) -> tuple[list[Part], list[TextBlock]]:
        radius = 0.1 if kind == "near" else 0.0
        x, y = box.left + box.width / 2, box.top + box.height / 2
        return foot_parts(kind, x, y, INK, radius), []

    return Key(f"known {kind}", words[kind], 0.2, LINE, draw)


def _arrow(size: int, *, is_dashed: bool = False, words: str = "", name: str = "") -> Key:
    def draw(box: Box) -> tuple[list[Part], list[TextBlock]]:
        y = box.top + box.height / 2
        x = np.linspace(box.left, box.right + 0.08, 25)
        points = np.column_stack([x, np.full(25, y)])
        return list(
            arrow_parts(
                points, INK, WIDTHS[size] * PX_PT, is_dashed=is_dashed, is_open=False, opacity=1.0
            )
        ), []

    return Key(name or f"width {size}", words or _WIDTHS[size], 0.42, LINE, draw)


def _dashed() -> Key:
    code = symbol_code("neutral", "other", "battalion", is_unsure=True)
    return _symbol("dashed", code, "planned, unconfirmed or a single claim")


def _faded(days: int) -> Key:
    code = symbol_code("neutral", "other", "battalion")
    unit = "day" if days == 1 else "days"
    words = f"fades with age, half in {days:,} {unit}"
    return _symbol("faded", code, words, opacities=(1.0, 0.5, FAINTEST))


def _twice() -> Key:
    def draw(box: Box) -> tuple[list[Part], list[TextBlock]]:
        part, text = twice_parts(box.left + box.width / 2, box.top + box.height / 2)
        return [part], [text]

    return Key("twice", "same unit in two places at one time: count once", 0.2, LINE, draw)


def _left() -> Key:
    def draw(box: Box) -> tuple[list[Part], list[TextBlock]]:
        return [left_part(box.left + 0.02, box.top + box.height / 2)], []

    return Key("left", "it left from here; where to is not known", 0.2, LINE, draw)


def _is_told(slide: DeploymentSlide, kind: str) -> list[bool]:
    return [one.is_area if kind == "area" else one.is_claim for one in slide.told]


def _told(kind: str) -> Key:
    words = {
        "area": "area of a group, by a report",
        "claim": "a group is claimed there",
    }

    def draw(box: Box) -> tuple[list[Part], list[TextBlock]]:
        return list(pattern_parts([rectangle(box.inset(0.015))], kind)), []

    return Key(f"told {kind}", words[kind], 0.36, LINE, draw)


def _durand() -> Key:
    def draw(box: Box) -> tuple[list[Part], list[TextBlock]]:
        y = box.top + box.height / 2
        line = np.array([[box.left, y], [box.right, y]])
        return [
            Part("line", (line,), line=COUNTRY_LINE, line_pt=1.5, dash="dash", is_closed=False)
        ], []

    return Key("durand", "Durand Line", 0.36, LINE, draw)
