"""How the dashboard is served: what `app.py` hands to Streamlit's server when it starts."""

from __future__ import annotations

import contextlib
import gc
import re
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from conflictmap.errors import ConflictMapError, SettingsError
from conflictmap.ui.tiles import Tiles, chosen_tiles

_POLICY = {
    "default-src": "'self'",
    # st_folium evaluates the map's script, hence both 'unsafe-*'.
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' blob: data:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
}

PAGE_STYLE = """<style>
[data-testid=stMainBlockContainer]{padding:3.4rem 2rem 2rem;max-width:1600px}
@media (max-width:640px){[data-testid=stMainBlockContainer]{padding:3rem .9rem 2rem}}
[data-testid=stSidebarNavLink]{line-height:1.5;padding-block:.1rem}
[data-testid=stSidebarNavItems] li{margin-block:0}
[data-testid=stSidebarHeader]{margin-bottom:0}
[data-testid=stSidebarUserContent]{padding-top:.75rem}
[data-testid=stMultiSelectTagsContainer] :is(span[title],button,svg),
[data-testid^=stBaseButton-primary],[data-testid^=stBaseButton-primary] *
{color:light-dark(#ffffff,#10161b)}
</style>"""
"""Less empty space around a page and between the names of pages, so that the filters below them are
in sight; dark text on the dark theme's light primary colour, where Streamlit always writes white.
Fixed words only."""


def server_parts() -> dict[str, Any]:
    """Return what `st.App` takes beside the script: middleware, and what runs around serving."""
    policy = content_security_policy(_tiles_or_exit())
    return {"middleware": [Middleware(_OwnHeaders, policy)], "lifespan": _around_serving}


def content_security_policy(tiles: Tiles | None = None) -> str:
    """Return what a browser may load: all of it from here, but for pictures of the chosen tiles."""
    pictures = " ".join([_POLICY["img-src"], *(tiles.origins if tiles else ())])
    return "; ".join(f"{name} {what}" for name, what in (_POLICY | {"img-src": pictures}).items())


def pages_are_listed() -> None:
    """Tell Streamlit that `st.navigation` lists the pages, before any browser comes.

    A folder named ``pages`` makes Streamlit guess that it holds the pages, until `app.py` has run
    once: a deep link as the very first request would run its page alone, without `app.py`.
    See docs/decisions/0003-deep-links.md.
    """
    PagesManager.uses_pages_directory = False


def warm_up() -> None:
    """Load what the first visitor would wait for: the pages' libraries and the boundaries."""
    from conflictmap.boundaries import read_edition
    from conflictmap.settings import read_settings
    from conflictmap.ui import beside_map, controls, geometry, map_drawing, panel  # noqa: F401

    with contextlib.suppress(ConflictMapError):  # the page tells what is wrong, to whoever looks
        edition = read_edition(read_settings().edition_folder)
        geometry.geometry_files(edition)
        geometry.background_file(edition)
    gc.collect()
    gc.freeze()  # what is loaded stays; later collections need not walk through it


def _tiles_or_exit() -> Tiles | None:
    """Return the chosen tiles; a server with a setting that cannot be used does not start."""
    try:
        return chosen_tiles()
    except SettingsError as error:
        sys.exit(str(error))


@asynccontextmanager
async def _around_serving(_app: Any) -> AsyncIterator[dict[str, Any]]:
    pages_are_listed()
    threading.Thread(target=warm_up, daemon=True).start()
    yield {}


_NAMED_BY_CONTENT = re.compile(
    r"/app/static/(vendor|geo|scripts)/|/component/streamlit_folium\.st_folium/static/js/main\.\w+\.js$"
)
"""Files whose name carries a version or a hash, so that what a browser kept is never stale."""


class _OwnHeaders:
    """Adds the content security policy, and lets browsers keep the versioned files."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self.policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = self.policy
                if _NAMED_BY_CONTENT.search(scope["path"]) and message["status"] == 200:
                    headers["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self.app(scope, receive, send_with_headers)
