"""What those of coarse sight are given of the same rows: decided here, on whole revisions.

Tables in, new tables out. `protection` says which exact places are withheld from them in any case,
`coordinates_in_text` takes points out of words; here restrictions are applied: an incident or a
source of which everything, or one part, is for analysts only. Nobody is told that a row is missing;
what is left holds together, no id leads to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from conflictmap.access import RestrictedField
from conflictmap.schema import TABLES, Table
from conflictmap.store.coordinates_in_text import without_coordinates
from conflictmap.store.protection import unprotected_incidents, without_exact_places
from conflictmap.store.restricted_parts import (
    neutral_titles,
    without_attributions,
    without_figures,
    without_finer_places,
    without_words,
)

Tables = dict[str, pd.DataFrame]

OF_SOURCE: Final = {
    "claim_actors": "claim_id",
    "claim_areas": "claim_id",
    "tally_areas": "tally_id",
}
"""Tables whose rows belong to the source of the row that they name."""


@dataclass(frozen=True)
class Restriction:
    """A part of an incident or source that is for full sight only."""

    subject_table: str
    subject_id: str
    field: RestrictedField


def redact(tables: Mapping[str, pd.DataFrame], restrictions: Iterable[Restriction]) -> Tables:
    """Return all tables of a revision as those of coarse sight are given them.

    A restriction of one part takes the words along: a title says in a line where it was, who died
    and who is said to have done it. An incident that a restricted source told together with others
    keeps what the others said, without our own words, of which nobody knows whose they were.

    Parameters
    ----------
    tables
        Every table of `schema.TABLES` at one revision.
    restrictions
        Those in force now; they hold for every revision.
    """
    asked = tuple(restrictions)
    result: Tables = dict(tables)
    unprotected = unprotected_incidents(tables)
    if asked:
        result = _restricted(result, asked)
        unprotected &= unprotected_incidents(result)
        # Where something is kept from a reader, no source's silence is a zero to them.
        result["coverage"] = result["coverage"].assign(
            is_event_level=result["coverage"]["is_event_level"].mask(
                result["coverage"]["is_event_level"].fillna(False), False
            )
        )
    result |= without_exact_places(result, unprotected)
    for name, table in TABLES.items():
        result[name] = without_private_words(table, result[name]).reset_index(drop=True)
    return result


def without_private_words(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows without notes of coders, and without coordinates in words of others."""
    if "coder_note" in rows:  # what the coder knows from elsewhere is told by no source
        rows = rows.assign(coder_note=rows["coder_note"].mask(rows["coder_note"].notna()))
    return without_coordinates(table, rows)


def _restricted(tables: Tables, restrictions: tuple[Restriction, ...]) -> Tables:
    def subjects(table: str, *fields: RestrictedField) -> set[str]:
        return {
            one.subject_id
            for one in restrictions
            if one.subject_table == table and one.field in fields
        }

    told = _told_by(tables)
    sources = subjects("sources", "everything")
    is_open = ~told["source_id"].isin(sources)
    only_theirs = set(told["incident_id"]) - set(told.loc[is_open, "incident_id"])
    result = _without_sources(tables, sources)
    result = _without_rows(
        result,
        "incidents",
        subjects("incidents", "everything") | (only_theirs if sources else set()),
    )
    owned = _owned_rows(result)
    theirs: dict[RestrictedField, dict[str, pd.Series]] = {}
    parts: tuple[RestrictedField, ...] = ("place", "figures", "attributions", "words")
    for part in parts:
        fields = parts if part == "words" else (part,)
        theirs[part] = _rows_of(
            result, subjects("incidents", *fields), subjects("sources", *fields), owned
        )
    wordless = subjects("incidents", *parts) | set(
        told.loc[told["source_id"].isin(sources | subjects("sources", *parts)), "incident_id"]
    )
    result = without_finer_places(result, theirs["place"])
    result = without_words(result, theirs["words"])
    result = neutral_titles(result, wordless)
    result = without_figures(result, theirs["figures"])
    result = without_attributions(result, theirs["attributions"])
    for name, reference in OF_SOURCE.items():
        table = "claims" if reference == "claim_id" else "tallies"
        result[name] = result[name][result[name][reference].isin(result[table][reference])]
    result["place_candidates"] = _candidates(tables, result, theirs["place"])
    return result


