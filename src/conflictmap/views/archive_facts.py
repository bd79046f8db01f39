"""Facts of a store of very many incidents: in memory is what maps count, rows are read when shown.

Whatever is asked of them is answered as `Facts` would; only what needs the rows of every incident
at once is refused, with what to do instead.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from conflictmap.access import Viewer
from conflictmap.archive.archive import Archive, load_archive
from conflictmap.archive.lots import candidates_of, places_of
from conflictmap.boundaries import BoundaryEdition
from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.incident_cells import (
    MONTHS,
    Items,
    cells_as_items,
    incidents_as_items,
    is_whole_months,
)
from conflictmap.incident_index import NO_END, NO_START, IncidentIndex, day_number
from conflictmap.index_parts import taken
from conflictmap.periods import Period
from conflictmap.schema import TABLES
from conflictmap.store import (
    Store,
    count_incidents,
    count_rows_by_source,
    latest_revision,
    load_disputed,
    load_rows_of,
    policy,
)
from conflictmap.summaries import LEVELS, Level, place_bins
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.possible_areas import Places

Array = np.ndarray[Any, Any]

ARCHIVE_FROM: Final = 200_000
"""Incidents in a store, from which on their rows are no longer all read at once."""

REMEMBERED: Final = 32
MOST_REMEMBERED: Final = {"near": 4, "reports": 256, "by first day": 256}
"""Answers of each kind, the first part of their key, that are kept for as long as the facts are."""

MOST_ROWS_REMEMBERED: Final = 2000
"""Incidents whose rows are kept for the next run of a page; those of a file are read again."""


@dataclass(frozen=True)
class ArchiveFacts(Facts):
    """Facts whose tables hold the rows of no incident; `of` reads those of some.

    ``held`` are the rows of the archive that `index` has: None for all of them, or what lies near a
    period.
    """

    archive: Archive = field(kw_only=True)
    read: Callable[[Sequence[str]], Mapping[str, pd.DataFrame]] = field(kw_only=True, repr=False)
    ask: Callable[..., Any] = field(kw_only=True, repr=False)
    """Call a function that reads the store, with what it takes besides viewer and revision."""

    held: Array | None = field(default=None, kw_only=True, compare=False)

    @property
    def has_all_rows(self) -> bool:
        """Say whether the tables hold the rows of every incident: they hold none."""
        return False

    @cached_property
    def index(self) -> IncidentIndex:
        """Return the incidents as arrays; of a period those near it."""
        if self.held is None:
            return self.archive.index
        return taken(self.archive.index, self.held)

    @cached_property
    def places(self) -> Places:
        """Return the places of the incidents; made once."""
        rows, found = (part(self.archive.lot, self.held) for part in (places_of, candidates_of))
        return Places(rows, rows["incident"].to_numpy(), found, found["incident"].to_numpy())

    @cached_property
    def first_date(self) -> dt.date | None:
        """Return the first day that any incident names; None where none does."""
        return _extreme(self.archive.index, "min")

    @cached_property
    def last_date(self) -> dt.date | None:
        """Return the last day that any incident names; None where none does."""
        return _extreme(self.archive.index, "max")

    def items(
        self, chosen: IncidentFilter, measure: str, level: Level, steps: Sequence[Period]
    ) -> tuple[Items, Array]:
        """Return cells where all periods are of whole months, else the incidents near them."""
        periods = (chosen.period, *steps)
        first = np.array([day_number(period.start, NO_START) for period in periods])
        last = np.array([day_number(period.end, NO_END) for period in periods])
        everything = replace(chosen, period=Period())
        for months in MONTHS:
            if is_whole_months(first, last, months):
                cells = self.archive.cells(everything, months)
                items = cells_as_items(cells, measure, level)
                return items, np.zeros((len(items.summed), 1), dtype="int64")
        items = incidents_as_items(self.near(chosen.period).index, chosen, measure, level)
        sums = self.archive.cells(everything, MONTHS[0]).sums[measure].sum(axis=1, keepdims=True)
        return items, sums - items.summed.sum(axis=1, keepdims=True).astype("int64")

    def near(self, period: Period) -> ArchiveFacts:
        """Return facts of the incidents that may lie in a period, and few others."""
        if period.is_all_dates or self.held is not None:
            return self
        part: ArchiveFacts = self.once(("near", period), lambda: self._near(period))
        return part

    def _near(self, period: Period) -> ArchiveFacts:
        rows = self.archive.near(period)
        return self if rows is None else replace(self, held=rows, memory={})

    def of(self, ids: pd.Index) -> Facts:
        """Return facts whose tables hold these incidents."""
        tables = self.read(list(ids))
        bins = {level: place_bins(tables, level) for level in LEVELS}
        return Facts(
            self.revision,
            tables,
            self.edition,
            bins,
            self.is_synthetic,
            sight=self.sight,
            policy=self.policy,
        )

    def holds(self, incident_id: str) -> bool:
        """Say whether there is an incident of this id."""
        return bool(len(self.read([incident_id])["incidents"]))

    def disputed(self) -> pd.DataFrame:
        """Return the statements that only dispute who did it; read once."""
        rows: pd.DataFrame = self.once(("disputed",), lambda: self.ask(load_disputed))
        return rows

    def rows_by_source(self, name: str) -> Mapping[str, int]:
        """Return how many rows of a table each source gave; counted once."""
        if "incident_id" not in TABLES[name].column_names:
            return super().rows_by_source(name)
        found: Mapping[str, int] = self.once(
            ("rows by source", name), lambda: self.ask(count_rows_by_source, name)
        )
        return found

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return what was made before under a key, or make it; the oldest of many is forgotten."""
        held = self.memory.get(key, _NOTHING)
        if held is not _NOTHING:
            return held
        made = self.memory[key] = make()
        with _FORGETTING:
            same = [one for one in [*self.memory] if one[0] == key[0]]
            for oldest in same[: -MOST_REMEMBERED.get(key[0], REMEMBERED)]:
                del self.memory[oldest]
        return made


