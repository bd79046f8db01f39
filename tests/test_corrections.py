"""Rows added, corrected and withdrawn by hand, one by one or as a table's own CSV."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import threading

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.coded_tables import parse_cell, rows_as_text
from conflictmap.corrections import (
    EDITED_TABLES,
    PARTS,
    add_row,
    add_rows,
    correct_row,
    withdraw_row,
)
from conflictmap.errors import AccessError, IncidentFileError, QueryError, StoreError
from conflictmap.row_rules import breaches
from conflictmap.schema import TABLES
from conflictmap.store import (
    latest_revision,
    load_revisions,
    load_table,
    load_tables,
    load_uploads,
    open_store,
    roll_back,
)
from conflictmap.table_uploads import (
    publish_table_upload,
    read_table_upload,
    rejected_rows_csv,
    table_csv,
    table_template,
)
from conflictmap.ui import long_work, session
from tests.browser import ROOT
from tests.synthetic import shipped_edition

ADMIN = LOCAL_ADMINISTRATOR
READER = Viewer("synthetic reader", "viewer")
BRIEFER = Viewer("synthetic briefer", "briefer")

SOURCE = "8am-2022-12"


@pytest.fixture
def url(store_url, tmp_path):
    """Address of a store of one's own that holds the shipped data."""
    path = tmp_path / "store.sqlite"
    shutil.copy(store_url.removeprefix("sqlite:///"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def store(url):
    """That store, open."""
    return open_store(url)


def rows(store, table, revision=None):
    return load_table(store, table, viewer=ADMIN, revision=revision)


def now(store):
    return latest_revision(store, viewer=ADMIN)


def first(store, table):
    """Return the key of the first row of a table, as text."""
    return tuple(rows_as_text(TABLES[table], rows(store, table))[list(TABLES[table].key)].iloc[0])


def correct(store, table, key, reason="synthetic", opened_at=None, viewer=ADMIN, **values):
    at = now(store) if opened_at is None else opened_at
    return correct_row(
        store, shipped_edition(), table, key, values, opened_at=at, reason=reason, viewer=viewer
    )


def add(store, table, reason="synthetic", viewer=ADMIN, **values):
    return add_row(store, shipped_edition(), table, values, reason=reason, viewer=viewer)


def withdraw(store, table, key, opened_at=None, viewer=ADMIN):
    at = now(store) if opened_at is None else opened_at
    return withdraw_row(store, table, key, opened_at=at, reason="synthetic", viewer=viewer)


def new_incident(store, incident_id="synthetic-1"):
    add(
        store,
        "incidents",
        incident_id=incident_id,
        title="synthetic",
        date_precision="unknown",
        date_basis="none",
        event_type="bombing",
    )
    return incident_id


def figure(incident, group, best="3", **more):
    """Return the cells of a counted casualty row with an exact figure."""
    figures = {"low": best, "best": best, "high": best, "qualifier": "exactly"}
    return {
        "casualty_id": f"{incident}-{group}",
        "incident_id": incident,
        "victim_group": group,
        "harm": "killed",
        "is_subset": "no",
        "is_counted": "yes",
        "source_id": SOURCE,
        **figures,
        **more,
    }


def place_of(incident, place_no="1", **more):
    row = {"incident_id": incident, "place_no": place_no, "country": "Afghanistan"}
    return row | {"source_id": SOURCE} | more


# --- a row corrected


def test_a_correction_is_one_revision_whose_note_is_the_reason(store):
    key, before = first(store, "incidents"), now(store)
    revision = correct(store, "incidents", key, reason="The day was misread.", title="Another")
    newest = load_revisions(store, viewer=ADMIN).iloc[0]
    assert (revision, newest["revision"], newest["note"]) == (
        before + 1,
        before + 1,
        "The day was misread.",
    )
    assert rows(store, "incidents").iloc[0]["title"] == "Another"
    assert rows(store, "incidents", before).iloc[0]["title"] != "Another"


def test_a_correction_can_be_rolled_back(store):
    before = now(store)
    title = rows(store, "incidents").iloc[0]["title"]
    correct(store, "incidents", first(store, "incidents"), title="Another")
    roll_back(store, before, viewer=ADMIN)
    assert rows(store, "incidents").iloc[0]["title"] == title


def test_a_correction_leaves_all_other_rows_as_they_were(store):
    before = load_tables(store, viewer=ADMIN)
    correct(store, "casualties", first(store, "casualties"), coder_note="synthetic")
    after = load_tables(store, viewer=ADMIN)
    for name in TABLES:
        changed = 1 if name == "casualties" else 0
        assert (after[name]["added_in"] == now(store)).sum() == changed, name
        assert len(after[name]) == len(before[name])


@pytest.mark.parametrize("table", EDITED_TABLES)
def test_a_row_saved_as_it_is_changes_nothing(store, table):
    row = rows_as_text(TABLES[table], rows(store, table)).iloc[0].to_dict()
    with pytest.raises(QueryError) as refused:
        correct(store, table, first(store, table), **row)
    assert str(refused.value) == "Nothing would change: every value is the one that is held."


def test_a_correction_needs_a_reason(store):
    with pytest.raises(QueryError, match="Give the reason of the change"):
        correct(store, "incidents", first(store, "incidents"), reason=" \n", title="Another")


def test_a_key_cannot_be_changed(store):
    (key,) = first(store, "incidents")
    with pytest.raises(QueryError, match="cannot be changed"):
        correct(store, "incidents", [key], incident_id="another")


def test_computed_columns_cannot_be_filled_in(store):
    with pytest.raises(QueryError) as refused:
        correct(store, "incident_places", first(store, "incident_places"), adm2_code="AF-KAB-01")
    assert str(refused.value) == "incident_places has no column to fill in: adm2_code."


def test_a_row_that_changed_after_it_was_opened_is_not_overwritten(store):
    key, opened_at = first(store, "incidents"), now(store)
    correct(store, "incidents", key, title="first")
    with pytest.raises(QueryError) as refused:
        correct(store, "incidents", key, title="second", opened_at=opened_at)
    assert str(refused.value) == (
        f"incidents: revision {opened_at + 1} changed this row after you opened it at revision"
        f" {opened_at}. Nothing was written: look at it as it is now, then decide again."
    )
    assert rows(store, "incidents").iloc[0]["title"] == "first"


def test_a_change_of_another_row_does_not_stand_in_the_way(store):
    key, opened_at = first(store, "incidents"), now(store)
    correct(store, "units", first(store, "units"), name="synthetic")
    assert correct(store, "incidents", key, title="second", opened_at=opened_at) == opened_at + 2


def test_a_row_that_was_withdrawn_meanwhile_is_not_there_to_correct(store):
    key, opened_at = first(store, "claims"), now(store)
    withdraw(store, "claims", key)
    with pytest.raises(QueryError, match="Was it withdrawn meanwhile"):
        correct(store, "claims", key, text="second", opened_at=opened_at)


# --- what is wrong, told at once


def test_every_problem_of_a_row_is_told_at_once(store):
    before = now(store)
    with pytest.raises(IncidentFileError) as refused:
        add(store, "casualties", casualty_id="a b", incident_id="no-such", harm="hurt", low="1_0")
    assert str(refused.value).splitlines() == [
        "casualties, victim_group: is empty. Every row needs it.",
        "casualties, harm: 'hurt' is not one of the allowed values. Write one of: killed, wounded,"
        " abducted.",
        "casualties, low: '1_0' is no integer. Write digits only.",
        "casualties, is_subset: is empty. Every row needs it.",
        "casualties, is_counted: is empty. Every row needs it.",
        "casualties, source_id: is empty. Every row needs it.",
        "casualties, casualty_id: the label holds more than letters, digits and hyphens. Write one"
        " such as kbl-2022-09-30.",
        "casualties, incident_id: there is no such row in incidents. Add it there first, or mend"
        " it.",
    ]
    assert now(store) == before


@pytest.mark.parametrize(
    ("table", "column", "cell", "what"),
    [
        ("incidents", "date_from", "20260228", "is not a calendar date"),
        ("incidents", "date_from", "2026-02-30", "is not a calendar date"),
        ("incidents", "date_from", "2026-W09-6", "is not a calendar date"),
        ("casualties", "best", "٣", "is no integer"),
        ("casualties", "best", " 3", "is no integer"),
        ("casualties", "best", "3.0", "is no integer"),
        ("casualties", "best", "9" * 300, "is no integer"),
        ("incident_places", "latitude", "nan", "is no number"),
        ("incident_places", "latitude", "inf", "is no number"),
        ("incident_places", "latitude", "34,5", "is no number"),
        ("incident_places", "latitude", "91", "is no latitude"),
        ("casualties", "is_subset", "True", "is neither yes nor no"),
        ("incidents", "title", "a\x00b", "holds a NUL character"),
        ("incidents", "title", "x" * 10_001, "has 10,001 characters; 10,000 are allowed"),
    ],
)
def test_a_cell_is_read_strictly(table, column, cell, what):
    columns = {column.name: column for column in TABLES[table].columns}
    with pytest.raises(ValueError, match=what) as refused:
        parse_cell(columns[column], cell)
    assert len(refused.value.args[0]) < 120


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"date_from": "2022-10-02", "date_to": "2022-10-01", "date_precision": "days"}, "date_to"),
        ({"date_from": "", "date_to": "", "date_precision": "day"}, "date_precision"),
        (
            {"date_from": "2022-10-02", "date_to": "2022-10-03", "date_precision": "day"},
            "date_precision",
        ),
    ],
)
def test_dates_that_contradict_each_other_are_refused(store, values, column):
    with pytest.raises(IncidentFileError, match=f"^incidents, {column}: "):
        correct(store, "incidents", first(store, "incidents"), **values)


