"""The time line of incidents: a bar a month, and one for what no month holds."""

from __future__ import annotations

import altair as alt
import streamlit as st

from conflictmap.views.facts import Facts
from conflictmap.views.incidents import UNDATED, Array, time_line

BAR, UNDATED_BAR = "#2f7fb5", "#8b969e"  # stand out on a light page and on a dark one


def draw_time_line(facts: Facts, rows: Array) -> None:
    """Draw incidents by month with an "undated" bar; the months in between stand empty."""
    counts = time_line(facts, rows)
    every = 1 + len(counts) // 18  # as many months as can be read, and "undated" in any case
    shown = [*counts["month"].iloc[:-1:every], UNDATED]
    chart = (
        alt.Chart(counts, height=170)
        .mark_bar()
        .encode(
            x=alt.X(
                "month:N",
                sort=None,
                title=None,
                axis=alt.Axis(labelAngle=-45, values=shown),
            ),
            y=alt.Y(
                "incidents:Q",
                title="Incidents",
                axis=alt.Axis(tickMinStep=1, format="d"),
                scale=alt.Scale(nice=True, zero=True),
            ),
            color=alt.condition(alt.datum.month == UNDATED, alt.value(UNDATED_BAR), alt.value(BAR)),
            tooltip=[alt.Tooltip("month:N", title="Month"), alt.Tooltip("incidents:Q")],
        )
    )
    st.altair_chart(chart, width="stretch")
    undated = int(counts["incidents"].iloc[-1])
    st.caption(
        f"Incidents by month; {undated:,} known to no single month stand under \u201cundated\u201d."
    )
