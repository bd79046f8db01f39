"""Very large files, read in pieces and written in batches: the result is that of the whole."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st

from conflictmap import cli, cli_uploads
from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import NothingToPublishError, StoreError
from conflictmap.frames import typed_table
from conflictmap.ingest import compare, large, reading
from conflictmap.ingest.account import as_dictionary, duplicate_key, rejected_csv
from conflictmap.ingest.large import ExaminedInParts, examine_in_parts, publish_in_parts
from conflictmap.ingest.losses import warnings_of
from conflictmap.ingest.upload import WITHDRAW_KEY, Examined, examine, publish_upload
from conflictmap.schema import TABLES
from conflictmap.store import (
    Store,
    bulk,
    latest_revision,
    load_tables,
    open_store,
    publish,
    writing,
)
from tests.examples import few_and_many
from tests.synthetic import shipped_edition
from tests.test_profiles_acled import event
from tests.test_upload import copy_store, published, sheet_row, table

SOURCE = {"source_id": "pieces", "title": "Invented", "publisher": "Invented desk"}

# Cells of a column decide how its other cells are read: 13/04 the order of day and month, 2.5 what
# the point in 1.234 means.
DATES = ["2023-01-31", "03/04/2023", "13/04/2023", "04/13/2023", "45291", "16-May-21", "none", ""]
FIGURES = ["0", "3", " 3 ", "1.234", "2.5", "-9", "several", ""]
PLACES = [("Panjshir", "Bazarak"), ("Panjshir ", "Bazarek"), ("Kabul", "Dara"), ("Atlantis", "X")]
POINTS = [("35.31", "69.52"), ("69.52", "35.31"), ("34.5", "69.2"), ("0", "0"), ("north", "")]


def events(rows: list[tuple[str, str, int, int, str, str]]) -> bytes:
    """Return invented events in ACLED's columns, with blank and short rows between them."""
    whole = []
    for number, (day, dead, place, point, country, _) in enumerate(rows):
        admin1, admin2 = PLACES[place]
        latitude, longitude = POINTS[point]
        row = event(event_date=day, fatalities=dead, admin1=admin1, admin2=admin2, country=country)
        row |= {"event_id_cnty": f"INV{number % 9}", "latitude": latitude, "longitude": longitude}
        whole.append(row | {"notes": f"Invented {number}.\nSecond line."})
    content = table(*whole)
    lines = content.split(b'line."')
    for number, (*_, more) in enumerate(rows):
        if more:
            lines[number + 1] = lines[number + 1].replace(b"\r\n", b"\r\n" + more.encode(), 1)
    return b'line."'.join(lines)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(DATES),
        st.sampled_from(FIGURES),
        st.integers(0, len(PLACES) - 1),
        st.integers(0, len(POINTS) - 1),
        st.sampled_from(["Afghanistan", "Afghanistan", "Pakistan", ""]),
        st.sampled_from(["", "", "\r\n", "one,two\r\n"]),
    ),
    min_size=1,
    max_size=14,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """A store that holds an invented file of another source."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite'}")
    other = sheet_row(2, date="2023-01-31", province="Panjshir", district="Bazarak")
    published(store, table(other | {"event_type": "clash"}))
    return store


def examined(store: Store, content: bytes | Path) -> Examined:
    return examine(
        content,
        "invented.csv",
        store,
        shipped_edition(),
        source=SOURCE,
        viewer=LOCAL_ADMINISTRATOR,
    )


def assert_same(found: Examined, wanted: Examined) -> None:
    """Fail unless two examinations made the same of a file."""
    pd.testing.assert_frame_equal(found.raw.cells.astype("str"), wanted.raw.cells.astype("str"))
    assert replace(found.raw, cells=wanted.raw.cells) == wanted.raw
    for name in ("records", "casualties", "attributions"):
        pd.testing.assert_frame_equal(getattr(found.draft, name), getattr(wanted.draft, name))
    for name, rows in wanted.assembled.tables.items():
        pd.testing.assert_frame_equal(found.assembled.tables[name], rows)
    assert found.assembled.reviews == wanted.assembled.reviews
    assert found.assembled.options == wanted.assembled.options
    pd.testing.assert_frame_equal(found.report.outcomes, wanted.report.outcomes)
    pd.testing.assert_frame_equal(found.comparison.duplicates, wanted.comparison.duplicates)
    for name in ("sha256", "bins", "rows", "withdrawn", "questions", "notes"):
        assert getattr(found.report, name) == getattr(wanted.report, name)


@few_and_many(
    6,
    25,
    given(rows=ROWS, pieces=st.integers(1, 6)),
    example(
        [*[(DATES[1], "1.234", 0, 0, "Afghanistan", "")] * 5, (DATES[2], "2.5", 0, 0, "", "")], 2
    ),
    example([(day, "3", 0, 1, "Afghanistan", "") for day in DATES[1:4]], 1),
)
def test_file_in_pieces_and_whole_gives_the_same_tables_and_report(store, tmp_path, rows, pieces):
    content = events(rows)
    path = tmp_path / "invented.csv"
    path.write_bytes(content)
    whole = examined(store, content)
    with patch.object(reading, "CHUNK_ROWS", pieces):
        assert_same(examined(store, path), whole)


def published_state(store: Store) -> list[object]:
    """Return all that a store holds, as text: its tables and what became of the rows."""
    held = load_tables(store, viewer=LOCAL_ADMINISTRATOR)
    with store.reader.connect() as connection:
        rows = connection.exec_driver_sql(
            'SELECT u.sha256, r."row", r.bin, r.incident_id, r.reason FROM upload_rows r'
            " JOIN uploads u USING (upload_id) ORDER BY u.upload_id, r.row"
        ).all()
        kept = connection.exec_driver_sql("SELECT sha256, status FROM uploads").all()
    return [rows, kept, *(table.astype("str").to_csv() for table in held.values())]


def examined_in_parts(store: Store, path: Path, answers: dict[str, str]) -> ExaminedInParts:
    return examine_in_parts(
        path,
        "invented.csv",
        store,
        shipped_edition(),
        source=SOURCE,
        viewer=LOCAL_ADMINISTRATOR,
        answers=answers,
    )


def settled(found: Examined) -> dict[str, str]:
    """Answer each question of a file, and link each probable duplicate to the one it may be."""
    pairs = found.comparison.duplicates.drop_duplicates("incident_id")
    links = dict(zip(pairs["incident_id"], pairs["other_id"], strict=True))
    answers = {question.key: question.options[0][0] for question in found.report.questions}
    answers |= {duplicate_key(incident): other for incident, other in links.items()}
    return answers | {WITHDRAW_KEY: "yes"}


@few_and_many(
    2,
    4,
    given(files=st.lists(ROWS, min_size=1, max_size=2), rows_a_part=st.integers(1, 5)),
    example(
        [[(DATES[0], "3", 0, 0, "Afghanistan", "")] * 6, [(DATES[0], "3", 0, 0, "", "")] * 2], 2
    ),
    example([[(DATES[0], "3", 0, 0, "Afghanistan", "")] * 3] * 2, 1),
    example([[(DATES[1], "1.234", 0, 0, "Pakistan", "")] * 12], 4),
)
def test_file_published_in_parts_and_whole_gives_the_same_store_and_report(
    store, tmp_path_factory, files, rows_a_part
):
    folder = tmp_path_factory.mktemp("parts")
    copies = (folder / f"{name}.sqlite" for name in ("whole", "parts"))
    stores = [open_store(copy_store(store.url, copy)) for copy in copies]
    path = folder / "invented.csv"
    for rows in files:
        path.write_bytes(events(rows))
        answers: dict[str, str] = {}
        for _ in range(2):  # without answers, then with them
            whole = examine(
                path.read_bytes(),
                "invented.csv",
                stores[0],
                shipped_edition(),
                source=SOURCE,
                viewer=LOCAL_ADMINISTRATOR,
                answers=answers,
            )
            with patch.object(large, "PART_ROWS", rows_a_part):
                parts = examined_in_parts(stores[1], path, answers)
            pd.testing.assert_frame_equal(
                parts.report.outcomes.astype("str"), whole.report.outcomes.astype("str")
            )
            assert as_dictionary(parts.report) == as_dictionary(whole.report)
            assert rejected_csv(parts.raw, parts.report) == rejected_csv(whole.raw, whole.report)
            assert warnings_of(parts.changed_only()) == warnings_of(whole)
            try:
                publish_upload(stores[0], whole, path, viewer=LOCAL_ADMINISTRATOR)
            except NothingToPublishError as error:
                with pytest.raises(NothingToPublishError, match=re.escape(str(error))):
                    publish_in_parts(stores[1], parts, viewer=LOCAL_ADMINISTRATOR)
            else:
                publish_in_parts(stores[1], parts, viewer=LOCAL_ADMINISTRATOR)
            assert published_state(stores[1]) == published_state(stores[0])
            answers = settled(whole)


def indexes(store: Store) -> set[str]:
    with store.reader.connect() as connection:
        inspector = sa.inspect(connection)
        return {
            f"{table} {index['name']} {index['column_names']} {index['unique']}"
            for table in inspector.get_table_names()
            for index in inspector.get_indexes(table)
        }


@pytest.mark.parametrize("many_rows", [0, writing.MANY_ROWS])
def test_upload_in_parts_that_fails_in_its_last_part_leaves_nothing(
    store_of_its_own, tmp_path, many_rows
):
    """Also where the indexes are made behind the rows."""
    path = tmp_path / "invented.csv"
    path.write_bytes(events([("2023-01-31", "3", 0, 0, "Afghanistan", "")] * 6))
    with patch.object(large, "PART_ROWS", 2):
        found = examined_in_parts(store_of_its_own, path, {})
    before = indexes(store_of_its_own)
    # The last part holds the first one's incidents again: their keys are held by then.
    broken = replace(found, parts=(*found.parts, found.parts[0]))
    with patch.object(writing, "MANY_ROWS", many_rows):
        with pytest.raises(StoreError, match="has the key of one that is already there"):
            publish_in_parts(store_of_its_own, broken, viewer=LOCAL_ADMINISTRATOR)
        assert latest_revision(store_of_its_own, viewer=LOCAL_ADMINISTRATOR) == 0
        held = load_tables(store_of_its_own, viewer=LOCAL_ADMINISTRATOR)
        assert not any(len(table) for table in held.values())
        assert indexes(store_of_its_own) == before
        publish_in_parts(store_of_its_own, found, viewer=LOCAL_ADMINISTRATOR)
    assert latest_revision(store_of_its_own, viewer=LOCAL_ADMINISTRATOR) == 1
    assert indexes(store_of_its_own) == before


def test_command_works_on_a_very_large_file_in_parts_and_keeps_no_copy(tmp_path, monkeypatch):
    monkeypatch.setattr(cli_uploads, "MOST_BYTES_KEPT", 100)
    monkeypatch.setattr(large, "PART_ROWS", 2)
    monkeypatch.setenv("CONFLICTMAP_STORE", f"sqlite:///{tmp_path / 'own.sqlite'}")
    path = tmp_path / "invented.csv"
    path.write_bytes(events([("2023-01-31", "3", 0, 0, "Afghanistan", "")] * 5))
    assert cli.main(["ingest", str(path), "--json"]) == 0
    store = open_store(f"sqlite:///{tmp_path / 'own.sqlite'}")
    with store.reader.connect() as connection:
        kept = connection.exec_driver_sql("SELECT content, status FROM uploads").all()
    assert kept == [(None, "published")]
    assert len(load_tables(store, viewer=LOCAL_ADMINISTRATOR)["incidents"]) == 5


def test_columns_that_repeat_their_texts_are_categories_in_a_file_of_pieces(store):
    content = events([("2023-01-31", "3", 0, 0, "Afghanistan", "")] * 8)
    with patch.object(reading, "CHUNK_ROWS", 4):
        cells = reading.read_raw(content, "invented.csv").cells
    assert isinstance(cells["country"].dtype, pd.CategoricalDtype)
    assert cells["notes"].dtype == "str"


def test_file_given_by_its_path_is_published_and_only_its_hash_is_kept(store_of_its_own, tmp_path):
    path = tmp_path / "invented.csv"
    path.write_bytes(events([("2023-01-31", "3", 0, 0, "Afghanistan", "")] * 3))
    found = examined(store_of_its_own, path)
    publish_upload(store_of_its_own, found, path, viewer=LOCAL_ADMINISTRATOR)
    with store_of_its_own.reader.connect() as connection:
        kept = connection.execute(sa.text("SELECT sha256, content, status FROM uploads")).all()
    assert kept == [(found.raw.sha256, None, "published")]


@pytest.fixture
def store_of_its_own(empty_store_url: str) -> Store:
    return open_store(empty_store_url)


def test_rows_written_in_batches_are_those_of_the_report(store_of_its_own):
    rows = [("2023-01-31", dead, 0, 0, "Afghanistan", "") for dead in ("3", "0", "", "7", "1")]
    content = events(rows)
    found = examined(store_of_its_own, content)
    with patch.object(bulk, "ROWS_AT_ONCE", 2):
        publish_upload(store_of_its_own, found, content, viewer=LOCAL_ADMINISTRATOR)
    held = load_tables(store_of_its_own, viewer=LOCAL_ADMINISTRATOR)
    for name in compare.PARTS:
        key = list(compare.TABLES[name].key)
        wanted = found.assembled.tables[name].sort_values(key, ignore_index=True)
        pd.testing.assert_frame_equal(held[name].drop(columns="added_in"), wanted)


TEXTS = [
    *("", "\\N", "\\.", "a\tb\nc\r\\d", "'\"", "%s %(x)s {}", "\x01\x7f\x85"),
    *("گزارش\u202e", "𐏏", "'); DROP TABLE tallies; --"),
]
NUMBERS = [0.1, 1e-300, -34.123456, 69.00000000000001, 1e22]


def test_any_text_and_number_comes_back_as_it_went_in(store_of_its_own):
    tallies = [
        {"tally_id": f"{n:02}", "words": text, "value": value, "is_unattributed": value is None}
        | {"date_from": day}
        for n, (text, value, day) in enumerate(
            zip(TEXTS, [0, None, 2**31, 2**53, *range(6)], [None, *["1989-01-31"] * 9], strict=True)
        )
    ]
    places = [
        {"incident_id": "a", "place_no": n, "latitude": number} for n, number in enumerate(NUMBERS)
    ]
    rows = {
        "tallies": typed_table(TABLES["tallies"], tallies),
        "incident_places": typed_table(TABLES["incident_places"], places),
    }
    publish(store_of_its_own, rows, viewer=LOCAL_ADMINISTRATOR, note="synthetic")
    held = load_tables(store_of_its_own, rows, viewer=LOCAL_ADMINISTRATOR)
    for name, wanted in rows.items():
        back = held[name].drop(columns="added_in")
        pd.testing.assert_frame_equal(back, wanted, check_exact=True)


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_text_that_is_no_text_is_refused_and_nothing_is_stored(store_of_its_own, text):
    rows = {"incidents": typed_table(TABLES["incidents"], [{"incident_id": "a", "title": "x"}])}
    rows["incidents"]["title"] = pd.Series([text], dtype="object")
    with pytest.raises(StoreError, match=r"^Nothing was written: .*a text holds") as raised:
        publish(store_of_its_own, rows, viewer=LOCAL_ADMINISTRATOR, note="synthetic")
    assert text not in str(raised.value)
    assert latest_revision(store_of_its_own, viewer=LOCAL_ADMINISTRATOR) == 0


def test_rows_are_ordered_by_their_characters_on_each_engine(store_of_its_own):
    names = ["a", "B", "b-1", "b1", "é", "Ω", "آ"]
    rows = typed_table(TABLES["incidents"], [{"incident_id": name} for name in names[::-1]])
    publish(store_of_its_own, {"incidents": rows}, viewer=LOCAL_ADMINISTRATOR, note="synthetic")
    held = load_tables(store_of_its_own, ["incidents"], viewer=LOCAL_ADMINISTRATOR)["incidents"]
    assert held["incident_id"].tolist() == sorted(names)


@pytest.mark.parametrize("pairs", [1, 3, 2_000_000])
def test_duplicates_are_the_same_however_many_pairs_are_looked_at_in_one_go(store, pairs):
    days = ("2023-01-30", "2023-01-31", "2023-01-31")
    rows = [(day, "3", 0, 0, "Afghanistan", "") for day in days]
    with patch.object(compare, "_PAIRS", pairs):
        found = examined(store, events(rows)).comparison.duplicates
    assert found.to_numpy().tolist() == [
        ["pieces-INV1", "synthetic-s2"],
        ["pieces-INV2", "synthetic-s2"],
    ]