@pytest.mark.parametrize("table", EDITED_TABLES)
def test_the_shipped_rows_break_no_rule(store, table):
    assert list(breaches(table, rows(store, table))) == []


# --- casualties


def test_two_counted_figures_of_one_group_and_harm_are_refused(store):
    incident = new_incident(store)
    add(store, "casualties", **figure(incident, "civilians"))
    with pytest.raises(IncidentFileError) as refused:
        add(store, "casualties", **figure(incident, "civilians", casualty_id="synthetic-2"))
    assert str(refused.value) == (
        "casualties, is_counted: another row of this incident, victim group and harm is counted"
        " already. Write no here, or first there."
    )
    add(store, "casualties", **figure(incident, "civilians", casualty_id="b", is_counted="no"))


@pytest.mark.parametrize(("held", "added"), [("all", "civilians"), ("civilians", "all")])
def test_all_stands_only_where_there_are_no_parts(store, held, added):
    incident = new_incident(store)
    add(store, "casualties", **figure(incident, held))
    with pytest.raises(IncidentFileError, match="'all' stands beside parts"):
        add(store, "casualties", **figure(incident, added))


def test_a_subset_is_never_counted(store):
    incident = new_incident(store)
    with pytest.raises(IncidentFileError, match="a subset is never counted"):
        add(store, "casualties", **figure(incident, "civilians", is_subset="yes"))


