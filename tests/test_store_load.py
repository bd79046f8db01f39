"""Many processes on one store: no upload is lost, doubled or half seen, and a judge can tell."""

from __future__ import annotations

import copy
import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks.store_load import ENGINES, Load, measure
from benchmarks.storing.lots import Lot, lots_of
from benchmarks.storing.verdict import faults_of
from benchmarks.storing.writer import Attempt, Writer
from conflictmap.store import Store, open_store


@pytest.fixture(params=ENGINES)
def new_store_url(request, tmp_path) -> str:
    """Address of a store that is not made yet, on each of the two engines."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


def test_writers_and_readers_lose_double_and_tear_nothing(new_store_url):
    assert_whole(new_store_url, Load(operations=70, writers=3, readers=4))


@pytest.mark.slow
def test_ten_thousand_operations_lose_double_and_tear_nothing(new_store_url):
    assert_whole(new_store_url, Load(operations=10_000, writers=8, readers=20))


def assert_whole(url: str, load: Load) -> None:
    """Let them loose on a store, and check that all of it happened and none of it went wrong."""
    found = measure(url, load)
    assert (found.faults, found.errors) == ([], [])
    assert found.outcomes().total() == load.operations
    assert found.outcomes()["done"] > load.operations / 2
    assert found.revisions_read > 10


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> tuple[Path, list[Attempt]]:
    """The file of a small store that one writer has made, and what the writer was told."""
    path = tmp_path_factory.mktemp("written") / "store.sqlite"
    store = open_store(f"sqlite:///{path}", kind="synthetic")
    writer = Writer(store, number=0, seed=1)
    attempts = [writer.attempt(turn) for turn in range(30)]
    assert faults_of(store, attempts, []) == []
    store.reader.dispose()
    store.writer.dispose()  # the last one writes all into the one file
    return path, attempts


@pytest.fixture
def judged(written, tmp_path) -> tuple[Store, list[Attempt]]:
    """A copy of that store, to be tampered with."""
    path, attempts = written
    copied = shutil.copy(path, tmp_path / "store.sqlite")
    return open_store(f"sqlite:///{copied}"), copy.deepcopy(attempts)


LAST_ADDED = "(SELECT max(row_no) FROM incidents)"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(f"DELETE FROM incidents WHERE row_no = {LAST_ADDED}", "rows of", id="torn"),
        pytest.param(
            "DELETE FROM casualties WHERE row_no = (SELECT max(row_no) FROM casualties)",
            "rows of casualties",
            id="torn between tables",
        ),
        pytest.param(
            "UPDATE casualties SET best = best + 1", "does not sum to", id="another figure"
        ),
        pytest.param(
            "UPDATE incidents SET withdrawn_in = NULL WHERE withdrawn_in IS NOT NULL",
            "twice",
            id="doubled",
        ),
        pytest.param(
            "UPDATE revisions SET revision = revision + 1000 WHERE revision > 20",
            "the revisions have gaps",
            id="gap",
        ),
        pytest.param(
            "UPDATE revisions SET note = 'w9-9' WHERE revision = 7",
            "w9-9 is there, and nobody published it",
            id="unasked",
        ),
        pytest.param(
            "UPDATE uploads SET status = 'open', revision = NULL WHERE status = 'published'",
            "and should be (True",
            id="upload lost",
        ),
        pytest.param(
            "DELETE FROM upload_rows WHERE row = 2", "and should be (True", id="upload torn"
        ),
        pytest.param("DELETE FROM audit WHERE revision = 3", "audit log", id="not in the log"),
    ],
)
def test_the_judge_finds_a_store_that_was_tampered_with(judged, change, words):
    store, attempts = judged
    with sa.create_engine(store.url).begin() as connection:
        connection.exec_driver_sql("DROP INDEX one_incidents_row_a_key")
        connection.exec_driver_sql(change)
    assert any(words in fault for fault in faults_of(store, attempts, []))


def _refuse(attempts: list[Attempt]) -> None:
    one = next(attempt for attempt in attempts if attempt.kind == "publish")
    one.outcome = "busy"


def _promise(attempts: list[Attempt]) -> None:
    one = next(attempt for attempt in attempts if attempt.kind == "publish")
    attempts.append(dataclasses.replace(one, name="w0-99", revision=999, content=""))


def _say_held(attempts: list[Attempt]) -> None:
    new = Lot("w0-98", 1, 2)
    attempts.append(Attempt("w0-98", "publish", adds=[new], outcome="key", before=3, after=5))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(_refuse, "was told 'busy', and is there", id="refused, yet there"),
        pytest.param(_promise, "was told revision 999, and is lost", id="told, yet lost"),
        pytest.param(_say_held, "refused for a key that was free", id="refused without reason"),
    ],
)
def test_the_judge_finds_a_writer_that_was_told_something_else(
    judged, change: Callable[[list[Attempt]], None], words
):
    store, attempts = judged
    change(attempts)
    assert any(words in fault for fault in faults_of(store, attempts, []))


def test_the_judge_finds_a_revision_that_was_read_otherwise(judged):
    store, attempts = judged
    first, second = {5: ("x", "y")}, {5: ("x", "z")}
    faults = faults_of(store, attempts, [first, second])
    assert "revision 5 was not the same to all readers" in faults
    assert "revision 5 was not read as its publications make it" in faults


def test_a_lot_is_whole_or_it_is_told():
    lot = Lot("w0-1", 1, 3)
    titles = dict.fromkeys(lot.incident_ids(), lot.title)
    figures = dict(zip(lot.incident_ids(), lot.figures(), strict=True))
    assert lots_of(titles, figures) == ({"w0-1": lot}, [])
    del titles[lot.incident_ids()[0]], figures[lot.incident_ids()[0]]
    _, faults = lots_of(titles, figures)
    assert faults == ["2 of the 3 rows of w0-1", f"w0-1 does not sum to {lot.people} people"]
