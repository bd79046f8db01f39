"""UCDP GED: real rows of the sample, and synthetic ones, labelled so, for what it lacks."""

from __future__ import annotations

import csv
from collections import Counter
from functools import lru_cache

import pandas as pd
import pytest

from conflictmap.ingest.model import Draft
from conflictmap.ingest.profiles import actors, event_types, ucdp
from conflictmap.ingest.reference_actors import reference_actors
from conflictmap.placing import place_rows
from conflictmap.schema import EVENT_TYPES, VICTIM_GROUPS
from tests.browser import ROOT
from tests.raw_tables import assert_conserved, raw_file, raw_rows
from tests.synthetic import shipped_edition
from tests.test_recognise import UCDP_WEBSITE

SAMPLE = ROOT / "tests" / "fixtures" / "ucdp_ged_sample.csv"
PARTS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")


@lru_cache
def sample() -> Draft:
    return ucdp.convert(raw_file(SAMPLE), {})


@lru_cache
def published() -> dict[int, dict[str, str]]:
    """Return the Afghan rows of the sample as the csv module reads them, by row number."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = enumerate(csv.DictReader(file), start=2)
        return {number: row for number, row in rows if row["country_id"] == "700"}


def event(**more: str) -> dict[str, str]:
    """Return a synthetic event in the annual layout: a clash, nobody killed."""
    row = {"id": "900001", "relid": "AFG-0000-0-000-0", "year": "2022", "code_status": "Clear"}
    row |= {"type_of_violence": "1", "conflict_name": "synthetic", "dyad_name": "synthetic"}
    row |= {"side_a": "Government of Afghanistan", "side_b": "NRF", "number_of_sources": "-1"}
    row |= {"where_prec": "1", "where_coordinates": "Bazarak town", "adm_1": "Panjsher province"}
    row |= {"adm_2": "Bazarak district", "latitude": "35.31", "longitude": "69.52"}
    row |= {"country": "Afghanistan", "country_id": "700", "date_prec": "1"}
    row |= {"date_start": "2022-05-06 00:00:00.000", "date_end": "2022-05-06 00:00:00.000"}
    row |= dict.fromkeys((*PARTS, "best", "high", "low"), "0")
    return row | more


def converted(*rows: dict[str, str], **answers: str) -> Draft:
    raw = raw_rows(*rows)
    draft = ucdp.convert(raw, answers)
    assert_conserved(raw, draft)
    return draft


def groups(draft: Draft) -> list[tuple[str, int]]:
    return list(zip(draft.casualties["victim_group"], draft.casualties["best"], strict=True))


# --- the sample -----------------------------------------------------------------------------------


def test_every_row_of_the_sample_lands_and_only_afghanistan_is_in_scope():
    draft = sample()
    assert_conserved(raw_file(SAMPLE), draft)
    assert (len(draft.records), len(draft.out_of_scope), draft.rejected) == (369, 31, ())
    assert (draft.reviews, draft.questions) == ((), ())
    assert draft.counting_date == "date_from"


def test_precision_of_places_and_dates_follows_the_codes_of_the_sample():
    records = sample().records
    where = Counter(row["where_prec"] for row in published().values())
    assert dict(records["original_precision"].value_counts()) == where
    expected = Counter(
        "country"
        if row["where_prec"] == "5" and not row["adm_1"]
        else ucdp.POINT_PRECISIONS[row["where_prec"]]
        for row in published().values()
    )
    assert dict(records["coordinate_precision"].value_counts()) == expected
    days = Counter(ucdp.DATE_PRECISIONS[row["date_prec"]] for row in published().values())
    assert dict(records["date_precision"].value_counts()) == days


def test_best_figures_add_up_to_the_published_total_and_to_each_event():
    figures = sample().casualties
    assert figures["best"].sum() == 2691
    by_event = figures.groupby("row")["best"].sum()
    assert by_event.to_dict() == {row: int(cells["best"]) for row, cells in published().items()}


def test_low_and_high_stand_only_where_they_are_the_events_own():
    figures = sample().casualties
    per_event = figures.groupby("row")["best"].transform("size")
    split = figures[per_event > 1]
    assert split[["low", "high"]].isna().all(axis=None)
    assert split["words"].str.contains("the event as a whole: low").all()
    for figure in figures[per_event == 1].itertuples():
        cells = published()[figure.row]
        assert (figure.low, figure.high) == (int(cells["low"]), int(cells["high"]))


def test_figures_out_of_order_are_kept_as_published_and_counted():
    assert "11 events have low above best; kept as published." in sample().notes
    assert "25 events have best above high; kept as published." in sample().notes


def test_nothing_that_is_known_to_the_province_or_worse_becomes_a_district():
    records = sample().records
    placed, candidates = place_rows(records, shipped_edition())
    coarse = placed[placed["original_precision"].isin(list("4567"))]
    assert len(coarse) == 92
    assert coarse["adm2_code"].isna().all()
    assert records.loc[records["original_precision"].isin(list("567")), "latitude"].isna().all()
    assert not ((records["latitude"] == 33.0) & (records["longitude"] == 65.0)).any()
    assert candidates.empty
    assert placed["adm1_code"].notna().sum() == 369 - 17


def test_province_and_district_lose_their_kind_and_the_brackets_of_twins():
    records = sample().records
    names = pd.concat([records["province_name"], records["district_name"]]).dropna()
    assert not names.str.contains(r"province|district|[()]").any()
    twins = [row for row, cells in published().items() if "(Zabul)" in cells["adm_2"]]
    assert set(records.loc[twins, "district_name"].dropna()) == {"Arghandab"}


# --- synthetic rows -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "government"),
    [("2021-08-14", "republic_forces"), ("2021-08-15", "taliban"), ("2022-05-06", "taliban")],
)
def test_government_of_afghanistan_is_the_taliban_from_15_august_2021(day, government):
    draft = converted(
        event(date_start=day, date_end=day, side_b="IS", deaths_a="2", best="2", low="2", high="2")
    )
    assert groups(draft) == [(government, 2)]
    actor = "taliban" if government == "taliban" else "republic-forces"
    assert draft.attributions["actor_id"].tolist() == [actor, "iskp"]
    is_named = "the Taliban (de facto authorities)" in draft.records["title"].iloc[0]
    assert is_named == (government == "taliban")
    assert draft.reviews == ()


def test_government_of_1996_to_2001_is_the_taliban_too():
    dead = {"deaths_a": "3", "deaths_b": "4", "best": "7"}
    draft = converted(event(date_start="2000-07-01", date_end="2000-07-01", side_b="UIFSA", **dead))
    assert sorted(groups(draft)) == [("anti_taliban", 4), ("taliban", 3)]


@pytest.mark.parametrize(
    ("start", "end", "other"),
    [("2021-08-01", "2021-08-31", "IS"), ("2021-08-16", "2021-08-16", "Taleban")],
)
def test_government_that_the_days_do_not_tell_is_reviewed(start, end, other):
    draft = converted(
        event(date_start=start, date_end=end, date_prec="4", side_b=other, deaths_a="1", best="1")
    )
    assert [(review.row, review.column) for review in draft.reviews] == [(2, "side_a")]
    assert groups(draft) == [("unknown", 1)]


def test_opponent_settles_the_government_of_days_around_the_change():
    days = {"date_start": "2021-08-10", "date_end": "2021-08-20", "deaths_a": "1", "best": "1"}
    draft = converted(event(side_b="Taleban", **days), event(id="900002", side_b="NRF", **days))
    assert groups(draft) == [("republic_forces", 1), ("taliban", 1)]
    assert draft.reviews == ()


def test_sides_of_a_fight_took_part_and_only_one_sided_violence_is_blamed():
    clash = event(side_b="AFF")
    attack = event(id="900002", type_of_violence="3", side_a="IS", side_b="Civilians")
    draft = converted(clash, attack)
    said = draft.attributions[["row", "actor_id", "by_whom"]].values.tolist()
    assert said == [
        [2, "taliban", "UCDP (took part)"],
        [2, "aff", "UCDP (took part)"],
        [3, "iskp", "UCDP"],
    ]
    assert draft.attributions["words"].iloc[0] == (
        "Side A of the fighting: UCDP says who took part, not who is to blame."
    )
    assert draft.records["event_type"].tolist() == ["clash", "armed_attack"]


def test_none_killed_is_a_reported_zero():
    draft = converted(event(high="5"))
    assert draft.casualties[["victim_group", "low", "best", "high"]].values.tolist() == [
        ["all", 0, 0, 5]
    ]


def test_disordered_figures_of_one_group_stay_as_they_are():
    draft = converted(event(deaths_b="3", best="3", low="9", high="2"))
    figure = draft.casualties.iloc[0]
    assert (figure["low"], figure["best"], figure["high"]) == (9, 3, 2)
    assert pd.isna(figure["qualifier"])
    assert figure["words"] == "NRF: 3; published out of order: low 9, best 3, high 2"


def test_parts_that_do_not_add_up_give_one_total_with_the_parts_in_words():
    draft = converted(event(deaths_a="1", best="5", low="1", high="6"))
    assert groups(draft) == [("all", 5)]
    assert draft.casualties["words"].iloc[0] == (
        "the parts do not add up to it: deaths_a 1, deaths_b 0, deaths_civilians 0,"
        " deaths_unknown 0"
    )


def test_sides_without_a_group_of_ours_are_unknown_together_with_the_dead_nobody_told_apart():
    dead = {"deaths_b": "2", "deaths_unknown": "3", "best": "5", "low": "5", "high": "5"}
    draft = converted(event(side_b="TTP", **dead))
    assert groups(draft) == [("unknown", 5)]
    assert draft.casualties["words"].iloc[0] == "TTP: 2, not told: 3"


def test_dead_of_another_state_are_its_personnel():
    draft = converted(event(side_a="Government of Pakistan", side_b="TTP", deaths_a="2", best="2"))
    assert groups(draft) == [("other_state", 2)]


def test_website_export_has_the_month_first_and_other_names_of_the_totals():
    row = event(date_start="09/04/2015 00:00:00", date_end="09/04/2015 00:00:00", deaths_b="1")
    row |= {"best_est": "1", "high_est": "1", "low_est": "1", "active_year": "True"}
    raw = raw_rows({name: row.get(name, "") for name in UCDP_WEBSITE})
    draft = ucdp.convert(raw, {})
    assert draft.records["date_from"].tolist() == [pd.Timestamp("2015-09-04")]
    assert groups(draft) == [("anti_taliban", 1)]


def test_order_of_ambiguous_dates_of_other_copies_is_asked_once_for_both_columns():
    row = event(date_start="09/04/2015", date_end="09/04/2015")
    draft = converted(row)
    assert [question.key for question in draft.questions] == ["date order of date_start"]
    assert {review.row for review in draft.reviews} == {2}
    answered = converted(row, **{"date order of date_start": "day_first"})
    assert answered.records["date_to"].tolist() == [pd.Timestamp("2015-04-09")]
    assert (answered.questions, answered.reviews) == ((), ())


@pytest.mark.parametrize("text", ["2017-07-31 00:00:00.000", "2017/07/31", "2017-07-31T00:00:00Z"])
def test_time_of_day_is_cut_and_shifts_no_date(text):
    draft = converted(event(date_start=text, date_end=text))
    assert draft.records["date_to"].tolist() == [pd.Timestamp("2017-07-31")]


def test_placeholder_of_the_country_is_no_point_whatever_the_code_says():
    draft = converted(event(latitude="33.0", longitude="65.0", where_prec="1"))
    record = draft.records.iloc[0]
    assert pd.isna(record["latitude"])
    assert record["coordinate_precision"] == "country"


def test_numbers_of_a_spreadsheet_are_codes_all_the_same():
    draft = converted(event(country_id="700.0", where_prec="4.0", date_prec="1.0", best="0.0"))
    assert draft.records["original_precision"].tolist() == ["4"]


def test_rows_that_cannot_be_read_are_rejected_with_every_reason():
    draft = converted(
        event(where_prec="9", date_start="2022-02-31"),
        event(id="900002", best="a few dozen 24"),
        event(id="900003", date_end="2022-05-01"),
        event(id="900004", country="", country_id=""),
    )
    found = [(problem.row, problem.column, problem.value) for problem in draft.rejected]
    assert found == [
        (2, "where_prec", "9"),
        (2, "date_start", "2022-02-31"),
        (3, "best", "a few dozen 24"),
        (4, "date_end", "2022-05-01"),
        (5, "country_id", ""),
    ]
    assert str(draft.rejected[0]) == (
        "synthetic.csv, row 2, where_prec: where_prec is none of UCDP's codes."
        " Write 1 (exact place) to 7 (international waters)."
    )


def test_sources_are_shown_and_decide_nothing():
    text = '"Agency; =1+1,2022-05-07,Headline, with ; marks";"Other'
    draft = converted(event(source_article=text, source_original="police", number_of_sources="2"))
    assert draft.records["source_words"].tolist() == [
        text + "; Original source: police; Number of sources: 2"
    ]


def test_tables_of_types_and_sides_use_our_words_and_actors():
    types = [*event_types.UCDP.values(), *event_types.ACLED.values(), *event_types.GTD.values()]
    assert set(types) <= set(EVENT_TYPES)
    sides = [*actors.SIDES.values(), actors.TALIBAN_GOVERNMENT, actors.EARLIER_GOVERNMENT]
    assert {side.victim_group for side in sides} <= set(VICTIM_GROUPS)
    with (ROOT / "data" / "actors.csv").open(encoding="utf-8", newline="") as file:
        known = {row["actor_id"] for row in csv.DictReader(file)}
    assert set(actors.NAMES) <= known
    assert {side.actor_id for side in sides} - {""} <= known | set(reference_actors())
    assert set(actors.EARLIER_GOVERNMENTS) <= set(reference_actors())


def test_every_side_of_the_sample_is_an_actor():
    said = sample().attributions
    assert len(said) == 731
    assert said["actor_id"].notna().all()


@pytest.mark.parametrize(
    ("start", "end", "actor"),
    [
        ("1991-07-01", "1991-07-01", "government-until-1992"),
        ("1992-04-27", "1992-04-27", "government-until-1992"),
        ("1992-04-28", "1992-04-28", "government-1992-1996"),
        ("1992-04-01", "1992-04-30", None),
        ("1996-09-26", "1996-09-26", "government-1992-1996"),
        ("2001-12-22", "2001-12-22", "republic-forces"),
        ("2021-08-14", "2021-08-14", "republic-forces"),
    ],
)
def test_government_before_the_taliban_is_the_one_of_its_day(start, end, actor):
    draft = converted(event(date_start=start, date_end=end, side_b="al-Qaida"))
    found = draft.attributions["actor_id"].iloc[0]
    assert (None if pd.isna(found) else found) == actor
    assert draft.reviews == ()


@pytest.mark.parametrize(
    ("name", "actor"),
    [
        ("Government of United States of America", "state-united-states"),
        ("Government of Russia (Soviet Union)", "state-russia"),
        ("Government of Pakistan", "state-pakistan"),
        ("Jam'iyyat-i Islami-yi Afghanistan", "jamiat"),
        ("Hizb-i Islami-yi Afghanistan - Khalis faction", "hizb-i-islami-khalis"),
        ("High Council of Afghanistan Islamic Emirate", "high-council-emirate"),
        ("HGB", "hafiz-gul-bahadur"),
        ("Government of Iraq", None),
    ],
)
def test_sides_that_no_report_describes_are_reference_actors(name, actor):
    found = converted(event(side_b=name)).attributions["actor_id"].iloc[1]
    assert (None if pd.isna(found) else found) == actor


def test_names_of_actors_that_our_reports_use_lead_to_the_same_actor():
    with (ROOT / "data" / "actor_names.csv").open(encoding="utf-8", newline="") as file:
        names = pd.DataFrame(csv.DictReader(file))
    found = actors.actor_ids(names["alias"])
    # The organisation elsewhere bears names that mean ISKP in an incident in Afghanistan.
    differs = names[found.notna() & (found != names["actor_id"])]
    assert set(differs["actor_id"]) <= {"islamic-state"}
