"""Who may do what, as one table: every function that is given a viewer, on every kind of object.

`OPERATIONS` says for each what it takes, and `expected` what becomes of it for a role. The tests do
every cell of it; `as_markdown` writes it down for people to read.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pandas as pd

import conflictmap
from conflictmap import (
    access,
    acting,
    backup,
    cli_report,
    corrections,
    reports,
    store,
    table_uploads,
)
from conflictmap.access import LOCAL_ADMINISTRATOR, MAY, Action, Role, Viewer
from conflictmap.archive.archive import load_archive
from conflictmap.archive.keeping import Segment, kept_segments, load_cells, load_lot
from conflictmap.archive.making import lots_at
from conflictmap.backup.making import last_backup
from conflictmap.coded_tables import rows_as_text
from conflictmap.doctor.storage import look_at_backup
from conflictmap.ingest import large, upload
from conflictmap.schema import TABLES
from conflictmap.settings import Settings
from conflictmap.slides.snapshot import surroundings
from conflictmap.store import Store, open_store
from conflictmap.store.condition import store_condition
from conflictmap.store.health import store_health
from conflictmap.views.archive_facts import load_archive_facts, open_facts
from conflictmap.views.facts import load_facts
from tests.browser import ROOT
from tests.planted import ANALYST, OPEN, planted_store
from tests.synthetic import shipped_edition

ROLES: tuple[Role, ...] = get_args(Role)
NO_ROLE = "none"  # somebody who signed in and whom no rule gives a role

YES, NO, WITHOUT, UNKNOWN = "yes", "no", "without it", "not there"
"""Done; refused; done, and the object is not in what is given; told that there is no such thing."""


def viewer_of(role: str) -> Viewer:
    """Return a synthetic person of a role; of none as well."""
    return Viewer(f"synthetic {role}", role)  # type: ignore[arg-type]


# --- the world in which it is done


@dataclass
class World:
    """A store of its own, and what there is in it. Nothing of it is real."""

    store: Store
    folder: Path
    numbers: dict[str, int] = field(default_factory=dict)
    """Of uploads, briefs, rules and restrictions."""

    hidden: str = ""
    """Id of an incident of which everything is restricted."""

    prepared: dict[str, Any] = field(default_factory=dict)
    """What was made before by somebody who may: examined files, rows."""

    def __getitem__(self, name: str) -> int:
        return self.numbers[name]


SHEET_FILE = (
    b"id,date,province,district,title,event_type,killed,source\r\n"
    b"SYNTHETIC-1,2019-03-01,Kabul,Bagrami,SYNTHETIC 1,bombing,2,SYNTHETIC desk\r\n"
)
SHEET_SOURCE = {
    "source_id": "SYNTHETIC-sheet",
    "title": "SYNTHETIC sheet",
    "publisher": "desk",
    "source_kind": "spreadsheet",
}


def make_world(folder: Path) -> World:
    """Make the world; `copy_of` gives one like it to each test that changes something."""
    planted = planted_store(f"sqlite:///{folder / 'store.sqlite'}")
    world = World(planted.store, folder, hidden=planted.restricted_ids[0])
    held = planted.store
    for role in (*ROLES, NO_ROLE):  # uploads of people whose role was another then
        owner = Viewer(viewer_of(role).name, "analyst")
        world.numbers[f"own {role}"] = _keep(held, owner, f"own {role}")
        world.numbers[f"own published {role}"] = _publish(held, owner, f"own published {role}")
    colleague = Viewer("synthetic colleague", "analyst")
    world.numbers["other"] = _keep(held, colleague, "other")
    world.numbers["other published"] = _publish(held, colleague, "other published")
    briefs = store.load_briefs(held, viewer=LOCAL_ADMINISTRATOR)
    for row in briefs.itertuples():
        world.numbers[f"brief {row.sight}"] = int(row.brief_id)
    rule = store.add_role_rule
    world.numbers["rule"] = rule(
        held, "email", "somebody@example.org", "viewer", viewer=LOCAL_ADMINISTRATOR
    )
    rule(held, "email", "other@example.org", "administrator", viewer=LOCAL_ADMINISTRATOR)
    store.people.note_visit(held, store.standing_of(held, "somebody@example.org"))
    in_force = store.load_restrictions(held, viewer=LOCAL_ADMINISTRATOR)
    world.numbers["restriction"] = int(in_force["restriction_id"].iloc[-1])
    world.numbers["revision"] = store.latest_revision(held, viewer=LOCAL_ADMINISTRATOR)
    rows = store.load_table(held, "actors", viewer=LOCAL_ADMINISTRATOR)
    actor = rows_as_text(TABLES["actors"], rows).iloc[0]
    stated = TABLES["actors"].stated_columns
    world.prepared["actor"] = {name: str(actor[name]) for name in stated}
    world.prepared["table"] = _table_upload(world, LOCAL_ADMINISTRATOR)
    world.prepared["sheet"] = _examined(world, LOCAL_ADMINISTRATOR)
    world.prepared["hidden row"] = store.load_table(held, "incidents", viewer=LOCAL_ADMINISTRATOR)
    path = folder / "sheet.csv"
    path.write_bytes(SHEET_FILE)
    made = backup.make_backup(held, folder / "made.zip", viewer=LOCAL_ADMINISTRATOR)
    world.prepared["backup"] = made.path
    return world


def copy_of(world: World, folder: Path) -> World:
    """Return the same world with a store of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "store.sqlite"
    with sqlite3.connect(_path_of(world.store)) as held, sqlite3.connect(path) as own:
        held.backup(own)
    held.close()
    own.close()
    shutil.copy(world.folder / "sheet.csv", folder / "sheet.csv")
    again = open_store(f"sqlite:///{path}", kind="synthetic")
    return World(again, folder, world.numbers, world.hidden, world.prepared)


