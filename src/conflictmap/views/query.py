"""What somebody asked to see, and how a link writes it.

A link holds every filter as a readable query parameter; what is left out has its default. A link is
input like any other: an unknown value is an error that names it, never a guess.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal, get_args

from conflictmap.classes import METHODS, MOST_BREAKS, Method
from conflictmap.errors import QueryError
from conflictmap.filters import KNOWN, IncidentFilter
from conflictmap.periods import STEP_KEY, STEPS, Period, Step
from conflictmap.schema import COMMUNITIES, EVENT_TYPES, VICTIM_GROUPS
from conflictmap.summaries import LEVELS, Level
from conflictmap.views.facts import Facts

Measure = Literal["incidents", "killed", "wounded", "share", "per_1000_km2", "change"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

MEASURE_NAMES = {
    "incidents": "Incidents",
    "killed": "People killed",
    "wounded": "People wounded",
    "share": "Share of incidents by one actor",
    "per_1000_km2": "Incidents per 1,000 km²",
    "change": "Change in incidents from the period before",
}

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2099, 12, 31)
"""The days that a period may begin and end on."""

ALL_STEPS = "all"
"""What stands for the whole chosen period on the second map, where "" means no second map."""

_BREAK = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_LISTS: dict[str, tuple[str, ...] | None] = {  # parameter -> allowed values; None: any id
    "actor": None,
    "type": EVENT_TYPES,
    "group": VICTIM_GROUPS,
    "community": COMMUNITIES,
    "source": None,
}
_FIELDS = {
    "actor": "actors",
    "type": "event_types",
    "group": "victim_groups",
    "community": "communities",
    "source": "sources",
}
_WRITTEN_AS_THEY_ARE = (
    *("measure", "level", "step", "shown", "against", "classes", "area", "incident"),
)


PARAMETERS = frozenset(
    ("measure", "level", "step", "time", "shown", "against", "area", "incident", "revision")
) | frozenset(("classes", "breaks", "could", "from", "to", "known", *_LISTS))
"""Every query parameter of a view; a page may have others of its own."""


@dataclass(frozen=True)
class MapQuery:
    """One view of the map: which incidents, measured how, at which level, in which step of time."""

    chosen: IncidentFilter = field(default_factory=IncidentFilter)
    measure: Measure = "incidents"
    level: Level = "province"
    step: Step = "year"
    is_cumulative: bool = False  # whether a step holds all from the start to its end
    shown: str = ""  # key of the step on the time slider; empty: the whole chosen period
    against: str = ""  # key of the step on the second map, or "all"; empty: there is none
    classes: Method = "steps"  # how class breaks are chosen
    breaks: tuple[float, ...] = ()  # where classes begin, if the reader says so
    has_could_be: bool = False  # whether it is shown what each area could hold
    area: str = ""  # code of the unit whose panel is open
    incident: str = ""  # id of the incident whose evidence is open
    revision: int | None = None  # None: the latest

    def parameters(self) -> dict[str, str | list[str]]:
        """Return the query parameters of the link to this view, defaults left out."""
        result: dict[str, str | list[str]] = {}
        default = MapQuery()
        for name in _WRITTEN_AS_THEY_ARE:
            if getattr(self, name) != getattr(default, name):
                result[name] = getattr(self, name)
        if self.is_cumulative:
            result["time"] = "cumulative"
        if self.breaks:
            result["breaks"] = write_breaks(self.breaks)
        if self.has_could_be:
            result["could"] = "shown"
        if self.revision is not None:
            result["revision"] = str(self.revision)
        if self.chosen.period.start:
            result["from"] = self.chosen.period.start.isoformat()
        if self.chosen.period.end:
            result["to"] = self.chosen.period.end.isoformat()
        if self.chosen.known != "any":
            result["known"] = self.chosen.known
        for parameter, name in _FIELDS.items():
            if values := getattr(self.chosen, name):
                result[parameter] = list(values)
        return result

    def with_period(self, period: Period) -> MapQuery:
        """Return the same view of another period."""
        return replace(self, chosen=replace(self.chosen, period=period))


def read_query(parameters: Mapping[str, Sequence[str]]) -> MapQuery:
    """Read a view from query parameters.

    Parameters
    ----------
    parameters
        Each parameter's values, as they stand in the address.

    Raises
    ------
    QueryError
        If a value does not exist; the message names the parameter and the allowed values.
    """
    single = {name: values[0] for name, values in parameters.items() if values}
    query = MapQuery(
        measure=_one_of(single, "measure", MEASURES),
        level=_one_of(single, "level", LEVELS),
        step=_one_of(single, "step", STEPS, default="year"),
        is_cumulative=_one_of(single, "time", ("steps", "cumulative")) == "cumulative",
        shown=_match(single, "shown", STEP_KEY),
        against=_match(single, "against", f"{ALL_STEPS}|{STEP_KEY}"),
        classes=_one_of(single, "classes", METHODS),
        breaks=read_breaks(single.get("breaks", "")),
        has_could_be=_one_of(single, "could", ("hidden", "shown")) == "shown",
        area=_match(single, "area", r"AF-[A-Z]{3}(-\d{2})?"),
        incident=_match(single, "incident", _ID.pattern),
        revision=_number(single, "revision"),
    )
    if query.classes == "user" and not query.breaks:
        raise QueryError("The link asks for own breaks and has none. Add 'breaks', such as 1,5,20.")
    period = Period(_day(single, "from"), _day(single, "to"))
    if period.start and period.end and period.end < period.start:
        raise QueryError("The link's period ends before it starts. Exchange 'from' and 'to'.")
    lists = {
        _FIELDS[name]: _values(name, parameters.get(name, ()), allowed)
        for name, allowed in _LISTS.items()
    }
    known = _one_of(single, "known", KNOWN)
    return replace(query, chosen=IncidentFilter(period=period, known=known, **lists))


def read_breaks(text: str) -> tuple[float, ...]:
    """Read where classes begin: numbers from low to high, none if the text is empty.

    Raises
    ------
    QueryError
        If it is anything else.
    """
    parts = re.split(r"[\s,;]+", text.strip()) if text.strip() else []
    breaks = tuple(float(part) for part in parts if _BREAK.fullmatch(part))
    is_rising = all(a < b for a, b in pairwise(breaks))
    if len(breaks) < len(parts) or len(parts) > MOST_BREAKS or not is_rising:
        raise QueryError(
            f"'breaks' are at most {MOST_BREAKS} numbers from low to high, with commas between and"
            " a point before decimals, for example 1,5,20."
        )
    return breaks


def write_breaks(breaks: Sequence[float]) -> str:
    """Return breaks as `read_breaks` reads them: "1,5,20"."""
    return ",".join(f"{start:.6f}".rstrip("0").rstrip(".") for start in breaks)


def check_query(query: MapQuery, facts: Facts) -> None:
    """Refuse a query that names something which does not exist at its revision.

    Raises
    ------
    QueryError
        If there is no such actor, report, area or incident; an empty answer would read as "none".
    """
    known = _known_ids(facts)
    for values, noun in (
        (query.chosen.actors, "actor"),
        (query.chosen.sources, "report"),
        ((query.area,), "area"),
        ((query.incident,), "incident"),
    ):
        for value in values:
            if value and value not in known[noun]:
                raise QueryError(f"Revision {facts.revision} has no {noun} of the id '{value}'.")


def known_part(query: MapQuery, facts: Facts) -> MapQuery:
    """Return a query without what does not exist at the revision of the facts."""
    known, chosen = _known_ids(facts), query.chosen
    return replace(
        query,
        chosen=replace(
            chosen,
            actors=tuple(actor for actor in chosen.actors if actor in known["actor"]),
            sources=tuple(source for source in chosen.sources if source in known["report"]),
        ),
        area=query.area if query.area in known["area"] else "",
        incident=query.incident if query.incident in known["incident"] else "",
    )


def _known_ids(facts: Facts) -> dict[str, Container[str]]:
    tables = facts.tables
    return {
        "actor": set(tables["actors"]["actor_id"]),
        "report": set(tables["sources"]["source_id"]),
        "area": {*facts.names_of("province"), *facts.names_of("district")},
        "incident": _Incidents(facts),
    }


class _Incidents(Container[str]):
    """The ids of all incidents, without a list of them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def __contains__(self, incident_id: object) -> bool:
        return isinstance(incident_id, str) and self._facts.holds(incident_id)


