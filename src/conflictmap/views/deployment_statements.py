"""What reports state of deployments, a statement at a time, in words no finer than what is known.

Texts come from reports: a screen shows them as text only, and the map gets none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from conflictmap.schema import label
from conflictmap.views.facts import Facts
from conflictmap.views.incident_words import PRECISION_NAMES, when
from conflictmap.views.points import MarkKind

SIZE_BREAKS = {"persons": (500, 1000), "battalions": (2, 3)}
"""Where the second and third class of a strength begin."""

Standing = Literal["on the map", "replaced", "later", "without a day", "not yet published"]

UNSURE = ("single claim", "unconfirmed")
"""The confidences of what is drawn dashed."""


@dataclass(frozen=True)
class Spot:
    """Where a mark stands.

    "exact" is the place itself, "near" lies within ``radius_km``. "district" and "province" are
    known only so far and stand on the unit's label point, which is no location; a place said to be
    near another and known only to its province stands at that other place.
    """

    kind: MarkKind
    latitude: float
    longitude: float
    radius_km: float | None = None


@dataclass(frozen=True)
class Place:
    """One origin or destination as stated, and what is known of it."""

    role: str
    stated: str  # the source's names, finest first; its words where it names none
    known_to: str
    adm1_code: str
    adm2_code: str
    unit_name: str  # name of the finest unit in the boundary edition
    candidates: tuple[str, ...]  # names and codes of the units it may be, where it is ambiguous
    words: str
    coder_note: str
    spot: Spot | None  # None: not known well enough to draw

    @property
    def text(self) -> str:
        """Return the place in words that are no finer than what is known."""
        parts = [self.stated or "not named"]
        if self.candidates:
            parts.append(f"one of: {', '.join(self.candidates)}")
        elif self.unit_name and self.unit_name not in self.stated:
            parts.append(f"in this boundary edition {self.unit_name}")
        return f"{'; '.join(parts)} (known to: {self.known_to})"

    def may_be(self, other: Place) -> bool:
        """Say whether two places may be one: nothing that is known of them parts them."""
        if not (self.adm1_code and other.adm1_code):
            return True
        if self.adm1_code != other.adm1_code:
            return False
        return not (self.adm2_code and other.adm2_code) or self.adm2_code == other.adm2_code


@dataclass(frozen=True)
class Strength:
    """A strength as stated, in persons or battalions; None is not stated, never zero."""

    low: int | None
    best: int | None
    high: int | None
    qualifier: str
    unit: str
    words: str

    @property
    def text(self) -> str:
        """Return the figure with its unit; empty where no number was stated."""
        low, best, high = self.low, self.best, self.high
        if best is None and low is None and high is None:
            return ""
        if best is None:
            figure = f"{_number(low)} to {_number(high)}"
        elif self.qualifier in ("around", "at_least"):
            figure = f"{label(self.qualifier).lower()} {best:,}"
        elif low == high == best:
            figure = f"{best:,}"
        else:
            figure = f"{best:,} ({_number(low)} to {_number(high)})"
        unit = self.unit[:-1] if figure == "1" else self.unit
        return f"{figure} {unit}".strip()

    @property
    def ends(self) -> str:
        """Return low, best and high, each with what it is not."""
        return ", ".join(_number(value) for value in (self.low, self.best, self.high))

    @property
    def size_class(self) -> int:
        """Return 1, 2 or 3 for how wide a move is drawn; 0 where no number was stated.

        The best figure decides, else the low, else the high. Persons and battalions have classes
        of their own: how many persons a battalion has is not known.
        """
        figure = next((n for n in (self.best, self.low, self.high) if n is not None), None)
        if figure is None or self.unit not in SIZE_BREAKS:
            return 0
        return 1 + sum(figure >= start for start in SIZE_BREAKS[self.unit])


@dataclass(frozen=True)
class Unit:
    """One military unit, named as its source names it."""

    unit_id: str
    name: str
    echelon: str  # one of `schema.ECHELONS`
    parent_id: str
    parent_name: str
    coder_note: str


@dataclass(frozen=True)
class Statement:
    """One statement of a report on a deployment."""

    deployment_id: str
    number: int | None  # of its badge on the map; None where it is not on the map
    standing: Standing  # on the map, or why not
    kind: str
    title: str
    when: str
    date_words: str
    begin: dt.date | None  # first and last day as stated; an open side is the other day
    end: dt.date | None
    last_day: dt.date | None  # of the evidence: the last day it may speak of, or of the plan
    age_days: int | None  # from that day to the day of the view
    is_planned: bool  # published before its first day
    unit: Unit | None
    actor_name: str
    affiliation: str  # of that actor, one of `schema.AFFILIATIONS`
    strength: Strength
    places: tuple[Place, ...]
    confidence: str
    said_by: str
    source_id: str
    source_name: str
    coder_note: str
    doubled_with: tuple[int, ...] = ()  # numbers: the same unit, then in another place
    part_of: tuple[int, ...] = ()  # numbers: a unit that this one is part of

    @property
    def is_unsure(self) -> bool:
        """Say whether it is drawn dashed: planned, or told by nobody but a single claim."""
        return self.is_planned or self.confidence in UNSURE

    @property
    def is_of_a_unit(self) -> bool:
        """Say whether it has a unit's symbol: a visit is of a person."""
        return self.kind != "visit"

    @property
    def warning(self) -> str:
        """Return what may be counted twice, in fixed words and numbers; empty for nothing."""
        parts = []
        if self.doubled_with:
            others = ", ".join(map(str, self.doubled_with))
            parts.append(f"Same unit as {others}, elsewhere at the same time: count it once.")
        if self.part_of:
            others = ", ".join(map(str, self.part_of))
            parts.append(f"Part of the unit of {others}: its strength may be within that one's.")
        return " ".join(parts)

    def is_elsewhere_at_the_same_time(self, other: Statement) -> bool:
        """Say whether the two name one unit, on days in common, in places that cannot be one."""
        if self.unit is None or other.unit is None or self.unit.unit_id != other.unit.unit_id:
            return False
        if self.is_planned or other.is_planned:
            return False
        if not (self.begin and self.end and other.begin and other.end):
            return False
        if self.begin > other.end or other.begin > self.end:
            return False
        here, there = self._destinations(), other._destinations()
        return bool(here and there) and not any(a.may_be(b) for a in here for b in there)

    def _destinations(self) -> list[Place]:
        return [place for place in self.places if place.role == "destination"]

    def places_of(self, role: str) -> str:
        """Return its origins or its destinations in words, parted by semicolons."""
        return "; ".join(place.text for place in self.places if place.role == role)

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """Return all that is known of it: pairs of a fixed word and a text, none of them empty."""
        unit, parent = self.unit, self.unit.parent_name if self.unit else ""
        readings = [self.coder_note, unit.coder_note if unit else ""]
        readings += [place.coder_note for place in self.places]
        words = [place.words for place in self.places]
        pairs = (
            ("What", self.title),
            ("Kind", label(self.kind)),
            ("May be counted twice", self.warning),
            ("When", self.when),
            ("Planned", "published before its first day" if self.is_planned else ""),
            ("Source's words for the date", self.date_words),
            ("Unit", unit.name if unit else "not stated"),
            ("Echelon", label(unit.echelon) if unit else ""),
            ("Part of", parent),
            ("Force", self.actor_name),
            ("Strength", self.strength.text or "no number stated"),
            ("Low, best, high", self.strength.ends if self.strength.text else ""),
            ("Source's words for the strength", self.strength.words),
            ("From", self.places_of("origin") or "not stated"),
            ("To or at", self.places_of("destination") or "not stated"),
            ("Source's words for the place", _joined(words)),
            ("Said by", self.said_by or "the report itself"),
            ("Confidence", label(self.confidence)),
            ("Report", f"{self.source_id}: {self.source_name}"),
            ("Our reading", " ".join(dict.fromkeys(text for text in readings if text))),
        )
        return tuple((name, text) for name, text in pairs if text)


