"""From a view to a file: one slide, or a deck of one slide a province or a step of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from conflictmap.access import Viewer
from conflictmap.background import boundary_note
from conflictmap.errors import QueryError
from conflictmap.settings import Settings
from conflictmap.slides.comparison_compose import ComparisonComposition, compose_comparison
from conflictmap.slides.comparison_slide import ComparisonSlide, make_comparison
from conflictmap.slides.compose import Composition, compose
from conflictmap.slides.deployment_compose import DeploymentComposition, compose_deployments
from conflictmap.slides.deployment_slide import DeploymentSlide, make_deployment_slide
from conflictmap.slides.fonts import check_fonts
from conflictmap.slides.order import SnapshotOrder, record_of
from conflictmap.slides.paper import PAPERS, Paper
from conflictmap.slides.province_slide import make_province_slide
from conflictmap.slides.slide import Slide, SlideWishes, make_slide
from conflictmap.store import Store, load_revisions
from conflictmap.views.alternative import text_alternative
from conflictmap.views.deployment_query import DeploymentsQuery
from conflictmap.views.facts import Facts
from conflictmap.views.limits import limit_at
from conflictmap.views.map_view import MapSeries, map_series, map_view
from conflictmap.views.query import MapQuery

Batch = Literal["province", "step"]
BATCHES: tuple[Batch, ...] = get_args(Batch)

MOST_SLIDES = 120
"""Slides of one deck: ten years of months."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Surroundings:
    """What a slide takes from the installation and the store, beside the facts."""

    as_of: str  # the day that the revision was published (UTC)
    boundary_note: str = ""
    suppress_below: int = 0
    half_life_days: int = 30  # of evidence on deployments


def surroundings(store: Store, settings: Settings, facts: Facts, *, viewer: Viewer) -> Surroundings:
    """Return what a slide of these facts takes from the installation and the store.

    Raises
    ------
    QueryError
        If nothing is published at their revision.
    """
    rows = load_revisions(store, viewer=viewer)
    published = rows.loc[rows["revision"] == facts.revision, "published_at"]
    if published.empty:
        raise QueryError(
            "Nothing is published yet, so there is nothing to export. Run `conflictmap init`, or"
            " upload a file of incidents."
        )
    return Surroundings(
        as_of=f"{published.iloc[0]:%Y-%m-%d}",
        boundary_note=boundary_note(settings, facts.edition),
        suppress_below=limit_at(settings, facts.sight),
        half_life_days=settings.evidence_half_life_days,
    )


@dataclass(frozen=True)
class Snapshot:
    """A slide laid out, with the record that its file carries."""

    composed: Composition | ComparisonComposition | DeploymentComposition
    record: dict[str, str]

    @property
    def slide(self) -> Slide | ComparisonSlide | DeploymentSlide:
        """Return what it says."""
        return self.composed.slide


def take_snapshot(
    facts: Facts, order: SnapshotOrder, around: Surroundings, *, paper: Paper | None = None
) -> Snapshot:
    """Return one slide of a view, laid out.

    Parameters
    ----------
    paper
        The paper of an organisation's template, in place of the order's.

    Raises
    ------
    QueryError
        If the view cannot be shown, or a text is too long.
    SettingsError
        If a text needs a font that is not installed.
    """
    if order.deployments is not None:
        return _deployments(facts, order, order.deployments, around, paper)
    counted = _count(facts, order, around)
    if order.query.against:
        return _comparison(facts, counted.series, order, around, paper)
    return _laid_out(facts, counted, order, around, paper)


def take_batch(
    facts: Facts,
    order: SnapshotOrder,
    around: Surroundings,
    batch: Batch,
    *,
    paper: Paper | None = None,
) -> Iterator[Snapshot]:
    """Give one slide a province, or one a step of the time slider, in their order.

    Steps without any incident have a slide as well: that nothing was reported is said there.

    Raises
    ------
    QueryError
        If there are no steps, or more than `MOST_SLIDES`.
    """
    if order.deployments is not None:
        raise QueryError("Deployments have one slide, of their day. Choose one slide.")
    if order.query.against:
        raise QueryError(
            "Two periods that are compared have one slide. Choose one slide, or take the second map"
            " off."
        )
    if batch == "province":
        names = facts.names_of("province")
        codes = sorted(names, key=names.__getitem__)
        counted = _count(facts, replace(order, province=codes[0]), around)
        for code in codes:
            yield _laid_out(facts, counted, replace(order, province=code), around, paper)
        return
    counted = _count(facts, order, around)
    keys = [step.key for step in counted.series.steps]
    if not keys or len(keys) > MOST_SLIDES:
        raise QueryError(
            f"A deck of one slide a step would have {len(keys)} slides; it may have 1 to"
            f" {MOST_SLIDES}. Choose other steps, or another period."
        )
    for key in keys:
        of_step = replace(order, query=replace(order.query, shown=key))
        yield _laid_out(facts, counted, of_step, around, paper)


