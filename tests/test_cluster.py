"""The join of archives: parts by the rules of one machine, every row in one bin, all counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from conflictmap import cli
from conflictmap.cluster.columns import Columns
from conflictmap.cluster.joining import ADDED, BINS
from conflictmap.cluster.layer import pack_layer, unpack_layer
from conflictmap.cluster.layouts import ColumnMapping
from conflictmap.cluster.reading import CsvForm
from conflictmap.cluster.running import join_archive, work_here
from conflictmap.cluster.storage import Folder, find_parts
from conflictmap.districts import assign_districts
from conflictmap.errors import LayerError, QueryError
from conflictmap.ingest.profiles import acled, gtd, ucdp
from conflictmap.placing import place_rows
from tests import test_profiles_acled, test_profiles_ucdp
from tests.browser import ROOT
from tests.cluster_archives import (
    MAPPING,
    account_of,
    counts_of,
    districts,
    joined,
    layer,
    order_of,
    results,
    rows_of,
    synthetic_rows,
    write_csv,
    write_parquet,
)
from tests.raw_tables import raw_rows
from tests.synthetic import shipped_edition

KABUL = {"lat": "34.5", "lon": "69.15"}


def of_one_part(tmp_path: Path, *rows: dict[str, str], **more: object) -> pd.DataFrame:
    """Join a part of CSV; return its rows."""
    write_csv(tmp_path / "in" / "a.csv", rows)
    account = joined(tmp_path / "in", tmp_path / "out", **more)
    assert account["failed"] == []
    return rows_of(tmp_path / "out")


def why_failed(tmp_path: Path, content: bytes, **more: object) -> str:
    """Join a broken part and a good one; return why the broken one was left aside."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_bytes(content)
    write_csv(tmp_path / "in" / "b.csv", [KABUL])
    columns = ColumnMapping({"longitude": "lon", "latitude": "lat"}, {})
    account = joined(tmp_path / "in", tmp_path / "out", mapping=columns, **more)
    assert [part["part"] for part in account["parts"]] == ["b.csv"]
    assert not account["is_complete"]
    assert [failed["part"] for failed in account["failed"]] == ["a.csv"]
    assert len(rows_of(tmp_path / "out")) == 1
    return account["failed"][0]["why"]


# --- the layer, and the join of one machine


def test_layer_is_the_same_bytes_each_time_and_known_by_its_hash():
    assert pack_layer(shipped_edition()) == layer()
    with pytest.raises(LayerError, match="not the one that was sent"):
        unpack_layer(layer().content[:-1], layer().sha256)


@pytest.mark.parametrize("snap_km", [0, 0.5, 2, 9])
def test_prepared_layer_answers_as_the_layer_itself(snap_km):
    edition, chance = shipped_edition(), np.random.default_rng(3)
    border = shapely.get_coordinates(edition.country.geometry.boundary.to_numpy())
    near = chance.choice(border, 4000) + chance.normal(0, 0.04, (4000, 2))
    far = np.column_stack([chance.uniform(-180, 180, 500), chance.uniform(-90, 90, 500)])
    lonlat = np.concatenate([near, far, [[0, 0], [np.nan, 34], [np.inf, 34], [60.47, 34.0]]])
    incidents = pd.DataFrame(
        {
            "longitude": lonlat[:, 0],
            "latitude": lonlat[:, 1],
            "geo_precision": chance.choice(["exact", "adm1"], len(lonlat)),
        }
    )
    plain = assign_districts(incidents, edition.districts, snap_km=snap_km)
    prepared = assign_districts(incidents, districts(), snap_km=snap_km)
    pd.testing.assert_frame_equal(prepared, plain)
    assert (plain["join_method"] == "nearest").any() == (snap_km > 0)


def test_rows_are_those_of_the_join_of_one_machine(tmp_path):
    parts = [synthetic_rows(3000, seed) for seed in range(2)]
    for number, rows in enumerate(parts):
        write_parquet(tmp_path / "in" / f"{number}.parquet", rows)
    joined(tmp_path / "in", tmp_path / "out", batch_rows=700)
    found = rows_of(tmp_path / "out")
    every = pd.concat(parts, ignore_index=True)
    pd.testing.assert_frame_equal(found[every.columns], every, check_dtype=False)
    stated = every.rename(columns={"lon": "longitude", "lat": "latitude"})
    expected = assign_districts(
        stated.assign(geo_precision=every["known_to"].fillna("exact")), shipped_edition().districts
    )
    for name in ADDED[:3]:
        assert found[name].fillna("").tolist() == expected[name].fillna("").tolist()


