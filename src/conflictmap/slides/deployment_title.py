"""The title that a slide of deployments proposes: how many units, where, by how few reports.

Strengths are never added up, and a unit that two statements place counts once.
"""

from __future__ import annotations

import datetime as dt

from conflictmap.slides.assertion import some_reports
from conflictmap.views.deployment_statements import Statement
from conflictmap.views.deployments import DeploymentsView


def deployment_title(view: DeploymentsView) -> str:
    """Return the proposed title of a view."""
    if view.is_empty:
        return f"No report in the sources read speaks of deployments (revision {view.revision})"
    day = f" as of {day_words(view.day)}" if view.day else ""
    if not view.statements:
        return f"No statement on deployments is dated{' up to' + day[6:] if day else ''}"
    n = len(view.reports)
    reports = some_reports(n)
    named = [one for one in view.statements if one.unit]
    if not named:
        many = len(view.statements)
        verb = "1 statement names" if many == 1 else f"{many:,} statements name"
        return f"{verb} no unit{day}, by {reports}"
    where = _where(named)
    parts = [f"{_units(named)}{where}{day}, by {reports}"]
    doubled = {one.unit.unit_id for one in named if one.unit and one.doubled_with}
    if doubled:
        parts.append(f"{len(doubled):,} of them in two places at one time, counted once")
    return "; ".join(parts)


def day_words(day: dt.date) -> str:
    """Return a day as "1 March 2022"."""
    return f"{day.day} {day:%B %Y}"


def _units(statements: list[Statement]) -> str:
    """Return how many units are named; one that stands for several battalions is no unit."""
    n = len({one.unit.unit_id for one in statements if one.unit})
    noun = "unit" if n == 1 else "units"
    if any(_is_several(one) for one in statements):
        noun = "unit or group of units" if n == 1 else "units or groups of units"
    planned = {one.unit.unit_id for one in statements if one.unit and one.is_planned}
    planned -= {one.unit.unit_id for one in statements if one.unit and not one.is_planned}
    words = f" ({len(planned):,} only planned)" if planned else ""
    return f"{n:,} {noun}{words}"


def _is_several(one: Statement) -> bool:
    told = one.strength
    figures = (told.low, told.best, told.high)
    return told.unit == "battalions" and any(
        figure is not None and figure > 1 for figure in figures
    )


def _where(statements: list[Statement]) -> str:
    """Return in how many provinces they are or were to go; nothing is said where none is known."""
    placed = [
        (one.unit.unit_id, place.adm1_code)
        for one in statements
        for place in one.places
        if one.unit and place.role == "destination" and place.adm1_code
    ]
    codes = {code for _, code in placed}
    if not codes:
        return ""
    unplaced = {one.unit.unit_id for one in statements if one.unit} - {unit for unit, _ in placed}
    words = f" ({len(unplaced):,} with no province known)" if unplaced else ""
    return f" in {len(codes):,} province{'' if len(codes) == 1 else 's'}{words}"
