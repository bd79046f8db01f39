"""Whether an exported brief still says what the store says: a PPTX or PDF, read back and compared.

As with slides: the file's own record is made again from the store, what both visibly say is
compared line by line, and what changed since that revision is told.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

from conflictmap.brief.make import make_brief
from conflictmap.brief.model import with_wording
from conflictmap.brief_files.export import Format, export_brief
from conflictmap.brief_files.record import BriefRecord
from conflictmap.slides.order import versions
from conflictmap.slides.reading_back import format_of, read_picture
from conflictmap.slides.snapshot import Surroundings
from conflictmap.slides.verify import (
    Verdict,
    known_by_sight,
    require_policy,
    require_revision,
)
from conflictmap.views.changes_since import changes_since
from conflictmap.views.changes_words import changes_lines
from conflictmap.views.facts import Facts

Lines = list[tuple[str, str]]
"""Where a line stands, and what it says."""


def verify_brief(
    content: bytes,
    record: BriefRecord,
    facts_at: Callable[[int], Facts],
    around: Callable[[Facts], Surroundings],
    *,
    latest: int,
    coarse_facts_at: Callable[[int], Facts] | None = None,
) -> Verdict:
    """Compare a brief's file with what this store makes of its record.

    Parameters
    ----------
    facts_at, around, latest, coarse_facts_at
        As of `slides.verify.verify_file`.

    Raises
    ------
    QueryError
        If the file is damaged, or was made from another store or under other restrictions.
    """
    revision = record.query.revision or 0
    require_revision(revision, latest)
    kind: Format = "pptx" if format_of(content) == "pptx" else "pdf"
    known = known_by_sight(facts_at, coarse_facts_at)(record.sight)
    facts = known(revision)
    require_policy(facts, record.policy)
    installed = around(facts)
    scope = record.query.chosen
    brief = make_brief(facts, scope, suppress_below=installed.suppress_below)
    brief = with_wording(brief, record.wording)
    made = export_brief(brief, facts, kind, around=installed, marking=record.marking)
    read = _lines_of_pptx if kind == "pptx" else _lines_of_pdf
    found, wanted = read(content), read(made)
    if record.versions != versions():  # other versions of what draws them draw other pictures
        found, wanted = (
            [(where, words) for where, words in lines if not words.startswith(_DRAWN)]
            for lines in (found, wanted)
        )
    notes = ["Some wording was edited by hand; no rule compares it with the data."]
    changes: tuple[str, ...] = ()
    if revision != latest:
        changed = changes_since(facts, known(latest), scope)
        changes = () if changed.is_empty else changes_lines(changed)
    return Verdict(
        kind,
        len({where for where, _ in found}),
        revision,
        latest,
        tuple(_differences(found, wanted)),
        changes,
        tuple(notes if record.wording else []),
    )


_DRAWN = "drawn: "


def _differences(found: Lines, wanted: Lines) -> Iterator[str]:
    """Give each line that the file has otherwise, with its place."""
    said, meant = [line for _, line in found], [line for _, line in wanted]
    matcher = SequenceMatcher(a=meant, b=said, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for number in range(max(last - first, end - start)):
            was = wanted[first + number] if first + number < last else None
            there = found[start + number] if start + number < end else None
            where = (there or was or ("", ""))[0]
            yield f"{where}: the file says {_words(there)}, not {_words(was)}"


def _words(line: tuple[str, str] | None) -> str:
    if line is None:
        return "nothing"
    return "another drawing" if line[1].startswith(_DRAWN) else f"'{line[1][:120]}'"


def _lines_of_pptx(content: bytes) -> Lines:
    """Return every line of text, cell and picture of a deck, in order."""
    from pptx import Presentation

    from conflictmap.slides.pptx_file import check_presentation

    lines: Lines = []
    presentation = Presentation(io.BytesIO(check_presentation(content, "file")))
    for number, slide in enumerate(presentation.slides, start=1):
        where = f"slide {number}"
        for shape in slide.shapes:
            if shape.has_text_frame:
                lines += [(where, part.text) for part in shape.text_frame.paragraphs]
            elif shape.has_table:
                lines += [(where, cell.text) for row in shape.table.rows for cell in row.cells]
            elif hasattr(shape, "image"):
                lines.append((where, _DRAWN + hashlib.sha256(shape.image.blob).hexdigest()))
            else:
                lines.append((where, f"{_DRAWN}{shape.shape_type}"))
    return lines


def _lines_of_pdf(content: bytes) -> Lines:
    """Return every line of text of a PDF, and what draws each page."""
    read = read_picture(content, "pdf")
    lines = [(where.split(",")[0], line) for where, line in read.texts.items()]
    return lines + [(where, _DRAWN + drawn) for where, drawn in read.parts.items()]
