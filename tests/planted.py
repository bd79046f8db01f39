"""A synthetic store in which every text of restricted things is a word that nothing else holds.

Whatever a reader of coarse sight receives can be searched for them: none may be found. At full
sight they are found, so that the search proves something.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pandas as pd
import sqlalchemy as sa

from conflictmap.access import RestrictedField, Viewer
from conflictmap.frames import typed_table
from conflictmap.mark import ID_START, MARK
from conflictmap.schema import TABLES, Column
from conflictmap.store import (
    Store,
    keep_brief,
    keep_upload,
    open_store,
    publish,
    restrict,
    roll_back,
    save_mapping,
)
from conflictmap.store.tables import revisions

VIEWER = Viewer("synthetic viewer", "viewer")
BRIEFER = Viewer("synthetic briefer", "briefer")
ANALYST = Viewer("synthetic-analyst@planted.example", "analyst")

FIELDS: tuple[RestrictedField, ...] = ("everything", "place", "words", "figures", "attributions")
OPEN = f"{ID_START}open"
PROVINCE, DISTRICT = "AF-BAL", "AF-BAL-03"  # Shortepa: a label point far from the planted ones
DAY = dt.date(2022, 5, 9)

# Texts by which whatever is left is told: kept unless everything is restricted.
KEPT_NAMES = ("publisher", "name", "country")


@dataclass
class Planted:
    """The store, and what must not be found in it by those of coarse sight.

    ``secrets`` are words with where they stand; ``points`` coordinates of six decimals, the same
    way. ``shown`` are words that they may well find: they prove that something is shown at all.
    """

    store: Store
    secrets: dict[str, str] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    restricted_ids: list[str] = field(default_factory=list)
    revision: int = 0

    def found_in(self, content: str | bytes, *, decimals: int = 4) -> list[str]:
        """Return where the words and coordinates stand that a content holds.

        Parameters
        ----------
        decimals
            How many of a coordinate's have to be there. In a drawing, any four digits occur.
        """
        text = content if isinstance(content, str) else content.decode("utf-8", "replace")
        text += "" if isinstance(content, str) else content.decode("utf-16-be", "replace")
        cut = {point[: 3 + decimals]: where for point, where in self.points.items()}
        return [where for word, where in (self.secrets | cut).items() if word in text]


def planted_store(url: str) -> Planted:
    """Fill a new store with synthetic rows, every kind of restriction and planted words."""
    store = open_store(url, kind="synthetic")
    planted = Planted(store)
    words, digits = count(), count(100)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}

    def add(table: str, where: str, hides: str, **given: Any) -> None:
        """Add a row; ``hides`` says which of its texts must not be found: all, words or notes."""
        row = dict(given)
        for column in TABLES[table].columns:
            if column.name in row:
                continue
            row[column.name] = _cell(column)
            if column.kind != "text" or column.refers_to or not _is_text(column):
                continue
            word = f"zq{next(words):04d}xk"
            at = f"{where}, {table}.{column.name}"
            is_ours = hides == "words" and column.name not in KEPT_NAMES
            if column.name == "coder_note" or hides == "all" or is_ours:
                planted.secrets[word] = at
            else:
                planted.shown[word] = at
            cell = word if hides != "notes" else f"{word} at {next_point(at)}"
            marks = table == "sources" and column.name == "title"
            row[column.name] = f"{MARK} {cell}" if marks else cell
        rows[table].append(row)

    def next_point(at: str) -> str:
        number = next(digits)
        latitude, longitude = f"37.{number}537", f"66.{number}719"
        planted.points |= {latitude: at, longitude: at}
        return f"{latitude}, {longitude}"

    def add_incident(incident: str, source: str, hides: str, *, is_armed: bool = False) -> None:
        of = {"incident_id": incident, "source_id": source}
        event = "clash" if is_armed else "bombing"
        dates = {"date_from": DAY, "date_to": DAY, "date_precision": "day", "date_basis": "stated"}
        add("incidents", incident, hides, incident_id=incident, event_type=event, **dates)
        number = next(digits)
        latitude, longitude = float(f"37.{number}531"), float(f"66.{number}717")
        point = {"latitude": latitude, "longitude": longitude, "coordinate_precision": "exact"}
        if not is_armed:
            planted.points |= {
                f"{latitude}": f"{incident}, point",
                f"{longitude}": f"{incident}, point",
            }
        add(
            "incident_places",
            incident,
            hides,
            **of,
            place_no=1,
            **_placed(),
            **point,
            point_latitude=latitude,
            point_longitude=longitude,
            geo_precision="exact",
            join_method="within",
            place_relation="at",
            cross_border_direction=None,
        )
        target = "outpost" if is_armed else "school"
        add(
            "incident_targets",
            incident,
            hides,
            **of,
            target_no=1,
            target_type=target,
            target_community=None,
        )
        if not is_armed or source == OPEN:
            actor = f"{ID_START}actor-{OPEN if source == OPEN else source}"
            add(
                "attributions",
                incident,
                hides,
                **of,
                attribution_id=f"{incident}-a",
                actor_id=actor,
                kind="claimed",
            )
        group = "taliban" if is_armed else "civilians"
        add(
            "casualties",
            incident,
            hides,
            **of,
            casualty_id=f"{incident}-c",
            victim_group=group,
            harm="killed",
            low=7,
            best=7,
            high=7,
            qualifier="exactly",
            is_subset=False,
            is_counted=True,
            community=None,
            sex=None,
            age=None,
        )
        add("incident_sources", incident, hides, **of, statement_no=1, paragraph=1)

    def add_source(source: str, hides: str) -> None:
        of = {"source_id": source}
        add(
            "sources",
            source,
            hides,
            **of,
            reading_order=len(rows["sources"]) + 1,
            text_sha256="0" * 64,
            published_date=DAY,
            source_kind="news",
        )
        actor, unit = f"{ID_START}actor-{source}", f"{ID_START}unit-{source}"
        add("actors", source, hides, **of, actor_id=actor, affiliation="other", status="confirmed")
        add("actor_names", source, hides, **of, actor_id=actor)
        add("actor_leaders", source, hides, **of, actor_id=actor, is_confirmed=True)
        area = _placed() | {"geo_precision": "adm2", "join_method": "district_name"}
        add("actor_areas", source, hides, **of, actor_id=actor, area_no=1, **area)
        add(
            "units",
            source,
            hides,
            **of,
            unit_id=unit,
            actor_id=actor,
            echelon="brigade",
            parent_unit_id=None,
        )
        deployment = f"{ID_START}deployment-{source}"
        dates = {"date_from": DAY, "date_to": DAY, "date_precision": "day", "date_basis": "stated"}
        add(
            "deployments",
            source,
            hides,
            **of,
            deployment_id=deployment,
            unit_id=unit,
            actor_id=actor,
            kind="deployment",
            confidence="reported",
            strength_unit="persons",
            **dates,
        )
        number = next(digits)
        latitude, longitude = float(f"37.{number}531"), float(f"66.{number}717")
        at = f"{source}, point of a deployment"
        planted.points |= {f"{latitude}": at, f"{longitude}": at}
        add(
            "deployment_places",
            source,
            hides,
            **of,
            deployment_id=deployment,
            place_no=1,
            role="destination",
            latitude=latitude,
            longitude=longitude,
            **_placed(),
            coordinate_precision="exact",
            point_latitude=latitude,
            point_longitude=longitude,
            geo_precision="exact",
            join_method="within",
            place_relation="at",
        )
        claim, tally = f"{ID_START}claim-{source}", f"{ID_START}tally-{source}"
        add("claims", source, hides, **of, claim_id=claim, topic="presence", **dates)
        add("claim_actors", source, hides, claim_id=claim, actor_id=actor)
        add("claim_areas", source, hides, claim_id=claim, area_no=1, **area)
        add(
            "tallies",
            source,
            # A figure of a district would be false of its province.
            "all" if source.endswith(("-place", "-figures")) else hides,
            **of,
            tally_id=tally,
            measure="incidents",
            statistic="count",
            basis="published",
            is_unattributed=False,
            value=5,
            actor_id=None,
            victim_group=None,
            **dates,
        )
        add("tally_areas", source, hides, tally_id=tally, area_no=1, **area)
        add(
            "coverage",
            source,
            hides,
            **of,
            coverage_id=f"{ID_START}coverage-{source}",
            area_no=1,
            measure="incidents",
            actor_id=None,
            is_event_level=False,
            **dates,
            **area,
        )

    add_source(OPEN, "notes")
    add_incident(f"{ID_START}civilian", OPEN, "notes")
    add_incident(f"{ID_START}armed", OPEN, "notes", is_armed=True)
    subjects: list[tuple[str, str, RestrictedField]] = []
    for part in FIELDS:
        hides = "all" if part == "everything" else "words"
        incident, source = f"{ID_START}incident-{part}", f"{ID_START}source-{part}"
        add_incident(incident, OPEN, hides)
        add_source(source, hides)
        add_incident(f"{ID_START}told-by-{part}", source, hides)
        subjects += [("incidents", incident, part), ("sources", source, part)]
        if part == "everything":
            planted.restricted_ids += [incident, source, f"{ID_START}told-by-{part}"]
    tables = {name: typed_table(TABLES[name], of) for name, of in rows.items()}
    publish(store, tables, viewer=ANALYST, note="zqnote1xk")
    first = {"incidents": tables["incidents"].tail(1), "sources": tables["sources"].head(0)}
    publish(
        store,
        {"incidents": first["incidents"]},
        withdrawals={"incidents": first["incidents"]},
        viewer=ANALYST,
        note="zqnote2xk",
    )
    keep_brief(
        store,
        name="zqbrief1xk",
        revision=1,
        scope={},
        wording={"totals": "zqbrief2xk"},
        viewer=BRIEFER,
    )
    for table, subject, part in subjects:
        restrict(store, table, subject, part, reason="zqreasonxk", viewer=ANALYST)
    keep_brief(
        store,
        name="zqbrief3xk",
        revision=1,
        scope={},
        wording={"totals": "zqbrief4xk"},
        viewer=ANALYST,
    )
    keep_upload(
        store,
        label="zqupload1xk.csv",
        sha256="1" * 64,
        content=b"zqupload2xk",
        source={"source_id": OPEN, "title": "zqupload3xk"},
        answers={},
        viewer=ANALYST,
    )
    save_mapping(store, "zqmapping1xk", {"title": "zqmapping2xk"}, viewer=ANALYST)
    about = ("note1", "note2", "brief1", "brief2", "brief3", "brief4", "reason", "upload1")
    about += ("upload2", "upload3", "mapping1", "mapping2")
    planted.secrets |= {f"zq{name}xk": "beside the tables" for name in about}
    planted.secrets[ANALYST.name] = "who published"
    roll_back(store, 1, viewer=ANALYST)
    planted.revision = 3
    return planted


def all_cells(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Give every cell of some tables as text."""
    for name, rows in tables.items():
        for column in rows:
            for cell in rows[column].dropna():
                yield f"{name}.{column}\x1f{cell}"


def stored_text(store: Store) -> str:
    """Return the notes of the revisions as they are stored."""
    with store.reader.connect() as connection:
        return repr(connection.execute(sa.select(revisions)).all())


def _placed() -> dict[str, Any]:
    return {
        "adm1_code": PROVINCE,
        "adm2_code": DISTRICT,
        "boundary_edition": "afg-2014",
        "country": "Afghanistan",
    }


def _is_text(column: Column) -> bool:
    return not column.name.endswith(("_id", "_code", "_sha256"))


def _cell(column: Column) -> Any:
    if column.kind == "code":
        return column.allowed[0] if column.required else None
    if column.kind == "boolean":
        return False
    if column.kind == "integer" and column.required:
        return 1
    return None