def content_of(held: Store) -> list[str]:
    """Return everything in a store, a statement a row."""
    with sqlite3.connect(_path_of(held)) as connection:
        lines = list(connection.iterdump())
    connection.close()
    return lines


def _path_of(held: Store) -> str:
    return held.url.removeprefix("sqlite:///")


def _keep(held: Store, owner: Viewer, name: str) -> int:
    return store.keep_upload(
        held,
        label=f"{name}.csv",
        sha256=name,
        content=b"synthetic",
        source={"source_id": OPEN},
        answers={},
        viewer=owner,
    )


def _publish(held: Store, owner: Viewer, name: str) -> int:
    number = _keep(held, owner, name)
    columns = ["row", "bin", "incident_id", "reason"]
    outcomes = pd.DataFrame([(2, "unchanged", "", "")], columns=columns)
    what = store.PublishedUpload(number, outcomes)
    store.publish(held, {}, viewer=owner, note=name, upload=what)
    return number


def _table_upload(world: World, viewer: Viewer) -> table_uploads.TableUpload:
    row = world.prepared["actor"] | {"actor_id": "SYNTHETIC-actor-new", "name": "SYNTHETIC new"}
    content = table_uploads.table_csv("actors", _typed_actor(row))
    return table_uploads.read_table_upload(
        world.store, shipped_edition(), "actors", content, label="actors.csv", viewer=viewer
    )


def _typed_actor(row: dict[str, str]) -> pd.DataFrame:
    from conflictmap.frames import typed_table

    return typed_table(TABLES["actors"], [{name: text or None for name, text in row.items()}])


def _examined(world: World, viewer: Viewer) -> upload.Examined:
    return upload.examine(
        SHEET_FILE,
        "SYNTHETIC sheet.csv",
        world.store,
        shipped_edition(),
        source=SHEET_SOURCE,
        viewer=viewer,
    )


# --- the operations


