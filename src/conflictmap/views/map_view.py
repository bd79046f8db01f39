"""The map: one measure over all areas and all steps of time, classed once.

`map_series` holds the area x period matrix with class breaks that stay fixed across the time
slider; `MapView` is one position of the slider, ready to draw, to tell in words, or to write to a
file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.classes import Classes, Scheme, choose_classes
from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period, Step, TimeStep, time_steps
from conflictmap.periods import count_steps as number_of_steps
from conflictmap.views.could_be import CouldHold, could_hold, why_not_could_be
from conflictmap.views.counting import CountSeries, count_steps
from conflictmap.views.facts import Facts
from conflictmap.views.figures import STATUSES, AreaCounts
from conflictmap.views.limits import LATEST_ONLY
from conflictmap.views.points import Points, incident_points, no_points
from conflictmap.views.query import ALL_STEPS, MEASURE_NAMES, MapQuery, Measure
from conflictmap.views.release_lattice import why_not_released

# One byte a cell: what the browser needs to know of an area in a period.
ZERO, NO_REPORT, NO_FIGURE, SUPPRESSED, REFUSED = "z", "n", "f", "s", "r"

_LETTERS = {
    "value": "0",  # and so on: the number of the class
    "zero": ZERO,
    "no_report": NO_REPORT,
    "no_figure": NO_FIGURE,
    "suppressed": SUPPRESSED,
    "refused": REFUSED,
}

MOST_STEPS = 1200
"""Positions of a time slider: days over three years, weeks over 20; more is no slider."""

_SCHEMES: dict[Measure, Scheme] = {
    "incidents": "counts",
    "killed": "counts",
    "wounded": "counts",
    "share": "percent",
    "per_1000_km2": "rates",
    "change": "change",
}

TITLES = MEASURE_NAMES | {
    "share": "Share of the incidents",
    "change": "Change in incidents",
}

_LEGEND_TITLES: dict[Measure, str] = {
    "incidents": "Incidents (counts, not rates)",
    "killed": "People killed (counts, not rates)",
    "wounded": "People wounded (counts, not rates)",
    "share": "Share of incidents, % of those of anyone in the same area",
    "per_1000_km2": "Incidents per 1,000 km² (rate)",
    "change": "Change in incidents (counts)",
}


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend: its letter in the class string, colour, words and number of areas."""

    letter: str
    colour: str  # empty where a pattern is drawn
    text: str
    areas: int


