"""Files are told by the set of their columns, never by their name."""

from __future__ import annotations

import pytest

from conflictmap.ingest.layout import UCDP_GED_COLUMNS
from conflictmap.ingest.profiles import template
from conflictmap.ingest.recognise import ACLED_COLUMNS, PROFILES, names, recognise
from tests.raw_tables import raw_table

UCDP_END = (
    "number_of_sources source_article source_office source_date source_headline source_original"
    " where_prec where_coordinates {description} adm_1 adm_2 latitude longitude geom_wkt"
    " priogrid_gid country {iso3} country_id region event_clarity date_prec date_start date_end"
    " deaths_a deaths_b deaths_civilians deaths_unknown"
)
UCDP_SIDES = (
    "type_of_violence conflict_dset_id conflict_new_id conflict_name dyad_dset_id dyad_new_id"
    " dyad_name side_a_dset_id side_a_new_id side_a side_b_dset_id side_b_new_id side_b"
)
UCDP_19 = (
    "id year active_year type_of_violence conflict_new_id conflict_name dyad_new_id dyad_name"
    " side_a_new_id gwnoa side_a side_b_new_id gwnob side_b "
    + UCDP_END.format(description="", iso3="")
    + " low best high"
).split()
UCDP_ANNUAL = (
    f"id relid year active_year code_status {UCDP_SIDES} "
    + UCDP_END.format(description="where_description", iso3="")
    + " best high low gwnoa gwnob"
).split()
UCDP_WEBSITE = [
    f"{name}_est" if name in ("best", "high", "low") else name for name in UCDP_ANNUAL[:-2]
]
UCDP_HDX = [part for name in UCDP_19 for part in ([name, "iso3"] if name == "country" else [name])]

ACLED_OLDEST = names(
    "GWNO EVENT_ID_CNTY EVENT_ID_NO_CNTY EVENT_DATE YEAR TIME_PRECISION EVENT_TYPE ACTOR1"
    " ALLY_ACTOR_1 INTER1 ACTOR2 ALLY_ACTOR_2 INTER2 INTERACTION COUNTRY ADMIN1 ADMIN2 ADMIN3"
    " LOCATION LATITUDE LONGITUDE GEO_PRECISION SOURCE NOTES FATALITIES"
)
ACLED_2017 = names(
    "data_id iso event_id_cnty event_id_no_cnty event_date year time_precision event_type"
    " sub_event_type actor1 assoc_actor_1 inter1 actor2 assoc_actor_2 inter2 interaction region"
    " country admin1 admin2 admin3 location latitude longitude geo_precision source source_scale"
    " notes fatalities timestamp iso3"
)
ACLED_CURRENT = names(
    "event_id_cnty event_date year time_precision disorder_type event_type sub_event_type actor1"
    " assoc_actor_1 inter1 actor2 assoc_actor_2 inter2 interaction civilian_targeting iso region"
    " country admin1 admin2 admin3 location latitude longitude geo_precision source source_scale"
    " notes fatalities tags timestamp"
)
ACLED_WEEKLY = names(
    "WEEK REGION COUNTRY ADMIN1 EVENT_TYPE SUB_EVENT_TYPE EVENTS FATALITIES POPULATION_EXPOSURE"
    " DISORDER_TYPE ID CENTROID_LATITUDE CENTROID_LONGITUDE"
)
ACLED_MONTHLY = [
    *("Country", "Admin1", "Admin2", "ISO3", "Admin2 Pcode", "Admin1 Pcode", "Month", "Year"),
    *("Events", "Fatalities"),
]
HAPI = names(
    "location_code has_hrp in_gho provider_admin1_name provider_admin2_name admin1_code"
    " admin1_name admin2_code admin2_name admin_level event_type events fatalities"
    " reference_period_start reference_period_end dataset_hdx_id resource_hdx_id warning error"
)
GTD = names(
    "eventid iyear imonth iday approxdate extended country country_txt provstate city latitude"
    " longitude specificity vicinity location summary doubtterr success suicide attacktype1"
    " attacktype1_txt targtype1 gname guncertain1 claimed nkill nkillter nwound nwoundte ishostkid"
    " nhostkid scite1 dbsource"
)


