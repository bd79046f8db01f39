"""The join benchmark: ways side by side, answers compared, and nothing left out in silence."""

from __future__ import annotations

import dataclasses
import importlib
import os
from pathlib import Path

import numpy as np
import pytest
import shapely

from benchmarks import join
from benchmarks.joining import ways
from benchmarks.joining.beside import Found, Measured, take_turns
from benchmarks.joining.given import (
    NO_POSITION,
    lowest_positions,
    read_given,
    write_on_borders,
    write_uniform,
)
from benchmarks.joining.turn import Join, take_turn
from benchmarks.joining.ways import OURS, PEERS, WAYS, WITHIN, Way
from conflictmap.locator import build_locator
from tests.browser import ROOT

POINTS = 2_000
IN_THIS_ENVIRONMENT = [
    way
    for way in WAYS
    if way.environment == "product" and not way.name.startswith("postgis") and way is not OURS
]


@pytest.fixture(scope="module")
def uniform(tmp_path_factory) -> Path:
    """A folder with a few points drawn evenly."""
    folder = tmp_path_factory.mktemp("uniform")
    write_uniform(folder, POINTS)
    return folder


@pytest.fixture(scope="module")
def borders(tmp_path_factory) -> Path:
    """A folder with a few points on borders."""
    folder = tmp_path_factory.mktemp("borders")
    write_on_borders(folder, POINTS)
    return folder


def answer_of(way: Way, folder: Path) -> np.ndarray:
    """Join the points of a folder in this process."""
    answer = folder / f"{way.name}.npy"
    with importlib.import_module(way.module).prepared(read_given(folder), **way.options) as joined:
        take_turn(joined, answer)
    return np.load(answer)


def our_answer(folder: Path) -> np.ndarray:
    """Join the points of a folder by the grid."""
    given = read_given(folder)
    return build_locator(given.polygons).locate(given.longitude, given.latitude)


def measured(cpu_s: float, **more: object) -> Measured:
    """Return a synthetic measurement."""
    return Measured(cpu_s=[cpu_s] * 3, wall_s=[cpu_s] * 3, **more)  # type: ignore[arg-type]


def found_of(**ways: Measured) -> Found:
    """Return a synthetic run of ours, at 0.1 s, and of others."""
    named = {name.replace("_", "-"): one for name, one in ways.items()}
    notes = {"build_cpu_s": 0.5, "read_cpu_s": 0.1}
    return Found({OURS.name: measured(0.1, peak_mb=40.0, notes=notes), **named}, held=900)


# --- what is given --------------------------------------------------------------------------------


def test_points_are_the_same_each_time_and_districts_keep_every_digit(uniform, tmp_path):
    write_uniform(tmp_path, POINTS)
    first, again = read_given(uniform), read_given(tmp_path)
    assert (first.longitude == again.longitude).all()
    assert (first.latitude == again.latitude).all()
    assert shapely.equals_exact(first.polygons, again.polygons).all()
    assert len(first.polygons) == 398


def test_every_other_point_on_borders_is_a_corner_that_several_districts_may_share(borders):
    given = read_given(borders)
    corners = shapely.points(given.longitude, given.latitude)[::2]
    pairs = shapely.STRtree(given.polygons).query(corners, predicate="intersects")
    districts = np.bincount(pairs[0], minlength=len(corners))
    assert districts.min() >= 1
    assert (districts >= 2).sum() > len(corners) / 2


def test_lowest_of_several_positions_is_the_answer_in_whatever_order_they_come():
    found = lowest_positions(np.array([2, 0, 2, 2]), np.array([7, 5, 3, 9]), 4)
    assert found.tolist() == [5, NO_POSITION, 3, NO_POSITION]


# --- the ways -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ours(uniform, borders) -> tuple[np.ndarray, np.ndarray]:
    """Our answers for both sets of points."""
    return our_answer(uniform), our_answer(borders)


