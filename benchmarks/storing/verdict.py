"""Whether a store holds what its writers were told, and nothing else, at each of its revisions.

The attempts are played again in the order of the revisions, without the store, and compared with
the stored rows at every revision, with what the readers saw, with the uploads and the audit log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from benchmarks.storing.lots import Lot, digest_of, lots_of
from benchmarks.storing.writer import VIEWER, Attempt
from conflictmap.store import Store, load_audit
from conflictmap.store.tables import STORED, revisions, upload_rows, uploads

_REMEMBERED = 400  # revisions that a roll-back can lead back over
Seen = dict[int, tuple[str, str]]
State = dict[str, Lot]


class _Rows:
    """The stored rows of a table, a key and a value each, at one revision after another."""

    def __init__(self, store: Store, name: str, key: str, value: str) -> None:
        stored = STORED[name].c
        self.held: dict[str, Any] = {}
        self.added: dict[int, list[tuple[str, Any]]] = {}
        self.withdrawn: dict[int, list[tuple[str, Any]]] = {}
        query = sa.select(stored[key], stored[value], stored.added_in, stored.withdrawn_in)
        with store.reader.connect() as connection:
            for found, said, added_in, withdrawn_in in connection.execute(query):
                self.added.setdefault(added_in, []).append((found, said))
                if withdrawn_in is not None:
                    self.withdrawn.setdefault(withdrawn_in, []).append((found, said))

    def go_to(self, revision: int) -> list[str]:
        """Take the step to a revision from the one before it; return what was wrong."""
        faults = []
        for key, value in self.withdrawn.get(revision, []):
            if self.held.pop(key, None) != value:
                faults.append(f"revision {revision} withdrew a row that did not hold: {key}")
        for key, value in self.added.get(revision, []):
            if key in self.held:
                faults.append(f"revision {revision} holds {key} twice")
            self.held[key] = value
        return faults


def faults_of(store: Store, attempts: Sequence[Attempt], seen: Iterable[Seen]) -> list[str]:
    """Return all that is wrong, in words; nothing else may have written to the store.

    Parameters
    ----------
    attempts
        Of all writers.
    seen
        Of each reader, the digests by revision: see `reader.Reader.seen`.
    """
    with store.reader.connect() as connection:
        held = connection.execute(sa.select(revisions).order_by(revisions.c.revision)).all()
    faults = _faults_of_engine(store)
    if [row.revision for row in held] != list(range(1, len(held) + 1)):
        faults.append("the revisions have gaps")
    by_name = {attempt.name: attempt for attempt in attempts}
    if len(by_name) != len(attempts):
        raise ValueError("An attempt is named twice.")
    faults += _faults_of_answers(attempts, held)
    together: Seen = {}
    for one in seen:
        for revision, digests in one.items():
            if together.setdefault(revision, digests) != digests:
                faults.append(f"revision {revision} was not the same to all readers")
    faults += _faults_of_states(store, by_name, held, together)
    faults += _faults_of_uploads(store, attempts, held)
    log = load_audit(store, viewer=VIEWER)
    told = Counter(log.loc[log["action"].isin(["publish", "roll_back"]), "revision"].astype(int))
    if told != Counter(row.revision for row in held):
        faults.append("the audit log does not name each revision once")
    return faults


def _faults_of_engine(store: Store) -> list[str]:
    """Ask the engine itself; only SQLite has an answer."""
    if store.reader.dialect.name != "sqlite":
        return []
    with store.reader.connect() as connection:
        whole = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [f"integrity: {line}" for line in whole if line != "ok"] + [
        f"a reference leads nowhere: {tuple(row)}" for row in loose
    ]


def _faults_of_answers(attempts: Sequence[Attempt], held: Sequence[sa.Row]) -> list[str]:
    """Each acknowledged publication is there once; one that was refused is absent."""
    faults = []
    made = Counter(row.note for row in held if row.kind == "publish")
    faults += [f"{name} was published {n} times" for name, n in made.items() if n > 1]
    by_revision = {row.revision: row for row in held}
    notes = set(made)
    for attempt in attempts:
        if attempt.kind in ("keep and drop", "roll back"):
            continue
        if attempt.outcome != "done":
            if attempt.name in notes:
                faults.append(f"{attempt.name} was told '{attempt.outcome}', and is there")
            continue
        row = by_revision.get(attempt.revision)
        is_its_own = row is not None and row.note == attempt.name
        is_same = row is not None and attempt.content and row.content_sha256 == attempt.content
        if not is_its_own and not is_same:
            faults.append(f"{attempt.name} was told revision {attempt.revision}, and is lost")
    known = {attempt.name for attempt in attempts}
    faults += [f"{name} is there, and nobody published it" for name in notes - known]
    rolled_back = Counter(row.revision for row in held if row.kind == "roll_back")
    told = Counter(
        attempt.revision
        for attempt in attempts
        if attempt.kind == "roll back" and attempt.outcome == "done"
    )
    if rolled_back != told:
        faults.append(f"{len(told)} roll-backs were told, {len(rolled_back)} are there")
    return faults


def _faults_of_states(
    store: Store, by_name: dict[str, Attempt], held: Sequence[sa.Row], seen: Seen
) -> list[str]:
    """Play the attempts again, and compare with the rows and the readers at each revision."""
    titles = _Rows(store, "incidents", "incident_id", "title")
    figures = _Rows(store, "casualties", "casualty_id", "best")
    refused = _by_revision(by_name.values())
    is_right: dict[str, bool] = {}  # of those refused for a key: was one held meanwhile?
    faults: list[str] = []
    past: dict[int, State] = {}
    state: State = {}
    for revision in range(len(held) + 1):
        if revision:
            row = held[revision - 1]
            state = _next_state(state, row, by_name.get(row.note), past)
        past[revision] = state
        past.pop(revision - _REMEMBERED, None)
        faults += titles.go_to(revision) + figures.go_to(revision)
        lots, wrong = lots_of(titles.held, figures.held)
        faults += [f"revision {revision}: {fault}" for fault in wrong]
        if lots != state:
            faults.append(f"revision {revision} is not what its publications make")
        if revision in seen and seen[revision][0] != digest_of(state.values()):
            faults.append(f"revision {revision} was not read as its publications make it")
        for attempt in refused.get(revision, []):
            names = {lot.name for lot in attempt.adds} - set(attempt.withdraws)
            is_right[attempt.name] = is_right.get(attempt.name, False) or bool(names & set(state))
    return faults + [
        f"{name} was refused for a key that was free" for name, was in is_right.items() if not was
    ]


def _next_state(
    state: State, row: sa.Row, attempt: Attempt | None, past: dict[int, State]
) -> State:
    """Return what a revision makes of the lots that stood before it."""
    if row.kind == "roll_back":
        return past[row.rolled_back_to]
    if attempt is None:  # told of elsewhere
        return state
    kept = {name: lot for name, lot in state.items() if name not in attempt.withdraws}
    return kept | {lot.name: lot for lot in attempt.adds}


def _by_revision(attempts: Iterable[Attempt]) -> dict[int, list[Attempt]]:
    """Return those that were refused for a key, by each revision that was the latest meanwhile."""
    found: dict[int, list[Attempt]] = {}
    for attempt in attempts:
        if attempt.outcome == "key":
            for revision in range(attempt.before, attempt.after + 1):
                found.setdefault(revision, []).append(attempt)
    return found


def _faults_of_uploads(
    store: Store, attempts: Sequence[Attempt], held: Sequence[sa.Row]
) -> list[str]:
    """Each upload is published with all of its rows, or not and has none."""
    counts = sa.select(upload_rows.c.upload_id, sa.func.count()).group_by(upload_rows.c.upload_id)
    with store.reader.connect() as connection:
        kept = {row.upload_id: row for row in connection.execute(sa.select(uploads))}
        rows = {row[0]: row[1] for row in connection.execute(counts)}
    notes = {row.note for row in held}
    published: dict[int, Attempt] = {}
    faults = []
    for attempt in attempts:
        if attempt.upload is None:
            continue
        if attempt.upload not in kept:
            faults.append(f"upload {attempt.upload} of {attempt.name} is lost")
        elif attempt.kind == "keep and drop":
            if attempt.outcome == "done" and kept[attempt.upload].status != "dropped":
                faults.append(f"upload {attempt.upload} was dropped, and is not")
        elif attempt.name in notes:
            if attempt.upload in published:
                faults.append(f"upload {attempt.upload} was published twice")
            published[attempt.upload] = attempt
    for upload_id, row in kept.items():
        by = published.get(upload_id)
        said = (row.status == "published", row.revision, rows.get(upload_id, 0))
        is_right = (True, by.revision, by.adds[0].rows) if by else (False, None, 0)
        if said != is_right:
            faults.append(f"upload {upload_id} is {said}, and should be {is_right}")
    return faults
