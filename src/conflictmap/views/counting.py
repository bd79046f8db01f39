"""One measure over the areas of a level in one period, with every incident in one bin.

For counts, areas + not placed + abroad + suppressed = total, and total + not dated to the period +
outside the period = all that pass the other filters. Shares, rates and changes are worked out from
those counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from conflictmap.filters import IncidentFilter, passing, statements_on_actors
from conflictmap.periods import Period, standing_in
from conflictmap.summaries import (
    ABROAD,
    NOT_PLACED,
    Level,
    figure_words,
    measure_incidents,
    sum_figures,
)
from conflictmap.views.facts import Facts
from conflictmap.views.query import Measure

Status = Literal["value", "zero", "no_report", "no_figure", "suppressed", "refused"]

COUNTED: dict[Measure, str] = {  # what each measure is counted from
    "incidents": "incidents",
    "killed": "killed",
    "wounded": "wounded",
    "share": "incidents",
    "per_1000_km2": "incidents",
    "change": "incidents",
}


@dataclass(frozen=True)
class Figure:
    """A sum: low, best, high (None: not stated) over n incidents, some without a figure."""

    low: int | None = None
    best: int | None = None
    high: int | None = None
    incidents: int = 0
    not_stated: int = 0

    @property
    def known(self) -> int:
        """Return the sum of the figures that were given; 0 where none was."""
        return self.best or 0

    @property
    def words(self) -> str:
        """Return the sum in words no more certain than it is: "at least 98", "no figure"."""
        if self.best is None:
            return "no figure" if self.incidents else "0"
        return figure_words(self.low, self.best, self.high)


@dataclass(frozen=True)
class AreaValue:
    """What one area shows: the measure's value, and the counts behind it."""

    code: str
    name: str
    status: Status
    value: float | None  # missing unless the status is "value" or "zero"
    figure: Figure  # blank where suppressed


@dataclass(frozen=True)
class AreaCounts:
    """One measure in one period: every area, and every bin beside the map."""

    period: Period
    areas: tuple[AreaValue, ...]  # every unit of the level, by code
    not_placed: Figure
    abroad: Figure
    suppressed: Figure
    suppressed_areas: int
    total: Figure
    not_dated: Figure
    outside: Figure
    total_value: float | None  # the measure over all places
    refusal: str = ""  # why the measure is not shown; empty: it is


def combine(figures: Iterable[Figure]) -> Figure:
    """Return the sum of figures: it has an end only where each part that gave a figure has it."""
    parts = list(figures)
    given = [part for part in parts if part.best is not None]

    def end(name: str) -> int | None:
        ends = [getattr(part, name) for part in given]
        return sum(ends) if ends and None not in ends else None

    return Figure(
        end("low"),
        end("best"),
        end("high"),
        sum(part.incidents for part in parts),
        sum(part.not_stated for part in parts),
    )


def figures_of(facts: Facts, chosen: IncidentFilter, measure: Measure) -> pd.DataFrame:
    """Return what each incident that passes the filters adds, and how it stands to the period.

    Returns
    -------
    DataFrame
        Indexed by ``incident_id``: low, best, high, is_stated, date_from, date_to,
        counting_date and ``standing`` (inside, outside, not dated).
    """
    incidents = passing(facts.tables, chosen)
    figures = measure_incidents(facts.tables, incidents, chosen, COUNTED[measure])
    for name in ("date_from", "date_to", "counting_date"):
        figures[name] = incidents[name].to_numpy()
    figures["standing"] = standing_in(figures, chosen.period)
    return figures


def count_areas(
    facts: Facts, chosen: IncidentFilter, measure: Measure, level: Level, *, suppress_below: int = 0
) -> AreaCounts:
    """Count a measure over the areas of a level in the chosen period; see `count_periods`."""
    periods = (chosen.period,)
    return count_periods(facts, chosen, measure, level, periods, suppress_below=suppress_below)[0]


