"""The papers that a slide is made for, in inches; a slide is read at arm's length or on a wall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

PaperName = Literal["16:9", "4:3", "a4", "square"]
PAPER_NAMES: tuple[PaperName, ...] = get_args(PaperName)

LEAST_PT = 12.0
"""The smallest letters on a slide, in points."""


@dataclass(frozen=True)
class Paper:
    """Width and height in inches, and the pixels of a picture of it."""

    name: PaperName
    width: float
    height: float
    pixels_wide: int  # of the ordinary picture; the large one has twice as many

    @property
    def is_wide(self) -> bool:
        """Say whether three columns stand side by side on it."""
        return self.width / self.height > 1.6


PAPERS: dict[PaperName, Paper] = {
    "16:9": Paper("16:9", 40 / 3, 7.5, 1920),
    "4:3": Paper("4:3", 10.0, 7.5, 1440),
    "a4": Paper("a4", 11.69, 8.27, 1684),
    "square": Paper("square", 8.5, 8.5, 1440),
}


@dataclass(frozen=True)
class Box:
    """A rectangle on the paper, in inches from the top left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return where it ends on the right."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return where it ends below."""
        return self.top + self.height

    def inset(self, by: float) -> Box:
        """Return the box that lies inside it, so far from each edge."""
        return Box(self.left + by, self.top + by, self.width - 2 * by, self.height - 2 * by)

    def overlaps(self, other: Box, *, by_more_than: float = 1e-6) -> bool:
        """Say whether it shares more than an edge with another box."""
        return (
            min(self.right, other.right) - max(self.left, other.left) > by_more_than
            and min(self.bottom, other.bottom) - max(self.top, other.top) > by_more_than
        )
