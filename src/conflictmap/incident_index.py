"""The incidents of a revision as arrays, so that a filter over 100,000 takes milliseconds.

Everything a filter or a sum asks of the tables stands here once, as numbers: each text is replaced
by its place in a list of the distinct ones, each id by the row of its incident. The rules on what
counts are those of `conflictmap.filters` and `conflictmap.summaries`; the tests hold the two
against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.filters import KINDS_KNOWN, IncidentFilter
from conflictmap.periods import Period
from conflictmap.summaries import LEVELS, Level, summed_figures

Array = np.ndarray[Any, Any]

NO_START, NO_END = -(2**31) + 1, 2**31 - 1
"""Days of an interval that nobody stated; else a day is the number of days since 1970-01-01."""


@dataclass(frozen=True)
class Coded:
    """A column as numbers: the place of each value in the list of distinct ones; -1 is missing."""

    codes: Array
    values: Mapping[str, int]

    def is_one_of(self, wanted: Sequence[str]) -> Array:
        """Return whether each value is one of those wanted."""
        chosen = np.zeros(len(self.values) + 1, dtype=bool)
        chosen[[self.values[value] for value in wanted if value in self.values]] = True
        return chosen[self.codes]  # the last one, which is never chosen, stands for missing


@dataclass(frozen=True)
class Statements:
    """Rows of another table that are about incidents: the incident's row, and coded columns."""

    incident: Array  # row of the incident in the table of incidents
    columns: Mapping[str, Coded]

    def __getitem__(self, name: str) -> Coded:
        return self.columns[name]


@dataclass(frozen=True)
class Figures:
    """What each incident adds to a measure, in the order of the table of incidents.

    An end that was not stated is NaN; ``is_stated`` says whether the incident gave a figure at all.
    """

    low: Array
    best: Array
    high: Array
    is_stated: Array


@dataclass(frozen=True)
class IncidentIndex:
    """The incidents of one revision as arrays; see the module."""

    ids: pd.Index
    first_day: Array  # int32, days since 1970-01-01, or `NO_START`
    last_day: Array  # or `NO_END`; the first day where the source's codebook counts by it
    counts_by_first_day: Array
    sorts_last: Array  # the last day as stated, whatever an incident counts by; or `NO_END`
    event_type: Coded
    attributions: Statements  # the disputed ones aside
    reports: Statements
    targets: Statements
    harmed: Statements  # every casualty row: community
    counted: Statements  # casualty rows that a sum uses: victim_group, source_id
    ends: Mapping[str, Array]  # low, best, high of the counted rows
    rows_of_harm: Mapping[str, Array]  # places of the counted rows of each harm
    bins: Mapping[Level, Array]  # place of each incident's bin in ``bin_names``
    bin_names: Mapping[Level, tuple[str, ...]]

    @cached_property
    def oldest_first(self) -> Array:
        """Return the rows of all incidents by first and last day, missing last; made once."""
        first = np.where(self.first_day == NO_START, NO_END, self.first_day)
        return np.lexsort([self.sorts_last, first]).astype("int32")

    def passing(self, chosen: IncidentFilter) -> Array:
        """Return whether each incident passes every filter but the period."""
        keep = np.ones(len(self.ids), dtype=bool)
        if chosen.event_types:
            keep &= self.event_type.is_one_of(chosen.event_types)
        if chosen.sources:
            keep &= self._has(self.reports, self.reports["source_id"].is_one_of(chosen.sources))
        if chosen.victim_groups:
            keep &= self._has(self.counted, self._counted_rows(chosen))
        if chosen.communities:
            keep &= self._has(
                self.targets, self.targets["target_community"].is_one_of(chosen.communities)
            ) | self._has(self.harmed, self.harmed["community"].is_one_of(chosen.communities))
        if chosen.actors or chosen.known != "any":
            rows = np.ones(len(self.attributions.incident), dtype=bool)
            if chosen.known != "any":
                rows &= self.attributions["kind"].is_one_of(KINDS_KNOWN[chosen.known])
            if chosen.sources:
                rows &= self.attributions["source_id"].is_one_of(chosen.sources)
            if chosen.actors:
                rows &= self.attributions["actor_id"].is_one_of(chosen.actors)
            keep &= self._has(self.attributions, rows)
        return keep

    def figures(self, chosen: IncidentFilter, measure: str) -> Figures:
        """Return what each incident adds to "incidents" or to a harm, by the filter's groups."""
        n = len(self.ids)
        if measure == "incidents":
            ones = np.ones(n)
            return Figures(ones, ones, ones, np.ones(n, dtype=bool))
        rows = self._rows_of(measure, chosen)
        incident = self.counted.incident[rows]
        is_given = ~np.isnan(self.ends["best"][rows])
        given, rows = incident[is_given], rows[is_given]
        is_stated = np.zeros(n, dtype=bool)
        is_stated[given] = True
        low, best, high = (
            # A sum with a missing part is missing: the part may be anything.
            np.where(is_stated, np.bincount(given, self.ends[end][rows], n), np.nan)
            for end in ("low", "best", "high")
        )
        high[incident[~is_given]] = np.nan  # "53 students and some attackers" has no upper end
        return Figures(low, best, high, is_stated)

    def harm_done(self, chosen: IncidentFilter) -> Array:
        """Return how many people each incident killed and wounded, as far as figures were given."""
        rows = np.concatenate([self._rows_of(harm, chosen) for harm in ("killed", "wounded")])
        best = np.nan_to_num(self.ends["best"][rows])
        return np.bincount(self.counted.incident[rows], best, len(self.ids))

    def standing(self, period: Period) -> tuple[Array, Array]:
        """Return which incidents lie wholly inside a period, and which wholly outside."""
        return standing_of_days(self.first_day, self.last_day, period)

    def _rows_of(self, harm: str, chosen: IncidentFilter) -> Array:
        """Return the places of the counted rows of a harm that a filter lets through."""
        rows = self.rows_of_harm.get(harm, np.empty(0, dtype="int64"))
        if chosen.victim_groups or chosen.sources:
            rows = rows[self._counted_rows(chosen)[rows]]
        return rows

    def _counted_rows(self, chosen: IncidentFilter) -> Array:
        rows = np.ones(len(self.counted.incident), dtype=bool)
        if chosen.victim_groups:
            rows &= self.counted["victim_group"].is_one_of(chosen.victim_groups)
        if chosen.sources:
            rows &= self.counted["source_id"].is_one_of(chosen.sources)
        return rows

    def _has(self, statements: Statements, rows: Array) -> Array:
        """Return whether each incident has one of the rows."""
        found = np.zeros(len(self.ids), dtype=bool)
        found[statements.incident[rows]] = True
        return found


