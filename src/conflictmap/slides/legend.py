"""The legend of a slide: classes, statuses, how classes were chosen, and the signs of the map.

It stands in one column where there is room. Where there is not, its fields stand side by side,
then the fields of what the map does not show give way, and at last signs; a mark whose sign has
no room is not drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from conflictmap.slides.blocks import Sign, SignKind, Swatch, TextBlock, text_block
from conflictmap.slides.fitting import line_height, text_width
from conflictmap.slides.paper import LEAST_PT, Box
from conflictmap.slides.slide import AreaFill, Slide
from conflictmap.views.could_be import COULD_HOLD_SOME, NOT_ROBUST
from conflictmap.views.points import Points

DOUBT_SIGNS: Final[dict[str, tuple[SignKind, str]]] = {
    NOT_ROBUST: ("unsure", "class not robust"),
    COULD_HOLD_SOME: ("could", "none shown, could hold some"),
}
"""The sign and words of each mark that "could be here" puts on an area."""

MARK_SIGNS: Final[dict[str, SignKind]] = {"exact": "place", "near": "near", "cell": "cell"}
"""The sign of each kind of mark that is drawn."""

_FIELD: Final = 0.3  # width of a swatch or sign
_BESIDE: Final = 0.1  # between it and its words
_BETWEEN: Final = 0.04  # between rows
_APART: Final = 0.12  # between parts and between columns

# How many columns the classes stand in, and the statuses: the calmest first.
_COLUMNS: Final = ((1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (3, 2), (4, 2), (5, 2))


@dataclass(frozen=True)
class Field:
    """What one look of an area means; one that no area has gives way first."""

    letter: str
    colour: str
    words: str
    is_shown: bool


@dataclass(frozen=True)
class LegendWords:
    """What a legend says; its signs are the most needed first."""

    title: str
    fields: tuple[Field, ...]
    classing: str
    signs: tuple[tuple[SignKind, str], ...]
    has_counts: bool  # whether incidents known only to an area are left without a point

    @property
    def in_words(self) -> str:
        """Return it as one text."""
        return f"{self.title}: {'; '.join(one.words for one in self.fields)}"


@dataclass
class Legend:
    """What is laid out of a legend, and where it ends."""

    bottom: float
    texts: list[TextBlock] = field(default_factory=list)
    swatches: list[Swatch] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)

    def explains(self, kind: str) -> bool:
        """Say whether it has the sign of a kind of mark."""
        return any(sign.kind == MARK_SIGNS.get(kind) for sign in self.signs)


def legend_words(slide: Slide, *, has_durand: bool = True) -> LegendWords:
    """Return what the legend of one map says.

    Parameters
    ----------
    has_durand
        Whether the map shows any of the Durand Line.
    """
    fields = (
        Field(one.letter, one.colour, f"{one.text} ({one.areas:,})", one.areas > 0)
        for one in slide.legend
    )
    return LegendWords(
        slide.legend_title,
        tuple(fields),
        f"{slide.classing}. In brackets: areas.",
        (*doubt_signs([slide.areas]), *_signs(slide.points), *durand_sign(has_durand=has_durand)),
        any(kind in ("district", "province") for kind in slide.points.kind),
    )


def legend_wish(told: LegendWords) -> float:
    """Return the width at which each of its lines needs no break."""
    widest = max((text_width(one.words, LEAST_PT) for one in told.fields), default=0.0)
    return _FIELD + _BESIDE + widest + 0.02


def lay_out_legend(told: LegendWords, box: Box, *, leaving: tuple[float, ...] = ()) -> Legend:
    """Lay the legend out in a box.

    Parameters
    ----------
    leaving
        Heights at the bottom: the first that a whole legend can leave free is left free.
    """
    every, signs = told.fields, told.signs
    shown = tuple(one for one in every if one.is_shown)
    bottoms = [box.bottom - height for height in leaving]
    tries = [(every, signs, True, bottom) for bottom in bottoms]
    tries += [(every, signs, False, bottom) for bottom in bottoms]
    tries += [(every, signs, has_notes, box.bottom) for has_notes in (True, False)]
    tries += [(shown, signs[:kept], False, box.bottom) for kept in range(len(signs), -1, -1)]
    for entries, kept_signs, has_notes, bottom in tries:
        for columns in _COLUMNS:
            if _fit_across(entries, box.width, columns):
                legend = _laid_out(told, entries, kept_signs, box, columns, has_notes=has_notes)
                if legend.bottom <= bottom:
                    return legend
    return _cut_short(told, shown, box)


def _cut_short(told: LegendWords, entries: tuple[Field, ...], box: Box) -> Legend:
    """Return as many fields as have room, and how many there are more."""
    for kept in range(len(entries), -1, -1):
        legend = Legend(box.top)
        _put(legend, "legend title", told.title, box, is_bold=True, most=2)
        for part in _parts(entries[:kept]):
            legend.bottom = _put_fields(legend, part, box, 1)
        left_out = len(entries) - kept
        if left_out:
            _put(legend, "legend more", f"and {left_out} more without room", box)
        if legend.bottom <= box.bottom:
            break
    return legend


def doubt_signs(maps: Sequence[Sequence[AreaFill]]) -> list[tuple[SignKind, str]]:
    """Return the signs of what areas of some maps could hold, each with its number of areas."""
    if not any(fill.mark for fills in maps for fill in fills):
        return []
    signs = []
    for mark, (kind, words) in DOUBT_SIGNS.items():
        counts = [sum(fill.mark == mark for fill in fills) for fills in maps]
        if any(counts) or mark == NOT_ROBUST:
            signs.append((kind, f"{words} ({'; '.join(f'{n:,}' for n in counts)})"))
    return signs


def durand_sign(*, has_durand: bool) -> list[tuple[SignKind, str]]:
    """Return the sign of the Durand Line, where a map shows any of it."""
    return [("durand", "Durand Line")] if has_durand else []


def _signs(points: Points) -> list[tuple[SignKind, str]]:
    """Return the signs of marks with their words, the most needed first."""
    kinds = set(points.kind.tolist())
    size = "; larger: more killed and wounded"
    places = f"{points.places:,} {'place' if points.places == 1 else 'places'}"
    signs: list[tuple[SignKind, str]] = []
    if "cell" in kinds:
        signs.append(("cell", f"{places}, in cells of {points.cell_deg:g}\u00b0{size}"))
    if "exact" in kinds:
        signs.append(("place", "place" if signs else f"{places}{size}"))
    if "near" in kinds:
        near = "near there" if points.places == 1 else "each near there"
        ring = "near a place; ring: how far off"
        signs.append(("near", ring if signs else f"{places}, {near}{size}"))
    return signs


def _room(width: float, columns: int) -> float:
    """Return how wide the words of a field may be."""
    return (width - (columns - 1) * _APART) / columns - _FIELD - _BESIDE


def _parts(entries: tuple[Field, ...]) -> tuple[list[Field], list[Field]]:
    """Return classes and statuses."""
    classes = [entry for entry in entries if entry.letter.isdigit()]
    return classes, [entry for entry in entries if not entry.letter.isdigit()]


def _fit_across(entries: tuple[Field, ...], width: float, columns: tuple[int, int]) -> bool:
    """Say whether the words of fields that stand side by side need one line each."""
    return all(
        n == 1 or all(text_width(entry.words, LEAST_PT) <= _room(width, n) for entry in part)
        for part, n in zip(_parts(entries), columns, strict=True)
    )


def _laid_out(
    told: LegendWords,
    entries: tuple[Field, ...],
    signs: tuple[tuple[SignKind, str], ...],
    box: Box,
    columns: tuple[int, int],
    *,
    has_notes: bool,
) -> Legend:
    legend = Legend(box.top)
    _put(legend, "legend title", told.title, box, is_bold=True)
    legend.bottom += 0.06
    for part, n in zip(_parts(entries), columns, strict=True):
        legend.bottom = _put_fields(legend, part, box, n)
    _put(legend, "classing", told.classing, box)
    if signs:
        legend.bottom += _APART
        _put_signs(legend, signs, box)
    has_marks = any(kind in MARK_SIGNS.values() for kind, _ in signs)
    if has_notes and has_marks and told.has_counts:
        text = "Known only to a district or province: no point."
        _put(legend, "marks", text, box)
    return legend


def _put(
    legend: Legend,
    name: str,
    text: str,
    box: Box,
    *,
    is_bold: bool = False,
    most: int | None = None,
) -> None:
    block = text_block(
        name,
        text,
        Box(box.left, legend.bottom, box.width, 0),
        is_bold=is_bold,
        tone="ink" if is_bold else "dim",
        most=most,
    )
    legend.texts.append(block)
    legend.bottom = block.box.bottom


def _put_fields(legend: Legend, part: Iterable[Field], box: Box, columns: int) -> float:
    """Put fields with their words, column by column, and return where they end."""
    entries = list(part)
    rows = ceil(len(entries) / columns)
    room = _room(box.width, columns)
    top = end = legend.bottom
    for number, entry in enumerate(entries):
        if number % max(1, rows) == 0:
            top = legend.bottom
        left = box.left + (number // max(1, rows)) * (room + _FIELD + _BESIDE + _APART)
        words = Box(left + _FIELD + _BESIDE, top, room, 0)
        block = text_block(f"legend {entry.letter}", entry.words, words)
        legend.texts.append(block)
        swatch = Box(left, top + 0.025, _FIELD, line_height(LEAST_PT) - 0.05)
        legend.swatches.append(Swatch(swatch, entry.letter, entry.colour))
        top = block.box.bottom + _BETWEEN
        end = max(end, top)
    return end


def _put_signs(legend: Legend, signs: tuple[tuple[SignKind, str], ...], box: Box) -> None:
    for kind, text in signs:
        words = Box(box.left + _FIELD + _BESIDE, legend.bottom, _room(box.width, 1), 0)
        block = text_block(f"sign {kind}", text, words)
        legend.texts.append(block)
        sign = Box(box.left, legend.bottom, _FIELD, line_height(LEAST_PT))
        legend.signs.append(Sign(sign, kind))
        legend.bottom = block.box.bottom + _BETWEEN