@pytest.mark.parametrize("way", IN_THIS_ENVIRONMENT, ids=lambda way: way.name)
def test_way_gives_our_answer_on_borders_up_to_its_rule(way, ours, uniform, borders):
    anywhere, ours = ours
    assert (answer_of(way, uniform) == anywhere).all()
    theirs = answer_of(way, borders)
    is_unlike = theirs != ours
    if way.rule == "intersects":
        assert not is_unlike.any()
    else:
        assert is_unlike[::2].all()
        assert (theirs[is_unlike] == NO_POSITION).all()


def test_turn_counts_what_its_own_process_and_helpers_take(tmp_path):
    def work(_: object) -> np.ndarray:
        return np.ones(20_000_000)

    def positions(answer: np.ndarray) -> np.ndarray:
        return answer[:3]

    turn = take_turn(Join(work, positions), tmp_path / "answer.npy")
    assert np.load(tmp_path / "answer.npy").tolist() == [1, 1, 1]
    assert turn["cpu_s"] > 0
    assert turn["wall_s"] > 0
    if turn["peak_mb"] is not None:  # where the system lets it be read
        assert 150 < turn["peak_mb"] < 250
    with_helper = take_turn(Join(work, positions, helpers=[os.getpid()]), tmp_path / "answer.npy")
    assert with_helper["base_mb"] > 1.5 * turn["base_mb"]


def test_ways_take_turns_in_processes_of_their_own(uniform):
    said: list[str] = []
    found = take_turns([OURS, WITHIN], uniform, rounds=2, tell=said.append)
    assert said[-3:] == ["warm-up", "round 1 of 2", "round 2 of 2"]
    assert (found.missing, found.failed) == ({}, {})
    assert 0.4 * POINTS < found.held < 0.6 * POINTS
    assert [len(one.cpu_s) for one in found.measured.values()] == [2, 2]
    assert [one.unlike for one in found.measured.values()] == [0, 0]
    assert found.measured["ours"].notes["build_cpu_s"] > 0


# --- what cannot be measured is named -------------------------------------------------------------


def stand_in(name: str) -> Way:
    """Return a way that does as its name says."""
    return Way(name, name, "tests.join_stand_ins", "intersects", {"name": name})


def test_way_that_is_not_installed_is_named_and_the_others_go_on(uniform, monkeypatch, tmp_path):
    monkeypatch.setattr(ways, "PEERS", tmp_path / "no-environment")
    module = dataclasses.replace(stand_in("module"), module="benchmarks.joining.no_such_module")
    environment = dataclasses.replace(stand_in("environment"), environment="peers")
    found = take_turns([module, environment, stand_in("first")], uniform, rounds=0)
    assert found.missing == {
        "module": "No module named 'benchmarks.joining.no_such_module'",
        "environment": "no environment no-environment",
    }
    assert list(found.measured) == ["first"]


def test_missing_way_stands_in_the_report_and_in_the_figures():
    found = found_of(sjoin_within=measured(1.5, peak_mb=600.0))
    found.missing["duckdb"] = "no environment .venv-peers"
    lines = join.report(found, Found(), POINTS)
    told = "DuckDB spatial: MISSING, no environment .venv-peers. Set it up: make peers"
    assert told in lines
    kept = join.figures_of(found, Found(), POINTS)
    assert kept["missing"] == {"DuckDB spatial": "make peers"}
    assert join.faults_of(found, Found()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [("wrong", "ValueError: synthetic error"), ("killed", "ended with -9")],
)
def test_way_that_fails_is_named_and_the_others_go_on(uniform, name, said):
    found = take_turns([stand_in("first"), stand_in(name)], uniform, rounds=1)
    assert found.failed == {name: said}
    assert list(found.measured) == ["first"]
    assert len(found.measured["first"].cpu_s) == 1
    assert join.faults_of(found, Found()) == [f"{name} failed: {said}"]


def test_way_that_takes_too_long_is_ended_and_named(uniform):
    found = take_turns([stand_in("late")], uniform, rounds=0, most_s=2)
    assert found.failed == {"late": "did not end within 2 s"}
    assert found.measured == {}


