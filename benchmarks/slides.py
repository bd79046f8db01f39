"""A slide beside a screenshot: one PNG of 1920 x 1080 of the killed in each of 398 districts.

Run it with `python -m benchmarks.slides`. Our side counts, lays out and draws the slide, with its
table, time line and sources. The peer is what a briefer would script instead: a plain
`folium.Choropleth` of the same counts, written as a page and photographed by headless Chromium,
with Leaflet read from this machine. Both have their rows and boundaries in memory, both keep what
can be kept warm (our process; the browser), and they take turns in one run. The cold figures are
whole processes from the command to the file.

The PPTX figures are CPU seconds of this process: one slide, and a deck of one slide a province.
It ends with 1 where an aim is missed.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.result import Aim, keep
from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.boundaries import geometry_for_web, read_edition
from conflictmap.reports import publish_reports
from conflictmap.settings import ROOT, read_settings
from conflictmap.slides.order import SnapshotOrder
from conflictmap.slides.snapshot import (
    Surroundings,
    export_snapshots,
    surroundings,
    take_batch,
    take_snapshot,
)
from conflictmap.store import latest_revision, open_store
from conflictmap.ui.assets import SERVED, VENDOR
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.query import MapQuery
from tests.browser import launch_chromium

ROUNDS = 9
COLD_ROUNDS = 3
AREAS = 398
PICTURE_AIM, PPTX_AIM_S, DECK_AIM_S = 0.5, 1.0, 30.0
ORDER = SnapshotOrder(query=MapQuery(measure="killed", level="district", step="month"))

Ready = tuple[Facts, Surroundings]


def main(arguments: list[str]) -> int:
    """Time both sides, print the ratios first, and keep the figures."""
    if arguments:
        _make_one(arguments[0], Path(arguments[1]), arguments[2])
        return 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = f"sqlite:///{Path(folder) / 'store.sqlite'}"
        ready = _ready(store)
        browser = launch_chromium(playwright)
        warm = _by_turns(
            {
                "slide": lambda: _slide(ready),
                "screenshot": lambda: _screenshot(ready[0], browser, Path(folder)),
            },
            ROUNDS,
        )
        browser.close()
        cold = _by_turns(
            {
                side: lambda side=side: _in_a_fresh_process(side, Path(folder), store)
                for side in ("slide", "screenshot")
            },
            COLD_ROUNDS,
        )
        pptx_s, deck_s = _pptx_cpu_s(ready), _deck_cpu_s(ready)
    return _report(warm, cold, pptx_s, deck_s)


def _ready(store_url: str) -> Ready:
    """Return what both sides may have in memory: the shipped rows, published."""
    settings = read_settings()
    edition = read_edition(settings.edition_folder)
    store = open_store(store_url)
    if not latest_revision(store, viewer=LOCAL_ADMINISTRATOR):
        list(publish_reports(store, settings.data_folder, edition, viewer=LOCAL_ADMINISTRATOR))
    facts = load_facts(store, edition, viewer=LOCAL_ADMINISTRATOR)
    return facts, surroundings(store, settings, facts, viewer=LOCAL_ADMINISTRATOR)


def _slide(ready: Ready) -> bytes:
    facts, around = ready
    return export_snapshots([take_snapshot(facts, ORDER, around)], ORDER, facts)


def _screenshot(facts: Facts, browser: Browser, folder: Path) -> bytes:
    """Return the plain Folium map of the same counts, photographed."""
    import folium

    rows = facts.tables["casualties"]
    killed = rows[(rows["harm"] == "killed") & rows["is_counted"]]
    placed = facts.tables["incident_places"][["incident_id", "adm2_code"]]
    counts = killed.merge(placed, on="incident_id").groupby("adm2_code")["best"].sum()
    chart = folium.Map(location=(33.9, 67.0), zoom_start=7, tiles=None)
    choropleth = folium.Choropleth(
        geo_data=json.loads(geometry_for_web(facts.edition, "district")),
        data=counts.astype("float64"),
        key_on="feature.properties.c",
        fill_color="YlOrRd",
        nan_fill_color="white",
        line_weight=0.5,
    )
    for name in [name for name in choropleth._children if name.startswith("color_map")]:
        del choropleth._children[name]  # the legend alone needs d3, which is not installed
    choropleth.add_to(chart)
    page = folder / "map.html"
    page.write_text(_with_local_files(chart.get_root().render()), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1920, "height": 1080})
    tab.goto(page.as_uri())
    tab.locator("path.leaflet-interactive").nth(AREAS - 1).wait_for(state="attached")
    picture = tab.screenshot()
    tab.close()
    return picture


def _with_local_files(page: str) -> str:
    """Return a page that reads Leaflet from this machine and does without the rest."""
    vendor = ROOT / VENDOR
    for address, file in SERVED.items():
        local = (vendor / file).as_uri() if file else "data:,"
        page = page.replace(address, local)
    return page


def _make_one(side: str, folder: Path, store: str) -> None:
    """Make one file in this process, as a command would."""
    ready = _ready(store)
    if side == "slide":
        (folder / "slide.png").write_bytes(_slide(ready))
        return
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        (folder / "screenshot.png").write_bytes(_screenshot(ready[0], browser, folder))
        browser.close()


def _in_a_fresh_process(side: str, folder: Path, store: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "benchmarks.slides", side, str(folder), store], cwd=ROOT, check=True
    )


def _by_turns(ways: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each way; the first round only warms the memory and is left out."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            if number:
                spent[name].append(time.perf_counter() - started)
    return spent


def _cpu_s(way: Callable[[], Any]) -> float:
    started = time.process_time()
    way()
    return time.process_time() - started


def _pptx_cpu_s(ready: Ready) -> list[float]:
    facts, around = ready
    order = replace(ORDER, format="pptx")

    def one() -> bytes:
        return export_snapshots([take_snapshot(facts, order, around)], order, facts)

    one()  # imports and templates
    return [_cpu_s(one) for _ in range(5)]


def _deck_cpu_s(ready: Ready) -> list[float]:
    facts, around = ready
    order = replace(ORDER, format="pptx")

    def deck() -> bytes:
        slides = list(take_batch(facts, order, around, "province"))
        return export_snapshots(slides, order, facts)

    return [_cpu_s(deck)]


def _report(
    warm: dict[str, list[float]],
    cold: dict[str, list[float]],
    pptx_s: list[float],
    deck_s: list[float],
) -> int:
    median = {
        "warm": {name: statistics.median(values) for name, values in warm.items()},
        "cold": {name: statistics.median(values) for name, values in cold.items()},
    }
    ratio = {name: sides["slide"] / sides["screenshot"] for name, sides in median.items()}
    pptx, deck = statistics.median(pptx_s), statistics.median(deck_s)
    print(f"{ratio['warm']:.2f} x the screenshot, warm (aim {PICTURE_AIM})")
    print(f"{ratio['cold']:.2f} x the screenshot, from the command to the file")
    for name, sides in median.items():
        slide_s, screenshot_s = sides["slide"], sides["screenshot"]
        print(f"{name}: slide {slide_s:.2f} s, screenshot {screenshot_s:.2f} s (medians)")
    print(f"PPTX: {pptx:.2f} s CPU (aim {PPTX_AIM_S}); deck of 34: {deck:.1f} s (aim {DECK_AIM_S})")
    judged = {
        "slide / screenshot, warm, wall": (ratio["warm"], Aim(at_most=PICTURE_AIM)),
        "slide / screenshot, from the command to the file, wall": (
            ratio["cold"],
            Aim(is_cost=True),
        ),
        "one PPTX slide, CPU s": (pptx, Aim(at_most=PPTX_AIM_S)),
        "deck of 34 PPTX slides, CPU s": (deck, Aim(at_most=DECK_AIM_S)),
    }
    keep(
        "slides",
        ratios={words: found for words, (found, _) in judged.items()},
        aims={words: aim for words, (_, aim) in judged.items()},
        figures={
            "peers": {
                f"{side}, {name}": {"wall_s": [round(value, 3) for value in values]}
                for name, sides in (("warm", warm), ("cold", cold))
                for side, values in sides.items()
            },
            "ours": ["slide, warm", "slide, cold"],
            "pptx_cpu_s": [round(value, 3) for value in pptx_s],
            "deck_cpu_s": [round(value, 2) for value in deck_s],
        },
    )
    is_kept = ratio["warm"] <= PICTURE_AIM and pptx <= PPTX_AIM_S and deck <= DECK_AIM_S
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
