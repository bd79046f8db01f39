"""The rules of a brief's sections, on synthetic incidents."""

from __future__ import annotations

import pytest

from conflictmap.brief.make import make_brief
from conflictmap.brief.model import Brief
from conflictmap.brief.scope import BriefScope, month_scope
from conflictmap.brief.selection import select
from conflictmap.views.query import MapQuery
from conflictmap.views.totals import NOBODY_NAMED, totals
from tests.synthetic import attribution, casualty, covered, facts_of, incident, place, told

DECEMBER = month_scope(2022, 12)
SOURCES = [{"source_id": "synthetic", "publisher": "Synthetic Press", "reading_order": 1}]
ACTORS = [
    {"actor_id": "iskp", "name": "ISKP", "affiliation": "islamic_state", "status": "confirmed"},
    {"actor_id": "nrf", "name": "One front", "affiliation": "anti_taliban", "status": "confirmed"},
]


def brief_of(scope: BriefScope = DECEMBER, *, suppress_below: int = 0, **tables) -> Brief:
    """Return the brief of synthetic tables, by default of December 2022."""
    facts = facts_of(**{"sources": SOURCES, "actors": ACTORS} | tables)
    return make_brief(facts, scope, suppress_below=suppress_below)


def placed(*codes: str, day: str = "2022-12-02") -> dict[str, list]:
    """Return an incident on a day in each of the provinces given."""
    ids = [f"i{number:02}" for number in range(len(codes))]
    return {
        "incidents": [incident(id, day) for id in ids],
        "incident_places": [place(id, code) for id, code in zip(ids, codes, strict=True)],
    }


# --- concentration


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (("AF-KAB",) * 4 + ("AF-HER",), "Incidents were concentrated in Kabul (4): 4 of the 5"),
        (("AF-KAB",) * 4, "Too few to say: 4 incidents placed in a province."),
        (
            ("AF-KAB", "AF-HER", "AF-BAL", "AF-NAN", "AF-KDZ"),
            "Incidents were not concentrated in few provinces: it takes 3 provinces",
        ),
        (
            ("AF-KAB", "AF-KAB", "AF-HER", "AF-BAL", "AF-NAN"),
            "Incidents were not concentrated in few provinces: it takes 2 provinces",
        ),
    ],
)
def test_concentration_is_said_only_where_few_provinces_stand_out(codes, words):
    text = brief_of(**placed(*codes)).paragraphs["concentration"].text
    assert text.startswith(words)


def test_incidents_placed_nowhere_are_left_out_of_concentration_and_said_to_be():
    rows = placed(*["AF-KAB"] * 5)
    rows["incidents"].append(incident("lost", "2022-12-02"))
    rows["incident_places"].append(place("lost", None))
    text = brief_of(**rows).paragraphs["concentration"].text
    assert text.endswith(
        "5 of the 5 that are placed in a province. 1 incident placed in no province is left out."
    )


# --- change


def test_change_is_stated_where_the_same_source_covers_the_whole_of_both_periods():
    rows = placed("AF-KAB", "AF-HER")
    rows["incidents"].append(incident("before", "2022-11-05"))
    both = brief_of(coverage=[covered("synthetic", "2022-11-01", "2022-12-31")], **rows)
    assert both.headline[0].change == 1
    assert both.tables["change"].rows[0] == ("Incidents", 2, 1, 1)
    one = brief_of(coverage=[covered("synthetic", "2022-12-01", "2022-12-31")], **rows)
    assert one.headline[0].change is None
    assert one.tables["change"].rows[0] == ("Incidents", 2, 1, "not shown")
    assert "differ" in one.paragraphs["change"].text


def test_coverage_of_one_province_makes_neither_a_zero_nor_a_change_of_the_country():
    kabul = covered(
        "synthetic", "2022-11-01", "2022-12-31", geo_precision="adm1", adm1_code="AF-KAB"
    )
    brief = brief_of(coverage=[kabul])
    assert brief.headline[0].words == "no report in the sources read"
    assert brief.headline[0].change is None
    assert "parts of the country only" in brief.paragraphs["change"].text


