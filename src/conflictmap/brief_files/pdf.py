"""A brief as a PDF: A4 upright, with text that can be selected, bookmarks and page numbers.

matplotlib draws it and shapes Dari and Pashto; pypdf adds bookmarks and language. The same brief
gives the same bytes: nothing in the file tells when or on which machine it was made.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from conflictmap.brief.model import Brief
from conflictmap.brief_files.content import Content, Grid, content_of
from conflictmap.brief_files.flow import (
    Page,
    PlacedTable,
    PlacedText,
    Style,
    TableStyle,
    Words,
    lay_out,
)
from conflictmap.brief_files.measure import drawable, line_height, lines_of, width_of
from conflictmap.brief_files.pictures import Picture, fit_picture
from conflictmap.slides.blocks import Align
from conflictmap.slides.canvas import Canvas, drawing_settings
from conflictmap.slides.fills import AREA_LINE, RULE, TONES
from conflictmap.slides.fonts import check_fonts, is_right_to_left
from conflictmap.slides.paper import Box, Paper

A4: Final = Paper("a4", 8.27, 11.69, 1190)

_SIDE, _TOP, _BOTTOM = 0.85, 0.95, 1.0  # inches that texts stay off the edges
_BODY = Box(_SIDE, _TOP, A4.width - 2 * _SIDE, A4.height - _TOP - _BOTTOM)
_BASELINE = 1.0  # of the letters' size, below the top of a line
_GAP = 0.16  # above the picture
_MOST_TALL = 4.2  # inches of the picture
_HEADER_GROUND = "#eef1f3"

_TITLES = tuple(Style("title", size, is_bold=True, below=0.06) for size in (19, 18, 17, 16, 15))
_SUBTITLE = Style("subtitle", 11, tone="dim", below=0.1)
_WARNING = Style("synthetic", 10.5, is_bold=True, tone="warning", below=0.08)
_SMALL = Style("known", 9, tone="dim", below=0.04)
_HEADING = Style("heading", 13.5, is_bold=True, above=0.26, below=0.08, stays_with_next=True)
_TABLE_TITLE = Style("table title", 9.5, is_bold=True, above=0.12, below=0.05, stays_with_next=True)
_TEXT = Style("paragraph", 9.5, below=0.1)
_ITEM = Style("note", 9, below=0.06, mark="\u2022 ")
_TABLE_NOTE = Style("table note", 8, tone="dim", above=0.05, below=0.1, stays_whole=True)
_TABLES = TableStyle((8.0, 7.5, 7.0, 6.5), 0.06, 0.035, _TABLE_TITLE, _TABLE_NOTE)
_FOOT_PT = 8.0


def export_pdf(
    brief: Brief,
    *,
    as_of: str,
    link: str,
    marking: str = "",
    map_picture: bytes | None = None,
) -> bytes:
    """Return a brief as a PDF.

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
    SettingsError
        If a text is in Dari or Pashto and its font is missing.
    """
    content = content_of(brief, as_of=as_of, link=link, marking=marking)
    check_fonts(content.texts())
    picture = fit_picture(map_picture, _BODY.width, _MOST_TALL) if map_picture else None
    pages, place = _pages(content, picture)
    with drawing_settings():
        drawn = _draw(content, pages, picture, place)
    return _with_bookmarks(drawn, pages, content)


def _pages(content: Content, picture: Picture | None) -> tuple[list[Page], tuple[int, Box] | None]:
    """Return the pages, and the number of the one with the picture and where it stands."""
    head = lay_out([*_front(content)], _BODY, _TABLES)
    bottom = max((item.box.bottom for item in head[-1].items), default=_BODY.top)
    place: tuple[int, Box] | None = None
    if picture:
        top = bottom + _GAP
        if top + picture.height > _BODY.bottom:
            head.append(Page())
            top = _BODY.top
        left = _SIDE + (_BODY.width - picture.width) / 2
        box = Box(left, top, picture.width, picture.height)
        place, bottom = (len(head) - 1, box), box.bottom
    rest = lay_out([*_rest(content)], _BODY, _TABLES, top=bottom)
    shared = Page([*head[-1].items, *rest[0].items])
    return [*head[:-1], shared, *rest[1:]], place


def _draw(
    content: Content, pages: list[Page], picture: Picture | None, place: tuple[int, Box] | None
) -> bytes:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages

    file = io.BytesIO()
    about: dict[str, str | None] = {
        "Title": content.title,
        "Subject": content.subtitle,
        "Keywords": content.record,
        "Creator": "Afghanistan Conflict Map",
        "CreationDate": None,
        "Producer": None,
    }
    with PdfPages(file, metadata=about) as book:
        for number, page in enumerate(pages):
            canvas = Canvas(A4, is_transparent=False)
            FigureCanvasPdf(canvas.figure)
            for item in page.items:
                if isinstance(item, PlacedText):
                    _draw_text(canvas, item)
                else:
                    _draw_table(canvas, item)
            _draw_edges(canvas, content, number + 1, len(pages))
            if picture and place and place[0] == number:
                _draw_picture(canvas, picture.pixels, place[1])
            book.savefig(canvas.figure)
    return file.getvalue()


def _front(content: Content) -> Iterator[Words | Grid]:
    on_one_line = (
        style
        for style in _TITLES
        if width_of(content.title, style.size_pt, is_bold=True) <= _BODY.width
    )
    yield Words(content.title, next(on_one_line, _TITLES[0]))
    yield Words(content.synthetic, _WARNING)
    yield Words(content.subtitle, _SUBTITLE)
    yield Words(f"{content.known}.", _SMALL)
    yield Words(content.reports, _SMALL)
    yield Words(content.edited, _SMALL)
    yield content.headlines


def _rest(content: Content) -> Iterator[Words | Grid]:
    for part in content.parts:
        yield Words(part.heading, _HEADING)
        for said in part.paragraphs:
            yield Words(said.marked, _TEXT)
        yield from part.grids
    yield Words("Notes and sources", _HEADING)
    for note in content.notes:
        yield Words(note, _ITEM)
    yield Words(f"Link: {content.link}" if content.link else "", _ITEM)
    yield Words(content.disclaimer, _SMALL)


def _draw_text(canvas: Canvas, placed: PlacedText) -> None:
    style = placed.style
    for number, line in enumerate(placed.lines):
        top = placed.box.top + number * line_height(style.size_pt)
        _write(canvas, placed.box, top, _in_order(line, placed.text), style, is_bold=style.is_bold)


def _draw_table(canvas: Canvas, placed: PlacedTable) -> None:
    box, style = placed.box, placed.style
    header = Box(box.left, box.top, box.width, placed.heights[0])
    canvas.box(header, facecolor=_HEADER_GROUND, edgecolor="none")
    top = box.top
    for number, (row, height) in enumerate(zip(placed.rows, placed.heights, strict=True)):
        left = box.left
        for column, (cell, wide) in enumerate(zip(row, placed.widths, strict=True)):
            room = Box(left + style.side, top + style.rise, wide - 2 * style.side, height)
            align: Align = "right" if column in placed.grid.numbers else "left"
            words = Style("cell", placed.size_pt, align=align)
            for index, line in enumerate(cell.lines):
                at = room.top + index * line_height(placed.size_pt)
                said = _in_order(line, cell.text)
                _write(canvas, room, at, said, words, is_bold=number == 0)
            left += wide
        top += height
        _rule(canvas, box.left, box.right, top, is_strong=number == 0)


def _draw_edges(canvas: Canvas, content: Content, number: int, pages: int) -> None:
    """Draw what stands on every page: marking, mark, foot and number."""
    middle = Style("edge", _FOOT_PT + 1, align="center")
    if content.marking:
        _write(canvas, _BODY, 0.4, content.marking, middle, is_bold=True)
        _write(canvas, _BODY, A4.height - 0.42, content.marking, middle, is_bold=True)
    if content.synthetic:
        warning = Style("edge", _FOOT_PT, tone="warning", align="center")
        _write(canvas, _BODY, 0.6, content.synthetic, warning, is_bold=True)
    top = A4.height - 0.78
    _rule(canvas, _BODY.left, _BODY.right, top - 0.06)
    said = f"{number} of {pages}"
    foot = Style("edge", _FOOT_PT, tone="dim")
    lines = lines_of(content.foot, _BODY.width - 1.0, _FOOT_PT)
    if len(lines) > 2:  # the notes have all of it
        lines = (content.known,)
    for index, line in enumerate(lines):
        _write(canvas, _BODY, top + index * line_height(_FOOT_PT), line, foot)
    _write(canvas, _BODY, top, said, Style("edge", _FOOT_PT, tone="dim", align="right"))


def _write(
    canvas: Canvas, box: Box, top: float, line: str, style: Style, *, is_bold: bool = False
) -> None:
    at = {"left": box.left, "center": box.left + box.width / 2, "right": box.right}[style.align]
    canvas.text(
        at,
        top + _BASELINE * style.size_pt / 72,
        drawable(line),
        style.size_pt,
        is_bold=is_bold,
        align=style.align,
        colour=TONES[style.tone],
    )


def _rule(
    canvas: Canvas, left: float, right: float, top: float, *, is_strong: bool = False
) -> None:
    import numpy as np

    look = (AREA_LINE, 0.8) if is_strong else (RULE, 0.5)
    canvas.lines([np.array([[left, top], [right, top]])], edgecolor=look[0], linewidth=look[1])


def _draw_picture(canvas: Canvas, pixels: Any, box: Box) -> None:
    axes = canvas.figure.add_axes(
        (
            box.left / A4.width,
            1 - box.bottom / A4.height,
            box.width / A4.width,
            box.height / A4.height,
        )
    )
    axes.imshow(pixels, aspect="auto")
    axes.axis("off")


def _in_order(line: str, text: str) -> str:
    """Return a line of an English text that begins with a word in Dari so that it stays English."""
    if is_right_to_left(line) and not is_right_to_left(text):
        return f"\u200e{line}"
    return line


def _with_bookmarks(drawn: bytes, pages: list[Page], content: Content) -> bytes:
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn)))
    parent: Any = None
    for number, page in enumerate(pages):
        for item in page.items:
            if isinstance(item, PlacedText) and item.style is _HEADING:
                parent = writer.add_outline_item(title=item.text, page_number=number)
            elif isinstance(item, PlacedTable) and not _goes_on(page, item):
                writer.add_outline_item(title=item.grid.title, page_number=number, parent=parent)
    writer.root_object[NameObject("/Lang")] = TextStringObject("en-GB")
    shown = DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(True)})
    writer.root_object[NameObject("/ViewerPreferences")] = shown
    writer.add_metadata({"/Producer": "matplotlib, pypdf"})
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _goes_on(page: Page, table: PlacedTable) -> bool:
    """Say whether a table began on a page before."""
    titles = [
        item.text
        for item in page.items
        if isinstance(item, PlacedText) and item.style is _TABLE_TITLE
    ]
    return table.grid.title not in titles
