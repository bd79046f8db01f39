"""One reader: a process that reads the latest and older revisions, and checks each that it sees."""

from __future__ import annotations

import hashlib
import json
import random
import time
from pathlib import Path

import pandas as pd

from benchmarks.storing.lots import READ, digest_of, lots_of
from benchmarks.storing.writer import is_wanted
from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import ConflictMapError
from conflictmap.store import Store, latest_revision, load_revisions, load_tables, open_store

VIEWER = LOCAL_ADMINISTRATOR
PAUSE_S = 0.2  # in the mean, between two reads
REVISIONS_EVERY = 10  # reads


class Reader:
    """What one reader has seen: of each revision the digests, and all that was wrong."""

    def __init__(self, store: Store, number: int, seed: int) -> None:
        self.store = store
        self.chance = random.Random(f"{seed} reader {number}")
        self.latest = 0
        self.seen: dict[int, tuple[str, str]] = {}  # revision -> digest of its lots, of its rows
        self.seconds: list[float] = []
        self.faults: list[str] = []
        self.errors: list[str] = []

    def read_once(self) -> None:
        """Read one revision, whole, and check it."""
        latest = latest_revision(self.store, viewer=VIEWER)
        if latest < self.latest:
            self.faults.append(f"the latest revision was {self.latest}, then {latest}")
        self.latest = latest
        draw = self.chance.random()
        if draw < 0.25:  # whatever is the latest by the time of the read
            self._check(None)
        elif draw < 0.6:
            self._check(latest)
        else:
            self._check(self.chance.randint(0, latest))

    def check_revisions(self) -> None:
        """Check that no revision is missing or there twice."""
        numbers = load_revisions(self.store, viewer=VIEWER)["revision"].tolist()
        if numbers != list(range(len(numbers), 0, -1)):
            self.faults.append(f"the revisions have gaps: {len(numbers)} up to {max(numbers)}")

    def _check(self, revision: int | None) -> None:
        started = time.perf_counter()
        tables = load_tables(self.store, READ, viewer=VIEWER, revision=revision)
        self.seconds.append(time.perf_counter() - started)
        incidents, casualties = (tables[name] for name in READ)
        for name, rows in tables.items():
            if not rows[rows.columns[0]].is_unique:
                self.faults.append(f"revision {revision}: a key is in {name} twice")
        lots, faults = lots_of(
            dict(zip(incidents["incident_id"], incidents["title"], strict=True)),
            dict(zip(casualties["incident_id"], casualties["best"].astype(int), strict=True)),
        )
        self.faults += [f"revision {revision}: {fault}" for fault in faults]
        if revision is not None:
            found = digest_of(lots.values()), _digest_of_rows(tables)
            if self.seen.setdefault(revision, found) != found:
                self.faults.append(f"revision {revision} is not what it was when it was read first")


def read(url: str, number: int, seed: int, folder: Path, stop: Path) -> None:
    """Be one reader until the file `stop` is there; the body of a process."""
    reader = Reader(open_store(url), number, seed)
    turn = 0
    while not stop.exists() and is_wanted():
        try:
            reader.read_once()
            if turn % REVISIONS_EVERY == 0:
                reader.check_revisions()
        except ConflictMapError as error:
            reader.errors.append(f"{type(error).__name__}: {error}")
        turn += 1
        time.sleep(reader.chance.expovariate(1 / PAUSE_S))
    told = {
        "seen": {str(revision): found for revision, found in reader.seen.items()},
        "seconds": reader.seconds,
        "faults": reader.faults,
        "errors": reader.errors,
        "cpu_s": time.process_time(),
    }
    (folder / f"reader-{number}.json").write_text(json.dumps(told), encoding="utf-8")


def _digest_of_rows(tables: dict[str, pd.DataFrame]) -> str:
    """Return a digest of rows in their order, the revision that added each with them."""
    digest = hashlib.sha256()
    for name, column in zip(READ, ("title", "best"), strict=True):
        rows = tables[name]
        for row in zip(rows[rows.columns[0]], rows[column], rows["added_in"], strict=True):
            digest.update(f"{row}\n".encode())
    return digest.hexdigest()
