"""The first rows of a file as a choice of columns reads them, beside the rows as they are.

For the form that asks which column means what: it shows at once what a choice makes of a date, a
place or a figure, before the whole file is examined.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from conflictmap.boundaries import BoundaryEdition
from conflictmap.errors import Problem
from conflictmap.ingest.assemble import Assembled, assemble
from conflictmap.ingest.model import Answers, Draft, RawTable, Review
from conflictmap.ingest.profiles.columns import joined
from conflictmap.ingest.profiles.sheet import convert_sheet
from conflictmap.ingest.reading import iter_raw_chunks
from conflictmap.schema import label

SHOWN = 10
READ = 1000
"""Rows that decide how a column is read, such as the order of day and month; the whole file decides
in the end."""

_SOURCE = {"source_id": "first-rows", "title": "", "publisher": "", "source_kind": "spreadsheet"}
_POINT = {"latitude", "longitude"}

_KNOWN_TO = {
    "exact": "exact point",
    "near": "near a place",
    "adm2": "district",
    "adm1": "province",
    "country": "country",
    "abroad": "abroad",
    "unknown": "not known",
}


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a file and what is made of them.

    ``cells`` are the rows as they are. ``read`` has the same rows, indexed by row: Becomes, Date
    (one day, or first and last), Place (names of the units that it is matched to), Known to, Event
    type, Group, Killed, Wounded, Title (text; empty: nothing is stated). ``problems`` has Row,
    Column, Problem, How to mend it.
    """

    cells: pd.DataFrame
    read: pd.DataFrame
    problems: pd.DataFrame


def read_first_rows(content: bytes, name: str, answers: Answers) -> RawTable:
    """Read the beginning of a file: some `READ` rows, by the rules of `reading.read_raw`."""
    file = io.BytesIO(content)
    return next(iter(iter_raw_chunks(file, name, answers=answers, chunk_rows=READ)))


def rows_as_read(
    raw: RawTable,
    columns: Mapping[str, str],
    answers: Answers,
    edition: BoundaryEdition,
    actor_names: Mapping[str, str],
) -> FirstRows:
    """Return the first rows of a file as they would be read, and their problems.

    Parameters
    ----------
    columns
        Field to column of the table, as far as it is chosen. A column that is not there is left
        out, and so is half of a point.
    actor_names
        The name of each armed group by its id.
    """
    numbers = [int(row) for row in raw.cells.index[:SHOWN]]
    chosen = {field: column for field, column in columns.items() if column in raw.cells.columns}
    if len(_POINT & set(chosen)) == 1:
        chosen = {field: column for field, column in chosen.items() if field not in _POINT}
    head = replace(raw, cells=raw.cells.head(READ))
    draft = _only(convert_sheet(head, chosen, answers, profile="mapped"), numbers)
    assembled = assemble(draft, _SOURCE, edition)
    reviews = (*draft.reviews, *assembled.reviews)
    return FirstRows(
        cells=raw.cells.head(SHOWN),
        read=_read_table(numbers, draft, assembled, reviews, edition, actor_names),
        problems=_problems(numbers, draft, reviews, raw.rejected),
    )


def _only(draft: Draft, numbers: list[int]) -> Draft:
    """Return a draft of a few rows."""
    rows = set(numbers)
    return replace(
        draft,
        records=draft.records[draft.records.index.isin(rows)],
        casualties=draft.casualties[draft.casualties["row"].isin(rows)],
        attributions=draft.attributions[draft.attributions["row"].isin(rows)],
        rejected=tuple(problem for problem in draft.rejected if problem.row in rows),
        reviews=tuple(review for review in draft.reviews if review.row in rows),
    )


