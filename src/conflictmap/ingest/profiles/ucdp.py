"""UCDP Georeferenced Event Dataset: annual, candidate and website releases, and the copy of HDX.

Rules follow the UCDP GED codebook (19.1). An event counts once, by ``date_start``. Places known to
a road, a border or the country alone never carry a point; the dead are told apart in `ucdp_deaths`.
The lists of sources are kept as text and decide nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from conflictmap.errors import Problem
from conflictmap.ingest.cells import Fault, Faults
from conflictmap.ingest.coordinates import CoordinatesRead, read_coordinates
from conflictmap.ingest.date_rules import MONTH_FIRST
from conflictmap.ingest.dates import DatesRead, read_dates
from conflictmap.ingest.model import Answers, Draft, RawTable, Review, Skipped
from conflictmap.ingest.profiles import actors, event_types
from conflictmap.ingest.profiles.columns import Cells, behind, joined
from conflictmap.ingest.profiles.drafting import (
    faulty,
    figures,
    make_draft,
    open_reviews,
    questions_of,
    records_table,
    rows_of,
)
from conflictmap.ingest.profiles.ucdp_deaths import read_deaths
from conflictmap.ingest.profiles.ucdp_place import POINT_PRECISIONS, place_columns

AFGHANISTAN = "700"
"""Afghanistan in ``country_id`` (Gleditsch and Ward)."""

DATE_PRECISIONS = {"1": "day", "2": "days", "3": "week", "4": "month", "5": "year"}
"""By ``date_prec``. Old releases have 0, not known: there the width of the interval decides."""

TOOK_PART = "took_part"
"""Kind of statement for the sides of a fight: UCDP says who took part, not who is to blame."""

GOVERNMENT = "government of afghanistan"

_WHERE = Fault(
    "where_prec is none of UCDP's codes.", "Write 1 (exact place) to 7 (international waters)."
)
_TYPE = Fault(
    "type_of_violence is none of UCDP's codes.",
    "Write 1 (state-based), 2 (non-state) or 3 (one-sided).",
)
_NO_ID = Fault("the event has no id.", "Give the id that UCDP gives it.")
_NO_COUNTRY = Fault("the event has no country.", "Give country_id 700 for Afghanistan.")
_NO_DATE = Fault("the event has no date.", "Write it as YYYY-MM-DD, for example 2026-02-28.")
_TURNED = Fault("date_end lies before date_start.", "Exchange them, or mend the wrong one.")
_WHO_RULED = "The days of the event do not tell which government of Afghanistan is meant."


class _Sides(NamedTuple):
    """Both sides of the rows, who is who, and the rows whose government nobody can tell."""

    a: pd.DataFrame
    b: pd.DataFrame
    unsettled: pd.Index


def convert(raw: RawTable, answers: Answers) -> Draft:
    """Convert the events of a UCDP GED file.

    Rows of other countries are out of scope. Events of 15 August 2021 and later that name the
    "Government of Afghanistan" mean the Taliban, the de facto authorities since that day.

    Parameters
    ----------
    raw
        A file that `recognise` takes for UCDP GED.
    answers
        What was settled. The website's export writes the month first; of other copies whose dates
        do not begin with the year it is asked.
    """
    everything = Cells(raw)
    country = everything.code("country_id")
    named = everything.text("country").str.lower()
    is_ours = (country == AFGHANISTAN) | ((country == "") & (named == "afghanistan"))
    is_unsaid = (country == "") & (named == "")
    cells = everything.only(is_ours)

    start, end = _dates(cells, answers)
    place = read_coordinates(
        cells.text("latitude"),
        cells.text("longitude"),
        comma_decimals=raw.delimiter != ",",
        answers=answers,
    )
    sides = _sides(cells, start.date_from, end.date_to)
    deaths = read_deaths(cells, sides.a, sides.b)
    problems = [
        *everything.problems("country_id", faulty(is_unsaid, _NO_COUNTRY)),
        *_problems(cells, start, end, place),
        *deaths.problems,
    ]
    records = _records(cells, start, end, place, sides)
    dates = {"date_start": start, "date_end": end}
    unsettled = [Review(int(row), cells.written("side_a"), _WHO_RULED) for row in sides.unsettled]
    return make_draft(
        profile="ucdp_ged",
        counting_date="date_from",
        records=records,
        casualties=deaths.casualties,
        attributions=_statements(cells, sides),
        problems=problems,
        out_of_scope=(
            Skipped(row, "It did not happen in Afghanistan (country_id).")
            for row in rows_of(~is_ours & ~is_unsaid)
        ),
        reviews=[*open_reviews(cells, dates, place), *unsettled],
        questions=questions_of(dates.values(), place),
        notes=(*start.notes, *end.notes, *place.notes, *_notes(records), *deaths.notes),
    )


# --- dates ----------------------------------------------------------------------------------------


def _dates(cells: Cells, answers: Answers) -> tuple[DatesRead, DatesRead]:
    """Read both dates. One program wrote both columns, so an answer to the first holds for both."""
    first, last = (cells.written(name) for name in ("date_start", "date_end"))
    known = dict(answers)
    if "best_est" in cells:  # the website's export
        known.setdefault(f"date order of {first}", MONTH_FIRST)
    for key, answer in list(known.items()):
        if key.endswith(f" {first}"):
            known.setdefault(key.removesuffix(first) + last, answer)
    start = read_dates(cells.text("date_start"), column=first, answers=known)
    end = read_dates(cells.text("date_end"), column=last, answers=known)
    asked = {question.key.removesuffix(first) for question in start.questions}
    open_alone = [q for q in end.questions if q.key.removesuffix(last) not in asked]
    return start, replace(end, questions=tuple(open_alone))


def _date_precision(cells: Cells, start: DatesRead, end: DatesRead) -> pd.Series:
    stated = cells.code("date_prec").map(DATE_PRECISIONS).astype("str")
    width = (end.date_to - start.date_from).dt.days + 1
    by_width = pd.Series(
        np.select(
            [width <= 1, width <= 6, width <= 7, width <= 31],
            ["day", "days", "week", "month"],
            "year",
        ),
        index=cells.index,
        dtype="str",
    )
    return stated.fillna(by_width).mask(start.date_from.isna(), "unknown")


# --- sides ----------------------------------------------------------------------------------------


def _sides(cells: Cells, date_from: pd.Series, date_to: pd.Series) -> _Sides:
    names = {side: cells.text(side) for side in ("side_a", "side_b")}
    keys = {side: text.str.lower() for side, text in names.items()}
    ruled = {
        "side_a": actors.government_of(date_from, date_to, keys["side_b"]),
        "side_b": actors.government_of(date_from, date_to, keys["side_a"]),
    }
    unsettled = pd.Series(False, index=cells.index)
    for side, key in keys.items():
        unsettled |= (key == GOVERNMENT) & (ruled[side] == actors.UNSETTLED)
    return _Sides(
        actors.sides(names["side_a"], ruled["side_a"]),
        actors.sides(names["side_b"], ruled["side_b"]),
        cells.index[unsettled & date_from.notna()],
    )


def _statements(cells: Cells, sides: _Sides) -> list[pd.DataFrame]:
    """Return who took part; the side that attacked civilians is attributed the attack."""
    is_one_sided = cells.code("type_of_violence") == "3"
    parts = []
    for side, table in (("side_a", sides.a), ("side_b", sides.b)):
        names = cells.text(side)
        is_armed = (names != "") & (names.str.lower() != "civilians")
        words = pd.Series(
            f"{'Side A' if side == 'side_a' else 'Side B'} of the fighting: UCDP says who took"
            " part, not who is to blame.",
            index=cells.index,
        ).mask(is_one_sided, "One-sided violence against civilians.")
        shared = {"actor_name": names, "actor_id": table["actor_id"], "words": words}
        kinds = pd.Series(TOOK_PART, index=cells.index).mask(is_one_sided, "attributed")
        by_whom = pd.Series("UCDP (took part)", index=cells.index).mask(is_one_sided, "UCDP")
        parts.append(figures(is_armed, **shared, kind=kinds, by_whom=by_whom))
    return parts


# --- records --------------------------------------------------------------------------------------


def _records(
    cells: Cells, start: DatesRead, end: DatesRead, place: CoordinatesRead, sides: _Sides
) -> pd.DataFrame:
    violence = cells.code("type_of_violence")
    words = violence.map(event_types.UCDP_WORDS).astype("str")
    return records_table(
        cells.index,
        {
            "record_id": cells.code("id"),
            "title": _titles(cells, sides, violence == "3"),
            "description": _descriptions(cells),
            "date_from": start.date_from,
            "date_to": end.date_to,
            "date_precision": _date_precision(cells, start, end),
            "date_basis": pd.Series("stated", index=cells.index).mask(
                start.date_from.isna(), "none"
            ),
            "event_type": event_types.ucdp_types(violence),
            "original_type": "UCDP " + violence + ": " + words,
            "country": "Afghanistan",
            "original_precision": cells.code("where_prec"),
            "source_words": _source_words(cells),
            **place_columns(cells, place),
        },
    )


def _titles(cells: Cells, sides: _Sides, is_one_sided: pd.Series) -> pd.Series:
    where = cells.text("where_coordinates")
    what = ("Clash between " + sides.a["name"] + " and " + sides.b["name"]).where(
        ~is_one_sided, "Violence against civilians by " + sides.a["name"]
    )
    return joined([what.fillna("Event of UCDP GED"), where], ", ")


def _descriptions(cells: Cells) -> pd.Series:
    summary = pd.Series("", index=cells.index).mask(
        cells.code("event_clarity") == "2", "Taken from a report that sums up several events."
    )
    dyad = behind("Dyad: ", cells.text("dyad_name"))
    status = cells.text("code_status")
    status = behind("Status of the coding: ", status.mask(status.str.lower() == "clear", ""))
    return joined([behind("Conflict: ", cells.text("conflict_name")), dyad, summary, status], ". ")


def _source_words(cells: Cells) -> pd.Series:
    article = cells.text("source_article")
    listed = joined([cells.text("source_office"), cells.text("source_headline")], ": ").fillna("")
    original = behind("Original source: ", cells.text("source_original"))
    number = cells.code("number_of_sources")  # -1: not known (older events)
    counted = behind("Number of sources: ", number.where(number.str.fullmatch(r"[1-9]\d*"), ""))
    return joined([article.mask(article == "", listed), original, counted])


# --- what went wrong ------------------------------------------------------------------------------


def _problems(
    cells: Cells, start: DatesRead, end: DatesRead, place: CoordinatesRead
) -> list[Problem]:
    def unread(dates: DatesRead) -> pd.Series:
        known = dates.open_rows.union(pd.Index(list(dates.problems), dtype="int64"))
        return dates.date_from.isna() & ~pd.Series(cells.index.isin(known), index=cells.index)

    turned = (end.date_to < start.date_from).fillna(False)
    precision, violence = cells.code("where_prec"), cells.code("type_of_violence")
    columns: list[tuple[str, Faults]] = [
        ("id", faulty(cells.text("id") == "", _NO_ID)),
        ("where_prec", faulty(~precision.isin(list(POINT_PRECISIONS)), _WHERE)),
        ("type_of_violence", faulty(~violence.isin(list(event_types.UCDP)), _TYPE)),
        ("date_start", {**start.problems, **faulty(unread(start), _NO_DATE)}),
        ("date_end", {**end.problems, **faulty(unread(end), _NO_DATE), **faulty(turned, _TURNED)}),
        ("latitude", place.latitude_problems),
        ("longitude", place.longitude_problems),
    ]
    return [problem for name, faults in columns for problem in cells.problems(name, faults)]


def _notes(records: pd.DataFrame) -> list[str]:
    held = records["coordinate_precision"]
    code = records["original_precision"]
    counts = [
        (int((held == "adm1").sum()), "events are known to their province only"),
        (int(code.isin(["5"]).sum()), "lie on a road or a border and carry no point"),
        (int(held.isin(["country"]).sum()), "are known to the country only"),
    ]
    return [f"{number:,} {words}." for number, words in counts if number]
