"""A table of incidents whose columns are known by field: our template, HXL tags, a mapping."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from conflictmap.districts import is_stated_abroad
from conflictmap.errors import Problem
from conflictmap.ingest.cells import Fault, Faults
from conflictmap.ingest.coordinates import CoordinatesRead, read_coordinates
from conflictmap.ingest.dates import DatesRead, read_dates
from conflictmap.ingest.model import Answers, Draft, RawTable, Skipped
from conflictmap.ingest.numbers import FiguresRead, read_figures
from conflictmap.ingest.profiles import actors
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
from conflictmap.ingest.profiles.fields import (
    FIELDS,
    POINT_PRECISIONS,
    communities_of,
    event_types_of,
    point_precisions_of,
    target_types_of,
)
from conflictmap.ingest.profiles.sheet_dates import DATE_FIELDS, when_of
from conflictmap.ingest.profiles.sheet_figures import HARMS, doubts, figure_fields, harmed
from conflictmap.schema import label

TITLE_CHARACTERS = 120

_EMPTY = "the cell is empty."
_NO_TEXT = Fault("neither title nor description is given.", "Say in a line what happened.")
_TURNED = Fault("it ends before it begins.", "Exchange the two dates, or mend the wrong one.")
_PRECISION = Fault(
    "it is no precision of a point.", f"Write one of: {', '.join(POINT_PRECISIONS)}."
)
REQUIRED_MENDS = {
    "date": Fault(_EMPTY, "Write the date as YYYY-MM-DD, for example 2026-02-28."),
    "source": Fault(_EMPTY, "Say who reported it."),
}


class FieldCells(Cells):
    """Cells of a table by field instead of by name."""

    def __init__(self, raw: RawTable, table: pd.DataFrame, columns: Mapping[str, str]) -> None:
        super().__init__(raw, table)
        self._written = dict(columns)

    def only(self, chosen: pd.Series) -> FieldCells:
        """Return the same fields of the chosen rows."""
        return FieldCells(self.raw, self.table[chosen.to_numpy(dtype=bool)], self._written)


def convert_sheet(
    raw: RawTable,
    columns: Mapping[str, str],
    answers: Answers,
    *,
    profile: str,
    required: tuple[str, ...] = (),
    keeps_abroad: bool = False,
) -> Draft:
    """Convert a table of incidents.

    A range in a figure's cell has no best; an empty cell is no zero. A point whose precision is
    not stated keeps none, unless it is the placeholder of the whole country.

    Parameters
    ----------
    raw
        The table.
    columns
        Field of `fields.FIELDS` to the column of the table that holds it.
    answers
        What was settled.
    profile
        Name of the profile, for the draft.
    required
        "date", "text" (title or description) and "source": rows without are rejected.
    keeps_abroad
        Whether incidents in other countries are taken; else they are out of scope.
    """
    everything = FieldCells(raw, raw.cells, columns)
    country = everything.text("country")
    is_abroad = is_stated_abroad(country.mask(country == "")) & (not keeps_abroad)
    cells = everything.only(~is_abroad)
    dates = {
        name: read_dates(cells.text(name), column=cells.written(name), answers=answers)
        for name in DATE_FIELDS
    }
    when = when_of(dates)
    point = read_coordinates(
        cells.text("latitude"),
        cells.text("longitude"),
        comma_decimals=raw.delimiter != ",",
        answers=answers,
    )
    read = {name: read_figures(cells.text(name)) for harm in HARMS for name in figure_fields(harm)}
    kinds = event_types_of(cells.text("event_type"))
    unread = sum(column not in set(columns.values()) for column in raw.cells.columns)
    return make_draft(
        profile=profile,
        counting_date="interval",
        records=_records(cells, when, point, kinds),
        casualties=[table for harm in HARMS for table in harmed(read, harm)],
        attributions=_statements(cells, kinds),
        problems=_problems(cells, dates, when, point, read, required),
        out_of_scope=(
            Skipped(row, "It did not happen in Afghanistan (country).")
            for row in rows_of(is_abroad)
        ),
        reviews=[
            *open_reviews(cells, dates, point),
            *(
                review
                for harm in HARMS
                for review in doubts(read, harm, cells.written(f"civilians_{harm}"))
            ),
        ],
        questions=questions_of(dates.values(), point),
        notes=[
            *([f"{unread} columns are not read."] if unread else []),
            *(note for part in dates.values() for note in part.notes),
            *point.notes,
            *(note for part in read.values() for note in part.notes),
        ],
    )


# --- records --------------------------------------------------------------------------------------


def _records(
    cells: FieldCells, when: pd.DataFrame, point: CoordinatesRead, kinds: pd.Series
) -> pd.DataFrame:
    second, written = cells.text("actor2"), cells.text("event_type")
    description = joined(
        [
            cells.text("description"),
            behind("Other side: ", second.mask((kinds == "clash").fillna(False), "")),
        ],
        " ",
    )
    sources = [
        cells.text("source"),
        cells.text("source_url"),
        *(
            behind(f"{name.capitalize()}: ", cells.text(name))
            for name in ("verified", "language", "note")
        ),
    ]
    is_dated = when["date_from"].notna() | when["date_to"].notna()
    return records_table(
        cells.index,
        {
            "record_id": cells.text("id"),
            "title": _titles(cells, kinds),
            "description": description,
            "date_from": when["date_from"],
            "date_to": when["date_to"],
            "date_precision": when["precision"],
            "date_basis": pd.Series("none", index=cells.index).mask(is_dated, "stated"),
            "date_words": when["words"],
            "event_type": kinds.fillna("other"),
            "original_type": written,
            "target_type": target_types_of(cells.text("target_type")),
            "target_community": communities_of(cells.text("target_community")),
            "source_words": joined(sources),
            **_place_columns(cells, point),
        },
    )


def _titles(cells: FieldCells, kinds: pd.Series) -> pd.Series:
    """Return the title, else the head of the description, else type and place of the incident."""
    title, text = cells.text("title"), cells.text("description")
    head = text.str.split("\n").str[0].str.strip()
    is_long = head.str.len() > TITLE_CHARACTERS
    head = head.mask(is_long, head.str.slice(0, TITLE_CHARACTERS - 1) + "…")
    labels = {kind: label(kind) for kind in kinds.dropna().unique()}
    named = kinds.map(labels).astype("str").fillna("Incident")
    where = joined([cells.text(name) for name in ("place", "district", "province")], ", ")
    made = joined([named, where], ", ")
    return title.mask(title == "", head.mask(head == "", made))


def _place_columns(cells: FieldCells, point: CoordinatesRead) -> dict[str, pd.Series]:
    at_nowhere = is_nowhere(point.latitude, point.longitude)
    stated = point_precisions_of(cells.text("place_precision"))
    precision = stated.mask(at_nowhere, "country")
    has_name = (cells.text("district") != "") | (cells.text("place") != "")
    # The placeholder holds back no name that the table itself gives.
    precision = precision.mask(at_nowhere & has_name & (stated != "country").fillna(True))
    near = pd.Series("", index=cells.index).mask((stated == "near").fillna(False), "near")
    return {
        "place_name": cells.text("place"),
        "place_relation": near,
        "district_name": cells.text("district"),
        "province_name": cells.text("province"),
        "country": cells.text("country"),
        "latitude": point.latitude.mask(at_nowhere),
        "longitude": point.longitude.mask(at_nowhere),
        "coordinate_precision": precision,
        "original_precision": cells.text("place_precision"),
        "adm1_pcode": cells.text("province_pcode"),
        "adm2_pcode": cells.text("district_pcode"),
    }


def _statements(cells: FieldCells, kinds: pd.Series) -> list[pd.DataFrame]:
    """Return who did it by the table, and both sides of a clash."""
    is_clash = (kinds == "clash").fillna(False)
    source = cells.text("source")
    by_whom = source.mask(source == "", "the table")
    words = pd.Series("Named as who did it.", index=cells.index)
    words = words.mask(is_clash, "Took part; the table does not say who is to blame.")
    parts = []
    for name in ("actor1", "actor2"):
        who = cells.text(name)
        is_named = (who != "") & ~who.str.lower().isin(["unknown", "civilians"])
        parts.append(
            figures(
                is_named if name == "actor1" else is_named & is_clash,
                actor_name=who,
                actor_id=actors.actor_ids(who),
                kind=pd.Series("attributed", index=cells.index).mask(is_clash, "took_part"),
                by_whom=by_whom,
                words=words,
            )
        )
    return parts


# --- what went wrong ------------------------------------------------------------------------------


def _problems(
    cells: FieldCells,
    dates: Mapping[str, DatesRead],
    when: pd.DataFrame,
    point: CoordinatesRead,
    read: Mapping[str, FiguresRead],
    required: tuple[str, ...],
) -> list[Problem]:
    said = cells.text("place_precision")
    is_odd = (said != "") & point_precisions_of(said).isna()
    turned = (when["date_to"] < when["date_from"]).fillna(False)
    faults: list[tuple[str, Faults]] = [
        *((name, part.problems) for name, part in dates.items()),
        ("date_end", faulty(turned, _TURNED)),
        ("latitude", point.latitude_problems),
        ("longitude", point.longitude_problems),
        ("place_precision", faulty(is_odd, _PRECISION)),
        *((name, part.problems) for name, part in read.items()),
    ]
    if "date" in required:
        has_date = pd.Series(False, index=cells.index)
        for name in DATE_FIELDS:
            has_date |= cells.text(name) != ""
        column = "date" if "date" in cells else "date_start"
        faults.append((column, faulty(~has_date, REQUIRED_MENDS["date"])))
    if "text" in required:
        has_text = (cells.text("title") != "") | (cells.text("description") != "")
        column = "title" if "title" in cells else "description"
        faults.append((column, faulty(~has_text, _NO_TEXT)))
    if "source" in required:
        faults.append(("source", faulty(cells.text("source") == "", REQUIRED_MENDS["source"])))
    return [problem for name, found in faults for problem in cells.problems(name, found)]


def check_fields(columns: Mapping[str, str]) -> list[str]:
    """Return why fields cannot be read, a sentence each; empty: they can."""
    faults = [f"'{field}' is no field of an incident." for field in columns if field not in FIELDS]
    if not {"date", "date_start"} & set(columns):
        faults.append("No column holds the date. Choose one for 'date' or 'date_start'.")
    if len({"latitude", "longitude"} & set(columns)) == 1:
        faults.append("Latitude and longitude go together. Choose a column for both or for none.")
    return faults
