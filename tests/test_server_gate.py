"""The gate of a hosted dashboard: what comes in, whose it is, and how many at a time."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from streamlit import config
from streamlit.runtime import Runtime, media_file_manager
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.web.server.starlette import starlette_websocket
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from conflictmap.errors import StoreError
from conflictmap.settings import Settings
from conflictmap.ui import downloads, server_gate
from conflictmap.ui.server_gate import PROCESS_COOKIE, Gate, OnlyHere
from conflictmap.ui.server_headers import HostedHeaders
from tests.coroutines import finished

SECRET = "synthetic-0123456789-abcdefghijklmnop"
PROXY_SECRET = SECRET[::-1]
HOSTED = Settings(
    is_hosted=True,
    sign_in="openid",
    public_address="https://map.example.org",
    cookie_secret=SECRET,
    most_sessions=4,
    most_sessions_each=2,
)
BEHIND_PROXY = Settings(
    is_hosted=True,
    sign_in="headers",
    public_address="https://map.example.org",
    proxy_secret=PROXY_SECRET,
    trusted_proxy=("127.0.0.1", "10.0.0.0/24"),
)
HEADERS_OF_A_PERSON = {"X-Forwarded-Email": "email", "X-Forwarded-Groups": "groups"}


@pytest.fixture(autouse=True)
def options_of_streamlit():
    """The cookie secret and the trusted headers, as the settings of a sign-in give them."""
    names = ["server.cookieSecret", "server.trustedUserHeaders"]
    held = [config.get_option(name) for name in names]
    config.set_option("server.cookieSecret", SECRET)
    config.set_option("server.trustedUserHeaders", HEADERS_OF_A_PERSON)
    yield
    for name, value in zip(names, held, strict=True):
        config.set_option(name, value)


class Inside:
    """Stands for Streamlit: remembers what came in, and holds web sockets open until told."""

    def __init__(self) -> None:
        self.seen: list[dict] = []
        self.end = asyncio.Event()

    async def __call__(self, scope, receive, send) -> None:
        self.seen.append({name.decode(): value.decode() for name, value in scope["headers"]})
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept", "headers": []})
            await self.end.wait()
            return
        page = [(b"content-type", b"text/html; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": page})
        await send({"type": "http.response.body", "body": b"inside"})


def scope_of(path="/", kind="http", client=("192.0.2.7", 4711), **headers) -> dict:
    named = {"host": "map.example.org", "accept": "text/html"} | headers
    return {
        "type": kind,
        "method": "GET",
        "path": path,
        "query_string": b"",
        "server": ("127.0.0.1", 8501),
        "client": client,
        "extensions": {"websocket.http.response": {}},
        "headers": [
            (name.replace("_", "-").lower().encode(), value.encode())
            for name, value in named.items()
        ],
    }


async def ask(app, scope) -> SimpleNamespace:
    """Return status, headers and content of the answer."""
    sent: list[dict] = []

    async def send(message) -> None:
        sent.append(message)

    async def receive() -> dict:
        return {"type": "http.request", "body": b""}

    await app(scope, receive, send)
    start = sent[0]
    headers = {name.decode().lower(): value.decode() for name, value in start.get("headers", [])}
    body = b"".join(message.get("body", b"") for message in sent).decode()
    return SimpleNamespace(status=start.get("status", 101), headers=headers, body=body)


def answer(path="/", *, settings=HOSTED, is_admitted=lambda _claims: True, **more):
    inside = Inside()
    gate = Gate(inside, settings, "", is_admitted)
    found = finished(ask(gate, scope_of(path, **more)))
    found.inside = inside.seen
    return found


def cookie(person: str, **claims) -> str:
    told = {"email": person, "is_logged_in": True, "origin": "https://map.example.org"} | claims
    value = create_signed_value(SECRET, "_streamlit_user", json.dumps(told)).decode()
    return f"_streamlit_user={value}"


# --- addresses, hosts, sites


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/agent", "/_stcore/agent/health", "/_stcore/script-health-check"],
)
def test_what_nobody_needs_is_closed(path):
    found = answer(path)
    assert (found.status, found.inside) == (404, [])


@pytest.mark.parametrize("host", ["elsewhere.example", "map.example.org.evil.example", "", "[::"])
def test_another_host_is_refused(host):
    assert answer(host=host).status == 421


def test_a_monitoring_system_asks_by_the_address_of_the_process():
    assert answer("/health/ready", host="127.0.0.1:8501").status == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://map.example.org", 101),
        ("https://map.example.org:443", 101),
        ("https://map.example.org:8443", 421),
        ("http://map.example.org", 421),
        ("http://localhost:3000", 421),
        ("https://elsewhere.example", 421),
        ("null", 421),
    ],
)
def test_a_web_socket_comes_from_our_own_pages_only(origin, status):
    async def connect():
        inside = Inside()
        inside.end.set()
        gate = Gate(inside, HOSTED, "", lambda _claims: True)
        return await ask(gate, scope_of("/_stcore/stream", "websocket", origin=origin))

    assert finished(connect()).status == status


def test_without_a_sign_in_another_machine_is_refused():
    inside = Inside()
    elsewhere = scope_of() | {"server": ("192.0.2.1", 8501)}
    assert finished(ask(OnlyHere(inside), elsewhere)).status == 403
    assert finished(ask(OnlyHere(inside), scope_of())).status == 200


# --- the headers of a proxy


def headers_inside(client, secret: str | None, **more) -> dict:
    sent = {"X-Forwarded-Email": "somebody@example.org", "x-forwarded-groups": "staff"}
    if secret is not None:
        sent["X-Conflictmap-Proxy"] = secret
    return answer(client=client, settings=BEHIND_PROXY, **sent, **more).inside[0]


@pytest.mark.parametrize(
    ("client", "secret", "is_believed"),
    [
        (("127.0.0.1", 5000), PROXY_SECRET, True),
        (("10.0.0.9", 5000), PROXY_SECRET, True),
        (("192.0.2.7", 0), PROXY_SECRET, True),  # uvicorn took the reader's address from the proxy
        (("192.0.2.7", 5000), PROXY_SECRET, False),
        (("127.0.0.1", 5000), PROXY_SECRET + "x", False),
        (("127.0.0.1", 5000), "", False),
        (("127.0.0.1", 5000), None, False),
        (("testclient", 5000), PROXY_SECRET, False),
        (None, PROXY_SECRET, False),
    ],
)
def test_only_the_proxy_with_its_secret_says_who_is_there(client, secret, is_believed):
    inside = headers_inside(client, secret)
    told = {name.lower() for name in inside}
    assert ("x-forwarded-email" in told) is is_believed
    assert ("x-forwarded-groups" in told) is is_believed
    assert "x-conflictmap-proxy" not in told


def test_with_another_sign_in_no_header_says_who_is_there():
    found = answer(X_Forwarded_Email="somebody@example.org", client=("127.0.0.1", 0))
    assert "x-forwarded-email" not in {name.lower() for name in found.inside[0]}


# --- downloads and uploads


@contextmanager
def sessions(people: dict[str, str], monkeypatch):
    """Sessions of people, as Streamlit's running server holds them."""

    def info(session: str):
        if session not in people:
            return None
        held = {"email": people[session]} if people[session] else {}
        return SimpleNamespace(session=SimpleNamespace(_user_info=held))

    manager = SimpleNamespace(get_session_info=info)
    running = SimpleNamespace(_session_mgr=manager)
    monkeypatch.setattr(downloads.runtime, "get_instance", lambda: running)
    monkeypatch.setattr(downloads, "_offered", {"abc": {"s1"}, "old": {"ended"}})
    yield people