def test_a_figure_agrees_with_its_qualifier(store):
    incident = new_incident(store)
    with pytest.raises(IncidentFileError, match="the figures do not agree with 'exactly'"):
        add(store, "casualties", **figure(incident, "civilians", high="9"))


# --- places


def test_a_corrected_place_is_placed_again(store):
    key = first(store, "incident_places")
    stated = {"place_name": "", "place_relation": "", "district_name": ""}
    correct(store, "incident_places", key, province_name="Balkh", **stated)
    row = rows(store, "incident_places").iloc[0]
    assert (row["adm1_code"], row["geo_precision"], row["boundary_edition"]) == (
        "AF-BAL",
        "adm1",
        "afg-2014",
    )


def test_candidates_follow_the_place_that_they_belong_to(store):
    held = rows(store, "place_candidates")
    held = held[held["subject_table"] == "deployment_places"].iloc[0]
    key, before = [held["subject_id"], str(held["place_no"])], now(store)

    def candidates():
        found = rows(store, "place_candidates")
        of = (found["subject_id"] == key[0]) & (found["place_no"] == int(key[1]))
        return found.loc[of, "unit_code"].tolist()

    several = candidates()
    correct(store, "deployment_places", key, place_words="synthetic")
    assert candidates() == several
    nothing = {"place_name": "", "place_relation": "", "district_name": ""}
    correct(store, "deployment_places", key, province_name="Balkh", **nothing)
    assert candidates() == []
    roll_back(store, before, viewer=ADMIN)
    assert candidates() == several


