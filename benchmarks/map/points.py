"""Many points: whether the map can still be moved with 200,000 incidents on it.

The map is moved by script, at once, and timed until the next frame is painted; then it glides, and
the frames are counted. The plain way draws its points on a canvas, which is the best it can do
without a plugin.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from playwright.sync_api import Error as BrowserError

from benchmarks.map.given import Given
from benchmarks.map.report import Budget, Result, spread
from benchmarks.map.sides import OURS, PERIOD, PLAIN, Served, serving_ours, serving_plain
from benchmarks.map.watching import Watched, watched_page

PANS = 20
PAN_MS = 100.0
GIVE_UP_S = 240

# Painted: the frame after the move has been drawn when the one that follows it begins.
_PAN = """async (pans) => {
    const frame = () => new Promise(requestAnimationFrame);
    const answered = [], gaps = [];
    for (let number = 0; number < pans; number += 1) {
        await frame();
        const started = performance.now();
        const way = number % 2 ? -1 : 1;
        map.panBy([way * 120, way * 60], { animate: false });
        await frame();
        await new Promise((done) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = done; // after this frame's paint
            port2.postMessage(null);
        });
        answered.push(performance.now() - started);
    }
    for (let number = 0; number < pans; number += 1) {
        const way = number % 2 ? -1 : 1;
        let latest = await frame(), gliding = true;
        map.once("moveend", () => { gliding = false; });
        map.panBy([way * 120, way * 60], { animate: true, duration: 0.3 });
        while (gliding) {
            const now = await frame();
            gaps.push(now - latest);
            latest = now;
        }
    }
    return { answered, gaps };
}"""


def measure(given: Given) -> Result:
    """Open both maps with all points, and move them by turns."""
    store = given.store(given.points)
    found: dict[str, list[dict[str, Any]]] = {OURS: [], PLAIN: []}
    with (
        serving_ours(store) as ours,
        serving_plain(store) as plain,
        watched_page(given.browser) as tab,
        watched_page(given.browser) as peer,
    ):
        opened = {
            OURS: _open(tab, ours, f"/?level=district&{PERIOD}"),
            PLAIN: _open(peer, plain, "/"),
        }
        for _ in range(given.rounds):
            for side, one in ((OURS, tab), (PLAIN, peer)):
                if opened[side]["is_drawn"]:
                    found[side].append(one.map_frame().evaluate(_PAN, PANS))
    return _result(given.points, opened, found)


def _open(tab: Watched, server: Served, link: str) -> dict[str, Any]:
    """Open a map, show its points, and say how long that took and how much passed."""
    started, cpu = time.perf_counter(), server.cpu_s()
    is_drawn = True
    try:
        tab.open(server.address + link, timeout_s=GIVE_UP_S)
        if server.side == PLAIN:
            started, cpu = time.perf_counter(), server.cpu_s()
            tab.page.get_by_test_id("stCheckbox").locator("label").click()
            tab.page.wait_for_function(_HAS_POINTS, timeout=GIVE_UP_S * 1000)
            tab.wait_until_still(timeout_s=GIVE_UP_S)
    except BrowserError:
        is_drawn = False
    return {
        "is_drawn": is_drawn,
        "seconds": round(time.perf_counter() - started, 1),
        "server_cpu_s": round(server.cpu_s() - cpu, 2),
        "server_memory_mb": round(server.memory_mb()),
        "web_socket_bytes": tab.passed.received_bytes,
    }


_HAS_POINTS = """() => {
    const frame = document.querySelector('iframe[title="streamlit_folium.st_folium"]');
    const map = frame && frame.contentWindow && frame.contentWindow.map;
    return Boolean(map) && Object.values(map._layers).some(
        (layer) => layer.feature && layer.feature.geometry.type === "Point");
}"""


def _result(
    points: int, opened: dict[str, dict[str, Any]], found: dict[str, list[dict[str, Any]]]
) -> Result:
    pans = {
        side: spread([ms for run in runs for ms in run["answered"]])
        for side, runs in found.items()
        if runs
    }
    glides = {
        side: spread([ms for run in runs for ms in run["gaps"]])
        for side, runs in found.items()
        if runs
    }
    lines = []
    if PLAIN in pans:
        ratio = pans[PLAIN]["median"] / pans[OURS]["median"]
        lines.append(f"1/{ratio:,.1f} of the time to answer a pan of the plain way")
    else:
        lines.append(f"the plain way has not drawn {points:,} points in {GIVE_UP_S} s")
    for side, start in opened.items():
        lines.append(
            f"{side}: {start['seconds']:,.1f} s to the points, {start['server_cpu_s']:,.1f} s of"
            f" server CPU, {start['web_socket_bytes'] / 1e6:,.1f} MB by web socket,"
            f" server holds {start['server_memory_mb']:,} MB"
        )
        if side in pans:
            pan, glide = pans[side], glides[side]
            rate = 1000 / statistics.fmean([gap for run in found[side] for gap in run["gaps"]])
            lines.append(
                f"  pan answered in {pan['median']:,.0f} ms (p95 {pan['p95']:,.0f}, worst"
                f" {pan['worst']:,.0f} of {pan['n']}); gliding {rate:.0f} frames/s, worst frame"
                f" {glide['worst']:,.0f} ms"
            )
    budgets = [Budget(f"a pan over {points:,} points, p95", pans[OURS]["p95"], PAN_MS, "ms")]
    figures = {"opened": opened, "pan_ms": pans, "glide_frame_ms": glides}
    return Result(lines, budgets, figures)
