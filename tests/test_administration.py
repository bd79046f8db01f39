"""The Administration page, and pages that refuse those who may not open them."""

from __future__ import annotations

import time
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from conflictmap.access import LOCAL_ADMINISTRATOR, MAY, Role
from conflictmap.store import (
    Store,
    add_role_rule,
    load_role_rules,
    open_store,
    role_of,
    standing_of,
)
from conflictmap.store.condition import store_condition
from conflictmap.store.people import note_visit
from tests.browser import ROOT
from tests.opening import open_page, shown_texts

ADMIN = LOCAL_ADMINISTRATOR
PAGE = "pages/administration.py"
ANNA = "anna@example.org"  # synthetic
HOSTILE = "<b>*{{7*7000003}}*</b>"

# Page -> what a role needs to open it.
PAGES = {
    "map": "read",
    "slides": "make exports",
    "monthly_brief": "make exports",
    "incidents": "read",
    "deployments": "read",
    "groups_and_claims": "read",
    "published_figures": "read",
    "sources_and_method": "read",
    "upload": "publish",
    "corrections": "publish",
    "administration": "administer",
}


@pytest.fixture
def store_here(tmp_path) -> str:
    """Address of an empty store, of made-up rows so that no report is published in it."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    open_store(url, kind="synthetic")
    return url


def pressed(app: AppTest, key: str) -> AppTest:
    assert not app.exception
    return app.button(key=key).click().run()


def held_rules(store: Store) -> list[list[object]]:
    rules = load_role_rules(store, viewer=ADMIN)
    return rules.loc[rules["ended_at"].isna(), ["kind", "value", "role"]].to_numpy().tolist()


def test_every_page_has_its_action_here():
    assert set(PAGES) == {path.stem for path in (ROOT / "pages").glob("*.py")}


def test_on_a_laptop_the_page_says_that_there_is_no_sign_in(monkeypatch, store_here):
    app = open_page(monkeypatch, store_here, PAGE)
    assert not app.exception
    told = [element.value for element in app.info]
    assert told[0].startswith("There is no sign-in here")
    assert "Nobody has signed in yet." in told
    assert "Nothing has been uploaded yet. The Upload page takes files." in told


def test_a_rule_is_added_ended_and_taken_back(monkeypatch, store_here):
    store = open_store(store_here)
    app = open_page(monkeypatch, store_here, PAGE)
    app.text_input(key="rule value").set_value("Anna@example.org").run()
    app.selectbox(key="rule role").set_value("analyst").run()
    app = pressed(app, "add rule")
    assert "Rule 1 holds." in shown_texts(app)
    app.selectbox(key="rule no").set_value(1).run()
    app = pressed(app, "end rule")
    assert role_of(store, ANNA) is None
    undo = next(button for button in app.button if button.label.startswith("Undo"))
    app = undo.click().run()
    assert not app.exception
    assert held_rules(store) == [["email", ANNA, "analyst"]]


def test_giving_away_administration_has_to_be_confirmed(monkeypatch, store_here):
    app = open_page(monkeypatch, store_here, PAGE)
    app.text_input(key="rule value").set_value(ANNA).run()
    app.selectbox(key="rule role").set_value("administrator").run()
    assert app.button(key="add rule").disabled
    app.checkbox(key="rule sure").check().run()
    pressed(app, "add rule")
    assert role_of(open_store(store_here), ANNA) == "administrator"


def test_what_cannot_be_a_rule_is_told_and_nothing_changes(monkeypatch, store_here):
    app = open_page(monkeypatch, store_here, PAGE)
    app.text_input(key="rule value").set_value("anna").run()
    app = pressed(app, "add rule")
    assert [element.value for element in app.error] == ["Nothing was changed."]
    assert held_rules(open_store(store_here)) == []


def test_somebody_is_signed_out_everywhere(monkeypatch, store_here):
    store = open_store(store_here)
    note_visit(store, standing_of(store, ANNA))
    app = open_page(monkeypatch, store_here, PAGE)
    app.selectbox(key="person to sign out").set_value(ANNA).run()
    app = pressed(app, "sign somebody out")
    assert f"{ANNA} is signed out everywhere." in shown_texts(app)
    assert standing_of(store, ANNA).signed_out_at is not None


def test_the_audit_log_is_filtered(monkeypatch, store_here):
    store = open_store(store_here)
    add_role_rule(store, "group", HOSTILE, "viewer", viewer=ADMIN)
    note_visit(store, standing_of(store, ANNA))
    app = open_page(monkeypatch, store_here, PAGE)
    assert "2 of 2 entries." in shown_texts(app)
    app.multiselect(key="log what").set_value(["give role"]).run()
    assert "1 of 2 entries." in shown_texts(app)
    app.multiselect(key="log who").set_value([ANNA]).run()
    assert "No entry matches. Widen the dates, or clear a filter." in [i.value for i in app.info]


def test_names_of_groups_are_never_markup(monkeypatch, store_here):
    add_role_rule(open_store(store_here), "group", HOSTILE, "viewer", viewer=ADMIN)
    app = open_page(monkeypatch, store_here, PAGE)
    for kind in ("markdown", "caption", "info", "error", "success", "subheader"):
        assert not [element for element in app.get(kind) if HOSTILE in str(element.proto)]


def test_the_condition_of_a_store_tells_no_address(empty_store_url):
    condition = store_condition(open_store(empty_store_url), viewer=ADMIN)
    assert condition.engine in ("SQLite", "PostgreSQL")
    assert (condition.revision, condition.last_backup_at) == (0, None)
    assert condition.size_bytes > 0
    assert empty_store_url not in repr(condition)


# --- role x page


def run_app_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make AppTest run app.py for every page, as the server does; it would run a page alone."""
    make = PagesManager.__init__

    def make_without_folder(self: PagesManager, *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", make_without_folder)


def open_as(monkeypatch, store_url: str, page: str, **claims: object) -> AppTest:
    """Run a page for somebody with these claims, or for nobody."""
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    monkeypatch.setenv("CONFLICTMAP_SIGN_IN", "openid")
    monkeypatch.setenv("CONFLICTMAP_OPENID_CLIENT_ID", "dashboard")
    run_app_first(monkeypatch)
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.user = claims
    if page != "map":
        app.switch_page(f"pages/{page}.py")
    return app.run()


def token_of(person: str) -> dict[str, object]:
    now = int(time.time())
    told = {"email": person, "aud": "dashboard", "iat": now, "exp": now + 600}
    return told | {"is_logged_in": True}


@pytest.fixture(scope="module")
def store_of_roles(tmp_path_factory) -> str:
    """Address of an empty store where a person of each role has a rule."""
    url = f"sqlite:///{tmp_path_factory.mktemp('roles') / 'store.sqlite'}"
    store = open_store(url, kind="synthetic")
    for role in MAY:
        add_role_rule(store, "email", f"{role}@example.org", role, viewer=ADMIN)
    return url


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", MAY)
def test_a_page_opens_for_those_who_may_and_refuses_the_others(
    monkeypatch, store_of_roles, role: Role, page
):
    app = open_as(monkeypatch, store_of_roles, page, **token_of(f"{role}@example.org"))
    assert not app.exception
    is_refused = "This page is not for your role." in [element.value for element in app.info]
    assert is_refused is (PAGES[page] not in MAY[role])
    if is_refused:
        assert f"The role '{role}' may not {PAGES[page]}." in shown_texts(app)
        assert not app.main.get("dataframe")
        assert not app.main.button


@pytest.mark.parametrize("page", PAGES)
def test_before_a_sign_in_a_page_is_one_button(monkeypatch, store_of_roles, page):
    app = open_as(monkeypatch, store_of_roles, page)
    assert not app.exception
    assert [button.label for button in app.button] == ["Sign in"]
    assert not app.sidebar.children
    assert {element.type for element in app.main} <= {"main", "html", "title", "text", "button"}


def test_somebody_without_a_rule_is_told_whom_to_ask(monkeypatch, store_of_roles):
    monkeypatch.setenv("CONFLICTMAP_FIRST_ADMINISTRATOR", "first@example.org")
    app = open_as(monkeypatch, store_of_roles, "incidents", **token_of(ANNA))
    assert not app.exception
    assert "Write to first@example.org." in shown_texts(app)
    assert [button.label for button in app.button] == ["Sign out"]


def test_signing_out_ends_the_sign_in(monkeypatch, store_of_roles):
    claims = token_of("viewer@example.org")
    app = open_as(monkeypatch, store_of_roles, "sources_and_method", **claims)
    app.button(key="sign out").click().run()
    assert not app.exception
    again = open_as(monkeypatch, store_of_roles, "sources_and_method", **claims)
    assert [element.value for element in again.info] == ["The sign-in has ended. Sign in again."]
