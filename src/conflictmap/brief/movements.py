"""Deployments and newly announced groups that reports date to the period of a brief."""

from __future__ import annotations

import pandas as pd

from conflictmap.brief.model import Paragraph, Section, Table
from conflictmap.brief.scope import BriefScope, period_name
from conflictmap.brief.words import first_of, verb
from conflictmap.periods import Period, standing_in
from conflictmap.schema import label
from conflictmap.views.deployments import deployments_as_of, statement_table
from conflictmap.views.facts import Facts
from conflictmap.views.incident_words import when

MOST_STATEMENTS = 20

_SHOWN = ("Last reported", "What", "Force", "Unit", "Strength", "From", "To or at", "Confidence")
_COLUMNS = ("When", *_SHOWN[1:], "Report")
_GROUP_COLUMNS = ("Announced", "Group", "Side", "Status", "Date in the source's words", "Report")


def movements_section(facts: Facts, scope: BriefScope) -> Section:
    """Return what reports say of forces moved and groups announced in the period."""
    parts = [_deployments(facts, scope), _groups(facts, scope)]
    return Section(
        "movements",
        "Deployments and new groups",
        tuple(paragraph for paragraph, _ in parts),
        tuple(table for _, table in parts if table.rows),
    )


def _deployments(facts: Facts, scope: BriefScope) -> tuple[Paragraph, Table]:
    rows = _of_scope(facts.tables["deployments"], scope)
    standing = _standing(rows, scope.period)
    inside = rows.loc[standing == "inside", "deployment_id"]
    found = []
    if len(inside):
        wanted = set(inside)
        everything = deployments_as_of(facts).everything
        found = [one for one in everything if one.deployment_id in wanted]
        found.sort(key=lambda one: (one.begin is None, str(one.begin), one.deployment_id))
    table = statement_table(found[:MOST_STATEMENTS])[[*_SHOWN, "Report"]].astype("object")
    cells = tuple(
        tuple("" if pd.isna(cell) else str(cell) for cell in row)
        for row in table.itertuples(index=False, name=None)
    )
    n, name = len(found), period_name(scope.period)
    text = f"{_statements(n)} on deployments {verb(n, 'is', 'are')} dated to {name}."
    if scope.period.is_all_dates:
        text = f"The reports read make {_statements(n)} on deployments, at any date or none."
    if not n:
        dated = "" if scope.period.is_all_dates else f" dates one to {name}"
        text = f"No statement on deployments in the reports read{dated}."
        text = text if dated else "The reports read make no statement on deployments."
    undated = int((standing == "not dated").sum())
    if undated:
        text += f" {_statements(undated)} {verb(undated, 'is', 'are')} not dated to it."
    text += " Strengths are never added up; an end that is not stated is not known."
    note = first_of(min(n, MOST_STATEMENTS), n, "by first day stated")
    return (
        Paragraph("deployments", text),
        Table("deployments", "Deployments that reports date to the period", _COLUMNS, cells, note),
    )


def _groups(facts: Facts, scope: BriefScope) -> tuple[Paragraph, Table]:
    actors = _of_scope(facts.tables["actors"], scope)
    days = actors[["first_announced_date_from", "first_announced_date_to"]]
    is_dated = days.notna().any(axis=1)
    dated = actors[is_dated].rename(
        columns={
            "first_announced_date_from": "date_from",
            "first_announced_date_to": "date_to",
        }
    )
    inside = dated[_standing(dated, scope.period) == "inside"]
    inside = inside.sort_values(["date_from", "date_to", "actor_id"], kind="stable")
    cells = tuple(
        (
            when(row),
            str(row.name_),
            "Islamic State" if row.affiliation == "islamic_state" else label(row.affiliation),
            label(row.status),
            "" if pd.isna(row.first_announced_date_words) else str(row.first_announced_date_words),
            str(row.source_id),
        )
        for row in inside.rename(columns={"name": "name_"}).head(MOST_STATEMENTS).itertuples()
    )
    n, name = len(inside), period_name(scope.period)
    groups = "1 group" if n == 1 else f"{n:,} groups" if n else "No group"
    at = "at a date that is stated" if scope.period.is_all_dates else f"in {name}"
    text = f"{groups} {verb(max(n, 1), 'was', 'were')} first announced {at}, by the reports read."
    undated = int(((actors["status"] != "confirmed") & ~is_dated).sum())
    if undated:
        groups = "1 group" if undated == 1 else f"{undated:,} groups"
        text += f" {groups} announced or reported without a day may or may not belong here."
    note = first_of(len(cells), n, "by date")
    return (
        Paragraph("groups", text),
        Table("groups", "Groups first announced in the period", _GROUP_COLUMNS, cells, note),
    )


def _of_scope(rows: pd.DataFrame, scope: BriefScope) -> pd.DataFrame:
    for column, values in (("source_id", scope.sources), ("actor_id", scope.actors)):
        if values:
            rows = rows[rows[column].isin(values)]
    return rows


def _standing(rows: pd.DataFrame, period: Period) -> pd.Series:
    """Say how each row stands to a period; what began in it and has no stated end is inside."""
    standing = standing_in(rows, period)
    if period.is_all_dates:
        return standing
    began = rows.assign(date_to=rows["date_from"])[rows["date_to"].isna()]
    began = began[began["date_from"].notna()]
    return standing.mask(
        standing.eq("not dated")
        & (standing_in(began, period) == "inside").reindex(rows.index, fill_value=False),
        "inside",
    )


def _statements(n: int) -> str:
    return "1 statement" if n == 1 else f"{n:,} statements"
