"""The store: revisions, roll-back, viewers, and concurrent writers."""

import threading

import pandas as pd
import pytest
import sqlalchemy as sa

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import AccessError, QueryError, StoreError
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.store import (
    latest_revision,
    load_audit,
    load_revisions,
    load_table,
    open_store,
    publish,
    roll_back,
)

ADMIN = LOCAL_ADMINISTRATOR
READER = Viewer("synthetic reader", "viewer")


@pytest.fixture
def store(empty_store_url):
    """An empty store of its own, on each engine."""
    return open_store(empty_store_url)


def incidents(*ids: str, title: str = "synthetic") -> dict[str, pd.DataFrame]:
    """Return synthetic incidents with the given ids."""
    rows = [{"incident_id": id, "title": title, "date_precision": "unknown"} for id in ids]
    return {"incidents": typed_table(TABLES["incidents"], rows)}


def ids_at(store, revision=None, viewer=ADMIN):
    return load_table(store, "incidents", viewer=viewer, revision=revision)["incident_id"].tolist()


def test_store_without_revisions_is_empty_at_revision_zero(store):
    assert latest_revision(store, viewer=ADMIN) == 0
    assert ids_at(store) == []


def test_each_publication_is_a_revision_that_can_be_read_again(store):
    publish(store, incidents("a"), viewer=ADMIN, note="first")
    publish(store, incidents("b"), viewer=ADMIN, note="second")
    assert (ids_at(store, 0), ids_at(store, 1), ids_at(store)) == ([], ["a"], ["a", "b"])


def test_correction_withdraws_the_old_row_and_keeps_it_readable(store):
    publish(store, incidents("a", title="old"), viewer=ADMIN, note="first")
    publish(
        store,
        incidents("a", title="new"),
        withdrawals=incidents("a"),
        viewer=ADMIN,
        note="correction",
    )
    titles = [
        load_table(store, "incidents", viewer=ADMIN, revision=revision)["title"].tolist()
        for revision in (1, 2)
    ]
    assert titles == [["old"], ["new"]]


def test_types_and_missing_values_come_back_as_they_went_in(store):
    rows = typed_table(
        TABLES["casualties"],
        [
            {"casualty_id": "c", "low": 53, "best": 53, "is_subset": False, "is_counted": True},
            {"casualty_id": "d", "is_subset": True},
        ],
    )
    publish(store, {"casualties": rows}, viewer=ADMIN, note="synthetic")
    back = load_table(store, "casualties", viewer=ADMIN).drop(columns="added_in")
    pd.testing.assert_frame_equal(back, rows)


def test_roll_back_is_one_more_revision_and_nothing_is_lost(store):
    publish(store, incidents("a"), viewer=ADMIN, note="first")
    publish(store, incidents("b"), withdrawals=incidents("a"), viewer=ADMIN, note="second")
    assert roll_back(store, 1, viewer=ADMIN) == 3
    assert (ids_at(store), ids_at(store, 2)) == (["a"], ["b"])
    assert load_revisions(store, viewer=ADMIN)["kind"].tolist() == [
        "roll_back",
        "publish",
        "publish",
    ]


def test_roll_back_to_no_earlier_revision_is_refused(store):
    with pytest.raises(QueryError, match=r"There is no revision 4 before the latest, 0\."):
        roll_back(store, 4, viewer=ADMIN)


def test_publishing_the_same_content_twice_adds_nothing(store):
    first = publish(store, incidents("a"), viewer=ADMIN, note="first", content_sha256="x")
    again = publish(store, incidents("a"), viewer=ADMIN, note="again", content_sha256="x")
    assert (first, again, latest_revision(store, viewer=ADMIN)) == (1, 1, 1)


def test_content_that_was_rolled_back_may_be_published_again(store):
    publish(store, incidents("a"), viewer=ADMIN, note="first", content_sha256="x")
    roll_back(store, 0, viewer=ADMIN)
    publish(store, incidents("a"), viewer=ADMIN, note="again", content_sha256="x")
    assert ids_at(store) == ["a"]


