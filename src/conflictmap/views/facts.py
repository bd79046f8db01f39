"""All that is known at one revision, for one viewer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.access import Sight, Viewer
from conflictmap.boundaries import BoundaryEdition
from conflictmap.filters import IncidentFilter
from conflictmap.incident_cells import Items, incidents_as_items
from conflictmap.incident_index import IncidentIndex, index_incidents
from conflictmap.periods import Period
from conflictmap.store import Store, latest_revision, load_tables, policy
from conflictmap.summaries import ABROAD, LEVELS, NOT_PLACED, Level, place_bins
from conflictmap.views.place_marks import PlaceMarks, mark_places
from conflictmap.views.possible_areas import Places, PossibleAreas, find_possible_areas

COARSE_SIGHT = "Exact places, and some incidents or details, are for analysts only."
"""What stands wherever something is counted or shown for coarse sight, whether or not anything is
withheld there: a sentence that came and went would tell what is."""

Array = np.ndarray[Any, Any]

FactsKey = tuple[int, Sight, str]


@dataclass(frozen=True)
class Facts:
    """The tables of one revision with the edition they are drawn on, as one sight is given them."""

    revision: int
    tables: Mapping[str, pd.DataFrame]
    edition: BoundaryEdition
    bins: Mapping[Level, pd.Series]  # incident_id -> unit code, "not_placed" or "abroad"
    is_synthetic: bool = False  # made up: whatever leaves the house carries the mark
    sight: Sight = "full"
    policy: str = ""  # of restrictions, under which coarse sight was given the tables
    releases: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)
    """What is hidden under each limit, see `release_check.release_of`; made once."""
    memory: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def key(self) -> FactsKey:
        """Return what all that is worked out from these facts may be kept under.

        It holds nothing of the person: whoever has the same sight is given the same.
        """
        return self.revision, self.sight, self.policy

    @property
    def sight_note(self) -> str:
        """Return what a reader of coarse sight has to know of every number; empty for full."""
        return COARSE_SIGHT if self.sight == "coarse" else ""

    @property
    def has_all_rows(self) -> bool:
        """Say whether the tables hold the rows of every incident."""
        return True

    @cached_property
    def index(self) -> IncidentIndex:
        """Return the incidents as arrays; made once."""
        names: dict[Level, tuple[str, ...]] = {
            level: (*self.names_of(level), NOT_PLACED, ABROAD) for level in LEVELS
        }
        return index_incidents(self.tables, self.bins, names)

    @cached_property
    def place_marks(self) -> PlaceMarks:
        """Return where each place has its mark; made once."""
        return mark_places(self.places.rows, self.places.incident, self.edition)

    @cached_property
    def places(self) -> Places:
        """Return the places of incidents by the rows of the index; made once."""
        rows, found = self.tables["incident_places"], self.tables["place_candidates"]
        found = found[found["subject_table"] == "incident_places"]
        row_of = self.index.ids.get_indexer
        return Places(rows, row_of(rows["incident_id"]), found, row_of(found["subject_id"]))

    @cached_property
    def possible_areas(self) -> Mapping[Level, PossibleAreas]:
        """Return where the incidents that are in no area of a level may lie; made once."""
        return {
            level: find_possible_areas(
                self.places,
                self.edition,
                level,
                self.index.bins[level] == self.index.bin_names[level].index(NOT_PLACED),
            )
            for level in LEVELS
        }

    @cached_property
    def first_date(self) -> dt.date | None:
        """Return the first day that any incident names; None where none does."""
        return _extreme(self.tables["incidents"], "min")

    @cached_property
    def last_date(self) -> dt.date | None:
        """Return the last day that any incident names; None where none does."""
        return _extreme(self.tables["incidents"], "max")

    def items(
        self, chosen: IncidentFilter, measure: str, level: Level, steps: Sequence[Period]
    ) -> tuple[Items, Array]:
        """Return what is to be counted in a filter's period and in each of its steps.

        Beside it the sums of what is not among them and lies outside the period for sure, a row a
        sum as those of the items.
        """
        items = incidents_as_items(self.index, chosen, measure, level)
        return items, np.zeros((len(items.summed), 1), dtype="int64")

    def near(self, period: Period) -> Facts:
        """Return facts with every incident that may lie in a period, and maybe others."""
        return self

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Make something, once where that costs much."""
        return make()

    def holds(self, incident_id: str) -> bool:
        """Say whether there is an incident of this id."""
        return incident_id in self.index.ids

    def of(self, ids: pd.Index) -> Facts:
        """Return facts whose tables hold these incidents, and others where they are at hand."""
        return self

    def disputed(self) -> pd.DataFrame:
        """Return the statements that only dispute who did it: incident_id, actor_id, source_id.

        They name nobody, so the index has none of them.
        """
        rows = self.tables["attributions"]
        return rows.loc[rows["kind"] == "disputed", ["incident_id", "actor_id", "source_id"]]

    def rows_by_source(self, name: str) -> Mapping[str, int]:
        """Return how many rows of a table each source gave, by its id."""
        found: dict[str, int] = self.tables[name]["source_id"].value_counts().to_dict()
        return found

    def name_of(self, code: str) -> str:
        """Return the English name of a unit, a district's with its province."""
        provinces = self.names_of("province")
        if code in provinces:
            return provinces[code]
        return f"{self.names_of('district')[code]}, {provinces[code[:6]]}"

    def names_of(self, level: Level) -> dict[str, str]:
        """Return the English name of each unit of a level by its code, in the order of codes."""
        return _names(self.edition, level)


def load_facts(
    store: Store, edition: BoundaryEdition, *, viewer: Viewer, revision: int | None = None
) -> Facts:
    """Read all tables at a revision (the latest by default) and place the incidents."""
    at = latest_revision(store, viewer=viewer) if revision is None else revision
    # Read before the tables: what is given under a policy holds at least its restrictions.
    held = policy(store) if viewer.sight == "coarse" else ""
    tables = load_tables(store, viewer=viewer, revision=at)
    bins = {level: place_bins(tables, level) for level in LEVELS}
    made_up = store.is_synthetic
    return Facts(at, tables, edition, bins, made_up, sight=viewer.sight, policy=held)


def _extreme(incidents: pd.DataFrame, which: str) -> dt.date | None:
    days = pd.concat([incidents["date_from"], incidents["date_to"]]).dropna()
    return getattr(days, which)().date() if len(days) else None


@lru_cache(maxsize=8)
def _names(edition: BoundaryEdition, level: Level) -> dict[str, str]:
    layer = edition.provinces if level == "province" else edition.districts
    code = "adm1_code" if level == "province" else "adm2_code"
    return dict(zip(layer[code], layer["name"], strict=True))
