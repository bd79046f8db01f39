"""Slides of synthetic rows, as the tests of layout and pictures need them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conflictmap.slides.compose import Composition, compose
from conflictmap.slides.paper import PAPERS
from conflictmap.slides.slide import Slide, SlideWishes, make_slide
from conflictmap.views.alternative import text_alternative
from conflictmap.views.facts import Facts
from conflictmap.views.map_view import map_series, map_view
from conflictmap.views.query import read_query
from tests.synthetic import (
    attribution,
    casualty,
    facts_of,
    incident,
    place,
    shipped_edition,
    told,
)

_CODES = ("AF-KAB-01", "AF-KAB-01", "AF-HER", "AF-BAL-02", "AF-KDZ", "AF-KAN", "AF-GHO", None)
_KILLED = (12, None, 0, 40, 3, 7, 1, 5)


def made_up_facts() -> Facts:
    """Return incidents with many killed, none, no figure, and no place."""
    names = [f"synthetic-{number}" for number in range(len(_CODES))]
    return facts_of(
        incidents=[incident(name, f"202{n % 4}-0{1 + n}-11") for n, name in enumerate(names)],
        incident_places=[place(name, code) for name, code in zip(names, _CODES, strict=True)],
        casualties=[
            casualty(name, "civilians", "killed", n) for name, n in zip(names, _KILLED, strict=True)
        ],
        attributions=[
            attribution(name, "synthetic-group" if n % 2 else "synthetic-other", "claimed")
            for n, name in enumerate(names)
        ],
        incident_sources=[told(name) for name in names],
        sources=[{"source_id": "synthetic", "publisher": "synthetic", "title": "synthetic"}],
        actors=[{"actor_id": one, "name": one} for one in ("synthetic-group", "synthetic-other")],
    )


def slide_of(
    facts: Facts, *, suppress_below: int = 0, wishes: SlideWishes | None = None, **parameters: str
) -> Slide:
    """Return the slide of a view, asked for as a link asks."""
    query = read_query({name: [value] for name, value in parameters.items()})
    series = map_series(facts, query, suppress_below=suppress_below)
    view = map_view(facts, series, query.shown)
    words = text_alternative(view)
    return make_slide(facts, series, view, wishes, as_of="2026-01-31", in_words=words)


def composed_of(slide: Slide, paper: str = "16:9", **changes: Any) -> Composition:
    """Return a slide laid out, with some of its values replaced by others."""
    return compose(replace(slide, **changes), shipped_edition(), PAPERS[paper])  # type: ignore[index]
