"""Who may do what by the store's rules, and that somebody is left to give them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
import sqlalchemy as sa

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.acting import acting_viewer
from conflictmap.cli import main
from conflictmap.errors import AccessError, QueryError
from conflictmap.settings import Settings
from conflictmap.store import (
    Store,
    add_role_rule,
    end_role_rule,
    load_audit,
    load_people,
    load_role_rules,
    open_store,
    role_of,
    sign_out,
    standing_of,
)
from conflictmap.store.people import note_visit, sign_out_oneself
from conflictmap.store.tables import people

ADMIN = LOCAL_ADMINISTRATOR
ANNA = "anna@example.org"  # synthetic, as all people here


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


@pytest.fixture
def store(empty_store_url: str) -> Store:
    """An empty store, on each engine."""
    return open_store(empty_store_url)


def give(store: Store, kind: str, value: str, role: str) -> int:
    return add_role_rule(store, kind, value, role, viewer=ADMIN)  # type: ignore[arg-type]


def visit(store: Store, person: str = ANNA, signed_in_at: dt.datetime | None = None) -> bool:
    return note_visit(store, standing_of(store, person), signed_in_at=signed_in_at or now())


def test_without_a_rule_there_is_no_access(store):
    assert role_of(store, ANNA, ["analysts"]) is None
    assert standing_of(store, ANNA).why == "no rule"


@pytest.mark.parametrize("role", ["viewer", "none"])
def test_a_rule_for_the_address_wins_over_higher_ones(store, role):
    give(store, "group", "analysts", "administrator")
    give(store, "domain", "example.org", "analyst")
    give(store, "email", ANNA, role)
    assert role_of(store, ANNA, ["analysts"]) == (None if role == "none" else role)
    assert standing_of(store, ANNA).why == "rule 3: e-mail anna@example.org"


def test_among_domain_and_groups_the_highest_role_holds(store):
    give(store, "domain", "example.org", "briefer")
    give(store, "group", "Readers", "viewer")
    give(store, "group", "desk", "analyst")
    give(store, "group", "nobody", "none")
    assert role_of(store, ANNA, ["readers"]) == "briefer"
    assert role_of(store, ANNA, ["readers", "desk", "nobody"]) == "analyst"
    assert role_of(store, "anna@elsewhere.org", ["nobody"]) is None


@pytest.mark.parametrize(
    "person", ["anna@sub.example.org", "anna@notexample.org", "example.org@x.y"]
)
def test_a_domain_is_the_whole_of_what_stands_behind_the_sign(store, person):
    give(store, "domain", "@Example.org", "viewer")
    assert role_of(store, ANNA) == "viewer"
    assert role_of(store, person) is None


def test_a_group_is_no_address_and_no_domain(store):
    give(store, "group", ANNA, "administrator")
    give(store, "group", "example.org", "administrator")
    assert role_of(store, ANNA) is None


def test_signs_that_mean_something_to_a_database_are_texts(store):
    give(store, "group", "%", "administrator")
    give(store, "group", "x' or '1'='1", "administrator")
    assert role_of(store, ANNA, ["readers"]) is None
    assert role_of(store, ANNA, ["x' or '1'='1"]) == "administrator"


def test_the_first_administrator_is_one_whatever_the_rules_say(store):
    give(store, "email", ANNA, "none")
    assert role_of(store, ANNA, first_administrator=ANNA) == "administrator"


def test_a_new_rule_for_the_same_ends_the_one_before(store):
    give(store, "email", ANNA, "viewer")
    give(store, "email", " ANNA@example.org ", "analyst")
    rules = load_role_rules(store, viewer=ADMIN)
    assert rules["ended_at"].notna().tolist() == [False, True]
    assert role_of(store, ANNA) == "analyst"
    with pytest.raises(QueryError, match="holds already"):
        give(store, "email", ANNA, "analyst")


def test_an_ended_rule_gives_nothing_and_stays_on_record(store):
    number = give(store, "email", ANNA, "viewer")
    end_role_rule(store, number, viewer=ADMIN)
    assert role_of(store, ANNA) is None
    assert len(load_role_rules(store, viewer=ADMIN)) == 1
    with pytest.raises(QueryError, match="no rule 1 that holds"):
        end_role_rule(store, number, viewer=ADMIN)


@pytest.mark.parametrize(
    ("kind", "value", "role"),
    [
        ("email", "anna", "viewer"),
        ("email", "an na@example.org", "viewer"),
        ("email", "a@b@example.org", "viewer"),
        ("domain", "org", "viewer"),
        ("domain", "anna@example.org", "viewer"),
        ("group", "  ", "viewer"),
        ("group", "two\nlines", "viewer"),
        ("person", ANNA, "viewer"),
        ("email", ANNA, "owner"),
    ],
)
def test_what_cannot_be_a_rule_is_refused(store, kind, value, role):
    with pytest.raises(QueryError):
        give(store, kind, value, role)
    assert load_role_rules(store, viewer=ADMIN).empty


@pytest.mark.parametrize("role", ["viewer", "briefer", "analyst"])
def test_only_administrators_read_or_change_who_may_do_what(store, role):
    viewer = Viewer("bert@example.org", role)
    number = give(store, "email", ANNA, "viewer")
    for ask in (
        lambda: add_role_rule(store, "email", viewer.name, "administrator", viewer=viewer),
        lambda: end_role_rule(store, number, viewer=viewer),
        lambda: load_role_rules(store, viewer=viewer),
        lambda: load_people(store, viewer=viewer),
        lambda: sign_out(store, ANNA, viewer=viewer),
    ):
        with pytest.raises(AccessError):
            ask()
    assert role_of(store, viewer.name) is None


def test_the_last_administrator_keeps_the_role_until_there_is_another(store):
    anna = Viewer(ANNA, "administrator")
    number = give(store, "email", ANNA, "administrator")
    for change in (
        lambda: end_role_rule(store, number, viewer=anna),
        lambda: add_role_rule(store, "email", ANNA, "viewer", viewer=anna),
    ):
        with pytest.raises(AccessError, match="Nobody would be left"):
            change()
    assert role_of(store, ANNA) == "administrator"
    add_role_rule(store, "email", "bert@example.org", "administrator", viewer=anna)
    end_role_rule(store, number, viewer=anna)
    assert role_of(store, ANNA) is None


def test_the_first_administrator_counts_as_one_who_is_left(store):
    number = give(store, "email", ANNA, "administrator")
    anna = Viewer(ANNA, "administrator")
    end_role_rule(store, number, viewer=anna, first_administrator="bert@example.org")
    assert role_of(store, ANNA) is None


def test_every_change_is_in_the_audit_log(store):
    number = give(store, "email", ANNA, "analyst")
    visit(store)
    sign_out(store, ANNA, viewer=ADMIN)
    end_role_rule(store, number, viewer=ADMIN)
    log = load_audit(store, viewer=ADMIN)[["who", "action", "subject"]]
    assert log.to_numpy().tolist() == [
        [ADMIN.name, "end role", "rule 1: email anna@example.org, analyst"],
        [ADMIN.name, "sign out", ANNA],
        [ANNA, "sign in", "analyst: rule 1: e-mail anna@example.org"],
        [ADMIN.name, "give role", "rule 1: email anna@example.org, analyst"],
    ]


def test_a_visit_is_written_once_an_hour_and_a_new_sign_in_at_once(store):
    first = now()
    assert visit(store, signed_in_at=first)
    assert not visit(store, signed_in_at=first)
    assert visit(store, signed_in_at=first + dt.timedelta(minutes=30))
    assert not visit(store, signed_in_at=first + dt.timedelta(minutes=30))
    with store.writer.begin() as connection:
        connection.execute(sa.update(people).values(last_seen=first - dt.timedelta(hours=2)))
    assert visit(store, signed_in_at=first - dt.timedelta(hours=3))
    log = load_audit(store, viewer=ADMIN)
    assert (log["action"] == "sign in").sum() == 2


def test_people_are_listed_with_their_role_and_why(store):
    give(store, "domain", "example.org", "viewer")
    give(store, "group", "desk", "analyst")
    visit(store, "bert@example.org", now() - dt.timedelta(hours=1))
    note_visit(store, standing_of(store, ANNA, ["desk"]), signed_in_at=now())
    listed = load_people(store, viewer=ADMIN).set_index("person")
    assert listed.loc[ANNA, ["role", "why", "at_last_sign_in"]].tolist() == [
        "viewer",
        "rule 1: domain example.org",
        "analyst: rule 2: group desk",
    ]
    assert pd.isna(listed.loc[ANNA, "signed_out_at"])


def test_a_sign_out_reaches_a_sign_in_of_a_clock_ahead_of_ours(store):
    ahead = now() + dt.timedelta(minutes=1)
    visit(store, signed_in_at=ahead)
    sign_out_oneself(store, ANNA, signed_in_at=ahead)
    assert standing_of(store, ANNA).signed_out_at >= ahead


def test_somebody_unknown_cannot_be_signed_out(store):
    with pytest.raises(QueryError, match="Nobody of this address has signed in"):
        sign_out(store, ANNA, viewer=ADMIN)


# --- the command line

HOSTED = Settings(is_hosted=True, acts_as=ANNA)


def test_on_a_laptop_commands_are_given_by_the_local_administrator(store):
    assert acting_viewer(Settings(), store) == ADMIN


def test_hosted_a_command_is_given_by_a_person_with_the_role_of_the_store(store):
    with pytest.raises(AccessError, match="Set CONFLICTMAP_AS"):
        acting_viewer(replace(HOSTED, acts_as=""), store)
    with pytest.raises(AccessError, match="No rule gives"):
        acting_viewer(HOSTED, store)
    give(store, "domain", "example.org", "analyst")
    assert acting_viewer(HOSTED, store) == Viewer(ANNA, "analyst")
    first = replace(HOSTED, first_administrator=ANNA)
    assert acting_viewer(first, store) == Viewer(ANNA, "administrator")


def test_roles_are_given_listed_and_ended_by_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    assert main(["roles", "give", "--domain", "example.org", "viewer"]) == 0
    assert main(["roles"]) == 0
    assert "1: domain example.org, viewer" in capsys.readouterr().out
    monkeypatch.setenv("CONFLICTMAP_HOSTED", "1")
    monkeypatch.setenv("CONFLICTMAP_AS", ANNA)
    assert main(["roles", "end", "1"]) == 1
    assert "The role 'viewer' may not administer" in capsys.readouterr().err
    monkeypatch.setenv("CONFLICTMAP_FIRST_ADMINISTRATOR", ANNA)
    assert main(["roles", "end", "1"]) == 0
    assert main(["sign-out", ANNA]) == 1
