"""When the incidents of a table happened: one date, or a first and a last day."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from conflictmap.ingest.dates import DatesRead
from conflictmap.ingest.profiles.columns import joined

DATE_FIELDS = ("date", "date_start", "date_end")


def when_of(dates: Mapping[str, DatesRead]) -> pd.DataFrame:
    """Return the interval, its precision and words; a first and a last day go before one date."""
    date, start, end = (dates[name] for name in DATE_FIELDS)
    has_interval = start.date_from.notna() | end.date_to.notna()
    first = date.date_from.where(~has_interval, start.date_from)
    last = date.date_to.where(~has_interval, end.date_to.fillna(start.date_to))
    width = (last - first).dt.days + 1
    by_width = np.select(
        [width <= 1, width <= 6, width <= 7, width <= 31], ["day", "days", "week", "month"], "year"
    )
    # A month or a year written as such says so itself.
    stated = date.precision.where(~has_interval, start.precision.mask(end.date_to.notna(), ""))
    precision = stated.mask(stated == "", pd.Series(by_width, index=first.index, dtype="str"))
    precision = precision.mask(first.isna() & last.isna(), "unknown")
    precision = precision.mask((first.isna() ^ last.isna()), "days")
    iso = first.dt.strftime("%Y-%m-%d")
    words = joined([part.words.mask(part.words == iso) for part in (date, start, end)], " - ")
    return pd.DataFrame(
        {"date_from": first, "date_to": last, "precision": precision, "words": words}
    )
