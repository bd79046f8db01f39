"""Backup: one state of a store in a file, and the same store from it on either engine."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.backup import (
    BackupMade,
    check_backup,
    last_backup,
    make_backup,
    restore_backup,
    store_hash,
)
from conflictmap.backup.archive import BackupWriter, backup_lines
from conflictmap.backup.lines import lines_of, rows_of
from conflictmap.cli import main
from conflictmap.errors import AccessError, StoreError
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.store import (
    Store,
    latest_revision,
    load_audit,
    load_revisions,
    load_table,
    open_store,
    publish,
)
from conflictmap.store.tables import WORKED_OUT, aggregates, metadata, uploads
from tests.browser import ROOT
from tests.postgres import ENGINES, closed_afterwards

ADMIN = LOCAL_ADMINISTRATOR
MADE_WITH_THE_STORE = {"schema_versions", "store_kind"}

TEXTS = ["", "NULL", "synthetic\nline\r\n\u2028\t\"quoted\" \\ 'x'", "گزارش ساختگی \U0001f4a5"]
NUMBERS = [0.1, -34.555555555555557, 5e-324, 1.7976931348623157e308]
BYTES = [b"", bytes(range(256)) * 3, b"\n", b"\x00"]
DAYS = [dt.date(1, 1, 1), dt.date(2021, 8, 15), dt.date(9999, 12, 31), dt.date(2024, 2, 29)]
INSTANTS = [
    dt.datetime(2021, 8, 15),
    dt.datetime(2024, 2, 29, 23, 59, 59, 999999),
    dt.datetime(2026, 1, 1, 0, 0, 0, 1),
    dt.datetime(1989, 2, 15, 12, 30),
]


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Give addresses of stores that are not made yet, on the engine that is named."""
    numbers, cluster, made = itertools.count(), None, []

    def fresh(engine: str) -> str:
        nonlocal cluster
        if engine == "sqlite":
            return f"sqlite:///{tmp_path / f'store-{next(numbers)}.sqlite'}"
        cluster = request.getfixturevalue("postgresql")
        made.append(cluster.fresh_database())
        return made[-1]

    with closed_afterwards():
        yield fresh
    for url in made:
        cluster.drop_database(url)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with two revisions of synthetic incidents."""
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    publish_incidents(store, "a", "b")
    publish_incidents(store, "c")
    return store


def publish_incidents(store: Store, *ids: str) -> int:
    rows = [{"incident_id": id, "title": "synthetic", "date_precision": "unknown"} for id in ids]
    added = {"incidents": typed_table(TABLES["incidents"], rows)}
    return publish(store, added, viewer=ADMIN, note="synthetic")


def fill_every_column(store: Store) -> None:
    """Put four rows into each table: every column with its strangest cells, and with none."""
    with store.writer.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name in MADE_WITH_THE_STORE:
                continue
            rows = [
                {column.name: _cell(column, number) for column in table.columns}
                for number in range(4)
            ]
            connection.execute(table.insert(), rows)


def _cell(column: sa.Column, number: int) -> object:
    if column.primary_key or column.foreign_keys:
        is_number = isinstance(column.type, sa.Integer)
        return number + 1 if is_number else f"synthetic {number}{TEXTS[number]}"
    if column.nullable and number == 3:
        return None
    if isinstance(column.type, sa.Boolean):
        return number % 2 == 0
    of_kind = {
        sa.Date: DAYS,
        sa.DateTime: INSTANTS,
        sa.Float: NUMBERS,
        sa.Integer: [0, -1, 2**31 - 1, 7],
        sa.LargeBinary: BYTES,
        sa.Text: TEXTS,
    }
    cells = next(cells for kind, cells in of_kind.items() if isinstance(column.type, kind))
    # A key must be another one in each row.
    if isinstance(column.type, sa.Text):
        return f"{cells[number]}{number if column.name.endswith('_id') else ''}"
    return cells[number]


def all_rows(store: Store) -> dict[str, list[tuple]]:
    """Return every row of every table, read without the code under test."""
    with store.reader.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr)
            for name, table in metadata.tables.items()
        }


def backup(store: Store, folder: Path, **more: object) -> BackupMade:
    return make_backup(store, folder, viewer=ADMIN, **more)


@pytest.mark.parametrize("into", ENGINES)
@pytest.mark.parametrize("out_of", ENGINES)
def test_restored_store_is_the_same_in_every_cell_of_every_table(address, tmp_path, out_of, into):
    store = open_store(address(out_of))
    fill_every_column(store)
    before, rows = store_hash(store, viewer=ADMIN), all_rows(store)
    made = backup(store, tmp_path / "made.zip")

    url = address(into)
    assert restore_backup(made.path, url, viewer=ADMIN) == made.manifest
    restored = open_store(url)
    assert all_rows(restored) == rows | {name: [] for name in WORKED_OUT}
    assert store_hash(restored, viewer=ADMIN) == made.manifest.store_hash == before
    # A backup of the copy is the same but for the time it was made at.
    again = backup(restored, tmp_path / "again.zip")
    assert again.manifest.tables == made.manifest.tables


def test_what_is_worked_out_from_the_rows_is_in_no_backup_and_in_no_hash(tmp_path, store):
    before = store_hash(store, viewer=ADMIN)
    cells = {"after_revision": 0, "revision": 2, "name": "synthetic", "format": 1}
    with store.writer.begin() as connection:
        connection.execute(aggregates.insert().values(**cells, content=b"synthetic"))
    assert store_hash(store, viewer=ADMIN) == before
    made = backup(store, tmp_path / "made.zip")
    assert "aggregates" not in {kept.table.name for kept in made.manifest.tables}
    restore_backup(made.path, f"sqlite:///{tmp_path / 'again.sqlite'}", viewer=ADMIN)
    restored = open_store(f"sqlite:///{tmp_path / 'again.sqlite'}")
    assert all_rows(restored)["aggregates"] == []
    assert store_hash(restored, viewer=ADMIN) == before


@pytest.mark.parametrize("engine", ENGINES)
def test_restored_store_goes_on_where_the_backup_ended(address, tmp_path, store, engine):
    made = backup(store, tmp_path / "made.zip")
    url = address(engine)
    restore_backup(made.path, url, viewer=ADMIN)
    restored = open_store(url)
    assert publish_incidents(restored, "d") == 3
    found = load_table(restored, "incidents", viewer=ADMIN)
    assert found["incident_id"].tolist() == ["a", "b", "c", "d"]
    with pytest.raises(StoreError):  # the index that keeps a key from being held twice is there
        publish_incidents(restored, "d")


@pytest.mark.parametrize("engine", ENGINES)
def test_backup_is_one_state_while_others_publish(address, tmp_path, engine):
    store = open_store(address(engine))
    for number in range(3):
        publish_incidents(store, f"{number}-a", f"{number}-b")
    before, published = store_hash(store, viewer=ADMIN), []

    def meanwhile(work: str, done: int, rows: int) -> None:
        if len(published) < 4:
            number = 3 + len(published)
            published.append(publish_incidents(store, f"{number}-a", f"{number}-b"))

    made = backup(store, tmp_path / "made.zip", progress=meanwhile)
    assert published == [4, 5, 6, 7]
    assert (made.manifest.revision, made.manifest.store_hash) == (3, before)
    restore_backup(made.path, f"sqlite:///{tmp_path / 'restored.sqlite'}", viewer=ADMIN)
    restored = open_store(f"sqlite:///{tmp_path / 'restored.sqlite'}")
    assert len(load_table(restored, "incidents", viewer=ADMIN)) == 6
    assert len(load_table(store, "incidents", viewer=ADMIN)) == 14


def test_hash_changes_with_every_change_but_not_with_a_backup(store, tmp_path):
    first = store_hash(store, viewer=ADMIN)
    backup(store, tmp_path)
    assert store_hash(store, viewer=ADMIN) == first
    with store.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE incidents SET title = NULL WHERE row_no = 1")
    missing = store_hash(store, viewer=ADMIN)
    with store.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE incidents SET title = '' WHERE row_no = 1")
    assert len({first, missing, store_hash(store, viewer=ADMIN)}) == 3


def test_backup_is_for_administrators_only(store, tmp_path):
    analyst = Viewer("synthetic analyst", "analyst")
    made = backup(store, tmp_path / "made.zip")
    for refused in (
        lambda: make_backup(store, tmp_path, viewer=analyst),
        lambda: restore_backup(made.path, f"sqlite:///{tmp_path / 'x.sqlite'}", viewer=analyst),
        lambda: store_hash(store, viewer=analyst),
        lambda: last_backup(store, viewer=analyst),
    ):
        with pytest.raises(AccessError):
            refused()
    assert not (tmp_path / "x.sqlite").exists()


def test_backup_is_readable_to_its_owner_only_and_recorded(store, tmp_path):
    assert last_backup(store, viewer=ADMIN) is None
    made = backup(store, tmp_path)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    last = last_backup(store, viewer=ADMIN)
    assert (last.who, last.revision, last.label) == (ADMIN.name, 2, made.path.name)
    assert load_audit(store, viewer=ADMIN)["action"].iloc[0] == "backup"


def test_backup_does_not_take_the_place_of_a_file(store, tmp_path):
    there = tmp_path / "there.zip"
    there.write_text("synthetic")
    with pytest.raises(StoreError, match="there already"):
        backup(store, there)
    with pytest.raises(StoreError, match="in a folder only"):
        backup(store, tmp_path / "new.zip", keep=1)
    assert there.read_text() == "synthetic"
    assert not (tmp_path / "new.zip").exists()


def test_cancelled_backup_leaves_no_file(store, tmp_path):
    def cancel(*_: object) -> None:
        raise KeyboardInterrupt

    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        backup(store, folder, progress=cancel)
    assert list(folder.iterdir()) == []
    assert last_backup(store, viewer=ADMIN) is None


KILLED = """
import sys, time
from pathlib import Path
from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.backup import make_backup, open_made_store

