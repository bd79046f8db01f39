"""An organisation's template gives a deck its size, letters and colours, and nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from pptx import Presentation
from pptx.util import Emu, Inches

from conflictmap.errors import QueryError
from conflictmap.slides.compose import compose
from conflictmap.slides.deck import paper_of_template, read_deck, write_deck
from conflictmap.slides.paper import PAPERS
from conflictmap.slides.pptx_file import CONTENT_TYPES, PRESENTATION, TEMPLATE
from tests.slide_deck import composed_of, slide_of, synthetic_facts
from tests.synthetic import shipped_edition

MACROS = PRESENTATION.replace(
    "vnd.openxmlformats-officedocument.presentationml.presentation.main",
    "vnd.ms-powerpoint.presentation.macroEnabled.main",
)


def template(width: float = 40 / 3, height: float = 7.5, edit: Callable | None = None) -> bytes:
    """Return a template with one slide of its own."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(width), Inches(height)
    sheet = presentation.slides.add_slide(presentation.slide_layouts[0])
    sheet.shapes.title.text = "a slide of the template"
    if edit:
        edit(presentation)
    written = io.BytesIO()
    presentation.save(written)
    return written.getvalue()


def typed(content: bytes, kind: str) -> bytes:
    """Return a presentation whose main part has another type."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == CONTENT_TYPES:
                part = part.replace(PRESENTATION.encode(), kind.encode())
            new.writestr(name, part)
    return written.getvalue()


def deck_on(content: bytes) -> bytes:
    slide = slide_of(synthetic_facts())
    composed = compose(slide, shipped_edition(), paper_of_template(content))
    return write_deck([composed], shipped_edition(), records=[{}], template=content)


def refusal(content: bytes) -> str:
    with pytest.raises(QueryError) as refused:
        paper_of_template(content)
    return str(refused.value)


def test_a_slide_on_a_template_says_the_same_as_one_without():
    slide = slide_of(synthetic_facts())
    plain = write_deck([composed_of(slide)], shipped_edition(), records=[{}])
    assert read_deck(deck_on(template())) == read_deck(plain)


def test_texts_take_the_letters_and_colours_of_the_theme_and_areas_keep_theirs():
    (sheet,) = Presentation(io.BytesIO(deck_on(template()))).slides
    fonts = {face.get("typeface") for face in sheet.element.iter("{*}latin")}
    assert fonts == {"+mn-lt", "+mj-lt"}
    assert sheet.slide_layout.name == "Title Only"
    assert sheet.shapes.title.placeholder_format.type is not None


def test_slides_of_the_template_are_not_in_the_deck():
    content = deck_on(template())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert [name for name in names if name.startswith("ppt/slides/slide")] == [
            "ppt/slides/slide1.xml"
        ]
        assert b"a slide of the template" not in archive.read("ppt/slides/slide1.xml")


def test_a_potx_is_taken():
    content = typed(template(), TEMPLATE)
    assert paper_of_template(content) == PAPERS["16:9"]
    written = deck_on(content)
    assert written == deck_on(content)
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert TEMPLATE.encode() not in archive.read(CONTENT_TYPES)


@pytest.mark.parametrize(
    ("width", "height", "paper"),
    [
        (40 / 3, 7.5, "16:9"),
        (10.0, 7.5, "4:3"),
        (10.0, 5.625, "16:9"),
        (20.0, 11.25, "16:9"),
    ],
)
def test_slides_have_the_proportions_of_the_template_and_a_usual_size(width, height, paper):
    content = template(width, height)
    assert paper_of_template(content) == PAPERS[paper]
    presentation = Presentation(io.BytesIO(deck_on(content)))
    assert Emu(presentation.slide_width).inches == pytest.approx(PAPERS[paper].width, abs=1e-4)
    (sheet,) = presentation.slides
    title = sheet.slide_layout.placeholders[0]
    before = Presentation(io.BytesIO(content)).slide_layouts.get_by_name("Title Only")
    share = before.placeholders[0].width / Inches(width)
    assert title.width / presentation.slide_width == pytest.approx(share, abs=1e-4)


def test_another_size_is_a_paper_of_its_own():
    paper = paper_of_template(template(10.83, 7.5))
    assert (paper.width, paper.height) == (pytest.approx(10.83, abs=1e-3), 7.5)
    assert read_deck(deck_on(template(10.83, 7.5)))[0].problems == ()


def test_a_slide_laid_out_for_another_size_is_refused():
    composed = composed_of(slide_of(synthetic_facts()), "4:3")
    with pytest.raises(QueryError) as refused:
        write_deck([composed], shipped_edition(), records=[{}], template=template())
    assert str(refused.value) == "The slides of the template have another size than the paper."


def test_a_banner_is_refused():
    assert refusal(template(20, 4)) == (
        "The slides of the template measure 20.0 x 4.0 inches, which leaves no room for a map."
        " Choose a usual slide size in the template, such as 16:9."
    )


def test_what_is_no_presentation_is_refused():
    sentence = "The template is no PowerPoint presentation (.pptx or .potx)."
    assert refusal(b"") == sentence
    assert refusal(b"PK\x03\x04 and no more") == sentence
    assert refusal(typed(template(), "application/xml")) == sentence


def test_macros_are_refused():
    assert refusal(typed(template(), MACROS)) == (
        "The template holds macros, which are not let in. Save it as .pptx without them."
    )


def test_links_out_of_the_template_are_refused():
    def link(presentation):
        presentation.slide_master.part.relate_to(
            "https://example.org/logo.png",
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image",
            is_external=True,
        )

    assert refusal(template(edit=link)) == (
        "The template has links to pages or files outside it. Remove them and save it again."
    )


def test_a_layout_with_another_kind_of_title_serves_where_there_is_no_title_only():
    def keep_title_slide(presentation):
        for layout in list(presentation.slide_layouts):
            if layout.name != "Title Slide":
                presentation.slide_layouts.remove(layout)

    content = template(edit=keep_title_slide)
    (read,) = read_deck(deck_on(content))
    assert read.title == slide_of(synthetic_facts()).title
    assert read.problems == ()


def test_a_template_without_a_title_is_refused():
    def keep_blank(presentation):
        presentation.slides._sldIdLst.clear()
        for rel in [
            key for key, rel in presentation.part.rels.items() if "slide1" in rel.target_ref
        ]:
            presentation.part.rels.pop(rel)
        for layout in list(presentation.slide_layouts):
            if layout.name != "Blank":
                presentation.slide_layouts.remove(layout)

    content = template(edit=keep_blank)
    composed = compose(slide_of(synthetic_facts()), shipped_edition(), paper_of_template(content))
    with pytest.raises(QueryError) as refused:
        write_deck([composed], shipped_edition(), records=[{}], template=content)
    assert str(refused.value) == (
        "The template has no layout with a title. Add one, such as 'Title Only'."
    )
