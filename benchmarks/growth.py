"""What the first view of a store costs, and a change of filter, as the store grows.

Run it with `python -m benchmarks.growth` (10 thousand to 10 million incidents; the last ones take
some 25 minutes and 13 GB of disk), or with sizes: `python -m benchmarks.growth --incidents 10000
100000`. With `--keep FOLDER` stores stay there and are not filled again. Each store is synthetic,
in SQLite, filled and measured in processes of its own. A size whose memory would not be there,
going by the size before it, is left out and named.

*Worked out once*: what the store keeps of many incidents, made by whoever opens it first; of few
incidents nothing is kept. *First view*: the store opened in a new process, the map of 398 districts
and 300 months counted, classed and drawn up, without browser and Streamlit. *Change*: the same map
for another type of incident, made anew each time; its marks and reports, all else that a page says
of the whole period. *Two filters*: an actor and a type, which no store keeps together. *Weeks*:
two years that begin and end in mid-month. The peer counts the same incidents by district and month
with a plain pandas group-by over one flat table that it has in memory. Both must find the same
number in each district.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.part import available_mb, memory_mb, peak_mb, run_part, timed
from benchmarks.result import Aim, keep

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
MOST_A_PART = 1_000_000  # incidents that are made up and published at once
CHANGES = 12
CHANGE_MS = 50.0
"""The budget of the server's part of a view; here without Streamlit's share."""

FIRST, LAST = dt.date(2001, 1, 1), dt.date(2025, 12, 31)
_IDS = ("incident_id", "attribution_id", "casualty_id")
OURS, PLAIN = "view model", "pandas group-by"


def main() -> int:
    """Measure each size, print the ratios first, and keep them; 1 where answers differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--incidents", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for stores to be used again")
    parser.add_argument("--part", nargs=3, metavar=("WORK", "STORE", "N"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        work, store, incidents = options.part
        print(json.dumps(_PARTS[work](store, int(incidents))))
        return 0
    found: dict[int, dict[str, Any]] = {}
    notes: list[str] = []
    for incidents in sorted(options.incidents):
        if reason := _too_large(incidents, found):
            notes.append(reason)
            print(reason, flush=True)
            continue
        with ExitStack() as stack:
            folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            store, told = folder / f"{incidents}.sqlite", folder / f"{incidents}.json"
            parts = ["look"]
            if not told.exists():
                store.unlink(missing_ok=True)
                parts = ["fill", "work_out", "look"]
            found[incidents] = json.loads(told.read_text()) if told.exists() else {}
            for part in parts:
                print(f"{incidents:,} incidents: {_PART_WORDS[part]}", flush=True)
                found[incidents] |= run_part(
                    "benchmarks.growth", "--part", part, str(store), str(incidents)
                )
                if part == "work_out":
                    told.write_text(json.dumps(found[incidents]))
    return _report(found, notes)


_PART_WORDS = {
    "fill": "making them",
    "work_out": "working out what is kept",
    "look": "looking at them",
}


def _too_large(incidents: int, found: dict[int, dict[str, Any]]) -> str:
    """Return why a size is left out; empty where it is not."""
    if not found:
        return ""
    largest = max(found)
    peak = max(found[largest]["peak_mb"], found[largest]["made_peak_mb"])
    needed, there = peak * incidents / largest, available_mb()
    if needed <= there:
        return ""
    return (
        f"{incidents:,} incidents are not measured: by the {largest:,} before them they would need"
        f" some {needed / 1000:,.0f} GB of memory, and {there / 1000:,.0f} GB are free."
    )


# --- in a process of its own ----------------------------------------------------------------------


def _fill(path: str, incidents: int) -> dict[str, Any]:
    """Publish synthetic incidents, at most `MOST_A_PART` a revision."""
    from conflictmap.access import LOCAL_ADMINISTRATOR
    from conflictmap.boundaries import read_edition
    from conflictmap.coded_tables import read_table
    from conflictmap.schema import TABLES
    from conflictmap.settings import read_settings
    from conflictmap.store import open_store, publish
    from conflictmap.synthetic import synthetic_tables

    settings = read_settings({})
    known = {
        name: read_table(settings.data_folder / f"{name}.csv", TABLES[name])[0]
        for name in ("actors", "actor_names")
    }
    edition = read_edition(settings.edition_folder)
    store = open_store(f"sqlite:///{path}", kind="synthetic")

    def publish_all() -> None:
        for part, first in enumerate(range(0, incidents, MOST_A_PART)):
            number = min(MOST_A_PART, incidents - first)
            tables = synthetic_tables(edition, known, incidents=number, seed=part + 1)
            if part:  # what does not hang on an incident is there already
                tables = {
                    name: table.assign(
                        **{key: table[key] + f"-{part}" for key in _IDS if key in table}
                    )
                    for name, table in tables.items()
                    if "incident_id" in table
                }
            publish(store, tables, viewer=LOCAL_ADMINISTRATOR, note="synthetic")

    made = timed(publish_all)
    for engine in (store.reader, store.writer):
        engine.dispose()  # the last connection takes the log into the file
    return {
        "fill_cpu_s": made["cpu_s"],
        "fill_wall_s": made["wall_s"],
        "fill_peak_mb": peak_mb(),
        "stored_mb": Path(path).stat().st_size / 1e6,
    }


def _open(path: str) -> Any:
    from conflictmap.access import LOCAL_ADMINISTRATOR
    from conflictmap.boundaries import read_edition
    from conflictmap.settings import read_settings
    from conflictmap.store import open_store
    from conflictmap.views.archive_facts import open_facts

    edition = read_edition(read_settings({}).edition_folder)
    return open_facts(open_store(f"sqlite:///{path}"), edition, viewer=LOCAL_ADMINISTRATOR)


def _work_out(path: str, _incidents: int) -> dict[str, Any]:
    """Open the store for the first time, which makes what is kept of it."""
    before = Path(path).stat().st_size
    made = timed(partial(_open, path))
    return {
        "made_cpu_s": made["cpu_s"],
        "made_wall_s": made["wall_s"],
        "made_peak_mb": peak_mb(),
        "kept_mb": (Path(path).stat().st_size - before) / 1e6,
    }


def _look(path: str, incidents: int) -> dict[str, Any]:
    """Open the store, make the first view, then change the filter again and again."""
    from conflictmap.filters import IncidentFilter
    from conflictmap.periods import Period
    from conflictmap.schema import EVENT_TYPES
    from conflictmap.views.map_view import map_series, map_view
    from conflictmap.views.query import MapQuery

    base_mb = memory_mb()
    period = Period(FIRST, LAST)

    def series(facts: Any, step: str = "month", within: Period = period, **chosen: Any) -> Any:
        return map_series(
            facts, MapQuery(IncidentFilter(period=within, **chosen), level="district", step=step)
        )

    def open_and_look() -> Any:
        facts = _open(path)
        map_view(facts, series(facts))
        return facts

    first = timed(open_and_look)
    facts = first.pop("answer")
    held_mb, most_mb = memory_mb() - base_mb, peak_mb()
    count = _plain(facts)
    actors = list(facts.index.attributions["actor_id"].values)
    changes: dict[str, list[float]] = {name: [] for name in (*_CHANGES, "plain")}
    ours_wall, differ = [], 0
    for number in range(CHANGES + 1):
        kind = EVENT_TYPES[number % len(EVENT_TYPES)]
        start = FIRST + dt.timedelta(days=100 + 500 * number)
        weeks = Period(start, start + dt.timedelta(days=730))
        pair = {"event_types": (kind,), "actors": (actors[number % len(actors)],)}
        one = timed(partial(series, facts, event_types=(kind,)))
        counted = one.pop("answer")
        all_of_it = timed(partial(map_view, facts, counted))
        step = timed(partial(map_view, facts, counted, counted.keys[100 + number]))
        others = {
            "change": one,
            "marks": all_of_it,
            "step": step,
            "two": timed(partial(series, facts, **pair)),
            "weeks": timed(partial(series, facts, "week", weeks, event_types=(kind,))),
            "plain": timed(partial(count, kind)),
        }
        districts = {
            area.code: area.figure.incidents
            for area in counted.counts.at(0).areas
            if area.figure.incidents
        }
        differ += districts != others["plain"]["answer"]
        if number:  # the first change only warms up
            ours_wall.append(1000 * one["wall_s"])
            for name, measured in others.items():
                changes[name].append(1000 * measured["cpu_s"])
    return {
        "first_cpu_s": first["cpu_s"],
        "first_wall_s": first["wall_s"],
        **{f"{name}_cpu_ms": times for name, times in changes.items()},
        "change_wall_ms": ours_wall,
        "held_mb": held_mb,
        "peak_mb": most_mb,
        "answers_unlike": differ,
    }


_CHANGES = {
    "change": "another type",
    "marks": "the marks and reports of it",
    "step": "one month of it",
    "two": "an actor and a type",
    "weeks": "two years by week",
}


def _plain(facts: Any) -> Callable[[str], dict[str, int]]:
    """Return the plain way: a filter and a group-by over one flat table in memory."""
    import pandas as pd

    index = facts.index
    first, last = (np.datetime64(day, "D").astype(int) for day in (FIRST, LAST))
    inside = (index.first_day >= first) & (index.last_day <= last)
    months = index.first_day[inside].astype("datetime64[D]").astype("datetime64[M]").astype("int32")
    names = list(index.bin_names["district"])
    flat = pd.DataFrame(
        {
            "district": pd.Categorical.from_codes(index.bins["district"][inside], names),
            "kind": pd.Categorical.from_codes(
                index.event_type.codes[inside], list(index.event_type.values)
            ),
            "month": months,
        }
    )

    def count(kind: str) -> dict[str, int]:
        chosen = flat[flat["kind"] == kind]
        cells = chosen.groupby(["district", "month"], observed=True).size()
        whole = cells.groupby(level=0, observed=True).sum()
        return {code: int(n) for code, n in whole.items() if str(code).startswith("AF-")}

    return count


_PARTS: dict[str, Callable[[str, int], dict[str, Any]]] = {
    "fill": _fill,
    "work_out": _work_out,
    "look": _look,
}


# --- the report -----------------------------------------------------------------------------------


def _report(found: dict[int, dict[str, Any]], notes: list[str]) -> int:
    least, largest = min(found), max(found)
    change = {n: statistics.median(one["change_cpu_ms"]) for n, one in found.items()}
    plain = {n: statistics.median(one["plain_cpu_ms"]) for n, one in found.items()}
    ratios: dict[str, float] = {}
    aims: dict[str, float | Aim] = {}
    for n in found:
        words = f"change of filter, {n:,} incidents, CPU ms"
        ratios[words], aims[words] = change[n], Aim(at_most=CHANGE_MS)
    for n in found:
        words = f"change of filter, {n:,} incidents: {OURS} / {PLAIN}, CPU"
        ratios[words], aims[words] = change[n] / plain[n], Aim(is_cost=True)
        for name in ("step", "two", "weeks", "marks"):
            words = f"{_CHANGES[name]}, {n:,} incidents, CPU ms"
            aim = Aim(at_most=CHANGE_MS)
            ratios[words], aims[words] = statistics.median(found[n][f"{name}_cpu_ms"]), aim
    for words, ratio in ratios.items():
        print(f"{ratio:,.2f}  {words}")
    if least != largest:
        times = f"{largest / least:,.0f} times as many incidents"
        for words, ratio in {
            f"{times}: change of filter, CPU": change[largest] / change[least],
            f"{times}: first view, CPU": (
                found[largest]["first_cpu_s"] / found[least]["first_cpu_s"]
            ),
            f"{times}: memory held": found[largest]["held_mb"] / found[least]["held_mb"],
        }.items():
            ratios[words], aims[words] = ratio, Aim(is_cost=True)
            print(f"{ratio:,.2f}  {words}")
    for n, one in found.items():
        print(
            f"{n:,}: worked out once in {one['made_cpu_s']:.1f} s CPU ({one['kept_mb']:,.0f} MB"
            f" kept), first view {one['first_cpu_s']:.1f} s CPU, holds {one['held_mb']:,.0f} MB,"
            f" at most {one['peak_mb']:,.0f} MB; file of {one['stored_mb']:,.0f} MB,"
            f" filled in {one['fill_cpu_s']:.0f} s CPU; {one['answers_unlike']} answers unlike"
        )
    unlike = sum(one["answers_unlike"] for one in found.values())
    keep(
        "growth" if largest >= max(SIZES) else "growth_short",
        ratios=ratios,
        aims=aims,
        figures={
            "peers": {
                f"{n:,} incidents": _row(one, change[n], plain[n]) for n, one in found.items()
            },
            "curves": _curves(found, change, plain),
            "notes": notes,
            "sizes": {str(n): one for n, one in found.items()},
        },
    )
    return 1 if unlike else 0


def _row(one: dict[str, Any], change: float, plain: float) -> dict[str, Any]:
    return {
        "worked out once, CPU s": round(one["made_cpu_s"], 1),
        "kept, MB": round(one["kept_mb"]),
        "first view, CPU s": round(one["first_cpu_s"], 2),
        "change of filter, CPU ms": round(change, 2),
        **{
            f"{words}, CPU ms": round(statistics.median(one[f"{name}_cpu_ms"]), 1)
            for name, words in _CHANGES.items()
            if name != "change"
        },
        f"{PLAIN}, CPU ms": round(plain, 2),
        "memory held, MB": round(one["held_mb"]),
        "peak memory, MB": round(one["peak_mb"]),
        "file, MB": round(one["stored_mb"]),
        "answer": "the same" if not one["answers_unlike"] else "differs",
    }


def _curves(
    found: dict[int, dict[str, Any]], change: dict[int, float], plain: dict[int, float]
) -> list[dict[str, Any]]:
    if len(found) < 2:
        return []

    def line(values: dict[int, float]) -> list[list[float]]:
        return [[n, float(f"{value:.4g}")] for n, value in values.items()]

    return [
        {
            "title": "A change of filter",
            "x": "incidents in the store",
            "y": "CPU ms",
            "lines": {OURS: line(change), PLAIN: line(plain)},
        },
        {
            "title": "The first view",
            "x": "incidents in the store",
            "y": "CPU s",
            "lines": {OURS: line({n: one["first_cpu_s"] for n, one in found.items()})},
        },
        {
            "title": "Memory",
            "x": "incidents in the store",
            "y": "MB",
            "lines": {
                "held after the first view": line({n: one["held_mb"] for n, one in found.items()}),
                "peak of the process": line({n: one["peak_mb"] for n, one in found.items()}),
            },
        },
    ]


if __name__ == "__main__":
    sys.exit(main())
