"""The incidents of a brief as arrays: which ones, and their sums by actor and victim group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.brief.scope import BriefScope
from conflictmap.errors import QueryError
from conflictmap.filters import KINDS_KNOWN
from conflictmap.periods import Period
from conflictmap.schema import VICTIM_GROUPS
from conflictmap.views.facts import Facts
from conflictmap.views.figures import Figure
from conflictmap.views.incidents import MOST_IN_FILE

Array = np.ndarray[Any, Any]

NOBODY = "nobody named"

READ_AT_ONCE = 5_000
"""Incidents whose rows are in memory at a time where those of all are not."""


@dataclass(frozen=True)
class Selection:
    """The incidents that pass the filters of a scope, by how they stand to its period.

    ``near`` are the facts of what may lie in the period: ``inside`` and ``not_dated`` say of each
    incident of its index whether it is one, ``outside`` of each of all. No incident is two.
    """

    facts: Facts
    scope: BriefScope
    near: Facts
    inside: Array
    not_dated: Array
    outside: Array

    @cached_property
    def victims(self) -> tuple[str, ...]:
        """Return the victim groups that the scope lets count, attackers aside."""
        groups = self.scope.victim_groups or VICTIM_GROUPS
        return tuple(group for group in groups if group != "attackers")

    def parts(self) -> Iterator[Facts]:
        """Yield facts whose tables hold the incidents inside the period, some at a time, by id.

        Their tables hold others too where those are at hand: see `holds`.
        """
        if self.facts.has_all_rows:
            yield self.facts
            return
        ids = pd.Index(sorted(self.near.index.ids[self.inside]))
        for start in range(0, len(ids), READ_AT_ONCE):
            yield self.facts.of(ids[start : start + READ_AT_ONCE])

    def check_size(self) -> None:
        """Refuse incidents that are too many to be read for a brief.

        Raises
        ------
        QueryError
            With how many they are, and what to choose instead.
        """
        n = int(self.inside.sum())
        if n > MOST_IN_FILE and not self.facts.has_all_rows:
            raise QueryError(
                f"This brief is about {n:,} incidents, and it can read the rows of"
                f" {MOST_IN_FILE:,} at most. Choose a shorter period."
            )

    def holds(self, incident_ids: pd.Series) -> Array:
        """Say of each id whether it is an incident inside the period."""
        places = self.near.index.ids.get_indexer(incident_ids)
        return self.inside[places] & (places >= 0)

    def figure(self, measure: str, groups: Sequence[str] = ()) -> Figure:
        """Return the sum of a measure over the incidents inside, of some victim groups or all."""
        chosen = replace(self.scope, victim_groups=tuple(groups)) if groups else self.scope
        figures = self.near.index.figures(chosen, measure)
        ends = [getattr(figures, end)[self.inside] for end in ("low", "best", "high")]
        codes = np.zeros(len(ends[0]), dtype="int64")
        return _summed(codes, 1, ends, figures.is_stated[self.inside])[0]

    def by_actor(self, measures: Sequence[str]) -> dict[str, list[Figure]]:
        """Return the sums of some measures by actor named, and last those that name nobody.

        An incident that names two actors is in the sums of both.
        """
        index = self.near.index
        actors = index.attributions["actor_id"]
        rows = self.inside[index.attributions.incident] & (actors.codes >= 0)
        for column, values in (
            ("source_id", self.scope.sources),
            ("actor_id", self.scope.actors),
            ("kind", KINDS_KNOWN.get(self.scope.known, ())),
        ):
            if values:
                rows &= index.attributions[column].is_one_of(values)
        names = [*actors.values, NOBODY]
        incident = index.attributions.incident[rows].astype("int64")
        pairs = np.unique(incident * len(names) + actors.codes[rows])
        incident, code = pairs // len(names), pairs % len(names)
        unnamed = self.inside.copy()
        unnamed[incident] = False
        incident = np.concatenate([incident, np.flatnonzero(unnamed)])
        code = np.concatenate([code, np.full(int(unnamed.sum()), len(names) - 1)])
        result: dict[str, list[Figure]] = {name: [] for name in names}
        for measure in measures:
            figures = index.figures(self.scope, measure)
            ends = [getattr(figures, end)[incident] for end in ("low", "best", "high")]
            sums = _summed(code, len(names), ends, figures.is_stated[incident])
            for name, figure in zip(names, sums, strict=True):
                result[name].append(figure)
        return {name: sums for name, sums in result.items() if sums[0].incidents}

    def by_group(self, harm: str) -> dict[str, Figure]:
        """Return the sum of a harm by victim group, over the incidents that name the group so."""
        index = self.near.index
        rows = index.rows_of_harm.get(harm, np.empty(0, dtype="int64"))
        rows = rows[self.inside[index.counted.incident[rows]]]
        for column, values in (
            ("source_id", self.scope.sources),
            ("victim_group", self.scope.victim_groups),
        ):
            if values:
                rows = rows[index.counted[column].is_one_of(values)[rows]]
        groups = index.counted["victim_group"]
        incident = index.counted.incident[rows].astype("int64")
        pairs, pair = np.unique(
            incident * (len(groups.values) or 1) + groups.codes[rows], return_inverse=True
        )
        ends = [index.ends[end][rows] for end in ("low", "best", "high")]
        given = ~np.isnan(ends[1])
        n_given = np.bincount(pair[given], minlength=len(pairs))
        ends = [np.bincount(pair[given], end[given], len(pairs)).astype("float64") for end in ends]
        # "53 students and some teachers" has no upper end, as in the sums by incident.
        ends[2][np.bincount(pair, minlength=len(pairs)) > n_given] = np.nan
        code = pairs % (len(groups.values) or 1)
        sums = _summed(code, len(groups.values), ends, n_given > 0)
        found = dict(zip(groups.values, sums, strict=True))
        return {
            group: found[group]
            for group in VICTIM_GROUPS
            if group in found and found[group].incidents
        }


def select(facts: Facts, scope: BriefScope, period: Period | None = None) -> Selection:
    """Return the incidents of a scope, in its own period or in another one."""
    scope = scope if period is None else replace(scope, period=period)
    near = facts.near(scope.period)
    keep = near.index.passing(scope)
    inside, outside = near.index.standing(scope.period)
    left_out = keep & outside
    if near is not facts:
        left_out = facts.index.passing(scope) & facts.index.standing(scope.period)[1]
    return Selection(facts, scope, near, keep & inside, keep & ~inside & ~outside, left_out)


def _summed(codes: Array, n: int, ends: Sequence[Array], stated: Array) -> list[Figure]:
    """Return a figure for each code; it has an end only where each part that is stated has it."""
    counted = np.bincount(codes, minlength=n)
    given = np.bincount(codes[stated], minlength=n)
    sums = [np.bincount(codes[stated], np.nan_to_num(end[stated]), n) for end in ends]
    lacking = [np.bincount(codes[stated], np.isnan(end[stated]), n) for end in ends]

    def end(number: int, code: int) -> int | None:
        is_whole = given[code] and not lacking[number][code]
        return int(sums[number][code]) if is_whole else None

    return [
        Figure(
            end(0, code),
            end(1, code),
            end(2, code),
            incidents=int(counted[code]),
            not_stated=int(counted[code] - given[code]),
        )
        for code in range(n)
    ]
