"""The boundary geometry as files a browser fetches once and keeps.

Boundaries hold no data, so they are served without a sign-in, under a name that carries their hash:
a new edition has new names, and what a browser kept is never stale.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from conflictmap.boundaries import BoundaryEdition, geometry_for_web
from conflictmap.settings import ROOT

GEOMETRY = Path("static") / "geo"
WEB_LEVELS = ("province", "district")


def geometry_files(edition: BoundaryEdition, root: Path = ROOT) -> dict[str, str]:
    """Return the file of each level below ``static/``, writing those that are not there yet."""
    names = {}
    for level in WEB_LEVELS:
        content = geometry_for_web(edition, level)
        digest = hashlib.sha256(content).hexdigest()[:16]
        path = root / GEOMETRY / f"{edition.edition_id}-{level}-{digest}.json"
        if not path.is_file():
            _write_whole(path, content)
        names[level] = f"geo/{path.name}"
    return names


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever reads a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.chmod(draft, 0o644)
    os.replace(draft, path)
