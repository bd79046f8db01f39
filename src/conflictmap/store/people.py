"""People who sign in, and the rules that give them their roles.

A rule speaks of an e-mail address, of a domain or of a group that the sign-in names. A rule for the
address decides; without one, the highest role of the rules for domain and groups; without any, no
access. No rule is changed or deleted: it ends, and the audit log says who ended it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import LOCAL_ADMINISTRATOR, Role, Viewer, require
from conflictmap.errors import AccessError, QueryError
from conflictmap.identity import is_email, lower_case
from conflictmap.store.engine import Store
from conflictmap.store.reading import read_rows
from conflictmap.store.tables import audit, people, role_rules
from conflictmap.store.writing import in_one_transaction

RuleKind = Literal["email", "domain", "group"]
RULE_KINDS: tuple[RuleKind, ...] = get_args(RuleKind)
NO_ACCESS = "none"
RULE_ROLES: tuple[str, ...] = (*get_args(Role), NO_ACCESS)
"""What a rule can give, the lowest role first."""

_HEIGHT = {role: height for height, role in enumerate(get_args(Role))} | {NO_ACCESS: -1}
_VISIT = dt.timedelta(hours=1)
_LONG_AWAY = dt.timedelta(hours=12)


@dataclass(frozen=True)
class Standing:
    """What the store knows of somebody who signed in."""

    person: str
    role: Role | None
    """None: no access."""

    why: str
    """The rule that gives the role, in words."""

    last_seen: dt.datetime | None = None  # UTC
    signed_out_at: dt.datetime | None = None  # UTC


def standing_of(
    store: Store, person: str, groups: Sequence[str] = (), *, first_administrator: str = ""
) -> Standing:
    """Return what somebody may do and why, by one query; anybody may ask it of themselves."""
    domain = person.rpartition("@")[2]
    speaks_of_them = sa.or_(
        (role_rules.c.kind == "email") & (role_rules.c.value == person),
        (role_rules.c.kind == "domain") & (role_rules.c.value == domain),
        (role_rules.c.kind == "group") & role_rules.c.value.in_(list(groups)),
    )
    one = sa.select(sa.literal(1).label("one")).subquery()
    joined = one.outerjoin(people, people.c.person == person).outerjoin(
        role_rules, role_rules.c.ended_at.is_(None) & speaks_of_them
    )
    rule = (role_rules.c.rule_id, role_rules.c.kind, role_rules.c.value, role_rules.c.role)
    query = sa.select(people.c.last_seen, people.c.signed_out_at, *rule).select_from(joined)
    rows = read_rows(store, query)
    role, why = _role_and_why([row[2:] for row in rows], person, first_administrator)
    return Standing(person, role, why, rows[0][0], rows[0][1])


def role_of(
    store: Store, person: str, groups: Sequence[str] = (), *, first_administrator: str = ""
) -> Role | None:
    """Return somebody's role; None: no access."""
    return standing_of(store, person, groups, first_administrator=first_administrator).role


def add_role_rule(
    store: Store,
    kind: RuleKind,
    value: str,
    role: str,
    *,
    viewer: Viewer,
    first_administrator: str = "",
) -> int:
    """Add a rule; one that holds for the same address, domain or group ends. Return its number.

    Raises
    ------
    QueryError
        If there is no such kind or role, the value cannot be an address or a domain, or the same
        rule holds already.
    AccessError
        If nobody would be left who can give roles.
    """
    require(viewer, "administer")
    value = _checked(kind, value, role)

    def write(connection: sa.Connection) -> int:
        now, same = _now(), _held(connection, kind=kind, value=value)
        if any(rule.role == role for rule in same):
            raise QueryError("This rule holds already.")
        for rule in same:
            _end(connection, rule.rule_id, now, viewer)
        done = connection.execute(
            role_rules.insert().values(
                kind=kind, value=value, role=role, added_at=now, added_by=viewer.name
            )
        )
        number = int(done.inserted_primary_key[0])  # type: ignore[index]
        _note(connection, now, viewer.name, "give role", f"rule {number}: {kind} {value}, {role}")
        _refuse_without_administrator(connection, viewer, first_administrator)
        return number

    return in_one_transaction(store, write)


