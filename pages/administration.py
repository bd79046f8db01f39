"""Administration page: people, roles, what was done by whom, uploads, and the store's health."""

import streamlit as st

from conflictmap.ui import administration, administration_log, outcome, session

viewer = session.viewer_who_may("administer")
st.subheader("Administration")
outcome.draw_outcome(administration.DONE)
administration.draw_how_people_sign_in()
people, log, uploads, store = st.tabs(["People and roles", "Audit log", "Uploads", "Store"])
with people:
    administration.draw_people(viewer)
    administration.draw_rules(viewer)
with log:
    administration_log.draw_log(viewer)
with uploads:
    administration_log.draw_uploads(viewer)
with store:
    administration_log.draw_store_health(viewer)
