"""One measure over the areas of a level in one period, with every incident in one bin.

For counts, areas + not placed + abroad + suppressed = total, and total + not dated to the period +
outside the period = all that pass the other filters. Shares, rates and changes are worked out from
those counts.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def figures_of(facts: Facts, chosen: IncidentFilter, measure: Measure) -> pd.DataFrame:
    """Return what each incident that passes the filters adds, and how it stands to the period.

    Returns
    -------
    DataFrame
        Indexed by ``incident_id``: low, best, high, is_stated, ``standing`` (inside, outside, not
        dated).
    """
    incidents = passing(facts.tables, chosen)
    figures = measure_incidents(facts.tables, incidents, chosen, COUNTED[measure])
    figures["standing"] = standing_in(incidents, chosen.period).to_numpy()
    return figures


def count_areas(
    facts: Facts, chosen: IncidentFilter, measure: Measure, level: Level, *, suppress_below: int = 0
) -> AreaCounts:
    """Count a measure over the areas of a level.

    Parameters
    ----------
    suppress_below
        Areas with 1 to n - 1 incidents are not shown singly, only together, and never one alone: a
        single one could be found by subtraction.
    """
    figures = figures_of(facts, chosen, measure)
    inside = figures[figures["standing"] == "inside"]
    bins = facts.bins[level].reindex(inside.index)
    sums = sum_figures(inside, bins)
    refusal = _refusal(facts, chosen, measure)
    hidden = _suppressed(
        sums.drop([NOT_PLACED, ABROAD], errors="ignore"), facts, level, suppress_below
    )
    names = facts.names_of(level)
    values, total_value = _values(facts, chosen, measure, level, sums, inside)
    zeros = _covered(facts, chosen, COUNTED[measure], level)
    areas = tuple(
        _area(code, name, sums, values, code in hidden, code in zeros, refusal)
        for code, name in names.items()
    )
    in_hidden = inside[bins.isin(hidden)]
    return AreaCounts(
        period=chosen.period,
        areas=areas,
        not_placed=_figure(inside[bins == NOT_PLACED]),
        abroad=_figure(inside[bins == ABROAD]),
        suppressed=_figure(in_hidden),
        suppressed_areas=len(hidden),
        total=_figure(inside),
        not_dated=_figure(figures[figures["standing"] == "not dated"]),
        outside=_figure(figures[figures["standing"] == "outside"]),
        total_value=None if refusal else total_value,
        refusal=refusal,
    )


def _figure(rows: pd.DataFrame) -> Figure:
    if rows.empty:
        return Figure()
    return _row_figure(sum_figures(rows, pd.Series("all", index=rows.index)).iloc[0])


def _row_figure(row: pd.Series) -> Figure:
    low, best, high = (
        None if pd.isna(row[name]) else int(row[name]) for name in ("low", "best", "high")
    )
    return Figure(low, best, high, int(row["n"]), int(row["not_stated"]))


def _area(
    code: str,
    name: str,
    sums: pd.DataFrame,
    values: Mapping[str, float],
    is_hidden: bool,
    is_covered: bool,
    refusal: str,
) -> AreaValue:
    if is_hidden:
        return AreaValue(code, name, "suppressed", None, Figure())
    figure = _row_figure(sums.loc[code]) if code in sums.index else Figure()
    if refusal:
        return AreaValue(code, name, "refused", None, figure)
    if code in values:
        status: Status = "value" if values[code] or figure.incidents else "zero"
        return AreaValue(code, name, status, values[code], figure)
    if figure.incidents:
        return AreaValue(code, name, "no_figure", None, figure)
    if is_covered:
        return AreaValue(code, name, "zero", 0, figure)
    return AreaValue(code, name, "no_report", None, figure)


def _values(
    facts: Facts,
    chosen: IncidentFilter,
    measure: Measure,
    level: Level,
    sums: pd.DataFrame,
    inside: pd.DataFrame,
) -> tuple[dict[str, float], float | None]:
    """Return the measure by area, where it has a value, and over all places."""
    if measure == "share":
        return _shares(facts, chosen, level, sums, inside)
    if measure == "change":
        return _changes(facts, chosen, level, sums, inside)
    stated = sums[sums["is_stated"]]
    if measure == "per_1000_km2":
        layer = facts.edition.provinces if level == "province" else facts.edition.districts
        km2 = layer.set_index("adm1_code" if level == "province" else "adm2_code")["area_km2"]
        rates = {code: n * 1000 / km2[code] for code, n in stated["n"].items() if code in km2}
        in_country = inside[facts.bins[level].reindex(inside.index) != ABROAD]
        return rates, len(in_country) * 1000 / float(km2.sum())
    total = _figure(inside)
    return {code: int(best) for code, best in stated["best"].items()}, total.best


def _shares(
    facts: Facts, chosen: IncidentFilter, level: Level, sums: pd.DataFrame, inside: pd.DataFrame
) -> tuple[dict[str, float], float | None]:
    """Return the share, in percent, of the incidents of any actor that the chosen one's make."""
    anyone = figures_of(facts, replace(chosen, actors=()), "incidents")
    anyone = anyone[anyone["standing"] == "inside"]
    of_all = sum_figures(anyone, facts.bins[level].reindex(anyone.index))["n"]
    counts = sums["n"].reindex(of_all.index).fillna(0)
    shares = {code: 100 * float(counts[code]) / n for code, n in of_all.items()}
    return shares, 100 * len(inside) / len(anyone) if len(anyone) else None


def _changes(
    facts: Facts, chosen: IncidentFilter, level: Level, sums: pd.DataFrame, inside: pd.DataFrame
) -> tuple[dict[str, float], float | None]:
    """Return by how many incidents each area rose against the period before."""
    if chosen.period.days is None:
        return {}, None
    earlier = figures_of(facts, replace(chosen, period=chosen.period.before()), "incidents")
    earlier = earlier[earlier["standing"] == "inside"]
    was = sum_figures(earlier, facts.bins[level].reindex(earlier.index))["n"]
    change = sums["n"].sub(was, fill_value=0)
    return {code: int(by) for code, by in change.items()}, len(inside) - len(earlier)


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


def _suppressed(sums: pd.DataFrame, facts: Facts, level: Level, below: int) -> set[str]:
    """Return the areas to hide: those under the limit, and at least two wherever there is one."""
    few = sums[sums["n"] < below].index
    if len(few) != 1:
        return set(few)
    others = sums["n"].drop(few).sort_values(kind="stable")
    silent = (code for code in facts.names_of(level) if code not in sums.index)
    second = others.index[0] if len(others) else next(silent)
    return {few[0], second}


def named_actors(facts: Facts, chosen: IncidentFilter) -> pd.DataFrame:
    """Return ``incident_id`` and ``actor_id``, each pair once, as a filter lets them count."""
    pairs = statements_on_actors(facts.tables, chosen)[["incident_id", "actor_id"]]
    pairs = pairs.drop_duplicates()
    return pairs[pairs["actor_id"].isin(chosen.actors)] if chosen.actors else pairs
