"""What a PPTX visibly says, read back from its shapes and not from the notes beside them.

A file that comes back may have been edited, saved by another program or made to deceive: it is data
within limits. Hidden shapes say nothing and are told as a problem.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from conflictmap.errors import QueryError
from conflictmap.slides.deck_drawn import DRAWN, drawn_words
from conflictmap.slides.deck_map import AREAS, LEGEND, LOCATOR, OF_MAP, PLACES, RING, SECOND, SIGNS
from conflictmap.slides.deck_notes import read_record
from conflictmap.slides.pptx_file import check_presentation

MOST_SHAPES: Final = 20_000
MOST_BARS: Final = 5_000

_AREA = re.compile(r"(AF-[A-Z]{3}(?:-\d{2,3})?)(?: |$)")
_SWATCH = re.compile(r"swatch (.)$")
_OURS = {LOCATOR, LEGEND, SIGNS, *DRAWN, *OF_MAP, *(f"{name}{SECOND}" for name in OF_MAP)}
_DML = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_CML = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_PML = "{http://schemas.openxmlformats.org/presentationml/2006/main}"

Bars = tuple[tuple[str, float | None], ...]


@dataclass(frozen=True)
class ReadSlide:
    """One slide read back.

    ``texts`` are those beside the title by the name of their box, lines joined by a blank.
    ``areas`` and ``swatches`` have the fill of each code and each letter of the legend: "#rrggbb",
    "pattern <preset> <front> <back>", or what else it is; codes of a second map end
    with its words. ``rows`` begin with the table's header. ``bars`` are the chart's labels and
    values as drawn. ``problems`` are sentences on what no slide of ours has.
    """

    title: str
    texts: dict[str, str]
    areas: dict[str, str]
    swatches: dict[str, str]
    places: int  # marks of incidents
    rows: tuple[tuple[str, ...], ...]
    bars: Bars
    workbook_bars: Bars | None  # the same in the workbook behind the chart; None: there is none
    record: dict[str, str]
    problems: tuple[str, ...]
    drawn: dict[str, str] = field(default_factory=dict)  # of units and moves: place and look


def read_deck(content: bytes) -> tuple[ReadSlide, ...]:
    """Read every slide of a PPTX.

    Raises
    ------
    QueryError
        If it is no presentation, is damaged, has macros, or is larger than a deck of ours can be.
    """
    from pptx import Presentation

    checked = check_presentation(content, "file")
    try:
        presentation = Presentation(io.BytesIO(checked))
        return tuple(_Reading(sheet).read() for sheet in presentation.slides)
    except QueryError:
        raise
    except Exception as error:  # whatever a broken or hostile part makes the library raise
        raise QueryError("The PPTX is damaged and cannot be read.") from error


class _Reading:
    """Walks the shapes of one slide and keeps what they say."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.title = ""
        self.texts: dict[str, str] = {}
        self.areas: dict[str, str] = {}
        self.swatches: dict[str, str] = {}
        self.places = 0
        self.drawn: dict[str, str] = {}
        self.tables: list[tuple[tuple[str, ...], ...]] = []
        self.charts: list[tuple[Bars, Bars | None]] = []
        self.problems: list[str] = []
        self.seen = 0
        self.piece = ""  # the group of one unit, move or sign that is read

    def read(self) -> ReadSlide:
        """Return what the slide says."""
        for shape in self.sheet.shapes:
            self._read(shape, "")
        notes = self.sheet.notes_slide.notes_text_frame if self.sheet.has_notes_slide else None
        for noun, found in (("table", self.tables), ("chart", self.charts)):
            if len(found) > 1:
                self.problems.append(f"there are {len(found)} {noun}s")
        bars, workbook = self.charts[0] if self.charts else ((), None)
        if workbook is not None and not _is_same(bars, workbook):
            self.problems.append("the chart draws other numbers than the workbook behind it holds")
        return ReadSlide(
            title=self.title,
            texts=self.texts,
            areas=self.areas,
            swatches=self.swatches,
            places=self.places,
            rows=self.tables[0] if self.tables else (),
            bars=bars,
            workbook_bars=workbook,
            record=read_record(notes.text) if notes else {},
            problems=tuple(self.problems),
            drawn=self.drawn,
        )

    def _read(self, shape: Any, inside: str) -> None:
        """Read a shape; ``inside`` is the name of the group of ours that holds it."""
        self.seen += 1
        if self.seen > MOST_SHAPES:
            raise QueryError(
                f"The PPTX has more than {MOST_SHAPES:,} shapes, more than a slide of ours."
            )
        about = shape.element.find(f".//{_PML}cNvPr")
        name = about.get("name") or ""
        if about.get("hidden") in ("1", "true"):
            self.problems.append(f"'{name}' is hidden")
            return
        if shape.element.tag == f"{_PML}grpSp":
            if not inside and name not in _OURS:
                self.problems.append(f"there is a group '{name}' that is not ours")
            if (inside or name) in DRAWN:
                self.piece = name
                self.drawn[_free(name, self.drawn)] = drawn_words(shape.element, "")
            for one in shape.shapes:
                self._read(one, inside or name)
        elif getattr(shape, "has_table", False):
            self.tables.append(_rows(shape.table))
        elif getattr(shape, "has_chart", False):
            self._read_chart(shape.chart)
        elif shape.element.tag == f"{_PML}sp":
            self._read_drawn(shape, name, inside)
        else:
            self.problems.append(f"there is an object '{name}' that is not ours")

    def _read_drawn(self, shape: Any, name: str, inside: str) -> None:
        text = " ".join(shape.text_frame.text.split()) if shape.has_text_frame else ""
        is_title = shape.is_placeholder and "TITLE" in str(shape.placeholder_format.type)
        if is_title and not self.title:
            self.title = text
        elif text:
            self.texts[_free(name, self.texts)] = text
        if inside in DRAWN:
            of_piece = _free(f"{self.piece}: {name}", self.drawn)
            self.drawn[of_piece] = drawn_words(shape.element, _fill(shape.element))
        area, swatch = _AREA.match(name), _SWATCH.match(name)
        if inside in (AREAS, f"{AREAS}{SECOND}") and area:
            code = f"{area[1]}{inside.removeprefix(AREAS)}"
            if code in self.areas:
                self.problems.append(f"{code} is drawn twice")
            self.areas[code] = _fill(shape.element)
        elif inside == LEGEND and swatch:
            self.swatches[swatch[1]] = _fill(shape.element)
        elif inside == PLACES:
            self.places += not name.endswith(RING)
        elif not text and inside not in _OURS - {AREAS, f"{AREAS}{SECOND}", LEGEND}:
            self.problems.append(f"there is a shape '{name}' that is not ours")

    def _read_chart(self, chart: Any) -> None:
        series = list(chart._chartSpace.iter(f"{_CML}ser"))
        if len(series) != 1 or len(list(chart.plots)) != 1:
            self.problems.append("the chart has not exactly one series of columns")
        labels = _points(series[0], "cat") if series else []
        values = _points(series[0], "val") if series else []
        if len(labels) != len(values):
            self.problems.append("the chart has another number of labels than of columns")
        bars = tuple(
            (label or "", None if value is None else float(value))
            for label, value in zip(labels, values, strict=False)
        )
        behind = chart.part.chart_workbook.xlsx_part
        self.charts.append((bars, _workbook_bars(behind.blob, len(bars)) if behind else None))


