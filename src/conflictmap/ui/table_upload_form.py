"""A whole table by its own CSV: its template, what the file would change, and publishing it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from conflictmap.corrections import MOST_REASON_CHARACTERS
from conflictmap.errors import ConflictMapError
from conflictmap.schema import TABLES
from conflictmap.store import load_table
from conflictmap.table_uploads import (
    TableUpload,
    publish_table_upload,
    read_table_upload,
    rejected_rows_csv,
    table_csv,
    table_template,
)
from conflictmap.ui import session
from conflictmap.ui.correction_form import attempt

MOST_SHOWN = 1000
BIN_WORDS = {
    "new": "new: will be added",
    "unchanged": "unchanged: already in the store",
    "changed": "changed: will replace what is there",
    "rejected": "rejected: mend and upload again",
    "skipped": "no record: blank, footer, tags",
}


def draw_table_upload(table: str) -> None:
    """Draw the template, the choice of a file, and what publishing it would do."""
    viewer = session.current_viewer()
    with st.container(horizontal=True):
        st.download_button(
            "Template as CSV",
            table_template(table),
            file_name=f"{table}-template.csv",
            mime="text/csv",
            on_click="ignore",
        )
        st.download_button(
            "Rows as they are, as CSV",
            lambda: table_csv(table, load_table(session.store(), table, viewer=viewer)),
            file_name=f"{table}.csv",
            mime="text/csv",
            on_click="ignore",
        )
    st.text(
        f"Rows are matched by {', '.join(TABLES[table].key)}. A row that the file leaves out stays"
        " as it is."
    )
    file = st.file_uploader("File", type=["csv", "xlsx"], key=f"file of {table}")
    if file is None:
        return
    try:
        upload = read_table_upload(
            session.store(),
            session.edition(),
            table,
            file.getvalue(),
            label=file.name,
            viewer=viewer,
        )
    except ConflictMapError as error:
        st.error("The file cannot be taken as it is.")
        st.text(str(error))
        return
    _draw_report(upload)
    _offer_publishing(upload)


def _draw_report(upload: TableUpload) -> None:
    rows = [(words, upload.bins.get(name, 0)) for name, words in BIN_WORDS.items()]
    bins = pd.DataFrame([*rows, ("all rows of the file", len(upload.outcomes))])
    bins.columns = pd.Index(["What becomes of the rows", "Rows"])
    st.dataframe(bins[bins["Rows"] > 0], hide_index=True, width="stretch")
    if upload.absent:
        st.text(f"{upload.absent:,} rows that are held are not in the file; they stay.")
    aside = upload.outcomes[upload.outcomes["bin"] == "rejected"]
    if len(aside):
        st.text(f"Rows to mend: {len(aside):,}")
        st.dataframe(aside[["row", "reason"]].head(MOST_SHOWN), hide_index=True, width="stretch")
        st.download_button(
            "Download these rows as CSV, with the reasons",
            lambda: rejected_rows_csv(upload),
            file_name="rows-to-mend.csv",
            mime="text/csv",
            on_click="ignore",
        )
    if len(upload.changes.fields):
        st.text("What changes in rows that are there:")
        st.dataframe(upload.changes.fields.head(MOST_SHOWN), hide_index=True, width="stretch")


def _offer_publishing(upload: TableUpload) -> None:
    moving = upload.bins.get("new", 0) + upload.bins.get("changed", 0)
    words = "1 row" if moving == 1 else f"{moving:,} rows"
    key = f"reason of the upload {upload.sha256}"
    st.text_input("Reason *", key=key, max_chars=MOST_REASON_CHARACTERS)

    def publish_now() -> None:
        attempt(
            lambda: publish_table_upload(
                session.store(),
                upload,
                reason=st.session_state[key],
                viewer=session.current_viewer(),
            ),
            f"Published {words}",
        )

    st.button(
        f"Publish {words} as one revision",
        type="primary",
        disabled=not moving,
        on_click=publish_now,
    )
