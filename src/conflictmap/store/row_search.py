"""The first rows of a table, and the first that contain some words: for those who correct rows.

A table of millions of rows is not read whole to show some of them.
"""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import Viewer, require
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.store.engine import Store
from conflictmap.store.reading import check_revision, latest_revision, read_rows
from conflictmap.store.tables import STORED


def first_rows(
    store: Store, name: str, *, viewer: Viewer, revision: int, most: int, words: str = ""
) -> tuple[pd.DataFrame, int]:
    """Return the first rows of a table by its key, and how many there are.

    Only for those who may publish: words that others are not given could be found by asking.

    Parameters
    ----------
    most
        Rows that are returned at most.
    words
        Only rows that contain them in a stated column; of letters outside ASCII the case counts.
        Empty for all rows.

    Raises
    ------
    QueryError
        If there is no such revision.
    """
    require(viewer, "publish")
    check_revision(revision, latest_revision(store, viewer=viewer))
    stored, table = STORED[name], TABLES[name]
    columns = [stored.c[column] for column in [*table.column_names, "added_in"]]
    # Asked for one after the other, so that an index of the rows that stand gives their order.
    stand = (stored.c.withdrawn_in.is_(None)) & (stored.c.added_in <= revision)
    stood = (stored.c.withdrawn_in > revision) & (stored.c.added_in <= revision)
    found, number = [], 0
    for held in (stand, stood):
        meant = held & _contains(name, words) if words else held
        query = sa.select(*columns).where(meant).order_by(*(stored.c[key] for key in table.key))
        some = read_rows(store, query.limit(most), is_long=True)
        found += some
        count = sa.select(sa.func.count()).where(meant)
        number += len(some) if len(some) < most else read_rows(store, count, is_long=True)[0][0]
    rows = pd.DataFrame(found, columns=[column.name for column in columns])
    rows["added_in"] = rows["added_in"].astype("int64")
    rows = typed_table(table, rows, keep=["added_in"])
    rows = rows.sort_values(list(table.key), kind="stable", ignore_index=True)
    return rows.head(most), int(number)


def _contains(name: str, words: str) -> sa.ColumnElement[bool]:
    """Return the condition that a stated column of a row contains words, as its CSV has it."""
    found: list[sa.ColumnElement[bool]] = []
    for column in TABLES[name].columns:
        if column.is_computed:
            continue
        text: sa.ColumnElement[str] = sa.cast(STORED[name].c[column.name], sa.Text)
        if column.kind == "boolean":
            is_so = STORED[name].c[column.name]
            text = sa.case((is_so.is_(True), "yes"), (is_so.is_(False), "no"))
        found.append(text.icontains(words, autoescape=True))
    return sa.or_(*found)
