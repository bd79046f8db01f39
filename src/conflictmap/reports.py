"""The coded reports of ``data/``: read, checked, placed and published, a revision a report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from conflictmap.access import Viewer
from conflictmap.boundaries import BoundaryEdition
from conflictmap.coded_tables import broken_references, read_table
from conflictmap.errors import IncidentFileError, Problem
from conflictmap.frames import empty_table, row_fingerprints, typed_table
from conflictmap.placing import PLACING_RULES, place_rows
from conflictmap.schema import PLACED_TABLES, TABLES
from conflictmap.store import Store, is_published, load_tables, publish

CODED_TABLES = tuple(name for name in TABLES if name != "place_candidates")

# Rows without a source of their own belong to the report of the row they hang on.
_PARENTS = {"claim_actors": "claims", "claim_areas": "claims", "tally_areas": "tallies"}


def read_coded_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the coded CSVs, one a table, and check them against the schema.

    Returns
    -------
    dict
        A frame a table of `CODED_TABLES`, typed, computed columns missing.

    Raises
    ------
    IncidentFileError
        With every problem of every file, a line each.
    """
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name in CODED_TABLES:
        tables[name], found = read_table(folder / f"{name}.csv", TABLES[name])
        problems += found
    problems += _broken_references(tables)
    if problems:
        raise IncidentFileError("\n".join(str(problem) for problem in problems))
    return tables


def place_tables(
    tables: Mapping[str, pd.DataFrame], edition: BoundaryEdition
) -> dict[str, pd.DataFrame]:
    """Give every row that has a place its codes, and add the table ``place_candidates``."""
    placed = dict(tables)
    candidates = [empty_table("place_candidates")]
    for name in PLACED_TABLES:
        rows, found = place_rows(tables[name], edition)
        placed[name] = typed_table(TABLES[name], rows)
        key_id, key_no = TABLES[name].key[:2]
        of = rows.loc[found["row"]]
        candidates.append(
            pd.DataFrame(
                {
                    "subject_table": name,
                    "subject_id": of[key_id].to_numpy(),
                    "place_no": of[key_no].to_numpy(),
                    "unit_code": found["unit_code"].to_numpy(),
                }
            )
        )
    together = pd.concat([part for part in candidates if len(part)] or candidates[:1])
    placed["place_candidates"] = typed_table(
        TABLES["place_candidates"], together.reset_index(drop=True)
    )
    return placed


def split_by_report(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, pd.DataFrame]]:
    """Split tables into the rows each report gave, reports in their reading order."""
    owners = {name: _source_of_rows(tables, name) for name in tables}
    order = tables["sources"].sort_values("reading_order")["source_id"]
    return {
        source_id: {
            name: rows[(owners[name] == source_id).to_numpy()] for name, rows in tables.items()
        }
        for source_id in order
    }


def publish_reports(
    store: Store, folder: Path, edition: BoundaryEdition, *, viewer: Viewer
) -> Iterator[tuple[str, int | None]]:
    """Publish each report that is new or whose coding has changed, as one revision a report.

    Yields
    ------
    tuple
        The report's id, and its new revision; None where this coding was published before.
    """
    coded = read_coded_tables(folder)
    placed: dict[str, dict[str, pd.DataFrame]] = {}
    for source_id, rows in split_by_report(coded).items():
        digest = _digest(rows, edition)
        if is_published(store, digest, viewer=viewer):
            yield source_id, None
            continue
        # Placing costs most of it, and only a new or changed report needs it.
        placed = placed or split_by_report(place_tables(coded, edition))
        wanted = placed[source_id]
        held = split_by_report(load_tables(store, viewer=viewer)).get(source_id, {})
        additions, withdrawals = _changes(held, wanted)
        verb = "Correction of" if held else "Coding of"
        revision = publish(
            store,
            additions,
            withdrawals=withdrawals,
            viewer=viewer,
            note=f"{verb} the report {source_id}",
            content_sha256=digest,
        )
        yield source_id, revision


def _broken_references(tables: Mapping[str, pd.DataFrame]) -> list[Problem]:
    problems = []
    for name, frame in tables.items():
        for index, column, value in broken_references(name, frame, tables):
            target = column.refers_to.split(".")[0]
            what, mend = f"'{value}' is not in {target}.csv.", "Add it there, or mend the id."
            problems.append(Problem(f"{name}.csv", index + 2, column.name, value, what, mend))
    return problems


def _source_of_rows(tables: Mapping[str, pd.DataFrame], name: str) -> pd.Series:
    """Return the report of each row of a table."""
    rows = tables[name]
    if "source_id" in rows.columns:
        return rows["source_id"]
    if name == "place_candidates":
        result = pd.Series(pd.NA, index=rows.index, dtype="object")
        for subject in rows["subject_table"].unique():
            of = rows["subject_table"] == subject
            result[of] = rows.loc[of, "subject_id"].map(_owners(tables, subject))
        return result
    if name == "incidents":
        # An incident belongs to the first report that told of it.
        return rows["incident_id"].map(_owners(tables, "incident_sources"))
    parent = _PARENTS[name]
    return rows[TABLES[name].key[0]].map(_owners(tables, parent))


def _owners(tables: Mapping[str, pd.DataFrame], name: str) -> pd.Series:
    """Return source_id by the first key column of a table; the first report where several."""
    order = tables["sources"].set_index("source_id")["reading_order"]
    key = TABLES[name].key[0]
    owners = pd.DataFrame({key: tables[name][key], "source_id": _source_of_rows(tables, name)})
    owners = owners.sort_values("source_id", key=lambda ids: ids.map(order), kind="stable")
    return owners.drop_duplicates(key).set_index(key)["source_id"]


def _changes(
    held: Mapping[str, pd.DataFrame], wanted: Mapping[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return the rows to add and the rows to withdraw so that `held` becomes `wanted`."""
    additions, withdrawals = {}, {}
    for name, rows in wanted.items():
        columns = TABLES[name].column_names
        before = held[name][columns] if held else rows.iloc[:0][columns]
        old, new = row_fingerprints(before), row_fingerprints(rows[columns])
        additions[name] = rows[~new.isin(set(old)).to_numpy()]
        withdrawals[name] = before[~old.isin(set(new)).to_numpy()]
    return additions, withdrawals


def _digest(tables: Mapping[str, pd.DataFrame], edition: BoundaryEdition) -> str:
    """Return the hash of coded rows, and of what decides where they are placed."""
    digest = hashlib.sha256(f"{edition.edition_id} {PLACING_RULES}".encode())
    for name in sorted(tables):
        digest.update(name.encode())
        digest.update("".join(sorted(row_fingerprints(tables[name]))).encode())
    return digest.hexdigest()