def test_batches_decide_nothing(tmp_path):
    write_parquet(tmp_path / "in" / "a.parquet", synthetic_rows(2000, 1))
    for name, rows in (("one", 100_000), ("many", 17)):
        joined(tmp_path / "in", tmp_path / name, batch_rows=rows)
    pd.testing.assert_frame_equal(rows_of(tmp_path / "one"), rows_of(tmp_path / "many"))
    pd.testing.assert_frame_equal(counts_of(tmp_path / "one"), counts_of(tmp_path / "many"))


def test_counts_add_up_to_the_rows_and_a_missing_figure_is_no_zero(tmp_path):
    write_parquet(tmp_path / "in" / "a.parquet", synthetic_rows(3000, 1))
    account = joined(tmp_path / "in", tmp_path / "out", batch_rows=500)
    rows, counts = rows_of(tmp_path / "out"), counts_of(tmp_path / "out")
    assert counts["rows"].sum() == len(rows) == account["rows_in"]
    assert counts.groupby("place_bin")["rows"].sum().to_dict() == {
        name: count for name, count in account["bins"].items() if count
    }
    given = rows["best"].where(rows["best"] >= 0)
    assert counts["deaths_best"].sum() == given.sum()
    assert counts["rows_without_best"].sum() == given.isna().sum() > 0
    no_figure = counts["rows_without_best"] == counts["rows"]
    assert counts["deaths_best"].isna().tolist() == no_figure.tolist()
    assert not counts.duplicated(
        ["place_bin", "adm2_code", "day", "event_type", "actor", "adm1_code", "date_precision"]
    ).any()


# --- bins


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, "district"),
        ({"known_to": "near"}, "province_only"),
        ({"known_to": "Province"}, "province_only"),
        ({"known_to": "country"}, "not_precise"),
        ({"known_to": "somewhere"}, "precision_not_known"),
        ({"country": "Pakistan"}, "abroad"),
        ({"country": "Pakistan", "lat": ""}, "abroad"),
        ({"lat": ""}, "no_point"),
        ({"lat": "0", "lon": "0"}, "no_point"),
        ({"lat": "91"}, "no_point"),
        ({"lat": "33", "lon": "65"}, "not_precise"),  # stands for the whole country
        ({"lat": "34,5"}, "point_not_read"),
        ({"lat": "nan"}, "point_not_read"),
        ({"lat": "34.5", "lon": "80"}, "outside"),
    ],
)
def test_every_row_says_where_it_ended(tmp_path, cells, expected):
    empty = dict.fromkeys(MAPPING.columns.values(), "")
    found = of_one_part(tmp_path, empty | KABUL | cells)
    assert found["place_bin"].tolist() == [expected]
    assert account_of(tmp_path / "out")["bins"] == {name: int(name == expected) for name in BINS}


def test_precision_that_is_not_stated_is_taken_as_elsewhere_and_told(tmp_path):
    columns = ColumnMapping({"longitude": "lon", "latitude": "lat"}, {})
    found = of_one_part(tmp_path, KABUL, mapping=columns)
    assert found["adm2_code"].notna().all()
    account = account_of(tmp_path / "out")
    assert (account["unstated_precision"], account["remarks"]["precision_not_stated"]) == (
        "exact",
        1,
    )


def test_own_codes_of_precision_and_parts_without_a_header(tmp_path):
    write_csv(tmp_path / "in" / "a.csv", [["4", "34.5", "69.15"], ["3", "34.5", "69.15"]])
    columns = {"longitude": "lon", "latitude": "lat", "geo_precision": "code"}
    mapping = ColumnMapping(columns, {"4": "exact", "3": "near"})
    form = CsvForm(delimiter=",", header=("code", "lat", "lon"))
    joined(tmp_path / "in", tmp_path / "out", mapping=mapping, csv=form)
    assert rows_of(tmp_path / "out")["place_bin"].tolist() == ["district", "province_only"]


# --- the known layouts


def finest_of_an_upload(profile: object, row: dict[str, str]) -> tuple[object, object]:
    """Return the units that an upload of the row gives it; none where the row is not taken."""
    draft = profile.convert(raw_rows(row), {})  # type: ignore[attr-defined]
    if draft.records.empty:
        return None, None
    placed, _ = place_rows(draft.records, shipped_edition())
    return tuple(placed[name].iloc[0] for name in ADDED[:2])


