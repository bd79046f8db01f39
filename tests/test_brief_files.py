"""The files of a brief, parsed back: they say what the model says, and nothing else."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.brief.make import make_brief
from conflictmap.brief.model import Brief, Headline, Paragraph, Section, Table, with_wording
from conflictmap.brief.scope import BriefScope, month_scope
from conflictmap.brief_files.content import EDITED, NOT_STATED
from conflictmap.brief_files.deck import export_deck
from conflictmap.brief_files.docx import export_docx
from conflictmap.brief_files.pdf import export_pdf
from conflictmap.brief_files.record import BEGIN
from conflictmap.errors import QueryError
from conflictmap.mark import SENTENCE
from conflictmap.store import open_store
from conflictmap.views.facts import load_facts
from conflictmap.views.figures import Figure
from tests.browser import ROOT
from tests.synthetic import shipped_edition

AS_OF = "2026-02-03"
LINK = "https://map.example/brief?from=2030-04-01&to=2030-04-30&revision=7"
MARKING = "FOR TRAINING ONLY"
EXPORTS = {"docx": export_docx, "pdf": export_pdf, "pptx": export_deck}
FORMATS = sorted(EXPORTS)
HOSTILE = (
    "]]> & <b>bold</b> \x07\x00\x0b {{7*7}} {% raw %} =cmd('/c calc') "
    "\u202e321\u202c \u2066x\u2069 $\\frac{1}{2}$ \ud800 \U0001f600 \u6f22 \u200b\ufeff"
)
DARI = "حدود ۱۲ تن کشته شدند"


def synthetic_brief(**changes: object) -> Brief:
    """Return a small brief that is made up."""
    table = Table(
        "by-province",
        "Incidents by province",
        ("Province", "Incidents", "Killed"),
        (("Herat", 1234, "at least 73 (2 of 9 incidents gave no figure)"), ("Kabul", 5, None)),
        "A note of the table.",
    )
    brief = Brief(
        title="A synthetic brief of April 2030",
        subtitle="Period: April 2030 (12 Hamal to 10 Sawr 1409).",
        scope=BriefScope(),
        revision=7,
        edition_id="edition",
        edition_title="Afghanistan, provinces as of 2014",
        disclaimer="Names imply no endorsement.",
        is_synthetic=False,
        reports=("report-1", "report-2"),
        headline=(
            Headline(
                "incidents",
                "Incidents",
                Figure(1239, 1239, 1239, 1239),
                Figure(44, 44, 44, 44),
                1195,
                "1,239",
                "44",
            ),
            Headline(
                "killed",
                "People killed",
                Figure(96, 96, None, 9, 2),
                Figure(),
                None,
                "at least 96 (Civilians: at least 73, Taliban: 23)",
                "no report in the sources read",
            ),
        ),
        sections=(
            Section(
                "totals",
                "Totals",
                (
                    Paragraph("one", "The sources tell of 1,239 incidents."),
                    Paragraph("two", f"The report says «{DARI}» of 17 people."),
                ),
                (table,),
            ),
            Section("rest", "What is uncertain", (Paragraph("three", "Much."),)),
        ),
        notes=("Counts are of reports that were read.",),
    )
    return replace(brief, **changes)  # type: ignore[arg-type]


def hostile_brief() -> Brief:
    """Return a brief each of whose texts is hostile."""
    plain = synthetic_brief()
    table = Table("t", HOSTILE, (HOSTILE, "Killed"), ((HOSTILE, 17), ("=1+1", 3)), HOSTILE)
    section = Section("s", HOSTILE, (Paragraph("p", HOSTILE),), (table,))
    headline = tuple(replace(one, label=HOSTILE) for one in plain.headline)
    texts = {"title": HOSTILE, "subtitle": HOSTILE, "edition_title": HOSTILE}
    return replace(
        plain, **texts, headline=headline, sections=(section,), notes=(HOSTILE,), reports=(HOSTILE,)
    )


def export(name: str, brief: Brief, **how: object) -> bytes:
    return EXPORTS[name](brief, **({"as_of": AS_OF, "link": LINK} | how))  # type: ignore[operator]


# --- reading back


def opened(name: str, content: bytes):
    import docx
    import pptx
    import pypdf

    read: dict[str, Callable] = {
        "docx": docx.Document,
        "pptx": pptx.Presentation,
        "pdf": pypdf.PdfReader,
    }
    return read[name](io.BytesIO(content))


def tables_of(name: str, content: bytes) -> list[list[list[str]]]:
    """Return the rows of each native table."""
    file = opened(name, content)
    if name == "docx":
        tables = file.tables
    else:
        shapes = [shape for slide in file.slides for shape in slide.shapes]
        tables = [shape.table for shape in shapes if shape.has_table]
    return [[[seen(cell.text) for cell in row.cells] for row in table.rows] for table in tables]


def text_of(name: str, content: bytes) -> str:
    """Return all that a reader sees, as one line."""
    file = opened(name, content)
    if name == "pdf":
        return seen(" ".join(page.extract_text() for page in file.pages))
    if name == "docx":
        section = file.sections[0]
        parts = [file.element.body, section.header._element, section.footer._element]
        return seen(" ".join(text for part in parts for text in words_in(part)))
    return seen(" ".join(text for slide in file.slides for text in words_in(slide.shapes.element)))


def words_in(element) -> list[str]:
    """Return the text of each paragraph under an element of DOCX or PPTX."""
    paragraphs = [one for one in element.iter() if one.tag.endswith("}p")]
    signs = {"t": lambda part: part.text or "", "tab": lambda part: " "}
    return [
        "".join(
            signs[kind](part)
            for part in one.iter()
            if (kind := str(part.tag).rpartition("}")[2]) in signs
        )
        for one in paragraphs
    ]


def seen(text: str) -> str:
    """Return a text without what is not seen, on one line."""
    return " ".join(re.sub("[\u200e\u200f]", "", text).split())


def numbers_in(text: str) -> set[str]:
    """Return the numbers in a text, in our own digits: pypdf turns those of Dari round."""
    return {found.replace(",", "") for found in re.findall("[0-9][0-9,]*[0-9]|[0-9]", text)}


def cells_of(brief: Brief) -> list[list[tuple[str, ...]]]:
    """Return what each table of a brief has to say, header first."""

    def words(cell: object) -> str:
        if cell is None:
            return NOT_STATED
        return f"{cell:,}" if isinstance(cell, int) else seen(str(cell))

    return [
        [tuple(map(seen, table.columns)), *(tuple(map(words, row)) for row in table.rows)]
        for table in brief.tables.values()
    ]


# --- the same numbers


@pytest.mark.parametrize("name", ["docx", "pptx"])
def test_native_tables_hold_the_cells_of_the_model_and_nothing_else(name):
    brief = synthetic_brief()
    tables = tables_of(name, export(name, brief))
    found = [[tuple(row) for row in table] for table in tables]
    assert [table for table in found if table[0][0] != "Measure"] == cells_of(brief)


@pytest.mark.parametrize("name", ["docx", "pptx"])
def test_word_that_is_broken_in_a_narrow_column_is_still_one_word(name):
    row = tuple(f"synthetic-report-with-a-long-name-{n}" for n in range(9))
    table = Table("t", "Title", tuple(f"Column {n}" for n in range(9)), (row,))
    brief = synthetic_brief(sections=(Section("s", "Section", (), (table,)),))
    assert [list(row)] == tables_of(name, export(name, brief))[-1][1:]


@pytest.mark.parametrize("name", FORMATS)
def test_every_headline_number_stands_beside_the_one_before(name):
    text = text_of(name, export(name, synthetic_brief()))
    for words in ("1,239", "44", "at least 96", "at least 73", "no report in the sources read"):
        assert words in text


@pytest.mark.parametrize("name", FORMATS)
def test_no_number_stands_in_a_file_that_is_not_in_the_model(name):
    brief = synthetic_brief()
    text = text_of(name, export(name, brief, link=""))
    told = numbers_in(" ".join(brief.texts()) + " ".join(brief.reports) + f" {AS_OF}")
    pages = {str(number) for number in range(1, 12)}  # "2 of 5"
    assert numbers_in(text) - told - pages == set()
    cells = [words for table in cells_of(brief) for row in table for words in row]
    assert numbers_in(" ".join(cells)) <= numbers_in(text)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("scope", [month_scope(2025, 1), BriefScope(sources=("8am-2022-12",))])
def test_brief_of_the_shipped_data_keeps_every_number(name, scope, store_url):
    facts = load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)
    brief = make_brief(facts, scope)
    content = export(name, brief)
    cells = [words for table in cells_of(brief) for row in table for words in row]
    leads = [f"{one.words} {one.before_words}" for one in brief.headline]
    wanted = numbers_in(" ".join(cells + leads))
    if name == "pdf":
        assert wanted <= numbers_in(text_of(name, content))
        return
    tables = [row for table in tables_of(name, content) for row in table]
    found = numbers_in(" ".join(cell for row in tables for cell in row))
    assert wanted <= found | numbers_in(text_of(name, content))
    assert found <= wanted


@pytest.mark.parametrize("name", FORMATS)
def test_long_table_loses_no_row_and_repeats_its_header(name):
    rows = tuple((f"Synthetic row {n}", n, "about 3 " * (n % 9)) for n in range(1000, 1100))
    table = Table("long", "A long table", ("What", "Number", "Words"), rows)
    brief = synthetic_brief(sections=(Section("s", "Section", (), (table,)),))
    content = export(name, brief)
    if name == "pdf":
        pages = [page.extract_text() for page in opened(name, content).pages]
        found = [int(n) for page in pages for n in re.findall(r"Synthetic row (\d+)", page)]
        assert found == list(range(1000, 1100))
        assert len(pages) > 2
        assert all("Words" in page for page in pages if "Synthetic row" in page)
        return
    tables = [table for table in tables_of(name, content) if table[0][0] == "What"]
    found = [int(row[1].replace(",", "")) for table in tables for row in table[1:]]
    assert found == list(range(1000, 1100))
    if name == "docx":
        assert len(tables) == 1
        assert opened(name, content).element.body.xml.count("<w:tblHeader/>") == 2
    else:
        assert len(tables) > 3


@pytest.mark.parametrize("name", FORMATS)
def test_cell_that_is_higher_than_a_page_goes_on_to_the_next(name):
    words = " ".join(f"word{n}" for n in range(2500))
    table = Table("t", "Title", ("A", "B"), ((words, 77),))
    brief = synthetic_brief(sections=(Section("s", "Section", (), (table,)),))
    found = re.findall(r"word(\d+)", text_of(name, export(name, brief)))
    assert [int(n) for n in found] == list(range(2500))


@pytest.mark.parametrize("name", FORMATS)
def test_brief_without_anything_is_still_a_file(name):
    empty = synthetic_brief(headline=(), sections=(), notes=(), reports=())
    assert "A synthetic brief of April 2030" in text_of(name, export(name, empty))


# --- what every file carries


@pytest.mark.parametrize("name", FORMATS)
def test_file_carries_its_evidence(name):
    text = text_of(name, export(name, synthetic_brief()))
    for words in (
        "12 Hamal to 10 Sawr 1409",
        "Revision 7, as of 2026-02-03",
        "Afghanistan, provinces as of 2014",
        "report-1, report-2",
        "Names imply no endorsement.",
        "Counts are of reports that were read.",
    ):
        assert words in text
    assert LINK in (text.replace(" ", "") if name == "pdf" else text)


@pytest.mark.parametrize("name", FORMATS)
def test_synthetic_store_marks_every_page(name):
    brief = synthetic_brief(is_synthetic=True)
    content = export(name, brief)
    assert text_of(name, export(name, synthetic_brief())).count("SYNTHETIC") == 0
    file = opened(name, content)
    if name == "docx":
        assert SENTENCE in [one.text for one in file.sections[0].header.paragraphs]
        assert SENTENCE in [one.text for one in file.paragraphs]
    elif name == "pdf":
        assert all(SENTENCE in seen(page.extract_text()) for page in file.pages)
    else:
        assert all(SENTENCE in words_in(slide.shapes.element) for slide in file.slides)
        assert all(SENTENCE in slide.notes_slide.notes_text_frame.text for slide in file.slides)


@pytest.mark.parametrize("name", FORMATS)
def test_marking_stands_at_the_top_and_at_the_bottom(name):
    content = export(name, synthetic_brief(), marking=MARKING)
    file = opened(name, content)
    if name == "docx":
        for edge in (file.sections[0].header, file.sections[0].footer):
            assert MARKING in [one.text for one in edge.paragraphs]
    elif name == "pdf":
        assert all(page.extract_text().count(MARKING) == 2 for page in file.pages)
    else:
        for slide in file.slides:
            tops = [one.top for one in slide.shapes if one.has_text_frame and one.text == MARKING]
            assert len(tops) == 2
            assert min(tops) < file.slide_height * 0.1
            assert max(tops) > file.slide_height * 0.9


@pytest.mark.parametrize("name", FORMATS)
def test_wording_of_an_editor_is_marked(name):
    brief = with_wording(synthetic_brief(), {"three": "An editor's own words."})
    text = text_of(name, export(name, brief))
    assert f"An editor's own words. {EDITED}" in text
    assert f"Much. {EDITED}" not in text
    assert EDITED not in text_of(name, export(name, synthetic_brief()))


def test_document_has_headings_language_and_page_numbers():
    file = opened("docx", export("docx", synthetic_brief()))
    headings = [one.text for one in file.paragraphs if one.style.name == "Heading 1"]
    assert headings == ["Totals", "What is uncertain", "Notes and sources"]
    assert file.core_properties.language == "en"
    assert str(file.core_properties.created)[:10] == AS_OF
    fields = re.findall(r">\s*(PAGE|NUMPAGES)\s*<", file.sections[0].footer._element.xml)
    assert fields == ["PAGE", "NUMPAGES"]


def test_pdf_has_bookmarks_language_and_a4_pages():
    reader = opened("pdf", export("pdf", synthetic_brief()))
    titles = [one.title for one in reader.outline if not isinstance(one, list)]
    assert titles == ["Headline numbers", "Totals", "What is uncertain", "Notes and sources"]
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    assert "1 of 1" in seen(reader.pages[0].extract_text())


def test_words_in_dari_keep_their_numbers_in_order():
    docx = export("docx", synthetic_brief())
    assert f"«{DARI}» of 17 people." in text_of("docx", docx)
    assert "<w:rtl/>" in opened("docx", docx).element.body.xml
    assert f"«{DARI}» of 17 people." in text_of("pptx", export("pptx", synthetic_brief()))
    pdf = text_of("pdf", export("pdf", synthetic_brief()))
    assert "of 17 people." in pdf
    assert "کشته" in pdf


def test_picture_of_the_map_has_words_for_those_who_do_not_see_it():
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (160, 90), "#88aacc").save(file, format="PNG")
    for name in FORMATS:
        content = export(name, synthetic_brief(), map_picture=file.getvalue())
        if name == "pdf":
            pages = opened(name, content).pages  # they share what is drawn on any of them
            assert len({image.name for page in pages for image in page.images}) == 1
        else:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                xml = b"".join(archive.read(n) for n in archive.namelist() if n.endswith(".xml"))
            assert b'descr="Map of Afghanistan made for this brief.' in xml
    with pytest.raises(QueryError, match=r"The picture of the map is no PNG or JPEG\."):
        export("docx", synthetic_brief(), map_picture=b"<svg/>")


# --- hostile texts


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_texts_are_letters_and_the_file_opens(name):
    content = export(name, hostile_brief(), marking="]]>&{{7*7}}")
    text = text_of(name, content).replace(" ", "")
    assert "{{7*7}}" in text
    assert "49" not in text
    assert "]]>&<b>bold</b>" in text
    assert "=cmd('/ccalc')" in text
    assert "\\frac{1}{2}" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff]", text)


@pytest.mark.parametrize("name", ["docx", "pptx"])
def test_no_file_leads_out_of_itself(name):
    with zipfile.ZipFile(io.BytesIO(export(name, hostile_brief()))) as archive:
        for part in archive.namelist():
            assert b'TargetMode="External"' not in archive.read(part)
            assert "thumbnail" not in part


def test_pdf_holds_no_link_and_no_script():
    content = export("pdf", hostile_brief())
    assert not any(page.annotations for page in opened("pdf", content).pages)
    for name in (b"/JavaScript", b"/URI", b"/Launch", b"/OpenAction"):
        assert name not in content


# --- slides


def plain_template() -> bytes:
    """Return a template of another shape than ours: the library's own, 10 x 7.5 inches."""
    import pptx

    file = io.BytesIO()
    pptx.Presentation().save(file)
    return file.getvalue()


