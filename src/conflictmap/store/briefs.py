"""Kept briefs: which question was answered at which revision, in whose words.

A brief is not kept as text but as what it is made from, so that it can be made again and compared.
None is changed or deleted: a brief in other words is another one. The words of an editor who saw
everything may tell what others are not to see: such a brief is for those of full sight only.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.errors import QueryError
from conflictmap.store.engine import Store
from conflictmap.store.reading import read_rows
from conflictmap.store.tables import briefs, revisions
from conflictmap.store.writing import in_one_transaction

_SHOWN = ("brief_id", "kept_at", "kept_by", "name", "revision", "scope")


@dataclass(frozen=True)
class KeptBrief:
    """What a kept brief is made from."""

    brief_id: int
    kept_at: dt.datetime  # UTC
    kept_by: str
    name: str
    revision: int
    scope: Mapping[str, Sequence[str]]  # query parameters of period and filters
    wording: Mapping[str, str]  # paragraph -> text of the editor
    marking: str


def keep_brief(
    store: Store,
    *,
    name: str,
    revision: int,
    scope: Mapping[str, Sequence[str]],
    wording: Mapping[str, str],
    marking: str = "",
    viewer: Viewer,
) -> int:
    """Keep what a brief is made from; return its number.

    The same brief of the same revision in the same words is kept once.

    Raises
    ------
    QueryError
        If the store has no such revision.
    """
    require(viewer, "keep briefs")
    made_from = {
        "name": name,
        "revision": revision,
        "scope": _written(scope),
        "wording": _written(wording),
        "marking": marking,
        "sight": viewer.sight,
    }

    def write(connection: sa.Connection) -> int:
        same = sa.select(briefs.c.brief_id).where(
            *(briefs.c[column] == value for column, value in made_from.items())
        )
        if held := connection.scalar(same):
            return int(held)
        if not connection.scalar(sa.select(revisions).where(revisions.c.revision == revision)):
            raise QueryError(f"There is no revision {revision} to keep a brief of.")
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        done = connection.execute(
            briefs.insert().values(kept_at=now, kept_by=viewer.name, **made_from)
        )
        return int(done.inserted_primary_key[0])  # type: ignore[index]

    return in_one_transaction(store, write)


def load_briefs(store: Store, *, viewer: Viewer) -> pd.DataFrame:
    """Return one row per kept brief, newest first: number, time, by whom, name, revision, scope."""
    require(viewer, "read")
    columns = [briefs.c[name] for name in _SHOWN]
    query = sa.select(*columns).where(_seen_by(viewer)).order_by(briefs.c.brief_id.desc())
    rows = read_rows(store, query)
    found = pd.DataFrame(rows, columns=list(_SHOWN))
    return found.assign(scope=[json.loads(scope) for scope in found["scope"]])


def load_brief(store: Store, brief_id: int, *, viewer: Viewer) -> KeptBrief:
    """Return what one kept brief is made from.

    Raises
    ------
    QueryError
        If there is none of the number that the viewer may read.
    """
    require(viewer, "read")
    made_from = [briefs.c[field.name] for field in dataclasses.fields(KeptBrief)]
    query = sa.select(*made_from).where(briefs.c.brief_id == brief_id, _seen_by(viewer))
    rows = read_rows(store, query)
    if not rows:
        raise QueryError(f"There is no kept brief {brief_id}.")
    number, at, by, name, revision, scope, wording, marking = rows[0]
    return KeptBrief(
        number, at, by, name, revision, json.loads(scope), json.loads(wording), marking
    )


def _seen_by(viewer: Viewer) -> sa.ColumnElement[bool]:
    return sa.true() if viewer.sight == "full" else briefs.c.sight == viewer.sight


def _written(values: Mapping[str, object]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
