"""Beside and below the map of deployments: what was chosen, and all that is drawn, as tables.

Words that come from sources are shown as text, never as markdown or HTML.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from conflictmap.ui import session
from conflictmap.views.deployment_statements import Statement
from conflictmap.views.deployments import DeploymentsView, history_table, statement_table
from conflictmap.views.group_areas import GroupAreasView, told_table

PANEL_HEIGHT = 480

CHOICE = "choice of statement or area"


def selected() -> str:
    """Return the id of the statement, or the code of the area, that is open; empty for none."""
    return st.session_state.get(CHOICE) or ""


def select(chosen: str) -> None:
    """Open a statement by its id, or an area by its code, for a callback; "" changes nothing."""
    if chosen:
        st.session_state[CHOICE] = chosen


def draw_details(view: DeploymentsView, groups: GroupAreasView) -> None:
    """Draw the choice of a statement or an area, and all that is known of it."""
    statements = {row.deployment_id: row for row in view.everything}
    names = {key: _line(row) for key, row in statements.items()}
    names |= {code: _area_line(code, groups) for code in groups.codes}
    if selected() not in names:
        st.session_state[CHOICE] = None
    chosen = st.selectbox(
        "In detail",
        list(names),
        format_func=names.__getitem__,
        key=CHOICE,
        placeholder="Choose one here, on the map, or a row of a table",
    )
    if chosen:
        with st.container(border=True, height=PANEL_HEIGHT):
            if chosen in statements:
                _draw_statement(statements[chosen], view)
            else:
                _draw_area(chosen, groups)
    else:
        st.caption(
            "Choose a symbol, an arrow or a hatched area on the map to read who says what of it."
        )


def draw_statements(statements: Sequence[Statement], *, key: str, is_numbered: bool = True) -> None:
    """Draw statements as a table; a chosen row opens its details."""
    if not statements:
        st.caption("None.")
        return
    table = statement_table(statements)
    if not is_numbered:
        table = table.drop(columns=["#", "Age in days", "May be counted twice"])
    _draw_rows(table, [row.deployment_id for row in statements], key=key, wide=["What"])


def draw_groups(groups: GroupAreasView) -> None:
    """Draw what is said of groups and places as a table; a row of an area opens it."""
    st.caption(
        "An area that a report gives for a group, or a claim of somebody that it is there. Neither"
        " is assessed here, nor in any count."
    )
    st.text(groups.words)
    if groups.told:
        table = told_table(groups)
        codes = [row.code for row in groups.told]
        _draw_rows(table, codes, key="told of groups", wide=["What is said"])


def _draw_rows(table: pd.DataFrame, ids: Sequence[str], *, key: str, wide: Sequence[str]) -> None:
    # In other rows, the number of the row chosen is another statement.
    key = f"{key}: {' '.join(ids)}"

    def open_row() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows and rows[0] < len(ids):
            select(ids[rows[0]])

    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        placeholder="not stated",
        key=key,
        on_select=open_row,
        selection_mode="single-row",
        column_config={name: st.column_config.TextColumn(width="large") for name in wide},
    )


def _draw_statement(statement: Statement, view: DeploymentsView) -> None:
    if statement.number is None:
        st.caption(f"Not on the map: {statement.standing}.")
    # A line each: no text may look like the beginning of another line.
    lines = [f"{name}: {' '.join(text.split())}" for name, text in statement.details]
    st.text("\n".join(lines))
    if statement.unit is None:
        st.caption("The statement names no unit, so there is no history of one.")
        return
    st.markdown("**All that is stated of this unit**")
    st.dataframe(
        history_table(view.history(statement)),
        hide_index=True,
        width="stretch",
        placeholder="not stated",
    )


def _draw_area(code: str, groups: GroupAreasView) -> None:
    st.markdown(f"**What is said of {_area_name(code)}**")
    for told in groups.of(code):
        st.text(told.line)
    st.caption("As told by those named; not assessed here.")


def _line(statement: Statement) -> str:
    number = f"{statement.number}: " if statement.number else ""
    return f"{number}{statement.when}, {statement.title}"


def _area_line(code: str, groups: GroupAreasView) -> str:
    n = len(groups.of(code))
    return f"Armed groups in {_area_name(code)}: {n} {'statement' if n == 1 else 'statements'}"


def _area_name(code: str) -> str:
    """Return the name of a unit, from the boundary edition."""
    edition = session.edition()
    provinces = dict(zip(edition.provinces["adm1_code"], edition.provinces["name"], strict=True))
    if len(code) == 6:
        return f"{provinces[code]} (province)"
    districts = dict(zip(edition.districts["adm2_code"], edition.districts["name"], strict=True))
    return f"{districts[code]}, {provinces[code[:6]]} (district)"
