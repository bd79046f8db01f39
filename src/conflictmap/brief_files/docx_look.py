"""How a Word document looks: page, styles, rules of tables, and what the file tells of itself."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final

from conflictmap.brief_files.content import Content, stretches
from conflictmap.brief_files.measure import width_of
from conflictmap.slides.fills import AREA_LINE, DIM, INK, RULE, WARNING
from conflictmap.slides.fonts import is_right_to_left

LETTERS: Final = "Arial"
TABLE_SIZES: Final = (8.5, 7.5, 6.5)
"""The first one at which each column has room for its longest word."""

SIDE: Final = 0.06  # inches left and right of the words of a cell
FULL_WIDTH: Final = 6.57  # inches of text on A4

_MARGIN = 0.85
_TITLE_SIZES = (19.0, 18.0, 17.0, 16.0, 15.0)
_GROUND = "EEF1F3"
_ARABIC_LANGUAGE = "fa-AF"


def own_page(document: Any) -> None:
    """Make it A4 upright, and take out what is left of the library's own template."""
    from docx.shared import Inches

    section = document.sections[0]
    section.page_width, section.page_height = Inches(8.27), Inches(11.69)
    section.left_margin = section.right_margin = Inches(_MARGIN)
    section.top_margin, section.bottom_margin = Inches(1.0), Inches(1.0)
    section.header_distance = section.footer_distance = Inches(0.4)
    package = document.part.package
    for key in [key for key, rel in package.rels.items() if rel.reltype.endswith("thumbnail")]:
        package.rels.pop(key)


def own_styles(document: Any, title: str) -> None:
    """Set the letters, sizes and distances of all styles; a title stands on one line if it can."""
    styles = document.styles
    fitting = (size for size in _TITLE_SIZES if width_of(title, size, is_bold=True) <= FULL_WIDTH)
    title_pt = next(fitting, _TITLE_SIZES[0])
    _language(styles)
    _style(styles, "Normal", 10, after=6)
    _style(styles, "Title", title_pt, is_bold=True, after=4, is_ruled=False)
    _style(styles, "Subtitle", 11, tone=DIM, after=6)
    _style(styles, "Heading 1", 14, is_bold=True, before=18, after=5)
    _style(styles, "Heading 2", 10, is_bold=True, before=9, after=3)
    _style(styles, "List Bullet", 9.5, after=4)
    _style(styles, "Header", 9, after=0)
    _style(styles, "Footer", 9, after=0)
    _style(styles, "Small", 9, tone=DIM, after=3, base="Normal")
    _style(styles, "Warning", 10.5, tone=WARNING, is_bold=True, after=5, base="Normal")
    _style(styles, "Marking", 10, is_bold=True, base="Normal", is_middle=True)
    _style(styles, "Warning above", 8.5, tone=WARNING, is_bold=True, base="Normal", is_middle=True)
    for size in TABLE_SIZES:
        _style(styles, table_style(size), size, base="Normal")
        _style(styles, table_style(size, is_header=True), size, is_bold=True, base="Normal")
    _style(styles, "Table note", 8.5, tone=DIM, before=3, after=9, base="Normal")
    _style(styles, "Foot", 8.5, tone=DIM, base="Normal")
    foot = styles["Foot"].paragraph_format
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Inches

    foot.tab_stops.add_tab_stop(Inches(FULL_WIDTH), WD_TAB_ALIGNMENT.RIGHT)


def table_style(size_pt: float, *, is_header: bool = False) -> str:
    """Return the name of the style of a table's words."""
    return f"Table {'header' if is_header else 'words'} {size_pt:g}"


def put_words(paragraph: Any, text: str, *, is_italic: bool = False) -> None:
    """Add words to a paragraph, those in Dari and Pashto as runs that are read from the right."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    if is_right_to_left(text):
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
    for words, is_arabic in stretches(text):
        run = paragraph.add_run(words)
        run.italic = True if is_italic else None
        if is_arabic:
            look = run._r.get_or_add_rPr()
            look.append(OxmlElement("w:rtl"))
            language = OxmlElement("w:lang")
            language.set(qn("w:bidi"), _ARABIC_LANGUAGE)
            look.append(language)


def put_field(paragraph: Any, name: str) -> None:
    """Add a number that the reader's program fills in: PAGE or NUMPAGES."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    for kind in ("begin", name, "separate", "1", "end"):
        run = paragraph.add_run()
        if kind == "1":  # stands until the program has counted
            run.text = "1"
            continue
        part = OxmlElement("w:instrText" if kind == name else "w:fldChar")
        if kind == name:
            part.text = f" {name} "
        else:
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)


