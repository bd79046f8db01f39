"""The release check: would counts, subtracted from one another, give a small number away?

For the incidents of a revision and a limit it finds what readers could work out from the views of
`release_lattice`, and says which areas are withheld in which view so that they cannot.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period
from conflictmap.summaries import LEVELS, Level
from conflictmap.views.facts import Facts
from conflictmap.views.query import Measure
from conflictmap.views.release_cells import ReleaseCells, memberships, release_cells
from conflictmap.views.release_lattice import (
    Dimension,
    period_number,
    period_words,
    value_asked,
)
from conflictmap.views.withholding import (
    NORMAL,
    Sums,
    first_hidden,
    found_small,
    hide_more,
    hide_wholes,
    settle,
)

Array = np.ndarray[Any, Any]

MOST_LISTED = 200
"""Give-aways that a report tells singly; its ``found`` counts all."""

_ROUNDS = (hide_more, hide_more, hide_wholes, hide_more, *[hide_wholes] * 4)
"""What is done in turn about cells that are found; then a province of theirs is withheld whole."""

_MOST_POOLED = 2  # provinces at a time

_LOCK = threading.Lock()


@dataclass(frozen=True)
class GiveAway:
    """A small number that readers could find, if only small counts themselves were hidden."""

    area: str
    view: str
    by: str  # the subtraction, in words
    leaves: int

    @property
    def words(self) -> str:
        """Return it as a sentence."""
        return f"{self.area}, {self.view}: {self.by} leaves {self.leaves}."


@dataclass(frozen=True)
class ReleaseReport:
    """What would give somebody away, and what is withheld because of it.

    ``withheld`` has the codes of the areas that are never shown singly. Of the counts of an area in
    a view, ``small`` are under the limit, ``large`` hidden although they are not, ``shown`` shown.
    """

    revision: int
    sight: str
    suppress_below: int
    give_aways: tuple[GiveAway, ...]  # the first `MOST_LISTED`
    found: int
    withheld: Mapping[Level, tuple[str, ...]]
    withheld_names: tuple[str, ...]  # of the provinces
    small: int
    large: int
    shown: int

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the report in fixed words, names of areas and numbers."""
        lines = [
            f"Numbers of 1 to {self.suppress_below - 1} incidents are not shown."
            f" {self.small:,} counts of an area in a view are so small."
        ]
        if self.found:
            lines.append(
                f"Subtracting views from one another would still find {self.found:,} such numbers."
                f" To close that, {self.large:,} larger counts are withheld too;"
                f" {self.shown:,} are shown."
            )
        else:
            lines.append(
                "No subtraction of two kinds of view finds another."
                f" {self.large:,} larger counts are withheld; {self.shown:,} are shown."
            )
        if self.withheld_names:
            lines.append(
                "Never shown singly, nor their districts, so that no area is hidden alone:"
                f" {', '.join(self.withheld_names)}."
            )
        return tuple(lines)


@dataclass(frozen=True)
class Release:
    """Which areas are hidden in which view, for one revision, sight and limit."""

    report: ReleaseReport
    pool: Mapping[Level, Array]  # areas that are hidden in every view, areas by code
    areas: Mapping[tuple[Level, int, Dimension, str], Array]  # hidden in a view besides

    def hidden(
        self, measure: Measure, level: Level, chosen: IncidentFilter, periods: Sequence[Period]
    ) -> Array:
        """Return which areas a view hides: a row a period, a column an area, areas by code.

        The view must be one of the lattice, see `release_lattice.why_not_released`.
        """
        asked = [value_asked(chosen)]
        if measure == "share":  # what it is a share of is a view of its own
            asked.append(("", ""))
        result = np.tile(self.pool[level], (len(periods), 1))
        for row, period in enumerate(periods):
            number = period_number(period)
            assert number is not None
            for dimension, value in asked:
                places = self.areas.get((level, number, dimension, value))
                if places is not None:
                    result[row, places] = True
        return result


def release_of(facts: Facts, below: int) -> Release:
    """Return what is hidden in the views of some facts; worked out once for each limit."""
    held: dict[int, Release] = facts.releases
    if below not in held:
        with _LOCK:
            if below not in held:
                held[below] = check_release(facts, below)
    return held[below]


def check_release(facts: Facts, below: int) -> Release:
    """Find what gives small numbers away, and what to withhold so that nothing does."""
    found = memberships(facts.index)
    pool = _first_pool(facts)
    if not pool:
        return _nothing_to_hide(facts, below)
    while True:
        cells = release_cells(facts, found, pool)
        hidden, still_found = _withhold(cells.sums, below)
        if not still_found.any():
            return _release(cells, hidden, pool, below)
        pool |= set(_provinces_of(cells, still_found))


def _first_pool(facts: Facts) -> set[str]:
    """Return the two provinces with the fewest incidents, those without one last.

    They are hidden in every view, so that no other area ever is the only one.
    """
    names = list(facts.names_of("province"))
    n = np.bincount(facts.index.bins["province"], minlength=len(names) + 2)[: len(names)]
    if not n.any():
        return set()
    order = np.lexsort((n, n == 0))
    return {names[place] for place in order[:_MOST_POOLED]}


