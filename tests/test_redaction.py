"""What those of coarse sight are given of the same rows, at every revision."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import AccessError, QueryError
from conflictmap.frames import typed_table
from conflictmap.schema import TABLES
from conflictmap.store import (
    lift,
    load_audit,
    load_brief,
    load_briefs,
    load_restrictions,
    load_revisions,
    load_table,
    load_tables,
    policy,
    restrict,
)
from conflictmap.store.coordinates_in_text import PLACEHOLDER, mask_coordinates
from conflictmap.store.redaction import Restriction, redact
from conflictmap.store.restricted_parts import WITHHELD
from tests.examples import few_and_many
from tests.planted import ANALYST, BRIEFER, FIELDS, VIEWER, Planted, all_cells, planted_store

ADMIN = LOCAL_ADMINISTRATOR


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """The store with planted words; nothing is changed in it."""
    return planted_store(f"sqlite:///{tmp_path_factory.mktemp('planted') / 'store.sqlite'}")


@pytest.fixture
def own(tmp_path: Path) -> Planted:
    """A store with planted words that a test may change."""
    return planted_store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def tables_of(**rows: list[dict[str, object]]) -> dict[str, pd.DataFrame]:
    return {name: typed_table(table, rows.get(name, [])) for name, table in TABLES.items()}


def exact(incident_id: str = "a", **more: object) -> dict[str, object]:
    row = {"incident_id": incident_id, "place_no": 1, "adm1_code": "AF-BAL"}
    row |= {"adm2_code": "AF-BAL-03", "geo_precision": "exact", "join_method": "within"}
    row |= {"coordinate_precision": "exact", "place_words": "synthetic words", "source_id": "s"}
    row |= {"latitude": 37.2, "longitude": 66.9, "point_latitude": 37.2, "point_longitude": 66.9}
    return row | more


def harmed(group: str, incident_id: str = "a", **more: object) -> dict[str, object]:
    row = {"casualty_id": f"{incident_id} {group}", "incident_id": incident_id, "harm": "killed"}
    return row | {"victim_group": group, "source_id": "s"} | more


def given_place(
    *,
    event_type: str = "clash",
    casualties: list[dict[str, object]] | None = None,
    targets: list[str] | None = None,
    place: dict[str, object] | None = None,
) -> pd.Series:
    """Return the place of a synthetic incident as coarse sight is given it."""
    tables = tables_of(
        incidents=[{"incident_id": "a", "title": "synthetic", "event_type": event_type}],
        incident_places=[place or exact()],
        casualties=[harmed("taliban")] if casualties is None else casualties,
        incident_targets=[
            {"incident_id": "a", "target_no": number, "target_type": target}
            for number, target in enumerate(targets or [], 1)
        ],
    )
    return redact(tables, [])["incident_places"].iloc[0]


# --- exact places ---------------------------------------------------------------------------------


def test_point_stays_where_surely_only_armed_parties_are_concerned():
    place = given_place(targets=["outpost"])
    assert place["point_latitude"] == 37.2
    assert place["geo_precision"] == "exact"


@pytest.mark.parametrize(
    "group", ["civilians", "unknown", "all", "private_security", "other_state"]
)
def test_point_is_withheld_where_anybody_harmed_may_be_a_civilian(group):
    place = given_place(casualties=[harmed("taliban"), harmed(group)])
    assert place[["latitude", "longitude", "point_latitude", "point_longitude"]].isna().all()
    assert place["geo_precision"] == "adm2"
    assert place["adm2_code"] == "AF-BAL-03"
    assert place[["place_words", "coordinate_precision", "original_precision"]].isna().all()


def test_point_is_withheld_where_nobody_says_who_was_harmed():
    assert pd.isna(given_place(casualties=[])["point_latitude"])


@pytest.mark.parametrize(
    "more",
    [
        {"event_type": "abduction"},
        {"event_type": "assassination"},
        {"event_type": "execution"},
        {"targets": ["outpost", "school"]},
        {"targets": ["residents"]},
        {"targets": ["commander"]},
        {"casualties": [harmed("taliban", harm="abducted")]},
        {"casualties": [harmed("taliban", age="children")]},
    ],
)
def test_point_is_withheld_where_a_home_a_school_or_a_person_is_concerned(more):
    assert pd.isna(given_place(**more)["point_latitude"])


def test_point_of_a_town_stays_with_how_far_off_it_may_be():
    town = exact(latitude=None, longitude=None, coordinate_precision=None, precision_km=3.0)
    place = given_place(casualties=[], place=town | {"geo_precision": "near"})
    assert (place["point_latitude"], place["precision_km"]) == (37.2, 3.0)
    assert place["geo_precision"] == "near"


# --- restrictions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", [1, 2, 3])
def test_no_planted_word_or_point_is_in_any_table_of_coarse_sight(planted, revision):
    tables = load_tables(planted.store, viewer=VIEWER, revision=revision)
    assert planted.found_in("\n".join(all_cells(tables))) == []


def test_every_planted_word_is_in_the_tables_of_full_sight(planted):
    tables = load_tables(planted.store, viewer=ADMIN, revision=1)
    text = "\n".join(all_cells(tables))
    of_tables = {word for word, where in planted.secrets.items() if "." in where}
    assert of_tables
    assert [word for word in (*of_tables, *planted.points) if word not in text] == []


def test_what_is_not_restricted_is_still_given(planted):
    tables = load_tables(planted.store, viewer=VIEWER)
    text = "\n".join(all_cells(tables))
    places = {"place_words", "original_precision"}  # finer than those of coarse sight are given
    missing = [
        where
        for word, where in planted.shown.items()
        if word not in text and where.rpartition(".")[2] not in places
    ]
    assert missing == []


@pytest.mark.parametrize("name", ["incidents", "incident_places", "actors", "place_candidates"])
def test_single_table_is_the_same_as_among_all(planted, name):
    alone = load_table(planted.store, name, viewer=VIEWER, revision=1)
    among = load_tables(planted.store, viewer=VIEWER, revision=1)[name]
    pd.testing.assert_frame_equal(alone, among)


@pytest.mark.parametrize("revision", [1, 3])
def test_no_id_leads_to_nothing(planted, revision):
    tables = load_tables(planted.store, viewer=VIEWER, revision=revision)
    for name, table in TABLES.items():
        for column in table.columns:
            if column.refers_to:
                target, key = column.refers_to.split(".")
                held = tables[name][column.name].dropna()
                assert held.isin(tables[target][key]).all(), (name, column.name)


def test_types_are_those_of_full_sight(planted):
    coarse = load_tables(planted.store, viewer=VIEWER)
    full = load_tables(planted.store, viewer=ADMIN)
    for name in TABLES:
        assert coarse[name].dtypes.to_dict() == full[name].dtypes.to_dict(), name


def test_only_what_is_restricted_is_missing(planted):
    coarse = load_tables(planted.store, viewer=BRIEFER)
    ids = {name.removeprefix("SYNTHETIC-") for name in coarse["incidents"]["incident_id"]}
    told = {f"{by}-{part}" for by in ("incident", "told-by") for part in FIELDS[1:]}
    assert ids == {"civilian", "armed"} | told
    without = {f"SYNTHETIC-{by}-figures" for by in ("incident", "told-by")}
    assert not without & set(coarse["casualties"]["incident_id"])
    unnamed = {f"SYNTHETIC-{by}-attributions" for by in ("incident", "told-by")}
    assert not unnamed & set(coarse["attributions"]["incident_id"])


def test_restricted_place_is_known_to_its_province_only(planted):
    coarse = load_tables(planted.store, viewer=VIEWER)["incident_places"].set_index("incident_id")
    for incident in ("SYNTHETIC-incident-place", "SYNTHETIC-told-by-place"):
        row = coarse.loc[incident]
        assert (row["adm1_code"], row["geo_precision"]) == ("AF-BAL", "adm1")
        assert row["join_method"] == "province_name"
        assert row[["adm2_code", "place_name", "district_name", "point_latitude"]].isna().all()


def test_title_of_restricted_words_is_made_of_type_and_place(planted):
    titles = load_tables(planted.store, viewer=VIEWER)["incidents"].set_index("incident_id")
    assert titles.loc["SYNTHETIC-incident-words", "title"] == "Bombing, AF-BAL-03"
    assert titles.loc["SYNTHETIC-incident-place", "title"] == "Bombing, AF-BAL"


def test_actor_that_an_open_source_names_stays_with_that_source():
    tables = tables_of(
        sources=[{"source_id": "shut"}, {"source_id": "open"}],
        incidents=[{"incident_id": "a", "event_type": "bombing", "title": "synthetic"}],
        incident_sources=[{"incident_id": "a", "source_id": "open", "statement": "synthetic"}],
        actors=[
            {"actor_id": "known", "name": "K", "source_id": "shut", "description": "secret"},
            {"actor_id": "theirs", "name": "T", "source_id": "shut"},
        ],
        attributions=[
            {"attribution_id": "1", "incident_id": "a", "actor_id": "known", "source_id": "open"}
        ],
    )
    coarse = redact(tables, [Restriction("sources", "shut", "everything")])
    assert coarse["actors"][["actor_id", "source_id"]].values.tolist() == [["known", "open"]]
    assert coarse["actors"]["description"].isna().all()


def test_incident_that_an_open_source_tells_too_stays_without_our_words():
    tables = tables_of(
        sources=[{"source_id": "shut"}, {"source_id": "open"}],
        incidents=[{"incident_id": "a", "event_type": "bombing", "title": "secret"}],
        incident_sources=[
            {"incident_id": "a", "source_id": source, "statement_no": 1, "statement": source}
            for source in ("shut", "open")
        ],
    )
    coarse = redact(tables, [Restriction("sources", "shut", "everything")])
    assert coarse["incidents"]["title"].tolist() == ["Bombing, place not known"]
    assert coarse["incident_sources"]["statement"].tolist() == ["open"]


@pytest.mark.parametrize(("fields", "is_zero_meant"), [((), True), (("everything",), False)])
def test_nothing_is_drawn_as_zero_while_something_is_kept_back(fields, is_zero_meant):
    covered = {"coverage_id": "c", "area_no": 1, "is_event_level": True, "source_id": "s"}
    given = tables_of(incidents=[{"incident_id": "a"}], coverage=[covered])
    seen = redact(given, [Restriction("incidents", "a", field) for field in fields])
    assert seen["coverage"]["is_event_level"].tolist() == [is_zero_meant]


def test_candidates_of_a_restricted_place_are_gone():
    ambiguous = exact(adm1_code=None, adm2_code=None, geo_precision="unknown")
    tables = tables_of(
        incidents=[{"incident_id": "a", "event_type": "bombing", "title": "synthetic"}],
        incident_places=[ambiguous | {"join_method": "ambiguous"}],
        place_candidates=[
            {"subject_table": "incident_places", "subject_id": name, "place_no": 1}
            | {"unit_code": "AF-BAL-03"}
            for name in ("a", "b")
        ],
    )
    coarse = redact(tables, [Restriction("incidents", "a", "place")])
    assert coarse["place_candidates"]["subject_id"].tolist() == ["b"]
    assert coarse["incident_places"]["join_method"].tolist() == ["none"]


@few_and_many(5, 15, given(data=some.data()))
def test_any_restrictions_leave_tables_that_hold_together_and_no_more_rows(planted, data):
    full = load_tables(planted.store, viewer=ADMIN, revision=1)
    pairs = some.one_of(
        *(
            some.tuples(some.just(table), some.sampled_from(sorted(full[table].iloc[:, 0])))
            for table in ("incidents", "sources")
        )
    )
    asked = data.draw(some.lists(some.tuples(pairs, some.sampled_from(FIELDS)), max_size=5))
    coarse = redact(full, [Restriction(*pair, part) for pair, part in asked])
    for name, table in TABLES.items():
        assert len(coarse[name]) <= len(full[name])
        assert coarse[name].columns.tolist() == full[name].columns.tolist()
        required = [column.name for column in table.columns if column.required]
        assert coarse[name][required].notna().all().all(), name
        for column in table.columns:
            if column.refers_to:
                target, key = column.refers_to.split(".")
                assert coarse[name][column.name].dropna().isin(coarse[target][key]).all()


# --- making and lifting ---------------------------------------------------------------------------


def test_lifted_restriction_gives_everything_again_and_changes_the_policy(own):
    before = policy(own.store)
    rows = load_restrictions(own.store, viewer=ANALYST)
    for number in rows["restriction_id"]:
        lift(own.store, int(number), viewer=ANALYST)
    assert policy(own.store) == "" != before
    coarse = load_tables(own.store, viewer=VIEWER)
    assert len(coarse["incidents"]) == len(load_tables(own.store, viewer=ADMIN)["incidents"])
    log = load_audit(own.store, viewer=ADMIN)
    assert log["action"].value_counts().to_dict()["lift a restriction"] == len(rows)
    with pytest.raises(QueryError, match="no restriction"):
        lift(own.store, int(rows["restriction_id"].iloc[0]), viewer=ANALYST)


def test_same_restriction_twice_is_one(own):
    before = policy(own.store), len(load_restrictions(own.store, viewer=ANALYST))
    restrict(own.store, "incidents", "SYNTHETIC-incident-place", "place", reason="x", viewer=ADMIN)
    assert (policy(own.store), len(load_restrictions(own.store, viewer=ANALYST))) == before


def test_every_restriction_changes_the_policy_and_stands_in_the_audit_log(own):
    before = policy(own.store)
    restrict(own.store, "incidents", "SYNTHETIC-civilian", "words", reason="x", viewer=ANALYST)
    assert policy(own.store) != before
    last = load_audit(own.store, viewer=ADMIN).iloc[0]
    assert last[["who", "action", "subject"]].tolist() == [
        ANALYST.name,
        "restrict",
        "incidents SYNTHETIC-civilian: words",
    ]


@pytest.mark.parametrize(
    ("table", "subject", "part", "reason"),
    [
        ("incidents", "SYNTHETIC-nothing", "words", "x"),
        ("claims", "SYNTHETIC-claim-SYNTHETIC-open", "words", "x"),
        ("incidents", "SYNTHETIC-civilian", "title", "x"),
        ("incidents", "SYNTHETIC-civilian", "words", "  "),
    ],
)
def test_restriction_of_nothing_is_refused(planted, table, subject, part, reason):
    with pytest.raises(QueryError):
        restrict(planted.store, table, subject, part, reason=reason, viewer=ANALYST)


@pytest.mark.parametrize("role", ["viewer", "briefer", "guest"])
def test_restrictions_are_made_lifted_and_read_by_those_who_publish(planted, role):
    somebody = Viewer("synthetic", role)
    for act in (
        lambda: restrict(
            planted.store, "incidents", "SYNTHETIC-armed", "words", reason="x", viewer=somebody
        ),
        lambda: lift(planted.store, 1, viewer=somebody),
        lambda: load_restrictions(planted.store, viewer=somebody),
    ):
        with pytest.raises(AccessError):
            act()


# --- what is not a table --------------------------------------------------------------------------


def test_notes_of_revisions_are_the_same_sentence_for_coarse_sight(planted):
    rows = load_revisions(planted.store, viewer=VIEWER)
    assert all(re.fullmatch(r"published on \d{4}-\d{2}-\d{2}", note) for note in rows["note"])
    assert set(rows["published_by"]) == {WITHHELD}
    assert "zqnote1xk" in set(load_revisions(planted.store, viewer=ADMIN)["note"])


def test_kept_brief_from_before_a_restriction_comes_without_anybodys_words(planted):
    (row,) = load_briefs(planted.store, viewer=VIEWER).itertuples()
    found = load_brief(planted.store, row.brief_id, viewer=VIEWER)
    assert (row.name, found.name, found.wording) == ("Kept brief 1", "Kept brief 1", {})
    assert load_brief(planted.store, 1, viewer=ANALYST).wording == {"totals": "zqbrief2xk"}


# --- coordinates in words -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "34.528123, 69.172456",
        "(34.528; 69.172)",
        "lat 34.528 and long 69.172",
        "34.5281",
        "34,528123 / 69,172456",
        "34\N{DEGREE SIGN}31'22.5\"N 69\N{DEGREE SIGN}10'20\"E",
        "34\N{DEGREE SIGN} 31.5' N, 69\N{DEGREE SIGN} 10.3' E",
        "34.5281\N{DEGREE SIGN} N",
        "34 31 22 N 69 10 20 E",
        "343122N 0691020E",
        "N 34.52 E 69.17",
        "\u06f3\u06f4\u066b\u06f5\u06f2\u06f8\u06f1 \u06f6\u06f9\u066b\u06f1\u06f7\u06f2\u06f4",
        "42S WD 1234 5678",
        "42S 515000 3820000",
        "8J5G8H2X+4V",
        "https://maps.example/@34.528123,69.172456,17z",
    ],
)
def test_coordinates_in_words_give_way(text):
    masked = mask_coordinates(f"Synthetic, at {text}, a house.")
    assert PLACEHOLDER in masked
    digits = "".join(letter for letter in masked if letter.isdecimal())
    assert len(digits) <= 2, masked


@pytest.mark.parametrize(
    "text",
    [
        "12 killed, 1,250 displaced and 30,000 to 65,000 fighters",
        "On 12.05.2022 at 14:30, in 12.2022 and 1401-03-12",
        "3.5 per cent; 0.25 of it; 21.0 degrees",
        "20 S Street, 5 N of the bridge, AK-47, M4",
        "+93 70 123 4567",
    ],
)
def test_figures_and_dates_in_words_stay(text):
    assert mask_coordinates(text) == text


@given(
    some.floats(29, 39).map(lambda number: f"{number:.6f}"),
    some.floats(60, 75).map(lambda number: f"{number:.6f}"),
    some.sampled_from([", ", " ", ";", "/", " and ", "\n", "%2C", " x "]),
)
@settings(max_examples=100, deadline=None)
def test_no_digit_of_a_six_decimal_pair_is_left(latitude, longitude, between):
    masked = mask_coordinates(f"at {latitude}{between}{longitude}.")
    assert latitude[:6] not in masked
    assert longitude[:6] not in masked
