"""One writer: a process that publishes, corrects, withdraws and rolls back, and notes each answer.

Each attempt is written to a file of the writer's own as soon as the store has answered.
"""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.storing.lots import Lot, rows_of
from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import ConflictMapError, QueryError, StoreError
from conflictmap.store import (
    PublishedUpload,
    Store,
    drop_upload,
    keep_upload,
    latest_revision,
    open_store,
    publish,
    roll_back,
)

VIEWER = LOCAL_ADMINISTRATOR
MOST_ROWS = 8
OWN_LOTS = 14  # that a writer keeps standing; beyond that it withdraws the oldest
TOGETHER = 3  # operations within which two writers come with the same content

KINDS = {
    "upload": 38,
    "publish": 17,
    "same content": 14,
    "held key": 8,
    "correction": 10,
    "roll back": 3,
    "keep and drop": 10,
}
"""What a writer does, and how often of a hundred times. A withdrawal comes when it has many."""


@dataclass
class Attempt:
    """One thing that a writer tried, and what it was told.

    ``outcome`` is "done"; "key", "stale" or "meanwhile" where the store refused as it should;
    "busy"; or "error".
    """

    name: str  # the note of its revision
    kind: str
    adds: list[Lot] = field(default_factory=list)
    withdraws: list[str] = field(default_factory=list)  # names of lots
    content: str = ""
    back_to: int | None = None
    upload: int | None = None
    outcome: str = "done"
    revision: int = 0
    before: int = 0  # the latest revision when it began
    after: int = 0  # and when it was refused
    seconds: float = 0.0
    words: str = ""

    @classmethod
    def from_line(cls, line: str) -> Attempt:
        """Return the attempt of a line of the writer's file."""
        told = json.loads(line)
        return cls(**told | {"adds": [Lot(**lot) for lot in told["adds"]]})

    def as_line(self) -> str:
        """Return it as a line of JSON."""
        return json.dumps(dataclasses.asdict(self)) + "\n"


