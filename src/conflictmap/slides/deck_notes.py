"""The notes of a slide: its evidence in words, and the record that makes it again."""

from __future__ import annotations

import json
from typing import Final

from conflictmap.slides.evidence import Evidence, checksum
from conflictmap.slides.plain_text import plain_text

BEGIN: Final = "--- record of this slide, not to be edited ---"
END: Final = "--- end of record ---"


def notes_of(slide: Evidence, record: dict[str, str]) -> str:
    """Return the notes, a line each fact; the record is one line of JSON."""
    edited = (
        f"Title: edited by hand. Proposed by rule: {slide.proposed_title}"
        if slide.title_is_own
        else "Title: proposed by rule from the data."
    )
    lines = [
        f"Query: {' · '.join(slide.subtitle)}",
        f"Link: {slide.link}",
        f"Revision {slide.revision}, published {slide.as_of} (UTC).",
        edited,
        "Reports:",
        *(slide.titles or ("none",)),
        f"Counted: {'; '.join(slide.counted)}.",
        *slide.all_rows(),
        f"Boundaries: {slide.boundaries}.",
        slide.disclaimer,
        f"Checksum of what the slide says (SHA-256): {checksum(slide)}",
        BEGIN,
        # In ASCII: whatever a value holds is escaped.
        json.dumps(record, ensure_ascii=True, sort_keys=True),
        END,
    ]
    if slide.synthetic_mark:
        lines.insert(0, slide.synthetic_mark)
    return "\n".join(plain_text(line) for line in lines)


def read_record(notes: str) -> dict[str, str]:
    """Return the record in notes; empty where there is none, or what stands there is none."""
    _, begins, rest = notes.partition(BEGIN)
    written, ends, _ = rest.partition(END)
    if not (begins and ends):
        return {}
    try:
        found = json.loads("".join(written.splitlines()))
    except (ValueError, RecursionError):
        return {}
    is_record = isinstance(found, dict) and all(isinstance(value, str) for value in found.values())
    return found if is_record else {}
