"""The day of the page on deployments: in the address, on the slider, and kept in the session."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from conflictmap.errors import QueryError
from conflictmap.ui import controls, session
from conflictmap.views.deployments import DeploymentsView, deployments_as_of, read_day

_DAY, _SLIDER = "as of", "choice of as of"


def asked_view() -> DeploymentsView:
    """Return the view that the address asks for.

    Without a day in it: the one chosen before the reader went to another page, else the latest.
    What cannot be read is told to the reader, and the default shown instead.
    """
    query = controls.current_query()
    controls.revision_in_sidebar(query)
    try:
        day = _asked_day()
    except QueryError as error:
        st.error("The link cannot be shown as it is. A default is shown instead.")
        st.text(str(error))
        day = None
    view = deployments_as_of(session.current_facts(query.revision), day)
    _remember(day)
    return view


def choose_day(view: DeploymentsView) -> None:
    """Draw the slider over the days on which something is dated; a choice stands in the address."""
    if view.day is None:
        return
    stops = sorted({*view.days, view.day})
    st.session_state[_SLIDER] = view.day
    if len(stops) < 2:
        return
    latest = view.days[-1]

    def store_choice() -> None:
        day = st.session_state[_SLIDER]
        _remember(None if day == latest else day)

    st.select_slider(
        "As of the day",
        stops,
        format_func=lambda day: f"{day:%Y-%m-%d}",
        key=_SLIDER,
        on_change=store_choice,
    )


def _asked_day() -> dt.date | None:
    if text := st.query_params.get("asof"):
        return read_day(text)
    # The slider's key is gone after a visit to another page; only then the day kept counts.
    return None if _SLIDER in st.session_state else st.session_state.get(_DAY)


def _remember(day: dt.date | None) -> None:
    """Keep the day for a return to the page, and make the address say what is shown."""
    st.session_state[_DAY] = day
    if day is None:
        st.query_params.pop("asof", None)
    elif st.query_params.get("asof") != day.isoformat():
        st.query_params["asof"] = day.isoformat()
