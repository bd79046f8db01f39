"""The records of a CSV by the strict rules: quotes are closed and doubled, or it is said where not.

A record that breaks the rules within its line is a problem of that row. A quoted cell that is never
closed may have eaten rows: the file is refused, with the row where the cell begins.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from conflictmap.errors import Problem
from conflictmap.ingest.sniffing import Encoding, refusal

WHOLE_ROW = "whole row"  # the column of a problem that is no single cell's

Record = tuple[int, list[str] | Problem]
"""A row's number as a spreadsheet shows it, and its cells or what is wrong with it."""

_SURROGATE = re.compile("[\ud800-\udfff]")  # bytes that are no UTF-8, as Python marks them


@dataclass(frozen=True)
class CsvSource:
    """A CSV whose encoding and delimiter are known."""

    file: BinaryIO
    encoding: Encoding
    delimiter: str
    label: str
    has_first_line: bool  # "sep=;", not shown by a spreadsheet

    def records(self) -> Iterator[Record]:
        """Give each record with its number; a record that breaks the rules of CSV as a problem."""
        self.file.seek(0)
        text = io.TextIOWrapper(
            self.file, encoding=self.encoding.name, errors=self.encoding.errors, newline=""
        )
        try:
            if self.has_first_line:
                next(text)
            yield from self._parsed(text)
        finally:
            text.detach()  # the file is the caller's

    def _parsed(self, text: Iterable[str]) -> Iterator[Record]:
        last = [""]
        reader = csv.reader(_remembering(text, last), delimiter=self.delimiter, strict=True)
        number, line = 0, 0
        while True:
            try:
                for row in reader:
                    number += 1
                    line = reader.line_num
                    yield number, row
                return
            except csv.Error as error:
                number += 1
                yield number, self._broken(str(error), number, line + 1, reader.line_num, last[0])
                line = reader.line_num

    def _broken(self, error: str, number: int, first: int, last: int, text: str) -> Problem:
        """Return the problem of one line; refuse the file where a quote may have eaten rows."""
        is_long = "field larger" in error
        if last > first or "end of data" in error or (is_long and text.count('"') % 2):
            raise refusal(
                self.label,
                f"has a quoted cell that is not closed: it begins in row {number} (line {first}) "
                f"and the text goes wrong in line {last}. Close the quote, or write a quote within "
                "a quoted cell twice.",
            )
        if is_long:
            what = f"has a cell of more than {csv.field_size_limit():,} characters."
            mend = "Shorten the cell."
        else:
            what = "has text behind the closing quote of a cell."
            mend = "Write a quote within a quoted cell twice."
        return Problem(self.label, number, WHOLE_ROW, cut_text(text.rstrip("\r\n")), what, mend)


def _remembering(lines: Iterable[str], last: list[str]) -> Iterator[str]:
    for line in lines:
        last[0] = line
        yield line


def has_broken_bytes(cell: str) -> bool:
    """Return whether a cell holds bytes that are no UTF-8."""
    return _SURROGATE.search(cell) is not None


def readable(text: str) -> str:
    """Return text fit to be encoded: U+FFFD stands for each byte that is no UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


def cut_text(text: str) -> str:
    """Return text cut to 80 characters, fit to be encoded."""
    return readable(text[:80])
