"""What was uploaded and published so far, and the way back."""

from __future__ import annotations

import streamlit as st

from conflictmap.store import drop_upload, load_revisions, load_uploads, roll_back
from conflictmap.ui import session
from conflictmap.ui.outcome import attempt
from conflictmap.ui.uploading import DONE, RESUMED


def draw_history() -> None:
    """Draw the uploads and revisions so far, with the way back."""
    store, viewer = session.store(), session.current_viewer()
    uploads = load_uploads(store, viewer=viewer)
    if len(uploads):
        names = {
            "upload_id": "No.",
            "uploaded_at": "When (UTC)",
            "uploaded_by": "By",
            "label": "File",
            "status": "Status",
            "revision": "Revision",
        }
        shown = uploads[list(names)].rename(columns=names)
        shown["File"] = shown["File"].fillna("of a colleague")
        st.dataframe(shown, hide_index=True, width="stretch", placeholder="not published")
    waiting = uploads[(uploads["status"] == "open") & uploads["is_own"]]
    if len(waiting):
        labels = {row.upload_id: f"{row.upload_id}: {row.label}" for row in waiting.itertuples()}
        number = st.selectbox("Open uploads", list(labels), format_func=labels.__getitem__)

        def resume() -> None:
            st.session_state[RESUMED] = number

        def drop() -> str:
            drop_upload(store, number, viewer=session.current_viewer())
            return f"Upload {number} was dropped; nothing of it was published."

        with st.container(horizontal=True):
            st.button("Resume", on_click=resume)
            st.button("Drop", on_click=attempt, args=(DONE, drop))
    revisions = load_revisions(store, viewer=viewer)
    latest = int(revisions["revision"].max()) if len(revisions) else 0
    words = {0: "0: before the first report"} | {
        row.revision: f"{row.revision}: {row.note}" for row in revisions.itertuples()
    }
    words.pop(latest, None)
    earlier = sorted(words, reverse=True)
    if not earlier:
        return
    text = "Go back to the state of revision"
    chosen = st.selectbox(text, earlier, format_func=words.__getitem__)

    def go_back() -> str:
        revision = roll_back(store, chosen, viewer=session.current_viewer())
        return f"Revision {revision} restores the state of revision {chosen}."

    st.button("Roll back", on_click=attempt, args=(DONE, go_back))
    st.caption("A roll-back is one more revision: nothing is lost, and it can be rolled back too.")
