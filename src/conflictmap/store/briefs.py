"""Kept briefs: which question was answered at which revision, in whose words.

A brief is not kept as text but as what it is made from, so that it can be made again and compared.
None is changed or deleted: a brief in other words is another one. The words of an editor who saw
everything may tell what others are not to see: such a brief is for those of full sight only. What
was kept before something was restricted may tell of it: those of coarse sight are then given its
question only, without anybody's words, and not where the question names what is restricted.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import Sight, Viewer, require
from conflictmap.errors import QueryError
from conflictmap.store.engine import Store
from conflictmap.store.reading import read_rows
from conflictmap.store.tables import briefs, restrictions, revisions
from conflictmap.store.writing import in_one_transaction

_SHOWN = ("brief_id", "kept_at", "kept_by", "name", "revision", "scope", "sight")


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
    sight: Sight = "full"  # of whoever kept it: what its numbers were counted from


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
    """Return one row per kept brief, newest first, without its wording and marking."""
    require(viewer, "read")
    columns = [briefs.c[name] for name in _SHOWN]
    query = sa.select(*columns).where(_seen_by(viewer)).order_by(briefs.c.brief_id.desc())
    found = pd.DataFrame(read_rows(store, query), columns=list(_SHOWN))
    found = found.assign(scope=[json.loads(scope) for scope in found["scope"]])
    if viewer.sight == "full" or found.empty:
        return found
    since, named = _restricted(store)
    if since is not None:
        numbers = "Kept brief " + found["brief_id"].astype("str")
        found["name"] = found["name"].where(found["kept_at"] > since, numbers)
    is_shown = [not _names(scope, named) for scope in found["scope"]]
    return found[is_shown].reset_index(drop=True)


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
    number, at, by, name, revision, scope, wording, marking, sight = rows[0]
    asked, words = json.loads(scope), json.loads(wording)
    if viewer.sight != "full":
        since, named = _restricted(store)
        if _names(asked, named):
            raise QueryError(f"There is no kept brief {brief_id}.")
        if since is not None and at <= since:
            name, words = f"Kept brief {number}", {}
    return KeptBrief(number, at, by, name, revision, asked, words, marking, sight)


def _restricted(store: Store) -> tuple[dt.datetime | None, set[str]]:
    """Return when the newest restriction in force was made, and the sources that are restricted."""
    columns = (restrictions.c.added_at, restrictions.c.subject_table, restrictions.c.subject_id)
    rows = read_rows(store, sa.select(*columns).where(restrictions.c.lifted_at.is_(None)))
    named = {subject for _, table, subject in rows if table == "sources"}
    return max((at for at, _, _ in rows), default=None), named


def _names(scope: Mapping[str, Sequence[str]], restricted: set[str]) -> bool:
    """Say whether a question names something that is restricted."""
    return any(value in restricted for values in scope.values() for value in values)


def _seen_by(viewer: Viewer) -> sa.ColumnElement[bool]:
    return sa.true() if viewer.sight == "full" else briefs.c.sight == viewer.sight


def _written(values: Mapping[str, object]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
