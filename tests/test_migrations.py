"""Stores of earlier versions are brought to the newest, and none is lost on the way."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import redirect_stderr
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import StoreError
from conflictmap.schema import TABLES
from conflictmap.store import (
    Store,
    latest_revision,
    load_audit,
    load_briefs,
    load_mappings,
    load_table,
    load_tables,
    load_uploads,
    migrations,
    open_store,
    publish,
)
from conflictmap.store.engine import engines_of
from conflictmap.store.migrations import migrate, step_name
from conflictmap.store.tables import SCHEMA_VERSION, metadata
from tests.browser import ROOT
from tests.forked import FORKING, begun
from tests.test_store import incidents

ADMIN = LOCAL_ADMINISTRATOR
EARLIER = ["1", "2_early", "2", "3", "4", "5"]  # as the programs of their time made them
STATEMENTS = ROOT / "tests" / "fixtures" / "store_versions"


def statements_of(version: str) -> list[str]:
    """Return the statements by which the program of a version made its store."""
    tables: dict[str, list[str]] = {}
    for name in EARLIER[: EARLIER.index(version) + 1]:
        changed: dict[str, list[str]] = {}
        for line in (STATEMENTS / f"version_{name}.sql").read_text("utf-8").splitlines():
            found = re.match(r"CREATE TABLE (\w+)|CREATE .*INDEX \w+ ON (\w+)", line)
            changed.setdefault(found[1] or found[2], []).append(line)
        tables |= changed
    return [line for lines in tables.values() for line in lines]


def make_as_then(path: Path, version: str) -> str:
    """Make a store as the program of a version did, with two incidents; return its address."""
    number = int(version[0])
    with sqlite3.connect(path) as connection:
        for statement in statements_of(version):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO schema_versions VALUES (?, '2022-01-01 00:00:00')", [number]
        )
        if number >= 3:
            connection.execute("INSERT INTO store_kind VALUES ('real', '2022-01-01 00:00:00')")
        insert_synthetic_rows(connection.execute)
        if number >= 4:
            connection.execute(
                "INSERT INTO briefs (kept_at, kept_by, name, revision, scope, wording, marking)"
                " VALUES ('2022-01-02 00:00:00', 'x', 'synthetic', 1, '{}', '{}', '')"
            )
    connection.close()
    return f"sqlite:///{path}"


def insert_synthetic_rows(execute: Callable[[str], object]) -> None:
    """Insert a revision, its entry of the audit log and two incidents, one of them withdrawn."""
    for statement in (
        "INSERT INTO revisions VALUES"
        " (1, '2022-01-01 00:00:00', 'synthetic person', 'publish', 'first', NULL, NULL)",
        "INSERT INTO revisions VALUES"
        " (2, '2022-01-02 00:00:00', 'synthetic person', 'publish', 'second', NULL, NULL)",
        "INSERT INTO audit (at, who, action, revision) VALUES"
        " ('2022-01-01 00:00:00', 'synthetic person', 'publish', 1)",
        "INSERT INTO incidents (incident_id, title, date_from, added_in, withdrawn_in)"
        " VALUES ('a', 'گزارش', '2022-10-05', 1, NULL), ('b', 'gone', NULL, 1, 2)",
    ):
        execute(statement)


def shape(url: str) -> dict[str, object]:
    """Return what a database's tables are like; the order of columns does not matter."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        found = {
            table: {
                "columns": {
                    column["name"]: (
                        str(column["type"]),
                        getattr(column["type"], "collation", None),
                        column["nullable"],
                        column["default"],
                    )
                    for column in inspector.get_columns(table)
                },
                "key": inspector.get_pk_constraint(table)["constrained_columns"],
                "refers": sorted(
                    (*key["constrained_columns"], key["referred_table"], *key["referred_columns"])
                    for key in inspector.get_foreign_keys(table)
                ),
                "indexes": sorted(
                    (
                        index["name"],
                        index["column_names"],
                        bool(index["unique"]),
                        options_of(index),
                    )
                    for index in inspector.get_indexes(table)
                ),
            }
            for table in inspector.get_table_names()
            if table != "alembic_version"
        }
    engine.dispose()
    return found