def count_periods(
    facts: Facts,
    chosen: IncidentFilter,
    measure: Measure,
    level: Level,
    periods: Sequence[Period],
    *,
    suppress_below: int = 0,
) -> tuple[AreaCounts, ...]:
    """Count a measure over the areas of a level, in each of some periods.

    Parameters
    ----------
    chosen
        The filters; their own period is not used.
    suppress_below
        Areas with 1 to n - 1 incidents are not shown singly, only together, and never one alone: a
        single one could be found by subtraction.
    """
    figures = figures_of(facts, chosen, measure)
    # A share is of the incidents of anyone; everything else is of the chosen ones.
    of_anyone = figures
    if measure == "share":
        of_anyone = figures_of(facts, replace(chosen, actors=()), "incidents")
    names = facts.names_of(level)
    results = []
    for period in periods:
        in_period = replace(chosen, period=period)
        bins = _sums_by_bin(facts, figures, period, level)
        compared = bins
        if measure == "share":
            compared = _sums_by_bin(facts, of_anyone, period, level)
        elif measure == "change" and period.days is not None:
            compared = _sums_by_bin(facts, figures, period.before(), level)
        refusal = _refusal(facts, in_period, measure)
        hidden = _suppressed(bins, names, suppress_below)
        values, total_value = _values(facts, measure, level, bins, compared)
        zeros = _covered(facts, in_period, COUNTED[measure], level)
        results.append(
            AreaCounts(
                period=period,
                areas=tuple(
                    _area(code, name, bins, values, code in hidden, code in zeros, refusal)
                    for code, name in names.items()
                ),
                not_placed=bins.get(NOT_PLACED, Figure()),
                abroad=bins.get(ABROAD, Figure()),
                suppressed=combine(bins[code] for code in sorted(hidden) if code in bins),
                suppressed_areas=len(hidden),
                total=_total(bins),
                not_dated=bins.get(_NOT_DATED, Figure()),
                outside=bins.get(_OUTSIDE, Figure()),
                total_value=None if refusal else total_value,
                refusal=refusal,
            )
        )
    return tuple(results)


_NOT_DATED, _OUTSIDE = "not dated", "outside"


def _sums_by_bin(
    facts: Facts, figures: pd.DataFrame, period: Period, level: Level
) -> dict[str, Figure]:
    """Return the sum in each bin that has an incident: areas, not placed, abroad, and the rest."""
    standing = standing_in(figures, period)
    bins = facts.bins[level].reindex(figures.index)
    sums = sum_figures(figures, standing.where(standing != "inside", bins))
    ends = sums[["low", "best", "high"]].astype("object").where(sums["is_stated"], None)
    ends = ends.where(ends.notna(), None)
    rows = zip(ends["low"], ends["best"], ends["high"], sums["n"], sums["not_stated"], strict=True)
    return {
        key: Figure(*(None if value is None else int(value) for value in row))  # type: ignore[arg-type]
        for key, row in zip(sums.index, rows, strict=True)
    }


def _total(bins: Mapping[str, Figure]) -> Figure:
    return combine(figure for key, figure in bins.items() if key not in (_NOT_DATED, _OUTSIDE))


def _in_areas(bins: Mapping[str, Figure]) -> dict[str, Figure]:
    aside = (NOT_PLACED, ABROAD, _NOT_DATED, _OUTSIDE)
    return {code: figure for code, figure in bins.items() if code not in aside}


def _area(
    code: str,
    name: str,
    bins: Mapping[str, Figure],
    values: Mapping[str, float],
    is_hidden: bool,
    is_covered: bool,
    refusal: str,
) -> AreaValue:
    if is_hidden:
        return AreaValue(code, name, "suppressed", None, Figure())
    figure = bins.get(code, Figure())
    if refusal:
        return AreaValue(code, name, "refused", None, figure)
    if code in values:
        return AreaValue(code, name, "value", values[code], figure)
    if figure.incidents:
        return AreaValue(code, name, "no_figure", None, figure)
    if is_covered:
        return AreaValue(code, name, "zero", 0, figure)
    return AreaValue(code, name, "no_report", None, figure)


def _values(
    facts: Facts,
    measure: Measure,
    level: Level,
    bins: Mapping[str, Figure],
    compared: Mapping[str, Figure],
) -> tuple[dict[str, float], float | None]:
    """Return the measure by area, where it has a value, and over all places."""
    areas, total = _in_areas(bins), _total(bins)
    if measure == "share":  # in percent, of the incidents of anyone
        of_all, of_total = _in_areas(compared), _total(compared).incidents
        shares = {
            code: 100 * areas.get(code, Figure()).incidents / all_there.incidents
            for code, all_there in of_all.items()
        }
        return shares, 100 * total.incidents / of_total if of_total else None
    if measure == "change":  # from the period before
        before = _in_areas(compared)
        change: dict[str, float] = {
            code: areas.get(code, Figure()).incidents - before.get(code, Figure()).incidents
            for code in areas.keys() | before.keys()
        }
        return change, total.incidents - _total(compared).incidents
    if measure == "per_1000_km2":
        layer = facts.edition.provinces if level == "province" else facts.edition.districts
        code_name = "adm1_code" if level == "province" else "adm2_code"
        km2 = dict(zip(layer[code_name], layer["area_km2"], strict=True))
        rates = {code: figure.incidents * 1000 / km2[code] for code, figure in areas.items()}
        in_country = total.incidents - bins.get(ABROAD, Figure()).incidents
        return rates, in_country * 1000 / sum(km2.values())
    stated: dict[str, float] = {
        code: figure.best for code, figure in areas.items() if figure.best is not None
    }
    return stated, total.best


