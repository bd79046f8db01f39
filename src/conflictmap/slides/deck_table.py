"""The table of the highest areas as a native table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conflictmap.slides.area_table import SIDE
from conflictmap.slides.blocks import Align
from conflictmap.slides.deck_look import Look
from conflictmap.slides.deck_shapes import NO_FILL, Ids, emu, frame, line, paragraph
from conflictmap.slides.fills import AREA_LINE, RULE
from conflictmap.slides.fitting import line_height
from conflictmap.slides.paper import LEAST_PT, Box

TABLE = "Table of areas"

_PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # "No Style, No Grid": a template's is not taken


def table_shape(
    ids: Ids,
    box: Box | None,
    rows: Sequence[tuple[str, ...]],
    widths: Sequence[float],
    look: Look,
) -> str:
    """Return a table, its header first; nothing where a slide has none."""
    if box is None:
        return ""
    height = box.height / len(rows)
    words = "; ".join(f"{row[0]}: {', '.join(row[1:])}" for row in rows[1:])
    aligns: list[Align] = ["left", *["right"] * (len(widths) - 1)]  # type: ignore[list-item]
    inside = (
        native_row([(cell,) for cell in row], height, look, aligns, is_header=not n)
        for n, row in enumerate(rows)
    )
    return native_table(ids, TABLE, f"{', '.join(rows[0])}. {words}", box, widths, inside)


def native_table(
    ids: Ids, name: str, in_words: str, box: Box, widths: Sequence[float], rows: Iterable[str]
) -> str:
    """Return rows of `native_row` as a table that fills a box."""
    ends = [emu(width) for width in widths[:-1]]
    wide = [*ends, emu(box.width) - sum(ends)]
    columns = "".join(f'<a:gridCol w="{width}"/>' for width in wide)
    table = (
        f'<a:tbl><a:tblPr firstRow="1"><a:tableStyleId>{_PLAIN}</a:tableStyleId></a:tblPr>'
        f"<a:tblGrid>{columns}</a:tblGrid>{''.join(rows)}</a:tbl>"
    )
    return frame(ids, name, in_words, box, table)


def native_row(
    cells: Sequence[Sequence[str]],
    height: float,
    look: Look,
    aligns: Sequence[Align],
    *,
    is_header: bool,
    side: float = SIDE,
) -> str:
    """Return one row, each cell with its lines."""
    rule = line(AREA_LINE if is_header else RULE, 1.0 if is_header else 0.5)
    below = rule.replace("<a:ln ", "<a:lnB ").replace("</a:ln>", "</a:lnB>")
    inside = ""
    for lines, align in zip(cells, aligns, strict=True):
        above = max(0, emu((height - max(1, len(lines)) * line_height(LEAST_PT)) / 2))
        words = paragraph(lines, look.words(LEAST_PT, is_bold=is_header, align=align))
        inside += (
            f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{words}</a:txBody>"
            f'<a:tcPr marL="{emu(side)}" marR="{emu(side)}" marT="{above}" marB="{above}" '
            f'anchor="ctr">{below}{NO_FILL}</a:tcPr></a:tc>'
        )
    return f'<a:tr h="{emu(height)}">{inside}</a:tr>'
