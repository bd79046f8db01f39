"""Texts and tables of a brief's slides as native shapes, which stay easy to edit.

A text wraps in its box and a cell in its column: nobody has to take line breaks out to change a
word. Boxes are as large as the text is in our wider letters, so it fits.
"""

from __future__ import annotations

from conflictmap.brief_files.flow import PlacedTable, PlacedText, Row
from conflictmap.slides.deck_look import Look
from conflictmap.slides.deck_shapes import (
    NO_FILL,
    NO_LINE,
    Ids,
    emu,
    frame,
    line,
    paragraph,
    simple_shape,
    solid,
)
from conflictmap.slides.fills import AREA_LINE, RULE

_PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # "No Style, No Grid": a template's is not taken
_HEADER_GROUND = "#eef1f3"


def words_box(ids: Ids, placed: PlacedText, look: Look, *, text: str = "") -> str:
    """Return a text as a box that it wraps in.

    Parameters
    ----------
    text
        What stands there in place of what was laid out; empty: that.
    """
    style = placed.style
    words = look.words(style.size_pt, style.tone, is_bold=style.is_bold, align=style.align)
    body = (
        '<p:txBody><a:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="t">'
        f"<a:noAutofit/></a:bodyPr><a:lstStyle/>"
        f"{paragraph((text or style.mark + placed.text,), words)}</p:txBody>"
    )
    shape = simple_shape(ids, style.name, "rect", placed.box, NO_FILL, NO_LINE)
    return shape.replace("</p:sp>", f"{body}</p:sp>").replace(
        "<p:cNvSpPr/>", '<p:cNvSpPr txBox="1"/>'
    )


def table_frame(ids: Ids, placed: PlacedTable, look: Look) -> str:
    """Return the rows of a table that a slide shows, as a native table."""
    grid = placed.grid
    columns = "".join(f'<a:gridCol w="{emu(width)}"/>' for width in placed.widths)
    rows = "".join(
        _row(placed, row, height, look, is_header=number == 0)
        for number, (row, height) in enumerate(zip(placed.rows, placed.heights, strict=True))
    )
    table = (
        f'<a:tbl><a:tblPr firstRow="1"><a:tableStyleId>{_PLAIN}</a:tableStyleId></a:tblPr>'
        f"<a:tblGrid>{columns}</a:tblGrid>{rows}</a:tbl>"
    )
    in_words = f"Table: {grid.title}. {len(placed.rows) - 1} of {len(grid.rows)} rows."
    return frame(ids, grid.title, in_words, placed.box, table)


def _row(placed: PlacedTable, row: Row, height: float, look: Look, *, is_header: bool) -> str:
    style = placed.style
    rule = line(AREA_LINE if is_header else RULE, 1.0 if is_header else 0.5)
    below = rule.replace("<a:ln ", "<a:lnB ").replace("</a:ln>", "</a:lnB>")
    ground = solid(_HEADER_GROUND) if is_header else NO_FILL
    margins = (
        f'marL="{emu(style.side)}" marR="{emu(style.side)}" '
        f'marT="{emu(style.rise)}" marB="{emu(style.rise)}"'
    )
    cells = []
    for column, cell in enumerate(row):
        align = "right" if column in placed.grid.numbers else "left"
        words = look.words(placed.size_pt, is_bold=is_header, align=align)
        text = paragraph((cell.text,) if cell.text else (), words)
        # Else the line of an empty cell is as high as letters of 18 points, and the row grows.
        size = f'<a:endParaRPr lang="en-GB" sz="{round(placed.size_pt * 100)}"/></a:p>'
        text = text.replace("</a:p>", size)
        cells.append(
            f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{text}</a:txBody>"
            f'<a:tcPr {margins} anchor="t">{below}{ground}</a:tcPr></a:tc>'
        )
    return f'<a:tr h="{emu(height)}">{"".join(cells)}</a:tr>'
