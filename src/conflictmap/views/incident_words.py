"""Dates and places of incidents in words that are no more certain than they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from conflictmap.distinct import combinations
from conflictmap.periods import Period

PRECISION_NAMES = {
    "exact": "the place itself",
    "near": "a named place",
    "adm2": "the district",
    "adm1": "the province",
    "country": "the country only",
    "abroad": "abroad",
    "unknown": "not stated",
}


def when(row: Any) -> str:
    """Return the dates of a row in words that are no more certain than they are."""
    if pd.isna(row.date_from) and pd.isna(row.date_to):
        return "no date"
    if pd.isna(row.date_from):
        return f"by {row.date_to:%Y-%m-%d}"
    if pd.isna(row.date_to):
        return f"from {row.date_from:%Y-%m-%d}"
    period = Period(row.date_from.date(), row.date_to.date())
    if row.date_from == row.date_to:
        return f"{row.date_from:%Y-%m-%d}"
    key = period.key
    return key if ".." not in key else f"{row.date_from:%Y-%m-%d} to {row.date_to:%Y-%m-%d}"


def days_in_words(rows: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return what `when` says of each row, worked out once for each pair of days."""
    number, first = combinations([rows["date_from"], rows["date_to"]])
    words = [when(row) for row in rows.iloc[first].itertuples()]
    return np.array(words, dtype=object)[number]
