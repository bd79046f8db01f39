"""From converted records to rows of our tables, placed on the boundary edition.

An incident's id is made of the upload's source and the record's own id, so that the same record of
a newer file is the same incident. A record without an id is named by its content.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from conflictmap.boundaries import BoundaryEdition
from conflictmap.distinct import is_among
from conflictmap.frames import row_fingerprints, typed_table
from conflictmap.ingest.model import Draft, Review
from conflictmap.name_matching import propose_names
from conflictmap.pcodes import read_pcodes
from conflictmap.placing import place_rows
from conflictmap.schema import TABLES

UPLOADED_TABLES = (
    "sources",
    "incidents",
    "incident_places",
    "place_candidates",
    "incident_targets",
    "attributions",
    "casualties",
    "incident_sources",
)
"""Tables that an upload of incidents may add rows to."""


@dataclass(frozen=True)
class Assembled:
    """An upload's rows in our tables, and the row of the file that each incident came from."""

    tables: Mapping[str, pd.DataFrame]
    rows: pd.Series  # incident_id -> row of the file
    reviews: tuple[Review, ...]
    options: Mapping[str, tuple[str, ...]]  # incident_id -> units that it may lie in


def assemble(
    draft: Draft,
    source: Mapping[str, object],
    edition: BoundaryEdition,
    *,
    earlier: Sequence[pd.Index] = (),
) -> Assembled:
    """Make rows of our tables from a draft.

    Parameters
    ----------
    source
        The row of ``sources`` that stands for this file: ``source_id`` and what describes it.
    earlier
        The ids of the file's rows before these, where the draft is of a part of it.

    Returns
    -------
    Assembled
        ``tables`` has every table of `UPLOADED_TABLES`, typed. A place that is ambiguous is a
        review, its candidates the options; so is a record whose id another row has already.
    """
    source_id = str(source["source_id"])
    records = draft.records
    ids = _incident_ids(records, source_id)
    twice = ids.duplicated()
    own = set(ids.to_numpy(dtype=object)) if earlier else set()
    for before in earlier:
        again = set(before[is_among(before, own)])
        twice |= is_among(ids, again)
    reviews = [
        Review(row, "record_id", "Another row of the file has the same id.")
        for row in records.index[twice]
    ]
    if twice.any():
        records, ids = records[~twice], ids[~twice]
    places, candidates, unsure = _places(records, ids, source_id, edition)
    options: dict[str, tuple[str, ...]] = {}
    for review in unsure:
        incident = str(ids[review.row])
        options[incident] = tuple(sorted({*options.get(incident, ()), *review.options}))
    tables = {
        "sources": pd.DataFrame([source]),
        "incidents": _incidents(records, ids, draft.counting_date),
        "incident_places": places,
        "place_candidates": candidates,
        "incident_targets": _targets(records, ids, source_id),
        "attributions": _attributions(draft, ids, source_id),
        "casualties": _casualties(draft, ids, source_id),
        "incident_sources": _statements(records, ids, source_id),
    }
    return Assembled(
        tables={name: typed_table(TABLES[name], rows) for name, rows in tables.items()},
        rows=pd.Series(records.index, index=pd.Index(ids, name="incident_id")),
        reviews=(*reviews, *unsure),
        options=options,
    )


def ids_of_cells(cells: Iterable[str], source_id: str) -> set[str]:
    """Return the ids that incidents would have if these cells held the records' own ids."""
    texts = sorted({text for cell in cells if (text := cell.strip())})
    return set(_incident_ids(pd.DataFrame({"record_id": texts}, dtype="str"), source_id))


def _incident_ids(records: pd.DataFrame, source_id: str) -> pd.Series:
    stated = records["record_id"].fillna("").astype("str").str.strip()
    slugs = stated.map(lambda text: re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:60])
    # Ids that differ only in what a slug leaves out, and records without one, go by a hash.
    is_unclear = (slugs == "") | (slugs != stated)
    basis = stated
    if (stated == "").any():
        content = row_fingerprints(records.drop(columns=["record_id"]))
        basis = stated.where(stated != "", content)
    hashes = basis.map(lambda text: hashlib.sha256(text.encode()).hexdigest()[:16])
    return source_id + "-" + slugs.where(~is_unclear, hashes)


def _incidents(records: pd.DataFrame, ids: pd.Series, counting_date: str) -> pd.DataFrame:
    shared = ["title", "description", "date_from", "date_to", "date_precision", "date_basis"]
    frame = records[[*shared, "date_words", "event_type", "original_type"]].copy()
    frame["incident_id"] = ids
    frame["counting_date"] = "date_from" if counting_date == "date_from" else None
    return frame


