"""What a brief is: headlines, sections of paragraphs and tables, and notes.

Every export draws from this model alone, so no two of them can show other numbers. All texts are
plain: some hold titles, names and words of sources, so an export escapes whatever it writes. The
wording of a paragraph can be replaced by an editor; numbers in headlines and tables cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from conflictmap.access import Sight
from conflictmap.brief.scope import BriefScope
from conflictmap.errors import QueryError
from conflictmap.views.figures import Figure

Cell = str | int | None


@dataclass(frozen=True)
class Headline:
    """One leading number in words that are no more certain than it is."""

    key: str
    label: str
    figure: Figure
    before: Figure | None  # in the period before; None: there is no such period
    change: int | None  # from the period before; None: there is none, or it is refused
    words: str
    before_words: str  # empty: there is no period before


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text. Its key stays the same from brief to brief."""

    key: str
    text: str
    is_edited: bool = False  # whether an editor has replaced the wording


@dataclass(frozen=True)
class Table:
    """A table: every row has a cell a column; None is not stated."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a row of another width: it would shift numbers under other headings."""
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of the table '{self.key}' has not a cell a column")


@dataclass(frozen=True)
class Section:
    """One part of a brief."""

    key: str
    heading: str
    paragraphs: tuple[Paragraph, ...]
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Brief:
    """What the reports say of a period, at one revision."""

    title: str
    subtitle: str  # the period in both calendars, and what the filters leave in
    scope: BriefScope
    revision: int
    edition_id: str
    edition_title: str
    disclaimer: str
    is_synthetic: bool
    reports: tuple[str, ...]  # ids of the reports behind the incidents counted
    headline: tuple[Headline, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    sight: Sight = "full"  # at which it was made, and under which restrictions
    policy: str = ""

    @property
    def paragraphs(self) -> dict[str, Paragraph]:
        """Return every paragraph by its key, in order."""
        return {part.key: part for section in self.sections for part in section.paragraphs}

    @property
    def tables(self) -> dict[str, Table]:
        """Return every table by its key, in order."""
        return {table.key: table for section in self.sections for table in section.tables}

    @property
    def is_edited(self) -> bool:
        """Say whether an editor has replaced any wording."""
        return any(part.is_edited for part in self.paragraphs.values())

    def texts(self) -> Iterator[str]:
        """Return every text and number that an export may show, in order."""
        yield from (self.title, self.subtitle)
        for headline in self.headline:
            yield from (headline.label, headline.words, headline.before_words)
        for section in self.sections:
            yield section.heading
            yield from (part.text for part in section.paragraphs)
            for table in section.tables:
                yield from (table.title, *table.columns, table.note)
                yield from (str(cell) for row in table.rows for cell in row if cell is not None)
        yield from (*self.notes, self.edition_title, self.disclaimer, str(self.revision))


def with_wording(brief: Brief, wording: Mapping[str, str]) -> Brief:
    """Return a brief with the text of some paragraphs replaced, each marked as edited.

    A text that is the same as before marks nothing. Numbers outside paragraphs stay as they are.

    Raises
    ------
    QueryError
        If the brief has no paragraph of a key: an edit that is lost would go unseen.
    """
    unknown = sorted(set(wording) - set(brief.paragraphs))
    if unknown:
        raise QueryError(
            f"This brief has no paragraph '{unknown[0]}'. Its paragraphs are those of its own"
            " period and filters: make the change again on this brief."
        )

    def edited(part: Paragraph) -> Paragraph:
        text = wording.get(part.key, part.text)
        return part if text == part.text else replace(part, text=text, is_edited=True)

    sections = tuple(
        replace(section, paragraphs=tuple(edited(part) for part in section.paragraphs))
        for section in brief.sections
    )
    return replace(brief, sections=sections)