def options_of(index: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what an engine adds to an index, such as the condition of its rows."""
    found = index["dialect_options"].items()
    return sorted((name, re.sub(r"[()]", "", str(value)).lower()) for name, value in found)


def differences(store: Store) -> list[object]:
    """Return what Alembic would change to make the store what the tables say."""
    with store.reader.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return compare_metadata(context, metadata)


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database; `request.param` names the engine."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
def empty_store_url_of(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Give the address of a new store, on the engine of another address."""

    def find(url: str) -> str:
        if url.startswith("postgresql"):
            return request.getfixturevalue("postgresql_store_url")
        return f"sqlite:///{tmp_path / 'new.sqlite'}"

    return find


on_each_engine = pytest.mark.parametrize("fresh_url", ["sqlite", "postgresql"], indirect=True)


def migrated(url: str, version: int) -> str:
    """Bring an empty database to a version by the steps; return its address."""
    _, writer = engines_of(url)
    with writer.begin() as connection:
        migrate(connection, version)
        if version >= 1:
            insert_synthetic_rows(connection.exec_driver_sql)
    writer.dispose()
    return url


@on_each_engine
def test_steps_from_an_empty_database_make_what_a_new_store_is(fresh_url, empty_store_url_of):
    stepped = shape(migrated(fresh_url, SCHEMA_VERSION))
    new = empty_store_url_of(fresh_url)
    assert stepped == shape(open_store(new).url)
    assert differences(open_store(fresh_url)) == []


@on_each_engine
@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_store_of_each_version_is_brought_to_the_newest(fresh_url, version):
    store = open_store(migrated(fresh_url, version))
    assert_as_it_was(store)
    assert differences(store) == []


@pytest.mark.parametrize("version", EARLIER)
def test_store_that_an_earlier_program_made_is_taken_over_without_loss(tmp_path, version):
    url = make_as_then(tmp_path / "store.sqlite", version)
    assert_as_it_was(open_store(url))
    assert shape(url) == shape(open_store(f"sqlite:///{tmp_path / 'new.sqlite'}").url)
    store = open_store(url)  # the second time nothing is left to do
    with store.reader.connect() as connection:
        versions = connection.scalars(sa.text("SELECT version FROM schema_versions")).all()
    assert sorted(versions) == list(range(int(version[0]), SCHEMA_VERSION + 1))
    assert load_mappings(store, viewer=ADMIN) == {}
    kept = load_briefs(store, viewer=ADMIN)["name"].tolist()
    assert kept == (["synthetic"] if int(version[0]) >= 4 else [])


@pytest.mark.parametrize("version", EARLIER)
def test_steps_make_each_version_as_the_program_of_its_time_did(tmp_path, version):
    by_program = shape(make_as_then(tmp_path / "then.sqlite", version))
    by_steps = shape(migrated(f"sqlite:///{tmp_path / 'steps.sqlite'}", int(version[0])))
    if version == "2":  # the step of version 2 makes the early one; that of version 3 mends it
        del by_program["mappings"]
    assert by_program == by_steps


def assert_as_it_was(store: Store) -> None:
    """Check that the rows of an earlier version are there, and that a store goes on from them."""
    assert store.kind == "real"
    assert latest_revision(store, viewer=ADMIN) == 2
    first = load_table(store, "incidents", viewer=ADMIN, revision=1)
    assert first["incident_id"].tolist() == ["a", "b"]
    held = load_table(store, "incidents", viewer=ADMIN)
    assert held["title"].tolist() == ["گزارش"]
    assert held["date_from"].dt.strftime("%Y-%m-%d").tolist() == ["2022-10-05"]
    assert held[["original_type", "counting_date"]].isna().all(axis=None)
    assert set(load_tables(store, viewer=ADMIN)) == set(TABLES)
    assert load_audit(store, viewer=ADMIN)["action"].tolist() == ["publish"]
    assert load_uploads(store, viewer=ADMIN).empty
    assert publish(store, incidents("c"), viewer=ADMIN, note="synthetic") == 3
    assert load_table(store, "incidents", viewer=ADMIN)["incident_id"].tolist() == ["a", "c"]


@pytest.mark.parametrize("version", [99, 0])
def test_store_of_a_version_that_this_program_does_not_know_is_refused(empty_store_url, version):
    store = open_store(empty_store_url)
    with store.writer.begin() as connection:
        connection.exec_driver_sql(f"UPDATE schema_versions SET version = {version}")
    with pytest.raises(StoreError, match=f"schema version {version}, this program needs"):
        open_store(store.url)


@on_each_engine
def test_step_that_fails_leaves_the_store_as_it_was(fresh_url):
    migrated(fresh_url, 2)
    before = shape(fresh_url)
    reader, writer = engines_of(fresh_url)
    with writer.begin() as connection:  # in the way of version 5
        connection.exec_driver_sql("CREATE TABLE people (n INTEGER)")
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(fresh_url)
    with writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE people")
    assert shape(fresh_url) == before
    assert_as_it_was(open_store(fresh_url))
    for engine in (reader, writer):
        engine.dispose()


def open_at_once(url: str, others: Barrier, said: Path) -> None:
    with said.open("w", encoding="utf-8") as file, redirect_stderr(file):
        others.wait()
        open_store(url)


@on_each_engine
@pytest.mark.parametrize("is_new", [True, False])
def test_processes_that_open_a_store_at_once_do_not_collide(fresh_url, tmp_path, is_new):
    """Each would make its tables, or bring it to the newest version: one does."""
    if not is_new:
        migrated(fresh_url, 1)
    barrier, said = FORKING.Barrier(2), [tmp_path / "one.txt", tmp_path / "other.txt"]
    with (
        begun(open_at_once, fresh_url, barrier, said[0]) as one,
        begun(open_at_once, fresh_url, barrier, said[1]) as other,
    ):
        for process in (one, other):
            process.join()
            assert process.exitcode == 0
    assert [path.read_text("utf-8") for path in said] == ["", ""]
    store = open_store(fresh_url)
    assert differences(store) == []
    with store.reader.connect() as connection:
        versions = connection.scalars(sa.text("SELECT version FROM schema_versions")).all()
    expected = [SCHEMA_VERSION] if is_new else list(range(1, SCHEMA_VERSION + 1))
    assert sorted(versions) == expected


def test_last_step_makes_the_version_of_this_program():
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [step_name(SCHEMA_VERSION)]


def test_steps_are_packages_so_that_an_installed_copy_has_them():
    folder = Path(migrations.__file__).parent
    for path in folder.rglob("*.py"):
        assert (path.parent / "__init__.py").is_file()
        assert path.stem.isidentifier()
