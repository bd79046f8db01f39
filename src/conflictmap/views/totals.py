"""A measure by province, district, actor, victim group or month: every number without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import pandas as pd

from conflictmap.errors import QueryError
from conflictmap.filters import counted_casualties
from conflictmap.periods import Period, periods_between, standing_in
from conflictmap.schema import VICTIM_GROUPS, label
from conflictmap.summaries import Level, sum_figures, sum_incidents
from conflictmap.views.counting import COUNTED, count_areas, figures_of, named_actors
from conflictmap.views.facts import Facts
from conflictmap.views.figures import Figure
from conflictmap.views.query import MEASURE_NAMES, MapQuery

By = Literal["province", "district", "actor", "victim_group", "month"]
BYS: tuple[By, ...] = get_args(By)

NOBODY_NAMED = "none-named"


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
    figures = figures_of(facts, query.chosen, query.measure)
    inside = figures[figures["standing"] == "inside"]
    if by == "month":
        return _by_month(facts, query, figures)
    rows = _by_actor(facts, query, inside) if by == "actor" else _by_group(facts, query, inside)
    return _whole(
        facts, query, figures, rows, overlaps=by == "actor" or query.measure == "incidents"
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


def _by_actor(facts: Facts, query: MapQuery, inside: pd.DataFrame) -> tuple[TotalsRow, ...]:
    pairs = named_actors(facts, query.chosen)
    pairs = pairs[pairs["incident_id"].isin(inside.index)]
    unnamed = inside.index.difference(pairs["incident_id"])
    pairs = pd.concat(
        [pairs, pd.DataFrame({"incident_id": unnamed, "actor_id": NOBODY_NAMED})], ignore_index=True
    )
    figures = inside.loc[pairs["incident_id"]].reset_index(drop=True)
    names = facts.tables["actors"].set_index("actor_id")["name"].to_dict()
    names[NOBODY_NAMED] = "Nobody named"
    return _rows(sum_figures(figures, pairs["actor_id"]), names)


def _by_group(facts: Facts, query: MapQuery, inside: pd.DataFrame) -> tuple[TotalsRow, ...]:
    rows = counted_casualties(facts.tables, query.chosen)
    rows = rows[rows["incident_id"].isin(inside.index)]
    if query.measure == "incidents":
        pairs = rows[["incident_id", "victim_group"]].drop_duplicates()
        figures = inside.loc[pairs["incident_id"]].reset_index(drop=True)
        sums = sum_figures(figures, pairs["victim_group"].reset_index(drop=True))
    else:
        rows = rows[rows["harm"] == COUNTED[query.measure]]
        sums = sum_incidents(rows, rows["victim_group"])
    order = [group for group in VICTIM_GROUPS if group in sums.index]
    return _rows(sums.loc[order], {group: label(group) for group in VICTIM_GROUPS})


def _by_month(facts: Facts, query: MapQuery, figures: pd.DataFrame) -> Totals:
    dated = facts.tables["incidents"].set_index("incident_id")
    dated = dated.loc[figures.index[figures["standing"] == "inside"]]
    rows: list[TotalsRow] = []
    in_month = pd.Series(False, index=figures.index)
    for month in months_of(facts, query.chosen.period):
        ids = dated.index[standing_in(dated, month) == "inside"]
        in_month[ids] = True
        sums = sum_figures(figures.loc[ids], pd.Series(month.key, index=ids))
        rows += _rows(sums, {month.key: month.label})
    # What is known only to a quarter or year is in the period, but in none of its months.
    figures = figures.assign(
        standing=figures["standing"].where(
            in_month | (figures["standing"] == "outside"), "not dated"
        )
    )
    return _whole(facts, query, figures, tuple(rows), overlaps=False)


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
    figures: pd.DataFrame,
    rows: tuple[TotalsRow, ...],
    *,
    overlaps: bool,
) -> Totals:
    """Return totals whose rows span all places, so that nothing is left unplaced."""
    sums = {
        standing: Figure(best=int(part["best"].sum()), not_stated=int((~part["is_stated"]).sum()))
        for standing, part in figures.groupby("standing")
    }
    inside = sums.get("inside", Figure())
    return Totals(
        measure=query.measure,
        revision=facts.revision,
        rows=rows,
        not_placed=0,
        abroad=0,
        suppressed=0,
        not_dated=sums.get("not dated", Figure()).known,
        outside_period=sums.get("outside", Figure()).known,
        not_stated=inside.not_stated,
        overlaps=overlaps,
        total=inside.known,
    )


def _rows(sums: pd.DataFrame, names: dict[str, str]) -> tuple[TotalsRow, ...]:
    def number(value: Any) -> int | None:
        return None if pd.isna(value) else int(value)

    return tuple(
        TotalsRow(key, names[key], number(row.best), number(row.low), number(row.high))
        for key, row in zip(sums.index, sums.itertuples(), strict=True)
    )
