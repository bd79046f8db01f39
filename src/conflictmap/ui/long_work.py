"""Long work beside the page: done in a thread, watched from the page, cancelled between two steps.

It is not done in the run of the page. Streamlit can end a run only where the page draws, so there a
press of Cancel, any other control and the way to another page would wait for the end of a step, and
one step on a large file takes many seconds. A thread leaves the page free: a fragment asks twice a
second how far it is, and a press of Cancel lets go of it at once. The thread draws nothing; it ends
at its next step. What is done soon shows no bar at all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from conflictmap.ingest.upload import Progress

PATIENCE_S = 1.0  # how long a page waits before it shows a bar
ASKED_EVERY_S = 0.5

STAGE_WORDS = {
    "waiting": "Waiting for the work before it to end",
    "reading": "Reading the file",
    "recognising": "Reading the first rows and recognising the layout",
    "converting": "Recognising the layout and converting the rows",
    "placing": "Placing the incidents in districts",
    "comparing": "Comparing with what is in the store",
    "accounting": "Accounting for every row",
    "counting": "Counting for the maps before and after",
    "preparing": "Preparing what is published",
    "publishing": "Publishing",
    "drawing": "Drawing the slides",
}
"""Fixed words only: the text of a bar is markdown."""

TOO_LATE = ("publishing",)
"""Stages that are whole or absent, and cannot be stopped."""

_ONE_AT_A_TIME = "lock of long work"


class Cancelled(Exception):
    """Raised in the thread at its next step after somebody let go of the work."""


class Work:
    """One piece of work, under way or done: what is asked of it by the page."""

    def __init__(
        self,
        subject: Hashable,
        key: Hashable,
        do: Callable[[Progress], Any],
        alone: threading.Lock | None = None,
    ) -> None:
        self.subject, self.key = subject, key
        self.stage, self.share = "waiting", 0.0
        self.is_cancelled = False
        self.error: BaseException | None = None
        self._began_at = time.monotonic()
        self._result: Any = None
        self._alone = alone or threading.Lock()
        self._thread = threading.Thread(target=self._run, args=(do,), daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Tell whether it has ended: with a result, an error, or cancelled."""
        return not self._thread.is_alive()

    @property
    def seconds(self) -> int:
        """Return how long it has been going on."""
        return int(time.monotonic() - self._began_at)

    def wait(self) -> bool:
        """Wait until it is done or has gone on for `PATIENCE_S`; tell whether it is done."""
        self._thread.join(max(0.0, self._began_at + PATIENCE_S - time.monotonic()))
        return self.is_done

    def cancel(self) -> None:
        """Let go of it: it ends at its next step, unless that is one of `TOO_LATE`."""
        self.is_cancelled = True

    def result(self) -> Any:
        """Return what it came to, or raise what went wrong."""
        if self.error is not None:
            raise self.error
        return self._result

    def _run(self, do: Callable[[Progress], Any]) -> None:
        with self._alone:  # so that cancelled work does not pile up on the processors
            try:
                self._tell("waiting", 0.0)
                self._result = do(self._tell)
            except BaseException as error:  # told on the page, where `result` raises it
                self.error = error

    def _tell(self, stage: str, share: float) -> None:
        if self.is_cancelled:
            raise Cancelled
        self.stage, self.share = stage, share


def let_go(slot: str) -> None:
    """Cancel and forget the work of a slot, if there is any."""
    work: Work | None = st.session_state.pop(slot, None)
    if work is not None:
        work.cancel()


def start(slot: str, subject: Hashable, key: Hashable, do: Callable[[Progress], Any]) -> Work:
    """Begin work for this visitor in a slot; whatever the slot held is let go of."""
    let_go(slot)
    alone = st.session_state.setdefault(_ONE_AT_A_TIME, threading.Lock())
    work = st.session_state[slot] = Work(subject, key, do, alone)
    return work


def worked_out(
    slot: str,
    subject: Hashable,
    key: Hashable,
    do: Callable[[Progress], Any],
    *,
    once_cancelled: str = "Cancelled. Nothing was changed, and the file is still here.",
) -> Any:
    """Return the result of work; while there is none, draw how far it is and return None.

    Parameters
    ----------
    slot
        Where the session keeps it. A slot holds one piece of work, the latest.
    subject
        What it is about, such as the file. After Cancel nothing more is begun on it until somebody
        asks for another try: a field that was just left may have changed the key.
    key
        Whatever else decides the result. Work of another key is begun anew.
    do
        The work, called in a thread: it may not draw, nor ask Streamlit for anything. It is given
        the function to tell its stages to, words of `STAGE_WORDS`.
    once_cancelled
        What is said after Cancel; fixed words.

    Raises
    ------
    Exception
        What the work raised. It is forgotten then: the next run of the page tries again.
    """
    work: Work | None = st.session_state.get(slot)
    is_same = work is not None and work.subject == subject
    if work is None or not is_same or (work.key != key and not work.is_cancelled):
        work = start(slot, subject, key, do)
    if work.is_cancelled:
        st.info(once_cancelled)
        st.button("Try again", on_click=let_go, args=(slot,), key=f"again {slot}")
        return None
    if not work.wait():
        watch(slot)
        return None
    if work.error is not None:
        del st.session_state[slot]
    return work.result()


@st.fragment(run_every=ASKED_EVERY_S)
def watch(slot: str, *, until_done: bool = False) -> None:
    """Draw how far the work of a slot is, with Cancel; then draw the whole page anew.

    Parameters
    ----------
    until_done
        After Cancel, wait until the work has ended, because it may be too late to stop it.
    """
    work: Work | None = st.session_state.get(slot)
    if work is None or work.is_done or (work.is_cancelled and not until_done):
        st.rerun()
    st.progress(work.share, text=f"{STAGE_WORDS[work.stage]} ... {work.seconds} s")
    if work.stage in TOO_LATE:
        st.caption("This is done whole or not at all, and can be taken back below afterwards.")
    elif work.is_cancelled:
        st.caption("It ends at its next step.")
    else:
        st.button("Cancel", on_click=work.cancel, key=f"cancel {slot}")
