"""The command's totals, and what they promise."""

from __future__ import annotations

import json

import pytest

from conflictmap import cli
from conflictmap.errors import QueryError
from conflictmap.views.query import MapQuery
from conflictmap.views.totals import BYS, totals
from tests.synthetic import attribution, casualty, facts_of, incident, place


@pytest.fixture
def command(store_url, monkeypatch, capsys):
    """Run `conflictmap totals` on the shipped data and return its JSON."""
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)

    def run(*options: str) -> dict:
        assert cli.main(["totals", "--json", *options]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def values(answer: dict) -> dict:
    return {row["key"]: row["value"] for row in answer["rows"]}


def test_casualty_article_reaches_its_own_four_totals(command):
    killed = values(
        command("--measure", "killed", "--by", "victim_group", "--source", "8am-2022-12")
    )
    wounded = values(
        command("--measure", "wounded", "--by", "victim_group", "--source", "8am-2022-12")
    )
    assert (killed["civilians"], killed["taliban"]) == (73, 23)
    assert (wounded["civilians"], wounded["taliban"]) == (141, 21)
    assert killed["civilians"] + killed["taliban"] == 96


def test_embassy_guard_and_attackers_are_told_apart_from_those_totals(command):
    killed = values(
        command("--measure", "killed", "--by", "victim_group", "--source", "8am-2022-12")
    )
    wounded = values(
        command("--measure", "wounded", "--by", "victim_group", "--source", "8am-2022-12")
    )
    assert (killed["attackers"], wounded["other_state"]) == (2, 1)


def test_json_has_the_promised_keys(command):
    answer = command()
    assert {
        "measure",
        "revision",
        "rows",
        "not_placed",
        "abroad",
        "not_dated",
        "not_stated",
        "overlaps",
        "total",
    } <= set(answer)
    assert set(answer["rows"][0]) == {"key", "name", "value", "low", "high"}


@pytest.mark.parametrize("by", ["province", "district"])
@pytest.mark.parametrize("measure", ["incidents", "killed", "wounded"])
def test_rows_and_bins_add_up_to_the_total(command, by, measure):
    answer = command("--by", by, "--measure", measure)
    rows = sum(row["value"] or 0 for row in answer["rows"])
    assert rows + answer["not_placed"] + answer["abroad"] + answer["suppressed"] == answer["total"]


@pytest.mark.parametrize("by", BYS)
def test_total_and_not_dated_are_all_that_pass_whatever_the_rows(command, by):
    answer = command("--by", by)
    assert answer["total"] + answer["not_dated"] + answer["outside_period"] == 27


def test_months_add_up_to_what_is_dated_to_a_month(command):
    answer = command("--by", "month")
    assert sum(row["value"] for row in answer["rows"]) == answer["total"] > 0


def test_tajik_border_guards_are_counted_abroad(command):
    assert command("--measure", "killed")["abroad"] == 2


def test_earlier_revision_knows_one_report_only(command):
    answer = command("--revision", "1")
    assert (answer["revision"], answer["total"]) == (1, 6)


def test_revision_that_does_not_exist_is_refused(store_url, monkeypatch, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    assert cli.main(["totals", "--revision", "99"]) == 1
    assert capsys.readouterr().err == "There is no revision 99. The latest is 5.\n"


def test_unknown_report_is_refused_rather_than_counted_as_nothing(store_url, monkeypatch, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    assert cli.main(["totals", "--source", "8am-2022-13"]) == 1
    assert "no report of the id '8am-2022-13'" in capsys.readouterr().err


def test_incident_of_two_actors_is_in_both_rows_and_once_in_the_total():
    facts = facts_of(
        actors=[{"actor_id": "a", "name": "A"}, {"actor_id": "b", "name": "B"}],
        incidents=[incident("x"), incident("y")],
        attributions=[attribution("x", "a", "claimed"), attribution("x", "b", "attributed", 2)],
    )
    answer = totals(facts, MapQuery(), "actor")
    assert {row.key: row.value for row in answer.rows} == {"a": 1, "b": 1, "none-named": 1}
    assert (answer.overlaps, answer.total) == (True, 2)


def test_figure_that_was_not_stated_is_null_and_not_zero():
    facts = facts_of(
        incidents=[incident("x")],
        incident_places=[place("x", "AF-KAB")],
        casualties=[casualty("x", "civilians", "killed", None)],
    )
    answer = totals(facts, MapQuery(measure="killed"), "province")
    assert [(row.key, row.value) for row in answer.rows] == [("AF-KAB", None)]
    assert (answer.total, answer.not_stated) == (0, 1)


def test_share_by_month_is_refused_with_the_way_out():
    with pytest.raises(QueryError, match="Use --by province or district"):
        totals(facts_of(), MapQuery(measure="share"), "month")
