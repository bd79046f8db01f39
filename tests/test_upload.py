"""An upload from its bytes to its revision, on a store that holds the shipped reports."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from conflictmap import cli
from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import AccessError, IncidentFileError, QueryError
from conflictmap.ingest.account import KEEP, as_dictionary, duplicate_key, place_key, rejected_csv
from conflictmap.ingest.date_rules import DAY_FIRST, MONTH_FIRST
from conflictmap.ingest.model import BINS
from conflictmap.ingest.reference_actors import DESCRIPTION
from conflictmap.ingest.upload import WITHDRAW_KEY, Examined, examine, preview, publish_upload
from conflictmap.store import (
    Store,
    drop_upload,
    keep_upload,
    latest_revision,
    load_revisions,
    load_tables,
    load_upload_rows,
    load_uploads,
    open_store,
    roll_back,
    save_mapping,
)
from conflictmap.views.facts import load_facts
from conflictmap.views.query import read_query
from conflictmap.views.totals import totals
from tests.browser import ROOT
from tests.synthetic import shipped_edition
from tests.test_profiles_ucdp import event

SAMPLE = ROOT / "tests" / "fixtures" / "ucdp_ged_sample.csv"
UNSETTLED = "ucdp-288350"  # row 320: a district of another spelling, confirmed by a person
ITS_DISTRICT = "AF-PIA-10"
HOSTILE = "<script>alert(1)</script> **bold** [x](javascript:1) {{ 7*7 }} =1+1"


def copy_store(store_url: str, path: Path) -> str:
    """Copy a store into a file of its own; return its address."""
    held = sqlite3.connect(store_url.removeprefix("sqlite:///"))
    with closing(held), closing(sqlite3.connect(path)) as own:
        held.backup(own)
    return f"sqlite:///{path}"


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Store:
    """A store of its own that holds the shipped reports."""
    return open_store(copy_store(store_url, tmp_path / "store.sqlite"))


def table(*rows: Mapping[str, str]) -> bytes:
    """Return rows as CSV in UTF-8; a column that a row lacks is empty."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def sheet_row(number: int, **more: str) -> dict[str, str]:
    """Return a synthetic row of our template: in Bagrami of Kabul, of a day without incidents."""
    row = {"id": f"s{number}", "date": f"2019-03-{number:02}", "province": "Kabul"}
    row |= {"district": "Bagrami", "title": f"Synthetic {number}", "event_type": "bombing"}
    return row | {"killed": "2", "source": "synthetic desk"} | more


def examined_with(
    store: Store,
    content: bytes,
    answers: Mapping[str, str] | None = None,
    *,
    source_id: str = "synthetic",
    label: str = "synthetic.csv",
    **more: object,
) -> Examined:
    source = {"source_id": source_id, "title": "Synthetic", "publisher": "Synthetic desk"}
    found = examine(
        content,
        label,
        store,
        shipped_edition(),
        source=source | {"source_kind": "spreadsheet"},
        viewer=LOCAL_ADMINISTRATOR,
        answers=answers,
        **more,  # type: ignore[arg-type]
    )
    assert_accounted(found)
    return found


def assert_accounted(examined: Examined) -> None:
    """Fail unless every row of the file is in exactly one bin."""
    report = examined.report
    assert set(report.bins) == set(BINS)
    assert sum(report.bins.values()) == report.rows == len(report.outcomes) == examined.raw.rows
    assert report.outcomes["row"].is_unique


def published(
    store: Store, content: bytes, answers: Mapping[str, str] | None = None, **more: object
) -> int:
    found = examined_with(store, content, answers, **more)  # type: ignore[arg-type]
    return publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)


def filled(examined: Examined) -> dict[str, int]:
    """Return the bins that hold rows."""
    return {name: count for name, count in examined.report.bins.items() if count}


def total_of(store: Store, measure: str = "killed", **query: str) -> float:
    """Return a total of the map as `conflictmap totals` prints it, placed or not."""
    facts = load_facts(store, shipped_edition(), viewer=LOCAL_ADMINISTRATOR)
    asked = read_query({"measure": [measure]} | {name: [value] for name, value in query.items()})
    return totals(facts, asked, "province").total or 0


def held(store: Store, name: str, source_id: str = "synthetic") -> pd.DataFrame:
    """Return the rows of a table that came by uploads of a source."""
    rows = load_tables(store, viewer=LOCAL_ADMINISTRATOR)[name]
    return rows[rows["incident_id"].str.startswith(f"{source_id}-")]


def revision_of(store: Store) -> int:
    return latest_revision(store, viewer=LOCAL_ADMINISTRATOR)


# --- the sample of UCDP


def test_every_row_of_the_sample_lands(store):
    content = SAMPLE.read_bytes()
    first = examined_with(store, content, source_id="ucdp", label="ucdp.csv")
    assert (first.report.profile, first.report.rows) == ("ucdp_ged", 400)
    assert filled(first) == {"new": 368, "needs_review": 1, "out_of_scope": 31}
    aside = first.report.outcomes.query("bin == 'needs_review'").iloc[0]
    assert (aside["row"], aside["incident_id"]) == (320, UNSETTLED)
    assert first.assembled.options[UNSETTLED] == (ITS_DISTRICT,)

    answers = {place_key(UNSETTLED): ITS_DISTRICT}
    settled = examined_with(store, content, answers, source_id="ucdp", label="ucdp.csv")
    assert filled(settled) == {"new": 369, "out_of_scope": 31}
    publish_upload(store, settled, content, viewer=LOCAL_ADMINISTRATOR)
    assert held(store, "casualties", "ucdp")["best"].sum() == 2691
    places = held(store, "incident_places", "ucdp").set_index("incident_id")
    assert len(places) == 369
    assert places.at[UNSETTLED, "adm2_code"] == ITS_DISTRICT


