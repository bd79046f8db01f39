"""An upload on its page: the file in hand, its source, what was answered, and publishing it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from conflictmap.errors import ConflictMapError, QueryError
from conflictmap.ingest.account import (
    rows_to_publish,
)
from conflictmap.ingest.upload import WITHDRAW_KEY, Examined, examine, publish_upload
from conflictmap.schema import SOURCE_KINDS, label
from conflictmap.store import (
    KeptUpload,
    keep_upload,
    latest_revision,
    load_upload,
)
from conflictmap.ui import session

ANSWERS, DONE = "answers of the upload", "published by the upload"
RESUMED, _KEPT = "resumed upload", "kept upload"
_SOURCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


@dataclass(frozen=True)
class FileInHand:
    """The file on the page: just chosen, or an open upload that is resumed."""

    content: bytes
    name: str
    resumed: KeptUpload | None = None

    @property
    def sha256(self) -> str:
        """Return the hash of the file."""
        return hashlib.sha256(self.content).hexdigest()


def file_in_hand() -> FileInHand | None:
    """Draw the choice of a file; return it, or the upload that is resumed, or None."""
    file = st.file_uploader("File", type=["csv", "tsv", "txt", "xlsx"])
    if file is not None:
        st.session_state.pop(RESUMED, None)
        return FileInHand(file.getvalue(), file.name)
    if RESUMED not in st.session_state:
        return None
    try:
        kept = load_upload(
            session.store(), st.session_state[RESUMED], viewer=session.current_viewer()
        )
    except QueryError:  # published or dropped meanwhile
        del st.session_state[RESUMED]
        return None
    st.text(f"Resumed: {kept.label}")
    answers = st.session_state.setdefault(ANSWERS, {})
    answers.setdefault(hashlib.sha256(kept.content).hexdigest(), dict(kept.answers))
    return FileInHand(kept.content, kept.label, kept)


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
) -> Examined:
    """Return what publishing the file would do, with the answers given so far.

    The file and the answers are kept in the store, so that the upload can be resumed.
    """
    digest = file.sha256
    answers = st.session_state.setdefault(ANSWERS, {}).setdefault(digest, {})
    viewer = session.current_viewer()
    revision = latest_revision(session.store(), viewer=viewer)
    fixed = (tuple(sorted(source.items())), tuple(sorted(answers.items())), repr(mapping))
    examined = _examined(digest, file.name, fixed, revision, file.content, source, answers, mapping)
    kept = (digest, fixed)
    if rows_to_publish(examined.report) and st.session_state.get(_KEPT) != kept:
        keep_upload(
            session.store(),
            label=examined.report.label,
            sha256=digest,
            content=file.content,
            source=source,
            answers=answers,
            mapping=mapping,
            viewer=viewer,
        )
        st.session_state[_KEPT] = kept
    return examined


@st.cache_resource(show_spinner="Reading, placing and comparing the rows ...", max_entries=4)
def _examined(
    digest: str,
    name: str,
    fixed: tuple[object, ...],
    revision: int,
    _content: bytes,
    _source: Mapping[str, str],
    _answers: Mapping[str, str],
    _mapping: Mapping[str, object],
) -> Examined:
    return examine(
        _content,
        name,
        session.store(),
        session.edition(),
        source=_source,
        viewer=session.current_viewer(),
        answers=dict(_answers),
        mapping=_mapping or None,
    )


def offer_publishing(examined: Examined, content: bytes) -> None:
    """Draw the button that publishes what is settled, and what became of it."""
    bins = examined.report.bins
    moving = bins["new"] + bins["changed"]
    of_file = {question.key for question in examined.raw.questions}
    is_open = any(question.key in of_file for question in examined.report.questions)

    def publish_now() -> None:
        try:
            revision = publish_upload(
                session.store(), examined, content, viewer=session.current_viewer()
            )
        except ConflictMapError as error:
            st.session_state[DONE] = str(error)
            return
        st.session_state[DONE] = f"Published {moving:,} incidents as revision {revision}."

    withdraws = examined.answers.get(WITHDRAW_KEY) == "yes"
    st.button(
        f"Publish {moving:,} incidents as one revision",
        type="primary",
        disabled=is_open or not (moving or withdraws),
        on_click=publish_now,
    )
