"""Many writers and readers, each a process, on one store: is an upload ever lost, doubled, torn?

Run it with `make bench NAME=store_load`, or with options:
`python -m benchmarks.store_load --engine sqlite postgresql --operations 10000 --writers 8
--readers 20`. Writers publish synthetic uploads, the same content at once, keys that are held,
corrections, withdrawals and roll-backs; readers read the latest and older revisions all the time.
Afterwards every revision is compared with what its publications make. Each engine has a new store.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from benchmarks.map.report import percentile
from benchmarks.result import Aim, keep
from benchmarks.storing import reader, verdict, writer
from benchmarks.storing.writer import Attempt
from conflictmap.store import open_store
from tests.postgres import running_cluster

ENGINES = ("sqlite", "postgresql")
REFUSED = ("key", "stale", "meanwhile")
"""What a store refuses as it should: a key that is held, a revision that is no longer the latest,
an upload that another has published."""


@dataclass(frozen=True)
class Load:
    """How much is asked of a store."""

    operations: int = 10_000
    writers: int = 8
    readers: int = 20
    seed: int = 1


@dataclass
class Found:
    """What came of it; ``faults`` and ``errors`` are empty when all is well."""

    seconds: float
    attempts: list[Attempt]
    reads: list[float]
    revisions_read: int
    cpu_s: float  # of writers and readers; a server of its own is not in it
    faults: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def outcomes(self) -> Counter[str]:
        """Return how many attempts ended how."""
        return Counter(attempt.outcome for attempt in self.attempts)

    def publish_seconds(self) -> list[float]:
        """Return how long each acknowledged publication took."""
        without = ("roll back", "keep and drop")
        done = [one for one in self.attempts if one.outcome == "done"]
        return [one.seconds for one in done if one.kind not in without]


def measure(url: str, load: Load, *, is_told: bool = False) -> Found:
    """Let writers and readers loose on a new synthetic store, and judge what is in it afterwards.

    Parameters
    ----------
    url
        Address of the store; it must be empty.
    is_told
        Print how far they are.
    """
    store = open_store(url, kind="synthetic")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        broken = _run(url, load, folder, is_told=is_told)
        seconds = time.perf_counter() - started
        attempts = [
            Attempt.from_line(line)
            for path in sorted(folder.glob("writer-*.jsonl"))
            for line in path.read_text(encoding="utf-8").splitlines()
        ]
        readers = [json.loads(path.read_text()) for path in sorted(folder.glob("reader-*.json"))]
        writers = [json.loads(path.read_text()) for path in sorted(folder.glob("writer-*.json"))]
    errors = broken + [error for one in readers for error in one["errors"]]
    errors += [f"{one.name}: {one.words}" for one in attempts if one.outcome == "error"]
    if len(attempts) != load.operations:
        errors.append(f"{load.operations} operations were asked for, {len(attempts)} were tried")
    seen = [
        {int(revision): (lots, rows) for revision, (lots, rows) in one["seen"].items()}
        for one in readers
    ]
    faults = [fault for one in readers for fault in one["faults"]]
    return Found(
        seconds=seconds,
        attempts=attempts,
        reads=[took for one in readers for took in one["seconds"]],
        revisions_read=len({revision for one in seen for revision in one}),
        cpu_s=sum(one["cpu_s"] for one in [*readers, *writers]),
        faults=faults + verdict.faults_of(store, attempts, seen),
        errors=errors,
    )


def _run(url: str, load: Load, folder: Path, *, is_told: bool) -> list[str]:
    """Run all processes until the writers have ended; return what broke."""
    # Forked from a process that has imported everything, and has no thread and no connection.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([writer.__name__, reader.__name__])
    stop = folder / "stop"
    shares = [
        load.operations // load.writers + (number < load.operations % load.writers)
        for number in range(load.writers)
    ]
    writers = [
        context.Process(target=writer.write, args=(url, number, share, load.seed, folder))
        for number, share in enumerate(shares)
    ]
    readers = [
        context.Process(target=reader.read, args=(url, number, load.seed, folder, stop))
        for number in range(load.readers)
    ]
    processes: list[BaseProcess] = [*readers, *writers]
    for process in processes:
        process.start()
    try:
        told_at = time.monotonic()
        while any(process.is_alive() for process in writers):
            time.sleep(0.05)
            if is_told and time.monotonic() > told_at + 30:
                told_at = time.monotonic()
                lines = sum(_lines(path) for path in folder.glob("writer-*.jsonl"))
                print(f"  {lines:,} of {load.operations:,} operations", flush=True)
        stop.touch()
        for process in readers:
            process.join(60)
    finally:
        for process in processes:
            if process.is_alive():
                process.kill()
                process.join()
    broken = [process for process in processes if process.exitcode != 0]
    return [f"{len(broken)} processes ended with an error"] if broken else []


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


@contextmanager
def new_store(engine: str) -> Iterator[str]:
    """Give the address of a new, empty store of an engine."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'store.sqlite'}"
    else:
        # As a server runs it: what is committed is on the disk.
        with running_cluster(options=("autovacuum=on",)) as cluster:
            yield cluster.fresh_database()


