"""Deployments on the screen: the map of moves, the tables, a statement in detail.

Folium would run any text as a template on the server. So the map receives numbers and the fixed
words of this module only; a badge's number is the row's number in the table beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import folium
import streamlit as st
from branca.element import MacroElement
from folium.template import Template

from conflictmap.boundaries import BoundaryEdition
from conflictmap.schema import DEPLOYMENT_KINDS, label
from conflictmap.ui.geometry import geometry_files
from conflictmap.ui.map_drawing import MAP_HEIGHT, base_map, read_browser_part
from conflictmap.ui.offline import SERVED_FROM_FRAME, st_folium
from conflictmap.views.deployment_statements import Statement
from conflictmap.views.deployments import DeploymentsView, statement_table

MAP_KEY = "map of deployments"

_CHOICE = "choice of statement"

# Told apart by colour-blind readers (after Okabe and Ito), dark enough for white figures, and each
# with its own corners, so that colour is never alone.
KINDS = {
    "deployment": {"colour": "#0072b2", "corner": "50%"},
    "exercise": {"colour": "#007a5a", "corner": "0"},
    "formation": {"colour": "#a3487f", "corner": "50% 50% 0 0"},
    "search_operation": {"colour": "#b84300", "corner": "0 50%"},
    "visit": {"colour": "#5b5b5b", "corner": "6px"},
}


class _Moves(MacroElement):
    """The empty layer of moves; see `deployment_map.js` for the browser's part."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var startDeploymentMap = {{ this.code }};"
        "startDeploymentMap({{ this._parent.get_name() }}, {{ this.provinces }});"
        "{% endmacro %}"
    )

    def __init__(self, provinces: str) -> None:
        super().__init__()
        self._name = "Moves"
        self.provinces = json.dumps(SERVED_FROM_FRAME + provinces)
        self.code = read_browser_part("deployment_map.js")


class _Show(MacroElement):
    """One message to the layer: what to show now."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "window.deploymentMap.show({{ this.message }});"
        "{% endmacro %}"
    )

    def __init__(self, message: dict[str, Any]) -> None:
        super().__init__()
        self._name = "Show"
        self.message = json.dumps(message, separators=(", ", ": "), allow_nan=False)


def draw_moves(edition: BoundaryEdition, view: DeploymentsView) -> None:
    """Draw the moves and marks of a view; a click on a badge opens its statement."""
    base = base_map()
    base.add_child(_Moves(geometry_files(edition)["province"]))
    group = folium.FeatureGroup(name="shown")
    group.add_child(_Show(map_message(view, selected=st.session_state.get(_CHOICE) or "")))
    st_folium(
        base,
        key=MAP_KEY,
        height=MAP_HEIGHT,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=group,
        on_change=lambda: _choose(clicked(st.session_state.get(MAP_KEY), view.statements)),
    )


def map_message(view: DeploymentsView, *, selected: str = "") -> dict[str, Any]:
    """Return what the browser is told of a view: numbers and fixed words."""
    numbers = {statement.deployment_id: statement.number for statement in view.statements}
    return {
        "kinds": list(KINDS.values()),
        "selected": numbers.get(selected),
        "moves": [
            {
                "number": int(move.number),
                "kind": DEPLOYMENT_KINDS.index(move.kind),
                "from": [move.origin.latitude, move.origin.longitude] if move.origin else None,
                "to": [move.spot.latitude, move.spot.longitude],
                "radius": move.spot.radius_km,
                "isVague": move.spot.kind == "province",
            }
            for move in view.moves
        ],
    }


def clicked(value: object, statements: Sequence[Statement]) -> str:
    """Return the id of the statement whose badge a map reports as clicked; empty unless it has one.

    The value comes from a browser and is checked like any input.
    """
    number = value.get("statement") if isinstance(value, dict) else None
    return next((s.deployment_id for s in statements if s.number == number), "")


def draw_legend() -> None:
    """Draw what colours, dashes and badges mean."""
    key = "display:inline-flex;align-items:center;gap:.4rem"
    badge = "display:inline-block;width:1.1rem;height:1.1rem;border:2px"
    kinds = "".join(
        f"<span style='{key}'><span style='{badge} solid {look['colour']};background:"
        f"{look['colour']};border-radius:{look['corner']}'></span>{label(kind)}</span>"
        for kind, look in KINDS.items()
    )
    st.html(
        "<div style='display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;font-size:.86rem'>"
        f"{kinds}"
        f"<span style='{key}'><span style='{badge} dashed #26323b;border-radius:50%'></span>"
        "dashed, hollow: known only to the province, drawn at its middle or at the place it is near"
        "</span>"
        "<span>&#8594; reported move; its course is not known</span>"
        "<span>number: row of the table</span></div>"
    )


def draw_table(statements: Sequence[Statement], *, key: str, hides: Sequence[str] = ()) -> None:
    """Draw statements as a table; a chosen row opens its details."""

    def open_row() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows and rows[0] < len(statements):
            _choose(statements[rows[0]].deployment_id)

    st.dataframe(
        statement_table(statements).drop(columns=list(hides)),
        hide_index=True,
        width="stretch",
        placeholder="not stated",
        key=key,
        on_select=open_row,
        selection_mode="single-row",
        column_config={"What": st.column_config.TextColumn(width="large")},
    )


def draw_details(view: DeploymentsView) -> None:
    """Draw the choice of a statement and all that is known of it."""
    statements = {row.deployment_id: row for row in (*view.statements, *view.undated)}
    if st.session_state.get(_CHOICE) not in statements:
        st.session_state[_CHOICE] = None
    chosen = st.selectbox(
        "Statement in detail",
        list(statements),
        format_func=lambda key: _line(statements[key]),
        key=_CHOICE,
        placeholder="Choose a statement, a row of a table, or a number on the map",
    )
    if chosen:
        pairs = statements[chosen].details
        # A line each: no text may look like the beginning of another line.
        lines = [f"{name}: {' '.join(text.split())}" for name, text in pairs]
        with st.container(border=True):
            st.text("\n".join(lines))


def _choose(deployment_id: str) -> None:
    if deployment_id:
        st.session_state[_CHOICE] = deployment_id


def _line(statement: Statement) -> str:
    number = f"{statement.number}: " if statement.number else ""
    return f"{number}{statement.when}, {statement.title}"
