"""What was done by whom, the uploads of all, and how the store is, on the Administration page."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from conflictmap.access import Viewer
from conflictmap.export import export_csv
from conflictmap.store import load_audit, load_uploads
from conflictmap.store.condition import StoreCondition, store_condition
from conflictmap.ui import session

_MOST_ROWS = 1000

_LOG_NAMES = {
    "at": "When (UTC)",
    "who": "Who",
    "action": "What",
    "subject": "To what",
    "revision": "Revision",
    "audit_id": "No.",
}
_UPLOAD_NAMES = {
    "upload_id": "No.",
    "uploaded_at": "When (UTC)",
    "uploaded_by": "By",
    "label": "File",
    "status": "Status",
    "revision": "Revision",
    "sha256": "SHA-256",
}


def draw_log(viewer: Viewer) -> None:
    """Draw the audit log, newest first, with its filters and as a file."""
    log = load_audit(session.store(), viewer=viewer)
    if log.empty:
        st.info("Nothing has been done yet: no revision, no sign-in, no change of roles.")
        return
    chosen = _chosen(log).astype({"revision": "Int64"})
    shown = chosen[list(_LOG_NAMES)].rename(columns=_LOG_NAMES)
    if shown.empty:
        st.info("No entry matches. Widen the dates, or clear a filter.")
        return
    st.dataframe(shown.head(_MOST_ROWS), hide_index=True, width="stretch", placeholder="")
    more = f"; the newest {_MOST_ROWS} are shown" if len(shown) > _MOST_ROWS else ""
    st.text(f"{len(shown)} of {len(log)} entries{more}.")
    st.download_button(
        "Download these entries as CSV",
        lambda: export_csv(shown, is_synthetic=session.store().is_synthetic),
        file_name="audit-log.csv",
        mime="text/csv",
        on_click="ignore",
    )


def _chosen(log: pd.DataFrame) -> pd.DataFrame:
    """Return the entries that the filters leave."""
    who, what, when = st.columns(3)
    people = who.multiselect("Who", sorted(log["who"].unique()), key="log who")
    actions = what.multiselect("What", sorted(log["action"].unique()), key="log what")
    days = log["at"].dt.date
    first, last = days.min(), days.max()
    chosen = when.date_input(
        "When", value=(first, last), min_value=first, max_value=last, key=f"log when {first} {last}"
    )
    is_chosen = pd.Series(True, index=log.index)
    if people:
        is_chosen &= log["who"].isin(people)
    if actions:
        is_chosen &= log["action"].isin(actions)
    if isinstance(chosen, tuple) and len(chosen) == 2:  # one while the second is being chosen
        is_chosen &= (days >= chosen[0]) & (days <= chosen[1])
    return log[is_chosen]


def draw_uploads(viewer: Viewer) -> None:
    """Draw everybody's uploads; publishing, dropping and taking back are on the Upload page."""
    uploads = load_uploads(session.store(), viewer=viewer)
    if uploads.empty:
        st.info("Nothing has been uploaded yet. The Upload page takes files.")
        return
    counts = uploads["status"].value_counts()
    st.text(", ".join(f"{counts[status]} {status}" for status in sorted(counts.index)) + ".")
    shown = uploads[list(_UPLOAD_NAMES)].rename(columns=_UPLOAD_NAMES)
    st.dataframe(shown, hide_index=True, width="stretch", placeholder="not published")


def draw_store_health(viewer: Viewer) -> None:
    """Draw which engine keeps the store, its version, size, revision and last backup."""
    condition = store_condition(session.store(), viewer=viewer)
    rows = {
        "Engine": condition.engine,
        "Holds": "made-up rows" if session.store().is_synthetic else "what reports say",
        "Version of the schema": str(condition.schema_version),
        "Latest revision": _revision_words(condition),
        "Size": _size_words(condition.size_bytes),
        "Last backup": _backup_words(condition.last_backup_at),
    }
    table = pd.DataFrame({"Store": list(rows), "": list(rows.values())})
    st.dataframe(table, hide_index=True, width="stretch")
    st.caption("`conflictmap doctor` looks deeper; `conflictmap backup` makes a backup.")


def _revision_words(condition: StoreCondition) -> str:
    if condition.published_at is None:
        return "none yet"
    return f"{condition.revision}, published {condition.published_at:%Y-%m-%d %H:%M} UTC"


def _size_words(size: int | None) -> str:
    return "not known" if size is None else f"{size / 2**20:,.1f} MB"


def _backup_words(made_at: dt.datetime | None) -> str:
    return "none recorded" if made_at is None else f"{made_at:%Y-%m-%d %H:%M} UTC"
