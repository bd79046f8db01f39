"""Reading a file as text: each row behind the header is in the cells, skipped or rejected.

The csv module is the parser, in its strict mode, and nothing is stripped or converted. `read_raw`
takes a file of ordinary size whole; `iter_raw_chunks` gives the same rows of a file of any size in
pieces, in memory for one piece.
"""

from __future__ import annotations

import codecs
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pandas as pd
from pandas.api.types import union_categoricals

from conflictmap.ingest.csv_records import CsvSource, Record
from conflictmap.ingest.layout import (
    HEAD_ROWS,
    Layout,
    decide_delimiter,
    decide_header,
    head_rows,
    stated_delimiter,
)
from conflictmap.ingest.model import Answers, Limits, Question, RawTable
from conflictmap.ingest.sniffing import (
    Survey,
    decide_encoding,
    notes_of,
    refusal,
    refuse_other_text,
    survey,
)
from conflictmap.ingest.sorting import Opened, all_have_surplus, sort_records
from conflictmap.ingest.workbook import is_zip, read_sheet

CHUNK_ROWS = 100_000
MOST_SKIPPED = 200_000  # of a file that is read whole
MOST_REJECTED = 100_000
_NO_ANSWERS: Answers = {}
_USUAL_LIMITS = Limits()


def read_raw(
    content: bytes | Path,
    label: str,
    *,
    answers: Answers = _NO_ANSWERS,
    limits: Limits = _USUAL_LIMITS,
) -> RawTable:
    """Read an uploaded file, CSV or .xlsx, as text.

    Parameters
    ----------
    content
        The file's bytes, or where it is: then it is never in memory as a whole.
    label
        Its name; only shown, never opened.
    answers
        To "encoding", "delimiter", "header" and "sheet"; see `Question`.

    Returns
    -------
    RawTable
        All rows. What the file does not settle is among the questions, and the cells are read by
        the proposed answer. From `CHUNK_ROWS` rows on, columns that repeat few texts are
        categories of text.

    Raises
    ------
    IncidentFileError
        If the file as a whole cannot be used: empty, binary, packed, a web page, too large, too
        wide, without a header, with a quoted cell that is never closed.
    """
    label = _label(label)
    source = content if isinstance(content, Path) else io.BytesIO(content)
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    if size > limits.unpacked_bytes:
        raise refusal(
            label,
            f"has {size:,} bytes; {limits.unpacked_bytes:,} are allowed. Use the command "
            "line, or split it.",
        )
    chunks = []
    skipped = rejected = 0
    pieces = iter_raw_chunks(source, label, answers=answers, limits=limits, chunk_rows=CHUNK_ROWS)
    for chunk in pieces:
        is_full = len(chunk.cells) >= CHUNK_ROWS
        chunks.append(replace(chunk, cells=_compact(chunk.cells)) if is_full else chunk)
        skipped += len(chunk.skipped)
        rejected += len(chunk.rejected)
        if skipped > MOST_SKIPPED:
            raise refusal(
                label,
                f"has more than {MOST_SKIPPED:,} blank or repeated rows. Delete them and upload "
                "it again.",
            )
        if rejected > MOST_REJECTED:
            first = next(problem for chunk in chunks for problem in chunk.rejected)
            raise refusal(
                label,
                f"has more than {MOST_REJECTED:,} rows that cannot be read; the first is row "
                f"{first.row}: {first.what}",
            )
    return _joined(chunks)


def iter_raw_chunks(
    source: Path | BinaryIO,
    label: str,
    *,
    answers: Answers = _NO_ANSWERS,
    limits: Limits = _USUAL_LIMITS,
    chunk_rows: int = CHUNK_ROWS,
) -> Iterator[RawTable]:
    """Read a CSV of any size in pieces of some `chunk_rows` rows; for the command line.

    Each piece is a `RawTable` of its own rows, by the rules of `read_raw`; header, encoding,
    questions and hash are the same in all. There is at least one piece, and the rows of the pieces
    add up to the file. A file-like `source` must be seekable. ``limits.unpacked_bytes`` holds for
    workbooks only.

    Raises
    ------
    IncidentFileError
        As `read_raw`; an unclosed quote only when it is reached, so publish nothing before the end.
    """
    label = _label(label)
    with ExitStack() as stack:
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        file.seek(0)
        surveyed = survey(file, label)
        if is_zip(surveyed.sample):
            opened, records = _open_workbook(file, label, answers, limits)
        else:
            opened, records = _open_csv(file, surveyed, label, answers, limits)
        table = replace(opened.table, sha256=surveyed.sha256)
        yield from sort_records(records, replace(opened, table=table), limits, chunk_rows)


