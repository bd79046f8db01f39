"""docs/benchmarks.md and its pictures, made of what the benchmarks have kept.

Run it with `python -m benchmarks.report`; `make bench` does so behind each run. It measures
nothing: the same results give the same files.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.known import BENCHMARKS, Benchmark, benchmark_of
from benchmarks.plots import bars, curves, short
from benchmarks.result import RESULTS, machine_key
from benchmarks.trend import RUNS_BEFORE, WORSE, Compared, Slower, compare, read_trend
from conflictmap.settings import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
PICTURES = "benchmarks"  # the folder beside the page

Results = dict[str, dict[str, Any]]

_TITLES = {
    "cpu_s": "CPU, s",
    "cpu_ms": "CPU, ms",
    "wall_s": "wall, s",
    "wall_ms": "wall, ms",
    "peak_mb": "peak memory, MB",
    "rows_a_second": "rows a second",
    "answer": "answer compared",
}
_DRAWN = {"cpu_s": "CPU seconds", "cpu_ms": "CPU ms", "wall_s": "seconds", "wall_ms": "ms"}
"""The measurements of peers that are drawn, the first that every one of them has."""

_HEAD = """# Benchmarks

Made by `python -m benchmarks.report` from `benchmarks/results/`; do not edit it by hand.

`make bench` runs everything in `benchmarks/`, `make bench NAME=join` one of them. Each measures our
side and its peers in one run, by turns where that is possible, since whatever else a machine does
then strikes all of them. Ratios stand first: they travel better than seconds. CPU is the time of
the processes that do the work, wall what a clock on the wall shows; both are medians of several
rounds unless a table says otherwise. Everything is measured on made-up incidents
or on the few shipped reports. The load of the machine before a run stands below each result: where
it is well above 0 others were at work, and seconds of wall are longer than they need be.
"""


def main() -> int:
    """Write the page and its pictures."""
    page, pictures = make_report(RESULTS)
    folder = PAGE.parent / PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        if old.name not in pictures:
            old.unlink()
    for name, content in pictures.items():
        (folder / name).write_bytes(content)
    PAGE.write_text(page, encoding="utf-8")
    return 0


def make_report(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Return the page and its pictures by file name."""
    results = read_results(folder)
    compared = compare(
        read_trend(folder),
        {name: _less_is_better(result) for name, result in results.items()},
    )
    pictures: dict[str, bytes] = {}
    parts = [_HEAD, *_summary(results), *_missed(results), *_slower(compared)]
    for benchmark in BENCHMARKS:
        own = {name: result for name, result in results.items() if benchmark_of(name) is benchmark}
        parts += _section(benchmark, own, pictures)
    return "\n".join(parts).rstrip("\n") + "\n", pictures


def read_results(folder: Path) -> Results:
    """Return what was kept, by name, in the order of the benchmarks.

    Files of an earlier form, which had no aims by name, are passed over.
    """
    read = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
        if benchmark_of(path.stem)
    }
    found = {name: result for name, result in read.items() if "aims" in result}
    order = [benchmark.name for benchmark in BENCHMARKS]

    def place(name: str) -> tuple[int, str]:
        benchmark = benchmark_of(name)
        return (order.index(benchmark.name) if benchmark else len(order), name)

    return {name: found[name] for name in sorted(found, key=place)}


# --- the whole ------------------------------------------------------------------------------------


def _summary(results: Results) -> Iterator[str]:
    yield "## In short\n"
    if not results:
        yield "No benchmark has been run yet: there is no result in `benchmarks/results/`.\n"
        return
    yield from _table(
        ("result", "first ratio", "found", "aims met", "day"),
        (
            (f"[{name}](#{_anchor(name)})", *_judged(result), result["measured_at"][:10])
            for name, result in results.items()
        ),
    )
    without = [one.name for one in BENCHMARKS if one.name not in {_of(name) for name in results}]
    if without:
        yield f"Not measured yet: {', '.join(f'`{name}`' for name in without)}.\n"


