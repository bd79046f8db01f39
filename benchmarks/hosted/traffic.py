"""Many sessions on a hosted dashboard, as a process of its own: it takes no time from the server's.

It reads a `Plan` as JSON from standard input, says when the measured time begins and ends, and
prints one line of JSON. A change of a filter is timed from its message until the script has ended;
the next never comes before.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from benchmarks.hosted.visitor import Door, Visitor, visiting
from benchmarks.map.report import percentile
from benchmarks.map.visitors import HABITS, OURS, Habit

PAGES = {"incidents": 5, "slides": 2, "monthly_brief": 1, "deployments": 2, "groups_and_claims": 1}
"""Pages that a reader goes to from the map, and how often compared with each other."""

WITH_FILES = ("incidents", "slides")
OF_OTHER_PAGES = 0.12  # of all that a reader does, where the plan is for everything


@dataclass(frozen=True)
class Plan:
    """Who comes, for how long, and what they do."""

    address: str
    sessions: int
    seconds: float
    warm_up_s: float = 20.0
    pause_s: float = 3.0  # in the mean, exponential
    stay_s: float | None = None  # in the mean, exponential; None: to the end
    is_filters_only: bool = True
    cookies: list[str] = field(default_factory=list)  # of the sign-ins, one a seat; none: unsigned
    headers: list[dict[str, str]] = field(default_factory=list)  # likewise
    authority: str = ""  # see `visitor.Door`

    def door(self, number: int) -> Door:
        """Return as whom a seat's readers come."""
        return Door(
            self.address,
            cookie=self.cookies[number % len(self.cookies)] if self.cookies else "",
            headers=self.headers[number % len(self.headers)] if self.headers else {},
            authority=self.authority,
        )


@dataclass
class Told:
    """What happened within the measured time, in seconds by what was done; and what went wrong."""

    begin: float
    end: float
    took: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    visits: int = 0

    def note(self, what: str, seconds: float) -> None:
        """Note how long something took, if it is time."""
        if time.monotonic() >= self.begin:
            self.took.setdefault(what, []).append(seconds)


async def _sit(plan: Plan, number: int, told: Told) -> None:
    """Be one seat: a reader, and after them the next, until the end."""
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, plan.warm_up_s * 0.7))
    while time.monotonic() < told.end:
        stay = told.end - time.monotonic()
        if plan.stay_s is not None:
            stay = min(stay, chance.expovariate(1 / plan.stay_s))
        try:
            await _visit(plan, number, told, chance, time.monotonic() + stay)
        except Exception as error:  # whatever it is, it is counted
            told.errors[f"{type(error).__name__}: {error}"[:200]] += 1
            await asyncio.sleep(1)


async def _visit(plan: Plan, number: int, told: Told, chance: random.Random, until: float) -> None:
    """Be one reader."""
    habit = HABITS[OURS]
    started = time.perf_counter()
    async with visiting(plan.door(number), habit.query) as visitor:
        told.visits += 1
        await visitor.run_page(with_map=True)
        told.note("first map", time.perf_counter() - started)
        visitor.values.update(habit.first)
        while True:
            pause = chance.expovariate(1 / plan.pause_s)
            await asyncio.sleep(max(0, min(pause, until - time.monotonic())))
            if time.monotonic() >= until:
                return
            if plan.is_filters_only or chance.random() >= OF_OTHER_PAGES:
                habit.change(visitor.values, chance)
                told.note("filter", await visitor.run_page(with_map=True))
            else:
                await _look_elsewhere(visitor, habit, told, chance)


async def _look_elsewhere(
    visitor: Visitor, habit: Habit, told: Told, chance: random.Random
) -> None:
    """Go to another page, perhaps download a file there, and come back to the map."""
    here = visitor.page
    page = chance.choices(list(PAGES), list(PAGES.values()))[0]
    told.note(page, await visitor.go_to(page))
    if page in WITH_FILES and visitor.files:
        told.note(f"{page}: file", await visitor.download())
    visitor.page, visitor.query = here, habit.query
    visitor.values.clear()
    await visitor.run_page(with_map=True)
    visitor.values.update(habit.first)


async def run(plan: Plan) -> dict[str, Any]:
    """Let all of them come; return what they saw."""
    begin = time.monotonic() + plan.warm_up_s
    told = Told(begin, begin + plan.seconds)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_say_when(told))
        for number in range(plan.sessions):
            tasks.create_task(_sit(plan, number, told))
    changes = told.took.get("filter", [])
    return {
        "sessions": plan.sessions,
        "visits": told.visits,
        "errors": sum(told.errors.values()),
        "what": dict(told.errors.most_common(8)),
        "changes_a_second": round(len(changes) / plan.seconds, 2),
        "took": {what: _spread(seconds) for what, seconds in sorted(told.took.items())},
        "client_cpu_s": round(time.process_time(), 2),
    }


async def _say_when(told: Told) -> None:
    for moment, word in ((told.begin, "begin"), (told.end, "end")):
        await asyncio.sleep(moment - time.monotonic())
        print(word, flush=True)


def _spread(seconds: list[float]) -> dict[str, float]:
    return {
        "n": len(seconds),
        "p50_ms": round(1000 * percentile(seconds, 0.5), 1),
        "p95_ms": round(1000 * percentile(seconds, 0.95), 1),
        "worst_ms": round(1000 * max(seconds), 1),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(Plan(**json.load(sys.stdin))))), flush=True)
