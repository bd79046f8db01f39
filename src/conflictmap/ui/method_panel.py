"""What was read and by which rules, section by section."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from conflictmap.ui import session
from conflictmap.ui.map_backdrop import draw_notes
from conflictmap.ui.records import draw_fields, draw_table
from conflictmap.views.facts import Facts
from conflictmap.views.method import (
    codebook_rules,
    coverage_table,
    edition_doubts,
    edition_files,
    edition_lines,
    reports_read,
    revision_table,
    rows_by_report,
    software_versions,
)

RULES_IN_SHORT = """
- Every row names its report. What a report does not say is left empty: **missing is not zero**.
- Something that happened once is an *incident*; units sent, formed or exercised are *deployments*;
  a count that somebody published is a *published figure*; every other statement is a *claim*. Only
  incidents are counted.
- An incident counts in a period only if its whole interval lies inside it, and colours an area only
  as fine as its place is known. The rest stands beside the map.
- Who did it is a statement of somebody: claimed, attributed, suspected or disputed. Words about
  "most such attacks" are no statement on a single one.
- Where reports contradict each other or themselves, all statements are kept and one is counted.
- What we know from elsewhere stands in a coder's note and changes no count.
- Private persons are never named.
"""

LICENCES = """
- **Boundaries, names and places:** as stated in the source card above.
- **Coded rows:** facts and figures in our own words, each with its report. The reports themselves
  stay their publishers'; no more than a few of their words are kept here.
- **Software:** each package under its own licence, as its makers state it.
"""


def draw_reports(facts: Facts) -> None:
    """Draw the reports that were read, and what they claim to cover."""
    st.markdown("#### What was read")
    reports = reports_read(facts)
    if reports.empty:
        st.info("Nothing is published at this revision.")
        return
    reports.insert(0, "Report", reports.index)
    st.dataframe(reports, hide_index=True, width="stretch", placeholder="")
    with st.expander("Rows that each report gave, table by table"):
        st.dataframe(rows_by_report(facts), width="stretch")
    st.markdown("#### What the reports claim to cover")
    coverage = coverage_table(facts)
    listing = int((coverage["Lists each incident"] == "yes").sum()) if len(coverage) else 0
    st.markdown(
        "Zero is drawn on the map only where a report claims to list every incident, so that its"
        " silence means none. "
        + (
            f"{listing} of the claims below are of that kind."
            if listing
            else "**None of the reports read does so**: they publish totals, or cover nothing as a"
            " whole. So the map shows no zero, only what was read."
        )
    )
    draw_table(
        "Claims to cover an area and period",
        coverage,
        nothing="None.",
        wide=["What it claims to cover"],
    )


def draw_rules(codebook: Path, coding_log: Path) -> None:
    """Draw the rules of coding in short, the codebook's own words, and both files to keep."""
    st.markdown("#### Rules of coding, in short")
    st.markdown(RULES_IN_SHORT)
    rules = codebook_rules(codebook)
    if rules:
        with st.expander("The rules in full, from the codebook"):
            st.markdown(rules)
    with st.container(horizontal=True):
        for path, text in (
            (codebook, "Codebook: every table, column and rule"),
            (coding_log, "Coding log: every paragraph read and the rows it gave"),
        ):
            if path.is_file():
                st.download_button(
                    text,
                    path.read_bytes(),
                    file_name="codebook.md" if path == codebook else path.name,
                    mime="text/markdown",
                    on_click="ignore",
                    icon=":material/download:",
                )


def draw_edition(facts: Facts, card: Mapping[str, Any]) -> None:
    """Draw the source card of the boundary edition, its doubts and the disclaimer."""
    st.markdown("#### Boundaries")
    with st.container(border=True):
        draw_fields(edition_lines(card).items())
    doubts = edition_doubts(facts)
    with st.expander(f"{len(doubts)} units whose polygon or name is in doubt"):
        st.dataframe(
            doubts,
            hide_index=True,
            width="stretch",
            row_height=76,
            column_config={"Doubt": st.column_config.TextColumn(width="large")},
        )
    with st.expander("Files of the edition and their SHA-256"):
        st.dataframe(edition_files(card), hide_index=True, width="stretch")
    st.markdown("**Disclaimer**")
    st.text(facts.edition.disclaimer)
    draw_notes(session.settings(), facts.edition)


def draw_revisions(revisions: pd.DataFrame) -> None:
    """Draw the revisions: nothing is overwritten, and each can be opened as it was."""
    st.markdown("#### Revisions")
    st.caption(
        "Nothing is overwritten: every publication, correction and roll-back is one more revision."
        " The time says when we knew, not when something happened."
    )
    table = revision_table(revisions)
    if table.empty:
        st.info("Nothing has been published yet.")
    else:
        st.dataframe(table, hide_index=True, width="stretch")


def draw_software() -> None:
    """Draw licences and the versions of what the dashboard is made of."""
    st.markdown("#### Licences and software")
    st.markdown(LICENCES)
    with st.expander("Versions"):
        st.dataframe(software_versions(), hide_index=True, width="stretch")
