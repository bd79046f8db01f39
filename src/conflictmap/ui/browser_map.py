"""A map in the browser: Folium draws the empty frame once, messages tell it what to show.

The frame is the same to the byte in every run, so the browser keeps its place and zoom. Scripts and
geometry are fetched from our own address and kept; a run sends one packed message.

Nothing but addresses and packed messages goes into Folium, which would run any text as a template
on the server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from conflictmap.boundaries import BoundaryEdition
from conflictmap.ui.geometry import geometry_files
from conflictmap.ui.map_backdrop import ABOVE_AREAS, Backdrop
from conflictmap.ui.map_message import pack
from conflictmap.ui.offline import draw_prepared, prepare_map
from conflictmap.ui.served import SERVED_FROM_FRAME, script_address

MAP_HEIGHT = 560

_MESSAGE = "what the map shows now"  # stands in the prepared parts for the message of a run


@dataclass(frozen=True)
class BrowserMap:
    """The browser's part of a map: scripts beside this module, and what they define.

    ``start`` is the function that gets the Leaflet map and the geometry's addresses; ``shown_by``
    the object whose ``show`` gets each message. ``lines_at`` is where the backdrop's lines stand
    among Leaflet's panes.
    """

    scripts: tuple[str, ...]
    start: str
    shown_by: str
    lines_at: int = ABOVE_AREAS
    follows_theme: bool = True


def draw_browser_map(
    kind: BrowserMap,
    edition: BoundaryEdition,
    message: dict[str, Any],
    *,
    key: str,
    on_told: Callable[[], None] | None = None,
) -> None:
    """Draw a map and tell it what to show.

    Parameters
    ----------
    message
        Codes, numbers and fixed words only.
    key
        The map keeps its place and zoom as long as the key stays. What the browser tells stands
        under it in the session; check it like any input.
    on_told
        Called after the browser told something.
    """
    parts = _prepared(kind, edition, key)
    draw_prepared(
        parts,
        key=key,
        feature_group=parts["feature_group"].replace(_MESSAGE, pack(message)),
        on_change=on_told,
    )


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


class _Start(JSCSSMixin, MacroElement):
    """The layers of a map, empty until told what to show."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "window.{{ this.start }}({{ this._parent.get_name() }}, {{ this.files }});"
        "{% endmacro %}"
    )

    def __init__(self, kind: BrowserMap, files: Mapping[str, str]) -> None:
        super().__init__()
        self._name = "Start"
        self.start = kind.start
        self.files = json.dumps({level: SERVED_FROM_FRAME + file for level, file in files.items()})
        self.default_js = [(name, script_address(name)) for name in ("frame.js", *kind.scripts)]


class _Show(MacroElement):
    """One message to the layers: what to show now."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "window.{{ this.shown_by }}.show('{{ this.message }}');"
        "{% endmacro %}"
    )

    def __init__(self, shown_by: str, message: str) -> None:
        super().__init__()
        self._name = "Show"
        self.shown_by = shown_by
        self.message = message


@lru_cache(maxsize=16)
def _prepared(kind: BrowserMap, edition: BoundaryEdition, key: str) -> Mapping[str, Any]:
    """Return the parts of a map, which are the same for every reader and in every run."""
    base = base_map()
    base.add_child(Backdrop(edition, lines_at=kind.lines_at, follows_theme=kind.follows_theme))
    base.add_child(_Start(kind, geometry_files(edition)))
    group = folium.FeatureGroup(name="shown")
    group.add_child(_Show(kind.shown_by, _MESSAGE))
    return prepare_map(
        base,
        key=key,
        height=MAP_HEIGHT,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=group,
    )
