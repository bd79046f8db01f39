"""Published figures page: what others counted, beside our own count of the same."""

import streamlit as st

from conflictmap.ui import session
from conflictmap.ui.choices import asked_facts, choose_in_address
from conflictmap.ui.figure_panel import (
    HOW_TO_READ,
    current_comparisons,
    draw_arithmetic,
    draw_comparisons,
    draw_figure,
)
from conflictmap.views.scopes import OUR_ARITHMETIC

session.viewer_who_may("read")
st.subheader("Published figures")
st.markdown(
    "What others counted, beside our own count of the same measure, period, area, perpetrator and"
    " victim group. The two are **compared, never added**. The difference is ours less theirs."
)
facts = asked_facts()
compared = current_comparisons(facts)
published = [row for row in compared if row.basis != OUR_ARITHMETIC]
arithmetic = [row for row in compared if row.basis == OUR_ARITHMETIC]

if not published:
    st.info("No report in the sources read gives a published figure at this revision.")
else:
    publishers = {row.publisher: row.publisher for row in published}
    publisher = choose_in_address("publisher", "Publisher", publishers)
    shown = [row for row in published if publisher in ("", row.publisher)]
    draw_comparisons(shown)
    st.caption(f"{len(shown)} of {len(published)} figures. Revision {facts.revision}.")
    with st.expander("How to read this table", icon=":material/help:"):
        st.markdown(HOW_TO_READ)

    figure = choose_in_address(
        "figure",
        "One figure in detail",
        {row.tally_id: row.label for row in compared},
        nothing="Choose one, or a row of the table",
    )
    for row in compared:
        if row.tally_id == figure:
            draw_figure(row)

if arithmetic:
    st.markdown("#### Our arithmetic on published figures")
    st.caption("Worked out here. Nobody published these; they are kept apart from what was said.")
    draw_arithmetic(arithmetic)
