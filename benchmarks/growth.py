"""What the first view of a store costs, and a change of filter, as the store grows.

Run it with `python -m benchmarks.growth` (10 thousand, 100 thousand and 1 million incidents), or
with sizes: `python -m benchmarks.growth --incidents 10000 100000`. Each store is synthetic, in
SQLite, filled and measured in processes of its own. A size whose memory would not be there, going
by the size before it, is left out and named.

*First view*: all tables read, the arrays made, the map of 398 districts and 300 months counted,
classed and drawn up, without browser and Streamlit. *Change*: the same map for another type of
incident, made anew each time. The peer counts the same incidents by district and month with a
plain pandas group-by over one flat table that it has in memory. Both must find the same number in
each district.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.part import available_mb, memory_mb, peak_mb, run_part, timed
from benchmarks.result import Aim, keep

SIZES = (10_000, 100_000, 1_000_000)
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
        with tempfile.TemporaryDirectory() as folder:
            store = str(Path(folder) / "store.sqlite")
            print(f"{incidents:,} incidents: making them", flush=True)
            filled = run_part("benchmarks.growth", "--part", "fill", store, str(incidents))
            print(f"{incidents:,} incidents: looking at them", flush=True)
            looked = run_part("benchmarks.growth", "--part", "look", store, str(incidents))
            found[incidents] = filled | looked
    return _report(found, notes)


def _too_large(incidents: int, found: dict[int, dict[str, Any]]) -> str:
    """Return why a size is left out; empty where it is not."""
    if not found:
        return ""
    largest = max(found)
    peak = max(found[largest]["peak_mb"], found[largest]["fill_peak_mb"])
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


def _look(path: str, incidents: int) -> dict[str, Any]:
    """Open the store, make the first view, then change the filter again and again."""
    from conflictmap.access import LOCAL_ADMINISTRATOR
    from conflictmap.boundaries import read_edition
    from conflictmap.filters import IncidentFilter
    from conflictmap.periods import Period
    from conflictmap.schema import EVENT_TYPES
    from conflictmap.settings import read_settings
    from conflictmap.store import open_store
    from conflictmap.views.facts import load_facts
    from conflictmap.views.map_view import map_series, map_view
    from conflictmap.views.query import MapQuery

    edition = read_edition(read_settings({}).edition_folder)
    base_mb = memory_mb()
    period = Period(FIRST, LAST)

    def look(facts: Any, types: tuple[str, ...]) -> Any:
        chosen = IncidentFilter(period=period, event_types=types)
        query = MapQuery(chosen, level="district", step="month")
        return map_view(facts, map_series(facts, query))

    def open_and_look() -> Any:
        store = open_store(f"sqlite:///{path}")
        facts = load_facts(store, edition, viewer=LOCAL_ADMINISTRATOR)
        look(facts, ())
        return facts

    first = timed(open_and_look)
    facts = first.pop("answer")
    held_mb, most_mb = memory_mb() - base_mb, peak_mb()
    count = _plain(facts)
    ours, plain, differ = [], [], 0
    for number in range(CHANGES + 1):
        kind = EVENT_TYPES[number % len(EVENT_TYPES)]
        one = timed(partial(look, facts, (kind,)))
        other = timed(partial(count, kind))
        districts = {
            area.code: area.figure.incidents
            for area in one.pop("answer").counts.areas
            if area.figure.incidents
        }
        differ += districts != other.pop("answer")
        if number:  # the first change only warms up
            ours.append(one)
            plain.append(other)
    return {
        "first_cpu_s": first["cpu_s"],
        "first_wall_s": first["wall_s"],
        "change_cpu_ms": [1000 * one["cpu_s"] for one in ours],
        "change_wall_ms": [1000 * one["wall_s"] for one in ours],
        "plain_cpu_ms": [1000 * one["cpu_s"] for one in plain],
        "plain_wall_ms": [1000 * one["wall_s"] for one in plain],
        "held_mb": held_mb,
        "peak_mb": most_mb,
        "answers_unlike": differ,
    }


def _plain(facts: Any) -> Callable[[str], dict[str, int]]:
    """Return the plain way: a filter and a group-by over one flat table in memory."""
    import pandas as pd

    incidents = facts.tables["incidents"]
    district = facts.bins["district"].reindex(incidents["incident_id"]).to_numpy()
    inside = (incidents["date_from"] >= pd.Timestamp(FIRST)) & (
        incidents["date_to"] <= pd.Timestamp(LAST)
    )
    flat = pd.DataFrame(
        {
            "district": pd.Categorical(district),
            "kind": incidents["event_type"].astype("category"),
            "month": incidents["date_from"].dt.year * 12 + incidents["date_from"].dt.month,
        }
    )[inside.fillna(False).to_numpy(dtype=bool)]

    def count(kind: str) -> dict[str, int]:
        chosen = flat[flat["kind"] == kind]
        cells = chosen.groupby(["district", "month"], observed=True).size()
        whole = cells.groupby(level=0, observed=True).sum()
        return {code: int(n) for code, n in whole.items() if str(code).startswith("AF-")}

    return count


_PARTS: dict[str, Callable[[str, int], dict[str, Any]]] = {"fill": _fill, "look": _look}


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
            f"{n:,}: first view {one['first_cpu_s']:.1f} s CPU, holds {one['held_mb']:,.0f} MB,"
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
        "first view, CPU s": round(one["first_cpu_s"], 2),
        "change of filter, CPU ms": round(change, 2),
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
