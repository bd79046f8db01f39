"""The map of areas: drawing it, and what the browser tells of a click or of the time slider."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from conflictmap.boundaries import BoundaryEdition
from conflictmap.periods import STEP_KEY
from conflictmap.ui.browser_map import BrowserMap, draw_browser_map
from conflictmap.ui.map_message import is_unit_code

_AREAS = BrowserMap(("time_bar.js", "area_map.js"), start="startAreaMap", shown_by="areaMap")


def draw_areas(
    edition: BoundaryEdition,
    message: dict[str, Any],
    *,
    key: str,
    on_told: Callable[[], None] | None = None,
) -> None:
    """Draw the map with its time slider and tell it what to show.

    Parameters
    ----------
    message
        See `map_message.map_message`.
    key, on_told
        As of `draw_browser_map`; `clicked_area`, `rested_at` and `last_told` read what was told.
    """
    draw_browser_map(_AREAS, edition, message, key=key, on_told=on_told)


def clicked_area(value: object) -> str:
    """Return the code of the area a map reports as clicked; empty unless it is one.

    The value comes from a browser and is checked like any input.
    """
    code = value.get("area") if isinstance(value, dict) else None
    return code if isinstance(code, str) and is_unit_code(code) else ""


def rested_at(value: object, slider: str) -> str | None:
    """Return the key of the step at which a slider came to rest; None where it did not.

    Parameters
    ----------
    slider
        "time", or "against" for the second map's.
    """
    key = value.get(slider) if isinstance(value, dict) else None
    is_key = isinstance(key, str) and (not key or re.fullmatch(STEP_KEY, key))
    return key if is_key else None


def last_told(value: object) -> int:
    """Return the number of the last thing that the browser told; 0 where there is none."""
    number = value.get("seq") if isinstance(value, dict) else None
    return number if isinstance(number, int) and 0 <= number < 2**53 else 0
