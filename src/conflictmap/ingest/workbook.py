"""Excel workbooks as rows of text: values only, within limits on what they unpack to.

A workbook is a zip of XML parts, so what it unpacks to is added up before anything is read. The
parts are then looked through for what a spreadsheet program never writes (document types, thousands
of sheets) before openpyxl, with defusedxml, reads them.
"""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import openpyxl

from conflictmap.errors import IncidentFileError
from conflictmap.ingest.model import Answers, Limits, Question
from conflictmap.ingest.sniffing import BLOCK_BYTES, refusal

MOST_ROWS = 1_048_576  # of a sheet, by the format
MOST_SHEETS = 100
MOST_PARTS = 5_000
MOST_WIDE_ROWS = 1_000

_SHEET = re.compile(rb"<(?:\w+:)?sheet[\s/>]")
_SHEET_ID = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?\bid\s*=\s*[\"']([^\"']*)")
_SHEET_PART = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*?worksheets/([^\"'/>]*)[\"']")
_ESCAPED_BREAK = re.compile(r"_x00(0[9ADad])_")  # how the format writes tab, LF and CR in text


@dataclass(frozen=True)
class Sheet:
    """The chosen sheet: its rows of text, numbered as the sheet shows them, ends trimmed."""

    rows: tuple[tuple[int, list[str]], ...]
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


def is_zip(head: bytes) -> bool:
    """Return whether a file is a zip archive of any kind."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def read_sheet(content: bytes, label: str, *, answers: Answers, limits: Limits) -> Sheet:
    """Read the sheet that holds the data.

    Dates become ISO text, whole numbers lose ``.0``, yes and no become TRUE and FALSE, formulas
    give the value stored with them. A sheet holds data when it has two rows, one of two cells;
    where several do, the analyst chooses and the first is used until then.

    Raises
    ------
    IncidentFileError
        If it is no .xlsx, unpacks to more than is allowed, or cannot be read.
    """
    _check_parts(content, label, limits)
    try:
        # The library warns of styles and charts it leaves out; those are no values.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(content, label, answers, limits)
    except IncidentFileError:
        raise
    except Exception as error:  # whatever a foreign parser throws on foreign bytes
        raise refusal(
            label, "is a workbook that cannot be read. Open it in Excel and save it again as .xlsx."
        ) from error


def _check_parts(content: bytes, label: str, limits: Limits) -> None:
    """Refuse what unpacks to too much, is no .xlsx, or holds what no spreadsheet writes."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise refusal(
                    label,
                    "is a zip archive, not an .xlsx workbook. "
                    "Unpack it, or save the table as .xlsx or CSV.",
                )
            unpacked = sum(part.file_size for part in parts)
            if unpacked > limits.unpacked_bytes or len(parts) > MOST_PARTS:
                raise refusal(
                    label,
                    f"unpacks to {unpacked:,} bytes in {len(parts):,} parts; "
                    f"{limits.unpacked_bytes:,} bytes are allowed. Save the one sheet as CSV.",
                )
            sheets = 0
            for part in parts:
                named = _check_part(archive, part, label, limits)
                if named or part.filename.endswith(".rels"):
                    _refuse_repeated_sheets(archive.read(part), label)
                sheets += named
    except IncidentFileError:
        raise
    except Exception as error:  # bad sizes, sums, methods, passwords: each its own exception
        raise refusal(
            label, "is a damaged or locked zip archive. Save the table again as .xlsx or CSV."
        ) from error
    if sheets > MOST_SHEETS:
        raise refusal(label, f"has {sheets:,} sheets; {MOST_SHEETS} are allowed.")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, label: str, limits: Limits) -> int:
    """Look through a part while unpacking it; return how many sheets it names."""
    if not part.filename.endswith((".xml", ".rels", ".vml")):
        return 0
    sheets, unpacked, tail = 0, 0, b""
    with archive.open(part) as file:
        while block := file.read(BLOCK_BYTES):
            unpacked += len(block)
            if unpacked > limits.unpacked_bytes:
                raise refusal(label, "unpacks to more than its directory says: it is a trap.")
            seen = tail + block
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or b"\0" in block:
                raise refusal(label, "holds XML that no spreadsheet program writes: it is a trap.")
            tail = block[-9:]
            sheets += len(_SHEET.findall(seen)) - len(_SHEET.findall(tail))
    return sheets + len(_SHEET.findall(tail))


