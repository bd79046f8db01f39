"""Ways of joining side by side: each in a process of its own, all taking turns on the same points.

What one way cannot do never hides: a way that is not installed is named with the command that sets
it up, and one that fails, or takes too long, with what it said.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.joining.given import NO_POSITION, ROOT
from benchmarks.joining.ways import Way

MOST_S = 600.0
"""How long a way may take to make itself ready, and for a turn."""


class FailedWayError(Exception):
    """A way of joining ended with an error, or had to be ended."""


@dataclass
class Measured:
    """What was measured of a way: a number a turn, the warm-up left out.

    ``peak_mb`` is that of the warm-up, see `take_turn`. ``unlike`` counts the points whose answer
    is not ours, the most of any turn; of these, ``without`` have no district in its answer.
    """

    cpu_s: list[float] = field(default_factory=list)
    wall_s: list[float] = field(default_factory=list)
    peak_mb: float | None = None
    notes: dict[str, float | str] = field(default_factory=dict)
    unlike: int = 0
    without: int = 0

    @property
    def median_cpu_s(self) -> float:
        """Return the median of its turns."""
        return statistics.median(self.cpu_s)


@dataclass
class Found:
    """What came of a run: by name of a way."""

    measured: dict[str, Measured] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)  # why
    failed: dict[str, str] = field(default_factory=dict)  # what it said
    held: int = 0  # points that lie in a district


def take_turns(
    ways: Sequence[Way],
    folder: Path,
    *,
    rounds: int,
    most_s: float = MOST_S,
    tell: Callable[[str], None] = lambda words: None,
) -> Found:
    """Let ways join the points of a folder, by turns: a warm-up each, then so many rounds.

    The first way is the one that the answers of the others are compared with, point by point, in
    every round.
    """
    found = Found()
    with ExitStack() as stack:
        running = {}
        for way in ways:
            tell(f"{way.title}: makes itself ready")
            if not way.python.exists():
                found.missing[way.name] = f"no environment {way.python.parents[1].name}"
                continue
            try:
                running[way] = stack.enter_context(_running(way, folder, most_s))
                notes = running[way].hear()
            except FailedWayError as failed:
                running.pop(way, None)
                found.failed[way.name] = str(failed)
                continue
            if "missing" in notes:
                found.missing[way.name] = notes["missing"]
                del running[way]
            else:
                found.measured[way.name] = Measured(notes=notes["notes"])
        for number in range(rounds + 1):
            tell(f"round {number} of {rounds}" if number else "warm-up")
            ours: np.ndarray | None = None
            for way, process in list(running.items()):
                try:
                    turn = process.take_turn()
                except FailedWayError as failed:
                    del running[way], found.measured[way.name]
                    found.failed[way.name] = str(failed)
                    continue
                answer = np.load(process.answer_file)
                ours = answer if ours is None else ours
                found.held = int((ours != NO_POSITION).sum())
                _add(found.measured[way.name], turn, answer, ours, is_warm_up=number == 0)
    return found


def _add(
    measured: Measured,
    turn: dict[str, Any],
    answer: np.ndarray,
    ours: np.ndarray,
    *,
    is_warm_up: bool,
) -> None:
    if is_warm_up:
        measured.peak_mb = turn["peak_mb"]
    else:
        measured.cpu_s.append(turn["cpu_s"])
        measured.wall_s.append(turn["wall_s"])
    unlike = answer != ours
    if (count := int(unlike.sum())) >= measured.unlike:
        measured.unlike = count
        measured.without = int((answer[unlike] == NO_POSITION).sum())


# --- the process of a way -------------------------------------------------------------------------


@dataclass
class _Process:
    way: Way
    process: subprocess.Popen[str]
    log: Path
    answer_file: Path
    most_s: float

    def take_turn(self) -> dict[str, Any]:
        try:
            assert self.process.stdin is not None
            self.process.stdin.write("turn\n")
            self.process.stdin.flush()
        except OSError as broken:
            raise FailedWayError(self._last_words()) from broken
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """Return its next answer."""
        assert self.process.stdout is not None
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            _end(self.process)

        timer = threading.Timer(self.most_s, end)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if is_late.is_set():
            raise FailedWayError(f"did not end within {self.most_s:.0f} s")
        if not line:
            self.process.wait()
            raise FailedWayError(self._last_words())
        return dict(json.loads(line))

    def _last_words(self) -> str:
        said = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return said[-1] if said else f"ended with {self.process.wait()}"


@contextmanager
def _running(way: Way, folder: Path, most_s: float) -> Iterator[_Process]:
    """Start the process of a way, and end it."""
    with tempfile.TemporaryDirectory() as own:
        log, answer_file = Path(own) / "log", Path(own) / "answer.npy"
        command = [str(way.python), "-m", "benchmarks.joining.process", way.module]
        command += [json.dumps(dict(way.options)), str(folder), str(answer_file)]
        with log.open("wb") as said:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        try:
            yield _Process(way, process, log, answer_file, most_s)
        finally:
            with process, contextlib.suppress(OSError):
                if process.stdin is not None:
                    process.stdin.close()  # it has nothing more to do, and stops what it started
                _end(process, patience_s=60)


def _end(process: subprocess.Popen[str], patience_s: float = 0) -> None:
    """Wait for the end of a process, then ask for it, then force it."""
    for ask in (lambda: None, process.terminate, process.kill):
        ask()
        try:
            process.wait(patience_s)
            return
        except subprocess.TimeoutExpired:
            patience_s = 20