def _points(series: Any, kind: str) -> list[str | None]:
    """Return the values that a chart draws, as they are kept in it; None where there is none."""
    held = series.find(f"{_CML}{kind}")
    if held is None:
        return []
    count = next(held.iter(f"{_CML}ptCount"), None)
    n = 0 if count is None else int(count.get("val"))
    if not 0 <= n <= MOST_BARS:
        raise QueryError(f"The chart has more than {MOST_BARS:,} columns.")
    found: list[str | None] = [None] * n
    for point in held.iter(f"{_CML}pt"):
        found[int(point.get("idx"))] = point.findtext(f"{_CML}v")
    return found


def _is_same(drawn: Bars, behind: Bars) -> bool:
    """Say whether two charts have the same numbers; a workbook keeps 16 digits of each."""
    return [label for label, _ in drawn] == [label for label, _ in behind] and all(
        one is other is None
        or (one is not None and other is not None and math.isclose(one, other, rel_tol=1e-12))
        for (_, one), (_, other) in zip(drawn, behind, strict=True)
    )


def _free(name: str, taken: dict[str, str]) -> str:
    """Return a name that no other text has."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def _rows(table: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(" ".join(cell.text_frame.text.split()) for cell in row.cells) for row in table.rows
    )


def _fill(element: Any) -> str:
    """Return what a shape is filled with, in words that two equal fills share."""
    look = element.find(f"{_PML}spPr")
    for one in look if look is not None else ():
        kind = one.tag.removeprefix(_DML)
        if kind == "solidFill":
            return _colour(one)
        if kind == "pattFill":
            front, back = one.find(f"{_DML}fgClr"), one.find(f"{_DML}bgClr")
            return f"pattern {one.get('prst')} {_colour(front)} {_colour(back)}"
        if kind in ("noFill", "gradFill", "blipFill", "grpFill"):
            return kind
    return "none of its own"


def _colour(holder: Any) -> str:
    """Return a colour as "#rrggbb"; one that is made lighter, mixed or named is told as such."""
    if holder is None or not len(holder):
        return "no colour"
    one = holder[0]
    value = one.get("val") or ""
    changes = "".join(f" {change.tag.removeprefix(_DML)} {change.get('val')}" for change in one)
    if one.tag == f"{_DML}srgbClr":
        return f"#{value.lower()}{changes}"
    return f"{one.tag.removeprefix(_DML)} {value}{changes}"


def _workbook_bars(content: bytes, most: int) -> Bars | None:
    """Return labels and values of a chart's workbook; none where it cannot be read as one."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        rows = book.worksheets[0].iter_rows(
            min_row=2, max_row=most + 2, max_col=2, values_only=True
        )
        return tuple(_bar(row) for row in rows if any(cell is not None for cell in row))
    except Exception:  # whatever a broken workbook makes the library raise
        return None


def _bar(row: Iterator[Any] | tuple[Any, ...]) -> tuple[str, float | None]:
    label, value = (*row, None, None)[:2]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(label), float(value) if is_number else None
