"""The pieces that a slide is laid out with: lines of text, fields of the legend, signs, labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conflictmap.slides.fitting import fit_lines, line_height
from conflictmap.slides.paper import LEAST_PT, Box

Align = Literal["left", "center", "right"]
Tone = Literal["ink", "dim", "warning", "paper"]
SignKind = Literal["place", "near", "cell", "durand", "unsure", "could"]


@dataclass(frozen=True)
class TextBlock:
    """Lines of text in a box, from its top, each `fitting.line_height` high."""

    name: str  # what it is: title, subtitle, counted, sources, boundaries, disclaimer, marking ...
    box: Box
    lines: tuple[str, ...]
    size_pt: float
    is_bold: bool = False
    align: Align = "left"
    tone: Tone = "ink"


@dataclass(frozen=True)
class Swatch:
    """One field of the legend: how areas of a class or status are filled."""

    box: Box
    letter: str
    colour: str  # empty: the pattern of the letter


@dataclass(frozen=True)
class Sign:
    """What a mark or line of the map looks like, beside its words in the legend."""

    box: Box
    kind: SignKind


@dataclass(frozen=True)
class Label:
    """The name and value of an area on the map, around a point.

    One that stands away from its area has a line to a point in it.
    """

    x: float
    y: float
    text: str
    size_pt: float
    code: str = ""
    line_from: tuple[float, float] | None = None
    line_to: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """Return what it is called among the texts of the slide."""
        return f"label {self.code}"


def text_block(
    name: str,
    text: str,
    box: Box,
    *,
    is_bold: bool = False,
    tone: Tone = "ink",
    most: int | None = None,
) -> TextBlock:
    """Return a text in the smallest letters, in as many lines as it takes from the box's top."""
    lines = fit_lines(text, box.width, LEAST_PT, is_bold=is_bold, most=most)
    height = len(lines) * line_height(LEAST_PT)
    placed = Box(box.left, box.top, box.width, height)
    return TextBlock(name, placed, lines, LEAST_PT, is_bold=is_bold, tone=tone)
