"""Making a brief: the same facts and the same scope give the same brief."""

from __future__ import annotations

from conflictmap.brief.change import change_section
from conflictmap.brief.concentration import concentration_section
from conflictmap.brief.model import Brief
from conflictmap.brief.movements import movements_section
from conflictmap.brief.notable import notable_section
from conflictmap.brief.published import published_section
from conflictmap.brief.scope import BriefScope, period_name, period_words
from conflictmap.brief.selection import Selection, select
from conflictmap.brief.totals import count, headlines, totals_section
from conflictmap.brief.uncertain import uncertain_section
from conflictmap.brief.words import incidents, verb
from conflictmap.mark import SENTENCE
from conflictmap.views.facts import Facts
from conflictmap.views.filter_words import filter_words
from conflictmap.views.map_view import reports_behind
from conflictmap.views.query import MapQuery, check_query


def make_brief(facts: Facts, scope: BriefScope, *, suppress_below: int = 0) -> Brief:
    """Return the brief of a scope at the revision of the facts.

    Parameters
    ----------
    suppress_below
        Provinces with 1 to n - 1 incidents are not shown singly, and then no single incident is
        listed.

    Raises
    ------
    QueryError
        If the scope names an actor or a report that does not exist at this revision, or has more
        incidents than can be read.
    """
    check_query(MapQuery(chosen=scope), facts)
    now = select(facts, scope)
    now.check_size()
    counts = count(now, suppress_below)
    headline = headlines(counts)
    reports = reports_behind(now.near, scope)
    filters = filter_words(facts, scope)
    period = period_words(scope.period)
    return Brief(
        title=f"Afghanistan, {period_name(scope.period)}: what the reports read say",
        subtitle=". ".join((f"Period: {period}", *filters)) + ".",
        scope=scope,
        revision=facts.revision,
        edition_id=facts.edition.edition_id,
        edition_title=facts.edition.title,
        disclaimer=facts.edition.disclaimer,
        is_synthetic=facts.is_synthetic,
        sight=facts.sight,
        policy=facts.policy,
        reports=reports,
        headline=headline,
        sections=(
            totals_section(counts),
            change_section(counts, headline),
            concentration_section(counts),
            notable_section(counts),
            movements_section(facts, scope),
            published_section(facts, scope, suppress_below),
            uncertain_section(counts),
        ),
        notes=_notes(now, reports),
    )


def _notes(now: Selection, reports: tuple[str, ...]) -> tuple[str, ...]:
    facts = now.facts
    read = len(facts.tables["sources"])
    notes = [SENTENCE] if facts.is_synthetic else []
    behind = ", ".join(reports) or "none"
    notes += [
        f"Reports behind the incidents counted ({len(reports):,} of {read:,} read): {behind}.",
        "An incident counts in a period when every day that it may have happened on lies in it."
        " What only overlaps the period, or has no date, is not dated to it.",
        'A sum is over the figures that were given. "At least" has no upper end, "about" no end at'
        " all; what was not stated is never zero.",
        "Counts are of reports that were read, not of all that happened.",
    ]
    by_first_day = int((now.inside & now.near.index.counts_by_first_day).sum())
    if by_first_day and not now.scope.period.is_all_dates:
        notes.append(
            f"{incidents(by_first_day)} {verb(by_first_day, 'is', 'are')} counted by the first day,"
            " as the source's codebook does."
        )
    notes += [facts.sight_note] if facts.sight_note else []
    return (*notes, f"Boundaries: {facts.edition.title}. Revision {facts.revision}.")
