"""A very large file from its bytes to its revision, beside the bare work of the libraries below it.

Run it with `python -m benchmarks.ingest`; `--rows 100000` for a shorter one. It writes a synthetic
file in the shape of ACLED's export (31 columns, some notes with line breaks in quotes) and
publishes it in a new, empty store, so that there is nothing to search for duplicates. Its peers
read the same file with `pandas.read_csv`, and insert the same rows as text in a bare SQLite table
of 31 columns. Each runs in a process of its own: the figures are process CPU seconds, wall seconds
and the peak of resident memory.

It ends with 1 where it takes more than `AIM` times the CPU of both peers together, or more than
`MOST_MB` of memory, or where not all rows are published.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.result import Aim, keep
from conflictmap.settings import ROOT

ROWS = 1_000_000
AIM = 3.0
MOST_MB = 1500
EDITION = ROOT / "geo" / "afg-2014"

COLUMNS = (
    *("event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type"),
    *("sub_event_type", "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2"),
    *(
        "interaction",
        "civilian_targeting",
        "iso",
        "region",
        "country",
        "admin1",
        "admin2",
        "admin3",
    ),
    *("location", "latitude", "longitude", "geo_precision", "source", "source_scale", "notes"),
    *("fatalities", "tags", "timestamp"),
)
"""The columns of ACLED's current export."""

STAGES = {
    "reading": "read",
    "converting": "check",
    "placing": "place",
    "comparing": "compare",
    "accounting": "account",
    "preparing": "store",
    "publishing": "store",
}
"""The stages that `examine` and `publish_upload` tell of, by the name that is printed."""

PEERS = ("pandas.read_csv", "bare SQLite insert")
OURS = "conflictmap ingest"

_SYNTHETIC_KINDS = (
    ("Political violence", "Battles", "Armed clash", "Taliban", "National Resistance Front", ""),
    (
        "Political violence",
        "Explosions/Remote violence",
        "Remote explosive/landmine/IED",
        "Islamic State Khorasan Province (ISKP)",
        "Military Forces of Afghanistan (2021-)",
        "",
    ),
    (
        "Political violence",
        "Violence against civilians",
        "Attack",
        "Unidentified Armed Group (Afghanistan)",
        "Civilians (Afghanistan)",
        "Civilian targeting",
    ),
    ("Demonstrations", "Protests", "Peaceful protest", "Protesters (Afghanistan)", "", ""),
    (
        "Strategic developments",
        "Strategic developments",
        "Arrests",
        "Police Forces of Afghanistan (2021-)",
        "Civilians (Afghanistan)",
        "",
    ),
)


def main() -> int:
    """Time ours and its peers, print the ratio first, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=ROWS, help="of the synthetic file")
    parser.add_argument("--part", choices=list(_PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(_PARTS[options.part](options.file)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "synthetic.csv"
        size = write_synthetic_file(file, options.rows)
        found = {part: _in_a_process_of_its_own(part, file) for part in (*PEERS, OURS)}
    return _report(options.rows, size, found)


def write_synthetic_file(path: Path, rows: int) -> int:
    """Write invented events in ACLED's columns; return the size of the file in bytes.

    The places are villages and towns of the edition, each with its own province and district, and
    one event in twelve is known near a place or to its province only. One note in twenty has a line
    break and doubled quotes. The same number of rows gives the same file.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_synthetic_events(rows))
    return path.stat().st_size


