"""Incidents that leave as files, and what comes back when they are uploaded again."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import socket
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from conflictmap import cli_export
from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import QueryError
from conflictmap.export_incidents import (
    export_geojson,
    export_geopackage,
    export_incidents_csv,
    incident_features,
)
from conflictmap.filters import IncidentFilter
from conflictmap.formula_guard import guarded, unguarded
from conflictmap.ingest.profiles.template import COLUMNS, HXL_TAGS
from conflictmap.ingest.reading import read_raw
from conflictmap.ingest.upload import Examined, examine, publish_upload
from conflictmap.periods import Period
from conflictmap.settings import read_settings
from conflictmap.store import Store, open_store
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.query import MapQuery
from conflictmap.views.totals import totals
from tests.synthetic import facts_of, incident, place, shipped_edition, told

ALL = IncidentFilter()
FORMULAS = ["=1+1", "+1", "-1", "@a", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20a", "'=1", "''-1"]


@pytest.fixture
def empty_store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")


@pytest.fixture(scope="module")
def shipped(store_url: str) -> Facts:
    """The shipped incidents."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def examined(store: Store, content: bytes) -> Examined:
    """Examine a file as one of the source "synthetic"."""
    source = {"source_id": "synthetic", "title": "Synthetic", "publisher": "synthetic desk"}
    return examine(
        content,
        "synthetic.csv",
        store,
        shipped_edition(),
        source=source | {"source_kind": "spreadsheet"},
        viewer=LOCAL_ADMINISTRATOR,
    )


def publish(store: Store, content: bytes) -> Facts:
    found = examined(store, content)
    publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)
    return facts_in(store)


def facts_in(store: Store, viewer: Viewer = LOCAL_ADMINISTRATOR) -> Facts:
    return load_facts(store, shipped_edition(), viewer=viewer)


def filled_in(*rows: dict[str, str]) -> bytes:
    """Return a filled-in template; a row that does not say otherwise has day, title and source."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for number, row in enumerate(rows, 1):
        usual = {"id": f"s{number}", "date": "2024-03-09", "title": "Synthetic", "source": "a desk"}
        writer.writerow(usual | row)
    return text.getvalue().encode()


def written(content: bytes) -> list[dict[str, str]]:
    """Return the rows of an exported CSV, neither tags nor notes."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return [row for row in rows if not row["id"].startswith("#")]


def filled(found: Examined) -> dict[str, int]:
    return {name: count for name, count in found.report.bins.items() if count}


def changed_fields(found: Examined) -> list[tuple[str, ...]]:
    """Return each changed field: table, column, before and after."""
    rows = found.comparison.fields.drop(columns="incident_id")
    return list(rows.itertuples(index=False, name=None))


NOTES = 7  # the lines behind the rows