@dataclass(frozen=True)
class Operation:
    """A function done to a kind of object.

    ``action`` is what `access.MAY` has to allow; ``outcome`` says what else decides, given the
    viewer and what the action alone would come to.
    """

    function: str
    of: str
    action: Action
    do: Callable[[World, Viewer], Any]
    outcome: Callable[[Viewer, str], str] = lambda _viewer, plain: plain
    holds: Callable[[World, Any], bool] | None = None
    """Whether the object is in what was given; None: nothing to look for."""

    @property
    def name(self) -> str:
        """Return the function and what it is done to."""
        return f"{self.function}, {self.of}" if self.of else self.function


def expected(operation: Operation, role: str) -> str:
    """Return what has to become of an operation for a role."""
    allowed = MAY.get(role, frozenset())  # type: ignore[call-overload]
    plain = YES if operation.action in allowed else NO
    return operation.outcome(viewer_of(role), plain)


def _if_own(viewer: Viewer, plain: str) -> str:
    return plain if viewer.may("administer") else NO


def _full_sight(otherwise: str, seen: str = YES) -> Callable[[Viewer, str], str]:
    def outcome(viewer: Viewer, plain: str) -> str:
        if plain == NO:
            return NO
        return seen if viewer.may("see exact places") else otherwise

    return outcome


def _operations() -> Iterator[Operation]:
    op = Operation
    yield from _reading(op)
    yield from _writing(op)
    yield from _uploading(op)
    yield from _administering(op)


def _reading(op: type[Operation]) -> Iterator[Operation]:
    yield op(
        "store.reading.latest_revision",
        "",
        "read",
        lambda w, v: store.latest_revision(w.store, viewer=v),
    )
    yield op(
        "store.reading.load_revisions",
        "notes of analysts",
        "read",
        lambda w, v: store.load_revisions(w.store, viewer=v),
        _full_sight(WITHOUT),
        lambda _w, found: "zqnote1xk" in set(found["note"]),
    )
    yield op(
        "store.reading.load_revisions",
        "who published",
        "read",
        lambda w, v: store.load_revisions(w.store, viewer=v),
        _full_sight(WITHOUT),
        lambda _w, found: ANALYST.name in set(found["published_by"]),
    )
    for at in ("newest", "old"):

        def table(w: World, v: Viewer, at: str = at) -> pd.DataFrame:
            revision = None if at == "newest" else 1
            return store.load_table(w.store, "incidents", viewer=v, revision=revision)

        def tables(w: World, v: Viewer, at: str = at) -> dict[str, pd.DataFrame]:
            revision = None if at == "newest" else 1
            return store.load_tables(w.store, viewer=v, revision=revision)

        yield op(
            "store.reading.load_table",
            f"an open incident at the {at} revision",
            "read",
            table,
            holds=lambda _w, found: "SYNTHETIC-civilian" in set(found["incident_id"]),
        )
        yield op(
            "store.reading.load_table",
            f"a restricted incident at the {at} revision",
            "read",
            table,
            _full_sight(WITHOUT),
            lambda w, found: w.hidden in set(found["incident_id"]),
        )
        yield op(
            "store.reading.load_tables",
            f"a restricted source at the {at} revision",
            "read",
            tables,
            _full_sight(WITHOUT),
            lambda _w, found: "SYNTHETIC-source-everything" in set(found["sources"]["source_id"]),
        )
        yield op(
            "store.reading.load_tables",
            f"the exact place of civilian harm at the {at} revision",
            "read",
            tables,
            _full_sight(WITHOUT),
            _has_exact_place,
        )

        def facts(w: World, v: Viewer, at: str = at) -> Any:
            revision = None if at == "newest" else 1
            return load_facts(w.store, shipped_edition(), viewer=v, revision=revision)

        yield op(
            "views.facts.load_facts",
            f"a restricted incident at the {at} revision",
            "read",
            facts,
            _full_sight(WITHOUT),
            lambda w, found: w.hidden in set(found.tables["incidents"]["incident_id"]),
        )
    yield from _reading_some(op)
    yield from _worked_out(op)
    yield op("store.health.store_health", "", "read", lambda w, v: store_health(w.store, viewer=v))
    yield op(
        "slides.snapshot.surroundings",
        "",
        "read",
        lambda w, v: surroundings(
            w.store, Settings(), load_facts(w.store, shipped_edition(), viewer=v), viewer=v
        ),
    )
    for sight in ("full", "coarse"):
        outcome = _full_sight(UNKNOWN) if sight == "full" else (lambda _v, plain: plain)
        yield op(
            "store.briefs.load_brief",
            f"kept at {sight} sight",
            "read",
            lambda w, v, sight=sight: store.load_brief(w.store, w[f"brief {sight}"], viewer=v),
            outcome,
        )
        without = _full_sight(WITHOUT) if sight == "full" else (lambda _v, plain: plain)
        yield op(
            "store.briefs.load_briefs",
            f"kept at {sight} sight",
            "read",
            lambda w, v: store.load_briefs(w.store, viewer=v),
            without,
            lambda w, found, sight=sight: w[f"brief {sight}"] in set(found["brief_id"]),
        )
    yield op(
        "store.briefs.keep_brief",
        "",
        "keep briefs",
        lambda w, v: store.keep_brief(
            w.store, name="SYNTHETIC", revision=1, scope={}, wording={}, viewer=v
        ),
    )
    yield op(
        "acting.acting_at",
        "a file made at full sight",
        "see exact places",
        lambda _w, v: acting.acting_at(v, "full"),
    )
    for action in get_args(Action):
        yield op(
            "access.require", action, action, lambda _w, v, action=action: access.require(v, action)
        )
        yield op(
            "access.require_own",
            f"{action}, one's own",
            action,
            lambda _w, v, action=action: access.require_own(v, action, v.name),
        )
        yield op(
            "access.require_own",
            f"{action}, another's",
            action,
            lambda _w, v, action=action: access.require_own(v, action, "another"),
            _if_own,
        )