def _synthetic_events(rows: int) -> Iterator[list[object]]:
    from conflictmap.boundaries import read_edition

    edition = read_edition(EDITION)
    names = dict(zip(edition.units["code"], edition.units["name_common"], strict=True))
    columns = ["adm1_code", "adm2_code", "name", "lat", "lon"]
    rows_of_places = edition.places.dropna(subset=["adm2_code"])[columns]
    places = [
        (names[adm1], names[adm2], name, f"{lat:.4f}", f"{lon:.4f}")
        for adm1, adm2, name, lat, lon in rows_of_places.itertuples(index=False, name=None)
    ]
    chance = np.random.default_rng(2026)
    where = chance.integers(0, len(places), rows).tolist()
    kinds = chance.integers(0, len(_SYNTHETIC_KINDS), rows).tolist()
    days = chance.integers(0, 3285, rows).tolist()
    dead = np.minimum(chance.geometric(0.5, rows) - 1, 40).tolist()
    first = date(2017, 1, 1)
    for n, (at, kind, day, killed) in enumerate(zip(where, kinds, days, dead, strict=True)):
        adm1, adm2, name, latitude, longitude = places[at]
        disorder, event, sub_event, actor1, actor2, civilian = _SYNTHETIC_KINDS[kind]
        happened = first + timedelta(days=day)
        said = f"Synthetic event {n}: on {happened}, {actor1} were seen at {name} ({adm2}, {adm1})."
        said += f" At least {killed} people were reported dead; nothing of this took place."
        if n % 20 == 0:
            said += '\nA witness called it "invented".'
        yield [
            *(f"SYN{n}", happened, happened.year, 1 if n % 50 else 2, disorder, event, sub_event),
            *(actor1, "", 2, actor2, "", 3 if actor2 else 0, 23, civilian, 4),
            *("Caucasus and Central Asia", "Afghanistan", adm1, adm2, "", name),
            *(latitude, longitude, 1 if n % 12 else 2 + n % 2),
            *(f"Synthetic Desk {n % 40}", "National", said, killed),
            *("crowd size=no report" if disorder == "Demonstrations" else "", 1_675_296_000 + day),
        ]


# --- one process each -----------------------------------------------------------------------------


def _in_a_process_of_its_own(part: str, file: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.ingest", "--part", part, "--file", str(file)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def _read_with_pandas(file: Path) -> dict[str, Any]:
    import pandas as pd

    clock = _Clock()
    rows = len(pd.read_csv(file))
    return clock.stop("read") | {"rows": rows}


def _insert_in_sqlite(file: Path) -> dict[str, Any]:
    """Insert the rows as text; only the insert is timed, and they are read as it goes on."""
    with file.open(encoding="utf-8", newline="") as text, tempfile.TemporaryDirectory() as folder:
        reader = csv.reader(text)
        header = next(reader)
        connection = sqlite3.connect(Path(folder) / "bare.sqlite", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):  # as our own store has it
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"CREATE TABLE events ({', '.join(header)})")
        insert = f"INSERT INTO events VALUES ({', '.join('?' * len(header))})"
        clock, total = _Clock(), 0
        connection.execute("BEGIN")
        while True:
            clock.pause()
            rows = list(itertools.islice(reader, 10_000))
            clock.go_on("insert")
            if not rows:
                break
            connection.executemany(insert, rows)
            total += len(rows)
        connection.execute("COMMIT")
        connection.close()
        return clock.stop("insert") | {"rows": total}


def _ingest(file: Path) -> dict[str, Any]:
    from conflictmap.access import LOCAL_ADMINISTRATOR
    from conflictmap.boundaries import read_edition
    from conflictmap.ingest.large import examine_in_parts, publish_in_parts
    from conflictmap.ingest.model import Limits
    from conflictmap.store import open_store

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/store.sqlite")
        edition = read_edition(EDITION)
        clock = _Clock()
        examined = examine_in_parts(
            file,
            file.name,
            store,
            edition,
            source={"source_id": "synthetic", "title": "Synthetic events", "publisher": "nobody"},
            viewer=LOCAL_ADMINISTRATOR,
            limits=Limits(unpacked_bytes=2 * 2**30),
            progress=lambda stage, _: clock.go_on(STAGES[stage]),
        )
        publish_in_parts(
            store,
            examined,
            viewer=LOCAL_ADMINISTRATOR,
            progress=lambda stage, _: clock.go_on(STAGES[stage]),
        )
        bins = {name: count for name, count in examined.report.bins.items() if count}
        stored = Path(folder, "store.sqlite").stat().st_size
        return clock.stop() | {"rows": examined.report.rows, "bins": bins, "stored_bytes": stored}


