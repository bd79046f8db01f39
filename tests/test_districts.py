"""Points find their district: one in, one out, and never finer than their precision."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from conflictmap.boundaries import read_edition
from conflictmap.districts import assign_districts, in_metres
from conflictmap.errors import LayerError
from tests.browser import ROOT

FOLDER = ROOT / "geo" / "afg-2014"
PRECISIONS = ("exact", "near", "adm2", "adm1", "country", "abroad", "unknown")
NAN = float("nan")


@pytest.fixture
def two_districts() -> gpd.GeoDataFrame:
    """Two one-degree squares side by side, sharing the border at longitude 70."""
    return gpd.GeoDataFrame(
        {"adm1_code": ["AF-KAB", "AF-KAB"], "adm2_code": ["AF-KAB-01", "AF-KAB-02"]},
        geometry=[box(69, 34, 70, 35), box(70, 34, 71, 35)],
        crs="EPSG:4326",
    )


def incidents_at(*points: tuple[float, float], precision="exact", country="Afghanistan"):
    """Incidents at (latitude, longitude), all of one precision and country."""
    return pd.DataFrame(
        {
            "latitude": [latitude for latitude, _ in points],
            "longitude": [longitude for _, longitude in points],
            "geo_precision": precision,
            "country": country,
        },
        index=[f"incident-{number}" for number in range(len(points))],
    )


def codes(joined: pd.DataFrame, column: str) -> list[str | None]:
    return [code if pd.notna(code) else None for code in joined[column]]


def test_incident_on_a_shared_border_is_counted_once(two_districts):
    joined = assign_districts(incidents_at((34.5, 70.0)), two_districts)
    assert joined["adm2_code"].tolist() == ["AF-KAB-01"]


def test_order_of_the_districts_does_not_matter(two_districts):
    joined = assign_districts(incidents_at((34.5, 70.0), (34.5, 70.5)), two_districts[::-1])
    assert joined["adm2_code"].tolist() == ["AF-KAB-01", "AF-KAB-02"]


def test_incident_just_outside_the_border_takes_the_nearest_district(two_districts):
    joined = assign_districts(incidents_at((34.5, 71.01), (34.5, 71.03)), two_districts)
    assert codes(joined, "adm2_code") == ["AF-KAB-02", None]  # 0.9 and 2.8 km outside
    assert joined["join_method"].tolist() == ["nearest", "none"]


def test_point_outside_two_districts_alike_takes_the_lower_code(two_districts):
    joined = assign_districts(incidents_at((35.01, 70.0)), two_districts)
    assert codes(joined, "adm2_code") == ["AF-KAB-01"]


@pytest.mark.parametrize("country", [None, "", "Afghanistan", " AFGHANISTAN ", "افغانستان"])
def test_snapping_needs_afghanistan_or_no_country(two_districts, country):
    joined = assign_districts(incidents_at((34.5, 71.01), country=country), two_districts)
    assert joined["join_method"].tolist() == ["nearest"]


def test_incident_stated_abroad_never_gets_a_code(two_districts):
    points = incidents_at((34.5, 71.01), (34.5, 70.5), country="Tajikistan")
    joined = assign_districts(points, two_districts)
    assert codes(joined, "adm1_code") == [None, None]
    assert joined["join_method"].tolist() == ["abroad", "abroad"]


def test_snapping_can_be_widened_or_switched_off(two_districts):
    outside = incidents_at((34.5, 71.03))
    assert assign_districts(outside, two_districts, snap_km=5)["join_method"].item() == "nearest"
    near = incidents_at((34.5, 71.0001))
    assert assign_districts(near, two_districts, snap_km=0)["join_method"].item() == "none"


@pytest.mark.parametrize(
    ("precision", "province", "district"),
    [
        ("exact", "AF-KAB", "AF-KAB-01"),
        ("adm2", "AF-KAB", "AF-KAB-01"),
        ("near", "AF-KAB", None),
        ("adm1", "AF-KAB", None),
        ("country", None, None),
        ("abroad", None, None),
        ("unknown", None, None),
    ],
)
def test_no_code_is_finer_than_the_precision(two_districts, precision, province, district):
    joined = assign_districts(incidents_at((34.5, 69.5), precision=precision), two_districts)
    assert codes(joined, "adm1_code") == [province]
    assert codes(joined, "adm2_code") == [district]


def test_unusable_points_get_no_code(two_districts):
    inf = float("inf")
    bad = [(NAN, NAN), (34.5, NAN), (inf, 69.5), (-inf, inf), (0, 0), (69.5, 34.5), (345, 695)]
    joined = assign_districts(incidents_at(*bad), two_districts)
    assert joined["join_method"].tolist() == ["none"] * 7
    assert joined["adm1_code"].isna().all()


def test_no_incidents_give_no_rows_but_all_columns(two_districts):
    joined = assign_districts(incidents_at(), two_districts)
    assert len(joined) == 0
    assert {"adm1_code", "adm2_code", "join_method"} <= set(joined.columns)


def test_districts_in_another_crs_are_refused(two_districts):
    with pytest.raises(LayerError) as refused:
        assign_districts(incidents_at((34.5, 69.5)), two_districts.to_crs("EPSG:32642"))
    assert str(refused.value) == (
        "districts: layer is in EPSG:32642, expected EPSG:4326. "
        'Reproject it with to_crs("EPSG:4326").'
    )


def test_code_twice_is_refused(two_districts):
    with pytest.raises(LayerError, match="'AF-KAB-01' stands twice in adm2_code"):
        assign_districts(incidents_at((34.5, 69.5)), two_districts.assign(adm2_code="AF-KAB-01"))


ROWS = st.lists(
    st.tuples(
        st.one_of(st.floats(28, 40), st.floats(), st.just(NAN)),
        st.one_of(st.floats(59, 76), st.floats(), st.just(NAN)),
        st.sampled_from(PRECISIONS),
        st.sampled_from(["Afghanistan", None, "Pakistan"]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_join_agrees_with_trying_every_district(rows):
    districts = read_edition(FOLDER).districts
    columns = ["latitude", "longitude", "geo_precision", "country"]
    incidents = pd.DataFrame(rows, columns=columns).astype({"country": "str"})
    before = incidents.copy(deep=True)
    joined = assign_districts(incidents, districts)
    pd.testing.assert_frame_equal(incidents, before)
    pd.testing.assert_frame_equal(joined[columns], before)
    metres = in_metres(districts.geometry.to_numpy())
    for row in joined.itertuples():
        expected, method = brute_force(row, districts, metres)
        assert row.join_method == method
        finer = row.geo_precision in ("exact", "adm2")
        assert code_of(row.adm2_code) == (expected if finer else None)
        assert code_of(row.adm1_code) == (expected[:6] if expected else None)


def brute_force(row, districts, metres) -> tuple[str | None, str]:
    """Return the district of a point, and how it was found, by asking every polygon."""
    if row.country == "Pakistan":
        return None, "abroad"
    in_range = abs(row.latitude) <= 90 and abs(row.longitude) <= 180
    told = row.geo_precision in ("exact", "adm2", "near", "adm1")
    if not told or not in_range or (row.latitude == 0 and row.longitude == 0):
        return None, "none"
    point = shapely.Point(row.longitude, row.latitude)
    holding = districts["adm2_code"][districts.geometry.intersects(point)]
    if len(holding):
        return holding.min(), "within"
    away = shapely.distance(metres, in_metres(np.array([point]))[0])
    if away.min() <= 2000:
        return districts["adm2_code"][away == away.min()].min(), "nearest"
    return None, "none"


def code_of(value) -> str | None:
    return value if isinstance(value, str) else None


def test_vertices_of_real_borders_take_the_lowest_of_their_districts():
    districts = read_edition(FOLDER).districts
    lonlat = shapely.get_coordinates(districts.geometry.to_numpy())[::97]
    joined = assign_districts(
        incidents_at(*[(lat, lon) for lon, lat in lonlat]), districts, snap_km=0
    )
    tree = shapely.STRtree(districts.geometry.to_numpy())
    point, polygon = tree.query(shapely.points(lonlat), predicate="intersects")
    lowest = pd.Series(polygon).groupby(point).min()
    assert joined["adm2_code"].tolist() == districts["adm2_code"].loc[lowest].tolist()
