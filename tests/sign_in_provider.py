"""A dashboard with a sign-in, for tests: the provider, people of each role, ways to be one of them.

    with signed_in_dashboard(store_url) as dashboard:        # roles are given, see PEOPLE
        with open_as(chromium, dashboard, PEOPLE["viewer"]) as tab:     # a tab that is signed in
            tab.open("/incidents")
        with open_as_stranger(chromium, dashboard) as tab:
            tab.open("/incidents?from=2022-12-01")
            sign_in(tab, PEOPLE["analyst"])                             # as a reader does it

`open_as` puts the cookie into the browser that a sign-in would leave there (`cookie_of` makes it,
for a raw client too: `cookie_header`), which takes no time; `sign_in` goes the whole way through
the provider's own page. `dashboard.provider` hands out wrong tokens, groups and lifetimes at will;
`dashboard.give(...)` and `dashboard.end(...)` change rules while people are connected.
`Talk` speaks Streamlit's messages without a browser and keeps every byte that comes.
"""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urljoin

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Browser, BrowserContext, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import (
    create_signed_value,
    generate_xsrf_token_string,
)
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from conflictmap.access import LOCAL_ADMINISTRATOR, Role
from conflictmap.store import Store, add_role_rule, end_role_rule, open_store
from conflictmap.store.people import RuleKind
from tests.browser import (
    ROOT,
    BrowserPage,
    free_port,
    open_page,
    open_tab,
    serving,
    streamlit_run,
)

PEOPLE: Mapping[Role, str] = {
    "viewer": "viewer@example.org",
    "briefer": "briefer@example.org",
    "analyst": "analyst@example.org",
    "administrator": "administrator@example.org",
}
"""Synthetic people, one of each role."""

CLIENT_ID = "dashboard-of-the-tests"
CLIENT_SECRET = "a-secret-of-the-tests-that-is-nowhere-else"
COOKIE_SECRET = "0123456789abcdef-cookie-of-the-tests-fedcba9876543210"
USER_COOKIE = "_streamlit_user"
XSRF_COOKIE = "_streamlit_xsrf"

# --- the provider


class Provider:
    """The OpenID provider; what is ordered holds for every token that follows."""

    def __init__(self, issuer: str, process: subprocess.Popen[str]) -> None:
        self.issuer = issuer
        self._process = process
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._wait_for("listening")

    @property
    def metadata_url(self) -> str:
        """Where the provider describes itself."""
        return f"{self.issuer}/.well-known/openid-configuration"

    def hand_out(self, fault: str) -> None:
        """Make ID tokens wrong in one way: a key of WRONG in sign_in_provider.mjs; "": right."""
        self._order(fault=fault)

    def set_groups(self, groups: Mapping[str, list[str]]) -> None:
        """Say which groups the tokens of which people name."""
        self._order(groups=dict(groups))

    def set_unverified(self, people: list[str]) -> None:
        """Say whose addresses are not verified."""
        self._order(unverified=people)

    def set_lifetime(self, seconds: int) -> None:
        """Say how long ID tokens are good for."""
        self._order(lifetime_s=seconds)

    def _order(self, **order: object) -> None:
        stdin = _stream(self._process.stdin)
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        self._wait_for("done")

    def _listen(self) -> None:
        for line in _stream(self._process.stdout):
            self._answers.put(line.strip())

    def _wait_for(self, answer: str) -> None:
        while self._answers.get(timeout=30) != answer:
            pass


@contextmanager
def provider(redirect_uri: str) -> Iterator[Provider]:
    """Run the provider on a port of its own; where Node.js is missing the test is skipped."""
    node = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv" / "bin"))
    if node is None or not (ROOT / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("The OpenID provider is missing: run `make setup`")
    issuer = f"http://127.0.0.1:{free_port()}"
    command = [node, "tests/sign_in_provider.mjs", issuer, redirect_uri, CLIENT_ID, CLIENT_SECRET]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # advice for a provider in production
        text=True,
    ) as process:
        try:
            yield Provider(issuer, process)
        finally:
            process.kill()


# --- the dashboard