def _reading_some(op: type[Operation]) -> Iterator[Operation]:
    """Give what reads some rows only, of the newest revision."""
    yield op(
        "store.selected_rows.count_incidents",
        "with a restricted incident",
        "read",
        lambda w, v: store.count_incidents(w.store, viewer=v, revision=w["revision"]),
        _full_sight(WITHOUT),
        lambda w, found: found == len(w.prepared["hidden row"]),
    )
    yield op(
        "store.selected_rows.count_rows_by_source",
        "with a restricted source",
        "read",
        lambda w, v: store.count_rows_by_source(
            w.store, "incident_sources", viewer=v, revision=w["revision"]
        ),
        _full_sight(WITHOUT),
        lambda _w, found: "SYNTHETIC-source-everything" in found,
    )
    yield op(
        "store.selected_rows.load_disputed",
        "",
        "read",
        lambda w, v: store.load_disputed(w.store, viewer=v, revision=w["revision"]),
    )
    yield op(
        "store.row_search.first_rows",
        "",
        "publish",
        lambda w, v: store.first_rows(
            w.store, "incidents", viewer=v, revision=w["revision"], most=5, words="SYNTHETIC"
        ),
    )
    yield op(
        "store.selected_rows.load_rows_of",
        "a restricted incident",
        "read",
        lambda w, v: store.load_rows_of(w.store, [w.hidden], viewer=v, revision=w["revision"]),
        _full_sight(WITHOUT),
        lambda w, found: w.hidden in set(found["incidents"]["incident_id"]),
    )
    yield op(
        "store.selected_rows.load_rows_of",
        "the exact place of civilian harm",
        "read",
        lambda w, v: store.load_rows_of(
            w.store, ["SYNTHETIC-civilian"], viewer=v, revision=w["revision"]
        ),
        _full_sight(WITHOUT),
        _has_exact_place,
    )
    yield op(
        "store.selected_rows.incidents_changed",
        "a restricted incident",
        "read",
        lambda w, v: store.incidents_changed(w.store, 0, w["revision"], viewer=v),
        _full_sight(WITHOUT),
        lambda w, found: w.hidden in found,
    )
    yield op(
        "store.row_stream.stream_rows",
        "where something is restricted",
        "read",
        lambda w, v: list(
            store.stream_rows(w.store, {"incidents": []}, viewer=v, revision=w["revision"])
        ),
        _full_sight(NO),
    )