def test_what_is_known_to_a_province_or_worse_is_in_no_district(store):
    content = SAMPLE.read_bytes()
    published(store, content, source_id="ucdp")
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file) if row["country_id"] == "700"}
    places = held(store, "incident_places", "ucdp")
    places = places.assign(id=places["incident_id"].str.removeprefix("ucdp-")).set_index("id")
    coarse = [id_ for id_, row in rows.items() if int(row["where_prec"]) >= 4]
    assert len(coarse) == 92
    assert places.loc[coarse, "adm2_code"].isna().all()
    at = {id_: (row["latitude"][:4], row["longitude"][:4]) for id_, row in rows.items()}
    placeholders = [id_ for id_, point in at.items() if point == ("33.0", "65.0")]
    assert placeholders
    in_helmand = places.loc[placeholders, "adm1_code"].eq("AF-HEL").fillna(False)
    assert not (in_helmand & places.loc[placeholders, "adm2_code"].notna()).any()
    for id_ in placeholders:
        if "helmand" not in rows[id_]["adm_1"].lower():
            assert places.at[id_, "adm1_code"] != "AF-HEL"


def test_same_file_twice_adds_nothing(store):
    content, answers = SAMPLE.read_bytes(), {place_key(UNSETTLED): ITS_DISTRICT}
    revision = published(store, content, answers, source_id="ucdp")
    before = total_of(store)
    again = examined_with(store, content, answers, source_id="ucdp")
    assert filled(again) == {"unchanged": 369, "out_of_scope": 31}
    with pytest.raises(QueryError, match="Nothing would change"):
        publish_upload(store, again, content, viewer=LOCAL_ADMINISTRATOR)
    assert (revision_of(store), total_of(store)) == (revision, before)


def test_publishing_one_report_twice_gives_one_revision(store):
    content = table(sheet_row(1))
    found = examined_with(store, content)
    first = publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)
    assert publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR) == first
    assert revision_of(store) == first
    listed = load_uploads(store, viewer=LOCAL_ADMINISTRATOR)
    assert listed[["status", "revision"]].values.tolist() == [["published", first]]


def test_government_of_afghanistan_changes_hands_on_15_august_2021(store):
    def day(id_: str, date: str) -> dict[str, str]:
        dead = {"deaths_a": "3", "best": "3", "low": "3", "high": "3"}
        return event(id=id_, date_start=date, date_end=date, side_b="IS", **dead)

    content = table(day("900014", "2021-08-14"), day("900015", "2021-08-15"))
    published(store, content, source_id="synthetic")
    dead = held(store, "casualties").set_index("incident_id")["victim_group"]
    assert dead.to_dict() == {
        "synthetic-900014": "republic_forces",
        "synthetic-900015": "taliban",
    }
    who = held(store, "attributions").groupby("incident_id")["actor_id"].agg(set)
    assert who["synthetic-900014"] == {"republic-forces", "iskp"}
    assert who["synthetic-900015"] == {"taliban", "iskp"}


# --- actors that no report describes


def test_reference_actor_enters_the_store_with_the_first_upload_that_names_it(store):
    before = load_tables(store, viewer=LOCAL_ADMINISTRATOR)["actors"]
    start = revision_of(store)
    published(store, SAMPLE.read_bytes(), source_id="ucdp")
    actors = load_tables(store, viewer=LOCAL_ADMINISTRATOR)["actors"].set_index("actor_id")
    added = actors.drop(index=before["actor_id"])
    assert sorted(added.index) == [
        "government-1992-1996",
        "government-until-1992",
        "hizb-i-islami-khalis",
        "junbish",
        "republic-forces",
        "state-united-states",
        "uifsa",
    ]
    assert set(added["source_id"]) == {"ucdp"}
    assert set(added["description"]) == {DESCRIPTION}
    named = held(store, "attributions", "ucdp")["actor_id"]
    assert set(named) <= set(actors.index)
    assert set(added.index) <= set(named)
    published(store, table(sheet_row(1, actor1="US forces")), source_id="another")
    actors = load_tables(store, viewer=LOCAL_ADMINISTRATOR)["actors"].set_index("actor_id")
    assert actors.loc["state-united-states", "source_id"] == "ucdp"
    roll_back(store, start, viewer=LOCAL_ADMINISTRATOR)
    assert len(load_tables(store, viewer=LOCAL_ADMINISTRATOR)["actors"]) == len(before)


def test_every_statement_of_the_sample_on_who_took_part_is_kept(store):
    published(store, SAMPLE.read_bytes(), {place_key(UNSETTLED): ITS_DISTRICT}, source_id="ucdp")
    assert len(held(store, "attributions", "ucdp")) == 731


