"""The register of armed groups and forces, and the claims about them.

A claim is a statement that is no incident: who says what of whom. Nothing here is counted as an
incident, and no claim enters any count. All texts are those of the sources: show them as text only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from conflictmap.distinct import joined_texts
from conflictmap.errors import QueryError
from conflictmap.schema import ATTRIBUTION_KINDS, label
from conflictmap.views.facts import Facts
from conflictmap.views.incident_table import incident_table
from conflictmap.views.incident_words import when
from conflictmap.views.said_of_groups import Said

NOT_CONFIRMED = "not confirmed"


@dataclass(frozen=True)
class ClaimFilter:
    """The chosen claims. An empty text chooses all."""

    topic: str = ""
    actor_id: str = ""
    speaker: str = ""


@dataclass(frozen=True)
class Group:
    """All that the reports say of one actor, each statement with its report."""

    actor_id: str
    name: str
    side: str
    status: str
    first_announced: str
    first_announced_words: str
    description: str
    coder_note: str
    names: pd.DataFrame
    leaders: pd.DataFrame
    areas: pd.DataFrame
    incidents: pd.DataFrame  # the first of `incident_table`, with what is said of this actor
    incidents_in_all: int
    incident_counts: Mapping[str, int]  # by kind of statement; kinds without one left out
    claims: pd.DataFrame
    reports: tuple[str, ...]


def register(facts: Facts) -> pd.DataFrame:
    """Return the actors as a table for the screen, by name.

    Returns
    -------
    DataFrame
        Indexed by ``actor_id``: Name, Side, Status, Incidents (that name it as perpetrator; a
        statement that only disputes it names nobody), Claims, First announced, Also called,
        Leaders, Areas, the incidents by kind of statement, and the number of Reports.
    """
    tables = facts.tables
    actors = tables["actors"].sort_values("name").set_index("actor_id")
    aliases = _listed(tables["actor_names"], "alias", actors.index)
    said = Said(facts)
    reports = said.reports()
    areas = tables["actor_areas"].assign(area=_area_names(facts, tables["actor_areas"]))
    return pd.DataFrame(
        {
            "Name": actors["name"],
            "Side": actors["affiliation"].map(_side),
            "Status": actors["status"].map(label),
            "Incidents": said.incidents().reindex(actors.index, fill_value=0),
            "Claims": _number_of(tables["claim_actors"], "claim_id", actors.index),
            "First announced": [_announced(row) for row in actors.itertuples()],
            "Also called": aliases,
            "Leaders": _listed(_with_doubt(tables["actor_leaders"]), "leader", actors.index),
            "Areas": _listed(areas, "area", actors.index),
            **{
                f"Incidents {kind}": said.incidents(kind).reindex(actors.index, fill_value=0)
                for kind in ATTRIBUTION_KINDS
            },
            "Reports": [
                len(_reports(tables, actor_id, reports.get(actor_id, set())))
                for actor_id in actors.index
            ],
        },
        index=actors.index,
    )


def group(facts: Facts, actor_id: str) -> Group:
    """Return one actor with all that is said of it.

    Raises
    ------
    QueryError
        If this revision has no such actor.
    """
    tables = facts.tables
    found = tables["actors"][tables["actors"]["actor_id"] == actor_id]
    if found.empty:
        raise QueryError(
            f"Revision {facts.revision} has no armed group of the id in the link."
            " Choose one from the list."
        )
    row = next(found.itertuples())
    leaders = _with_doubt(_of(tables["actor_leaders"], actor_id))
    areas = _of(tables["actor_areas"], actor_id)
    said = Said(facts)
    ids, in_all = said.first_of(actor_id)
    return Group(
        actor_id=actor_id,
        name=row.name,
        side=_side(row.affiliation),
        status=label(row.status),
        first_announced=_announced(row),
        first_announced_words=_text(row.first_announced_date_words),
        description=_text(row.description),
        coder_note=_text(row.coder_note),
        names=_by_report(_of(tables["actor_names"], actor_id), "alias", "Name"),
        leaders=pd.DataFrame(
            {
                "Leader": leaders["leader"],
                "Called": leaders["role"].fillna(""),
                "Report": leaders["source_id"],
            }
        ).reset_index(drop=True),
        areas=pd.DataFrame(
            {
                "Area": _area_names(facts, areas),
                "What is said": areas["area_words"],
                "Report": areas["source_id"],
            }
        ).reset_index(drop=True),
        incidents=_incidents(facts, actor_id, ids),
        incidents_in_all=in_all,
        incident_counts={
            kind: int(number)
            for kind in ATTRIBUTION_KINDS
            if (number := said.incidents(kind).get(actor_id, 0))
        },
        claims=claim_table(facts, ClaimFilter(actor_id=actor_id)),
        reports=_reports(tables, actor_id, said.reports().get(actor_id, set())),
    )


def claim_table(facts: Facts, chosen: ClaimFilter) -> pd.DataFrame:
    """Return claims as a table for the screen, in the order of the reports and their paragraphs.

    Returns
    -------
    DataFrame
        Indexed by ``claim_id``: Statement, Said by, About, Topic, Area, Figure, Made, Report,
        Paragraph and Coder's note.
    """
    tables = facts.tables
    claims = _chosen_claims(tables, chosen)
    actors = tables["actors"].set_index("actor_id")["name"]
    about = tables["claim_actors"]
    about = about.assign(name=about["actor_id"].map(actors))
    areas = tables["claim_areas"]
    areas = areas.assign(area=_area_names(facts, areas))
    worded = areas["area_words"].notna() & (areas["area_words"] != areas["area"])
    areas["area"] = areas["area"].where(~worded, areas["area"] + " (" + areas["area_words"] + ")")
    claims = claims.set_index("claim_id")
    return pd.DataFrame(
        {
            "Statement": claims["text"],
            "Said by": claims["said_by"],
            "About": _joined(about, "claim_id", "name", claims.index),
            "Topic": claims["topic"].map(label),
            "Area": _joined(areas, "claim_id", "area", claims.index),
            "Figure": [claim_figure(row) for row in claims.itertuples()],
            "Made": [_made(row) for row in claims.itertuples()],
            "Report": claims["source_id"],
            "Paragraph": claims["paragraph"],
            "Coder's note": claims["coder_note"].fillna(""),
        },
        index=claims.index,
    )


def claim_choices(facts: Facts) -> dict[str, dict[str, str]]:
    """Return what claims can be filtered by: topics, actors and speakers that have one, by name."""
    tables = facts.tables
    claims, about = tables["claims"], tables["claim_actors"]
    actors = tables["actors"].sort_values("name")
    spoken_of = actors[actors["actor_id"].isin(about["actor_id"])]
    return {
        "topic": {topic: label(topic) for topic in sorted(claims["topic"].unique())},
        "actor_id": dict(zip(spoken_of["actor_id"], spoken_of["name"], strict=True)),
        "speaker": {name: name for name in sorted(claims["said_by"].unique(), key=str.casefold)},
    }


def claim_figure(claim: Any) -> str:
    """Return a claim's figure with its qualifier: "at least 20 groups", "a large number ..."."""
    unit = _text(claim.value_unit)
    if pd.isna(claim.value_best):
        if pd.isna(claim.value_low) or pd.isna(claim.value_high):
            words = _text(claim.value_words)
            return f"{words} ({unit})" if words and unit else words
        number = f"{claim.value_low} to {claim.value_high}"
    else:
        number = str(claim.value_best)
        if claim.value_qualifier == "range":
            number += f" ({claim.value_low} to {claim.value_high})"
    limit = {"at_least": "at least ", "around": "around "}.get(_text(claim.value_qualifier), "")
    return f"{limit}{number} {unit}".rstrip()