def _worked_out(op: type[Operation]) -> Iterator[Operation]:
    """Give what is worked out from all rows, and given to nobody who may not see them all."""
    edition = shipped_edition()
    ends = {"after": 0, "to": 1, "format": 0}

    def segment(w: World) -> Segment:
        return Segment(0, w["revision"], 0, {}, frozenset())

    asked: dict[str, Callable[[World, Viewer], object]] = {
        "store.aggregates.keep_aggregates": lambda w, v: store.keep_aggregates(
            w.store, {"SYNTHETIC": b""}, viewer=v, **ends
        ),
        "store.aggregates.kept_aggregates": lambda w, v: store.kept_aggregates(
            w.store, viewer=v, to=1, format=0
        ),
        "store.aggregates.load_aggregate": lambda w, v: store.load_aggregate(
            w.store, "SYNTHETIC", viewer=v, **ends
        ),
        "archive.keeping.kept_segments": lambda w, v: kept_segments(w.store, viewer=v, to=1),
        "archive.keeping.load_lot": lambda w, v: load_lot(w.store, segment(w), 0, viewer=v),
        "archive.keeping.load_cells": lambda w, v: load_cells(
            w.store, segment(w), "SYNTHETIC", {}, viewer=v
        ),
        "archive.making.lots_at": lambda w, v: lots_at(
            w.store, edition, viewer=v, revision=w["revision"]
        ),
        "archive.archive.load_archive": lambda w, v: load_archive(
            w.store, edition, viewer=v, revision=w["revision"]
        ),
        "views.archive_facts.load_archive_facts": lambda w, v: load_archive_facts(
            w.store, edition, 1, viewer=v, revision=w["revision"]
        ),
    }
    for function, do in asked.items():
        is_not_there = function in ("archive.keeping.load_lot", "archive.keeping.load_cells")
        found = _full_sight(NO, UNKNOWN if is_not_there else YES)
        yield op(function, "where something is restricted", "read", do, found)
    yield op(
        "views.archive_facts.open_facts",
        "a restricted incident",
        "read",
        lambda w, v: open_facts(w.store, edition, viewer=v, revision=w["revision"]),
        _full_sight(WITHOUT),
        lambda w, found: w.hidden in set(found.tables["incidents"]["incident_id"]),
    )


def _has_exact_place(_world: World, found: dict[str, pd.DataFrame]) -> bool:
    places = found["incident_places"].set_index("incident_id")["latitude"]
    return bool(places.loc[["SYNTHETIC-civilian"]].notna().all())


