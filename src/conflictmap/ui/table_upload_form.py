"""A whole table by its own CSV: its template, what the file would change, and publishing it."""

from __future__ import annotations

import hashlib

import pandas as pd
import streamlit as st

from conflictmap.coded_tables import rows_as_text
from conflictmap.corrections import MOST_REASON_CHARACTERS
from conflictmap.errors import ConflictMapError
from conflictmap.ingest.upload import Progress
from conflictmap.schema import PLACED_TABLES, TABLES
from conflictmap.store import latest_revision, load_table
from conflictmap.table_uploads import (
    TableUpload,
    publish_table_upload,
    read_table_upload,
    rejected_rows_csv,
    table_csv,
    table_template,
)
from conflictmap.ui import deployment_drawing, deployment_legend, long_work, session
from conflictmap.ui.correction_form import publish
from conflictmap.ui.upload_report import draw_preview
from conflictmap.views.facts import Facts
from conflictmap.views.upload_preview import (
    DeploymentsPreview,
    deployments_preview,
    facts_after,
    incidents_preview,
    rows_by_province,
    tables_after,
)

MOST_SHOWN = 1000
ON_INCIDENT_MAP = ("incidents", "incident_places")
ON_DEPLOYMENT_MAP = ("deployments", "deployment_places", "units")
_READING = "reading of the table"
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
        long_work.let_go(_READING)
        return
    try:
        upload = _read(table, file.name, file.getvalue())
    except ConflictMapError as error:
        st.error("The file cannot be taken as it is.")
        st.text(str(error))
        return
    if upload is not None:
        _draw_report(upload)
        if _moving(upload):
            _draw_change(upload)
        _offer_publishing(upload)


def _read(table: str, name: str, content: bytes) -> TableUpload | None:
    """Return what publishing the file would do; None while that is being worked out."""
    store, edition, viewer = session.store(), session.edition(), session.current_viewer()

    def read(progress: Progress) -> TableUpload:
        progress("reading", 0.0)
        return read_table_upload(store, edition, table, content, label=name, viewer=viewer)

    digest = hashlib.sha256(content).hexdigest()
    key = (name, latest_revision(store, viewer=viewer), viewer)
    upload: TableUpload | None = long_work.worked_out(_READING, (table, digest), key, read)
    return upload


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
        shown = aside[["row", "reason"]].head(MOST_SHOWN).rename(columns=str.capitalize)
        st.dataframe(shown, hide_index=True, width="stretch")
        st.download_button(
            "Download these rows as CSV, with the reasons",
            lambda: rejected_rows_csv(upload),
            file_name="rows-to-mend.csv",
            mime="text/csv",
            on_click="ignore",
        )
    if len(upload.changes.fields):
        st.text("What changes in rows that are there:")
        fields = upload.changes.fields.head(MOST_SHOWN).rename(columns=str.capitalize)
        st.dataframe(fields, hide_index=True, width="stretch")


def _draw_change(upload: TableUpload) -> None:
    """Draw the rows that are new, and what publishing changes on a map, if the table has places."""
    changes = upload.changes
    table, added = changes.table, changes.additions[changes.table]
    fresh = added.loc[changes.bins[added.index] == "new"]
    if len(fresh):
        st.text(f"Rows that are new: {len(fresh):,}")
        shown = rows_as_text(TABLES[table], fresh.head(MOST_SHOWN))
        st.dataframe(shown, hide_index=True, width="stretch")
    before = session.current_facts(upload.revision)
    if table not in set(before.tables):  # of very many incidents
        st.info("The map is not drawn before and after: this store has too many incidents for it.")
        return
    after = facts_after(before, tables_after(before.tables, changes.additions, changes.withdrawals))
    if table in ON_INCIDENT_MAP:
        draw_preview(incidents_preview(before, after))
    elif table in ON_DEPLOYMENT_MAP:
        _draw_deployments(deployments_preview(before, after, table, added))
    elif table in PLACED_TABLES:
        _draw_provinces(before, after, table)


def _draw_deployments(preview: DeploymentsPreview) -> None:
    """Draw the statements that are new or changed, as the page on deployments would show them."""
    st.markdown("**As the page on deployments would show what is new or changed**")
    deployment_drawing.draw_map(preview.view, key="map of deployments to be published")
    deployment_legend.draw_legend(deployment_drawing.ONLY_DEPLOYMENTS, preview.view, None)
    if len(preview.table):
        st.dataframe(preview.table, hide_index=True, width="stretch", placeholder="not stated")
    else:
        st.info("No statement that the page would show is new or changed.")
    for count, words in (
        (len(preview.view.not_drawn), "in the table only: the place is not known"),
        (len(preview.view.undated), "without a day, so not on the map"),
        (preview.hidden, "not shown: a later statement on the same unit stands"),
    ):
        if count:
            st.text(f"{count:,} {words}.")


def _draw_provinces(before: Facts, after: Facts, table: str) -> None:
    """Draw how many rows each province has before and after."""
    moved = rows_by_province(before, after, table)
    if moved.empty:
        st.info("Publishing would change the number of rows of no province.")
        return
    st.text("Rows by province:")
    st.dataframe(moved, hide_index=True, width="stretch")


def _moving(upload: TableUpload) -> int:
    return upload.bins.get("new", 0) + upload.bins.get("changed", 0)


def _offer_publishing(upload: TableUpload) -> None:
    moving = _moving(upload)
    words = "1 row" if moving == 1 else f"{moving:,} rows"
    key = f"reason of the upload {upload.sha256}"
    st.text_input("Reason *", key=key, max_chars=MOST_REASON_CHARACTERS)

    def publish_now() -> None:
        publish(
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
