"""What reports say of armed groups in incidents: how often, which reports, and in which first.

It is counted from the index and the disputed statements, so that it holds for however many
incidents there are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from conflictmap.incident_index import NO_END, NO_START
from conflictmap.views.facts import Facts

MOST_INCIDENTS = 500
"""Incidents that are listed of one actor."""


class Said:
    """Who is said to have done what: of the index, which has no disputed statements, and those."""

    def __init__(self, facts: Facts) -> None:
        self._index, self._disputed = facts.index, facts.disputed()
        self._named = self._index.attributions
        self._actors = list(self._named["actor_id"].values)

    def incidents(self, kind: str = "") -> pd.Series:
        """Return in how many incidents each actor is named, or spoken of in one kind of statement.

        An actor of whom there is none may be left out.
        """
        if kind == "disputed":
            return self._disputed.groupby("actor_id")["incident_id"].nunique()
        rows = self._named["actor_id"].codes >= 0
        if kind:
            rows = rows & self._named["kind"].is_one_of([kind])
        codes = self._named["actor_id"].codes[rows].astype("int64")
        pairs = np.unique(codes * len(self._index.ids) + self._named.incident[rows])
        numbers = np.bincount(pairs // max(len(self._index.ids), 1), minlength=len(self._actors))
        return pd.Series(numbers, index=pd.Index(self._actors, dtype="object"))

    def reports(self) -> dict[str, set[str]]:
        """Return the reports that say something of each actor that they name or clear."""
        actors, sources = self._named["actor_id"], self._named["source_id"]
        rows = (actors.codes >= 0) & (sources.codes >= 0)
        n = max(len(sources.values), 1)
        pairs = np.unique(actors.codes[rows].astype("int64") * n + sources.codes[rows])
        names = list(sources.values)
        found: dict[str, set[str]] = {}
        for actor, source in zip(pairs // n, pairs % n, strict=True):
            found.setdefault(self._actors[actor], set()).add(names[source])
        disputed = self._disputed[["actor_id", "source_id"]].drop_duplicates()
        for actor_id, source_id in disputed.itertuples(index=False, name=None):
            found.setdefault(actor_id, set()).add(source_id)
        return found

    def first_of(self, actor_id: str) -> tuple[pd.Index, int]:
        """Return the oldest incidents that anything is said of an actor in, and how many there are.

        Those without dates come last, as in `incident_table`; of the same days those with the
        first id.
        """
        index = self._index
        is_meant = np.zeros(len(index.ids), dtype=bool)
        is_meant[self._named.incident[self._named["actor_id"].is_one_of([actor_id])]] = True
        cleared = self._disputed.loc[self._disputed["actor_id"] == actor_id, "incident_id"]
        if len(cleared):
            is_meant |= index.ids.isin(cleared)
        rows = np.flatnonzero(is_meant)
        in_all = len(rows)
        first = np.where(index.first_day == NO_START, NO_END, index.first_day)
        last = index.sorts_last
        if in_all > MOST_INCIDENTS:  # to sort very many ids would take long
            end = rows[np.lexsort([last[rows], first[rows]])[MOST_INCIDENTS - 1]]
            is_early = (first < first[end]) | ((first == first[end]) & (last <= last[end]))
            rows = rows[is_early[rows]]
        ids = index.ids[rows].to_numpy(dtype="object")
        order = np.lexsort([ids, last[rows], first[rows]])[:MOST_INCIDENTS]
        return pd.Index(ids[order]), in_all
