"""From the command to the first drawn map, beside Streamlit's own demonstration.

Run it with `make bench NAME=start_up`. `make run` on an installed checkout with its store in place
is timed until Chromium shows 34 provinces, `streamlit hello` until its heading stands; alternated
in one run, so that whatever else the machine does strikes both. The browser is open before the
clock starts.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.result import Aim, keep
from tests.browser import ROOT, BrowserPage, free_port, launch_chromium, open_page, serving

ROUNDS = 5
PROVINCES = 34
AIM_S = 5.0


def main() -> None:
    """Time both, print the ratio first, and keep the figures."""
    map_s: list[float] = []
    hello_s: list[float] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = {"CONFLICTMAP_STORE": f"sqlite:///{Path(folder) / 'store.sqlite'}"}
        subprocess.run(
            [sys.executable, "-m", "conflictmap.cli", "init"],
            cwd=ROOT,
            env=os.environ | store,
            check=True,
        )
        browser = launch_chromium(playwright)
        for round_number in range(ROUNDS + 1):
            port = free_port()
            ours = seconds_until(
                _map_is_drawn, browser, ["make", "run", f"PORT={port}"], port, store, ROOT
            )
            port = free_port()
            theirs = seconds_until(
                _hello_is_shown, browser, _hello(port), port, _HELLO_SETTINGS, Path(folder)
            )
            if round_number > 0:  # the first round only warms the disk
                map_s.append(ours)
                hello_s.append(theirs)
        browser.close()
    _report(map_s, hello_s)


def seconds_until(
    is_there: Callable[[BrowserPage], None],
    browser: Browser,
    command: Sequence[str],
    port: int,
    environment: dict[str, str],
    folder: Path,
) -> float:
    """Run `command`, open its page as soon as it answers, and time it until `is_there` returns."""
    started = time.perf_counter()
    with (
        serving(command, port, environment=environment, folder=folder) as address,
        open_page(browser, address) as tab,
    ):
        tab.open("/")
        is_there(tab)
        return time.perf_counter() - started


_HELLO_SETTINGS = {
    "STREAMLIT_SERVER_HEADLESS": "true",
    "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    "STREAMLIT_BROWSER_SERVER_ADDRESS": "127.0.0.1",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
}


def _hello(port: int) -> list[str]:
    return [sys.executable, "-m", "streamlit", "hello", "--server.port", str(port)]


def _map_is_drawn(tab: BrowserPage) -> None:
    tab.wait_for_areas(PROVINCES, timeout_s=60)


def _hello_is_shown(tab: BrowserPage) -> None:
    tab.page.locator("h1").first.wait_for(timeout=60_000)


def _report(map_s: list[float], hello_s: list[float]) -> None:
    ours, theirs = statistics.median(map_s), statistics.median(hello_s)
    print(f"{ours / theirs:.2f} x streamlit hello")
    print(f"make run to the first map: median {ours:.2f} s (aim {AIM_S:.0f} s) of {_list(map_s)}")
    print(f"streamlit hello to heading: median {theirs:.2f} s of {_list(hello_s)}")
    ratio, seconds = "make run / streamlit hello, wall", "make run to the first map, s"
    keep(
        "start_up",
        ratios={ratio: ours / theirs, seconds: ours},
        aims={ratio: Aim(is_cost=True), seconds: Aim(at_most=AIM_S)},
        figures={
            "peers": {
                "make run": {"wall_s": [round(value, 3) for value in map_s]},
                "streamlit hello": {"wall_s": [round(value, 3) for value in hello_s]},
            }
        },
    )


def _list(seconds: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in seconds)


if __name__ == "__main__":
    main()