def test_actor_that_is_not_known_here_is_told_with_its_row(store):
    unknown = {"event_type": "clash", "actor1": "Synthetic Front", "actor2": "NRF"}
    content = table(
        sheet_row(1, **unknown),
        sheet_row(2, actor1="Unidentified armed group"),
        sheet_row(3, **unknown, date="31/02/2019"),
        sheet_row(4, **unknown, district="Bagrammi"),
        sheet_row(5),
    )
    found = examined_with(store, content)
    reasons = found.report.outcomes.set_index("row")["reason"]
    words = "'Synthetic Front' is not known here as an actor: what is said of it is left out."
    assert reasons[2] == words
    assert "known here" not in reasons[3] + reasons[4] + reasons[6]
    assert reasons[5].endswith(words)
    assert not reasons[5].startswith(words)
    assert found.report.notes[-1] == (
        "Rows that name an actor who is not known here: 2. The actor is left out of who did it or"
        " took part; the row says which."
    )
    publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)
    assert held(store, "attributions")["actor_id"].tolist() == ["nrf"]
    number = load_uploads(store, viewer=LOCAL_ADMINISTRATOR)["upload_id"].iloc[0]
    rows = load_upload_rows(store, int(number), viewer=LOCAL_ADMINISTRATOR).set_index("row")
    assert rows.loc[2, ["bin", "reason"]].tolist() == ["new", words]


# --- releases without a header


def test_ucdp_release_without_a_header_is_asked_about_answered_and_read(store):
    content = SAMPLE.read_bytes().split(b"\n", 1)[1]
    found = examined_with(store, content, source_id="ucdp")
    assert [question.key for question in found.report.questions] == ["header"]
    assert filled(found) == {"needs_review": 369, "out_of_scope": 31}
    [question] = found.report.questions
    settled = examined_with(store, content, {"header": question.proposed}, source_id="ucdp")
    assert filled(settled) == {"new": 368, "needs_review": 1, "out_of_scope": 31}
    publish_upload(store, settled, content, viewer=LOCAL_ADMINISTRATOR)
    again = examined_with(store, SAMPLE.read_bytes(), source_id="ucdp")
    assert filled(again) == {"unchanged": 368, "needs_review": 1, "out_of_scope": 31}


# --- figures


def test_women_and_children_of_a_table_with_tags_are_kept_and_in_no_sum(store):
    before = total_of(store)
    header = {"When": "#date", "Where": "#adm1", "Dead": "#affected+killed"}
    header |= {"Women": "#affected+f+killed", "Children": "#affected+killed+children"}
    content = table(
        header,
        {"When": "2019-03-01", "Where": "Kabul", "Dead": "9", "Women": "2", "Children": "4"},
    )
    published(store, content)
    rows = held(store, "casualties").set_index("casualty_id")
    assert rows["is_counted"].sum() == 1
    of_whom = rows[rows["is_subset"]]
    ids = of_whom.index.str.removeprefix(rows["incident_id"].iloc[0])
    assert sorted(zip(ids, of_whom["best"], strict=True)) == [
        ("-all-killed-children", 4),
        ("-all-killed-women", 2),
    ]
    assert total_of(store) == before + 9


def test_range_counts_as_at_least_its_low_end_and_stays_a_range(store):
    before = total_of(store)
    published(store, table(sheet_row(1, killed="5-7"), sheet_row(2, killed="3")))
    rows = held(store, "casualties").set_index("incident_id")
    low, best, high = rows.loc["synthetic-s1", ["low", "best", "high"]]
    assert (low, high) == (5, 7)
    assert pd.isna(best)
    assert total_of(store) == before + 8


# --- newer files of the same source


def test_changed_record_is_shown_field_by_field_and_replaced(store):
    published(store, table(sheet_row(1), sheet_row(2)))
    before = total_of(store)
    content = table(sheet_row(1, killed="5", district="Paghman"), sheet_row(2))
    found = examined_with(store, content)
    assert filled(found) == {"changed": 1, "unchanged": 1}
    fields = found.comparison.fields
    assert set(fields["incident_id"]) == {"synthetic-s1"}
    shown = {(row.table, row.column): (row.before, row.after) for row in fields.itertuples()}
    assert shown["casualties", "best"] == ("2", "5")
    assert shown["incident_places", "district_name"] == ("Bagrami", "Paghman")
    assert ("incidents", "title") not in shown
    publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)
    assert sorted(held(store, "casualties")["best"]) == [2, 5]
    assert total_of(store) == before + 3
    assert filled(examined_with(store, content)) == {"unchanged": 2}


def test_going_back_to_an_older_file_changes_the_records_back(store):
    old, new = table(sheet_row(1)), table(sheet_row(1, killed="9"))
    published(store, old)
    published(store, new)
    published(store, old)
    assert held(store, "casualties")["best"].tolist() == [2]


def test_records_that_the_file_no_longer_holds_stay_unless_told(store):
    published(store, table(sheet_row(1), sheet_row(2)))
    content = table(sheet_row(1))
    found = examined_with(store, content)
    assert filled(found) == {"unchanged": 1}
    assert found.report.withdrawn == ("synthetic-s2",)
    with pytest.raises(QueryError):
        publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)
    assert len(held(store, "incidents")) == 2
    published(store, content, {WITHDRAW_KEY: "yes"})
    assert held(store, "incidents")["incident_id"].tolist() == ["synthetic-s1"]
    assert set(held(store, "casualties")["incident_id"]) == {"synthetic-s1"}


