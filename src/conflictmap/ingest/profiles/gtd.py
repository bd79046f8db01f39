"""Global Terrorism Database (START): attacks to June 2021, the date in three columns.

A month or day of 0 is not known, -9 and -99 stand for "not known", and ``nkill`` counts attackers
too, who are told apart from their victims where ``nkillter`` is given.
"""

from __future__ import annotations

import pandas as pd

from conflictmap.errors import Problem
from conflictmap.ingest.cells import Fault
from conflictmap.ingest.coordinates import CoordinatesRead, read_coordinates
from conflictmap.ingest.dates import DatesRead, read_gtd_dates
from conflictmap.ingest.model import Answers, Draft, RawTable, Skipped
from conflictmap.ingest.numbers import FiguresRead, read_figures
from conflictmap.ingest.profiles import actors, event_types
from conflictmap.ingest.profiles.columns import Cells, behind, is_nowhere, joined
from conflictmap.ingest.profiles.drafting import (
    faulty,
    figures,
    make_draft,
    open_reviews,
    questions_of,
    records_table,
    rows_of,
)

AFGHANISTAN = "4"
"""Afghanistan in ``country``."""

POINT_PRECISIONS = {
    "1": "exact",
    "2": "adm2",  # the place is known, the point is its district's
    "3": "adm2",  # outside a town: the district's centre
    "4": "adm1",
    "5": "",  # no point
}
"""By ``specificity``."""

TARGETS = {"8": "school", "14": "residents", "17": "armed_group"}
"""By ``targtype1``, where GTD's type says no more than ours."""

KIDNAPPING = "6"
"""In ``attacktype1`` to 3. Hostages of other attacks are held where they are, not taken away."""

FIGURE_COLUMNS = ("nkill", "nkillter", "nwound", "nwoundte", "nhostkid")

_NO_ID = Fault("the attack has no id.", "Give the eventid that GTD gives it.")
_CUT_ID = Fault(
    "a spreadsheet has rounded the id.", "Format the column as a number without decimals."
)
_NO_DATE = Fault("the attack has no year.", "Give it in iyear.")
_WHERE = Fault(
    "specificity is none of GTD's codes.", "Write 1 (exact place) to 5 (place not known)."
)


def convert(raw: RawTable, answers: Answers) -> Draft:
    """Convert the attacks of a GTD file.

    Parameters
    ----------
    raw
        A file that `recognise` takes for GTD.
    answers
        What was settled.
    """
    everything = Cells(raw)
    country, named = everything.code("country"), everything.text("country_txt").str.lower()
    is_ours = (country == AFGHANISTAN) | ((country == "") & (named == "afghanistan"))
    cells = everything.only(is_ours)
    dates = read_gtd_dates(cells.code("iyear"), cells.code("imonth"), cells.code("iday"))
    place = read_coordinates(
        cells.text("latitude"),
        cells.text("longitude"),
        comma_decimals=raw.delimiter != ",",
        answers=answers,
    )
    counts = {name: read_figures(cells.text(name)) for name in FIGURE_COLUMNS}
    return make_draft(
        profile="gtd",
        counting_date="interval",
        records=_records(cells, dates, place),
        casualties=[
            *_harmed(cells, counts["nkill"], counts["nkillter"], "killed", "nkill"),
            *_harmed(cells, counts["nwound"], counts["nwoundte"], "wounded", "nwound"),
            *_abducted(cells, counts["nhostkid"]),
        ],
        attributions=_statements(cells),
        problems=_problems(cells, dates, place),
        out_of_scope=(
            Skipped(row, "It did not happen in Afghanistan (country).") for row in rows_of(~is_ours)
        ),
        reviews=open_reviews(cells, {}, place),
        questions=questions_of([], place),
        notes=(*place.notes, *(note for read in counts.values() for note in read.notes)),
    )


def _records(cells: Cells, dates: DatesRead, place: CoordinatesRead) -> pd.DataFrame:
    attack = cells.code("attacktype1")
    type_words, city = cells.text("attacktype1_txt"), cells.text("city")
    doubt = pd.Series("", index=cells.index).mask(
        cells.code("doubtterr") == "1", "GTD doubts that it was terrorism."
    )
    sources = [cells.text(f"scite{number}") for number in (1, 2, 3)]
    return records_table(
        cells.index,
        {
            "record_id": cells.code("eventid"),
            "title": joined(
                [type_words.mask(type_words == "", "Attack"), city.mask(_is_unknown(city), "")],
                ", ",
            ),
            "description": joined([cells.text("summary"), doubt], " "),
            "date_from": dates.date_from,
            "date_to": dates.date_to,
            "date_precision": dates.precision,
            "date_basis": pd.Series("stated", index=cells.index).mask(
                dates.date_from.isna(), "none"
            ),
            "date_words": cells.text("approxdate"),
            "event_type": event_types.gtd_types(attack, cells.code("suicide") == "1"),
            "original_type": joined(["GTD " + attack, type_words], ": "),
            "target_type": cells.code("targtype1").map(TARGETS),
            "country": "Afghanistan",
            "original_precision": cells.code("specificity"),
            "source_words": joined([*sources, cells.text("dbsource")]),
            **_place_columns(cells, place),
        },
    )


