"""Some of an index's incidents as an index of their own, and several indexes as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from conflictmap.incident_index import Coded, IncidentIndex, Statements

Array = np.ndarray[Any, Any]

_STATEMENTS = ("attributions", "reports", "targets", "harmed", "counted")


def smallest_codes(codes: Array, most: int) -> Array:
    """Return numbers from -1 to `most` in as few bytes as hold them."""
    return codes.astype(next(kind for kind in ("i1", "i2", "i4") if most <= np.iinfo(kind).max))


def rows_about(incident: Array, rows: Array, n: int) -> tuple[Array, Array]:
    """Return the places of what is said of some of n incidents, and the number of each's incident.

    Parameters
    ----------
    incident
        The row of the incident that each statement is about, ascending.
    rows
        Of the incidents, ascending. They are numbered in this order.
    """
    number = np.empty(n, dtype="int32")
    number[rows] = np.arange(len(rows), dtype="int32")
    if len(rows) * _MANY > n:  # to look at each statement is faster than to look for each incident
        is_one = np.zeros(n, dtype=bool)
        is_one[rows] = True
        places = np.flatnonzero(is_one[incident])
    else:
        first = np.searchsorted(incident, rows, side="left")
        several = np.searchsorted(incident, rows, side="right") - first
        # One run of places after the other: 3 4 5, then 9 10.
        starts = np.repeat(first - (np.cumsum(several) - several), several)
        places = starts + np.arange(len(starts))
    return places, number[incident[places]]


_MANY: Final = 64


def taken(index: IncidentIndex, rows: Array) -> IncidentIndex:
    """Return the index of some incidents, by their rows in it, ascending.

    The statements of the index are in the order of their incidents, as those of `sorted_index` are.
    """
    places, again = {}, {}
    for name in _STATEMENTS:
        incident = getattr(index, name).incident
        places[name], again[name] = rows_about(incident, rows, len(index.ids))
    return _parted(index, rows, places, again)


def sorted_index(index: IncidentIndex, order: Array) -> IncidentIndex:
    """Return an index with its incidents in another order, and all statements in that order."""
    new_row = np.empty(len(order), dtype="int32")
    new_row[order] = np.arange(len(order), dtype="int32")
    again, places = {}, {}
    for name in _STATEMENTS:
        rows = new_row[getattr(index, name).incident]
        places[name] = np.argsort(rows, kind="stable")
        again[name] = rows[places[name]]
    return _parted(index, order, places, again)


def joined(indexes: Sequence[IncidentIndex]) -> IncidentIndex:
    """Return several indexes of different incidents as one, their incidents one after the other.

    All have the same bins. Values that only some of them know are known to the whole.
    """
    starts = np.cumsum([0, *(len(index.ids) for index in indexes)])
    first = indexes[0]
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(index, name) for index in indexes])
        for name in _arrays_of_incidents(first)
    }

    def statements(name: str) -> Statements:
        parts: list[Statements] = [getattr(index, name) for index in indexes]
        moved = [part.incident + start for part, start in zip(parts, starts, strict=False)]
        columns = {
            column: joined_codes([part[column] for part in parts]) for column in parts[0].columns
        }
        return Statements(np.concatenate(moved).astype("int32"), columns)

    counted_starts = np.cumsum([0, *(len(index.counted.incident) for index in indexes)])
    harms = dict.fromkeys(harm for index in indexes for harm in index.rows_of_harm)
    none = np.empty(0, dtype="int64")
    arrays |= {name: statements(name) for name in _STATEMENTS}
    return replace(
        first,
        ids=_joined_ids([index.ids for index in indexes]),
        event_type=joined_codes([index.event_type for index in indexes]),
        ends={end: np.concatenate([index.ends[end] for index in indexes]) for end in first.ends},
        rows_of_harm={
            harm: np.concatenate(
                [
                    index.rows_of_harm.get(harm, none) + start
                    for index, start in zip(indexes, counted_starts, strict=False)
                ]
            )
            for harm in harms
        },
        bins={
            level: np.concatenate([index.bins[level] for index in indexes]) for level in first.bins
        },
        **arrays,
    )


def joined_codes(parts: Sequence[Coded]) -> Coded:
    """Return columns one after the other, coded by the values that any of them has."""
    values: dict[str, int] = {}
    for part in parts:
        for value in part.values:
            values.setdefault(value, len(values))
    found = []
    for part in parts:
        if list(part.values) == list(values)[: len(part.values)]:
            found.append(part.codes)
        else:
            found.append(np.array([*(values[value] for value in part.values), -1])[part.codes])
    return Coded(smallest_codes(np.concatenate(found), len(values)), values)


def _arrays_of_incidents(index: IncidentIndex) -> list[str]:
    """Return the names of the plain arrays with an element an incident."""
    return [one.name for one in fields(index) if isinstance(getattr(index, one.name), np.ndarray)]


def _joined_ids(parts: Sequence[pd.Index]) -> pd.Index:
    return parts[0].append(list(parts[1:]))


def _parted(
    index: IncidentIndex,
    rows: Array,
    places: Mapping[str, Array],
    incidents: Mapping[str, Array],
) -> IncidentIndex:
    """Return an index of some rows, with the statements at some places, about these incidents."""

    def coded(column: Coded, at: Array) -> Coded:
        return Coded(column.codes[at], column.values)

    counted = places["counted"]
    harm_of = np.full(len(index.counted.incident), -1, dtype="int8")
    for number, at in enumerate(index.rows_of_harm.values()):
        harm_of[at] = number
    harm_of = harm_of[counted]
    arrays: dict[str, Any] = {
        name: getattr(index, name)[rows] for name in _arrays_of_incidents(index)
    }
    for name in _STATEMENTS:
        columns = getattr(index, name).columns
        arrays[name] = Statements(
            incidents[name],
            {column: coded(values, places[name]) for column, values in columns.items()},
        )
    return replace(
        index,
        ids=index.ids[rows],
        event_type=coded(index.event_type, rows),
        ends={end: values[counted] for end, values in index.ends.items()},
        rows_of_harm={
            harm: np.flatnonzero(harm_of == number)
            for number, harm in enumerate(index.rows_of_harm)
        },
        bins={level: values[rows] for level, values in index.bins.items()},
        **arrays,
    )