@pytest.mark.parametrize("template", [None, plain_template()], ids=["ours", "template"])
@pytest.mark.parametrize("brief", [synthetic_brief(), hostile_brief()], ids=["plain", "hostile"])
def test_nothing_overlaps_or_leaves_a_slide(brief, template):
    deck = opened("pptx", export("pptx", brief, marking=MARKING, template=template))
    for slide in deck.slides:
        boxes = [
            (one.name, one.left, one.top, one.left + one.width, one.top + one.height)
            for one in slide.shapes
        ]
        for name, left, top, right, bottom in boxes:
            assert 0 <= left < right <= deck.slide_width, name
            assert 0 <= top < bottom <= deck.slide_height, name
        for number, (name, left, top, right, bottom) in enumerate(boxes):
            for other, *at in boxes[number + 1 :]:
                across = min(right, at[2]) - max(left, at[0])
                down = min(bottom, at[3]) - max(top, at[1])
                assert across <= 2 or down <= 2, (name, other)


def test_letters_on_slides_have_at_least_12_points():
    deck = opened("pptx", export("pptx", hostile_brief(), marking=MARKING))
    for slide in deck.slides:
        sizes = [int(size) for size in slide.shapes.element.xpath(".//@sz") if size.isdigit()]
        assert min(sizes) >= 1200


def test_each_slide_has_a_title_and_notes_with_the_record():
    deck = opened("pptx", export("pptx", synthetic_brief()))
    titles = [slide.shapes.title.text for slide in deck.slides]
    assert titles == [
        "A synthetic brief of April 2030",
        "Headline numbers",
        "Totals",
        "What is uncertain",
        "Notes, sources and method",
    ]
    for slide in deck.slides:
        notes = slide.notes_slide.notes_text_frame.text
        assert f"Link: {LINK}" in notes
        assert "Revision 7, as of 2026-02-03." in notes
        assert BEGIN in notes


# --- the same bytes


def hashes() -> dict[str, str]:
    """Return a hash of each format of one brief."""
    brief = synthetic_brief(is_synthetic=True)
    return {
        name: hashlib.sha256(export(name, brief, marking=MARKING)).hexdigest() for name in FORMATS
    }


def test_fresh_process_gives_the_same_bytes():
    code = "from tests.test_brief_files import hashes; print(hashes())"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "77", "TZ": "Asia/Kabul"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.strip() == str(hashes())


def test_too_long_marking_is_refused():
    with pytest.raises(QueryError, match="The marking has 80 characters"):
        export("pdf", synthetic_brief(), marking="x" * 80)
