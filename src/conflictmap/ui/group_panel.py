"""One armed group in detail, and the table of claims."""

from __future__ import annotations

import streamlit as st

from conflictmap.ui.choices import choose_in_address
from conflictmap.ui.records import WRAPPED_ROW_PX, draw_fields, draw_rows_to_open, draw_table
from conflictmap.views.facts import Facts
from conflictmap.views.groups import ClaimFilter, Group, claim_choices, claim_table
from conflictmap.views.limits import NOT_LISTED

STATUS_MEANINGS = {
    "Confirmed": "acts of it are reported",
    "Announced": "it announced itself",
    "Unconfirmed": "there are only reports that it may exist",
}


def draw_group(group: Group, *, lists_incidents: bool) -> None:
    """Draw all that is said of one actor."""
    with st.container(border=True):
        st.text(group.name, width="stretch")
        draw_fields(_fields(group))
        left, right = st.columns(2, gap="medium")
        with left:
            draw_table("Names that reports use", group.names, nothing="None.")
            draw_table(
                "Leaders and commanders", group.leaders, nothing="None named.", wide=["Called"]
            )
        with right:
            draw_table("Areas", group.areas, nothing="None stated.", wide=["What is said"])
        if lists_incidents:
            draw_table(
                "Incidents that name it",
                group.incidents,
                nothing="No incident of the sources read names it as perpetrator.",
                wide=["What"],
            )
            if group.incidents_in_all > len(group.incidents):
                st.caption(
                    f"The first {len(group.incidents)} of {group.incidents_in_all:,}, oldest first."
                    " The page Incidents has all that name it."
                )
        else:
            st.info(NOT_LISTED)
        draw_table(
            "Claims about it, in no count",
            group.claims.drop(columns=["About"]),
            nothing="No claim of the sources read speaks of it.",
            wide=["Statement"],
            row_height=WRAPPED_ROW_PX,
        )


def draw_claims(facts: Facts) -> None:
    """Draw the filters of claims, their table, and the claim that was chosen in it."""
    names = claim_choices(facts)
    topic_column, actor_column, speaker_column = st.columns(3)
    with topic_column:
        topic = choose_in_address("claim_topic", "Topic", names["topic"])
    with actor_column:
        actor_id = choose_in_address("claim_actor", "About", names["actor_id"])
    with speaker_column:
        speaker = choose_in_address("claim_speaker", "Said by", names["speaker"])
    claims = claim_table(facts, ClaimFilter(topic, actor_id, speaker))
    if claims.empty:
        st.info("No claim matches. Set one of the three filters back to All.")
        return
    number = len(facts.tables["claims"])
    st.caption(f"{len(claims)} of {number} claims. Choose a row to read it in full.")
    draw_rows_to_open(
        claims,
        "claim",
        wrapped=["Statement", "Said by", "About", "Area"],
        row_height=84,
        height=560,
    )
    chosen = st.query_params.get("claim", "")
    if chosen in claims.index:
        with st.container(border=True):
            draw_fields((name, _shown(value)) for name, value in claims.loc[chosen].items())


def _fields(group: Group) -> list[tuple[str, str]]:
    announced = group.first_announced
    if group.first_announced_words and group.first_announced_words != announced:
        announced += f', in the words of the report: "{group.first_announced_words}"'
    counts = ", ".join(f"{kind} {number}" for kind, number in group.incident_counts.items())
    return [
        ("Side", group.side),
        ("Status", f"{group.status}: {STATUS_MEANINGS.get(group.status, '')}".rstrip(": ")),
        ("First announced", announced),
        ("What is said of it", group.description),
        ("Incidents that name it, by what is said", counts or "none"),
        ("Reports that speak of it", ", ".join(group.reports)),
        ("Coder's note, from outside the sources", group.coder_note),
    ]


def _shown(value: object) -> str:
    return "" if value is None or value != value else str(value)
