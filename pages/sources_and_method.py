"""Sources and method page: what was read, by which rules, on which boundaries, and how to cite."""

import streamlit as st

from conflictmap.boundaries import read_card
from conflictmap.settings import ROOT
from conflictmap.store import load_revisions
from conflictmap.ui import session
from conflictmap.ui.choices import asked_facts
from conflictmap.ui.method_panel import (
    draw_edition,
    draw_reports,
    draw_revisions,
    draw_rules,
    draw_software,
)

session.viewer_who_may("read")
st.subheader("Sources and method")
facts = asked_facts()

st.warning(
    f"**The {len(facts.tables['sources'])} reports read here are no coverage of the country.** They"
    " tell of what they tell. Where the map shows nothing, nothing was read: that is not peace, and"
    " a higher count is not more violence. No count here is an estimate of what happened.",
    icon=":material/info:",
)
draw_reports(facts)
draw_rules(session.settings().data_folder / "README.md", ROOT / "docs" / "coding_log.md")
draw_edition(facts, read_card(session.settings().edition_folder))
draw_revisions(load_revisions(session.store(), viewer=session.current_viewer()))
draw_software()
st.caption(f"Revision {facts.revision}.")
