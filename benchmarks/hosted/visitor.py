"""One session without a browser: cookies and sign-in as a browser has them, pages, downloads."""

from __future__ import annotations

import asyncio
import ssl
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import Cookie, CookieJar
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

from benchmarks.map.visitors import Reader

XSRF = "_streamlit_xsrf"
LONGEST_S = 120.0  # that a session waits for an answer


@dataclass(frozen=True)
class Door:
    """Where and as whom somebody comes in."""

    address: str
    cookie: str = ""  # that a sign-in has left: name=value; "": there is no sign-in
    headers: Mapping[str, str] = field(default_factory=dict)  # of every request
    authority: str = ""  # file with the certificate to trust, where the address begins with https


class Entrance:
    """The cookies of one browser, and what it asks for outside the web socket."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.encryption = (
            ssl.create_default_context(cafile=door.authority)
            if door.address.startswith("https")
            else None
        )
        self._jar = CookieJar()
        if door.cookie:
            self._jar.set_cookie(_cookie(door))
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(self._jar),
            urllib.request.HTTPSHandler(context=self.encryption),
        )

    def go_in(self) -> None:
        """Take the cookies that a browser is given: which process it has come to, and the token."""
        for path in ("/", "/_stcore/health"):
            self.get(path)

    def get(self, path: str) -> bytes:
        """Ask for an address; an answer that is no success is an `OSError`."""
        headers = {"Accept": "text/html,*/*", **self.door.headers}
        request = urllib.request.Request(self.door.address + path, headers=headers)
        with self._opener.open(request, timeout=LONGEST_S) as answer:
            content: bytes = answer.read()
            return content

    def cookie_header(self) -> str:
        """Return the cookies, as a request carries them."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def xsrf(self) -> str:
        """Return the token that goes with the web socket; "": none."""
        found = [cookie.value or "" for cookie in self._jar if cookie.name == XSRF]
        return found[0].strip('"') if found else ""


@dataclass
class Visitor(Reader):
    """A session on any page; see `Reader` for what it keeps."""

    entrance: Entrance | None = None
    pages: dict[str, str] = field(default_factory=dict)  # hash of each page by its address
    files: list[str] = field(default_factory=list)  # of the page: what can be downloaded
    session: str = ""

    async def run_page(self, *, with_map: bool) -> float:
        """Ask for a run with the values as they are; return its seconds.

        Raises
        ------
        RuntimeError
            If the script ends otherwise than well, or without the map that it should show.
        """
        started = time.perf_counter()
        self.files.clear()
        await self.socket.send(self._request())
        has_map = False
        async with asyncio.timeout(LONGEST_S):
            while True:
                message = await self._next()
                kind = message.WhichOneof("type")
                if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                    has_map |= self._note(message.delta.new_element)
                elif kind == "ref_hash":
                    has_map = True
                elif kind == "script_finished":
                    status = message.script_finished
                    if status != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                        break
        if status != ForwardMsg.FINISHED_SUCCESSFULLY or (with_map and not has_map):
            raise RuntimeError(f"The page ended without what it should show: {status}.")
        return time.perf_counter() - started

    async def go_to(self, page: str) -> float:
        """Open another page; return the seconds that it took."""
        self.page, self.query = self.pages[page], ""
        self.values.clear()
        self.ids.clear()
        return await self.run_page(with_map=False)

    async def download(self) -> float:
        """Download the first file that the page offers; return the seconds that it took."""
        started = time.perf_counter()
        request = BackMsg()
        asked = request.backend_operation_request
        asked.request_id = f"{started}"
        asked.session_id = self.session
        asked.deferred_file.file_id = self.files[0]
        await self.socket.send(request.SerializeToString())
        async with asyncio.timeout(LONGEST_S):
            while True:
                message = await self._next()
                if message.WhichOneof("type") == "backend_operation_response":
                    break
        told = message.backend_operation_response
        if told.error_msg or self.entrance is None:
            raise RuntimeError(f"There was no file: {told.error_msg}")
        content = await asyncio.to_thread(self.entrance.get, told.deferred_file.url)
        if not content:
            raise RuntimeError("The file was empty.")
        return time.perf_counter() - started

    async def _next(self) -> ForwardMsg:
        """Return the next message, and keep what later requests need of it."""
        message = ForwardMsg.FromString(await self.socket.recv(decode=False))
        if message.metadata.cacheable:
            self.kept.add(message.hash)
        match message.WhichOneof("type"):
            case "new_session":
                self.page = message.new_session.page_script_hash
                self.session = message.new_session.initialize.session_id or self.session
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "navigation":
                self.pages = {
                    page.url_pathname: page.page_script_hash
                    for page in message.navigation.app_pages
                }
        return message

    def _note(self, element: Any) -> bool:
        if element.WhichOneof("type") == "download_button":
            if element.download_button.deferred_file_id:
                self.files.append(element.download_button.deferred_file_id)
            return False
        return super()._note(element)


@asynccontextmanager
async def visiting(door: Door, query: str) -> AsyncIterator[Visitor]:
    """Open a session: take the cookies, then connect."""
    entrance = Entrance(door)
    await asyncio.to_thread(entrance.go_in)
    protocols = [Subprotocol(name) for name in ("streamlit", entrance.xsrf()) if name]
    async with connect(
        door.address.replace("http", "ws", 1) + "/_stcore/stream",
        origin=Origin(door.address),
        subprotocols=protocols,
        additional_headers={**door.headers, "Cookie": entrance.cookie_header()},
        ssl=entrance.encryption,
        max_size=None,
        open_timeout=LONGEST_S,
        ping_timeout=LONGEST_S,
        proxy=None,
    ) as socket:
        yield Visitor(socket, door.address, query, entrance=entrance)


def _cookie(door: Door) -> Cookie:
    """Return the cookie of the sign-in, as the server sets it."""
    name, _, value = door.cookie.partition("=")
    return Cookie(
        version=0,
        name=name,
        value=value,
        port=None,
        port_specified=False,
        domain=urlsplit(door.address).hostname or "",
        domain_specified=False,
        domain_initial_dot=False,
        path="/",
        path_specified=True,
        secure=False,
        expires=None,
        discard=True,
        comment=None,
        comment_url=None,
        rest={"HttpOnly": ""},
    )
