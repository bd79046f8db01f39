"""Facts whose tables of incidents are not at hand, as those of a very large store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from conflictmap.index_parts import sorted_index, taken
from conflictmap.periods import Period
from conflictmap.summaries import LEVELS, place_bins
from conflictmap.views.facts import Facts
from conflictmap.views.possible_areas import Places

FAR = ("incidents", "incident_places", "incident_sources", "incident_targets", "attributions")
FAR += ("casualties",)
CANDIDATES, OF_INCIDENTS = "place_candidates", "incident_places"


class NearTables(Mapping[str, pd.DataFrame]):
    """Tables of which those of incidents must not be read."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._tables = tables

    def __getitem__(self, name: str) -> pd.DataFrame:
        assert name not in FAR, f"the whole table {name} was read"
        table = self._tables[name]
        return table[table["subject_table"] != OF_INCIDENTS] if name == CANDIDATES else table

    def __iter__(self) -> Iterator[str]:
        return iter(name for name in self._tables if name not in FAR)

    def __len__(self) -> int:
        return len(list(iter(self)))


@dataclass(frozen=True)
class FarFacts(Facts):
    """Facts that have the index and the small tables, and give the rest of few incidents only."""

    whole: Facts | None = None

    @property
    def has_all_rows(self) -> bool:
        """Say that the rows of incidents are not in the tables."""
        return False

    @property
    def first_date(self) -> dt.date | None:  # type: ignore[override]
        """Return the first day that any incident names."""
        return self._whole.first_date

    @property
    def last_date(self) -> dt.date | None:  # type: ignore[override]
        """Return the last day that any incident names."""
        return self._whole.last_date

    @property
    def _whole(self) -> Facts:
        assert self.whole is not None
        return self.whole

    def near(self, period: Period) -> FarFacts:
        """Return facts of the incidents that may lie in a period, the latest first."""
        if period.is_all_dates:
            return self
        index, places = self._whole.index, self._whole.places
        order = np.argsort(-index.first_day.astype("int64"), kind="stable")
        index = sorted_index(index, order)
        rows = np.flatnonzero(~index.standing(period)[1])
        again = np.full(len(order) + 1, -1)  # the new row of each incident that is near
        again[order[rows]] = np.arange(len(rows))
        of_place, of_candidate = again[places.incident], again[places.incident_of_candidate]
        found = replace(self)
        found.__dict__.update(
            index=taken(index, rows),
            places=Places(
                places.rows[of_place >= 0],
                of_place[of_place >= 0],
                places.candidates[of_candidate >= 0],
                of_candidate[of_candidate >= 0],
            ),
        )
        return found

    def of(self, ids: pd.Index) -> Facts:
        """Return ordinary facts that hold these incidents and no others."""
        tables = dict(self._whole.tables)
        for name in FAR:
            tables[name] = tables[name][tables[name]["incident_id"].isin(ids)]
        found = tables[CANDIDATES]
        is_other = found["subject_table"] != OF_INCIDENTS
        tables[CANDIDATES] = found[is_other | found["subject_id"].isin(ids)]
        bins = {level: place_bins(tables, level) for level in LEVELS}
        return replace(self._whole, tables=tables, bins=bins)


def far(facts: Facts) -> FarFacts:
    """Return the same facts with the tables of incidents, and their bins, out of reach."""
    found = FarFacts(
        revision=facts.revision,
        tables=NearTables(facts.tables),
        edition=facts.edition,
        bins={},
        is_synthetic=facts.is_synthetic,
        sight=facts.sight,
        policy=facts.policy,
        whole=facts,
    )
    # Where both are kept once they are made.
    found.__dict__.update(index=facts.index, places=facts.places)
    return found
