"""The time slider in Chromium, on a synthetic store: it moves without the server, and in order."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import Locator, expect

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.store import open_store
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.map_view import area_table, map_series, map_view
from conflictmap.views.query import read_query
from tests.browser import ROOT, BrowserPage, free_port, open_tab, serving, streamlit_run
from tests.synthetic import shipped_edition

FILLS = """() => Object.fromEntries(Object.values(map._layers)
    .filter(layer => layer.feature && layer.index !== undefined)
    .map(layer => [layer.feature.properties.c, layer._path.getAttribute("fill")]))"""
WHERE = "() => [map.getZoom(), map.getCenter().lat, map.getCenter().lng]"
MONTHS = "/?level=district&step=month&from=2001-06-01&to=2001-12-31"


@pytest.fixture(scope="module")
def synthetic_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a store of synthetic incidents around September 2001."""
    url = f"sqlite:///{tmp_path_factory.mktemp('synthetic') / 'synthetic.db'}"
    subprocess.run(
        [
            *(sys.executable, "-m", "conflictmap.cli", "synth", "--incidents=900", "--seed=7"),
            *("--from=2001-05-01", "--to=2002-01-31", f"--store={url}"),
        ],
        cwd=ROOT,
        env=os.environ | {"CONFLICTMAP_STORE": url},
        check=True,
    )
    return url


@pytest.fixture(scope="module")
def synthetic_dashboard(synthetic_store: str) -> Iterator[str]:
    """Address of the dashboard on that store."""
    port = free_port()
    environment = {"CONFLICTMAP_STORE": synthetic_store}
    with serving(streamlit_run(port), port, environment=environment) as url:
        yield url


@pytest.fixture(scope="module")
def facts(synthetic_store: str) -> Facts:
    """All that is known in that store."""
    store = open_store(synthetic_store, kind="synthetic")
    return load_facts(store, shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


@pytest.fixture
def tab(window: Any, synthetic_dashboard: str) -> Iterator[BrowserPage]:
    """A fresh tab, which must end without an error and without a request to another machine."""
    with open_tab(window, synthetic_dashboard) as opened:
        yield opened
        assert opened.console_errors == []
        assert opened.foreign_requests == []


def in_map(tab: BrowserPage, script: str, argument: object = None) -> Any:
    return tab.map_frame().locator("body").evaluate(script, argument)


def slider(tab: BrowserPage) -> Locator:
    return tab.map_frame().get_by_role("slider", name="Time", exact=True)


def words(tab: BrowserPage) -> str:
    """Return what stands below the slider."""
    return tab.map_frame().locator(".time-words").first.inner_text()


def opened(tab: BrowserPage, link: str, areas: int = 398) -> None:
    tab.open(link)
    tab.wait_for_areas(areas)
    tab.wait_until_still()


def series_of(facts: Facts, link: str):
    return map_series(facts, read_query(parse_qs(urlsplit(link).query)))


def fills_at(facts: Facts, link: str, key: str) -> dict[str, str]:
    """Return the fill of each area with a class at a step, as the classes of the series say."""
    series = series_of(facts, link)
    letters = series.letters[series.keys.index(key)]
    colours = series.classes.colours
    return {
        code: colours[int(letter)]
        for code, letter in zip(series.counts.names, letters, strict=True)
        if letter.isdigit()
    }


def coloured(tab: BrowserPage) -> dict[str, str]:
    return {code: fill for code, fill in in_map(tab, FILLS).items() if fill.startswith("#")}


def expect_rest(tab: BrowserPage, key: str) -> None:
    """Wait until the page follows the slider to a step."""
    tab.page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("shown") == [key])
    tab.wait_until_still()


def test_steps_from_august_to_october_2001_come_in_order(tab, facts):
    opened(tab, MONTHS + "&shown=2001-08")
    seen = []
    for month in ("2001-08", "2001-09", "2001-10"):
        assert coloured(tab) == fills_at(facts, MONTHS, month)
        seen.append(words(tab).split("\n")[0])
        slider(tab).press("ArrowRight")
    assert seen == ["August 2001", "September 2001", "October 2001"]
    assert "10 Aqrab to 9 Qaws 1380" in words(tab)
    assert len({str(fills_at(facts, MONTHS, f"2001-{month:02}")) for month in (8, 9, 10)}) == 3


def test_slider_asks_the_server_for_nothing_until_it_rests(window, synthetic_dashboard, facts):
    with open_tab(window, synthetic_dashboard) as tab:
        sent: list[object] = []
        tab.page.on(
            "websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame))
        )
        opened(tab, MONTHS)
        in_map(tab, "() => { window.isStillTheSame = true; map.setView([34.5, 69.2], 7) }")
        tab.page.wait_for_timeout(800)
        place, before, requests = in_map(tab, WHERE), len(sent), len(tab.requests)
        in_map(tab, "() => { for (let i = 0; i < 200; i++) areaMap.move(i % areaMap.steps()) }")
        slider(tab).focus()
        slider(tab).dispatch_event("pointerdown")  # held, it does not rest between slow keys
        for _ in range(5):
            slider(tab).press("ArrowLeft")
        tab.map_frame().get_by_role("button", name="Play").click()
        slider(tab).dispatch_event("pointerup")
        tab.page.wait_for_timeout(700)
        assert len(sent) == before
        assert len(tab.requests) == requests
        pause = tab.map_frame().get_by_role("button", name="Pause")
        expect(pause).to_be_visible()
        slider(tab).dispatch_event("pointerdown")
        slider(tab).press(" ")
        slider(tab).press("Home")
        slider(tab).press("ArrowRight")
        slider(tab).press("ArrowRight")
        slider(tab).press("ArrowRight")
        slider(tab).dispatch_event("pointerup")
        expect_rest(tab, "2001-08")
        view = map_view(facts, series_of(facts, MONTHS), "2001-08")
        expect(tab.page.locator("h3").filter(has_text="Incidents by district")).to_have_text(
            view.title
        )
        assert len(sent) == before + 1
        assert in_map(tab, "() => window.isStillTheSame") is True
        assert in_map(tab, WHERE) == pytest.approx(place, abs=0.02)  # a pixel


