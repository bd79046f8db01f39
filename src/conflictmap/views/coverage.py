"""What the sources claim to cover: where silence means zero, and what may be compared.

A source "covers" an area, a period and a measure when it lists every incident there. Totals that
somebody published are no such list.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period
from conflictmap.summaries import Level
from conflictmap.views.facts import Facts
from conflictmap.views.query import Measure


def refusals(
    facts: Facts, chosen: IncidentFilter, measure: Measure, periods: Sequence[Period]
) -> tuple[str, ...]:
    """Return for each period why a measure would compare unlike things; empty: it does not."""
    if measure == "share":
        return (_share_refusal(facts, chosen),) * len(periods)
    if measure == "change":
        claims = _claims(facts, chosen, "incidents")
        return tuple(_change_refusal(claims, period) for period in periods)
    return ("",) * len(periods)


def covered_areas(
    facts: Facts, chosen: IncidentFilter, counted: str, level: Level, periods: Sequence[Period]
) -> np.ndarray:
    """Return where silence means zero: some source lists every incident there.

    Parameters
    ----------
    counted
        "incidents", or a harm.

    Returns
    -------
    ndarray
        Yes or no, a row a period and a column an area of the level, by code.
    """
    codes = list(facts.names_of(level))
    covered = np.zeros((len(periods), len(codes)), dtype=bool)
    claims = _claims(facts, chosen, counted)
    for_all = claims["actor_id"].isna()
    if len(chosen.actors) == 1:
        for_all |= claims["actor_id"] == chosen.actors[0]
    starts, ends = (
        np.array([getattr(period, end) for period in periods], dtype="datetime64[D]")
        for end in ("start", "end")
    )
    for claim in claims[for_all].itertuples():
        # An end that is open, or that the claim does not state, is NaT and compares false.
        first, last = np.datetime64(claim.date_from, "D"), np.datetime64(claim.date_to, "D")
        spanned = (first <= starts) & (last >= ends)
        if claim.geo_precision == "country":
            areas = [True] * len(codes)
        elif pd.notna(claim.adm2_code):
            areas = [code == claim.adm2_code for code in codes]
        else:
            areas = [code[:6] == claim.adm1_code for code in codes]
        covered |= np.outer(spanned, areas)
    return covered


def _share_refusal(facts: Facts, chosen: IncidentFilter) -> str:
    if len(chosen.actors) != 1:
        return "A share needs one actor. Choose one."
    if _claims(facts, chosen, "incidents")["actor_id"].notna().any():
        return (
            "No share is shown: a source covers one actor's incidents only, so the two sides of"
            " the share were not looked for alike. Leave that source out."
        )
    return ""


def _change_refusal(claims: pd.DataFrame, period: Period) -> str:
    if period.days is None:
        return "A change needs a period with two ends. Choose the dates, or a step of time."
    before = period.before()
    now_covered, before_covered = (
        {
            (row.source_id, row.actor_id, row.adm1_code, row.adm2_code)
            for row in claims.fillna(
                {"actor_id": "", "adm1_code": "", "adm2_code": ""}
            ).itertuples()
            if _spans(row, one)
        }
        for one in (period, before)
    )
    if not now_covered and not before_covered:
        return (
            "No change is shown: none of the sources read lists every incident of this period"
            f" or of the one before ({before.label}), so a difference would"
            " show what was read, not what happened."
        )
    if now_covered != before_covered:
        return (
            "No change is shown: the sources that cover this period and the one before"
            f" ({before.label}) differ. Choose periods that both cover."
        )
    return ""


def _claims(facts: Facts, chosen: IncidentFilter, counted: str) -> pd.DataFrame:
    """Return the coverage whose source lists each incident, so that silence means none."""
    rows = facts.tables["coverage"]
    rows = rows[rows["is_event_level"].fillna(False).astype(bool) & (rows["measure"] == counted)]
    return rows[rows["source_id"].isin(chosen.sources)] if chosen.sources else rows


def _spans(claim: object, period: Period) -> bool:
    """Say whether a claim spans a whole period; all dates are spanned by none."""
    if period.start is None or period.end is None:
        return False
    first, last = claim.date_from, claim.date_to  # type: ignore[attr-defined]
    if pd.isna(first) or pd.isna(last):
        return False
    return bool(first <= pd.Timestamp(period.start) and last >= pd.Timestamp(period.end))
