"""Published figures beside our own counts.

A figure that somebody published is set beside our count of the same measure, period, area, actor
and victim group. The two are compared, never added. A difference is ours less the published figure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.filters import KINDS_KNOWN, IncidentFilter
from conflictmap.incident_index import Figures, IncidentIndex
from conflictmap.schema import TALLY_MEASURES, VICTIM_GROUPS, label
from conflictmap.views.coverage import refusals
from conflictmap.views.facts import Facts
from conflictmap.views.figures import Figure
from conflictmap.views.incident_words import when
from conflictmap.views.scopes import (
    ELSEWHERE,
    IN,
    Array,
    Scope,
    is_of_country,
    scope_of,
    why_not_counted,
)

# Why there is no difference although a count of ours stands beside the figure.
NO_VALUE = "No figure was published, only words."
NO_SINGLE_VALUE = "It was published as a range, not as one figure."
NO_END = "Its last day is not stated, so the two may not span the same time."
WITHHELD = "We count nothing in single areas here while small numbers are suppressed."
NO_FIGURE_OF_OURS = "None of our incidents in its scope gives a figure."


@dataclass(frozen=True)
class OwnCount:
    """Our incidents in the scope of a figure: those that count, and those that might but do not."""

    counted: Figure  # dated to the period, placed in the area
    not_dated: Figure
    not_placed: Figure  # dated to the period; whether in the area is not known
    outside: Figure  # in the area, outside the period


@dataclass(frozen=True)
class ListedPart:
    """A part of what a report lists: dated so, and naming the figure's actor or not."""

    standing: str  # to the period: inside, not dated, outside
    is_named: bool
    figure: Figure


@dataclass(frozen=True)
class Listed:
    """All that the publisher's own report lists in the area, at any date, whoever did it.

    ``parts`` add up to ``figure``. ``left_out`` are victim groups outside the published figure.
    """

    figure: Figure
    parts: tuple[ListedPart, ...]
    left_out: tuple[tuple[str, Figure], ...]


@dataclass(frozen=True)
class Comparison:
    """One published figure beside our own counts. Its texts are the sources': show as text only."""

    tally_id: str
    publisher: str
    source_id: str
    label: str
    measure: str
    statistic: str
    basis: str
    actor: str  # empty: all
    is_unattributed: bool
    victim_groups: tuple[str, ...]  # empty: all
    areas: str
    when: str
    date_words: str
    scope: str
    words: str
    qualifier: str
    value: int | None
    paragraph: int | None
    coder_note: str
    all_reports: OwnCount | None  # None: not counted, for the reason given
    same_report: OwnCount | None
    listed: Listed | None  # only where the publisher's report is the one that was read
    our_change: int | None  # for a change only
    reason: str  # why there is no difference; empty: there is one

    @property
    def ours(self) -> int | None:
        """Return our own count over all reports; missing where there is none."""
        if self.statistic == "change":
            return self.our_change
        return known(self.all_reports.counted) if self.all_reports else None

    @property
    def difference(self) -> int | None:
        """Return ours less the published figure; missing where the two cannot be compared."""
        return self.difference_to(self.ours)

    @property
    def listed_difference(self) -> int | None:
        """Return all that the report itself lists less the figure that it gives."""
        if self.listed is None or self.value is None:
            return None
        ours = known(self.listed.figure)
        return None if ours is None else ours - self.value

    def difference_to(self, ours: int | None) -> int | None:
        """Return a count of ours in the figure's scope less the figure."""
        if self.reason or ours is None or self.value is None:
            return None
        return ours - self.value


def comparisons(facts: Facts, *, suppress_below: int = 0) -> tuple[Comparison, ...]:
    """Return every published figure beside our own counts for the same scope.

    Parameters
    ----------
    suppress_below
        Where small numbers are suppressed, we count nothing in the area of a figure that is about
        less than the country: any number may hide in such a count.

    Returns
    -------
    tuple
        In the order in which the reports were read; of a report first what has a difference, then
        by paragraph. Two own counts stand beside each figure, over all reports and over the report
        that gives it; where the publisher is that report itself, so does all that it lists, at any
        date.
    """
    compared: tuple[Comparison, ...] = facts.once(
        ("comparisons", suppress_below), lambda: _comparisons(facts, suppress_below)
    )
    return compared


