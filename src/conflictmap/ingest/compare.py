"""What an upload would change: new, unchanged, changed, withdrawn, and probable duplicates."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from conflictmap.distinct import is_among
from conflictmap.frames import row_fingerprints
from conflictmap.schema import TABLES

# Everything an incident consists of, beside its own row.
PARTS = (
    "incidents",
    "incident_places",
    "incident_targets",
    "attributions",
    "casualties",
    "incident_sources",
)

_WORDS = ("statement", "original_sources")
_PAIRS = 2_000_000  # pairs of one district looked at in one go: bounds the memory


@dataclass(frozen=True)
class Comparison:
    """How the incidents of an upload stand to those in the store.

    ``fields`` has a row a changed field: incident_id, table, column, before, after (text).
    ``duplicates`` has a row a pair: incident_id of the upload, other_id in the store.
    """

    new: frozenset[str]
    unchanged: frozenset[str]
    changed: frozenset[str]
    withdrawn: tuple[str, ...]  # in the store from this source, but no longer in the file
    fields: pd.DataFrame
    duplicates: pd.DataFrame


Statement = tuple[str, str, str]
"""An incident, what was said of it, and the sources of that."""


def compare(
    uploaded: Mapping[str, pd.DataFrame],
    held: Mapping[str, pd.DataFrame],
    source_id: str,
    *,
    free: list[Statement] | None = None,
) -> Comparison:
    """Compare the incidents of an upload with the store's.

    Parameters
    ----------
    uploaded
        The upload's tables; see `assemble`.
    held
        The store's tables at the latest revision.
    source_id
        The upload's source: only its incidents can be unchanged, changed or withdrawn.
    free
        For an upload that is compared in parts: `held_statements`, of which each part takes those
        that stand for a row of its own.
    """
    theirs = set(uploaded["incidents"]["incident_id"].to_numpy(dtype=object))
    ours = _incidents_of(held, source_id)
    both = theirs & ours
    # What other sources said of an incident is no part of this one's record.
    own = {**held, "incident_sources": _told_by(held, source_id)}
    before, after = contents(own, both), contents(uploaded, both)
    changed = {incident for incident in both if before[incident] != after[incident]}
    new = theirs - ours
    duplicates = probable_duplicates(uploaded, held, new, source_id)
    if free is None:
        free = held_statements(held, source_id)
    linked = _linked_before(uploaded, free, duplicates)
    return Comparison(
        new=frozenset(new - linked),
        unchanged=frozenset(both - changed) | linked,
        changed=frozenset(changed),
        withdrawn=tuple(sorted(ours - theirs)),
        fields=_changed_fields(uploaded, own, changed),
        duplicates=duplicates[~duplicates["incident_id"].isin(linked)],
    )


def held_statements(held: Mapping[str, pd.DataFrame], source_id: str) -> list[Statement]:
    """Return what a source said so far of the incidents that are held."""
    rows = _told_by(held, source_id)[["incident_id", *_WORDS]].fillna("")
    return [tuple(row) for row in rows.values]


def contents(tables: Mapping[str, pd.DataFrame], incidents: set[str]) -> dict[str, frozenset[str]]:
    """Return the content of each incident over all its tables, to be compared for equality."""
    found: dict[str, set[str]] = {incident: set() for incident in incidents}
    for name in PARTS if incidents else ():
        rows = tables[name]
        rows = rows.loc[is_among(rows["incident_id"], incidents), TABLES[name].column_names]
        for incident, content in zip(rows["incident_id"], row_fingerprints(rows), strict=True):
            found[incident].add(f"{name}|{content}")
    return {incident: frozenset(content) for incident, content in found.items()}


def probable_duplicates(
    uploaded: Mapping[str, pd.DataFrame],
    held: Mapping[str, pd.DataFrame],
    new: set[str],
    source_id: str,
) -> pd.DataFrame:
    """Find incidents of other sources that may be the same as new ones.

    They lie in the same district, their days overlap and are known to some days at most, and
    neither their actors nor their types contradict each other.

    Returns
    -------
    DataFrame
        Columns ``incident_id`` (of the upload) and ``other_id``.
    """
    ours = _incidents_of(held, source_id)
    right = _traits(held)
    right = right[~is_among(right["incident_id"], ours)]
    if right.empty or not new:
        return pd.DataFrame(columns=["incident_id", "other_id"])
    left = _traits(uploaded)
    left = left[is_among(left["incident_id"], new)]
    pairs = pd.DataFrame(
        [pair for block in _meeting(left, right) for pair in block],
        columns=["incident_id", "other_id"],
        dtype="str",
    )
    ours_named = _actors_of(uploaded, pairs["incident_id"])
    theirs_named = _actors_of(held, pairs["other_id"])
    agree = [not a or not b or bool(a & b) for a, b in zip(ours_named, theirs_named, strict=True)]
    return pairs[np.array(agree, dtype=bool)].drop_duplicates(ignore_index=True)


def _meeting(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[Iterable[tuple[str, str]]]:
    """Yield pairs of one district, of days that overlap and of types that may be one.

    The right is put in order of district and first day: what an incident can meet then stands
    together, from the longest interval before its first day to its last day.
    """
    districts = pd.Index(right["adm2_code"].unique())
    sides = []
    for rows in (left, right):
        days = rows[["date_from", "date_to"]].to_numpy("datetime64[D]").astype("int64")
        sides.append((districts.get_indexer(rows["adm2_code"]), days[:, 0], days[:, 1]))
    (our_district, our_first, our_last), (district, first, last) = sides
    origin = min(first.min(), our_first.min(initial=first[0]))
    span = max(last.max(), first.max(), our_last.max(initial=0), our_first.max(initial=0))
    span += 1 - origin
    order = np.lexsort([first, district])
    stand = (district * span + first - origin)[order]
    longest = max(int((last - first).max()), 0)
    start = np.searchsorted(stand, our_district * span + our_first - origin - longest, "left")
    end = np.searchsorted(stand, our_district * span + our_last - origin, "right")
    count = np.maximum(end - start, 0)
    types = left["event_type"].to_numpy(dtype=object), right["event_type"].to_numpy(dtype=object)
    ids = left["incident_id"].to_numpy(dtype=object), right["incident_id"].to_numpy(dtype=object)
    cuts = np.searchsorted(np.cumsum(count), np.arange(_PAIRS, count.sum(), _PAIRS), "right")
    for low, high in itertools.pairwise([0, *cuts, len(count)]):
        many = count[low:high]
        ours = np.repeat(np.arange(low, high), many)
        offset = np.arange(len(ours)) - np.repeat(np.cumsum(many) - many, many)
        theirs = order[np.repeat(start[low:high], many) + offset]
        meets = (our_district[ours] == district[theirs]) & (our_first[ours] <= last[theirs])
        meets &= our_last[ours] >= first[theirs]
        ours, theirs = ours[meets], theirs[meets]
        ours_is, theirs_is = types[0][ours], types[1][theirs]
        alike = (ours_is == theirs_is) | (ours_is == "other") | (theirs_is == "other")
        ours, theirs = ours[alike], theirs[alike]
        by_row = np.lexsort([theirs, ours])
        yield zip(ids[0][ours[by_row]], ids[1][theirs[by_row]], strict=True)


def _actors_of(tables: Mapping[str, pd.DataFrame], incidents: pd.Series) -> list[frozenset[str]]:
    """Return the actors named for each incident."""
    named = tables["attributions"][["incident_id", "actor_id"]]
    named = named[is_among(named["incident_id"], set(incidents))]
    actors = named.groupby("incident_id")["actor_id"].agg(frozenset).to_dict()
    return [actors.get(incident, frozenset()) for incident in incidents]


def _incidents_of(tables: Mapping[str, pd.DataFrame], source_id: str) -> set[str]:
    """Return the incidents that came by uploads of a source, not those it was only linked to."""
    places = tables["incident_places"]
    ids = places.loc[places["source_id"] == source_id, "incident_id"]
    return set(ids[ids.str.startswith(f"{source_id}-")])


def _told_by(held: Mapping[str, pd.DataFrame], source_id: str) -> pd.DataFrame:
    told = held["incident_sources"]
    return told[told["source_id"] == source_id]


def _linked_before(
    uploaded: Mapping[str, pd.DataFrame], free: list[Statement], pairs: pd.DataFrame
) -> frozenset[str]:
    """Return the new incidents whose very words stand at a probable duplicate already.

    A statement that is held stands for one record of the file only: it is taken out of `free`.
    """
    if pairs.empty:
        return frozenset()
    theirs = uploaded["incident_sources"].set_index("incident_id")[list(_WORDS)].fillna("")
    linked = set()
    for incident, other in pairs[["incident_id", "other_id"]].itertuples(index=False, name=None):
        said = (other, *theirs.loc[incident])
        if incident not in linked and said in free:
            free.remove(said)
            linked.add(incident)
    return frozenset(linked)


def _traits(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what is compared first: a row an incident and district, dated to some days at most."""
    incidents = tables["incidents"]
    incidents = incidents[
        incidents["date_precision"].isin(["day", "days"])
        & incidents["date_from"].notna()
        & incidents["date_to"].notna()
    ]
    places = tables["incident_places"]
    places = places.loc[places["adm2_code"].notna(), ["incident_id", "adm2_code"]]
    return incidents[["incident_id", "date_from", "date_to", "event_type"]].merge(
        places.drop_duplicates(), how="inner", on="incident_id", validate="1:m"
    )


def _changed_fields(
    uploaded: Mapping[str, pd.DataFrame], held: Mapping[str, pd.DataFrame], changed: set[str]
) -> pd.DataFrame:
    rows: list[tuple[str, str, str, str, str]] = []
    for name in PARTS if changed else ():
        key = list(TABLES[name].key)
        sides = [
            side[name].loc[side[name]["incident_id"].isin(changed), TABLES[name].column_names]
            for side in (held, uploaded)
        ]
        before, after = (side.set_index(key, drop=False).astype("str") for side in sides)
        owners = pd.concat(sides).set_index(key, drop=False)["incident_id"]
        owners = owners[~owners.index.duplicated()]
        for at in before.index.union(after.index, sort=False):
            for column in TABLES[name].column_names:
                old = str(before.at[at, column]) if at in before.index else ""
                new = str(after.at[at, column]) if at in after.index else ""
                if old != new:
                    rows.append((str(owners[at]), name, column, _blank(old), _blank(new)))
    return pd.DataFrame(rows, columns=["incident_id", "table", "column", "before", "after"])


def _blank(text: str) -> str:
    return "" if text in ("nan", "<NA>", "NaT", "None") else text
