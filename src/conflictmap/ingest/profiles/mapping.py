"""Tables nobody knows: a proposed column for each field, shown, mended, saved and used again."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conflictmap.errors import IncidentFileError
from conflictmap.ingest.model import Answers, Draft, RawTable
from conflictmap.ingest.profiles import hxl
from conflictmap.ingest.profiles.fields import FIELDS
from conflictmap.ingest.profiles.sheet import check_fields, convert_sheet

VERSION = 1
NAME_CHARACTERS = 80

_EXAMPLE = '{"columns": {"date": "Date", "province": "Province"}}, for example'

SYNONYMS = {
    "id": "id|event id|incident id|record id|reference|ref|no|number|شماره|شناسه|ګڼه",
    "date": "date|event date|incident date|date of incident|date of event|day|when|date reported"
    "|تاریخ|تاریخ رویداد|تاریخ واقعه|نېټه|نیټه",
    "date_start": "date start|start date|date from|from|begin|begin date|تاریخ شروع|تاریخ آغاز"
    "|د پیل نېټه",
    "date_end": "date end|end date|date to|to|until|تاریخ ختم|تاریخ پایان|د پای نېټه",
    "title": "title|headline|incident|event|subject|عنوان|سرخط|سرلیک",
    "description": "description|details|summary|notes|narrative|what happened|text|شرح|توضیحات"
    "|جزئیات|تشریح|توضیح|شرحه|جزییات",
    "event_type": "event type|type|incident type|category|type of incident|attack type|نوع"
    "|نوع رویداد|نوع حادثه|نوع واقعه|ډول|د پېښې ډول",
    "country": "country|country name|کشور|هیواد|هېواد",
    "province": "province|adm1|admin1|adm1 en|admin 1|province name|wilayat|region|ولایت|والایت",
    "district": "district|adm2|admin2|adm2 en|admin 2|district name|wuleswali|uluswali|woleswali"
    "|ولسوالی|ولسوالۍ",
    "place": "place|location|village|town|city|locality|site|محل|جای|قریه|منطقه|محل رویداد|ځای|کلی",
    "province_pcode": "adm1 pcode|admin1 pcode|province pcode|province code|admin1 code|adm1 code"
    "|کود ولایت",
    "district_pcode": "adm2 pcode|admin2 pcode|district pcode|district code|admin2 code|adm2 code"
    "|کود ولسوالی",
    "latitude": "latitude|lat|y|عرض البلد|عرض جغرافیایی",
    "longitude": "longitude|lon|long|lng|x|طول البلد|طول جغرافیایی",
    "place_precision": "place precision|location precision|point precision",
    "killed": "killed|dead|deaths|fatalities|total killed|people killed|no killed|number killed"
    "|کشته|کشته شده|کشته ها|تلفات|شهید|وژل شوي|مړه|وژل شوی",
    "killed_low": "killed low|killed min|deaths low|min killed|minimum killed|low",
    "killed_high": "killed high|killed max|deaths high|max killed|maximum killed|high",
    "civilians_killed": "civilians killed|civilian deaths|killed civilians|civilian killed"
    "|غیرنظامیان کشته شده|ملکی کشته",
    "wounded": "wounded|injured|injuries|total wounded|people injured|no wounded|زخمی|زخمیان"
    "|مجروح|ټپي|ټپیان|ټپی",
    "wounded_low": "wounded low|wounded min|injured low",
    "wounded_high": "wounded high|wounded max|injured high",
    "civilians_wounded": "civilians wounded|civilian injuries|civilians injured",
    "actor1": "actor1|actor 1|actor|perpetrator|attacker|responsible|group|by whom|عامل|گروه"
    "|مسئول|ډله",
    "actor2": "actor2|actor 2|other side|opponent|طرف مقابل",
    "target_type": "target type|target|هدف",
    "target_community": "target community|community|ethnic group|قوم",
    "source": "source|reported by|media|outlet|publisher|منبع|سرچینه",
    "source_url": "source url|url|link|source link|web|لینک|لینک منبع",
    "verified": "verified|verification|confirmed|تأیید شده|تایید شده",
    "note": "note|comment|comments|remarks|ملاحظات|یادداشت",
    "language": "language|lang|زبان|ژبه",
}
"""Names that columns of each field bear, in English, Dari and Pashto, the likelier ones first."""


@dataclass(frozen=True)
class ColumnMapping:
    """Which column of a table holds which field of `fields.FIELDS`, under a name to keep it by."""

    columns: Mapping[str, str]
    name: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {"version": VERSION, "name": self.name, "columns": dict(self.columns)}


def read_mapping(value: object) -> ColumnMapping:
    """Return the mapping that `ColumnMapping.to_dict` made, or that somebody wrote by hand.

    By hand a bare ``{"date": "Date", "province": "Province"}`` will do.

    Raises
    ------
    IncidentFileError
        If it is none: every fault at once, each with its cure.
    """
    if not isinstance(value, Mapping) or not value:
        raise IncidentFileError(f"mapping: it leads no field to a column. Write {_EXAMPLE}.")
    columns = value.get("columns", value)
    name, version = "", VERSION
    if "columns" in value:
        name, version = value.get("name", ""), value.get("version", VERSION)
    faults = []
    if version != VERSION:
        faults.append(f"It has another version. Write {VERSION}, or leave it out.")
    if not isinstance(name, str) or len(name) > NAME_CHARACTERS:
        faults.append(f"'name' is a text of up to {NAME_CHARACTERS} characters. Shorten it.")
    if not isinstance(columns, Mapping) or not all(
        isinstance(part, str) for pair in columns.items() for part in pair
    ):
        faults.append(f"It leads fields to names of columns. Write {_EXAMPLE}.")
    else:
        faults += check_fields(columns)
    if faults:
        raise IncidentFileError("mapping: " + " ".join(faults))
    return ColumnMapping(dict(columns), name)


def propose_mapping(raw: RawTable) -> ColumnMapping:
    """Propose a column for each field: by HXL tags, else by the usual names of columns.

    A proposal is shown and confirmed before anything is read by it, and each column is proposed
    once. Fields without a likely column are left out.
    """
    columns = hxl.fields_of(raw)
    free: dict[str, str] = {}
    for column in raw.cells.columns:
        if column not in columns.values():
            free.setdefault(_key(str(column)), column)
    for field, names in _synonyms().items():
        found = next((free[name] for name in names if name in free), None)
        if found is not None and field not in columns:
            columns[field] = found
            del free[_key(found)]
    if {"latitude", "longitude"} & set(columns) and not {"latitude", "longitude"} <= set(columns):
        columns = {field: name for field, name in columns.items() if not field.endswith("itude")}
    return ColumnMapping({field: columns[field] for field in FIELDS if field in columns})


def check_mapping(raw: RawTable, mapping: ColumnMapping) -> list[str]:
    """Return what keeps a mapping from being used on a table, a sentence each; empty: nothing."""
    faults = check_fields(mapping.columns)
    present = set(raw.cells.columns)
    faults += [
        f"The file has no column '{_short(column)}' for '{field}'. Choose one of its columns."
        for field, column in mapping.columns.items()
        if column not in present
    ]
    fields_by_column: dict[str, list[str]] = {}
    for field, column in mapping.columns.items():
        fields_by_column.setdefault(column, []).append(field)
    return faults + [
        f"'{_short(column)}' is chosen for {' and '.join(fields)}. Choose it for one of them."
        for column, fields in fields_by_column.items()
        if len(fields) > 1
    ]


def convert_mapped(raw: RawTable, mapping: ColumnMapping, answers: Answers) -> Draft:
    """Convert a table by a mapping. Incidents of other countries are out of scope.

    Raises
    ------
    IncidentFileError
        If the mapping does not fit the table.
    """
    faults = check_mapping(raw, mapping)
    if faults:
        raise IncidentFileError("mapping: " + " ".join(faults))
    return convert_sheet(raw, mapping.columns, answers, profile="mapped")


def _synonyms() -> dict[str, list[str]]:
    return {
        field: [_key(name) for name in (field, *SYNONYMS[field].split("|"))] for field in FIELDS
    }


def _key(name: str) -> str:
    """Return the name of a column for comparison: no case, marks, brackets, choice of letters."""
    text = unicodedata.normalize("NFKD", name.partition("(")[0].casefold())
    text = text.translate(_LETTERS)
    kept = "".join(
        " " if sign in "_-./:\u200c" else sign for sign in text if not unicodedata.combining(sign)
    )
    return " ".join(kept.split())


def _short(name: str) -> str:
    return name if len(name) <= NAME_CHARACTERS else name[: NAME_CHARACTERS - 1] + "…"


_LETTERS = str.maketrans("يىۍېكة", "ییییکه", "\ufeff#")
