"""The ways of joining that are measured side by side, and what each needs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from benchmarks.joining.given import ROOT

PEERS = ROOT / ".venv-peers"


@dataclass(frozen=True, eq=False)
class Way:
    """One way: a module of this package, and where it runs.

    ``rule`` is what it does with a point on a border: "intersects" gives it to every district that
    shares the border, "within" to none. ``is_for_many`` tells that it ends in reasonable time with
    ten million points. ``set_up`` is the command that brings what it needs. ``remark`` tells why an
    answer may differ in another way than by its rule.
    """

    name: str
    title: str
    module: str
    rule: Literal["intersects", "within"]
    options: Mapping[str, object] = field(default_factory=dict)
    environment: Literal["product", "peers"] = "product"
    set_up: str = "make setup"
    is_for_many: bool = False
    remark: str = ""

    @property
    def python(self) -> Path:
        """Return the interpreter that it runs on."""
        return PEERS / "bin" / "python" if self.environment == "peers" else Path(sys.executable)


def _peer(name: str, title: str, module: str, *, is_for_many: bool = False) -> Way:
    return Way(
        name,
        title,
        f"benchmarks.joining.{module}",
        "within",
        environment="peers",
        set_up="make peers",
        is_for_many=is_for_many,
    )


_OWN_TEST = (
    "PostGIS tests a point in a polygon by code of its own, in plain floating point, where GEOS"
    " counts exactly: on a border the last digit decides."
)

OURS = Way("ours", "ours (grid)", "benchmarks.joining.ours", "intersects", is_for_many=True)
WITHIN = Way(
    "sjoin-within",
    "geopandas.sjoin within",
    "benchmarks.joining.geopandas_sjoin",
    "within",
    {"predicate": "within"},
    is_for_many=True,
)

WAYS = (
    OURS,
    WITHIN,
    Way(
        "sjoin-within-indexed",
        "geopandas.sjoin within, points indexed before",
        "benchmarks.joining.geopandas_sjoin",
        "within",
        {"predicate": "within", "is_indexed": True},
    ),
    Way(
        "sjoin-intersects",
        "geopandas.sjoin intersects (its default)",
        "benchmarks.joining.geopandas_sjoin",
        "intersects",
        {"predicate": "intersects"},
    ),
    Way(
        "strtree",
        "shapely.STRtree of the points",
        "benchmarks.joining.tree",
        "intersects",
        is_for_many=True,
    ),
    Way(
        "prepared-loop",
        "loop over prepared polygons",
        "benchmarks.joining.prepared_loop",
        "intersects",
        is_for_many=True,
    ),
    _peer("duckdb", "DuckDB spatial", "duckdb_spatial"),
    Way(
        "postgis",
        "PostGIS, GiST of the districts",
        "benchmarks.joining.postgis",
        "intersects",
        set_up="make peers",
        remark=_OWN_TEST,
    ),
    Way(
        "postgis-subdivided",
        "PostGIS, ST_Subdivide and GiST",
        "benchmarks.joining.postgis",
        "intersects",
        {"is_subdivided": True},
        set_up="make peers",
        remark="ST_Subdivide cuts the districts, and rounds the new corners.",
    ),
    _peer("sedonadb", "SedonaDB", "sedona", is_for_many=True),
    _peer("dask-geopandas", "dask-geopandas, 2 processes", "dask_join"),
)
