"""The brief on its page: choosing a month, reading, changing the wording, keeping, exporting."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from conflictmap.brief.make import make_brief
from conflictmap.brief.model import Brief, Section, Table, with_wording
from conflictmap.brief.scope import (
    BriefScope,
    month_scope,
    period_name,
    read_scope,
    scope_lists,
)
from conflictmap.brief_files.export import FORMATS, MIME, export_brief
from conflictmap.errors import QueryError
from conflictmap.solar_hijri import AFGHAN_MONTHS, solar_hijri_parts
from conflictmap.store import KeptBrief, keep_brief, load_brief, load_briefs
from conflictmap.ui import controls, session
from conflictmap.views.changes_since import changes_since
from conflictmap.views.changes_words import changes_lines
from conflictmap.views.facts import Facts, FactsKey
from conflictmap.views.limits import NOT_LISTED, limit_at
from conflictmap.views.query import MapQuery

FORMAT_NAMES = {
    "docx": "Word (DOCX)",
    "pptx": "PowerPoint (PPTX)",
    "pdf": "PDF",
    "md": "Markdown",
}
CALENDARS = {"gregorian": "Gregorian", "solar_hijri": "Solar Hijri"}
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

_WORDING, _EDITING = "wording of the brief", "edit the wording"


def choose_month(query: MapQuery, facts: Facts) -> None:
    """Draw the choice of a month of either calendar, which sets the period of the filter."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        calendar = st.selectbox(
            "Calendar", list(CALENDARS), format_func=CALENDARS.__getitem__, width=150
        )
        is_solar = calendar == "solar_hijri"
        names = AFGHAN_MONTHS if is_solar else MONTHS
        first, last = _years(facts, is_solar=is_solar)
        day = query.chosen.period.start or facts.last_date or dt.date(last, 1, 1)
        shown_year, shown_month, _ = (
            solar_hijri_parts(day) if is_solar else (day.year, day.month, day.day)
        )
        month = st.selectbox(
            "Month",
            range(1, 13),
            index=shown_month - 1,
            format_func=lambda number: names[number - 1],
            width=170,
        )
        years = range(max(last, shown_year), min(first, shown_year) - 1, -1)
        year = st.selectbox("Year", years, index=years.index(shown_year), width=110)

        def show_month() -> None:
            scope = month_scope(year, month, is_solar_hijri=is_solar)
            controls.change_filter(period=scope.period)

        st.button("Show this month", on_click=show_month)
        st.button(
            "All dates",
            on_click=lambda: controls.change_filter(period=BriefScope().period),
            disabled=query.chosen.period.is_all_dates,
        )


def _years(facts: Facts, *, is_solar: bool) -> tuple[int, int]:
    days = [day or dt.date(2021, 8, 15) for day in (facts.first_date, facts.last_date)]
    published = facts.tables["sources"]["published_date"].dropna()
    if len(published):
        days[1] = max(days[1], published.max().date())
    years = [solar_hijri_parts(day)[0] if is_solar else day.year for day in days]
    return years[0], years[1]


def current_brief(query: MapQuery, facts: Facts) -> Brief:
    """Return the brief of the current filter, in the words of the editor where there are any."""
    brief = _made(query.chosen, facts.key, limit_at(session.settings(), facts.sight), facts)
    of_this = (query.chosen, facts.revision)
    held = st.session_state.get(_WORDING)
    if held is None or held[0] != of_this:
        return brief
    return with_wording(brief, held[1])


@st.cache_resource(show_spinner="Writing the brief ...", max_entries=16)
def _made(scope: BriefScope, key: FactsKey, suppress_below: int, _facts: Facts) -> Brief:
    return make_brief(_facts, scope, suppress_below=suppress_below)


def draw_brief(brief: Brief, query: MapQuery, facts: Facts) -> None:
    """Draw the brief; while its wording is edited, with a field for each paragraph."""
    st.subheader(brief.title)
    st.text(brief.subtitle)
    columns = st.columns(max(1, len(brief.headline)))
    for column, headline in zip(columns, brief.headline, strict=False):
        with column.container(border=True):
            st.caption(headline.label)
            number, _, parts = headline.words.partition(" (")
            st.subheader(number, anchor=False)
            if parts:
                st.text(parts.removesuffix(")"))
            if headline.before_words:
                st.caption(f"In the period before: {headline.before_words}")
    is_editing = st.toggle("Edit the wording", key=_EDITING)
    if is_editing:
        st.caption("Numbers in the headlines and tables stay as they are counted.")
    for section in brief.sections:
        _draw_section(section, query, facts, is_editing=is_editing)
    with st.expander("How it was counted"):
        for note in brief.notes:
            st.text(note)
    st.text(brief.disclaimer)


