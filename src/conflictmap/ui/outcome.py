"""What the press of a button did: kept by the run that did it, told by the next.

Whoever presses a button is asked for anew by the change itself (`session.current_viewer`): their
role may have been taken away since the button was drawn.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from conflictmap.errors import ConflictMapError


def attempt(slot: str, change: Callable[[], str]) -> None:
    """Do a change, and keep under `slot` what became of it.

    Parameters
    ----------
    change
        Does it and returns what was done, in words; they are told by ``st.text``, never as markup.
    """
    try:
        st.session_state[slot] = (True, change())
    except ConflictMapError as error:
        st.session_state[slot] = (False, str(error))


def draw_outcome(slot: str) -> None:
    """Tell what the last press of a button did; once."""
    if slot not in st.session_state:
        return
    is_done, words = st.session_state.pop(slot)
    (st.success if is_done else st.error)("Done." if is_done else "Nothing was changed.")
    st.text(words)
