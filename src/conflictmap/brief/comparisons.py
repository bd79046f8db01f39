"""The published figures that a brief is about, each beside our own count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from conflictmap.brief.scope import BriefScope
from conflictmap.periods import Period, standing_in
from conflictmap.views.facts import Facts
from conflictmap.views.published import Comparison, comparisons
from conflictmap.views.scopes import OUR_ARITHMETIC


@dataclass(frozen=True)
class Published:
    """One published figure: its row, and how it compares."""

    row: Any  # of ``tallies``
    compared: Comparison

    @property
    def period(self) -> Period:
        """Return the days that it is about."""
        days = (self.row.date_from, self.row.date_to)
        return Period(*(None if pd.isna(day) else day.date() for day in days))

    @property
    def is_arithmetic(self) -> bool:
        """Say whether nobody published it: we worked it out from published figures."""
        return self.compared.basis == OUR_ARITHMETIC

    @property
    def whose(self) -> str:
        """Return whose incidents it counts."""
        if self.compared.is_unattributed:
            return "unknown perpetrators"
        return self.compared.actor or "all incidents"

    @property
    def is_total(self) -> bool:
        """Say whether it counts all incidents of its publisher, whoever did them."""
        compared = self.compared
        return (
            (compared.measure, compared.statistic) == ("incidents", "count")
            and not self.is_arithmetic
            and not (compared.actor or compared.is_unattributed or compared.victim_groups)
            and compared.value is not None
            and self.period.days is not None
        )


def published_in_scope(
    facts: Facts, scope: BriefScope, suppress_below: int
) -> tuple[dict[str, str], list[Published]]:
    """Return how each figure of the scope's reports and actors stands to the period, and all."""
    rows = facts.tables["tallies"]
    for column, values in (("source_id", scope.sources), ("actor_id", scope.actors)):
        if values:
            rows = rows[rows[column].isin(values)]
    if rows.empty:
        return {}, []
    standing = dict(zip(rows["tally_id"], standing_in(rows, scope.period), strict=True))
    by_id = {row.tally_id: row for row in rows.itertuples()}
    return standing, [
        Published(by_id[compared.tally_id], compared)
        for compared in comparisons(facts, suppress_below=suppress_below)
        if compared.tally_id in by_id
    ]
