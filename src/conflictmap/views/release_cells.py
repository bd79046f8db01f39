"""The incidents of a revision as cells of every view that may be asked for, and their sums.

A cell is an area, a period and at most one value of one filter, as `release_lattice` allows them.
Cells that hold nobody are left out: that they are zero is seen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from conflictmap.filters import KINDS_KNOWN
from conflictmap.incident_index import IncidentIndex
from conflictmap.views.facts import Facts
from conflictmap.views.release_lattice import (
    DIMENSIONS,
    Dimension,
    parents_of,
    periods_of_incidents,
)
from conflictmap.views.withholding import ALWAYS_SHOWN, NEVER_SHOWN, NORMAL, Sums

Array = np.ndarray[Any, Any]

REST = "\x00rest"
"""The value that stands for all incidents without one, by which no view can be filtered."""

# The areas that are not of the boundary edition.
_COUNTRY, _COUNTRY_BY_DISTRICT, _POOL, _POOL_DISTRICTS, _POOL_REST = range(5)


@dataclass(frozen=True)
class Memberships:
    """Which incident has which value of which filter."""

    incident: Array
    value: Array  # place in ``values``
    values: tuple[tuple[Dimension, str], ...]  # the first is no filter

    @cached_property
    def dimension(self) -> Array:
        """Return the number of each value's filter in `DIMENSIONS`."""
        return np.array([DIMENSIONS.index(dimension) for dimension, _ in self.values])

    @cached_property
    def parent(self) -> Array:
        """Return the value that each value is a part of: claimed of known, the others of all."""
        known = self.values.index(("known", "claimed_or_attributed"))
        is_claimed = self.dimension == DIMENSIONS.index("claimed")
        return np.where(is_claimed, known, 0)

    @cached_property
    def is_rest(self) -> Array:
        """Return which values stand for all incidents without one."""
        return np.array([value == REST for _, value in self.values])


@dataclass(frozen=True)
class ReleaseCells:
    """The cells of all views, by area, period and value, and the sums among them.

    Areas are numbered: districts, then provinces, then of each province what is placed in it and in
    no district, then the country and the pool of provinces that are never shown singly.
    """

    facts: Facts
    values: tuple[tuple[Dimension, str], ...]
    periods: Array  # the number of each period in use, rising
    area: Array
    period: Array  # place in ``periods``
    value: Array  # place in ``values``
    sums: Sums

    def name_of(self, cell: int) -> str:
        """Return the name of a cell's area; empty where it is none of the boundary edition."""
        districts = list(self.facts.names_of("district"))
        provinces = list(self.facts.names_of("province"))
        number = int(self.area[cell])
        codes = [*districts, *provinces, *provinces]
        return self.facts.name_of(codes[number]) if number < len(codes) else ""


def memberships(index: IncidentIndex) -> Memberships:
    """Return the values of every filter that each incident has."""
    n = len(index.ids)
    values: list[tuple[Dimension, str]] = [("", "")]
    parts: list[tuple[Array, Array]] = [(np.arange(n), np.zeros(n, dtype="int64"))]
    members = np.ones(n, dtype=bool)
    for dimension, (incident, codes, names) in _pairs(index).items():
        start, k = len(values), len(names) + 1
        pairs = np.unique(incident[codes >= 0] * k + codes[codes >= 0])
        incident, codes = pairs // k, pairs % k
        among = members if dimension == "claimed" else np.ones(n, dtype=bool)
        members = np.zeros(n, dtype=bool)
        members[incident] = True
        values += [(dimension, name) for name in names] + [(dimension, REST)]
        without = np.flatnonzero(among & ~members)
        parts.append((incident, start + codes))
        parts.append((without, np.full(len(without), start + len(names))))
    incident, value = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Memberships(incident, value.astype("int64"), tuple(values))