_NOTHING = object()
_FORGETTING = threading.Lock()


class SmallTables(Mapping[str, pd.DataFrame]):
    """All tables but those with rows of incidents, which are too many."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], incidents: int) -> None:
        self._tables, self._incidents = tables, incidents

    def __getitem__(self, name: str) -> pd.DataFrame:
        if "incident_id" in TABLES[name].column_names:
            raise QueryError(
                f"This needs the rows of all {self._incidents:,} incidents at once, which is more"
                f" than is read at a time ({ARCHIVE_FROM:,}). Use the map and the incidents"
                " of a shorter period, or `conflictmap export` on the command line."
            )
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        # Those that can be read, so that whoever goes through them is not refused.
        return (name for name in self._tables if "incident_id" not in TABLES[name].column_names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def open_facts(
    store: Store,
    edition: BoundaryEdition,
    *,
    viewer: Viewer,
    revision: int | None = None,
    is_limited: bool = False,
) -> Facts:
    """Return the facts of a revision (the latest by default): of many incidents as an archive.

    All rows are read at once where something is kept from the viewer, by restrictions or because
    small numbers are suppressed (`is_limited`): what is hidden follows from all of them.
    """
    at = latest_revision(store, viewer=viewer) if revision is None else revision
    is_whole = is_limited or (viewer.sight == "coarse" and policy(store) != "")
    incidents = 0 if is_whole else count_incidents(store, viewer=viewer, revision=at)
    if incidents < ARCHIVE_FROM:
        return load_facts(store, edition, viewer=viewer, revision=at)
    return load_archive_facts(store, edition, incidents, viewer=viewer, revision=at)


def load_archive_facts(
    store: Store, edition: BoundaryEdition, incidents: int, *, viewer: Viewer, revision: int
) -> ArchiveFacts:
    """Return the facts of a store of very many incidents; see `open_facts`.

    Raises
    ------
    AccessError
        If restrictions keep something from the viewer.
    """

    @lru_cache(maxsize=8)
    def rows(ids: tuple[str, ...]) -> Mapping[str, pd.DataFrame]:
        return load_rows_of(store, ids, viewer=viewer, revision=revision)

    def read(ids: Sequence[str]) -> Mapping[str, pd.DataFrame]:
        if len(ids) > MOST_ROWS_REMEMBERED:
            return load_rows_of(store, ids, viewer=viewer, revision=revision)
        return rows(tuple(ids))

    archive = load_archive(store, edition, viewer=viewer, revision=revision)
    return ArchiveFacts(
        revision,
        SmallTables(rows(()), incidents),
        edition,
        {},
        store.is_synthetic,
        sight=viewer.sight,
        archive=archive,
        read=read,
        ask=lambda read, *values: read(store, *values, viewer=viewer, revision=revision),
    )


def _extreme(index: IncidentIndex, which: str) -> dt.date | None:
    days = np.concatenate([index.first_day, index.sorts_last])
    days = days[(days != NO_START) & (days != NO_END)]
    if not len(days):
        return None
    found: dt.date = np.datetime64(int(getattr(days, which)()), "D").astype(dt.date)
    return found
