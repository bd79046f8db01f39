"""Briefs as a reader's program draws them: no word leaves the page or meets another."""

from __future__ import annotations

import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import pytest
from pptx import Presentation

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.brief.make import make_brief
from conflictmap.brief.scope import BriefScope, month_scope
from conflictmap.brief_files.deck import export_deck
from conflictmap.brief_files.pdf import export_pdf
from conflictmap.store import open_store
from conflictmap.views.facts import load_facts
from tests.synthetic import shipped_edition

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("soffice") and shutil.which("pdftotext"))
        and os.environ.get("CI", "").lower() != "true",
        reason="LibreOffice or poppler is missing: install libreoffice-impress, poppler-utils",
    ),
]

HOW = {"as_of": "2026-02-03", "link": "?revision=1", "marking": "FOR TRAINING ONLY"}
SCOPES = {"month": month_scope(2025, 1), "article": BriefScope(sources=("8am-2022-12",))}

ENDS = ("xMin", "yMin", "xMax", "yMax")

Word = tuple[str, float, float, float, float]
"""A word and its ends in points: left, top, right, bottom."""


def pages_of(pdf: Path) -> list[tuple[float, float, list[Word]]]:
    """Return width, height and words of each page."""
    listed = subprocess.run(
        ["pdftotext", "-bbox", str(pdf), "-"], check=True, capture_output=True, text=True
    ).stdout
    pages = []
    for page in ET.fromstring(listed).iter("{http://www.w3.org/1999/xhtml}page"):
        words: list[Word] = []
        for word in page:
            left, top, right, bottom = (float(word.get(side, 0)) for side in ENDS)
            words.append((word.text or "", left, top, right, bottom))
        pages.append((float(page.get("width", 0)), float(page.get("height", 0)), words))
    return pages


def meets(one: Word, other: Word) -> bool:
    """Say whether two words share more than what accents and the room around letters take."""
    _, left, top, right, bottom = one
    _, left_too, top_too, right_too, bottom_too = other
    least = min(bottom - top, bottom_too - top_too)
    return (
        min(right, right_too) - max(left, left_too) > 1
        and min(bottom, bottom_too) - max(top, top_too) > 0.25 * least + 1
    )


def check(pdf: Path) -> int:
    """Check every page, and return how many there are."""
    pages = pages_of(pdf)
    for width, height, words in pages:
        assert words
        for word, left, top, right, bottom in words:
            assert left >= 0 <= top, word
            assert right <= width, word
            assert bottom <= height, word
        assert [(a[0], b[0]) for a, b in combinations(words, 2) if meets(a, b)] == []
    return len(pages)


@pytest.mark.parametrize("scope", SCOPES)
def test_words_of_a_brief_stay_apart(scope, store_url, tmp_path):
    facts = load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)
    brief = make_brief(facts, SCOPES[scope])
    pdf = tmp_path / "brief.pdf"
    pdf.write_bytes(export_pdf(brief, **HOW))
    assert check(pdf) > 2

    deck = tmp_path / "deck.pptx"
    deck.write_bytes(export_deck(brief, **HOW))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(deck)], check=True, capture_output=True, timeout=300)
    assert check(tmp_path / "deck.pdf") == len(Presentation(str(deck)).slides)