def release_cells(facts: Facts, found: Memberships, pool: Collection[str]) -> ReleaseCells:
    """Return the cells of all views.

    Parameters
    ----------
    pool
        Codes of provinces that are never shown singly, nor any district of them.
    """
    table = _by_area(facts, found)
    districts, provinces = list(facts.names_of("district")), list(facts.names_of("province"))
    n_districts, n_provinces = len(districts), len(provinces)
    special = n_districts + 2 * n_provinces
    leaf = table["leaf"].to_numpy()
    is_district = leaf < n_districts
    province_of = np.array([provinces.index(code[:6]) for code in districts] + [0])
    province = np.where(
        is_district, province_of[np.minimum(leaf, n_districts)], leaf - n_districts - n_provinces
    )
    pooled = np.isin(province, [provinces.index(code) for code in pool])
    real = ~found.is_rest[table["value"].to_numpy()]
    blocks = [
        (leaf, ~pooled & (is_district | real)),
        (n_districts + province, ~pooled),
        (np.full(len(leaf), special + _POOL), pooled),
        (np.full(len(leaf), special + _POOL_DISTRICTS), pooled & is_district),
        (np.full(len(leaf), special + _POOL_REST), pooled & ~is_district & real),
        (np.full(len(leaf), special + _COUNTRY), real),
        (np.full(len(leaf), special + _COUNTRY_BY_DISTRICT), real & is_district),
    ]
    columns = ["period", "value", "n"]
    rows = [table.loc[keep, columns].assign(area=area[keep]) for area, keep in blocks]
    # A view of the country has a cell of the pool, whether it holds anybody or not.
    for place, views in ((_POOL, rows[5]), (_POOL_DISTRICTS, rows[6]), (_POOL_REST, rows[5])):
        rows.append(views.assign(area=special + place, n=0))
    cells = pd.concat(rows, ignore_index=True)
    periods = np.unique(cells["period"].to_numpy())
    cells["period"] = np.searchsorted(periods, cells["period"].to_numpy())
    keys = _key(cells, len(periods), len(found.values))
    distinct, inverse = np.unique(keys, return_inverse=True)
    count = np.rint(np.bincount(inverse, cells["n"].to_numpy())).astype("int64")
    value = distinct % len(found.values)
    period = distinct // len(found.values) % len(periods)
    area = distinct // (len(found.values) * len(periods))
    kind = np.full(len(distinct), NORMAL)
    kind[area >= n_districts + n_provinces] = NEVER_SHOWN
    kind[(area == special + _COUNTRY) | (area == special + _COUNTRY_BY_DISTRICT)] = ALWAYS_SHOWN
    kind[found.is_rest[value]] = NEVER_SHOWN
    maker = _SumMaker(distinct, area, period, value, count, kind, periods, found)
    maker.add_filters(area != special + _COUNTRY, area != special + _COUNTRY_BY_DISTRICT)
    maker.add_times(area != special + _COUNTRY, area != special + _COUNTRY_BY_DISTRICT)
    is_own = area < n_districts
    is_rest = (area >= n_districts + n_provinces) & (area < special)
    own_province = np.where(
        is_own, province_of[np.minimum(area, n_districts)], area - n_districts - n_provinces
    )
    maker.add_areas(is_own | is_rest, n_districts + own_province)
    in_pool = (area == special + _POOL_DISTRICTS) | (area == special + _POOL_REST)
    maker.add_areas(in_pool, np.full(len(area), special + _POOL), protects=False)
    is_province = (area >= n_districts) & (area < n_districts + n_provinces)
    is_province |= area == special + _POOL
    country = np.full(len(area), special + _COUNTRY)
    maker.add_areas(is_province, country, protects=False)
    by_district = is_own | (area == special + _POOL_DISTRICTS)
    maker.add_areas(by_district, country + (_COUNTRY_BY_DISTRICT - _COUNTRY), protects=False)
    return ReleaseCells(facts, found.values, periods, area, period, value, maker.sums())


