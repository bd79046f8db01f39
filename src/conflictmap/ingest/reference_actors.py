"""Armed actors that no report read here describes, and that event datasets name as sides.

They stand in ``data/reference/actors.csv`` and are no rows of the store until an upload names one:
that upload is then the source of the row, so that no report seems to say what it does not.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.settings import ROOT

FILE = ROOT / "data" / "reference" / "actors.csv"

DESCRIPTION = "Named by an uploaded file as one who took part; no report read here describes it."


class ReferenceActor(NamedTuple):
    """An actor as its row in the file has it; ``names`` are the other names it goes by."""

    actor_id: str
    name: str
    affiliation: str
    names: tuple[str, ...]
    coder_note: str


@lru_cache(maxsize=1)
def reference_actors(path: Path = FILE) -> dict[str, ReferenceActor]:
    """Return the reference actors by their id."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            ReferenceActor(
                actor_id=row["actor_id"],
                name=row["name"],
                affiliation=row["affiliation"],
                names=tuple(filter(None, row["names"].split("|"))),
                coder_note=row["coder_note"],
            )
            for row in csv.DictReader(file)
        ]
    return {row.actor_id: row for row in rows}


def rows_of_actors(actor_ids: Iterable[str], held: pd.DataFrame, source_id: str) -> pd.DataFrame:
    """Return rows of ``actors`` for the reference actors that are named and not held yet.

    Parameters
    ----------
    actor_ids
        The actors that a file names.
    held
        The store's ``actors``.
    source_id
        The source that stands for the file.
    """
    known = reference_actors()
    missing = sorted(set(actor_ids) & set(known) - set(held["actor_id"]))
    rows = [
        {
            "actor_id": actor_id,
            "name": known[actor_id].name,
            "affiliation": known[actor_id].affiliation,
            "status": "confirmed",  # acts are reported: the file's own
            "description": DESCRIPTION,
            "source_id": source_id,
            "coder_note": known[actor_id].coder_note or None,
        }
        for actor_id in missing
    ]
    return typed_table(TABLES["actors"], rows)
