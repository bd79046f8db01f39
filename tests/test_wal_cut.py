"""A store whose write-ahead log is cut anywhere holds the last revision that is whole in it."""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from pathlib import Path

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.backup import store_hash
from conflictmap.store import Store, open_store, roll_back
from tests.test_backup import publish_incidents
from tests.test_uploads_kept import kept, published

ADMIN = LOCAL_ADMINISTRATOR

# "WAL File Format" in SQLite's documentation of its file format.
WAL_HEADER, FRAME_HEADER = 32, 24


@dataclass(frozen=True)
class Written:
    """The files of a store as they are while it is in use, and its hash after each change."""

    database: bytes
    log: bytes
    states: tuple[str, ...]  # of the database alone, and after each transaction in the log
    page_bytes: int

    @property
    def frames(self) -> list[int]:
        """Return where each page of the log begins, and where the last one ends."""
        step = FRAME_HEADER + self.page_bytes
        return list(range(WAL_HEADER, len(self.log) + 1, step))

    def state_at(self, length: int) -> str:
        """Return what the store holds if so many bytes of the log are left."""
        ends = [end for start, end in itertools.pairwise(self.frames) if self._commits(start)]
        return self.states[sum(end <= length for end in ends)]

    def _commits(self, start: int) -> bool:
        """Say whether a page is the last one of its transaction: it then tells the file's size."""
        return struct.unpack_from(">I", self.log, start + 4)[0] > 0


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    path = tmp_path_factory.mktemp("wal") / "store.sqlite"
    store = open_store(f"sqlite:///{path}")
    with store.writer.connect() as connection:
        connection.rollback()
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        driver.execute("PRAGMA wal_autocheckpoint=0")
        (page_bytes,) = driver.execute("PRAGMA page_size").fetchone()
    database = path.read_bytes()
    states = [store_hash(store, viewer=ADMIN)]
    for change in CHANGES:
        change(store)
        states.append(store_hash(store, viewer=ADMIN))
    assert path.read_bytes() == database, "the log was written back"
    log = Path(f"{path}-wal").read_bytes()
    return Written(database, log, tuple(states), page_bytes)


CHANGES = (
    lambda store: publish_incidents(store, *(f"a{number}" for number in range(900))),
    kept,
    lambda store: publish_incidents(store, *(f"b{number}" for number in range(300))),
    lambda store: published(store, 1),
    lambda store: roll_back(store, 1, viewer=ADMIN),
    lambda store: publish_incidents(store, "last"),
)


def assert_whole(written: Written, folder: Path, length: int, rest: bytes = b"") -> None:
    """Cut the log, put something behind the cut, and look at what the store then holds."""
    path = folder / f"{length}-{len(rest)}.sqlite"
    path.write_bytes(written.database)
    Path(f"{path}-wal").write_bytes(written.log[:length] + rest)
    store = open_store(f"sqlite:///{path}")
    try:
        assert store_hash(store, viewer=ADMIN) == written.state_at(length)
        with store.reader.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    finally:
        close(store)
        for part in folder.glob(f"{path.name}*"):
            part.unlink()


def close(store: Store) -> None:
    store.reader.dispose()
    store.writer.dispose()


def test_every_change_is_another_state(written):
    assert len(set(written.states)) == len(CHANGES) + 1
    assert written.state_at(0) == written.states[0]
    assert written.state_at(len(written.log)) == written.states[-1]


def test_log_cut_at_some_pages_leaves_whole_revisions(written, tmp_path):
    for number, start in enumerate(written.frames[::9]):
        assert_whole(written, tmp_path, start)
        assert_whole(written, tmp_path, max(start - 1 - 97 * number, 0))
    assert_whole(written, tmp_path, len(written.log))


def test_store_with_a_cut_log_is_written_again(written, tmp_path):
    path = tmp_path / "store.sqlite"
    path.write_bytes(written.database)
    Path(f"{path}-wal").write_bytes(written.log[: written.frames[len(written.frames) // 2] + 100])
    store = open_store(f"sqlite:///{path}")
    before = store_hash(store, viewer=ADMIN)
    publish_incidents(store, "after")
    close(store)
    again = open_store(f"sqlite:///{path}")
    assert store_hash(again, viewer=ADMIN) != before
    publish_incidents(again, "and once more")
    close(again)


@pytest.mark.slow
def test_log_cut_at_every_page_leaves_whole_revisions(written, tmp_path):
    for start in written.frames:
        assert_whole(written, tmp_path, start)


@pytest.mark.slow
def test_log_cut_within_every_page_leaves_whole_revisions(written, tmp_path):
    for number, start in enumerate(written.frames[:-1]):
        for odd in (1, FRAME_HEADER - 1, FRAME_HEADER, 512, 37 * number):
            assert_whole(written, tmp_path, start + odd % (FRAME_HEADER + written.page_bytes))


@pytest.mark.slow
@pytest.mark.parametrize("filler", [b"\x00", b"\xff"])
def test_log_that_ends_in_rubbish_leaves_whole_revisions(written, tmp_path, filler):
    for start in written.frames[:-1]:
        # A disk that wrote the length of a file before its content.
        assert_whole(written, tmp_path, start, filler * (len(written.log) - start))
