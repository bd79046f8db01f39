"""An hour and more of readers who come and go: what do memory, files and connections do?

Run it with `make bench NAME=soak` (60 minutes after 10 of warm-up), or with options:
`python -m benchmarks.soak --minutes 60`. Two signed-in processes behind nginx, on PostgreSQL:
sessions last 2 minutes in the mean, change filters, open other pages, download tables and slides;
an upload is published every 2 minutes. Each process is looked at every 10 s. The slope of its
memory is that of least squares, with a 95 % interval that knows that neighbours are alike (see
`hosted.slope`). Streamlit keeps a session for 2 minutes after its reader has gone.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.hosted.processes import Sample, connections_to
from benchmarks.hosted.serving import Hosted, Hosting, hosted
from benchmarks.hosted.slope import slope_of
from benchmarks.result import Aim, keep
from benchmarks.storing.writer import Writer
from conflictmap.store import open_store
from tests.browser import ROOT

EVERY_S = 10.0


@dataclass
class Watch:
    """Looks at all processes again and again, and publishes an upload now and then."""

    served: Hosted
    upload_every_s: float
    seen: dict[str, list[tuple[float, Sample]]] = field(default_factory=dict)
    connections: dict[str, list[int]] = field(default_factory=dict)
    published: int = 0
    refused: list[str] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Look until it is ended."""
        started = next_look = time.monotonic()
        next_upload = started + self.upload_every_s
        writer = Writer(open_store(self.served.store_url), number=0, seed=1)
        turn = 0
        while not self._ended.wait(max(0.0, next_look - time.monotonic())):
            now = time.monotonic() - started
            for family in self.served.families:
                self.seen.setdefault(family.name, []).append((now, family.sample()))
            for port, family in self.served.apps.items():
                self.connections.setdefault(family.name, []).append(connections_to(port))
            if time.monotonic() >= next_upload:
                next_upload += self.upload_every_s
                self._publish(writer, turn)
                turn += 1
            next_look += EVERY_S

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()

    def _publish(self, writer: Writer, turn: int) -> None:
        tried = writer.attempt(turn)
        if tried.outcome == "done":
            self.published += 1
        elif tried.outcome in ("busy", "error"):
            self.refused.append(tried.words)


def main() -> int:
    """Watch, print, and end with 1 where a session saw an error."""
    options = _options()
    hosting = Hosting(engine=options.engine, incidents=options.incidents)
    print(f"{hosting}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with hosted(hosting) as served:
        watch = Watch(served, options.upload_every)
        thread = threading.Thread(target=watch.run)
        thread.start()
        try:
            found = _sessions(served, options)
        finally:
            watch.end()
            thread.join()
        names = [family.name for family in served.families]
    _tell(found, watch, names, options)
    _keep_result(found, watch, names, options)
    if options.samples:
        _keep(watch, options.samples)
    return 1 if found["errors"] or watch.refused else 0


def _sessions(served: Hosted, options: argparse.Namespace) -> dict[str, Any]:
    """Let readers come and go; return what they saw."""
    plan = {
        "address": served.address,
        "sessions": options.sessions,
        "seconds": 60 * options.minutes,
        "warm_up_s": 60 * options.warm_up_minutes,
        "stay_s": options.stay,
        "is_filters_only": False,
        "cookies": served.cookies(options.sessions),
        "authority": served.authority,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.hosted.traffic"],
        cwd=ROOT,
        input=json.dumps(plan),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _tell(
    found: dict[str, Any], watch: Watch, names: list[str], options: argparse.Namespace
) -> None:
    print(
        f"\n{options.minutes:g} minutes after {options.warm_up_minutes:g} of warm-up,"
        f" {found['sessions']} readers at a time, {found['visits']} visits,"
        f" {watch.published} uploads and corrections: {found['errors']} errors"
    )
    for words, number in found["what"].items():
        print(f"  WRONG {number} x {words}")
    for words in watch.refused:
        print(f"  WRONG {words}")
    for name in names:
        seen = [one for one in watch.seen[name] if one[0] >= 60 * options.warm_up_minutes]
        print(f"  {name}:")
        for kind in ("rss_mb", "uss_mb"):
            print(f"    {kind[:3].upper()} {_slope_words(seen, kind)}")
        first, last = seen[0][1], seen[-1][1]
        connected = watch.connections.get(name)
        told = f", connections at most {max(connected)}, {connected[-1]}" if connected else ""
        print(
            f"    open files {first.files} -> {last.files}, threads {first.threads} ->"
            f" {last.threads}{told}; CPU"
            f" {(last.cpu_s - first.cpu_s) / max(1.0, seen[-1][0] - seen[0][0]):.0%} of a core"
        )
    for what, took in found["took"].items():
        print(
            f"  {what}: {took['n']:,}, p50 {took['p50_ms']:,.0f} ms, p95 {took['p95_ms']:,.0f} ms,"
            f" worst {took['worst_ms']:,.0f} ms"
        )


def _slope_words(seen: list[tuple[float, Sample]], kind: str) -> str:
    hours = np.array([when / 3600 for when, _ in seen])
    values = np.array([sample.as_dict()[kind] for _, sample in seen])
    ends = f"{values[0]:,.0f} -> {values[-1]:,.0f} MB, highest {values.max():,.0f}"
    try:
        return f"{ends}; slope {slope_of(hours, values)} MB/hour"
    except ValueError:
        return f"{ends}; too short for a slope"


def _keep_result(
    found: dict[str, Any], watch: Watch, names: list[str], options: argparse.Namespace
) -> None:
    peers = {}
    for name in names:
        seen = [one for one in watch.seen[name] if one[0] >= 60 * options.warm_up_minutes]
        first, last = seen[0][1], seen[-1][1]
        peers[name] = {
            "RSS": _slope_words(seen, "rss_mb"),
            "USS": _slope_words(seen, "uss_mb"),
            "open files": f"{first.files} -> {last.files}",
            "threads": f"{first.threads} -> {last.threads}",
        }
    wrong = "errors that a reader saw, and publications that failed"
    keep(
        "soak" if options.minutes >= 60 else "soak_short",
        ratios={wrong: found["errors"] + len(watch.refused)},
        aims={wrong: Aim(at_most=0)},
        figures={"peers": peers, "took": found["took"], "published": watch.published},
    )


def _keep(watch: Watch, path: Path) -> None:
    """Write all that was seen as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["process", "seconds", "cpu_s", "rss_mb", "uss_mb", "files", "threads"])
        for name, seen in watch.seen.items():
            rows.writerows([name, round(when, 1), *one.as_dict().values()] for when, one in seen)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--warm-up-minutes", type=float, default=10)
    parser.add_argument("--sessions", type=int, default=20, help="at a time")
    parser.add_argument("--stay", type=float, default=120, help="seconds of a session in the mean")
    parser.add_argument("--upload-every", type=float, default=120, metavar="SECONDS")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--incidents", type=int, default=20_000)
    parser.add_argument("--samples", type=Path, help="write all that was seen to this CSV")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