CASES = [
    *((acled, test_profiles_acled.event(geo_precision=code)) for code in ("1", "2", "3", "9", "")),
    *((acled, test_profiles_acled.event(country=name)) for name in ("Pakistan", "")),
    *((gtd, test_profiles_acled.attack(specificity=code)) for code in ("1", "2", "4", "5", "")),
    (gtd, test_profiles_acled.attack(vicinity="1")),
    (gtd, test_profiles_acled.attack(country="153")),
    *((ucdp, test_profiles_ucdp.event(where_prec=code)) for code in "1234567"),
    (ucdp, test_profiles_ucdp.event(where_prec="5", adm_1="")),
    (ucdp, test_profiles_ucdp.event(country_id="770", country="Pakistan")),
    (ucdp, test_profiles_ucdp.event(latitude="33.0", longitude="65.0")),
]


@pytest.mark.parametrize(("profile", "row"), CASES)
def test_no_row_of_a_known_layout_gets_a_finer_unit_than_an_upload_gives_it(tmp_path, profile, row):
    found = of_one_part(tmp_path, row, mapping=None)
    for name, unit in zip(ADDED, finest_of_an_upload(profile, row), strict=False):
        here = found[name].iloc[0]
        assert pd.isna(here) or here == unit


def test_layouts_are_told_by_their_columns(tmp_path):
    write_csv(tmp_path / "in" / "a.csv", [test_profiles_acled.event(fatalities="0")])
    write_csv(tmp_path / "in" / "b.csv", [test_profiles_acled.attack(nkill="3", iday="0")])
    write_csv(tmp_path / "in" / "c.csv", [test_profiles_ucdp.event(low="5", best="4", high="6")])
    account = joined(tmp_path / "in", tmp_path / "out", mapping=None)
    assert [part["layout"] for part in account["parts"]] == ["acled", "gtd", "ucdp_ged"]
    assert account["remarks"]["figures_out_of_order"] == 1
    counts = counts_of(tmp_path / "out").set_index("date_precision")
    # ACLED's 0 means none or unknown: no figure. UCDP's triple is kept as published.
    days = counts.loc["day"].sort_values("deaths_best")
    assert days["deaths_best"].tolist() == [4, pd.NA]
    assert days["deaths_low"].tolist() == [5, pd.NA]
    gtd_row = counts.loc["month"]
    assert pd.isna(gtd_row["day"])
    assert [gtd_row[f"deaths_{end}"] for end in ("low", "best", "high")] == [3, 3, 3]


def test_week_of_acled_gives_no_day(tmp_path):
    of_one_part(tmp_path, test_profiles_acled.event(time_precision="2"), mapping=None)
    counts = counts_of(tmp_path / "out")
    assert counts["date_precision"].tolist() == ["week"]
    assert counts["day"].isna().all()


def test_real_sample_of_ucdp_is_joined_whole(tmp_path):
    (tmp_path / "in").mkdir()
    sample = ROOT / "tests" / "fixtures" / "ucdp_ged_sample.csv"
    (tmp_path / "in" / "sample.csv").write_bytes(sample.read_bytes())
    account = joined(tmp_path / "in", tmp_path / "out", mapping=None)
    draft = test_profiles_ucdp.sample()
    assert account["rows_in"] == len(pd.read_csv(sample, dtype="str"))
    assert account["rows_in"] - account["bins"]["abroad"] == len(draft.records)
    found = rows_of(tmp_path / "out")
    here = found[found["place_bin"] != "abroad"]
    uploaded, _ = place_rows(draft.records, shipped_edition())
    for name in ("adm1_code", "adm2_code"):
        units = pd.Series(uploaded[name].to_numpy(), index=here["id"])
        own = pd.Series(here[name].to_numpy(), index=here["id"])
        assert (own.isna() | (own == units)).mean() == 1
    dead = counts_of(tmp_path / "out")
    dead = dead[dead["place_bin"] != "abroad"]
    assert dead["deaths_best"].sum() == draft.casualties["best"].sum()


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (
            pa.array(["3", " 3.0 ", "-99", "dozens", "2.5", "", None]),
            [3, 3, None, None, None, None, None],
        ),
        (pa.array([3, None, -9]), [3, None, None]),
        (pa.array([3.0, float("nan"), 0.5]), [3, None, None]),
        (pa.array(["7", "7"]).dictionary_encode(), [7, 7]),
    ],
)
def test_figures_are_read_from_any_type_of_column(column, expected):
    read = Columns(pa.record_batch([column], names=["dead"])).figures("dead")
    assert read.as_arrow().to_pylist() == expected