def end_role_rule(
    store: Store, rule_id: int, *, viewer: Viewer, first_administrator: str = ""
) -> None:
    """End a rule.

    Raises
    ------
    QueryError
        If there is none of the number that holds.
    AccessError
        If nobody would be left who can give roles.
    """
    require(viewer, "administer")

    def write(connection: sa.Connection) -> int:
        found = _held(connection, rule_id=rule_id)
        if not found:
            raise QueryError(f"There is no rule {rule_id} that holds.")
        now, rule = _now(), found[0]
        _end(connection, rule_id, now, viewer)
        words = f"rule {rule_id}: {rule.kind} {rule.value}, {rule.role}"
        _note(connection, now, viewer.name, "end role", words)
        _refuse_without_administrator(connection, viewer, first_administrator)
        return rule_id

    in_one_transaction(store, write)


def load_role_rules(store: Store, *, viewer: Viewer) -> pd.DataFrame:
    """Return every rule, ended ones too, the newest first."""
    require(viewer, "administer")
    rows = read_rows(store, sa.select(role_rules).order_by(role_rules.c.rule_id.desc()))
    return pd.DataFrame(rows, columns=list(role_rules.c.keys()))


def load_people(store: Store, *, viewer: Viewer, first_administrator: str = "") -> pd.DataFrame:
    """Return one row per person who signed in, the last to visit first.

    ``role`` and ``why`` are what the rules for address and domain give now. What groups give is
    known while somebody is here: ``at_last_sign_in`` is what they had then, in words.
    """
    require(viewer, "administer")
    rules = [
        (row.rule_id, row.kind, row.value, row.role)
        for row in load_role_rules(store, viewer=viewer).itertuples()
        if pd.isna(row.ended_at) and row.kind != "group"
    ]
    held = read_rows(store, sa.select(people).order_by(people.c.last_seen.desc()))
    frame = pd.DataFrame(held, columns=list(people.c.keys()))
    standings = []
    for person in frame["person"]:
        speaking = [
            rule for rule in rules if rule[2] in (person, person.rpartition("@")[2])
        ]  # an address is no domain, so the kind need not be asked
        standings.append(_role_and_why(speaking, person, first_administrator))
    last = _last_sign_ins(store)
    return frame.assign(
        role=[role or NO_ACCESS for role, _why in standings],
        why=[why for _role, why in standings],
        at_last_sign_in=[last.get(person, "") for person in frame["person"]],
    )


def note_visit(
    store: Store, standing: Standing, *, signed_in_at: dt.datetime | None = None
) -> bool:
    """Note that somebody is here, at most once an hour; say whether anything was written.

    A new sign-in, and a visit after half a day, get an entry in the audit log too.

    Parameters
    ----------
    signed_in_at
        When they signed in, UTC; None: not known.
    """
    now, seen = _now(), standing.last_seen
    is_new = seen is None or (signed_in_at is not None and seen < signed_in_at)
    if seen is not None and not is_new and now - seen < _VISIT:
        return False
    seen_at = max(now, signed_in_at or now)  # the provider's clock may be ahead of ours

    def write(connection: sa.Connection) -> int:
        same = people.c.person == standing.person
        if not connection.execute(sa.update(people).where(same).values(last_seen=seen_at)).rowcount:
            _add_person(connection, standing.person, seen_at)
        if is_new or seen is None or now - seen > _LONG_AWAY:
            words = f"{standing.role or 'no access'}: {standing.why}"
            entry = {"at": now, "who": standing.person, "action": "sign in", "subject": words}
            connection.execute(audit.insert().values(**entry))
        return 1

    in_one_transaction(store, write)
    return True


def sign_out(store: Store, person: str, *, viewer: Viewer) -> None:
    """End every sign-in of somebody, in all their browsers, as an administrator.

    Raises
    ------
    QueryError
        If nobody of the address has signed in.
    """
    require(viewer, "administer")
    _sign_out(store, lower_case(person), who=viewer.name, until=_now())


def sign_out_oneself(store: Store, person: str, *, signed_in_at: dt.datetime | None = None) -> None:
    """End every sign-in of one's own, in all browsers; it needs no role.

    Parameters
    ----------
    signed_in_at
        UTC. That sign-in ends too if the provider's clock is ahead of ours.
    """
    now = _now()
    _sign_out(store, person, who=person, until=max(now, signed_in_at or now))


