"""Archives for tests of the distributed join: synthetic rows in small parts, and their results."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from conflictmap.cluster.joining import Order
from conflictmap.cluster.layer import Layer, pack_layer, unpack_layer, versions
from conflictmap.cluster.layouts import ColumnMapping
from conflictmap.cluster.running import Progress, Work, join_archive, work_here
from conflictmap.cluster.storage import Folder, find_parts
from conflictmap.districts import PreparedDistricts
from tests.synthetic import shipped_edition

MAPPING = ColumnMapping(
    {
        "longitude": "lon",
        "latitude": "lat",
        "geo_precision": "known_to",
        "country": "country",
        "day": "day",
        "event_type": "kind",
        "actor": "by",
        "deaths_low": "low",
        "deaths_best": "best",
        "deaths_high": "high",
    },
    {},
)


@lru_cache
def layer() -> Layer:
    """Return the shipped layer in bytes."""
    return pack_layer(shipped_edition())


@lru_cache
def districts() -> PreparedDistricts:
    """Return the shipped layer as a worker puts it together."""
    return unpack_layer(layer().content, layer().sha256)


def synthetic_rows(count: int, seed: int) -> pd.DataFrame:
    """Draw synthetic rows around Afghanistan, of every precision, some with gaps."""
    chance = np.random.default_rng(seed)
    best = chance.integers(0, 9, count)
    return pd.DataFrame(
        {
            "lon": chance.uniform(60, 75.5, count),
            "lat": chance.uniform(29, 39, count),
            "known_to": chance.choice(["exact", "near", "adm2", "adm1", "country", None], count),
            "country": chance.choice(["Afghanistan", "Pakistan", None], count, p=[0.6, 0.1, 0.3]),
            "day": (
                pd.Timestamp("2019-01-01") + pd.to_timedelta(chance.integers(0, 400, count), "D")
            )
            .astype("str")
            .str[:10],
            "kind": chance.choice(["bombing", "clash"], count),
            "by": chance.choice(["synthetic group", "other group", None], count),
            "low": best,
            "best": pd.array(np.where(best > 6, -1, best)).astype("Int64"),
            "high": best + 1,
            "note": [f"synthetic {number}" for number in range(count)],
        }
    )


def write_parquet(path: Path, rows: pd.DataFrame) -> None:
    """Write a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), path)


def write_csv(path: Path, rows: Iterable[Mapping[str, Any] | Sequence[Any]]) -> None:
    """Write a part; of mappings the names become its header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if listed and isinstance(listed[0], Mapping):
            writer.writerow(listed[0])
        writer.writerows(list(row.values()) if isinstance(row, Mapping) else row for row in listed)


def order_of(folder: Path, **more: Any) -> Order:
    """Return an order on the shipped layer with the mapping of `synthetic_rows`."""
    usual: dict[str, Any] = {"mapping": MAPPING}
    return Order(Folder(str(folder)), layer().sha256, versions(), **usual | more)


def joined(
    source: Path,
    folder: Path,
    *,
    work: Work | None = None,
    tell: Any = lambda progress: None,
    **more: Any,
) -> dict[str, Any]:
    """Join an archive, in this process where nothing else is said; return its account."""
    order = order_of(folder, **more)
    parts = find_parts([str(source)], order.folder)
    here = work or work_here(order, districts())
    account = join_archive(parts, order, here, told={}, tell=tell)
    assert sum(account["bins"].values()) == account["rows_in"] == account["rows_out"]
    return account


def results(folder: Path) -> dict[str, bytes]:
    """Return every file of the results, whole."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(files)}


def rows_of(folder: Path) -> pd.DataFrame:
    """Return the joined rows of all parts."""
    parts = sorted((folder / "joined").glob("part-*.parquet"))
    return pd.concat([pq.read_table(path).to_pandas() for path in parts], ignore_index=True)


def counts_of(folder: Path) -> pd.DataFrame:
    """Return the counts."""
    return pq.read_table(folder / "counts.parquet").to_pandas(types_mapper=pd.ArrowDtype)


def account_of(folder: Path) -> dict[str, Any]:
    """Return the account as it was written."""
    return json.loads((folder / "account.json").read_text(encoding="utf-8"))


class Seen(list[Progress]):
    """Remembers how often it was told."""

    def __call__(self, progress: Progress) -> None:
        """Remember it."""
        self.append(progress)
