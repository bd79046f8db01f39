"""What a hosted dashboard tells browsers beside each answer.

Nobody may frame it but it itself (the map is a frame of its own pages), nothing is kept that
could hold data, and cookies travel encrypted only.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(),"
    " payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
A_YEAR = "max-age=31536000"

_FRAME = re.compile(r"/component/")
_OPEN_FILE = re.compile(r"/(static|component|app/static|_stcore/bidi-components)/")
"""Files without data, which browsers may keep as their own headers say."""


class HostedHeaders:
    """Adds the headers of a hosted dashboard to every answer, and Secure to its cookies."""

    def __init__(self, app: ASGIApp, public_address: str) -> None:
        self.app = app
        self.is_encrypted = urlsplit(public_address).scheme == "https"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                self._add(MutableHeaders(scope=message), scope["path"])
            if self.is_encrypted and message.get("headers"):
                message["headers"] = [_encrypted_only(header) for header in message["headers"]]
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders, path: str) -> None:
        for name, value in ALWAYS.items():
            headers[name] = value
        if self.is_encrypted:
            headers["Strict-Transport-Security"] = A_YEAR
        is_frame = _FRAME.search(path) is not None
        headers["X-Frame-Options"] = "SAMEORIGIN" if is_frame else "DENY"
        framed_by = "frame-ancestors 'self'" if is_frame else "frame-ancestors 'none'"
        policy = headers.get("Content-Security-Policy", "default-src 'none'")
        headers["Content-Security-Policy"] = f"{policy}; {framed_by}"
        if not _OPEN_FILE.search(path):
            headers["Cache-Control"] = "private, no-store"
        del headers["Access-Control-Allow-Origin"]


def _encrypted_only(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = header
    if name.lower() == b"set-cookie" and b"; secure" not in value.lower():
        return name, value + b"; Secure"
    return name, value
