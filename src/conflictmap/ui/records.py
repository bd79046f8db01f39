"""One record with its fields and tables. Words of sources are shown as text only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from conflictmap.ui.choices import put_in_address

WRAPPED_ROW_PX = 68  # Streamlit wraps the text of rows over 64 px
WRAPPED_COLUMN_PX = 230  # leaves room on a phone for the column beside it


def draw_fields(fields: Iterable[tuple[str, str]]) -> None:
    """Draw headings of ours with texts of a record; a field without text is left out."""
    for name, text in fields:
        if text:
            with st.container(gap=None):
                st.caption(name)
                st.text(text)


def draw_table(
    title: str,
    rows: pd.DataFrame,
    *,
    nothing: str,
    wide: Sequence[str] = (),
    row_height: int | None = None,
) -> None:
    """Draw a titled table, or the words for there being nothing in it."""
    st.markdown(f"**{title}**")
    if rows.empty:
        st.caption(nothing)
        return
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        placeholder="not stated",
        row_height=row_height,
        column_config=_sized(wide, "large"),
    )


def draw_rows_to_open(
    rows: pd.DataFrame,
    parameter: str,
    *,
    wrapped: Sequence[str] = (),
    row_height: int = WRAPPED_ROW_PX,
    height: int | Literal["auto", "content"] = "auto",
    key: str = "",
) -> None:
    """Draw a table whose chosen row is opened: its index goes into the address.

    Parameters
    ----------
    wrapped
        Columns whose texts take several lines, so that a phone shows the columns beside them.
    """
    key = key or f"rows: {parameter}"

    def open_row() -> None:
        picked = st.session_state[key]["selection"]["rows"]
        if picked and picked[0] < len(rows):
            put_in_address(parameter, str(rows.index[picked[0]]))

    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        placeholder="",
        key=key,
        on_select=open_row,
        selection_mode="single-row",
        height=height,
        row_height=row_height if wrapped else None,
        column_config=_sized(wrapped, WRAPPED_COLUMN_PX),
    )


def _sized(columns: Sequence[str], width: int | Literal["large"]) -> dict:
    return {name: st.column_config.TextColumn(width=width) for name in columns}