def test_a_confirmed_place_stays_where_it_is_while_its_words_stay(store, url):
    incident, number = first(store, "incident_places")
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute(
            "update incident_places set join_method = 'confirmed', adm2_code = 'AF-KAB-01'"
            " where incident_id = ?",
            [incident],
        )
    correct(store, "incident_places", [incident, number], original_precision="synthetic")
    row = rows(store, "incident_places").iloc[0]
    assert (row["join_method"], row["adm2_code"]) == ("confirmed", "AF-KAB-01")


def test_a_new_incident_comes_with_its_place_and_its_statement_in_one_revision(store):
    before = now(store)
    row = {
        "incident_id": "synthetic-1",
        "title": "synthetic",
        "date_precision": "unknown",
        "date_basis": "none",
        "event_type": "bombing",
    }
    told = {"incident_id": "synthetic-1", "source_id": SOURCE, "statement_no": "1"}
    parts = {
        "incidents": [row],
        "incident_places": [place_of("synthetic-1", province_name="Kabul")],
        "incident_sources": [told | {"statement": "synthetic"}],
    }
    revision = add_rows(store, shipped_edition(), parts, reason="synthetic", viewer=ADMIN)
    assert revision == before + 1
    for name in parts:
        added = rows(store, name)
        assert added.loc[added["added_in"] == revision, "incident_id"].tolist() == ["synthetic-1"]


def test_a_problem_in_one_table_leaves_all_tables_as_they_were(store):
    before = now(store)
    row = {"incident_id": "synthetic-1", "title": "synthetic", "event_type": "bombing"}
    row |= {"date_precision": "unknown", "date_basis": "none"}
    parts = {"incidents": [row], "incident_places": [place_of("synthetic-1", latitude="x")]}
    with pytest.raises(IncidentFileError, match="'x' is no number"):
        add_rows(store, shipped_edition(), parts, reason="synthetic", viewer=ADMIN)
    assert now(store) == before
    assert "synthetic-1" not in set(rows(store, "incidents")["incident_id"])


# --- rows added and withdrawn


def test_a_row_with_the_key_of_another_is_not_added(store):
    row = rows_as_text(TABLES["units"], rows(store, "units")).iloc[0].to_dict()
    with pytest.raises(QueryError, match="there is a row with this key"):
        add(store, "units", **row | {"name": "synthetic"})


@pytest.mark.parametrize("table", ["incidents", "deployments", "claims", "tallies"])
def test_what_hangs_on_a_withdrawn_row_goes_with_it(store, table):
    (key,) = first(store, table)
    before = load_tables(store, viewer=ADMIN)
    withdraw(store, table, [key])
    after, column = load_tables(store, viewer=ADMIN), TABLES[table].key[0]
    for name in (table, *PARTS[table]):
        gone = before[name][before[name][column] == key]
        assert key not in set(after[name][column])
        assert len(after[name]) == len(before[name]) - len(gone)
    found = after["place_candidates"]
    assert found[found["subject_table"].isin(PARTS[table]) & (found["subject_id"] == key)].empty


def test_an_actor_that_rows_refer_to_is_not_withdrawn(store):
    before = now(store)
    with pytest.raises(QueryError) as refused:
        withdraw(store, "actors", ["iskp"])
    assert str(refused.value) == (
        "actors: iskp cannot be withdrawn, rows refer to it: 12 of attributions, 50 of"
        " claim_actors, 11 of tallies, 2 of coverage. Mend or withdraw those first."
    )
    assert now(store) == before


def test_an_actor_that_nothing_refers_to_goes_with_its_names(store):
    add(
        store,
        "actors",
        actor_id="synthetic",
        name="synthetic",
        affiliation="other",
        status="unconfirmed",
        source_id=SOURCE,
    )
    add(store, "actor_names", actor_id="synthetic", alias="=synthetic", source_id=SOURCE)
    withdraw(store, "actors", ["synthetic"])
    assert "synthetic" not in set(rows(store, "actor_names")["actor_id"])


def test_an_incident_that_got_a_figure_meanwhile_is_not_withdrawn(store):
    incident = new_incident(store)
    opened_at = now(store)
    add(store, "casualties", **figure(incident, "civilians"))
    with pytest.raises(QueryError, match="casualties: revision"):
        withdraw(store, "incidents", [incident], opened_at=opened_at)