def export_snapshots(
    snapshots: Sequence[Snapshot],
    order: SnapshotOrder,
    facts: Facts,
    *,
    template: bytes | None = None,
    on_progress: Progress | None = None,
) -> bytes:
    """Return the file of a snapshot, or the deck of several.

    Raises
    ------
    QueryError
        If several are asked for in a format that holds one.
    """
    composed = [snapshot.composed for snapshot in snapshots]
    records = [snapshot.record for snapshot in snapshots]
    if order.format == "pptx":
        from conflictmap.slides.deck import write_deck

        return write_deck(
            composed, facts.edition, records=records, template=template, on_progress=on_progress
        )
    if len(snapshots) > 1:
        raise QueryError("Only a PPTX holds several slides. Choose it, or one slide.")
    from conflictmap.slides.picture import draw_picture

    return draw_picture(
        composed[0],
        facts.edition,
        format=order.format,
        is_large=order.is_large,
        is_transparent=order.is_transparent,
        record=records[0],
    )


def _deployments(
    facts: Facts,
    order: SnapshotOrder,
    query: DeploymentsQuery,
    around: Surroundings,
    paper: Paper | None,
) -> Snapshot:
    slide = make_deployment_slide(
        facts,
        query,
        order.wishes,
        as_of=around.as_of,
        half_life_days=order.half_life_days or around.half_life_days,
        boundary_note=around.boundary_note,
    )
    composed = compose_deployments(slide, facts.edition, paper or PAPERS[order.paper])
    return Snapshot(composed, record_of(order, slide, facts))


def _comparison(
    facts: Facts,
    series: MapSeries,
    order: SnapshotOrder,
    around: Surroundings,
    paper: Paper | None,
) -> Snapshot:
    if order.province:
        raise QueryError("Two periods are compared over the country. Take the second map off.")
    query = order.query
    first, second = (
        map_view(facts, series, shown, has_could_be=query.has_could_be)
        for shown in (query.shown, query.against)
    )
    # Marks of two periods on maps of half the size would hide the classes that are compared.
    bare = SlideWishes(has_marks=False, has_chart=False)
    one, two = (
        make_slide(
            facts,
            series,
            view,
            bare,
            as_of=around.as_of,
            boundary_note=around.boundary_note,
            in_words=text_alternative(view),
        )
        for view in (first, second)
    )
    slide = make_comparison(facts, (one, two), (first, second), order.wishes, against=query.against)
    composed = compose_comparison(slide, facts.edition, paper or PAPERS[order.paper])
    return Snapshot(composed, record_of(order, slide, facts))


@dataclass(frozen=True)
class _Counted:
    """Every position of the time slider; of a province's slide by district and by province."""

    series: MapSeries
    by_province: MapSeries | None


def _count(facts: Facts, order: SnapshotOrder, around: Surroundings) -> _Counted:
    query = replace(order.query, area="", incident="", against="")
    if not order.province:
        return _Counted(_series(facts, query, around), None)
    return _Counted(
        _series(facts, replace(query, level="district"), around),
        _series(facts, replace(query, level="province"), around),
    )


def _series(facts: Facts, query: MapQuery, around: Surroundings) -> MapSeries:
    return map_series(facts, query, suppress_below=around.suppress_below)


def _laid_out(
    facts: Facts,
    counted: _Counted,
    order: SnapshotOrder,
    around: Surroundings,
    paper: Paper | None,
) -> Snapshot:
    shown, wishes = order.query.shown, order.wishes
    view = map_view(facts, counted.series, shown, has_could_be=order.query.has_could_be)
    slide = make_slide(
        facts,
        counted.series,
        view,
        wishes,
        as_of=around.as_of,
        boundary_note=around.boundary_note,
        in_words=text_alternative(view),
    )
    if order.province and counted.by_province:
        provinces = map_view(facts, counted.by_province, shown)
        slide = make_province_slide(
            facts, slide, view, counted.by_province, provinces, order.province, wishes
        )
    check_fonts([slide.title, slide.marking, *slide.subtitle, *slide.sources])
    composed = compose(slide, facts.edition, paper or PAPERS[order.paper])
    return Snapshot(composed, record_of(order, slide, facts))
