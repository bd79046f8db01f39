"""Slides drawn by LibreOffice: no text leaves the slide or meets another."""

from __future__ import annotations

import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import pytest

from conflictmap.slides.compose import Composition
from conflictmap.slides.deck import Drawn, read_deck, write_deck
from conflictmap.slides.deck_drawn import unlike_drawn
from conflictmap.slides.order import SnapshotOrder, view_of_link
from conflictmap.slides.paper import PAPERS, PaperName
from conflictmap.slides.slide import SlideWishes
from conflictmap.slides.snapshot import Surroundings, take_snapshot
from conflictmap.views.facts import Facts
from tests.slide_deck import composed_of, shipped_facts, slide_of, synthetic_facts
from tests.synthetic import shipped_edition

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("soffice") and shutil.which("pdftotext"))
        and os.environ.get("CI", "").lower() != "true",
        reason="LibreOffice or poppler is missing: install libreoffice-impress, poppler-utils",
    ),
]

_ALWAYS_READ = (
    *("title", "counted", "boundaries", "change", "could", "first counted", "second counted"),
)
_TOUCH = 1.0  # points that letters may reach into those of another line, as accents do
_XHTML = "{http://www.w3.org/1999/xhtml}"


@dataclass(frozen=True)
class Word:
    """A word on a page, in points from the top left."""

    page: int
    text: str
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Word) -> bool:
        return (
            min(self.right, other.right) - max(self.left, other.left) > _TOUCH
            # The box of a letter is as high as the font; letters stay in the middle of it.
            and min(self.bottom, other.bottom) - max(self.top, other.top)
            > 0.25 * min(self.bottom - self.top, other.bottom - other.top) + _TOUCH
        )


def converted(deck: bytes, kind: str, folder: Path) -> Path:
    """Return a deck as LibreOffice saves it."""
    source = folder / "deck.pptx"
    source.write_bytes(deck)
    target = folder / "saved"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(target)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=300)
    return target / f"deck.{kind}"


def words_of(pdf: Path) -> tuple[list[Word], list[tuple[float, float]]]:
    """Return every word of a PDF, and the size of each page."""
    listed = subprocess.run(
        ["pdftotext", "-bbox", str(pdf), "-"], check=True, capture_output=True, text=True
    ).stdout
    words, sizes = [], []
    for number, page in enumerate(ET.fromstring(listed).iter(f"{_XHTML}page")):
        sizes.append((float(page.get("width", 0)), float(page.get("height", 0))))
        for word in page.iter(f"{_XHTML}word"):
            ends = (float(word.get(side, 0)) for side in ("xMin", "yMin", "xMax", "yMax"))
            words.append(Word(number, word.text or "", *ends))
    return words, sizes


def every_view(store_url: str) -> list[dict]:
    """Return wishes and views that fill a slide in different ways."""
    shipped, made_up = shipped_facts(store_url), synthetic_facts()
    marked = SlideWishes(marking="Restricted: for the meeting only", title="A long title " * 9)
    return [
        {"facts": shipped},
        {"facts": shipped, "measure": "killed", "level": "district", "step": "month"},
        {"facts": shipped, "measure": "killed", "wishes": marked, "shown": "2022"},
        {"facts": made_up, "measure": "killed", "suppress_below": 2},
        {"facts": made_up, "measure": "change", "shown": "2021"},
    ]


OTHER_VIEWS = (  # link, page
    ("?step=year&shown=2021&against=2022", "map"),
    ("?measure=killed&level=district&could=shown&shown=2022&against=all", "map"),
    ("?level=district&could=shown", "map"),
    ("?measure=killed&could=shown", "map"),
    ("?", "deployments"),
    ("?asof=2022-02-13", "deployments"),
)


def other_views(facts: Facts, paper: PaperName) -> list[Drawn]:
    """Return two periods side by side, what areas could hold, and deployments, on a paper."""
    composed = []
    for link, page in OTHER_VIEWS:
        query, deployments = view_of_link(link, page=page)
        order = SnapshotOrder(query=query, deployments=deployments, paper=paper)
        composed.append(take_snapshot(facts, order, Surroundings(as_of="2026-01-31")).composed)
    return composed


def deck_of(composed: list[Composition] | list[Drawn]) -> bytes:
    return write_deck(composed, shipped_edition(), records=[{} for _ in composed])


@pytest.mark.parametrize("paper", PAPERS)
def test_words_stay_on_the_slide_and_apart(paper, store_url, tmp_path):
    slides = [slide_of(**view) for view in every_view(store_url)]
    mark = "SYNTHETIC: made up, not real incidents"
    slides = [*slides[:3], *(replace(slide, synthetic_mark=mark) for slide in slides[3:])]
    composed = [composed_of(slide, paper) for slide in slides]
    check_words(composed, converted(deck_of(composed), "pdf", tmp_path))


@pytest.mark.parametrize("paper", PAPERS)
def test_words_of_other_slides_stay_on_them_and_apart(paper, store_url, tmp_path):
    composed = other_views(shipped_facts(store_url), paper)
    check_words(composed, converted(deck_of(composed), "pdf", tmp_path))


def check_words(composed: list[Composition] | list[Drawn], pdf: Path) -> None:
    """Check that each word of a saved deck lies on its slide, and on no other word."""
    words, sizes = words_of(pdf)
    assert len(sizes) == len(composed)
    for page, (width, height) in enumerate(sizes):
        paper = composed[page].paper.name
        assert (width, height) == (
            pytest.approx(72 * PAPERS[paper].width, abs=1),
            pytest.approx(72 * PAPERS[paper].height, abs=1),
        )
        here = [word for word in words if word.page == page]
        text = " ".join(word.text for word in here)
        for block in composed[page].texts:
            if block.name in _ALWAYS_READ:
                assert " ".join(block.lines) in text
        for word in here:
            assert word.left >= 0, word
            assert word.right <= width, word
            assert word.top >= 0, word
            assert word.bottom <= height, word
        met = [(one.text, two.text) for one, two in combinations(here, 2) if one.meets(two)]
        assert met == []


def test_a_deck_that_libreoffice_has_saved_still_says_the_same(store_url, tmp_path):
    composed = [composed_of(slide_of(**view)) for view in every_view(store_url)]
    composed += other_views(shipped_facts(store_url), "16:9")[:4]
    deck = write_deck(composed, shipped_edition(), records=[{"n": "1"} for _ in composed])
    again = read_deck(converted(deck, "pptx", tmp_path).read_bytes())
    for before, after in zip(read_deck(deck), again, strict=True):
        # It leaves the workbook behind the chart out, and rounds what it draws again.
        assert unlike_drawn(after.drawn, before.drawn) == {}
        again_alike = replace(after, workbook_bars=before.workbook_bars, drawn=before.drawn)
        assert again_alike == before