@pytest.mark.parametrize("viewer", [READER, BRIEFER])
def test_only_those_who_publish_may_change_rows(store, viewer):
    key, before = first(store, "incidents"), now(store)
    with pytest.raises(AccessError):
        correct(store, "incidents", key, viewer=viewer, title="x")
    with pytest.raises(AccessError):
        withdraw(store, "incidents", key, viewer=viewer)
    with pytest.raises(AccessError):
        add(store, "units", viewer=viewer)
    assert now(store) == before


def test_a_store_that_fails_in_the_middle_is_left_as_it_was(store, url):
    incident, before = first(store, "incidents"), now(store)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute(
            "create trigger synthetic before update on casualties"
            " begin select raise(abort, 'synthetic'); end"
        )
    withheld = load_tables(store, viewer=ADMIN)
    with pytest.raises(StoreError):
        withdraw(store, "incidents", rows(store, "casualties")["incident_id"].iloc[:1].tolist())
    assert now(store) == before
    assert incident[0] in set(rows(store, "incidents")["incident_id"])
    for name, held in load_tables(store, viewer=ADMIN).items():
        pd.testing.assert_frame_equal(held, withheld[name])


# --- a table as CSV


def read(store, table, content, viewer=ADMIN):
    return read_table_upload(
        store, shipped_edition(), table, content, label=f"{table}.csv", viewer=viewer
    )


def as_csv(table, cells):
    """Return cells, a dictionary a row, as a table's CSV."""
    file = io.StringIO()
    writer = csv.DictWriter(file, TABLES[table].stated_columns)
    writer.writeheader()
    writer.writerows(cells)
    return file.getvalue().encode()


@pytest.mark.parametrize("table", EDITED_TABLES)
def test_a_template_is_the_header_of_its_table(table):
    assert table_template(table).decode("utf-8-sig") == (
        ",".join(TABLES[table].stated_columns) + "\r\n"
    )


@pytest.mark.parametrize("table", EDITED_TABLES)
def test_a_table_written_and_read_again_changes_nothing(store, table):
    held = rows(store, table)
    upload = read(store, table, table_csv(table, held))
    assert (upload.bins, upload.absent) == ({"unchanged": len(held)}, 0)
    with pytest.raises(QueryError, match="Nothing would change"):
        publish_table_upload(store, upload, reason="synthetic", viewer=ADMIN)


def test_each_row_of_a_file_is_in_one_bin(store):
    cells = rows_as_text(TABLES["units"], rows(store, "units")).to_dict("records")
    source = {"actor_id": "taliban", "source_id": SOURCE, "echelon": "other", "name": "synthetic"}
    cells = [
        cells[0],
        cells[1] | {"name": "=synthetic"},
        source | {"unit_id": "synthetic-1", "parent_unit_id": "synthetic-2"},
        source | {"unit_id": "synthetic-2"},
        source | {"unit_id": "synthetic-3", "parent_unit_id": "synthetic-4"},
        source | {"unit_id": "synthetic-4", "echelon": "horde"},
        source | {"unit_id": "synthetic-2"},
        {},
    ]
    upload = read(store, "units", as_csv("units", cells))
    assert dict(zip(upload.outcomes["row"], upload.outcomes["bin"], strict=True)) == {
        2: "unchanged",
        3: "changed",
        4: "new",
        5: "new",
        6: "rejected",
        7: "rejected",
        8: "rejected",
        9: "skipped",
    }
    assert sum(upload.bins.values()) == len(cells)
    before = now(store)
    revision = publish_table_upload(store, upload, reason="Units of the year", viewer=ADMIN)
    assert revision == before + 1
    units = rows(store, "units")
    assert (units["added_in"] == revision).sum() == 3
    assert "=synthetic" in set(units["name"])
    assert load_revisions(store, viewer=ADMIN)["note"].iloc[0] == "Units of the year"
    assert load_uploads(store, viewer=ADMIN).iloc[0][["status", "revision"]].tolist() == [
        "published",
        revision,
    ]


def test_rows_to_mend_can_be_mended_and_uploaded_again(store):
    cells = rows_as_text(TABLES["units"], rows(store, "units")).iloc[0].to_dict()
    upload = read(store, "units", as_csv("units", [cells | {"echelon": "horde", "name": "-x"}]))
    mended = rejected_rows_csv(upload).decode("utf-8-sig")
    assert mended.splitlines()[1].startswith(
        "\"echelon: 'horde' is not one of the allowed values. Write one of: company,"
    )
    head, _, row = mended.partition("\r\n")
    again = read(store, "units", f"{head}\r\n{row.replace(',horde,', ',other,')}".encode())
    assert again.bins == {"changed": 1}
    assert again.changes.fields["after"].tolist()[0] == "-x"


