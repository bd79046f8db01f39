"""What goes wrong under a store: it is told clearly, nothing is half stored, and it goes on."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Iterator

import pandas as pd
import pytest
import sqlalchemy as sa

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import StoreError
from conflictmap.store import (
    Store,
    engine,
    latest_revision,
    load_revisions,
    load_table,
    open_store,
    publish,
)
from conflictmap.store.faults import read_fault, write_fault
from conflictmap.store.reading import read_rows
from tests.postgres import PASSWORD, Cluster, closed_afterwards, running_cluster
from tests.test_store import ids_at, incidents

ADMIN = LOCAL_ADMINISTRATOR
CELL = "Synthetic-Cell-Text"
MANY = 20_000  # rows: more than any buffer on the way holds


@pytest.fixture
def store(empty_store_url: str) -> Store:
    return open_store(empty_store_url)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores that are opened from now on wait half a second, not half a minute."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.5)
    monkeypatch.setattr(engine, "READ_SECONDS", 0.5)


def many(name: str) -> dict[str, pd.DataFrame]:
    return incidents(*(f"{name}-{n}" for n in range(MANY)))


def words_of(error: BaseException) -> str:
    """Return an error as a log would write it down, with whatever caused it."""
    return "".join(traceback.format_exception(error))


# --- several at once


def test_reader_sees_nothing_of_a_publication_until_it_is_whole(store):
    publish(store, incidents("a"), viewer=ADMIN, note="synthetic")
    seen: list[object] = []

    def parts() -> Iterator[dict[str, pd.DataFrame]]:
        yield incidents("b")
        seen.append((latest_revision(store, viewer=ADMIN), ids_at(store)))
        yield incidents("c")
        seen.append((len(load_revisions(store, viewer=ADMIN)), ids_at(store, 1)))

    changed = incidents("a")
    publish(store, parts(), withdrawals=changed, viewer=ADMIN, note="synthetic")
    assert seen == [(1, ["a"]), (1, ["a"])]
    assert ids_at(store) == ["b", "c"]


def test_reader_is_not_kept_waiting_by_a_writer_nor_the_other_way_round(impatient, empty_store_url):
    store = open_store(empty_store_url)
    with store.reader.connect() as reading:
        reading.execute(sa.text("SELECT count(*) FROM incidents"))
        publish(store, incidents("a"), viewer=ADMIN, note="synthetic")
        assert reading.execute(sa.text("SELECT count(*) FROM incidents")).scalar() == 0
    with store.writer.begin() as writing:
        writing.execute(sa.text("UPDATE incidents SET withdrawn_in = 1"))
        assert ids_at(store) == ["a"]


def test_writer_that_waits_too_long_is_told_that_the_store_is_busy(impatient, empty_store_url):
    store = open_store(empty_store_url)
    with store.writer.begin(), pytest.raises(StoreError) as raised:
        publish(open_store(empty_store_url), incidents("a"), viewer=ADMIN, note="synthetic")
    assert str(raised.value) == (
        "Nothing was written: the store is busy: somebody else is writing. Try again in a minute."
    )
    assert publish(store, incidents("a"), viewer=ADMIN, note="synthetic") == 1


def test_writers_of_several_stores_wait_for_each_other(empty_store_url):
    stores = [open_store(empty_store_url) for _ in range(4)]

    def work(number: int) -> None:
        for turn in range(5):
            publish(stores[number], incidents(f"{number}-{turn}"), viewer=ADMIN, note="synthetic")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = load_revisions(stores[0], viewer=ADMIN)["revision"].tolist()
    assert numbers == list(range(20, 0, -1))
    assert len(ids_at(stores[0])) == 20


# --- what an error may say


def test_error_holds_neither_a_cell_nor_a_statement_nor_an_address(store):
    publish(store, incidents(CELL), viewer=ADMIN, note="synthetic")
    with pytest.raises(StoreError) as raised:
        publish(store, incidents(CELL), viewer=ADMIN, note="synthetic")
    said = words_of(raised.value)
    for hidden in (CELL, "INSERT", "COPY", "postgresql://", "sqlite://"):
        assert hidden not in said


def test_password_of_a_store_is_in_no_error_and_no_description(postgresql, postgresql_store_url):
    assert PASSWORD not in repr(open_store(postgresql_store_url))
    for wrong in (
        postgresql_store_url.replace(PASSWORD, "Not-The-Password"),
        postgresql_store_url + "_not_there",
        postgresql_store_url.replace(str(postgresql.port), "1"),
    ):
        with pytest.raises(StoreError, match="Check CONFLICTMAP_STORE") as raised:
            open_store(wrong)
        said = str(raised.value) + repr(raised.value.__cause__)
        assert "assword" not in said
        assert postgresql_store_url.rpartition("/")[2] not in said


@pytest.mark.parametrize("address", ["mysql://synthetic/x", "postgresql+psycopg2", "nonsense", ""])
def test_address_that_is_none_of_a_store_is_refused(address):
    with pytest.raises(StoreError, match="CONFLICTMAP_STORE"):
        open_store(address)


@pytest.mark.parametrize("start", ["postgresql://", "postgres://", "postgresql+psycopg://"])
def test_address_of_postgresql_may_be_written_in_each_usual_way(start, postgresql_store_url):
    url = start + postgresql_store_url.removeprefix("postgresql://")
    assert latest_revision(open_store(url), viewer=ADMIN) == 0


class Raised(Exception):
    """An error of a driver, with the code that an engine gives."""

    def __init__(self, code: str) -> None:
        super().__init__(CELL)
        name = "sqlite_errorname" if code.startswith("SQLITE") else "sqlstate"
        setattr(self, name, code)


@pytest.mark.parametrize(
    ("code", "written", "read"),
    [
        ("53100", "the disk of the store is full", "cannot be read"),
        ("SQLITE_FULL", "the disk of the store is full", "cannot be read"),
        ("25006", "may only be read", "cannot be read"),
        ("SQLITE_READONLY_DBMOVED", "may only be read", "cannot be read"),
        ("57P01", "was lost on the way", "cannot be read"),
        ("SQLITE_IOERR_WRITE", "was lost on the way", "cannot be read"),
        ("SQLITE_BUSY_SNAPSHOT", "is busy", "is busy"),
        ("53300", "is busy", "is busy"),
        ("57014", "took too long", "took too long"),
        ("SQLITE_CORRUPT", "is damaged", "is damaged"),
        ("XX001", "is damaged", "is damaged"),
        ("42P01", "cannot be written", "cannot be read"),
    ],
)
def test_each_fault_is_told_by_its_code_without_the_words_of_the_driver(code, written, read):
    error = sa.exc.DatabaseError("SELECT hidden", {"hidden": CELL}, Raised(code))
    for said, expected in ((write_fault(error), written), (read_fault(error), read)):
        assert expected in str(said)
        assert CELL not in str(said)
        assert "hidden" not in str(said)


# --- what only PostgreSQL does


def test_reader_of_postgresql_changes_nothing(postgresql_store_url):
    store = open_store(postgresql_store_url)
    with pytest.raises(sa.exc.InternalError), store.reader.begin() as connection:
        connection.execute(sa.text("DELETE FROM schema_versions"))
    open_store(postgresql_store_url)


def test_question_that_takes_too_long_is_given_up(impatient, postgresql_store_url):
    store = open_store(postgresql_store_url)
    with pytest.raises(StoreError, match=r"^The store took too long to answer"):
        read_rows(store, sa.select(sa.func.pg_sleep(30)))
    assert latest_revision(store, viewer=ADMIN) == 0


def test_database_that_holds_no_unicode_is_refused(postgresql):
    postgresql.run(
        "CREATE DATABASE synthetic_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
    )
    url = postgresql.url("synthetic_latin")
    with (
        closed_afterwards(),
        pytest.raises(StoreError, match="is in LATIN1, and has to be in UTF8"),
    ):
        open_store(url)
    postgresql.drop_database(url)


def test_rows_go_on_being_numbered_after_many_came_by_copy(postgresql_store_url):
    store = open_store(postgresql_store_url)
    publish(store, incidents("a", "b"), viewer=ADMIN, note="synthetic")
    with store.writer.begin() as connection:
        connection.execute(sa.text("INSERT INTO incidents (incident_id, added_in) VALUES ('c', 1)"))
    publish(store, incidents("d"), viewer=ADMIN, note="synthetic")
    numbers = read_rows(store, sa.text("SELECT row_no, incident_id FROM incidents ORDER BY 1"))
    assert numbers == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


# --- a server that stops


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A server that a test may stop; what it has committed is on its disk."""
    try:
        with running_cluster(options=()) as cluster:
            yield cluster
    except LookupError as error:
        pytest.skip(str(error))


