"""The tables of the house: their columns, types, units and allowed values.

This is the one home of column names. Everything else follows from it: the CSVs in ``data/`` (a file
a table), the tables of the store, the codebook's checks and the descriptions in ``docs/data.md``.

A value that is missing was not stated. It is never zero, never "no".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "integer", "number", "date", "boolean", "code"]

# --- allowed values -------------------------------------------------------------------------------

DATE_PRECISIONS = ("day", "days", "week", "month", "year", "unknown")
DATE_BASES = (
    "stated",
    "weekday resolved",
    "relative to the report",
    "bounded by the report",
    "none",
)
EVENT_TYPES = (
    "armed_attack",
    "bombing",
    "suicide_attack",
    "assassination",
    "clash",
    "execution",
    "abduction",
    "security_operation",
    "ordnance_found",
    "defection_or_revolt",
    "air_strike",
    "shelling",
    "other",
)
TARGET_TYPES = (
    "mosque",
    "school",
    "market",
    "embassy",
    "outpost",
    "vehicle",
    "shop",
    "office",
    "hotel",
    "hospital",
    "border_post",
    "official",
    "commander",
    "armed_group",
    "residents",
    "other",
)
COMMUNITIES = ("hazara", "shia", "sunni", "hindu", "sikh", "tajik", "uzbek", "pashtun", "other")
GEO_PRECISIONS = ("exact", "near", "adm2", "adm1", "country", "abroad", "unknown")
PLACE_RELATIONS = ("at", "near")
JOIN_METHODS = (
    "within",
    "nearest",
    "district_name",
    "district_alias",
    "gazetteer",
    "province_name",
    "country",
    "abroad",
    "ambiguous",
    "pcode",
    "confirmed",
    "none",
)
CROSS_BORDER_DIRECTIONS = ("from Afghanistan", "into Afghanistan")
ATTRIBUTION_KINDS = ("claimed", "attributed", "suspected", "disputed", "took_part")
VICTIM_GROUPS = (
    "civilians",
    "taliban",
    "republic_forces",
    "anti_taliban",
    "iskp",
    "other_state",
    "private_security",
    "attackers",
    "unknown",
    "all",
)
HARMS = ("killed", "wounded", "abducted")
QUALIFIERS = ("exactly", "at_least", "around", "range", "words_only")
SEXES = ("women", "men")
AGES = ("children", "teenagers", "adults")
AFFILIATIONS = (
    "de_facto_authorities",
    "anti_taliban",
    "islamic_state",
    "foreign_armed_group",
    "foreign_state",
    "republic",
    "other",
)
ACTOR_STATUSES = ("confirmed", "announced", "unconfirmed")
ECHELONS = ("company", "battalion", "brigade", "division", "corps", "other", "not stated")
DEPLOYMENT_KINDS = ("deployment", "exercise", "formation", "search_operation", "visit")
STRENGTH_UNITS = ("persons", "battalions")
DEPLOYMENT_ROLES = ("origin", "destination")
CONFIDENCES = ("reported", "several reports", "single claim", "unconfirmed")
CLAIM_TOPICS = (
    "fighters",
    "presence",
    "activity",
    "transit_route",
    "training",
    "recruitment",
    "support",
    "intent",
    "abuse",
    "trend",
    "denial",
    "other",
)
TALLY_MEASURES = ("incidents", "killed", "wounded", "internal_incidents")
TALLY_STATISTICS = ("count", "change", "concentrated_in")
TALLY_BASES = ("published", "our arithmetic")
SOURCE_KINDS = ("news", "analysis", "blog", "dataset", "spreadsheet")
COUNTING_DATES = ("date_from",)


# --- what a table is ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, meaning, and the values it may hold."""

    name: str
    kind: Kind
    help: str
    allowed: tuple[str, ...] = ()
    required: bool = False
    refers_to: str = ""  # "table.column" of the row this value names
    is_computed: bool = False  # filled by the joins, absent from the CSVs of data/


@dataclass(frozen=True)
class Table:
    """One table: the key that names a row, and its columns in order."""

    name: str
    row: str  # what a row is
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> list[str]:
        """Return the names of all columns, computed ones at their place."""
        return [column.name for column in self.columns]

    @property
    def stated_columns(self) -> list[str]:
        """Return the columns that a coder fills: those of the CSV."""
        return [column.name for column in self.columns if not column.is_computed]


