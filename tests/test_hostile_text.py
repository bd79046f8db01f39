"""Text of a report is text: on no page is it run, evaluated, fetched or able to blank the map.

A synthetic store holds the shipped rows with every free text replaced by payloads; the real
dashboard is served on it. A control draws one payload as a map should not, and the same checks must
find it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Dialog, Locator, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.frames import typed_table
from conflictmap.reports import CODED_TABLES, place_tables, read_coded_tables
from conflictmap.schema import TABLES, Column
from conflictmap.store import open_store, publish
from tests.browser import (
    ROOT,
    BrowserPage,
    free_port,
    open_tab,
    serving,
    streamlit_run,
)
from tests.synthetic import shipped_edition

EVALUATED = "49000021"  # 7 * 7000003
# Evaluated while a map is prepared, an expression need not show up in the page; a folder does.
MADE = Path(tempfile.gettempdir()) / f"made-by-hostile-text-{os.getpid()}"
MAKE = f"cycler.__init__.__globals__.os.makedirs('{MADE.as_posix()}', exist_ok=True)"

PAYLOADS = (
    "{{7*7000003}}",
    "{{" + MAKE + "}}",
    "{% x",
    "{{cycler.__init__.__globals__.os.getpid()*1000003}}",
    "${alert(1)}",
    "<img src=x onerror=window.hit=1>",
    "`",
    r"C:\2024",
    "</script><script>window.hit=1</script>",
    "![x](http://203.0.113.9/p)",
)
HOSTILE = "synthetic " + " ".join(PAYLOADS)
EVALUABLE = HOSTILE.replace("{% x ", "")  # what does not even parse is not evaluated

PAGES = [
    "/",
    "/?level=district",
    "/slides",
    "/slides?page=deployments",
    "/monthly_brief",
    "/incidents",
    "/deployments",
    "/deployments?layers=shading,incidents,groups,deployments&frame=authorities-hostile",
    "/groups_and_claims",
    "/published_figures",
    "/sources_and_method",
    "/administration",
]


@dataclass
class Found:
    """What a page did that text must not make it do."""

    evaluated: bool = False
    has_run: bool = False
    dialogs: int = 0
    foreign_requests: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


def look(tab: BrowserPage, dialogs: list[str]) -> Found:
    """Look through the page and all its frames."""
    tab.page.wait_for_timeout(500)
    frames = tab.page.frames
    is_made = MADE.is_dir()
    if is_made:
        MADE.rmdir()
    return Found(
        evaluated=is_made or any(EVALUATED in frame.content() for frame in frames),
        has_run=any(frame.evaluate("() => window.hit !== undefined") for frame in frames),
        dialogs=len(dialogs),
        foreign_requests=tuple(tab.foreign_requests),
        errors=tuple(tab.console_errors),
    )


def note_dialogs(tab: BrowserPage) -> list[str]:
    """Close whatever dialog a script opens, and keep what it said."""
    said: list[str] = []

    def close(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    tab.page.on("dialog", close)
    return said


# --- the real dashboard on hostile rows


def is_free_text(column: Column, table: str) -> bool:
    """Whether anything may stand in a column: no id, no code, no number."""
    is_id = column.refers_to or column.name in (*TABLES[table].key, "text_sha256")
    is_code = column.name in ("adm1_code", "adm2_code", "boundary_edition", "subject_table")
    return column.kind == "text" and not (is_code or (is_id and column.name not in OPEN_KEYS))


OPEN_KEYS = ("alias", "leader_name")  # free text, though part of a key


def hostile_tables() -> dict[str, pd.DataFrame]:
    """Return the shipped rows, placed as they are, with every free text replaced."""
    placed = place_tables(read_coded_tables(ROOT / "data"), shipped_edition())
    tables = {}
    for name, rows in placed.items():
        texts = [column for column in TABLES[name].columns if is_free_text(column, name)]
        replaced = {
            column.name: [
                (EVALUABLE if number % 2 else HOSTILE)
                + (f" {number}" if column.name in OPEN_KEYS else "")
                for number in range(len(rows))
            ]
            for column in texts
        }
        tables[name] = typed_table(TABLES[name], rows.assign(**replaced))
    return tables


@pytest.fixture(scope="module")
def hostile_dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the dashboard, served on a synthetic store full of payloads."""
    url = f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'store.sqlite'}"
    publish(open_store(url), hostile_tables(), viewer=LOCAL_ADMINISTRATOR, note=HOSTILE)
    port = free_port()
    with serving(streamlit_run(port), port, environment={"CONFLICTMAP_STORE": url}) as address:
        yield address


def test_every_free_text_column_is_hostile():
    tables = hostile_tables()
    left = {
        f"{name}.{column.name}"
        for name in CODED_TABLES
        for column in TABLES[name].columns
        if column.kind == "text"
        and not tables[name][column.name].astype("str").str.contains(PAYLOADS[0], regex=False).all()
    }
    ids = {
        f"{name}.{column.name}"
        for name in CODED_TABLES
        for column in TABLES[name].columns
        if column.name.endswith(("_id", "_code", "_sha256", "boundary_edition"))
    }
    assert left <= ids


@pytest.mark.parametrize("path", PAGES)
def test_page_shows_hostile_text_and_nothing_more(window, hostile_dashboard, path):
    with open_tab(window, hostile_dashboard) as tab:
        dialogs = note_dialogs(tab)
        tab.open(path)
        expect(tab.page.get_by_test_id("stMain").locator("h3").first).to_be_visible(timeout=20_000)
        if path == "/" or path.startswith("/deployments"):
            tab.wait_for_areas(34)
        if "district" in path:
            tab.wait_for_areas(398)
        tab.wait_until_still()
        assert tab.page.get_by_test_id("stException").count() == 0
        use_every_list(tab)
        assert tab.page.get_by_test_id("stException").count() == 0
        assert look(tab, dialogs) == Found()