def test_record_kept_in_review_is_not_called_withdrawn(store):
    published(store, table(sheet_row(1)))
    found = examined_with(store, table(sheet_row(1, district="Bagrammi")))
    assert filled(found) == {"needs_review": 1}
    assert found.report.withdrawn == ()


def test_rejected_row_of_a_known_record_does_not_withdraw_it(store):
    """A row that cannot be read says nothing against the record that it was about."""
    published(store, table(sheet_row(1), sheet_row(2)))
    content = table(sheet_row(1), sheet_row(2, date="31/02/2019"))
    found = examined_with(store, content, {WITHDRAW_KEY: "yes"})
    assert filled(found) == {"unchanged": 1, "rejected": 1}
    assert found.report.withdrawn == ()


def test_row_of_another_width_with_bytes_that_are_no_text_is_rejected_and_downloads(store):
    published(store, table(sheet_row(1), sheet_row(2)))
    content = table(sheet_row(1, title="انفجار در کابل")) + b"s2,\xff\xfe,too few\r\n"
    found = examined_with(store, content)
    assert_accounted(found)
    assert found.report.bins["rejected"] == 1
    assert found.report.withdrawn == ()
    assert "\ufffd" in rejected_csv(found.raw, found.report).decode("utf-8-sig")


def test_second_row_of_the_same_id_is_set_aside(store):
    found = examined_with(store, table(sheet_row(1), sheet_row(1, killed="9")))
    assert filled(found) == {"new": 1, "needs_review": 1}
    assert "same id" in found.report.outcomes.iloc[1]["reason"]


# --- places and questions


def test_ambiguous_place_waits_for_an_answer(store):
    content = table(sheet_row(1, province="", district="Arghandab"), sheet_row(2))
    found = examined_with(store, content)
    assert filled(found) == {"new": 1, "needs_review": 1}
    units = found.assembled.options["synthetic-s1"]
    assert len(units) > 1
    key = place_key("synthetic-s1")
    settled = examined_with(store, content, {key: units[0]})
    assert filled(settled) == {"new": 2}
    publish_upload(store, settled, content, viewer=LOCAL_ADMINISTRATOR)
    place = held(store, "incident_places").set_index("incident_id").loc["synthetic-s1"]
    assert (place["adm2_code"], place["join_method"]) == (units[0], "confirmed")
    with pytest.raises(QueryError, match="none of its options"):
        examined_with(store, content, {key: "AF-KAB-01"})


def test_ambiguous_place_may_stay_coarse(store):
    content = table(sheet_row(1, province="", district="Arghandab"))
    published(store, content, {place_key("synthetic-s1"): KEEP})
    assert held(store, "incident_places")["adm2_code"].isna().all()


def test_rows_stay_in_review_while_a_question_is_open(store):
    content = table(sheet_row(1, date="03/04/2019"), sheet_row(2, date="05/06/2019"))
    found = examined_with(store, content)
    assert filled(found) == {"needs_review": 2}
    [question] = found.report.questions
    with pytest.raises(QueryError, match="Nothing would change"):
        publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)
    days = {}
    for value in (DAY_FIRST, MONTH_FIRST):
        assert value in dict(question.options)
        settled = examined_with(store, content, {question.key: value})
        assert filled(settled) == {"new": 2}
        days[value] = settled.draft.records["date_from"].dt.strftime("%m-%d").tolist()
    assert days == {DAY_FIRST: ["04-03", "06-05"], MONTH_FIRST: ["03-04", "05-06"]}


def test_answer_on_a_place_settles_no_other_question(store):
    content = table(sheet_row(1, date="03/04/2019", province="", district="Arghandab"))
    found = examined_with(store, content)
    units = found.assembled.options["synthetic-s1"]
    placed = examined_with(store, content, {place_key("synthetic-s1"): units[0]})
    assert filled(placed) == {"needs_review": 1}


# --- duplicates of other sources


def one_incident_by_two_sources(store: Store) -> tuple[bytes, str, str]:
    """Publish an incident of one source; return another source's file that tells of it too."""
    published(store, table(sheet_row(7, actor1="ISKP")), source_id="first")
    content = table(sheet_row(7, id="other", title="Told otherwise", killed="3"))
    return content, "synthetic-other", "first-s7"


def test_probable_duplicate_waits_for_an_answer(store):
    content, theirs, ours = one_incident_by_two_sources(store)
    found = examined_with(store, content)
    assert filled(found) == {"duplicate_candidate": 1}
    assert found.comparison.duplicates.values.tolist() == [[theirs, ours]]
    assert preview(found)["incidents"]["incident_id"].isin([theirs]).sum() == 0
    with pytest.raises(QueryError):
        publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)


@pytest.mark.parametrize(
    "more",
    [{"date": "2019-03-09"}, {"district": "Paghman"}, {"event_type": "clash"}, {"actor1": "NRF"}],
    ids=lambda more: next(iter(more)),
)
def test_rows_that_contradict_each_other_are_no_duplicates(store, more):
    one_incident_by_two_sources(store)
    found = examined_with(store, table(sheet_row(7, id="other") | more))
    assert filled(found) == {"new": 1}


