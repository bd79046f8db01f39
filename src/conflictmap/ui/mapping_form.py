"""Saying which column of an unknown sheet means what; and the templates that need no such thing."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from conflictmap.errors import IncidentFileError
from conflictmap.ingest.first_rows import FirstRows, read_first_rows, rows_as_read
from conflictmap.ingest.model import RawTable
from conflictmap.ingest.profiles.fields import FIELDS
from conflictmap.ingest.profiles.mapping import (
    ColumnMapping,
    check_mapping,
    propose_mapping,
    read_mapping,
)
from conflictmap.ingest.profiles.template import template_csv, template_xlsx
from conflictmap.ingest.recognise import recognise
from conflictmap.ingest.upload import Progress
from conflictmap.store import load_mappings, save_mapping
from conflictmap.ui import long_work, session
from conflictmap.ui.outcome import attempt
from conflictmap.ui.uploading import DONE, FileInHand, answers_to
from conflictmap.views.facts import Facts, FactsKey

USUAL_FIELDS = {"date", "title", "event_type", "province", "district", "place", "killed"}
USUAL_FIELDS |= {"wounded", "source"}
_NO_COLUMN = ""
_LOOKING = "first look at the upload"
_READING_KEYS = ("encoding", "delimiter", "header", "sheet")  # of answers that change the rows


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
        The mapping; empty where the layout is known; None while it is not complete, or while the
        file is still being read.
    """
    raw = _first_look(file)
    if raw is None:
        return None
    found = recognise(raw)
    if found.refusal:
        raise IncidentFileError(f"{raw.label}: {found.label}. {found.refusal}")
    if not found.needs_mapping:
        return {}
    st.text("The columns are of no layout that is known here. Say which column means what.")
    proposed = dict(_start(raw, file).columns)
    columns = [_NO_COLUMN, *raw.cells.columns]
    chosen: dict[str, str] = {}
    rows = st.container()
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
    with rows:
        _draw_first_rows(raw, mapping)
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

        def keep() -> str:
            viewer = session.current_viewer()
            save_mapping(session.store(), name, mapping.to_dict(), viewer=viewer)
            return f"The mapping is kept as {name.strip()}."

        st.button("Keep", on_click=attempt, args=(DONE, keep), disabled=not name.strip())


def _draw_first_rows(raw: RawTable, mapping: ColumnMapping) -> None:
    """Draw the first rows as they are and, beside them, as the choice of columns reads them."""
    facts, answers = session.current_facts(), answers_to(raw.sha256)
    key = (raw.sha256, tuple(sorted(mapping.columns.items())), tuple(sorted(answers.items())))
    first = _first_rows(key, facts.key, facts, raw, mapping, answers)
    left, right = st.columns([2, 3])
    with left:
        st.markdown("**The first rows of the file**")
        st.dataframe(first.cells, width="stretch")
    with right:
        st.markdown("**The same rows as they would be read**")
        st.dataframe(first.read, width="stretch")
    if len(first.problems):
        st.markdown("**What is wrong or open in these rows**")
        st.dataframe(first.problems, hide_index=True, width="stretch")


@st.cache_resource(show_spinner=False, max_entries=8)
def _first_rows(
    key: tuple[object, ...],
    of_facts: FactsKey,
    _facts: Facts,
    _raw: RawTable,
    _mapping: ColumnMapping,
    _answers: Mapping[str, str],
) -> FirstRows:
    actors = _facts.tables["actors"]
    names = dict(zip(actors["actor_id"], actors["name"], strict=True))
    return rows_as_read(_raw, _mapping.columns, _answers, session.edition(), names)


def _first_look(file: FileInHand) -> RawTable | None:
    """Return the beginning of the file; None while it is being read, which a workbook makes long.

    The layout shows in it, and the form needs no more: only `examine` reads the whole.
    """
    given = answers_to(file.sha256)
    answers = {key: given[key] for key in _READING_KEYS if key in given}

    def look(progress: Progress) -> RawTable:
        progress("recognising", 0.0)
        return read_first_rows(file.content, file.name, answers)

    key = (file.name, tuple(answers.items()))
    raw: RawTable | None = long_work.worked_out(_LOOKING, file.sha256, key, look)
    return raw
