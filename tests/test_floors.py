"""The floors of the house: a module imports only from floors below its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.browser import ROOT

LIBRARY = ROOT / "src" / "conflictmap"

# Lowest first. Modules of one floor may import each other; a package stands for all its modules.
FLOORS = [
    {"errors", "schema", "settings", "access", "identity", "formula_guard", "mark"},
    {
        "frames",
        "distinct",
        "solar_hijri",
        "periods",
        "classes",
        "filters",
        "summaries",
        "incident_index",
        "index_parts",
        "incident_cells",
        "symbols",
    },
    {
        "boundaries",
        "background",
        "locator",
        "districts",
        "gazetteer",
        "placements",
        "placing",
        "name_matching",
        "pcodes",
        "synthetic",
    },
    {
        "store",
        "coded_tables",
        "row_rules",
        "row_changes",
        "reports",
        "corrections",
        "acting",
        "table_uploads",
        "ingest",
    },
    {"archive", "backup", "cluster"},
    {"views"},
    {"brief"},
    {"export", "export_incidents", "export_template", "slides"},
    {"brief_files"},
    {
        "ui",
        "cli",
        "cli_filters",
        "cli_alerts",
        "cli_files",
        "cli_snapshot",
        "cli_brief",
        "cli_report",
        "cli_release",
        "cli_people",
        "cli_prepare",
        "cli_uploads",
        "cli_cluster",
        "cli_export",
        "cli_synth",
        "cli_restrict",
        "cli_backup",
        "cli_doctor",
        "doctor",
    },
]
FLOOR_OF = {name: number for number, floor in enumerate(FLOORS) for name in floor}
SCREEN = {"ui"}


def modules() -> list[Path]:
    return sorted(path for path in LIBRARY.rglob("*.py") if path != LIBRARY / "__init__.py")


def part_of(path: Path) -> str:
    """Return the module or package of the library that a file belongs to."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Return the dotted names that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(LIBRARY)))
def test_module_imports_only_from_its_own_floor_and_below(path):
    used = {name.split(".")[1] for name in imports_of(path) if name.startswith("conflictmap.")}
    higher = {name for name in used if FLOOR_OF[name] > FLOOR_OF[part_of(path)]}
    assert higher == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(LIBRARY)))
def test_only_the_screen_knows_streamlit_and_folium(path):
    if part_of(path) not in SCREEN | {"cli"}:  # the command only starts Streamlit
        used = {name.split(".")[0] for name in imports_of(path)}
        assert used.isdisjoint({"streamlit", "folium", "streamlit_folium", "branca"})


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.name)
def test_page_is_thin_and_has_neither_pandas_nor_sql(path):
    used = {name.split(".")[0] for name in imports_of(path)}
    assert used.isdisjoint({"pandas", "geopandas", "sqlalchemy", "folium", "streamlit_folium"})
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= 70
