"""The first and the second visit: what the map fetches, as it passes the network.

Counted is what Chromium received for the map's frame with its scripts (the component of
streamlit-folium) and for everything below ``app/static`` (Leaflet, geometry), packed as it came,
with the heads of the answers. Not counted is Streamlit's own front end, which either side needs;
what passes the web socket is data and stands beside. Second is a new tab of the same browser.
"""

from __future__ import annotations

import statistics
from typing import Any

from playwright.sync_api import BrowserContext

from benchmarks.map.given import Given
from benchmarks.map.report import Budget, Result
from benchmarks.map.sides import OURS, PERIOD, PLAIN, Served, serving_ours, serving_plain
from benchmarks.map.watching import Passed, Watched

FIRST_KB, SECOND_KB = 700, 30
LINKS = {OURS: f"/?level=district&step=month&{PERIOD}", PLAIN: "/"}
VISITS = ("first", "second")


def measure(given: Given) -> Result:
    """Visit both sides with an empty cache and again with the one so filled, by turns."""
    store = given.store(given.incidents)
    found: dict[str, list[dict[str, Any]]] = {
        f"{side}, {visit}": [] for side in LINKS for visit in VISITS
    }
    with serving_ours(store) as ours, serving_plain(store) as plain:
        for _ in range(given.rounds):
            for server in (ours, plain):
                context = given.browser.new_context(viewport={"width": 1440, "height": 900})
                for visit in VISITS:
                    found[f"{server.side}, {visit}"].append(_visit(context, server))
                context.close()
    return _result(found)


def _visit(context: BrowserContext, server: Served) -> dict[str, Any]:
    page, passed = context.new_page(), Passed()
    page.on("websocket", passed.listen)
    cdp = context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    received: dict[str, float] = {}

    def note(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def add(event: dict[str, Any]) -> None:
        address = addresses.get(event["requestId"], "").partition("?")[0]
        part = address.removeprefix(server.address)
        received[part] = received.get(part, 0) + event["encodedDataLength"]

    cdp.send("Network.enable")
    cdp.on("Network.requestWillBeSent", note)
    cdp.on("Network.loadingFinished", add)
    Watched(page, passed).open(server.address + LINKS[server.side])
    page.close()
    parts = {
        "component": ("/component/streamlit_folium",),
        "geometry": ("/app/static/geo",),
        "leaflet": ("/app/static/vendor",),
    }
    sizes: dict[str, Any] = {
        name: sum(size for part, size in received.items() if part.startswith(starts))
        for name, starts in parts.items()
    }
    sizes["counted"] = sum(sizes.values())
    sizes["web_socket"] = passed.received_bytes
    return sizes


def _result(found: dict[str, list[dict[str, Any]]]) -> Result:
    median = {
        name: {what: statistics.median(one[what] for one in ones) for what in ones[0]}
        for name, ones in found.items()
    }
    lines = []
    for visit in VISITS:
        ours, peer = (median[f"{side}, {visit}"] for side in (OURS, PLAIN))
        whole = [one["counted"] + one["web_socket"] for one in (ours, peer)]
        lines.append(
            f"{whole[0] / whole[1]:.2f} x the bytes of the plain way on the {visit} visit,"
            " web socket included"
        )
    for name, one in median.items():
        parts = ", ".join(f"{what} {size / 1e3:,.1f} kB" for what, size in one.items())
        lines.append(f"{name} visit: {parts}")
    counted = [median[f"{OURS}, {visit}"]["counted"] / 1e3 for visit in VISITS]
    budgets = [
        Budget(f"{visit} visit: frame, scripts, geometry", size, most, "kB")
        for visit, size, most in zip(VISITS, counted, (FIRST_KB, SECOND_KB), strict=True)
    ]
    return Result(lines, budgets, {"median_bytes": median})