DATES = [
    {"date": "2024-03-09"},
    {"date": "9 March 2024"},
    {"date": "2024-03"},
    {"date": "March 2024"},
    {"date": "2024"},
    {"date": "2024-02"},
    {"date": "unknown"},
    {"date": "-"},
    {"date": "", "date_start": "2024-03-09", "date_end": "2024-03-11"},
    {"date": "", "date_start": "2024-03-01", "date_end": "2024-03-31"},
    {"date": "", "date_start": "1 March 2024", "date_end": "5 March 2024"},
    {"date": "", "date_end": "2024-03-11", "date_start": "unknown"},
    {"date": "", "date_start": "2024-03"},
]
FIGURES = [
    {},
    {"killed": "0"},
    {"killed": "7", "wounded": "12"},
    {"killed": "at least 7", "wounded": "around 40"},
    {"killed": "more than 7", "wounded": "over 30"},
    {"killed": "5-7", "wounded": "up to 9"},
    {"killed": "dozens", "wounded": "several"},
    {"killed": "5", "killed_low": "3", "killed_high": "9"},
    {"killed_low": "3", "killed_high": "9"},
    {"killed_low": "3"},
    {"killed": "12", "civilians_killed": "5"},
    {"killed": "12", "civilians_killed": "12"},
    {"killed": "12", "civilians_killed": "0"},
    {"civilians_killed": "5", "civilians_wounded": "at least 6"},
    {"killed": "at least 12", "civilians_killed": "5"},
    {"killed": "12", "killed_low": "10", "killed_high": "15", "civilians_killed": "5"},
    {"killed": "12", "killed_low": "10", "civilians_killed": "most of them"},
    {"killed": "dozens", "civilians_killed": "5"},
    {"wounded": "5", "wounded_low": "9", "wounded_high": "3"},
]
PLACES = [
    {"province": "Kabul", "district": "Bagrami", "country": "Afghanistan"},
    {"province": "Herat", "place": "Chaharbagh Firuza", "place_precision": "near"},
    {"latitude": "34.5281", "longitude": "69.1723", "place_precision": "exact"},
    {"latitude": "34.5281", "longitude": "69.1723", "place_precision": "Village"},
    {"latitude": "34.52810000000001", "longitude": "69.1723"},
    {"province": "Kabul", "latitude": "34.5", "longitude": "69.2", "place_precision": "adm1"},
    {"country": "Tajikistan", "latitude": "37.9", "longitude": "69.5", "place_precision": "near"},
    {"country": "Chile", "latitude": "-33.45", "longitude": "-70.66", "place_precision": "exact"},
]
WORDS = [
    {"title": "", "description": 'What is known.\nSecond line, with "quotes" and; signs'},
    {"description": "Text", "actor1": "ISKP", "actor2": "Taliban", "event_type": "bombing"},
    {"event_type": "clash", "actor1": "NRF", "actor2": "Taliban"},
    {"event_type": "clash", "actor1": "somebody", "actor2": "Taliban"},
    {"event_type": "حمله انتحاری", "actor1": "داعش", "title": "انفجار در کابل"},
    {"event_type": "Gun Attack", "target_type": "mosque", "target_community": "Hazaras"},
    {"event_type": "something else", "target_community": "shia"},
    {"source": "desk; other desk", "source_url": "https://example.org/a", "verified": "yes"},
    {"source": "desk", "note": "a; Note: b", "language": "Dari", "actor1": "ISKP"},
    {"source": "desk", "source_url": "page 3", "actor1": "Taliban"},
    {"id": ""},
    {"id": "Kabul 12/3"},
]


@pytest.mark.parametrize(
    "rows", [DATES, FIGURES, PLACES, WORDS], ids=["dates", "figures", "places", "words"]
)
def test_filled_in_template_comes_back_unchanged(empty_store, rows):
    facts = publish(empty_store, filled_in(*rows))
    back = examined(empty_store, export_incidents_csv(facts, ALL))
    assert changed_fields(back) == []
    assert filled(back) == {"unchanged": len(rows), "skipped": 1 + NOTES}


@pytest.mark.parametrize("text", FORMULAS)
def test_cell_that_looks_like_a_formula_comes_back_as_stored(empty_store, text):
    rows = {"title": guarded(text), "description": guarded(text), "place": guarded(text)}
    facts = publish(empty_store, filled_in(rows | {"source": guarded(text), "actor1": "ISKP"}))
    assert facts.tables["incidents"]["title"].tolist() == [text]
    content = export_incidents_csv(facts, ALL)
    assert written(content)[0]["title"] == f"'{text}"
    assert filled(examined(empty_store, content)) == {"unchanged": 1, "skipped": 1 + NOTES}


@pytest.mark.parametrize("text", [*FORMULAS, "\ta", "\ra", "\na", "'a", "a=", ""])
def test_guard_is_taken_away_exactly(text):
    cells = pd.DataFrame({"a": [guarded(text)]}, dtype="str")
    assert unguarded(cells)["a"].tolist() == [text]
    assert guarded(text)[:1] not in tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")


def test_shipped_incidents_come_back_equal_where_the_template_has_a_cell(shipped, empty_store):
    back = publish(empty_store, export_incidents_csv(shipped, ALL)).tables
    ours = shipped.tables
    for name, columns in (
        ("incidents", "title description date_from date_to date_precision event_type"),
        ("incident_places", "place_name district_name province_name country adm1_code adm2_code"),
        ("incident_places", "geo_precision point_latitude point_longitude precision_km"),
    ):
        assert as_rows(back[name], columns) == as_rows(ours[name], columns)


def test_shipped_figures_come_back_with_the_same_totals(shipped, empty_store):
    back = publish(empty_store, export_incidents_csv(shipped, ALL))
    for measure in ("incidents", "killed", "wounded"):
        for by in ("province", "district"):
            query = MapQuery(measure=measure)
            ours, theirs = (totals(facts, query, by) for facts in (shipped, back))
            assert (theirs.rows, theirs.total) == (ours.rows, ours.total)
            assert theirs.not_stated == ours.not_stated


