"""Armed groups and claims page: who takes part, under which names, and what is claimed of whom."""

import streamlit as st

from conflictmap.ui import session
from conflictmap.ui.choices import asked_facts, choose_in_address
from conflictmap.ui.group_panel import draw_claims, draw_group
from conflictmap.ui.records import draw_rows_to_open
from conflictmap.views.groups import group, register

session.viewer_who_may("read")
st.subheader("Armed groups and claims")
facts = asked_facts()
groups = register(facts)

if groups.empty:
    st.info("No report in the sources read names an armed group at this revision.")
else:
    actor_id = choose_in_address(
        "actor_id", "Group or force", groups["Name"].to_dict(), nothing="Choose one, or a row below"
    )
    if actor_id:
        draw_group(group(facts, actor_id), lists_incidents=session.lists_incidents())

    st.markdown("#### Register")
    st.caption(
        "**Incidents** counts those that a report says it claimed, or attributes to it, suspects"
        " it of or says it took part in; a statement that only disputes this names nobody. That a"
        " group is named says who is said to have done it, not that it is proven."
    )
    draw_rows_to_open(groups, "actor_id")

st.markdown("#### Claims")
st.markdown(
    "A claim is a statement that is no incident: a number of fighters, a presence, an intention, a"
    " denial. It stands here with who says it. **No claim is in any count of this dashboard.**"
)
if facts.tables["claims"].empty:
    st.info("No report in the sources read makes a claim at this revision.")
else:
    draw_claims(facts)
st.caption(f"Revision {facts.revision}.")
