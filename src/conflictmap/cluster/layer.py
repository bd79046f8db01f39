"""The boundary layer as it travels: one text of bytes, known by its hash, without any pickle.

The bytes hold the polygons as WKB, their codes and the grid of `locator`: a worker builds neither
the layer nor the grid, it only puts back together what the command has built. Arrays of numbers and
plain text only: what comes over the wire or from a disk must never be able to run anything.
"""

from __future__ import annotations

import hashlib
import io
import platform
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import shapely

from conflictmap.boundaries import WGS84, BoundaryEdition
from conflictmap.districts import PreparedDistricts, prepare_districts
from conflictmap.errors import LayerError
from conflictmap.locator import load_locator, restored_locator
from conflictmap.placing import PLACING_RULES

CLUSTER_RULES = 1
"""Version of the rules of this package; raise it when a rule changes, so that what older rules
joined is joined again."""


@dataclass(frozen=True)
class Layer:
    """A layer in bytes, with the SHA-256 of them and the edition it was made of."""

    content: bytes
    sha256: str
    edition_id: str
    year: int


def pack_layer(edition: BoundaryEdition) -> Layer:
    """Return the districts of an edition as bytes; the same edition gives the same bytes."""
    by_code = edition.districts.sort_values("adm2_code", ignore_index=True)
    polygons = by_code.geometry.to_numpy()
    locator = load_locator(polygons)
    shapes = [bytes(shape) for shape in shapely.to_wkb(polygons)]
    file = io.BytesIO()
    np.savez_compressed(
        file,
        wkb=np.frombuffer(b"".join(shapes), dtype="uint8"),
        ends=np.cumsum([len(shape) for shape in shapes]),
        adm1_code=np.array(by_code["adm1_code"].tolist(), dtype="U"),
        adm2_code=np.array(by_code["adm2_code"].tolist(), dtype="U"),
        corner=np.array([locator.west, locator.south, locator.cell]),
        grid=locator.grid,
    )
    content = file.getvalue()
    return Layer(content, hashlib.sha256(content).hexdigest(), edition.edition_id, edition.year)


def unpack_layer(content: bytes, sha256: str) -> PreparedDistricts:
    """Return the districts ready for `assign_districts`.

    Raises
    ------
    LayerError
        If the bytes are not those of the hash.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise LayerError("districts: the layer that arrived is not the one that was sent.")
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    wkb, ends = arrays["wkb"].tobytes(), arrays["ends"].tolist()
    polygons = shapely.from_wkb(
        [wkb[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    )
    west, south, cell = arrays["corner"].tolist()
    locator = restored_locator(polygons, arrays["grid"], corner=(west, south), cell=cell)
    codes = {name: arrays[name].astype(object) for name in ("adm1_code", "adm2_code")}
    districts = gpd.GeoDataFrame(codes, geometry=polygons, crs=WGS84)
    return prepare_districts(districts, locator)


def versions() -> dict[str, str]:
    """Return what decides on the answer and on its bytes: rules, and the libraries behind them."""
    return {
        "rules of placing": str(PLACING_RULES),
        "rules of the distributed join": str(CLUSTER_RULES),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "pyarrow": pa.__version__,
        "geopandas": gpd.__version__,
        "shapely": shapely.__version__,
        "GEOS": shapely.geos_version_string,
        "pyproj": pyproj.__version__,
        "PROJ": pyproj.proj_version_str,
    }