def _judged(result: Mapping[str, Any]) -> tuple[str, str, str]:
    ratios = result["ratios"]
    if not ratios:
        return "", "", ""
    words = next(iter(ratios))
    met = [aim["is_met"] for aim in result["aims"].values() if "is_met" in aim]
    told = f"{sum(met)} of {len(met)}" if met else "no aim"
    return words, f"**{short(ratios[words])}**", told


def _missed(results: Results) -> Iterator[str]:
    yield "## Aims that are missed\n"
    missed = [
        f"- `{name}`: {words}: {short(result['ratios'][words])}, aim {_bound(aim)}."
        for name, result in results.items()
        for words, aim in result["aims"].items()
        if aim.get("is_met") is False
    ]
    if not results:
        yield "Nothing was measured.\n"
    else:
        yield "\n".join([*missed, ""]) if missed else "None of those that were measured.\n"


def _slower(compared: Compared) -> Iterator[str]:
    yield "## What became slower\n"
    yield (
        f"Each ratio against the median of up to {RUNS_BEFORE} runs before it, with the same"
        f" options on the same kind of machine; worse by more than {WORSE - 1:.0%} is named.\n"
    )
    lines = [
        f"- `{one.name}`: {one.ratio}: {short(one.now)}, was {short(one.before)}"
        f" (median of {_runs(one.runs)}); {_loads(one)}."
        for one in compared.slower
    ]
    if lines:
        yield "\n".join([*lines, ""])
        yield (
            "A ratio of two sides stands other work on the machine better than a figure of one side"
            " does: where the load was higher too, run it again on a quiet machine.\n"
        )
    elif compared.compared:
        yield f"None of {compared.compared} ratios that could be compared.\n"
    else:
        yield "Nothing could be compared: no result has a run before it.\n"
    if compared.alone and compared.compared:
        names = ", ".join(f"`{name}`" for name in compared.alone)
        yield f"Without a run before: {names}.\n"


# --- one benchmark --------------------------------------------------------------------------------


def _section(benchmark: Benchmark, results: Results, pictures: dict[str, bytes]) -> Iterator[str]:
    yield f"## {benchmark.title}\n"
    yield f"{benchmark.says}\n"
    if not results:
        yield f"Not measured yet. `make bench NAME={benchmark.name}` does it.\n"
    for name, result in results.items():
        yield f"### {name}\n"
        yield from _ratios(result)
        figures = result["figures"]
        if peers := figures.get("peers"):
            yield from _peers(peers)
            yield from _drawn_peers(name, benchmark, figures, pictures)
        for number, curve in enumerate(figures.get("curves", ()), 1):
            file = f"{name}_{number}.svg"
            pictures[file] = curves(curve)
            yield f"![{curve['title']}]({PICTURES}/{file})\n"
        yield from _notes(figures)
        yield f"{_made_by(result)}\n"


def _ratios(result: Mapping[str, Any]) -> Iterator[str]:
    if not result["ratios"]:
        return
    yield from _table(
        ("ratio", "found", "aim"),
        (
            (words, f"**{short(ratio)}**" if number == 0 else short(ratio), _verdict(result, words))
            for number, (words, ratio) in enumerate(result["ratios"].items())
        ),
    )