def test_days_are_read_only_where_they_are_sure():
    texts = [
        "2021-08-15",
        "20210815",
        "15 August 2021",
        "15/08/2021",
        "2021-08",
        "2021-02-30",
        None,
    ]
    read = Columns(pa.record_batch([pa.array(texts)], names=["day"])).days("day")
    assert read.is_unread.tolist() == [False, False, False, True, True, True, False]
    assert [str(day) for day in read.values[:3]] == ["2021-08-15"] * 3
    assert np.isnat(read.values[3:]).all()


# --- parts that cannot be used


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"lat,lon\n34.5,69.1\n34.5\n", "row 3 has 1 cells, the header 2. Mend the row."),
        (
            b'lat,lon,note\n34.5,69.1,"a\nb"\n34.5,69.1,c,d\n',
            "row 3 has 4 cells, the header 3. Mend the row.",
        ),
        (
            b"lat,lon\n34.5,\xff\n",
            "row 2, column 2: bytes that are no UTF-8. Save the part as UTF-8.",
        ),
        (
            b'lat,lon\n34.5,"69.1\n34.5,69.1\n',
            "it has a quoted cell that is not closed: it begins in row 2 (line 2) and the text goes"
            " wrong in line 3. Close the quote, or write a quote within a quoted cell twice.",
        ),
        (
            b'lat,lon\n34.5,"69"1\n',
            "row 2: the row has text behind the closing quote of a cell. Write a quote within a"
            " quoted cell twice.",
        ),
        (
            b"lat,long\n34.5,69.1\n",
            "it has no column 'lon', which the mapping names. Correct the mapping, or leave the"
            " part out.",
        ),
        (b"lat,lon,lat\n1,2,3\n", "the column 'lat' stands twice. Rename one of them."),
        (b"", "it is empty. Give a table with a header and rows."),
        (
            b"lat,lon,adm2_code\n34.5,69.1,x\n",
            "it has a column 'adm2_code', which the join adds. Rename or leave out that one.",
        ),
    ],
)
def test_part_that_cannot_be_used_is_named_with_its_row_and_the_others_go_on(
    tmp_path, content, why
):
    assert why_failed(tmp_path, content) == why


def test_quoted_newlines_stay_within_their_cell(tmp_path):
    empty = dict.fromkeys(MAPPING.columns.values(), "")
    found = of_one_part(tmp_path, empty | KABUL | {"kind": 'a\n"b",\r\nc'}, empty | KABUL)
    assert found["kind"].tolist() == ['a\n"b",\r\nc', ""]


def test_damaged_parquet_is_left_aside(tmp_path):
    write_parquet(tmp_path / "in" / "a.parquet", synthetic_rows(10, 1))
    (tmp_path / "in" / "b.parquet").write_bytes(b"PAR1 and no more")
    account = joined(tmp_path / "in", tmp_path / "out")
    assert account["failed"] == [
        {"part": "b.parquet", "why": "it is no Parquet file that can be read. Write it again."}
    ]


def test_columns_of_a_part_stay_as_they_were(tmp_path):
    (tmp_path / "in").mkdir()
    odd = pa.table(
        {
            "lon": pa.array([69.15, None], pa.float32()),
            "lat": pa.array([34.5, 1.0], pa.float32()),
            "list": pa.array([[1, 2], None]),
            "coded": pa.array(["{{ 7*7 }}", "=1+1"]).dictionary_encode(),
            "at": pa.array([1, 2], pa.timestamp("us", "UTC")),
        }
    )
    pq.write_table(odd, tmp_path / "in" / "a.parquet")
    columns = ColumnMapping({"longitude": "lon", "latitude": "lat", "day": "at"}, {})
    joined(tmp_path / "in", tmp_path / "out", mapping=columns)
    found = pq.read_table(tmp_path / "out" / "joined" / "part-00000.parquet")
    assert found.select(odd.column_names).cast(odd.schema).equals(odd)
    assert found.column("place_bin").to_pylist() == ["district", "no_point"]


