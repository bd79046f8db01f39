"""The panel of a province or district, and the evidence of one incident.

Words that come from sources are shown as text, never as markdown or HTML.
"""

from __future__ import annotations

import hashlib

import pandas as pd
import streamlit as st

from conflictmap.schema import label
from conflictmap.ui import controls, session
from conflictmap.views.area_panel import AreaPanel
from conflictmap.views.evidence import Evidence, evidence
from conflictmap.views.facts import Facts
from conflictmap.views.incident_table import SHOWN_COLUMNS, incident_table
from conflictmap.views.incident_words import PRECISION_NAMES, when
from conflictmap.views.incidents import Array, ids_of
from conflictmap.views.limits import require_lists

MOST_ROWS = 500
"""Rows of a table of incidents at a time: all of them go to the browser with every run."""

MOST_PARTS = 200
"""Parts of a table that stand in a list to choose from; of more of them, a number is asked for."""

NARROW_COLUMNS = ["When", "What", "Killed", "Wounded"]


def draw_area_panel(facts: Facts, panel: AreaPanel) -> None:
    """Draw what is known of an area."""
    st.subheader(panel.name)
    names = "  \u00b7  ".join(
        dict.fromkeys(name for name in (panel.name_fa, panel.name_ps) if name)
    )
    kind = f"District of {panel.province}" if panel.province else "Province"
    st.text(f"{names}\n{kind}, {panel.code}")
    if panel.doubt:
        st.warning(panel.doubt, icon=":material/help:")
    if not len(panel.rows):
        st.info(
            "No report in the sources read places an incident here under these filters. That says"
            " what was read, not that nothing happened."
        )
        return
    if panel.totals.empty:
        st.caption("No figure of people harmed was given.")
    else:
        st.dataframe(panel.totals, hide_index=True, width="stretch", placeholder="not stated")
    key = f"incidents of {panel.code}"
    shown = ids_of(facts, choose_rows(panel.rows, key=key))
    draw_incident_table(incident_table(facts, shown), key=key, narrow=True)
    st.text(f"Reports: {', '.join(panel.reports)}")


def choose_rows(rows: Array, *, key: str) -> Array:
    """Draw the choice of a part where a table has many rows; return the rows of that part."""
    n = len(rows)
    if n <= MOST_ROWS:
        return rows
    parts, key = range(0, n, MOST_ROWS), f"{key}: part of {n}"

    def words(first: int) -> str:
        return f"{first + 1:,} to {min(first + MOST_ROWS, n):,}"

    if len(parts) <= MOST_PARTS:
        text = f"Rows of {n:,}, oldest first"
        start = st.selectbox(text, parts, format_func=words, key=key, width=260)
    else:
        text = f"Part of {n:,} rows, oldest first: 1 to {len(parts):,}"
        start = parts[st.number_input(text, 1, len(parts), key=key, width=340) - 1]
        st.caption(f"Rows {words(start)}. A shorter period has fewer.")
    return rows[start : start + MOST_ROWS]


def draw_incident_table(rows: pd.DataFrame, *, key: str, narrow: bool = False) -> None:
    """Draw a table of incidents; a chosen row opens the evidence, the same row again closes it."""
    columns = NARROW_COLUMNS if narrow else SHOWN_COLUMNS
    # In other rows, the number of the row chosen is another incident. A key goes to the browser.
    key = f"{key}: {hashlib.sha256(' '.join(rows.index).encode()).hexdigest()}"

    def open_row() -> None:
        picked = st.session_state[key]["selection"]["rows"]
        controls.open_incident(str(rows.index[picked[0]]) if picked else "")

    st.dataframe(
        rows[columns].replace({"Killed": "", "Wounded": ""}, "no figure"),
        hide_index=True,
        width="stretch",
        key=key,
        on_select=open_row,
        selection_mode="single-row",
        column_config={"What": st.column_config.TextColumn(width="medium" if narrow else "large")},
    )
    st.caption("Choose a row to read the evidence behind it.")


