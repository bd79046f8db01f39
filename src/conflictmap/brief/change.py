"""The change from the period before: absolute numbers for both, or why none is stated."""

from __future__ import annotations

from collections.abc import Sequence

from conflictmap.brief.model import Cell, Headline, Paragraph, Section, Table
from conflictmap.brief.scope import period_name, period_words
from conflictmap.brief.totals import Counts
from conflictmap.brief.words import NO_REPORT, figure_cell, incidents, signed
from conflictmap.views.figures import Figure

NOT_SHOWN = "not shown"
NO_PERIOD_BEFORE = "All dates are in scope, so there is no previous period and no change to state."
OPEN_END = "The period has an open end, so there is no previous period of equal length."


def change_section(counts: Counts, headline: Sequence[Headline]) -> Section:
    """Return the numbers of the period beside those of the one before it, of equal length."""
    heading, before = "Change from the period before", counts.before
    if before is None:
        text = NO_PERIOD_BEFORE if counts.now.scope.period.is_all_dates else OPEN_END
        return Section("change", heading, (Paragraph("change", text),))
    names = [period_name(one.scope.period) for one in (counts.now, before)]
    n = [int(one.inside.sum()) for one in (counts.now, before)]
    covered = (counts.is_covered, counts.was_covered)
    given = [
        f"{incidents(number) if number or is_covered else NO_REPORT} for {name}"
        for number, name, is_covered in zip(n, names, covered, strict=True)
    ]
    text = (
        f"Dated to each period: {given[0]}, {given[1]}. The period before is"
        f" {period_words(before.scope.period)}; it has as many days, or as many whole calendar"
        " months."
    )
    if counts.refusal:
        text += f" {counts.refusal}"
    else:
        text += (
            f" The change is {signed(n[0] - n[1])} incidents. The same sources claim to list every"
            " incident of both periods."
        )
    rows = [_row(counts, one) for one in headline]
    undated: tuple[int, int] = (int(counts.now.not_dated.sum()), int(before.not_dated.sum()))
    rows.append(("Incidents not dated to the period", *undated, NOT_SHOWN))
    table = Table(
        "change",
        "This period and the one before",
        ("", names[0], names[1], "Change"),
        tuple(rows),
        "Numbers of people are the figures that the reports give; a change of theirs is between"
        " those figures.",
    )
    return Section("change", heading, (Paragraph("change", text),), (table,))


def _row(counts: Counts, headline: Headline) -> tuple[Cell, ...]:
    assert headline.before is not None
    figures = (headline.figure, headline.before)
    cells = [
        _cell(figure, is_covered=is_covered)
        for figure, is_covered in zip(figures, (counts.is_covered, counts.was_covered), strict=True)
    ]
    change: Cell = NOT_SHOWN
    if headline.change is not None:
        exact = all(isinstance(cell, int) for cell in cells)
        change = headline.change if exact else f"{signed(headline.change)} by the figures given"
    return (headline.label, *cells, change)


def _cell(figure: Figure, *, is_covered: bool) -> Cell:
    if not figure.incidents:
        return 0 if is_covered else NO_REPORT
    return figure_cell(figure)
