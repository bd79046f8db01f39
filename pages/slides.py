"""Slides page: the view of the map as a picture, a drawing or an editable slide."""

import streamlit as st

from conflictmap.errors import QueryError, SettingsError
from conflictmap.ui import controls, session, snapshot_form

query = controls.current_query()
facts = session.current_facts(query.revision)
controls.filters_in_sidebar(query)

st.subheader("Slide of the view on the map")
st.page_link("pages/map.py", label="Change the view on the map", icon=":material/map:")
left, right = st.columns([3, 1.2], gap="medium")
with right:
    asked = snapshot_form.ask(query)
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