def fix_width(table: Any, widths: Sequence[float]) -> None:
    """Give each column its width in inches, the same in every program."""
    from docx.shared import Inches

    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Inches(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Inches(width)


def rule_rows(table: Any) -> None:
    """Draw thin rules between rows, and let the header row stand on every page."""
    from docx.oxml.parser import parse_xml

    twips = round(SIDE * 1440)
    looks = table._tbl.tblPr
    light, strong = RULE.lstrip("#"), AREA_LINE.lstrip("#")
    # Else programs let a table stand out on the left by the margin of its cells.
    looks.append(parse_xml(f'<w:tblInd {_XMLNS} w:w="{twips}" w:type="dxa"/>'))
    looks.append(
        parse_xml(
            f"<w:tblBorders {_XMLNS}>"
            f'<w:bottom w:val="single" w:sz="4" w:space="0" w:color="{light}"/>'
            f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{light}"/></w:tblBorders>'
        )
    )
    layout = looks.find(f"{{{_MAIN}}}tblLayout")
    if layout is not None:  # the schema wants it behind the borders
        looks.append(layout)
    looks.append(
        parse_xml(
            f'<w:tblCellMar {_XMLNS}><w:top w:w="40" w:type="dxa"/>'
            f'<w:left w:w="{twips}" w:type="dxa"/><w:bottom w:w="40" w:type="dxa"/>'
            f'<w:right w:w="{twips}" w:type="dxa"/></w:tblCellMar>'
        )
    )
    look = looks.find(f"{{{_MAIN}}}tblLook")
    if look is not None:
        looks.append(look)
    whole = parse_xml(f"<w:cantSplit {_XMLNS}/>")
    for number, row in enumerate(table.rows):
        about = row._tr.get_or_add_trPr()
        about.append(deepcopy(whole))
        if number == 0:
            about.append(parse_xml(f"<w:tblHeader {_XMLNS}/>"))
            for cell in row.cells:
                cell._tc.get_or_add_tcPr().append(
                    parse_xml(
                        f"<w:tcBorders {_XMLNS}>"
                        f'<w:bottom w:val="single" w:sz="6" w:space="0" w:color="{strong}"/>'
                        "</w:tcBorders>"
                    )
                )
                cell._tc.tcPr.append(
                    parse_xml(f'<w:shd {_XMLNS} w:val="clear" w:color="auto" w:fill="{_GROUND}"/>')
                )
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True


def tell_about(document: Any, content: Content) -> None:
    """Set the properties of the file, so that they tell nothing of its maker or today."""
    about = document.core_properties
    about.title = content.title[:255]
    about.subject = content.subtitle[:255]
    for name in ("author", "category", "comments", "content_status", "identifier", "keywords"):
        setattr(about, name, "")
    about.language, about.last_modified_by, about.version = "en", "", ""
    about.revision = 1
    about.created = about.modified = about.last_printed = content.as_of


_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_XMLNS = f'xmlns:w="{_MAIN}"'


def _style(
    styles: Any,
    name: str,
    size_pt: float,
    *,
    tone: str = INK,
    is_bold: bool = False,
    before: float = 0,
    after: float = 0,
    base: str = "",
    is_middle: bool = False,
    is_ruled: bool = True,
) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    is_own = base and name not in [style.name for style in styles]
    style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH) if is_own else styles[name]
    if base:
        style.base_style = styles[base]
    letters = style.font
    letters.size, letters.bold, letters.italic = Pt(size_pt), is_bold, False
    letters.color.rgb = RGBColor.from_string(tone.lstrip("#").upper())
    _faces(style)
    lines = style.paragraph_format
    lines.space_before, lines.space_after, lines.line_spacing = Pt(before), Pt(after), 1.1
    if is_middle:
        lines.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if not is_ruled:
        rule = style.element.pPr.find(f"{{{_MAIN}}}pBdr")
        if rule is not None:
            style.element.pPr.remove(rule)


def _faces(style: Any) -> None:
    """Name the letters for every script; the template's follow its theme."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    look = style.element.get_or_add_rPr()
    for old in look.findall(qn("w:spacing")) + look.findall(qn("w:kern")):
        look.remove(old)
    for own, of_arabic in (("w:b", "w:bCs"), ("w:sz", "w:szCs")):  # words in Dari: the same
        found = look.find(qn(own))
        for old in look.findall(qn(of_arabic)):
            look.remove(old)
        if found is not None:
            other = OxmlElement(of_arabic)
            for name, value in found.attrib.items():
                other.set(name, value)
            found.addnext(other)
    faces = look.get_or_add_rFonts()
    faces.attrib.clear()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        faces.set(qn(f"w:{script}"), LETTERS)


def _language(styles: Any) -> None:
    from docx.oxml.ns import qn

    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
        language.set(qn("w:bidi"), _ARABIC_LANGUAGE)