def _writing(op: type[Operation]) -> Iterator[Operation]:
    why: dict[str, Any] = {"reason": "synthetic"}
    yield op(
        "store.writing.publish",
        "",
        "publish",
        lambda w, v: store.publish(w.store, {}, viewer=v, note="synthetic"),
    )
    yield op(
        "store.writing.roll_back",
        "to an old revision",
        "publish",
        lambda w, v: store.roll_back(w.store, 1, viewer=v),
    )
    yield op(
        "store.reading.is_published",
        "",
        "publish",
        lambda w, v: store.is_published(w.store, "0", viewer=v),
    )
    yield op(
        "store.reading.standing_revision",
        "",
        "publish",
        lambda w, v: store.standing_revision(w.store, "0", viewer=v),
    )
    yield op(
        "reports.publish_reports",
        "reports already there",
        "publish",
        lambda w, v: next(
            reports.publish_reports(
                open_store(f"sqlite:///{w.folder / 'real.sqlite'}"),
                ROOT / "data",
                shipped_edition(),
                viewer=v,
            )
        ),
    )
    yield op(
        "corrections.checked_reason",
        "",
        "publish",
        lambda _w, v: corrections.checked_reason("synthetic", v),
    )

    def new_actor(w: World, suffix: str) -> dict[str, str]:
        return w.prepared["actor"] | {"actor_id": f"SYNTHETIC-{suffix}", "name": "SYNTHETIC"}

    yield op(
        "corrections.add_row",
        "",
        "publish",
        lambda w, v: corrections.add_row(
            w.store, shipped_edition(), "actors", new_actor(w, "a"), viewer=v, **why
        ),
    )
    yield op(
        "corrections.add_rows",
        "",
        "publish",
        lambda w, v: corrections.add_rows(
            w.store, shipped_edition(), {"actors": [new_actor(w, "b")]}, viewer=v, **why
        ),
    )
    key = ("SYNTHETIC-armed",)
    yield op(
        "corrections.correct_row",
        "an open incident",
        "publish",
        lambda w, v: corrections.correct_row(
            w.store,
            shipped_edition(),
            "incidents",
            key,
            {"title": "SYNTHETIC again"},
            opened_at=w["revision"],
            viewer=v,
            **why,
        ),
    )
    yield op(
        "corrections.correct_row",
        "a restricted incident",
        "publish",
        lambda w, v: corrections.correct_row(
            w.store,
            shipped_edition(),
            "incidents",
            (w.hidden,),
            {"title": "SYNTHETIC again"},
            opened_at=w["revision"],
            viewer=v,
            **why,
        ),
    )
    yield op(
        "corrections.withdraw_row",
        "",
        "publish",
        lambda w, v: corrections.withdraw_row(
            w.store, "incidents", key, opened_at=w["revision"], viewer=v, **why
        ),
    )
    yield op(
        "store.restrictions.restrict",
        "an incident",
        "publish",
        lambda w, v: store.restrict(
            w.store, "incidents", "SYNTHETIC-armed", "place", viewer=v, **why
        ),
    )
    yield op(
        "store.restrictions.restrict",
        "a source",
        "publish",
        lambda w, v: store.restrict(w.store, "sources", OPEN, "words", viewer=v, **why),
    )
    yield op(
        "store.restrictions.lift",
        "",
        "publish",
        lambda w, v: store.lift(w.store, w["restriction"], viewer=v),
    )
    yield op(
        "store.restrictions.load_restrictions",
        "",
        "publish",
        lambda w, v: store.load_restrictions(w.store, viewer=v),
    )


