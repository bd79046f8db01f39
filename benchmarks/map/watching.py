"""Watching a page in Chromium: what passes its web socket, and when its map is repainted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Frame, Page, WebSocket

from benchmarks.map.sides import AREAS
from tests.browser import MAP_FRAME

# The fills of all districts, whichever way they are drawn: the first layers with a polygon.
_FILLS = """(frame, areas) => {
    const map = frame && frame.contentWindow && frame.contentWindow.map;
    if (!map || !map._layers) return "";
    const fills = [];
    for (const id in map._layers) {
        const layer = map._layers[id];
        if (!layer.feature || !layer.feature.geometry.type.endsWith("Polygon")) continue;
        if (layer.options.fill === false) continue;
        if (fills.push(layer.options.fillColor) === areas) return fills.join();
    }
    return "";
}"""

_WATCH = f"""([selector, areas, giveUpMs]) => {{
    const read = {_FILLS};
    const fills = () => read(document.querySelector(selector), areas);
    const before = fills();
    let started = 0;
    for (const event of ["pointerdown", "keydown"])
        window.addEventListener(event, () => {{ started = started || performance.now(); }},
            {{ capture: true, once: true }});
    window.repainted = new Promise((done, fail) => {{
        const armed = performance.now();
        const look = () => {{
            const now = started ? fills() : "";
            if (now && now !== before)
                return requestAnimationFrame(() =>
                    requestAnimationFrame(() => done(performance.now() - started)));
            if (performance.now() - armed > giveUpMs) return fail(new Error("not repainted"));
            requestAnimationFrame(look);
        }};
        requestAnimationFrame(look);
    }});
}}"""

_DRAWN = f"([selector, areas]) => ({_FILLS})(document.querySelector(selector), areas) !== ''"


@dataclass
class Passed:
    """What has passed the web sockets of a page."""

    sent: int = 0
    sent_bytes: int = 0
    received: int = 0
    received_bytes: int = 0

    def listen(self, socket: WebSocket) -> None:
        """Count what passes a socket from now on."""
        socket.on("framesent", self._count_sent)
        socket.on("framereceived", self._count_received)

    def since(self, before: Passed) -> Passed:
        """Return what has passed since an earlier copy."""
        return Passed(
            self.sent - before.sent,
            self.sent_bytes - before.sent_bytes,
            self.received - before.received,
            self.received_bytes - before.received_bytes,
        )

    def copy(self) -> Passed:
        """Return the numbers as they are now."""
        return Passed(self.sent, self.sent_bytes, self.received, self.received_bytes)

    def _count_sent(self, payload: str | bytes) -> None:
        self.sent += 1
        self.sent_bytes += _size(payload)

    def _count_received(self, payload: str | bytes) -> None:
        self.received += 1
        self.received_bytes += _size(payload)


@dataclass
class Watched:
    """One tab. Its requests are not routed, so its cache works as it does for a reader."""

    page: Page
    passed: Passed

    def open(self, address: str, *, timeout_s: float = 120) -> None:
        """Go to an address and wait until all districts are drawn and the script has ended."""
        self.page.goto(address)
        self.wait_until_drawn(timeout_s=timeout_s)
        self.wait_until_still(timeout_s=timeout_s)

    def wait_until_drawn(self, *, timeout_s: float = 120) -> None:
        """Wait until the map has all districts."""
        self.page.wait_for_function(_DRAWN, arg=[MAP_FRAME, AREAS], timeout=timeout_s * 1000)

    def wait_until_still(self, *, timeout_s: float = 120) -> None:
        """Wait until Streamlit has finished running the page, and what it sent has come."""
        still = '[data-testid="stApp"][data-test-script-state="notRunning"]'
        self.page.wait_for_timeout(150)
        self.page.locator(still).wait_for(timeout=timeout_s * 1000)
        self.page.wait_for_timeout(150)

    def map_frame(self) -> Frame:
        """Return the frame of the map."""
        handle = self.page.locator(MAP_FRAME).first.element_handle()
        frame = handle.content_frame() if handle else None
        if frame is None:
            raise RuntimeError("The page has no map.")
        return frame

    def arm(self, *, timeout_s: float = 60) -> None:
        """Start the watch: it times from the next key or press until the districts are repainted.

        Repainted is two frames after the fills are others; the first of them draws.
        """
        self.page.evaluate(_WATCH, [MAP_FRAME, AREAS, timeout_s * 1000])

    def repainted_ms(self) -> float:
        """Wait for the end of the watch and return its milliseconds."""
        return float(self.page.evaluate("window.repainted"))

    def set_toggle(self, label: str, is_on: bool) -> None:
        """Set a toggle of the page and wait until the map stands again."""
        toggle = self.page.get_by_test_id("stCheckbox").filter(has_text=label)
        if toggle.locator("input").is_checked() != is_on:
            toggle.locator("label").click()
            self.wait_until_still()
            self.wait_until_drawn()


@contextmanager
def watched_page(browser: Browser, **options: Any) -> Iterator[Watched]:
    """Give a tab in a fresh context."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)
    try:
        page, passed = context.new_page(), Passed()
        page.on("websocket", passed.listen)
        yield Watched(page, passed)
    finally:
        context.close()


def _size(payload: str | bytes) -> int:
    return len(payload.encode()) if isinstance(payload, str) else len(payload)