def writing_backend(cluster: Cluster, url: str) -> int:
    """Return the process of the server that writes into a database."""
    found = cluster.run(
        "SELECT pid FROM pg_stat_activity WHERE datname ="
        f" '{url.rpartition('/')[2]}' AND state = 'idle in transaction'"
    )
    return int(found[0][0])


def stopped(cluster: Cluster, url: str) -> None:
    cluster.stop("immediate")


def stopped_in_order(cluster: Cluster, url: str) -> None:
    cluster.stop("fast")


def backend_killed(cluster: Cluster, url: str) -> None:
    os.kill(writing_backend(cluster, url), signal.SIGKILL)


def backend_ended(cluster: Cluster, url: str) -> None:
    cluster.run(f"SELECT pg_terminate_backend({writing_backend(cluster, url)})")


@pytest.mark.parametrize("fault", [stopped, stopped_in_order, backend_killed, backend_ended])
def test_postgresql_that_stops_in_an_import_leaves_nothing_and_is_found_again(own_cluster, fault):
    with closed_afterwards():
        url = own_cluster.fresh_database()
        store = open_store(url)
        publish(store, incidents("a"), viewer=ADMIN, note="synthetic")

        def parts() -> Iterator[dict[str, pd.DataFrame]]:
            yield many("lost")
            fault(own_cluster, url)
            yield many("more")

        with pytest.raises(StoreError) as raised:
            publish(store, parts(), viewer=ADMIN, note="synthetic", content_sha256="synthetic")
        assert str(raised.value) == (
            "Nothing was written: the store was lost on the way. Check that it is running, then"
            " try again."
        )
        assert "lost-1" not in words_of(raised.value)
        if fault in (stopped, stopped_in_order):
            for ask in (latest_revision, load_revisions):
                with pytest.raises(StoreError, match="Check that it is there and running"):
                    ask(store, viewer=ADMIN)
            with pytest.raises(StoreError, match="was lost on the way"):
                publish(store, incidents("b"), viewer=ADMIN, note="synthetic")
            own_cluster.start()
        own_cluster.wait_until_ready()

        assert ids_at(store) == ["a"]
        assert publish(store, many("b"), viewer=ADMIN, note="again") == 2
        assert len(load_table(store, "incidents", viewer=ADMIN)) == 1 + MANY