def test_covered_period_without_incidents_is_a_zero_by_what_a_source_says():
    brief = brief_of(coverage=[covered("synthetic", "2022-11-01", "2022-12-31")])
    assert brief.headline[0].words == "0, by what a source says"
    assert brief.tables["change"].rows[0] == ("Incidents", 0, 0, 0)


# --- totals


def test_figures_that_are_missing_are_told_and_never_zero():
    brief = brief_of(
        casualties=[casualty("i00", "civilians", "killed", None)], **placed("AF-KAB", "AF-KAB")
    )
    killed = brief.headline[1]
    assert (killed.figure.best, killed.words) == (None, "no figure")
    total = next(row for row in brief.tables["by-province"].rows if row[0] == "Total")
    assert total == ("Total", 2, "no figure", "no figure")


def test_part_without_a_figure_leaves_a_group_no_upper_end():
    rows = placed("AF-KAB")
    students = casualty("i00", "civilians", "killed", 53)
    others = casualty("i00", "civilians", "killed", None, casualty_id="others")
    brief = brief_of(casualties=[students, others], **rows)
    groups = {row[0]: row[1] for row in brief.tables["by-victim-group"].rows}
    assert groups == {"Civilians": "at least 53", "Together": "at least 53"}


def test_attackers_are_counted_apart_from_their_victims():
    rows = placed("AF-KAB")
    brief = brief_of(
        casualties=[
            casualty("i00", "civilians", "killed", 5),
            casualty("i00", "attackers", "killed", 1),
        ],
        **rows,
    )
    words = {headline.key: headline.words for headline in brief.headline}
    assert (words["killed"], words["attackers-killed"]) == ("5", "1")
    assert brief.tables["by-victim-group"].rows[-1][1] == 6


def test_rows_of_actors_share_incidents_and_those_without_one_stand_last():
    brief = brief_of(
        attributions=[
            attribution("i00", "iskp", "claimed"),
            attribution("i00", "nrf", "suspected", 2),
            attribution("i01", "iskp", "disputed"),
        ],
        **placed("AF-KAB", "AF-KAB"),
    )
    table = brief.tables["by-actor"]
    assert [row[:2] for row in table.rows] == [("ISKP", 1), ("One front", 1), ("Nobody named", 1)]
    assert table.note.startswith("Rows may share incidents and are not summed.")


def test_sums_by_actor_and_group_are_those_of_every_other_view():
    facts = facts_of(
        actors=ACTORS,
        attributions=[
            attribution("i00", "iskp", "claimed"),
            attribution("i01", "nrf", "attributed"),
            attribution("i01", "nrf", "suspected", 2),
        ],
        casualties=[
            casualty("i00", "civilians", "killed", 3, high=None),
            casualty("i01", "taliban", "killed", 4),
            casualty("i02", "civilians", "killed", None, low=5, high=7),
        ],
        **placed("AF-KAB", "AF-HER", "AF-KAB"),
    )
    now, query = select(facts, DECEMBER), MapQuery(chosen=DECEMBER, measure="killed")
    by_actor = {
        {"nobody named": NOBODY_NAMED}.get(key, key): (sums[0].best, sums[0].low, sums[0].high)
        for key, sums in now.by_actor(("killed",)).items()
    }
    by_group = {key: (one.best, one.low, one.high) for key, one in now.by_group("killed").items()}
    for by, own in (("actor", by_actor), ("victim_group", by_group)):
        rows = totals(facts, query, by).rows
        assert own == {row.key: (row.value, row.low, row.high) for row in rows}


def test_small_counts_that_are_suppressed_leave_no_list_of_single_incidents():
    rows = placed(*["AF-KAB"] * 6, "AF-HER")
    brief = brief_of(
        suppress_below=3, casualties=[casualty("i06", "civilians", "killed", 9)], **rows
    )
    assert "Herat" not in " ".join(brief.texts())
    assert not {"notable", "not-dated", "contradictions"} & set(brief.tables)
    assert "not shown" in brief.paragraphs["concentration"].text


# --- notable incidents


