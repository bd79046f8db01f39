"""The parts of a draft, in the shape of the contract, and the draft itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from conflictmap.errors import Problem
from conflictmap.ingest.cells import Fault, Faults
from conflictmap.ingest.coordinates import CoordinatesRead
from conflictmap.ingest.dates import DatesRead
from conflictmap.ingest.model import (
    ACTOR_COLUMNS,
    CASUALTY_COLUMNS,
    RECORD_COLUMNS,
    Draft,
    Question,
    Review,
    Skipped,
)
from conflictmap.ingest.numbers import FiguresRead
from conflictmap.ingest.profiles.columns import Cells, blank_as_missing

DATES = ("date_from", "date_to")
POINT = ("latitude", "longitude")
FIGURES = ("low", "best", "high")

ColumnsRead = TypeVar("ColumnsRead", DatesRead, CoordinatesRead, FiguresRead)

DATE_OPEN = "The order, century or calendar of its date is not settled."
POINT_OPEN = "Latitude and longitude may be exchanged."


def make_draft(
    *,
    profile: str,
    counting_date: str,
    records: pd.DataFrame,
    casualties: Sequence[pd.DataFrame],
    attributions: Sequence[pd.DataFrame],
    problems: Iterable[Problem],
    reviews: Iterable[Review] = (),
    questions: Iterable[Question] = (),
    out_of_scope: Iterable[Skipped] = (),
    notes: Iterable[str] = (),
) -> Draft:
    """Return a draft in which each row stands once.

    A row with a problem is rejected: it leaves the records, its figures and statements with it.
    A question that two columns ask alike is asked once.
    """
    found = tuple(sorted(problems, key=lambda problem: problem.row))
    if found:
        records = records.drop(index=list({problem.row for problem in found}), errors="ignore")
    tables = []
    for parts, names in ((casualties, CASUALTY_COLUMNS), (attributions, ACTOR_COLUMNS)):
        table = _one_table(parts, names)
        is_kept = table["row"].isin(records.index)
        tables.append(table if is_kept.all() else table[is_kept].reset_index(drop=True))
    return Draft(
        profile=profile,
        counting_date=counting_date,
        records=records,
        casualties=tables[0],
        attributions=tables[1],
        rejected=found,
        out_of_scope=tuple(out_of_scope),
        reviews=tuple(review for review in reviews if review.row in records.index),
        questions=tuple({question.key: question for question in questions}.values()),
        notes=tuple(dict.fromkeys(notes)),
    )


def with_casualties(draft: Draft, parts: Sequence[pd.DataFrame]) -> Draft:
    """Return a draft with more figures; those of rows that it rejects are left out."""
    more = _one_table(parts, CASUALTY_COLUMNS)
    more = more[more["row"].isin(draft.records.index)]
    if more.empty:
        return draft
    table = pd.concat([draft.casualties, more]).sort_values("row", kind="stable")
    return replace(draft, casualties=table.reset_index(drop=True))


def open_reviews(
    cells: Cells, dates: Mapping[str, DatesRead], points: CoordinatesRead | None = None
) -> list[Review]:
    """Return the rows that wait for an answer, a review a column."""
    waiting = [(name, read.open_rows, DATE_OPEN) for name, read in dates.items()]
    if points is not None:
        waiting.append(("latitude", points.open_rows, POINT_OPEN))
    return [
        Review(int(row), cells.written(name), reason)
        for name, rows, reason in waiting
        for row in rows
    ]


def only_rows(read: ColumnsRead, rows: pd.Index) -> ColumnsRead:
    """Return what was read of columns for some rows that follow one another, in rising order.

    Questions and notes are of the whole columns, and stay.
    """
    first, last = rows[0], rows[-1]
    kept: dict[str, object] = {}
    for name, value in vars(read).items():
        if isinstance(value, pd.Series):
            kept[name] = value.loc[first:last]
        elif isinstance(value, pd.Index):
            kept[name] = value[(value >= first) & (value <= last)]
        elif isinstance(value, dict):
            kept[name] = {row: fault for row, fault in value.items() if first <= row <= last}
    return replace(read, **kept)  # type: ignore[arg-type]


def questions_of(
    dates: Iterable[DatesRead], points: CoordinatesRead | None = None
) -> list[Question]:
    """Return what the columns of dates and of coordinates ask."""
    asked = [question for read in dates for question in read.questions]
    return [*asked, points.question] if points is not None and points.question else asked


def records_table(index: pd.Index, columns: Mapping[str, object]) -> pd.DataFrame:
    """Return records with every column of the contract and its type; what is not given is missing.

    Raises
    ------
    KeyError
        If a column is none of the contract's.
    """
    unknown = set(columns) - set(RECORD_COLUMNS)
    if unknown:
        raise KeyError(f"no columns of records: {sorted(unknown)}")
    table: dict[str, pd.Series] = {}
    for name in RECORD_COLUMNS:
        value = columns.get(name)
        given = value if isinstance(value, pd.Series) else pd.Series(value, index=index)
        if name in DATES:
            table[name] = pd.to_datetime(given).astype("datetime64[s]")
        elif name in POINT:
            table[name] = given.astype("float64")
        else:
            table[name] = blank_as_missing(given.astype("str"))
    return pd.DataFrame(table, index=index)


def figures(rows: pd.Series | pd.Index, **columns: object) -> pd.DataFrame:
    """Return one figure a row: ``row`` and the given columns, in the order of the rows."""
    index = rows if isinstance(rows, pd.Index) else rows.index[rows.to_numpy(dtype=bool)]
    given = {
        name: value.reindex(index) if isinstance(value, pd.Series) else value
        for name, value in columns.items()
    }
    return pd.DataFrame({"row": index, **given}, index=index)


def faulty(chosen: pd.Series, fault: Fault) -> Faults:
    """Return the same fault for each of the chosen rows."""
    return dict.fromkeys(rows_of(chosen), fault)


def rows_of(chosen: pd.Series) -> list[int]:
    """Return the numbers of the chosen rows."""
    return [int(row) for row in chosen.index[chosen.to_numpy(dtype=bool)]]


def _one_table(parts: Sequence[pd.DataFrame], names: tuple[str, ...]) -> pd.DataFrame:
    """Return tables of figures or statements as one, by row; what a part lacks is missing."""
    kept = [part for part in parts if len(part)]
    if not kept:
        kept = [pd.DataFrame({"row": pd.Series([], dtype="int64")})]
    table = pd.concat([_typed(part, names) for part in kept], ignore_index=True)
    return table.sort_values("row", kind="stable", ignore_index=True)


def _typed(part: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    table: dict[str, pd.Series] = {}
    for name in names:
        given = part[name] if name in part.columns else pd.Series(None, index=part.index)
        if name == "row":
            table[name] = given.astype("int64")
        elif name in FIGURES:
            table[name] = given.astype("Int64")
        else:
            table[name] = blank_as_missing(given.astype("str"))
    return pd.DataFrame(table, index=part.index)
