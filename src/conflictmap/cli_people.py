"""The commands on people: list, give and end roles, and sign somebody out."""

from __future__ import annotations

import argparse
from typing import Any

import pandas as pd

from conflictmap.acting import acting_viewer
from conflictmap.settings import Settings
from conflictmap.store import (
    add_role_rule,
    end_role_rule,
    load_people,
    load_role_rules,
    open_store,
    sign_out,
)
from conflictmap.store.people import RULE_KINDS, RULE_ROLES


def add_commands(commands: Any) -> None:
    """Add ``roles`` and ``sign-out`` to the command's sub-commands."""
    roles = commands.add_parser("roles", help="list, give and end roles")
    roles.set_defaults(run=_list)
    actions = roles.add_subparsers(metavar="ACTION")

    give = actions.add_parser("give", help="give a role to an address, a domain or a group")
    whom = give.add_mutually_exclusive_group(required=True)
    for kind in RULE_KINDS:
        whom.add_argument(f"--{kind}", metavar="VALUE")
    give.add_argument("role", choices=RULE_ROLES)
    give.set_defaults(run=_give)

    end = actions.add_parser("end", help="end a rule that gives a role")
    numbered = "its number; `conflictmap roles` lists them"
    end.add_argument("rule", type=int, metavar="ID", help=numbered)
    end.set_defaults(run=_end)

    out = commands.add_parser("sign-out", help="end every sign-in of a person")
    out.add_argument("person", metavar="EMAIL")
    out.set_defaults(run=_sign_out)


def _list(options: argparse.Namespace, settings: Settings) -> int:
    store = open_store(settings.store_url)
    viewer = acting_viewer(settings, store)
    first = settings.first_administrator
    if first:
        print(f"{first}: administrator by CONFLICTMAP_FIRST_ADMINISTRATOR")
    rules = load_role_rules(store, viewer=viewer)
    held = rules[rules["ended_at"].isna()]
    for row in held.itertuples():
        print(f"{row.rule_id}: {row.kind} {row.value}, {row.role}; {_by(row)}")
    if held.empty:
        print("No rule gives anybody a role.")
    people = load_people(store, viewer=viewer, first_administrator=first)
    for row in people.itertuples():
        seen = f"last visit {row.last_seen:%Y-%m-%d %H:%M} UTC"
        print(f"{row.person}: {row.role} ({row.why}), {seen}")
    return 0


def _by(row: Any) -> str:
    return f"added {pd.Timestamp(row.added_at):%Y-%m-%d} by {row.added_by}"


def _give(options: argparse.Namespace, settings: Settings) -> int:
    store = open_store(settings.store_url)
    kind = next(kind for kind in RULE_KINDS if getattr(options, kind) is not None)
    number = add_role_rule(
        store,
        kind,
        getattr(options, kind),
        options.role,
        viewer=acting_viewer(settings, store),
        first_administrator=settings.first_administrator,
    )
    print(f"Rule {number} holds.")
    return 0


def _end(options: argparse.Namespace, settings: Settings) -> int:
    store = open_store(settings.store_url)
    end_role_rule(
        store,
        options.rule,
        viewer=acting_viewer(settings, store),
        first_administrator=settings.first_administrator,
    )
    print(f"Rule {options.rule} has ended.")
    return 0


def _sign_out(options: argparse.Namespace, settings: Settings) -> int:
    store = open_store(settings.store_url)
    sign_out(store, options.person, viewer=acting_viewer(settings, store))
    print(f"{options.person} is signed out everywhere.")
    return 0
