"""What sort of file it is, by the set of its column names.

The name of a file tells nothing: HDX gives the files of two sources the same one. Names of columns
are compared in lower case and without spaces around them, in any order, and columns that we do not
know do no harm, so that next year's release is still recognised.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conflictmap.ingest.model import RawTable
from conflictmap.ingest.profiles import hxl, template


def names(text: str) -> tuple[str, ...]:
    """Return names of columns written with spaces between them."""
    return tuple(text.split())


UCDP_COLUMNS = frozenset(
    names(
        "id type_of_violence side_a side_b where_prec adm_1 adm_2 latitude longitude country_id"
        " date_prec date_start date_end deaths_a deaths_b deaths_civilians deaths_unknown"
    )
)
"""What every layout of UCDP GED has; the totals are named in two ways."""

ACLED_COLUMNS = frozenset(
    names(
        "event_id_cnty event_date time_precision event_type actor1 actor2 country admin1 location"
        " latitude longitude geo_precision fatalities"
    )
)
"""What every layout of ACLED's events has. Some copies lack admin3, tags or timestamp."""

GTD_COLUMNS = frozenset(
    names(
        "eventid iyear imonth iday country provstate city latitude longitude specificity"
        " attacktype1 gname nkill nwound"
    )
)

_ACLED_WEEKLY = frozenset(
    names("week admin1 event_type events fatalities centroid_latitude centroid_longitude")
)
_ACLED_MONTHLY = frozenset(names("country admin1 month year events fatalities"))
_HAPI = frozenset(names("location_code admin_level event_type events reference_period_start"))

_COUNTS = (
    "It holds counts, not events: one row adds up many events of an area and a period, so it can"
    " give no incident. Take the file of single events, or enter its figures as published tallies."
)


PROFILES = ("own_template", "ucdp_ged", "acled", "gtd", "hxl")
"""What can be imported without a mapping."""


@dataclass(frozen=True)
class Recognised:
    """What a file is.

    ``profile`` is "own_template", "ucdp_ged", "acled", "gtd", "hxl", "aggregate" or "unknown";
    ``layout`` names the variant, ``label`` says both in words. ``refusal`` is why the file cannot
    be imported as incidents; empty: it can, and an unknown file by a mapping of its columns.
    """

    profile: str
    layout: str
    label: str
    refusal: str = ""

    @property
    def needs_mapping(self) -> bool:
        """Tell whether somebody must say which column means what."""
        return self.profile == "unknown" and not self.refusal


def recognise(raw: RawTable) -> Recognised:
    """Tell what sort of file it is, from the names of its columns and its HXL tags alone.

    Returns
    -------
    Recognised
        Sums of events are refused. A UCDP file without a header row has the names of its columns
        by the answer to a question of `layout`.
    """
    header = frozenset(column_names(raw.header))
    found = _counts(header) or _events(header)
    if found:
        return found
    if template.is_template(header):
        return Recognised("own_template", "template", "Our own template")
    if hxl.has_usable_tags(raw):
        return Recognised("hxl", "tags", "Table with HXL tags")
    return Recognised("unknown", "", "Table of unknown layout")


def column_names(header: Iterable[str]) -> list[str]:
    """Return names of columns as they are compared: lower case, without spaces around them."""
    return [name.replace("\ufeff", "").strip().lower() for name in header]


def _counts(header: frozenset[str]) -> Recognised | None:
    if header >= _ACLED_WEEKLY:
        return Recognised("aggregate", "acled weekly", "ACLED weekly totals", _COUNTS)
    if header >= _HAPI:
        return Recognised("aggregate", "hapi", "HDX HAPI conflict totals", _COUNTS)
    if header >= _ACLED_MONTHLY and "event_date" not in header:
        return Recognised("aggregate", "acled monthly", "ACLED monthly totals (HDX)", _COUNTS)
    return None


def _events(header: frozenset[str]) -> Recognised | None:
    if header >= UCDP_COLUMNS and header & {"best", "best_est"}:
        layout = _ucdp_layout(header)
        return Recognised("ucdp_ged", layout, f"UCDP GED ({layout})")
    if header >= ACLED_COLUMNS:
        layout = _acled_layout(header)
        return Recognised("acled", layout, f"ACLED ({layout})")
    if header >= GTD_COLUMNS:
        return Recognised("gtd", "events", "Global Terrorism Database")
    return None


def _ucdp_layout(header: frozenset[str]) -> str:
    if "best_est" in header:
        return "website export"
    if "iso3" in header:
        return "HDX copy"
    return "annual or candidate" if "relid" in header else "19.1"


def _acled_layout(header: frozenset[str]) -> str:
    if "gwno" in header:
        return "oldest, to about 2016"
    if "disorder_type" in header:
        return "current, since 2023"
    return "2017 to 2023"
