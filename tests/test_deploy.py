"""The files of `deploy/`, as a server runs them: PostgreSQL, two processes, nginx before them."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.store import latest_revision, open_store, roll_back
from conflictmap.ui.server_gate import PROCESS_COOKIE
from tests.deployment import (
    DEPLOY,
    Deployment,
    ask,
    deployment,
    log_entries,
    nginx_conf,
    signed_in_tab,
    strangers_tab,
)
from tests.sign_in_provider import PEOPLE, sign_in

UNITS = ["conflictmap@.service", "conflictmap-backup.service", "conflictmap-backup.timer"]


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployment]:
    try:
        with deployment() as running:
            yield running
    except LookupError as error:
        pytest.skip(str(error))


def cookie_of_process(tab) -> str:
    held = {cookie["name"]: cookie["value"] for cookie in tab.page.context.cookies()}
    return held[PROCESS_COOKIE]


def wait_for(what, *, timeout_s: float = 30) -> None:
    give_up = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < give_up
        time.sleep(0.1)


# --- the files


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_the_unit(name, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing: install Debian's systemd")
    text = (
        (DEPLOY / name).read_text().replace("/opt/conflictmap/.venv/bin/conflictmap", "/bin/true")
    )
    for each in UNITS:
        (tmp_path / each).write_text((DEPLOY / each).read_text())
    (tmp_path / name).write_text(text)
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )
    complaints = [line for line in found.stderr.splitlines() if name.split("@")[0] in line]
    assert complaints == []


def test_every_placeholder_of_the_environment_keeps_the_dashboard_from_starting():
    lines = (DEPLOY / "conflictmap.env.example").read_text().splitlines()
    secrets = [line for line in lines if "SECRET=" in line or "TOKEN=" in line]
    assert len(secrets) == 3
    assert all("<" in line for line in secrets)


# --- running


def test_one_address_serves_from_both_processes(deployed):
    seen = set()
    for _ in range(12):
        status, headers, _ = ask(f"{deployed.address}/", Accept="text/html")
        assert status == 200
        seen.add(headers["Set-Cookie"].split(";")[0])
    assert seen == {f"{PROCESS_COOKIE}={port}" for port in deployed.ports}


def test_a_reader_stays_with_the_process_that_the_cookie_names(deployed):
    for port in deployed.ports:
        for _ in range(4):
            _, headers, _ = ask(f"{deployed.address}/", Cookie=f"{PROCESS_COOKIE}={port}")
            assert headers["Set-Cookie"] is None  # it is told once only where it is


def test_the_headers_of_a_hosted_dashboard(deployed):
    _, headers, _ = ask(f"{deployed.address}/", Accept="text/html")
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"].endswith("; frame-ancestors 'none'")
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Set-Cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert headers["Server"] == "nginx"


def test_boundaries_are_packed_and_kept(deployed):
    file = next((DEPLOY.parent / "static" / "geo").glob("*district*.json"))
    status, headers, _ = ask(
        f"{deployed.address}/app/static/geo/{file.name}", Accept_Encoding="gzip"
    )
    assert status == 200
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    ["/health/ready", "/health/metrics", "/_stcore/metrics", "/_stcore/agent/health"],
)
def test_what_a_monitoring_system_asks_is_closed_outside(deployed, path):
    assert ask(deployed.address + path)[0] == 404


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/health", "/health/metrics"])
def test_a_process_itself_gives_no_counters_without_the_token(deployed, path):
    assert ask(f"http://127.0.0.1:{deployed.ports[0]}{path}", Host="127.0.0.1")[0] == 404


def test_another_name_is_not_answered(deployed):
    assert ask(f"{deployed.address}/", Host="elsewhere.example")[0] == 421
    direct = f"http://127.0.0.1:{deployed.ports[0]}/"
    assert ask(direct, Host="elsewhere.example")[0] == 421


def test_downloads_and_uploads_are_closed_to_strangers(deployed):
    assert ask(f"{deployed.address}/media/{'0' * 64}.csv")[0] == 401
    assert ask(f"{deployed.address}/_stcore/upload_file/any/any")[0] == 401


def test_somebody_signs_in_and_sees_the_map(chromium, deployed):
    with strangers_tab(chromium, deployed) as tab:
        tab.open("/")
        sign_in(tab, PEOPLE["viewer"])
        tab.wait_for_areas(34, timeout_s=40)
        ours = ("_streamlit", "conflictmap")  # the provider has cookies at the same host
        cookies = [one for one in tab.page.context.cookies() if one["name"].startswith(ours)]
        assert len(cookies) > 3
        assert all(cookie["secure"] for cookie in cookies)
        process = int(cookie_of_process(tab))
        assert deployed.metrics(process)["conflictmap_open_pages"] == 1


def test_a_download_is_for_the_one_whose_page_offers_it(chromium, deployed):
    with (
        signed_in_tab(chromium, deployed, PEOPLE["analyst"]) as tab,
        signed_in_tab(chromium, deployed, PEOPLE["viewer"]) as other,
    ):
        tab.open("/incidents")
        button = tab.page.get_by_test_id("stDownloadButton").first
        button.wait_for(timeout=40_000)
        with tab.page.expect_download() as told:
            button.locator("button").click()
        address = told.value.url
        assert address.startswith(f"{deployed.address}/media/")
        assert tab.page.request.get(address).status == 200
        process = cookie_of_process(tab)
        other.page.context.add_cookies(
            [{"name": PROCESS_COOKIE, "value": process, "url": deployed.address}]
        )
        assert other.page.request.get(address).status == 404
        assert ask(address, Cookie=f"{PROCESS_COOKIE}={process}")[0] == 401
        tab.page.context.clear_cookies(name="_streamlit_user")
        assert tab.page.request.get(address).status == 401


def test_an_upload_reaches_the_session_that_it_is_for(chromium, deployed):
    with signed_in_tab(chromium, deployed, PEOPLE["analyst"]) as tab:
        tab.open("/upload")
        chooser = tab.page.locator("input[type=file]").first
        chooser.wait_for(state="attached", timeout=40_000)
        with tab.page.expect_response(lambda told: "/_stcore/upload_file/" in told.url) as told:
            chooser.set_input_files(
                {"name": "synthetic.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
            )
        assert told.value.status == 204


def test_nothing_of_a_query_is_in_the_logs_of_nginx(deployed):
    assert ask(f"{deployed.address}/incidents?q=planted-words", Referer="planted-too")[0] == 200
    logs = [(deployed.folder / name).read_text() for name in ("access.log", "error.log")]
    assert "/incidents" in logs[0]
    assert not any("planted" in log for log in logs)


def test_a_revision_is_seen_by_both_processes_at_once(deployed):
    store = open_store(deployed.dashboard.store_url)
    before = latest_revision(store, viewer=LOCAL_ADMINISTRATOR)
    revision = roll_back(store, before - 1, viewer=LOCAL_ADMINISTRATOR)
    time.sleep(1.1)  # an answer about the store is held for a second
    for port in deployed.ports:
        assert deployed.metrics(port)["conflictmap_revision"] == revision == before + 1


def test_a_page_shows_the_revision_of_another_process_with_its_next_run(chromium, deployed):
    with signed_in_tab(chromium, deployed, PEOPLE["viewer"]) as tab:
        tab.open("/")
        tab.wait_for_areas(34, timeout_s=40)
        store = open_store(deployed.dashboard.store_url)
        before = latest_revision(store, viewer=LOCAL_ADMINISTRATOR)
        revision = roll_back(store, before - 1, viewer=LOCAL_ADMINISTRATOR)
        tab.page.get_by_role("radio", name="Districts").first.click()
        tab.page.get_by_text(f"Revision {revision}.").first.wait_for(timeout=20_000)


def test_the_log_is_json_and_names_nobody(deployed):
    for port in deployed.ports:
        text = deployed.log_of(port)
        assert log_entries(text) != []
        assert not any(secret in text for secret in PEOPLE.values())


def test_the_other_process_serves_on_when_one_is_killed(chromium, deployed):
    with signed_in_tab(chromium, deployed, PEOPLE["viewer"]) as tab:
        tab.open("/")
        tab.wait_for_areas(34, timeout_s=40)
        first = int(cookie_of_process(tab))
        other = next(port for port in deployed.ports if port != first)
        deployed.kill(first)
        tab.page.reload()
        tab.wait_for_areas(34, timeout_s=40)
        assert cookie_of_process(tab) == str(other)


def test_a_process_is_not_ready_without_its_database_and_recovers_by_itself(deployed):
    port = next(port for port, process in deployed.processes.items() if process.poll() is None)
    assert deployed.ready(port) == (200, "ready")
    deployed.cluster.stop("immediate")
    try:
        wait_for(lambda: deployed.ready(port) == (503, "not ready: store"))
        assert ask(f"http://127.0.0.1:{port}/health/live")[0] == 200
        assert deployed.metrics(port)["conflictmap_store_up"] == 0
    finally:
        deployed.cluster.start()
    wait_for(lambda: deployed.ready(port) == (200, "ready"))
    assert deployed.metrics(port)["conflictmap_store_errors_total"] > 0


def test_nothing_of_the_example_is_left_in_the_configuration(tmp_path):
    assert "example.org" not in nginx_conf(tmp_path, 1, 2, (3, 4))
