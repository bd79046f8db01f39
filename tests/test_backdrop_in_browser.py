"""Borders, names, tiles and themes in Chromium; language and titles of the pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import DRAWN_AREA, MAP_FRAME, BrowserPage, free_port, open_page, serving
from tests.browser import streamlit_run as run

PAGES = {
    "/": "Map",
    "/slides": "Slides",
    "/monthly_brief": "Monthly brief",
    "/incidents": "Incidents",
    "/deployments": "Deployments",
    "/groups_and_claims": "Groups and claims",
    "/published_figures": "Published figures",
    "/sources_and_method": "Sources and method",
    "/upload": "Upload",
    "/corrections": "Corrections",
    "/administration": "Administration",
}

NAMES = """body => [...body.querySelectorAll(".backdrop-name")].map(name => {
    const box = name.getBoundingClientRect();
    return {text: name.textContent, kind: name.classList[1],
        box: [box.left, box.top, box.right, box.bottom]};
})"""
STYLE_OF = "(body, css) => ({...getComputedStyle(body.querySelector(css))})"


def names_on(tab: BrowserPage) -> list[dict[str, Any]]:
    """Return the names that the map shows, with their boxes in px."""
    body = tab.map_frame().locator("body")
    tab.wait_for_areas(34)
    body.locator(".backdrop-name").first.wait_for()
    tab.wait_until_still()
    tab.page.wait_for_timeout(500)  # marks arrive, names give way
    return body.evaluate(NAMES)


def overlapping(names: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (one["text"], other["text"])
        for one, other in combinations(names, 2)
        if max(one["box"][0], other["box"][0]) < min(one["box"][2], other["box"][2])
        and max(one["box"][1], other["box"][1]) < min(one["box"][3], other["box"][3])
    ]


def test_outline_and_durand_line_are_drawn_each_in_its_own_style(browser_page):
    browser_page.open("/")
    names_on(browser_page)
    body = browser_page.map_frame().locator("body")
    assert body.locator(".backdrop-outline").count() >= 1
    assert body.locator(".backdrop-durand").get_attribute("stroke-dasharray") == "9 4 2 4"
    assert body.locator(".backdrop-outline").first.get_attribute("stroke-dasharray") is None


def test_neighbours_the_line_and_few_cities_are_named_and_more_when_zoomed_in(browser_page):
    browser_page.open("/")
    names = names_on(browser_page)
    texts = {name["text"] for name in names}
    assert {"Iran", "Pakistan", "Turkmenistan", "Uzbekistan", "Tajikistan", "Durand Line"} <= texts
    assert {"Kabul", "Kandahar"} <= texts
    assert "Lashkar Gah" not in texts
    assert overlapping(names) == []
    body = browser_page.map_frame().locator("body")
    body.evaluate("() => map.setView([32.2, 65.2], 8, {animate: false})")
    browser_page.page.wait_for_timeout(300)
    closer = body.evaluate(NAMES)
    assert {"Lashkar Gah", "Kandahar", "Tarinkot"} <= {name["text"] for name in closer}
    assert overlapping(closer) == []


def test_a_phone_shows_fewer_names_and_none_lies_on_another(browser_page, chromium, dashboard):
    wide = browser_page
    with open_page(chromium, dashboard, width=390) as phone:
        wide.open("/")
        phone.open("/")
        many, few = names_on(wide), names_on(phone)
    assert 3 <= len(few) < len(many)
    assert "Kabul" in {name["text"] for name in few}
    assert overlapping(few) == []
    assert all(name["box"][0] >= 0 and name["box"][2] <= 390 for name in few)


def test_names_take_no_click_and_are_not_read_out_twice(browser_page):
    browser_page.open("/")
    names_on(browser_page)
    body = browser_page.map_frame().locator("body")
    every = body.locator(".backdrop-name")
    assert {name.get_attribute("aria-hidden") for name in every.all()} == {"true"}
    assert not every.first.evaluate("e => e.matches('.leaflet-interactive')")
    assert every.first.evaluate("e => getComputedStyle(e).pointerEvents") == "none"


# --- light and dark


@pytest.mark.parametrize(
    ("scheme", "ground"), [("light", "rgb(251, 252, 253)"), ("dark", "rgb(16, 22, 27)")]
)
def test_page_and_map_follow_the_readers_system(browser_page, scheme, ground):
    browser_page.page.emulate_media(color_scheme=scheme)
    browser_page.open("/")
    browser_page.wait_for_areas(34)
    app = browser_page.page.get_by_test_id("stApp")
    expect(app).to_have_css("color-scheme", scheme)
    expect(browser_page.map_frame().locator(".leaflet-container").first).to_have_css(
        "background-color", ground
    )


def test_a_reader_chooses_dark_in_the_menu_and_the_map_follows_at_once(browser_page):
    browser_page.open("/")
    browser_page.wait_for_areas(34)
    browser_page.wait_until_still()
    body = browser_page.map_frame().locator("body")
    body.evaluate("() => { window.isStillTheSame = true }")
    browser_page.page.get_by_test_id("stMainMenu").get_by_role("button").click()
    browser_page.page.get_by_role("menuitemradio", name="Dark").click()
    expect(browser_page.page.get_by_test_id("stApp")).to_have_css("color-scheme", "dark")
    expect(browser_page.map_frame().locator("body.dark")).to_be_attached()
    assert body.evaluate("() => window.isStillTheSame") is True


# --- language and titles


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_language_and_a_title_of_its_own(browser_page, path):
    browser_page.open(path)
    expect(browser_page.page).to_have_title(f"{PAGES[path]} - Afghanistan Conflict Map")
    assert browser_page.page.locator("html").get_attribute("lang") == "en"
    if path == "/":
        browser_page.wait_for_areas(34)
        assert browser_page.map_frame().locator("html").get_attribute("lang") == "en"


# --- tiles that do not come


class _Tiles(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.is_silent:
            self.server.is_over.wait()
        else:
            self.send_error(500)

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture(scope="module")
def tiles() -> Iterator[Any]:
    """A server of tiles that answers 500, or takes what is asked and never answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Tiles) as server:
        server.daemon_threads, server.block_on_close = True, False
        server.is_over = threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.is_over.set()
            server.shutdown()


