"""The brief of the shipped data says what its reports say, and no more."""

from __future__ import annotations

import datetime as dt

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.brief.make import make_brief
from conflictmap.brief.markdown import export_markdown
from conflictmap.brief.model import Brief
from conflictmap.brief.scope import BriefScope, month_scope
from conflictmap.periods import Period
from conflictmap.store import open_store
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.query import MapQuery
from conflictmap.views.totals import totals
from tests.synthetic import shipped_edition

ARTICLE = "8am-2022-12"
TWO_MONTHS = Period(dt.date(2022, 10, 5), dt.date(2022, 12, 5))


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


@pytest.fixture(scope="module")
def january(facts: Facts) -> Brief:
    """The brief of January 2025, all reports."""
    return make_brief(facts, month_scope(2025, 1))


@pytest.fixture(scope="module")
def article(facts: Facts) -> Brief:
    """The brief of one article, all dates."""
    return make_brief(facts, BriefScope(sources=(ARTICLE,)))


@pytest.fixture(scope="module")
def two_months(facts: Facts) -> Brief:
    """The brief of that article's own period."""
    return make_brief(facts, BriefScope(sources=(ARTICLE,), period=TWO_MONTHS))


def text_of(brief: Brief, key: str) -> str:
    return brief.paragraphs[key].text


def rows_of(brief: Brief, key: str) -> dict[object, tuple]:
    """Return the rows of a table by their first cell."""
    return {row[0]: row[1:] for row in brief.tables[key].rows}


# --- January 2025


def test_january_sets_the_published_22_against_the_39_of_december(january):
    text = text_of(january, "published-total-asw-2025-01-total")
    assert "Afghanistan Security Watch published 22 incidents for January 2025" in text
    assert "against 39 for December 2024; by our arithmetic 22 - 39 = -17." in text


def test_january_says_that_none_of_the_22_is_among_our_own_coded_incidents(january):
    text = text_of(january, "published-total-asw-2025-01-total")
    assert text.endswith(
        "Our own coded incidents dated to that period and placed in that area: none of these 22."
    )
    assert january.headline[0].figure.incidents == 0


def test_words_of_the_article_on_the_fall_stand_beside_our_arithmetic(january):
    text = text_of(january, "published-change-asw-2025-01-change-fronts")
    assert '"dropping by 17 cases"' in text
    assert "of Anti-Taliban groups (not told apart))" in text
    assert "our arithmetic on published figures: -17 (22 - 39; of all incidents)" in text
    assert text.endswith("The two are statements on different things.")


def test_january_gives_the_parts_of_the_22_and_what_they_leave(january):
    text = text_of(january, "published-parts-asw-2025-01-total")
    assert "Anti-Taliban groups (not told apart): 9 (ours: none coded)" in text
    assert "(ISKP): 3 (ours: none coded), of these 2 (ours: none coded) in Baghlan" in text
    assert "1 (ours: none coded) in Takhar" in text
    assert "unknown perpetrators in Kabul, Takhar, Herat: at least 3" in text
    assert "up to 7 (Up to 7 of the 22 incidents of January are not broken down" in text


def test_gap_of_a_total_without_single_events_is_wholly_unexplained(january):
    gaps = rows_of(january, "published-gaps")
    assert gaps["22 security incidents in January"] == ("-22", *["not coded"] * 4, -22)


def test_empty_month_claims_no_zero_and_no_peace(january):
    text = text_of(january, "totals-incidents")
    assert text.startswith("There is no incident that the sources read date to January 2025.")
    assert "no report in the sources read" in text
    for headline in january.headline:
        assert headline.words == headline.before_words == "no report in the sources read"
        assert headline.change is None
    assert rows_of(january, "change")["Incidents"] == (
        "no report in the sources read",
        "no report in the sources read",
        "not shown",
    )
    assert "so a difference would show what was read, not what happened" in text_of(
        january, "change"
    )


def test_what_is_not_dated_to_the_month_is_listed_beside_it(january):
    assert text_of(january, "uncertain-dates").startswith("13 incidents are not dated to this")
    assert len(january.tables["not-dated"].rows) == 13


# --- one article, all dates


def test_article_gives_96_killed_and_141_and_21_wounded(article):
    found = {headline.key: headline for headline in article.headline}
    killed, wounded = found["killed"], found["wounded"]
    assert (killed.figure.low, killed.figure.best, killed.figure.high) == (96, 96, None)
    assert killed.words == "at least 96 (Civilians: at least 73, Taliban: 23, ISKP: no figure)"
    assert found["attackers-killed"].figure.best == 2
    assert wounded.words == "163 (Civilians: 141, Taliban: 21, Other states' personnel: 1)"
    groups = rows_of(article, "by-victim-group")
    assert groups["Civilians"] == ("at least 73", 141)
    assert groups["Taliban"] == (23, 21)


