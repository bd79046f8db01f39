"""Files of our own that a browser fetches once and keeps: boundaries and scripts, never data.

They are served without a sign-in, under a name that carries the hash of what they hold: what
changes gets a new name, and what a browser kept is never stale.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from conflictmap.settings import ROOT

SERVED_FROM_FRAME = "../../app/static/"
"""Where ``static/`` lies for a map's frame, whose own address is ``component/<name>/index.html``.

Relative, so it holds behind any ``server.baseUrlPath`` and any proxy.
"""


def serve(content: bytes, name: str, folder: str, root: Path = ROOT) -> str:
    """Write content as a file below ``static/`` unless it is there; return its path from there.

    Parameters
    ----------
    name
        Name with its ending, such as "area_map.js"; the hash is put before the ending.
    """
    digest = hashlib.sha256(content).hexdigest()[:16]
    stem, ending = name.rsplit(".", 1)
    path = Path(folder) / f"{stem}-{digest}.{ending}"
    if not (root / "static" / path).is_file():
        _write_whole(root / "static" / path, content)
    return path.as_posix()


@lru_cache(maxsize=16)
def script_address(name: str) -> str:
    """Return the address, for a map's frame, of a script that lies beside this module."""
    content = Path(__file__).with_name(name).read_bytes()
    return SERVED_FROM_FRAME + serve(content, name, "scripts")


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever reads a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.chmod(draft, 0o644)
    os.replace(draft, path)