# --- resume


def three_parts(folder: Path) -> None:
    for number in range(3):
        write_parquet(folder / f"{number}.parquet", synthetic_rows(200, number))


def redone(tmp_path: Path, **more: object) -> list[int]:
    """Join the archive again; return the numbers of the parts that were worked on."""
    before = {
        path.name: path.stat().st_mtime_ns for path in (tmp_path / "out" / "parts").glob("*.json")
    }
    joined(tmp_path / "in", tmp_path / "out", **more)
    after = {
        path.name: path.stat().st_mtime_ns for path in (tmp_path / "out" / "parts").glob("*.json")
    }
    return [int(name[5:10]) for name in sorted(after) if after[name] != before.get(name)]


def test_same_command_again_joins_nothing_and_leaves_the_same(tmp_path):
    three_parts(tmp_path / "in")
    joined(tmp_path / "in", tmp_path / "out")
    first = results(tmp_path / "out")
    assert redone(tmp_path) == []
    assert results(tmp_path / "out") == first


@pytest.mark.parametrize(
    "name",
    ["joined/part-00001.parquet", "parts/part-00001.counts.parquet", "parts/part-00001.json"],
)
@pytest.mark.parametrize("damage", ["gone", "half"])
def test_part_whose_result_is_missing_or_half_written_is_joined_again(tmp_path, name, damage):
    three_parts(tmp_path / "in")
    joined(tmp_path / "in", tmp_path / "out")
    first = results(tmp_path / "out")
    path = tmp_path / "out" / name
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert redone(tmp_path) == [1]
    assert results(tmp_path / "out") == first


def test_part_that_changed_is_joined_again(tmp_path):
    three_parts(tmp_path / "in")
    joined(tmp_path / "in", tmp_path / "out")
    write_parquet(tmp_path / "in" / "2.parquet", synthetic_rows(300, 9))
    os.utime(tmp_path / "in" / "0.parquet", (1, 1))
    assert redone(tmp_path) == [0, 2]


def test_another_mapping_or_distance_joins_everything_again(tmp_path):
    three_parts(tmp_path / "in")
    joined(tmp_path / "in", tmp_path / "out")
    fewer = ColumnMapping({"longitude": "lon", "latitude": "lat"}, {})
    assert redone(tmp_path, mapping=fewer) == [0, 1, 2]
    assert redone(tmp_path, mapping=fewer, snap_km=0.0) == [0, 1, 2]


def test_results_of_parts_that_are_gone_go_too_and_what_was_half_written(tmp_path):
    three_parts(tmp_path / "in")
    joined(tmp_path / "in", tmp_path / "out")
    (tmp_path / "in" / "2.parquet").unlink()
    (tmp_path / "out" / "joined" / ".part-00000.parquet.1.abc.tmp").write_bytes(b"half")
    (tmp_path / "out" / "joined" / "somebody's.txt").write_bytes(b"stays")
    joined(tmp_path / "in", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out" / "joined").iterdir()) == [
        "part-00000.parquet",
        "part-00001.parquet",
        "somebody's.txt",
    ]


def test_results_that_lie_within_the_archive_are_no_parts(tmp_path):
    three_parts(tmp_path / "in")
    folder = tmp_path / "in" / "out"
    joined(tmp_path / "in", folder)
    assert joined(tmp_path / "in", folder)["rows_in"] == 600


# --- addresses


def test_parts_are_found_by_file_pattern_folder_and_address(tmp_path):
    three_parts(tmp_path / "in")
    folder = Folder(str(tmp_path / "out"))
    for given in ("in", "in/*.parquet", "in/[0-2].parquet"):
        assert len(find_parts([str(tmp_path / given)], folder)) == 3
    twice = find_parts([str(tmp_path / "in" / "1.parquet"), str(tmp_path / "in")], folder)
    assert [part.label for part in twice] == ["0.parquet", "1.parquet", "2.parquet"]


