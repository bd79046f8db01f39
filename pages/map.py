"""Map page: a measure by province or district, over a chosen period."""

import streamlit as st

from conflictmap.ui import beside_map, controls, map_backdrop, map_drawing, panel, session
from conflictmap.ui.map_message import map_message
from conflictmap.views.incidents import area_panel

query = controls.current_query()
controls.filters_in_sidebar(query)
title = st.empty()
with st.container(horizontal=True, vertical_alignment="bottom"):
    controls.choose_measure(query)
    controls.choose_level(query)
    controls.choose_step(query)
series = session.current_series(query)
with st.container(horizontal=True, vertical_alignment="center"):
    query = controls.choose_time_options(query, series)
    controls.choose_could_be(query)
    shows_marks = st.toggle("Places of incidents", value=True)
    controls.choose_classes(query, series)

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
    map_drawing.draw_areas(
        session.edition(),
        map_message(
            view,
            series,
            selected=query.area,
            shows_marks=shows_marks,
            against=session.second_map(query),
            seen=controls.last_seen_of_map(),
        ),
        key=controls.MAP_KEY,
        on_told=controls.follow_map,
    )
    beside_map.draw_why_no_steps(session.current_facts(query.revision), query)
    beside_map.draw_legend(view, shows_marks=shows_marks)
with right:
    controls.choose_area(query, view)
    facts = session.current_facts(query.revision)
    if query.area:
        panel.draw_area_panel(area_panel(facts, controls.shown_filter(view), query.area))
    else:
        beside_map.draw_area_table(view)
    beside_map.offer_area_file(
        view, boundary_notes=session.boundary_notes(), is_synthetic=facts.is_synthetic
    )
    beside_map.draw_in_words(view)
if query.incident:
    panel.draw_evidence(facts, query.incident)
st.text(view.caption)
st.text(view.disclaimer)
map_backdrop.draw_notes(session.settings(), session.edition())
