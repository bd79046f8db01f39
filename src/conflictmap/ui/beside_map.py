"""What stands beside the map in plain sight: the counts not on it, the legend, the marks' key.

The HTML here is made of fixed words and numbers only.
"""

from __future__ import annotations

import streamlit as st

from conflictmap.views.counting import AreaCounts, Figure, combine
from conflictmap.views.map_view import NO_FIGURE, NO_REPORT, REFUSED, SUPPRESSED, ZERO, MapView

_PATTERNS = {
    NO_REPORT: "repeating-linear-gradient(135deg,#f1f3f4 0 4px,#d3d9dd 4px 6px)",
    NO_FIGURE: "repeating-linear-gradient(0deg,#fdf6e3 0 4px,#b79a3c 4px 5px)",
    SUPPRESSED: "radial-gradient(#5b6770 30%,#fff 32%) 0 0/6px 6px",
    ZERO: "#ffffff",
    REFUSED: "#e4e8eb",
}

_NOUNS = {
    "killed": "killed",
    "wounded": "wounded",
}

_STYLE = """<style>
.cm-row{display:flex;flex-wrap:wrap;gap:.35rem
1.1rem;align-items:baseline;font-size:.86rem;margin:.1rem 0} .cm-row
b{font-size:1.15rem;margin-right:.3rem}
.cm-key{display:inline-flex;align-items:center;gap:.4rem;white-space:nowrap}
.cm-swatch{display:inline-block;width:1.35rem;height:.95rem;border:1px solid
#8b969e;border-radius:2px} .cm-dim{color:#5b6770}
.cm-title{font-weight:600;font-size:.86rem;margin-top:.2rem} </style>"""


def draw_counts(view: MapView) -> None:
    """Draw the bins: together they hold every incident that passes the filters."""
    counts, noun = view.counts, _NOUNS.get(view.query.measure, "incidents")
    level = view.query.level
    items = [
        (on_areas(counts), f"{noun} on the map"),
        (counts.not_placed, f"not placed at {level} level"),
        (counts.abroad, "abroad"),
        (counts.suppressed, f"in {counts.suppressed_areas} suppressed areas"),
        (counts.total, f"{noun} in total"),
        (counts.not_dated, "more, not dated to this period"),
        (counts.outside, "more, outside this period"),
    ]
    shown = [
        f"<span><b>{figure.words}</b>{words}</span>"
        for figure, words in items
        if figure.incidents or not words.startswith(("in ", "more, outside"))
    ]
    if counts.total.not_stated:
        shown.append(
            f"<span class='cm-dim'><b>{counts.total.not_stated}</b>incidents gave no figure</span>"
        )
    st.html(f"{_STYLE}<div class='cm-row' role='status'>{''.join(shown)}</div>")


def draw_what_it_is_not(view: MapView) -> None:
    """Say that a few reports are no coverage of the country."""
    n = view.reports_read
    reports = "The one report read is" if n == 1 else f"The {n} reports read are"
    st.caption(
        f"{reports} no coverage of the country. A hatched area means that no report read tells of"
        " an incident there, not that nothing happened."
    )


def why_empty(view: MapView) -> str:
    """Return why a map shows nothing, and what to do about it."""
    undated = view.counts.not_dated.incidents
    if undated:
        return f"No incident is dated to this period; {undated} may lie in it. Widen the dates."
    return "No incident matches. Widen the dates, or clear a filter in the sidebar."


def draw_legend(view: MapView, *, shows_marks: bool) -> None:
    """Draw the legend: classes, then what is zero, unreported, without a figure or suppressed."""
    keys = "".join(
        f"<span class='cm-key'><span class='cm-swatch' style='background:"
        f"{entry.colour or _PATTERNS[entry.letter]}'></span>{entry.text}"
        f" <span class='cm-dim'>({entry.areas})</span></span>"
        for entry in view.legend
    )
    marks = (
        "<div class='cm-row cm-dim'><span>&#9679; named place; the ring shows how far off it may"
        " be</span><span>&#9633; n incidents known only to the district</span><span>"
        "&#11034; n incidents known only to the province</span></div>"
        if shows_marks
        else ""
    )
    st.html(
        f"{_STYLE}<div class='cm-title'>{view.legend_title}</div>"
        f"<div class='cm-row'>{keys}</div>{marks}"
    )


def on_areas(counts: AreaCounts) -> Figure:
    """Return the sum over the areas that are shown singly."""
    return combine(area.figure for area in counts.areas)
