"""The notable incidents of a brief, chosen by a rule that stands in the brief."""

from __future__ import annotations

import numpy as np
import pandas as pd

from conflictmap.brief.model import Paragraph, Section, Table
from conflictmap.brief.rows import NOT_LISTED, rows_of
from conflictmap.brief.selection import Selection
from conflictmap.brief.totals import Counts
from conflictmap.brief.words import incidents, verb
from conflictmap.incident_index import NO_START

MOST_NOTABLE = 10

RULE = (
    f"Rule: at most {MOST_NOTABLE} incidents with the most people killed and wounded together, of"
    " every victim group, by the best figure or, where there is none, the lower one; of equals the"
    " earlier first, then by id. An incident without any such figure is never chosen."
)

_COLUMNS = ("When", "What", "Province", "Killed", "Wounded", "Named as perpetrator", "Reports")


def notable_section(counts: Counts) -> Section:
    """Return the incidents in which most people were harmed."""
    heading, now = "Notable incidents", counts.now
    if counts.areas.suppressed_areas:
        return Section("notable", heading, (Paragraph("notable", NOT_LISTED),))
    ids, without = _chosen(now)
    text = f"{incidents(len(ids))} {verb(len(ids), 'is', 'are')} listed."
    if not len(ids):
        text = "No incident of the period has a figure of people killed or wounded."
    elif without:
        gives = verb(without, "gives", "give")
        text += f" {incidents(without)} of the period {gives} no figure above zero."
    table = Table(
        "notable", "Incidents with the most people harmed", _COLUMNS, rows_of(now, ids, _COLUMNS)
    )
    return Section(
        "notable",
        heading,
        (Paragraph("notable", text), Paragraph("notable-rule", RULE)),
        (table,) if table.rows else (),
    )


def _chosen(now: Selection) -> tuple[pd.Index, int]:
    """Return the ids by rank, and how many incidents have no figure above zero."""
    index = now.near.index
    harm = index.harm_done(now.scope)
    places = np.flatnonzero(now.inside & (harm > 0))
    day = index.first_day[places].astype("int64")
    day = np.where(day == NO_START, np.iinfo("int64").max, day)  # without a date: last of equals
    rank = np.lexsort((index.ids[places].to_numpy(dtype=object).astype("U"), day, -harm[places]))
    return index.ids[places[rank[:MOST_NOTABLE]]], int(now.inside.sum()) - len(places)
