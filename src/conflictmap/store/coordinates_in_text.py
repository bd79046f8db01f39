"""Coordinates that stand in words: taken out of what those of coarse sight read.

A report, a coder's sentence or a cell of an uploaded sheet may carry the point of a house in any of
the ways that people write points. What looks like one gives way to `PLACEHOLDER`; a figure that
only looks like one (three decimals beside three decimals) goes with it. A point told in words, as
"the blue gate behind the bakery", is beyond any rule: that is what restrictions of words are for.
"""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from conflictmap.schema import Column, Table

PLACEHOLDER: Final = "[coordinates withheld]"

# \d is any decimal digit, so Persian, Arabic and full-width ones are read too.
_POINT = r"[.\u066b\uff0e\u00b7]"
_MARK = r"[.,\u066b\uff0e\u00b7]"
_DEGREE = r"(?:[°º˚]|deg(?:rees?)?\b)"
_MINUTE = r"(?:['`´‘’′]|min(?:utes?)?\b)"
_SECOND = r"(?:[\"“”″]|''|sec(?:onds?)?\b)"
_SIDE = r"(?:[NSEW]|north|south|east|west)\b"
_YEAR = rf"0?[1-9]{_POINT}(?:19|20)\d\d(?!\d)|1[0-2]{_POINT}(?:19|20)\d\d(?!\d)"  # 12.2022

_FORMS = (
    # 34°31'22.5"N, 34° 31.5', 34 deg 31 min
    rf"\d{{1,3}}\s*{_DEGREE}\s*\d{{1,2}}(?:{_MARK}\d+)?\s*{_MINUTE}?"
    rf"(?:\s*\d{{1,2}}(?:{_MARK}\d+)?\s*{_SECOND}?)?(?:\s*{_SIDE})?",
    # 34.52°
    rf"\d{{1,3}}{_MARK}\d{{2,}}\s*{_DEGREE}(?:\s*{_SIDE})?",
    # 34 31 22 N, N 34 31.5, 343122N
    rf"(?<!\d)\d{{1,3}}[ :\-]\d{{1,2}}(?:[ :\-]\d{{1,2}})?(?:{_MARK}\d+)?\s?[NSEW]\b",
    rf"\b[NSEW]\s?\d{{1,3}}[ :\-]\d{{1,2}}(?:[ :\-]\d{{1,2}}(?:{_MARK}\d+)?|{_MARK}\d+)",
    rf"(?<!\d)\d{{6,7}}(?:{_MARK}\d+)?[NSEW]\b",
    # lat 34.52, 34.52 N
    rf"\b(?:lat|latitude|lon|long|longitude|lng|[NSEW])\b\W{{0,4}}\d{{1,3}}{_MARK}\d{{2,}}",
    rf"(?<!\d)\d{{1,3}}{_MARK}\d{{2,}}\s?{_SIDE}",
    # 34.528, 69.172
    rf"(?<![\d.,])\d{{1,3}}{_POINT}\d{{3,}}\D{{1,25}}?\d{{1,3}}{_POINT}\d{{3,}}",
    # 34.5281 alone, 34,5281
    rf"(?<![\d.,])(?!{_YEAR})\d{{1,3}}{_MARK}\d{{4,}}",
    # 42S WD 1234 5678, 42S 515000 3820000, 8J5G+2X
    r"(?-i:\b4[0-3] ?[RST] ?[A-Z]{2} ?(?:\d ?){4,10})",
    r"(?-i:\b4[0-3] ?[NRST]\b)\W{0,3}(?:E ?)?\d{6}(?:\.\d+)?\D{1,6}\d{7}(?:\.\d+)?",
    r"(?-i:\b[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3})",
)
_COORDINATES = re.compile("|".join(f"(?:{form})" for form in _FORMS), re.IGNORECASE)

# What every form has in it; most texts have none of it and are not looked at again.
_MAYBE = (
    rf"\d{_MARK}\d\d|[°º˚+]|\d ?deg|\d ?[NSEWnsew]\b|\b[NSEWnsew] ?\d"
    r"|\b4[0-3] ?[NRST] ?[A-Z0-9 ]"
)


def free_text_columns(table: Table) -> list[str]:
    """Return the columns of a table that hold words of somebody: neither ids nor codes."""
    return [column.name for column in table.columns if _is_free(column)]


def without_coordinates(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose words hold no coordinates."""
    masked = {}
    for name in free_text_columns(table):
        found = rows[name].str.contains(_MAYBE, regex=True, na=False)
        if found.any():
            texts = rows[name].copy()
            texts[found] = texts[found].map(mask_coordinates)
            masked[name] = texts
    return rows.assign(**masked) if masked else rows


def mask_coordinates(text: str) -> str:
    """Return a text with a placeholder for whatever looks like coordinates."""
    return _COORDINATES.sub(PLACEHOLDER, text)


def _is_free(column: Column) -> bool:
    is_name_of_row = column.name.endswith(("_id", "_code", "_sha256")) or bool(column.refers_to)
    is_ours = column.name in ("subject_table", "boundary_edition")
    return column.kind == "text" and not is_name_of_row and not is_ours
