"""Restrictions by the command line and on the page of corrections; whose an upload is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from conflictmap import cli
from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import AccessError
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.store import (
    Store,
    drop_upload,
    keep_upload,
    load_restrictions,
    load_tables,
    load_upload,
    load_upload_rows,
    load_uploads,
    open_store,
    publish,
)
from conflictmap.ui import server
from tests.browser import ROOT

ADMIN = LOCAL_ADMINISTRATOR
ONE, OTHER = Viewer("synthetic one", "analyst"), Viewer("synthetic other", "analyst")
VIEWER = Viewer("synthetic viewer", "viewer")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A synthetic store with one incident, as the settings name it."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    opened = open_store(url, kind="synthetic")
    rows = {
        "sources": {"source_id": "SYNTHETIC-s", "title": "synthetic", "publisher": "synthetic"}
        | {"source_kind": "news", "reading_order": 1, "text_sha256": "0"},
        "incidents": {"incident_id": "SYNTHETIC-a", "title": "synthetic", "event_type": "bombing"}
        | {"date_precision": "unknown", "date_basis": "none"},
        "incident_sources": {"incident_id": "SYNTHETIC-a", "source_id": "SYNTHETIC-s"}
        | {"statement_no": 1, "statement": "synthetic"},
    }
    tables = {name: typed_table(TABLES[name], [row]) for name, row in rows.items()}
    publish(opened, tables, viewer=ADMIN, note="synthetic")
    monkeypatch.setenv("CONFLICTMAP_STORE", url)
    return opened


def kept(store: Store, viewer: Viewer, content: bytes = b"synthetic") -> int:
    return keep_upload(
        store,
        label="synthetic.csv",
        sha256="0" * 64,
        content=content,
        source={"source_id": "SYNTHETIC-s"},
        answers={},
        viewer=viewer,
    )


def test_command_restricts_lists_and_lifts(store, capsys):
    asked = ["restrict", "incidents", "SYNTHETIC-a", "--field", "words", "--reason", "by name"]
    assert cli.main(asked) == 0
    assert load_tables(store, viewer=VIEWER)["incidents"]["title"].tolist() == [
        "Bombing, place not known"
    ]
    assert cli.main(["restrict", "--list"]) == 0
    assert "1: incidents SYNTHETIC-a, words; since" in capsys.readouterr().out
    assert cli.main(["restrict", "--lift", "1"]) == 0
    assert load_tables(store, viewer=VIEWER)["incidents"]["title"].tolist() == ["synthetic"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            ["incidents", "SYNTHETIC-b", "--reason", "x"],
            "There is nothing of that id in incidents.",
        ),
        (["incidents", "SYNTHETIC-a"], "Give the reason, in up to 300 characters."),
        (["--lift", "7"], "There is no restriction 7 in force."),
        ([], "Give a table and an id to restrict, or --list, or --lift N."),
    ],
)
def test_command_says_why_it_restricts_nothing(store, capsys, asked, said):
    assert cli.main(["restrict", *asked]) == 1
    assert capsys.readouterr().err.strip() == said


@pytest.fixture
def corrections(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], AppTest]]:
    """Open the page of corrections."""
    start = PagesManager.__init__

    def start_as_the_server_does(*args: object, **options: object) -> None:
        start(*args, **options)
        server.pages_are_listed()

    monkeypatch.setattr(PagesManager, "__init__", start_as_the_server_does)
    st.cache_resource.clear()

    def open_page() -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.switch_page("pages/corrections.py")
        return app.run()

    yield open_page
    st.cache_resource.clear()


def test_page_restricts_with_a_reason_and_lifts(store, corrections):
    app = corrections()
    app.text_input(key="restriction: id").set_value("SYNTHETIC-a")
    app.text_input(key="restriction: reason").set_value("synthetic reason")
    next(button for button in app.button if button.label == "Restrict").click()
    app.run()
    assert not app.exception
    assert load_restrictions(store, viewer=ADMIN)["field"].tolist() == ["everything"]
    assert load_tables(store, viewer=VIEWER)["incidents"].empty
    next(button for button in app.button if button.label == "Lift it").click()
    app.run()
    assert load_restrictions(store, viewer=ADMIN).empty
    assert "Restriction 1 is lifted." in [text.value for text in app.text]


def test_page_says_that_there_is_nothing_to_restrict(store, corrections):
    app = corrections()
    app.text_input(key="restriction: id").set_value("SYNTHETIC-b")
    app.text_input(key="restriction: reason").set_value("synthetic reason")
    next(button for button in app.button if button.label == "Restrict").click()
    app.run()
    assert "There is nothing of that id in incidents." in [text.value for text in app.text]


# --- whose an upload is ---------------------------------------------------------------------------


def test_upload_is_opened_and_dropped_by_whoever_uploaded_it_and_administrators(store):
    number = kept(store, ONE)
    for act in (load_upload, load_upload_rows, drop_upload):
        with pytest.raises(AccessError, match="somebody else"):
            act(store, number, viewer=OTHER)
    assert load_upload(store, number, viewer=ONE).label == "synthetic.csv"
    drop_upload(store, number, viewer=ADMIN)


def test_same_file_of_a_colleague_is_another_upload_and_an_administrator_goes_on_with_it(store):
    first = kept(store, ONE)
    assert kept(store, OTHER) != first
    assert kept(store, ONE) == kept(store, ADMIN) == first


def test_file_of_a_colleague_has_no_name_until_it_is_published(store):
    kept(store, ONE)
    row = load_uploads(store, viewer=OTHER).iloc[0]
    assert row[["label", "sha256", "source_id"]].isna().all()
    assert not row["is_own"]
    own = load_uploads(store, viewer=ONE).iloc[0]
    assert own[["label", "source_id", "is_own"]].tolist() == ["synthetic.csv", "SYNTHETIC-s", True]
