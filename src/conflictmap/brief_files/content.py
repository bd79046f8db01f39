"""What a file of a brief says: every text in its order, the same for all formats.

All of it comes from the model of the brief. Texts are plain: a format writes them as letters and
never as markup, a field or a formula.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from conflictmap.brief.model import Brief, Cell, Headline, Paragraph, Table
from conflictmap.brief_files.record import write_record
from conflictmap.mark import SENTENCE
from conflictmap.slides.fonts import is_right_to_left
from conflictmap.slides.plain_text import MOST_IN_MARKING, check_length, plain_text

EDITED: Final = "[edited by hand]"
"""What stands behind a paragraph that an editor has written."""

NOT_STATED: Final = "not stated"
PICTURE_IN_WORDS: Final = "Map of Afghanistan made for this brief. The tables give the numbers."

_LEFT_TO_RIGHT = "\u200e"
_KEPT_UNSEEN = (
    "\u200c\u200d\u200e\u200f"  # joiners and marks of direction: Dari and Pashto need them
)
_ARABIC = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc"
_ARABIC_STRETCH = re.compile(f"[{_ARABIC}](?:[^A-Za-z]*[{_ARABIC}])?")


@dataclass(frozen=True)
class Grid:
    """A table in words: every row has a cell a column."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()  # columns of nothing but numbers
    note: str = ""


@dataclass(frozen=True)
class Lead:
    """One leading number: the figure with its hedge, what it is made of, and the figure before."""

    label: str
    figure: str
    parts: str
    before: str  # empty: there is no period before


@dataclass(frozen=True)
class Said:
    """A paragraph, and whether an editor wrote it."""

    key: str
    text: str
    is_edited: bool

    @property
    def marked(self) -> str:
        """Return the text, with the mark behind it where an editor wrote it."""
        return f"{self.text} {EDITED}" if self.is_edited else self.text


@dataclass(frozen=True)
class Part:
    """One section."""

    key: str
    heading: str
    paragraphs: tuple[Said, ...]
    grids: tuple[Grid, ...]


@dataclass(frozen=True)
class Content:
    """All that a file of a brief says."""

    title: str
    subtitle: str
    synthetic: str  # the sentence that stands everywhere in a synthetic store; empty: a real one
    marking: str
    edited: str  # that wording was edited; empty: none was
    known: str  # revision and day
    reports: str
    reports_elsewhere: str  # in place of them where they have no room
    leads: tuple[Lead, ...]
    headlines: Grid
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    link: str
    boundaries: str
    disclaimer: str
    as_of: dt.datetime
    record: str  # what is needed to make the brief again, as one line of JSON

    @property
    def foot(self) -> str:
        """Return what stands at the foot of every page."""
        return f"{self.known} · Boundaries: {self.boundaries}"

    def texts(self) -> list[str]:
        """Return every text, to see which letters it needs."""
        lines = [self.title, self.subtitle, self.marking, self.reports, self.foot, *self.notes]
        for part in self.parts:
            lines += [part.heading, *(said.text for said in part.paragraphs)]
        for grid in self.grids():
            lines += [grid.title, grid.note, *grid.columns, *(c for row in grid.rows for c in row)]
        return [*lines, self.disclaimer, self.link]

    def grids(self) -> list[Grid]:
        """Return every table, the headlines first."""
        return [self.headlines, *(grid for part in self.parts for grid in part.grids)]


