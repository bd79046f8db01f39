"""Rows and deaths by area, day, type and actor: counted a batch at a time, added up a part, merged.

Missing is not zero: a sum is missing where no row gave a figure, and beside each sum stands how
many rows gave none. Each row is in one group only, so the rows of all groups add up to the archive.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

KEYS = (
    "place_bin",
    "adm1_code",
    "adm2_code",
    "day",
    "date_precision",
    "event_type",
    "actor",
)
ENDS = ("low", "best", "high")
SCHEMA = pa.schema(
    [
        *((name, pa.date32() if name == "day" else pa.string()) for name in KEYS),
        ("rows", pa.int64()),
        *((f"deaths_{end}", pa.int64()) for end in ENDS),
        *((f"rows_without_{end}", pa.int64()) for end in ENDS),
    ]
)
NONE = SCHEMA.empty_table()

_FIGURES = SCHEMA.names[len(KEYS) :]
_GROUPS_TO_ADD = 262_144  # so many groups wait until they are added up with the rest


class Tally:
    """Counts that grow by tables of groups; memory by the number of groups, never of rows."""

    def __init__(self) -> None:
        self._added = NONE
        self._waiting: list[pa.Table] = []

    def add(self, groups: pa.Table) -> None:
        """Add groups: rows with a figure each (`rows` is 1), or what others counted."""
        self._waiting.append(groups)
        waiting = sum(table.num_rows for table in self._waiting)
        if waiting > max(_GROUPS_TO_ADD, self._added.num_rows):
            self._added = _summed([self._added, *self._waiting])
            self._waiting = []

    def table(self) -> pa.Table:
        """Return the counts, in an order that does not depend on that of what was added."""
        self._added = _summed([self._added, *self._waiting])
        self._waiting = []
        return self._added.sort_by([(name, "ascending") for name in KEYS])


def groups_of_rows(columns: dict[str, pa.Array]) -> pa.Table:
    """Return the groups of a batch.

    Parameters
    ----------
    columns
        `KEYS` and ``deaths_low``, ``deaths_best``, ``deaths_high``, a row each.
    """
    deaths = {f"deaths_{end}": columns[f"deaths_{end}"] for end in ENDS}
    rows = len(columns[KEYS[0]])
    ones = pa.repeat(pa.scalar(1, pa.int64()), rows)
    absent = {
        f"rows_without_{end}": pc.is_null(deaths[f"deaths_{end}"]).cast(pa.int64()) for end in ENDS
    }
    table = pa.table({**{name: columns[name] for name in KEYS}, "rows": ones, **deaths, **absent})
    return _summed([table.cast(SCHEMA)])


def write_counts(table: pa.Table, path: object) -> None:
    """Write counts as Parquet."""
    pq.write_table(table, path)


def read_counts(file: object) -> pa.Table:
    """Read counts that `write_counts` wrote."""
    return pq.read_table(file, schema=SCHEMA, use_threads=False)


def _summed(tables: Iterable[pa.Table]) -> pa.Table:
    whole = pa.concat_tables(tables)
    least_one = pc.ScalarAggregateOptions(min_count=1)
    summed = whole.group_by(list(KEYS), use_threads=False).aggregate(
        [(name, "sum", least_one) for name in _FIGURES]
    )
    return summed.rename_columns(
        [name.removesuffix("_sum") for name in summed.column_names]
    ).select(SCHEMA.names)
