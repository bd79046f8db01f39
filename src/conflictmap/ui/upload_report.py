"""What an upload's page shows of a file: its rows by bin, what is open, and what would change.

Everything that comes from a file is shown as text, in tables and option lists only.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from conflictmap.ingest.account import KEEP, duplicate_key, place_key, rejected_csv
from conflictmap.ingest.upload import WITHDRAW_KEY, Examined, preview
from conflictmap.schema import label
from conflictmap.summaries import LEVELS, place_bins
from conflictmap.ui import beside_map, session
from conflictmap.ui.map_drawing import draw_areas, map_message
from conflictmap.ui.uploading import ANSWERS
from conflictmap.views.facts import Facts
from conflictmap.views.map_view import area_table, map_series, map_view, with_same_classes
from conflictmap.views.query import MapQuery

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


def draw_report(examined: Examined) -> None:
    """Draw how the file was read, and its rows by bin."""
    raw, report = examined.raw, examined.report
    delimiter = {"\t": "tab", "xlsx": "workbook"}.get(raw.delimiter, raw.delimiter)
    st.text(
        f"Read as {label(report.profile)}: {report.rows:,} rows behind the header in row"
        f" {raw.header_row}, {raw.encoding}, separated by {delimiter}."
    )
    bins = pd.DataFrame(
        [(words, report.bins[name]) for name, words in BIN_WORDS.items() if report.bins[name]],
        columns=["What becomes of the rows", "Rows"],
    )
    bins.loc[len(bins)] = ["all rows of the file", report.rows]
    st.dataframe(bins, hide_index=True, width="stretch")
    for note in report.notes:
        st.text(note)
    aside = report.outcomes[report.outcomes["bin"].isin(["rejected", "needs_review"])]
    if len(aside):
        with st.expander(f"Rows to mend or to look at: {len(aside):,}", expanded=True):
            shown = aside[["row", "bin", "column", "value", "reason", "mend"]]
            st.dataframe(shown.head(1000), hide_index=True, width="stretch")
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
    names = session.current_facts().edition.units.set_index("code")["name_common"].to_dict()
    for incident, units in list(examined.assembled.options.items())[:20]:
        words = {"": "not settled", KEEP: "leave it as coarse as it is"}
        words |= {unit: f"{names.get(unit, unit)} ({unit})" for unit in units}
        text = f"Row {rows[incident]}: where was it?"
        _choice(examined, place_key(incident), text, list(words), words)
    titles = examined.held["incidents"].set_index("incident_id")["title"].to_dict()
    pairs = examined.comparison.duplicates.groupby("incident_id")["other_id"].agg(list)
    for incident, others in list(pairs.items())[:20]:
        words = {"": "not settled", KEEP: "another incident: keep both"}
        words |= {other: f"the same as: {titles[other]} ({other})" for other in others}
        text = f"Row {rows[incident]}: is it one we have?"
        _choice(examined, duplicate_key(str(incident)), text, list(words), words)
    if examined.report.withdrawn:
        n = len(examined.report.withdrawn)
        words = {"": "keep them", "yes": "withdraw them"}
        text = f"{n:,} incidents of this source are no longer in the file"
        _choice(examined, WITHDRAW_KEY, text, list(words), words)


def _choice(
    examined: Examined, key: str, text: str, options: list[str], words: Mapping[str, str]
) -> None:
    answers = st.session_state[ANSWERS][examined.report.sha256]
    widget = f"answer to {key}"

    def settle() -> None:
        chosen = st.session_state[widget]
        if chosen:
            answers[key] = chosen
        else:
            answers.pop(key, None)

    st.session_state[widget] = answers.get(key, "")
    st.selectbox(text, options, format_func=words.__getitem__, key=widget, on_change=settle)


def draw_preview(examined: Examined) -> None:
    """Draw the map and the totals by province before and after publishing."""
    before = session.current_facts()
    tables = preview(examined)
    after = Facts(
        before.revision, tables, before.edition, {at: place_bins(tables, at) for at in LEVELS}
    )
    query = MapQuery()
    known = (before, after)
    series = with_same_classes([map_series(facts, query) for facts in known])
    views = [map_view(facts, one) for facts, one in zip(known, series, strict=True)]
    left, right = st.columns(2)
    for column, view, words in ((left, views[0], "Before"), (right, views[1], "After")):
        with column:
            st.markdown(f"**{words}: {view.counts.total.incidents:,} incidents**")
            draw_areas(
                before.edition,
                map_message(view, selected="", shows_marks=False),
                key=f"upload preview {words}",
            )
            beside_map.draw_legend(view, shows_marks=False)
    tables_of = [area_table(view).set_index(["Code", "Area"])["Incidents"] for view in views]
    both = pd.DataFrame({"Before": tables_of[0], "After": tables_of[1]}).fillna(0).astype("int64")
    both["Change"] = both["After"] - both["Before"]
    moved = both[both["Change"] != 0].reset_index()
    if moved.empty:
        st.info("Publishing would change no total.")
    else:
        st.dataframe(moved, hide_index=True, width="stretch")
