"""Single incidents in the tables of a brief: the same words as on the page of incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from conflictmap.brief.model import Cell
from conflictmap.brief.selection import Array, Selection
from conflictmap.filters import counted_casualties
from conflictmap.incident_index import NO_START
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


def first_by_date(facts: Facts, which: Array) -> pd.Index:
    """Return the first incidents of some by date and id, those without a date last.

    Parameters
    ----------
    which
        Says of each incident of the index whether it is one of them.
    """
    index = facts.index
    places = np.flatnonzero(which)
    first, last = index.first_day[places], index.sorts_last[places]  # a last day not stated is last
    first = np.where(first == NO_START, last, first)
    order = np.lexsort([last, first])
    if len(order) > MOST_LISTED:  # of many, ids decide among few
        final = order[MOST_LISTED - 1]
        same_day = first == first[final]
        order = np.flatnonzero((first < first[final]) | (same_day & (last <= last[final])))
    rows = pd.DataFrame(
        {"first": first[order], "last": last[order], "id": index.ids[places[order]]}
    )
    rows = rows.sort_values(["first", "last", "id"], kind="stable")
    return pd.Index(rows["id"].head(MOST_LISTED))


def titles_of(facts: Facts, ids: pd.Index) -> list[str]:
    """Return the titles of incidents in the order given: text of a source or a coder."""
    held = facts.of(ids)
    places = held.index.ids.get_indexer(ids)
    return [str(title) for title in held.tables["incidents"]["title"].iloc[places]]


def _only(selection: Selection, ids: pd.Index) -> Facts:
    """Return the facts of few incidents and of the scope's reports: what a table would read."""
    facts, scope = selection.facts.of(ids), selection.scope
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