@pytest.mark.parametrize(
    ("header", "profile", "layout"),
    [
        (UCDP_19, "ucdp_ged", "19.1"),
        (UCDP_ANNUAL, "ucdp_ged", "annual or candidate"),
        (UCDP_WEBSITE, "ucdp_ged", "website export"),
        (UCDP_HDX, "ucdp_ged", "HDX copy"),
        (ACLED_OLDEST, "acled", "oldest, to about 2016"),
        (ACLED_2017, "acled", "2017 to 2023"),
        (ACLED_CURRENT, "acled", "current, since 2023"),
        ([name for name in ACLED_CURRENT if name != "admin3"][:-2], "acled", "current, since 2023"),
        ([*ACLED_CURRENT, "population_best"], "acled", "current, since 2023"),
        (GTD, "gtd", "events"),
        (template.COLUMNS, "own_template", "template"),
        (["Datum", "Ort"], "unknown", ""),
    ],
)
def test_file_is_told_by_its_columns(header, profile, layout):
    found = recognise(raw_table(header))
    assert (found.profile, found.layout, found.refusal) == (profile, layout, "")
    assert found.needs_mapping == (profile == "unknown")
    assert found.needs_mapping or profile in PROFILES


def test_layouts_have_as_many_columns_as_their_files():
    counts = [len(header) for header in (UCDP_19, UCDP_ANNUAL, UCDP_WEBSITE, UCDP_HDX)]
    assert counts == [42, 49, 47, 43]
    counts = [len(header) for header in (ACLED_OLDEST, ACLED_2017, ACLED_CURRENT)]
    assert counts == [25, 31, 31]


def test_order_case_and_marks_of_the_header_do_not_matter():
    turned = ["\ufeff" + UCDP_ANNUAL[-1].upper(), *(f" {name} " for name in UCDP_ANNUAL[-2::-1])]
    assert recognise(raw_table(turned)).profile == "ucdp_ged"


def test_file_of_hdx_is_told_by_its_columns_and_not_by_the_name_both_sources_give_it():
    name = "conflict_data_AFG.csv"
    ucdp = raw_table(UCDP_HDX, label=name, hxl=["#date+start"] * len(UCDP_HDX))
    acled = raw_table(ACLED_2017, label=name, hxl=["#event+code"] * len(ACLED_2017))
    assert (recognise(ucdp).profile, recognise(acled).profile) == ("ucdp_ged", "acled")


@pytest.mark.parametrize(
    ("header", "layout"),
    [(ACLED_WEEKLY, "acled weekly"), (ACLED_MONTHLY, "acled monthly"), (HAPI, "hapi")],
)
def test_counts_are_refused_as_events_with_the_reason(header, layout):
    found = recognise(raw_table(header))
    assert (found.profile, found.layout) == ("aggregate", layout)
    assert not found.needs_mapping
    assert found.refusal == (
        "It holds counts, not events: one row adds up many events of an area and a period, so it"
        " can give no incident. Take the file of single events, or enter its figures as published"
        " tallies."
    )


def test_columns_of_a_release_without_a_header_are_those_of_the_annual_layout():
    assert list(UCDP_GED_COLUMNS) == UCDP_ANNUAL
    assert recognise(raw_table(UCDP_GED_COLUMNS)).profile == "ucdp_ged"


def test_table_with_hxl_tags_of_a_date_and_a_place_is_read_by_them():
    table = raw_table(["Datum", "Provinz"], hxl=["#date+start", "#adm1+name"])
    assert recognise(table).profile == "hxl"


def test_hxl_tags_without_a_date_need_a_mapping():
    table = raw_table(["Datum", "Provinz"], hxl=["", "#adm1+name"])
    assert recognise(table).needs_mapping


def test_every_layout_of_acled_has_the_columns_that_tell_it():
    for header in (ACLED_OLDEST, ACLED_2017, ACLED_CURRENT):
        assert {name.lower() for name in header} >= ACLED_COLUMNS
