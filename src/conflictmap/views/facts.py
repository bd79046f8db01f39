"""All that is known at one revision, for one viewer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from conflictmap.access import Viewer
from conflictmap.boundaries import BoundaryEdition
from conflictmap.store import Store, latest_revision, load_tables
from conflictmap.summaries import LEVELS, Level, place_bins


@dataclass(frozen=True)
class Facts:
    """The tables of one revision with the edition they are drawn on."""

    revision: int
    tables: Mapping[str, pd.DataFrame]
    edition: BoundaryEdition
    bins: Mapping[Level, pd.Series]  # incident_id -> unit code, "not_placed" or "abroad"

    @property
    def first_date(self) -> dt.date | None:
        """Return the first day that any incident names; None where none does."""
        return _extreme(self.tables["incidents"], "min")

    @property
    def last_date(self) -> dt.date | None:
        """Return the last day that any incident names; None where none does."""
        return _extreme(self.tables["incidents"], "max")

    def name_of(self, code: str) -> str:
        """Return the English name of a unit, a district's with its province."""
        provinces = self.names_of("province")
        if code in provinces:
            return provinces[code]
        return f"{self.names_of('district')[code]}, {provinces[code[:6]]}"

    def names_of(self, level: Level) -> dict[str, str]:
        """Return the English name of each unit of a level by its code, in the order of codes."""
        layer = self.edition.provinces if level == "province" else self.edition.districts
        code = "adm1_code" if level == "province" else "adm2_code"
        return dict(zip(layer[code], layer["name"], strict=True))


def load_facts(
    store: Store, edition: BoundaryEdition, *, viewer: Viewer, revision: int | None = None
) -> Facts:
    """Read all tables at a revision (the latest by default) and place the incidents."""
    at = latest_revision(store, viewer=viewer) if revision is None else revision
    tables = load_tables(store, viewer=viewer, revision=at)
    return Facts(at, tables, edition, {level: place_bins(tables, level) for level in LEVELS})


def _extreme(incidents: pd.DataFrame, which: str) -> dt.date | None:
    days = pd.concat([incidents["date_from"], incidents["date_to"]]).dropna()
    return getattr(days, which)().date() if len(days) else None
