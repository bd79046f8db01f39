"""Reading the rows of some incidents: of those that are named, and which ones changed; and counts.

A large store is not read whole where a few of its incidents are shown. What those of coarse sight
are given is the same as `load_tables` gives them: where anything is restricted that cannot be told
from some rows alone, so all are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.schema import TABLES
from conflictmap.store.engine import Store
from conflictmap.store.reading import (
    check_revision,
    held_at,
    held_rows,
    latest_revision,
    load_tables,
    read_rows,
    restrictions_in_force,
)
from conflictmap.store.redaction import redact
from conflictmap.store.tables import INCIDENT_COLUMNS, LAST_TEXT, PLACES_OF_INCIDENTS, STORED

IDS_AT_ONCE: Final = 500  # in one question


def count_incidents(store: Store, *, viewer: Viewer, revision: int) -> int:
    """Return how many incidents a viewer is given at a revision."""
    require(viewer, "read")
    check_revision(revision, latest_revision(store, viewer=viewer))
    if _needs_all(store, viewer):
        return len(load_tables(store, ["incidents"], viewer=viewer, revision=revision)["incidents"])
    stored = STORED["incidents"]
    count = sa.select(sa.func.count()).select_from(stored).where(held_at(stored, revision))
    return int(read_rows(store, count, is_long=True)[0][0])


def count_rows_by_source(
    store: Store, name: str, *, viewer: Viewer, revision: int
) -> dict[str, int]:
    """Return how many rows of a table each source gave that a viewer is given, by its id.

    Parameters
    ----------
    name
        A table whose rows name their source.

    Raises
    ------
    QueryError
        If there is no such revision.
    """
    require(viewer, "read")
    check_revision(revision, latest_revision(store, viewer=viewer))
    if _needs_all(store, viewer):
        rows = load_tables(store, [name], viewer=viewer, revision=revision)[name]
        return {str(source): int(n) for source, n in rows["source_id"].value_counts().items()}
    stored = STORED[name]
    source = stored.c.source_id
    query = sa.select(source, sa.func.count()).where(held_at(stored, revision), source.is_not(None))
    return {row[0]: int(row[1]) for row in read_rows(store, query.group_by(source), is_long=True)}


def load_disputed(store: Store, *, viewer: Viewer, revision: int) -> pd.DataFrame:
    """Return the statements that only dispute who did it, as far as a viewer is given them.

    Returns
    -------
    DataFrame
        ``incident_id``, ``actor_id`` and ``source_id`` of each.

    Raises
    ------
    QueryError
        If there is no such revision.
    """
    require(viewer, "read")
    check_revision(revision, latest_revision(store, viewer=viewer))
    columns = ["incident_id", "actor_id", "source_id"]
    if _needs_all(store, viewer):
        tables = load_tables(store, ["attributions"], viewer=viewer, revision=revision)
        rows = tables["attributions"]
        return rows.loc[rows["kind"] == "disputed", columns].reset_index(drop=True)
    stored = STORED["attributions"]
    query = sa.select(*(stored.c[name] for name in columns)).where(
        held_at(stored, revision), stored.c.kind == "disputed"
    )
    return pd.DataFrame(read_rows(store, query, is_long=True), columns=columns, dtype="str")


def load_rows_of(
    store: Store, incident_ids: Iterable[str], *, viewer: Viewer, revision: int
) -> dict[str, pd.DataFrame]:
    """Return every table of a revision, with the rows of some incidents only.

    Tables whose rows are of no incident (sources, actors, claims, ...) are whole, and so are the
    candidates of places that are not an incident's.

    Parameters
    ----------
    incident_ids
        As many as are wanted. One that no incident has at the revision finds no incident.

    Returns
    -------
    dict of DataFrame
        The tables of `schema.TABLES` as `load_tables` gives them, ordered by key.

    Raises
    ------
    QueryError
        If there is no such revision.
    """
    require(viewer, "read")
    check_revision(revision, latest_revision(store, viewer=viewer))
    wanted = sorted(set(incident_ids))
    if _needs_all(store, viewer):
        return _filtered(load_tables(store, viewer=viewer, revision=revision), set(wanted))
    tables = {name: _rows_of(store, name, wanted, revision) for name in TABLES}
    return tables if viewer.sight == "full" else redact(tables, [])


def incidents_changed(store: Store, after: int, to: int, *, viewer: Viewer) -> list[str]:
    """Return the incidents of which any row came or went behind one revision, up to another.

    Parameters
    ----------
    after, to
        Revisions: a row counts that was added or withdrawn in one of `after` < revision <= `to`.

    Returns
    -------
    list of str
        Their ids, each once, in the order of their characters' numbers. Whoever may not see all of
        them is given those that they see at one of the two revisions.

    Raises
    ------
    QueryError
        If there is no such revision.
    """
    require(viewer, "read")
    latest = latest_revision(store, viewer=viewer)
    check_revision(after, latest)
    check_revision(to, latest)
    found: set[str] = set()
    for name, column in INCIDENT_COLUMNS.items():
        stored = STORED[name]
        named = stored.c[column]
        for at in (stored.c.added_in, stored.c.withdrawn_in):
            changed = sa.select(named).distinct().where(at > after, at <= to)
            query = changed.where(named.is_not(None))
            if name == "place_candidates":
                query = query.where(stored.c.subject_table == PLACES_OF_INCIDENTS)
            found.update(row[0] for row in read_rows(store, query, is_long=True))
    if _needs_all(store, viewer):
        seen: set[str] = set()
        for revision in (after, to):
            tables = load_tables(store, ["incidents"], viewer=viewer, revision=revision)
            seen.update(tables["incidents"]["incident_id"])
        found &= seen
    return sorted(found)


def _needs_all(store: Store, viewer: Viewer) -> bool:
    """Say whether something is kept from a viewer that only all rows together tell."""
    return viewer.sight != "full" and bool(restrictions_in_force(store))


def _rows_of(store: Store, name: str, ids: list[str], revision: int) -> pd.DataFrame:
    if name not in INCIDENT_COLUMNS:
        return held_rows(store, name, revision)
    stored = STORED[name]
    named = stored.c[INCIDENT_COLUMNS[name]]
    starts = range(0, len(ids), IDS_AT_ONCE)
    lots: list[sa.ColumnElement[bool]] = [
        named.in_(ids[start : start + IDS_AT_ONCE]) for start in starts
    ]
    if name == "place_candidates":
        table = stored.c.subject_table
        lots = [(table == PLACES_OF_INCIDENTS) & lot for lot in lots]
        # Bounded on both sides: an index is then sure to be used.
        lots.append((table >= "") & (table < PLACES_OF_INCIDENTS))
        lots.append((table > PLACES_OF_INCIDENTS) & (table <= LAST_TEXT))
    rows = held_rows(store, name, revision, lots)
    if len(lots) < 2:
        return rows
    return rows.sort_values(list(TABLES[name].key), kind="stable", ignore_index=True)


def _filtered(tables: dict[str, pd.DataFrame], ids: set[str]) -> dict[str, pd.DataFrame]:
    result = dict(tables)
    for name, column in INCIDENT_COLUMNS.items():
        is_wanted = tables[name][column].isin(ids)
        if name == "place_candidates":
            is_wanted |= tables[name]["subject_table"].ne(PLACES_OF_INCIDENTS)
        result[name] = tables[name][is_wanted].reset_index(drop=True)
    return result
