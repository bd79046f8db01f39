"""Pairs of coordinates: decimal, with a decimal comma, or in degrees, minutes and seconds.

A point that fits Afghanistan only with latitude and longitude exchanged is found and asked about,
never exchanged silently. A point elsewhere is no fault: the stated country decides about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from conflictmap.ingest.cells import NOT_STATED, Distinct, Fault, Faults, distinct_texts, shown
from conflictmap.ingest.digits import DECIMAL_SIGN, plain
from conflictmap.ingest.model import Answers, Question

LATITUDES, LONGITUDES = (29.3, 38.6), (60.4, 75.0)
"""The rectangle around Afghanistan, in decimal degrees."""

SWAPPED_KEY = "swapped coordinates"
SWAP, KEEP, SET_ASIDE = "swap", "keep", "set_aside"

Axis = Literal["latitude", "longitude"]

_LIMITS: dict[Axis, int] = {"latitude": 90, "longitude": 180}
_LETTERS: dict[Axis, str] = {"latitude": "NS", "longitude": "EW"}
_CODES = (-1.0, -9.0, -99.0, -999.0, -9999.0)  # in both cells: not known
_EXAMPLES = 5
_LONGEST = 60
_MEND = "Write it in decimal degrees, for example 34.5281 and 69.1723."
_MEND_SWAPPED = "Put the latitude (29 to 39) and the longitude (60 to 75) into their own columns."

_DECIMAL = re.compile(r"[+-]?[0-9]{1,4}(?:\.[0-9]{1,25})?")
_FRACTION = r"[0-9]{1,2}(?:\.[0-9]{1,25})?"
_PARTS = re.compile(
    rf"([+-]?[0-9]{{1,3}}) ?[°:] ?({_FRACTION}) ?(?:[':] ?(?:({_FRACTION}) ?(?:\"|'')?)?)?"
)
_SPACED = re.compile(rf"([0-9]{{1,3}}) ({_FRACTION})(?: ({_FRACTION}))?")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("º˚", "°"),
        **dict.fromkeys("′’‘ʹʼ´`", "'"),
        **dict.fromkeys("″”“ʺ", '"'),
        DECIMAL_SIGN: ".",
    }
)


@dataclass(frozen=True)
class CoordinatesRead:
    """The points of two columns, a row each, in their order.

    ``latitude`` and ``longitude`` are decimal degrees (float64), missing together: where the file
    gives no point, in rows with a problem and in ``open_rows``. ``is_outside`` says that a point
    lies outside the rectangle around Afghanistan. A row may have a problem in each column.
    """

    latitude: pd.Series
    longitude: pd.Series
    is_outside: pd.Series
    latitude_problems: Faults
    longitude_problems: Faults
    question: Question | None
    open_rows: pd.Index  # rows that look exchanged: in review until the question is answered
    notes: tuple[str, ...]


def read_coordinates(
    latitude: pd.Series, longitude: pd.Series, *, comma_decimals: bool, answers: Answers
) -> CoordinatesRead:
    """Read points from two columns of text.

    Understood are 34.5281, 34°31'41"N, 34 31 41 N, 34:31:41 and 34°31.68'N. The pair 0, 0 and a
    code such as -99 in both cells stand for no point. A point may lie anywhere on earth; where
    only the exchange fits Afghanistan, or N and E stand in the wrong columns, the rows are open
    until "swapped coordinates" is answered by "swap", "keep" or "set_aside". Rows of other
    countries are best left out beforehand: what looks exchanged here may lie in Russia.

    Parameters
    ----------
    latitude, longitude
        The cells, with the same index.
    comma_decimals
        Whether "34,5281" is 34.5281: only where the delimiter of the file is no comma.
    answers
        What was settled.

    Returns
    -------
    CoordinatesRead
        Indexed like `latitude`.
    """
    columns = (
        _read_column(latitude, "latitude", comma_decimals),
        _read_column(longitude, "longitude", comma_decimals),
    )
    lat, lon = (column.degrees.copy() for column in columns)
    is_none = ((lat == 0) & (lon == 0)) | ((lat == lon) & np.isin(lat, _CODES))
    lat[is_none], lon[is_none] = np.nan, np.nan

    has_wrong_letters = columns[0].is_other_axis & columns[1].is_other_axis
    is_swapped = (_is_inside(lon, lat) & ~_is_inside(lat, lon)) | has_wrong_letters
    answer = answers.get(SWAPPED_KEY)
    is_open = is_swapped & (answer not in (SWAP, KEEP, SET_ASIDE))
    is_refused = is_swapped & (answer == SET_ASIDE) | has_wrong_letters & (answer == KEEP)
    for column in columns:
        other = "longitude" if column.axis == "latitude" else "latitude"
        column.add(column.is_other_axis & ~is_swapped, f"is a {other} by its letter.", _MEND)
        column.add(is_refused, f"stands where the {column.axis} should.", _MEND_SWAPPED)
        outside = ~is_swapped & ~is_none & (np.abs(column.degrees) > _LIMITS[column.axis])
        column.add(outside, f"is outside -{_LIMITS[column.axis]} to {_LIMITS[column.axis]}.", _MEND)
    for column, beside in (columns, columns[::-1]):
        column.add_missing(column.is_empty & ~beside.is_empty & ~beside.is_faulty, beside.axis)
    question = _question(columns, is_open) if is_open.any() else None

    if answer == SWAP:
        lat, lon = np.where(is_swapped, lon, lat), np.where(is_swapped, lat, lon)
    is_held = is_open | columns[0].is_faulty | columns[1].is_faulty
    lat[is_held], lon[is_held] = np.nan, np.nan
    index = columns[0].distinct.index
    n_none = int(is_none.sum())
    return CoordinatesRead(
        latitude=pd.Series(lat, index=index),
        longitude=pd.Series(lon, index=index),
        is_outside=pd.Series(~np.isnan(lat) & ~_is_inside(lat, lon), index=index),
        latitude_problems=columns[0].problems(),
        longitude_problems=columns[1].problems(),
        question=question,
        open_rows=index[is_open],
        notes=(f"{n_none:,} rows have 0, 0 or a code instead of a point.",) if n_none else (),
    )


class _Cell(NamedTuple):
    degrees: float = np.nan
    is_other_axis: bool = False  # it has a letter of the other axis
    fault: Fault | None = None
    is_empty: bool = False


_EMPTY = _Cell(is_empty=True)


class _Column:
    """One of the two columns, a row each, and the faults found in it so far."""

    def __init__(self, axis: Axis, distinct: Distinct, cells: list[_Cell]) -> None:
        self.axis = axis
        self.distinct = distinct
        self.degrees = np.array([cell.degrees for cell in cells])[distinct.codes]
        self.is_other_axis = self._flags([cell.is_other_axis for cell in cells])
        self.is_empty = self._flags([cell.is_empty for cell in cells])
        self._bad_cells = {n: cell.fault for n, cell in enumerate(cells) if cell.fault}
        self.is_faulty = self._flags([cell.fault is not None for cell in cells])
        self._row_faults: Faults = {}

    def _flags(self, values: list[bool]) -> np.ndarray:
        return np.array(values, dtype=bool)[self.distinct.codes]

    def add(self, rows: np.ndarray, what: str, mend: str) -> None:
        """Note a fault of rows that have none yet; `what` follows the quoted cell."""
        for position in np.flatnonzero(rows & ~self.is_faulty).tolist():
            said = f"{shown(self.text(position))} {what}"
            self._row_faults[self.distinct.index[position]] = Fault(said, mend)
        self.is_faulty = self.is_faulty | rows

    def add_missing(self, rows: np.ndarray, other: Axis) -> None:
        """Note rows that give the other coordinate and not this one."""
        for row in self.distinct.index[rows].tolist():
            what = f"The {other} is given without a {self.axis}."
            self._row_faults[row] = Fault(what, "Give both, or neither.")
        self.is_faulty = self.is_faulty | rows

    def text(self, position: int) -> str:
        """Return the cell of a row by the row's position."""
        return self.distinct.texts[self.distinct.codes[position]]

    def problems(self) -> Faults:
        """Return the faults of the column by row."""
        return self.distinct.faults(self._bad_cells) | self._row_faults


