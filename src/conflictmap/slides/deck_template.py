"""What a deck is built on: an empty presentation of ours, or an organisation's template."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from conflictmap.errors import QueryError
from conflictmap.slides.deck_look import THEME_LOOK, Look
from conflictmap.slides.deck_shapes import emu
from conflictmap.slides.paper import PAPERS, Paper, PaperName
from conflictmap.slides.pptx_file import check_no_links, check_presentation

LEAST_SIDE, MOST_SIDE = 7.0, 9.0
"""Inches of the shorter side: on less, letters of 12 points leave no room for a map, on more they
look small. Other slides are made larger or smaller in proportion, as PowerPoint itself does it."""

_USUAL_SIDE = 7.5  # that of PowerPoint's own slides
_MOST_RATIO, _MOST = 2.4, 60.0  # one side to the other, and inches
_EMU = 914_400
_SAME = 0.01  # inches
_NOUN = "template"
_TITLES = ("title", "ctrTitle")
_DROPPED = ("thumbnail", "printerSettings", "extended-properties")  # ends of relationship types
_SECTIONS = "{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"  # the extension that lists slides by section


@dataclass(frozen=True)
class Base:
    """An empty presentation, the layout that its slides take, and how texts look on it."""

    presentation: Any
    layout: Any
    title_holder: str  # type of the layout's title placeholder
    look: Look


def open_base(paper: Paper, template: bytes | None) -> Base:
    """Return what the slides are put on.

    Raises
    ------
    QueryError
        If the template cannot be used, or its slides are not of the size of the paper.
    """
    from pptx import Presentation

    if template is None:
        presentation = Presentation()
        layout = _fit_own_layouts(presentation, paper)
        _drop_parts(presentation)
        return Base(presentation, layout, "title", Look())
    presentation = _open_template(template)
    made_for = _paper_of(presentation)
    if (made_for.width, made_for.height) != (paper.width, paper.height):
        raise QueryError("The slides of the template have another size than the paper.")
    _stretch(presentation, paper)
    layout, holder = _title_layout(presentation)
    _drop_slides(presentation)
    _drop_parts(presentation)
    return Base(presentation, layout, holder, THEME_LOOK)


def paper_of_template(template: bytes) -> Paper:
    """Return the paper that slides of a template lie on.

    Slides much smaller or larger than usual, such as those 5.6 inches high, are brought to the
    usual size in proportion, with all that lies on their masters.

    Raises
    ------
    QueryError
        If the template cannot be used, or its slides are too narrow, low or large.
    """
    return _paper_of(_open_template(template))


def _paper_of(presentation: Any) -> Paper:
    width, height = presentation.slide_width / _EMU, presentation.slide_height / _EMU
    if max(width, height) > _MOST or not 1 / _MOST_RATIO < width / height < _MOST_RATIO:
        raise QueryError(
            f"The slides of the template measure {width:.1f} x {height:.1f} inches, which leaves no"
            " room for a map. Choose a usual slide size in the template, such as 16:9."
        )
    shorter = min(width, height)
    factor = 1.0 if LEAST_SIDE <= shorter <= MOST_SIDE else _USUAL_SIDE / shorter
    width, height = width * factor, height * factor
    for paper in PAPERS.values():
        if abs(paper.width - width) < _SAME and abs(paper.height - height) < _SAME:
            return paper
    return Paper(_nearest(width / height), width, height, 1920)


def _nearest(ratio: float) -> PaperName:
    return min(PAPERS.values(), key=lambda paper: abs(paper.width / paper.height - ratio)).name


def _open_template(template: bytes) -> Any:
    from pptx import Presentation

    content = check_presentation(template, _NOUN)
    check_no_links(content, _NOUN)
    try:
        presentation = Presentation(io.BytesIO(content))
        if presentation.slide_width and presentation.slide_height and presentation.slide_layouts:
            return presentation
    except Exception as error:  # the library raises whatever a broken part leads to
        raise QueryError(f"The {_NOUN} is damaged and cannot be read.") from error
    raise QueryError(f"The {_NOUN} has no slide size or no layout.")


def _title_layout(presentation: Any) -> tuple[Any, str]:
    """Return the layout of a title only, else the barest with a title, and the title's type."""
    found: list[tuple[bool, int, int, Any, str]] = []
    for master in presentation.slide_masters:
        for layout in master.slide_layouts:
            holders = [holder.get("type", "") for holder in layout.element.iter(_pml("ph"))]
            titles = [holder for holder in holders if holder in _TITLES]
            if titles:
                is_title_only = layout.element.get("type") == "titleOnly"
                found.append((not is_title_only, len(holders), len(found), layout, titles[0]))
    if not found:
        raise QueryError("The template has no layout with a title. Add one, such as 'Title Only'.")
    _, _, _, layout, holder = min(found, key=lambda one: one[:3])
    return layout, holder


