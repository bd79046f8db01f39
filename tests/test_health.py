"""What a process tells a monitoring system: words and numbers, and only to whom they belong."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request

from conflictmap.settings import Settings
from conflictmap.store import open_store
from conflictmap.ui import counts
from conflictmap.ui import health as health_module
from conflictmap.ui.health import Health
from tests.coroutines import finished

TOKEN = "synthetic-token-0123456789abcdef"


@pytest.fixture
def store_url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


def asked(health: Health, name: str, *, client: str = "127.0.0.1", token: str = ""):
    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    scope = {"type": "http", "headers": headers, "client": (client, 4711)}
    return finished(getattr(health, name)(Request(scope)))


def warm(settings: Settings) -> Health:
    health = Health(settings)
    health.is_warm = True
    return health


def test_a_process_is_ready_when_all_that_a_reader_needs_is_there(store_url):
    health = warm(Settings(store_url=store_url))
    assert asked(health, "live").status_code == 200
    assert asked(health, "ready").status_code == 200


def test_it_is_not_ready_before_it_is_warm(store_url):
    answer = asked(Health(Settings(store_url=store_url)), "ready")
    assert (answer.status_code, answer.body) == (503, b"not ready: starting\n")


def test_it_is_not_ready_without_its_scripts(store_url, monkeypatch):
    monkeypatch.setattr(health_module, "missing_assets", lambda _root: ["leaflet.js"])
    answer = asked(warm(Settings(store_url=store_url)), "ready")
    assert (answer.status_code, answer.body) == (503, b"not ready: assets\n")


def test_it_is_not_ready_without_its_store_and_says_nothing_more():
    unknown = "postgresql://somebody:secret@127.0.0.1:1/none"
    answer = asked(warm(Settings(store_url=unknown)), "ready")
    assert (answer.status_code, answer.body) == (503, b"not ready: store\n")


def test_it_is_not_ready_where_a_newer_program_changed_the_tables(store_url):
    store = open_store(store_url)
    with store.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE schema_versions SET version = version + 1")
    health = warm(Settings(store_url=store_url))
    health._store = store  # open since before
    answer = asked(health, "ready")
    assert (answer.status_code, answer.body) == (503, b"not ready: migrations\n")


def test_many_questions_make_one_query(store_url, monkeypatch):
    health = warm(Settings(store_url=store_url))
    asks = []
    monkeypatch.setattr(health, "_ask", lambda: asks.append(1))

    async def many() -> None:
        await asyncio.gather(*(health.ready(Request({"type": "http"})) for _ in range(50)))

    monkeypatch.setattr(health_module, "HELD_SECONDS", 60)
    finished(many())
    assert len(asks) == 1


@pytest.mark.parametrize(
    ("settings", "client", "token", "status"),
    [
        ({}, "127.0.0.1", "", 200),
        ({}, "192.0.2.7", "", 404),
        ({"is_hosted": True}, "127.0.0.1", "", 404),
        ({"is_hosted": True}, "127.0.0.1", TOKEN, 404),
        ({"is_hosted": True, "metrics_token": TOKEN}, "192.0.2.7", TOKEN, 200),
        ({"is_hosted": True, "metrics_token": TOKEN}, "127.0.0.1", TOKEN + "x", 404),
        ({"is_hosted": True, "metrics_token": TOKEN}, "127.0.0.1", "", 404),
        ({"metrics_token": TOKEN}, "127.0.0.1", "", 404),
    ],
)
def test_counters_are_for_whoever_may_have_them(store_url, settings, client, token, status):
    health = warm(Settings(store_url=store_url, **settings))
    assert asked(health, "metrics", client=client, token=token).status_code == status


def numbers(health: Health) -> dict[str, float]:
    text = asked(health, "metrics").body.decode()
    families = text_string_to_metric_families(text)
    return {
        "".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def test_runs_are_counted_however_they_end(store_url):
    health = warm(Settings(store_url=store_url))
    before = numbers(health)
    with counts.one_run():
        pass
    with pytest.raises(ZeroDivisionError), counts.one_run():
        1 / 0  # noqa: B018
    counts.note_failed_run(ZeroDivisionError())
    after = numbers(health)
    assert after["conflictmap_run_seconds_count"] == before["conflictmap_run_seconds_count"] + 2
    assert after["conflictmap_run_seconds_bucket+Inf"] == after["conflictmap_run_seconds_count"]
    assert after["conflictmap_failed_runs_total"] == before["conflictmap_failed_runs_total"] + 1
    assert after["conflictmap_revision"] == 0
    assert after["conflictmap_store_up"] == 1


def test_errors_of_the_database_are_counted(store_url):
    counts.count_store_errors()
    counts.count_store_errors()  # again, from another thread: still once each
    before = counts.counted().store_errors
    with (
        pytest.raises(sa.exc.OperationalError),
        open_store(store_url).reader.connect() as connection,
    ):
        connection.exec_driver_sql("SELECT * FROM no_such_table")
    assert counts.counted().store_errors == before + 1
