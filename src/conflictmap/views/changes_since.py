"""What changed since an earlier revision, for the reader of a brief that was made from it.

Two questions, kept apart. *What was changed*: incidents added, withdrawn and re-coded, figures
revised, reports and other rows that came or went. *What that does to the headline numbers* of the
brief's own filter: every incident has exactly one part in the difference of a number, so the parts
add up to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from conflictmap.filters import IncidentFilter
from conflictmap.views.changed_rows import (
    FIELD_COLUMNS,
    RowDifference,
    as_text,
    changed_fields,
    is_in,
    row_difference,
)
from conflictmap.views.facts import Facts
from conflictmap.views.headline_changes import (
    HEADLINES,
    HeadlineChange,
    Sides,
    headline_change,
)

# What an incident consists of; its figures are told by themselves.
INCIDENT_TABLES = (
    *("incidents", "incident_places", "place_candidates", "incident_targets", "attributions"),
    *("casualties", "incident_sources"),
)

# The other nouns, each with the tables whose rows belong to one of it.
NOUNS: dict[str, tuple[str, ...]] = {
    "sources": (),
    "tallies": ("tally_areas",),
    "claims": ("claim_actors", "claim_areas"),
    "deployments": ("deployment_places",),
    "units": (),
    "actors": ("actor_names", "actor_leaders", "actor_areas"),
    "coverage": (),
}

_ENDS = ["low", "best", "high"]
_FIGURE = [*_ENDS, "qualifier", "words"]
_FLAGS = ["is_counted", "is_subset"]
# What tells one figure of an incident from another, whatever the label of its row.
_WHOSE = ["incident_id", "victim_group", "harm", *_FLAGS, "sex", "age", "nationality", "community"]
_WHOSE += ["source_id"]

REVISED_COLUMNS = [*_WHOSE, *(f"{name}_{when}" for when in ("before", "after") for name in _FIGURE)]


@dataclass(frozen=True)
class IdChanges:
    """Which rows of a noun came, went or changed, by id; what belongs to a row is part of it."""

    added: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether nothing changed."""
        return not (self.added or self.withdrawn or self.changed)


@dataclass(frozen=True)
class ChangesSince:
    """What changed between two revisions.

    Incidents are told where they pass the filter at one of the two revisions and are not outside
    its period there; ``elsewhere`` says how many others changed. Titles, words and values are text
    of sources: show them as text only.
    """

    before: int  # revisions
    after: int
    headlines: tuple[HeadlineChange, ...]
    added: tuple[str, ...]  # ids of incidents
    withdrawn: tuple[str, ...]
    recoded: tuple[str, ...]  # in a field other than a figure
    refigured: tuple[str, ...]  # in a figure; an incident may be in both
    fields: pd.DataFrame  # `changed_rows.FIELD_COLUMNS`, of the re-coded
    figures: pd.DataFrame  # `REVISED_COLUMNS`: a row a figure; an absent side is missing throughout
    elsewhere: int
    nouns: dict[str, IdChanges]  # of `NOUNS`, whatever the filter
    is_synthetic: bool = False

    @property
    def is_empty(self) -> bool:
        """Say whether nothing at all changed."""
        incidents = (self.added, self.withdrawn, self.recoded, self.refigured)
        nouns = all(noun.is_empty for noun in self.nouns.values())
        return not any(incidents) and not self.elsewhere and nouns


def changes_since(before: Facts, after: Facts, chosen: IncidentFilter) -> ChangesSince:
    """Return what changed between two revisions of one store, for a filter.

    Parameters
    ----------
    before
        As it was known then.
    after
        As it is known now, for the same viewer.
    chosen
        The scope of the brief.
    """
    names = (*INCIDENT_TABLES, *NOUNS, *(part for parts in NOUNS.values() for part in parts))
    differences = {
        name: row_difference(name, before.tables[name], after.tables[name]) for name in names
    }
    sides = Sides.of(before, after, chosen)
    both = sides.in_both
    fields = _fields(differences, both)
    figures = revised_figures(differences["casualties"], both)
    recoded, refigured = (sorted(set(rows["incident_id"])) for rows in (fields, figures))
    return ChangesSince(
        before=before.revision,
        after=after.revision,
        headlines=tuple(headline_change(sides, chosen, measure) for measure in HEADLINES),
        added=tuple(sides.added.sort_values()),
        withdrawn=tuple(sides.withdrawn.sort_values()),
        recoded=tuple(recoded),
        refigured=tuple(refigured),
        fields=fields,
        figures=figures,
        elsewhere=sides.count_elsewhere(_touched(differences)),
        nouns={noun: _id_changes(noun, before, after, differences) for noun in NOUNS},
        is_synthetic=after.is_synthetic,
    )


