"""What is uncertain in a brief: contradictions, open figures, and what no period or place holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from conflictmap.brief.contradictions import Contradiction, casualties_inside, contradictions_of
from conflictmap.brief.model import Cell, Paragraph, Section, Table
from conflictmap.brief.rows import MOST_LISTED, NOT_LISTED, first_by_date, rows_of, titles_of
from conflictmap.brief.scope import period_name
from conflictmap.brief.selection import Array, Selection
from conflictmap.brief.totals import Counts
from conflictmap.brief.words import first_of, incidents, listed, verb
from conflictmap.incident_index import NO_END, NO_START
from conflictmap.summaries import NOT_PLACED
from conflictmap.views.facts import Facts

MOST_STATEMENTS = 40

_COLUMNS = ("When", "What", "Province", "Killed", "Wounded", "Date in the source's words")
_COLUMNS_OF_LISTS = (*_COLUMNS, "Reports")
_OUTSIDE = ("When", "What", "Province", "Killed", "Wounded", "How the date follows")
_COLUMNS_OUTSIDE = (*_OUTSIDE, "Date in the source's words", "Reports")
_STATEMENT = ["incident_id", "statement", "source_id", "paragraph"]


def uncertain_section(counts: Counts) -> Section:
    """Return what a reader must not take for certain."""
    now = counts.now
    lists = not counts.areas.suppressed_areas
    told = _told(now)
    parts = [
        _contradictions(now, told, lists=lists),
        _statements(now, told) if lists else None,
        _figures(told),
        _places(now, lists=lists),
        _dates(now, lists=lists),
        _outside(now) if lists else None,
    ]
    found = [part for part in parts if part is not None]
    paragraphs = [paragraph for paragraph, _ in found]
    if not lists:
        paragraphs.append(Paragraph("uncertain-not-listed", NOT_LISTED))
    tables = tuple(table for _, table in found if table is not None and table.rows)
    return Section("uncertain", "What is uncertain", tuple(paragraphs), tables)


@dataclass(frozen=True)
class _Told:
    """What the rows of the incidents inside the period say."""

    contradictions: list[Contradiction]
    statements: pd.DataFrame  # on incidents that have several; no more than can be listed
    with_several: int  # incidents
    number: int  # of their statements
    figures: int  # of killed and wounded, that count
    kinds: Counter[str]  # of those that are not exact


def _told(now: Selection) -> _Told:
    contradictions: list[Contradiction] = []
    statements: list[pd.DataFrame] = []
    with_several = number = figures = 0
    kinds: Counter[str] = Counter()
    for facts in now.parts():
        contradictions += contradictions_of(now, facts)
        rows = _several(now, facts)
        with_several += int(rows["incident_id"].nunique())
        number += len(rows)
        if number <= MOST_STATEMENTS:
            statements.append(rows)
        rows = casualties_inside(now, facts)
        rows = rows[rows["is_counted"].fillna(False).astype(bool) & rows["harm"].ne("abducted")]
        figures += len(rows)
        kinds.update(_kinds(rows))
    listed_ones = pd.concat(statements) if statements else pd.DataFrame(columns=_STATEMENT)
    return _Told(contradictions, listed_ones, with_several, number, figures, kinds)


def _contradictions(now: Selection, told: _Told, *, lists: bool) -> tuple[Paragraph, Table | None]:
    found = told.contradictions
    if not found:
        text = "No rule finds a contradiction in the rows of the incidents counted."
        return Paragraph("uncertain-contradictions", text), None
    shown = found[:MOST_LISTED]
    titles = titles_of(now.facts, pd.Index([one.incident_id for one in shown]))
    n = len({one.incident_id for one in found})
    text = (
        f"{len(found):,} {verb(len(found), 'contradiction', 'contradictions')} in"
        f" {incidents(n)}: parts above their totals, figures that"
        " differ from the one counted, figures out of order, or attributions that somebody"
        " disputes."
    )
    rows: list[tuple[Cell, ...]] = [
        (title, one.what, one.reports) for title, one in zip(titles, shown, strict=True)
    ]
    table = Table(
        "contradictions",
        "Contradictions",
        ("Incident", "What contradicts", "Reports"),
        tuple(rows),
        first_of(len(shown), len(found), "in the order of the incidents"),
    )
    return Paragraph("uncertain-contradictions", text), table if lists else None


def _several(now: Selection, facts: Facts) -> pd.DataFrame:
    """Return the statements on incidents that have several."""
    reports = facts.tables["incident_sources"]
    rows = reports[now.holds(reports["incident_id"])]
    if now.scope.sources:
        rows = rows[rows["source_id"].isin(now.scope.sources)]
    return rows.loc[rows["incident_id"].duplicated(keep=False), _STATEMENT]


def _statements(now: Selection, told: _Told) -> tuple[Paragraph, Table | None]:
    """Return every statement on incidents that have several: what contradicts in words only."""
    n, rows = told.with_several, told.statements
    if not n:
        return Paragraph("uncertain-statements", "No incident has more than one statement."), None
    text = (
        f"{incidents(n)} {verb(n, 'has', 'have')} more than one statement"
        f" ({told.number:,} together). What differs in words only, no rule finds"
    )
    if told.number > MOST_STATEMENTS:
        return Paragraph("uncertain-statements", f"{text}; they are too many to list."), None
    titles = titles_of(now.facts, pd.Index(rows["incident_id"]))
    cells: list[tuple[Cell, ...]] = [
        (title, _text(row.statement), row.source_id, _number(row.paragraph))
        for title, row in zip(titles, rows.itertuples(), strict=True)
    ]
    table = Table(
        "statements",
        "Incidents with several statements",
        ("Incident", "What is said", "Report", "Paragraph"),
        tuple(cells),
    )
    return Paragraph("uncertain-statements", f"{text}: each is listed."), table


def _kinds(rows: pd.DataFrame) -> dict[str, int]:
    """Return how many figures are not exact and lack an end, by what they are instead."""
    low, best, high = (rows[end].notna() for end in ("low", "best", "high"))
    kinds = {
        "at least, without an upper end": best & low & ~high,
        "around, without either end": best & ~low,
        "a range without a best figure; the lower end is counted": ~best & (low | high),
        "words only; not counted, and no zero": ~best & ~low & ~high,
    }
    return {words: int(which.sum()) for words, which in kinds.items()}


def _figures(told: _Told) -> tuple[Paragraph, None]:
    parts = [f"{number:,} {words}" for words, number in told.kinds.items() if number]
    n = told.figures
    figures = "1 figure" if n == 1 else f"{n:,} figures"
    text = f"Of {figures} of killed and wounded behind the sums, {listed(parts)}."
    if not parts:
        text = (
            f"All {n:,} figures of killed and wounded behind the sums are exact or have both ends."
        )
    if not n:
        text = "No figure of killed or wounded stands behind the sums."
    return Paragraph("uncertain-figures", text), None


def _places(now: Selection, *, lists: bool) -> tuple[Paragraph, Table | None]:
    index = now.near.index
    bin_number = index.bin_names["province"].index(NOT_PLACED)
    which = now.inside & (index.bins["province"] == bin_number)
    n = int(which.sum())
    text = (
        f"{incidents(n)} of the period {verb(n, 'is', 'are')} placed in no single province."
        if n
        else "Every incident counted is placed in a province or abroad."
    )
    text = text if now.inside.any() else "No incident is counted, so none lacks a place."
    table = _list(
        now, now.near, which, "not-placed", "Not placed in one province", _COLUMNS_OF_LISTS
    )
    return Paragraph("uncertain-places", text), table if lists else None


def _dates(now: Selection, *, lists: bool) -> tuple[Paragraph, Table | None]:
    period = now.scope.period
    if period.is_all_dates:
        index = now.near.index
        has_none = (index.first_day == NO_START) & (index.sorts_last == NO_END)
        n = int((now.inside & has_none).sum())
        text = f"{incidents(n)} {verb(n, 'has', 'have')} no date and {verb(n, 'counts', 'count')}"
        return Paragraph("uncertain-dates", f"{text} here, as all dates are in scope."), None
    n = int(now.not_dated.sum())
    text = (
        f"{incidents(n)} {verb(n, 'is', 'are')} not dated to this period ({period_name(period)})"
        " and may or may not belong to it."
        if n
        else "Every incident that passes the filters is dated to this period or outside it."
    )
    title = "Not dated to this period"
    table = _list(now, now.near, now.not_dated, "not-dated", title, _COLUMNS_OF_LISTS)
    return Paragraph("uncertain-dates", text), table if lists else None


def _outside(now: Selection) -> tuple[Paragraph, Table | None] | None:
    """Return what the chosen reports tell of and date elsewhere; for all reports it is too much."""
    n = int(now.outside.sum())
    if not now.scope.sources or not n:
        return None
    n_reports = len(now.scope.sources)
    text = (
        f"{incidents(n)} that {verb(n_reports, 'this report tells', 'these reports tell')} of"
        f" {verb(n, 'lies', 'lie')} outside the period by {verb(n_reports, 'its', 'their')} own"
        f" words, and {verb(n, 'is', 'are')} not counted"
    )
    if n <= 3:
        ids = first_by_date(now.facts, now.outside)
        cells = rows_of(now, ids, ("What", "When", "Date in the source's words"))
        text += ": " + "; ".join(
            f"{what}, {when}" + (f' ("{words}")' if words else "") for what, when, words in cells
        )
    title = "Outside the period by the report's own words"
    return (
        Paragraph("uncertain-outside", f"{text}."),
        _list(now, now.facts, now.outside, "outside", title, _COLUMNS_OUTSIDE),
    )


def _list(
    now: Selection, facts: Facts, which: Array, key: str, title: str, columns: tuple[str, ...]
) -> Table | None:
    n = int(which.sum())
    if not n:
        return None
    ids = first_by_date(facts, which)
    note = first_of(len(ids), n, "by date, those without one last")
    return Table(key, title, columns, rows_of(now, ids, columns), note)


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
