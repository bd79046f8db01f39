"""What the columns of a part mean: the layouts of ACLED, UCDP GED and GTD, or a mapping of columns.

A row is read here as far as the join and its counts need it: point, what the point stands for,
country, day, type, actor, the dead. Codes are those of `ingest.profiles`. Words of places decide
nothing here, so no row gets a finer unit than an upload of the same file would give it, and some
get a coarser one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from conflictmap.cluster.columns import Columns, Days, Figures, Numbers, Texts, paired
from conflictmap.errors import IncidentFileError
from conflictmap.ingest.cells import shown
from conflictmap.ingest.date_rules import DAY_FIRST, MONTH_FIRST
from conflictmap.ingest.model import RawTable
from conflictmap.ingest.profiles import acled, event_types, gtd, ucdp, ucdp_place
from conflictmap.ingest.profiles.columns import NOWHERE_POINT
from conflictmap.ingest.profiles.fields import point_precisions_of
from conflictmap.ingest.recognise import column_names, recognise

UNSTATED_PRECISION = "exact"
"""What a point is taken for where no column, or an empty cell, says what it stands for: the same as
`placing.place_rows` takes it for."""

UNKNOWN_PRECISION = "unknown"  # a code that is none of the layout's
NO_PRECISION = "country"  # the point stands for no province either

FIELDS = (
    "longitude",
    "latitude",
    "geo_precision",
    "country",
    "day",
    "event_type",
    "actor",
    "deaths_low",
    "deaths_best",
    "deaths_high",
)
"""What a mapping may name a column for; the first two it must."""

_HERE, _ELSEWHERE = "Afghanistan", "another country"


class Place(NamedTuple):
    """Where the rows happened, as stated."""

    longitude: Numbers
    latitude: Numbers
    precision: Texts
    is_unstated: np.ndarray  # the precision is `UNSTATED_PRECISION` for want of a statement
    country: Texts


class Meaning(NamedTuple):
    """What the rows of a batch say."""

    place: Place
    day: Days  # only where the source gives a day, or its codebook counts by one
    date_precision: Texts
    event_type: Texts
    actor: Texts
    low: Figures
    best: Figures
    high: Figures


@dataclass(frozen=True)
class Layout:
    """A layout and how a batch of it is read."""

    name: str
    label: str
    read: Callable[[Columns], Meaning]


@dataclass(frozen=True)
class ColumnMapping:
    """A mapping of columns: by field, and the table of a column of precision codes."""

    columns: Mapping[str, str]
    precisions: Mapping[str, str]


def layout_of(header: Iterable[str], mapping: ColumnMapping | None) -> Layout:
    """Return the layout of a part.

    Parameters
    ----------
    header
        The names of its columns, as written.
    mapping
        What the columns mean; none: it is told by their names.

    Raises
    ------
    IncidentFileError
        If a column stands twice, a mapped one is missing, or no layout has these columns.
    """
    names = column_names(header)
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise IncidentFileError(f"the column {shown(min(twice))} stands twice. Rename one of them.")
    if mapping is not None:
        missing = [column for column in mapping.columns.values() if _key(column) not in names]
        if missing:
            raise IncidentFileError(
                f"it has no column {shown(missing[0])}, which the mapping names."
                " Correct the mapping, or leave the part out."
            )
        return Layout("mapping", "by the mapping", lambda columns: _mapped(columns, mapping))
    raw = RawTable("", "", "", "", tuple(names), 1, (), pd.DataFrame())
    found = recognise(raw)
    if found.profile not in _READERS:
        reason = found.refusal or "Give --mapping, or leave the part out."
        raise IncidentFileError(
            "its columns are those of no layout that is known here (ACLED, UCDP GED, GTD)."
            f" {reason}"
        )
    return Layout(found.profile, found.label, _READERS[found.profile])


def _key(column: str) -> str:
    return column_names([column])[0]


# --- the layouts ----------------------------------------------------------------------------------


def _acled(columns: Columns) -> Meaning:
    here = {"4": _HERE, "004": _HERE, "afg": _HERE}
    by_code = columns.codes("iso").or_else(columns.texts("iso3"))
    country = columns.texts("country").or_else(
        by_code.map(lambda code: here.get(code.lower(), _ELSEWHERE))
    )
    precision = _coded(columns.codes("geo_precision"), acled.POINT_PRECISIONS)
    order = DAY_FIRST if "gwno" in columns else ""
    days = columns.days("event_date", order)
    date_precision = _coded(columns.codes("time_precision"), acled.DATE_PRECISIONS)
    nobody = columns.figures(None)
    return Meaning(
        place=_place(columns, precision, country),
        day=days.only(date_precision.is_("day")),
        date_precision=_dated(date_precision, days),
        event_type=paired(
            columns.texts("event_type"), columns.texts("sub_event_type"), event_types.acled_types
        ),
        actor=columns.texts("actor1"),
        low=nobody,
        # As `profiles.acled`: 0 means none or unknown, so it is no reported zero.
        best=columns.figures("fatalities").zero_as_missing(),
        high=nobody,
    )


def _ucdp(columns: Columns) -> Meaning:
    by_code = columns.codes("country_id").map(
        lambda code: _HERE if code == ucdp.AFGHANISTAN else _ELSEWHERE
    )
    code = columns.codes("where_prec")
    # The middle of a road or a border between two towns stands for nothing.
    precision = _coded(code, ucdp_place.POINT_PRECISIONS).where(~code.is_("5"), NO_PRECISION)
    order = MONTH_FIRST if "best_est" in columns else ""
    days = columns.days("date_start", order)  # the day that the codebook counts by
    names = {end: f"{end}_est" if f"{end}_est" in columns else end for end in _ENDS}
    return Meaning(
        place=_place(columns, precision, by_code.or_else(columns.texts("country"))),
        day=days,
        date_precision=_dated(_coded(columns.codes("date_prec"), ucdp.DATE_PRECISIONS), days),
        event_type=columns.codes("type_of_violence").map_all(event_types.ucdp_types),
        actor=columns.texts("side_a"),
        **{end: columns.figures(name) for end, name in names.items()},
    )


_ENDS = ("low", "best", "high")


def _gtd(columns: Columns) -> Meaning:
    by_code = columns.codes("country").map(
        lambda code: _HERE if code == gtd.AFGHANISTAN else _ELSEWHERE
    )
    precision = _coded(columns.codes("specificity"), gtd.POINT_PRECISIONS)
    is_near = columns.codes("vicinity").is_("1") & precision.is_("exact")
    year, month, day = (columns.figures(name) for name in ("iyear", "imonth", "iday"))
    days, date_precision = _gtd_days(year, month, day)
    dead = columns.figures("nkill")
    return Meaning(
        place=_place(
            columns,
            precision.where(~is_near, "near"),
            by_code.or_else(columns.texts("country_txt")),
        ),
        day=days,
        date_precision=date_precision,
        event_type=paired(
            columns.codes("attacktype1"),
            columns.codes("suicide"),
            lambda attack, suicide: event_types.gtd_types(attack, suicide == "1"),
        ),
        actor=columns.texts("gname"),
        low=dead,
        best=dead,
        high=dead,
    )


def _gtd_days(year: Figures, month: Figures, day: Figures) -> tuple[Days, Texts]:
    """Return the days; a month or day of 0 is not known (GTD codebook, imonth and iday)."""
    given = pd.DataFrame({"year": year.values, "month": month.values, "day": day.values})
    # A month or day that is not known is put for the first, only to see whether the rest is one.
    whole = pd.to_datetime(given.assign(month=given["month"].clip(lower=1), day=1), errors="coerce")
    exact = pd.to_datetime(given, errors="coerce")
    is_year, is_month = (given["year"] > 0) & whole.notna(), given["month"] > 0
    kinds = np.select(
        [exact.notna(), is_year & is_month & (given["day"] == 0), is_year], [0, 1, 2], 3
    )
    is_unread = ((given["day"] > 0) & exact.isna()).to_numpy(dtype=bool)
    kinds[is_unread] = 3
    values = exact.to_numpy().astype("datetime64[D]")
    return Days(values, is_unread), Texts(
        kinds.astype("int32"), ("day", "month", "year", "unknown")
    )


def _mapped(columns: Columns, mapping: ColumnMapping) -> Meaning:
    named = {field: _key(column) for field, column in mapping.columns.items()}
    stated = columns.codes(named.get("geo_precision"))
    if mapping.precisions:
        precision = stated.map(lambda code: mapping.precisions.get(code, UNKNOWN_PRECISION))
    else:
        words = stated.map_all(point_precisions_of)
        precision = words.where(~(words.is_missing & ~stated.is_missing), UNKNOWN_PRECISION)
    days = columns.days(named.get("day"))
    is_day = ~np.isnat(days.values)
    return Meaning(
        place=_place(
            columns,
            precision.where(~stated.is_missing, UNSTATED_PRECISION),
            columns.texts(named.get("country")),
            named=(named["longitude"], named["latitude"]),
            is_unstated=stated.is_missing,
        ),
        day=days,
        date_precision=Texts(np.where(is_day, 0, 1).astype("int32"), ("day", "unknown")),
        event_type=columns.texts(named.get("event_type")),
        actor=columns.texts(named.get("actor")),
        low=columns.figures(named.get("deaths_low")),
        best=columns.figures(named.get("deaths_best")),
        high=columns.figures(named.get("deaths_high")),
    )


_READERS: dict[str, Callable[[Columns], Meaning]] = {
    "acled": _acled,
    "ucdp_ged": _ucdp,
    "gtd": _gtd,
}


# --- what they share ------------------------------------------------------------------------------


def _place(
    columns: Columns,
    precision: Texts,
    country: Texts,
    *,
    named: tuple[str, str] = ("longitude", "latitude"),
    is_unstated: np.ndarray | None = None,
) -> Place:
    longitude, latitude = (columns.numbers(name) for name in named)
    at_nowhere = (latitude.values == NOWHERE_POINT[0]) & (longitude.values == NOWHERE_POINT[1])
    if is_unstated is None:
        is_unstated = np.zeros(columns.rows, dtype=bool)
    return Place(
        longitude, latitude, precision.where(~at_nowhere, NO_PRECISION), is_unstated, country
    )


def _coded(codes: Texts, table: Mapping[str, str]) -> Texts:
    """Return what codes stand for; one that the table lacks, or none, is "unknown"."""
    read = codes.map(lambda code: table.get(code, UNKNOWN_PRECISION) or NO_PRECISION)
    return read.where(~read.is_missing, UNKNOWN_PRECISION)


def _dated(precision: Texts, days: Days) -> Texts:
    return precision.where(~np.isnat(days.values), "unknown")
