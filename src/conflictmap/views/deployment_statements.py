"""What reports state of deployments, a statement at a time, in words no finer than what is known.

Texts come from reports: a screen shows them as text only, and the map gets none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from conflictmap.schema import label
from conflictmap.views.facts import Facts
from conflictmap.views.incidents import PRECISION_NAMES, when
from conflictmap.views.points import MarkKind


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


@dataclass(frozen=True)
class Unit:
    """One military unit, named as its source names it."""

    unit_id: str
    name: str
    echelon: str
    parent_name: str
    actor_name: str
    coder_note: str


@dataclass(frozen=True)
class Statement:
    """One statement of a report on a deployment."""

    deployment_id: str
    number: int | None  # of its badge on the map; None where it is not on the map
    kind: str
    title: str
    when: str
    date_words: str
    last_day: dt.date | None  # the last day it may speak of
    age_days: int | None  # from that day to the day of the view
    unit: Unit | None
    actor_name: str
    strength: Strength
    places: tuple[Place, ...]
    confidence: str
    said_by: str
    source_id: str
    source_name: str
    coder_note: str

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
            ("When", self.when),
            ("Source's words for the date", self.date_words),
            ("Unit", unit.name if unit else "not stated"),
            ("Echelon", unit.echelon if unit else ""),
            ("Part of", parent),
            ("Force", self.actor_name),
            ("Strength", self.strength.text or "no number stated"),
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
        self._actors = dict(
            zip(tables["actors"]["actor_id"], tables["actors"]["name"], strict=True)
        )
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

    def statement(self, row: Any, number: int | None) -> Statement:
        """Return a row of ``deployments`` with ``last_day``, and its number on the map."""
        last_day = None if pd.isna(row.last_day) else row.last_day.date()
        source = self._sources.get(row.source_id)
        return Statement(
            deployment_id=row.deployment_id,
            number=number,
            kind=row.kind,
            title=row.title,
            when=when(row),
            date_words=_text(row.date_words),
            last_day=last_day,
            age_days=(self._day - last_day).days if self._day and last_day else None,
            unit=self._unit(row.unit_id),
            actor_name=self._actors.get(row.actor_id, ""),
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
            echelon=label(row.echelon),
            parent_name=parent.name if parent else "",
            actor_name=self._actors.get(row.actor_id, ""),
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


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
