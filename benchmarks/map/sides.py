"""The two sides: the dashboard and the plain app, each on a server of its own, on one store."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser import ROOT, free_port, serving, streamlit_run

AREAS = 398
PERIOD = "from=2001-01-01&to=2025-12-31"
"""25 years: 300 steps of a month."""

OURS, PLAIN = "map page", "plain Folium"

TYPES = "Type of incident"
COMMUNITIES = "Community targeted"
POINTS = {OURS: "Places of incidents", PLAIN: "Points"}
"""Labels of the controls that are used; the toggle of the points has one on each side."""

PLAIN_APP = Path(__file__).with_name("plain_app.py")

_PLAIN_SETTINGS = {
    "STREAMLIT_SERVER_HEADLESS": "true",
    "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    "STREAMLIT_SERVER_ENABLE_STATIC_SERVING": "true",
    "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
    "STREAMLIT_BROWSER_SERVER_ADDRESS": "127.0.0.1",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}

WITHOUT_COLLECTION = {"STREAMLIT_RUNNER_POST_SCRIPT_GC": "false"}
"""The one setting of the dashboard's server that makes any app faster, for the plain app as well.

Streamlit collects garbage after each run unless told otherwise.
"""


@dataclass(frozen=True)
class Served:
    """A side that is being served."""

    side: str
    address: str
    port: int

    @classmethod
    def at(cls, address: str, side: str) -> Served:
        """Return the side that is served at an address of this machine."""
        return cls(side, address, int(address.rpartition(":")[2]))

    def cpu_s(self) -> float:
        """Return the CPU seconds that its process has used so far."""
        ticks = sum(int(field) for field in _stat(self._process())[11:13])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Return the resident memory of its process, in MB (10^6 bytes)."""
        return int(_stat(self._process())[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def _process(self) -> Path:
        wanted = f"--server.port\0{self.port}\0".encode()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if wanted in (process / "cmdline").read_bytes():
                    return process
            except OSError:  # it has ended in the meantime
                continue
        raise RuntimeError(f"No process serves port {self.port}; /proc is needed (Linux).")


@contextmanager
def serving_ours(store: Path) -> Iterator[Served]:
    """Serve the dashboard on a store, as `make run` does."""
    port = free_port()
    environment = {"CONFLICTMAP_STORE": f"sqlite:///{store}"}
    with serving(streamlit_run(port), port, environment=environment) as address:
        yield Served.at(address, OURS)


@contextmanager
def serving_plain(store: Path, settings: dict[str, str] | None = None) -> Iterator[Served]:
    """Serve the plain app on the rows of the same store, by default as Streamlit comes."""
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(PLAIN_APP, folder / "app.py")
        (folder / "static").symlink_to(ROOT / "static")  # Leaflet
        environment = _PLAIN_SETTINGS | {"PLAIN_STORE": str(store)} | (settings or {})
        with serving(streamlit_run(port), port, environment=environment, folder=folder) as address:
            yield Served.at(address, PLAIN)


def make_store(path: Path, incidents: int) -> Path:
    """Fill a new synthetic store; the same number gives the same incidents."""
    command = ["synth", "--incidents", str(incidents), "--seed", "1", "--output", str(path)]
    subprocess.run(
        [sys.executable, "-m", "conflictmap.cli", *command],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return path


def _stat(process: Path) -> list[str]:
    """Return the fields of ``/proc/<id>/stat`` from the third on, after the name in brackets."""
    return (process / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
