"""The picture of a map, at the size at which it stands on a page."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from conflictmap.errors import QueryError


@dataclass(frozen=True)
class Picture:
    """A picture in inches, and its pixels."""

    width: float
    height: float
    pixels: Any


def fit_picture(content: bytes, most_wide: float, most_tall: float) -> Picture:
    """Return a picture as large as its room allows.

    Raises
    ------
    QueryError
        If it is no PNG or JPEG.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as read:
            pixels = read.convert("RGB" if read.mode != "RGBA" else "RGBA")
    except Exception as error:  # the library raises whatever a broken file leads to
        raise QueryError("The picture of the map is no PNG or JPEG.") from error
    scale = min(most_wide / pixels.width, most_tall / pixels.height)
    return Picture(pixels.width * scale, pixels.height * scale, pixels)


def cut(content: bytes, *, top: int, bottom: int) -> bytes:
    """Return the part of a PNG between two rows of pixels, at its full width, without its record.

    The record tells how to make the whole picture again, which the part is not.
    """
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=("PNG",)) as whole:
        part = whole.crop((0, max(0, top), whole.width, min(whole.height, bottom)))
    part.info.clear()
    file = io.BytesIO()
    part.save(file, format="PNG")
    return file.getvalue()
