"""Saying which column of an unknown sheet means what; and the templates that need no such thing."""

from __future__ import annotations

import streamlit as st

from conflictmap.errors import IncidentFileError
from conflictmap.ingest.model import RawTable
from conflictmap.ingest.profiles.fields import FIELDS
from conflictmap.ingest.profiles.mapping import (
    ColumnMapping,
    check_mapping,
    propose_mapping,
    read_mapping,
)
from conflictmap.ingest.profiles.template import template_csv, template_xlsx
from conflictmap.ingest.reading import read_raw
from conflictmap.ingest.recognise import recognise
from conflictmap.store import load_mappings, save_mapping
from conflictmap.ui import session
from conflictmap.ui.uploading import FileInHand

ROWS_SHOWN = 10
USUAL_FIELDS = {"date", "title", "event_type", "province", "district", "place", "killed"}
USUAL_FIELDS |= {"wounded", "source"}
_NO_COLUMN = ""


def offer_templates() -> None:
    """Draw the downloads of our own template."""
    with st.container(horizontal=True):
        st.download_button(
            "Template as CSV", template_csv, file_name="incidents-template.csv", on_click="ignore"
        )
        st.download_button(
            "Template as XLSX",
            template_xlsx,
            file_name="incidents-template.xlsx",
            on_click="ignore",
        )


def ask_mapping(file: FileInHand) -> dict[str, object] | None:
    """Ask for a mapping where the file's layout is unknown.

    Returns
    -------
    dict
        The mapping; empty where the layout is known; None while it is not complete.
    """
    raw = _raw(file.sha256, file.name, file.content)
    found = recognise(raw)
    if found.refusal:
        raise IncidentFileError(f"{raw.label}: {found.label}. {found.refusal}")
    if not found.needs_mapping:
        return {}
    st.text("The columns are of no layout that is known here. Say which column means what.")
    proposed = dict(_start(raw, file).columns)
    columns = [_NO_COLUMN, *raw.cells.columns]
    chosen: dict[str, str] = {}
    st.dataframe(raw.cells.head(ROWS_SHOWN), width="stretch")
    usual, other = st.container(), st.expander("More fields")
    grids = {True: usual.columns(3), False: other.columns(3)}
    drawn = {True: 0, False: 0}
    for field, meaning in FIELDS.items():
        likely = proposed.get(field, _NO_COLUMN)
        is_usual = field in USUAL_FIELDS or bool(likely)
        column = grids[is_usual][drawn[is_usual] % 3].selectbox(
            meaning,
            columns,
            index=columns.index(likely) if likely in columns else 0,
            format_func=lambda column: column or "no column",
            key=f"column of {field} in {raw.sha256}, first {likely}",
        )
        drawn[is_usual] += 1
        if column:
            chosen[field] = column
    mapping = ColumnMapping(chosen)
    if faults := check_mapping(raw, mapping):
        st.text("\n".join(faults))
        return None
    _offer_to_keep(mapping)
    return dict(mapping.to_dict())


def _start(raw: RawTable, file: FileInHand) -> ColumnMapping:
    """Return what the form begins with: what was kept of the upload, a saved one, or a proposal."""
    if file.resumed and file.resumed.mapping:
        return read_mapping(dict(file.resumed.mapping))
    saved = load_mappings(session.store(), viewer=session.current_viewer())
    fitting = {
        name: mapping
        for name, value in saved.items()
        if not check_mapping(raw, mapping := read_mapping(value))
    }
    if not fitting:
        return propose_mapping(raw)
    name = st.selectbox(
        "Begin with", ["", *fitting], format_func=lambda name: name or "what the names suggest"
    )
    return fitting[name] if name else propose_mapping(raw)


def _offer_to_keep(mapping: ColumnMapping) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Keep this mapping under a name", max_chars=60, width=320)

        def keep() -> None:
            viewer = session.current_viewer()
            save_mapping(session.store(), name, mapping.to_dict(), viewer=viewer)

        st.button("Keep", on_click=keep, disabled=not name.strip())


@st.cache_resource(show_spinner="Reading the file ...", max_entries=4)
def _raw(digest: str, name: str, _content: bytes) -> RawTable:
    return read_raw(_content, name)
