"""Rows of two revisions of one table, compared: what came, what went, which fields differ.

Rows are told apart by the key of their table and compared by their content. The revision that added
a row is no part of it: what was withdrawn and published again as it was has not changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.distinct import combinations
from conflictmap.schema import TABLES

FIELD_COLUMNS = ["incident_id", "table", "row", "kind", "column", "before", "after"]
"""``row`` is the rest of the row's key; ``kind`` says what became of the row: added, withdrawn or
changed. ``before`` and ``after`` are text, empty where nothing was stated."""

# Tables whose first key column is not the incident that they are about.
_OWNER = {"place_candidates": "subject_id"}


@dataclass(frozen=True)
class RowDifference:
    """How two states of a table differ; ``before`` and ``after`` are aligned row by row."""

    added: pd.DataFrame
    withdrawn: pd.DataFrame
    before: pd.DataFrame  # the rows in both whose content differs
    after: pd.DataFrame


def row_difference(name: str, before: pd.DataFrame, after: pd.DataFrame) -> RowDifference:
    """Compare two states of a table of the schema by key and content."""
    key, columns = list(TABLES[name].key), TABLES[name].column_names
    if before is after or (before.empty and after.empty):
        nothing = before[columns].iloc[:0]
        return RowDifference(nothing, nothing, nothing, nothing)
    numbers, _ = combinations(
        [np.concatenate([_values(before[column]), _values(after[column])]) for column in key]
    )
    old, new = numbers[: len(before)], numbers[len(before) :]
    count = int(numbers.max(initial=-1)) + 1
    row_before, row_after = (np.full(count, -1, dtype="int64") for _ in range(2))
    row_before[old], row_after[new] = np.arange(len(old)), np.arange(len(new))
    both = np.flatnonzero((row_before >= 0) & (row_after >= 0))
    left = before.iloc[row_before[both]].reset_index(drop=True)
    right = after.iloc[row_after[both]].reset_index(drop=True)
    differs = np.zeros(len(both), dtype=bool)
    for column in columns:
        if column not in key:
            differs |= _differs(left[column], right[column])
    return RowDifference(
        added=after[row_before[new] < 0][columns],
        withdrawn=before[row_after[old] < 0][columns],
        before=left.loc[differs, columns].reset_index(drop=True),
        after=right.loc[differs, columns].reset_index(drop=True),
    )


def changed_fields(
    name: str, difference: RowDifference, incidents: pd.Index, *, without: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return the fields of rows about some incidents that differ, as text.

    Of a row that was added or withdrawn every field that was stated is told.

    Parameters
    ----------
    name
        A table whose rows are about incidents.
    incidents
        Only rows about these.
    without
        Columns that are told elsewhere.

    Returns
    -------
    DataFrame
        `FIELD_COLUMNS`, in the order of the table's rows.
    """
    table, owner = TABLES[name], _OWNER.get(name, "incident_id")
    told = [column for column in table.columns if column.name not in (*table.key, *without, owner)]
    nothing = difference.after.iloc[:0]
    parts = []
    for kind, before, after in (
        ("changed", difference.before, difference.after),
        ("added", nothing, difference.added),
        ("withdrawn", difference.withdrawn, nothing),
    ):
        rows = after if kind == "added" else before
        if rows.empty:
            continue
        kept = is_in(rows[owner], incidents)
        rows = rows[kept]
        sides = [side[kept] if len(side) else side for side in (before, after)]
        labels = _row_labels(name, rows)
        for column in told:
            texts = [
                as_text(side[column.name], column.kind) if len(side) else np.full(len(rows), "")
                for side in sides
            ]
            differs = texts[0] != texts[1]
            if kind == "changed":  # two texts may be alike where two numbers are not
                differs = differs | _differs(sides[0][column.name], sides[1][column.name])
            parts.append(
                pd.DataFrame(
                    {
                        "incident_id": rows.loc[differs, owner].to_numpy(dtype=object),
                        "table": name,
                        "row": labels[differs],
                        "kind": kind,
                        "column": column.name,
                        "before": texts[0][differs],
                        "after": texts[1][differs],
                    }
                )
            )
        parts += _bare_rows(name, rows, labels, kind, told, owner)
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=FIELD_COLUMNS, dtype="str")
    found = pd.concat(filled)
    found = found.astype(dict.fromkeys(FIELD_COLUMNS, "str"))
    return found.sort_values(["incident_id", "row"], kind="stable", ignore_index=True)


def is_in(ids: pd.Series | pd.Index, known: pd.Index) -> np.ndarray[Any, Any]:
    """Tell which ids are among known ones, each of which stands there once: quicker than `isin`."""
    return known.get_indexer(pd.Index(ids)) >= 0


def as_text(values: pd.Series, kind: str) -> np.ndarray[Any, Any]:
    """Return values as a reader sees them: dates as YYYY-MM-DD, yes or no, missing as nothing."""
    if kind == "date":
        texts = values.dt.strftime("%Y-%m-%d")
    elif kind == "boolean":
        texts = values.map({True: "yes", False: "no"}, na_action="ignore")
    elif kind == "number":
        texts = values.map(lambda number: f"{number:.10g}", na_action="ignore")
    else:
        texts = values.astype("str")
    return texts.astype("object").where(values.notna(), "").to_numpy(dtype=object)


def _bare_rows(
    name: str,
    rows: pd.DataFrame,
    labels: np.ndarray[Any, Any],
    kind: str,
    told: list[Any],
    owner: str,
) -> list[pd.DataFrame]:
    """Return a line for each row that came or went and states nothing beside its key."""
    if kind == "changed" or rows.empty:
        return []
    is_bare = rows[[column.name for column in told]].isna().all(axis=1).to_numpy(dtype=bool)
    ids = rows.loc[is_bare, owner].to_numpy(dtype=object)
    nothing = {"column": "", "before": "", "after": ""}
    line = {"incident_id": ids, "table": name, "row": labels[is_bare], "kind": kind, **nothing}
    return [pd.DataFrame(line)]


def _row_labels(name: str, rows: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return what tells a row from the others of its incident: the rest of its key."""
    rest = [c for c in TABLES[name].key if c not in ("incident_id", "subject_table", "subject_id")]
    labels = np.full(len(rows), "", dtype=object)
    for column in rest:
        texts = rows[column].astype("str").to_numpy(dtype=object)
        labels = texts if column == rest[0] else labels + " " + texts
    return labels


def _values(column: pd.Series) -> np.ndarray[Any, Any]:
    if pd.api.types.is_integer_dtype(column.dtype):
        return column.to_numpy(dtype="float64", na_value=np.nan)
    return column.to_numpy(dtype=object)


def _differs(left: pd.Series, right: pd.Series) -> np.ndarray[Any, Any]:
    """Return where two aligned columns differ; missing equals missing."""
    same = (left == right).to_numpy(dtype=bool, na_value=False)
    neither = left.isna().to_numpy(dtype=bool) & right.isna().to_numpy(dtype=bool)
    return ~(same | neither)