def test_a_rejected_row_does_not_let_another_count_twice(store):
    incident = new_incident(store)
    add(store, "casualties", **figure(incident, "civilians"))
    # The held row would no longer be counted, but its row is wrong: so the new one is too.
    cells = [
        figure(incident, "civilians", is_counted="no", high="9"),
        figure(incident, "civilians", casualty_id="synthetic-2"),
    ]
    assert read(store, "casualties", as_csv("casualties", cells)).bins == {"rejected": 2}
    cells[0] = figure(incident, "civilians", is_counted="no")
    assert read(store, "casualties", as_csv("casualties", cells)).bins == {"changed": 1, "new": 1}


def test_a_file_that_was_compared_with_an_older_revision_is_not_published(store):
    cells = rows_as_text(TABLES["units"], rows(store, "units")).iloc[0].to_dict()
    upload = read(store, "units", as_csv("units", [cells | {"name": "synthetic"}]))
    correct(store, "claims", first(store, "claims"), text="synthetic")
    with pytest.raises(QueryError, match="The store changed after the file was compared"):
        publish_table_upload(store, upload, reason="synthetic", viewer=ADMIN)


def test_a_file_of_another_table_is_refused_with_the_columns_it_needs(store):
    with pytest.raises(IncidentFileError) as refused:
        read(store, "claim_actors", table_template("units"))
    assert str(refused.value) == (
        "claim_actors.csv: the columns are not those of claim_actors. Use its template:"
        " claim_id,actor_id."
    )


# --- the page


@pytest.fixture
def page(url, monkeypatch):
    """The page of corrections on a store of one's own."""
    monkeypatch.setenv("CONFLICTMAP_STORE", url)
    monkeypatch.setattr(long_work, "PATIENCE_S", 60)
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "pages" / "corrections.py"), default_timeout=60).run()
    st.cache_resource.clear()


def field(app, label, place=0):
    kinds = (app.text_input, app.text_area, app.selectbox, app.radio)
    return [widget for kind in kinds for widget in kind if widget.label == label][place]


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def texts(app):
    return [element.value for element in app.text]


def test_a_row_is_corrected_by_form(page, store):
    key = first(store, "incidents")
    before = now(store)
    field(page, "Title *").input("Another {{ 7 * 7 }} <b>title</b>")
    field(page, "Reason *").input("Misread")
    press(page, "Save")
    assert not page.exception
    assert f"Corrected as revision {before + 1}." in texts(page)
    assert rows(store, "incidents").iloc[0]["title"] == "Another {{ 7 * 7 }} <b>title</b>"
    assert key == first(store, "incidents")
    assert not any("title</b>" in element.value for element in [*page.markdown, *page.caption])


def test_problems_of_a_form_are_shown_as_text_and_nothing_is_written(page, store):
    before = now(store)
    field(page, "Date from").input("31/02/2026")
    field(page, "Title *").input("")
    field(page, "Reason *").input("Misread")
    press(page, "Save")
    assert [error.value for error in page.error] == ["Nothing was changed."]
    shown = next(text for text in texts(page) if text.startswith("incidents, "))
    assert "incidents, title: is empty. Every row needs it." in shown
    assert "'31/02/2026' is not a calendar date" in shown
    assert field(page, "Date from").value == "31/02/2026"
    assert now(store) == before


def test_a_form_that_was_opened_before_another_change_is_refused(page, store):
    correct(store, "incidents", first(store, "incidents"), title="meanwhile")
    field(page, "Title *").input("Another")
    field(page, "Reason *").input("Misread")
    press(page, "Save")
    assert any("changed this row after you opened it" in text for text in texts(page))
    assert field(page, "Title *").value == "meanwhile"


def test_an_incident_is_withdrawn_by_form(page, store):
    (key,) = first(store, "incidents")
    field(page, "Reason *").input("Told twice")
    press(page, "Withdraw")
    assert f"Withdrawn as revision {now(store)}." in texts(page)
    assert key not in set(rows(store, "incident_places")["incident_id"])