def _text(name: str, help: str, **more: Any) -> Column:
    return Column(name, "text", help, **more)


def _code(name: str, help: str, allowed: tuple[str, ...], **more: Any) -> Column:
    return Column(name, "code", help, allowed, **more)


def _ref(name: str, table: str, help: str, *, required: bool = True) -> Column:
    return Column(name, "text", help, required=required, refers_to=f"{table}.{table[:-1]}_id")


def _id(name: str, help: str) -> Column:
    return _text(name, help, required=True)


SOURCE = _ref("source_id", "sources", "The report that says so.")
CODER_NOTE = _text(
    "coder_note",
    "What the coder knows from outside the source (the true day, a unit's right number). Never"
    " used by filters or totals.",
)

# "When": five columns that stand together wherever something happened.
DATE_COLUMNS = (
    Column("date_from", "date", "First day it may have happened. Missing: not stated."),
    Column("date_to", "date", "Last day it may have happened. Missing: not stated."),
    _code("date_precision", "How well the day is known.", DATE_PRECISIONS, required=True),
    _code("date_basis", "How the dates follow from the source.", DATE_BASES, required=True),
    _text("date_words", "The source's own words for the date, a few words at most."),
)

# "Where", as stated, for tables that name areas only.
AREA_COLUMNS = (
    _text("district_name", "District as the source names it. Missing: not stated."),
    _text("province_name", "Province as the source names it. Missing: not stated."),
    _text("country", "Country as the source gives or implies it. Missing: not stated."),
    Column("adm1_code", "text", "Province (ISO 3166-2).", is_computed=True),
    Column("adm2_code", "text", "District (province code and serial).", is_computed=True),
    _code("geo_precision", "The finest level that is known.", GEO_PRECISIONS, is_computed=True),
    _code("join_method", "How the codes were found.", JOIN_METHODS, is_computed=True),
    Column("boundary_edition", "text", "Edition that the codes belong to.", is_computed=True),
)

# "Where" for something that has a place.
PLACE_COLUMNS = (
    _text("place_name", "Place as the source names it (town, quarter, building's area)."),
    _code(
        "place_relation",
        "at: in that place. near: only near it, so never a district.",
        PLACE_RELATIONS,
    ),
    _text("place_words", "The source's fuller words for the place: ward, building, direction."),
    Column("latitude", "number", "Decimal degrees, WGS 84, where the source gives a point."),
    Column("longitude", "number", "Decimal degrees, WGS 84, where the source gives a point."),
    _code(
        "coordinate_precision",
        "What the source's point stands for. Missing: no point given.",
        ("exact", "near", "adm2", "adm1", "country"),
    ),
    _text("original_precision", "The precision as an uploaded file codes it."),
    *AREA_COLUMNS,
    Column(
        "point_latitude",
        "number",
        "Point to draw, decimal degrees: the source's own, or the gazetteer's for a named place.",
        is_computed=True,
    ),
    Column("point_longitude", "number", "See point_latitude.", is_computed=True),
    Column(
        "precision_km",
        "number",
        "Radius in km within which the place lies around the point. Missing: the point is exact"
        " or there is none.",
        is_computed=True,
    ),
)


def _estimate(of: str, unit: str) -> tuple[Column, ...]:
    """Return the low, best and high columns of a figure, with qualifier and words."""
    return (
        Column(f"{of}low", "integer", f"Lower figure, {unit}. Missing: not stated."),
        Column(f"{of}best", "integer", f"The figure stated, {unit}. Missing: no number was given."),
        Column(f"{of}high", "integer", f"Upper figure, {unit}. Missing: not stated."),
        _code(f"{of}qualifier", "How the source qualifies the figure.", QUALIFIERS),
        _text(f"{of}words", "The source's few words for the figure."),
    )


