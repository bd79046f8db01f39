"""Single incidents in the tables of a brief: the same words as on the page of incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from conflictmap.brief.model import Cell
from conflictmap.brief.selection import Array, Selection
from conflictmap.filters import counted_casualties
from conflictmap.views.facts import Facts
from conflictmap.views.incident_table import incident_table

MOST_LISTED = 20
"""How many rows a table of single incidents shows at most."""

NOT_LISTED = (
    "Single incidents are not listed while small counts of provinces are not shown: a list would"
    " tell them."
)


def rows_of(
    selection: Selection, ids: pd.Index, columns: Sequence[str]
) -> tuple[tuple[Cell, ...], ...]:
    """Return columns of `incident_table` for some incidents, in the order given.

    "Date in the source's words" and "How the date follows" are columns too.
    """
    if not len(ids):
        return ()
    facts = _only(selection, ids)
    table = incident_table(facts, ids).loc[ids]
    incidents = facts.tables["incidents"].set_index("incident_id").loc[ids]
    table["Date in the source's words"] = incidents["date_words"].fillna("")
    table["How the date follows"] = incidents["date_basis"]
    rows = table[list(columns)].astype("object")
    return tuple(
        tuple(None if pd.isna(cell) else str(cell) for cell in row)
        for row in rows.itertuples(index=False, name=None)
    )


def first_by_date(selection: Selection, which: Array) -> pd.Index:
    """Return the first incidents of some by date and id, those without a date last."""
    index = selection.facts.index
    dates = selection.facts.tables["incidents"]
    places = which.nonzero()[0]
    rows = pd.DataFrame(
        {
            "first": dates["date_from"].iloc[places].fillna(dates["date_to"].iloc[places]),
            "last": dates["date_to"].iloc[places],
            "id": index.ids[places],
        }
    )
    rows = rows.sort_values(["first", "last", "id"], na_position="last", kind="stable")
    return pd.Index(rows["id"].head(MOST_LISTED))


def titles_of(facts: Facts, ids: pd.Index) -> list[str]:
    """Return the titles of incidents in the order given: text of a source or a coder."""
    places = facts.index.ids.get_indexer(ids)
    return [str(title) for title in facts.tables["incidents"]["title"].iloc[places]]


def _only(selection: Selection, ids: pd.Index) -> Facts:
    """Return the facts of few incidents and of the scope's reports: what a table would read."""
    facts, scope = selection.facts, selection.scope
    tables = dict(facts.tables)
    wanted = set(ids)
    tables["incidents"] = _of(tables["incidents"], wanted)
    for name in ("incident_places", "attributions", "incident_sources", "casualties"):
        rows = _of(tables[name], wanted)
        if scope.sources and name != "incident_places":
            rows = rows[rows["source_id"].isin(scope.sources)]
        tables[name] = rows
    tables["casualties"] = counted_casualties(tables, scope)
    return replace(facts, tables=tables)


def _of(rows: pd.DataFrame, ids: set[str]) -> pd.DataFrame:
    return rows[rows["incident_id"].isin(ids)]
