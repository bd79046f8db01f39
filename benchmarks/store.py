"""The store beside plain files: publish incidents, read a revision back, filter and count in SQL.

Run it with `python -m benchmarks.store`; `--incidents 20000` for a shorter one. The same synthetic
tables go into a new SQLite store, a new PostgreSQL store, and a folder of Parquet files that pandas
writes and reads. Each side runs in a process of its own, and they take turns; PostgreSQL's own CPU
is added to that of its client. The count is of incidents by district for one type of incident in
six years; all sides must give the same.

What pandas does is less: no revision, no account of who did what, nobody else who writes, and no
promise that a file is whole after a crash. It is the floor, not a rival.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.part import peak_mb, run_part, timed
from benchmarks.result import Aim, keep
from conflictmap.access import LOCAL_ADMINISTRATOR

INCIDENTS = 100_000
ROUNDS = 3
COUNTS = 15
SQLITE, POSTGRESQL, PARQUET = "SQLite store", "PostgreSQL store", "Parquet files, pandas"
SIDES = (SQLITE, POSTGRESQL, PARQUET)
WORK = ("publish", "read", "count")
TYPE, FIRST, LAST = "bombing", dt.date(2010, 1, 1), dt.date(2015, 12, 31)
VIEWER = LOCAL_ADMINISTRATOR

Found = dict[str, list[dict[str, Any]]]


def main() -> int:
    """Measure each side, print the ratios first, and keep them; 1 where answers differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--incidents", type=int, default=INCIDENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--part", nargs=3, metavar=("SIDE", "TABLES", "WHERE"), help=argparse.SUPPRESS
    )
    options = parser.parse_args()
    if options.part:
        side, tables, where = options.part
        print(json.dumps(_measure(side, Path(tables), where)))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_tables(folder / "tables", options.incidents)
        found, missing = _by_turns(folder, options.rounds)
    return _report(options, rows, found, missing)


def write_tables(folder: Path, incidents: int) -> int:
    """Keep synthetic tables for the sides to begin with; return how many rows there are."""
    from conflictmap.boundaries import read_edition
    from conflictmap.coded_tables import read_table
    from conflictmap.schema import TABLES
    from conflictmap.settings import read_settings
    from conflictmap.synthetic import synthetic_tables

    settings = read_settings({})
    known = {
        name: read_table(settings.data_folder / f"{name}.csv", TABLES[name])[0]
        for name in ("actors", "actor_names")
    }
    edition = read_edition(settings.edition_folder)
    tables = synthetic_tables(edition, known, incidents=incidents, seed=1)
    folder.mkdir()
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet")
    return sum(map(len, tables.values()))


def _by_turns(folder: Path, rounds: int) -> tuple[Found, dict[str, str]]:
    from tests.postgres import running_cluster

    found: Found = {side: [] for side in SIDES}
    missing = {}
    for number in range(rounds):
        for side in (SQLITE, PARQUET):
            where = folder / f"{number} {side}"
            found[side].append(_of_a_process(side, folder, str(where)))
    try:
        # As a server runs it: what is committed is on the disk.
        with running_cluster(options=("autovacuum=on",)) as cluster:
            for _ in range(rounds):
                found[POSTGRESQL].append(
                    _of_a_process(POSTGRESQL, folder, cluster.fresh_database())
                )
    except LookupError:
        missing[POSTGRESQL] = "sudo apt-get install postgresql"
        del found[POSTGRESQL]
    return found, missing


def _of_a_process(side: str, folder: Path, where: str) -> dict[str, Any]:
    return run_part("benchmarks.store", "--part", side, str(folder / "tables"), where)


# --- one side, in a process of its own ------------------------------------------------------------


def _measure(side: str, folder: Path, where: str) -> dict[str, Any]:
    tables = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    publish, read, settle, count, server_cpu_s = _ways(side, tables, where)
    found: dict[str, Any] = {"publish": timed(publish, server_cpu_s)}
    found["publish"]["peak_mb"] = peak_mb()
    found["read"] = timed(read, server_cpu_s)
    found["read"]["answer"] = {
        name: len(table) for name, table in found["read"]["answer"].items() if name in tables
    }
    settle()
    counts = [timed(count, server_cpu_s) for _ in range(COUNTS)]
    found["count"] = {
        "cpu_s": sum(one["cpu_s"] for one in counts) / COUNTS,  # a clock of ticks is too coarse
        "wall_s": statistics.median(one["wall_s"] for one in counts),
        "answer": _digest(counts[0]["answer"]),
    }
    found["peak_mb"] = peak_mb()
    return found


def _digest(counts: list[tuple[str, int]]) -> list[Any]:
    ordered = sorted((str(code), int(number)) for code, number in counts)
    told = hashlib.sha256(json.dumps(ordered).encode()).hexdigest()
    return [len(ordered), sum(number for _, number in ordered), told]


Work = Callable[[], Any]
Ways = tuple[Work, Work, Work, Work, Callable[[], float] | None]


