"""A slide of one province: its districts, and the province's own figures beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from conflictmap.errors import QueryError
from conflictmap.slides.assertion import coded_incidents, some_reports
from conflictmap.slides.could_be_words import could_in_words, could_note
from conflictmap.slides.plain_text import plain_text
from conflictmap.slides.slide import (
    MOST_ROWS,
    Bar,
    Slide,
    SlideWishes,
    fills_of,
    link_of,
    rows_of,
    sources_of,
)
from conflictmap.views.facts import Facts
from conflictmap.views.figures import AreaValue
from conflictmap.views.map_view import MapSeries, MapView, reports_behind
from conflictmap.views.points import Points


def make_province_slide(
    facts: Facts,
    whole: Slide,
    districts: MapView,
    series: MapSeries,
    provinces: MapView,
    code: str,
    wishes: SlideWishes,
) -> Slide:
    """Return the slide of one province, made from the slide of all districts.

    Parameters
    ----------
    whole
        The slide of `districts`, the view of the country.
    series, provinces
        The same question by province: the province's total is more than its districts hold
        together, since some incidents are known only to the province.

    Raises
    ------
    QueryError
        If there is no such province, or if small numbers are suppressed: the province's total less
        the districts that are shown would give a hidden one away.
    """
    if code not in facts.names_of("province"):
        raise QueryError(f"There is no province of the code '{code}'.")
    if districts.counts.suppressed_areas or provinces.counts.suppressed_areas:
        raise QueryError(
            "There are no slides by province where small numbers are suppressed: a province's total"
            " less the districts shown would give the hidden ones away."
        )
    area = next(area for area in provinces.counts.areas if area.code == code)
    fills = tuple(fill for fill in fills_of(districts) if fill.code.startswith(code))
    chosen = replace(districts.query.chosen, period=districts.counts.period)
    reports = reports_behind(facts, chosen, area=code)
    rows = rows_of(fills)
    letters = [fill.letter for fill in fills]
    proposed = plain_text(_title(provinces, area, len(reports)))
    what, *others = whole.subtitle
    return replace(
        whole,
        province=code,
        link=link_of(districts, area=code),
        title=whole.title if wishes.title else proposed,
        proposed_title=proposed,
        subtitle=(
            what.replace(", Afghanistan, ", f", {area.name} province, Afghanistan, "),
            *others,
        ),
        legend=tuple(
            replace(entry, areas=letters.count(entry.letter)) for entry in districts.legend
        ),
        areas=fills,
        points=_inside(whole.points, facts, code),
        rows=rows[:MOST_ROWS],
        more_rows=max(0, len(rows) - MOST_ROWS),
        bars=_bars(whole.bars, series, code),
        counted=_counted(districts, provinces, area, fills_in=len(fills)),
        sources=sources_of(facts, reports, has_titles=False),
        titles=sources_of(facts, reports, has_titles=True),
        in_words=plain_text(
            f"{area.name} province: "
            + ("; ".join(f"{row[0]} {row[1]}" for row in rows) or "no district has a figure")
            + f". {could_in_words(fills)}"
        ),
        could_note=plain_text(could_note(districts, (fill.mark for fill in fills))),
    )


def _title(view: MapView, area: AreaValue, n_reports: int) -> str:
    reports = some_reports(n_reports)
    n = area.figure.incidents
    incidents = coded_incidents(n)
    if area.status == "no_report":
        return f"{area.name}: no report in the sources read, {view.period_label}"
    if not n:
        return f"{area.name}: no incident, by what a source says, {view.period_label}"
    if view.query.measure not in ("killed", "wounded"):
        return f"{area.name}: {incidents} ({reports})"
    if area.figure.best is None:
        return f"{area.name}: {incidents} without any figure of people {view.query.measure}"
    people = f"{area.figure.words} {'person' if area.figure.words == '1' else 'people'}"
    return f"{area.name}: {people} {view.query.measure} in {incidents} ({reports})"


def _counted(
    districts: MapView, provinces: MapView, area: AreaValue, *, fills_in: int
) -> tuple[str, ...]:
    """Return the province's n, and what its districts do not hold."""
    n = area.figure.incidents
    placed = sum(
        one.figure.incidents for one in districts.counts.areas if one.code.startswith(area.code)
    )
    shown = coded_incidents(n) if n else "no coded incident"
    lines = [f"{shown} in the province in the period"]
    if n > placed:
        lines.append(f"{n - placed:,} of them placed in none of its {fills_in} districts")
    counts = provinces.counts
    if counts.not_placed.incidents:
        lines.append(
            f"{counts.not_placed.incidents:,} more in the country are placed in no province and"
            " may lie here"
        )
    if counts.not_dated.incidents:
        lines.append(
            f"{counts.not_dated.incidents:,} more in the country are not dated to this period"
        )
    if area.figure.not_stated:
        lines.append(f"{area.figure.not_stated:,} gave no figure")
    return tuple(lines)


def _bars(bars: tuple[Bar, ...], series: MapSeries, code: str) -> tuple[Bar, ...]:
    """Return the time line of the province's own values; missing where none is shown."""
    column = list(series.counts.names).index(code)
    values = series.counts.values[1:, column]
    return (
        tuple(
            replace(bar, value=None if np.isnan(value) else float(value))
            for bar, value in zip(bars, values, strict=True)
        )
        if bars
        else ()
    )


def _inside(points: Points, facts: Facts, code: str) -> Points:
    """Return the marks that stand in the province."""
    if not len(points):
        return points
    layer = facts.edition.provinces
    shape = layer.loc[layer["adm1_code"] == code, "geometry"].iloc[0]
    keep = shapely.intersects_xy(shape, points.longitude, points.latitude)
    return Points(
        points.kind[keep],
        points.latitude[keep],
        points.longitude[keep],
        points.radius_km[keep],
        points.incidents[keep],
        points.harmed[keep],
        int((~np.isin(points.kind[keep], ("district", "province"))).sum()),
        points.cell_deg,
    )
