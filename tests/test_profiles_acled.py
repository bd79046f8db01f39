"""ACLED and GTD: invented rows in their layouts, as neither may be passed on."""

from __future__ import annotations

import pandas as pd
import pytest

from conflictmap.ingest.model import Draft
from conflictmap.ingest.profiles import acled, gtd
from tests.raw_tables import assert_conserved, raw_rows


def event(**more: str) -> dict[str, str]:
    """Return a synthetic event of ACLED in the current layout."""
    row = {"event_id_cnty": "SYN1", "event_date": "2023-01-31", "time_precision": "1"}
    row |= {"disorder_type": "Political violence", "event_type": "Battles"}
    row |= {"sub_event_type": "Armed clash", "actor1": "Taliban", "assoc_actor_1": ""}
    row |= {"actor2": "National Resistance Front", "assoc_actor_2": "", "iso": "4"}
    row |= {"country": "Afghanistan", "admin1": "Panjshir", "admin2": "Bazarak", "admin3": ""}
    row |= {"location": "Bazarak", "latitude": "35.31", "longitude": "69.52"}
    row |= {"geo_precision": "1", "source": "Invented", "source_scale": "National"}
    return row | {"notes": "Synthetic.", "fatalities": "3", "timestamp": "1675296000"} | more


def attack(**more: str) -> dict[str, str]:
    """Return a synthetic attack in GTD's layout."""
    row = {"eventid": "201903150001", "iyear": "2019", "imonth": "3", "iday": "15"}
    row |= {"approxdate": "", "country": "4", "country_txt": "Afghanistan", "provstate": "Kabul"}
    row |= {"city": "Kabul", "latitude": "34.53", "longitude": "69.17", "specificity": "1"}
    row |= {"vicinity": "0", "location": "", "summary": "Synthetic.", "doubtterr": "0"}
    row |= {"suicide": "0", "attacktype1": "3", "attacktype1_txt": "Bombing/Explosion"}
    row |= {"targtype1": "8", "gname": "Taliban", "guncertain1": "0", "claimed": "0"}
    row |= {"nkill": "", "nkillter": "", "nwound": "", "nwoundte": "", "ishostkid": "0"}
    return row | {"nhostkid": "", "scite1": "Invented", "dbsource": "START"} | more


def converted(*rows: dict[str, str], profile=acled, **answers: str) -> Draft:
    raw = raw_rows(*rows)
    draft = profile.convert(raw, answers)
    assert_conserved(raw, draft)
    return draft


def figures(draft: Draft) -> list[tuple[object, ...]]:
    columns = ["victim_group", "harm", "low", "best", "high"]
    table = draft.casualties[columns].astype(object)
    return [tuple(row) for row in table.where(table.notna(), None).to_numpy()]


# --- ACLED ----------------------------------------------------------------------------------------


def test_fatalities_are_one_figure_of_no_group():
    assert figures(converted(event())) == [("all", "killed", None, 3, None)]


def test_zero_fatalities_are_no_reported_zero():
    draft = converted(event(fatalities="0"))
    assert figures(draft) == [("all", "killed", None, None, None)]
    assert draft.casualties["words"].tolist() == ["0 (none or unknown)"]


@pytest.mark.parametrize(
    ("event_type", "sub_type", "ours"),
    [
        ("Battles", "Armed clash", "clash"),
        ("Explosions/Remote violence", "Air/drone strike", "air_strike"),
        ("Explosions/Remote violence", "Suicide bomb", "suicide_attack"),
        ("Explosions/Remote violence", "A new word", "other"),
        ("Violence against civilians", "Attack", "armed_attack"),
        ("Violence against civilians", "", "armed_attack"),
        ("Violence against civilians", "Abduction/forced disappearance", "abduction"),
        ("Protests", "Peaceful protest", "other"),
        ("Strategic developments", "Arrests", "security_operation"),
        ("Battle-No change of territory", "", "clash"),
    ],
)
def test_types_are_mapped_and_the_originals_kept(event_type, sub_type, ours):
    draft = converted(event(event_type=event_type, sub_event_type=sub_type))
    assert draft.records["event_type"].tolist() == [ours]
    assert event_type in draft.records["original_type"].iloc[0]