# --- the tables -----------------------------------------------------------------------------------

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "sources",
            "one report that was read",
            ("source_id",),
            (
                _id("source_id", "Label of the report. Not a date, whatever it looks like."),
                _text("title", "Title, or what it is where it has none.", required=True),
                _text("publisher", "Who published it.", required=True),
                _code("source_kind", "What sort of text it is.", SOURCE_KINDS, required=True),
                Column(
                    "published_date", "date", "Day it was published. Missing: the text has none."
                ),
                _text("published_basis", "How that day follows from the text."),
                Column("reading_order", "integer", "Place in the order of coding.", required=True),
                _text("text_sha256", "SHA-256 of the text that was read.", required=True),
                CODER_NOTE,
            ),
        ),
        Table(
            "incidents",
            "one incident",
            ("incident_id",),
            (
                _id("incident_id", "Our label: letters, digits and hyphens."),
                _text("title", "What happened, in our words, a line.", required=True),
                _text("description", "What is known of it, in our words."),
                *DATE_COLUMNS,
                _code(
                    "counting_date",
                    "The day that the source's codebook counts by. Missing: the whole interval"
                    " must lie in a period.",
                    COUNTING_DATES,
                ),
                _code("event_type", "What kind of incident it was.", EVENT_TYPES, required=True),
                _text("original_type", "The type as an uploaded file gives it."),
                CODER_NOTE,
            ),
        ),
        Table(
            "incident_places",
            "one place that a source gives for an incident",
            ("incident_id", "place_no"),
            (
                _ref("incident_id", "incidents", "The incident."),
                Column("place_no", "integer", "1, 2, ... within the incident.", required=True),
                *PLACE_COLUMNS,
                _code(
                    "cross_border_direction",
                    "Which way something crossed the border. Missing: it did not.",
                    CROSS_BORDER_DIRECTIONS,
                ),
                _text(
                    "border_province_name",
                    "Afghan border province, where a cross-border incident names one.",
                ),
                SOURCE,
            ),
        ),
        Table(
            "place_candidates",
            "one unit that an ambiguous place may be (found by the joins; has no CSV)",
            ("subject_table", "subject_id", "place_no", "unit_code"),
            (
                _text("subject_table", "Table of the place: incident_places, ...", required=True),
                _text("subject_id", "Its incident, deployment, claim, ...", required=True),
                Column("place_no", "integer", "Its place_no or area_no.", required=True),
                _text("unit_code", "Province or district that it may be.", required=True),
            ),
        ),
        Table(
            "incident_targets",
            "one target of an incident",
            ("incident_id", "target_no"),
            (
                _ref("incident_id", "incidents", "The incident."),
                Column("target_no", "integer", "1, 2, ... within the incident.", required=True),
                _code("target_type", "What was struck.", TARGET_TYPES, required=True),
                _code(
                    "target_community",
                    "Community, only where the source says so.",
                    COMMUNITIES,
                ),
                SOURCE,
            ),
        ),
        Table(
            "attributions",
            "one statement on who did it",
            ("attribution_id",),
            (
                _id("attribution_id", "Our label."),
                _ref("incident_id", "incidents", "The incident."),
                _ref("actor_id", "actors", "The actor named."),
                _code("kind", "What sort of statement it is.", ATTRIBUTION_KINDS, required=True),
                _text("by_whom", "Who makes the statement.", required=True),
                _text("words", "What is said, in our words."),
                SOURCE,
            ),
        ),
        Table(
            "casualties",
            "one figure for one victim group and harm",
            ("casualty_id",),
            (
                _id("casualty_id", "Our label."),
                _ref("incident_id", "incidents", "The incident."),
                _code("victim_group", "Who was harmed.", VICTIM_GROUPS, required=True),
                _code("harm", "What was done to them.", HARMS, required=True),
                *_estimate("", "persons"),
                Column(
                    "is_subset",
                    "boolean",
                    'Yes for an "of whom" row (20 children): never summed.',
                    required=True,
                ),
                Column(
                    "is_counted",
                    "boolean",
                    "Yes for the one row an incident, group and harm is summed by; no for a"
                    " subset and for a contradicting statement that is kept beside it.",
                    required=True,
                ),
                _text("nationality", "Nationality, where the source says so."),
                _code("community", "Community, where the source says so.", COMMUNITIES),
                _code("sex", "Only where the source says so.", SEXES),
                _code("age", "Only where the source says so.", AGES),
                _text("said_by", "Who gives the figure, where the report names somebody."),
                SOURCE,
                CODER_NOTE,
            ),
        ),
        Table(
            "incident_sources",
            "what one report said of an incident",
            ("incident_id", "source_id", "statement_no"),
            (
                _ref("incident_id", "incidents", "The incident."),
                SOURCE,
                Column(
                    "statement_no",
                    "integer",
                    "1, 2, ... within incident and source.",
                    required=True,
                ),
                Column(
                    "paragraph",
                    "integer",
                    "Paragraph of the report, numbered as in docs/coding_log.md.",
                ),
                _text("statement", "What it said, in our words.", required=True),
                _text("original_sources", "The sources that an uploaded file names, as text."),
            ),
        ),
        Table(
            "actors",
            "one armed group or force",
            ("actor_id",),
            (
                _id("actor_id", "Our label."),
                _text("name", "Name usual in reporting.", required=True),
                _code("affiliation", "Which side it is on.", AFFILIATIONS, required=True),
                _code(
                    "status",
                    "confirmed: acts are reported. announced: it announced itself."
                    " unconfirmed: only reports that it may exist.",
                    ACTOR_STATUSES,
                    required=True,
                ),
                *(
                    Column(
                        f"first_announced_{column.name}",
                        column.kind,
                        f"First announcement. {column.help}",
                        column.allowed,
                    )
                    for column in DATE_COLUMNS
                ),
                _text("description", "What is said of it, in our words."),
                SOURCE,
                CODER_NOTE,
            ),
        ),
        Table(
            "actor_names",
            "one name that a source uses for an actor",
            ("actor_id", "alias", "source_id"),
            (
                _ref("actor_id", "actors", "The actor."),
                _text("alias", "The name as written.", required=True),
                SOURCE,
            ),
        ),
        Table(
            "actor_leaders",
            "one leader that a source names for an actor",
            ("actor_id", "leader_name", "source_id"),
            (
                _ref("actor_id", "actors", "The actor."),
                _text("leader_name", "Name of the leader or commander.", required=True),
                _text("role", "What the source calls them."),
                Column("is_confirmed", "boolean", "No where the source hedges.", required=True),
                SOURCE,
            ),
        ),
        Table(
            "actor_areas",
            "one area where a source places an actor",
            ("actor_id", "area_no"),
            (
                _ref("actor_id", "actors", "The actor."),
                Column("area_no", "integer", "1, 2, ... within the actor.", required=True),
                _text("area_words", "What the source says of the area.", required=True),
                *AREA_COLUMNS,
                SOURCE,
            ),
        ),
        Table(
            "units",
            "one military unit",
            ("unit_id",),
            (
                _id("unit_id", "Our label."),
                _text("name", "Name as the source states it.", required=True),
                _code("echelon", "Size of the unit.", ECHELONS, required=True),
                _ref("parent_unit_id", "units", "The unit it belongs to.", required=False),
                _ref("actor_id", "actors", "The actor it belongs to."),
                SOURCE,
                CODER_NOTE,
            ),
        ),
        Table(
            "deployments",
            "one statement that a unit was sent, formed, exercised, searched or visited",
            ("deployment_id",),
            (
                _id("deployment_id", "Our label."),
                _ref("unit_id", "units", "The unit. Missing: not stated.", required=False),
                _ref("actor_id", "actors", "The actor whose force it is."),
                _code("kind", "What it was.", DEPLOYMENT_KINDS, required=True),
                _text("title", "What is stated, in our words, a line.", required=True),
                *DATE_COLUMNS,
                *_estimate("strength_", "in strength_unit"),
                _code("strength_unit", "What the strength counts.", STRENGTH_UNITS),
                _code("confidence", "How firmly the source states it.", CONFIDENCES, required=True),
                _text("said_by", "Whom the report names as its source."),
                SOURCE,
                CODER_NOTE,
            ),
        ),
        Table(
            "deployment_places",
            "one origin or destination of a deployment",
            ("deployment_id", "place_no"),
            (
                _ref("deployment_id", "deployments", "The deployment."),
                Column("place_no", "integer", "1, 2, ... within the deployment.", required=True),
                _code("role", "Where from, or where to.", DEPLOYMENT_ROLES, required=True),
                *PLACE_COLUMNS,
                SOURCE,
                CODER_NOTE,
            ),
        ),
        Table(
            "claims",
            "one statement that is no incident",
            ("claim_id",),
            (
                _id("claim_id", "Our label."),
                _code("topic", "What it is about.", CLAIM_TOPICS, required=True),
                _text("text", "The statement, in our words.", required=True),
                _text("said_by", "Who says so.", required=True),
                *DATE_COLUMNS,
                *_estimate("value_", "in value_unit"),
                _text("value_unit", "What the figure counts: fighters, provinces, groups, ..."),
                Column("paragraph", "integer", "Paragraph of the report."),
                SOURCE,
                CODER_NOTE,
            ),
        ),
        Table(
            "claim_actors",
            "one actor that a claim speaks of",
            ("claim_id", "actor_id"),
            (
                _ref("claim_id", "claims", "The claim."),
                _ref("actor_id", "actors", "The actor."),
            ),
        ),
        Table(
            "claim_areas",
            "one area that a claim speaks of",
            ("claim_id", "area_no"),
            (
                _ref("claim_id", "claims", "The claim."),
                Column("area_no", "integer", "1, 2, ... within the claim.", required=True),
                _text("area_words", "What the source says of the area."),
                *AREA_COLUMNS,
            ),
        ),
        Table(
            "tallies",
            "one figure that somebody published",
            ("tally_id",),
            (
                _id("tally_id", "Our label."),
                _text("publisher", "Whose figure it is.", required=True),
                _text("label", "The figure in our words, a line.", required=True),
                _code("measure", "What was counted.", TALLY_MEASURES, required=True),
                _code("statistic", "What the value is.", TALLY_STATISTICS, required=True),
                _code("basis", "Whose arithmetic.", TALLY_BASES, required=True),
                _ref("actor_id", "actors", "Only this actor's. Missing: all.", required=False),
                Column(
                    "is_unattributed",
                    "boolean",
                    "Yes where only incidents without a known perpetrator are counted.",
                    required=True,
                ),
                _code("victim_group", "Only this group. Missing: all.", VICTIM_GROUPS),
                Column(
                    "value",
                    "integer",
                    "The figure. Missing: none was given, only words.",
                ),
                _code("qualifier", "How it is qualified.", QUALIFIERS),
                _text("words", "The source's few words for it."),
                *DATE_COLUMNS,
                _text("scope", "What the publisher counts, in our words.", required=True),
                Column("paragraph", "integer", "Paragraph of the report."),
                SOURCE,
                CODER_NOTE,
            ),
        ),
        Table(
            "tally_areas",
            "one area that a published figure speaks of (together, where there are several)",
            ("tally_id", "area_no"),
            (
                Column(
                    "tally_id",
                    "text",
                    "The figure.",
                    required=True,
                    refers_to="tallies.tally_id",
                ),
                Column("area_no", "integer", "1, 2, ... within the figure.", required=True),
                *AREA_COLUMNS,
            ),
        ),
        Table(
            "coverage",
            "one claim of a source to cover an area and period",
            ("coverage_id", "area_no"),
            (
                _id("coverage_id", "Our label."),
                Column("area_no", "integer", "1, 2, ... within the claim.", required=True),
                SOURCE,
                _code("measure", "What it covers.", TALLY_MEASURES, required=True),
                _ref("actor_id", "actors", "Only this actor's. Missing: all.", required=False),
                *DATE_COLUMNS,
                Column(
                    "is_event_level",
                    "boolean",
                    "Yes where the source lists each incident, so that its silence means none."
                    " No where it publishes totals only.",
                    required=True,
                ),
                _text("words", "What it claims to cover, in our words.", required=True),
                *AREA_COLUMNS,
            ),
        ),
    )
}