def _told_by(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return which source says something of which incident."""
    names = [
        name
        for name in TABLES
        if "incident_id" in TABLES[name].column_names and "source_id" in TABLES[name].column_names
    ]
    pairs = pd.concat([tables[name][["incident_id", "source_id"]] for name in names])
    return pairs.drop_duplicates()


def _without_sources(tables: Tables, sources: set[str]) -> Tables:
    """Return the tables without what some sources gave; what others speak of as well stays."""
    if not sources:
        return tables
    result = dict(tables)
    for name in TABLES:
        if "source_id" in tables[name] and name not in ("actors", "units"):
            result[name] = tables[name][~tables[name]["source_id"].isin(sources)]
    for name in ("deployments", "claims", "tallies"):
        key = TABLES[name].key[0]
        gone = set(tables[name][key]) - set(result[name][key])
        result = _without_rows(result, name, gone)
    for name in ("units", "actors"):  # a unit is named by deployments, an actor by units as well
        result[name] = _named_by_others(result, name, sources)
    parents = result["units"]["parent_unit_id"]
    result["units"] = result["units"].assign(
        parent_unit_id=parents.where(parents.isin(result["units"]["unit_id"]))
    )
    return result


def _named_by_others(tables: Tables, name: str, sources: set[str]) -> pd.DataFrame:
    """Return units or actors, with those of the sources only where another source names them.

    Such a row is then given as that other source's, with the name alone.
    """
    key, rows = TABLES[name].key[0], tables[name]
    claims = tables["claims"].set_index("claim_id")["source_id"]
    named = []
    for other, table in TABLES.items():
        referring = [column.name for column in table.columns if column.refers_to == f"{name}.{key}"]
        for column in referring:
            by = (
                tables[other]["source_id"]
                if "source_id" in tables[other]
                else tables[other]["claim_id"].map(claims)
            )
            named.append(pd.DataFrame({"id": tables[other][column], "source_id": by}))
    naming = pd.concat(named).dropna()
    naming = naming[~naming["source_id"].isin(sources)].drop_duplicates("id")
    theirs = rows["source_id"].isin(sources)
    rows = rows[~theirs | rows[key].isin(naming["id"])]
    theirs = theirs.loc[rows.index]
    other_source = rows[key].map(naming.set_index("id")["source_id"]).astype("str")
    words = [n for n in ("description", "first_announced_date_words") if n in rows]
    return rows.assign(
        source_id=rows["source_id"].mask(theirs, other_source),
        **{word: rows[word].mask(theirs) for word in words},
    )


def _without_rows(tables: Tables, name: str, ids: set[str]) -> Tables:
    """Return the tables without some rows and without all that speaks of them."""
    if not ids:
        return tables
    key = TABLES[name].key[0]
    result = dict(tables)
    for other, table in TABLES.items():
        for column in table.columns:
            if column.refers_to == f"{name}.{key}" or (other == name and column.name == key):
                result[other] = result[other][~result[other][column.name].isin(ids)]
    return result


def _owned_rows(tables: Tables) -> dict[str, pd.Series]:
    """Return the source of each row, for the tables whose rows are a source's."""
    owned = {name: tables[name]["source_id"] for name in TABLES if "source_id" in tables[name]}
    for name, reference in OF_SOURCE.items():
        table = "claims" if reference == "claim_id" else "tallies"
        of = tables[table].set_index(reference)["source_id"]
        owned[name] = tables[name][reference].map(of)
    return owned


def _rows_of(
    tables: Tables, incidents: set[str], sources: set[str], owned: Mapping[str, pd.Series]
) -> dict[str, pd.Series]:
    """Say of each table which rows are those of some incidents or sources."""
    deployed = tables["deployments"]
    deployments = deployed.loc[deployed["source_id"].isin(sources), "deployment_id"]
    result = {}
    for name, rows in tables.items():
        found = pd.Series(False, index=rows.index)
        if "incident_id" in rows:
            found |= rows["incident_id"].isin(incidents)
        if name in owned:
            found |= owned[name].isin(sources)
        if name == "deployment_places":
            found |= rows["deployment_id"].isin(deployments)
        result[name] = found
    return result


def _candidates(
    before: Mapping[str, pd.DataFrame], after: Tables, coarser: Mapping[str, pd.Series]
) -> pd.DataFrame:
    """Return the units that places may be in, without those of places that are gone or coarser."""
    rows = after["place_candidates"]
    of = pd.MultiIndex.from_frame(rows[["subject_table", "subject_id", "place_no"]])
    keep = pd.Series(True, index=rows.index)
    for name in rows["subject_table"].unique():
        key = list(TABLES[name].key) if name in TABLES else []
        if len(key) != 2:
            continue
        left = after[name]
        left = left[~coarser[name].reindex(left.index, fill_value=False)]
        kept = pd.MultiIndex.from_frame(left[key])
        gone = pd.MultiIndex.from_frame(before[name][key]).difference(kept)
        keep &= ~of.isin([(name, *pair) for pair in gone])
    return rows[keep]
