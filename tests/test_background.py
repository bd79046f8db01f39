"""What stands behind the areas: outline, Durand Line, names, and how boundaries are to be read."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from pyproj import Geod

from conflictmap.background import (
    CHINA_TRIPOINT,
    DURAND_LINE_NOTE,
    IRAN_TRIPOINT,
    NEIGHBOURS,
    UN_STYLE_NOTE,
    background_for_web,
    boundary_note,
    durand_line,
)
from conflictmap.boundaries import BoundaryEdition, geometry_for_web
from conflictmap.errors import LayerError, SettingsError
from conflictmap.settings import Settings, read_settings
from conflictmap.ui.geometry import background_file
from tests.synthetic import shipped_edition

EARTH = Geod(ellps="WGS84")

PUBLISHED_KM = 2600
TOLERANCE = 0.03
"""Published lengths run from 2,590 to 2,670 km: how closely a line is drawn changes its length."""
TOLERANCE_ON_THE_WEB = 0.08  # simplified lines cut corners

BESIDE_PAKISTAN = {  # from the south-west to the Wakhan
    "AF-NIM", "AF-HEL", "AF-KAN", "AF-ZAB", "AF-PKA", "AF-KHO",
    "AF-PIA", "AF-NAN", "AF-KNR", "AF-NUR", "AF-BDS",
}  # fmt: skip


@pytest.fixture(scope="module")
def edition() -> BoundaryEdition:
    return shipped_edition()


@pytest.fixture(scope="module")
def country(edition) -> shapely.Polygon:
    return edition.country.geometry.iloc[0]


@pytest.fixture(scope="module")
def background(edition) -> dict:
    return json.loads(background_for_web(edition))


def length_km(line: shapely.LineString) -> float:
    return EARTH.geometry_length(line) / 1000


def away_km(place: tuple[float, float], other: tuple[float, float]) -> float:
    return EARTH.inv(*place, *other)[2] / 1000


def test_the_durand_line_is_as_long_as_published(country):
    assert length_km(durand_line(country)) == pytest.approx(PUBLISHED_KM, rel=TOLERANCE)


def test_the_durand_line_runs_from_tripoint_to_tripoint_on_the_outline(country):
    line = durand_line(country)
    assert away_km(line.coords[0], IRAN_TRIPOINT) < 5
    assert away_km(line.coords[-1], CHINA_TRIPOINT) < 5
    assert country.exterior.covers(line)


def test_the_durand_line_touches_the_provinces_beside_pakistan_and_no_other(edition, country):
    shared = shapely.intersection(edition.provinces.geometry.to_numpy(), durand_line(country))
    touched = edition.provinces["adm1_code"][shapely.length(shared) > 0]
    assert set(touched) == BESIDE_PAKISTAN


def test_the_way_round_the_ring_does_not_change_the_line(country):
    reversed_ring = shapely.Polygon(country.exterior.coords[::-1])
    assert durand_line(reversed_ring).equals_exact(durand_line(country), 0)


def test_an_outline_of_another_country_is_refused():
    with pytest.raises(LayerError, match=r"where three countries meet\. Give an edition of Afghan"):
        durand_line(shapely.box(0, 0, 10, 10))


def test_outline_and_durand_line_together_are_the_outline_that_is_drawn(edition, background):
    drawn = json.loads(geometry_for_web(edition, "country"))["features"][0]["geometry"]
    whole = shapely.from_geojson(json.dumps(drawn)).exterior
    parts = [shapely.LineString(line) for line in background["outline"]]
    durand = shapely.LineString(background["durand"])
    assert shapely.union_all([*parts, durand]).equals(whole)
    assert all(part.intersection(durand).length == 0 for part in parts)
    assert length_km(durand) == pytest.approx(PUBLISHED_KM, rel=TOLERANCE_ON_THE_WEB)


def test_six_neighbours_are_named_outside_the_border(country):
    assert sorted(NEIGHBOURS) == sorted(
        ["China", "Iran", "Pakistan", "Tajikistan", "Turkmenistan", "Uzbekistan"]
    )
    for name, places in NEIGHBOURS.items():
        outside = shapely.distance(shapely.points(places), country)
        assert (outside > 0.2).all(), name


def test_the_line_is_named_outside_the_border_too(background, country):
    assert background["line"]["n"] == "Durand Line"
    assert (shapely.distance(shapely.points(background["line"]["at"]), country) > 0).all()


def test_every_capital_is_a_city_in_its_province_and_kabul_comes_first(edition, background):
    cities = background["cities"]
    assert sorted(city["n"] for city in cities) == sorted(edition.provinces["capital"])
    assert cities[0]["n"] == "Kabul"
    assert [city["n"] for city in cities if city["r"] == 2] == [
        "Herat", "Jalalabad", "Kandahar", "Kunduz", "Mazar-e-Sharif",
    ]  # fmt: skip
    held = edition.provinces.set_index("capital").geometry
    points = shapely.points([city["at"] for city in cities])
    assert shapely.contains(held.loc[[city["n"] for city in cities]].to_numpy(), points).all()


def test_the_background_is_light_and_the_same_bytes_each_time(edition):
    content = background_for_web(edition)
    assert len(content) < 30_000
    assert background_for_web.__wrapped__(edition) == content


def test_the_background_holds_nothing_but_lines_and_names(background):
    assert set(background) == {"outline", "durand", "neighbours", "line", "cities"}
    numbers = [*np.ravel(background["durand"]), *np.ravel(background["outline"][0])]
    assert all(isinstance(number, float) for number in numbers)


def test_the_background_is_served_under_a_name_that_carries_its_hash(edition, tmp_path):
    name = background_file(edition, tmp_path)
    assert name.startswith("geo/afg-2014-background-")
    assert (tmp_path / "static" / name).read_bytes() == background_for_web(edition)
    assert background_file(edition, tmp_path) == name


# --- how boundaries are to be read


@pytest.mark.parametrize(
    ("settings", "note"),
    [
        (Settings(), DURAND_LINE_NOTE),
        (Settings(boundaries="un"), f"{UN_STYLE_NOTE} {DURAND_LINE_NOTE}"),
        (
            Settings(boundaries="own", boundary_note="As we see it. {{7*7}}"),
            f"As we see it. {{{{7*7}}}} {DURAND_LINE_NOTE}",
        ),
    ],
    ids=["neutral", "un", "own"],
)
def test_boundaries_are_read_as_the_installation_says(edition, settings, note):
    assert boundary_note(settings, edition) == note


def test_the_un_style_note_claims_no_endorsement_by_the_united_nations():
    assert "neither made nor approved by the United Nations" in UN_STYLE_NOTE


def test_boundaries_are_a_setting_and_neutral_by_default():
    assert read_settings({}).boundaries == "neutral"
    own = {"CONFLICTMAP_BOUNDARIES": "own", "CONFLICTMAP_BOUNDARY_NOTE": " As we see it. "}
    assert read_settings(own).boundary_note == "As we see it."


@pytest.mark.parametrize(
    ("environment", "what"),
    [
        (
            {"CONFLICTMAP_BOUNDARIES": "mine"},
            "CONFLICTMAP_BOUNDARIES is 'mine'. Give one of neutral, un, own.",
        ),
        (
            {"CONFLICTMAP_BOUNDARIES": "own", "CONFLICTMAP_BOUNDARY_NOTE": " "},
            "CONFLICTMAP_BOUNDARIES is 'own' without a note. "
            "Put the organisation's sentence into CONFLICTMAP_BOUNDARY_NOTE.",
        ),
    ],
)
def test_a_treatment_that_cannot_be_used_is_refused(environment, what):
    with pytest.raises(SettingsError) as refused:
        read_settings(environment)
    assert str(refused.value) == what