def test_end_leads_to_the_last_step_and_home_to_the_whole_period(tab, facts):
    opened(tab, MONTHS)
    slider(tab).press("End")
    expect_rest(tab, "2001-12")
    assert coloured(tab) == fills_at(facts, MONTHS, "2001-12")
    slider(tab).press("Home")
    tab.page.wait_for_url(lambda url: "shown" not in url)
    tab.wait_until_still()
    assert coloured(tab) == fills_at(facts, MONTHS, "")


def test_playing_stops_at_the_last_step_and_the_page_follows_it_there(tab):
    opened(tab, MONTHS)
    tab.map_frame().get_by_label("Speed of playing").first.select_option("fastest")
    tab.map_frame().get_by_role("button", name="Play").click()
    expect_rest(tab, "2001-12")
    expect(tab.map_frame().get_by_role("button", name="Play")).to_be_visible()


def test_reader_who_wants_less_motion_gets_a_step_a_second(window, synthetic_dashboard):
    with open_tab(window, synthetic_dashboard) as tab:
        tab.page.emulate_media(reduced_motion="reduce")
        opened(tab, MONTHS)
        tab.map_frame().get_by_label("Speed of playing").first.select_option("fastest")
        tab.map_frame().get_by_role("button", name="Play").click()
        tab.page.wait_for_timeout(1500)
        assert int(slider(tab).input_value()) <= 2


@pytest.mark.parametrize("step", ["day", "week", "month", "quarter", "year", "sh_month", "sh_year"])
def test_steps_of_every_calendar_are_drawn(tab, facts, step):
    link = f"/?step={step}&from=2001-08-01&to=2001-10-31"
    series = series_of(facts, link)
    opened(tab, f"{link}&shown={series.keys[-1]}", areas=34)
    assert words(tab).split("\n")[0] == series.steps[-1].label
    assert coloured(tab) == fills_at(facts, link, series.keys[-1])


def test_map_table_file_and_words_hold_the_same_numbers(tab, facts):
    link = "/?measure=killed&step=month&shown=2001-10"
    opened(tab, link, areas=34)
    view = map_view(facts, series_of(facts, link), "2001-10")
    table = area_table(view)
    shown = in_map(tab, "() => areaMap.told()")
    on_map = shown["values"][str(shown["shown"])][0]
    assert on_map == [None if area.value is None else area.value for area in view.counts.areas]
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Download the areas as CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    header = text.index("Code,Area")
    lines = csv.DictReader(io.StringIO(text[header:]))
    rows = {row["Code"]: row for row in lines if row["Code"].startswith("AF-")}
    in_file = [rows[area.code]["People killed"] for area in view.counts.areas]
    assert [float(value) if value else None for value in in_file] == on_map
    in_table = (
        table[table["Code"] != ""]
        .set_index("Code")["People killed"]
        .loc[list(rows)]
        .astype("object")
    )
    assert [None if value is pd.NA else value for value in in_table] == [
        float(row["People killed"]) if row["People killed"] else None for row in rows.values()
    ]
    in_words = tab.map_frame().locator("#map-in-words").inner_text()
    for area in view.counts.areas:
        if area.status == "value":
            assert f"{area.name} {area.figure.words}" in in_words


def test_two_periods_are_compared_with_the_same_classes_and_one_view(tab, facts):
    link = MONTHS + "&shown=2001-10&against=2001-08"
    opened(tab, link, areas=796)
    second = FILLS.replace("map._layers", "secondMap._layers")
    fills = {code: fill for code, fill in in_map(tab, second).items() if fill.startswith("#")}
    assert coloured(tab) == fills_at(facts, MONTHS, "2001-10")
    assert fills == fills_at(facts, MONTHS, "2001-08")
    in_map(tab, "() => map.setView([34.5, 69.2], 8, {animate: false})")
    moved = in_map(tab, WHERE.replace("map.", "secondMap."))
    assert moved[0] == 8
    assert moved[1:] == pytest.approx([34.5, 69.2], abs=0.02)
    other = tab.map_frame().get_by_role("slider", name="Time on the second map")
    other.press("ArrowRight")
    tab.page.wait_for_url(lambda url: "against=2001-09" in url)
    tab.wait_until_still()
    fills = {code: fill for code, fill in in_map(tab, second).items() if fill.startswith("#")}
    assert fills == fills_at(facts, MONTHS, "2001-09")


def test_added_up_steps_never_fall(tab, facts):
    link = MONTHS + "&time=cumulative"
    opened(tab, link + "&shown=2001-12")
    assert coloured(tab) == fills_at(facts, link, "2001-12")
    values = series_of(facts, link).counts.incidents()["total"][1:].tolist()
    assert values == sorted(values)
    assert words(tab).startswith("up to the end of December 2001")
