"""What an exported picture visibly says, and the record it carries: PNG, SVG and PDF.

A file is data that anybody may have made: it is read with limits and never run. What cannot be
read is refused in one sentence.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element

from conflictmap.errors import QueryError
from conflictmap.slides.order import Format

RECORD: Final = "conflictmap"
"""The name under which a file carries its record: a PNG text chunk, SVG metadata, a PDF field."""

MOST_PIXELS = 60_000_000
_SVG = "{http://www.w3.org/2000/svg}"
_MAGIC: dict[bytes, Format] = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"%PDF-": "pdf",
    b"PK\x03\x04": "pptx",
    b"<?xml": "svg",
    b"<svg": "svg",
}


@dataclass(frozen=True)
class ReadPicture:
    """A picture read back: its record, its parts by name, and what its texts say.

    ``parts`` name what is drawn and hold a hash of how: two pictures with equal parts look the
    same. ``texts`` are the words of each block, where the format keeps them.
    """

    record: dict[str, str]
    parts: dict[str, str]
    texts: dict[str, str]


def format_of(content: bytes) -> Format:
    """Return the format of a file, by its first bytes.

    Raises
    ------
    QueryError
        If it is none that a snapshot has.
    """
    start = content.lstrip(b"\xef\xbb\xbf \r\n\t")[:16]
    for magic, kind in _MAGIC.items():
        if start.startswith(magic):
            return kind
    raise QueryError("The file is no PNG, SVG, PDF or PPTX, so it is no snapshot of ours.")


def read_picture(content: bytes, kind: Format) -> ReadPicture:
    """Read a picture back.

    Raises
    ------
    QueryError
        If it is damaged or too large.
    """
    read = {"png": _read_png, "svg": _read_svg, "pdf": _read_pdf}[kind]
    try:
        return read(content)
    except QueryError:
        raise
    except Exception as error:  # whatever a broken or hostile file makes a reader raise
        raise QueryError(f"The {kind.upper()} is damaged and cannot be read.") from error


def _read_png(content: bytes) -> ReadPicture:
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise QueryError("The picture has too many pixels to be a snapshot of ours.")
        image.load()
        written = getattr(image, "text", {}).get(RECORD, "")
        pixels = image.convert("RGBA")
        # In a grid of fields, so that a difference can be told with its place.
        parts = {}
        for row in range(_FIELDS):
            for column in range(_FIELDS):
                box = tuple(
                    round(end * size / _FIELDS)
                    for end, size in (
                        (column, pixels.width),
                        (row, pixels.height),
                        (column + 1, pixels.width),
                        (row + 1, pixels.height),
                    )
                )
                field = pixels.crop(box)  # type: ignore[arg-type]
                parts[_place(row, column)] = hashlib.sha256(field.tobytes()).hexdigest()
        parts["size"] = f"{pixels.width} x {pixels.height}"
    return ReadPicture(_record(written), parts, {})


_FIELDS = 8


def _place(row: int, column: int) -> str:
    """Return the words for a field of the picture."""
    down = ("top", "middle", "bottom")[min(2, row * 3 // _FIELDS)]
    across = ("left", "centre", "right")[min(2, column * 3 // _FIELDS)]
    return f"{down} {across}, field {row + 1}-{column + 1}"


def _read_svg(content: bytes) -> ReadPicture:
    from defusedxml import ElementTree

    root: Element = ElementTree.fromstring(content, forbid_dtd=True)
    written, parts, texts = "", {}, {}
    for element in root.iter():
        if element.tag == f"{_SVG}metadata":
            written = "".join(element.itertext())
    unnamed = 0
    for group in root.iter(f"{_SVG}g"):
        name = group.get("id", "")
        if any(child.get("id") for child in group.iter(f"{_SVG}g") if child is not group):
            continue  # only the innermost named groups
        if not name:
            unnamed += 1
            name = f"unnamed group {unnamed}"
        parts[name] = _hash_of(group)
        if label := group.get("aria-label", ""):
            texts[name] = label
    parts["everything"] = _hash_of(root, without=(f"{_SVG}metadata",))
    return ReadPicture(_record(written), parts, texts)


def _hash_of(element: Element, without: tuple[str, ...] = ()) -> str:
    """Return a hash of what an element draws: tags, attributes and texts, not their layout."""
    digest = hashlib.sha256()

    def add(one: Element) -> None:
        if one.tag in without:
            return
        attributes = sorted(one.attrib.items())
        digest.update(json.dumps([str(one.tag), attributes, (one.text or "").strip()]).encode())
        for child in one:
            add(child)
            digest.update((child.tail or "").strip().encode())
        digest.update(b"/")

    add(element)
    return digest.hexdigest()


def _read_pdf(content: bytes) -> ReadPicture:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content), strict=False)
    about: Any = reader.metadata or {}
    texts, parts = {}, {}
    for number, page in enumerate(reader.pages, start=1):
        drawn = page.get_contents()
        parts[f"page {number}"] = hashlib.sha256(drawn.get_data() if drawn else b"").hexdigest()
        for place, line in enumerate(page.extract_text().splitlines(), start=1):
            texts[f"page {number}, line {place}"] = line
        if page.annotations:
            parts[f"page {number}, annotations"] = str(len(page.annotations))
    return ReadPicture(_record(str(about.get("/Keywords", ""))), parts, texts)


def _record(written: str) -> dict[str, str]:
    """Return a record as it was written; none where it is missing or no record."""
    start, end = written.find("{"), written.rfind("}")
    try:
        found = json.loads(written[start : end + 1]) if start >= 0 else {}
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
