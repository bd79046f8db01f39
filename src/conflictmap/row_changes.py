"""Rows of one table, as text, compared with what is held: what is new, changed, or to be mended.

A form hands over one row, a file many; both are read, checked and placed here by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from conflictmap.boundaries import BoundaryEdition
from conflictmap.coded_tables import broken_references, parse_record, rows_as_text
from conflictmap.errors import Problem
from conflictmap.frames import row_fingerprints, typed_table
from conflictmap.placing import POINT_COLUMNS, TEXT_COLUMNS, place_rows
from conflictmap.row_rules import Breach, breaches, casualty_breaches, label_breaches
from conflictmap.schema import PLACED_TABLES, TABLES

BINS = ("new", "unchanged", "changed", "rejected", "skipped")

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class RowChanges:
    """What rows would change: ``bins`` names what becomes of each row that was given.

    ``additions`` and ``withdrawals`` are what `store.publish` takes.
    """

    table: str
    bins: pd.Series
    problems: tuple[Problem, ...]
    fields: pd.DataFrame  # row, column, before, after: of the changed rows
    additions: Tables
    withdrawals: Tables


def compare_rows(
    name: str, cells: pd.DataFrame, held: Tables, edition: BoundaryEdition, *, label: str
) -> RowChanges:
    """Say what rows of a table would change.

    A row with a problem is rejected, and with it every row that only that row made possible; the
    others stand.

    Parameters
    ----------
    name
        A table of `schema.TABLES` that has a CSV.
    cells
        The stated columns as text, indexed by the row's number in its file.
    held
        All tables as they are held.
    label
        What problems call the file.
    """
    table = TABLES[name]
    records, problems = [], []
    for number, row in zip(cells.index, cells.to_dict("records"), strict=True):
        record, found = parse_record(table, row, file=label, row=number)
        records.append(record)
        problems += found
    bad = {problem.row for problem in problems}
    given = typed_table(table, records).set_axis(cells.index, axis=0)
    problems += _more_problems(name, given[given.index.isin(bad)], given, held, label)
    rows = given[~given.index.isin(bad)]

    known = held[name].set_axis(_keys(name, held[name]), axis=0)
    keys = pd.Series(_keys(name, rows), index=rows.index, dtype="object")
    problems += [
        Problem(label, number, table.key[0], " / ".join(key), "is already used above.", "Mend it.")
        for number, key in keys[keys.duplicated()].items()
    ]
    rows, keys = rows[~keys.duplicated()], keys[~keys.duplicated()]
    before = pd.Series(_stated(name, known).to_numpy(), index=known.index, dtype="object")
    is_new = ~keys.isin(set(known.index))
    is_same = _stated(name, rows) == keys.map(before.to_dict())
    moving, found = _sound_rows(name, rows[~is_same], is_new, known, keys, held, label)
    problems += found

    bins = pd.Series("rejected", index=cells.index, dtype="object")
    bins[is_same.index[is_same]] = "unchanged"
    bins[moving.index] = is_new[moving.index].map({True: "new", False: "changed"})
    changed = moving[~is_new[moving.index]]
    replaced = known.loc[list(keys[changed.index])].set_axis(changed.index, axis=0)
    additions, withdrawals = _placed(name, moving, replaced, held, edition)
    fields = _fields(name, replaced, changed)
    return RowChanges(name, bins, tuple(problems), fields, additions, withdrawals)


def candidates_of(name: str, rows: pd.DataFrame, held: Tables) -> pd.DataFrame:
    """Return the held rows of ``place_candidates`` that belong to rows of a table."""
    found = held["place_candidates"]
    if name not in PLACED_TABLES:
        return found.iloc[:0]
    places = pd.MultiIndex.from_frame(rows[list(TABLES[name].key[:2])].astype("object"))
    subjects = pd.MultiIndex.from_frame(found[["subject_id", "place_no"]].astype("object"))
    return found[(found["subject_table"] == name).to_numpy() & subjects.isin(places)]


def _more_problems(
    name: str, bad: pd.DataFrame, given: pd.DataFrame, held: Tables, label: str
) -> list[Problem]:
    """Return what else is wrong with rows whose cells cannot all be read, to be mended at once."""
    known = {**held, name: pd.concat([part for part in (held[name], given) if len(part)] or [bad])}
    return [
        Problem(label, *breach)
        for breach in (*label_breaches(name, bad), *_unknown_references(name, bad, known))
    ]


def _unknown_references(name: str, rows: pd.DataFrame, tables: Tables) -> Iterator[Breach]:
    for index, column, value in broken_references(name, rows, tables):
        target = column.refers_to.split(".")[0]
        what = f"there is no such row in {target}."
        yield Breach(index, column.name, value, what, "Add it there first, or mend it.")


def _sound_rows(
    name: str,
    rows: pd.DataFrame,
    is_new: pd.Series,
    known: pd.DataFrame,
    keys: pd.Series,
    held: Tables,
    label: str,
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows that break no rule, and the problems of the others."""
    problems: list[Problem] = []
    while True:
        # Without a rejected row the one that it replaces stays, and another may then be wrong.
        stays = known[~known.index.isin(set(keys[rows.index]))]
        parts = [part for part in (stays[rows.columns].reset_index(drop=True), rows) if len(part)]
        parts = (
            [parts[0].set_axis(-1 - parts[0].index, axis=0), *parts[1:]] if len(stays) else parts
        )
        after = pd.concat(parts) if parts else rows
        found = list(breaches(name, rows))
        found += label_breaches(name, rows[is_new[rows.index]])
        if name == "casualties":
            found += casualty_breaches(after, rows.index)
        found += _unknown_references(name, rows, {**held, name: after})
        if not found:
            return rows, problems
        problems += [Problem(label, *breach) for breach in found]
        rows = rows.drop(index={breach.index for breach in found})