def _open_workbook(
    file: BinaryIO, label: str, answers: Answers, limits: Limits
) -> tuple[Opened, Iterator[Record]]:
    file.seek(0)
    content = file.read(limits.unpacked_bytes + 1)
    if len(content) > limits.unpacked_bytes:
        raise refusal(label, f"is a workbook of more than {limits.unpacked_bytes:,} bytes.")
    sheet = read_sheet(content, label, answers=answers, limits=limits)
    layout = decide_header(sheet.rows[:HEAD_ROWS], label, limits.columns, answers)
    table = _empty_table(label, "utf-8", "xlsx", layout, sheet.questions, sheet.notes)
    return Opened(table, layout), _padded(sheet.rows, len(layout.header))


def _open_csv(
    file: BinaryIO, surveyed: Survey, label: str, answers: Answers, limits: Limits
) -> tuple[Opened, Iterator[Record]]:
    encoding = decide_encoding(surveyed, file, label, answers)
    decoder = codecs.getincrementaldecoder(encoding.name)(encoding.errors)
    text = decoder.decode(surveyed.sample, final=surveyed.is_whole)
    refuse_other_text(text, label)
    stated = stated_delimiter(text)
    if stated:
        text = text[len(io.StringIO(text, newline="").readline()) :]
    delimiter, asked = (stated, None) if stated else decide_delimiter(text, label, answers)
    head = head_rows(text, delimiter)
    layout = decide_header(head, label, limits.columns, answers)
    questions = tuple(question for question in (encoding.question, asked) if question)
    table = _empty_table(label, encoding.name, delimiter, layout, questions, notes_of(surveyed))
    source = CsvSource(file, encoding, delimiter, label, has_first_line=bool(stated))
    opened = Opened(table, layout)
    if all_have_surplus(head, opened) and all_have_surplus(source.records(), opened):
        note = "Each row ends with an empty cell more than the header; it is left out."
        table = replace(table, notes=(*table.notes, note))
        opened = Opened(table, layout, has_surplus=True)
    return opened, source.records()


def _joined(chunks: list[RawTable]) -> RawTable:
    if len(chunks) == 1:
        return chunks[0]
    return replace(
        chunks[0],
        cells=_joined_cells([chunk.cells for chunk in chunks]),
        skipped=tuple(itertools.chain.from_iterable(chunk.skipped for chunk in chunks)),
        rejected=tuple(itertools.chain.from_iterable(chunk.rejected for chunk in chunks)),
        ragged={row: cells for chunk in chunks for row, cells in chunk.ragged.items()},
        notes=tuple(dict.fromkeys(note for chunk in chunks for note in chunk.notes)),
    )


def _compact(cells: pd.DataFrame) -> pd.DataFrame:
    """Return a piece with the columns that repeat their texts as categories."""
    columns = {}
    for name in cells:
        codes, texts = pd.factorize(cells[name])
        if 2 * len(texts) < len(codes):
            columns[name] = pd.Categorical.from_codes(codes, texts)
    return cells.assign(**columns)


def _joined_cells(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return pieces as one table; a column is of categories where it is in all full pieces."""
    index = parts[0].index.append([part.index for part in parts[1:]])
    columns = {}
    for name in parts[0]:
        held = [part.pop(name) for part in parts]
        if any(column.dtype == "str" for column in held[:-1]):
            columns[name] = pd.concat([column.astype("str") for column in held]).array
        else:
            columns[name] = union_categoricals([column.astype("category") for column in held])
    return pd.DataFrame(columns, index=index)


def _empty_table(
    label: str,
    encoding: str,
    delimiter: str,
    layout: Layout,
    questions: tuple[Question, ...],
    notes: tuple[str, ...],
) -> RawTable:
    return RawTable(
        label=label,
        sha256="",
        encoding=encoding,
        delimiter=delimiter,
        header=layout.header,
        header_row=layout.header_row,
        hxl=layout.hxl,
        cells=pd.DataFrame(),
        questions=(*questions, *layout.questions),
        notes=(*notes, *layout.notes),
    )


def _label(name: str) -> str:
    """Return a file's name without folders and control characters, cut to 120 characters."""
    base = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", " ", base)[:120] or "upload"


def _padded(rows: Iterable[tuple[int, list[str]]], width: int) -> Iterator[Record]:
    """Give back the empty cells that a sheet does not store at the end of a row."""
    for number, row in rows:
        yield number, row + [""] * (width - len(row))
