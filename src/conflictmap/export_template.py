"""Incidents in the columns of our own template, so that uploading them again gives them back.

The template is read by rules: a figure of two cells is two rows of ours, a month is an interval.
Where several cells would do, each is read by those very rules and the one taken whose reading is
nearest to what is stored. What the template has no cell for is left out, never bent to fit: victim
groups other than civilians, subsets, abducted, further places and targets, who said a figure.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from conflictmap.filters import IncidentFilter
from conflictmap.ingest.cells import NOT_STATED
from conflictmap.ingest.date_cells import read_date_cell
from conflictmap.ingest.dates import read_dates
from conflictmap.ingest.numbers import read_figures
from conflictmap.ingest.profiles.actors import NAMES, actor_ids
from conflictmap.ingest.profiles.fields import event_types_of, point_precisions_of
from conflictmap.ingest.profiles.sheet_dates import DATE_FIELDS, when_of
from conflictmap.ingest.profiles.sheet_figures import ENDS, HARMS, figure_fields, harmed
from conflictmap.ingest.profiles.template import COLUMNS
from conflictmap.summaries import measure_incidents

NO_DATE = "-"
"""Read as "not stated", without words; a row of the template without any date is refused."""

Cells = tuple[str, ...]


def template_rows(
    tables: Mapping[str, pd.DataFrame], ids: pd.Index, chosen: IncidentFilter
) -> pd.DataFrame:
    """Return incidents as rows of the template.

    Parameters
    ----------
    tables
        The tables of one revision.
    ids
        The incidents, in the order of the rows.
    chosen
        The filters they passed; of several reports, the chosen ones are named as source.

    Returns
    -------
    DataFrame
        Text, a column a field of the template, indexed by ``incident_id``; "" where nothing is
        stated. ``id`` is the record's own id within the one source that all rows come from, else
        our ``incident_id``.
    """
    incidents = tables["incidents"].set_index("incident_id").loc[ids]
    told = tables["incident_sources"]
    told = told[told["incident_id"].isin(ids)]
    if chosen.sources:
        told = told[told["source_id"].isin(chosen.sources)]
    named = _named(tables["attributions"], incidents, chosen)
    rows = pd.DataFrame("", index=incidents.index, columns=list(COLUMNS), dtype="object")
    rows["id"] = _record_ids(incidents.index, told["source_id"].unique())
    for name in ("title", "description"):
        rows[name] = incidents[name]
    rows["event_type"] = _types(incidents)
    for part in (
        _dates(incidents),
        _place(_first(tables["incident_places"], ids, "place_no")),
        _first(tables["incident_targets"], ids, "target_no")[["target_type", "target_community"]],
        _actors(named, incidents, tables["actors"]),
        _sources(told, named, incidents.index),
        *(_figures(tables, incidents, harm) for harm in HARMS),
    ):
        rows[list(part.columns)] = part
    return rows.astype("object").where(rows.notna(), "").astype("str")


def open_ended(incidents: pd.DataFrame) -> list[str]:
    """Return the incidents with a first day and no last one, which the template cannot state."""
    is_open = incidents["date_from"].notna() & incidents["date_to"].isna()
    return incidents.loc[is_open, "incident_id"].tolist()


def _record_ids(ids: pd.Index, sources: Sequence[str]) -> list[str]:
    if len(sources) != 1:
        return list(ids)
    own = [str(incident).removeprefix(f"{sources[0]}-") for incident in ids]
    return own if len(set(own)) == len(own) else list(ids)


def _types(incidents: pd.DataFrame) -> pd.Series:
    """Return the type as the file gave it, where that still means our type; else our type."""
    written = incidents["original_type"].fillna("")
    ours = incidents["event_type"].mask((incidents["event_type"] == "other") & (written == ""), "")
    return ours.mask(event_types_of(written).eq(incidents["event_type"]).fillna(False), written)


def _first(table: pd.DataFrame, ids: pd.Index, number: str) -> pd.DataFrame:
    """Return the first row of each incident, indexed by it; missing throughout where none is."""
    rows = table[table["incident_id"].isin(ids)].sort_values(number, kind="stable")
    return rows.drop_duplicates("incident_id").set_index("incident_id").reindex(ids)


# --- when -----------------------------------------------------------------------------------------


def _dates(incidents: pd.DataFrame) -> pd.DataFrame:
    stored = ["date_from", "date_to", "date_precision", "date_words"]
    owners: list[int] = []
    cells: list[Cells] = []
    facts = list(incidents[stored].itertuples(index=False, name=None))
    for number, (first, last, precision, words) in enumerate(facts):
        for candidate in _date_cells(first, last, precision, _text(words)):
            owners.append(number)
            cells.append(candidate)
    read = when_of(
        {
            name: read_dates(column, column=name, answers={})
            for name, column in _columns(cells, DATE_FIELDS).items()
        }
    )
    scores = [
        (_same(row[0], facts[owner][0]) and _same(row[1], facts[owner][1]))
        + (row[2] == facts[owner][2]) / 2
        + (_text(row[3]) == _text(facts[owner][3])) / 4
        for owner, row in zip(owners, read.itertuples(index=False, name=None), strict=True)
    ]
    return _best(owners, cells, scores, incidents.index, DATE_FIELDS)


def _date_cells(first: Any, last: Any, precision: str, words: str) -> Iterable[Cells]:
    """Give the cells of date, date_start and date_end that may stand for an interval."""
    start, end = (f"{day:%Y-%m-%d}" if pd.notna(day) else "" for day in (first, last))
    parts = words.split(" - ")
    written: list[Cells] = []
    if words:
        written = [(words, "", ""), ("", start, words), ("", words, end)]
    if len(parts) == 2:
        written += [("", parts[0], parts[1]), (parts[0], "", parts[1]), (parts[0], parts[1], "")]
    if len(parts) == 3:
        written.append((parts[0], parts[1], parts[2]))
    for cells in written:
        if any(cells) and all(map(_is_certain, cells)):
            yield cells
    if end:
        if start and precision in ("day", "month", "year"):
            yield start[: {"day": 10, "month": 7, "year": 4}[precision]], "", ""
        yield "", start, end
    # Without a last day a first one would read as the whole date.
    yield NO_DATE, "", ""


def _is_certain(cell: str) -> bool:
    """Tell whether a cell is a date, or none, without the rest of its column and any answer."""
    if not cell:
        return True
    if cell.casefold() in NOT_STATED:
        return True
    read = read_date_cell(cell)
    is_dated = read.form in ("day", "month", "year")
    return is_dated and read.calendar == "gregorian" and not read.is_short


# --- where ----------------------------------------------------------------------------------------


def _place(place: pd.DataFrame) -> pd.DataFrame:
    """Return the place as it was stated; a point only where the viewer's tables have it."""
    written = place["original_precision"].fillna("")
    said = place["coordinate_precision"]
    is_near = said.isna() & (place["place_relation"] == "near").fillna(False)
    ours = said.mask(is_near, "near").fillna("")
    reads_so = point_precisions_of(written).fillna("") == said.fillna("")
    return pd.DataFrame(
        {
            "country": place["country"],
            "province": place["province_name"],
            "district": place["district_name"],
            "place": place["place_name"],
            "latitude": place["latitude"].map(_degrees),
            "longitude": place["longitude"].map(_degrees),
            "place_precision": ours.mask(reads_so & ~is_near, written),
        }
    )


