"""The colours and patterns of a slide, the same in every format.

What has no class is told apart by its drawing and not by its colour alone, so that it stays clear
in greyscale and for colour-blind readers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from conflictmap.views.map_view import NO_FIGURE, NO_REPORT, REFUSED, SUPPRESSED, ZERO

Drawing = Literal["plain", "diagonal", "horizontal", "dots", "crossed"]


@dataclass(frozen=True)
class Pattern:
    """How areas of a status are filled: a ground, and what is drawn on it."""

    ground: str
    drawing: Drawing = "plain"
    line: str = "#ffffff"


PATTERNS: Final[dict[str, Pattern]] = {
    ZERO: Pattern("#ffffff"),
    NO_REPORT: Pattern("#eef1f3", "diagonal", "#aab4bb"),
    NO_FIGURE: Pattern("#fdf6e3", "horizontal", "#a98c2e"),
    SUPPRESSED: Pattern("#ffffff", "dots", "#4b565e"),
    REFUSED: Pattern("#dfe4e8", "crossed", "#7d8890"),
}
"""By the letter of the status; classes have their own colour."""

INK: Final = "#18242c"
DIM: Final = "#4b565e"
WARNING: Final = "#a4161a"
PAPER: Final = "#ffffff"
TONES: Final[dict[str, str]] = {"ink": INK, "dim": DIM, "warning": WARNING, "paper": PAPER}
"""Colours of letters, by the tone of a text block."""

RULE: Final = "#c9d0d5"  # lines of the table and the chart
AREA_LINE: Final = "#828d95"
PROVINCE_LINE: Final = "#4b565e"
COUNTRY_LINE: Final = "#14222c"
MARK: Final = "#123a56"
SHOWN_BAR: Final = "#1f5f8b"
OTHER_BAR: Final = "#a9c3d4"
WATER: Final = "#e6eef3"
LAND: Final = "#c3ccd2"
HERE: Final = "#a4161a"


def fill_of(letter: str, colour: str) -> Pattern:
    """Return how areas of a class or status are filled."""
    return Pattern(colour) if colour else PATTERNS[letter]
