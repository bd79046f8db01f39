"""Full, read-only, locked: a clear message, nothing half stored, and on without a restart."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.backup import store_hash
from conflictmap.errors import StoreError
from conflictmap.store import (
    Store,
    engine,
    latest_revision,
    load_table,
    load_uploads,
    open_store,
    roll_back,
)
from conflictmap.ui import long_work
from tests.browser import ROOT
from tests.test_backup import publish_incidents
from tests.test_upload import copy_store, sheet_row, table
from tests.test_uploads_kept import kept, published

ADMIN = LOCAL_ADMINISTRATOR
MANY = [f"many-{number}" for number in range(3000)]

FULL = "Nothing was written: the disk of the store is full. Make room, then try again."
BUSY = "Nothing was written: the store is busy: somebody else is writing. Try again in a minute."


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with a revision; who waits for another writer gives up at once."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    publish_incidents(store, "first")
    yield store
    store.reader.dispose()
    store.writer.dispose()


# --- a full disk


@contextmanager
def full(store: Store) -> Iterator[None]:
    """Let the file of a store not grow, as on a full disk."""

    def limit(connection: object, pages: str = "") -> None:
        connection.execute(f"PRAGMA max_page_count={pages or 1}").fetchall()

    def on_checkout(connection: object, *_: object) -> None:
        limit(connection)

    sa.event.listen(store.writer, "checkout", on_checkout)
    try:
        yield
    finally:
        sa.event.remove(store.writer, "checkout", on_checkout)
        with store.writer.connect() as connection:
            limit(connection.connection.driver_connection, "4294967294")


def test_publication_on_a_full_disk_is_absent_and_can_be_tried_again(store):
    before = store_hash(store, viewer=ADMIN)
    with full(store), pytest.raises(StoreError) as told:
        publish_incidents(store, *MANY)
    assert str(told.value) == FULL
    assert store_hash(store, viewer=ADMIN) == before
    assert publish_incidents(store, *MANY) == 2
    assert len(load_table(store, "incidents", viewer=ADMIN)) == 1 + len(MANY)


def test_upload_on_a_full_disk_is_not_kept_and_can_be_tried_again(store):
    content = bytes(10**6)
    with full(store), pytest.raises(StoreError) as told:
        kept(store, content)
    assert str(told.value) == FULL
    assert load_uploads(store, viewer=ADMIN).empty
    number = kept(store, content)
    with full(store), pytest.raises(StoreError):
        publish_incidents(store, *MANY)
    assert published(store, number) == 2


# What a process of its own does on a disk that it fills and frees: whatever it says is checked.
ON_A_SMALL_DISK = """
import json, resource, sys
from pathlib import Path
from conflictmap.access import LOCAL_ADMINISTRATOR as ADMIN
from conflictmap.backup import make_backup, store_hash
from conflictmap.errors import StoreError
from conflictmap.store import open_store
from tests.test_backup import publish_incidents

folder, is_disk = Path(sys.argv[1]), sys.argv[2] == "disk"
many = [f"many-{number}" for number in range(3000)]
store = open_store(f"sqlite:///{folder / 'store.sqlite'}")
publish_incidents(store, "first")
filler = folder / "filler"
said = {"before": store_hash(store, viewer=ADMIN)}

def fill():
    if not is_disk:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        return
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass

