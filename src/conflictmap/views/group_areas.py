"""Where reports and speakers place armed groups: what was said, never what we hold for so.

Two kinds are told apart: the area that a report itself gives for a group, and a claim of somebody
that one is present, active, in training or in transit there. Neither is in any count, and the map
gets codes and numbers only; all texts are those of the sources.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from conflictmap.schema import label
from conflictmap.views.facts import Facts
from conflictmap.views.groups import claim_figure
from conflictmap.views.incident_words import when

Kind = Literal["area", "claim"]

KIND_NAMES = {"area": "Area given by a report", "claim": "Claim"}

PRESENCE_TOPICS = ("presence", "activity", "fighters", "training", "transit_route")
"""The topics of claims that tell where somebody is."""


@dataclass(frozen=True)
class Told:
    """One thing that is said of groups and a place."""

    kind: Kind
    code: str  # of the unit drawn; empty where the place is not known to a province
    place: str
    groups: str
    text: str
    said_by: str
    when: str
    is_dated: bool
    source_id: str

    @property
    def line(self) -> str:
        """Return it as one line for the panel."""
        who = self.groups or "no group named"
        head = f"{KIND_NAMES[self.kind]}: {who}. {self.text.rstrip('.')}."
        tail = f"Said by {self.said_by}; {self.when}; report {self.source_id}."
        return " ".join(f"{head} {tail}".split())


@dataclass(frozen=True)
class GroupAreasView:
    """What is said of groups and places, as of a day."""

    told: tuple[Told, ...]
    left_out: int  # later than the day, or not known to be published by it

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the units that something is said of, by code."""
        return tuple(sorted({row.code for row in self.told if row.code}))

    def of(self, code: str) -> tuple[Told, ...]:
        """Return what is said of a unit."""
        return tuple(row for row in self.told if row.code == code)

    @property
    def words(self) -> str:
        """Return how many stand, how many of them are drawn, and how many have no day."""
        n, drawn = len(self.told), sum(bool(row.code) for row in self.told)
        undated = sum(not row.is_dated for row in self.told)
        parts = [f"{n} statements on where groups are: {drawn} name a province or district."]
        if undated:
            parts.append(f"{undated} have no day, nor has their report: they stand on any day.")
        if self.left_out:
            parts.append(f"{self.left_out} more are later, or not known to be published by then.")
        return " ".join(parts)


def group_areas(
    facts: Facts, day: dt.date | None, *, only_published: bool = False
) -> GroupAreasView:
    """Return what is said of armed groups and places, as of a day.

    Something said counts from its own day, else from the publication of its report; where neither
    is known it stands on any day, unless only what was published by the day is asked for.
    """
    rows = pd.concat([_areas(facts), _claims(facts)], ignore_index=True)
    since = rows["day"].fillna(rows["published"])
    stands = pd.Series(True, index=rows.index)
    if day is not None:
        stands &= ~(since > pd.Timestamp(day))
    if only_published:
        stands &= rows["published"] <= pd.Timestamp(day)
    sources = facts.tables["sources"]
    order = dict(zip(sources["source_id"], sources["reading_order"], strict=True))
    rows = rows.assign(order=rows["source_id"].map(order))
    shown = rows[stands].sort_values(["order", "kind", "code"], kind="stable")
    return GroupAreasView(
        told=tuple(_told(row) for row in shown.itertuples()), left_out=int((~stands).sum())
    )


def told_table(view: GroupAreasView) -> pd.DataFrame:
    """Return what is said as a table: On the map, Where, Group, What is said, and by whom.

    Text of sources; show it as text only.
    """
    rows = view.told
    return pd.DataFrame(
        {
            "Where": [row.place for row in rows],
            "On the map": ["yes" if row.code else "no: no province named" for row in rows],
            "Kind": [KIND_NAMES[row.kind] for row in rows],
            "Group": [row.groups for row in rows],
            "What is said": [row.text for row in rows],
            "Said by": [row.said_by for row in rows],
            "When": [row.when for row in rows],
            "Report": [row.source_id for row in rows],
        },
        dtype="str",
    ).replace("", None)


def _areas(facts: Facts) -> pd.DataFrame:
    """Return the areas of actors, outside claims aside: their place is no unit of ours."""
    tables = facts.tables
    rows = tables["actor_areas"]
    names = tables["actors"].set_index("actor_id")["name"]
    return _with_places(
        facts,
        rows.assign(
            kind="area",
            groups=rows["actor_id"].map(names),
            text=rows["area_words"],
            said_by="the report",
            when="no date",
            day=pd.NaT,
        ),
    )


def _claims(facts: Facts) -> pd.DataFrame:
    tables = facts.tables
    claims = tables["claims"]
    claims = claims[claims["topic"].isin(PRESENCE_TOPICS)]
    names = tables["actors"].set_index("actor_id")["name"]
    about = tables["claim_actors"].assign(name=tables["claim_actors"]["actor_id"].map(names))
    groups = about.groupby("claim_id", sort=False)["name"].agg("; ".join)
    figures = [claim_figure(row) for row in claims.itertuples()]
    claims = claims.assign(
        kind="claim",
        groups=claims["claim_id"].map(groups),
        text=[
            f"{label(row.topic)}: {row.text}{f' ({figure})' if figure else ''}"
            for row, figure in zip(claims.itertuples(), figures, strict=True)
        ],
        when=[when(row) for row in claims.itertuples()],
        day=claims["date_to"].fillna(claims["date_from"]),
    )
    rows = tables["claim_areas"].merge(claims, how="inner", on="claim_id", validate="m:1")
    return _with_places(facts, rows)


def _with_places(facts: Facts, rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``code``, ``place`` and ``published``, and keep the columns that are shown."""
    names = facts.names_of("province") | facts.names_of("district")
    stated = rows["district_name"].fillna(rows["province_name"]).fillna(rows["country"])
    code = rows["adm2_code"].fillna(rows["adm1_code"])
    sources = facts.tables["sources"]
    published = dict(zip(sources["source_id"], sources["published_date"], strict=True))
    columns = ["kind", "groups", "text", "said_by", "when", "day", "source_id"]
    return rows[columns].assign(
        day=pd.to_datetime(rows["day"]),
        code=code,
        place=code.map(names).fillna(stated).fillna(rows["area_words"]),
        published=pd.to_datetime(rows["source_id"].map(published)),
    )


def _told(row: Any) -> Told:
    return Told(
        kind=row.kind,
        code=_text(row.code),
        place=_text(row.place),
        groups=_text(row.groups),
        text=_text(row.text),
        said_by=_text(row.said_by),
        when=row.when,
        is_dated=pd.notna(row.day) or pd.notna(row.published),
        source_id=row.source_id,
    )


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
