"""The command ``alerts``: what it prints, and what a scheduler learns from its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from conflictmap import cli
from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.frames import typed_table
from conflictmap.mark import MARK, SENTENCE
from conflictmap.schema import TABLES
from conflictmap.store import open_store, publish
from tests.synthetic import incident, place

SOURCE = f"{MARK}-dataset"


def tables_of(*days: str, start: int = 0) -> dict[str, pd.DataFrame]:
    """Return synthetic incidents in Kabul on some days."""
    rows: dict[str, list[dict[str, Any]]] = {"incidents": [], "incident_places": []}
    for number, day in enumerate(days, start=start):
        id = f"{MARK}-{number}"
        rows["incidents"].append(incident(id, day))
        rows["incident_places"].append(place(id, "AF-KAB", source_id=SOURCE))
    return {name: typed_table(TABLES[name], some) for name, some in rows.items()}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A synthetic store: two incidents at revision 1, two more at revision 2."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    monkeypatch.setenv("CONFLICTMAP_STORE", url)
    kept = open_store(url, kind="synthetic")
    first = tables_of("2022-11-30", "2022-12-05")
    publish(kept, first, viewer=LOCAL_ADMINISTRATOR, note="first")
    second = tables_of("2022-12-06", "2022-12-07", start=2)
    publish(kept, second, viewer=LOCAL_ADMINISTRATOR, note="second")


@pytest.fixture
def rules(tmp_path: Path) -> str:
    """A file with one rule: an incident or more in Kabul in a month."""
    return written(tmp_path, [{"measure": "incidents", "area": "AF-KAB", "at_least": 1}])


def written(folder: Path, content: object) -> str:
    path = folder / "rules.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["alerts", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.usefixtures("store")
def test_rule_that_is_met_is_printed_whole_and_the_exit_code_says_so(capsys, rules):
    code, out, _ = run(capsys, "--rules", rules)
    assert code == 4
    assert out.splitlines() == [
        SENTENCE,
        "Alerts: 1. Rules: 1. Revision: 2.",
        "Asked: periods that hold 2022-12-07.",
        "",
        "Incidents in Kabul in a month: at least 1; December 2022",
        "  figure: 3",
        "  beside it, in the whole country: 0 not placed, 0 not dated to the period",
        f"  incidents (3): {MARK}-1, {MARK}-2, {MARK}-3",
        "",
        "Answers asked for, a rule in a period each: 1. Below the threshold, as far as is reported:"
        " 0. Too few to say: 0.",
    ]


@pytest.mark.usefixtures("store")
def test_periods_that_end_after_the_day_are_asked(capsys, rules):
    shown = [
        [
            one["period"]
            for one in json.loads(run(capsys, "--rules", rules, "--json", *more)[1])["alerts"]
        ]
        for more in (("--since", "2022-11-01"), ("--since", "2022-11-30"))
    ]
    assert shown == [["2022-12", "2022-11"], ["2022-12"]]


@pytest.mark.usefixtures("store")
def test_what_was_met_at_a_revision_is_not_told_again(capsys, tmp_path):
    path = written(tmp_path, [f"measure=incidents&area=AF-KAB&at_least={n}" for n in (1, 3)])
    code, out, _ = run(capsys, "--since", "1", "--rules", path, "--json")
    found = json.loads(out)
    assert (code, found["since_revision"], found["no_longer_met"]) == (4, 1, [])
    assert [(one["period"], one["threshold"]) for one in found["alerts"]] == [("2022-12", 3)]
    code, out, _ = run(capsys, "--since", "2", "--rules", path, "--json")
    assert (code, json.loads(out)["alerts"]) == (0, [])


@pytest.mark.usefixtures("store")
def test_alert_that_is_no_longer_met_is_named(capsys, rules):
    kept = open_store(cli.read_settings().store_url)
    gone = tables_of("2022-11-30")
    publish(kept, {}, withdrawals=gone, viewer=LOCAL_ADMINISTRATOR, note="withdrawn")
    code, out, _ = run(capsys, "--since", "2", "--rules", rules)
    assert code == 0
    assert "No longer met, as they were at revision 2:" in out
    assert "  Incidents in Kabul in a month: at least 1; November 2022" in out


@pytest.mark.usefixtures("store")
def test_json_holds_the_mark_the_ids_and_both_ends(capsys, rules):
    found = json.loads(run(capsys, "--rules", rules, "--json")[1])
    assert found[MARK] == SENTENCE
    (alert,) = found["alerts"]
    assert alert["rule"] == "measure=incidents&area=AF-KAB&step=month&at_least=1"
    assert alert["figure"] == {
        "low": 3,
        "best": 3,
        "high": 3,
        "incidents": 3,
        "not_stated": 0,
        "words": "3",
    }
    assert (alert["from"], alert["to"], alert["revision"]) == ("2022-12-01", "2022-12-31", 2)
    assert alert["baseline"] is None
    assert (found["asked"], found["not_met"], found["too_few"]) == (1, 0, [])


@pytest.mark.usefixtures("store")
def test_without_rules_the_default_ones_are_too_few_to_say(capsys):
    code, out, _ = run(capsys)
    assert code == 0
    assert "Alerts: 0. Rules: 35. Revision: 2." in out
    assert "35: no report read claims to list every incident of this area and period" in out
    assert "calm" not in out


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "99"], "There is no revision 99. The latest is 2.\n"),
        (
            ["--since", "20221202x"],
            "'--since' is not a calendar date from 1900-01-01 to 2099-12-31. Write it as"
            " YYYY-MM-DD, for example 2022-12-02, or a revision as its number.\n",
        ),
        (
            ["--until", "2022-02-30"],
            "'--until' is not a calendar date from 1900-01-01 to 2099-12-31. Write it as"
            " YYYY-MM-DD, for example 2022-12-02.\n",
        ),
        (
            ["--rules", "missing.json"],
            "missing.json cannot be read (FileNotFoundError). Check its name and its rights, and"
            " that it is text in UTF-8.\n",
        ),
    ],
)
def test_what_cannot_be_used_is_an_error_and_no_alert(capsys, arguments, words):
    assert run(capsys, *arguments) == (1, "", words)


@pytest.mark.usefixtures("store")
def test_file_that_is_no_text_is_refused(capsys, tmp_path):
    path = tmp_path / "rules.json"
    path.write_bytes(b"\xff\xfe[]")
    code, _, error = run(capsys, "--rules", str(path))
    assert (code, "UnicodeDecodeError" in error) == (1, True)


@pytest.mark.usefixtures("store")
def test_day_after_the_last_one_asks_for_no_period(capsys):
    code, out, _ = run(capsys, "--since", "2023-01-01")
    assert code == 0
    assert "no period: the last day asked for is 2022-12-07" in out
