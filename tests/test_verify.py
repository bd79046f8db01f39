"""A file that was made is told from one that was changed, and what no longer holds is listed."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from conflictmap import cli
from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import QueryError
from conflictmap.slides.order import SnapshotOrder, query_of_link
from conflictmap.slides.reading_back import RECORD
from conflictmap.slides.slide import SlideWishes
from conflictmap.slides.snapshot import (
    Surroundings,
    export_snapshots,
    take_batch,
    take_snapshot,
)
from conflictmap.slides.verify import Verdict, verify_file
from conflictmap.store import Store, latest_revision, load_tables, open_store, publish
from conflictmap.views.facts import Facts, load_facts
from tests.synthetic import shipped_edition

AROUND = Surroundings(as_of="2026-11-20")
FORMATS = ("png", "svg", "pdf", "pptx")
LINK = "measure=killed&source=8am-2022-12"


@pytest.fixture(scope="module")
def store(store_url: str) -> Store:
    """The store of the shipped data; nothing is published to it."""
    return open_store(store_url)


@cache
def facts_at(store: Store) -> Callable[[int], Facts]:
    """Return what gives the facts of a revision, which never change: they are read once."""
    return cache(
        lambda revision: load_facts(
            store, shipped_edition(), viewer=LOCAL_ADMINISTRATOR, revision=revision
        )
    )


@pytest.fixture(scope="module")
def facts(store: Store) -> Facts:
    """All that is known from the shipped data, at the revision the files are made from."""
    return facts_at(store)(5)


@pytest.fixture(scope="module")
def files(facts: Facts) -> dict[str, bytes]:
    """The same view in every format."""
    return {kind: made(facts, kind) for kind in FORMATS}


def made(facts: Facts, kind: str, link: str = LINK, **more: object) -> bytes:
    order = SnapshotOrder(query=query_of_link(link), format=kind, **more)  # type: ignore[arg-type]
    return export_snapshots([take_snapshot(facts, order, AROUND)], order, facts)


def verdict(store: Store, content: bytes) -> Verdict:
    latest = latest_revision(store, viewer=LOCAL_ADMINISTRATOR)
    return verify_file(content, facts_at(store), lambda _: AROUND, latest=latest)


@pytest.mark.parametrize("kind", FORMATS)
def test_file_as_it_was_made_is_intact_and_holds(store, files, kind):
    found = verdict(store, files[kind])
    assert (found.format, found.slides, found.revision) == (kind, 1, 5)
    assert found.tampering == ()
    assert found.changes == ()


# --- changed numbers


def in_pptx(content: bytes, part: str, before: str, after: str) -> bytes:
    """Return a PPTX with a text of one kind of part replaced wherever it stands."""
    out, changed = io.BytesIO(), 0
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if re.fullmatch(part, item.filename):
                changed += data.count(before.encode())
                data = data.replace(before.encode(), after.encode())
            new.writestr(item, data)
    assert changed, f"{before} stands nowhere in {part}"
    return out.getvalue()


def numbers_in(content: bytes, part: str) -> list[str]:
    """Return the runs of text with a number in a part of a PPTX."""
    text = zipfile.ZipFile(io.BytesIO(content)).read(part).decode()
    return [run for run in re.findall(r"<a:t>[^<]*</a:t>", text) if re.search(r"\d", run)]


def one_more(run: str) -> str:
    """Return a text with its first number raised by one."""
    return re.sub(r"\d+", lambda number: str(int(number[0]) + 1), run, count=1)


def test_each_number_on_a_pptx_slide_is_watched(store, files):
    part = "ppt/slides/slide1.xml"
    runs = dict.fromkeys(numbers_in(files["pptx"], part))
    assert len(runs) > 10
    for run in runs:
        found = verdict(store, in_pptx(files["pptx"], re.escape(part), run, one_more(run)))
        assert not found.is_intact, run


def test_changed_number_is_told_with_what_the_file_says_and_should(store, files):
    part = re.escape("ppt/slides/slide1.xml")
    found = verdict(store, in_pptx(files["pptx"], part, "Samangan", "Baghlan"))
    assert any("the file says" in line and "Baghlan" in line for line in found.tampering)
    assert any("not '" in line and "Samangan" in line for line in found.tampering)


def test_area_filled_with_another_colour_is_told_by_its_code(store, files):
    text = zipfile.ZipFile(io.BytesIO(files["pptx"])).read("ppt/slides/slide1.xml").decode()
    start = text.index("AF-KAB")
    colour = re.search(r'srgbClr val="([0-9A-Fa-f]{6})"', text[start:])
    assert colour
    at = start + colour.start(1)
    changed = text[:at] + "FEE08B" + text[at + 6 :]
    found = verdict(
        store, in_pptx(files["pptx"], re.escape("ppt/slides/slide1.xml"), text, changed)
    )
    assert any("AF-KAB" in line for line in found.tampering)


def test_bar_of_the_chart_changed_is_told(store, files):
    chart = next(
        name
        for name in zipfile.ZipFile(io.BytesIO(files["pptx"])).namelist()
        if re.fullmatch(r"ppt/charts/chart\d*\.xml", name)
    )
    text = zipfile.ZipFile(io.BytesIO(files["pptx"])).read(chart).decode()
    value = re.search(r"<c:val>.*?<c:v>(\d+(?:\.\d+)?)</c:v>", text, re.DOTALL)
    assert value
    changed = text[: value.start(1)] + "777" + text[value.end(1) :]
    found = verdict(store, in_pptx(files["pptx"], re.escape(chart), text, changed))
    assert any("chart" in line for line in found.tampering)


def test_pixels_painted_over_are_told_with_their_place(store, files):
    image = Image.open(io.BytesIO(files["png"]))
    written = image.text[RECORD]  # type: ignore[attr-defined]
    painted = np.asarray(image).copy()
    painted[60:110, 60:200] = (255, 255, 255, 255)[: painted.shape[2]]
    about = PngInfo()
    about.add_itxt(RECORD, written)
    out = io.BytesIO()
    Image.fromarray(painted).save(out, "PNG", pnginfo=about)
    found = verdict(store, out.getvalue())
    assert any("top left" in line for line in found.tampering)
    assert not any("bottom" in line for line in found.tampering)


def test_picture_saved_anew_without_a_change_is_intact(store, files):
    image = Image.open(io.BytesIO(files["png"]))
    about = PngInfo()
    about.add_text(RECORD, image.text[RECORD])  # type: ignore[attr-defined]
    out = io.BytesIO()
    image.save(out, "PNG", pnginfo=about, compress_level=1)
    assert verdict(store, out.getvalue()).is_intact


def test_word_and_path_changed_in_an_svg_are_told(store, files):
    label = files["svg"].replace(b'aria-label="Kabul: ', b'aria-label="Kabul: 1')
    assert label != files["svg"]
    assert any("Kabul" in line for line in verdict(store, label).tampering)
    text = files["svg"].decode()
    start = text.index('id="area-AF-KAB"')
    path = text.index('d="M ', start) + 5
    moved = text[:path] + "9" + text[path:]
    assert any("area-AF-KAB" in line for line in verdict(store, moved.encode()).tampering)


def test_pdf_with_another_text_is_told(store, files, facts):
    other = made(facts, "pdf", "measure=killed")
    record = re.search(rb"/Keywords \(.*?\)\s", files["pdf"], re.DOTALL)
    theirs = re.search(rb"/Keywords \(.*?\)\s", other, re.DOTALL)
    assert record
    assert theirs
    found = verdict(store, other.replace(theirs[0], record[0]))
    assert not found.is_intact
    assert any("text page 1" in line for line in found.tampering)


# --- files that are none of ours


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a", "no PNG, SVG, PDF or PPTX"),
        (b"\x89PNG\r\n\x1a\nbroken", "damaged"),
        (b"%PDF-1.7 broken", "damaged"),
        (b"PK\x03\x04broken", "PPTX|damaged|presentation"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no record of this program"),
        (
            b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'a'>]><svg>&a;</svg>",
            "damaged",
        ),
    ],
)
def test_file_that_is_none_of_ours_is_refused_in_a_sentence(store, content, said):
    with pytest.raises(QueryError, match=said):
        verdict(store, content)


def test_picture_made_with_other_versions_is_not_called_tampered(store, facts):
    order = SnapshotOrder(query=query_of_link(LINK), format="svg")
    snapshot = take_snapshot(facts, order, AROUND)
    snapshot = replace(snapshot, record=snapshot.record | {"versions": "matplotlib 3.99.0"})
    with pytest.raises(QueryError, match=r"made with matplotlib 3\.99\.0"):
        verdict(store, export_snapshots([snapshot], order, facts))


def test_file_of_a_later_store_is_refused(store, facts):
    order = SnapshotOrder(query=query_of_link(LINK + "&revision=5"), format="svg")
    snapshot = take_snapshot(facts, order, AROUND)
    record = snapshot.record | {"view": snapshot.record["view"].replace("n=5", "n=99")}
    content = export_snapshots([replace(snapshot, record=record)], order, facts)
    with pytest.raises(QueryError, match="made at revision 99; this store has"):
        verdict(store, content)


# --- decks, titles by hand, and what changed since


def test_slide_of_a_deck_is_told_by_its_number(store, facts):
    order = SnapshotOrder(query=query_of_link("measure=killed&step=year"), format="pptx")
    snapshots = list(take_batch(facts, order, AROUND, "step"))
    content = export_snapshots(snapshots, order, facts)
    assert verdict(store, content).slides == len(snapshots)
    part = "ppt/slides/slide2.xml"
    run = numbers_in(content, part)[0]
    found = verdict(store, in_pptx(content, re.escape(part), run, one_more(run)))
    assert found.tampering
    assert all(line.startswith("Slide 2: ") for line in found.tampering)


def test_title_written_by_hand_is_named_as_such(store, facts):
    found = verdict(store, made(facts, "pptx", wishes=SlideWishes(title="A title of mine")))
    assert found.is_intact
    assert any("written by hand" in note for note in found.notes)


def test_what_the_latest_revision_says_otherwise_is_listed_and_the_file_is_intact(
    store_url, tmp_path, files
):
    path = tmp_path / "store.sqlite"
    path.write_bytes(Path(store_url.removeprefix("sqlite:///")).read_bytes())
    store = open_store(f"sqlite:///{path}")
    rows = load_tables(store, viewer=LOCAL_ADMINISTRATOR, revision=5)["casualties"]
    old = rows[(rows["source_id"] == "8am-2022-12") & (rows["best"] == 53)].head(1)
    assert len(old) == 1
    new = old.assign(**{end: pd.array([54], dtype="Int64") for end in ("low", "best")})
    publish(
        store,
        {"casualties": new},
        withdrawals={"casualties": old},
        viewer=LOCAL_ADMINISTRATOR,
        note="synthetic correction",
    )
    for kind in FORMATS:
        found = verdict(store, files[kind])
        assert found.is_intact
        assert found.latest == 6
        told = [line for line in found.changes if line.startswith("area AF-KAB")]
        assert len(told) == 1
        assert "the file has" in told[0]
    assert any(line.startswith("finding") for line in found.changes)


# --- from the command line


def test_snapshot_and_verify_speak_in_exit_codes(store_url, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    path = tmp_path / "slide.pptx"
    view = "http://127.0.0.1:8501/?measure=killed&level=district"
    arguments = ["snapshot", "--view", view, "--format", "pptx", "--output", str(path)]
    assert cli.main([*arguments, "--marking", "INTERNAL"]) == 0
    assert "revision 5" in capsys.readouterr().out
    assert cli.main(["verify", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["is_intact"]
    assert told["still_holds"]
    part = "ppt/slides/slide1.xml"
    run = numbers_in(path.read_bytes(), part)[0]
    path.write_bytes(in_pptx(path.read_bytes(), re.escape(part), run, one_more(run)))
    assert cli.main(["verify", str(path)]) == 3
    assert "It was changed after it was made" in capsys.readouterr().out
    path.write_bytes(b"nothing of ours")
    assert cli.main(["verify", str(path)]) == 1
    assert "no PNG, SVG, PDF or PPTX" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "png", "--each", "province"], "which only --format pptx holds"),
        (["--view", "?measure=secret"], "'measure' is not one of"),
        (["--view", "?actor=nobody"], "has no actor of the id 'nobody'"),
        (["--title", "x" * 200], "a slide has room for 180"),
        (["--format", "svg", "--template", "missing.pptx"], "--template is for"),
    ],
)
def test_what_no_slide_can_be_made_of_is_said(
    store_url, tmp_path, monkeypatch, capsys, arguments, said
):
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    output = tmp_path / "slide"
    assert cli.main(["snapshot", "--output", str(output), *arguments]) == 1
    assert said in capsys.readouterr().err
    assert not output.exists()
