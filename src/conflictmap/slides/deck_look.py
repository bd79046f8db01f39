"""How a deck looks: the letters and colours of its texts, and the fills of its areas.

Without a template these are our own; with one, the texts take its theme's. Areas, borders and marks
always keep the colours of the map: a class must look like its swatch on every slide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conflictmap.slides.blocks import Tone
from conflictmap.slides.deck_shapes import Words, colour, pattern, solid
from conflictmap.slides.fills import TONES, Drawing, fill_of

# Patterns of PowerPoint: strokes, lines, nets. Not its dots: LibreOffice makes a net of them, and
# a file that it has saved again must still say the same.
_PRESETS: Final[dict[Drawing, str]] = {
    "diagonal": "ltUpDiag",
    "horizontal": "ltHorz",
    "dots": "openDmnd",
    "crossed": "lgGrid",
}


@dataclass(frozen=True)
class Look:
    """Letters and colours of the texts of a deck."""

    font: str = "Arial"
    title_font: str = "Arial"
    tones: Mapping[str, str] = field(
        default_factory=lambda: {tone: colour(told) for tone, told in TONES.items()}
    )

    def words(self, size_pt: float, tone: Tone = "ink", **how: Any) -> Words:
        """Return how words of a tone are written."""
        return Words(size_pt, self.tones[tone], self.font, **how)


_THEME_DIM = '<a:schemeClr val="tx1"><a:lumMod val="75000"/><a:lumOff val="25000"/></a:schemeClr>'

THEME_LOOK: Final = Look(
    font="+mn-lt",
    title_font="+mj-lt",
    tones={
        "ink": '<a:schemeClr val="tx1"/>',
        "dim": _THEME_DIM,
        "warning": '<a:schemeClr val="tx1"/>',
        "paper": '<a:srgbClr val="FFFFFF"/>',  # on the colours of the map
    },
)
"""The letters and colours of an organisation's template."""


def area_fill(letter: str, hexadecimal: str) -> str:
    """Return the fill of a class or of a status."""
    told = fill_of(letter, hexadecimal)
    if told.drawing == "plain":
        return solid(told.ground)
    return pattern(_PRESETS[told.drawing], told.line, told.ground)
