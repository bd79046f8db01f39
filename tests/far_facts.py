"""Facts whose tables of incidents are not at hand, as those of a very large store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from conflictmap.summaries import LEVELS, place_bins
from conflictmap.views.facts import Facts

FAR = ("incidents", "incident_places", "incident_sources", "incident_targets", "attributions")
FAR += ("casualties", "place_candidates")


class NearTables(Mapping[str, pd.DataFrame]):
    """Tables of which those of incidents must not be read."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._tables = tables

    def __getitem__(self, name: str) -> pd.DataFrame:
        assert name not in FAR, f"the whole table {name} was read"
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(name for name in self._tables if name not in FAR)

    def __len__(self) -> int:
        return len(list(iter(self)))


@dataclass(frozen=True)
class FarFacts(Facts):
    """Facts that have the index and the small tables, and give the rest of few incidents only."""

    whole: Facts | None = None

    def of(self, ids: pd.Index) -> Facts:
        """Return ordinary facts that hold these incidents and no others."""
        assert self.whole is not None
        tables = dict(self.whole.tables)
        for name in FAR:
            key = "subject_id" if name == "place_candidates" else "incident_id"
            tables[name] = tables[name][tables[name][key].isin(ids)]
        bins = {level: place_bins(tables, level) for level in LEVELS}
        return replace(self.whole, tables=tables, bins=bins)


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
    found.__dict__["index"] = facts.index  # where the index is kept once it is made
    return found