def _one_of(
    single: Mapping[str, str], name: str, allowed: Sequence[Any], *, default: Any = None
) -> Any:
    value = single.get(name, default or allowed[0])
    if value not in allowed:
        raise QueryError(f"'{name}' is not one of: {', '.join(allowed)}. Correct the link.")
    return value


def _values(name: str, values: Sequence[str], allowed: Sequence[str] | None) -> tuple[str, ...]:
    for value in values:
        if (allowed is None and not _ID.fullmatch(value)) or (
            allowed is not None and value not in allowed
        ):
            known = "an id" if allowed is None else "one of: " + ", ".join(allowed)
            raise QueryError(f"A value of '{name}' is not {known}. Correct the link.")
    return tuple(dict.fromkeys(values))


def _match(single: Mapping[str, str], name: str, pattern: str) -> str:
    value = single.get(name, "")
    if value and not re.fullmatch(pattern, value):
        raise QueryError(f"The value of '{name}' is not of the right form. Correct the link.")
    return value


def _number(single: Mapping[str, str], name: str) -> int | None:
    value = single.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,9}", value):
        raise QueryError(f"'{name}' is not a number. Correct the link.")
    return int(value)


def _day(single: Mapping[str, str], name: str) -> dt.date | None:
    value = single.get(name)
    if not value:
        return None
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise QueryError(
            f"'{name}' is not a calendar date. Write it as YYYY-MM-DD, for example 2022-12-02."
        ) from None
    if not EARLIEST <= day <= LATEST:
        raise QueryError(f"'{name}' lies outside {EARLIEST} to {LATEST}. Choose a day between.")
    return day