def _place_columns(cells: Cells, place: CoordinatesRead) -> dict[str, pd.Series]:
    code = cells.code("specificity")
    precision = code.map(POINT_PRECISIONS).astype("str")
    is_near = (cells.code("vicinity") == "1") & (precision == "exact")
    at_nowhere = is_nowhere(place.latitude, place.longitude)
    precision = precision.mask(is_near, "near").mask(at_nowhere, "country")
    province, city = cells.text("provstate"), cells.text("city")
    is_place = precision.isin(["exact", "near", "adm2"]) & ~_is_unknown(city)
    has_point = precision.isin(["exact", "near", "adm2", "adm1"]) & place.latitude.notna()
    return {
        "place_name": city.where(is_place, ""),
        "place_relation": pd.Series("", index=cells.index).mask(is_near, "near"),
        "place_words": joined([cells.text("location"), city.mask(is_place, "")]),
        "province_name": province.mask(_is_unknown(province) | at_nowhere, ""),
        "latitude": place.latitude.where(has_point),
        "longitude": place.longitude.where(has_point),
        "coordinate_precision": precision,
    }


def _is_unknown(names: pd.Series) -> pd.Series:
    return names.str.lower().isin(["", "unknown"])


def _harmed(
    cells: Cells, every: FiguresRead, attackers: FiguresRead, harm: str, column: str
) -> list[pd.DataFrame]:
    """Return attackers and the others apart where both figures are given, or all together.

    Fractions come of an attack's dead being shared out over linked rows (GTD codebook): they are
    kept in words.
    """
    text = cells.text(column)
    is_shared = pd.Series(cells.index.isin(list(every.problems)), index=cells.index)
    own = attackers.best
    is_told = (own > 0).fillna(False) & (own <= every.best).fillna(False)
    others = every.best - own
    given = {"harm": harm, "qualifier": "exactly"}
    total = every.best
    return [
        figures(is_told, victim_group="attackers", low=own, best=own, high=own, **given),
        figures(
            is_told & (others > 0).fillna(False),
            victim_group="unknown",
            low=others,
            best=others,
            high=others,
            words=f"{column} " + total.astype("str") + " without the attackers",
            **given,
        ),
        figures(
            total.notna() & ~is_told, victim_group="all", low=total, best=total, high=total, **given
        ),
        figures(
            is_shared | (every.qualifier.notna() & total.isna()),
            victim_group="all",
            harm=harm,
            qualifier="words_only",
            words=f"{column} " + text,
        ),
    ]


def _abducted(cells: Cells, taken: FiguresRead) -> list[pd.DataFrame]:
    types = [cells.code(f"attacktype{number}") == KIDNAPPING for number in (1, 2, 3)]
    is_taken = (cells.code("ishostkid") == "1") & (types[0] | types[1] | types[2])
    number = taken.best.where(taken.best > 0)
    return [
        figures(
            is_taken & number.notna(),
            victim_group="all",
            harm="abducted",
            low=number,
            best=number,
            high=number,
            qualifier="exactly",
        ),
        figures(
            is_taken & number.isna(),
            victim_group="all",
            harm="abducted",
            qualifier="words_only",
            words="hostages or kidnapped, number not known",
        ),
    ]


def _statements(cells: Cells) -> list[pd.DataFrame]:
    """Return up to three groups: claimed, suspected where GTD is not certain, else attributed."""
    parts = []
    for number, claimed in ((1, "claimed"), (2, "claim2"), (3, "claim3")):
        name = cells.text("gname" if number == 1 else f"gname{number}")
        is_claimed = cells.code(claimed) == "1"
        is_doubted = cells.code(f"guncertain{number}") == "1"
        kind = pd.Series("attributed", index=cells.index)
        kind = kind.mask(is_claimed, "claimed").mask(is_doubted, "suspected")
        parts.append(
            figures(
                ~_is_unknown(name),
                actor_name=name,
                actor_id=actors.actor_ids(name),
                kind=kind,
                by_whom=pd.Series("GTD", index=cells.index).mask(kind == "claimed", name),
                words=behind("Part of it: ", cells.text(f"gsubname{number}"))
                if number > 1
                else behind("Part of it: ", cells.text("gsubname")),
            )
        )
    return parts


def _problems(cells: Cells, dates: DatesRead, place: CoordinatesRead) -> list[Problem]:
    ids = cells.code("eventid")
    is_cut = ids.str.contains(r"[eE]\+", regex=True)
    undated = dates.date_from.isna() & ~pd.Series(
        cells.index.isin(list(dates.problems)), index=cells.index
    )
    is_code = cells.code("specificity").isin(list(POINT_PRECISIONS))
    faults = [
        ("eventid", faulty(ids == "", _NO_ID)),
        ("eventid", faulty(is_cut, _CUT_ID)),
        ("iyear", faulty(undated, _NO_DATE)),
        ("specificity", faulty(~is_code, _WHERE)),
        ("iyear", dates.problems),
        ("latitude", place.latitude_problems),
        ("longitude", place.longitude_problems),
    ]
    return [problem for name, found in faults for problem in cells.problems(name, found)]
