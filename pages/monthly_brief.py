"""Monthly brief page: what the reports say of a period, in words and tables, to read and export."""

import streamlit as st

from conflictmap.ui import alerts_panel, brief_page, controls, session

session.viewer_who_may("make exports")
query = controls.current_query()
facts = session.current_facts(query.revision)
controls.filters_in_sidebar(query)

st.subheader("Monthly brief")
brief_page.choose_month(query, facts)
brief = brief_page.current_brief(query, facts)
brief_page.draw_changes(query, facts)
left, right = st.columns([3, 1.1], gap="medium")
with left:
    alerts_panel.draw_alerts(facts, query.chosen.period)
    brief_page.draw_brief(brief, query, facts)
with right:
    brief_page.offer_files(brief, facts)
    brief_page.draw_kept()