def test_content_that_a_second_roll_back_brought_back_stands_as_what_it_was(store):
    publish(store, incidents("a"), viewer=ADMIN, note="first", content_sha256="x")
    roll_back(store, 0, viewer=ADMIN)
    publish(store, incidents("b"), viewer=ADMIN, note="other", content_sha256="y")
    roll_back(store, 1, viewer=ADMIN)
    given = {"viewer": ADMIN, "note": "again"}
    assert publish(store, incidents("a"), content_sha256="x", **given) == 1
    assert publish(store, incidents("b"), content_sha256="y", **given) == 5
    assert ids_at(store) == ["a", "b"]


def test_publication_with_a_key_that_is_held_changes_nothing(store):
    publish(store, incidents("a"), viewer=ADMIN, note="first")
    with pytest.raises(StoreError, match="Nothing was published"):
        publish(store, incidents("b", "a"), viewer=ADMIN, note="second")
    assert (ids_at(store), latest_revision(store, viewer=ADMIN)) == (["a"], 1)


def test_reading_a_revision_that_does_not_exist_says_so(store):
    with pytest.raises(QueryError, match=r"There is no revision 7\. The latest is 0\."):
        load_table(store, "incidents", viewer=ADMIN, revision=7)


def test_viewer_may_neither_publish_nor_read_the_audit_log(store):
    with pytest.raises(AccessError):
        publish(store, incidents("a"), viewer=READER, note="no")
    with pytest.raises(AccessError):
        load_audit(store, viewer=READER)
    assert latest_revision(store, viewer=READER) == 0


def test_unknown_role_may_read_nothing(store):
    with pytest.raises(AccessError):
        load_table(store, "incidents", viewer=Viewer("synthetic", "guest"))


def test_points_that_a_source_gave_reach_only_roles_that_may_see_them(store):
    places = typed_table(
        TABLES["incident_places"],
        [
            {"incident_id": "home", "place_no": 1, "latitude": 34.5, "longitude": 69.1}
            | {"point_latitude": 34.5, "point_longitude": 69.1, "coordinate_precision": "exact"},
            {"incident_id": "town", "place_no": 1, "point_latitude": 36.3, "point_longitude": 68.0},
            {"incident_id": "bare", "place_no": 1, "latitude": 34.5, "longitude": 69.1}
            | {"point_latitude": 34.5, "point_longitude": 69.1},
        ],
    )
    publish(store, {"incident_places": places}, viewer=ADMIN, note="synthetic")

    def points(viewer):
        return load_table(store, "incident_places", viewer=viewer)["point_latitude"].tolist()

    assert points(ADMIN) == [34.5, 34.5, 36.3]
    assert pd.isna(points(READER)[:2]).all()
    assert points(READER)[2] == 36.3


def test_every_publication_stands_in_the_audit_log(store):
    publish(store, incidents("a"), viewer=ADMIN, note="first")
    roll_back(store, 0, viewer=ADMIN)
    log = load_audit(store, viewer=ADMIN)
    assert log[["who", "action", "revision"]].values.tolist() == [
        ["local administrator", "roll_back", 2],
        ["local administrator", "publish", 1],
    ]


def test_many_threads_publish_and_no_publication_is_lost(store):
    def work(thread: int) -> None:
        for turn in range(10):
            publish(store, incidents(f"t{thread}-{turn}"), viewer=ADMIN, note="synthetic")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert latest_revision(store, viewer=ADMIN) == 40
    assert len(ids_at(store)) == 40


def test_read_then_write_in_one_transaction_loses_no_update(store):
    with store.writer.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (n INTEGER)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")

    def work() -> None:
        for _ in range(25):
            with store.writer.begin() as connection:
                n = connection.scalar(sa.text("SELECT n FROM counter"))
                connection.execute(sa.text("UPDATE counter SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reader.connect() as connection:
        assert connection.scalar(sa.text("SELECT n FROM counter")) == 100


def test_store_that_cannot_be_opened_says_what_to_check(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="CONFLICTMAP_STORE"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'store.sqlite'}")
