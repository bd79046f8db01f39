"""Forms for one row of a table: every field follows from the schema.

What rows hold is shown in fields, option lists and by ``st.text`` only: never as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from conflictmap.access import Sight, Viewer, require
from conflictmap.coded_tables import MOST_CHARACTERS, rows_as_text
from conflictmap.corrections import (
    EDITED_TABLES,
    MOST_REASON_CHARACTERS,
    add_rows,
    correct_row,
    withdraw_row,
)
from conflictmap.schema import TABLES, Column, label
from conflictmap.store import first_rows, latest_revision
from conflictmap.ui import session
from conflictmap.ui.outcome import attempt

CORRECT, ADD, UPLOAD = "Correct or withdraw a row", "Add a row", "A table as CSV"
MOST_OPTIONS = 500  # of a select box; beyond, rows are searched and references are typed
MOST_READ = 20_000  # rows of a table that are all read; of more the store looks for those shown

DONE = "outcome of the correction"
_ADDED = "rows added by form"
_LONG = frozenset(("description", "text", "statement", "scope", "coder_note"))
_TITLES = ("title", "name", "label", "text", "alias", "leader_name", "statement", "area_words")
# An incident comes with where it was and who told of it; the rest is added behind.
_COMES_WITH = {"incidents": {"incident_places": "place_no", "incident_sources": "statement_no"}}


def publish(change: Callable[[], int], what: str) -> None:
    """Do a change that makes a revision, see `outcome.attempt`."""
    attempt(DONE, lambda: f"{what} as revision {change()}.")


def choose_table_and_way() -> tuple[str, str]:
    """Draw the choice of a table and of what to do with it."""
    left, right = st.columns(2)
    table = left.selectbox(
        "Table", EDITED_TABLES, index=EDITED_TABLES.index("incidents"), format_func=label
    )
    way = right.radio("What to do", (CORRECT, ADD, UPLOAD), horizontal=True)
    st.caption(f"A row is {TABLES[table].row}.")
    return table, way


def draw_correction(table: str) -> None:
    """Draw the choice of a row, and the form that corrects or withdraws it."""
    opened_at = latest_revision(session.store(), viewer=session.current_viewer())
    found = _search(table, opened_at)
    if found.empty:
        st.info("There is no such row.")
        return
    titles = _titles(table, found)
    chosen = st.selectbox(
        "Row", list(titles), format_func=titles.__getitem__, key=f"row of {table}"
    )
    row = found.iloc[list(titles).index(chosen)]
    held = {name: str(row[name]) for name in TABLES[table].stated_columns}
    key = tuple(held[name] for name in TABLES[table].key)
    # Another revision of the row makes other fields: they show what is held now.
    stem = f"{table} {key} of {row['added_in']}"
    with st.form(f"form of {stem}", border=True):
        _fields(table, held, stem, opened_at, fixed=TABLES[table].key)
        reason = _ask_reason(stem)
        with st.container(horizontal=True):
            st.form_submit_button("Save", type="primary", on_click=lambda: save())
            st.form_submit_button("Withdraw", on_click=lambda: withdraw())

    def save() -> None:
        values = _given(table, held, stem, fixed=TABLES[table].key)
        publish(
            lambda: correct_row(
                session.store(),
                session.edition(),
                table,
                key,
                values,
                opened_at=opened_at,
                reason=st.session_state[reason],
                viewer=session.current_viewer(),
            ),
            "Corrected",
        )

    def withdraw() -> None:
        publish(
            lambda: withdraw_row(
                session.store(),
                table,
                key,
                opened_at=opened_at,
                reason=st.session_state[reason],
                viewer=session.current_viewer(),
            ),
            "Withdrawn",
        )


def draw_addition(table: str) -> None:
    """Draw the form of a new row, with the rows that it cannot be without."""
    at = latest_revision(session.store(), viewer=session.current_viewer())
    parts = _COMES_WITH.get(table, {})
    stem = f"new {table} {st.session_state.get(_ADDED, 0)}"
    fixed = {name: (TABLES[table].key[0], number) for name, number in parts.items()}
    with st.form(f"form of {stem}", border=True):
        _fields(table, {}, stem, at)
        for name, filled in fixed.items():
            st.markdown(f"**{label(name)}: {TABLES[name].row}**")
            _fields(name, {}, f"{stem} {name}", at, left_out=filled)
        reason = _ask_reason(stem)
        st.form_submit_button("Add", type="primary", on_click=lambda: add())

    def add() -> None:
        row = _given(table, {}, stem)
        rows = {table: [row]}
        for name, (key, number) in fixed.items():
            values = _given(name, {}, f"{stem} {name}", fixed=(key, number))
            rows[name] = [values | {key: row[key], number: "1"}]

        def write() -> int:
            revision = add_rows(
                session.store(),
                session.edition(),
                rows,
                reason=st.session_state[reason],
                viewer=session.current_viewer(),
            )
            st.session_state[_ADDED] = st.session_state.get(_ADDED, 0) + 1
            return revision

        publish(write, "Added")


def _search(table: str, revision: int) -> pd.DataFrame:
    """Draw a search where a table has many rows; return the rows to choose from."""
    words = st.text_input("Rows that contain", key=f"search of {table}")
    rows, number = _rows_for(session.current_viewer(), table, revision, words)
    if number > len(rows):
        st.text(f"The first {len(rows)} of {number:,} rows. Search to find others.")
    return rows


def _fields(
    table: str,
    held: Mapping[str, str],
    stem: str,
    revision: int,
    *,
    fixed: Sequence[str] = (),
    left_out: Sequence[str] = (),
) -> None:
    columns = [
        column
        for column in TABLES[table].columns
        if not column.is_computed and column.name not in left_out
    ]
    grid = st.columns(3)
    for place, column in enumerate(columns):
        with grid[place % 3]:
            value = held.get(column.name, "")
            _field(column, value, f"{stem} {column.name}", revision, column.name in fixed)


def _field(column: Column, value: str, key: str, revision: int, is_fixed: bool) -> None:
    text = f"{label(column.name)}{' *' if column.required else ''}"
    more: dict[str, Any] = {"key": key, "help": column.help, "disabled": is_fixed}
    words = None if is_fixed else _options(column, revision)
    if words is not None:
        words.setdefault(value, value)
        options = list(words)
        index = options.index(value)
        st.selectbox(text, options, index=index, format_func=words.__getitem__, **more)
    elif column.name in _LONG or "\n" in value or "\r" in value:
        st.text_area(text, value, max_chars=MOST_CHARACTERS, **more)
    else:
        hint = "YYYY-MM-DD" if column.kind == "date" else None
        st.text_input(text, value, max_chars=MOST_CHARACTERS, placeholder=hint, **more)


def _options(column: Column, revision: int) -> dict[str, str] | None:
    """Return the values to choose from with their words; None where the value is typed."""
    blank = {"": "not stated"}
    if column.kind == "boolean":
        return blank | {"yes": "yes", "no": "no"}
    if column.allowed:
        return blank | {value: label(value) for value in column.allowed}
    if not column.refers_to:
        return None
    target, name = column.refers_to.split(".")
    rows, number = _rows_for(session.current_viewer(), target, revision)
    if number > len(rows):
        return None
    return blank | dict(zip(rows[name], _titles(target, rows).values(), strict=True))


def _given(
    table: str, held: Mapping[str, str], stem: str, *, fixed: Sequence[str] = ()
) -> dict[str, str]:
    """Return what stands in the fields; a line break that only the browser wrote is no change."""
    values = {}
    for name in TABLES[table].stated_columns:
        if name in fixed:
            continue
        value, before = st.session_state[f"{stem} {name}"] or "", held.get(name, "")
        same = value.splitlines() == before.splitlines()
        values[name] = before if same else value
    return values


def _ask_reason(stem: str) -> str:
    key = f"reason of {stem}"
    st.text_input(
        "Reason *",
        key=key,
        max_chars=MOST_REASON_CHARACTERS,
        help="Why, in a line: it stands in the list of revisions.",
    )
    return key


def _titles(table: str, rows: pd.DataFrame) -> dict[tuple[str, ...], str]:
    """Return each row's key and title, a line, by its key."""
    key = list(TABLES[table].key)
    named = [name for name in _TITLES if name in rows.columns][:1]
    shown = named or [name for name in TABLES[table].stated_columns if name not in key][:4]
    titles = {}
    for row in rows.to_dict("records"):
        words = ", ".join(" ".join(row[name].split()) for name in shown if row[name])
        of = tuple(row[name] for name in key)
        titles[of] = f"{' / '.join(of)}: {words[:100]}"
    return titles


