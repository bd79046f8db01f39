"""What a slide says: one view with its evidence, as plain values that every format draws.

Nothing here depends on the day it is made: the same view at the same revision is the same slide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd

from conflictmap.errors import QueryError
from conflictmap.mark import MARK
from conflictmap.periods import in_solar_hijri
from conflictmap.slides.assertion import assertion_title, coded_incidents
from conflictmap.slides.could_be_words import could_in_words, could_note, short_range
from conflictmap.slides.evidence import Evidence
from conflictmap.slides.plain_text import (
    MOST_IN_MARKING,
    MOST_IN_TITLE,
    check_length,
    plain_text,
)
from conflictmap.views.alternative import value_words
from conflictmap.views.facts import Facts
from conflictmap.views.figures import AreaCounts, Figure
from conflictmap.views.filter_words import filter_words
from conflictmap.views.map_view import ZERO, LegendEntry, MapSeries, MapView
from conflictmap.views.points import Points, no_points
from conflictmap.views.query import MEASURE_NAMES, Measure

MOST_ROWS = 10

STEP_WORDS = {
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "sh_month": "Solar Hijri month",
    "sh_year": "Solar Hijri year",
}


@dataclass(frozen=True)
class SlideWishes:
    """What the briefer adds to a view."""

    title: str = ""  # empty: the proposed one
    marking: str = ""  # handling, at the top and the bottom; empty: none
    has_marks: bool = True  # whether the places of incidents are drawn
    has_chart: bool = True


@dataclass(frozen=True)
class AreaFill:
    """How one area is drawn: its class (a digit) or status (a letter), and its value in words."""

    code: str
    name: str
    letter: str
    colour: str  # empty where a pattern is drawn
    value: float | None
    words: str
    mark: str = ""  # what it could hold, as `CouldHold.marks` says it; empty: not asked for
    could: str = ""  # its least and most; empty: not asked for, or nothing in doubt


@dataclass(frozen=True)
class Bar:
    """One step of the time line: the measure over all places; missing where it has none."""

    key: str
    label: str
    value: float | None
    is_shown: bool  # whether the map shows this step


@dataclass(frozen=True, kw_only=True)
class Slide(Evidence):
    """One view of the map, ready to be drawn in any format.

    ``areas`` are in the order of codes, those of ``rows`` highest first. Names of reports come
    from the tables.
    """

    province: str  # code of the one province that is shown; empty: the whole country
    legend_title: str
    legend: tuple[LegendEntry, ...]
    classing: str
    areas: tuple[AreaFill, ...]
    points: Points
    rows_title: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more_rows: int
    bars_title: str
    bars: tuple[Bar, ...]
    could_note: str = ""  # what the marks of "could be here" mean; empty: not asked for

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Return what has to be known to read the map, by name."""
        return (("could", self.could_note),) if self.could_note else ()

    def all_rows(self) -> tuple[str, ...]:
        """Return what the areas could hold: the table has not all of it."""
        told = could_in_words(self.areas)
        return (told,) if told else ()

    def values(self) -> dict[str, Any]:
        """Return all that the slide says; its marks are a list of each of their columns.

        What is not asked for is left out, so that a checksum of before it could be still holds.
        """
        points, values = self.points, asdict(self)
        if not self.could_note:
            del values["could_note"]
            for area in values["areas"]:
                del area["mark"], area["could"]
        return values | {
            "points": [
                points.kind.tolist(),
                *(
                    np.asarray(part, dtype="float64").round(4).tolist()
                    for part in (points.latitude, points.longitude)
                ),
                *(
                    np.nan_to_num(np.asarray(part, dtype="float64"), nan=-1).tolist()
                    for part in (points.radius_km, points.incidents, points.harmed)
                ),
            ]
        }

    def sayings(self) -> dict[str, dict[str, Any]]:
        """Return what it says of the data: each area and each step of time as well."""
        return super().sayings() | {
            "area": {f"{fill.code} {fill.name}": said_of(fill) for fill in self.areas},
            "time line": {bar.label: bar.value for bar in self.bars},
        }


def make_slide(
    facts: Facts,
    series: MapSeries,
    view: MapView,
    wishes: SlideWishes | None = None,
    *,
    as_of: str,
    boundary_note: str = "",
    in_words: str = "",
) -> Slide:
    """Return the slide of a view.

    Parameters
    ----------
    series
        The time slider that the view is a position of.
    as_of
        The day that the revision was published.
    boundary_note
        How boundaries are to be read, beside the disclaimer of the edition.
    in_words
        The map as a text, for those who do not see it.

    Raises
    ------
    QueryError
        If the measure cannot be shown, for the reason that the page gives, or if a text is too
        long for a slide.
    """
    wishes = wishes or SlideWishes()
    if view.counts.refusal:
        raise QueryError(f"There is no slide of this view. {view.counts.refusal}")
    proposed = plain_text(assertion_title(view))
    title = check_length(wishes.title, MOST_IN_TITLE, "title") or proposed
    fills = fills_of(view)
    rows = rows_of(fills)
    note = plain_text(could_note(view, (fill.mark for fill in fills)))
    return Slide(
        link=link_of(view),
        province="",
        revision=view.revision,
        as_of=as_of,
        title=title,
        proposed_title=proposed,
        subtitle=_subtitle(facts, view),
        marking=check_length(wishes.marking, MOST_IN_MARKING, "handling marking"),
        synthetic_mark=f"{MARK}: made up, not real incidents" if facts.is_synthetic else "",
        legend_title=view.legend_title,
        legend=view.legend,
        classing=view.classing,
        areas=fills,
        points=view.points if wishes.has_marks else no_points(),
        rows_title=rows_title(view),
        rows=rows[:MOST_ROWS],
        more_rows=max(0, len(rows) - MOST_ROWS),
        bars_title=_bars_title(view),
        bars=_bars(series, view) if wishes.has_chart else (),
        counted=_counted(view),
        sources=sources_of(facts, view.reports, has_titles=False),
        titles=sources_of(facts, view.reports, has_titles=True),
        boundaries=plain_text(f"{view.edition_title} (edition {view.edition_id})"),
        disclaimer=plain_text(f"{view.disclaimer} {boundary_note} {facts.sight_note}"),
        in_words=plain_text(f"{in_words} {could_in_words(fills)}"),
        could_note=note,
    )


