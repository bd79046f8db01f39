"""How many signed-in sessions the hosted dashboard answers: two processes, nginx, PostgreSQL.

Run it with `make bench NAME=hosted_load` (50 sessions, 10 minutes), or with options:
`python -m benchmarks.hosted_load --sessions 50 --seconds 600`; `--find-limit` brings more and more
sessions until 95 in 100 changes of a filter are no longer answered within a second. Each session
changes a filter every 3 s in the mean, on a synthetic store. Sessions, servers and database share
the cores of this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from benchmarks.hosted.serving import Hosted, Hosting, hosted
from benchmarks.result import Aim, keep
from tests.browser import ROOT

MOST_MS = 1000.0
LADDER = (25, 50, 75, 100, 125, 150, 200, 250, 300, 400, 500, 600)


def main() -> int:
    """Measure, print, and end with 1 where a session saw an error."""
    options = _options()
    hosting = Hosting(
        engine=options.engine,
        processes=options.processes,
        incidents=options.incidents,
        is_signed_in=not options.unsigned,
    )
    print(f"{hosting}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with hosted(hosting) as served:
        if not options.find_limit:
            one = measure(served, options.sessions, options.seconds)
            _tell(one)
            _keep(one, hosting, options)
            return 1 if one["errors"] else 0
        most = 0
        rungs: dict[int, dict[str, Any]] = {}
        for sessions in LADDER:
            one = measure(served, sessions, options.seconds)
            _tell(one)
            rungs[sessions] = one
            if one["took"]["filter"]["p95_ms"] >= MOST_MS or one["errors"]:
                print(f"\np95 passes 1 s, or errors come, between {most} and {sessions} sessions")
                break
            most = sessions
        print(f"{most} sessions with p95 below 1 s and no error")
        _keep_limit(most, rungs, hosting, options)
    return 0


def measure(served: Hosted, sessions: int, seconds: float) -> dict[str, Any]:
    """Bring so many sessions for so long; return what they saw and what the processes took."""
    plan = {
        "address": served.address,
        "sessions": sessions,
        "seconds": seconds,
        "warm_up_s": max(20.0, sessions / 3),
        "cookies": served.cookies(sessions),
        "authority": served.authority,
    }
    command = [sys.executable, "-m", "benchmarks.hosted.traffic"]
    before = {family.name: family.sample() for family in served.families}
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(plan))
        process.stdin.close()
        samples = {}
        for line in process.stdout:
            if line.strip() in ("begin", "end"):
                samples[line.strip()] = {one.name: one.sample() for one in served.families}
            else:
                found: dict[str, Any] = json.loads(line)
    if process.returncode:
        raise RuntimeError("The sessions ended with an error.")
    begin, end = samples["begin"], samples["end"]
    found["processes"] = {
        name: {
            "cpu_share": round((end[name].cpu_s - begin[name].cpu_s) / seconds, 3),
            "rss_mb": [round(one[name].rss_mb) for one in (before, begin, end)],
            "uss_mb": [round(one[name].uss_mb) for one in (before, begin, end)],
        }
        for name in before
    }
    return found


def _tell(one: dict[str, Any]) -> None:
    for words, number in one["what"].items():
        print(f"  WRONG {number} x {words}")
    filters = one["took"].get("filter")
    if filters is None:
        raise RuntimeError("No session has changed a filter.")
    print(
        f"\n{one['sessions']} sessions: {one['errors']} errors, a redraw p50"
        f" {filters['p50_ms']:,.0f} ms, p95 {filters['p95_ms']:,.0f} ms, worst"
        f" {filters['worst_ms']:,.0f} ms, {filters['n']:,} changes"
        f" ({one['changes_a_second']:.1f}/s)"
    )
    for name, took in one["processes"].items():
        rss, uss = (" -> ".join(f"{mb:,}" for mb in took[kind]) for kind in ("rss_mb", "uss_mb"))
        print(f"  {name}: {took['cpu_share']:.0%} of a core; RSS {rss} MB; USS {uss} MB")
    print(f"  the sessions themselves took {one['client_cpu_s']:.0f} s of CPU", flush=True)


def _keep(one: dict[str, Any], hosting: Hosting, options: argparse.Namespace) -> None:
    filters = one["took"]["filter"]
    judged = {
        "errors that a session saw": (one["errors"], Aim(at_most=0)),
        "change of filter, p95 ms": (filters["p95_ms"], Aim(at_most=MOST_MS)),
        "change of filter, p50 ms": (filters["p50_ms"], Aim(is_cost=True)),
    }
    keep(
        "hosted_load" if options.seconds >= 600 else "hosted_load_short",
        ratios={words: number for words, (number, _) in judged.items()},
        aims={words: aim for words, (_, aim) in judged.items()},
        figures={
            "peers": {f"{one['sessions']} sessions": _row(one)},
            "processes": one["processes"],
            "notes": [_words(hosting)],
        },
    )


def _keep_limit(
    most: int, rungs: dict[int, dict[str, Any]], hosting: Hosting, options: argparse.Namespace
) -> None:
    words = "sessions with p95 below 1 s and no error"
    keep(
        "hosted_load_limit",
        ratios={words: most},
        aims={},
        figures={
            "peers": {f"{sessions} sessions": _row(one) for sessions, one in rungs.items()},
            "notes": [_words(hosting), f"{options.seconds:g} s are measured of each number."],
        },
    )


def _words(hosting: Hosting) -> str:
    signed_in = "signed-in" if hosting.is_signed_in else "unsigned"
    return (
        f"{hosting.processes} processes on {hosting.engine}, {hosting.incidents:,} synthetic"
        f" incidents, {signed_in} sessions; sessions, servers and database share the cores."
    )


def _row(one: dict[str, Any]) -> dict[str, Any]:
    filters = one["took"]["filter"]
    return {
        "changes a second": round(one["changes_a_second"], 1),
        **{f"{name}, ms": round(filters[f"{name}_ms"]) for name in ("p50", "p95", "worst")},
        "errors": one["errors"],
        **{
            f"{name}, % of a core": round(100 * took["cpu_share"])
            for name, took in one["processes"].items()
        },
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hosted_load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, help="measured; 600, or 60 of each rung")
    parser.add_argument("--find-limit", action="store_true")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=2)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--incidents", type=int, default=20_000)
    parser.add_argument("--unsigned", action="store_true", help="without sign-in, as on a laptop")
    options = parser.parse_args()
    options.seconds = options.seconds or (60 if options.find_limit else 600)
    return options


if __name__ == "__main__":
    sys.exit(main())
