"""What a coarser file would lose: records replaced by a file that says less of them.

Files of one source replace each other's records. An export of ours, in our own template, has no
cell for the day that a record counts by nor for most victim groups: uploaded under the label of the
source that it came from, it would put coarser records in the place of finer ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from conflictmap.ingest.account import rows_to_publish
from conflictmap.ingest.upload import Examined

_PARTS = (
    ("casualties", ("incident_id", "victim_group", "harm"), "figure of a victim group"),
    ("attributions", ("incident_id", "actor_id", "kind"), "statement on who took part"),
    ("incident_places", ("incident_id", "place_no"), "place"),
    ("incident_targets", ("incident_id", "target_no"), "target"),
)
"""What belongs to an incident: table, what tells its rows apart, and words for one row."""


def warnings_of(examined: Examined) -> tuple[str, ...]:
    """Return what a person should know before publishing, a text each; none where all is well.

    Fixed words, numbers and the label of the source, which has letters, digits and hyphens only.
    """
    replaced = _coarser(examined)
    if not replaced:
        return ()
    lost = ["the day that each counts by", *_lost_rows(examined, replaced)]
    return (
        f"{_many(len(replaced), 'incident')} of the source '{examined.source['source_id']}' came"
        " from a finer file, which says by which day each counts. This file says less and has the"
        " same label, so publishing it puts coarser records in their place."
        f" Lost would be: {', '.join(lost)}. An incident of several days would then count only in"
        " a period that holds them all. To keep the finer records, give this file a label of its"
        " own, and leave out the rows that you did not change: nothing is replaced then. A row that"
        " may be an incident we have is asked about; one known only to its province or its month is"
        " not, and would count twice.",
    )


def _coarser(examined: Examined) -> set[str]:
    """Return the incidents with a counting date that the file would publish without one."""
    given = examined.assembled.tables["incidents"]
    held = examined.held["incidents"]
    finer = held.loc[held["counting_date"].notna(), "incident_id"]
    bare = given.loc[given["counting_date"].isna(), "incident_id"]
    changed = examined.comparison.changed & rows_to_publish(examined.report)
    return set(finer) & set(bare) & changed


def _lost_rows(examined: Examined, incidents: set[str]) -> list[str]:
    """Return how many rows of each part the file has no counterpart for, in words."""
    words = []
    for name, key, words_for_one in _PARTS:
        held, given = (
            _keys(tables[name], key, incidents)
            for tables in (examined.held, examined.assembled.tables)
        )
        if lost := int((~held.isin(given)).sum()):
            words.append(_many(lost, words_for_one))
    return words


def _keys(rows: pd.DataFrame, key: Sequence[str], incidents: set[str]) -> pd.MultiIndex:
    chosen = rows.loc[rows["incident_id"].isin(incidents), list(key)]
    return pd.MultiIndex.from_frame(chosen.astype("str"))


def _many(n: int, words: str) -> str:
    """Return a number of things: its first word is the noun."""
    noun, space, rest = words.partition(" ")
    return f"{n:,} {noun}{'' if n == 1 else 's'}{space}{rest}"
