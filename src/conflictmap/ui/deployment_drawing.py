"""The map of deployments: what the browser is told, and what it reports as clicked.

Folium would run any text as a template on the server. So the map receives codes, numbers and the
fixed words of this module only; a badge's number is the row's number in the table below. A symbol
is made from the digits of its code and shown as a picture, whose markup nothing runs.
"""

from __future__ import annotations

import base64
import math
import re
from typing import Any

import streamlit as st

from conflictmap.symbols import Scheme, symbol_svg
from conflictmap.ui import deployment_panel, session
from conflictmap.ui.browser_map import BrowserMap, draw_browser_map
from conflictmap.views.deployment_look import KINDS, WIDTHS, strength_of_evidence, symbol_of
from conflictmap.views.deployment_moves import Move
from conflictmap.views.deployment_query import DeploymentsQuery
from conflictmap.views.deployment_statements import Statement
from conflictmap.views.deployments import DeploymentsView
from conflictmap.views.group_areas import GroupAreasView
from conflictmap.views.map_view import MapView
from conflictmap.views.points import Points

MAP_KEY = "map of deployments"

ONLY_DEPLOYMENTS = DeploymentsQuery(layers=("deployments",))
NO_GROUPS = GroupAreasView(told=(), left_out=0)

_CODE = re.compile(r"AF-[A-Z]{3}(-\d{2})?")


_DEPLOYMENTS = BrowserMap(
    ("deployment_map.js",),
    start="startDeploymentMap",
    shown_by="deploymentMap",
    lines_at=411,
    follows_theme=False,  # the symbols need a light ground
)


def draw_map(
    view: DeploymentsView,
    *,
    query: DeploymentsQuery = ONLY_DEPLOYMENTS,
    groups: GroupAreasView = NO_GROUPS,
    incidents: MapView | None = None,
    key: str = MAP_KEY,
) -> None:
    """Draw the layers of a query; a click on a symbol, arrow or area opens it in the panel."""
    message = deployments_message(
        view,
        query=query,
        groups=groups,
        incidents=incidents,
        selected=deployment_panel.selected(),
        half_life_days=session.settings().evidence_half_life_days,
    )

    def open_clicked() -> None:
        deployment_panel.select(clicked(st.session_state.get(key), view, groups))

    draw_browser_map(_DEPLOYMENTS, session.edition(), message, key=key, on_told=open_clicked)


def deployments_message(
    view: DeploymentsView,
    *,
    query: DeploymentsQuery = ONLY_DEPLOYMENTS,
    groups: GroupAreasView = NO_GROUPS,
    incidents: MapView | None = None,
    selected: str = "",
    half_life_days: int = 30,
) -> dict[str, Any]:
    """Return what the browser is told of a view: codes, numbers and fixed words."""
    symbols: dict[str, int] = {}  # code -> index: each picture goes once
    statements = {
        statement.number: {
            "number": statement.number,
            "colour": KINDS[statement.kind]["colour"],
            "corner": KINDS[statement.kind]["corner"],
            "symbol": _index(symbols, statement, query.scheme),
            "width": WIDTHS[statement.strength.size_class],
            "isDashed": statement.is_unsure,
            "isDoubled": bool(statement.doubled_with),
            "strength": strength_of_evidence(statement, half_life_days),
            "isSelected": statement.deployment_id == selected,
        }
        for statement in view.statements
    }
    has_groups = "groups" in query.layers
    return {
        "layers": list(query.layers),
        "statements": list(statements.values()),
        "moves": [_move(move) for move in view.moves] if "deployments" in query.layers else [],
        "symbols": [base64.b64encode(symbol_svg(code).encode()).decode() for code in symbols],
        "areas": [_area(code, groups, selected) for code in groups.codes] if has_groups else [],
        "shading": _shading(incidents) if incidents and "shading" in query.layers else None,
        "marks": _marks(incidents.points) if incidents and "incidents" in query.layers else [],
    }


def clicked(value: object, view: DeploymentsView, groups: GroupAreasView = NO_GROUPS) -> str:
    """Return the id of the statement, or the code of the area, that a map reports as clicked.

    Empty unless there is one. The value comes from a browser and is checked like any input.
    """
    if not isinstance(value, dict):
        return ""
    if value.get("area") in groups.codes:
        return str(value["area"])
    number = value.get("statement")
    return next((s.deployment_id for s in view.statements if s.number == number), "")


def _index(symbols: dict[str, int], statement: Statement, scheme: Scheme) -> int | None:
    code = symbol_of(statement, scheme)
    return symbols.setdefault(code, len(symbols)) if code else None


def _move(move: Move) -> dict[str, Any]:
    return {
        "number": move.number,
        "from": [move.origin.latitude, move.origin.longitude] if move.origin else None,
        "fromKind": move.origin.kind if move.origin else None,
        "to": [move.spot.latitude, move.spot.longitude],
        "toKind": move.spot.kind,
        "radius": move.spot.radius_km,
        "bend": round(move.bend, 3),
        "hasLeft": move.is_origin,
    }


def _area(code: str, groups: GroupAreasView, selected: str) -> dict[str, Any]:
    if not _CODE.fullmatch(code):
        raise ValueError("The code of an area is none: it does not go on the map.")
    kinds = {told.kind for told in groups.of(code)}
    return {
        "code": code,
        "isArea": "area" in kinds,
        "isClaim": "claim" in kinds,
        "isSelected": code == selected,
    }


def _shading(incidents: MapView) -> dict[str, Any]:
    return {
        "letters": incidents.class_string,
        "colours": [entry.colour for entry in incidents.legend if entry.letter.isdigit()],
    }


def _marks(points: Points) -> list[list[Any]]:
    """Return the places of incidents, a list each: kind, where, radius in km if any, incidents."""
    radius = [None if math.isnan(km) else km for km in points.radius_km.tolist()]
    places = (points.latitude.round(4).tolist(), points.longitude.round(4).tolist())
    rows = zip(points.kind.tolist(), *places, radius, points.incidents.tolist(), strict=True)
    return [list(row) for row in rows]
