"""Whose a download is: the person whose session offered it, while that session lives.

Streamlit serves what a page offers under an address that anybody may fetch who knows it. Here each
file is remembered with the sessions that offered it, so that an address passed on, or kept for
later, leads to nothing.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from streamlit import runtime

from conflictmap.access import Viewer
from conflictmap.errors import AccessError
from conflictmap.ui.visitor import person_of

_FILE = re.compile(r"/media/([^/.]+)[^/]*$")
_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")
_TIDY_EVERY = 1000

_lock = threading.Lock()
_offered: dict[str, set[str]] = defaultdict(set)


def remember_offers(viewer_now: Callable[[Mapping[str, Any]], Viewer | None]) -> None:
    """Note from now on which session each file of the running server is offered by.

    Parameters
    ----------
    viewer_now
        Who stands behind what a sign-in says, by the store's rules as they are now. A file that is
        made on click is made for whoever it was offered to, in the role that they had then.
    """
    files = runtime.get_instance().media_file_mgr
    if hasattr(files, "offers_are_remembered"):
        return
    add, execute_deferred = files.add, files.execute_deferred
    add_deferred = files.add_deferred

    def add_deferred_and_note(*args: Any, **options: Any) -> str:
        from conflictmap.ui import session  # the server starts without its libraries

        file_id = add_deferred(*args, **options)
        if runtime.scriptrunner.get_script_run_ctx() is None:
            return str(file_id)
        entry: Any = files._deferred_callables[file_id]
        entry["offered_to"] = session.current_viewer()
        return str(file_id)

    def add_and_note(*args: Any, **options: Any) -> str:
        address = add(*args, **options)
        context = runtime.scriptrunner.get_script_run_ctx()
        if context is not None:
            _note(address, context.session_id)
        return str(address)

    def execute_and_note(file_id: str) -> str:
        entry: Any = files._deferred_callables.get(file_id)
        if entry is not None and "offered_to" in entry:
            held = _session(entry["session_id"])
            if held is None or viewer_now(held._user_info) != entry["offered_to"]:
                raise AccessError("The role has changed since this file was offered.")
        address = execute_deferred(file_id)
        if entry is not None:
            _note(address, entry["session_id"])
            _hold(files, address, entry)
        return str(address)

    files.add, files.execute_deferred = add_and_note, execute_and_note  # type: ignore[method-assign]
    files.add_deferred = add_deferred_and_note  # type: ignore[method-assign]
    files.offers_are_remembered = True  # type: ignore[attr-defined]


def is_theirs(path: str, person: str) -> bool:
    """Say whether an address of a download or upload belongs to a person's living session."""
    if found := _FILE.search(path):
        with _lock:
            sessions = set(_offered.get(found[1], ()))
        return any(_person_of_session(session) == person for session in sessions)
    found = _UPLOAD.search(path)
    return found is not None and _person_of_session(found[1]) == person


def _hold(files: Any, address: str, entry: Any) -> None:
    """Keep a file that was made on click until its session runs again.

    Streamlit ties such a file to nobody, and takes it away after two runs of any sessions: with
    many readers at once it is gone before the browser asks for it.
    """
    found = _FILE.search(address)
    if found is not None:
        with files._lock:
            held = files._files_by_session_and_coord[entry["session_id"]]
            held[f"{entry['coordinates']} made"] = found[1]


def _note(address: str, session: str) -> None:
    found = _FILE.search(address)
    if found is None:
        return
    with _lock:
        _offered[found[1]].add(session)
        if len(_offered) % _TIDY_EVERY == 0:
            for file in [file for file, held in _offered.items() if not any(map(_lives, held))]:
                del _offered[file]


def _session(session: str) -> Any:
    held = runtime.get_instance()._session_mgr.get_session_info(session)
    return None if held is None else held.session


def _lives(session: str) -> bool:
    return _session(session) is not None


def _person_of_session(session: str) -> str | None:
    """Return the person of a session; None where it has ended or nobody signed in to it."""
    held = _session(session)
    return None if held is None else person_of(held._user_info) or None
