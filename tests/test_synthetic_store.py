"""A store of made-up incidents: it mixes with no real one, and all that leaves it is marked."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import pytest
import sqlalchemy as sa
import streamlit as st
from openpyxl import Workbook
from streamlit.runtime.pages_manager import PagesManager

from conflictmap.access import LOCAL_ADMINISTRATOR as ADMIN
from conflictmap.cli import main
from conflictmap.corrections import add_row
from conflictmap.errors import IncidentFileError, StoreError
from conflictmap.export import export_csv
from conflictmap.export_incidents import export_incidents_csv
from conflictmap.filters import IncidentFilter
from conflictmap.frames import typed_table
from conflictmap.ingest.upload import examine, publish_upload
from conflictmap.mark import COLUMN, HXL_TAG, MARK, MARKED, SENTENCE
from conflictmap.reports import publish_reports
from conflictmap.schema import TABLES
from conflictmap.store import (
    Store,
    latest_revision,
    load_revisions,
    load_table,
    load_tables,
    open_store,
    publish,
    roll_back,
)
from conflictmap.table_uploads import read_table_upload, table_csv
from conflictmap.ui import server
from conflictmap.views.facts import Facts, load_facts
from tests.browser import ROOT, free_port, open_tab, serving, streamlit_run
from tests.opening import open_page as open_app
from tests.synthetic import shipped_edition

INCIDENTS = 400
PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))

Rows = list[list[str]]


def address(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training store as the command makes it."""
    path = tmp_path_factory.mktemp("training") / "training.sqlite"
    assert main(["synth", "--incidents", str(INCIDENTS), "--seed", "1", "--output", str(path)]) == 0
    return path


@pytest.fixture
def training(made: Path, tmp_path: Path) -> Store:
    """A training store of one's own."""
    path = tmp_path / "training.sqlite"
    with sqlite3.connect(made) as source, sqlite3.connect(path) as target:
        source.backup(target)
    source.close()
    target.close()
    return open_store(address(path))


@pytest.fixture
def real(tmp_path: Path) -> Store:
    """A store of real data that is still empty."""
    return open_store(address(tmp_path / "real.sqlite"))


@pytest.fixture(scope="module")
def facts(made: Path) -> Facts:
    """All that is in the training store."""
    return load_facts(open_store(address(made)), shipped_edition(), viewer=ADMIN)


@pytest.fixture(scope="module")
def exported(facts: Facts) -> bytes:
    """The training store's incidents in our own template."""
    return export_incidents_csv(facts, IncidentFilter())


def source(source_id: str, **more: str) -> dict[str, pd.DataFrame]:
    row = {"source_id": source_id, "title": "exercise", "publisher": "desk", "source_kind": "news"}
    row |= {"reading_order": 99, "text_sha256": "0"} | more
    return {"sources": typed_table(TABLES["sources"], [row])}


