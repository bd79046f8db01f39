"""The map of deployments as a reader sees it, in Chromium, with the shipped data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser import BrowserPage, open_tab

WIDE, PHONE = (1440, 900), (390, 844)
SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=lambda size: f"{size[0]}x{size[1]}")
WHERE = "() => [map.getZoom(), map.getCenter().lat, map.getCenter().lng]"
BOXES = """() => [...document.querySelectorAll('.unit-mark, .unit-cluster')]
    .map(mark => mark.getBoundingClientRect())
    .map(box => [box.left, box.top, box.right, box.bottom])"""
NUMBER_OF_KANDAHAR = """() => [...document.querySelectorAll('path[fill="url(#told-area)"]')]
    .findIndex(path => Object.values(map._layers)
        .some(layer => layer._path === path && layer.feature.properties.c === 'AF-KAN'))"""


@pytest.fixture
def tab(browser_page: BrowserPage) -> Iterator[BrowserPage]:
    """A fresh tab, which must end without an error and without a request to another machine."""
    yield browser_page
    assert browser_page.console_errors == []
    assert browser_page.foreign_requests == []


def open_map(tab: BrowserPage, query: str = "") -> None:
    tab.open(f"/deployments{query}")
    tab.wait_for_areas(34)
    tab.wait_until_still()


def in_map(tab: BrowserPage, script: str) -> Any:
    return tab.map_frame().locator("body").evaluate(script)


def symbols(tab: BrowserPage) -> Locator:
    return tab.map_frame().locator(".unit-mark")


def numbers(tab: BrowserPage) -> list[str]:
    return sorted(tab.map_frame().locator(".unit-number").all_inner_texts(), key=int)


def panel(tab: BrowserPage) -> Locator:
    return tab.page.get_by_test_id("stMain").get_by_test_id("stText")


def parameters(tab: BrowserPage) -> dict[str, list[str]]:
    return parse_qs(urlsplit(tab.page.url).query)


def test_every_statement_of_a_known_place_has_its_symbol(tab):
    open_map(tab)
    expect(symbols(tab)).to_have_count(13)
    assert numbers(tab) == ["1", "2", "3", "4", "4", "4", "5", "6", "7", "8", "9", "10", "11"]


def test_symbols_are_pictures_that_the_browser_could_draw(tab):
    open_map(tab)
    pictures = tab.map_frame().locator(".unit-mark img")
    expect(pictures).to_have_count(11)  # two are visits, of no unit
    for width in pictures.evaluate_all("all => all.map(one => one.naturalWidth)"):
        assert width > 0
    assert not [url for url in tab.requests if url.endswith(".svg")]


@SIZES
def test_no_symbol_covers_another(window, dashboard, size):
    with open_tab(window, dashboard, width=size[0], height=size[1]) as tab:
        open_map(tab)
        boxes = in_map(tab, BOXES)
        assert len(boxes) > 6
        for number, (left, top, right, bottom) in enumerate(boxes):
            for other in boxes[:number]:
                across = min(right, other[2]) - max(left, other[0])
                down = min(bottom, other[3]) - max(top, other[1])
                assert min(across, down) <= 1


def test_crowded_symbols_are_one_count_on_a_phone_and_open_at_a_touch(window, dashboard):
    with open_tab(window, dashboard, width=PHONE[0], height=PHONE[1]) as tab:
        open_map(tab)
        count = tab.map_frame().locator(".unit-cluster")
        expect(count).to_have_count(1)
        hidden = int(count.inner_text())
        assert symbols(tab).count() + hidden == 13
        count.click()
        expect(count).to_have_count(0)
        expect(symbols(tab)).to_have_count(13)
        assert tab.console_errors == []


def test_symbols_spread_out_when_the_map_is_near(tab):
    open_map(tab)
    in_map(tab, "() => map.setView([35.33, 69.71], 9, {animate: false})")
    expect(symbols(tab)).to_have_count(13)
    assert in_map(tab, "() => document.querySelectorAll('path.leader').length") >= 2


@pytest.mark.parametrize("mark", ["symbol", "arrow"])
def test_click_opens_the_statement_beside_the_map(tab, mark):
    open_map(tab)
    if mark == "symbol":
        tab.map_frame().get_by_label("Statement 10").click()
    else:
        tab.map_frame().locator("path.move-hit").last.dispatch_event("click")
    expect(panel(tab).filter(has_text="Low, best, high: 1,500, 1,500, 1,500")).to_be_visible()
    tab.wait_until_still()
    expect(tab.map_frame().locator(".unit-mark.chosen")).to_have_count(1)
    expect(tab.page.get_by_text("All that is stated of this unit")).to_be_attached()


def test_click_on_a_hatched_area_opens_who_says_what(tab):
    open_map(tab)
    areas = tab.map_frame().locator('path[fill="url(#told-area)"]')
    expect(areas.first).to_be_attached()
    index = in_map(tab, NUMBER_OF_KANDAHAR)
    areas.nth(index).dispatch_event("click")
    expect(panel(tab).filter(has_text="Area given by a report: Taliban.")).to_be_visible()
    expect(tab.page.get_by_text("What is said of Kandahar (province)")).to_be_visible()


def test_moves_end_in_a_mark_that_says_how_well_the_place_is_known(tab):
    open_map(tab)
    heads = in_map(
        tab,
        "() => [...document.querySelectorAll('.move-head path')].map(p => p.getAttribute('fill'))",
    )
    assert len(heads) == 4
    assert heads.count("none") == 2  # open: one of Badghis, and Bamyan, known to the province
    dashed = "() => document.querySelectorAll('path[stroke-dasharray=\"2.5 2.5\"]').length"
    assert in_map(tab, dashed) > 0


def test_changes_leave_the_map_where_it_is(tab):
    open_map(tab)
    in_map(
        tab, "() => { window.isStillTheSame = true; map.setView([35, 69], 7, {animate: false}) }"
    )
    place = in_map(tab, WHERE)
    slider = tab.page.get_by_role("slider", name="Days that a statement speaks of")
    slider.press("ArrowLeft")
    expect(tab.page.get_by_text("1 statement is later than this day.")).to_be_visible()
    tab.wait_until_still()
    tab.page.get_by_role("combobox", name="Frames of the symbols").click()
    tab.page.get_by_role("option", name="De facto authorities as hostile").click()
    tab.wait_until_still()
    expect(tab.page.get_by_text("As seen by one side, by your choice.")).to_be_visible()
    assert parameters(tab) == {"asof": ["2022-02-22"], "frame": ["authorities-hostile"]}
    assert in_map(tab, "() => window.isStillTheSame") is True
    assert in_map(tab, WHERE) == place


def test_layers_stand_in_the_order_of_the_link(tab):
    open_map(tab, "?layers=deployments,groups,shading,incidents")
    heights = in_map(
        tab,
        "() => ['deployments', 'groups', 'shading', 'incidents']"
        ".map(name => Number(map.getPane(name).style.zIndex))",
    )
    assert heights == sorted(set(heights))
    expect(tab.map_frame().locator(".leaflet-shading-pane path")).to_have_count(34)


def test_layer_that_is_taken_away_is_gone_from_map_and_legend(tab):
    open_map(tab, "?layers=groups")
    expect(tab.map_frame().locator('path[fill="url(#told-claim)"]').first).to_be_attached()
    expect(symbols(tab)).to_have_count(0)
    legend = tab.page.get_by_test_id("stHtml").all_inner_texts()
    assert any("claimed: somebody says that one is there" in text for text in legend)
    assert not any("width by the strength" in text for text in legend)


def test_phone_keeps_no_empty_space_below_the_map(window, dashboard):
    with open_tab(window, dashboard, width=PHONE[0], height=PHONE[1]) as tab:
        open_map(tab)
        tab.map_frame().get_by_label("Statement 10").click()
        expect(panel(tab).filter(has_text="203 Mansoori Corps")).to_be_visible()
        tab.wait_until_still()
        height = tab.page.locator('iframe[title="streamlit_folium.st_folium"]').bounding_box()
        assert height["height"] < 400
