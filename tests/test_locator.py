"""The grid gives every point the answer of the exact test, on borders and cell edges too."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, Point, Polygon, box

from conflictmap import districts as joining
from conflictmap import locator as grids
from conflictmap.boundaries import read_edition
from conflictmap.errors import LayerError
from conflictmap.locator import CELL_DEGREES, build_locator, load_locator
from tests.browser import ROOT

EDITION = read_edition(ROOT / "geo" / "afg-2014")
DISTRICTS = EDITION.districts.geometry.to_numpy()
KINDS = ("vertices", "on edges", "cell corners", "beside vertices")


def first_holding(lonlat: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Return the lowest polygon that each point touches, asked one pair at a time by a tree."""
    tree = shapely.STRtree(polygons)
    point, polygon = tree.query(shapely.points(lonlat), predicate="intersects")
    lowest = pd.Series(polygon).groupby(point).min()
    return lowest.reindex(range(len(lonlat)), fill_value=-1).to_numpy()


def hard_points(kind: str, count: int, cell: float = CELL_DEGREES) -> np.ndarray:
    """Draw at most `count` points of a kind that a grid could get wrong; the same each time."""
    chance = np.random.default_rng(7)
    lonlat, ring = shapely.get_coordinates(
        shapely.get_parts(shapely.boundary(DISTRICTS)), return_index=True
    )
    if kind == "vertices":
        points = np.unique(lonlat, axis=0)
    elif kind == "on edges":
        one_ring = np.flatnonzero(ring[1:] == ring[:-1])
        start = chance.choice(one_ring, count)
        along = chance.choice([0.5, 0.25, chance.random()], (count, 1))
        points = lonlat[start] + along * (lonlat[start + 1] - lonlat[start])
    elif kind == "cell corners":
        locator = build_locator(DISTRICTS, cell=cell)
        row, column = (side.ravel() for side in np.indices(locator.grid.shape))
        points = np.column_stack([locator.west + column * cell, locator.south + row * cell])
        # One step of the number beside the corner lies in another cell.
        toward = chance.choice([-np.inf, np.inf], points.shape)
        points = np.concatenate([points, np.nextafter(points, toward)])
    else:
        beside = chance.choice([-1e-7, 0, 1e-7], (4, len(lonlat), 2))
        points = (lonlat + beside).reshape(-1, 2)
    return points if len(points) <= count else chance.choice(points, count, replace=False)


@pytest.mark.parametrize("kind", KINDS)
def test_answer_is_the_exact_one_where_it_is_hardest(kind):
    lonlat = hard_points(kind, 10_000)
    found = build_locator(DISTRICTS).locate(*lonlat.T)
    np.testing.assert_array_equal(found, first_holding(lonlat, DISTRICTS))


@pytest.mark.slow
@pytest.mark.parametrize("cell", [0.02, 0.01])
@pytest.mark.parametrize("kind", KINDS)
def test_answer_is_the_exact_one_at_all_hard_points(kind, cell):
    lonlat = hard_points(kind, 200_000, cell)
    found = build_locator(DISTRICTS, cell=cell).locate(*lonlat.T)
    np.testing.assert_array_equal(found, first_holding(lonlat, DISTRICTS))


def test_answers_of_several_chunks_stand_in_their_order(monkeypatch):
    monkeypatch.setattr(grids, "_CHUNK", 1000)
    west, south, east, north = EDITION.districts.total_bounds
    chance = np.random.default_rng(3)
    lonlat = np.column_stack([chance.uniform(west, east, 4321), chance.uniform(south, north, 4321)])
    found = build_locator(DISTRICTS).locate(*lonlat.T)
    np.testing.assert_array_equal(found, first_holding(lonlat, DISTRICTS))


def test_what_is_no_point_in_the_country_has_no_position():
    bad = [np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, 181.0, -181.0]
    longitude, latitude = (side.ravel() for side in np.meshgrid([*bad, 66.0], [*bad, 34.0]))
    found = build_locator(DISTRICTS).locate(longitude, latitude)
    assert found.dtype == np.int16
    assert (found[:-1] == -1).all()
    assert found[-1] >= 0


def test_no_points_give_no_positions():
    assert len(build_locator(DISTRICTS).locate(np.empty(0), np.empty(0))) == 0


@pytest.mark.parametrize(
    "polygons",
    [
        pytest.param([box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 2, 2)], id="on cell edges"),
        pytest.param([box(0.5, 0.5, 1.5, 1.5), box(0, 0, 2, 2)], id="overlapping"),
        pytest.param([box(0, 0, 2, 2) - box(0.5, 0.5, 1.5, 1.5), box(0.7, 0.7, 1, 1)], id="a hole"),
        pytest.param([box(0, 0, 1, 1) | box(1.5, 1.5, 2, 2), box(1, 0, 2, 1)], id="two parts"),
        pytest.param([Polygon(), box(0, 0, 1, 1)], id="an empty polygon"),
        pytest.param(
            [GeometryCollection([box(0, 0, 1, 1), LineString([(1, 1), (2, 2)]), Point(0.3, 1.7)])],
            id="lines and points left by mending",
        ),
        pytest.param([Polygon()], id="nothing at all"),
        pytest.param([], id="no polygon"),
    ],
)
@pytest.mark.parametrize("cell", [0.25, 0.1, 0.07, 5.0])
def test_any_layer_is_answered_exactly(polygons, cell):
    polygons = np.array(polygons, dtype=object)
    ticks = np.unique(np.concatenate([np.linspace(-0.5, 2.5, 61), [1 / 3, 0.7, 1.3, 1.7]]))
    ticks = np.unique(np.concatenate([ticks, np.nextafter(ticks, -9), np.nextafter(ticks, 9)]))
    lonlat = np.column_stack([side.ravel() for side in np.meshgrid(ticks, ticks)])
    found = build_locator(polygons, cell=cell).locate(*lonlat.T)
    np.testing.assert_array_equal(found, first_holding(lonlat, polygons))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=3, max_size=8),
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=30),
    st.sampled_from([0.3, 0.11, 1.0]),
)
def test_random_triangles_are_answered_exactly(corners, points, cell):
    shapes = [
        shapely.make_valid(Polygon(corners[start : start + 3]))
        for start in range(0, len(corners) - 2)
    ]
    lonlat = np.array([*points, *corners])
    found = build_locator(np.array(shapes), cell=cell).locate(*lonlat.T)
    np.testing.assert_array_equal(found, first_holding(lonlat, np.array(shapes)))


