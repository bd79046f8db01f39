"""Map page: a measure by province or district, over a chosen period."""

import streamlit as st

from conflictmap.ui import beside_map, controls, map_backdrop, map_drawing, panel, session
from conflictmap.ui.map_message import map_message
from conflictmap.views.area_panel import area_panel

session.viewer_who_may("read")
query = controls.current_query()
series = session.current_series(query)
query = controls.with_steps_of(query, series)
view = session.current_map(query)
facts = session.current_facts(query.revision)

# The map is told first, so that it is drawn while the rest is still on its way.
above, (left, right) = st.container(), st.columns([3, 2], gap="medium")
shows_marks = controls.shows_places()
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
    beside_map.draw_why_no_steps(facts, query)
    beside_map.draw_legend(view, shows_marks=shows_marks)
with above:
    st.subheader(view.title)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.choose_measure(query)
        controls.choose_level(query)
        controls.choose_step(query)
    with st.container(horizontal=True, vertical_alignment="center"):
        controls.choose_time_options(query, series)
        controls.choose_could_be(query)
        controls.choose_places()
        controls.choose_classes(query, series)
    beside_map.draw_counts(view)
    beside_map.draw_what_it_is_not(view)
    if view.counts.refusal:
        st.warning(view.counts.refusal)
    elif view.is_empty:
        st.info(beside_map.why_empty(view))
with right:
    controls.choose_area(query, view)
    if query.area and session.lists_incidents():
        panel.draw_area_panel(facts, area_panel(facts, controls.shown_filter(view), query.area))
    else:
        beside_map.draw_area_table(view)
    beside_map.offer_area_file(
        view, boundary_notes=session.boundary_notes(), is_synthetic=facts.is_synthetic
    )
    beside_map.offer_slide()
    beside_map.draw_in_words(view)
if query.incident and session.lists_incidents():
    panel.draw_evidence(facts, query.incident)
controls.filters_in_sidebar(query)
session.draw_limit_note()
st.text(view.caption)
st.text(view.disclaimer)
map_backdrop.draw_notes(session.settings(), session.edition())