def _nothing_to_hide(facts: Facts, below: int) -> Release:
    """Return that nothing is hidden where no incident is placed in any province."""
    nowhere = {level: np.zeros(len(facts.names_of(level)), dtype=bool) for level in LEVELS}
    none: dict[Level, tuple[str, ...]] = dict.fromkeys(LEVELS, ())
    report = ReleaseReport(facts.revision, facts.sight, below, (), 0, none, (), 0, 0, 0)
    return Release(report, nowhere, {})


def _withhold(sums: Sums, below: int) -> tuple[Array, Array]:
    """Return which cells are hidden in the end, and those that can be found nevertheless."""
    hidden = first_hidden(sums, below)
    for hide in _ROUNDS:
        hidden = settle(sums, hidden, below)
        found = found_small(sums, hidden, below)
        if not found.any():
            return hidden, found
        hidden = hide(sums, hidden, found)
    hidden = settle(sums, hidden, below)
    return hidden, found_small(sums, hidden, below)


def _provinces_of(cells: ReleaseCells, which: Array) -> list[str]:
    """Return the provinces that most of some cells lie in, by code."""
    districts = list(cells.facts.names_of("district"))
    codes = np.array([code[:6] for code in [*districts, *cells.facts.names_of("province")]])
    found, n = np.unique(codes[cells.area[which[: len(cells.area)]]], return_counts=True)
    return [str(code) for code in found[np.argsort(-n, kind="stable")][:_MOST_POOLED]]


def _release(cells: ReleaseCells, hidden: Array, pool: set[str], below: int) -> Release:
    facts, sums = cells.facts, cells.sums
    own = np.arange(len(sums.count)) < len(cells.area)
    is_area = own & (sums.kind == NORMAL) & (sums.count > 0)
    pools = {
        level: np.array([code[:6] in pool for code in facts.names_of(level)], dtype=bool)
        for level in LEVELS
    }
    give_aways, found = _give_aways(cells, below)
    report = ReleaseReport(
        revision=facts.revision,
        sight=facts.sight,
        suppress_below=below,
        give_aways=give_aways,
        found=found,
        withheld={
            level: tuple(code for code in facts.names_of(level) if code[:6] in pool)
            for level in LEVELS
        },
        withheld_names=tuple(facts.name_of(code) for code in sorted(pool)),
        small=int((is_area & (sums.count < below)).sum()),
        large=int((is_area & hidden & (sums.count >= below)).sum()),
        shown=int((is_area & ~hidden).sum()),
    )
    return Release(report, pools, _by_view(cells, np.flatnonzero(is_area & hidden)))


def _by_view(cells: ReleaseCells, which: Array) -> dict[tuple[Level, int, Dimension, str], Array]:
    """Return the hidden areas of each view, by their place among the areas of the level."""
    n_districts = len(cells.facts.names_of("district"))
    is_province = cells.area[which] >= n_districts
    view = cells.period[which] * len(cells.values) + cells.value[which]
    order = which[np.lexsort((view, is_province))]
    is_province = cells.area[order] >= n_districts
    view = cells.period[order] * len(cells.values) + cells.value[order]
    result: dict[tuple[Level, int, Dimension, str], Array] = {}
    changes = np.flatnonzero(np.diff(view) | np.diff(is_province.astype("int64"))) + 1
    for some in np.split(np.arange(len(order)), changes):
        if not len(some):
            continue
        first = order[some[0]]
        level: Level = "province" if is_province[some[0]] else "district"
        dimension, value = cells.values[cells.value[first]]
        places = cells.area[order[some]] - (n_districts if level == "province" else 0)
        result[level, int(cells.periods[cells.period[first]]), dimension, value] = places
    return result


def _give_aways(cells: ReleaseCells, below: int) -> tuple[tuple[GiveAway, ...], int]:
    """Return what one subtraction finds where only small counts are hidden, and how often."""
    sums = cells.sums
    hidden = first_hidden(sums, below)
    small = np.flatnonzero(sums.small_left(hidden, below))
    left = sums.left(hidden)
    a_part = np.zeros(len(sums.whole), dtype="int64")
    a_part[sums.sum_of] = sums.part
    told = [
        GiveAway(
            area=cells.name_of(int(sums.whole[number])),
            view=_view_words(cells, int(sums.whole[number])),
            by=_subtraction(cells, int(sums.whole[number]), int(a_part[number])),
            leaves=int(left[number]),
        )
        for number in small[:MOST_LISTED]
    ]
    return tuple(told), len(small)


def _view_words(cells: ReleaseCells, cell: int) -> str:
    dimension, value = cells.values[cells.value[cell]]
    period = period_words(int(cells.periods[cells.period[cell]]))
    return period if not dimension else f"{period}, {_FILTERS[dimension]} {value}"


def _subtraction(cells: ReleaseCells, whole: int, part: int) -> str:
    if part >= len(cells.area) or cells.period[part] != cells.period[whole]:
        return "the whole period less the shorter ones in it"
    if cells.value[part] != cells.value[whole]:
        dimension, _ = cells.values[cells.value[part]]
        return f"everything less what is shown by {_FILTERS[dimension]}"
    return "the province less its districts"


_FILTERS: Mapping[Dimension, str] = {
    "": "",
    "type": "type of incident",
    "actor": "perpetrator",
    "known": "how the perpetrator is known",
    "claimed": "claim of responsibility",
    "group": "victim group",
    "community": "community",
    "source": "report",
}
