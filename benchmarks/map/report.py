"""What a part found: its budgets, its lines to read, its figures to keep."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import result as results
from benchmarks.map.sides import OURS, PLAIN
from benchmarks.result import RESULTS, Aim


@dataclass(frozen=True)
class Budget:
    """One number that must be kept."""

    what: str
    value: float
    aim: float
    unit: str = ""
    at_least: bool = False  # else at most

    @property
    def is_kept(self) -> bool:
        """Say whether the number lies on the right side of its aim."""
        return self.value >= self.aim if self.at_least else self.value <= self.aim

    @property
    def words(self) -> str:
        """Return what it is, with its unit."""
        return f"{self.what}, {self.unit}" if self.unit else self.what

    @property
    def bound(self) -> Aim:
        """Return its aim as results hold it."""
        return Aim(at_least=self.aim) if self.at_least else Aim(at_most=self.aim)

    def __str__(self) -> str:
        side = "at least" if self.at_least else "at most"
        verdict = "kept  " if self.is_kept else "MISSED"
        value, aim = (f"{number:,.4g} {self.unit}".strip() for number in (self.value, self.aim))
        return f"{verdict} {self.what}: {value} ({side} {aim})"


@dataclass(frozen=True)
class Result:
    """What one part found; ratios come first in its lines."""

    lines: list[str]
    budgets: list[Budget]
    figures: dict[str, Any]


def machine(chromium: str) -> dict[str, Any]:
    """Name the machine and what ran on it."""
    drawing = {"gpu": "none used: Chromium draws in software", "chromium": chromium}
    return results.machine() | drawing


def tell(name: str, result: Result) -> None:
    """Print what a part found, budgets and ratios first."""
    print(f"\n== {name}")
    for budget in result.budgets:
        print(budget)
    for line in result.lines:
        print(f"  {line}")


def keep(part: str, result: Result, measured: dict[str, Any], folder: Path = RESULTS) -> None:
    """Write what a part found; a quick run by another name, so that it replaces no whole one."""
    ratios = ratios_of(part, result.figures)
    ending = "" if measured["is_whole"] else "_short"
    results.keep(
        f"map_{part}{ending}",
        ratios=ratios | {budget.words: budget.value for budget in result.budgets},
        aims={budget.words: budget.bound for budget in result.budgets},
        figures={"peers": peers_of(part, result.figures), **result.figures, **measured},
        folder=folder,
    )


def ratios_of(part: str, figures: Mapping[str, Any]) -> dict[str, float]:
    """Return how many times the plain way's cost is ours, by what it was measured on."""
    peers = peers_of(part, figures)
    if part == "slider":
        return {f"steps a second, {OURS} / {PLAIN}": figures["ratio_of_steps_a_second"]}
    if part == "visit":
        whole = [sum(peers[f"{side}, first"].values()) for side in (PLAIN, OURS)]
        return {f"bytes of a first visit, {PLAIN} / {OURS}": whole[0] / whole[1]}
    if part == "points" and PLAIN in figures["pan_ms"]:
        pans = [figures["pan_ms"][side]["median"] for side in (PLAIN, OURS)]
        return {f"time to answer a pan, {PLAIN} / {OURS}": pans[0] / pans[1]}
    if part == "filter":
        cpu = [peers[side]["server part, CPU ms"] for side in (PLAIN, f"{OURS}, months")]
        return {f"server part of a change, CPU, {PLAIN} / {OURS} by months": cpu[0] / cpu[1]}
    if part == "sessions" and figures["most_readers"][PLAIN]:
        most = [figures["most_readers"][side] for side in (OURS, PLAIN)]
        return {f"readers with p95 below 1 s, {OURS} / {PLAIN}": most[0] / most[1]}
    return {}


def peers_of(part: str, figures: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the sides of a part as the report makes a table of them; medians, points off."""
    if part == "slider":
        plain = figures["plain_step_ms"]["median"]
        return {
            OURS: {
                "steps a second": statistics.median(figures["frames_a_second"]),
                "bytes a step": figures["bytes_while_moving"],
            },
            PLAIN: {
                "steps a second": round(1000 / plain, 2),
                "bytes a step": figures["plain_step_bytes"],
            },
        }
    if part == "visit":
        return {
            visit: {
                "frame, scripts, geometry, kB": sizes["counted"] / 1e3,
                "web socket, kB": sizes["web_socket"] / 1e3,
            }
            for visit, sizes in figures["median_bytes"].items()
        }
    if part == "points":
        return {
            side: {
                "to the points, s": start["seconds"],
                "server, CPU s": start["server_cpu_s"],
                "server, MB": start["server_memory_mb"],
                "a pan, ms": figures["pan_ms"].get(side, {}).get("median"),
                "a pan, p95 ms": figures["pan_ms"].get(side, {}).get("p95"),
            }
            for side, start in figures["opened"].items()
        }
    if part == "filter":
        return _filter_sides(figures)
    return {
        side: {"readers with p95 below 1 s": most}
        for side, most in figures.get("most_readers", {}).items()
    }


def _filter_sides(figures: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    runs, shown = figures["server_part"], figures["in_browser"]["points off"]["median"]
    server = {"year": f"{OURS}, year", "month": f"{OURS}, month", PLAIN: f"{PLAIN}, "}
    sides = {}
    for side, one in shown.items():
        name = f"{OURS}, {side}s" if side in ("year", "month") else side
        sides[name] = {"repainted, ms": one["ms"], "on the wire, kB": one["bytes"] / 1e3}
        if run := runs.get(server.get(side, "")):
            sides[name]["server part, CPU ms"] = run["points off"]["cpu_ms"]["median"]
    return sides


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Return median, 95th percentile, worst and number of some measurements."""
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 3),
        "p95": round(percentile(ordered, 0.95), 3),
        "worst": round(ordered[-1], 3),
        "n": len(ordered),
    }


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not pass."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
