"""Nothing that a map loads comes from elsewhere: the one gate that every map passes on its way out.

`st_folium` names its scripts and styles by the addresses of delivery networks, and a script that
fails to load leaves an empty gap without a word. So the function by which it hands a map to the
browser is wrapped once: known addresses become our own, unneeded ones are dropped, any other is
refused. One exception: the tiles that the installation has chosen, where `Backdrop` names them.

Nobody else imports ``streamlit_folium``. The maps of the pages are prepared once by `prepare_map`
and drawn by `draw_prepared` (see `browser_map`); `st_folium` draws any other map.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit import runtime

from conflictmap.ui.assets import SERVED
from conflictmap.ui.served import SERVED_FROM_FRAME
from conflictmap.ui.tiles import Tiles, chosen_tiles

_EXTERNAL = re.compile(r"""(?:https?:|wss?:)?//(?!www\.w3\.org/)[\w\[]""", re.IGNORECASE)
_LOADING = re.compile(
    r"""(?:\b(?:src|href)\s*=\s*["']?|url\(\s*["']?|["'`]|@import\s+)\s*"""
    r"""((?:https?:|wss?:)?//(?!www\.w3\.org/)[^\s"'`)>]+)""",
    re.IGNORECASE,
)  # www.w3.org names XML namespaces (SVG patterns), which nobody loads

_lock = threading.Lock()
_prepared = threading.local()


class ExternalAddressError(RuntimeError):
    """A map would have loaded something from another machine: a bug of ours, so it stays loud."""


def st_folium(*args: Any, **options: Any) -> Any:
    """Draw a folium map as streamlit_folium does, with the scripts and styles of this server."""
    keep_maps_local()
    return streamlit_folium.st_folium(*args, **options)


def prepare_map(*args: Any, **options: Any) -> dict[str, Any]:
    """Return what `st_folium` would hand to the browser, and hand over nothing.

    Folium compiles a template for each part of a map, again in every run. A map whose parts never
    change is prepared once and drawn by `draw_prepared`.
    """
    keep_maps_local()
    _prepared.parts = {}
    try:
        streamlit_folium.st_folium(*args, **options)
        parts: dict[str, Any] = _prepared.parts
    finally:
        del _prepared.parts
    return parts


def draw_prepared(
    parts: Mapping[str, Any],
    *,
    key: str,
    feature_group: str,
    on_change: Callable[[], None] | None = None,
) -> None:
    """Draw a map that was prepared with the same key, with another group of features.

    Parameters
    ----------
    feature_group
        The script of the group; it passes the gate like any other.
    on_change
        Called after the browser told something, which then stands in the session under `key`.
    """

    def note_and_call() -> None:  # as st_folium does
        st.session_state[key] = st.session_state.get(parts["key"], {})
        if on_change is not None:
            on_change()

    keep_maps_local()
    changed = {"feature_group": feature_group, "on_change": note_and_call}
    streamlit_folium._component_func(**{**parts, **changed})


def keep_maps_local() -> None:
    """Put the gate in place; calling it again, from any thread, changes nothing."""
    with _lock:
        send = streamlit_folium._component_func
        if not hasattr(send, "without_gate"):
            send = streamlit_folium._component_func = _only_local(send)
        if runtime.exists():
            # Imported before the server ran, as app.py is, a component is known to nobody: no map.
            runtime.get_instance().component_registry.register_component(send.without_gate)


def local_links(links: list[str]) -> list[str]:
    """Return our own addresses for the scripts or styles that folium names, in the same order.

    Raises
    ------
    ExternalAddressError
        If `links` holds an external address that `assets.SERVED` does not list.
    """
    local = []
    for link in links:
        if link in SERVED:
            file = SERVED[link]
            if file is None:
                continue
            link = f"{SERVED_FROM_FRAME}vendor/{file}"
        elif _EXTERNAL.match(link.strip()):
            raise ExternalAddressError(
                f"A map asks for {link}, which is on another machine. "
                "Install it through package.json and list it in conflictmap/ui/assets.py."
            )
        local.append(link)
    return list(dict.fromkeys(local))


def tiles_in_code(tiles: Tiles | None) -> str:
    """Return how `Backdrop` names the chosen tiles: the one external address that is let through.

    A tile layer of Folium's own writes the address in another way and is refused.
    """
    return f'"tiles": {json.dumps(tiles.address if tiles else "")}'


def _only_local(send: Callable[..., Any]) -> Callable[..., Any]:
    def send_local(**parts: Any) -> Any:
        for links in ("js_links", "css_links"):
            parts[links] = local_links(parts[links])
        for code in ("script", "header", "html", "feature_group", "layer_control"):
            _refuse_external(parts.get(code) or "")
        if hasattr(_prepared, "parts"):
            _prepared.parts = parts
            return parts["default"]
        return send(**parts)

    send_local.without_gate = send  # type: ignore[attr-defined]
    return send_local


def _refuse_external(code: str) -> None:
    """Refuse code that quotes an external address: a tile layer, an icon, a style."""
    found = _LOADING.search(code.replace(tiles_in_code(chosen_tiles()), ""))
    if found:
        raise ExternalAddressError(
            f"A map's code holds the address {found[1]}, which is on another machine. "
            "Draw without it: tiles=None, no icon or style from elsewhere."
        )


def _import_quietly() -> Any:
    """Import streamlit_folium without Streamlit's complaint that no browser is there yet."""
    complaints = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    level = complaints.level
    complaints.setLevel(logging.ERROR)
    try:
        import streamlit_folium
    finally:
        complaints.setLevel(level)
    return streamlit_folium


streamlit_folium = _import_quietly()
