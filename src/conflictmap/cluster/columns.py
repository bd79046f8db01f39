"""The columns of a batch of rows, whatever type a file gives them: texts, numbers, figures, days.

Texts are read once for each distinct one: a column of codes costs as little in a file of text as in
one of numbers.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from conflictmap.errors import IncidentFileError
from conflictmap.ingest.cells import shown
from conflictmap.ingest.date_rules import DAY_FIRST, MONTH_FIRST
from conflictmap.ingest.numbers import LARGEST
from conflictmap.ingest.recognise import column_names

_DECIMAL = r"^[+-]?[0-9]{1,4}(\.[0-9]{1,25})?$"
_WHOLE = re.compile(r"([0-9]{1,9})(?:\.0+)?")
_NOT_KNOWN = re.compile(r"-(?:1|9|99)(?:\.0+)?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9:.,+Z-]*)?")
_BARE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_WORDS = re.compile(r"([0-9]{1,2}) ([A-Za-z]+) ([0-9]{4})")
_SLASHES = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:.]*)?")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of texts: ``values`` are the distinct ones, ``codes`` their positions.

    Texts stand without spaces around them; missing is -1, and so is the empty text.
    """

    codes: np.ndarray
    values: tuple[str, ...]

    def map(self, function: Callable[[str], str | None]) -> Texts:
        """Return what a function makes of each text, called once for each."""
        return _texts(self.codes, [function(value) for value in self.values])

    def map_all(self, function: Callable[[pd.Series], pd.Series]) -> Texts:
        """Return what a function makes of a column of the distinct texts."""
        made = function(pd.Series(list(self.values), dtype="str"))
        return _texts(self.codes, [None if pd.isna(text) else str(text) for text in made])

    def or_else(self, other: Texts) -> Texts:
        """Return the texts of another column where this one has none."""
        codes = np.where(
            (self.codes < 0) & (other.codes >= 0), other.codes + len(self.values), self.codes
        )
        return _texts(codes, [*self.values, *other.values])

    def where(self, kept: np.ndarray, otherwise: str) -> Texts:
        """Return the texts of the rows that keep theirs, and one text for the others."""
        return _texts(np.where(kept, self.codes, len(self.values)), [*self.values, otherwise])

    def is_(self, *texts: str) -> np.ndarray:
        """Tell which rows have one of some texts."""
        held = np.array([value in texts for value in self.values] + [False], dtype=bool)
        return held[self.codes]

    @property
    def is_missing(self) -> np.ndarray:
        """Tell which rows have no text."""
        return self.codes < 0

    def as_pandas(self) -> pd.Series:
        """Return a categorical column."""
        return pd.Series(pd.Categorical.from_codes(self.codes, categories=list(self.values)))

    def as_arrow(self) -> pa.Array:
        """Return a column of strings."""
        positions = pa.array(self.codes, mask=self.codes < 0)
        return pa.array(list(self.values), pa.string()).take(positions)


@dataclass(frozen=True, eq=False)
class Numbers:
    """Decimal numbers, NaN where there is none, and the rows whose text is no number."""

    values: np.ndarray
    is_unread: np.ndarray


@dataclass(frozen=True, eq=False)
class Figures:
    """Numbers of people: whole, missing where none is given, and the rows that cannot be read."""

    values: np.ndarray
    is_missing: np.ndarray
    is_unread: np.ndarray

    def as_arrow(self) -> pa.Array:
        """Return a column of integers."""
        return pa.array(self.values, pa.int64(), mask=self.is_missing)

    def zero_as_missing(self) -> Figures:
        """Return the figures of a source whose 0 means none or unknown."""
        return Figures(self.values, self.is_missing | (self.values == 0), self.is_unread)


@dataclass(frozen=True, eq=False)
class Days:
    """Calendar days, NaT where there is none, and the rows whose text is no day that is sure."""

    values: np.ndarray
    is_unread: np.ndarray

    def only(self, kept: np.ndarray) -> Days:
        """Return the days of some rows; the others have none."""
        return Days(np.where(kept, self.values, _NO_DAY), self.is_unread)

    def as_arrow(self) -> pa.Array:
        """Return a column of days."""
        return pa.array(self.values, pa.date32(), mask=np.isnat(self.values))


_NO_DAY = np.datetime64("NaT", "D")


