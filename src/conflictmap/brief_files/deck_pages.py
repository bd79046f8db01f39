"""The slides of a brief, laid out: what stands on each, and where.

A title slide, the leading numbers in large letters, each section from a slide of its own on, and
the notes last. What has no room goes on to a further slide, which says which of how many it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conflictmap.brief_files.content import Content, Grid, Lead
from conflictmap.brief_files.flow import (
    PlacedTable,
    PlacedText,
    Style,
    TableStyle,
    Words,
    lay_out,
)
from conflictmap.brief_files.measure import line_height, lines_of, width_of
from conflictmap.brief_files.pictures import Picture
from conflictmap.slides.paper import LEAST_PT, Box, Paper

SIDE = 0.6  # inches that texts stay off the edges
TITLE_SIZES = (26.0, 24.0, 22.0, 20.0, 18.0, 16.0, 14.0)
TEXT_SIZES = (18.0, 16.0, 14.0)
FIGURE_SIZES = (44.0, 40.0, 36.0, 32.0, 28.0, 24.0, 20.0)

_GAP = 0.35  # between leading numbers
_MOST_WIDE = 11.6  # longer lines are hard to read
_TABLE_TITLE = Style("table title", 14, is_bold=True, above=0.1, below=0.08, stays_with_next=True)
_TABLE_NOTE = Style("table note", LEAST_PT, tone="dim", above=0.08, stays_whole=True)
_TABLES = TableStyle((LEAST_PT,), 0.07, 0.045, _TABLE_TITLE, _TABLE_NOTE, stays_whole=True)
_NOTE = Style("note", 14, below=0.1, stays_whole=True, mark="\u2022 ")
_SMALL = Style("known", 14, tone="dim", below=0.08, stays_whole=True)
_WARNING = Style("synthetic title", 20, is_bold=True, tone="warning", below=0.2)
_DIM = Style("disclaimer", LEAST_PT, tone="dim", above=0.08, stays_whole=True)
_EDGE = Style("foot", LEAST_PT, tone="dim")


@dataclass(frozen=True)
class Sheet:
    """One slide, in inches. The number of slides is not known while it is laid out."""

    title: PlacedText
    items: tuple[PlacedText | PlacedTable, ...]
    edges: tuple[PlacedText, ...]
    rule: Box | None = None
    number: PlacedText | None = None
    picture: Box | None = None


def sheets_of(content: Content, paper: Paper, picture: Picture | None) -> list[Sheet]:
    """Return the slides of a brief in their order."""
    room = _Room(content, paper)
    sheets = [room.front(), *_leading(content, room)]
    if picture:
        sheets.append(room.map_sheet(picture))
    for part in content.parts:
        texts = [said.marked for said in part.paragraphs]
        style = _text_style(texts, room.body)
        blocks: list[Words | Grid] = [Words(text, style) for text in texts]
        sheets += room.sheets(part.heading, [*blocks, *part.grids])
    notes: list[Words | Grid] = [Words(note, _NOTE) for note in content.notes]
    notes.append(Words(f"{content.known}.", _NOTE))
    notes.append(Words(f"Link: {content.link}" if content.link else "", _NOTE))
    notes.append(Words(content.disclaimer, _DIM))
    return [*sheets, *room.sheets("Notes, sources and method", notes)]


class _Room:
    """Where things stand on each slide: it depends on the paper, the marking and the mark."""

    def __init__(self, content: Content, paper: Paper) -> None:
        self.content = content
        self.paper = paper
        line = line_height(LEAST_PT)
        self.width = paper.width - 2 * SIDE
        top, bottom = 0.2, paper.height - 0.2
        middle = Style("marking", LEAST_PT, is_bold=True, align="center")
        self.edges: list[PlacedText] = []
        if content.marking:
            self.edges.append(self._line(content.marking, top, middle))
            below = replace(middle, name="marking below")
            self.edges.append(self._line(content.marking, bottom - line, below))
            bottom -= line + 0.04
        top += line + 0.04
        if content.synthetic:
            warning = replace(middle, name="synthetic", tone="warning")
            self.edges.append(self._line(content.synthetic, top, warning))
            top += line + 0.04
        self.foot = bottom - line
        room = self.width - 1.2
        does_fit = width_of(content.foot, LEAST_PT) <= room  # the last slide has all of it
        foot = content.foot if does_fit else content.known
        self.edges.append(self._line(foot, self.foot, _EDGE, room))
        self.top = top + 0.08
        self.title = Box(SIDE, self.top, self.width, line_height(TITLE_SIZES[0]))
        self.rule = Box(SIDE, self.title.bottom + 0.08, self.width, 0.012)
        body = self.rule.bottom + 0.2
        self.body = Box(SIDE, body, self.width, self.foot - 0.12 - body)
        number = Style("slide number", LEAST_PT, tone="dim", align="right")
        place = Box(SIDE + self.width - 1.1, self.foot, 1.1, line)
        self.number = PlacedText("", ("",), place, number)

    def sheet(self, title: str, items: Sequence[PlacedText | PlacedTable]) -> Sheet:
        """Return a slide with title, rule and foot."""
        size = _on_one_line(title, self.width, TITLE_SIZES)
        placed = PlacedText(title, (title,), self.title, Style("title", size, is_bold=True))
        return Sheet(placed, tuple(items), tuple(self.edges), self.rule, self.number)

    def sheets(self, title: str, blocks: Sequence[Words | Grid]) -> list[Sheet]:
        """Return as many slides as the blocks take."""
        pages = lay_out(blocks, self.body, _TABLES)
        if len(pages) == 1:
            return [self.sheet(title, pages[0].items)]
        return [
            self.sheet(f"{title} ({number} of {len(pages)})", page.items)
            for number, page in enumerate(pages, start=1)
        ]

    def map_sheet(self, picture: Picture) -> Sheet:
        """Return the slide with the map, as large as there is room."""
        title = self._line("Map", self.top - 0.06, Style("title", 14, is_bold=True))
        top = title.box.bottom + 0.04
        room = Box(SIDE, top, self.width, self.foot - 0.06 - top)
        scale = min(room.width / picture.width, room.height / picture.height)
        wide, tall = picture.width * scale, picture.height * scale
        left, above = (room.width - wide) / 2, (room.height - tall) / 2
        box = Box(room.left + left, room.top + above, wide, tall)
        return Sheet(title, (), tuple(self.edges), None, self.number, box)

    def front(self) -> Sheet:
        """Return the title slide."""
        content = self.content
        sizes = (36.0, 32.0, 28.0, 24.0)
        size = next(
            (one for one in sizes if len(_bold(content.title, self.width, one)) <= 2), sizes[-1]
        )
        lines = _bold(content.title, self.width, size)
        top = self.top + 0.2 * (self.foot - self.top)
        box = Box(SIDE, top, self.width, len(lines) * line_height(size))
        style = Style("title", size, is_bold=True)
        rule = Box(SIDE, box.bottom + 0.15, self.width, 0.012)
        body = Box(SIDE, rule.bottom + 0.25, self.width, self.foot - 0.12 - rule.bottom - 0.25)
        pages = lay_out(self._told(content.reports), body, _TABLES)
        if len(pages) > 1:
            pages = lay_out(self._told(content.reports_elsewhere), body, _TABLES)
        placed = PlacedText(content.title, lines, box, style)
        return Sheet(placed, tuple(pages[0].items), tuple(self.edges), rule, self.number)

    def _told(self, reports: str) -> list[Words | Grid]:
        """Return what stands below the title of the first slide."""
        content = self.content
        return [
            Words(content.synthetic, _WARNING),
            Words(content.subtitle, Style("subtitle", 20, below=0.3)),
            Words(f"{content.known}.", _SMALL),
            Words(content.edited, _SMALL),
            Words(reports, _SMALL),
            Words(content.disclaimer, _DIM),
        ]

    def _line(self, text: str, top: float, style: Style, width: float = 0.0) -> PlacedText:
        box = Box(SIDE, top, width or self.width, line_height(style.size_pt))
        return PlacedText(text, (text,), box, style)


def _leading(content: Content, room: _Room) -> list[Sheet]:
    """Return the leading numbers side by side; their parts in a table where they have no room."""
    leads = content.leads
    if not leads:
        return []
    width = (room.body.width - _GAP * (len(leads) - 1)) / len(leads)
    size = _figure_size(leads, width)
    for parts_pt in (14.0, LEAST_PT, 0.0):
        items: list[PlacedText | PlacedTable] = []
        for number, lead in enumerate(leads):
            left = room.body.left + number * (width + _GAP)
            column = Box(left, room.body.top + 0.2, width, room.body.height - 0.2)
            pages = lay_out(_card(lead, leads, width, size, parts_pt), column, _TABLES)
            if len(pages) > 1:
                break
            items += pages[0].items
        else:
            first = [room.sheet("Headline numbers", items)]
            rest = [] if parts_pt else room.sheets("Headline numbers in full", [content.headlines])
            return first + rest
    return room.sheets("Headline numbers", [content.headlines])


def _card(
    lead: Lead, leads: Sequence[Lead], width: float, size: float, parts_pt: float
) -> list[Words | Grid]:
    """Return one leading number: label, figure, the figure before, parts (none at size 0)."""
    label = Style("headline label", 14, is_bold=True, below=0.0, stays_whole=True)
    figure = Style("headline figure", size, is_bold=True, below=0.0, stays_whole=True)
    before = Style("headline before", 20, tone="dim", below=0.2, stays_whole=True)
    parts = Style("headline parts", parts_pt, below=0.02, stays_whole=True)
    # Figures stand on one line across the slide, whatever the labels take.
    rows = [
        (label, [one.label for one in leads], lead.label, 0.08),
        (figure, [one.figure for one in leads], lead.figure, 0.15),
    ]
    blocks: list[Words | Grid] = []
    for style, all_texts, own, gap in rows:
        most = max(len(_lines(text, width, style)) for text in all_texts)
        missing = most - len(_lines(own, width, style))
        blocks.append(Words(own, replace(style, below=gap + missing * line_height(style.size_pt))))
    if lead.before:
        blocks.append(Words("The period before", replace(before, size_pt=14, below=0.0)))
        blocks.append(Words(lead.before, before))
    if parts_pt and lead.parts:
        blocks += [Words(part, parts) for part in _parted(lead.parts)]
    return blocks


def _figure_size(leads: Sequence[Lead], width: float) -> float:
    """Return the largest size at which each figure takes one line, else two."""
    for most, sizes in ((1, FIGURE_SIZES[:-2]), (2, FIGURE_SIZES)):
        for size in sizes:
            if all(len(_bold(lead.figure, width, size)) <= most for lead in leads):
                return size
    return FIGURE_SIZES[-1]


def _on_one_line(text: str, width: float, sizes: Sequence[float]) -> float:
    fitting = (size for size in sizes if width_of(text, size, is_bold=True) <= width)
    return next(fitting, sizes[-1])


def _parted(parts: str) -> list[str]:
    """Return the parts by victim group, each on a line of its own."""
    found: list[str] = []
    for piece in parts.split(", "):
        if found and ":" not in piece:
            found[-1] += f", {piece}"
        else:
            found.append(piece)
    return found


def _text_style(texts: Sequence[str], body: Box) -> Style:
    """Return how paragraphs look: as large as lets them all stand on one slide, else small."""
    for size in TEXT_SIZES:
        style = Style("paragraph", size, below=0.16, stays_whole=True, most_wide=_MOST_WIDE)
        if len(lay_out([Words(text, style) for text in texts], body, _TABLES)) == 1:
            return style
    return style


def _lines(text: str, width: float, style: Style) -> tuple[str, ...]:
    return lines_of(text, width, style.size_pt, is_bold=style.is_bold)


def _bold(text: str, width: float, size_pt: float) -> tuple[str, ...]:
    return lines_of(text, width, size_pt, is_bold=True)