def test_place_is_no_finer_than_its_precision():
    draft = converted(
        event(), event(event_id_cnty="SYN2", geo_precision="2"),
        event(event_id_cnty="SYN3", geo_precision="3"),
    )  # fmt: skip
    records = draft.records
    assert records["coordinate_precision"].tolist() == ["exact", "near", "adm1"]
    assert records["original_precision"].tolist() == ["1", "2", "3"]
    assert records["district_name"].isna().tolist() == [False, False, True]
    assert records["place_name"].isna().tolist() == [False, False, True]


def test_week_and_month_are_intervals_that_hold_the_day_for_certain():
    draft = converted(event(time_precision="2"), event(event_id_cnty="SYN2", time_precision="3"))
    spans = draft.records[["date_from", "date_to"]].astype("str").values.tolist()
    assert spans == [["2023-01-25", "2023-02-06"], ["2023-01-01", "2023-01-31"]]
    assert draft.records["date_precision"].tolist() == ["week", "month"]
    assert draft.counting_date == "interval"


def test_oldest_layout_has_the_day_first_and_names_in_capitals():
    row = {name.upper(): value for name, value in event(event_date="09/04/2001").items()}
    draft = converted(row | {"GWNO": "700"})
    assert draft.records["date_from"].tolist() == [pd.Timestamp("2001-04-09")]


def test_dates_of_the_export_tool_are_read():
    draft = converted(event(event_date="16 May 2025"))
    assert draft.records["date_from"].tolist() == [pd.Timestamp("2025-05-16")]


def test_other_countries_are_out_of_scope():
    draft = converted(event(country="Pakistan", iso="586"), event(country="", iso="4"))
    assert [skipped.row for skipped in draft.out_of_scope] == [2]
    assert draft.records.index.tolist() == [3]


@pytest.mark.parametrize(
    ("name", "day", "actor"),
    [
        ("Taliban", "2019-01-01", "taliban"),
        ("Military Forces of Afghanistan (2014-2021)", "2019-01-01", "republic-forces"),
        ("Police Forces of Afghanistan (2004-2014)", "2019-01-01", "republic-forces"),
        ("Military Forces of Afghanistan (1992-1996)", "1994-01-01", "government-1992-1996"),
        ("Military Forces of Afghanistan (1996-2001)", "1999-01-01", "taliban"),
        ("Military Forces of Afghanistan (2021-)", "2023-01-31", "taliban"),
        ("Police Forces of Afghanistan (2021-) Special Unit", "2023-01-31", "taliban"),
        ("Military Forces of Afghanistan", "2021-08-14", "republic-forces"),
        ("Military Forces of Afghanistan", "2021-08-15", "taliban"),
        ("Islamic State Khorasan Province (ISKP)", "2023-01-31", "iskp"),
        ("Islamic State (Afghanistan)", "2019-01-01", "iskp"),
        ("Military Forces of the United States (2017-2021)", "2019-01-01", "state-united-states"),
        ("Military Forces of Pakistan (2022-) Frontier Corps", "2023-01-31", "state-pakistan"),
        ("NATO: North Atlantic Treaty Organization", "2019-01-01", "nato"),
        ("HQN: Haqqani Network", "2019-01-01", "haqqani-network"),
        ("LeI: Lashkar-e-Islam", "2019-01-01", "lashkar-e-islam"),
        ("Taliban - Red Unit", "2019-01-01", "taliban"),
        ("Taliban and/or Islamic State Khorasan Province (ISKP)", "2019-01-01", None),
        ("Unidentified Armed Group (Afghanistan)", "2023-01-31", None),
    ],
)
def test_actors_are_ours_with_the_date_in_mind(name, day, actor):
    draft = converted(event(actor1=name, event_date=day))
    found = draft.attributions["actor_id"].iloc[0]
    assert (None if pd.isna(found) else found) == actor


