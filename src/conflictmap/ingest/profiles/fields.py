"""The fields of a table of incidents in nobody's fixed layout, and what their cells may say.

Our template names its columns by them; HXL tags and mappings lead other tables to them.
"""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

from conflictmap.ingest.profiles.event_types import ACLED
from conflictmap.schema import COMMUNITIES, EVENT_TYPES, TARGET_TYPES

FIELDS = {
    "id": "The table's own id of the incident.",
    "date": "Day, month or year of the incident.",
    "date_start": "First day it may have happened.",
    "date_end": "Last day it may have happened.",
    "title": "What happened, a line.",
    "description": "What is known of it.",
    "event_type": "What kind of incident it was.",
    "country": "Country.",
    "province": "Province.",
    "district": "District.",
    "place": "Town, village or quarter.",
    "province_pcode": "OCHA code of the province.",
    "district_pcode": "OCHA code of the district.",
    "latitude": "Latitude.",
    "longitude": "Longitude.",
    "place_precision": "What the point stands for: exact, near, adm2, adm1 or country.",
    "killed": "Killed, all groups together.",
    "killed_low": "Killed, lower figure.",
    "killed_high": "Killed, upper figure.",
    "civilians_killed": "Civilians among the killed.",
    "wounded": "Wounded, all groups together.",
    "wounded_low": "Wounded, lower figure.",
    "wounded_high": "Wounded, upper figure.",
    "civilians_wounded": "Civilians among the wounded.",
    "actor1": "Who did it; of a clash, the first side.",
    "actor2": "The other side.",
    "target_type": "What was struck.",
    "target_community": "Community that was struck, where the source says so.",
    "source": "Who reported it.",
    "source_url": "Address of the report.",
    "verified": "Whether somebody verified it.",
    "note": "Any other note.",
    "language": "Language of the report.",
}
"""Each field, and what its column holds."""

POINT_PRECISIONS = {
    "exact": "exact place village building site",
    "near": "near nearby approximate",
    "adm2": "adm2 district admin2",
    "adm1": "adm1 province admin1",
    "country": "country adm0 admin0",
}
"""What a point may stand for, and the words a table may use for it."""

_TYPE_WORDS = {
    "armed_attack": "attack|shooting|gun attack|armed assault|ambush|حمله مسلحانه|حمله",
    "bombing": "bomb|explosion|blast|ied|mine|landmine|انفجار|بمب گذاری|چاودنه",
    "suicide_attack": "suicide bombing|suicide bomb|حمله انتحاری|انتحاری|ځانمرګی برید",
    "assassination": "targeted killing|ترور",
    "clash": "armed clash|battle|battles|fighting|firefight|درگیری|نښته",
    "execution": "executions|extrajudicial killing|اعدام",
    "abduction": "kidnapping|kidnap|abductions|اختطاف|ربودن|آدم ربایی",
    "security_operation": "operation|raid|arrest|arrests|search|عملیات",
    "ordnance_found": "cache found|mine clearance|defused|کشف مهمات",
    "defection_or_revolt": "defection|revolt|mutiny",
    "air_strike": "airstrike|air strike|drone strike|حمله هوایی",
    "shelling": "rocket attack|mortar|artillery|missile attack|حمله راکتی",
}

Value = TypeVar("Value")


def event_types_of(texts: pd.Series) -> pd.Series:
    """Return our type for each text: a code or name of ours, a usual word, a type of ACLED.

    Missing where there is no text; "other" where it says nothing we know.
    """
    return _coded(texts, _types(), "other")


def target_types_of(texts: pd.Series) -> pd.Series:
    """Return our type of target for each text; "other" where it says nothing we know."""
    return _coded(texts, {value: value for value in TARGET_TYPES}, "other")


def communities_of(texts: pd.Series) -> pd.Series:
    """Return our community for each text, "Hazaras" too; "other" where it is none of ours."""
    known = {form: value for value in COMMUNITIES for form in (value, f"{value}s")}
    return _coded(texts, known, "other")


def point_precisions_of(texts: pd.Series) -> pd.Series:
    """Return what a point stands for by each text; missing where it is empty or says nothing."""
    known = {word: code for code, words in POINT_PRECISIONS.items() for word in words.split()}
    return _coded(texts, known, None)


def _types() -> dict[str, str]:
    known = {key.partition(": ")[2] or key: value for key, value in ACLED.items()}
    for code, words in _TYPE_WORDS.items():
        known |= dict.fromkeys(words.split("|"), code)
    return known | {code: code for code in EVENT_TYPES}


def _coded(texts: pd.Series, known: dict[str, str], otherwise: str | None) -> pd.Series:
    spaced = {key.replace("_", " "): value for key, value in known.items()}
    distinct = {
        text: spaced.get(" ".join(str(text).casefold().replace("_", " ").split()), otherwise)
        for text in texts.unique()
        if str(text).strip()
    }
    return texts.map(distinct).astype("str")
