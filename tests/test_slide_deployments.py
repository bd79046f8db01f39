"""A slide of deployments says and draws what the page does, in every format, and is verified."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from pptx import Presentation
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from conflictmap import cli
from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import QueryError
from conflictmap.slides.deck import read_deck
from conflictmap.slides.deck_deployments import TABLE, UNITS
from conflictmap.slides.deck_drawn import unlike_drawn
from conflictmap.slides.deployment_compose import DeploymentComposition
from conflictmap.slides.deployment_slide import DeploymentSlide
from conflictmap.slides.deployment_symbols import short_name
from conflictmap.slides.order import SnapshotOrder, order_of, view_of_link
from conflictmap.slides.paper import LEAST_PT, PAPERS, Box
from conflictmap.slides.reading_back import read_picture
from conflictmap.slides.slide import SlideWishes
from conflictmap.slides.snapshot import (
    Snapshot,
    Surroundings,
    export_snapshots,
    take_batch,
    take_snapshot,
)
from conflictmap.slides.verify import Verdict, verify_file
from conflictmap.store import load_tables, open_store, publish
from conflictmap.ui import server
from conflictmap.views.deployment_look import symbol_of
from conflictmap.views.deployment_query import DeploymentsQuery
from conflictmap.views.deployments import deployments_as_of
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.group_areas import group_areas
from tests.browser import ROOT
from tests.slide_boxes import assert_none_leaves, assert_none_overlaps, boxes_of_texts
from tests.synthetic import facts_of, shipped_edition

AROUND = Surroundings(as_of="2026-11-20")
FORMATS = ("png", "svg", "pdf", "pptx")
HOSTILE = (
    "{{7*7}} {% x %}",
    "]]><script>&amp;",
    "=cmd()|'/C calc'!A0",
    "\u202edesrever\u202c unit",
    "$\\frac{1}{2}$ _unit_",
    "x" * 400,
)


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def made_up(
    names: tuple[str, ...] = ("First synthetic brigade", "Second synthetic corps"), **more: Any
) -> Facts:
    """Return synthetic units, each sent from Kabul to Herat on a day of its own."""
    units = [
        {"unit_id": f"u{n}", "name": name, "echelon": "brigade", "actor_id": "force"}
        for n, name in enumerate(names)
    ]
    plain = {
        "actor_id": "force",
        "kind": "deployment",
        "title": "synthetic move",
        "date_precision": "day",
        "date_basis": "stated",
        "confidence": "reported",
        "source_id": "report",
    }
    statements = [
        plain
        | {"deployment_id": f"d{n}", "unit_id": f"u{n}"}
        | dict.fromkeys(("date_from", "date_to"), f"2022-01-{1 + n % 28:02}")
        | more
        for n, _ in enumerate(names)
    ]
    places = [
        {
            "deployment_id": f"d{n}",
            "place_no": number,
            "role": role,
            "province_name": name,
            "adm1_code": code,
            "geo_precision": "adm1",
            "country": "AF",
            "source_id": "report",
        }
        for n, _ in enumerate(names)
        for number, (role, name, code) in enumerate(
            [("origin", "Kabul", "AF-KAB"), ("destination", "Herat", "AF-HER")], start=1
        )
    ]
    return facts_of(
        sources=[
            {"source_id": "report", "title": "Synthetic", "publisher": "P", "reading_order": 1}
        ],
        actors=[{"actor_id": "force", "name": "Force", "affiliation": "de_facto_authorities"}],
        units=units,
        deployments=statements,
        deployment_places=places,
    )


def taken(facts: Facts, link: str = "", **more: Any) -> Snapshot:
    query, deployments = view_of_link(link, page="deployments")
    return take_snapshot(facts, SnapshotOrder(query=query, deployments=deployments, **more), AROUND)


def slide_of(facts: Facts, link: str = "", **more: Any) -> DeploymentSlide:
    slide = taken(facts, link, **more).slide
    assert isinstance(slide, DeploymentSlide)
    return slide


def composed_of(facts: Facts, link: str = "", **more: Any) -> DeploymentComposition:
    composed = taken(facts, link, **more).composed
    assert isinstance(composed, DeploymentComposition)
    return composed


def made(facts: Facts, kind: str, link: str = "", **more: Any) -> bytes:
    query, deployments = view_of_link(link, page="deployments")
    order = SnapshotOrder(query=query, deployments=deployments, format=kind, **more)  # type: ignore[arg-type]
    return export_snapshots([take_snapshot(facts, order, AROUND)], order, facts)


def verdict(facts: Facts, content: bytes, *, latest: Facts | None = None) -> Verdict:
    known = {facts.revision: facts} | ({latest.revision: latest} if latest else {})
    return verify_file(content, known.__getitem__, lambda _: AROUND, latest=max(known))


# --- what it says


@pytest.mark.parametrize("scheme", ["neutral", "authorities-friend", "authorities-hostile"])
def test_every_statement_of_the_view_stands_on_the_slide_with_its_code_and_places(facts, scheme):
    slide = slide_of(facts, f"frame={scheme}")
    view = deployments_as_of(facts)
    assert [one.deployment_id for one in slide.statements] == [
        one.deployment_id for one in view.statements
    ]
    for shown, told in zip(slide.statements, view.statements, strict=True):
        assert shown.sidc == symbol_of(told, scheme)
        for place in told.places:
            assert any(place.stated in where for where in shown.where)
        spots = {move.spot for move in shown.moves}
        assert spots <= {place.spot for place in told.places}
    groups = group_areas(facts, view.day)
    assert tuple(one.code for one in slide.told) == groups.codes


def test_title_names_units_provinces_day_and_reports_and_no_sum_of_strengths(facts):
    slide = slide_of(facts)
    assert slide.title == (
        "8 units or groups of units in 7 provinces as of 25 February 2022, by 1 report"
    )
    assert "strengths are not added up" in "; ".join(slide.counted)


def test_one_unit_in_two_places_at_one_time_counts_once_and_is_flagged():
    facts = made_up(("Synthetic brigade", "Other"), date_from="2022-01-05", date_to="2022-01-05")
    rows = facts.tables["deployments"].assign(unit_id="u0")
    places = facts.tables["deployment_places"]
    places = places[places["role"] == "destination"].assign(adm1_code=["AF-HER", "AF-KAB"])
    facts = replace(facts, tables=facts.tables | {"deployments": rows, "deployment_places": places})
    slide = slide_of(facts)
    assert slide.title.startswith("1 unit in 2 provinces")
    assert "1 of them in two places at one time, counted once" in slide.title
    assert all(one.is_doubled and "count it once" in one.what for one in slide.statements)
    signs = [text.lines for text in composed_of(facts).texts if text.name == "legend twice"]
    assert len(signs) == 1


def test_place_known_to_the_province_is_marked_otherwise_than_one_known_to_the_district(facts):
    composed = composed_of(facts)
    parts = {piece.key: {part.name for part in piece.parts} for piece in composed.moves}
    assert parts["move 6"] == {"district"}
    assert parts["move 7"] == {"province"}
    assert {"line", "head", "district", "province"} == parts["move 4"]


def test_fan_of_a_statement_has_an_arrow_to_each_destination_as_wide_as_its_strength(facts):
    move = next(piece for piece in composed_of(facts).moves if piece.key == "move 4")
    lines = [part for part in move.parts if part.name == "line"]
    assert len(lines) == 3
    assert {part.line_pt for part in lines} == {4.5}
    ends = [tuple(part.rings[0][len(part.rings[0]) // 2]) for part in lines]
    assert len(set(ends)) == 3


def test_planned_unit_is_dashed_and_an_old_one_is_faint_but_seen():
    facts = made_up(confidence="unconfirmed")
    composed = composed_of(facts, "asof=2023-01-01")
    unit = composed.units[0]
    assert any(part.dash == "dash" for part in unit.parts if part.name.startswith("part"))
    assert {part.opacity for part in unit.parts if part.name.startswith("part")} == {0.3}
    words = {text.name for text in composed.texts}
    assert {"legend dashed", "legend faded"} <= words


def test_areas_of_groups_are_drawn_only_where_the_view_shows_them(facts):
    assert composed_of(facts).told
    without = composed_of(facts, "layers=deployments")
    assert without.told == ()
    assert not any("told" in piece.key for piece in without.keys)
    only = composed_of(facts, "layers=groups")
    assert (only.units, only.moves) == ((), ())
    assert any("in the table only" in line for line in only.slide.subtitle)


def test_layers_that_the_slide_does_not_draw_are_named(facts):
    subtitle = slide_of(facts, "layers=shading,deployments").subtitle
    assert any("Not on this slide: incident counts" in line for line in subtitle)


@pytest.mark.parametrize("kind", FORMATS)
def test_view_without_statements_has_a_slide_that_says_so(facts, kind):
    empty = facts_of()
    assert made(empty, kind)
    assert "No report in the sources read speaks of deployments" in slide_of(empty).title
    early = slide_of(facts, "asof=2010-01-01")
    assert early.title == "No statement on deployments is dated up to 1 January 2010"
    assert made(facts, kind, "asof=2010-01-01")


def test_viewer_without_exact_coordinates_gets_nothing_new(store_url):
    viewer = Viewer("synthetic viewer", "viewer")
    facts = load_facts(open_store(store_url), shipped_edition(), viewer=viewer)
    view = deployments_as_of(facts)
    shown = {move for one in slide_of(facts).statements for move in one.moves}
    assert shown == set(view.moves)


# --- layout


def boxes_of(composed: DeploymentComposition) -> dict[str, Box]:
    boxes = boxes_of_texts((*composed.texts, *composed.labels))
    for piece in composed.units:
        rings = [
            ring for part in piece.parts if part.name != "line to its place" for ring in part.rings
        ]
        left, top = (min(ring[:, side].min() for ring in rings) for side in (0, 1))
        right, bottom = (max(ring[:, side].max() for ring in rings) for side in (0, 1))
        boxes[piece.key] = Box(left, top, right - left, bottom - top)
    boxes |= {piece.key: piece.box for piece in composed.keys}
    boxes |= {f"inset {inset.name}": inset.box for inset in composed.insets}
    boxes["scale"] = composed.scale.box
    if composed.table:
        boxes["table"] = composed.table.box
    return boxes


def check_layout(composed: DeploymentComposition) -> None:
    boxes = boxes_of(composed)
    assert_none_leaves(boxes, composed.paper)
    assert_none_overlaps(boxes)
    for piece in (*composed.units, *composed.keys):
        assert all(text.size_pt >= LEAST_PT for text in piece.texts)
    assert all(block.size_pt >= LEAST_PT for block in (*composed.texts, *composed.labels))


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("link", ["", "frame=authorities-friend&layers=deployments"])
def test_nothing_overlaps_or_leaves_the_paper(facts, paper, link):
    wishes = SlideWishes(marking="RESTRICTED", title="A synthetic title that is long " * 5)
    check_layout(composed_of(facts, link, paper=paper))
    check_layout(composed_of(facts, link, paper=paper, wishes=wishes))


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("n", [1, 12, 60])
def test_many_units_at_one_place_stay_apart_and_what_has_no_room_is_told(paper, n):
    facts = made_up(tuple(f"Synthetic brigade {number}" for number in range(n)))
    composed = composed_of(facts, paper=paper)
    check_layout(composed)
    words = " ".join(" ".join(text.lines) for text in composed.texts)
    drawn = {piece.key for piece in composed.units}
    left_out = [
        one.number for one in composed.slide.statements if f"unit {one.number}" not in drawn
    ]
    for number in left_out:
        assert re.search(rf"No room on the map for the symbols of: [\d, ]*\b{number}\b", words)
    named = sum(text.name.startswith("name") for text in composed.labels)
    if named < n <= 40:
        assert re.search("no room on the map", words)
    rows = len(composed.table.rows) - 1 if composed.table else 0
    if rows < n:
        assert f"{n - rows} more statement" in words or "no room for a table" in words


def test_short_name_leaves_out_what_stands_in_brackets_at_the_end():
    assert short_name("Three battalions (not named)") == "Three battalions"
    assert short_name("(unnamed)") == "(unnamed)"


# --- files


@pytest.mark.parametrize("kind", FORMATS)
def test_same_view_gives_the_same_bytes_and_is_intact(facts, kind):
    content = made(facts, kind)
    assert content == made(facts, kind)
    found = verdict(facts, content)
    assert found.tampering == ()
    assert found.changes == ()


def test_symbols_of_a_deck_are_vector_shapes_in_a_group_a_unit(facts):
    slide = slide_of(facts)
    deck = Presentation(io.BytesIO(made(facts, "pptx")))
    shapes = deck.slides[0].shapes
    units = next(shape for shape in shapes if shape.name == UNITS)
    names = [group.name for group in units.shapes]
    for one in slide.statements:
        (group, *_) = [group for group in units.shapes if group.name.startswith(one.name)]
        if one.sidc:
            assert one.sidc in group.name
        about = group.element.nvGrpSpPr.cNvPr.get("descr")
        assert "; ".join(one.where) in about
    assert any("Red Brigade (red-brigade), symbol" in name for name in names)
    files = zipfile.ZipFile(io.BytesIO(made(facts, "pptx"))).namelist()
    assert not any("media" in name for name in files)
    assert any(shape.name == TABLE for shape in shapes)
    assert read_deck(made(facts, "pptx"))[0].problems == ()


def test_drawing_has_each_unit_as_paths_with_its_words(facts):
    content = made(facts, "svg")
    assert b"<image" not in content
    assert b'xlink:href="data' not in content
    read = read_picture(content, "svg")
    for one in slide_of(facts).statements:
        assert one.name in read.texts[f"unit-{one.number}-part-1"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", FORMATS)
def test_hostile_unit_names_stay_text(name, kind):
    facts = made_up((name,))
    content = made(facts, kind)
    assert verdict(facts, content).tampering == ()
    if kind == "pptx":
        (read,) = read_deck(content)
        shown = read.rows[1][1]
        assert "\u202e" not in shown
        assert "49" not in shown
        assert read.problems == ()
    if kind == "svg":
        assert b"<script" not in content
        read_picture(content, "svg")


def in_slide(content: bytes, before: str, after: str) -> bytes:
    """Return a PPTX with a text of its slide replaced wherever it stands."""
    out, changed = io.BytesIO(), 0
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == "ppt/slides/slide1.xml":
                changed += data.count(before.encode())
                data = data.replace(before.encode(), after.encode())
            new.writestr(item, data)
    assert changed
    return out.getvalue()


def test_changed_name_strength_or_place_in_the_table_is_told(facts):
    deck = made(facts, "pptx")
    for before, after in (
        ("203 Mansoori Corps", "204 Mansoori Corps"),
        ("1,500 persons", "15,000 persons"),
        (">2022-02-22<", ">2022-02-23<"),
    ):
        found = verdict(facts, in_slide(deck, before, after))
        assert any(line.startswith("table, row") for line in found.tampering), before


def test_rows_that_changed_places_are_told(facts):
    deck = made(facts, "pptx")
    text = zipfile.ZipFile(io.BytesIO(deck)).read("ppt/slides/slide1.xml").decode()
    rows = re.findall(r"<a:tr .*?</a:tr>", text, re.DOTALL)
    swapped = text.replace(rows[1], "@").replace(rows[2], rows[1]).replace("@", rows[2])
    found = verdict(facts, in_slide(deck, text, swapped))
    assert any(line.startswith("table, row 2") for line in found.tampering)


def test_symbol_that_was_moved_is_told_by_its_unit(facts):
    deck = made(facts, "pptx")
    text = zipfile.ZipFile(io.BytesIO(deck)).read("ppt/slides/slide1.xml").decode()
    start = text.index("Red Brigade (red-brigade), symbol")
    offset = re.compile(r'<a:off x="(\d+)"').search(text, start)
    assert offset
    moved = text[: offset.start(1)] + "5000000" + text[offset.end(1) :]
    found = verdict(facts, in_slide(deck, text, moved))
    assert any("drawing of Red Brigade" in line for line in found.tampering)


def test_rounding_of_another_program_is_no_change_but_another_colour_is():
    wanted = {"a": "at 154, 280 of 33 x 35, noFill", "b": "as drawn"}
    assert unlike_drawn({"a": "at 154, 281 of 33 x 34, noFill", "b": "as drawn"}, wanted) == {}
    assert set(unlike_drawn({"a": "at 157, 280 of 33 x 35, noFill"}, wanted)) == {"a", "b"}
    assert set(unlike_drawn(wanted | {"a": "at 154, 280 of 33 x 35, #ffffff"}, wanted)) == {"a"}


def test_record_holds_the_kind_the_day_and_the_half_life(facts):
    record = taken(facts, "told=published&asof=2022-05-31").record
    assert record["kind"] == "deployments"
    order = order_of(record)
    assert order.deployments == DeploymentsQuery(
        day=deployments_as_of(facts).day.replace(month=5, day=31), only_published=True
    )
    assert order.query.revision == facts.revision
    faster = replace(AROUND, half_life_days=3)
    again = take_snapshot(facts, order, faster)
    assert again.record["content_sha256"] == record["content_sha256"]
    with pytest.raises(QueryError, match="half-life"):
        order_of(record | {"half_life_days": "0"})
    with pytest.raises(QueryError, match="kind of view"):
        order_of(record | {"kind": "secret"})


def test_record_of_a_slide_of_the_map_has_no_new_field(facts):
    assert "kind" not in take_snapshot(facts, SnapshotOrder(), AROUND).record


def test_what_the_latest_revision_says_otherwise_is_listed(tmp_path, store_url):
    path = tmp_path / "store.sqlite"
    path.write_bytes(Path(store_url.removeprefix("sqlite:///")).read_bytes())
    store = open_store(f"sqlite:///{path}")
    read = lambda revision: load_facts(  # noqa: E731
        store, shipped_edition(), viewer=LOCAL_ADMINISTRATOR, revision=revision
    )
    content = made(read(5), "svg")
    old = load_tables(store, viewer=LOCAL_ADMINISTRATOR, revision=5)["units"]
    old = old[old["unit_id"] == "red-brigade"]
    publish(
        store,
        {"units": old.assign(name="Synthetic Brigade")},
        withdrawals={"units": old},
        viewer=LOCAL_ADMINISTRATOR,
        note="synthetic correction",
    )
    found = verify_file(content, read, lambda _: AROUND, latest=6)
    assert found.is_intact
    assert any("Synthetic Brigade" in line for line in found.changes)


# --- links, command and pages


@pytest.mark.parametrize(
    ("link", "page", "kind"),
    [
        ("http://127.0.0.1:8501/deployments?asof=2022-02-13&revision=5", None, "deployments"),
        ("http://127.0.0.1:8501/deployments", None, "deployments"),
        ("http://127.0.0.1:8501/slides?page=deployments&asof=2022-02-13", None, "deployments"),
        ("asof=2022-02-13", "deployments", "deployments"),
        ("http://127.0.0.1:8501/?measure=killed", None, "map"),
        ("", None, "map"),
    ],
)
def test_link_says_which_page_it_is_of(link, page, kind):
    query, deployments = view_of_link(link, page=page)
    assert SnapshotOrder(query=query, deployments=deployments).kind == kind
    if "revision=5" in link:
        assert query.revision == 5


def test_bad_link_to_deployments_is_an_error_that_names_the_parameter():
    with pytest.raises(QueryError, match="'asof' is not a calendar date"):
        view_of_link("/deployments?asof=2022-02-31")


def test_deployments_have_no_deck_of_several_slides(facts):
    order = SnapshotOrder(deployments=DeploymentsQuery(), format="pptx")
    with pytest.raises(QueryError, match="Choose one slide"):
        list(take_batch(facts, order, AROUND, "province"))


@pytest.mark.parametrize("kind", FORMATS)
def test_command_makes_a_slide_of_a_link_and_verifies_it(
    kind, store_url, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    path = tmp_path / f"slide.{kind}"
    link = "http://127.0.0.1:8501/deployments?asof=2022-02-13"
    assert cli.main(["snapshot", "--view", link, "--format", kind, "--output", str(path)]) == 0
    assert "as of 13 February 2022" in capsys.readouterr().out
    assert cli.main(["verify", str(path)]) == 0


@pytest.fixture
def opened(store_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page of the dashboard with the parameters of a link."""
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    start = PagesManager.__init__

    def start_as_the_server_does(*args: object, **options: object) -> None:
        start(*args, **options)
        server.pages_are_listed()

    monkeypatch.setattr(PagesManager, "__init__", start_as_the_server_does)
    st.cache_resource.clear()

    def open_page(file: str, **parameters: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.switch_page(file)
        for name, value in parameters.items():
            app.query_params[name] = value
        return app.run()

    return open_page


def test_slides_page_shows_deployments_where_the_address_asks_for_them(opened):
    app = opened("pages/slides.py", page="deployments", asof="2022-02-13")
    assert not app.exception
    assert app.subheader[0].value == "Slide of the view of deployments"
    assert any("as of 13 February 2022" in text.value for text in app.text)


def test_slides_page_tells_a_bad_day_of_deployments(opened):
    app = opened("pages/slides.py", page="deployments", asof="never")
    assert not app.exception
    assert any("'asof' is not a calendar date" in text.value for text in app.text)


def test_page_on_deployments_leads_to_the_slide_of_its_view(opened):
    app = opened("pages/deployments.py", asof="2022-02-13")
    assert not app.exception
    links = [element.proto for element in app.get("page_link")]
    (link,) = [proto for proto in links if proto.label == "Make a slide of this view"]
    assert "page=deployments" in link.query_string
    assert "asof=2022-02-13" in link.query_string
