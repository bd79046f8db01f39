"""How the dashboard is served: what `app.py` hands to Streamlit's server when it starts."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from conflictmap.errors import ConflictMapError

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        # st_folium evaluates the map's script, hence both 'unsafe-*'.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' blob: data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
    ]
)

PAGE_STYLE = """<style>
[data-testid=stMainBlockContainer]{padding:3.4rem 2rem 2rem;max-width:1600px}
@media (max-width:640px){[data-testid=stMainBlockContainer]{padding:3rem .9rem 2rem}}
</style>"""
"""Less empty space around a page; fixed words only."""


def server_parts() -> dict[str, Any]:
    """Return what `st.App` takes beside the script: middleware, and what runs around serving."""
    return {"middleware": [Middleware(_OwnHeaders)], "lifespan": _around_serving}


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
        geometry.geometry_files(read_edition(read_settings().edition_folder))
    gc.collect()
    gc.freeze()  # what is loaded stays; later collections need not walk through it


@asynccontextmanager
async def _around_serving(_app: Any) -> AsyncIterator[dict[str, Any]]:
    pages_are_listed()
    threading.Thread(target=warm_up, daemon=True).start()
    yield {}


class _OwnHeaders:
    """Adds the content security policy, and lets browsers keep the versioned files."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
                if "/app/static/vendor/" in scope["path"] and message["status"] == 200:
                    headers["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self.app(scope, receive, send_with_headers)
