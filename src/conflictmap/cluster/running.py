"""An archive joined: what is done already, what is left, and the account of all of it.

Who works through the parts does not matter here: this process (`work_here`) or others
(`workers.work_on`). Each part ends in one outcome, whatever the order they come in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conflictmap.cluster.counts import Tally, read_counts, write_counts
from conflictmap.cluster.joining import BINS, REMARKS, Order, identity, join_part
from conflictmap.cluster.layouts import UNSTATED_PRECISION
from conflictmap.cluster.storage import Part, unreadable
from conflictmap.districts import PreparedDistricts
from conflictmap.errors import ConflictMapError, IncidentFileError

MOST_TRIES = 3
"""So often is a part tried whose process ended or whose storage failed."""

ACCOUNT = "account.json"


@dataclass(frozen=True)
class Outcome:
    """What became of a part: its account, or why there is none."""

    part: Part
    account: Mapping[str, Any] | None
    why: str = ""


@dataclass
class Progress:
    """How far an archive is; `tell` is called whenever it may have changed."""

    parts: int
    size: int
    done: int = 0
    kept: int = 0
    failed: int = 0
    rows: int = 0
    size_done: int = 0
    tell: Callable[[Progress], None] = field(default=lambda progress: None)


Work = Callable[[Sequence[Part]], Iterable[Outcome | None]]
"""Joins parts and gives each one's outcome as it comes, None now and then while nothing comes."""


def join_archive(
    parts: Sequence[Part],
    order: Order,
    work: Work,
    *,
    told: Mapping[str, Any],
    tell: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Join what is not joined yet, merge the counts, write the account and return it.

    Parameters
    ----------
    told
        What else the account says: edition, mapping.
    tell
        Is told how far the work is.
    """
    folder = order.folder
    folder.remove(ACCOUNT)  # of an earlier run: from here on it says nothing about the folder
    folder.remove_beyond(len(parts))
    progress = Progress(len(parts), sum(part.size for part in parts), tell=tell)
    accounts: dict[int, Mapping[str, Any]] = {}
    failed: dict[int, str] = {}
    for part in parts:
        if kept := _kept(part, order):
            accounts[part.number] = kept
            progress.kept += 1
            progress.size_done += part.size
        else:
            folder.remove(f"parts/{part.stem}.json")
    left = [part for part in parts if part.number not in accounts]
    progress.tell(progress)
    for outcome in work(left) if left else ():
        if outcome is not None:
            _note(outcome, order, accounts, failed, progress)
        progress.tell(progress)
    tally = Tally()
    for number in sorted(accounts):
        with folder.open(accounts[number]["counts"]["file"]) as file:
            tally.add(read_counts(file))
    table = tally.table()
    counts = folder.write("counts.parquet", lambda made: write_counts(table, made))
    account = _account(parts, order, accounts, failed, told)
    folder.remove_beyond(len(parts))  # what workers that ended had half written
    account["counts"] = {**counts, "rows": table.num_rows}
    folder.write_json(ACCOUNT, account)
    return account


def work_here(
    order: Order, districts: PreparedDistricts
) -> Callable[[Sequence[Part]], Iterator[Outcome]]:
    """Return the work of one process, part after part."""

    def work(parts: Sequence[Part]) -> Iterator[Outcome]:
        for part in parts:
            for attempt in range(1, MOST_TRIES + 1):
                account, why, is_final = attempted(part, order, districts)
                if is_final or attempt == MOST_TRIES:
                    yield Outcome(part, account, why)
                    break

    return work


def attempted(
    part: Part, order: Order, districts: PreparedDistricts
) -> tuple[dict[str, Any] | None, str, bool]:
    """Join a part; return its account, or why there is none and whether another try is in vain.

    No error leaves it: what a worker raises, Dask writes to a log together with the text of it.
    """
    try:
        return join_part(part, order, districts), "", True
    except IncidentFileError as error:
        return None, str(error), True
    except Exception as error:  # whatever it is, the other parts go on, and this one is named
        return None, str(unreadable(error)), False


def _kept(part: Part, order: Order) -> Mapping[str, Any] | None:
    """Return the account of a part that is done, of this input and by this order."""
    account = order.folder.read_json(f"parts/{part.stem}.json")
    if account is None or {name: account.get(name) for name in _identity(part, order)} != _identity(
        part, order
    ):
        return None
    is_whole = all(order.folder.holds(account.get(name, {})) for name in ("joined", "counts"))
    return account if is_whole else None


def _identity(part: Part, order: Order) -> dict[str, Any]:
    return {"part": part.label, **identity(part, order)}


def _note(
    outcome: Outcome,
    order: Order,
    accounts: dict[int, Mapping[str, Any]],
    failed: dict[int, str],
    progress: Progress,
) -> None:
    part, account = outcome.part, outcome.account
    progress.size_done += part.size
    if account is None:
        failed[part.number] = outcome.why
        progress.failed += 1
        for name in ("joined/{}.parquet", "parts/{}.counts.parquet", "parts/{}.json"):
            order.folder.remove(name.format(part.stem))
        return
    accounts[part.number] = account
    progress.done += 1
    progress.rows += account["rows_in"]


def _account(
    parts: Sequence[Part],
    order: Order,
    accounts: Mapping[int, Mapping[str, Any]],
    failed: Mapping[int, str],
    told: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the account of the archive. The same parts and order give the same account."""
    done = [accounts[number] for number in sorted(accounts)]
    total = {name: sum(one[name] for one in done) for name in ("rows_in", "rows_out")}
    bins = {name: sum(one["bins"][name] for one in done) for name in BINS}
    if not total["rows_in"] == total["rows_out"] == sum(bins.values()):
        raise ConflictMapError("The bins do not add up to the rows: the results must not be used.")
    return {
        "is_complete": not failed,
        **told,
        "layer_sha256": order.layer_sha256,
        "versions": order.versions,
        "snap_km": order.snap_km,
        "unstated_precision": UNSTATED_PRECISION,
        **total,
        "bins": bins,
        "remarks": {name: sum(one["remarks"][name] for one in done) for name in REMARKS},
        "failed": [
            {"part": part.label, "why": failed[part.number]}
            for part in parts
            if part.number in failed
        ],
        "parts": done,
    }
