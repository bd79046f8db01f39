"""The gate of a hosted dashboard: what comes in at all, and how many at a time.

Before Streamlit sees a request, addresses that nobody needs are closed, hosts and sites other than
the public one are refused, downloads and uploads are kept to the person they belong to, and who
comes when all places are taken is told so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from conflictmap.errors import ConflictMapError
from conflictmap.settings import Settings
from conflictmap.ui import counts
from conflictmap.ui.downloads import is_theirs
from conflictmap.ui.visitor import address_of, claims_of, person_of, without_foreign_headers

PROCESS_COOKIE = "conflictmap_process"
"""Names the process, by its port, that holds a reader's session: the proxy sends them back to it.
A session, its downloads and uploads live in one process only."""

_CLOSED = re.compile(r"^/_stcore/(metrics|agent|script-health-check)(/|$)")
_PERSONAL = re.compile(r"^/(media|_stcore/upload_file)/")
_HEALTH = re.compile(r"^/(health/|_stcore/health$)")
_STREAM = "/_stcore/stream"

BUSY = (
    "The dashboard is busy",
    "All places are taken. This page tries again by itself in a few seconds.",
)
BUSY_YOURSELF = (
    "Too many pages are open",
    "As many pages of the dashboard are open as one person may have. Close one, then reload.",
)
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" \
content="10"><meta name="viewport" content="width=device-width"><title>{title}</title>\
<body style="font:16px/1.5 sans-serif;max-width:34em;margin:15vh auto;padding:0 1em">\
<h1 style="font-size:1.4em">{title}</h1><p>{words}</p>"""


class Gate:
    """Lets in what belongs here. `is_admitted` says whether somebody who signed in still may."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        base: str,
        is_admitted: Callable[[dict[str, Any]], bool],
    ) -> None:
        self.app = app
        self.settings = settings
        self.base = f"/{base.strip('/')}" if base.strip("/") else ""
        self.is_admitted = is_admitted
        self.open_pages: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        scope = without_foreign_headers(scope, self.settings)
        if refusal := await self._refusal(scope):
            await _answer(refusal, scope, receive, send)
        elif scope["type"] == "websocket":
            await self._count_while(scope, receive, send)
        else:
            await self.app(scope, receive, self._naming_process(scope, send))

    async def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to what does not come in; None: it does."""
        path = scope["path"].removeprefix(self.base)
        if _CLOSED.match(path):
            return PlainTextResponse("Not found.", 404)
        if not _HEALTH.match(path) and not self._is_ours(scope):
            return PlainTextResponse("There is no such dashboard here.", 421)
        if _PERSONAL.match(path) and scope.get("method") != "OPTIONS":
            return await self._stranger(scope, path)
        if scope["type"] == "websocket" or _wants_page(scope, path):
            return self._busy(scope)
        return None

    def _is_ours(self, scope: Scope) -> bool:
        """Say whether the request names the public address, and comes from no other site."""
        if not self.settings.public_address:
            return True  # not hosted: this machine alone is answered
        headers = Headers(scope=scope)
        public = _origin(self.settings.public_address)
        if _origin(f"//{headers.get('host', '')}")[1] != public[1]:
            return False
        origin = headers.get("origin")
        if origin is None or scope["type"] != "websocket":
            return True
        return _origin(origin) == public

    async def _stranger(self, scope: Scope, path: str) -> Response | None:
        claims = claims_of(scope, self.settings)
        person = person_of(claims)
        if not person:
            return PlainTextResponse("Sign in first.", 401)
        try:
            if not await run_in_threadpool(self.is_admitted, claims):
                return PlainTextResponse("You may not.", 403)
        except ConflictMapError:
            return PlainTextResponse("The store does not answer.", 503)
        # The same words whether there is no such file or it is somebody else's.
        return None if is_theirs(path, person) else PlainTextResponse("Not found.", 404)

    def _busy(self, scope: Scope) -> Response | None:
        if self.open_pages.total() >= self.settings.most_sessions:
            title, words = BUSY
        elif self.open_pages[self._who(scope)] >= self._most_of_one(scope):
            title, words = BUSY_YOURSELF
        else:
            return None
        counts.note_refused()
        answer = HTMLResponse(_PAGE.format(title=title, words=words), 503, {"Retry-After": "10"})
        answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        answer.delete_cookie(PROCESS_COOKIE, path=f"{self.base}/")  # another one may have room
        return answer

    def _who(self, scope: Scope) -> str:
        return person_of(claims_of(scope, self.settings)) or address_of(scope)

    def _most_of_one(self, scope: Scope) -> int:
        """Return how many pages one person may have, or before the sign-in one address: many
        readers of an office may share it."""
        is_known = bool(person_of(claims_of(scope, self.settings)))
        return self.settings.most_sessions_each if is_known else self.settings.most_sessions // 2

    async def _count_while(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = self._who(scope)
        self.open_pages[who] += 1
        counts.note_open_pages(self.open_pages.total())
        try:
            await self.app(scope, receive, self._naming_process(scope, send))
        finally:
            self.open_pages[who] -= 1
            if not self.open_pages[who]:
                del self.open_pages[who]
            counts.note_open_pages(self.open_pages.total())

    def _naming_process(self, scope: Scope, send: Send) -> Send:
        """Tell the browser, with each page and web socket, which process it has come to."""
        process = str((scope.get("server") or ("", ""))[1])
        cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
        if not process or cookies.get(PROCESS_COOKIE) == process:
            return send

        async def send_and_name(message: Message) -> None:
            if message["type"] == "websocket.accept" or _is_page(message):
                MutableHeaders(scope=message).append(
                    "set-cookie",
                    f"{PROCESS_COOKIE}={process}; Path={self.base}/; HttpOnly; SameSite=Lax",
                )
            await send(message)

        return send_and_name


class OnlyHere:
    """Refuses what comes from another machine, where there is no sign-in.

    The settings are checked before the start; this holds whoever starts the server, and how.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from conflictmap.ui.server_guard import is_loopback

        server = scope.get("server")
        if server and not is_loopback(server[0]):
            words = "This dashboard has no sign-in and answers its own machine only."
            await _answer(PlainTextResponse(words, 403), scope, receive, send)
            return
        await self.app(scope, receive, send)


async def _answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await response(scope, receive, send)


def _wants_page(scope: Scope, path: str) -> bool:
    accepts = Headers(scope=scope).get("accept", "")
    is_file = path.startswith(("/static/", "/app/static/", "/component/", "/_stcore/", "/health/"))
    signs_in = path.startswith(("/oauth2callback", "/auth/"))
    return "text/html" in accepts and not is_file and not signs_in


def _is_page(message: Message) -> bool:
    if message["type"] != "http.response.start":
        return False
    return MutableHeaders(scope=message).get("content-type", "").startswith("text/html")


def _origin(address: str) -> tuple[str, str, int]:
    """Return scheme, host and port; empty ones where it is no address."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    return parts.scheme, parts.hostname or "", port