def rows_of(content: bytes) -> Rows:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def as_csv(rows: Rows, encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def as_workbook(rows: Rows) -> bytes:
    book, content = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def examined(content: bytes, store: Store, source_id: str, label: str = "file.csv"):
    row = {"source_id": source_id, "title": "Exercise", "publisher": "desk"}
    return examine(content, label, store, shipped_edition(), source=row, viewer=ADMIN)


# --- a kind for life


def test_store_is_real_unless_it_is_made_otherwise(tmp_path):
    assert open_store(address(tmp_path / "new.sqlite")).kind == "real"


def test_store_keeps_the_kind_that_it_was_made_with(tmp_path):
    url = address(tmp_path / "new.sqlite")
    assert open_store(url, kind="synthetic").is_synthetic
    assert open_store(url).is_synthetic
    with pytest.raises(StoreError, match="This store is synthetic"):
        open_store(url, kind="real")


def test_real_store_cannot_be_opened_as_a_synthetic_one(real):
    with pytest.raises(StoreError, match="This store is for real data"):
        open_store(real.url, kind="synthetic")


def test_store_that_lost_its_mark_is_not_opened(training):
    with training.writer.begin() as connection:
        connection.execute(sa.text("DELETE FROM store_kind"))
    with pytest.raises(StoreError, match="does not say whether it is real or synthetic"):
        open_store(training.url)


# --- what is written


def test_made_up_rows_are_refused_by_a_real_store(training, real):
    for name, rows in load_tables(training, viewer=ADMIN).items():
        if len(rows):
            with pytest.raises(StoreError, match="made up"):
                publish(real, {name: rows}, viewer=ADMIN, note="hostile")
    assert latest_revision(real, viewer=ADMIN) == 0


def test_source_with_the_mark_in_its_title_only_is_refused_by_a_real_store(real):
    with pytest.raises(StoreError, match="a source whose title begins with SYNTHETIC"):
        publish(real, source("harmless", title="SYNTHETIC x"), viewer=ADMIN, note="hostile")


def test_mark_inside_an_id_is_refused_by_a_real_store(real):
    rows = typed_table(TABLES["incidents"], [{"incident_id": "mine-SYNTHETIC-000001"}])
    with pytest.raises(StoreError, match="'mine-SYNTHETIC-000001' is made up"):
        publish(real, {"incidents": rows}, viewer=ADMIN, note="hostile")


def test_reports_are_refused_by_a_synthetic_store(training):
    with pytest.raises(StoreError, match="this store is synthetic"):
        list(publish_reports(training, ROOT / "data", shipped_edition(), viewer=ADMIN))
    assert latest_revision(training, viewer=ADMIN) == 1


def test_coded_reports_are_not_published_into_a_synthetic_store(training, monkeypatch, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", training.url)
    assert main(["init"]) == 1
    assert "This store is synthetic" in capsys.readouterr().err
    assert latest_revision(training, viewer=ADMIN) == 1


def test_correction_without_the_mark_is_refused_by_a_synthetic_store(training):
    values = {"incident_id": "kabul-1", "title": "x", "event_type": "bombing"}
    values |= {"date_precision": "unknown", "date_basis": "none"}

    def add(incident_id: str) -> int:
        row = values | {"incident_id": incident_id}
        return add_row(
            training, shipped_edition(), "incidents", row, reason="exercise", viewer=ADMIN
        )

    with pytest.raises(StoreError, match="Let the incident_id begin with SYNTHETIC-"):
        add("kabul-1")
    assert add("SYNTHETIC-kabul-1") == 2


def test_source_gets_the_mark_in_its_title_from_a_synthetic_store(training):
    publish(training, source("SYNTHETIC-exercise"), viewer=ADMIN, note="exercise")
    titles = load_table(training, "sources", viewer=ADMIN).set_index("source_id")["title"]
    assert titles["SYNTHETIC-exercise"] == "SYNTHETIC exercise"


# --- the command that makes one


def test_command_makes_as_many_as_asked_and_says_so(made):
    store = open_store(address(made))
    assert len(load_table(store, "incidents", viewer=ADMIN)) == INCIDENTS
    note = load_revisions(store, viewer=ADMIN)["note"].iloc[0]
    assert note == "SYNTHETIC: 400 incidents, seed 1, 1989-01-01 to 2025-12-31"


def test_command_refuses_a_store_of_real_data(real, capsys):
    assert main(["synth", "--incidents", "5", "--store", real.url]) == 1
    assert "This store is for real data" in capsys.readouterr().err
    assert latest_revision(real, viewer=ADMIN) == 0


def test_command_never_writes_to_the_store_of_the_settings(real, tmp_path, monkeypatch):
    monkeypatch.setenv("CONFLICTMAP_STORE", real.url)
    monkeypatch.setattr("conflictmap.cli_synth.TRAINING_STORE", tmp_path / "other.sqlite")
    assert main(["synth", "--incidents", "5"]) == 0
    assert latest_revision(real, viewer=ADMIN) == 0
    assert open_store(address(tmp_path / "other.sqlite")).is_synthetic


def test_command_run_twice_adds_nothing_and_another_seed_is_refused(training, capsys):
    again = ["synth", "--incidents", str(INCIDENTS), "--store", training.url]
    assert main([*again, "--seed", "1"]) == 0
    assert main([*again, "--seed", "2"]) == 1
    assert "other synthetic incidents" in capsys.readouterr().err
    assert main([*again, "--seed", "2", "--if-empty"]) == 0
    assert latest_revision(training, viewer=ADMIN) == 1


def test_command_says_what_day_it_cannot_read(tmp_path, capsys):
    path = str(tmp_path / "x.sqlite")
    assert main(["synth", "--incidents", "5", "--output", path, "--from", "2020-02-30"]) == 1
    assert capsys.readouterr().err == (
        "'2020-02-30' is no calendar date. Write it as YYYY-MM-DD.\n"
    )


# --- a file of a training store, brought to a real one


def whole(rows: Rows) -> bytes:
    return as_csv(rows)


def without_notes(rows: Rows) -> bytes:
    return as_csv([row for row in rows if len(row) > 1])


def without_column(rows: Rows) -> bytes:
    return as_csv([row[:-1] for row in rows if len(row) > 1])


def notes_alone(rows: Rows) -> bytes:
    kept = [0, *(rows[0].index(name) for name in ("date", "province", "title", "source"))]
    short = [["", *(row[at] for at in kept[1:-1]), "desk"] for row in rows[2:8]]
    return as_csv([[rows[0][at] for at in kept], *short, *(row for row in rows if len(row) == 1)])


def in_utf16(rows: Rows) -> bytes:
    return as_csv(rows, "utf-16")


def in_a_workbook(rows: Rows) -> bytes:
    return as_workbook(rows)


@pytest.mark.parametrize(
    "carried",
    [whole, without_notes, without_column, notes_alone, in_utf16, in_a_workbook],
    ids=lambda carry: carry.__name__,
)
def test_export_of_a_training_store_is_refused_by_a_real_one(
    carried: Callable[[Rows], bytes], exported, real, tmp_path, monkeypatch, capsys
):
    file = tmp_path / ("file.xlsx" if carried is in_a_workbook else "file.csv")
    file.write_bytes(carried(rows_of(exported)))
    monkeypatch.setenv("CONFLICTMAP_STORE", real.url)
    assert main(["ingest", str(file), "--source-id", "harmless"]) == 3
    assert "says SYNTHETIC: the file is made up" in capsys.readouterr().out
    assert latest_revision(real, viewer=ADMIN) == 0


def test_refusal_names_the_row_that_carries_the_mark(exported, real):
    with pytest.raises(IncidentFileError) as refused:
        examined(exported, real, "harmless")
    assert str(refused.value) == (
        "file.csv: row 3, id, says SYNTHETIC: the file is made up, for training and for measuring."
        " It cannot enter a store of what reports say; open the training store."
    )


def test_table_shown_on_a_page_is_refused_by_a_real_store(facts, real):
    table = facts.tables["incidents"][["title", "date_from"]]
    content = export_csv(table, notes=["caption"], is_synthetic=True)
    with pytest.raises(IncidentFileError, match="says SYNTHETIC"):
        examined(content, real, "harmless")


@pytest.mark.parametrize("table", ["incidents", "sources", "casualties", "actors", "units"])
def test_table_of_a_training_store_is_refused_by_a_real_one(facts, real, table):
    content = table_csv(table, facts.tables[table].drop(columns="added_in"))
    with pytest.raises(IncidentFileError, match="says SYNTHETIC"):
        read_table_upload(
            real, shipped_edition(), table, content, label=f"{table}.csv", viewer=ADMIN
        )


def test_upload_that_declares_itself_as_practice_is_refused_by_a_real_store(real):
    with pytest.raises(IncidentFileError, match="the label of its source says SYNTHETIC"):
        examined(as_csv(PRACTICE), real, "SYNTHETIC-exercise")


def test_report_that_tells_of_something_synthetic_is_taken_by_a_real_store(real):
    rows = [PRACTICE[0], ["1", "2024-01-05", "Kabul", "SYNTHETIC DRUGS FOUND IN KABUL", "desk"]]
    found = examined(as_csv(rows), real, "newsroom")
    assert publish_upload(real, found, as_csv(rows), viewer=ADMIN) == 1


# --- practice


PRACTICE = [
    ["id", "date", "province", "title", "source"],
    ["1", "2024-01-05", "Kabul", "exercise one", "desk"],
    ["2", "2024-01-06", "Herat", "exercise two", "desk"],
]


def test_file_is_taken_by_a_training_store_once_it_is_declared_as_practice(training):
    content = as_csv(PRACTICE)
    with pytest.raises(IncidentFileError) as refused:
        examined(content, training, "exercise")
    assert str(refused.value) == (
        "file.csv: this store is synthetic and takes no real data. If the file is for practice, let"
        " the label of its source begin with SYNTHETIC-, for example SYNTHETIC-exercise."
    )
    found = examined(content, training, "SYNTHETIC-exercise")
    revision = publish_upload(training, found, content, viewer=ADMIN)
    assert revision == 2
    ids = load_table(training, "incidents", viewer=ADMIN)["incident_id"]
    assert {"SYNTHETIC-exercise-1", "SYNTHETIC-exercise-2"} <= set(ids)
    titles = load_table(training, "sources", viewer=ADMIN).set_index("source_id")["title"]
    assert titles["SYNTHETIC-exercise"] == "SYNTHETIC Exercise"
    assert roll_back(training, 1, viewer=ADMIN) == 3


def test_practice_leaves_a_training_store_marked_row_by_row(training, real):
    content = as_csv(PRACTICE)
    publish_upload(
        training, examined(content, training, "SYNTHETIC-exercise"), content, viewer=ADMIN
    )
    known = load_facts(training, shipped_edition(), viewer=ADMIN)
    leaving = export_incidents_csv(known, IncidentFilter(sources=("SYNTHETIC-exercise",)))
    rows = [dict(zip(rows_of(leaving)[0], row, strict=True)) for row in rows_of(leaving)[2:4]]
    assert [(row["id"], row[COLUMN]) for row in rows] == [("1", MARK), ("2", MARK)]
    again = examined(leaving, training, "SYNTHETIC-exercise")
    assert again.report.bins["unchanged"] == 2
    with pytest.raises(IncidentFileError, match="says SYNTHETIC"):
        examined(leaving, real, "exercise")


# --- what leaves the house


def test_every_row_and_the_first_note_of_exported_incidents_carry_the_mark(exported):
    rows = rows_of(exported)
    width = len(rows[0])
    assert (rows[0][-1], rows[1][-1]) == (COLUMN, HXL_TAG)
    told = [row for row in rows[2:] if len(row) == width]
    notes = [row[0] for row in rows if len(row) == 1]
    assert len(told) == INCIDENTS
    assert {row[-1] for row in told} == {MARK}
    assert notes[0] == f"# {SENTENCE}"
    assert re.match(MARKED, notes[0])  # as the reader of an upload looks for it


def test_table_of_a_page_carries_the_mark_in_each_row_and_its_first_note():
    table = pd.DataFrame({"Area": ["Kabul", "Herat"], "Incidents": [1, 2]})
    rows = rows_of(export_csv(table, notes=["caption"], is_synthetic=True))
    assert rows[:3] == [["Area", "Incidents", COLUMN], ["Kabul", "1", MARK], ["Herat", "2", MARK]]
    assert rows[3:] == [[f"# {SENTENCE}"], ["# caption"]]


def test_table_of_real_data_carries_no_mark(real):
    table = pd.DataFrame({"Area": ["Kabul"]})
    assert MARK.encode() not in export_csv(table, notes=["caption"])
    empty = load_facts(real, shipped_edition(), viewer=ADMIN)
    assert MARK.encode() not in export_incidents_csv(empty, IncidentFilter())


@pytest.mark.parametrize("kind", ["csv", "geojson", "gpkg"])
def test_every_exported_file_carries_the_mark(made, kind, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", address(made))
    path = tmp_path / f"incidents.{kind}"
    assert main(["export", "--format", kind, "--output", str(path), "--from", "2021-08-15"]) == 0
    assert capsys.readouterr().out.startswith(SENTENCE)
    if kind == "csv":
        assert f"# {SENTENCE}" in path.read_text(encoding="utf-8-sig")
    elif kind == "geojson":
        collection = json.loads(path.read_bytes())
        assert collection["metadata"][COLUMN] == SENTENCE
        assert {row["properties"][COLUMN] for row in collection["features"]} == {MARK}
    else:
        assert SENTENCE in str(pyogrio.read_info(path)["layer_metadata"])
        assert set(pyogrio.read_dataframe(path)[COLUMN]) == {MARK}


def test_totals_carry_the_mark_as_text_and_as_json(made, monkeypatch, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", address(made))
    assert main(["totals"]) == 0
    assert capsys.readouterr().out.startswith(f"{SENTENCE}\n")
    assert main(["totals", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result[MARK] == SENTENCE
    assert result["total"] == INCIDENTS


def test_store_without_a_row_marks_what_leaves_it_too(training):
    roll_back(training, 0, viewer=ADMIN)
    known = load_facts(training, shipped_edition(), viewer=ADMIN)
    assert f"# {SENTENCE}".encode() in export_incidents_csv(known, IncidentFilter())


# --- pages


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Any]]:
    """Open a page of the dashboard on a store."""
    start = PagesManager.__init__

    def start_as_the_server_does(*args: object, **options: object) -> None:
        start(*args, **options)
        server.pages_are_listed()  # AppTest would guess from the folder, and leave out app.py

    monkeypatch.setattr(PagesManager, "__init__", start_as_the_server_does)
    yield lambda store_url, page: open_app(monkeypatch, store_url, f"pages/{page}")
    st.cache_resource.clear()


def markup(app: Any) -> str:
    return "".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_a_training_store_carries_the_mark(opened, made, page):
    assert SENTENCE in markup(opened(address(made), page))


@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_a_real_store_carries_the_mark(opened, store_url, page):
    shown = markup(opened(store_url, page))
    assert "<style>" in shown  # of app.py, where the mark would stand
    assert MARK not in shown


@pytest.fixture(scope="module")
def training_dashboard(made: Path) -> Iterator[str]:
    """Address of the dashboard on the training store."""
    port = free_port()
    environment = {"CONFLICTMAP_STORE": address(made)}
    with serving(streamlit_run(port), port, environment=environment) as url:
        yield url


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_mark_stays_at_the_top_whatever_is_scrolled_or_opened(
    window, training_dashboard, width, height
):
    with open_tab(window, training_dashboard, width=width, height=height) as tab:
        tab.open("/incidents")
        tab.wait_until_still()
        tab.page.get_by_text("Download these incidents").scroll_into_view_if_needed()
        shown = tab.page.get_by_text(SENTENCE)
        box = shown.bounding_box()
        assert (box["x"], box["y"], box["width"]) == (0, 0, width)
        if width < 640:  # the sidebar lies over the page
            tab.page.locator("[data-testid=stExpandSidebarButton]").click()
            tab.page.locator("[data-testid=stSidebarNavLink]").first.wait_for()
        on_top = f"document.elementFromPoint({width // 4}, 10).className"
        assert tab.page.evaluate(on_top) == "synthetic-mark"
        assert tab.page.title() == f"{MARK} - Incidents"
        assert tab.console_errors == []


def test_download_of_a_table_that_knows_no_mark_is_not_offered(window, training_dashboard):
    with open_tab(window, training_dashboard) as tab:
        tab.open("/incidents")
        tab.wait_until_still()
        tab.page.locator("[data-testid=stDataFrame]").first.hover()
        toolbar = tab.page.locator("[data-testid=stElementToolbar]").last
        assert toolbar.get_by_role("button", name="Fullscreen").count() == 1
        assert toolbar.get_by_role("button", name="Download").count() == 0
