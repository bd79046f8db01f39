"""All incidents of a revision in memory, as few bytes as views need of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from conflictmap.access import Viewer
from conflictmap.archive.keeping import Segment, cells_name, load_cells
from conflictmap.archive.lots import LONG_DAYS, Lot, index_of, joined_lots, number_of_short
from conflictmap.archive.making import KEPT_FROM, field_and_value, lots_at
from conflictmap.boundaries import BoundaryEdition
from conflictmap.filters import IncidentFilter
from conflictmap.incident_cells import Cells, Months, added, cells_of
from conflictmap.incident_index import (
    NO_END,
    NO_START,
    IncidentIndex,
    day_number,
    standing_of_days,
)
from conflictmap.periods import Period
from conflictmap.store import Store

Array = np.ndarray[Any, Any]

REMEMBERED: Final = 64
"""Filters whose cells stay in memory."""


@dataclass(frozen=True, eq=False)
class Archive:
    """The incidents of a revision.

    ``index`` has one lot behind the other: ``runs`` says where each begins, where its incidents of
    long intervals begin, and where it ends. ``lot`` are the same incidents with their places.
    """

    index: IncidentIndex
    lot: Lot
    runs: tuple[tuple[int, int, int], ...]
    gone: IncidentIndex | None  # in what is kept, and changed since
    recent: IncidentIndex | None  # not in what is kept
    segments: tuple[Segment, ...]
    find_cells: Callable[[Archive, IncidentFilter, Months], Cells] = field(repr=False)

    def near(self, period: Period) -> Array | None:
        """Return the rows of all incidents that are not outside a period; None: of nearly all."""
        first = day_number(period.start, NO_START + 1)
        last = day_number(period.end, NO_END - 1)
        found = []
        for start, middle, end in self.runs:
            days = self.index.first_day[start:middle]
            begins, ends = np.searchsorted(days, [max(first - LONG_DAYS, NO_START), last + 1])
            found.append(np.arange(start + begins, start + ends))
            _, is_outside = standing_of_days(
                self.index.first_day[middle:end], self.index.last_day[middle:end], period
            )
            found.append(middle + np.flatnonzero(~is_outside))
        rows = np.concatenate(found) if found else np.empty(0, dtype="int64")
        return None if 2 * len(rows) > len(self.index.ids) else rows

    def cells(self, chosen: IncidentFilter, months: Months) -> Cells:
        """Return the cells of a filter, its period aside; see `incident_cells`."""
        return self.find_cells(self, replace(chosen, period=Period()), months)


def _find_cells(
    archive: Archive, chosen: IncidentFilter, months: Months, read: Callable[[Segment, str], Cells]
) -> Cells:
    """Return cells that are kept, with what changed since, or make them."""
    if len(chosen.event_types) > 1 and field_and_value(replace(chosen, event_types=())) == ("", ""):
        # An incident is of one type: those of several are the sum of those of each.
        types = dict.fromkeys(chosen.event_types)
        each = [archive.cells(replace(chosen, event_types=(one,)), months) for one in types]
        return added([(cells, 1) for cells in each])
    key = field_and_value(chosen)
    name = None if key is None else cells_name(*key, months)
    segments = [one for one in archive.segments if one.lots]
    if name is None or not all(name in one.names for one in segments):
        return cells_of(archive.index, chosen, months)
    parts = [(read(one, name), 1) for one in segments]
    if archive.recent is not None:
        parts.append((cells_of(archive.recent, chosen, months), 1))
    if archive.gone is not None:
        parts.append((cells_of(archive.gone, chosen, months), -1))
    return parts[0][0] if len(parts) == 1 else added(parts)


def load_archive(
    store: Store,
    edition: BoundaryEdition,
    *,
    viewer: Viewer,
    revision: int,
    kept_from: int = KEPT_FROM,
    tell: Callable[[int], None] = lambda _: None,
) -> Archive:
    """Return all incidents of a revision for a viewer whom no restriction keeps anything from.

    Raises
    ------
    AccessError
        If restrictions keep something from the viewer.
    """
    found = lots_at(
        store, edition, viewer=viewer, revision=revision, kept_from=kept_from, tell=tell
    )
    lots = [*found.lots, *([found.recent] if found.recent else [])]
    whole, starts = joined_lots(lots)
    runs = []
    for lot, start in zip(lots, starts, strict=False):
        runs.append((int(start), int(start) + number_of_short(lot), int(start) + len(lot)))
    index = index_of(whole, edition)

    def read_cells(segment: Segment, name: str) -> Cells:
        return load_cells(store, segment, name, index.bin_names, viewer=viewer)

    @lru_cache(maxsize=REMEMBERED)
    def find_cells(archive: Archive, chosen: IncidentFilter, months: Months) -> Cells:
        return _find_cells(archive, chosen, months, read_cells)

    def indexed(some: Sequence[Lot]) -> IncidentIndex | None:
        return index_of(joined_lots(some)[0], edition) if some else None

    return Archive(
        index=index,
        lot=whole,
        runs=tuple(runs),
        gone=indexed(found.gone),
        recent=indexed([found.recent] if found.recent else []),
        segments=found.segments,
        find_cells=find_cells,
    )
