"""The one table that maps other people's types of events to ours.

A type of ours is taken only where the other codebook says as much. UCDP has no weapon or tactic:
its fighting between two armed sides is a clash, its violence against civilians an armed attack, "a
killing by an armed group of which no more is told". What does not fit is "other"; the source's own
words are always kept beside it.
"""

from __future__ import annotations

import pandas as pd

UCDP = {
    "1": "clash",  # state-based: a government and an organised group
    "2": "clash",  # non-state: two organised groups
    "3": "armed_attack",  # one-sided: an armed side against civilians
}
"""By UCDP's ``type_of_violence``."""

UCDP_WORDS = {
    "1": "state-based conflict",
    "2": "non-state conflict",
    "3": "one-sided violence",
}

ACLED = {
    # event type, with or without a sub-event type; all in lower case
    "battles": "clash",
    "battle-no change of territory": "clash",
    "battle-government regains territory": "clash",
    "battle-non-state actor overtakes territory": "clash",
    "violence against civilians": "armed_attack",
    "violence against civilians: attack": "armed_attack",
    "violence against civilians: abduction/forced disappearance": "abduction",
    "violence against civilians: sexual violence": "other",
    "explosions/remote violence": "other",  # a bomb, a shell or a strike: not told
    "remote violence": "other",
    "explosions/remote violence: air/drone strike": "air_strike",
    "explosions/remote violence: suicide bomb": "suicide_attack",
    "explosions/remote violence: shelling/artillery/missile attack": "shelling",
    "explosions/remote violence: remote explosive/landmine/ied": "bombing",
    "explosions/remote violence: grenade": "bombing",
    "explosions/remote violence: chemical weapon": "other",
    "strategic developments: arrests": "security_operation",
    "strategic developments: disrupted weapons use": "ordnance_found",
    # protests, riots and other strategic developments are "other"
}
"""By ACLED's ``event_type`` or "event_type: sub_event_type"; the longer key goes first."""

GTD = {
    "1": "assassination",
    "2": "armed_attack",
    "3": "bombing",
    "6": "abduction",  # kidnapping; hijacking (4) and barricades (5) take nobody away
}
"""By GTD's ``attacktype1``; with ``suicide`` 1 it is a suicide attack."""

OTHER = "other"


def ucdp_types(codes: pd.Series) -> pd.Series:
    """Return our type for each ``type_of_violence``."""
    return codes.map(UCDP).astype("str").fillna(OTHER)


def acled_types(event_types: pd.Series, sub_types: pd.Series) -> pd.Series:
    """Return our type for each pair of event and sub-event type."""
    types, subs = event_types.str.strip().str.lower(), sub_types.str.strip().str.lower()
    by_pair = (types + ": " + subs).map(ACLED).astype("str")
    return by_pair.fillna(types.map(ACLED).astype("str")).fillna(OTHER)


def gtd_types(attack_types: pd.Series, is_suicide: pd.Series) -> pd.Series:
    """Return our type for each ``attacktype1``."""
    return attack_types.map(GTD).astype("str").fillna(OTHER).mask(is_suicide, "suicide_attack")