def known(figure: Figure) -> int | None:
    """Return a sum: 0 over no incidents, missing where no incident gives a figure."""
    return figure.best if figure.incidents else 0


def _comparisons(facts: Facts, suppress_below: int) -> tuple[Comparison, ...]:
    order = facts.tables["sources"].set_index("source_id")["reading_order"]
    tallies = facts.tables["tallies"]
    tallies = tallies.assign(
        order=tallies["source_id"].map(order),
        measure_order=tallies["measure"].map(TALLY_MEASURES.index),
        descending=-tallies["value"],
    )
    tallies = tallies.sort_values(
        ["order", "paragraph", "measure_order", "descending", "tally_id"], kind="stable"
    )
    places: dict[Any, Array] = {}
    compared = [
        _compare(facts, row, scope_of(facts, row, places), suppress_below)
        for row in tallies.itertuples()
    ]
    return tuple(sorted(compared, key=lambda row: (order.get(row.source_id, 0), bool(row.reason))))


def _compare(facts: Facts, tally: Any, scope: Scope, suppress_below: int) -> Comparison:
    own = same = listed = our_change = None
    reason = why_not_counted(facts, tally)
    if suppress_below and not reason and not is_of_country(facts, tally):
        reason = WITHHELD
    if not reason and tally.statistic == "change":
        our_change, reason = _our_change(facts, scope)
    elif not reason:
        own = _own_count(facts, scope, scope.chosen)
        same = _own_count(facts, scope, replace(scope.chosen, sources=(tally.source_id,)))
        listed = _listed(facts, tally, scope)
        reason = _why_no_difference(tally, own)
    actors = facts.tables["actors"].set_index("actor_id")["name"]
    return Comparison(
        tally_id=tally.tally_id,
        publisher=tally.publisher,
        source_id=tally.source_id,
        label=tally.label,
        measure=tally.measure,
        statistic=tally.statistic,
        basis=tally.basis,
        actor="" if pd.isna(tally.actor_id) else actors.get(tally.actor_id, tally.actor_id),
        is_unattributed=scope.is_unattributed,
        victim_groups=scope.chosen.victim_groups,
        areas=scope.area_names,
        when=when(tally),
        date_words=_text(tally.date_words),
        scope=tally.scope,
        words=_text(tally.words),
        qualifier=_text(tally.qualifier),
        value=_number(tally.value),
        paragraph=_number(tally.paragraph),
        coder_note=_text(tally.coder_note),
        all_reports=own,
        same_report=same,
        listed=listed,
        our_change=our_change,
        reason=reason,
    )


def _why_no_difference(tally: Any, own: OwnCount) -> str:
    if pd.isna(tally.value):
        return NO_VALUE
    if tally.qualifier == "range":
        return NO_SINGLE_VALUE
    if pd.isna(tally.date_to):
        return NO_END
    return NO_FIGURE_OF_OURS if known(own.counted) is None else ""


@dataclass(frozen=True)
class _Found:
    """The incidents of a filter that may lie in a scope's area; arrays as of the index."""

    figures: Figures
    standings: dict[str, Array]  # "inside", "not dated", "outside"
    is_placed: Array  # in the area


def _found(facts: Facts, scope: Scope, chosen: IncidentFilter) -> _Found:
    index = facts.index
    keep = index.passing(chosen) & (scope.places != ELSEWHERE)
    if scope.is_unattributed:
        keep &= ~_naming(index, replace(chosen, actors=()))
    inside, outside = index.standing(chosen.period)
    standings = {"inside": inside, "not dated": ~inside & ~outside, "outside": outside & ~inside}
    return _Found(
        index.figures(chosen, scope.measure),
        {name: keep & which for name, which in standings.items()},
        scope.places == IN,
    )


