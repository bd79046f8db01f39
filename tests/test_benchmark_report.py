"""What benchmarks keep, what the report makes of it, and how a run goes on."""

from __future__ import annotations

import importlib.util
import json
import re
import sys

import pytest

from benchmarks import growth, known, report, result, store
from benchmarks.__main__ import command_of, run_all
from benchmarks.known import BENCHMARKS, benchmark_of
from benchmarks.map.report import Budget, Result
from benchmarks.map.report import keep as keep_part
from benchmarks.plots import bars, curves, short
from benchmarks.result import RESULTS, TREND, Aim, keep, trend_line
from benchmarks.trend import compare, read_trend
from conflictmap.views import archive_facts
from tests.browser import ROOT

MACHINE = {"processor": "synthetic processor", "cores": 2, "memory_gb": 8.0, "python": "3.11.0"}


def kept(folder, name, **changes):
    """Write a synthetic result as `keep` would on a machine of its own."""
    one = {
        "ratios": {"sjoin / ours, CPU": 12.5},
        "aims": {"sjoin / ours, CPU": {"at_least": 10, "is_met": True}},
        "machine": MACHINE | {"load_average_at_begin": [0.5, 0.5, 0.5]},
        "command": f"python -m benchmarks.{name}",
        "measured_at": "2026-01-02T03:04:05+00:00",
        "commit": "abc1234",
        "figures": {"peers": {"ours": {"cpu_s": [0.1, 0.2, 0.3]}, "sjoin": {"cpu_s": 2.5}}},
    } | changes
    (folder / f"{name}.json").write_text(json.dumps(one), encoding="utf-8")
    return one


def run(ratio, *, day=1, name="join", machine="one", command="python -m benchmarks.join"):
    """Return a remembered run of January."""
    return {
        "name": name,
        "measured_at": f"2026-01-{day:02}T00:00:00+00:00",
        "commit": "",
        "machine": machine,
        "command": command,
        "ratios": {"faster": ratio},
    }


# --- keeping --------------------------------------------------------------------------------------


def test_result_tells_ratios_first_then_aims_then_machine(tmp_path):
    keep(
        "join",
        ratios={"sjoin / ours": 12.34567, "memory, MB": 700},
        aims={"sjoin / ours": 10, "memory, MB": Aim(at_most=500)},
        figures={"points": 5},
        folder=tmp_path,
    )
    one = json.loads((tmp_path / "join.json").read_text(encoding="utf-8"))
    assert list(one)[:3] == ["ratios", "aims", "machine"]
    assert list(one)[-1] == "figures"
    assert one["ratios"] == {"sjoin / ours": 12.35, "memory, MB": 700.0}
    assert one["aims"] == {
        "sjoin / ours": {"at_least": 10, "is_met": True},
        "memory, MB": {"at_most": 500, "is_met": False},
    }
    assert {"processor", "cores", "memory_gb", "load_average_at_begin", "python", "numpy"} <= set(
        one["machine"]
    )


