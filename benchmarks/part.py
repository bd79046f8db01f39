"""One part of a benchmark in a process of its own: its CPU, wall and memory are nobody else's."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conflictmap.settings import ROOT

_STATUS = Path("/proc/self/status")


def run_part(module: str, *arguments: str) -> dict[str, Any]:
    """Run `python -m MODULE ARGUMENTS` and return the JSON of the last line that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def timed(
    work: Callable[[], Any], other_cpu_s: Callable[[], float] | None = None
) -> dict[str, Any]:
    """Do some work; return its seconds of CPU and wall, and what it returned as ``answer``.

    ``other_cpu_s`` tells the CPU that another process has used so far on our behalf.
    """
    before = other_cpu_s() if other_cpu_s else 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - wall
    if other_cpu_s:
        cpu_s += other_cpu_s() - before
    return {"cpu_s": cpu_s, "wall_s": wall_s, "answer": answer}


def peak_mb() -> float:
    """Return the most memory that this process had so far, in MB (10^6 bytes)."""
    # getrusage counts the parent's memory in, where this process was made of it.
    known = _memory_mb("VmHWM")
    if known is None:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return known


def memory_mb() -> float:
    """Return the memory that this process has now, in MB (10^6 bytes); the peak where unknown."""
    known = _memory_mb("VmRSS")
    return peak_mb() if known is None else known


def available_mb() -> float:
    """Return the memory that the machine could still give, in MB; without bound where unknown."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return float("inf")
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable")]
    return int(found[0]) * 1024 / 1e6 if found else float("inf")


def _memory_mb(name: str) -> float | None:
    try:
        return int(_STATUS.read_text(encoding="ascii").split(f"{name}:")[1].split()[0]) * 1024 / 1e6
    except (OSError, IndexError):
        return None
