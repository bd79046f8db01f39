"""A brief as slides: an editable PPTX, 16:9 or on an organisation's template.

The same brief gives the same bytes: nothing in the file tells when or on which machine it was made.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import count
from typing import Any

from conflictmap.brief.model import Brief
from conflictmap.brief_files.content import PICTURE_IN_WORDS, Content, content_of
from conflictmap.brief_files.deck_drawing import table_frame, words_box
from conflictmap.brief_files.deck_pages import Sheet, sheets_of
from conflictmap.brief_files.flow import PlacedText
from conflictmap.brief_files.pictures import Picture, fit_picture
from conflictmap.brief_files.record import BEGIN, END
from conflictmap.slides.deck_look import Look
from conflictmap.slides.deck_shapes import (
    NAMESPACES,
    NO_LINE,
    Ids,
    emu,
    simple_shape,
    solid,
    text_box,
)
from conflictmap.slides.deck_template import Base, open_base, paper_of_template
from conflictmap.slides.fills import AREA_LINE
from conflictmap.slides.paper import PAPERS
from conflictmap.slides.pptx_file import fixed_bytes


def export_deck(
    brief: Brief,
    *,
    as_of: str,
    link: str,
    marking: str = "",
    map_picture: bytes | None = None,
    template: bytes | None = None,
) -> bytes:
    """Return a brief as a PPTX file.

    Parameters
    ----------
    as_of
        The day on which the revision was published, as YYYY-MM-DD; the date of the file.
    link
        The address of the brief, for the notes; it is written out and leads nowhere by itself.
    marking
        How the file is to be handled; it stands at the top and at the bottom of every slide.
    map_picture
        A PNG or JPEG.
    template
        A .pptx or .potx whose master, layout, letters and colours are taken.

    Raises
    ------
    QueryError
        If the marking is too long, the picture is none, or the template cannot be used.
    """
    content = content_of(brief, as_of=as_of, link=link, marking=marking)
    paper = paper_of_template(template) if template else PAPERS["16:9"]
    base = open_base(paper, template)
    picture = None
    if map_picture:
        picture = fit_picture(map_picture, paper.width - 1.2, paper.height - 2.6)
    sheets = sheets_of(content, paper, picture)
    for number, sheet in enumerate(sheets, start=1):
        _add_slide(base, content, sheet, f"{number} of {len(sheets)}", picture, map_picture)
    _tell_about(base.presentation, content)
    file = io.BytesIO()
    base.presentation.save(file)
    return fixed_bytes(file.getvalue())


def _add_slide(
    base: Base,
    content: Content,
    sheet: Sheet,
    number: str,
    picture: Picture | None,
    map_picture: bytes | None,
) -> None:
    from pptx.oxml import parse_xml
    from pptx.util import Emu

    slide = base.presentation.slides.add_slide(base.layout)
    tree = slide.shapes.element
    for holder in list(slide.placeholders):  # the title is drawn below, with its own size
        tree.remove(holder.element)
    ids = count(2)  # 1 is the slide's own
    shapes = "".join(_shapes(ids, sheet, number, base))
    for shape in list(parse_xml(f"<p:spTree {NAMESPACES}>{shapes}</p:spTree>")):
        tree.append(shape)
    if sheet.picture and picture and map_picture:
        box = sheet.picture
        at = (Emu(emu(box.left)), Emu(emu(box.top)), Emu(emu(box.width)), Emu(emu(box.height)))
        shape = slide.shapes.add_picture(io.BytesIO(map_picture), *at)
        shape.name = "Map"
        shape._element.nvPicPr.cNvPr.set("descr", PICTURE_IN_WORDS)
    slide.notes_slide.notes_text_frame.text = _notes(content, sheet)


def _shapes(ids: Ids, sheet: Sheet, number: str, base: Base) -> Iterator[str]:
    """Give the shapes in the order in which a screen reader tells them: the title first."""
    look = base.look
    title = sheet.title
    words = Look(look.title_font, tones=look.tones).words(title.style.size_pt, is_bold=True)
    yield text_box(ids, "title", title.box, (title.text,), words, holder=base.title_holder)
    if sheet.rule:
        yield simple_shape(ids, "rule", "rect", sheet.rule, solid(AREA_LINE), NO_LINE)
    for item in sheet.items:
        if isinstance(item, PlacedText):
            yield words_box(ids, item, look)
        else:
            yield table_frame(ids, item, look)
    for item in sheet.edges:
        yield words_box(ids, item, look)
    if sheet.number:
        yield words_box(ids, sheet.number, look, text=number)


def _notes(content: Content, sheet: Sheet) -> str:
    """Return the notes, a line each fact; the record is one line of JSON."""
    lines = [
        *([content.synthetic] if content.synthetic else []),
        content.title,
        f"This slide: {sheet.title.text}",
        content.subtitle,
        f"{content.known}.",
        f"Link: {content.link}",
        content.reports,
        f"Boundaries: {content.boundaries}.",
        content.disclaimer,
        BEGIN,
        content.record,
        END,
    ]
    return "\n".join(lines)


def _tell_about(presentation: Any, content: Content) -> None:
    """Set the properties of the file, so that they tell nothing of a template's author or today."""
    about = presentation.core_properties
    about.title, about.subject = content.title[:255], content.subtitle[:255]
    for name in ("author", "category", "comments", "content_status", "identifier", "keywords"):
        setattr(about, name, "")
    about.language, about.last_modified_by, about.version = "en", "", ""
    about.revision = 1
    about.created = about.modified = about.last_printed = content.as_of
