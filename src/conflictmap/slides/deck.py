"""Slides as an editable PPTX: native shapes, table and chart, with the evidence in the notes.

The same slides give the same bytes: nothing in the file tells when or on which machine it was made.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from conflictmap.boundaries import BoundaryEdition
from conflictmap.errors import QueryError
from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.comparison_compose import ComparisonComposition
from conflictmap.slides.compose import Composition
from conflictmap.slides.deck_chart import add_chart, step_texts
from conflictmap.slides.deck_deployments import deployment_shapes, deployment_table_shape
from conflictmap.slides.deck_look import Look
from conflictmap.slides.deck_map import SECOND, legend_shapes, locator_shapes, map_shapes
from conflictmap.slides.deck_notes import notes_of
from conflictmap.slides.deck_reading import ReadSlide, read_deck
from conflictmap.slides.deck_shapes import NAMESPACES, Ids, text_box
from conflictmap.slides.deck_table import table_shape
from conflictmap.slides.deck_template import Base, open_base, paper_of_template
from conflictmap.slides.deployment_compose import DeploymentComposition
from conflictmap.slides.paper import Box
from conflictmap.slides.pptx_file import fixed_bytes

__all__ = ["ReadSlide", "paper_of_template", "read_deck", "write_deck"]

Drawn = Composition | ComparisonComposition | DeploymentComposition

_FOOT = ("counted", "change", "could", "sources", "boundaries", "disclaimer", "marking below")
_HEAD = ("marking", "synthetic", "title", "subtitle")
_EDGE = 0.05  # inches that a title stays off the edge of the paper


def write_deck(
    composed: Sequence[Drawn],
    edition: BoundaryEdition,
    *,
    records: Sequence[dict[str, str]],
    template: bytes | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> bytes:
    """Return slides as one PPTX file.

    Parameters
    ----------
    composed
        The slides in their order, all laid out on the same paper.
    records
        What is to be known to make each again; it stands in the notes.
    template
        A .pptx or .potx whose master, layout, letters and colours are taken. The paper must be
        that of `paper_of_template`.
    on_progress
        Called with the number of slides done and of all slides.

    Raises
    ------
    QueryError
        If the template cannot be used, or there is no slide.
    """
    if not composed or len({(one.paper.width, one.paper.height) for one in composed}) > 1:
        raise QueryError("A deck needs at least one slide, and slides of one size.")
    base = open_base(composed[0].paper, template)
    for number, (one, record) in enumerate(zip(composed, records, strict=True), start=1):
        _add_slide(base, one, record)
        if on_progress:
            on_progress(number, len(composed))
    _tell_about(base.presentation, composed)
    written = io.BytesIO()
    base.presentation.save(written)
    return fixed_bytes(written.getvalue())


def _add_slide(base: Base, composed: Drawn, record: dict[str, str]) -> None:
    sheet = base.presentation.slides.add_slide(base.layout)
    tree = sheet.shapes.element
    for holder in list(sheet.placeholders):  # the title is drawn below, with its own lines
        tree.remove(holder.element)
    ids = count(2)  # 1 is the slide's own
    _draw(tree, _before_chart(ids, composed, base))
    steps: tuple[TextBlock, ...] = ()
    if isinstance(composed, Composition):
        add_chart(ids, sheet, composed, base.look, _day(composed))
        steps = step_texts(composed)
    below = (*steps, *_foot(composed))
    _draw(tree, (_text(ids, block, composed, base) for block in below))
    sheet.notes_slide.notes_text_frame.text = notes_of(composed.slide, record)


def _before_chart(ids: Ids, composed: Drawn, base: Base) -> Iterator[str]:
    """Give the shapes in the order in which a screen reader tells them: the title first."""
    blocks = {block.name: block for block in composed.texts}
    for name in ("title", *(name for name in _HEAD if name != "title")):
        if name in blocks:
            yield _text(ids, blocks[name], composed, base)
    if isinstance(composed, DeploymentComposition):
        yield from deployment_shapes(ids, composed, base.look)
    else:
        yield from _maps(ids, composed, base.look)
        told = composed.told_legend.in_words
        yield from legend_shapes(ids, told, composed.swatches, composed.signs)
    for block in composed.texts:
        if block.name not in (*_HEAD, *_FOOT):
            yield _text(ids, block, composed, base)
    if isinstance(composed, DeploymentComposition):
        yield deployment_table_shape(ids, composed, base.look)
    else:
        yield table_shape(ids, composed.table, composed.table_rows, composed.widths, base.look)


def _maps(ids: Ids, composed: Composition | ComparisonComposition, look: Look) -> Iterator[str]:
    """Give the groups of one map, or of the two that are compared."""
    if isinstance(composed, Composition):
        yield from map_shapes(ids, composed, look)
        yield from locator_shapes(ids, composed.insets)
        return
    for side, of in zip(composed.sides, ("", SECOND), strict=True):
        yield from map_shapes(ids, side, look, of=of)
        yield from locator_shapes(ids, side.insets)


def _foot(composed: Drawn) -> list[TextBlock]:
    blocks = [block for block in composed.texts if block.name in _FOOT]
    return sorted(blocks, key=lambda block: block.box.top)


def _text(ids: Ids, block: TextBlock, composed: Drawn, base: Base) -> str:
    words = base.look.words(block.size_pt, block.tone, is_bold=block.is_bold, align=block.align)
    if block.name != "title":
        return text_box(ids, block.name, block.box, block.lines, words)
    box = block.box
    wide = Box(box.left, box.top, composed.paper.width - _EDGE - box.left, box.height)
    words = Look(base.look.title_font, tones=base.look.tones).words(
        block.size_pt, block.tone, is_bold=block.is_bold, align=block.align
    )
    return text_box(ids, block.name, wide, block.lines, words, holder=base.title_holder)


def _draw(tree: Any, shapes: Iterator[str]) -> None:
    """Put shapes written as XML onto a slide."""
    from pptx.oxml import parse_xml

    for shape in list(parse_xml(f"<p:spTree {NAMESPACES}>{''.join(shapes)}</p:spTree>")):
        tree.append(shape)


def _day(composed: Drawn) -> dt.datetime:
    """Return the moment that the file carries: the day of the revision, never today."""
    return dt.datetime.fromisoformat(composed.slide.as_of)


def _tell_about(presentation: Any, composed: Sequence[Drawn]) -> None:
    """Set the properties of the file, so that they tell nothing of a template's author or today."""
    about = presentation.core_properties
    first = composed[0].slide.title
    about.title = first[:255] if len(composed) == 1 else f"{len(composed)} slides: {first}"[:255]
    for name in ("author", "category", "comments", "content_status", "identifier", "keywords"):
        setattr(about, name, "")
    about.language, about.last_modified_by, about.subject, about.version = "en", "", "", ""
    about.revision = 1
    about.created = about.modified = about.last_printed = max(_day(one) for one in composed)
