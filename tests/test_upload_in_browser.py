"""A sheet from a newsroom, uploaded, settled, published and taken back in Chromium."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.ingest.profiles.fields import FIELDS
from conflictmap.store import load_tables, load_uploads, open_store
from tests.browser import BrowserPage, free_port, open_tab, serving, streamlit_run
from tests.test_map_in_browser import PHONE, main_part, whole_page
from tests.test_upload import copy_store, sheet_row, table

HOSTILE = "**bold** <b>x</b> {{ 7*7 }}"


@pytest.fixture(scope="module")
def shared_store(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a store that may be published to; whoever does takes it back."""
    return copy_store(store_url, tmp_path_factory.mktemp("upload") / "store.sqlite")


@pytest.fixture
def own_store(shared_store: str) -> str:
    """Address of that store, in which no upload is open."""
    with closing(sqlite3.connect(shared_store.removeprefix("sqlite:///"))) as store, store:
        store.execute("DELETE FROM uploads WHERE status = 'open'")
    return shared_store


@pytest.fixture(scope="module")
def own_dashboard(shared_store: str) -> Iterator[str]:
    """Address of a dashboard on that store."""
    port = free_port()
    environment = {"CONFLICTMAP_STORE": shared_store}
    with serving(streamlit_run(port), port, environment=environment) as url:
        yield url


def known_incident(store: str) -> dict[str, str]:
    """Return a shipped incident of one day and one district, as a sheet would tell of it."""
    tables = load_tables(open_store(store), viewer=LOCAL_ADMINISTRATOR)
    incidents = tables["incidents"].query("date_precision == 'day'")
    places = tables["incident_places"].query("adm2_code == 'AF-KAB-01'")
    row = incidents.merge(places, on="incident_id").iloc[0]
    return {
        "When": row["date_from"].strftime("%Y-%m-%d"),
        "Province": "Kabul",
        "District": "Kabul",
        "Kind": row["event_type"],
        "What": "Synthetic: told by another source",
        "Victims": "1",
    }


def sheet(store: str) -> bytes:
    """Return a synthetic sheet in columns of its own: good, bad, ambiguous, known."""

    def row(day: int, **more: str) -> dict[str, str]:
        usual = {"When": f"2019-03-{day:02}", "Province": "Kabul", "District": "Bagrami"}
        return usual | {"Kind": "bombing", "What": f"Synthetic {day}", "Victims": "2"} | more

    return table(
        row(1),
        row(2, What=HOSTILE),
        row(3, When="31/02/2019"),
        row(4, Province="", District="Arghandab"),
        known_incident(store),
    )


# --- what a person does


def upload(tab: BrowserPage, content: bytes) -> None:
    tab.open("/upload")
    file: FilePayload = {"name": "newsroom.csv", "mimeType": "text/csv", "buffer": content}
    main_part(tab).locator('input[type="file"]').set_input_files(file)
    label = main_part(tab).get_by_role("textbox", name="Label of the source")
    expect(label).to_have_value("newsroom", timeout=60_000)


def choose(tab: BrowserPage, label: str | re.Pattern[str], option: str | re.Pattern[str]) -> None:
    """Choose an option of a selection by the words on the screen."""
    box = main_part(tab).get_by_role("combobox", name=label)
    wanted = tab.page.get_by_role("option", name=option).first
    for _ in range(10):  # a page that is still being drawn closes the list again
        tab.wait_until_still()
        box.click()
        with suppress(PlaywrightTimeout):
            wanted.click(timeout=3000)
            break
        box.press("Escape")
    else:
        raise AssertionError(f"the option {option} was never offered")
    settle(tab)


def press(tab: BrowserPage, name: str | re.Pattern[str]) -> None:
    main_part(tab).get_by_role("button", name=name).click()
    settle(tab)


def settle(tab: BrowserPage) -> None:
    tab.page.wait_for_timeout(200)
    expect(progress_bar(tab)).to_have_count(0, timeout=60_000)
    tab.wait_until_still()


def wait_for_report(tab: BrowserPage) -> None:
    expect(main_part(tab).get_by_text("Read as")).to_be_visible(timeout=60_000)


def progress_bar(tab: BrowserPage) -> Locator:
    return main_part(tab).get_by_test_id("stProgress")


def bins(tab: BrowserPage) -> dict[str, int]:
    """Return the report's rows by bin, as a screen reader is given them."""
    head = main_part(tab).get_by_test_id("stDataFrame").filter(has_text="What becomes of the rows")
    expect(head.locator("tr td").first).to_be_attached()
    rows = head.evaluate(
        "e => [...e.querySelectorAll('table tbody tr')]"
        ".map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"
    )
    return {words.split(":")[0]: int(count) for words, count in rows}


