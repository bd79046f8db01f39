"""What a reader's browser was sent, and what stands in it.

Everything is unpacked first: tables, the maps' messages, archives. Then words and coordinates are
looked for: written out, rounded, and as the numbers of a machine.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import accumulate

import pyarrow as pa
from google.protobuf.message import DecodeError, Message
from playwright.sync_api import Page, Response, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.planted import Planted

# Streamlit's front end and our own boundaries and scripts: files of the installation, the same for
# everybody, written before there is any store.
INSTALLED = ("/static/", "/app/static/", "/component/", "/favicon", "/vendor/", "/~/+/static/")

_WORD = re.compile(rb"zq\w+?xk")
_COORDINATE = re.compile(rb"(?<!\d)(?:37|66)[.,]\d{3,6}")
_PACKED = re.compile(rb"eJ[A-Za-z0-9+/]{30,}={0,2}")
_FIRST_TWO = re.compile(rb"(?=\x40[\x42\x50]|[\x42\x50]\x40)")  # of doubles around 37 and 66
_FEW = 3  # decimals; of two, a coordinate is no finer than its district


@dataclass
class Received:
    """All that came: frames of web sockets, answers, files; the page as it stood."""

    frames: list[bytes] = field(default_factory=list)
    others: list[tuple[str, bytes]] = field(default_factory=list)
    _answers: list[Response] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Keep what a page receives from now on."""

        def hear(socket: WebSocket) -> None:
            socket.on("framereceived", self._keep_frame)

        page.on("websocket", hear)
        page.on("response", lambda answer: self._answers.append(answer))

    def keep_answers(self) -> None:
        """Read the answers so far; once the page has left, a browser forgets them."""
        answers, self._answers = self._answers, []
        for answer in answers:
            path = "/" + answer.url.split("/", 3)[-1]
            if path.startswith(INSTALLED) or answer.status in (101, 204, 304) or "/media/" in path:
                continue  # files of /media are kept as downloads
            self.others.append((path, repr(answer.headers).encode()))
            if answer.status < 300:
                self.others.append((path, answer.body()))

    def _keep_frame(self, payload: str | bytes) -> None:
        self.frames.append(payload.encode() if isinstance(payload, str) else payload)

    @property
    def parts(self) -> list[bytes]:
        """Return all of it, each part once."""
        return list(dict.fromkeys([*self.frames, *(content for _path, content in self.others)]))


class Search:
    """Finds planted words, ids and coordinates, whatever they are packed in."""

    def __init__(self, planted: Planted) -> None:
        self._words = {word.encode(): where for word, where in planted.secrets.items()}
        self._others = [word for word in self._words if not _WORD.fullmatch(word)]
        self._points: dict[bytes, str] = {}
        self._exact: dict[bytes, str] = {}
        self._numbers: dict[bytes, str] = {}
        for point, where in planted.points.items():
            self._exact[point.encode()] = where
            self._points[point[: 3 + _FEW].encode()] = where
            for decimals in (4, 5):
                self._points[f"{float(point):.{decimals}f}".encode()] = where
            for form in ("<d", ">d"):
                self._numbers[struct.pack(form, float(point))] = where

    def found_in(self, contents: Iterable[bytes]) -> list[str]:
        """Return where what stands in any of some contents was planted."""
        return sorted({where for whole in contents for where in self._found_in(whole)})

    def _found_in(self, content: bytes) -> Iterator[str]:
        for part in unpacked(content):
            is_drawing = _is_drawing(part)
            for text in (part, part.replace(b"\0", b"")):  # also as two bytes a letter
                yield from (self._words[w] for w in _WORD.findall(text) if w in self._words)
                yield from (self._words[word] for word in self._others if word in text)
                yield from self._coordinates(text, is_drawing)
            yield from self._bytes(part)

    def _bytes(self, part: bytes) -> Iterator[str]:
        """Look where the first two bytes of such a number stand, in either order of bytes."""
        for two in _FIRST_TWO.finditer(part):
            at = two.start()
            for number in (part[at : at + 8], part[max(0, at - 6) : at + 2]):
                if number in self._numbers:
                    yield f"{self._numbers[number]} (bytes)"

    def _coordinates(self, text: bytes, is_drawing: bool) -> Iterator[str]:
        for found in _COORDINATE.findall(text):
            number = found.replace(b",", b".")
            if number in self._exact:
                yield self._exact[number]
            if is_drawing:  # where any three decimals occur
                continue
            for length in range(3 + _FEW, len(number) + 1):
                if number[:length] in self._points:
                    yield f"{self._points[number[:length]]} (rounded)"


def _is_drawing(part: bytes) -> bool:
    return b"<svg" in part[:500] or part.startswith((b"%PDF-", b"\x89PNG", b"PK"))


def unpacked(content: bytes) -> Iterator[bytes]:
    """Give a content and whatever is packed in it."""
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name))
        return
    for packed in _PACKED.findall(content):
        yield from _message_of_a_map(packed)
    try:
        message = ForwardMsg.FromString(content)
    except DecodeError:
        return
    yield from tables_of(message)


def tables_of(message: Message) -> Iterator[bytes]:
    """Give every table of a message as text, numbers written in full."""
    for _field, value in message.ListFields():
        is_one = isinstance(value, (bytes, str, Message)) or not isinstance(value, Iterable)
        for one in [value] if is_one else value:
            if isinstance(one, Message):
                yield from tables_of(one)
            elif isinstance(one, bytes) and len(one) > 8:
                yield from _table(one)


def _table(content: bytes) -> Iterator[bytes]:
    try:
        table = pa.ipc.open_stream(content).read_all()
    except pa.ArrowInvalid:
        return
    yield repr(table.to_pydict()).encode()


def _message_of_a_map(packed: bytes) -> Iterator[bytes]:
    """Give what a map is told; its degrees are ten-thousandths, each from the one before."""
    try:
        plain = zlib.decompress(base64.b64decode(packed + b"=" * (-len(packed) % 4)))
    except (ValueError, zlib.error):
        return
    yield plain
    for name in (b"lat", b"lon"):
        for steps in re.findall(rb'"%s":(\[[-\d,]*\])' % name, plain):
            degrees = accumulate(json.loads(steps))
            yield " ".join(f"{number / 10_000:.4f}" for number in degrees).encode()
