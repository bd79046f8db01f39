"""What the server is given for the sign-in: Streamlit's own options, and the way back to a page.

Streamlit reads the sign-in from a file of secrets; `st.App` takes the same from memory, so that
secrets of the environment are never written to a disk. After a sign-in it always leads to "/"; the
middleware here leads to the page that was asked for.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from conflictmap.settings import Settings

_ASKED = "conflictmap_asked_page"
_KEPT_S = 15 * 60
_PAGE = re.compile(r"/(?:[a-z_]{1,40})?(?:\?[!-~]{0,1500})?")
"""A page of this dashboard with its query: nothing that leads elsewhere."""


def sign_in_parts(settings: Settings) -> dict[str, Any]:
    """Return what `st.App` takes for the sign-in: secrets in memory; nothing where there is none.

    Tells Streamlit the options that go with it, too.
    """
    if settings.sign_in == "none":
        return {}
    _take_options(settings)
    if settings.sign_in == "headers" or not settings.openid_client_id:
        return {}  # without a client, Streamlit's own secrets.toml says it all
    return {"secrets": {"auth": _auth_section(settings)}}


def sign_in_middleware(settings: Settings) -> list[Middleware]:
    """Return what leads back to the asked page after a sign-in."""
    if settings.sign_in != "openid":
        return []
    is_encrypted = settings.public_address.startswith("https:")
    return [Middleware(BackToAskedPage, is_encrypted=is_encrypted)]


def _auth_section(settings: Settings) -> dict[str, Any]:
    # Streamlit itself puts its port in.
    address = settings.public_address or "http://127.0.0.1:{port}"
    return {
        "redirect_uri": f"{address}/oauth2callback",
        "cookie_secret": settings.cookie_secret or config.get_option("server.cookieSecret"),
        "client_id": settings.openid_client_id,
        "client_secret": settings.openid_client_secret,
        "server_metadata_url": settings.openid_metadata_url,
        "client_kwargs": {"scope": "openid email profile", "prompt": settings.openid_prompt},
    }


def _take_options(settings: Settings) -> None:
    """Tell Streamlit now, and whenever it reads its configuration file again."""

    def take() -> None:
        where = "the settings of the sign-in"
        if settings.cookie_secret:  # signs the state of a sign-in under way, too
            config.set_option("server.cookieSecret", settings.cookie_secret, where)
        if settings.sign_in == "headers":
            headers = {settings.email_header: "email", settings.groups_header: "groups"}
            config.set_option("server.trustedUserHeaders", headers, where)

    config.on_config_parsed(take, force_connect=True)
    take()


class BackToAskedPage:
    """Keeps, over a sign-in, the page from which it was begun.

    The browser names it as the referrer when it goes to sign in; it is kept in a cookie of a
    quarter of an hour, and only ever a path of this dashboard.
    """

    def __init__(self, app: ASGIApp, *, is_encrypted: bool) -> None:
        self.app = app
        self.is_encrypted = is_encrypted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        base = "/" + config.get_option("server.baseUrlPath").strip("/")
        below = base.rstrip("/")
        is_login = scope["type"] == "http" and scope["path"] == f"{below}/auth/login"
        is_return = scope["type"] == "http" and scope["path"] == f"{below}/oauth2callback"
        if not is_login and not is_return:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def send_with_way_back(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (302, 307):
                answer = MutableHeaders(scope=message)
                if is_login:
                    asked = asked_page(headers.get("referer", ""), headers.get("host", ""), below)
                    answer.append("set-cookie", self._cookie(base, asked))
                else:
                    kept = unquote(cookie_parser(headers.get("cookie", "")).get(_ASKED, ""))
                    if _PAGE.fullmatch(kept) and answer.get("location") == base:
                        answer["location"] = below + kept
                    answer.append("set-cookie", self._cookie(base, ""))
            await send(message)

        await self.app(scope, receive, send_with_way_back)

    def _cookie(self, path: str, asked: str) -> str:
        kept_s = _KEPT_S if asked else 0
        flags = f"Path={path}; Max-Age={kept_s}; HttpOnly; SameSite=lax"
        secure = "; Secure" if self.is_encrypted else ""
        return f"{_ASKED}={quote(asked, safe='')}; {flags}{secure}"


def asked_page(referrer: str, host: str, below: str = "") -> str:
    """Return path and query of a page of this dashboard; "" where the referrer is none."""
    try:
        came_from = urlsplit(referrer)
    except ValueError:
        return ""
    if came_from.netloc != host or not came_from.path.startswith(f"{below}/"):
        return ""
    page = came_from.path.removeprefix(below) + (f"?{came_from.query}" if came_from.query else "")
    return page if _PAGE.fullmatch(page) else ""
