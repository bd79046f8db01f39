"""How the dashboard is served: what `app.py` hands to Streamlit's server when it starts."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import re
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager

from conflictmap.errors import ConflictMapError, SettingsError
from conflictmap.settings import Settings, read_settings
from conflictmap.ui import counts
from conflictmap.ui.downloads import remember_offers
from conflictmap.ui.health import Health
from conflictmap.ui.logs import install_logs
from conflictmap.ui.memory import give_back_memory, share_allocators
from conflictmap.ui.server_gate import Gate, OnlyHere
from conflictmap.ui.server_guard import refuse_unsafe, take_hosted_options
from conflictmap.ui.server_headers import HostedHeaders
from conflictmap.ui.sign_in_server import sign_in_middleware, sign_in_parts
from conflictmap.ui.tiles import Tiles, chosen_tiles
from conflictmap.ui.visitor import still_admitted, viewer_now

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
    """Return what `st.App` takes beside the script: addresses, middleware, what runs around it.

    A server with settings that are unsafe or cannot be used does not start, and says which.
    """
    share_allocators()
    try:
        settings = read_settings()
        refuse_unsafe(settings)
        tiles = chosen_tiles()
    except SettingsError as error:
        sys.exit(str(error))
    install_logs(settings)
    health = Health(settings)
    return {
        "routes": health.routes(),
        **sign_in_parts(settings),
        "middleware": [
            *_guards(settings, health),
            *sign_in_middleware(settings),
            Middleware(_OwnHeaders, content_security_policy(tiles)),
        ],
        "lifespan": partial(_around_serving, health=health),
        "on_script_error": counts.note_failed_run,
    }


def _guards(settings: Settings, health: Health) -> list[Middleware]:
    """Return what stands before everything else: a gate where people sign in, and unless hosted a
    door that is closed to other machines."""
    guards = []
    if settings.is_hosted:
        take_hosted_options(settings)
        guards.append(Middleware(HostedHeaders, settings.public_address))
    else:
        guards.append(Middleware(OnlyHere))
    if settings.sign_in != "none":
        base = config.get_option("server.baseUrlPath") or ""
        is_admitted = partial(still_admitted, settings=settings, open_store=health.store)
        guards.append(Middleware(Gate, settings, base, is_admitted))
    return guards


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
    from conflictmap.ui import beside_map, controls, geometry, map_drawing, panel  # noqa: F401

    with contextlib.suppress(ConflictMapError):  # the page tells what is wrong, to whoever looks
        edition = read_edition(read_settings().edition_folder)
        geometry.geometry_files(edition)
        geometry.background_file(edition)
    counts.count_store_errors()
    gc.collect()
    gc.freeze()  # what is loaded stays; later collections need not walk through it


@asynccontextmanager
async def _around_serving(_app: Any, *, health: Health) -> AsyncIterator[dict[str, Any]]:
    def make_ready() -> None:
        try:
            warm_up()
        finally:
            health.is_warm = True

    pages_are_listed()
    if health.settings.sign_in != "none":
        remember_offers(partial(viewer_now, settings=health.settings, open_store=health.store))
    threading.Thread(target=make_ready, daemon=True).start()
    giving_back = asyncio.create_task(give_back_memory())
    try:
        yield {}
    finally:
        giving_back.cancel()


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
