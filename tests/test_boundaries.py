"""The shipped boundary edition is whole, valid and what its source card says."""

import gzip
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod

from conflictmap.boundaries import geometry_for_web, read_card, read_edition
from conflictmap.districts import in_metres
from conflictmap.errors import LayerError

FOLDER = Path(__file__).parents[1] / "geo" / "afg-2014"


@pytest.fixture(scope="module")
def edition():
    return read_edition(FOLDER)


@pytest.fixture
def copied_edition(tmp_path):
    """A copy of the shipped edition to be damaged."""
    return Path(shutil.copytree(FOLDER, tmp_path / "afg-copy"))


def test_every_file_is_the_one_of_the_source_card():
    sums = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.iterdir()
        if path.name != "edition.yaml"
    }
    assert sums == read_card(FOLDER)["sha256"]


def test_edition_holds_398_districts_in_34_provinces(edition):
    assert (len(edition.districts), len(edition.provinces), len(edition.country)) == (398, 34, 1)
    assert set(edition.districts["adm1_code"]) == set(edition.provinces["adm1_code"])
    assert (edition.edition_id, edition.year) == ("afg-2014", 2014)
    assert edition.disclaimer.startswith("Names and boundaries are for orientation only.")


def test_every_district_code_begins_with_its_province(edition):
    districts = edition.districts
    assert (districts["adm2_code"].str[:6] == districts["adm1_code"]).all()
    assert districts["adm2_code"].is_monotonic_increasing
    assert districts["adm2_code"].is_unique
    assert districts.index.tolist() == list(range(398))


def test_every_polygon_is_valid_and_in_degrees(edition):
    for layer in (edition.districts, edition.provinces, edition.country):
        assert layer.crs == "EPSG:4326"
        assert layer.geometry.is_valid.all()
        assert not layer.geometry.is_empty.any()


def test_districts_cover_their_provinces_and_provinces_the_country(edition):
    dissolved = edition.districts.dissolve(by="adm1_code").geometry
    provinces = edition.provinces.set_index("adm1_code").geometry
    provinces = provinces.loc[dissolved.index].to_numpy()
    apart = shapely.symmetric_difference(dissolved.to_numpy(), provinces)
    assert shapely.area(apart).max() < 1e-9  # square degrees: some 10 m2
    country = edition.country.geometry.iloc[0]
    assert shapely.union_all(provinces).symmetric_difference(country).area < 1e-9
    assert shapely.coverage_is_valid(edition.districts.geometry.to_numpy())


def test_every_label_point_lies_in_its_own_unit(edition):
    for layer in (edition.districts, edition.provinces):
        points = shapely.points(layer["label_lon"], layer["label_lat"])
        assert shapely.contains(layer.geometry.to_numpy(), points).all()


def test_every_unit_has_names_in_three_languages(edition):
    for layer in (edition.districts, edition.provinces):
        assert layer[["name", "name_fa", "name_ps"]].notna().all(axis=None)


def test_doubts_name_real_units_and_send_herat_and_injil_to_be_read_together(edition):
    assert set(edition.doubts) <= set(edition.units["code"])
    assert all("Read the two together" in edition.doubts[f"AF-HER-0{n}"] for n in (1, 2))
    assert {"AF-BDG-07", "AF-DAY-05", "AF-KAP-04", "AF-KAP-07"} <= set(edition.doubts)


def test_reading_twice_gives_the_same_edition(edition):
    assert read_edition(FOLDER) is edition


def test_lengths_in_metres_are_true_to_half_a_percent():
    line = np.array([[60.6, 34.0], [74.8, 37.2], [64.0, 29.4], [71.0, 38.4]])
    ahead = line + 0.1
    true = Geod(ellps="WGS84").inv(*line.T, *ahead.T)[2]
    ours = shapely.distance(in_metres(shapely.points(line)), in_metres(shapely.points(ahead)))
    assert np.allclose(ours, true, rtol=0.005)


@pytest.mark.parametrize(
    ("level", "units", "most_kb"), [("district", 398, 92), ("province", 34, 37), ("country", 1, 9)]
)
def test_geometry_for_the_browser_is_light_valid_and_sorted(edition, level, units, most_kb):
    data = geometry_for_web(edition, level)
    features = json.loads(data)["features"]
    codes = [feature["properties"]["c"] for feature in features]
    assert len(features) == units
    assert codes == sorted(codes)
    assert all(set(feature["properties"]) == {"c", "n"} for feature in features)
    assert len(gzip.compress(data, 9)) < most_kb * 1000
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    assert all(shape.is_valid and not shape.is_empty for shape in shapes)


def test_geometry_for_the_browser_is_the_same_bytes_each_time(edition):
    assert geometry_for_web.__wrapped__(edition, "district") == geometry_for_web(
        edition, "district"
    )


def test_simplified_districts_keep_their_place(edition):
    features = json.loads(geometry_for_web(edition, "district"))["features"]
    drawn = in_metres(
        np.array([shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features])
    )
    exact = in_metres(edition.districts.geometry.to_numpy())
    overlap = shapely.area(shapely.intersection(drawn, exact)) / shapely.area(
        shapely.union(drawn, exact)
    )
    assert overlap.min() > 0.87  # the smallest city districts; the middle one is at 0.98
    assert np.median(overlap) > 0.98


def test_folder_without_a_card_is_refused(tmp_path):
    with pytest.raises(LayerError, match=r"edition\.yaml: the source card cannot be read"):
        read_edition(tmp_path)


def test_card_that_lacks_fields_is_refused(tmp_path):
    (tmp_path / "edition.yaml").write_text("edition_id: afg-2014\n")
    with pytest.raises(LayerError, match="the source card lacks title, producer"):
        read_edition(tmp_path)


def test_missing_table_is_refused(copied_edition):
    (copied_edition / "places.csv").unlink()
    with pytest.raises(LayerError, match=r"afg-copy/places\.csv: the table cannot be read"):
        read_edition(copied_edition)


def test_layer_that_is_none_is_refused(copied_edition):
    (copied_edition / "afg_admin.topojson").write_text("no layer")
    with pytest.raises(LayerError, match=r"afg_admin\.topojson: layer 'districts' cannot be read"):
        read_edition(copied_edition)


def test_layer_in_another_crs_is_refused(copied_edition, edition):
    projected = edition.districts.rename(columns={"adm2_code": "code"}).to_crs("EPSG:32642")
    projected[["code", "geometry"]].to_file(copied_edition / "utm.gpkg", layer="districts")
    card = copied_edition / "edition.yaml"
    card.write_text(card.read_text().replace("file: afg_admin.topojson", "file: utm.gpkg"))
    with pytest.raises(LayerError) as refused:
        read_edition(copied_edition)
    assert str(refused.value) == (
        "afg-copy/utm.gpkg: layer is in EPSG:32642, expected EPSG:4326. "
        'Reproject it with to_crs("EPSG:4326").'
    )


def test_layer_and_units_of_different_codes_are_refused(copied_edition):
    units = copied_edition / "admin_units.csv"
    units.write_text(units.read_text().replace("AF-KAB-15,", "AF-KAB-99,"))
    with pytest.raises(LayerError, match=r"same codes \(AF-KAB-15, AF-KAB-99\)"):
        read_edition(copied_edition)


def test_layer_of_other_counts_than_the_card_is_refused(copied_edition):
    card = copied_edition / "edition.yaml"
    card.write_text(card.read_text().replace("{districts: 398,", "{districts: 401,"))
    with pytest.raises(LayerError, match="holds 398 districts and 34 provinces, expected 401"):
        read_edition(copied_edition)
