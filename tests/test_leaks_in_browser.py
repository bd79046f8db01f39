"""What a reader's browser is sent, what the server writes, and what strangers get of it.

A store full of planted words and coordinates stands behind a real sign-in. A viewer and a briefer
go everywhere and take everything; then an analyst goes the same way, which has to find them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from conflictmap.access import MAY, Role
from tests.access_table import pages
from tests.browser import ROOT, BrowserPage
from tests.planted import DISTRICT, PROVINCE, Planted, planted_store
from tests.received import Received, Search
from tests.sign_in_provider import (
    COOKIE_SECRET,
    PEOPLE,
    USER_COOKIE,
    Dashboard,
    Talk,
    cookie_of,
    open_as,
    signed_in_dashboard,
    talk,
)

REFUSAL = "This page is not for your role."
SESSION_KEPT_S = 2


@dataclass
class Served:
    """A dashboard on the planted store, and where its server writes."""

    dashboard: Dashboard
    planted: Planted
    folder: Path
    began_at: float
    search: Search

    @property
    def log(self) -> Path:
        """Return the server's log."""
        return self.folder / "server.log"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One dashboard with a sign-in, whose temporary and home folders are its own."""
    folder = tmp_path_factory.mktemp("leaks")
    for name in ("tmp", "home"):
        (folder / name).mkdir()
    planted = planted_store(f"sqlite:///{tmp_path_factory.mktemp('planted') / 'store.sqlite'}")
    environment = {
        "TMPDIR": str(folder / "tmp"),
        "HOME": str(folder / "home"),
        "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(SESSION_KEPT_S),
    }
    began_at, log = time.time(), folder / "server.log"
    with signed_in_dashboard(planted.store.url, environment=environment, log_file=log) as dashboard:
        yield Served(dashboard, planted, folder, began_at, Search(planted))


# --- the walk


def addresses(planted: Planted) -> list[str]:
    """Return where the walk leads: every page, filters, levels, and ids that are restricted."""
    incident, source, told = planted.restricted_ids
    return [
        *(page.path for page in pages()),
        f"/?level=district&area={DISTRICT}&measure=killed",
        f"/?area={PROVINCE}&from=2022-05-01&to=2022-05-31&group=civilians&step=month&revision=1",
        f"/?incident={incident}",
        f"/?source={source}&actor=SYNTHETIC-actor-source-everything",
        "/incidents?incident=SYNTHETIC-civilian",
        f"/incidents?incident={incident}&revision=1",
        f"/incidents?incident={told}",
        "/incidents?incident=SYNTHETIC-incident-place",
        "/groups_and_claims?actor_id=SYNTHETIC-actor-source-everything",
        "/groups_and_claims?actor_id=SYNTHETIC-actor-source-words",
        "/deployments?layers=shading,incidents,groups,deployments&asof=2022-05-09",
        "/published_figures?tally_id=SYNTHETIC-tally-source-everything",
        f"/sources_and_method?source_id={source}",
        "/slides?level=district&format=svg",
    ]


CONTROL = ("/", "/incidents", "/corrections", "/groups_and_claims", "/sources_and_method")


def walk(tab: BrowserPage, served: Served, role: Role, asked: Sequence[str]) -> Received:
    """Open every address, click and take every file; return all that came."""
    received = Received()
    received.listen(tab.page)
    for address in asked:
        tab.open(address)
        expect(
            tab.page.get_by_test_id("stMain").locator("h3, [data-testid=stAlert]").first
        ).to_be_visible(timeout=30_000)
        tab.wait_until_still()
        may_open = next(
            page.action in MAY[role] for page in pages() if page.path == address.partition("?")[0]
        )
        refusal = tab.page.get_by_text(REFUSAL)
        assert (refusal.count() == 0) is may_open, address
        assert tab.page.get_by_test_id("stException").count() == 0, address
        if address == "/":
            click_about(tab)
        if may_open and address in ("/", "/incidents", "/slides", "/monthly_brief"):
            take_files(tab, received)
        received.others.append((address, tab.page.content().encode()))
        received.keep_answers()
    return received


def click_about(tab: BrowserPage) -> None:
    """Hover over and click areas of the map, and search the list of areas."""
    tab.wait_for_areas(34)
    areas = tab.map_frame().locator("path.leaflet-interactive")
    for number in (3, 20):
        areas.nth(number).hover(force=True)
        areas.nth(number).click(force=True)
        tab.wait_until_still()


def take_files(tab: BrowserPage, received: Received) -> None:
    """Press every button of the page that gives a file."""
    buttons = tab.page.get_by_test_id("stDownloadButton").get_by_role("button")
    expect(buttons.first).to_be_visible(timeout=30_000)
    tab.wait_until_still()
    for button in buttons.all():
        if not button.is_visible() or button.is_disabled():
            continue
        with tab.page.expect_download(timeout=60_000) as caught:
            button.click()
        received.others.append((caught.value.suggested_filename, caught.value.path().read_bytes()))


@pytest.mark.parametrize("role", ["viewer", pytest.param("briefer", marks=pytest.mark.slow)])
def test_a_browser_of_coarse_sight_is_sent_nothing_that_is_withheld(chromium, served, role):
    with open_as(chromium, served.dashboard, PEOPLE[role]) as tab:
        asked = addresses(served.planted)
        if role == "briefer":  # of what is filtered, a briefer is given what a viewer is
            asked = [page.path for page in pages()]
        received = walk(tab, served, role, asked)
        assert len(received.frames) > 100
        files = {name.rpartition(".")[2] for name, _ in received.others if "." in name}
        assert files >= ({"csv", "pptx"} if role == "briefer" else {"csv"})
        assert bool(files & {"md", "pdf", "docx"}) is (role == "briefer")
        assert served.search.found_in(received.parts) == []
        text = b"\n".join(received.parts)
        assert any(word.encode() in text for word in served.planted.shown)
        assert secrets_in(served, text) == []
        assert tab.foreign_requests == []


def test_the_same_walk_of_an_analyst_finds_it(chromium, served):
    with open_as(chromium, served.dashboard, PEOPLE["analyst"]) as tab:
        received = walk(tab, served, "analyst", CONTROL)
        found = served.search.found_in(received.parts)
        assert len([where for where in found if "point" in where]) > 3
        assert len(found) > 100
        assert secrets_in(served, b"\n".join(received.parts)) == []


def secrets_in(served: Served, content: bytes) -> list[str]:
    """Return which secrets of the installation stand in a content."""
    from tests.sign_in_provider import CLIENT_SECRET

    secrets = {"cookie": COOKIE_SECRET, "client": CLIENT_SECRET, "store": served.planted.store.url}
    return [name for name, secret in secrets.items() if secret.encode() in content]


def test_the_server_has_written_nothing_of_it_down(served):
    """Runs behind the walks: log, temporary and home folders, and whatever is new elsewhere."""
    assert served.log.stat().st_size > 0
    files = [path for path in served.folder.rglob("*") if path.is_file()]
    left_out = {".git", ".venv", "node_modules", "__pycache__", "tests", "screenshots"}
    for path in ROOT.iterdir():
        if path.name in left_out or path.name.endswith("_cache"):
            continue
        for file in [path] if path.is_file() else path.rglob("*"):
            is_new = file.is_file() and file.stat().st_mtime >= served.began_at
            files += [file] if is_new and "__pycache__" not in file.parts else []
    found = {}
    for file in files:
        content = file.read_bytes()
        if where := [*served.search.found_in([content]), *secrets_in(served, content)]:
            found[file.name] = where
    assert found == {}


# --- bare connections: strangers, other people, and addresses passed on


def data_in(planted: Planted, received: bytes) -> list[str]:
    words = [*planted.shown, *planted.secrets, *planted.restricted_ids, "SYNTHETIC-civilian"]
    return [word for word in words if word.encode() in received]


def test_a_strangers_connection_gets_no_data(served):
    with talk(served.dashboard) as line:
        for address in addresses(served.planted):
            path, _, query = address.partition("?")
            line.run(path, query)
        assert data_in(served.planted, line.received) == []
        assert b"Sign in" in line.received


def test_a_session_id_without_its_cookie_gets_a_fresh_session(served):
    with talk(served.dashboard, PEOPLE["analyst"]) as line:
        line.run("/incidents")
        assert data_in(served.planted, line.received) != []
        for person in ("", PEOPLE["viewer"]):
            with talk(served.dashboard, person, session_id=line.session_id) as thief:
                thief.run("/corrections")
                assert thief.session_id != line.session_id
                assert data_in(served.planted, thief.received) == []


def offered(messages: list[ForwardMsg]) -> list[str]:
    """Return the numbers of the files that a page makes on click."""
    drawn = [message.delta.new_element for message in messages if message.HasField("delta")]
    found = [
        one.download_button.deferred_file_id for one in drawn if one.HasField("download_button")
    ]
    return [number for number in found if number]


def press(line: Talk, file_id: str, *, session_id: str = "") -> tuple[str, str]:
    """Ask for a file as its button does; return its address and what went wrong."""
    request = BackMsg()
    asked = request.backend_operation_request
    asked.request_id, asked.session_id = "1", session_id or line.session_id
    asked.deferred_file.file_id = file_id
    answer = operate(line, request)
    return answer.deferred_file.url, answer.error_msg


def operate(line: Talk, request: BackMsg) -> Any:
    line.socket.send(request.SerializeToString())
    while True:
        data = line.socket.recv(timeout=60, decode=False)
        line.received += data
        message = ForwardMsg.FromString(data)
        if message.WhichOneof("type") == "backend_operation_response":
            return message.backend_operation_response


def fetched(served: Served, address: str, person: str = "") -> requests.Response:
    cookies = {USER_COOKIE: cookie_of(served.dashboard, person)} if person else {}
    return requests.get(served.dashboard.address + address, cookies=cookies, timeout=30)


def test_the_address_of_a_download_is_for_its_session_only_and_dies_with_it(served):
    analyst = PEOPLE["analyst"]
    with talk(served.dashboard, analyst) as line:
        [number] = offered(line.run("/incidents"))
        address, problem = press(line, number)
        assert (address.startswith("/media/"), problem) == (True, "")
        own = fetched(served, address, analyst)
        assert own.status_code == 200
        assert served.search.found_in([own.content]) != []
        for person, status in (("", 401), (PEOPLE["viewer"], 404), ("unknown@example.org", 403)):
            theirs = fetched(served, address, person)
            assert (theirs.status_code, served.search.found_in([theirs.content])) == (status, [])
    for _ in range(100):
        ended = fetched(served, address, analyst)
        if ended.status_code == 404:
            break
        time.sleep(0.2)
    assert ended.status_code == 404
    assert served.search.found_in([ended.content]) == []


@pytest.mark.parametrize("person", ["", PEOPLE["viewer"]])
def test_nobody_else_has_a_file_made_for_them(served, person):
    with talk(served.dashboard, PEOPLE["analyst"]) as line:
        [number] = offered(line.run("/incidents"))
        with talk(served.dashboard, person) as thief:
            thief.run("/incidents")
            assert press(thief, number, session_id=line.session_id)[0] == ""
            address, _ = press(thief, number)
            assert not address or fetched(served, address, person).status_code in (401, 404)
            assert served.planted.found_in(thief.received) == []


@pytest.mark.parametrize("path", ["/incidents", "/monthly_brief", "/slides"])
def test_a_file_offered_to_a_role_is_not_made_once_it_is_taken_away(served, path):
    person = f"passing{path.replace('/', '-')}@example.org"
    served.dashboard.give(person, "analyst")
    with talk(served.dashboard, person) as line:
        number = offered(line.run(path))[0]
        served.dashboard.give(person, "viewer")
        assert press(line, number) == ("", "Failed to generate file for download")
        served.dashboard.give(person, "analyst")
        assert press(line, number)[1] == ""


def test_nobody_makes_the_server_write_files_of_streamlits_own(served):
    with talk(served.dashboard, PEOPLE["viewer"]) as line:
        line.run("/sources_and_method")
        for operation in ("install_skills", "dismiss_skills_nudge"):
            request = BackMsg()
            asked = request.backend_operation_request
            asked.request_id, asked.session_id = "1", line.session_id
            getattr(asked, operation).SetInParent()
            assert operate(line, request).error_msg