_PARTS: dict[str, Callable[[Path], dict[str, Any]]] = {
    PEERS[0]: _read_with_pandas,
    PEERS[1]: _insert_in_sqlite,
    OURS: _ingest,
}


class _Clock:
    """Process CPU and wall seconds of stages, and the memory at the end of each."""

    def __init__(self) -> None:
        self.stage = ""
        self.cpu_s: dict[str, float] = {}
        self.wall_s: dict[str, float] = {}
        self.peak_mb: dict[str, float] = {}
        self._begin()

    def go_on(self, stage: str) -> None:
        """Count what follows to a stage."""
        self.pause()
        self.stage = stage

    def pause(self) -> None:
        """Count what went before to its stage; what follows counts to none."""
        if self.stage:
            self._add(self.stage)
        self.stage = ""
        self._begin()

    def stop(self, stage: str = "") -> dict[str, Any]:
        """Return all figures; `stage` names a piece of work that had no stages."""
        self.stage = self.stage or stage
        self.pause()
        return {"cpu_s": self.cpu_s, "wall_s": self.wall_s, "peak_mb": self.peak_mb}

    def _begin(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def _add(self, stage: str) -> None:
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        self.cpu_s[stage] = self.cpu_s.get(stage, 0) + cpu
        self.wall_s[stage] = self.wall_s.get(stage, 0) + wall
        self.peak_mb[stage] = _peak_mb()


def _peak_mb() -> float:
    """Return the most memory that this process had so far, in MB (10^6 bytes)."""
    try:  # getrusage counts the parent's memory in, where this process was made of it
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6
    except (OSError, IndexError):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


# --- the report -----------------------------------------------------------------------------------


def _report(rows: int, size: int, found: dict[str, dict[str, Any]]) -> int:
    cpu = {part: sum(figures["cpu_s"].values()) for part, figures in found.items()}
    peak = {part: max(figures["peak_mb"].values()) for part, figures in found.items()}
    ratio = cpu[OURS] / sum(cpu[peer] for peer in PEERS)
    print(
        f"{ratio:.1f} x the CPU of {PEERS[0]} and {PEERS[1]} together (aim {AIM:.0f} x);"
        f" peak {peak[OURS]:,.0f} MB (aim {MOST_MB:,} MB)"
    )
    print(f"{rows:,} synthetic rows, {size / 1e6:,.0f} MB")
    for part, figures in found.items():
        print(f"{part}: {cpu[part]:.1f} s CPU, peak {peak[part]:,.0f} MB")
        for stage, seconds in figures["cpu_s"].items() if part == OURS else ():
            print(
                f"  {stage:<8}{seconds:>7.1f} s CPU{figures['wall_s'][stage]:>7.1f} s wall,"
                f" peak so far {figures['peak_mb'][stage]:>6,.0f} MB"
            )
    bins = found[OURS]["bins"]
    print("bins: " + ", ".join(f"{count:,} {name}" for name, count in bins.items()))
    judged = {
        f"{OURS} / ({PEERS[0]} + {PEERS[1]}), CPU": (ratio, Aim(at_most=AIM)),
        "peak memory, MB": (peak[OURS], Aim(at_most=MOST_MB)),
    }
    wall = {part: sum(figures["wall_s"].values()) for part, figures in found.items()}
    keep(
        "ingest" if rows >= ROWS else "ingest_short",
        ratios={words: number for words, (number, _) in judged.items()},
        aims={words: aim for words, (_, aim) in judged.items()},
        figures={
            "peers": {
                part: {
                    "cpu_s": round(cpu[part], 2),
                    "wall_s": round(wall[part], 2),
                    "peak_mb": round(peak[part]),
                    "rows": found[part]["rows"],
                }
                for part in (OURS, *PEERS)
            },
            "notes": [
                f"A synthetic file of {rows:,} rows, {size / 1e6:,.0f} MB; each side once."
                " The peers do a part of the work only."
            ],
            "file_bytes": size,
            "parts": found,
        },
    )
    is_whole = all(figures["rows"] == rows for figures in found.values())
    return 0 if is_whole and ratio <= AIM and peak[OURS] <= MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main())
