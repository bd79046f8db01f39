"""What an upload's page shows of a file: its rows by bin, what is open, and what would change.

Everything that comes from a file is shown as text, in tables and option lists only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from conflictmap.ingest.account import KEEP, duplicate_key, place_key, rejected_csv
from conflictmap.ingest.upload import WITHDRAW_KEY, Examined
from conflictmap.schema import label
from conflictmap.ui import beside_map, session
from conflictmap.ui.map_drawing import draw_areas
from conflictmap.ui.map_message import map_message
from conflictmap.ui.uploading import Looked, answers_to
from conflictmap.views.upload_preview import IncidentsPreview

MOST_SHOWN = 1000
MOST_ASKED = 20
MOST_SETTLED = 100
BIN_WORDS = {
    "new": "new: will be added",
    "unchanged": "unchanged: already in the store",
    "changed": "changed: will replace what is there",
    "duplicate_candidate": "may be an incident we have: settle below",
    "needs_review": "needs a person to look at it",
    "rejected": "rejected: mend and upload again",
    "out_of_scope": "out of scope, such as another country",
    "skipped": "no record: blank, footer, tags",
}

_MENDING_NAMES = {
    "row": "Row",
    "bin": "What becomes of it",
    "column": "Column",
    "value": "Value",
    "reason": "Reason",
    "mend": "How to mend it",
}
_FORMS = {
    ",": "CSV with commas",
    ";": "CSV with semicolons",
    "|": "CSV with bars",
    "\t": "CSV with tabs",
    "xlsx": "workbook",
}


@dataclass(frozen=True)
class _RowAsked:
    """A question on one row: the key of its answer, the question, its options with their words."""

    key: str
    text: str
    words: Mapping[str, str]


def draw_report(looked: Looked) -> None:
    """Draw how the file was read, its rows by bin, and what publishing it would lose."""
    raw, report = looked.examined.raw, looked.examined.report
    st.text(
        f"Read as {label(report.profile)}: {report.rows:,} rows behind the header in row"
        f" {raw.header_row}, {_FORMS.get(raw.delimiter, 'CSV')}, {raw.encoding}."
    )
    bins = pd.DataFrame(
        [(words, report.bins[name]) for name, words in BIN_WORDS.items() if report.bins[name]],
        columns=["What becomes of the rows", "Rows"],
    )
    bins.loc[len(bins)] = ["all rows of the file", report.rows]
    st.dataframe(bins, hide_index=True, width="stretch")
    for warning in looked.warnings:
        st.warning("Publishing this file would replace finer records by coarser ones.")
        st.text(warning)
    for note in report.notes:
        st.text(note)
    aside = report.outcomes[report.outcomes["bin"].isin(["rejected", "needs_review"])]
    if len(aside):
        with st.expander(f"Rows to mend or to look at: {len(aside):,}", expanded=True):
            shown = aside[list(_MENDING_NAMES)].head(MOST_SHOWN)
            shown = shown.assign(bin=shown["bin"].map(BIN_WORDS)).rename(columns=_MENDING_NAMES)
            st.dataframe(shown, hide_index=True, width="stretch")
            if len(aside) > MOST_SHOWN:
                st.text(f"The first {MOST_SHOWN:,} are shown; the CSV has them all.")
            st.download_button(
                "Download these rows as CSV, with the reasons",
                lambda: rejected_csv(raw, report),
                file_name="rows-to-mend.csv",
                mime="text/csv",
                on_click="ignore",
            )


def ask_questions(examined: Examined) -> None:
    """Draw what the file does not settle: questions, places, duplicates, missing records."""
    for question in examined.report.questions:
        words = dict(question.options)
        st.text(question.text)
        if question.examples:
            st.text("For example: " + "   ".join(question.examples[:5]))
        _choice(examined, question.key, "Answer", ["", *words], {"": "not settled", **words})
    rows = examined.assembled.rows
    names = session.edition().units.set_index("code")["name_common"].to_dict()
    places = []
    for incident, units in examined.assembled.options.items():
        words = {"": "not settled", KEEP: "leave it as coarse as it is"}
        words |= {unit: f"{names.get(unit, unit)} ({unit})" for unit in units}
        places.append(_RowAsked(place_key(incident), f"Row {rows[incident]}: where was it?", words))
    _ask_rows(examined, places, "places")
    titles = examined.held["incidents"].set_index("incident_id")["title"].to_dict()
    pairs = examined.comparison.duplicates.groupby("incident_id")["other_id"].agg(list)
    likely = []
    for incident, others in pairs.items():
        words = {"": "not settled", KEEP: "another incident: keep both"}
        words |= {other: f"the same as: {titles[other]} ({other})" for other in others}
        text = f"Row {rows[incident]}: is it one we have?"
        likely.append(_RowAsked(duplicate_key(str(incident)), text, words))
    _ask_rows(examined, likely, "probable duplicates")
    if examined.report.withdrawn:
        n = len(examined.report.withdrawn)
        words = {"": "keep them", "yes": "withdraw them"}
        text = f"{n:,} incidents of this source are no longer in the file"
        _choice(examined, WITHDRAW_KEY, text, list(words), words)


def _ask_rows(examined: Examined, asked: list[_RowAsked], what: str) -> None:
    """Draw the rows to settle, as many as a page bears, and those that are settled behind them."""
    waiting = [row for row in asked if row.key not in examined.answers]
    settled = [row for row in asked if row.key in examined.answers]
    if len(waiting) > MOST_ASKED:
        st.text(f"{len(waiting):,} {what} to settle; the first {MOST_ASKED} are asked.")
    for row in waiting[:MOST_ASKED]:
        _choice(examined, row.key, row.text, list(row.words), row.words)
    if settled:
        with st.expander(f"Settled {what}: {len(settled):,}"):
            for row in settled[-MOST_SETTLED:]:
                _choice(examined, row.key, row.text, list(row.words), row.words)


def _choice(
    examined: Examined, key: str, text: str, options: list[str], words: Mapping[str, str]
) -> None:
    answers = answers_to(examined.report.sha256)
    widget = f"answer to {key}"

    def settle() -> None:
        chosen = st.session_state[widget]
        if chosen:
            answers[key] = chosen
        else:
            answers.pop(key, None)

    st.session_state[widget] = answers.get(key, "")
    st.selectbox(text, options, format_func=words.__getitem__, key=widget, on_change=settle)


def draw_preview(maps: IncidentsPreview) -> None:
    """Draw the map and the totals by province before and after publishing."""
    edition = session.edition()
    left, right = st.columns(2)
    for column, view, words in ((left, maps.before, "Before"), (right, maps.after, "After")):
        with column:
            st.markdown(f"**{words}: {view.counts.total.incidents:,} incidents**")
            draw_areas(
                edition,
                map_message(view, selected="", shows_marks=False),
                key=f"upload preview {words}",
            )
            beside_map.draw_legend(view, shows_marks=False)
    moved = maps.moved
    if moved.empty:
        st.info("Publishing would change no total.")
    else:
        st.dataframe(moved, hide_index=True, width="stretch")