@dataclass(frozen=True)
class MapSeries:
    """Every position of the time slider: the whole chosen period first, then its steps."""

    query: MapQuery
    revision: int
    classes: Classes
    counts: CountSeries
    steps: tuple[TimeStep, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the slider's positions; "" is the whole period."""
        return ("", *(step.key for step in self.steps))

    @cached_property
    def letters(self) -> np.ndarray[Any, Any]:
        """Return one letter (a byte) a position and area, areas by code: class number or status."""
        letters = np.array([_LETTERS[status] for status in STATUSES], dtype="S1")[
            self.counts.statuses
        ]
        is_value = self.counts.statuses == STATUSES.index("value")
        digits = np.array([str(number) for number in range(10)], dtype="S1")
        letters[is_value] = digits[self.classes.numbers(self.counts.values[is_value])]
        if self.query.measure in ("incidents", "killed", "wounded"):
            letters[is_value & (self.counts.values == 0)] = ZERO  # "nobody was killed"
        return letters

    def class_string(self, position: int) -> str:
        """Return one letter an area, areas by code, at one position."""
        return self.letters[position].tobytes().decode("ascii")


@dataclass(frozen=True)
class MapView:
    """What the map says at one position of the time slider."""

    query: MapQuery
    revision: int
    edition_id: str
    edition_title: str
    disclaimer: str
    counts: AreaCounts
    step: TimeStep | None  # of the time slider; None: the whole chosen period
    class_string: str
    legend_title: str
    classing: str  # how the class breaks were chosen, as the legend says it
    legend: tuple[LegendEntry, ...]
    could: CouldHold | None  # what each area could hold, where asked for and not refused
    could_refusal: str  # why it was asked for and is not shown
    points: Points
    reports: tuple[str, ...]  # ids of the reports behind the incidents counted
    reports_read: int  # all that were read at this revision
    by_first_day: int  # incidents counted by their first day, as their source's codebook does
    sight_note: str = ""  # see `Facts.sight_note`

    @property
    def is_empty(self) -> bool:
        """Say whether no incident that passes the filters is dated to this period."""
        return not self.counts.total.incidents

    @property
    def title(self) -> str:
        """Return what the map shows, with place, measure and period."""
        level = "province" if self.query.level == "province" else "district"
        measure = f"{TITLES[self.query.measure]}{self.denominator}"
        return f"{measure} by {level}, Afghanistan, {self.period_label}"

    @property
    def denominator(self) -> str:
        """Return whose surfaces a rate is per, for the title; empty where nothing is."""
        is_rate = self.query.measure == "per_1000_km2"
        return f" (surfaces of edition {self.edition_id})" if is_rate else ""

    @property
    def period_label(self) -> str:
        """Return the period in words; a cumulative one by its ends."""
        if self.step is None or self.query.is_cumulative:
            return self.counts.period.label
        return self.step.label

    @property
    def caption(self) -> str:
        """Return n, what is not on the map, the reports, the edition and the revision."""
        counts, level = self.counts, self.query.level
        parts = [f"{_incidents(counts.total.incidents)}, {counts.period.label}."]
        for figure, words in (
            (counts.not_placed, f"not placed at {level} level"),
            (counts.abroad, "abroad"),
            (counts.suppressed, f"in {counts.suppressed_areas} suppressed areas"),
        ):
            if figure.incidents:
                parts.append(f"{figure.incidents:,} {words}.")
        if counts.not_dated.incidents:
            parts.append(f"{counts.not_dated.incidents:,} more not dated to this period.")
        if self.by_first_day and not counts.period.is_all_dates:
            n = _incidents(self.by_first_day)
            parts.append(f"{n} counted by the first day, as the source's codebook does.")
        if counts.total.not_stated:
            parts.append(f"{_incidents(counts.total.not_stated)} gave no figure.")
        reports = ", ".join(self.reports) if self.reports else "none"
        plural = "report" if len(self.reports) == 1 else "reports"
        parts.append(f"{plural.capitalize()} behind it ({len(self.reports)}): {reports}.")
        parts += [self.sight_note] if self.sight_note else []
        parts.append(f"Boundaries: {self.edition_title}. Revision {self.revision}.")
        return " ".join(parts)


def map_series(facts: Facts, query: MapQuery, *, suppress_below: int = 0) -> MapSeries:
    """Count a measure for the whole chosen period and for each of its steps."""
    steps = steps_of(facts, query.chosen.period, query.step)
    counts = count_steps(
        facts,
        query.chosen,
        query.measure,
        query.level,
        [step.period for step in steps],
        is_cumulative=query.is_cumulative,
        suppress_below=suppress_below,
    )
    classes = _classes([counts], query)
    return MapSeries(query, facts.revision, classes, counts, steps)


def with_same_classes(series: Sequence[MapSeries]) -> tuple[MapSeries, ...]:
    """Give maps of one measure the same breaks, so that they can be compared."""
    classes = _classes([one.counts for one in series], series[0].query)
    return tuple(replace(one, classes=classes) for one in series)


def map_view(
    facts: Facts, series: MapSeries, shown: str = "", *, has_could_be: bool = False
) -> MapView:
    """Return one position of the time slider.

    Parameters
    ----------
    shown
        Key of the step; empty, or `ALL_STEPS`, for the whole chosen period.
    has_could_be
        Whether to work out what each area could hold.

    Raises
    ------
    QueryError
        If the series has no such step.
    """
    if shown == ALL_STEPS:
        shown = ""
    if shown not in series.keys:
        raise QueryError(f"The time slider has no step '{shown}'. Choose another one.")
    position = series.keys.index(shown)
    counts, query = series.counts.at(position), series.query
    letters = series.class_string(position)
    chosen = replace(query.chosen, period=counts.period)
    near = facts.near(chosen.period)
    could_refusal = why_not_could_be(counts, query.measure) if has_could_be else ""
    return MapView(
        query=replace(query, shown=shown, has_could_be=has_could_be),
        revision=facts.revision,
        edition_id=facts.edition.edition_id,
        edition_title=facts.edition.title,
        disclaimer=facts.edition.disclaimer,
        counts=counts,
        step=series.steps[position - 1] if position else None,
        class_string=letters,
        legend_title=_legend_title(query.measure, facts),
        classing=f"Classes: {series.classes.scheme}",
        legend=_legend(series.classes, letters, suppresses=counts.suppressed_areas > 0),
        could=could_hold(near, chosen, query.measure, query.level, counts, series.classes)
        if has_could_be and not could_refusal
        else None,
        could_refusal=could_refusal,
        points=no_points()
        if counts.suppressed_areas
        else near.once(("points", chosen), lambda: incident_points(near, chosen)),
        reports=near.once(("reports", chosen), lambda: reports_behind(near, chosen)),
        reports_read=len(facts.tables["sources"]),
        by_first_day=near.once(("by first day", chosen), lambda: _by_first_day(near, chosen)),
        sight_note=facts.sight_note,
    )


def area_table(view: MapView) -> pd.DataFrame:
    """Return the map as a table: every area with its value, and the bins beside the map.

    Returns
    -------
    DataFrame
        Columns Code, Area, the measure (missing: none shown), In words (of people), Incidents
        (missing: no report, or suppressed), Shown as; areas with a value first, highest first.
        Where the view says what each area could hold, also Could hold least, Could hold most
        (missing: no upper limit known) and Class robust.
    """
    counts = view.counts
    words = {entry.letter: entry.text for entry in view.legend}
    rows = [
        (
            area.code,
            area.name,
            area.value,
            area.figure,
            None if letter in (NO_REPORT, SUPPRESSED) else area.figure.incidents,
            words.get(letter, ""),
        )
        for area, letter in zip(counts.areas, view.class_string, strict=True)
    ]
    rows.sort(key=lambda row: (row[2] is None, -(row[2] or 0), row[1]))
    is_counted = view.query.measure in ("incidents", "killed", "wounded")
    for name, figure in (
        (f"Not placed at {view.query.level} level", counts.not_placed),
        ("Abroad", counts.abroad),
        ("Suppressed areas together", counts.suppressed),
        ("Not dated to this period", counts.not_dated),
        ("Total", counts.total),
    ):
        if figure.incidents or name == "Total":
            value = figure.best if is_counted else counts.total_value if name == "Total" else None
            rows.append(("", name, value, figure, figure.incidents, ""))
    return pd.DataFrame(
        {
            "Code": [row[0] for row in rows],
            "Area": [row[1] for row in rows],
            MEASURE_NAMES[view.query.measure]: pd.Series([row[2] for row in rows], dtype="Float64"),
            **(
                {"In words": [row[3].words if row[3].incidents else "" for row in rows]}
                if view.query.measure in ("killed", "wounded")
                else {}
            ),
            **(
                {"Incidents": pd.Series([row[4] for row in rows], dtype="Int64")}
                if view.query.measure != "incidents"
                else {}
            ),
            "Shown as": [row[5] for row in rows],
            **(_could_columns(view, [row[0] for row in rows]) if view.could else {}),
        }
    )


def _could_columns(view: MapView, codes: list[str]) -> dict[str, pd.Series]:
    """Return what each area of a table could hold; the bins beside the map have no code."""
    could = view.could
    assert could is not None
    place = {area.code: number for number, area in enumerate(view.counts.areas)}
    rows = [place.get(code) for code in codes]

    def column(values: Sequence[Any], dtype: str) -> pd.Series:
        return pd.Series([None if n is None else values[n] for n in rows], dtype=dtype)

    verdicts = [
        "yes" if is_robust else "no" if most is not None else "no, no upper limit known"
        for is_robust, most in zip(could.is_robust, could.most, strict=True)
    ]
    return {
        "Could hold least": column(could.least, "Float64"),
        "Could hold most": column(could.most, "Float64"),
        "Class robust": column(verdicts, "str").fillna(""),
    }


def steps_of(facts: Facts, period: Period, step: Step) -> tuple[TimeStep, ...]:
    """Return the steps of the time slider: calendar buckets, cut at the period's ends.

    None where there would be more than `MOST_STEPS`; `why_no_steps` says so.
    """
    days = _days_shown(facts, period)
    if days is None or number_of_steps(*days, step) > MOST_STEPS:
        return ()
    return time_steps(*days, step, period)


def why_not_asked(latest: Facts, query: MapQuery) -> str:
    """Return why a map cannot be shown while small numbers are suppressed; empty: it can.

    Parameters
    ----------
    latest
        Of the latest revision, which alone is shown: two revisions can be subtracted too.
    """
    if query.revision not in (None, latest.revision):
        return LATEST_ONLY
    steps = steps_of(latest, query.chosen.period, query.step)
    periods = [query.chosen.period, *(step.period for step in steps)]
    if query.is_cumulative:
        periods = [Period(periods[0].start, period.end) for period in periods]
    return why_not_released(query.chosen, query.measure, periods)


def why_no_steps(facts: Facts, query: MapQuery) -> str:
    """Return why the time slider has no steps, and what to do; empty where it may have some."""
    days = _days_shown(facts, query.chosen.period)
    if days is None or number_of_steps(*days, query.step) <= MOST_STEPS:
        return ""
    return (
        f"{number_of_steps(*days, query.step):,} steps are more than a slider can hold"
        f" ({MOST_STEPS:,}). Choose longer steps, or a shorter period in the sidebar."
    )


def _days_shown(facts: Facts, period: Period) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day that the slider spans; None where there is none."""
    if facts.first_date is None or facts.last_date is None:
        return None
    first, last = period.start or facts.first_date, period.end or facts.last_date
    return (first, last) if first <= last else None


def _classes(series: Sequence[CountSeries], query: MapQuery) -> Classes:
    """Choose the classes for every value that maps may show."""
    shown = [counts.values[counts.statuses == STATUSES.index("value")] for counts in series]
    values = pd.Series(np.concatenate(shown), dtype="float64")
    scheme = _SCHEMES[query.measure]
    return choose_classes(values, scheme, method=query.classes, breaks=query.breaks)


def reports_behind(facts: Facts, chosen: IncidentFilter, *, area: str = "") -> tuple[str, ...]:
    """Return the ids of the reports behind the incidents inside a period, as they were read.

    With the code of a province, only those behind the incidents placed in it.
    """
    index = facts.index
    counted = index.passing(chosen) & index.standing(chosen.period)[0]
    if area:
        counted &= index.bins["province"] == index.bin_names["province"].index(area)
    rows = counted[index.reports.incident]
    if chosen.sources:
        rows = rows & index.reports["source_id"].is_one_of(chosen.sources)
    told = index.reports["source_id"]
    found = set(np.unique(told.codes[rows]))
    order = facts.tables["sources"].sort_values("reading_order")["source_id"]
    return tuple(source for source in order if told.values.get(source) in found)


def _by_first_day(facts: Facts, chosen: IncidentFilter) -> int:
    index = facts.index
    counted = index.passing(chosen) & index.standing(chosen.period)[0]
    return int((counted & index.counts_by_first_day).sum())


def _legend_title(measure: Measure, facts: Facts) -> str:
    title = _LEGEND_TITLES[measure]
    if measure == "per_1000_km2":
        title += f"; surfaces of the areas: {facts.edition.title}"
    return title


def _legend(classes: Classes, letters: str, *, suppresses: bool) -> tuple[LegendEntry, ...]:
    entries = [
        LegendEntry(str(number), colour, text, letters.count(str(number)))
        for number, (colour, text) in enumerate(zip(classes.colours, classes.labels, strict=True))
    ]
    if REFUSED in letters:
        return (LegendEntry(REFUSED, "", "not shown, see the reason", letters.count(REFUSED)),)
    entries += [
        LegendEntry(ZERO, "", "zero, by what a source says", letters.count(ZERO)),
        LegendEntry(NO_REPORT, "", "no report in the sources read", letters.count(NO_REPORT)),
    ]
    if NO_FIGURE in letters:
        text = "incidents reported, no figure given"
        entries.append(LegendEntry(NO_FIGURE, "", text, letters.count(NO_FIGURE)))
    if suppresses:
        entries.append(LegendEntry(SUPPRESSED, "", "suppressed", letters.count(SUPPRESSED)))
    return tuple(entries)


def _incidents(n: int) -> str:
    return "1 incident" if n == 1 else f"{n:,} incidents"