def _ways(side: str, tables: dict[str, pd.DataFrame], where: str) -> Ways:
    """Return how a side publishes, reads, settles, counts, and what its server has used."""
    if side == PARQUET:
        return _ways_of_pandas(tables, Path(where))
    import sqlalchemy as sa

    from benchmarks.hosted.processes import Family, process_with
    from conflictmap.store import load_tables, open_store, publish
    from conflictmap.store.reading import read_rows

    url = where if side == POSTGRESQL else f"sqlite:///{where}.sqlite"
    store = open_store(url, kind="synthetic")
    server_cpu_s = None
    if side == POSTGRESQL:
        port = url.rpartition(":")[2].partition("/")[0]
        server = Family(POSTGRESQL, process_with(f"-p {port}"))

        def server_cpu_s() -> float:
            return server.sample().cpu_s

    def settle() -> None:
        """Bring PostgreSQL's statistics up, as its own housekeeping does within a minute."""
        if side == POSTGRESQL:
            with store.writer.begin() as connection:
                connection.execute(sa.text("ANALYZE"))

    return (
        lambda: publish(store, tables, viewer=VIEWER, note="synthetic"),
        lambda: load_tables(store, tables, viewer=VIEWER),
        settle,
        lambda: read_rows(store, count_query(1)),
        server_cpu_s,
    )


def count_query(revision: int) -> Any:
    """Return incidents of one type and some years by district, as held at a revision."""
    import sqlalchemy as sa

    from conflictmap.store.reading import held_at
    from conflictmap.store.tables import metadata

    incidents, places = metadata.tables["incidents"], metadata.tables["incident_places"]
    ids = sa.func.count(sa.distinct(incidents.c.incident_id))
    return (
        sa.select(places.c.adm2_code, ids)
        .join(places, places.c.incident_id == incidents.c.incident_id)
        .where(held_at(incidents, revision), held_at(places, revision))
        .where(incidents.c.event_type == TYPE, places.c.adm2_code.is_not(None))
        .where(incidents.c.date_from >= FIRST, incidents.c.date_to <= LAST)
        .group_by(places.c.adm2_code)
    )


def _ways_of_pandas(tables: dict[str, pd.DataFrame], folder: Path) -> Ways:
    held: dict[str, pd.DataFrame] = {}

    def write() -> None:
        folder.mkdir()
        for name, table in tables.items():
            table.to_parquet(folder / f"{name}.parquet")

    def read() -> dict[str, pd.DataFrame]:
        held.update({name: pd.read_parquet(folder / f"{name}.parquet") for name in tables})
        return held

    def count() -> list[tuple[str, int]]:
        incidents, places = held["incidents"], held["incident_places"]
        chosen = incidents[
            (incidents["event_type"] == TYPE)
            & (incidents["date_from"] >= pd.Timestamp(FIRST))
            & (incidents["date_to"] <= pd.Timestamp(LAST))
        ]
        placed = places.dropna(subset=["adm2_code"])[["incident_id", "adm2_code"]]
        joined = placed[placed["incident_id"].isin(chosen["incident_id"])].drop_duplicates()
        return list(joined.groupby("adm2_code", observed=True).size().items())

    return write, read, lambda: None, count, None


# --- the report -----------------------------------------------------------------------------------


def _report(options: argparse.Namespace, rows: int, found: Found, missing: dict[str, str]) -> int:
    median = {
        side: {
            work: {
                kind: statistics.median(one[work][kind] for one in rounds)
                for kind in ("cpu_s", "wall_s")
            }
            for work in WORK
        }
        for side, rounds in found.items()
    }
    counts = [one["count"]["answer"] for rounds in found.values() for one in rounds]
    reads = [one["read"]["answer"] for rounds in found.values() for one in rounds]
    is_alike = all(one == counts[0] for one in counts) and all(one == reads[0] for one in reads)
    ratios, costs = {}, {}
    for side in (SQLITE, POSTGRESQL):
        for work in WORK if side in found else ():
            words = f"{work}: {side} / {PARQUET}, CPU"
            ratios[words] = median[side][work]["cpu_s"] / median[PARQUET][work]["cpu_s"]
            costs[words] = Aim(is_cost=True)
            print(f"{ratios[words]:.1f} x {words}")
    peers = {
        side: {
            **{
                f"{work}_{kind}": round(median[side][work][kind], 4)
                for work in WORK
                for kind in ("cpu_s", "wall_s")
            },
            "peak_mb": round(statistics.median(one["peak_mb"] for one in found[side])),
            "answer": "the same" if is_alike else "differs",
        }
        for side in found
    }
    for side, one in peers.items():
        print(f"{side}: {one}")
    keep(
        "store" if options.incidents >= INCIDENTS else "store_short",
        ratios=ratios,
        aims=costs,
        figures={
            "incidents": options.incidents,
            "rows": rows,
            "peers": peers,
            "ours": [SQLITE, POSTGRESQL],
            "missing": missing,
            "rounds": found,
            "notes": [
                f"{options.incidents:,} synthetic incidents, {rows:,} rows in all; medians of"
                f" {options.rounds} rounds. A count is the mean of {COUNTS} in each round: pandas"
                " counts what it holds in memory, a store in SQL what lies on the disk.",
                "PostgreSQL counts after ANALYZE. Right behind a publication, before its own"
                " housekeeping has come by, it plans such a join without statistics: with 20,000"
                " incidents that took 2.5 to 3.4 s of CPU. The pages ask for whole tables.",
                "Memory is that of the process that asks."
                " PostgreSQL's own is not in it; its CPU is.",
            ],
        },
    )
    return 0 if is_alike else 1


if __name__ == "__main__":
    sys.exit(main())
