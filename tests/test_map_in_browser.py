"""The dashboard as a reader sees it, in Chromium, with the shipped data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.filters import IncidentFilter
from conflictmap.store import open_store
from conflictmap.ui.map_message import map_message
from conflictmap.views.area_panel import area_panel
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.incident_table import incident_table
from conflictmap.views.incidents import ids_of
from conflictmap.views.map_view import MapView, map_series, map_view
from conflictmap.views.query import read_query
from tests.browser import SCREENSHOTS, BrowserPage, open_page, open_tab
from tests.synthetic import shipped_edition

PAGES = {
    "map": "/",
    "slides": "/slides",
    "monthly_brief": "/monthly_brief",
    "incidents": "/incidents",
    "deployments": "/deployments",
    "groups_and_claims": "/groups_and_claims",
    "published_figures": "/published_figures",
    "sources_and_method": "/sources_and_method",
    "upload": "/upload",
    "corrections": "/corrections",
    "administration": "/administration",
}
WIDE, PHONE = (1440, 900), (390, 844)

DRAWN = """() => Object.fromEntries(Object.values(map._layers)
    .filter(layer => layer.feature && layer.index !== undefined)
    .map(layer => [layer.feature.properties.c, layer._path.getAttribute("fill")]))"""
WHERE = "() => [map.getZoom(), map.getCenter().lat, map.getCenter().lng]"
PATTERNS = {"n": "url(#no-report)", "z": "var(--zero)", "f": "url(#no-figure)"}


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


@pytest.fixture
def tab(browser_page: BrowserPage) -> Iterator[BrowserPage]:
    """A fresh tab, which must end without an error and without a request to another machine."""
    yield browser_page
    assert browser_page.console_errors == []
    assert browser_page.foreign_requests == []


def view_of(facts: Facts, **parameters: str) -> MapView:
    """Return what the map must show for a link."""
    query = read_query({name.rstrip("_"): [value] for name, value in parameters.items()})
    return map_view(facts, map_series(facts, query), query.shown)


def fills_of(view: MapView) -> dict[str, str]:
    """Return the fill that each area of a view must have."""
    message = map_message(view, shows_marks=False)
    fills = PATTERNS | {str(number): fill for number, fill in enumerate(message["colours"])}
    codes = [area.code for area in view.counts.areas]
    return {code: fills[letter] for code, letter in zip(codes, message["letters"], strict=True)}


def in_map(tab: BrowserPage, script: str, argument: object = None) -> Any:
    """Return what a script gives in the frame of the map."""
    return tab.map_frame().locator("body").evaluate(script, argument)


def main_part(tab: BrowserPage) -> Locator:
    return tab.page.get_by_test_id("stMain")


def expect_title(tab: BrowserPage, title: str) -> None:
    expect(main_part(tab).locator("h3").first).to_have_text(title, timeout=15_000)
    tab.wait_until_still()


def expect_fills(tab: BrowserPage, view: MapView) -> None:
    """Wait until the map shows a view: every area, each with the fill of its class."""
    expect_title(tab, view.title)
    tab.wait_for_areas(len(view.counts.areas))
    wanted = fills_of(view)
    for _ in range(50):
        if in_map(tab, DRAWN) == wanted:
            break
        tab.page.wait_for_timeout(100)
    assert in_map(tab, DRAWN) == wanted


def expect_address(tab: BrowserPage, **parameters: str) -> None:
    wanted = {name.rstrip("_"): [value] for name, value in parameters.items()}
    for _ in range(50):
        if parse_qs(urlsplit(tab.page.url).query) == wanted:
            break
        tab.page.wait_for_timeout(100)
    assert parse_qs(urlsplit(tab.page.url).query) == wanted


def click_area(tab: BrowserPage, code: str, facts: Facts) -> None:
    """Click with the mouse where an area has its label."""
    provinces = facts.edition.provinces.set_index("adm1_code")
    at = [float(provinces.at[code, "label_lat"]), float(provinces.at[code, "label_lon"])]
    point = in_map(tab, "(body, at) => map.latLngToContainerPoint(at)", at)
    tab.map_frame().locator(".leaflet-container").click(position=point)


def table_in(tab: BrowserPage, number: int) -> list[list[str]]:
    """Return the rows of a table on the page, as a screen reader is given them."""
    table = main_part(tab).get_by_test_id("stDataFrame").nth(number)
    expect(table.locator("tr td").first).to_be_attached()
    return table.evaluate(
        "e => [...e.querySelectorAll('table tbody tr')]"
        ".map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"
    )


def whole_page(tab: BrowserPage, name: str, size: tuple[int, int]) -> None:
    """Keep a picture of all of a page; the page scrolls inside itself, so the tab grows."""
    width, height = size
    full = main_part(tab).evaluate("e => e.scrollHeight")
    tab.page.set_viewport_size({"width": width, "height": max(full, height)})
    tab.page.wait_for_timeout(300)
    tab.screenshot(f"{name}-{width}x{height}")
    tab.page.set_viewport_size({"width": width, "height": height})


# --- the map


def test_34_provinces_are_drawn_each_in_the_fill_of_its_class(tab, facts):
    tab.open("/")
    expect_fills(tab, view_of(facts))
    fills = in_map(tab, DRAWN)
    assert len(fills) == 34
    assert fills["AF-KAB"] == "#7a1042"  # the highest class
    assert fills["AF-NUR"] == "url(#no-report)"


def test_398_districts_are_drawn_after_switching_to_them(tab, facts):
    tab.open("/")
    tab.wait_for_areas(34)
    tab.wait_until_still()
    main_part(tab).get_by_role("radio", name="Districts").click()
    expect_fills(tab, view_of(facts, level="district"))
    assert len(in_map(tab, DRAWN)) == 398
    expect_address(tab, level="district")
    main_part(tab).get_by_role("radio", name="Provinces").click()
    expect_fills(tab, view_of(facts))


def test_time_slider_changes_the_classes_and_leaves_the_map_where_it_is(tab, facts):
    tab.open("/?measure=killed")
    expect_fills(tab, view_of(facts, measure="killed"))
    in_map(
        tab,
        "() => { window.isStillTheSame = true; map.setView([34.5, 69.2], 8, {animate: false}) }",
    )
    place = in_map(tab, WHERE)
    slider = tab.map_frame().get_by_role("slider", name="Time", exact=True)
    slider.press("ArrowRight")
    expect_fills(tab, view_of(facts, measure="killed", shown="2021"))
    slider.press("ArrowRight")
    expect_fills(tab, view_of(facts, measure="killed", shown="2022"))
    expect_address(tab, measure="killed", shown="2022")
    assert in_map(tab, "() => window.isStillTheSame") is True
    assert in_map(tab, WHERE) == place


def test_click_on_kabul_opens_its_panel_with_the_figures_of_the_command(tab, facts):
    panel = area_panel(facts, IncidentFilter(), "AF-KAB")
    killed = panel.totals.query("Group == 'Civilians' and Harm == 'Killed'")
    tab.open("/")
    tab.wait_for_areas(34)
    tab.wait_until_still()
    click_area(tab, "AF-KAB", facts)
    expect(main_part(tab).locator("h3").nth(1)).to_have_text("Kabul")
    tab.wait_until_still()
    expect_address(tab, area="AF-KAB")
    expect(main_part(tab).get_by_text("Province, AF-KAB")).to_be_visible()
    groups = [row for row in table_in(tab, 0) if row[:2] == ["Civilians", "Killed"]]
    assert groups[0][2:4] == [f"{killed['Low'].item():g}", f"{killed['Best'].item():g}"]
    told = incident_table(facts, ids_of(facts, panel.rows))["What"].tolist()
    assert [row[1] for row in table_in(tab, 1)] == told
    assert in_map(tab, DRAWN) == fills_of(view_of(facts))


def test_area_can_be_chosen_by_its_name_with_the_keyboard(tab):
    tab.open("/")
    tab.wait_for_areas(34)
    tab.wait_until_still()
    choice = main_part(tab).get_by_label("Area", exact=True)
    choice.focus()
    choice.press_sequentially("Herat")
    choice.press("Enter")
    expect(main_part(tab).locator("h3").nth(1)).to_have_text("Herat")
    expect_address(tab, area="AF-HER")


def test_panning_and_zooming_ask_the_server_for_nothing(window, dashboard):
    with open_tab(window, dashboard) as tab:
        sent: list[object] = []
        tab.page.on(
            "websocket",
            lambda socket: socket.on("framesent", lambda frame: sent.append(frame)),
        )
        tab.open("/")
        tab.wait_for_areas(34)
        tab.wait_until_still()
        tab.page.wait_for_timeout(1000)
        before, place = len(sent), in_map(tab, WHERE)
        assert before > 0
        frame = tab.map_frame().locator(".leaflet-container")
        frame.scroll_into_view_if_needed()
        box = frame.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        tab.page.mouse.move(x, y)
        tab.page.mouse.down()
        tab.page.mouse.move(x + 120, y + 40, steps=12)
        tab.page.mouse.up()
        tab.page.mouse.wheel(0, -400)
        tab.page.wait_for_timeout(1500)
        now = in_map(tab, WHERE)
        assert now[0] > place[0]
        assert now[1:] != place[1:]
        assert len(sent) == before


# --- links


def seen(tab: BrowserPage) -> dict[str, object]:
    """Return what a reader takes from the map page: title, counts, legend, classes, panel."""
    return {
        "title": main_part(tab).locator("h3").all_inner_texts(),
        "counts": main_part(tab).get_by_role("status").first.inner_text(),
        "legend": main_part(tab).locator(".cm-key").all_inner_texts(),
        "classes": in_map(tab, DRAWN),
        "texts": main_part(tab).get_by_test_id("stText").all_inner_texts(),
    }


def test_shared_link_shows_another_reader_the_same(tab, chromium, dashboard, facts):
    link = "/?measure=killed&area=AF-KAB&from=2022-12-01&to=2022-12-31"
    tab.open("/?from=2022-12-01&to=2022-12-31")
    tab.wait_for_areas(34)
    tab.wait_until_still()
    measure = main_part(tab).get_by_label("Measure", exact=True)
    measure.click()
    tab.page.get_by_role("option", name="People killed", exact=True).click()
    expect_title(tab, "People killed by province, Afghanistan, December 2022")
    click_area(tab, "AF-KAB", facts)
    expect(main_part(tab).locator("h3").nth(1)).to_have_text("Kabul")
    expect_address(tab, **parse_one(link))
    view = view_of(facts, measure="killed", from_="2022-12-01", to="2022-12-31")
    expect_fills(tab, view)
    with open_page(chromium, dashboard) as other:
        other.open(urlsplit(tab.page.url)._replace(scheme="", netloc="").geturl())
        expect_fills(other, view)
        expect(main_part(other).locator("h3").nth(1)).to_have_text("Kabul")
        assert seen(other) == seen(tab)


def parse_one(link: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def test_back_button_leads_to_the_view_before(tab, facts):
    tab.open("/?step=quarter")
    expect_title(tab, view_of(facts).title)
    main_part(tab).get_by_role("radio", name="Districts").click()
    expect_title(tab, view_of(facts, level="district").title)
    tab.page.go_back()
    expect_fills(tab, view_of(facts))
    expect_address(tab, step="quarter")
    tab.page.go_forward()
    expect_fills(tab, view_of(facts, level="district"))


def test_back_button_leads_to_the_defaults_too(tab, facts):
    tab.open("/")
    expect_title(tab, view_of(facts).title)
    main_part(tab).get_by_role("radio", name="Districts").click()
    expect_title(tab, view_of(facts, level="district").title)
    tab.page.go_back()
    expect_fills(tab, view_of(facts))
    expect_address(tab)


def test_filter_chosen_in_the_sidebar_stands_in_the_address(tab, facts):
    tab.open("/")
    tab.wait_for_areas(34)
    tab.wait_until_still()
    tab.page.get_by_label("Victim group").click()
    tab.page.get_by_role("option", name="Taliban", exact=True).click()
    expect_fills(tab, view_of(facts, group="taliban"))
    expect_address(tab, group="taliban")


def test_filter_is_in_force_and_in_sight_on_the_next_page(tab):
    tab.open("/?group=civilians")
    for page in ("Incidents", "Map", "Incidents"):
        link = tab.page.get_by_test_id("stSidebarNav").get_by_role("link", name=page, exact=True)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        tab.wait_until_still()
        chosen = tab.page.get_by_test_id("stMultiSelect").filter(has_text="Victim group")
        expect(chosen).to_contain_text("Civilians")
        expect_address(tab, group="civilians")


# --- incidents


def test_row_that_is_clicked_opens_its_evidence(tab, facts):
    tab.open("/incidents")
    tab.wait_until_still()
    titles = [row[1] for row in table_in(tab, 0)]
    row = titles.index("Attack on the Kaj academy in Dasht-e Barchi, Kabul")
    table = main_part(tab).get_by_test_id("stDataFrame").first
    table.click(position={"x": 16, "y": 36 + 35 * row + 17})
    expect(main_part(tab).get_by_text("Evidence", exact=True)).to_be_visible()
    tab.wait_until_still()
    expect(main_part(tab).get_by_test_id("stText").get_by_text(titles[row])).to_be_visible()
    # The list shortens, and the same row now holds another incident.
    incident = parse_one(tab.page.url)["incident"]
    tab.page.get_by_label("Type of incident").click()
    tab.page.get_by_role("option", name="Bombing", exact=True).click()
    expect_address(tab, incident=incident, type="bombing")
    tab.wait_until_still()
    expect(main_part(tab).get_by_test_id("stText").get_by_text(titles[row])).to_be_visible()
    expect_address(tab, incident=incident, type="bombing")


# --- every page, at both widths


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", PAGES)
def test_page_is_drawn_within_the_screen_from_this_machine_alone(window, dashboard, name, size):
    with open_tab(window, dashboard, width=size[0], height=size[1]) as tab:
        tab.open(PAGES[name])
        expect(main_part(tab).locator("h1, h2, h3").first).to_be_visible(timeout=15_000)
        tab.wait_until_still()
        if name in ("map", "deployments"):
            tab.wait_for_areas(34)
            box = tab.map_frame().locator(".leaflet-container").bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= size[0]
        for part in (tab.page.locator("html"), main_part(tab)):
            assert part.evaluate("e => e.scrollWidth") <= size[0]
        whole_page(tab, name, size)
        assert main_part(tab).get_by_test_id("stException").count() == 0
        assert tab.page.get_by_role("dialog").count() == 0
        assert tab.foreign_requests == []
        assert tab.console_errors == []


def test_each_page_is_reached_through_the_sidebar(tab):
    tab.open("/")
    links = tab.page.get_by_test_id("stSidebarNavLink")
    expect(links).to_have_count(len(PAGES))
    for number, path in enumerate(PAGES.values()):
        links.nth(number).click()
        expect(tab.page).to_have_url(re.compile(re.escape(path) + r"(\?.*)?$"))
        tab.wait_until_still()
        assert main_part(tab).get_by_test_id("stException").count() == 0


def test_panel_at_phone_width_stays_within_the_screen(window, dashboard):
    with open_tab(window, dashboard, width=PHONE[0], height=PHONE[1]) as tab:
        tab.open("/?area=AF-HER-02&level=district")
        tab.wait_for_areas(398)
        tab.wait_until_still()
        expect(main_part(tab).locator("h3").nth(1)).to_have_text("Injil")
        assert main_part(tab).evaluate("e => e.scrollWidth") <= PHONE[0]
        whole_page(tab, "map-panel", PHONE)
        assert (SCREENSHOTS / "map-panel-390x844.png").is_file()
