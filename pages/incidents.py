"""Incidents page: the table, a time line, and the evidence of one incident."""

import streamlit as st

from conflictmap.export import export_csv
from conflictmap.ui import controls, panel, session, time_line
from conflictmap.views.incident_table import incident_table
from conflictmap.views.incidents import (
    MOST_IN_FILE,
    ids_of,
    in_order,
    incident_caption,
    selected,
    shown_rows,
)

session.viewer_who_may("read")
query = controls.current_query()
controls.filters_in_sidebar(query)
facts = session.current_facts(query.revision)
found = selected(facts, query.chosen, query.area)

st.subheader("Incidents")
session.require_incidents_listed()
session.draw_limit_note()
controls.choose_area_of_incidents(query, facts)
with_undated = False
if len(found["not dated"]):
    with_undated = st.toggle(
        f"Also show {len(found['not dated'])} that are not dated to this period", value=False
    )
shown = shown_rows(found, with_undated=with_undated)

if not len(shown):
    st.info("No incident matches. Widen the dates, or clear a filter in the sidebar.")
else:
    time_line.draw_time_line(facts, shown)
    shown = in_order(facts, shown)
    some = panel.choose_rows(shown, key="incidents")
    panel.draw_incident_table(incident_table(facts, ids_of(facts, some)), key="incidents")
    caption = incident_caption(facts, found, with_undated=with_undated)
    which = "these" if len(some) == len(shown) else f"all {len(shown):,}"
    if len(shown) > MOST_IN_FILE:
        st.text(
            f"{len(shown):,} incidents are too many to download: a file holds at most"
            f" {MOST_IN_FILE:,}. Choose a shorter period."
        )
    else:
        st.download_button(
            f"Download {which} incidents as CSV",
            lambda: export_csv(
                incident_table(facts, ids_of(facts, shown)).reset_index(),
                notes=[caption, *session.boundary_notes()],
                is_synthetic=facts.is_synthetic,
            ),
            file_name=f"incidents-revision-{facts.revision}.csv",
            mime="text/csv",
            on_click="ignore",
        )
    st.text(caption)
if query.incident:
    panel.draw_evidence(facts, query.incident)
