"""Workers: the same result as one process, whoever joins a part, whatever ends in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, Worker, WorkerPlugin

from conflictmap.cluster import workers
from conflictmap.cluster.running import Outcome
from conflictmap.cluster.storage import Part
from conflictmap.cluster.workers import (
    local_workers,
    refuse_other_versions,
    work_on,
    worker_versions,
)
from conflictmap.errors import QueryError
from tests.browser import ROOT
from tests.cluster_archives import (
    account_of,
    joined,
    layer,
    order_of,
    results,
    synthetic_rows,
    write_parquet,
)
from tests.test_cluster import mapping_file

pytestmark = pytest.mark.xdist_group("cluster")

PARTS, ROWS, BATCH_ROWS = 6, 8_000, 800
COPIES = 8
"""Small parts in many batches, so that a worker is at a part for a while."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic parts."""
    folder = tmp_path_factory.mktemp("archive")
    for number in range(PARTS):
        write_parquet(folder / f"{number}.parquet", synthetic_rows(ROWS, number))
    return folder


@pytest.fixture(scope="module")
def alone(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The results of one process."""
    folder = tmp_path_factory.mktemp("alone")
    joined(archive, folder, batch_rows=BATCH_ROWS)
    return results(folder)


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Client]:
    """Two workers, for one test after the other."""
    with local_workers(2) as client:
        yield client


def joined_by(client: Client, archive: Path, folder: Path, **more: Any) -> dict[str, Any]:
    """Join the archive by workers; return the account."""
    order = order_of(folder, batch_rows=BATCH_ROWS)
    work = work_on(client, order, layer())
    return joined(archive, folder, work=work, batch_rows=BATCH_ROWS, **more)


def halted_in_the_middle(folder: Path, has_ended: threading.Event) -> int:
    """Stop a worker that is writing a part right now; return its process.

    The name of an unfinished file tells whose it is. A process that is stopped and whose file is
    still unfinished was in the middle of it.
    """
    while not has_ended.is_set():
        for unfinished in folder.glob("joined/.part-*.tmp"):
            process = int(unfinished.name.split(".")[3])
            os.kill(process, signal.SIGSTOP)
            if unfinished.exists():
                return process
            os.kill(process, signal.SIGCONT)
    raise AssertionError("no worker was caught in the middle of a part")


def test_workers_give_the_same_bytes_as_one_process(two_workers, archive, alone, tmp_path):
    account = joined_by(two_workers, archive, tmp_path)
    assert account["rows_in"] == PARTS * ROWS
    assert results(tmp_path) == alone


def test_one_worker_gives_them_too(archive, alone, tmp_path):
    with local_workers(1) as client:
        joined_by(client, archive, tmp_path)
    assert results(tmp_path) == alone


def test_worker_killed_in_the_middle_changes_nothing(two_workers, archive, alone, tmp_path):
    has_ended, killed = threading.Event(), list[int]()

    def kill() -> None:
        process = halted_in_the_middle(tmp_path, has_ended)
        os.kill(process, signal.SIGKILL)
        killed.append(process)

    before = set(two_workers.run(os.getpid).values())
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        account = joined_by(two_workers, archive, tmp_path)
    finally:
        has_ended.set()
        killer.join()
    assert killed
    assert killed[0] in before
    assert killed[0] not in set(two_workers.run(os.getpid).values())
    assert account["is_complete"]
    assert results(tmp_path) == alone


class Deadly(WorkerPlugin):
    """Makes one part end the process of whichever worker is given it."""

    name = "deadly"

    def setup(self, worker: Worker) -> None:
        """Put the deadly work in the place of the usual."""
        usual = workers.attempted

        def attempted(part: Part, *more: Any) -> Any:
            if part.label == "2.parquet":
                os.kill(os.getpid(), signal.SIGKILL)
            return usual(part, *more)

        workers.attempted = attempted


@pytest.mark.slow
def test_part_that_ends_its_worker_is_named_and_the_others_go_on(archive, tmp_path):
    with local_workers(2) as client:
        client.register_plugin(Deadly())
        account = joined_by(client, archive, tmp_path)
    assert account["failed"] == [{"part": "2.parquet", "why": "its worker ended every time."}]
    assert [part["part"] for part in account["parts"]] == [
        f"{number}.parquet" for number in (0, 1, 3, 4, 5)
    ]


# --- which part was it? The rule, without workers.


class Pretended:
    """Stands for the parts that are given out: a deadly one takes its neighbours with it."""

    def __init__(self, deadly: set[int], broken: set[int]) -> None:
        self.parts: dict[int, Part] = {}
        self.deadly, self.broken = deadly, broken
        self.given: list[set[int]] = []

    def give(self, part: Part) -> None:
        """Note that a part is there."""
        self.parts[part.number] = part

    def most(self) -> int:
        """Two workers."""
        return 4

    def finished(self) -> list[tuple[Part, tuple[Any, ...]]]:
        """Return all that are there at once."""
        self.given.append(set(self.parts))
        is_end = bool(self.deadly & set(self.parts))
        back = [
            (part, (None, "its worker ended every time.", False, 1))
            if is_end
            else (part, (None, "it could not be read", False, 0))
            if number in self.broken
            else (part, ({"part": part.label}, "", True, 0))
            for number, part in self.parts.items()
        ]
        self.parts.clear()
        return back


@pytest.mark.parametrize(
    ("deadly", "broken"), [(set(), set()), ({2}, set()), ({0, 5}, {1}), (set(range(8)), set())]
)
def test_neighbours_of_a_deadly_part_are_not_blamed(monkeypatch, deadly, broken):
    monkeypatch.setattr(workers, "_result", lambda told: told)
    parts = [Part(number, f"/{number}", f"{number}", 1, "") for number in range(8)]
    given = Pretended(deadly, broken)
    outcomes = [one for one in workers._outcomes(given, parts) if isinstance(one, Outcome)]
    assert sorted(one.part.number for one in outcomes) == list(range(8))
    assert {one.part.number for one in outcomes if one.account is None} == deadly | broken
    for number in deadly:
        assert sum(number in some for some in given.given) == 3
        assert {number} in given.given


# --- versions and addresses


def test_worker_of_another_version_is_refused():
    own = worker_versions()
    refuse_other_versions({"tcp://a": dict(own)}, own)
    with pytest.raises(QueryError, match=r"^The worker tcp://b has GEOS 3\.9\.0, here it is "):
        refuse_other_versions({"tcp://a": own, "tcp://b": own | {"GEOS": "3.9.0"}}, own)
    with pytest.raises(QueryError, match=r"^The worker tcp://b lacks conflictmap"):
        refuse_other_versions({"tcp://b": ModuleNotFoundError("conflictmap")}, own)


def test_versions_are_compared_before_the_work(two_workers, tmp_path, monkeypatch):
    other = worker_versions() | {"shapely": "1.8"}
    monkeypatch.setattr(workers, "worker_versions", lambda: other)
    with pytest.raises(QueryError, match=r"has shapely .*, here it is 1\.8\."):
        work_on(two_workers, order_of(tmp_path), layer())


def test_scheduler_that_does_not_answer_is_said(monkeypatch):
    monkeypatch.setattr(workers, "SECONDS_TO_ANSWER", 1)
    with (
        pytest.raises(QueryError, match="No scheduler answers there"),
        workers.cluster_at("tcp://127.0.0.1:9", None),
    ):
        pass


def test_local_workers_listen_on_the_loopback_and_speak_tls(two_workers):
    addresses = [two_workers.scheduler.address, *two_workers.nthreads()]
    assert all(address.startswith("tls://127.0.0.1:") for address in addresses)


# --- the command


def test_cancelled_command_keeps_finished_parts_and_goes_on(archive, alone, tmp_path):
    many, folder = tmp_path / "many", tmp_path / "out"
    many.mkdir()
    for number in range(COPIES):  # so many that it is not done before it is cancelled
        for part in archive.iterdir():
            os.link(part, many / f"{number}-{part.name}")
    words = ["ingest", str(many), "--output", str(folder), "--local-workers", "1"]
    command = [sys.executable, "-m", "conflictmap.cli", *words]
    command += ["--mapping", str(mapping_file(tmp_path))]
    # A process group of its own: Ctrl-C at a terminal reaches the workers as well.
    started = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not list(folder.glob("parts/part-*.json")) and started.poll() is None:
        time.sleep(0.01)
    os.killpg(started.pid, signal.SIGINT)
    _, told = started.communicate()
    assert started.returncode == 1
    assert "parts are joined and stay. The same command goes on with the rest." in told
    assert "Traceback" not in told
    kept = len(list(folder.glob("parts/part-*.json")))
    assert kept >= 1
    assert not (folder / "account.json").exists()
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"{kept} parts were joined before" in again.stderr
    assert account_of(folder)["rows_in"] == COPIES * PARTS * ROWS
