"""Make the README's picture of the map: `python -m tests.picture`, or `make picture`."""

from __future__ import annotations

import tempfile

from playwright.sync_api import sync_playwright

from tests.browser import (
    DRAWN_AREA,
    MAP_FRAME,
    ROOT,
    free_port,
    launch_chromium,
    serving,
    streamlit_run,
)


def main() -> None:
    """Serve the dashboard on a store of its own and photograph the map page."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = {"CONFLICTMAP_STORE": f"sqlite:///{folder}/store.sqlite"}
        with serving(streamlit_run(port), port, environment=store) as address:
            page = launch_chromium(playwright).new_page(viewport={"width": 1360, "height": 930})
            page.goto(address)
            areas = page.frame_locator(MAP_FRAME).first.locator(DRAWN_AREA)
            areas.nth(33).wait_for()
            page.wait_for_timeout(1000)  # fonts and table settle
            page.screenshot(path=ROOT / "docs" / "map.png")


if __name__ == "__main__":
    main()
