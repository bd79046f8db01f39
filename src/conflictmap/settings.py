"""Settings of one installation, read from the environment once."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from conflictmap.errors import SettingsError

Boundaries = Literal["neutral", "un", "own"]
SignIn = Literal["none", "openid", "headers"]
LogLines = Literal["text", "json"]

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
    """CONFLICTMAP_SUPPRESS_BELOW: counts of 1 to n - 1 incidents are not shown for an area, nor
    what would tell them by subtraction; where hosted, to viewers and briefers. 0 shows all."""

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

    public_address: str = ""
    """CONFLICTMAP_PUBLIC_ADDRESS: address at which readers reach the dashboard, such as
    https://map.example.org; the provider sends them back to it."""

    cookie_secret: str = field(default="", repr=False)
    """CONFLICTMAP_COOKIE_SECRET: at least 32 random characters, the same for all processes; what
    signs the cookie of a sign-in. A secret."""

    openid_metadata_url: str = ""
    """CONFLICTMAP_OPENID_METADATA_URL: where the OpenID provider describes itself; ends in
    /.well-known/openid-configuration."""

    openid_client_id: str = ""
    """CONFLICTMAP_OPENID_CLIENT_ID: name of the dashboard at the provider."""

    openid_client_secret: str = field(default="", repr=False)
    """CONFLICTMAP_OPENID_CLIENT_SECRET: password of the dashboard at the provider. A secret."""

    openid_prompt: str = "select_account"
    """CONFLICTMAP_OPENID_PROMPT: what the provider is asked to do at a sign-in: let the reader
    choose an account (select_account), or ask for the password each time (login)."""

    groups_claim: str = "groups"
    """CONFLICTMAP_GROUPS_CLAIM: name of the claim of the provider's token that lists a person's
    groups."""

    email_header: str = "X-Forwarded-Email"
    """CONFLICTMAP_EMAIL_HEADER: header in which the proxy says who signed in."""

    groups_header: str = "X-Forwarded-Groups"
    """CONFLICTMAP_GROUPS_HEADER: header in which the proxy lists a person's groups, by commas."""

    proxy_secret: str = field(default="", repr=False)
    """CONFLICTMAP_PROXY_SECRET: at least 32 random characters that the proxy sends in the header
    X-Conflictmap-Proxy; without them its other headers are not believed. A secret."""

    acts_as: str = ""
    """CONFLICTMAP_AS: e-mail address of whoever gives commands in hosted mode; the store says their
    role."""

    trusted_proxy: tuple[str, ...] = ()
    """CONFLICTMAP_TRUSTED_PROXY: IP addresses or networks, by commas, of the proxies whose headers
    are believed."""

    most_sessions: int = 100
    """CONFLICTMAP_MOST_SESSIONS: open pages that one process serves at a time; who comes later is
    told that it is busy."""

    most_sessions_each: int = 12
    """CONFLICTMAP_MOST_SESSIONS_EACH: how many of these one person may have. Before the sign-in,
    one address may have half of all."""

    metrics_token: str = field(default="", repr=False)
    """CONFLICTMAP_METRICS_TOKEN: at least 24 random characters with which a monitoring system reads
    /health/metrics; hosted without them, there is no such address. A secret."""

    log: LogLines = "text"
    """CONFLICTMAP_LOG: each entry of the log as a line of text or as a JSON object; JSON where
    hosted, unless this says otherwise."""


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; what is not set keeps its default."""
    default = Settings()
    is_hosted = _yes_or_no(environment, "CONFLICTMAP_HOSTED")
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
        is_hosted=is_hosted,
        sign_in=_one_of(environment, "CONFLICTMAP_SIGN_IN", SignIn, default.sign_in),
        first_administrator=(environment.get("CONFLICTMAP_FIRST_ADMINISTRATOR") or "")
        .strip()
        .lower(),
        public_address=_text(environment, "CONFLICTMAP_PUBLIC_ADDRESS").rstrip("/"),
        cookie_secret=_text(environment, "CONFLICTMAP_COOKIE_SECRET"),
        openid_metadata_url=_text(environment, "CONFLICTMAP_OPENID_METADATA_URL"),
        openid_client_id=_text(environment, "CONFLICTMAP_OPENID_CLIENT_ID"),
        openid_client_secret=_text(environment, "CONFLICTMAP_OPENID_CLIENT_SECRET"),
        openid_prompt=_text(environment, "CONFLICTMAP_OPENID_PROMPT") or default.openid_prompt,
        groups_claim=_text(environment, "CONFLICTMAP_GROUPS_CLAIM") or default.groups_claim,
        email_header=_text(environment, "CONFLICTMAP_EMAIL_HEADER") or default.email_header,
        groups_header=_text(environment, "CONFLICTMAP_GROUPS_HEADER") or default.groups_header,
        proxy_secret=_text(environment, "CONFLICTMAP_PROXY_SECRET"),
        acts_as=_text(environment, "CONFLICTMAP_AS").lower(),
        trusted_proxy=_networks(environment, "CONFLICTMAP_TRUSTED_PROXY"),
        most_sessions=_count(environment, "CONFLICTMAP_MOST_SESSIONS", default.most_sessions),
        most_sessions_each=_count(
            environment, "CONFLICTMAP_MOST_SESSIONS_EACH", default.most_sessions_each
        ),
        metrics_token=_text(environment, "CONFLICTMAP_METRICS_TOKEN"),
        log=_one_of(environment, "CONFLICTMAP_LOG", LogLines, "json" if is_hosted else "text"),
    )


def _text(environment: Mapping[str, str], name: str) -> str:
    return (environment.get(name) or "").strip()


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


def _count(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"{name} is '{text}'. Give a number from 1 up, or leave it out.")
    return int(text)


def _networks(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return IP addresses and networks, each checked."""
    parts = [part.strip() for part in (environment.get(name) or "").split(",") if part.strip()]
    for part in parts:
        try:
            ipaddress.ip_network(part)
        except ValueError as error:
            raise SettingsError(
                f"{name} holds '{part}', which is no IP address or network. "
                "Write for example 127.0.0.1 or 10.0.0.0/24."
            ) from error
    return tuple(parts)


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
