"""What a slide of two periods says: two maps of one question, with the same classes.

Both maps are positions of one time slider, so their classes are the same. Each says what is not on
it. A change stands beside the figures only where the rules of `comparison_change` let it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from conflictmap.errors import QueryError
from conflictmap.mark import MARK
from conflictmap.slides.assertion import coded_incidents, some_reports
from conflictmap.slides.comparison_change import Change, change_between, exact_number, in_order
from conflictmap.slides.could_be_words import could_in_words, could_notes
from conflictmap.slides.evidence import Evidence
from conflictmap.slides.legend import Field
from conflictmap.slides.plain_text import MOST_IN_MARKING, MOST_IN_TITLE, check_length, plain_text
from conflictmap.slides.slide import (
    MOST_ROWS,
    AreaFill,
    Slide,
    SlideWishes,
    link_of,
    said_of,
    sources_of,
    with_other_calendar,
)
from conflictmap.views.facts import Facts
from conflictmap.views.filter_words import filter_words
from conflictmap.views.map_view import (
    NO_FIGURE,
    NO_REPORT,
    SUPPRESSED,
    TITLES,
    ZERO,
    LegendEntry,
    MapView,
)
from conflictmap.views.query import MEASURE_NAMES

_SHORT: Final = {
    NO_REPORT: "no report",
    NO_FIGURE: "no figure",
    SUPPRESSED: "suppressed",
    ZERO: "0",
}
"""What a table says of an area without a value."""

NOT_SHOWN: Final = "\u2013"


@dataclass(frozen=True, kw_only=True)
class ComparisonSlide(Evidence):
    """Two periods side by side; each map is a slide of its own, without table and time line."""

    first: Slide
    second: Slide
    periods: tuple[str, str]  # in both calendars
    legend_title: str
    fields: tuple[Field, ...]  # of the legend, with the number of areas of each map
    classing: str
    rows_title: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more_rows: int
    change_note: str  # why no change is shown, or which
    could_note: str  # what the marks of "could be here" mean; empty: not asked for

    def foot_counted(self) -> tuple[str, ...]:
        """Return nothing: n and what is not on the map stand below each map."""
        return ()

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Return what a change means, and what areas could hold on each map."""
        could = (("could", self.could_note),) if self.could_note else ()
        return (("change", self.change_note), *could)

    def all_rows(self) -> tuple[str, ...]:
        """Return all rows that the table may have no room for, and what areas could hold."""
        rows = "; ".join(f"{row[0]}: {', '.join(row[1:])}" for row in self.rows)
        more = f"; and {self.more_rows:,} more" if self.more_rows else ""
        could = [
            f"{period}: {told}"
            for period, side in zip(self.periods, (self.first, self.second), strict=True)
            if (told := could_in_words(side.areas))
        ]
        return (f"{', '.join(self.rows_title)}: {rows or 'none'}{more}.", *could)

    def values(self) -> dict[str, Any]:
        """Return all that the slide says, in values that JSON holds."""
        own = {name: value for name, value in vars(self).items() if not isinstance(value, Slide)}
        own["fields"] = [asdict(one) for one in self.fields]
        return own | {"first": self.first.values(), "second": self.second.values()}

    def sayings(self) -> dict[str, dict[str, Any]]:
        """Return what it says of the data: each area of each map as well."""
        sides = (("left", self.first), ("right", self.second))
        areas = {
            f"area on the {side}": {f"{one.code} {one.name}": said_of(one) for one in slide.areas}
            for side, slide in sides
        }
        return super().sayings() | areas | {"change": {"": self.change_note}}


def make_comparison(
    facts: Facts,
    slides: tuple[Slide, Slide],
    views: tuple[MapView, MapView],
    wishes: SlideWishes,
    *,
    against: str,
) -> ComparisonSlide:
    """Return the slide of two positions of one time slider.

    Parameters
    ----------
    slides
        The slide of each view.
    against
        The second position, as the link names it.

    Raises
    ------
    QueryError
        If both are the same period, or a text is too long.
    """
    first, second = views
    if first.counts.period == second.counts.period:
        raise QueryError(
            "Both maps show the same period, so there is nothing to compare. Choose another one on"
            " the second map."
        )
    change = change_between(facts, first, second)
    periods = (with_other_calendar(first), with_other_calendar(second))
    rows = _rows((slides[0].areas, slides[1].areas), change)
    proposed = plain_text(comparison_title(views, change))
    reports = {*first.reports, *second.reports}
    order = facts.tables["sources"].sort_values("reading_order")["source_id"]
    read = [source for source in order if source in reports]
    level = "province" if first.query.level == "province" else "district"
    what = f"{MEASURE_NAMES[first.query.measure]} by {level}, Afghanistan"
    has_change = not change.refusal
    return ComparisonSlide(
        link=link_of(first, against=against),
        revision=first.revision,
        as_of=slides[0].as_of,
        title=check_length(wishes.title, MOST_IN_TITLE, "title") or proposed,
        proposed_title=proposed,
        subtitle=(
            f"{what}: {periods[0]} and {periods[1]}",
            *(plain_text(line) for line in filter_words(facts, first.query.chosen)),
        ),
        marking=check_length(wishes.marking, MOST_IN_MARKING, "handling marking"),
        synthetic_mark=f"{MARK}: made up, not real incidents" if facts.is_synthetic else "",
        counted=tuple(
            f"{period}: {'; '.join(slide.counted)}"
            for period, slide in zip(periods, slides, strict=True)
        ),
        sources=sources_of(facts, read, has_titles=False),
        titles=sources_of(facts, read, has_titles=True),
        boundaries=slides[0].boundaries,
        disclaimer=slides[0].disclaimer,
        in_words=f"Two maps. On the left: {slides[0].in_words} On the right: {slides[1].in_words}",
        first=slides[0],
        second=slides[1],
        periods=periods,
        legend_title=slides[0].legend_title,
        fields=_fields(slides[0].legend, slides[1].legend),
        classing=f"{slides[0].classing}. In brackets: areas on the left; on the right.",
        rows_title=(
            "Area",
            first.period_label,
            second.period_label,
            *(("Change",) if has_change else ()),
        ),
        rows=rows[:MOST_ROWS],
        more_rows=max(0, len(rows) - MOST_ROWS),
        change_note=change.refusal or _change_note(first, second, change),
        could_note=could_notes(views, _marks(slides)),
    )


