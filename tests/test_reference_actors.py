"""The reference actors: real ones that no report describes, under names that lead to one each."""

from __future__ import annotations

import csv
from collections import Counter

import pandas as pd

from conflictmap.ingest.profiles import actors
from conflictmap.ingest.reference_actors import DESCRIPTION, FILE, reference_actors, rows_of_actors
from conflictmap.reports import read_coded_tables
from conflictmap.schema import AFFILIATIONS
from tests.browser import ROOT


def coded_actors() -> pd.DataFrame:
    return read_coded_tables(ROOT / "data")["actors"]


def test_file_has_the_columns_that_its_card_describes():
    with FILE.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    card = FILE.with_name("README.md").read_text(encoding="utf-8")
    assert [name for name in header if f"| `{name}` |" not in card] == []
    assert {len(row) for row in rows} == {len(header)}
    assert not any(cell != cell.strip() for row in rows for cell in row)


def test_reference_actors_are_none_of_the_coded_ones():
    known = reference_actors()
    assert set(known).isdisjoint(coded_actors()["actor_id"])
    assert {actor.name for actor in known.values()}.isdisjoint(coded_actors()["name"])
    assert {actor.affiliation for actor in known.values()} <= set(AFFILIATIONS)
    assert all(set(actor_id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for actor_id in known)


def test_each_name_leads_to_one_actor():
    names = [
        (actors._key(name), actor.actor_id)
        for actor in reference_actors().values()
        for name in dict.fromkeys((actor.name, *actor.names))
    ]
    names += [
        (actors._key(name), actor)
        for actor, listed in actors.NAMES.items()
        for name in listed.split("|")
    ]
    owners = Counter(key for key, _ in set(names))
    assert [key for key, number in owners.items() if number > 1] == []
    for key, actor in names:
        assert actors.actor_ids(pd.Series([key])).tolist() == [actor]


def test_only_actors_that_are_named_and_not_held_become_rows_of_the_file():
    held = coded_actors()
    rows = rows_of_actors(["uifsa", "iskp", "nobody", "uifsa"], held, "dataset")
    assert rows[["actor_id", "status", "description", "source_id"]].values.tolist() == [
        ["uifsa", "confirmed", DESCRIPTION, "dataset"]
    ]
    both = pd.concat([held, rows])
    assert rows_of_actors(["uifsa"], both, "another").empty


def test_store_without_uploads_lists_no_reference_actor():
    """The coded tables are what `conflictmap init` publishes."""
    tables = read_coded_tables(ROOT / "data")
    assert set(tables["actors"]["source_id"]) <= set(tables["sources"]["source_id"])
    assert set(tables["actors"]["actor_id"]).isdisjoint(reference_actors())
