"""What alert rules are judged by: figures by period and area, and which sources cover them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period, Step, TimeStep, time_steps
from conflictmap.summaries import ABROAD, Level
from conflictmap.views.alert_baselines import PAST_PERIODS, Array
from conflictmap.views.alert_rules import AlertMeasure
from conflictmap.views.counting import count_steps
from conflictmap.views.coverage import covered_areas
from conflictmap.views.facts import Facts
from conflictmap.views.figures import Figure, combine


@dataclass(frozen=True)
class AlertSteps:
    """The periods to judge, behind those that they may be compared with."""

    all: tuple[TimeStep, ...]
    judged: int  # place of the first one to judge

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """Return the periods without their names."""
        return tuple(step.period for step in self.all)


def alert_steps(first: dt.date, last: dt.date, step: Step) -> AlertSteps:
    """Return the periods that hold a day from first to last, and those before the first of them."""
    days = {"day": 1, "week": 7, "quarter": 92, "year": 366, "sh_year": 366}.get(step, 31)
    room = days * (PAST_PERIODS + 1)
    start = first - dt.timedelta(days=min(room, first.toordinal() - 1))
    found = time_steps(start, last, step)
    judged = sum(one.period.end is not None and one.period.end < first for one in found)
    skipped = max(judged - PAST_PERIODS, 0)
    return AlertSteps(found[skipped:], judged - skipped)


@dataclass(frozen=True)
class Counted:
    """Figures of some areas under a filter: a row a period, a column an area."""

    chosen: IncidentFilter
    figures: list[list[Figure]]
    suppressed: Array
    not_placed: list[int]
    not_dated: list[int]

    @cached_property
    def best(self) -> Array:
        """Return the figures as numbers; NaN where incidents are reported, none with a figure."""
        return np.array(
            [
                [np.nan if one.incidents and one.best is None else float(one.known) for one in row]
                for row in self.figures
            ]
        )

    @cached_property
    def stated(self) -> Array:
        """Return how many incidents gave a figure."""
        return np.array([[one.incidents - one.not_stated for one in row] for row in self.figures])


@dataclass(frozen=True)
class AlertCounts:
    """What is counted for a group of rules, however its filter names the sources."""

    facts: Facts
    measure: AlertMeasure
    level: Level
    steps: AlertSteps
    suppress_below: int

    def of(self, chosen: IncidentFilter, areas: Sequence[str]) -> Counted:
        """Return the figures of some areas in every period; "" is the country."""
        periods = self.steps.periods
        chosen = replace(chosen, period=Period(periods[0].start, periods[-1].end))
        series = count_steps(self.facts, chosen, self.measure, self.level, periods)
        counts = [series.at(place) for place in range(1, len(periods) + 1)]
        codes = {code: place for place, code in enumerate(series.names)}
        figures = [
            [
                one.areas[codes[area]].figure
                if area
                else combine([*(unit.figure for unit in one.areas), one.not_placed])
                for area in areas
            ]
            for one in counts
        ]
        return Counted(
            chosen,
            figures,
            self._suppressed(areas),
            [one.not_placed.incidents for one in counts],
            [one.not_dated.incidents for one in counts],
        )

    def incidents(self, chosen: IncidentFilter, area: str, period: Period) -> pd.Index:
        """Return the ids of the incidents that a figure counts, in their order."""
        index = self.facts.near(period).index
        bins, names = index.bins[self.level], index.bin_names[self.level]
        is_there = bins == names.index(area) if area else bins != names.index(ABROAD)
        inside, _ = index.standing(period)
        ids = index.ids[is_there & inside & index.passing(chosen)]
        return ids if self.facts.has_all_rows else ids.sort_values()

    def covered(self, chosen: IncidentFilter, areas: Sequence[str]) -> Mapping[str, Array]:
        """Return for each source where it claims to list every incident: periods by areas."""
        codes = {code: place for place, code in enumerate(self.facts.names_of(self.level))}
        told = self.facts.tables["coverage"]["source_id"].dropna().unique()
        claims = {}
        for source in sorted(set(told) & set(chosen.sources or told)):
            alone = replace(chosen, sources=(source,))
            there = covered_areas(self.facts, alone, self.measure, self.level, self.steps.periods)
            if there.any():
                columns = [there[:, codes[area]] if area else there.all(axis=1) for area in areas]
                claims[source] = np.column_stack(columns)
        return claims

    def _suppressed(self, areas: Sequence[str]) -> Array:
        """Return which figures are not to be shown.

        Under a limit these are all of single areas: a baseline is made of small numbers too.
        """
        of_an_area = np.array([bool(area) for area in areas], dtype=bool)
        return np.tile(of_an_area & bool(self.suppress_below), (len(self.steps.all), 1))
