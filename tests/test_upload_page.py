"""The Upload page without a browser: progress, cancelling, the first rows, the warning."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.ingest.profiles.fields import FIELDS
from conflictmap.store import Store, load_uploads, open_store
from conflictmap.ui import long_work, uploading
from tests.browser import ROOT
from tests.test_losses import exported, ucdp_file
from tests.test_upload import copy_store, published, revision_of, sheet_row, table

HOSTILE = "**bold** <b>x</b> {{ 7*7 }}"


@pytest.fixture
def url(store_url: str, tmp_path) -> str:
    return copy_store(store_url, tmp_path / "store.sqlite")


@pytest.fixture
def store(url: str) -> Store:
    return open_store(url)


@pytest.fixture
def page(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The page on a store of its own; what is begun is waited for."""
    monkeypatch.setenv("CONFLICTMAP_STORE", url)
    monkeypatch.setattr(long_work, "PATIENCE_S", 60)
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "pages" / "upload.py"), default_timeout=120).run()
    st.cache_resource.clear()


def put(page: AppTest, content: bytes, name: str = "synthetic.csv") -> AppTest:
    return page.file_uploader[0].set_value((name, content, "text/csv")).run()


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label.startswith(label)).click().run()


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in page.text)


def progress(page: AppTest) -> list[tuple[str, int]]:
    return [(bar.proto.text, bar.proto.value) for bar in page.get("progress")]


