"""Whether incidents were concentrated in few provinces, by a rule that stands in the brief."""

from __future__ import annotations

from conflictmap.brief.model import Paragraph, Section
from conflictmap.brief.totals import Counts
from conflictmap.brief.words import incidents, listed, verb
from conflictmap.views.figures import AreaValue

FEWEST_INCIDENTS = 5
MOST_PROVINCES = 8

RULE = (
    "Rule: the fewest provinces that together hold at least half of the incidents placed in a"
    f" province. It is said only of {FEWEST_INCIDENTS} placed incidents or more, of at most"
    f" {MOST_PROVINCES} provinces, and only where each of them holds more than any other."
)


def concentration_section(counts: Counts) -> Section:
    """Return the sentence on concentration, and the rule it follows."""
    paragraphs = (Paragraph("concentration", _text(counts)), Paragraph("concentration-rule", RULE))
    return Section("concentration", "Concentration", paragraphs)


def _text(counts: Counts) -> str:
    if counts.areas.suppressed_areas:
        return "Nothing is said of concentration while small counts of provinces are not shown."
    areas = sorted(
        (area for area in counts.areas.areas if area.figure.incidents),
        key=lambda area: (-area.figure.incidents, area.name),
    )
    placed = sum(area.figure.incidents for area in areas)
    beside = counts.areas.not_placed.incidents + counts.areas.abroad.incidents
    rest = f" {incidents(beside)} placed in no province {verb(beside, 'is', 'are')} left out."
    rest = rest if beside else ""
    if placed < FEWEST_INCIDENTS:
        start = incidents(placed) if placed else "no incident"
        return f"Too few to say: {start} placed in a province.{rest}"
    needed = _fewest(areas, placed)
    held = sum(area.figure.incidents for area in areas[:needed])
    is_tie = needed < len(areas) and (
        areas[needed].figure.incidents == areas[needed - 1].figure.incidents
    )
    if is_tie or needed > MOST_PROVINCES:
        why = "others hold as many as the last of them" if is_tie else "that is not few"
        return (
            f"Incidents were not concentrated in few provinces: it takes {needed} provinces to hold"
            f" half of the {placed:,} placed incidents, and {why}.{rest}"
        )
    names = listed([f"{area.name} ({area.figure.incidents:,})" for area in areas[:needed]])
    return (
        f"Incidents were concentrated in {names}: {held:,} of the {placed:,} that are placed in a"
        f" province.{rest}"
    )


def _fewest(areas: list[AreaValue], placed: int) -> int:
    held = 0
    for number, area in enumerate(areas, start=1):
        held += area.figure.incidents
        if 2 * held >= placed:
            return number
    return len(areas)
