"""Deployments page: where reports last placed units, as of a day."""

import streamlit as st

from conflictmap.ui import deployment_controls, deployment_drawing, session

st.subheader("Deployments, exercises, new units, searches and visits")
view = deployment_controls.asked_view()

if view.is_empty:
    st.info("No report in the sources read speaks of deployments at this revision.")
else:
    deployment_controls.choose_day(view)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        deployment_drawing.draw_moves(session.edition(), view)
        deployment_drawing.draw_legend()
    with right:
        st.markdown("**Last reported, a unit a row**")
        if view.statements:
            deployment_drawing.draw_table(view.statements, key=f"statements of {view.day}")
        else:
            st.info("No statement is dated up to this day. Choose a later one.")
        if view.later_words:
            st.text(view.later_words)
        deployment_drawing.draw_details(view)
    st.markdown("**Without a day: not on the map**")
    if view.undated:
        hides = ["#", "Age in days"]
        deployment_drawing.draw_table(view.undated, key="undated statements", hides=hides)
    else:
        st.caption("None.")
    st.caption(
        "Each row is what a report last said of a unit, not that the unit is still there: where no"
        " end is stated, the end is not known. The age is counted from the last day the statement"
        " may speak of. A statement that names no unit has a row of its own. Strengths may overlap"
        " and are not added up."
    )
    st.text(view.caption)
    st.text(session.edition().disclaimer)
