"""The way in and the way out: what stands on every page before there is somebody to show it to."""

from __future__ import annotations

import streamlit as st
from streamlit.errors import StreamlitAuthError

from conflictmap.identity import NOT_SIGNED_IN
from conflictmap.store.people import sign_out_oneself
from conflictmap.ui import session
from conflictmap.ui.visit import Visit


def draw_way_in(visit: Visit, *, name: str, about: str) -> None:
    """Draw what somebody without a role sees on every page: a way in, or whom to ask. No data.

    Parameters
    ----------
    name, about
        Of the dashboard; fixed words.
    """
    st.title(name)
    st.text(about)
    if visit.identity is not None:
        _tell_whom_to_ask(visit)
    elif session.settings().sign_in == "openid":
        if visit.refusal != NOT_SIGNED_IN:
            st.info(visit.refusal)
        _offer_sign_in()
    else:
        st.info(visit.refusal)


def draw_person(visit: Visit) -> None:
    """Draw who is signed in and the way out, in the sidebar; on a laptop nothing."""
    if visit.identity is None or visit.viewer is None:
        return
    with st.sidebar.container(gap=None):
        st.text(visit.viewer.name)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(visit.viewer.role.capitalize())
            _offer_sign_out(visit)


def _offer_sign_in() -> None:
    if st.button("Sign in", type="primary"):
        try:
            st.login()
        except StreamlitAuthError:
            st.error("The sign-in is not set up. Whoever runs the dashboard finds how in the docs.")


def _tell_whom_to_ask(visit: Visit) -> None:
    st.warning("You are signed in, but you have no access yet.")
    if visit.identity is not None:
        st.text(f"Signed in as {visit.identity.person}.")
    administrator = session.settings().first_administrator
    whom = f" Write to {administrator}." if administrator else ""
    st.text(f"An administrator of this dashboard can give you a role.{whom}")
    _offer_sign_out(visit)


def _offer_sign_out(visit: Visit) -> None:
    """Draw the button that ends every sign-in of the person, here and elsewhere."""
    if st.button("Sign out", type="tertiary", icon=":material/logout:", key="sign out"):
        if visit.identity is not None:
            who = visit.identity
            sign_out_oneself(session.store(), who.person, signed_in_at=who.signed_in_at)
        if session.settings().sign_in == "openid":
            st.logout()
        else:
            st.rerun()
