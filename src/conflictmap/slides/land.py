"""Where the land of the locator lies once the set-up has copied it."""

from __future__ import annotations

from typing import Final

from conflictmap.settings import ROOT

WORLD_ATLAS: Final = "world-atlas-2.0.2"
"""Natural Earth's land at 1:110m (public domain), as packaged for npm; its folder's name."""

LAND_FILE: Final = ROOT / "static" / "vendor" / WORLD_ATLAS / "land-110m.json"
