"""Work beside the page: its result, its error, and letting go of it."""

from __future__ import annotations

import threading

import pytest

from conflictmap.ingest.upload import STAGES
from conflictmap.ui import long_work
from conflictmap.ui.long_work import Cancelled, Work


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_work, "PATIENCE_S", 60)


def test_work_hands_over_its_result():
    work = Work("file", "key", lambda progress: 7)
    assert work.wait()
    assert work.result() == 7


def test_what_went_wrong_is_raised_where_the_result_is_asked_for():
    def fail(progress):
        raise ValueError("synthetic")

    work = Work("file", "key", fail)
    assert work.wait()
    with pytest.raises(ValueError, match="synthetic"):
        work.result()


def test_work_tells_its_stage_and_ends_at_the_next_one_once_it_is_cancelled():
    is_there, may_go_on, done = threading.Event(), threading.Event(), []

    def do(progress):
        progress("placing", 0.4)
        is_there.set()
        may_go_on.wait()
        progress("comparing", 0.6)
        done.append("compared")

    work = Work("file", "key", do)
    is_there.wait()
    assert (work.stage, work.share, work.is_done) == ("placing", 0.4, False)
    work.cancel()
    may_go_on.set()
    assert work.wait()
    assert done == []
    with pytest.raises(Cancelled):
        work.result()


def test_work_of_one_visitor_is_done_one_after_another():
    alone, may_go_on, order = threading.Lock(), threading.Event(), []

    def first(progress):
        progress("reading", 0.0)
        is_there.set()
        may_go_on.wait()
        order.append("first")

    is_there = threading.Event()
    one = Work("file", "first", first, alone)
    is_there.wait()
    two = Work("file", "second", lambda progress: order.append("second"), alone)
    assert two.stage == "waiting"
    may_go_on.set()
    assert one.wait()
    assert two.wait()
    assert order == ["first", "second"]


def test_every_stage_has_its_words():
    assert set(STAGES) | set(long_work.TOO_LATE) <= set(long_work.STAGE_WORDS)
