"""What both maps show around their data; the browser's part is backdrop.js.

Nothing but addresses, numbers and the credit of the tiles goes into Folium here. Names come from
the background file of the edition, which the browser fetches.
"""

from __future__ import annotations

import json

import streamlit as st
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from conflictmap.background import boundary_note
from conflictmap.boundaries import BoundaryEdition
from conflictmap.settings import Settings
from conflictmap.ui.geometry import background_file
from conflictmap.ui.offline import tiles_in_code
from conflictmap.ui.served import SERVED_FROM_FRAME, script_address
from conflictmap.ui.tiles import chosen_tiles

ABOVE_AREAS = 440
"""Where the lines stand among Leaflet's panes: above the areas (400), below the marks (450)."""


class Backdrop(JSCSSMixin, MacroElement):
    """Outline, Durand Line, names, the page's light or dark colours, and tiles where chosen.

    A map whose symbols need a light ground in any theme does not follow the page's.
    A script that opens a second map in the same frame gives it the same by
    ``startBackdrop.apply(null, [map].concat(backdropParts))``.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "window.backdropParts = [{{ this.files }}, {{ this.options }}];"
        "window.startBackdrop({{ this._parent.get_name() }}, ...window.backdropParts);"
        "{% endmacro %}"
    )

    def __init__(
        self, edition: BoundaryEdition, *, lines_at: int = ABOVE_AREAS, follows_theme: bool = True
    ) -> None:
        super().__init__()
        self._name = "Backdrop"
        self.default_js = [("backdrop.js", script_address("backdrop.js"))]
        self.files = json.dumps({"background": SERVED_FROM_FRAME + background_file(edition)})
        options = {
            "linesAt": lines_at,
            "followsTheme": follows_theme,
            "attribution": "",
            "subdomains": [],
            "maxZoom": 12,
        }
        tiles = chosen_tiles()
        if tiles:
            options |= {
                "attribution": tiles.attribution,
                "subdomains": list(tiles.subdomains),
                "maxZoom": tiles.max_zoom,
            }
        self.options = f"{json.dumps(options)[:-1]}, {tiles_in_code(tiles)}}}"


def draw_notes(settings: Settings, edition: BoundaryEdition) -> None:
    """Write beneath a map how its borders are to be read, and where its tiles come from."""
    st.text(boundary_note(settings, edition))
    tiles = chosen_tiles()
    if tiles:
        st.text(tiles.note)
