"""The doctor: what is broken is named with a cure, and what is well is not."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.backup import make_backup
from conflictmap.cli import main
from conflictmap.doctor import Finding, examine, installation, storage
from conflictmap.doctor.rows import look_at_rows
from conflictmap.errors import AccessError
from conflictmap.settings import ROOT, Settings
from conflictmap.store import Store, open_store
from tests.test_backup import publish_incidents
from tests.test_uploads_kept import kept, published

ADMIN = LOCAL_ADMINISTRATOR


@pytest.fixture
def store(empty_store_url: str) -> Iterator[Store]:
    """A store with two revisions, a published upload and an open one, on each engine."""
    store = open_store(empty_store_url)
    publish_incidents(store, "synthetic-1", "b")
    published(store, kept(store))
    kept(store, b"open")
    yield store
    store.reader.dispose()
    store.writer.dispose()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Store:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    publish_incidents(store, "a", "b")
    return store


def findings(url: str, *, now: dt.datetime | None = None) -> list[Finding]:
    return list(examine(Settings(store_url=url), now=now))


def states(found: list[Finding]) -> dict[str, str]:
    """Return the worst state of each thing."""
    order = ("ok", "warning", "wrong")
    names = {finding.name for finding in found}
    return {
        name: max((each.state for each in found if each.name == name), key=order.index)
        for name in names
    }


def named(found: list[Finding], name: str) -> Finding:
    return next(finding for finding in found if finding.name == name and finding.state != "ok")


def change(store: Store, *statements: str) -> None:
    with store.writer.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_healthy_installation_has_only_the_backup_to_think_of(store):
    found = findings(store.url)
    assert {name for name, state in states(found).items() if state != "ok"} <= {"backup", "disk"}
    assert named(found, "backup").what == "None is recorded."


def test_recent_backup_is_well_and_an_old_one_a_warning(store, tmp_path):
    make_backup(store, tmp_path, viewer=ADMIN)
    publish_incidents(store, "later")
    assert states(findings(store.url))["backup"] == "ok"
    later = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(days=8)
    said = named(findings(store.url, now=later), "backup")
    assert said.state == "warning"
    assert said.what.endswith("at revision 2; 1 revisions came since.")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE incidents SET withdrawn_in = added_in WHERE row_no = 1",
            "Rows of incidents that are withdrawn before they are added, or in no revision: 1.",
        ),
        (
            "INSERT INTO incidents (incident_id, added_in, withdrawn_in) VALUES ('b', 1, 2)",
            "Rows of incidents that share a key at a revision: 1.",
        ),
        (
            "DELETE FROM upload_rows",
            "Published uploads without their rows or their revision: 1.",
        ),
        (
            "UPDATE uploads SET status = 'dropped' WHERE status = 'published'",
            "Uploads that are not published and have rows or a revision: 1.",
        ),
        (
            "UPDATE upload_rows SET bin = '<b>secret cell</b>'",
            "Rows of uploads in no known bin: 2.",
        ),
        (
            "UPDATE upload_rows SET incident_id = 'nowhere' WHERE bin = 'new'",
            "Rows of uploads that stored nothing and should have: 1.",
        ),
        (
            "UPDATE revisions SET revision = 7 WHERE revision = 3",
            "Numbers of revisions that are missing: 4.",
        ),
    ],
)
def test_row_that_breaks_a_rule_is_counted(store, statement, words):
    publish_incidents(store, "third")
    change(store, "UPDATE incidents SET added_in = 2 WHERE added_in = 3", statement)
    broken = [found for found in look_at_rows(store) if found.state == "wrong"]
    assert words in [found.what for found in broken]
    assert "secret cell" not in repr(broken)


def test_store_that_is_not_there_is_not_made(tmp_path):
    found = findings(f"sqlite:///{tmp_path / 'folder' / 'absent.sqlite'}")
    assert named(found, "store").what == "There is none at the address."
    assert list(tmp_path.iterdir()) == []


def test_store_of_an_earlier_version_is_left_as_it_is(sqlite_store):
    change(sqlite_store, "DELETE FROM schema_versions", "DROP TABLE people")
    change(sqlite_store, "INSERT INTO schema_versions VALUES (4, '2026-01-01 00:00:00.000000')")
    assert "It has schema version 4" in named(findings(sqlite_store.url), "store").what
    with sqlite_store.reader.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert "people" not in names


def test_damaged_file_is_wrong_and_shows_nothing_of_its_rows(tmp_path):
    path = tmp_path / "store.sqlite"
    store = open_store(f"sqlite:///{path}")
    publish_incidents(store, *(f"secret-cell-{number}" for number in range(400)))
    store.reader.dispose()
    store.writer.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        find = "SELECT rootpage FROM sqlite_master WHERE name LIKE 'one_incidents_row%'"
        page = connection.execute(find).fetchone()[0]
    connection.close()
    content = bytearray(path.read_bytes())
    content[page * size - 200 : page * size - 20] = bytes(180)
    path.write_bytes(content)
    found = findings(store.url)
    assert states(found)["integrity"] == "wrong"
    assert "secret-cell" not in repr(found)


def test_row_that_names_no_other_is_wrong(sqlite_store):
    with sqlite_store.writer.connect() as connection:
        connection.rollback()
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("UPDATE incidents SET added_in = 99")
        connection.commit()
    said = [each.what for each in findings(sqlite_store.url) if each.name == "integrity"]
    assert said == ["2 rows name a row that is not there."]


def test_file_that_is_no_store_is_wrong(tmp_path):
    path = tmp_path / "store.sqlite"
    path.write_text("synthetic" * 1000)
    found = named(findings(f"sqlite:///{path}"), "store")
    assert found.state == "wrong"
    assert path.read_text() == "synthetic" * 1000


def test_server_that_does_not_answer_is_told_without_its_password():
    found = named(findings("postgresql://map:planted-Secret-7@127.0.0.1:1/map"), "store")
    assert found.state == "wrong"
    assert "planted-Secret-7" not in repr(found)
    assert "127.0.0.1" not in repr(found)


def test_clock_behind_the_store_is_a_warning(sqlite_store):
    past = dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(days=1)
    assert states(findings(sqlite_store.url, now=past))["clock"] == "warning"
    assert states(findings(sqlite_store.url))["clock"] == "ok"


@pytest.mark.parametrize(("free", "state"), [(10**12, "ok"), (10**9, "warning"), (10**7, "wrong")])
def test_little_room_on_the_disk_is_told(monkeypatch, tmp_path, free, state):
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _: usage)
    (found,) = storage.look_at_disk(f"sqlite:///{tmp_path / 'absent' / 'store.sqlite'}")
    assert found.state == state


def test_packages_are_compared_with_what_is_pinned(tmp_path):
    pins = tmp_path / "requirements.txt"
    pins.write_text(
        "# synthetic\nSQLAlchemy==0.0.1  # old\nno-such-package==1.0\npandas>=1\n-e .\n"
    )
    found = list(installation.look_at_packages(pins))
    assert [(each.state, each.what) for each in found] == [
        ("wrong", "Not installed: no-such-package."),
        ("warning", "Of another version than tested: SQLAlchemy."),
    ]


def test_missing_files_of_the_map_and_of_the_edition_are_wrong(tmp_path):
    assert next(installation.look_at_assets(tmp_path)).state == "wrong"
    assert next(installation.look_at_edition(tmp_path)).state == "wrong"


def test_doctor_is_for_administrators_only(sqlite_store):
    analyst = Viewer("synthetic", "analyst")
    looked = examine(Settings(store_url=sqlite_store.url), acting=lambda *_: analyst)
    told = [next(looked).name]
    with pytest.raises(AccessError):
        told += [finding.name for finding in looked]
    assert "writing" not in told


def test_command_tells_in_lines_or_json_and_by_its_exit_code(monkeypatch, sqlite_store, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", sqlite_store.url)
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ok       writing: The store can be written." in lines
    change(sqlite_store, "UPDATE incidents SET withdrawn_in = 1")
    assert main(["doctor", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["state"] == "wrong"
    assert set(said["findings"][0]) == {field.name for field in dataclasses.fields(Finding)}


def test_command_names_unsafe_settings_from_any_folder(sqlite_store, tmp_path):
    planted = "planted-Secret-7"
    environment = os.environ | {
        "CONFLICTMAP_STORE": sqlite_store.url,
        "CONFLICTMAP_HOSTED": "1",
        "CONFLICTMAP_COOKIE_SECRET": planted,
    }
    done = subprocess.run(
        [sys.executable, "-m", "conflictmap.cli", "doctor"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "wrong    settings: CONFLICTMAP_HOSTED is 1 without a sign-in" in done.stdout
    assert "every address" not in done.stdout
    assert planted not in done.stdout + done.stderr
    assert str(ROOT) not in done.stdout
    assert "say who gives the command" in done.stderr