def test_article_of_all_dates_has_no_period_before(article):
    assert "there is no previous period" in text_of(article, "change")
    assert all(headline.before is None for headline in article.headline)


def test_contradictions_of_the_article_are_named(article):
    found = rows_of(article, "contradictions")
    children = found["Explosion at the al-Jihadiya madrassa in Aybak"][0]
    assert children == (
        '"20 children" killed (20, a part) are more than the total that they are part of:'
        " 19 killed (Civilians)."
    )
    claim = found["Shooting at Pakistan's embassy in Kabul, aimed at the ambassador"][0]
    assert "claimed by ISKP; disputed by the government of Pakistan." in claim
    statements = [row[1] for row in article.tables["statements"].rows]
    assert any("before the explosion" in text for text in statements)
    assert "does not fit its own period" in text_of(article, "published-fit-8am-killed-total")


def test_article_names_the_leading_provinces_by_the_stated_rule(article):
    assert text_of(article, "concentration") == (
        "Incidents were concentrated in Kabul (5) and Herat (3): 8 of the 11 that are placed in a"
        " province."
    )
    assert "at least half" in text_of(article, "concentration-rule")


# --- the article's own two months


def test_two_months_count_only_what_is_dated_inside_them(two_months):
    found = {headline.key: headline.figure for headline in two_months.headline}
    assert found["incidents"].incidents == 5
    assert (found["killed"].best, found["attackers-killed"].best) == (20, 2)
    assert found["wounded"].best == 32


def test_undated_attacks_in_herat_are_not_dated_to_the_two_months(two_months):
    table = two_months.tables["not-dated"]
    assert table.title == "Not dated to this period"
    assert [row[1] for row in table.rows if row[2] == "Herat"] == [
        "Attack on a minibus with employees of the Al-Farooq corps in Herat",
        "Attack on a Taliban outpost in the Fargh Shahr area of Herat",
        "Attack on a Taliban outpost in Injil district",
    ]


def test_largest_attack_is_outside_by_the_article_s_own_words(two_months):
    assert text_of(two_months, "uncertain-outside") == (
        "1 incident that this report tells of lies outside the period by its own words, and is not"
        " counted: Attack on the Kaj academy in Dasht-e Barchi, Kabul, 2022-09-28"
        ' ("two months and seven days ago").'
    )


def test_total_of_the_article_does_not_fit_its_own_period(two_months):
    text = text_of(two_months, "published-fit-8am-killed-total")
    assert "does not fit its own period, 5 October to 5 December 2022" in text
    assert text.endswith(
        "is at least 96: 20 dated inside that period, 23 not dated to it, and at least 53 outside"
        " it by the report's own words."
    )


def test_gap_of_the_article_is_split_by_its_own_list(two_months):
    gaps = rows_of(two_months, "published-gaps")
    assert gaps["At least 96 people killed in ISKP attacks in the last two months"] == (
        "-96 or lower",
        "-53 or lower",
        -20,
        "not coded",
        -23,
        "0 (both at least)",
    )
    wounded = gaps["141 civilians wounded in ISKP attacks in the last two months"]
    assert wounded == ("-141", -110, -31, "not coded", 0, 0)


# --- every scope


@pytest.mark.parametrize(
    "scope",
    [
        BriefScope(),
        month_scope(2025, 1),
        month_scope(2022, 2),
        month_scope(1401, 9, is_solar_hijri=True),
        BriefScope(sources=(ARTICLE,), period=TWO_MONTHS),
        BriefScope(actors=("iskp",), known="claimed"),
        BriefScope(victim_groups=("taliban",), period=Period(dt.date(2022, 1, 1), None)),
    ],
    ids=lambda scope: scope.period.label,
)
def test_brief_is_the_same_each_time_and_counts_as_every_other_view(facts, scope):
    brief, again = make_brief(facts, scope), make_brief(facts, scope)
    assert brief == again
    assert export_markdown(brief) == export_markdown(again)
    assert len(brief.paragraphs) == sum(len(section.paragraphs) for section in brief.sections)
    assert len(brief.tables) == sum(len(section.tables) for section in brief.sections)
    for measure in ("incidents", "killed", "wounded"):
        whole = totals(facts, MapQuery(chosen=scope, measure=measure), "province")
        together = (
            rows_of(brief, "by-province").get("Total") if "by-province" in brief.tables else 0
        )
        if together:
            position = ("incidents", "killed", "wounded").index(measure)
            shown = str(together[position])
            assert (f"{whole.total:,.0f}" if whole.total else "no figure") in shown


def test_deployments_and_groups_of_a_month_are_those_dated_to_it(facts):
    brief = make_brief(facts, month_scope(2022, 2))
    assert text_of(brief, "deployments").startswith("10 statements on deployments are dated to")
    assert len(brief.tables["deployments"].rows) == 10
    assert [row[0] for row in brief.tables["groups"].rows] == [
        "2022-02-04",
        "2022-02-16",
        "2022-02-18",
    ]
