"""A brief as Markdown: every number is the model's, and no text of a source works as markup."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.brief.make import make_brief
from conflictmap.brief.markdown import escaped, export_markdown
from conflictmap.brief.scope import BriefScope, month_scope
from conflictmap.mark import SENTENCE
from conflictmap.store import open_store
from conflictmap.views.facts import Facts, load_facts
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

HOSTILE = [
    "<script>alert(1)</script>",
    "a | b || c",
    "[x](javascript:alert(1))",
    "![x](http://synthetic.invalid/a.png)",
    "`code` and ``` fence",
    "first\nsecond\r\n# heading\u2028- item",
    "\u202eright to left\u200f\u2066",
    "{{ 7*7 }} {% x %}",
    "https://synthetic.invalid and www.synthetic.invalid a@synthetic.invalid",
    "&lt;b&gt; *bold* __b__ ~~s~~ $x^2$ :red[x]",
    "1. one",
    "=====",
    "\\",
    "\\|",
]


@pytest.fixture(scope="module")
def facts(store_url: str) -> Facts:
    """All that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+", text.replace(",", "")))


def read_back(text: str) -> str:
    """Return what a reader of Markdown shows of an escaped line."""
    return unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text))


def brief_of(text: str):
    """Return the brief of synthetic incidents whose every text is the same."""
    ids = ("a", "b", "c")
    return make_brief(
        facts_of(
            sources=[
                {"source_id": "synthetic", "title": text, "publisher": text, "reading_order": 1}
            ],
            actors=[{"actor_id": "x", "name": text, "affiliation": "other", "status": "confirmed"}],
            incidents=[incident(id, title=text, date_words=text) for id in ids],
            incident_places=[place(id, None) for id in ids],
            incident_sources=[told(id) | {"statement": text} for id in ids]
            + [told(id) | {"statement": text, "statement_no": 2} for id in ids],
            attributions=[
                attribution("a", "x", "claimed") | {"by_whom": text},
                attribution("a", "x", "disputed", 2) | {"by_whom": text},
            ],
            casualties=[casualty(id, "civilians", "killed", 2) for id in ids],
        ),
        BriefScope(),
    )


def grids(markdown: str) -> list[list[str]]:
    """Return the tables of a text: each its lines."""
    blocks = [block.split("\n") for block in markdown.split("\n\n")]
    return [lines for lines in blocks if lines[0].startswith("|")]


@pytest.mark.parametrize(
    "scope",
    [BriefScope(), month_scope(2025, 1), BriefScope(sources=("8am-2022-12",))],
    ids=["everything", "January 2025", "one article"],
)
def test_every_number_in_the_text_is_in_the_model(facts, scope):
    brief = make_brief(facts, scope)
    found = numbers(unescape(export_markdown(brief)))
    assert found <= numbers(" ".join(brief.texts()))
    assert numbers(" ".join(brief.texts())) <= found


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_is_and_does_nothing(text):
    markdown = export_markdown(brief_of(text))
    shape = [len(lines) for lines in grids(export_markdown(brief_of("plain")))]
    assert [len(lines) for lines in grids(markdown)] == shape
    for lines in grids(markdown):
        assert len({line.count("|") for line in lines}) == 1
    assert "<" not in markdown
    assert "](" not in markdown
    assert not re.search(r"(?<!\\)://", markdown)
    assert "{{" not in markdown
    assert "{%" not in markdown
    assert not re.search(r"(?<!\\)`", markdown)
    assert not any(mark in markdown for mark in "\u202e\u200f\u2066\u2028\r")
    headings = [line for line in markdown.split("\n") if line.startswith("#")]
    assert len(headings) == len(
        [line for line in export_markdown(brief_of("plain")).split("\n") if line.startswith("#")]
    )


@given(
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from("<>&|[]()`\\*_{}%#:/$~\n\u202e")))
)
def test_any_text_stays_one_line_and_reads_back_as_it_was(text):
    line = escaped(text)
    assert "\n" not in line
    assert "|" not in line
    assert "<" not in line
    assert "](" not in line
    assert not re.match(r"#|[-+=]|\d+[.)]|>", line)
    # Every mark that begins markup stands behind a backslash that is not itself escaped.
    bare = re.sub(r"\\[!-/:-@\[-`{-~]|&(amp|lt|gt|#124);", "", line)
    assert not set(bare) & set("\\`*_{}[]#~!$@^<>|&")
    shown = [character for character in read_back(line) if not character.isspace()]
    kept = [character for character in text if not character.isspace()]
    rest = iter(kept)
    assert all(character in rest for character in shown)  # in order; only unseen marks are gone


@few_and_many(8, 25, given(st.text(max_size=40)))
def test_no_title_breaks_a_table(text):
    for lines in grids(export_markdown(brief_of(text or "empty"))):
        assert len({line.count("|") for line in lines}) == 1


def test_joiners_of_dari_words_are_kept():
    assert escaped("می\u200cشود") == "می\u200cشود"


def test_brief_of_made_up_rows_says_so_at_the_top_and_in_its_notes():
    real = facts_of(incidents=[incident("a", "2022-12-02")])
    facts = Facts(1, real.tables, real.edition, real.bins, is_synthetic=True)
    brief = make_brief(facts, BriefScope())
    assert export_markdown(brief).split("\n\n")[1] == f"**{SENTENCE}**"
    assert brief.notes[0] == SENTENCE
