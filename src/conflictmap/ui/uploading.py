"""An upload on its page: the file in hand, its source, what was answered, and publishing it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import streamlit as st

from conflictmap.access import Viewer
from conflictmap.errors import ConflictMapError, QueryError
from conflictmap.ingest.account import rows_to_publish
from conflictmap.ingest.losses import warnings_of
from conflictmap.ingest.upload import (
    WITHDRAW_KEY,
    Examined,
    Progress,
    examine,
    preview,
    publish_upload,
)
from conflictmap.schema import SOURCE_KINDS, label
from conflictmap.store import (
    KeptUpload,
    Store,
    keep_upload,
    load_upload,
    restrict,
)
from conflictmap.ui import long_work, session
from conflictmap.views.release_check import ReleaseReport, release_of
from conflictmap.views.upload_preview import IncidentsPreview, facts_after, incidents_preview

ANSWERS, DONE = "answers of the upload", "published by the upload"
RESUMED, _KEPT = "resumed upload", "kept upload"
_EXAMINING, _PUBLISHING = "examination of the upload", "publication of the upload"
_SOURCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


@dataclass(frozen=True)
class FileInHand:
    """The file on the page: just chosen, or an open upload that is resumed."""

    content: bytes
    name: str
    resumed: KeptUpload | None = None

    @cached_property
    def sha256(self) -> str:
        """Return the hash of the file."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Looked:
    """A file as it would be published, with all that its page shows of it."""

    examined: Examined
    maps: IncidentsPreview
    warnings: tuple[str, ...]
    release: ReleaseReport | None = None  # what counts would tell; None: all may be shown


def file_in_hand() -> FileInHand | None:
    """Draw the choice of a file; return it, or the upload that is resumed, or None."""
    file = st.file_uploader("File", type=["csv", "tsv", "txt", "xlsx"])
    if file is not None:
        st.session_state.pop(RESUMED, None)
        return FileInHand(file.getvalue(), file.name)
    if RESUMED not in st.session_state:
        long_work.let_go(_EXAMINING)
        return None
    try:
        kept = load_upload(
            session.store(), st.session_state[RESUMED], viewer=session.current_viewer()
        )
    except QueryError:  # published or dropped meanwhile
        del st.session_state[RESUMED]
        return None
    st.text(f"Resumed: {kept.label}")
    resumed = FileInHand(kept.content, kept.label, kept)
    st.session_state.setdefault(ANSWERS, {}).setdefault(resumed.sha256, dict(kept.answers))
    return resumed


def answers_to(sha256: str) -> dict[str, str]:
    """Return what this visitor has answered so far on a file; it may be added to."""
    answers: dict[str, dict[str, str]] = st.session_state.setdefault(ANSWERS, {})
    return answers.setdefault(sha256, {})


def ask_source(file: FileInHand) -> dict[str, str] | None:
    """Ask which source the file is; return its row, or None while that is not complete."""
    name = file.name
    made = re.sub(r"[^A-Za-z0-9]+", "-", name.rsplit(".", 1)[0]).strip("-")[:40]
    known = {"source_id": made, "title": name[:120], "publisher": "", "source_kind": "spreadsheet"}
    if file.resumed:
        known |= {key: str(file.resumed.source[key]) for key in known if key in file.resumed.source}
    left, right = st.columns(2)
    source_id = left.text_input(
        "Label of the source",
        value=known["source_id"],
        max_chars=40,
        help="Files of the same label replace each other's records: use it again for the next"
        " release of the same dataset.",
    )
    kind = right.selectbox(
        "Kind", SOURCE_KINDS, index=SOURCE_KINDS.index(known["source_kind"]), format_func=label
    )
    title = left.text_input("Title", value=known["title"], max_chars=200)
    publisher = right.text_input("Publisher", value=known["publisher"], max_chars=200)
    if not _SOURCE_ID.fullmatch(source_id):
        st.info("Give the source a label of up to 40 letters, digits and hyphens.")
        return None
    return {
        "source_id": source_id,
        "title": title or name[:120],
        "publisher": publisher or "not stated",
        "source_kind": kind,
    }


