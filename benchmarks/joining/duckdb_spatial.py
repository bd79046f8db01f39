"""DuckDB with its extension for geometry, in memory, with as many threads as it chooses."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import shapely

from benchmarks.joining.given import Given, lowest_positions
from benchmarks.joining.turn import Join, MissingPeerError

PACKAGE = "duckdb-extension-spatial"
_JOIN = """
    SELECT points.number, districts.position
    FROM points JOIN districts ON ST_Within(points.geometry, districts.geometry)
"""


@contextmanager
def prepared(given: Given) -> Iterator[Join]:
    """Load the extension of the package, without the network, and fill both tables."""
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as database:
        path = str(_extension()).replace("'", "''")
        database.execute(f"LOAD '{path}'")
        lonlat = pd.DataFrame({"longitude": given.longitude, "latitude": given.latitude})
        layer = pd.DataFrame({"wkb": list(shapely.to_wkb(given.polygons))})
        database.register("lonlat", lonlat.rename_axis("number").reset_index())
        database.register("layer", layer.rename_axis("position").reset_index())
        database.execute(
            "CREATE TABLE points AS"
            " SELECT number, ST_Point(longitude, latitude) AS geometry FROM lonlat"
        )
        database.execute(
            "CREATE TABLE districts AS SELECT position, ST_GeomFromWKB(wkb) AS geometry FROM layer"
        )
        points = len(given.longitude)
        threads = database.execute("SELECT current_setting('threads')").fetchall()[0][0]

        def positions(pairs: dict[str, np.ndarray]) -> np.ndarray:
            return lowest_positions(pairs["number"], pairs["position"], points)

        yield Join(
            run=lambda _: database.execute(_JOIN).fetchnumpy(),
            positions=positions,
            notes={"duckdb": duckdb.__version__, "threads": threads},
        )


def _extension() -> Path:
    """Return where the package keeps the extension."""
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError as missing:
        raise MissingPeerError(f"{PACKAGE} is not installed") from missing
    for file in files:
        if file.name == "spatial.duckdb_extension":
            return Path(str(file.locate())).resolve()
    raise MissingPeerError(f"{PACKAGE} holds no extension")
