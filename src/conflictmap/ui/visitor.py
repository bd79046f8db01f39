"""Who stands behind a request, before Streamlit has a session for it.

Streamlit itself knows a person only on the web socket. Downloads and uploads are plain requests,
so the same cookie, or the headers of the same proxy, are read here for them.
"""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope
from streamlit import config
from streamlit.auth_util import get_secrets_auth_section
from streamlit.web.server.starlette import starlette_websocket
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from conflictmap.identity import lower_case
from conflictmap.settings import Settings

if TYPE_CHECKING:
    from conflictmap.access import Viewer
    from conflictmap.store import Store

PROXY_SECRET_HEADER = "x-conflictmap-proxy"


def address_of(scope: Scope) -> str:
    """Return the network address of the reader, as uvicorn took it from a believed proxy."""
    client = scope.get("client")
    return client[0] if client else ""


def without_foreign_headers(scope: Scope, settings: Settings) -> Scope:
    """Return the request without headers that say who is there, unless a trusted proxy sent them.

    The secret of the proxy itself goes no further in any case.
    """
    told = {name.lower().encode() for name in _headers_of_a_person(settings)}
    keep = settings.sign_in == "headers" and _is_from_proxy(scope, settings)
    drop = {PROXY_SECRET_HEADER.encode()} | (set() if keep else told)
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in drop]
    return {**scope, "headers": kept}


def claims_of(scope: Scope, settings: Settings) -> dict[str, Any]:
    """Return what the cookie of a sign-in, or the headers of the proxy, say; empty: nobody."""
    headers = Headers(scope=scope)
    if settings.sign_in == "headers":
        return dict(starlette_websocket.gather_user_info(headers))
    try:
        cookies = cookie_parser(headers.get("cookie", ""))
        signed = starlette_websocket._get_signed_cookie_with_chunks(cookies, USER_COOKIE_NAME)
        claims = json.loads(signed) if signed else {}
    except (ValueError, UnicodeError):
        return {}
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") else {}


def person_of(claims: Mapping[str, Any]) -> str:
    """Return the e-mail address by which a person is known; empty: nobody."""
    email = claims.get("email")
    return lower_case(email) if isinstance(email, str) else ""


def still_admitted(
    claims: Mapping[str, Any], *, settings: Settings, open_store: Callable[[], Store]
) -> bool:
    """Say whether whoever signed in may still read; see `viewer_now`."""
    return viewer_now(claims, settings=settings, open_store=open_store) is not None


def viewer_now(
    claims: Mapping[str, Any], *, settings: Settings, open_store: Callable[[], Store]
) -> Viewer | None:
    """Return whoever signed in, by the store's rules as they are now; None: who may read nothing.

    Raises
    ------
    StoreError
        If the store does not answer.
    """
    from conflictmap.ui.visit import read_visit  # the server starts without its libraries

    client_id = settings.openid_client_id or get_secrets_auth_section().get("client_id", "")
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    visit = read_visit(claims, settings, open_store, client_id=client_id, first_seen=now)
    return visit.viewer


def _headers_of_a_person(settings: Settings) -> set[str]:
    mapping = config.get_option("server.trustedUserHeaders")
    named = set(mapping) if isinstance(mapping, dict) else set()
    return named | {settings.email_header, settings.groups_header}


def _is_from_proxy(scope: Scope, settings: Settings) -> bool:
    given = Headers(scope=scope).get(PROXY_SECRET_HEADER, "")
    wanted = settings.proxy_secret
    knows = bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())
    return knows and _is_trusted_address(scope, settings)


def _is_trusted_address(scope: Scope, settings: Settings) -> bool:
    """Say whether a trusted proxy is the other end of the connection.

    uvicorn has put the reader's own address in its place if it believes the proxy, with port 0,
    which no connection has.
    """
    client = scope.get("client")
    if not client:
        return False
    if client[1] == 0:
        return True
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(part) for part in settings.trusted_proxy)
