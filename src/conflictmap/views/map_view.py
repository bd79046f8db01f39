"""The map: one measure over all areas and all steps of time, classed once.

`map_series` holds the area x period matrix with class breaks that stay fixed across the time
slider; `MapView` is one position of the slider, ready to draw, to tell in words, or to write to a
file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from conflictmap.classes import Classes, Scheme, choose_classes
from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period, Step, periods_between
from conflictmap.views.counting import AreaCounts, AreaValue, count_periods, figures_of
from conflictmap.views.facts import Facts
from conflictmap.views.points import PointMark, incident_points
from conflictmap.views.query import MEASURE_NAMES, MapQuery, Measure

# One byte a cell: what the browser needs to know of an area in a period.
ZERO, NO_REPORT, NO_FIGURE, SUPPRESSED, REFUSED = "z", "n", "f", "s", "r"

_LETTERS = {
    "zero": ZERO,
    "no_report": NO_REPORT,
    "no_figure": NO_FIGURE,
    "suppressed": SUPPRESSED,
    "refused": REFUSED,
}

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
    "share": "Share of incidents, %",
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
    positions: tuple[AreaCounts, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the slider's positions; "" is the whole period."""
        return ("", *(counts.period.key for counts in self.positions[1:]))

    def class_string(self, position: int) -> str:
        """Return one letter an area, areas by code: a class number or a status."""
        areas = self.positions[position].areas
        classes = self.classes.classify(pd.Series([area.value for area in areas], dtype="Float64"))
        return "".join(_letter(area, number) for area, number in zip(areas, classes, strict=True))


@dataclass(frozen=True)
class MapView:
    """What the map says at one position of the time slider."""

    query: MapQuery
    revision: int
    edition_id: str
    edition_title: str
    disclaimer: str
    counts: AreaCounts
    class_string: str
    legend_title: str
    legend: tuple[LegendEntry, ...]
    points: tuple[PointMark, ...]
    reports: tuple[str, ...]  # ids of the reports behind the incidents counted
    reports_read: int  # all that were read at this revision
    by_first_day: int  # incidents counted by their first day, as their source's codebook does

    @property
    def is_empty(self) -> bool:
        """Say whether no incident that passes the filters is dated to this period."""
        return not self.counts.total.incidents

    @property
    def title(self) -> str:
        """Return what the map shows, with place, measure and period."""
        level = "province" if self.query.level == "province" else "district"
        return f"{TITLES[self.query.measure]} by {level}, Afghanistan, {self.counts.period.label}"

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
                parts.append(f"{figure.incidents} {words}.")
        if counts.not_dated.incidents:
            parts.append(f"{counts.not_dated.incidents} more not dated to this period.")
        if self.by_first_day and not counts.period.is_all_dates:
            n = _incidents(self.by_first_day)
            parts.append(f"{n} counted by the first day, as the source's codebook does.")
        if counts.total.not_stated:
            parts.append(f"{_incidents(counts.total.not_stated)} gave no figure.")
        reports = ", ".join(self.reports) if self.reports else "none"
        plural = "report" if len(self.reports) == 1 else "reports"
        parts.append(f"{plural.capitalize()} behind it ({len(self.reports)}): {reports}.")
        parts.append(f"Boundaries: {self.edition_title}. Revision {self.revision}.")
        return " ".join(parts)


def map_series(facts: Facts, query: MapQuery, *, suppress_below: int = 0) -> MapSeries:
    """Count a measure for the whole chosen period and for each of its steps."""
    periods = (query.chosen.period, *steps_of(facts, query.chosen.period, query.step))
    positions = count_periods(
        facts, query.chosen, query.measure, query.level, periods, suppress_below=suppress_below
    )
    classes = choose_classes(_values(positions), _SCHEMES[query.measure])
    return MapSeries(query, facts.revision, classes, positions)