OTHERS = [
    ("/media/abc.csv", "briefer@example.org", 404),
    ("/media/old.csv", "analyst@example.org", 404),
    ("/media/none.csv", "analyst@example.org", 404),
    ("/media/../media/abc.csv/x", "analyst@example.org", 404),
    ("/_stcore/upload_file/s2/f", "analyst@example.org", 404),
    ("/_stcore/upload_file/s3/f", "analyst@example.org", 404),
    ("/_stcore/upload_file/s1/f", "", 401),
    ("/media/abc.csv", "", 401),
]


@pytest.mark.parametrize(
    ("path", "person", "status"),
    [
        ("/media/abc.csv", "analyst@example.org", 200),
        ("/media/abc.csv", "Analyst@Example.org", 200),
        ("/_stcore/upload_file/s1/f", "analyst@example.org", 200),
        *OTHERS,
    ],
)
def test_files_are_for_whose_session_they_belong_to(path, person, status, monkeypatch):
    people = {"s1": "analyst@example.org", "s2": "briefer@example.org", "s3": ""}
    with sessions(people, monkeypatch):
        more = {"cookie": cookie(person)} if person else {}
        found = answer(path, **more)
        assert found.status == status
        assert bool(found.inside) is (status == 200)


def test_file_made_on_click_stays_while_other_sessions_run(monkeypatch):
    files = MediaFileManager(MemoryMediaFileStorage("/media"))
    running = SimpleNamespace(media_file_mgr=files)
    monkeypatch.setattr(downloads.runtime, "get_instance", lambda: running)
    monkeypatch.setattr(media_file_manager, "_get_session_id", lambda: "s1")
    downloads.remember_offers(lambda _claims: None)
    button = files.add_deferred(lambda: b"synthetic", "text/csv", "0.1", file_name="a.csv")
    made = files.execute_deferred(button).rsplit("/", 1)[1].split(".")[0]
    for _ in range(5):  # five runs of other sessions
        files.remove_orphaned_files()
    assert files.read_file(f"{made}.csv").content == b"synthetic"
    files.clear_session_refs("s1")
    for _ in range(2):
        files.remove_orphaned_files()
    assert files.read_file(f"{made}.csv") is None


