"""A publication is whole or absent, whenever its process is killed."""

from __future__ import annotations

import random
import time
from multiprocessing.connection import Connection

import pandas as pd
import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.store import load_revisions, load_table, open_store, publish
from tests.forked import FORKING, begun

ROWS = 3000


def publish_for_ever(url: str, run: int, told: Connection) -> None:
    store = open_store(url)
    told.send("open")
    for turn in range(10_000):
        names = [f"run{run}-{turn}-{n}" for n in range(ROWS)]
        rows = typed_table(TABLES["incidents"], pd.DataFrame({"incident_id": names}))
        publish(store, {"incidents": rows}, viewer=LOCAL_ADMINISTRATOR, note="synthetic")
        told.send("published")


def publish_and_kill(url: str, run: int, publications: int, seconds: float) -> None:
    """Publish in a process of its own and kill it some time after so many publications."""
    heard, told = FORKING.Pipe(duplex=False)
    with heard, begun(publish_for_ever, url, run, told) as process:
        told.close()
        assert heard.recv() == "open"
        for _ in range(publications):
            assert heard.recv() == "published"
        time.sleep(seconds)
        process.kill()


def assert_whole(url: str) -> int:
    """Check that every revision that is there is there whole; return how many there are."""
    store = open_store(url)
    revisions = load_revisions(store, viewer=LOCAL_ADMINISTRATOR)["revision"].tolist()
    assert sorted(revisions) == list(range(1, len(revisions) + 1))
    # PostgreSQL may be about to end what the killed process had asked it to commit.
    rows = load_table(store, "incidents", viewer=LOCAL_ADMINISTRATOR, revision=len(revisions))
    assert rows["added_in"].value_counts().to_dict() == dict.fromkeys(revisions, ROWS)
    if store.reader.dialect.name == "sqlite":
        with store.reader.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    for engine in (store.reader, store.writer):
        engine.dispose()
    return len(revisions)


def storm(url: str, kills: int) -> int:
    chance = random.Random(20221205)
    for run in range(kills):
        publish_and_kill(url, run, run % 3, chance.uniform(0, 0.4))
        published = assert_whole(url)
    return published


def test_killed_publications_are_whole_or_absent(empty_store_url):
    assert storm(empty_store_url, kills=5) > 0


@pytest.mark.slow
def test_storm_of_kills_leaves_the_store_whole(empty_store_url):
    assert storm(empty_store_url, kills=200) > 0
