"""The difference between our count and a published figure, split by what rows can show.

A part is stated only where a rule computes it from rows. That needs the list behind the figure:
the publisher's own report is coded, all that it lists adds up to the figure, and our count comes
from that report. Then every listed row that we do not count is in the part that keeps it out.
Everywhere else the parts are not coded, and the whole difference is unexplained.
"""

from __future__ import annotations

from dataclasses import dataclass

from conflictmap.brief.model import Cell
from conflictmap.brief.words import signed
from conflictmap.views.figures import Figure, combine
from conflictmap.views.published import Comparison, Listed, known
from conflictmap.views.published_tables import difference_words, listed_difference_words

NOT_CODED = "not coded"

RULE = (
    "Parts of a difference, ours less the published figure, each row of the report in one part."
    " Period: the report lists it, its own words date it outside the figure's period. Precision: it"
    " is not dated to the period, or not placed in the area. Scope: it is dated and placed, but"
    " does not name the figure's actor. Definition: no rule computes it. A part is stated only"
    " where all that the report lists adds up to its figure; else the whole difference is"
    " unexplained, which may be because the events behind the figure are not coded."
)


@dataclass(frozen=True)
class Gap:
    """What a difference is made of: sums of listed rows that we do not count. None: not coded."""

    period: Figure | None
    scope: Figure | None
    definition: Figure | None
    precision: Figure | None
    unexplained: Cell

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Return period, scope, definition, precision and unexplained as parts of ours less it."""
        parts = (self.period, self.scope, self.definition, self.precision)
        return (*(_cell(part) for part in parts), self.unexplained)


def gap_of(compared: Comparison) -> Gap | None:
    """Return what a difference is made of; None where there is no difference to split."""
    if not compared.difference or compared.all_reports is None:
        return None
    listed, same = compared.listed, compared.same_report
    is_whole = (
        listed is not None
        and same is not None
        and compared.listed_difference == 0
        and same.counted == compared.all_reports.counted
    )
    if not is_whole:
        return Gap(None, None, None, None, _number(difference_words(compared)))
    assert listed is not None
    assert same is not None
    has_actor = bool(compared.actor)
    inside = _part(listed, "inside", is_named=True if has_actor else None)
    return Gap(
        period=_part(listed, "outside"),
        scope=_part(listed, "inside", is_named=False) if has_actor else Figure(),
        definition=None,
        precision=combine([_part(listed, "not dated"), _not_placed(inside, same.counted)]),
        unexplained=_number(listed_difference_words(compared)),
    )


def _not_placed(inside: Figure, counted: Figure) -> Figure:
    """Return what is dated to the period and yet not counted: it lies in no area that is known."""
    n = inside.incidents - counted.incidents
    best = (known(inside) or 0) - (known(counted) or 0)
    if not n:
        return Figure()
    is_exact = all(one.low == one.best == one.high for one in (inside, counted) if one.incidents)
    return Figure(best, best, best if is_exact else None, n)


def _part(listed: Listed, standing: str, *, is_named: bool | None = None) -> Figure:
    return combine(
        part.figure
        for part in listed.parts
        if part.standing == standing and is_named in (None, part.is_named)
    )


def _cell(part: Figure | None) -> Cell:
    if part is None:
        return NOT_CODED
    if not part.best:
        return 0 if not part.not_stated else "no figure"
    if part.low == part.best == part.high:
        return -part.best
    if part.low is None:
        return f"around {signed(-part.best)}"
    return f"{signed(-part.best)} or lower" if part.high is None else signed(-part.best)


def _number(words: str) -> Cell:
    """Return words that are a whole number as one."""
    return int(words) if words.removeprefix("-").removeprefix("+").isdecimal() else words