def _peers(peers: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    keys = list(dict.fromkeys(key for measured in peers.values() for key in measured))
    keys = [key for key in keys if any(_cell(measured.get(key)) for measured in peers.values())]
    yield from _table(
        ("side", *(_title(key) for key in keys)),
        ((side, *(_cell(measured.get(key)) for key in keys)) for side, measured in peers.items()),
    )


def _drawn_peers(
    name: str,
    benchmark: Benchmark,
    figures: Mapping[str, Any],
    pictures: dict[str, bytes],
) -> Iterator[str]:
    peers = figures["peers"]
    ours = figures.get("ours") or list(peers)[:1]
    for ending, key, unit in _drawn(peers):
        values = {side: _number(measured.get(key)) for side, measured in peers.items()}
        known = {side: value for side, value in values.items() if value is not None}
        what = f"{benchmark.title}{f', {ending}' if ending else ''}: {unit}, less is better"
        file = f"{name}{f'_{ending}' if ending else ''}.svg"
        pictures[file] = bars(what, unit, known, ours)
        yield f"![{what}]({PICTURES}/{file})\n"


def _drawn(peers: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return what is drawn of peers: the piece of work, its key, its unit."""
    keys = list(dict.fromkeys(key for measured in peers.values() for key in measured))
    whole = [
        key for key in keys if all(_number(one.get(key)) is not None for one in peers.values())
    ]
    if len(peers) < 2:
        return []
    for kind, unit in _DRAWN.items():
        if kind in whole:
            return [("", kind, unit)]
        works = [key.removesuffix(f"_{kind}") for key in whole if key.endswith(f"_{kind}")]
        if works:
            return [(work, f"{work}_{kind}", unit) for work in works]
    return []


def _notes(figures: Mapping[str, Any]) -> Iterator[str]:
    missing = figures.get("missing") or {}
    if isinstance(missing, Mapping):
        lines = [f"- Missing: {peer}. Set it up with `{how}`." for peer, how in missing.items()]
    else:
        lines = [f"- Missing: {peer}." for peer in missing]
    lines += [f"- Failed: {peer}: {said}" for peer, said in (figures.get("failed") or {}).items()]
    lines += [f"- {note}" for note in figures.get("notes", ())]
    if lines:
        yield "\n".join([*lines, ""])


def _made_by(result: Mapping[str, Any]) -> str:
    machine = result["machine"]
    load = machine.get("load_average_at_begin")
    parts = [
        f"`{result['command']}`, {result['measured_at'].replace('T', ' ').removesuffix('+00:00')}"
        " UTC",
        f"commit {result['commit']}" if result["commit"] else "commit not known",
        machine_key(machine),
        f"load {load[0]:g} at the beginning" if load else "load at the beginning not known",
        f"Python {machine['python']}",
    ]
    return f"{'; '.join(parts)}."


# --- words ----------------------------------------------------------------------------------------


def _title(key: str) -> str:
    """Return a measurement as a column's words: ``publish_cpu_s`` is "publish CPU, s"."""
    for known, words in _TITLES.items():
        if key == known:
            return words
        if key.endswith(f"_{known}"):
            return f"{key.removesuffix(known)}{words}".replace("_", " ")
    return key.replace("_", " ")


def _of(name: str) -> str:
    benchmark = benchmark_of(name)
    return benchmark.name if benchmark else name


def _less_is_better(result: Mapping[str, Any]) -> set[str]:
    return {
        words
        for words, aim in result["aims"].items()
        if "at_most" in aim or aim.get("is_cost") is True
    }


def _verdict(result: Mapping[str, Any], words: str) -> str:
    aim = result["aims"].get(words, {})
    if "is_met" not in aim:
        return ""
    return f"{_bound(aim)}: {'met' if aim['is_met'] else '**MISSED**'}"


def _bound(aim: Mapping[str, Any]) -> str:
    if "at_least" in aim:
        return f"at least {short(aim['at_least'])}"
    return f"at most {short(aim['at_most'])}"


def _runs(number: int) -> str:
    return "1 run" if number == 1 else f"{number} runs"


def _loads(one: Slower) -> str:
    now, before = ("not known" if x is None else f"{x:.3g}" for x in (one.load, one.load_before))
    return f"load of the machine {now}, was {before}"


def _anchor(name: str) -> str:
    return name  # a heading of one word is its own anchor


def _number(value: object) -> float | None:
    if isinstance(value, Sequence) and not isinstance(value, str):
        numbers = [one for one in value if isinstance(one, int | float)]
        return statistics.median(numbers) if numbers and len(numbers) == len(value) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


def _cell(value: object) -> str:
    """Return a value as a cell: a list of numbers by its median; nothing for what is nested."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    number = _number(value)
    if number is not None:
        return short(number)
    return value if isinstance(value, str) else ""


def _table(header: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    lines = [_row(header), _row(["---"] * len(header)), *(_row(row) for row in rows)]
    yield "\n".join([*lines, ""])


def _row(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"


if __name__ == "__main__":
    sys.exit(main())