def _chosen_claims(tables: Mapping[str, pd.DataFrame], chosen: ClaimFilter) -> pd.DataFrame:
    order = tables["sources"].set_index("source_id")["reading_order"]
    claims = tables["claims"]
    claims = claims.assign(order=claims["source_id"].map(order))
    claims = claims.sort_values(["order", "paragraph", "claim_id"], kind="stable")
    if chosen.topic:
        claims = claims[claims["topic"] == chosen.topic]
    if chosen.speaker:
        claims = claims[claims["said_by"] == chosen.speaker]
    if chosen.actor_id:
        about = tables["claim_actors"]
        ids = about.loc[about["actor_id"] == chosen.actor_id, "claim_id"]
        claims = claims[claims["claim_id"].isin(ids)]
    return claims


def _incidents(facts: Facts, actor_id: str, ids: pd.Index) -> pd.DataFrame:
    """Return incidents that name an actor, with what is said and by whom."""
    of_ids = facts.of(ids)
    named = _of(of_ids.tables["attributions"], actor_id)
    named = named[named["incident_id"].isin(ids)]
    said = named["kind"].map(label) + " by " + named["by_whom"]
    said = said.groupby(named["incident_id"]).agg("; ".join)
    rows = incident_table(of_ids, pd.Index(said.index))
    rows.insert(2, "Said of it", said.reindex(rows.index))
    return rows[["When", "What", "Said of it", "Province", "Killed", "Wounded", "Reports"]]