def _read_table(
    numbers: list[int],
    draft: Draft,
    assembled: Assembled,
    reviews: tuple[Review, ...],
    edition: BoundaryEdition,
    actor_names: Mapping[str, str],
) -> pd.DataFrame:
    records, names = draft.records, edition.units.set_index("code")["name_common"]
    places = assembled.tables["incident_places"].set_index("incident_id")
    places = places.reindex(assembled.rows.index).set_axis(assembled.rows.to_numpy(), axis=0)
    units = places[["adm2_code", "adm1_code"]].apply(lambda codes: codes.map(names))
    columns = {
        "Becomes": _fate(numbers, draft, reviews),
        "Date": _days(records),
        "Place": joined([units["adm2_code"], units["adm1_code"]], ", "),
        "Known to": places["geo_precision"].map(_KNOWN_TO),
        "Event type": records["event_type"].map(label, na_action="ignore"),
        "Group": _groups(draft, actor_names),
        "Killed": _figures(draft, "killed"),
        "Wounded": _figures(draft, "wounded"),
        "Title": records["title"],
    }
    table = pd.DataFrame(
        {name: column.reindex(numbers).astype("str") for name, column in columns.items()},
        index=pd.Index(numbers, name="Row"),
    )
    return table.where(table.notna(), "")


def _fate(numbers: list[int], draft: Draft, reviews: tuple[Review, ...]) -> pd.Series:
    """Return what becomes of each row by what stands in it alone."""
    fates = dict.fromkeys(numbers, "record")
    fates |= {review.row: "to be looked at" for review in reviews}
    fates |= {aside.row: "out of scope" for aside in draft.out_of_scope if aside.row in fates}
    fates |= {problem.row: "rejected" for problem in draft.rejected}
    return pd.Series(fates)


def _days(records: pd.DataFrame) -> pd.Series:
    """Return the day of each record, or the first and the last that it may have been."""
    first, last = (records[name].dt.strftime("%Y-%m-%d") for name in ("date_from", "date_to"))
    return joined([first, last.mask((first == last).fillna(False))], " to ")


def _groups(draft: Draft, actor_names: Mapping[str, str]) -> pd.Series:
    rows = draft.attributions[draft.attributions["actor_id"].notna()]
    names = rows["actor_id"].map(lambda actor: actor_names.get(actor, actor))
    return names.groupby(rows["row"]).agg(", ".join).astype("str")


def _figures(draft: Draft, harm: str) -> pd.Series:
    """Return the figures of a harm in words, group by group where the file splits them."""
    rows = draft.casualties[draft.casualties["harm"] == harm]
    words = [
        _figure(row) + ("" if row.victim_group == "all" else f" {row.victim_group}")
        for row in rows.itertuples()
    ]
    found = pd.Series(words, index=rows["row"], dtype="str")
    return found.groupby(level=0).agg(", ".join).str.replace("_", " ").astype("str")


def _figure(row: Any) -> str:
    low, best, high = (None if pd.isna(end) else int(end) for end in (row.low, row.best, row.high))
    if best is None and low is None and high is None:
        return "no number"
    if best is None:
        return f"{'?' if low is None else low} to {'?' if high is None else high}"
    qualifier = "" if pd.isna(row.qualifier) or row.qualifier == "exactly" else row.qualifier
    return f"{qualifier} {best}".strip()


def _problems(
    numbers: list[int],
    draft: Draft,
    reviews: tuple[Review, ...],
    raw_problems: tuple[Problem, ...],
) -> pd.DataFrame:
    """Return all that is wrong or open in the rows, in their order."""
    last = numbers[-1] if numbers else 0
    found = [
        (problem.row, problem.column, problem.what, problem.mend)
        for problem in (*draft.rejected, *(p for p in raw_problems if p.row <= last))
    ]
    found += [(review.row, review.column, review.reason, "Settle it below.") for review in reviews]
    unknown = draft.attributions[draft.attributions["actor_id"].isna()]
    found += [
        (int(row), "Group", "This name is in no list of ours; it is left out.", "")
        for row in unknown["row"]
    ]
    found.sort(key=lambda problem: problem[0])
    return pd.DataFrame(found, columns=["Row", "Column", "Problem", "How to mend it"])
