"""Published figures beside our own counts: the table, and one figure in detail."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from conflictmap.schema import label
from conflictmap.ui import session
from conflictmap.ui.records import draw_fields, draw_rows_to_open, draw_table
from conflictmap.views.facts import Facts, FactsKey
from conflictmap.views.limits import limit_at
from conflictmap.views.published import Comparison, comparisons
from conflictmap.views.published_tables import (
    comparison_table,
    difference_words,
    explanation,
    left_out_words,
    listed_table,
    ours_words,
    own_counts_table,
    published_words,
)

HOW_TO_READ = """
- **Published** is the figure as its publisher gives it: "at least 96" is a lower limit, "words
  only" means that no number was given.
- **Ours** counts the incidents of all reports read that lie wholly in the period and the area and,
  where the figure is about one perpetrator, name it. "0 of 22 coded" means that the figure was
  published without single events, and a count without single events makes no incidents.
- **Difference** is ours less the published figure. Against "at least" it is a limit too: "-3 or
  lower". Where a figure has no number, or counts what we do not code, there is none, and the reason
  stands beside it.
- **Listed by the report** stands where the publisher's own report was read: all that this report
  lists, at any date and whoever did it. It shows whether its figure can be found again in its own
  words, incident by incident.
- What no row explains is called unexplained. We do not guess.
"""


def current_comparisons(facts: Facts) -> tuple[Comparison, ...]:
    """Return all comparisons at the revision of the facts, worked out once."""
    return _comparisons(facts.key, limit_at(session.settings(), facts.sight), facts)


def draw_comparisons(compared: Sequence[Comparison]) -> None:
    """Draw the table of figures beside our counts; a chosen row opens its details."""
    table = comparison_table(compared)
    table.index = [row.tally_id for row in compared]
    draw_rows_to_open(
        table, "figure", wrapped=["Figure", "Why there is no difference"], height="content"
    )


def draw_arithmetic(compared: Sequence[Comparison]) -> None:
    """Draw what we worked out from published figures, told apart from them."""
    table = comparison_table(compared)[["Figure", "Published", "Report"]]
    table = table.rename(columns={"Figure": "What it says", "Published": "Our result"})
    table.insert(2, "What it rests on", [row.scope for row in compared])
    table.index = [row.tally_id for row in compared]
    draw_rows_to_open(
        table, "figure", wrapped=["What it says", "What it rests on"], key="rows of arithmetic"
    )


def draw_figure(compared: Comparison) -> None:
    """Draw one published figure with its scope, our counts, and what the difference is made of."""
    with st.container(border=True):
        st.text(compared.label)
        published, ours, difference = st.columns(3)
        published.metric("Published", published_words(compared))
        ours.metric("Ours, all reports", ours_words(compared))
        difference.metric("Difference", difference_words(compared) or "none")
        st.text(explanation(compared))
        draw_fields(_fields(compared))
        if compared.all_reports is not None:
            draw_table(
                f"Our own counts ({label(compared.measure).lower()})",
                own_counts_table(compared),
                nothing="None.",
            )
        if compared.listed is not None:
            draw_table(
                "All that the report itself lists: our arithmetic",
                listed_table(compared),
                nothing="None.",
            )
            st.text(left_out_words(compared))


def _fields(compared: Comparison) -> list[tuple[str, str]]:
    period = compared.when
    if compared.date_words:
        period += f', in the words of the source: "{compared.date_words}"'
    groups = ", ".join(label(group) for group in compared.victim_groups)
    if compared.is_unattributed:
        perpetrator = "nobody named"
    else:
        perpetrator = compared.actor or "anyone or nobody named"
    paragraph = "" if compared.paragraph is None else f", paragraph {compared.paragraph}"
    return [
        ("What the publisher counts", compared.scope),
        ("In the words of the source", compared.words),
        ("Period", period),
        ("Area", compared.areas or "not stated"),
        ("Perpetrator", perpetrator),
        ("Victim groups", groups),
        ("Published by", compared.publisher),
        ("Read in", f"{compared.source_id}{paragraph}"),
        ("Coder's note, from outside the sources", compared.coder_note),
    ]


@st.cache_resource(show_spinner="Comparing ...", max_entries=8)
def _comparisons(key: FactsKey, suppress_below: int, _facts: Facts) -> tuple[Comparison, ...]:
    return comparisons(_facts, suppress_below=suppress_below)
