"""The filters in the sidebar, and the address that always says what they are set to.

The query is kept under one key of the session, apart from the widgets, so that it survives a change
of page; the address is written from it. An address that differs from the one we wrote comes from
the reader (a shared link, the back button) and wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from conflictmap.classes import METHOD_NAMES, MOST_BREAKS
from conflictmap.errors import QueryError
from conflictmap.filters import KNOWN, KNOWN_NAMES, IncidentFilter
from conflictmap.periods import Period
from conflictmap.schema import COMMUNITIES, EVENT_TYPES, VICTIM_GROUPS, label
from conflictmap.ui.map_drawing import clicked_area, last_told, rested_at
from conflictmap.ui.session import current_facts, revision_names, small_number_limit
from conflictmap.views.facts import Facts
from conflictmap.views.incidents import districts_with_incidents
from conflictmap.views.map_view import MapSeries, MapView, why_not_asked
from conflictmap.views.query import (
    ALL_STEPS,
    EARLIEST,
    LATEST,
    MEASURE_NAMES,
    PARAMETERS,
    MapQuery,
    check_query,
    known_part,
    read_breaks,
    read_query,
    write_breaks,
)

MAP_KEY = "map of areas"

_PLACES = "places of incidents"

STEP_NAMES = {
    "day": "Days",
    "week": "Weeks",
    "month": "Months",
    "quarter": "Quarters",
    "year": "Years",
    "sh_month": "Solar Hijri months",
    "sh_year": "Solar Hijri years",
}

_QUERY, _WRITTEN, _PLACE = "query", "written parameters", "place"
_ALLOWED = "last query that could be shown"
_BREAKS_PROBLEM = "problem with the breaks"
_LATEST = "latest"


def current_query() -> MapQuery:
    """Return what the reader asked to see: from the address, else from the session."""
    parameters, place = _own_parameters(), st.context.url
    has_stayed = place is not None and place == st.session_state.get(_PLACE)
    st.session_state[_PLACE] = place
    if parameters and parameters != st.session_state.get(_WRITTEN):
        try:
            query = read_query(parameters)
            check_query(query, current_facts(query.revision))
        except QueryError as error:
            st.error("The link cannot be shown as it is. The defaults are shown instead.")
            st.text(str(error))
            query = MapQuery()
        remember(query)
    elif _QUERY not in st.session_state or (has_stayed and not parameters):
        remember(MapQuery())  # only a change of page empties the address of a query that is kept
    else:
        remember(st.session_state[_QUERY])
    return _released(st.session_state[_QUERY])


def _released(query: MapQuery) -> MapQuery:
    """Return the query, or where small numbers are suppressed the last one that may be asked."""
    if not small_number_limit():
        return query
    reason = why_not_asked(current_facts(None), query)
    if not reason:
        st.session_state[_ALLOWED] = query
        return query
    st.warning("This view is not shown. The one before it is.")
    st.text(reason)
    before: MapQuery = st.session_state.get(_ALLOWED, MapQuery())
    remember(before)
    return before


def remember(query: MapQuery) -> None:
    """Keep a query for the next run and write it into the address."""
    parameters = query.parameters()
    st.session_state[_QUERY] = query
    st.session_state[_WRITTEN] = {
        name: [values] if isinstance(values, str) else values for name, values in parameters.items()
    }
    if _own_parameters() != st.session_state[_WRITTEN]:
        others: dict[str, str | list[str]] = {
            name: st.query_params.get_all(name) for name in _other_parameters()
        }
        st.query_params.from_dict(others | parameters)


def _own_parameters() -> dict[str, list[str]]:
    """Return what the address says of the query; a page's own parameters are not ours."""
    return {name: st.query_params.get_all(name) for name in st.query_params if name in PARAMETERS}


def _other_parameters() -> list[str]:
    return [name for name in st.query_params if name not in PARAMETERS]


def change(**fields: object) -> None:
    """Change fields of the current query, for a widget's callback."""
    remember(replace(st.session_state[_QUERY], **fields))


def change_filter(**fields: object) -> None:
    """Change fields of the current filter, for a widget's callback."""
    query = st.session_state[_QUERY]
    change(chosen=replace(query.chosen, **fields), shown="")


def filters_in_sidebar(query: MapQuery) -> None:
    """Draw the filters that all pages on incidents share."""
    facts = current_facts(query.revision)
    chosen = query.chosen
    with st.sidebar:
        st.subheader("Filters")
        _period(chosen)
        _several("actors", "Named as perpetrator", _actors(facts), chosen.actors)
        _one("known", "How the perpetrator is known", KNOWN_NAMES, KNOWN, chosen.known)
        _several("event_types", "Type of incident", _labels(EVENT_TYPES), chosen.event_types)
        _several("victim_groups", "Victim group", _labels(VICTIM_GROUPS), chosen.victim_groups)
        _several("communities", "Community targeted", _labels(COMMUNITIES), chosen.communities)
        _several("sources", "Report", _sources(facts), chosen.sources)
        _choose_revision(query)
        st.button(
            "Clear all filters",
            on_click=_clear,
            disabled=query.chosen == IncidentFilter() and query.revision is None,
            width="stretch",
        )


