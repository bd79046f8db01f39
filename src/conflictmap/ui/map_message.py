"""What the browser is told of a map: letters, numbers, codes and fixed words, packed small.

The letters of every step of the time slider travel together, so the slider moves without asking.
They are data: they go over the session's own connection, never to an open address.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

import numpy as np

from conflictmap.periods import in_solar_hijri
from conflictmap.views.alternative import text_alternative
from conflictmap.views.figures import AreaValue
from conflictmap.views.map_view import MapSeries, MapView

_UNITS = {
    "incidents": "incidents",
    "killed": "killed",
    "wounded": "wounded",
    "share": "% of incidents",
    "per_1000_km2": "incidents per 1,000 km\u00b2",
    "change": "incidents more or fewer",
}
_KINDS = {"exact": "e", "near": "n", "cell": "c", "district": "d", "province": "p"}
_MOST_IN_WORDS = 50  # areas that are read out; the table and the page's own text have all
_COUNTED = ("incidents", "killed", "wounded")

_CODE = re.compile(r"AF-[A-Z]{3}(-\d{2})?")


def map_message(
    view: MapView,
    series: MapSeries | None = None,
    *,
    selected: str = "",
    shows_marks: bool = True,
    against: MapView | None = None,
    seen: int = 0,
) -> dict[str, Any]:
    """Return what area_map.js is told of a view.

    Parameters
    ----------
    series
        The time slider that the view is a position of; without it there is no slider.
    against
        The view on the second map, another position of the same slider.
    seen
        Number of the last thing that the browser told.
    """
    positions = {view.query.shown: view} | ({against.query.shown: against} if against else {})
    keys = series.keys if series else (view.query.shown,)
    # Area by area, so that like stands by like and packs small.
    letters = _text(series.letters.T) if series else view.class_string
    values = {str(keys.index(key)): _values(one) for key, one in positions.items()}
    return {
        "level": view.query.level,
        "areas": len(view.counts.areas),
        "letters": letters,
        "steps": _steps(view, series),
        "shown": keys.index(view.query.shown),
        "against": keys.index(against.query.shown) if against else -1,
        "colours": [entry.colour for entry in view.legend if entry.letter.isdigit()],
        "labels": [entry.text for entry in view.legend if entry.letter.isdigit()],
        "values": values,
        "unit": _UNITS[view.query.measure],
        "counts": view.query.measure in _COUNTED,
        "selected": selected if is_unit_code(selected) else "",
        "marks": _marks(view) if shows_marks else None,
        "could": {"marks": view.could.marks, "words": view.could.words} if view.could else None,
        "seen": seen,
        "in_words": text_alternative(view, most=_MOST_IN_WORDS),
    }


def pack(message: dict[str, Any]) -> str:
    """Return a message small and in letters that are a template or markup nowhere."""
    plain = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(zlib.compress(plain, 6)).decode("ascii")


def unpack(packed: str) -> dict[str, Any]:
    """Return the message that was packed, as the browser reads it."""
    message: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return message


def is_unit_code(text: str) -> bool:
    """Say whether a text has the form of a province's or district's code."""
    return _CODE.fullmatch(text) is not None


def _values(view: MapView) -> list[Any]:
    """Return the numbers of each area, and how sure each is."""
    areas = view.counts.areas
    return [
        [None if area.value is None else round(area.value, 3) for area in areas],
        "".join(_hedge(area) for area in areas),
    ]


def _hedge(area: AreaValue) -> str:
    """Return how sure a figure is, as a letter: exact, at least, about, or between two ends."""
    figure = area.figure
    if figure.best is None or figure.low == figure.best == figure.high:
        return "e"
    if figure.low is None:
        return "c"
    return "a" if figure.high is None else "b"


def _marks(view: MapView) -> dict[str, Any]:
    """Return the marks column by column, which packs smaller: a letter a kind, then numbers.

    Degrees are whole ten-thousandths, each the difference from the one before; -1 is no radius.
    """
    points = view.points
    order = np.lexsort((points.longitude, points.latitude))
    degrees = {
        name: np.diff((end[order] * 10_000).round().astype("int64"), prepend=0).tolist()
        for name, end in (("lat", points.latitude), ("lon", points.longitude))
    }
    return {
        "kinds": "".join(_KINDS[kind] for kind in points.kind[order]),
        **degrees,
        "radius": np.nan_to_num(points.radius_km[order], nan=-1).round(2).tolist(),
        "n": points.incidents[order].tolist(),
        "harmed": points.harmed[order].tolist(),
    }


def _steps(view: MapView, series: MapSeries | None) -> dict[str, Any]:
    """Return key, label, days in the other calendar and counts of each position of the slider."""
    if series is None:
        return {"keys": [view.query.shown], "labels": [""], "others": [""], "counts": [[0]] * 3}
    whole = series.query.chosen.period
    others = [in_solar_hijri(whole), *(step.in_other_calendar for step in series.steps)]
    labels = [whole.label, *(step.label for step in series.steps)]
    if series.query.is_cumulative:
        labels[1:] = [f"up to the end of {label}" for label in labels[1:]]
        others[1:] = [""] * len(series.steps)
    return {
        "keys": list(series.keys),
        "labels": labels,
        "others": others,
        "counts": _step_counts(series),
    }


def _step_counts(series: MapSeries) -> list[list[int]]:
    """Return how many incidents of each position are counted, not on the map, and not dated."""
    found = series.counts.incidents()
    off = found["not_placed"] + found["abroad"]
    return [found["total"].tolist(), off.tolist(), found["not_dated"].tolist()]


def _text(letters: np.ndarray[Any, Any]) -> str:
    """Return an array of single letters as one text, row by row."""
    return np.ascontiguousarray(letters).tobytes().decode("ascii")
