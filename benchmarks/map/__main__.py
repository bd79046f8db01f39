"""The map page beside the plain Folium way, in one run, in Chromium on this machine.

Run it with `make bench NAME=map`, or a part of it with `python -m benchmarks.map slider`; the parts
are slider, filter, sessions, visit and points. `--incidents 5000 --points 5000` makes a quick run,
`--store FILE` reuses a store that ``conflictmap synth --incidents 100000 --seed 1`` has made.

Both sides show the counts of all 398 districts from the same synthetic store; `plain_app` is the
plain way. They take turns, so that whatever else the machine does strikes both; figures are medians
unless they say otherwise. It ends with 1 where a budget is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.map import filter_change, points, report, sessions, slider, visit
from benchmarks.map.given import Given
from benchmarks.result import RESULTS
from tests.browser import launch_chromium

PARTS: dict[str, Callable[[Given], report.Result]] = {
    "slider": slider.measure,
    "filter": filter_change.measure,
    "sessions": sessions.measure,
    "visit": visit.measure,
    "points": points.measure,
}


def main() -> int:
    """Measure the chosen parts, tell of each as it ends, and keep the figures."""
    options = _options()
    is_whole = options.incidents >= 100_000 and options.points >= 200_000
    results = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        stores = {options.incidents: options.store, options.points: options.points_store}
        given = Given(
            browser=browser,
            folder=Path(folder),
            stores={n: file.resolve() for n, file in stores.items() if file},
            **{
                name: getattr(options, name)
                for name in (
                    *("incidents", "points", "rounds", "changes", "seconds"),
                    *("visitors", "plain_visitors"),
                )
            },
        )
        machine = report.machine(browser.version)
        print(", ".join(f"{name}: {value}" for name, value in machine.items()))
        for name in options.parts or PARTS:
            results[name] = PARTS[name](given)
            report.tell(name, results[name])
            measured = {"chromium": browser.version, "is_whole": is_whole, **_sizes(options)}
            report.keep(name, results[name], measured, options.output)
        browser.close()
    missed = [
        budget for result in results.values() for budget in result.budgets if not budget.is_kept
    ]
    print(f"\n{len(missed)} budgets missed" if missed else "\nall budgets kept")
    if not is_whole:
        print("a quick run: the budgets are meant for 100,000 incidents and 200,000 points")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.map", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--points", type=int, default=200_000, help="incidents of that part")
    parser.add_argument("--store", type=Path, help="a store of so many --incidents")
    parser.add_argument("--points-store", type=Path, help="a store of so many --points")
    parser.add_argument("--rounds", type=int, default=7, help="measured changes in the browser")
    parser.add_argument("--changes", type=int, default=24, help="measured runs of the script")
    parser.add_argument("--seconds", type=float, default=30, help="that visitors are measured")
    parser.add_argument(
        "--visitors", type=int, nargs="+", default=[20, 40, 60, 80, 100, 120, 150, 200]
    )
    parser.add_argument("--plain-visitors", type=int, nargs="+", default=[5, 10, 20])
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the results")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return options


def _sizes(options: argparse.Namespace) -> dict[str, int]:
    return {"incidents": options.incidents, "points": options.points}


if __name__ == "__main__":
    sys.exit(main())
