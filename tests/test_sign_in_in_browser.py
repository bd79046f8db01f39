"""The sign-in as readers and strangers meet it: a real provider, Chromium, and bare connections."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from conflictmap.access import LOCAL_ADMINISTRATOR, Role
from conflictmap.boundaries import read_edition
from conflictmap.settings import Settings
from conflictmap.store import load_table, open_store
from tests import sign_in_provider
from tests.browser import BrowserPage, open_window
from tests.sign_in_provider import (
    PEOPLE,
    USER_COOKIE,
    Dashboard,
    cookies_after_sign_in,
    open_as,
    open_as_stranger,
    sign_in,
    signed_in_dashboard,
    talk,
)

READ = ["Map", "Incidents", "Deployments", "Groups and claims", "Published figures"]
READ += ["Sources and method"]
EXPORT = ["Slides", "Monthly brief"]
PUBLISH = ["Upload", "Corrections"]
LISTED: dict[Role, list[str]] = {
    "viewer": READ,
    "briefer": [*READ, *EXPORT],
    "analyst": [*READ, *EXPORT, *PUBLISH],
    "administrator": [*READ, *EXPORT, *PUBLISH, "Administration"],
}
LIGHT = "/sources_and_method"  # the page that takes least time


@pytest.fixture(scope="module")
def dashboard(store_url: str, tmp_path_factory) -> Iterator[Dashboard]:
    """One dashboard with a sign-in, on a store of the shipped data of its own."""
    folder = tmp_path_factory.mktemp("signed-in")
    copy = folder / "store.sqlite"
    for path in Path(store_url.removeprefix("sqlite:///")).parent.glob("store.sqlite*"):
        shutil.copy(path, folder / path.name)
    with signed_in_dashboard(f"sqlite:///{copy}") as served:
        yield served


@pytest.fixture(scope="module")
def own_window(chromium: Any, dashboard: Dashboard) -> Iterator[Any]:
    """A window of Chromium for one person after the other."""
    with open_window(chromium, dashboard.address) as opened:
        yield opened


@pytest.fixture
def stranger(own_window: Any, dashboard: Dashboard) -> Iterator[BrowserPage]:
    """A tab in which nobody is signed in."""
    with open_as_stranger(own_window, dashboard) as tab:
        yield tab


def expect_way_in(page: Page) -> None:
    """The page is the one before a sign-in."""
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible(timeout=20_000)
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(0)


def run_again(page: Page) -> None:
    """Let the page run once more: its own name in the menu is pressed."""
    page.get_by_test_id("stSidebarNavLink").last.click()


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_signs_in_and_sees_its_pages(dashboard, stranger, role):
    stranger.open(LIGHT)
    sign_in(stranger, PEOPLE[role])
    links = stranger.page.get_by_test_id("stSidebarNavLink")
    expect(links).to_have_count(len(LISTED[role]), timeout=20_000)
    named = [link.inner_text().splitlines()[-1].strip() for link in links.all()]
    assert sorted(named) == sorted(LISTED[role])
    expect(stranger.page.get_by_text(PEOPLE[role])).to_be_visible()
    expect(stranger.page.get_by_text(role.capitalize(), exact=True)).to_be_visible()


def test_a_link_leads_to_its_page_over_the_sign_in(dashboard, stranger):
    stranger.open("/incidents?from=2022-12-01&to=2022-12-31")
    expect_way_in(stranger.page)
    sign_in(stranger, PEOPLE["viewer"])
    expect(stranger.page.get_by_role("heading", name="Incidents")).to_be_visible(timeout=20_000)
    assert stranger.page.url.endswith("/incidents?from=2022-12-01&to=2022-12-31")


def test_somebody_unknown_is_told_whom_to_ask(dashboard, stranger):
    stranger.open(LIGHT)
    sign_in(stranger, "unknown@elsewhere.org")
    expect(stranger.page.get_by_text("you have no access yet")).to_be_visible(timeout=20_000)
    expect(stranger.page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
    expect(stranger.page.get_by_test_id("stDataFrame")).to_have_count(0)


def test_an_address_that_is_not_verified_is_refused(dashboard, stranger):
    dashboard.provider.set_unverified([PEOPLE["viewer"]])
    try:
        stranger.open(LIGHT)
        sign_in(stranger, PEOPLE["viewer"])
        expect(stranger.page.get_by_text("has not verified your e-mail")).to_be_visible(
            timeout=20_000
        )
    finally:
        dashboard.provider.set_unverified([])
    expect_way_in(stranger.page)


@pytest.mark.parametrize(
    "fault",
    [
        "expired",
        "audience",
        "issuer",
        "nonce",
        "signature",
        "no signature",
    ],
)
def test_a_wrong_token_signs_nobody_in(dashboard, fault):
    assert USER_COOKIE in cookies_after_sign_in(dashboard, PEOPLE["administrator"])
    dashboard.provider.hand_out(fault)
    try:
        found = cookies_after_sign_in(dashboard, PEOPLE["administrator"])
    finally:
        dashboard.provider.hand_out("")
    assert USER_COOKIE not in found


def test_a_token_for_another_application_that_names_us_signs_nobody_in(dashboard, stranger):
    dashboard.provider.hand_out("audience with our azp")  # which Authlib lets pass
    try:
        stranger.open(LIGHT)
        sign_in(stranger, PEOPLE["administrator"])
    finally:
        dashboard.provider.hand_out("")
    expect_way_in(stranger.page)
    expect(stranger.page.get_by_text("for another application")).to_be_visible()


def test_a_group_gives_its_role(dashboard, stranger):
    dashboard.give("Kabul desk", "analyst", kind="group")
    dashboard.provider.set_groups({"member@elsewhere.org": ["kabul desk"]})
    stranger.open(LIGHT)
    sign_in(stranger, "member@elsewhere.org")
    links = stranger.page.get_by_test_id("stSidebarNavLink")
    expect(links).to_have_count(len(LISTED["analyst"]), timeout=20_000)


def test_a_role_that_is_taken_away_is_gone_at_the_next_run(own_window, dashboard):
    person = "passing@example.org"
    dashboard.give(person, "viewer")
    with open_as(own_window, dashboard, person) as tab:
        tab.open(LIGHT)
        links = tab.page.get_by_test_id("stSidebarNavLink")
        expect(links).to_have_count(len(READ), timeout=20_000)
        dashboard.give(person, "briefer")
        run_again(tab.page)
        expect(links).to_have_count(len(LISTED["briefer"]), timeout=20_000)
        dashboard.end(person)
        run_again(tab.page)
        expect(tab.page.get_by_text("you have no access yet")).to_be_visible()
        expect(links).to_have_count(0)
        expect(tab.page.get_by_test_id("stDataFrame")).to_have_count(0)


def test_a_sign_out_ends_this_tab_another_one_and_a_copied_cookie(chromium, dashboard):
    person = PEOPLE["briefer"]
    begun = int(time.time()) - 5
    with open_as(chromium, dashboard, person, iat=begun) as tab:
        tab.open(LIGHT)
        other = tab.page.context.new_page()
        other.goto(dashboard.address + LIGHT)
        for page in (tab.page, other):
            expect(page.get_by_text(person)).to_be_visible(timeout=20_000)
        tab.page.get_by_role("button", name="Sign out").click()
        # The provider asks whether its own session is to end, too; whatever is answered, ours has.
        tab.page.wait_for_url(f"{dashboard.provider.issuer}/session/end*", timeout=20_000)
        assert USER_COOKIE not in {cookie["name"] for cookie in tab.page.context.cookies()}
        run_again(other)
        expect(other.get_by_text("The sign-in has ended")).to_be_visible()
        expect_way_in(other)
    with open_as(chromium, dashboard, person, iat=begun) as copied:
        copied.open(LIGHT)
        expect(copied.page.get_by_text("The sign-in has ended")).to_be_visible(timeout=20_000)


def test_a_page_opened_by_its_address_refuses_calmly(own_window, dashboard):
    with open_as(own_window, dashboard, PEOPLE["viewer"]) as tab:
        for path in ("/administration", "/corrections", "/upload", "/slides", "/monthly_brief"):
            tab.open(path)
            refusal = tab.page.get_by_text("This page is not for your role.")
            expect(refusal).to_be_visible(timeout=20_000)
            expect(tab.page.get_by_role("dialog")).to_have_count(0)
            expect(tab.page.get_by_test_id("stException")).to_have_count(0)


def test_the_administration_page_fits_a_phone(own_window, dashboard):
    with open_as(own_window, dashboard, PEOPLE["administrator"], width=390, height=844) as tab:
        tab.open("/administration")
        expect(tab.page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=20_000)
        wide = tab.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390


# --- bare connections


def words_of_the_data(dashboard: Dashboard) -> list[bytes]:
    """Return what only somebody who signed in may receive: names, titles, ids, codes."""
    store = open_store(dashboard.store_url)
    edition = read_edition(Settings().edition_folder)
    incidents = load_table(store, "incidents", viewer=LOCAL_ADMINISTRATOR)
    sources = load_table(store, "sources", viewer=LOCAL_ADMINISTRATOR)
    actors = load_table(store, "actors", viewer=LOCAL_ADMINISTRATOR)
    texts = [*incidents["incident_id"], *incidents["title"], *sources["source_id"]]
    texts += [*sources["title"], *actors["actor_id"], *edition.provinces["adm1_code"]]
    return [str(text).encode() for text in texts if len(str(text)) > 4]


@pytest.mark.parametrize(
    "path",
    ["/", "/incidents", "/sources_and_method", "/corrections", "/administration", "/nowhere"],
)
def test_a_strangers_connection_gets_no_data(dashboard, path):
    with talk(dashboard) as line:
        line.run(path)
        line.run(path, "source=8am-2022-12")
        assert [word for word in words_of_the_data(dashboard) if word in line.received] == []
        assert b"Sign in" in line.received


def test_the_same_connection_of_a_reader_gets_data(dashboard):
    with talk(dashboard, PEOPLE["viewer"]) as line:
        line.run("/incidents")
        assert any(word in line.received for word in words_of_the_data(dashboard))


def test_a_session_id_without_its_cookie_gets_a_fresh_session(dashboard):
    with talk(dashboard, PEOPLE["administrator"]) as line:
        line.run("/administration")
        assert b"Audit log" in line.received
        with talk(dashboard, session_id=line.session_id) as thief:
            thief.run("/administration")
            assert thief.session_id != line.session_id
            assert b"Audit log" not in thief.received
        with talk(dashboard, PEOPLE["viewer"], session_id=line.session_id) as other:
            other.run("/administration")
            assert other.session_id != line.session_id
            assert b"Audit log" not in other.received
    with talk(dashboard, session_id=line.session_id) as late:
        late.run("/administration")
        assert late.session_id != line.session_id
        assert b"Audit log" not in late.received


def test_a_cookie_signed_with_another_secret_is_none(dashboard, monkeypatch):
    monkeypatch.setattr(sign_in_provider, "COOKIE_SECRET", "another-secret-of-32-characters-or-so")
    with talk(dashboard, PEOPLE["administrator"]) as line:
        line.run("/administration")
        assert b"Audit log" not in line.received
        assert b"Sign in" in line.received


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"aud": "another"},
        {"email_verified": False},
        {"origin": "http://elsewhere.test"},
    ],
)
def test_a_cookie_of_a_token_that_is_not_good_now_is_none(dashboard, claims):
    with talk(dashboard, PEOPLE["administrator"], **claims) as line:
        line.run("/administration")
        assert b"Audit log" not in line.received
        assert b"Sign in" in line.received
