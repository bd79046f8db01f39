"""Deployments as of a day: the latest dated statement on each unit, and where it points.

A statement tells that something was reported, not that it lasts: an end that nobody stated is not
known, and an old statement stays "last reported", fainter the older it is. Strengths are kept as
stated, never added up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from conflictmap.schema import label
from conflictmap.views.deployment_moves import Move, moves_of
from conflictmap.views.deployment_statements import Standing, Statement, StatementReader
from conflictmap.views.facts import Facts


@dataclass(frozen=True)
class DeploymentsView:
    """What is known of deployments as of a day."""

    day: dt.date | None  # None: no statement has a day
    days: tuple[dt.date, ...]  # every last day of a statement: the stops of the slider
    statements: tuple[Statement, ...]  # numbered from 1, oldest first
    undated: tuple[Statement, ...]
    others: tuple[Statement, ...]  # those of the next three, for the history of a unit
    later: int
    replaced: int  # older than the latest statement on the same unit
    not_yet_published: int  # by the day; a report that does not say when is none
    only_published: bool
    total: int
    reports: tuple[str, ...]
    revision: int
    edition_title: str
    sight_note: str = ""  # see `Facts.sight_note`

    @property
    def is_empty(self) -> bool:
        """Say whether this revision has no statement on deployments at all."""
        return self.total == 0

    @property
    def everything(self) -> tuple[Statement, ...]:
        """Return every statement of the revision, those on the map first."""
        return (*self.statements, *self.undated, *self.others)

    def history(self, statement: Statement) -> tuple[Statement, ...]:
        """Return all that is stated of the unit of a statement, by day; itself where it has none.

        What has no day comes last.
        """
        unit = statement.unit
        if unit is None:
            return (statement,)
        same = [row for row in self.everything if row.unit and row.unit.unit_id == unit.unit_id]
        undated = dt.date.max
        return tuple(sorted(same, key=lambda row: (row.last_day or undated, row.deployment_id)))

    @property
    def moves(self) -> tuple[Move, ...]:
        """Return the lines and marks of the numbered statements."""
        return tuple(move for statement in self.statements for move in moves_of(statement))

    @property
    def not_drawn(self) -> tuple[int, ...]:
        """Return the numbers of the statements without a mark: none of their places is known."""
        drawn = {move.number for move in self.moves}
        return tuple(s.number for s in self.statements if s.number and s.number not in drawn)

    @property
    def caption(self) -> str:
        """Return n of m, what is not shown and why, the reports, edition and revision."""
        shown = len(self.statements)
        day = f", as of {self.day:%Y-%m-%d}" if self.day else ""
        parts = [f"{shown} of {_statements(self.total)}{day}."]
        for n, words in (
            (self.replaced, "older than a later one on the same unit"),
            (self.later, "later than this day"),
            (self.not_yet_published, "in reports not known to be published by this day"),
            (len(self.undated), "without a day, in a list of their own"),
            (len(self.not_drawn), "shown in the table only: the place is not known"),
        ):
            if n:
                parts.append(f"{n} {words}.")
        plural = "Report" if len(self.reports) == 1 else "Reports"
        reports = ", ".join(self.reports) or "none"
        parts.append(f"{plural} behind it ({len(self.reports)}): {reports}.")
        parts += [self.sight_note] if self.sight_note else []
        parts.append(f"Boundaries: {self.edition_title}. Revision {self.revision}.")
        return " ".join(parts)

    @property
    def left_out_words(self) -> str:
        """Return how many statements the day leaves out and why, in words; empty for none."""
        parts = []
        if self.later:
            verb = "is" if self.later == 1 else "are"
            parts.append(f"{_statements(self.later)} {verb} later than this day.")
        if self.not_yet_published:
            verb = "stands" if self.not_yet_published == 1 else "stand"
            parts.append(
                f"{_statements(self.not_yet_published)} {verb} in reports that are not known to be"
                " published by this day."
            )
        return " ".join(parts)


def deployments_as_of(
    facts: Facts, day: dt.date | None = None, *, only_published: bool = False
) -> DeploymentsView:
    """Return what is known of deployments as of a day.

    Of each unit the latest statement up to that day stands, with all that speak of days in common
    with it; statements that name no unit stand each on its own. A statement counts from the last
    day it may speak of: the end of its interval, or its first day where that is known to the day
    and no end is stated. One without such a day is undated. One that was published before its first
    day is a plan: it counts from its publication, and stands until the unit is reported on a day of
    the plan or later.

    Parameters
    ----------
    day
        None for the last day that any statement has.
    only_published
        Leave out what was not published by that day, and what does not say when it was.
    """
    rows = _with_days(facts.tables["deployments"], facts.tables["sources"])
    days = {stamp.date() for stamp in rows["last_day"].dropna()}
    if only_published:
        days |= {stamp.date() for stamp in rows["published"].dropna()}
    if day is None and days:
        day = max(days)
    standing = pd.Series("later", index=rows.index)
    standing[rows["last_day"].isna()] = "without a day"
    if only_published:
        standing[~(rows["published"] <= pd.Timestamp(day))] = "not yet published"
    until = rows[(standing == "later") & (rows["last_day"] <= pd.Timestamp(day))]
    stands = _stands(until)
    standing[until.index] = stands.map({True: "on the map", False: "replaced"})

    read = StatementReader(facts, day)
    kinds: tuple[Standing, ...] = (
        "on the map",
        "without a day",
        "replaced",
        "later",
        "not yet published",
    )
    numbered, undated, *others = (
        tuple(
            read.statement(row, n if kind == "on the map" else None, kind)
            for n, row in enumerate(rows[standing == kind].itertuples(), 1)
        )
        for kind in kinds
    )
    statements = _with_warnings(numbered)
    told = {statement.source_id for statement in (*statements, *undated)}
    order = facts.tables["sources"].sort_values("reading_order")["source_id"]
    return DeploymentsView(
        day=day,
        days=tuple(sorted(days)),
        statements=statements,
        undated=undated,
        others=tuple(statement for group in others for statement in group),
        later=int((standing == "later").sum()),
        replaced=int((standing == "replaced").sum()),
        not_yet_published=int((standing == "not yet published").sum()),
        only_published=only_published,
        total=len(rows),
        reports=tuple(source_id for source_id in order if source_id in told),
        revision=facts.revision,
        edition_title=facts.edition.title,
        sight_note=facts.sight_note,
    )


def freshness(age_days: int | None, half_life_days: int) -> float:
    """Return how strong evidence of an age is drawn: 1 for none, a half at the half-life."""
    return 1.0 if age_days is None else 0.5 ** (max(age_days, 0) / half_life_days)


def statement_table(statements: Iterable[Statement]) -> pd.DataFrame:
    """Return statements as a person reads them, a row each. Text of sources; show it as text only.

    Returns
    -------
    DataFrame
        #, Last reported, Age in days (``Int64``), What, Unit, Echelon, Part of, Strength, Source's
        words, From, To or at, Force, Confidence, May be counted twice, Report; missing is not
        stated.
    """
    rows = list(statements)
    columns: dict[str, list] = {
        "#": [row.number for row in rows],
        "Last reported": [row.when for row in rows],
        "Age in days": [row.age_days for row in rows],
        "What": [row.title for row in rows],
        "Unit": [row.unit.name if row.unit else "" for row in rows],
        "Echelon": [label(row.unit.echelon) if row.unit else "" for row in rows],
        "Part of": [row.unit.parent_name if row.unit else "" for row in rows],
        "Strength": [row.strength.text for row in rows],
        "Source's words": [row.strength.words for row in rows],
        "From": [row.places_of("origin") for row in rows],
        "To or at": [row.places_of("destination") for row in rows],
        "Force": [row.actor_name for row in rows],
        "Confidence": [_confidence(row) for row in rows],
        "May be counted twice": [row.warning for row in rows],
        "Report": [row.source_id for row in rows],
    }
    return _frame(columns, numbers=("#", "Age in days"))


def history_table(statements: Iterable[Statement]) -> pd.DataFrame:
    """Return the statements on one unit, a row each. Text of sources; show it as text only.

    Returns
    -------
    DataFrame
        When, Here (on the map, or why not), What, From, To or at, Low, Best, High (``Int64``),
        Counted in, Source's words, Confidence, Report; missing is not stated.
    """
    rows = list(statements)
    columns: dict[str, list] = {
        "When": [row.when for row in rows],
        "Here": [f"{row.number}" if row.number else row.standing for row in rows],
        "What": [row.title for row in rows],
        "From": [row.places_of("origin") for row in rows],
        "To or at": [row.places_of("destination") for row in rows],
        "Low": [row.strength.low for row in rows],
        "Best": [row.strength.best for row in rows],
        "High": [row.strength.high for row in rows],
        "Counted in": [row.strength.unit for row in rows],
        "Source's words": [row.strength.words for row in rows],
        "Confidence": [_confidence(row) for row in rows],
        "Report": [row.source_id for row in rows],
    }
    return _frame(columns, numbers=("Low", "Best", "High"))


def _frame(columns: dict[str, list], numbers: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype="Int64" if name in numbers else "str")
            for name, values in columns.items()
        }
    ).replace("", None)


def _confidence(statement: Statement) -> str:
    planned = ", planned" if statement.is_planned else ""
    return f"{label(statement.confidence)}{planned}"


def _with_days(rows: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Add what decides when a statement stands, and sort by it.

    ``published``; ``begin`` and ``end``, an open side being the other day; ``is_planned``;
    ``last_day``, missing where nothing bounds it.
    """
    days = dict(zip(sources["source_id"], sources["published_date"], strict=True))
    published = pd.to_datetime(rows["source_id"].map(days))
    is_planned = (rows["date_from"] > published).fillna(False).astype(bool)
    is_day = rows["date_precision"] == "day"
    last_day = rows["date_to"].fillna(rows["date_from"].where(is_day))
    rows = rows.assign(
        published=published,
        begin=rows["date_from"].fillna(rows["date_to"]),
        end=rows["date_to"].fillna(rows["date_from"]),
        is_planned=is_planned,
        last_day=last_day.where(~is_planned, published),
    )
    return rows.sort_values(["last_day", "deployment_id"]).reset_index(drop=True)


