"""What publishing would change, as it is shown before."""

from __future__ import annotations

import pandas as pd
import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.coded_tables import rows_as_text
from conflictmap.row_changes import RowChanges, compare_rows
from conflictmap.schema import TABLES
from conflictmap.store import load_tables, open_store, publish
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.upload_preview import (
    deployments_preview,
    facts_after,
    incidents_preview,
    rows_by_province,
    tables_after,
)
from tests.synthetic import shipped_edition
from tests.test_upload import copy_store


@pytest.fixture(scope="module")
def before(store_url: str) -> Facts:
    """What the shipped data tells."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def changed(before: Facts, table: str, cells: pd.DataFrame) -> tuple[RowChanges, Facts]:
    """Return what rows of text would change, and the facts after it."""
    found = compare_rows(table, cells, before.tables, before.edition, label="synthetic.csv")
    assert found.problems == ()
    tables = tables_after(before.tables, found.additions, found.withdrawals)
    return found, facts_after(before, tables)


def as_text(before: Facts, table: str) -> pd.DataFrame:
    return rows_as_text(TABLES[table], before.tables[table])


@pytest.mark.parametrize("table", ["units", "deployment_places", "incident_places", "coverage"])
def test_preview_is_what_the_store_holds_after_publishing(before, store_url, tmp_path, table):
    cells = as_text(before, table)
    column = "province_name" if "province_name" in cells else "name"
    cells.loc[cells.index[0], column] = "Herat"
    found, after = changed(before, table, cells)
    store = open_store(copy_store(store_url, tmp_path / "store.sqlite"))
    publish(
        store,
        found.additions,
        withdrawals=found.withdrawals,
        viewer=LOCAL_ADMINISTRATOR,
        note="synthetic",
    )
    for name, rows in load_tables(store, viewer=LOCAL_ADMINISTRATOR).items():
        key, columns = list(TABLES[name].key), TABLES[name].column_names
        pd.testing.assert_frame_equal(
            after.tables[name][columns].sort_values(key, ignore_index=True),
            rows[columns].sort_values(key, ignore_index=True),
        )


def test_incident_that_moves_changes_two_provinces_and_no_total(before):
    cells = as_text(before, "incident_places")
    row = cells.index[before.tables["incident_places"]["adm1_code"] == "AF-KAB"][0]
    names = ["place_name", "place_words", "district_name", "latitude", "longitude"]
    cells.loc[row, names] = ""
    cells.loc[row, "province_name"] = "Herat"
    _, after = changed(before, "incident_places", cells.loc[[row]])
    moved = incidents_preview(before, after).moved
    assert dict(zip(moved["Area"], moved["Change"], strict=True)) == {"Kabul": -1, "Herat": 1}


def test_changed_and_new_statements_are_drawn_and_no_others(before):
    cells = as_text(before, "deployments")
    first = cells.iloc[[0]].assign(title="Synthetic {{ 7*7 }}")
    fresh = cells.iloc[[0]].assign(deployment_id="synthetic", unit_id="", title="Synthetic 2")
    rows = pd.concat([first, fresh], ignore_index=True)
    found, after = changed(before, "deployments", rows)
    shown = deployments_preview(before, after, "deployments", found.additions["deployments"])
    assert shown.table[["What", "Becomes"]].to_numpy().tolist() == [
        ["Synthetic {{ 7*7 }}", "changed"],
        ["Synthetic 2", "new"],
    ]
    assert shown.table["#"].tolist() == [1, 2]
    assert shown.table["To or at before"].iloc[0] == "the same"
    assert {move.number for move in shown.view.moves} == {1}
    assert shown.view.not_drawn == (2,)
    assert shown.hidden == 0


def test_statement_that_goes_elsewhere_says_where_it_was(before):
    cells = as_text(before, "deployment_places")
    row = cells.index[cells["role"] == "destination"][0]
    names = ["place_name", "place_words", "district_name", "latitude", "longitude"]
    cells.loc[row, names] = ""
    cells.loc[row, "province_name"] = "Kunduz"
    found, after = changed(before, "deployment_places", cells.loc[[row]])
    rows = found.additions["deployment_places"]
    shown = deployments_preview(before, after, "deployment_places", rows).table
    assert "Kunduz" in shown["To or at"].iloc[0]
    assert "Kunduz" not in shown["To or at before"].iloc[0]
    assert shown["To or at before"].iloc[0] != "the same"


def test_statement_behind_a_later_one_on_its_unit_is_counted_as_hidden(before):
    cells = as_text(before, "deployments")
    row = cells.index[(cells["unit_id"] != "") & (cells["date_precision"] == "day")][0]
    early = {"deployment_id": "synthetic", "date_from": "2001-01-01", "date_to": "2001-01-01"}
    found, after = changed(before, "deployments", cells.loc[[row]].assign(**early))
    shown = deployments_preview(before, after, "deployments", found.additions["deployments"])
    assert (len(shown.table), shown.hidden) == (0, 1)


def test_unit_that_is_renamed_shows_its_statements(before):
    cells = as_text(before, "units")
    row = cells.index[cells["unit_id"].isin(before.tables["deployments"]["unit_id"])][0]
    cells.loc[row, "name"] = "Synthetic unit"
    found, after = changed(before, "units", cells.loc[[row]])
    shown = deployments_preview(before, after, "units", found.additions["units"])
    assert set(shown.table["Unit"]) == {"Synthetic unit"}
    assert set(shown.table["Becomes"]) == {"changed"}


def test_rows_are_counted_by_province(before):
    cells = as_text(before, "coverage")
    row = cells.index[before.tables["coverage"]["adm1_code"].isna()][0]
    cells.loc[row, ["province_name", "district_name"]] = ["Herat", ""]
    _, after = changed(before, "coverage", cells.loc[[row]])
    moved = rows_by_province(before, after, "coverage")
    assert dict(zip(moved["Area"], moved["Change"], strict=True)) == {
        "Not placed in a province": -1,
        "Herat": 1,
    }
    assert rows_by_province(before, before, "coverage").empty