def said_of(fill: AreaFill) -> str:
    """Return what a slide says of an area, to be set beside a later revision."""
    return f"{fill.words} (could be {fill.could})" if fill.could else fill.words


def fills_of(view: MapView) -> tuple[AreaFill, ...]:
    """Return how each area of a view is drawn, in the order of codes."""
    colours = {entry.letter: entry.colour for entry in view.legend}
    words = {entry.letter: entry.text for entry in view.legend}
    could = view.could
    return tuple(
        AreaFill(
            area.code,
            area.name,
            letter,
            colours.get(letter, ""),
            area.value,
            value_words(view, area, is_short=True)
            if area.value is not None
            else words.get(letter, ""),
            could.marks[number] if could else "",
            short_range(could.words[number]) if could else "",
        )
        for number, (area, letter) in enumerate(
            zip(view.counts.areas, view.class_string, strict=True)
        )
    )


def rows_title(view: MapView) -> tuple[str, ...]:
    """Return the header of the table: of what areas could hold only where it is shown."""
    could = ("Could be",) if view.could else ()
    return ("Area", MEASURE_NAMES[view.query.measure], *could)


def rows_of(fills: Sequence[AreaFill]) -> tuple[tuple[str, ...], ...]:
    """Return name and value in words of each area that has one, highest first.

    Where it is shown what areas could hold, also the least and most, or the value where that is
    sure.
    """
    valued = [fill for fill in fills if fill.value is not None and fill.letter != ZERO]
    valued.sort(key=lambda fill: (-(fill.value or 0), fill.name))
    return tuple(
        (fill.name, fill.words, *((fill.could or fill.words,) if fill.mark else ()))
        for fill in valued
    )


def link_of(view: MapView, *, area: str = "", against: str = "") -> str:
    """Return the query part of the address that shows a view at its revision."""
    query = replace(view.query, revision=view.revision, area=area, against=against)
    return f"?{urlencode(query.parameters(), doseq=True)}"


def with_other_calendar(view: MapView) -> str:
    """Return the period of a view in both calendars; as it is where it has an open end."""
    is_step = view.step is not None and not view.query.is_cumulative
    other = view.step.in_other_calendar if view.step and is_step else ""
    other = other or in_solar_hijri(view.counts.period)
    return f"{view.period_label} ({other})" if other else view.period_label


def _subtitle(facts: Facts, view: MapView) -> tuple[str, ...]:
    """Return what is shown, the period in both calendars, and what the filters leave in."""
    level = "province" if view.query.level == "province" else "district"
    days = with_other_calendar(view)
    what = f"{MEASURE_NAMES[view.query.measure]} by {level}, Afghanistan, {days}"
    return (what, *(plain_text(line) for line in filter_words(facts, view.query.chosen)))


def _bars(series: MapSeries, view: MapView) -> tuple[Bar, ...]:
    totals = series.counts.total_values
    shown = view.query.shown
    return tuple(
        Bar(
            step.key,
            step.label,
            None if np.isnan(totals[number]) else float(totals[number]),
            shown in ("", step.key),
        )
        for number, step in enumerate(series.steps, start=1)
    )


def _bars_title(view: MapView) -> str:
    what = f"{MEASURE_NAMES[view.query.measure]} by {STEP_WORDS[view.query.step]}"
    return f"{what}, added up from the start" if view.query.is_cumulative else what


def _counted(view: MapView) -> tuple[str, ...]:
    """Return n and each bin beside the map, in words."""
    counts: AreaCounts = view.counts
    lines = [f"{coded_incidents(counts.total.incidents)} in the period"]
    for figure, words in (
        (counts.not_placed, f"not placed at {view.query.level} level"),
        (counts.abroad, "abroad"),
        (counts.suppressed, f"in {counts.suppressed_areas} suppressed areas"),
        (counts.not_dated, "more not dated to this period"),
    ):
        if figure.incidents:
            lines.append(f"{_bin(view.query.measure, figure)} {words}")
    if counts.total.not_stated:
        lines.append(f"{counts.total.not_stated:,} gave no figure")
    return tuple(lines)


def _bin(measure: Measure, figure: Figure) -> str:
    if measure in ("killed", "wounded") and figure.best is not None:
        return f"{figure.incidents:,} ({figure.words} {measure})"
    return f"{figure.incidents:,}"


def sources_of(facts: Facts, reports: Sequence[str], *, has_titles: bool) -> tuple[str, ...]:
    """Return reports by their ids: publisher and day, with the title where there is room.

    Reports that read alike stand once, with their number.
    """
    rows = facts.tables["sources"].set_index("source_id").loc[list(reports)]
    lines: dict[str, int] = {}
    for row in rows.itertuples():
        title = f": {row.title}" if has_titles else ""
        day = f" ({row.published_date:%Y-%m-%d})" if pd.notna(row.published_date) else ""
        line = plain_text(f"{row.publisher}{title}{day}")
        lines[line] = lines.get(line, 0) + 1
    return tuple(f"{line} ({n} reports)" if n > 1 else line for line, n in lines.items())
