"""The distributed join with one worker and with two, beside the same join in one process.

Run it with `python -m benchmarks.cluster [--points 20000000] [--parts 40] [--rounds 2]`. Synthetic
points are written once as Parquet parts. Then one worker and two join them by turns, each in
a fresh cluster of this machine after a warm-up; their results are compared byte for byte with those
of one process, and one part, point by point, with the plain `districts.assign_districts`.

It ends with 1 where an answer differs, two workers are less than `AIM` times as fast as one on the
join stage, a worker needs `MOST_MB` or more, or the machine was too busy for the ratio to mean
anything.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pickle
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client

from benchmarks.result import LOAD_AT_BEGIN, Aim, keep
from conflictmap.boundaries import read_edition
from conflictmap.cluster.joining import Order
from conflictmap.cluster.layer import Layer, pack_layer, unpack_layer, versions
from conflictmap.cluster.layouts import ColumnMapping
from conflictmap.cluster.running import Progress, Work, join_archive, work_here
from conflictmap.cluster.storage import Folder, Part, find_parts
from conflictmap.cluster.workers import attempted_there, local_workers, work_on
from conflictmap.districts import assign_districts
from conflictmap.settings import ROOT

AIM, MOST_MB = 1.7, 1000.0
MOST_CREDIBLE = 2.2
"""A greater ratio tells of the load of the machine and not of the workers."""

SECONDS_BETWEEN_SAMPLES = 0.25
MAPPING = ColumnMapping(
    {
        "longitude": "longitude",
        "latitude": "latitude",
        "day": "day",
        "event_type": "event_type",
        "actor": "actor",
        "deaths_best": "deaths",
    },
    {},
)


@dataclass
class Stage:
    """What one join cost, in seconds and MB."""

    start_up_s: float = 0.0
    warm_up_s: float = 0.0
    join_wall_s: float = 0.0
    join_cpu_s: float = 0.0  # of the workers, or of this process
    merge_wall_s: float = 0.0
    peak_rss_mb: list[float] = field(default_factory=list)  # a worker each
    peak_uss_mb: list[float] = field(default_factory=list)


def main() -> int:
    """Join by turns, print the ratio first and last, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=20_000_000)
    parser.add_argument("--parts", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    layer = pack_layer(read_edition(ROOT / "geo" / "afg-2014"))
    with tempfile.TemporaryDirectory(prefix="conflictmap-bench-") as folder:
        return _measured(options, Path(folder), layer)


def _measured(options: argparse.Namespace, folder: Path, layer: Layer) -> int:
    _write_parts(folder / "in", options.points, options.parts)
    _write_parts(folder / "warm", 20_000, 2)
    alone, answer = _joined_here(folder, layer)
    unlike = _unlike_plain(folder)
    stages: dict[int, list[Stage]] = {1: [], 2: []}
    sent: dict[str, int] = {}
    for turn in range(options.rounds):
        for number in stages:
            stage, found, sent = _joined_by(number, folder, layer)
            stages[number].append(stage)
            unlike += found != answer
            told = f"{stage.join_wall_s:.1f} s wall, {stage.join_cpu_s:.1f} s CPU"
            print(f"turn {turn + 1}, {number} workers: {told}", flush=True)
    return _report(options, alone, stages, unlike, {**sent, "layer": len(layer.content)})


def _write_parts(folder: Path, points: int, parts: int) -> None:
    """Write synthetic points, uniform in the rectangle of the country; the same each time."""
    folder.mkdir()
    first = np.datetime64("2015-01-01")
    kinds = pa.array(["clash", "bombing", "shelling", "armed_attack", "air_strike", "other"])
    actors = pa.array([f"synthetic group {number}" for number in range(8)])
    for number in range(parts):
        chance, rows = np.random.default_rng(number), points // parts
        drawn = {
            "longitude": chance.uniform(60.5, 74.9, rows),
            "latitude": chance.uniform(29.4, 38.5, rows),
            "day": pa.array(first + chance.integers(0, 30, rows), pa.date32()),
            "event_type": kinds.take(pa.array(chance.integers(0, len(kinds), rows))),
            "actor": actors.take(pa.array(chance.integers(0, len(actors), rows))),
            "deaths": chance.integers(0, 20, rows),
        }
        pq.write_table(pa.table(drawn), folder / f"{number:03}.parquet")


def _order(folder: Path, layer: Layer) -> Order:
    return Order(Folder(str(folder)), layer.sha256, versions(), MAPPING)


def _joined_here(folder: Path, layer: Layer) -> tuple[Stage, str]:
    """Join in this process, one part after the other."""
    order = _order(folder / "alone", layer)
    work = work_here(order, unpack_layer(layer.content, layer.sha256))
    stage, before = Stage(), time.process_time()
    _timed(folder / "in", order, work, stage)
    stage.join_cpu_s = time.process_time() - before
    return stage, _digest(folder / "alone")


def _joined_by(number: int, folder: Path, layer: Layer) -> tuple[Stage, str, dict[str, int]]:
    stage, began = Stage(), time.perf_counter()
    results = folder / f"by-{number}-{time.monotonic_ns()}"
    with local_workers(number) as client:
        stage.start_up_s = time.perf_counter() - began
        began = time.perf_counter()
        warm = _order(folder / f"{results.name}-warm", layer)
        _timed(folder / "warm", warm, work_on(client, warm, layer), Stage())
        stage.warm_up_s = time.perf_counter() - began
        order = _order(results, layer)
        work = work_on(client, order, layer)
        pids = sorted(client.run(_begin).values())
        before = _cpu_s(client)
        with _sampled(pids, stage):
            _timed(folder / "in", order, work, stage)
        stage.join_cpu_s = _cpu_s(client) - before
        stage.peak_rss_mb = sorted(client.run(_peak_mb).values())
    return stage, _digest(results), _sent(folder, order)


def _timed(archive: Path, order: Order, work: Work, stage: Stage) -> None:
    """Join an archive; the join stage ends with the last part, the rest is the merge of counts."""
    seen: list[float] = []

    def tell(progress: Progress) -> None:
        seen.append(time.perf_counter())

    account = join_archive(
        find_parts([str(archive)], order.folder), order, work, told={}, tell=tell
    )
    if account["failed"]:
        raise RuntimeError(f"A part failed: {account['failed'][0]['why']}")
    stage.join_wall_s = seen[-1] - seen[0]
    stage.merge_wall_s = time.perf_counter() - seen[-1]


def _begin() -> int:
    """Forget the peak of this worker's memory so far; return its process."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return os.getpid()


def _peak_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak_kb = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
    return round(int(peak_kb) * 1024 / 1e6, 1)


def _cpu_s(client: Client) -> float:
    return float(sum(client.run(time.process_time).values()))


@contextmanager
def _sampled(pids: list[int], stage: Stage) -> Iterator[None]:
    """Note the most memory that each worker has for itself, now and then looked at."""
    peaks, ended = dict.fromkeys(pids, 0.0), threading.Event()

    def look() -> None:
        while not ended.wait(SECONDS_BETWEEN_SAMPLES):
            for pid in pids:
                own = psutil.Process(pid).memory_full_info().uss / 1e6
                peaks[pid] = max(peaks[pid], round(own, 1))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        ended.set()
        looking.join()
    stage.peak_uss_mb = sorted(peaks.values())


def _sent(folder: Path, order: Order) -> dict[str, int]:
    """Return the bytes of what crosses the wire for one part, as Dask pickles it."""
    part: Part = find_parts([str(folder / "in")], order.folder)[0]
    account = order.folder.read_json(f"parts/{part.stem}.json")
    return {
        "task_of_a_part": len(cloudpickle.dumps((attempted_there, part, order))),
        "result_of_a_part": len(pickle.dumps((account, "", True))),
    }


def _digest(folder: Path) -> str:
    """Return one hash over all files of the results."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _unlike_plain(folder: Path) -> int:
    """Return how many rows of the first part differ from the plain join of one machine."""
    found = pq.read_table(folder / "alone" / "joined" / "part-00000.parquet").to_pandas()
    stated = found[["longitude", "latitude"]].assign(geo_precision="exact")
    plain = assign_districts(stated, read_edition(ROOT / "geo" / "afg-2014").districts)
    return int((plain["adm2_code"].fillna("") != found["adm2_code"].fillna("")).sum())


def _report(
    options: argparse.Namespace,
    alone: Stage,
    stages: dict[int, list[Stage]],
    unlike: int,
    sent: dict[str, int],
) -> int:
    wall = {n: statistics.median(one.join_wall_s for one in some) for n, some in stages.items()}
    cpu = {n: statistics.median(one.join_cpu_s for one in some) for n, some in stages.items()}
    ratio = wall[1] / wall[2]
    most_mb = max(max(one.peak_rss_mb) for some in stages.values() for one in some)
    verdict = f"{ratio:.2f} x the rate of one worker with two, join stage, aim {AIM}"
    figures: dict[str, Any] = {
        "points": options.points,
        "parts": options.parts,
        "cores": os.cpu_count(),
        "load_average_at_end": [round(load, 2) for load in os.getloadavg()],
        "answers_unlike": unlike,
        "bytes_sent": sent,
        "peers": {
            "this process": _told([alone], options.points),
            "one worker": _told(stages[1], options.points),
            "two workers": _told(stages[2], options.points),
        },
        "notes": [
            "Wall: the join stage, after start-up and warm-up. CPU: of the workers alone.",
            "The results of all ways are compared byte for byte.",
        ],
    }
    print(verdict)
    for name, told in figures["peers"].items():
        print(name, {key: value for key, value in told.items() if key != "answer"})
    print(f"most memory of a worker: {most_mb:.0f} MB, aim below {MOST_MB:.0f}")
    print(f"bytes: {sent}; load at the beginning {LOAD_AT_BEGIN}")
    print(f"CPU of two workers to that of one: {cpu[2] / cpu[1]:.2f}")
    if ratio > MOST_CREDIBLE:
        print("Two workers cannot be that much faster: others used the machine. Nothing is kept.")
        return 1
    speed, memory = "one worker / two workers, wall of the join stage", "peak of a worker, MB"
    keep(
        "cluster",
        ratios={
            speed: ratio,
            memory: most_mb,
            "two workers / one worker, CPU of the join stage": cpu[2] / cpu[1],
        },
        aims={
            speed: AIM,
            memory: Aim(at_most=MOST_MB),
            "two workers / one worker, CPU of the join stage": Aim(is_cost=True),
        },
        figures=figures,
    )
    print(verdict)
    return 0 if ratio >= AIM and most_mb < MOST_MB and not unlike else 1


def _told(some: list[Stage], points: int) -> dict[str, Any]:
    wall = statistics.median(one.join_wall_s for one in some)
    told: dict[str, Any] = {
        "wall_s": [round(one.join_wall_s, 2) for one in some],
        "cpu_s": [round(one.join_cpu_s, 2) for one in some],
        "rows_a_second": round(points / wall),
        "merge_wall_s": [round(one.merge_wall_s, 2) for one in some],
        "answer": "compared byte for byte",
    }
    if some[0].peak_rss_mb:
        told |= {
            "start_up_s": [round(one.start_up_s, 2) for one in some],
            "warm_up_s": [round(one.warm_up_s, 2) for one in some],
            "peak_mb": max(max(one.peak_rss_mb) for one in some),
            "peak_uss_mb": max(max(one.peak_uss_mb) for one in some),
        }
    return told


if __name__ == "__main__":
    sys.exit(main())
