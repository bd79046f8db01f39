"""Nothing that a map loads comes from elsewhere: the one gate that every map passes on its way out.

`st_folium` names its scripts and styles by the addresses of delivery networks, and a script that
fails to load leaves an empty gap without a word. So the function by which it hands a map to the
browser is wrapped once: known addresses become our own, unneeded ones are dropped, any other is
refused.

Nobody else imports ``streamlit_folium``; pages draw with the `st_folium` of this module.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from typing import Any

from streamlit import runtime

from conflictmap.ui.assets import SERVED

SERVED_FROM_FRAME = "../../app/static/"
"""Where ``static/`` lies for a map's frame, whose own address is ``component/<name>/index.html``.

Relative, so it holds behind any ``server.baseUrlPath`` and any proxy.
"""

_EXTERNAL = re.compile(r"""(?:https?:|wss?:)?//(?!www\.w3\.org/)[\w\[]""", re.IGNORECASE)
_LOADING = re.compile(
    r"""(?:\b(?:src|href)\s*=\s*["']?|url\(\s*["']?|["'`]|@import\s+)\s*"""
    r"""((?:https?:|wss?:)?//(?!www\.w3\.org/)[^\s"'`)>]+)""",
    re.IGNORECASE,
)  # www.w3.org names XML namespaces (SVG patterns), which nobody loads

_lock = threading.Lock()


class ExternalAddressError(RuntimeError):
    """A map would have loaded something from another machine: a bug of ours, so it stays loud."""


def st_folium(*args: Any, **options: Any) -> Any:
    """Draw a folium map as streamlit_folium does, with the scripts and styles of this server."""
    keep_maps_local()
    return streamlit_folium.st_folium(*args, **options)


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


def _only_local(send: Callable[..., Any]) -> Callable[..., Any]:
    def send_local(**parts: Any) -> Any:
        for links in ("js_links", "css_links"):
            parts[links] = local_links(parts[links])
        for code in ("script", "header", "html", "feature_group", "layer_control"):
            _refuse_external(parts.get(code) or "")
        return send(**parts)

    send_local.without_gate = send  # type: ignore[attr-defined]
    return send_local


def _refuse_external(code: str) -> None:
    """Refuse code that quotes an external address: a tile layer, an icon, a style."""
    found = _LOADING.search(code)
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
