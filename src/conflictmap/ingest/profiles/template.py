"""Our own template: the table a newsroom fills in, and the empty file to download.

Columns may stand in any order and optional ones may be left out. A row needs a date (or
``date_start``), a title or description, and a source. A row without a province is taken: it shows
in the totals as not placed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Set
from dataclasses import replace

from openpyxl import Workbook
from openpyxl.styles import Font

from conflictmap.formula_guard import unguarded
from conflictmap.ingest.model import Answers, Draft, RawTable
from conflictmap.ingest.profiles.fields import FIELDS
from conflictmap.ingest.profiles.sheet import convert_sheet

HXL_TAGS = {
    "id": "#event+id",
    "date": "#date",
    "date_start": "#date+start",
    "date_end": "#date+end",
    "province": "#adm1+name",
    "district": "#adm2+name",
    "place": "#loc+name",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "place_precision": "#geo+precision",
    "title": "#event+name",
    "description": "#description",
    "event_type": "#event+type",
    "target_type": "#event+target+type",
    "target_community": "#event+target+community",
    "killed": "#affected+killed",
    "killed_low": "#affected+killed+low",
    "killed_high": "#affected+killed+high",
    "civilians_killed": "#affected+killed+civilians",
    "wounded": "#affected+wounded",
    "wounded_low": "#affected+wounded+low",
    "wounded_high": "#affected+wounded+high",
    "civilians_wounded": "#affected+wounded+civilians",
    "actor1": "#group+name+first",
    "actor2": "#group+name+second",
    "source": "#meta+source",
    "source_url": "#meta+url",
    "verified": "#meta+verified",
    "note": "#meta+note",
    "language": "#meta+language",
    "country": "#country+name",
    "province_pcode": "#adm1+code",
    "district_pcode": "#adm2+code",
}
"""The columns of the template, in order, and the HXL tag of each."""

COLUMNS = tuple(HXL_TAGS)

_NEEDED = (
    {"date", "date_start"},
    {"province"},
    {"title", "description"},
    {"source"},
)


def is_template(names: Set[str]) -> bool:
    """Tell whether columns are those of the template: one of each sort that a row needs."""
    return all(names & sort for sort in _NEEDED)


def convert(raw: RawTable, answers: Answers) -> Draft:
    """Convert a filled-in template.

    Parameters
    ----------
    raw
        A file that `recognise` takes for our own template.
    answers
        What was settled.
    """
    raw = replace(raw, cells=unguarded(raw.cells))  # an export of ours, or a careful newsroom
    columns: dict[str, str] = {}
    for column in raw.cells.columns:
        name = str(column).replace("\ufeff", "").strip().lower()
        if name in FIELDS:
            columns.setdefault(name, column)
    return convert_sheet(
        raw,
        columns,
        answers,
        profile="own_template",
        required=("date", "text", "source"),
        keeps_abroad=True,
    )


def template_csv(*, hxl_row: bool = True) -> bytes:
    """Return the empty template as CSV: UTF-8 with BOM, as spreadsheets want it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows(_rows(hxl_row))
    return text.getvalue().encode("utf-8-sig")


def template_xlsx(*, hxl_row: bool = True) -> bytes:
    """Return the empty template as a workbook of one sheet, its cells formatted as text.

    As text, a date stays as it was typed: a spreadsheet would turn day and month round.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None, "a new workbook has a sheet"
    sheet.title = "incidents"
    for row in _rows(hxl_row):
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number in range(1, len(COLUMNS) + 1):
        letter = sheet.cell(row=1, column=number).column_letter
        sheet.column_dimensions[letter].number_format = "@"
        sheet.column_dimensions[letter].width = 18
    sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _rows(hxl_row: bool) -> list[list[str]]:
    tags = [HXL_TAGS[name] for name in COLUMNS]
    return [list(COLUMNS), tags] if hxl_row else [list(COLUMNS)]