def index_incidents(
    tables: Mapping[str, pd.DataFrame],
    bins: Mapping[Level, pd.Series],
    bin_names: Mapping[Level, tuple[str, ...]],
) -> IncidentIndex:
    """Make the index of the tables of one revision.

    Parameters
    ----------
    bins
        The bin of each incident at each level, indexed by ``incident_id``; see
        `summaries.place_bins`.
    bin_names
        Every bin of each level that may occur.
    """
    incidents = tables["incidents"]
    ids = pd.Index(incidents["incident_id"])

    def about(name: str, *columns: str, rows: pd.DataFrame | None = None) -> Statements:
        table = tables[name] if rows is None else rows
        places = ids.get_indexer(table["incident_id"])
        known = places >= 0
        coded = {column: _coded(table[column][known]) for column in columns}
        return Statements(places[known], coded)

    attributions = tables["attributions"]
    counted = tables["casualties"]
    counted = counted[counted["is_counted"].fillna(False).astype(bool)]
    counted = summed_figures(counted[ids.get_indexer(pd.Index(counted["incident_id"])) >= 0])
    by_first_day = (
        incidents["counting_date"].eq("date_from").fillna(False) & incidents["date_from"].notna()
    ).to_numpy(dtype=bool)
    first_day = _days(incidents["date_from"], NO_START)
    harm = _coded(counted["harm"])
    return IncidentIndex(
        ids=ids,
        first_day=first_day,
        last_day=np.where(by_first_day, first_day, _days(incidents["date_to"], NO_END)),
        counts_by_first_day=by_first_day,
        sorts_last=_days(incidents["date_to"], NO_END),
        event_type=_coded(incidents["event_type"]),
        attributions=about(
            "attributions",
            "actor_id",
            "kind",
            "source_id",
            rows=attributions[attributions["kind"] != "disputed"],
        ),
        reports=about("incident_sources", "source_id"),
        targets=about("incident_targets", "target_community"),
        harmed=about("casualties", "community"),
        counted=about("casualties", "victim_group", "source_id", rows=counted),
        rows_of_harm={
            value: np.flatnonzero(harm.codes == code) for value, code in harm.values.items()
        },
        ends={
            name: counted[name].to_numpy("float64", na_value=np.nan)
            for name in ("low", "best", "high")
        },
        bins={
            level: pd.Index(bin_names[level]).get_indexer(bins[level].reindex(ids))
            for level in LEVELS
        },
        bin_names=bin_names,
    )


def standing_of_days(first_day: Array, last_day: Array, period: Period) -> tuple[Array, Array]:
    """Return which intervals lie wholly inside a period, and which wholly outside."""
    if period.is_all_dates:
        everything = np.ones(len(first_day), dtype=bool)
        return everything, ~everything
    start, end = day_number(period.start, NO_START + 1), day_number(period.end, NO_END - 1)
    inside = (first_day >= start) & (last_day <= end)
    return inside, (first_day > end) | (last_day < start)


def day_number(day: Any, otherwise: int) -> int:
    """Return a day as days since 1970-01-01; a day that is None is `otherwise`."""
    return int(otherwise) if day is None else int(np.datetime64(day, "D").astype("int64"))


def _days(days: pd.Series, otherwise: int) -> Array:
    numbers = days.to_numpy().astype("datetime64[D]").astype("int64")
    return np.where(days.notna().to_numpy(), numbers, otherwise).astype("int32")


def _coded(values: pd.Series) -> Coded:
    codes, distinct = pd.factorize(values)
    return Coded(codes, {value: number for number, value in enumerate(distinct)})
