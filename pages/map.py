"""Map page: a measure by province or district, over a chosen period."""

import streamlit as st

from conflictmap.export import export_csv
from conflictmap.ui import beside_map, controls, map_drawing, panel, session
from conflictmap.views.incidents import area_panel
from conflictmap.views.map_view import area_table

query = controls.current_query()
controls.filters_in_sidebar(query)
title = st.empty()
with st.container(horizontal=True, vertical_alignment="bottom"):
    controls.choose_measure(query)
    controls.choose_level(query)
    controls.choose_step(query)
    query = controls.choose_shown(query, session.current_series(query))

view = session.current_map(query)
title.subheader(view.title)
beside_map.draw_counts(view)
beside_map.draw_what_it_is_not(view)
if view.counts.refusal:
    st.warning(view.counts.refusal)
elif view.is_empty:
    st.info(beside_map.why_empty(view))

left, right = st.columns([3, 2], gap="medium")
with left:
    shows_marks = st.toggle("Show the places of incidents", value=True)
    map_drawing.draw_areas(
        session.edition(),
        map_drawing.map_message(view, selected=query.area, shows_marks=shows_marks),
        key=controls.MAP_KEY,
        on_click=controls.open_clicked_area,
    )
    beside_map.draw_legend(view, shows_marks=shows_marks)
with right:
    controls.choose_area(query, view)
    facts = session.current_facts(query.revision)
    if query.area:
        panel.draw_area_panel(area_panel(facts, controls.shown_filter(view), query.area))
    table = area_table(view)
    if not query.area:
        st.dataframe(table, hide_index=True, width="stretch", placeholder="no figure", height=360)
    st.download_button(
        "Download the areas as CSV",
        lambda: export_csv(table, notes=[view.title, view.caption, view.disclaimer]),
        file_name=f"{query.measure}-by-{query.level}-revision-{view.revision}.csv",
        mime="text/csv",
        on_click="ignore",
    )
if query.incident:
    panel.draw_evidence(facts, query.incident)
st.text(view.caption)
st.text(view.disclaimer)