def revision_in_sidebar(query: MapQuery) -> None:
    """Draw the choice of a revision, for pages that have no filters on incidents."""
    with st.sidebar:
        _choose_revision(query)


def choose_measure(query: MapQuery) -> None:
    """Draw the choice of what the map measures."""
    _choose("measure", "Measure", MEASURE_NAMES, query.measure, st.selectbox, width=320)


def choose_level(query: MapQuery) -> None:
    """Draw the choice between provinces and districts."""
    names = {"province": "Provinces", "district": "Districts"}
    _choose("level", "Level", names, query.level, st.segmented_control, also={"area": ""})


def choose_step(query: MapQuery) -> None:
    """Draw the choice of the time slider's steps, and whether they add up."""
    also = {"shown": "", "against": ""}
    _choose("step", "Time in", STEP_NAMES, query.step, st.selectbox, also=also, width=200)


def with_steps_of(query: MapQuery, series: MapSeries) -> MapQuery:
    """Return the query with steps that the time slider has."""
    if query.shown not in series.keys:
        query = replace(query, shown="")
    if query.against not in (*series.keys[1:], ALL_STEPS):
        query = replace(query, against="")
    remember(query)
    return query


def choose_time_options(query: MapQuery, series: MapSeries) -> None:
    """Draw what the time slider may do besides."""
    _switch("Add up from the start", query.is_cumulative, lambda on: change(is_cumulative=on))
    if len(series.steps) > 1:
        _switch(
            "Compare two periods",
            bool(query.against),
            lambda on: change(against=_other_step(series, query) if on else ""),
        )


def shows_places() -> bool:
    """Say whether the reader wants the places of incidents on the map."""
    return bool(st.session_state.setdefault(_PLACES, True))


def choose_places() -> None:
    """Draw the choice whether the places of incidents are on the map."""
    st.toggle("Places of incidents", key=_PLACES)


def _other_step(series: MapSeries, query: MapQuery) -> str:
    """Return the step before the one shown; the last one beside the whole period."""
    place = series.keys.index(query.shown)
    return series.keys[place - 1] or ALL_STEPS


def choose_classes(query: MapQuery, series: MapSeries) -> None:
    """Draw the choice of how class breaks are chosen; own ones begin as those in use."""
    key = _key("classes", query.classes)

    def store_method() -> None:
        method = st.session_state[key]
        own = series.classes.breaks or (2.0,)
        change(classes=method, breaks=own if method == "user" else ())

    with st.popover("Classes"):
        st.selectbox(
            "Breaks chosen by",
            list(METHOD_NAMES),
            format_func=lambda name: METHOD_NAMES[name][0].upper() + METHOD_NAMES[name][1:],
            key=key,
            on_change=store_method,
        )
        if query.classes == "user":
            _choose_breaks(query)
        st.caption(
            "The breaks are the same at every step of the time slider. Those of a change are the"
            " same on both sides of 0."
        )


def _choose_breaks(query: MapQuery) -> None:
    key = _key("breaks", write_breaks(query.breaks))

    def store_breaks() -> None:
        try:
            breaks = read_breaks(st.session_state[key])
        except QueryError as error:
            st.session_state[_BREAKS_PROBLEM] = str(error)
        else:
            change(breaks=breaks or query.breaks)

    st.text_input(
        "Classes begin at",
        key=key,
        on_change=store_breaks,
        help=f"Up to {MOST_BREAKS} numbers from low to high, for example 5,20,50. What lies below"
        " the first is a class of its own.",
    )
    if problem := st.session_state.pop(_BREAKS_PROBLEM, ""):
        st.error(problem)


def choose_could_be(query: MapQuery) -> None:
    """Draw the choice whether to show what each area could hold."""
    _switch("Could be here", query.has_could_be, lambda is_on: change(has_could_be=is_on))


def choose_area_of_incidents(query: MapQuery, facts: Facts) -> None:
    """Draw the choice of a province or district to list the incidents of."""
    provinces, districts = facts.names_of("province"), facts.names_of("district")
    names = {"": "All places"} | dict(sorted(provinces.items(), key=lambda item: item[1]))
    for code in districts_with_incidents(facts):
        names[code] = f"{districts[code]}, {provinces[code[:6]]}"
    if query.area not in names:
        names[query.area] = facts.name_of(query.area)
    _choose("area", "Placed in", names, query.area, st.selectbox, width=320)


def open_incident(incident_id: str) -> None:
    """Open the evidence of an incident, or close it: for a table's callback."""
    change(incident=incident_id)


