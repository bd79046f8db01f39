"""PostGIS, in a PostgreSQL of its own on a loopback port; one process does the join.

The points lie in a table when the clock starts, and the pairs in another when it stops. The CPU of
the server's process is counted, and parallel workers are off, so that none is overlooked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import psycopg
import shapely

from benchmarks.joining.given import Given, lowest_positions
from benchmarks.joining.turn import Join, MissingPeerError
from tests.postgres import FAST, running_cluster

_SETTINGS = (
    *FAST,
    "shared_buffers=256MB",
    "work_mem=256MB",
    "maintenance_work_mem=256MB",
    "max_parallel_workers_per_gather=0",
)
_JOIN = """
    CREATE TEMP TABLE pairs AS
    SELECT points.number, districts.position
    FROM points JOIN districts ON ST_Intersects(districts.geometry, points.geometry)
"""
_MOST_CORNERS = 128


@contextmanager
def prepared(given: Given, *, is_subdivided: bool = False) -> Iterator[Join]:
    """Fill both tables, with an index (GiST) of the districts.

    `is_subdivided` cuts the districts into pieces of at most `_MOST_CORNERS` corners, as PostGIS
    advises for large polygons.
    """
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(running_cluster(_SETTINGS))
        except LookupError as missing:
            raise MissingPeerError(str(missing)) from missing
        connection = stack.enter_context(psycopg.connect(cluster.url("postgres"), autocommit=True))
        try:
            connection.execute("CREATE EXTENSION postgis")
        except psycopg.errors.Error as missing:
            raise MissingPeerError("PostGIS is not installed beside PostgreSQL") from missing
        started = time.perf_counter()
        _fill(connection, given)
        if is_subdivided:
            connection.execute(
                "CREATE TABLE pieces AS SELECT position,"
                f" ST_Subdivide(geometry, {_MOST_CORNERS}) AS geometry FROM districts"
            )
            connection.execute("DROP TABLE districts")
            connection.execute("ALTER TABLE pieces RENAME TO districts")
        connection.execute("CREATE INDEX ON districts USING gist (geometry)")
        connection.execute("VACUUM ANALYZE points")
        connection.execute("VACUUM ANALYZE districts")
        fill_s = time.perf_counter() - started

        def positions(_: psycopg.Cursor) -> np.ndarray:
            rows = connection.execute("SELECT number, position FROM pairs").fetchall()
            pairs = np.array(rows, dtype="int64").reshape(-1, 2)
            return lowest_positions(pairs[:, 0], pairs[:, 1], len(given.longitude))

        def words(statement: str) -> str:
            row = connection.execute(statement).fetchone()
            return str(row[0]) if row else ""

        yield Join(
            run=lambda _: connection.execute(_JOIN),
            positions=positions,
            ready=lambda: connection.execute("DROP TABLE IF EXISTS pairs"),
            helpers=(connection.info.backend_pid,),
            notes={
                "postgis": words("SELECT postgis_lib_version()"),
                "geos": words("SELECT postgis_geos_version()"),
                "fill_wall_s": fill_s,
            },
        )


def _fill(connection: psycopg.Connection, given: Given) -> None:
    connection.execute("CREATE TABLE lonlat (number integer, x float8, y float8)")
    numbers = range(len(given.longitude))
    columns = (numbers, given.longitude.tolist(), given.latitude.tolist())
    with connection.cursor().copy("COPY lonlat FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["int4", "float8", "float8"])
        for row in zip(*columns, strict=True):
            copy.write_row(row)
    connection.execute(
        "CREATE TABLE points AS"
        " SELECT number, ST_SetSRID(ST_MakePoint(x, y), 4326) AS geometry FROM lonlat"
    )
    connection.execute("DROP TABLE lonlat")
    connection.execute("CREATE TABLE districts (position integer, geometry geometry)")
    layer = list(enumerate(shapely.to_wkb(given.polygons)))
    connection.cursor().executemany(
        "INSERT INTO districts VALUES (%s, ST_GeomFromWKB(%s, 4326))", layer
    )