def _stands(rows: pd.DataFrame) -> pd.Series:
    """Say which of the statements up to a day stand; see `deployments_as_of`."""
    of_unit: dict[str, list[Any]] = {}
    stands = []
    for row in rows.itertuples():
        if pd.isna(row.unit_id):
            stands.append(row.Index)
        else:
            of_unit.setdefault(row.unit_id, []).append(row)
    for same in of_unit.values():
        seen = [row for row in same if not row.is_planned]
        last_day = max((row.last_day for row in seen), default=None)
        latest = [row for row in seen if row.last_day == last_day]
        for row in same:
            if row.is_planned:
                is_over = any(other.last_day >= row.begin for other in seen)
                stands += [] if is_over else [row.Index]
            elif any(
                row is other or (row.begin <= other.end and row.end >= other.begin)
                for other in latest
            ):
                stands.append(row.Index)
    return pd.Series(rows.index.isin(stands), index=rows.index)


def _with_warnings(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Add the numbers of the statements that may tell of the same people as each."""
    by_unit: dict[str, list[Statement]] = {}
    for row in statements:
        if row.unit:
            by_unit.setdefault(row.unit.unit_id, []).append(row)
    return tuple(
        replace(
            row,
            doubled_with=_numbers(
                other
                for other in by_unit[row.unit.unit_id]
                if other is not row and row.is_elsewhere_at_the_same_time(other)
            ),
            part_of=_numbers(by_unit.get(row.unit.parent_id, ())),
        )
        if row.unit
        else row
        for row in statements
    )


def _numbers(statements: Iterable[Statement]) -> tuple[int, ...]:
    return tuple(row.number for row in statements if row.number)


def _statements(n: int) -> str:
    return "1 statement" if n == 1 else f"{n:,} statements"
