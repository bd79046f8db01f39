"""A brief as a Word document: real headings, native tables, page numbers.

The same brief gives the same bytes: nothing in the file tells when or on which machine it was made.
"""

from __future__ import annotations

import io
from typing import Any, Final

from conflictmap.brief.model import Brief
from conflictmap.brief_files.columns import column_widths, does_fit
from conflictmap.brief_files.content import (
    EDITED,
    PICTURE_IN_WORDS,
    Content,
    Grid,
    Said,
    content_of,
)
from conflictmap.brief_files.docx_look import (
    FULL_WIDTH,
    SIDE,
    TABLE_SIZES,
    fix_width,
    own_page,
    own_styles,
    put_field,
    put_words,
    rule_rows,
    table_style,
    tell_about,
)
from conflictmap.brief_files.pictures import fit_picture
from conflictmap.slides.pptx_file import fixed_bytes

_MOST_TALL: Final = 4.4  # inches of the picture


def export_docx(
    brief: Brief,
    *,
    as_of: str,
    link: str,
    marking: str = "",
    map_picture: bytes | None = None,
) -> bytes:
    """Return a brief as a Word document.

    Parameters
    ----------
    as_of
        The day on which the revision was published, as YYYY-MM-DD; the date of the file.
    link
        The address of the brief; it is written out and leads nowhere by itself.
    marking
        How the file is to be handled; it stands at the top and at the bottom of every page.
    map_picture
        A PNG or JPEG.

    Raises
    ------
    QueryError
        If the marking is too long, or the picture is none.
    """
    from docx import Document

    content = content_of(brief, as_of=as_of, link=link, marking=marking)
    document = Document()
    own_page(document)
    own_styles(document, content.title)
    _head_and_foot(document.sections[0], content)
    _front(document, content)
    if map_picture:
        _picture(document, map_picture)
    for part in content.parts:
        put_words(document.add_paragraph(style="Heading 1"), part.heading)
        for said in part.paragraphs:
            _say(document, said)
        for grid in part.grids:
            _table(document, grid)
    _back(document, content)
    tell_about(document, content)
    file = io.BytesIO()
    document.save(file)
    return fixed_bytes(file.getvalue())


def _front(document: Any, content: Content) -> None:
    put_words(document.add_paragraph(style="Title"), content.title)
    if content.synthetic:
        put_words(document.add_paragraph(style="Warning"), content.synthetic)
    put_words(document.add_paragraph(style="Subtitle"), content.subtitle)
    for line in (f"{content.known}.", content.reports, content.edited):
        if line:
            put_words(document.add_paragraph(style="Small"), line)
    _table(document, content.headlines)


def _back(document: Any, content: Content) -> None:
    put_words(document.add_paragraph(style="Heading 1"), "Notes and sources")
    for note in (*content.notes, *((f"Link: {content.link}",) if content.link else ())):
        put_words(document.add_paragraph(style="List Bullet"), note)
    document.paragraphs[-1].paragraph_format.keep_with_next = True  # no page for one line
    put_words(document.add_paragraph(style="Small"), content.disclaimer)


def _say(document: Any, said: Said) -> None:
    paragraph = document.add_paragraph()
    put_words(paragraph, said.text)
    if said.is_edited:
        put_words(paragraph, f" {EDITED}", is_italic=True)


def _table(document: Any, grid: Grid) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    put_words(document.add_paragraph(style="Heading 2"), grid.title)
    fitting = (size for size in TABLE_SIZES if does_fit(grid, FULL_WIDTH, size, side=SIDE))
    size = next(fitting, TABLE_SIZES[-1])
    table = document.add_table(rows=len(grid.rows) + 1, cols=len(grid.columns))
    fix_width(table, column_widths(grid, FULL_WIDTH, size, side=SIDE))
    for number, (row, cells) in enumerate(zip(table.rows, (grid.columns, *grid.rows), strict=True)):
        for column, (cell, words) in enumerate(zip(row.cells, cells, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.style = table_style(size, is_header=number == 0)
            if column in grid.numbers:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            put_words(paragraph, words)
    rule_rows(table)
    if grid.note:
        put_words(document.add_paragraph(style="Table note"), grid.note)


def _picture(document: Any, content: bytes) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Inches

    size = fit_picture(content, FULL_WIDTH, _MOST_TALL)
    shape = document.add_picture(
        io.BytesIO(content), width=Inches(size.width), height=Inches(size.height)
    )
    about = shape._inline.docPr
    about.set("name", "Map")
    about.set("descr", PICTURE_IN_WORDS)
    around = document.paragraphs[-1].paragraph_format
    around.alignment, around.space_before = WD_ALIGN_PARAGRAPH.CENTER, Inches(0.15)


def _head_and_foot(section: Any, content: Content) -> None:
    head, foot = section.header, section.footer
    lines = [(content.marking, "Marking"), (content.synthetic, "Warning above")]
    told = [(line, style) for line, style in lines if line]
    for number, (line, style) in enumerate(told):
        paragraph = head.paragraphs[0] if number == 0 else head.add_paragraph()
        paragraph.style = style
        put_words(paragraph, line)
    paragraph = foot.paragraphs[0]
    paragraph.style = "Foot"
    put_words(paragraph, f"{content.foot}\t")
    put_field(paragraph, "PAGE")
    put_words(paragraph, " of ")
    put_field(paragraph, "NUMPAGES")
    if content.marking:
        below = foot.add_paragraph(style="Marking")
        put_words(below, content.marking)