def _places(
    records: pd.DataFrame, ids: pd.Series, source_id: str, edition: BoundaryEdition
) -> tuple[pd.DataFrame, pd.DataFrame, list[Review]]:
    columns = ["place_name", "place_relation", "place_words", "district_name", "province_name"]
    columns += ["country", "latitude", "longitude", "coordinate_precision", "original_precision"]
    stated = records[columns].assign(incident_id=ids, place_no=1, source_id=source_id)
    placed, found = place_rows(stated, edition)
    candidates = pd.DataFrame(
        {
            "subject_table": "incident_places",
            "subject_id": ids.loc[found["row"]].to_numpy(),
            "place_no": 1,
            "unit_code": found["unit_code"].to_numpy(),
        }
    )
    placed, reviews = _by_pcodes(placed, records, edition)
    reviews += _several_units(found, "place", "The place may be any of several units.")
    proposals = propose_names(stated, edition)
    for row in proposals.itertuples():
        reason = "The name is in no list. It may be meant for the unit named in the options."
        reviews.append(Review(int(row.row), str(row.column), reason, (str(row.unit_code),)))
    return placed, candidates, reviews


def _by_pcodes(
    placed: pd.DataFrame, records: pd.DataFrame, edition: BoundaryEdition
) -> tuple[pd.DataFrame, list[Review]]:
    """Compare a file's P-codes with what names and points say; take one that agrees."""
    pcodes = records[["adm1_pcode", "adm2_pcode"]]
    has_code = pcodes.notna().any(axis=1) & (placed["geo_precision"] != "abroad")
    if not has_code.any():
        return placed, []
    read = read_pcodes(
        records.loc[has_code, "adm1_pcode"],
        records.loc[has_code, "adm2_pcode"],
        records.loc[has_code, "province_name"],
        records.loc[has_code, "district_name"],
        edition,
    )
    placed = placed.copy()
    agreed = read.rows[read.rows["status"] == "agrees"]
    conflicts: dict[int, tuple[str, ...]] = {}
    for row in agreed.itertuples():
        unit, held = str(row.unit_code), placed.at[row.Index, "adm2_code"]
        if pd.notna(held) and len(unit) > 6 and held != unit:
            conflicts[int(row.Index)] = (str(held), unit)
        elif pd.isna(held) and len(unit) > 6 and placed.at[row.Index, "join_method"] != "within":
            placed.loc[row.Index, ["adm1_code", "adm2_code"]] = [unit[:6], unit]
            placed.loc[row.Index, ["geo_precision", "join_method"]] = ["adm2", "pcode"]
    reviews = [
        Review(row, "P-code", "The P-code names another district than the point or the name.", both)
        for row, both in conflicts.items()
    ]
    options = read.candidates.groupby("row")["unit_code"].agg(tuple)
    unsure = read.rows[read.rows["status"].isin(["disagrees", "undecided", "unknown code"])]
    for row in unsure.itertuples():
        reason = "The P-code does not agree with the names, or its edition is not certain."
        reviews.append(Review(int(row.Index), "P-code", reason, options.get(row.Index, ())))
    return placed, reviews


def _several_units(found: pd.DataFrame, column: str, reason: str) -> list[Review]:
    options = found.groupby("row")["unit_code"].agg(tuple)
    return [Review(int(row), column, reason, options[row]) for row in options.index]


def _targets(records: pd.DataFrame, ids: pd.Series, source_id: str) -> pd.DataFrame:
    has_one = records["target_type"].notna() | records["target_community"].notna()
    frame = records.loc[has_one, ["target_type", "target_community"]].assign(
        incident_id=ids[has_one], target_no=1, source_id=source_id
    )
    return frame.fillna({"target_type": "other"})


def _attributions(draft: Draft, ids: pd.Series, source_id: str) -> pd.DataFrame:
    rows = draft.attributions[draft.attributions["row"].isin(ids.index)]
    rows = rows[rows["actor_id"].notna()]
    number = (rows.groupby("row").cumcount() + 1).astype("str")
    incident = ids.reindex(rows["row"]).to_numpy()
    return rows[["actor_id", "kind", "by_whom", "words"]].assign(
        incident_id=incident, attribution_id=incident + "-by-" + number, source_id=source_id
    )


def _casualties(draft: Draft, ids: pd.Series, source_id: str) -> pd.DataFrame:
    rows = draft.casualties[draft.casualties["row"].isin(ids.index)]
    incident = ids.reindex(rows["row"]).to_numpy()
    columns = ["victim_group", "harm", "low", "best", "high", "qualifier", "words", "sex", "age"]
    is_subset = rows[["sex", "age"]].notna().any(axis=1)
    # As the codebook: an "of whom" row is told apart by whom it counts, and is never summed.
    of_whom = ("-" + rows["sex"]).fillna("") + ("-" + rows["age"]).fillna("")
    return rows[columns].assign(
        incident_id=incident,
        casualty_id=incident + "-" + rows["victim_group"] + "-" + rows["harm"] + of_whom,
        is_subset=is_subset,
        is_counted=~is_subset,
        source_id=source_id,
    )


def _statements(records: pd.DataFrame, ids: pd.Series, source_id: str) -> pd.DataFrame:
    text = records["description"].where(records["description"].notna(), records["title"])
    return pd.DataFrame(
        {
            "incident_id": ids,
            "source_id": source_id,
            "statement_no": 1,
            "statement": text,
            "original_sources": records["source_words"],
        }
    )
