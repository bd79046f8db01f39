"""Restrictions: what of an incident or a source is for analysts and administrators only.

A restriction holds for every revision, the past ones too, from the moment it is made until it is
lifted; `redaction` says what it leaves. None is changed or deleted.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, get_args

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import RestrictedField, Viewer, require
from conflictmap.errors import QueryError
from conflictmap.schema import TABLES
from conflictmap.store.engine import Store
from conflictmap.store.reading import policy, read_rows
from conflictmap.store.tables import STORED, audit, restrictions
from conflictmap.store.writing import in_one_transaction

__all__ = ["FIELDS", "SUBJECTS", "lift", "load_restrictions", "policy", "restrict"]

SUBJECTS: Final = ("incidents", "sources")
FIELDS: Final[tuple[RestrictedField, ...]] = get_args(RestrictedField)
MOST_REASON_CHARACTERS: Final = 300


def restrict(
    store: Store,
    subject_table: str,
    subject_id: str,
    field: RestrictedField,
    *,
    reason: str,
    viewer: Viewer,
    is_coming: bool = False,
) -> int:
    """Keep a part of an incident or source to those of full sight; return the restriction's number.

    The same restriction twice is one, with the reason of the first.

    Parameters
    ----------
    subject_table, subject_id
        One of `SUBJECTS`, and a row of it that some revision holds.
    field
        "everything" leaves nothing of it; "place", "figures" and "attributions" take the words
        along; "words" leaves places, figures and attributions.
    reason
        Why, a line, for whoever lifts it one day.
    is_coming
        Whether it may be published only now, so that nobody reads it in between.

    Raises
    ------
    QueryError
        If there is no such thing, or no reason is given.
    """
    require(viewer, "publish")
    if subject_table not in SUBJECTS:
        raise QueryError(f"Only a row of {' or '.join(SUBJECTS)} can be restricted.")
    if field not in FIELDS:
        raise QueryError(f"There is no part of that name. Give one of {', '.join(FIELDS)}.")
    told = " ".join(reason.split())
    if not told or len(told) > MOST_REASON_CHARACTERS:
        raise QueryError(f"Give the reason, in up to {MOST_REASON_CHARACTERS} characters.")
    stored = STORED[subject_table]
    key = stored.c[TABLES[subject_table].key[0]]

    def write(connection: sa.Connection) -> int:
        same = _in_force().where(
            restrictions.c.subject_table == subject_table,
            restrictions.c.subject_id == subject_id,
            restrictions.c.field == field,
        )
        if held := connection.scalar(same):
            return int(held)
        named = sa.select(stored.c.row_no).where(key == subject_id).limit(1)
        if not is_coming and connection.scalar(named) is None:
            raise QueryError(f"There is nothing of that id in {subject_table}.")
        now = _now()
        done = connection.execute(
            restrictions.insert().values(
                subject_table=subject_table,
                subject_id=subject_id,
                field=field,
                reason=told,
                added_at=now,
                added_by=viewer.name,
            )
        )
        subject = f"{subject_table} {subject_id}: {field}"
        connection.execute(
            audit.insert().values(at=now, who=viewer.name, action="restrict", subject=subject)
        )
        return int(done.inserted_primary_key[0])  # type: ignore[index]

    return in_one_transaction(store, write)


def lift(store: Store, restriction_id: int, *, viewer: Viewer) -> None:
    """Lift a restriction: what it kept back is given again to all who may read.

    Raises
    ------
    QueryError
        If none of that number is in force.
    """
    require(viewer, "publish")

    def write(connection: sa.Connection) -> int:
        named = sa.select(restrictions).where(
            restrictions.c.restriction_id == restriction_id, restrictions.c.lifted_at.is_(None)
        )
        found = connection.execute(named).first()
        if found is None:
            raise QueryError(f"There is no restriction {restriction_id} in force.")
        now = _now()
        # Two processes may have made the same at the same moment: both end.
        connection.execute(
            sa.update(restrictions)
            .where(
                restrictions.c.lifted_at.is_(None),
                restrictions.c.subject_table == found.subject_table,
                restrictions.c.subject_id == found.subject_id,
                restrictions.c.field == found.field,
            )
            .values(lifted_at=now, lifted_by=viewer.name)
        )
        subject = f"{found.subject_table} {found.subject_id}: {found.field}"
        connection.execute(
            audit.insert().values(
                at=now, who=viewer.name, action="lift a restriction", subject=subject
            )
        )
        return restriction_id

    in_one_transaction(store, write)


def load_restrictions(store: Store, *, viewer: Viewer) -> pd.DataFrame:
    """Return one row per restriction in force, newest first, to those who may make them."""
    require(viewer, "publish")
    shown = [column for column in restrictions.c if not column.name.startswith("lifted")]
    query = sa.select(*shown).where(restrictions.c.lifted_at.is_(None))
    rows = read_rows(store, query.order_by(restrictions.c.restriction_id.desc()))
    return pd.DataFrame(rows, columns=[column.name for column in shown])


def _in_force() -> sa.Select:
    return sa.select(restrictions.c.restriction_id).where(restrictions.c.lifted_at.is_(None))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
