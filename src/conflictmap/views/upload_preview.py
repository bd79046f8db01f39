"""What publishing would change, before it is published: incidents, deployments, areas, row counts.

Pure: the tables of a revision and the rows to add and to withdraw in, values to draw out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from conflictmap.schema import TABLES
from conflictmap.summaries import LEVELS, place_bins
from conflictmap.views.deployments import DeploymentsView, deployments_as_of, statement_table
from conflictmap.views.facts import Facts
from conflictmap.views.map_view import MapView, area_table, map_series, map_view, with_same_classes
from conflictmap.views.query import MapQuery

Tables = Mapping[str, pd.DataFrame]

NEW, CHANGED = "new", "changed"


@dataclass(frozen=True)
class IncidentsPreview:
    """The map of incidents before and after publishing, in the same classes."""

    before: MapView
    after: MapView

    @property
    def moved(self) -> pd.DataFrame:
        """Return the areas and totals that change: Code, Area, Before, After, Change."""
        sides = [
            area_table(view).set_index(["Code", "Area"])["Incidents"]
            for view in (self.before, self.after)
        ]
        both = pd.DataFrame({"Before": sides[0], "After": sides[1]}).fillna(0).astype("int64")
        both["Change"] = both["After"] - both["Before"]
        return both[both["Change"] != 0].reset_index()


@dataclass(frozen=True)
class DeploymentsPreview:
    """The statements on deployments that are new or changed, as they would stand.

    ``view`` holds those that the page on deployments would show, numbered anew, and those without a
    day; ``hidden`` counts those that a later statement on the same unit hides. ``table`` has a row
    a statement: #, Becomes, Last reported, What, Unit, To or at, To or at before, From.
    """

    view: DeploymentsView
    table: pd.DataFrame
    hidden: int


def facts_after(before: Facts, tables: Tables) -> Facts:
    """Return what would be known with other tables; of incidents nothing, where theirs are not."""
    bins = {level: place_bins(tables, level) for level in LEVELS} if "incidents" in tables else {}
    return Facts(before.revision, tables, before.edition, bins)


def tables_after(tables: Tables, additions: Tables, withdrawals: Tables) -> dict[str, pd.DataFrame]:
    """Return tables as publishing would leave them: rows go by their key, then rows are added.

    Of very many incidents the tables are not at hand, and are not changed here.
    """
    after = dict(tables)
    for name in {*additions, *withdrawals}:
        rows, key = after[name], list(TABLES[name].key)
        gone = withdrawals.get(name)
        if gone is not None and len(gone):
            rows = rows[~_keys(rows, key).isin(set(_keys(gone, key)))]
        added = additions.get(name)
        if added is not None and len(added):
            rows = pd.concat([rows, added.assign(added_in=0)], ignore_index=True)
        after[name] = rows
    return after


def incidents_preview(before: Facts, after: Facts) -> IncidentsPreview:
    """Count the incidents of all dates by province, before and after."""
    sides = (before, after)
    series = with_same_classes([map_series(facts, MapQuery()) for facts in sides])
    views = [map_view(facts, one) for facts, one in zip(sides, series, strict=True)]
    return IncidentsPreview(*views)


def deployments_preview(
    before: Facts, after: Facts, table: str, additions: pd.DataFrame
) -> DeploymentsPreview:
    """Return the statements that rows of a table add or change.

    Parameters
    ----------
    table
        "deployments", "deployment_places" or "units".
    additions
        Its rows that are new or changed.
    """
    touched = _touched(after, table, additions)
    known = set(before.tables["deployments"]["deployment_id"])
    whole, earlier = deployments_as_of(after), deployments_as_of(before)
    places_before = {
        statement.deployment_id: statement.places_of("destination")
        for statement in (*earlier.statements, *earlier.undated)
    }
    standing = [one for one in whole.statements if one.deployment_id in touched]
    shown = tuple(replace(one, number=number) for number, one in enumerate(standing, 1))
    undated = tuple(one for one in whole.undated if one.deployment_id in touched)
    rows = (*shown, *undated)
    full = statement_table(rows)
    was = [places_before.get(one.deployment_id, "") for one in rows]
    now = [one.places_of("destination") for one in rows]
    listed = pd.DataFrame(
        {
            "#": full["#"],
            "Becomes": [CHANGED if one.deployment_id in known else NEW for one in rows],
            "Last reported": full["Last reported"],
            "What": full["What"],
            "Unit": full["Unit"],
            "To or at": full["To or at"],
            "To or at before": pd.Series(
                [
                    "" if row.deployment_id not in known else "the same" if old == new else old
                    for row, old, new in zip(rows, was, now, strict=True)
                ],
                dtype="str",
            ).replace("", None),
            "From": full["From"],
        }
    )
    view = replace(
        whole, statements=shown, undated=undated, others=(), later=0, replaced=0, total=len(rows)
    )
    return DeploymentsPreview(view, listed, len(touched) - len(rows))


def rows_by_province(before: Facts, after: Facts, table: str) -> pd.DataFrame:
    """Count the rows of a placed table by province, before and after.

    Returns
    -------
    DataFrame
        The provinces whose number changes: Code, Area, Before, After, Change; rows without a
        province stand under "Not placed in a province".
    """
    names = before.names_of("province")
    counts = [
        facts.tables[table]["adm1_code"].fillna("").astype("str").value_counts()
        for facts in (before, after)
    ]
    both = pd.DataFrame({"Before": counts[0], "After": counts[1]}).fillna(0).astype("int64")
    both["Change"] = both["After"] - both["Before"]
    both = both[both["Change"] != 0].sort_index().rename_axis("Code").reset_index()
    areas = [names.get(code, "Not placed in a province") for code in both["Code"]]
    both.insert(1, "Area", pd.Series(areas, dtype="str"))
    return both


def _touched(after: Facts, table: str, additions: pd.DataFrame) -> set[str]:
    """Return the statements that rows of a table belong to."""
    if table == "units":
        rows = after.tables["deployments"]
        return set(rows.loc[rows["unit_id"].isin(additions["unit_id"]), "deployment_id"])
    return set(additions["deployment_id"])


def _keys(rows: pd.DataFrame, key: list[str]) -> pd.Series:
    """Return each row's key as text, whatever the types of its parts."""
    texts = rows[key].astype("str").agg("\x1f".join, axis=1)
    return texts if len(rows) else pd.Series([], dtype="str")