class Writer:
    """What one writer knows: its store, its own lots, its chance."""

    def __init__(self, store: Store, number: int, seed: int) -> None:
        self.store = store
        self.number = number
        self.chance = random.Random(f"{seed} writer {number}")
        self.own: list[Lot] = []

    def attempt(self, turn: int) -> Attempt:
        """Do the next thing, whatever comes of it."""
        kind = self.chance.choices(list(KINDS), list(KINDS.values()))[0]
        if len(self.own) >= OWN_LOTS:
            kind = "withdrawal"
        elif kind in ("correction", "held key") and not self.own:
            kind = "publish"
        tried = Attempt(f"w{self.number}-{turn}", kind)
        tried.before = latest_revision(self.store, viewer=VIEWER)
        work = self._planned(tried, turn)
        started = time.perf_counter()
        try:
            tried.revision = work()
        except ConflictMapError as error:
            tried.outcome, tried.words = outcome_of(error), str(error)
        tried.seconds = time.perf_counter() - started
        if tried.outcome == "done":
            self._remember(tried)
        else:
            tried.after = latest_revision(self.store, viewer=VIEWER)
        return tried

    def _planned(self, tried: Attempt, turn: int) -> Callable[[], int]:
        """Settle what is to be done; the call does it."""
        new = Lot(tried.name, 1, self.chance.randint(1, MOST_ROWS))
        match tried.kind:
            case "roll back":
                tried.back_to = max(0, tried.before - self.chance.randint(1, 3))
                return lambda: self._roll_back(tried)
            case "keep and drop":
                return lambda: self._keep_and_drop(tried, new)
            case "same content":
                block = turn // TOGETHER
                tried.adds = [Lot(f"same-{block}", 1, 1 + block % MOST_ROWS)]
            case "held key":
                old = self.chance.choice(self.own)
                tried.adds = [new, dataclasses.replace(old, version=old.version + 1)]
            case "correction":
                old = self.chance.choice(self.own)
                tried.adds = [dataclasses.replace(old, version=old.version + 1)]
                tried.withdraws = [old.name]
            case "withdrawal":
                tried.withdraws = [lot.name for lot in self.own[: OWN_LOTS // 2]]
            case _:
                tried.adds = [new]
        if tried.kind in ("upload", "publish", "same content"):
            tried.content = tried.adds[0].sha256
        withdrawn = [lot for lot in self.own if lot.name in tried.withdraws]
        is_upload = tried.kind == "upload" or (tried.kind == "same content" and turn % 2 == 0)
        is_compared = tried.kind == "correction" and self.chance.random() < 0.5
        return lambda: self._publish(
            tried, withdrawn, is_upload=is_upload, as_of=tried.before if is_compared else None
        )

    def _publish(
        self, tried: Attempt, withdrawn: list[Lot], *, is_upload: bool, as_of: int | None
    ) -> int:
        upload = None
        if is_upload:
            tried.upload = self._keep(tried.adds[0])
            upload = PublishedUpload(tried.upload, _outcomes(tried.adds[0]))
        return publish(
            self.store,
            rows_of(tried.adds) if tried.adds else {},
            viewer=VIEWER,
            note=tried.name,
            withdrawals=rows_of(withdrawn) if withdrawn else None,
            content_sha256=tried.content or None,
            upload=upload,
            as_of=as_of,
        )

    def _roll_back(self, tried: Attempt) -> int:
        if tried.before == 0:  # nothing is there yet
            tried.outcome = "stale"
            return 0
        assert tried.back_to is not None
        return roll_back(self.store, tried.back_to, viewer=VIEWER)

    def _keep(self, lot: Lot) -> int:
        return keep_upload(
            self.store,
            label=f"{lot.name}.csv",
            sha256=lot.sha256,
            content=lot.title.encode(),
            source={"source_id": "SYNTHETIC-load"},
            answers={},
            viewer=VIEWER,
        )

    def _keep_and_drop(self, tried: Attempt, lot: Lot) -> int:
        tried.upload = self._keep(lot)
        drop_upload(self.store, tried.upload, viewer=VIEWER)
        return 0

    def _remember(self, tried: Attempt) -> None:
        gone = {*tried.withdraws, *(lot.name for lot in tried.adds)}
        self.own = [lot for lot in self.own if lot.name not in gone]
        if tried.kind != "same content":
            self.own += tried.adds


def outcome_of(error: ConflictMapError) -> str:
    """Return what a refusal means: see `Attempt`."""
    words = str(error)
    if "a row has the key" in words:
        return "key"
    if "is busy" in words:
        return "busy"
    if "meanwhile" in words:
        return "stale" if isinstance(error, QueryError) else "meanwhile"
    return "error"


def write(url: str, number: int, attempts: int, seed: int, folder: Path) -> None:
    """Be one writer until it has tried so often; the body of a process."""
    writer = Writer(open_store(url), number, seed)
    with (folder / f"writer-{number}.jsonl").open("w", encoding="utf-8", buffering=1) as file:
        for turn in range(attempts):
            if not is_wanted():
                return
            try:
                file.write(writer.attempt(turn).as_line())
            except StoreError as error:  # the store could not even be asked for its revision
                words = f"{type(error).__name__}: {error}"
                lost = Attempt(f"w{number}-{turn}", "look", outcome="error", words=words)
                file.write(lost.as_line())
    _tell(folder / f"writer-{number}.json", {"cpu_s": time.process_time()})


def is_wanted() -> bool:
    """Say whether whoever started this process is still there: nobody else would end it."""
    parent = multiprocessing.parent_process()
    return parent is None or parent.is_alive()


def _outcomes(lot: Lot) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": range(2, lot.rows + 2),
            "bin": "published",
            "incident_id": lot.incident_ids(),
            "reason": "",
        }
    )


def _tell(path: Path, figures: dict[str, Any]) -> None:
    path.write_text(json.dumps(figures), encoding="utf-8")