ONE_PLACE_SETTLED = {
    "new": 3,
    "may be an incident we have": 1,
    "rejected": 1,
    "all rows of the file": 5,
}


def expect_bins(tab: BrowserPage, wanted: dict[str, int]) -> None:
    """Wait until the report has these bins: a file is looked at beside the page."""
    for _ in range(100):
        if bins(tab) == wanted:
            break
        tab.page.wait_for_timeout(200)
    assert bins(tab) == wanted


def publish_button(tab: BrowserPage) -> Locator:
    return main_part(tab).get_by_role("button", name=re.compile("Publish .* as one revision"))


def incidents_on_map(tab: BrowserPage) -> int:
    """Return the number of incidents that the map page says it counts."""
    tab.open("/")
    tab.wait_for_areas(34)
    tab.wait_until_still()
    words = main_part(tab).get_by_role("status").first.inner_text()
    found = re.search(r"([\d,]+)\s*incidents in total", words)
    assert found, words
    return int(found.group(1).replace(",", ""))


def map_colours(tab: BrowserPage) -> Any:
    script = "e => [...e.querySelectorAll('path.leaflet-interactive')].map(p => p.outerHTML)"
    return tab.map_frame().locator("body").evaluate(script)


def assert_quiet(tab: BrowserPage) -> None:
    assert main_part(tab).get_by_test_id("stException").count() == 0
    assert tab.console_errors == []
    assert tab.foreign_requests == []


def test_sheet_is_mapped_settled_published_and_taken_back(window, own_store, own_dashboard):
    with open_tab(window, own_dashboard) as tab:
        before = incidents_on_map(tab)
        colours = map_colours(tab)

        upload(tab, sheet(own_store))
        expect(main_part(tab).get_by_text("no layout that is known here")).to_be_visible()
        settle(tab)
        choose(tab, FIELDS["killed"], "Victims")
        choose(tab, FIELDS["title"], "What")
        choose(tab, FIELDS["event_type"], "Kind")
        wait_for_report(tab)
        expect_bins(
            tab,
            {
                "new": 2,
                "may be an incident we have": 1,
                "needs a person to look at it": 1,
                "rejected": 1,
                "all rows of the file": 5,
            },
        )
        expect(publish_button(tab)).to_contain_text("Publish 2 incidents")
        whole_page(tab, "upload-report", (1440, 900))

        choose(tab, re.compile("Row 5: where was it"), re.compile("AF-KAN"))
        expect_bins(tab, ONE_PLACE_SETTLED)
        choose(tab, re.compile("Row 6: is it one we have"), re.compile("keep both"))
        expect_bins(tab, {"new": 4, "rejected": 1, "all rows of the file": 5})
        expect(main_part(tab).get_by_text(f"Before: {before:,} incidents")).to_be_visible()
        expect(main_part(tab).get_by_text(f"After: {before + 4:,} incidents")).to_be_visible()
        publish_button(tab).click()
        done = main_part(tab).get_by_text(re.compile(r"Published 4 incidents as revision \d+"))
        expect(done).to_be_visible(timeout=15_000)
        settle(tab)
        expect_bins(tab, {"unchanged": 4, "rejected": 1, "all rows of the file": 5})

        assert incidents_on_map(tab) == before + 4
        assert map_colours(tab) != colours

        tab.open("/upload")
        settle(tab)
        press(tab, "Roll back")
        expect(main_part(tab).get_by_text("restores the state of revision")).to_be_visible()
        assert incidents_on_map(tab) == before
        assert map_colours(tab) == colours
        assert_quiet(tab)


def test_upload_at_phone_width_stays_within_the_screen(window, own_store, own_dashboard):
    with open_tab(window, own_dashboard, width=PHONE[0], height=PHONE[1]) as tab:
        upload(tab, sheet(own_store))
        settle(tab)
        wait_for_report(tab)
        settle(tab)
        for part in (tab.page.locator("html"), main_part(tab)):
            assert part.evaluate("e => e.scrollWidth") <= PHONE[0]
        whole_page(tab, "upload", PHONE)
        assert_quiet(tab)


def test_open_upload_is_resumed_in_another_tab_and_dropped(window, own_store, own_dashboard):
    with open_tab(window, own_dashboard) as tab:
        upload(tab, sheet(own_store))
        wait_for_report(tab)
        settle(tab)
        choose(tab, re.compile("Row 5: where was it"), re.compile("AF-KAN"))
        expect_bins(tab, ONE_PLACE_SETTLED)
    with open_tab(window, own_dashboard) as tab:
        tab.open("/upload")
        settle(tab)
        press(tab, "Resume")
        expect(main_part(tab).get_by_text("Resumed: newsroom.csv")).to_be_visible()
        settle(tab)
        expect_bins(tab, ONE_PLACE_SETTLED)
        press(tab, "Drop")
        expect(main_part(tab).get_by_text("nothing of it was published")).to_be_visible()
        expect(publish_button(tab)).to_have_count(0)
        assert_quiet(tab)


