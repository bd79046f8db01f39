"""The scale bar of a slide's map."""

from __future__ import annotations

from dataclasses import dataclass

from conflictmap.slides.fitting import line_height, text_width
from conflictmap.slides.paper import LEAST_PT, Box

_LENGTHS_KM = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_MOST = 0.22
"""How much of the map's width the bar takes at most."""


@dataclass(frozen=True)
class ScaleBar:
    """A line of a round number of km, and its label above it; in inches."""

    left: float
    right: float
    y: float
    label: str

    @property
    def box(self) -> Box:
        """Return what it takes with its label, which stands in the middle above the line."""
        width = max(self.right - self.left, text_width(self.label, LEAST_PT)) + 0.06
        height = line_height(LEAST_PT) + 0.06
        return Box((self.left + self.right - width) / 2, self.y - height, width, height + 0.04)


def scale_bar(inches_per_km: float, map_box: Box, beside: Box) -> ScaleBar:
    """Return the longest round bar that is short enough, on the left of the locator's box.

    There the country has no area. The map's projection keeps lengths true to some 0.3 % all over
    it.
    """
    fitting = [km for km in _LENGTHS_KM if km * inches_per_km <= _MOST * map_box.width]
    km = fitting[-1] if fitting else _LENGTHS_KM[0]
    long, label = km * inches_per_km, f"{km} km"
    over = (text_width(label, LEAST_PT) + 0.1 - long) / 2  # of a label wider than its bar
    right, y = beside.left - max(0.2, over), map_box.bottom - 0.06
    return ScaleBar(right - long, right, y, label)
