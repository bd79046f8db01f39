"""The model of a brief: wording that can be edited, scopes that links carry."""

from __future__ import annotations

import datetime as dt

import pytest

from conflictmap.brief.make import make_brief
from conflictmap.brief.markdown import EDITED, export_markdown
from conflictmap.brief.model import Table, with_wording
from conflictmap.brief.scope import (
    BriefScope,
    month_scope,
    period_before,
    period_name,
    period_words,
    read_scope,
    scope_parameters,
)
from conflictmap.errors import QueryError
from conflictmap.periods import Period
from tests.synthetic import facts_of, incident, place, told

KEY = "totals-incidents"


@pytest.fixture(scope="module")
def brief():
    """The brief of one synthetic incident."""
    facts = facts_of(
        incidents=[incident("a", "2022-12-02")], incident_places=[place("a", "AF-KAB")]
    )
    return make_brief(facts, month_scope(2022, 12))


def test_edited_wording_is_marked_and_changes_no_number(brief):
    edited = with_wording(brief, {KEY: "One incident, in other words."})
    assert edited.paragraphs[KEY].text == "One incident, in other words."
    assert edited.paragraphs[KEY].is_edited
    assert edited.is_edited
    assert not brief.is_edited
    assert (edited.headline, edited.tables) == (brief.headline, brief.tables)
    assert export_markdown(edited).count(EDITED) == 2
    assert EDITED not in export_markdown(brief)


def test_wording_that_is_the_same_marks_nothing(brief):
    assert with_wording(brief, {KEY: brief.paragraphs[KEY].text}) == brief


def test_wording_for_no_paragraph_is_refused(brief):
    with pytest.raises(QueryError, match="has no paragraph 'nothing'"):
        with_wording(brief, {"nothing": "text"})


def test_table_refuses_a_row_of_another_width():
    with pytest.raises(ValueError, match="a row of the table 'wide'"):
        Table("wide", "Wide", ("One", "Two"), ((1,),))


@pytest.mark.parametrize(
    "scope",
    [
        BriefScope(),
        month_scope(2025, 1),
        month_scope(1401, 12, is_solar_hijri=True),
        BriefScope(Period(dt.date(2022, 1, 1), None), actors=("iskp", "nrf"), known="claimed"),
        BriefScope(sources=("a", "b"), event_types=("bombing",), communities=("hazara",)),
        BriefScope(victim_groups=("civilians",)),
    ],
)
def test_scope_survives_its_link(scope):
    parameters = {
        name: [value] if isinstance(value, str) else value
        for name, value in scope_parameters(scope).items()
    }
    assert read_scope(parameters) == scope


def test_periods_are_told_in_both_calendars():
    assert period_words(month_scope(2025, 1).period) == "January 2025 (12 Jadi to 12 Dalw 1403)"
    qaws = month_scope(1401, 9, is_solar_hijri=True).period
    assert period_words(qaws) == "Qaws 1401 (22 November to 21 December 2022)"
    assert period_name(qaws) == "Qaws 1401"
    assert period_words(Period()) == "all dates"


def test_open_period_has_none_before_it():
    assert period_before(Period(dt.date(2022, 1, 1), None)) is None
    assert period_before(month_scope(2025, 1).period) == month_scope(2024, 12).period


def test_month_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="a year has no month 13"):
        month_scope(1401, 13, is_solar_hijri=True)


def test_brief_of_a_report_that_does_not_exist_is_refused():
    with pytest.raises(QueryError, match="has no report of the id 'nothing'"):
        make_brief(facts_of(), BriefScope(sources=("nothing",)))


def test_brief_of_an_empty_store_says_that_nothing_was_read():
    brief = make_brief(facts_of(), BriefScope())
    assert brief.paragraphs[KEY].text.startswith("There is no incident in the sources read.")
    assert brief.tables == {}


def test_filters_are_told_below_the_title():
    facts = facts_of(
        sources=[{"source_id": "synthetic", "publisher": "Synthetic Press", "reading_order": 1}],
        incidents=[incident("a", "2022-12-02")],
        incident_sources=[told("a")],
    )
    brief = make_brief(facts, BriefScope(sources=("synthetic",), event_types=("bombing",)))
    assert brief.subtitle == "Period: all dates. Types of incident: Bombing. Reports: synthetic."
    assert brief.reports == ("synthetic",)
