"""What changed between two revisions: the rows, and what they do to the headline numbers."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.filters import IncidentFilter
from conflictmap.frames import typed_table
from conflictmap.periods import Period
from conflictmap.schema import TABLES
from conflictmap.store import open_store, publish, roll_back
from conflictmap.views.changes_since import ChangesSince, changes_since
from conflictmap.views.counting import count_areas
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.headline_changes import HEADLINES, PARTS, HeadlineChange
from tests.examples import few_and_many
from tests.synthetic import (
    attribution,
    casualty,
    facts_of,
    incident,
    place,
    shipped_edition,
    told,
)

ALL = IncidentFilter()
DECEMBER = IncidentFilter(period=Period(dt.date(2022, 12, 1), dt.date(2022, 12, 31)))
KABUL = "AF-KAB"


def kabul(*ids: str, day: str = "2022-12-05", **tables: Any) -> Facts:
    """Return facts of synthetic incidents in Kabul on a day; tables that are given replace them."""
    rows = {
        "incidents": [incident(id, day) for id in ids],
        "incident_places": [place(id, KABUL) for id in ids],
    }
    return facts_of(**(rows | tables))


def headline(changes: ChangesSince, measure: str) -> HeadlineChange:
    return next(one for one in changes.headlines if one.measure == measure)


def fields(changes: ChangesSince) -> list[tuple[str, ...]]:
    names = ["incident_id", "table", "row", "kind", "column", "before", "after"]
    return list(changes.fields[names].itertuples(index=False, name=None))


def test_nothing_has_changed_between_a_revision_and_itself():
    facts = kabul("a", "b", casualties=[casualty("a", "civilians", "killed", 3)])
    changes = changes_since(facts, facts, ALL)
    assert changes.is_empty
    assert headline(changes, "killed").words == "killed: 3 then, 3 now"


def test_added_and_withdrawn_incidents_are_named_and_move_the_number():
    before, after = kabul("a", "b"), kabul("b", "c", "d")
    changes = changes_since(before, after, ALL)
    assert (changes.added, changes.withdrawn, changes.recoded) == (("c", "d"), ("a",), ())
    assert headline(changes, "incidents").words == (
        "incidents: 2 then, 3 now (+1: +2 by incidents added, -1 by incidents withdrawn)"
    )


def test_recoded_field_is_told_with_its_old_and_new_value():
    after = kabul("a", incidents=[incident("a", "2022-12-06", event_type="clash")])
    changes = changes_since(kabul("a"), after, ALL)
    assert fields(changes) == [
        ("a", "incidents", "", "changed", "date_from", "2022-12-05", "2022-12-06"),
        ("a", "incidents", "", "changed", "date_to", "2022-12-05", "2022-12-06"),
        ("a", "incidents", "", "changed", "event_type", "bombing", "clash"),
    ]
    assert changes.recoded == ("a",)
    assert headline(changes, "incidents").difference == 0


def test_place_attribution_and_target_of_an_incident_are_part_of_it():
    before = kabul("a", attributions=[attribution("a", "iskp", "claimed")])
    after = kabul(
        "a",
        incident_places=[place("a", "AF-KAB-01")],
        attributions=[attribution("a", "iskp", "suspected")],
        incident_targets=[{"incident_id": "a", "target_no": 1, "target_type": "school"}],
        incident_sources=[told("a")],
    )
    changes = changes_since(before, after, ALL)
    assert fields(changes) == [
        ("a", "incident_places", "1", "changed", "adm2_code", "", "AF-KAB-01"),
        ("a", "incident_places", "1", "changed", "geo_precision", "adm1", "adm2"),
        ("a", "incident_targets", "1", "added", "target_type", "", "school"),
        ("a", "attributions", "a-1", "changed", "kind", "claimed", "suspected"),
        ("a", "incident_sources", "synthetic 1", "added", "", "", ""),
    ]


def test_row_that_is_withdrawn_and_states_nothing_is_still_told():
    before = kabul("a", incident_sources=[told("a")])
    changes = changes_since(before, kabul("a"), ALL)
    assert fields(changes) == [("a", "incident_sources", "synthetic 1", "withdrawn", "", "", "")]


def test_incident_recoded_into_the_period_is_no_new_incident():
    before = kabul("a", "b", incidents=[incident("a", "2022-11-30"), incident("b", "2022-12-01")])
    after = kabul("a", "b", incidents=[incident("a", "2022-12-01"), incident("b", "2022-11-30")])
    number = headline(changes_since(before, after, DECEMBER), "incidents")
    assert (number.recoded_in, number.recoded_out, number.added, number.withdrawn) == (1, -1, 0, 0)
    assert number.difference == 0


def test_incident_that_loses_its_date_stands_beside_the_number():
    before, after = kabul("a"), kabul("a", incidents=[incident("a")])
    changes = changes_since(before, after, DECEMBER)
    number = headline(changes, "incidents")
    assert (number.recoded_out, number.not_dated_before, number.not_dated_after) == (-1, 0, 1)
    assert changes.recoded == ("a",)


def test_revised_figure_is_told_then_and_now_with_its_words():
    before = kabul("a", casualties=[casualty("a", "civilians", "killed", 53)])
    figure = casualty("a", "civilians", "killed", 53, high=None, qualifier="at_least")
    after = kabul("a", casualties=[figure | {"low": 55, "best": 55}])
    changes = changes_since(before, after, ALL)
    row = changes.figures.iloc[0]
    assert (row["victim_group"], row["harm"], row["is_counted"]) == ("civilians", "killed", True)
    assert [row[f"{end}_before"] for end in ("low", "best", "high")] == [53, 53, 53]
    assert [row[f"{end}_after"] for end in ("low", "best")] == [55, 55]
    assert changes.figures["high_after"].isna().all()
    assert (changes.refigured, changes.recoded) == (("a",), ())
    assert headline(changes, "killed").words == (
        "killed: 53 then, at least 55 now (+2: +2 by figures revised)"
    )


def test_figure_that_was_not_stated_is_not_taken_for_zero():
    before = kabul("a", casualties=[casualty("a", "civilians", "killed", None)])
    after = kabul("a", casualties=[casualty("a", "civilians", "killed", 4)])
    number = headline(changes_since(before, after, ALL), "killed")
    assert number.words == "killed: no figure then, 4 now (+4: +4 by figures revised)"
    assert (number.before.not_stated, number.after.not_stated) == (1, 0)


def test_figure_under_another_label_has_not_changed():
    row = casualty("a", "civilians", "killed", 4)
    before = kabul("a", casualties=[row])
    after = kabul("a", casualties=[row | {"casualty_id": "another"}])
    changes = changes_since(before, after, ALL)
    assert (changes.refigured, changes.recoded, changes.elsewhere) == ((), (), 0)


def test_figure_moved_to_another_group_is_one_that_went_and_one_that_came():
    before = kabul("a", casualties=[casualty("a", "civilians", "killed", 4)])
    row = casualty("a", "taliban", "killed", 4) | {"casualty_id": "a-civilians-killed"}
    changes = changes_since(before, kabul("a", casualties=[row]), ALL)
    figures = changes.figures.set_index("victim_group")[["best_before", "best_after"]]
    assert figures.fillna(-1).to_dict("index") == {
        "civilians": {"best_before": 4, "best_after": -1},
        "taliban": {"best_before": -1, "best_after": 4},
    }
    assert changes.recoded == ()


def test_change_outside_the_scope_is_only_counted():
    before = kabul("a", "b", incidents=[incident("a", "2022-12-05"), incident("b", "2021-01-01")])
    later = incident("b", "2021-01-02")
    after = kabul("a", "b", incidents=[incident("a", "2022-12-05"), later])
    changes = changes_since(before, after, DECEMBER)
    assert (changes.recoded, changes.elsewhere) == ((), 1)
    assert not changes.is_empty


def test_reports_tallies_claims_and_deployments_are_told_by_id():
    areas = [{"tally_id": "t1", "area_no": 1, "country": "Afghanistan"}]
    before = facts_of(
        sources=[{"source_id": "s1"}], tallies=[{"tally_id": "t1"}, {"tally_id": "t2"}]
    )
    after = facts_of(
        sources=[{"source_id": "s1"}, {"source_id": "s2"}],
        tallies=[{"tally_id": "t1"}],
        tally_areas=areas,
        claims=[{"claim_id": "c1"}],
        deployments=[{"deployment_id": "d1"}],
    )
    nouns = changes_since(before, after, ALL).nouns
    assert nouns["sources"].added == ("s2",)
    assert (nouns["tallies"].withdrawn, nouns["tallies"].changed) == (("t2",), ("t1",))
    assert (nouns["claims"].added, nouns["deployments"].added) == (("c1",), ("d1",))
    assert nouns["units"].is_empty


def test_text_of_a_source_stays_text():
    hostile = "{{ 7*7 }}=1+1<b>\u202e]]>"
    after = kabul("a", incidents=[incident("a", "2022-12-05", title=hostile)])
    found = fields(changes_since(kabul("a"), after, ALL))
    assert found == [("a", "incidents", "", "changed", "title", "synthetic", hostile)]


# --- as the store knows it


@pytest.fixture
def store(tmp_path):
    """A store of one incident, its kind changed at revision 2, and rolled back at revision 3."""
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    point = {"latitude": 34.5, "longitude": 69.2, "coordinate_precision": "exact"}
    row = {"incident_id": "a", "title": "synthetic", "date_precision": "unknown"}
    first = {
        "incidents": typed_table(TABLES["incidents"], [row | {"event_type": "bombing"}]),
        "incident_places": typed_table(TABLES["incident_places"], [place("a", KABUL)]),
    }
    publish(store, first, viewer=LOCAL_ADMINISTRATOR, note="first")
    second = {
        "incidents": typed_table(TABLES["incidents"], [row | {"event_type": "clash"}]),
        "incident_places": typed_table(TABLES["incident_places"], [place("a", KABUL, **point)]),
    }
    publish(store, second, withdrawals=first, viewer=LOCAL_ADMINISTRATOR, note="second")
    roll_back(store, 1, viewer=LOCAL_ADMINISTRATOR)
    return store


def known_at(store, revision: int, viewer: Viewer = LOCAL_ADMINISTRATOR) -> Facts:
    return load_facts(store, shipped_edition(), viewer=viewer, revision=revision)


def test_rows_whose_only_change_is_the_revision_have_not_changed(store):
    first, last = known_at(store, 1), known_at(store, 3)
    added_in = [facts.tables["incidents"]["added_in"].tolist() for facts in (first, last)]
    assert added_in[0] != added_in[1]
    assert changes_since(first, last, ALL).is_empty
    assert not changes_since(first, known_at(store, 2), ALL).is_empty


def test_point_of_a_source_is_told_to_nobody_who_may_not_see_it(store):
    reader = Viewer("synthetic reader", "viewer")
    for viewer, is_told in ((LOCAL_ADMINISTRATOR, True), (reader, False)):
        changes = changes_since(known_at(store, 1, viewer), known_at(store, 2, viewer), ALL)
        shown = changes.fields
        point = shown[shown["column"].isin(["latitude", "longitude"])]
        assert (len(point) > 0) == is_told
        assert "34.5" not in "".join(shown["after"]) or is_told


# --- the parts add up


@st.composite
def revisions(draw: st.DrawFn) -> Facts:
    """Draw the tables of one synthetic revision: few ids, so that two of them share some."""
    ids = draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=6))
    days = st.sampled_from([None, "2022-11-30", "2022-12-01", "2022-12-31"])
    figures = st.none() | st.integers(0, 9)
    tables: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in (
            *("incidents", "incident_places", "casualties", "attributions"),
            "incident_sources",
        )
    }
    for id in ids:
        kind = draw(st.sampled_from(["bombing", "clash"]))
        tables["incidents"].append(incident(id, draw(days), event_type=kind))
        code = draw(st.sampled_from([None, KABUL, "AF-HER", "abroad"]))
        tables["incident_places"].append(place(id, code))
        for group in draw(st.sets(st.sampled_from(["civilians", "taliban"]))):
            for harm in draw(st.sets(st.sampled_from(["killed", "wounded"]))):
                best = draw(figures)
                high = draw(st.sampled_from([best, None]))
                source = draw(st.sampled_from(["s1", "s2"]))
                row = casualty(id, group, harm, best, high=high, source_id=source)
                tables["casualties"].append(row)
        for actor in draw(st.sets(st.sampled_from(["iskp", "nrf"]))):
            kind = draw(st.sampled_from(["claimed", "suspected", "disputed"]))
            row = attribution(id, actor, kind, 1 + (actor == "nrf"))
            tables["attributions"].append(row | {"source_id": draw(st.sampled_from(["s1", "s2"]))})
        sources = draw(st.sets(st.sampled_from(["s1", "s2"])))
        tables["incident_sources"] += [told(id, source) for source in sorted(sources)]
    return facts_of(**tables)


filters = st.builds(
    IncidentFilter,
    period=st.sampled_from([Period(), DECEMBER.period]),
    actors=st.sampled_from([(), ("iskp",)]),
    event_types=st.sampled_from([(), ("clash",)]),
    victim_groups=st.sampled_from([(), ("civilians",)]),
    known=st.sampled_from(["any", "claimed"]),
    sources=st.sampled_from([(), ("s1",)]),
)


@few_and_many(8, 25, given(before=revisions(), after=revisions(), chosen=filters))
def test_parts_add_up_to_the_difference_of_the_numbers_on_the_map(before, after, chosen):
    changes = changes_since(before, after, chosen)
    for number in changes.headlines:
        assert sum(getattr(number, part) for part in PARTS) == number.difference
        assert number.added >= 0 >= number.withdrawn
        assert number.recoded_in >= 0 >= number.recoded_out
        for facts, figure, beside in (
            (before, number.before, number.not_dated_before),
            (after, number.after, number.not_dated_after),
        ):
            counted = count_areas(facts, chosen, number.measure, "province")
            assert figure == counted.total
            assert beside == counted.not_dated.known


@few_and_many(8, 25, given(before=revisions(), after=revisions(), chosen=filters))
def test_every_incident_that_moves_a_number_is_named(before, after, chosen):
    changes = changes_since(before, after, chosen)
    named = (*changes.added, *changes.withdrawn, *changes.recoded, *changes.refigured)
    for number in changes.headlines:
        if any(getattr(number, part) for part in PARTS):
            assert named
    both = set(before.index.ids) & set(after.index.ids)
    assert set(changes.recoded) | set(changes.refigured) <= both
    assert not (set(changes.added) | set(changes.withdrawn)) & both


@few_and_many(4, 10, given(before=revisions(), after=revisions(), chosen=filters))
def test_turned_round_the_changes_are_turned_round(before, after, chosen):
    there, back = changes_since(before, after, chosen), changes_since(after, before, chosen)
    assert (there.added, there.withdrawn) == (back.withdrawn, back.added)
    assert (there.recoded, there.refigured) == (back.recoded, back.refigured)
    assert there.elsewhere == back.elsewhere
    for measure in HEADLINES:
        one, other = headline(there, measure), headline(back, measure)
        turned = dataclasses.replace(
            other,
            before=other.after,
            after=other.before,
            added=-other.withdrawn,
            withdrawn=-other.added,
            recoded_in=-other.recoded_out,
            recoded_out=-other.recoded_in,
            revised=-other.revised,
            not_dated_before=other.not_dated_after,
            not_dated_after=other.not_dated_before,
        )
        assert one == turned
