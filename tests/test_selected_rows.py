"""Rows of some incidents, and columns of all in lots: the same cells as reading everything."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest
import sqlalchemy as sa
from pandas.testing import assert_frame_equal

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import AccessError, QueryError
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.store import (
    Store,
    count_incidents,
    incidents_changed,
    lift,
    load_restrictions,
    load_rows_of,
    load_tables,
    open_store,
    publish,
    restrict,
    roll_back,
    stream_rows,
)
from conflictmap.store.protection import OF_PLACES
from conflictmap.store.reading import reading
from conflictmap.store.row_stream import _Range
from conflictmap.store.tables import INCIDENT_COLUMNS, LAST_TEXT
from tests.planted import VIEWER, planted_store

ADMIN = LOCAL_ADMINISTRATOR
NOBODY = Viewer("synthetic", "none")  # type: ignore[arg-type]
ALL_COLUMNS = {name: TABLES[name].column_names for name in INCIDENT_COLUMNS}
OF_FIGURES = {
    "incidents": ["date_from", "date_to", "event_type"],
    "incident_places": ["adm2_code", "geo_precision", "point_latitude", "precision_km"],
    "casualties": ["harm", "low", "is_counted"],
    "place_candidates": ["unit_code"],
}

Tables = dict[str, pd.DataFrame]


@pytest.fixture
def store(empty_store_url: str) -> Store:
    """An empty store, on each of the two engines."""
    return open_store(empty_store_url)


@pytest.fixture(params=["sqlite", "postgresql"])
def planted(request: pytest.FixtureRequest, tmp_path) -> Store:
    """A synthetic store with rows in every table, coordinates in words, and restrictions."""
    if request.param == "postgresql":
        return planted_store(request.getfixturevalue("postgresql_url")).store
    return planted_store(f"sqlite:///{tmp_path / 'store.sqlite'}").store


@pytest.fixture
def unrestricted(planted: Store) -> Store:
    """The same, with all restrictions lifted; one place of it may be in two districts."""
    for number in load_restrictions(planted, viewer=ADMIN)["restriction_id"]:
        lift(planted, int(number), viewer=ADMIN)
    places = load_tables(planted, ["incident_places"], viewer=ADMIN)["incident_places"]
    first, last = places["incident_id"].iloc[[0, -1]]
    rows = [
        candidate(first, "AF-BAL-03"),
        candidate(first, "AF-BAL-04"),
        candidate(last, "AF-BAL-03"),
        candidate(first, "AF-BAL-05", table="actor_areas"),
        candidate(first, "AF-BAL-06", table="tally_areas"),
    ]
    publish(planted, table("place_candidates", *rows), viewer=ADMIN, note="synthetic")
    return planted


def candidate(incident: str, code: str, *, table: str = "incident_places") -> dict[str, object]:
    return {"subject_table": table, "subject_id": incident, "place_no": 1, "unit_code": code}


def table(name: str, *rows: dict[str, object]) -> Tables:
    """Return rows of one table, as they are published."""
    return {name: typed_table(TABLES[name], rows)}


def incidents(*ids: str, **more: object) -> Tables:
    """Return synthetic incidents."""
    return table("incidents", *({"incident_id": id, "title": "synthetic"} | more for id in ids))


def casualties(*ids: str, **more: object) -> Tables:
    """Return a synthetic figure for each of some incidents."""
    return table(
        "casualties", *({"casualty_id": f"c-{id}", "incident_id": id} | more for id in ids)
    )


def latest(store: Store) -> int:
    with reading(store) as connection:
        return connection.scalar(sa.text("SELECT max(revision) FROM revisions")) or 0


def of_incidents(tables: Tables, ids: set[str]) -> Tables:
    """Return tables of a whole revision with only the rows of some incidents."""
    result = dict(tables)
    for name, column in INCIDENT_COLUMNS.items():
        rows = tables[name]
        kept = rows[column].isin(ids)
        if name == "place_candidates":
            kept |= rows["subject_table"] != "incident_places"
        result[name] = rows[kept].reset_index(drop=True)
    return result


def assert_same(found: Tables, expected: Tables) -> None:
    assert list(found) == list(expected)
    for name, rows in expected.items():
        assert_frame_equal(found[name], rows, obj=name)


def streamed(store: Store, columns: dict[str, list[str]], **more: object) -> Tables:
    """Return all lots of a stream together."""
    lots = list(stream_rows(store, columns, **{"viewer": ADMIN, "revision": latest(store)} | more))
    return {name: pd.concat([lot[name] for lot in lots], ignore_index=True) for name in columns}


def assert_stream_is_as_read_at_once(
    store: Store, columns: dict[str, list[str]], viewer: Viewer, *, at_once: int
) -> None:
    found = streamed(store, columns, viewer=viewer, incidents_at_once=at_once)
    read = load_tables(store, viewer=viewer)
    for name, chosen in columns.items():
        column = INCIDENT_COLUMNS[name]
        rows = read[name]
        rows = rows[rows[column].isin(read["incidents"]["incident_id"])]
        if name == "place_candidates":
            rows = rows[rows["subject_table"] == "incident_places"]
        rows = rows.sort_values([column, *TABLES[name].key], ignore_index=True)
        wanted = {*chosen, column}
        kept = [name for name in TABLES[name].column_names if name in wanted]
        assert_frame_equal(found[name], rows[kept], obj=name)


# --- the rows of some incidents


@pytest.mark.parametrize("viewer", [ADMIN, VIEWER], ids=["full", "coarse"])
def test_rows_of_some_incidents_are_those_of_everything_that_was_read(unrestricted, viewer):
    for revision in (1, latest(unrestricted)):
        everything = load_tables(unrestricted, viewer=viewer, revision=revision)
        ids = everything["incidents"]["incident_id"].tolist()
        for some in ([], ids[:1], ids[::3], [*ids, ids[0], "of-no-incident"]):
            found = load_rows_of(unrestricted, some, viewer=viewer, revision=revision)
            assert_same(found, of_incidents(everything, set(some)))


def test_rows_of_some_incidents_are_as_withheld_as_all_of_them(planted):
    everything = load_tables(planted, viewer=VIEWER)
    ids = load_tables(planted, viewer=ADMIN)["incidents"]["incident_id"].tolist()
    assert len(everything["incidents"]) < len(ids)
    found = load_rows_of(planted, ids[:7], viewer=VIEWER, revision=latest(planted))
    assert_same(found, of_incidents(everything, set(ids[:7])))


def test_exact_places_of_some_incidents_are_withheld_where_nothing_is_restricted(unrestricted):
    ids = ["SYNTHETIC-civilian"]
    found = load_rows_of(unrestricted, ids, viewer=VIEWER, revision=latest(unrestricted))
    places = found["incident_places"]
    assert places["latitude"].isna().tolist() == [True]
    assert "37." not in " ".join(str(cell) for cell in found["incidents"].to_numpy().ravel())


def test_fifty_thousand_incidents_are_asked_for_at_once(store):
    ids = [f"synthetic-{number:05}" for number in range(50_000)]
    held = [ids[0], ids[25_000], ids[-1]]
    publish(store, incidents(*held) | casualties(*held), viewer=ADMIN, note="synthetic")
    found = load_rows_of(store, ids, viewer=ADMIN, revision=1)
    assert found["incidents"]["incident_id"].tolist() == held
    assert found["casualties"]["incident_id"].tolist() == held


def test_rows_asked_for_in_lots_are_ordered_by_key_all_the_same(store):
    ids = [f"synthetic-{number:04}" for number in range(1_200)]
    rows = [{"casualty_id": f"c-{-n % 1_200:04}", "incident_id": id} for n, id in enumerate(ids)]
    added = incidents(*ids) | table("casualties", *rows)
    publish(store, added, viewer=ADMIN, note="synthetic")
    found = load_rows_of(store, ids, viewer=ADMIN, revision=1)
    assert_same(found, load_tables(store, viewer=ADMIN))


def test_a_withdrawn_row_is_found_at_the_revision_that_held_it(store):
    publish(store, incidents("a", "b"), viewer=ADMIN, note="synthetic")
    gone = incidents("a")
    publish(store, {}, withdrawals=gone, viewer=ADMIN, note="synthetic")
    for revision, expected in ((0, []), (1, ["a"]), (2, [])):
        found = load_rows_of(store, ["a"], viewer=ADMIN, revision=revision)
        assert found["incidents"]["incident_id"].tolist() == expected
        assert found["incidents"]["added_in"].dtype == "int64"


# --- how many, and which changed


def test_incidents_are_counted_at_a_revision(store):
    publish(store, incidents("a", "b"), viewer=ADMIN, note="synthetic")
    publish(store, incidents("c"), withdrawals=incidents("a", "b"), viewer=ADMIN, note="synthetic")
    counts = [count_incidents(store, viewer=VIEWER, revision=at) for at in range(3)]
    assert counts == [0, 2, 1]


def test_incidents_that_are_restricted_are_not_counted_for_those_of_coarse_sight(planted):
    at = latest(planted)
    given = len(load_tables(planted, viewer=VIEWER)["incidents"])
    assert count_incidents(planted, viewer=VIEWER, revision=at) == given
    assert count_incidents(planted, viewer=ADMIN, revision=at) > given


def test_incidents_whose_rows_came_or_went_have_changed(store):
    publish(store, incidents("b", "a", "untouched"), viewer=ADMIN, note="synthetic")
    publish(store, casualties("b", "a"), viewer=ADMIN, note="synthetic")
    publish(store, {}, withdrawals=casualties("a"), viewer=ADMIN, note="synthetic")
    added = table(
        "place_candidates",
        candidate("untouched", "AF-BAL-03", table="deployment_places"),
        candidate("é", "AF-BAL-03"),
    )
    publish(store, added, viewer=ADMIN, note="synthetic")
    roll_back(store, 1, viewer=ADMIN)

    def changed(after: int, to: int) -> list[str]:
        return incidents_changed(store, after, to, viewer=ADMIN)

    assert changed(0, 1) == ["a", "b", "untouched"]
    assert changed(1, 2) == ["a", "b"]
    assert changed(2, 3) == ["a"]
    assert changed(3, 4) == ["é"]
    assert changed(4, 5) == ["b", "é"]  # the row of a was gone already
    assert changed(1, 4) == ["a", "b", "é"]
    assert changed(3, 3) == changed(5, 1) == []


def test_rows_without_an_incident_change_none(store):
    publish(store, table("casualties", {"casualty_id": "c"}), viewer=ADMIN, note="synthetic")
    assert incidents_changed(store, 0, 1, viewer=ADMIN) == []


def test_a_changed_incident_is_not_named_to_those_who_do_not_see_it(planted):
    at = latest(planted)
    seen = set(load_tables(planted, viewer=VIEWER)["incidents"]["incident_id"])
    everything = incidents_changed(planted, 0, at, viewer=ADMIN)
    assert set(incidents_changed(planted, 0, at, viewer=VIEWER)) == seen < set(everything)


# --- all incidents, lot after lot


@pytest.mark.parametrize("columns", [ALL_COLUMNS, OF_FIGURES], ids=["all", "some"])
@pytest.mark.parametrize("viewer", [ADMIN, VIEWER], ids=["full", "coarse"])
def test_lots_hold_the_cells_that_reading_at_once_gives(unrestricted, viewer, columns):
    for at_once in (3, 1_000):
        assert_stream_is_as_read_at_once(unrestricted, columns, viewer, at_once=at_once)


def test_each_column_alone_is_as_withheld_as_with_the_others(unrestricted):
    for name, chosen in OF_PLACES.items():
        for column in chosen:
            assert_stream_is_as_read_at_once(unrestricted, {name: [column]}, VIEWER, at_once=1_000)


def test_shipped_data_come_in_lots_as_they_are(store_url, store):
    shipped = open_store(store_url)
    tables = {
        name: rows[TABLES[name].column_names]
        for name, rows in load_tables(shipped, viewer=ADMIN).items()
    }
    publish(store, tables, viewer=ADMIN, note="synthetic copy")
    for viewer in (ADMIN, VIEWER):
        assert_stream_is_as_read_at_once(store, ALL_COLUMNS, viewer, at_once=17)
    ids = tables["incidents"]["incident_id"].tolist()[::2]
    for viewer in (ADMIN, VIEWER):
        everything = load_tables(store, viewer=viewer)
        found = load_rows_of(store, ids, viewer=viewer, revision=1)
        assert_same(found, of_incidents(everything, set(ids)))


TEXTS = [
    "",
    "NULL",
    "\\N",
    "\\.",
    'a "b", c',
    "x\ny\r\nz\r",
    '"',
    "گزارش ساختگی \U0001f4a5",
    "t",
    " ",
]
NUMBERS = [0.1, -34.555555555555557, 5e-324, 1.7976931348623157e308, 1 / 3, None, 0.0, 1e22, 2, -1]
DAYS = [dt.date(1, 1, 1), dt.date(2021, 8, 15), None, dt.date(9999, 12, 31), dt.date(1969, 12, 31)]
FIGURES = [0, -1, None, 2**53, 2**31, 1, 2, None, 4, 5]


def test_the_strangest_cells_come_as_they_went_in(store):
    ids = [f"synthetic-{number}" for number in range(10)]
    named = [
        {"incident_id": id, "title": text, "description": text, "date_from": DAYS[n % 5]}
        for n, (id, text) in enumerate(zip(ids, TEXTS, strict=True))
    ]
    placed = [
        {"incident_id": id, "place_no": 1, "latitude": number, "place_name": text}
        for id, number, text in zip(ids, NUMBERS, TEXTS, strict=True)
    ]
    harmed = [
        {"casualty_id": id, "incident_id": id, "low": low, "is_counted": is_counted}
        for id, low, is_counted in zip(ids, FIGURES, [True, False, None] * 3 + [True], strict=True)
    ]
    added = table("incidents", *named) | table("incident_places", *placed)
    publish(store, added | table("casualties", *harmed), viewer=ADMIN, note="synthetic")
    found = streamed(store, ALL_COLUMNS)
    assert found["incidents"]["title"].tolist() == TEXTS
    numbers = [math.nan if number is None else number for number in NUMBERS]
    assert str(found["incident_places"]["latitude"].tolist()) == str([float(n) for n in numbers])
    assert_stream_is_as_read_at_once(store, ALL_COLUMNS, ADMIN, at_once=4)


def test_lots_follow_the_numbers_of_characters_whatever_the_language(store):
    ids = ["a", "Z", "a-1", "a1", "é", "\U0001f4a5", "~", "0", "aa", "\uffee"]
    publish(store, incidents(*ids) | casualties(*ids), viewer=ADMIN, note="synthetic")
    lots = list(
        stream_rows(
            store,
            {"incidents": [], "casualties": []},
            viewer=ADMIN,
            revision=1,
            incidents_at_once=3,
        )
    )
    found = [lot["incidents"]["incident_id"].tolist() for lot in lots]
    expected = sorted(ids)
    assert found == [expected[0:3], expected[3:6], expected[6:9], expected[9:]]
    assert [lot["casualties"]["incident_id"].tolist() for lot in lots] == found


def test_rows_of_incidents_that_are_not_held_are_in_no_lot(store):
    publish(store, incidents("a", "c") | casualties("b", "c"), viewer=ADMIN, note="synthetic")
    publish(store, {}, withdrawals=incidents("a"), viewer=ADMIN, note="synthetic")
    found = streamed(store, {"casualties": ["harm"]})
    assert found["casualties"]["incident_id"].tolist() == ["c"]


def test_lots_are_of_one_revision_whatever_is_published_meanwhile(store):
    publish(store, incidents("a", "b", "c", "d"), viewer=ADMIN, note="synthetic")
    found = []
    for lot in stream_rows(
        store, {"incidents": ["title"]}, viewer=ADMIN, revision=1, incidents_at_once=1
    ):
        found += lot["incidents"]["incident_id"].tolist()
        new, gone = incidents(f"{found[-1]}-new"), incidents(found[-1])
        publish(store, new, withdrawals=gone, viewer=ADMIN, note="synthetic")
    assert found == ["a", "b", "c", "d"]


def test_a_number_of_incidents_that_fills_the_last_lot_gives_no_empty_one(store):
    publish(store, incidents("a", "b"), viewer=ADMIN, note="synthetic")
    lots = stream_rows(store, {"incidents": []}, viewer=ADMIN, revision=1, incidents_at_once=2)
    assert [len(lot["incidents"]) for lot in lots] == [2]


def test_a_revision_without_incidents_gives_no_lot(store):
    assert list(stream_rows(store, ALL_COLUMNS, viewer=ADMIN, revision=0)) == []


def test_lots_are_refused_to_coarse_sight_where_something_is_restricted(store):
    ids = ["a", "b"]
    publish(store, incidents(*ids), viewer=ADMIN, note="synthetic")
    lots = stream_rows(store, {"incidents": []}, viewer=VIEWER, revision=1, incidents_at_once=1)
    assert len(next(lots)["incidents"]) == 1
    restrict(store, "incidents", "b", "everything", reason="synthetic", viewer=ADMIN)
    with pytest.raises(AccessError, match="Something is restricted"):
        next(lots)
    with pytest.raises(AccessError, match="Something is restricted"):
        stream_rows(store, {"incidents": []}, viewer=VIEWER, revision=1)
    assert len(streamed(store, {"incidents": []})["incidents"]) == 2


# --- what is asked wrongly, and by whom


def test_a_revision_that_there_is_none_of_is_refused(store):
    asked = (
        lambda: count_incidents(store, viewer=ADMIN, revision=1),
        lambda: load_rows_of(store, ["a"], viewer=ADMIN, revision=1),
        lambda: incidents_changed(store, 0, 1, viewer=ADMIN),
        lambda: stream_rows(store, {}, viewer=ADMIN, revision=1),
    )
    for ask in asked:
        with pytest.raises(QueryError, match=r"There is no revision 1\. The latest is 0\."):
            ask()


def test_somebody_without_a_role_is_given_no_rows(store):
    asked = (
        lambda: count_incidents(store, viewer=NOBODY, revision=0),
        lambda: load_rows_of(store, ["a"], viewer=NOBODY, revision=0),
        lambda: incidents_changed(store, 0, 0, viewer=NOBODY),
        lambda: stream_rows(store, {}, viewer=NOBODY, revision=0),
    )
    for ask in asked:
        with pytest.raises(AccessError):
            ask()


@pytest.mark.parametrize("columns", [{"sources": ["title"]}, {"incidents": ["title", "colour"]}])
def test_tables_and_columns_that_no_lot_has_are_refused(store, columns):
    with pytest.raises(ValueError, match="no rows of incidents"):
        stream_rows(store, columns, viewer=ADMIN, revision=0)


def test_long_reading_is_not_ended_by_the_time_that_a_page_may_wait(postgresql_store_url):
    store = open_store(postgresql_store_url)
    with reading(store, is_long=True) as connection:
        assert connection.scalar(sa.text("SHOW statement_timeout")) == "0"
    with reading(store) as connection:  # the same connection, from the pool
        assert connection.scalar(sa.text("SHOW statement_timeout")) == "30s"


@pytest.mark.parametrize("name", INCIDENT_COLUMNS)
def test_rows_of_a_range_of_incidents_are_found_by_an_index(tmp_path, name):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    column = INCIDENT_COLUMNS[name]
    query = _Range(name, 1, None, LAST_TEXT).query([column])
    with reading(store) as connection:
        text = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
    assert f"USING INDEX ix_{name}_{column}" in str(plan)
