"""Made-up incidents: as many as wanted, like real ones in time, place, precision and actors.

For training and for measuring. Nothing here reads as a report: no person is named, a title is
"Synthetic incident" and a number, and each row carries the mark of `mark` in its id or its source.
Everything is pure: the same number, seed and days give the same tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from conflictmap.boundaries import BoundaryEdition
from conflictmap.errors import QueryError
from conflictmap.frames import typed_table
from conflictmap.mark import ID_START
from conflictmap.schema import TABLES
from conflictmap.synthetic.eras import (
    ACTORS,
    COMMUNITIES,
    TARGETS,
    draw,
    draw_by_era,
    era_of,
    only_where,
)
from conflictmap.synthetic.forces import deployment_rows_of, unit_rows
from conflictmap.synthetic.harm import Happened, casualty_rows_of
from conflictmap.synthetic.places import draw_districts, place_rows_of
from conflictmap.synthetic.telling import (
    DATASET,
    actor_rows,
    attribution_rows_of,
    coverage_rows,
    draw_actors,
    draw_sources,
    source_rows,
    statement_rows_of,
)
from conflictmap.synthetic.times import date_columns, draw_days

FIRST_DATE, LAST_DATE = dt.date(1989, 1, 1), dt.date(2025, 12, 31)
MOST_INCIDENTS = 5_000_000
TARGETS_TOLD = 0.45  # share of the incidents with a target
COMMUNITIES_TOLD = 0.06  # of those


def synthetic_tables(
    edition: BoundaryEdition,
    known: Mapping[str, pd.DataFrame],
    *,
    incidents: int,
    seed: int,
    first: dt.date = FIRST_DATE,
    last: dt.date = LAST_DATE,
) -> dict[str, pd.DataFrame]:
    """Make up incidents and all that hangs on them.

    Parameters
    ----------
    edition
        The boundaries in whose districts they happen.
    known
        ``actors`` and ``actor_names`` of ``data/``: the groups keep their usual names.
    incidents
        How many.
    seed
        Another seed gives other incidents; the same one gives the same.
    first, last
        The days between which they happen, both included. An interval that is only known to the
        week, month or year may reach beyond them.

    Returns
    -------
    dict
        A frame a table of `schema.TABLES`, typed and placed. Tables that are not made up are empty.

    Raises
    ------
    QueryError
        If the number is none to make, or the last day is before the first.
    """
    _check(incidents, seed, first, last)
    rngs = [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(8)]
    ids, titles = _labels(incidents)
    days = draw_days(rngs[0], incidents, first, last)
    event_type = draw_by_era(rngs[1], era_of(days.day), "types")
    actor = draw_actors(rngs[2], days.day, event_type)
    told_by, count = draw_sources(rngs[3], incidents)
    both = np.column_stack([told_by[:, 0], np.where(count > 1, told_by[:, 1], told_by[:, 0])])
    dated = date_columns(rngs[4], days.day)
    by_first_day = (told_by[:, 0] == DATASET) & ~np.isnat(dated["date_from"])
    places = place_rows_of(rngs[5], ids, draw_districts(rngs[5], days, edition), edition)
    first_source = pd.Series(told_by[:, 0], index=ids.to_numpy())
    happened = Happened(days.day, event_type, actor)
    groups, names = actor_rows(known["actors"], known["actor_names"], ACTORS)
    deployments, deployment_places = deployment_rows_of(rngs[7], incidents, last, edition)
    made = {
        "sources": source_rows(),
        "incidents": pd.DataFrame(
            {"incident_id": ids, "title": titles, **dated, "event_type": event_type}
            | {"counting_date": only_where(by_first_day, "date_from")}
        ),
        "incident_places": places.assign(
            source_id=first_source.loc[places["incident_id"]].to_numpy()
        ),
        "incident_targets": _target_rows(rngs[1], ids, told_by[:, 0]),
        "attributions": attribution_rows_of(rngs[2], ids, actor, event_type, days.day, both),
        "casualties": casualty_rows_of(rngs[6], ids, happened, both),
        "incident_sources": statement_rows_of(ids, told_by, count),
        "actors": groups,
        "actor_names": names,
        "units": unit_rows(),
        "deployments": deployments,
        "deployment_places": deployment_places,
        "coverage": coverage_rows(first, last, edition.edition_id),
    }
    return {name: typed_table(table, made.get(name, [])) for name, table in TABLES.items()}


def _check(incidents: int, seed: int, first: dt.date, last: dt.date) -> None:
    if not 1 <= incidents <= MOST_INCIDENTS:
        raise QueryError(f"{incidents:,} incidents cannot be made. Give 1 to {MOST_INCIDENTS:,}.")
    if seed < 0:
        raise QueryError("A seed is a whole number from 0 on.")
    if last < first:
        raise QueryError(f"The last day {last} is before the first, {first}. Turn them round.")


def _labels(incidents: int) -> tuple[pd.Series, pd.Series]:
    """Return the ids and the titles."""
    width = max(6, len(str(incidents)))
    numbers = pd.Series(np.char.mod(f"%0{width}d", np.arange(1, incidents + 1)), dtype="str")
    return ID_START + numbers, "Synthetic incident " + numbers


def _target_rows(rng: np.random.Generator, ids: pd.Series, source_id: np.ndarray) -> pd.DataFrame:
    chosen = np.flatnonzero(rng.random(len(ids)) < TARGETS_TOLD)
    community = draw(rng, COMMUNITIES, len(chosen))
    community[rng.random(len(chosen)) >= COMMUNITIES_TOLD] = None
    return pd.DataFrame(
        {
            "incident_id": ids.to_numpy()[chosen],
            "target_no": 1,
            "target_type": draw(rng, TARGETS, len(chosen)),
            "target_community": community,
            "source_id": source_id[chosen],
        }
    )
