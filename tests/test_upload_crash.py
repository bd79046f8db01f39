"""An upload by the command is whole or absent, whenever its process is killed."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.store import load_revisions, load_tables, load_uploads, open_store
from tests.forked import Command, begun_command
from tests.postgres import ENGINES
from tests.test_upload import sheet_row, table


@dataclass(frozen=True)
class Sizes:
    """Records of the first file, of the second, and how many it changes."""

    old: int
    new: int
    changed: int


FEW, MANY = Sizes(300, 500, 50), Sizes(1500, 2500, 500)
ASIDE = [
    sheet_row(2, id="bad", date="31/02/2019"),
    sheet_row(3, id="unsure", district="Bagrammi"),
]


def record(number: int, killed: int) -> dict[str, str]:
    """Return a synthetic record, known to its province: nobody takes it for another one's."""
    day = f"2019-{number % 12 + 1:02}-05"
    return sheet_row(1, id=f"r{number}", date=day, district="", killed=str(killed))


def first_file(folder: Path, sizes: Sizes) -> Path:
    path = folder / "first" / "desk.csv"
    path.parent.mkdir()
    path.write_bytes(table(*(record(number, 1) for number in range(sizes.old)), *ASIDE))
    return path


def second_file(folder: Path, sizes: Sizes) -> Path:
    path = folder / "desk.csv"
    records = [record(number, 7 if number < sizes.changed else 1) for number in range(sizes.new)]
    path.write_bytes(table(*records, *ASIDE))
    return path


@contextmanager
def ingest(url: str, file: Path) -> Iterator[Command]:
    words = ["ingest", str(file), "--json"]
    with begun_command(words, file.with_suffix(".json"), CONFLICTMAP_STORE=url) as command:
        yield command


def finished(url: str, file: Path) -> dict[str, object]:
    """Run the command to its end; return its report."""
    with ingest(url, file) as command:
        command.process.join()
        assert command.process.exitcode == 2  # two rows are aside
    report: dict[str, object] = json.loads(command.said.read_text("utf-8"))
    return report


def whole_state(url: str, sizes: Sizes) -> str:
    """Check that the store holds the first file or the second, each whole; return which."""
    store = open_store(url)
    tables = load_tables(store, viewer=LOCAL_ADMINISTRATOR)
    revisions = load_revisions(store, viewer=LOCAL_ADMINISTRATOR)["revision"].tolist()
    uploads = load_uploads(store, viewer=LOCAL_ADMINISTRATOR)
    with store.reader.connect() as connection:
        if store.reader.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        accounted = connection.exec_driver_sql(
            "SELECT upload_id, count(*) FROM upload_rows GROUP BY upload_id ORDER BY upload_id"
        ).all()
    for engine in (store.reader, store.writer):
        engine.dispose()

    is_second = len(revisions) == 2
    records, changed = (sizes.new, sizes.changed) if is_second else (sizes.old, 0)
    assert sorted(revisions) == list(range(1, len(revisions) + 1))
    incidents = set(tables["incidents"]["incident_id"])
    assert incidents == {f"desk-r{number}" for number in range(records)}
    for name in ("incidents", "incident_places", "casualties", "incident_sources"):
        assert len(tables[name]) == records
        assert set(tables[name]["incident_id"]) == incidents
    assert tables["casualties"]["best"].value_counts().get(7, 0) == changed
    assert len(tables["sources"]) == 1
    done = uploads[uploads["status"] == "published"].sort_values("upload_id")
    assert done["revision"].tolist() == sorted(revisions)
    rows = [sizes.old + len(ASIDE), sizes.new + len(ASIDE)][: len(revisions)]
    assert accounted == list(zip(done["upload_id"], rows, strict=True))
    assert set(uploads["status"]) <= {"published", "open"}
    return "second" if is_second else "first"


@dataclass(frozen=True)
class Begun:
    """A store that holds the first file, and how to get a copy of it once more."""

    url: str
    sizes: Sizes
    copy: Callable[[], str]  # its address; the copy before is given up
    left: Callable[[str], None]  # wait until nobody is at work in one


@pytest.fixture(params=ENGINES)
def begun(request: pytest.FixtureRequest, sizes: Sizes, tmp_path: Path) -> Begun:
    """A store that holds the first file, on each engine."""
    if request.param == "sqlite":
        path, copied = tmp_path / "begun.sqlite", tmp_path / "store.sqlite"
        url = f"sqlite:///{path}"

        def copy() -> str:
            assert not list(tmp_path.glob("begun.sqlite-*")), "the store is not in one file"
            for part in tmp_path.glob("store.sqlite*"):
                part.unlink()
            shutil.copy(path, copied)
            return f"sqlite:///{copied}"

        result = Begun(url, sizes, copy, lambda url: None)
    else:
        cluster = request.getfixturevalue("postgresql")
        url = request.getfixturevalue("postgresql_store_url")
        copies: list[str] = []

        def copy() -> str:
            for old in copies:
                cluster.drop_database(old)
            copies[:] = [cluster.copy_database(url)]
            return copies[0]

        result = Begun(url, sizes, copy, cluster.wait_until_left)
    finished(result.url, first_file(tmp_path, sizes))
    assert whole_state(result.url, sizes) == "first"
    return result


def storm(folder: Path, begun: Begun, kills: int) -> list[str]:
    """Kill so many imports, at any moment of them; return what each left in the store."""
    chance = random.Random(20210815)
    sizes = begun.sizes
    file = second_file(folder, sizes)
    url = begun.copy()
    started = time.monotonic()
    finished(url, file)
    longest = time.monotonic() - started

    left = []
    for kill in range(kills):
        url = begun.copy()
        # Two of three kills fall into the second half, where the store is written.
        earliest = 0.5 if kill % 3 else 0.0
        with ingest(url, file) as command:
            time.sleep(chance.uniform(earliest, 1.05) * longest)
            command.process.kill()
        begun.left(url)
        left.append(whole_state(url, sizes))
        report = finished(url, file)
        is_there = left[-1] == "second"
        settled = {"unchanged": sizes.new, "changed": 0, "new": 0} if is_there else {}
        fresh = {
            "unchanged": sizes.old - sizes.changed,
            "changed": sizes.changed,
            "new": sizes.new - sizes.old,
        }
        assert {name: report["bins"][name] for name in fresh} == (settled or fresh)
        assert report["revision"] == (None if is_there else 2)
        assert whole_state(url, sizes) == "second"
    return left


@pytest.mark.parametrize("sizes", [FEW], ids=["few"])
def test_killed_imports_are_whole_or_absent_and_can_be_finished(begun, tmp_path):
    assert "first" in storm(tmp_path, begun, kills=2)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [MANY], ids=["many"])
def test_storm_of_kills_leaves_every_import_whole_or_absent(begun, tmp_path):
    assert set(storm(tmp_path, begun, kills=200)) == {"first", "second"}
