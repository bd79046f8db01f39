"""The brief as a file of any of its formats, with the map of its scope where a format has room."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args
from urllib.parse import urlencode

from conflictmap.brief.markdown import export_markdown
from conflictmap.brief.model import Brief
from conflictmap.brief_files.pictures import cut
from conflictmap.slides.order import SnapshotOrder
from conflictmap.slides.plain_text import MOST_IN_MARKING, check_length, plain_text
from conflictmap.slides.snapshot import Surroundings, export_snapshots, take_snapshot
from conflictmap.views.facts import Facts
from conflictmap.views.query import MapQuery

Format = Literal["docx", "pptx", "pdf", "md"]
FORMATS: tuple[Format, ...] = get_args(Format)

MIME: dict[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "pdf": "application/pdf",
    "md": "text/markdown",
}


def export_brief(
    brief: Brief, facts: Facts, format_name: Format, *, around: Surroundings, marking: str = ""
) -> bytes:
    """Return a brief as a file; the same brief gives the same bytes under the same pins.

    Parameters
    ----------
    facts
        Of the brief's revision.
    around
        The day that revision was published, and how boundaries are to be read.

    Raises
    ------
    QueryError
        If the marking is too long.
    """
    marking = check_length(marking, MOST_IN_MARKING, "handling marking")
    note = plain_text(f"{brief.disclaimer} {around.boundary_note}")
    brief = replace(brief, disclaimer=note)
    if format_name == "md":
        return export_markdown(brief).encode()
    picture = _map_of(brief, facts, around)
    link = brief_link(brief)
    if format_name == "docx":
        from conflictmap.brief_files.docx import export_docx

        return export_docx(
            brief, as_of=around.as_of, link=link, marking=marking, map_picture=picture
        )
    if format_name == "pdf":
        from conflictmap.brief_files.pdf import export_pdf

        return export_pdf(
            brief, as_of=around.as_of, link=link, marking=marking, map_picture=picture
        )
    from conflictmap.brief_files.deck import export_deck

    return export_deck(brief, as_of=around.as_of, link=link, marking=marking, map_picture=picture)


def brief_link(brief: Brief) -> str:
    """Return the query part of the address of a brief at its revision."""
    parameters = MapQuery(chosen=brief.scope, revision=brief.revision).parameters()
    return f"?{urlencode(parameters, doseq=True)}"


def _map_of(brief: Brief, facts: Facts, around: Surroundings) -> bytes:
    """Return the map of the brief's scope, with its legend, table and time line, as a picture.

    Title, sources and notes stand in the brief itself and are cut off. What is made up keeps them:
    a picture of it carries the mark wherever it is copied to.
    """
    order = SnapshotOrder(query=MapQuery(chosen=brief.scope, revision=brief.revision))
    snapshot = take_snapshot(facts, order, around)
    whole = export_snapshots([snapshot], order, facts)
    if facts.is_synthetic:
        return whole
    paper, body = snapshot.composed.paper, snapshot.composed.map_box
    dots = paper.pixels_wide / paper.width
    return cut(whole, top=round((body.top - 0.1) * dots), bottom=round((body.bottom + 0.1) * dots))
