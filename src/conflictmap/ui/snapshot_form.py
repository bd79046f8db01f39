"""The form of a slide: how it is to be made, what it looks like, and the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from conflictmap.errors import QueryError
from conflictmap.slides.order import SnapshotOrder
from conflictmap.slides.paper import PAPER_NAMES, PaperName
from conflictmap.slides.plain_text import MOST_IN_MARKING, MOST_IN_TITLE
from conflictmap.slides.slide import SlideWishes
from conflictmap.slides.snapshot import (
    BATCHES,
    Batch,
    Surroundings,
    export_snapshots,
    take_batch,
    take_snapshot,
)
from conflictmap.ui import long_work, session
from conflictmap.views.deployment_query import (
    PARAMETERS,
    DeploymentsQuery,
    read_deployments_query,
)
from conflictmap.views.facts import Facts, FactsKey
from conflictmap.views.query import MapQuery

FORMAT_NAMES = {
    "pptx": "PowerPoint (PPTX), editable",
    "png": "Picture (PNG)",
    "svg": "Drawing (SVG)",
    "pdf": "PDF",
}
PAPER_WORDS: dict[PaperName, str] = {
    "16:9": "16:9, a wide slide",
    "4:3": "4:3",
    "a4": "A4, lying",
    "square": "Square",
}
BATCH_WORDS: dict[str, str] = {
    "": "This view",
    "province": "One a province",
    "step": "One a step of time",
}
MIME = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

_DECK = "deck in the making"
_MOST_KEPT = 32


@dataclass(frozen=True)
class Asked:
    """What the briefer asks for: the slide, and whether it is a deck of several."""

    order: SnapshotOrder
    batch: Batch | None


def asked_deployments() -> DeploymentsQuery | None:
    """Return the view of the page on deployments that the address asks for; None: of the map."""
    if st.query_params.get("page") != "deployments":
        return None
    asked = {name: st.query_params[name] for name in PARAMETERS if name in st.query_params}
    try:
        return read_deployments_query(asked)
    except QueryError as error:
        st.error("The link cannot be shown as it is. A default is shown instead.")
        st.text(str(error))
        return DeploymentsQuery()


def draw_heading(deployments: DeploymentsQuery | None) -> None:
    """Say which page the slide is of, and lead back to it or to the other slide."""
    if deployments is None:
        st.subheader("Slide of the view on the map")
        st.page_link("pages/map.py", label="Change the view on the map", icon=":material/map:")
        return
    st.subheader("Slide of the view of deployments")
    with st.container(horizontal=True):
        st.page_link(
            "pages/deployments.py",
            label="Change the view of deployments",
            icon=":material/moving:",
            query_params=deployments.parameters(),
        )
        st.page_link(
            "pages/slides.py",
            label="Slide of the map instead",
            icon=":material/map:",
            query_params={"page": "map"},
        )


def link_to_deployment_slide(query: DeploymentsQuery) -> None:
    """Draw the way from the page on deployments to the slide of its view."""
    if not session.current_viewer().may("make exports"):
        return
    st.page_link(
        "pages/slides.py",
        label="Make a slide of this view",
        icon=":material/slideshow:",
        query_params={"page": "deployments"} | query.parameters(),
    )


def ask(query: MapQuery, deployments: DeploymentsQuery | None = None) -> Asked:
    """Draw the choices and return them."""
    format_name = st.selectbox("Format", list(FORMAT_NAMES), format_func=FORMAT_NAMES.__getitem__)
    paper = st.selectbox("Paper", PAPER_NAMES, format_func=PAPER_WORDS.__getitem__)
    title = st.text_area(
        "Title",
        placeholder="Proposed from the data, see the picture",
        max_chars=MOST_IN_TITLE,
        height=80,
        help="Left empty, the slide says what its numbers say. A title of your own is kept as it is"
        " and marked as edited in the file; nobody compares it with the data.",
    )
    marking = st.text_input(
        "Handling marking", placeholder="None", max_chars=MOST_IN_MARKING, help="Top and bottom"
    )
    has_marks = has_chart = True
    is_one_map = deployments is None and not query.against
    if is_one_map:
        has_marks, has_chart = _ask_parts()
    is_large = is_transparent = False
    if format_name == "png":
        is_large = st.toggle("Twice the pixels (3840 x 2160)")
    if format_name in ("png", "svg"):
        is_transparent = st.toggle("Transparent ground")
    batch: Any = ""
    if format_name == "pptx" and is_one_map:
        batch = st.radio("Slides", list(BATCH_WORDS), format_func=BATCH_WORDS.__getitem__)
    order = SnapshotOrder(
        query=query,
        paper=paper,
        format=format_name,  # type: ignore[arg-type]
        is_large=is_large,
        is_transparent=is_transparent,
        wishes=SlideWishes(title, marking, has_marks=has_marks, has_chart=has_chart),
        deployments=deployments,
    )
    return Asked(order, batch if batch in BATCHES else None)


def _ask_parts() -> tuple[bool, bool]:
    """Draw what a slide of one map may do without: marks and time line."""
    with st.container(horizontal=True):
        has_marks = st.toggle("Places of incidents", value=True, key="places on the slide")
        has_chart = st.toggle("Time line", value=True)
    return has_marks, has_chart


def ask_template(asked: Asked) -> bytes | None:
    """Draw the field for an organisation's template and return its content."""
    if asked.order.format != "pptx":
        return None
    given = st.file_uploader(
        "Template of your organisation",
        type=["pptx", "potx"],
        max_upload_size=20,
        help="A .pptx or .potx: its layout, fonts and theme colours are used. It is not kept.",
    )
    return given.getvalue() if given else None