def _rows_for(
    viewer: Viewer, table: str, revision: int, words: str = ""
) -> tuple[pd.DataFrame, int]:
    """Return as many rows as a select box shows, those with some words, and how many have them."""
    require(viewer, "publish")  # so of full sight, which no restriction changes
    rows, number = _rows(table, revision, viewer.sight, viewer)
    if number > len(rows):
        return _found(table, words, revision, viewer.sight, viewer)
    if words:
        texts = rows[TABLES[table].stated_columns].agg("\n".join, axis=1)
        rows = rows[texts.str.contains(words, case=False, regex=False)]
    return rows.head(MOST_OPTIONS), len(rows)


@st.cache_resource(show_spinner=False, max_entries=32)
def _rows(table: str, revision: int, sight: Sight, _viewer: Viewer) -> tuple[pd.DataFrame, int]:
    """Return a table's rows as text, with the revision that added each, and their number."""
    return _as_text(table, revision, _viewer, most=MOST_READ)


@st.cache_resource(show_spinner="Looking for rows ...", max_entries=32)
def _found(
    table: str, words: str, revision: int, sight: Sight, _viewer: Viewer
) -> tuple[pd.DataFrame, int]:
    return _as_text(table, revision, _viewer, most=MOST_OPTIONS, words=words)


def _as_text(
    table: str, revision: int, viewer: Viewer, *, most: int, words: str = ""
) -> tuple[pd.DataFrame, int]:
    rows, number = first_rows(
        session.store(), table, viewer=viewer, revision=revision, most=most, words=words
    )
    return rows_as_text(TABLES[table], rows).assign(added_in=rows["added_in"]), number
