"""A measure by province, district, actor, victim group or month: every number without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from conflictmap.errors import QueryError
from conflictmap.filters import KINDS_KNOWN, IncidentFilter
from conflictmap.incident_index import NO_END, NO_START, Figures, IncidentIndex
from conflictmap.periods import Period, periods_between
from conflictmap.schema import VICTIM_GROUPS, label
from conflictmap.summaries import Level
from conflictmap.views.counting import COUNTED, count_areas
from conflictmap.views.facts import Facts
from conflictmap.views.query import MEASURE_NAMES, MapQuery

By = Literal["province", "district", "actor", "victim_group", "month"]
BYS: tuple[By, ...] = get_args(By)

NOBODY_NAMED = "none-named"

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class TotalsRow:
    """One row: a key, its name, and the measure with its lower and upper end."""

    key: str
    name: str
    value: float | None  # None: no figure was given
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Totals:
    """A measure by one grouping, with what the rows leave out.

    ``not_placed``, ``abroad``, ``suppressed``, ``not_dated`` and ``outside_period`` are sums of the
    figures that were given, in persons or incidents; ``not_stated`` counts incidents without one.
    """

    measure: str
    revision: int
    rows: tuple[TotalsRow, ...]
    not_placed: int
    abroad: int
    suppressed: int
    not_dated: int
    outside_period: int
    not_stated: int
    overlaps: bool  # rows may share incidents; the total counts each once
    total: float | None
    refusal: str = ""


def totals(facts: Facts, query: MapQuery, by: By, *, suppress_below: int = 0) -> Totals:
    """Return a measure by province, district, actor, victim group or month.

    Raises
    ------
    QueryError
        If the measure has no meaning in that grouping.
    """
    if by == "province" or by == "district":
        return _by_area(facts, query, by, suppress_below)
    if query.measure not in ("incidents", "killed", "wounded"):
        raise QueryError(
            f"'{MEASURE_NAMES[query.measure]}' is measured by area. Use --by province or district."
        )
    counted = _counted(facts.index, query)
    if by == "month":
        return _by_month(facts, query, counted)
    rows = _by_actor(facts, query, counted) if by == "actor" else _by_group(facts, query, counted)
    return _whole(
        facts, query, counted, rows, overlaps=by == "actor" or query.measure == "incidents"
    )


@dataclass(frozen=True)
class _Counted:
    """What each incident of the index adds, and how those that pass the filters stand."""

    figures: Figures
    inside: Array
    outside: Array
    not_dated: Array


def _counted(index: IncidentIndex, query: MapQuery) -> _Counted:
    keep = index.passing(query.chosen)
    inside, outside = index.standing(query.chosen.period)
    return _Counted(
        index.figures(query.chosen, COUNTED[query.measure]),
        keep & inside,
        keep & outside & ~inside,
        keep & ~inside & ~outside,
    )


def _by_area(facts: Facts, query: MapQuery, by: Level, suppress_below: int) -> Totals:
    counts = count_areas(facts, query.chosen, query.measure, by, suppress_below=suppress_below)
    counted = query.measure in ("incidents", "killed", "wounded")
    rows = tuple(
        TotalsRow(
            area.code,
            area.name,
            area.value,
            area.figure.low if counted else None,
            area.figure.high if counted else None,
        )
        for area in counts.areas
        if area.status in ("value", "zero", "no_figure")
    )
    return Totals(
        measure=query.measure,
        revision=facts.revision,
        rows=rows,
        not_placed=counts.not_placed.known,
        abroad=counts.abroad.known,
        suppressed=counts.suppressed.known,
        not_dated=counts.not_dated.known,
        outside_period=counts.outside.known,
        not_stated=counts.total.not_stated,
        overlaps=False,
        total=counts.total.known if counted else counts.total_value,
        refusal=counts.refusal,
    )


def _by_actor(facts: Facts, query: MapQuery, counted: _Counted) -> tuple[TotalsRow, ...]:
    index, chosen = facts.index, query.chosen
    named = index.attributions
    actors = named["actor_id"]
    rows = _statements_counted(index, chosen) & counted.inside[named.incident]
    n = max(len(index.ids), 1)
    # Each pair once, however many reports say it.
    pairs = np.unique(actors.codes[rows].astype("int64") * n + named.incident[rows])
    incident = pairs % n
    is_named = np.zeros(len(index.ids), dtype=bool)
    is_named[incident] = True
    unnamed = np.flatnonzero(counted.inside & ~is_named)
    keys = [*actors.values, NOBODY_NAMED]
    groups = np.concatenate([pairs // n, np.full(len(unnamed), len(keys) - 1)])
    names = facts.tables["actors"].set_index("actor_id")["name"].to_dict()
    names[NOBODY_NAMED] = "Nobody named"
    sums = _sums(counted.figures, np.concatenate([incident, unnamed]), groups, keys)
    return tuple(TotalsRow(key, names[key], *sums[key]) for key in sorted(sums))


def _statements_counted(index: IncidentIndex, chosen: IncidentFilter) -> Array:
    """Return which statements on actors count under a filter; see `statements_on_actors`."""
    named = index.attributions
    rows = named["actor_id"].codes >= 0
    if chosen.known != "any":
        rows = rows & named["kind"].is_one_of(KINDS_KNOWN[chosen.known])
    if chosen.sources:
        rows = rows & named["source_id"].is_one_of(chosen.sources)
    if chosen.actors:
        rows = rows & named["actor_id"].is_one_of(chosen.actors)
    return rows


def _by_group(facts: Facts, query: MapQuery, counted: _Counted) -> tuple[TotalsRow, ...]:
    index, chosen = facts.index, query.chosen
    figures = index.counted
    groups = figures["victim_group"]
    rows = counted.inside[figures.incident] & (groups.codes >= 0)
    if chosen.victim_groups:
        rows &= groups.is_one_of(chosen.victim_groups)
    if chosen.sources:
        rows &= figures["source_id"].is_one_of(chosen.sources)
    if query.measure != "incidents":
        is_meant = np.zeros(len(rows), dtype=bool)
        is_meant[index.rows_of_harm.get(COUNTED[query.measure], [])] = True
        rows &= is_meant
    keys, n = list(groups.values), max(len(index.ids), 1)
    pair_of_row = groups.codes[rows].astype("int64") * n + figures.incident[rows]
    pairs, of_pair = np.unique(pair_of_row, return_inverse=True)
    if query.measure == "incidents":
        parts = counted.figures
        sums = _sums(parts, pairs % n, pairs // n, keys)
    else:
        parts = _figures_of_pairs(index, rows, of_pair, len(pairs))
        sums = _sums(parts, np.arange(len(pairs)), pairs // n, keys)
    return tuple(
        TotalsRow(group, label(group), *sums[group]) for group in VICTIM_GROUPS if group in sums
    )


def _figures_of_pairs(index: IncidentIndex, rows: Array, of_pair: Array, n: int) -> Figures:
    """Return what each incident adds to each group; see `IncidentIndex.figures`."""
    low, best, high = (index.ends[end][rows] for end in ("low", "best", "high"))
    is_given = ~np.isnan(best)
    given = of_pair[is_given]
    is_stated = np.zeros(n, dtype=bool)
    is_stated[given] = True
    # Of no rows at all the sums would be whole numbers, which cannot be missing.
    low, best, high = (
        np.bincount(given, end[is_given], n).astype("float64") for end in (low, best, high)
    )
    high[of_pair[~is_given]] = np.nan  # "53 students and some attackers" has no upper end
    return Figures(low, best, high, is_stated)


def _sums(
    figures: Figures, rows: Array, groups: Array, keys: list[str]
) -> dict[str, tuple[int | None, int | None, int | None]]:
    """Return best, low and high of each group that has a row; see `summaries.sum_figures`.

    Parameters
    ----------
    rows
        Places among the figures; one may be in several groups.
    groups
        The place of each row's group among the keys.
    """
    is_stated = figures.is_stated[rows]
    stated = groups[is_stated]
    has_one, has_figure = (np.bincount(of, minlength=len(keys)) > 0 for of in (groups, stated))

    def sums(ends: Array) -> list[int | None]:
        totals = np.bincount(stated, ends[rows][is_stated], len(keys))
        return [
            int(total) if is_given and not np.isnan(total) else None
            for total, is_given in zip(totals, has_figure, strict=True)
        ]

    ends = zip(sums(figures.best), sums(figures.low), sums(figures.high), strict=True)
    return {key: end for key, end, has in zip(keys, ends, has_one, strict=True) if has}


def _by_month(facts: Facts, query: MapQuery, counted: _Counted) -> Totals:
    index = facts.index
    months = months_of(facts, query.chosen.period)
    inside = np.flatnonzero(counted.inside)
    of_month = _months_of(index.first_day[inside], index.last_day[inside], months)
    has_month = of_month >= 0
    keys = [month.key for month in months]
    sums = _sums(counted.figures, inside[has_month], of_month[has_month], keys)
    rows = tuple(
        TotalsRow(month.key, month.label, *sums[month.key]) for month in months if month.key in sums
    )
    # What is known only to a quarter or year is in the period, but in none of its months.
    in_month = np.zeros(len(index.ids), dtype=bool)
    in_month[inside[has_month]] = True
    counted = _Counted(
        counted.figures,
        in_month,
        counted.outside,
        counted.not_dated | (counted.inside & ~in_month),
    )
    return _whole(facts, query, counted, rows, overlaps=False)


def _months_of(first: Array, last: Array, months: tuple[Period, ...]) -> Array:
    """Return the place of the month that holds each interval wholly; -1: none does."""
    if not months:
        return np.full(len(first), -1)
    starts, ends = (
        np.array([getattr(month, end) for month in months], dtype="datetime64[D]").astype("int64")
        for end in ("start", "end")
    )
    found: Array = np.searchsorted(starts, first, side="right") - 1
    is_dated = (first != NO_START) & (last != NO_END) & (found >= 0)
    return np.where(is_dated & (last <= ends[np.maximum(found, 0)]), found, -1)


def months_of(facts: Facts, period: Period) -> tuple[Period, ...]:
    """Return the months that a period has in common with the dates of the incidents."""
    if facts.first_date is None or facts.last_date is None:
        return ()
    first = max(period.start or facts.first_date, facts.first_date)
    last = min(period.end or facts.last_date, facts.last_date)
    return periods_between(first, last, "month")


def _whole(
    facts: Facts,
    query: MapQuery,
    counted: _Counted,
    rows: tuple[TotalsRow, ...],
    *,
    overlaps: bool,
) -> Totals:
    """Return totals whose rows span all places, so that nothing is left unplaced."""
    figures = counted.figures

    def known(which: Array) -> int:
        return int(np.where(figures.is_stated, figures.best, 0)[which].sum())

    return Totals(
        measure=query.measure,
        revision=facts.revision,
        rows=rows,
        not_placed=0,
        abroad=0,
        suppressed=0,
        not_dated=known(counted.not_dated),
        outside_period=known(counted.outside),
        not_stated=int((counted.inside & ~figures.is_stated).sum()),
        overlaps=overlaps,
        total=known(counted.inside),
    )
