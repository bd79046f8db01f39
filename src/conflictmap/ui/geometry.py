"""The boundary geometry as files a browser fetches once and keeps."""

from __future__ import annotations

from pathlib import Path

from conflictmap.background import background_for_web
from conflictmap.boundaries import BoundaryEdition, geometry_for_web
from conflictmap.settings import ROOT
from conflictmap.ui.served import serve

WEB_LEVELS = ("province", "district")


def geometry_files(edition: BoundaryEdition, root: Path = ROOT) -> dict[str, str]:
    """Return the file of each level below ``static/``, writing those that are not there yet."""
    return {
        level: serve(
            geometry_for_web(edition, level), f"{edition.edition_id}-{level}.json", "geo", root
        )
        for level in WEB_LEVELS
    }


def background_file(edition: BoundaryEdition, root: Path = ROOT) -> str:
    """Return the file of outline, Durand Line and names below ``static/``, written if needed."""
    name = f"{edition.edition_id}-background.json"
    return serve(background_for_web(edition), name, "geo", root)