def use_every_list(tab: BrowserPage) -> None:
    """Open each choice in the sidebar, and take one in each of the page: what it names is drawn."""
    picks = ["ArrowDown", "Enter", "Escape"]  # a list of several stays open, the others behind it
    offered = tab.page.get_by_role("listbox")
    for part, keys in (("stSidebar", ["Escape"]), ("stMain", picks)):
        lists = tab.page.get_by_test_id(part).get_by_role("combobox")
        for number in range(lists.count()):
            open_list(lists.nth(number), offered)
            for key in keys:
                tab.page.keyboard.press(key)
            expect(offered).to_have_count(0, timeout=20_000)
            if part == "stMain":
                tab.page.wait_for_timeout(150)  # the page begins to run again
                tab.wait_until_still()


def open_list(choice: Locator, offered: Locator) -> None:
    """Open a list of choices; a click on a page that is being drawn again is lost."""
    for _ in range(10):
        choice.click()
        with suppress(PlaywrightTimeout):
            offered.first.wait_for(state="visible", timeout=2_000)
            return
    expect(offered.first).to_be_visible()


def test_panel_and_evidence_show_the_text_as_typed(window, hostile_dashboard):
    incident = "kabul-military-hospital-2021"
    with open_tab(window, hostile_dashboard) as tab:
        dialogs = note_dialogs(tab)
        tab.open("/?area=AF-KAB")
        tab.wait_for_areas(34)
        expect(tab.page.get_by_text("Province, AF-KAB")).to_be_visible()
        tab.wait_until_still()
        assert look(tab, dialogs) == Found()
        tab.open(f"/incidents?incident={incident}")
        expect(tab.page.get_by_text("Evidence", exact=True)).to_be_visible(timeout=20_000)
        tab.wait_until_still()
        texts = tab.page.get_by_test_id("stMain").get_by_test_id("stText").all_inner_texts()
        assert {HOSTILE, EVALUABLE} & set(texts)
        assert look(tab, dialogs) == Found()


def test_names_that_are_chosen_show_as_typed(window, hostile_dashboard):
    actor = pd.read_csv(ROOT / "data" / "attributions.csv")["actor_id"].iloc[0]
    with open_tab(window, hostile_dashboard) as tab:
        dialogs = note_dialogs(tab)
        tab.open(f"/?actor={actor}&source=8am-2022-12&revision=1")
        tab.wait_for_areas(34)
        tab.wait_until_still()
        chosen = tab.page.get_by_test_id("stMultiSelect")
        as_typed = re.compile(f"{re.escape(HOSTILE)}|{re.escape(EVALUABLE)}")
        for label in ("Named as perpetrator", "Report"):
            expect(chosen.filter(has_text=label).first).to_contain_text(as_typed)
        assert look(tab, dialogs) == Found()


# --- the control: a map as it should not be drawn

UNSAFE = {
    "harmless": "harmless",
    "expression": "{{" + MAKE + "}}",
    "image": "<img src=x onerror=window.hit=1>",
    "substitution": "${alert(1)}",
    "statement": "{% x",
    "backslash": r"C:\2024",
    "backtick": "`",
    "remote": "![x](http://203.0.113.9/p)",
}

UNSAFE_MAP = f"""
import folium
import streamlit as st
from conflictmap.ui.offline import st_folium

text = {UNSAFE!r}[st.query_params["text"]]
drawn = folium.Map(location=(34, 67), zoom_start=5, tiles=None)
tooltip = folium.Tooltip(text, permanent=True)
folium.CircleMarker((34, 67), tooltip=tooltip).add_to(drawn)
st_folium(drawn, returned_objects=[])
st.markdown(text)
"""


@pytest.fixture(scope="module")
def unsafe_dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a page that gives Folium free text, with the same scripts and settings."""
    folder = tmp_path_factory.mktemp("unsafe")
    (folder / "app.py").write_text(UNSAFE_MAP, encoding="utf-8")
    for shared in (".streamlit", "static"):
        (folder / shared).symlink_to(ROOT / shared)
    port = free_port()
    with serving(streamlit_run(port), port, environment={}, folder=folder) as address:
        yield address


@pytest.fixture
def draw_unsafely(window, unsafe_dashboard):
    """Draw one of the texts the unsafe way; return what is found, and whether it was drawn."""

    def draw(text: str) -> tuple[Found, bool]:
        with open_tab(window, unsafe_dashboard) as tab:
            dialogs = note_dialogs(tab)
            tab.open(f"/?text={text}")
            tab.wait_until_still()
            mark = tab.map_frame().locator("path.leaflet-interactive")
            with suppress(PlaywrightTimeout):
                mark.first.wait_for(state="attached", timeout=1500)
            return look(tab, dialogs), mark.count() == 1

    return draw


def test_control_draws_a_harmless_text_and_nothing_is_found(draw_unsafely):
    assert draw_unsafely("harmless") == (Found(), True)


def test_control_is_caught_evaluating_an_expression(draw_unsafely):
    assert draw_unsafely("expression") == (Found(evaluated=True), True)


def test_control_is_caught_running_a_script(draw_unsafely):
    assert draw_unsafely("image")[0].has_run


def test_control_is_caught_opening_a_dialog(draw_unsafely):
    assert draw_unsafely("substitution")[0].dialogs == 1


def test_control_is_caught_fetching_an_image(draw_unsafely):
    assert draw_unsafely("remote")[0].foreign_requests == ("http://203.0.113.9/p",)


@pytest.mark.parametrize("text", ["statement", "backslash", "backtick"])
def test_control_is_caught_with_a_blank_map(draw_unsafely, text):
    assert draw_unsafely(text)[1] is False
