"""The bulk join beside its peers: a million points to their districts.

Run it with `python -m benchmarks.join`, after `make peers` for those that the dashboard does not
need. Every way of `benchmarks.joining.ways` joins the same points, each in a process of its own, by
turns, so that whatever else the machine does strikes all of them. The points stand ready in the
form a way wants before the clock starts. Each answer is compared with ours point by point, and once
more on points that lie on borders, where the rules differ.

`--points 10000000` measures those that end in reasonable time with so many; `--only` chooses. The
last line is the ratio to `sjoin(predicate="within")`. It ends with 1 where a ratio is below its
aim, a way fails, or an answer of `geopandas.sjoin` is not ours and its rule does not say why.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import result
from benchmarks.joining.beside import MOST_S, Found, Measured, take_turns
from benchmarks.joining.given import write_on_borders, write_uniform
from benchmarks.joining.ways import OURS, WAYS, WITHIN, Way

POINTS, MANY = 1_000_000, 10_000_000
ON_BORDERS = 20_000
ROUNDS = 3
CPU, MEMORY = "sjoin(within) / ours, CPU", "sjoin(within) / ours, peak memory above base"
AIMS = {POINTS: {CPU: 10.0}, MANY: {CPU: 15.0, MEMORY: 10.0}}
KEPT_AS = {POINTS: "join", MANY: "join_10m"}


def main() -> int:
    """Measure all, print the ratio first and last, and keep the figures."""
    options = _options()
    points, ways = options.points, chosen_ways(options.only, options.points)
    print(f"{points:,} points, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    found, on_borders = measure(ways, points, options.rounds, options.most_seconds)
    ratios = ratios_of(found)
    aims = aims_of(points)
    for line in report(found, on_borders, points):
        print(line)
    if options.only or points not in KEPT_AS:
        print("The figures are not kept: they are of a part of the ways, or of other points.")
    elif ratios:
        figures = figures_of(found, on_borders, points)
        result.keep(KEPT_AS[points], ratios=ratios, aims=aims, figures=figures)
    faults = faults_of(found, on_borders)
    for fault in faults:
        print(f"WRONG {fault}")
    print(verdict(ratios, aims))
    is_met = all(words in ratios and ratios[words] >= aim for words, aim in aims.items())
    return 0 if is_met and not faults else 1


def measure(
    ways: Sequence[Way], points: int, rounds: int = ROUNDS, most_s: float = MOST_S
) -> tuple[Found, Found]:
    """Let the ways join points drawn evenly, by turns, and then points on borders, once each."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as borders:
        write_uniform(Path(folder), points)
        found = take_turns(ways, Path(folder), rounds=rounds, most_s=most_s, tell=_tell)
        write_on_borders(Path(borders), min(points, ON_BORDERS))
        able = [way for way in ways if way.name in found.measured]
        return found, take_turns(able, Path(borders), rounds=0, most_s=most_s, tell=_tell)


def chosen_ways(only: Sequence[str] | None, points: int) -> list[Way]:
    """Return the ways to measure; ours always, and first."""
    if only:
        return [way for way in WAYS if way is OURS or way.name in only]
    return [way for way in WAYS if way.is_for_many or points < MANY]


def aims_of(points: int) -> dict[str, float]:
    """Return what the ratios should be for so many points."""
    return AIMS[MANY] if points >= MANY else AIMS[POINTS]


def ratios_of(found: Found) -> dict[str, float]:
    """Return how many times the CPU of ours the other ways take, `sjoin(within)` first."""
    ours = found.measured.get(OURS.name)
    if ours is None:
        return {}
    ratios: dict[str, float] = {}
    for way in WAYS:
        other = found.measured.get(way.name)
        if other is None or way is OURS:
            continue
        words = CPU if way is WITHIN else f"{way.title} / ours, CPU"
        ratios[words] = other.median_cpu_s / ours.median_cpu_s
        if way is WITHIN and other.peak_mb and ours.peak_mb:
            ratios[MEMORY] = other.peak_mb / ours.peak_mb
    return ratios


def faults_of(found: Found, on_borders: Found) -> list[str]:
    """Return what must not be: ways that fail, and answers of `geopandas.sjoin` unlike ours.

    On a border, "within" leaves a point in no district, which is its rule. The answers of other
    engines are told, but are theirs: their geometry libraries are others.
    """
    faults = [f"{name} failed: {said}" for name, said in found.failed.items()]
    faults += [f"{name} failed on borders: {said}" for name, said in on_borders.failed.items()]
    for way in WAYS:
        if not way.module.endswith("geopandas_sjoin"):
            continue
        for of, where in ((found, "points"), (on_borders, "points on borders")):
            one = of.measured.get(way.name, Measured())
            unlike = one.unlike
            if of is on_borders and way.rule == "within":
                unlike -= one.without
            if unlike:
                faults.append(f"{unlike:,} answers of {way.title} for {where} are not ours")
    return faults