def _uploading(op: type[Operation]) -> Iterator[Operation]:
    yield op(
        "store.uploads.keep_upload", "", "publish", lambda w, v: _keep(w.store, v, "synthetic new")
    )
    yield op(
        "store.uploads.load_uploads",
        "the list",
        "publish",
        lambda w, v: store.load_uploads(w.store, viewer=v),
    )
    yield op(
        "store.uploads.load_uploads",
        "name of another's open file",
        "publish",
        lambda w, v: store.load_uploads(w.store, viewer=v),
        lambda v, plain: plain if plain == NO or v.may("administer") else WITHOUT,
        lambda _w, found: "other.csv" in set(found["label"]),
    )
    for whose, name in (("one's own", "own {role}"), ("another's", "other")):
        outcome = _if_own if name == "other" else (lambda _v, plain: plain)

        def number(w: World, v: Viewer, name: str = name, published: str = "") -> int:
            named = name.replace("own", f"own{published}").replace("other", f"other{published}")
            return w[named.format(role=v.role)]

        yield op(
            "store.uploads.load_upload",
            f"{whose}, open",
            "publish",
            lambda w, v, of=number: store.load_upload(w.store, of(w, v), viewer=v),
            outcome,
        )
        yield op(
            "store.uploads.drop_upload",
            f"{whose}, open",
            "publish",
            lambda w, v, of=number: store.drop_upload(w.store, of(w, v), viewer=v),
            outcome,
        )
        yield op(
            "cli_report.kept_file",
            f"{whose}, open",
            "publish",
            lambda w, v, of=number: cli_report.kept_file(w.store, of(w, v), viewer=v),
            outcome,
        )
        yield op(
            "store.uploads.load_upload_rows",
            f"{whose}, published",
            "publish",
            lambda w, v, of=number: store.load_upload_rows(
                w.store, of(w, v, published=" published"), viewer=v
            ),
            outcome,
        )
    yield op(
        "store.uploads.rows_changed",
        "",
        "publish",
        lambda w, v: store.rows_changed(w.store, 1, viewer=v),
    )
    yield op(
        "store.uploads.save_mapping",
        "",
        "publish",
        lambda w, v: store.save_mapping(w.store, "synthetic", {}, viewer=v),
    )
    yield op(
        "store.uploads.load_mappings",
        "",
        "publish",
        lambda w, v: store.load_mappings(w.store, viewer=v),
    )
    yield op("table_uploads.read_table_upload", "", "publish", _table_upload)
    yield op(
        "table_uploads.publish_table_upload",
        "",
        "publish",
        lambda w, v: table_uploads.publish_table_upload(
            w.store, w.prepared["table"], reason="synthetic", viewer=v
        ),
    )
    yield op("ingest.upload.examine", "", "publish", _examined)
    yield op(
        "ingest.upload.open_upload",
        "",
        "publish",
        lambda w, v: upload.open_upload(
            SHEET_FILE, "SYNTHETIC.csv", w.store, SHEET_SOURCE, {}, upload.Limits(), viewer=v
        ),
    )
    yield op(
        "ingest.upload.publish_upload",
        "",
        "publish",
        lambda w, v: upload.publish_upload(w.store, w.prepared["sheet"], SHEET_FILE, viewer=v),
    )
    yield op(
        "ingest.upload.write_upload",
        "",
        "publish",
        lambda w, v: upload.write_upload(
            w.store,
            w.prepared["sheet"],
            content=None,
            withdrawals={},
            parts=[],
            viewer=v,
            progress=None,
        ),
    )

    def in_parts(w: World, v: Viewer) -> Any:
        return large.examine_in_parts(
            w.folder / "sheet.csv",
            "SYNTHETIC.csv",
            w.store,
            shipped_edition(),
            source=SHEET_SOURCE,
            viewer=v,
        )

    yield op("ingest.large.examine_in_parts", "", "publish", in_parts)
    yield op(
        "ingest.large.publish_in_parts",
        "",
        "publish",
        lambda w, v: large.publish_in_parts(w.store, in_parts(w, LOCAL_ADMINISTRATOR), viewer=v),
    )
    file = cli_report.FileInHand(SHEET_FILE, "SYNTHETIC.csv", SHEET_SOURCE, {}, {})
    yield op(
        "cli_report.examined_file",
        "",
        "publish",
        lambda w, v: cli_report.examined_file(file, w.store, Settings(), viewer=v),
    )
    yield op(
        "cli_report.published_file",
        "",
        "publish",
        lambda w, v: cli_report.published_file(file, w.prepared["sheet"], w.store, viewer=v),
    )