def test_archive_and_results_may_lie_in_object_storage(tmp_path):
    three_parts(tmp_path / "in")
    joined(tmp_path / "in", tmp_path / "out")
    memory = fsspec.filesystem("memory")
    memory.put(str(tmp_path / "in"), "/archive", recursive=True)
    try:
        order = replace(order_of(tmp_path), folder=Folder("memory://results"))
        parts = find_parts(["memory://archive"], order.folder)
        account = join_archive(parts, order, work_here(order, districts()), told={})
        there = {name: memory.cat(name) for name in memory.find("/results")}
    finally:
        memory.rm("/", recursive=True)
    assert (account["failed"], account["rows_in"]) == ([], 600)
    counts = (tmp_path / "out" / "counts.parquet").read_bytes()
    assert there["/results/counts.parquet"] == counts


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nowhere.parquet", "cannot be found or read"),
        ("in/note.txt", "is neither a Parquet nor a CSV file by its ending"),
        ("https://name:secret@example.org/a.csv", "must not hold a name and password"),
        ("nosuch://bucket/a.csv", "cannot be found or read"),
    ],
)
def test_address_that_cannot_be_used_is_said_before_the_work(tmp_path, monkeypatch, given, words):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "in" / "note.txt", [KABUL])
    with pytest.raises(QueryError, match=words):
        find_parts([given], Folder(str(tmp_path / "out")))


# --- the command


def command(*words: str | Path) -> int:
    return cli.main(["ingest", *(str(word) for word in words)])


def mapping_file(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps({"columns": dict(MAPPING.columns)}), encoding="utf-8")
    return path


def test_command_joins_in_its_own_process_and_publishes_nothing(tmp_path, monkeypatch, capsys):
    store = tmp_path / "store.sqlite"
    monkeypatch.setenv("CONFLICTMAP_STORE", f"sqlite:///{store}")
    three_parts(tmp_path / "in")
    usual = (tmp_path / "in", "--mapping", mapping_file(tmp_path), "--local-workers", "0")
    assert command(*usual, "--output", tmp_path / "out") == 0
    told = capsys.readouterr()
    assert told.out.startswith("600 rows of 3 parts\n")
    assert "3 of 3 parts, 600 rows" in told.err
    assert command(*usual, "--output", tmp_path / "out", "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == account_of(tmp_path / "out")
    assert told.err == ""
    assert not store.exists()


def test_command_ends_with_2_where_a_part_is_left_aside_and_3_where_all_are(tmp_path, capsys):
    three_parts(tmp_path / "in")
    (tmp_path / "in" / "1.parquet").write_bytes(b"none")
    usual = (
        "--mapping",
        mapping_file(tmp_path),
        "--local-workers",
        "0",
        "--output",
        tmp_path / "o",
    )
    assert command(tmp_path / "in", *usual) == 2
    assert "Left aside: '1.parquet': it is no Parquet" in capsys.readouterr().out
    assert command(tmp_path / "in" / "1.parquet", *usual) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--local-workers", "0"], "Give --output"),
        (["--local-workers", "-1", "--output", "x"], "--local-workers is 0"),
        (["--local-workers", "0", "--output", "x", "--dry-run"], "--dry-run is of one file"),
        (
            ["--local-workers", "1", "--output", "x", "--tls-ca", "f"],
            "local workers make their own",
        ),
        (
            ["--cluster", "tcp://127.0.0.1:1", "--output", "x", "--tls-ca", "f"],
            "TLS needs three files",
        ),
        (["--output", "x"], "One file is published at a time"),
        (["b.csv"], "One file is published at a time"),
    ],
)
def test_options_that_do_not_fit_are_refused(tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "a.csv", [KABUL])
    assert command("a.csv", *words) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("[]", "has only the keys"),
        ('{"columns": {"longitude": "a"}}', "must name the columns of longitude and latitude"),
        ('{"columns": {"longitude": "a", "latitude": "b", "x": "c"}}', "no field 'x'"),
        ('{"columns": {"longitude": "a", "latitude": 1}}', 'needs "columns"'),
        (
            '{"columns": {"longitude": "a", "latitude": "b"}, "precisions": {"1": "fine"}}',
            "no precision 'fine'",
        ),
    ],
)
def test_mapping_that_says_nothing_is_refused(tmp_path, capsys, mapping, said):
    (tmp_path / "m.json").write_text(mapping, encoding="utf-8")
    write_csv(tmp_path / "a.csv", [KABUL])
    usual = ("--local-workers", "0", "--output", tmp_path / "out", "--mapping", tmp_path / "m.json")
    assert command(tmp_path / "a.csv", *usual) == 1
    assert said in capsys.readouterr().err


def test_other_commands_do_not_wait_for_the_engine():
    code = (
        "import sys; from conflictmap import cli; cli._parser();"
        "print(sorted({'dask', 'distributed', 'fsspec'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
