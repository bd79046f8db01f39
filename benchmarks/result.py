"""What a benchmark found, in one form for all of them: ratios, aims, machine, figures.

`keep` writes ``benchmarks/results/NAME.json`` and adds a line to ``trend.jsonl`` beside it;
`benchmarks.report` makes docs/benchmarks.md of them. Import this module at the top of a benchmark:
the load of the machine is read at that moment, before the benchmark adds its own.
"""

from __future__ import annotations

import json
import math
import os
import platform
import re
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from conflictmap.settings import ROOT

RESULTS = ROOT / "benchmarks" / "results"
TREND = "trend.jsonl"
PACKAGES = (
    *("streamlit", "folium", "pandas", "numpy", "geopandas", "shapely", "pyarrow"),
    *("sqlalchemy", "psycopg", "matplotlib"),
)
LOAD_AT_BEGIN = [round(load, 2) for load in os.getloadavg()]
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Aim:
    """Where a ratio should lie; ``is_cost`` says of one without a bound that less is better."""

    at_least: float | None = None
    at_most: float | None = None
    is_cost: bool = False

    def __post_init__(self) -> None:
        """Refuse an aim from both sides."""
        if self.at_least is not None and (self.at_most is not None or self.is_cost):
            raise ValueError("An aim has one side.")

    @property
    def is_less_better(self) -> bool:
        """Say which way the ratio improves."""
        return self.is_cost or self.at_most is not None

    def is_met(self, ratio: float) -> bool | None:
        """Say whether the ratio is on the right side; None where there is no bound."""
        if self.at_least is not None:
            return ratio >= self.at_least
        return None if self.at_most is None else ratio <= self.at_most


def keep(
    name: str,
    *,
    ratios: Mapping[str, float],
    aims: Mapping[str, float | Aim],
    figures: Mapping[str, object],
    folder: Path = RESULTS,
) -> None:
    """Write what a benchmark found.

    Parameters
    ----------
    name
        Of the file: that of the benchmark, or it with an ending (``join_10m``) for another form.
    ratios
        Ratios by words that say of what ("sjoin(within) / ours, CPU"), the judged one first. A
        figure with a budget may stand among them, its unit in its words.
    aims
        By the words of a ratio: a plain number is the least it should be, an `Aim` says more. A
        ratio without an aim is taken to be better the greater it is.
    figures
        Anything that JSON holds. The report makes a table of ``peers``: by side, a mapping of what
        was measured (``cpu_s``, ``wall_s``, ``peak_mb``, ``rows_a_second``, ``answer``: whether
        its answer was compared, and what came of it), ours first or named by a list ``ours``; a
        list of numbers is shown by its median.
        ``missing`` names peers that are not there, each with the command that sets it up, and
        ``failed`` those that ended with an error, each with its words. ``notes`` is a list of
        sentences. ``curves`` are drawn: see `benchmarks.plots`.
    folder
        Where to; elsewhere in tests.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a result.")
    if unknown := set(aims) - set(ratios):
        raise ValueError(f"Aims without a ratio: {', '.join(sorted(unknown))}.")
    bounds = {words: _as_aim(aim) for words, aim in aims.items()}
    ratios = {words: _short(ratio) for words, ratio in ratios.items()}
    result = {
        "ratios": ratios,
        "aims": {words: _told(aim, ratios[words]) for words, aim in bounds.items()},
        "machine": machine(),
        "command": command(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "figures": dict(figures),
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    with (folder / TREND).open("a", encoding="utf-8") as file:
        file.write(json.dumps(trend_line(name, result), ensure_ascii=False) + "\n")


def trend_line(name: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the trend remembers of a result."""
    return {
        "name": name,
        "measured_at": result["measured_at"],
        "commit": result["commit"],
        "machine": machine_key(result["machine"]),
        "command": result["command"],
        "load": (result["machine"].get("load_average_at_begin") or [None])[0],
        "ratios": result["ratios"],
    }


def machine() -> dict[str, Any]:
    """Name the machine, how busy it was at the beginning, and what ran on it."""
    memory_kb = _line_of("/proc/meminfo", "MemTotal").split(" ")[0]
    versions = {name: _version(name) for name in PACKAGES}
    return {
        "processor": _line_of("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory_kb) * 1024 / 1e9, 1) if memory_kb.isdigit() else None,
        "system": f"{platform.system()} {platform.release()}",
        "load_average_at_begin": LOAD_AT_BEGIN,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: number for name, number in versions.items() if number},
    }


def machine_key(told: Mapping[str, Any]) -> str:
    """Return the kind of machine: runs on the same kind are compared with each other."""
    memory = told.get("memory_gb")
    size = f"{memory:.0f} GB" if memory else "memory not known"
    return f"{told['processor']}, {told['cores']} cores, {size}"


def command() -> str:
    """Return how this process was started, without paths of this machine."""
    module = sys.modules["__main__"].__spec__
    words = [f"python -m {module.name.removesuffix('.__main__')}" if module else "python"]
    return " ".join([*words, *("FILE" if os.sep in word else word for word in sys.argv[1:])])


def commit() -> str:
    """Return the commit that was measured, and whether code was changed since; "" outside git."""
    try:
        head = _git("rev-parse", "--short", "HEAD").stdout.strip()
        code = ("src", "app.py", "pages", "benchmarks", ":!benchmarks/results")
        changed = _git("diff", "--quiet", "HEAD", "--", *code).returncode
    except OSError:
        return ""
    return f"{head} with changes" if head and changed else head


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "--no-optional-locks", *words], cwd=ROOT, capture_output=True, text=True
    )


def _as_aim(aim: float | Aim) -> Aim:
    return aim if isinstance(aim, Aim) else Aim(at_least=aim)


def _told(aim: Aim, ratio: float) -> dict[str, Any]:
    sides = {"at_least": aim.at_least, "at_most": aim.at_most, "is_cost": aim.is_cost or None}
    told = {side: bound for side, bound in sides.items() if bound is not None}
    met = aim.is_met(ratio)
    return told if met is None else told | {"is_met": met}


def _short(ratio: float) -> float:
    """Return the ratio with four digits that say something."""
    if not math.isfinite(ratio):
        raise ValueError(f"{ratio} is no ratio.")
    return float(f"{ratio:.4g}")


def _line_of(file: str, name: str) -> str:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
