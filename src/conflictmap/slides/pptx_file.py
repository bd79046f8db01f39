"""PPTX files as zip archives: what is let in, and the same bytes for the same parts.

A presentation comes from anybody. It is a zip of XML parts, so what it unpacks to is added up
before a part is read, and what no presentation program writes, such as a document type, is refused.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

from conflictmap.errors import QueryError

MOST_PACKED: Final = 60_000_000
MOST_UNPACKED: Final = 400_000_000
MOST_PARTS: Final = 5_000
"""A deck of 34 slides with all districts unpacks to some 50 MB in 250 parts."""

CONTENT_TYPES: Final = "[Content_Types].xml"
PRESENTATION: Final = (
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
)
TEMPLATE: Final = "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml"

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a zip archive can hold
_XML = (".xml", ".rels", ".vml")
_EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']External[\"']", re.IGNORECASE)


def check_presentation(content: bytes, noun: str) -> bytes:
    """Return a presentation as one that the library opens: a .potx as the .pptx it holds.

    Parameters
    ----------
    noun
        What the file is to the reader, such as "template".

    Raises
    ------
    QueryError
        If it is no presentation, has macros, or unpacks to more than is allowed.
    """
    parts = _parts(content, noun)
    types = parts.get(CONTENT_TYPES, b"")
    if b"macroEnabled" in types or any("vbaproject" in name.lower() for name in parts):
        raise QueryError(
            f"The {noun} holds macros, which are not let in. Save it as .pptx without them."
        )
    if PRESENTATION.encode() in types:
        return content
    if TEMPLATE.encode() not in types:
        raise QueryError(f"The {noun} is no PowerPoint presentation (.pptx or .potx).")
    parts[CONTENT_TYPES] = types.replace(TEMPLATE.encode(), PRESENTATION.encode())
    return _archive(parts)


def check_no_links(content: bytes, noun: str) -> None:
    """Check that no part of a checked presentation leads out of the file.

    Raises
    ------
    QueryError
        If one does: to a page, a linked picture or another file.
    """
    parts = _parts(content, noun)
    if any(_EXTERNAL.search(part) for name, part in parts.items() if name.endswith(".rels")):
        raise QueryError(
            f"The {noun} has links to pages or files outside it. Remove them and save it again."
        )


def fixed_bytes(content: bytes) -> bytes:
    """Return an archive of our own again, without the moment at which it was written."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _archive({name: archive.read(name) for name in archive.namelist()})


def _archive(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 0  # else it tells on which system it was made
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, part)
    return written.getvalue()


def _parts(content: bytes, noun: str) -> dict[str, bytes]:
    """Return all parts by name, within the limits."""
    if len(content) > MOST_PACKED:
        raise QueryError(
            f"The {noun} has {len(content):,} bytes; {MOST_PACKED:,} are allowed. "
            "Make its pictures smaller."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            # The sizes of the directory bind: no more than they say is unpacked of any part.
            if unpacked > MOST_UNPACKED or len(entries) > MOST_PARTS:
                raise QueryError(
                    f"The {noun} unpacks to {unpacked:,} bytes in {len(entries):,} parts; "
                    f"{MOST_UNPACKED:,} bytes in {MOST_PARTS:,} parts are allowed."
                )
            parts = {entry.filename: archive.read(entry) for entry in entries}
    except QueryError:
        raise
    except Exception as error:  # bad sizes, sums, methods, passwords: each its own exception
        raise QueryError(f"The {noun} is no PowerPoint presentation (.pptx or .potx).") from error
    for name, part in parts.items():
        if name.endswith(_XML) and (b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"\0" in part):
            raise QueryError(f"The {noun} holds XML that no presentation program writes.")
    return parts
