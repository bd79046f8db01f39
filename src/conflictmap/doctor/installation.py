"""Looking at the program and what it stands on: settings, packages, fonts, files."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from conflictmap.boundaries import read_edition
from conflictmap.doctor.finding import Finding, ok, warning, wrong
from conflictmap.errors import LayerError
from conflictmap.settings import ROOT, Settings
from conflictmap.slides.fonts import ARABIC, has_arabic_font
from conflictmap.ui.assets import missing_assets

OLDEST_PYTHON = (3, 11)

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s#;]+)", re.MULTILINE)


def look_at_settings(settings: Settings) -> Iterator[Finding]:
    """Tell of settings with which a hosted dashboard may not start."""
    # Imported here: what reads Streamlit's own settings loads Streamlit.
    from conflictmap.ui.server_guard import unsafe_settings

    name = "settings"
    with contextlib.chdir(ROOT):  # as the server does: Streamlit reads its own file from there
        unsafe = unsafe_settings(settings)
    for what in unsafe:
        yield wrong(name, what, "See docs/settings.md and docs/hosting.md.")
    if not unsafe:
        where = "hosted" if settings.is_hosted else "for this machine only"
        yield ok(name, f"Safe; the dashboard is {where}.")


def look_at_packages(requirements: Path) -> Iterator[Finding]:
    """Compare the installed packages with what the program was tested with."""
    name = "packages"
    mend = "Run `make setup`, or pip install -r requirements.txt."
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:2]))
        yield wrong(name, f"Python is {found}.", "Install Python 3.11 or newer.")
    try:
        pinned = _PIN.findall(requirements.read_text(encoding="utf-8"))
    except OSError:
        yield warning(
            name,
            "There is no requirements.txt to compare the packages with.",
            "Run the doctor in the folder of the program.",
        )
        return
    missing, other = [], []
    for package, version in pinned:
        try:
            if metadata.version(package) != version:
                other.append(package)
        except metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        yield wrong(name, f"Not installed: {', '.join(missing)}.", mend)
    if other:
        yield warning(name, f"Of another version than tested: {', '.join(other)}.", mend)
    if not missing and not other:
        yield ok(name, f"All {len(pinned)} are of the versions tested.")


def look_at_fonts() -> Iterator[Finding]:
    """Say whether slides in Dari and Pashto can be drawn."""
    if has_arabic_font():
        yield ok("fonts", f"{ARABIC} is installed.")
    else:
        yield warning(
            "fonts",
            f"{ARABIC} is not installed: slides in Dari or Pashto are refused.",
            "Install it (Debian: sudo apt-get install fonts-noto-core).",
        )


def look_at_assets(root: Path) -> Iterator[Finding]:
    """Say whether the files are there that the map in the browser needs."""
    if missing := missing_assets(root):
        yield wrong(
            "map files", f"{len(missing)} are missing, so no map is drawn.", "Run `make setup`."
        )
    else:
        yield ok("map files", "All are there.")


def look_at_edition(folder: Path) -> Iterator[Finding]:
    """Say whether the boundary edition can be read."""
    try:
        edition = read_edition(folder)
    except LayerError as error:
        yield wrong("boundaries", str(error), "Check CONFLICTMAP_EDITION.")
        return
    yield ok(
        "boundaries",
        f"Edition {edition.edition_id}: {len(edition.provinces)} provinces,"
        f" {len(edition.districts)} districts.",
    )
