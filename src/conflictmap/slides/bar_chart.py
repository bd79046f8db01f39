"""The time line of a slide as bars in inches, with a scale of few words.

A step without a value has no bar, and the ground line has a gap there: nothing known is not zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from conflictmap.slides.blocks import Align, TextBlock
from conflictmap.slides.fitting import line_height, text_width
from conflictmap.slides.paper import LEAST_PT, Box
from conflictmap.slides.slide import Bar

_LINE: Final = line_height(LEAST_PT)
_NARROWEST_GAP: Final = 0.012  # bars that would leave less stand side by side


@dataclass(frozen=True)
class DrawnBar:
    """The bar of one step; one of value zero has no height."""

    key: str
    label: str
    value: float
    box: Box
    is_shown: bool


@dataclass(frozen=True)
class BarChart:
    """Bars, the lines behind them and the words of the scale.

    ``ground`` are parts of the line of zero, ``rules`` lines of the scale: left, right and y.
    """

    bars: tuple[DrawnBar, ...]
    ground: tuple[tuple[float, float, float], ...]
    rules: tuple[tuple[float, float, float], ...]
    texts: tuple[TextBlock, ...]


def lay_out_bars(bars: tuple[Bar, ...], box: Box) -> BarChart:
    """Lay the steps out from the first to the last, as wide as the box."""
    values = [bar.value for bar in bars if bar.value is not None]
    high, low = max([0.0, *values]), min([0.0, *values])
    ticks = [tick for tick in (_tick(high), -_tick(-low)) if tick]
    gutter = max([text_width(_number(tick), LEAST_PT) for tick in (*ticks, 0.0)]) + 0.08
    plot = Box(
        box.left + gutter, box.top + _LINE / 2, box.width - gutter, box.height - 1.5 * _LINE - 0.05
    )
    scale = plot.height / (high - low) if high > low else 0.0
    zero = plot.top + high * scale if scale else plot.bottom
    texts = [
        _words(f"scale {number}", _number(tick), box.left, gutter - 0.08, zero - tick * scale)
        for number, tick in enumerate(_apart([0.0, *ticks], scale))
    ]
    step = plot.width / max(1, len(bars))
    gap = 0.22 * step if 0.22 * step >= _NARROWEST_GAP else 0.0
    drawn, ground = [], []
    for number, bar in enumerate(bars):
        if bar.value is None:
            continue
        left, top = plot.left + number * step, zero - max(bar.value, 0.0) * scale
        shape = Box(left + gap / 2, top, step - gap, abs(bar.value) * scale)
        drawn.append(DrawnBar(bar.key, bar.label, bar.value, shape, bar.is_shown))
        ground.append((left, left + step, zero))
    return BarChart(
        tuple(drawn),
        tuple(_joined(ground)),
        tuple((plot.left, plot.right, zero - tick * scale) for tick in ticks),
        (*texts, *_step_names(bars, plot, step)),
    )


def _tick(most: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is no more; 0: there is none.

    A round step of the scale is no figure of anybody's, unlike the highest bar.
    """
    if most <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(most))
    return max((n * power for n in (1, 2, 5) if n * power <= most * (1 + 1e-9)), default=power)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:g}"


def _apart(ticks: list[float], scale: float) -> list[float]:
    """Return the steps of the scale whose words do not meet that of zero, or the largest alone."""
    zero, *others = ticks
    clear = [tick for tick in others if abs(tick) * scale >= _LINE]
    return [zero, *clear] if clear or not others else [max(others, key=abs)]


def _words(name: str, text: str, left: float, width: float, middle: float) -> TextBlock:
    box = Box(left, middle - _LINE / 2, width, _LINE)
    return TextBlock(name, box, (text,), LEAST_PT, align="right", tone="dim")


def _step_names(bars: tuple[Bar, ...], plot: Box, step: float) -> list[TextBlock]:
    """Return the names of the shown step, the first and the last, as far as there is room."""
    if not bars:
        return []
    shown = [number for number, bar in enumerate(bars) if bar.is_shown]
    wanted = [*(shown if len(shown) == 1 else ()), 0, len(bars) - 1]
    top = plot.bottom + 0.05
    texts: list[TextBlock] = []
    for number in dict.fromkeys(wanted):
        label = bars[number].label
        width = text_width(label, LEAST_PT) + 0.02
        middle = plot.left + (number + 0.5) * step
        left = min(max(plot.left, middle - width / 2), plot.right - width)
        box = Box(left, top, width, _LINE)
        is_clear = all(
            box.left - 0.12 >= text.box.right or box.right + 0.12 <= text.box.left for text in texts
        )
        if width <= plot.width and is_clear:
            align: Align = "center"
            texts.append(
                TextBlock(f"step {number + 1}", box, (label,), LEAST_PT, align=align, tone="dim")
            )
    return texts


def _joined(parts: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Return lines that follow on one another as one."""
    if not parts:
        return []
    starts = [0, *(n + 1 for n, (a, b) in enumerate(pairwise(parts)) if b[0] - a[1] > 1e-9)]
    ends = [*(start - 1 for start in starts[1:]), len(parts) - 1]
    return [
        (parts[start][0], parts[end][1], parts[start][2])
        for start, end in zip(starts, ends, strict=True)
    ]