@pytest.fixture(scope="module")
def dashboard_with_tiles(tiles: Any, store_url: str) -> Iterator[str]:
    """Address of a dashboard that takes its tiles there."""
    settings = {
        "CONFLICTMAP_STORE": store_url,
        "CONFLICTMAP_TILES": f"http://127.0.0.1:{tiles.server_address[1]}/{{z}}/{{x}}/{{y}}.png",
    }
    port = free_port()
    with serving(run(port), port, environment=settings) as address:
        yield address


@pytest.mark.parametrize("is_silent", [False, True], ids=["answers 500", "never answers"])
def test_tiles_that_do_not_come_leave_the_page_as_it_is(
    chromium, tiles, dashboard_with_tiles, is_silent
):
    tiles.asked, tiles.is_silent = [], is_silent
    context = chromium.new_context()
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.goto(dashboard_with_tiles, wait_until="commit")
    frame = page.frame_locator(MAP_FRAME).first
    frame.locator(DRAWN_AREA).nth(33).wait_for(state="attached")
    frame.locator(".backdrop-name").first.wait_for()
    host = f"127.0.0.1:{tiles.server_address[1]}"
    expect(frame.locator(".leaflet-control-attribution")).to_have_text(f"Tiles: {host}")
    page.get_by_role("radio", name="Districts").click()
    frame.locator(DRAWN_AREA).nth(397).wait_for(state="attached")
    expect(page.get_by_text("Background tiles come from another machine")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    assert thrown == []
    assert tiles.asked
    assert all(path.endswith(".png") and path.count("/") == 3 for path in tiles.asked)
    context.close()
