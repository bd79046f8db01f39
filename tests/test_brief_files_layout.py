"""A brief on pages: nothing is lost, overlaps or leaves the page."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictmap.brief_files.columns import column_widths, does_fit
from conflictmap.brief_files.content import Grid, steady, stretches
from conflictmap.brief_files.flow import (
    Page,
    PlacedTable,
    PlacedText,
    Style,
    TableStyle,
    Words,
    lay_out,
)
from conflictmap.brief_files.measure import (
    UNKNOWN,
    cut_off,
    drawable,
    lines_of,
    width_of,
    words_width,
)
from conflictmap.slides.fitting import text_width
from conflictmap.slides.paper import Box

BODY = Box(1.0, 1.0, 6.0, 4.0)
TITLE = Style("title", 12, is_bold=True, stays_with_next=True)
NOTE = Style("note", 8, stays_whole=True)
TABLES = TableStyle((10.0, 8.0), 0.05, 0.03, TITLE, NOTE)
TEXT = Style("text", 10)

short_words = st.lists(st.integers(0, 99_999).map(str), max_size=60).map(" ".join)


def grid(rows: int, *, note: str = "") -> Grid:
    cells = tuple((f"row {n}", f"{n:,}") for n in range(rows))
    return Grid("g", "Title", ("Name", "Number"), cells, frozenset({1}), note)


def texts(pages: list[Page]) -> list[str]:
    return [item.text for page in pages for item in page.items if isinstance(item, PlacedText)]


def tables(pages: list[Page]) -> list[PlacedTable]:
    return [item for page in pages for item in page.items if isinstance(item, PlacedTable)]


# --- measuring


@pytest.mark.parametrize("text", ["at least 96 (Civilians: 73)", "AVATAR To 1,239", "حدود ۱۲ تن"])
def test_line_is_never_drawn_wider_than_it_was_measured(text):
    for is_bold in (False, True):
        drawn = text_width(text, 10, is_bold=is_bold)
        assert drawn <= width_of(text, 10, is_bold=is_bold) + 0.03


@given(short_words)
@settings(deadline=None, max_examples=40)
def test_breaking_into_lines_loses_nothing_and_keeps_the_width(text):
    lines = lines_of(text, 1.0, 10)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width_of(line, 10) <= 1.0 + 1e-6 for line in lines)


def test_word_wider_than_a_line_breaks_behind_a_hyphen():
    assert lines_of("synthetic-report-1", words_width("synthetic-", 10), 10) == (
        "synthetic-",
        "report-1",
    )


def test_column_as_wide_as_its_longest_word_does_not_break_it():
    assert lines_of("Taliban", words_width("Taliban", 7), 7) == ("Taliban",)


def test_letter_that_no_font_has_is_drawn_as_a_sign():
    assert drawable("a\u6f22 کابل") == f"a{UNKNOWN} کابل"


def test_text_cut_off_after_some_lines_is_as_it_was_written():
    text = "See https://map.example/a-long-address-without-an-end and more"
    lines = lines_of(text, 1.2, 10)
    assert len(lines) > 4
    for number in range(len(lines) + 1):
        first, rest = cut_off(text, lines[:number])
        assert "".join(f"{first}{rest}".split()) == "".join(text.split())
        assert first in text
        assert rest in text
    assert cut_off(text, lines) == (text, "")


# --- columns


def test_columns_together_are_as_wide_as_the_table():
    one = Grid("g", "t", ("A", "B", "C"), (("x" * 5, "word " * 80, "12"),))
    widths = column_widths(one, 6.0, 10, side=0.05)
    assert sum(widths) == pytest.approx(6.0)
    assert widths[2] >= words_width("12", 10) + 0.1
    assert widths[1] == max(widths)


def test_spare_width_goes_to_words_and_not_to_numbers():
    widths = column_widths(grid(3), 6.0, 10, side=0.05)
    assert widths[1] < 1.0
    assert sum(widths) == pytest.approx(6.0)


def test_table_too_wide_is_set_in_smaller_letters():
    wide = tuple("confidence" for _ in range(8))
    one = Grid("g", "t", wide, (wide,))
    assert not does_fit(one, 6.0, 10, side=0.05)
    (placed,) = tables(lay_out([one], BODY, TABLES))
    assert placed.size_pt == 8.0


# --- pages


@given(st.lists(st.one_of(short_words, st.integers(0, 40)), max_size=8))
@settings(deadline=None, max_examples=40)
def test_pages_hold_everything_once_and_nothing_overlaps(blocks):
    made: list[Words | Grid] = [
        Words(one, TEXT) if isinstance(one, str) else grid(one, note="A note.") for one in blocks
    ]
    pages = lay_out(made, BODY, TABLES)
    for page in pages:
        boxes = [item.box for item in page.items]
        assert all(box.bottom <= BODY.bottom + 1e-6 for box in boxes)
        assert all(box.top >= BODY.top - 1e-6 for box in boxes)
        assert all(a.bottom <= b.top + 1e-6 for a, b in pairwise(boxes))
    said = [
        item.text
        for page in pages
        for item in page.items
        if isinstance(item, PlacedText) and item.style is TEXT
    ]
    assert " ".join(said).split() == " ".join(b for b in blocks if isinstance(b, str)).split()
    rows = [row for table in tables(pages) for row in table.rows[1:]]
    assert len(rows) == sum(b for b in blocks if isinstance(b, int))


def test_heading_does_not_stand_alone_at_the_foot_of_a_page():
    filler = Words(" ".join(["word"] * 150), Style("filler", 10, below=0.0))
    for lines in range(1, 60):
        body = Box(1.0, 1.0, 6.0, 2.5 + lines * 0.05)
        pages = lay_out([filler, Words("Heading", TITLE), grid(6)], body, TABLES)
        for page in pages:
            last = page.items[-1]
            assert not (isinstance(last, PlacedText) and last.style is TITLE)


def test_what_has_no_room_below_a_picture_begins_on_the_next_page():
    pages = lay_out([Words("Heading", TITLE), grid(3)], BODY, TABLES, top=BODY.bottom - 0.1)
    assert pages[0].items == []
    assert pages[1].items[0].box.top == BODY.top


def test_table_that_goes_on_says_so_and_repeats_its_header():
    pages = lay_out([grid(60, note="A note.")], BODY, TABLES)
    assert len(pages) > 2
    assert texts(pages) == ["Title", *["Title (continued)"] * (len(pages) - 1), "A note."]
    for table in tables(pages):
        assert [cell.text for cell in table.rows[0]] == ["Name", "Number"]
    assert all(len(table.rows) > 2 for table in tables(pages))


# --- order of numbers beside Dari


def test_mark_of_direction_stands_behind_dari_in_an_english_text():
    assert steady("at کابل 5 - 3") == "at کابل\u200e 5 - 3"
    assert steady("کابل 5 - 3") == "کابل 5 - 3"


def test_characters_that_are_not_seen_or_force_a_direction_are_left_out():
    assert steady("1\u202e2\u200b3\ufeff\x07\u00ad 4") == "1 23 4"
    assert steady("می\u200cرود") == "می\u200cرود"


def test_stretches_tell_dari_from_the_rest():
    assert stretches("at کابل 5 تن now") == [("at ", False), ("کابل 5 تن", True), (" now", False)]
    assert stretches("now") == [("now", False)]
    assert stretches("") == []


def test_rest_of_an_english_text_that_begins_with_dari_stays_english():
    text = steady("word " * 30 + "کابل " * 200)
    pages = lay_out([Words(text, TEXT)], Box(1, 1, 3, 1), TABLES)
    assert len(pages) > 2
    assert all(said.startswith(("word", "\u200e")) for said in texts(pages))
    assert (
        " ".join(texts(pages)).replace("\u200e", "").split() == text.replace("\u200e", "").split()
    )
