"""Ways of joining that go wrong, and one that does not, for the tests of the join benchmark."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from benchmarks.joining.given import NO_POSITION, Given
from benchmarks.joining.turn import Join


@contextmanager
def prepared(given: Given, *, name: str) -> Iterator[Join]:
    """Make ready a way that goes wrong as its name says."""
    points = len(given.longitude)

    def join(_: object) -> np.ndarray:
        if name == "wrong":
            raise ValueError("synthetic error")
        if name == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "late":
            time.sleep(60)
        if name == "unlike":
            return np.where(np.arange(points) == 0, 397, NO_POSITION)
        return np.zeros(points, dtype="int16")

    yield Join(join, lambda found: found)
