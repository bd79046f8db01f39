"""A slide of two periods: both maps are the screen's, and a change is told only where it may be."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import QueryError
from conflictmap.slides.comparison_compose import ComparisonComposition
from conflictmap.slides.comparison_slide import NOT_SHOWN, ComparisonSlide
from conflictmap.slides.deck import read_deck
from conflictmap.slides.deck_map import AREAS, SECOND
from conflictmap.slides.evidence import content
from conflictmap.slides.fitting import line_height, text_width
from conflictmap.slides.order import SnapshotOrder, order_of, query_of_link
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
from conflictmap.slides.verify import verify_file
from conflictmap.store import open_store
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.figures import combine
from conflictmap.views.map_view import MapView, map_series, map_view
from tests.slide_boxes import assert_none_leaves, assert_none_overlaps, boxes_of_texts
from tests.synthetic import casualty, covered, facts_of, incident, place, shipped_edition, told

AROUND = Surroundings(as_of="2026-11-20", boundary_note="A note of the organisation.")
FORMATS = ("png", "svg", "pdf", "pptx")
YEARS = "shown=2021&against=2022"
LINKS = (
    YEARS,
    f"{YEARS}&measure=killed",
    f"{YEARS}&level=district&could=shown",
    f"{YEARS}&measure=per_1000_km2",
    "step=month&shown=2022-03&against=all",
    "step=sh_year&time=cumulative&shown=SH1400&against=SH1401",
)

# day, place and people killed (None: not stated) of each synthetic incident
ROWS = (
    ("2021-03-01", "AF-KAB-01", 1),
    ("2021-04-01", "AF-HER", 2),
    ("2021-05-01", "AF-HER", None),
    ("2022-03-01", "AF-KAB-01", 4),
    ("2022-04-01", "AF-KAB-02", 5),
    ("2022-05-01", "AF-BAL-02", 6),
    ("2022-06-01", "AF-KDZ", 0),
    ("2022-07-01", "AF-KAN", 8),
    ("2022-08-01", None, 9),
)
BOTH_YEARS = ("2021-01-01", "2022-12-31")


def made_up(*coverage: dict[str, Any], rows: tuple[Any, ...] = ROWS) -> Facts:
    """Return synthetic incidents, with the coverage that their one source claims."""
    names = [f"synthetic-{number}" for number in range(len(rows))]
    return facts_of(
        incidents=[incident(name, row[0]) for name, row in zip(names, rows, strict=True)],
        incident_places=[place(name, row[1]) for name, row in zip(names, rows, strict=True)],
        casualties=[
            casualty(name, "civilians", "killed", row[2])
            for name, row in zip(names, rows, strict=True)
        ],
        incident_sources=[told(name) for name in names],
        sources=[{"source_id": "synthetic", "publisher": "synthetic", "title": "synthetic"}],
        coverage=coverage,
    )


def covering(start: str = BOTH_YEARS[0], end: str = BOTH_YEARS[1], **more: Any) -> list[dict]:
    """Return claims to list every incident, and everybody killed, of a span of days."""
    return [
        covered("synthetic", start, end, measure=one, **more) for one in ("incidents", "killed")
    ]


ALL_COVERED = made_up(*covering())
NOT_COVERED = made_up()


@pytest.fixture(scope="module")
def shipped(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def taken(
    facts: Facts, link: str = YEARS, *, around: Surroundings = AROUND, **how: Any
) -> Snapshot:
    return take_snapshot(facts, SnapshotOrder(query=query_of_link(link), **how), around)


def slide_of(facts: Facts, link: str = YEARS, **how: Any) -> ComparisonSlide:
    slide = taken(facts, link, **how).slide
    assert isinstance(slide, ComparisonSlide)
    return slide


def composed_of(facts: Facts, link: str = YEARS, **how: Any) -> ComparisonComposition:
    composed = taken(facts, link, **how).composed
    assert isinstance(composed, ComparisonComposition)
    return composed


def made(facts: Facts, kind: str, link: str = YEARS, **how: Any) -> bytes:
    order = SnapshotOrder(query=query_of_link(link), format=kind, **how)  # type: ignore[arg-type]
    return export_snapshots([take_snapshot(facts, order, AROUND)], order, facts)


def on_screen(facts: Facts, link: str, suppress_below: int = 0) -> tuple[MapView, MapView]:
    """Return the views that the page of the map shows side by side."""
    query = query_of_link(link)
    series = map_series(facts, query, suppress_below=suppress_below)
    return map_view(facts, series, query.shown), map_view(facts, series, query.against)


def changes_of(slide: ComparisonSlide) -> dict[str, str]:
    assert slide.rows_title[-1] == "Change"
    return {row[0]: row[-1] for row in slide.rows}


# --- what it says


@pytest.mark.parametrize("link", LINKS)
def test_each_map_is_that_of_the_screen_with_the_same_classes(link):
    slide = slide_of(ALL_COVERED, link)
    for side, view in zip((slide.first, slide.second), on_screen(ALL_COVERED, link), strict=True):
        assert "".join(fill.letter for fill in side.areas) == view.class_string
        assert [fill.value for fill in side.areas] == [area.value for area in view.counts.areas]
    colours = {one.letter: one.colour for one in slide.fields}
    for fill in (*slide.first.areas, *slide.second.areas):
        assert fill.colour == colours[fill.letter]


@pytest.mark.parametrize("suppress_below", [0, 2])
def test_each_map_says_what_is_not_on_it_and_nothing_is_lost(suppress_below):
    link = YEARS
    around = replace(AROUND, suppress_below=suppress_below)
    composed = composed_of(ALL_COVERED, link, around=around)
    blocks = {block.name: " ".join(block.lines) for block in composed.texts}
    views = on_screen(ALL_COVERED, link, suppress_below)
    for name, side, view in zip(
        ("first", "second"), (composed.slide.first, composed.slide.second), views, strict=True
    ):
        counts = view.counts
        shown = combine(area.figure for area in counts.areas)
        beside = (counts.not_placed, counts.abroad, counts.suppressed)
        assert shown.incidents + sum(one.incidents for one in beside) == counts.total.incidents
        assert blocks[f"{name} counted"] == f"{'; '.join(side.counted)}."
        assert side.counted[0].startswith(f"{counts.total.incidents} coded incident")
        suppressed = f"in {counts.suppressed_areas} suppressed areas"
        assert (suppressed in blocks[f"{name} counted"]) is (counts.suppressed_areas > 0)
    assert "1 not placed at province level" in blocks["second counted"]
    assert bool(views[0].counts.suppressed_areas) is (suppress_below > 0)


def test_title_names_both_periods_and_what_each_holds():
    assert slide_of(ALL_COVERED).title == (
        "2021: 3 coded incidents; 2022: 6 coded incidents (1 report): 3 more in 2022"
    )
    backwards = slide_of(ALL_COVERED, "shown=2022&against=2021")
    assert backwards.title == (
        "2022: 6 coded incidents; 2021: 3 coded incidents (1 report): 3 more in 2022"
    )
    assert slide_of(NOT_COVERED).title == (
        "2021: 3 coded incidents; 2022: 6 coded incidents (1 report): no change can be read from"
        " these"
    )
    # One incident of 2021 gave no figure: how many more were killed is not known.
    assert slide_of(ALL_COVERED, f"{YEARS}&measure=killed").title == (
        "2021: 3 people killed in 3 coded incidents; 2022: 32 people killed in 6 coded incidents"
        " (1 report)"
    )
    rates = slide_of(ALL_COVERED, f"{YEARS}&measure=per_1000_km2")
    assert rates.title.endswith("by province, Afghanistan: 2021 and 2022")


def test_title_tells_no_change_where_incidents_are_not_dated_to_the_periods():
    undated = (*ROWS, (None, "AF-KAB-01", 1))
    title = slide_of(made_up(*covering(), rows=undated)).title
    assert title == "2021: 3 coded incidents; 2022: 6 coded incidents (1 report)"


def test_both_calendars_stand_above_each_map():
    assert slide_of(ALL_COVERED).periods == (
        "2021 (12 Jadi 1399 to 10 Jadi 1400)",
        "2022 (11 Jadi 1400 to 10 Jadi 1401)",
    )
    months = slide_of(ALL_COVERED, "step=sh_month&shown=SH1401-01&against=SH1401-02")
    assert months.periods[0] == "Hamal 1401 (21 March to 20 April 2022)"


def test_table_has_each_area_with_a_figure_in_either_period_and_the_change():
    slide = slide_of(ALL_COVERED)
    assert slide.rows_title == ("Area", "2021", "2022", "Change")
    assert slide.rows == (
        ("Herat", "2", "0", "-2"),
        ("Kabul", "1", "2", "+1"),
        ("Balkh", "0", "1", "+1"),
        ("Kandahar", "0", "1", "+1"),
        ("Kunduz", "0", "1", "+1"),
    )
    assert slide.change_note.startswith("Change: 2022 less 2021.")


def test_figure_that_is_not_exact_has_no_change():
    changes = changes_of(slide_of(ALL_COVERED, f"{YEARS}&measure=killed"))
    assert changes["Herat"] == NOT_SHOWN  # one of its incidents gave no figure
    assert changes["Kabul"] == "+8"


@pytest.mark.parametrize(
    ("coverage", "link", "said"),
    [
        ([], YEARS, "none of the sources read lists every incident"),
        (covering("2022-01-01"), YEARS, "the sources that cover the two periods differ"),
        (
            covering("2021-01-01", "2021-12-31", actor_id="synthetic-group"),
            YEARS,
            "the sources that cover the two periods differ",
        ),
        (covering(actor_id="synthetic-group"), YEARS, "none of the sources read lists every"),
        (covering(), "shown=2021&against=all", "two periods with two ends"),
        (covering(), f"{YEARS}&time=cumulative&from=2021-01-01", "overlap"),
        (covering(), f"{YEARS}&to=2022-05-31", "not equally long"),
        (covering(), f"{YEARS}&measure=per_1000_km2", "worked out for counts"),
    ],
)
def test_change_is_refused_with_its_reason(coverage, link, said):
    claims = [claim | {"coverage_id": f"claim {n}"} for n, claim in enumerate(coverage)]
    slide = slide_of(made_up(*claims), link)
    assert said in slide.change_note
    assert slide.change_note.startswith("No change is shown: ")
    assert slide.rows_title[-1] != "Change"
    assert not re.search(r"more in|fewer in|as many in", slide.title)


def test_change_is_shown_only_in_areas_that_the_same_source_covers():
    kabul = {"geo_precision": "adm1", "adm1_code": "AF-KAB"}
    slide = slide_of(made_up(*covering(**kabul)))
    changes = changes_of(slide)
    assert changes["Kabul"] == "+1"
    assert {words for name, words in changes.items() if name != "Kabul"} == {NOT_SHOWN}
    assert "more in" not in slide.title


def test_months_of_unlike_days_are_equally_long():
    link = "step=month&shown=2022-03&against=2022-04"
    assert slide_of(ALL_COVERED, link).rows_title[-1] == "Change"


def test_suppressed_areas_stay_so_on_both_maps_and_have_no_change():
    around = replace(AROUND, suppress_below=2)
    slide = slide_of(ALL_COVERED, around=around)
    hidden = {fill.name for fill in (*slide.first.areas, *slide.second.areas) if fill.letter == "s"}
    assert hidden
    assert not any(char.isdigit() for char in slide.title.replace("2021", "").replace("2022", ""))
    for row in slide.rows:
        assert row[0] not in hidden or (row[-1] == NOT_SHOWN and "suppressed" in row)
    assert slide.could_note == ""


@pytest.mark.parametrize(
    ("link", "how", "said"),
    [
        ("shown=2021&against=2021", {}, "same period"),
        ("shown=2021&against=2035", {}, "no step"),
        (f"{YEARS}&measure=change", {}, "There is no slide of this view"),
        (YEARS, {"province": "AF-KAB"}, "compared over the country"),
    ],
)
def test_what_cannot_be_compared_is_refused(link, how, said):
    with pytest.raises(QueryError, match=said):
        taken(NOT_COVERED, link, **how)


@pytest.mark.parametrize("batch", ["province", "step"])
def test_a_comparison_has_no_deck_of_several_slides(batch):
    order = SnapshotOrder(query=query_of_link(YEARS), format="pptx")
    with pytest.raises(QueryError, match="have one slide"):
        next(take_batch(ALL_COVERED, order, AROUND, batch))


# --- on paper


def boxes_of(composed: ComparisonComposition) -> dict[str, Box]:
    """Return what must not overlap, text as wide as it is drawn."""
    boxes = boxes_of_texts(composed.texts)
    boxes |= {f"swatch {swatch.letter}": swatch.box for swatch in composed.swatches}
    boxes |= {f"sign {sign.kind}": sign.box for sign in composed.signs}
    for number, side in enumerate(composed.sides, start=1):
        boxes |= {f"inset {number}": inset.box for inset in side.insets}
        if side.scale:
            boxes[f"scale {number}"] = side.scale.box
        for label in side.labels:
            wide, high = text_width(label.text, label.size_pt), line_height(label.size_pt)
            box = Box(label.x - wide / 2, label.y - high / 2, wide, high)
            boxes[f"{label.name} on map {number}"] = box
    if composed.table:
        boxes["table"] = composed.table
    return boxes


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("link", [YEARS, f"{YEARS}&measure=killed&level=district&could=shown"])
def test_nothing_overlaps_or_leaves_the_paper(shipped, paper, link):
    wishes = SlideWishes(marking="RESTRICTED", title="A synthetic title that is long " * 5)
    for facts, wished in ((shipped, wishes), (ALL_COVERED, SlideWishes())):
        composed = composed_of(facts, link, paper=paper, wishes=wished)
        boxes = boxes_of(composed)
        assert_none_leaves(boxes, composed.paper)
        assert_none_overlaps(boxes)
        assert min(block.size_pt for block in composed.texts) >= LEAST_PT


@pytest.mark.parametrize("paper", sorted(PAPERS))
def test_both_maps_have_the_same_size_and_scale_and_the_legend_is_whole(shipped, paper):
    composed = composed_of(shipped, f"{YEARS}&could=shown&level=district", paper=paper)
    one, two = composed.sides
    assert (one.map_box.width, one.map_box.height) == (two.map_box.width, two.map_box.height)
    assert one.map.inches_per_km == pytest.approx(two.map.inches_per_km)
    assert one.map_box.width >= 1.6
    assert [swatch.letter for swatch in composed.swatches] == [
        entry.letter for entry in composed.slide.fields
    ]
    assert {"unsure", "could"} <= {sign.kind for sign in composed.signs}


def test_numbers_of_the_table_are_never_cut():
    for paper in sorted(PAPERS):
        composed = composed_of(ALL_COVERED, f"{YEARS}&measure=killed", paper=paper)
        for row in composed.table_rows[1:]:
            told = {one[0]: one for one in composed.slide.rows}
            assert row[1:] == told[row[0]][1:]


# --- as a file


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("link", [YEARS, f"{YEARS}&level=district&could=shown"])
def test_same_view_gives_the_same_bytes_and_is_intact(shipped, kind, link):
    file = made(shipped, kind, link)
    assert file == made(shipped, kind, link)
    found = verify_file(file, lambda _: shipped, lambda _: AROUND, latest=shipped.revision)
    assert (found.tampering, found.changes) == ((), ())


def test_record_makes_the_same_slide_again(shipped):
    first = taken(shipped, wishes=SlideWishes("A title of mine", "INTERNAL USE ONLY"), paper="a4")
    order = order_of(first.record)
    assert order.query.against == "2022"
    again = take_snapshot(shipped, order, AROUND)
    assert content(again.slide) == content(first.slide)
    assert again.record == first.record


def test_pptx_has_both_maps_as_shapes_and_both_fills_are_read_back():
    file = made(ALL_COVERED, "pptx")
    slide = slide_of(ALL_COVERED)
    (read,) = read_deck(file)
    assert read.problems == ()
    for side, end in ((slide.first, ""), (slide.second, SECOND)):
        for fill in side.areas:
            if fill.colour:
                assert read.areas[f"{fill.code}{end}"] == fill.colour
    assert read.rows[0] == slide.rows_title
    xml = zipfile.ZipFile(io.BytesIO(file)).read("ppt/slides/slide1.xml").decode()
    groups = dict(re.findall(r'name="(Areas[^"]*)" descr="([^"]*)"', xml))
    assert set(groups) == {AREAS, f"{AREAS}{SECOND}"}
    assert "2021" in groups[AREAS]
    assert "2022" in groups[f"{AREAS}{SECOND}"]


def test_fill_changed_on_the_second_map_is_told_with_its_code():
    file = made(ALL_COVERED, "pptx")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == "ppt/slides/slide1.xml":
                text = data.decode()
                at = text.index("AF-KAN", text.index(f'name="{AREAS}{SECOND}"'))
                colour = re.compile(r'srgbClr val="[0-9A-F]{6}"').search(text, at)
                assert colour
                data = (
                    f'{text[: colour.start()]}srgbClr val="123456"{text[colour.end() :]}'.encode()
                )
            new.writestr(item, data)
    found = verify_file(out.getvalue(), lambda _: ALL_COVERED, lambda _: AROUND, latest=1)
    assert [line for line in found.tampering if f"AF-KAN{SECOND}" in line]


def test_drawing_names_the_areas_of_each_map_once():
    root = fromstring(made(ALL_COVERED, "svg"))
    names = [one.get("id") for one in root.iter("{http://www.w3.org/2000/svg}g") if one.get("id")]
    assert len(names) == len(set(names))
    read = read_picture(made(ALL_COVERED, "svg"), "svg")
    assert read.texts["area-AF-KAN"] == "Kandahar: 0"
    assert read.texts["area-AF-KAN-on-map-2"] == "Kandahar: 1"


def test_text_alternative_tells_both_maps(shipped):
    words = slide_of(shipped).in_words
    assert words.startswith("Two maps. On the left: Incidents by province, Afghanistan, 2021")
    assert "On the right: Incidents by province, Afghanistan, 2022" in words


def test_what_changed_since_is_told_for_the_map_that_it_is_on():
    later = replace(made_up(*covering(), rows=ROWS[:-2]), revision=2)
    file = made(ALL_COVERED, "svg")
    known = {1: ALL_COVERED, 2: later}
    found = verify_file(file, known.__getitem__, lambda _: AROUND, latest=2)
    assert found.is_intact
    assert any(line.startswith("area on the right AF-KAN Kandahar") for line in found.changes)
    assert not any(line.startswith("area on the left") for line in found.changes)
