"""Native shapes of PowerPoint as XML: text boxes, freeforms, ellipses, rectangles and groups.

Written as text and parsed once a slide: a slide of all districts has tens of thousands of points,
for which building element by element takes seconds. Every text passes `_text` or `_attribute`, so
that none is markup. Lengths come in inches and are written in EMU (914,400 to an inch).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from conflictmap.slides.fitting import line_height
from conflictmap.slides.fonts import is_right_to_left
from conflictmap.slides.paper import Box

Array = np.ndarray[Any, Any]
Ids = Iterator[int]
"""The numbers of the shapes of one slide, each used once."""

NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)

NO_FILL = "<a:noFill/>"
NO_LINE = "<a:ln><a:noFill/></a:ln>"

_EMU = 914_400
_UNIT = 127  # EMU: the steps of an outline's points, a tenth of a pixel on a screen
_ALIGN = {"left": "l", "center": "ctr", "right": "r"}


@dataclass(frozen=True)
class Words:
    """How the words of a text box are written."""

    size_pt: float
    colour: str  # XML of a colour
    font: str
    is_bold: bool = False
    align: Literal["left", "center", "right"] = "left"


def emu(inches: float) -> int:
    """Return a length in the units of the file."""
    return round(inches * _EMU)


def colour(hexadecimal: str, *, opacity: float = 1.0) -> str:
    """Return a colour such as "#26323b"."""
    value = hexadecimal.lstrip("#").upper()
    if opacity >= 1:
        return f'<a:srgbClr val="{value}"/>'
    return f'<a:srgbClr val="{value}"><a:alpha val="{round(opacity * 100_000)}"/></a:srgbClr>'


def solid(hexadecimal: str, *, opacity: float = 1.0) -> str:
    """Return the fill of one colour."""
    return f"<a:solidFill>{colour(hexadecimal, opacity=opacity)}</a:solidFill>"


def pattern(preset: str, front: str, back: str) -> str:
    """Return one of PowerPoint's own patterns in two colours."""
    return (
        f'<a:pattFill prst="{preset}"><a:fgClr>{colour(front)}</a:fgClr>'
        f"<a:bgClr>{colour(back)}</a:bgClr></a:pattFill>"
    )


def line(hexadecimal: str, width_pt: float, *, dash: str = "", opacity: float = 1.0) -> str:
    """Return the line around a shape."""
    dashed = f'<a:prstDash val="{dash}"/>' if dash else ""
    fill = solid(hexadecimal, opacity=opacity)
    return f'<a:ln w="{round(width_pt * 12_700)}">{fill}{dashed}<a:round/></a:ln>'


def simple_shape(ids: Ids, name: str, geometry: str, box: Box, fill: str, outline: str) -> str:
    """Return an "ellipse", a "rect" or another of the ready shapes."""
    look = f'<a:prstGeom prst="{geometry}"><a:avLst/></a:prstGeom>{fill}{outline}'
    return _shape(ids, name, _place(box), look)


def freeform(
    ids: Ids, name: str, rings: Sequence[Array], fill: str, outline: str, *, is_closed: bool = True
) -> str:
    """Return one shape of several outlines; where they lie inside one another is a hole."""
    whole = [np.rint(ring * (_EMU / _UNIT)).astype("int64") for ring in rings]
    low = np.min([ring.min(axis=0) for ring in whole], axis=0)
    high = np.max([ring.max(axis=0) for ring in whole], axis=0)
    wide, tall = (int(size) for size in np.maximum(high - low, 1))
    drawn: list[str] = []
    for ring in whole:
        points = (ring - low).tolist()
        (x, y), *rest = points[:-1] if is_closed and points[0] == points[-1] else points
        drawn.append(f'<a:moveTo><a:pt x="{x}" y="{y}"/></a:moveTo>')
        drawn += [f'<a:lnTo><a:pt x="{x}" y="{y}"/></a:lnTo>' for x, y in rest]
        if is_closed:
            drawn.append("<a:close/>")
    at = (
        f'<a:xfrm><a:off x="{int(low[0]) * _UNIT}" y="{int(low[1]) * _UNIT}"/>'
        f'<a:ext cx="{wide * _UNIT}" cy="{tall * _UNIT}"/></a:xfrm>'
    )
    path = f'<a:path w="{wide}" h="{tall}">{"".join(drawn)}</a:path>'
    look = (
        "<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/>"
        f'<a:rect l="0" t="0" r="r" b="b"/><a:pathLst>{path}</a:pathLst></a:custGeom>'
        f"{fill}{outline}"
    )
    return _shape(ids, name, at, look)


