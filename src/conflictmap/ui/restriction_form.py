"""Restrictions on the page of corrections: what is for analysts only, made and lifted with reasons.

Ids and reasons are shown in fields and by ``st.dataframe`` only: never as markup.
"""

from __future__ import annotations

import streamlit as st

from conflictmap.schema import TABLES
from conflictmap.store import lift, load_restrictions, restrict
from conflictmap.store.restrictions import FIELDS, MOST_REASON_CHARACTERS, SUBJECTS
from conflictmap.ui import session
from conflictmap.ui.outcome import attempt, draw_outcome

PART_NAMES = {
    "everything": "Everything: it is not there for them",
    "place": "The place below its province, and the words",
    "words": "The words: titles, descriptions, statements",
    "figures": "The figures, and the words",
    "attributions": "Who is named as perpetrator, and the words",
}
_SUBJECT_NAMES = {"incidents": "An incident", "sources": "A source, with all its rows"}
_DONE = "outcome of the restriction"
_FIELDS = ("table", "id", "part", "reason")


def draw_restrictions() -> None:
    """Draw the form of a restriction, and those in force with the way to lift each."""
    with st.expander("For analysts only", icon=":material/visibility_off:"):
        draw_outcome(_DONE)
        st.caption(
            "Viewers and briefers are given the rest, at every revision, on every page and in every"
            " file. They are not told what is missing. Exact places of homes, schools, clinics and"
            " persons are withheld from them in any case."
        )
        with st.form("form of restrictions", border=False):
            left, right = st.columns(2)
            left.selectbox(
                "What", SUBJECTS, format_func=_SUBJECT_NAMES.__getitem__, key=_key("table")
            )
            right.text_input("Its id *", max_chars=200, key=_key("id"))
            st.selectbox("What of it", FIELDS, format_func=PART_NAMES.__getitem__, key=_key("part"))
            st.text_input("Reason *", max_chars=MOST_REASON_CHARACTERS, key=_key("reason"))
            st.form_submit_button(
                "Restrict", type="primary", on_click=attempt, args=(_DONE, _restrict)
            )
        _draw_in_force()


def _restrict() -> str:
    table, subject, part, reason = (st.session_state[_key(name)] for name in _FIELDS)
    viewer = session.current_viewer()
    number = restrict(session.store(), table, subject.strip(), part, reason=reason, viewer=viewer)
    return f"Restriction {number}: {TABLES[table].row}, {subject.strip()}, {part}."


def _draw_in_force() -> None:
    store, viewer = session.store(), session.current_viewer()
    rows = load_restrictions(store, viewer=viewer)
    if rows.empty:
        st.caption("Nothing is restricted.")
        return
    names = {
        "restriction_id": "No.",
        "subject_table": "What",
        "subject_id": "Id",
        "field": "Part",
        "reason": "Reason",
        "added_at": "Since (UTC)",
        "added_by": "By",
    }
    st.dataframe(rows[list(names)].rename(columns=names), hide_index=True, width="stretch")
    labels = {
        row.restriction_id: f"{row.restriction_id}: {row.subject_id}, {row.field}"
        for row in rows.itertuples()
    }
    number = st.selectbox("Restriction", list(labels), format_func=labels.__getitem__)

    def lift_it() -> str:
        lift(store, number, viewer=session.current_viewer())
        return f"Restriction {number} is lifted."

    st.button("Lift it", on_click=attempt, args=(_DONE, lift_it))


def _key(name: str) -> str:
    return f"restriction: {name}"