def _degrees(value: float) -> str:
    return "" if pd.isna(value) else np.format_float_positional(value, trim="0")


# --- who ------------------------------------------------------------------------------------------


def _named(
    attributions: pd.DataFrame, incidents: pd.DataFrame, chosen: IncidentFilter
) -> pd.DataFrame:
    """Return who is said to have done it, or of a clash to have taken part.

    A suspicion or a doubt has no cell in the template.
    """
    clashes = incidents.index[incidents["event_type"] == "clash"]
    took_part = (attributions["kind"] == "took_part") & attributions["incident_id"].isin(clashes)
    rows = attributions[attributions["kind"].isin(["claimed", "attributed"]) | took_part]
    if chosen.sources:
        rows = rows[rows["source_id"].isin(chosen.sources)]
    return rows.assign(no=rows.groupby("incident_id").cumcount() + 1)


def _actors(named: pd.DataFrame, incidents: pd.DataFrame, actors: pd.DataFrame) -> pd.DataFrame:
    """Return the first actor, and of a clash the second, by names that are read as theirs."""
    names = actors.set_index("actor_id")["name"]
    is_read = actor_ids(names).eq(pd.Series(names.index, index=names.index)).fillna(False)
    shown = {actor: spellings.split("|")[0] for actor, spellings in NAMES.items()}
    shown |= {
        str(actor): name for actor, name in names.items() if is_read[actor] or actor not in shown
    }
    first, second = (
        named[named["no"] == number].set_index("incident_id")["actor_id"].map(shown)
        for number in (1, 2)
    )
    is_clash = incidents["event_type"] == "clash"
    return pd.DataFrame(
        {
            "actor1": first.reindex(incidents.index),
            "actor2": second.reindex(incidents.index).where(is_clash),
        }
    )