def draw_evidence(facts: Facts, incident_id: str) -> None:
    """Draw one incident with what each source said of it."""
    require_lists(session.settings(), facts.sight)
    found = evidence(facts, incident_id)
    row = pd.Series(found.incident)
    with st.container(border=True):
        title, closing = st.columns([5, 1])
        title.subheader("Evidence")
        closing.button("Close", on_click=controls.open_incident, args=("",), width="stretch")
        st.text(_line(row["title"]))
        if pd.notna(row["description"]):
            st.text(row["description"])
        dates = f"{when(row)} (known to: {row['date_precision']}; {row['date_basis']})"
        words = (
            f', in the words of the source: "{row["date_words"]}"'
            if pd.notna(row["date_words"])
            else ""
        )
        st.text(f"When: {dates}{words}\nType: {label(row['event_type'])}\nId: {incident_id}")
        st.text(_where(facts, found))
        _table("Figures, each as its source gives it", _figures(found))
        _table("Who is named as perpetrator, by whom", _attributions(facts, found))
        _table("What each report said", _statements(found))
        if facts.sight_note:
            st.caption(
                f"{facts.sight_note} They may have been stated where this says that nothing was."
            )
        if pd.notna(row["coder_note"]):
            st.text(f"Coder's note, from outside the sources: {row['coder_note']}")


def _where(facts: Facts, found: Evidence) -> str:
    names = facts.names_of("province") | facts.names_of("district")
    lines = []
    for place in found.places.itertuples():
        stated = [place.place_words, place.place_name, place.district_name, place.province_name]
        words = ", ".join(
            dict.fromkeys(str(part) for part in [*stated, place.country] if pd.notna(part))
        )
        unit = place.adm2_code if pd.notna(place.adm2_code) else place.adm1_code
        joined = f"drawn in {names[unit]}" if pd.notna(unit) else "not drawn in any area"
        lines.append(
            f"Where: {words or 'not stated'} (known to: {PRECISION_NAMES[place.geo_precision]};"
            f" {joined}, found by: {place.join_method.replace('_', ' ')})"
        )
    if len(found.candidates):
        pairs = zip(found.candidates["name"], found.candidates["unit_code"], strict=True)
        units = ", ".join(f"{name} ({code})" for name, code in pairs)
        lines.append(f"It may be any of: {units}. None is taken.")
    return "\n".join(lines) or "Where: not stated"


def _figures(found: Evidence) -> pd.DataFrame:
    rows = found.casualties
    whom = rows[["nationality", "community", "sex", "age"]].apply(
        lambda row: ", ".join(str(value) for value in row.dropna()), axis=1
    )
    return pd.DataFrame(
        {
            "Group": rows["victim_group"].map(label),
            "Harm": rows["harm"].map(label),
            "Low": rows["low"],
            "Best": rows["best"],
            "High": rows["high"],
            "Words": rows["words"],
            "Of whom": rows["is_subset"].map({True: "yes: not added", False: ""}),
            "In the sums": rows["is_counted"].map({True: "yes", False: "no"}),
            "Further": whom if len(rows) else [],
            "Said by": rows["said_by"],
            "Report": rows["source_id"],
        }
    )


def _attributions(facts: Facts, found: Evidence) -> pd.DataFrame:
    actors = facts.tables["actors"].set_index("actor_id")["name"]
    rows = found.attributions
    return pd.DataFrame(
        {
            "Actor": rows["actor_id"].map(actors),
            "How": rows["kind"].map(label),
            "By whom": rows["by_whom"],
            "What is said": rows["words"],
            "Report": rows["source_id"],
        }
    )


def _statements(found: Evidence) -> pd.DataFrame:
    rows = found.statements
    return pd.DataFrame(
        {
            "Report": rows["source_id"],
            "Paragraph": rows["paragraph"],
            "What it said, in our words": rows["statement"],
        }
    )


def _table(title: str, rows: pd.DataFrame) -> None:
    st.markdown(f"**{title}**")
    if rows.empty:
        st.caption("None.")
    else:
        st.dataframe(
            rows.dropna(axis="columns", how="all"),
            hide_index=True,
            width="stretch",
            placeholder="not stated",
        )


def _line(text: object) -> str:
    return " ".join(str(text).split())