def test_more_polygons_than_numbers_are_refused(monkeypatch):
    monkeypatch.setattr(grids, "_MOST_POLYGONS", 2)
    with pytest.raises(LayerError) as refused:
        build_locator(np.array([box(0, 0, 1, 1)] * 3))
    assert str(refused.value) == (
        "districts: layer has 3 polygons, at most 2 can be numbered. Dissolve them into districts."
    )


# --- the cache


@pytest.fixture
def builds(monkeypatch) -> list[int]:
    """Count how often a grid is built; what other tests left in memory is forgotten."""
    built = []

    def counted(polygons, *, cell=CELL_DEGREES, build=build_locator):
        built.append(len(polygons))
        return build(polygons, cell=cell)

    monkeypatch.setattr(grids, "build_locator", counted)
    grids._load.cache_clear()
    yield built
    grids._load.cache_clear()


def load_anew(polygons: np.ndarray, folder: Path | None) -> grids.GridLocator:
    grids._load.cache_clear()
    return load_locator(polygons, cache_folder=folder)


def test_grid_is_built_once_and_then_read(tmp_path, builds):
    first = load_anew(DISTRICTS, tmp_path / "cache")
    again = load_anew(DISTRICTS, tmp_path / "cache")
    assert builds == [398]
    np.testing.assert_array_equal(first.grid, again.grid)
    lonlat = hard_points("vertices", 500)
    np.testing.assert_array_equal(first.locate(*lonlat.T), again.locate(*lonlat.T))
    assert load_locator(DISTRICTS, cache_folder=tmp_path / "cache") is again


def test_changed_layer_and_other_cells_get_grids_of_their_own(tmp_path, builds):
    load_anew(DISTRICTS, tmp_path)
    load_anew(DISTRICTS[::-1], tmp_path)
    load_locator(DISTRICTS, cell=0.5, cache_folder=tmp_path)
    assert len(builds) == 3
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"version https://git-lfs.github.com/spec/v1\n"),
        lambda path: np.savez(path, grid=np.zeros((2, 2), dtype="int16")),
        lambda path: np.savez(path, grid=np.array([{}], dtype=object)),
        lambda path: np.savez(
            path,
            sha256=np.load(path)["sha256"],
            corner=np.load(path)["corner"],
            grid=np.full((9, 9), 398, dtype="int16"),
        ),
    ],
    ids=["cut off", "empty", "other text", "no hash", "an object", "numbers of no polygon"],
)
def test_cached_file_that_is_no_grid_of_the_layer_is_built_again(tmp_path, builds, spoil):
    good = load_anew(DISTRICTS, tmp_path)
    (path,) = tmp_path.iterdir()
    spoil(path)
    again = load_anew(DISTRICTS, tmp_path)
    assert len(builds) == 2
    np.testing.assert_array_equal(good.grid, again.grid)
    load_anew(DISTRICTS, tmp_path)
    assert len(builds) == 2  # what was built again was kept again


def test_folder_that_cannot_be_written_costs_only_time(tmp_path, builds):
    (tmp_path / "file").write_text("in the way")
    locator = load_anew(DISTRICTS, tmp_path / "file" / "cache")
    assert locator.locate([69.17], [34.53]) >= 0
    assert builds == [398]


# --- the join


def test_bulk_join_gives_the_same_table_as_the_ordinary_one(tmp_path, monkeypatch):
    lonlat = np.concatenate([hard_points(kind, 1500) for kind in KINDS])
    lonlat[::50] += 0.01  # some a little outside the country, within reach of the nearest district
    rows = pd.DataFrame(
        {"longitude": lonlat[:, 0], "latitude": lonlat[:, 1], "geo_precision": "exact"}
    )
    rows.loc[::97, "latitude"] = np.nan
    ordinary = joining.assign_districts(rows, EDITION.districts)
    monkeypatch.setattr(joining, "BULK_POINTS", 1)
    bulk = joining.assign_districts(rows, EDITION.districts, cache_folder=tmp_path)
    pd.testing.assert_frame_equal(ordinary, bulk)
    assert len(list(tmp_path.iterdir())) == 1
    assert {"within", "nearest", "none"} <= set(bulk["join_method"])


def test_order_of_the_districts_does_not_matter_in_bulk(tmp_path, monkeypatch):
    monkeypatch.setattr(joining, "BULK_POINTS", 1)
    two = gpd.GeoDataFrame(
        {"adm1_code": ["AF-KAB", "AF-KAB"], "adm2_code": ["AF-KAB-02", "AF-KAB-01"]},
        geometry=[box(70, 34, 71, 35), box(69, 34, 70, 35)],
        crs="EPSG:4326",
    )
    rows = pd.DataFrame({"longitude": [70.0], "latitude": [34.5], "geo_precision": ["exact"]})
    joined = joining.assign_districts(rows, two, cache_folder=tmp_path)
    assert joined["adm2_code"].tolist() == ["AF-KAB-01"]
