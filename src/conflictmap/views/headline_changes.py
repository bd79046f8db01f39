"""The headline numbers of a brief, then and now, and what each kind of change did to them.

Every incident has exactly one part in the difference of a number, so that the parts add up to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from conflictmap.filters import IncidentFilter
from conflictmap.incident_index import Array, Figures, IncidentIndex
from conflictmap.views.facts import Facts
from conflictmap.views.figures import Figure

Headline = Literal["incidents", "killed", "wounded"]
HEADLINES: tuple[Headline, ...] = get_args(Headline)

PARTS = ("added", "withdrawn", "recoded_in", "recoded_out", "revised")
"""Why a headline number differs; see `HeadlineChange`."""

PART_NAMES = {
    "added": "incidents added",
    "withdrawn": "incidents withdrawn",
    "recoded_in": "incidents re-coded into this scope",
    "recoded_out": "incidents re-coded out of this scope",
    "revised": "figures revised",
}


@dataclass(frozen=True)
class HeadlineChange:
    """One number of the brief, then and now, and what each kind of change adds to the difference.

    The parts are sums of the figures that were given (an incident without one adds 0), and
    ``added + withdrawn + recoded_in + recoded_out + revised == difference``.
    """

    measure: Headline
    before: Figure
    after: Figure
    added: int  # by incidents that are new
    withdrawn: int  # by incidents that are there no more; 0 or below
    recoded_in: int  # by incidents that were outside the filter, or not dated to its period
    recoded_out: int  # 0 or below
    revised: int  # by other figures of incidents that were and are counted
    not_dated_before: int  # sums of the figures given, beside the number
    not_dated_after: int

    @property
    def difference(self) -> int:
        """Return how much larger the number is now, as far as figures were given."""
        return self.after.known - self.before.known

    @property
    def words(self) -> str:
        """Return the change as a sentence: "killed: 12 then, at least 14 now (+2: ...)"."""
        then_now = f"{self.measure}: {self.before.words} then, {self.after.words} now"
        parts = [
            f"{getattr(self, part):+,} by {PART_NAMES[part]}"
            for part in PARTS
            if getattr(self, part)
        ]
        return f"{then_now} ({self.difference:+,}: {', '.join(parts)})" if parts else then_now


@dataclass(frozen=True)
class Sides:
    """The incidents then and now as arrays, how each stands to the filter, and which are the same.

    ``now_of`` gives of each old incident its place among the new ones, -1 where it is there no
    more.
    """

    then: IncidentIndex
    now: IncidentIndex
    now_of: Array
    inside: tuple[Array, Array]  # counted: then, now
    not_dated: tuple[Array, Array]

    @classmethod
    def of(cls, before: Facts, after: Facts, chosen: IncidentFilter) -> Sides:
        inside, not_dated = [], []
        for index in (before.index, after.index):
            passing = index.passing(chosen)
            within, outside = index.standing(chosen.period)
            inside.append(passing & within)
            not_dated.append(passing & ~within & ~outside)
        return cls(
            before.index,
            after.index,
            after.index.ids.get_indexer(before.index.ids),
            (inside[0], inside[1]),
            (not_dated[0], not_dated[1]),
        )

    @property
    def stays(self) -> Array:
        """Return which of the old incidents are still there."""
        return self.now_of >= 0

    @property
    def is_new(self) -> Array:
        """Return which of the new incidents were not there."""
        is_new = np.ones(len(self.now.ids), dtype=bool)
        is_new[self.now_of[self.stays]] = False
        return is_new

    @property
    def scope(self) -> tuple[Array, Array]:
        """Return which incidents are told of: counted, or not dated to the period."""
        return self.inside[0] | self.not_dated[0], self.inside[1] | self.not_dated[1]

    @property
    def added(self) -> pd.Index:
        """Return the incidents that are told of and were not there."""
        return self.now.ids[self.scope[1] & self.is_new]

    @property
    def withdrawn(self) -> pd.Index:
        """Return the incidents that were told of and are there no more."""
        return self.then.ids[self.scope[0] & ~self.stays]

    @property
    def in_both(self) -> pd.Index:
        """Return the incidents at both revisions that are told of at one of them."""
        then, now = self.scope
        kept = self.stays
        return self.then.ids[kept][then[kept] | now[self.now_of[kept]]]

    def count_elsewhere(self, ids: Iterable[str]) -> int:
        """Return how many of some incidents are not told of, then or now."""
        wanted = pd.Index(list(ids), dtype="str")
        told = np.zeros(len(wanted), dtype=bool)
        for index, scope in zip((self.then, self.now), self.scope, strict=True):
            place = index.ids.get_indexer(wanted)
            told[place >= 0] |= scope[place[place >= 0]]
        return int((~told).sum())


def headline_change(sides: Sides, chosen: IncidentFilter, measure: Headline) -> HeadlineChange:
    """Return one number then and now, and what each kind of change adds to the difference."""
    figures = [index.figures(chosen, measure) for index in (sides.then, sides.now)]
    given = [np.nan_to_num(one.best) for one in figures]
    stays, is_new = sides.stays, sides.is_new
    then, now = sides.inside
    place = sides.now_of[stays]  # of those that stay, among the new ones
    was, value_was = then[stays], given[0][stays]
    is_in, value_is = now[place], given[1][place]
    return HeadlineChange(
        measure=measure,
        before=_total(figures[0], then),
        after=_total(figures[1], now),
        added=int(given[1][now & is_new].sum()),
        withdrawn=-int(given[0][then & ~stays].sum()),
        recoded_in=int(value_is[is_in & ~was].sum()),
        recoded_out=-int(value_was[was & ~is_in].sum()),
        revised=int((value_is - value_was)[was & is_in].sum()),
        not_dated_before=int(given[0][sides.not_dated[0]].sum()),
        not_dated_after=int(given[1][sides.not_dated[1]].sum()),
    )


def _total(figures: Figures, inside: Array) -> Figure:
    """Return the sum of figures, with an end only where each figure that was given has it."""
    stated = inside & figures.is_stated
    n, n_stated = int(inside.sum()), int(stated.sum())
    if not n_stated:
        return Figure(incidents=n, not_stated=n)
    low, best, high = (end[stated].sum() for end in (figures.low, figures.best, figures.high))
    ends = [None if np.isnan(end) else int(end) for end in (low, high)]
    return Figure(ends[0], int(best), ends[1], n, n - n_stated)
