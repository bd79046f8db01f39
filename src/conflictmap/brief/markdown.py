"""A brief as Markdown that any reader shows as the text it is.

Every text is escaped, our own too: titles, names and quotations of sources are among them. Nothing
in them can become markup, HTML, a link, a formula or a template, or break a table.
"""

from __future__ import annotations

import re
import unicodedata

from conflictmap.brief.model import Brief, Cell, Paragraph, Section, Table
from conflictmap.mark import SENTENCE

EDITED = "Wording edited before export."

# Entities where a reader that knows no backslash before them would still see markup.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
_MARKS = "\\`*_{}[]#~!$@^"
_ESCAPES = str.maketrans(_ENTITIES | {mark: f"\\{mark}" for mark in _MARKS})
_JOINERS = "\u200c\u200d"  # part of the spelling of Dari and Pashto


def export_markdown(brief: Brief) -> str:
    """Return a brief as Markdown: the same brief gives the same text."""
    lead = [f"# {escaped(brief.title)}", escaped(brief.subtitle)]
    if brief.is_synthetic:
        lead.insert(1, f"**{escaped(SENTENCE)}**")
    if brief.is_edited:
        lead.append(f"*{EDITED}*")
    has_before = any(headline.before_words for headline in brief.headline)
    lead.append(_headlines(brief, has_before=has_before))
    blocks = [*lead, *(block for section in brief.sections for block in _section(section))]
    blocks += ["## Notes", "\n".join(f"- {escaped(note)}" for note in brief.notes)]
    blocks.append(escaped(brief.disclaimer))
    return "\n\n".join(block for block in blocks if block) + "\n"


def escaped(text: str) -> str:
    """Return a text on one line that Markdown shows as it is.

    Line breaks become spaces; control characters and marks that turn the direction of writing are
    left out, as they could make a text look like another.
    """
    return re.sub(r"^([-+=]|\d+(?=[.)]))", _at_start, _inline(text))


def _inline(text: str) -> str:
    """Return a text escaped for where no line begins with it."""
    text = "".join(_plain(character) for character in text)
    text = " ".join(text.split()).translate(_ESCAPES).replace("\\](", "\\]\\(")
    text = re.sub(r":(?=\S)", r"\\:", text)  # links without brackets, and icons
    text = re.sub(r"(?<=\{)%|%(?=\\\})", r"\\%", text)  # templates
    return re.sub(r"(?i)\b(www)\.", r"\1\\.", text)


def _section(section: Section) -> list[str]:
    blocks = [f"## {escaped(section.heading)}"]
    blocks += [_paragraph(paragraph) for paragraph in section.paragraphs]
    return blocks + [block for table in section.tables for block in _table(table)]


def _paragraph(paragraph: Paragraph) -> str:
    text = escaped(paragraph.text)
    return f"{text} *({EDITED})*" if paragraph.is_edited else text


def _headlines(brief: Brief, *, has_before: bool) -> str:
    columns = ["", "This period", *(["The period before"] if has_before else [])]
    rows: list[tuple[Cell, ...]] = [
        (one.label, one.words, *((one.before_words,) if has_before else ()))
        for one in brief.headline
    ]
    return _grid(tuple(columns), tuple(rows))


def _table(table: Table) -> list[str]:
    return [f"### {escaped(table.title)}", _grid(table.columns, table.rows), escaped(table.note)]


def _grid(columns: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...]) -> str:
    lines = [_line([_inline(column) for column in columns]), _line(["---"] * len(columns))]
    return "\n".join([*lines, *(_line([_cell(cell) for cell in row]) for row in rows)])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    if cell is None:
        return "not stated"
    return f"{cell:,}" if isinstance(cell, int) else _inline(cell)


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace() or category in ("Zl", "Zp"):
        return " "
    is_unseen = category in ("Cc", "Cf", "Cs") and character not in _JOINERS
    return "" if is_unseen else character


def _at_start(found: re.Match[str]) -> str:
    """Return the start of a line that would else begin a list or underline a heading."""
    start = found.group(1)
    return f"{start}\\" if start.isdigit() else f"\\{start}"
