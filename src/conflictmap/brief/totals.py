"""The leading numbers of a brief, and its totals by victim group, actor and province."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conflictmap.brief.model import Cell, Headline, Paragraph, Section, Table
from conflictmap.brief.scope import period_before, period_name
from conflictmap.brief.selection import NOBODY, Selection, select
from conflictmap.brief.words import (
    NO_FIGURE,
    NO_REPORT,
    figure_cell,
    gave_none,
    incidents,
    listed,
    verb,
)
from conflictmap.schema import label
from conflictmap.views.counting import count_areas
from conflictmap.views.coverage import covered_areas, refusals
from conflictmap.views.figures import AreaCounts, Figure

HARMS = ("killed", "wounded")

COVERED_IN_PART = (
    "No change is shown: the sources that claim to list every incident of the two periods cover"
    " parts of the country only."
)


@dataclass(frozen=True)
class Counts:
    """What is counted once and told in several sections."""

    now: Selection
    before: Selection | None  # None: the period has none before it
    refusal: str  # why the two must not be compared; empty: they may be
    is_covered: bool  # whether a source lists every incident of the country in the period
    was_covered: bool  # and in the period before
    by_province: dict[str, AreaCounts]  # by measure: incidents, killed, wounded

    @property
    def areas(self) -> AreaCounts:
        """Return the incidents by province."""
        return self.by_province["incidents"]


def count(now: Selection, suppress_below: int) -> Counts:
    """Count the incidents of a brief and of the period before it."""
    facts, scope = now.facts, now.scope
    before = period_before(scope.period)
    periods = [scope.period] if before is None else [scope.period, before]
    covered = covered_areas(facts, scope, "incidents", "province", periods)
    is_covered = [bool(row.all()) for row in covered]
    refusal = refusals(facts, scope, "change", [scope.period])[0]
    if before is not None and not refusal and not all(is_covered):
        refusal = COVERED_IN_PART
    return Counts(
        now=now,
        before=None if before is None else select(facts, scope, before),
        refusal=refusal,
        is_covered=is_covered[0],
        was_covered=is_covered[-1] and before is not None,
        by_province={
            measure: count_areas(facts, scope, measure, "province", suppress_below=suppress_below)
            for measure in ("incidents", "killed", "wounded")
        },
    )


def headlines(counts: Counts) -> tuple[Headline, ...]:
    """Return the leading numbers: incidents, killed, attackers killed, wounded.

    Attackers killed in their own attack are told apart from their victims. They have no headline
    where no report speaks of any.
    """
    found = [_headline(counts, "incidents", "Incidents")]
    if counts.now.victims:
        label_killed = "People killed, attackers counted apart"
        found.append(_headline(counts, "killed", label_killed, counts.now.victims))
    attackers = _headline(counts, "killed", "Attackers killed", ("attackers",), "attackers-killed")
    groups = counts.now.scope.victim_groups
    may_count = not groups or "attackers" in groups
    if may_count and (attackers.figure.best is not None or not counts.now.victims):
        found.append(attackers)
    found.append(_headline(counts, "wounded", "People wounded"))
    return tuple(found)


def totals_section(counts: Counts) -> Section:
    """Return the totals of the period, and of what stands beside it."""
    now = counts.now
    n = int(now.inside.sum())
    paragraphs = [Paragraph("totals-incidents", _incidents_text(counts, n))]
    if n:
        paragraphs.append(Paragraph("totals-people", _people_text(counts)))
    paragraphs.append(Paragraph("totals-beside", _beside_text(counts)))
    tables = (_by_group(now), _by_actor(now), _by_province(counts)) if n else ()
    return Section("totals", "Totals", tuple(paragraphs), tables)


def _headline(
    counts: Counts, measure: str, name: str, groups: tuple[str, ...] = (), key: str = ""
) -> Headline:
    figure = counts.now.figure(measure, groups)
    before = counts.before.figure(measure, groups) if counts.before else None
    change = None
    if before is not None and not counts.refusal:
        ends = [one.best if one.incidents else 0 for one in (figure, before)]
        if ends[0] is not None and ends[1] is not None:
            change = ends[0] - ends[1]
    words = _headline_words(figure, measure, counts.is_covered)
    parts = _parts(counts.now, measure, groups) if measure in HARMS else ""
    return Headline(
        key=key or measure,
        label=name,
        figure=figure,
        before=before,
        change=change,
        words=f"{words} ({parts})" if parts else words,
        before_words="" if before is None else _headline_words(before, measure, counts.was_covered),
    )


def _headline_words(figure: Figure, measure: str, is_covered: bool) -> str:
    if not figure.incidents:
        return "0, by what a source says" if is_covered else NO_REPORT
    if measure == "incidents":
        return f"{figure.incidents:,}"
    if figure.best is None:
        return NO_FIGURE
    return figure.words


def _parts(now: Selection, harm: str, groups: tuple[str, ...]) -> str:
    """Return a sum by victim group in words, where it is of more than one group."""
    found = {
        group: figure
        for group, figure in now.by_group(harm).items()
        if not groups or group in groups
    }
    if len(found) < 2:
        return ""
    return ", ".join(f"{label(group)}: {figure.words}" for group, figure in found.items())


def _incidents_text(counts: Counts, n: int) -> str:
    period = counts.now.scope.period
    name = period_name(period)
    if not n:
        start = f"There is no incident that the sources read date to {name}."
        if period.is_all_dates:
            start = "There is no incident in the sources read."
        if counts.is_covered:
            return f"{start} A source that claims to list every incident of the period gives none."
        return (
            f"{start} No source read claims to list every incident of the whole country in it, so"
            f" this is no zero: it says that there is {NO_REPORT}."
        )
    areas = counts.areas
    dated = "at any date or none" if period.is_all_dates else f"dated to {name}"
    text = f"The sources read tell of {incidents(n)}, {dated}."
    placed = sum(area.figure.incidents for area in areas.areas)
    parts = [f"{placed:,} placed in a province"]
    for figure, words in (
        (areas.not_placed, "placed in none"),
        (areas.abroad, "abroad"),
        (areas.suppressed, f"in {areas.suppressed_areas} provinces not shown singly"),
    ):
        if figure.incidents:
            parts.append(f"{figure.incidents:,} {words}")
    if len(parts) == 1 and placed:
        return f"{text} {verb(n, 'It is', 'All are')} placed in a province."
    return f"{text} Of these {listed(parts)}."


def _people_text(counts: Counts) -> str:
    """Return killed and wounded, each with how many incidents gave no figure."""
    parts = []
    for headline in headlines(counts)[1:]:
        rest = gave_none(headline.figure)
        parts.append(f"{headline.label}: {headline.words}{f'; {rest}' if rest else ''}.")
    return " ".join(parts)


def _beside_text(counts: Counts) -> str:
    period, now = counts.now.scope.period, counts.now
    if period.is_all_dates:
        return "All dates are in scope, so no incident is left out for its date."
    undated, outside = int(now.not_dated.sum()), int(now.outside.sum())
    return (
        f"{incidents(undated)} {verb(undated, 'is', 'are')} not dated to this period: the days that"
        " the reports give only overlap it, or they give none. "
        f"{incidents(outside)} {verb(outside, 'lies', 'lie')} outside it. None of these is counted."
    )


def _by_group(now: Selection) -> Table:
    sums = {harm: now.by_group(harm) for harm in HARMS}
    groups = list(dict.fromkeys(group for harm in HARMS for group in sums[harm]))
    rows: list[tuple[Cell, ...]] = [
        (label(group), *(_named(sums[harm].get(group)) for harm in HARMS)) for group in groups
    ]
    rows.append(("Together", *(figure_cell(now.figure(harm)) for harm in HARMS)))
    return Table(
        "by-victim-group",
        "People killed and wounded by victim group",
        ("Victim group", "Killed", "Wounded"),
        tuple(rows),
        "Groups exclude one another. An incident that names no figure of a group is no zero.",
    )


def _by_actor(now: Selection) -> Table:
    names = dict(
        zip(now.facts.tables["actors"]["actor_id"], now.facts.tables["actors"]["name"], strict=True)
    )
    sums = now.by_actor(("incidents", *HARMS))
    ordered = sorted(
        sums, key=lambda actor: (actor == NOBODY, -sums[actor][0].incidents, names.get(actor, ""))
    )
    rows: list[tuple[Cell, ...]] = [
        (
            "Nobody named" if actor == NOBODY else names.get(actor, actor),
            *map(figure_cell, sums[actor]),
        )
        for actor in ordered
    ]
    return Table(
        "by-actor",
        "Incidents by actor named",
        ("Actor", "Incidents", "Killed", "Wounded"),
        tuple(rows),
        "Rows may share incidents and are not summed. An actor is named where a report says that"
        " it claimed the incident, that it is attributed to it, suspected of it or took part; a"
        " statement that only disputes it names nobody. People of every victim group, attackers"
        " too.",
    )


def _by_province(counts: Counts) -> Table:
    by_measure = counts.by_province
    rows: list[tuple[Cell, ...]] = []
    shown = [
        (number, area.figure.incidents)
        for number, area in enumerate(counts.areas.areas)
        if area.figure.incidents and area.status != "suppressed"
    ]
    for number, _ in sorted(shown, key=lambda pair: -pair[1]):
        areas = [by_measure[measure].areas[number] for measure in by_measure]
        rows.append((areas[0].name, *(figure_cell(area.figure) for area in areas)))
    for name, field in (
        ("Provinces not shown singly", "suppressed"),
        ("Not placed in a province", "not_placed"),
        ("Abroad", "abroad"),
        ("Total", "total"),
        ("Not dated to this period", "not_dated"),
    ):
        figures = [getattr(by_measure[measure], field) for measure in by_measure]
        if figures[0].incidents:
            rows.append((name, *map(figure_cell, figures)))
    return Table(
        "by-province",
        "Incidents by province",
        ("Province", "Incidents", "Killed", "Wounded"),
        tuple(rows),
        f"{_others(counts)} People of every victim group, attackers too, as on the map.",
    )


def _others(counts: Counts) -> str:
    """Return what the provinces without an incident stand for."""
    statuses = np.array([area.status for area in counts.areas.areas])
    zero, silent = int((statuses == "zero").sum()), int((statuses == "no_report").sum())
    parts = []
    if zero:
        parts.append(f"{zero} provinces: zero, by what a source says.")
    if silent:
        parts.append(f"{silent} provinces: {NO_REPORT}.")
    return " ".join(parts) or "No province is without one."


def _named(figure: Figure | None) -> Cell:
    return "none named" if figure is None else figure_cell(figure)
