"""Figures as the views show them: a sum with its ends, an area's value, and every bin beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from conflictmap.periods import Period
from conflictmap.summaries import figure_words

Status = Literal["value", "zero", "no_report", "no_figure", "suppressed", "refused"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True)
class Figure:
    """A sum: low, best, high (None: not stated) over n incidents, some without a figure."""

    low: int | None = None
    best: int | None = None
    high: int | None = None
    incidents: int = 0
    not_stated: int = 0

    @property
    def known(self) -> int:
        """Return the sum of the figures that were given; 0 where none was."""
        return self.best or 0

    @property
    def words(self) -> str:
        """Return the sum in words no more certain than it is: "at least 98", "no figure"."""
        if self.best is None:
            return "no figure" if self.incidents else "0"
        return figure_words(self.low, self.best, self.high)


@dataclass(frozen=True)
class AreaValue:
    """What one area shows: the measure's value, and the counts behind it."""

    code: str
    name: str
    status: Status
    value: float | None  # missing unless the status is "value" or "zero"
    figure: Figure  # blank where suppressed


@dataclass(frozen=True)
class AreaCounts:
    """One measure in one period: every area, and every bin beside the map."""

    period: Period
    areas: tuple[AreaValue, ...]  # every unit of the level, by code
    not_placed: Figure
    abroad: Figure
    suppressed: Figure
    suppressed_areas: int
    total: Figure
    not_dated: Figure
    outside: Figure
    total_value: float | None  # the measure over all places
    refusal: str = ""  # why the measure is not shown; empty: it is


def combine(figures: Iterable[Figure]) -> Figure:
    """Return the sum of figures: it has an end only where each part that gave a figure has it."""
    parts = list(figures)
    given = [part for part in parts if part.best is not None]

    def end(name: str) -> int | None:
        ends = [getattr(part, name) for part in given]
        return sum(ends) if ends and None not in ends else None

    return Figure(
        end("low"),
        end("best"),
        end("high"),
        sum(part.incidents for part in parts),
        sum(part.not_stated for part in parts),
    )
