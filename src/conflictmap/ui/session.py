"""What every page starts from: settings, store, edition, viewer, and the facts of a revision.

Everything cached here is read-only. A cache's key is all that changes its answer: the revision, the
viewer's sight, the restrictions that hold for it, the filters; never the person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.auth_util import get_secrets_auth_section
from streamlit.runtime.scriptrunner import get_script_run_ctx

from conflictmap.access import LOCAL_ADMINISTRATOR, Action, Sight, Viewer, require
from conflictmap.background import boundary_note
from conflictmap.boundaries import BoundaryEdition, read_edition
from conflictmap.errors import AccessError
from conflictmap.reports import publish_reports
from conflictmap.settings import Settings, read_settings
from conflictmap.slides.snapshot import Surroundings, surroundings
from conflictmap.store import Store, latest_revision, load_revisions, open_store, policy
from conflictmap.ui.visit import AT_THE_MACHINE, Visit, read_visit
from conflictmap.views.archive_facts import open_facts
from conflictmap.views.facts import Facts, FactsKey
from conflictmap.views.limits import limit_at, limit_for, note_for, require_lists
from conflictmap.views.map_view import MapSeries, MapView, map_series, map_view
from conflictmap.views.query import MapQuery

_LATEST, _POLICY = "latest revision of this run", "policy of this run"
_VISIT = "visit of this run"
_CONNECTED_AT = "connected at"


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """Return the settings of this installation, read once."""
    return read_settings()


@st.cache_resource(show_spinner="Reading the boundaries ...")
def edition() -> BoundaryEdition:
    """Return the boundary edition in use."""
    return read_edition(settings().edition_folder)


@st.cache_resource(show_spinner="Opening the store ...")
def store() -> Store:
    """Return the open store; a new one of real data is filled with the coded reports first."""
    opened = open_store(settings().store_url)
    if not opened.is_synthetic and latest_revision(opened, viewer=LOCAL_ADMINISTRATOR) == 0:
        for _ in publish_reports(
            opened, settings().data_folder, edition(), viewer=LOCAL_ADMINISTRATOR
        ):
            pass
    return opened


def boundary_notes() -> tuple[str, str]:
    """Return how the boundaries are to be read: the edition's disclaimer, the chosen treatment."""
    return edition().disclaimer, boundary_note(settings(), edition())


def slide_surroundings(facts: Facts) -> Surroundings:
    """Return what slides and briefs of these facts take from the installation and the store."""
    return surroundings(store(), settings(), facts, viewer=current_viewer())


def current_visit() -> Visit:
    """Return who is here, asked for once in a run: a role that changed acts at the next one."""
    if settings().sign_in == "none":
        return AT_THE_MACHINE
    visit: Visit = once_a_run(_VISIT, _read_visit)
    return visit


def _read_visit() -> Visit:
    client_id = settings().openid_client_id or get_secrets_auth_section().get("client_id", "")
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    return read_visit(
        st.user.to_dict(),
        settings(),
        store,
        client_id=client_id,
        first_seen=st.session_state.setdefault(_CONNECTED_AT, now),
    )


def current_viewer() -> Viewer:
    """Return who is looking: on a laptop the administrator.

    Raises
    ------
    AccessError
        If nobody is who may read anything.
    """
    viewer = current_visit().viewer
    if viewer is None:
        raise AccessError("Sign in first, or ask an administrator for a role.")
    return viewer


def viewer_who_may(action: Action) -> Viewer:
    """Return who is looking, or refuse: the first line of every page.

    Raises
    ------
    AccessError
        If their role does not allow it.
    """
    viewer = current_viewer()
    require(viewer, action)
    return viewer


def once_a_run(name: str, ask: Callable[[], Any]) -> Any:
    """Return what was asked for in this run of the page, or ask: all its parts see the same."""
    run = get_script_run_ctx()
    held = getattr(run, name, None)
    if run is None or held is None or held[0] is not run.cursors:  # made anew for each run
        held = (getattr(run, "cursors", None), ask())
        if run is not None:
            setattr(run, name, held)
    return held[1]


def current_facts(revision: int | None = None) -> Facts:
    """Return all that is known at a revision (the latest by default), for the current viewer."""
    viewer = current_viewer()
    at = _latest(viewer) if revision is None else revision
    return _facts((at, viewer.sight, _policy(viewer)), viewer)


def revision_names() -> dict[str, str]:
    """Return the number and note of each revision by its number as text, newest first."""
    viewer = current_viewer()
    return _revision_names(_latest(viewer), viewer.sight, viewer)


@st.cache_resource(show_spinner=False, max_entries=8)
def _revision_names(latest: int, sight: Sight, _viewer: Viewer) -> dict[str, str]:
    revisions = load_revisions(store(), viewer=_viewer)
    names = {str(row.revision): f"{row.revision}: {row.note}" for row in revisions.itertuples()}
    return names | {"0": "0: before the first report"}


def _latest(viewer: Viewer) -> int:
    """Return the latest revision, asked for once in a run: all parts of a page show the same."""
    return int(once_a_run(_LATEST, lambda: latest_revision(store(), viewer=viewer)))


def _policy(viewer: Viewer) -> str:
    """Return the restrictions that hold for the viewer, as a key; full sight has none."""
    if viewer.sight == "full":
        return ""
    return str(once_a_run(_POLICY, lambda: policy(store())))


def current_map(query: MapQuery) -> MapView:
    """Return the map of a query, from the cached series of its time slider."""
    facts = current_facts(query.revision)
    series = current_series(query)
    return map_view(facts, series, query.shown, has_could_be=query.has_could_be)


def second_map(query: MapQuery) -> MapView | None:
    """Return the map that a query is compared with: another step of the same slider, if any."""
    if not query.against:
        return None
    facts = current_facts(query.revision)
    return map_view(facts, current_series(query), query.against)


def small_number_limit() -> int:
    """Return the smallest number that the current viewer is shown; 0 where all are."""
    return limit_for(settings(), current_viewer())


def draw_limit_note() -> None:
    """Tell a viewer who sees all what others are not shown."""
    if note := note_for(settings(), current_viewer()):
        st.caption(note)


def lists_incidents() -> bool:
    """Say whether the current viewer is shown single incidents: each is a count of one."""
    return not small_number_limit()


def require_incidents_listed() -> None:
    """Refuse a page of single incidents where they are not listed.

    Raises
    ------
    QueryError
        With the reason, and what to open instead.
    """
    require_lists(settings(), current_viewer().sight)


def current_series(query: MapQuery) -> MapSeries:
    """Return every position of the time slider of a query."""
    facts = current_facts(query.revision)
    return _series(query_of_series(query), facts.key, facts)


def query_of_series(query: MapQuery) -> MapQuery:
    """Return the query without what does not change the counts."""
    query = replace(query, shown="", against="", area="", incident="", revision=None)
    return replace(query, has_could_be=False)


@st.cache_resource(show_spinner="Reading the reports ...", max_entries=8)
def _facts(key: FactsKey, _viewer: Viewer) -> Facts:
    is_limited = bool(limit_at(settings(), _viewer.sight))
    return open_facts(store(), edition(), viewer=_viewer, revision=key[0], is_limited=is_limited)


@st.cache_resource(show_spinner="Counting ...", max_entries=64)
def _series(query: MapQuery, key: FactsKey, _facts: Facts) -> MapSeries:
    return map_series(_facts, query, suppress_below=limit_at(settings(), _facts.sight))
