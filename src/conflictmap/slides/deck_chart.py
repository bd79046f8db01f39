"""The time line as a native column chart, with its numbers in the workbook inside the file."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Sequence
from typing import Any, Final

from conflictmap.slides.blocks import TextBlock
from conflictmap.slides.compose import Composition
from conflictmap.slides.deck_look import Look
from conflictmap.slides.deck_shapes import Ids, emu
from conflictmap.slides.fills import AREA_LINE, OTHER_BAR, RULE, SHOWN_BAR
from conflictmap.slides.fitting import line_height, text_width
from conflictmap.slides.paper import LEAST_PT, Box
from conflictmap.slides.slide import Bar

CHART: Final = "Chart of the time line"
SHEET: Final = "Sheet1"  # the library writes references to a sheet of this name

_LINE = line_height(LEAST_PT)
_BELOW = 0.05  # inches between the columns and their labels
_APART = 0.12  # inches between two labels
_MOST_TOLD = 40
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10)


def add_chart(ids: Ids, sheet: Any, composed: Composition, look: Look, day: dt.datetime) -> None:
    """Put the chart onto a slide; nothing where the slide has none.

    Parameters
    ----------
    day
        The moment that the workbook carries as its own.
    """
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    box, bars = composed.chart, composed.slide.bars
    if box is None or not bars:
        return
    name = composed.slide.rows_title[1]
    told = CategoryChartData(number_format="General")
    told.categories = [bar.label for bar in bars]
    told.add_series(name, [bar.value for bar in bars])
    place = [emu(side) for side in (box.left, box.top, box.width, box.height)]
    frame = sheet.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, told)
    about = frame.element.nvGraphicFramePr.cNvPr
    about.set("id", str(next(ids)))
    about.set("name", CHART)
    about.set("descr", _in_words(composed.slide.bars_title, bars))
    frame.chart.part.chart_workbook.update_from_xlsx_blob(_workbook(name, bars, day))
    _draw_bars(frame.chart, bars)
    _draw_axes(frame.chart, bars, box, look)


def step_texts(composed: Composition) -> tuple[TextBlock, ...]:
    """Return the names of first, shown and last step, where not every column has a label.

    Programs disagree on which labels of many they draw, and let them touch.
    """
    if composed.bars is None or composed.chart is None:
        return ()
    bars = composed.slide.bars
    if _has_room(bars, composed.chart.width - _beside(bars)):
        return ()
    return tuple(text for text in composed.bars.texts if text.name.startswith("step "))


def _draw_bars(chart: Any, bars: Sequence[Bar]) -> None:
    """Colour the steps that the map shows strongly and the others lightly."""
    chart.has_legend = False
    chart.has_title = False
    plot = chart.plots[0]
    plot.gap_width = 25
    series = plot.series[0]
    series.invert_if_negative = False
    shown = [number for number, bar in enumerate(bars) if bar.is_shown]
    is_all = len(shown) == len(bars)
    _fill(series.format, SHOWN_BAR if is_all else OTHER_BAR)
    for number in [] if is_all else shown:
        _fill(series.points[number].format, SHOWN_BAR)


def _draw_axes(chart: Any, bars: Sequence[Bar], box: Box, look: Look) -> None:
    from pptx.enum.chart import XL_TICK_LABEL_POSITION, XL_TICK_MARK
    from pptx.util import Pt

    chart.font.size = Pt(LEAST_PT)
    chart.font.name = look.font
    below, beside = chart.category_axis, chart.value_axis
    below.tick_label_position = XL_TICK_LABEL_POSITION.LOW  # under bars that go down as well
    below.tick_labels.font.size = Pt(LEAST_PT)
    below.major_tick_mark = beside.major_tick_mark = XL_TICK_MARK.NONE
    _line(below.format, AREA_LINE)
    _line(beside.major_gridlines.format, RULE)
    beside.format.line.fill.background()
    low, high, step = _scale(_values(bars))
    beside.minimum_scale, beside.maximum_scale, beside.major_unit = low, high, step
    beside.tick_labels.number_format = "#,##0" if step == round(step) else "General"
    beside.tick_labels.number_format_is_linked = False
    numbers = _beside(bars)
    if _has_room(bars, box.width - numbers):
        body = below._element.find(_cml("txPr")).find(_dml("bodyPr"))
        body.set("rot", "0")  # labels stay level
        body.set("vert", "horz")
    else:
        below.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    _place_plot(chart, box, numbers)


def _has_room(bars: Sequence[Bar], width: float) -> bool:
    """Say whether the chart has room for the label of every column."""
    longest = max(text_width(bar.label, LEAST_PT) for bar in bars)
    return len(bars) * (longest + _APART) <= width


def _place_plot(chart: Any, box: Box, left: float) -> None:
    """Leave the bars all the room that the words of the axes do not need."""
    from pptx.oxml import parse_xml

    sides = {
        "x": left / box.width,
        "y": _LINE / 2 / box.height,
        "w": 1 - (left + 0.02) / box.width,
        "h": max(0.2, 1 - (1.5 * _LINE + _BELOW) / box.height),
    }
    modes = "".join(f'<c:{side}Mode val="edge"/>' for side in "xy")
    values = "".join(f'<c:{side} val="{value:.4f}"/>' for side, value in sides.items())
    layout = parse_xml(
        f'<c:layout xmlns:c="{_CHART}"><c:manualLayout><c:layoutTarget val="inner"/>'
        f"{modes}{values}</c:manualLayout></c:layout>"
    )
    area = chart._chartSpace.chart.plotArea
    for old in area.findall(_cml("layout")):
        area.remove(old)
    area.insert(0, layout)


def _beside(bars: Sequence[Bar]) -> float:
    """Return how wide the numbers beside the chart are, in inches."""
    words = (f"{number:,g}" for number in _scale(_values(bars)))
    return max(text_width(number, LEAST_PT) for number in words) + 0.08


def _values(bars: Sequence[Bar]) -> list[float]:
    return [bar.value for bar in bars if bar.value is not None]


def _scale(values: Sequence[float]) -> tuple[float, float, float]:
    """Return lowest and highest value of the axis, and the step between: its one or two lines.

    A chart as low as this one has no room for the words of more. The step is a round number just
    above the most, and no figure of anybody's.
    """
    high, low = max([*values, 0.0]), min([*values, 0.0])
    most = max(high, -low) or 1.0
    power = 10.0 ** math.floor(math.log10(most))
    step = next(times * power for times in _STEPS if times * power >= most * (1 - 1e-9))
    return (-step if low < 0 else 0.0), (step if high > 0 or not low else 0.0), step


def _workbook(name: str, bars: Sequence[Bar], day: dt.datetime) -> bytes:
    """Return the chart's workbook: texts as texts, numbers as numbers, no moment of its own."""
    from xlsxwriter import Workbook

    written = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(written, {"in_memory": True, **as_text})
    book.set_properties({"created": day})
    sheet = book.add_worksheet(SHEET)
    sheet.write_string(0, 1, name)
    for row, bar in enumerate(bars, start=1):
        sheet.write_string(row, 0, bar.label)
        if bar.value is not None:
            sheet.write_number(row, 1, bar.value)
    book.close()
    return written.getvalue()


def _in_words(title: str, bars: Sequence[Bar]) -> str:
    told = "; ".join(
        f"{bar.label}: {'no figure' if bar.value is None else f'{bar.value:,g}'}"
        for bar in bars[-_MOST_TOLD:]
    )
    left_out = len(bars) - _MOST_TOLD
    return f"{title}. {f'The last {_MOST_TOLD} of {len(bars)}: ' if left_out > 0 else ''}{told}"


def _fill(look: Any, hexadecimal: str) -> None:
    look.fill.solid()
    look.fill.fore_color.rgb = _rgb(hexadecimal)


def _line(look: Any, hexadecimal: str) -> None:
    look.line.color.rgb = _rgb(hexadecimal)


def _rgb(hexadecimal: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(hexadecimal.lstrip("#").upper())


_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"


_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


def _dml(tag: str) -> str:
    return f"{{{_DRAWING}}}{tag}"


def _cml(tag: str) -> str:
    return f"{{{_CHART}}}{tag}"
