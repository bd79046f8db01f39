"""The choices of the page on deployments: in the address, in the widgets, kept in the session.

The query decides, as on the pages of incidents: widgets are drawn from it on every run.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import streamlit as st

from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period
from conflictmap.symbols import SCHEME_NAMES, SCHEMES
from conflictmap.ui import controls, session
from conflictmap.views.deployment_query import (
    LAYER_NAMES,
    LAYERS,
    PARAMETERS,
    DeploymentsQuery,
    read_deployments_query,
)
from conflictmap.views.deployments import DeploymentsView, deployments_as_of
from conflictmap.views.facts import Facts, FactsKey
from conflictmap.views.group_areas import GroupAreasView, group_areas
from conflictmap.views.map_view import MapView
from conflictmap.views.query import EARLIEST, LATEST, MapQuery

_QUERY, _SLIDER, _DATE = "query of deployments", "choice of as of", "date of as of"


def asked_query() -> DeploymentsQuery:
    """Return what the address asks for; without a word in it, what was asked before.

    What cannot be read is told to the reader, and the default shown instead.
    """
    controls.revision_in_sidebar(controls.current_query())
    asked = {name: st.query_params[name] for name in PARAMETERS if name in st.query_params}
    # The widgets' keys are gone after a visit to another page; only then the query kept counts.
    has_stayed = _SLIDER in st.session_state or _DATE in st.session_state
    try:
        if asked or has_stayed:
            query = read_deployments_query(asked)
        else:
            query = st.session_state.get(_QUERY, DeploymentsQuery())
    except QueryError as error:
        st.error("The link cannot be shown as it is. A default is shown instead.")
        st.text(str(error))
        query = DeploymentsQuery()
    _remember(query)
    return query


def asked_view(query: DeploymentsQuery) -> DeploymentsView:
    """Return the deployments of a query, at the revision that all pages share."""
    facts = session.current_facts(controls.current_query().revision)
    return _view(facts.key, query.day, query.only_published, facts)


def asked_groups(view: DeploymentsView) -> GroupAreasView:
    """Return what is said of armed groups and places as of the day of a view."""
    facts = session.current_facts(view.revision)
    return _groups(facts.key, view.day, view.only_published, facts)


def incidents_below(query: DeploymentsQuery, view: DeploymentsView) -> MapView | None:
    """Return the incidents up to the day of a view; None unless a layer shows them."""
    if not {"shading", "incidents"} & set(query.layers):
        return None
    chosen = IncidentFilter(period=Period(None, view.day))
    return session.current_map(MapQuery(chosen=chosen, revision=view.revision))


def choose_day(query: DeploymentsQuery, view: DeploymentsView) -> None:
    """Draw the day, and a slider over the days on which something is dated."""
    if view.day is None:
        return
    st.session_state[_DATE] = view.day
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.date_input(
            "As of the day",
            key=_DATE,
            min_value=EARLIEST,
            max_value=LATEST,
            format="YYYY-MM-DD",
            width=150,
            on_change=lambda: _choose_day(query, view, _DATE),
        )
        _slide(query, view, view.day)
    key = "only published"
    st.session_state[key] = query.only_published
    st.checkbox(
        "Only what was published by that day",
        key=key,
        help="Leaves out the reports that do not say when they were published. Off, a day is shown"
        " with all that the reports read tell of it, however late they did.",
        on_change=lambda: _remember(replace(query, only_published=st.session_state[key])),
    )


def choose_drawing(query: DeploymentsQuery) -> None:
    """Draw the choice of the layers and of whom the frames of symbols stand for."""
    left, right = st.columns([3, 2])
    with left:
        key = "choice of layers"
        st.session_state[key] = list(query.layers)
        st.multiselect(
            "Layers, the lowest first",
            LAYERS,
            format_func=LAYER_NAMES.__getitem__,
            key=key,
            placeholder="None: only the provinces",
            help="Take a layer away and add it again to put it on top of the others.",
            on_change=lambda: _remember(replace(query, layers=tuple(st.session_state[key]))),
        )
    with right:
        scheme_key = "choice of frames"
        st.session_state[scheme_key] = query.scheme
        st.selectbox(
            "Frames of the symbols",
            SCHEMES,
            format_func=SCHEME_NAMES.__getitem__,
            key=scheme_key,
            help="APP-6 frames say friend, hostile, neutral or unknown: as seen by whom is your"
            " choice, and says nothing of what we hold.",
            on_change=lambda: _remember(replace(query, scheme=st.session_state[scheme_key])),
        )


@st.cache_resource(show_spinner=False, max_entries=32)
def _view(
    key: FactsKey, day: dt.date | None, only_published: bool, _facts: Facts
) -> DeploymentsView:
    return deployments_as_of(_facts, day, only_published=only_published)


@st.cache_resource(show_spinner=False, max_entries=32)
def _groups(
    key: FactsKey, day: dt.date | None, only_published: bool, _facts: Facts
) -> GroupAreasView:
    return group_areas(_facts, day, only_published=only_published)


def _slide(query: DeploymentsQuery, view: DeploymentsView, day: dt.date) -> None:
    stops = sorted({*view.days, day})
    st.session_state[_SLIDER] = day
    if len(stops) < 2:
        return
    st.select_slider(
        "Days that a statement speaks of",
        stops,
        format_func=lambda day: f"{day:%Y-%m-%d}",
        key=_SLIDER,
        on_change=lambda: _choose_day(query, view, _SLIDER),
    )


def _choose_day(query: DeploymentsQuery, view: DeploymentsView, key: str) -> None:
    day: Any = st.session_state[key]
    _remember(replace(query, day=None if day == max(view.days, default=None) else day))


def _remember(query: DeploymentsQuery) -> None:
    """Keep a query for a return to the page, and make the address say what is shown."""
    st.session_state[_QUERY] = query
    parameters = query.parameters()
    for name in PARAMETERS:
        if name not in parameters:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != parameters[name]:
            st.query_params[name] = parameters[name]
