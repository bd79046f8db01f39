"""What every page starts from: settings, store, edition, viewer, and the facts of a revision.

Everything cached here is read-only. A cache's key is all that changes its answer: the revision, the
viewer's role, the filters.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.background import boundary_note
from conflictmap.boundaries import BoundaryEdition, read_edition
from conflictmap.reports import publish_reports
from conflictmap.settings import Settings, read_settings
from conflictmap.slides.snapshot import Surroundings, surroundings
from conflictmap.store import Store, latest_revision, load_revisions, open_store
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.map_view import MapSeries, MapView, map_series, map_view
from conflictmap.views.query import MapQuery

_LATEST = "latest revision of this run"


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


def current_viewer() -> Viewer:
    """Return who is looking: on a laptop the administrator."""
    return LOCAL_ADMINISTRATOR


def current_facts(revision: int | None = None) -> Facts:
    """Return all that is known at a revision (the latest by default), for the current viewer."""
    viewer = current_viewer()
    return _facts(_latest(viewer) if revision is None else revision, viewer)


def revision_names() -> dict[str, str]:
    """Return the number and note of each revision by its number as text, newest first."""
    return _revision_names(_latest(current_viewer()), current_viewer())


@st.cache_resource(show_spinner=False, max_entries=8)
def _revision_names(latest: int, viewer: Viewer) -> dict[str, str]:
    revisions = load_revisions(store(), viewer=viewer)
    names = {str(row.revision): f"{row.revision}: {row.note}" for row in revisions.itertuples()}
    return names | {"0": "0: before the first report"}


def _latest(viewer: Viewer) -> int:
    """Return the latest revision, asked for once in a run: all parts of a page show the same."""
    run = get_script_run_ctx()
    held = getattr(run, _LATEST, None)
    if run is None or held is None or held[0] is not run.cursors:  # made anew for each run
        held = (getattr(run, "cursors", None), latest_revision(store(), viewer=viewer))
        if run is not None:
            setattr(run, _LATEST, held)
    return int(held[1])


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


def current_series(query: MapQuery) -> MapSeries:
    """Return every position of the time slider of a query."""
    facts = current_facts(query.revision)
    return _series(query_of_series(query), facts.revision, current_viewer(), facts)


def query_of_series(query: MapQuery) -> MapQuery:
    """Return the query without what does not change the counts."""
    query = replace(query, shown="", against="", area="", incident="", revision=None)
    return replace(query, has_could_be=False)


@st.cache_resource(show_spinner="Reading the reports ...", max_entries=8)
def _facts(revision: int, viewer: Viewer) -> Facts:
    return load_facts(store(), edition(), viewer=viewer, revision=revision)


@st.cache_resource(show_spinner="Counting ...", max_entries=64)
def _series(query: MapQuery, revision: int, viewer: Viewer, _facts: Facts) -> MapSeries:
    return map_series(_facts, query, suppress_below=settings().suppress_below)
