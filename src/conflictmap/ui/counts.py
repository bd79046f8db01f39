"""What one process counts about itself, for a monitoring system: numbers, never names.

Plain numbers under a lock; the library that writes them out is loaded with the first question.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper ends, in seconds, of the classes of a run's length."""


@dataclass
class Counts:
    """What has happened since the process started."""

    open_pages: int = 0
    refused: int = 0
    runs: int = 0
    run_seconds: float = 0.0
    runs_up_to: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))
    failed_runs: int = 0
    store_errors: int = 0


_counts = Counts()
_lock = threading.Lock()


def counted() -> Counts:
    """Return a copy of the numbers of this moment."""
    with _lock:
        return Counts(**{**vars(_counts), "runs_up_to": list(_counts.runs_up_to)})


@contextmanager
def one_run() -> Iterator[None]:
    """Count a run of the page, however it ends, and how long it took."""
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - start
        with _lock:
            _counts.runs += 1
            _counts.run_seconds += seconds
            for number, end in enumerate(BUCKETS):
                _counts.runs_up_to[number] += seconds <= end


def note_open_pages(number: int) -> None:
    """Note how many pages are open now."""
    with _lock:
        _counts.open_pages = number


def note_refused() -> None:
    """Count somebody who was told that the dashboard is busy."""
    with _lock:
        _counts.refused += 1


def note_failed_run(_error: BaseException) -> None:
    """Count a run that ended with a bug; `st.App` calls this, and shows what it always shows."""
    with _lock:
        _counts.failed_runs += 1


def count_store_errors() -> None:
    """Count from now on each error that a database reports to this process."""
    import sqlalchemy as sa

    if not sa.event.contains(sa.Engine, "handle_error", _note_store_error):
        sa.event.listen(sa.Engine, "handle_error", _note_store_error)


def _note_store_error(_context: object) -> None:
    with _lock:
        _counts.store_errors += 1
