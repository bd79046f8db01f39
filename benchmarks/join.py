"""The bulk join beside geopandas: a million points to their districts.

Run it with `python -m benchmarks.join`. The grid of `locator` and both ways of `geopandas.sjoin`
find the district of the same points, by turns in one run, so that whatever else the machine does
strikes all of them; the figures are process CPU seconds. The points stand ready before the clock
starts, for `sjoin` as geometries. Every answer is compared with that of the others, point by point.

It ends with 1 where an answer differs, or the grid is less than `AIM` times as fast as
`sjoin(predicate="within")`.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from conflictmap.boundaries import read_edition
from conflictmap.locator import NO_POSITION, GridLocator, build_locator, load_locator
from conflictmap.settings import ROOT

POINTS = 1_000_000
ROUNDS = 3
AIM = 10.0
RESULT = ROOT / "benchmarks" / "results" / "join.json"

GRID, WITHIN, INTERSECTS = "grid", "sjoin within", "sjoin intersects (default)"


def main() -> int:
    """Time all three, print the ratio first and last, and keep the figures in `RESULT`."""
    districts = read_edition(ROOT / "geo" / "afg-2014").districts[["geometry"]]
    polygons = districts.geometry.to_numpy()
    west, south, east, north = districts.total_bounds
    chance = np.random.default_rng(2026)
    longitude = chance.uniform(west, east, POINTS)
    latitude = chance.uniform(south, north, POINTS)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(longitude, latitude), crs=districts.crs)

    build_s = [_seconds(lambda: build_locator(polygons))[0] for _ in range(ROUNDS)]
    load_s, locator = _loaded(polygons)
    ways: dict[str, Callable[[], Any]] = {
        GRID: lambda: locator.locate(longitude, latitude),
        WITHIN: lambda: gpd.sjoin(points, districts, predicate="within"),
        INTERSECTS: lambda: gpd.sjoin(points, districts),
    }
    for way in ways.values():
        way()  # the first round only warms the memory
    spent: dict[str, list[float]] = {name: [] for name in ways}
    answers: dict[str, np.ndarray] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            seconds, found = _seconds(way)
            spent[name].append(seconds)
            answers[name] = found if name == GRID else _lowest(found, len(points))
    unlike = {name: int((answers[name] != answers[GRID]).sum()) for name in (WITHIN, INTERSECTS)}
    held = int((answers[GRID] != NO_POSITION).sum())
    return _report(spent, build_s, load_s, unlike, held)


def _lowest(joined: gpd.GeoDataFrame, points: int) -> np.ndarray:
    """Return the lowest district position of each point in a table of `geopandas.sjoin`."""
    lowest = joined["index_right"].groupby(level=0).min()
    return lowest.reindex(range(points), fill_value=NO_POSITION).to_numpy()


def _loaded(polygons: np.ndarray) -> tuple[float, GridLocator]:
    """Return the seconds that reading a kept grid takes, and its locator."""
    with tempfile.TemporaryDirectory() as kept, tempfile.TemporaryDirectory() as copied:
        load_locator(polygons, cache_folder=Path(kept))
        shutil.copytree(kept, copied, dirs_exist_ok=True)  # memory knows a grid by its folder
        return _seconds(lambda: load_locator(polygons, cache_folder=Path(copied)))


def _seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    answer = work()
    return time.process_time() - started, answer


def _report(
    spent: dict[str, list[float]],
    build_s: list[float],
    load_s: float,
    unlike: dict[str, int],
    held: int,
) -> int:
    median = {name: statistics.median(seconds) for name, seconds in spent.items()}
    ratio = {name: median[name] / median[GRID] for name in (WITHIN, INTERSECTS)}
    verdict = f"{ratio[WITHIN]:.1f} x the rate of sjoin(predicate='within'), aim {AIM:.0f} x"
    print(verdict)
    for name, seconds in spent.items():
        rate = POINTS / median[name] / 1e6
        print(
            f"{name}: median {median[name]:.3f} s CPU ({rate:.2f} M points/s) of {_list(seconds)}"
        )
    print(f"grid, built once a layer: median {statistics.median(build_s):.3f} s CPU")
    print(f"grid, read from its cache: {load_s:.3f} s CPU")
    print(f"{held:,} of {POINTS:,} points lie in a district")
    for name, count in unlike.items():
        print(f"answers unlike those of {name}: {count}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    figures = {
        "ratio_to_within": round(ratio[WITHIN], 2),
        "ratio_to_intersects": round(ratio[INTERSECTS], 2),
        "aim": AIM,
        "points": POINTS,
        "points_held": held,
        "answers_unlike": unlike,
        "median_cpu_s": {name: round(value, 4) for name, value in median.items()},
        "cpu_s": {name: [round(value, 4) for value in values] for name, values in spent.items()},
        "build_cpu_s": [round(value, 4) for value in build_s],
        "load_cpu_s": round(load_s, 4),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }
    RESULT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(verdict)
    return 0 if ratio[WITHIN] >= AIM and not any(unlike.values()) else 1


def _list(seconds: list[float]) -> str:
    return ", ".join(f"{value:.3f}" for value in seconds)


if __name__ == "__main__":
    sys.exit(main())
