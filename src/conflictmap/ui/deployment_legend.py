"""What is drawn on the map of deployments, and what it means.

The HTML here is made of fixed words and numbers only.
"""

from __future__ import annotations

import base64

import streamlit as st

from conflictmap.schema import label
from conflictmap.symbols import IDENTITY_NAMES, Scheme, identity, symbol_code, symbol_svg
from conflictmap.ui import beside_map, session
from conflictmap.views.deployment_look import (
    AREA_COLOUR,
    CLAIM_COLOUR,
    FAINTEST,
    KINDS,
    SIDES,
    WIDTH_WORDS,
    WIDTHS,
)
from conflictmap.views.deployment_query import DeploymentsQuery
from conflictmap.views.deployments import DeploymentsView
from conflictmap.views.map_view import MapView

ECHELON_MARKS = ("company", "battalion", "brigade", "division", "corps", "not stated")

_STYLE = (
    "<style>.dm{font-size:.84rem;line-height:1.3;background:#fbfcfd;color:#26323b;"
    "padding:.5rem .75rem;border-radius:.5rem}.dm b{display:block;margin-top:.45rem}"
    ".dm p{display:flex;flex-wrap:wrap;gap:.15rem 1rem;margin:.1rem 0}"
    ".dm span{display:inline-flex;align-items:center;gap:.35rem}.dm img{height:26px}"
    ".dm i{display:inline-block;flex:none}</style>"
)

_AREA = f"repeating-linear-gradient(-45deg,#fff 0 4px,{AREA_COLOUR} 4px 5.5px)"
_CLAIM = f"radial-gradient({CLAIM_COLOUR} 32%,#fff 36%) 0 0/7px 7px"


def draw_legend(query: DeploymentsQuery, view: DeploymentsView, incidents: MapView | None) -> None:
    """Draw the legend of the layers that are shown."""
    parts = []
    if "deployments" in query.layers:
        days = session.settings().evidence_half_life_days
        parts += [_symbols(query.scheme), _sizes(), _places(), _certainty(days)]
    if "groups" in query.layers:
        parts.append(_groups())
    if parts:
        st.html(f"{_STYLE}<div class='dm'>{''.join(parts)}</div>")
    if incidents is not None:
        until = f" up to {view.day:%Y-%m-%d}" if view.day else ""
        st.caption(f"Incidents dated{until}, of all reports read.")
        beside_map.draw_legend(incidents, shows_marks="incidents" in query.layers)


def _symbols(scheme: Scheme) -> str:
    side = "de_facto_authorities"
    echelons = [
        _key(_picture(symbol_code(scheme, side, echelon)), label(echelon).lower())
        for echelon in ECHELON_MARKS
    ]
    if scheme == "neutral":
        whose = "All sides in the same frame: no friend, no foe."
    else:
        frames: dict[str, list[str]] = {}
        for affiliation in SIDES:
            frames.setdefault(identity(scheme, affiliation), []).append(SIDES[affiliation])
        whose = "; ".join(
            f"{IDENTITY_NAMES[code].lower()}: {', '.join(sides)}" for code, sides in frames.items()
        )
        whose = f"As seen by one side, by your choice. {whose[:1].upper()}{whose[1:]}."
    kinds = [_key(_tag(look), label(kind)) for kind, look in KINDS.items()]
    return (
        f"<b>Units (APP-6): echelon above the frame</b><p>{''.join(echelons)}</p><p>{whose}</p>"
        f"<b>Number: row of the table; its shape: what is reported</b><p>{''.join(kinds)}</p>"
    )


def _sizes() -> str:
    arrows = [_key(_line(width), text) for width, text in zip(WIDTHS, WIDTH_WORDS, strict=True)]
    return (
        f"<b>Moves: width by the strength stated</b><p>{''.join(arrows)}</p>"
        "<p>The strength is of all arrows of a number together. The course of a move is not known."
        "</p>"
    )


def _places() -> str:
    ring = "border:1.5px solid #26323b;background:#fff"
    keys = [
        _key(_box("9px", "border-radius:50%;background:#26323b"), "named place"),
        _key(_box("15px", f"border-radius:50%;{ring};opacity:.7"), "somewhere within the circle"),
        _key(_box("9px", ring), "known to the district"),
        _key(
            _box("13px", "border-radius:50%;border:1.5px dashed #26323b;background:#fff"),
            "known only to the province: its middle, or the place it is near",
        ),
    ]
    keys.append("<span>&#8594; beside a symbol: it left from here, where to is not known</span>")
    return f"<b>Where: mark at the foot of a symbol or arrow</b><p>{''.join(keys)}</p>"


def _certainty(days: int) -> str:
    solid, dashed = (
        _picture(symbol_code("neutral", "other", "battalion", is_unsure=unsure))
        for unsure in (False, True)
    )
    faded = "".join(
        f"<i style='opacity:{strength}'>{solid}</i>" for strength in (1, 0.5, max(0.25, FAINTEST))
    )
    unit = "day" if days == 1 else "days"
    keys = [
        _key(dashed + _line(3, "dashed"), "planned, unconfirmed or a single claim"),
        _key(faded, f"fades with age: half as strong after {days} {unit}, then {2 * days}"),
        _key("<i class='dm-twice'>!</i>", "the same unit in two places at one time: count it once"),
    ]
    return (
        "<style>.dm .dm-twice{background:#c00020;color:#fff;border-radius:50%;width:1rem;"
        "height:1rem;text-align:center;font:700 .75rem/1rem sans-serif}</style>"
        f"<b>How sure, how old</b><p>{''.join(keys)}</p>"
    )


def _groups() -> str:
    keys = [
        _key(
            _box("1.5rem", f"height:1rem;border:2px dotted {AREA_COLOUR};background:{_AREA}"),
            "area that a report gives for a group",
        ),
        _key(
            _box("1.5rem", f"height:1rem;border:2px dotted {CLAIM_COLOUR};background:{_CLAIM}"),
            "claimed: somebody says that one is there",
        ),
    ]
    return f"<b>Armed groups, as told: not assessed, no boundary</b><p>{''.join(keys)}</p>"


def _key(mark: str, words: str) -> str:
    return f"<span>{mark}{words}</span>"


def _picture(code: str) -> str:
    data = base64.b64encode(symbol_svg(code).encode()).decode()
    return f"<img alt='' src='data:image/svg+xml;base64,{data}'>"


def _tag(look: dict[str, str]) -> str:
    return _box("1rem", f"background:{look['colour']};border-radius:{look['corner']}")


def _box(size: str, style: str) -> str:
    height = "" if "height" in style else f"height:{size};"
    return f"<i style='width:{size};{height}box-sizing:border-box;{style}'></i>"


def _line(width: float, style: str = "solid") -> str:
    return f"<i style='width:2rem;border-top:{width}px {style} #26323b'></i>"
