"""Settings of one installation, read from the environment once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


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


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; what is not set keeps its default."""
    default = Settings()
    return Settings(
        store_url=environment.get("CONFLICTMAP_STORE") or default.store_url,
        edition_folder=Path(environment.get("CONFLICTMAP_EDITION") or default.edition_folder),
        data_folder=Path(environment.get("CONFLICTMAP_DATA") or default.data_folder),
        suppress_below=int(environment.get("CONFLICTMAP_SUPPRESS_BELOW") or 0),
    )
