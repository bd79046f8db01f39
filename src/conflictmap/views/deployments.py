"""Deployments as of a day: the latest dated statement on each unit, and where it points.

A statement tells that something was reported, not that it lasts: an end that nobody stated is not
known, and an old statement stays "last reported". Strengths are kept as stated, never added up.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from conflictmap.errors import QueryError
from conflictmap.schema import label
from conflictmap.views.deployment_statements import Spot, Statement, StatementReader
from conflictmap.views.facts import Facts


@dataclass(frozen=True)
class Move:
    """One line or mark of the map: numbers and codes, no word of a source.

    From ``origin`` to ``spot``; a mark at ``spot`` alone where the origin is not known. With
    ``is_origin`` the ``spot`` is where it left from, because no destination is known.
    """

    number: int
    kind: str
    origin: Spot | None
    spot: Spot
    is_origin: bool = False


@dataclass(frozen=True)
class DeploymentsView:
    """What is known of deployments as of a day."""

    day: dt.date | None  # None: no statement has a day
    days: tuple[dt.date, ...]  # every last day of a statement: the stops of the slider
    statements: tuple[Statement, ...]  # numbered from 1, oldest first
    undated: tuple[Statement, ...]
    later: int
    replaced: int  # older than the latest statement on the same unit
    total: int
    reports: tuple[str, ...]
    revision: int
    edition_title: str

    @property
    def is_empty(self) -> bool:
        """Say whether this revision has no statement on deployments at all."""
        return self.total == 0

    @property
    def moves(self) -> tuple[Move, ...]:
        """Return the lines and marks of the numbered statements."""
        return tuple(move for statement in self.statements for move in _moves(statement))

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
            (len(self.undated), "without a day, in a list of their own"),
            (len(self.not_drawn), "shown in the table only: the place is not known"),
        ):
            if n:
                parts.append(f"{n} {words}.")
        plural = "Report" if len(self.reports) == 1 else "Reports"
        reports = ", ".join(self.reports) or "none"
        parts.append(f"{plural} behind it ({len(self.reports)}): {reports}.")
        parts.append(f"Boundaries: {self.edition_title}. Revision {self.revision}.")
        return " ".join(parts)

    @property
    def later_words(self) -> str:
        """Return how many statements are later than the day, in words; empty for none."""
        verb = "is" if self.later == 1 else "are"
        return f"{_statements(self.later)} {verb} later than this day." if self.later else ""


def deployments_as_of(facts: Facts, day: dt.date | None = None) -> DeploymentsView:
    """Return what is known of deployments as of a day.

    Of each unit the latest statement up to that day stands (all of them, where several share that
    day); statements that name no unit stand each on its own. A statement counts from the last day
    it may speak of: the end of its interval, or its first day where that is known to the day and no
    end is stated. One without such a day is undated.

    Parameters
    ----------
    day
        None for the last day that any statement has.
    """
    rows = facts.tables["deployments"]
    last_day = _last_days(rows)
    days = tuple(sorted({stamp.date() for stamp in last_day.dropna()}))
    if day is None and days:
        day = days[-1]
    rows = rows.assign(last_day=last_day)
    dated = rows[last_day.notna()]
    until = dated[dated["last_day"] <= pd.Timestamp(day)] if day else dated
    latest = until.groupby("unit_id")["last_day"].transform("max")  # missing where no unit is named
    standing = until[until["unit_id"].isna() | (until["last_day"] == latest)]
    standing = standing.sort_values(["last_day", "deployment_id"])
    undated = rows[last_day.isna()].sort_values("deployment_id")

    read = StatementReader(facts, day)
    statements = tuple(read.statement(row, n) for n, row in enumerate(standing.itertuples(), 1))
    without_day = tuple(read.statement(row, None) for row in undated.itertuples())
    told = {statement.source_id for statement in (*statements, *without_day)}
    order = facts.tables["sources"].sort_values("reading_order")["source_id"]
    return DeploymentsView(
        day=day,
        days=days,
        statements=statements,
        undated=without_day,
        later=len(dated) - len(until),
        replaced=len(until) - len(standing),
        total=len(rows),
        reports=tuple(source_id for source_id in order if source_id in told),
        revision=facts.revision,
        edition_title=facts.edition.title,
    )


def statement_table(statements: Iterable[Statement]) -> pd.DataFrame:
    """Return statements as a person reads them, a row each. Text of sources; show it as text only.

    Returns
    -------
    DataFrame
        #, Last reported, Age in days (``Int64``), What, Unit, Echelon, Part of, Strength, Source's
        words, From, To or at, Force, Confidence, Report; missing is not stated.
    """
    rows = list(statements)
    columns: dict[str, list] = {
        "#": [row.number for row in rows],
        "Last reported": [row.when for row in rows],
        "Age in days": [row.age_days for row in rows],
        "What": [row.title for row in rows],
        "Unit": [row.unit.name if row.unit else "" for row in rows],
        "Echelon": [row.unit.echelon if row.unit else "" for row in rows],
        "Part of": [row.unit.parent_name if row.unit else "" for row in rows],
        "Strength": [row.strength.text for row in rows],
        "Source's words": [row.strength.words for row in rows],
        "From": [row.places_of("origin") for row in rows],
        "To or at": [row.places_of("destination") for row in rows],
        "Force": [row.actor_name for row in rows],
        "Confidence": [label(row.confidence) for row in rows],
        "Report": [row.source_id for row in rows],
    }
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype="Int64" if name in ("#", "Age in days") else "str")
            for name, values in columns.items()
        }
    ).replace("", None)


def read_day(text: str) -> dt.date:
    """Read the day of a link.

    Raises
    ------
    QueryError
        If it is no calendar date written as YYYY-MM-DD.
    """
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise QueryError(
        "'asof' is not a calendar date. Write it as YYYY-MM-DD, for example 2022-02-13."
    )


def _last_days(rows: pd.DataFrame) -> pd.Series:
    """Return the last day each statement may speak of; missing where nothing bounds it."""
    is_day = rows["date_precision"] == "day"
    return rows["date_to"].fillna(rows["date_from"].where(is_day))


def _moves(statement: Statement) -> list[Move]:
    """Fan a numbered statement out: a line from each origin to each destination."""
    if statement.number is None:
        return []
    number, kind = statement.number, statement.kind
    spots: dict[str, list[Spot]] = {"origin": [], "destination": []}
    for place in statement.places:
        if place.spot and place.spot not in spots[place.role]:
            spots[place.role].append(place.spot)
    if not spots["destination"]:
        return [Move(number, kind, None, spot, is_origin=True) for spot in spots["origin"]]
    origins: list[Spot | None] = [*spots["origin"]] or [None]
    return [
        Move(number, kind, None if origin == spot else origin, spot)
        for spot in spots["destination"]
        for origin in origins
    ]


def _statements(n: int) -> str:
    return "1 statement" if n == 1 else f"{n:,} statements"
