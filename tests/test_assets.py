"""The files that a map loads in the browser: copied, checked, and named without any address."""

import json
from pathlib import Path

import pytest

from conflictmap.ui.assets import FILES, LEAFLET, install_assets, missing_assets

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def with_packages(tmp_path: Path) -> Path:
    """A folder in which npm has put every package."""
    for packaged in FILES.values():
        file = tmp_path / "node_modules" / packaged
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(packaged)
    return tmp_path


def test_every_file_is_copied_and_then_none_is_missing(with_packages):
    install_assets(with_packages)
    assert missing_assets(with_packages) == []
    script = with_packages / "static" / "vendor" / LEAFLET / "leaflet.js"
    assert script.read_text() == "leaflet/dist/leaflet.js"


def test_what_is_missing_is_named(with_packages):
    install_assets(with_packages)
    (with_packages / "static" / "vendor" / LEAFLET / "leaflet.css").unlink()
    assert missing_assets(with_packages) == ["static/vendor/leaflet-1.9.3/leaflet.css"]


def test_without_the_packages_it_says_what_to_run(tmp_path):
    with pytest.raises(FileNotFoundError) as refused:
        install_assets(tmp_path)
    assert str(refused.value) == (
        "node_modules/leaflet/dist/leaflet.js is missing. Run `npm ci --ignore-scripts` first."
    )


def test_the_folder_names_the_version_that_is_installed():
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]["leaflet"]
    assert f"leaflet-{wanted}" == LEAFLET


def test_the_lock_file_names_no_address():
    assert "://" not in (ROOT / "package-lock.json").read_text()