def _sign_out(store: Store, person: str, *, who: str, until: dt.datetime) -> None:
    def write(connection: sa.Connection) -> int:
        change = sa.update(people).where(people.c.person == person).values(signed_out_at=until)
        if not connection.execute(change).rowcount:
            raise QueryError("Nobody of this address has signed in.")
        _note(connection, _now(), who, "sign out", person)
        return 1

    in_one_transaction(store, write)


def _role_and_why(
    rules: Iterable[Sequence[Any]], person: str, first_administrator: str
) -> tuple[Role | None, str]:
    """Return the role that rules give and which one does; each is number, kind, value, role."""
    if first_administrator and person == first_administrator:
        return "administrator", "the setting CONFLICTMAP_FIRST_ADMINISTRATOR"
    found = [tuple(rule) for rule in rules if rule[0] is not None]
    if not found:
        return None, "no rule"
    own = [rule for rule in found if rule[1] == "email"]
    number, kind, value, role = max(own or found, key=lambda rule: (_HEIGHT[rule[3]], -rule[0]))
    why = f"rule {number}: {'e-mail' if kind == 'email' else kind} {value}"
    return (None if role == NO_ACCESS else role), why


def _checked(kind: str, value: str, role: str) -> str:
    """Return the value as it is kept, or say what it should be."""
    if kind not in RULE_KINDS:
        raise QueryError(f"A rule is for one of {', '.join(RULE_KINDS)}.")
    if role not in RULE_ROLES:
        raise QueryError(f"There is no role '{role}'. Give one of {', '.join(RULE_ROLES)}.")
    value = lower_case(value)
    if kind == "email" and not is_email(value):
        raise QueryError("Give a whole e-mail address, such as name@example.org.")
    if kind == "domain":
        value = value.removeprefix("@")
        if not is_email(f"name@{value}") or "." not in value:
            raise QueryError("Give what stands behind the @, such as example.org.")
    if not value or len(value) > 320 or not value.isprintable():
        raise QueryError("Give the name of a group as the sign-in tells it, up to 320 signs.")
    return value


def _held(connection: sa.Connection, **wanted: object) -> Sequence[Any]:
    conditions = [role_rules.c[name] == value for name, value in wanted.items()]
    query = sa.select(role_rules).where(role_rules.c.ended_at.is_(None), *conditions)
    return connection.execute(query).all()


def _end(connection: sa.Connection, rule_id: int, now: dt.datetime, viewer: Viewer) -> None:
    change = sa.update(role_rules).where(role_rules.c.rule_id == rule_id)
    connection.execute(change.values(ended_at=now, ended_by=viewer.name))


def _refuse_without_administrator(
    connection: sa.Connection, viewer: Viewer, first_administrator: str
) -> None:
    """Refuse a change after which no rule makes anybody an administrator.

    Whoever sits at the machine itself needs no rule. The rows are locked, so that two
    administrators cannot take away each other's role at the same moment.
    """
    if first_administrator or viewer == LOCAL_ADMINISTRATOR:
        return
    held = sa.select(role_rules.c.rule_id).where(
        role_rules.c.ended_at.is_(None), role_rules.c.role == "administrator"
    )
    if not connection.execute(held.with_for_update()).all():
        raise AccessError(
            "Nobody would be left who can give roles. Make somebody else an administrator first."
        )


def _add_person(connection: sa.Connection, person: str, now: dt.datetime) -> None:
    """Add somebody who comes for the first time; another process may just have done so."""
    there = sa.select(people.c.person).where(people.c.person == person)
    values = sa.select(sa.literal(person), sa.literal(now), sa.literal(now)).where(~there.exists())
    connection.execute(people.insert().from_select(["person", "first_seen", "last_seen"], values))


def _last_sign_ins(store: Store) -> dict[str, str]:
    newest = (
        sa.select(sa.func.max(audit.c.audit_id))
        .where(audit.c.action == "sign in")
        .group_by(audit.c.who)
    )
    query = sa.select(audit.c.who, audit.c.subject).where(audit.c.audit_id.in_(newest))
    return {who: words or "" for who, words in read_rows(store, query)}


def _note(connection: sa.Connection, now: dt.datetime, who: str, action: str, subject: str) -> None:
    entry = {"at": now, "who": who, "action": action, "subject": subject}
    connection.execute(audit.insert().values(**entry))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
