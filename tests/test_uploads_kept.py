"""Uploads are kept until they are published or dropped; mappings under their names."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlalchemy as sa

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import AccessError, QueryError, StoreError
from conflictmap.frames import typed_table
from conflictmap.ingest.account import OUTCOME_COLUMNS
from conflictmap.schema import TABLES
from conflictmap.store import (
    PublishedUpload,
    Store,
    drop_upload,
    keep_upload,
    load_mappings,
    load_upload,
    load_upload_rows,
    load_uploads,
    open_store,
    publish,
    rows_changed,
    save_mapping,
)
from conflictmap.store.tables import upload_rows

CONTENT = b"id,date\n1,2019-03-01\n"
SOURCE = {"source_id": "synthetic", "title": "گزارش", "source_kind": "spreadsheet"}
READER = Viewer("somebody", "viewer")


@pytest.fixture
def store(empty_store_url: str) -> Store:
    return open_store(empty_store_url)


def kept(store: Store, content: bytes = CONTENT, **more: object) -> int:
    usual = {"label": "synthetic.csv", "sha256": str(hash(content)), "content": content}
    usual |= {"source": SOURCE, "answers": {}, "viewer": LOCAL_ADMINISTRATOR}
    return keep_upload(store, **(usual | more))


def uploads(store: Store) -> pd.DataFrame:
    return load_uploads(store, viewer=LOCAL_ADMINISTRATOR)


def published(store: Store, upload_id: int) -> int:
    outcomes = pd.DataFrame(
        [(2, "new", "synthetic-1", "", "", "", ""), (3, "skipped", "", "", "", "blank", "")],
        columns=list(OUTCOME_COLUMNS),
    )
    upload = PublishedUpload(upload_id, outcomes)
    return publish(store, {}, viewer=LOCAL_ADMINISTRATOR, note="synthetic", upload=upload)


def test_upload_is_given_back_as_it_was_kept(store):
    answers, mapping = {"date order of تاریخ": "day first"}, {"columns": {"date": "تاریخ"}}
    number = kept(store, answers=answers, mapping=mapping)
    found = load_upload(store, number, viewer=LOCAL_ADMINISTRATOR)
    assert (found.upload_id, found.label, found.content) == (number, "synthetic.csv", CONTENT)
    assert (found.source, found.answers, found.mapping) == (SOURCE, answers, mapping)
    assert found.status == "open"


def test_same_file_is_kept_once_with_the_latest_answers(store):
    number = kept(store)
    assert kept(store, answers={"encoding": "cp1252"}) == number
    assert kept(store, b"another") != number
    assert load_upload(store, number, viewer=LOCAL_ADMINISTRATOR).answers == {"encoding": "cp1252"}
    assert len(uploads(store)) == 2


def test_same_file_for_another_source_or_table_is_another_upload(store):
    number = kept(store)
    others = [
        kept(store, source=SOURCE | {"source_id": "another"}),
        kept(store, source={"table": "actors"}),
        kept(store, source={"table": "units"}),
    ]
    assert len({number, *others}) == 4
    # The rest of the row of sources may change while the upload is open.
    assert kept(store, source=SOURCE | {"title": "Another", "source_kind": "news"}) == number
    assert kept(store, source={"table": "units"}) == others[2]
    listed = uploads(store).set_index("upload_id").loc[[number, *others]]
    assert listed["source_id"].fillna("").tolist() == ["synthetic", "another", "", ""]
    assert listed["table_name"].fillna("").tolist() == ["", "", "actors", "units"]


def test_upload_whose_content_stands_already_does_not_stay_open(store):
    first, again = kept(store), kept(store, b"another")
    empty = pd.DataFrame(columns=list(OUTCOME_COLUMNS))
    revisions = [
        publish(
            store,
            {},
            viewer=LOCAL_ADMINISTRATOR,
            note="synthetic",
            content_sha256="the same",
            upload=PublishedUpload(number, empty),
        )
        for number in (first, again)
    ]
    assert revisions == [1, 1]
    assert uploads(store)["status"].tolist() == ["dropped", "published"]


def test_rows_of_a_published_upload_and_what_its_revision_changed_are_told(store):
    number = kept(store)
    revision = published(store, number)
    rows = load_upload_rows(store, number, viewer=LOCAL_ADMINISTRATOR)
    assert rows.values.tolist() == [[2, "new", "synthetic-1", ""], [3, "skipped", "", "blank"]]
    assert rows_changed(store, revision, viewer=LOCAL_ADMINISTRATOR) == {}
    source = {"source_id": "a", "title": "A", "publisher": "A", "source_kind": "news"}
    source |= {"reading_order": 1, "text_sha256": "0"}
    added = {"sources": typed_table(TABLES["sources"], [source])}
    changed = {"sources": typed_table(TABLES["sources"], [source | {"title": "B"}])}
    publish(store, added, viewer=LOCAL_ADMINISTRATOR, note="synthetic")
    last = publish(store, changed, withdrawals=added, viewer=LOCAL_ADMINISTRATOR, note="synthetic")
    assert rows_changed(store, last - 1, viewer=LOCAL_ADMINISTRATOR) == {"sources": (1, 0)}
    assert rows_changed(store, last, viewer=LOCAL_ADMINISTRATOR) == {"sources": (1, 1)}


def test_uploads_are_listed_newest_first_without_their_content(store):
    first, second = kept(store), kept(store, b"another")
    listed = uploads(store)
    assert listed["upload_id"].tolist() == [second, first]
    assert listed["uploaded_by"].tolist() == [LOCAL_ADMINISTRATOR.name] * 2
    assert "content" not in listed
    assert uploads(open_store(store.url))["status"].tolist() == ["open", "open"]


def test_no_upload_gives_an_empty_list(store):
    assert uploads(store).empty


def test_dropped_upload_is_gone_with_its_content(store):
    number = kept(store)
    drop_upload(store, number, viewer=LOCAL_ADMINISTRATOR)
    assert uploads(store)["status"].tolist() == ["dropped"]
    for act in (load_upload, drop_upload):
        with pytest.raises(QueryError, match=f"no open upload {number}"):
            act(store, number, viewer=LOCAL_ADMINISTRATOR)
    with store.reader.connect() as connection:
        assert connection.exec_driver_sql("SELECT content FROM uploads").scalar() is None
    assert kept(store) != number


def test_published_upload_is_closed_and_each_row_recorded(store):
    number = kept(store)
    revision = published(store, number)
    row = uploads(store).iloc[0]
    assert (row["status"], row["revision"]) == ("published", revision)
    with store.reader.connect() as connection:
        rows = connection.execute(sa.select(upload_rows)).mappings().all()
    assert [(row["row"], row["bin"]) for row in rows] == [(2, "new"), (3, "skipped")]
    assert {row["upload_id"] for row in rows} == {number}
    with pytest.raises(QueryError):
        drop_upload(store, number, viewer=LOCAL_ADMINISTRATOR)
    with pytest.raises(QueryError):
        load_upload(store, number, viewer=LOCAL_ADMINISTRATOR)


def test_upload_that_was_dropped_meanwhile_publishes_nothing(store):
    number = kept(store)
    drop_upload(store, number, viewer=LOCAL_ADMINISTRATOR)
    with pytest.raises(StoreError, match="dropped meanwhile"):
        published(store, number)
    with store.reader.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM revisions").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM upload_rows").scalar() == 0


def test_mapping_is_kept_under_its_name_and_replaced(store):
    save_mapping(store, "دفتر", {"columns": {"date": "Day"}}, viewer=LOCAL_ADMINISTRATOR)
    save_mapping(store, "another", {"columns": {}}, viewer=LOCAL_ADMINISTRATOR)
    save_mapping(store, "دفتر", {"columns": {"date": "تاریخ"}}, viewer=LOCAL_ADMINISTRATOR)
    found = load_mappings(store, viewer=LOCAL_ADMINISTRATOR)
    assert found == {"another": {"columns": {}}, "دفتر": {"columns": {"date": "تاریخ"}}}


def test_hostile_names_are_data(store):
    name = "'); DROP TABLE uploads; --"
    save_mapping(store, name, {"columns": {"date": name}}, viewer=LOCAL_ADMINISTRATOR)
    number = kept(store, label=name)
    assert load_upload(store, number, viewer=LOCAL_ADMINISTRATOR).label == name
    assert list(load_mappings(store, viewer=LOCAL_ADMINISTRATOR)) == [name]


def test_who_may_not_publish_sees_and_keeps_no_upload(store):
    number = kept(store)
    for act in (
        lambda: kept(store, viewer=READER),
        lambda: drop_upload(store, number, viewer=READER),
        lambda: load_uploads(store, viewer=READER),
        lambda: load_upload(store, number, viewer=READER),
        lambda: load_upload_rows(store, number, viewer=READER),
        lambda: save_mapping(store, "name", {}, viewer=READER),
        lambda: load_mappings(store, viewer=READER),
    ):
        with pytest.raises(AccessError):
            act()
    assert uploads(store)["status"].tolist() == ["open"]
