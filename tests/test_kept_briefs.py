"""Briefs are kept as what they are made from, each at its revision; none is changed."""

from __future__ import annotations

import pytest

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import AccessError, QueryError
from conflictmap.store import (
    Store,
    keep_brief,
    load_brief,
    load_briefs,
    open_store,
    publish,
)
from tests.test_store import incidents

SCOPE = {"from": ["2022-10-06"], "to": ["2022-12-05"], "source": ["8am-2022-12"]}
WORDS = {"notable.rule": "An editor's own words, '); DROP TABLE briefs; -- <b>\u202e{{7*7}}"}


@pytest.fixture
def store(empty_store_url: str) -> Store:
    store = open_store(empty_store_url)
    publish(store, incidents("a"), viewer=LOCAL_ADMINISTRATOR, note="synthetic")
    return store


def kept(store: Store, viewer: Viewer = LOCAL_ADMINISTRATOR, **other: object) -> int:
    given = {"name": "December", "revision": 1, "scope": SCOPE, "wording": WORDS} | other
    return keep_brief(store, viewer=viewer, **given)


def test_kept_brief_comes_back_as_it_was_given(store):
    found = load_brief(store, kept(store, marking="INTERNAL"), viewer=LOCAL_ADMINISTRATOR)
    assert (found.name, found.revision, found.marking) == ("December", 1, "INTERNAL")
    assert found.scope == SCOPE
    assert found.wording == WORDS


def test_the_same_brief_is_kept_once_and_other_words_make_another(store):
    first = kept(store)
    assert kept(store) == first
    assert kept(store, wording={}) != first
    listed = load_briefs(store, viewer=LOCAL_ADMINISTRATOR)
    assert listed["brief_id"].tolist() == [first + 1, first]
    assert listed["scope"].tolist() == [SCOPE, SCOPE]


def test_brief_of_a_revision_that_is_not_there_is_refused(store):
    with pytest.raises(QueryError, match="There is no revision 9"):
        kept(store, revision=9)
    assert load_briefs(store, viewer=LOCAL_ADMINISTRATOR).empty


def test_number_of_no_brief_is_told(store):
    with pytest.raises(QueryError, match="There is no kept brief 7"):
        load_brief(store, 7, viewer=LOCAL_ADMINISTRATOR)


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("briefer", True), ("analyst", True)])
def test_briefers_and_analysts_keep_briefs_and_viewers_only_read_them(store, role, may):
    viewer = Viewer("synthetic person", role)
    if may:
        assert kept(store, viewer)
    else:
        with pytest.raises(AccessError, match="may not keep briefs"):
            kept(store, viewer)
    assert len(load_briefs(store, viewer=viewer)) == int(may)
