"""Where the coded reports land: places that anybody can look up on a map."""

from __future__ import annotations

import pandas as pd
import pytest

from conflictmap.reports import place_tables, read_coded_tables
from tests.browser import ROOT
from tests.synthetic import shipped_edition


@pytest.fixture(scope="module")
def placed() -> dict[str, pd.DataFrame]:
    """The shipped tables, placed on the shipped edition."""
    return place_tables(read_coded_tables(ROOT / "data"), shipped_edition())


def codes(placed, table: str, key: str, subject: str) -> list[tuple[str | None, str | None]]:
    rows = placed[table]
    rows = rows[rows[key] == subject]
    pairs = zip(rows["adm1_code"], rows["adm2_code"], strict=True)
    return [tuple(None if pd.isna(code) else code for code in pair) for pair in pairs]


@pytest.mark.parametrize(
    ("incident", "where"),
    [
        ("kaj-academy", ("AF-KAB", "AF-KAB-01")),
        ("aybak-madrassa", ("AF-SAM", "AF-SAM-01")),
        ("injil-outpost", ("AF-HER", "AF-HER-02")),
        ("sheberghan-checkpoint-2022", ("AF-JOW", None)),
        ("kunduz-suicide-2025", ("AF-KDZ", None)),
        ("daykundi-hazaras-execution", (None, None)),
        ("tajik-border-guards", (None, None)),
    ],
)
def test_incident_lands_where_its_report_says(placed, incident, where):
    assert codes(placed, "incident_places", "incident_id", incident) == [where]


def test_tajik_border_guards_are_abroad(placed):
    rows = placed["incident_places"].set_index("incident_id")
    assert rows.loc["tajik-border-guards", "geo_precision"] == "abroad"


def deployment_places(placed, name: str) -> pd.DataFrame:
    rows = placed["deployment_places"]
    stated = rows["place_name"].fillna(rows["district_name"])
    return rows[stated == name]


@pytest.mark.parametrize(
    ("name", "where"),
    [("Ab Kamari", "AF-BDG-03"), ("Jawand", "AF-BDG-05"), ("Barchman", "AF-FRA-10")],
)
def test_district_of_a_deployment_is_found_inside_its_province(placed, name, where):
    assert deployment_places(placed, name)["adm2_code"].tolist() == [where]


def test_near_farkhar_is_takhar_and_no_district(placed):
    row = deployment_places(placed, "Farkhar").iloc[0]
    assert (row["adm1_code"], pd.isna(row["adm2_code"])) == ("AF-TAK", True)


def test_kohistan_of_kapisa_is_the_province_with_two_candidates(placed):
    row = deployment_places(placed, "Kohistan").iloc[0]
    assert (row["adm1_code"], pd.isna(row["adm2_code"])) == ("AF-KAP", True)
    candidates = placed["place_candidates"]
    found = candidates.loc[candidates["subject_id"] == row["deployment_id"], "unit_code"]
    assert found.tolist() == ["AF-KAP-04", "AF-KAP-07"]