def revised_figures(difference: RowDifference, incidents: pd.Index) -> pd.DataFrame:
    """Return the figures of some incidents that differ, each then and now.

    A figure is known by its incident, victim group, harm, attributes and source, not by the label
    of its row: published again under another label it has not changed.

    Returns
    -------
    DataFrame
        `REVISED_COLUMNS`, counted figures first within an incident.
    """
    sides = []
    for changed, single in (
        (difference.before, difference.withdrawn),
        (difference.after, difference.added),
    ):
        parts = [part for part in (changed, single) if len(part)] or [changed]
        rows = pd.concat(parts, ignore_index=True)
        rows = rows.loc[is_in(rows["incident_id"], incidents), [*_WHOSE, *_FIGURE]]
        rows[_FLAGS] = rows[_FLAGS].fillna(False).astype(bool)
        rows["no"] = rows.groupby(_WHOSE, dropna=False).cumcount()
        sides.append(rows)
    found = sides[0].merge(
        sides[1],
        how="outer",
        on=[*_WHOSE, "no"],
        suffixes=("_before", "_after"),
        indicator="side",
        validate="1:1",
    )
    differs = (found["side"] != "both").to_numpy(dtype=bool)
    for name in _FIGURE:
        kind = "integer" if name in _ENDS else "text"
        texts = [as_text(found[f"{name}_{when}"], kind) for when in ("before", "after")]
        differs = differs | (texts[0] != texts[1])
    found = found.loc[differs, REVISED_COLUMNS]
    return found.sort_values(
        ["incident_id", "is_counted", "victim_group", "harm"],
        ascending=[True, False, True, True],
        kind="stable",
        ignore_index=True,
    )


def _fields(differences: dict[str, RowDifference], incidents: pd.Index) -> pd.DataFrame:
    parts = []
    for name in INCIDENT_TABLES:
        difference = differences[name]
        without: tuple[str, ...] = ()
        if name == "place_candidates":
            difference = _of_places(difference)
        if name == "casualties":  # rows that came or went are figures
            nothing = difference.added.iloc[:0]
            difference = RowDifference(nothing, nothing, difference.before, difference.after)
            without = (*_FIGURE, *_FLAGS, "victim_group", "harm")
        parts.append(changed_fields(name, difference, incidents, without=without))
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0][FIELD_COLUMNS]


def _of_places(difference: RowDifference) -> RowDifference:
    """Return the candidates for places of incidents alone."""
    return RowDifference(
        *(
            rows[(rows["subject_table"] == "incident_places").to_numpy(dtype=bool)]
            for rows in (
                *(difference.added, difference.withdrawn),
                *(difference.before, difference.after),
            )
        )
    )


def _touched(differences: dict[str, RowDifference]) -> set[str]:
    """Return every incident of which any row differs."""
    ids: set[str] = set()
    for name in INCIDENT_TABLES:
        difference, column = differences[name], "incident_id"
        if name == "place_candidates":
            difference, column = _of_places(difference), "subject_id"
        for rows in (difference.added, difference.withdrawn, difference.after):
            ids |= set(rows[column])
    return ids


def _id_changes(
    noun: str, before: Facts, after: Facts, differences: dict[str, RowDifference]
) -> IdChanges:
    """Return which rows of a noun came, went or changed, by id."""
    column = _id_of(noun)
    old, new = (set(facts.tables[noun][column]) for facts in (before, after))
    touched: set[str] = set()
    for name in (noun, *NOUNS[noun]):
        difference = differences[name]
        for rows in (difference.added, difference.withdrawn, difference.after):
            touched |= set(rows[column])
    changes = (new - old, old - new, touched & old & new)
    return IdChanges(*(tuple(sorted(ids)) for ids in changes))


def _id_of(noun: str) -> str:
    return {"sources": "source_id", "tallies": "tally_id", "coverage": "coverage_id"}.get(
        noun, f"{noun[:-1]}_id"
    )