def _by_area(facts: Facts, found: Memberships) -> pd.DataFrame:
    """Return the incidents by leaf (district, or province alone), period and value."""
    index = facts.index
    n_districts, n_provinces = len(facts.names_of("district")), len(facts.names_of("province"))
    district, province = index.bins["district"], index.bins["province"]
    leaf = np.where(district < n_districts, district, n_districts + n_provinces + province)
    leaf = np.where(province < n_provinces, leaf, -1)
    incident, number = periods_of_incidents(index)
    order = np.argsort(incident, kind="stable")
    number = number[order]
    start = np.searchsorted(incident[order], np.arange(len(index.ids) + 1))
    rows = np.flatnonzero(leaf[found.incident] >= 0)
    who = found.incident[rows]
    times = (start[1:] - start[:-1])[who]
    repeated = np.repeat(rows, times)
    which = np.arange(len(repeated)) - np.repeat(np.cumsum(times) - times, times)
    periods = number[np.repeat(start[who], times) + which]
    distinct, period = np.unique(periods, return_inverse=True)
    k = len(found.values)
    keys = (leaf[found.incident[repeated]] * len(distinct) + period) * k + found.value[repeated]
    unique, n = np.unique(keys, return_counts=True)
    return pd.DataFrame(
        {
            "leaf": unique // (k * len(distinct)),
            "period": distinct[unique // k % len(distinct)],
            "value": unique % k,
            "n": n,
        }
    )


def _pairs(index: IncidentIndex) -> Mapping[Dimension, tuple[Array, Array, list[str]]]:
    """Return for each filter the incidents and the places of their values in a list of names."""
    named, kind = index.attributions, index.attributions["kind"]
    claimed = kind.is_one_of(KINDS_KNOWN["claimed"])
    known = kind.is_one_of(KINDS_KNOWN["claimed_or_attributed"])
    communities = sorted(
        {*index.targets["target_community"].values, *index.harmed["community"].values}
    )
    spoken = [
        (told.incident, _recoded(told[name].codes, list(told[name].values), communities))
        for told, name in ((index.targets, "target_community"), (index.harmed, "community"))
    ]
    groups, sources = index.counted["victim_group"], index.reports["source_id"]
    actors, types = named["actor_id"], index.event_type
    return {
        "type": (np.arange(len(index.ids)), types.codes, list(types.values)),
        "actor": (named.incident, actors.codes, list(actors.values)),
        "known": (named.incident, np.where(known, 0, -1), ["claimed_or_attributed"]),
        "claimed": (named.incident, np.where(claimed, 0, -1), ["claimed"]),
        "group": (index.counted.incident, groups.codes, list(groups.values)),
        "community": (
            np.concatenate([incident for incident, _ in spoken]),
            np.concatenate([codes for _, codes in spoken]),
            communities,
        ),
        "source": (index.reports.incident, sources.codes, list(sources.values)),
    }


def _recoded(codes: Array, names: list[str], into: list[str]) -> Array:
    places = np.array([into.index(name) for name in names] + [-1])
    return places[codes]


def _key(cells: pd.DataFrame, n_periods: int, n_values: int) -> Array:
    area, period, value = (cells[name].to_numpy() for name in ("area", "period", "value"))
    keys: Array = (area * n_periods + period) * n_values + value
    return keys


class _Parts(NamedTuple):
    """Sums of one kind: the cell of each part and its sum, then what `Sums` has of each sum."""

    cell: Array
    sum_of: Array
    whole: Array
    overlap: Array
    protects: Array


class _SumMaker:
    """Collects the sums among cells."""

    def __init__(
        self,
        keys: Array,
        area: Array,
        period: Array,
        value: Array,
        count: Array,
        kind: Array,
        periods: Array,
        found: Memberships,
    ) -> None:
        self._keys, self._count, self._kind = keys, count, kind
        self._area, self._period, self._value = area, period, value
        self._periods, self._found = periods, found
        self._above = np.full((len(keys), 2), -1)
        self._parts: list[_Parts] = []
        self._extra: list[Array] = []

    def add_filters(self, *which: Array) -> None:
        """Add: an area in a period = its parts by each filter, less what is in several."""
        cells = np.flatnonzero(np.logical_and.reduce(which) & (self._value > 0))
        parent = self._found.parent[self._value[cells]]
        whole = self._find(self._area[cells], self._period[cells], parent)
        cells, whole = cells[whole >= 0], whole[whole >= 0]
        dimension = self._found.dimension[self._value[cells]]
        self._above[cells, 1] = whole
        key, sum_of = np.unique(whole * len(DIMENSIONS) + dimension, return_inverse=True)
        wholes = key // len(DIMENSIONS)
        overlap = np.bincount(sum_of, self._count[cells]) - self._count[wholes]
        self._parts.append(_Parts(cells, sum_of, wholes, overlap, np.ones(len(wholes), dtype=bool)))

    def add_times(self, *which: Array) -> None:
        """Add: an area in a year = its quarters and what is dated to none; and so on."""
        is_part = np.logical_and.reduce(which) & (self._periods[self._period] > 0)
        cells = np.flatnonzero(is_part & ~self._found.is_rest[self._value])
        above = np.searchsorted(self._periods, parents_of(self._periods))
        whole = self._find(self._area[cells], above[self._period[cells]], self._value[cells])
        self._above[cells, 0] = whole
        wholes, sum_of = np.unique(whole, return_inverse=True)
        left = self._count[wholes] - np.bincount(sum_of, self._count[cells])
        undated = np.flatnonzero(left > 0)
        n = len(self._count) + sum(len(extra) for extra in self._extra)
        self._extra.append(left[undated].astype("int64"))
        self._parts.append(
            _Parts(
                np.concatenate([cells, n + np.arange(len(undated))]),
                np.concatenate([sum_of, undated]),
                wholes,
                np.zeros(len(wholes)),
                np.ones(len(wholes), dtype=bool),
            )
        )

    def add_areas(self, which: Array, into: Array, *, protects: bool = True) -> None:
        """Add: a province = its districts and what is placed in none; the country = all areas."""
        cells = np.flatnonzero(which & ~self._found.is_rest[self._value])
        whole = self._find(into[cells], self._period[cells], self._value[cells])
        wholes, sum_of = np.unique(whole, return_inverse=True)
        zeros, are_protected = np.zeros(len(wholes)), np.full(len(wholes), protects)
        self._parts.append(_Parts(cells, sum_of, wholes, zeros, are_protected))

    def sums(self) -> Sums:
        """Return all cells, with those of what is dated to no part, and their sums."""
        extra = np.concatenate(self._extra) if self._extra else np.empty(0, dtype="int64")
        starts = np.cumsum([0, *(len(some.whole) for some in self._parts)])[:-1]
        return Sums(
            count=np.concatenate([self._count, extra]),
            kind=np.concatenate([self._kind, np.full(len(extra), NEVER_SHOWN)]),
            whole=np.concatenate([some.whole for some in self._parts]),
            overlap=np.concatenate([some.overlap for some in self._parts]),
            protects=np.concatenate([some.protects for some in self._parts]),
            part=np.concatenate([some.cell for some in self._parts]),
            sum_of=np.concatenate(
                [some.sum_of + start for some, start in zip(self._parts, starts, strict=True)]
            ),
            above=np.concatenate([self._above, np.full((len(extra), 2), -1)]),
        )

    def _find(self, area: Array, period: Array, value: Array) -> Array:
        """Return the places of cells by area, period and value; -1 where there is none."""
        keys = (area * len(self._periods) + period) * len(self._found.values) + value
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[place] == keys, place, -1)
