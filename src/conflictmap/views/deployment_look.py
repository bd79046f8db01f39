"""How a statement on a deployment looks, on the screen and on slides alike."""

from __future__ import annotations

from typing import Final

from conflictmap.symbols import Scheme, symbol_code
from conflictmap.views.deployment_statements import SIZE_BREAKS, Statement
from conflictmap.views.deployments import freshness

# Told apart by colour-blind readers (after Okabe and Ito), dark enough for white figures, and each
# with its own corners, so that colour is never alone.
KINDS = {
    "deployment": {"colour": "#0072b2", "corner": "50%"},
    "exercise": {"colour": "#007a5a", "corner": "0"},
    "formation": {"colour": "#a3487f", "corner": "50% 50% 0 0"},
    "search_operation": {"colour": "#b84300", "corner": "0 50%"},
    "visit": {"colour": "#5b5b5b", "corner": "4px"},
}

WIDTHS = (1.6, 2.6, 4, 6)
"""Width of an arrow in px, by `Strength.size_class`; the first: no number stated."""

WIDTH_WORDS: Final = (
    "no number",
    f"under {SIZE_BREAKS['persons'][0]:,} persons, or 1 battalion",
    f"from {SIZE_BREAKS['persons'][0]:,}, or {SIZE_BREAKS['battalions'][0]}",
    f"from {SIZE_BREAKS['persons'][1]:,}, or {SIZE_BREAKS['battalions'][1]} and more",
)
"""What each width means."""

FAINTEST = 0.3
"""How strong the oldest evidence is still drawn, so that it can be seen and chosen."""

SIDES = {
    "de_facto_authorities": "the de facto authorities",
    "anti_taliban": "groups against the Taliban",
    "islamic_state": "Islamic State",
    "foreign_armed_group": "armed groups from abroad",
    "foreign_state": "other states",
    "republic": "forces of the Republic",
    "other": "all others",
}

AREA_COLOUR: Final = "#6a3d9a"
"""Of the area that a report gives for a group: stripes."""

CLAIM_COLOUR: Final = "#a8480b"
"""Of the area where somebody says that a group is: dots."""


def symbol_of(statement: Statement, scheme: Scheme) -> str:
    """Return the code of a statement's symbol; empty for what is of no unit."""
    if not statement.is_of_a_unit:
        return ""
    echelon = statement.unit.echelon if statement.unit else ""
    return symbol_code(scheme, statement.affiliation, echelon, is_unsure=statement.is_unsure)


def strength_of_evidence(statement: Statement, half_life_days: int) -> float:
    """Return how strong a statement is drawn, from `FAINTEST` to 1, by the age of its evidence."""
    return round(max(FAINTEST, freshness(statement.age_days, half_life_days)), 3)
