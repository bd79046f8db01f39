"""What a link asks the page on deployments to show."""

import datetime as dt

import pytest

from conflictmap.errors import QueryError
from conflictmap.settings import Settings, read_settings
from conflictmap.views.deployment_query import (
    LAYER_NAMES,
    LAYERS,
    PARAMETERS,
    DeploymentsQuery,
    read_day,
    read_deployments_query,
)
from conflictmap.views.query import PARAMETERS as SHARED


def test_link_without_parameters_shows_the_default():
    assert read_deployments_query({}) == DeploymentsQuery()
    assert DeploymentsQuery().parameters() == {}


@pytest.mark.parametrize(
    "query",
    [
        DeploymentsQuery(day=dt.date(2022, 2, 13)),
        DeploymentsQuery(only_published=True),
        DeploymentsQuery(scheme="authorities-hostile"),
        DeploymentsQuery(layers=("deployments", "groups")),
        DeploymentsQuery(layers=LAYERS),
        DeploymentsQuery(layers=()),
    ],
)
def test_link_leads_back_to_the_view_it_was_made_from(query):
    assert read_deployments_query(query.parameters()) == query
    assert set(query.parameters()) <= set(PARAMETERS)


def test_order_of_the_layers_is_kept():
    read = read_deployments_query({"layers": "deployments,shading"})
    assert read.layers == ("deployments", "shading")


def test_parameters_are_not_those_that_all_pages_share():
    assert not set(PARAMETERS) & SHARED


def test_every_layer_has_its_words():
    assert tuple(LAYER_NAMES) == LAYERS


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("told", "{{7*7}}", "'told' is not one of: all, published. Correct the link."),
        (
            "frame",
            "enemy",
            "'frame' is not one of: neutral, authorities-friend, authorities-hostile."
            " Correct the link.",
        ),
        (
            "layers",
            "groups,groups",
            "'layers' is not 'none' or some of: shading, incidents, groups, deployments, each once,"
            " the lowest first, parted by commas. Correct the link.",
        ),
    ],
)
def test_what_is_no_choice_is_refused_in_words(name, value, text):
    with pytest.raises(QueryError) as refused:
        read_deployments_query({name: value})
    assert str(refused.value) == text


@pytest.mark.parametrize("text", ["", ",", "none,groups", "tanks", "groups,"])
def test_what_are_no_layers_is_refused(text):
    with pytest.raises(QueryError):
        read_deployments_query({"layers": text})


@pytest.mark.parametrize("text", ["", "31.2.2022", "2022-02-30", "20220213", "2022-W06-7", "{{1}}"])
def test_what_is_no_day_is_refused_in_words(text):
    with pytest.raises(QueryError) as refused:
        read_day(text)
    assert str(refused.value) == (
        "'asof' is not a calendar date. Write it as YYYY-MM-DD, for example 2022-02-13."
    )


def test_day_that_no_calendar_of_ours_holds_is_refused():
    with pytest.raises(QueryError) as refused:
        read_day("9999-12-31")
    assert str(refused.value) == (
        "'asof' lies outside 1900-01-01 to 2099-12-31. Choose a day between."
    )


# --- the half-life


def test_half_life_is_a_setting():
    name = "CONFLICTMAP_EVIDENCE_HALF_LIFE_DAYS"
    assert read_settings({}).evidence_half_life_days == Settings.evidence_half_life_days == 30
    assert read_settings({name: "90"}).evidence_half_life_days == 90


@pytest.mark.parametrize("text", ["0", "-5", "soon", "1.5"])
def test_half_life_that_is_no_number_of_days_is_refused(text):
    with pytest.raises(ValueError, match="Give a number of days from 1 up, or leave it out"):
        read_settings({"CONFLICTMAP_EVIDENCE_HALF_LIFE_DAYS": text})
