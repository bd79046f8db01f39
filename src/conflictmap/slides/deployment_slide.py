"""What a slide of deployments says: what reports last placed where, as of a day.

A row is a statement, not that a unit is still there. Strengths are words and are never added up.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from conflictmap.mark import MARK
from conflictmap.periods import Period, in_solar_hijri
from conflictmap.slides.deployment_title import day_words, deployment_title
from conflictmap.slides.evidence import Evidence
from conflictmap.slides.plain_text import (
    MOST_IN_MARKING,
    MOST_IN_TITLE,
    check_length,
    plain_text,
)
from conflictmap.slides.slide import SlideWishes, sources_of
from conflictmap.symbols import SCHEME_NAMES, Scheme
from conflictmap.views.deployment_look import strength_of_evidence, symbol_of
from conflictmap.views.deployment_moves import Move, moves_of
from conflictmap.views.deployment_query import LAYER_NAMES, DeploymentsQuery, Layer
from conflictmap.views.deployment_statements import Place, Statement
from conflictmap.views.deployments import DeploymentsView, deployments_as_of
from conflictmap.views.facts import Facts
from conflictmap.views.group_areas import GroupAreasView, group_areas

COLUMNS: Final = ("#", "Unit, or what", "Where (known to)", "When", "Strength", "Report")

_SHOWN: tuple[Layer, ...] = ("groups", "deployments")
_KNOWN_TO = {
    "the place itself": "the place itself",
    "a named place": "near it",
    "the district": "district",
    "the province": "province",
    "the country only": "country",
    "abroad": "abroad",
    "not stated": "not stated",
}


@dataclass(frozen=True)
class ShownStatement:
    """One statement as the slide tells and draws it."""

    number: int
    deployment_id: str
    unit_id: str  # empty where no unit is named
    unit_name: str
    kind: str
    size_class: int  # of its strength: the width of its arrows
    sidc: str  # empty for a visit, which is of a person
    affiliation: str
    echelon: str
    is_dashed: bool
    strength_of_evidence: float
    is_doubled: bool
    what: str  # the unit, or what is stated where none is named, with what may be counted twice
    where: tuple[str, ...]  # each place with what it is known to; the origins come last
    when: str
    strength: str  # in words; empty where no number is stated
    report: str
    in_words: str
    moves: tuple[Move, ...]

    @property
    def name(self) -> str:
        """Return what it is called among the shapes of a file: unit name and id, or its title."""
        return f"{self.unit_name} ({self.unit_id})" if self.unit_id else self.what

    @property
    def row(self) -> tuple[str, ...]:
        """Return its row of the table, all columns, nothing cut."""
        where = "; ".join(self.where)
        return (str(self.number), self.what, where, self.when, self.strength, self.report)


@dataclass(frozen=True)
class ToldArea:
    """A province or district of which something is said of armed groups."""

    code: str
    name: str
    is_area: bool  # a report gives it for a group
    is_claim: bool  # somebody says that a group is there


@dataclass(frozen=True, kw_only=True)
class DeploymentSlide(Evidence):
    """Deployments as of a day, ready to be drawn in any format."""

    day: str
    scheme: Scheme
    layers: tuple[Layer, ...]  # those drawn, the lowest first
    half_life_days: int
    statements: tuple[ShownStatement, ...]
    told: tuple[ToldArea, ...]
    provinces: tuple[tuple[str, str], ...]  # code and name, in the order of codes

    def values(self) -> dict[str, Any]:
        """Return all that the slide says; the names of provinces are those of the edition."""
        found = asdict(self)
        for statement in found["statements"]:
            for move in statement["moves"]:
                for spot in (move["origin"], move["spot"]):
                    for side in ("latitude", "longitude") if spot else ():
                        spot[side] = round(spot[side], 5)
        return found

    def all_rows(self) -> tuple[str, ...]:
        """Return every statement in words."""
        return ("All statements:", *(one.in_words for one in self.statements))

    def sayings(self) -> dict[str, dict[str, Any]]:
        """Return what it says of the data: each statement as well, under its own id."""
        return super().sayings() | {
            "statement": {one.deployment_id: " | ".join(one.row[1:]) for one in self.statements},
            "area told of groups": {f"{one.code} {one.name}": _told(one) for one in self.told},
        }


def make_deployment_slide(
    facts: Facts,
    query: DeploymentsQuery,
    wishes: SlideWishes | None = None,
    *,
    as_of: str,
    half_life_days: int = 30,
    boundary_note: str = "",
) -> DeploymentSlide:
    """Return the slide of a view of the page on deployments.

    Parameters
    ----------
    as_of
        The day that the revision was published.
    half_life_days
        After how many days evidence is drawn half as strong.

    Raises
    ------
    QueryError
        If a text is too long for a slide.
    """
    wishes = wishes or SlideWishes()
    view = deployments_as_of(facts, query.day, only_published=query.only_published)
    layers = tuple(layer for layer in query.layers if layer in _SHOWN)
    groups = group_areas(facts, view.day, only_published=query.only_published)
    proposed = plain_text(deployment_title(view))
    statements = tuple(_shown(one, query.scheme, half_life_days) for one in view.statements)
    names = facts.names_of("province")
    edition = facts.edition
    return DeploymentSlide(
        link=f"?{urlencode(_parameters(query, view))}",
        revision=view.revision,
        as_of=as_of,
        title=check_length(wishes.title, MOST_IN_TITLE, "title") or proposed,
        proposed_title=proposed,
        subtitle=_subtitle(query, view),
        marking=check_length(wishes.marking, MOST_IN_MARKING, "handling marking"),
        synthetic_mark=f"{MARK}: made up, not real incidents" if facts.is_synthetic else "",
        counted=_counted(view, groups if "groups" in layers else None),
        sources=sources_of(facts, view.reports, has_titles=False),
        titles=sources_of(facts, view.reports, has_titles=True),
        boundaries=plain_text(f"{edition.title} (edition {edition.edition_id})"),
        disclaimer=plain_text(f"{edition.disclaimer} {boundary_note} {facts.sight_note}"),
        in_words=" ".join(
            [f"{proposed}.", *(f"{one.in_words}." for one in statements)]
            if statements
            else [proposed]
        ),
        day=f"{view.day:%Y-%m-%d}" if view.day else "",
        scheme=query.scheme,
        layers=layers,
        half_life_days=half_life_days,
        statements=statements,
        told=_told_areas(facts, groups) if "groups" in layers else (),
        provinces=tuple((code, names[code]) for code in sorted(names)),
    )


def _parameters(query: DeploymentsQuery, view: DeploymentsView) -> dict[str, str]:
    """Return the parameters of the link: with its day, so that a later revision shows the same."""
    day = replace(query, day=view.day).parameters()
    return day | {"revision": str(view.revision)}


def _shown(one: Statement, scheme: Scheme, half_life_days: int) -> ShownStatement:
    unit = one.unit
    what = plain_text(unit.name if unit else one.title)
    also = "; ".join(_warnings(one))
    shown = ShownStatement(
        number=one.number or 0,
        deployment_id=one.deployment_id,
        unit_id=plain_text(unit.unit_id) if unit else "",
        unit_name=plain_text(unit.name) if unit else "",
        kind=one.kind,
        size_class=one.strength.size_class,
        sidc=symbol_of(one, scheme),
        affiliation=one.affiliation,
        echelon=unit.echelon if unit else "",
        is_dashed=one.is_unsure,
        strength_of_evidence=round(
            strength_of_evidence(one, half_life_days), 2
        ),  # as PPTX keeps it
        is_doubled=bool(one.doubled_with),
        what=f"{what} ({also})" if also else what,
        where=tuple(plain_text(_where(one, place)) for place in _places(one)) or ("not stated",),
        when=plain_text(one.when),
        strength=plain_text(one.strength.text or one.strength.words),
        report=plain_text(one.source_id),
        in_words="",
        moves=tuple(moves_of(one)),
    )
    number, *cells = shown.row
    told = [cell for cell in (plain_text(one.title), *cells) if cell]
    return replace(shown, in_words=f"{number}: {'; '.join(told)}")


def _warnings(one: Statement) -> list[str]:
    """Return in few words what a reader of a row must know besides it."""
    words = []
    if one.is_planned:
        words.append("planned")
    elif one.is_unsure:
        words.append("unconfirmed" if one.confidence == "unconfirmed" else "single claim")
    if one.doubled_with:
        words.append(f"same unit as {_listed(one.doubled_with)}: count it once")
    if one.part_of:
        words.append(f"part of {_listed(one.part_of)}")
    return words


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


def _places(one: Statement) -> list[Place]:
    return sorted(one.places, key=lambda place: place.role == "origin")


def _where(one: Statement, place: Place) -> str:
    """Return a place in words that are no finer than what is known."""
    stated = place.stated or "place not named"
    known = _KNOWN_TO.get(place.known_to, place.known_to)
    if place.candidates:
        known = f"one of {len(place.candidates)} possible places"
    is_moved = {found.role for found in one.places} == {"origin", "destination"}
    role = "from " if place.role == "origin" else "to " if is_moved else ""
    return f"{role}{stated} ({known})"


def _told_areas(facts: Facts, groups: GroupAreasView) -> tuple[ToldArea, ...]:
    names = facts.names_of("province") | facts.names_of("district")
    kinds = {code: {told.kind for told in groups.of(code)} for code in groups.codes}
    return tuple(
        ToldArea(code, plain_text(names.get(code, code)), "area" in kind, "claim" in kind)
        for code, kind in kinds.items()
    )


def _told(area: ToldArea) -> str:
    parts = [(area.is_area, "an area that a report gives"), (area.is_claim, "claimed")]
    return " and ".join(words for holds, words in parts if holds)


def _subtitle(query: DeploymentsQuery, view: DeploymentsView) -> tuple[str, ...]:
    """Return what is shown, as of which day in both calendars, by which reports, drawn how."""
    what = "last reported deployments, exercises, new units, searches, visits"
    if view.day:
        other = in_solar_hijri(Period(view.day, view.day))
        day = f"{day_words(view.day)} ({other})" if other else day_words(view.day)
        what = f"Afghanistan, {day}: {what}"
    else:
        what = f"Afghanistan: {what}"
    lines = [what]
    if query.only_published:
        lines.append("Only what was published by that day")
    if query.scheme != "neutral":
        lines.append(f"Frames of symbols: {SCHEME_NAMES[query.scheme]}, by choice")
    hidden = [LAYER_NAMES[layer].lower() for layer in query.layers if layer not in _SHOWN]
    if hidden:
        lines.append(f"Not on this slide: {', '.join(hidden)} (see the slide of the map)")
    if "deployments" not in query.layers:
        lines.append("Deployments are switched off on the map and stand in the table only")
    return tuple(lines)


def _counted(view: DeploymentsView, groups: GroupAreasView | None) -> tuple[str, ...]:
    """Return n, what is not on the map, and what no number here may be taken for."""
    n = len(view.statements)
    lines = [f"{n:,} of {view.total:,} statement{'' if view.total == 1 else 's'}"]
    for many, words in (
        (view.replaced, "older than a later one on the same unit"),
        (view.later, "later than this day"),
        (view.not_yet_published, "in reports not known to be published by this day"),
        (len(view.undated), "without a day, not on the map"),
        (len(view.not_drawn), "in the table only: no place known"),
    ):
        if many:
            lines.append(f"{many:,} {words}")
    if n:
        lines.append("last reported is not still there; strengths are not added up")
    if groups and groups.told:
        undrawn = sum(not told.code for told in groups.told)
        told = len(groups.told)
        lines.append(
            f"armed groups: {told:,} statement{'' if told == 1 else 's'},"
            f" {undrawn:,} without a province"
        )
    return tuple(lines)