def verdict(ratios: Mapping[str, float], aims: Mapping[str, float]) -> str:
    """Return the line that is printed last."""
    told = [
        f"{ratios[words]:.1f} x ({words}; aim {aim:.0f} x)" if words in ratios else f"no {words}"
        for words, aim in reversed(aims.items())  # that of CPU comes last
    ]
    return "; ".join(told)


# --- the report -----------------------------------------------------------------------------------


def report(found: Found, on_borders: Found, points: int) -> list[str]:
    """Return the lines that tell what was measured."""
    ratios = ratios_of(found)
    ours = found.measured.get(OURS.name)
    lines = [verdict(ratios, aims_of(points))]
    lines.append(
        f"{'way':<46}{'CPU s':>9}{'wall s':>9}{'M/s CPU':>9}{'peak MB':>9}{'x ours':>8}  unlike"
    )
    for way in WAYS:
        one = found.measured.get(way.name)
        if one is None:
            continue
        peak = "?" if one.peak_mb is None else f"{one.peak_mb:,.0f}"
        cpu, wall = one.median_cpu_s, statistics.median(one.wall_s)
        times = cpu / ours.median_cpu_s if ours else 0
        lines.append(
            f"{way.title:<46}{cpu:>9.3f}{wall:>9.3f}{points / cpu / 1e6:>9.2f}{peak:>9}"
            f"{times:>8.1f}  {one.unlike:,}; {_on_borders(way, on_borders)}"
        )
        lines += [f"    {words}" for words in _notes(one)]
        if way.remark:
            lines.append(f"    {way.remark}")
    for name, why in found.missing.items():
        lines.append(f"{_way(name).title}: MISSING, {why}. Set it up: {_way(name).set_up}")
    for name, said in found.failed.items():
        lines.append(f"{_way(name).title}: FAILED, {said}")
    lines.append(f"{found.held:,} of {points:,} points lie in a district")
    return lines


def figures_of(found: Found, on_borders: Found, points: int) -> dict[str, Any]:
    """Return the figures to keep, by title of a way."""
    peers = {}
    for way in WAYS:
        one = found.measured.get(way.name)
        if one is not None:
            peers[way.title] = {
                "cpu_s": [round(value, 4) for value in one.cpu_s],
                "wall_s": [round(value, 4) for value in one.wall_s],
                "peak_mb": None if one.peak_mb is None else round(one.peak_mb, 1),
                "rows_a_second": round(points / one.median_cpu_s),
                "answer": f"{one.unlike:,} unlike ours; {_on_borders(way, on_borders)}",
                "notes": "; ".join(_notes(one)),
            }
    ours = found.measured[OURS.name].notes
    return {
        "points": points,
        "points_in_a_district": found.held,
        "points_on_borders": min(points, ON_BORDERS),
        "peers": peers,
        "missing": {_way(name).title: _way(name).set_up for name in found.missing},
        "failed": {_way(name).title: said for name, said in found.failed.items()},
        "notes": [
            "CPU of all threads and processes of a way; rows a second by CPU. Peak: the most memory"
            " above what its processes held with the points ready, in the first turn.",
            f"The grid is built once a layer, in {ours['build_cpu_s']:.2f} s CPU, and read from its"
            f" cache in {ours['read_cpu_s']:.2f} s: that stands beside the join, as preparing the"
            " points in the form a peer wants does.",
            "geopandas.sjoin is given points without an index, as a file gives them; with their"
            " index kept from an earlier join stands beside it.",
            'On a border, "within" gives a point to no district, and "intersects" to each that'
            " shares it, of which the lowest code counts: ours does so.",
            *dict.fromkeys(way.remark for way in WAYS if way.remark and way.title in peers),
        ],
    }


def _on_borders(way: Way, on_borders: Found) -> str:
    one = on_borders.measured.get(way.name)
    if one is None:
        return "not asked on borders"
    if not one.unlike:
        return "on borders 0"
    other = one.unlike - one.without
    rule = ", its rule" if way.rule == "within" else ""
    return f"on borders {one.unlike:,} ({one.without:,} in no district{rule}; {other:,} other)"


def _notes(one: Measured) -> list[str]:
    return [
        f"{name}: {value:.3f}" if isinstance(value, float) else f"{name}: {value}"
        for name, value in one.notes.items()
    ]


def _way(name: str) -> Way:
    return next(way for way in WAYS if way.name == name)


def _tell(words: str) -> None:
    print(f"  {words}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.join", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="after the warm-up")
    parser.add_argument(
        "--only", nargs="+", choices=[way.name for way in WAYS], help="these, beside ours"
    )
    parser.add_argument(
        "--most-seconds", type=float, default=MOST_S, help="for a turn; who takes longer has failed"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
