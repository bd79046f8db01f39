"""The warning before coarser records replace finer ones."""

from __future__ import annotations

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.export_incidents import export_incidents_csv
from conflictmap.filters import IncidentFilter
from conflictmap.ingest.losses import warnings_of
from conflictmap.store import Store, open_store
from conflictmap.views.facts import load_facts
from tests.synthetic import shipped_edition
from tests.test_profiles_ucdp import event
from tests.test_upload import copy_store, examined_with, published, sheet_row, table


@pytest.fixture
def store(store_url: str, tmp_path) -> Store:
    """A store of its own with two synthetic events of UCDP under the label "ucdp"."""
    opened = open_store(copy_store(store_url, tmp_path / "store.sqlite"))
    published(opened, ucdp_file(), source_id="ucdp", label="ucdp.csv")
    return opened


def ucdp_file() -> bytes:
    deaths = {"deaths_a": "2", "deaths_b": "3", "best": "5", "low": "5", "high": "5"}
    return table(event(id="1", **deaths), event(id="2", **deaths))


def exported(store: Store) -> bytes:
    facts = load_facts(store, shipped_edition(), viewer=LOCAL_ADMINISTRATOR)
    return export_incidents_csv(facts, IncidentFilter(sources=("ucdp",)))


def test_export_of_a_finer_source_under_its_own_label_is_warned_of(store):
    found = examined_with(store, exported(store), source_id="ucdp")
    assert found.report.bins["changed"] == 2
    assert warnings_of(found) == (
        "2 incidents of the source 'ucdp' came from a finer file, which says by which day each"
        " counts. This file says less and has the same label, so publishing it puts coarser records"
        " in their place. Lost would be: the day that each counts by, 4 figures of a victim group."
        " An incident of several days would then count only in a period that holds them all. To"
        " keep the finer records, give this file a label of its own, and leave out the rows that"
        " you did not change: nothing is replaced then. A row that may be an incident we have is"
        " asked about; one known only to its province or its month is not, and would count twice.",
    )


def test_export_under_another_label_replaces_nothing_and_is_not_warned_of(store):
    found = examined_with(store, exported(store), source_id="ucdp-mended")
    assert found.report.bins["changed"] == 0
    assert warnings_of(found) == ()


def test_the_same_release_or_the_next_is_not_warned_of(store):
    again = examined_with(store, ucdp_file(), source_id="ucdp")
    following = table(event(id="1", best="9", low="9", high="9", deaths_a="9", deaths_b="0"))
    newer = examined_with(store, following, source_id="ucdp")
    assert newer.report.bins["changed"] == 1
    assert warnings_of(again) == warnings_of(newer) == ()


def test_a_newsroom_that_replaces_its_own_template_is_not_warned(store):
    published(store, table(sheet_row(1)))
    found = examined_with(store, table(sheet_row(1, killed="3")))
    assert found.report.bins["changed"] == 1
    assert warnings_of(found) == ()


def test_one_incident_is_told_of_in_the_singular(store):
    rows = exported(store).decode("utf-8-sig").splitlines()
    kept = [row for row in rows if not row.startswith("2,")]
    (warning,) = warnings_of(examined_with(store, "\n".join(kept).encode(), source_id="ucdp"))
    assert warning.startswith("1 incident of the source 'ucdp' came from a finer file")
    assert "2 figures of a victim group" in warning
