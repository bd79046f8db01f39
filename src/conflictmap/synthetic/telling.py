"""Who tells of the made-up incidents: sources, their statements, and whom they name."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from conflictmap.mark import ID_START, MARK
from conflictmap.synthetic.eras import Weights, draw, draw_by_era, era_of

SOURCES = (
    ("dataset", "dataset", 0.4),
    *((f"news-{number}", "news", 0.5 / number) for number in range(1, 9)),
    ("analysis-1", "analysis", 0.05),
    ("analysis-2", "analysis", 0.04),
    ("blog", "blog", 0.03),
)
"""Name, kind and weight. The dataset claims to list every incident."""

DATASET = f"{ID_START}dataset"
NUMBER_OF_SOURCES: Weights = {"1": 0.62, "2": 0.27, "3": 0.11}
NAMED = 0.6  # share of the incidents with an actor
DISPUTED = 0.04  # of those that name one
KINDS: Weights = {"attributed": 0.6, "claimed": 0.27, "suspected": 0.13}
BY_WHOM = "synthetic speaker"


def source_rows() -> pd.DataFrame:
    """Return the rows of ``sources``, each with the mark in its id and in its title."""
    rows = []
    for number, (name, kind, _) in enumerate(SOURCES, start=1):
        title = f"{MARK} {name.replace('-', ' ')}"
        digest = hashlib.sha256(title.encode()).hexdigest()
        rows.append(
            {"source_id": ID_START + name, "title": title, "publisher": f"{MARK} publisher"}
            | {"source_kind": kind, "reading_order": number, "text_sha256": digest}
        )
    return pd.DataFrame(rows)


def coverage_rows(first: dt.date, last: dt.date, edition_id: str) -> pd.DataFrame:
    """Return the dataset's claim to list every incident of the country."""
    row = {"coverage_id": f"{ID_START}coverage", "area_no": 1, "source_id": DATASET}
    row |= {"measure": "incidents", "date_from": first, "date_to": last}
    row |= {"date_precision": "days", "date_basis": "stated", "is_event_level": True}
    row |= {"words": "synthetic claim to list every incident", "country": "Afghanistan"}
    row |= {"geo_precision": "country", "join_method": "country", "boundary_edition": edition_id}
    return pd.DataFrame([row])


def draw_sources(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw three different sources an incident, a column each, and how many of them told of it."""
    several = len(SOURCES)
    weights = np.array([weight for *_, weight in SOURCES])
    first = rng.choice(several, size, p=weights / weights.sum())
    step = rng.integers(0, several - 1, size)
    further = rng.integers(0, several - 2, size)
    second = (first + 1 + step) % several
    third = (first + 1 + (step + 1 + further) % (several - 1)) % several
    names = np.array([ID_START + name for name, *_ in SOURCES], dtype=object)
    count = draw(rng, NUMBER_OF_SOURCES, size).astype(int)
    return names[np.column_stack([first, second, third])], count


def statement_rows_of(ids: pd.Series, sources: np.ndarray, count: np.ndarray) -> pd.DataFrame:
    """Return the rows of ``incident_sources``, one for each source that told of an incident."""
    incident = np.repeat(np.arange(len(ids)), count)
    ends = np.cumsum(count)
    number = np.arange(len(incident)) - np.repeat(ends - count, count)
    return pd.DataFrame(
        {
            "incident_id": ids.to_numpy()[incident],
            "source_id": sources[incident, number],
            "statement_no": 1,
            "statement": "synthetic statement",
        }
    )


def draw_actors(rng: np.random.Generator, day: np.ndarray, event_type: np.ndarray) -> np.ndarray:
    """Draw who is named as having done it, of those who were there that day; None: nobody is."""
    actor = draw_by_era(rng, era_of(day), "actors")
    actor[rng.random(len(day)) >= NAMED] = None
    actor[event_type == "ordnance_found"] = None
    return actor


def attribution_rows_of(
    rng: np.random.Generator,
    ids: pd.Series,
    actor: np.ndarray,
    event_type: np.ndarray,
    day: np.ndarray,
    told_by: np.ndarray,
) -> pd.DataFrame:
    """Return the rows of ``attributions``: of a clash who took part, else who is said to be it."""
    named = np.flatnonzero(pd.notna(actor))
    kind = draw(rng, KINDS, len(named))
    kind[event_type[named] == "clash"] = "took_part"
    doubted = named[(kind != "took_part") & (rng.random(len(named)) < DISPUTED)]
    other, is_other = _other_side(rng, actor, day)
    fought = np.flatnonzero((event_type == "clash") & is_other)
    rows = pd.DataFrame(
        {
            "incident": np.concatenate([named, doubted, fought]),
            "actor_id": np.concatenate([actor[named], actor[doubted], other[fought]]),
            "kind": np.concatenate(
                [kind, np.full(len(doubted), "disputed"), np.full(len(fought), "took_part")]
            ),
        }
    ).sort_values("incident", kind="stable", ignore_index=True)
    incident_id = pd.Series(ids.to_numpy()[rows["incident"]], dtype="str")
    number = rows.groupby("incident").cumcount() + 1
    return rows.assign(
        incident_id=incident_id,
        attribution_id=incident_id + "-" + number.astype("str"),
        by_whom=BY_WHOM,
        source_id=told_by[rows["incident"], 0],
    ).drop(columns="incident")


def actor_rows(
    actors: pd.DataFrame, names: pd.DataFrame, wanted: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the groups and their names as we know them, without what reports say of them."""
    kept = ["actor_id", "name", "affiliation", "status"]
    groups = actors.loc[actors["actor_id"].isin(wanted), kept].assign(source_id=DATASET)
    spellings = names.loc[names["actor_id"].isin(wanted), ["actor_id", "alias"]]
    return groups, spellings.drop_duplicates().assign(source_id=DATASET)


def _other_side(
    rng: np.random.Generator, actor: np.ndarray, day: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return whom a group fights where both have a name of ours: the Taliban, or their enemies."""
    enemy = draw_by_era(rng, era_of(day), "actors")
    other = np.where(actor == "taliban", enemy, "taliban").astype(object)
    is_there = era_of(day) > 0  # the first era knows no Taliban yet
    is_named = is_there & pd.notna(actor) & (other != actor)
    own_side = np.isin(actor, ["haqqani-network"]) | np.isin(other, ["haqqani-network", "al-qaeda"])
    return other, is_named & ~own_side & (actor != "al-qaeda")