def test_each_run_adds_a_line_to_the_trend(tmp_path):
    for ratio in (2, 3):
        keep("join", ratios={"faster": ratio}, aims={}, figures={}, folder=tmp_path)
    assert [line["ratios"] for line in read_trend(tmp_path)] == [{"faster": 2}, {"faster": 3}]
    assert {line["machine"] for line in read_trend(tmp_path)} == {
        result.machine_key(result.machine())
    }


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("'../join' is no name of a result.", {"name": "../join"}),
        ("Aims without a ratio: slower.", {"aims": {"slower": 1}}),
        ("nan is no ratio.", {"ratios": {"faster": float("nan")}}),
    ],
)
def test_what_is_no_result_is_refused(tmp_path, words, arguments):
    told = {"name": "join", "ratios": {"faster": 1.0}, "aims": {}, "figures": {}} | arguments
    with pytest.raises(ValueError, match=re.escape(words)):
        keep(told.pop("name"), **told, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_aim_has_one_side():
    with pytest.raises(ValueError, match="An aim has one side"):
        Aim(at_least=1, at_most=2)
    assert Aim(at_least=10).is_met(10) is True
    assert Aim(at_most=10).is_met(10.1) is False
    assert Aim(is_cost=True).is_met(3) is None
    assert Aim(is_cost=True).is_less_better


def test_command_holds_no_path_of_this_machine(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x", "--store", "/somewhere/a.db", "--rows", "5"])
    assert result.command().endswith(" --store FILE --rows 5")


@pytest.mark.parametrize(("is_whole", "name"), [(True, "map_slider"), (False, "map_slider_short")])
def test_budgets_of_the_map_are_aims(tmp_path, is_whole, name):
    figures = {
        "ratio_of_steps_a_second": 30.0,
        "frames_a_second": [51.0, 56.0, 54.0],
        "bytes_while_moving": 0,
        "plain_step_ms": {"median": 600.0},
        "plain_step_bytes": 440_000,
    }
    budget = Budget("bytes while it moves", 3, 0, "B")
    keep_part("slider", Result([], [budget], figures), {"is_whole": is_whole}, tmp_path)
    one = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert list(one["ratios"].values()) == [30.0, 3.0]
    assert one["aims"] == {"bytes while it moves, B": {"at_most": 0, "is_met": False}}
    assert one["figures"]["peers"]["map page"] == {"steps a second": 54.0, "bytes a step": 0}


# --- the trend ------------------------------------------------------------------------------------


def test_a_ratio_that_fell_by_more_than_a_fifth_is_named():
    told = compare([run(20, day=1), run(24, day=2), run(15, day=3)], {})
    assert [(one.ratio, one.now, one.before, one.runs) for one in told.slower] == [
        ("faster", 15, 22, 2)
    ]
    assert compare([run(20, day=1), run(17, day=2)], {}).slower == ()


def test_of_a_cost_it_is_the_rise_that_is_named():
    costs = {"join": {"faster"}}
    assert compare([run(10, day=1), run(13, day=2)], costs).slower[0].now == 13
    assert compare([run(10, day=1), run(5, day=2)], costs).slower == ()
    assert compare([run(0, day=1), run(3, day=2)], costs).slower[0].now == 3
    assert compare([run(0, day=1), run(0, day=2)], costs).slower == ()


def test_only_the_last_five_runs_count():
    old = [run(100, day=day) for day in range(1, 6)]
    new = [run(10, day=day) for day in range(6, 11)]
    assert compare([*old, *new, run(10, day=11)], {}).slower == ()


@pytest.mark.parametrize("other", [{"machine": "another"}, {"command": "with options"}])
def test_runs_that_are_not_alike_are_not_compared(other):
    told = compare([run(100, day=1, **other), run(10, day=2)], {})
    assert (told.slower, told.compared, told.alone) == ((), 0, ("join",))


# --- the report -----------------------------------------------------------------------------------


def test_without_results_the_report_says_so(tmp_path):
    page, pictures = report.make_report(tmp_path)
    assert "No benchmark has been run yet: there is no result in `benchmarks/results/`." in page
    assert "Nothing could be compared: no result has a run before it." in page
    assert page.count("Not measured yet. `make bench NAME=") == len(BENCHMARKS)
    assert pictures == {}


def test_report_shows_ratio_peers_machine_and_command(tmp_path):
    kept(tmp_path, "join")
    page, pictures = report.make_report(tmp_path)
    assert "| sjoin / ours, CPU | **12.5** | at least 10: met |" in page
    assert "| side | CPU, s |\n| --- | --- |\n| ours | 0.2 |\n| sjoin | 2.5 |" in page
    assert (
        "`python -m benchmarks.join`, 2026-01-02 03:04:05 UTC; commit abc1234;"
        " synthetic processor, 2 cores, 8 GB; load 0.5 at the beginning; Python 3.11.0." in page
    )
    assert list(pictures) == ["join.svg"]
    assert "![Points to districts: CPU seconds, less is better](benchmarks/join.svg)" in page
    assert "Not measured yet: `cluster`, " in page


def test_report_names_missed_aims_and_missing_peers(tmp_path):
    kept(
        tmp_path,
        "ingest",
        ratios={"ours / theirs": 11.6},
        aims={"ours / theirs": {"at_most": 3, "is_met": False}},
        figures={
            "missing": {"PostGIS": "make peers"},
            "failed": {"a peer": "ended with 1"},
            "notes": ["One | note."],
        },
    )
    page, _ = report.make_report(tmp_path)
    assert "- `ingest`: ours / theirs: 11.6, aim at most 3." in page
    assert "| ours / theirs | **11.6** | at most 3: **MISSED** |" in page
    assert "- Missing: PostGIS. Set it up with `make peers`." in page
    assert "- Failed: a peer: ended with 1" in page
    assert "- One | note." in page


def test_a_cell_cannot_end_its_column(tmp_path):
    kept(tmp_path, "join", figures={"peers": {"a|b": {"answer": "one\ntwo"}}})
    assert "| a\\|b | one two |" in report.make_report(tmp_path)[0]


def test_report_names_what_became_slower(tmp_path):
    one = kept(tmp_path, "join")
    runs = [trend_line("join", one | {"ratios": {"sjoin / ours, CPU": n}}) for n in (20, 12.5)]
    (tmp_path / TREND).write_text("".join(json.dumps(line) + "\n" for line in runs))
    page, _ = report.make_report(tmp_path)
    assert "- `join`: sjoin / ours, CPU: 12.5, was 20 (median of 1 run);" in page
    assert " load of the machine 0.5, was 0.5." in page


def test_the_same_results_make_the_same_bytes(tmp_path):
    kept(tmp_path, "join")
    assert report.make_report(tmp_path) == report.make_report(tmp_path)
    curve = {"title": "t", "x": "n", "y": "s", "lines": {"ours": [[10, 1], [100, 2]]}}
    assert curves(curve) == curves(curve)
    drawn = bars("t", "s", {"ours": 1, "sjoin": 300}, ["ours"])
    assert b"<dc:date>" not in drawn
    assert b"300" in drawn


def test_numbers_are_short():
    given = (0, 0.000123, 0.0456, 1.234, 45.67, 123.4, 1_234_567)
    assert [short(number) for number in given] == [
        *("0", "0.000123", "0.0456", "1.23", "45.7", "123", "1,234,567")
    ]


def test_committed_report_is_that_of_the_committed_results():
    page, pictures = report.make_report(RESULTS)
    stale = "Run `python -m benchmarks.report` and commit what it makes."
    assert report.PAGE.read_text(encoding="utf-8") == page, stale
    folder = report.PAGE.parent / report.PICTURES
    assert {path.name for path in folder.glob("*.svg")} == set(pictures), stale


def test_kept_results_hold_no_path_of_a_machine():
    for path in RESULTS.glob("*.json*"):
        found = re.search(r'(?<![\w"/])/(work|tmp|home|root|usr|Users)/', path.read_text("utf-8"))
        assert found is None, path.name


# --- running --------------------------------------------------------------------------------------


def test_every_benchmark_is_there_and_is_in_the_list():
    for one in BENCHMARKS:
        assert importlib.util.find_spec(f"benchmarks.{one.name}") is not None
    modules = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    beside = {"__main__", "known", "part", "plots", "report", "result", "trend"}
    assert modules - beside <= set(known.BY_NAME)


def test_a_result_belongs_to_the_longest_name():
    names = [benchmark_of(name) for name in ("join_10m", "store_load_short", "store_short")]
    assert [one.name for one in names if one] == ["join", "store_load", "store"]
    assert benchmark_of("joint") is None


def test_only_the_whole_run_is_shorter():
    soak = known.BY_NAME["soak"]
    assert command_of(soak, is_short=True)[-4:] == list(soak.short)
    assert command_of(soak, is_short=False)[1:] == ["-m", "benchmarks.soak"]


def test_a_run_goes_on_when_one_fails_and_says_what_came(tmp_path, capfd):
    def python(code):
        return [sys.executable, "-c", code]

    def keeping(name, aim, missing, code):
        return python(
            "from pathlib import Path; from benchmarks.result import keep;"
            f"keep({name!r}, ratios={{'r': 5}}, aims={{'r': {aim}}},"
            f" figures={{'missing': {missing!r}}}, folder=Path({str(tmp_path)!r}));"
            f"raise SystemExit({code})"
        )

    outcomes = run_all(
        {
            "ingest": python("raise SystemExit(3)"),
            "join": keeping("join_10m", 1, {"PostGIS": "make peers"}, 0),
            "slides": keeping("slides", 9, {}, 1),
            "store": keeping("store", 1, {}, 0),
        },
        tmp_path,
    )
    assert outcomes.words == [*("failed: ingest", "missed an aim: slides", "without PostGIS: join")]
    out, told = capfd.readouterr()
    assert "[4 of 4] store" in told
    assert out == ""  # the last line of stdout is a benchmark's own


# --- two benchmarks in small ----------------------------------------------------------------------


def test_store_and_plain_files_count_the_same(tmp_path):
    rows = store.write_tables(tmp_path / "tables", 400)
    ours, plain = (
        store._measure(side, tmp_path / "tables", str(tmp_path / side))
        for side in (store.SQLITE, store.PARQUET)
    )
    assert ours["count"]["answer"] == plain["count"]["answer"]
    assert ours["count"]["answer"][1] > 0
    assert ours["read"]["answer"] == plain["read"]["answer"]
    assert sum(ours["read"]["answer"].values()) == rows


@pytest.mark.parametrize("archive_from", [10, 10_000])
def test_view_model_and_plain_group_by_count_the_same(tmp_path, monkeypatch, archive_from):
    monkeypatch.setattr(growth, "MOST_A_PART", 300)  # two revisions
    monkeypatch.setattr(archive_facts, "ARCHIVE_FROM", archive_from)
    path = str(tmp_path / "store.sqlite")
    assert growth._fill(path, 500)["stored_mb"] > 0
    assert growth._work_out(path, 500)["made_cpu_s"] > 0
    assert growth._look(path, 500)["answers_unlike"] == 0


def test_a_size_that_memory_does_not_hold_is_left_out(monkeypatch):
    monkeypatch.setattr(growth, "available_mb", lambda: 8000.0)
    found = {1000: {"peak_mb": 900.0, "made_peak_mb": 500.0}}
    assert growth._too_large(5000, found) == ""
    assert growth._too_large(10_000, found) == (
        "10,000 incidents are not measured: by the 1,000 before them they would need some 9 GB of"
        " memory, and 8 GB are free."
    )
