"""Incidents as marks on a slide's map: a place, an area it lies in, or a count on a label point."""

from __future__ import annotations

import math
from dataclasses import dataclass

from conflictmap.slides.outlines import Outlines
from conflictmap.views.points import Points

LEAST_RADIUS, MOST_RADIUS = 0.035, 0.13
"""Inches; the radius grows with the square root of the people harmed, so that areas compare."""

_KM_A_DEGREE = 92.5  # of longitude in the middle of the country; of latitude 111

_COUNTS = ("district", "province")


@dataclass(frozen=True)
class DrawnMark:
    """One mark in inches. A count on a label point is told apart from a place by its kind."""

    kind: str  # exact, near, cell, district, province
    x: float
    y: float
    radius: float
    around: float  # how far off the place may be; 0: not known so, or exact
    incidents: int
    harmed: int


def draw_marks(points: Points, shapes: Outlines) -> tuple[DrawnMark, ...]:
    """Return the marks of a view, those of most people harmed first, so that small ones stay seen.

    Counts on label points are left out: the fills and the table have them.
    """
    if not len(points):
        return ()
    at = shapes.place(points.longitude, points.latitude)
    most = max(1, max((int(harmed) for harmed in points.harmed), default=1))
    marks = []
    for number, kind in enumerate(points.kind):
        if kind in _COUNTS:
            continue
        harmed, around = int(points.harmed[number]), float(points.radius_km[number])
        least, largest = LEAST_RADIUS, MOST_RADIUS
        if kind == "cell":  # squares that never cover their neighbours', so that fills stay seen
            half = (points.cell_deg or 0.0) * _KM_A_DEGREE / 2 * shapes.inches_per_km
            least, largest = 0.3 * half, 0.85 * half
        size = least + (largest - least) * math.sqrt(harmed / most)
        marks.append(
            DrawnMark(
                str(kind),
                float(at[number, 0]),
                float(at[number, 1]),
                size,
                0.0 if math.isnan(around) else around * shapes.inches_per_km,
                int(points.incidents[number]),
                harmed,
            )
        )
    return tuple(sorted(marks, key=lambda mark: (-mark.radius, mark.x, mark.y)))
