"""Many readers of one server process: how many of them can change filters and still be answered.

More and more readers (see `visitors`) come to either side, by turns, until 95 in 100 changes are no
longer answered within a second. The plain app is served as Streamlit comes, and once more with the
one setting of the dashboard's server that would help any app.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

from benchmarks.map.given import Given
from benchmarks.map.report import Budget, Result
from benchmarks.map.sides import (
    OURS,
    PLAIN,
    WITHOUT_COLLECTION,
    Served,
    serving_ours,
    serving_plain,
)
from tests.browser import ROOT

MOST_MS = 1000.0
READERS = 100
PLAIN_TUNED = "plain Folium, no collection after runs"


def measure(given: Given) -> Result:
    """Bring more and more readers to each side, by turns."""
    store = given.store(given.incidents)
    numbers = {
        OURS: sorted(given.visitors),
        PLAIN: sorted(given.plain_visitors),
        PLAIN_TUNED: sorted(given.plain_visitors),
    }
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in numbers}
    with ExitStack() as servers:
        served = {
            OURS: servers.enter_context(serving_ours(store)),
            PLAIN: servers.enter_context(serving_plain(store)),
            PLAIN_TUNED: servers.enter_context(serving_plain(store, WITHOUT_COLLECTION)),
        }
        for turn in range(max(map(len, numbers.values()))):
            for name, server in served.items():
                is_full = bool(found[name]) and found[name][-1]["p95_ms"] >= MOST_MS
                if turn < len(numbers[name]) and not is_full:
                    one = _visited(server, numbers[name][turn], given.seconds)
                    found[name].append(one)
                    print(f"  {name}: {_line(one)}", flush=True)
    return _result(found)


def _visited(server: Served, visitors: int, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.map.visitors", server.address, server.side]
    command += ["--visitors", str(visitors), "--seconds", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"server_memory_mb": round(server.memory_mb())}


def _line(one: dict[str, Any]) -> str:
    return (
        f"{one['visitors']:>3} readers, {one['changes_a_second']:.1f} changes/s,"
        f" p50 {one['p50_ms']:,.0f}, p95 {one['p95_ms']:,.0f} ms,"
        f" {one['bytes_a_change'] / 1e3:,.1f} kB each, server {one['server_cpu_share']:.0%} of a"
        f" core, {one['server_memory_mb']:,} MB"
    )


def _result(found: dict[str, list[dict[str, Any]]]) -> Result:
    most = {
        name: max((one["visitors"] for one in ones if one["p95_ms"] < MOST_MS), default=0)
        for name, ones in found.items()
    }
    lines = [
        f"{most[OURS] / max(1, most[name]):.1f} x the readers of {name}"
        f" ({most[OURS]} and {most[name]}, p95 below 1 s)"
        for name in (PLAIN, PLAIN_TUNED)
    ]
    lines += [f"{name}: {_line(one)}" for name, ones in found.items() for one in ones]
    budget = Budget("readers with p95 below 1 s", most[OURS], READERS, at_least=True)
    return Result(lines, [budget], {"most_readers": most, "runs": found})