def _naming(index: IncidentIndex, chosen: IncidentFilter) -> Array:
    """Return which incidents have a statement on who did it, as the filter lets them count."""
    statements = index.attributions
    rows = np.ones(len(statements.incident), dtype=bool)
    for column, values in (
        ("kind", KINDS_KNOWN.get(chosen.known, ())),
        ("source_id", chosen.sources),
        ("actor_id", chosen.actors),
    ):
        if values:
            rows &= statements[column].is_one_of(values)
    named = np.zeros(len(index.ids), dtype=bool)
    named[statements.incident[rows]] = True
    return named


def _own_count(facts: Facts, scope: Scope, chosen: IncidentFilter) -> OwnCount:
    found = _found(facts, scope, chosen)
    standings, is_placed = found.standings, found.is_placed
    return OwnCount(
        counted=_sum(found.figures, standings["inside"] & is_placed),
        not_dated=_sum(found.figures, standings["not dated"]),
        not_placed=_sum(found.figures, standings["inside"] & ~is_placed),
        outside=_sum(found.figures, standings["outside"] & is_placed),
    )


def _listed(facts: Facts, tally: Any, scope: Scope) -> Listed | None:
    """Return all that the figure's report lists, if the report published the figure itself."""
    publishers = facts.tables["sources"].set_index("source_id")["publisher"]
    if tally.publisher != publishers.get(tally.source_id) or pd.isna(tally.value):
        return None
    # A report's words on who is behind its attacks are about all of them, not about each.
    chosen = replace(scope.chosen, actors=(), sources=(tally.source_id,))
    found = _found(facts, scope, chosen)
    named = _naming(facts.index, replace(chosen, actors=scope.chosen.actors))
    parts = tuple(
        ListedPart(standing, is_named, _sum(found.figures, part))
        for standing, rows in found.standings.items()
        for is_named in (True, False)
        if (part := rows & (named == is_named)).any()
    )
    everything = np.logical_or.reduce(list(found.standings.values()))
    return Listed(_sum(found.figures, everything), parts, _left_out(facts, scope, chosen))


def _left_out(facts: Facts, scope: Scope, chosen: IncidentFilter) -> tuple[tuple[str, Figure], ...]:
    """Return the harm to victim groups that the figure does not count, by group."""
    if not chosen.victim_groups:
        return ()
    index = facts.index
    rows = index.rows_of_harm.get(scope.measure, np.empty(0, dtype="int64"))
    rows = rows[index.counted["source_id"].is_one_of(chosen.sources)[rows]]
    rows = rows[scope.places[index.counted.incident[rows]] != ELSEWHERE]
    low, best, high = (index.ends[end][rows] for end in ("low", "best", "high"))
    figures = Figures(low, best, high, ~np.isnan(best))
    groups = index.counted["victim_group"]
    return tuple(
        (label(group), _sum(figures, part))
        for group in VICTIM_GROUPS
        if group not in chosen.victim_groups and (part := groups.is_one_of([group])[rows]).any()
    )


def _our_change(facts: Facts, scope: Scope) -> tuple[int | None, str]:
    """Return our own change from the period before, or why none is worked out."""
    (refusal,) = refusals(facts, scope.chosen, "change", [scope.chosen.period])
    if refusal:
        return None, refusal
    before = replace(scope.chosen, period=scope.chosen.period.before())
    now, was = (_own_count(facts, scope, chosen).counted for chosen in (scope.chosen, before))
    return now.known - was.known, ""


def _sum(figures: Figures, which: Array) -> Figure:
    """Return the sum of chosen figures: an end only where each that is stated has it."""
    n, stated = int(which.sum()), which & figures.is_stated

    def end(values: Array) -> int | None:
        given = values[stated]
        return int(given.sum()) if len(given) and not np.isnan(given).any() else None

    return Figure(end(figures.low), end(figures.best), end(figures.high), n, n - int(stated.sum()))


def _number(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