def test_unlike_answers_are_counted(uniform):
    found = take_turns([stand_in("first"), stand_in("unlike")], uniform, rounds=0)
    assert found.held == POINTS
    assert found.measured["unlike"].unlike == POINTS
    assert found.measured["unlike"].without == POINTS - 1


# --- the verdict ----------------------------------------------------------------------------------


def test_verdict_names_the_ratio_last_and_below_the_aim_the_run_ends_with_one(monkeypatch, capsys):
    for cpu_s, ended in ((1.5, 0), (0.9, 1)):
        found = found_of(sjoin_within=measured(cpu_s, peak_mb=600.0))
        monkeypatch.setattr(join, "measure", lambda *_, found=found: (found, Found()))
        monkeypatch.setattr("sys.argv", ["join", "--points", str(POINTS)])
        assert join.main() == ended
        last = capsys.readouterr().out.splitlines()[-1]
        assert last == f"{cpu_s * 10:.1f} x (sjoin(within) / ours, CPU; aim 10 x)"


def test_ten_million_points_have_two_aims():
    ratios = join.ratios_of(found_of(sjoin_within=measured(2.0, peak_mb=600.0)))
    assert join.verdict(ratios, join.aims_of(10_000_000)) == (
        "15.0 x (sjoin(within) / ours, peak memory above base; aim 10 x); "
        "20.0 x (sjoin(within) / ours, CPU; aim 15 x)"
    )


def test_run_without_the_judged_peer_ends_with_one(monkeypatch, capsys):
    monkeypatch.setattr(join, "measure", lambda *_: (found_of(), Found()))
    monkeypatch.setattr("sys.argv", ["join", "--points", str(POINTS)])
    assert join.main() == 1
    assert capsys.readouterr().out.splitlines()[-1] == "no sjoin(within) / ours, CPU"


def test_answers_of_sjoin_that_its_rule_does_not_explain_are_faults():
    on_borders = found_of(
        sjoin_within=measured(1, unlike=9, without=9),
        sjoin_intersects=measured(1, unlike=1),
        duckdb=measured(1, unlike=3, without=1),
    )
    assert join.faults_of(found_of(sjoin_within=measured(1)), on_borders) == [
        "1 answers of geopandas.sjoin intersects (its default) for points on borders are not ours"
    ]
    on_borders.measured["sjoin-within"].unlike = 10
    assert len(join.faults_of(found_of(), on_borders)) == 2
    assert join.faults_of(found_of(sjoin_within=measured(1, unlike=1)), Found()) == [
        "1 answers of geopandas.sjoin within for points are not ours"
    ]


def test_only_the_full_set_of_ways_is_kept():
    assert [way.name for way in join.chosen_ways(["duckdb"], 1_000_000)] == ["ours", "duckdb"]
    assert join.chosen_ways(None, 1_000_000) == list(WAYS)
    assert {"ours", "sjoin-within"} < {way.name for way in join.chosen_ways(None, 10_000_000)}


# --- peers that the dashboard does not need -------------------------------------------------------


@pytest.mark.slow
def test_every_peer_that_is_set_up_gives_our_answer_or_says_that_it_is_missing():
    found, on_borders = join.measure(WAYS, POINTS, 1)
    assert found.failed == {}
    assert set(found.measured) | set(found.missing) == {way.name for way in WAYS}
    assert {name: one.unlike for name, one in found.measured.items() if one.unlike} == {}
    assert join.faults_of(found, on_borders) == []
    if (PEERS / ".installed").exists():
        assert {name for name in found.missing if not name.startswith("postgis")} == set()


def test_peers_have_the_pins_of_the_dashboard_where_it_has_them():
    def pins(file: Path) -> dict[str, str]:
        lines = [line.split("#")[0].strip() for line in file.read_text("utf-8").splitlines()]
        return dict(line.lower().split("==") for line in lines if "==" in line)

    product, peers = pins(ROOT / "requirements.txt"), pins(ROOT / "benchmarks" / "peers.txt")
    shared = product.keys() & peers.keys()
    assert {"geopandas", "shapely", "pandas", "numpy", "pyarrow"} <= shared
    assert {name: peers[name] for name in shared} == {name: product[name] for name in shared}