def test_shipped_incidents_that_came_back_once_come_back_unchanged(shipped, empty_store):
    facts = publish(empty_store, export_incidents_csv(shipped, ALL))
    back = examined(empty_store, export_incidents_csv(facts, ALL))
    assert changed_fields(back) == []
    assert filled(back) == {"unchanged": 27, "skipped": 1 + NOTES}


def as_rows(table: pd.DataFrame, columns: str) -> list[tuple]:
    """Return columns of the rows by incident, whatever source they came from, as text."""
    ids = table["incident_id"].str.removeprefix("synthetic-")
    rows = table[columns.split()].astype("str").assign(incident_id=ids)
    return sorted(rows.itertuples(index=False, name=None), key=str)


def test_csv_has_tags_beneath_its_header_and_notes_behind_its_rows(shipped):
    content = export_incidents_csv(shipped, ALL)
    assert content.startswith(b"\xef\xbb\xbf")
    raw = read_raw(content, "incidents.csv")
    assert raw.header == COLUMNS
    assert raw.hxl == tuple(HXL_TAGS.values())
    assert (len(raw.cells), raw.rejected, raw.questions) == (27, (), ())
    notes = [line for line in content.decode().splitlines() if line.lstrip('"').startswith("# ")]
    assert len(notes) == NOTES
    assert any(f"Revision {shipped.revision}" in note for note in notes)
    assert any(shipped.edition.disclaimer in note for note in notes)


def test_date_is_written_no_finer_than_it_is_known(shipped):
    dates = {row["id"]: row["date"] for row in written(export_incidents_csv(shipped, ALL))}
    assert dates["kunduz-shiite-mosque-2021"] == "2021-10"
    assert dates["kaj-academy"] == "2022-09-28"
    assert dates["kabul-hotel"] == "'-"


def test_first_day_without_a_last_one_is_left_out_and_said():
    facts = facts_of(
        incidents=[incident("open", None, date_from="2024-03-09", date_precision="days")],
        incident_sources=[told("open")],
    )
    content = export_incidents_csv(facts, ALL)
    row = written(content)[0]
    assert (row["date"], row["date_start"], row["date_end"]) == ("'-", "", "")
    assert "# A first day without a last one is left out: open." in content.decode()


def test_disputed_perpetrator_is_not_written_as_one():
    statement = {"attribution_id": "a-1", "incident_id": "a", "actor_id": "iskp"}
    facts = facts_of(
        incidents=[incident("a", "2024-03-09")],
        incident_sources=[told("a")],
        attributions=[statement | {"kind": "disputed", "source_id": "synthetic"}],
    )
    assert written(export_incidents_csv(facts, ALL))[0]["actor1"] == ""


def test_ids_are_the_uploads_own_only_where_one_source_stands_behind_all():
    facts = facts_of(
        incidents=[incident("x-1", "2024-03-09"), incident("y-1", "2024-03-09")],
        incident_sources=[told("x-1", "x"), told("y-1", "y")],
    )
    ids = [row["id"] for row in written(export_incidents_csv(facts, ALL))]
    assert ids == ["x-1", "y-1"]
    only = IncidentFilter(sources=("x",))
    assert [row["id"] for row in written(export_incidents_csv(facts, only))] == ["1"]


def test_point_of_a_source_leaves_only_for_who_may_see_it(empty_store):
    point = {"latitude": "34.5281", "longitude": "69.1723", "place_precision": "exact"}
    publish(empty_store, filled_in(point))
    for viewer, text in ((LOCAL_ADMINISTRATOR, "34.5281"), (Viewer("a guest", "viewer"), "")):
        facts = facts_in(empty_store, viewer)
        assert written(export_incidents_csv(facts, ALL))[0]["latitude"] == text
        (feature,) = json.loads(export_geojson(facts, ALL))["features"]
        assert (feature["geometry"] is not None) == bool(text)
        assert ("34.528" in export_geojson(facts, ALL).decode()) == bool(text)


@pytest.mark.parametrize(
    "period", [Period(), Period(dt.date(2022, 1, 1), dt.date(2022, 12, 31))], ids=["all", "2022"]
)
def test_features_count_as_the_map_does(shipped, period):
    chosen = IncidentFilter(period=period)
    collection = json.loads(export_geojson(shipped, chosen))
    features = pd.DataFrame([feature["properties"] for feature in collection["features"]])
    for level, code in (("province", "adm1_code"), ("district", "adm2_code")):
        counted = totals(shipped, MapQuery(chosen=chosen), level)
        assert len(features) == counted.total
        by_code = features[code].value_counts().to_dict()
        assert by_code == {row.key: row.value for row in counted.rows if row.value}
    for harm in ("killed", "wounded"):
        summed = totals(shipped, MapQuery(chosen=chosen, measure=harm), "province")
        assert features[f"{harm}_best"].sum() == summed.total


