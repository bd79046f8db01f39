"""What the documents promise to describe, they do."""

from __future__ import annotations

import dataclasses
import re

import pytest

from conflictmap.schema import TABLES
from conflictmap.settings import Settings
from conflictmap.store.tables import metadata
from tests.browser import ROOT

CODEBOOK = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
DATA = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_described(name):
    described = CODEBOOK + DATA
    assert f"### {name}\n" in DATA
    missing = [column for column in TABLES[name].column_names if f"`{column}`" not in described]
    assert missing == []


@pytest.mark.parametrize("name", sorted(set(metadata.tables) - set(TABLES)))
def test_every_bookkeeping_table_of_the_store_is_described(name):
    columns = metadata.tables[name].c.keys()
    assert [column for column in columns if f"`{column}`" not in DATA] == []


@pytest.mark.parametrize("name", list(TABLES))
def test_every_allowed_value_has_its_meaning_written_down(name):
    values = [value for column in TABLES[name].columns for value in column.allowed]
    assert [value for value in values if f"`{value}`" not in CODEBOOK + DATA] == []


def test_decisions_are_numbered_without_a_gap():
    numbers = sorted(path.name[:4] for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_every_setting_is_described():
    code = (ROOT / "src" / "conflictmap" / "settings.py").read_text(encoding="utf-8")
    named = set(re.findall(r'"""(CONFLICTMAP_\w+):', code))
    assert len(named) == len(dataclasses.fields(Settings))
    assert {name for name in named if f"`{name}`" not in SETTINGS} == set()