@pytest.mark.parametrize(
    "cookies",
    [
        "_streamlit_user=forged",
        f"_streamlit_user={create_signed_value(PROXY_SECRET, '_streamlit_user', '{}').decode()}",
        cookie("analyst@example.org", is_logged_in=False),
        cookie(""),
    ],
    ids=["forged", "of another secret", "signed out", "of nobody"],
)
def test_a_cookie_that_is_no_sign_in_opens_nothing(cookies, monkeypatch):
    with sessions({"s1": "analyst@example.org"}, monkeypatch):
        assert answer("/media/abc.csv", cookie=cookies).status == 401


def test_whoever_lost_their_role_gets_no_file(monkeypatch):
    with sessions({"s1": "analyst@example.org"}, monkeypatch):
        theirs = {"cookie": cookie("analyst@example.org")}
        assert answer("/media/abc.csv", is_admitted=lambda _: False, **theirs).status == 403

        def fails(_claims):
            raise StoreError("synthetic")

        assert answer("/media/abc.csv", is_admitted=fails, **theirs).status == 503


def test_streamlit_still_has_what_the_gate_leans_on():
    assert callable(starlette_websocket._get_signed_cookie_with_chunks)
    assert callable(starlette_websocket.gather_user_info)
    assert {"add", "execute_deferred"} <= set(vars(MediaFileManager))
    assert "_deferred_callables" in MediaFileManager.__init__.__code__.co_names
    assert "_session_mgr" in Runtime.__init__.__code__.co_names
    assert "_user_info" in AppSession.__init__.__code__.co_names


# --- how many at a time


async def full_gate(people: list[dict]) -> tuple[Gate, Inside, list[asyncio.Task]]:
    """Return a gate through which a web socket of each has come."""
    inside = Inside()
    gate = Gate(inside, HOSTED, "", lambda _claims: True)
    tasks = [
        asyncio.create_task(ask(gate, scope_of("/_stcore/stream", "websocket", **more)))
        for more in people
    ]
    await asyncio.sleep(0)
    return gate, inside, tasks