PLACED_TABLES = tuple(name for name, table in TABLES.items() if "adm1_code" in table.column_names)


# --- names on the screen --------------------------------------------------------------------------

VICTIM_GROUP_NAMES = {
    "civilians": "Civilians",
    "taliban": "Taliban",
    "republic_forces": "Forces of the Republic (until 15 Aug 2021)",
    "anti_taliban": "Anti-Taliban groups",
    "iskp": "ISKP",
    "other_state": "Other states' personnel",
    "private_security": "Private security",
    "attackers": "Attackers",
    "unknown": "Unknown",
    "all": "Not split by group",
}


_OTHER_NAMES = {
    "assassination": "Assassination or attempt",
    "islamic_state": "Islamic State",
    "ucdp_ged": "UCDP GED",
    "acled": "ACLED",
    "gtd": "GTD",
    "hxl": "a table with HXL tags",
    "own_template": "our template",
    "mapped": "a sheet whose columns were named",
}


def label(value: str) -> str:
    """Return a coded value as words for the screen: ``armed_attack`` is "Armed attack"."""
    if value in VICTIM_GROUP_NAMES:
        return VICTIM_GROUP_NAMES[value]
    if value in _OTHER_NAMES:
        return _OTHER_NAMES[value]
    words = value.replace("_", " ")
    return words[:1].upper() + words[1:]