def test_an_incident_is_added_by_form_with_its_place_and_statement(page, store):
    field(page, "What to do").set_value("Add a row").run()
    field(page, "Incident id *").input("synthetic-1")
    field(page, "Title *").input("synthetic")
    field(page, "Date precision *").select("unknown")
    field(page, "Date basis *").select("none")
    field(page, "Event type *").select("bombing")
    field(page, "Province name").input("Kabul")
    for place in (0, 1):
        field(page, "Source id *", place).select(SOURCE)
    field(page, "Statement *").input("synthetic")
    field(page, "Reason *").input("New report")
    press(page, "Add")
    assert f"Added as revision {now(store)}." in texts(page)
    assert field(page, "Title *").value == ""
    places = rows(store, "incident_places").set_index("incident_id")
    assert places.loc["synthetic-1", "adm1_code"] == "AF-KAB"


@pytest.mark.parametrize("way", ["Correct or withdraw a row", "Add a row", "A table as CSV"])
def test_every_table_has_its_forms(page, way):
    field(page, "What to do").set_value(way)
    for table in EDITED_TABLES:
        field(page, "Table").select(table).run()
        assert not page.exception, table
        assert not page.error, table


def test_a_table_is_uploaded_on_the_page(page, store):
    units = rows(store, "units")
    units.loc[0, "name"] = "<b>{{ 7 * 7 }}</b>"
    field(page, "What to do").set_value("A table as CSV")
    field(page, "Table").select("units").run()
    page.file_uploader[0].set_value(("units.csv", table_csv("units", units), "text/csv")).run()
    shown = page.dataframe[0].value.set_index("What becomes of the rows")["Rows"]
    assert shown.to_dict() == {
        "unchanged: already in the store": len(units) - 1,
        "changed: will replace what is there": 1,
        "all rows of the file": len(units),
    }
    field(page, "Reason *").input("Units of the year")
    press(page, "Publish 1 row as one revision")
    assert f"Published 1 row as revision {now(store)}." in texts(page)
    assert rows(store, "units").loc[0, "name"] == "<b>{{ 7 * 7 }}</b>"


@pytest.mark.parametrize(
    ("table", "column", "shows"),
    [
        ("deployments", "title", "Becomes"),
        ("deployment_places", "province_name", "Becomes"),
        ("incident_places", "province_name", "Change"),
        ("coverage", "province_name", "Change"),
        ("claims", "text", "After"),
    ],
)
def test_a_table_shows_what_it_would_change_before_it_is_published(
    page, store, table, column, shows
):
    held = rows(store, table)
    held.loc[0, column] = "Herat {{ 7 * 7 }}" if column != "province_name" else "Kunduz"
    fresh = held.iloc[[0]].assign(**{TABLES[table].key[0]: held[TABLES[table].key[0]].iloc[-1]})
    if len(TABLES[table].key) > 1:
        fresh = fresh.assign(**{TABLES[table].key[1]: 99})
        held = pd.concat([held, fresh], ignore_index=True)
    field(page, "What to do").set_value("A table as CSV")
    field(page, "Table").select(table).run()
    page.file_uploader[0].set_value((f"{table}.csv", table_csv(table, held), "text/csv")).run()
    assert not page.exception
    assert not page.error
    columns = [column for shown in page.dataframe for column in shown.value.columns]
    assert shows in columns
    assert ("Rows that are new: 1" in texts(page)) == (len(TABLES[table].key) > 1)
    marked = [*page.markdown, *page.caption, *page.info, *page.warning]
    assert not any("7 * 7" in element.value for element in marked)


def test_the_page_is_refused_to_those_who_may_only_read(url, monkeypatch):
    monkeypatch.setenv("CONFLICTMAP_STORE", url)
    monkeypatch.setattr(session, "current_viewer", lambda: READER)
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "pages" / "corrections.py"), default_timeout=60).run()
    assert len(app.exception) == 1
    assert not [*app.text, *app.selectbox, *app.text_input, *app.button]
    st.cache_resource.clear()


def test_of_two_who_save_the_same_row_at_once_one_is_refused(store, url):
    key, opened_at, said = first(store, "incidents"), now(store), []

    def save(title):
        try:
            said.append(
                correct(open_store(url), "incidents", key, title=title, opened_at=opened_at)
            )
        except QueryError:
            said.append(0)

    threads = [threading.Thread(target=save, args=(f"title {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [0, 0, 0, opened_at + 1]
