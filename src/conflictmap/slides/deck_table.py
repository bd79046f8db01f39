"""The table of the highest areas as a native table."""

from __future__ import annotations

from conflictmap.slides.compose import Composition
from conflictmap.slides.deck_look import Look
from conflictmap.slides.deck_shapes import NO_FILL, Ids, emu, frame, line, paragraph
from conflictmap.slides.fills import AREA_LINE, RULE
from conflictmap.slides.fitting import line_height
from conflictmap.slides.paper import LEAST_PT

TABLE = "Table of areas"

_SIDE = 0.06  # inches left and right of a cell's words; `compose` cuts them to fit
_PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # "No Style, No Grid": a template's is not taken


def table_shape(ids: Ids, composed: Composition, look: Look) -> str:
    """Return the table; nothing where the slide has none."""
    box, rows = composed.table, composed.table_rows
    if box is None:
        return ""
    first = emu(composed.name_width)
    columns = f'<a:gridCol w="{first}"/><a:gridCol w="{emu(box.width) - first}"/>'
    height = box.height / len(rows)
    inside = "".join(_row(row, height, look, is_header=not n) for n, row in enumerate(rows))
    table = (
        f'<a:tbl><a:tblPr firstRow="1"><a:tableStyleId>{_PLAIN}</a:tableStyleId></a:tblPr>'
        f"<a:tblGrid>{columns}</a:tblGrid>{inside}</a:tbl>"
    )
    words = "; ".join(": ".join(row) for row in rows[1:])
    return frame(ids, TABLE, f"{rows[0][0]}, {rows[0][1]}. {words}", box, table)


def _row(row: tuple[str, str], height: float, look: Look, *, is_header: bool) -> str:
    above = max(0, emu((height - line_height(LEAST_PT)) / 2))
    name = paragraph([row[0]], look.words(LEAST_PT, is_bold=is_header))
    value = paragraph([row[1]], look.words(LEAST_PT, is_bold=is_header, align="right"))
    rule = line(AREA_LINE if is_header else RULE, 1.0 if is_header else 0.5)
    below = rule.replace("<a:ln ", "<a:lnB ").replace("</a:ln>", "</a:lnB>")
    look_of_cell = (
        f'<a:tcPr marL="{emu(_SIDE)}" marR="{emu(_SIDE)}" marT="{above}" marB="{above}" '
        f'anchor="ctr">{below}{NO_FILL}</a:tcPr>'
    )
    cells = "".join(
        f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{words}</a:txBody>{look_of_cell}</a:tc>"
        for words in (name, value)
    )
    return f'<a:tr h="{emu(height)}">{cells}</a:tr>'
