"""Planted words and six-decimal coordinates reach nobody of coarse sight, in any channel.

Each channel is searched twice: for coarse sight, where nothing may be found, and for full sight,
where something has to be, since a search that cannot fail proves nothing.
"""

from __future__ import annotations

import ast
import io
import logging
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import streamlit as st
from PIL import Image
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.brief.make import make_brief
from conflictmap.brief_files.export import FORMATS as BRIEF_FORMATS
from conflictmap.brief_files.export import export_brief
from conflictmap.brief_files.record import find_record
from conflictmap.brief_files.verify import verify_brief
from conflictmap.errors import QueryError
from conflictmap.export import export_csv
from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period
from conflictmap.slides.order import SnapshotOrder
from conflictmap.slides.snapshot import Surroundings, export_snapshots, take_snapshot
from conflictmap.slides.verify import Verdict, verify_file
from conflictmap.ui import server, session
from conflictmap.views.alert_rules import default_rules
from conflictmap.views.alerts import met_alerts
from conflictmap.views.area_panel import area_panel
from conflictmap.views.changes_since import changes_since
from conflictmap.views.changes_words import changes_lines
from conflictmap.views.deployment_query import DeploymentsQuery
from conflictmap.views.deployments import deployments_as_of
from conflictmap.views.evidence import evidence
from conflictmap.views.facts import COARSE_SIGHT, Facts, load_facts
from conflictmap.views.group_areas import group_areas
from conflictmap.views.groups import group, register
from conflictmap.views.incident_table import incident_table
from conflictmap.views.incidents import ids_of
from conflictmap.views.map_view import map_series, map_view
from conflictmap.views.published import comparisons
from conflictmap.views.query import MapQuery, check_query
from tests.browser import ROOT
from tests.planted import BRIEFER, DAY, DISTRICT, VIEWER, Planted, planted_store
from tests.synthetic import shipped_edition

AROUND = Surroundings(as_of="2026-11-20")
SLIDE_FORMATS = ("png", "svg", "pdf", "pptx")
UI = ROOT / "src" / "conflictmap" / "ui"
# What is one for the whole process, whoever is looking.
SINGLETONS = {"settings", "edition", "store"}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """The store with planted words; nothing is changed in it."""
    return planted_store(f"sqlite:///{tmp_path_factory.mktemp('planted') / 'store.sqlite'}")


@pytest.fixture(scope="module")
def coarse(planted: Planted) -> Facts:
    """What a viewer is given."""
    return load_facts(planted.store, shipped_edition(), viewer=VIEWER)


