"""Ours: the grid of `conflictmap.locator`, built once a layer and read from its cache."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.joining.given import Given
from benchmarks.joining.turn import Join, peak_of
from conflictmap.locator import build_locator, load_locator

_BUILDS = 3


@contextmanager
def prepared(given: Given) -> Iterator[Join]:
    """Build the grid and read it from its cache, each timed; join with the one that was read."""
    built: list[float] = []
    build_mb, *_ = [
        peak_of(lambda: built.append(_seconds(lambda: build_locator(given.polygons))[0]))
        for _ in range(_BUILDS)
    ]
    with tempfile.TemporaryDirectory() as kept, tempfile.TemporaryDirectory() as copied:
        load_locator(given.polygons, cache_folder=Path(kept))
        shutil.copytree(kept, copied, dirs_exist_ok=True)  # memory knows a grid by its folder
        read_s, locator = _seconds(lambda: load_locator(given.polygons, cache_folder=Path(copied)))
    notes = {"build_cpu_s": statistics.median(built), "read_cpu_s": read_s}
    yield Join(
        run=lambda _: locator.locate(given.longitude, given.latitude),
        positions=lambda found: found,
        notes=notes if build_mb is None else notes | {"build_peak_mb": build_mb},
    )


def _seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    answer = work()
    return time.process_time() - started, answer
