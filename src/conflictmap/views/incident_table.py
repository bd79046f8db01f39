"""Incidents as a table that a person reads, on a screen or in a file.

It reads the tables of the incidents it is asked for and of no others, however many there are.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from conflictmap.distinct import joined_texts, map_texts
from conflictmap.filters import IncidentFilter
from conflictmap.schema import label
from conflictmap.summaries import figure_words, measure_incidents
from conflictmap.views.facts import Facts
from conflictmap.views.incident_words import PRECISION_NAMES, days_in_words

SHOWN_COLUMNS = ["When", "What", "Type", "Province", "District", "Place known to", "Killed"]
SHOWN_COLUMNS += ["Wounded", "Named as perpetrator", "Reports"]
"""What a screen shows of `incident_table`; a file has all of it."""

_ENDS = ["low", "best", "high"]


def incident_table(facts: Facts, ids: pd.Index) -> pd.DataFrame:
    """Return incidents as a person reads them, oldest first, those without dates last.

    Returns
    -------
    DataFrame
        Indexed by ``incident_id``: When, What, Type, Province, District, Place known to, Killed,
        Wounded, Named as perpetrator, Reports. Text of sources; show it as text only.
    """
    tables = facts.of(ids).tables
    rows = tables["incidents"].set_index("incident_id").loc[ids]
    rows = rows.sort_values(["date_from", "date_to"], na_position="last", kind="stable")
    everything = IncidentFilter()
    figures = {
        harm: measure_incidents(tables, rows.reset_index(), everything, harm)
        for harm in ("killed", "wounded")
    }
    names = facts.names_of("province") | facts.names_of("district")
    places, told, named = (
        _of(tables[name], rows.index)
        for name in ("incident_places", "incident_sources", "attributions")
    )
    actor = named["actor_id"].map(tables["actors"].set_index("actor_id")["name"])
    kind = map_texts(named["kind"], lambda kind: kind.replace("_", " "))

    def listed(column: str, names: Mapping[str, str]) -> pd.Series:
        texts = map_texts(places[column], lambda code: names.get(code, code))
        return joined_texts(places["incident_id"], texts, rows.index)

    return pd.DataFrame(
        {
            "When": days_in_words(rows),
            "What": rows["title"],
            "Type": rows["event_type"].map(label),
            "Province": listed("adm1_code", names),
            "District": listed("adm2_code", names),
            "Place known to": listed("geo_precision", PRECISION_NAMES),
            **{
                harm.capitalize(): [
                    figure_words(*row)
                    for row in figures[harm][_ENDS].itertuples(index=False, name=None)
                ]
                for harm in figures
            },
            "Named as perpetrator": joined_texts(
                named["incident_id"], actor + " (" + kind + ")", rows.index
            ),
            "Reports": joined_texts(told["incident_id"], told["source_id"], rows.index),
            **{
                f"{harm.capitalize()} {end}": figures[harm][end]
                for harm in figures
                for end in _ENDS
            },
        },
        index=rows.index,
    )


def _of(rows: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """Return the rows of some incidents, in their order."""
    return rows[ids.get_indexer(pd.Index(rows["incident_id"])) >= 0]