@pytest.fixture(scope="module")
def full(planted: Planted) -> Facts:
    """What an administrator is given."""
    return load_facts(planted.store, shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def view_models(facts: Facts) -> str:
    """Return all that the pages draw from, as text."""
    query = MapQuery(level="district")
    view = map_view(facts, map_series(facts, query), has_could_be=True)
    everything = IncidentFilter()
    ids = facts.index.ids
    deployed = deployments_as_of(facts, None)
    told = [
        view,
        view.points,
        view.caption,
        deployed,
        deployed.moves,
        group_areas(facts, deployed.day),
        comparisons(facts),
        area_panel(facts, everything, DISTRICT),
        incident_table(facts, ids_of(facts, area_panel(facts, everything, DISTRICT).rows)).to_csv(),
        export_csv(incident_table(facts, ids).reset_index()),
        register(facts).to_csv(),
        met_alerts(facts, default_rules(facts), until=DAY),
        *(evidence(facts, incident) for incident in ids),
        *(group(facts, actor) for actor in facts.tables["actors"]["actor_id"]),
    ]
    frames = [table.to_csv() for table in facts.tables.values()]
    return "\n".join([*map(_in_full, told), *frames])


def _in_full(value: object) -> str:
    frames = (
        [part for part in vars(value).values() if hasattr(part, "to_csv")]
        if hasattr(value, "__dict__")
        else []
    )
    return "\n".join([repr(value), *(frame.to_csv() for frame in frames)])


def test_view_models_of_every_page_hold_nothing_that_is_withheld(planted, coarse, full):
    assert planted.found_in(view_models(coarse)) == []
    assert len(planted.found_in(view_models(full))) > 100


def test_changes_between_revisions_tell_nothing_that_is_withheld(planted):
    def told(viewer: Viewer) -> str:
        then, now = (
            load_facts(planted.store, shipped_edition(), viewer=viewer, revision=revision)
            for revision in (0, 3)
        )
        found = changes_since(then, now, IncidentFilter())
        return "\n".join([*changes_lines(found), repr(found)])

    seen, everything = told(VIEWER), told(LOCAL_ADMINISTRATOR)
    assert planted.found_in(seen) == []
    assert [name for name in planted.restricted_ids if name in seen] == []
    assert [name for name in planted.restricted_ids if name in everything] != []


# --- files ----------------------------------------------------------------------------------------


def slide(facts: Facts, kind: str, **more: object) -> bytes:
    query = MapQuery(level="district", revision=facts.revision)
    order = SnapshotOrder(query=query, format=kind, **more)  # type: ignore[arg-type]
    return export_snapshots([take_snapshot(facts, order, AROUND)], order, facts)


def brief(facts: Facts, kind: str) -> bytes:
    made = make_brief(facts, IncidentFilter(period=Period(DAY.replace(day=1), DAY)))
    return export_brief(made, facts, kind, around=AROUND)  # type: ignore[arg-type]


def parts_of(content: bytes) -> Iterator[bytes]:
    """Give a file and whatever is packed in it: parts of archives, streams of a PDF, metadata."""
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from parts_of(archive.read(name))
    elif content.startswith(b"%PDF"):
        from pypdf import PdfReader

        for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
            try:
                yield zlib.decompressobj().decompress(stream)
            except zlib.error:
                yield stream
        reader = PdfReader(io.BytesIO(content))
        yield repr(dict(reader.metadata or {})).encode()
        for page in reader.pages:
            yield page.extract_text().encode()
    elif content.startswith(b"\x89PNG"):
        with Image.open(io.BytesIO(content)) as picture:
            yield repr(picture.info).encode()


def found_in_file(planted: Planted, content: bytes) -> list[str]:
    return [where for part in parts_of(content) for where in planted.found_in(part, decimals=6)]


MAKERS: dict[str, Callable[[Facts], bytes]] = {
    **{f"slide {kind}": lambda facts, kind=kind: slide(facts, kind) for kind in SLIDE_FORMATS},
    **{
        f"deployments {kind}": lambda facts, kind=kind: slide(
            facts, kind, deployments=DeploymentsQuery(day=DAY)
        )
        for kind in ("svg", "pptx")
    },
    **{f"brief {kind}": lambda facts, kind=kind: brief(facts, kind) for kind in BRIEF_FORMATS},
}
# A picture of the map shows marks and numbers, and no words of the rows.
WORDLESS = {"slide png"}


@pytest.mark.parametrize("name", MAKERS)
def test_exported_file_holds_nothing_that_is_withheld(planted, coarse, name):
    assert found_in_file(planted, MAKERS[name](coarse)) == []


@pytest.mark.parametrize("name", [name for name in MAKERS if name not in WORDLESS])
def test_the_search_finds_what_a_file_of_full_sight_holds(planted, full, name):
    assert found_in_file(planted, MAKERS[name](full)) != []


def test_file_for_a_viewer_says_that_details_are_withheld(coarse, full):
    for kind in BRIEF_FORMATS[-1:]:
        assert COARSE_SIGHT in brief(coarse, kind).decode()
        assert COARSE_SIGHT not in brief(full, kind).decode()
    assert COARSE_SIGHT in map_view(coarse, map_series(coarse, MapQuery())).caption


# --- verify ---------------------------------------------------------------------------------------


def verdict_on(planted: Planted, content: bytes, *, policy: str | None = None) -> Verdict:
    def facts_of(viewer: Viewer) -> Callable[[int], Facts]:
        return lambda revision: load_facts(
            planted.store, shipped_edition(), viewer=viewer, revision=revision
        )

    def viewed(revision: int) -> Facts:
        facts = facts_of(VIEWER)(revision)
        return facts if policy is None else replace(facts, policy=policy)

    how = {"latest": 3, "coarse_facts_at": viewed}
    record = find_record(content)
    if record:
        return verify_brief(content, record, facts_of(LOCAL_ADMINISTRATOR), lambda _: AROUND, **how)
    return verify_file(content, facts_of(LOCAL_ADMINISTRATOR), lambda _: AROUND, **how)


@pytest.mark.parametrize("name", ["slide svg", "slide pptx", "brief pptx"])
def test_file_for_a_viewer_is_verified_at_the_sight_it_was_made_with(planted, coarse, name):
    found = verdict_on(planted, MAKERS[name](coarse))
    assert found.tampering == ()
    assert planted.found_in(found.as_text("file")) == []


def test_file_made_under_other_restrictions_is_not_called_tampered_with(planted, coarse):
    with pytest.raises(QueryError, match="other restrictions"):
        verdict_on(planted, MAKERS["slide svg"](coarse), policy="another")


# --- links ----------------------------------------------------------------------------------------


def test_link_to_what_is_restricted_is_one_to_what_does_not_exist(planted, coarse):
    incident, source = planted.restricted_ids[:2]

    def refusal(query: MapQuery) -> str:
        with pytest.raises(QueryError) as caught:
            check_query(query, coarse)
        return str(caught.value)

    assert refusal(MapQuery(incident=incident)).replace(incident, "x") == refusal(
        MapQuery(incident="x")
    )
    by = IncidentFilter(sources=(source,))
    assert refusal(MapQuery(chosen=by)).replace(source, "x") == refusal(
        MapQuery(chosen=IncidentFilter(sources=("x",)))
    )


# --- pages ----------------------------------------------------------------------------------------

PAGES = ("map", "incidents", "deployments", "groups_and_claims", "published_figures")
PAGES += ("sources_and_method", "slides", "monthly_brief")


@pytest.fixture
def opened(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[AppTest, list[str]]]]:
    """Open a page as somebody; return it with where planted words stand in what it sends."""
    monkeypatch.setenv("CONFLICTMAP_STORE", planted.store.url)
    start = PagesManager.__init__

    def start_as_the_server_does(*args: object, **options: object) -> None:
        start(*args, **options)
        server.pages_are_listed()

    monkeypatch.setattr(PagesManager, "__init__", start_as_the_server_does)
    st.cache_resource.clear()

    def open_page(page: str, viewer: Viewer, **parameters: str) -> tuple[AppTest, list[str]]:
        monkeypatch.setattr(session, "current_viewer", lambda: viewer)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        if page != "map":
            app.switch_page(f"pages/{page}.py")
        for name, value in parameters.items():
            app.query_params[name] = value
        app.run()
        return app, planted.found_in(_sent(app))

    yield open_page
    st.cache_resource.clear()