def _refusal(facts: Facts, chosen: IncidentFilter, measure: Measure) -> str:
    """Return why a measure would compare unlike things; empty where it does not."""
    if measure == "share":
        if len(chosen.actors) != 1:
            return "A share needs one actor. Choose one."
        one_sided = _claims(facts, chosen, "incidents")
        if one_sided["actor_id"].notna().any():
            return (
                "No share is shown: a source covers one actor's incidents only, so the two sides of"
                " the share were not looked for alike. Leave that source out."
            )
    if measure == "change":
        if chosen.period.days is None:
            return "A change needs a period with two ends. Choose the dates, or a step of time."
        now = _coverage_of(facts, chosen, chosen.period)
        before = _coverage_of(facts, chosen, chosen.period.before())
        if not now and not before:
            return (
                "No change is shown: none of the sources read lists every incident of this period"
                f" or of the one before ({chosen.period.before().label}), so a difference would"
                " show what was read, not what happened."
            )
        if now != before:
            return (
                "No change is shown: the sources that cover this period and the one before"
                f" ({chosen.period.before().label}) differ. Choose periods that both cover."
            )
    return ""


def _claims(facts: Facts, chosen: IncidentFilter, counted: str) -> pd.DataFrame:
    """Return the coverage whose source lists each incident, so that silence means none."""
    rows = facts.tables["coverage"]
    rows = rows[rows["is_event_level"].fillna(False).astype(bool) & (rows["measure"] == counted)]
    return rows[rows["source_id"].isin(chosen.sources)] if chosen.sources else rows


def _spanning(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the coverage that spans a whole period; all dates are spanned by none."""
    if period.start is None or period.end is None:
        return rows.iloc[:0]
    return rows[
        (rows["date_from"] <= pd.Timestamp(period.start))
        & (rows["date_to"] >= pd.Timestamp(period.end))
    ]


def _coverage_of(facts: Facts, chosen: IncidentFilter, period: Period) -> set[tuple]:
    rows = _spanning(_claims(facts, chosen, "incidents"), period)
    return set(
        rows[["source_id", "actor_id", "adm1_code", "adm2_code"]]
        .fillna("")
        .itertuples(index=False, name=None)
    )


def _covered(facts: Facts, chosen: IncidentFilter, counted: str, level: Level) -> set[str]:
    """Return the areas where silence means zero: some source lists every incident there."""
    rows = _spanning(_claims(facts, chosen, counted), chosen.period)
    for_all = rows["actor_id"].isna()
    if len(chosen.actors) == 1:
        for_all |= rows["actor_id"] == chosen.actors[0]
    rows = rows[for_all]
    codes = facts.names_of(level)
    if (rows["geo_precision"] == "country").any():
        return set(codes)
    provinces = set(rows.loc[rows["adm2_code"].isna(), "adm1_code"].dropna())
    return {code for code in codes if code[:6] in provinces} | (
        set(rows["adm2_code"].dropna()) & set(codes)
    )


def _suppressed(bins: Mapping[str, Figure], names: Mapping[str, str], below: int) -> set[str]:
    """Return the areas to hide: those under the limit, and at least two wherever there is one."""
    counts = {code: figure.incidents for code, figure in _in_areas(bins).items()}
    few = {code for code, n in counts.items() if n < below}
    if len(few) != 1:
        return few
    others = sorted((n, code) for code, n in counts.items() if code not in few)
    silent = (code for code in names if code not in counts)
    return few | {others[0][1] if others else next(silent)}


def named_actors(facts: Facts, chosen: IncidentFilter) -> pd.DataFrame:
    """Return ``incident_id`` and ``actor_id``, each pair once, as a filter lets them count."""
    pairs = statements_on_actors(facts.tables, chosen)[["incident_id", "actor_id"]]
    pairs = pairs.drop_duplicates()
    return pairs[pairs["actor_id"].isin(chosen.actors)] if chosen.actors else pairs