class Gate:
    """An examination that waits at one stage until it is let through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
        self.is_there, self.is_open = threading.Event(), threading.Event()
        examine = uploading.examine

        def held_up(*given, progress, **more):
            def tell(name: str, share: float) -> None:
                progress(name, share)
                if name == stage:
                    self.is_there.set()
                    self.is_open.wait()

            return examine(*given, progress=tell, **more)

        monkeypatch.setattr(uploading, "examine", held_up)

    def reach(self, page: AppTest) -> None:
        """Run the page, as it polls in a browser, until the examination is at the stage."""
        while not self.is_there.wait(0.05):
            page.run()
        page.run()


def test_long_examination_shows_its_stage_and_then_the_report(page, monkeypatch):
    gate = Gate(monkeypatch, "placing")
    monkeypatch.setattr(long_work, "PATIENCE_S", 0)
    put(page, table(sheet_row(1)))
    gate.reach(page)
    ((words, share),) = progress(page)
    assert words.startswith("Placing the incidents in districts ... ")
    assert share == 40
    assert "Cancel" in labels(page)
    assert "Read as" not in texts(page)
    monkeypatch.setattr(long_work, "PATIENCE_S", 60)
    gate.is_open.set()
    page.run()
    assert progress(page) == []
    assert "Read as our template: 1 rows" in texts(page)


def test_cancelling_leaves_all_as_it_was_and_the_file_for_another_try(page, store, monkeypatch):
    before = revision_of(store)
    gate = Gate(monkeypatch, "placing")
    monkeypatch.setattr(long_work, "PATIENCE_S", 0)
    put(page, table(sheet_row(1)))
    gate.reach(page)
    press(page, "Cancel")
    assert [info.value for info in page.info] == [
        "Cancelled. Nothing was changed, and the file is still here."
    ]
    assert revision_of(store) == before
    assert load_uploads(store, viewer=LOCAL_ADMINISTRATOR).empty
    gate.is_open.set()
    monkeypatch.setattr(long_work, "PATIENCE_S", 60)
    press(page, "Try again")
    assert "Publish 1 incidents as one revision" in labels(page)


def test_publishing_shows_its_bar_and_then_what_became_of_it(page, store, monkeypatch):
    put(page, table(sheet_row(1)))
    is_there, may_go_on = threading.Event(), threading.Event()
    publish = uploading.publish_upload

    def held_up(*given, progress, **more):
        progress("preparing", 0.0)
        is_there.set()
        may_go_on.wait()
        return publish(*given, progress=progress, **more)

    monkeypatch.setattr(uploading, "publish_upload", held_up)
    monkeypatch.setattr(long_work, "PATIENCE_S", 0)
    press(page, "Publish")
    is_there.wait()
    page.run()
    assert progress(page)[0][0].startswith("Preparing what is published")
    assert not any(label.startswith("Publish") for label in labels(page))
    before = revision_of(store)
    monkeypatch.setattr(long_work, "PATIENCE_S", 60)
    may_go_on.set()
    page.run()
    assert f"Published 1 incidents as revision {before + 1}." in texts(page)
    assert revision_of(store) == before + 1


def test_publishing_that_is_cancelled_in_time_publishes_nothing(page, store, monkeypatch):
    put(page, table(sheet_row(1)))
    before, may_go_on = revision_of(store), threading.Event()
    publish = uploading.publish_upload

    def held_up(*given, **more):
        may_go_on.wait()
        return publish(*given, **more)

    monkeypatch.setattr(uploading, "publish_upload", held_up)
    monkeypatch.setattr(long_work, "PATIENCE_S", 0)
    press(page, "Publish")
    press(page, "Cancel")
    monkeypatch.setattr(long_work, "PATIENCE_S", 60)
    may_go_on.set()
    page.run()
    assert [error.value for error in page.error] == ["Nothing was changed."]
    assert "Publishing was cancelled. The file is still here." in texts(page)
    assert revision_of(store) == before
    assert "Publish 1 incidents as one revision" in labels(page)


def test_publishing_waits_for_a_tick_where_small_numbers_could_be_found(page, store, monkeypatch):
    monkeypatch.setenv("CONFLICTMAP_SUPPRESS_BELOW", "3")
    st.cache_resource.clear()  # settings are read once
    before = revision_of(store)
    put(page, table(sheet_row(1)))
    (publish,) = (button for button in page.button if button.label.startswith("Publish"))
    assert publish.disabled
    (tick,) = (box for box in page.checkbox if box.label.startswith("I have read what would be"))
    tick.check().run()
    press(page, "Publish")
    page.run()
    assert revision_of(store) == before + 1


def test_file_that_cannot_be_read_is_told_and_read_again_when_it_is_another(page):
    put(page, b"<html><b>Sign in</b></html>")
    assert [error.value for error in page.error] == ["The file cannot be taken as it is."]
    put(page, table(sheet_row(1)))
    assert not page.error
    assert "Publish 1 incidents as one revision" in labels(page)


def test_coarser_file_is_warned_of_above_and_at_the_button(page, store):
    published(store, ucdp_file(), source_id="ucdp", label="ucdp.csv")
    put(page, exported(store), "ucdp.csv")
    assert [warning.value for warning in page.warning] == [
        "Publishing this file would replace finer records by coarser ones.",
        "Publishing would lose what the warning above says.",
    ]
    assert "2 incidents of the source 'ucdp' came from a finer file" in texts(page)
    page.text_input[0].set_value("ucdp-mended").run()
    assert not page.warning


def sheet() -> bytes:
    usual = {"Province": "Kabul", "District": "Bagrami", "Victims": "2", "What": HOSTILE}
    return table(usual | {"When": "2019-03-01"}, usual | {"When": "31/02/2019"})


def shown(page: AppTest, column: str):
    """Return the table on the page that has such a column."""
    tables = [element.value for element in page.dataframe]
    return next(frame for frame in tables if column in frame.columns)


def test_first_rows_follow_the_choice_of_columns(page):
    put(page, sheet())
    assert shown(page, "When")["When"].tolist() == ["2019-03-01", "31/02/2019"]
    read = shown(page, "Known to")
    assert read.loc[2, ["Date", "Place", "Killed"]].tolist() == ["2019-03-01", "Bagrami, Kabul", ""]
    assert shown(page, "Problem")["Row"].tolist() == [3]
    box = next(box for box in page.selectbox if box.label == FIELDS["killed"])
    box.set_value("Victims").run()
    assert shown(page, "Known to").loc[2, "Killed"] == "2"
    assert not page.exception


def test_first_rows_are_shown_while_the_choice_is_not_complete(page):
    put(page, sheet())
    box = next(box for box in page.selectbox if box.label == FIELDS["date"])
    box.set_value("").run()
    assert shown(page, "Known to").loc[2, ["Date", "Place"]].tolist() == ["", "Bagrami, Kabul"]
    assert "No column holds the date." in texts(page)


def test_text_of_a_file_is_nowhere_markup(page):
    put(page, sheet())
    marked = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    assert not any("bold" in element.value for element in marked)


def test_rows_behind_the_first_twenty_are_asked_once_those_are_settled(page):
    rows = [sheet_row(n, province="", district="Arghandab", id=f"s{n}") for n in range(1, 23)]
    put(page, table(*rows))
    asked = [box.label for box in page.selectbox if "where was it" in box.label]
    assert len(asked) == 20
    assert "22 places to settle; the first 20 are asked." in texts(page)
    box = next(box for box in page.selectbox if box.label == asked[0])
    box.set_value(box.options and "AF-KAN-02").run()
    now = [box.label for box in page.selectbox if "where was it" in box.label]
    assert set(now) - set(asked) == {"Row 22: where was it?"}
    assert now[-1] == asked[0]  # settled, and may be settled otherwise
