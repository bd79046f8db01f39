"""Deployments page: where reports last placed units and armed groups, as of a day."""

import streamlit as st

from conflictmap.ui import (
    deployment_controls,
    deployment_drawing,
    deployment_legend,
    deployment_panel,
    map_backdrop,
    session,
    snapshot_form,
)

session.viewer_who_may("read")
st.subheader("Deployments, exercises, new units, searches and visits")
query = deployment_controls.asked_query()
view = deployment_controls.asked_view(query)
groups = deployment_controls.asked_groups(view)

if view.is_empty:
    st.info("No report in the sources read speaks of deployments at this revision.")
else:
    deployment_controls.choose_day(query, view)
    deployment_controls.choose_drawing(query)
    snapshot_form.link_to_deployment_slide(query)
    incidents = deployment_controls.incidents_below(query, view)
    map_side, panel_side = st.columns([3, 2], gap="medium")
    with map_side:
        deployment_drawing.draw_map(view, query=query, groups=groups, incidents=incidents)
    with panel_side:
        if not view.statements:
            st.info("No statement is dated up to this day. Choose a later one.")
        if view.left_out_words:
            st.text(view.left_out_words)
        deployment_panel.draw_details(view, groups)
    legend_side, table_side = st.columns([3, 2], gap="medium")  # on a phone the panel comes first
    with legend_side:
        deployment_legend.draw_legend(query, view, incidents)
    with table_side:
        st.markdown("**Last reported, a unit a row**")
        deployment_panel.draw_statements(view.statements, key="numbered statements")
    st.caption(
        "Each row is what a report last said of a unit, not that the unit is still there: where no"
        " end is stated, the end is not known. The age is counted from the last day the statement"
        " may speak of. A statement that names no unit has a row of its own. Strengths may overlap"
        " and are not added up."
    )
    st.markdown("**Without a day: not on the map**")
    deployment_panel.draw_statements(view.undated, key="undated statements", is_numbered=False)
    st.markdown("**Where armed groups are said to be**")
    deployment_panel.draw_groups(groups)
    st.text(view.caption)
    st.text(session.edition().disclaimer)
    map_backdrop.draw_notes(session.settings(), session.edition())
