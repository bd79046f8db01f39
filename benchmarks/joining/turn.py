"""One turn of a way of joining: its CPU, its wall time and its peak of memory.

Memory and the CPU of other processes are read from ``/proc`` (Linux).
"""

from __future__ import annotations

import ctypes
import gc
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

_PROC = Path("/proc")
_TICK = os.sysconf("SC_CLK_TCK")
_RESET_PEAK = "5"  # what proc(5) wants written to clear_refs


class MissingPeerError(Exception):
    """A peer is not installed here."""


@dataclass(frozen=True)
class Join:
    """A way of joining, with its points and districts ready.

    ``run`` is what the clock sees. It is given what ``ready`` has made before each turn;
    ``positions`` makes of its answer the lowest position of each point, after the clock.
    ``helpers`` are other processes that do part of the work: their CPU and memory are added.
    ``notes`` are figures of the preparation, and what was set.
    """

    run: Callable[[Any], Any]
    positions: Callable[[Any], np.ndarray]
    ready: Callable[[], Any] = lambda: None
    helpers: Sequence[int] = ()
    notes: Mapping[str, float | str] = field(default_factory=dict)


def take_turn(join: Join, answer_file: Path) -> dict[str, float | None]:
    """Join once, and write the positions to a file of numpy.

    Returns
    -------
    dict
        ``cpu_s`` of all threads and helpers, ``wall_s``, ``base_mb`` (10^6 bytes) that the
        processes held before, and ``peak_mb`` above it; none where no peak can be read. The peak of
        the first turn of a process is the one to keep: later ones find memory that is not given
        back.
    """
    ready = join.ready()
    _give_back()
    pids = [os.getpid(), *join.helpers]
    can_reset = not [pid for pid in pids if not _reset_peak(pid)]
    base = sum(memory_of(pid, "VmRSS") for pid in pids)
    helped = sum(cpu_of(pid) for pid in join.helpers)
    wall, own = time.perf_counter(), time.process_time()
    answer = join.run(ready)
    own, wall = time.process_time() - own, time.perf_counter() - wall
    helped = sum(cpu_of(pid) for pid in join.helpers) - helped
    peak = sum(memory_of(pid, "VmHWM") for pid in pids) - base if can_reset else None
    np.save(answer_file, join.positions(answer))
    return {"cpu_s": own + helped, "wall_s": wall, "base_mb": base, "peak_mb": peak}


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a process and its threads have taken so far."""
    stat = (_PROC / str(pid) / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / _TICK


def memory_of(pid: int, kind: str) -> float:
    """Return a line of a process's status in MB: VmRSS it holds now, VmHWM was the most."""
    status = (_PROC / str(pid) / "status").read_text(encoding="ascii")
    return int(status.split(f"{kind}:")[1].split()[0]) * 1024 / 1e6


def peak_of(work: Callable[[], Any]) -> float | None:
    """Return the MB above what is held now that a piece of work of this process takes."""
    _give_back()
    can_reset = _reset_peak(os.getpid())
    base = memory_of(os.getpid(), "VmRSS")
    work()
    return memory_of(os.getpid(), "VmHWM") - base if can_reset else None


def _reset_peak(pid: int) -> bool:
    try:
        (_PROC / str(pid) / "clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return False
    return True


def _give_back() -> None:
    """Give memory that is not in use back, so that it is not hidden in the base."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
    if trim is not None:
        trim(0)