def _administering(op: type[Operation]) -> Iterator[Operation]:
    people = store.people
    yield op(
        "store.people.add_role_rule",
        "",
        "administer",
        lambda w, v: people.add_role_rule(
            w.store, "email", "new@example.org", "administrator", viewer=v
        ),
    )
    yield op(
        "store.people.add_role_rule",
        "for oneself",
        "administer",
        lambda w, v: people.add_role_rule(
            w.store, "email", "synthetic@example.org", "administrator", viewer=v
        ),
    )
    yield op(
        "store.people.end_role_rule",
        "",
        "administer",
        lambda w, v: people.end_role_rule(w.store, w["rule"], viewer=v),
    )
    yield op(
        "store.people.load_role_rules",
        "",
        "administer",
        lambda w, v: people.load_role_rules(w.store, viewer=v),
    )
    yield op(
        "store.people.load_people",
        "",
        "administer",
        lambda w, v: people.load_people(w.store, viewer=v),
    )
    yield op(
        "store.people.sign_out",
        "somebody else",
        "administer",
        lambda w, v: people.sign_out(w.store, "somebody@example.org", viewer=v),
    )
    yield op(
        "store.reading.load_audit",
        "",
        "administer",
        lambda w, v: store.load_audit(w.store, viewer=v),
    )
    yield op(
        "store.condition.store_condition",
        "",
        "administer",
        lambda w, v: store_condition(w.store, viewer=v),
    )
    yield op(
        "backup.making.make_backup",
        "",
        "administer",
        lambda w, v: backup.make_backup(w.store, w.folder / "backup.zip", viewer=v),
    )
    yield op(
        "backup.making.last_backup", "", "administer", lambda w, v: last_backup(w.store, viewer=v)
    )
    yield op("backup.restoring.restore_backup", "", "administer", _restore)
    yield op(
        "backup.snapshot.store_hash",
        "",
        "administer",
        lambda w, v: backup.store_hash(w.store, viewer=v),
    )
    yield op(
        "doctor.storage.look_at_backup",
        "",
        "administer",
        lambda w, v: list(look_at_backup(w.store, pd.Timestamp("2026-11-21"), viewer=v)),
    )


def _restore(world: World, viewer: Viewer) -> Any:
    url = f"sqlite:///{world.folder / 'restored.sqlite'}"
    return backup.restore_backup(world.prepared["backup"], url, viewer=viewer)


OPERATIONS = tuple(_operations())

NO_ACCESS_OF_THEIR_OWN = {
    "views.limits.limit_for": "says which numbers are shown, and gives none",
    "views.limits.note_for": "a sentence of ours",
}
"""Functions that are given a viewer and no store."""


# --- what there is, found by inspection


def functions_with_a_viewer() -> set[str]:
    """Return every public function below the screen that is given a viewer."""
    found = set()
    for module in pkgutil.walk_packages(conflictmap.__path__, "conflictmap."):
        name = module.name.removeprefix("conflictmap.")
        if name.split(".")[0] == "ui" or name.startswith("store.migrations"):
            continue
        held = importlib.import_module(module.name)
        for function in vars(held).values():
            is_ours = inspect.isfunction(function) and function.__module__ == module.name
            if not is_ours or function.__name__.startswith("_"):
                continue
            if "viewer" in inspect.signature(function).parameters:
                found.add(f"{name}.{function.__name__}")
    return found


@dataclass(frozen=True)
class Page:
    """A page as `app.py` lists it."""

    path: str
    title: str
    action: Action


def pages() -> list[Page]:
    """Return the pages that `app.py` lists."""
    tree = ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        is_page = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "page"
        if is_page and isinstance(node, ast.Call) and len(node.args) == 4:
            name, title, _icon, action = (ast.literal_eval(part) for part in node.args)
            is_default = any(word.arg == "default" for word in node.keywords)
            found.append(Page("/" if is_default else f"/{name}", title, action))
    return found


# --- as it is written down


def as_markdown() -> str:
    """Return the table for docs/access.md."""
    everybody = (NO_ROLE, *ROLES)
    lines = [
        "| Page | Not signed in | " + " | ".join(_heading(role) for role in everybody) + " |",
        "| --- |" + " --- |" * (len(everybody) + 1),
    ]
    for page in pages():
        cells = [YES if page.action in MAY.get(role, ()) else NO for role in everybody]  # type: ignore[call-overload]
        lines.append(f"| {page.title} | {NO} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| What is asked of the store | Of | " + " | ".join(map(_heading, everybody)) + " |",
        "| --- | --- |" + " --- |" * len(everybody),
    ]
    for operation in OPERATIONS:
        cells = [expected(operation, role) for role in everybody]
        lines.append(f"| `{operation.function}` | {operation.of} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _heading(role: str) -> str:
    return "No role" if role == NO_ROLE else role.capitalize()