def _read_column(values: pd.Series, axis: Axis, comma_decimals: bool) -> _Column:
    distinct = distinct_texts(values)
    cells = distinct.read(lambda text: _read_cell(text, axis, comma_decimals))
    return _Column(axis, distinct, cells)


def _question(columns: tuple[_Column, _Column], is_open: np.ndarray) -> Question:
    positions = np.flatnonzero(is_open).tolist()
    return Question(
        SWAPPED_KEY,
        "Some points lie in Afghanistan only with latitude and longitude exchanged"
        f" (rows: {len(positions):,}). Are they?",
        (
            (SWAP, "Yes: exchange them"),
            (KEEP, "No: they are right as they stand, outside Afghanistan"),
            (SET_ASIDE, "It differs by row: reject these rows"),
        ),
        SWAP,
        tuple(
            ", ".join(shown(column.text(position))[1:-1] for column in columns)
            for position in positions[:_EXAMPLES]
        ),
    )


def _is_inside(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    return (
        (lat >= LATITUDES[0])
        & (lat <= LATITUDES[1])
        & (lon >= LONGITUDES[0])
        & (lon <= LONGITUDES[1])
    )


# --- one cell -------------------------------------------------------------------------------------


def _read_cell(text: str, axis: Axis, comma_decimals: bool) -> _Cell:
    if _DECIMAL.fullmatch(text):
        return _Cell(float(text))
    cell = plain(text).translate(_SIGNS)
    if not cell or cell.casefold() in NOT_STATED:
        return _EMPTY
    if len(cell) > _LONGEST:
        return _unread(text, axis)
    if comma_decimals and cell.count(",") == 1:
        cell = cell.replace(",", ".")
    elif "," in cell and _DECIMAL.fullmatch(cell.replace(",", ".")):
        return _Cell(fault=Fault(f"{shown(text)} has a decimal comma.", _MEND))
    letter, cell = _without_letter(cell)
    degrees = _degrees(cell, has_letter=bool(letter))
    if degrees is None or (letter and cell[0] in "+-"):
        return _unread(text, axis)
    if not letter:
        return _Cell(degrees)
    named: Axis = "latitude" if letter in _LETTERS["latitude"] else "longitude"
    if degrees > _LIMITS[named]:
        limit = _LIMITS[named]
        return _Cell(fault=Fault(f"{shown(text)} is outside -{limit} to {limit}.", _MEND))
    return _Cell(-degrees if letter in "SW" else degrees, is_other_axis=named != axis)


def _unread(text: str, axis: Axis) -> _Cell:
    return _Cell(fault=Fault(f"{shown(text)} is not a {axis}.", _MEND))


def _without_letter(cell: str) -> tuple[str, str]:
    """Return the letter of the hemisphere, before or behind the number, and the rest."""
    for letter, rest in ((cell[-1], cell[:-1]), (cell[0], cell[1:])):
        if letter.upper() in ("N", "S", "E", "W"):
            return letter.upper(), rest.strip() or "?"
    return "", cell


def _degrees(cell: str, *, has_letter: bool) -> float | None:
    """Return decimal degrees; None where the cell is none. Bare spaces need a letter beside."""
    decimal = cell.removesuffix("°").rstrip()
    if _DECIMAL.fullmatch(decimal):
        return float(decimal)
    parts = _PARTS.fullmatch(cell) or (_SPACED.fullmatch(cell) if has_letter else None)
    if parts is None:
        return None
    whole, minutes, seconds = parts.groups()
    if float(minutes) >= 60 or float(seconds or 0) >= 60 or (seconds and "." in minutes):
        return None
    size = abs(int(whole)) + float(minutes) / 60 + float(seconds or 0) / 3600
    return -size if whole.startswith("-") else size
