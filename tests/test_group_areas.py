"""Where reports and speakers place armed groups, as of a day."""

import datetime as dt

import pytest

from conflictmap.views.facts import Facts
from conflictmap.views.group_areas import PRESENCE_TOPICS, group_areas, told_table
from tests.synthetic import facts_of

DAY = dt.date(2022, 2, 25)


def area(code: str | None = "AF-KAP", **more) -> dict:
    row = {"actor_id": "group", "area_no": 1, "area_words": "hills", "source_id": "report"}
    return row | {"adm1_code": code, "adm2_code": None, "country": "Afghanistan"} | more


def claim(**more) -> dict:
    row = {"claim_id": "c", "topic": "presence", "text": "They are there.", "said_by": "a speaker"}
    return row | {"date_precision": "unknown", "source_id": "report"} | more


def place(code: str | None = "AF-KAP", **more) -> dict:
    return {"claim_id": "c", "area_no": 1, "adm1_code": code, "country": "Afghanistan"} | more


def facts(*, published: str | None = None, **tables) -> Facts:
    sources = [{"source_id": "report", "reading_order": 1, "published_date": published}]
    actors = [{"actor_id": "group", "name": "A group"}]
    return facts_of(sources=sources, actors=actors, **tables)


def test_area_of_a_group_stands_where_the_report_puts_it():
    told = group_areas(facts(actor_areas=[area()]), DAY).told
    assert [(row.kind, row.code, row.place, row.groups) for row in told] == [
        ("area", "AF-KAP", "Kapisa", "A group")
    ]
    assert told[0].line == (
        "Area given by a report: A group. hills. Said by the report; no date; report report."
    )


def test_claim_is_told_with_its_topic_speaker_and_groups():
    view = group_areas(
        facts(
            claims=[claim()],
            claim_areas=[place()],
            claim_actors=[{"claim_id": "c", "actor_id": "group"}],
        ),
        DAY,
    )
    assert [row.line for row in view.told] == [
        "Claim: A group. Presence: They are there. Said by a speaker; no date; report report."
    ]


def test_claim_of_another_topic_is_not_on_the_map():
    assert "intent" not in PRESENCE_TOPICS
    view = group_areas(facts(claims=[claim(topic="intent")], claim_areas=[place()]), DAY)
    assert view.told == ()


def test_district_is_drawn_rather_than_its_province():
    view = group_areas(facts(actor_areas=[area("AF-BDG", adm2_code="AF-BDG-03")]), DAY)
    assert view.codes == ("AF-BDG-03",)


def test_what_is_known_only_to_the_country_is_told_but_not_drawn():
    view = group_areas(facts(actor_areas=[area(None)]), DAY)
    assert view.codes == ()
    assert told_table(view)["Where"].tolist() == ["Afghanistan"]
    assert told_table(view)["On the map"].tolist() == ["no: no province named"]


@pytest.mark.parametrize(
    ("day", "published", "stands"),
    [
        ("2022-02-25", None, True),
        ("2022-02-26", None, False),
        (None, "2022-02-25", True),
        (None, "2022-02-26", False),
        ("2022-02-20", "2022-02-26", True),
        (None, None, True),
    ],
)
def test_claim_stands_from_its_day_else_from_its_publication_else_on_any_day(
    day, published, stands
):
    row = claim(date_from=day, date_to=day)
    view = group_areas(facts(published=published, claims=[row], claim_areas=[place()]), DAY)
    assert (len(view.told), view.left_out) == ((1, 0) if stands else (0, 1))


@pytest.mark.parametrize(
    ("day", "published", "stands"),
    [
        (None, None, False),
        ("2022-02-20", None, False),
        ("2022-02-20", "2022-02-26", False),
        ("2022-02-20", "2022-02-25", True),
    ],
)
def test_only_what_was_published_by_the_day_is_shown_on_demand(day, published, stands):
    row = claim(date_from=day, date_to=day)
    view = group_areas(
        facts(published=published, claims=[row], claim_areas=[place()]), DAY, only_published=True
    )
    assert len(view.told) == stands


def test_words_say_how_many_are_drawn_and_how_many_have_no_day():
    rows = [area(), area(None, area_no=2)]
    assert group_areas(facts(actor_areas=rows), DAY).words == (
        "2 statements on where groups are: 1 name a province or district. 2 have no day, nor has"
        " their report: they stand on any day."
    )


def test_nothing_said_makes_an_empty_view():
    view = group_areas(facts(), DAY)
    assert (view.told, view.codes, view.left_out) == ((), (), 0)
    assert told_table(view).empty
