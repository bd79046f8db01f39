"""What a store may hold: a real one no row that is made up, a synthetic one nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from conflictmap.errors import StoreError
from conflictmap.mark import ID_START, MARK, marked_title
from conflictmap.schema import TABLES
from conflictmap.store.engine import Kind

_FOUND_BY_JOINS = "place_candidates"  # they belong to the row that they were found for


def checked_additions(additions: Mapping[str, pd.DataFrame], kind: Kind) -> dict[str, pd.DataFrame]:
    """Return the rows as a store of a kind takes them: a synthetic one marks the titles of sources.

    Raises
    ------
    StoreError
        If a row is not of the store's kind.
    """
    for name, rows in additions.items():
        if kind == "real":
            _refuse_marked(name, rows)
        else:
            _refuse_unmarked(name, rows)
    if kind == "real" or "sources" not in additions:
        return dict(additions)
    sources = additions["sources"]
    titles = sources["title"].map(marked_title, na_action="ignore")
    return {**additions, "sources": sources.assign(title=titles)}


def _refuse_marked(name: str, rows: pd.DataFrame) -> None:
    for column in TABLES[name].columns:
        is_id = column.name in TABLES[name].key or bool(column.refers_to)
        if column.kind != "text" or not is_id or column.name not in rows:
            continue
        marked = rows.loc[rows[column.name].str.contains(ID_START, regex=False, na=False)]
        if len(marked):
            raise StoreError(
                f"Nothing was published: {name}, {column.name}: '{marked[column.name].iloc[0]}' is"
                " made up, and this store holds what reports say. Publish it in a synthetic store."
            )
    if name == "sources" and rows["title"].str.startswith(MARK, na=False).any():
        raise StoreError(
            "Nothing was published: a source whose title begins with SYNTHETIC is made up, and this"
            " store holds what reports say. Publish it in a synthetic store."
        )


def _refuse_unmarked(name: str, rows: pd.DataFrame) -> None:
    if name == _FOUND_BY_JOINS:
        return
    column = "source_id" if "source_id" in rows else TABLES[name].key[0]
    bare = rows.loc[~rows[column].str.startswith(ID_START, na=False)]
    if len(bare):
        raise StoreError(
            f"Nothing was published: {name}, {column}: this store is synthetic, and takes only rows"
            f" that are marked as made up. Let the {column} begin with {ID_START}, for example"
            f" {ID_START}exercise, or publish in the store of real data."
        )