def test_no_units_centre_stands_for_a_place():
    known = {"point_latitude": 34.4, "point_longitude": 70.4, "precision_km": 3.0}
    facts = facts_of(
        incidents=[incident(name, "2024-03-09") for name in "abcd"],
        incident_places=[
            place("a", "AF-NAN-01", geo_precision="near", **known),
            place("b", "AF-NAN", **known),
            place("c", "AF-NAN-01", geo_precision="near", **known),
            place("c", "AF-NAN-02", geo_precision="near", place_no=2, **known),
            place("d", None),
        ],
    )
    table = incident_features(facts, ALL).set_index("incident_id")
    assert table.geometry.notna().to_dict() == {"a": True, "b": False, "c": False, "d": False}
    assert table["adm1_code"].fillna("").tolist() == ["AF-NAN", "AF-NAN", "AF-NAN", ""]
    assert table["adm2_code"].fillna("").tolist() == ["AF-NAN-01", "", "", ""]
    assert table["places"].tolist() == [1, 1, 2, 1]
    assert table["precision_km"].notna().tolist() == [True, False, False, False]


def test_export_states_revision_edition_and_disclaimer(shipped):
    collection = json.loads(export_geojson(shipped, ALL))
    assert collection["metadata"]["disclaimer"] == shipped.edition.disclaimer
    assert f"Revision {shipped.revision}." in collection["metadata"]["caption"]
    for feature in collection["features"]:
        assert feature["properties"]["revision"] == shipped.revision
        assert feature["properties"]["boundary_edition"] == "afg-2014"


def test_geopackage_is_read_back_by_geopandas(shipped, tmp_path, no_network):
    path = tmp_path / "incidents.gpkg"
    export_geopackage(shipped, ALL, path)
    table = gpd.read_file(path)
    ours = incident_features(shipped, ALL)
    assert table.crs.to_epsg() == 4326
    assert table["incident_id"].tolist() == ours["incident_id"].tolist()
    assert table.geometry.notna().tolist() == ours.geometry.notna().tolist()
    assert table["killed_best"].fillna(-1).tolist() == ours["killed_best"].fillna(-1).tolist()
    kept = pyogrio.read_info(path, layer="incidents")["layer_metadata"]
    assert kept["disclaimer"] == shipped.edition.disclaimer
    assert [found.name for found in tmp_path.iterdir()] == ["incidents.gpkg"]


def test_nothing_is_fetched(shipped, no_network):
    assert export_incidents_csv(shipped, ALL)
    assert export_geojson(shipped, ALL)


def test_filter_that_nothing_passes_makes_files_without_rows(shipped, tmp_path):
    nothing = IncidentFilter(event_types=("air_strike",))
    assert written(export_incidents_csv(shipped, nothing)) == []
    assert json.loads(export_geojson(shipped, nothing))["features"] == []
    export_geopackage(shipped, nothing, tmp_path / "none.gpkg")
    assert len(gpd.read_file(tmp_path / "none.gpkg")) == 0


def test_folder_that_is_not_there_is_said_without_its_path(shipped, tmp_path):
    with pytest.raises(QueryError, match=r"^none\.gpkg cannot be written") as raised:
        export_geopackage(shipped, ALL, tmp_path / "missing" / "none.gpkg")
    assert str(tmp_path) not in str(raised.value)


@pytest.mark.parametrize("kind", cli_export.FORMATS)
def test_command_writes_each_format(store_url, tmp_path, monkeypatch, capsys, kind):
    monkeypatch.setenv("CONFLICTMAP_STORE", store_url)
    parser = argparse.ArgumentParser()
    cli_export.add_commands(parser.add_subparsers())
    path = tmp_path / f"out.{kind}"
    options = parser.parse_args(
        ["export", "--format", kind, "--output", str(path), "--source", "abna-2026-01"]
    )
    assert options.run(options, read_settings()) == 0
    assert path.stat().st_size > 0
    assert capsys.readouterr().out == f"out.{kind}: 6 incidents, revision 5\n"