def person(name: str) -> dict:
    return {"cookie": cookie(f"{name}@example.org")}


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_who_comes_when_all_places_are_taken_is_told(kind):
    async def come():
        gate, inside, tasks = await full_gate([person(name) for name in "abcd"])
        path = "/" if kind == "http" else "/_stcore/stream"
        told = await ask(gate, scope_of(path, kind, **person("e")))
        file = await ask(gate, scope_of("/static/js/index.js", **person("e")))
        inside.end.set()
        await asyncio.gather(*tasks)
        return told, file, await ask(gate, scope_of("/", **person("e")))

    told, file, later = finished(come())
    assert told.status == 503
    assert server_gate.BUSY[0] in told.body
    assert told.headers["retry-after"] == "10"
    assert told.headers["set-cookie"].startswith(f'{PROCESS_COOKIE}=""; expires=')
    assert (file.status, later.status) == (200, 200)


def test_one_person_takes_no_more_than_their_share():
    async def come():
        gate, inside, tasks = await full_gate([person("a"), person("a")])
        theirs = await ask(gate, scope_of("/", **person("a")))
        others = await ask(gate, scope_of("/", **person("b")))
        inside.end.set()
        await asyncio.gather(*tasks)
        return theirs, others, gate.open_pages

    theirs, others, left = finished(come())
    assert (theirs.status, others.status) == (503, 200)
    assert server_gate.BUSY_YOURSELF[1] in theirs.body
    assert dict(left) == {}


def test_before_a_sign_in_an_address_takes_half_of_the_places():
    async def come():
        gate, inside, tasks = await full_gate([{}, {}])
        again = await ask(gate, scope_of("/"))
        elsewhere = await ask(gate, scope_of("/", client=("192.0.2.8", 1)))
        inside.end.set()
        await asyncio.gather(*tasks)
        return again.status, elsewhere.status

    assert finished(come()) == (503, 200)


# --- which process, and the headers


def test_a_page_and_a_web_socket_name_their_process():
    assert (
        answer().headers["set-cookie"] == f"{PROCESS_COOKIE}=8501; Path=/; HttpOnly; SameSite=Lax"
    )
    assert "set-cookie" not in answer(cookie=f"{PROCESS_COOKIE}=8501").headers
    assert f"{PROCESS_COOKIE}=8501" in answer(cookie=f"{PROCESS_COOKIE}=8502").headers["set-cookie"]


@pytest.mark.parametrize(
    ("path", "framed_by", "option"),
    [
        ("/", "'none'", "DENY"),
        ("/incidents", "'none'", "DENY"),
        ("/component/streamlit_folium.st_folium/index.html", "'self'", "SAMEORIGIN"),
    ],
)
def test_only_the_map_is_a_frame_and_only_of_ourselves(path, framed_by, option):
    app = HostedHeaders(Inside(), "https://map.example.org")
    found = finished(ask(app, scope_of(path)))
    assert found.headers["content-security-policy"].endswith(f"; frame-ancestors {framed_by}")
    assert found.headers["x-frame-options"] == option


def test_a_refusal_has_the_headers_too():
    app = HostedHeaders(Gate(Inside(), HOSTED, "", lambda _claims: True), HOSTED.public_address)
    found = finished(ask(app, scope_of("/_stcore/metrics")))
    assert found.status == 404
    assert found.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert found.headers["strict-transport-security"] == "max-age=31536000"


def test_cookies_travel_encrypted_only_where_the_address_is():
    for address, is_encrypted in (("https://map.example.org", True), ("http://127.0.0.1", False)):
        gate = Gate(Inside(), HOSTED, "", lambda _claims: True)
        found = finished(ask(HostedHeaders(gate, address), scope_of()))
        assert found.headers["set-cookie"].endswith("; Secure") is is_encrypted
        assert ("strict-transport-security" in found.headers) is is_encrypted
