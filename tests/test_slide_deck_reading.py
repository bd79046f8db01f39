"""A deck that was changed after it was made says so; what is no deck is refused in a sentence."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.util import Inches

from conflictmap.errors import QueryError
from conflictmap.slides import pptx_file
from conflictmap.slides.deck import read_deck, write_deck
from conflictmap.slides.deck_chart import CHART
from conflictmap.slides.deck_map import AREAS
from conflictmap.slides.deck_table import TABLE
from tests.slide_deck import composed_of, slide_of, synthetic_facts
from tests.synthetic import shipped_edition

NO_PRESENTATION = "The file is no PowerPoint presentation (.pptx or .potx)."


@pytest.fixture(scope="module")
def deck() -> bytes:
    slide = slide_of(synthetic_facts(), measure="killed")
    return write_deck([composed_of(slide)], shipped_edition(), records=[{"made_with": "a test"}])


def changed(deck: bytes, change) -> bytes:
    """Return a deck after a change of its only slide, made in a presentation program."""
    presentation = Presentation(io.BytesIO(deck))
    (sheet,) = presentation.slides
    change(sheet, {shape.name: shape for shape in sheet.shapes})
    written = io.BytesIO()
    presentation.save(written)
    return written.getvalue()


def with_part(deck: bytes, name: str, part: bytes) -> bytes:
    """Return a deck with one part added or replaced."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(deck)) as old, zipfile.ZipFile(written, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, part)
    return written.getvalue()


def test_a_recoloured_area_is_read_as_it_looks(deck):
    def recolour(_, shapes):
        area = next(one for one in shapes[AREAS].shapes if one.name.startswith("AF-KAB"))
        area.fill.solid()
        area.fill.fore_color.rgb = RGBColor(0x12, 0x34, 0x56)

    (read,) = read_deck(changed(deck, recolour))
    assert read.areas["AF-KAB"] == "#123456"


def test_a_colour_made_lighter_is_not_taken_for_the_same(deck):
    def lighten(_, shapes):
        area = next(one for one in shapes[AREAS].shapes if one.name.startswith("AF-KAB"))
        area.fill.fore_color.brightness = 0.4

    (before,) = read_deck(deck)
    (read,) = read_deck(changed(deck, lighten))
    assert read.areas["AF-KAB"].startswith(before.areas["AF-KAB"])
    assert read.areas["AF-KAB"] != before.areas["AF-KAB"]


def test_a_number_changed_in_the_table_is_read(deck):
    def change(_, shapes):
        shapes[TABLE].table.cell(1, 1).text = "1"

    assert read_deck(changed(deck, change))[0].rows[1][1] == "1"


def test_a_chart_whose_workbook_holds_other_numbers_is_told(deck):
    def change(_, shapes):
        chart = shapes[CHART].chart
        behind = chart.part.chart_workbook.xlsx_part.blob
        told = CategoryChartData()
        told.categories = [label for label, _ in read_deck(deck)[0].bars]
        told.add_series("People killed", [1, 2, 3, 4])
        chart.replace_data(told)
        chart.part.chart_workbook.update_from_xlsx_blob(behind)

    (read,) = read_deck(changed(deck, change))
    assert [value for _, value in read.bars] == [1, 2, 3, 4]
    assert read.workbook_bars == read_deck(deck)[0].bars
    assert read.problems == ("the chart draws other numbers than the workbook behind it holds",)


def test_what_is_added_hidden_or_doubled_is_told(deck):
    def change(sheet, shapes):
        sheet.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "another text"
        sheet.shapes.add_shape(1, 0, 0, Inches(1), Inches(1)).name = "a lid"
        shapes[TABLE].element.find(".//{*}cNvPr").set("hidden", "1")
        area = shapes[AREAS].shapes[0]
        area.element.addnext(area.element.__copy__())

    (read,) = read_deck(changed(deck, change))
    assert "another text" in read.texts.values()
    assert read.rows == ()
    assert set(read.problems) == {
        f"'{TABLE}' is hidden",
        "there is a shape 'a lid' that is not ours",
        "AF-BAL is drawn twice",
    }


def test_a_record_that_is_none_is_read_as_empty(deck):
    def change(sheet, _):
        frame = sheet.notes_slide.notes_text_frame
        frame.text = re.sub(r"\{.*\}", "[1, 2", frame.text)

    assert read_deck(changed(deck, change))[0].record == {}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", b"<svg/>"])
def test_what_is_no_presentation_is_refused(content):
    with pytest.raises(QueryError) as refused:
        read_deck(content)
    assert str(refused.value) == NO_PRESENTATION


def test_another_zip_is_refused():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(QueryError) as refused:
        read_deck(written.getvalue())
    assert str(refused.value) == NO_PRESENTATION


def test_a_file_that_unpacks_to_too_much_is_refused(deck, monkeypatch):
    monkeypatch.setattr(pptx_file, "MOST_UNPACKED", 10_000_000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("zeros", bytes(10_000_000))
    with pytest.raises(QueryError) as refused:
        read_deck(bomb.getvalue())
    assert str(refused.value) == (
        "The file unpacks to 10,000,008 bytes in 2 parts; 10,000,000 bytes in 5,000 parts are"
        " allowed."
    )


def test_a_document_type_is_refused(deck):
    trap = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(QueryError) as refused:
        read_deck(with_part(deck, "ppt/slides/slide1.xml", trap))
    assert str(refused.value) == "The file holds XML that no presentation program writes."


def test_a_chart_that_claims_a_million_columns_is_refused(deck):
    with zipfile.ZipFile(io.BytesIO(deck)) as archive:
        (name,) = [one for one in archive.namelist() if re.match(r"ppt/charts/chart\d+\.xml", one)]
        chart = archive.read(name)
    told = re.sub(rb'<c:ptCount val="\d+"', b'<c:ptCount val="1000000"', chart)
    with pytest.raises(QueryError) as refused:
        read_deck(with_part(deck, name, told))
    assert str(refused.value) == "The chart has more than 5,000 columns."


@pytest.mark.parametrize("part", [b"", b"no xml", b"<a/>"])
def test_a_damaged_slide_is_refused(deck, part):
    with pytest.raises(QueryError) as refused:
        read_deck(with_part(deck, "ppt/slides/slide1.xml", part))
    assert str(refused.value) == "The PPTX is damaged and cannot be read."
