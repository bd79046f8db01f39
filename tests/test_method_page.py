"""Sources and method: what was read is counted without a rest, and the limits are said first."""

from __future__ import annotations

import sys

import importlib_metadata
import pandas as pd
import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.boundaries import read_card
from conflictmap.store import load_revisions, open_store
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.method import (
    codebook_rules,
    coverage_table,
    edition_doubts,
    edition_files,
    edition_lines,
    reports_read,
    revision_table,
    rows_by_report,
    software_versions,
)
from tests.browser import ROOT
from tests.opening import open_page, shown_texts
from tests.synthetic import facts_of, shipped_edition

PAGE = "pages/sources_and_method.py"


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def test_rows_of_each_table_are_split_among_the_reports_without_a_rest(facts):
    counts = rows_by_report(facts)
    assert counts.sum(axis=1).to_dict() == {name: len(facts.tables[name]) for name in counts.index}


def test_reports_stand_in_the_order_of_coding_and_a_missing_day_is_not_guessed(facts):
    table = reports_read(facts)
    assert table.index.tolist() == [
        "blog-2022-05",
        "8am-2022-12",
        "sangar-isisk",
        "afintl-2025-02",
        "abna-2026-01",
    ]
    assert table.loc["8am-2022-12", "Published"] == "2022-12-05"
    assert table.loc["sangar-isisk", "Published"] == "not stated"
    assert table.loc["afintl-2025-02", "Published figures"] == 12


def test_no_shipped_report_lists_each_incident(facts):
    table = coverage_table(facts)
    assert set(table["Lists each incident"]) == {"no, totals only"}
    assert set(table["Area"]) == {"Afghanistan"}


def test_source_card_of_the_edition_is_told_whole():
    card = read_card(ROOT / "geo" / "afg-2014")
    lines = edition_lines(card)
    assert lines["Units"] == "34 provinces, 398 districts"
    assert all(lines.values())
    files = edition_files(card)
    assert dict(zip(files["File"], files["SHA-256"], strict=True)) == card["sha256"]


def test_every_doubt_of_the_edition_is_listed_with_its_unit(facts):
    doubts = edition_doubts(facts)
    assert len(doubts) == len(facts.edition.doubts)
    injil = doubts[doubts["Code"] == "AF-HER-02"].iloc[0]
    assert (injil["Unit"], injil["Province"]) == ("Injil", "Herat")


def test_revisions_are_told_newest_first_with_their_time(store_url):
    table = revision_table(load_revisions(open_store(store_url), viewer=LOCAL_ADMINISTRATOR))
    assert table["Revision"].tolist() == [5, 4, 3, 2, 1]
    assert pd.to_datetime(table["When (UTC)"]).notna().all()


def test_rules_of_the_codebook_come_without_links_and_pictures(tmp_path):
    codebook = tmp_path / "README.md"
    codebook.write_text(
        "# Codebook\n\n## The rules of coding\n\nSee [docs/data.md](../docs/data.md).\n"
        "![x](http://192.0.2.1/x.png)\n\n### Dates\n\n- One.\n\n## The reports\n\nNot this.\n",
        encoding="utf-8",
    )
    assert codebook_rules(codebook) == "See docs/data.md.\n\n\n### Dates\n\n- One."


def test_shipped_codebook_has_its_rules_and_a_missing_one_none(tmp_path):
    rules = codebook_rules(ROOT / "data" / "README.md")
    assert "### Tallies and coverage" in rules
    assert "## The reports" not in rules
    assert codebook_rules(tmp_path / "none.md") == ""


def test_versions_name_what_the_dashboard_is_made_of():
    table = software_versions().set_index("Package")
    assert table.loc["streamlit", "Licence"] == "Apache-2.0"
    assert (table["Version"] != "").all()


def test_versions_are_the_same_whoever_finds_the_packages(monkeypatch):
    before = software_versions()
    finder = importlib_metadata.MetadataPathFinder()  # Dask brings it, and it raises KeyError
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    pd.testing.assert_frame_equal(software_versions(), before)


def test_no_rows_make_empty_tables_not_errors():
    empty = facts_of()
    assert reports_read(empty).empty
    assert coverage_table(empty).empty
    assert rows_by_report(empty).shape[1] == 0


# --- the page


def test_page_says_first_that_the_reports_are_no_coverage_of_the_country(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE)
    assert not app.exception
    assert app.warning[0].value.startswith(
        "**The 5 reports read here are no coverage of the country.**"
    )
    assert shipped_edition().disclaimer in shown_texts(app)
    assert shipped_edition().citation in shown_texts(app)


def test_page_shows_reports_coverage_and_revisions(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE)
    tables = [element.value for element in app.dataframe]
    assert any("How the day follows" in table.columns for table in tables)
    assert any("Lists each incident" in table.columns for table in tables)
    assert any("When (UTC)" in table.columns for table in tables)


def test_page_of_an_earlier_revision_counts_what_was_read_then(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, revision="2")
    assert not app.exception
    assert app.warning[0].value.startswith("**The 2 reports read here")


def test_link_to_a_revision_that_does_not_exist_says_so(monkeypatch, store_url):
    app = open_page(monkeypatch, store_url, PAGE, revision="77")
    assert not app.exception
    assert [error.value for error in app.error] == [
        "The link cannot be shown as it is. The defaults are shown instead."
    ]
