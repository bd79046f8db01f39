"""Leaflet in the browser: which files a map loads, where they lie, and whether they are there.

The files come from the npm packages named in ``package.json`` (`make setup` installs them) and are
copied to ``static/vendor``, which Streamlit serves under ``app/static/vendor``. A folder carries
the version, so its files never change under one address. The land on a slide's locator comes the
same way; no page waits for it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from conflictmap.slides.land import LAND_FILE, WORLD_ATLAS

LEAFLET = "leaflet-1.9.3"  # the version that folium 0.20.0 names in its addresses

VENDOR = Path("static") / "vendor"

FILES = {
    f"{LEAFLET}/leaflet.js": "leaflet/dist/leaflet.js",
    f"{LEAFLET}/leaflet.css": "leaflet/dist/leaflet.css",
    # leaflet.css asks for these three by a relative address.
    f"{LEAFLET}/images/layers.png": "leaflet/dist/images/layers.png",
    f"{LEAFLET}/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    f"{LEAFLET}/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    f"{LEAFLET}/LICENSE": "leaflet/LICENSE",
    f"{WORLD_ATLAS}/{LAND_FILE.name}": "world-atlas/land-110m.json",
    f"{WORLD_ATLAS}/LICENSE": "world-atlas/LICENSE",
}
"""File below ``static/vendor`` -> file below ``node_modules``."""

_NPM = "https://cdn.jsdelivr.net/npm"
_CDNJS = "https://cdnjs.cloudflare.com/ajax/libs"
_FOLIUM = "https://cdn.jsdelivr.net/gh/python-visualization/folium/folium/templates"

SERVED: dict[str, str | None] = {
    f"{_NPM}/leaflet@1.9.3/dist/leaflet.js": f"{LEAFLET}/leaflet.js",
    f"{_NPM}/leaflet@1.9.3/dist/leaflet.css": f"{LEAFLET}/leaflet.css",
    # Every folium map asks for the rest as well; only its Marker and some plugins use them.
    "https://code.jquery.com/jquery-3.7.1.min.js": None,
    f"{_NPM}/bootstrap@5.2.2/dist/js/bootstrap.bundle.min.js": None,
    f"{_NPM}/bootstrap@5.2.2/dist/css/bootstrap.min.css": None,
    "https://netdna.bootstrapcdn.com/bootstrap/3.0.0/css/bootstrap-glyphicons.css": None,
    f"{_NPM}/@fortawesome/fontawesome-free@6.2.0/css/all.min.css": None,
    f"{_CDNJS}/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.js": None,
    f"{_CDNJS}/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.css": None,
    f"{_FOLIUM}/leaflet.awesome.rotate.min.css": None,
}
"""Address that folium names -> file below ``static/vendor``, or None: the map does without it."""


def install_assets(root: Path) -> list[Path]:
    """Copy the files from ``node_modules`` to ``static/vendor``, both below `root`.

    Returns the copies.

    Raises
    ------
    FileNotFoundError
        If ``node_modules`` lacks a file: ``npm ci`` has not run, or brought another version.
    """
    copies = []
    for kept, packaged in FILES.items():
        source, target = root / "node_modules" / packaged, root / VENDOR / kept
        if not source.is_file():
            raise FileNotFoundError(
                f"node_modules/{packaged} is missing. Run `npm ci --ignore-scripts` first."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        copies.append(target)
    return copies


def missing_assets(root: Path) -> list[str]:
    """Return what the map needs and ``static/vendor`` lacks, as paths below `root`."""
    wanted = [VENDOR / file for file in FILES if file.startswith(LEAFLET)]
    return [path.as_posix() for path in wanted if not (root / path).is_file()]


if __name__ == "__main__":
    try:
        installed = install_assets(Path.cwd())
    except FileNotFoundError as error:
        sys.exit(str(error))
    print(f"{len(installed)} files copied to {VENDOR.as_posix()}.")
