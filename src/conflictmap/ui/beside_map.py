"""What stands beside the map in plain sight: the counts not on it, the legend, the marks' key.

The HTML here is made of fixed words and numbers only.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from conflictmap.export import export_csv
from conflictmap.ui import session
from conflictmap.views.alternative import text_alternative
from conflictmap.views.could_be import COULD_HOLD_ANYWHERE, COULD_HOLD_SOME, NOT_ROBUST
from conflictmap.views.facts import Facts
from conflictmap.views.figures import AreaCounts, Figure, combine
from conflictmap.views.map_view import (
    NO_FIGURE,
    NO_REPORT,
    REFUSED,
    SUPPRESSED,
    ZERO,
    MapView,
    area_table,
    why_no_steps,
)
from conflictmap.views.query import MapQuery

_PATTERNS = {
    NO_REPORT: (
        "repeating-linear-gradient(135deg,light-dark(#f1f3f4,#181f25) 0 4px,"
        "light-dark(#d3d9dd,#4a5a66) 4px 6px)"
    ),
    NO_FIGURE: "repeating-linear-gradient(0deg,#fdf6e3 0 4px,#b79a3c 4px 5px)",
    SUPPRESSED: "radial-gradient(#5b6770 30%,#fff 32%) 0 0/6px 6px",
    ZERO: "light-dark(#ffffff,#f4f6f7)",
    REFUSED: "light-dark(#e4e8eb,#2c353c)",
}

_COULD_KEYS = (  # mark, style, words
    (
        NOT_ROBUST,
        "border:2px dashed light-dark(#14222c,#ffffff)",
        "class not robust, by what could be here",
    ),
    (
        COULD_HOLD_SOME,
        "border:2px dotted light-dark(#828d95,#75828b)",
        "none shown, could hold some",
    ),
    (
        COULD_HOLD_ANYWHERE,
        "border-color:transparent",
        "not marked: could hold only what is known to no more than the country",
    ),
)

_MOST_ROWS = 50  # of the table beside a map of districts, unless all are asked for

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
light-dark(#828d95,#75828b);border-radius:2px} .cm-dim{color:light-dark(#5b6770,#b4bfc7)}
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
        f"<span><b>{figure.words}</b>{_singular(words) if figure.words == '1' else words}</span>"
        for figure, words in items
        if figure.incidents or not words.startswith(("in ", "more, outside"))
    ]
    if counts.total.not_stated:
        without = f"<b>{counts.total.not_stated:,}</b>incidents gave no figure"
        shown.append(f"<span class='cm-dim'>{without}</span>")
    st.html(f"{_STYLE}<div class='cm-row' role='status'>{''.join(shown)}</div>")


def _singular(words: str) -> str:
    return words.replace("incidents ", "incident ")


def draw_what_it_is_not(view: MapView) -> None:
    """Say that a few reports are no coverage of the country."""
    n = view.reports_read
    reports = "The one report read is" if n == 1 else f"The {n} reports read are"
    st.caption(
        f"{reports} no coverage of the country. A hatched area means that no report read tells of"
        " an incident there, not that nothing happened."
    )


def draw_why_no_steps(facts: Facts, query: MapQuery) -> None:
    """Say why the time slider has no steps, where they would be too many."""
    if reason := why_no_steps(facts, query):
        st.caption(reason)


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
    marks = _mark_keys(view) if shows_marks else ""
    classing = "" if view.counts.refusal else f" <span class='cm-dim'>{view.classing}</span>"
    st.html(
        f"{_STYLE}<div class='cm-title'>{view.legend_title}{classing}</div>"
        f"<div class='cm-row'>{keys}</div>{_could_keys(view)}{marks}"
    )
    if words := could_be_words(view):
        st.caption(words)


def _mark_keys(view: MapView) -> str:
    """Return what the marks mean, and how many places stand behind them."""
    points = view.points
    named = "named place, larger for more people killed and wounded"
    if points.cell_deg:
        n = int((points.kind == "cell").sum())
        named = (
            f"{points.places:,} named places, too many to be drawn singly, in {n:,} cells of"
            f" {points.cell_deg:g}\u00b0; larger for more people killed and wounded"
        )
    keys = [f"&#9679; {named}", "&#9675; no such figure"]
    if not points.cell_deg:
        keys.append("a ring shows how far off a place may be")
    closer = ", where the map is closer" if points.cell_deg else ""
    keys.append(f"&#9633; n incidents known only to the district{closer}")
    keys.append("&#11034; n incidents known only to the province")
    spans = "".join(f"<span>{key}</span>" for key in keys)
    return f"<div class='cm-row cm-dim'>{spans}</div>"


def could_be_words(view: MapView) -> str:
    """Return what "could be here" means for a view, or why it is refused; empty: not asked for."""
    could = view.could
    if could is None:
        return view.could_refusal
    level = view.query.level
    return (
        "Could be here: the least is what is placed in an area, by the lower figures. The most adds"
        f" what is not placed at {level} level and could lie there, by the higher figures:"
        f" {could.in_some:,} {_incidents(could.in_some)} that could lie in some areas,"
        f" {could.anywhere:,} known to no more than the country in every area. What lies abroad or"
        " is not dated to this period is in neither."
    )


def _could_keys(view: MapView) -> str:
    if view.could is None:
        return ""
    keys = [
        f"<span class='cm-key'><span class='cm-swatch' style='{style}'></span>{words}"
        f" <span class='cm-dim'>({view.could.marks.count(mark)})</span></span>"
        for mark, style, words in _COULD_KEYS
    ]
    return f"<div class='cm-row'>{''.join(keys)}</div>"


def _incidents(n: int) -> str:
    return "incident" if n == 1 else "incidents"


def draw_area_table(view: MapView) -> None:
    """Draw the map as a table, highest first; of many areas those at the top, or all on demand."""
    table = area_table(view)
    n = len(view.counts.areas)
    if n > _MOST_ROWS and not st.toggle(f"All {n} areas, not the first {_MOST_ROWS} only"):
        is_bin = table["Code"] == ""
        table = pd.concat([table[~is_bin].head(_MOST_ROWS), table[is_bin]])
    # A word that many rows share travels once.
    words = [name for name in ("In words", "Shown as", "Class robust") if name in table]
    st.dataframe(
        table.astype(dict.fromkeys(words, "category")),
        hide_index=True,
        width="stretch",
        height=360,
        placeholder="-",  # "Shown as" says why
        alt=view.title,
    )


def offer_area_file(view: MapView, *, boundary_notes: Iterable[str], is_synthetic: bool) -> None:
    """Offer the table as a file, with all that a reader of it has to know."""
    notes = [view.title, view.caption, could_be_words(view), *boundary_notes]
    st.download_button(
        "Download the areas as CSV",
        lambda: export_csv(
            area_table(view), notes=[note for note in notes if note], is_synthetic=is_synthetic
        ),
        file_name=f"{view.query.measure}-by-{view.query.level}-revision-{view.revision}.csv",
        mime="text/csv",
        on_click="ignore",
    )


def offer_slide() -> None:
    """Lead to the slide of the same view: the query goes along in the session."""
    if not session.current_viewer().may("make exports"):
        return
    st.page_link("pages/slides.py", label="Make a slide of this view", icon=":material/slideshow:")


def draw_in_words(view: MapView) -> None:
    """Offer the whole map as one text, as a screen reader is given it."""
    words = st.expander("The map in words", key="map in words", on_change="rerun")
    if words.open:  # it is long, and sent only to who asks
        words.text(text_alternative(view))


def on_areas(counts: AreaCounts) -> Figure:
    """Return the sum over the areas that are shown singly."""
    return combine(area.figure for area in counts.areas)