def content_of(brief: Brief, *, as_of: str, link: str, marking: str = "") -> Content:
    """Return what the files of a brief say.

    Parameters
    ----------
    as_of
        The day on which the revision was published, as YYYY-MM-DD. The file carries it as its
        date, so that the same brief gives the same file on any day.
    link
        The address of the brief.
    marking
        How the file is to be handled; it stands at the top and at the bottom of every page.

    Raises
    ------
    QueryError
        If the marking is too long for a line.
    """
    day = dt.date.fromisoformat(as_of[:10])
    leads = tuple(_lead(one) for one in brief.headline)
    parts = tuple(
        Part(
            section.key,
            steady(section.heading),
            tuple(_said(paragraph) for paragraph in section.paragraphs),
            tuple(_grid(table) for table in section.tables),
        )
        for section in brief.sections
    )
    reports = ", ".join(brief.reports) or "none"
    return Content(
        title=steady(brief.title),
        subtitle=steady(brief.subtitle),
        synthetic=SENTENCE if brief.is_synthetic else "",
        marking=check_length(marking, MOST_IN_MARKING, "marking"),
        edited=f"Wording edited before export; where it was, {EDITED} follows."
        if brief.is_edited
        else "",
        known=f"Revision {brief.revision}, as of {day.isoformat()}",
        reports=steady(f"Reports behind the incidents counted: {reports}"),
        reports_elsewhere=f"Reports behind the incidents counted: {len(brief.reports):,}. The last"
        " slide names them.",
        leads=leads,
        headlines=_headlines(leads),
        parts=parts,
        notes=tuple(steady(note) for note in brief.notes),
        link=plain_text(link),
        boundaries=steady(brief.edition_title),
        disclaimer=steady(brief.disclaimer),
        as_of=dt.datetime(day.year, day.month, day.day),
        record=write_record(brief, day, plain_text(link), marking),
    )


def steady(text: str) -> str:
    """Return a text as one line whose numbers stand in the order in which they are written.

    Characters that are not seen or that force a direction are left out. Behind words in Dari or
    Pashto inside an English text a mark of direction is put: without it "5 - 3" after such a word
    would be shown as "3 - 5".
    """
    kept = "".join(
        letter
        for letter in plain_text(text)
        if letter in _KEPT_UNSEEN or unicodedata.category(letter) not in ("Cf", "Co", "Cn")
    )
    line = " ".join(kept.split())
    if is_right_to_left(line):
        return line
    return _ARABIC_STRETCH.sub(lambda found: found.group() + _LEFT_TO_RIGHT, line)


def stretches(text: str) -> list[tuple[str, bool]]:
    """Return a text in stretches, each with whether it is in Dari or Pashto."""
    found: list[tuple[str, bool]] = []
    end = 0
    for stretch in _ARABIC_STRETCH.finditer(text):
        if stretch.start() > end:
            found.append((text[end : stretch.start()], False))
        found.append((stretch.group(), True))
        end = stretch.end()
    return [*found, (text[end:], False)] if end < len(text) else found


def _lead(headline: Headline) -> Lead:
    """Return a leading number, with its parts by victim group told apart from the sum."""
    words, parts = headline.words, ""
    for sum_words in (headline.figure.words, f"{headline.figure.incidents:,}"):
        if words.startswith(f"{sum_words} (") and words.endswith(")"):
            words, parts = sum_words, words[len(sum_words) + 2 : -1]
            break
    return Lead(steady(headline.label), steady(words), steady(parts), steady(headline.before_words))


def _headlines(leads: tuple[Lead, ...]) -> Grid:
    has_before = any(lead.before for lead in leads)
    columns = ("Measure", "This period", *(("The period before",) if has_before else ()))
    rows = tuple(
        (
            lead.label,
            f"{lead.figure} ({lead.parts})" if lead.parts else lead.figure,
            *((lead.before or NOT_STATED,) if has_before else ()),
        )
        for lead in leads
    )
    return Grid("headlines", "Headline numbers", columns, rows)


def _said(paragraph: Paragraph) -> Said:
    return Said(paragraph.key, steady(paragraph.text), paragraph.is_edited)


def _grid(table: Table) -> Grid:
    numbers = frozenset(
        column
        for column in range(1, len(table.columns))
        if table.rows and all(isinstance(row[column], int) for row in table.rows)
    )
    return Grid(
        table.key,
        steady(table.title),
        tuple(steady(column) for column in table.columns),
        tuple(tuple(_cell(cell) for cell in row) for row in table.rows),
        numbers,
        steady(table.note),
    )


def _cell(cell: Cell) -> str:
    if cell is None:
        return NOT_STATED
    return f"{cell:,}" if isinstance(cell, int) else steady(cell)