def wait(*_):
    print("writing", flush=True)
    time.sleep(600)

make_backup(
    open_made_store(sys.argv[1]), Path(sys.argv[2]), viewer=LOCAL_ADMINISTRATOR, progress=wait
)
"""


def test_what_a_killed_backup_left_is_removed_by_the_next(store, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    command = [sys.executable, "-c", KILLED, store.url, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"writing\n"
        beside = backup(store, folder)  # while the other one is at work, its part stays
        assert len(list(folder.iterdir())) == 2
        process.send_signal(signal.SIGKILL)
    made = backup(store, folder)
    assert sorted(folder.iterdir()) == sorted([beside.path, made.path])


def test_older_backups_are_let_go_and_nothing_else(store, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    other = open_store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    stranger = backup(other, folder).path
    old = [backup(store, folder).path for _ in range(3)]
    named_alike = folder / old[0].name.replace("revision-2", "revision-77")
    named_alike.write_text("synthetic")
    renamed = folder / "keep.zip"
    shutil.copy(old[0], renamed)

    made = backup(store, folder, keep=2)
    assert sorted(made.removed) == sorted(path.name for path in old[:2])
    assert set(folder.iterdir()) == {stranger, named_alike, renamed, old[2], made.path}


# --- restoring into what is not empty


def test_store_that_holds_anything_is_not_restored_into(store, tmp_path):
    made = backup(store, tmp_path / "made.zip")
    publish_incidents(store, "d")
    with pytest.raises(StoreError, match="the store is not empty"):
        restore_backup(made.path, store.url, viewer=ADMIN)
    assert latest_revision(store, viewer=ADMIN) == 3


def test_empty_store_is_restored_into(store, tmp_path):
    made = backup(store, tmp_path / "made.zip")
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    open_store(url, kind="synthetic")
    restore_backup(made.path, url, viewer=ADMIN)
    assert open_store(url).kind == "real"
    assert load_revisions(open_store(url), viewer=ADMIN)["revision"].tolist() == [2, 1]


@pytest.mark.parametrize("engine", ENGINES)
def test_restore_that_fails_leaves_the_store_as_it_was(address, store, tmp_path, engine):
    made = backup(store, tmp_path / "made.zip")

    def fail(work: str, done: int, rows: int) -> None:
        if work == "comparing":
            raise KeyboardInterrupt

    absent, empty = address(engine), address(engine)
    before = all_rows(open_store(empty))
    for url in (absent, empty):
        with pytest.raises(KeyboardInterrupt):
            restore_backup(made.path, url, viewer=ADMIN, progress=fail)
    assert all_rows(open_store(empty)) == before
    assert sum(map(len, all_rows(open_store(absent)).values())) == len(MADE_WITH_THE_STORE)
    restore_backup(made.path, empty, viewer=ADMIN)
    assert store_hash(open_store(empty), viewer=ADMIN) == made.manifest.store_hash


# --- damaged and changed files


def test_truncated_backup_is_refused_wherever_it_is_cut(store, tmp_path):
    content = backup(store, tmp_path / "made.zip").path.read_bytes()
    cut = tmp_path / "cut.zip"
    for length in range(0, len(content), 499):
        cut.write_bytes(content[:length])
        with pytest.raises(StoreError):
            restore_backup(cut, f"sqlite:///{tmp_path / 'never.sqlite'}", viewer=ADMIN)
    assert not (tmp_path / "never.sqlite").exists()


def test_backup_with_a_wrong_byte_is_refused_or_says_the_same(store, tmp_path):
    made = backup(store, tmp_path / "made.zip")
    content, refused = made.path.read_bytes(), 0
    wrong = tmp_path / "wrong.zip"
    for place in range(0, len(content), 101):
        changed = bytearray(content)
        changed[place] ^= 1 << (place % 8)
        wrong.write_bytes(changed)
        try:
            manifest = check_backup(wrong)
        except StoreError:
            refused += 1
            continue
        # A date or an attribute of the zip, which says nothing of the store.
        assert manifest == made.manifest
        for kept in manifest.tables:
            said = list(backup_lines(wrong, kept.table))
            assert said == list(backup_lines(made.path, kept.table))
    assert refused > len(content) / 101 / 2


def rewritten(path: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Write the files of a zip into another one, each as `change` gives it back."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("tables/incidents.jsonl", b'"synthetic"', b'"other"'),
        ("tables/incidents.jsonl", b'"unknown"', b"null"),
        ("manifest.json", b'"revision": 2', b'"revision": 3'),
    ],
)
def test_changed_backup_is_refused(store, tmp_path, name, old, new):
    made = backup(store, tmp_path / "made.zip")

    def change(member: str, content: bytes) -> bytes:
        if member != name:
            return content
        assert old in content
        return content.replace(old, new)

    changed = rewritten(made.path, tmp_path / "changed.zip", change)
    with pytest.raises(StoreError, match=r"changed\.zip is damaged"):
        check_backup(changed)


def test_backup_with_another_hash_is_refused(store, tmp_path):
    made = backup(store, tmp_path / "made.zip")

    def change(member: str, content: bytes) -> bytes:
        return content[::-1] if member == "manifest.sha256" else content

    changed = rewritten(made.path, tmp_path / "changed.zip", change)
    with pytest.raises(StoreError, match=r"changed\.zip is damaged"):
        check_backup(changed)


def test_backup_with_a_table_less_or_a_file_more_is_refused(store, tmp_path):
    made = backup(store, tmp_path / "made.zip")
    less = rewritten(
        made.path,
        tmp_path / "less.zip",
        lambda name, content: None if "casualties" in name else content,
    )
    more = tmp_path / "more.zip"
    shutil.copy(made.path, more)
    with zipfile.ZipFile(more, "a") as archive:
        archive.writestr("more.txt", "synthetic")
    for path in (less, more):
        with pytest.raises(StoreError, match="other files than its manifest names"):
            check_backup(path)


def test_file_that_is_no_backup_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "synthetic")
    (tmp_path / "b.zip").write_text("synthetic")
    with pytest.raises(StoreError, match=r"a\.zip is no backup of this program"):
        check_backup(tmp_path / "a.zip")
    with pytest.raises(StoreError, match=r"b\.zip is damaged: it cannot be unpacked"):
        check_backup(tmp_path / "b.zip")
    with pytest.raises(StoreError, match=r"c\.zip cannot be read \(FileNotFoundError\)"):
        check_backup(tmp_path / "c.zip")


# --- the commands


@pytest.fixture
def command(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setenv("CONFLICTMAP_STORE", store.url)
    return lambda *arguments: main([str(argument) for argument in arguments])


def test_command_backs_up_checks_and_restores_with_the_same_hash(command, store, tmp_path, capsys):
    folder = tmp_path / "backups"
    folder.mkdir()
    assert command("backup", "--hash") == 0
    digest = capsys.readouterr().out.strip()
    assert command("backup", folder, "--keep", 3) == 0
    (made,) = folder.iterdir()
    assert f"{made.name}: revision 2 of a real store" in (said := capsys.readouterr().out)
    assert f"Hash: {digest}\n" in said
    assert command("backup", "--check", made) == 0
    assert f"{made.name} is whole" in (said := capsys.readouterr().out)
    assert digest in said

    into = f"sqlite:///{tmp_path / 'restored.sqlite'}"
    assert command("restore", made) == 1
    assert "the store is not empty" in capsys.readouterr().err
    assert command("restore", made, "--into", into) == 0
    assert digest in capsys.readouterr().out
    assert store_hash(open_store(into), viewer=ADMIN) == digest


def test_command_makes_no_store_where_there_is_none(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", f"sqlite:///{tmp_path / 'absent.sqlite'}")
    assert main(["backup", str(tmp_path / "made.zip")]) == 1
    assert "There is no store at this address." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_command_that_is_cancelled_says_so(command, tmp_path, monkeypatch, capsys):
    def cancel(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("conflictmap.cli_backup.make_backup", cancel)
    assert command("backup", tmp_path / "made.zip") == 130
    assert capsys.readouterr().err == "Cancelled. Nothing was left half done.\n"


def test_hosted_only_the_first_administrator_restores(
    command, store, tmp_path, monkeypatch, capsys
):
    made = backup(store, tmp_path / "made.zip")
    into = f"sqlite:///{tmp_path / 'restored.sqlite'}"
    monkeypatch.setenv("CONFLICTMAP_HOSTED", "1")
    assert command("backup", tmp_path) == 1
    assert "say who gives the command" in capsys.readouterr().err
    monkeypatch.setenv("CONFLICTMAP_FIRST_ADMINISTRATOR", "first@example.org")
    monkeypatch.setenv("CONFLICTMAP_AS", "other@example.org")
    assert command("restore", made.path, "--into", into) == 1
    assert "only the first administrator restores" in capsys.readouterr().err
    assert not (tmp_path / "restored.sqlite").exists()
    monkeypatch.setenv("CONFLICTMAP_AS", "first@example.org")
    assert command("restore", made.path, "--into", into) == 0
    assert command("backup", tmp_path) == 0
    assert last_backup(store, viewer=ADMIN).who == "first@example.org"


def test_manifest_is_told_in_words_that_any_program_reads(store, tmp_path):
    made = backup(store, tmp_path / "made.zip")
    with zipfile.ZipFile(made.path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        lines = archive.read("tables/incidents.jsonl").splitlines()
    assert (manifest["revision"], manifest["kind"]) == (2, "real")
    assert json.loads(lines[0])[:2] == ["row_no", "incident_id"]
    assert [json.loads(line)[:2] for line in lines[1:]] == [[1, "a"], [2, "b"], [3, "c"]]


def test_large_files_of_uploads_come_back_byte_by_byte(store, tmp_path):
    content = bytes(range(256)) * 4_000
    row = {"uploaded_at": INSTANTS[0], "uploaded_by": "synthetic", "label": "synthetic.csv"}
    row |= {"sha256": "0", "content": content, "source": "{}", "answers": "{}", "mapping": ""}
    with store.writer.begin() as connection:
        connection.execute(uploads.insert(), [row | {"status": "open"}] * 2)
    made = backup(store, tmp_path / "made.zip")
    url = f"sqlite:///{tmp_path / 'restored.sqlite'}"
    restore_backup(made.path, url, viewer=ADMIN)
    with open_store(url).reader.connect() as connection:
        assert connection.scalars(sa.select(uploads.c.content)).all() == [content] * 2


@pytest.mark.parametrize("engine", ENGINES)
def test_backup_of_an_earlier_schema_is_brought_to_this_one(address, store, tmp_path, engine):
    made = backup(store, tmp_path / "made.zip")
    older = of_schema_4(made.path, tmp_path / "older.zip")
    assert check_backup(older).schema_version == 4
    url = address(engine)
    restore_backup(older, url, viewer=ADMIN)
    restored = open_store(url)
    found = load_table(restored, "incidents", viewer=ADMIN)
    assert found["incident_id"].tolist() == ["a", "b", "c"]
    assert publish_incidents(restored, "d") == 3
    assert {name: len(rows) for name, rows in all_rows(restored).items() if "role" in name} == {
        "role_rules": 0
    }


def test_backup_of_a_newer_program_is_refused(store, tmp_path, monkeypatch):
    made = backup(store, tmp_path / "made.zip")
    monkeypatch.setattr("conflictmap.backup.restoring.SCHEMA_VERSION", 4)
    with pytest.raises(StoreError, match=r"made\.zip has schema version \d+, this program knows 4"):
        restore_backup(made.path, f"sqlite:///{tmp_path / 'never.sqlite'}", viewer=ADMIN)
    assert not (tmp_path / "never.sqlite").exists()


def of_schema_4(path: Path, target: Path) -> Path:
    """Write a backup as a program of schema version 4 would have, without what came later."""
    gone = {"people", "role_rules", "restrictions"}
    lacks = {"audit": ["subject"], "briefs": ["sight"]}
    with target.open("wb") as file, BackupWriter(file, dt.datetime(2026, 1, 1)) as writer:
        for table in (kept.table for kept in check_backup(path).tables):
            if table.name in gone:
                continue
            rows = [row for lines in backup_lines(path, table) for row in rows_of(table, lines)]
            if table.name == "schema_versions":
                rows = [(4, dt.datetime(2026, 1, 1))]
            kept = [name not in lacks.get(table.name, []) for name in table.names]
            columns = tuple(itertools.compress(table.columns, kept))
            older = dataclasses.replace(table, columns=columns)
            cells = [tuple(itertools.compress(row, kept)) for row in rows]
            writer.add_table(older, [lines_of(older, cells)], lambda lines: None)
        writer.finish(
            schema_version=4, revision=2, kind="real", store_made_at=dt.datetime(2026, 1, 1)
        )
    return target
