"""Drawing the map with Folium: the areas once, then only what changes.

The base map is the same to the byte in every run, so the browser keeps its place and zoom; the
geometry is fetched from our own address. A change of filter sends one letter an area and some
numbers.

Nothing but codes, numbers and words of this module goes into Folium, which would run any text as a
template on the server.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template

from conflictmap.boundaries import BoundaryEdition
from conflictmap.ui.geometry import geometry_files
from conflictmap.ui.offline import SERVED_FROM_FRAME, st_folium
from conflictmap.views.counting import AreaValue
from conflictmap.views.map_view import MapView

MAP_HEIGHT = 560

_UNITS = {
    "incidents": "incidents",
    "killed": "killed",
    "wounded": "wounded",
    "share": "% of incidents",
    "per_1000_km2": "incidents per 1,000 km\u00b2",
    "change": "incidents more or fewer",
}

_CODE = re.compile(r"AF-[A-Z]{3}(-\d{2})?")


class _Areas(MacroElement):
    """The layers of areas, empty until told what to show; the browser's part is area_map.js."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var startAreaMap = {{ this.code }};"
        "startAreaMap({{ this._parent.get_name() }}, {{ this.files }});"
        "{% endmacro %}"
    )

    def __init__(self, files: dict[str, str], code: str) -> None:
        super().__init__()
        self._name = "Areas"
        self.files = json.dumps({level: SERVED_FROM_FRAME + file for level, file in files.items()})
        self.code = code


class _Show(MacroElement):
    """One message to the layers: what to show now."""

    _template = Template(
        "{% macro script(this, kwargs) %}window.areaMap.show({{ this.message }});{% endmacro %}"
    )

    def __init__(self, message: dict[str, Any]) -> None:
        super().__init__()
        self._name = "Show"
        self.message = json.dumps(message, separators=(", ", ": "))


def base_map() -> folium.Map:
    """Return an empty map over Afghanistan: nothing from elsewhere, the same each time."""
    return folium.Map(
        location=(33.9, 67.0),
        zoom_start=6,
        tiles=None,
        control_scale=True,
        attributionControl=False,
        zoomSnap=0.25,
        minZoom=4,
        maxZoom=12,
        max_bounds=False,
    )


def read_browser_part(name: str) -> str:
    """Return a script beside this module as one expression; it must not read as a template."""
    code = Path(__file__).with_name(name).read_text(encoding="utf-8")
    for opening in ("{{", "{%", "{#"):
        if opening in code:
            raise ValueError(f"{name} holds {opening}, which Folium would run as a template")
    return code.strip().rstrip(";")


def draw_areas(
    edition: BoundaryEdition, message: dict[str, Any], *, key: str, on_click: Any = None
) -> None:
    """Draw the map and tell it what to show.

    Parameters
    ----------
    message
        For ``areaMap.show`` of area_map.js: codes, numbers and fixed words only.
    key
        The map keeps its place and zoom as long as the key stays.
    on_click
        Called after a click on an area; `clicked_area` then tells which.
    """
    base = base_map()
    base.add_child(_Areas(geometry_files(edition), read_browser_part("area_map.js")))
    group = folium.FeatureGroup(name="shown")
    group.add_child(_Show(message))
    st_folium(
        base,
        key=key,
        height=MAP_HEIGHT,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=group,
        on_change=on_click,
    )


def clicked_area(value: object) -> str:
    """Return the code of the area a map reports as clicked; empty unless it is one.

    The value comes from a browser and is checked like any input.
    """
    code = value.get("area") if isinstance(value, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def map_message(view: MapView, *, selected: str, shows_marks: bool) -> dict[str, Any]:
    """Return what the browser is told of a view: a few kilobytes of letters and numbers."""
    areas = view.counts.areas
    return {
        "level": view.query.level,
        "letters": view.class_string,
        "colours": [entry.colour for entry in view.legend if entry.letter.isdigit()],
        "values": [None if area.value is None else round(area.value, 3) for area in areas],
        "hedges": "".join(_hedge(area) for area in areas),
        "unit": _UNITS[view.query.measure],
        "counts": view.query.measure in ("incidents", "killed", "wounded"),
        "selected": selected if _CODE.fullmatch(selected) else "",
        "marks": [
            [mark.kind, mark.latitude, mark.longitude, mark.radius_km, mark.incidents]
            for mark in view.points
        ]
        if shows_marks
        else [],
    }


def _hedge(area: AreaValue) -> str:
    """Return how sure a figure is, as a letter: exact, at least, about, or between two ends."""
    figure = area.figure
    if figure.best is None or figure.low == figure.best == figure.high:
        return "e"
    if figure.low is None:
        return "c"
    return "a" if figure.high is None else "b"