def test_both_are_kept_where_the_analyst_says_so(store):
    content, theirs, _ = one_incident_by_two_sources(store)
    before = total_of(store, "incidents"), total_of(store)
    published(store, content, {duplicate_key(theirs): KEEP})
    assert (total_of(store, "incidents"), total_of(store)) == (before[0] + 1, before[1] + 3)
    assert filled(examined_with(store, content)) == {"unchanged": 1}


def test_linked_incident_counts_once_and_has_two_reports(store):
    content, theirs, ours = one_incident_by_two_sources(store)
    before = total_of(store, "incidents"), total_of(store)
    published(store, content, {duplicate_key(theirs): ours})
    assert (total_of(store, "incidents"), total_of(store)) == before
    told = load_tables(store, viewer=LOCAL_ADMINISTRATOR)["incident_sources"]
    told = told[told["incident_id"] == ours]
    assert set(told["source_id"]) == {"first", "synthetic"}
    assert set(told["statement"]) == {"Synthetic 7", "Told otherwise"}


def test_link_to_an_incident_that_was_no_option_is_refused(store):
    content, theirs, _ = one_incident_by_two_sources(store)
    found = examined_with(store, content, {duplicate_key(theirs): "first-s8"})
    with pytest.raises(QueryError, match="no option"):
        publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)


def test_linked_file_uploaded_again_adds_nothing(store):
    content, theirs, ours = one_incident_by_two_sources(store)
    revision = published(store, content, {duplicate_key(theirs): ours})
    again = examined_with(store, content, {duplicate_key(theirs): ours})
    assert filled(again) == {"unchanged": 1}
    with pytest.raises(QueryError, match="Nothing would change"):
        publish_upload(store, again, content, viewer=LOCAL_ADMINISTRATOR)
    assert revision_of(store) == revision


def test_linked_file_may_grow(store):
    content, theirs, ours = one_incident_by_two_sources(store)
    published(store, content, {duplicate_key(theirs): ours})
    row = sheet_row(7, id="other", title="Told otherwise", killed="3")
    published(store, table(row, sheet_row(9)), {duplicate_key(theirs): ours})
    assert "synthetic-s9" in set(held(store, "incidents")["incident_id"])


def test_report_that_was_linked_does_not_change_the_incident(store):
    content, theirs, ours = one_incident_by_two_sources(store)
    published(store, content, {duplicate_key(theirs): ours})
    first = table(sheet_row(7, actor1="ISKP"))
    assert filled(examined_with(store, first, source_id="first")) == {"unchanged": 1}
    published(store, table(sheet_row(7, actor1="ISKP", killed="4")), source_id="first")
    told = load_tables(store, viewer=LOCAL_ADMINISTRATOR)["incident_sources"]
    told = told[told["incident_id"] == ours]
    assert set(told["source_id"]) == {"first", "synthetic"}


def test_source_whose_label_begins_another_ones_owns_nothing_of_it(store):
    published(store, table(sheet_row(7)), source_id="desk-two")
    content = table(sheet_row(7, id="other"), sheet_row(8))
    link = {duplicate_key("desk-other"): "desk-two-s7"}
    published(store, content, link, source_id="desk")
    found = examined_with(store, content, link | {WITHDRAW_KEY: "yes"}, source_id="desk")
    assert found.report.withdrawn == ()


# --- rows to mend


def test_rejected_rows_are_mended_and_uploaded_again(store):
    content = table(
        sheet_row(1),
        sheet_row(2, date="31/02/2019"),
        sheet_row(3, killed="12x"),
        sheet_row(4, title=""),
    )
    found = examined_with(store, content)
    assert filled(found) == {"new": 1, "rejected": 3}
    bad = found.report.outcomes.query("bin == 'rejected'").set_index("row")
    assert bad.loc[3, ["column", "value"]].tolist() == ["date", "31/02/2019"]
    assert bad["reason"].ne("").all()
    assert bad["mend"].ne("").all()
    publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)

    to_mend = rejected_csv(found.raw, found.report).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(to_mend)))
    assert [row["id"] for row in rows] == ["s2", "s3", "s4"]
    assert all(row["#reason"] and row["#mend"] for row in rows)
    assert filled(examined_with(store, to_mend.encode())) == {"rejected": 3}
    rows[0]["date"], rows[1]["killed"], rows[2]["title"] = "2019-02-28", "12", "Synthetic 4"
    mended = examined_with(store, table(*rows))
    assert filled(mended) == {"new": 3}
    assert mended.report.profile == "own_template"
    publish_upload(store, mended, table(*rows), viewer=LOCAL_ADMINISTRATOR)
    assert len(held(store, "incidents")) == 4


def test_rows_of_another_width_are_given_back_too(store):
    content = table(sheet_row(1)) + b"s2,2019-03-02,Kabul\r\n"
    found = examined_with(store, content)
    assert filled(found) == {"new": 1, "rejected": 1}
    assert b"s2" in rejected_csv(found.raw, found.report)


def test_skipped_rows_are_counted(store):
    first, *rest = table(sheet_row(1), sheet_row(2)).decode().splitlines()
    content = "\r\n".join([first, rest[0], "," * first.count(","), first, rest[1], ""]).encode()
    assert filled(examined_with(store, content)) == {"new": 2, "skipped": 2}