def _sent(app: AppTest) -> str:
    """Return what a page sends to the browser, tables in full."""
    texts = []
    for element in app.main:
        texts.append(repr(element))
    for block in (app.main, app.sidebar):
        for element in _elements(block):
            proto = getattr(element, "proto", None)
            texts.append(str(proto))
            if hasattr(element, "value") and hasattr(element.value, "to_csv"):
                texts.append(element.value.to_csv())
    return "\n".join(texts)


def _elements(block: object) -> Iterator[object]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from _elements(child)


@pytest.mark.parametrize("page", PAGES)
def test_page_sends_nothing_that_is_withheld(opened, caplog, page):
    with caplog.at_level(logging.DEBUG):
        app, found = opened(page, BRIEFER)
    assert not app.exception
    assert found == []


@pytest.mark.parametrize("page", ["incidents", "groups_and_claims", "sources_and_method"])
def test_the_search_finds_what_a_page_sends_to_full_sight(opened, page):
    app, found = opened(page, LOCAL_ADMINISTRATOR)
    assert not app.exception
    assert found != []


def test_evidence_of_a_protected_incident_is_shown_without_its_point(opened, planted):
    app, found = opened("incidents", VIEWER, incident="SYNTHETIC-civilian")
    assert found == []
    assert any("SYNTHETIC-civilian" in element.value for element in app.text)


def test_viewer_follows_a_link_to_a_restricted_incident_into_nothing(opened, planted):
    incident = planted.restricted_ids[0]
    app, found = opened("incidents", VIEWER, incident=incident)
    assert found == []
    assert [element.value for element in app.error] == [
        "The link cannot be shown as it is. The defaults are shown instead."
    ]


# --- caches ---------------------------------------------------------------------------------------


def test_every_cache_is_bounded_and_none_is_written_to_a_disk():
    seen = set()
    for path in (*UI.rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                name = ast.unparse(decorator)
                if "cache_data" not in name and "cache_resource" not in name:
                    continue
                seen.add(node.name)
                options = {word.arg for word in getattr(decorator, "keywords", [])}
                assert "persist" not in options, node.name
                assert "max_entries" in options or node.name in SINGLETONS, node.name
                keyed = {a.arg for a in node.args.args if not a.arg.startswith("_")}
                assert "viewer" not in keyed, f"{node.name} keeps a copy for each person"
    assert seen >= SINGLETONS | {"_facts", "_series"}