def test_notable_incidents_are_those_with_most_people_harmed_the_earlier_first():
    days = {"late": "2022-12-09", "early": "2022-12-01", "most": "2022-12-05", "none": "2022-12-05"}
    brief = brief_of(
        incidents=[incident(id, day, title=id) for id, day in days.items()],
        casualties=[
            casualty("late", "civilians", "killed", 2),
            casualty("early", "civilians", "wounded", 2),
            casualty("most", "civilians", "killed", None, low=3, high=9),
        ],
    )
    assert [row[1] for row in brief.tables["notable"].rows] == ["most", "early", "late"]
    assert brief.paragraphs["notable"].text == (
        "3 incidents are listed. 1 incident of the period gives no figure above zero."
    )


# --- contradictions


def test_other_figures_and_triples_out_of_order_are_named():
    counted = casualty("i00", "civilians", "killed", 5)
    other = casualty("i00", "civilians", "killed", 8, casualty_id="other", is_counted=False)
    wrong = casualty("i01", "taliban", "wounded", 4, low=6)
    brief = brief_of(
        casualties=[counted, other | {"source_id": "another"}, wrong], **placed("AF-KAB", "AF-KAB")
    )
    assert [row[1] for row in brief.tables["contradictions"].rows] == [
        "Killed, Civilians: counted 5 (synthetic); also stated 8 (another).",
        "Wounded, Taliban: low, best and high are out of order as published (6, 4, 4).",
    ]


def test_part_that_may_lie_within_its_total_is_no_contradiction():
    total = casualty("i00", "civilians", "killed", 19, high=None)
    children = casualty(
        "i00", "civilians", "killed", 20, casualty_id="c", is_subset=True, is_counted=False
    )
    assert "contradictions" not in brief_of(casualties=[total, children], **placed("AF-KAB")).tables


# --- published figures


def published(value: int, **more) -> dict[str, list]:
    """Return a synthetic figure of people killed in December 2022, by its own report."""
    row = {"tally_id": "t", "publisher": "Synthetic Press", "label": "synthetic", "value": value}
    row |= {"measure": "killed", "statistic": "count", "basis": "published", "scope": "synthetic"}
    row |= {"is_unattributed": False, "qualifier": "exactly", "source_id": "synthetic"}
    row |= {"date_from": "2022-12-01", "date_to": "2022-12-31"} | more
    area = {"tally_id": "t", "area_no": 1, "country": "Afghanistan", "geo_precision": "country"}
    return {"tallies": [row], "tally_areas": [area]}


def listed_report() -> dict[str, list]:
    """Return a report that lists four incidents: counted, undated, outside, and placed nowhere."""
    days = {"in": "2022-12-02", "undated": None, "out": "2022-10-02", "lost": "2022-12-03"}
    return {
        "incidents": [incident(id, day) for id, day in days.items()],
        "incident_places": [place(id, None if id == "lost" else "AF-KAB") for id in days],
        "incident_sources": [told(id) for id in days],
        "casualties": [
            casualty(id, "civilians", "killed", n)
            for id, n in zip(days, (1, 20, 300, 4000), strict=True)
        ],
    }


def test_gap_is_split_where_the_list_behind_the_figure_adds_up_to_it():
    brief = brief_of(**published(4321), **listed_report())
    (row,) = brief.tables["published-gaps"].rows
    assert row == ("synthetic", "-4320", -300, 0, "not coded", -4020, 0)


def test_gap_is_unexplained_where_the_list_does_not_add_up():
    brief = brief_of(**published(4000), **listed_report())
    (row,) = brief.tables["published-gaps"].rows
    assert row == ("synthetic", "-3999", *["not coded"] * 4, -3999)


def test_gap_of_rows_that_name_nobody_is_one_of_scope():
    rows = listed_report() | {"attributions": [attribution("undated", "iskp", "claimed")]}
    brief = brief_of(**published(4321, actor_id="iskp"), **rows)
    (row,) = brief.tables["published-gaps"].rows
    assert row == ("synthetic", "-4321", -300, -4001, "not coded", -20, 0)


def test_published_figures_of_other_days_are_not_set_against_the_period():
    brief = brief_of(**published(5, date_from="2022-11-15", date_to="2023-01-15"))
    assert "published-figures" not in brief.tables
    assert len(brief.tables["published-beside"].rows) == 1
    assert "1 more figure cannot be set against this period" in brief.paragraphs["published"].text
