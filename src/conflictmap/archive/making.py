"""Making lots of the rows that revisions changed, and keeping them where they are many."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conflictmap.access import Viewer
from conflictmap.archive.keeping import Keeper, Segment, cells_name, kept_segments, load_lot
from conflictmap.archive.lots import (
    COLUMNS,
    Lot,
    index_of,
    joined_lots,
    lot_of,
    only_rows,
    without_rows,
)
from conflictmap.boundaries import BoundaryEdition
from conflictmap.errors import StoreError
from conflictmap.filters import KINDS_KNOWN, IncidentFilter
from conflictmap.incident_cells import MONTHS, cells_of
from conflictmap.incident_index import IncidentIndex
from conflictmap.store import Store, incidents_changed, load_rows_of, stream_rows

Array = np.ndarray[Any, Any]

KEPT_FROM: Final = 50_000
"""Incidents that changed, from which on what is worked out from them is kept."""

A_LOT: Final = 250_000
READ_AT_ONCE: Final = 50_000

MOST_CELLS: Final = 400
"""Filters of one value whose cells are kept; those with the most incidents."""


@dataclass(frozen=True)
class Lots:
    """All lots of a revision: those that are kept, and one of what changed since.

    ``gone`` are incidents of kept lots that changed since: cells that are kept still hold them.
    """

    segments: tuple[Segment, ...]
    lots: tuple[Lot, ...]
    gone: tuple[Lot, ...]
    recent: Lot | None


def lots_at(
    store: Store,
    edition: BoundaryEdition,
    *,
    viewer: Viewer,
    revision: int,
    kept_from: int = KEPT_FROM,
    tell: Callable[[int], None] = lambda _: None,
) -> Lots:
    """Return all lots of a revision, making and keeping what is not kept yet.

    Where the store cannot be written, all is made and nothing kept.

    Parameters
    ----------
    tell
        Told how many incidents were read so far, where many have to be.
    """
    segments = kept_segments(store, viewer=viewer, to=revision)
    lots = [
        load_lot(store, segment, number, viewer=viewer)
        for segment in segments
        for number in range(segment.lots)
    ]
    after = segments[-1].to if segments else 0
    made: list[Lot] = []
    replaced: dict[int, Array] = {}
    if after < revision:
        if not segments:
            made = list(_all_lots(store, viewer, revision, tell))
        else:
            ids = incidents_changed(store, after, revision, viewer=viewer)
            replaced = _rows_of(ids, lots)
            made = list(_lots_of(store, ids, viewer, revision, tell))
        changed = sum(len(lot) for lot in made) + sum(map(len, replaced.values()))
        if changed >= kept_from:
            with contextlib.suppress(StoreError):
                keeper = Keeper(store, viewer=viewer, after=after, to=revision)
                segment = _keep(keeper, made, replaced, edition)
                segments, lots = [*segments, segment], [*lots, *made]
                made, replaced = [], {}
    left, gone = _replace([*segments], lots, replaced)
    return Lots(tuple(segments), left, gone, joined_lots(made)[0] if made else None)


def one_value_filters(index: IncidentIndex) -> dict[tuple[str, str], IncidentFilter]:
    """Return the filters whose cells are kept, by field and value: none, and each single value."""
    numbers: dict[tuple[str, str], int] = {}
    for field, statements, column in (
        ("actors", index.attributions, "actor_id"),
        ("victim_groups", index.counted, "victim_group"),
        ("communities", index.targets, "target_community"),
        ("communities", index.harmed, "community"),
        ("sources", index.reports, "source_id"),
    ):
        coded = statements[column]
        for value, number in zip(coded.values, _numbers(coded.codes), strict=False):
            numbers[field, value] = numbers.get((field, value), 0) + int(number)
    for value, number in zip(
        index.event_type.values, _numbers(index.event_type.codes), strict=False
    ):
        numbers["event_types", value] = int(number)
    most = sorted(numbers, key=lambda key: (-numbers[key], key))[:MOST_CELLS]
    return {
        ("", ""): IncidentFilter(),
        **{("known", known): IncidentFilter(known=known) for known in KINDS_KNOWN},  # type: ignore[arg-type]
        **{key: IncidentFilter(**{key[0]: (key[1],)}) for key in most},  # type: ignore[arg-type]
    }


def field_and_value(chosen: IncidentFilter) -> tuple[str, str] | None:
    """Return what `one_value_filters` has a filter under, its period aside; None: not at all."""
    fields = {
        name: getattr(chosen, name)
        for name in ("actors", "event_types", "victim_groups", "communities", "sources")
        if getattr(chosen, name)
    }
    if chosen.known != "any":
        fields["known"] = (chosen.known,)
    if not fields:
        return "", ""
    (name, values), *others = fields.items()
    return None if others or len(values) > 1 else (name, values[0])


def _numbers(codes: Array) -> Array:
    return np.bincount(codes[codes >= 0].astype("int64"))


def _keep(
    keeper: Keeper, made: Sequence[Lot], replaced: Mapping[int, Array], edition: BoundaryEdition
) -> Segment:
    for lot in made:
        keeper.add_lot(lot)
    if not made:
        return keeper.finish({}, {}, replaced)
    index = index_of(joined_lots(made)[0], edition)
    cells = {
        cells_name(*key, months): cells_of(index, chosen, months)
        for key, chosen in one_value_filters(index).items()
        for months in MONTHS
    }
    return keeper.finish(cells, index.bin_names, replaced)


def _all_lots(
    store: Store, viewer: Viewer, revision: int, tell: Callable[[int], None]
) -> Iterator[Lot]:
    """Return lots of everything that is held at a revision."""
    done = 0
    for tables in stream_rows(
        store, COLUMNS, viewer=viewer, revision=revision, incidents_at_once=A_LOT
    ):
        yield lot_of(tables)
        done += len(tables["incidents"])
        tell(done)


def _lots_of(
    store: Store,
    ids: Sequence[str],
    viewer: Viewer,
    revision: int,
    tell: Callable[[int], None],
) -> Iterator[Lot]:
    """Return lots of those of some incidents that are held at a revision."""
    done = 0
    for start in range(0, len(ids), READ_AT_ONCE):
        some = ids[start : start + READ_AT_ONCE]
        tables = load_rows_of(store, some, viewer=viewer, revision=revision)
        done += len(some)
        tell(done)
        if len(tables["incidents"]):
            yield lot_of(tables)


def _rows_of(ids: Sequence[str], lots: Sequence[Lot]) -> dict[int, Array]:
    """Return the rows of some incidents in each lot that has any."""
    wanted = pa.array(ids, pa.large_string())
    found = {}
    for number, lot in enumerate(lots):
        is_one = pc.is_in(lot.tables["incidents"]["incident_id"], value_set=wanted)
        if len(rows := np.flatnonzero(is_one.to_numpy())):
            found[number] = rows
    return found


def _replace(
    segments: Sequence[Segment], lots: Sequence[Lot], recent: Mapping[int, Array]
) -> tuple[tuple[Lot, ...], tuple[Lot, ...]]:
    """Return the lots without what was replaced since, and what was."""
    left, gone = [], []
    for number, lot in enumerate(lots):
        told = [one.replaced[number] for one in segments if number in one.replaced]
        told += [recent[number]] if number in recent else []
        if told:
            rows = np.unique(np.concatenate(told))
            gone.append(only_rows(lot, rows))
            lot = without_rows(lot, rows)
        left.append(lot)
    return tuple(left), tuple(gone)