class StatementReader:
    """Builds statements from the tables of one revision, with all look-ups made once."""

    def __init__(self, facts: Facts, day: dt.date | None) -> None:
        tables, edition = facts.tables, facts.edition
        self._day = day
        self._actors = {row.actor_id: row for row in tables["actors"].itertuples()}
        self._units = {row.unit_id: row for row in tables["units"].itertuples()}
        self._sources = {row.source_id: row for row in tables["sources"].itertuples()}
        self._places: dict[str, list] = {}
        for row in tables["deployment_places"].sort_values("place_no").itertuples():
            self._places.setdefault(row.deployment_id, []).append(row)
        self._names = facts.names_of("province") | facts.names_of("district")
        self._label_points = {
            code: (float(latitude), float(longitude))
            for layer, key in ((edition.provinces, "adm1_code"), (edition.districts, "adm2_code"))
            for code, latitude, longitude in zip(
                layer[key], layer["label_lat"], layer["label_lon"], strict=True
            )
        }
        found = tables["place_candidates"]
        found = found[found["subject_table"] == "deployment_places"].sort_values("unit_code")
        self._candidates: dict[tuple[str, int], list[str]] = {}
        for row in found.itertuples():
            key = (row.subject_id, int(row.place_no))
            self._candidates.setdefault(key, []).append(row.unit_code)

    def statement(self, row: Any, number: int | None, standing: Standing) -> Statement:
        """Return a row of ``deployments`` with the columns that `deployments_as_of` adds."""
        last_day = _day(row.last_day)
        source, actor = self._sources.get(row.source_id), self._actors.get(row.actor_id)
        return Statement(
            deployment_id=row.deployment_id,
            number=number,
            standing=standing,
            kind=row.kind,
            title=row.title,
            when=when(row),
            date_words=_text(row.date_words),
            begin=_day(row.begin),
            end=_day(row.end),
            last_day=last_day,
            age_days=(self._day - last_day).days if self._day and last_day else None,
            is_planned=bool(row.is_planned),
            unit=self._unit(row.unit_id),
            actor_name=actor.name if actor else "",
            affiliation=actor.affiliation if actor else "other",
            strength=Strength(
                _integer(row.strength_low),
                _integer(row.strength_best),
                _integer(row.strength_high),
                _text(row.strength_qualifier),
                _text(row.strength_unit),
                _text(row.strength_words),
            ),
            places=tuple(self._place(place) for place in self._places.get(row.deployment_id, [])),
            confidence=row.confidence,
            said_by=_text(row.said_by),
            source_id=row.source_id,
            source_name=f"{source.title} ({source.publisher})" if source else "",
            coder_note=_text(row.coder_note),
        )

    def _unit(self, unit_id: object) -> Unit | None:
        row = self._units.get(unit_id)
        if row is None:
            return None
        parent = self._units.get(row.parent_unit_id)
        return Unit(
            unit_id=row.unit_id,
            name=row.name,
            echelon=row.echelon,
            parent_id=_text(row.parent_unit_id),
            parent_name=parent.name if parent else "",
            coder_note=_text(row.coder_note),
        )

    def _place(self, row: Any) -> Place:
        stated = [row.place_name, row.district_name, row.province_name]
        text = ", ".join(dict.fromkeys(part for part in map(_text, stated) if part))
        text = text or _text(row.place_words) or _text(row.country)
        is_near = row.place_relation == "near"
        adm1_code, adm2_code = _text(row.adm1_code), _text(row.adm2_code)
        codes = self._candidates.get((row.deployment_id, int(row.place_no)), [])
        return Place(
            role=row.role,
            stated=f"near {text}" if is_near and text else text,
            known_to=PRECISION_NAMES[_text(row.geo_precision) or "unknown"],
            adm1_code=adm1_code,
            adm2_code=adm2_code,
            unit_name=self._names.get(adm2_code or adm1_code, ""),
            candidates=tuple(f"{self._names.get(code, 'unit')} ({code})" for code in codes),
            words=_text(row.place_words),
            coder_note=_text(row.coder_note),
            spot=_spot(row, adm2_code or adm1_code, self._label_points),
        )


def _spot(row: Any, code: str, label_points: Mapping[str, tuple[float, float]]) -> Spot | None:
    """Return where to draw a place: at its own point if that says more than the unit does."""
    if pd.notna(row.point_latitude) and row.geo_precision in ("exact", "near", "adm1"):
        at = (float(row.point_latitude), float(row.point_longitude))
        radius = None if pd.isna(row.precision_km) else float(row.precision_km)
        if row.geo_precision == "exact":
            return Spot("exact", *at)
        if row.geo_precision == "near":
            return Spot("near", *at, radius)
        if radius is not None:  # a place of the gazetteer, whose circle reaches over districts
            is_near = row.place_relation == "near"  # it may lie outside that circle
            return Spot("province", *at) if is_near else Spot("near", *at, radius)
    if code not in label_points:
        return None
    return Spot("district" if len(code) > 6 else "province", *label_points[code])


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _number(value: int | None) -> str:
    return "not stated" if value is None else f"{value:,}"


def _integer(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _day(value: Any) -> dt.date | None:
    return None if pd.isna(value) else value.date()


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