def examined_file(
    file: FileInHand, source: Mapping[str, str], mapping: Mapping[str, object]
) -> Looked | None:
    """Return what publishing the file would do, with the answers given so far.

    While that is being worked out, its progress is drawn and there is nothing to return; and
    likewise after somebody cancelled it. The file and the answers are then kept in the store, so
    that the upload can be resumed.
    """
    store, edition, viewer = session.store(), session.edition(), session.current_viewer()
    answers, before = dict(answers_to(file.sha256)), session.current_facts()
    fixed = (tuple(sorted(source.items())), tuple(sorted(answers.items())), repr(mapping))

    below = session.settings().suppress_below

    def look(progress: Progress) -> Looked:
        examined = examine(
            file.content,
            file.name,
            store,
            edition,
            source=source,
            viewer=viewer,
            answers=answers,
            mapping=mapping or None,
            progress=progress,
        )
        progress("counting", 0.95)
        after = facts_after(before, preview(examined))
        maps = incidents_preview(before, after)
        release = release_of(after, below).report if below > 1 else None
        return Looked(examined, maps, warnings_of(examined), release)

    key = (file.name, fixed, before.revision, viewer)
    looked: Looked | None = long_work.worked_out(_EXAMINING, file.sha256, key, look)
    kept = (file.sha256, fixed)
    if (
        looked is not None
        and rows_to_publish(looked.examined.report)
        and st.session_state.get(_KEPT) != kept
    ):
        keep_upload(
            store,
            label=looked.examined.report.label,
            sha256=file.sha256,
            content=file.content,
            source=source,
            answers=answers,
            mapping=mapping,
            viewer=viewer,
        )
        st.session_state[_KEPT] = kept
    return looked


def offer_publishing(looked: Looked, content: bytes) -> None:
    """Draw the button that publishes what is settled."""
    if _PUBLISHING in st.session_state:
        return
    examined = looked.examined
    bins = examined.report.bins
    moving = bins["new"] + bins["changed"]
    of_file = {question.key for question in examined.raw.questions}
    is_open = any(question.key in of_file for question in examined.report.questions)

    is_kept = st.checkbox(
        "Keep the words of this file to analysts",
        key=f"words of {examined.report.sha256}",
        help="Viewers and briefers are given places, dates, figures and who is named, but no title,"
        " description or statement of this source. It can be lifted on the page Corrections.",
    )

    def publish_now() -> None:
        store, viewer = session.store(), session.current_visit().viewer
        if viewer is None:  # nobody any more since the button was drawn: the page refuses, too
            return

        def write(progress: Progress) -> str:
            if is_kept:
                _keep_words(store, str(examined.source["source_id"]), viewer)
            revision = publish_upload(store, examined, content, viewer=viewer, progress=progress)
            return f"Published {moving:,} incidents as revision {revision}."

        long_work.start(_PUBLISHING, examined.report.sha256, examined.revision, write)

    withdraws = examined.answers.get(WITHDRAW_KEY) == "yes"
    if looked.warnings:
        st.warning("Publishing would lose what the warning above says.")
    is_accepted = _ask_release(looked)
    st.button(
        f"Publish {moving:,} incidents as one revision",
        type="primary",
        disabled=is_open or not (moving or withdraws) or not is_accepted,
        on_click=publish_now,
    )


def _keep_words(store: Store, source_id: str, viewer: Viewer) -> None:
    """Restrict the words of a source before its rows are there, so that nobody reads them first."""
    restrict(
        store,
        "sources",
        source_id,
        "words",
        reason="Chosen when its file was uploaded",
        viewer=viewer,
        is_coming=True,
    )


def _ask_release(looked: Looked) -> bool:
    """Draw what small numbers could be found by subtraction; return whether that is accepted."""
    report = looked.release
    if report is None:
        return True
    st.markdown("#### Small numbers")
    for line in report.lines:
        st.text(line)
    if not report.found:
        return True
    with st.expander(f"What could be found: {report.found:,}"):
        rows = [(one.area, one.view, one.by, one.leaves) for one in report.give_aways]
        columns = ["Area", "View", "Subtraction", "Leaves"]
        st.dataframe(pd.DataFrame(rows, columns=columns), hide_index=True, width="stretch")
    return st.checkbox(
        "I have read what would be found, and what is withheld because of it",
        key=f"release of {looked.examined.report.sha256} {looked.examined.answers}",
    )


def draw_publishing() -> None:
    """Draw how far publishing is, where it is under way, whatever else the page shows."""
    if _PUBLISHING in st.session_state:
        long_work.watch(_PUBLISHING, until_done=True)


def take_outcome() -> None:
    """Take what became of publishing, once it is done, for `outcome.draw_outcome` to tell."""
    work = st.session_state.get(_PUBLISHING)
    if work is None or not work.wait():
        return
    del st.session_state[_PUBLISHING]
    try:
        st.session_state[DONE] = (True, work.result())
    except long_work.Cancelled:
        st.session_state[DONE] = (False, "Publishing was cancelled. The file is still here.")
    except ConflictMapError as error:
        st.session_state[DONE] = (False, str(error))
