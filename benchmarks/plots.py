"""The pictures of docs/benchmarks.md: bars of peers and curves of growth, as SVG.

The same figures give the same bytes, so that a run that found nothing new changes no picture.

A curve of a result is a mapping: ``title``, ``x`` and ``y`` (words for the axes), and ``lines``, a
list of [x, y] for each name. Both axes are logarithmic.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

_LOOK: dict[Any, Any] = {
    "svg.hashsalt": "conflictmap",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
OURS, OTHERS = "#1f5a8a", "#b9c3cc"
_LINES = (OURS, "#b3541e", "#3f7d4e", "#7a5195", "#6b6b6b")
_WIDTH_INCHES = 7.2


def bars(title: str, unit: str, values: Mapping[str, float], ours: Sequence[str]) -> bytes:
    """Return horizontal bars, one a side, the smallest first; sides of ours are darker.

    The scale is logarithmic where the largest is more than 20 times the smallest.
    """
    names = sorted(values, key=lambda name: values[name], reverse=True)
    height = 0.9 + 0.32 * len(names)
    with matplotlib.rc_context(_LOOK):
        figure, axes = _axes(height, left=0.44, bottom=0.5 / height, top=1 - 0.36 / height)
        shown = [values[name] for name in names]
        colours = [OURS if name in ours else OTHERS for name in names]
        axes.barh(names, shown, color=colours, height=0.66)
        if min(shown) > 0 and max(shown) / min(shown) > 20:
            axes.set_xscale("log")
            axes.set_xlim(min(shown) / 2, max(shown) * 3)
        else:
            axes.set_xlim(0, max(shown) * 1.15 or 1)
        for place, value in enumerate(shown):
            _say(axes, value, (value, place), (4, 0), va="center")
        is_log = axes.get_xscale() == "log"
        axes.set_xlabel(f"{unit} (logarithmic)" if is_log else unit)
        axes.set_title(title, loc="left", fontsize=9)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
        axes.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
        return _svg(figure)


def curves(curve: Mapping[str, Any]) -> bytes:
    """Return lines over a logarithmic plane; see the module for what a curve holds."""
    with matplotlib.rc_context(_LOOK):
        figure, axes = _axes(3.4, left=0.11, bottom=0.15, top=0.9)
        for number, (name, points) in enumerate(curve["lines"].items()):
            across, up = zip(*points, strict=True)
            axes.plot(across, up, marker="o", color=_LINES[number % len(_LINES)], label=name)
            for point in points:
                _say(axes, point[1], (point[0], point[1]), (0, 6), ha="center")
        axes.set_xscale("log")
        axes.set_yscale("log")
        heights = [up for points in curve["lines"].values() for _, up in points]
        axes.set_ylim(min(heights) / 2, max(heights) * 4)  # room for the names
        axes.margins(x=0.06)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
            axis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
        axes.grid(color="#e4e4e4", linewidth=0.6)
        axes.set_xlabel(curve["x"])
        axes.set_ylabel(curve["y"])
        axes.set_title(curve["title"], loc="left", fontsize=9)
        axes.legend(frameon=False, loc="upper left")
        return _svg(figure)


def short(value: float) -> str:
    """Return a number with three digits that say something, thousands apart."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    text = f"{value:.3g}"
    return text if "e" not in text else f"{value:.6f}".rstrip("0")


def _say(
    axes: Axes, value: float, at: tuple[float, float], points: tuple[int, int], **how: Any
) -> None:
    axes.annotate(short(value), at, xytext=points, textcoords="offset points", **how)


def _axes(height: float, *, left: float, bottom: float, top: float) -> tuple[Figure, Axes]:
    # Fixed margins: those fitted to the text would depend on the fonts of a machine.
    figure = Figure(figsize=(_WIDTH_INCHES, height))
    FigureCanvasSVG(figure)
    figure.subplots_adjust(left=left, right=0.96, bottom=bottom, top=top)
    return figure, figure.add_subplot()


def _svg(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    lines = file.getvalue().decode("utf-8").splitlines()
    return "\n".join([*(line.rstrip() for line in lines), ""]).encode("utf-8")