def _draw_section(section: Section, query: MapQuery, facts: Facts, *, is_editing: bool) -> None:
    st.markdown(f"#### {section.heading}")
    for part in section.paragraphs:
        if is_editing:
            key = f"words of {part.key} {hash((query.chosen, facts.revision))}"
            st.text_area(
                "Paragraph",
                part.text,
                key=key,
                label_visibility="collapsed",
                height="content",
                max_chars=5000,
                on_change=_reword,
                args=(part.key, key, (query.chosen, facts.revision)),
            )
        else:
            st.text(part.text)
        if part.is_edited:
            st.caption("Edited by hand.")
    for table in section.tables:
        _draw_table(table)


def _reword(paragraph: str, key: str, of_this: Any) -> None:
    held = st.session_state.get(_WORDING)
    wording = dict(held[1]) if held and held[0] == of_this else {}
    wording[paragraph] = st.session_state[key]
    st.session_state[_WORDING] = (of_this, wording)


def _draw_table(table: Table) -> None:
    if not table.rows:
        return
    st.markdown(f"**{table.title}**")
    rows = pd.DataFrame(
        [[None if cell is None else str(cell) for cell in row] for row in table.rows],
        columns=list(table.columns),
        dtype="str",
    )
    st.dataframe(rows, hide_index=True, width="stretch", placeholder="not stated")
    if table.note:
        st.caption(table.note)


def offer_files(brief: Brief, facts: Facts) -> None:
    """Offer the brief as a file, and to keep it."""
    marking = st.text_input("Handling marking", max_chars=60, placeholder="None")
    format_name = st.selectbox("Format", FORMATS, format_func=FORMAT_NAMES.__getitem__)
    around = session.slide_surroundings(facts)
    st.download_button(
        "Download the brief",
        lambda: export_brief(brief, facts, format_name, around=around, marking=marking),
        file_name=f"brief-{_label(brief)}-revision-{brief.revision}.{format_name}",
        mime=MIME[format_name],
        on_click="ignore",
        type="primary",
        width="stretch",
    )
    with st.popover("Keep this brief", width="stretch"):
        name = st.text_input("Name", value=period_name(brief.scope.period), max_chars=80)
        st.caption(
            "It is kept with its revision and your wording, and can be made again later, number by"
            " number, as it was known then."
        )
        if st.button("Keep", disabled=not name.strip()):
            _keep(brief, name.strip(), marking)


def _keep(brief: Brief, name: str, marking: str) -> None:
    wording = {key: part.text for key, part in brief.paragraphs.items() if part.is_edited}
    number = keep_brief(
        session.store(),
        name=name,
        revision=brief.revision,
        scope=scope_lists(brief.scope),
        wording=wording,
        marking=marking,
        viewer=session.current_viewer(),
    )
    st.success(f"Kept as brief {number}.")


def draw_kept() -> None:
    """Draw the kept briefs, each to be opened again as it was known then."""
    viewer = session.current_viewer()
    kept = load_briefs(session.store(), viewer=viewer)
    if kept.empty:
        st.caption("No brief is kept yet.")
        return
    names = {
        int(row.brief_id): f"{row.name}, revision {row.revision}, kept {row.kept_at:%Y-%m-%d}"
        + ("" if row.sight == viewer.sight else ", without what is for analysts only")
        for row in kept.itertuples()
    }
    number = st.selectbox(
        "Kept briefs",
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder="Choose one to open it",
        key="kept brief",
    )
    if number is not None:
        st.button("Open as it was known then", on_click=_open, args=(number,), width="stretch")


def _open(number: int) -> None:
    found: KeptBrief = load_brief(session.store(), number, viewer=session.current_viewer())
    scope = read_scope(found.scope)
    controls.change(chosen=scope, revision=found.revision, shown="", incident="", area="")
    st.session_state[_WORDING] = ((scope, found.revision), dict(found.wording))


def draw_changes(query: MapQuery, facts: Facts) -> None:
    """Draw what has changed since the revision of the brief, where it is not the latest."""
    latest = session.current_facts(None)
    if facts.revision == latest.revision:
        return
    st.info(
        f"This is the brief as it was known at revision {facts.revision}; the latest is"
        f" {latest.revision}."
    )
    if not session.lists_incidents():
        st.info(NOT_LISTED)
        return
    with st.expander("What changed since", expanded=True):
        try:
            lines = changes_lines(changes_since(facts, latest, query.chosen))
        except QueryError as error:  # of too many incidents; the brief itself can be read
            lines = (str(error),)
        for line in lines:
            st.text(line)


def _label(brief: Brief) -> str:
    return brief.scope.period.key or "all-dates"