def _marks(slides: tuple[Slide, Slide]) -> tuple[list[str], list[str]]:
    first, second = slides
    return [fill.mark for fill in first.areas], [fill.mark for fill in second.areas]


def comparison_title(views: tuple[MapView, MapView], change: Change) -> str:
    """Return the proposed title: what each period holds, and a change only where it may be told."""
    first, second = views
    measure, level = first.query.measure, first.query.level
    labels = f"{first.period_label} and {second.period_label}"
    is_counted = measure in ("incidents", "killed", "wounded")
    if not is_counted or first.counts.suppressed_areas or second.counts.suppressed_areas:
        return f"{TITLES[measure]}{first.denominator} by {level}, Afghanistan: {labels}"
    reports = some_reports(len({*first.reports, *second.reports}))
    said = f"{_held(first)}; {_held(second)} ({reports})"
    said = said[0].upper() + said[1:]
    if change.refusal:
        return f"{said}: no change can be read from these"
    earlier, later = in_order(first, second)
    before, after = exact_number(earlier.counts.total), exact_number(later.counts.total)
    undated = earlier.counts.not_dated.incidents + later.counts.not_dated.incidents
    if not change.is_everywhere or undated or before is None or after is None:
        return said
    more = after - before
    words = f"{abs(more):,} {'more' if more > 0 else 'fewer'}" if more else "as many"
    return f"{said}: {words} in {later.period_label}"


def _held(view: MapView) -> str:
    """Return what a period holds in words: "2022: 9 coded incidents"."""
    total, measure = view.counts.total, view.query.measure
    label = view.period_label
    if not total.incidents:
        return f"{label}: no coded incident"
    incidents = coded_incidents(total.incidents)
    if measure == "incidents":
        return f"{label}: {incidents}"
    if total.best is None:
        return f"{label}: {incidents} without any figure of people {measure}"
    people = "person" if total.words == "1" else "people"
    return f"{label}: {total.words} {people} {measure} in {incidents}"


def _fields(first: Sequence[LegendEntry], second: Sequence[LegendEntry]) -> tuple[Field, ...]:
    """Return the fields of both legends, each with the number of areas on each map."""
    entries = {entry.letter: entry for entry in (*first, *second)}
    counts = [{entry.letter: entry.areas for entry in legend} for legend in (first, second)]
    return tuple(
        Field(
            letter,
            entry.colour,
            f"{entry.text} ({counts[0].get(letter, 0):,}; {counts[1].get(letter, 0):,})",
            any(count.get(letter) for count in counts),
        )
        for letter, entry in entries.items()
    )


def _rows(
    fills: tuple[Sequence[AreaFill], Sequence[AreaFill]], change: Change
) -> tuple[tuple[str, ...], ...]:
    """Return the areas with a value in either period, highest first."""
    found = [
        (max(one.value or 0, two.value or 0), one, two, words)
        for one, two, words in zip(*fills, change.words, strict=True)
        if any(fill.value is not None and fill.letter != ZERO for fill in (one, two))
    ]
    found.sort(key=lambda row: (-row[0], row[1].name))
    has_change = not change.refusal
    return tuple(
        (one.name, _short(one), _short(two), *((words or NOT_SHOWN,) if has_change else ()))
        for _, one, two, words in found
    )


def _short(fill: AreaFill) -> str:
    return _SHORT.get(fill.letter, fill.words)


def _change_note(first: MapView, second: MapView, change: Change) -> str:
    earlier, later = in_order(first, second)
    where = "" if change.is_everywhere else " in the areas that they cover"
    return (
        f"Change: {later.period_label} less {earlier.period_label}. The same sources list every"
        f" incident of both{where}; {NOT_SHOWN} where a figure is not exact or not covered."
    )