# --- hostile text


def test_hostile_text_is_stored_as_given_and_its_row_told_by_number(store):
    content = table(sheet_row(1, title=HOSTILE, place=HOSTILE), sheet_row(2, date=HOSTILE))
    found = examined_with(store, content, label=f"../../{HOSTILE}.csv")
    assert filled(found) == {"new": 1, "rejected": 1}
    bad = found.report.outcomes.query("bin == 'rejected'").iloc[0]
    assert len(bad["value"]) <= 80
    shown = as_dictionary(found.report)
    assert json.loads(json.dumps(shown)) == shown
    publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)
    assert held(store, "incidents")["title"].tolist() == [HOSTILE]
    assert held(store, "incident_places")["place_name"].tolist() == [HOSTILE]


def test_control_characters_of_a_cell_do_no_harm(store):
    content = table(sheet_row(1, title="a\x1eb\x1fc"), sheet_row(2))
    published(store, content)
    assert filled(examined_with(store, content)) == {"unchanged": 2}


def test_notes_and_questions_hold_no_text_of_the_file(store):
    content = table(sheet_row(1, title=HOSTILE, date="03/04/2019", killed="dozens <b>"))
    found = examined_with(store, content)
    words = [*found.report.notes, *(question.text for question in found.report.questions)]
    assert not any(mark in text for text in words for mark in ("<b>", "<script", "{{"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<!doctype html><html><body>Sign in</body></html>", "web page|HTML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "LFS"),
        (b"\x1f\x8b\x08\x00" + b"\x00" * 40, "compressed|gzip|zip"),
        (b"a,b\n1,2\n", "columns"),
        (b"country,admin1,month,year,events,fatalities\nAfghanistan,Kabul,1,2022,2,3\n", "counts"),
    ],
    ids=["empty", "html", "lfs", "gzip", "unknown", "sums"],
)
def test_what_is_no_table_of_incidents_is_refused_in_one_sentence(store, content, reason):
    with pytest.raises(IncidentFileError, match=f"(?i){reason}") as refused:
        examined_with(store, content)
    assert "\n" not in str(refused.value)
    assert str(ROOT) not in str(refused.value)


# --- publishing


def test_preview_is_what_is_published(store):
    published(store, table(sheet_row(1), sheet_row(2)))
    content = table(sheet_row(1, killed="5"), sheet_row(3))
    found = examined_with(store, content, {WITHDRAW_KEY: "yes"})
    shown = preview(found)
    publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)
    now = load_tables(store, viewer=LOCAL_ADMINISTRATOR)
    for name, rows in now.items():
        columns = [column for column in rows.columns if column != "added_in"]
        sides = [
            side[name][columns].astype("str").sort_values(columns).values.tolist()
            for side in (shown, dict(now))
        ]
        assert sides[0] == sides[1], name


def test_roll_back_restores_the_totals(store):
    start = revision_of(store)
    before = {measure: total_of(store, measure) for measure in ("incidents", "killed", "wounded")}
    published(store, SAMPLE.read_bytes(), source_id="ucdp")
    assert total_of(store) > before["killed"]
    roll_back(store, start, viewer=LOCAL_ADMINISTRATOR)
    assert {measure: total_of(store, measure) for measure in before} == before
    assert held(store, "incidents", "ucdp").empty
    published(store, SAMPLE.read_bytes(), source_id="ucdp")
    assert len(held(store, "incidents", "ucdp")) == 368


def test_report_on_a_store_that_changed_meanwhile_is_not_published(store):
    content = table(sheet_row(1, id="other"))
    found = examined_with(store, content)
    published(store, table(sheet_row(1)), source_id="first")
    with pytest.raises(QueryError):
        publish_upload(store, found, content, viewer=LOCAL_ADMINISTRATOR)


@pytest.mark.parametrize("role", ["viewer", "briefer"])
def test_who_may_only_read_publishes_nothing(store, role):
    content = table(sheet_row(1))
    found = examined_with(store, content)
    revision = revision_of(store)
    with pytest.raises(AccessError):
        publish_upload(store, found, content, viewer=Viewer("somebody", role))
    assert revision_of(store) == revision


def test_revision_names_its_upload(store):
    revision = published(store, table(sheet_row(1)))
    last = load_revisions(store, viewer=LOCAL_ADMINISTRATOR).set_index("revision").loc[revision]
    assert "synthetic" in last["note"]


def test_other_mapping_of_the_same_file_is_another_content(store):
    content = table({"When": "2019-03-01", "Dead": "4", "Hurt": "9", "Where": "Kabul"})
    for killed in ("Dead", "Hurt"):
        mapping = {"date": "When", "killed": killed, "province": "Where"}
        published(store, content, mapping=mapping)
        assert held(store, "casualties")["best"].iloc[-1] == int("4" if killed == "Dead" else "9")


# --- the command: ingest


