"""Tables with a row of HXL tags: what a column holds is told by its tag and attributes.

A tag counts only where each of its attributes is one we know the meaning of: of the killed,
``#affected+killed+f`` are the women among them and are not read as all.
"""

from __future__ import annotations

from typing import NamedTuple

from conflictmap.ingest.model import Answers, Draft, RawTable
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
    return convert_sheet(raw, fields_of(raw), answers, profile="hxl")


def _parsed(tag: str) -> tuple[str, frozenset[str]]:
    """Return the name and the attributes of a tag: "#adm1 +name" is "adm1" and "name"."""
    name, *attributes = tag.lower().replace(" ", "").removeprefix("#").split("+")
    return name, frozenset(attribute for attribute in attributes if attribute)
