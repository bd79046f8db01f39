"""Incidents as marks on the map, at the precision that is known and no finer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from conflictmap.filters import IncidentFilter
from conflictmap.views.facts import Facts
from conflictmap.views.place_marks import PlaceMarks

Array = np.ndarray[Any, Any]

MarkKind = Literal["exact", "near", "cell", "district", "province"]
KINDS: tuple[MarkKind, ...] = get_args(MarkKind)

MOST_PLACES = 1500
"""Named places drawn one by one; where there are more, they are added up in cells of a grid."""


@dataclass(frozen=True)
class Points:
    """The marks of a view, and how they came about.

    The arrays have an element a mark: its kind, where it stands, how far off it may be in km (NaN:
    no such distance), its incidents, and the people killed and wounded in them as far as figures
    were given. "exact" is the place itself; "near" known to within ``radius_km``; "cell" the
    named places in one cell of a grid; "district" and "province" stand on the unit's label point,
    which is no location.

    ``places`` named places are drawn: one by one, or added up in cells of ``cell_deg`` degrees.
    """

    kind: Array
    latitude: Array
    longitude: Array
    radius_km: Array
    incidents: Array
    harmed: Array
    places: int
    cell_deg: float | None = None

    def __len__(self) -> int:
        return len(self.kind)


def incident_points(facts: Facts, chosen: IncidentFilter) -> Points:
    """Return the marks of the incidents inside a period.

    An incident with several places has a mark at each. Those abroad, and those not known even to a
    province, have none; they stand in the counts beside the map.
    """
    index, placed = facts.index, facts.place_marks
    counted = index.passing(chosen) & index.standing(chosen.period)[0]
    shown = counted[placed.incident]
    mark, incident = placed.mark[shown], placed.incident[shown]
    n = np.bincount(mark, minlength=len(placed.kind))
    harmed = np.bincount(mark, index.harm_done(chosen)[incident], len(placed.kind)).astype("int64")
    n_named = int((n[placed.is_named] > 0).sum())
    singly = n > 0 if n_named <= MOST_PLACES else (n > 0) & ~placed.is_named
    marks = Points(
        placed.kind[singly],
        placed.latitude[singly],
        placed.longitude[singly],
        placed.radius_km[singly],
        n[singly],
        harmed[singly],
        n_named,
    )
    return marks if n_named <= MOST_PLACES else _with_cells(marks, placed, n, harmed)


def no_points() -> Points:
    """Return that no mark is shown."""
    none = np.empty(0)
    return Points(none.astype("object"), none, none, none, none, none, 0)


def _with_cells(marks: Points, placed: PlaceMarks, n: Array, harmed: Array) -> Points:
    """Add named places up in the finest cells that are few enough; a mark is a cell's middle."""
    named = placed.is_named & (n > 0)
    for size in placed.cells:
        cells = placed.cells[size]
        cell, n_cells = cells.of_mark[named], len(cells.latitude)
        sums = np.bincount(cell, n[named], n_cells).astype("int64")
        if (sums > 0).sum() <= MOST_PLACES:
            break
    held = sums > 0
    harms = np.bincount(cell, harmed[named], n_cells).astype("int64")
    size_of_all = int(held.sum())
    return Points(
        np.concatenate([np.full(size_of_all, "cell", dtype="object"), marks.kind]),
        np.concatenate([cells.latitude[held], marks.latitude]),
        np.concatenate([cells.longitude[held], marks.longitude]),
        np.concatenate([np.full(size_of_all, np.nan), marks.radius_km]),
        np.concatenate([sums[held], marks.incidents]),
        np.concatenate([harms[held], marks.harmed]),
        marks.places,
        size,
    )