def _tell(engine: str, found: Found) -> None:
    told = found.outcomes()
    kinds = Counter(attempt.kind for attempt in found.attempts)
    revisions = len({one.revision for one in found.attempts if one.revision})
    publish, reads = found.publish_seconds(), found.reads
    print(
        f"\n{engine}: {len(found.faults)} faults, {len(found.errors)} errors, {told['busy']} busy"
    )
    print(
        f"  {len(found.attempts):,} operations in {found.seconds:,.1f} s"
        f" ({len(found.attempts) / found.seconds:,.1f}/s), {revisions:,} revisions,"
        f" {sum(told[name] for name in REFUSED):,} refused as they should be"
        f" ({', '.join(f'{told[name]} {name}' for name in REFUSED)})"
    )
    print(f"  {', '.join(f'{number} {kind}' for kind, number in kinds.most_common())}")
    print(f"  a publication: {_spread(publish)}")
    print(f"  a read of {len(reads):,}, of {found.revisions_read:,} revisions: {_spread(reads)}")
    print(f"  CPU of writers and readers {found.cpu_s:,.1f} s on {os.cpu_count()} cores")
    for line in [*found.errors[:10], *found.faults[:10]]:
        print(f"  WRONG {line}")


def _keep(found: dict[str, Found], load: Load) -> None:
    judged: dict[str, tuple[float, Aim]] = {}
    for engine, one in found.items():
        wrong = len(one.faults) + len(one.errors)
        judged[f"faults and errors, {engine}"] = wrong, Aim(at_most=0)
    for engine, one in found.items():
        judged[f"operations a second, {engine}"] = len(one.attempts) / one.seconds, Aim()
    keep(
        "store_load" if load.operations >= Load().operations else "store_load_short",
        ratios={words: number for words, (number, _) in judged.items()},
        aims={words: aim for words, (_, aim) in judged.items()},
        figures={
            "peers": {
                engine: {
                    "operations": len(one.attempts),
                    "refused as they should be": sum(one.outcomes()[name] for name in REFUSED),
                    "busy": one.outcomes()["busy"],
                    "a publication, median s": round(statistics.median(one.publish_seconds()), 4),
                    "a read, median s": round(statistics.median(one.reads), 4),
                    "revisions read": one.revisions_read,
                }
                for engine, one in found.items()
            }
        },
    )


def _spread(seconds: list[float]) -> str:
    p50, p95 = (1000 * percentile(seconds, share) for share in (0.5, 0.95))
    return f"p50 {p50:,.1f} ms, p95 {p95:,.1f} ms, worst {1000 * max(seconds):,.0f} ms"


def main() -> int:
    """Try each engine, and end with 1 where anything was wrong."""
    options = _options()
    load = Load(options.operations, options.writers, options.readers, options.seed)
    found: dict[str, Found] = {}
    for engine in options.engine:
        print(f"{engine}: {load}", flush=True)
        with new_store(engine) as url:
            found[engine] = measure(url, load, is_told=True)
    if len(found) == 2:
        ours, theirs = (statistics.median(found[name].publish_seconds()) for name in ENGINES)
        speeds = [len(found[name].attempts) / found[name].seconds for name in ENGINES]
        print(f"\n{theirs / ours:.2f} x the time of a publication in PostgreSQL as in SQLite")
        print(f"{speeds[1] / speeds[0]:.2f} x the operations a second")
    for engine, one in found.items():
        _tell(engine, one)
    _keep(found, load)
    return 1 if any(one.faults or one.errors for one in found.values()) else 0


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store_load", description=__doc__)
    parser.add_argument("--engine", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