def choose_area(query: MapQuery, view: MapView) -> None:
    """Draw the choice of an area by name: the same as a click on the map, for the keyboard."""
    names = {"": "All areas"}
    ordered = sorted(view.counts.areas, key=lambda area: area.name)
    provinces = {area.code: area.name for area in view.counts.areas if len(area.code) == 6}
    if not provinces:
        provinces = current_facts(query.revision).names_of("province")
    for area in ordered:
        district_of = f", {provinces[area.code[:6]]}" if len(area.code) > 6 else ""
        names[area.code] = f"{area.name}{district_of}"
    if query.area not in names:  # the panel is of the other level than the map
        names[query.area] = current_facts(query.revision).name_of(query.area)
    _choose("area", "Area", names, query.area, st.selectbox)


def follow_map() -> None:
    """Do what the reader asked on the map: open an area that was clicked, go where a slider is."""
    told = st.session_state.get(MAP_KEY)
    if area := clicked_area(told):
        change(area=area)
    if (key := rested_at(told, "time")) is not None:
        change(shown=key)
    if (key := rested_at(told, "against")) is not None:
        change(against=key or ALL_STEPS)


def last_seen_of_map() -> int:
    """Return the number of the last thing that the map told."""
    return last_told(st.session_state.get(MAP_KEY))


def shown_filter(view: MapView) -> IncidentFilter:
    """Return the filter of exactly what a view shows: its period is the slider's."""
    return replace(view.query.chosen, period=view.counts.period)


def _choose(
    field: str,
    text: str,
    names: Mapping[str, str],
    value: str,
    widget: Callable[..., object],
    *,
    also: Mapping[str, str] | None = None,
    **options: object,
) -> None:
    """Draw a control for one field of the query; a choice stands in the address at once."""
    key = _key(field, value)

    def store_choice() -> None:
        chosen = st.session_state[key]
        if chosen is not None:  # else a segment was clicked off again: it stays chosen
            change(**{field: chosen}, **(also or {}))

    widget(
        text, list(names), format_func=names.__getitem__, key=key, on_change=store_choice, **options
    )


def _switch(text: str, is_on: bool, turn: Callable[[bool], None]) -> None:
    """Draw a toggle that shows the query, which alone decides."""
    key = _key(text, is_on)
    st.toggle(text, key=key, on_change=lambda: turn(st.session_state[key]))


def _several(field: str, text: str, names: Mapping[str, str], chosen: tuple[str, ...]) -> None:
    key = _key(field, list(chosen))
    st.multiselect(
        text,
        list(names),
        format_func=names.__getitem__,
        key=key,
        placeholder="All",
        on_change=lambda: change_filter(**{field: tuple(st.session_state[key])}),
    )


def _one(
    field: str, text: str, names: Mapping[str, str], values: tuple[str, ...], chosen: str
) -> None:
    key = _key(field, chosen)
    st.selectbox(
        text,
        values,
        format_func=names.__getitem__,
        key=key,
        on_change=lambda: change_filter(**{field: st.session_state[key]}),
    )


def _period(chosen: IncidentFilter) -> None:
    first, last = st.columns(2)
    from_key, to_key = _key("from", chosen.period.start), _key("to", chosen.period.end)

    def store_period() -> None:
        start, end = st.session_state[from_key], st.session_state[to_key]
        if start and end and end < start:
            start, end = end, start
        change_filter(period=Period(start, end))

    limits: dict[str, Any] = {"min_value": EARLIEST, "max_value": LATEST, "format": "YYYY-MM-DD"}
    with first:
        st.date_input("From", key=from_key, value=None, on_change=store_period, **limits)
    with last:
        st.date_input("To", key=to_key, value=None, on_change=store_period, **limits)


def _choose_revision(query: MapQuery) -> None:
    names = {_LATEST: "Latest"} | revision_names()
    key = _key("revision", _LATEST if query.revision is None else str(query.revision))

    def store_revision() -> None:
        chosen = st.session_state[key]
        revision = None if chosen == _LATEST else int(chosen)
        asked = replace(st.session_state[_QUERY], revision=revision, shown="")
        # Nothing would pass a filter by what that revision does not know.
        remember(known_part(asked, current_facts(revision)))

    st.selectbox(
        "As known at revision",
        list(names),
        format_func=names.__getitem__,
        key=key,
        help="Nothing is overwritten: choose an earlier revision to see what was known then.",
        on_change=store_revision,
    )


def _clear() -> None:
    change(chosen=IncidentFilter(), revision=None, shown="")


def _key(field: str, value: object) -> str:
    """Return the key of a field's widget, after making it show the query, which alone decides."""
    key = f"choice of {field}"
    st.session_state[key] = value
    return key


def _actors(facts: Facts) -> dict[str, str]:
    actors = facts.tables["actors"]
    named = list(facts.index.attributions["actor_id"].values)
    rows = actors[actors["actor_id"].isin(named)].sort_values("name")
    return dict(zip(rows["actor_id"], rows["name"], strict=True))


def _sources(facts: Facts) -> dict[str, str]:
    rows = facts.tables["sources"].sort_values("reading_order")
    return {row.source_id: f"{row.publisher} ({row.source_id})" for row in rows.itertuples()}


def _labels(values: tuple[str, ...]) -> dict[str, str]:
    return {value: label(value) for value in values}