def _announced(actor: Any) -> str:
    """Return the first announcement of an actor in words no more certain than it is."""
    start, end = actor.first_announced_date_from, actor.first_announced_date_to
    if pd.isna(start) and pd.isna(end):
        return _text(actor.first_announced_date_words) or "not stated"
    return when(pd.Series({"date_from": start, "date_to": end}))


def _made(claim: Any) -> str:
    return "" if pd.isna(claim.date_from) and pd.isna(claim.date_to) else when(claim)


def _with_doubt(leaders: pd.DataFrame) -> pd.DataFrame:
    """Add ``leader``: the name, and "not confirmed" where the source hedges."""
    hedged = ~leaders["is_confirmed"].fillna(False).astype(bool)
    doubt = hedged.map({True: f" ({NOT_CONFIRMED})", False: ""}).astype("str")
    return leaders.assign(leader=leaders["leader_name"] + doubt)


def _area_names(facts: Facts, areas: pd.DataFrame) -> pd.Series:
    """Return each area as "District, Province": the edition's names, or as stated outside it."""
    names = facts.names_of("province") | facts.names_of("district")
    province = areas["adm1_code"].map(names).fillna(areas["province_name"])
    district = areas["adm2_code"].map(names).fillna(areas["district_name"])
    known = (district + ", " + province).fillna(district).fillna(province)
    return known.fillna(areas["country"]).fillna(areas["area_words"]).fillna("not stated")


def _side(affiliation: str) -> str:
    return "Islamic State" if affiliation == "islamic_state" else label(affiliation)


def _number_of(rows: pd.DataFrame, column: str, actor_ids: pd.Index) -> pd.Series:
    numbers = rows.groupby("actor_id")[column].nunique()
    return numbers.reindex(actor_ids).fillna(0).astype("int64")


def _reports(
    tables: Mapping[str, pd.DataFrame], actor_id: str, in_incidents: set[str]
) -> tuple[str, ...]:
    """Return the reports that say anything of an actor, in the order of reading.

    Parameters
    ----------
    in_incidents
        Those that do so of an incident.
    """
    claims = tables["claims"]
    about = _of(tables["claim_actors"], actor_id)["claim_id"]
    said = {
        source
        for name in ("actors", "actor_names", "actor_leaders", "actor_areas")
        for source in _of(tables[name], actor_id)["source_id"]
    }
    said |= set(claims.loc[claims["claim_id"].isin(about), "source_id"]) | in_incidents
    sources = tables["sources"].sort_values("reading_order")["source_id"]
    return tuple(source for source in sources if source in said)


def _of(rows: pd.DataFrame, actor_id: str) -> pd.DataFrame:
    return rows[rows["actor_id"] == actor_id]


def _by_report(rows: pd.DataFrame, column: str, title: str) -> pd.DataFrame:
    """Return distinct texts, each with the reports that use it."""
    reports = rows.groupby(column, sort=False)["source_id"].agg(", ".join)
    return pd.DataFrame({title: reports.index, "Report": reports.to_numpy()})


def _listed(rows: pd.DataFrame, column: str, actor_ids: pd.Index) -> pd.Series:
    return _joined(rows, "actor_id", column, actor_ids)


def _joined(rows: pd.DataFrame, key: str, column: str, ids: pd.Index) -> pd.Series:
    """Return the distinct texts of each id, joined; empty where it has none."""
    return joined_texts(rows[key], rows[column], ids, "; ")


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
