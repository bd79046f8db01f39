"""One part joined: read in batches, located, counted, written; the work of one task.

The same function runs in the process of the command and on a worker. It decides nothing about an
incident that `districts.assign_districts` does not decide.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from conflictmap.cluster.columns import Columns
from conflictmap.cluster.counts import Tally, groups_of_rows, write_counts
from conflictmap.cluster.layouts import UNKNOWN_PRECISION, ColumnMapping, Layout, Meaning, layout_of
from conflictmap.cluster.reading import BATCH_ROWS, Batches, CsvForm, open_batches, schema_with
from conflictmap.cluster.storage import Folder, Part
from conflictmap.districts import (
    TELLS_PROVINCE,
    PreparedDistricts,
    assign_districts,
    usable_points,
)

ADDED = ("adm1_code", "adm2_code", "join_method", "place_bin")
"""The columns that the join adds to those of the part."""

BINS = (
    "district",
    "province_only",  # what the point stands for tells no district
    "abroad",  # another country is stated
    "point_not_read",  # text where a number should be
    "no_point",
    "precision_not_known",  # a code that is none of the layout's
    "not_precise",  # the point stands for no province
    "outside",  # of the border, by more than the snap distance
)
"""Where a row ends, exactly one of them: with a unit, or why it has none."""

REMARKS = (
    "precision_not_stated",  # taken as `layouts.UNSTATED_PRECISION`
    "nearest",  # a point just outside the border: has the nearest district
    "day_not_read",
    "figure_not_read",
    "figures_out_of_order",  # low above best, or best above high; kept as published
)
"""What else is told of rows, in numbers. They are not bins: a row may have several."""


@dataclass(frozen=True)
class Order:
    """What every part is joined by. ``sha256`` changes with anything that decides on the result."""

    folder: Folder
    layer_sha256: str
    versions: dict[str, str]
    mapping: ColumnMapping | None = None
    csv: CsvForm = field(default_factory=CsvForm)
    snap_km: float = 2.0
    batch_rows: int = BATCH_ROWS

    @property
    def sha256(self) -> str:
        """Return the hash of all that decides on the result, but for the part itself."""
        told = dataclasses.asdict(dataclasses.replace(self, folder=Folder("")))
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def join_part(part: Part, order: Order, districts: PreparedDistricts) -> dict[str, Any]:
    """Join a part, write its results and then its account, and return the account.

    Until the account is written the part is not done: a process that ends before leaves nothing
    that counts.

    Raises
    ------
    IncidentFileError
        If the part cannot be used, with the row where it is one.
    OSError
        If it cannot be read, or a result not be written.
    """
    with open_batches(part, order.csv, order.batch_rows) as batches:
        layout = layout_of(batches.schema.names, order.mapping)
        work = _Work(order, districts, layout, batches)
        joined = order.folder.write(f"joined/{part.stem}.parquet", work.write)
    counts = order.folder.write(
        f"parts/{part.stem}.counts.parquet", lambda made: write_counts(work.tally.table(), made)
    )
    account = {
        "part": part.label,
        **identity(part, order),
        "layout": layout.name,
        "layout_label": layout.label,
        "rows_in": work.rows_in,
        "rows_out": sum(work.bins.values()),
        "blank_lines": batches.blank_lines,
        "bins": {name: work.bins[name] for name in BINS},
        "remarks": {name: work.remarks[name] for name in REMARKS},
        "joined": joined,
        "counts": counts,
    }
    order.folder.write_json(f"parts/{part.stem}.json", account)
    return account


def identity(part: Part, order: Order) -> dict[str, Any]:
    """Return what an account is of: the input as it was, and the order."""
    return {
        "address_sha256": hashlib.sha256(part.address.encode()).hexdigest(),
        "size": part.size,
        "version": part.version,
        "order_sha256": order.sha256,
    }


class _Work:
    """A part while it is joined: what was counted so far."""

    def __init__(
        self, order: Order, districts: PreparedDistricts, layout: Layout, batches: Batches
    ) -> None:
        self.rows_in = 0
        self.bins: Counter[str] = Counter()
        self.remarks: Counter[str] = Counter()
        self.tally = Tally()
        self._order, self._districts, self._layout = order, districts, layout
        self._batches = batches
        self._schema = schema_with(batches.schema, ADDED)

    def write(self, made: Path) -> None:
        """Write every batch, joined, to a file."""
        texts = [field.name for field in self._schema if not _is_plain(field.type)]
        with pq.ParquetWriter(made, self._schema, use_dictionary=texts) as file:
            for batch in self._batches.rows:
                self.rows_in += batch.num_rows
                columns = [*batch.columns, *self._joined(batch)]
                table = pa.Table.from_arrays(columns, schema=self._schema)
                file.write_table(table, row_group_size=max(batch.num_rows, 1))

    def _joined(self, batch: pa.RecordBatch) -> list[pa.Array]:
        """Return the columns of `ADDED`, and count the rows."""
        read = self._layout.read(Columns(batch))
        place = read.place
        stated = pd.DataFrame(
            {
                "longitude": place.longitude.values,
                "latitude": place.latitude.values,
                "geo_precision": place.precision.as_pandas(),
                "country": place.country.as_pandas(),
            }
        )
        found = assign_districts(stated, self._districts, snap_km=self._order.snap_km)
        added = {name: _strings(found[name]) for name in ADDED[:3]}
        bins = _bins(read, stated, found)
        added["place_bin"] = pa.DictionaryArray.from_arrays(
            pa.array(bins, pa.int8()), pa.array(BINS, pa.string())
        ).dictionary_decode()
        self._count(read, bins, found)
        self.tally.add(
            groups_of_rows(
                {
                    **added,
                    "day": read.day.as_arrow(),
                    "date_precision": read.date_precision.as_arrow(),
                    "event_type": read.event_type.as_arrow(),
                    "actor": read.actor.as_arrow(),
                    "deaths_low": read.low.as_arrow(),
                    "deaths_best": read.best.as_arrow(),
                    "deaths_high": read.high.as_arrow(),
                }
            )
        )
        return list(added.values())

    def _count(self, read: Meaning, bins: np.ndarray, found: pd.DataFrame) -> None:
        numbers = np.bincount(bins, minlength=len(BINS)).tolist()
        self.bins.update(dict(zip(BINS, numbers, strict=True)))
        low, best, high = read.low, read.best, read.high
        turned = _is_above(low, best) | _is_above(best, high) | _is_above(low, high)
        told = {
            "precision_not_stated": read.place.is_unstated,
            "nearest": (found["join_method"] == "nearest").to_numpy(dtype=bool),
            "day_not_read": read.day.is_unread,
            "figure_not_read": low.is_unread | best.is_unread | high.is_unread,
            "figures_out_of_order": turned,
        }
        self.remarks.update({name: int(rows.sum()) for name, rows in told.items()})


def _is_plain(kind: pa.DataType) -> bool:
    """Tell whether values seldom repeat, so that a dictionary of them is only work."""
    return pa.types.is_floating(kind) or pa.types.is_nested(kind)


def _bins(read: Meaning, stated: pd.DataFrame, found: pd.DataFrame) -> np.ndarray:
    """Return the position in `BINS` of each row."""
    place = read.place
    is_unread = place.longitude.is_unread | place.latitude.is_unread
    conditions = {
        "abroad": (found["join_method"] == "abroad").to_numpy(dtype=bool),
        "district": found["adm2_code"].notna().to_numpy(dtype=bool),
        "province_only": found["adm1_code"].notna().to_numpy(dtype=bool),
        "point_not_read": is_unread,
        "no_point": ~usable_points(stated),
        "precision_not_known": place.precision.is_(UNKNOWN_PRECISION),
        "not_precise": ~place.precision.is_(*TELLS_PROVINCE),
    }
    positions = [BINS.index(name) for name in conditions]
    return np.select(list(conditions.values()), positions, BINS.index("outside"))


def _is_above(one: Any, other: Any) -> np.ndarray:
    return (one.values > other.values) & ~one.is_missing & ~other.is_missing


def _strings(column: pd.Series) -> pa.Array:
    made = pa.array(column, from_pandas=True)
    if isinstance(made, pa.ChunkedArray):
        made = made.combine_chunks()
    return made.cast(pa.string())