def draw_preview(facts: Facts, asked: Asked) -> None:
    """Draw the slide as a picture, with its words for those who do not see it."""
    picture = replace(asked.order, format="png", is_large=False, is_transparent=False)
    shown = _one(picture, facts.key, session.slide_surroundings(facts), facts)
    with st.container(border=True):
        st.image(shown.content, width="stretch")
    if asked.batch:
        st.caption("The first of the slides is like this one, of its own province or step.")
    with st.expander("The slide in words"):
        st.text(shown.in_words)


def offer_file(facts: Facts, asked: Asked, template: bytes | None) -> None:
    """Offer the file: at one click, or after a deck of several slides is made."""
    order = asked.order
    _paper(template)  # refused here, in words, and not when the button is pressed
    what = order.query.measure if order.kind == "map" else order.kind
    name = f"afghanistan-{what}-revision-{facts.revision}"
    if asked.batch:
        _offer_deck(facts, asked, asked.batch, template, f"{name}-by-{asked.batch}.pptx")
        return
    around = session.slide_surroundings(facts)
    st.download_button(
        "Download the slide",
        lambda: _one(order, facts.key, around, facts, template).content,
        file_name=f"{name}.{order.format}",
        mime=MIME[order.format],
        on_click="ignore",
        type="primary",
        width="stretch",
    )


def _offer_deck(
    facts: Facts, asked: Asked, batch: Batch, template: bytes | None, name: str
) -> None:
    key = (asked.order, batch, facts.key, template)
    if st.button("Make the deck", type="primary", width="stretch"):
        st.session_state[_DECK] = key
    if st.session_state.get(_DECK) != key:
        return
    around = session.slide_surroundings(facts)
    paper = _paper(template)

    def make(tell: Callable[[str, float], None]) -> bytes:
        order = replace(asked.order, format="pptx")
        snapshots = []
        expected = len(facts.names_of("province")) if batch == "province" else 24
        for snapshot in take_batch(facts, order, around, batch, paper=paper):
            snapshots.append(snapshot)
            tell("drawing", min(0.5, 0.5 * len(snapshots) / expected))

        def told(done: int, of: int) -> None:
            tell("drawing", 0.5 + 0.5 * done / of)

        return export_snapshots(snapshots, order, facts, template=template, on_progress=told)

    content = long_work.worked_out(
        _DECK + " work", "deck", key, make, once_cancelled="Cancelled. No deck was made."
    )
    if content is not None:
        st.download_button(
            "Download the deck",
            content,
            file_name=name,
            mime=MIME["pptx"],
            on_click="ignore",
            width="stretch",
        )


@dataclass(frozen=True)
class _Made:
    content: bytes
    in_words: str


@st.cache_resource(show_spinner="Drawing the slide ...", max_entries=_MOST_KEPT)
def _one(
    order: SnapshotOrder,
    key: FactsKey,
    around: Surroundings,
    _facts: Facts,
    template: bytes | None = None,
) -> _Made:
    """Return one slide as a file; the same order at the same revision is drawn once."""
    snapshot = take_snapshot(_facts, order, around, paper=_paper(template))
    content = export_snapshots([snapshot], order, _facts, template=template)
    return _Made(content, snapshot.slide.in_words)


def _paper(template: bytes | None) -> Any:
    if template is None:
        return None
    from conflictmap.slides.deck import paper_of_template

    return paper_of_template(template)