def test_attacker_is_named_and_the_sides_of_a_battle_took_part():
    attacked = event(
        event_type="Violence against civilians", sub_event_type="Attack",
        actor2="Civilians (Afghanistan)",
    )  # fmt: skip
    draft = converted(event(), attacked | {"event_id_cnty": "SYN2"})
    assert draft.attributions[["row", "actor_id", "by_whom"]].values.tolist() == [
        [2, "taliban", "ACLED (took part)"],
        [2, "nrf", "ACLED (took part)"],
        [3, "taliban", "ACLED"],
    ]


def test_rows_without_what_acled_always_has_are_rejected():
    draft = converted(event(event_id_cnty="", geo_precision="7", event_date=""))
    assert [problem.column for problem in draft.rejected] == [
        "event_id_cnty",
        "event_date",
        "geo_precision",
    ]


# --- GTD ------------------------------------------------------------------------------------------


def test_unknown_day_or_month_of_gtd_widens_the_interval():
    draft = converted(
        attack(), attack(eventid="201903000002", iday="0"),
        attack(eventid="201900000003", imonth="0", iday="0"), profile=gtd,
    )  # fmt: skip
    spans = draft.records[["date_from", "date_to"]].astype("str").values.tolist()
    assert spans == [
        ["2019-03-15", "2019-03-15"],
        ["2019-03-01", "2019-03-31"],
        ["2019-01-01", "2019-12-31"],
    ]
    assert draft.records["date_precision"].tolist() == ["day", "month", "year"]


def test_attackers_of_gtd_stand_apart_from_the_others():
    draft = converted(attack(nkill="5", nkillter="1", nwound="7"), profile=gtd)
    assert figures(draft) == [
        ("attackers", "killed", 1, 1, 1),
        ("unknown", "killed", 4, 4, 4),
        ("all", "wounded", 7, 7, 7),
    ]


def test_figures_that_gtd_does_not_know_or_shares_out_are_no_numbers():
    draft = converted(
        attack(nkill="2.5"), attack(eventid="201903150002", nkill="-99", nwound="0"), profile=gtd
    )
    assert figures(draft) == [
        ("all", "killed", None, None, None),
        ("all", "wounded", 0, 0, 0),
    ]
    assert draft.casualties["words"].iloc[0] == "nkill 2.5"


@pytest.mark.parametrize(
    ("code", "precision"), [("1", "exact"), ("2", "adm2"), ("3", "adm2"), ("4", "adm1")]
)
def test_specificity_is_translated_and_kept(code, precision):
    record = converted(attack(specificity=code), profile=gtd).records.iloc[0]
    assert (record["coordinate_precision"], record["original_precision"]) == (precision, code)


def test_unknown_place_of_gtd_has_no_point():
    draft = converted(attack(specificity="5", provstate="Unknown", city="Unknown"), profile=gtd)
    record = draft.records.iloc[0]
    assert record[["latitude", "province_name", "place_name", "coordinate_precision"]].isna().all()


def test_claims_doubts_and_attributions_of_gtd():
    draft = converted(
        attack(claimed="1"), attack(eventid="201903150002", guncertain1="1"),
        attack(eventid="201903150003", gname="Khorasan Chapter of the Islamic State"),
        attack(eventid="201903150004", gname="Unknown"), profile=gtd,
    )  # fmt: skip
    assert draft.attributions[["row", "actor_id", "kind"]].values.tolist() == [
        [2, "taliban", "claimed"],
        [3, "taliban", "suspected"],
        [4, "iskp", "attributed"],
    ]


def test_id_that_a_spreadsheet_has_rounded_is_rejected():
    draft = converted(attack(eventid="2.01903E+11"), profile=gtd)
    assert [problem.what for problem in draft.rejected] == ["a spreadsheet has rounded the id."]


def test_suicide_bombing_of_gtd_is_a_suicide_attack():
    draft = converted(attack(suicide="1"), profile=gtd)
    assert draft.records["event_type"].tolist() == ["suicide_attack"]