# --- by whom it was told --------------------------------------------------------------------------

_TOLD = re.compile(
    r"(?P<source>.+?)(?:; Verified: (?P<verified>.+?))?(?:; Language: (?P<language>.+?))?"
    r"(?:; Note: (?P<note>.+))?",
    re.DOTALL,
)


def _sources(told: pd.DataFrame, named: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """Return the sources that the record names; where it names none, the ids of our reports."""
    given = told[told["original_sources"].notna()].drop_duplicates("incident_id")
    words = given.set_index("incident_id")["original_sources"].to_dict()
    by_whom = named[named["no"] == 1].set_index("incident_id")["by_whom"].to_dict()
    reports = told.groupby("incident_id")["source_id"].agg(lambda found: ", ".join(found.unique()))
    rows = []
    for incident in ids:
        if incident not in words:
            rows.append({"source": reports.get(incident, "")})
            continue
        found = _TOLD.fullmatch(words[incident])
        cells = found.groupdict("") if found else {"source": words[incident]}
        whole, teller = cells["source"], _text(by_whom.get(incident))
        if teller and whole.startswith(f"{teller}; "):
            cells |= {"source": teller, "source_url": whole[len(teller) + 2 :]}
        elif teller != whole:
            source, between, address = whole.rpartition("; http")
            if between and " " not in address:
                cells |= {"source": source, "source_url": f"http{address}"}
        rows.append(cells)
    columns = ["source", "source_url", "verified", "language", "note"]
    return pd.DataFrame(rows, index=ids, columns=columns)


# --- how many were harmed -------------------------------------------------------------------------

_IN_ALL = re.compile(r"in all low (\d+|not given), best (\d+|not given), high (\d+|not given)$")

Figure = tuple[str, Any, Any, Any, str, str]
"""Victim group, low, best, high, qualifier, words; a missing number is None, missing text ""."""


def _figures(
    tables: Mapping[str, pd.DataFrame], incidents: pd.DataFrame, harm: str
) -> pd.DataFrame:
    """Return the cells of one harm: total, lower and upper figure, civilians."""
    rows = tables["casualties"]
    is_counted = rows["is_counted"].fillna(False).astype(bool)
    rows = rows[is_counted & (rows["harm"] == harm) & rows["incident_id"].isin(incidents.index)]
    stored: dict[Hashable, set[Figure]] = {}
    columns = ["incident_id", "victim_group", *ENDS, "qualifier", "words"]
    for incident, *row in rows[columns].itertuples(index=False, name=None):
        stored.setdefault(incident, set()).add(_figure(row))
    sums = measure_incidents(tables, incidents.reset_index(), IncidentFilter(), harm)[list(ENDS)]
    owners: list[int] = []
    cells: list[Cells] = []
    held: list[set[Figure]] = []
    total: list[tuple] = []
    for number, incident in enumerate(incidents.index):
        held.append(stored.get(incident, set()))
        total.append(tuple(_number(value) for value in sums.loc[incident]))
        for candidate in _figure_cells(held[-1], total[-1], harm):
            owners.append(number)
            cells.append(candidate)
    fields = figure_fields(harm)
    read = {name: read_figures(column) for name, column in _columns(cells, fields).items()}
    back: list[set[Figure]] = [set() for _ in cells]
    for table in harmed(read, harm):
        for at, *row in table[["row", *columns[1:]]].itertuples(index=False, name=None):
            back[at].add(_figure(row))
    bad = {row for part in read.values() for row in part.problems}
    scores = [
        -1.0 if at in bad else _likeness(back[at], held[owner], total[owner])
        for at, owner in enumerate(owners)
    ]
    return _best(owners, cells, scores, incidents.index, fields)


def _figure_cells(stored: set[Figure], total: tuple, harm: str) -> Iterable[Cells]:
    """Give the cells that may stand for the figures of an incident."""
    by_group = {figure[0]: figure for figure in stored}
    civilian = by_group.get("civilians")
    others = [figure for group, figure in by_group.items() if group != "civilians"]
    of_civilians = list(_written(civilian)) if civilian else [""]
    if len(others) == 1 and others[0][0] in ("all", "unknown"):
        group, low, best, high, qualifier, words = others[0]
        said, _, of_all = words.partition("of whom civilians: ")
        said = said.rstrip("; ")
        of_whom = [of_all] if group == "all" else of_civilians
        alone = (group, low, best, high, qualifier, said)
        for civilians in of_whom:
            if group == "all":
                for cell in _written(alone):
                    yield cell, "", "", civilians
                yield _plain(best), _plain(low), _plain(high), civilians
                yield said, _plain(low), _plain(high), civilians
            yield from _from_words(words, harm, civilians)
    if civilian:
        for cell in of_civilians:
            yield "", "", "", cell
        head = _IN_ALL.sub("", civilian[5]).rstrip("; ")
        for cell in _written((*civilian[:5], head)):
            yield from _from_words(civilian[5], harm, cell)
    low, best, high = total
    for civilians in dict.fromkeys([*of_civilians, ""]):
        for cell in _written(("all", low, best, high, "", "")):
            yield cell, "", "", civilians
        yield _plain(best), _plain(low), _plain(high), civilians
    for figure in others:
        if figure[2] is None and figure[5]:
            yield figure[5], "", "", ""
    yield "", "", "", ""


def _from_words(words: str, harm: str, civilians: str) -> Iterable[Cells]:
    """Give the cells of a total whose ends stand in the words of its parts."""
    found = _IN_ALL.search(words)
    if not found:
        return
    low, best, high = ("" if end == "not given" else end for end in found.groups())
    said = words[: found.start()].removesuffix(f"{harm} in all less the civilians: ")
    yield best, low, high, civilians
    yield said.rstrip("; "), "", "", civilians
    yield said.rstrip("; "), low, high, civilians


def _written(figure: Figure) -> Iterable[str]:
    """Give the texts of one cell that may stand for a figure, its own words first."""
    _, low, best, high, _, words = figure
    # A point or a comma in a number is read by all the numbers of its column.
    if words and not re.search(r"\d[.,]\d", words):
        yield words
    if best is not None:
        if low == best == high:
            yield str(best)
        if low is not None and high is None:
            yield f"at least {low}"
        if low is None and high is None:
            yield f"around {best}"
    elif low is not None and high is not None:
        yield f"{low}-{high}"
    elif high is not None:
        yield f"up to {high}"


def _likeness(back: set[Figure], stored: set[Figure], total: tuple) -> float:
    """Return how near cells come to what is stored: whole, without words, by the sums."""
    if back == stored:
        return 4
    if {figure[:5] for figure in back} == {figure[:5] for figure in stored}:
        return 3
    given = [figure[1:4] for figure in back if figure[2] is not None]
    sums = tuple(_sum([ends[at] for ends in given]) for at in range(3))
    if not back or sums != total:
        return 0 if back else 0.5  # an empty cell is better than another figure
    civilians = {figure[:4] for figure in stored if figure[0] == "civilians"}
    return 2 if civilians <= {figure[:4] for figure in back} else 1


def _sum(values: Sequence[int | None]) -> int | None:
    given = [value for value in values if value is not None]
    return sum(given) if given and len(given) == len(values) else None


def _figure(row: Sequence[Any]) -> Figure:
    group, low, best, high, qualifier, words = row
    numbers = (_number(value) for value in (low, best, high))
    return (str(group), *numbers, _text(qualifier), _text(words))  # type: ignore[return-value]


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _plain(value: int | None) -> str:
    return "" if value is None else str(value)


# --- choosing cells -------------------------------------------------------------------------------


def _columns(cells: Sequence[Cells], names: Sequence[str]) -> dict[str, pd.Series]:
    return {
        name: pd.Series([row[at] for row in cells], dtype="str") for at, name in enumerate(names)
    }


def _best(
    owners: Sequence[int],
    cells: Sequence[Cells],
    scores: Sequence[float],
    index: pd.Index,
    names: Sequence[str],
) -> pd.DataFrame:
    """Return for each row the cells with the highest score, of equal ones the first."""
    best: dict[int, int] = {}
    for at, owner in enumerate(owners):
        if owner not in best or scores[at] > scores[best[owner]]:
            best[owner] = at
    return pd.DataFrame(
        [cells[best[number]] for number in range(len(index))], index=index, columns=list(names)
    )


def _same(one: Any, other: Any) -> bool:
    return (pd.isna(one) and pd.isna(other)) or bool(one == other)


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
