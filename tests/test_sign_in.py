"""Whom a sign-in speaks of, when it is over, and where it leads back to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import StoreError
from conflictmap.identity import (
    NotSignedInError,
    identity_of_headers,
    identity_of_token,
    lower_case,
)
from conflictmap.settings import Settings
from conflictmap.store import Store, add_role_rule, open_store, sign_out
from conflictmap.ui import visit as visits
from conflictmap.ui.sign_in_server import asked_page, sign_in_parts
from conflictmap.ui.visit import Visit, read_visit

ANNA = "anna@example.org"  # synthetic
NOW = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
OPENID = Settings(sign_in="openid", openid_client_id="dashboard")


def seconds(at: dt.datetime) -> int:
    return int(at.replace(tzinfo=dt.UTC).timestamp())


def token(**changes: object) -> dict[str, Any]:
    told: dict[str, Any] = {
        "is_logged_in": True,
        "email": ANNA,
        "email_verified": True,
        "aud": "dashboard",
        "iat": seconds(NOW),
        "exp": seconds(NOW + dt.timedelta(hours=1)),
        "groups": ["Desk", "readers", 7],
    } | changes
    return {name: value for name, value in told.items() if value is not None}


def identity(claims: dict[str, Any]):
    return identity_of_token(claims, client_id="dashboard", groups_claim="groups", now=NOW)


def test_a_token_names_a_person_and_groups():
    found = identity(token(email=" Anna@Example.ORG "))
    assert (found.person, found.groups, found.signed_in_at) == (ANNA, ("desk", "readers"), NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": ANNA},
        token(is_logged_in=False),
        token(exp=seconds(NOW)),
        token(exp=None),
        token(exp="tomorrow"),
        token(exp=True),
        token(exp=float("inf")),
        token(iat=None),
        token(aud="another"),
        token(aud=["another"]),
        token(aud=None),
        token(email_verified=False),
        token(email_verified="false"),
        token(email_verified=0),
        token(email=None),
        token(email=["anna@example.org"]),
        token(email="anna"),
        token(email="anna@example.org, eve@example.org"),
    ],
)
def test_what_has_ended_is_for_others_or_names_nobody_is_no_sign_in(claims):
    with pytest.raises(NotSignedInError):
        identity(claims)


@pytest.mark.parametrize("claims", [token(email_verified=None), token(aud=["x", "dashboard"])])
def test_what_a_provider_may_leave_out_or_list_is_taken(claims):
    assert identity(claims).person == ANNA


def test_without_a_client_no_token_is_for_us():
    with pytest.raises(NotSignedInError):
        identity_of_token(token(aud=""), client_id="", groups_claim="groups", now=NOW)


def test_a_sign_that_only_becomes_a_letter_in_lower_case_stays_what_it_is():
    kelvin = "\N{KELVIN SIGN}"
    assert kelvin.lower() == "k"
    assert lower_case(f"{kelvin}ANNA") == f"{kelvin}anna"


def test_headers_name_a_person_and_groups_by_commas():
    found = identity_of_headers({"email": "Anna@example.org", "groups": "Desk, b,"}, first_seen=NOW)
    assert (found.person, found.groups) == (ANNA, ("b", "desk"))
    for nobody in ({}, {"email": None}, {"email": ""}, {"email": "anna"}):
        with pytest.raises(NotSignedInError):
            identity_of_headers(nobody, first_seen=NOW)


# --- a visit: the sign-in and the store together


@pytest.fixture
def store(tmp_path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def visit(store: Store, claims: dict[str, Any], settings: Settings = OPENID) -> Visit:
    return read_visit(claims, settings, lambda: store, client_id="dashboard", first_seen=NOW)


def test_before_a_sign_in_the_store_is_not_opened():
    def open_nothing() -> Store:
        raise AssertionError("opened")

    found = read_visit({}, OPENID, open_nothing, client_id="dashboard", first_seen=NOW)
    assert (found.viewer, found.identity) == (None, None)


def test_somebody_without_a_rule_is_known_and_may_nothing(store):
    found = visit(store, token())
    assert found.viewer is None
    assert found.identity is not None


def test_a_rule_acts_at_the_next_run(store):
    add_role_rule(store, "group", "desk", "analyst", viewer=LOCAL_ADMINISTRATOR)
    assert visit(store, token()).viewer == Viewer(ANNA, "analyst")
    add_role_rule(store, "email", ANNA, "none", viewer=LOCAL_ADMINISTRATOR)
    assert visit(store, token()).viewer is None


def test_a_sign_out_ends_what_was_signed_in_before_and_not_after(store):
    add_role_rule(store, "email", ANNA, "viewer", viewer=LOCAL_ADMINISTRATOR)
    assert visit(store, token()).viewer
    sign_out(store, ANNA, viewer=LOCAL_ADMINISTRATOR)
    assert visit(store, token()).refusal == "The sign-in has ended. Sign in again."
    later = seconds(dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(minutes=1))
    assert visit(store, token(iat=later)).viewer


def test_whoever_cannot_be_noted_can_still_read(store, monkeypatch):
    def fail(*_arguments: object, **_named: object) -> bool:
        raise StoreError("read-only")

    monkeypatch.setattr(visits, "note_visit", fail)
    add_role_rule(store, "email", ANNA, "viewer", viewer=LOCAL_ADMINISTRATOR)
    assert visit(store, token()).viewer == Viewer(ANNA, "viewer")


def test_headers_are_no_token_and_a_token_no_headers(store):
    add_role_rule(store, "email", ANNA, "viewer", viewer=LOCAL_ADMINISTRATOR)
    assert visit(store, {"email": ANNA}).viewer is None
    assert visit(store, {"email": ANNA}, Settings(sign_in="headers")).viewer


# --- what Streamlit is told


def test_on_a_laptop_streamlit_is_told_nothing():
    assert sign_in_parts(Settings()) == {}


@pytest.mark.parametrize(
    ("referrer", "page"),
    [
        (
            "http://map.test/incidents?from=2022-12-01&id=a%20b",
            "/incidents?from=2022-12-01&id=a%20b",
        ),
        ("http://map.test/", "/"),
        ("http://elsewhere.test/incidents", ""),
        ("http://map.test//elsewhere.test", ""),
        ("http://map.test/auth/login?provider=x", ""),
        ("http://map.test/..%2f", ""),
        ("http://map.test/incidents?x=\r\nSet-Cookie: a=b", ""),
        ("http://map.test/incidents?" + "x" * 2000, ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_sign_in_leads_back_to_a_page_of_the_dashboard_and_nowhere_else(referrer, page):
    assert asked_page(referrer, "map.test") == page


def test_a_dashboard_below_a_path_leads_back_below_it():
    assert asked_page("http://map.test/afg/slides", "map.test", "/afg") == "/slides"
    assert asked_page("http://map.test/slides", "map.test", "/afg") == ""
