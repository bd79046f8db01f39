"""The time slider: how smoothly it runs over 398 districts and 300 months, and what it asks for.

Ours is moved by a handle that stands on another month in every frame, as a hand would move it at
its fastest; the frames that the browser then draws are counted. The peer's slider goes one month
on with each press of a key, since it can do no better.
"""

from __future__ import annotations

import statistics
from typing import Any

from playwright.sync_api import CDPSession

from benchmarks.map.given import Given
from benchmarks.map.report import Budget, Result, spread
from benchmarks.map.sides import AREAS, OURS, PERIOD, POINTS, serving_ours, serving_plain
from benchmarks.map.watching import Watched, watched_page

RUN_S = 4
LINK = f"/?level=district&step=month&{PERIOD}"
FRAMES_A_SECOND = 50

_RUN = """(seconds) => new Promise((done) => {
    const range = document.querySelector(".time-range"), last = Number(range.max);
    const fills = () => Object.values(map._layers).filter((layer) => layer.index !== undefined)
        .map((layer) => layer._path.getAttribute("fill")).join();
    const gaps = [], before = fills();
    let at = Number(range.value), script = 0, begun = 0, latest = 0;
    const frame = (now) => {
        if (!begun) begun = now;
        else gaps.push(now - latest);
        latest = now;
        if (now - begun >= seconds * 1000) {
            const changed = fills() !== before;
            return done({ gaps, script, seconds: (now - begun) / 1000, last, changed });
        }
        const started = performance.now();
        at = at >= last ? 1 : at + 1;
        range.value = String(at);
        range.dispatchEvent(new Event("input", { bubbles: true }));
        script += performance.now() - started;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
})"""


def measure(given: Given) -> Result:
    """Run ours over its months, `rounds` times, and press the peer's key as often, by turns."""
    store = given.store(given.incidents)
    with (
        serving_ours(store) as ours,
        serving_plain(store) as plain,
        watched_page(given.browser) as tab,
        watched_page(given.browser) as peer,
    ):
        tab.open(ours.address + LINK)
        tab.set_toggle(POINTS[OURS], False)
        peer.open(plain.address)
        handle = peer.page.locator('[data-testid="stSlider"] input[type="range"]')
        handle.focus()
        cdp = tab.page.context.new_cdp_session(tab.page)
        cdp.send("Performance.enable")
        _press(peer)  # from all months to the first; the first run of both only warms up
        _run(tab, cdp, ours.cpu_s)
        runs, presses = [], []
        for _ in range(given.rounds):
            runs.append(_run(tab, cdp, ours.cpu_s))
            handle.focus()
            presses.append(_press(peer))
    return _result(runs, presses)


def _run(tab: Watched, cdp: CDPSession, cpu_s: Any) -> dict[str, Any]:
    """Run over the months for some seconds; what the slider asks for at rest is another matter."""
    before, busy, cpu = tab.passed.copy(), _busy_s(cdp), cpu_s()
    found = tab.map_frame().evaluate(_RUN, RUN_S)
    passed = tab.passed.since(before)
    found |= {"busy": (_busy_s(cdp) - busy) / found["seconds"], "server_cpu_s": cpu_s() - cpu}
    found |= {"bytes": passed.sent_bytes + passed.received_bytes, "messages": passed.sent}
    if not found["changed"]:
        raise RuntimeError("The slider ran, but no district changed its colour.")
    tab.page.wait_for_timeout(500)  # it comes to rest and asks for the month that it stands on
    tab.wait_until_still()
    return found


def _press(peer: Watched) -> tuple[float, int]:
    """Move the peer's slider one month on; return milliseconds to repaint and bytes received."""
    before = peer.passed.copy()
    peer.arm()
    peer.page.keyboard.press("ArrowRight")
    ms = peer.repainted_ms()
    peer.wait_until_still()
    return ms, peer.passed.since(before).received_bytes


def _busy_s(cdp: CDPSession) -> float:
    metrics = cdp.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def _result(runs: list[dict[str, Any]], presses: list[tuple[float, int]]) -> Result:
    rates = [len(run["gaps"]) / run["seconds"] for run in runs]
    rate, months = statistics.median(rates), runs[0]["last"]
    gaps = spread([gap for run in runs for gap in run["gaps"]])
    script_ms = statistics.median(run["script"] / len(run["gaps"]) for run in runs)
    asked = sum(run["bytes"] for run in runs)
    press = spread([ms for ms, _ in presses])
    press_bytes = statistics.median(size for _, size in presses)
    plain_rate = 1000 / press["median"]
    busy = statistics.median(run["busy"] for run in runs)
    server = sum(run["server_cpu_s"] for run in runs) / sum(run["seconds"] for run in runs)
    return Result(
        lines=[
            f"{rate / plain_rate:,.0f} x the steps a second of the plain way",
            f"map page: {rate:.1f} frames/s over {AREAS} districts x {months} months,"
            f" frame median {gaps['median']:.1f}, p95 {gaps['p95']:.1f},"
            f" worst {gaps['worst']:.0f} ms; {script_ms:.1f} ms of script a step;"
            f" main thread busy {busy:.0%}; server {server:.1%} of a core",
            f"plain Folium: {press['median']:,.0f} ms from key to repaint"
            f" (worst {press['worst']:,.0f}), {press_bytes / 1e3:,.0f} kB a step",
        ],
        budgets=[
            Budget("frames a second while the slider moves", rate, FRAMES_A_SECOND, at_least=True),
            Budget("bytes to and from the server while it moves", asked, 0, "B"),
            Budget("months on the slider", months, 300, at_least=True),
        ],
        figures={
            "ratio_of_steps_a_second": round(rate / plain_rate, 1),
            "frames_a_second": [round(one, 1) for one in rates],
            "frame_ms": gaps,
            "script_ms_a_step": round(script_ms, 2),
            "main_thread_busy": round(busy, 3),
            "server_cpu_share": round(server, 4),
            "bytes_while_moving": asked,
            "months": months,
            "plain_step_ms": press,
            "plain_step_bytes": press_bytes,
        },
    )
