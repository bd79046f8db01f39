"""What a part found: its budgets, its lines to read, its figures to keep."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.browser import ROOT

RESULT = ROOT / "benchmarks" / "results" / "map.json"


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
    return {
        "processor": _line_of("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "memory": _line_of("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "gpu": "none used: Chromium draws in software",
        "chromium": chromium,
        "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    } | {name: version(name) for name in ("streamlit", "streamlit-folium", "folium")}


def tell(name: str, result: Result) -> None:
    """Print what a part found, budgets and ratios first."""
    print(f"\n== {name}")
    for budget in result.budgets:
        print(budget)
    for line in result.lines:
        print(f"  {line}")


def keep(name: str, result: Result, measured: dict[str, Any], path: Path = RESULT) -> None:
    """Write what a part found beside what the other parts found last."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    budgets = [
        {
            "what": budget.what,
            "value": round(budget.value, 3),
            "aim": budget.aim,
            "unit": budget.unit,
            "at_least": budget.at_least,
            "is_kept": budget.is_kept,
        }
        for budget in result.budgets
    ]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    kept[name] = {"budgets": budgets, **result.figures, **measured, "measured_at": now}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


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


def _line_of(file: str, name: str) -> str:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
