"""The map in words, for those who do not see it: names from the boundary edition, and numbers."""

from __future__ import annotations

import math

from conflictmap.views.figures import AreaValue
from conflictmap.views.map_view import NO_REPORT, ZERO, MapView
from conflictmap.views.query import Measure

_COUNTED: tuple[Measure, ...] = ("incidents", "killed", "wounded")
_UNITS: dict[Measure, str] = {"share": "%", "per_1000_km2": " per 1,000 km\u00b2"}


def text_alternative(view: MapView, *, most: int | None = None) -> str:
    """Return all that a map shows as one text, its areas in the order of the table beside it.

    It holds names of areas, numbers and fixed words only, no text of a report: it may go onto the
    map.

    Parameters
    ----------
    most
        Areas to name, the highest first; how many more there are is told. By default all.
    """
    if view.counts.refusal:
        return f"{view.title}: not shown; the reason stands beside the map."
    areas = zip(view.counts.areas, view.class_string, strict=True)
    shown = [area for area, letter in areas if area.value is not None and letter != ZERO]
    shown.sort(key=lambda area: (-(area.value or 0), area.name))
    listed = ", ".join(f"{area.name} {value_words(view, area)}" for area in shown[:most])
    if most is not None and len(shown) > most:
        listed += f" and {len(shown) - most} more areas, in the table beside the map"
    return f"{view.title}: {'; '.join([listed or 'no area has a figure', *_others(view)])}."


def value_words(view: MapView, area: AreaValue, *, is_short: bool = False) -> str:
    """Return a value in words no more certain than it is, such as "at least 12".

    A rate or share has two figures that count, so that a small one never reads as zero. A short
    one leaves out the unit of a rate, for a table or map whose heading has it.
    """
    measure, value = view.query.measure, area.value or 0
    if measure in _COUNTED:
        return area.figure.words
    if measure == "change":
        return f"{value:+,g}" if value else "0"
    decimals = max(0, 1 - math.floor(math.log10(abs(value)))) if value else 0
    unit = "" if is_short and measure == "per_1000_km2" else _UNITS.get(measure, "")
    return f"{round(value, decimals):,.10g}{unit}"


def _others(view: MapView) -> list[str]:
    """Return what no area shows as a number: zero, no figure, the bins, and silence."""
    counts, level = view.counts, view.query.level
    areas = list(zip(counts.areas, view.class_string, strict=True))
    others = []
    for words, names in (
        ("zero, by what a source says", [area.name for area, letter in areas if letter == ZERO]),
        (
            "incidents reported, no figure given",
            [area.name for area, _ in areas if area.status == "no_figure"],
        ),
    ):
        if names:
            others.append(f"{words}: {', '.join(sorted(names))}")
    for figure, words in (
        (counts.not_placed, f"not placed at {level} level"),
        (counts.abroad, "abroad"),
        (counts.suppressed, f"in {counts.suppressed_areas} suppressed areas"),
        (counts.not_dated, "more not dated to this period"),
    ):
        if figure.incidents:
            others.append(f"{figure.words} {words}")
    silent = view.class_string.count(NO_REPORT)
    if silent:
        others.append(f"no report in the sources read: {silent} area{'s' if silent > 1 else ''}")
    return others
