"""One restricted part of rows taken out of their tables: place, words, figures or attributions.

Each function gets all tables of a revision and says of which rows; it returns the tables with that
part as though nobody had stated it. A text that a table cannot be without becomes `WITHHELD`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from conflictmap.schema import PLACED_TABLES, TABLES, label
from conflictmap.store.coordinates_in_text import free_text_columns
from conflictmap.store.protection import FINER_WORDS, POINT_COLUMNS

Tables = dict[str, pd.DataFrame]
Rows = Mapping[str, pd.Series]
"""Of each table, which rows are meant."""

WITHHELD: Final = "For analysts only"

_BELOW_PROVINCE = ["adm2_code", "district_name", "place_name", "place_relation", "area_words"]
_BELOW_PROVINCE += [*POINT_COLUMNS, "precision_km", *FINER_WORDS]

# Names that whatever is left is told by: without them a figure would be nobody's.
_NAMES = ("publisher", "name", "country")
# Nothing is left of them without their words.
_ONLY_WORDS = ("claims", "claim_actors", "claim_areas", "actor_names", "actor_leaders")
_STRENGTH = ["strength_low", "strength_best", "strength_high", "strength_qualifier"]


def without_finer_places(tables: Tables, rows: Rows) -> Tables:
    """Return the tables with the places of some rows known no finer than to their province.

    A published figure or a coverage of a district is left out: of the province it would be false.
    """
    result = dict(tables)
    for name in PLACED_TABLES:
        found, table = rows[name], tables[name]
        if not found.any():
            continue
        if name in ("tally_areas", "coverage"):
            key = TABLES[name].key[0]
            narrow = set(table.loc[found & table["adm2_code"].notna(), key])
            result[name] = table[~table[key].isin(narrow)]
            if name == "tally_areas":
                tallies = result["tallies"]
                result["tallies"] = tallies[~tallies[key].isin(narrow)]
            continue
        changed = {
            column: table[column].mask(found) for column in _BELOW_PROVINCE if column in table
        }
        if "area_words" in changed and TABLES[name].key[0] == "actor_id":
            changed["area_words"] = table["area_words"].mask(found, WITHHELD)
        in_province = found & table["adm1_code"].notna()
        is_finer = in_province & table["geo_precision"].isin(("exact", "near", "adm2"))
        method = table["join_method"].mask(in_province, "province_name")
        changed["geo_precision"] = table["geo_precision"].mask(is_finer, "adm1")
        changed["join_method"] = method.mask(found & method.eq("ambiguous"), "none")
        result[name] = table.assign(**changed)
    return result


def without_words(tables: Tables, rows: Rows) -> Tables:
    """Return the tables without the free text of some rows, but for the names in `_NAMES`.

    Claims, aliases and leaders are nothing but words and left out.
    """
    result = dict(tables)
    for name, table in TABLES.items():
        found, held = rows[name].reindex(tables[name].index, fill_value=False), tables[name]
        if not found.any():
            continue
        if name in _ONLY_WORDS:
            result[name] = held[~found]
            continue
        required = {column.name for column in table.columns if column.required}
        result[name] = held.assign(
            **{
                column: held[column].mask(found, WITHHELD)
                if column in required
                else held[column].mask(found)
                for column in free_text_columns(table)
                if column not in _NAMES
            }
        )
    return result


def neutral_titles(tables: Tables, incidents: set[str]) -> Tables:
    """Return the tables with some incidents told by type and place code alone."""
    rows = tables["incidents"]
    found = rows["incident_id"].isin(incidents)
    if not found.any():
        return tables
    places = tables["incident_places"]
    places = places[places["incident_id"].isin(set(rows.loc[found, "incident_id"]))]
    codes = places["adm2_code"].fillna(places["adm1_code"]).fillna("place not known")
    listed = codes.groupby(places["incident_id"]).agg(lambda of: ", ".join(sorted(set(of))))
    where = dict(listed)
    titles = pd.Series(
        [
            f"{label(of.event_type)}, {where.get(of.incident_id, 'place not known')}"
            for of in rows[found].itertuples()
        ],
        index=rows.index[found],
        dtype="str",
    )
    emptied = [name for name in free_text_columns(TABLES["incidents"]) if name != "title"]
    changed = rows.assign(
        title=rows["title"].mask(found, titles.reindex(rows.index)),
        **{name: rows[name].mask(found) for name in emptied},
    )
    return tables | {"incidents": changed}


def without_figures(tables: Tables, rows: Rows) -> Tables:
    """Return the tables without casualties, published figures and strengths of some rows."""
    result = dict(tables)
    for name in ("casualties", "tallies"):
        found = rows[name].reindex(tables[name].index, fill_value=False)
        result[name] = tables[name][~found]
    deployed = tables["deployments"]
    result["deployments"] = deployed.assign(
        **{name: deployed[name].mask(rows["deployments"]) for name in _STRENGTH}
    )
    return result


def without_attributions(tables: Tables, rows: Rows) -> Tables:
    """Return the tables without what some rows say on who did it."""
    found = rows["attributions"].reindex(tables["attributions"].index, fill_value=False)
    return tables | {"attributions": tables["attributions"][~np.asarray(found, dtype=bool)]}
