"""A part in batches of bounded rows: Parquet as it is, CSV as text by the strict rules of uploads.

A batch has at most the rows that are asked for, and fewer where rows are wide, so that memory is
bounded by the batch and never by the part. Batches depend on the part alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from conflictmap.cluster.storage import Part, open_part
from conflictmap.errors import IncidentFileError, Problem
from conflictmap.ingest.cells import shown
from conflictmap.ingest.csv_records import CsvSource, Record, has_broken_bytes
from conflictmap.ingest.sniffing import Encoding

BATCH_ROWS = 131_072
BATCH_BYTES = 64 * 2**20  # of a batch of Parquet as its file states its size, unpacked
BATCH_CELLS = 1_000_000  # of CSV: a cell is some 70 bytes while it is a text of Python

_DELIMITERS = (",", ";", "\t", "|")
_BUFFER_BYTES = 2**20
_OF_FILE = ": the file "


@dataclass(frozen=True)
class CsvForm:
    """How CSV parts are written, where it is not told by themselves.

    ``delimiter`` is empty where it is to be found in the first line; ``header`` names the columns
    of parts without a line of names.
    """

    delimiter: str = ""
    header: tuple[str, ...] = ()


@dataclass
class Batches:
    """The batches of a part, to be read once. ``blank_lines`` of a CSV are counted on the way."""

    schema: pa.Schema
    rows: Iterator[pa.RecordBatch]
    blank_lines: int = 0


@contextlib.contextmanager
def open_batches(part: Part, form: CsvForm, batch_rows: int) -> Iterator[Batches]:
    """Open a part.

    Raises
    ------
    IncidentFileError
        If it cannot be read, at once or while it is read: with the row, where it is one.
    """
    with open_part(part) as file:
        if part.address.lower().endswith(".parquet"):
            yield _parquet(file, batch_rows)
            return
        source = CsvSource(
            file=file,  # type: ignore[arg-type]
            encoding=Encoding("utf-8-sig", errors="surrogateescape"),
            delimiter=form.delimiter or _delimiter(file),
            label="",
            has_first_line=False,
        )
        made = cast("Generator[Record, None, None]", source.records())
        with contextlib.closing(made) as records:  # before the file is
            yield _csv(_refusing(records), form, batch_rows)


def _parquet(file: IO[bytes], batch_rows: int) -> Batches:
    try:
        # Read by the piece: a part may be one row group that is larger than the memory.
        opened = pq.ParquetFile(file, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise IncidentFileError(
            "it is no Parquet file that can be read. Write it again."
        ) from error
    held = opened.metadata
    unpacked = sum(held.row_group(number).total_byte_size for number in range(held.num_row_groups))
    rows = min(batch_rows, max(1, BATCH_BYTES * held.num_rows // max(unpacked, 1)))

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from opened.iter_batches(batch_size=max(rows, 1), use_threads=False)
        except pa.ArrowInvalid as error:
            raise IncidentFileError("its Parquet is damaged. Write it again.") from error

    return Batches(opened.schema_arrow, batches())


# --- CSV ------------------------------------------------------------------------------------------


def _csv(records: Iterator[tuple[int, list[str]]], form: CsvForm, batch_rows: int) -> Batches:
    header = list(form.header)
    if not header:
        _, header = next(records, (1, []))
        _refuse_broken(1, header)
    if not header:
        raise IncidentFileError("it is empty. Give a table with a header and rows.")
    schema = pa.schema([(name, pa.string()) for name in header])
    found = Batches(schema, iter(()))
    found.rows = _filled(records, found, min(batch_rows, max(1, BATCH_CELLS // len(header))))
    return found


def _refusing(records: Iterator[Record]) -> Iterator[tuple[int, list[str]]]:
    """Give the records; one that breaks the rules of CSV ends the part."""
    try:
        for number, record in records:
            if isinstance(record, Problem):
                raise IncidentFileError(f"row {number}: the row {record.what} {record.mend}")
            yield number, record
    except IncidentFileError as error:
        words = str(error)  # of the records of an upload, which name their file
        if not words.startswith(_OF_FILE):
            raise
        raise IncidentFileError(f"it {words.removeprefix(_OF_FILE)}") from error


def _filled(
    records: Iterator[tuple[int, list[str]]], found: Batches, rows: int
) -> Iterator[pa.RecordBatch]:
    width, held, numbers = len(found.schema), list[list[str]](), list[int]()
    for number, record in records:
        if not record:
            found.blank_lines += 1
            continue
        if len(record) != width:
            raise IncidentFileError(
                f"row {number} has {len(record)} cells, the header {width}. Mend the row."
            )
        held.append(record)
        numbers.append(number)
        if len(held) == rows:
            yield _batch(held, numbers, found.schema)
            held, numbers = [], []
    if held:
        yield _batch(held, numbers, found.schema)


def _batch(
    records: Sequence[list[str]], numbers: Sequence[int], schema: pa.Schema
) -> pa.RecordBatch:
    columns = zip(*records, strict=True)
    try:
        return pa.record_batch([pa.array(c, pa.string()) for c in columns], schema=schema)
    except UnicodeEncodeError:
        for number, record in zip(numbers, records, strict=True):
            _refuse_broken(number, record)
        raise


def _refuse_broken(number: int, record: list[str]) -> None:
    for position, cell in enumerate(record):
        if has_broken_bytes(cell):
            raise IncidentFileError(
                f"row {number}, column {position + 1}: bytes that are no UTF-8."
                " Save the part as UTF-8."
            )


def _delimiter(file: IO[bytes]) -> str:
    """Return the delimiter that the first line has most often."""
    line = file.readline(_BUFFER_BYTES)
    return max(_DELIMITERS, key=lambda mark: line.count(mark.encode()))


def schema_with(schema: pa.Schema, more: Sequence[str]) -> pa.Schema:
    """Return a part's columns and those that the join adds.

    Raises
    ------
    IncidentFileError
        If it has a column of such a name.
    """
    for name in more:
        if name in schema.names:
            raise IncidentFileError(
                f"it has a column {shown(name)}, which the join adds. Rename or leave out that one."
            )
        schema = schema.append(pa.field(name, pa.string()))
    return schema
