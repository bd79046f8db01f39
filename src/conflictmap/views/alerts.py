"""Alerts: the rules that are met in some periods, and those of which too little is known to say.

A rule has one of three answers in a period: met, not met, or too few. "Too few" is neither an alert
nor calm. A baseline stands only on reports whose source claims to list every incident of the area,
in the period and in those before: else a rise may be a rise in what was read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from conflictmap.filters import IncidentFilter
from conflictmap.periods import Step, TimeStep
from conflictmap.summaries import Level
from conflictmap.views.alert_baselines import (
    FALSE_ALARMS,
    LEAST_INCIDENTS,
    LEAST_PERIODS,
    PAST_PERIODS,
    Array,
    Baseline,
    upper_limits,
)
from conflictmap.views.alert_counts import AlertCounts, Counted, alert_steps
from conflictmap.views.alert_rules import AlertMeasure, AlertRule
from conflictmap.views.facts import Facts
from conflictmap.views.figures import Figure

NOT_COVERED = "no report read claims to list every incident of this area and period"
SHORT = (
    f"fewer than {LEAST_PERIODS} of the {PAST_PERIODS} periods before are covered by the same"
    " reports and have a figure"
)
FEW = f"fewer than {LEAST_INCIDENTS} incidents with a figure in the periods before"
NO_FIGURE = "incidents are reported, none with a figure"
SUPPRESSED = "a count of this size is not shown for an area"


@dataclass(frozen=True)
class Alert:
    """A rule that is met in a period, with all that it stands on."""

    rule: AlertRule
    words: str  # of the rule
    when: TimeStep
    figure: Figure
    threshold: int  # the lowest figure that meets the rule
    baseline: Baseline | None  # None: the rule has a number of its own
    reports: tuple[str, ...]  # ids of the sources counted; empty: all
    incidents: tuple[str, ...]
    not_placed: int  # incidents of the period, in no area of the rule's level
    not_dated: int  # incidents that may have happened in the period, in any area
    revision: int

    @property
    def by_best_only(self) -> bool:
        """Say whether the lower end of the figure is not stated, or would not meet the rule."""
        return self.figure.low is None or self.figure.low < self.threshold


@dataclass(frozen=True)
class TooFew:
    """A rule and a period of which nothing can be said, and why."""

    rule: AlertRule
    words: str
    when: TimeStep
    reason: str


@dataclass(frozen=True)
class NotMet:
    """A rule whose figure stays below its threshold in a period, as far as is reported."""

    rule: AlertRule
    when: TimeStep
    has_baseline: bool


Answer = Alert | TooFew | NotMet


@dataclass(frozen=True)
class Alerts:
    """The answers of some rules in some periods; the three kinds add up to ``asked``."""

    revision: int
    met: tuple[Alert, ...]  # newest period first
    too_few: tuple[TooFew, ...]
    not_met: tuple[NotMet, ...]
    is_synthetic: bool = False

    @property
    def asked(self) -> int:
        """Return how many answers were asked for: a rule in a period each."""
        return len(self.met) + len(self.too_few) + len(self.not_met)

    @property
    def compared(self) -> int:
        """Return how many answers stand on a baseline, met or not."""
        return len(self._with_baseline)

    @property
    def by_chance(self) -> float:
        """Return how many of them would be met if nothing had changed, at most as measured."""
        return sum(FALSE_ALARMS[rule.measure] for rule in self._with_baseline)

    @property
    def _with_baseline(self) -> list[AlertRule]:
        met = [alert.rule for alert in self.met if alert.baseline is not None]
        return met + [answer.rule for answer in self.not_met if answer.has_baseline]


def met_alerts(
    facts: Facts,
    rules: Sequence[AlertRule],
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
    suppress_below: int = 0,
) -> Alerts:
    """Return which rules are met, in each period that ends after one day and begins by another.

    Parameters
    ----------
    since
        Periods that end after it; None: only the one that holds ``until``.
    until
        The last day; None: the last one that any incident names.
    suppress_below
        As for the map: an area's count that is not shown meets no rule.
    """
    last = until or facts.last_date
    first = last if since is None else since + dt.timedelta(days=1)
    found: list[Answer] = []
    if first is not None and last is not None and first <= last:
        for (measure, step, level, chosen), group in _grouped(rules).items():
            steps = alert_steps(first, last, step)
            counts = AlertCounts(facts, measure, level, steps, suppress_below)
            found += _answers(counts, chosen, group)
    order = {rule: number for number, rule in enumerate(rules)}
    found.sort(key=lambda answer: order[answer.rule])
    found.sort(key=lambda answer: str(answer.when.period.end), reverse=True)
    not_met = [answer for answer in found if isinstance(answer, NotMet)]
    met = [answer for answer in found if isinstance(answer, Alert)]
    return Alerts(
        revision=facts.revision,
        met=tuple(met),
        too_few=tuple(answer for answer in found if isinstance(answer, TooFew)),
        not_met=tuple(not_met),
        is_synthetic=facts.is_synthetic,
    )


Group = tuple[AlertMeasure, Step, Level, IncidentFilter]


def _grouped(rules: Sequence[AlertRule]) -> dict[Group, list[AlertRule]]:
    """Return the rules by what is counted for them."""
    groups: dict[Group, list[AlertRule]] = {}
    for rule in dict.fromkeys(rules):
        level: Level = "district" if len(rule.area) > 6 else "province"
        groups.setdefault((rule.measure, rule.step, level, rule.chosen), []).append(rule)
    return groups


def _answers(
    counts: AlertCounts, chosen: IncidentFilter, rules: Sequence[AlertRule]
) -> Iterator[Answer]:
    """Yield an answer for each rule and period."""
    with_number = [rule for rule in rules if rule.at_least is not None]
    with_baseline = [rule for rule in rules if rule.at_least is None]
    if with_number:
        yield from _by_number(counts, chosen, with_number)
    if with_baseline:
        yield from _by_baseline(counts, chosen, with_baseline)


def _by_number(
    counts: AlertCounts, chosen: IncidentFilter, rules: Sequence[AlertRule]
) -> Iterator[Answer]:
    """Judge the rules that have a number; it needs no baseline, so no claim to cover either."""
    counted = counts.of(chosen, [rule.area for rule in rules])
    for row in range(counts.steps.judged, len(counts.steps.all)):
        for column, rule in enumerate(rules):
            assert rule.at_least is not None
            if reason := _unsaid(counted, row, column):
                yield _too_few(counts, rule, row, reason)
            else:
                yield _judged(counts, counted, rule, (row, column), rule.at_least, None)


def _by_baseline(
    counts: AlertCounts, chosen: IncidentFilter, rules: Sequence[AlertRule]
) -> Iterator[Answer]:
    """Judge the rules that have a baseline, each in each period by the sources that cover it."""
    areas = [rule.area for rule in rules]
    claims = counts.covered(chosen, areas)
    cells: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for row in range(counts.steps.judged, len(counts.steps.all)):
        past = slice(max(row - PAST_PERIODS, 0), row)
        for column, rule in enumerate(rules):
            now = [source for source, there in claims.items() if there[row, column]]
            long = [s for s in now if claims[s][past, column].sum() >= LEAST_PERIODS]
            if long:
                cells.setdefault(tuple(long), []).append((row, column))
            else:
                yield _too_few(counts, rule, row, SHORT if now else NOT_COVERED)
    for sources, places in cells.items():
        counted = counts.of(replace(chosen, sources=sources), areas)
        covered = np.logical_and.reduce([claims[source] for source in sources])
        yield from _compared(counts, counted, rules, places, covered)


def _compared(
    counts: AlertCounts,
    counted: Counted,
    rules: Sequence[AlertRule],
    places: Sequence[tuple[int, int]],
    covered: Array,
) -> Iterator[Answer]:
    """Judge places (a period and a rule each) by the periods before them."""
    rows, columns = np.array(places).T
    before = rows[:, None] - np.arange(PAST_PERIODS, 0, -1)
    at = np.maximum(before, 0), columns[:, None]
    usable = (before >= 0) & covered[at]
    past = np.where(usable, counted.best[at], np.nan)
    held = np.where(np.isnan(past), 0, counted.stated[at]).sum(axis=1)
    limits = upper_limits(past)
    for number, (row, column) in enumerate(places):
        rule = rules[column]
        if np.isnan(limits.limit[number]):
            yield _too_few(counts, rule, row, SHORT)
        elif held[number] < LEAST_INCIDENTS:
            yield _too_few(counts, rule, row, FEW)
        elif reason := _unsaid(counted, row, column):
            yield _too_few(counts, rule, row, reason)
        else:
            baseline = Baseline(
                periods=int(limits.periods[number]),
                incidents=int(held[number]),
                mean=float(limits.mean[number]),
                highest=int(limits.highest[number]),
                dispersion=float(limits.dispersion[number]),
                limit=int(limits.limit[number]),
            )
            place = (row, column)
            yield _judged(counts, counted, rule, place, baseline.limit + 1, baseline)


def _unsaid(counted: Counted, row: int, column: int) -> str:
    """Return why a figure cannot be judged; empty where it can."""
    if counted.suppressed[row, column]:
        return SUPPRESSED
    return NO_FIGURE if np.isnan(counted.best[row, column]) else ""


def _too_few(counts: AlertCounts, rule: AlertRule, row: int, reason: str) -> TooFew:
    return TooFew(rule, rule.words(counts.facts), counts.steps.all[row], reason)


def _judged(
    counts: AlertCounts,
    counted: Counted,
    rule: AlertRule,
    place: tuple[int, int],
    threshold: int,
    baseline: Baseline | None,
) -> Alert | NotMet:
    """Return the alert, or that the figure stays below its threshold."""
    row, column = place
    figure, when = counted.figures[row][column], counts.steps.all[row]
    if figure.known < threshold:
        return NotMet(rule, when, has_baseline=baseline is not None)
    return Alert(
        rule=rule,
        words=rule.words(counts.facts),
        when=when,
        figure=figure,
        threshold=threshold,
        baseline=baseline,
        reports=counted.chosen.sources,
        incidents=tuple(counts.incidents(counted.chosen, rule.area, when.period)),
        not_placed=counted.not_placed[row] if rule.area else 0,
        not_dated=counted.not_dated[row],
        revision=counts.facts.revision,
    )
