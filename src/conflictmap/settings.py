"""Settings of one installation, read from the environment once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from conflictmap.errors import SettingsError

Boundaries = Literal["neutral", "un", "own"]
SignIn = Literal["none", "openid", "headers"]

ROOT = Path(__file__).resolve().parents[2]

TRAINING_STORE = ROOT / "var" / "training.sqlite"
"""The store of made-up incidents that ``synth`` makes, beside the one of real data."""


@dataclass(frozen=True)
class Settings:
    """What an installation can choose. Every field has a default that works on a laptop."""

    store_url: str = f"sqlite:///{ROOT / 'var' / 'conflictmap.sqlite'}"
    """CONFLICTMAP_STORE: SQLAlchemy address of the store."""

    edition_folder: Path = ROOT / "geo" / "afg-2014"
    """CONFLICTMAP_EDITION: folder of the boundary edition in use."""

    data_folder: Path = ROOT / "data"
    """CONFLICTMAP_DATA: folder of the coded reports that ``init`` publishes."""

    suppress_below: int = 0
    """CONFLICTMAP_SUPPRESS_BELOW: counts of 1 to n - 1 are not shown for an area; 0 shows all."""

    evidence_half_life_days: int = 30
    """CONFLICTMAP_EVIDENCE_HALF_LIFE_DAYS: age, in days, at which a report of a deployment is drawn
    half as strong."""

    boundaries: Boundaries = "neutral"
    """CONFLICTMAP_BOUNDARIES: the sentence on boundaries beside the edition's own: none (neutral),
    one of the kind that United Nations maps carry (un), or the organisation's (own)."""

    boundary_note: str = ""
    """CONFLICTMAP_BOUNDARY_NOTE: the organisation's own sentence on boundaries."""

    tiles: str = ""
    """CONFLICTMAP_TILES: online tiles behind the map, as xyzservices names them
    (OpenStreetMap.Mapnik) or by an address with {z}, {x} and {y}; empty: nothing from elsewhere."""

    is_hosted: bool = False
    """CONFLICTMAP_HOSTED: 1 where others than the person at this machine can reach the dashboard.
    It then needs a sign-in, and does not start with unsafe settings."""

    sign_in: SignIn = "none"
    """CONFLICTMAP_SIGN_IN: nobody signs in and everybody is the local administrator (none), by an
    OpenID provider (openid), or by headers of a proxy that strips them from outside (headers)."""

    first_administrator: str = ""
    """CONFLICTMAP_FIRST_ADMINISTRATOR: e-mail address that is an administrator whatever the store
    says, so that somebody can give the others their roles."""


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; what is not set keeps its default."""
    default = Settings()
    return Settings(
        store_url=environment.get("CONFLICTMAP_STORE") or default.store_url,
        edition_folder=Path(environment.get("CONFLICTMAP_EDITION") or default.edition_folder),
        data_folder=Path(environment.get("CONFLICTMAP_DATA") or default.data_folder),
        suppress_below=int(environment.get("CONFLICTMAP_SUPPRESS_BELOW") or 0),
        evidence_half_life_days=_days(
            environment, "CONFLICTMAP_EVIDENCE_HALF_LIFE_DAYS", default.evidence_half_life_days
        ),
        **_boundaries(environment),
        tiles=(environment.get("CONFLICTMAP_TILES") or "").strip(),
        is_hosted=_yes_or_no(environment, "CONFLICTMAP_HOSTED"),
        sign_in=_one_of(environment, "CONFLICTMAP_SIGN_IN", SignIn, default.sign_in),
        first_administrator=(environment.get("CONFLICTMAP_FIRST_ADMINISTRATOR") or "")
        .strip()
        .lower(),
    )


def _yes_or_no(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "0"
    if text not in ("0", "1"):
        raise SettingsError(f"{name} is '{text}'. Give 1 for yes, or 0 for no.")
    return text == "1"


def _one_of(environment: Mapping[str, str], name: str, allowed: Any, default: str) -> Any:
    chosen = environment.get(name) or default
    if chosen not in get_args(allowed):
        raise SettingsError(f"{name} is '{chosen}'. Give one of {', '.join(get_args(allowed))}.")
    return chosen


def _days(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{name} is '{text}'. Give a number of days from 1 up, or leave it out.")
    return int(text)


def _boundaries(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the treatment of boundaries and the organisation's note, which go together."""
    chosen = _one_of(environment, "CONFLICTMAP_BOUNDARIES", Boundaries, "neutral")
    note = (environment.get("CONFLICTMAP_BOUNDARY_NOTE") or "").strip()
    if chosen == "own" and not note:
        raise SettingsError(
            "CONFLICTMAP_BOUNDARIES is 'own' without a note. "
            "Put the organisation's sentence into CONFLICTMAP_BOUNDARY_NOTE."
        )
    return {"boundaries": chosen, "boundary_note": note}
