"""Tables with a row of HXL tags: what a column holds is told by its tag and attributes.

A tag counts only where each of its attributes is one we know the meaning of. Of the killed,
``#affected+killed+f`` are the women among them: an "of whom" figure, kept and never summed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from conflictmap.ingest.model import Answers, Draft, RawTable
from conflictmap.ingest.numbers import read_figures
from conflictmap.ingest.profiles.columns import Cells
from conflictmap.ingest.profiles.drafting import figures, with_casualties
from conflictmap.ingest.profiles.sheet import check_fields, convert_sheet

_PLACES = {"province", "district", "place", "latitude", "province_pcode", "district_pcode"}


class _Rule(NamedTuple):
    """A field, its tag, attributes it must have, and those it may have."""

    field: str
    tag: str
    must: frozenset[str]
    may: frozenset[str]


def _rule(field: str, tag: str, must: str = "", may: str = "") -> _Rule:
    return _Rule(field, tag, frozenset(must.split()), frozenset(may.split()))


_PEOPLE = "best num total ind persons"
_WORDS = 80  # characters that are kept of an "of whom" cell that is no figure
_LOW, _HIGH = ("low", "min"), ("high", "max")
_TEXT = "text en main"

_RULES = (
    _rule("id", "event", "id", "num"),
    _rule("id", "event", "code", "id"),
    _rule("id", "meta", "id"),
    _rule("date_start", "date", "start", "occurred event"),
    _rule("date_end", "date", "end", "occurred event"),
    _rule("date", "date", "", "occurred event day incident"),
    _rule("title", "event", "name", "title"),
    _rule("title", "event", "title"),
    _rule("title", "meta", "title"),
    _rule("description", "description", "", _TEXT + " event"),
    _rule("description", "event", "description", _TEXT),
    _rule("target_type", "event", "target type"),
    _rule("target_community", "event", "target community"),
    _rule("event_type", "event", "type", "name main"),
    _rule("event_type", "event", "", "main"),
    _rule("country", "country", "name", "en"),
    _rule("country", "country", "", "code iso2 iso3 v_iso3"),
    _rule("province", "adm1", "name", "en"),
    _rule("province_pcode", "adm1", "code", "v_pcode pcode"),
    _rule("province", "adm1"),
    _rule("district", "adm2", "name", "en"),
    _rule("district_pcode", "adm2", "code", "v_pcode pcode"),
    _rule("district", "adm2"),
    _rule("place", "loc", "", "name en"),
    _rule("latitude", "geo", "lat"),
    _rule("longitude", "geo", "lon"),
    _rule("place_precision", "geo", "precision"),
    *(
        _rule(f"{harm}_{end}", "affected", f"{attribute} {word}", "num ind persons")
        for harm, attributes in (("killed", ("killed",)), ("wounded", ("wounded", "injured")))
        for attribute in attributes
        for end, words in (("low", _LOW), ("high", _HIGH))
        for word in words
    ),
    *(
        _rule(f"civilians_{harm}", "affected", f"{attribute} {word}", _PEOPLE)
        for harm, attributes in (("killed", ("killed",)), ("wounded", ("wounded", "injured")))
        for attribute in attributes
        for word in ("civilians", "civilian")
    ),
    _rule("killed", "affected", "killed", _PEOPLE),
    _rule("wounded", "affected", "wounded", _PEOPLE + " injured"),
    _rule("wounded", "affected", "injured", _PEOPLE),
    _rule("actor1", "group", "first", "name"),
    _rule("actor2", "group", "second", "name"),
    _rule("actor1", "group", "", "name"),
    _rule("actor1", "actor", "", "name"),
    _rule("source", "meta", "source", "name"),
    _rule("source", "source", "", "name"),
    _rule("source_url", "meta", "url", "source"),
    _rule("verified", "meta", "verified"),
    _rule("note", "meta", "note"),
    _rule("note", "meta", "notes"),
    _rule("language", "meta", "language"),
)
"""What is read, the likelier column of a field first."""

_HARMS = {"killed": "killed", "wounded": "wounded", "injured": "wounded"}
_SEXES = {"f": "women", "m": "men"}
_AGES = {"children": "children", "adolescents": "teenagers", "adults": "adults"}


class OfWhom(NamedTuple):
    """Whom a column of an "of whom" figure counts; sex or age is empty where the tag gives none."""

    harm: str
    victim_group: str
    sex: str
    age: str


def fields_of(raw: RawTable) -> dict[str, str]:
    """Return the column of each field that the tags name; where several would do, the first."""
    tagged = [
        (column, *_parsed(tag)) for column, tag in zip(raw.cells.columns, raw.hxl, strict=False)
    ]
    fields: dict[str, str] = {}
    for rule in _RULES:
        for column, tag, attributes in tagged:
            is_it = tag == rule.tag and rule.must <= attributes <= rule.must | rule.may
            if is_it and column not in fields.values():
                fields.setdefault(rule.field, column)
    return fields


def subsets_of(raw: RawTable) -> dict[OfWhom, str]:
    """Return the columns of women, men, children, teenagers and adults among the harmed."""
    columns: dict[OfWhom, str] = {}
    for column, text in zip(raw.cells.columns, raw.hxl, strict=False):
        tag, attributes = _parsed(text)
        of_whom = _of_whom(attributes) if tag == "affected" else None
        if of_whom is not None:
            columns.setdefault(of_whom, column)
    return columns


def has_usable_tags(raw: RawTable) -> bool:
    """Tell whether the tags name at least a date and a place of each incident."""
    fields = fields_of(raw)
    return not check_fields(fields) and bool(_PLACES & set(fields))


def convert(raw: RawTable, answers: Answers) -> Draft:
    """Convert a table by its HXL tags. Incidents of other countries are out of scope.

    Parameters
    ----------
    raw
        A table whose tags are usable.
    answers
        What was settled.
    """
    columns, subsets = fields_of(raw), subsets_of(raw)
    cells = raw.cells.drop(columns=list(subsets.values()))  # so that they are not told as unread
    draft = convert_sheet(replace(raw, cells=cells), columns, answers, profile="hxl")
    texts = Cells(raw)
    parts = []
    for of_whom, column in subsets.items():
        read = read_figures(texts.table[column].astype("str").fillna("").str.strip())
        unread = texts.index.isin(list(read.problems))
        parts.append(
            figures(
                read.qualifier.notna() | unread,
                **of_whom._asdict(),
                low=read.low,
                best=read.best,
                high=read.high,
                qualifier=read.qualifier.mask(unread, "words_only"),
                words=read.words.mask(unread, texts.table[column].str.slice(0, _WORDS)),
            )
        )
    return with_casualties(draft, parts)


def _of_whom(attributes: frozenset[str]) -> OfWhom | None:
    """Return whom a tag's attributes count, or None where they count all or one is not known."""
    found = [
        {known[name] for name in attributes & set(known)}
        for known in (_HARMS, _SEXES, _AGES, {"civilians": "civilians", "civilian": "civilians"})
    ]
    known = {*_HARMS, *_SEXES, *_AGES, "civilians", "civilian", *_PEOPLE.split()}
    if not attributes <= known or len(found[0]) != 1 or any(len(part) > 1 for part in found):
        return None
    harm, sex, age, group = (next(iter(part), "") for part in found)
    return OfWhom(harm, group or "all", sex, age) if sex or age else None


def _parsed(tag: str) -> tuple[str, frozenset[str]]:
    """Return the name and the attributes of a tag: "#adm1 +name" is "adm1" and "name"."""
    name, *attributes = tag.lower().replace(" ", "").removeprefix("#").split("+")
    return name, frozenset(attribute for attribute in attributes if attribute)