def text_box(
    ids: Ids,
    name: str,
    box: Box,
    lines: Iterable[str],
    words: Words,
    *,
    fill: str = NO_FILL,
    holder: str = "",
) -> str:
    """Return lines of text, each where it was measured.

    Parameters
    ----------
    holder
        Type of the layout's placeholder that the text fills, such as "title"; empty: none. There
        a text that is edited wraps in its box; elsewhere no line breaks but where it was broken.
    """
    wrap = "square" if holder else "none"
    kind = '<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>' if holder else '<p:cNvSpPr txBox="1"/>'
    held = f'<p:nvPr><p:ph type="{holder}"/></p:nvPr>' if holder else "<p:nvPr/>"
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{next(ids)}" name={_attribute(name)}/>{kind}{held}'
        f"</p:nvSpPr><p:spPr>{_place(box)}"
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{fill}</p:spPr>'
        f'<p:txBody><a:bodyPr wrap="{wrap}" lIns="0" tIns="0" rIns="0" bIns="0" anchor="t">'
        f"<a:noAutofit/></a:bodyPr><a:lstStyle/>{paragraph(lines, words)}</p:txBody></p:sp>"
    )


def paragraph(lines: Iterable[str], words: Words) -> str:
    """Return lines of text as one paragraph with breaks between them."""
    lines = tuple(lines)
    face = _attribute(words.font)
    other = '"+mn-cs"' if words.font.startswith("+") else face
    look = (
        f'lang="en-GB" sz="{round(words.size_pt * 100)}" b="{int(words.is_bold)}" i="0">'
        f"<a:solidFill>{words.colour}</a:solidFill>"
        f"<a:latin typeface={face}/><a:cs typeface={other}/>"
    )
    spacing = round(line_height(words.size_pt) * 7_200)
    is_rtl = int(bool(lines) and is_right_to_left(lines[0]))
    runs = f"<a:br><a:rPr {look}</a:rPr></a:br>".join(
        f"<a:r><a:rPr {look}</a:rPr><a:t>{_text(line)}</a:t></a:r>" for line in lines
    )
    return (
        f'<a:p><a:pPr marL="0" indent="0" algn="{_ALIGN[words.align]}" rtl="{is_rtl}">'
        f'<a:lnSpc><a:spcPts val="{spacing}"/></a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef>'
        f'<a:spcAft><a:spcPts val="0"/></a:spcAft><a:buNone/></a:pPr>{runs}</a:p>'
    )


def group(ids: Ids, name: str, in_words: str, box: Box, shapes: Iterable[str]) -> str:
    """Return shapes as one group, with what it shows in words; none without a shape."""
    inside = "".join(shapes)
    if not inside:
        return ""
    at = _place(box).replace("<a:xfrm>", "").replace("</a:xfrm>", "")
    child = at.replace("a:off", "a:chOff").replace("a:ext", "a:chExt")
    return (
        f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="{next(ids)}" name={_attribute(name)} '
        f"descr={_attribute(in_words)}/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>"
        f"<p:grpSpPr><a:xfrm>{at}{child}</a:xfrm></p:grpSpPr>{inside}</p:grpSp>"
    )


def frame(ids: Ids, name: str, in_words: str, box: Box, table: str) -> str:
    """Return a table as a shape of the slide."""
    at = _place(box).replace("a:xfrm", "p:xfrm")
    return (
        f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="{next(ids)}" name={_attribute(name)} '
        f'descr={_attribute(in_words)}/><p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/>'
        f"</p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>{at}<a:graphic>"
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table">'
        f"{table}</a:graphicData></a:graphic></p:graphicFrame>"
    )


def _shape(ids: Ids, name: str, at: str, look: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{next(ids)}" name={_attribute(name)}/><p:cNvSpPr/><p:nvPr/>'
        f"</p:nvSpPr><p:spPr>{at}{look}</p:spPr></p:sp>"
    )


def _place(box: Box) -> str:
    left, top = emu(box.left), emu(box.top)
    # Ends are rounded, not sizes: what touches in inches touches in the file.
    wide, tall = max(1, emu(box.right) - left), max(1, emu(box.bottom) - top)
    return f'<a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{wide}" cy="{tall}"/></a:xfrm>'


def _text(text: str) -> str:
    return escape(text)


def _attribute(text: str) -> str:
    return quoteattr(text)
