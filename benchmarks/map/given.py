"""What every part is given: the browser, the stores, how often and how long to measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.map.sides import make_store


@dataclass
class Given:
    """The choices of one run."""

    browser: Browser
    folder: Path
    incidents: int
    points: int
    rounds: int
    changes: int
    seconds: float
    visitors: list[int]
    plain_visitors: list[int]
    stores: dict[int, Path]
    """Stores that stand, by their number of incidents; others are made when a part needs them."""

    def store(self, incidents: int) -> Path:
        """Return a synthetic store of so many incidents."""
        if incidents not in self.stores:
            print(f"making a store of {incidents:,} synthetic incidents ...", flush=True)
            path = self.folder / f"synthetic-{incidents}.db"
            self.stores[incidents] = make_store(path, incidents)
        return self.stores[incidents]
