"""Single rows added, corrected or withdrawn by hand: each change one revision, with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from conflictmap.access import Viewer, require
from conflictmap.boundaries import BoundaryEdition
from conflictmap.coded_tables import rows_as_text
from conflictmap.errors import IncidentFileError, QueryError
from conflictmap.row_changes import RowChanges, candidates_of, compare_rows
from conflictmap.schema import TABLES
from conflictmap.store import Store, latest_revision, load_tables, publish

EDITED_TABLES = tuple(name for name in TABLES if name != "place_candidates")
"""The tables a person may change; candidates are found by the joins."""

PARTS = {
    "incidents": (
        "incident_places",
        "incident_targets",
        "attributions",
        "casualties",
        "incident_sources",
    ),
    "deployments": ("deployment_places",),
    "claims": ("claim_actors", "claim_areas"),
    "tallies": ("tally_areas",),
    "actors": ("actor_names", "actor_leaders", "actor_areas"),
}
"""Tables whose rows are nothing without the row they hang on, and are withdrawn with it."""

MOST_REASON_CHARACTERS = 300

Key = Sequence[str]
"""The text of each key column of a table, in order."""


def add_rows(
    store: Store,
    edition: BoundaryEdition,
    rows: Mapping[str, Sequence[Mapping[str, str]]],
    *,
    reason: str,
    viewer: Viewer,
) -> int:
    """Add rows of one or more tables, as one revision.

    Parameters
    ----------
    rows
        For each table its rows: text by column, as in the CSVs of ``data/``. A row may refer to
        one of a table named before it.
    reason
        Why, a line; the note of the revision.

    Raises
    ------
    IncidentFileError
        With every problem of a table's rows, a sentence each.
    QueryError
        If the reason is missing, or a row is already held.
    """
    note = checked_reason(reason, viewer)
    at = latest_revision(store, viewer=viewer)
    held = load_tables(store, viewer=viewer, revision=at)
    additions: dict[str, pd.DataFrame] = {}
    for name, values in rows.items():
        cells = pd.DataFrame([_cells(name, row) for row in values])
        changes = compare_rows(name, cells, held, edition, label=name)
        _raise_problems(changes)
        if not changes.bins.eq("new").all():
            raise QueryError(f"{name}: there is a row with this key. Correct it, or give another.")
        for part, added in changes.additions.items():
            additions[part] = pd.concat(
                [frame for frame in (additions.get(part), added) if frame is not None]
            )
            held = held | {part: pd.concat([held[part], added], ignore_index=True)}
    return publish(store, additions, viewer=viewer, note=note, as_of=at)


def add_row(
    store: Store,
    edition: BoundaryEdition,
    table: str,
    values: Mapping[str, str],
    *,
    reason: str,
    viewer: Viewer,
) -> int:
    """Add one row; see `add_rows`."""
    return add_rows(store, edition, {table: [values]}, reason=reason, viewer=viewer)


def correct_row(
    store: Store,
    edition: BoundaryEdition,
    table: str,
    key: Key,
    values: Mapping[str, str],
    *,
    opened_at: int,
    reason: str,
    viewer: Viewer,
) -> int:
    """Put other values into a row, as one revision.

    A row whose stated place changes is placed again, and its candidates are replaced.

    Parameters
    ----------
    key
        Which row. The key itself cannot be changed.
    values
        Text by column, as in the CSVs. A column that is left out keeps its value.
    opened_at
        The revision that the person saw. A row that changed since is not overwritten.

    Raises
    ------
    IncidentFileError
        With every problem of the row, a sentence each.
    QueryError
        If nothing would change, the reason is missing, or the row changed or went meanwhile.
    """
    note = checked_reason(reason, viewer)
    at = latest_revision(store, viewer=viewer)
    held = load_tables(store, viewer=viewer, revision=at)
    row = _held_row(held, table, key, opened_at)
    before = rows_as_text(TABLES[table], row).iloc[0].to_dict()
    cells = before | _cells(table, values)
    if any(cells[column] != before[column] for column in TABLES[table].key):
        raise QueryError(
            f"{table}: the key {' / '.join(key)} cannot be changed. Withdraw the row and add"
            " another."
        )
    changes = compare_rows(table, pd.DataFrame([cells]), held, edition, label=table)
    _raise_problems(changes)
    if changes.bins.eq("unchanged").all():
        raise QueryError("Nothing would change: every value is the one that is held.")
    return publish(
        store,
        changes.additions,
        withdrawals=changes.withdrawals,
        viewer=viewer,
        note=note,
        as_of=at,
    )


def withdraw_row(
    store: Store, table: str, key: Key, *, opened_at: int, reason: str, viewer: Viewer
) -> int:
    """Withdraw a row and what hangs on it, as one revision; see `PARTS`.

    Raises
    ------
    QueryError
        If rows of other tables refer to it, the reason is missing, or it changed meanwhile.
    """
    note = checked_reason(reason, viewer)
    at = latest_revision(store, viewer=viewer)
    held = load_tables(store, viewer=viewer, revision=at)
    return publish(
        store,
        {},
        withdrawals=rows_to_withdraw(held, table, key, opened_at=opened_at),
        viewer=viewer,
        note=note,
        as_of=at,
    )


def rows_to_withdraw(
    held: Mapping[str, pd.DataFrame], table: str, key: Key, *, opened_at: int
) -> dict[str, pd.DataFrame]:
    """Return the rows that go with a row, by table; see `withdraw_row`."""
    row = _held_row(held, table, key, opened_at)
    going = {table: row}
    if len(TABLES[table].key) == 1:
        column = TABLES[table].key[0]
        for name in PARTS.get(table, ()):
            going[name] = held[name][held[name][column] == row[column].iloc[0]]
    for name, rows in going.items():
        if len(rows) and rows["added_in"].max() > opened_at:
            raise _changed_meanwhile(name, int(rows["added_in"].max()), opened_at)
    if users := _users(held, table, row, going):
        raise QueryError(
            f"{table}: {' / '.join(key)} cannot be withdrawn, rows refer to it: {users}. Mend or"
            " withdraw those first."
        )
    parts = [candidates_of(name, rows, held) for name, rows in going.items()]
    return {**going, "place_candidates": pd.concat(parts)}


def checked_reason(reason: str, viewer: Viewer) -> str:
    """Return the reason as the note of a revision, if the viewer may publish.

    Raises
    ------
    QueryError
        If there is none, or it is longer than a line.
    """
    require(viewer, "publish")
    # Whoever cannot see a source's own point would write its row back without it.
    require(viewer, "see exact places")
    note = " ".join("".join(sign if sign.isprintable() else " " for sign in reason).split())
    if not note:
        raise QueryError("Give the reason of the change: it stands in the list of revisions.")
    if len(note) > MOST_REASON_CHARACTERS:
        raise QueryError(f"Give the reason in at most {MOST_REASON_CHARACTERS} characters.")
    return note


def _cells(table: str, values: Mapping[str, str]) -> dict[str, str]:
    if table not in EDITED_TABLES:
        raise QueryError(f"'{table}' is no table that can be changed.")
    unknown = set(values) - set(TABLES[table].stated_columns)
    if unknown:
        raise QueryError(f"{table} has no column to fill in: {', '.join(sorted(unknown))}.")
    return dict(values)


def _raise_problems(changes: RowChanges) -> None:
    if changes.problems:
        sentences = [
            f"{problem.file}, {problem.column}: {problem.what} {problem.mend}"
            for problem in changes.problems
        ]
        raise IncidentFileError("\n".join(dict.fromkeys(sentences)))


def _held_row(
    held: Mapping[str, pd.DataFrame], table: str, key: Key, opened_at: int
) -> pd.DataFrame:
    _cells(table, {})
    rows, columns = held[table], TABLES[table].key
    if len(key) != len(columns):
        raise QueryError(f"A row of {table} is named by {', '.join(columns)}.")
    for column, value in zip(columns, key, strict=True):
        rows = rows[rows[column].astype("str") == value]
    if rows.empty:
        raise QueryError(f"{table}: there is no row {' / '.join(key)}. Was it withdrawn meanwhile?")
    if rows["added_in"].iloc[0] > opened_at:
        raise _changed_meanwhile(table, int(rows["added_in"].iloc[0]), opened_at)
    return rows


def _changed_meanwhile(table: str, revision: int, opened_at: int) -> QueryError:
    return QueryError(
        f"{table}: revision {revision} changed this row after you opened it at revision"
        f" {opened_at}. Nothing was written: look at it as it is now, then decide again."
    )


def _users(
    held: Mapping[str, pd.DataFrame],
    table: str,
    row: pd.DataFrame,
    going: Mapping[str, pd.DataFrame],
) -> str:
    """Say how many rows of which tables refer to a row and would stay; empty: none."""
    found = []
    for name in EDITED_TABLES:
        stays = held[name].drop(index=going[name].index) if name in going else held[name]
        for column in TABLES[name].columns:
            target, _, target_column = column.refers_to.partition(".")
            if target != table:
                continue
            users = stays[stays[column.name] == row[target_column].iloc[0]]
            if len(users):
                found.append(f"{len(users)} of {name}")
    return ", ".join(found)
