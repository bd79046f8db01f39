"""ACLED: the oldest layout, that of 2017 to 2023, the current one, and the copies of HDX.

ACLED counts demonstrations and arrests too, and its one figure of the dead is conservative: its
events are never compared with those of UCDP, nor added to them. Names of columns are the same in
all layouts but for their case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from conflictmap.errors import Problem
from conflictmap.ingest.cells import Fault
from conflictmap.ingest.coordinates import CoordinatesRead, read_coordinates
from conflictmap.ingest.date_rules import DAY_FIRST
from conflictmap.ingest.dates import DatesRead, read_dates
from conflictmap.ingest.model import Answers, Draft, RawTable, Skipped
from conflictmap.ingest.numbers import FiguresRead, read_figures
from conflictmap.ingest.profiles import actors, event_types
from conflictmap.ingest.profiles.columns import Cells, behind, is_nowhere, joined
from conflictmap.ingest.profiles.drafting import (
    faulty,
    figures,
    make_draft,
    only_rows,
    open_reviews,
    questions_of,
    records_table,
    rows_of,
)

DATE_PRECISIONS = {"1": "day", "2": "week", "3": "month"}
"""By ``time_precision``."""

POINT_PRECISIONS = {
    "1": "exact",
    "2": "near",  # a part of a region, drawn at a town in it: the district is not certain
    "3": "adm1",  # the province's capital stands for the province
}
"""By ``geo_precision``."""

PERPETRATOR_FIRST = ("violence against civilians", "explosions/remote violence", "remote violence")
"""Types in which ``actor1`` is the one who did it; elsewhere the actors took part."""

_NO_ID = Fault("the event has no id.", "Give the event_id_cnty that ACLED gives it.")
_NO_COUNTRY = Fault("the event has no country.", "Write Afghanistan.")
_NO_DATE = Fault("the event has no date.", "Write it as YYYY-MM-DD, for example 2026-02-28.")
_TIME = Fault("time_precision is none of ACLED's codes.", "Write 1 (day), 2 (week) or 3 (month).")
_WHERE = Fault(
    "geo_precision is none of ACLED's codes.",
    "Write 1 (exact place), 2 (near by or part of a region) or 3 (province).",
)


def convert(raw: RawTable, answers: Answers) -> Draft:
    """Convert the events of an ACLED file.

    The only figure, ``fatalities``, is nobody's group: `all`, with ``best`` alone. Its 0 means none
    or unknown, so it is no reported zero: the figure is missing and the words say so.

    Parameters
    ----------
    raw
        A file that `recognise` takes for ACLED.
    answers
        What was settled. The oldest layout writes the day first.
    """
    return _draft(raw, _read(raw, answers))


def convert_in_parts(
    raw: RawTable, answers: Answers, rows: int
) -> Iterator[tuple[pd.DataFrame, Draft]]:
    """Convert as `convert`, some `rows` at a time; yield the cells of a part and their draft.

    What decides on a whole column is read from the whole column first. Questions and notes are of
    the whole file, the same in each draft.
    """
    read = _read(raw, answers)
    for start in range(0, max(len(raw.cells), 1), rows):
        cells = raw.cells.iloc[start : start + rows]
        yield cells, _draft(replace(raw, cells=cells), read.of(cells.index))


@dataclass(frozen=True)
class _Read:
    """The columns of which each cell is read by all of them."""

    is_ours: pd.Series
    is_unsaid: pd.Series
    dates: DatesRead
    place: CoordinatesRead
    dead: FiguresRead
    notes: tuple[str, ...]

    def of(self, rows: pd.Index) -> _Read:
        """Return what was read of rows that follow one another."""
        if not len(rows):
            return self
        return replace(
            self,
            is_ours=self.is_ours.loc[rows[0] : rows[-1]],
            is_unsaid=self.is_unsaid.loc[rows[0] : rows[-1]],
            dates=only_rows(self.dates, rows),
            place=only_rows(self.place, rows),
            dead=only_rows(self.dead, rows),
        )


def _read(raw: RawTable, answers: Answers) -> _Read:
    cells = Cells(raw)
    is_ours, is_unsaid = _scope(cells)
    column = cells.written("event_date")
    known = dict(answers)
    if "gwno" in cells:  # the oldest layout
        known.setdefault(f"date order of {column}", DAY_FIRST)
    # Rows of other countries decide nothing.
    dates = read_dates(cells.text("event_date")[is_ours], column=column, answers=known)
    place = read_coordinates(
        cells.text("latitude")[is_ours],
        cells.text("longitude")[is_ours],
        comma_decimals=raw.delimiter != ",",
        answers=answers,
    )
    dead = read_figures(cells.code("fatalities")[is_ours])
    notes = (*dates.notes, *place.notes, *_notes(dead), *dead.notes)
    return _Read(is_ours, is_unsaid, dates, place, dead, notes)


def _draft(raw: RawTable, read: _Read) -> Draft:
    everything = Cells(raw)
    cells = everything.only(read.is_ours)
    dates, place, dead = read.dates, read.place, read.dead
    problems = [
        *everything.problems("country", faulty(read.is_unsaid, _NO_COUNTRY)),
        *_problems(cells, dates, place, dead),
    ]
    return make_draft(
        profile="acled",
        counting_date="interval",
        records=_records(cells, dates, place),
        casualties=_fatalities(dead),
        attributions=_statements(cells, dates),
        problems=problems,
        out_of_scope=(
            Skipped(row, "It did not happen in Afghanistan (country).")
            for row in rows_of(~read.is_ours & ~read.is_unsaid)
        ),
        reviews=open_reviews(cells, {"event_date": dates}, place),
        questions=questions_of([dates], place),
        notes=read.notes,
    )


def _scope(cells: Cells) -> tuple[pd.Series, pd.Series]:
    """Return which rows are of Afghanistan, and which name no country in any column."""
    name = cells.text("country").str.lower()
    codes = cells.code("iso"), cells.text("iso3").str.upper()
    is_coded = codes[0].isin(["4", "004"]) | (codes[1] == "AFG")
    is_ours = (name == "afghanistan") | ((name == "") & is_coded)
    return is_ours, (name == "") & (codes[0] == "") & (codes[1] == "")


def _interval(cells: Cells, dates: DatesRead) -> tuple[pd.Series, pd.Series]:
    """Return the days in which an event may have happened.

    A week is told by one day of it, and not which: six days before to six days after. A month is
    the calendar month.
    """
    code = cells.code("time_precision")
    week = pd.Timedelta(days=6)
    month = dates.date_from.dt.to_period("M")
    first = dates.date_from.mask(code == "2", dates.date_from - week)
    last = dates.date_to.mask(code == "2", dates.date_to + week)
    starts, ends = month.dt.start_time, month.dt.end_time.dt.normalize()
    return first.mask(code == "3", starts), last.mask(code == "3", ends)


def _records(cells: Cells, dates: DatesRead, place: CoordinatesRead) -> pd.DataFrame:
    first, last = _interval(cells, dates)
    event, sub = cells.text("event_type"), cells.text("sub_event_type")
    precision = cells.code("time_precision").map(DATE_PRECISIONS).astype("str")
    is_day = precision == "day"
    sides = joined([cells.text("actor1"), cells.text("actor2")], " and ")
    what = joined([sub.mask(sub == "", event), sides], ": ")
    civilian = cells.text("civilian_targeting")
    return records_table(
        cells.index,
        {
            "record_id": cells.text("event_id_cnty"),
            "title": joined([what, cells.text("location")], ", ").fillna("Event of ACLED"),
            "description": joined([cells.text("notes"), civilian], " | "),
            "date_from": first,
            "date_to": last,
            "date_precision": precision.mask(dates.date_from.isna(), "unknown"),
            "date_basis": pd.Series("stated", index=cells.index).mask(
                dates.date_from.isna(), "none"
            ),
            "date_words": dates.words.mask(is_day & dates.date_from.notna()),
            "event_type": event_types.acled_types(event, sub),
            "original_type": "ACLED " + joined([event, sub], ": "),
            "country": "Afghanistan",
            "original_precision": cells.code("geo_precision"),
            "source_words": joined(
                [cells.text("source"), behind("Scale: ", cells.text("source_scale"))]
            ),
            **_place_columns(cells, place),
        },
    )


def _place_columns(cells: Cells, place: CoordinatesRead) -> dict[str, pd.Series]:
    """Return what the place supports: of an event known to its province, no district or town."""
    precision = cells.code("geo_precision").map(POINT_PRECISIONS).astype("str")
    at_nowhere = is_nowhere(place.latitude, place.longitude)
    precision = precision.mask(at_nowhere, "country")
    is_fine = precision.isin(["exact", "near"])
    location, district = cells.text("location"), cells.text("admin2")
    sub_district = cells.text("admin3")
    held = pd.Series("", index=cells.index)
    return {
        "place_name": location.where(is_fine, ""),
        "place_relation": held.mask(precision == "near", "near"),
        "place_words": joined(
            [location.mask(is_fine, ""), district.mask(is_fine, ""), sub_district], ", "
        ),
        "district_name": district.where(is_fine, ""),
        "province_name": cells.text("admin1"),
        "latitude": place.latitude.mask(at_nowhere),
        "longitude": place.longitude.mask(at_nowhere),
        "coordinate_precision": precision,
    }


def _fatalities(dead: FiguresRead) -> list[pd.DataFrame]:
    is_figure = (dead.best > 0).fillna(False)
    is_none = (dead.best == 0).fillna(False)
    is_other = dead.qualifier.notna() & dead.best.isna()
    shared = {"victim_group": "all", "harm": "killed"}
    return [
        figures(is_figure, **shared, best=dead.best, words="one figure, conservative"),
        figures(is_none, **shared, qualifier="words_only", words="0 (none or unknown)"),
        figures(is_other, **shared, qualifier="words_only", words=dead.words),
    ]


def _statements(cells: Cells, dates: DatesRead) -> list[pd.DataFrame]:
    """Return who did it where ACLED says so, and who took part elsewhere."""
    government = actors.government_of(
        dates.date_from, dates.date_to, pd.Series("", index=cells.index)
    )
    kind = cells.text("event_type").str.lower()
    is_clash = kind.str.startswith("battle")
    is_attack = kind.isin(PERPETRATOR_FIRST)
    took_part = pd.Series("Took part; ACLED does not say who is to blame.", index=cells.index)
    parts = []
    for name in ("actor1", "actor2"):
        who = cells.text(name)
        is_armed = (who != "") & ~who.str.lower().str.startswith("civilians")
        is_first = name == "actor1"
        ally = behind("With: ", cells.text(f"assoc_actor_{name[-1]}"))
        ally = ally.mask(ally == "", behind("With: ", cells.text(f"ally_actor_{name[-1]}")))
        said = took_part.mask(is_attack, "Named as the attacker.") if is_first else took_part
        parts.append(
            figures(
                is_armed if is_first else is_armed & is_clash,
                actor_name=who,
                actor_id=actors.acled_actor_ids(who, government),
                kind=pd.Series("took_part", index=cells.index).mask(
                    is_attack & is_first, "attributed"
                ),
                by_whom=pd.Series("ACLED (took part)", index=cells.index).mask(
                    is_attack & is_first, "ACLED"
                ),
                words=joined([said, ally], " "),
            )
        )
    return parts


def _problems(
    cells: Cells, dates: DatesRead, place: CoordinatesRead, dead: FiguresRead
) -> list[Problem]:
    unread = dates.date_from.isna().to_numpy() & ~cells.index.isin(dates.open_rows)
    unread &= ~cells.index.isin(list(dates.problems))
    faults = [
        ("event_id_cnty", faulty(cells.text("event_id_cnty") == "", _NO_ID)),
        ("event_date", faulty(pd.Series(unread, index=cells.index), _NO_DATE)),
        (
            "time_precision",
            faulty(~cells.code("time_precision").isin(list(DATE_PRECISIONS)), _TIME),
        ),
        (
            "geo_precision",
            faulty(~cells.code("geo_precision").isin(list(POINT_PRECISIONS)), _WHERE),
        ),
        ("event_date", dates.problems),
        ("latitude", place.latitude_problems),
        ("longitude", place.longitude_problems),
        ("fatalities", dead.problems),
    ]
    return [problem for name, found in faults for problem in cells.problems(name, found)]


def _notes(dead: FiguresRead) -> list[str]:
    zero = int(np.sum((dead.best == 0).fillna(False)))
    words = "events have 0 fatalities, which in ACLED means none or unknown: no figure."
    return [f"{zero:,} {words}"] if zero else []