@pytest.fixture
def command(store, monkeypatch, capsys):
    """Run `conflictmap` on the store: exit code, what it prints, and what it complains of."""
    monkeypatch.setenv("CONFLICTMAP_STORE", str(store.writer.url))

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def written(folder: Path, content: bytes, name: str = "desk.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_command_publishes_and_says_so_for_scripts(command, store, tmp_path):
    file = written(tmp_path, table(sheet_row(1), sheet_row(2)))
    code, out, _ = command("ingest", file, "--json")
    report = json.loads(out)
    assert code == 0
    assert (report["rows"], report["refused"], report["problems"]) == (2, "", [])
    assert report["bins"] == dict.fromkeys(BINS, 0) | {"new": 2}
    assert report["revision"] == revision_of(store)
    assert len(held(store, "incidents", "desk")) == 2
    code, out, _ = command("ingest", file, "--json")
    assert (code, json.loads(out)["bins"]["unchanged"], json.loads(out)["revision"]) == (0, 2, None)


def test_command_tells_each_row_that_is_aside(command, tmp_path):
    rows = sheet_row(1), sheet_row(2, date="31/02/2019"), sheet_row(3, district="Bagrammi")
    file = written(tmp_path, table(*rows))
    mend = tmp_path / "mend.csv"
    code, out, _ = command("ingest", file, "--json", "--rejected", mend)
    report = json.loads(out)
    assert code == 2
    assert [(found["line"], found["bin"]) for found in report["problems"]] == [
        (3, "rejected"),
        (4, "needs_review"),
    ]
    assert report["problems"][0]["column"] == "date"
    assert all(found["reason"] for found in report["problems"])
    assert mend.read_bytes().count(b"\n") == 3
    code, out, _ = command("ingest", file)
    assert code == 2
    assert "row 3, date" in out


def test_dry_run_publishes_nothing(command, store, tmp_path):
    revision = revision_of(store)
    code, out, _ = command("ingest", written(tmp_path, table(sheet_row(1))), "--dry-run", "--json")
    assert (code, json.loads(out)["bins"]["new"], json.loads(out)["revision"]) == (0, 1, None)
    assert revision_of(store) == revision


def test_command_refuses_a_file_with_its_reason(command, tmp_path):
    file = written(tmp_path, b"<html>Sign in</html>")
    code, out, _ = command("ingest", file, "--json")
    report = json.loads(out)
    assert (code, report["rows"], set(report["bins"])) == (3, 0, set(BINS))
    assert report["refused"]
    assert str(tmp_path) not in out
    code, out, err = command("ingest", tmp_path / "missing.csv")
    assert code != 0
    assert str(tmp_path) not in out + err


def test_command_takes_answers_and_mapping_from_files(command, store, tmp_path):
    file = written(tmp_path, table({"When": "03/04/2019", "Where": "Kabul", "Dead": "4"}))
    assert command("ingest", file)[0] == 3
    columns = {"date": "When", "province": "Where", "killed": "Dead"}
    mapping = written(tmp_path, json.dumps(columns).encode(), "mapping.json")
    code, out, _ = command("ingest", file, "--mapping", mapping, "--json")
    [question] = json.loads(out)["questions"]
    assert code == 2
    settled = {question["key"]: question["options"][0]}
    answers = written(tmp_path, json.dumps(settled).encode(), "answers.json")
    code, out, _ = command("ingest", file, "--mapping", mapping, "--answers", answers, "--json")
    assert (code, json.loads(out)["bins"]["new"]) == (0, 1)
    assert held(store, "casualties", "desk")["best"].tolist() == [4]


def test_answer_that_is_no_option_is_an_error_of_the_command(command, store, tmp_path):
    content, _, _ = one_incident_by_two_sources(store)
    file = written(tmp_path, content)
    answers = json.dumps({duplicate_key("desk-other"): "first-s8"}).encode()
    path = written(tmp_path, answers, "answers.json")
    assert command("ingest", file, "--answers", path)[0] == 1


def test_known_profile_that_is_named_must_be_what_the_file_is(command, store, tmp_path):
    file = written(tmp_path, table(sheet_row(1)))
    revision = revision_of(store)
    code, out, _ = command("ingest", file, "--profile", "ucdp_ged", "--json")
    assert code == 3
    assert json.loads(out)["refused"] == (
        "desk.csv: it is read as our template, not as UCDP GED."
        " Name what it is, or leave --profile out."
    )
    assert revision_of(store) == revision
    unknown = written(tmp_path, table({"When": "2019-03-01", "Where": "Kabul"}), "unknown.csv")
    assert command("ingest", unknown, "--profile", "acled")[0] == 3
    code, out, _ = command("ingest", file, "--profile", "own_template", "--json")
    assert (code, json.loads(out)["bins"]["new"]) == (0, 1)


def test_saved_mapping_is_used_by_its_name(command, store, tmp_path):
    file = written(tmp_path, table({"When": "2019-03-01", "Where": "Kabul", "Dead": "4"}))
    code, _, err = command("ingest", file, "--profile", "دفتر")
    assert code == 1
    assert err == (
        "There is no profile 'دفتر'. Known layouts: own_template, ucdp_ged, acled, gtd, hxl."
        " No mapping is saved.\n"
    )
    columns = {"date": "When", "province": "Where", "killed": "Dead"}
    save_mapping(store, "دفتر", {"columns": columns}, viewer=LOCAL_ADMINISTRATOR)
    code, out, _ = command("ingest", file, "--profile", "دفتر", "--json")
    assert (code, json.loads(out)["profile"], json.loads(out)["bins"]["new"]) == (0, "mapped", 1)
    assert "Saved mappings: دفتر." in command("ingest", file, "--profile", "another")[2]


# --- the command: uploads that are kept


def kept_open(store: Store, content: bytes, answers: Mapping[str, str] | None = None) -> int:
    """Keep a file as the page does while somebody works on it; return its number."""
    return keep_upload(
        store,
        label="desk.csv",
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        source={"source_id": "desk", "title": "Desk", "publisher": "Desk"},
        answers=answers or {},
        viewer=LOCAL_ADMINISTRATOR,
    )


def test_open_upload_is_reported_and_published_with_its_answers(command, store):
    content = table(sheet_row(1, date="03/04/2019"), sheet_row(2, date="31/02/2019"))
    number = kept_open(store, content, {"date order of date": DAY_FIRST})
    revision = revision_of(store)
    code, out, _ = command("report", number, "--json")
    told = json.loads(out)
    assert (code, told["status"], told["revision"]) == (0, "open", None)
    assert (told["bins"]["new"], told["bins"]["rejected"]) == (1, 1)
    assert told["changed"]["incidents"] == {"added": 1, "withdrawn": 0}
    assert revision_of(store) == revision

    assert command("publish", number, "--dry-run")[0] == 2
    assert revision_of(store) == revision
    code, out, _ = command("publish", number, "--json")
    assert (code, json.loads(out)["revision"]) == (2, revision + 1)
    assert held(store, "incidents", "desk")["date_from"].tolist() == [pd.Timestamp("2019-04-03")]

    code, out, _ = command("report", number, "--json")
    told = json.loads(out)
    assert (code, told["status"], told["revision"]) == (0, "published", revision + 1)
    assert (told["rows"], told["bins"]["new"], told["bins"]["rejected"]) == (2, 1, 1)
    assert [(row["line"], row["bin"]) for row in told["problems"]] == [(3, "rejected")]
    assert told["changed"]["incidents"] == {"added": 1, "withdrawn": 0}
    code, _, err = command("publish", number)
    assert (code, err) == (1, f"Upload {number} was published as revision {revision + 1}.\n")


def test_reports_are_told_in_words_too(command, store):
    number = kept_open(store, table(sheet_row(1), sheet_row(2, date="31/02/2019")))
    code, out, _ = command("report", number)
    assert code == 0
    assert out.startswith(f"{number}: desk.csv, source desk, open; uploaded ")
    assert "It would change incidents: 1 rows added, 0 withdrawn." in out
    assert "row 3, date: '31/02/2019' is not a calendar date." in out
    command("publish", number)
    _, out, _ = command("report", number)
    assert f"published as revision {revision_of(store)}" in out
    assert "It changed incidents: 1 rows added, 0 withdrawn." in out
    assert "row 3, rejected: '31/02/2019' is not a calendar date." in out


def test_uploads_are_listed_by_their_number(command, store):
    assert command("report") == (0, "No file was uploaded so far.\n", "")
    assert json.loads(command("report", "--json")[1]) == []
    number = kept_open(store, table(sheet_row(1)))
    listed = json.loads(command("report", "--json")[1])
    assert [(row["upload_id"], row["status"], row["source_id"]) for row in listed] == [
        (number, "open", "desk")
    ]
    drop_upload(store, number, viewer=LOCAL_ADMINISTRATOR)
    assert "desk.csv, source desk, dropped" in command("report")[1]
    assert command("report", number)[0] == 0
    code, _, err = command("publish", number)
    assert (code, err) == (1, f"Upload {number} was dropped. Upload its file again.\n")
    code, _, err = command("report", number + 1)
    assert code == 1
    assert err == f"There is no upload {number + 1}. `conflictmap report` lists them.\n"


def test_upload_of_a_table_is_published_on_its_page_only(command, store):
    number = keep_upload(
        store,
        label="units.csv",
        sha256="0",
        content=b"synthetic",
        source={"table": "units"},
        answers={},
        viewer=LOCAL_ADMINISTRATOR,
    )
    code, _, err = command("publish", number)
    assert code == 1
    assert err == (
        f"Upload {number} is the table units: publish it on the page Corrections, which asks for"
        " the reason.\n"
    )
    assert "units.csv, table units, open" in command("report", number)[1]


def test_file_whose_import_was_cut_short_is_finished_by_the_same_command(command, store, tmp_path):
    """A process that dies before its transaction leaves the upload open: nothing else."""
    content = table(sheet_row(1))
    number = kept_open(store, content)
    code, out, _ = command("ingest", written(tmp_path, content), "--json")
    assert (code, json.loads(out)["revision"]) == (0, revision_of(store))
    listed = load_uploads(store, viewer=LOCAL_ADMINISTRATOR)
    assert listed[["upload_id", "status"]].values.tolist() == [[number, "published"]]


def test_command_rolls_back(command, store, tmp_path):
    start, before = revision_of(store), total_of(store)
    command("ingest", written(tmp_path, table(sheet_row(1))))
    assert total_of(store) == before + 2
    code, out, _ = command("rollback", start)
    assert code == 0
    assert str(revision_of(store)) in out
    assert total_of(store) == before
    assert command("rollback", 999)[0] == 1
