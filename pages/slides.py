"""Slides page: the view of the map, or of deployments, as a picture or an editable slide."""

import streamlit as st

from conflictmap.errors import QueryError, SettingsError
from conflictmap.ui import controls, session, snapshot_form

session.viewer_who_may("make exports")
query = controls.current_query()
facts = session.current_facts(query.revision)
deployments = snapshot_form.asked_deployments()
if deployments is None:
    controls.filters_in_sidebar(query)
else:
    controls.revision_in_sidebar(query)

snapshot_form.draw_heading(deployments)
left, right = st.columns([3, 1.2], gap="medium")
with right:
    asked = snapshot_form.ask(query, deployments)
    template = snapshot_form.ask_template(asked)
with left:
    try:
        snapshot_form.draw_preview(facts, asked)
        with right:
            snapshot_form.offer_file(facts, asked, template)
    except (QueryError, SettingsError) as error:
        st.warning("There is no slide of this.")
        st.text(str(error))
    st.caption(
        "The file carries its view, revision and a checksum. `conflictmap verify FILE` says later"
        " whether it is as it was made, and whether its numbers still hold."
    )
