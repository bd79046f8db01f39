"""Texts and tables laid out on pages, from top to bottom: what has no room goes to the next page.

Everything is measured first, so that nothing overlaps or leaves the page. A table that goes on
repeats its header row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conflictmap.brief_files.columns import column_widths, does_fit
from conflictmap.brief_files.content import Grid
from conflictmap.brief_files.measure import cut_off, line_height, lines_of
from conflictmap.slides.blocks import Align, Tone
from conflictmap.slides.fonts import is_right_to_left
from conflictmap.slides.paper import Box

CONTINUED = "(continued)"


@dataclass(frozen=True)
class Cell:
    """A cell: its text, and the lines that it is broken into."""

    text: str
    lines: tuple[str, ...]


Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Style:
    """How a text looks, and how it stands to its neighbours. Lengths in inches."""

    name: str
    size_pt: float
    is_bold: bool = False
    tone: Tone = "ink"
    align: Align = "left"
    above: float = 0.0
    below: float = 0.08
    stays_with_next: bool = False
    stays_whole: bool = False  # on one page, if a page holds it
    most_wide: float = 0.0  # 0: as wide as the page
    mark: str = ""  # in front of the first line, such as a bullet


@dataclass(frozen=True)
class Words:
    """A text to be laid out."""

    text: str
    style: Style


@dataclass(frozen=True)
class TableStyle:
    """How tables look. Lengths in inches."""

    sizes: tuple[float, ...]  # the first one at which each column has room for its longest word
    side: float  # left and right of the words of a cell
    rise: float  # above and below them
    title: Style
    note: Style
    stays_whole: bool = False


@dataclass(frozen=True)
class PlacedText:
    """Lines of text at their place."""

    text: str
    lines: tuple[str, ...]
    box: Box
    style: Style


@dataclass(frozen=True)
class PlacedTable:
    """The rows of a table that one page shows, the header first."""

    grid: Grid
    box: Box
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    rows: tuple[Row, ...]
    size_pt: float
    style: TableStyle


@dataclass
class Page:
    """One page."""

    items: list[PlacedText | PlacedTable] = field(default_factory=list)


@dataclass(frozen=True)
class _Measured:
    """A table in lines."""

    size_pt: float
    widths: tuple[float, ...]
    rows: tuple[Row, ...]  # the header first
    heights: tuple[float, ...]


def lay_out(
    blocks: Sequence[Words | Grid], body: Box, tables: TableStyle, *, top: float | None = None
) -> list[Page]:
    """Return pages that hold all the blocks.

    Parameters
    ----------
    body
        Where texts and tables stand on each page.
    top
        Where they begin on the first page; none: where the body does.
    """
    flow = _Flow(body, tables, body.top if top is None else top)
    for number, block in enumerate(blocks):
        if isinstance(block, Words):
            flow.put_words(block, _least_after(flow, blocks[number + 1 :]))
        else:
            flow.put_table(block)
    return flow.pages


def _least_after(flow: _Flow, blocks: Sequence[Words | Grid]) -> float:
    """Return how much of what follows has to stand on the same page as a heading."""
    height = 0.0
    for block in blocks:
        if isinstance(block, Grid):
            return height + flow.least_of_table(block)
        height += flow.height(block)
        if not block.style.stays_with_next:
            return height if block.style.stays_whole else min(height, 0.6)
    return height


class _Flow:
    """The pages so far, and how far down the last one is filled."""

    def __init__(self, body: Box, tables: TableStyle, top: float) -> None:
        self.body = body
        self.tables = tables
        self.pages = [Page()]
        self.y = top
        self.measured: dict[int, _Measured] = {}  # each table is looked at twice

    @property
    def left(self) -> float:
        """Return the height that is left on the page."""
        return self.body.bottom - self.y

    @property
    def is_fresh(self) -> bool:
        """Say whether nothing stands on the page yet."""
        return not self.pages[-1].items and self.y <= self.body.top

    def new_page(self) -> None:
        self.pages.append(Page())
        self.y = self.body.top

    def lines(self, text: str, style: Style) -> tuple[str, ...]:
        width = self._width(style)
        return lines_of(style.mark + text, width, style.size_pt, is_bold=style.is_bold)

    def height(self, words: Words) -> float:
        style = words.style
        lines = self.lines(words.text, style)
        return style.above + len(lines) * line_height(style.size_pt) + style.below

    def put_words(self, words: Words, least_after: float) -> None:
        style = words.style
        lines = self.lines(words.text, style)
        if not lines:
            return
        one = line_height(style.size_pt)
        whole = len(lines) * one
        after = style.below + least_after if style.stays_with_next else 0.0
        is_kept = style.stays_whole or style.stays_with_next or len(lines) < 4
        least = whole if is_kept else 2 * one
        if not self.is_fresh and style.above + least + after > self.left:
            self.new_page()
        if not self.is_fresh:
            self.y += style.above
        rest = style.mark + words.text
        while lines:
            fit = max(1, int((self.left + 1e-9) / one))
            if fit < len(lines) and not is_kept:
                fit = max(1, min(fit, len(lines) - 2))  # no single line on the next page
            here, lines = lines[:fit], lines[fit:]
            text, rest = cut_off(rest, here)
            box = Box(self.body.left, self.y, self._width(style), len(here) * one)
            text = _as_in(words.text, text.removeprefix(style.mark))
            placed = PlacedText(text, here, box, style)
            self.pages[-1].items.append(placed)
            self.y = box.bottom
            if lines:
                self.new_page()
        self.y += style.below

    def put_table(self, grid: Grid) -> None:
        style = self.tables
        found = self._measure(grid)
        header, *rows = zip(found.rows, found.heights, strict=True)
        note = self._note(grid)
        whole = self._title(grid) + sum(found.heights) + note
        if not self.is_fresh:
            is_kept = style.stays_whole and whole <= self.body.height
            if (is_kept and whole > self.left) or self.least_of_table(grid) > self.left:
                self.new_page()
        self.put_words(Words(grid.title, style.title), 0.0)
        placed, top = [header], self.y
        self.y += header[1]
        for number, row in enumerate(rows):
            needed = row[1]
            if number >= len(rows) - 2:  # the last row is not left alone with the note
                needed = sum(height for _, height in rows[number:]) + note
            if needed > self.left + 1e-9 and len(placed) > 1:
                self._close(grid, found, placed, top)
                self.new_page()
                self.put_words(Words(f"{grid.title} {CONTINUED}", style.title), 0.0)
                placed, top = [header], self.y
                self.y += header[1]
            placed.append(row)
            self.y += row[1]
        self._close(grid, found, placed, top)
        self.put_words(Words(grid.note, style.note), 0.0)

    def least_of_table(self, grid: Grid) -> float:
        """Return the height of the title, the header and the first row."""
        heights = self._measure(grid).heights
        note = self._note(grid) if len(heights) < 3 else 0.0
        return self._title(grid) + sum(heights[:2]) + note

    def _close(
        self, grid: Grid, found: _Measured, placed: list[tuple[Row, float]], top: float
    ) -> None:
        heights = tuple(height for _, height in placed)
        box = Box(self.body.left, top, self.body.width, sum(heights))
        rows = tuple(row for row, _ in placed)
        self.pages[-1].items.append(
            PlacedTable(grid, box, found.widths, heights, rows, found.size_pt, self.tables)
        )

    def _measure(self, grid: Grid) -> _Measured:
        """Return a table in lines; a row that is higher than a page becomes several."""
        if id(grid) not in self.measured:
            style, width = self.tables, self.body.width
            fitting = (one for one in style.sizes if does_fit(grid, width, one, side=style.side))
            size = next(fitting, style.sizes[-1])
            widths = column_widths(grid, width, size, side=style.side)
            header = self._row(grid.columns, widths, size, is_bold=True)
            room = self.body.height - self._title(grid) - self._note(grid) - 2 * style.rise
            most = max(1, int((room - self._row_height(header, size)) / line_height(size)))
            rows = [header]
            for cells in grid.rows:
                row = self._row(cells, widths, size)
                while max(len(cell.lines) for cell in row) > most:
                    pieces = [_split(cell, most) for cell in row]
                    rows.append(tuple(piece for piece, _ in pieces))
                    row = tuple(rest for _, rest in pieces)
                rows.append(row)
            heights = tuple(self._row_height(row, size) for row in rows)
            self.measured[id(grid)] = _Measured(size, widths, tuple(rows), heights)
        return self.measured[id(grid)]

    def _row(
        self,
        cells: Sequence[str],
        widths: Sequence[float],
        size_pt: float,
        *,
        is_bold: bool = False,
    ) -> Row:
        side = self.tables.side
        return tuple(
            Cell(cell, lines_of(cell, wide - 2 * side, size_pt, is_bold=is_bold))
            for cell, wide in zip(cells, widths, strict=True)
        )

    def _row_height(self, row: Row, size_pt: float) -> float:
        lines = max((1, *(len(cell.lines) for cell in row)))
        return lines * line_height(size_pt) + 2 * self.tables.rise

    def _title(self, grid: Grid) -> float:
        return self.height(Words(f"{grid.title} {CONTINUED}", self.tables.title))

    def _note(self, grid: Grid) -> float:
        return self.height(Words(grid.note, self.tables.note)) if grid.note else 0.0

    def _width(self, style: Style) -> float:
        return min(self.body.width, style.most_wide or self.body.width)


def _split(cell: Cell, most: int) -> tuple[Cell, Cell]:
    """Return the first lines of a cell, and the rest."""
    text, rest = cut_off(cell.text, cell.lines[:most])
    first, second = (_as_in(cell.text, part) for part in (text, rest))
    return Cell(first, cell.lines[:most]), Cell(second, cell.lines[most:])


def _as_in(whole: str, part: str) -> str:
    """Return a part of an English text that begins with a word in Dari so that it stays English."""
    if is_right_to_left(part) and not is_right_to_left(whole):
        return f"\u200e{part}"
    return part
