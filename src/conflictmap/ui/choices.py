"""Choices that stand in the address, for the pages that do not share the filters of incidents.

The address decides: a widget shows what it says, and a change of the widget is written into it.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from conflictmap.ui import controls, session
from conflictmap.views.facts import Facts


def asked_facts() -> Facts:
    """Return the facts at the revision of the address or the session, and offer another one."""
    query = controls.current_query()
    controls.revision_in_sidebar(query)
    if query.revision is not None:
        st.info(f"Shown as known at revision {query.revision}, which may not be the latest.")
    facts = session.current_facts(query.revision)
    if facts.sight_note:
        st.caption(facts.sight_note)
    return facts


def choose_in_address(
    parameter: str, text: str, names: Mapping[str, str], *, nothing: str = "All"
) -> str:
    """Draw a choice of one of some names, or of nothing, and keep it in the address.

    Parameters
    ----------
    parameter
        Its name in the address.
    names
        The name shown for each value.
    nothing
        What is shown for no choice.

    Returns
    -------
    str
        The value chosen, or "". A value that does not exist is told to the reader.
    """
    key = _key(parameter)
    asked = st.query_params.get(parameter, "")
    if asked and asked not in names:
        st.error("The link names something that is not here. Choose from the list instead.")
        st.text(f"{parameter}: {' '.join(asked.split())[:80]}")
        asked = ""
    st.session_state[key] = asked
    st.selectbox(
        text,
        ["", *names],
        format_func=lambda value: names.get(value, nothing),
        key=key,
        on_change=lambda: put_in_address(parameter, st.session_state[key]),
    )
    return asked


def put_in_address(parameter: str, value: str) -> None:
    """Write a choice into the address; an empty one is left out."""
    if value:
        st.query_params[parameter] = value
    elif parameter in st.query_params:
        del st.query_params[parameter]


def _key(parameter: str) -> str:
    return f"address: {parameter}"
