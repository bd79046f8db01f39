"""The title that a slide proposes: what its own numbers say, and how few reports say it.

Built from the data by rule, so that it never says more than the map. A title names up to three
areas that together hold at least half of all that is counted; where the choice of areas would be
arbitrary, as between equals, or where fewer would already say it, it names others or none.
"""

from __future__ import annotations

from conflictmap.views.figures import AreaValue, Figure, combine
from conflictmap.views.map_view import MapView

MOST_NAMED = 3

_COUNTED = {"incidents", "killed", "wounded"}


def assertion_title(view: MapView) -> str:
    """Return the proposed title of a view; its descriptive title where no finding can be stated."""
    title = _title(view)
    return title[0].upper() + title[1:]


def _title(view: MapView) -> str:
    measure, counts = view.query.measure, view.counts
    if counts.refusal or measure not in _COUNTED or counts.suppressed_areas:
        return view.title
    if view.is_empty:
        return f"No incident in the sources read dates to the period: {view.period_label}"
    if counts.total.best is None:
        return f"{coded_incidents(counts.total.incidents)} without any figure of people {measure}"
    named = _leading(view)
    if not named:
        level = "province" if view.query.level == "province" else "district"
        valued = [area for area in counts.areas if area.value]
        if not valued:
            return f"{_whole(view)}, none of them placed in a {level} ({_reports(view)})"
        most = max(valued, key=lambda area: area.value or 0).figure.words
        return f"{_whole(view)}; the most in one {level}: {most} ({_reports(view)})"
    names = _listed([area.name for area in named])
    if measure == "incidents" and counts.total.incidents == 1:
        return f"The one coded incident is placed in {names} ({_reports(view)})"
    held = combine(area.figure for area in named)
    verb = "hold" if len(named) > 1 else "holds"
    return f"{names} {verb} {held.words} of {_of_all(view)} ({_reports(view)})"


def _leading(view: MapView) -> list[AreaValue]:
    """Return the fewest areas that hold half of all; none where that takes more, or is a toss-up.

    All is the total with what is not placed: areas never seem to hold more of it than they do.
    """
    areas = sorted(
        (area for area in view.counts.areas if area.value),
        key=lambda area: (-(area.value or 0), area.name),
    )
    total, held = view.counts.total.best or 0, 0.0
    for number, area in enumerate(areas[:MOST_NAMED], start=1):
        held += area.value or 0
        if 2 * held >= total:
            is_toss_up = number < len(areas) and areas[number].value == area.value
            return [] if is_toss_up else areas[:number]
    return []


def _of_all(view: MapView) -> str:
    total, measure = view.counts.total, view.query.measure
    if measure == "incidents":
        return f"the {total.incidents:,} coded incidents"
    return f"the {_people(total)} {measure} in {coded_incidents(total.incidents)}"


def _whole(view: MapView) -> str:
    total, measure = view.counts.total, view.query.measure
    if measure == "incidents":
        return coded_incidents(total.incidents)
    return f"{_people(total)} {measure} in {coded_incidents(total.incidents)}"


def _people(figure: Figure) -> str:
    return f"{figure.words} {'person' if figure.words == '1' else 'people'}"


def coded_incidents(n: int) -> str:
    """Return a number of incidents in words: "1 coded incident", "27 coded incidents"."""
    return "1 coded incident" if n == 1 else f"{n:,} coded incidents"


def _reports(view: MapView) -> str:
    return some_reports(len(view.reports))


def some_reports(n: int) -> str:
    """Return a number of reports in words: "1 report", "5 reports"."""
    return "1 report" if n == 1 else f"{n:,} reports"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
