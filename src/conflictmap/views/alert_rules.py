"""Alert rules: a measure in an area over one step of time, and when it is worth a line.

A rule is written as a link writes a view, or as a JSON object of the same names. A file of rules is
input like any other: what does not exist is an error that says which rule, what, and how to mend
it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from urllib.parse import parse_qs, urlencode

from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.periods import STEPS, Step
from conflictmap.views.facts import Facts
from conflictmap.views.query import MapQuery, check_query, read_query

AlertMeasure = Literal["incidents", "killed", "wounded"]
ALERT_MEASURES: tuple[AlertMeasure, ...] = get_args(AlertMeasure)

EACH = {"each province": "province", "each district": "district"}
"""What may stand for the code of an area: a rule for each unit."""

MOST_RULES = 2_000
MOST_LETTERS = 1_000_000

STEP_WORDS = {
    "day": "a day",
    "week": "a week",
    "month": "a month",
    "quarter": "a quarter",
    "year": "a year",
    "sh_month": "a Solar Hijri month",
    "sh_year": "a Solar Hijri year",
}
_MEASURE_WORDS = {
    "incidents": "Incidents",
    "killed": "People killed",
    "wounded": "People wounded",
}
_FILTERS = ("actor", "type", "group", "community", "source", "known")
_SINGLE = ("measure", "area", "step", "above", "at_least", "known")
_NAMES = ("measure", "area", "step", "above", "at_least", *_FILTERS)
_EXAMPLE = '{"measure": "killed", "area": "AF-KAB", "step": "month", "at_least": 20}'


@dataclass(frozen=True)
class AlertRule:
    """When a figure is worth a line: it reaches a number, or is above the area's own baseline.

    The filter's period is all dates: which periods are looked at is asked with the alerts.
    """

    measure: AlertMeasure
    area: str = ""  # code of a unit; empty: the country
    step: Step = "month"
    at_least: int | None = None  # None: above the baseline
    chosen: IncidentFilter = field(default_factory=IncidentFilter)

    def __post_init__(self) -> None:
        """Refuse a rule that can mean nothing."""
        if not self.chosen.period.is_all_dates:
            raise QueryError("A rule has no period of its own. Leave its dates out.")
        if self.at_least is not None and self.at_least < 1:
            raise QueryError("'at_least' is a whole number from 1 up.")

    @property
    def key(self) -> str:
        """Return the rule as a link writes it; the same for the same rule."""
        parameters = MapQuery(chosen=self.chosen).parameters()
        own: dict[str, Any] = {"measure": self.measure}
        if self.area:
            own["area"] = self.area
        own["step"] = self.step
        if self.at_least is None:
            own["above"] = "baseline"
        else:
            own["at_least"] = self.at_least
        return urlencode({**own, **parameters}, doseq=True)

    def words(self, facts: Facts) -> str:
        """Return the rule as a line: "People killed in Kabul in a month: at least 20"."""
        where = facts.name_of(self.area) if self.area else "the country"
        when = STEP_WORDS[self.step]
        kind = "above its baseline" if self.at_least is None else f"at least {self.at_least:,}"
        filters = MapQuery(chosen=self.chosen).parameters()
        only = "".join(
            f"; {name} {' or '.join(values) if isinstance(values, list) else values}"
            for name, values in filters.items()
        )
        return f"{_MEASURE_WORDS[self.measure]} in {where} in {when}: {kind}{only}"


def default_rules(facts: Facts) -> tuple[AlertRule, ...]:
    """Return the rules that hold where none are given.

    People killed in the country, and incidents in each province, by month, above their baselines.
    """
    return (
        AlertRule("killed"),
        *(AlertRule("incidents", area=code) for code in facts.names_of("province")),
    )


def read_rules(text: str, facts: Facts, *, label: str) -> tuple[AlertRule, ...]:
    """Read a JSON list of rules, each an object or a text that reads like a link.

    Parameters
    ----------
    facts
        What a rule may name is what is known there.
    label
        What errors call the file.

    Raises
    ------
    QueryError
        Names the rule, what is wrong with it and how to mend it.
    """
    if len(text) > MOST_LETTERS:
        raise QueryError(f"{label} has more than {MOST_LETTERS:,} letters. Give fewer rules.")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list) or not given:
        raise QueryError(f"{label} is no JSON list of rules. Write one such as [{_EXAMPLE}].")
    rules: dict[AlertRule, None] = {}
    for number, entry in enumerate(given, start=1):
        try:
            rules.update(dict.fromkeys(_read_entry(entry, facts)))
        except QueryError as error:
            what = str(error).replace("Correct the link.", "Correct the rule.")
            raise QueryError(f"{label}, rule {number}: {what}") from None
        if len(rules) > MOST_RULES:
            raise QueryError(f"{label} asks for more than {MOST_RULES:,} rules. Give fewer.")
    return tuple(rules)


def _read_entry(entry: object, facts: Facts) -> Iterator[AlertRule]:
    """Yield the rules that one entry stands for, each checked against the facts."""
    values = _texts(entry)
    if unknown := [name for name in values if name not in _NAMES]:
        raise QueryError(f"there is no '{_short(unknown[0])}' in a rule. Use: {', '.join(_NAMES)}.")
    if several := [name for name in _SINGLE if len(values.get(name, [""])) != 1]:
        raise QueryError(f"'{several[0]}' has one value. Write a rule for each.")
    single = {name: values[name][0] for name in _SINGLE if name in values}
    if single.get("measure") not in ALERT_MEASURES:
        raise QueryError(f"'measure' is not one of: {', '.join(ALERT_MEASURES)}. Name one.")
    if single.get("step", "month") not in STEPS:
        raise QueryError(f"'step' is not one of: {', '.join(STEPS)}. Name one.")
    at_least = _threshold(single)
    area = single.get("area", "")
    filters = {name: values[name] for name in _FILTERS if name in values}
    query = read_query(filters | ({"area": [area]} if area and area not in EACH else {}))
    check_query(query, facts)
    areas = facts.names_of(EACH[area]) if area in EACH else [query.area]  # type: ignore[arg-type]
    for code in areas:
        yield AlertRule(
            measure=single["measure"],  # type: ignore[arg-type]
            area=code,
            step=single.get("step", "month"),  # type: ignore[arg-type]
            at_least=at_least,
            chosen=query.chosen,
        )


def _threshold(single: Mapping[str, str]) -> int | None:
    if ("above" in single) == ("at_least" in single):
        raise QueryError("give either 'at_least' with a number, or 'above' with 'baseline'.")
    if "above" in single:
        if single["above"] != "baseline":
            raise QueryError("'above' has one value, 'baseline'. For a number write 'at_least'.")
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,8}", single["at_least"]):
        raise QueryError("'at_least' is not a whole number from 1 up. Write one, such as 20.")
    return int(single["at_least"])


def _texts(entry: object) -> dict[str, list[str]]:
    """Return an entry as a link's parameters: lists of texts by name."""
    if isinstance(entry, str):
        if entry.count("&") >= MOST_RULES:
            raise QueryError("it is too long. Write several rules.")
        return parse_qs(entry.removeprefix("?"), keep_blank_values=True)
    if not isinstance(entry, dict):
        raise QueryError(f"it is neither an object nor a link. Write it as {_EXAMPLE}.")
    values = {}
    for name, value in entry.items():
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, bool) or not isinstance(text, str | int) for text in texts):
            raise QueryError(f"'{_short(name)}' is neither a text, a whole number nor a list.")
        values[name] = [str(text) for text in texts]
    return values


def _short(text: str) -> str:
    """Return a name of a file as a message may hold it: short, on one line."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return shown if len(shown) <= 40 else f"{shown[:40]}..."