class Columns:
    """A batch of rows, its columns found without regard to case and spaces around a name."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch
        self._position: dict[str, int] = {}
        for position, name in enumerate(column_names(batch.schema.names)):
            self._position.setdefault(name, position)
        self.rows = batch.num_rows

    def __contains__(self, name: str) -> bool:
        """Tell whether there is such a column."""
        return name in self._position

    def texts(self, name: str | None) -> Texts:
        """Return a column as text; an absent one is missing throughout."""
        if name is None or name not in self._position:
            return Texts(np.full(self.rows, -1), ())
        column = self._column(name)
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        values = self._cast(encoded.dictionary, name)
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return _texts(codes, [text and text.strip() for text in values.to_pylist()])

    def codes(self, name: str | None) -> Texts:
        """Return a column of codes: text, without the ".0" that spreadsheets put behind numbers."""
        return self.texts(name).map(lambda text: re.sub(r"\.0+$", "", text))

    def numbers(self, name: str) -> Numbers:
        """Return a column of decimal numbers, of whatever type."""
        column = self._column(name)
        if _is_number(column.type):
            values = column.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
            return Numbers(values, np.zeros(self.rows, dtype=bool))
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        text = pc.utf8_trim_whitespace(self._cast(column, name))
        is_number = pc.match_substring_regex(text, _DECIMAL).fill_null(False)
        plain = pc.replace_substring_regex(text, r"^\+", "")
        numbers = pc.if_else(is_number, plain, pa.scalar(None, pa.string())).cast(pa.float64())
        is_text = pc.not_equal(text, "").fill_null(False)
        return Numbers(
            numbers.fill_null(np.nan).to_numpy(zero_copy_only=False),
            pc.and_not(is_text, is_number).to_numpy(zero_copy_only=False),
        )

    def figures(self, name: str | None) -> Figures:
        """Return a column of numbers of people; an absent one is missing throughout.

        A code for "not known" (-1, -9, -99) is missing. Words, fractions and what is larger than
        any number of people are missing too, and are said to be unread.
        """
        read = self.texts(name)
        number = [int(found[1]) if (found := _WHOLE.fullmatch(v)) else -1 for v in read.values]
        is_bad = [
            not 0 <= n <= LARGEST and _NOT_KNOWN.fullmatch(value) is None
            for n, value in zip(number, read.values, strict=True)
        ]
        held = np.array([n if 0 <= n <= LARGEST else -1 for n in number] + [-1], dtype="int64")
        values = held[read.codes]
        unread = np.array([*is_bad, False], dtype=bool)[read.codes]
        return Figures(np.maximum(values, 0), values < 0, unread)

    def days(self, name: str | None, order: str = "") -> Days:
        """Return a column of days.

        Parameters
        ----------
        order
            `DAY_FIRST` or `MONTH_FIRST`, of dates with slashes; empty: those are not read.
        """
        if name is not None and name in self and pa.types.is_date(self._column(name).type):
            values = self._column(name).cast(pa.date32()).to_numpy(zero_copy_only=False)
            return Days(values.astype("datetime64[D]"), np.zeros(self.rows, dtype=bool))
        read = self.codes(name)
        days = [_day(value, order) for value in read.values]
        values = np.array([*(day or _NO_DAY for day in days), _NO_DAY], dtype="datetime64[D]")
        unread = np.array([*(day is None for day in days), False], dtype=bool)
        return Days(values[read.codes], unread[read.codes])

    def _column(self, name: str) -> pa.Array:
        return self._batch.column(self._position[name])

    def _cast(self, column: pa.Array, name: str) -> pa.Array:
        try:
            return column.cast(pa.string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise IncidentFileError(
                f"the column {shown(name)} holds neither text nor numbers that can be read."
            ) from error


def paired(
    first: Texts, second: Texts, function: Callable[[pd.Series, pd.Series], pd.Series]
) -> Texts:
    """Return what a function makes of each distinct pair of texts; a missing one is empty."""
    width = len(second.values) + 1
    number, pairs = pd.factorize((first.codes.astype("int64") + 1) * width + second.codes + 1)
    sides = ((pairs // width - 1, first.values), (pairs % width - 1, second.values))
    columns = [
        pd.Series([values[code] if code >= 0 else "" for code in codes.tolist()], dtype="str")
        for codes, values in sides
    ]
    made = function(*columns)
    return _texts(number, [None if pd.isna(text) else str(text) for text in made])


def _texts(codes: np.ndarray, values: Sequence[str | None]) -> Texts:
    """Return texts whose values are distinct, and neither missing nor empty."""
    position: dict[str, int] = {}
    places = [position.setdefault(value, len(position)) if value else -1 for value in values]
    return Texts(np.array([*places, -1], dtype="int32")[codes], tuple(position))


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _day(text: str, order: str) -> np.datetime64 | None:
    if found := _ISO.fullmatch(text) or _BARE.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _WORDS.fullmatch(text):
        day, month, year = int(found[1]), _MONTHS.get(found[2].lower(), 0), int(found[3])
    elif (found := _SLASHES.fullmatch(text)) and order in (DAY_FIRST, MONTH_FIRST):
        one, other, year = (int(part) for part in found.groups())
        day, month = (one, other) if order == DAY_FIRST else (other, one)
    else:
        return None
    try:
        return np.datetime64(dt.date(year, month, day), "D")
    except ValueError:
        return None
