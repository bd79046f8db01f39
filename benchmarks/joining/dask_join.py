"""dask-geopandas on two processes of this machine, its points lying ready in their memory."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dask_geopandas
import numpy as np
from distributed import Client, LocalCluster, wait

from benchmarks.joining.given import Given, lowest_positions
from benchmarks.joining.turn import Join

WORKERS = 2
PARTS = 8


@contextmanager
def prepared(given: Given) -> Iterator[Join]:
    """Start the workers, and spread the points over them."""
    started = time.perf_counter()
    with (
        LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        start_s = time.perf_counter() - started
        districts = given.district_table()
        points = dask_geopandas.from_geopandas(given.point_table(), npartitions=PARTS).persist()
        wait(points)

        def join(_: None) -> Any:
            joined = dask_geopandas.sjoin(points, districts, predicate="within")
            return joined["index_right"].compute()

        def positions(pairs: Any) -> np.ndarray:
            return lowest_positions(pairs.index.to_numpy(), pairs.to_numpy(), len(given.longitude))

        yield Join(
            run=join,
            positions=positions,
            helpers=tuple(client.run(_process_id).values()),
            notes={
                "dask_geopandas": importlib.metadata.version("dask-geopandas"),
                "workers": WORKERS,
                "parts": PARTS,
                "start_wall_s": start_s,
            },
        )


def _process_id() -> int:
    import os

    return os.getpid()
