"""What others published of the period of a brief, beside our own counts.

Published figures are compared with our counts and never added to them.
"""

from __future__ import annotations

from conflictmap.brief.comparisons import Published, published_in_scope
from conflictmap.brief.gaps import RULE, gap_of
from conflictmap.brief.model import Cell, Paragraph, Section, Table
from conflictmap.brief.scope import BriefScope, period_name
from conflictmap.brief.sentences import sentences_on
from conflictmap.brief.words import verb
from conflictmap.views.facts import Facts
from conflictmap.views.published_tables import difference_words, ours_words, published_words

HEADING = "Published figures against ours"


def published_section(facts: Facts, scope: BriefScope, suppress_below: int) -> Section:
    """Return the published figures of the period, ours beside each, and what parts them."""
    standing, everything = published_in_scope(facts, scope, suppress_below)
    inside = [one for one in everything if standing[one.row.tally_id] == "inside"]
    other = [one for one in everything if standing[one.row.tally_id] == "not dated"]
    paragraphs = [Paragraph("published", _intro(scope, len(inside), len(other)))]
    for publisher in dict.fromkeys(one.compared.publisher for one in inside):
        paragraphs += sentences_on(
            [one for one in inside if one.compared.publisher == publisher], inside, everything
        )
    tables = [_figures(inside), _gaps(inside), _arithmetic(inside), _beside(other)]
    if any(table.key == "published-gaps" and table.rows for table in tables):
        paragraphs.append(Paragraph("published-rule", RULE))
    return Section(
        "published", HEADING, tuple(paragraphs), tuple(table for table in tables if table.rows)
    )


def _intro(scope: BriefScope, n: int, n_other: int) -> str:
    period = scope.period
    when = "" if period.is_all_dates else f" for days inside {period_name(period)}"
    figures = "1 figure" if n == 1 else f"{n:,} figures"
    if not n:
        text = f"The reports read give no published figure{when}."
    else:
        text = (
            f"The reports read give {figures}{when}. They are set beside our own counts of the same"
            " period, area, actor and victim group over all reports read, and never added to them."
        )
    if n_other:
        figures = "1 more figure" if n_other == 1 else f"{n_other:,} more figures"
        text += (
            f" {figures} cannot be set against this period: the days are not stated or reach"
            " beyond it."
        )
    if scope.event_types or scope.communities or scope.victim_groups or scope.known != "any":
        text += " They are chosen by period, report and actor only, not by the other filters."
    return text


def _figures(inside: list[Published]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in inside:
        compared = one.compared
        if one.is_arithmetic:
            continue
        rows.append(
            (
                compared.label,
                compared.publisher,
                published_words(compared),
                ours_words(compared),
                difference_words(compared) or "none",
                compared.reason,
                compared.source_id,
            )
        )
    return Table(
        "published-figures",
        "Published figures and our own counts",
        (
            *("Figure", "Publisher", "Published", "Ours", "Difference"),
            *("Why there is no difference", "Report"),
        ),
        tuple(rows),
        "A difference is ours less the published figure. Ours counts all reports read, in the"
        " figure's own period, area, actor and victim groups.",
    )


def _gaps(inside: list[Published]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in inside:
        if not one.is_arithmetic and (gap := gap_of(one.compared)):
            rows.append((one.compared.label, difference_words(one.compared), *gap.cells))
    return Table(
        "published-gaps",
        "What the differences are made of",
        (
            *("Figure", "Difference", "Period", "Scope", "Definition", "Precision"),
            "Unexplained",
        ),
        tuple(rows),
        "The parts and what is unexplained add up to the difference.",
    )


def _arithmetic(inside: list[Published]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (one.compared.label, published_words(one.compared), one.compared.words, one.compared.scope)
        for one in inside
        if one.is_arithmetic
    ]
    return Table(
        "published-arithmetic",
        "Our arithmetic on published figures",
        ("Result", "Value", "How", "Of what"),
        tuple(rows),
        "Nobody published these.",
    )


def _beside(other: list[Published]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            one.compared.label,
            one.compared.publisher,
            published_words(one.compared),
            one.compared.when,
            one.compared.source_id,
        )
        for one in other
    ]
    return Table(
        "published-beside",
        "Published figures that cannot be set against this period",
        ("Figure", "Publisher", "Published", "Of", "Report"),
        tuple(rows),
        f"{len(rows):,} {verb(len(rows), 'figure', 'figures')}; none is compared here.",
    )
