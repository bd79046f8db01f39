"""The server's part of a change: how long one run of the script takes, without a browser.

Run as a process of its own, `python -m benchmarks.map.script_run "map page" STORE`, it opens the
page under Streamlit's `AppTest` and changes the types of incident, each time to a set not seen
before, so that no cache knows the answer. It prints one line of JSON. `--profile` prints instead
where the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import itertools
import json
import logging
import os
import pstats
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from benchmarks.map.report import spread
from benchmarks.map.sides import OURS, PERIOD, PLAIN, PLAIN_APP, POINTS, TYPES
from conflictmap.schema import EVENT_TYPES
from tests.browser import ROOT

TIMEOUT_S = 300


class Clock:
    """Wall and CPU milliseconds of each run of a script, on the thread that runs it."""

    def __init__(self, profile: cProfile.Profile | None = None) -> None:
        self.wall_ms: list[float] = []
        self.cpu_ms: list[float] = []
        self.profile = profile

    def wrap(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does what `run` does, and is timed."""

        def timed(*args: Any, **options: Any) -> Any:
            cpu, wall = time.thread_time(), time.perf_counter()
            try:
                return (
                    self.profile.runcall(run, *args, **options)
                    if self.profile
                    else run(*args, **options)
                )
            finally:
                self.wall_ms.append(1000 * (time.perf_counter() - wall))
                self.cpu_ms.append(1000 * (time.thread_time() - cpu))

        return timed


def main() -> None:
    """Time the chosen side with points off, then with points on."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("side", choices=[OURS, PLAIN])
    parser.add_argument("store", type=Path)
    parser.add_argument("--step", default="year")
    parser.add_argument("--changes", type=int, default=24)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    os.environ["CONFLICTMAP_STORE"] = f"sqlite:///{options.store}"
    os.environ["PLAIN_STORE"] = str(options.store)
    logging.disable(logging.WARNING)  # Streamlit would complain that no browser is there
    page = _open_ours(options.step) if options.side == OURS else _open_plain()
    fresh = _fresh_sets()
    found = {}
    for words, is_on in (("points off", False), ("points on", True)):
        _one(page.toggle, POINTS[options.side]).set_value(is_on).run()
        profile = cProfile.Profile() if options.profile else None
        clock = _timed(page, options.side, fresh, options.changes, profile)
        found[words] = {"wall_ms": spread(clock.wall_ms), "cpu_ms": spread(clock.cpu_ms)}
        if profile:
            print(words)
            pstats.Stats(profile).sort_stats("cumulative").print_stats("conflictmap|pages", 40)
    print(json.dumps(found))


def _timed(
    page: Any,
    side: str,
    fresh: Iterator[list[str]],
    changes: int,
    profile: cProfile.Profile | None,
) -> Clock:
    """Change the filter some times; the first two changes only warm up."""
    from streamlit.runtime.scriptrunner import script_runner

    clock = Clock(profile)
    plain = itertools.cycle(EVENT_TYPES)
    untimed = script_runner.exec_func_with_error_handling
    for number in range(changes + 2):
        if number == 2:
            script_runner.exec_func_with_error_handling = clock.wrap(untimed)
        if side == OURS:
            _one(page.multiselect, TYPES).set_value(next(fresh)).run()
        else:
            _one(page.selectbox, TYPES).set_value(next(plain)).run()
        if page.exception:
            raise RuntimeError(str(page.exception))
    script_runner.exec_func_with_error_handling = untimed
    return clock


def _open_ours(step: str) -> Any:
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.testing.v1 import AppTest

    from conflictmap.ui.server import warm_up

    PagesManager.uses_pages_directory = False  # as the server sets it
    warm_up()
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT_S)
    for name, values in parse_qs(f"level=district&step={step}&{PERIOD}").items():
        page.query_params[name] = values
    return page.run()


def _open_plain() -> Any:
    from streamlit.testing.v1 import AppTest

    return AppTest.from_file(str(PLAIN_APP), default_timeout=TIMEOUT_S).run()


def _fresh_sets() -> Iterator[list[str]]:
    """Yield sets of one to four types of incident, each once, the same in every run."""
    sets = [
        list(some) for size in range(1, 5) for some in itertools.combinations(EVENT_TYPES, size)
    ]
    random.Random(2026).shuffle(sets)
    return iter(sets)


def _one(widgets: Any, label: str) -> Any:
    for widget in widgets:
        if widget.label == label:
            return widget
    raise RuntimeError(f"No control '{label}', only {[widget.label for widget in widgets]}.")


if __name__ == "__main__":
    main()