def _drop_slides(presentation: Any) -> None:
    """Take a template's own slides out, with what lists them: sections and custom shows."""
    root = presentation.element
    for tag in ("custShowLst",):
        for listed in list(root.iter(_pml(tag))):
            listed.getparent().remove(listed)
    for extension in list(root.iter(_pml("ext"))):
        if extension.get("uri") == _SECTIONS:
            extension.getparent().remove(extension)
    slides = presentation.slides._sldIdLst  # the library has no way of its own to take a slide out
    for one in list(slides):
        slides.remove(one)
        presentation.part.drop_rel(one.rId)
    parts = presentation.part.package.iter_parts()
    if any(str(part.partname).startswith("/ppt/slides/") for part in parts):
        raise QueryError(
            "The template has buttons that lead to its own slides. Remove them and save it again."
        )


def _drop_parts(presentation: Any) -> None:
    """Take out what tells of a printer, a program or an old picture of the first slide."""
    for owner in (presentation.part.package, presentation.part):
        rels = owner._rels
        for key in [key for key, rel in rels.items() if rel.reltype.endswith(_DROPPED)]:
            rels.pop(key)


def _fit_own_layouts(presentation: Any, paper: Paper) -> Any:
    """Keep two layouts, stretch them to the paper, and return the one of a title only."""
    kept = {"titleOnly", "blank"}
    for layout in list(presentation.slide_layouts):
        if layout.element.get("type") not in kept:
            presentation.slide_layouts.remove(layout)
    _stretch(presentation, paper)
    return next(
        layout for layout in presentation.slide_layouts if layout.element.get("type") == "titleOnly"
    )


def _stretch(presentation: Any, paper: Paper) -> None:
    """Make slides as large as the paper, and all that lies on masters and layouts with them."""
    across = paper.width * _EMU / presentation.slide_width
    down = paper.height * _EMU / presentation.slide_height
    if max(abs(across - 1), abs(down - 1)) < _SAME / _MOST:
        return
    presentation.slide_width, presentation.slide_height = emu(paper.width), emu(paper.height)
    presentation.element.find(_pml("sldSz")).attrib.pop("type", None)
    sheets = [
        sheet for master in presentation.slide_masters for sheet in (master, *master.slide_layouts)
    ]
    for at in (at for sheet in sheets for shape in sheet.shapes for at in _places(shape.element)):
        for name, factor in (("x", across), ("cx", across), ("y", down), ("cy", down)):
            if at.get(name) is not None:
                at.set(name, str(round(int(at.get(name)) * factor)))


def _places(shape: Any) -> list[Any]:
    """Return where a shape lies and how large it is; what is in a group follows the group."""
    outer = shape.find(_pml("xfrm"))
    for look in ("spPr", "grpSpPr"):
        if outer is None and shape.find(_pml(look)) is not None:
            outer = shape.find(_pml(look)).find(_dml("xfrm"))
    return [] if outer is None else [at for at in outer if at.tag in (_dml("off"), _dml("ext"))]


def _pml(tag: str) -> str:
    return f"{{http://schemas.openxmlformats.org/presentationml/2006/main}}{tag}"


def _dml(tag: str) -> str:
    return f"{{http://schemas.openxmlformats.org/drawingml/2006/main}}{tag}"