def free():
    filler.unlink(missing_ok=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

def tried(act):
    try:
        act()
    except StoreError as error:
        return str(error)
    return "done"

backups = folder / "backups"
backups.mkdir()
fill()
said["publish"] = tried(lambda: publish_incidents(store, *many))
said["backup"] = tried(lambda: make_backup(store, backups, viewer=ADMIN))
said["left"] = [path.name for path in backups.iterdir()]
free()
said["after"] = store_hash(store, viewer=ADMIN)
said["backup again"] = tried(lambda: make_backup(store, backups, viewer=ADMIN))
said["publish again"] = tried(lambda: publish_incidents(store, *many))
with store.reader.connect() as connection:
    said["integrity"] = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    said["rows"] = connection.exec_driver_sql("SELECT count(*) FROM incidents").scalar()
print(json.dumps(said))
"""

ALONE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
MOUNT = 'mount -t tmpfs -o size="$2" none "$1" && shift 2 && exec "$@"'


def on_small_disk(folder: Path, *command: str, size: str = "3m") -> list[str]:
    """Return a command that runs with a small disk of its own at a folder."""
    return [*ALONE, "sh", "-c", MOUNT, "sh", str(folder), size, *command]


def can_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    done = subprocess.run(on_small_disk(folder, "true"), capture_output=True, check=False)
    return done.returncode == 0


def test_disk_that_fills_up_is_lived_through_by_the_same_process(tmp_path):
    command = [sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path)]
    # Where no disk can be mounted, files that may not grow stand in for it.
    is_disk = can_mount(tmp_path)
    command = on_small_disk(tmp_path, *command, "disk") if is_disk else [*command, "files"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    if is_disk:
        assert said["publish"] == FULL
    assert said["publish"].startswith("Nothing was written: ")
    assert said["backup"].startswith("The backup cannot be written (")
    assert (said["left"], said["after"]) == ([], said["before"])
    assert (said["publish again"], said["backup again"]) == ("done", "done")
    assert (said["integrity"], said["rows"]) == ("ok", 1 + len(MANY))


def test_ingest_on_a_full_disk_says_so_and_is_finished_by_the_same_command(store_url, tmp_path):
    url = copy_store(store_url, tmp_path / "store.sqlite")
    before, path = open_store(url), tmp_path / "desk.csv"
    revision, held = latest_revision(before, viewer=ADMIN), store_hash(before, viewer=ADMIN)
    before.reader.dispose()
    before.writer.dispose()
    path.write_bytes(table(*(sheet_row(1, id=f"r{number}") for number in range(400))))

    def ingest(most_bytes: int) -> subprocess.CompletedProcess[str]:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

        return subprocess.run(
            [sys.executable, "-B", "-m", "conflictmap.cli", "ingest", str(path)],
            cwd=ROOT,
            env=os.environ | {"CONFLICTMAP_STORE": url},
            preexec_fn=limit,
            capture_output=True,
            text=True,
            check=False,
        )

    done = ingest(150_000)
    assert done.returncode == 1
    assert done.stderr.startswith("Nothing was written: ")
    assert len(done.stderr.splitlines()) == 1
    again = open_store(url)
    assert latest_revision(again, viewer=ADMIN) == revision
    if load_uploads(again, viewer=ADMIN).empty:
        assert store_hash(again, viewer=ADMIN) == held

    assert ingest(resource.RLIM_INFINITY).returncode in (0, 2)
    assert latest_revision(again, viewer=ADMIN) == revision + 1


# --- a disk that may only be read

READ_ONLY = """
import json, os, sys
from pathlib import Path
from conflictmap.access import LOCAL_ADMINISTRATOR as ADMIN
from conflictmap.errors import StoreError
from conflictmap.store import latest_revision, open_store
from tests.test_backup import publish_incidents

folder = Path(sys.argv[1])
store = open_store(f"sqlite:///{folder / 'store.sqlite'}")
publish_incidents(store, "first")
store.reader.dispose()
store.writer.dispose()

def tried(act):
    try:
        return act()
    except StoreError as error:
        return str(error)

(folder / "store.sqlite").chmod(0o444)
folder.chmod(0o555)
try:
    said = {"publish": tried(lambda: publish_incidents(store, "second"))}
    said["open"] = tried(lambda: open_store(store.url).kind)
finally:
    folder.chmod(0o755)
    (folder / "store.sqlite").chmod(0o644)
store.writer.dispose()
said["again"] = tried(lambda: publish_incidents(store, "second"))
said["revision"] = latest_revision(store, viewer=ADMIN)
print(json.dumps(said))
"""


def test_disk_that_may_only_be_read_is_told_and_lived_through(tmp_path):
    command = [sys.executable, "-c", READ_ONLY, str(tmp_path)]
    if os.geteuid() == 0:  # to whom rights of files mean nothing otherwise
        command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["publish"].startswith("Nothing was written: the store ")
    assert said["open"].startswith("The store cannot be opened. Check CONFLICTMAP_STORE")
    assert (said["again"], said["revision"]) == (2, 2)


# --- a store that somebody else holds

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_another_process(store: Store) -> Iterator[None]:
    path = sa.make_url(store.url).database
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            process.communicate()


def test_locked_store_is_read_and_says_to_writers_that_it_is_busy(store):
    with held_by_another_process(store):
        assert load_table(store, "incidents", viewer=ADMIN)["incident_id"].tolist() == ["first"]
        for act in (
            lambda: publish_incidents(store, "second"),
            lambda: kept(store),
            lambda: roll_back(store, 0, viewer=ADMIN),
        ):
            with pytest.raises(StoreError) as told:
                act()
            assert str(told.value) == BUSY
    assert latest_revision(store, viewer=ADMIN) == 1
    assert publish_incidents(store, "second") == 2


def test_upload_page_says_that_the_store_is_busy_and_publishes_afterwards(
    store_url, tmp_path, monkeypatch
):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    monkeypatch.setattr(long_work, "PATIENCE_S", 60)
    url = copy_store(store_url, tmp_path / "store.sqlite")
    monkeypatch.setenv("CONFLICTMAP_STORE", url)
    st.cache_resource.clear()
    page = AppTest.from_file(str(ROOT / "pages" / "upload.py"), default_timeout=120).run()
    page.file_uploader[0].set_value(("synthetic.csv", table(sheet_row(1)), "text/csv")).run()
    store = open_store(url)
    before = latest_revision(store, viewer=ADMIN)

    with held_by_another_process(store):
        press_publish(page)
        assert [error.value for error in page.error] == ["Nothing was changed."]
        assert BUSY in [text.value for text in page.text]
        assert latest_revision(store, viewer=ADMIN) == before
    press_publish(page)
    assert [error.value for error in page.error] == []
    assert latest_revision(store, viewer=ADMIN) == before + 1
    st.cache_resource.clear()


def press_publish(page: AppTest) -> None:
    next(button for button in page.button if button.label.startswith("Publish")).click().run()