# Serves the dashboard with examinations that wait for a file before they place the incidents.
HELD_UP = """
import pathlib, sys, time
from streamlit.web import cli
from conflictmap.ui import uploading

gate, examine = pathlib.Path(sys.argv[1]), uploading.examine

def held_up(*given, progress, **more):
    def tell(stage, share):
        progress(stage, share)
        while stage == "placing" and not gate.exists():
            time.sleep(0.05)
            progress(stage, share)
    return examine(*given, progress=tell, **more)

uploading.examine = held_up
sys.argv = ["streamlit", "run", "app.py", "--server.port", sys.argv[2]]
cli.main()
"""


@dataclass
class HeldUp:
    """A dashboard whose examinations take until the gate is there."""

    address: str
    gate: Path


@pytest.fixture(scope="module")
def held_up_server(shared_store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeldUp]:
    """The server of that dashboard."""
    port, gate = free_port(), tmp_path_factory.mktemp("held-up") / "gate"
    command = [sys.executable, "-c", HELD_UP, str(gate), str(port)]
    with serving(command, port, environment={"CONFLICTMAP_STORE": shared_store}) as url:
        yield HeldUp(url, gate)


@pytest.fixture
def held_up(held_up_server: HeldUp, own_store: str) -> HeldUp:
    """That dashboard, its gate not there yet and no upload open."""
    held_up_server.gate.unlink(missing_ok=True)
    return held_up_server


def wait_for_placing(tab: BrowserPage) -> None:
    words = "Placing the incidents in districts"
    expect(progress_bar(tab)).to_contain_text(words, timeout=60_000)


@pytest.mark.parametrize("size", [(1440, 900), PHONE])
def test_long_examination_is_watched_cancelled_and_tried_again(window, held_up, own_store, size):
    store, viewer = open_store(own_store), LOCAL_ADMINISTRATOR
    kept = load_uploads(store, viewer=viewer)
    with open_tab(window, held_up.address, width=size[0], height=size[1]) as tab:
        upload(tab, table(sheet_row(1)))
        wait_for_placing(tab)
        # The bar moves on by itself, and the page answers meanwhile.
        expect(progress_bar(tab)).to_contain_text(re.compile(r" [1-9]\d* s"))
        main_part(tab).get_by_role("textbox", name="Publisher").fill("Synthetic desk")
        whole_page(tab, f"upload-progress-{size[0]}", size)
        main_part(tab).get_by_role("button", name="Cancel").click()
        expect(main_part(tab).get_by_text("Cancelled. Nothing was changed")).to_be_visible()
        expect(progress_bar(tab)).to_have_count(0)
        assert load_uploads(store, viewer=viewer).equals(kept)

        main_part(tab).get_by_role("button", name="Try again").click()
        wait_for_placing(tab)
        held_up.gate.touch()
        settle(tab)
        expect(publish_button(tab)).to_contain_text("Publish 1 incidents")
        assert_quiet(tab)


def test_another_page_opens_at_once_while_a_file_is_examined(window, held_up):
    with open_tab(window, held_up.address) as tab:
        upload(tab, table(sheet_row(1)))
        wait_for_placing(tab)
        tab.page.get_by_role("link", name="Sources and method").click()
        expect(main_part(tab).get_by_role("heading").first).to_contain_text("ources")
        held_up.gate.touch()
        assert_quiet(tab)


def test_first_rows_follow_the_choice_of_columns(window, own_store, own_dashboard):
    with open_tab(window, own_dashboard) as tab:
        upload(tab, sheet(own_store))
        settle(tab)
        read = main_part(tab).get_by_test_id("stDataFrame").filter(has_text="Known to")
        expect(read).to_contain_text("Bagrami, Kabul")
        expect(read).not_to_contain_text("Bombing")
        choose(tab, FIELDS["event_type"], "Kind")
        expect(read).to_contain_text("Bombing")
        assert_quiet(tab)


def test_refused_file_is_told_in_words(window, own_store, own_dashboard):
    with open_tab(window, own_dashboard) as tab:
        upload(tab, b"<html><b>Sign in</b></html>")
        expect(main_part(tab).get_by_text("The file cannot be taken as it is.")).to_be_visible()
        settle(tab)
        assert main_part(tab).locator("b").count() == 0
        assert_quiet(tab)