def with_same_classes(series: Sequence[MapSeries]) -> tuple[MapSeries, ...]:
    """Give maps of one measure the same breaks, so that they can be compared."""
    values = pd.concat([_values(one.positions) for one in series])
    classes = choose_classes(values, _SCHEMES[series[0].query.measure])
    return tuple(replace(one, classes=classes) for one in series)


def map_view(facts: Facts, series: MapSeries, shown: str = "") -> MapView:
    """Return one position of the time slider.

    Parameters
    ----------
    shown
        Key of the step; empty for the whole chosen period.

    Raises
    ------
    QueryError
        If the series has no such step.
    """
    if shown not in series.keys:
        raise QueryError(f"The time slider has no step '{shown}'. Choose another one.")
    position = series.keys.index(shown)
    counts, query = series.positions[position], series.query
    letters = series.class_string(position)
    chosen = replace(query.chosen, period=counts.period)
    points, reports = incident_points(facts, chosen)
    return MapView(
        query=replace(query, shown=shown),
        revision=facts.revision,
        edition_id=facts.edition.edition_id,
        edition_title=facts.edition.title,
        disclaimer=facts.edition.disclaimer,
        counts=counts,
        class_string=letters,
        legend_title=_LEGEND_TITLES[query.measure],
        legend=_legend(series.classes, letters, suppresses=counts.suppressed_areas > 0),
        points=() if counts.suppressed_areas else points,
        reports=reports,
        reports_read=len(facts.tables["sources"]),
        by_first_day=_by_first_day(facts, chosen),
    )


def area_table(view: MapView) -> pd.DataFrame:
    """Return the map as a table: every area with its value, and the bins beside the map.

    Returns
    -------
    DataFrame
        Columns Code, Area, Value (missing: none shown), Low, High, Incidents, Shown as; areas with
        a value first, highest first.
    """
    counts = view.counts
    words = {entry.letter: entry.text for entry in view.legend}
    rows = [
        (area.code, area.name, area.value, area.figure, words.get(letter, ""))
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
            rows.append(("", name, value, figure, ""))
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
            "Incidents": pd.Series([row[3].incidents for row in rows], dtype="Int64"),
            "Shown as": [row[4] for row in rows],
        }
    )


def steps_of(facts: Facts, period: Period, step: Step) -> tuple[Period, ...]:
    """Return the steps of the time slider: calendar buckets, cut at the period's ends."""
    if facts.first_date is None or facts.last_date is None:
        return ()
    first = period.start or facts.first_date
    last = period.end or facts.last_date
    return tuple(
        Period(
            max(bucket.start, period.start) if period.start else bucket.start,
            min(bucket.end, period.end) if period.end else bucket.end,
        )
        for bucket in periods_between(first, last, step)
        if bucket.start and bucket.end
    )


def _values(positions: Sequence[AreaCounts]) -> pd.Series:
    return pd.Series(
        [
            area.value
            for counts in positions
            for area in counts.areas
            if area.status == "value" and area.value is not None
        ],
        dtype="float64",
    )


def _by_first_day(facts: Facts, chosen: IncidentFilter) -> int:
    figures = figures_of(facts, chosen, "incidents")
    return int((figures["counting_date"].notna() & (figures["standing"] == "inside")).sum())


def _letter(area: AreaValue, number: int) -> str:
    return str(number) if area.status == "value" else _LETTERS[area.status]


def _legend(classes: Classes, letters: str, *, suppresses: bool) -> tuple[LegendEntry, ...]:
    entries = [
        LegendEntry(str(number), colour, text, letters.count(str(number)))
        for number, (colour, text) in enumerate(zip(classes.colours, classes.labels, strict=True))
    ]
    if REFUSED in letters:
        return (LegendEntry(REFUSED, "", "not shown, see the reason", letters.count(REFUSED)),)
    entries += [
        LegendEntry(ZERO, "", "zero: a source covers it and lists none", letters.count(ZERO)),
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