def _refuse_repeated_sheets(part: bytes, label: str) -> None:
    """Refuse a workbook that names one sheet many times: each would be read again."""
    for pattern in (_SHEET_ID, _SHEET_PART):
        found = pattern.findall(part)
        if len(set(found)) < len(found):
            raise refusal(label, "names one sheet several times: it is a trap.")


def _read(content: bytes, label: str, answers: Answers, limits: Limits) -> Sheet:
    workbook = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=True, keep_links=False
    )
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    shown = {name: sheet for name, sheet in sheets.items() if sheet.sheet_state == "visible"}
    hidden = len(sheets) - len(shown)
    tables = {
        name: rows
        for name, sheet in (shown or sheets).items()
        if _holds_data(rows := tuple(_rows(sheet, label, limits)))
    }
    if not tables:
        raise refusal(label, "has no sheet with a header and a row of several cells.")
    notes = []
    if hidden and shown:
        notes.append(f"{hidden} hidden sheets are not read.")
    chosen, question = _choose(tables, label, answers)
    if len(tables) > 1:
        notes.append(f"{len(tables)} sheets hold data; one is read.")
    return Sheet(tables[chosen], (question,) if question else (), tuple(notes))


def _choose(
    tables: Mapping[str, tuple[tuple[int, list[str]], ...]], label: str, answers: Answers
) -> tuple[str, Question | None]:
    first = next(iter(tables))
    if answer := answers.get("sheet"):
        if answer not in tables:
            raise refusal(label, f"has no sheet {answer[:80]!r} with data. Choose another.")
        return answer, None
    if len(tables) == 1:
        return first, None
    question = Question(
        key="sheet",
        text="Which sheet holds the incidents?",
        options=tuple((name, f"{name[:80]}: {len(rows):,} rows") for name, rows in tables.items()),
        proposed=first,
        examples=tuple(" | ".join(rows[0][1])[:80] for rows in tables.values() if rows),
    )
    return first, question


def _holds_data(rows: tuple[tuple[int, list[str]], ...]) -> bool:
    return sum(1 for _, row in rows if row) > 1 and any(sum(map(bool, row)) > 1 for _, row in rows)


def _rows(sheet: Any, label: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Give the rows up to the last that is not empty; gaps between them come as empty rows."""
    sheet.reset_dimensions()  # the size that the file states may be false
    characters, wide, gap = 0, 0, 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > MOST_ROWS:
            raise refusal(label, f"has a sheet of more than {MOST_ROWS:,} rows.")
        wide += len(values) > limits.columns
        if wide > MOST_WIDE_ROWS:
            raise refusal(
                label,
                f"has cells beyond column {limits.columns:,} in most rows. "
                "Delete the columns that are no data.",
            )
        row = [_text(value) for value in values]
        while row and not row[-1]:
            row.pop()
        if not row:
            gap += 1
            continue
        characters += sum(map(len, row))
        if characters > limits.unpacked_bytes:
            raise refusal(
                label,
                f"unpacks to more than {limits.unpacked_bytes:,} characters of text. "
                "Split it, or use the command line.",
            )
        yield from ((blank, []) for blank in range(number - gap, number))
        gap = 0
        yield number, row


def _text(value: object) -> str:
    """Return a value as a spreadsheet would write it to CSV, dates as ISO text."""
    if value is None:
        return ""
    if isinstance(value, str):
        if "_x00" in value:
            return _ESCAPED_BREAK.sub(lambda found: chr(int(found[1], 16)), value)
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return value.date().isoformat() if is_day else value.isoformat(sep=" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)
