"""People and roles on the Administration page: who came, which rules give what, and changing them.

Addresses and names of groups are typed or come from a sign-in: they are shown as texts and cells.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from conflictmap.access import Viewer
from conflictmap.store.people import (
    NO_ACCESS,
    RULE_KINDS,
    RULE_ROLES,
    RuleKind,
    add_role_rule,
    end_role_rule,
    load_people,
    load_role_rules,
    sign_out,
)
from conflictmap.ui import session
from conflictmap.ui.outcome import attempt

DONE = "done in administration"
_ENDED_RULE = "rule that was ended last"

KIND_WORDS: dict[RuleKind, str] = {
    "email": "E-mail address",
    "domain": "Domain of addresses",
    "group": "Group that the sign-in names",
}
ROLE_WORDS = {
    "viewer": "Viewer: reads, with places of civilian harm no finer than the district",
    "briefer": "Briefer: also makes and keeps slides and briefs",
    "analyst": "Analyst: also sees exact places, uploads, corrects and restricts",
    "administrator": "Administrator: also gives roles, reads the audit log, backs up",
    NO_ACCESS: "No access, whatever other rules give",
}


def draw_how_people_sign_in() -> None:
    """Tell whether there is a sign-in, and who is an administrator in any case."""
    settings = session.settings()
    if settings.sign_in == "none":
        st.info(
            "There is no sign-in here: whoever opens this dashboard on this machine is its"
            " administrator. Rules can be prepared; they hold once CONFLICTMAP_SIGN_IN is set."
        )
    elif settings.first_administrator:
        st.text(f"Administrator by the settings, whatever the rules say: {_first()}")


def draw_people(viewer: Viewer) -> None:
    """Draw who has signed in, with the role in force and why, and the way to sign somebody out."""
    st.markdown("**People who have signed in**")
    people = load_people(session.store(), viewer=viewer, first_administrator=_first())
    if people.empty:
        st.info("Nobody has signed in yet.")
        return
    names = {
        "person": "Person",
        "role": "Role",
        "why": "Because of",
        "at_last_sign_in": "At the last sign-in",
        "last_seen": "Last visit (UTC)",
        "first_seen": "First visit (UTC)",
        "signed_out_at": "Signed out (UTC)",
    }
    shown = people[list(names)].rename(columns=names)
    st.dataframe(shown, hide_index=True, width="stretch", placeholder="")
    st.caption(
        "The role is what the rules for address and domain give now. What a group gives is known"
        " while somebody signs in, and stands under their last sign-in. Visits are noted to within"
        " an hour."
    )
    with st.popover("Sign somebody out"):
        person = st.selectbox("Person", people["person"], index=None, key="person to sign out")
        st.caption("Ends all their sign-ins. With a role, they can sign in again.")
        st.button(
            "Sign out everywhere",
            on_click=_sign_out,
            args=(person,),
            disabled=person is None,
            key="sign somebody out",
        )


def draw_rules(viewer: Viewer) -> None:
    """Draw the rules in force, with adding, ending and taking back an ending."""
    st.markdown("**Rules that give roles**")
    rules = load_role_rules(session.store(), viewer=viewer)
    held = rules[rules["ended_at"].isna()]
    if held.empty:
        st.info("No rule is in force. Add one below: for an address, a domain or a group.")
    else:
        _draw_rules(held)
        st.caption(
            "A rule for the address decides. Without one, the highest role of the rules for domain"
            " and groups. Without any rule, no access."
        )
    with st.container(horizontal=True):
        with st.popover("Add a rule"):
            _ask_for_rule()
        if len(held):
            with st.popover("End a rule"):
                _ask_which_to_end(held)
        if _is_ended(rules, st.session_state.get(_ENDED_RULE)):
            number = st.session_state[_ENDED_RULE]
            st.button(f"Undo: rule {number} holds again", on_click=_undo, args=(rules,))
    ended = rules[rules["ended_at"].notna()]
    if len(ended):
        with st.expander(f"Ended rules: {len(ended)}"):
            _draw_rules(ended)


def _draw_rules(rules: pd.DataFrame) -> None:
    names = {
        "rule_id": "No.",
        "kind": "For",
        "value": "Whom",
        "role": "Role",
        "added_by": "Added by",
        "added_at": "Added (UTC)",
        "ended_by": "Ended by",
        "ended_at": "Ended (UTC)",
    }
    if rules["ended_at"].isna().all():
        names = {name: words for name, words in names.items() if not name.startswith("ended")}
    shown = rules[list(names)].assign(kind=rules["kind"].map(KIND_WORDS)).rename(columns=names)
    st.dataframe(shown, hide_index=True, width="stretch")


def _ask_for_rule() -> None:
    kind = st.selectbox("For", RULE_KINDS, format_func=KIND_WORDS.__getitem__, key="rule for")
    value = st.text_input("Which one", max_chars=320, key="rule value")
    role = st.selectbox("Role", RULE_ROLES, format_func=ROLE_WORDS.__getitem__, key="rule role")
    st.caption("It acts at the person's next click. A rule for the same one ends.")
    sure = role != "administrator" or st.checkbox("They may give roles to others", key="rule sure")
    st.button(
        "Add",
        type="primary",
        disabled=not value.strip() or not sure,
        on_click=_add,
        args=(kind, value, role),
        key="add rule",
    )


def _ask_which_to_end(held: pd.DataFrame) -> None:
    words = {
        int(row.rule_id): f"{row.rule_id}: {row.kind} {row.value}, {row.role}"
        for row in held.itertuples()
    }
    number = st.selectbox("Rule", words, format_func=words.__getitem__, index=None, key="rule no")
    st.caption("It acts at the person's next click, and can be undone.")
    st.button("End it", disabled=number is None, on_click=_end, args=(number,), key="end rule")


def _add(kind: RuleKind, value: str, role: str) -> None:
    def add() -> str:
        number = _add_rule(kind, value, role)
        st.session_state["rule value"] = ""
        return f"Rule {number} holds."

    attempt(DONE, add)


def _add_rule(kind: RuleKind, value: str, role: str) -> int:
    # Who presses a button is asked for anew: their role may have changed since it was drawn.
    viewer = session.current_viewer()
    return add_role_rule(
        session.store(), kind, value, role, viewer=viewer, first_administrator=_first()
    )


def _end(number: int) -> None:
    def end() -> str:
        viewer = session.current_viewer()
        end_role_rule(session.store(), number, viewer=viewer, first_administrator=_first())
        st.session_state[_ENDED_RULE] = number
        return f"Rule {number} has ended."

    attempt(DONE, end)


def _undo(rules: pd.DataFrame) -> None:
    """Add the rule that was ended last again, under a number of its own."""

    def add_again() -> str:
        ended = rules.loc[rules["rule_id"] == st.session_state.pop(_ENDED_RULE)].iloc[0]
        number = _add_rule(ended["kind"], ended["value"], ended["role"])
        return f"It holds again, as rule {number}."

    attempt(DONE, add_again)


def _sign_out(person: str) -> None:
    def out() -> str:
        sign_out(session.store(), person, viewer=session.current_viewer())
        return f"{person} is signed out everywhere."

    attempt(DONE, out)


def _is_ended(rules: pd.DataFrame, number: int | None) -> bool:
    return bool(len(rules[(rules["rule_id"] == number) & rules["ended_at"].notna()]))


def _first() -> str:
    return session.settings().first_administrator
