"""The record that a brief's PPTX and PDF carry: what they were made from."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import dataclass, field
from typing import Any, Final

from conflictmap.access import Sight
from conflictmap.brief.model import Brief
from conflictmap.slides.order import query_of_link, sight_of, versions
from conflictmap.views.query import MapQuery

MADE_WITH: Final = "Afghanistan Conflict Map, brief"
BEGIN: Final = "--- record of this brief, not to be edited ---"
END: Final = "--- end of record ---"


@dataclass(frozen=True)
class BriefRecord:
    """What a brief is made from, as its file says."""

    query: MapQuery  # period, filters and revision
    marking: str
    versions: str
    wording: dict[str, str] = field(default_factory=dict)
    sight: Sight = "full"  # at which it was made
    policy: str = ""  # of restrictions, under which it was made


def write_record(brief: Brief, day: dt.date, link: str, marking: str) -> str:
    """Return the record of a brief as one line of JSON."""
    told = {
        "made_with": MADE_WITH,
        "brief": link,
        "edition": brief.edition_id,
        "revision": str(brief.revision),
        "as_of": day.isoformat(),
        "marking": marking,
        "wording": {key: part.text for key, part in brief.paragraphs.items() if part.is_edited},
        "versions": versions(),
    }
    if brief.sight != "full":
        told |= {"sight": brief.sight, "policy": brief.policy}
    return json.dumps(told, ensure_ascii=True, sort_keys=True)


def find_record(content: bytes) -> BriefRecord | None:
    """Return the record of a brief's PPTX or PDF; None where the file is another one.

    Raises
    ------
    QueryError
        If the file is damaged or larger than one of ours can be, or its link asks for what does
        not exist.
    """
    is_packed = content.startswith(b"PK\x03\x04")
    written = _in_pptx(content) if is_packed else _in_pdf(content)
    try:
        told = json.loads(written)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or told.get("made_with") != MADE_WITH:
        return None
    wording = told.get("wording")
    made_at = {name: str(told[name]) for name in ("sight", "policy") if name in told}
    sight, policy = sight_of(made_at)
    return BriefRecord(
        query=query_of_link(str(told.get("brief", ""))),
        marking=str(told.get("marking", "")),
        versions=str(told.get("versions", "")),
        wording={str(key): str(text) for key, text in wording.items()}
        if isinstance(wording, dict)
        else {},
        sight=sight,
        policy=policy,
    )


def _in_pptx(content: bytes) -> str:
    from pptx import Presentation

    from conflictmap.slides.pptx_file import check_presentation

    presentation = Presentation(io.BytesIO(check_presentation(content, "file")))
    for slide in presentation.slides:
        notes: Any = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        _, begins, rest = (notes.text if notes is not None else "").partition(BEGIN)
        written, ends, _ = rest.partition(END)
        if begins and ends:
            return "".join(written.splitlines())
    return ""


def _in_pdf(content: bytes) -> str:
    from pypdf import PdfReader

    if not content.startswith(b"%PDF-"):
        return ""
    try:
        about: Any = PdfReader(io.BytesIO(content), strict=False).metadata or {}
        return str(about.get("/Keywords", ""))
    except Exception:  # a broken file is told as such by whoever reads it whole
        return ""
