"""Lots: groups of synthetic rows that tell by themselves whether they are whole.

A lot is published, corrected and withdrawn as one. Each of its incidents names the lot, its version
and how many there are of it; each has one row of casualties, whose sum stands in the title as well.
So whoever reads a lot can tell whether all of it is there, once, in both tables.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from conflictmap.frames import typed_table
from conflictmap.mark import ID_START
from conflictmap.schema import TABLES

READ = ("incidents", "casualties")
_TITLE = re.compile(r"(?P<name>\S+) version (?P<version>\d+), (?P<rows>\d+) rows, (?P<people>\d+)")


@dataclass(frozen=True, order=True)
class Lot:
    """So many rows of one version; the number of rows is the same in all versions of a lot."""

    name: str
    version: int
    rows: int

    @property
    def people(self) -> int:
        """Return the sum of its casualties."""
        return sum(self.figures())

    @property
    def title(self) -> str:
        """Return the title that each of its incidents carries."""
        return f"{self.name} version {self.version}, {self.rows} rows, {self.people} people"

    @property
    def sha256(self) -> str:
        """Return the digest of its content."""
        return hashlib.sha256(self.title.encode()).hexdigest()

    def incident_ids(self) -> list[str]:
        """Return the keys of its incidents."""
        return [f"{ID_START}{self.name}-{row}" for row in range(self.rows)]

    def figures(self) -> list[int]:
        """Return the people of each of its rows."""
        return [1 + (7 * self.version + 3 * row) % 11 for row in range(self.rows)]


def rows_of(lots: Iterable[Lot]) -> dict[str, pd.DataFrame]:
    """Return the rows of some lots, as they are published or withdrawn."""
    incidents: list[dict[str, Any]] = []
    casualties: list[dict[str, Any]] = []
    for lot in lots:
        for incident_id, figure in zip(lot.incident_ids(), lot.figures(), strict=True):
            incidents.append(
                {"incident_id": incident_id, "title": lot.title, "date_precision": "unknown"}
            )
            casualties.append(
                {
                    "casualty_id": incident_id,
                    "incident_id": incident_id,
                    "victim_group": "unknown",
                    "harm": "killed",
                    "low": figure,
                    "best": figure,
                    "high": figure,
                    "is_subset": False,
                    "is_counted": True,
                    "source_id": f"{ID_START}load",
                }
            )
    return {
        "incidents": typed_table(TABLES["incidents"], incidents),
        "casualties": typed_table(TABLES["casualties"], casualties),
    }


def lots_of(
    titles: Mapping[str, str], figures: Mapping[str, int]
) -> tuple[dict[str, Lot], list[str]]:
    """Return the lots that some rows make up, and what is wrong with them.

    Parameters
    ----------
    titles
        Of the incidents, by id.
    figures
        Of the casualties, by the id of their incident.
    """
    faults = []
    if titles.keys() != figures.keys():
        faults.append(f"{len(titles)} incidents and {len(figures)} rows of casualties")
    found: dict[str, set[str]] = {}
    for incident_id, title in titles.items():
        found.setdefault(title, set()).add(incident_id)
    lots: dict[str, Lot] = {}
    for title, ids in found.items():
        told = _TITLE.match(title)
        if told is None:
            faults.append("a title that no lot has")
            continue
        lot = Lot(told["name"], int(told["version"]), int(told["rows"]))
        if lot.name in lots:
            faults.append(f"{lot.name} in two versions")
        lots[lot.name] = lot
        if ids != set(lot.incident_ids()):
            faults.append(f"{len(ids)} of the {lot.rows} rows of {lot.name}")
        if sum(figures.get(one, 0) for one in ids) != lot.people:
            faults.append(f"{lot.name} does not sum to {lot.people} people")
    return lots, faults


def digest_of(lots: Iterable[Lot]) -> str:
    """Return a digest of some lots, whatever their order."""
    lines = "\n".join(sorted(lot.title for lot in lots))
    return hashlib.sha256(lines.encode()).hexdigest()