@dataclass
class Dashboard:
    """A dashboard that asks for a sign-in, and its provider."""

    address: str
    store_url: str
    provider: Provider
    rules: dict[str, int] = field(default_factory=dict)
    """Number of the rule that `give` made, by address, domain or group."""

    @property
    def store(self) -> Store:
        """The store of the dashboard, opened here too."""
        return open_store(self.store_url)

    def give(self, value: str, role: str, *, kind: RuleKind = "email") -> None:
        """Add a rule."""
        self.rules[value] = add_role_rule(self.store, kind, value, role, viewer=LOCAL_ADMINISTRATOR)

    def end(self, value: str) -> None:
        """End the rule that `give` added."""
        end_role_rule(self.store, self.rules.pop(value), viewer=LOCAL_ADMINISTRATOR)


@contextmanager
def signed_in_dashboard(
    store_url: str,
    *,
    roles: Mapping[Role, str] = PEOPLE,
    environment: Mapping[str, str] | None = None,
    log_file: Path | None = None,
) -> Iterator[Dashboard]:
    """Serve a dashboard that asks for a sign-in, with its provider; rules give people their roles.

    Parameters
    ----------
    store_url
        A store of the test's own, since rules are added to it.
    environment
        More settings, or other values of these.
    log_file
        Where to leave the server's log.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with provider(f"{address}/oauth2callback") as by:
        settings = {
            "CONFLICTMAP_STORE": store_url,
            "CONFLICTMAP_SIGN_IN": "openid",
            "CONFLICTMAP_PUBLIC_ADDRESS": address,
            "CONFLICTMAP_OPENID_METADATA_URL": by.metadata_url,
            "CONFLICTMAP_OPENID_CLIENT_ID": CLIENT_ID,
            "CONFLICTMAP_OPENID_CLIENT_SECRET": CLIENT_SECRET,
            "CONFLICTMAP_OPENID_PROMPT": "login",
            "CONFLICTMAP_COOKIE_SECRET": COOKIE_SECRET,
        } | dict(environment or {})
        run = streamlit_run(port)
        with serving(run, port, environment=settings, log_file=log_file) as served:
            dashboard = Dashboard(served, store_url, by)
            for role, person in roles.items():
                dashboard.give(person, role)
            yield dashboard


# --- with a browser


@contextmanager
def open_as_stranger(
    browser: Browser | BrowserContext,
    dashboard: Dashboard,
    *,
    width: int = 1440,
    height: int = 900,
) -> Iterator[BrowserPage]:
    """Give a tab in which nobody is signed in, and which may go to the provider.

    In a window of `open_window`, which takes less time, for one person after the other; in a
    browser, in a window of its own.
    """
    also = dashboard.provider.issuer
    opened = (
        open_page(browser, dashboard.address, also=also, width=width, height=height)
        if isinstance(browser, Browser)
        else open_tab(browser, dashboard.address, also=also, width=width, height=height)
    )
    with opened as tab:
        yield tab


@contextmanager
def open_as(
    browser: Browser | BrowserContext,
    dashboard: Dashboard,
    person: str,
    *,
    width: int = 1440,
    height: int = 900,
    **claims: object,
) -> Iterator[BrowserPage]:
    """Give a tab in which a person is signed in already, as `open_as_stranger` gives one."""
    with open_as_stranger(browser, dashboard, width=width, height=height) as tab:
        cookie = cookie_of(dashboard, person, **claims)
        tab.page.context.add_cookies(
            [{"name": USER_COOKIE, "value": cookie, "url": dashboard.address}]
        )
        yield tab


def sign_in(tab: BrowserPage, person: str) -> None:
    """Go the way through the provider's page as a person, from the page that asks to sign in."""
    tab.page.get_by_role("button", name="Sign in", exact=True).click()
    tab.page.locator("input[name=login]").fill(person)
    tab.page.locator("input[name=password]").fill("any")
    tab.page.get_by_role("button", name="Sign-in").click()
    allow = tab.page.get_by_role("button", name="Continue")
    app = tab.page.get_by_test_id("stApp")
    expect(allow.or_(app).first).to_be_visible(timeout=20_000)
    if allow.is_visible():  # asked once of each person
        allow.click()
        expect(app).to_be_visible(timeout=20_000)


# --- without the provider, and without a browser


