"""What became slower: each ratio against the runs before it.

Only runs of the same benchmark with the same options on the same kind of machine are compared.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.result import TREND

RUNS_BEFORE = 5
WORSE = 1.2


@dataclass(frozen=True)
class Slower:
    """A ratio that is worse than the median of the runs before by more than `WORSE`."""

    name: str
    ratio: str
    now: float
    before: float
    runs: int  # how many stand behind ``before``
    load: float | None  # of the machine at the beginning; None: not known
    load_before: float | None  # the median of those runs


@dataclass(frozen=True)
class Compared:
    """What came of the comparison: ``alone`` names results with no run before them."""

    slower: tuple[Slower, ...]
    compared: int
    alone: tuple[str, ...]


def read_trend(folder: Path) -> list[dict[str, Any]]:
    """Return the remembered runs, oldest first."""
    path = folder / TREND
    if not path.is_file():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return sorted(lines, key=lambda line: line["measured_at"])


def compare(trend: Sequence[Mapping[str, Any]], less_is_better: Mapping[str, set[str]]) -> Compared:
    """Compare each result's last run with up to five before it.

    Parameters
    ----------
    less_is_better
        By result, the ratios of which less is better.
    """
    last = {line["name"]: line for line in trend}
    slower, alone, compared = [], [], 0
    for name, line in sorted(last.items()):
        before = [other for other in trend if other is not line and _is_alike(other, line)]
        if not before:
            alone.append(name)
        for ratio, now in line["ratios"].items():
            past = [other for other in before if ratio in other["ratios"]][-RUNS_BEFORE:]
            if not past:
                continue
            compared += 1
            usual = statistics.median(other["ratios"][ratio] for other in past)
            is_less_better = ratio in less_is_better.get(name, set())
            if _times(now, usual, is_less_better=is_less_better) > WORSE:
                loads = [other["load"] for other in past if other.get("load") is not None]
                load_before = statistics.median(loads) if loads else None
                slower.append(
                    Slower(name, ratio, now, usual, len(past), line.get("load"), load_before)
                )
    return Compared(tuple(slower), compared, tuple(alone))


def _is_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[key] == other[key] for key in ("name", "machine", "command"))


def _times(now: float, usual: float, *, is_less_better: bool) -> float:
    worse, better = (now, usual) if is_less_better else (usual, now)
    if worse <= 0 and better <= 0:
        return 1.0
    return worse / better if better > 0 else math.inf
