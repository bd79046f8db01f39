"""Slides of the shipped data and of synthetic rows, as the tests of decks need them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.slides.compose import Composition, compose
from conflictmap.slides.paper import PAPERS, PaperName
from conflictmap.slides.slide import Slide, SlideWishes, make_slide
from conflictmap.store import open_store
from conflictmap.views.alternative import text_alternative
from conflictmap.views.facts import Facts, load_facts
from conflictmap.views.map_view import map_series, map_view
from conflictmap.views.query import read_query
from tests.synthetic import (
    attribution,
    casualty,
    covered,
    facts_of,
    incident,
    place,
    shipped_edition,
)

DAY = "2026-01-31"


def shipped_facts(store_url: str) -> Facts:
    """Return all that is known from the shipped data."""
    return load_facts(open_store(store_url), shipped_edition(), viewer=LOCAL_ADMINISTRATOR)


def synthetic_facts(*, is_covered: bool = True) -> Facts:
    """Return made-up incidents: zero killed, no figure, small and large numbers, no place.

    ``is_covered`` says whether a source claims to list all there were, so that silence is zero.
    """
    source = {"source_id": "synthetic", "publisher": "synthetic", "title": "synthetic"}
    rows: dict[str, list[Any]] = {name: [] for name in ("incidents", "places", "harm", "who")}
    codes = ["AF-KAB-01", "AF-KAB-01", "AF-HER", "AF-BAL-02", "AF-KDZ", "AF-KAN", "AF-GHO", None]
    killed = [12, None, 0, 40, None, 7, 1, 5]
    for number, (code, n) in enumerate(zip(codes, killed, strict=True)):
        name = f"synthetic-{number}"
        day = f"202{number % 4}-0{1 + number}-11"
        rows["incidents"].append(incident(name, day))
        rows["places"].append(place(name, code))
        rows["harm"].append(casualty(name, "civilians", "killed", n))
        rows["who"].append(attribution(name, "iskp" if number % 2 else "taliban", "claimed"))
    return facts_of(
        incidents=rows["incidents"],
        incident_places=rows["places"],
        casualties=rows["harm"],
        attributions=rows["who"],
        sources=[source],
        coverage=[covered("synthetic", "2020-01-01", "2023-12-31")] if is_covered else [],
        incident_sources=[
            {"incident_id": row["incident_id"], "source_id": "synthetic"}
            for row in rows["incidents"]
        ],
        actors=[{"actor_id": one, "name": one} for one in ("iskp", "taliban")],
    )


def slide_of(
    facts: Facts, *, suppress_below: int = 0, wishes: SlideWishes | None = None, **parameters: str
) -> Slide:
    """Return the slide of a view, asked for as a link asks."""
    query = read_query({name: [value] for name, value in parameters.items()})
    series = map_series(facts, query, suppress_below=suppress_below)
    view = map_view(facts, series, query.shown)
    return make_slide(facts, series, view, wishes, as_of=DAY, in_words=text_alternative(view))


def composed_of(slide: Slide, paper: PaperName = "16:9", **changes: Any) -> Composition:
    """Return a slide laid out, with some of its values replaced by others."""
    return compose(replace(slide, **changes), shipped_edition(), PAPERS[paper])
