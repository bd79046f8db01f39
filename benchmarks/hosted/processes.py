"""What a process and those that it started take of the machine, read from ``/proc`` (Linux)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICK = os.sysconf("SC_CLK_TCK")
_ESTABLISHED = "01"


@dataclass(frozen=True)
class Sample:
    """One moment of a family of processes; memory in MB (10^6 bytes)."""

    cpu_s: float  # so far, of those that have ended too
    rss_mb: float  # what several share is counted in each
    uss_mb: float  # what none shares
    files: int
    threads: int

    def as_dict(self) -> dict[str, float]:
        """Return it by name."""
        return asdict(self)


@dataclass(frozen=True)
class Family:
    """A process with a name, and all that it started."""

    name: str
    pid: int

    def sample(self) -> Sample:
        """Return what the family takes now.

        Raises
        ------
        RuntimeError
            If the process is gone.
        """
        if not (_PROC / str(self.pid)).is_dir():
            raise RuntimeError(f"{self.name} has ended.")
        members = [found for pid in self._members() if (found := _sample(pid)) is not None]
        return Sample(
            cpu_s=sum(one.cpu_s for one in members),
            rss_mb=sum(one.rss_mb for one in members),
            uss_mb=sum(one.uss_mb for one in members),
            files=sum(one.files for one in members),
            threads=sum(one.threads for one in members),
        )

    def _members(self) -> Iterable[int]:
        children: dict[int, list[int]] = {}
        for folder in _PROC.glob("[0-9]*"):
            with contextlib.suppress(OSError):
                children.setdefault(int(_stat(folder)[1]), []).append(int(folder.name))
        waiting = [self.pid]
        while waiting:
            pid = waiting.pop()
            yield pid
            waiting += children.get(pid, [])


def process_with(argument: str) -> int:
    """Return the id of the one process that was started with an argument.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    wanted = b"\0" + argument.replace(" ", "\0").encode() + b"\0"
    for folder in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in b"\0" + (folder / "cmdline").read_bytes():
                return int(folder.name)
    raise RuntimeError(f"No process was started with {argument}.")


def connections_to(port: int) -> int:
    """Return how many connections a port of this machine holds."""
    ending = f":{port:04X}"
    found = 0
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (_PROC / "net" / name).read_text(encoding="ascii").splitlines()[1:]:
                cells = line.split()
                found += cells[1].endswith(ending) and cells[3] == _ESTABLISHED
    return found


def _sample(pid: int) -> Sample | None:
    """Return what one process takes; None: it has ended meanwhile."""
    folder = _PROC / str(pid)
    try:
        stat = _stat(folder)
        memory = _memory(folder)
        return Sample(
            cpu_s=sum(int(ticks) for ticks in stat[11:15]) / _TICK,
            rss_mb=memory.get("Rss", 0) / 1e6,
            uss_mb=(memory.get("Private_Clean", 0) + memory.get("Private_Dirty", 0)) / 1e6,
            files=sum(1 for _ in (folder / "fd").iterdir()),
            threads=int(stat[17]),
        )
    except OSError:
        return None


def _memory(folder: Path) -> dict[str, int]:
    """Return the parts of a process's memory in bytes."""
    parts = {}
    for line in (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, _, amount = line.partition(":")
        parts[name] = int(amount.split()[0]) * 1024
    return parts


def _stat(folder: Path) -> list[str]:
    """Return the fields of ``/proc/<id>/stat`` from the third on, after the name in brackets."""
    return (folder / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