def cookies_after_sign_in(dashboard: Dashboard, person: str) -> dict[str, str]:
    """Go the way through the provider's page without a browser; return the cookies that it left."""
    # What the address has to which the button "Sign in" leads.
    promise = {"provider": "default", "exp": int(time.time()) + 60}
    token = jwt.encode({"alg": "HS256"}, promise, OctKey.import_key(COOKIE_SECRET))
    with requests.Session() as client:
        answer = client.get(
            f"{dashboard.address}/auth/login", params={"provider": token}, timeout=30
        )
        while answer.url.startswith(dashboard.provider.issuer):  # asks to sign in, then to consent
            action = re.search(r'action="([^"]+)"', answer.text)
            asked = re.search(r'name="prompt" value="(\w+)"', answer.text)
            if action is None or asked is None:
                raise AssertionError(answer.text)
            given = {"prompt": asked[1], "login": person, "password": "any"}
            answer = client.post(urljoin(answer.url, action[1]), data=given, timeout=30)
        return {cookie.name: cookie.value or "" for cookie in client.cookies}


def cookie_of(dashboard: Dashboard, person: str, **claims: object) -> str:
    """Return the cookie that a sign-in of a person leaves; `claims` replace those of its token."""
    now = int(time.time())
    told = {
        "sub": person,
        "email": person,
        "email_verified": True,
        "aud": CLIENT_ID,
        "iss": dashboard.provider.issuer,
        "iat": now,
        "exp": now + 3600,
        "origin": dashboard.address,
        "is_logged_in": True,
        "provider": "default",
    } | claims
    return create_signed_value(COOKIE_SECRET, USER_COOKIE, json.dumps(told)).decode()


def cookie_header(dashboard: Dashboard, person: str, **claims: object) -> tuple[str, str]:
    """Return the header of cookies of a signed-in client, and the token it has to send along."""
    token = generate_xsrf_token_string(os.urandom(16), 1)
    return f"{USER_COOKIE}={cookie_of(dashboard, person, **claims)}; {XSRF_COOKIE}={token}", token


class Talk:
    """One connection that speaks Streamlit's messages; `received` is all that ever came."""

    def __init__(self, socket: ClientConnection, address: str) -> None:
        self.socket = socket
        self.address = address
        self.received = b""
        self.session_id = ""
        self.page = ""

    def run(self, path: str = "/", query: str = "") -> list[ForwardMsg]:
        """Ask for a page and return the messages until its script has ended."""
        request = BackMsg()
        state = request.rerun_script
        state.query_string = query
        state.page_name = path.strip("/")
        state.context_info.url = f"{self.address}{path}"
        return self.ask(request)

    def ask(self, request: BackMsg) -> list[ForwardMsg]:
        """Send a message that runs a page, forged or not; return those until its script ends."""
        self.socket.send(request.SerializeToString())
        messages = []
        while True:
            data = self.socket.recv(timeout=60, decode=False)
            self.received += data
            message = ForwardMsg.FromString(data)
            messages.append(message)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session_id = message.new_session.initialize.session_id
            has_ended = kind == "script_finished"
            if has_ended and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return messages

    def texts(self, messages: list[ForwardMsg]) -> list[str]:
        """Return what the messages show by ``st.text``."""
        shown = [message.delta.new_element for message in messages if message.HasField("delta")]
        return [element.text.body for element in shown if element.HasField("text")]


@contextmanager
def talk(
    dashboard: Dashboard, person: str = "", *, session_id: str = "", **claims: object
) -> Iterator[Talk]:
    """Connect to the dashboard as a person, or as a stranger, without a browser.

    Parameters
    ----------
    session_id
        Session to go on with, as a browser asks for it after a break.
    """
    headers, token = {}, ""
    if person:
        headers["Cookie"], token = cookie_header(dashboard, person, **claims)
    spoken = ["streamlit", token or "none", session_id] if session_id or token else ["streamlit"]
    with connect(
        dashboard.address.replace("http://", "ws://") + "/_stcore/stream",
        origin=dashboard.address,  # type: ignore[arg-type]
        subprotocols=[Subprotocol(part) for part in spoken if part],
        additional_headers=headers,
        max_size=None,
    ) as socket:
        yield Talk(socket, dashboard.address)


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
