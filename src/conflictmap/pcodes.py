"""P-codes beside names: OCHA place codes are checked, and never join alone.

Two editions of the codes are in use and name different provinces from AF12 on (AF15 is Badakhshan
in the older, Kunar in the current one). Which one a file uses is decided for the whole file, by its
names. Of the older edition we know provinces and districts, of the current one the provinces only:
of a current district code, the province is all that can be read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import pandas as pd

from conflictmap.boundaries import BoundaryEdition
from conflictmap.gazetteer import Gazetteer, build_gazetteer, names_a_ward

PcodeEdition = Literal["older", "current", "undecided"]

STATUSES = ("agrees", "disagrees", "no name", "unknown code", "undecided", "no code")
"""What a row's codes are worth beside its names.

agrees: unit_code is the finest unit that code and name share. disagrees: they mean different units.
no name: nothing we can read stands beside the code, or beside its district. unknown code: not
written as a code, or in neither edition. undecided: the editions differ on it, and the file does
not tell which one it uses. no code: nothing to check.
"""

_EDITIONS: tuple[PcodeEdition, ...] = ("older", "current")
_SHOWN = 80  # characters of a wrong value that a message repeats
_SHAPES = {"adm1_pcode": re.compile(r"AF[0-9]{2}"), "adm2_pcode": re.compile(r"AF[0-9]{4}")}
_EXAMPLES = {"adm1_pcode": "AF15 for a province", "adm2_pcode": "AF1504 for a district"}


@dataclass(frozen=True)
class PcodeReading:
    """The codes of a file, read beside its names.

    ``rows``, in the index of the codes: ``unit_code`` (missing: none that code and name support),
    ``status`` (one of `STATUSES`), ``problem_column`` ("adm1_pcode" or "adm2_pcode") and
    ``problem`` (what and how to mend) of a code that is unknown. ``candidates``: ``row`` (label)
    and ``unit_code``, the units that code and names of an unsettled row may mean, in either
    edition.
    """

    edition: PcodeEdition
    rows: pd.DataFrame
    candidates: pd.DataFrame


def read_pcodes(
    adm1_pcodes: pd.Series,
    adm2_pcodes: pd.Series,
    province_names: pd.Series,
    district_names: pd.Series,
    edition: BoundaryEdition,
) -> PcodeReading:
    """Read the P-codes of a whole file beside its names.

    The file uses an edition where its codes and names tell the two apart, no row agrees with the
    other edition alone, and fewer rows agree with neither than with it. Otherwise it is undecided,
    and only codes that mean the same in both editions (provinces before AF12, and AF34) can agree.

    Parameters
    ----------
    adm1_pcodes, adm2_pcodes
        Province and district codes as written, "AF15" and "AF1504". Anything else ("1504", "AF 15",
        a district's code in the province column) is unknown, never mended. Empty is missing.
    province_names, district_names
        The names of the same rows, of one index with the codes.
    edition
        The boundary edition; without ``ocha_pcode_old`` and ``ocha_pcode_current`` in its units,
        every code is unknown.

    Returns
    -------
    PcodeReading
        One row a row, in the same order.
    """
    index = adm1_pcodes.index
    columns = (adm1_pcodes, adm2_pcodes, province_names, district_names)
    stated = [_Stated(*texts) for texts in zip(*map(_texts, columns), strict=True)]
    book = _code_book(edition)
    gazetteer = build_gazetteer(edition)
    decided = _decide(stated, book, gazetteer)
    distinct = {row: _verdict(row, decided, book, gazetteer) for row in set(stated)}
    verdicts = [distinct[row] for row in stated]
    rows = pd.DataFrame(
        {
            name: pd.Series([getattr(verdict, name) for verdict in verdicts], index, dtype="str")
            for name in ("unit_code", "status", "problem_column", "problem")
        },
        index=index,
    )
    candidates = [
        (label, unit)
        for label, verdict in zip(index, verdicts, strict=True)
        for unit in verdict.candidates
    ]
    return PcodeReading(
        edition=decided,
        rows=rows,
        candidates=pd.DataFrame(
            {
                "row": pd.Series([label for label, _ in candidates], dtype=index.dtype),
                "unit_code": pd.Series([unit for _, unit in candidates], dtype="str"),
            }
        ),
    )


# --- what codes and names mean --------------------------------------------------------------------


class _Stated(NamedTuple):
    """The codes and names of one row; None where nothing is stated."""

    adm1_pcode: str | None
    adm2_pcode: str | None
    province_name: str | None
    district_name: str | None


class _Verdict(NamedTuple):
    status: str
    unit_code: str | None = None
    candidates: tuple[str, ...] = ()
    problem_column: str | None = None
    problem: str | None = None


class _CodeBook(NamedTuple):
    """The units of each code in the two editions."""

    older: dict[str, str]
    current: dict[str, str]

    def read(self, pcode: str, edition: PcodeEdition) -> str | None:
        """Return the finest unit that a code means in an edition; None where it has no such code.

        A district code unknown to the edition means its province at least, as our lists are not
        complete: the older one lacks what has no polygon, the current one all districts.
        """
        codes = self.current if edition == "current" else self.older
        return codes.get(pcode) or codes.get(pcode[:4])


class _Meaning(NamedTuple):
    """What the names of a row may mean: nothing can be read where both are empty."""

    provinces: frozenset[str]
    districts: frozenset[str]


@lru_cache(maxsize=8)
def _code_book(edition: BoundaryEdition) -> _CodeBook:
    units = edition.units
    return _CodeBook(
        *(
            dict(units.dropna(subset=column)[[column, "code"]].itertuples(index=False))
            if column in units.columns
            else {}
            for column in ("ocha_pcode_old", "ocha_pcode_current")
        )
    )


def _texts(values: pd.Series) -> list[str | None]:
    return [(str(value).strip() or None) if pd.notna(value) else None for value in values]


@lru_cache(maxsize=50_000)
def _meaning(province: str | None, district: str | None, gazetteer: Gazetteer) -> _Meaning:
    """Return the units that the names may mean; a district only inside its stated province."""
    provinces = gazetteer.provinces(province, may_be_city=True) if province else ()
    districts: tuple[str, ...] = ()
    if district and not names_a_ward(district) and (provinces or not province):
        for adm1_code in provinces or (None,):
            districts += gazetteer.districts(district, adm1_code)[0]
    within = provinces or tuple(_province(unit) for unit in districts)
    return _Meaning(frozenset(within), frozenset(districts))


def _province(unit: str) -> str:
    return unit[:6]


# --- the edition of a file ------------------------------------------------------------------------


def _decide(stated: Iterable[_Stated], book: _CodeBook, gazetteer: Gazetteer) -> PcodeEdition:
    """Decide which edition a file uses, by the rows where code and name tell them apart."""
    votes: Counter[str] = Counter()
    for row, count in Counter(stated).items():
        named = _meaning(row.province_name, row.district_name, gazetteer).provinces
        for pcode in _well_shaped(row):
            units = {which: book.read(pcode, which) for which in _EDITIONS}
            agreeing = [which for which, unit in units.items() if unit and _province(unit) in named]
            if named and any(units.values()) and len(agreeing) < 2:
                votes[agreeing[0] if agreeing else "neither"] += count
    if votes["older"] > votes["neither"] and not votes["current"]:
        return "older"
    if votes["current"] > votes["neither"] and not votes["older"]:
        return "current"
    return "undecided"


def _well_shaped(row: _Stated) -> tuple[str, ...]:
    return tuple(
        pcode
        for column, shape in _SHAPES.items()
        if (pcode := getattr(row, column)) is not None and shape.fullmatch(pcode)
    )


# --- the verdict on a row -------------------------------------------------------------------------


def _verdict(
    row: _Stated, decided: PcodeEdition, book: _CodeBook, gazetteer: Gazetteer
) -> _Verdict:
    if row.adm1_pcode is None and row.adm2_pcode is None:
        return _Verdict("no code")
    pcodes = _well_shaped(row)
    named = _meaning(row.province_name, row.district_name, gazetteer)
    older, current = ([book.read(pcode, which) for pcode in pcodes] for which in _EDITIONS)
    either = {unit for unit in (*older, *current) if unit is not None}
    candidates = tuple(sorted({*either, *(named.districts or named.provinces)}))
    unknown = _first_unknown(row, decided, book)
    if unknown is not None:
        return _Verdict("unknown code", None, candidates, *unknown)
    if not named.provinces:
        return _Verdict("no name", None, candidates)
    if decided == "undecided" and not _is_one_province([*older, *current]):
        agrees = any(_shares_province(units, named) for units in (older, current))
        return _Verdict("undecided" if agrees else "disagrees", None, candidates)
    meant = current if decided == "current" else older
    if not _shares_province(meant, named):
        return _Verdict("disagrees", None, candidates)
    finest = max((unit for unit in meant if unit is not None), key=len)
    if finest == _province(finest) or finest in named.districts:
        return _Verdict("agrees", finest)
    if named.districts:
        return _Verdict("disagrees", None, candidates)
    # The name stands for the province only: the district would rest on the code alone.
    return _Verdict("no name", _province(finest), (finest,))


def _first_unknown(row: _Stated, decided: PcodeEdition, book: _CodeBook) -> tuple[str, str] | None:
    """Return the column of a code that is none, and what to do about it."""
    for column, shape in _SHAPES.items():
        pcode = getattr(row, column)
        if pcode is None:
            continue
        if not shape.fullmatch(pcode):
            shown = pcode if len(pcode) <= _SHOWN else f"{pcode[: _SHOWN - 1]}…"
            return column, f"{shown!r} is no P-code. Write it as {_EXAMPLES[column]}."
        is_listed = pcode in book.older or pcode in book.current
        if decided == "current":  # of its districts we know the province only
            is_listed = pcode[:4] in book.current
        if not is_listed:
            return column, (
                f"{pcode!r} is in no edition of P-codes known here. "
                "Correct it, or give the names and leave it empty."
            )
    return None


def _shares_province(units: list[str | None], named: _Meaning) -> bool:
    """Tell whether all codes of a row mean one province, and its names may mean that."""
    return _is_one_province(units) and all(
        unit is not None and _province(unit) in named.provinces for unit in units
    )


def _is_one_province(units: Iterable[str | None]) -> bool:
    return len({unit and _province(unit) for unit in units}) == 1
