"""Alert rules: what is met, what is not, and where too little is known to say."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.errors import QueryError
from conflictmap.filters import IncidentFilter
from conflictmap.periods import Period, periods_between
from conflictmap.store import open_store
from conflictmap.views.alert_baselines import FALSE_ALARMS, LEVEL, PAST_PERIODS, upper_limits
from conflictmap.views.alert_rules import AlertRule, default_rules, read_rules
from conflictmap.views.alerts import (
    FEW,
    NO_FIGURE,
    NOT_COVERED,
    SHORT,
    SUPPRESSED,
    Alert,
    Alerts,
    met_alerts,
)
from conflictmap.views.counting import count_areas
from conflictmap.views.facts import Facts, load_facts
from tests.synthetic import (
    attribution,
    casualty,
    covered,
    facts_of,
    incident,
    place,
    shipped_edition,
    told,
)

KABUL, HERAT = "AF-KAB", "AF-HER"
BASELINE = AlertRule("incidents", area=KABUL)
STEADY = [2, 3] * 12  # two years of months
FIRST = dt.date(2022, 1, 1)


def months(
    counts: Sequence[int], *, source: str = "s1", area: str = KABUL, **more: Any
) -> dict[str, list[dict[str, Any]]]:
    """Return synthetic incidents, so many in each month from January 2022 on."""
    last = dt.date(FIRST.year + len(counts) // 12 + 1, 12, 31)
    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("incidents", "incident_places", "incident_sources")
    }
    for number, (month, count) in enumerate(
        zip(periods_between(FIRST, last, "month"), counts, strict=False)
    ):
        for one in range(count):
            id = f"{area}-{source}-{number:02}-{one:02}"
            tables["incidents"].append(incident(id, str(month.start), **more))
            tables["incident_places"].append(place(id, area))
            tables["incident_sources"].append(told(id, source))
    return tables


def together(*parts: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for name, rows in part.items():
            tables.setdefault(name, []).extend(rows)
    return tables


def claim(*sources: str, measure: str = "incidents", start: str = "2022-01-01", end="2025-12-31"):
    """Return synthetic sources that claim to list every incident of the country."""
    return {
        "sources": [{"source_id": source} for source in sources],
        "coverage": [
            covered(source, start, end, measure=measure) | {"coverage_id": f"{source} {measure}"}
            for source in sources
        ],
    }


def facts_with(*parts: dict[str, list[dict[str, Any]]]) -> Facts:
    return facts_of(**together(*parts))


def only(alerts: Alerts) -> Alert:
    assert len(alerts.met) == 1
    return alerts.met[0]


def reasons(alerts: Alerts) -> list[str]:
    return [one.reason for one in alerts.too_few]


# --- a number of the rule's own


def test_rule_with_a_number_is_met_when_the_figure_reaches_it():
    facts = facts_with(months([3, 4]))
    rule = AlertRule("incidents", area=KABUL, at_least=4)
    alerts = met_alerts(facts, [rule], since=dt.date(2021, 12, 31))
    alert = only(alerts)
    assert (alert.when.key, alert.figure.words, alert.threshold) == ("2022-02", "4", 4)
    assert alert.incidents == tuple(f"AF-KAB-s1-01-0{one}" for one in range(4))
    assert (len(alerts.not_met), alerts.too_few, alert.baseline) == (1, (), None)
    assert alert.words == "Incidents in Kabul in a month: at least 4"


def test_only_incidents_dated_to_the_period_count_and_the_others_are_told_beside():
    undated = incident("x", "2022-01-01", date_to="2022-12-31", date_precision="year")
    nowhere = incident("y", "2022-01-15")
    more = {
        "incidents": [undated, nowhere],
        "incident_places": [place("x", KABUL), place("y", None)],
    }
    facts = facts_with(months([3]), more)
    january = dt.date(2022, 1, 31)
    rule = AlertRule("incidents", area=KABUL, at_least=3)
    alert = only(met_alerts(facts, [rule], until=january))
    assert (alert.figure.best, alert.not_placed, alert.not_dated) == (3, 1, 1)
    assert met_alerts(facts, [replace(rule, at_least=4)], until=january).met == ()


def test_country_holds_what_is_not_placed_but_not_what_is_abroad():
    more = {
        "incidents": [incident("x", "2022-01-01"), incident("y", "2022-01-01")],
        "incident_places": [place("x", "abroad"), place("y", None)],
    }
    rule = AlertRule("incidents", at_least=1)
    alert = only(met_alerts(facts_with(months([2]), more), [rule]))
    assert alert.figure.best == 3
    assert set(alert.incidents) == {"AF-KAB-s1-00-00", "AF-KAB-s1-00-01", "y"}


@pytest.mark.parametrize(
    ("ends", "words", "by_best_only"),
    [
        ({}, "20", False),
        ({"high": None}, "at least 20", False),
        ({"low": None, "high": None}, "about 20", True),
        ({"low": 12, "high": 30}, "12 to 30 (best 20)", True),
    ],
)
def test_figure_says_how_certain_it_is(ends, words, by_best_only):
    figures = {"casualties": [casualty("AF-KAB-s1-00-00", "civilians", "killed", 20, **ends)]}
    rule = AlertRule("killed", area=KABUL, at_least=20)
    alert = only(met_alerts(facts_with(months([1]), figures), [rule]))
    assert (alert.figure.words, alert.by_best_only) == (words, by_best_only)


def test_incidents_without_any_figure_are_too_few_and_no_calm():
    figures = {"casualties": [casualty("AF-KAB-s1-00-00", "civilians", "killed", None)]}
    rule = AlertRule("killed", area=KABUL, at_least=20)
    alerts = met_alerts(facts_with(months([1]), figures), [rule])
    assert (reasons(alerts), alerts.met, alerts.not_met) == ([NO_FIGURE], (), ())


def test_rule_counts_only_what_passes_its_filter():
    named = {"attributions": [attribution("AF-KAB-s1-00-00", "iskp", "claimed")]}
    rule = AlertRule("incidents", at_least=1, chosen=IncidentFilter(actors=("iskp",)))
    assert len(only(met_alerts(facts_with(months([5]), named), [rule])).incidents) == 1


def test_single_areas_meet_no_rule_where_small_numbers_are_suppressed():
    facts = facts_with(months([2]), months([9], area=HERAT), months([1], area="AF-BAL"))
    rules = [AlertRule("incidents", area=area, at_least=1) for area in (KABUL, HERAT, "")]
    alerts = met_alerts(facts, rules, suppress_below=3)
    assert [alert.rule.area for alert in alerts.met] == [""]
    assert reasons(alerts) == [SUPPRESSED, SUPPRESSED]


# --- above the baseline


def test_count_above_its_baseline_is_an_alert_with_all_that_it_stands_on():
    facts = facts_with(months([*STEADY, 12]), claim("s1"))
    alert = only(met_alerts(facts, [BASELINE]))
    past = alert.baseline
    assert past is not None
    assert (past.periods, past.incidents, past.mean, past.highest) == (24, 60, 2.5, 3)
    assert (past.limit, alert.threshold) == (8, 9)
    assert (alert.when.key, alert.figure.best, len(alert.incidents)) == ("2024-01", 12, 12)
    assert (alert.reports, alert.revision) == (("s1",), 1)


def test_count_that_does_not_pass_the_limit_is_none():
    alerts = met_alerts(facts_with(months([*STEADY, 8]), claim("s1")), [BASELINE])
    assert (alerts.met, len(alerts.not_met), alerts.compared) == ((), 1, 1)
    assert alerts.by_chance == pytest.approx(FALSE_ALARMS["incidents"])


def test_month_without_an_incident_is_zero_where_it_is_covered():
    facts = facts_with(months([*([0, 1, 2] * 8), 6]), claim("s1"))
    past = only(met_alerts(facts, [BASELINE])).baseline
    assert past is not None
    assert (past.periods, past.mean) == (24, 1.0)


def test_without_a_source_that_covers_the_area_it_is_too_few():
    alerts = met_alerts(facts_with(months([*STEADY, 90])), [BASELINE])
    assert (reasons(alerts), alerts.met, alerts.not_met) == ([NOT_COVERED], (), ())


def test_source_that_covers_only_the_last_months_is_too_few():
    facts = facts_with(months([*STEADY, 90]), claim("s1", start="2022-06-01"))
    assert reasons(met_alerts(facts, [BASELINE])) == [SHORT]


def test_baseline_of_too_few_incidents_is_too_few():
    facts = facts_with(months([*([1] * 9), *([0] * 15), 5]), claim("s1"))
    assert reasons(met_alerts(facts, [BASELINE])) == [FEW]


def test_reports_that_claim_no_coverage_raise_no_alert():
    more = months([*([0] * 24), 50], source="s2")
    facts = facts_with(months([*STEADY, 3]), more, claim("s1"))
    alerts = met_alerts(facts, [BASELINE])
    assert (alerts.met, len(alerts.not_met)) == ((), 1)


def test_source_that_has_just_begun_to_cover_is_left_out_of_the_comparison():
    newcomer = months([*([0] * 24), 50], source="s2")
    claims = together(claim("s1"), claim("s2", start="2024-01-01"))
    alerts = met_alerts(facts_with(months([*STEADY, 3]), newcomer, claims), [BASELINE])
    assert (alerts.met, len(alerts.not_met)) == ((), 1)


def test_claim_to_list_incidents_is_no_claim_to_list_the_dead():
    facts = facts_with(months([*STEADY, 12]), claim("s1"))
    assert reasons(met_alerts(facts, [AlertRule("killed", area=KABUL)])) == [NOT_COVERED]


def test_month_whose_incidents_have_no_figure_is_no_zero_of_the_baseline():
    tables = months([*STEADY, 2])
    figures = [
        casualty(row["incident_id"], "civilians", "killed", 4, source_id="s1")
        for row in tables["incidents"]
    ]
    for row in figures[:2]:
        row |= dict.fromkeys(("low", "best", "high"))
    figures[-1] |= dict.fromkeys(("low", "best", "high"), 99)
    facts = facts_with(tables, claim("s1", measure="killed"), {"casualties": figures})
    past = only(met_alerts(facts, [AlertRule("killed", area=KABUL)])).baseline
    assert past is not None
    assert (past.periods, past.incidents) == (23, 58)
    assert past.mean == pytest.approx(4 * 58 / 23)


def test_figure_of_an_alert_is_the_one_on_the_map():
    facts = facts_with(months([*STEADY, 12]), claim("s1"))
    alert = only(met_alerts(facts, [BASELINE]))
    chosen = IncidentFilter(period=alert.when.period, sources=alert.reports)
    areas = count_areas(facts, chosen, "incidents", "province").areas
    assert next(area.figure for area in areas if area.code == KABUL) == alert.figure


# --- which periods


def test_without_a_first_day_only_the_last_period_is_judged():
    alerts = met_alerts(facts_with(months([5, 5, 5])), [AlertRule("incidents", at_least=1)])
    assert [alert.when.key for alert in alerts.met] == ["2022-03"]


@pytest.mark.parametrize(
    ("step", "keys"),
    [
        ("month", ["2022-03", "2022-02"]),
        ("week", ["2022-W09", "2022-W05"]),
        ("sh_month", ["SH1400-12", "SH1400-11"]),
        ("quarter", ["2022-Q1"]),
    ],
)
def test_periods_that_end_after_the_day_are_judged_newest_first(step, keys):
    rule = AlertRule("incidents", step=step, at_least=1)
    alerts = met_alerts(facts_with(months([5, 5, 5])), [rule], since=dt.date(2022, 1, 31))
    assert [alert.when.key for alert in alerts.met] == keys


def test_day_after_the_last_known_one_asks_for_nothing():
    facts = facts_with(months([5]))
    assert met_alerts(facts, [BASELINE], since=dt.date(2022, 1, 1)).asked == 0
    assert met_alerts(facts_of(), [BASELINE]).asked == 0


def test_answers_of_the_three_kinds_add_up_to_what_was_asked():
    facts = facts_with(months([*STEADY, 12]), claim("s1"))
    rules = [*default_rules(facts), AlertRule("incidents", at_least=3), BASELINE]
    alerts = met_alerts(facts, rules, since=dt.date(2022, 12, 31))
    assert alerts.asked == len(set(rules)) * 13
    assert len(set(rules)) == 36


def test_shipped_reports_are_too_few_for_every_rule(store_url):
    facts = load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)
    assert facts.first_date is not None
    alerts = met_alerts(facts, default_rules(facts), since=facts.first_date)
    assert (alerts.met, alerts.not_met) == ((), ())
    assert set(reasons(alerts)) == {NOT_COVERED}


# --- the limit


def test_limit_is_the_quantile_of_the_negative_binomial_that_it_says():
    past = np.array([[4.0, 9.0, 1.0, 7.0, 2.0] * 5])
    limits = upper_limits(past)
    mean, k = past.mean(), past.size
    phi = past.var(ddof=1) / mean
    variance = phi * mean * (1 + 1 / k)
    wanted = nbinom.ppf(1 - LEVEL, mean**2 / (variance - mean), mean / variance)
    assert limits.limit[0] == wanted > past.max()
    assert limits.dispersion[0] == pytest.approx(phi)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=20, max_size=PAST_PERIODS))
def test_limit_is_never_below_a_past_count(counts):
    limits = upper_limits(np.array([counts], dtype="float64"))
    assert limits.limit[0] >= max(counts)
    assert limits.dispersion[0] >= 1


def test_limit_needs_enough_known_periods():
    past = np.full((2, PAST_PERIODS), 3.0)
    past[0, :5] = np.nan
    assert np.isnan(upper_limits(past).limit).tolist() == [True, False]


@pytest.mark.parametrize("draw", ["poisson", "heavy"])
def test_false_alarms_of_stationary_synthetic_counts_stay_within_what_is_stated(draw):
    rng = np.random.default_rng(2026)
    shape = (20_000, PAST_PERIODS + 1)
    heavy = np.floor(rng.lognormal(1.0, 1.5, shape))
    counts = rng.poisson(4, shape).astype("float64") if draw == "poisson" else heavy
    share = (counts[:, -1] > upper_limits(counts[:, :-1]).limit).mean()
    measure = "incidents" if draw == "poisson" else "killed"
    assert 0 < share <= FALSE_ALARMS[measure]


# --- rules as text


def test_rules_are_read_from_objects_and_from_links():
    facts = facts_with(claim("s1"), {"actors": [{"actor_id": "iskp"}]})
    text = json.dumps(
        [
            {"measure": "killed", "area": KABUL, "step": "week", "at_least": 20, "actor": ["iskp"]},
            "measure=incidents&step=sh_month&above=baseline&source=s1&known=claimed",
            {"measure": "incidents", "area": "each province", "above": "baseline"},
        ]
    )
    first, second, *rest = read_rules(text, facts, label="rules.json")
    assert first == AlertRule("killed", KABUL, "week", 20, IncidentFilter(actors=("iskp",)))
    assert second.chosen == IncidentFilter(sources=("s1",), known="claimed")
    assert (len(rest), rest[0].at_least) == (34, None)


@pytest.mark.parametrize(
    "rule",
    [
        AlertRule("killed"),
        AlertRule("incidents", "AF-KAB-01", "sh_year", 7),
        AlertRule("wounded", chosen=IncidentFilter(event_types=("clash", "bombing"))),
    ],
)
def test_key_of_a_rule_reads_as_the_rule(rule):
    text = json.dumps([rule.key])
    assert read_rules(text, facts_of(), label="rules.json") == (rule,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "{",
            "rules.json is no JSON list of rules. Write one such as"
            ' [{"measure": "killed", "area": "AF-KAB", "step": "month", "at_least": 20}].',
        ),
        (
            '[{"measure": "share", "at_least": 1}]',
            "rules.json, rule 1: 'measure' is not one of: incidents, killed, wounded. Name one.",
        ),
        (
            '["measure=killed&at_least=5", {"measure": "killed"}]',
            "rules.json, rule 2: give either 'at_least' with a number, or 'above' with 'baseline'.",
        ),
        (
            '[{"measure": "killed", "at_least": 2.5}]',
            "rules.json, rule 1: 'at_least' is neither a text, a whole number nor a list.",
        ),
        (
            '[{"measure": "killed", "at_least": -2}]',
            "rules.json, rule 1: 'at_least' is not a whole number from 1 up. Write one, such as"
            " 20.",
        ),
        (
            '[{"measure": ["killed", "wounded"], "at_least": 2}]',
            "rules.json, rule 1: 'measure' has one value. Write a rule for each.",
        ),
        (
            '[{"measure": "killed", "at_least": 2, "area": "AF-XXX"}]',
            "rules.json, rule 1: Revision 1 has no area of the id 'AF-XXX'.",
        ),
        (
            '[{"measure": "killed", "at_least": 2, "known": "maybe"}]',
            "rules.json, rule 1: 'known' is not one of: any, claimed, claimed_or_attributed."
            " Correct the rule.",
        ),
        (
            '[{"measure": "killed", "at_least": 2, "from": "2022-01-01"}]',
            "rules.json, rule 1: there is no 'from' in a rule. Use: measure, area, step, above,"
            " at_least, actor, type, group, community, source, known.",
        ),
        (
            "[7]",
            "rules.json, rule 1: it is neither an object nor a link. Write it as"
            ' {"measure": "killed", "area": "AF-KAB", "step": "month", "at_least": 20}.',
        ),
    ],
)
def test_rule_that_cannot_be_read_says_which_what_and_how_to_mend_it(text, words):
    with pytest.raises(QueryError) as error:
        read_rules(text, facts_of(), label="rules.json")
    assert str(error.value) == words


@pytest.mark.parametrize("text", ["[" * 100_000, "null", "[]", '"x"', "x" * 1_000_001])
def test_file_that_is_no_list_of_rules_is_refused(text):
    with pytest.raises(QueryError):
        read_rules(text, facts_of(), label="rules.json")


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["measure", "area", "step", "above", "at_least", "actor", "\x1b[0m"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_stands_in_the_file_is_read_or_refused(content):
    told_of = []
    try:
        told_of += [rule.key for rule in read_rules(json.dumps(content), facts_of(), label="r")]
    except QueryError as error:
        told_of.append(str(error))
    assert told_of
    assert all(words.isprintable() for words in told_of)


def test_rule_has_no_period_of_its_own():
    period = Period(dt.date(2022, 1, 1), None)
    with pytest.raises(QueryError, match="A rule has no period of its own"):
        AlertRule("killed", chosen=IncidentFilter(period=period))
