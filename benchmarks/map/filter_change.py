"""A change of filter: bytes and time until the map is repainted, and the server's part of it.

In the browser a type of incident is chosen on either side, by turns, and never the same filter
twice. Bytes are those on the wire: the dashboard packs its messages, Streamlit as it comes does
not; a third side is the plain app on a server that packs as well. The server's part is measured in
a process of its own, without a browser: see `script_run`.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.map.given import Given
from benchmarks.map.report import Budget, Result, spread
from benchmarks.map.sides import (
    OURS,
    PERIOD,
    PLAIN,
    POINTS,
    TYPES,
    Served,
    serving_ours,
    serving_plain,
)
from benchmarks.map.watching import Watched, watched_page
from benchmarks.map.wire import Wire, wire_to
from conflictmap.schema import EVENT_TYPES, label
from tests.browser import ROOT

STEPS = ("year", "month")
PLAIN_PACKED = "plain Folium, packed messages"
PACKING = {"STREAMLIT_SERVER_ENABLE_WEBSOCKET_COMPRESSION": "true"}
PARTS_OF_BYTES, PARTS_OF_TIME, SERVER_MS = 1 / 40, 1 / 2, 50.0


def measure(given: Given) -> Result:
    """Change filters in the browser with points off and on, then without a browser."""
    store = given.store(given.incidents)
    rounds = min(given.rounds, len(EVENT_TYPES) - 1)
    with ExitStack() as opened:
        ours, plain, packing = (
            _Side(server, opened.enter_context(wire_to(server.port)))
            for server in (
                opened.enter_context(serving_ours(store)),
                opened.enter_context(serving_plain(store)),
                opened.enter_context(serving_plain(store, PACKING)),
            )
        )
        sides = {"year": ours, "month": ours, PLAIN: plain, PLAIN_PACKED: packing}
        shown = {
            points: _in_browser(given, sides, points=points, rounds=rounds)
            for points in (False, True)
        }
    runs = {
        f"{side}, {step}": _script_runs(side, store, step, given.changes)
        for step, side in (("year", OURS), ("month", OURS), ("", PLAIN))
    }
    return _result(shown, runs)


@dataclass(frozen=True)
class _Side:
    """A server, and the way to it on which the bytes are counted."""

    server: Served
    wire: Wire


def _in_browser(
    given: Given, sides: dict[str, _Side], *, points: bool, rounds: int
) -> dict[str, list[dict[str, float]]]:
    """Choose one type of incident after the other in a tab of each side, by turns."""
    kinds = [label(kind) for kind in EVENT_TYPES]
    if points:  # in another order, so that each set of types is a new one
        kinds.reverse()
    found: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    with ExitStack() as opened:
        tabs = {name: opened.enter_context(watched_page(given.browser)) for name in sides}
        for name, tab in tabs.items():
            is_ours = name in STEPS
            link = f"/?level=district&step={name}&{PERIOD}" if is_ours else ""
            tab.open(sides[name].wire.address + link)
            # Only now: with all points shown at once the peer would have had to draw them all.
            if is_ours:
                tab.set_toggle(POINTS[OURS], points)
        for number, kind in enumerate(kinds[: rounds + 1]):
            for name, tab in tabs.items():
                one = _choose(tab, kind, sides[name])
                if number:  # the first change only warms up
                    found[name].append(one)
            if points and not number:
                for name in (PLAIN, PLAIN_PACKED):
                    tabs[name].set_toggle(POINTS[PLAIN], True)
    return found


def _choose(tab: Watched, kind: str, side: _Side) -> dict[str, float]:
    """Choose a type of incident and time it until the districts are repainted."""
    tab.page.get_by_label(TYPES).click()
    tab.page.keyboard.type(kind)
    option = tab.page.get_by_role("option", name=kind, exact=True)
    option.hover()
    tab.wait_until_still()
    before, cpu = side.wire.to_browser, side.server.cpu_s()
    tab.arm()
    option.click()
    ms = tab.repainted_ms()
    tab.wait_until_still()
    size = side.wire.to_browser - before
    tab.page.keyboard.press("Escape")
    return {"ms": ms, "bytes": size, "cpu_ms": 1000 * (side.server.cpu_s() - cpu)}


def _script_runs(side: str, store: Path, step: str, changes: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.map.script_run", side, str(store)]
    command += ["--changes", str(changes), "--step", step or "year"]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _result(
    shown: dict[bool, dict[str, list[dict[str, float]]]], runs: dict[str, dict[str, Any]]
) -> Result:
    lines, budgets = [], []
    kept: dict[str, Any] = {}
    for points, found in shown.items():
        words = "points on" if points else "points off"
        median = {
            name: {what: statistics.median(one[what] for one in ones) for what in ones[0]}
            for name, ones in found.items()
        }
        peer = median[PLAIN]
        for step in STEPS:
            one = median[step]
            bytes_ratio, time_ratio = one["bytes"] / peer["bytes"], one["ms"] / peer["ms"]
            lines.append(
                f"1/{1 / bytes_ratio:,.0f} of the bytes, 1/{1 / time_ratio:.1f} of the time"
                f" to repaint ({words}, steps of a {step})"
            )
            if not points:
                budgets += [
                    Budget(f"bytes by those of plain, {step}s", bytes_ratio, PARTS_OF_BYTES),
                    Budget(f"time to repaint by plain's, {step}s", time_ratio, PARTS_OF_TIME),
                ]
        for name, one in median.items():
            who = f"{OURS}, steps of a {name}" if name in STEPS else name
            times = spread([single["ms"] for single in found[name]])
            lines.append(
                f"{who}, {words}: {one['bytes'] / 1e3:,.1f} kB, {times['median']:,.0f} ms to"
                f" repaint (worst {times['worst']:,.0f}), {one['cpu_ms']:,.0f} ms of server CPU"
            )
        kept[words] = {"median": median, "all": found}
    for name, run in runs.items():
        for words in ("points off", "points on"):
            wall, cpu = run[words]["wall_ms"], run[words]["cpu_ms"]
            lines.append(
                f"server part, {name.rstrip(', ')}, {words}: {wall['median']:,.0f} ms wall"
                f" (p95 {wall['p95']:,.0f}), {cpu['median']:,.0f} ms CPU of {wall['n']} runs"
            )
            if name.startswith(OURS):
                budgets.append(
                    Budget(f"server part, {name}s, {words}", wall["median"], SERVER_MS, "ms")
                )
    return Result(lines, budgets, {"in_browser": kept, "server_part": runs})