def _placed(
    name: str,
    rows: pd.DataFrame,
    replaced: pd.DataFrame,
    held: Tables,
    edition: BoundaryEdition,
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return additions and withdrawals, the rows placed.

    What is stated of a place may stay while something else of its row changes. Then it stays where
    it is: a person may have confirmed it.
    """
    table = TABLES[name]
    additions, withdrawals = {name: rows}, {name: replaced[table.column_names]}
    if name not in PLACED_TABLES or rows.empty:
        return additions, withdrawals
    stated = [column for column in (*TEXT_COLUMNS, *POINT_COLUMNS) if column in table.column_names]
    now, then = (row_fingerprints(part[stated]) for part in (rows.loc[replaced.index], replaced))
    stays = now.index[now == then]
    moves = rows.drop(index=stays)
    placed, found = place_rows(moves, edition)
    computed = [column.name for column in table.columns if column.is_computed]
    kept = rows.loc[stays].assign(**{column: replaced.loc[stays, column] for column in computed})
    parts = [typed_table(table, part) for part in (placed, kept) if len(part)]
    additions[name] = pd.concat(parts).sort_index()
    of = moves.loc[found["row"]]
    additions["place_candidates"] = typed_table(
        TABLES["place_candidates"],
        pd.DataFrame(
            {
                "subject_table": name,
                "subject_id": of[table.key[0]].to_numpy(),
                "place_no": of[table.key[1]].to_numpy(),
                "unit_code": found["unit_code"].to_numpy(),
            }
        ),
    )
    withdrawals["place_candidates"] = candidates_of(name, replaced.drop(index=stays), held)
    return additions, withdrawals


def _fields(name: str, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return what changes field by field, as text."""
    old, new = rows_as_text(TABLES[name], before), rows_as_text(TABLES[name], after)
    changes = [
        (number, column, old.at[number, column], new.at[number, column])
        for number in new.index
        for column in new.columns
        if old.at[number, column] != new.at[number, column]
    ]
    return pd.DataFrame(changes, columns=["row", "column", "before", "after"])


def _keys(name: str, rows: pd.DataFrame) -> pd.Index:
    """Return the key of each row as a tuple of text."""
    key = rows[list(TABLES[name].key)].astype("str")
    return pd.Index(
        list(key.itertuples(index=False, name=None)), dtype="object", tupleize_cols=False
    )


def _stated(name: str, rows: pd.DataFrame) -> pd.Series:
    return row_fingerprints(rows[TABLES[name].stated_columns])
