"""Corrections page: one row, or one table's CSV, added, corrected or withdrawn with a reason."""

import streamlit as st

from conflictmap.ui import (
    controls,
    correction_form,
    outcome,
    restriction_form,
    session,
    table_upload_form,
)

session.viewer_who_may("publish")
controls.current_query()
st.subheader("Corrections")
outcome.draw_outcome(correction_form.DONE)
st.text(
    "Each change is one revision with its reason. Nothing is overwritten: earlier revisions can be"
    " read again, and the Upload page rolls back."
)
table, way = correction_form.choose_table_and_way()

match way:
    case correction_form.CORRECT:
        correction_form.draw_correction(table)
    case correction_form.ADD:
        correction_form.draw_addition(table)
    case _:
        table_upload_form.draw_table_upload(table)
restriction_form.draw_restrictions()
